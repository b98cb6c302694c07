//! Copeland's score: whom of a reference a person outranks.

/// Persons of a reference, a column a child; NaN where missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outranking {
    columns: Vec<Vec<f64>>,
    persons: usize,
}

/// Weights for and against that differ by rounding alone are equal.
const HAIR: f64 = 1e-12;

impl Outranking {
    /// From rows of equal length, a value a child.
    pub(crate) fn new(rows: &[Vec<f64>]) -> Self {
        let children = rows.first().map_or(0, Vec::len);
        let column = |at: usize| rows.iter().map(|row| row.get(at).copied().unwrap_or(f64::NAN)).collect();
        Self { columns: (0..children).map(column).collect(), persons: rows.len() }
    }

    /// **Formula** 100 (mean over the reference of sign(o − ½) + 1)/2, o = (Σ w[x > y] + ½ Σ w[x = y]) / Σ w over the
    /// children both have. o − ½ has the sign of Σ w[x > y] − Σ w[x < y], whatever Σ w is: what one of two lacks
    /// speaks for neither. Who has no child in common with somebody, or is in the reference, counts 0 against them.
    pub(super) fn score(&self, row: &[(f64, f64)], sums: &mut Vec<f64>) -> f64 {
        sums.clear();
        sums.resize(self.persons, 0.0);
        let mut is_observed = false;
        for ((x, weight), column) in row.iter().zip(&self.columns) {
            if x.is_nan() || *weight <= 0.0 {
                continue;
            }
            is_observed = true;
            for (sum, y) in sums.iter_mut().zip(column) {
                // A comparison with a missing one is false either way.
                let above = if x > y { *weight } else { 0.0 };
                let below = if x < y { *weight } else { 0.0 };
                *sum += above - below;
            }
        }
        if !is_observed || self.persons == 0 {
            return f64::NAN;
        }
        let signs: f64 =
            sums.iter().map(|sum| f64::from(u8::from(*sum > HAIR)) - f64::from(u8::from(*sum < -HAIR))).sum();
        100.0 * (signs / self.persons as f64 + 1.0) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::Outranking;

    const NA: f64 = f64::NAN;

    fn scores(rows: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
        let reference = Outranking::new(rows);
        let with = |row: &Vec<f64>| row.iter().copied().zip(weights.iter().copied()).collect::<Vec<_>>();
        rows.iter().map(|row| reference.score(&with(row), &mut Vec::new())).collect()
    }

    /// Where the lower triangle is 1 minus the upper, the weight of what is missing goes to whoever stands later.
    #[test]
    fn what_is_missing_speaks_for_neither_whatever_the_order_of_the_rows() {
        let weights = [0.4, 0.3, 0.3];
        let rows = vec![vec![60.0, NA, 40.0], vec![50.0, 90.0, 45.0], vec![NA, 20.0, 41.0]];
        let forwards = scores(&rows, &weights);
        let mut backwards = scores(&rows.iter().rev().cloned().collect::<Vec<_>>(), &weights);
        backwards.reverse();
        assert_eq!(forwards, backwards);
        // The first beats the second by 0.4 against 0.3, and loses to the third on the one child both have.
        assert_eq!(forwards[0], 50.0);
        assert!((forwards[1] - 50.0).abs() < 1e-12 && (forwards[2] - 50.0).abs() < 1e-12);
        // With 0.4 of 1, in place of 0.4 of the 0.7 both have, the first would lose to both.
    }

    #[test]
    fn the_best_of_all_has_all_but_its_own_row() {
        let found = scores(&[vec![3.0, 3.0], vec![2.0, 2.0], vec![1.0, 1.0]], &[0.5, 0.5]);
        assert!((found[0] - 100.0 * (2.0 / 3.0 + 1.0) / 2.0).abs() < 1e-12);
        assert_eq!(found[1], 50.0);
    }
}
