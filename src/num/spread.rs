//! How many, how high, how spread, and how far to be trusted.

/// n, mean and standard deviation over n − 1 of what is not NaN, in two passes; no mean of nothing, no deviation of one.
pub(crate) fn mean_and_sd(values: impl Iterator<Item = f64>) -> (usize, Option<f64>, Option<f64>) {
    let values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    let n = values.len();
    let mean = (n > 0).then(|| values.iter().sum::<f64>() / n as f64);
    let sd = mean.filter(|_| n > 1).map(|mean| {
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        (squares / (n as f64 - 1.0)).sqrt()
    });
    (n, mean, sd)
}

/// The reliability of the mean of `n` readings, each of reliability `one`: nR/(1 + (n − 1)R).
pub(crate) fn spearman_brown(one: f64, n: f64) -> f64 {
    n * one / (1.0 + (n - 1.0) * one)
}

/// The quantile at `share` of sorted values, between order statistics at 1 + (n − 1) p; none of nothing.
///
/// **Reference** Hyndman & Fan 1996, type 7.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? as f64 * share.clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let below = place.floor() as usize;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    // Where both are the same, the product may not be a number or not exact.
    Some(if low == high { low } else { low + (place - place.floor()) * (high - low) })
}
