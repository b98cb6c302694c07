//! What a definition says of the readings behind a measure: their ages, the days behind them, and how they become one
//! value.

use super::{
    parts::{Combine, Days, ErrorOfMeasurement, ErrorSize, Measure, Origin, Readings},
    source::{Faults, Node},
};

/// `ages`, `combine`, `within`, `stale` and `days`.
pub(super) fn read(node: &Node, origin: &Origin, path: &str, faults: &mut Faults<'_>) -> Readings {
    let columns = match origin {
        Origin::Columns(columns) => columns.len(),
        Origin::From(_) => 1,
    };
    let ages = read_ages(node, columns, path, faults);
    let combine = match node.get("combine").and_then(Node::text) {
        Some("last") => Combine::Last,
        _ => Combine::Mean,
    };
    for key in ["within", "stale"] {
        needs_ages(node.get(key), key, node, path, faults);
    }
    needs_ages(node.get("combine").filter(|_| combine == Combine::Last), "combine", node, path, faults);
    let within = read_length(node, "within", path, faults);
    let stale = read_length(node, "stale", path, faults);
    if let (Some(within), Some(stale), Some(found)) = (within, stale, node.get("stale"))
        && stale >= within
    {
        let what = format!("nothing within {within} days is older than {stale}");
        let help = "`stale` is below `within`, or stands alone";
        faults.add(found.span.start, &format!("{path}.stale"), what, help);
    }
    Readings { ages, combine, within, stale, days: read_days(node, columns, path, faults) }
}

fn read_ages(node: &Node, columns: usize, path: &str, faults: &mut Faults<'_>) -> Vec<String> {
    let Some(found) = node.get("ages") else { return Vec::new() };
    let ages = found.text().map_or_else(|| found.texts(), |one| vec![one.to_owned()]);
    if ages.len() != columns {
        let count = |n: usize, of: &str| if n == 1 { format!("1 {of}") } else { format!("{n} {of}s") };
        let what = format!("{} for {}", count(ages.len(), "age"), count(columns, "reading"));
        let help = "name one column of ages a reading, in the order of the readings";
        faults.add(found.span.start, &format!("{path}.ages"), what, help);
    }
    ages
}

fn needs_ages(found: Option<&Node>, key: &str, node: &Node, path: &str, faults: &mut Faults<'_>) {
    if let (Some(found), None) = (found, node.get("ages")) {
        let what = format!("`{key}` needs to know how old the readings are");
        let help = "name their columns of ages in `ages`, in days before the day of scoring";
        faults.add(found.span.start, &format!("{path}.{key}"), what, help);
    }
}

/// A number of days above 0.
fn read_length(node: &Node, key: &str, path: &str, faults: &mut Faults<'_>) -> Option<f64> {
    let found = node.get(key)?;
    let days = found.number()?;
    if days <= 0.0 {
        let what = format!("{days} is no length of time");
        faults.add(found.span.start, &format!("{path}.{key}"), what, "give days, above 0");
        return None;
    }
    Some(days)
}

fn read_days(node: &Node, columns: usize, path: &str, faults: &mut Faults<'_>) -> Option<Days> {
    let found = node.get("days")?;
    let path = format!("{path}.days");
    if columns > 1 {
        let help = "days are behind one value that a device averaged; give `column`";
        faults.add(found.span.start, &path, format!("days of {columns} readings"), help);
    }
    if let Some(column) = found.text() {
        return Some(Days { column: column.to_owned(), full: None, least: None });
    }
    let full = read_count(found, "full", &path, faults);
    let least = read_count(found, "least", &path, faults);
    if let (Some(full), Some(least)) = (full, least)
        && least > full
    {
        let what = format!("at least {least} days are more than the full {full}");
        faults.add(found.span.start, &path, what, "`least` is at most `full`");
    }
    Some(Days { column: found.get("column")?.text()?.to_owned(), full, least })
}

