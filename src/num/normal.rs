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

/// As far from 0 as the polynomial reaches: a little beyond the first and the ninety-ninth percentile.
const REACH: f64 = 2.5;
/// (Φ(z) − ½)/z by powers of z², interpolated in the Chebyshev nodes of 0 ≤ z² ≤ 6.25 with 60 digits.
const CENTRE: [f64; 16] = [
    0.398_942_280_401_432_65,
    -0.066_490_380_066_904_97,
    0.009_973_557_010_029_386,
    -0.001_187_328_215_445_770_2,
    0.000_115_434_687_517_754_47,
    -9.444_656_090_399_606e-6,
    6.659_691_604_839_962e-7,
    -4.122_652_447_981_191e-8,
    2.273_445_897_197_654e-9,
    -1.129_773_082_032_229_9e-10,
    5.102_007_537_578_793_6e-12,
    -2.098_345_905_199_495_8e-13,
    7.746_074_198_482_044e-15,
    -2.431_616_496_546_478_3e-16,
    5.685_648_139_048_188e-18,
    -7.171_405_098_191_551e-20,
];

/// `out` = Φ(z): by a polynomial, which vectors can do, and where one z is too far for it by the table.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
pub(crate) fn probabilities(out: &mut [f64], z: &[f64]) {
    let mut is_far = false;
    for (out, z) in out.iter_mut().zip(z) {
        let square = z * z;
        *out = 0.5 + z * CENTRE.iter().rev().fold(0.0, |sum, term| sum * square + term);
        is_far |= z.abs() > REACH;
    }
    if is_far {
        for (out, z) in out.iter_mut().zip(z).filter(|(_, z)| z.abs() > REACH) {
            *out = normal().both_tails(*z).0;
        }
    }
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

    #[test]
    fn many_at_a_time_are_the_function() {
        // The far ones beside the near ones; and where the two meet.
        let mut z: Vec<f64> = (-95_000..95_000).map(|k| f64::from(k) * 1e-4 + 3.3e-5).collect();
        z.extend([
            -REACH,
            REACH,
            REACH.next_up(),
            -REACH.next_up(),
            0.0,
            -0.0,
            f64::INFINITY,
            -f64::INFINITY,
        ]);
        let mut out = vec![0.0; z.len()];
        for at_once in [z.len(), 64, 1] {
            out.fill(0.0);
            for (out, z) in out.chunks_mut(at_once).zip(z.chunks(at_once)) {
                crate::num::vectors::run(
                    #[inline(always)]
                    || probabilities(out, z),
                );
            }
            for (z, out) in z.iter().zip(&out) {
                assert!((out - upper(-z)).abs() < 4e-16, "Φ({z})");
            }
        }
        probabilities(&mut out, &[f64::NAN]);
        assert!(out.first().is_some_and(|out| out.is_nan()));
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
