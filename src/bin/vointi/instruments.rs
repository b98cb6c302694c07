//! `instruments`.

use std::fmt::Write;

use serde::Serialize;
use vointi::{
    definition::{instrument, instruments},
    report::{self, CsvStyle},
    scale,
};

use crate::{
    args::{Format, Instruments},
    exit::Failure,
    output,
};

/// A worked case, for programs.
#[derive(Serialize)]
struct Case {
    instrument: String,
    scale: String,
    source: String,
    expected: Option<f64>,
    scored: Option<f64>,
    passes: bool,
}

pub(crate) fn run(asked: &Instruments, format: Option<Format>) -> Result<(), Failure> {
    let format = format.unwrap_or(Format::Text);
    let found = match &asked.id {
        Some(id) => vec![instrument(id)?],
        None => instruments()?,
    };
    if asked.check {
        return check(found.iter().map(|one| one.id.as_str()), format);
    }
    match (format, &asked.id, found.as_slice()) {
        (Format::Text, Some(_), [one]) => output::print(&report::instrument_text(one)),
        (Format::Text, ..) => output::print(&report::instruments_text(&found)),
        (Format::Json, Some(_), [one]) => output::print(&output::json(one)?),
        (Format::Json, ..) => output::print(&output::json(&found)?),
        (Format::Csv, ..) => {
            output::print_csv(|out| report::instruments_csv(&found, CsvStyle::default(), out))
        }
    }
}

fn check<'a>(ids: impl Iterator<Item = &'a str>, format: Format) -> Result<(), Failure> {
    let mut text = String::new();
    let mut rows = Vec::new();
    for id in ids {
        let cases = scale::check(id)?;
        let passed = cases.iter().filter(|case| case.passes()).count();
        let _ = writeln!(text, "{id}: {passed} of {} worked cases", cases.len());
        for case in cases {
            let passes = case.passes();
            if !passes {
                let word = |score: Option<f64>| {
                    score.map_or_else(|| "missing".to_owned(), |score| score.to_string())
                };
                let (expected, scored) = (word(case.expected), word(case.scored));
                let _ = writeln!(
                    text,
                    "  {}: expected {expected}, scored {scored} ({})",
                    case.scale, case.source
                );
            }
            rows.push(Case {
                instrument: case.instrument,
                scale: case.scale,
                source: case.source,
                expected: case.expected,
                scored: case.scored,
                passes,
            });
        }
    }
    match format {
        Format::Json => output::print(&output::json(&rows)?)?,
        Format::Text | Format::Csv => output::print(&text)?,
    }
    let failed = rows.iter().filter(|row| !row.passes).count();
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::bug(format!("{failed} worked cases are not scored as published")))
    }
}
