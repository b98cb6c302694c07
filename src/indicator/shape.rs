//! Utilities that are curved, or that follow a reference distribution: score, moments, steepest slope, knots.

use super::{rule::NormCurve, treatment::Transform};
use crate::{
    definition::{
        parts::{Direction, Ramp, Reference},
        rule::{Norm, NormRow},
    },
    num::{
        normal::Normal,
        stretch::{Start, Stretch, Sums, power_score},
        utility::step_moments_per,
    },
};

#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// Up by a power, flat at 100, down by a power; either slope may be missing.
    Desirability {
        rises: Option<Ramp>,
        falls: Option<Ramp>,
    },
    /// 100/(1 + exp(−steepness (x − middle))); a negative steepness falls.
    Logistic {
        middle: f64,
        steepness: f64,
    },
    /// 100 Φ(sign · z), z the LMS score of x.
    Lms(Lms),
    /// Goalposts on ln x.
    Log {
        worst: f64,
        best: f64,
    },
    /// The share of a reference that x is better than, ties half.
    Ranks(Ranks),
    /// 100 Φ(±z), z straight between tabulated percentiles.
    Norm(NormCurve),
    Treated(TreatedLine),
}

/// A straight line on transformed readings: (T(x) − from) × slope + level, flat outside its ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TreatedLine {
    pub(super) transform: Transform,
    pub(super) from: f64,
    pub(super) slope: f64,
    pub(super) level: f64,
    /// `[x, score]` of the lower and the upper end.
    pub(super) ends: [[f64; 2]; 2],
}

/// Cole's LMS: z = ((x/m)ˡ − 1)/(l s), ln(x/m)/s for l = 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lms {
    l: f64,
    m: f64,
    s: f64,
    sign: f64,
}

/// A step at every distinct value of a reference.
#[derive(Debug, Clone)]
pub(crate) struct Ranks {
    at: Vec<f64>,
    /// Between the values: one more than there are.
    between: Vec<f64>,
    /// At the values themselves; empty for halfway between their neighbours'.
    on: Vec<f64>,
    /// Where the score of a value itself is halfway between its neighbours'.
    largest_steps: Vec<f64>,
}

/// A logistic is 0 or 100 to the last digit further out than so many units of its steepness.
const LOGISTIC_END: f64 = 38.0;
/// Sixteen nodes follow it over so many.
const LOGISTIC_REACH: f64 = 4.0;
/// Φ beyond so many standard deviations is 0 or 1, as in [`crate::num::normal`].
const Z_END: f64 = 9.0;
/// Sixteen nodes follow Φ over so many standard deviations of an LMS score.
const Z_REACH: f64 = 1.5;
/// And a power or logarithm over such a factor.
const FACTOR: f64 = 4.0;
/// The bound on the variance is sought around so many of the largest steps of a reference.
const MOST_KNOTS: usize = 64;

impl Shape {
    pub(crate) fn logistic(low: f64, high: f64) -> Self {
        Self::Logistic { middle: 0.5 * (low + high), steepness: 2.0 * libm::log(19.0) / (high - low) }
    }

    pub(crate) fn lms([l, m, s]: [f64; 3], direction: Direction) -> Self {
        Self::Lms(Lms { l, m, s, sign: sign(direction) })
    }

    /// The percentiles of one row of a norm.
    pub(crate) fn norm(norm: &Norm, row: &NormRow, is_higher_better: bool) -> Self {
        Self::Norm(NormCurve::new(norm, row, is_higher_better))
    }

    /// The score; NaN where the reading is missing.
    pub(crate) fn value(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        match self {
            Self::Desirability { rises, falls } => match (rises, falls) {
                (Some(rises), _) if x < rises.to => rises.score(x),
                (_, Some(falls)) if x > falls.from => falls.score(x),
                _ => 100.0,
            },
            Self::Logistic { middle, steepness } => logistic(steepness * (x - middle)),
            Self::Lms(lms) => lms.score(x),
            Self::Log { worst, best } => log_score(*worst, *best, x),
            Self::Ranks(ranks) => ranks.value(x),
            Self::Norm(norm) => norm.score(x),
            Self::Treated(line) => line.score(x),
        }
    }

