//! The scale scores of a cohort.

use std::sync::Arc;

use super::{
    kernel::{Kernel, Scratch},
    safety::{self, SafetyColumn},
};
use crate::{
    cohort::Cohort,
    definition::instrument::key::{BandSet, GroupShare, Instrument, ItemMissing, Scale, Stratum},
    error::{Error, ErrorKind, Fault, Result, suggest},
};

/// Persons scored between two looks for idle threads.
const ROWS: usize = 4096;

/// The scale scores of a cohort.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, scale};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scales = scale::score(&cohort);
/// let mood = scales.get("mood.total")?;
/// assert_eq!(mood.observed(), 4827); // all eight answered
/// assert!((mood.mean().unwrap() - 3.19).abs() < 0.01);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Default)]
pub struct Scales {
    columns: Vec<ScaleColumn>,
    safety: Vec<SafetyColumn>,
}

/// One scale of every person of a cohort.
pub struct ScaleColumn {
    name: String,
    title: String,
    rule: String,
    values: Vec<f64>,
    answered: Vec<u8>,
    items: usize,
    is_proratable: bool,
    is_label: bool,
    is_for_groups: bool,
    range: [f64; 2],
    sem: Option<f64>,
    group: Option<GroupShare>,
    bands: Vec<BandSet>,
    people: People,
}

/// Sex and age of the persons, where the definition has measures of them: some bands need them.
#[derive(Clone, Default)]
struct People {
    sex: Option<Arc<[f64]>>,
    age: Option<Arc<[f64]>>,
}

impl People {
    fn of(cohort: &Cohort) -> Self {
        let find = |of: &str| {
            let at = cohort.parts().measures.iter().position(|measure| measure.of == of)?;
            cohort.measures().get(at).map(|measured| measured.value.clone())
        };
        Self { sex: find("sex"), age: find("age") }
    }

    fn of_row(&self, row: usize) -> (Option<bool>, Option<f64>) {
        let at = |column: &Option<Arc<[f64]>>| column.as_ref()?.get(row).copied().filter(|x| !x.is_nan());
        (at(&self.sex).map(|code| code == 0.0), at(&self.age))
    }
}

/// Scores every scale of every instrument of the cohort's definition, on all threads of the current rayon pool
/// (feature `parallel`); the bits are the same on any number.
///
/// **Formula** that of each key: the points of the answers, reversed where keyed so, weighted; their sum or mean, on the
/// published line; cut or looked up as published. `vointi instruments ID` prints it.
///
/// **Units** those of the instrument's key.
///
/// **Missing data** by the rule of each scale; see [`ScaleColumn::answered`].
///
/// **Reference** the citation of each instrument's key.
pub fn score(cohort: &Cohort) -> Scales {
    let mut scales = Scales::default();
    score_into(cohort, &mut scales);
    scales
}

/// The same into scores that are there, whose memory is used again: for one file after another.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, scale::{self, Scales}};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let mut scales = Scales::default();
/// scale::score_into(&cohort, &mut scales);
/// assert_eq!(scales.get("mood.total")?.observed(), 4827);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn score_into(cohort: &Cohort, scales: &mut Scales) {
    let rows = cohort.rows();
    let people = People::of(cohort);
    let before = std::mem::take(&mut scales.columns).into_iter();
    let mut memory = before.map(|column| (column.values, column.answered));
    let mut kernels: Vec<(usize, Kernel)> = Vec::new();
    for (at, instrument) in cohort.parts().instruments.iter().enumerate() {
        for (position, scale) in instrument.key.scales.iter().enumerate() {
            let Some(kernel) = Kernel::new(&instrument.key, position) else { continue };
            let is_proratable = kernel.is_proratable();
            kernels.push((at, kernel));
            let (mut values, mut answered) = memory.next().unwrap_or_default();
            values.resize(rows, 0.0);
            answered.resize(rows, 0);
            scales.columns.push(ScaleColumn::new(
                instrument,
                scale,
                (values, answered),
                is_proratable,
                people.clone(),
            ));
        }
    }
    let columns = scales.columns.iter_mut();
    let outputs = columns.map(|column| (column.values.as_mut_slice(), column.answered.as_mut_slice()));
    run(cohort, &kernels, 0..rows, outputs.collect());
    scales.safety = safety::columns(cohort);
}

/// The values and the numbers of answers of every scale, for some rows.
type Outputs<'a> = Vec<(&'a mut [f64], &'a mut [u8])>;

