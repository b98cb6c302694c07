//! What the mean of several readings is worth, and what a reading is worth some time later.

/// Days in a year, for a drift that is declared per √year.
const YEAR: f64 = 365.25;

/// The reliability of the mean of `n` readings from that of one: the Spearman–Brown formula.
///
/// **Formula** Rₙ = n R / (1 + (n − 1) R); `n` may be a fraction: half a test has n = ½.
///
/// **Units** reliabilities are shares of the variance, from 0 to 1.
///
/// **Missing data** none where `reliability` is not from 0 to 1 or `n` is not above 0.
///
/// **Reference** Spearman 1910, British Journal of Psychology 3:271; Brown 1910, British Journal of Psychology 3:296.
///
/// # Example
/// ```
/// use vointi::indicator::spearman_brown;
/// // One reading of 0.67 read twice: 1.34/1.67.
/// let twice = spearman_brown(0.67, 2.0).unwrap_or_default();
/// assert!((twice - 1.34 / 1.67).abs() < 1e-15);
/// assert_eq!(spearman_brown(0.5, 3.0), Some(0.75));
/// assert_eq!(spearman_brown(1.5, 3.0), None);
/// ```
pub fn spearman_brown(reliability: f64, n: f64) -> Option<f64> {
    let fits = (0.0..=1.0).contains(&reliability) && n > 0.0 && n.is_finite();
    fits.then(|| crate::num::spread::spearman_brown(reliability, n))
}

/// The standard deviation of the error of the mean of `n` readings with independent errors.
///
/// **Formula** s/√n
///
/// **Units** those of `error_sd`, the error of one reading or of one day.
///
/// **Missing data** none where `error_sd` is below 0 or there is no reading.
///
/// # Example
/// ```
/// use vointi::indicator::error_sd_of_mean;
/// assert_eq!(error_sd_of_mean(12.0, 4), Some(6.0)); // 4 days of a device with 12 a day
/// assert_eq!(error_sd_of_mean(12.0, 0), None);
/// ```
pub fn error_sd_of_mean(error_sd: f64, n: u32) -> Option<f64> {
    (error_sd >= 0.0 && error_sd.is_finite() && n > 0).then(|| error_sd / libm::sqrt(f64::from(n)))
}

/// The standard deviation of the error of one reading, from the intraclass correlation of single readings and the
/// standard deviation between persons.
///
/// **Formula** ICC = σ²/(σ² + s²), hence s = σ √((1 − ICC)/ICC)
///
/// **Units** those of `between_sd`, which is free of error.
///
/// **Missing data** none where `icc` is not between 0 and 1 or `between_sd` is not above 0.
///
/// **Reference** Shrout & Fleiss 1979, Psychological Bulletin 86:420, ICC(1,1).
///
/// # Example
/// ```
/// use vointi::indicator::error_sd_of_icc;
/// assert_eq!(error_sd_of_icc(0.5, 15.0), Some(15.0)); // half of the variance is error
/// assert_eq!(error_sd_of_icc(0.9, 6.0).map(f64::round), Some(2.0));
/// assert_eq!(error_sd_of_icc(0.0, 6.0), None);
/// ```
pub fn error_sd_of_icc(icc: f64, between_sd: f64) -> Option<f64> {
    let fits = icc > 0.0 && icc < 1.0 && between_sd > 0.0 && between_sd.is_finite();
    fits.then(|| between_sd * libm::sqrt((1.0 - icc) / icc))
}

/// The standard deviation of the error of a reading for the level of today, `days` after it was taken, where the true
/// level wanders as a random walk of standard deviation `drift` per √year.
///
/// **Formula** s(t) = √(s² + drift² t), t = days/365.25
///
/// **Units** those of `error_sd`; `drift` in the same unit per √year.
///
/// **Missing data** none where a number is below 0.
///
/// # Example
/// ```
/// use vointi::indicator::error_sd_at_age;
/// assert_eq!(error_sd_at_age(8.0, 3.0, 0.0), Some(8.0));
/// assert_eq!(error_sd_at_age(8.0, 3.0, 4.0 * 365.25), Some(10.0)); // 8² + 3² · 4 = 10²
/// assert_eq!(error_sd_at_age(8.0, 3.0, -1.0), None);
/// ```
pub fn error_sd_at_age(error_sd: f64, drift: f64, days: f64) -> Option<f64> {
    let fits = [error_sd, drift, days].iter().all(|number| *number >= 0.0 && number.is_finite());
    fits.then(|| aged(error_sd, variance_a_day(drift), days))
}

/// The variance that a drift adds a day.
pub(super) fn variance_a_day(drift: f64) -> f64 {
    drift * drift / YEAR
}

#[inline]
pub(super) fn aged(error_sd: f64, variance_a_day: f64, days: f64) -> f64 {
    if variance_a_day == 0.0 || days == 0.0 {
        return error_sd;
    }
    libm::sqrt(error_sd * error_sd + variance_a_day * days)
}
