//! An indicator ready to run over blocks of persons: score, its variance under re-measurement, and its posterior.
//!
//! **What is missing or incomplete counts with the largest error it could have.** A score from fewer readings
//! rests on another value, whose own error may happen to be small; with this rule fewer readings never look
//! more certain, for any utility and any person.

use super::{
    curve::Curve,
    fill::Fill,
    noise::{Behind, Learned, Noise},
};
use crate::{
    cohort::{Flag, Flags},
    num::normal::{Normal, normal},
};

/// Where a reading comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A position in the list of scales that are scored.
    Scale(usize),
    Measure(usize),
}

/// A block of one reading: values, NaN where missing, and what is behind each, where that varies.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Block<'a> {
    pub(crate) x: &'a [f64],
    pub(crate) count: Option<&'a [u8]>,
    /// Of values that a device averaged.
    pub(crate) days: Option<&'a [u16]>,
    /// In days, where ages are named; NaN where one is not known.
    pub(crate) age: Option<&'a [f64]>,
}

impl Block<'_> {
    #[inline]
    pub(super) fn at(&self, row: usize) -> f64 {
        self.x.get(row).copied().unwrap_or(f64::NAN)
    }

    #[inline]
    pub(super) fn count(&self, row: usize, full: usize) -> usize {
        self.count.map_or(full, |count| count.get(row).map_or(0, |n| usize::from(*n)))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) curve: Curve,
    pub(crate) sources: Vec<Source>,
    /// What stands in for a missing reading or score.
    pub(crate) fill: Option<Fill>,
    /// One a noisy reading; none if the indicator declares no error.
    pub(super) noise: Option<Vec<Noise>>,
    /// Whether persons differ in the age of their readings, or in the days behind them.
    varies: bool,
    /// The variance, where it is the same for everyone.
    constant: Option<f64>,
    /// The largest variance by how little is behind the reading: 0 missing, 1 incomplete, 2 complete.
    pub(super) spread_bound: [f64; 3],
    pub(super) posterior_bound: [f64; 3],
    /// Mean and variance of the score in the reference: what is known of a missing one.
    pub(super) prior: Option<(f64, f64)>,
    /// Lowest and highest possible reading.
    limits: Option<[f64; 2]>,
    /// Lowest and highest reading of the reference, where the utility learned its range there.
    seen: Option<[f64; 2]>,
}

/// The largest of a grid is inflated by this: the peak may lie between two of its points.
const GRID_MARGIN: f64 = 1.01;

/// Readings from −6 to 6 standard deviations, in so many steps either way.
const MULTIPLE_RANGE: f64 = 6.0;
const MULTIPLE_GRID: i32 = 1500;

impl Leaf {
    pub(crate) fn new(
        curve: Curve,
        sources: Vec<Source>,
        noise: Option<Vec<Noise>>,
        learned: Option<&Learned>,
        limits: Option<[f64; 2]>,
    ) -> Self {
        let prior = learned.map(|learned| (learned.mean, learned.sd * learned.sd));
        let varies = noise.iter().flatten().any(Noise::varies);
        let mut leaf = Self {
            curve,
            sources,
            fill: None,
            noise,
            varies,
            constant: None,
            spread_bound: [f64::NAN; 3],
            posterior_bound: [f64::NAN; 3],
            prior,
            limits,
            seen: None,
        };
        leaf.bound();
        leaf
    }

    /// Flags readings outside of what the reference has seen.
    pub(crate) fn with_seen(mut self, seen: Option<[f64; 2]>) -> Self {
        self.seen = seen;
        self
    }

    pub(crate) fn seen(&self) -> Option<[f64; 2]> {
        self.seen
    }

    /// For a leaf below a power mean: with anything missing or incomplete there is no variance. The slopes of such
    /// a mean depend on the scores themselves, so that no bound on a leaf bounds what is above it.
    pub(crate) fn refuse_incomplete(&mut self) {
        self.constant = None;
        for bound in [&mut self.spread_bound, &mut self.posterior_bound] {
            let [missing, incomplete, _] = bound;
            (*missing, *incomplete) = (f64::NAN, f64::NAN);
        }
    }

