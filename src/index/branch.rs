//! A node of the tree ready to run: how the scores of its children become its own, with their variance.

use super::aggregate::{Join, Work};
use crate::{
    cohort::{Flag, Flags},
    definition::parts::{Node, Owa, Penalty},
    indicator::Leaf,
};

#[derive(Debug, Clone)]
pub(crate) struct Branch {
    /// Slots and weights; the weights sum to 1.
    pub(super) children: Vec<(usize, f64)>,
    join: Join,
    /// The share of the weights needed, less a hair for rounding.
    needed: f64,
    /// By child: the largest variance of its score and of its posterior.
    largest: Vec<(f64, f64)>,
    largest_spread: f64,
    largest_posterior: f64,
    /// Half the range of the children, squared: no variance is larger.
    cap: f64,
}

/// Half of 0 to 100, squared.
const HUNDRED: f64 = 2500.0;

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
        join: Join,
        leaves: &[Leaf],
        branches: &[Branch],
    ) -> Self {
        let of = |slot: usize| -> (f64, f64, f64) {
            match leaves.get(slot) {
                Some(leaf) => (leaf.largest_spread(), leaf.largest_posterior(), leaf.curve.cap()),
                None => {
                    branches.get(slot.wrapping_sub(leaves.len())).map_or((f64::NAN, f64::NAN, HUNDRED), |b| {
                        (b.largest_spread, b.largest_posterior, b.cap)
                    })
                }
            }
        };
        // Not `f64::max`, for which a cap that is unknown would be none.
        let below =
            children.iter().map(|(slot, _)| of(*slot).2).fold(0.0, |a: f64, b| if b > a { b } else { a });
        let cap = match &join {
            join if join.has_own_range() => HUNDRED,
            // From 0 to 100 it can come down to −100: twice the range.
            Join::Penalty(Penalty::Minus) => 4.0 * below,
            _ => below,
        };
        let largest: Vec<(f64, f64)> = children.iter().map(|(slot, _)| (of(*slot).0, of(*slot).1)).collect();
        let sum = |pick: fn(&(f64, f64)) -> f64| -> f64 {
            children.iter().zip(&largest).map(|((_, w), largest)| w * w * pick(largest)).sum()
        };
        let needed = node.at_least - HAIR;
        // Without one of its children a mean that is not arithmetic has no variance, and so it has none without all.
        let is_arithmetic = join.is_arithmetic();
        let largest_spread =
            if is_arithmetic { at_most(sum(|l| l.0) / (needed * needed), cap) } else { f64::NAN };
        let largest_posterior = if is_arithmetic { at_most(sum(|l| l.1), cap) } else { f64::NAN };
        Self { children, join, needed, largest, largest_spread, largest_posterior, cap }
    }

    /// A node by itself: its children are the slots from 0 on, and it has values and no variances.
    pub(super) fn alone(node: &Node, join: Join, weights: &[f64]) -> Self {
        let children: Vec<(usize, f64)> = weights.iter().copied().enumerate().collect();
        Self {
            join,
            needed: node.at_least - HAIR,
            largest: vec![(f64::NAN, f64::NAN); children.len()],
            largest_spread: f64::NAN,
            largest_posterior: f64::NAN,
            cap: f64::INFINITY,
            children,
        }
    }

    /// For a node below a power mean: with a child missing there is no variance; see [`Leaf::refuse_incomplete`].
    pub(super) fn refuse_incomplete(&mut self) {
        self.largest.fill((f64::NAN, f64::NAN));
    }

    /// For a node of which a child of this weight is left out: the share that must be observed is of the rest.
    pub(super) fn need_less(&mut self, weight: f64) {
        self.needed = (self.needed + HAIR) * (1.0 - weight) - HAIR;
    }

    /// Multiplies every weight that has a multiplier; the weights sum to 1 again. What bounds variances is not kept up to
    /// date.
    pub(super) fn multiply_weights(&mut self, multipliers: &[f64]) {
        for ((_, weight), multiplier) in self.children.iter_mut().zip(multipliers) {
            *weight *= multiplier;
        }
        let total: f64 = self.children.iter().map(|(_, weight)| weight).sum();
        self.children.iter_mut().for_each(|(_, weight)| *weight /= total);
    }

    /// Whether the formula holds for fewer children than were declared.
    pub(super) fn takes_fewer(&self) -> bool {
        !matches!(self.join, Join::Owa(Owa::Places(_)) | Join::Choquet { .. })
    }

    /// Linear in its children.
    pub(crate) fn is_arithmetic(&self) -> bool {
        self.join.is_arithmetic()
    }

    /// Whether errors of the children become one of the node.
    pub(super) fn has_slopes(&self) -> bool {
        self.join.has_slopes()
    }

    /// Slots and weights; the weights sum to 1.
    pub(crate) fn children(&self) -> &[(usize, f64)] {
        &self.children
    }

    /// Children below this count as this; below everything where there is no floor.
    pub(crate) fn floor(&self) -> f64 {
        if let Join::Power(mean) = &self.join { mean.floor } else { f64::NEG_INFINITY }
    }

    /// How sharply slopes change with the children: the size of the exponent of a power mean.
    pub(crate) fn bend(&self) -> f64 {
        if let Join::Power(mean) = &self.join { mean.power.abs().max(1.0) } else { 1.0 }
    }

    /// The score of children none of which is missing; as [`arithmetic`](Self::arithmetic) and
    /// [`joined`](Self::joined) have it for them.
    pub(crate) fn mean(&self, values: impl Iterator<Item = f64> + Clone, room: &mut Room) -> f64 {
        if self.is_arithmetic() {
            let weighed = values.zip(&self.children).map(|(value, (_, weight))| (value, *weight));
            // z and T may be negative: no floor here, not even one of 0.
            let (num, den) = weighed.fold((0.0, 0.0), |(num, den), (x, w)| (num + w * x, den + w));
            return num / den;
        }
        self.fill(values, room);
        self.join.value(&room.row, &mut room.work)
    }

    /// The slope of that in the child at this place; by a small step where there is no formula.
    pub(crate) fn slope(&self, values: impl Iterator<Item = f64>, at: usize, room: &mut Room) -> f64 {
        self.fill(values, room);
        self.join.slope_of(&mut room.row, at, &mut room.work)
    }

    fn fill(&self, values: impl Iterator<Item = f64>, room: &mut Room) {
        room.row.clear();
        room.row.extend(values.zip(&self.children).map(|(value, (_, weight))| (value, *weight)));
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

    /// Any aggregate but the arithmetic mean, person by person.
    ///
    /// The variance is linearised: Σ (∂M/∂xⱼ)² Varⱼ. Without slopes there is none; nor is there one with a child
    /// missing, or, of a power mean, with one at 0 where the slope has no bound (p < 1).
    pub(super) fn joined(
        &self,
        children: &[Slot],
        own: &mut Slot,
        flags: &mut [Flags],
        room: &mut Room,
        (spread, posterior): (bool, bool),
    ) {
        let Room { row: cells, slopes, work } = room;
        let power = if let Join::Power(mean) = &self.join { Some(*mean) } else { None };
        let (has_slopes, floor) =
            (self.join.has_slopes(), power.map_or(f64::NEG_INFINITY, |mean| mean.floor));
        for (row, flags) in flags.iter_mut().enumerate() {
            let of = |slot: &usize, pick: fn(&Slot) -> &Vec<f64>| {
                children.get(*slot).and_then(|child| pick(child).get(row)).copied().unwrap_or(f64::NAN)
            };
            let gather = |cells: &mut Vec<(f64, f64)>, pick: fn(&Slot) -> &Vec<f64>| {
                cells.clear();
                cells.extend(self.children.iter().map(|(slot, weight)| (of(slot, pick), *weight)));
            };
            let (mut observed, mut coverage) = (0.0, 0.0);
            let (mut is_floored, mut has_zero) = (false, false);
            gather(cells, |child| &child.value);
            for ((slot, weight), (value, _)) in self.children.iter().zip(cells.iter()) {
                coverage += weight * of(slot, |child| &child.coverage);
                if !value.is_nan() && *weight > 0.0 {
                    observed += weight;
                    is_floored |= *value < floor;
                    has_zero |= value.max(floor) <= 0.0;
                }
            }
            let complete = observed >= 1.0 - HAIR;
            let scored = observed >= self.needed;
            let value = if scored { self.join.value(cells, work) } else { f64::NAN };
            let is_steep = has_zero && power.is_some_and(|mean| mean.power < 1.0);
            if scored && is_floored {
                flags.insert(Flag::Floored);
            }
            if scored && is_steep {
                flags.insert(Flag::Zero);
            }
            set(&mut own.value, row, value);
            set(&mut own.coverage, row, coverage);
            let smooth = complete && has_slopes && !is_steep;
            let mut variance_of = |cells: &[(f64, f64)], value: f64, pick: fn(&Slot) -> &Vec<f64>| -> f64 {
                if !self.join.slopes(cells, value, slopes) {
                    return f64::NAN;
                }
                let counted =
                    self.children.iter().zip(slopes.iter()).filter(|((_, weight), _)| *weight > 0.0);
                let variance = counted.map(|((slot, _), slope)| slope * slope * of(slot, pick)).sum::<f64>();
                at_most(variance, self.cap)
            };
            if spread {
                let of_value = scored && smooth;
                let variance = if of_value { variance_of(cells, value, |c| &c.spread) } else { f64::NAN };
                set(&mut own.spread, row, variance);
            }
            if posterior {
                gather(cells, |child| &child.mean);
                let mean = if smooth { self.join.value(cells, work) } else { f64::NAN };
                set(&mut own.mean, row, mean);
                let variance = if smooth { variance_of(cells, mean, |c| &c.posterior) } else { f64::NAN };
                set(&mut own.posterior, row, variance);
            }
        }
    }
}

/// A person's children with their weights, and room to join them in; allocated once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room {
    row: Vec<(f64, f64)>,
    slopes: Vec<f64>,
    work: Work,
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
