//! Lays out finished values: tables of scores, the resolved tree, instruments in words, summaries, models, and what is
//! found in a cohort or about a person as a page, Markdown or a tidy table.
//!
//! Nothing here computes a score, and nothing elsewhere formats for people but `Display` of errors. Numbers in CSV
//! and JSON are whole; rounding is for texts only.

#[cfg(feature = "pages")]
mod axis;
mod csv;
mod health;
#[cfg(feature = "pages")]
mod html;
mod instruments;
mod json;
mod judge;
mod markdown;
mod measures;
mod model;
mod rows;
mod scales;
mod sensitivity;
#[cfg(feature = "pages")]
mod svg;
mod text;
mod tidy;
mod why;
mod words;

use std::io;

pub use csv::{
    CsvStyle, coverage_csv, definitions_csv, figures_csv, measures_csv, scores_csv, summary_csv, tree_csv,
};
pub use health::{health_csv, health_person_text, health_text, rule_text, rules_csv, rules_text};
#[cfg(feature = "pages")]
pub use html::{audit_html, comparison_html, figures_html, findings_html, sensitivity_html, standing_html};
pub use instruments::{instrument_text, instruments_csv, instruments_text};
pub use json::scores_json;
pub use judge::{
    audit_markdown, audit_schema, audit_text, comparison_markdown, comparison_persons_csv, comparison_schema,
    comparison_text,
};
pub use markdown::{figures_markdown, findings_markdown, standing_markdown};
pub use measures::{measure_text, measures_text};
pub use model::{ModelRecord, model_csv, model_schema, model_text};
pub use scales::{
    agreement_csv, agreement_text, careless_csv, careless_text, change_csv, change_text, reliability_csv,
    reliability_text, safety_csv, scales_csv, scales_text,
};
pub use sensitivity::{
    design_csv, sensitivity_csv, sensitivity_markdown, sensitivity_persons_csv, sensitivity_schema,
    sensitivity_text,
};
pub use text::{coverage_text, figures_text, summary_text, tree_text};
pub use tidy::{figures_tidy_csv, findings_csv, standing_csv};
pub use why::{
    contributions_csv, contributions_text, what_if_cohort_csv, what_if_cohort_text, what_if_csv, what_if_text,
};

use crate::{
    cohort::Cohort,
    error::{Error, ErrorKind, Fault, Result},
    index::Scores,
};

/// Formatted rows are handed on in pieces of about this many bytes.
const PIECE: usize = 1 << 16;

/// Scores are laid out beside the ids of the cohort they were made from, and of no other.
fn same_rows(cohort: &Cohort, scores: &Scores) -> Result<()> {
    same_table(cohort, scores.definition().hash(), scores.rows())
}

/// The same for whatever has a row a person.
fn same_table(cohort: &Cohort, hash: &str, rows: usize) -> Result<()> {
    if cohort.rows() == rows && cohort.definition().hash() == hash {
        return Ok(());
    }
    let fault =
        Fault::new("the scores are not those of this cohort").help("score this cohort, and write that");
    Err(Error::new(ErrorKind::Data, vec![fault]))
}

/// Writes a text.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// let mut file = Vec::new();
/// vointi::report::text_to("a line\n", &mut file)?;
/// assert_eq!(file, b"a line\n");
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn text_to(text: &str, mut out: impl io::Write) -> Result<()> {
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

fn written(result: io::Result<()>) -> Result<()> {
    result.map_err(|error| Error::io(ErrorKind::Io, "write", "output", error))
}
