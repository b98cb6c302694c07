//! Treatment of skewed readings: learned on a reference, frozen, applied to anybody.

#![expect(clippy::result_large_err, reason = "a fault is rare, and whoever learns collects them")]

use serde::{Deserialize, Serialize};

use crate::{
    definition::parts::{MOST_POWER, Then, Treatment, Winsorise},
    error::Fault,
    num::shape::skewness_and_kurtosis,
};

/// What a reference taught about the treatment of one indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedTreatment {
    /// The last one that was taken.
    pub(crate) step: Step,
    /// Readings count as no less and no more, from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limits: Option<[f64; 2]>,
    /// How many readings of the reference winsorising moved, at either end.
    #[serde(default, skip_serializing_if = "is_none_moved")]
    pub(crate) moved: [usize; 2],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lambda: Option<f64>,
    /// Whether `log_plus` was taken of the distance to the maximum.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) mirrored: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) skewness: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kurtosis: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) skewness_after: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kurtosis_after: Option<f64>,
    /// Whether the column is still skewed.
    pub(crate) fails: bool,
}

/// What was done to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// It passed.
    None,
    Winsorise,
    Log,
    LogPlus,
    LogOrig,
    LogGii,
    BoxCox,
}

impl Step {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Winsorise => "winsorise",
            Self::Log => "log",
            Self::LogPlus => "log_plus",
            Self::LogOrig => "log_orig",
            Self::LogGii => "log_gii",
            Self::BoxCox => "box_cox",
        }
    }
}

fn is_none_moved(moved: &[usize; 2]) -> bool {
    *moved == [0, 0]
}

/// A treatment ready to run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Treated {
    /// Readings as they are.
    Plain,
    /// Held inside.
    Within([f64; 2]),
    By(Transform),
}

impl Treated {
    /// The treated value of a natural number that a definition declares: its limits are not those of readings. NaN where
    /// it has none.
    pub(crate) fn of_declared(&self, x: f64) -> f64 {
        match self {
            Self::Plain | Self::Within(_) => x,
            Self::By(transform) => transform.beyond(x),
        }
    }
}

/// A transformation of readings between `min` and `max`, rising.
///
/// **Formula** with w = max − min: `log` ln(x − min + 0.01 w); `log_plus` the same, or −ln(max + 0.01 w − x) where the
/// reference is skewed to the left; `log_orig` ln(x − min + 1); `log_gii` ln((max − 1)(x − min)/w + 1); `box_cox`
/// (yˡ − 1)/l with y = x − min + 1, ln y for l = 0.
///
/// **Reference** Box & Cox 1964, Journal of the Royal Statistical Society B 26:211; the logarithms are those of the
/// R package `COINr`, `log_gii` that of the Global Innovation Index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transform {
    kind: Kind,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Log,
    Mirrored,
    Orig,
    Gii,
    BoxCox(f64),
}

impl Transform {
    /// Of a reading, held inside.
    pub(crate) fn value(&self, x: f64) -> f64 {
        self.beyond(x.clamp(self.min, self.max))
    }

    /// Of any number.
    fn beyond(&self, x: f64) -> f64 {
        let Self { min, max, .. } = *self;
        match self.kind {
            Kind::Log => libm::log(x - min + 0.01 * (max - min)),
            Kind::Mirrored => -libm::log(max + 0.01 * (max - min) - x),
            Kind::Orig => libm::log(x - min + 1.0),
            Kind::Gii => libm::log((max - 1.0) * (x - min) / (max - min) + 1.0),
            Kind::BoxCox(power) => box_cox(libm::log(x - min + 1.0), power),
        }
    }

    /// The reading with this value.
    pub(crate) fn inverse(&self, t: f64) -> f64 {
        let Self { min, max, .. } = *self;
        match self.kind {
            Kind::Log => libm::exp(t) + min - 0.01 * (max - min),
            Kind::Mirrored => max + 0.01 * (max - min) - libm::exp(-t),
            Kind::Orig => libm::exp(t) + min - 1.0,
            Kind::Gii => min + libm::expm1(t) * (max - min) / (max - 1.0),
            Kind::BoxCox(0.0) => min + libm::expm1(t),
            Kind::BoxCox(power) => min + libm::expm1(libm::log1p(power * t) / power),
        }
    }

    /// Where it is laid out from, and which way: the end next to its pole.
    pub(crate) fn rises_from_min(&self) -> bool {
        !matches!(self.kind, Kind::Mirrored)
    }

    /// How far the pole is from a reading.
    pub(crate) fn to_pole(self, x: f64) -> f64 {
        let Self { min, max, .. } = self;
        match self.kind {
            Kind::Log => x - min + 0.01 * (max - min),
            Kind::Mirrored => max + 0.01 * (max - min) - x,
            Kind::Orig | Kind::BoxCox(_) => x - min + 1.0,
            Kind::Gii => x - min + (max - min) / (max - 1.0),
        }
    }

