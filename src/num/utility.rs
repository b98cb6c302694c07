//! Mean and variance of u(X), X ~ N(x, s²), in closed form for lines, steps and the worst of several steps.
//!
//! The delta method s u′(x) is wrong at every kink and 0 on every step; these sums of Φ and φ are exact.

use super::{normal::Normal, stretch::panel};

/// Straight lines between points, flat outside; `points` ascend in x.
pub(crate) fn line_value(points: &[[f64; 2]], x: f64) -> f64 {
    let mut before: Option<[f64; 2]> = None;
    for &[at, score] in points {
        if x < at {
            return match before {
                None => score,
                Some([from, start]) => start + (score - start) * ((x - from) / (at - from)),
            };
        }
        before = Some([at, score]);
    }
    before.map_or(f64::NAN, |[_, score]| if x.is_nan() { x } else { score })
}

/// **Formula** per piece [a, b] with u − c = α + βZ, Z ~ N(0, 1), c = u(x):
/// E = α I₀ + β I₁, E² = α² I₀ + 2αβ I₁ + β² I₂ with I₀ = Φ(B) − Φ(A), I₁ = φ(A) − φ(B),
/// I₂ = I₀ + Aφ(A) − Bφ(B). Taking c off first keeps the digits of a small variance. Over a piece of less than a tenth
/// of an error, where these are small differences of large numbers, a quadrature has the digits.
pub(crate) fn line_moments(normal: &Normal, points: &[[f64; 2]], x: f64, s: f64) -> (f64, f64) {
    let c = line_value(points, x);
    if s <= 0.0 {
        return (c, 0.0);
    }
    let (mut mean, mut square) = (0.0, 0.0);
    let mut add = |alpha: f64, beta: f64, i0: f64, i1: f64, i2: f64| {
        mean += alpha * i0 + beta * i1;
        square += alpha * alpha * i0 + 2.0 * alpha * beta * i1 + beta * beta * i2;
    };
    let mut before: Option<([f64; 2], f64, f64, f64)> = None;
    for &[at, score] in points {
        let z = (at - x) / s;
        let (cdf, phi) = normal.cdf_and_density(z);
        match before {
            None => add(score - c, 0.0, cdf, 0.0, 0.0),
            Some(([from, start], z_from, cdf_from, phi_from)) => {
                let width = z - z_from;
                if width < NARROW {
                    panel(0.0, 1.0, |t, weight| {
                        let share = weight * width * normal.density(z_from + width * t);
                        add(start + (score - start) * t - c, 0.0, share, 0.0, 0.0);
                    });
                    before = Some(([at, score], z, cdf, phi));
                    continue;
                }
                let slope = (score - start) / (at - from);
                let i0 = cdf - cdf_from;
                add(
                    start + slope * (x - from) - c,
                    slope * s,
                    i0,
                    phi_from - phi,
                    i0 + z_from * phi_from - z * phi,
                );
            }
        }
        before = Some(([at, score], z, cdf, phi));
    }
    if let Some(([_, score], _, cdf, _)) = before {
        add(score - c, 0.0, 1.0 - cdf, 0.0, 0.0);
    }
    (c + mean, (square - mean * mean).max(0.0))
}

/// Pieces of fewer errors are integrated by quadrature.
const NARROW: f64 = 0.1;

/// The score of the band that `x` falls in: `score[k]` from `at[k − 1]` up to below `at[k]`.
#[inline]
pub(crate) fn step_value(at: &[f64], score: &[f64], x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let band = at.iter().filter(|at| x >= **at).count();
    score.get(band).copied().unwrap_or(f64::NAN)
}

/// **Formula** u = s₀ + Σ dᵢ 1[X ≥ tᵢ]; E u = s₀ + Σ dᵢ Qᵢ and, since the events are nested,
/// Var u = Σᵢ dᵢ Qᵢ (dᵢ Fᵢ + 2 Σ_{j<i} dⱼ Fⱼ) with F = Φ, Q = 1 − Φ at tᵢ: no difference of large numbers.
#[inline]
pub(crate) fn step_moments(normal: &Normal, at: &[f64], score: &[f64], x: f64, s: f64) -> (f64, f64) {
    if s <= 0.0 {
        return (step_value(at, score, x), 0.0);
    }
    step_moments_per(normal, at, score, x, 1.0 / s)
}

