//! The scores of one person and of a cohort.

use std::fmt;

use ndarray::{Array2, ArrayView2};

use super::{Flags, block::Reason};
use crate::{
    cohort::{Cohort, Flag},
    definition::{
        Definition,
        parts::{Indicator, NodeKind},
        roles,
    },
    error::{Error, ErrorKind, Fault, Result, suggest},
    table::{Column, Table},
};

/// The scores of one person.
///
/// **Units** the index, domains, pillars and indicators are on 0 to 100, more is better (or z or T if the
/// definition says so); errors are in the same units.
///
/// `Debug` shows no value.
#[derive(Clone)]
pub struct Score {
    pub(super) definition: Definition,
    pub(super) index: f64,
    pub(super) se: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) coverage: f64,
    pub(super) flags: Flags,
    pub(super) reason: Reason,
    pub(super) nodes: Vec<f64>,
    pub(super) node_se: Vec<f64>,
    pub(super) indicators: Vec<f64>,
    /// By indicator; empty where no gap is ever filled.
    pub(super) imputed: Vec<bool>,
}

/// How many scores of an indicator were filled.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ImputedCount {
    /// The indicator.
    pub indicator: String,
    /// Persons.
    pub persons: usize,
}

fn known(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

impl Score {
    /// The index; none if less is observed than the definition asks for.
    pub fn value(&self) -> Option<f64> {
        known(self.index)
    }

    /// How far the index would move if everything were measured again: its standard deviation under
    /// re-measurement. None if an indicator declares no error.
    pub fn std_error(&self) -> Option<f64> {
        known(self.se)
    }

    /// The lower end of the interval for the true index under the calibration; none without one.
    pub fn low(&self) -> Option<f64> {
        known(self.low)
    }

    /// The upper end of the interval for the true index under the calibration; none without one.
    pub fn high(&self) -> Option<f64> {
        known(self.high)
    }

    /// The share of the index's weights that is observed, from 0 to 1.
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// What is remarkable about how the score came to be.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Why there is no index.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The score of a domain or pillar.
    pub fn pillar(&self, id: &str) -> Option<f64> {
        known(*self.nodes.get(self.node(id)?)?)
    }

    /// The standard error of a domain or pillar.
    pub fn pillar_se(&self, id: &str) -> Option<f64> {
        known(*self.node_se.get(self.node(id)?)?)
    }

    /// The score of an indicator.
    pub fn indicator(&self, id: &str) -> Option<f64> {
        let at = self.definition.parts().indicators.iter().position(|indicator| indicator.id == id)?;
        known(*self.indicators.get(at)?)
    }

    /// Whether the score of an indicator was filled, because its reading is missing.
    ///
    /// # Example
    /// ```
    /// let definition = vointi::Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// [person]
    /// id = "person"
    /// [measure.sleep]
    /// unit = "h"
    /// [measure.steps]
    /// unit = "{steps}/d"
    /// [indicator.sleep]
    /// measure = "sleep"
    /// utility = { goalposts = [4, 8] }
    /// [indicator.steps]
    /// measure = "steps"
    /// utility = { goalposts = [0, 10000] }
    /// impute  = "siblings"
    /// [index]
    /// children = ["sleep", "steps"]
    /// "#)?;
    /// let person = vointi::Person::builder(&definition, "p-001").measure("sleep", 7.0).build()?;
    /// let score = vointi::Index::new(&definition)?.score(&person)?;
    /// assert_eq!((score.value(), score.coverage()), (Some(75.0), 0.5));
    /// assert!(score.is_imputed("steps") && !score.is_imputed("sleep"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn is_imputed(&self, id: &str) -> bool {
        let at = self.definition.parts().indicators.iter().position(|indicator| indicator.id == id);
        at.and_then(|at| self.imputed.get(at)).copied().unwrap_or(false)
    }

    fn node(&self, id: &str) -> Option<usize> {
        let parts = self.definition.parts();
        parts.declared.iter().position(|at| parts.nodes.get(*at).is_some_and(|node| node.id == id))
    }
}

/// Shows the coverage and the flags, no value.
impl fmt::Debug for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Score(definition {:?}, coverage {:.2}, flags {:?})",
            self.definition.id(),
            self.coverage,
            self.flags.to_string()
        )
    }
}

