//! Student's t distribution: tails to the last digits for any degrees of freedom, and quantiles polished on them.
//!
//! `statrs` 0.19 loses digits as the degrees of freedom grow: its tail is right to 9e-10 at a million, its quantile to
//! 6e-5. The tail here takes the same continued fraction, with a prefactor that does not cancel; the quantile of
//! `statrs` is the start of Newton's method on it.

use std::f64::consts::PI;

use statrs::distribution::{ContinuousCDF, StudentsT};

/// P(T > t) for t ≥ 0, and the density at t.
fn tail_and_density(t: f64, df: f64) -> (f64, f64) {
    let a = 0.5 * df;
    let ratio = t * t / df;
    // Γ(a + ½) / (Γ(a) √π) · (1 + t²/df)^−a, without taking the difference of two large logarithms.
    let front = gamma_ratio(a) / PI.sqrt() * libm::exp(-a * libm::log1p(ratio));
    let density = front / (df * (1.0 + ratio)).sqrt();
    if df > 500.0 && t < 6.0 {
        return (integral(t, df, density), density);
    }
    // x^a (1 − x)^½ / B(a, ½), where x = df/(df + t²)
    let power = front * (ratio / (1.0 + ratio)).sqrt();
    let x = 1.0 / (1.0 + ratio);
    let tail = if x < (a + 1.0) / (a + 2.5) {
        0.5 * power * fraction(a, 0.5, x) / a
    } else {
        0.5 - power * fraction(0.5, a, ratio / (1.0 + ratio))
    };
    (tail, density)
}

/// The positive nodes of Gauss and Legendre's rule of ten points on −1..1, and their weights.
const NODES: [(f64, f64); 5] = [
    (0.148_874_338_981_631_22, 0.295_524_224_714_752_8),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_5),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_4),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// P(T > t) from the density, where the continued fraction would need hundreds of terms and lose digits: by Gauss and
/// Legendre's rule as far as the density counts.
fn integral(t: f64, df: f64, density: f64) -> f64 {
    const PANELS: f64 = 12.0;
    let rate = (df + 1.0) * t / (df + t * t);
    let width = (39.0 / rate).min(9.5) / PANELS;
    // The density at u over that at t.
    let relative = |u: f64| libm::exp(-0.5 * (df + 1.0) * libm::log1p((u - t) * (u + t) / (df + t * t)));
    let panel = |k: f64| {
        let middle = t + (k + 0.5) * width;
        let pair = |(node, weight): &(f64, f64)| {
            let away = 0.5 * width * node;
            weight * (relative(middle - away) + relative(middle + away))
        };
        NODES.iter().map(pair).sum::<f64>()
    };
    let panels = (0..12_u32).rev().map(|k| panel(f64::from(k)));
    0.5 * width * density * panels.sum::<f64>()
}

/// The two-sided p-value of a t statistic; `None` where there is none.
pub(crate) fn p_two_sided(t: f64, df: f64) -> Option<f64> {
    if !t.is_finite() || df <= 0.0 {
        return None;
    }
    Some((2.0 * tail_and_density(t.abs(), df).0).min(1.0))
}

/// P(T > t).
pub(crate) fn upper_tail(t: f64, df: f64) -> f64 {
    let tail = tail_and_density(t.abs(), df).0;
    if t < 0.0 { 1.0 - tail } else { tail }
}

/// The density at t.
pub(crate) fn density(t: f64, df: f64) -> f64 {
    tail_and_density(t.abs(), df).1
}

/// The t that a share `upper` of the distribution lies above; `upper` from 0 to ½.
pub(crate) fn quantile_above(upper: f64, df: f64) -> f64 {
    let start = StudentsT::new(0.0, 1.0, df).map_or(0.0, |law| -law.inverse_cdf(upper));
    let mut t = if start.is_finite() && start > 0.0 { start } else { 1.0 };
    for _ in 0..50 {
        let (tail, density) = tail_and_density(t, df);
        if density <= 0.0 || density.is_nan() {
            break;
        }
        // Newton on the logarithm of the tail, which is close to straight.
        let step = tail * libm::log(tail / upper) / density;
        t = (t + step).max(0.0);
        if step.abs() <= 1e-15 * t {
            break;
        }
    }
    t
}

