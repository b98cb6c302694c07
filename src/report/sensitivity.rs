//! Which choices of a definition move the index, as text, Markdown and tables.

use std::{fmt::Write as _, io::Write};

use super::{
    csv::{CsvStyle, Sheet},
    markdown::Page,
    same_table,
    text::Grid,
    words::{self, begin, between, count, maybe, number, percent, sureness},
    written,
};
use crate::{
    cohort::Cohort,
    error::Result,
    study::{DesignCell, DesignRows, Factor, OutputFigures, Sensitivity, Share},
};

/// What an output is, in words.
pub(super) fn output(figures: &OutputFigures) -> &'static str {
    match figures.output.word() {
        "mean_rank_shift" => "how many ranks persons move, in the mean",
        "max_rank_shift" => "how many ranks the person moves who moves furthest",
        "rank_shift_sd" => "the standard deviation of the shifts of ranks",
        "mean_index" => "the mean index",
        "median_index" => "the median index",
        "index_sd" => "the standard deviation of the index",
        "band_changes" => "the share of persons in another band",
        _ => "how many persons have an index",
    }
}

/// Digits that fit the size of a number.
pub(super) fn fitting(value: Option<f64>) -> String {
    maybe(value, value.map_or(0, |value| if value.abs() < 10.0 { 3 } else { 1 }))
}

/// How the study was made, in a sentence or two.
pub(super) fn made(found: &Sensitivity) -> Vec<String> {
    let learned = match found.learned_from {
        "persons" => "each learned from these persons anew",
        "reference" => "each learned from the reference anew",
        _ => "all with the same calibration, as far as they need one",
    };
    vec![
        format!(
            "{} runs: N = {} and {} factors, from shifted Sobol′ points of seed {}; {} of them differ, {learned}.",
            count(found.runs),
            count(found.points as usize),
            count(found.factors.len()),
            found.seed,
            count(found.distinct_runs),
        ),
        format!(
            "Intervals are at {}, those of shares from {} bootstraps.",
            sureness(found.level),
            count(found.bootstrap)
        ),
    ]
}

/// What varies: factor, kind, where, what.
pub(super) fn factors(found: &Sensitivity) -> Vec<Vec<String>> {
    let what = |factor: &Factor| match (factor.share, factor.range) {
        (Some(share), _) => format!("each × (1 ± {})", words::plain(share)),
        (_, Some([low, high])) => format!("{} to {}", words::plain(low), words::plain(high)),
        _ => factor.values.join(" | "),
    };
    let row = |factor: &Factor| {
        vec![factor.id.clone(), factor.kind.to_owned(), factor.keys.join(", "), what(factor)]
    };
    found.factors.iter().map(row).collect()
}

pub(super) const FACTORS: [&str; 4] = ["factor", "kind", "where", "what it is"];
pub(super) const SHARES: [&str; 5] = ["factor", "S", "interval", "ST", "interval"];

