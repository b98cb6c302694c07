//! The scores of one indicator or one node as a column: a tree walked column by column, where many variants of a
//! definition have most of their columns in common.

use super::{
    aggregate::Join,
    block::Scratch,
    branch::{Branch, Room, Slot},
    plan::Plan,
};
use crate::{
    cohort::{Cohort, Flags},
    definition::parts::{Node, Resolved},
    error::Result,
    indicator::Lessons,
};

/// Persons at a time: what is worked on stays in cache.
const BLOCK: usize = 1024;

/// The scores of some indicators for every row of a cohort, a column each, NaN where there is none.
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
) -> Result<Vec<Vec<f64>>> {
    let plan = Plan::of_leaves(parts, at, lessons)?;
    let blocks = cohort.rows().div_ceil(BLOCK);
    let block = |at: usize| {
        let rows = at * BLOCK..cohort.rows().min((at + 1) * BLOCK);
        let mut scratch = Scratch::new(&plan);
        let mut flags = vec![Flags::default(); rows.len()];
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || plan.leaf_values(cohort, &rows, &mut scratch, &mut flags),
        )
    };
    #[cfg(feature = "parallel")]
    let found: Vec<Vec<Vec<f64>>> = {
        use rayon::prelude::*;
        (0..blocks).into_par_iter().map(block).collect()
    };
    #[cfg(not(feature = "parallel"))]
    let found: Vec<Vec<Vec<f64>>> = (0..blocks).map(block).collect();
    let mut columns = vec![Vec::with_capacity(cohort.rows()); plan.leaves.len()];
    for block in &found {
        for (column, values) in columns.iter_mut().zip(block) {
            column.extend_from_slice(values);
        }
    }
    Ok(columns)
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
