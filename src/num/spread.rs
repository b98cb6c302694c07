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

/// [`mean_and_sd`] of every column, with the same bits: so many columns a pass that their sums do not wait for one another.
pub(crate) fn means_and_sds(columns: &[&[f64]]) -> Vec<(usize, Option<f64>, Option<f64>)> {
    columns.chunks(ABREAST).flat_map(abreast).collect()
}

/// Columns summed side by side; each sum alone waits for its last addition.
const ABREAST: usize = 8;

#[expect(clippy::needless_range_loop, reason = "rows of several columns at once")]
fn abreast(columns: &[&[f64]]) -> Vec<(usize, Option<f64>, Option<f64>)> {
    let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
    if columns.len() < ABREAST || columns.iter().any(|column| column.len() != rows) {
        return columns.iter().map(|column| mean_and_sd(column.iter().copied())).collect();
    }
    let mut of = [&[][..]; ABREAST];
    for (own, column) in of.iter_mut().zip(columns) {
        *own = &column[..rows];
    }
    let n = of.map(|column| column.iter().filter(|x| !x.is_nan()).count());
    let mut sum = [0.0; ABREAST];
    for row in 0..rows {
        for k in 0..ABREAST {
            let x = of[k][row];
            sum[k] += if x.is_nan() { 0.0 } else { x };
        }
    }
    let mut mean = [0.0; ABREAST];
    for k in 0..ABREAST {
        mean[k] = sum[k] / n[k] as f64;
    }
    let mut squares = [0.0; ABREAST];
    for row in 0..rows {
        for k in 0..ABREAST {
            let x = of[k][row];
            let off = if x.is_nan() { 0.0 } else { x - mean[k] };
            squares[k] += off * off;
        }
    }
    let found = n.iter().zip(mean).zip(squares);
    found
        .map(|((n, mean), squares)| {
            let sd = (*n > 1).then(|| (squares / (*n as f64 - 1.0)).sqrt());
            (*n, (*n > 0).then_some(mean), sd)
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_by_side_they_have_the_same_bits() {
        let cell = |row: usize, k: usize| match (row * 7 + k * 13) % 11 {
            0 => f64::NAN,
            _ => libm::sin((row * 31 + k) as f64) * libm::pow(10.0, k as f64 - 4.0),
        };
        let mut columns: Vec<Vec<f64>> =
            (0..19).map(|k| (0..1003).map(|row| cell(row, k)).collect()).collect();
        columns[3].fill(f64::NAN);
        columns[5][1..].fill(f64::NAN);
        let of: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let bits = |(n, mean, sd): (usize, Option<f64>, Option<f64>)| {
            (n, mean.map(f64::to_bits), sd.map(f64::to_bits))
        };
        let abreast: Vec<_> = means_and_sds(&of).into_iter().map(bits).collect();
        let alone: Vec<_> = columns.iter().map(|column| bits(mean_and_sd(column.iter().copied()))).collect();
        assert_eq!(abreast, alone);
    }
}
