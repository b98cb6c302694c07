//! How a cohort changed from one wave to another, on one calibration.

use std::collections::HashMap;

use serde::Serialize;

use super::columns::{Columns, Level};
use crate::{
    cohort::Cohort,
    index::Branch,
    num::{spread::mean_and_sd, student},
    scale::FEWEST_FOR_EMPLOYER,
};

/// How sure the intervals of mean changes are.
const LEVEL: f64 = 0.95;

/// The mean change of the persons seen in two waves.
///
/// **Formula** means and t intervals of differences within persons. An indicator contributes the mean over the persons with
/// both indices of w̄ (x₂ − x₁), w̄ the mean of the shares it had of each of the two indices; what counts in one of a
/// person's two indices only makes up the rest. Contributions and rest add up to the mean change of the index, where every mean
/// of the tree is arithmetic.
///
/// **Units** those of the scores. Both waves are scored with one calibration, so that nothing moves but the persons.
///
/// **Missing data** of each score the persons who have it in both waves; `n` says how many.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WaveChange {
    /// The earlier wave.
    pub from: String,
    /// The later one.
    pub to: String,
    /// Persons in the file in both; none for an employer.
    pub persons: Option<usize>,
    /// The index, then pillars, domains and indicators.
    pub changes: Vec<MeanChange>,
    /// What of the change of the index comes from being observed in one of the waves only; none where contributions do not
    /// add up.
    pub rest: Option<f64>,
}

/// The mean change of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MeanChange {
    /// `index`, `pillar.<id>`, `domain.<id>` or `indicator.<id>`.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// Where it stands.
    pub level: Level,
    /// Persons who have it in both waves.
    pub n: usize,
    /// Their mean in the earlier wave.
    pub before: Option<f64>,
    /// Their mean in the later wave.
    pub after: Option<f64>,
    /// The mean of their differences.
    pub change: Option<f64>,
    /// The standard deviation of their differences.
    pub sd: Option<f64>,
    /// The lower end of the 95 % interval of the mean difference.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// What an indicator adds to the mean change of the index.
    pub contribution: Option<f64>,
}

pub(super) fn changes(cohort: &Cohort, columns: &Columns<'_>) -> Vec<WaveChange> {
    let waves = Waves::of(cohort);
    let count = waves.rows.len();
    let mut steps: Vec<(usize, usize)> = (1..count).map(|at| (at - 1, at)).collect();
    if count > 2 {
        steps.push((0, count - 1));
    }
    steps.into_iter().filter_map(|(from, to)| between(cohort, columns, &waves, from, to)).collect()
}

/// The rows of each wave, in the order of the waves.
struct Waves<'a> {
    rows: Vec<(&'a str, Vec<usize>)>,
}

impl<'a> Waves<'a> {
    /// In the order of their numbers where all are numbers, else as they come first in the file.
    fn of(cohort: &'a Cohort) -> Self {
        let mut rows: Vec<(&str, Vec<usize>)> = Vec::new();
        for row in 0..cohort.rows() {
            let Some(wave) = cohort.wave(row) else { continue };
            match rows.iter_mut().find(|(known, _)| *known == wave) {
                Some((_, rows)) => rows.push(row),
                None => rows.push((wave, vec![row])),
            }
        }
        let numbers: Option<Vec<f64>> = rows.iter().map(|(wave, _)| wave.trim().parse().ok()).collect();
        if numbers.is_some_and(|numbers| numbers.iter().all(|number| number.is_finite())) {
            let number = |wave: &str| wave.trim().parse::<f64>().unwrap_or(f64::NAN);
            rows.sort_by(|(a, _), (b, _)| number(a).total_cmp(&number(b)));
        }
        Self { rows }
    }
}

fn between(
    cohort: &Cohort,
    columns: &Columns<'_>,
    waves: &Waves<'_>,
    from: usize,
    to: usize,
) -> Option<WaveChange> {
    let ((first, before), (second, after)) = (waves.rows.get(from)?, waves.rows.get(to)?);
    let later: HashMap<&str, usize> = after.iter().filter_map(|row| Some((cohort.id(*row)?, *row))).collect();
    let pairs: Vec<[usize; 2]> =
        before.iter().filter_map(|row| Some([*row, *later.get(cohort.id(*row)?)?])).collect();
    let parts = contributions(columns, &pairs);
    let slots = columns.scores.len();
    // The index first, then down.
    let changes = (0..slots).rev().filter_map(|slot| {
        let column = columns.scores.get(slot)?;
        let mut change = MeanChange::of(&column.values, &pairs);
        (change.name, change.title, change.level) = (column.name.clone(), column.title.clone(), column.level);
        change.contribution = parts.as_ref().and_then(|(parts, _)| parts.get(slot).copied());
        Some(change)
    });
    let mut changes: Vec<MeanChange> = changes.collect();
    let nodes = changes.iter().take_while(|change| change.level != Level::Indicator).count();
    // Indicators in the order of the definition.
    if let Some(indicators) = changes.get_mut(nodes..) {
        indicators.reverse();
    }
    Some(WaveChange {
        from: (*first).to_owned(),
        to: (*second).to_owned(),
        persons: Some(pairs.len()),
        changes,
        rest: parts.map(|(_, rest)| rest),
    })
}