/// The shares of an output: factor, S, its interval, ST, its interval; the last row is what goes with factors together.
pub(super) fn shares(figures: &OutputFigures) -> Vec<Vec<String>> {
    let pair = |share: &Share| [maybe(share.value, 3), between(share.low, share.high, 3)];
    let mut rows: Vec<Vec<String>> = figures
        .factors
        .iter()
        .map(|row| {
            let [[s, s_interval], [st, st_interval]] = [pair(&row.first), pair(&row.total)];
            vec![row.factor.clone(), s, s_interval, st, st_interval]
        })
        .collect();
    if let Some(sum) = figures.first_sum {
        rows.push(vec![
            "together".to_owned(),
            number(1.0 - sum, 3),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    rows
}

/// An output over all runs, in words.
pub(super) fn over_runs(figures: &OutputFigures, level: f64) -> String {
    let digits = if figures.high.is_some_and(|high| high.abs() < 10.0) { 3 } else { 1 };
    format!(
        "{} as the definition is; over the runs mean {}, standard deviation {}, {} of them from {}.",
        fitting(figures.nominal),
        fitting(figures.mean),
        fitting(figures.sd),
        sureness(level),
        between(figures.low, figures.high, digits),
    )
}

/// How far persons move, in words.
pub(super) fn spread(found: &Sensitivity) -> Vec<String> {
    let spread = &found.spread;
    let mut all = vec![format!(
        "Of {} persons, the interval of the index is {} points wide in the mean ({} in the median), that of the rank {} \
         places ({}).",
        count(spread.persons),
        fitting(spread.index_width_mean),
        fitting(spread.index_width_median),
        maybe(spread.rank_width_mean, 1),
        maybe(spread.rank_width_median, 1),
    )];
    if let Some(bands) = &spread.other_band {
        all.push(format!(
            "In another band than as the definition is: {} of persons in some run, {} in more than a tenth of the runs, {} in \
             more than half; {} in the mean of a run.",
            percent(bands.ever),
            percent(bands.over_a_tenth),
            percent(bands.over_half),
            percent(bands.mean),
        ));
    }
    if let Some((index, rank)) = spread.index_resolution.zip(spread.rank_resolution) {
        all.push(format!(
            "Intervals of persons are from histograms: right within {} points and {} ranks for everybody.",
            words::plain(index),
            words::plain(rank),
        ));
    }
    all
}

/// A study as text.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report, study::{LearnsFrom, Sensitivity, SensitivitySpec}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let spec = "schema = 1\npoints = 4\n[[factor]]\nid = \"weights\"\nweights = \"all\"\nshare = 0.25\n";
/// let spec = SensitivitySpec::from_toml(spec)?;
/// let found = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research)?;
/// assert!(report::sensitivity_text(&found).contains("where persons could stand"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn sensitivity_text(found: &Sensitivity) -> String {
    let mut text = format!("{}\n", words::definition(&found.definition, &found.version));
    let _ = writeln!(text, "{} persons, {} with an index", count(found.persons), count(found.scored));
    for line in made(found) {
        let _ = writeln!(text, "{line}");
    }
    text.push_str("\nwhat varies\n");
    let mut grid = Grid::new(&[false, false, false, false]);
    for row in factors(found) {
        grid.row(
            row.into_iter().enumerate().map(|(at, cell)| if at == 0 { format!("  {cell}") } else { cell }),
        );
    }
    text.push_str(&grid.lines());
    for figures in &found.outputs {
        let _ = writeln!(text, "\n{}: {}", figures.output.word(), output(figures));
        let _ = writeln!(text, "  {}", over_runs(figures, found.level));
        let mut grid = Grid::new(&[false, true, true, true, true]);
        grid.row(["  factor", "S", "interval", "ST", "interval"]);
        for row in shares(figures) {
            grid.row(
                row.into_iter()
                    .enumerate()
                    .map(|(at, cell)| if at == 0 { format!("  {cell}") } else { cell }),
            );
        }
        text.push_str(&grid.lines());
    }
    text.push_str("\nwhere persons could stand\n");
    for line in spread(found) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// A study as Markdown.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// # use vointi::{Cohort, Definition, definition::Audience, report, study::{LearnsFrom, Sensitivity, SensitivitySpec}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let spec = "schema = 1\npoints = 4\n[[factor]]\nid = \"weights\"\nweights = \"all\"\nshare = 0.25\n";
/// # let spec = SensitivitySpec::from_toml(spec)?;
/// let found = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research)?;
/// assert!(report::sensitivity_markdown(&found).contains("\n## What varies\n"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn sensitivity_markdown(found: &Sensitivity) -> String {
    let mut page = Page::new(&title(found));
    page.bullets(&[
        format!("people: {}, with an index: {}", count(found.persons), count(found.scored)),
        format!(
            "definition: {}, SHA-256 {}",
            words::definition(&found.definition, &found.version),
            found.hash
        ),
        format!("for {}", found.audience),
    ]);
    page.heading("What varies");
    page.paragraphs(&made(found));
    page.table(&FACTORS, 4..4, &factors(found));
    for figures in &found.outputs {
        page.heading(&begin(output(figures)));
        page.paragraph(&over_runs(figures, found.level));
        page.table(&SHARES, 1..5, &shares(figures));
        page.paragraph(READING);
    }
    page.heading("Where persons could stand");
    page.paragraphs(&spread(found));
    page.heading("What this is for");
    page.paragraph(found.intended_use);
    page.0
}

pub(super) fn title(found: &Sensitivity) -> String {
    format!("Which choices move the index: {}", words::heading(&found.title, &found.definition))
}

pub(super) const READING: &str = "S is the share of the variance that goes with a factor alone, ST the share that goes with it \
    and all it works with; what is left of 1 after all S goes with factors together. At few points S can be below 0, and ST \
    below S.";

const COLUMNS: [&str; 13] = [
    "output",
    "nominal",
    "mean",
    "sd",
    "low",
    "median",
    "high",
    "factor",
    "first",
    "first_low",
    "first_high",
    "total",
    "total_low",
];

/// A study as a table: a row an output and factor.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// # use vointi::{Cohort, Definition, definition::Audience, report::{self, CsvStyle}, study::{LearnsFrom, Sensitivity, SensitivitySpec}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let spec = "schema = 1\npoints = 4\n[[factor]]\nid = \"weights\"\nweights = \"all\"\nshare = 0.25\n";
/// # let spec = SensitivitySpec::from_toml(spec)?;
/// let found = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research)?;
/// let mut file = Vec::new();
/// report::sensitivity_csv(&found, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"output,nominal,mean,sd,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn sensitivity_csv(found: &Sensitivity, style: CsvStyle, out: impl Write) -> Result<()> {
    written(rows(found, style, out))
}

fn rows(found: &Sensitivity, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let mut sheet = Sheet::header(out, style, COLUMNS.into_iter().chain(["total_high"]))?;
    for figures in &found.outputs {
        for row in &figures.factors {
            sheet.text(figures.output.word());
            for value in
                [figures.nominal, figures.mean, figures.sd, figures.low, figures.median, figures.high]
            {
                sheet.optional(value)?;
            }
            sheet.text(&row.factor);
            for share in [row.first, row.total] {
                for value in [share.value, share.low, share.high] {
                    sheet.optional(value)?;
                }
            }
            sheet.end()?;
        }
    }
    sheet.finish()
}

/// Where each person could stand, one a row: the id, the wave if there are waves, `index` and `rank` under the definition as
/// it is, and over the runs the mean, the median and the interval of the index, the median and the interval of the rank, and
/// the share of runs in another band. Nobody for an employer.
///
/// # Errors
/// A study of other people; an output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// # use vointi::{Cohort, Definition, definition::Audience, report::{self, CsvStyle}, study::{LearnsFrom, Sensitivity, SensitivitySpec}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let spec = "schema = 1\npoints = 4\n[[factor]]\nid = \"weights\"\nweights = \"all\"\nshare = 0.25\n";
/// # let spec = SensitivitySpec::from_toml(spec)?;
/// let found = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research)?;
/// let mut file = Vec::new();
/// report::sensitivity_persons_csv(&cohort, &found, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"person,index,rank,runs,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn sensitivity_persons_csv(
    cohort: &Cohort,
    found: &Sensitivity,
    style: CsvStyle,
    out: impl Write,
) -> Result<()> {
    same_table(cohort, &found.hash, found.persons().len())?;
    written(person_rows(cohort, found, style, out))
}

