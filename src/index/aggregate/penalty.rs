//! Means that unevenness lowers: Mazziotta and Pareto's index, and the mean–min function.

use super::{observed, weighted_mean};
use crate::definition::parts::Penalty;

/// **Formula** M ∓ S²/M with M = Σ w x / Σ w and S² = Σ w (x − M)² / Σ w.
pub(super) fn penalised(way: Penalty, row: &[(f64, f64)]) -> f64 {
    let (mean, square) = moments(row);
    // Equal children have no penalty, and children that are all 0 are equal.
    if square == 0.0 {
        return mean;
    }
    mean + way.sign() * (square / mean)
}

/// **Formula** w (1 ∓ ((S/M)² − 2 (x − M)/M)), w a share of those observed.
pub(super) fn penalised_slopes(way: Penalty, row: &[(f64, f64)], slopes: &mut Vec<f64>) {
    let (_, weights) = weighted_mean(row);
    let (mean, square) = moments(row);
    slopes.extend(row.iter().map(|(x, w)| {
        if x.is_nan() || *w <= 0.0 {
            return 0.0;
        }
        let uneven = if square == 0.0 { 0.0 } else { 2.0 * (x - mean) / mean - square / (mean * mean) };
        w / weights * (1.0 + way.sign() * uneven)
    }));
}

/// The weighted mean, and the weighted mean square about it.
fn moments(row: &[(f64, f64)]) -> (f64, f64) {
    let (mean, weights) = weighted_mean(row);
    // Children that are equal have a spread of 0, and not one of rounding.
    let mut values = observed(row).map(|(x, _)| x);
    let first = values.next().unwrap_or(f64::NAN);
    if values.all(|x| x == first) {
        return (first, 0.0);
    }
    (mean, observed(row).map(|(x, w)| w * (x - mean) * (x - mean)).sum::<f64>() / weights)
}

/// **Formula** M − a (√((M − min)² + b²) − b).
pub(super) fn mean_min(a: f64, b: f64, row: &[(f64, f64)]) -> f64 {
    let (mean, _) = weighted_mean(row);
    mean - a * bend(mean - lowest(row), b)
}

/// √(d² + b²) − b without the difference of nearly equal numbers.
fn bend(d: f64, b: f64) -> f64 {
    let root = libm::hypot(d, b);
    if root == 0.0 { 0.0 } else { d * (d / (root + b)) }
}

/// **Formula** w (1 − c), and c more for the lowest child, c = a (M − min)/√((M − min)² + b²). Where several are the
/// lowest and others are not, the minimum has a kink and there is no slope.
pub(super) fn mean_min_slopes(a: f64, b: f64, row: &[(f64, f64)], slopes: &mut Vec<f64>) -> bool {
    let (mean, weights) = weighted_mean(row);
    let low = lowest(row);
    let drawn = a * (mean - low) / libm::hypot(mean - low, b);
    let at_lowest = observed(row).filter(|(x, _)| *x == low).count();
    let is_even = observed(row).all(|(x, _)| x == low);
    slopes.extend(row.iter().map(|(x, w)| {
        if x.is_nan() || *w <= 0.0 {
            return 0.0;
        }
        w / weights * (1.0 - drawn) + if *x == low { drawn } else { 0.0 }
    }));
    at_lowest == 1 || is_even || a == 0.0
}

fn lowest(row: &[(f64, f64)]) -> f64 {
    observed(row).map(|(x, _)| x).fold(f64::NAN, f64::min)
}

impl Penalty {
    fn sign(self) -> f64 {
        match self {
            Self::Minus => -1.0,
            Self::Plus => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Penalty, mean_min, penalised};

    #[test]
    fn the_penalty_of_an_uneven_person_can_exceed_the_mean() {
        let row = [(90.0, 1.0), (10.0, 1.0), (10.0, 1.0)];
        // M = 110/3, S² = 12800/9.
        let (mean, square) = (110.0 / 3.0, 12800.0 / 9.0);
        assert!((penalised(Penalty::Minus, &row) - (mean - square / mean)).abs() < 1e-12);
        assert_eq!(format!("{:.1}", penalised(Penalty::Minus, &row)), "-2.1");
        assert!((penalised(Penalty::Plus, &row) - (mean + square / mean)).abs() < 1e-12);
        assert_eq!(penalised(Penalty::Minus, &[(0.0, 0.3), (0.0, 0.7)]), 0.0);
    }

    #[test]
    fn the_mean_is_drawn_to_the_minimum() {
        let row = [(90.0, 0.5), (30.0, 0.5)];
        assert_eq!(mean_min(0.0, 1.0, &row), 60.0);
        assert_eq!(mean_min(1.0, 0.0, &row), 30.0);
        let by_hand = 60.0 - 0.5 * ((900.0f64 + 1600.0).sqrt() - 40.0);
        assert!((mean_min(0.5, 40.0, &row) - by_hand).abs() < 1e-12);
    }
}
