//! An audit and a comparison laid out: what is said and tabled is put together once, and written as text, Markdown or a page.

mod audit;
mod comparison;

use std::{fmt::Write as _, io::Write};

pub(super) use audit::parts as audit_parts;
pub(super) use comparison::parts as comparison_parts;

use super::{
    csv::{CsvStyle, Sheet},
    markdown::Page,
    text::Grid,
    words, written,
};
use crate::{
    error::Result,
    study::{Audit, Comparison},
};

/// A piece of a report, in the order of reading.
pub(super) enum Part {
    Heading(String),
    Paragraph(String),
    Bullets(Vec<String>),
    Table(Table),
    /// A picture with what it shows, and the table behind it.
    #[cfg_attr(not(feature = "pages"), expect(dead_code, reason = "pages alone have pictures"))]
    Figure(Picture, Vec<String>, Table),
}

/// Columns 1 to before `texts` hold numbers.
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) heads: Vec<String>,
    /// How many columns at the end hold words.
    pub(super) texts: usize,
    pub(super) rows: Vec<Vec<String>>,
}

/// Which picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picture {
    Weights,
    Distributions,
    Correlations,
}

impl Table {
    fn new(caption: &str, heads: &[&str], texts: usize, rows: Vec<Vec<String>>) -> Self {
        let heads = heads.iter().map(|head| (*head).to_owned()).collect();
        Self { caption: caption.to_owned(), heads, texts, rows }
    }

    /// The columns that hold numbers.
    pub(super) fn numbers(&self) -> std::ops::Range<usize> {
        1..self.heads.len().saturating_sub(self.texts).max(1)
    }

    fn text(&self) -> String {
        let numbers = self.numbers();
        let right: Vec<bool> = (0..self.heads.len()).map(|at| numbers.contains(&at)).collect();
        let mut grid = Grid::new(&right);
        grid.row(self.heads.iter().map(String::as_str));
        self.rows.iter().for_each(|row| grid.row(row.iter().map(String::as_str)));
        grid.lines()
    }
}

fn heading(text: impl Into<String>) -> Part {
    Part::Heading(text.into())
}

fn paragraph(text: impl Into<String>) -> Part {
    Part::Paragraph(text.into())
}

/// The parts as a text for a terminal.
fn text(title: &str, parts: &[Part]) -> String {
    let mut text = format!("{title}\n");
    for part in parts {
        let _ = match part {
            Part::Heading(heading) => writeln!(text, "\n{heading}"),
            Part::Paragraph(words) => writeln!(text, "{words}"),
            Part::Bullets(all) => all.iter().try_for_each(|words| writeln!(text, "- {words}")),
            Part::Table(table) | Part::Figure(_, _, table) => {
                let caption =
                    if table.caption.is_empty() { String::new() } else { format!("{}\n", table.caption) };
                write!(text, "{caption}{}", table.text())
            }
        };
    }
    text.replace('\u{a0}', " ")
}

fn markdown(title: &str, parts: &[Part]) -> String {
    let mut page = Page::new(title);
    for part in parts {
        match part {
            Part::Heading(heading) => page.heading(&words::begin(heading)),
            Part::Paragraph(words) => page.paragraph(words),
            Part::Bullets(all) => page.bullets(all),
            Part::Table(table) | Part::Figure(_, _, table) => {
                if !table.caption.is_empty() {
                    page.paragraph(&table.caption);
                }
                let heads: Vec<&str> = table.heads.iter().map(String::as_str).collect();
                page.table(&heads, table.numbers(), &table.rows);
            }
        }
    }
    page.0
}

/// The JSON Schema (draft 2020-12) of an [`Audit`] as `vointi audit --format json` writes it.
///
/// # Example
/// ```
/// assert!(vointi::report::audit_schema().contains("removals"));
/// ```
pub fn audit_schema() -> &'static str {
    include_str!("../../../data/schemas/audit.json")
}

/// The JSON Schema (draft 2020-12) of a [`Comparison`] as `vointi compare --format json` writes it.
///
/// # Example
/// ```
/// assert!(vointi::report::comparison_schema().contains("mean_shift"));
/// ```
pub fn comparison_schema() -> &'static str {
    include_str!("../../../data/schemas/compare.json")
}

/// An audit as text.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report, study::{Audit, AuditAsked}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let audit = Audit::of(&cohort, &index, &scores, &AuditAsked::default(), Audience::Research)?;
/// assert!(report::audit_text(&audit).contains("Gini"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn audit_text(audit: &Audit) -> String {
    text(&audit::title(audit), &audit_parts(audit))
}

/// The same as Markdown.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report, study::{Audit, AuditAsked}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let index = Index::new(&definition)?;
/// # let scores = index.score_cohort(&cohort)?;
/// let audit = Audit::of(&cohort, &index, &scores, &AuditAsked::default(), Audience::Research)?;
/// assert!(report::audit_markdown(&audit).contains("\n## The index without each part\n"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn audit_markdown(audit: &Audit) -> String {
    markdown(&audit::title(audit), &audit_parts(audit))
}

/// A comparison as text.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report, study::Comparison};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let scores = Index::new(cohort.definition())?.score_cohort(&cohort)?;
/// let found = Comparison::of([(&cohort, &scores), (&cohort, &scores)], Audience::Research)?;
/// assert!(report::comparison_text(&found).contains("No key differs"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn comparison_text(found: &Comparison) -> String {
    text(comparison::TITLE, &comparison_parts(found))
}

/// The same as Markdown.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report, study::Comparison};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let scores = Index::new(cohort.definition())?.score_cohort(&cohort)?;
/// let found = Comparison::of([(&cohort, &scores), (&cohort, &scores)], Audience::Research)?;
/// assert!(report::comparison_markdown(&found).starts_with("# Two definitions"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn comparison_markdown(found: &Comparison) -> String {
    markdown(comparison::TITLE, &comparison_parts(found))
}

/// The persons of a comparison, one a row: id, wave if there are waves, both indices, their difference, both places, and how
/// many places the person moves (up is positive).
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report::{self, CsvStyle}, study::Comparison};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let scores = Index::new(cohort.definition())?.score_cohort(&cohort)?;
/// let found = Comparison::of([(&cohort, &scores), (&cohort, &scores)], Audience::Research)?;
/// let mut file = Vec::new();
/// report::comparison_persons_csv(&found, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"person,index_first,index_second,difference,place_first,place_second,moves_up\n"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn comparison_persons_csv(found: &Comparison, style: CsvStyle, out: impl Write) -> Result<()> {
    written(persons(found, style, out))
}

fn persons(found: &Comparison, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let has_waves = found.rows.iter().any(|row| row.wave.is_some());
    let mut names = vec!["person"];
    names.extend(has_waves.then_some("wave"));
    names.extend(["index_first", "index_second", "difference", "place_first", "place_second", "moves_up"]);
    let mut sheet = Sheet::header(out, style, names)?;
    for row in &found.rows {
        sheet.text(&row.person);
        if has_waves {
            sheet.text(row.wave.as_deref().unwrap_or_default());
        }
        let [first, second] = row.index;
        let [place, other] = row.place.map(f64::from);
        for value in [first, second, second - first, place, other, place - other] {
            sheet.number(value)?;
        }
        sheet.end()?;
    }
    sheet.finish()
}
