//! The tree with its weights.

use serde::Serialize;

use super::columns::{Columns, Level};
use crate::study::importance::{Importance, Realised};

/// A row of the tree: nominal, effective and realised importance side by side.
///
/// **Formula** siblings' weights sum to 1; the effective weight is the product of those on the way down from the index, so that
/// all indicators sum to 1. Learned weights are those of the calibration. Realised importance is at [`Realised`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WeightFigures {
    /// `index`, `pillar.<id>`, `domain.<id>` or `indicator.<id>`.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// Where it stands.
    pub level: Level,
    /// How far below the index.
    pub depth: usize,
    /// What it is a child of; none of the index.
    pub parent: Option<String>,
    /// Its weight among its siblings.
    pub weight: f64,
    /// Its weight in the index.
    pub effective_weight: f64,
    /// Where the weight comes from, in words; empty where it is declared.
    pub weighting: String,
    /// How much of the variance of its parent goes with it; none of the index, of fewer than ten persons, or for an employer.
    pub in_parent: Option<Realised>,
    /// The same of the index.
    pub in_index: Option<Realised>,
}

pub(super) fn weights(columns: &Columns<'_>, importance: Importance) -> Vec<WeightFigures> {
    let mut rows = Vec::new();
    add(columns, columns.tree.root(), None, [1.0, 1.0], &mut rows);
    // Both go down the tree in the same order.
    for (row, part) in rows.iter_mut().skip(1).zip(importance.parts) {
        (row.weighting, row.in_parent, row.in_index) = (part.weighting, part.in_parent, part.in_index);
    }
    rows
}

fn add(
    columns: &Columns<'_>,
    slot: usize,
    parent: Option<&WeightFigures>,
    [weight, effective_weight]: [f64; 2],
    rows: &mut Vec<WeightFigures>,
) {
    let Some(column) = columns.scores.get(slot) else { return };
    let own = WeightFigures {
        name: column.name.clone(),
        title: column.title.clone(),
        level: column.level,
        depth: parent.map_or(0, |parent| parent.depth + 1),
        parent: parent.map(|parent| parent.name.clone()),
        weight,
        effective_weight,
        weighting: String::new(),
        in_parent: None,
        in_index: None,
    };
    rows.push(own.clone());
    let Some(node) = columns.tree.node(slot) else { return };
    for (child, weight) in node.children() {
        add(columns, *child, Some(&own), [*weight, effective_weight * weight], rows);
    }
}
