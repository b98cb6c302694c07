//! Covariances of items, and the closed forms made of them.

use crate::{
    moments::Moments,
    num::{
        cholesky::{Cholesky, Square, dot},
        eigen,
        one_factor::{self, OneFactor},
    },
};

/// Covariances over n − 1, and means, of the items of a scale.
#[derive(Debug, Clone)]
pub(in crate::scale) struct Products {
    n: usize,
    means: Vec<f64>,
    matrix: Square,
}

impl Products {
    pub(in crate::scale) fn of(moments: &Moments) -> Self {
        let size = moments.width();
        let over = moments.n().saturating_sub(1).max(1) as f64;
        let mut matrix = Square::zeros(size);
        for row in 0..size {
            for column in 0..size {
                matrix.set(row, column, moments.centred(row, column) / over);
            }
        }
        Self { n: moments.n(), means: moments.means(), matrix }
    }

    pub(in crate::scale) fn n(&self) -> usize {
        self.n
    }

    pub(in crate::scale) fn len(&self) -> usize {
        self.matrix.size()
    }

    pub(in crate::scale) fn matrix(&self) -> &Square {
        &self.matrix
    }

    pub(super) fn mean(&self) -> f64 {
        self.means.iter().sum()
    }

    pub(super) fn item_mean(&self, item: usize) -> f64 {
        self.means.get(item).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn item_variance(&self, item: usize) -> f64 {
        self.matrix.get(item, item)
    }

    pub(in crate::scale) fn variances(&self) -> impl Iterator<Item = f64> {
        (0..self.len()).map(|item| self.item_variance(item))
    }

    /// Σ s²ⱼ.
    fn trace(&self) -> f64 {
        self.variances().sum()
    }

    /// The covariance of each item with the sum.
    fn rows(&self) -> Vec<f64> {
        self.matrix.times(&vec![1.0; self.len()])
    }

    /// The variance of the sum.
    pub(super) fn variance(&self) -> f64 {
        self.rows().iter().sum()
    }

    pub(in crate::scale) fn alpha(&self) -> f64 {
        let k = self.len() as f64;
        k / (k - 1.0) * (1.0 - self.trace() / self.variance())
    }

    /// Q = 2k² / ((k − 1)² (1ᵀV1)³) · [(1ᵀV1)(tr V² + tr² V) − 2 tr V (1ᵀV²1)]; √(Q/n).
    pub(super) fn alpha_se(&self) -> f64 {
        let k = self.len() as f64;
        let rows = self.rows();
        let (total, trace) = (rows.iter().sum::<f64>(), self.trace());
        let squares: f64 = (0..self.len()).map(|row| dot(self.matrix.row(row), self.matrix.row(row))).sum();
        let inside = total * (squares + trace * trace) - 2.0 * trace * dot(&rows, &rows);
        let q = 2.0 * k * k / ((k - 1.0) * (k - 1.0) * total * total * total) * inside;
        (q / self.n as f64).sqrt()
    }

    /// (Σ_{i≠j} c + √(k/(k − 1) Σ_{i≠j} c²)) / 1ᵀC1.
    pub(super) fn lambda2(&self) -> f64 {
        let k = self.len() as f64;
        let squares: f64 = (0..self.len()).map(|row| dot(self.matrix.row(row), self.matrix.row(row))).sum();
        let own: f64 = self.variances().map(|variance| variance * variance).sum();
        let total = self.variance();
        (total - self.trace() + (k / (k - 1.0) * (squares - own).max(0.0)).sqrt()) / total
    }

    /// Σ_{i≠j} c / (k(k − 1)).
    pub(super) fn average_off(&self) -> f64 {
        let k = self.len() as f64;
        (self.variance() - self.trace()) / (k * (k - 1.0))
    }

    /// The correlations as covariances of standardised items.
    pub(in crate::scale) fn standardised(&self) -> Self {
        let size = self.len();
        let mut matrix = Square::zeros(size);
        for row in 0..size {
            for column in 0..row {
                let r = self.matrix.get(row, column)
                    / (self.item_variance(row).sqrt() * self.item_variance(column).sqrt());
                matrix.set(row, column, r);
                matrix.set(column, row, r);
            }
            matrix.set(row, row, 1.0);
        }
        Self { n: self.n, means: vec![0.0; size], matrix }
    }

    /// How much of each standardised item the others explain: 1 − 1/r^{jj}. None if one follows from the others.
    pub(super) fn squared_multiple(&self) -> Option<Vec<f64>> {
        let factor = Cholesky::pivoted(&self.matrix, 1e-12);
        if factor.rank < self.len() {
            return None;
        }
        let inverse = factor.inverse();
        Some((0..self.len()).map(|item| 1.0 - 1.0 / inverse.get(item, item)).collect())
    }

    /// 1 − Σ(1 − R²ⱼ) / ΣR.
    pub(super) fn lambda6(&self, squared_multiple: &[f64]) -> f64 {
        1.0 - squared_multiple.iter().map(|explained| 1.0 - explained).sum::<f64>() / self.variance()
    }

    /// The items that load negatively on the first principal component.
    pub(super) fn against_the_first(&self) -> Vec<usize> {
        let Some((_, axis)) = eigen::symmetric(&self.matrix).into_iter().next() else {
            return Vec::new();
        };
        let sign = if axis.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
        // Rounding is no loading.
        axis.iter().enumerate().filter(|(_, value)| sign * **value < -1e-12).map(|(at, _)| at).collect()
    }

    pub(super) fn one_factor(&self) -> OneFactor {
        one_factor::fit(&self.matrix)
    }

    /// The correlation of an item with the sum of the others; none without spread.
    pub(super) fn rest_correlation(&self, item: usize) -> Option<f64> {
        let with_sum = self.rows().get(item).copied()?;
        let own = self.item_variance(item);
        let rest = self.variance() - 2.0 * with_sum + own;
        let floor = 1e-12 * self.trace();
        (rest > floor && own > 0.0).then(|| (with_sum - own) / (own * rest).sqrt())
    }

    /// The same without an item.
    pub(super) fn without(&self, item: usize) -> Option<Self> {
        let kept: Vec<usize> = (0..self.len()).filter(|at| *at != item).collect();
        let mut matrix = Square::zeros(kept.len());
        for (row, from_row) in kept.iter().enumerate() {
            for (column, from_column) in kept.iter().enumerate() {
                matrix.set(row, column, self.matrix.get(*from_row, *from_column));
            }
        }
        let rest = Self { n: self.n, means: kept.iter().map(|at| self.item_mean(*at)).collect(), matrix };
        (rest.variance() > 1e-12 * rest.trace()).then_some(rest)
    }

    /// The same with items turned round.
    pub(super) fn turned(&self, items: &[usize]) -> Self {
        let mut turned = self.clone();
        let sign = |at: usize| if items.contains(&at) { -1.0 } else { 1.0 };
        for row in 0..self.len() {
            for column in 0..self.len() {
                turned.matrix.set(row, column, sign(row) * sign(column) * self.matrix.get(row, column));
            }
        }
        turned
    }

    /// The correlation of the sum of the marked items with that of the others.
    pub(super) fn correlation_of_parts(&self, marks: &[f64]) -> Option<f64> {
        let others: Vec<f64> = marks.iter().map(|mark| 1.0 - mark).collect();
        let (of_marked, of_others) = (self.matrix.times(marks), self.matrix.times(&others));
        let (a, b, both) = (dot(marks, &of_marked), dot(&others, &of_others), dot(marks, &of_others));
        (a > 0.0 && b > 0.0).then(|| both / (a * b).sqrt())
    }
}
