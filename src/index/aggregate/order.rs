//! What goes by the order of the children: median, minimum, maximum, ordered weighted average.

use super::{Work, observed};
use crate::definition::parts::Owa;

/// A sum of weights that is half of all by rounding alone is half.
const HAIR: f64 = 1e-12;

/// **Formula** the smallest x whose cumulated weight exceeds half of all; the mean of two neighbours where it is
/// exactly half.
pub(super) fn median(row: &[(f64, f64)], work: &mut Work) -> f64 {
    let total = sort(row, work);
    let half = total / 2.0;
    let mut below = 0.0;
    let mut sorted = work.sorted.iter().peekable();
    while let Some((x, w)) = sorted.next() {
        below += w;
        if (below - half).abs() <= HAIR * total
            && let Some((next, _)) = sorted.peek()
        {
            return f64::midpoint(*x, *next);
        }
        if below > half {
            return *x;
        }
    }
    work.sorted.last().map_or(f64::NAN, |(x, _)| *x)
}

/// **Formula** the limit of power means for p → −∞; the sizes of the weights do not count.
pub(super) fn minimum(row: &[(f64, f64)]) -> f64 {
    observed(row).map(|(x, _)| x).fold(f64::NAN, f64::min)
}

/// **Formula** the limit of power means for p → ∞; the sizes of the weights do not count.
pub(super) fn maximum(row: &[(f64, f64)]) -> f64 {
    observed(row).map(|(x, _)| x).fold(f64::NAN, f64::max)
}

/// **Formula** Σ vₖ x₍ₖ₎, x₍₁₎ the best of those observed, v for as many.
pub(super) fn owa(owa: &Owa, row: &[(f64, f64)], work: &mut Work) -> f64 {
    sort(row, work);
    let m = work.sorted.len();
    // Weights of places are of so many children and no fewer.
    if m == 0 || matches!(owa, Owa::Places(places) if places.len() != m) {
        return f64::NAN;
    }
    work.sorted.iter().rev().enumerate().map(|(k, (x, _))| owa.place(k, m) * x).sum()
}

/// The observed, ascending, and the sum of their weights. Of equals the order in the row stands, so that the sums are
/// the same for the same children.
fn sort(row: &[(f64, f64)], work: &mut Work) -> f64 {
    work.sorted.clear();
    let mut total = 0.0;
    for (x, w) in observed(row) {
        total += w;
        let at = work.sorted.partition_point(|(known, _)| *known <= x);
        work.sorted.insert(at, (x, w));
    }
    total
}

#[cfg(test)]
mod tests {
    use super::{Work, median, owa};
    use crate::definition::parts::Owa;

    #[test]
    fn the_weighted_median_is_the_first_beyond_half() {
        let of = |row: &[(f64, f64)]| median(row, &mut Work::default());
        assert_eq!(of(&[(30.0, 0.25), (10.0, 0.25), (50.0, 0.25), (20.0, 0.25)]), 25.0);
        assert_eq!(of(&[(30.0, 0.2), (10.0, 0.6), (50.0, 0.2)]), 10.0);
        assert_eq!(of(&[(30.0, 0.1), (10.0, 0.2), (50.0, 0.2), (60.0, 0.5)]), 55.0);
        assert_eq!(of(&[(f64::NAN, 0.5), (10.0, 0.25), (40.0, 0.25)]), 25.0);
        assert_eq!(of(&[(10.0, 0.0), (40.0, 1.0)]), 40.0);
        assert!(of(&[(f64::NAN, 1.0)]).is_nan());
    }

    #[test]
    fn places_are_counted_among_the_observed() {
        let row = [(10.0, 0.25), (f64::NAN, 0.25), (40.0, 0.25), (70.0, 0.25)];
        let of = |method: &Owa| owa(method, &row, &mut Work::default());
        assert_eq!(of(&Owa::Best(2)), 55.0);
        assert_eq!(of(&Owa::Worst(2)), 25.0);
        assert_eq!(of(&Owa::Best(4)), 40.0);
        assert!((of(&Owa::Quantifier(1.0)) - 40.0).abs() < 1e-12);
        // (1/9) 70 + (3/9) 40 + (5/9) 10
        assert!((of(&Owa::Quantifier(2.0)) - 240.0 / 9.0).abs() < 1e-12);
        assert_eq!(Owa::Places(vec![0.5, 0.3, 0.2]).orness(3), Some(0.65));
        assert!(of(&Owa::Places(vec![0.5, 0.3, 0.1, 0.1])).is_nan());
    }
}
