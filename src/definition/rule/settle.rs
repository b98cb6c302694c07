//! What becomes of the bands that a source leaves open.

use super::key::CasePolicy;
use crate::definition::parts::Steps;

/// Bands with every open case as `policy` says: a score, those of another stratum, or none (NaN). Every band that was
/// open keeps the name of its case.
///
/// A stratum that is not there is refused with its number.
pub(crate) fn settle(
    steps: &Steps,
    strata: &[(f64, Steps)],
    mut policy: impl FnMut(&str) -> CasePolicy,
) -> Result<Steps, f64> {
    let mut settled = Steps { at: Vec::new(), score: Vec::new(), case: Vec::new() };
    let mut push = |from: f64, score: f64, case: &str| {
        if from > f64::NEG_INFINITY {
            settled.at.push(from);
        }
        settled.score.push(score);
        settled.case.push(case.to_owned());
    };
    for (band, (score, case)) in steps.score.iter().zip(&steps.case).enumerate() {
        let (from, below) = edges(steps, band);
        if case.is_empty() {
            push(from, *score, "");
            continue;
        }
        match policy(case) {
            CasePolicy::Missing => push(from, f64::NAN, case),
            CasePolicy::Score(score) => push(from, score, case),
            CasePolicy::Stratum(wanted) => {
                let (_, other) = strata.iter().find(|(when, _)| *when == wanted).ok_or(wanted)?;
                for (k, score) in other.score.iter().enumerate() {
                    let (start, end) = edges(other, k);
                    if start < below && from < end {
                        push(start.max(from), *score, case);
                    }
                }
            }
        }
    }
    Ok(settled)
}

/// Where a band begins, and where the next does.
fn edges(steps: &Steps, band: usize) -> (f64, f64) {
    let from = band.checked_sub(1).and_then(|k| steps.at.get(k)).copied().unwrap_or(f64::NEG_INFINITY);
    (from, steps.at.get(band).copied().unwrap_or(f64::INFINITY))
}
