//! Who is learned from, and what fills the gaps of those who are.

use std::borrow::Cow;

use crate::{
    cohort::Cohort,
    definition::parts::{Indicator, Reading, Resolved},
    error::{Error, ErrorKind, Fault, Result},
    index::screen::Screening,
    indicator::{self, Fill, LearnedFill, LearnedFills, ScaleRef},
    scale,
};

/// The rows of a reference that are not screened out.
pub(in crate::index) fn screened(cohort: &Cohort) -> Result<Cow<'_, Cohort>> {
    let parts = cohort.parts();
    let read = indicator::scales_read(&parts.indicators);
    let Some(screen) = Screening::new(parts, &read) else { return Ok(Cow::Borrowed(cohort)) };
    let scales: Vec<Vec<f64>> = read.iter().map(|read| scale_scores(parts, *read, cohort)).collect();
    let scale = |at: usize| scales.get(at).map(Vec::as_slice).unwrap_or_default();
    let mut out = Vec::new();
    screen.run(cohort, &(0..cohort.rows()), scale, &mut out);
    if !out.contains(&true) {
        return Ok(Cow::Borrowed(cohort));
    }
    let rows: Vec<usize> = out.iter().enumerate().filter(|(_, out)| !**out).map(|(row, _)| row).collect();
    if rows.is_empty() {
        let what = "everybody in the reference is screened out, and there is nobody to learn from";
        let help = "see `[screen]` of the definition, or take another reference";
        return Err(Error::new(ErrorKind::Calibration, vec![Fault::new(what).key("screen").help(help)]));
    }
    Ok(Cow::Owned(cohort.of_rows(&rows)?))
}

/// Learns what fills the gaps of every indicator that is filled from a reference.
pub(super) fn learn(cohort: &Cohort) -> Result<LearnedFills> {
    let parts = cohort.parts();
    let mut learned = LearnedFills::new();
    let mut faults = Vec::new();
    for declared in &parts.indicators {
        let Some(how) = declared.impute.as_ref().filter(|how| how.is_learned()) else { continue };
        match LearnedFill::of(how, &observed(declared, cohort), cohort) {
            Some(fill) => {
                learned.insert(declared.id.clone(), fill);
            }
            None => {
                let what = "nobody in the reference has a reading, and there is nothing to fill gaps with";
                let help = "take a reference with readings, or impute = \"none\"";
                faults.push(Fault::new(what).key(format!("indicator.{}.impute", declared.id)).help(help));
            }
        }
    }
    if faults.is_empty() { Ok(learned) } else { Err(Error::new(ErrorKind::Calibration, faults)) }
}

/// The reading of an indicator of a scale or measure, gaps filled as the definition says; NaN where none is. An
/// indicator of a rule has several readings, and none here.
pub(crate) fn readings(declared: &Indicator, cohort: &Cohort, fills: &LearnedFills) -> Vec<f64> {
    let mut values = observed(declared, cohort);
    let Some(how) = &declared.impute else { return values };
    // What the reference cannot fill is a fault of learning.
    let Ok(fill) = Fill::new(how, fills.get(&declared.id)) else { return values };
    // Waves may stand in another cohort, of which this one is a part.
    let mut whole: Option<Vec<f64>> = None;
    for (row, value) in values.iter_mut().enumerate().filter(|(_, value)| value.is_nan()) {
        *value = fill.reading(cohort, row, |of, at| {
            let whole = whole.get_or_insert_with(|| observed(declared, of));
            whole.get(at).copied().unwrap_or(f64::NAN)
        });
    }
    values
}

/// The reading of an indicator of a scale or measure.
fn observed(declared: &Indicator, cohort: &Cohort) -> Vec<f64> {
    match &declared.reading {
        Reading::Scale { instrument, scale, .. } => {
            scale_scores(cohort.parts(), (*instrument, *scale), cohort)
        }
        Reading::Measure { measure, .. } => {
            cohort.measures().get(*measure).map(|measured| measured.value.to_vec()).unwrap_or_default()
        }
        Reading::Rule(_) => vec![f64::NAN; cohort.rows()],
    }
}

fn scale_scores(parts: &Resolved, (instrument, at): ScaleRef, cohort: &Cohort) -> Vec<f64> {
    let mut values = vec![f64::NAN; cohort.rows()];
    let mut answered = vec![0; cohort.rows()];
    if let Some(kernel) = parts.instruments.get(instrument).and_then(|of| scale::kernel(of, at)) {
        let mut own = scale::kernel::Scratch::default();
        kernel.score(cohort.items(instrument), &(0..cohort.rows()), &mut values, &mut answered, &mut own);
    }
    values
}