    /// The slope at a reading; it is largest at one of the ends.
    pub(crate) fn slope(&self, x: f64) -> f64 {
        let pole = self.to_pole(x);
        match self.kind {
            Kind::BoxCox(power) => libm::pow(pole, power - 1.0),
            _ => 1.0 / pole,
        }
    }
}

/// Of the logarithm of y. `expm1` keeps the digits of a power next to 0.
fn box_cox(log: f64, power: f64) -> f64 {
    if power == 0.0 { log } else { libm::expm1(power * log) / power }
}

impl LearnedTreatment {
    /// Learns on the readings of a reference, none of them missing, and gives them back treated.
    ///
    /// **Formula** a column passes if |G₁| < skewness or G₂ < kurtosis, or if they are unknown. Winsorising sets all
    /// values equal to the maximum (with G₁ < 0 the minimum) to the next distinct one, until the column passes, as
    /// many points have moved as may, or two distinct values are left.
    pub(crate) fn learn(of: &Treatment, readings: &[f64]) -> Result<(Self, Vec<f64>), Fault> {
        let before = shape(readings);
        let mut learned = Self {
            step: Step::None,
            limits: None,
            moved: [0, 0],
            lambda: None,
            mirrored: false,
            skewness: before.map(|[skewness, _]| skewness),
            kurtosis: before.map(|[_, kurtosis]| kurtosis),
            skewness_after: None,
            kurtosis_after: None,
            fails: false,
        };
        let mut treated = readings.to_vec();
        if passes(of, before) {
            return Ok((learned, treated));
        }
        if let Some(most) = of.winsorise {
            let (limits, moved) = winsorised(of, most, readings);
            (learned.step, learned.limits, learned.moved) = (Step::Winsorise, Some(limits), moved);
            hold(&mut treated, limits);
        }
        if let Some(then) = of.then.filter(|_| !passes(of, shape(&treated))) {
            if !of.combine {
                treated.copy_from_slice(readings);
                learned.moved = [0, 0];
            }
            learned.transform(then, &mut treated)?;
        }
        let after = shape(&treated);
        learned.skewness_after = after.map(|[skewness, _]| skewness);
        learned.kurtosis_after = after.map(|[_, kurtosis]| kurtosis);
        learned.fails = !passes(of, after);
        Ok((learned, treated))
    }

    /// Takes a transformation and applies it.
    fn transform(&mut self, then: Then, values: &mut [f64]) -> Result<(), Fault> {
        let (min, max) = ends(values);
        self.limits = Some([min, max]);
        self.step = match then {
            Then::Log => Step::Log,
            Then::LogPlus => Step::LogPlus,
            Then::LogOrig => Step::LogOrig,
            Then::LogGii => Step::LogGii,
            Then::BoxCox(_) => Step::BoxCox,
        };
        match then {
            Then::LogPlus => {
                self.mirrored = shape(values).is_some_and(|[skewness, _]| skewness <= 0.0);
            }
            Then::LogGii if max <= 1.0 => {
                let help = "it is for indicators that reach beyond 1; take another `then`";
                return Err(Fault::new("`log_gii` needs a maximum above 1 in the reference").help(help));
            }
            Then::BoxCox(power) => {
                self.lambda = Some(power.unwrap_or_else(|| likeliest_power(values, min)));
            }
            _ => {}
        }
        if let Treated::By(transform) = self.treated() {
            for value in values.iter_mut() {
                *value = transform.value(*value);
            }
        }
        if values.iter().any(|value| !value.is_finite()) {
            let what = format!("`{}` of a reading of the reference is no number", then.word());
            return Err(Fault::new(what).help("take another `then`, or a power closer to 0"));
        }
        Ok(())
    }

    /// Ready to run.
    pub(crate) fn treated(&self) -> Treated {
        let Some([min, max]) = self.limits else { return Treated::Plain };
        let by = |kind| Treated::By(Transform { kind, min, max });
        match self.step {
            Step::None => Treated::Plain,
            Step::Winsorise => Treated::Within([min, max]),
            Step::Log => by(Kind::Log),
            Step::LogPlus => by(if self.mirrored { Kind::Mirrored } else { Kind::Log }),
            Step::LogOrig => by(Kind::Orig),
            Step::LogGii => by(Kind::Gii),
            Step::BoxCox => by(Kind::BoxCox(self.lambda.unwrap_or(1.0))),
        }
    }

    /// Whether readings outside the limits were never seen in the reference; a winsorised one has seen them.
    pub(crate) fn knows_ends(&self) -> bool {
        self.moved == [0, 0] && self.step != Step::Winsorise
    }

