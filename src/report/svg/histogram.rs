//! How the index is distributed.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, both, bottom_axis, line, rect, text};
use crate::{
    explain::Findings,
    report::{
        axis::Axis,
        words::{self, count, number},
    },
};

const TOP: f64 = 54.0;
const PLOT: f64 = 190.0;

/// Bars of the index with the marks of its quartiles.
pub(in crate::report) fn histogram(findings: &Findings) -> Markup {
    let title = "How the index is distributed";
    let description = words::index(findings).join(" ");
    both(&Caption { id: "index", title, description: &description }, |breadth| draw(findings, breadth))
}

fn draw(findings: &Findings, breadth: Breadth) -> (Markup, f64) {
    let found = &findings.histogram;
    let most = found.persons.iter().copied().max().unwrap_or(0);
    let y = Axis::new([0.0, (most as f64).max(1.0)], [TOP + PLOT, TOP]);
    let levels = y.ticks(4.0);
    let left = 8.0 + 8.0 * count(most).len() as f64;
    let x = Axis::new([found.from, found.to()], [left, breadth.width() - 12.0]);
    let about = if breadth.is_narrow() { 5.0 } else { 10.0 };
    let bottom = TOP + PLOT;
    let bars = found.persons.iter().enumerate().map(|(at, persons)| {
        let from = found.from + found.width * at as f64;
        let (start, end) = (x.at(from), x.at(from + found.width));
        let top = y.at(*persons as f64);
        rect("bar", [start + 0.75, top], [end - start - 1.5, bottom - top])
    });
    let marks = words::quartiles(findings).map(|quartiles| {
        let names = if breadth.is_narrow() { ["¼", "½", "¾"] } else { ["a quarter", "half", "three quarters"] };
        let gap = if breadth.is_narrow() { 44.0 } else { 92.0 };
        let places = quartiles.map(|value| x.at(value));
        let labels = apart(places, gap);
        html! {
            @for ((value, name), (place, label)) in quartiles.iter().zip(names).zip(places.iter().zip(labels)) {
                (line("mark", [*place, TOP - 8.0], [*place, bottom]))
                (line("leader", [label, TOP - 16.0], [*place, TOP - 8.0]))
                (text("label strong", Hold::Middle, [label, TOP - 21.0], &number(*value, 1)))
                (text("label soft", Hold::Middle, [label, TOP - 37.0], name))
            }
        }
    });
    let marks = html! {
        @for level in levels.values.iter().filter(|level| **level > 0.0) {
            (line("grid", [left, y.at(*level)], [breadth.width() - 12.0, y.at(*level)]))
            (text("tick", Hold::End, [left - 6.0, y.at(*level) + 4.0], &number(*level, levels.decimals)))
        }
        @for bar in bars { (bar) }
        (line("axis", [left, bottom], [breadth.width() - 12.0, bottom]))
        (ticks(x, about, bottom))
        @if let Some(marks) = marks { (marks) }
    };
    (marks, bottom + 26.0)
}

fn ticks(x: Axis, about: f64, bottom: f64) -> Markup {
    bottom_axis(x, about, [bottom, bottom + 5.0])
}

/// The places of three labels, at least `gap` apart; the middle one stays.
fn apart([low, middle, high]: [f64; 3], gap: f64) -> [f64; 3] {
    [low.min(middle - gap), middle, high.max(middle + gap)]
}
