//! `instruments`.

use std::{fmt::Write, fs, path::Path};

use serde::Serialize;
use vointi::{
    definition::{InstrumentSummary, instrument, instrument_file, instrument_toml, instruments},
    report::{self, CsvStyle},
    scale::{self, CheckedCase},
};

use crate::{
    args::{AnyFormat, Instruments},
    exit::Failure,
    output,
};

/// An instrument that was asked for.
enum Asked {
    OfCatalogue(InstrumentSummary),
    /// A file of the user's own.
    OfFile(InstrumentSummary, String),
}

impl Asked {
    fn new(name: &str) -> Result<Self, Failure> {
        let is_toml = Path::new(name).extension().is_some_and(|extension| extension == "toml");
        if is_toml || name.contains(std::path::is_separator) {
            return Ok(Self::OfFile(instrument_file(name)?, name.to_owned()));
        }
        Ok(Self::OfCatalogue(instrument(name)?))
    }

    fn summary(&self) -> &InstrumentSummary {
        match self {
            Self::OfCatalogue(summary) | Self::OfFile(summary, _) => summary,
        }
    }

    fn cases(&self) -> Result<Vec<CheckedCase>, Failure> {
        Ok(match self {
            Self::OfCatalogue(summary) => scale::check(&summary.id)?,
            Self::OfFile(_, path) => scale::check_file(path)?,
        })
    }

    fn toml(&self) -> Result<String, Failure> {
        match self {
            Self::OfCatalogue(summary) => Ok(instrument_toml(&summary.id)?.to_owned()),
            Self::OfFile(_, path) => fs::read_to_string(path)
                .map_err(|error| Failure::data(format!("{path}: could not read the file: {error}"))),
        }
    }
}

/// A worked case, for programs.
#[derive(Serialize)]
struct Case {
    instrument: String,
    scale: String,
    source: String,
    expected: String,
    scored: String,
    passes: bool,
}

pub(crate) fn run(asked: &Instruments, format: Option<AnyFormat>) -> Result<(), Failure> {
    let format = format.unwrap_or(AnyFormat::Text);
    let found: Vec<Asked> = match &asked.id {
        Some(id) => vec![Asked::new(id)?],
        None => instruments()?.into_iter().map(Asked::OfCatalogue).collect(),
    };
    if asked.check {
        return check(&found, format);
    }
    match (format, &asked.id, found.as_slice()) {
        (AnyFormat::Text, Some(_), [one]) => output::print(&report::instrument_text(one.summary())),
        (AnyFormat::Text, ..) => output::print(&report::instruments_text(&summaries(found))),
        (AnyFormat::Json, Some(_), [one]) => output::print(&output::json(one.summary())?),
        (AnyFormat::Json, ..) => output::print(&output::json(&summaries(found))?),
        (AnyFormat::Csv, ..) => {
            output::print_csv(|out| report::instruments_csv(&summaries(found), CsvStyle::default(), out))
        }
        (AnyFormat::Toml, Some(_), [one]) => output::print(&one.toml()?),
        (AnyFormat::Toml, ..) => Err(Failure::usage("one instrument at a time is written as TOML: name it")),
    }
}

fn summaries(found: Vec<Asked>) -> Vec<InstrumentSummary> {
    found
        .into_iter()
        .map(|one| match one {
            Asked::OfCatalogue(summary) | Asked::OfFile(summary, _) => summary,
        })
        .collect()
}

fn check(found: &[Asked], format: AnyFormat) -> Result<(), Failure> {
    let mut text = String::new();
    let mut rows = Vec::new();
    for one in found {
        let cases = one.cases()?;
        let passed = cases.iter().filter(|case| case.passes()).count();
        let _ = writeln!(text, "{}: {passed} of {} worked cases", one.summary().id, cases.len());
        for case in cases {
            let passes = case.passes();
            if !passes {
                let _ = writeln!(
                    text,
                    "  {}: expected {}, scored {} ({})",
                    case.scale, case.expected, case.scored, case.source
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
        AnyFormat::Json => output::print(&output::json(&rows)?)?,
        AnyFormat::Toml => return Err(Failure::usage("worked cases are written as text or JSON")),
        AnyFormat::Text | AnyFormat::Csv => output::print(&text)?,
    }
    let failed = rows.iter().filter(|row| !row.passes).count();
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::bug(format!("{failed} worked cases are not scored as published")))
    }
}
