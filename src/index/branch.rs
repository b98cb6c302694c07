//! A node of the tree ready to run: how the scores of its children become its own, with their variance.

use crate::{
    cohort::{Flag, Flags},
    definition::parts::{Aggregate, Node},
    indicator::Leaf,
};

#[derive(Debug, Clone)]
pub(crate) struct Branch {
    /// Slots and weights; the weights sum to 1.
    pub(super) children: Vec<(usize, f64)>,
    pub(super) aggregate: Aggregate,
    /// The share of the weights needed, less a hair for rounding.
    needed: f64,
    /// By child: the largest variance of its score and of its posterior.
    largest: Vec<(f64, f64)>,
    largest_spread: f64,
    largest_posterior: f64,
    /// Half the range of the children, squared: no variance is larger.
    cap: f64,
}

/// A share that misses its threshold by rounding alone has not missed it.
const HAIR: f64 = 1e-9;

/// The columns of one slot of a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Slot {
    pub(super) value: Vec<f64>,
    /// Variance under re-measurement.
    pub(super) spread: Vec<f64>,
    /// Mean and variance of the true score under the calibration.
    pub(super) mean: Vec<f64>,
    pub(super) posterior: Vec<f64>,
    /// The share of the weights below that is observed.
    pub(super) coverage: Vec<f64>,
}

impl Branch {
    pub(super) fn new(
        children: Vec<(usize, f64)>,
        node: &Node,
        leaves: &[Leaf],
        branches: &[Branch],
    ) -> Self {
        let of = |slot: usize| -> (f64, f64, f64) {
            match leaves.get(slot) {
                Some(leaf) => (leaf.largest_spread(), leaf.largest_posterior(), leaf.curve.cap()),
                None => branches
                    .get(slot.wrapping_sub(leaves.len()))
                    .map_or((f64::NAN, f64::NAN, 0.0), |b| (b.largest_spread, b.largest_posterior, b.cap)),
            }
        };
        let cap = children.iter().map(|(slot, _)| of(*slot).2).fold(0.0, f64::max);
        let largest: Vec<(f64, f64)> = children.iter().map(|(slot, _)| (of(*slot).0, of(*slot).1)).collect();
        let sum = |pick: fn(&(f64, f64)) -> f64| -> f64 {
            children.iter().zip(&largest).map(|((_, w), largest)| w * w * pick(largest)).sum()
        };
        let needed = node.at_least - HAIR;
        // Without one of its children a mean that is not arithmetic has no variance, and so it has none without all.
        let is_arithmetic = node.aggregate.power == 1.0 && node.aggregate.floor == 0.0;
        let largest_spread =
            if is_arithmetic { at_most(sum(|l| l.0) / (needed * needed), cap) } else { f64::NAN };
        let largest_posterior = if is_arithmetic { at_most(sum(|l| l.1), cap) } else { f64::NAN };
        Self { aggregate: node.aggregate, needed, largest, largest_spread, largest_posterior, cap, children }
    }

    /// For a node below a power mean: with a child missing there is no variance; see [`Leaf::refuse_incomplete`].
    pub(super) fn refuse_incomplete(&mut self) {
        self.largest.fill((f64::NAN, f64::NAN));
    }

    /// Linear in its children.
    pub(crate) fn is_arithmetic(&self) -> bool {
        self.aggregate.power == 1.0 && self.aggregate.floor == 0.0
    }

    /// Slots and weights; the weights sum to 1.
    pub(crate) fn children(&self) -> &[(usize, f64)] {
        &self.children
    }

    pub(crate) fn aggregate(&self) -> Aggregate {
        self.aggregate
    }

    /// The mean of children none of which is missing; as [`arithmetic`](Self::arithmetic) and [`power`](Self::power)
    /// have it for them.
    pub(crate) fn mean(&self, values: impl Iterator<Item = f64> + Clone) -> f64 {
        let weighed = values.zip(&self.children).map(|(value, (_, weight))| (value, *weight));
        if self.is_arithmetic() {
            // z and T may be negative: no floor here, not even one of 0.
            let (num, den) = weighed.fold((0.0, 0.0), |(num, den), (x, w)| (num + w * x, den + w));
            return num / den;
        }
        power_mean(self.aggregate.power, weighed, self.aggregate.floor)
    }