impl MeanChange {
    /// Nameless, of some pairs of rows.
    fn of(values: &[f64], pairs: &[[usize; 2]]) -> Self {
        let at = |row: usize| values.get(row).copied().unwrap_or(f64::NAN);
        let both: Vec<[f64; 2]> = pairs
            .iter()
            .map(|[a, b]| [at(*a), at(*b)])
            .filter(|pair| pair.iter().all(|x| !x.is_nan()))
            .collect();
        let mean = |k: usize| mean_and_sd(both.iter().filter_map(|pair| pair.get(k).copied())).1;
        let (n, change, sd) = mean_and_sd(both.iter().map(|[before, after]| after - before));
        let half = sd
            .map(|sd| student::quantile_above(0.5 * (1.0 - LEVEL), n as f64 - 1.0) * sd / (n as f64).sqrt());
        let end = |sign: f64| change.zip(half).map(|(change, half)| change + sign * half);
        Self {
            name: String::new(),
            title: String::new(),
            level: Level::Index,
            n,
            before: mean(0),
            after: mean(1),
            change,
            sd,
            low: end(-1.0),
            high: end(1.0),
            contribution: None,
        }
    }
}

/// What each indicator adds to the mean change of the index, and the rest; none of a tree that is not arithmetic, or of nobody.
fn contributions(columns: &Columns<'_>, pairs: &[[usize; 2]]) -> Option<(Vec<f64>, f64)> {
    let tree = columns.tree;
    let root = tree.root();
    let nodes = (0..=root).filter_map(|slot| tree.node(slot));
    if !nodes.clone().all(Branch::is_arithmetic) {
        return None;
    }
    let indicators = root + 1 - nodes.count();
    let at = |slot: usize, row: usize| {
        columns.scores.get(slot).and_then(|column| column.values.get(row)).copied().unwrap_or(f64::NAN)
    };
    let mut added = vec![0.0; indicators];
    let mut rest = 0.0;
    let mut persons = 0_usize;
    let mut shares = [vec![0.0; root + 1], vec![0.0; root + 1]];
    for pair in pairs {
        let [before, after] = pair.map(|row| at(root, row));
        if before.is_nan() || after.is_nan() {
            continue;
        }
        persons += 1;
        for (shares, row) in shares.iter_mut().zip(pair) {
            shares_of_index(columns, *row, shares);
        }
        let mut left = after - before;
        let [first, second] = &shares;
        for (slot, added) in added.iter_mut().enumerate() {
            let [x, y] = pair.map(|row| at(slot, row));
            let share = |shares: &[f64]| shares.get(slot).copied().unwrap_or(0.0);
            let (one, other) = (share(first), share(second));
            // What counts in one of the two indices only is part of the rest.
            if !x.is_nan() && !y.is_nan() && one > 0.0 && other > 0.0 {
                let points = f64::midpoint(one, other) * (y - x);
                *added += points;
                left -= points;
            }
        }
        rest += left;
    }
    let n = persons as f64;
    (persons > 0).then(|| (added.into_iter().map(|sum| sum / n).collect(), rest / n))
}

/// The share that every slot has of the index of a row: weights renormalised over what is there, multiplied downwards.
fn shares_of_index(columns: &Columns<'_>, row: usize, shares: &mut [f64]) {
    shares.fill(0.0);
    if let Some(root) = shares.last_mut() {
        *root = 1.0;
    }
    let is_there = |slot: usize| {
        columns
            .scores
            .get(slot)
            .and_then(|column| column.values.get(row))
            .is_some_and(|value| !value.is_nan())
    };
    for slot in (0..shares.len()).rev() {
        let Some(node) = columns.tree.node(slot) else { continue };
        let own = shares.get(slot).copied().unwrap_or(0.0);
        let observed: f64 =
            node.children().iter().filter(|(child, _)| is_there(*child)).map(|(_, weight)| weight).sum();
        for (child, weight) in node.children().iter().filter(|(child, _)| is_there(*child)) {
            if let Some(share) = shares.get_mut(*child) {
                *share = own * weight / observed;
            }
        }
    }
}

impl WaveChange {
    /// What of it an employer may see: the change of the index, of ten persons or more.
    pub(super) fn for_employer(mut self) -> Option<Self> {
        self.changes.retain(|change| change.level == Level::Index && change.n >= FEWEST_FOR_EMPLOYER);
        self.persons = None;
        self.rest = None;
        (!self.changes.is_empty()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::MeanChange;

    /// R 4.2.2: t.test(c(3, 5, 9), c(1, 2, 4), paired = TRUE).
    #[test]
    fn differences_are_within_persons() {
        let values = [1.0, 2.0, 4.0, f64::NAN, 3.0, 5.0, 9.0, 7.0];
        let found = MeanChange::of(&values, &[[0, 4], [1, 5], [2, 6], [3, 7]]);
        assert_eq!((found.n, found.change), (3, Some(10.0 / 3.0)));
        assert!((found.low.unwrap() + 0.461_249_700_263).abs() < 1e-11, "{found:?}");
        assert_eq!(MeanChange::of(&values, &[]).change, None);
        assert_eq!(MeanChange::of(&values, &[[0, 4]]).low, None);
    }
}
