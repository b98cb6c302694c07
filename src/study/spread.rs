//! Means with their doubt, and what a t interval needs.

use serde::Serialize;

use crate::num::{spread::mean_and_sd, student};

/// How sure the intervals of means and correlations are.
pub(super) const LEVEL: f64 = 0.95;

/// The mean of a score over the persons who have it.
///
/// **Formula** mean ± t(n − 1) · sd/√n, sd over n − 1. In waves, the rows of one person count as those of several.
///
/// **Units** those of the score.
///
/// **Missing data** is left out; `n` says how many are behind the mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MeanEstimate {
    /// The id: `index`, or that of a pillar or domain.
    pub id: String,
    /// `index`, `pillar` or `domain`.
    pub kind: &'static str,
    /// What it is, in words.
    pub title: String,
    /// How many persons have it.
    pub n: usize,
    /// The mean; none if nobody has it.
    pub mean: Option<f64>,
    /// The standard deviation; none below two persons.
    pub sd: Option<f64>,
    /// The standard error of the mean; none below two persons.
    pub std_error: Option<f64>,
    /// The lower end of the 95 % interval of the mean.
    pub low: Option<f64>,
    /// The upper end of the 95 % interval of the mean.
    pub high: Option<f64>,
}

impl MeanEstimate {
    /// Of a column in which NaN is missing.
    pub(crate) fn of(id: &str, kind: &'static str, title: &str, values: impl Iterator<Item = f64>) -> Self {
        let (n, mean, sd) = mean_and_sd(values);
        let std_error = sd.map(|sd| sd / (n as f64).sqrt());
        let half =
            std_error.map(|error| student::quantile_above(0.5 * (1.0 - LEVEL), n as f64 - 1.0) * error);
        let end = |sign: f64| mean.zip(half).map(|(mean, half)| mean + sign * half);
        Self {
            id: id.to_owned(),
            kind,
            title: title.to_owned(),
            n,
            mean,
            sd,
            std_error,
            low: end(-1.0),
            high: end(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MeanEstimate;

    /// By hand: 1, 2, 3 have mean 2, sd 1, so ± 4.302653/√3; one value has no interval.
    #[test]
    fn means_have_intervals() {
        let found = MeanEstimate::of("a", "pillar", "a", [1.0, f64::NAN, 2.0, 3.0].into_iter());
        assert_eq!((found.n, found.mean, found.sd), (3, Some(2.0), Some(1.0)));
        assert!((found.high.unwrap() - 4.484_137_71).abs() < 1e-7, "{found:?}");
        let one = MeanEstimate::of("a", "pillar", "a", [1.0].into_iter());
        assert_eq!((one.mean, one.sd, one.low), (Some(1.0), None, None));
        assert_eq!(MeanEstimate::of("a", "pillar", "a", std::iter::empty()).mean, None);
    }
}
