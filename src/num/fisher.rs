//! Fisher's F distribution: tails and quantiles to the last digits but two or three, for any degrees of freedom.
//!
//! `statrs` finds quantiles by halving, which is slow, and loses digits in the prefactor as the degrees of freedom grow.

use std::f64::consts::PI;

use super::{normal, student::fraction};

/// P(F > f).
pub(crate) fn upper_tail(f: f64, df1: f64, df2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    tails_and_density(f, df1, df2).1
}

/// The f that a share `below` of the distribution lies under.
pub(crate) fn quantile(below: f64, df1: f64, df2: f64) -> f64 {
    let mut f = start(below, df1, df2);
    for _ in 0..100 {
        let (lower, upper, density) = tails_and_density(f, df1, df2);
        if density <= 0.0 || !density.is_finite() {
            break;
        }
        // Newton on the logarithm of f against that of the smaller tail, both of which keep the sign.
        let step = if below <= 0.5 {
            -lower * libm::log(lower / below) / (density * f)
        } else {
            upper * libm::log(upper / (1.0 - below)) / (density * f)
        };
        let step = step.clamp(-2.0, 2.0);
        f *= libm::exp(step);
        if step.abs() <= 1e-15 {
            break;
        }
    }
    f
}

/// The cube root of F is nearly normal (Wilson & Hilferty 1931; Paulson 1942).
fn start(below: f64, df1: f64, df2: f64) -> f64 {
    let (a, b) = (2.0 / (9.0 * df1), 2.0 / (9.0 * df2));
    let z = normal::quantile(below);
    let wide = (1.0 - b) * (1.0 - b) - z * z * b;
    let inside = a * (1.0 - b) * (1.0 - b) + b * (1.0 - a) * (1.0 - a) - z * z * a * b;
    let root = ((1.0 - a) * (1.0 - b) + z * inside.max(0.0).sqrt()) / wide;
    let found = root * root * root;
    if wide > 0.0 && root > 0.05 && found.is_finite() { found } else { 1.0 }
}

/// P(F ≤ f), P(F > f) and the density at f > 0.
///
/// **Formula** The regularised incomplete beta function of x = df₁ f / (df₁ f + df₂), by its continued fraction, with
/// Loader's form of x^a (1 − x)^b / B(a, b), which takes no difference of large logarithms.
///
/// **Reference** Press et al. 2007, Numerical Recipes, §6.4; Loader 2000, Fast and accurate computation of binomial
/// probabilities.
fn tails_and_density(f: f64, df1: f64, df2: f64) -> (f64, f64, f64) {
    let (a, b) = (0.5 * df1, 0.5 * df2);
    let whole = df1 * f + df2;
    let (x, y) = (df1 * f / whole, df2 / whole);
    let n = a + b;
    let power = (a * b / (2.0 * PI * n)).sqrt()
        * libm::exp(
            stirling_error(n)
                - stirling_error(a)
                - stirling_error(b)
                - deviance(a, n * x)
                - deviance(b, n * y),
        );
    let (lower, upper) = if x < (a + 1.0) / (n + 2.0) {
        let lower = power * fraction(a, b, x) / a;
        (lower, 1.0 - lower)
    } else {
        let upper = power * fraction(b, a, y) / b;
        (1.0 - upper, upper)
    };
    (lower, upper, power / f)
}

/// ln Γ(z + 1) − ((z + ½) ln z − z + ½ ln 2π).
fn stirling_error(z: f64) -> f64 {
    if z < 16.0 {
        // By recurrence to where the series holds: of z + 1 it is smaller by (z + ½) ln(1 + 1/z) − 1.
        let mut more = 0.0;
        let mut at = z;
        while at < 16.0 {
            more += (at + 0.5) * libm::log1p(1.0 / at) - 1.0;
            at += 1.0;
        }
        return more + stirling_error(at);
    }
    let r = 1.0 / (z * z);
    let series = 1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * (691.0 / 360_360.0)));
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * series)) / z
}

/// x ln(x/m) + m − x, which is small where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() < 0.1 * (x + m) {
        let v = (x - m) / (x + m);
        let mut sum = (x - m) * v;
        let mut term = 2.0 * x * v;
        for j in 1..1000_u32 {
            term *= v * v;
            let next = sum + term / f64::from(2 * j + 1);
            if next == sum {
                break;
            }
            sum = next;
        }
        return sum;
    }
    x * libm::log(x / m) + m - x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath with 30 digits: the incomplete beta function by its continued fraction, and its root.
    #[expect(clippy::unreadable_literal, reason = "a table, as it was computed")]
    #[test]
    fn tails_and_quantiles_keep_their_digits() {
        let quantiles = [
            (3.0, 3.0, 0.025, 0.06477026927128886),
            (3.0, 3.0, 0.975, 15.43918237874729),
            (5.0, 1.7, 0.025, 0.1142497334331257),
            (5.0, 1.7, 0.975, 67.05069467087964),
            (9.0, 36.0, 0.025, 0.28377497869569585),
            (9.0, 36.0, 0.975, 2.492244508891609),
            (99.0, 396.0, 0.025, 0.7205662566700354),
            (99.0, 396.0, 0.975, 1.3472089791033026),
            (4826.0, 33782.0, 0.025, 0.9579071017195684),
            (4826.0, 33782.0, 0.975, 1.0432206770312102),
            (5.0, 15.0, 0.025, 0.1555759630784871),
            (5.0, 15.0, 0.975, 3.576415349279062),
            (1.0, 10.0, 0.025, 0.0010323886717517943),
            (1.0, 10.0, 0.975, 6.9367281662969855),
            (2.5, 100.0, 0.025, 0.047359317063929936),
            (2.5, 100.0, 0.975, 3.492797937177065),
            (99999.0, 2399976.0, 0.025, 0.9910753445165088),
            (99999.0, 2399976.0, 0.975, 1.0089673658410563),
        ];
        for (df1, df2, below, expected) in quantiles {
            let found = quantile(below, df1, df2);
            assert!(
                (found / expected - 1.0).abs() < 2e-14,
                "{below} of {df1}, {df2}: {found} and not {expected}"
            );
        }
        let tails = [
            (11.02724795, 5.0, 15.0, 0.00013456651692365717),
            (1.79, 5.0, 18.0, 0.1657413107437556),
            (50.0, 3.0, 12.0, 4.688169759599982e-07),
            (0.2, 4.0, 9.0, 0.9320788953175303),
            // 21⁻¹⁵.
            (300.0, 2.0, 30.0, 21.0_f64.powi(-15)),
        ];
        for (f, df1, df2, expected) in tails {
            let found = upper_tail(f, df1, df2);
            assert!(
                (found / expected - 1.0).abs() < 1e-13,
                "{f} of {df1}, {df2}: {found} and not {expected}"
            );
        }
    }
}
