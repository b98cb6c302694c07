//! The error of one reading: its standard deviation by what is behind the reading, and what a calibration adds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::repeats::{aged, error_sd_of_icc, spearman_brown, variance_a_day};
use crate::{
    definition::parts::{Days, ErrorOfMeasurement, ErrorSize, Measure},
    error::Fault,
};

/// What a reference cohort taught about one scale, measure or indicator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// Persons with a value.
    pub(crate) n: usize,
    pub(crate) mean: f64,
    /// Over n − 1, error included.
    pub(crate) sd: f64,
    /// Cronbach's alpha of a scale of several items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alpha: Option<f64>,
    /// Omega of one factor, where an error of measurement asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) omega: Option<f64>,
    /// Of one reading, from repeated readings of a person on one occasion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) within_sd: Option<f64>,
    /// Root mean square of the error of these persons' values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error_sd: Option<f64>,
}

pub(crate) type LearnedOf = BTreeMap<String, Learned>;

/// The error of a reading made of up to `full` answers, repeated readings or days.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    /// The sd (or, if proportional, the coefficient of variation) of the mean of n, by n from 0 to full.
    by_count: Vec<f64>,
    proportional: bool,
    /// By the steepest slope of the utility instead of the closed form.
    pub(crate) linear: bool,
    /// Mean and true variance in the reference.
    prior: Option<(f64, f64)>,
    /// The variance that each day of age adds.
    drift: f64,
    /// Days; no reading that counts is older.
    oldest: f64,
    /// Whether n is the days behind each value, which may be any number.
    by_days: bool,
}

/// What is behind one value: readings or days, and their age in days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behind {
    pub(crate) count: usize,
    /// NaN where it is not known.
    pub(crate) age: f64,
}

impl Noise {
    /// The error of a scale of `full` items.
    ///
    /// **Formula** declared for all items; that of n of them is √(full/n) times larger. With reliability R, error
    /// variance = (1 − R) sd².
    pub(crate) fn of_scale(
        name: &str,
        error: &ErrorOfMeasurement,
        full: usize,
        learned: Option<&Learned>,
    ) -> Result<Self, Box<Fault>> {
        let size = size_of(name, error, 1, learned)?;
        let of_one = size * libm::sqrt(full as f64);
        let by_count = (0..=full).map(|n| if n == full { size } else { of_mean(of_one, n) }).collect();
        Ok(Self::new(by_count, error, learned))
    }

    /// The error of a measure of `full` readings, or of a value averaged over days.
    ///
    /// **Formula** declared for one reading or day; that of the mean of n is √n times smaller. With reliability R of
    /// one, the error variance of the mean of all is (1 − Rₙ) sd², Rₙ = n R/(1 + (n − 1) R) and sd that of the values
    /// in the reference, made of n each.
    ///
    /// **Reference** Spearman 1910, British Journal of Psychology 3:271; Brown 1910, ibid. 3:296.
    pub(crate) fn of_measure(
        measure: &Measure,
        error: &ErrorOfMeasurement,
        full: usize,
        learned: Option<&Learned>,
    ) -> Result<Self, Box<Fault>> {
        let days = measure.readings.days.as_ref();
        let usual = days.and_then(|days| days.full).map_or(full, usize::from);
        let of_one = size_of(&measure.id, error, usual, learned)?;
        let most = if days.is_some() { usize::from(Days::MOST) } else { full };
        let noise = Self::new((0..=most).map(|n| of_mean(of_one, n)).collect(), error, learned);
        Ok(Self {
            drift: error.drift.map_or(0.0, variance_a_day),
            oldest: measure.readings.within.unwrap_or(f64::INFINITY),
            by_days: days.is_some(),
            ..noise
        })
    }

    fn new(by_count: Vec<f64>, error: &ErrorOfMeasurement, learned: Option<&Learned>) -> Self {
        let prior = learned.and_then(|learned| {
            let error = learned.error_sd?;
            Some((learned.mean, (learned.sd * learned.sd - error * error).max(0.0)))
        });
        Self {
            by_count,
            proportional: matches!(error.size, ErrorSize::Cv(_)),
            linear: error.linear,
            prior,
            drift: 0.0,
            oldest: f64::INFINITY,
            by_days: false,
        }
    }

