//! The scores of one indicator or one node as a column: a tree walked column by column, where many variants of a
//! definition have most of their columns in common.

use std::borrow::Cow;

use super::{
    aggregate::Join,
    block::{Keep, Out, Scratch},
    branch::{Branch, Room, Slot},
    plan::Plan,
};
use crate::{
    cohort::{Cohort, Flags},
    definition::{
        impute::Impute,
        parts::{Child, Node, Resolved},
    },
    error::Result,
    indicator::Lessons,
};

/// Persons at a time: what is worked on stays in cache.
const BLOCK: usize = 1024;

/// The scores of one indicator for every row of a cohort.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfIndicator {
    /// NaN where there is none.
    pub(crate) values: Vec<f64>,
    /// The rows whose gap was filled; empty where none ever is.
    pub(crate) filled: Vec<bool>,
}

impl OfIndicator {
    /// NaN where there is none, and where it was filled.
    pub(crate) fn observed(&self) -> Cow<'_, [f64]> {
        if !self.filled.contains(&true) {
            return Cow::Borrowed(&self.values);
        }
        let kept = |(value, filled): (&f64, &bool)| if *filled { f64::NAN } else { *value };
        Cow::Owned(self.values.iter().zip(&self.filled).map(kept).collect())
    }
}

/// The scores of some indicators for every row of a cohort, a column each, gaps filled from elsewhere than siblings.
///
/// It needs no [`Calibration`](super::Calibration): the lessons are those the indicators themselves need.
///
/// # Errors
/// What the lessons lack.
pub(crate) fn of_indicators(
    parts: &Resolved,
    at: &[usize],
    cohort: &Cohort,
    lessons: Option<Lessons<'_>>,
) -> Result<Vec<OfIndicator>> {
    let plan = Plan::of_leaves(parts, at, lessons)?;
    let width = plan.leaves.len();
    let rows = cohort.rows();
    let has_fills = plan.has_fills();
    let empty =
        OfIndicator { values: vec![0.0; rows], filled: vec![false; if has_fills { rows } else { 0 }] };
    let mut columns = vec![empty; width];
    // What each block writes: a piece of every column.
    let mut pieces: Vec<Vec<Piece<'_>>> =
        (0..rows.div_ceil(BLOCK)).map(|_| Vec::with_capacity(width)).collect();
    for column in &mut columns {
        let mut filled = column.filled.chunks_mut(BLOCK);
        for (values, pieces) in column.values.chunks_mut(BLOCK).zip(&mut pieces) {
            pieces.push((values, filled.next().unwrap_or_default()));
        }
    }
    let block = |scratch: &mut Scratch, (at, pieces): (usize, Vec<Piece<'_>>)| {
        let rows = at * BLOCK..rows.min((at + 1) * BLOCK);
        let mut flags = vec![Flags::default(); rows.len()];
        let mut imputed = vec![false; if has_fills { rows.len() * width } else { 0 }];
        let out = Out { flags: &mut flags, imputed: &mut imputed, ..Out::default() };
        plan.run_on(pulp::Arch::new(), cohort, rows, scratch, out, Keep::All);
        for (at, (values, filled)) in pieces.into_iter().enumerate() {
            values.copy_from_slice(scratch.values(at));
            for (filled, imputed) in filled.iter_mut().zip(imputed.iter().skip(at).step_by(width)) {
                *filled = *imputed;
            }
        }
    };
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        pieces.into_par_iter().enumerate().for_each_init(|| Scratch::new(&plan), block);
    }
    #[cfg(not(feature = "parallel"))]
    {
        let mut scratch = Scratch::new(&plan);
        pieces.into_iter().enumerate().for_each(|piece| block(&mut scratch, piece));
    }
    Ok(columns)
}

/// Values of some rows, and which of them were filled; none where no gap ever is.
type Piece<'a> = (&'a mut [f64], &'a mut [bool]);

/// The columns of a node's children, ready to be joined: gaps filled by siblings where an indicator asks for it.
///
/// None where a column of a node below is not there.
pub(crate) fn below<'a>(
    parts: &Resolved,
    node: &Node,
    indicators: &'a [OfIndicator],
    nodes: &'a [Option<Vec<f64>>],
) -> Option<Vec<Cow<'a, [f64]>>> {
    let indicator = |child: &Child| match child {
        Child::Indicator(at) => indicators.get(*at),
        Child::Node(_) => None,
    };
    let takes = |child: &Child| match child {
        Child::Indicator(at) => {
            parts.indicators.get(*at).is_some_and(|of| of.impute == Some(Impute::Siblings))
        }
        Child::Node(_) => false,
    };
    let column = |child: &Child| match child {
        Child::Indicator(at) => indicators.get(*at).map(|of| of.values.as_slice()),
        Child::Node(at) => nodes.get(*at).and_then(Option::as_deref),
    };
    let observed: Vec<Cow<'_, [f64]>> =
        node.children.iter().filter_map(|(child, _)| indicator(child)).map(OfIndicator::observed).collect();
    let filled = |own: &'a [f64]| -> Cow<'a, [f64]> {
        let of_siblings = |row: usize| {
            let there = observed.iter().filter_map(|column| column.get(row)).filter(|x| !x.is_nan());
            let (n, sum) = there.fold((0u32, 0.0), |(n, sum), x| (n + 1, sum + x));
            if n == 0 { f64::NAN } else { sum / f64::from(n) }
        };
        let fill = |(row, x): (usize, &f64)| if x.is_nan() { of_siblings(row) } else { *x };
        own.iter().enumerate().map(fill).collect()
    };
    let one = |(child, _): &(Child, f64)| {
        let own = column(child)?;
        Some(if takes(child) { filled(own) } else { Cow::Borrowed(own) })
    };
    node.children.iter().map(one).collect()
}

/// The scores of a node from those of its children, with these weights, one a child.
pub(crate) fn of_node(node: &Node, join: Join, weights: &[f64], children: &[&[f64]]) -> Vec<f64> {
    let branch = Branch::alone(node, join, weights);
    let mut room = Room::default();
    let rows = children.iter().map(|column| column.len()).min().unwrap_or(0);
    let mut out = Vec::with_capacity(rows);
    let mut below = vec![Slot::default(); children.len()];
    let mut own = Slot::default();
    let (mut num, mut den) = (Vec::new(), Vec::new());
    let mut flags = Vec::new();
    for from in (0..rows).step_by(BLOCK) {
        let to = rows.min(from + BLOCK);
        for (slot, column) in below.iter_mut().zip(children) {
            slot.value.clear();
            slot.value.extend_from_slice(column.get(from..to).unwrap_or_default());
            slot.coverage.resize(to - from, 1.0);
        }
        for column in [&mut own.value, &mut own.coverage, &mut num, &mut den] {
            column.resize(to - from, 0.0);
        }
        flags.resize(to - from, Flags::default());
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                if branch.is_arithmetic() {
                    branch.arithmetic(&below, &mut own, &mut num, &mut den);
                } else {
                    branch.joined(&below, &mut own, &mut flags, &mut room, (false, false));
                }
            },
        );
        out.extend_from_slice(&own.value);
    }
    out
}
