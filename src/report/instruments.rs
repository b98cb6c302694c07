//! Instruments in words and formulas, and as a table.

use std::{fmt::Write as _, io::Write};

use super::{
    csv::{CsvStyle, Sheet},
    text::Grid,
    words::count,
    written,
};
use crate::{
    definition::{BandSummary, Direction, InstrumentSummary, ScaleSummary},
    error::Result,
};

/// Instruments, one a line.
///
/// # Example
/// ```
/// let text = vointi::report::instruments_text(&vointi::definition::instruments()?);
/// assert!(text.lines().any(|line| line.starts_with("phq8 ")));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn instruments_text(instruments: &[InstrumentSummary]) -> String {
    let mut grid = Grid::new(&[false, true, false, false, false]);
    grid.row(["id", "items", "scales", "licence", "title"]);
    for one in instruments {
        let unverified = if one.verified { "" } else { " (key not verified)" };
        grid.row([
            one.id.clone(),
            one.items.len().to_string(),
            scales_in_short(&one.scales),
            one.licence.class.clone(),
            format!("{}{unverified}", one.title),
        ]);
    }
    grid.lines()
        + "\nlicence: A free, B free under conditions, C by permission\nA definition says `use = \"<id>\"`; \
           `vointi instruments <id>` explains one.\n"
}

/// All names of a few, the number of many.
fn scales_in_short(scales: &[ScaleSummary]) -> String {
    if scales.len() > 3 {
        return format!("{} scales", scales.len());
    }
    scales.iter().map(|scale| scale.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// An instrument in words and formulas: what it asks, who may use it, how each scale is scored, and how far it can be
/// trusted. What nobody held against its source is named, and its figures are not shown.
///
/// # Example
/// ```
/// let text = vointi::report::instrument_text(&vointi::definition::instrument("who5")?);
/// assert!(text.contains("4 × the sum of items 1, 2, 3, 4, 5"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn instrument_text(instrument: &InstrumentSummary) -> String {
    let mut text = format!("{}: {}\n", instrument.id, instrument.title);
    if !instrument.about.is_empty() {
        let _ = writeln!(text, "{}", instrument.about);
    }
    text.push('\n');
    let mut grid = Grid::new(&[false, false]);
    grid.row(["version", &instrument.version]);
    grid.row(["items", &items_in_words(instrument)]);
    if !instrument.coding.is_empty() {
        grid.row(["coding", &instrument.coding]);
    }
    for skip in &instrument.skips {
        grid.row(["skip", skip]);
    }
    if let Some(days) = instrument.window_days {
        grid.row(["asks about".to_owned(), format!("the last {days} days")]);
    }
    let read = if instrument.verified { "read in its source" } else { "not verified" };
    grid.row(["key".to_owned(), format!("{read}; {} worked cases", count(instrument.checks))]);
    let licence = &instrument.licence;
    if !licence.class.is_empty() {
        grid.row(["licence".to_owned(), format!("{}; {}: {}", licence.class, licence.holder, licence.note)]);
    }
    if !licence.ask.is_empty() {
        grid.row(["ask", &licence.ask]);
    }
    if let Some(code) = &instrument.loinc {
        grid.row(["LOINC", code]);
    }
    let touched: Vec<String> = instrument
        .items
        .iter()
        .filter(|item| !item.content.is_empty())
        .map(|item| format!("{} {}", item.id, item.content.join(" and ")))
        .collect();
    if !touched.is_empty() {
        grid.row(["touches", &touched.join(", ")]);
    }
    for citation in &instrument.citation {
        grid.row(["citation", citation]);
    }
    text += &grid.lines();
    for scale in &instrument.scales {
        text += &scale_text(scale);
    }
    for flag in &instrument.flags {
        let _ = write!(
            text,
            "\nflag {}: {}\n  raised by item {} from {} up; written apart from scores, for the clinic and research\n",
            flag.id, flag.title, flag.item, flag.at_least
        );
    }
    text
}

/// How many items, and how they are answered.
fn items_in_words(instrument: &InstrumentSummary) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for item in &instrument.items {
        match groups.iter_mut().find(|(answers, _)| *answers == item.answers) {
            Some((_, names)) => names.push(&item.id),
            None => groups.push((&item.answers, vec![&item.id])),
        }
    }
    let all = instrument.items.len();
    match groups.as_slice() {
        [(answers, _)] => format!("{all}, each answered by {answers}"),
        groups => {
            let each = groups.iter().map(|(answers, names)| format!("{} by {answers}", names.join(", ")));
            format!("{all}: {}", each.collect::<Vec<_>>().join("; "))
        }
    }
}