    /// Whether its score has a variance.
    pub(crate) fn has_spread(&self) -> bool {
        self.noise.is_some()
    }

    /// Whether its score has a posterior.
    pub(crate) fn has_posterior(&self) -> bool {
        self.prior.is_some() && self.noise.as_ref().is_some_and(|noise| noise.iter().all(Noise::has_prior))
    }

    /// The largest variance it can have for anyone.
    pub(crate) fn largest_spread(&self) -> f64 {
        self.spread_bound[0]
    }

    pub(crate) fn largest_posterior(&self) -> f64 {
        self.posterior_bound[0]
    }

    /// The variance, where it is the same for everyone whose reading is one constant error away from the truth.
    pub(crate) fn constant_spread(&self) -> Option<f64> {
        self.constant
    }

    /// Fills the bounds from grids over everything that can happen.
    fn bound(&mut self) {
        let Some(noise) = self.noise.clone() else { return };
        if self.varies {
            self.bound_varying(&noise);
            return;
        }
        let fewest: Vec<usize> = noise.iter().map(|noise| noise.full().min(1)).collect();
        let full: Vec<usize> = noise.iter().map(Noise::full).collect();
        let spread = |counts: &[usize]| self.largest_spread_of(&noise, &behind_today(counts));
        let complete = spread(&full);
        let incomplete = complete.max(spread(&fewest));
        let spread_bound = match noise.as_slice() {
            [one]
                if one.full() == 1
                    && !one.is_proportional()
                    && (one.linear && self.curve.steepest().is_some()
                        || matches!(self.curve, Curve::Standard { .. })) =>
            {
                self.constant = Some(self.spread_of(normal(), |_| 0.0, |_, x| one.sd(x, 1)));
                [self.constant.unwrap_or(f64::NAN); 3]
            }
            _ => [incomplete, incomplete, complete],
        };
        let mut posterior_bound = [f64::NAN; 3];
        if let Some((_, variance)) = self.prior.filter(|_| self.has_posterior()) {
            let posterior = |counts: &[usize]| self.largest_posterior_of(&noise, &behind_today(counts));
            let complete = posterior(&full);
            let incomplete = complete.max(posterior(&fewest));
            posterior_bound = [incomplete.max(variance), incomplete, complete];
        }
        self.spread_bound = spread_bound;
        self.posterior_bound = posterior_bound;
    }

    /// The largest variance of any reading with this behind it.
    pub(super) fn largest_spread_of(&self, noise: &[Noise], behind: &[Behind]) -> f64 {
        let sd = |k: usize, x: f64| sd_of(noise, behind, k, x);
        self.largest(noise, sd, |x| self.spread_of(normal(), |k| x.get(k).copied().unwrap_or(f64::NAN), sd))
    }

    pub(super) fn largest_posterior_of(&self, noise: &[Noise], behind: &[Behind]) -> f64 {
        let sd = |k: usize, x: f64| sd_of(noise, behind, k, x);
        self.largest(noise, sd, |x| {
            self.posterior_of(normal(), |k| x.get(k).copied().unwrap_or(f64::NAN), sd).1
        })
    }

