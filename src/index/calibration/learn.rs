//! Learning from a reference, step by step: scales and measures, published scores, nodes,
//! then the scores of indicators.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use super::{
    Calibration, File, fills,
    nodes::{self, LearnedNodes},
};
use crate::{
    cohort::{Cohort, Measured},
    definition::{
        instrument::key::Scale,
        parts::{ErrorOfMeasurement, ErrorSize, Measure, Reading, Resolved},
    },
    error::{Error, ErrorKind, Result},
    index::columns,
    indicator::{
        self, Behind, Learned, LearnedFills, LearnedOf, LearnedRule, LearnedUtilities, LearnedUtility, Noise,
        scale_name,
    },
    num::spread::means_and_sds,
    scale,
};

impl Calibration {
    /// Learns from a reference cohort.
    ///
    /// **Formula** means, and standard deviations over n − 1, of scales, measures and indicator scores; Cronbach's
    /// alpha of scales of several items; the standard deviation of one reading pooled within persons,
    /// √(Σᵢ Σᵣ (xᵢᵣ − x̄ᵢ)² / Σᵢ (nᵢ − 1)). Treatments of skewed indicators, and the ranges, spreads and ranks of the
    /// utilities that are learned, as in [methods](crate::guide::methods).
    ///
    /// **Missing data** is left out, reading by reading; alpha takes complete answers. A person whom the definition
    /// screens out is in nothing that is learned. What fills gaps is learned before anything that rests on it, and
    /// what is filled is in no mean and no standard deviation of indicator scores.
    ///
    /// # Errors
    /// A reference in which something needed cannot be learned: no spread, no repeated readings, too few answers, a
    /// target worse than everybody.
    pub fn learn(cohort: &Cohort) -> Result<Self> {
        let definition = cohort.definition();
        let parts = definition.parts();
        let all = cohort.rows();
        let kept = fills::screened(cohort)?;
        let cohort = kept.as_ref();
        let mut scale = LearnedOf::new();
        for read in indicator::scales_read(&parts.indicators) {
            scale.insert(scale_name(parts, read), learn_scale(parts, read, cohort));
        }
        let read = parts.measures.iter().zip(cohort.measures()).enumerate();
        let read: Vec<_> = read.filter(|(at, _)| is_read(parts, *at)).map(|(_, read)| read).collect();
        let columns: Vec<&[f64]> = read.iter().map(|(_, measured)| &*measured.value).collect();
        let measure = read
            .iter()
            .zip(summaries(&columns))
            .map(|((declared, measured), learned)| {
                (declared.id.clone(), learn_measure(declared, measured, learned))
            })
            .collect();
        let imputed = fills::learn(cohort)?;
        let learned = learn_utilities(cohort, &imputed)?;
        let file = File {
            schema: 1,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            definition_hash: definition.hash().to_owned(),
            rows: all,
            screened: all - cohort.rows(),
            scale,
            measure,
            indicator: LearnedOf::new(),
            imputed,
            health: learn_health(parts, cohort)?,
            personal: false,
            learned,
            node: LearnedNodes::new(),
        };
        let mut learned = Self { file };
        let every: Vec<usize> = (0..parts.indicators.len()).collect();
        let columns = columns::of_indicators(parts, &every, cohort, Some(learned.lessons()))?;
        learned.file.node = nodes::learn_all(parts, &columns)?;
        // What is filled is known of nobody: it would make the reference look closer together than it is.
        let columns: Vec<_> = columns.iter().map(columns::OfIndicator::observed).collect();
        let columns: Vec<&[f64]> = columns.iter().map(|column| &**column).collect();
        for (declared, summary) in parts.indicators.iter().zip(summaries(&columns)) {
            learned.file.indicator.insert(declared.id.clone(), summary);
        }
        learned.file.personal = learned.file.holds_persons();
        Ok(learned)
    }
}

fn learn_health(parts: &Resolved, cohort: &Cohort) -> Result<BTreeMap<String, LearnedRule>> {
    let column =
        |at: usize| cohort.measures().get(at).map(|measured| measured.value.to_vec()).unwrap_or_default();
    let mut all = BTreeMap::new();
    for asked in &parts.health {
        let learned = indicator::learn(asked, &parts.measures, column)
            .map_err(|error| error.at_key(&format!("health.{}", asked.id)))?;
        if let Some(learned) = learned {
            all.insert(asked.id.clone(), learned);
        }
    }
    Ok(all)
}

