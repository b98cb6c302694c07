//! Whether the persons of a unit agree, as text and as a table.

use std::{fmt::Write as _, io::Write};

use super::{
    CsvStyle, Grid, Sheet,
    words::{begin, count, maybe, number, p_value},
    written,
};
use crate::{
    definition::Audience,
    error::Result,
    scale::{Agreement, Agreements},
};

/// Whether the persons of a unit agree, scale by scale.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report, scale::Agreements};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let found = Agreements::of(&cohort, "smoking", Some("mood.total"), Audience::Research)?;
/// assert!(report::agreement_text(&found).contains("ICC(1)"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn agreement_text(found: &Agreements) -> String {
    let mut text = super::heading(&found.definition, &found.version);
    let _ = writeln!(text, "units by {}", found.unit);
    found.scales.iter().for_each(|scale| one(&mut text, scale));
    for scale in &found.without {
        let _ = writeln!(text, "\n{}: not judged: {}", scale.scale, scale.because);
    }
    if found.audience == Audience::Employer {
        text.push_str(
            "\nunits of fewer than ten persons are withheld, and those from which they would follow\n",
        );
    }
    text
}

fn one(text: &mut String, of: &Agreement) {
    let _ = write!(
        text,
        "\n{}: {} persons in {} units, {} a unit",
        of.scale,
        count(of.n),
        count(of.units),
        number(of.mean_size, 1)
    );
    if let Some((alone, incomplete)) = of.without_unit.zip(of.incomplete) {
        let _ = write!(text, "; left out: {} without a unit, {} incomplete", count(alone), count(incomplete));
    }
    text.push('\n');
    let _ = writeln!(
        text,
        "  ICC(1) {}, ICC(2) {}; F({}, {}) = {}, p {}",
        number(of.icc1, 3),
        number(of.icc2, 3),
        of.df1,
        of.df2,
        number(of.f, 2),
        p_value(Some(of.p))
    );
    let mut grid = Grid::new(&[false, true, true, true, true, true, true]);
    grid.row(["  unit", "n", "rwg", "rwg(j)", "r*", "AD mean", "AD median"]);
    for unit in &of.by_unit {
        grid.row([
            format!("  {}", unit.unit),
            count(unit.n),
            maybe(unit.rwg, 2),
            maybe(unit.rwg_j, 2),
            maybe(unit.r_star, 2),
            maybe(unit.ad_mean, 2),
            maybe(unit.ad_median, 2),
        ]);
    }
    text.push_str(&grid.lines());
    if of.withheld > 0 {
        let _ = writeln!(text, "  withheld: {} units", of.withheld);
    }
    let _ = writeln!(
        text,
        "  against answers at random, variance {}; below that rwg is shown as 0: {} units",
        number(of.null_variance, 2),
        of.below_chance
    );
}

const COLUMNS: [&str; 21] = [
    "scale",
    "unit",
    "n",
    "units",
    "mean_size",
    "icc1",
    "icc2",
    "f",
    "df1",
    "df2",
    "p",
    "rwg",
    "rwg_j",
    "r_star",
    "ad_mean",
    "ad_median",
    "ad_mean_items",
    "ad_median_items",
    "below_chance",
    "withheld",
    "note",
];

/// The same as a table: a row a scale, with `unit` empty, then a row a unit.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report::{self, CsvStyle}, scale::Agreements};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let found = Agreements::of(&cohort, "smoking", None, Audience::Research)?;
/// let mut file = Vec::new();
/// report::agreement_csv(&found, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"scale,unit,n,units,mean_size,icc1,icc2,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn agreement_csv(found: &Agreements, style: CsvStyle, out: impl Write) -> Result<()> {
    written(rows(found, style, out))
}

fn rows(found: &Agreements, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let mut sheet = Sheet::header(out, style, COLUMNS)?;
    for of in &found.scales {
        sheet.text(&of.scale);
        sheet.text("");
        sheet.count(Some(of.n))?;
        sheet.count(Some(of.units))?;
        for value in [of.mean_size, of.icc1, of.icc2, of.f] {
            sheet.number(value)?;
        }
        sheet.count(Some(of.df1))?;
        sheet.count(Some(of.df2))?;
        sheet.number(of.p)?;
        (0..7).try_for_each(|_| sheet.optional(None))?;
        sheet.count(Some(of.below_chance))?;
        sheet.count(Some(of.withheld))?;
        sheet.text("");
        sheet.end()?;
        for unit in &of.by_unit {
            sheet.text(&of.scale);
            sheet.text(&unit.unit);
            sheet.count(Some(unit.n))?;
            (0..8).try_for_each(|_| sheet.optional(None))?;
            for value in [
                unit.rwg,
                unit.rwg_j,
                unit.r_star,
                unit.ad_mean,
                unit.ad_median,
                unit.ad_mean_items,
                unit.ad_median_items,
            ] {
                sheet.optional(value)?;
            }
            sheet.count(Some(usize::from(unit.is_below_chance)))?;
            sheet.count(None)?;
            sheet.text("");
            sheet.end()?;
        }
    }
    for scale in &found.without {
        sheet.text(&scale.scale);
        (0..19).try_for_each(|_| sheet.optional(None))?;
        sheet.text(&begin(&scale.because));
        sheet.end()?;
    }
    sheet.finish()
}
