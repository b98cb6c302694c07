//! Values as texts to be read in a terminal. Texts end with a line end.

use std::fmt::Write;

use crate::{
    cohort::Inspection,
    definition::Definition,
    study::{GroupFigures, Summary},
};

/// Rows of cells as lines of aligned columns, two blanks apart; columns of numbers to the right.
pub(super) struct Grid {
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub(super) fn new(right: &[bool]) -> Self {
        Self { right: right.to_vec(), rows: Vec::new() }
    }

    pub(super) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    pub(super) fn lines(&self) -> String {
        let width =
            |at: usize| self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..self.right.len()).map(|at| width(at).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, width), right) in row.iter().zip(&widths).zip(&self.right) {
                let pad = " ".repeat(width - cell.chars().count());
                let (before, after) = if *right { (pad.as_str(), "") } else { ("", pad.as_str()) };
                line.extend([before, cell, after, "  "]);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// One decimal place; a dash where there is none.
fn rounded(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn share(persons: usize, of: usize) -> String {
    if of == 0 { "–".to_owned() } else { percent(persons as f64 / of as f64) }
}

/// The resolved tree, indented, with weights and effective weights.
///
/// # Example
/// ```
/// use vointi::{Definition, report};
/// let text = report::tree_text(&Definition::builtin("nhanes")?);
/// assert!(text.contains("    mood"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn tree_text(definition: &Definition) -> String {
    let mut text = format!("{} {}", definition.id(), definition.version()).trim_end().to_owned();
    if !definition.title().is_empty() {
        let _ = write!(text, ": {}", definition.title());
    }
    text.push('\n');
    if !definition.population().is_empty() {
        let _ = writeln!(text, "{}", definition.population());
    }
    let _ = writeln!(text, "for {}; SHA-256 {}\n", definition.audience().word(), definition.hash());
    let mut grid = Grid::new(&[false, true, true, false, false]);
    grid.row(["", "weight", "of index", "needs, or error of measurement", "how"]);
    for node in definition.tree() {
        let kind = if node.kind == "indicator" || node.kind == "index" {
            String::new()
        } else {
            format!("{} ", node.kind)
        };
        let name = format!("{}{kind}{}", "  ".repeat(node.depth), node.id);
        let share = |weight: Option<f64>| weight.map_or_else(|| "learned".to_owned(), percent);
        grid.row([name, share(node.weight), share(node.effective_weight), node.note, node.how]);
    }
    text += &grid.lines();
    let mut scores = Grid::new(&[false, false]);
    definition.health().for_each(|(id, rule)| scores.row([format!("  {id}"), rule.to_owned()]));
    let scores = scores.lines();
    if !scores.is_empty() {
        let _ = write!(text, "\npublished scores beside the index, never in it\n{scores}");
    }
    text
}

/// How full each column is, and which answers cannot be mapped.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, cohort::Inspection, report};
/// let definition = Definition::builtin("nhanes")?;
/// let table = Cohort::csv_options(&definition).read("data/nhanes/adults.csv")?;
/// let text = report::coverage_text(&Inspection::of(&definition, table));
/// assert!(text.contains("95.3 %"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn coverage_text(found: &Inspection) -> String {
    let mut grid = Grid::new(&[false, false, true, true]);
    grid.row(["column", "read by", "observed", "share"]);
    for column in &found.columns {
        let (observed, part) = match column.observed {
            Some(observed) => (observed.to_string(), share(observed, found.rows)),
            None => ("no such column".to_owned(), String::new()),
        };
        grid.row([column.column.clone(), column.used_by.clone(), observed, part]);
    }
    let mut text = format!("{} rows\n", found.rows);
    if !found.columns.is_empty() {
        let _ = write!(text, "\n{}", grid.lines());
    }
    if !found.unmapped.is_empty() {
        let mut grid = Grid::new(&[false, false, true]);
        grid.row(["column", "answer that is not mapped", "rows"]);
        for answer in &found.unmapped {
            grid.row([answer.column.clone(), answer.text.clone(), answer.rows.to_string()]);
        }
        let _ = write!(text, "\n{}", grid.lines());
    }
    text
}