/// The same with 1/s, which a loop over persons has at hand.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a caller that wants the variance alone pays for that alone")]
pub(crate) fn step_moments_per(normal: &Normal, at: &[f64], score: &[f64], x: f64, per_s: f64) -> (f64, f64) {
    let [first, rest @ ..] = score else { return (f64::NAN, f64::NAN) };
    let (mut mean, mut variance, mut below) = (*first, 0.0, 0.0);
    let mut last = *first;
    for (at, score) in at.iter().zip(rest) {
        let jump = score - last;
        last = *score;
        let (f, q) = normal.both_tails((at - x) * per_s);
        mean += jump * q;
        variance += jump * q * (jump * f + 2.0 * below);
        below += jump * f;
    }
    (mean, variance.max(0.0))
}

/// More thresholds than this in one rule are refused when a definition is read.
pub(crate) const MOST_STEPS: usize = 31;

/// The lowest of several step functions of independent readings.
#[derive(Debug, Clone)]
pub(crate) struct WorstOf {
    parts: Vec<Part>,
    /// Every score that can be the lowest, ascending.
    levels: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Part {
    at: Vec<f64>,
    score: Vec<f64>,
    /// For each level above the first, the bands that reach it, as bits.
    reaching: Vec<u32>,
}

impl WorstOf {
    pub(crate) fn new<'a>(parts: impl IntoIterator<Item = (&'a [f64], &'a [f64])>) -> Self {
        let mut parts: Vec<Part> = parts
            .into_iter()
            .map(|(at, score)| Part { at: at.to_vec(), score: score.to_vec(), reaching: Vec::new() })
            .collect();
        let mut levels: Vec<f64> = parts.iter().flat_map(|part| part.score.iter().copied()).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        for part in &mut parts {
            let bits = |level: &f64| {
                part.score
                    .iter()
                    .enumerate()
                    .filter(|(_, score)| *score >= level)
                    .fold(0, |bits, (band, _)| bits | 1 << band)
            };
            part.reaching = levels.iter().skip(1).map(bits).collect();
        }
        Self { parts, levels }
    }