    /// Mean and variance of the score of N(x, s²).
    pub(crate) fn moments(&self, normal: &Normal, x: f64, s: f64) -> (f64, f64) {
        let score = self.value(x);
        if x.is_nan() || s.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        if s <= 0.0 {
            return (score, 0.0);
        }
        let mut sums = Sums::new(normal, x, s, score);
        match self {
            Self::Desirability { rises, falls } => {
                if let Some(Ramp { from, to, exponent, .. }) = *rises {
                    sums.flat_below(from, 0.0);
                    sums.power(from, 1.0, to - from, exponent);
                }
                if let Some(Ramp { from, to, exponent, .. }) = *falls {
                    sums.power(to, -1.0, to - from, exponent);
                    sums.flat_above(to, 0.0);
                }
                match (rises, falls) {
                    (Some(rises), Some(falls)) => sums.flat_between(rises.to, falls.from, 100.0),
                    (Some(rises), None) => sums.flat_above(rises.to, 100.0),
                    (None, Some(falls)) => sums.flat_below(falls.from, 100.0),
                    (None, None) => {}
                }
            }
            Self::Logistic { middle, steepness } => {
                let unit = 1.0 / steepness.abs();
                let (from, to) = (middle - LOGISTIC_END * unit, middle + LOGISTIC_END * unit);
                let (below, above) = if *steepness > 0.0 { (0.0, 100.0) } else { (100.0, 0.0) };
                sums.flat_below(from, below);
                sums.flat_above(to, above);
                sums.curve(&Stretch {
                    anchor: from,
                    sign: 1.0,
                    length: to - from,
                    start: Start::Plain,
                    score: |d: f64| logistic(steepness * (d - LOGISTIC_END * unit)),
                    reach: |d: f64| d + LOGISTIC_REACH * unit,
                });
            }
            Self::Lms(lms) => lms.add(&mut sums),
            Self::Log { worst, best } => {
                let (from, to) = (worst.min(*best), worst.max(*best));
                sums.flat_below(from, self.value(from));
                sums.flat_above(to, self.value(to));
                sums.curve(&Stretch {
                    anchor: from,
                    sign: 1.0,
                    length: to - from,
                    start: Start::Plain,
                    score: |d: f64| log_score(*worst, *best, from + d),
                    reach: |d: f64| FACTOR * (from + d) - from,
                });
            }
            Self::Ranks(ranks) => return ranks.moments(normal, x, s),
            Self::Norm(norm) => norm.add(&mut sums),
            Self::Treated(line) => {
                line.add(&mut sums);
                return sums.moments_between(line.range());
            }
        }
        sums.moments()
    }

    /// The steepest slope; none where it has no bound.
    pub(crate) fn steepest(&self) -> Option<f64> {
        match self {
            Self::Desirability { rises, falls } => {
                let slope = |ramp: &Ramp| {
                    (ramp.exponent >= 1.0).then(|| 100.0 * ramp.exponent / (ramp.to - ramp.from))
                };
                rises.iter().chain(falls).map(slope).try_fold(0.0, |most: f64, slope| Some(most.max(slope?)))
            }
            Self::Logistic { steepness, .. } => Some(25.0 * steepness.abs()),
            Self::Lms(lms) => lms.steepest(),
            Self::Log { worst, best } => {
                Some(100.0 / (worst.min(*best) * libm::fabs(libm::log(best / worst))))
            }
            Self::Treated(line) => Some(line.steepest()),
            Self::Ranks(_) | Self::Norm(_) => None,
        }
    }

    /// Where something happens.
    pub(crate) fn knots(&self) -> Vec<f64> {
        match self {
            Self::Desirability { rises, falls } => {
                rises.iter().chain(falls).flat_map(|ramp| [ramp.from, ramp.to]).collect()
            }
            Self::Logistic { middle, steepness } => {
                [-8.0, -4.0, 0.0, 4.0, 8.0].map(|at| middle + at / steepness.abs()).to_vec()
            }
            Self::Lms(lms) => {
                let zs = [-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0];
                // With l above 0 the score bends where readings end, at 0.
                zs.iter().filter_map(|z| lms.at(*z)).chain((lms.l > 0.0).then_some(0.0)).collect()
            }
            Self::Log { worst, best } => vec![*worst, *best],
            Self::Ranks(ranks) => ranks.largest_steps.clone(),
            Self::Norm(norm) => norm.knots(),
            Self::Treated(line) => line.ends.map(|[x, _]| x).to_vec(),
        }
    }

