//! What stands in for a missing reading: learned of a reference, or a person's own other waves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    cohort::{Cohort, OwnWaves},
    definition::impute::Impute,
    error::Fault,
    num::spread::mean_and_sd,
};

/// What a reference taught about the gaps of one indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedFill {
    /// Persons with a reading.
    pub(crate) n: usize,
    /// What fills a gap where no group does.
    pub(crate) value: f64,
    /// How many readings are behind the fill of the smallest group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fewest: Option<usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) groups: BTreeMap<String, f64>,
}

pub(crate) type LearnedFills = BTreeMap<String, LearnedFill>;

impl LearnedFill {
    /// Learns the fill of an indicator from its readings in a reference; none where nobody has a reading.
    ///
    /// **Formula** Σx/n, or R's quantile of type 7 at ½, over what is observed.
    pub(crate) fn of(how: &Impute, readings: &[f64], cohort: &Cohort) -> Option<Self> {
        let centre = |values: &[f64]| match how {
            Impute::Median { .. } => median(values),
            _ => mean_and_sd(values.iter().copied()).1,
        };
        let observed: Vec<f64> = readings.iter().copied().filter(|x| !x.is_nan()).collect();
        let value = centre(&observed)?;
        let mut by_group: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        if let Some(by) = how.by() {
            for (row, x) in readings.iter().enumerate().filter(|(_, x)| !x.is_nan()) {
                if let Some(group) = cohort.group(by, row) {
                    by_group.entry(group).or_default().push(*x);
                }
            }
        }
        let fewest = by_group.values().map(Vec::len).min();
        let fill = |(group, own): (&str, Vec<f64>)| Some((group.to_owned(), centre(&own)?));
        let groups = by_group.into_iter().filter_map(fill).collect();
        Some(Self { n: observed.len(), value, fewest, groups })
    }

    /// Whether a fill is the reading of a single person.
    pub(crate) fn is_personal(&self) -> bool {
        self.n == 1 || self.fewest == Some(1)
    }

    /// Whether it can have been learned.
    pub(crate) fn is_sound(&self) -> bool {
        let has_counts = self.n > 0 && self.fewest.is_some() != self.groups.is_empty();
        has_counts && self.value.is_finite() && self.groups.values().all(|fill| fill.is_finite())
    }
}

/// R's quantile of type 7 at ½; none of nothing.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let (low, high) = (*sorted.get(last / 2)?, *sorted.get(last.div_ceil(2))?);
    // Halves first: the sum of two large numbers may be none.
    Some(if last % 2 == 0 { low } else { 0.5 * low + 0.5 * high })
}

/// What fills the gaps of an indicator, compiled.
#[derive(Debug, Clone)]
pub(crate) enum Fill {
    Learned {
        value: f64,
        /// The column of the groups, and the fill of each.
        groups: Option<(String, BTreeMap<String, f64>)>,
    },
    Siblings,
    /// The latest earlier reading, no more than so many waves old.
    Last(f64),
    Linear,
    Constant,
}

impl Fill {
    /// The fault is what the calibration lacks.
    pub(crate) fn new(how: &Impute, learned: Option<&LearnedFill>) -> Result<Self, Box<Fault>> {
        Ok(match how {
            Impute::Mean { by } | Impute::Median { by } => {
                let Some(learned) = learned else {
                    let what =
                        "gaps are filled from a reference, and the calibration has nothing to fill them with";
                    let help = "learn it with `vointi calibrate` on a reference with readings";
                    return Err(Box::new(Fault::new(what).help(help)));
                };
                let groups = by.as_ref().map(|by| (by.clone(), learned.groups.clone()));
                Self::Learned { value: learned.value, groups }
            }
            Impute::Siblings => Self::Siblings,
            Impute::Last { within } => Self::Last(within.unwrap_or(f64::INFINITY)),
            Impute::Linear => Self::Linear,
            Impute::Constant => Self::Constant,
        })
    }

    /// The reading that stands in for a missing one of a row; NaN where there is none. `reading` gives that of a row of
    /// a cohort.
    pub(crate) fn reading(
        &self,
        cohort: &Cohort,
        row: usize,
        reading: impl FnMut(&Cohort, usize) -> f64,
    ) -> f64 {
        match self {
            Self::Siblings => f64::NAN,
            Self::Learned { value, groups } => {
                let of_group = |(by, fills): &(String, BTreeMap<String, f64>)| {
                    fills.get(cohort.group(by, row)?).copied()
                };
                groups.as_ref().and_then(of_group).unwrap_or(*value)
            }
            Self::Last(_) | Self::Linear | Self::Constant => {
                cohort.own_waves(row).map_or(f64::NAN, |own| self.of_waves(&own, reading))
            }
        }
    }

    /// **Formula** with readings x₀ at wave t₀ before t and x₁ at t₁ after it: `last` and `constant` x₀, `linear`
    /// x₀ + (x₁ − x₀)(t − t₀)/(t₁ − t₀). Where one of the two is not there, `linear` takes the other, `constant` x₁ for
    /// lack of x₀, and `last` nothing.
    fn of_waves(&self, own: &OwnWaves<'_>, mut reading: impl FnMut(&Cohort, usize) -> f64) -> f64 {
        let (mut before, mut after) = (None, None);
        for (wave, row) in own.rows().filter(|(wave, _)| *wave != own.wave) {
            let x = reading(own.cohort, row);
            if x.is_nan() {
                continue;
            }
            if wave < own.wave {
                before = Some((wave, x));
            } else {
                after = Some((wave, x));
                break;
            }
        }
        match (self, before, after) {
            (Self::Last(within), Some((wave, x)), _) if own.wave - wave <= *within => x,
            (Self::Linear, Some((from, low)), Some((to, high))) => {
                low + (high - low) * ((own.wave - from) / (to - from))
            }
            (Self::Linear | Self::Constant, Some((_, x)), _)
            | (Self::Linear | Self::Constant, None, Some((_, x))) => x,
            _ => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_of_type_7() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[4.0]), Some(4.0));
        assert_eq!(median(&[9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(&[8.0, 1.0, 4.0, 2.0]), Some(3.0));
        assert_eq!(median(&[f64::MAX, f64::MAX]), Some(f64::MAX));
    }
}