    pub(crate) fn full(&self) -> usize {
        self.by_count.len().saturating_sub(1)
    }

    /// The sd of a reading `x` of today with `count` behind it.
    #[inline]
    pub(crate) fn sd(&self, x: f64, count: usize) -> f64 {
        let size = self.by_count.get(count).copied().unwrap_or(f64::NAN);
        if self.proportional { size * x.abs() } else { size }
    }

    /// The sd of a reading `x`, for the level of today; NaN where the age counts and is not known.
    #[inline]
    pub(crate) fn sd_behind(&self, x: f64, behind: Behind) -> f64 {
        aged(self.sd(x, behind.count), self.drift, behind.age)
    }

    /// Whether persons differ in more than how many readings of `full` there are: in age, or in days.
    pub(crate) fn varies(&self) -> bool {
        self.drifts() || self.by_days
    }

    pub(crate) fn drifts(&self) -> bool {
        self.drift > 0.0
    }

    pub(crate) fn by_days(&self) -> bool {
        self.by_days
    }

    /// The age in days that no reading exceeds; infinite without a window.
    pub(crate) fn oldest(&self) -> f64 {
        self.oldest
    }

    /// The age from which on the error is ten times the true spread of the reference: nothing is left to learn from
    /// such a reading.
    pub(crate) fn spent(&self) -> f64 {
        self.prior.map_or(f64::INFINITY, |(_, variance)| 100.0 * variance / self.drift)
    }

    pub(crate) fn is_proportional(&self) -> bool {
        self.proportional
    }

    /// Mean and sd of the true value given a reading with error sd `s`: X | x ~ N(μ + R (x − μ), R s²),
    /// R = τ²/(τ² + s²).
    #[inline]
    pub(crate) fn posterior(&self, x: f64, s: f64) -> Option<(f64, f64)> {
        let (mean, true_variance) = self.prior?;
        let share = true_variance / (true_variance + s * s);
        // A reading without error and without spread is its own truth.
        let share = if share.is_nan() { 1.0 } else { share };
        Some((mean + share * (x - mean), libm::sqrt(share) * s))
    }

    pub(crate) fn has_prior(&self) -> bool {
        self.prior.is_some()
    }
}

fn of_mean(of_one: f64, n: usize) -> f64 {
    if n == 0 { of_one } else { of_one / libm::sqrt(n as f64) }
}

/// The declared size as a standard deviation or, for `cv`, a coefficient of variation: of one reading where a value in
/// the reference is the mean of `usual`, of a whole scale where that is 1.
fn size_of(
    name: &str,
    error: &ErrorOfMeasurement,
    usual: usize,
    learned: Option<&Learned>,
) -> Result<f64, Box<Fault>> {
    let missing = |what: &str| {
        let help = "learn it with `vointi calibrate`, or give a number in the definition";
        Box::new(Fault::new(format!("the calibration has no {what} of `{name}`")).help(help))
    };
    let sd = || learned.map(|learned| learned.sd).ok_or_else(|| missing("standard deviation"));
    let of_reliability = |share: f64| {
        sd().map(|sd| {
            let n = usual as f64;
            let of_mean = spearman_brown(share, n).filter(|_| usual > 1);
            of_mean.map_or_else(|| sd * libm::sqrt(1.0 - share), |all| sd * libm::sqrt(n * (1.0 - all)))
        })
    };
    match error.size {
        ErrorSize::Sd(size) | ErrorSize::Cv(size) => Ok(size),
        ErrorSize::Reliability(share) => of_reliability(share),
        ErrorSize::Icc { icc, between_sd } => Ok(error_sd_of_icc(icc, between_sd).unwrap_or(f64::NAN)),
        ErrorSize::CalibratedReliability => {
            of_reliability(learned.and_then(|learned| learned.alpha).ok_or_else(|| missing("alpha"))?)
        }
        ErrorSize::CalibratedOmega => {
            of_reliability(learned.and_then(|learned| learned.omega).ok_or_else(|| missing("omega"))?)
        }
        ErrorSize::CalibratedSd => {
            learned.and_then(|learned| learned.within_sd).ok_or_else(|| missing("sd of repeated readings"))
        }
    }
}