    /// The lowest and the highest score.
    pub(crate) fn range(&self) -> [f64; 2] {
        match self {
            Self::Treated(line) => line.range(),
            Self::Ranks(ranks) => ranks.range(),
            _ => [0.0, 100.0],
        }
    }
}

impl TreatedLine {
    fn score(&self, x: f64) -> f64 {
        let [[low, at_low], [high, at_high]] = self.ends;
        if x <= low {
            at_low
        } else if x >= high {
            at_high
        } else {
            let [least, most] = self.range();
            ((self.transform.value(x) - self.from) * self.slope + self.level).clamp(least, most)
        }
    }

    fn range(&self) -> [f64; 2] {
        let [[_, a], [_, b]] = self.ends;
        [a.min(b), a.max(b)]
    }

    fn add(&self, sums: &mut Sums<'_>) {
        let [[low, at_low], [high, at_high]] = self.ends;
        sums.flat_below(low, at_low);
        sums.flat_above(high, at_high);
        // From the end next to the pole of the transformation.
        let (anchor, sign) = if self.transform.rises_from_min() { (low, 1.0) } else { (high, -1.0) };
        let pole = self.transform.to_pole(anchor);
        sums.curve(&Stretch {
            anchor,
            sign,
            length: high - low,
            start: Start::Plain,
            score: |d: f64| self.score(anchor + sign * d),
            reach: |d: f64| FACTOR * (pole + d) - pole,
        });
    }

    fn steepest(&self) -> f64 {
        let [[low, _], [high, _]] = self.ends;
        self.slope.abs() * self.transform.slope(low).max(self.transform.slope(high))
    }
}

impl Ramp {
    /// Rising from `from`, or falling to `to`: the exponent counts the distance from where the score is 0.
    fn score(&self, x: f64) -> f64 {
        let distance = if self.falls { self.to - x } else { x - self.from };
        power_score(distance, self.to - self.from, self.exponent)
    }
}

fn sign(direction: Direction) -> f64 {
    if direction == Direction::HigherBetter { 1.0 } else { -1.0 }
}

fn logistic(t: f64) -> f64 {
    100.0 / (1.0 + libm::exp(-t))
}

/// Every reading of 0 or less is as low as the lower post.
fn log_score(worst: f64, best: f64, x: f64) -> f64 {
    let x = x.clamp(worst.min(best), worst.max(best));
    (100.0 * libm::log(x / worst) / libm::log(best / worst)).clamp(0.0, 100.0)
}

impl Lms {
    /// z of x above 0.
    fn z(&self, x: f64) -> f64 {
        let log = libm::log(x / self.m);
        // expm1: the plain power loses its digits where l is small.
        if self.l == 0.0 { log / self.s } else { libm::expm1(self.l * log) / (self.l * self.s) }
    }

    /// The reading with this z; none if no reading has it.
    fn at(&self, z: f64) -> Option<f64> {
        let log = if self.l == 0.0 {
            self.s * z
        } else {
            let inner = self.l * self.s * z;
            if inner <= -1.0 {
                return None;
            }
            libm::log1p(inner) / self.l
        };
        Some(self.m * libm::exp(log))
    }

    /// Readings of 0 or less are as low as can be.
    fn score(&self, x: f64) -> f64 {
        let z = if x > 0.0 {
            self.z(x)
        } else if self.l > 0.0 {
            -1.0 / (self.l * self.s)
        } else {
            f64::NEG_INFINITY
        };
        50.0 * libm::erfc(-self.sign * z * std::f64::consts::FRAC_1_SQRT_2)
    }

    fn add(&self, sums: &mut Sums<'_>) {
        // Below 0 if no reading is so low: then the score starts at 0, like a power of the reading.
        let lowest = self.at(-Z_END);
        let from = lowest.unwrap_or(0.0);
        let to = self.at(Z_END).unwrap_or(f64::INFINITY);
        sums.flat_below(from, self.score(from));
        if to.is_finite() {
            sums.flat_above(to, self.score(to));
        }
        sums.curve(&Stretch {
            anchor: from,
            sign: 1.0,
            length: to - from,
            start: if lowest.is_some() || self.l == 1.0 { Start::Plain } else { Start::Power(self.l) },
            score: |d: f64| self.score(from + d),
            reach: |d: f64| {
                let x = from + d;
                let z = if x > 0.0 { self.z(x) } else { -1.0 / (self.l * self.s) };
                let by_z = self.at(z + Z_REACH).unwrap_or(f64::INFINITY);
                (if x > 0.0 { by_z.min(FACTOR * x) } else { by_z }) - from
            },
        });
    }

