//! Runs a plan over one block of persons, while it is in cache.

use std::{ops::Range, sync::Arc};

use super::{
    branch::{Branch, Line, Room, Slot},
    columns::OfIndicator,
    impute::Filled,
    plan::{PlainLine, Plan},
};
use crate::{
    cohort::{Cohort, Flag, Flags},
    indicator::{Block, Leaf, Source, flag_unseen},
};

/// How much of the tree is kept beside the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Keep {
    /// The index, its error, coverage, flags and reason.
    Index,
    /// Domains and pillars too.
    Pillars,
    /// Indicators too.
    #[default]
    All,
}

/// Why a person has no index; the list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reason {
    /// There is an index.
    #[default]
    None,
    /// `nothing_scored`: no child of the index has a score.
    NothingScored,
    /// `too_few`: less is observed than the index's missing rule asks for.
    TooFew,
    /// `screened`: left out by the definition's screening.
    Screened,
}

impl Reason {
    /// The code written to files; empty where there is an index.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "",
            Self::NothingScored => "nothing_scored",
            Self::TooFew => "too_few",
            Self::Screened => "screened",
        }
    }
}

/// Where the results of some rows go. Slices of what is not wanted are empty.
#[derive(Debug, Default)]
pub(super) struct Out<'a> {
    pub(super) index: &'a mut [f64],
    pub(super) coverage: &'a mut [f64],
    pub(super) se: &'a mut [f64],
    pub(super) low: &'a mut [f64],
    pub(super) high: &'a mut [f64],
    pub(super) flags: &'a mut [Flags],
    pub(super) reason: &'a mut [Reason],
    /// Row by row.
    pub(super) nodes: &'a mut [f64],
    pub(super) node_se: &'a mut [f64],
    pub(super) indicators: &'a mut [f64],
    /// Row by row, an indicator a cell; empty where no gap is filled.
    pub(super) imputed: &'a mut [bool],
}

impl Out<'_> {
    /// The first `rows` rows, and the rest.
    pub(super) fn split_at(self, rows: usize) -> (Self, Self) {
        fn cut<T>(slice: &mut [T], rows: usize, of: usize) -> (&mut [T], &mut [T]) {
            let width = slice.len().checked_div(of).unwrap_or(0);
            slice.split_at_mut((rows * width).min(slice.len()))
        }
        let of = self.index.len();
        let (index, rest_index) = cut(self.index, rows, of);
        let (coverage, rest_coverage) = cut(self.coverage, rows, of);
        let (se, rest_se) = cut(self.se, rows, of);
        let (low, rest_low) = cut(self.low, rows, of);
        let (high, rest_high) = cut(self.high, rows, of);
        let (flags, rest_flags) = cut(self.flags, rows, of);
        let (reason, rest_reason) = cut(self.reason, rows, of);
        let (nodes, rest_nodes) = cut(self.nodes, rows, of);
        let (node_se, rest_node_se) = cut(self.node_se, rows, of);
        let (indicators, rest_indicators) = cut(self.indicators, rows, of);
        let (imputed, rest_imputed) = cut(self.imputed, rows, of);
        (
            Self { index, coverage, se, low, high, flags, reason, nodes, node_se, indicators, imputed },
            Self {
                index: rest_index,
                coverage: rest_coverage,
                se: rest_se,
                low: rest_low,
                high: rest_high,
                flags: rest_flags,
                reason: rest_reason,
                nodes: rest_nodes,
                node_se: rest_node_se,
                indicators: rest_indicators,
                imputed: rest_imputed,
            },
        )
    }
}

/// What one thread needs to run blocks of up to `rows` persons; allocated once.
#[derive(Debug)]
pub(super) struct Scratch {
    scales: Vec<Scored>,
    slots: Vec<Slot>,
    num: Vec<f64>,
    den: Vec<f64>,
    room: Room,
    /// Whether each row is screened out; empty without a screening.
    screened: Vec<bool>,
    /// Nodes that run instead of the plan's own.
    pub(super) branches: Option<Vec<Branch>>,
    /// The scores of leaves for all rows of the cohort, where they are known already; empty where none are.
    pub(super) known: Vec<Option<Arc<OfIndicator>>>,
}

/// The scores of a scale, how many items are answered, and what its kernel needs.
type Scored = (Vec<f64>, Vec<u8>, crate::scale::kernel::Scratch);

