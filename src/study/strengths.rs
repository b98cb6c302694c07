//! What one person is strong and weak in, beside the others.

use std::fmt;

use serde::Serialize;

use crate::{
    cohort::{Cohort, Person},
    definition::{Audience, parts::named},
    error::{Error, ErrorKind, Fault, Result},
    index::Scores,
};

/// How many of each are shown at most.
const MOST: usize = 5;

/// The indicators in which a person stands highest and lowest among the scored persons; not for an employer.
///
/// **Formula** the percentile is 100 (below + equal/2)/n among the persons who have the indicator, the person among them, of
/// the same wave where there are waves. Strengths stand at or above 50, weaknesses below, at most five of each.
///
/// **Units** points; more is better.
///
/// **Missing data** indicators the person does not have are left out.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, study::Strengths};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// let person = cohort.person("3")?;
/// let found = Strengths::of(&cohort, &scores, &person, Audience::Clinic)?;
/// assert!(found.strengths[0].percentile >= found.strengths[1].percentile);
/// assert!(Strengths::of(&cohort, &scores, &person, Audience::Employer).is_err());
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Strengths {
    /// The person's id, as in the file.
    pub person: String,
    /// The wave the scores are of, where there are waves.
    pub wave: Option<String>,
    /// The index; none where there is none.
    pub index: Option<f64>,
    /// Where the index stands among those of the others.
    pub index_percentile: Option<f64>,
    /// The highest first.
    pub strengths: Vec<StandingOf>,
    /// The lowest first.
    pub weaknesses: Vec<StandingOf>,
}

/// Where a person stands in one indicator.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StandingOf {
    /// `indicator.<id>`.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// The person's score.
    pub score: f64,
    /// The share of the others below, in percent.
    pub percentile: f64,
    /// The mean of all who have it.
    pub mean: f64,
    /// How many have it.
    pub n: usize,
}

/// Shows how many there are, and nothing of the person.
impl fmt::Debug for Strengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Strengths({} strengths, {} weaknesses)", self.strengths.len(), self.weaknesses.len())
    }
}

/// Shows which indicator, and nothing of the person.
impl fmt::Debug for StandingOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StandingOf({})", self.name)
    }
}

/// Percentile, mean and number of those who stand in a column.
fn standing(values: impl Iterator<Item = f64>, own: f64) -> (f64, f64, usize) {
    let (mut below, mut equal, mut sum, mut n) = (0_usize, 0_usize, 0.0, 0_usize);
    for value in values.filter(|value| !value.is_nan()) {
        below += usize::from(value < own);
        equal += usize::from(value == own);
        sum += value;
        n += 1;
    }
    (100.0 * (below as f64 + 0.5 * equal as f64) / n as f64, sum / n as f64, n)
}

impl Strengths {
    /// Of one person of a scored cohort.
    ///
    /// # Errors
    /// For an employer; scores of another cohort, or of which the indicators were not kept.
    pub fn of(cohort: &Cohort, scores: &Scores, person: &Person, audience: Audience) -> Result<Self> {
        if audience == Audience::Employer {
            let fault = Fault::new("what a person is strong and weak in is not for an employer")
                .help("an employer sees group figures of no fewer than ten people");
            return Err(Error::new(ErrorKind::Audience, vec![fault]));
        }
        super::audit::same_cohort(cohort, scores)?;
        super::audit::same_cohort(person.cohort(), scores)?;
        let (row, parts) = (person.row(), cohort.parts());
        let wave = cohort.wave(row);
        let others: Vec<usize> = (0..cohort.rows()).filter(|other| cohort.wave(*other) == wave).collect();
        let mut all = Vec::new();
        for (at, indicator) in parts.indicators.iter().enumerate() {
            let column = scores.indicators();
            let value = |row: &usize| column.get((*row, at)).copied().unwrap_or(f64::NAN);
            let score = value(&row);
            if score.is_nan() {
                continue;
            }
            let (percentile, mean, n) = standing(others.iter().map(value), score);
            all.push(StandingOf {
                name: format!("indicator.{}", indicator.id),
                title: named(&indicator.title, &indicator.id),
                score,
                percentile,
                mean,
                n,
            });
        }
        let index = scores.index_or_nan().get(row).copied().filter(|value| !value.is_nan());
        let index_of = |row: &usize| scores.index_or_nan().get(*row).copied().unwrap_or(f64::NAN);
        // Stable, so that those who are alike keep the order of the definition.
        all.sort_by(|a, b| b.percentile.total_cmp(&a.percentile));
        let strengths = all.iter().filter(|one| one.percentile >= 50.0).take(MOST).cloned().collect();
        all.sort_by(|a, b| a.percentile.total_cmp(&b.percentile));
        let weaknesses = all.iter().filter(|one| one.percentile < 50.0).take(MOST).cloned().collect();
        Ok(Self {
            person: cohort.id(row).unwrap_or_default().to_owned(),
            wave: wave.map(str::to_owned),
            index,
            index_percentile: index.map(|own| standing(others.iter().map(index_of), own).0),
            strengths,
            weaknesses,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::standing;

    #[test]
    fn equals_count_half() {
        let found = standing([10.0, 20.0, f64::NAN, 20.0, 40.0].into_iter(), 20.0);
        assert_eq!(found, (50.0, 22.5, 4));
    }
}
