//! What a person is compared with: a profile of indicator values.

use std::fmt;

use serde::Serialize;

use crate::{
    definition::Definition,
    error::{Error, ErrorKind, Fault, Result},
    index::{Index, Scores},
};

/// A value for every indicator, to compare a person with; its score is the index of that profile.
///
/// The index of mean indicators is the mean index only where every mean of the definition is arithmetic and nobody
/// lacks anything.
///
/// **Units** those of the indicators.
///
/// `Debug` shows no value.
///
/// # Example
/// ```
/// use vointi::{Definition, Index, explain::{Baseline, BaselineOf}};
/// let index = Index::new(&Definition::builtin("nhanes")?)?;
/// let baseline = Baseline::calibration(&index)?;
/// assert_eq!((baseline.of(), baseline.definition().id()), (BaselineOf::Calibration, "nhanes"));
/// assert_eq!(format!("{:.1}", baseline.value("mood").unwrap()), "86.7");
/// assert_eq!(baseline.value("moods"), None);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Baseline {
    definition: Definition,
    of: BaselineOf,
    persons: usize,
    /// In the order of the definition.
    values: Vec<f64>,
}

/// Whose means a [`Baseline`] is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BaselineOf {
    /// A cohort that was scored.
    Cohort,
    /// The reference that the calibration was learned from.
    Calibration,
}

impl Baseline {
    /// The mean of a scored cohort.
    ///
    /// **Formula** Σ u / n for each indicator u, over the n persons who have it, in the order of the rows.
    ///
    /// **Missing data** is left out, indicator by indicator.
    ///
    /// # Errors
    /// Scores kept without their indicators; an indicator that nobody has.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, explain::Baseline, index::{Keep, Run}};
    ///
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let baseline = Baseline::mean(&index.score_cohort(&cohort)?)?;
    /// assert_eq!(baseline.persons(), 5265);
    /// assert_eq!(format!("{:.1}", baseline.value("mood").unwrap()), "86.7");
    ///
    /// let lean = index.score_cohort_with(&cohort, &Run::new().keep(Keep::Index))?;
    /// assert!(Baseline::mean(&lean).unwrap_err().to_string().contains("Keep::All"));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn mean(scores: &Scores) -> Result<Self> {
        let definition = scores.definition();
        let columns = scores.indicators();
        if columns.ncols() < definition.parts().indicators.len() {
            let fault = Fault::new("the scores were kept without their indicators")
                .help("score the cohort with `Keep::All`");
            return Err(Error::new(ErrorKind::Data, vec![fault]));
        }
        let means = columns.columns().into_iter().map(|column| {
            let observed = column.iter().filter(|value| !value.is_nan());
            let n = observed.clone().count();
            (n > 0).then(|| observed.sum::<f64>() / n as f64)
        });
        let help = "compare with a cohort in which somebody has it, or with the calibration";
        Self::new(definition, BaselineOf::Cohort, scores.rows(), means, (ErrorKind::Data, help))
    }

    /// The mean of the reference that the index was calibrated with.
    ///
    /// # Errors
    /// An index without a calibration; an indicator that nobody in the reference had.
    ///
    /// # Example
    /// ```
    /// use vointi::{Definition, Index, explain::Baseline};
    /// let index = Index::new(&Definition::builtin("nhanes")?)?;
    /// assert_eq!(Baseline::calibration(&index)?.persons(), 5265);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn calibration(index: &Index) -> Result<Self> {
        let (Some(means), Some(calibration)) = (index.reference_means(), index.calibration()) else {
            let fault = Fault::new("the index has no calibration")
                .help("learn one with `Index::calibrate`, or compare with `Baseline::mean` of scores");
            return Err(Error::new(ErrorKind::Calibration, vec![fault]));
        };
        let help = "learn it from a reference in which somebody has it";
        let persons = calibration.rows().saturating_sub(calibration.screened());
        let refusal = (ErrorKind::Calibration, help);
        Self::new(index.definition(), BaselineOf::Calibration, persons, means.into_iter(), refusal)
    }

    fn new(
        definition: &Definition,
        of: BaselineOf,
        persons: usize,
        means: impl Iterator<Item = Option<f64>>,
        (kind, help): (ErrorKind, &str),
    ) -> Result<Self> {
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for (mean, indicator) in means.zip(&definition.parts().indicators) {
            match mean {
                Some(mean) => values.push(mean),
                None => faults.push(
                    Fault::new("nobody has this indicator, so that it has no mean")
                        .key(format!("indicator.{}", indicator.id))
                        .help(help),
                ),
            }
        }
        if faults.is_empty() {
            return Ok(Self { definition: definition.clone(), of, persons, values });
        }
        Err(Error::new(kind, faults))
    }

    /// The definition whose indicators these are.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Whose means they are.
    pub fn of(&self) -> BaselineOf {
        self.of
    }

    /// How many persons are behind it, whether they have every indicator or not.
    pub fn persons(&self) -> usize {
        self.persons
    }

    /// The value of an indicator.
    pub fn value(&self, indicator: &str) -> Option<f64> {
        let at = self.definition.parts().indicators.iter().position(|known| known.id == indicator)?;
        self.values.get(at).copied()
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }
}

/// Shows no value: a cohort may be one person.
impl fmt::Debug for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self.of {
            BaselineOf::Cohort => "cohort",
            BaselineOf::Calibration => "calibration",
        };
        write!(f, "Baseline(definition {:?}, {of} of {} persons)", self.definition.id(), self.persons)
    }
}