fn person_rows(
    cohort: &Cohort,
    found: &Sensitivity,
    style: CsvStyle,
    out: impl Write,
) -> std::io::Result<()> {
    let person = &cohort.parts().person;
    let names = [person.id.as_str()].into_iter().chain(person.wave.as_deref()).chain([
        "index",
        "rank",
        "runs",
        "index_mean",
        "index_low",
        "index_median",
        "index_high",
        "rank_low",
        "rank_median",
        "rank_high",
        "other_band",
    ]);
    let mut sheet = Sheet::header(out, style, names)?;
    for (row, stand) in found.persons().iter().enumerate() {
        sheet.text(cohort.id(row).unwrap_or_default());
        if person.wave.is_some() {
            sheet.text(cohort.wave(row).unwrap_or_default());
        }
        sheet.optional(stand.index)?;
        sheet.optional(stand.rank)?;
        sheet.count(Some(stand.runs as usize))?;
        for value in [
            stand.index_mean,
            stand.index_low,
            stand.index_median,
            stand.index_high,
            stand.rank_low,
            stand.rank_median,
            stand.rank_high,
            stand.other_band,
        ] {
            sheet.optional(value)?;
        }
        sheet.end()?;
    }
    sheet.finish()
}

/// The runs of a study, one a row.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// # use vointi::{Cohort, Definition, definition::Audience, report::{self, CsvStyle}, study::{LearnsFrom, Sensitivity, SensitivitySpec}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let spec = "schema = 1\npoints = 4\n[[factor]]\nid = \"weights\"\nweights = \"all\"\nshare = 0.25\n";
/// let spec = SensitivitySpec::from_toml(spec)?.with_design();
/// let found = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research)?;
/// let mut file = Vec::new();
/// report::design_csv(found.design().unwrap(), CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"block,row,u.weights,weights,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn design_csv(design: &DesignRows, style: CsvStyle, out: impl Write) -> Result<()> {
    written(design_rows(design, style, out))
}

fn design_rows(design: &DesignRows, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let mut sheet = Sheet::header(out, style, design.columns.iter().map(String::as_str))?;
    for row in &design.rows {
        for cell in row {
            match cell {
                DesignCell::Text(text) => sheet.text(text),
                DesignCell::Number(value) => sheet.optional(*value)?,
            }
        }
        sheet.end()?;
    }
    sheet.finish()
}

/// The JSON Schema (draft 2020-12) of what `serde` makes of a study.
///
/// # Example
/// ```
/// assert!(vointi::report::sensitivity_schema().contains("\"outputs\""));
/// ```
pub fn sensitivity_schema() -> &'static str {
    include_str!("../../data/schemas/sensitivity.json")
}
