//! Errors that differ from person to person by the age of their readings, or by the days a device averaged.
//!
//! **Older readings and fewer days never look more certain.** The score of a noisier reading may have a *smaller*
//! variance: far from a narrow best range nearly every new reading would score 0. So a reading counts with the largest
//! variance that it would have had on the way from the best error, of today and with all that can be behind it, to its
//! own. Where the variance grows with the error, as it mostly does, that is the variance itself.

use super::{
    curve::Curve,
    leaf::{Block, Leaf, sd_of},
    noise::{Behind, Noise},
};
use crate::num::{
    normal::{Normal, normal},
    peak::largest_up_to,
};

/// Ages tried for a bound, from today to the oldest: the error grows with their root.
const AGES: u32 = 8;
/// With a grid over two readings at each.
const AGES_OF_TWO: u32 = 2;

impl Leaf {
    /// Fills the bounds: what is missing, incomplete or of unknown age counts with the largest error of any reading
    /// that counts, at any age it can have.
    pub(super) fn bound_varying(&mut self, noise: &[Noise]) {
        let straight = matches!(self.curve, Curve::Standard { .. })
            || (noise.first().is_some_and(|first| first.linear) && self.curve.steepest().is_some());
        let is_endless = noise.iter().any(|noise| noise.drifts() && noise.oldest().is_infinite());
        let spread = match (is_endless, straight) {
            (true, true) => f64::INFINITY,
            (true, false) => self.curve.cap(),
            // The same for every reading: no grid, and no margin for what lies between its points.
            (false, true) if !noise.iter().any(Noise::is_proportional) => states(noise, Noise::oldest)
                .map(|behind| self.spread_of(normal(), |_| 0.0, |k, x| sd_of(noise, &behind, k, x)))
                .fold(0.0, f64::max),
            (false, _) => states(noise, Noise::oldest)
                .map(|behind| self.largest_spread_of(noise, &behind))
                .fold(0.0, f64::max),
        };
        self.spread_bound = [spread; 3];
        if let Some((_, variance)) = self.prior.filter(|_| self.has_posterior()) {
            let oldest = |noise: &Noise| noise.oldest().min(noise.spent());
            let posterior = states(noise, oldest)
                .map(|behind| self.largest_posterior_of(noise, &behind))
                .fold(0.0, f64::max);
            self.posterior_bound = [posterior.max(variance), posterior, posterior];
        }
    }

