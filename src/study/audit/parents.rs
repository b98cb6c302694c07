//! Whether the children of a parent belong together: components, sampling adequacy, sphericity, alpha.

use serde::Serialize;
use statrs::function::gamma::gamma_ur;

use super::{
    columns::{Column, Columns, Level},
    each::each,
};
use crate::num::{
    cholesky::{Cholesky, Square},
    eigen,
};

/// Whether the children of one parent belong together.
///
/// **Formula** Components are those of the correlation matrix R of persons with all children: eigenvalues λ, shares λ/p,
/// loadings v √λ, the correlations of the children with the component; their sum is not negative. KMO = Σ r²/(Σ r² + Σ q²) over
/// pairs, q the partial correlation given all others, from the inverse of R. Bartlett's χ² = −(n − 1 − (2p + 5)/6) ln det R with
/// p (p − 1)/2 degrees of freedom. α = k² c̄/S of the pairwise covariances, c̄ their mean off the diagonal and S the sum of all.
/// Scores run so that more is better, so that nothing has to be turned.
///
/// **Missing data** persons with a child missing are left out of the components (`complete` are left), pair by pair of α.
///
/// **Reference** Kaiser 1974, Psychometrika 39:31; Bartlett 1951, Biometrika 38:337; Cronbach 1951, Psychometrika 16:297.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ParentFigures {
    /// The parent: `index`, `pillar.<id>` or `domain.<id>`.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// Where it stands.
    pub level: Level,
    /// Its children.
    pub children: Vec<String>,
    /// Persons who have all of them.
    pub complete: usize,
    /// Components, the largest first; none of fewer than two children, three complete persons, or with a constant child.
    pub components: Vec<Component>,
    /// Sampling adequacy of all children; none where R has no inverse.
    pub kmo: Option<f64>,
    /// The same child by child.
    pub kmo_of: Vec<Option<f64>>,
    /// Whether R differs from no correlation at all; none where R has no inverse.
    pub bartlett: Option<Bartlett>,
    /// Cronbach's α.
    pub alpha: Option<f64>,
    /// The fewest persons behind a covariance of α.
    pub alpha_n: usize,
    /// What could not be had, and why; empty if nothing.
    pub note: &'static str,
}

/// A principal component.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Component {
    /// Its variance.
    pub eigenvalue: f64,
    /// Its share of all variance.
    pub share: f64,
    /// The correlation of each child with it.
    pub loadings: Vec<f64>,
}

/// Bartlett's test of sphericity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bartlett {
    /// The statistic.
    pub chi2: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// P(χ² > chi2) if nothing goes with anything.
    pub p: f64,
}

/// A share of a column's variance below this, that the columns before leave unexplained, counts as none.
const LEAST_PIVOT: f64 = 1e-12;

pub(super) fn parents(columns: &Columns<'_>) -> Vec<ParentFigures> {
    let slots: Vec<usize> =
        (0..columns.scores.len()).filter(|slot| columns.tree.node(*slot).is_some()).collect();
    each(&slots, |slot| of_parent(columns, *slot)).into_iter().flatten().collect()
}

fn of_parent(columns: &Columns<'_>, slot: usize) -> Option<ParentFigures> {
    let own = columns.scores.get(slot)?;
    let slots = columns.tree.node(slot)?.children();
    let children: Vec<&Column> = slots.iter().filter_map(|(child, _)| columns.scores.get(*child)).collect();
    let values: Vec<&[f64]> = children.iter().map(|child| child.values.as_slice()).collect();
    let (alpha, alpha_n) = alpha(&values);
    let mut found = ParentFigures {
        name: own.name.clone(),
        title: own.title.clone(),
        level: own.level,
        children: children.iter().map(|child| child.name.clone()).collect(),
        complete: 0,
        components: Vec::new(),
        kmo: None,
        kmo_of: vec![None; children.len()],
        bartlett: None,
        alpha,
        alpha_n,
        note: "",
    };
    let complete = complete_rows(&values);
    found.complete = complete.first().map_or(0, Vec::len);
    found.structure(&complete);
    Some(found)
}

