//! First-order and total indices of a design, with their bootstrap.

use serde::Serialize;

use super::parallel::each;
use crate::num::{draw::Draws, spread::quantile};

/// How the first-order index is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Estimator {
    /// `S = mean((y_B − m)(y_ABᵢ − y_A))/V`, m the mean of A and B (Saltelli et al. 2010, of outcomes about their mean): what
    /// all outcomes have in common adds nothing but noise.
    #[default]
    Centred,
    /// `S = mean(y_B (y_ABᵢ − y_A))/V` (Saltelli et al. 2010), as COINr has it.
    Saltelli,
    /// `S = 1 − mean((y_B − y_ABᵢ)²)/(2V)` (Jansen 1999).
    Jansen,
}

/// The outcomes of a design, by block of rows: A, B, and A with one factor from B each.
pub(super) struct Outcomes<'a> {
    pub(super) a: &'a [f64],
    pub(super) b: &'a [f64],
    pub(super) ab: Vec<&'a [f64]>,
}

/// First-order and total index of a factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) first: f64,
    pub(super) total: f64,
}

/// An index with the interval of its bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Share {
    /// The estimate; none where the outcome does not vary at all.
    pub value: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
}

impl Outcomes<'_> {
    /// Of the rows `row(0)`, …, `row(n − 1)`; none where they do not vary.
    ///
    /// **Formula** S as [`Estimator`] says, `ST = Σ(y_A − y_ABᵢ)²/(2NV)`, V over the outcomes of A and B together, over one less
    /// than their number.
    ///
    /// **Reference** Saltelli et al. 2010, Comput. Phys. Commun. 181:259–270.
    fn indices(&self, estimator: Estimator, row: impl Fn(usize) -> usize) -> Option<Vec<Pair>> {
        let n = self.a.len();
        let at = |column: &[f64], j: usize| column.get(row(j)).copied().unwrap_or(f64::NAN);
        let both = (0..n).map(|j| at(self.a, j)).chain((0..n).map(|j| at(self.b, j)));
        let mean = both.clone().sum::<f64>() / (2 * n) as f64;
        let variance = both.map(|y| (y - mean) * (y - mean)).sum::<f64>() / (2 * n - 1) as f64;
        if variance.is_nan() || variance <= 0.0 {
            return None;
        }
        let pairs = self.ab.iter().map(|ab| {
            let (mut first, mut total) = (0.0, 0.0);
            for j in 0..n {
                let (a, b, ab) = (at(self.a, j), at(self.b, j), at(ab, j));
                first += match estimator {
                    Estimator::Centred => (b - mean) * (ab - a),
                    Estimator::Saltelli => b * (ab - a),
                    Estimator::Jansen => (b - ab) * (b - ab),
                };
                total += (a - ab) * (a - ab);
            }
            let half = 2.0 * n as f64 * variance;
            let first = match estimator {
                Estimator::Centred | Estimator::Saltelli => first / n as f64 / variance,
                Estimator::Jansen => 1.0 - first / half,
            };
            Pair { first, total: total / half }
        });
        Some(pairs.collect())
    }

    /// First-order and total index of every factor, with intervals at `level`.
    ///
    /// **Method** rows of the design are drawn again, the same for S, ST and V, `times` times from `seed`; the interval runs
    /// between percentiles (R type 7).
    pub(super) fn shares(
        &self,
        estimator: Estimator,
        level: f64,
        times: usize,
        seed: u64,
    ) -> Vec<(Share, Share)> {
        let nothing = Share { value: None, low: None, high: None };
        let Some(found) = self.indices(estimator, |j| j) else {
            return vec![(nothing, nothing); self.ab.len()];
        };
        let replicates: Vec<Vec<Pair>> = each(times, |replicate| {
            let mut draws = Draws::of(&[seed, BOOTSTRAP, replicate as u64]);
            let rows: Vec<usize> = (0..self.a.len()).map(|_| draws.below(self.a.len())).collect();
            self.indices(estimator, |j| rows.get(j).copied().unwrap_or(0))
        })
        .into_iter()
        .flatten()
        .collect();
        let interval = |factor: usize, pick: fn(&Pair) -> f64| {
            let mut values: Vec<f64> = replicates.iter().filter_map(|of| of.get(factor).map(pick)).collect();
            values.sort_unstable_by(f64::total_cmp);
            let tail = (1.0 - level) / 2.0;
            (quantile(&values, tail), quantile(&values, 1.0 - tail))
        };
        let share = |factor: usize, value: f64, pick: fn(&Pair) -> f64| {
            let (low, high) = interval(factor, pick);
            Share { value: Some(value), low, high }
        };
        let of = |(factor, pair): (usize, &Pair)| {
            (share(factor, pair.first, |pair| pair.first), share(factor, pair.total, |pair| pair.total))
        };
        found.iter().enumerate().map(of).collect()
    }
}

