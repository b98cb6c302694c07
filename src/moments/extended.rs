//! The same sums to some 32 digits, and the solution they give: for designs small enough that it costs nothing to speak of.

use crate::num::{
    cholesky::{Cholesky, Square},
    double::Double,
};

use super::kernel::at;

/// n, Σ z and Σ z zᵀ of z = x − c, with c a row of the data.
#[derive(Debug, Clone)]
pub(crate) struct Extended {
    pub(crate) n: usize,
    sums: Vec<Double>,
    products: Vec<Double>,
}

/// A least-squares solution.
#[derive(Debug, Clone)]
pub(crate) struct Precise {
    /// The intercept, if there is one, then the slopes of the columns as they are.
    pub(crate) coefficients: Vec<f64>,
    /// The slopes of the columns brought to the given lengths.
    pub(crate) slopes: Vec<f64>,
    /// The inverse of the sums of products of those.
    pub(crate) inverse: Square,
}

impl Extended {
    pub(crate) fn new(width: usize) -> Self {
        Self { n: 0, sums: vec![Double::ZERO; width], products: vec![Double::ZERO; at(width, 0)] }
    }

    /// Adds a row z.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(crate) fn add(&mut self, z: &[Double]) {
        self.n += 1;
        let mut products = self.products.iter_mut();
        for (row, (own, sum)) in z.iter().zip(&mut self.sums).enumerate() {
            *sum += *own;
            for (other, product) in z.iter().take(row + 1).zip(&mut products) {
                *product += *own * *other;
            }
        }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.n += other.n;
        for (own, more) in self.sums.iter_mut().zip(other.sums) {
            *own += more;
        }
        for (own, more) in self.products.iter_mut().zip(other.products) {
            *own += more;
        }
        self
    }

    fn sum(&self, column: usize) -> Double {
        self.sums.get(column).copied().unwrap_or_default()
    }

    /// Σ z z about the means, or about the shift of 0 where there is no intercept.
    fn product(&self, i: usize, j: usize, intercept: bool) -> Double {
        let shifted = self.products.get(at(i.max(j), i.min(j))).copied().unwrap_or_default();
        if intercept { shifted - self.sum(i) * self.sum(j) / Double::from(self.n as f64) } else { shifted }
    }

    /// The least squares of the last column on the columns `kept`, in the pivot order found before.
    pub(crate) fn solve(
        &self,
        shift: &[f64],
        kept: &[usize],
        lengths: &[f64],
        pivots: &Cholesky,
        intercept: bool,
    ) -> Precise {
        let outcome = self.sums.len().saturating_sub(1);
        let order: Vec<usize> = pivots.order.iter().filter_map(|at| kept.get(*at)).copied().collect();
        let length: Vec<Double> =
            pivots.order.iter().filter_map(|at| lengths.get(*at)).map(|l| Double::from(*l)).collect();
        let width = order.len();
        let factor = self.factor(&order, &length, intercept);
        let right =
            order.iter().zip(&length).map(|(i, l)| self.product(*i, outcome, intercept) / *l).collect();
        let solved = solve(&factor, right);
        // The intercept is taken where nothing has been rounded yet.
        let n = Double::from(self.n as f64);
        let mean = |at: usize| Double::from(shift.get(at).copied().unwrap_or(0.0)) + self.sum(at) / n;
        let mut level = mean(outcome);
        let mut slopes = vec![0.0; width];
        let mut raw = vec![0.0; width];
        for (((at, column), slope), l) in pivots.order.iter().zip(&order).zip(&solved).zip(&length) {
            let own = *slope / *l;
            level = level - own * mean(*column);
            if let (Some(slopes), Some(raw)) = (slopes.get_mut(*at), raw.get_mut(*at)) {
                (*slopes, *raw) = (slope.rounded(), own.rounded());
            }
        }
        let coefficients = intercept.then(|| level.rounded()).into_iter().chain(raw).collect();
        let mut inverse = Square::zeros(width);
        for (k, column) in pivots.order.iter().enumerate() {
            let unit = (0..width).map(|at| if at == k { Double::ONE } else { Double::ZERO }).collect();
            for (row, value) in pivots.order.iter().zip(solve(&factor, unit)) {
                inverse.set(*row, *column, value.rounded());
            }
        }
        Precise { coefficients, slopes, inverse }
    }

    /// L of the scaled sums of products, row after row of its triangle.
    fn factor(&self, order: &[usize], length: &[Double], intercept: bool) -> Vec<Vec<Double>> {
        let mut factor: Vec<Vec<Double>> = Vec::with_capacity(order.len());
        for (i, (column, own)) in order.iter().zip(length).enumerate() {
            let mut row: Vec<Double> = Vec::with_capacity(i + 1);
            for ((other, scale), above) in order.iter().zip(length).zip(&factor) {
                let mut value = self.product(*column, *other, intercept) / (*own * *scale);
                for (a, b) in row.iter().zip(above) {
                    value = value - *a * *b;
                }
                row.push(value / above.last().copied().unwrap_or(Double::ONE));
            }
            let mut pivot = self.product(*column, *column, intercept) / (*own * *own);
            for value in &row {
                pivot = pivot - *value * *value;
            }
            row.push(pivot.sqrt());
            factor.push(row);
        }
        factor
    }
}

/// Solves L Lᵀ x = b.
fn solve(factor: &[Vec<Double>], mut b: Vec<Double>) -> Vec<Double> {
    let diagonal = |row: usize| factor.get(row).and_then(|row| row.last()).copied().unwrap_or(Double::ONE);
    for row in 0..b.len() {
        let mut value = b.get(row).copied().unwrap_or_default();
        for (a, known) in factor.get(row).into_iter().flatten().zip(b.iter().take(row)) {
            value = value - *a * *known;
        }
        if let Some(cell) = b.get_mut(row) {
            *cell = value / diagonal(row);
        }
    }
    for row in (0..b.len()).rev() {
        let mut value = b.get(row).copied().unwrap_or_default();
        for (below, known) in factor.iter().zip(&b).skip(row + 1) {
            value = value - below.get(row).copied().unwrap_or_default() * *known;
        }
        if let Some(cell) = b.get_mut(row) {
            *cell = value / diagonal(row);
        }
    }
    b
}
