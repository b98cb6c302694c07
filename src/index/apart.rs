//! The index of columns of scores instead of a cohort, with a part of the tree left out; and what the indicators read.

use super::{
    branch::{Branch, Room, Slot},
    walk::Tree,
};
use crate::{
    cohort::{Cohort, Flags},
    index::Index,
    indicator::{self, Source, scale_name},
    scale::kernel,
};

/// Rows at a time.
const ROWS: usize = 1024;

/// Why there is no index without a part.
const NOTHING: &str = "without it nothing is left of the index";
const NEEDS_ALL: &str = "its parent needs all its children";

/// What an indicator reads, row by row.
pub(crate) struct ReadingColumn {
    /// `<instrument>.<scale>` or the id of a measure.
    pub(crate) name: String,
    /// The indicators that read it, as positions.
    pub(crate) indicators: Vec<usize>,
    /// NaN is missing.
    pub(crate) values: Vec<f64>,
}

impl Index {
    /// What the indicators read, as it was observed, each column once, in the order of the indicators.
    pub(crate) fn readings(&self, cohort: &Cohort) -> Vec<ReadingColumn> {
        let plan = &self.inner.plan;
        let parts = self.definition().parts();
        let scales = indicator::scales_read(&parts.indicators);
        let mut found: Vec<(Source, ReadingColumn)> = Vec::new();
        for (at, leaf) in plan.leaves.iter().enumerate() {
            for source in &leaf.sources {
                if let Some((_, known)) = found.iter_mut().find(|(known, _)| known == source) {
                    known.indicators.push(at);
                    continue;
                }
                let (name, values) = match source {
                    Source::Scale(scale) => {
                        let name = scales.get(*scale).map(|read| scale_name(parts, *read));
                        (name.unwrap_or_default(), self.scale_column(*scale, cohort))
                    }
                    Source::Measure(measure) => (
                        parts.measures.get(*measure).map(|measure| measure.id.clone()).unwrap_or_default(),
                        cohort.measures().get(*measure).map(|of| of.value.to_vec()).unwrap_or_default(),
                    ),
                };
                found.push((*source, ReadingColumn { name, indicators: vec![at], values }));
            }
        }
        found.into_iter().map(|(_, column)| column).collect()
    }

    fn scale_column(&self, scale: usize, cohort: &Cohort) -> Vec<f64> {
        let mut values = vec![f64::NAN; cohort.rows()];
        let mut answered = vec![0; cohort.rows()];
        if let Some(plan) = self.inner.plan.scales.get(scale) {
            let mut scratch = kernel::Scratch::default();
            let rows = 0..cohort.rows();
            plan.kernel.score(cohort.items(plan.instrument), &rows, &mut values, &mut answered, &mut scratch);
        }
        values
    }
}

/// A tree without one of its parts: the nodes above it, from below, each as it is then.
struct Without {
    slot: usize,
    /// The slot of each node and the node; the index is the last.
    above: Vec<(usize, Branch)>,
}

impl Tree<'_> {
    /// The parent of a slot and its weight there; none of the index.
    pub(crate) fn parent(self, slot: usize) -> Option<(usize, f64)> {
        (0..=self.root()).find_map(|parent| {
            let children = self.node(parent)?.children();
            children.iter().find(|(child, _)| *child == slot).map(|(_, weight)| (parent, *weight))
        })
    }

    /// The index of every row where the score in `slot` is left out and the weights of its siblings are renormalised;
    /// `columns` are the scores of every slot.
    ///
    /// A node that is left without a child goes, too. What a node learned from a reference stays as it is.
    ///
    /// # Errors
    /// In words, why there is no such index.
    pub(crate) fn index_without(self, slot: usize, columns: &[&[f64]]) -> Result<Vec<f64>, &'static str> {
        let without = self.without(slot)?;
        let rows = columns.first().map_or(0, |column| column.len());
        let mut index = Vec::with_capacity(rows);
        let mut slots = vec![Slot::default(); self.root() + 1];
        let (mut num, mut den, mut room) = (Vec::new(), Vec::new(), Room::default());
        for start in (0..rows).step_by(ROWS) {
            let block = start..rows.min(start + ROWS);
            let size = block.len();
            num.resize(size, 0.0);
            den.resize(size, 0.0);
            for (parent, branch) in &without.above {
                let is_new = |child: usize| without.above.iter().any(|(above, _)| *above == child);
                for (child, _) in branch.children() {
                    if is_new(*child) && *child != without.slot {
                        continue;
                    }
                    let Some(own) = slots.get_mut(*child) else { continue };
                    own.value.clear();
                    match columns.get(*child).and_then(|column| column.get(block.clone())) {
                        Some(values) if *child != without.slot => own.value.extend_from_slice(values),
                        _ => own.value.resize(size, f64::NAN),
                    }
                    own.coverage.resize(size, 1.0);
                }
                let (below, own) = slots.split_at_mut(*parent);
                let Some(own) = own.first_mut() else { continue };
                own.value.resize(size, f64::NAN);
                own.coverage.resize(size, 1.0);
                if branch.is_arithmetic() {
                    branch.arithmetic(below, own, &mut num, &mut den);
                } else {
                    branch.joined(below, own, &mut vec![Flags::default(); size], &mut room, (false, false));
                }
            }
            index.extend(slots.last().map(|slot| slot.value.as_slice()).unwrap_or_default());
        }
        Ok(index)
    }

    fn without(self, slot: usize) -> Result<Without, &'static str> {
        let mut gone = slot;
        // A parent of which nothing else counts goes with its child.
        loop {
            let (parent, _) = self.parent(gone).ok_or(NOTHING)?;
            let own = self.node(parent).ok_or(NOTHING)?;
            let others = own.children().iter().filter(|(child, _)| *child != gone);
            if others.map(|(_, weight)| weight).sum::<f64>() > 0.0 {
                if !own.takes_fewer() {
                    return Err(NEEDS_ALL);
                }
                break;
            }
            gone = parent;
        }
        let mut above = Vec::new();
        let mut at = gone;
        while let Some((parent, weight)) = self.parent(at) {
            let mut branch = self.node(parent).ok_or(NOTHING)?.clone();
            if at == gone {
                branch.need_less(weight);
            }
            above.push((parent, branch));
            at = parent;
        }
        Ok(Without { slot: gone, above })
    }
}
