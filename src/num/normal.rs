//! The standard normal distribution: fast, and the same bits on every machine.
//!
//! Φ is wanted some hundred million times when a million persons are scored, so it is read from a
//! table: one Taylor row, the value and seven terms, every 1/64, built once from `libm::erfc`. The nearest row is
//! at most 1/128 away, where the first term left out is below 1e-19.

use std::sync::LazyLock;

const ROWS_PER_UNIT: f64 = 64.0;
/// Beyond, the upper tail is below 2e-19 and counts as 0.
const LAST: f64 = 9.0;
const TERMS: usize = 8;
/// 1.5 × 2⁵²: what is added to it is rounded to a whole number.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// Taylor rows of the upper tail Q(z) = 1 − Φ(z) for z ≥ 0.
#[derive(Debug)]
pub(crate) struct Normal {
    rows: Vec<[f64; TERMS]>,
}

static NORMAL: LazyLock<Normal> = LazyLock::new(Normal::build);

/// The table, built at the first call.
pub(crate) fn normal() -> &'static Normal {
    &NORMAL
}

impl Normal {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "577 rows")]
    fn build() -> Self {
        let count = (LAST * ROWS_PER_UNIT) as usize + 1;
        Self { rows: (0..count).map(|k| taylor_row(k as f64 / ROWS_PER_UNIT)).collect() }
    }

    /// The row nearest to |z|, and how far |z| is from it; no row where the tail counts as 0.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the inside of a loop over persons and thresholds")]
    fn row(&self, z: f64) -> Option<(&[f64; TERMS], f64)> {
        let z = z.abs();
        // The sum's last bits are |z| × 64 rounded to a whole number: cheaper than a checked conversion.
        let shifted = z * ROWS_PER_UNIT + ROUNDING;
        let nearest = (shifted.to_bits() & 0x7ff) as usize;
        // Not `z > LAST`: a missing z takes some row and stays missing.
        let is_beyond = z >= LAST;
        let row = self.rows.get(nearest).filter(|_| !is_beyond)?;
        Some((row, z - (shifted - ROUNDING) / ROWS_PER_UNIT))
    }

    /// Q(|z|)
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the inside of a loop over persons and thresholds")]
    fn tail(&self, z: f64) -> f64 {
        let Some(([q, c1, c2, c3, c4, c5, c6, c7], d)) = self.row(z) else { return 0.0 };
        q + d * (c1 + d * (c2 + d * (c3 + d * (c4 + d * (c5 + d * (c6 + d * c7))))))
    }

    /// (Q(|z|), φ(z)).
    #[inline]
    fn tail_and_density(&self, z: f64) -> (f64, f64) {
        let Some(([_, c1, c2, c3, c4, c5, c6, c7], d)) = self.row(z) else { return (0.0, 0.0) };
        let slope = c1
            + d * (2.0 * c2
                + d * (3.0 * c3 + d * (4.0 * c4 + d * (5.0 * c5 + d * (6.0 * c6 + d * 7.0 * c7)))));
        (self.tail(z), -slope)
    }

    /// (P(Z < z), P(Z ≥ z)), both to full relative accuracy near their smaller end.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the inside of a loop over persons and thresholds")]
    pub(crate) fn both_tails(&self, z: f64) -> (f64, f64) {
        let tail = self.tail(z);
        if z < 0.0 { (tail, 1.0 - tail) } else { (1.0 - tail, tail) }
    }

    /// φ(z)
    #[inline]
    pub(crate) fn density(&self, z: f64) -> f64 {
        self.tail_and_density(z).1
    }

    /// (P(Z < z), φ(z)).
    #[inline]
    pub(crate) fn cdf_and_density(&self, z: f64) -> (f64, f64) {
        let (tail, density) = self.tail_and_density(z);
        (if z < 0.0 { tail } else { 1.0 - tail }, density)
    }
}

/// Q and its derivatives over k! at `z`: Q⁽ᵏ⁾ = (−1)ᵏ Heₖ₋₁(z) φ(z).
fn taylor_row(z: f64) -> [f64; TERMS] {
    let mut row = [0.0; TERMS];
    let density = density(z);
    let (mut before, mut hermite) = (0.0, 1.0);
    let mut sign = -1.0;
    let mut factorial = 1.0;
    for (k, term) in row.iter_mut().enumerate() {
        if k == 0 {
            *term = upper(z);
            continue;
        }
        factorial *= k as f64;
        *term = sign * hermite * density / factorial;
        sign = -sign;
        (before, hermite) = (hermite, z * hermite - (k as f64 - 1.0) * before);
    }
    row
}

fn density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * std::f64::consts::PI)
}

fn upper(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The quantile of the standard normal for 0.5 ≤ p < 1.
pub(crate) fn quantile(p: f64) -> f64 {
    // Φ is concave above 0, so Newton from 0 climbs to the root and never passes it.
    let mut z = 0.0;
    for _ in 0..100 {
        let step = (p - (1.0 - upper(z))) / density(z);
        z += step;
        if step.abs() < 1e-15 {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_function() {
        // The bound: a few units in the last place of 1.
        for k in -95_000..95_000 {
            let z = f64::from(k) * 1e-4 + 3.3e-5;
            let (cdf, phi) = normal().cdf_and_density(z);
            let (lower, higher) = normal().both_tails(z);
            assert!((cdf - upper(-z)).abs() < 4e-16, "Φ({z})");
            assert!((phi - density(z)).abs() < 4e-16, "φ({z})");
            assert!((lower - upper(-z)).abs() < 4e-16 && (higher - upper(z)).abs() < 4e-16, "tails at {z}");
            if (0.0..6.0).contains(&z) {
                assert!((higher / upper(z) - 1.0).abs() < 1e-14, "relative accuracy of the tail at {z}");
            }
        }
    }

    /// R 4.2.2: qnorm(c(.75, .95, .975, .995), lower.tail = TRUE)
    #[test]
    fn quantiles() {
        for (p, z) in [
            (0.75, 0.674_489_750_196_081_7),
            (0.95, 1.644_853_626_951_472_2),
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_900_4),
        ] {
            assert!((quantile(p) / z - 1.0).abs() < 1e-14, "{p}");
        }
    }
}
