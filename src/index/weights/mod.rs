//! Weights that come from a reference: of the scores of the children of one node there.

mod importance;
mod principal;
mod spread;

use super::calibration::nodes::{LearnedNode, path_of};
use crate::{
    definition::{
        Weighting,
        parts::{Node, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result},
};

/// A correlation, or a variance, of fewer rows says nothing.
const FEWEST: usize = 3;

/// The scores of the children of one node in the reference: the rows in which none is missing.
pub(super) struct Complete<'a> {
    /// The ids of the children.
    names: Vec<&'a str>,
    columns: Vec<Vec<f64>>,
    rows: usize,
    dropped: usize,
}

/// Why there are no weights.
pub(super) struct Refusal {
    what: String,
    help: String,
}

type OrRefusal<T> = std::result::Result<T, Refusal>;

impl Refusal {
    fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }
}

impl<'a> Complete<'a> {
    fn of(names: Vec<&'a str>, children: &[&[f64]]) -> Self {
        let all = children.iter().map(|column| column.len()).min().unwrap_or(0);
        let is_complete =
            |row: &usize| children.iter().all(|column| column.get(*row).is_some_and(|score| !score.is_nan()));
        let rows: Vec<usize> = (0..all).filter(is_complete).collect();
        let of = |column: &&[f64]| rows.iter().filter_map(|row| column.get(*row).copied()).collect();
        Self {
            names,
            columns: children.iter().map(of).collect(),
            rows: rows.len(),
            dropped: all - rows.len(),
        }
    }

    fn name(&self, at: usize) -> &'a str {
        self.names.get(at).copied().unwrap_or_default()
    }

    /// Enough rows, and no child that is the same in all of them.
    fn check(&self) -> OrRefusal<()> {
        if self.rows < FEWEST {
            let what = format!(
                "weights need {FEWEST} rows of the reference with a score of every child, and {} have it",
                self.rows
            );
            return Err(Refusal::new(what, "take a fuller reference, or declare the weights"));
        }
        let is_constant = |column: &Vec<f64>| column.iter().all(|score| Some(score) == column.first());
        match self.columns.iter().position(is_constant) {
            Some(at) => {
                let what = format!("`{}` is the same in every complete row of the reference", self.name(at));
                Err(Refusal::new(what, "take it out, take another reference, or declare the weights"))
            }
            None => Ok(()),
        }
    }
}

/// The weights of a node and what is known about them, from the scores of its children in the reference.
///
/// **Missing data** rows in which a child has no score are left out, and counted.
///
/// **Standard error** none: weights are frozen, and the error of an index takes them as they are.
pub(super) fn learn(parts: &Resolved, node: &Node, children: &[&[f64]]) -> Result<LearnedNode> {
    let names: Vec<&str> = node.children.iter().map(|(child, _)| parts.child_id(*child)).collect();
    let with =
        |weights: &[f64]| names.iter().map(|name| (*name).to_owned()).zip(weights.iter().copied()).collect();
    if let Some(compared) = node.weighting.comparisons() {
        return Ok(LearnedNode {
            consistency_ratio: Some(compared.ratio),
            weights: with(&compared.weights),
            ..LearnedNode::default()
        });
    }
    if !node.weighting.is_learned() {
        return Ok(LearnedNode::default());
    }
    let complete = Complete::of(names.clone(), children);
    let found = of_complete(node, &complete).map_err(|refusal| {
        let key = format!("{}.weights", path_of(node));
        let fault = Fault::new(refusal.what).key(key).help(refusal.help);
        Error::new(ErrorKind::Calibration, vec![fault])
    })?;
    Ok(LearnedNode {
        rows: Some(complete.rows),
        dropped: Some(complete.dropped),
        objective: found.objective,
        consistency_ratio: None,
        weights: with(&found.weights),
        ..LearnedNode::default()
    })
}

/// Weights that sum to 1.
struct Found {
    weights: Vec<f64>,
    objective: Option<f64>,
}

fn of_complete(node: &Node, complete: &Complete<'_>) -> OrRefusal<Found> {
    complete.check()?;
    let plain = |weights: Vec<f64>| Found { weights, objective: None };
    // What stands alone has all the weight, whatever the method.
    if complete.names.len() == 1 {
        return Ok(plain(vec![1.0]));
    }
    match &node.weighting {
        Weighting::Declared | Weighting::Equal | Weighting::Ahp { .. } => Ok(plain(Vec::new())),
        Weighting::Pca => principal::first(complete).map(plain),
        Weighting::PcaSquared => Ok(plain(principal::squared(complete))),
        Weighting::Entropy => spread::entropy(complete).map(plain),
        Weighting::Critic => spread::critic(complete).map(plain),
        Weighting::Sd => Ok(plain(spread::sd(complete))),
        Weighting::Importance { targets } => importance::optimised(node, complete, targets),
    }
}

/// To a sum of 1.
fn normalised(mut weights: Vec<f64>) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= total;
    }
    weights
}

#[cfg(test)]
mod tests;
