//! What each indicator adds to a person's index.

use std::fmt;

use serde::Serialize;

use super::sides::named;
use crate::{
    cohort::Person,
    definition::parts::{Child, NodeKind, Resolved},
    error::Result,
    index::{Index, Scores},
};

/// A profile of indicator scores that a person is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// In the order of the definition; NaN where nobody has the indicator.
    values: Vec<f64>,
}

impl Baseline {
    /// The mean of each indicator over those who have it.
    pub fn mean(scores: &Scores) -> Self {
        let mean = |column: ndarray::ArrayView1<'_, f64>| {
            super::spread::mean_and_sd(column.iter().copied()).1.unwrap_or(f64::NAN)
        };
        Self { values: scores.indicators().columns().into_iter().map(mean).collect() }
    }
}

/// What each indicator adds to the score of the baseline, to make that of the person.
#[derive(Clone, PartialEq, Serialize)]
pub struct Contributions {
    /// The score of the baseline.
    pub baseline: f64,
    /// The score of the person.
    pub score: f64,
    /// They sum to score − baseline.
    pub rows: Vec<Contribution>,
}

/// Shows how many rows there are.
impl fmt::Debug for Contributions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contributions({} rows)", self.rows.len())
    }
}

/// What an indicator adds.
#[derive(Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// The indicator, or `missing`.
    pub id: String,
    /// What it is, in words.
    pub title: String,
    /// Its parents from the index down.
    pub path: Vec<String>,
    /// The person's score of the indicator.
    pub value: Option<f64>,
    /// The baseline's.
    pub baseline: Option<f64>,
    /// What it adds, in points of the index.
    pub points: f64,
}

/// Shows the indicator, no value.
impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contribution({:?})", self.id)
    }
}

fn weights(parts: &Resolved, node: usize, share: f64, into: &mut [f64]) {
    for (child, weight) in parts.nodes.get(node).map(|node| node.children.as_slice()).unwrap_or_default() {
        match child {
            Child::Indicator(at) => {
                if let Some(slot) = into.get_mut(*at) {
                    *slot += share * weight;
                }
            }
            Child::Node(at) => weights(parts, *at, share * weight, into),
        }
    }
}

/// What each indicator adds, of an index of arithmetic means.
///
/// # Errors
/// A person of another definition.
pub fn contributions(index: &Index, person: &Person, baseline: &Baseline) -> Result<Contributions> {
    let parts = index.definition().parts();
    let score = index.score(person)?;
    let mut shares = vec![0.0; parts.indicators.len()];
    if let Some(at) = parts.nodes.iter().position(|node| node.kind == NodeKind::Index) {
        weights(parts, at, 1.0, &mut shares);
    }
    let total = |values: &mut dyn Iterator<Item = f64>| shares.iter().zip(values).map(|(w, v)| w * v).sum();
    let base: f64 = total(&mut baseline.values.iter().copied());
    let whole = score.value().unwrap_or(f64::NAN);
    let mut rows: Vec<Contribution> = Vec::new();
    for ((indicator, share), held) in parts.indicators.iter().zip(&shares).zip(&baseline.values) {
        let Some(value) = score.indicator(&indicator.id) else { continue };
        rows.push(Contribution {
            id: indicator.id.clone(),
            title: named(&indicator.title, &indicator.id),
            path: Vec::new(),
            value: Some(value),
            baseline: Some(*held),
            points: share * (value - held),
        });
    }
    if rows.len() < parts.indicators.len() {
        let points = whole - base - rows.iter().map(|row| row.points).sum::<f64>();
        let (id, title) = ("missing".to_owned(), "missing".to_owned());
        rows.push(Contribution { id, title, path: Vec::new(), value: None, baseline: None, points });
    }
    Ok(Contributions { baseline: base, score: whole, rows })
}