    /// The variance before renormalisation, if no child's depends on the person.
    pub(super) fn constant_spread(&self, leaves: &[Leaf]) -> Option<f64> {
        self.children.iter().map(|(slot, w)| Some(w * w * leaves.get(*slot)?.constant_spread()?)).sum()
    }

    /// **Formula** Σ w x / Σ w over the observed children; what is missing is renormalised away.
    ///
    /// The variance under re-measurement is Σ w² Var / (Σ w)², a missing child with the largest variance it could
    /// have, so that fewer readings never look more certain.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn finish_arithmetic(&self, num: &[f64], den: &[f64], value: &mut [f64]) {
        for ((value, num), den) in value.iter_mut().zip(num).zip(den) {
            *value = if *den >= self.needed { num / den } else { f64::NAN };
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn arithmetic(&self, children: &[Slot], own: &mut Slot, num: &mut [f64], den: &mut [f64]) {
        num.fill(0.0);
        den.fill(0.0);
        own.coverage.fill(0.0);
        let of = |(slot, weight): &(usize, f64), pick: fn(&Slot) -> &Vec<f64>| -> Weighed<'_> {
            Weighed { x: children.get(*slot).map_or(&[], |child| pick(child).as_slice()), weight: *weight }
        };
        // Three children a pass keep the sums in registers; more streams, and the loop is no longer vectors.
        let mut rest = self.children.as_slice();
        while let [a, b, c, more @ ..] = rest {
            accumulate(num, den, [a, b, c].map(|child| of(child, |slot| &slot.value)));
            add_up(&mut own.coverage, [a, b, c].map(|child| of(child, |slot| &slot.coverage)));
            rest = more;
        }
        for child in rest {
            accumulate(num, den, [of(child, |slot| &slot.value)]);
            add_up(&mut own.coverage, [of(child, |slot| &slot.coverage)]);
        }
        self.finish_arithmetic(num, den, &mut own.value);
    }

