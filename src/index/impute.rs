//! Fills the gaps of a block: readings before they are scored, and scores from their siblings before they are joined.
//!
//! A filled score counts for its parent as one that is there. Everything else about it stays as of a missing one: its
//! coverage is 0, its variance the largest it could have, its posterior that of the calibration.

use std::ops::Range;

use super::{
    block::Scratch,
    branch::{Branch, Slot},
    plan::Plan,
};
use crate::{
    cohort::{Cohort, Flag, Flags},
    indicator::{Block, Fill, Source},
};

/// Where it is said what was filled.
pub(super) struct Filled<'a> {
    pub(super) flags: &'a mut [Flags],
    /// Row by row, an indicator a cell; empty where nothing is ever filled.
    pub(super) imputed: &'a mut [bool],
}

impl Filled<'_> {
    fn mark(&mut self, row: usize, leaf: usize, leaves: usize) {
        if let Some(flags) = self.flags.get_mut(row) {
            flags.insert(Flag::Imputed);
        }
        if let Some(cell) = self.imputed.get_mut(row * leaves + leaf) {
            *cell = true;
        }
    }
}

impl Plan {
    /// Whether any gap is ever filled.
    pub(super) fn has_fills(&self) -> bool {
        self.leaves.iter().any(|leaf| leaf.fill.is_some())
    }

    /// Scores what stands in for the missing readings of an indicator whose block has been scored.
    #[inline(never)]
    pub(super) fn fill_leaf(
        &self,
        at: usize,
        cohort: &Cohort,
        rows: &Range<usize>,
        scratch: &mut Scratch,
        filled: &mut Filled<'_>,
    ) {
        let Some(leaf) = self.leaves.get(at) else { return };
        let (Some(fill), [source]) = (&leaf.fill, leaf.sources.as_slice()) else { return };
        if matches!(fill, Fill::Siblings) {
            return;
        }
        let (scales, slots) = scratch.scales_and_slots();
        let Some(slot) = slots.get_mut(at) else { return };
        for row in 0..rows.len() {
            let here = match source {
                Source::Scale(of) => scales.get(*of).and_then(|(values, ..)| values.get(row)),
                Source::Measure(of) => {
                    cohort.measures().get(*of).and_then(|measured| measured.value.get(rows.start + row))
                }
            };
            if here.is_none_or(|x| !x.is_nan()) {
                continue;
            }
            let x = fill.reading(cohort, rows.start + row, |cohort, row| match source {
                Source::Measure(of) => {
                    let measured = cohort.measures().get(*of);
                    measured.and_then(|measured| measured.value.get(row)).copied().unwrap_or(f64::NAN)
                }
                Source::Scale(of) => {
                    let (mut value, mut answered) = ([f64::NAN], [0]);
                    if let (Some(plan), Some((.., own))) = (self.scales.get(*of), scales.get_mut(*of)) {
                        let items = cohort.items(plan.instrument);
                        plan.kernel.score(items, &(row..row + 1), &mut value, &mut answered, own);
                    }
                    let [value] = value;
                    value
                }
            });
            if x.is_nan() {
                continue;
            }
            let block = Block { x: &[x], ..Block::default() };
            let Some(value) = slot.value.get_mut(row..=row) else { continue };
            // Flags are about readings, and this is none.
            leaf.score(&[block], value, &mut [Flags::default()]);
            if slot.value.get(row).is_some_and(|score| !score.is_nan()) {
                filled.mark(row, at, self.leaves.len());
            }
        }
    }

    /// Gives the missing children of a parent that are filled so the unweighted mean of its other indicators that are
    /// observed.
    #[inline(never)]
    pub(super) fn fill_from_siblings(&self, branch: &Branch, slots: &mut [Slot], filled: &mut Filled<'_>) {
        let indicators =
            || branch.children().iter().map(|(slot, _)| *slot).filter(|at| *at < self.leaves.len());
        for at in indicators() {
            let takes = self.leaves.get(at).is_some_and(|leaf| matches!(leaf.fill, Some(Fill::Siblings)));
            let rows = slots.get(at).map_or(0, |slot| slot.value.len());
            for row in (0..rows).filter(|_| takes) {
                let of = |at: usize, pick: fn(&Slot) -> &Vec<f64>| {
                    slots.get(at).and_then(|slot| pick(slot).get(row)).copied().unwrap_or(f64::NAN)
                };
                if !of(at, |slot| &slot.value).is_nan() {
                    continue;
                }
                // What is filled is covered by nothing, and no sibling to learn from.
                let observed = indicators().filter(|at| of(*at, |slot| &slot.coverage) > 0.0);
                let (n, sum) =
                    observed.fold((0u32, 0.0), |(n, sum), at| (n + 1, sum + of(at, |slot| &slot.value)));
                if n == 0 {
                    continue;
                }
                let mean = sum / f64::from(n);
                if let Some(value) = slots.get_mut(at).and_then(|slot| slot.value.get_mut(row)) {
                    *value = mean;
                    filled.mark(row, at, self.leaves.len());
                }
            }
        }
    }
}
