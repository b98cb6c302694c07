//! Weights by principal components.

use super::{Complete, OrRefusal, Refusal, normalised};
use crate::num::{correlation, eigen, varimax};

/// A loading this far below 0 is one by rounding.
const HAIR: f64 = 1e-12;
/// Two eigenvalues this close are the same, and have no first.
const TIE: f64 = 1e-10;

/// **Formula** the loadings of the first component of the correlation matrix, their sign turned so that they sum to more
/// than 0, divided by their sum.
///
/// # Errors
/// A child that runs against the others; two components that explain the same.
///
/// **Reference** Pearson 1901; OECD & JRC 2008, Handbook on Constructing Composite Indicators, §6.
pub(super) fn first(complete: &Complete<'_>) -> OrRefusal<Vec<f64>> {
    let parts = eigen::symmetric(&correlation::matrix(&complete.columns));
    let ([(largest, loadings), ..], second) = (parts.as_slice(), parts.get(1).map_or(0.0, |part| part.0))
    else {
        return Ok(Vec::new());
    };
    if largest - second <= TIE * largest {
        let what = "the children have no first principal component: two explain the same";
        return Err(Refusal::new(what, "take equal weights, or declare them"));
    }
    let sum: f64 = loadings.iter().sum();
    let sign = if sum < 0.0 { -1.0 } else { 1.0 };
    let turned: Vec<f64> = loadings.iter().map(|loading| sign * loading).collect();
    let against: Vec<String> = turned
        .iter()
        .enumerate()
        .filter(|(_, loading)| **loading < -HAIR)
        .map(|(at, _)| format!("`{}`", complete.name(at)))
        .collect();
    if !against.is_empty() {
        let verb = if against.len() == 1 { "has a negative loading" } else { "have negative loadings" };
        let what = format!("{} {verb} on the first principal component", against.join(", "));
        let help = "it runs against the others: check its direction, take it out, or declare the weights";
        return Err(Refusal::new(what, help));
    }
    Ok(normalised(turned.into_iter().map(|loading| loading.max(0.0)).collect()))
}

/// The components that count: eigenvalue above 1 and more than 10 % of the variance each, and more until they have more
/// than 60 % together; at least one.
fn components(parts: &[(f64, Vec<f64>)]) -> usize {
    let all = parts.len() as f64;
    let own = parts.iter().take_while(|(value, _)| *value > 1.0 && *value > 0.1 * all).count();
    let mut explained = 0.0;
    let enough = parts
        .iter()
        .position(|(value, _)| {
            explained += value;
            explained > 0.6 * all
        })
        .map_or(parts.len(), |at| at + 1);
    own.max(enough).max(1)
}

/// **Formula** components of the correlation matrix with an eigenvalue above 1 and more than 10 % of the variance, and as
/// many more as it takes to explain 60 %; loadings √λ v rotated by varimax with Kaiser's normalisation. Each child belongs
/// to the component where its loading is largest; its weight is its squared loading over the sum of squares of that
/// component, times the component's share of the explained variance; brought to a sum of 1.
///
/// **Reference** Nicoletti, Scarpetta & Boylaud 2000, OECD Economics Department Working Papers 226; OECD & JRC 2008, §6.1.
pub(super) fn squared(complete: &Complete<'_>) -> Vec<f64> {
    let parts = eigen::symmetric(&correlation::matrix(&complete.columns));
    let kept = components(&parts);
    let size = complete.columns.len();
    let mut loadings = vec![vec![0.0; kept]; size];
    for (at, (value, vector)) in parts.iter().take(kept).enumerate() {
        for (row, x) in loadings.iter_mut().zip(vector) {
            if let Some(cell) = row.get_mut(at) {
                *cell = value.max(0.0).sqrt() * x;
            }
        }
    }
    varimax::rotate(&mut loadings);
    // (l²/V) (V/ΣV): the sum of squares of the component cancels but for a constant.
    let largest = |row: &Vec<f64>| row.iter().map(|x| x * x).fold(0.0, f64::max);
    normalised(loadings.iter().map(largest).collect())
}