/// What the reference, gaps filled, teaches treatments and utilities, with the faults of all indicators together.
fn learn_utilities(cohort: &Cohort, fills: &LearnedFills) -> Result<LearnedUtilities> {
    let (mut all, mut faults) = (LearnedUtilities::new(), Vec::new());
    for declared in cohort.parts().indicators.iter().filter(|indicator| indicator::learns(indicator)) {
        let readings = match (&declared.reading, &declared.impute) {
            (Reading::Measure { measure, .. }, None) => {
                Cow::Borrowed(cohort.measures().get(*measure).map_or(&[][..], |measured| &*measured.value))
            }
            _ => Cow::Owned(fills::readings(declared, cohort, fills)),
        };
        let own = indicator::person_of(declared).and_then(|id| {
            let row = (0..cohort.rows()).find(|row| cohort.id(*row) == Some(id))?;
            readings.get(row).copied()
        });
        match LearnedUtility::learn(declared, &readings, own) {
            Ok(learned) => {
                all.insert(declared.id.clone(), learned);
            }
            Err(fault) => faults.push(fault.key(format!("indicator.{}", declared.id))),
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(Error::new(ErrorKind::Calibration, faults)) }
}

/// Whether an indicator reads the measure for its value, and not only to choose a table.
fn is_read(parts: &Resolved, at: usize) -> bool {
    parts.indicators.iter().any(|indicator| match &indicator.reading {
        Reading::Scale { .. } => false,
        Reading::Measure { measure, .. } => *measure == at,
        Reading::Rule(rule) => rule.bands.scored().contains(&at),
    })
}

/// n, mean and standard deviation of what is not missing, in two passes in row order.
fn summaries(columns: &[&[f64]]) -> Vec<Learned> {
    let learned = |(n, mean, sd): (usize, Option<f64>, Option<f64>)| Learned {
        n,
        mean: mean.unwrap_or(0.0),
        sd: sd.unwrap_or(0.0),
        alpha: None,
        omega: None,
        within_sd: None,
        error_sd: None,
    };
    means_and_sds(columns).into_iter().map(learned).collect()
}

fn summary(values: &[f64]) -> Learned {
    summaries(&[values]).pop().unwrap_or_default()
}

fn learn_scale(parts: &Resolved, (instrument, at): (usize, usize), cohort: &Cohort) -> Learned {
    let of = parts.instruments.get(instrument);
    let declared: Option<&Scale> = of.and_then(|of| of.key.scales.get(at));
    let (Some(of), Some(declared)) = (of, declared) else { return summary(&[]) };
    let mut values = vec![0.0; cohort.rows()];
    let mut answered = vec![0; cohort.rows()];
    if let Some(kernel) = scale::kernel(of, at) {
        let mut scratch = scale::kernel::Scratch::default();
        kernel.score(cohort.items(instrument), &(0..cohort.rows()), &mut values, &mut answered, &mut scratch);
        kernel.settle_answered(&mut answered);
    }
    let answers = scale::Answers::keyed(of, declared, cohort.items(instrument), cohort.rows());
    let alpha = answers.as_ref().and_then(scale::alpha);
    let error = parts.indicators.iter().find_map(|indicator| match &indicator.reading {
        Reading::Scale { instrument: i, scale: s, .. } if (*i, *s) == (instrument, at) => {
            indicator.error.as_ref()
        }
        _ => None,
    });
    let is_omega = |error: &&ErrorOfMeasurement| error.size == ErrorSize::CalibratedOmega;
    let omega = || scale::reliability(answers.as_ref()?).ok()?.omega;
    let omega = error.filter(is_omega).and_then(|_| omega());
    let mut learned = Learned { alpha, omega, ..summary(&values) };
    let name = scale_name(parts, (instrument, at));
    learned.error_sd = error.and_then(|error| {
        let noise = Noise::of_scale(&name, error, declared.items.len(), Some(&learned)).ok()?;
        let scored = values.iter().zip(&answered).filter(|(x, _)| !x.is_nan());
        root_mean_square(scored.map(|(x, n)| noise.sd(*x, usize::from(*n))))
    });
    learned
}

fn learn_measure(declared: &Measure, measured: &Measured, mut learned: Learned) -> Learned {
    let is_learned = |error: &ErrorOfMeasurement| error.size == ErrorSize::CalibratedSd;
    if declared.error.as_ref().is_some_and(is_learned) {
        learned.within_sd = within_sd(&measured.readings);
    }
    learned.error_sd = declared.error.as_ref().and_then(|error| {
        let full = indicator::readings_in_full(declared);
        let noise = Noise::of_measure(declared, error, full, Some(&learned)).ok()?;
        let observed = measured.value.iter().enumerate().filter(|(_, x)| !x.is_nan());
        root_mean_square(observed.map(|(row, x)| noise.sd_behind(*x, behind(measured, row))))
    });
    learned
}

/// The sd of one reading, pooled within persons.
fn within_sd(readings: &[Arc<[f64]>]) -> Option<f64> {
    let (mut squares, mut df) = (0.0, 0usize);
    for row in 0..readings.first().map_or(0, |reading| reading.len()) {
        let own = readings.iter().filter_map(|reading| reading.get(row)).filter(|x| !x.is_nan());
        let (n, sum) = own.clone().fold((0usize, 0.0), |(n, sum), x| (n + 1, sum + x));
        if n > 1 {
            let mean = sum / n as f64;
            squares += own.map(|x| (x - mean) * (x - mean)).sum::<f64>();
            df += n - 1;
        }
    }
    (df > 0).then(|| (squares / df as f64).sqrt())
}

/// What is behind the value of a row.
fn behind(measured: &Measured, row: usize) -> Behind {
    let days = measured.days.as_ref().map(|days| days.get(row).map_or(0, |n| usize::from(*n)));
    let readings = measured.count.as_ref().map(|count| count.get(row).map_or(0, |n| usize::from(*n)));
    let age = measured.age.as_ref().map_or(0.0, |age| age.get(row).copied().unwrap_or(f64::NAN));
    Behind { count: days.or(readings).unwrap_or(1), age }
}

/// Of what is not missing.
fn root_mean_square(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.filter(|v| !v.is_nan()).fold((0.0, 0usize), |(sum, n), v| (sum + v * v, n + 1));
    (n > 0).then(|| (sum / n as f64).sqrt())
}