    /// The same where all children are goalposts of single readings: up to four take one pass.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn arithmetic_of_lines(
        &self,
        lines: &[Line<'_>],
        value: &mut [f64],
        observed: &mut [f64],
        num: &mut [f64],
    ) {
        match lines {
            [a] => mean_of_n(value, observed, self.needed, [*a]),
            [a, b] => mean_of_n(value, observed, self.needed, [*a, *b]),
            [a, b, c] => mean_of_n(value, observed, self.needed, [*a, *b, *c]),
            [a, b, c, d] => mean_of_n(value, observed, self.needed, [*a, *b, *c, *d]),
            _ => {
                num.fill(0.0);
                observed.fill(0.0);
                let mut rest = lines;
                while let [a, b, c, d, more @ ..] = rest {
                    accumulate_n(num, observed, [*a, *b, *c, *d]);
                    rest = more;
                }
                for line in rest {
                    accumulate_n(num, observed, [*line]);
                }
                self.finish_arithmetic(num, observed, value);
            }
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn arithmetic_spread(&self, children: &[Slot], own: &mut Slot, den: &[f64]) {
        own.spread.fill(0.0);
        for ((slot, weight), (largest, _)) in self.children.iter().zip(&self.largest) {
            let Some(child) = children.get(*slot) else { continue };
            let squared = weight * weight;
            for ((own, spread), value) in own.spread.iter_mut().zip(&child.spread).zip(&child.value) {
                *own += squared * if value.is_nan() { *largest } else { *spread };
            }
        }
        self.renormalise_spread(&mut own.spread, den, &own.value);
    }

    /// Σ w² Var to the variance of the renormalised score.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn renormalise_spread(&self, spread: &mut [f64], den: &[f64], value: &[f64]) {
        for ((spread, den), value) in spread.iter_mut().zip(den).zip(value) {
            let variance = at_most(*spread / (den * den), self.cap);
            *spread = if value.is_nan() { f64::NAN } else { variance };
        }
    }

    /// The posterior needs no renormalisation: of what is missing the calibration knows mean and variance.
    pub(super) fn arithmetic_posterior(&self, children: &[Slot], own: &mut Slot) {
        own.mean.fill(0.0);
        own.posterior.fill(0.0);
        for (slot, weight) in &self.children {
            let Some(child) = children.get(*slot) else { continue };
            let squared = weight * weight;
            for ((own, more), (mean, child)) in
                own.posterior.iter_mut().zip(&child.posterior).zip(own.mean.iter_mut().zip(&child.mean))
            {
                *own += squared * more;
                *mean += weight * child;
            }
        }
        own.posterior.iter_mut().for_each(|variance| *variance = at_most(*variance, self.cap));
    }

    /// Power means, person by person.
    ///
    /// **Formula** (Σ w xᵖ / Σ w)^(1/p); exp(Σ w ln x / Σ w) for p = 0. The variance is linearised:
    /// Σ (∂M/∂xⱼ)² Varⱼ with ∂M/∂xⱼ = wⱼ (xⱼ/M)^(p − 1). With a child missing, or one at 0 where the slope
    /// has no bound (p < 1), there is no variance.
    pub(super) fn power(
        &self,
        children: &[Slot],
        own: &mut Slot,
        flags: &mut [Flags],
        spread: bool,
        posterior: bool,
    ) {
        let Aggregate { power, floor } = self.aggregate;
        for (row, flags) in flags.iter_mut().enumerate() {
            let of = |slot: &usize, pick: fn(&Slot) -> &Vec<f64>| {
                children.get(*slot).and_then(|child| pick(child).get(row)).copied().unwrap_or(f64::NAN)
            };
            let (mut observed, mut coverage) = (0.0, 0.0);
            let (mut is_floored, mut has_zero) = (false, false);
            for (slot, weight) in &self.children {
                let value = of(slot, |child| &child.value);
                coverage += weight * of(slot, |child| &child.coverage);
                if !value.is_nan() && *weight > 0.0 {
                    observed += weight;
                    is_floored |= value < floor;
                    has_zero |= value.max(floor) <= 0.0;
                }
            }
            let complete = observed >= 1.0 - HAIR;
            let scored = observed >= self.needed;
            let mean_of = |pick: fn(&Slot) -> &Vec<f64>| {
                power_mean(power, self.children.iter().map(|(slot, w)| (of(slot, pick), *w)), floor)
            };
            let variance_of =
                |mean: f64, at: fn(&Slot) -> &Vec<f64>, variance: fn(&Slot) -> &Vec<f64>| -> f64 {
                    let term = |(slot, weight): &(usize, f64)| {
                        let slope = self.aggregate.slope(*weight, of(slot, at), mean);
                        slope * slope * of(slot, variance)
                    };
                    at_most(
                        self.children.iter().filter(|(_, weight)| *weight > 0.0).map(term).sum::<f64>(),
                        self.cap,
                    )
                };
            let value = if scored { mean_of(|child| &child.value) } else { f64::NAN };
            if scored && is_floored {
                flags.insert(Flag::Floored);
            }
            if scored && has_zero && power < 1.0 {
                flags.insert(Flag::Zero);
            }
            let smooth = complete && !(has_zero && power < 1.0);
            set(&mut own.value, row, value);
            set(&mut own.coverage, row, coverage);
            if spread {
                let variance =
                    if scored && smooth { variance_of(value, |c| &c.value, |c| &c.spread) } else { f64::NAN };
                set(&mut own.spread, row, variance);
            }
            if posterior {
                let mean = if smooth { mean_of(|child| &child.mean) } else { f64::NAN };
                set(&mut own.mean, row, mean);
                set(&mut own.posterior, row, variance_of(mean, |c| &c.mean, |c| &c.posterior));
            }
        }
    }
}

impl Aggregate {
    /// **Formula** ∂M/∂x = w (x/M)^(p − 1) of a child at x or, below the floor, as if it were there.
    pub(crate) fn slope(self, weight: f64, x: f64, mean: f64) -> f64 {
        weight * libm::pow(x.max(self.floor) / mean, self.power - 1.0)
    }
}

/// Not `f64::min`, which would turn an unknown variance into the largest.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn at_most(variance: f64, cap: f64) -> f64 {
    if variance > cap { cap } else { variance }
}

fn set(column: &mut [f64], row: usize, value: f64) {
    if let Some(cell) = column.get_mut(row) {
        *cell = value;
    }
}

