//! From scales and measures to scores on 0 to 100, more is better, each with its error.
//!
//! Direction is applied here, once. A reading with error s is taken as N(x, s²), and the variance of the score
//! is that of u(X), in closed form or by a quadrature that is as exact, so that steps and kinks are counted as they are;
//! see [the guide](crate::guide::methods).

mod curve;
mod fill;
mod leaf;
mod noise;
mod normalise;
mod repeats;
mod rule;
mod shape;
mod treatment;
mod vary;

pub(crate) use curve::Curve;
use curve::{Bands, Stratum, worst_of};
pub(crate) use fill::{Fill, LearnedFill, LearnedFills};
pub(crate) use leaf::{Block, Leaf, Source, flag_unseen};
pub(crate) use noise::{Behind, Learned, LearnedOf, Noise};
use normalise::Ready;
pub(crate) use normalise::{LearnedUtilities, LearnedUtility, learns, person_of};
pub use repeats::{error_sd_at_age, error_sd_of_icc, error_sd_of_mean, spearman_brown};
pub(crate) use rule::{Given, Keep, LearnedRule, learn};
pub use rule::{Outcome, Rule, RuleScores};
use shape::Shape;

use crate::{
    definition::{
        impute::Impute,
        parts::{
            Combine, ErrorSize, Indicator, Measure, Origin, Reading, Resolved, RuleBands, Steps, Utility,
        },
    },
    error::Fault,
};

/// What a calibration taught, by kind and name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lessons<'a> {
    pub(crate) scales: &'a LearnedOf,
    pub(crate) measures: &'a LearnedOf,
    pub(crate) indicators: &'a LearnedOf,
    pub(crate) fills: &'a LearnedFills,
    pub(crate) utilities: &'a LearnedUtilities,
}

/// The error of a reading, or what the calibration lacks to know it.
type NoiseOrLack = Result<Noise, Box<Fault>>;

/// A scale that some indicator reads: instrument and scale.
pub(crate) type ScaleRef = (usize, usize);

/// The name of a scale, as `instrument.scale`.
pub(crate) fn scale_name(parts: &Resolved, (instrument, scale): ScaleRef) -> String {
    let of = parts.instruments.get(instrument);
    let scale = of.and_then(|of| of.key.scales.get(scale)).map_or("", |scale| scale.id.as_str());
    format!("{}.{scale}", of.map_or("", |of| of.id.as_str()))
}

/// The scales that indicators read, each once.
pub(crate) fn scales_read<'a>(indicators: impl IntoIterator<Item = &'a Indicator>) -> Vec<ScaleRef> {
    let mut found = Vec::new();
    for indicator in indicators {
        if let Reading::Scale { instrument, scale, .. } = indicator.reading
            && !found.contains(&(instrument, scale))
        {
            found.push((instrument, scale));
        }
    }
    found
}

/// How many answers or readings are behind a complete reading.
pub(crate) fn full_count(parts: &Resolved, source: Source, scales: &[ScaleRef]) -> usize {
    match source {
        Source::Scale(at) => scales
            .get(at)
            .and_then(|(instrument, scale)| parts.instruments.get(*instrument)?.key.scales.get(*scale))
            .map_or(1, |scale| scale.items.len()),
        Source::Measure(at) => parts.measures.get(at).map_or(1, readings_in_full),
    }
}

/// How many readings are behind a complete value: the last of several is one.
pub(crate) fn readings_in_full(measure: &Measure) -> usize {
    match &measure.origin {
        Origin::Columns(columns) if measure.readings.combine == Combine::Mean => columns.len(),
        _ => 1,
    }
}

/// Whether an indicator cannot be scored, or not with the error it declares, without a calibration.
pub(crate) fn needs_calibration(parts: &Resolved, indicator: &Indicator) -> bool {
    let learned =
        |size: &ErrorSize| !matches!(size, ErrorSize::Sd(_) | ErrorSize::Cv(_) | ErrorSize::Icc { .. });
    let of_measure = |at: &usize| {
        parts
            .measures
            .get(*at)
            .and_then(|measure| measure.error.as_ref())
            .is_some_and(|error| learned(&error.size))
    };
    let standard = |utility: &Utility| matches!(utility, Utility::Z(_) | Utility::T(_));
    learns(indicator)
        || indicator.impute.as_ref().is_some_and(Impute::is_learned)
        || indicator.error.as_ref().is_some_and(|error| learned(&error.size))
        || match &indicator.reading {
            Reading::Scale { utility, .. } => standard(utility),
            Reading::Measure { measure, utility } => standard(utility) || of_measure(measure),
            Reading::Rule(rule) => rule.bands.scored().iter().any(of_measure),
        }
}

