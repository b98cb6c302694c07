//! What the nodes of the tree learn from a reference: bottom-up, each from the scores of its children there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    definition::{
        Weighting,
        parts::{Aggregate, Child, Node, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result},
    index::{
        aggregate::{Distance, Frontier, Join, Lesson, Outranking},
        columns::{self, OfIndicator},
        weights,
    },
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
    /// By child, for TOPSIS: √Σ x², the best and the worst of the complete rows.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) norm: BTreeMap<String, f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) best: BTreeMap<String, f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) worst: BTreeMap<String, f64>,
    /// Rows of single persons, a score a child in the order of the children, for Copeland's score and the frontier.
    #[serde(skip_serializing_if = "Persons::is_empty")]
    pub(crate) persons: Persons,
}

/// Scores of persons, row by row; NaN, which TOML has a word for, where one is missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Persons(pub(crate) Vec<Vec<f64>>);

impl Persons {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Bit for bit: what is missing is equal to what is missing.
impl PartialEq for Persons {
    fn eq(&self, other: &Self) -> bool {
        let bits = |rows: &Self| -> Vec<Vec<u64>> {
            rows.0.iter().map(|row| row.iter().map(|x| x.to_bits()).collect()).collect()
        };
        bits(self) == bits(other)
    }
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
            && self.norm.values().all(|x| *x > 0.0)
            && self.norm.values().chain(self.best.values()).chain(self.worst.values()).all(|x| x.is_finite())
            && self.persons.0.iter().all(|row| {
                Some(row.len()) == self.persons.0.first().map(Vec::len)
                    && row.iter().all(|x| !x.is_infinite())
            })
    }

    /// Whether it holds scores of single persons.
    pub(crate) fn keeps_persons(&self) -> bool {
        !self.persons.is_empty()
    }
}

/// Whether a node cannot be scored without a calibration.
pub(crate) fn needs_calibration(node: &Node) -> bool {
    node.weighting.is_learned() || node.aggregate.needs_reference()
}