    /// The largest of `variance` over a grid of readings around the knots of the curve, a little inflated.
    fn largest(
        &self,
        noise: &[Noise],
        sd: impl Fn(usize, f64) -> f64,
        variance: impl Fn(&[f64]) -> f64,
    ) -> f64 {
        // Half the range, squared, bounds the variance of anything that has ends.
        if noise.len() > 2 {
            return self.curve.cap();
        }
        // Straight without ends, and an error that grows with the reading: as far as readings can go.
        if let [one] = noise
            && one.is_proportional()
            && (one.linear && self.curve.steepest().is_some() || matches!(self.curve, Curve::Standard { .. }))
        {
            return self
                .limits
                .map_or(f64::INFINITY, |ends| ends.iter().map(|x| variance(&[*x, 0.0])).fold(0.0, f64::max));
        }
        let strata = self.curve.strata();
        let is_smooth = self.curve.is_smooth();
        let is_norm = is_smooth && strata.len() > 1;
        let per_axis = match noise {
            // A curve takes a quadrature a point, and has no jumps that a coarse grid would miss.
            [_] if is_norm => 60,
            [_] if is_smooth => 500,
            [_] => 4000,
            _ => 160,
        };
        let axis = |k: usize| -> Vec<f64> {
            let knots = self.curve.knots().into_iter().nth(k).unwrap_or_default();
            let (lowest, highest) = knots
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), knot| (a.min(*knot), b.max(*knot)));
            let s = sd(k, highest.abs().max(lowest.abs()));
            let from = lowest - 5.0 * s;
            let width = highest + 5.0 * s - from;
            let coarse = (0..=per_axis).map(|i| from + width * f64::from(i) / f64::from(per_axis));
            // Where knots lie many errors apart, the grid is too coarse to see what happens at each.
            let fine = |knot: &f64| {
                let s = sd(k, *knot);
                // A root or a tie is as narrow as the error; the norms of many strata have neither.
                let is_coarse = !is_norm && 4.0 * width > f64::from(per_axis) * s;
                let (steps, knot) = (if is_coarse { 20 } else { 0 }, *knot);
                (-steps..=steps).map(move |i| knot + s * f64::from(i) / 4.0).filter(move |_| is_coarse)
            };
            coarse.chain(knots.iter().flat_map(fine)).collect()
        };
        let axes: Vec<Vec<f64>> = (0..noise.len()).map(axis).collect();
        let mut largest: f64 = 0.0;
        let mut visit = |x: &[f64]| {
            let found = variance(x);
            if found > largest {
                largest = found;
            }
        };
        for stratum in &strata {
            match axes.as_slice() {
                [one] => {
                    for x in one {
                        visit(&[&[*x], stratum.as_slice()].concat());
                    }
                }
                [one, two] => {
                    for (x, y) in one.iter().flat_map(|x| two.iter().map(move |y| (x, y))) {
                        visit(&[&[*x, *y], stratum.as_slice()].concat());
                    }
                }
                _ => {}
            }
        }
        largest * GRID_MARGIN
    }

    /// Scores a block; flags what a rule leaves open, and too few readings.
    pub(crate) fn score(&self, blocks: &[Block<'_>], out: &mut [f64], flags: &mut [Flags]) {
        let Some(first) = blocks.first() else { return };
        match &self.curve {
            Curve::Line { from, slope, .. } => {
                for (out, x) in out.iter_mut().zip(first.x) {
                    *out = super::curve::clamp((x - from) * slope);
                }
            }
            Curve::Ramp { from, slope, level, points } => {
                for (out, x) in out.iter_mut().zip(first.x) {
                    *out = super::curve::ramp(*x, *from, *slope, *level, points);
                }
            }
            Curve::Bands(bands) => {
                for (out, x) in out.iter_mut().zip(first.x) {
                    *out = bands.value(*x);
                }
            }
            curve => {
                for (row, out) in out.iter_mut().enumerate() {
                    *out = curve.value(|k| blocks.get(k).map_or(f64::NAN, |block| block.at(row)));
                }
            }
        }
        if let Some(seen) = self.seen {
            flag_unseen(first.x, seen, flags);
        }
        if self.curve.has_cases() {
            for (row, flags) in flags.iter_mut().enumerate() {
                if self.curve.case(&|k| blocks.get(k).map_or(f64::NAN, |block| block.at(row))).is_some() {
                    flags.insert(Flag::RuleCase);
                }
            }
        }
    }

    /// The variance of each score under re-measurement.
    pub(crate) fn spread(&self, blocks: &[Block<'_>], scores: &[f64], out: &mut [f64]) {
        let normal = normal();
        if let Some(constant) = self.constant_spread() {
            out.fill(constant);
            return;
        }
        let Some(noise) = &self.noise else {
            out.fill(f64::NAN);
            return;
        };
        if self.varies {
            self.spread_varying(noise, blocks, scores, out);
            return;
        }
        if let (Curve::Bands(bands), [noise], [block]) = (&self.curve, noise.as_slice(), blocks)
            && !noise.is_proportional()
        {
            // Steps with one constant error are what a published rule mostly is: nothing is chosen per person.
            let [missing, incomplete, most] = self.spread_bound;
            let full = noise.full();
            let per_s = 1.0 / noise.sd(0.0, full);
            for (row, ((out, score), x)) in out.iter_mut().zip(scores).zip(block.x).enumerate() {
                *out = if score.is_nan() {
                    missing
                } else if block.count(row, full) < full {
                    incomplete
                } else {
                    bands.variance_per(normal, *x, per_s).min(most)
                };
            }
            return;
        }
        for (row, (out, score)) in out.iter_mut().zip(scores).enumerate() {
            let completeness = Self::completeness(noise, blocks, row, *score);
            *out = if completeness == 2 {
                let sd = |k: usize, x: f64| noise.get(k).map_or(0.0, |noise| noise.sd(x, noise.full()));
                let exact =
                    self.spread_of(normal, |k| blocks.get(k).map_or(f64::NAN, |block| block.at(row)), sd);
                exact.min(self.spread_bound[2])
            } else {
                self.spread_bound.get(completeness).copied().unwrap_or(f64::NAN)
            };
        }
    }

    /// Mean and variance of each true score under the calibration.
    pub(crate) fn posterior(&self, blocks: &[Block<'_>], scores: &[f64], means: &mut [f64], out: &mut [f64]) {
        let normal = normal();
        let (Some(noise), Some((prior_mean, _))) = (&self.noise, self.prior) else {
            means.fill(f64::NAN);
            out.fill(f64::NAN);
            return;
        };
        if self.varies {
            self.posterior_varying(blocks, scores, means, out);
            return;
        }
        for (row, ((out, mean), score)) in out.iter_mut().zip(means).zip(scores).enumerate() {
            let completeness = Self::completeness(noise, blocks, row, *score);
            if completeness == 0 {
                (*mean, *out) = (prior_mean, self.posterior_bound[0]);
                continue;
            }
            let sd = |k: usize, x: f64| {
                noise
                    .get(k)
                    .zip(blocks.get(k))
                    .map_or(0.0, |(noise, block)| noise.sd(x, block.count(row, noise.full())))
            };
            let (centre, variance) =
                self.posterior_of(normal, |k| blocks.get(k).map_or(f64::NAN, |block| block.at(row)), sd);
            *mean = centre;
            *out = if completeness == 2 {
                variance.min(self.posterior_bound[2])
            } else {
                self.posterior_bound[1]
            };
        }
    }

    /// How many √v the interval of an index of this leaf alone reaches to either side, where it has steps; none for the
    /// normal quantile, which is right for a line and close for everything that bends.
    ///
    /// **Formula** the quantile of |u(X) − m|/√v at `level` over the calibration, X ~ N(μ, τ²) and its reading x ~
    /// N(X, s²): the score of a true X is one of a few levels, and no normal. At least 1, so that a level as probable as
    /// all others together is never left out.
    pub(crate) fn interval_multiple(&self, level: f64) -> Option<f64> {
        let (Curve::Bands(bands), Some([noise])) = (&self.curve, self.noise.as_deref()) else { return None };
        // One error for everybody, and not that of the steepest slope.
        if self.varies || noise.is_proportional() || noise.linear {
            return None;
        }
        let s = noise.sd(0.0, noise.full());
        // X | x ~ N(μ + R (x − μ), R s²) at two readings gives μ and R.
        let ((at_0, sd), (at_1, _)) = (noise.posterior(0.0, s)?, noise.posterior(1.0, s)?);
        let share = at_1 - at_0;
        let (mean, sd_of_readings) = (at_0 / (1.0 - share), s / libm::sqrt(1.0 - share));
        if !(share > 0.0 && share < 1.0 && mean.is_finite() && sd_of_readings.is_finite()) {
            return None;
        }
        let mut found: Vec<(f64, f64)> = Vec::new();
        let mut all = 0.0;
        for k in -MULTIPLE_GRID..=MULTIPLE_GRID {
            let z = MULTIPLE_RANGE * f64::from(k) / f64::from(MULTIPLE_GRID);
            let weight = normal().density(z);
            let centre = mean + share * sd_of_readings * z;
            let (m, v) = bands.moments(normal(), centre, sd);
            bands.each_level(normal(), centre, sd, |score, p| {
                // Where one level is certain nothing is off.
                let off = if v > 0.0 { (score - m).abs() / libm::sqrt(v) } else { 0.0 };
                found.push((off, weight * p));
                all += weight * p;
            });
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut within = 0.0;
        let reached = found.iter().find(|(_, weight)| {
            within += weight;
            within >= level * all
        });
        reached.map(|(off, _)| off.max(1.0))
    }

    /// 0 missing, 1 incomplete, 2 complete.
    #[inline]
    fn completeness(noise: &[Noise], blocks: &[Block<'_>], row: usize, score: f64) -> usize {
        if score.is_nan() {
            return 0;
        }
        let complete =
            noise.iter().zip(blocks).all(|(noise, block)| block.count(row, noise.full()) >= noise.full());
        if complete { 2 } else { 1 }
    }

    /// The variance of the score of readings `x(k)` with errors `sd(k, x)`.
    #[inline]
    pub(super) fn spread_of(
        &self,
        normal: &Normal,
        x: impl Fn(usize) -> f64,
        sd: impl Fn(usize, f64) -> f64,
    ) -> f64 {
        let noise = self.noise.as_deref().unwrap_or_default();
        let reading = |k: usize| {
            let x = x(k);
            (x, if k < noise.len() { sd(k, x) } else { 0.0 })
        };
        match (noise.first(), self.curve.steepest()) {
            (Some(first), Some(slope)) if first.linear => {
                let (_, s) = reading(0);
                (slope * s) * (slope * s)
            }
            _ => self.curve.moments(normal, reading).1,
        }
    }

    /// Mean and variance of the true score given readings `x(k)` with errors `sd(k, x)`.
    #[inline]
    pub(super) fn posterior_of(
        &self,
        normal: &Normal,
        x: impl Fn(usize) -> f64,
        sd: impl Fn(usize, f64) -> f64,
    ) -> (f64, f64) {
        let noise = self.noise.as_deref().unwrap_or_default();
        let reading = |k: usize| {
            let x = x(k);
            noise
                .get(k)
                .map_or((x, 0.0), |noise| noise.posterior(x, sd(k, x)).unwrap_or((f64::NAN, f64::NAN)))
        };
        match (noise.first(), self.curve.steepest()) {
            (Some(first), Some(slope)) if first.linear => {
                let (centre, s) = reading(0);
                let at_centre = self.curve.value(|k| if k == 0 { centre } else { x(k) });
                (at_centre, (slope * s) * (slope * s))
            }
            _ => self.curve.moments(normal, reading),
        }
    }

    /// Flags persons with fewer readings than declared.
    pub(crate) fn flag_counts(blocks: &[Block<'_>], full: &[usize], scales: &[bool], flags: &mut [Flags]) {
        for ((block, full), is_scale) in blocks.iter().zip(full).zip(scales) {
            let (Some(counts), flag) =
                (block.count, if *is_scale { Flag::Prorated } else { Flag::FewReadings })
            else {
                continue;
            };
            for ((count, x), flags) in counts.iter().zip(block.x).zip(flags.iter_mut()) {
                if usize::from(*count) < *full && !x.is_nan() {
                    flags.insert(flag);
                }
            }
        }
    }
}

/// Flags readings outside `seen`. Mostly there are none in a block, which a pass without a branch finds out.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
pub(crate) fn flag_unseen(x: &[f64], [low, high]: [f64; 2], flags: &mut [Flags]) {
    #[expect(clippy::needless_bitwise_bool, reason = "no branch in a loop over persons")]
    let is_unseen = |x: &f64| (*x < low) | (*x > high);
    if x.iter().fold(false, |any, x| any | is_unseen(x)) {
        for (x, flags) in x.iter().zip(flags) {
            flags.insert_if(Flag::OutsideReference, is_unseen(x));
        }
    }
}

/// Readings of today, so many each.
fn behind_today(counts: &[usize]) -> Vec<Behind> {
    counts.iter().map(|count| Behind { count: *count, age: 0.0 }).collect()
}

/// The error sd of reading `k`; 0 for one without an error.
pub(super) fn sd_of(noise: &[Noise], behind: &[Behind], k: usize, x: f64) -> f64 {
    noise.get(k).zip(behind.get(k)).map_or(0.0, |(noise, behind)| noise.sd_behind(x, *behind))
}