/// Compiles an indicator; the faults are what the calibration lacks.
pub(crate) fn compile(
    parts: &Resolved,
    indicator: &Indicator,
    scales: &[ScaleRef],
    lessons: Option<Lessons<'_>>,
) -> Result<Leaf, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut lack = |fault: Fault| faults.push(fault.key(format!("indicator.{}", indicator.id)));
    let of_measure = |at: usize| {
        let measure = parts.measures.get(at)?;
        Some((measure, lessons.and_then(|lessons| lessons.measures.get(&measure.id))))
    };
    let noise_of_measure = |at: usize| -> Option<NoiseOrLack> {
        let (measure, learned): (&Measure, _) = of_measure(at)?;
        Some(Noise::of_measure(measure, measure.error.as_ref()?, readings_in_full(measure), learned))
    };
    #[expect(clippy::result_large_err, reason = "a fault is rare, and is collected here")]
    let ready = |utility: &Utility, learned: Option<&Learned>| {
        let taught = lessons.and_then(|lessons| lessons.utilities.get(&indicator.id));
        normalise::curve(indicator, Some(utility), learned.map(|l| (l.mean, l.sd)), taught)
    };
    let (ready, sources, noise): (Result<Ready, Fault>, _, Vec<Option<NoiseOrLack>>) = match &indicator
        .reading
    {
        Reading::Scale { instrument, scale, utility } => {
            let name = scale_name(parts, (*instrument, *scale));
            let learned = lessons.and_then(|lessons| lessons.scales.get(&name));
            let at = scales.iter().position(|known| known == &(*instrument, *scale)).unwrap_or(0);
            let full = full_count(parts, Source::Scale(at), scales);
            let noise = indicator.error.as_ref().map(|error| Noise::of_scale(&name, error, full, learned));
            (ready(utility, learned), vec![Source::Scale(at)], vec![noise])
        }
        Reading::Measure { measure, utility } => {
            let learned = of_measure(*measure).and_then(|(_, learned)| learned);
            (ready(utility, learned), vec![Source::Measure(*measure)], vec![noise_of_measure(*measure)])
        }
        Reading::Rule(rule) => {
            let sources = rule.bands.measures().into_iter().map(Source::Measure).collect();
            let noise = rule.bands.scored().into_iter().map(noise_of_measure).collect();
            (Ok(Ready { curve: curve_of(&rule.bands), seen: None }), sources, noise)
        }
    };
    let Ready { curve, seen } = match ready {
        Ok(ready) => ready,
        Err(fault) => {
            lack(fault);
            return Err(faults);
        }
    };
    if matches!(&curve, Curve::Standard { slope, .. } if !slope.is_finite()) {
        let help = "learn it with `vointi calibrate` on a reference with spread";
        lack(Fault::new("z and T need the mean and the standard deviation of a calibration").help(help));
    }
    let mut known = Vec::new();
    for noise in noise.into_iter().flatten() {
        match noise {
            Ok(noise) => known.push(noise),
            Err(fault) => lack(*fault),
        }
    }
    let learned = lessons.and_then(|lessons| lessons.fills.get(&indicator.id));
    let fill = match indicator.impute.as_ref().map(|how| Fill::new(how, learned)).transpose() {
        Ok(fill) => fill,
        Err(fault) => {
            lack(*fault);
            None
        }
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let noisy = curve.scored();
    let learned = lessons.and_then(|lessons| lessons.indicators.get(&indicator.id));
    let limits = match &indicator.reading {
        Reading::Measure { measure, .. } => {
            parts.measures.get(*measure).and_then(|measure| measure.cleaning.limits)
        }
        _ => None,
    };
    let noise = (known.len() == noisy).then_some(known);
    let mut leaf = Leaf::new(curve, sources, noise, learned, limits).with_seen(seen);
    leaf.fill = fill;
    Ok(leaf)
}

/// A bound rule as a curve: of the measures that are scored, chosen by those that follow them.
fn curve_of(bands: &RuleBands) -> Curve {
    let worst = |rows: &[(usize, Steps)]| match rows {
        [(_, steps)] => Curve::Bands(Bands::new(steps)),
        rows => worst_of(&rows.iter().map(|(_, steps)| steps).collect::<Vec<_>>()),
    };
    match bands {
        RuleBands::Worst(rows) => worst(rows),
        RuleBands::WorstBy { strata, .. } => {
            Curve::By(strata.iter().map(|(code, rows)| (Stratum::Code(*code), worst(rows))).collect())
        }
        RuleBands::By { strata, .. } => {
            let curve = |steps: &Steps| Curve::Bands(Bands::new(steps));
            Curve::By(strata.iter().map(|(code, steps)| (Stratum::Code(*code), curve(steps))).collect())
        }
        RuleBands::Line { points, .. } => Curve::Points(points.clone()),
        RuleBands::Norm(reading) => {
            let curves = reading.norm.rows.iter().map(|row| {
                let stratum = Stratum::Person {
                    ages: row.ages.filter(|_| reading.age.is_some()),
                    sex: row.sex.filter(|_| reading.sex.is_some()),
                };
                (stratum, Curve::Smooth(Shape::norm(&reading.norm, row, reading.is_higher_better)))
            });
            Curve::By(curves.collect())
        }
    }
}