    /// Whether it can have been learned.
    pub(super) fn is_sound(&self) -> bool {
        let numbers = [self.lambda, self.skewness, self.kurtosis, self.skewness_after, self.kurtosis_after];
        let is_finite = numbers.into_iter().flatten().all(f64::is_finite);
        let rises = self.limits.is_none_or(|[low, high]| low < high && (high - low).is_finite());
        let has_limits = self.limits.is_some() == (self.step != Step::None);
        let has_power = self.lambda.is_some() == (self.step == Step::BoxCox);
        is_finite && rises && has_limits && has_power
    }
}

/// Skewness and excess kurtosis; none of fewer than four values, or of equal ones.
fn shape(values: &[f64]) -> Option<[f64; 2]> {
    let (skewness, kurtosis) = skewness_and_kurtosis(values);
    Some([skewness?, kurtosis?]).filter(|shape| shape.iter().all(|x| x.is_finite()))
}

fn passes(of: &Treatment, shape: Option<[f64; 2]>) -> bool {
    shape.is_none_or(|[skewness, kurtosis]| skewness.abs() < of.skewness || kurtosis < of.kurtosis)
}

fn ends(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)))
}

fn hold(values: &mut [f64], [low, high]: [f64; 2]) {
    for value in values {
        *value = value.clamp(low, high);
    }
}

/// The limits, and how many values they move.
fn winsorised(of: &Treatment, most: Winsorise, values: &[f64]) -> ([f64; 2], [usize; 2]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |position: usize| sorted.get(position).copied().unwrap_or(f64::NAN);
    let (mut low, mut high) = (at(0), at(sorted.len().saturating_sub(1)));
    let moved = |low: f64, high: f64| {
        let (below, up_to) = (sorted.partition_point(|x| *x < low), sorted.partition_point(|x| *x <= high));
        [below, sorted.len() - up_to]
    };
    let mut held = sorted.clone();
    loop {
        held.copy_from_slice(&sorted);
        hold(&mut held, [low, high]);
        let found = shape(&held);
        let Some([skewness, _]) = found.filter(|_| !passes(of, found)) else { break };
        let [below, above] = moved(low, high);
        if matches!(most, Winsorise::Points(points) if below + above >= points) {
            break;
        }
        let next_low = at(sorted.partition_point(|x| *x <= low));
        let next_high = at(sorted.partition_point(|x| *x < high).saturating_sub(1));
        // Two distinct values are left: one more step, and there would be nothing to score.
        if next_high <= low || next_low >= high {
            break;
        }
        if skewness >= 0.0 {
            high = next_high;
        } else {
            low = next_low;
        }
    }
    ([low, high], moved(low, high))
}

/// The power under which the transformed values are likeliest to be normal.
///
/// **Formula** the root of the derivative of −n/2 ln Σ (z − z̄)² + (l − 1) Σ ln y, z the transformed values, by
/// bisection between −5 and 5; the end of that where there is no root.
fn likeliest_power(values: &[f64], min: f64) -> f64 {
    let logs: Vec<f64> = values.iter().map(|x| libm::log(x - min + 1.0)).collect();
    let longest = logs.iter().copied().fold(0.0, f64::max);
    // Beyond it the squares of the powers are endless.
    let most = if longest > 0.0 { MOST_POWER.min(340.0 / longest) } else { MOST_POWER };
    let (mut low, mut high) = (-most, most);
    if slope_of_likelihood(&logs, low) <= 0.0 {
        return low;
    }
    if slope_of_likelihood(&logs, high) >= 0.0 {
        return high;
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if slope_of_likelihood(&logs, middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
        // Around 0 the neighbours of a number are endlessly near.
        if high - low < 1e-17 {
            return 0.5 * (low + high);
        }
    }
}

fn slope_of_likelihood(logs: &[f64], power: f64) -> f64 {
    let n = logs.len() as f64;
    let mean = |of: &dyn Fn(f64) -> f64| logs.iter().map(|log| of(*log)).sum::<f64>() / n;
    let z = |log: f64| box_cox(log, power);
    let dz = |log: f64| by_power(log, power);
    let (mean_z, mean_dz) = (mean(&z), mean(&dz));
    let (mut both, mut square) = (0.0, 0.0);
    for log in logs {
        let off = z(*log) - mean_z;
        both += off * (dz(*log) - mean_dz);
        square += off * off;
    }
    logs.iter().sum::<f64>() - n * both / square
}

/// d/dl (e^(l·log) − 1)/l, by its series where the difference would lose its digits.
fn by_power(log: f64, power: f64) -> f64 {
    let t = power * log;
    if t.abs() > 0.05 {
        return (log * libm::exp(t) - box_cox(log, power)) / power;
    }
    let (mut term, mut sum) = (log * log / 2.0, 0.0);
    for k in 1..=10 {
        let k = f64::from(k);
        sum += k * term;
        term *= t / (k + 2.0);
    }
    sum
}

#[cfg(test)]
mod tests;
