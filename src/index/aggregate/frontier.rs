//! Benefit of the doubt: the most favourable weights that nobody in a reference would pass 1 by.

use crate::error::Fault;

/// Persons of a reference that bound what weights can do, and limits of the shares.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frontier {
    /// Row by row, each child over its largest in the reference.
    rows: Vec<Vec<f64>>,
    largest: Vec<f64>,
    /// By child; empty for none.
    shares: Vec<[f64; 2]>,
}

/// Who is so little short of the frontier is on it.
const HAIR: f64 = 1e-9;

impl Frontier {
    /// From the rows that [`learn`](Self::learn) gives.
    pub(crate) fn new(rows: &[Vec<f64>], shares: &[[f64; 2]]) -> Self {
        let children = rows.first().map_or(0, Vec::len);
        let largest: Vec<f64> = (0..children)
            .map(|at| rows.iter().filter_map(|row| row.get(at)).copied().fold(f64::NAN, f64::max))
            .collect();
        let scaled = |row: &Vec<f64>| row.iter().zip(&largest).map(|(x, largest)| x / largest).collect();
        Self { rows: rows.iter().map(scaled).collect(), largest, shares: shares.to_vec() }
    }

    /// The persons of a reference who have all children and whom no weights put inside the others: their rows,
    /// ascending by nothing but their values, so that the order of the reference does not show. `columns` are by child.
    ///
    /// # Errors
    /// By child, why there is no frontier.
    pub(crate) fn learn(columns: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, Vec<(usize, Fault)>> {
        let persons = columns.first().map_or(0, Vec::len);
        let row = |at: usize| -> Vec<f64> { columns.iter().filter_map(|c| c.get(at)).copied().collect() };
        let mut rows: Vec<Vec<f64>> =
            (0..persons).map(row).filter(|row| row.iter().all(|x| !x.is_nan())).collect();
        let refused = |at: usize, what: &str| {
            let help = "learn it from persons of whom somebody has more than 0 of every child";
            (at, Fault::new(what).help(help))
        };
        if rows.is_empty() {
            return Err(vec![refused(0, "nobody in the reference has all children")]);
        }
        let empty =
            (0..columns.len()).filter(|at| rows.iter().all(|row| row.get(*at).is_none_or(|x| *x <= 0.0)));
        let faults: Vec<(usize, Fault)> =
            empty.map(|at| refused(at, "nobody in the reference has more than 0 of the child")).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let sum = |row: &[f64]| row.iter().sum::<f64>();
        let by_value =
            |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| b.total_cmp(a)).find(|o| o.is_ne());
        rows.sort_by(|a, b| {
            sum(b).total_cmp(&sum(a)).then(by_value(a, b).unwrap_or(std::cmp::Ordering::Equal))
        });
        let mut kept: Vec<Vec<f64>> = Vec::new();
        for row in rows {
            let is_below = |other: &Vec<f64>| other.iter().zip(&row).all(|(other, own)| other >= own);
            if !kept.iter().any(is_below) {
                kept.push(row);
            }
        }
        // Whoever is strictly inside for every weights bounds none.
        let frontier = Self::new(&kept, &[]);
        let on_it = each(&kept, |row| frontier.optimum(row).is_none_or(|found| found >= 1.0 - HAIR));
        Ok(kept.into_iter().zip(on_it).filter(|(_, is_on)| *is_on).map(|(row, _)| row).collect())
    }

    /// **Formula** 100 max Σ wⱼ xⱼ subject to Σ wⱼ yₖⱼ ≤ 1 for every k of the frontier, w ≥ 0, and
    /// lⱼ ≤ wⱼ xⱼ / Σ w x ≤ uⱼ.
    pub(super) fn score(&self, row: &[(f64, f64)]) -> f64 {
        if row.iter().any(|(x, _)| x.is_nan()) {
            return f64::NAN;
        }
        let x: Vec<f64> = row.iter().map(|(x, _)| *x).collect();
        self.optimum(&x).map_or(f64::NAN, |found| 100.0 * found)
    }

    /// The optimum scales with the person, who is therefore brought to a largest child of 1 first.
    fn optimum(&self, x: &[f64]) -> Option<f64> {
        let of_largest: Vec<f64> = x.iter().zip(&self.largest).map(|(x, largest)| x / largest).collect();
        let size = of_largest.iter().copied().fold(0.0, f64::max);
        if size <= 0.0 {
            return Some(0.0);
        }
        let unit: Vec<f64> = of_largest.iter().map(|x| x / size).collect();
        Some(size * solve(&self.rows, &unit, &self.shares)?)
    }
}

