//! The reliability of every scale of a cohort.

use serde::Serialize;

use super::{Reliability, reliability};
use crate::{
    cohort::Cohort,
    error::{Error, Result},
    scale::{Answers, answers},
};

/// How far each scale of a cohort can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reliabilities {
    /// Scale by scale, in the order of the definition.
    pub scales: Vec<Reliability>,
    /// The scales that could not be judged, and why.
    pub without: Vec<NoReliability>,
    /// The definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
}

/// A scale that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NoReliability {
    /// The scale.
    pub scale: String,
    /// Why.
    pub because: String,
}

impl Reliabilities {
    /// Of the scale of this name, or of every scale with two or more items.
    ///
    /// **Missing data** as in [`reliability`].
    ///
    /// # Errors
    /// No scale of this name; those of [`reliability`] for the named scale, or for all if none can be judged.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, scale::Reliabilities};
    /// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
    /// let found = Reliabilities::of(&cohort, None)?;
    /// assert!(found.scales.len() >= 2 && found.without.is_empty());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort, scale: Option<&str>) -> Result<Self> {
        let definition = cohort.definition();
        let mut found = Self {
            scales: Vec::new(),
            without: Vec::new(),
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            hash: definition.hash().to_owned(),
        };
        if let Some(name) = scale {
            found.scales.push(reliability(&answers(cohort, name)?)?);
            return Ok(found);
        }
        let mut faults = Vec::new();
        let mut kind = None;
        for answers in Answers::of(cohort).iter().filter(|answers| answers.len() > 1) {
            match reliability(answers) {
                Ok(one) => found.scales.push(one),
                Err(error) => {
                    let because: Vec<&str> = error.faults().iter().map(crate::error::Fault::what).collect();
                    found.without.push(NoReliability {
                        scale: answers.scale().to_owned(),
                        because: because.join("; "),
                    });
                    kind = Some(error.kind());
                    faults.extend(error.into_faults());
                }
            }
        }
        match kind {
            Some(kind) if found.scales.is_empty() => Err(Error::new(kind, faults)),
            _ => Ok(found),
        }
    }
}