impl ParentFigures {
    fn structure(&mut self, complete: &[Vec<f64>]) {
        let (p, n) = (complete.len(), self.complete);
        if p < 2 {
            self.note = "one child alone has no structure";
            return;
        }
        if n < 3 {
            self.note = "fewer than three persons have all children";
            return;
        }
        let Some(r) = correlation_matrix(complete) else {
            self.note = "a child is the same for all persons who have all children";
            return;
        };
        self.components = components(&r);
        let factor = Cholesky::pivoted(&r, LEAST_PIVOT);
        if factor.rank < p {
            self.note = "a child follows from the others, so that there is neither KMO nor Bartlett's test";
            return;
        }
        let ln_det: f64 = (0..p).map(|k| 2.0 * libm::log(factor.factor.get(k, k))).sum();
        let chi2 = (-(n as f64 - 1.0 - (2.0 * p as f64 + 5.0) / 6.0) * ln_det).max(0.0);
        let df = p * (p - 1) / 2;
        self.bartlett = Some(Bartlett { chi2, df, p: gamma_ur(df as f64 / 2.0, chi2 / 2.0) });
        (self.kmo, self.kmo_of) = adequacy(&r, &factor.inverse());
    }
}

/// The rows in which every column is observed, column by column.
fn complete_rows(columns: &[&[f64]]) -> Vec<Vec<f64>> {
    let rows = columns.first().map_or(0, |column| column.len());
    let is_there =
        |row: &usize| columns.iter().all(|column| column.get(*row).is_some_and(|value| !value.is_nan()));
    let complete: Vec<usize> = (0..rows).filter(is_there).collect();
    let of = |column: &&[f64]| complete.iter().filter_map(|row| column.get(*row).copied()).collect();
    columns.iter().map(of).collect()
}

/// None where a column has no spread.
fn correlation_matrix(columns: &[Vec<f64>]) -> Option<Square> {
    let centred: Option<Vec<(Vec<f64>, f64)>> = columns
        .iter()
        .map(|column| {
            let mean = column.iter().sum::<f64>() / column.len() as f64;
            let centred: Vec<f64> = column.iter().map(|value| value - mean).collect();
            let length = centred.iter().map(|value| value * value).sum::<f64>().sqrt();
            // What is left of a constant column is rounding.
            (length > 1e-13 * mean.abs() * (column.len() as f64).sqrt()).then_some((centred, length))
        })
        .collect();
    let centred = centred?;
    let mut matrix = Square::zeros(columns.len());
    for (i, (x, length_x)) in centred.iter().enumerate() {
        matrix.set(i, i, 1.0);
        for (j, (y, length_y)) in centred.iter().enumerate().take(i) {
            let product: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
            let r = (product / (length_x * length_y)).clamp(-1.0, 1.0);
            matrix.set(i, j, r);
            matrix.set(j, i, r);
        }
    }
    Some(matrix)
}

fn components(r: &Square) -> Vec<Component> {
    let p = r.size() as f64;
    let of = |(value, vector): (f64, Vec<f64>)| {
        let eigenvalue = value.max(0.0);
        let sign = sign_of(&vector);
        let loadings = vector.iter().map(|v| sign * v * eigenvalue.sqrt() + 0.0).collect();
        Component { eigenvalue, share: eigenvalue / p, loadings }
    };
    eigen::symmetric(r).into_iter().map(of).collect()
}

/// The sign that makes the sum of a vector positive, or its first entry where the sum is 0 but for rounding.
fn sign_of(vector: &[f64]) -> f64 {
    let sum: f64 = vector.iter().sum();
    let leading =
        if sum.abs() > 1e-9 { sum } else { vector.iter().copied().find(|v| v.abs() > 1e-9).unwrap_or(1.0) };
    1.0_f64.copysign(leading)
}

