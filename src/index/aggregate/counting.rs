//! Alkire and Foster's counting of deprivations.

/// A sum of weights that misses the cutoff by rounding alone has reached it.
const HAIR: f64 = 1e-9;

/// **Formula** c = Σ w 1[x < z]; 100 (1 − c) if c ≥ k, else 100.
pub(super) fn score(cutoffs: &[f64], poor_at: f64, row: &[(f64, f64)]) -> f64 {
    let share = deprived(cutoffs, row);
    if is_poor(share, poor_at) { 100.0 * (1.0 - share) } else { 100.0 }
}

/// The share of the weights that is deprived.
fn deprived(cutoffs: &[f64], row: &[(f64, f64)]) -> f64 {
    let (share, weights) = row
        .iter()
        .zip(cutoffs)
        .filter(|((x, w), _)| !x.is_nan() && *w > 0.0)
        .fold((0.0, 0.0), |(share, weights), ((x, w), cutoff)| {
            (share + if x < cutoff { *w } else { 0.0 }, weights + w)
        });
    share / weights
}

/// Whether so large a share of deprivations makes poor.
pub(crate) fn is_poor(share: f64, poor_at: f64) -> bool {
    share >= poor_at - HAIR
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn only_the_poor_have_less_than_all() {
        let (cutoffs, k) = ([50.0, 50.0, 50.0, 50.0], 0.5);
        let of = |x: [f64; 4]| score(&cutoffs, k, &x.map(|x| (x, 0.25)));
        assert_eq!(of([49.0, 50.0, 90.0, 90.0]), 100.0);
        assert_eq!(of([49.0, 49.9, 90.0, 90.0]), 50.0);
        assert_eq!(of([0.0; 4]), 0.0);
    }
}