    /// **Formula** with Sₖ = Πᵢ P(uᵢ ≥ vₖ) over the levels vₖ and gaps eₖ = vₖ − vₖ₋₁:
    /// E = v₀ + Σ eₖ Sₖ, Var = Σₖ eₖ Sₖ (eₖ (1 − Sₖ) + 2 Σ_{j<k} eⱼ (1 − Sⱼ)).
    pub(crate) fn moments(&self, normal: &Normal, reading: impl Fn(usize) -> (f64, f64)) -> (f64, f64) {
        let mut reach = [1.0; 2 * MOST_STEPS];
        for (part, of) in self.parts.iter().enumerate() {
            let (x, s) = reading(part);
            let mut share = [0.0; MOST_STEPS + 1];
            let mut below = 0.0;
            let tails = of
                .at
                .iter()
                .map(|at| if s > 0.0 { normal.both_tails((at - x) / s).0 } else { f64::from(x < *at) });
            for (share, cdf) in share.iter_mut().zip(tails.chain([1.0])) {
                *share = cdf - below;
                below = cdf;
            }
            for (reach, bits) in reach.iter_mut().zip(&of.reaching) {
                let sum: f64 = share
                    .iter()
                    .enumerate()
                    .take(of.score.len())
                    .filter(|(band, _)| bits >> band & 1 == 1)
                    .map(|(_, p)| p)
                    .sum();
                *reach *= sum.min(1.0);
            }
        }
        let mut mean = self.levels.first().copied().unwrap_or(f64::NAN);
        let (mut variance, mut below) = (0.0, 0.0);
        for (pair, reach) in self.levels.windows(2).zip(reach) {
            let gap = pair.last().unwrap_or(&0.0) - pair.first().unwrap_or(&0.0);
            mean += gap * reach;
            variance += gap * reach * (gap * (1.0 - reach) + 2.0 * below);
            below += gap * (1.0 - reach);
        }
        (mean, variance.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::normal::normal;

    const SLEEP_AT: [f64; 5] = [4.0, 5.0, 6.0, 7.0, 9.0];
    const SLEEP_SCORE: [f64; 6] = [0.0, 20.0, 40.0, 70.0, 100.0, 90.0];

    /// Simpson's rule over ±9 standard deviations in 200,000 pieces, split nowhere: an independent, slow way.
    fn by_quadrature(u: impl Fn(f64) -> f64, x: f64, s: f64) -> (f64, f64) {
        let n = 200_000;
        let h = 18.0 / f64::from(n);
        let weight = |k: i32| {
            if k == 0 || k == n {
                1.0
            } else if k % 2 == 1 {
                4.0
            } else {
                2.0
            }
        };
        let (mut m0, mut m1, mut m2) = (0.0, 0.0, 0.0);
        for k in 0..=n {
            let z = -9.0 + h * f64::from(k);
            let w = weight(k) * libm::exp(-0.5 * z * z);
            let v = u(x + s * z);
            m0 += w;
            m1 += w * v;
            m2 += w * v * v;
        }
        (m1 / m0, m2 / m0 - (m1 / m0) * (m1 / m0))
    }

    #[test]
    fn closed_forms_agree_with_quadrature() {
        let knots = [[3553.0, 0.0], [5801.0, 75.5], [7842.0, 84.9], [10901.0, 100.0]];
        for (x, s) in [(5.9, 0.7), (7.0, 0.2), (9.5, 2.0), (2.0, 1.0)] {
            let (mean, variance) = step_moments(normal(), &SLEEP_AT, &SLEEP_SCORE, x, s);
            let (m, v) = by_quadrature(|x| step_value(&SLEEP_AT, &SLEEP_SCORE, x), x, s);
            // Steps cost the quadrature its order; the closed form is the better of the two.
            assert!(
                (mean - m).abs() < 1e-2 && (variance - v).abs() < 1.0,
                "{x} {s}: {mean} {m} {variance} {v}"
            );
        }
        for (x, s) in [(6000.0, 900.0), (10_900.0, 50.0), (2000.0, 3000.0)] {
            let (mean, variance) = line_moments(normal(), &knots, x, s);
            let (m, v) = by_quadrature(|x| line_value(&knots, x), x, s);
            assert!((mean - m).abs() < 1e-6 && (variance / v - 1.0).abs() < 1e-6, "{x} {s}");
        }
    }

    /// R 4.2.2, see tests/golden/measures/README.md; Φ differs in the last digit: 1e-12 of a mean, 1e-11 of a variance.
    #[test]
    fn moments_are_those_of_another_program() {
        let knots = [[3553.0, 0.0], [5801.0, 40.0 / 0.53], [7842.0, 45.0 / 0.53], [10901.0, 100.0]];
        let (at, score) = ([4.0, 5.0, 6.0, 7.0, 9.0, 10.0], [0.0, 20.0, 40.0, 70.0, 100.0, 90.0, 40.0]);
        let rows = include_str!("../../tests/golden/measures/expected_utility_vectors.csv").lines().skip(1);
        let mut compared = 0;
        for row in rows {
            let cells: Vec<&str> = row.split(',').collect();
            let [x, s, e, v] = [1, 2, 3, 4].map(|at| cells[at].parse::<f64>().unwrap());
            let (mean, variance) = match cells[0] {
                "le8_sleep" => step_moments(normal(), &at, &score, x, s),
                _ => line_moments(normal(), &knots, x, s),
            };
            assert!(
                (mean / e - 1.0).abs() < 1e-12 && (variance / v - 1.0).abs() < 1e-11,
                "{row}: {mean} {variance}"
            );
            compared += 1;
        }
        assert_eq!(compared, 9);
    }

    #[test]
    fn the_worst_of_one_is_that_one() {
        let worst = WorstOf::new([(&SLEEP_AT[..], &SLEEP_SCORE[..])]);
        for x in [3.0, 4.0, 5.5, 8.0, 9.5] {
            let (mean, variance) = worst.moments(normal(), |_| (x, 0.8));
            let (m, v) = step_moments(normal(), &SLEEP_AT, &SLEEP_SCORE, x, 0.8);
            assert!((mean - m).abs() < 1e-12 && (variance - v).abs() < 1e-10, "{x}");
        }
    }

    /// Two coins: u₁ and u₂ each 0 or 100 with probability ½, so the lower is 100 with ¼.
    #[test]
    fn the_worst_of_two_coins() {
        let coin: (&[f64], &[f64]) = (&[0.0], &[0.0, 100.0]);
        let (mean, variance) = WorstOf::new([coin, coin]).moments(normal(), |_| (0.0, 1.0));
        assert!((mean - 25.0).abs() < 1e-12 && (variance - 1875.0).abs() < 1e-10);
    }

    #[test]
    fn a_threshold_belongs_to_the_band_above() {
        assert_eq!(step_value(&SLEEP_AT, &SLEEP_SCORE, 9.0), 90.0);
        assert_eq!(step_value(&SLEEP_AT, &SLEEP_SCORE, 8.999_999), 100.0);
        assert!(step_value(&SLEEP_AT, &SLEEP_SCORE, f64::NAN).is_nan());
        assert!(line_value(&[[0.0, 0.0], [1.0, 100.0]], f64::NAN).is_nan());
    }
}