    /// The variance of each score under re-measurement.
    pub(super) fn spread_varying(
        &self,
        noise: &[Noise],
        blocks: &[Block<'_>],
        scores: &[f64],
        out: &mut [f64],
    ) {
        let normal = normal();
        for (row, (out, score)) in out.iter_mut().zip(scores).enumerate() {
            let [missing, incomplete, most] = self.spread_bound;
            *out = if score.is_nan() {
                missing
            } else if !is_known(noise, blocks, row) {
                incomplete
            } else {
                let x = |k: usize| blocks.get(k).map_or(f64::NAN, |block| block.at(row));
                let largest = self.largest_on_the_way(noise, blocks, row, |sd| self.spread_of(normal, x, sd));
                at_most(largest, most)
            };
        }
    }

    /// Mean and variance of each true score under the calibration.
    pub(super) fn posterior_varying(
        &self,
        blocks: &[Block<'_>],
        scores: &[f64],
        means: &mut [f64],
        out: &mut [f64],
    ) {
        let normal: &Normal = normal();
        let (noise, prior_mean) =
            (self.noise.as_deref().unwrap_or_default(), self.prior.map_or(f64::NAN, |(mean, _)| mean));
        for (row, ((out, mean), score)) in out.iter_mut().zip(means).zip(scores).enumerate() {
            let [missing, incomplete, most] = self.posterior_bound;
            if score.is_nan() {
                (*mean, *out) = (prior_mean, missing);
                continue;
            }
            let x = |k: usize| blocks.get(k).map_or(f64::NAN, |block| block.at(row));
            let own = |k: usize, x: f64| own_sd(noise, blocks, row, k, x);
            *mean = self.posterior_of(normal, x, own).0;
            *out = if is_known(noise, blocks, row) {
                let largest =
                    self.largest_on_the_way(noise, blocks, row, |sd| self.posterior_of(normal, x, sd).1);
                at_most(largest, most)
            } else {
                incomplete
            };
        }
    }

    /// The largest `variance` on the way from the best error to the own one. Several readings grow noisier together,
    /// by the largest of their ratios, so that each alone can only add.
    fn largest_on_the_way(
        &self,
        noise: &[Noise],
        blocks: &[Block<'_>],
        row: usize,
        variance: impl Fn(&dyn Fn(usize, f64) -> f64) -> f64,
    ) -> f64 {
        let x = |k: usize| blocks.get(k).map_or(f64::NAN, |block| block.at(row));
        let best = |k: usize, x: f64| noise.get(k).map_or(0.0, |noise| noise.sd(x, noise.full()));
        let own = |k: usize, x: f64| own_sd(noise, blocks, row, k, x);
        if matches!(self.curve, Curve::Standard { .. }) {
            return variance(&own);
        }
        if noise.len() == 1 {
            return largest_up_to(best(0, x(0)), own(0, x(0)), |s| variance(&|_, _| s));
        }
        let ratio = |k: usize| own(k, x(k)) / best(k, x(k));
        let growth =
            (0..noise.len()).map(ratio).fold(1.0, |most: f64, own| if own > most { own } else { most });
        if growth.is_finite() {
            largest_up_to(1.0, growth, |growth| variance(&|k, x| best(k, x) * growth))
        } else {
            f64::INFINITY
        }
    }
}

/// What can be behind a reading: all or the least there is, from today to the age that `oldest` says.
fn states<'a>(
    noise: &'a [Noise],
    oldest: impl Fn(&Noise) -> f64 + Copy + 'a,
) -> impl Iterator<Item = Vec<Behind>> + 'a {
    let drifts = noise.iter().any(Noise::drifts);
    let ages = match (drifts, noise.len()) {
        (false, _) => 0,
        (true, 1) => AGES,
        (true, _) => AGES_OF_TWO,
    };
    [true, false].into_iter().flat_map(move |is_full| {
        (0..=ages).map(move |step| {
            let share = if ages == 0 { 0.0 } else { f64::from(step) / f64::from(ages) };
            let of = |noise: &Noise| Behind {
                count: if is_full { noise.full() } else { noise.full().min(1) },
                age: if noise.drifts() && step > 0 { oldest(noise) * share * share } else { 0.0 },
            };
            noise.iter().map(of).collect()
        })
    })
}

/// Whether nothing is missing behind the score of a row, and every age that counts is known.
fn is_known(noise: &[Noise], blocks: &[Block<'_>], row: usize) -> bool {
    noise.iter().zip(blocks).all(|(noise, block)| {
        let is_complete = block.count(row, noise.full()) >= noise.full();
        is_complete && !(noise.drifts() && age(block, row).is_nan())
    })
}

/// The error sd of a row's reading `k`; one of unknown age as if it were of today.
fn own_sd(noise: &[Noise], blocks: &[Block<'_>], row: usize, k: usize, x: f64) -> f64 {
    let (Some(noise), Some(block)) = (noise.get(k), blocks.get(k)) else { return 0.0 };
    let days = block.days.and_then(|days| days.get(row)).map(|days| usize::from(*days));
    let age = age(block, row);
    let behind = Behind {
        count: days.filter(|_| noise.by_days()).unwrap_or_else(|| block.count(row, noise.full())),
        age: if age.is_nan() { 0.0 } else { age },
    };
    noise.sd_behind(x, behind)
}

fn age(block: &Block<'_>, row: usize) -> f64 {
    block.age.map_or(0.0, |age| age.get(row).copied().unwrap_or(f64::NAN))
}

/// Not `f64::min`, which would turn an unknown variance into the largest.
fn at_most(variance: f64, most: f64) -> f64 {
    if variance > most { most } else { variance }
}