fn scale_text(scale: &ScaleSummary) -> String {
    let [low, high] = scale.range;
    let better = match scale.direction {
        Direction::HigherBetter => "more is better",
        Direction::LowerBetter => "less is better",
    };
    let mut grid = Grid::new(&[false, false]);
    grid.row(["  formula", &scale.formula]);
    if scale.is_label {
        grid.row(["  range".to_owned(), format!("{low} to {high}: a label, no quantity")]);
    } else {
        grid.row(["  range".to_owned(), format!("{low} to {high}, {better}")]);
    }
    if let Some([lowest, highest]) = scale.ends {
        let word =
            |score: Option<f64>| score.map_or_else(|| "no score".to_owned(), |score| score.to_string());
        grid.row([
            "  ends".to_owned(),
            format!("{} if every answer has its lowest code, {} if its highest", word(lowest), word(highest)),
        ]);
    }
    grid.row(["  missing", &scale.missing]);
    if scale.is_for_groups {
        grid.row(["  valid for", "groups alone"]);
    }
    if !scale.group.is_empty() {
        grid.row(["  group", &scale.group]);
    }
    if let Some(code) = &scale.loinc {
        grid.row(["  LOINC", code]);
    }
    for set in &scale.bands {
        band_rows(set, &scale.id, &mut grid);
    }
    for one in &scale.reliability {
        let n = one.n.map(|n| format!(", n = {n}")).unwrap_or_default();
        let about = words([&one.about, &one.source]);
        let line = if one.verified {
            format!("{} {}{n} ({about})", one.kind, one.value)
        } else {
            format!(
                "{}: not verified ({about}); used only if asked for: reliability = {{ {} = \"{}\" }}",
                one.kind, scale.id, one.kind
            )
        };
        grid.row(["  reliability", &line]);
    }
    for norm in &scale.norms {
        let n = format!(", n = {}", norm.n);
        let about = words([&norm.of, &norm.source]);
        let line = if norm.verified {
            format!("{}: mean {}, sd {}{n} ({about})", norm.id, norm.mean, norm.sd)
        } else {
            format!(
                "{}: not verified ({about}); used only if asked for: norm = {{ {} = \"{}\" }}",
                norm.id, scale.id, norm.id
            )
        };
        grid.row(["  norm", &line]);
    }
    for change in scale.change.iter().filter(|change| change.verified) {
        let about = words([&change.about, &change.source]);
        grid.row([
            "  change".to_owned(),
            format!("{} {} ({about})", change.kind.replace('_', " "), change.value),
        ]);
    }
    format!("\nscale {}: {}\n{}", scale.id, scale.title, grid.lines())
}

fn band_rows(set: &BandSummary, scale: &str, grid: &mut Grid) {
    let of = if set.of.is_empty() { String::new() } else { format!(", {}", set.of) };
    if !set.verified {
        let line = format!(
            "{}{of}: not verified ({}); used only if asked for: bands = {{ {scale} = \"{}\" }}",
            set.id, set.source, set.id
        );
        grid.row(["  bands", &line]);
        return;
    }
    let bands: Vec<String> =
        set.bands.iter().map(|(band, from, below)| format!("{band} from {from} to below {below}")).collect();
    let source = if set.source.is_empty() { String::new() } else { format!(" ({})", set.source) };
    grid.row(["  bands".to_owned(), format!("{}{of}: {}{source}", set.id, bands.join(", "))]);
}

/// What is not empty, joined.
fn words(parts: [&String; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ")
}

/// Writes instruments, one row a scale.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// use vointi::{definition, report::{self, CsvStyle}};
/// let mut file = Vec::new();
/// report::instruments_csv(&definition::instruments()?, CsvStyle::default(), &mut file)?;
/// assert!(String::from_utf8(file).unwrap().contains("\nphq8,"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn instruments_csv(instruments: &[InstrumentSummary], style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let header = [
            "id", "title", "version", "items", "scale", "formula", "lowest", "highest", "missing", "licence",
        ];
        let mut sheet = Sheet::header(out, style, header)?;
        for instrument in instruments {
            for scale in &instrument.scales {
                sheet.text(&instrument.id);
                sheet.text(&instrument.title);
                sheet.text(&instrument.version);
                sheet.count(Some(instrument.items.len()))?;
                sheet.text(&scale.id);
                sheet.text(&scale.formula);
                for end in scale.range {
                    sheet.number(end)?;
                }
                sheet.text(&scale.missing);
                sheet.text(&instrument.licence.class);
                sheet.end()?;
            }
        }
        sheet.finish()
    };
    written(write())
}
