//! One common factor of a correlation matrix, by maximum likelihood.

use super::{
    cholesky::{Cholesky, Square, dot},
    eigen,
};

/// The factor, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OneFactor {
    /// Loadings and unique variances of standardised variables.
    Fitted { loadings: Vec<f64>, uniquenesses: Vec<f64> },
    /// Variables whose unique variance goes to 0 or below: no maximum with unique variances above 0.
    Heywood(Vec<usize>),
    /// Below three variables, or a matrix without an inverse.
    NotIdentified,
    /// No maximum was found.
    NotConverged,
}

/// A unique variance below this share counts as none.
const LEAST: f64 = 1e-6;

/// From how many axes the likelihood is climbed.
const STARTS: usize = 4;

/// Fits R = λλᵀ + Θ.
///
/// **Formula** The minimum of ln|Σ| + tr(R Σ⁻¹) over loadings and unique variances, by Newton's method with analytic second
/// derivatives; where those are not positive definite, by their expectation. A likelihood does not ask for units: what
/// is found of R holds for the covariances, each loading times its standard deviation.
///
/// **Reference** Lawley & Maxwell 1971, Factor Analysis as a Statistical Method; Jöreskog 1967, Psychometrika 32:443.
pub(crate) fn fit(correlations: &Square) -> OneFactor {
    let size = correlations.size();
    let whole = Cholesky::pivoted(correlations, 1e-12);
    if size < 3 || whole.rank < size {
        return OneFactor::NotIdentified;
    }
    let inverse = whole.inverse();
    let axes = eigen::symmetric(correlations);
    // A likelihood with two minima is one of two factors: the walks along the first axes find them, and the least is kept.
    let found = axes.iter().take(STARTS).map(|(_, axis)| descend(correlations, start(axis, &inverse)));
    let least = found.min_by(|a, b| a.0.total_cmp(&b.0));
    least.map_or(OneFactor::NotConverged, |(_, outcome)| outcome)
}

/// From one start down to a minimum: how low it is, and what is there.
fn descend(correlations: &Square, mut at: Point) -> (f64, OneFactor) {
    let nowhere = (f64::INFINITY, OneFactor::NotConverged);
    let Some(mut value) = discrepancy(correlations, &at) else { return nowhere };
    for _ in 0..500 {
        let slopes = Slopes::of(correlations, &at);
        let Some(step) = slopes.newton().or_else(|| slopes.scoring()) else { return nowhere };
        let size_of_step = step.iter().fold(0.0_f64, |most, by| most.max(by.abs()));
        let (taken, next) = search(correlations, &at, value, &step);
        let Some(next) = next else {
            // No step lowers it any more: at the minimum as far as the numbers tell, or against a border.
            return (value, if size_of_step < 1e-6 { at.outcome() } else { at.at_border() });
        };
        let lowered = value - taken;
        (at, value) = (next, taken);
        if at.uniquenesses.iter().any(|unique| *unique < LEAST) {
            return (value, at.at_border());
        }
        if size_of_step < 1e-14 || (size_of_step < 1e-11 && lowered <= 0.0) {
            return (value, at.outcome());
        }
    }
    // A slow walk towards a border ends here, too.
    let is_near = at.uniquenesses.iter().any(|unique| *unique < 1e-3);
    if is_near { (value, at.at_border()) } else { nowhere }
}

#[derive(Debug, Clone)]
struct Point {
    loadings: Vec<f64>,
    uniquenesses: Vec<f64>,
}

impl Point {
    fn outcome(mut self) -> OneFactor {
        if self.uniquenesses.iter().any(|unique| *unique < LEAST) {
            return self.at_border();
        }
        if self.loadings.iter().sum::<f64>() < 0.0 {
            self.loadings.iter_mut().for_each(|loading| *loading = -*loading);
        }
        OneFactor::Fitted { loadings: self.loadings, uniquenesses: self.uniquenesses }
    }

    fn at_border(&self) -> OneFactor {
        let least = self.uniquenesses.iter().fold(f64::INFINITY, |least, unique| least.min(*unique));
        let near = |unique: &f64| *unique <= (10.0 * least).max(LEAST);
        let found = self.uniquenesses.iter().enumerate().filter(|(_, unique)| near(unique));
        OneFactor::Heywood(found.map(|(at, _)| at).collect())
    }