/// The summary of a scored cohort.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Summary, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// assert!(report::summary_text(&summary).contains("5265 persons"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn summary_text(summary: &Summary) -> String {
    let mut text = format!("{} {}", summary.definition, summary.version).trim_end().to_owned();
    if !summary.title.is_empty() {
        let _ = write!(text, ": {}", summary.title);
    }
    text.push('\n');
    let _ = match &summary.calibration {
        Some(known) if known.from.is_empty() => {
            writeln!(text, "calibration: learned from {} persons", known.persons)
        }
        Some(known) => writeln!(text, "calibration: {}, learned from {} persons", known.from, known.persons),
        None => writeln!(text, "calibration: none, so no interval"),
    };
    let _ = writeln!(text, "\n{} persons, {} scored", summary.persons, summary.scored);
    let mut grid = Grid::new(&[false, true, true]);
    for count in summary.without_index.iter().filter(|count| count.persons > 0) {
        grid.row([
            format!("  no index: {}", count.code),
            count.persons.to_string(),
            share(count.persons, summary.persons),
        ]);
    }
    text += &grid.lines();
    let mut grid = Grid::new(&[false, true, true, true, true, true, true]);
    grid.row(["score", "n", "mean", "sd", "25 %", "50 %", "75 %"]);
    for score in &summary.scores {
        let quartile = |at: usize| rounded(score.quartiles.and_then(|quartiles| quartiles.get(at).copied()));
        let [low, median, high] = [quartile(0), quartile(1), quartile(2)];
        grid.row([
            score.name.clone(),
            score.n.to_string(),
            rounded(score.mean),
            rounded(score.sd),
            low,
            median,
            high,
        ]);
    }
    let _ = write!(text, "\n{}", grid.lines());
    if !summary.bands.is_empty() {
        let mut grid = Grid::new(&[false, true, true]);
        grid.row(["band of the index", "persons", "share"]);
        for band in &summary.bands {
            let name = format!("{}, {} to below {}", band.band, band.from, band.below);
            grid.row([name, band.persons.to_string(), band.share.map_or_else(|| "–".to_owned(), percent)]);
        }
        let _ = write!(text, "\n{}", grid.lines());
    }
    if !summary.flags.is_empty() {
        let mut grid = Grid::new(&[false, true, true]);
        grid.row(["flag", "persons", "share"]);
        for flag in &summary.flags {
            grid.row([flag.code.to_owned(), flag.persons.to_string(), share(flag.persons, summary.persons)]);
        }
        let _ = write!(text, "\n{}", grid.lines());
    }
    if !summary.cases.is_empty() {
        let mut grid = Grid::new(&[false, true]);
        grid.row(["case that a published rule leaves open", "persons"]);
        for case in &summary.cases {
            grid.row([format!("{}: {}", case.indicator, case.case), case.persons.to_string()]);
        }
        let _ = write!(text, "\n{}", grid.lines());
    }
    if !summary.imputed.is_empty() {
        let mut grid = Grid::new(&[false, true, true]);
        grid.row(["indicator whose gaps were filled", "persons", "share"]);
        for one in &summary.imputed {
            grid.row([one.indicator.clone(), one.persons.to_string(), share(one.persons, summary.persons)]);
        }
        let _ = write!(text, "\n{}", grid.lines());
    }
    text
}

/// What an employer may see.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Summary, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// let text = report::figures_text(&summary.for_employer());
/// assert!(!text.contains("pillar") && text.contains("mean"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn figures_text(figures: &GroupFigures) -> String {
    let mut text = format!("{} {}", figures.definition, figures.version).trim_end().to_owned();
    text.push('\n');
    let fewest = figures.fewest;
    let Some(scored) = figures.scored else {
        let _ = writeln!(text, "\nfewer than {fewest} persons are scored: no figure is shown");
        return text;
    };
    let mut grid = Grid::new(&[false, true]);
    grid.row(["persons scored".to_owned(), scored.to_string()]);
    grid.row(["mean index".to_owned(), rounded(figures.mean)]);
    grid.row(["standard deviation".to_owned(), rounded(figures.sd)]);
    for band in &figures.bands {
        let part = band.share.map_or_else(|| "withheld".to_owned(), percent);
        grid.row([format!("share in {}", band.band), part]);
    }
    let _ = write!(text, "\n{}", grid.lines());
    if figures.bands.iter().any(|band| band.share.is_none()) {
        let _ = writeln!(
            text,
            "\nwithheld: fewer than {fewest} persons are in the band or outside it, or would follow"
        );
    }
    text
}
