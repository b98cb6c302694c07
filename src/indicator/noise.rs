//! The error of one reading: its standard deviation by what is behind the reading, and what a calibration adds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    definition::parts::{ErrorOfMeasurement, ErrorSize},
    error::Fault,
};

/// What a reference cohort taught about one scale, measure or indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// Persons with a value.
    pub(crate) n: usize,
    pub(crate) mean: f64,
    /// Over n − 1, error included.
    pub(crate) sd: f64,
    /// Cronbach's alpha of a scale of several items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alpha: Option<f64>,
    /// Of one reading, from repeated readings of a person on one occasion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) within_sd: Option<f64>,
    /// Root mean square of the error of these persons' values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error_sd: Option<f64>,
}

pub(crate) type LearnedOf = BTreeMap<String, Learned>;

/// The error of a reading made of up to `full` answers or repeated readings.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    /// The sd (or, if proportional, the coefficient of variation) of the mean of n, by n from 0 to full.
    by_count: Vec<f64>,
    proportional: bool,
    /// By the steepest slope of the utility instead of the closed form.
    pub(crate) linear: bool,
    /// Mean and true variance in the reference.
    prior: Option<(f64, f64)>,
}

impl Noise {
    /// The error of a scale of `full` items, or of a measure of `full` readings.
    ///
    /// **Formula** the error variance of a mean of n is n times smaller than that of one; a scale's is
    /// declared for all its items, a measure's for one reading. With reliability R, error variance = (1 − R) sd².
    pub(crate) fn new(
        name: &str,
        error: &ErrorOfMeasurement,
        full: usize,
        is_scale: bool,
        learned: Option<&Learned>,
    ) -> Result<Self, Box<Fault>> {
        let missing = |what: &str| {
            let help = "learn it with `vointi calibrate`, or give a number in the definition";
            Box::new(Fault::new(format!("the calibration has no {what} of `{name}`")).help(help))
        };
        let sd = || learned.map(|learned| learned.sd).ok_or_else(|| missing("standard deviation"));
        let of_reliability = |share: f64| sd().map(|sd| sd * libm::sqrt(1.0 - share));
        let size = match error.size {
            ErrorSize::Sd(sd) => sd,
            ErrorSize::Cv(cv) => cv,
            ErrorSize::Reliability(share) => of_reliability(share)?,
            ErrorSize::CalibratedReliability => {
                of_reliability(learned.and_then(|learned| learned.alpha).ok_or_else(|| missing("alpha"))?)?
            }
            ErrorSize::CalibratedSd => learned
                .and_then(|learned| learned.within_sd)
                .ok_or_else(|| missing("sd of repeated readings"))?,
        };
        let of_one = if is_scale { size * libm::sqrt(full as f64) } else { size };
        let by_count = (0..=full)
            .map(|n| match n {
                0 => of_one,
                n if is_scale && n == full => size,
                n => of_one / libm::sqrt(n as f64),
            })
            .collect();
        let prior = learned.and_then(|learned| {
            let error = learned.error_sd?;
            Some((learned.mean, (learned.sd * learned.sd - error * error).max(0.0)))
        });
        Ok(Self {
            by_count,
            proportional: matches!(error.size, ErrorSize::Cv(_)),
            linear: error.linear,
            prior,
        })
    }

    pub(crate) fn full(&self) -> usize {
        self.by_count.len().saturating_sub(1)
    }

    /// The sd of a reading `x` with `count` behind it.
    #[inline]
    pub(crate) fn sd(&self, x: f64, count: usize) -> f64 {
        let size = self.by_count.get(count).copied().unwrap_or(f64::NAN);
        if self.proportional { size * x.abs() } else { size }
    }

    pub(crate) fn is_proportional(&self) -> bool {
        self.proportional
    }

    /// Mean and sd of the true value given the reading: X | x ~ N(μ + R (x − μ), R s²), R = τ²/(τ² + s²).
    #[inline]
    pub(crate) fn posterior(&self, x: f64, count: usize) -> Option<(f64, f64)> {
        let (mean, true_variance) = self.prior?;
        let s = self.sd(x, count);
        let share = true_variance / (true_variance + s * s);
        // A reading without error and without spread is its own truth.
        let share = if share.is_nan() { 1.0 } else { share };
        Some((mean + share * (x - mean), libm::sqrt(share) * s))
    }

    pub(crate) fn has_prior(&self) -> bool {
        self.prior.is_some()
    }
}