/// Halves the rows until a block is left: the same blocks for any number of threads.
fn run(cohort: &Cohort, kernels: &[(usize, Kernel)], rows: std::ops::Range<usize>, outputs: Outputs<'_>) {
    let count = rows.len();
    if count <= ROWS {
        for ((at, kernel), (values, answered)) in kernels.iter().zip(outputs) {
            kernel.score(cohort.items(*at), &rows, values, answered, &mut Scratch::default());
        }
        return;
    }
    let half = (count / 2).div_ceil(ROWS) * ROWS;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (values, answered) in outputs {
        let (values, more_values) = values.split_at_mut(half);
        let (answered, more_answered) = answered.split_at_mut(half);
        first.push((values, answered));
        second.push((more_values, more_answered));
    }
    let middle = rows.start + half;
    let (start, end) = (rows.start, rows.end);
    let left = || run(cohort, kernels, start..middle, first);
    let right = || run(cohort, kernels, middle..end, second);
    #[cfg(feature = "parallel")]
    rayon::join(left, right);
    #[cfg(not(feature = "parallel"))]
    {
        left();
        right();
    }
}

/// Which of some persons' scores are in a share of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct GroupFigure {
    /// How many persons have a score.
    pub n: usize,
    /// The share with high scores less the share with low ones, in %.
    pub value: f64,
    /// Its standard error, in %.
    pub std_error: f64,
}

impl Scales {
    /// The scale `instrument.scale`.
    ///
    /// # Errors
    /// No such scale, with the nearest known one.
    pub fn get(&self, name: &str) -> Result<&ScaleColumn> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let help = suggest(name, self.columns.iter().map(|column| column.name.as_str()));
            Error::new(
                ErrorKind::Definition,
                vec![Fault::new(format!("there is no scale `{name}`")).help(help)],
            )
        })
    }

    /// Every scale, in the order of the definition.
    pub fn iter(&self) -> impl Iterator<Item = &ScaleColumn> {
        self.columns.iter()
    }

    /// Answers that somebody has to look at, whatever the score: for the clinic and research only, apart from scores.
    pub fn safety(&self) -> &[SafetyColumn] {
        &self.safety
    }
}

impl ScaleColumn {
    fn new(
        instrument: &Instrument,
        scale: &Scale,
        (values, answered): (Vec<f64>, Vec<u8>),
        is_proratable: bool,
        people: People,
    ) -> Self {
        let chosen = |set: &&BandSet| scale.band_set.as_ref() == Some(&set.id);
        Self {
            name: format!("{}.{}", instrument.id, scale.id),
            title: scale.title.clone(),
            rule: match scale.missing {
                ItemMissing::Complete => "complete".to_owned(),
                ItemMissing::AtLeast(n) => format!("at least {n}"),
                ItemMissing::Prorate(n) => format!("prorated from {n}"),
                ItemMissing::Formula => "formula".to_owned(),
            },
            values,
            answered,
            items: scale.items.len(),
            is_proratable,
            is_label: scale.is_label,
            is_for_groups: scale.is_for_groups,
            range: scale.range,
            sem: sem(scale),
            group: scale.group,
            bands: scale.bands.iter().filter(chosen).cloned().collect(),
            people,
        }
    }

    /// `instrument.scale`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it measures; may be empty.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Lowest and highest score.
    pub fn range(&self) -> [f64; 2] {
        self.range
    }

    /// Whether it is a profile or a code, and no quantity: it has no mean.
    pub fn is_label(&self) -> bool {
        self.is_label
    }

    /// Whether it is valid for groups alone: a person's value says nothing about that person.
    pub fn is_for_groups(&self) -> bool {
        self.is_for_groups
    }

    /// The rule for missing answers: `complete`, `at least 3`, `prorated from 5`, or `formula`.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The score of a row; none if too few items are answered.
    pub fn value(&self, row: usize) -> Option<f64> {
        self.values.get(row).copied().filter(|value| !value.is_nan())
    }

    /// How many items of the scale the person of a row answered.
    pub fn answered(&self, row: usize) -> Option<usize> {
        self.answered.get(row).map(|count| usize::from(*count))
    }

    /// How many items the scale has.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Whether the score of a row stands for items that were not answered.
    pub fn is_prorated(&self, row: usize) -> bool {
        self.is_proratable
            && self.value(row).is_some()
            && self.answered(row).is_some_and(|count| count < self.items)
    }

