//! Guttman's λ4: the split of the items into two parts that agree best.

use crate::num::cholesky::{Square, dot};

/// Up to as many items every split is tried.
pub(super) const ALL_SPLITS: usize = 20;

/// From how many random splits the search begins above that.
const STARTS: u64 = 400;

/// Which splits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    Any,
    /// As many items on both sides, one more on one of them if their number is odd.
    Halves,
}

/// The greatest 4 cov(A, B) / var(A + B), and whether every split was tried.
///
/// **Formula** With +1 for the items of one part and −1 for those of the other it is 1 − sᵀCs / 1ᵀC1.
///
/// **Method** Every split in Gray's order, one item changing sides at a time; above [`ALL_SPLITS`] items from seeded random
/// splits, moving and swapping items while that helps.
pub(super) fn greatest(covariance: &Square, parts: Parts) -> (f64, bool) {
    let size = covariance.size();
    let total: f64 = (0..size).map(|row| covariance.row(row).iter().sum::<f64>()).sum();
    let is_exact = size <= ALL_SPLITS;
    let signs = if is_exact { every(covariance, parts) } else { searched(covariance, parts) };
    (1.0 - dot(&signs, &covariance.times(&signs)) / total, is_exact)
}

/// A split on its way: the signs, C times them, and what is to become small.
struct Split<'c> {
    covariance: &'c Square,
    signs: Vec<f64>,
    products: Vec<f64>,
    value: f64,
}

impl<'c> Split<'c> {
    fn of(covariance: &'c Square, signs: Vec<f64>) -> Self {
        let products = covariance.times(&signs);
        let value = dot(&signs, &products);
        Self { covariance, signs, products, value }
    }

    fn sign(&self, item: usize) -> f64 {
        self.signs.get(item).copied().unwrap_or(1.0)
    }

    /// How much the value changes when an item changes sides.
    fn change(&self, item: usize) -> f64 {
        let product = self.products.get(item).copied().unwrap_or(0.0);
        4.0 * (self.covariance.get(item, item) - self.sign(item) * product)
    }

    fn change_of_two(&self, a: usize, b: usize) -> f64 {
        self.change(a) + self.change(b) + 8.0 * self.sign(a) * self.sign(b) * self.covariance.get(a, b)
    }

    fn turn(&mut self, item: usize) {
        self.value += self.change(item);
        let by = -2.0 * self.sign(item);
        if let Some(sign) = self.signs.get_mut(item) {
            *sign = -*sign;
        }
        for (product, cell) in self.products.iter_mut().zip(self.covariance.row(item)) {
            *product += by * cell;
        }
    }

    fn is_of(&self, parts: Parts) -> bool {
        let difference = self.signs.iter().sum::<f64>().abs();
        parts == Parts::Any || difference <= 1.0
    }
}

fn every(covariance: &Square, parts: Parts) -> Vec<f64> {
    let size = covariance.size();
    // The last item stays where it is: the other side is the same split.
    let steps = 1_u32 << size.saturating_sub(1).min(31);
    let mut split = Split::of(covariance, vec![1.0; size]);
    let mut best = (f64::INFINITY, split.signs.clone());
    for step in 1..=steps {
        if split.is_of(parts) && split.value < best.0 {
            best = (split.value, split.signs.clone());
        }
        // Which bit of Gray's code changes.
        split.turn(step.trailing_zeros() as usize);
    }
    best.1
}

fn searched(covariance: &Square, parts: Parts) -> Vec<f64> {
    let size = covariance.size();
    let mut best = (f64::INFINITY, vec![1.0; size]);
    for start in 0..=STARTS {
        let mut split = Split::of(covariance, beginning(size, start));
        improve(&mut split, parts);
        if split.value < best.0 {
            best = (split.value, split.signs);
        }
    }
    best.1
}

/// Odd against even items first, then shuffles of them by a fixed seed.
fn beginning(size: usize, start: u64) -> Vec<f64> {
    let mut signs: Vec<f64> = (0..size).map(|at| if at % 2 == 0 { 1.0 } else { -1.0 }).collect();
    if start == 0 {
        return signs;
    }
    let mut state = start.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for last in (1..size).rev() {
        // SplitMix64: Steele, Lea & Flood 2014.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let drawn = (z ^ (z >> 31)) % (last as u64 + 1);
        signs.swap(last, usize::try_from(drawn).unwrap_or(0));
    }
    signs
}

fn improve(split: &mut Split<'_>, parts: Parts) {
    let size = split.signs.len();
    // Each round lowers the value; the bound is never met.
    for _ in 0..10_000 {
        let least = -1e-12 * (1.0 + split.value.abs());
        let mut best = (least, None);
        for a in 0..size {
            let change = split.change(a);
            if parts == Parts::Any && change < best.0 {
                best = (change, Some((a, None)));
            }
            for b in 0..a {
                if split.sign(a) != split.sign(b) {
                    let change = split.change_of_two(a, b);
                    if change < best.0 {
                        best = (change, Some((a, Some(b))));
                    }
                }
            }
        }
        let Some((a, b)) = best.1 else { return };
        split.turn(a);
        if let Some(b) = b {
            split.turn(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(size: usize) -> Square {
        let mut matrix = Square::zeros(size);
        for i in 0..size {
            for j in 0..=i {
                let value = if i == j { 1.0 } else { ((i * 7 + j * 13) % 17) as f64 / 20.0 };
                matrix.set(i, j, value);
                matrix.set(j, i, value);
            }
        }
        matrix
    }

    /// Of 1 2 3 with r₁₂ = 0.6, r₁₃ = 0.2, r₂₃ = 0.1: 1 3 | 2 has 4 (0.6 + 0.1) / 4.8.
    #[test]
    fn the_best_of_three_by_hand() {
        let mut matrix = Square::zeros(3);
        for (i, j, r) in [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (0, 1, 0.6), (0, 2, 0.2), (1, 2, 0.1)] {
            matrix.set(i, j, r);
            matrix.set(j, i, r);
        }
        // 1 | 2 3 has 4 (0.6 + 0.2) / 4.8.
        let (value, is_exact) = greatest(&matrix, Parts::Any);
        assert!(is_exact && (value - 3.2 / 4.8).abs() < 1e-15, "{value}");
        assert_eq!(greatest(&matrix, Parts::Halves).0, value);
    }

    #[test]
    fn the_search_finds_what_all_splits_find() {
        for size in [8, 11, 14] {
            let matrix = random(size);
            for parts in [Parts::Any, Parts::Halves] {
                let both = [every(&matrix, parts), searched(&matrix, parts)]
                    .map(|signs| dot(&signs, &matrix.times(&signs)));
                assert!((both[0] - both[1]).abs() < 1e-12, "{size} {parts:?} {both:?}");
            }
        }
        assert!(!greatest(&random(21), Parts::Any).1);
    }
}
