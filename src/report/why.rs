//! Contributions and what-if, as text and as CSV.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{CsvStyle, csv::Sheet, text::Grid, written};
use crate::{
    error::Result,
    explain::{CohortWhatIf, Contributions, WhatIf},
    model::{Prediction, Value},
    study::INTENDED_USE,
};

/// Two decimal places with a sign; a dash where there is none.
fn signed(value: f64) -> String {
    format!("{value:+.2}").replace('-', "−")
}

fn plain(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
}

/// What each indicator adds to a person's index, the most first.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Baseline}, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let baseline = Baseline::mean(&index.score_cohort(&cohort)?)?;
/// let why = explain::contributions(&index, &cohort.person("17")?, &baseline)?;
/// assert!(report::contributions_text(&why).contains("lifts it"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn contributions_text(why: &Contributions) -> String {
    let against = match why.baseline_of {
        crate::explain::BaselineOf::Cohort => "the mean of these people",
        crate::explain::BaselineOf::Calibration => "the mean of those the calibration was learned from",
    };
    let mut text = format!(
        "index {:.1}, against {:.1} of {against} ({} persons), indicator by indicator\n",
        why.score, why.baseline, why.baseline_persons
    );
    for (heading, rows) in [("what lifts it", why.lifts()), ("what lowers it", why.lowers())] {
        if rows.is_empty() {
            continue;
        }
        let mut grid = Grid::new(&[false, true, true, true]);
        grid.row([heading, "points", "here", "there"]);
        for row in rows {
            let filled = if row.imputed { " (filled)" } else { "" };
            let title = format!("  {}{filled}", row.title);
            grid.row([title, signed(row.points), plain(row.value), plain(row.baseline)]);
        }
        let _ = write!(text, "\n{}", grid.lines());
    }
    if let Some(missing) = why.missing() {
        let _ = writeln!(text, "\nwhat is missing: {} points", signed(missing.points));
    }
    let _ = writeln!(
        text,
        "\nThe points add up to the difference, {}. They say how the index is put together, not why someone is so.",
        signed(why.score - why.baseline)
    );
    let _ = writeln!(text, "{INTENDED_USE}");
    text
}

/// Writes contributions, one row each: `indicator`, `title`, `path`, `value`, `baseline`, `points`.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Baseline}, report::{self, CsvStyle}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let index = Index::new(&definition)?;
/// # let scores = index.score_cohort(&cohort)?;
/// let why = explain::contributions(&index, &cohort.person("3")?, &Baseline::mean(&scores)?)?;
/// let mut file = Vec::new();
/// report::contributions_csv(&why, CsvStyle::default(), &mut file)?;
/// assert!(String::from_utf8(file).unwrap().contains("\nblood_pressure,blood pressure,measured,100,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn contributions_csv(why: &Contributions, style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || -> io::Result<()> {
        let header = ["indicator", "title", "path", "value", "baseline", "points"];
        let mut sheet = Sheet::header(out, style, header)?;
        for row in &why.rows {
            sheet.text(&row.id);
            sheet.text(&row.title);
            sheet.text(&row.path.join("/"));
            sheet.optional(row.value)?;
            sheet.optional(row.baseline)?;
            sheet.number(row.points)?;
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

fn value(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Level(level) => level.clone(),
    }
}

fn held_alike(adjusters: &[String]) -> String {
    if adjusters.is_empty() {
        "nothing else held alike but the other choices".to_owned()
    } else {
        format!("held alike: the other choices, {}", adjusters.join(", "))
    }
}

/// What goes with a change of one person's choices, among people.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Scenario}, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
/// let gain = explain::what_if(&fitted, &cohort.person("3")?, &Scenario::new().set("sleep_hours", 7.5))?;
/// assert!(report::what_if_text(&gain).contains("an association"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn what_if_text(found: &WhatIf) -> String {
    let mut text = String::new();
    for change in &found.changes {
        let (from, to) = (value(&change.from), value(&change.to));
        let line = format!("{}: {from} → {to} {}", change.title, change.unit);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let percent = found.level * 100.0;
    let difference = &found.difference;
    let _ = writeln!(
        text,
        "\ndifference in {} between people who differ by this: {} ({percent} % interval {} to {})",
        found.outcome,
        signed(difference.estimate),
        signed(difference.low),
        signed(difference.high)
    );
    let people = |text: &mut String, which: &str, of: &Option<Prediction>| {
        if let Some(of) = of {
            let _ = writeln!(
                text,
                "people with {which}: mean {:.1} ({:.1} to {:.1}), one of them {:.1} to {:.1}",
                of.mean, of.low, of.high, of.person_low, of.person_high
            );
        }
    };
    people(&mut text, "the values as they are", &found.now);
    people(&mut text, "the new values", &found.then);
    if !found.missing.is_empty() {
        let _ = writeln!(text, "missing, so that nothing is predicted: {}", found.missing.join(", "));
    }
    for remark in &found.remarks {
        let _ = writeln!(text, "note: {remark}");
    }
    let _ = writeln!(
        text,
        "\nThis is an association among {} people seen once, {}; it does not say what would become of this person.",
        found.n,
        held_alike(&found.adjusters)
    );
    let _ = writeln!(text, "{INTENDED_USE}");
    text
}