    /// The standard error of measurement, where the key or the definition knows a reliability and a spread.
    ///
    /// **Formula** s √(1 − r), of the norm and the reliability in use; or as published.
    ///
    /// **Units** those of the score.
    ///
    /// **Missing data** none where one of them is not known; an unverified figure counts only if it was asked for by
    /// name. The error of a score that stands for missing items is larger than this.
    pub fn std_error(&self) -> Option<f64> {
        self.sem
    }

    /// The band of a row's score; none without a score, without bands in use, or where they need a sex or an age that
    /// is not known. Bands are half-open, `[from, below)`, on the score before any rounding.
    ///
    /// # Example
    /// ```
    /// use vointi::{Cohort, Definition, Person, scale, table::Table};
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// [person]
    /// id = "person"
    /// [instrument.mood]
    /// use = "phq8"
    /// [indicator.mood]
    /// scale = "mood.total"
    /// utility = "linear"
    /// [index]
    /// children = ["mood"]
    /// "#)?;
    /// let mut table = Table::builder().text("person", [Some("a")]);
    /// for item in ["1", "2", "3", "4", "5", "6", "7", "8"] {
    ///     table = table.number(item, [Some(1.0)]);
    /// }
    /// let cohort = Cohort::new(&definition, table.build()?)?;
    /// let scales = scale::score(&cohort);
    /// assert_eq!(scales.get("mood.total")?.band(0), Some("mild")); // 8 points
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn band(&self, row: usize) -> Option<&str> {
        let score = self.value(row)?;
        let (female, age) = self.people.of_row(row);
        band_of(&self.bands, score, female, age)
    }

    /// The bands in use, each once.
    pub fn band_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for band in self.bands.iter().flat_map(|set| &set.bands) {
            if !names.contains(&band.id.as_str()) {
                names.push(&band.id);
            }
        }
        names
    }

    /// The share of persons with high scores less that of those with low ones, for a scale that is read so.
    ///
    /// **Formula** 100 (p − d), its standard error 100 √((p + d − (p − d)²) / n).
    ///
    /// **Missing data** persons without a score do not count; none without a score at all.
    ///
    /// **Reference** the variance of a difference of two shares of one multinomial sample.
    pub fn group(&self) -> Option<GroupFigure> {
        let share = self.group?;
        let within = |[from, to]: [f64; 2]| {
            self.values.iter().filter(|value| (from..=to).contains(*value)).count() as f64
        };
        let n = self.observed();
        if n == 0 {
            return None;
        }
        let all = n as f64;
        let (p, d) = (within(share.plus) / all, share.minus.map_or(0.0, within) / all);
        let variance = (p + d - (p - d) * (p - d)) / all;
        Some(GroupFigure { n, value: 100.0 * (p - d), std_error: 100.0 * variance.max(0.0).sqrt() })
    }

    /// Every score, NaN where there is none.
    pub fn values_or_nan(&self) -> &[f64] {
        &self.values
    }

    /// How many persons have a score.
    pub fn observed(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }

    /// The mean score; none without a score, or of a label.
    pub fn mean(&self) -> Option<f64> {
        let n = self.observed();
        (n > 0 && !self.is_label)
            .then(|| self.values.iter().filter(|value| !value.is_nan()).sum::<f64>() / n as f64)
    }
}

/// The band of a score among those for a person's sex and age.
pub(super) fn band_of(sets: &[BandSet], score: f64, female: Option<bool>, age: Option<f64>) -> Option<&str> {
    sets.iter()
        .filter(|set| set.stratum.holds(female, age))
        .flat_map(|set| &set.bands)
        .find(|band| band.from <= score && score < band.below)
        .map(|band| band.id.as_str())
}

/// As published, or by the reliability and the norm in use.
fn sem(scale: &Scale) -> Option<f64> {
    let published = scale.changes.iter().find(|change| change.kind == "sem" && change.verified);
    let by_formula = || {
        let kind = scale.reliability_kind.as_ref()?;
        let reliability = scale.reliability.iter().find(|one| one.kind == *kind)?.value;
        let name = scale.norm.as_ref()?;
        // Everybody's spread, where the norm has one.
        let norms = || scale.norms.iter().filter(|norm| norm.id == *name);
        let of_all = norms().find(|norm| norm.stratum == Stratum::default());
        let sd = of_all.or_else(|| norms().next())?.sd;
        Some(sd * (1.0 - reliability).sqrt())
    };
    by_formula().or(published.map(|change| change.value))
}

/// Shows the names of the scales.
impl std::fmt::Debug for Scales {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.columns).finish()
    }
}

/// Shows the name and how many persons have a score.
impl std::fmt::Debug for ScaleColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} of {} scored)", self.name, self.observed(), self.values.len())
    }
}