/// The linear program by its dual, which has a row a child and not one a person: min Σ λ subject, for every child j, to
/// Σₖ λₖ yₖⱼ + xⱼ (Σᵢ lᵢ αᵢ − αⱼ + βⱼ − Σᵢ uᵢ βᵢ) ≥ xⱼ, all 0 or more.
#[cfg(feature = "frontier")]
fn solve(rows: &[Vec<f64>], x: &[f64], shares: &[[f64; 2]]) -> Option<f64> {
    use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let persons: Vec<Variable> = rows.iter().map(|_| problem.add_var(1.0, (0.0, f64::INFINITY))).collect();
    let mut limits: Vec<(usize, f64, f64, Variable)> = Vec::new();
    for (at, [low, high]) in shares.iter().enumerate() {
        // The sign of its own child, and what it adds for every child.
        if *low > 0.0 {
            limits.push((at, -1.0, *low, problem.add_var(0.0, (0.0, f64::INFINITY))));
        }
        if *high < 1.0 {
            limits.push((at, 1.0, -*high, problem.add_var(0.0, (0.0, f64::INFINITY))));
        }
    }
    for (child, own) in x.iter().enumerate() {
        let mut terms: Vec<(Variable, f64)> = persons
            .iter()
            .zip(rows)
            .filter_map(|(person, row)| Some((*person, *row.get(child)?)))
            .filter(|(_, y)| *y != 0.0)
            .collect();
        for (of, sign, all, limit) in &limits {
            let factor = own * (all + if *of == child { *sign } else { 0.0 });
            if factor != 0.0 {
                terms.push((*limit, factor));
            }
        }
        problem.add_constraint(terms, ComparisonOp::Ge, *own);
    }
    Some(problem.solve().ok()?.objective())
}

/// Nothing is scored without a solver: an index that needs one is refused before.
#[cfg(not(feature = "frontier"))]
fn solve(_rows: &[Vec<f64>], _x: &[f64], _shares: &[[f64; 2]]) -> Option<f64> {
    None
}

#[cfg(feature = "parallel")]
fn each(rows: &[Vec<f64>], is_kept: impl Fn(&[f64]) -> bool + Sync) -> Vec<bool> {
    use rayon::prelude::*;
    rows.par_iter().map(|row| is_kept(row)).collect()
}

#[cfg(not(feature = "parallel"))]
fn each(rows: &[Vec<f64>], is_kept: impl Fn(&[f64]) -> bool) -> Vec<bool> {
    rows.iter().map(|row| is_kept(row)).collect()
}

#[cfg(all(test, feature = "frontier"))]
mod tests {
    use super::Frontier;

    fn score(frontier: &Frontier, x: &[f64]) -> f64 {
        frontier.score(&x.iter().map(|x| (*x, 1.0)).collect::<Vec<_>>())
    }

    fn columns(rows: &[[f64; 2]]) -> Vec<Vec<f64>> {
        (0..2).map(|at| rows.iter().map(|row| row[at]).collect()).collect()
    }

    #[test]
    fn only_who_can_be_best_by_some_weights_is_kept() {
        let rows = [[1.0, 4.0], [4.0, 1.0], [2.0, 2.0], [2.0, 3.9], [0.5, 4.0], [4.0, 1.0], [2.4, 2.4]];
        let kept = Frontier::learn(&columns(&rows)).unwrap();
        // (2, 2) is dominated by nobody but inside the line from (2, 3.9) to (4, 1); the second (4, 1) adds nothing.
        assert_eq!(kept, [[2.0, 3.9], [4.0, 1.0], [1.0, 4.0]]);
    }

    #[test]
    fn the_optimum_is_the_ray_to_the_frontier() {
        let frontier = Frontier::new(&[vec![4.0, 1.0], vec![1.0, 4.0]], &[]);
        // w = (1/5, 1/5): 4/5.
        assert!((score(&frontier, &[2.0, 2.0]) - 80.0).abs() < 1e-12);
        assert!((score(&frontier, &[4.0, 1.0]) - 100.0).abs() < 1e-12);
        // Beyond everybody; nothing at all; next to nothing.
        assert!((score(&frontier, &[8.0, 0.0]) - 200.0).abs() < 1e-12);
        assert_eq!(score(&frontier, &[0.0, 0.0]), 0.0);
        assert!((score(&frontier, &[2e-9, 2e-9]) - 80e-9).abs() < 1e-20);
        assert!(score(&frontier, &[f64::NAN, 1.0]).is_nan());
    }

    /// Both children half of the score: w₁ x₁ = w₂ x₂.
    #[test]
    fn limits_of_the_shares_hold() {
        let rows = [vec![4.0, 1.0], vec![1.0, 4.0]];
        let halves = Frontier::new(&rows, &[[0.5, 0.5], [0.5, 0.5]]);
        // x = (4, 1): w = (t/8, t/2) with 4 w₁ + w₂ = t ≤ 1 and w₁ + 4 w₂ = 17 t/8 ≤ 1.
        assert!((score(&halves, &[4.0, 1.0]) - 800.0 / 17.0).abs() < 1e-10);
        // A share of nothing cannot be half.
        assert!(score(&halves, &[4.0, 0.0]).abs() < 1e-10);
        let wide = Frontier::new(&rows, &[[0.0, 1.0], [0.0, 1.0]]);
        assert!((score(&wide, &[2.0, 2.0]) - 80.0).abs() < 1e-12);
    }
}