/// Writes a what-if as a table: `what`, `estimate`, `low`, `high`.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Scenario}, report::{self, CsvStyle}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// # let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
/// let gain = explain::what_if(&fitted, &cohort.person("3")?, &Scenario::new().set("sleep_hours", 4.0))?;
/// let mut file = Vec::new();
/// report::what_if_csv(&gain, CsvStyle::default(), &mut file)?;
/// let file = String::from_utf8(file).unwrap();
/// assert!(file.starts_with("what,estimate,low,high\ndifference,0.13"), "{file}");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn what_if_csv(found: &WhatIf, style: CsvStyle, out: impl Write) -> Result<()> {
    let of = |prediction: &Option<Prediction>, name: &str| {
        prediction.iter().map(|p| (name.to_owned(), [p.mean, p.low, p.high])).collect::<Vec<_>>()
    };
    let person =
        found.then.iter().map(|p| ("one_person_then".to_owned(), [p.mean, p.person_low, p.person_high]));
    let d = &found.difference;
    let mut rows = vec![("difference".to_owned(), [d.estimate, d.low, d.high])];
    rows.extend(of(&found.now, "people_now"));
    rows.extend(of(&found.then, "people_then"));
    rows.extend(person);
    written(write_estimates(rows, style, out))
}

fn write_estimates(
    rows: impl IntoIterator<Item = (String, [f64; 3])>,
    style: CsvStyle,
    out: impl Write,
) -> io::Result<()> {
    let mut sheet = Sheet::header(out, style, ["what", "estimate", "low", "high"])?;
    for (what, numbers) in rows {
        sheet.text(&what);
        for number in numbers {
            sheet.number(number)?;
        }
        sheet.end()?;
    }
    sheet.finish()
}

/// The share of a cohort at or above a score, now and among people with new values.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Scenario}, report};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// # let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
/// let found = explain::what_if_cohort(&fitted, &cohort, &Scenario::new().set("sleep_hours", 7.5), 75.0)?;
/// let text = report::what_if_cohort_text(&found);
/// assert!(text.starts_with("share of 3974 persons with index at or above 75, as the model sees it; sleep on weekdays → 7.5 h"));
/// assert!(text.contains("an association among people seen once"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn what_if_cohort_text(found: &CohortWhatIf) -> String {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share).replace('-', "−");
    let set: Vec<String> = found
        .set
        .iter()
        .map(|new| format!("{} → {} {}", new.title, value(&new.to), new.unit).trim_end().to_owned())
        .collect();
    let mut text = format!(
        "share of {} persons with {} at or above {}, as the model sees it; {}\n",
        found.n,
        found.outcome,
        found.from,
        set.join(", ")
    );
    let mut grid = Grid::new(&[false, true, true, true]);
    grid.row(["", "share", &format!("{} % from", found.level * 100.0), "to"]);
    for (name, share) in [
        ("with the values as they are", &found.now),
        ("among people with the new values", &found.then),
        ("difference", &found.difference),
    ] {
        grid.row([name.to_owned(), percent(share.estimate), percent(share.low), percent(share.high)]);
    }
    let _ = write!(text, "\n{}", grid.lines());
    let _ = writeln!(
        text,
        "\n{} persons have other values so, {} cannot get there and keep their own, {} lie outside the data",
        found.changed, found.unreachable, found.outside_data
    );
    for remark in &found.remarks {
        let _ = writeln!(text, "note: {remark}");
    }
    let _ = writeln!(
        text,
        "This is an association among people seen once, {}; it does not say what would become of them.",
        held_alike(&found.adjusters)
    );
    let _ = writeln!(text, "{INTENDED_USE}");
    text
}

/// Writes the shares of a cohort's what-if as a table: `what`, `estimate`, `low`, `high`.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Scenario}, report::{self, CsvStyle}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// # let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
/// let found = explain::what_if_cohort(&fitted, &cohort, &Scenario::new().set("sleep_hours", 7.5), 75.0)?;
/// let mut file = Vec::new();
/// report::what_if_cohort_csv(&found, CsvStyle::default(), &mut file)?;
/// assert!(String::from_utf8(file).unwrap().contains("\nshare_then,0.3007"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn what_if_cohort_csv(found: &CohortWhatIf, style: CsvStyle, out: impl Write) -> Result<()> {
    let rows = [("share_now", &found.now), ("share_then", &found.then), ("difference", &found.difference)];
    let rows = rows.map(|(name, share)| (name.to_owned(), [share.estimate, share.low, share.high]));
    written(write_estimates(rows, style, out))
}
