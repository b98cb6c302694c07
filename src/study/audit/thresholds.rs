//! From when on something is remarkable.

use serde::Serialize;

use super::{
    columns::ColumnFigures,
    correlations::{PairFigures, Relation},
};

/// From when on something is flagged. A flag is a reason to look, not a verdict.
///
/// # Example
/// ```
/// let usual = vointi::study::Thresholds::default();
/// assert_eq!((usual.redundant, usual.skewness, usual.kurtosis), (0.92, 2.0, 3.5));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Thresholds {
    /// `low_availability`: a smaller share of the persons has a value.
    pub availability: f64,
    /// `zeros`: a larger share of the values is 0.
    pub zeros: f64,
    /// `modal`: a larger share of the values is the same.
    pub modal: f64,
    /// `skewed`: a skewness of this size or more, either way, …
    pub skewness: f64,
    /// … with a kurtosis of this or more.
    pub kurtosis: f64,
    /// `redundant`: siblings with a higher Pearson correlation.
    pub redundant: f64,
    /// `low`: a column with a lower Pearson correlation with one above it; `negative` is below 0, of siblings too.
    pub low: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            availability: 2.0 / 3.0,
            zeros: 0.95,
            modal: 0.5,
            skewness: 2.0,
            kurtosis: 3.5,
            redundant: 0.92,
            low: 0.3,
        }
    }
}

impl Thresholds {
    pub(super) fn flags(&self, of: &ColumnFigures) -> Vec<&'static str> {
        let is_skewed = of.skewness.is_some_and(|g1| g1.abs() >= self.skewness)
            && of.kurtosis.is_some_and(|g2| g2 >= self.kurtosis);
        let found = [
            ("low_availability", of.availability.is_some_and(|share| share < self.availability)),
            ("zeros", of.zeros.is_some_and(|share| share > self.zeros)),
            ("modal", of.modal_share.is_some_and(|share| share > self.modal)),
            ("skewed", is_skewed),
            ("constant", of.n > 1 && of.distinct == 1),
        ];
        found.into_iter().filter(|(_, is)| *is).map(|(flag, _)| flag).collect()
    }

    pub(super) fn flags_of_pair(&self, of: &PairFigures) -> Vec<&'static str> {
        let Some(r) = of.pearson else { return Vec::new() };
        let found = [
            ("redundant", of.relation == Relation::Siblings && r > self.redundant),
            ("low", of.relation == Relation::Above && r < self.low),
            ("negative", of.relation != Relation::Apart && r < 0.0),
        ];
        found.into_iter().filter(|(_, is)| *is).map(|(flag, _)| flag).collect()
    }
}
