//! The scale scores of a cohort in figures.

use serde::Serialize;

use super::{
    FEWEST_FOR_EMPLOYER,
    score::{GroupFigure, ScaleColumn, Scales},
};
use crate::{definition::Audience, num::spread::mean_and_sd};

/// The scales of a cohort in figures.
///
/// For an employer there are no bands, and nothing of fewer than ten persons.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, scale};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let summary = scale::score(&cohort).summary(Audience::Research);
/// assert_eq!(summary.scales[0].scale, "mood.total");
/// assert_eq!(summary.scales[0].n, Some(4827));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScalesSummary {
    /// For whom.
    pub audience: Audience,
    /// Rows: persons, or persons × waves.
    pub persons: usize,
    /// The scales, in the order of the definition.
    pub scales: Vec<ScaleFigures>,
}

/// One scale in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScaleFigures {
    /// `instrument.scale`
    pub scale: String,
    /// What it measures; may be empty.
    pub title: String,
    /// How many persons have a score; none where it is withheld.
    pub n: Option<usize>,
    /// How many of them from fewer items than the scale has.
    pub prorated: Option<usize>,
    /// How many items it has.
    pub items: usize,
    /// The rule for missing answers.
    pub rule: String,
    /// Lowest and highest score there can be.
    pub range: [f64; 2],
    /// The mean of two persons or more.
    pub mean: Option<f64>,
    /// The standard deviation over n − 1.
    pub sd: Option<f64>,
    /// The standard error of measurement, where a reliability and a spread are known.
    pub sem: Option<f64>,
    /// How many persons lie in each band in use; empty for an employer.
    pub bands: Vec<BandCount>,
    /// The share of a group, for a scale that is read so.
    pub group: Option<GroupShareFigure>,
}

/// A band, and how many lie in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BandCount {
    /// The band.
    pub band: String,
    /// Persons.
    pub persons: usize,
}

/// The share with high scores less the share with low ones, in %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupShareFigure {
    /// In %.
    pub value: f64,
    /// Its standard error, in %.
    pub std_error: f64,
}

impl Scales {
    /// The scales in figures, as an audience may see them.
    pub fn summary(&self, audience: Audience) -> ScalesSummary {
        let persons = self.iter().next().map_or(0, |column| column.values_or_nan().len());
        let scales = self.iter().map(|column| ScaleFigures::of(column, audience)).collect();
        ScalesSummary { audience, persons, scales }
    }
}

impl ScaleFigures {
    fn of(column: &ScaleColumn, audience: Audience) -> Self {
        let rows = 0..column.values_or_nan().len();
        let observed = column.observed();
        let is_employer = audience == Audience::Employer;
        let is_shown = !is_employer || observed >= FEWEST_FOR_EMPLOYER;
        let (_, mean, sd) = mean_and_sd(column.values_or_nan().iter().copied());
        let mut bands: Vec<BandCount> = Vec::new();
        if !is_employer {
            for name in column.band_names() {
                bands.push(BandCount { band: name.to_owned(), persons: 0 });
            }
            for band in rows.clone().filter_map(|row| column.band(row)) {
                if let Some(count) = bands.iter_mut().find(|known| known.band == band) {
                    count.persons += 1;
                }
            }
        }
        let figure = |group: GroupFigure| GroupShareFigure { value: group.value, std_error: group.std_error };
        let prorated = rows.filter(|row| column.is_prorated(*row)).count();
        Self {
            scale: column.name().to_owned(),
            title: column.title().to_owned(),
            n: is_shown.then_some(observed),
            prorated: is_shown.then_some(prorated),
            items: column.items(),
            rule: column.rule().to_owned(),
            range: column.range(),
            mean: mean.filter(|_| is_shown && observed > 1 && !column.is_label()),
            sd: sd.filter(|_| is_shown && observed > 1 && !column.is_label()),
            sem: column.std_error(),
            bands,
            group: column.group().filter(|_| is_shown).map(figure),
        }
    }
}
