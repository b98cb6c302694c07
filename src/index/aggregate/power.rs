//! Power means, which the arithmetic, geometric and harmonic mean are of.

use crate::definition::parts::PowerMean;

/// Nearer the geometric mean than this, powers differ from 1 by less than their digits.
const NEAR_ZERO: f64 = 1e-3;

/// The weighted power mean of what is not missing.
///
/// **Formula** (Σ w xᵖ / Σ w)^(1/p), xᵖ taken off the child that dominates; exp(Σ w ln x / Σ w) for p = 0, and for
/// |p| < 0.001 exp(ln(1 + Σ w (xᵖ − 1) / Σ w)/p) of logarithms about the geometric mean. With p → ±∞ it becomes the
/// maximum and the minimum.
pub(super) fn mean(power: f64, values: impl Iterator<Item = (f64, f64)> + Clone, floor: f64) -> f64 {
    // A large power of a small number is no f64: the child that dominates is the unit.
    let unit = if power.abs() > 1.0 {
        let counted = values
            .clone()
            .filter(|(value, weight)| !value.is_nan() && *weight != 0.0)
            .map(|(value, _)| value.max(floor));
        if power > 0.0 { counted.fold(0.0, f64::max) } else { counted.fold(f64::INFINITY, f64::min) }
    } else {
        1.0
    };
    if unit <= 0.0 {
        return 0.0;
    }
    let (mut sum, mut weights) = (0.0, 0.0);
    let mut has_zero = false;
    let is_near = power.abs() < NEAR_ZERO && power != 0.0;
    for (value, weight) in values.clone() {
        if value.is_nan() || weight == 0.0 {
            continue;
        }
        let value = value.max(floor);
        has_zero |= value <= 0.0;
        weights += weight;
        sum +=
            weight * if power == 0.0 || is_near { libm::log(value) } else { libm::pow(value / unit, power) };
    }
    if has_zero && power <= 0.0 {
        return 0.0;
    }
    let mean = sum / weights;
    if power == 0.0 {
        return libm::exp(mean);
    }
    if is_near && has_zero {
        // A 0 beside other children: to so small a power above 0 all of the mean is gone.
        let left: f64 = values
            .filter(|(value, weight)| !value.is_nan() && *weight != 0.0 && value.max(floor) > 0.0)
            .map(|(value, weight)| weight * libm::pow(value.max(floor), power))
            .sum();
        return libm::pow(left / weights, 1.0 / power);
    }
    if is_near {
        let about = values
            .filter(|(value, weight)| !value.is_nan() && *weight != 0.0)
            .map(|(value, weight)| weight * libm::expm1(power * (libm::log(value.max(floor)) - mean)))
            .sum::<f64>();
        return libm::exp(mean + libm::log1p(about / weights) / power);
    }
    unit * libm::pow(mean, 1.0 / power)
}

impl PowerMean {
    /// **Formula** ∂M/∂x = w (x/M)^(p − 1) of a child at x or, below the floor, as if it were there.
    pub(crate) fn slope(self, weight: f64, x: f64, mean: f64) -> f64 {
        weight * libm::pow(x.max(self.floor) / mean, self.power - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::mean;

    #[test]
    fn powers_next_to_zero_go_over_into_the_geometric_mean() {
        let row = [(20.0, 0.5), (80.0, 0.25), (64.0, 0.25)];
        let at = |power: f64| mean(power, row.iter().copied(), 0.0);
        // d ln M/dp at 0 is half the variance of ln x.
        let logs: Vec<(f64, f64)> = row.iter().map(|(x, w)| (x.ln(), *w)).collect();
        let m: f64 = logs.iter().map(|(x, w)| w * x).sum();
        let variance: f64 = logs.iter().map(|(x, w)| w * (x - m) * (x - m)).sum();
        for power in [1e-12, -1e-9, 1e-6, -1e-5] {
            let expected = at(0.0) * (power * variance / 2.0).exp();
            assert!((at(power) / expected - 1.0).abs() < 1e-10, "{power}");
        }
        let (below, above) = (at(0.999_999e-3), at(1.000_001e-3));
        assert!((above / below - 1.0).abs() < 1e-8, "no step where the formula changes");
    }

    #[test]
    fn a_zero_to_a_small_power_takes_all() {
        let row = [(0.0, 0.5), (80.0, 0.5)];
        assert_eq!(mean(-1e-6, row.iter().copied(), 0.0), 0.0);
        assert!(mean(1e-4, row.iter().copied(), 0.0) < 1e-300);
    }
}
