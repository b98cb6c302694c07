//! Cholesky factors of small symmetric matrices, with the rank found on the way.

/// A square matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Square {
    size: usize,
    cells: Vec<f64>,
}

impl Square {
    pub(crate) fn zeros(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * size] }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        self.row(row).get(column).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, value: f64) {
        if let Some(cell) = self.row_mut(row).get_mut(column) {
            *cell = value;
        }
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        self.cells.get(row * self.size..(row + 1) * self.size).unwrap_or_default()
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        self.cells.get_mut(row * self.size..(row + 1) * self.size).unwrap_or_default()
    }

    /// The matrix times a vector.
    pub(crate) fn times(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.size).map(|row| dot(self.row(row), vector)).collect()
    }

    /// A B Aᵀ.
    pub(crate) fn sandwich(&self, inside: &Self) -> Self {
        let size = self.size;
        let mut half = Self::zeros(size);
        for row in 0..size {
            for (k, weight) in self.row(row).iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
                let from = inside.row(k);
                for (cell, value) in half.row_mut(row).iter_mut().zip(from) {
                    *cell += weight * value;
                }
            }
        }
        let mut whole = Self::zeros(size);
        for row in 0..size {
            for column in 0..=row {
                let value = dot(half.row(row), self.row(column));
                whole.set(row, column, value);
                whole.set(column, row, value);
            }
        }
        whole
    }
}

pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

/// P A Pᵀ = L Lᵀ of a positive definite matrix with a unit diagonal, largest pivot first.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    /// Which row of A is the k-th of the factor.
    pub(crate) order: Vec<usize>,
    /// L, as far as the rank goes.
    pub(crate) factor: Square,
    /// Rows in `order` from here on depend on those before.
    pub(crate) rank: usize,
}

impl Cholesky {
    /// The factor of `matrix`. A pivot below `least` counts as 0: with a unit diagonal it is the share of a column
    /// that the columns before leave unexplained.
    pub(crate) fn pivoted(matrix: &Square, least: f64) -> Self {
        let size = matrix.size();
        let mut order: Vec<usize> = (0..size).collect();
        let mut work = matrix.clone();
        let mut rank = size;
        for k in 0..size {
            // The first of the largest, so that equal columns keep the order of their declaration.
            let mut best = k;
            for candidate in k + 1..size {
                if work.get(candidate, candidate) > work.get(best, best) {
                    best = candidate;
                }
            }
            let pivot = work.get(best, best);
            if pivot <= least || pivot.is_nan() {
                rank = k;
                break;
            }
            order.swap(k, best);
            swap(&mut work, k, best);
            let root = pivot.sqrt();
            work.set(k, k, root);
            for row in k + 1..size {
                let value = work.get(row, k) / root;
                work.set(row, k, value);
            }
            for row in k + 1..size {
                let factor = work.get(row, k);
                for column in k + 1..=row {
                    let value = work.get(row, column) - factor * work.get(column, k);
                    work.set(row, column, value);
                    work.set(column, row, value);
                }
            }
        }
        for row in 0..size {
            for cell in work.row_mut(row).iter_mut().skip(row + 1) {
                *cell = 0.0;
            }
        }
        Self { order, factor: work, rank }
    }