    /// **Formula** 100 φ(z) dz/dx, dz/dx = (x/m)ˡ⁻¹/(m s), is largest where l s z² + z = (l − 1) s. For 0 < l < 1 it has
    /// no bound at 0.
    fn steepest(&self) -> Option<f64> {
        let Self { l, m, s, .. } = *self;
        if l > 0.0 && l < 1.0 {
            return None;
        }
        let z = 2.0 * (l - 1.0) * s / (1.0 + libm::sqrt(1.0 + 4.0 * l * (l - 1.0) * s * s));
        let x = self.at(z)?;
        let density = libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * std::f64::consts::PI);
        Some(100.0 * density * libm::pow(x / m, l - 1.0) / (m * s))
    }
}

impl Ranks {
    pub(crate) fn new(reference: &Reference) -> Self {
        let mut values: Vec<(f64, f64)> =
            reference.values.iter().copied().zip(reference.weights()).filter(|(_, w)| *w > 0.0).collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for (value, weight) in values {
            match steps.last_mut() {
                Some((last, sum)) if *last == value => *sum += weight,
                _ => steps.push((value, weight)),
            }
        }
        let total: f64 = steps.iter().map(|(_, weight)| weight).sum();
        let falls = reference.direction == Direction::LowerBetter;
        let mut below = 0.0;
        let mut between = Vec::with_capacity(steps.len() + 1);
        let score = |below: f64| {
            let share = (100.0 * below / total).clamp(0.0, 100.0);
            if falls { 100.0 - share } else { share }
        };
        between.push(score(0.0));
        for (_, weight) in &steps {
            below += weight;
            between.push(score(below));
        }
        // The last sum is the total, in the same order: exactly 100.
        let at: Vec<f64> = steps.iter().map(|(value, _)| *value).collect();
        let largest_steps = largest_steps(steps);
        Self { at, between, on: Vec::new(), largest_steps }
    }

    /// Of values that ascend, with the scores between them, one more than there are, and on them.
    pub(crate) fn counted(at: Vec<f64>, counts: &[usize], between: Vec<f64>, on: Vec<f64>) -> Self {
        let steps = at.iter().zip(counts).map(|(value, count)| (*value, *count as f64)).collect();
        Self { at, between, on, largest_steps: largest_steps(steps) }
    }

    fn range(&self) -> [f64; 2] {
        let all = self.between.iter().chain(&self.on);
        all.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(*x), high.max(*x)])
    }

    fn value(&self, x: f64) -> f64 {
        let band = self.at.partition_point(|at| *at < x);
        let here = self.between.get(band).copied().unwrap_or(f64::NAN);
        if self.at.get(band) == Some(&x) {
            if let Some(on) = self.on.get(band) {
                return *on;
            }
            let next = self.between.get(band + 1).copied().unwrap_or(here);
            return 0.5 * (here + next);
        }
        here
    }

    /// Only the steps within nine errors: beyond them the normal counts as 0.
    fn moments(&self, normal: &Normal, x: f64, s: f64) -> (f64, f64) {
        let first = self.at.partition_point(|at| *at < x - Z_END * s);
        let last = self.at.partition_point(|at| *at <= x + Z_END * s);
        let (at, between) = (self.at.get(first..last), self.between.get(first..=last));
        step_moments_per(normal, at.unwrap_or_default(), between.unwrap_or_default(), x, 1.0 / s)
    }
}

/// The values where most changes, and both ends.
fn largest_steps(mut steps: Vec<(f64, f64)>) -> Vec<f64> {
    let ends = [steps.first().copied(), steps.last().copied()];
    steps.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.total_cmp(&b.0)));
    let largest = steps.into_iter().take(MOST_KNOTS);
    largest.chain(ends.into_iter().flatten()).map(|(value, _)| value).collect()
}

#[cfg(test)]
mod tests;
