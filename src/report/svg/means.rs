//! The mean of the index and of its parts, with their intervals.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, LETTER, both, bottom_axis, circle, fitted, line, text};
use crate::{
    explain::Findings,
    report::{
        axis::Axis,
        words::{self, begin, between, maybe},
    },
    study::MeanEstimate,
};

/// A dot a mean, a thick line its interval, a thin one a standard deviation either way.
pub(in crate::report) fn means(findings: &Findings) -> Markup {
    let rows: Vec<&MeanEstimate> = std::iter::once(&findings.index).chain(&findings.pillars).collect();
    let all: Vec<String> = rows.iter().map(|row| words::mean(row)).collect();
    let description = format!("Means with 95 % intervals: {}.", words::list(&all));
    let range = [findings.histogram.from, findings.histogram.to()];
    let caption = Caption { id: "parts", title: "The index and its parts", description: &description };
    both(&caption, |breadth| draw(&rows, range, breadth))
}

fn draw(rows: &[&MeanEstimate], range: [f64; 2], breadth: Breadth) -> (Markup, f64) {
    let narrow = breadth.is_narrow();
    let (left, right, step, top) = if narrow { (14.0, 314.0, 52.0, 6.0) } else { (170.0, 500.0, 38.0, 6.0) };
    let axis = Axis::new(range, [left, right]);
    let bottom = top + step * rows.len() as f64 + 4.0;
    let marks = html! {
        (bottom_axis(axis, 5.0, [top, bottom]))
        @for (at, row) in rows.iter().enumerate() {
            @let y = top + step * at as f64 + if narrow { 36.0 } else { 20.0 };
            @let class = if at == 0 { "label strong" } else { "label" };
            @let numbers = format!("{} ({})", maybe(row.mean, 1), between(row.low, row.high, 1));
            @if narrow {
                (text(class, Hold::Start, [0.0, y - 16.0], &fitted(&begin(&row.title), 170.0, LETTER)))
                (text("label number", Hold::End, [breadth.width(), y - 16.0], &numbers))
            } @else {
                (text(class, Hold::Start, [0.0, y + 4.0], &fitted(&begin(&row.title), left - 12.0, LETTER)))
                (text("label number", Hold::End, [breadth.width(), y + 4.0], &numbers))
            }
            @if let (Some(mean), Some(sd)) = (row.mean, row.sd) {
                (line("spread", [axis.at(mean - sd), y], [axis.at(mean + sd), y]))
            }
            @if let (Some(low), Some(high)) = (row.low, row.high) {
                (line("interval", [axis.at(low), y], [axis.at(high), y]))
            }
            @if let Some(mean) = row.mean {
                (circle("dot", [axis.at(mean), y], if at == 0 { 5.5 } else { 4.5 }))
            }
        }
    };
    (marks, bottom + 24.0)
}
