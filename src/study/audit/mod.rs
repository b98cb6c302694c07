//! The audit of an index: whether its parts hold together, what each of them does to it, and how it is spread.

mod columns;
mod correlations;
mod each;
mod parents;
mod removal;
mod thresholds;
mod waves;
mod weights;

use serde::Serialize;

pub use columns::{Bins, ColumnFigures, Level};
pub use correlations::{CorrelationMap, PairFigures, Relation};
pub use parents::{Bartlett, Component, ParentFigures};
pub use removal::Removal;
pub use thresholds::Thresholds;
pub use waves::{MeanChange, WaveChange};
pub use weights::WeightFigures;

pub(super) use correlations::pearson;
pub(super) use removal::Shift;

use super::{
    deprivation::{Deprivation, Dimension},
    importance::Importance,
    inequality::Inequality,
    strengths::Strengths,
    summary::{CalibrationUsed, Summary},
};
use crate::{
    cohort::{Cohort, Person},
    definition::{
        Audience,
        parts::{Aggregate, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result},
    index::{Calibration, ImputedCount, Index, Scores, TreatedColumn},
    table::Column,
};
use columns::Columns;

/// What is asked of an audit.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AuditAsked {
    /// The levels between which columns are correlated; none for those of each parent with each other and with all above.
    pub between: Vec<[Level; 2]>,
    /// The line below which persons are counted [default: where the lowest band ends].
    pub line: Option<f64>,
    /// Aversions to inequality, for Atkinson's measure.
    pub aversions: Vec<f64>,
    /// The column of the file that names subgroups, where deprivation is decomposed.
    pub by: Option<String>,
    /// From when on something is remarkable.
    pub thresholds: Thresholds,
}

impl Default for AuditAsked {
    fn default() -> Self {
        Self {
            between: Vec::new(),
            line: None,
            aversions: vec![1.0],
            by: None,
            thresholds: Thresholds::default(),
        }
    }
}

/// An index held against its own data: every column in figures, what goes with what, whether the children of a parent
/// belong together, what the index would be without each part, how unequally it is spread, how it changed over waves.
///
/// Formulas are at the parts. No figure is of one person but the lowest and highest of a column; what an employer may see of
/// it is n, inequality and change of the index, and nothing of fewer than ten persons.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, study::{Audit, AuditAsked}};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let audit = Audit::of(&cohort, &index, &scores, &AuditAsked::default(), Audience::Research)?;
///
/// let pulse = audit.columns.iter().find(|column| column.name == "reading.resting_pulse").unwrap();
/// assert_eq!(pulse.n + pulse.missing, 5265);
/// let felt = audit.parents.iter().find(|parent| parent.name == "pillar.felt").unwrap();
/// assert!(felt.alpha.unwrap() > 0.5 && felt.bartlett.as_ref().unwrap().p < 0.001);
/// assert!(audit.removals.iter().all(|without| without.pearson.unwrap() <= 1.0));
/// assert!(audit.inequality.unwrap().gini.unwrap() < 0.2);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Audit {
    /// What the numbers are for, and what not.
    pub intended_use: &'static str,
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// What the index is, in words.
    pub title: String,
    /// Its hash.
    pub hash: String,
    /// The calibration that was used, if one was.
    pub calibration: Option<CalibrationUsed>,
    /// Who may see it.
    pub audience: Audience,
    /// Rows: persons, or persons × waves; none for an employer.
    pub persons: Option<usize>,
    /// How many of them have an index; none where they are too few for an employer.
    pub scored: Option<usize>,
    /// From when on something is flagged.
    pub thresholds: Thresholds,
    /// The tree with its weights, the index first, every parent before its children.
    pub weights: Vec<WeightFigures>,
    /// Every column in figures: readings, then scores from the indicators to the index.
    pub columns: Vec<ColumnFigures>,
    /// What was done to skewed readings when the calibration was learned, and where it did not help; empty where nothing was asked.
    pub skewed: Vec<TreatedColumn>,
    /// How many gaps were filled, by indicator; empty where none is.
    pub imputed: Vec<ImputedCount>,
    /// What goes with what.
    pub correlations: Vec<PairFigures>,
    /// Every indicator with every other; none of one indicator, or of more than forty.
    pub map: Option<CorrelationMap>,
    /// Whether the children of each parent belong together.
    pub parents: Vec<ParentFigures>,
    /// What the index would be without each part.
    pub removals: Vec<Removal>,
    /// How unequally the index is spread.
    pub inequality: Option<Inequality>,
    /// Of every parent that counts deprivations, who is deprived, and in what.
    pub deprivation: Vec<Deprivation>,
    /// How persons changed, from each wave to the next and from the first to the last.
    pub changes: Vec<WaveChange>,
    /// What one person is strong and weak in, where one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Strengths>,
}