/// Whether a node leaves anything in a calibration.
pub(crate) fn learns(node: &Node) -> bool {
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
pub(crate) fn learn_all(parts: &Resolved, indicators: &[OfIndicator]) -> Result<LearnedNodes> {
    let wanted = wanted_columns(parts);
    let mut columns: Vec<Option<Vec<f64>>> = Vec::new();
    let mut found = LearnedNodes::new();
    let mut faults = Vec::new();
    for (node, wanted) in parts.nodes.iter().zip(wanted) {
        let mut own = None;
        if wanted || learns(node) {
            // Without the column of a child, which is a fault already, there is nothing to learn from.
            if let Some(below) = columns::below(parts, node, indicators, &columns) {
                let below: Vec<&[f64]> = below.iter().map(|column| &**column).collect();
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
    let learned = weights::learn(parts, node, children);
    let (mut learned, mut faults) = match learned {
        Ok(learned) => (learned, Vec::new()),
        Err(error) => (LearnedNode::default(), error.into_faults()),
    };
    if let Err(error) = learn_aggregate(parts, node, children, &mut learned) {
        faults.extend(error.into_faults());
    }
    if faults.is_empty() { Ok(learned) } else { Err(Error::new(ErrorKind::Calibration, faults)) }
}

/// What the aggregate compares with.
///
/// **Missing data** TOPSIS and the frontier take rows with a score of every child; Copeland's score those of which the
/// node has one.
fn learn_aggregate(
    parts: &Resolved,
    node: &Node,
    children: &[&[f64]],
    learned: &mut LearnedNode,
) -> Result<()> {
    let columns = || children.iter().map(|column| column.to_vec()).collect::<Vec<_>>();
    let ids = || node.children.iter().map(|(child, _)| parts.child_id(*child).to_owned());
    let refused = |faults: Vec<(usize, Fault)>| {
        let place = |(at, fault): (usize, Fault)| {
            let child = node.children.get(at).map_or("", |(child, _)| parts.child_id(*child));
            fault.key(format!("{}.children.{child}", path_of(node)))
        };
        Error::new(ErrorKind::Calibration, faults.into_iter().map(place).collect())
    };
    match &node.aggregate {
        Aggregate::Topsis => {
            let found = Distance::learn(&columns()).map_err(refused)?;
            learned.norm = ids().zip(found.norm).collect();
            learned.best = ids().zip(found.best).collect();
            learned.worst = ids().zip(found.worst).collect();
        }
        Aggregate::BenefitOfTheDoubt { .. } => {
            check_solver(node)?;
            learned.persons = Persons(Frontier::learn(&columns()).map_err(refused)?);
        }
        Aggregate::Copeland => {
            let weights = weights_of(parts, node, Some(learned))?;
            let rows = children.iter().map(|column| column.len()).min().unwrap_or(0);
            let row =
                |at: usize| -> Vec<f64> { children.iter().filter_map(|c| c.get(at)).copied().collect() };
            let is_scored = |row: &Vec<f64>| {
                let there = row.iter().zip(&weights).filter(|(x, weight)| !x.is_nan() && **weight > 0.0);
                there.clone().next().is_some() && there.map(|(_, w)| w).sum::<f64>() >= node.at_least - HAIR
            };
            learned.persons = Persons((0..rows).map(row).filter(is_scored).collect());
            if learned.persons.is_empty() {
                let fault = Fault::new("nobody in the reference has enough of the children")
                    .key(path_of(node))
                    .help("copeland compares with persons: take a fuller reference");
                return Err(Error::new(ErrorKind::Calibration, vec![fault]));
            }
        }
        _ => {}
    }
    Ok(())
}

/// How a node joins its children, with what it has learned.
///
/// # Errors
/// What it should have learned and has not, or not for just its children; an aggregate this build has no solver for.
pub(crate) fn join_of(parts: &Resolved, node: &Node, learned: Option<&LearnedNode>) -> Result<Join> {
    let by_child = |of: fn(&LearnedNode) -> &BTreeMap<String, f64>| -> Option<Vec<f64>> {
        let known = of(learned?);
        let found: Option<Vec<f64>> =
            node.children.iter().map(|(child, _)| known.get(parts.child_id(*child)).copied()).collect();
        found.filter(|found| found.len() == known.len())
    };
    let persons = || -> Option<&Vec<Vec<f64>>> {
        let rows = &learned?.persons.0;
        rows.first().filter(|row| row.len() == node.children.len()).map(|_| rows)
    };
    let lesson = match &node.aggregate {
        Aggregate::Topsis => {
            let (norm, best, worst) = (by_child(|l| &l.norm), by_child(|l| &l.best), by_child(|l| &l.worst));
            match (norm, best, worst) {
                (Some(norm), Some(best), Some(worst)) => Lesson::Topsis(Distance { norm, best, worst }),
                _ => Lesson::None,
            }
        }
        Aggregate::Copeland => persons().map_or(Lesson::None, |rows| Lesson::Copeland(Outranking::new(rows))),
        Aggregate::BenefitOfTheDoubt { shares } => {
            check_solver(node)?;
            persons().map_or(Lesson::None, |rows| Lesson::Frontier(Frontier::new(rows, shares)))
        }
        _ => Lesson::None,
    };
    Join::new(&node.aggregate, lesson).ok_or_else(|| {
        let fault =
            Fault::new("the calibration has nothing of its children for the aggregate to compare with")
                .key(format!("{}.aggregate", path_of(node)))
                .help("learn it again with `vointi calibrate`");
        Error::new(ErrorKind::Calibration, vec![fault])
    })
}

/// Benefit of the doubt is a linear program a person; its solver is a feature of the build.
fn check_solver(node: &Node) -> Result<()> {
    if cfg!(feature = "frontier") {
        return Ok(());
    }
    let fault = Fault::new("this build has no solver for benefit_of_the_doubt")
        .key(format!("{}.aggregate", path_of(node)))
        .help("build it with the feature `frontier`");
    Err(Error::new(ErrorKind::Definition, vec![fault]))
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
    let join = join_of(parts, node, learned)?;
    Ok(columns::of_node(node, join, &weights_of(parts, node, learned)?, children))
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