/// The scores of a cohort, row for row.
///
/// **Shapes** one row a person in the order of the cohort; [`nodes`](Self::nodes) and
/// [`indicators`](Self::indicators) have one column a domain or pillar, and one an indicator, in the order
/// of the definition.
///
/// **Missing data** NaN inside and in what is named `…_or_nan`; `None` elsewhere.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
///
/// assert_eq!(scores.rows(), 5265);
/// let by_row = scores.row(16).unwrap();
/// let by_column = scores.column("index")?;
/// assert_eq!(by_row.value(), by_column.number(16));
/// assert_eq!(scores.matrix_or_nan(&["index", "pillar.felt"])?.dim(), (5265, 2));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub struct Scores {
    pub(super) definition: Definition,
    pub(super) index: Vec<f64>,
    pub(super) se: Vec<f64>,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
    pub(super) coverage: Vec<f64>,
    pub(super) flags: Vec<Flags>,
    pub(super) reason: Vec<Reason>,
    pub(super) nodes: Array2<f64>,
    pub(super) node_se: Array2<f64>,
    pub(super) indicators: Array2<f64>,
    /// Row by row, an indicator a cell; empty where no gap is ever filled.
    pub(super) imputed: Vec<bool>,
}

impl Scores {
    pub(super) fn empty(definition: &Definition) -> Self {
        Self {
            definition: definition.clone(),
            index: Vec::new(),
            se: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            coverage: Vec::new(),
            flags: Vec::new(),
            reason: Vec::new(),
            nodes: Array2::zeros((0, 0)),
            node_se: Array2::zeros((0, 0)),
            indicators: Array2::zeros((0, 0)),
            imputed: Vec::new(),
        }
    }

    /// The definition the scores are made by.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.index.len()
    }

    /// How many persons have an index.
    pub fn observed(&self) -> usize {
        self.index.iter().filter(|value| !value.is_nan()).count()
    }

    /// How many persons carry a flag.
    pub fn count(&self, flag: Flag) -> usize {
        self.flags.iter().filter(|flags| flags.contains(flag)).count()
    }

    /// How many persons have no index, by reason.
    pub fn without_index(&self, reason: Reason) -> usize {
        self.reason.iter().filter(|found| **found == reason && reason != Reason::None).count()
    }

    /// How many scores of each indicator were filled, because its reading is missing; indicators without any are left
    /// out.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
    /// assert!(scores.imputed().is_empty(), "this definition fills no gap");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn imputed(&self) -> Vec<ImputedCount> {
        let indicators = &self.definition.parts().indicators;
        let count = |(at, indicator): (usize, &Indicator)| {
            let persons = self.imputed.iter().skip(at).step_by(indicators.len()).filter(|is| **is).count();
            (persons > 0).then(|| ImputedCount { indicator: indicator.id.clone(), persons })
        };
        indicators.iter().enumerate().filter_map(count).collect()
    }

    /// By indicator, whether a row's score was filled; empty where no gap is ever filled.
    pub(crate) fn imputed_of(&self, row: usize) -> &[bool] {
        let width = self.imputed.len().checked_div(self.rows()).unwrap_or(0);
        self.imputed.get(row * width..(row + 1) * width).unwrap_or_default()
    }

    /// The index of every person, NaN where there is none.
    pub fn index_or_nan(&self) -> &[f64] {
        &self.index
    }

    /// The coverage of every person.
    pub fn coverage(&self) -> &[f64] {
        &self.coverage
    }

    /// The flags of every person.
    pub fn flags(&self) -> &[Flags] {
        &self.flags
    }

    /// The reasons for having no index.
    pub fn reasons(&self) -> &[Reason] {
        &self.reason
    }

    /// Domains and pillars of every person, NaN where there is no score; no columns if they were not kept.
    pub fn nodes(&self) -> ArrayView2<'_, f64> {
        self.nodes.view()
    }

    /// Indicators of every person, NaN where there is no score; no columns if they were not kept.
    pub fn indicators(&self) -> ArrayView2<'_, f64> {
        self.indicators.view()
    }

    /// The names of the number columns: `index`, `index_se`, `low`, `high`, `coverage`, then `pillar.<id>` and
    /// `pillar.<id>.se`, then `indicator.<id>`.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let names = Index::new(&definition)?.score_cohort(&cohort)?.names();
    /// assert_eq!(names[4..7], ["coverage", "pillar.felt", "pillar.felt.se"]);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            ["index", "index_se", "low", "high", "coverage"].map(str::to_owned).into();
        let parts = self.definition.parts();
        if self.nodes.ncols() > 0 {
            for node in parts.declared.iter().filter_map(|at| parts.nodes.get(*at)) {
                let kind = if node.kind == NodeKind::Domain { "domain" } else { "pillar" };
                names.push(format!("{kind}.{}", node.id));
                names.push(format!("{kind}.{}.se", node.id));
            }
        }
        if self.indicators.ncols() > 0 {
            names.extend(parts.indicators.iter().map(|indicator| format!("indicator.{}", indicator.id)));
        }
        names
    }

    /// The number in a row and a column of [`names`](Self::names), by their positions; NaN where there is none.
    pub(crate) fn cell(&self, row: usize, column: usize) -> f64 {
        let of = |values: &[f64]| values.get(row).copied();
        let nodes = 2 * self.nodes.ncols();
        let found = match column {
            0 => of(&self.index),
            1 => of(&self.se),
            2 => of(&self.low),
            3 => of(&self.high),
            4 => of(&self.coverage),
            n if n - 5 < nodes && (n - 5) % 2 == 0 => self.nodes.get((row, (n - 5) / 2)).copied(),
            n if n - 5 < nodes => self.node_se.get((row, (n - 5) / 2)).copied(),
            n => self.indicators.get((row, n - 5 - nodes)).copied(),
        };
        found.unwrap_or(f64::NAN)
    }

    fn position(&self, name: &str) -> Result<usize> {
        let names = self.names();
        names.iter().position(|known| known == name).ok_or_else(|| {
            let help = suggest(name, names.iter().map(String::as_str));
            Error::new(ErrorKind::Data, vec![Fault::new(format!("there is no score `{name}`")).help(help)])
        })
    }

    /// One number column.
    ///
    /// # Errors
    /// No such column, with the nearest known one.
    pub fn column(&self, name: &str) -> Result<Column> {
        let at = self.position(name)?;
        Column::numbers_or_nan((0..self.rows()).map(|row| self.cell(row, at)).collect())
    }

    /// Several number columns, one row a person; NaN where there is no score.
    ///
    /// # Errors
    /// No such column, with the nearest known one.
    pub fn matrix_or_nan(&self, names: &[&str]) -> Result<Array2<f64>> {
        let at: Vec<usize> = names.iter().map(|name| self.position(name)).collect::<Result<_>>()?;
        Ok(Array2::from_shape_fn((self.rows(), at.len()), |(row, k)| {
            at.get(k).map_or(f64::NAN, |column| self.cell(row, *column))
        }))
    }

    /// One person's scores.
    pub fn row(&self, row: usize) -> Option<Score> {
        let of = |values: &[f64]| values.get(row).copied().unwrap_or(f64::NAN);
        let all =
            |values: &Array2<f64>| if values.ncols() > 0 { values.row(row).to_vec() } else { Vec::new() };
        Some(Score {
            index: *self.index.get(row)?,
            definition: self.definition.clone(),
            se: of(&self.se),
            low: of(&self.low),
            high: of(&self.high),
            coverage: of(&self.coverage),
            flags: *self.flags.get(row)?,
            reason: *self.reason.get(row)?,
            nodes: all(&self.nodes),
            node_se: all(&self.node_se),
            indicators: all(&self.indicators),
            imputed: self.imputed_of(row).to_vec(),
        })
    }

    /// The index as targets for linfa: of the persons who have one, with their rows.
    ///
    /// # Example
    /// ```
    /// # #[cfg(all(feature = "csv", feature = "linfa"))] {
    /// # #[cfg(all(feature = "csv", feature = "linfa"))] {
    /// use vointi::{Cohort, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
    /// let (targets, rows) = scores.targets();
    /// assert_eq!((targets.len(), rows.len()), (scores.observed(), scores.observed()));
    /// # }
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[cfg(feature = "linfa")]
    pub fn targets(&self) -> (ndarray::Array1<f64>, Vec<usize>) {
        let complete: Vec<(usize, f64)> =
            self.index.iter().copied().enumerate().filter(|(_, value)| !value.is_nan()).collect();
        (complete.iter().map(|(_, value)| *value).collect(), complete.iter().map(|(row, _)| *row).collect())
    }
}

