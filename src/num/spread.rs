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
