//! Means with their doubt, and what a t interval needs.

use serde::Serialize;

use crate::num::normal;

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
    pub(super) fn of(id: &str, kind: &'static str, title: &str, values: impl Iterator<Item = f64>) -> Self {
        let (n, mean, sd) = mean_and_sd(values);
        let std_error = sd.map(|sd| sd / (n as f64).sqrt());
        let half = std_error.map(|error| t_quantile(0.5 + LEVEL / 2.0, n - 1) * error);
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

/// n, mean and standard deviation of what is observed, in two passes.
pub(super) fn mean_and_sd(values: impl Iterator<Item = f64>) -> (usize, Option<f64>, Option<f64>) {
    let values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    let n = values.len();
    let mean = (n > 0).then(|| values.iter().sum::<f64>() / n as f64);
    let sd = mean.filter(|_| n > 1).map(|mean| {
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        (squares / (n as f64 - 1.0)).sqrt()
    });
    (n, mean, sd)
}

/// Beyond so many degrees of freedom the expansion about the normal quantile is exact to 1e-12.
const MANY: usize = 400;

/// The quantile of Student's t for 0.5 < p < 1 and a whole number of degrees of freedom.
///
/// **Reference** Abramowitz & Stegun 1964, 26.7.3, 26.7.4 and 26.7.5.
pub(super) fn t_quantile(p: f64, df: usize) -> f64 {
    let nu = df as f64;
    match df {
        0 => f64::NAN,
        1 => libm::tan(std::f64::consts::PI * (p - 0.5)),
        2 => (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt(),
        _ => {
            let z = normal::quantile(p);
            let square = z * z;
            let terms = [
                (square + 1.0) / 4.0,
                ((5.0 * square + 16.0) * square + 3.0) / 96.0,
                (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
                ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0) / 92160.0,
            ];
            let mut t = z + terms.iter().rev().fold(0.0, |sum, term| (sum + z * term) / nu);
            if df < MANY {
                let density = t_density_at_0(df);
                for _ in 0..50 {
                    let slope = density * libm::pow(1.0 + t * t / nu, -(nu + 1.0) / 2.0);
                    let step = (p - 0.5 - 0.5 * t_inside(t, df)) / slope;
                    t += step;
                    if step.abs() < 1e-14 * t {
                        break;
                    }
                }
            }
            t
        }
    }
}

fn t_density_at_0(df: usize) -> f64 {
    let nu = df as f64;
    libm::exp(libm::lgamma(f64::midpoint(nu, 1.0)) - libm::lgamma(nu / 2.0))
        / (nu * std::f64::consts::PI).sqrt()
}

/// P(|T| < t), a finite sum for whole degrees of freedom.
fn t_inside(t: f64, df: usize) -> f64 {
    let angle = libm::atan2(t, (df as f64).sqrt());
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let first = if df % 2 == 1 { cos } else { 1.0 };
    let (mut term, mut sum) = (first, if df == 1 { 0.0 } else { first });
    let mut k = 2 + df % 2;
    while k < df {
        term *= cos * cos * (k as f64 - 1.0) / k as f64;
        sum += term;
        k += 2;
    }
    if df % 2 == 1 { 2.0 / std::f64::consts::PI * (angle + sin * sum) } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use super::{MeanEstimate, t_quantile};

    /// R 4.2.2: qt(0.975, c(1, 2, 3, 4, 9, 30, 399, 400, 5000), and qt(0.95, 7))
    #[test]
    fn quantiles_of_t() {
        for (df, expected) in [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (3, 3.182_446_305_283_708),
            (4, 2.776_445_105_197_793_4),
            (9, 2.262_157_162_798_205),
            (30, 2.042_272_456_301_237_3),
            (399, 1.965_927_295_920_881_3),
            (400, 1.965_912_343_229_462_5),
            (5000, 1.960_438_551_706_507_5),
        ] {
            let found = t_quantile(0.975, df);
            assert!((found / expected - 1.0).abs() < 1e-10, "{df}: {found} {expected}");
        }
        assert!((t_quantile(0.95, 7) / 1.894_578_605_090_006_2 - 1.0).abs() < 1e-12);
        assert!(t_quantile(0.975, 0).is_nan());
    }

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
