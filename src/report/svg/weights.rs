//! The tree with its weights.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, LETTER, both, bottom_axis, diamond, fitted, line, rect, text};
use crate::{
    report::{
        axis::Axis,
        words::{begin, number},
    },
    study::{Audit, Level, WeightFigures},
};

/// Bars of effective weights, parents before their children; the weight among siblings beside.
pub(in crate::report) fn weights(audit: &Audit) -> Markup {
    let all: Vec<String> = audit
        .weights
        .iter()
        .filter(|row| row.level != Level::Index)
        .map(|row| format!("{} {}", row.title, number(row.effective_weight, 3)))
        .collect();
    let description = format!("Effective weights: {}.", all.join("; "));
    let caption = Caption { id: "weights", title: "The tree and its weights", description: &description };
    both(&caption, |breadth| draw(&audit.weights, breadth))
}

fn draw(rows: &[WeightFigures], breadth: Breadth) -> (Markup, f64) {
    let narrow = breadth.is_narrow();
    let (left, right, step) = if narrow { (8.0, 222.0, 40.0) } else { (270.0, 570.0, 24.0) };
    let below: Vec<&WeightFigures> = rows.iter().filter(|row| row.level != Level::Index).collect();
    let share = |row: &WeightFigures| row.in_index.and_then(|of| of.covariance_share);
    let all = below.iter().flat_map(|row| [Some(row.effective_weight), share(row)]).flatten();
    let (least, most) = all.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let axis = Axis::new([least, most], [left, right]);
    let zero = axis.at(0.0);
    let top = 22.0;
    let bottom = top + step * below.len() as f64 + 4.0;
    let marks = html! {
        (bottom_axis(axis, if narrow { 4.0 } else { 5.0 }, [top, bottom]))
        (text("label soft", Hold::End, [breadth.width(), 12.0], "in the index · among siblings"))
        @for (at, row) in below.iter().enumerate() {
            @let y = top + step * at as f64 + if narrow { 29.0 } else { 14.0 };
            @let indent = 12.0 * (row.depth as f64 - 1.0);
            @let class = if row.level == Level::Indicator { "label" } else { "label strong" };
            @let name = begin(&row.title);
            @if narrow {
                (text(class, Hold::Start, [indent, y - 13.0], &fitted(&name, breadth.width() - indent, LETTER)))
            } @else {
                (text(class, Hold::Start, [indent, y + 4.0], &fitted(&name, left - 12.0 - indent, LETTER)))
            }
            @let end = axis.at(row.effective_weight);
            (rect(if row.level == Level::Indicator { "bar" } else { "half" }, [zero, y - 7.0], [end - zero, 14.0]))
            @if let Some(share) = share(row) { (diamond("dot second", [axis.at(share), y], 4.8)) }
            (text("label number halo", Hold::End, [breadth.width(), y + 4.0],
                &format!("{} · {}", number(row.effective_weight, 3), number(row.weight, 3))))
        }
        (line("axis", [zero, top], [zero, bottom]))
    };
    (marks, bottom + 24.0)
}