/// Γ(a + ½) / Γ(a).
fn gamma_ratio(a: f64) -> f64 {
    if a < 30.0 {
        // By recurrence to where the series holds: Γ(a + ½)/Γ(a) = a/(a + ½) · Γ(a + 3/2)/Γ(a + 1).
        let mut product = 1.0;
        let mut at = a;
        while at < 30.0 {
            product *= at / (at + 0.5);
            at += 1.0;
        }
        return product * gamma_ratio(at);
    }
    // Tricomi and Erdélyi 1951: √a (1 − 1/8a + 1/128a² + 5/1024a³ − 21/32768a⁴ − 399/262144a⁵ + …)
    let r = 1.0 / a;
    let series = 869.0 / 4_194_304.0 + r * (39_325.0 / 33_554_432.0);
    let series = -399.0 / 262_144.0 + r * series;
    let series = 1.0 / 128.0 + r * (5.0 / 1024.0 + r * (-21.0 / 32_768.0 + r * series));
    a.sqrt() * (1.0 + r * (-0.125 + r * series))
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
///
/// **Reference** Press et al. 2007, Numerical Recipes, 3rd edition, §6.4.
pub(super) fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..20_000_u32 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / kept(1.0 + even * d);
        c = kept(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / kept(1.0 + odd * d);
        c = kept(1.0 + odd / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath with 40 digits: `betainc(df/2, 1/2, 0, df/(df + t²), regularized=True)/2`, and its root.
    #[expect(clippy::unreadable_literal, clippy::too_many_lines, reason = "a table, as it was computed")]
    #[test]
    fn tails_and_quantiles_keep_their_digits() {
        let tails = [
            (1.0, 0.1, 0.4682744825694464),
            (1.0, 1.0, 0.25),
            (1.0, 1.96, 0.15017144588801656),
            (1.0, 4.0, 0.07797913037736932),
            (1.0, 25.0, 0.012725611347991831),
            (2.0, 0.1, 0.4647327192070701),
            (2.0, 1.0, 0.2113248654051871),
            (2.0, 1.96, 0.09452865480086614),
            (2.0, 4.0, 0.02859547920896832),
            (2.0, 25.0, 0.000798085105705167),
            (3.5, 0.1, 0.46290220984344604),
            (3.5, 1.0, 0.19066862678172278),
            (3.5, 1.96, 0.06581128650636289),
            (3.5, 4.0, 0.010460308182701862),
            (3.5, 25.0, 2.2599513810646822e-05),
            (9.0, 0.1, 0.4612682239783406),
            (9.0, 1.0, 0.17171819806895675),
            (9.0, 1.96, 0.04082220273020832),
            (9.0, 4.0, 0.0015552141551929276),
            (9.0, 25.0, 6.294725189495184e-10),
            (27.0, 0.1, 0.4605415784686171),
            (27.0, 1.0, 0.16309445033986347),
            (27.0, 1.96, 0.0301958651607711),
            (27.0, 4.0, 0.00022128457072707772),
            (27.0, 25.0, 1.662704909319941e-20),
            (100.0, 0.1, 0.4602722655479256),
            (100.0, 1.0, 0.1598620778920617),
            (100.0, 1.96, 0.026389450683114834),
            (100.0, 4.0, 6.076182215038084e-05),
            (100.0, 25.0, 4.1159904485029857e-45),
            (1000.0, 0.1, 0.46018218451180204),
            (1000.0, 1.0, 0.15877620904233616),
            (1000.0, 1.96, 0.02513659247787436),
            (1000.0, 4.0, 3.400495960439079e-05),
            (1000.0, 25.0, 7.601770691660639e-108),
            (3500.0, 0.1, 0.46017502634905266),
            (3500.0, 1.0, 0.15868981870861035),
            (3500.0, 1.96, 0.02503751215902411),
            (3500.0, 4.0, 3.232602697019544e-05),
            (3500.0, 25.0, 2.3178500230793322e-127),
            (10000.0, 0.1, 0.46017316501553746),
            (10000.0, 1.0, 0.15866735216521458),
            (10000.0, 1.96, 0.025011760115916524),
            (10000.0, 4.0, 3.1899334411569814e-05),
            (10000.0, 25.0, 3.7216718814598755e-134),
            (1000000.0, 0.1, 0.46017217274602157),
            (1000000.0, 1.0, 0.15865537491678908),
            (1000000.0, 1.96, 0.024998033792634895),
            (1000000.0, 4.0, 3.167351700502405e-05),
            (1000000.0, 25.0, 3.371179083771837e-138),
        ];
        let quantiles = [
            (1.0, 0.25, 1.0),
            (1.0, 0.05, 6.313751514675043),
            (1.0, 0.025, 12.706204736174705),
            (1.0, 0.0005, 636.6192487687196),
            (2.0, 0.25, 0.816496580927726),
            (2.0, 0.05, 2.9199855803537256),
            (2.0, 0.025, 4.302652729749464),
            (2.0, 0.0005, 31.59905457644362),
            (3.5, 0.25, 0.7509370293940787),
            (3.5, 0.05, 2.2224334936496013),
            (3.5, 0.025, 2.9400886379827296),
            (3.5, 0.0005, 10.20482863165588),
            (9.0, 0.25, 0.7027221467513264),
            (9.0, 0.05, 1.8331129326562372),
            (9.0, 0.025, 2.2621571627982053),
            (9.0, 0.0005, 4.780912585931139),
            (27.0, 0.25, 0.683684979131031),
            (27.0, 0.05, 1.7032884457221271),
            (27.0, 0.025, 2.0518305164802855),
            (27.0, 0.0005, 3.689591713459236),
            (100.0, 0.25, 0.6769510430114715),
            (100.0, 0.05, 1.6602343260853396),
            (100.0, 0.025, 1.9839715185235522),
            (100.0, 0.0005, 3.39049131116423),
            (1000.0, 0.25, 0.6747351646070094),
            (1000.0, 0.05, 1.6463788172854648),
            (1000.0, 0.025, 1.9623390808264085),
            (1000.0, 0.0005, 3.300282648423913),
            (10000.0, 0.25, 0.6745142844835924),
            (10000.0, 0.05, 1.645006018069243),
            (10000.0, 0.025, 1.9602012398906263),
            (10000.0, 0.0005, 3.291499965941605),
            (1000000.0, 0.25, 0.6744899955310873),
            (1000000.0, 0.05, 1.6448551507220404),
            (1000000.0, 0.025, 1.959966356814107),
            (1000000.0, 0.0005, 3.290536461248691),
        ];
        for (df, t, expected) in tails {
            let found = upper_tail(t, df);
            assert!(
                (found / expected - 1.0).abs() < 1e-13,
                "tail({t}, {df}): {found:e} and not {expected:e}"
            );
        }
        for (df, upper, expected) in quantiles {
            let found = quantile_above(upper, df);
            assert!(
                (found / expected - 1.0).abs() < 1e-13,
                "quantile({upper}, {df}): {found} and not {expected}"
            );
        }
    }
}