    fn moved(&self, step: &[f64], share: f64) -> Self {
        let (by_loading, by_unique) = step.split_at(self.loadings.len().min(step.len()));
        let add = |own: &[f64], by: &[f64]| own.iter().zip(by).map(|(own, by)| own + share * by).collect();
        Self { loadings: add(&self.loadings, by_loading), uniquenesses: add(&self.uniquenesses, by_unique) }
    }

    /// Σ⁻¹ = Θ⁻¹ − Θ⁻¹λλᵀΘ⁻¹ / (1 + λᵀΘ⁻¹λ), and ln|Σ|.
    fn inverse(&self) -> (Square, f64) {
        let size = self.loadings.len();
        let scaled: Vec<f64> =
            self.loadings.iter().zip(&self.uniquenesses).map(|(loading, unique)| loading / unique).collect();
        let more = 1.0 + dot(&self.loadings, &scaled);
        let mut inverse = Square::zeros(size);
        for (row, (own, unique)) in scaled.iter().zip(&self.uniquenesses).enumerate() {
            for (column, other) in scaled.iter().enumerate() {
                let diagonal = if row == column { 1.0 / unique } else { 0.0 };
                inverse.set(row, column, diagonal - own * other / more);
            }
        }
        let logs: f64 = self.uniquenesses.iter().map(|unique| libm::log(*unique)).sum();
        (inverse, logs + libm::log(more))
    }
}

/// Half of what the other variables leave unexplained, and loadings along an axis; what lies off it keeps little.
fn start(axis: &[f64], inverse: &Square) -> Point {
    let size = axis.len();
    let longest = axis.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let own = |k: usize| ((1.0 - 0.5 / size as f64) / inverse.get(k, k)).clamp(0.05, 0.95);
    let loadings: Vec<f64> =
        axis.iter().enumerate().map(|(k, value)| (1.0 - own(k)).sqrt() * value / longest).collect();
    let uniquenesses = loadings.iter().map(|loading| 1.0 - loading * loading).collect();
    Point { loadings, uniquenesses }
}

/// ln|Σ| + tr(R Σ⁻¹); none outside the allowed values.
fn discrepancy(correlations: &Square, at: &Point) -> Option<f64> {
    if at.uniquenesses.iter().any(|unique| *unique <= 0.0 || unique.is_nan()) {
        return None;
    }
    let (inverse, logs) = at.inverse();
    let trace: f64 = (0..correlations.size()).map(|row| dot(correlations.row(row), inverse.row(row))).sum();
    Some(logs + trace).filter(|value| value.is_finite())
}

/// The longest of ever shorter steps that does not raise the discrepancy.
fn search(correlations: &Square, at: &Point, value: f64, step: &[f64]) -> (f64, Option<Point>) {
    let mut share = 1.0_f64;
    // Short of the border, where the logarithm has no end.
    for (unique, by) in at.uniquenesses.iter().zip(step.iter().skip(at.loadings.len())) {
        if unique + by <= 0.0 {
            share = share.min(-0.9 * unique / by);
        }
    }
    for _ in 0..40 {
        let next = at.moved(step, share);
        match discrepancy(correlations, &next) {
            // Rounding of sums of as many terms is no rise.
            Some(found) if found <= value + 1e-14 * (1.0 + value.abs()) => return (found, Some(next)),
            _ => share *= 0.5,
        }
    }
    (value, None)
}

/// First and second derivatives at a point.
struct Slopes {
    gradient: Vec<f64>,
    hessian: Square,
    expected: Square,
}