/// Tells the draws of the bootstrap from others of the same seed.
const BOOTSTRAP: u64 = 0xb007;

#[cfg(test)]
mod tests {
    use super::{Estimator, Outcomes};
    use crate::num::sobol::{Sobol, unit};

    /// `ishigami_N64_design.csv`: A, B, AB₁, AB₂, AB₃ of 64 rows each, and what COINr 1.1.14 makes of them.
    fn ishigami() -> (Vec<f64>, Vec<[f64; 2]>) {
        let table = |text: &str| -> Vec<Vec<f64>> {
            let cells = |line: &str| line.split(',').filter_map(|cell| cell.parse().ok()).collect();
            text.replace('"', "").lines().skip(1).map(cells).collect()
        };
        let design = table(include_str!("../../../tests/golden/sensitivity/ishigami_N64_design.csv"));
        let indices = table(include_str!("../../../tests/golden/sensitivity/ishigami_N64_indices.csv"));
        (design.iter().map(|row| row[3]).collect(), indices.iter().map(|row| [row[0], row[1]]).collect())
    }

    fn outcomes(y: &[f64], n: usize) -> Outcomes<'_> {
        let mut blocks = y.chunks_exact(n);
        Outcomes { a: blocks.next().unwrap(), b: blocks.next().unwrap(), ab: blocks.collect() }
    }

    #[test]
    fn estimates_are_those_of_coinr() {
        let (y, expected) = ishigami();
        let found = outcomes(&y, 64).indices(Estimator::Saltelli, |j| j).unwrap();
        assert_eq!(found.len(), 3);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found.first - expected[0]).abs() < 1e-13 && (found.total - expected[1]).abs() < 1e-13);
        }
    }

    /// The function's indices are known: 0.3139, 0.4424, 0 and 0.5576, 0.4424, 0.2437.
    #[test]
    fn sobol_points_find_the_known_indices() {
        let (n, points) = (4096, Sobol::new(6, 1));
        let at = |row: u32, dimension: usize| {
            (2.0 * unit(points.bits(row, dimension)) - 1.0) * std::f64::consts::PI
        };
        let f = |x: [f64; 3]| x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin();
        let mut y = Vec::new();
        for block in 0..5_usize {
            for row in 0..4096 {
                let from_b = |k: usize| block == 1 || block == k + 2;
                y.push(f([0, 1, 2].map(|k| at(row, if from_b(k) { k + 3 } else { k }))));
            }
        }
        let known = [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)];
        for estimator in [Estimator::Centred, Estimator::Saltelli, Estimator::Jansen] {
            let shares = outcomes(&y, n).shares(estimator, 0.9, 200, 1);
            for ((first, total), known) in shares.iter().zip(known) {
                assert!(
                    (first.value.unwrap() - known.0).abs() < 0.01
                        && (total.value.unwrap() - known.1).abs() < 0.01
                );
                assert!(first.low.unwrap() < known.0 && known.0 < first.high.unwrap());
                assert!(total.low.unwrap() < known.1 && known.1 < total.high.unwrap());
            }
        }
    }

    #[test]
    fn what_changes_nothing_has_no_share_and_what_does_not_vary_none() {
        let a = [1.0, 5.0, 2.0, 4.0];
        let b = [2.0, 3.0, 7.0, 1.0];
        let shares = Outcomes { a: &a, b: &b, ab: vec![&a, &b] }.shares(Estimator::Centred, 0.9, 50, 1);
        let (first, total) = shares[0];
        assert_eq!([first.value, first.low, first.high, total.value, total.low, total.high], [Some(0.0); 6]);
        let flat = Outcomes { a: &[1.0; 4], b: &[1.0; 4], ab: vec![&[1.0; 4]] };
        assert_eq!(flat.shares(Estimator::Saltelli, 0.9, 50, 1)[0].0.value, None);
    }
}