    /// Solves A x = b for a matrix of full rank.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let picked: Vec<f64> = self.order.iter().map(|at| b.get(*at).copied().unwrap_or(0.0)).collect();
        let solved = self.backward(self.forward(picked));
        let mut x = vec![0.0; b.len()];
        for (at, value) in self.order.iter().zip(solved) {
            if let Some(cell) = x.get_mut(*at) {
                *cell = value;
            }
        }
        x
    }

    /// Solves L y = b, for the rows of the rank.
    fn forward(&self, mut b: Vec<f64>) -> Vec<f64> {
        for row in 0..self.rank {
            let known = dot(self.factor.row(row).get(..row).unwrap_or_default(), &b);
            if let Some(cell) = b.get_mut(row) {
                *cell = (*cell - known) / self.factor.get(row, row);
            }
        }
        b
    }

    /// Solves Lᵀ x = y, for the rows of the rank.
    fn backward(&self, mut y: Vec<f64>) -> Vec<f64> {
        for row in (0..self.rank).rev() {
            let known: f64 = (row + 1..self.rank)
                .map(|k| self.factor.get(k, row) * y.get(k).copied().unwrap_or(0.0))
                .sum();
            if let Some(cell) = y.get_mut(row) {
                *cell = (*cell - known) / self.factor.get(row, row);
            }
        }
        y
    }

    /// A⁻¹ of a matrix of full rank.
    pub(crate) fn inverse(&self) -> Square {
        let size = self.order.len();
        let mut inverse = Square::zeros(size);
        for column in 0..size {
            let mut unit = vec![0.0; size];
            if let Some(cell) = unit.get_mut(column) {
                *cell = 1.0;
            }
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse.set(row, column, value);
            }
        }
        // The two triangles differ in the last digit.
        for row in 0..size {
            for column in 0..row {
                let mean = 0.5 * (inverse.get(row, column) + inverse.get(column, row));
                inverse.set(row, column, mean);
                inverse.set(column, row, mean);
            }
        }
        inverse
    }

    /// For each row beyond the rank: which row of A it is, and its coefficients on the rows of the rank, in `order`.
    pub(crate) fn dependencies(&self) -> Vec<(usize, Vec<f64>)> {
        (self.rank..self.order.len())
            .filter_map(|at| {
                let own = self.factor.row(at).get(..self.rank)?.to_vec();
                Some((*self.order.get(at)?, self.backward(own)))
            })
            .collect()
    }
}

/// Exchanges two rows and the two columns of a matrix whose lower left is a factor already.
fn swap(matrix: &mut Square, a: usize, b: usize) {
    if a == b {
        return;
    }
    let size = matrix.size();
    for column in 0..size {
        let (left, right) = (matrix.get(a, column), matrix.get(b, column));
        matrix.set(a, column, right);
        matrix.set(b, column, left);
    }
    // Columns before the smaller one hold the factor, whose rows alone are exchanged.
    for row in 0..size {
        let (left, right) = (matrix.get(row, a), matrix.get(row, b));
        matrix.set(row, a, right);
        matrix.set(row, b, left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(rows: &[&[f64]]) -> Square {
        Square { size: rows.len(), cells: rows.concat() }
    }

    #[test]
    fn solves_and_inverts() {
        let a = square(&[&[1.0, 0.5, 0.2], &[0.5, 1.0, -0.3], &[0.2, -0.3, 1.0]]);
        let cholesky = Cholesky::pivoted(&a, 1e-12);
        assert_eq!(cholesky.rank, 3);
        let x = cholesky.solve(&[1.0, 2.0, 3.0]);
        for (back, wanted) in a.times(&x).iter().zip([1.0, 2.0, 3.0]) {
            assert!((back - wanted).abs() < 1e-14);
        }
        let identity = a.sandwich(&cholesky.inverse());
        for row in 0..3 {
            for column in 0..3 {
                // A A⁻¹ Aᵀ = A
                assert!((identity.get(row, column) - a.get(row, column)).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn finds_what_depends_on_what() {
        // Three columns, the third the scaled sum of two that are not correlated.
        let r = 0.5_f64.sqrt();
        let a = square(&[&[1.0, 0.0, r], &[0.0, 1.0, r], &[r, r, 1.0]]);
        let cholesky = Cholesky::pivoted(&a, 1e-12);
        assert_eq!(cholesky.rank, 2);
        let (row, coefficients) = &cholesky.dependencies()[0];
        assert_eq!(*row, 2);
        for coefficient in coefficients {
            assert!((coefficient - r).abs() < 1e-15);
        }
    }
}