impl Audit {
    /// Of a scored cohort.
    ///
    /// # Errors
    /// Scores of another cohort, or of which not everything was kept; a line or an aversion that is none; an unknown
    /// column of subgroups.
    pub fn of(
        cohort: &Cohort,
        index: &Index,
        scores: &Scores,
        asked: &AuditAsked,
        audience: Audience,
    ) -> Result<Self> {
        same_cohort(cohort, scores)?;
        all_kept(scores)?;
        let summary = Summary::of(cohort, index, scores)?;
        let parts = cohort.parts();
        let columns = Columns::of(cohort, index, scores);
        let is_employer = audience == Audience::Employer;
        let lowest = parts.bands.iter().map(|band| band.below).reduce(f64::min);
        let lowest = lowest.filter(|_| parts.bands.len() > 1);
        let inequality = Inequality::of(columns.index(), &asked.aversions, asked.line.or(lowest))?;
        let groups = asked.by.as_deref().map(|by| cohort.table().column(by)).transpose()?;
        let mut audit = Self {
            intended_use: super::INTENDED_USE,
            definition: summary.definition,
            version: summary.version,
            title: summary.title,
            hash: summary.hash,
            calibration: summary.calibration,
            audience,
            persons: Some(summary.persons),
            scored: Some(summary.scored),
            thresholds: asked.thresholds.clone(),
            weights: weights::weights(&columns, Importance::of(index, scores)?),
            columns: Vec::new(),
            skewed: Vec::new(),
            imputed: Vec::new(),
            correlations: Vec::new(),
            map: None,
            parents: Vec::new(),
            removals: Vec::new(),
            inequality: Some(inequality),
            deprivation: deprivations(&columns, parts, groups)?,
            changes: waves::changes(cohort, &columns),
            person: None,
        };
        if is_employer {
            return Ok(audit.for_employer());
        }
        audit.columns = columns.figures(&asked.thresholds);
        audit.skewed = index.calibration().map(Calibration::treated).unwrap_or_default();
        audit.imputed = summary.imputed;
        audit.correlations = correlations::pairs(&columns, &asked.between, &asked.thresholds);
        audit.map = correlations::map(&columns);
        audit.parents = parents::parents(&columns);
        audit.removals = removal::removals(&columns);
        Ok(audit)
    }

    fn for_employer(mut self) -> Self {
        let fewest = crate::scale::FEWEST_FOR_EMPLOYER;
        self.persons = None;
        self.calibration = None;
        for row in &mut self.weights {
            (row.in_parent, row.in_index) = (None, None);
        }
        self.scored = self.scored.filter(|scored| *scored >= fewest);
        self.inequality = self.inequality.map(Inequality::for_employer).filter(|_| self.scored.is_some());
        self.deprivation = self.deprivation.into_iter().map(Deprivation::for_employer).collect();
        self.changes = self.changes.into_iter().filter_map(WaveChange::for_employer).collect();
        self
    }