/// The weighted power mean of what is not missing.
pub(super) fn power_mean(power: f64, values: impl Iterator<Item = (f64, f64)> + Clone, floor: f64) -> f64 {
    // A large power of a small number is no f64: the child that dominates is the unit.
    let unit = if power.abs() > 1.0 {
        let counted = values
            .clone()
            .filter(|(value, weight)| !value.is_nan() && *weight != 0.0)
            .map(|(value, _)| value.max(floor));
        if power > 0.0 { counted.fold(0.0, f64::max) } else { counted.fold(f64::INFINITY, f64::min) }
    } else {
        1.0
    };
    if unit <= 0.0 {
        return 0.0;
    }
    let (mut sum, mut weights) = (0.0, 0.0);
    let mut has_zero = false;
    for (value, weight) in values {
        if value.is_nan() || weight == 0.0 {
            continue;
        }
        let value = value.max(floor);
        has_zero |= value <= 0.0;
        weights += weight;
        sum += weight * if power == 0.0 { libm::log(value) } else { libm::pow(value / unit, power) };
    }
    if has_zero && power <= 0.0 {
        return 0.0;
    }
    let mean = sum / weights;
    if power == 0.0 { libm::exp(mean) } else { unit * libm::pow(mean, 1.0 / power) }
}

/// A column of a child, and its weight.
#[derive(Clone, Copy)]
struct Weighed<'a> {
    x: &'a [f64],
    weight: f64,
}

/// num += w x and den += w over N children, where x is observed.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn accumulate<const N: usize>(num: &mut [f64], den: &mut [f64], children: [Weighed<'_>; N]) {
    let rows = num.len();
    let den = &mut den[..rows];
    let children = children.map(|child| Weighed { x: &child.x[..rows], ..child });
    for row in 0..rows {
        let (mut n, mut d) = (num[row], den[row]);
        for child in children {
            let x = child.x[row];
            let observed = !x.is_nan();
            n += if observed { child.weight * x } else { 0.0 };
            d += if observed { child.weight } else { 0.0 };
        }
        (num[row], den[row]) = (n, d);
    }
}

/// sum += w x over N children.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn add_up<const N: usize>(sum: &mut [f64], children: [Weighed<'_>; N]) {
    let rows = sum.len();
    let children = children.map(|child| Weighed { x: &child.x[..rows], ..child });
    for (row, sum) in sum.iter_mut().enumerate() {
        for child in children {
            *sum += child.weight * child.x[row];
        }
    }
}

/// num += w u(x) and den += w over N goalposts, straight from their readings.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn accumulate_n<const N: usize>(num: &mut [f64], den: &mut [f64], lines: [Line<'_>; N]) {
    let rows = num.len();
    let den = &mut den[..rows];
    let lines = lines.map(|line| Line { x: &line.x[..rows], ..line });
    for row in 0..rows {
        let (mut n, mut d) = (num[row], den[row]);
        for line in lines {
            line.add(row, &mut n, &mut d);
        }
        (num[row], den[row]) = (n, d);
    }
}

/// The mean of N goalposts and the share of the weights that is observed, in one pass.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn mean_of_n<const N: usize>(value: &mut [f64], observed: &mut [f64], needed: f64, lines: [Line<'_>; N]) {
    let rows = value.len();
    let observed = &mut observed[..rows];
    let lines = lines.map(|line| Line { x: &line.x[..rows], ..line });
    for row in 0..rows {
        let (mut n, mut d) = (0.0, 0.0);
        for line in lines {
            line.add(row, &mut n, &mut d);
        }
        value[row] = if d >= needed { n / d } else { f64::NAN };
        observed[row] = d;
    }
}

impl Line<'_> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn add(&self, row: usize, num: &mut f64, den: &mut f64) {
        // The clamp turns NaN into 0, the weight is masked by it: no branch.
        let x = self.x[row];
        let score = (x - self.from) * self.slope;
        let score = if score > 0.0 { score } else { 0.0 };
        let score = if score < 100.0 { score } else { 100.0 };
        let weight = if x.is_nan() { 0.0 } else { self.weight };
        *num += weight * score;
        *den += weight;
    }
}

/// A child that is a goalpost of a single reading.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line<'a> {
    pub(super) x: &'a [f64],
    pub(super) from: f64,
    pub(super) slope: f64,
    pub(super) weight: f64,
}
