//! Who gets an index at all: the conditions of `[screen]`, over a block of persons.

use std::ops::Range;

use crate::{
    cohort::{Cohort, Forced},
    definition::parts::{Reading, Resolved},
    indicator::{ScaleRef, Source},
};

/// A share that misses its threshold by rounding alone has not missed it.
const HAIR: f64 = 1e-9;

#[derive(Debug)]
pub(super) struct Screening {
    at_least: Option<f64>,
    non_zero: Option<f64>,
    /// By indicator: its readings, and whether it counts for the share that is not 0.
    indicators: Vec<(Vec<Source>, bool)>,
}

impl Screening {
    pub(super) fn new(parts: &Resolved, scales: &[ScaleRef]) -> Option<Self> {
        let screen = parts.screen.as_ref()?;
        let read = |reading: &Reading| match reading {
            Reading::Scale { instrument, scale, .. } => {
                let at = scales.iter().position(|known| known == &(*instrument, *scale)).unwrap_or(0);
                (vec![Source::Scale(at)], true)
            }
            Reading::Measure { measure, .. } => (vec![Source::Measure(*measure)], true),
            Reading::Rule(rule) => (rule.bands.measures().into_iter().map(Source::Measure).collect(), false),
        };
        let indicators = parts.indicators.iter().map(|indicator| read(&indicator.reading)).collect();
        Some(Self { at_least: screen.at_least, non_zero: screen.non_zero, indicators })
    }

    /// Whether each row is screened out, from the columns of the scales that are read.
    ///
    /// **Formula** with o of m indicators observed and z of the r observed readings of scales and measures not 0: kept
    /// where o/m and z/r reach what is asked for; nobody without any reading.
    pub(super) fn run<'a>(
        &self,
        cohort: &Cohort,
        rows: &Range<usize>,
        scale: impl Fn(usize) -> &'a [f64],
        out: &mut Vec<bool>,
    ) {
        let reading = |source: &Source, at: usize| {
            let found = match source {
                Source::Scale(of) => scale(*of).get(at),
                Source::Measure(of) => {
                    cohort.measures().get(*of).and_then(|measured| measured.value.get(rows.start + at))
                }
            };
            found.copied().unwrap_or(f64::NAN)
        };
        out.clear();
        out.extend((0..rows.len()).map(|at| match cohort.forced(rows.start + at) {
            Forced::Drop => true,
            Forced::Keep => false,
            Forced::No => {
                let (mut observed, mut read, mut non_zero) = (0u32, 0u32, 0u32);
                for (sources, counts) in &self.indicators {
                    let mut values = sources.iter().map(|source| reading(source, at));
                    if values.clone().any(f64::is_nan) {
                        continue;
                    }
                    observed += 1;
                    if *counts {
                        read += 1;
                        non_zero += u32::from(values.next() != Some(0.0));
                    }
                }
                let all = self.indicators.len() as f64;
                let misses = |asked: Option<f64>, share: f64| {
                    // A share of nothing reaches nothing.
                    asked.is_some_and(|asked| share.is_nan() || share < asked - HAIR)
                };
                misses(self.at_least, f64::from(observed) / all)
                    || misses(self.non_zero, f64::from(non_zero) / f64::from(read))
            }
        }));
    }
}