    /// Says where the calibration comes from: the index does not know.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, study::{Audit, AuditAsked}};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let audit = Audit::of(&cohort, &index, &scores, &AuditAsked::default(), Audience::Research)?;
    /// assert_eq!(audit.calibrated_from("shipped").calibration.unwrap().from, "shipped");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn calibrated_from(mut self, from: &str) -> Self {
        if let Some(calibration) = &mut self.calibration {
            from.clone_into(&mut calibration.from);
        }
        self
    }

    /// With what one person is strong and weak in.
    ///
    /// # Errors
    /// Those of [`Strengths::of`].
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, study::{Audit, AuditAsked}};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let audit = Audit::of(&cohort, &index, &scores, &AuditAsked::default(), Audience::Research)?;
    /// let audit = audit.with_person(&cohort, &scores, &cohort.person("3")?)?;
    /// assert_eq!(audit.person.unwrap().person, "3");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with_person(mut self, cohort: &Cohort, scores: &Scores, person: &Person) -> Result<Self> {
        self.person = Some(Strengths::of(cohort, scores, person, self.audience)?);
        Ok(self)
    }
}

/// Scores are judged with the cohort they were made from, and no other.
pub(super) fn same_cohort(cohort: &Cohort, scores: &Scores) -> Result<()> {
    if cohort.rows() == scores.rows() && cohort.definition().hash() == scores.definition().hash() {
        return Ok(());
    }
    let fault =
        Fault::new("the scores are not those of this cohort").help("score this cohort, and judge that");
    Err(Error::new(ErrorKind::Data, vec![fault]))
}

/// Everything below the index is looked at.
fn all_kept(scores: &Scores) -> Result<()> {
    let parts = scores.definition().parts();
    let is_kept = scores.indicators().ncols() == parts.indicators.len()
        && scores.nodes().ncols() == parts.declared.len();
    if is_kept {
        return Ok(());
    }
    let fault = Fault::new("the scores below the index were not kept").help("score with `Keep::All`");
    Err(Error::new(ErrorKind::Data, vec![fault]))
}

/// Of every parent that counts deprivations.
fn deprivations(
    columns: &Columns<'_>,
    parts: &Resolved,
    groups: Option<&Column>,
) -> Result<Vec<Deprivation>> {
    let name_of = |row: usize, column: &Column| match column.text_at(row) {
        Some(text) => Some(text.to_owned()),
        None => column.number(row).map(|number| number.to_string()),
    };
    let names: Option<Vec<Option<String>>> =
        groups.map(|column| (0..column.len()).map(|row| name_of(row, column)).collect());
    let names: Option<Vec<Option<&str>>> =
        names.as_ref().map(|names| names.iter().map(Option::as_deref).collect());
    let mut found = Vec::new();
    for (at, node) in parts.nodes.iter().enumerate() {
        let Aggregate::AlkireFoster { cutoffs, poor_at } = &node.aggregate else { continue };
        let slot = parts.indicators.len() + at;
        let Some((own, branch)) = columns.scores.get(slot).zip(columns.tree.node(slot)) else { continue };
        let children =
            branch.children().iter().filter_map(|(slot, weight)| Some((columns.scores.get(*slot)?, *weight)));
        let children: Vec<_> = children.zip(cutoffs).collect();
        // Whoever has no score for another reason does not count here.
        let masked = |values: &[f64]| -> Vec<f64> {
            let of = |(value, own): (&f64, &f64)| if own.is_nan() { f64::NAN } else { *value };
            values.iter().zip(&own.values).map(of).collect()
        };
        let values: Vec<Vec<f64>> = children.iter().map(|((child, _), _)| masked(&child.values)).collect();
        let dimensions: Vec<Dimension<'_>> = children
            .iter()
            .zip(&values)
            .map(|(((child, weight), cutoff), values)| Dimension::new(&child.name, values, **cutoff, *weight))
            .collect();
        let mut one = Deprivation::of(&dimensions, *poor_at, names.as_deref())?;
        one.name.clone_from(&own.name);
        found.push(one);
    }
    Ok(found)
}
