//! Which indicators go together.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, LETTER, both, circle, diamond, fitted, line, text};
use crate::{
    report::words::{begin, count, list, number},
    study::{Audit, CorrelationMap},
};

/// Below the diagonal of every indicator with every other: the area is the size, filled positive, hollow negative.
pub(in crate::report) fn correlations(audit: &Audit) -> Markup {
    let Some(map) = &audit.map else { return html! {} };
    let mut found: Vec<(f64, String)> = Vec::new();
    for (row, name) in map.pearson.iter().zip(&map.titles) {
        for (r, other) in row.iter().zip(&map.titles) {
            found.extend(r.map(|r| (r, format!("{name} and {other} {}", number(r, 2)))));
        }
    }
    found.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let strongest: Vec<String> = found.into_iter().take(3).map(|(_, words)| words).collect();
    let description = format!(
        "Correlations of {} indicators; the strongest are {}. The table behind the picture has those of the tree.",
        count(map.titles.len()),
        list(&strongest)
    );
    let caption = Caption { id: "map", title: "Which indicators go together", description: &description };
    both(&caption, |breadth| draw(map, breadth))
}

fn draw(map: &CorrelationMap, breadth: Breadth) -> (Markup, f64) {
    let n = map.titles.len() as f64;
    let narrow = breadth.is_narrow();
    let left = if narrow { 26.0 } else { 214.0 };
    let cell = ((breadth.width() - left - 4.0) / n).min(34.0);
    let centre = |at: usize| (at as f64 + 0.5) * cell;
    // Those above the diagonal are those below.
    let square = cell * n;
    let radius = |r: f64| 0.46 * cell * r.abs().sqrt();
    let below = square + 18.0;
    let marks = html! {
        @for (row, name) in map.titles.iter().enumerate() {
            @let y = centre(row);
            @if narrow {
                (text("tick", Hold::End, [left - 6.0, y + 4.0], &count(row + 1)))
                (text("label", Hold::Start, [0.0, below + 17.0 * row as f64 + 14.0],
                    &fitted(&format!("{} {}", row + 1, begin(name)), breadth.width(), LETTER)))
            } @else {
                (text("label", Hold::Start, [0.0, y + 4.0], &fitted(&format!("{} {}", row + 1, begin(name)), left - 10.0, LETTER)))
            }
            (line("grid", [left, y], [left + centre(row), y]))
            (line("grid", [left + centre(row), y], [left + centre(row), square]))
            (text("tick", Hold::Middle, [left + centre(row), y + 4.0], &count(row + 1)))
        }
        @for (row, cells) in map.pearson.iter().enumerate() {
            @for (column, r) in cells.iter().enumerate() {
                @if let Some(r) = r {
                    @let at = [left + centre(column), centre(row)];
                    @if *r >= 0.0 { (circle("cell", at, radius(*r))) } @else { (diamond("dot second", at, radius(*r).max(1.5))) }
                }
            }
        }
    };
    (marks, if narrow { below + 17.0 * n + 8.0 } else { square + 8.0 })
}
