//! Where the weights of a node come from: `weights` of a pillar, a domain or the index.

use serde::Serialize;

use super::source::{Faults, Node, Value};
use crate::{
    error::suggest,
    num::pairwise::{self, Compared},
};

/// Where the weights of a node come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Weighting {
    /// In `children`.
    #[default]
    Declared,
    Equal,
    /// The first principal component of the children in the reference.
    Pca,
    /// The squared loadings of its rotated components.
    PcaSquared,
    Entropy,
    Critic,
    /// The standard deviations in the reference.
    Sd,
    /// Pairwise comparisons, rows in the order of the children.
    Ahp {
        matrix: Vec<Vec<f64>>,
        max_ratio: f64,
    },
    /// What each child is to weigh in the end, in the order of the children; they sum to 1.
    Importance {
        targets: Vec<f64>,
    },
}

/// Saaty's: comparisons that contradict each other more than a tenth as much as random ones are made again.
const MAX_RATIO: f64 = 0.1;

/// A comparison and its reverse may be rounded to two digits, as 3 and 0.33.
const ROUNDING: f64 = 0.0101;

impl Weighting {
    pub(crate) fn is_declared(&self) -> bool {
        *self == Self::Declared
    }

    /// Whether the weights come from a reference.
    pub(crate) fn is_learned(&self) -> bool {
        !matches!(self, Self::Declared | Self::Equal | Self::Ahp { .. })
    }

    /// How they come about, in words; nothing where they are declared.
    pub(crate) fn in_words(&self) -> Option<String> {
        let words = match self {
            Self::Declared => return None,
            Self::Equal => "equal weights",
            Self::Pca => "weights by the first principal component",
            Self::PcaSquared => "weights by squared loadings of rotated components",
            Self::Entropy => "weights by entropy",
            Self::Critic => "weights by CRITIC",
            Self::Sd => "weights by standard deviation",
            Self::Ahp { .. } => {
                let ratio = self.comparisons().map_or(0.0, |compared| compared.ratio);
                return Some(format!("weights by pairwise comparisons, consistency ratio {ratio:.3}"));
            }
            Self::Importance { .. } => "weights by targets of importance",
        };
        Some(words.to_owned())
    }

    /// What follows from pairwise comparisons, if it is these.
    pub(crate) fn comparisons(&self) -> Option<Compared> {
        if let Self::Ahp { matrix, .. } = self { Some(pairwise::compared(matrix)) } else { None }
    }

    /// The same for the children that are kept.
    pub(super) fn of_kept(self, kept: &[bool]) -> Self {
        fn only<T>(all: Vec<T>, kept: &[bool]) -> Vec<T> {
            all.into_iter().zip(kept).filter(|(_, kept)| **kept).map(|(one, _)| one).collect()
        }
        match self {
            Self::Ahp { matrix, max_ratio } => {
                let matrix = only(matrix, kept).into_iter().map(|row| only(row, kept)).collect();
                Self::Ahp { matrix, max_ratio }
            }
            Self::Importance { targets } => {
                let targets = only(targets, kept);
                let total: f64 = targets.iter().sum();
                Self::Importance { targets: targets.into_iter().map(|target| target / total).collect() }
            }
            other => other,
        }
    }
}

/// Reads `weights` of a node whose children have these names.
pub(super) fn read(node: &Node, names: &[&str], path: &str, faults: &mut Faults<'_>) -> Weighting {
    let Some(weights) = node.get("weights") else { return Weighting::Declared };
    let path = format!("{path}.weights");
    if node.get("children").is_some_and(|children| matches!(children.value, Value::Table(_))) {
        let help = "name the children in a list, or leave out `weights`";
        faults.add(weights.span.start, &path, "the children have weights already", help);
        return Weighting::Declared;
    }
    match weights.text() {
        Some("equal") => return Weighting::Equal,
        Some("pca") => return Weighting::Pca,
        Some("pca_squared") => return Weighting::PcaSquared,
        Some("entropy") => return Weighting::Entropy,
        Some("critic") => return Weighting::Critic,
        Some("sd") => return Weighting::Sd,
        // No such word, or not of that kind: a fault already.
        Some(_) => return Weighting::Declared,
        None => {}
    }
    let (ahp, importance) = (weights.get("ahp"), weights.get("importance"));
    let read = match (ahp, importance) {
        (Some(matrix), None) => read_ahp(weights, matrix, names, &path, faults),
        (None, Some(targets)) => read_importance(targets, names, &path, faults),
        _ => {
            let what = "the weights do not come from one place";
            faults.add(weights.span.start, &path, what, "give one of ahp, importance");
            None
        }
    };
    if ahp.is_none()
        && let Some(found) = weights.get("max_ratio")
    {
        faults.add(
            found.span.start,
            &format!("{path}.max_ratio"),
            "only comparisons have a consistency ratio",
            "it goes with `ahp`",
        );
    }
    read.unwrap_or_default()
}