impl Slopes {
    fn of(correlations: &Square, at: &Point) -> Self {
        let size = correlations.size();
        let (inverse, _) = at.inverse();
        // A = Σ⁻¹ R Σ⁻¹ and G = Σ⁻¹ − A.
        let both = inverse.sandwich(correlations);
        let (w, v) = (inverse.times(&at.loadings), both.times(&at.loadings));
        let (a, b) = (dot(&at.loadings, &w), dot(&at.loadings, &v));
        let cell = |of: &[f64], at: usize| of.get(at).copied().unwrap_or(0.0);
        let mut gradient = vec![0.0; 2 * size];
        let mut hessian = Square::zeros(2 * size);
        let mut expected = Square::zeros(2 * size);
        for i in 0..size {
            let (wi, vi) = (cell(&w, i), cell(&v, i));
            if let Some(own) = gradient.get_mut(i) {
                *own = 2.0 * (wi - vi);
            }
            if let Some(own) = gradient.get_mut(size + i) {
                *own = inverse.get(i, i) - both.get(i, i);
            }
            for j in 0..size {
                let (wij, aij) = (inverse.get(i, j), both.get(i, j));
                let (wj, vj) = (cell(&w, j), cell(&v, j));
                let of_loadings =
                    2.0 * (wij - aij) + 2.0 * (wij * (b - a) + aij * a - wi * wj + wi * vj + vi * wj);
                hessian.set(i, j, of_loadings);
                hessian.set(size + i, size + j, wij * (2.0 * aij - wij));
                let mixed = 2.0 * (wij * cell(&v, i) + wi * aij - wij * wi);
                hessian.set(size + i, j, mixed);
                hessian.set(j, size + i, mixed);
                expected.set(i, j, 2.0 * (wij * a + wi * wj));
                expected.set(size + i, size + j, wij * wij);
                expected.set(size + i, j, 2.0 * wij * wi);
                expected.set(j, size + i, 2.0 * wij * wi);
            }
        }
        Self { gradient, hessian, expected }
    }

    fn newton(&self) -> Option<Vec<f64>> {
        self.solve(&self.hessian)
    }

    /// With the expected second derivatives, which are positive definite.
    fn scoring(&self) -> Option<Vec<f64>> {
        self.solve(&self.expected)
    }

    fn solve(&self, matrix: &Square) -> Option<Vec<f64>> {
        let size = matrix.size();
        let roots: Vec<f64> = (0..size).map(|k| matrix.get(k, k).sqrt()).collect();
        if roots.iter().any(|root| *root <= 0.0 || !root.is_finite()) {
            return None;
        }
        let mut scaled = Square::zeros(size);
        for (row, own) in roots.iter().enumerate() {
            for (column, other) in roots.iter().enumerate() {
                scaled.set(row, column, matrix.get(row, column) / (own * other));
            }
        }
        let factor = Cholesky::pivoted(&scaled, 1e-13);
        if factor.rank < size {
            return None;
        }
        let right: Vec<f64> = self.gradient.iter().zip(&roots).map(|(slope, root)| -slope / root).collect();
        let solved = factor.solve(&right);
        Some(solved.iter().zip(&roots).map(|(value, root)| value / root).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correlations(loadings: &[f64]) -> Square {
        let mut matrix = Square::zeros(loadings.len());
        for (i, a) in loadings.iter().enumerate() {
            for (j, b) in loadings.iter().enumerate() {
                matrix.set(i, j, if i == j { 1.0 } else { a * b });
            }
        }
        matrix
    }

    #[test]
    fn a_factor_is_found_again() {
        let wanted = [0.9, 0.35, 0.6, -0.5, 0.7];
        let OneFactor::Fitted { loadings, uniquenesses } = fit(&correlations(&wanted)) else {
            panic!("a factor")
        };
        for ((found, unique), wanted) in loadings.iter().zip(&uniquenesses).zip(wanted) {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
            assert!((unique - (1.0 - wanted * wanted)).abs() < 1e-12);
        }
    }

    /// r₁₂ r₁₃ / r₂₃ = 0.72 · 0.7 / 0.4 > 1.
    #[test]
    fn a_heywood_case_is_an_outcome() {
        let mut matrix = correlations(&[0.0; 3]);
        for (i, j, r) in [(0, 1, 0.72), (0, 2, 0.7), (1, 2, 0.4)] {
            matrix.set(i, j, r);
            matrix.set(j, i, r);
        }
        assert_eq!(fit(&matrix), OneFactor::Heywood(vec![0]));
    }

    #[test]
    fn two_variables_do_not_make_a_factor() {
        assert_eq!(fit(&correlations(&[0.5, 0.5])), OneFactor::NotIdentified);
    }
}
