//! Singular values of small matrices.

use super::cholesky::{Square, dot};

/// The singular values of a square matrix, largest first.
///
/// **Method** One-sided Jacobi rotations of the rows, which finds small values to high relative accuracy.
///
/// **Reference** Demmel & Veselić 1992, SIAM J. Matrix Anal. Appl. 13.
pub(crate) fn values(matrix: &Square) -> Vec<f64> {
    let size = matrix.size();
    let mut rows: Vec<Vec<f64>> = (0..size).map(|row| matrix.row(row).to_vec()).collect();
    for _sweep in 0..60 {
        let mut turned = false;
        for p in 1..size {
            let (before, after) = rows.split_at_mut(p);
            let Some(right) = after.first_mut() else { continue };
            for left in before {
                turned |= rotate(left, right);
            }
        }
        if !turned {
            break;
        }
    }
    let mut values: Vec<f64> = rows.iter().map(|row| dot(row, row).sqrt()).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// Makes two rows orthogonal; whether they were not.
fn rotate(left: &mut [f64], right: &mut [f64]) -> bool {
    let (a, b, c) = (dot(left, left), dot(right, right), dot(left, right));
    if c == 0.0 || c.abs() <= 1e-15 * (a * b).sqrt() {
        return false;
    }
    let zeta = (b - a) / (2.0 * c);
    let tangent = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = cosine * tangent;
    for (l, r) in left.iter_mut().zip(right) {
        (*l, *r) = (cosine * *l - sine * *r, sine * *l + cosine * *r);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_matrix() {
        let mut matrix = Square::zeros(2);
        for (row, column, value) in [(0, 0, 3.0), (1, 0, 4.0), (1, 1, 5.0)] {
            matrix.set(row, column, value);
        }
        // σ² are the roots of x² − 50x + 225.
        let found = values(&matrix);
        assert!((found[0] - 45.0_f64.sqrt()).abs() < 1e-14 && (found[1] - 5.0_f64.sqrt()).abs() < 1e-14);
    }
}