fn read_ahp(
    weights: &Node,
    matrix: &Node,
    names: &[&str],
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Weighting> {
    let at = matrix.span.start;
    let own = format!("{path}.ahp");
    let rows: Vec<Vec<f64>> = matrix.list().iter().map(Node::numbers).collect();
    let size = names.len();
    if rows.len() != size || rows.iter().any(|row| row.len() != size) {
        let help = format!("give {size} rows of {size} numbers, in the order of `children`");
        faults.add(at, &own, "the matrix does not fit the children", help);
        return None;
    }
    if size > pairwise::MOST {
        let help = format!("up to {} can be compared: join some in a pillar", pairwise::MOST);
        faults.add(at, &own, format!("{size} children are too many to compare"), help);
        return None;
    }
    let cell = |row: usize, column: usize| {
        rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(f64::NAN)
    };
    let name = |at: usize| names.get(at).copied().unwrap_or_default();
    let mut fits = true;
    for row in 0..size {
        for column in row..size {
            let (one, other) = (cell(row, column), cell(column, row));
            let (what, help) = if !(one > 0.0 && other > 0.0) {
                ("is not above 0", "how many times as important the row is as the column")
            } else if row == column && one != 1.0 {
                ("with itself is not 1", "nothing is more important than itself")
            } else if (one * other - 1.0).abs() > ROUNDING {
                ("is not one over its reverse", "a is 3 times as important as b, so b is 1/3 of a")
            } else {
                continue;
            };
            fits = false;
            let what = format!("the comparison of `{}` and `{}` {what}", name(row), name(column));
            faults.add(at, &own, what, help);
        }
    }
    let ratio = weights.get("max_ratio");
    let max_ratio = ratio.and_then(Node::number).unwrap_or(MAX_RATIO);
    if max_ratio < 0.0 {
        let at = ratio.map_or(at, |node| node.span.start);
        let what = format!("{max_ratio} is no ratio");
        faults.add(at, &format!("{path}.max_ratio"), what, "give 0 or more; Saaty has 0.1");
        fits = false;
    }
    if !fits {
        return None;
    }
    let found = pairwise::compared(&rows);
    // Comparisons that agree have a ratio of 0 but for rounding.
    if found.ratio > max_ratio + 1e-12 {
        let off = |row: usize, column: usize| {
            let weight = |at: usize| found.weights.get(at).copied().unwrap_or(f64::NAN);
            libm::log(cell(row, column) * weight(column) / weight(row)).abs()
        };
        let pairs = (0..size).flat_map(|row| (row + 1..size).map(move |column| (row, column)));
        let worst = pairs.max_by(|a, b| off(a.0, a.1).total_cmp(&off(b.0, b.1)));
        let help = worst.map_or_else(String::new, |(row, column)| {
            format!("that of `{}` and `{}` is furthest from the others", name(row), name(column))
        });
        let what = format!(
            "the comparisons contradict each other: consistency ratio {:.3}, above {max_ratio}",
            found.ratio
        );
        faults.add(at, &own, what, help);
        return None;
    }
    Some(Weighting::Ahp { matrix: rows, max_ratio })
}

/// By name, never by place.
fn read_importance(targets: &Node, names: &[&str], path: &str, faults: &mut Faults<'_>) -> Option<Weighting> {
    let own = format!("{path}.importance");
    let mut fits = true;
    for entry in targets.entries() {
        if !names.contains(&entry.key.as_str()) {
            let help = suggest(&entry.key, names.iter().copied());
            faults.add(entry.at.start, &own, format!("`{}` is no child", entry.key), help);
            fits = false;
        }
        if entry.node.number().is_some_and(|target| target < 0.0) {
            let what = format!("the target of `{}` is below 0", entry.key);
            faults.add(entry.at.start, &own, what, "targets are 0 or more");
            fits = false;
        }
    }
    let of = |name: &&str| targets.get(name).and_then(Node::number);
    for name in names.iter().filter(|name| targets.get(name).is_none()) {
        let help = "every child has one; 0 for none";
        faults.add(targets.span.start, &own, format!("`{name}` has no target"), help);
        fits = false;
    }
    let found: Option<Vec<f64>> = names.iter().map(of).collect();
    let found = found.filter(|_| fits)?;
    let total: f64 = found.iter().sum();
    if total <= 0.0 {
        faults.add(targets.span.start, &own, "all targets are 0", "give at least one above 0");
        return None;
    }
    Some(Weighting::Importance { targets: found.into_iter().map(|target| target / total).collect() })
}