/// A whole number of days.
fn read_count(node: &Node, key: &str, path: &str, faults: &mut Faults<'_>) -> Option<u16> {
    let found = node.get(key)?;
    let number = found.number()?;
    let whole = (1..=Days::MOST).find(|days| f64::from(*days) == number);
    if whole.is_none() {
        let help = format!("give a whole number from 1 to {}", Days::MOST);
        faults.add(
            found.span.start,
            &format!("{path}.{key}"),
            format!("{number} is no number of days"),
            help,
        );
    }
    whole
}

/// Holds the error of a measure against what is known of its readings.
pub(super) fn check_error(
    node: &Node,
    readings: &Readings,
    error: Option<&ErrorOfMeasurement>,
    path: &str,
    faults: &mut Faults<'_>,
) {
    let (Some(node), Some(error)) = (node.get("error"), error) else { return };
    let path = format!("{path}.error");
    if let (Some(found), Some(drift)) = (node.get("drift"), error.drift) {
        let path = format!("{path}.drift");
        if readings.ages.is_empty() {
            let help = "name the columns of the readings' ages in `ages`, in days before the day of scoring";
            faults.add(
                found.span.start,
                &path,
                "an error that grows with age, of readings without ages",
                help,
            );
        }
        if drift <= 0.0 {
            let help = "give an sd per √year, above 0, or leave it out";
            faults.add(found.span.start, &path, format!("{drift} is no drift"), help);
        }
        if error.size == ErrorSize::CalibratedSd {
            let what = "readings of several ages differ by the drift, too: this error cannot be learned from the data";
            faults.add(found.span.start, &path, what, "give a number for `sd`, or leave out `drift`");
        }
    }
    let lacks_full = readings.days.as_ref().is_some_and(|days| days.full.is_none());
    if lacks_full && matches!(error.size, ErrorSize::Reliability(_)) {
        let what =
            "the reliability of one day says nothing of a value behind which any number of days may be";
        let help = "say how many days there usually are: days = { column = …, full = … }";
        faults.add(node.span.start, &path, what, help);
    }
}

/// The second half of an error by intraclass correlation.
pub(super) fn between_sd(node: &Node, path: &str, faults: &mut Faults<'_>) -> Option<f64> {
    let help =
        "give the sd between persons, free of error, beside `icc`; or write `reliability` and calibrate";
    let Some(found) = node.get("between_sd") else {
        faults.add(node.span.start, path, "an intraclass correlation alone is no size of an error", help);
        return None;
    };
    let sd = found.number()?;
    if sd <= 0.0 {
        faults.add(found.span.start, &format!("{path}.between_sd"), format!("{sd} is no sd"), help);
    }
    Some(sd)
}

/// `between_sd` without the `icc` it goes with.
pub(super) fn refuse_lone_between_sd(node: &Node, path: &str, faults: &mut Faults<'_>) {
    if let (Some(found), None) = (node.get("between_sd"), node.get("icc")) {
        let help = "leave it out, or give `icc` for the size of the error";
        faults.add(found.span.start, &format!("{path}.between_sd"), "`between_sd` belongs to `icc`", help);
    }
}

/// A scale has no ages.
pub(super) fn refuse_drift(found: &Node, path: &str, faults: &mut Faults<'_>) {
    let what = "`drift` belongs to a measure whose readings have ages";
    faults.add(found.span.start, path, what, "leave it out; the answers to a scale are those of today");
}

/// Where a score has no ends, an error that grows with age has none either, unless ages have.
pub(super) fn check_reach(of: &Measure, at: usize, path: &str, faults: &mut Faults<'_>) {
    let drifts = of.error.as_ref().is_some_and(|error| error.drift.is_some());
    if drifts && of.readings.within.is_none() {
        let what = "the error grows with the age of the reading, and nothing says how old readings may be";
        faults.add(at, path, what, format!("give `within` to the measure `{}`", of.id));
    }
}