/// Shows the shape, no value.
impl fmt::Debug for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Scores({} of {} persons scored, definition {:?})",
            self.observed(),
            self.rows(),
            self.definition.id()
        )
    }
}

impl Cohort {
    /// The ids, choices and adjusters of the cohort, its scores, and the columns of the file that have another name, in
    /// one table, to be modelled. The table knows which columns each score is made of.
    ///
    /// # Errors
    /// Scores of another cohort: another definition, or another number of rows.
    ///
    /// # Example
    /// ```
    /// # #[cfg(all(feature = "csv", feature = "linfa"))] {
    /// # #[cfg(all(feature = "csv", feature = "linfa"))] {
    /// use vointi::{Cohort, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
    /// let table = cohort.with_scores(&scores)?;
    /// let complete = table.dataset(&["sleep_hours", "sitting_minutes"], "index")?;
    /// assert_eq!(complete.dataset.records().ncols(), 2);
    /// # }
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with_scores(&self, scores: &Scores) -> Result<Table> {
        if scores.rows() != self.rows() || scores.definition.hash() != self.definition().hash() {
            let fault = Fault::new("the scores are not those of this cohort")
                .help("score this cohort, and join that");
            return Err(Error::new(ErrorKind::Data, vec![fault]));
        }
        let mut table = self.choices().clone();
        for name in scores.names() {
            let column = scores.column(&name)?;
            table = table.with_column(name, column)?;
        }
        let table = self.with_columns_of_the_file(table)?;
        // A model refuses an outcome that is made of one of its terms.
        Ok(table.with_origins(roles::made_of(self.definition().parts())))
    }
}
