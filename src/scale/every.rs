//! What is found of every scale of a cohort, and which scales could not be judged.

use serde::Serialize;

use super::{Agreement, Answers, Reliability, agreement, answers, reliability};
use crate::{
    cohort::Cohort,
    definition::Audience,
    error::{Error, ErrorKind, Fault, Result},
};

/// How far each scale of a cohort can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reliabilities {
    /// Scale by scale, in the order of the definition.
    pub scales: Vec<Reliability>,
    /// The scales that could not be judged, and why.
    pub without: Vec<NotJudged>,
    /// The definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
}

/// How far the persons of a unit agree, scale by scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Agreements {
    /// The column that names the unit.
    pub unit: String,
    /// Scale by scale, in the order of the definition.
    pub scales: Vec<Agreement>,
    /// The scales that could not be judged, and why.
    pub without: Vec<NotJudged>,
    /// Who may see it.
    pub audience: Audience,
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
pub struct NotJudged {
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
    /// assert_eq!((found.scales[0].scale.as_str(), found.without.len()), ("mood.total", 0));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort, scale: Option<&str>) -> Result<Self> {
        let (scales, without) = of_each(cohort, scale, 2, reliability)?;
        let definition = cohort.definition();
        Ok(Self {
            scales,
            without,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            hash: definition.hash().to_owned(),
        })
    }
}

impl Agreements {
    /// Of the scale of this name or of every scale, within the units that a column of the file names, or a choice or adjuster of the
    /// definition.
    ///
    /// **Missing data** as in [`agreement`](fn@agreement).
    ///
    /// # Errors
    /// No such scale or column; those of [`agreement`](fn@agreement) for the named scale, or for all if none can be judged.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, definition::Audience, scale::Agreements};
    /// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
    /// let found = Agreements::of(&cohort, "smoking", Some("mood.total"), Audience::Research)?;
    /// assert_eq!(found.scales[0].units, 3);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort, unit: &str, scale: Option<&str>, audience: Audience) -> Result<Self> {
        let column = cohort
            .table()
            .get(unit)
            .or_else(|| cohort.choices().get(unit))
            .ok_or_else(|| Error::new(ErrorKind::Table, vec![cohort.table().unknown(unit)]))?;
        let name = |row: usize| match column.number(row) {
            Some(number) => Some(format!("{number}")),
            None => column.text_at(row).map(str::to_owned),
        };
        let names: Vec<Option<String>> = (0..cohort.rows()).map(name).collect();
        let units: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
        let (scales, without) = of_each(cohort, scale, 1, |answers| agreement(answers, &units, audience))?;
        let definition = cohort.definition();
        Ok(Self {
            unit: unit.to_owned(),
            scales,
            without,
            audience,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            hash: definition.hash().to_owned(),
        })
    }
}

/// What is found of the named scale, or of all with so many items; the scales that are refused are kept apart unless all are.
fn of_each<T>(
    cohort: &Cohort,
    scale: Option<&str>,
    least: usize,
    judge: impl Fn(&Answers) -> Result<T>,
) -> Result<(Vec<T>, Vec<NotJudged>)> {
    if let Some(name) = scale {
        return Ok((vec![judge(&answers(cohort, name)?)?], Vec::new()));
    }
    let (mut found, mut without, mut faults, mut kind) = (Vec::new(), Vec::new(), Vec::new(), None);
    for answers in Answers::of(cohort).iter().filter(|answers| answers.len() >= least) {
        match judge(answers) {
            Ok(one) => found.push(one),
            Err(error) => {
                let because: Vec<&str> = error.faults().iter().map(Fault::what).collect();
                let because = because.join("; ");
                without.push(NotJudged { scale: answers.scale().to_owned(), because });
                kind = Some(error.kind());
                faults.extend(error.into_faults());
            }
        }
    }
    if !found.is_empty() {
        return Ok((found, without));
    }
    if faults.is_empty() {
        let what = format!("the definition has no scale of {least} items or more");
        faults.push(Fault::new(what).help("add an [instrument.…]; `vointi instruments` lists some"));
    }
    Err(Error::new(kind.unwrap_or(ErrorKind::Definition), faults))
}
