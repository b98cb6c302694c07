//! What the nodes of the tree learn from a reference: bottom-up, each from the scores of its children there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    definition::{
        Weighting,
        parts::{Child, Node, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result},
    index::{columns, weights},
};

/// What was learned of nodes, by id; that of the index is `index`.
pub(crate) type LearnedNodes = BTreeMap<String, LearnedNode>;

/// What one node learned from the scores of its children in the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LearnedNode {
    /// How many rows the weights rest on: those with a score of every child.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<usize>,
    /// How many rows were left out, because a child had no score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dropped: Option<usize>,
    /// How far the realised importance is from the targets at these weights: the sum of squared differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) objective: Option<f64>,
    /// Saaty's consistency ratio of the comparisons behind the weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) consistency_ratio: Option<f64>,
    /// By child; they sum to 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) weights: BTreeMap<String, f64>,
}

/// Weights that sum to 1 up to this do.
const HAIR: f64 = 1e-9;

impl LearnedNode {
    /// Whether these are numbers that can have been learned.
    pub(super) fn is_sound(&self) -> bool {
        let beside = [self.objective, self.consistency_ratio];
        let total: f64 = self.weights.values().sum();
        beside.into_iter().flatten().chain(self.weights.values().copied()).all(|x| x.is_finite() && x >= 0.0)
            && (self.weights.is_empty() || (total - 1.0).abs() <= HAIR)
    }
}

/// Whether a node cannot be scored without a calibration.
pub(crate) fn needs_calibration(node: &Node) -> bool {
    node.weighting.is_learned()
}

/// Whether a node leaves anything in a calibration.
fn learns(node: &Node) -> bool {
    needs_calibration(node) || matches!(node.weighting, Weighting::Ahp { .. })
}

/// The node as a key path, such as `pillar.felt`.
pub(crate) fn path_of(node: &Node) -> String {
    node.kind.path(&node.id)
}

/// Everything the nodes learn, from the scores of all indicators in the reference, by position.
///
/// Only the nodes are scored on the way that another one learns from.
///
/// # Errors
/// Every node that cannot learn what it needs.
pub(crate) fn learn_all(parts: &Resolved, indicators: &[Vec<f64>]) -> Result<LearnedNodes> {
    let wanted = wanted_columns(parts);
    let mut columns: Vec<Option<Vec<f64>>> = Vec::new();
    let mut found = LearnedNodes::new();
    let mut faults = Vec::new();
    for (node, wanted) in parts.nodes.iter().zip(wanted) {
        let mut own = None;
        if wanted || learns(node) {
            let below = node.children.iter().map(|(child, _)| match child {
                Child::Indicator(at) => indicators.get(*at).map(Vec::as_slice),
                Child::Node(at) => columns.get(*at).and_then(Option::as_deref),
            });
            // Without the column of a child, which is a fault already, there is nothing to learn from.
            if let Some(below) = below.collect::<Option<Vec<&[f64]>>>() {
                let step = learn_node(parts, node, &below).and_then(|learned| {
                    let scored =
                        wanted.then(|| score_node(parts, node, Some(&learned), &below)).transpose()?;
                    Ok((learned, scored))
                });
                match step {
                    Ok((learned, scored)) => {
                        own = scored;
                        if learned != LearnedNode::default() {
                            found.insert(node.id.clone(), learned);
                        }
                    }
                    Err(error) => faults.extend(error.into_faults()),
                }
            }
        }
        columns.push(own);
    }
    if faults.is_empty() { Ok(found) } else { Err(Error::new(ErrorKind::Calibration, faults)) }
}

/// The nodes whose own scores some node above learns from.
fn wanted_columns(parts: &Resolved) -> Vec<bool> {
    let mut wanted = vec![false; parts.nodes.len()];
    for (at, node) in parts.nodes.iter().enumerate().rev() {
        if !(wanted.get(at).copied().unwrap_or(false) || learns(node)) {
            continue;
        }
        for (child, _) in &node.children {
            if let Child::Node(below) = child
                && let Some(below) = wanted.get_mut(*below)
            {
                *below = true;
            }
        }
    }
    wanted
}

/// What a node learns from the scores of its children in the reference: a column a child, NaN where there is none.
///
/// It needs no [`Calibration`](super::Calibration): whoever has the columns can learn a node by itself.
///
/// # Errors
/// A reference in which it cannot be learned.
pub(crate) fn learn_node(parts: &Resolved, node: &Node, children: &[&[f64]]) -> Result<LearnedNode> {
    weights::learn(parts, node, children)
}

/// The scores of a node from those of its children, with what it has learned; NaN where there is none.
///
/// # Errors
/// What it should have learned and has not.
pub(crate) fn score_node(
    parts: &Resolved,
    node: &Node,
    learned: Option<&LearnedNode>,
    children: &[&[f64]],
) -> Result<Vec<f64>> {
    Ok(columns::of_node(node, &weights_of(parts, node, learned)?, children))
}

/// The weights a node is joined with, child by child: those declared, or those learned.
///
/// # Errors
/// Weights that are learned, and are not there for just its children.
pub(crate) fn weights_of(parts: &Resolved, node: &Node, learned: Option<&LearnedNode>) -> Result<Vec<f64>> {
    if !node.weighting.is_learned() {
        return Ok(node.children.iter().map(|(_, weight)| *weight).collect());
    }
    let known = learned.map(|learned| &learned.weights);
    let of = |(child, _): &(Child, f64)| known?.get(parts.child_id(*child)).copied();
    let weights: Option<Vec<f64>> = node.children.iter().map(of).collect();
    weights.filter(|weights| known.is_some_and(|known| known.len() == weights.len())).ok_or_else(|| {
        let fault = Fault::new("the calibration has no weights for its children")
            .key(format!("{}.weights", path_of(node)))
            .help("learn it again with `vointi calibrate`");
        Error::new(ErrorKind::Calibration, vec![fault])
    })
}
