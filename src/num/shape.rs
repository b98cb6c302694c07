//! How a column leans and how heavy its tails are.

/// Skewness G1 and excess kurtosis G2 of what is not NaN.
///
/// **Formula** G1 = √(n (n − 1))/(n − 2) · m₃/m₂^1.5; G2 = (n − 1)/((n − 2)(n − 3)) · ((n + 1)(n S₄/S₂² − 3) + 6), with
/// `S_k = Σ (x − x̄)^k` and `m_k = S_k/n`. G1 needs three values, G2 four, both some spread.
///
/// **Reference** Joanes & Gill 1998, The Statistician 47:183.
pub(crate) fn skewness_and_kurtosis(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let (n, sum) = observed(values).fold((0.0, 0.0), |(n, sum), x| (n + 1.0, sum + x));
    let mean = sum / n;
    let (mut s2, mut s3, mut s4) = (0.0, 0.0, 0.0);
    for x in observed(values) {
        let d = x - mean;
        let square = d * d;
        s2 += square;
        s3 += square * d;
        s4 += square * square;
    }
    // What is left of a constant column is rounding.
    if !(s2 > 0.0 && s2.sqrt() > 1e-14 * mean.abs()) {
        return (None, None);
    }
    let m2 = s2 / n;
    let g1 = (n > 2.0).then(|| (n * (n - 1.0)).sqrt() / (n - 2.0) * (s3 / n) / (m2 * m2.sqrt()));
    let g2 = (n > 3.0)
        .then(|| (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * (n * s4 / (s2 * s2) - 3.0) + 6.0));
    (g1, g2)
}

fn observed(values: &[f64]) -> impl Iterator<Item = f64> + '_ {
    values.iter().copied().filter(|value| !value.is_nan())
}

#[cfg(test)]
mod tests {
    use super::skewness_and_kurtosis;

    /// Python: scipy.stats.skew and kurtosis of 1, 2, 3, 10 with bias=False.
    #[test]
    fn four_values() {
        let (g1, g2) = skewness_and_kurtosis(&[1.0, 2.0, f64::NAN, 3.0, 10.0]);
        assert!((g1.unwrap() - 1.763_632_614_803_888).abs() < 1e-14, "{g1:?}");
        assert!((g2.unwrap() - 3.228_000_000_000_000_6).abs() < 1e-13, "{g2:?}");
        assert_eq!(skewness_and_kurtosis(&[0.1; 7]), (None, None));
        assert_eq!(skewness_and_kurtosis(&[1.0, 2.0]), (None, None));
        assert!(skewness_and_kurtosis(&[1.0, 2.0, 4.0]).1.is_none());
        assert_eq!(skewness_and_kurtosis(&[]), (None, None));
    }
}
