//! The registry of measures in words.

use std::fmt::Write;

use super::text::Grid;
use crate::definition::{Direction, MeasureError, MeasureSummary, Status};

/// The registry of measures, one a line.
///
/// # Example
/// ```
/// let text = vointi::report::measures_text(&vointi::definition::measures()?);
/// assert!(text.lines().any(|line| line.starts_with("systolic_bp ")));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn measures_text(measures: &[MeasureSummary]) -> String {
    let mut grid = Grid::new(&[false, false, false, false, false]);
    grid.row(["id", "unit", "possible", "better", "title"]);
    for one in measures {
        let possible = one.limits.map_or_else(String::new, span);
        let better = match (one.direction, one.target) {
            (Some(Direction::HigherBetter), _) => "more".to_owned(),
            (Some(Direction::LowerBetter), _) => "less".to_owned(),
            (None, Some(range)) => span(range),
            (None, None) => "–".to_owned(),
        };
        grid.row([one.id.clone(), one.unit.clone(), possible, better, one.title.clone()]);
    }
    grid.lines() + "\nA definition says `use = \"<id>\"`; `vointi measures <id>` explains one.\n"
}

/// A measure in words: what it is, what is possible and what unusual, and how far its readings can be trusted.
///
/// # Example
/// ```
/// let text = vointi::report::measure_text(&vointi::definition::measure("systolic_bp")?);
/// assert!(text.contains("60 to 270 mm[Hg]"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn measure_text(measure: &MeasureSummary) -> String {
    let unit = &measure.unit;
    let mut text = format!("{}: {}\n{}\n\n", measure.id, measure.title, measure.about);
    let mut grid = Grid::new(&[false, false]);
    let others = if measure.units.is_empty() {
        String::new()
    } else {
        format!("; a column may also be in {}", measure.units.join(", "))
    };
    grid.row(["unit".to_owned(), format!("{unit}{others}")]);
    if let Some(limits) = measure.limits {
        grid.row([
            "possible",
            &format!("{} {unit}; what lies outside is an error of the data", span(limits)),
        ]);
    }
    if let Some(usual) = measure.unusual {
        grid.row(["usual", &format!("{} {unit}; what lies outside is flagged `unusual`", span(usual))]);
    }
    let better = match (measure.direction, measure.target) {
        (Some(Direction::HigherBetter), _) => "more".to_owned(),
        (Some(Direction::LowerBetter), _) => "less".to_owned(),
        (None, Some(range)) => format!("{} {unit}", span(range)),
        (None, None) => "neither more nor less".to_owned(),
    };
    grid.row(["better", &better]);
    if !measure.context.is_empty() {
        grid.row(["measured", &measure.context]);
    }
    if let (Some(fresh), Some(stale)) = (measure.fresh_months, measure.stale_months) {
        let source = &measure.freshness_source;
        let when = format!("counts in full for {}, no more after {}; {source}", time(fresh), time(stale));
        grid.row(["fresh", &when]);
    }
    if let Some(code) = &measure.loinc {
        grid.row(["LOINC", code]);
    }
    if !measure.content.is_empty() {
        grid.row(["touches", &measure.content.join(", ")]);
    }
    grid.row(["source", &format!("{} ({})", measure.source, checked(measure.status))]);
    text += &grid.lines();
    text += "\nhow far two readings of one person differ\n";
    if measure.errors.is_empty() {
        text +=
            "  no published figure in the registry: without one declared, a score has no standard error\n";
    }
    for error in &measure.errors {
        text += &error_text(error, unit);
    }
    if !measure.days.is_empty() {
        text += "\nhow many days are needed\n";
        let mut grid = Grid::new(&[false, false]);
        for days in &measure.days {
            let note = if days.note.is_empty() { String::new() } else { format!("{}; ", days.note) };
            grid.row([
                format!("  {} days", span(days.needs)),
                format!(
                    "give a reliability of {} ({note}{}; {})",
                    days.reliability,
                    days.source,
                    checked(days.status)
                ),
            ]);
        }
        text += &grid.lines();
    }
    text
}

fn error_text(error: &MeasureError, unit: &str) -> String {
    let is_share = matches!(error.kind, "icc" | "reliability");
    let size = match error.kind {
        "sd" => format!("standard deviation {} {unit}", span(error.size)),
        "cv" => format!("{} % of the value", span(error.size.map(in_percent))),
        "icc" => format!("intraclass correlation {}", span(error.size)),
        _ => format!("reliability {}", span(error.size)),
    };
    let around = match error.target {
        "usual" => "around the usual level",
        _ => "around that of the occasion",
    };
    let source = format!("{}; {}", error.source, checked(error.status));
    let mut text = format!("  {}, {around}: {size} ({source})\n", error.per);
    let cautious = error.averaged.first().map_or(f64::NAN, |(_, one)| *one);
    let meaning = match (error.apart, error.kind) {
        (Some(apart), "cv") => format!(
            "two readings of an unchanged person differ by less than {:.0} % of the value, 19 times out of 20",
            in_percent(apart)
        ),
        (Some(apart), _) => format!(
            "two readings of an unchanged person differ by less than {apart:.1} {unit}, 19 times out of 20"
        ),
        (None, _) => format!(
            "of the variance between people seen in one reading {:.0} % is theirs, {:.0} % is error",
            in_percent(cautious),
            100.0 - in_percent(cautious)
        ),
    };
    let _ = writeln!(text, "    {meaning}");
    let mut grid = Grid::new(&[false, true, true, true, true]);
    let counts = error.averaged.iter().map(|(n, _)| n.to_string());
    grid.row(["    independent readings".to_owned()].into_iter().chain(counts));
    let shown = |size: f64| match error.kind {
        "cv" => format!("{:.1} %", in_percent(size)),
        _ if is_share => format!("{size:.2}"),
        _ => format!("{size:.1}"),
    };
    let label = match error.kind {
        "cv" => "    error of their mean".to_owned(),
        _ if is_share => "    reliability of their mean".to_owned(),
        _ => format!("    error of their mean, {unit}"),
    };
    grid.row([label].into_iter().chain(error.averaged.iter().map(|(_, size)| shown(*size))));
    text + &grid.lines()
}

fn checked(status: Status) -> &'static str {
    match status {
        Status::Verified => "read in its source",
        Status::Secondary => "read in a transcription only",
        Status::Unverified => "not verified",
    }
}

/// One number, or from one to another.
fn span([from, to]: [f64; 2]) -> String {
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

/// To a tenth, so that 0.061 is 6.1.
fn in_percent(share: f64) -> f64 {
    (1000.0 * share).round() / 10.0
}

fn time(months: f64) -> String {
    match months {
        1.0 => "1 month".to_owned(),
        months if months < 1.0 => format!("about {:.0} days", 365.25 / 12.0 * months),
        months => format!("{months} months"),
    }
}
