//! Scale scores: of persons as rows, of a cohort as text; and safety flags, apart from them.

use std::{fmt::Write as _, io::Write};

use crate::report::{
    csv::{CsvStyle, Sheet},
    text::Grid,
    words::{count, maybe, number},
    written,
};
use crate::{
    cohort::Cohort,
    definition::Audience,
    error::{Error, ErrorKind, Fault, Result},
    scale::{NormScore, ScaleColumn, Scales, ScalesSummary},
};

/// Every person's scale scores, one row a person.
///
/// **Columns** the id, the wave if there are waves, and for every scale `<instrument>.<scale>`, `….answered` (how many
/// items), `….prorated` (1 where the score stands for items that were not answered, else 0), `….sem` (the standard error
/// of measurement, where known), `….band` (where bands are in use), and where a norm is in use `….z`, `….t`, `….stanine`, `….percentile`,
/// `….small_norm_t` (Crawford and Howell's t, for norms of few),
/// `….norm` (whose norm it is: `all`, or a sex and ages) and `….norm_n` (of how many persons). A scale that is valid for groups alone has no rows
/// of persons and is left out.
///
/// **Missing data** is an empty field.
///
/// # Errors
/// Scores of another cohort; an output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, report::{self, CsvStyle}, scale};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let mut file = Vec::new();
/// report::scales_csv(&cohort, &scale::score(&cohort), CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"person,mood.total,mood.total.answered,mood.total.prorated,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn scales_csv(cohort: &Cohort, scales: &Scales, style: CsvStyle, out: impl Write) -> Result<()> {
    same_rows(cohort, scales)?;
    let write = || {
        let shown: Vec<&ScaleColumn> = scales.iter().filter(|column| !column.is_for_groups()).collect();
        let mut names = id_columns(cohort);
        for column in &shown {
            let name = column.name();
            names.push(name.to_owned());
            names.extend(["answered", "prorated"].map(|what| format!("{name}.{what}")));
            if column.std_error().is_some() {
                names.push(format!("{name}.sem"));
            }
            if !column.band_names().is_empty() {
                names.push(format!("{name}.band"));
            }
            if column.has_norm() {
                names.extend(
                    ["z", "t", "stanine", "percentile", "small_norm_t", "norm", "norm_n"]
                        .map(|what| format!("{name}.{what}")),
                );
            }
        }
        let mut sheet = Sheet::header(out, style, names.iter().map(String::as_str))?;
        for row in 0..cohort.rows() {
            ids(cohort, row, &mut sheet);
            for column in &shown {
                let value = column.value(row);
                sheet.optional(value)?;
                sheet.count(column.answered(row))?;
                sheet.count(value.map(|_| usize::from(column.is_prorated(row))))?;
                if let Some(sem) = column.std_error() {
                    sheet.optional(value.map(|_| sem))?;
                }
                if !column.band_names().is_empty() {
                    sheet.text(column.band(row).unwrap_or_default());
                }
                if column.has_norm() {
                    let standing = column.standing(row);
                    let of = |pick: fn(&NormScore) -> f64| standing.as_ref().map(|(_, score)| pick(score));
                    sheet.optional(of(|score| score.z))?;
                    sheet.optional(of(|score| score.t_score))?;
                    sheet.optional(of(|score| f64::from(score.stanine)))?;
                    sheet.optional(of(|score| 100.0 * score.mid_percentile))?;
                    sheet.optional(of(|score| score.crawford_howell_t))?;
                    sheet.text(&standing.map(|(stratum, _)| stratum.to_string()).unwrap_or_default());
                    sheet.count(standing.map(|(_, score)| score.n))?;
                }
            }
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

/// Every person's safety flags, one row a person: the id, the wave if there are waves, and a column a flag with `yes`,
/// `no` or `unanswered`. For the clinic and research only, in a file of their own.
///
/// # Errors
/// Scores of another cohort; an output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, report::{self, CsvStyle}, scale};
/// let definition = Definition::builtin("nhanes")?; // the PHQ-8 has no item that raises one
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let mut file = Vec::new();
/// report::safety_csv(&cohort, &scale::score(&cohort), CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"person\n"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn safety_csv(cohort: &Cohort, scales: &Scales, style: CsvStyle, out: impl Write) -> Result<()> {
    same_rows(cohort, scales)?;
    let write = || {
        let mut names = id_columns(cohort);
        names.extend(scales.safety().iter().map(|flag| flag.name().to_owned()));
        let mut sheet = Sheet::header(out, style, names.iter().map(String::as_str))?;
        for row in 0..cohort.rows() {
            ids(cohort, row, &mut sheet);
            for flag in scales.safety() {
                sheet.text(flag.answer(row).word());
            }
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

fn same_rows(cohort: &Cohort, scales: &Scales) -> Result<()> {
    if scales.iter().all(|column| column.values_or_nan().len() == cohort.rows()) {
        return Ok(());
    }
    let fault =
        Fault::new("the scores are not those of this cohort").help("score this cohort, and write that");
    Err(Error::new(ErrorKind::Data, vec![fault]))
}

fn id_columns(cohort: &Cohort) -> Vec<String> {
    let person = &cohort.parts().person;
    std::iter::once(&person.id).chain(&person.wave).cloned().collect()
}

fn ids<W: Write>(cohort: &Cohort, row: usize, sheet: &mut Sheet<W>) {
    sheet.text(cohort.id(row).unwrap_or_default());
    if cohort.has_waves() {
        sheet.text(cohort.wave(row).unwrap_or_default());
    }
}

/// The scales of a cohort in figures.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report, scale};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let text = report::scales_text(&scale::score(&cohort).summary(Audience::Research));
/// assert!(text.contains("mood.total"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn scales_text(summary: &ScalesSummary) -> String {
    let mut text = format!("{} persons\n\n", count(summary.persons));
    let mut grid = Grid::new(&[false, true, true, true, true, true, true, true, false]);
    grid.row(["scale", "items", "n", "prorated", "mean", "sd", "sem", "range", "rule for missing answers"]);
    for scale in &summary.scales {
        let [low, high] = scale.range;
        let figure = |n: Option<usize>| n.map_or_else(|| "withheld".to_owned(), count);
        grid.row([
            scale.scale.clone(),
            scale.items.to_string(),
            figure(scale.n),
            figure(scale.prorated),
            maybe(scale.mean, 2),
            maybe(scale.sd, 2),
            maybe(scale.sem, 2),
            format!("{low} to {high}"),
            scale.rule.clone(),
        ]);
    }
    text += &grid.lines();
    for scale in &summary.scales {
        if let Some(group) = scale.group {
            let _ = write!(
                text,
                "\n{}: the share with high scores less that with low ones is {} % (standard error {})\n",
                scale.scale,
                number(group.value, 1),
                number(group.std_error, 1)
            );
        }
        if scale.bands.is_empty() {
            continue;
        }
        let _ = write!(text, "\n{}, bands\n", scale.scale);
        let mut grid = Grid::new(&[false, true]);
        for band in &scale.bands {
            grid.row([format!("  {}", band.band), count(band.persons)]);
        }
        text += &grid.lines();
    }
    if summary.audience == Audience::Employer {
        text += "\nfor an employer: no bands, and no figures of fewer than ten people\n";
    }
    text
}
