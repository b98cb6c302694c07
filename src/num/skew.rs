//! Skewness and kurtosis of a column.

/// The adjusted skewness G₁ and excess kurtosis G₂; none of fewer than four values, or of equal ones.
///
/// **Formula** with Sₖ = Σ (x − x̄)ᵏ: G₁ = √(n(n − 1))/(n − 2) · √n S₃/S₂^1.5,
/// G₂ = (n − 1)/((n − 2)(n − 3)) · ((n + 1)(n S₄/S₂² − 3) + 6).
///
/// **Reference** Joanes & Gill 1998, The Statistician 47:183.
pub(crate) fn skewness_and_kurtosis(values: &[f64]) -> Option<[f64; 2]> {
    let n = values.len() as f64;
    if values.len() < 4 {
        return None;
    }
    let mean = values.iter().map(|x| x / n).sum::<f64>();
    // What rounding took from the mean; and the unit, so that no power of a deviation is endless.
    let mean = mean + values.iter().map(|x| (x - mean) / n).sum::<f64>();
    let unit = values.iter().map(|x| (x - mean).abs()).fold(0.0, f64::max);
    let (mut s2, mut s3, mut s4) = (0.0, 0.0, 0.0);
    for x in values {
        let off = (x - mean) / unit;
        let square = off * off;
        s2 += square;
        s3 += square * off;
        s4 += square * square;
    }
    let first = values.first();
    if values.iter().all(|x| Some(x) == first) {
        return None;
    }
    let skewness = libm::sqrt(n * (n - 1.0)) / (n - 2.0) * (libm::sqrt(n) * s3 / (s2 * libm::sqrt(s2)));
    let kurtosis = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * (n * s4 / (s2 * s2) - 3.0) + 6.0);
    Some([skewness, kurtosis])
}

#[cfg(test)]
mod tests {
    use super::skewness_and_kurtosis;

    /// COINr 1.1.14 under R 4.2.2; see tests/golden/composite/README.md.
    #[test]
    fn they_are_those_of_another_program() {
        let columns: [(&[f64], Option<[f64; 2]>); 5] = [
            (&[3.0; 8], None),
            (
                &[1.0, 1.0, 2.0, 2.0, 2.0, 5.0, 9.0, 9.0],
                Some([0.986_273_000_865_959, -0.905_746_412_523_381]),
            ),
            (&[1.0, 3.0, 5.0, 6.0, 7.0, 8.0], Some([-0.609_060_432_319_971, -0.648_788_927_335_64])),
            (
                &[-3.0, -1.0, 0.0, 0.0, 2.0, 4.0, 8.0, 100.0],
                Some([2.776_893_645_943_6, 7.776_371_953_655_38]),
            ),
            (&[0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0], Some([0.0, -2.8])),
        ];
        for (values, expected) in columns {
            match (skewness_and_kurtosis(values), expected) {
                (Some(found), Some(expected)) => {
                    for (a, b) in found.iter().zip(expected) {
                        assert!((a - b).abs() < 1e-13 * b.abs().max(1.0), "{values:?}: {a} {b}");
                    }
                }
                (found, expected) => assert_eq!(found, expected),
            }
        }
        assert_eq!(skewness_and_kurtosis(&[1.0, 2.0, 9.0]), None);
        let large = [-3e200, -1e200, 0.0, 0.0, 2e200, 4e200, 8e200, 1e202];
        let [skewness, _] = skewness_and_kurtosis(&large).unwrap();
        assert!((skewness - 2.776_893_645_943_6).abs() < 1e-12);
    }
}
