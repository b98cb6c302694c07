//! Eigenvalues and eigenvectors of small symmetric matrices.

use super::cholesky::Square;

/// The eigenvalues of a symmetric matrix, largest first, each with its vector of unit length.
///
/// **Method** Cyclic Jacobi rotations: slow for large matrices, and as exact as the numbers allow for small ones.
///
/// **Reference** Golub & Van Loan 2013, Matrix Computations, 4th edition, §8.5.
pub(crate) fn symmetric(matrix: &Square) -> Vec<(f64, Vec<f64>)> {
    let size = matrix.size();
    let mut work = matrix.clone();
    // Row k is the k-th vector.
    let mut vectors = Square::zeros(size);
    (0..size).for_each(|k| vectors.set(k, k, 1.0));
    for _sweep in 0..60 {
        let mut turned = false;
        for p in 0..size {
            for q in p + 1..size {
                turned |= rotate(&mut work, &mut vectors, p, q);
            }
        }
        if !turned {
            break;
        }
    }
    let mut found: Vec<(f64, Vec<f64>)> =
        (0..size).map(|k| (work.get(k, k), vectors.row(k).to_vec())).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found
}

/// Turns two rows and columns so that what they have in common is 0; whether there was anything to turn.
fn rotate(work: &mut Square, vectors: &mut Square, p: usize, q: usize) -> bool {
    let (a, b, c) = (work.get(p, p), work.get(q, q), work.get(p, q));
    if c == 0.0 || c.abs() <= 1e-17 * (a * b).abs().sqrt() {
        return false;
    }
    let ratio = (b - a) / (2.0 * c);
    let tangent = 1.0_f64.copysign(ratio) / (ratio.abs() + (1.0 + ratio * ratio).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    let turn = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
    for k in 0..work.size() {
        let (x, y) = turn(work.get(k, p), work.get(k, q));
        work.set(k, p, x);
        work.set(k, q, y);
    }
    for k in 0..work.size() {
        let (x, y) = turn(work.get(p, k), work.get(q, k));
        work.set(p, k, x);
        work.set(q, k, y);
        let (x, y) = turn(vectors.get(p, k), vectors.get(q, k));
        vectors.set(p, k, x);
        vectors.set(q, k, y);
    }
    work.set(p, q, 0.0);
    work.set(q, p, 0.0);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (2 1; 1 2) has 3 along (1, 1) and 1 along (1, −1); a larger matrix is put together again from its parts.
    #[test]
    fn parts_make_the_whole() {
        let mut two = Square::zeros(2);
        for (row, column, value) in [(0, 0, 2.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 2.0)] {
            two.set(row, column, value);
        }
        let found = symmetric(&two);
        assert!((found[0].0 - 3.0).abs() < 1e-15 && (found[1].0 - 1.0).abs() < 1e-15);
        let size = 9;
        let mut matrix = Square::zeros(size);
        for row in 0..size {
            for column in 0..size {
                matrix.set(row, column, 1.0 / (1.0 + (row + column) as f64));
            }
        }
        let found = symmetric(&matrix);
        for row in 0..size {
            for column in 0..size {
                let back: f64 = found.iter().map(|(value, v)| value * v[row] * v[column]).sum();
                assert!((back - matrix.get(row, column)).abs() < 1e-14, "{row} {column}");
            }
        }
    }
}
