//! TOPSIS: how near the best and how far from the worst of a reference.

use crate::error::Fault;

/// What is learned, a number a child.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Distance {
    /// √Σ x² of the reference.
    pub(crate) norm: Vec<f64>,
    pub(crate) best: Vec<f64>,
    pub(crate) worst: Vec<f64>,
}

impl Distance {
    /// From the scores of children that persons of a reference have all of; `columns` are by child.
    ///
    /// # Errors
    /// By child, why there is nothing to compare with.
    pub(crate) fn learn(columns: &[Vec<f64>]) -> Result<Self, Vec<(usize, Fault)>> {
        let rows = columns.first().map_or(0, Vec::len);
        let is_complete =
            |row: &usize| columns.iter().all(|column| column.get(*row).is_some_and(|x| !x.is_nan()));
        let complete: Vec<usize> = (0..rows).filter(is_complete).collect();
        let mut learned = Self { norm: Vec::new(), best: Vec::new(), worst: Vec::new() };
        let mut faults = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let of = || complete.iter().filter_map(|row| column.get(*row)).copied();
            let (best, worst) = (of().fold(f64::NAN, f64::max), of().fold(f64::NAN, f64::min));
            let norm = of().map(|x| x * x).sum::<f64>().sqrt();
            if complete.is_empty() || best <= worst || norm <= 0.0 {
                let what = if complete.is_empty() {
                    "nobody in the reference has all children"
                } else {
                    "the child is the same for everybody in the reference"
                };
                let help = "topsis measures between its best and its worst: learn it from persons who differ";
                faults.push((at, Fault::new(what).help(help)));
            }
            learned.norm.push(norm);
            learned.best.push(best);
            learned.worst.push(worst);
        }
        if faults.is_empty() { Ok(learned) } else { Err(faults) }
    }

    /// **Formula** 100 D⁻/(D⁺ + D⁻), D± = √Σ (w (x − x±)/√Σ x²)².
    pub(super) fn score(&self, row: &[(f64, f64)]) -> f64 {
        let (from_best, from_worst) = self.distances(row);
        100.0 * from_worst / (from_best + from_worst)
    }

    fn distances(&self, row: &[(f64, f64)]) -> (f64, f64) {
        let (best, worst) = self.terms(row).fold((0.0, 0.0), |(best, worst), (scale, x, ends)| {
            let (to_best, to_worst) = (scale * (x - ends[0]), scale * (x - ends[1]));
            (best + to_best * to_best, worst + to_worst * to_worst)
        });
        (best.sqrt(), worst.sqrt())
    }

    /// Of every child that counts: w/norm, x, best and worst.
    fn terms(&self, row: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64, [f64; 2])> {
        row.iter()
            .zip(&self.norm)
            .zip(self.best.iter().zip(&self.worst))
            .map(|(((x, w), norm), (best, worst))| (w / norm, *x, [*best, *worst]))
            .filter(|(scale, x, _)| *scale > 0.0 && !x.is_nan())
    }

    /// **Formula** 100 (D⁺ ∂D⁻ − D⁻ ∂D⁺)/(D⁺ + D⁻)² with ∂D± = (w/norm)² (x − x±)/D±; none at either end, where the
    /// distance has a point.
    pub(super) fn slopes(&self, row: &[(f64, f64)], slopes: &mut Vec<f64>) -> bool {
        let (from_best, from_worst) = self.distances(row);
        if from_best <= 0.0 || from_worst <= 0.0 {
            return false;
        }
        let sum = from_best + from_worst;
        let of = row.iter().zip(&self.norm).zip(self.best.iter().zip(&self.worst));
        slopes.extend(of.map(|(((x, w), norm), (best, worst))| {
            if x.is_nan() || *w <= 0.0 {
                return 0.0;
            }
            let square = (w / norm) * (w / norm);
            let (to_best, to_worst) = (square * (x - best) / from_best, square * (x - worst) / from_worst);
            100.0 * (from_best * to_worst - from_worst * to_best) / (sum * sum)
        }));
        true
    }
}
