//! What is read, beside the score it becomes.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, LETTER, both, fitted, line, px, text};
use crate::{
    report::words::{begin, count, plain},
    study::{Audit, Bins, ColumnFigures, Level},
};

/// A row an indicator: to the left its reading, to the right its score.
pub(in crate::report) fn distributions(audit: &Audit) -> Markup {
    let of = |level: Level| audit.columns.iter().filter(move |column| column.level == level);
    let rows: Vec<(&ColumnFigures, Option<&ColumnFigures>)> = of(Level::Indicator)
        .map(|score| {
            let id = score.name.split_once('.').map_or("", |(_, id)| id);
            (score, of(Level::Reading).find(|reading| reading.read_by.iter().any(|by| by == id)))
        })
        .collect();
    let description = format!(
        "Histograms of {} indicators, of the reading and of the score; the table behind the picture has their means, \
         spreads and shapes.",
        count(rows.len())
    );
    let caption = Caption {
        id: "before-after",
        title: "Readings, and the scores they become",
        description: &description,
    };
    both(&caption, |breadth| draw(&rows, breadth))
}

fn draw(rows: &[(&ColumnFigures, Option<&ColumnFigures>)], breadth: Breadth) -> (Markup, f64) {
    let narrow = breadth.is_narrow();
    let (step, height, top) = if narrow { (92.0, 44.0, 20.0) } else { (66.0, 42.0, 20.0) };
    let (first, second) =
        if narrow { ([0.0, 154.0], [174.0, 328.0]) } else { ([190.0, 420.0], [442.0, 672.0]) };
    let marks = html! {
        (text("label soft", Hold::Start, [first[0], 12.0], "reading"))
        (text("label soft", Hold::Start, [second[0], 12.0], "score"))
        @for (at, (score, reading)) in rows.iter().enumerate() {
            @let y = top + step * at as f64;
            @let base = y + if narrow { 20.0 + height } else { 4.0 + height };
            @let name = begin(&score.title);
            @if narrow {
                (text("label", Hold::Start, [0.0, y + 14.0], &fitted(&name, breadth.width(), LETTER)))
            } @else {
                (text("label", Hold::Start, [0.0, base - 4.0], &fitted(&name, 178.0, LETTER)))
            }
            @if let Some(bins) = reading.and_then(|reading| reading.histogram.as_ref()) { (histogram(bins, first, base, height)) }
            @if let Some(bins) = &score.histogram { (histogram(bins, second, base, height)) }
        }
    };
    (marks, top + step * rows.len() as f64 + 4.0)
}

/// One path of all bars, on a line with its ends below.
fn histogram(bins: &Bins, [left, right]: [f64; 2], base: f64, height: f64) -> Markup {
    let most = bins.persons.iter().copied().max().unwrap_or(0).max(1) as f64;
    let width = (right - left) / bins.persons.len().max(1) as f64;
    let mut path = String::new();
    for (at, persons) in bins.persons.iter().enumerate().filter(|(_, persons)| **persons > 0) {
        let x = left + width * at as f64;
        let up = height * *persons as f64 / most;
        let _ = write!(path, "M{} {}v-{}h{}v{}z", px(x), px(base), px(up), px(width - 0.6), px(up));
    }
    html! {
        path class="bar" d=(path) {}
        (line("axis", [left, base], [right, base]))
        (text("tick", Hold::Start, [left, base + 14.0], &plain(bins.from)))
        (text("tick", Hold::End, [right, base + 14.0], &plain(bins.to)))
    }
}
