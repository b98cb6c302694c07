//! `measures`.

use vointi::{
    definition::{measure, measures},
    report::{self, CsvStyle},
};

use crate::{args::Format, exit::Failure, output};

pub(crate) fn run(id: Option<&str>, format: Option<Format>) -> Result<(), Failure> {
    let found = match id {
        Some(id) => vec![measure(id)?],
        None => measures()?,
    };
    match (format.unwrap_or(Format::Text), id, found.as_slice()) {
        (Format::Text, Some(_), [one]) => output::print(&report::measure_text(one)),
        (Format::Text, ..) => output::print(&report::measures_text(&found)),
        (Format::Json, Some(_), [one]) => output::print(&output::json(one)?),
        (Format::Json, ..) => output::print(&output::json(&found)?),
        (Format::Csv, ..) => output::print_csv(|out| report::measures_csv(&found, CsvStyle::default(), out)),
    }
}