impl Scratch {
    /// Columns get their memory when they are first used: a fused leaf never uses its own.
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            scales: plan.scales.iter().map(|_| Default::default()).collect(),
            slots: vec![Slot::default(); plan.slots()],
            num: Vec::new(),
            den: Vec::new(),
            room: Room::default(),
            screened: Vec::new(),
            branches: None,
            known: Vec::new(),
        }
    }

    /// The scores in a slot.
    pub(super) fn values(&self, slot: usize) -> &[f64] {
        self.slots.get(slot).map(|slot| slot.value.as_slice()).unwrap_or_default()
    }

    pub(super) fn scales_and_slots(&mut self) -> (&mut [Scored], &mut [Slot]) {
        (&mut self.scales, &mut self.slots)
    }

    /// Takes the index, and it alone, from those who are screened out.
    fn drop_screened(&mut self) {
        let Some(index) = self.slots.last_mut() else { return };
        for (row, _) in self.screened.iter().enumerate().filter(|(_, screened)| **screened) {
            for column in [&mut index.value, &mut index.spread] {
                if let Some(cell) = column.get_mut(row) {
                    *cell = f64::NAN;
                }
            }
        }
    }
}

impl Slot {
    /// Gives every column that is wanted `rows` rows, from the memory it has where that is enough.
    fn fit(&mut self, plan: &Plan, rows: usize) {
        let fit = |column: &mut Vec<f64>, wanted: bool| column.resize(if wanted { rows } else { 0 }, 0.0);
        fit(&mut self.value, true);
        fit(&mut self.coverage, true);
        fit(&mut self.spread, plan.has_spread);
        fit(&mut self.mean, plan.has_posterior);
        fit(&mut self.posterior, plan.has_posterior);
    }
}

