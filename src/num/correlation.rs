//! Spreads and correlations of columns without missing values.

use super::cholesky::{Square, dot};

/// The deviations from the mean.
pub(crate) fn centred(column: &[f64]) -> Vec<f64> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    column.iter().map(|x| x - mean).collect()
}

/// The standard deviation over n − 1.
pub(crate) fn sd(column: &[f64]) -> f64 {
    let off = centred(column);
    (dot(&off, &off) / (column.len() as f64 - 1.0)).sqrt()
}

/// The covariances of columns over n − 1.
pub(crate) fn covariances(columns: &[Vec<f64>]) -> Square {
    let off: Vec<Vec<f64>> = columns.iter().map(|column| centred(column)).collect();
    let mut found = Square::zeros(columns.len());
    for (row, a) in off.iter().enumerate() {
        for (column, b) in off.iter().enumerate().take(row + 1) {
            let value = dot(a, b) / (a.len() as f64 - 1.0);
            found.set(row, column, value);
            found.set(column, row, value);
        }
    }
    found
}

/// Pearson's correlations of columns that vary.
pub(crate) fn matrix(columns: &[Vec<f64>]) -> Square {
    let covariances = covariances(columns);
    let mut found = Square::zeros(columns.len());
    for row in 0..columns.len() {
        found.set(row, row, 1.0);
        for column in 0..row {
            let scale = (covariances.get(row, row) * covariances.get(column, column)).sqrt();
            let value = (covariances.get(row, column) / scale).clamp(-1.0, 1.0);
            found.set(row, column, value);
            found.set(column, row, value);
        }
    }
    found
}
