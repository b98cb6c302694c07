//! How far a scale can be trusted: Cronbach's alpha.

use crate::scale::Answers;

/// **Formula** α = k/(k − 1) · (1 − Σ s²ⱼ / s²) over persons who answered every item. None below two items, two
/// persons, or without spread.
///
/// **Reference** Cronbach 1951, Psychometrika 16:297.
pub(crate) fn alpha(answers: &Answers) -> Option<f64> {
    let items: Vec<&[f64]> = (0..answers.len()).filter_map(|item| answers.column_or_nan(item)).collect();
    let at = |column: &[f64], row: usize| column.get(row).copied().unwrap_or(f64::NAN);
    let complete: Vec<usize> =
        (0..answers.rows()).filter(|row| items.iter().all(|column| !at(column, *row).is_nan())).collect();
    let k = items.len() as f64;
    if items.len() < 2 || complete.len() < 2 {
        return None;
    }
    let of_items: f64 =
        items.iter().map(|column| variance(complete.iter().map(|row| at(column, *row)))).sum();
    let total = |row: &usize| items.iter().map(|column| at(column, *row)).sum::<f64>();
    let of_sum = variance(complete.iter().map(total));
    (of_sum > 0.0).then(|| k / (k - 1.0) * (1.0 - of_items / of_sum))
}

/// The variance over n − 1, in two passes.
fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    values.map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::alpha;
    use crate::scale::Answers;

    /// Items (1,2,3,4) and (1,2,4,3): s² = 5/3 each, the sum (2,4,7,7) has 6; α = 2 (1 − (10/3)/6) = 8/9.
    #[test]
    fn alpha_by_hand() -> crate::error::Result<()> {
        let columns = vec![vec![1.0, 2.0, 3.0, 4.0, f64::NAN], vec![1.0, 2.0, 4.0, 3.0, 0.0]];
        let answers = Answers::from_columns(["a", "b"], columns, [0.0, 5.0])?;
        let alpha = alpha(&answers).unwrap_or_default();
        assert!((alpha - 8.0 / 9.0).abs() < 1e-15, "{alpha}");
        Ok(())
    }
}