impl Plan {
    /// Scores the rows of a block, with these vectors of the processor. Everything that runs a plan comes by here: it is
    /// long, and is compiled once for each kind of vectors.
    #[inline(never)]
    pub(super) fn run_on(
        &self,
        arch: pulp::Arch,
        cohort: &Cohort,
        rows: Range<usize>,
        scratch: &mut Scratch,
        out: Out<'_>,
        keep: Keep,
    ) {
        arch.dispatch(
            #[inline(always)]
            || self.run(cohort, rows, scratch, out, keep),
        );
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn run(&self, cohort: &Cohort, rows: Range<usize>, scratch: &mut Scratch, out: Out<'_>, keep: Keep) {
        scratch.num.resize(rows.len(), 0.0);
        scratch.den.resize(rows.len(), 0.0);
        if let Some(flags) = cohort.flags().get(rows.clone()) {
            out.flags.copy_from_slice(flags);
        }
        if scratch.known.is_empty() || scratch.known.iter().any(Option::is_none) || self.screen.is_some() {
            self.run_scales(cohort, &rows, scratch);
        }
        if let Some(screen) = &self.screen {
            let Scratch { scales, screened, .. } = &mut *scratch;
            let scale = |at: usize| scales.get(at).map(|(values, ..)| values.as_slice()).unwrap_or_default();
            screen.run(cohort, &rows, scale, screened);
        }
        out.imputed.fill(false);
        let has_fills = self.has_fills();
        let others = scratch.branches.take();
        let branches = others.as_deref().unwrap_or(&self.branches);
        // A plan of leaves alone has no node, and all of them at once.
        for at in 0..branches.len().max(1) {
            let branch = branches.get(at);
            let slot = self.leaves.len() + at;
            if let Some(own) = scratch.slots.get_mut(slot) {
                own.fit(self, rows.len());
            }
            let fused = match branch {
                Some(branch) if keep == Keep::Index => {
                    self.run_fused(slot, branch, cohort, &rows, scratch, out.flags)
                }
                _ => false,
            };
            if fused {
                continue;
            }
            let children = branch.map_or(self.leaves.len(), |branch| branch.children.len());
            for child in 0..children {
                let child = branch.map_or(Some(child), |b| b.children.get(child).map(|(slot, _)| *slot));
                if let Some(child) = child.filter(|child| *child < self.leaves.len()) {
                    self.run_leaf(child, cohort, &rows, scratch, out.flags);
                    let is_known = scratch.known.get(child).is_some_and(Option::is_some);
                    if has_fills && !is_known {
                        let mut filled = Filled { flags: out.flags, imputed: out.imputed };
                        self.fill_leaf(child, cohort, &rows, scratch, &mut filled);
                    }
                }
            }
            let Some(branch) = branch else { return };
            if has_fills {
                let mut filled = Filled { flags: out.flags, imputed: out.imputed };
                self.fill_from_siblings(branch, &mut scratch.slots, &mut filled);
            }
            let (below, own) = scratch.slots.split_at_mut(slot);
            let Some(own) = own.first_mut() else { continue };
            if branch.is_arithmetic() {
                branch.arithmetic(below, own, &mut scratch.num, &mut scratch.den);
                if self.has_spread {
                    branch.arithmetic_spread(below, own, &scratch.den);
                }
                if self.has_posterior {
                    branch.arithmetic_posterior(below, own);
                }
            } else {
                let wanted = (self.has_spread, self.has_posterior);
                branch.joined(below, own, out.flags, &mut scratch.room, wanted);
            }
            if at + 1 < branches.len() {
                for (coverage, value) in own.coverage.iter_mut().zip(&own.value) {
                    *coverage = if value.is_nan() { 0.0 } else { *coverage };
                }
            }
        }
        if self.screen.is_some() {
            scratch.drop_screened();
        }
        scratch.branches = others;
        self.write(scratch, out, keep);
    }

    fn run_scales(&self, cohort: &Cohort, rows: &Range<usize>, scratch: &mut Scratch) {
        for (plan, (values, answered, own)) in self.scales.iter().zip(&mut scratch.scales) {
            values.resize(rows.len(), 0.0);
            answered.resize(rows.len(), 0);
            plan.kernel.score(cohort.items(plan.instrument), rows, values, answered, own);
            plan.kernel.settle_answered(answered);
        }
    }

    /// A node all of whose children are goalposts of single readings, with constant errors or none: one pass.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn run_fused(
        &self,
        slot: usize,
        branch: &Branch,
        cohort: &Cohort,
        rows: &Range<usize>,
        scratch: &mut Scratch,
        flags: &mut [Flags],
    ) -> bool {
        let constant = if self.has_spread { branch.constant_spread(&self.leaves) } else { None };
        if !branch.is_arithmetic() || self.has_posterior || (self.has_spread && constant.is_none()) {
            return false;
        }
        let mut lines = [Line::default(); MOST_FUSED];
        let count = branch.children.len();
        let Some(lines) = lines.get_mut(..count) else { return false };
        for (line, (child, weight)) in lines.iter_mut().zip(&branch.children) {
            let Some(PlainLine { column, from, slope, .. }) = self.plain_line(*child, cohort) else {
                return false;
            };
            let Some(block) = column.get(rows.clone()) else { return false };
            *line = Line { x: block, from, slope, weight: *weight };
        }
        for (line, (child, _)) in lines.iter().zip(&branch.children) {
            if let Some(seen) = self.leaves.get(*child).and_then(Leaf::seen) {
                flag_unseen(line.x, seen, flags);
            }
        }
        let Scratch { slots, num, .. } = scratch;
        let Some(own) = slots.get_mut(slot) else { return false };
        branch.arithmetic_of_lines(lines, &mut own.value, &mut own.coverage, num);
        if let Some(constant) = constant {
            own.spread.fill(constant);
            branch.renormalise_spread(&mut own.spread, &own.coverage, &own.value);
        }
        // As for unfused nodes: the index keeps the coverage that was too little, so that the reason is known.
        if slot + 1 < self.slots() {
            for (coverage, value) in own.coverage.iter_mut().zip(&own.value) {
                *coverage = if value.is_nan() { 0.0 } else { *coverage };
            }
        }
        true
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn run_leaf(
        &self,
        at: usize,
        cohort: &Cohort,
        rows: &Range<usize>,
        scratch: &mut Scratch,
        flags: &mut [Flags],
    ) {
        let (Some(leaf), Some((full, is_scale))) = (self.leaves.get(at), self.full.get(at)) else { return };
        let Scratch { scales, slots, known, .. } = scratch;
        let Some(slot) = slots.get_mut(at) else { return };
        slot.fit(self, rows.len());
        if let Some(Some(known)) = known.get(at)
            && let Some(values) = known.values.get(rows.clone())
        {
            slot.value.copy_from_slice(values);
            for (coverage, value) in slot.coverage.iter_mut().zip(values) {
                *coverage = if value.is_nan() { 0.0 } else { 1.0 };
            }
            let filled = known.filled.get(rows.clone()).unwrap_or_default();
            for (coverage, _) in slot.coverage.iter_mut().zip(filled).filter(|(_, filled)| **filled) {
                *coverage = 0.0;
            }
            return;
        }
        let mut blocks = [Block::default(); MOST_SOURCES];
        for (block, source) in blocks.iter_mut().zip(&leaf.sources) {
            *block = match source {
                Source::Scale(at) => scales.get(*at).map_or(Block::default(), |(values, answered, _)| {
                    Block { x: values, count: Some(answered), ..Block::default() }
                }),
                Source::Measure(at) => {
                    let Some(measured) = cohort.measures().get(*at) else { return };
                    let x = measured.value.get(rows.clone()).unwrap_or_default();
                    Block {
                        x,
                        count: measured.count.as_ref().and_then(|count| count.get(rows.clone())),
                        days: measured.days.as_ref().and_then(|days| days.get(rows.clone())),
                        age: measured.age.as_ref().and_then(|age| age.get(rows.clone())),
                    }
                }
            };
        }
        let blocks = blocks.get(..leaf.sources.len()).unwrap_or_default();
        leaf.score(blocks, &mut slot.value, flags);
        Leaf::flag_counts(blocks, full, is_scale, flags);
        for (coverage, value) in slot.coverage.iter_mut().zip(&slot.value) {
            *coverage = if value.is_nan() { 0.0 } else { 1.0 };
        }
        if self.has_spread {
            leaf.spread(blocks, &slot.value, &mut slot.spread);
        }
        if self.has_posterior {
            leaf.posterior(blocks, &slot.value, &mut slot.mean, &mut slot.posterior);
        }
    }

    /// From the slots to the caller's columns.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn write(&self, scratch: &Scratch, out: Out<'_>, keep: Keep) {
        let Some(index) = scratch.slots.last() else { return };
        out.index.copy_from_slice(&index.value);
        out.coverage.copy_from_slice(&index.coverage);
        for ((flags, reason), (value, coverage)) in
            out.flags.iter_mut().zip(out.reason.iter_mut()).zip(index.value.iter().zip(&index.coverage))
        {
            let scored = !value.is_nan();
            // `&`: both are at hand, and a branch would cost more than either.
            #[expect(clippy::needless_bitwise_bool, reason = "no branch in a loop over persons")]
            let is_partial = scored & (*coverage < 1.0 - 1e-9);
            flags.insert_if(Flag::Partial, is_partial);
            let without = if *coverage == 0.0 { Reason::NothingScored } else { Reason::TooFew };
            *reason = if scored { Reason::None } else { without };
        }
        for (reason, _) in out.reason.iter_mut().zip(&scratch.screened).filter(|(_, screened)| **screened) {
            *reason = Reason::Screened;
        }
        for (out, spread) in out.se.iter_mut().zip(&index.spread) {
            *out = spread.sqrt();
        }
        let intervals = index.mean.iter().zip(&index.posterior).zip(&index.value);
        for ((low, high), ((mean, variance), value)) in out.low.iter_mut().zip(out.high).zip(intervals) {
            let half = self.z * variance.sqrt();
            (*low, *high) = if value.is_nan() { (f64::NAN, f64::NAN) } else { (mean - half, mean + half) };
        }
        let leaves = self.leaves.len();
        if keep >= Keep::Pillars {
            let values = |slot: &'_ Slot, row: usize| slot.value.get(row).copied().unwrap_or(f64::NAN);
            let errors =
                |slot: &'_ Slot, row: usize| slot.spread.get(row).map_or(f64::NAN, |spread| spread.sqrt());
            let nodes = self.declared.iter().filter_map(|at| scratch.slots.get(leaves + at));
            transpose(out.nodes, &nodes, values);
            transpose(out.node_se, &nodes, errors);
            if keep == Keep::All {
                transpose(out.indicators, &scratch.slots.iter().take(leaves), values);
            }
        }
    }
}

/// More readings in one rule than this are refused when a definition is read.
pub(super) const MOST_SOURCES: usize = 8;
/// Nodes of more children run unfused.
const MOST_FUSED: usize = 64;

/// Writes slots, which are columns, row by row.
fn transpose<'a>(
    out: &mut [f64],
    slots: &(impl Iterator<Item = &'a Slot> + Clone),
    pick: impl Fn(&'a Slot, usize) -> f64,
) {
    let width = slots.clone().count();
    if width == 0 {
        return;
    }
    for (row, cells) in out.chunks_exact_mut(width).enumerate() {
        for (cell, slot) in cells.iter_mut().zip(slots.clone()) {
            *cell = pick(slot, row);
        }
    }
}