/// Kaiser's measure of all, and of each.
fn adequacy(r: &Square, inverse: &Square) -> (Option<f64>, Vec<Option<f64>>) {
    let p = r.size();
    let sums: Vec<(f64, f64)> = (0..p)
        .map(|i| {
            let others = (0..p).filter(|j| *j != i);
            others.fold((0.0, 0.0), |(plain, partial), j| {
                let q = inverse.get(i, j) / (inverse.get(i, i) * inverse.get(j, j)).sqrt();
                (plain + r.get(i, j) * r.get(i, j), partial + q * q)
            })
        })
        .collect();
    let share = |(plain, partial): (f64, f64)| (plain + partial > 0.0).then(|| plain / (plain + partial));
    let all = sums.iter().fold((0.0, 0.0), |(a, b), (plain, partial)| (a + plain, b + partial));
    (share(all), sums.into_iter().map(share).collect())
}

/// α of pairwise covariances, and the fewest persons behind one of them.
fn alpha(columns: &[&[f64]]) -> (Option<f64>, usize) {
    let k = columns.len();
    if k < 2 {
        return (None, 0);
    }
    let (mut diagonal, mut off, mut fewest) = (0.0, 0.0, usize::MAX);
    for (i, x) in columns.iter().enumerate() {
        for (j, y) in columns.iter().enumerate().take(i + 1) {
            let both = || x.iter().zip(*y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
            let (n, sum_x, sum_y) =
                both().fold((0_usize, 0.0, 0.0), |(n, a, b), (x, y)| (n + 1, a + x, b + y));
            let (mean_x, mean_y) = (sum_x / n as f64, sum_y / n as f64);
            let covariance = both().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / (n as f64 - 1.0);
            fewest = fewest.min(n);
            if i == j { diagonal += covariance } else { off += covariance }
        }
    }
    let (count, sum) = (k as f64, diagonal + 2.0 * off);
    let mean = 2.0 * off / (count * (count - 1.0));
    let has = fewest > 1 && sum > 0.0 && diagonal > 0.0;
    (has.then(|| count * count * mean / sum), fewest)
}

#[cfg(test)]
mod tests {
    use super::{alpha, components, correlation_matrix};

    /// The items (1,2,3,4) and (1,2,4,3): α = 8/9 as in `scale`; of what nobody has both of there is none.
    #[test]
    fn alpha_by_hand() {
        let (found, n) = alpha(&[&[1.0, 2.0, 3.0, 4.0, f64::NAN], &[1.0, 2.0, 4.0, 3.0, f64::NAN]]);
        assert!((found.unwrap() - 8.0 / 9.0).abs() < 1e-15 && n == 4);
        assert_eq!(alpha(&[&[1.0, f64::NAN], &[f64::NAN, 1.0]]), (None, 0));
        assert_eq!(alpha(&[&[1.0, 2.0]]), (None, 0));
        assert_eq!(alpha(&[&[2.0; 3], &[1.0; 3]]).0, None);
    }

    /// Two columns of correlation r have 1 + r along (1, 1) and 1 − r along (1, −1).
    #[test]
    fn components_have_their_sign() {
        let r = correlation_matrix(&[vec![1.0, 2.0, 3.0, 4.0], vec![1.0, 2.0, 4.0, 3.0]]).unwrap();
        let found = components(&r);
        assert!((found[0].eigenvalue - 1.8).abs() < 1e-15 && (found[0].share - 0.9).abs() < 1e-15);
        assert!(found[0].loadings.iter().all(|l| (l - 0.9_f64.sqrt()).abs() < 1e-15));
        assert!(found[1].loadings[0] > 0.0 && found[1].loadings[1] < 0.0);
        assert!(correlation_matrix(&[vec![0.1; 3], vec![1.0, 2.0, 3.0]]).is_none());
    }
}
