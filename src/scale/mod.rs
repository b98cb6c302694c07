//! From answers to scale scores, by the published key: reversed items, sum or mean, missing rule; and alpha.

mod agreement;
mod answers;
mod audience;
mod careless;
mod change;
mod changes;
mod every;
mod icc;
pub(crate) mod kernel;
mod norm;
mod reliability;

pub use agreement::{Agreement, UnitAgreement, agreement};
pub use answers::{Answers, answers};
pub(crate) use audience::FEWEST_FOR_EMPLOYER;
pub use careless::{Careless, CarelessFigures, CarelessSummary, careless};
pub use change::{ChangeClass, ChangeRule, GroupChange, PersonChange, Verdict, group_change};
pub use changes::{ChangeAsked, ChangeOfPerson, Changes, ClassOfChange, Matching};
pub use every::{Agreements, NotJudged, Reliabilities};
pub use icc::{Icc, IccForm, icc};
use kernel::Kernel;
pub use norm::{Norm, NormScore, Norms, Stratum};
pub(crate) use reliability::alpha;
pub use reliability::{ItemFigures, NoOmega, Reliability, reliability};

use crate::{
    cohort::Cohort,
    definition::{
        catalogue,
        parts::{Instrument, InstrumentKey},
    },
    error::{Error, ErrorKind, Fault, Result, suggest},
};

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
pub struct Scales {
    columns: Vec<ScaleColumn>,
}

/// One scale of every person of a cohort.
pub struct ScaleColumn {
    name: String,
    values: Vec<f64>,
    answered: Vec<u8>,
    items: usize,
}

/// Scores every scale of every instrument of the cohort's definition.
///
/// **Formula** reversed items: lowest + highest − answer; then the sum or mean, times the published factor.
///
/// **Units** those of the instrument's key.
///
/// **Missing data** by the rule of each scale; see [`ScaleColumn::answered`].
///
/// **Reference** the citation of each instrument's key.
pub fn score(cohort: &Cohort) -> Scales {
    let rows = cohort.rows();
    let mut columns = Vec::new();
    for (at, instrument) in cohort.parts().instruments.iter().enumerate() {
        for (scale, kernel) in instrument.key.scales.iter().zip(kernels(&instrument.key)) {
            let mut values = vec![0.0; rows];
            let mut answered = vec![0; rows];
            kernel.score(cohort.items(at), &(0..rows), &mut values, &mut answered);
            let name = format!("{}.{}", instrument.id, scale.id);
            columns.push(ScaleColumn { name, values, answered, items: kernel.len() });
        }
    }
    Scales { columns }
}

pub(crate) fn kernels(key: &InstrumentKey) -> impl Iterator<Item = Kernel> {
    key.scales.iter().map(|scale| Kernel::new(scale, key.lowest, key.highest))
}

pub(crate) fn kernel(instrument: &Instrument, scale: usize) -> Option<Kernel> {
    Some(Kernel::new(instrument.key.scales.get(scale)?, instrument.key.lowest, instrument.key.highest))
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
}

impl ScaleColumn {
    /// `instrument.scale`
    pub fn name(&self) -> &str {
        &self.name
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
        self.value(row).is_some() && self.answered(row).is_some_and(|count| count < self.items)
    }

    /// Every score, NaN where there is none.
    pub fn values_or_nan(&self) -> &[f64] {
        &self.values
    }

    /// How many persons have a score.
    pub fn observed(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }

    /// The mean score; none without a score.
    pub fn mean(&self) -> Option<f64> {
        let n = self.observed();
        (n > 0).then(|| self.values.iter().filter(|value| !value.is_nan()).sum::<f64>() / n as f64)
    }
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

/// A worked case of an instrument's key, scored.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckedCase {
    /// The instrument.
    pub instrument: String,
    /// The scale.
    pub scale: String,
    /// Where the case comes from.
    pub source: String,
    /// The published score; none where it is missing.
    pub expected: Option<f64>,
    /// Our score; none where it is missing.
    pub scored: Option<f64>,
}

impl CheckedCase {
    /// Whether our score is the published one, to the last digit.
    pub fn passes(&self) -> bool {
        self.expected == self.scored
    }
}

/// Scores the worked cases of an instrument of the catalogue.
///
/// # Errors
/// An unknown instrument, with the nearest known one.
///
/// # Example
/// ```
/// let cases = vointi::scale::check("pss10")?;
/// assert!(cases.len() >= 9 && cases.iter().all(|case| case.passes()));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn check(instrument: &str) -> Result<Vec<CheckedCase>> {
    let key = catalogue::instrument_key(instrument)?;
    let mut cases = Vec::new();
    for case in &key.checks {
        let columns: Vec<std::sync::Arc<[f64]>> =
            case.answers.iter().map(|answer| [answer.unwrap_or(f64::NAN)].into()).collect();
        for (scale, kernel) in key.scales.iter().zip(kernels(&key)) {
            let Some((_, expected)) = case.expect.iter().find(|(id, _)| *id == scale.id) else { continue };
            let (mut value, mut answered) = ([0.0], [0]);
            kernel.score(&columns, &(0..1), &mut value, &mut answered);
            cases.push(CheckedCase {
                instrument: key.id.clone(),
                scale: scale.id.clone(),
                source: case.source.clone(),
                expected: *expected,
                scored: value.first().copied().filter(|value| !value.is_nan()),
            });
        }
    }
    Ok(cases)
}
