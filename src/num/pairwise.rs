//! Weights from pairwise comparisons.

/// Saaty's mean consistency index of random comparisons of n things, from n = 1.
///
/// **Reference** Saaty 1980, The Analytic Hierarchy Process, McGraw-Hill, p. 21.
const RANDOM: [f64; 15] =
    [0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59];

/// So many things can be compared: beyond it there is no random index.
pub(crate) const MOST: usize = RANDOM.len();

/// What follows from a matrix of comparisons.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compared {
    /// They sum to 1.
    pub(crate) weights: Vec<f64>,
    /// CI/RI; 0 of one or two things.
    pub(crate) ratio: f64,
}

/// The principal eigenvector of a matrix of positive comparisons, and how far they contradict each other.
///
/// **Formula** A w = λ w by power iteration, Σ w = 1; CI = (λ − n)/(n − 1), CR = CI/RI(n).
pub(crate) fn compared(matrix: &[Vec<f64>]) -> Compared {
    let size = matrix.len();
    let mut weights = vec![1.0 / size as f64; size];
    let mut largest = size as f64;
    for _ in 0..10_000 {
        let next: Vec<f64> =
            matrix.iter().map(|row| row.iter().zip(&weights).map(|(a, w)| a * w).sum()).collect();
        largest = next.iter().sum();
        let next: Vec<f64> = next.iter().map(|w| w / largest).collect();
        let moved = next.iter().zip(&weights).map(|(a, b)| ((a - b) / a).abs()).fold(0.0, f64::max);
        weights = next;
        if moved <= 1e-16 {
            break;
        }
    }
    let random = size.checked_sub(1).and_then(|at| RANDOM.get(at)).copied().unwrap_or(0.0);
    let index = (largest - size as f64) / (size as f64 - 1.0);
    // λ is never below n but for rounding.
    let ratio = if random > 0.0 { (index / random).max(0.0) } else { 0.0 };
    Compared { weights, ratio }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ratios that agree come back; Saaty's example of buying a house contradicts itself.
    #[test]
    fn ratios_come_back() {
        let wanted = [0.5, 0.3, 0.15, 0.05];
        let matrix: Vec<Vec<f64>> = wanted.iter().map(|a| wanted.iter().map(|b| a / b).collect()).collect();
        let found = compared(&matrix);
        for (found, wanted) in found.weights.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-15, "{found} {wanted}");
        }
        assert!(found.ratio < 1e-14, "{}", found.ratio);
        let circle = [vec![1.0, 3.0, 1.0 / 3.0], vec![1.0 / 3.0, 1.0, 3.0], vec![3.0, 1.0 / 3.0, 1.0]];
        let found = compared(&circle);
        // λ = 1 + 3 + 1/3 of every row, so CI = (13/3 − 3)/2.
        assert!((found.ratio - 2.0 / 3.0 / 0.58).abs() < 1e-14, "{}", found.ratio);
        assert_eq!(compared(&[vec![1.0, 4.0], vec![0.25, 1.0]]).ratio, 0.0);
    }
}
