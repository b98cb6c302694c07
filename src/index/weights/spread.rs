//! Weights by how much the children vary: entropy, CRITIC, standard deviation.

use super::{Complete, OrRefusal, Refusal, normalised};
use crate::num::correlation;

/// **Formula** p = x/Σ x over the rows, E = −Σ p ln p/ln n, w ∝ 1 − E.
///
/// **Reference** Shannon 1948; Hwang & Yoon 1981, Multiple Attribute Decision Making, §3.1.
///
/// # Errors
/// A score that is not above 0: its share has no logarithm, and a shift of our own would be a choice of weights.
pub(super) fn entropy(complete: &Complete<'_>) -> OrRefusal<Vec<f64>> {
    let rows = complete.rows as f64;
    let mut weights = Vec::with_capacity(complete.columns.len());
    for (at, column) in complete.columns.iter().enumerate() {
        if column.iter().any(|score| *score <= 0.0) {
            let what =
                format!("`{}` has scores of 0 or less, of which there is no entropy", complete.name(at));
            let help = "give its utility a range above 0, such as `to = [1, 100]`, or weigh by `critic`";
            return Err(Refusal::new(what, help));
        }
        let total: f64 = column.iter().sum();
        let entropy: f64 = column.iter().map(|score| score / total).map(|p| -p * libm::log(p)).sum();
        weights.push((1.0 - entropy / libm::log(rows)).max(0.0));
    }
    Ok(normalised(weights))
}

/// **Formula** c = s Σ (1 − r) over the other children, of the scores brought to 0 to 1 by their least and their greatest;
/// w ∝ c.
///
/// **Reference** Diakoulaki, Mavrotas & Papayannakis 1995, Computers & Operations Research 22: 763–770.
pub(super) fn critic(complete: &Complete<'_>) -> OrRefusal<Vec<f64>> {
    let ranged: Vec<Vec<f64>> = complete.columns.iter().map(|column| to_unit(column)).collect();
    let correlations = correlation::matrix(&ranged);
    let weights: Vec<f64> = ranged
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let apart: f64 =
                (0..ranged.len()).filter(|k| *k != at).map(|k| 1.0 - correlations.get(at, k)).sum();
            correlation::sd(column) * apart
        })
        .collect();
    if weights.iter().sum::<f64>() <= 0.0 {
        let what = "all children say the same: every two of them are perfectly correlated";
        return Err(Refusal::new(what, "one of them is enough, or take equal weights"));
    }
    Ok(normalised(weights))
}

fn to_unit(column: &[f64]) -> Vec<f64> {
    let low = column.iter().copied().fold(f64::INFINITY, f64::min);
    let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    column.iter().map(|score| (score - low) / (high - low)).collect()
}

/// **Formula** w ∝ s over n − 1, of the scores as they are.
pub(super) fn sd(complete: &Complete<'_>) -> Vec<f64> {
    normalised(complete.columns.iter().map(|column| correlation::sd(column)).collect())
}
