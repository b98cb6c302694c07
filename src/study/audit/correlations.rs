//! What goes with what: between the columns of two levels.

use serde::Serialize;

use super::{
    Thresholds,
    columns::{Column, Columns, Level},
    each::each,
};
use crate::num::rank::p_of_correlation;

/// How two columns stand to each other in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Relation {
    /// Both are children of one parent.
    Siblings,
    /// The second is somewhere above the first.
    Above,
    /// Neither.
    Apart,
}

/// How far two columns go together.
///
/// **Formula** Pearson's r; Spearman's ρ, r of mean ranks; Kendall's τ-b, (P − Q)/√((n₀ − n₁)(n₀ − n₂)). p of r and ρ by
/// t = r √((n − 2)/(1 − r²)); p of τ exact below fifty pairs without ties, else normal with the variance for ties.
///
/// **Missing data** persons without one of the two are left out; `n` says how many are not. None below three persons, or where
/// a column is constant.
///
/// **Reference** Kendall 1970, Rank Correlation Methods, 4th edition; Knight 1966, J. Am. Stat. Assoc. 61:436.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PairFigures {
    /// A column.
    pub first: String,
    /// Another.
    pub second: String,
    /// How they stand to each other.
    pub relation: Relation,
    /// Persons who have both.
    pub n: usize,
    /// Pearson's correlation.
    pub pearson: Option<f64>,
    /// Its two-sided p-value.
    pub pearson_p: Option<f64>,
    /// Spearman's.
    pub spearman: Option<f64>,
    /// Its two-sided p-value.
    pub spearman_p: Option<f64>,
    /// Kendall's τ-b.
    pub kendall: Option<f64>,
    /// Its two-sided p-value.
    pub kendall_p: Option<f64>,
    /// What is remarkable, by the thresholds of the audit: `redundant`, `low`, `negative`.
    pub flags: Vec<&'static str>,
}

/// Pearson's correlation of every indicator with every other, for a picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CorrelationMap {
    /// The indicators.
    pub names: Vec<String>,
    /// What they are, in words.
    pub titles: Vec<String>,
    /// Row by row, without those at and above the diagonal.
    pub pearson: Vec<Vec<Option<f64>>>,
}

/// Of all columns asked for: by default indicators with those of the same parent and with all above them, and pillars
/// with each other and all above them.
pub(super) fn pairs(
    columns: &Columns<'_>,
    between: &[[Level; 2]],
    thresholds: &Thresholds,
) -> Vec<PairFigures> {
    let tree = columns.tree;
    let above =
        |slot: usize| std::iter::successors(tree.parent(slot), |(at, _)| tree.parent(*at)).map(|(at, _)| at);
    let relation = |a: usize, b: usize| {
        if above(a).any(|at| at == b) {
            Relation::Above
        } else if tree.parent(a).map(|(at, _)| at) == tree.parent(b).map(|(at, _)| at) {
            Relation::Siblings
        } else {
            Relation::Apart
        }
    };
    let mut wanted: Vec<(&Column, &Column, Relation)> = Vec::new();
    if between.is_empty() {
        for (slot, first) in columns.scores.iter().enumerate() {
            let is_node = first.level != Level::Indicator;
            for (other, second) in columns.scores.iter().enumerate().skip(slot + 1) {
                let relation = relation(slot, other);
                let both_nodes = is_node && first.level == second.level;
                if relation != Relation::Apart || both_nodes {
                    wanted.push((first, second, relation));
                }
            }
        }
    }
    for [one, other] in between {
        let of = |level: Level| {
            let all = columns.all().filter(move |column| column.level == level);
            all.collect::<Vec<&Column>>()
        };
        let slot = |column: &Column| columns.scores.iter().position(|known| known.name == column.name);
        for (at, first) in of(*one).into_iter().enumerate() {
            for second in of(*other).into_iter().skip(if one == other { at + 1 } else { 0 }) {
                let relation = match (slot(first), slot(second)) {
                    (Some(a), Some(b)) if b < a && relation(a, b) == Relation::Apart => relation(b, a),
                    (Some(a), Some(b)) => relation(a, b),
                    _ => Relation::Apart,
                };
                wanted.push((first, second, relation));
            }
        }
    }
    each(&wanted, |(first, second, relation)| of_pair(first, second, *relation, thresholds))
}

fn of_pair(first: &Column, second: &Column, relation: Relation, thresholds: &Thresholds) -> PairFigures {
    let (n, r) = pearson(&first.values, &second.values);
    // A column that is constant but for rounding has no correlation.
    let common = first.ordered.in_common(&second.ordered);
    let r = r.filter(|_| common.spearman.is_some());
    let mut found = PairFigures {
        first: first.name.clone(),
        second: second.name.clone(),
        relation,
        n,
        pearson: r,
        pearson_p: r.map(|r| p_of_correlation(r, n as f64)),
        spearman: common.spearman.map(|of| of.value),
        spearman_p: common.spearman.map(|of| of.p),
        kendall: common.kendall.map(|of| of.value),
        kendall_p: common.kendall.map(|of| of.p),
        flags: Vec::new(),
    };
    found.flags = thresholds.flags_of_pair(&found);
    found
}

/// How many rows have both, and their correlation in two passes: none below three, or without spread.
pub(in crate::study) fn pearson(x: &[f64], y: &[f64]) -> (usize, Option<f64>) {
    let both = || x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let (n, sum_x, sum_y) = both().fold((0_usize, 0.0, 0.0), |(n, a, b), (x, y)| (n + 1, a + x, b + y));
    let (mean_x, mean_y) = (sum_x / n as f64, sum_y / n as f64);
    let (xx, yy, xy) = both().fold((0.0, 0.0, 0.0), |(xx, yy, xy), (x, y)| {
        let (dx, dy) = (x - mean_x, y - mean_y);
        (xx + dx * dx, yy + dy * dy, xy + dx * dy)
    });
    let has_spread = n > 2 && xx > 0.0 && yy > 0.0;
    (n, has_spread.then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0)))
}

/// More indicators than this make no picture.
const MOST: usize = 40;

pub(super) fn map(columns: &Columns<'_>) -> Option<CorrelationMap> {
    let of: Vec<&Column> = columns.scores.iter().filter(|column| column.level == Level::Indicator).collect();
    if of.len() < 2 || of.len() > MOST {
        return None;
    }
    let cells: Vec<(usize, usize)> =
        (0..of.len()).flat_map(|row| (0..row).map(move |column| (row, column))).collect();
    let found = each(&cells, |(row, column)| match (of.get(*row), of.get(*column)) {
        (Some(a), Some(b)) if a.ordered.distinct() > 1 && b.ordered.distinct() > 1 => {
            pearson(&a.values, &b.values).1
        }
        _ => None,
    });
    let mut found = found.into_iter();
    Some(CorrelationMap {
        names: of.iter().map(|column| column.name.clone()).collect(),
        titles: of.iter().map(|column| column.title.clone()).collect(),
        pearson: (0..of.len()).map(|row| found.by_ref().take(row).collect()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::pearson;

    #[test]
    fn three_are_the_least() {
        assert_eq!(pearson(&[1.0, 2.0], &[1.0, 3.0]), (2, None));
        let (n, r) = pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]);
        assert!(n == 3 && r.is_some_and(|r| (r - 1.0).abs() < 1e-15));
        assert_eq!(pearson(&[1.0, f64::NAN, 3.0, 4.0], &[2.0, 4.0, 2.0, 2.0]), (3, None));
    }
}
