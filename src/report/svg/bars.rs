//! What lifts and what lowers a person's index.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, LETTER, both, bottom_axis, fitted, line, rect, text};
use crate::{
    explain::Standing,
    report::{
        axis::{Axis, range_with_0},
        words::{begin, list, signed},
    },
};

/// A bar of the picture.
struct Bar {
    title: String,
    points: f64,
    is_missing: bool,
}

/// Bars from the baseline: to the right what lifts, hatched and to the left what lowers.
pub(in crate::report) fn bars(standing: &Standing) -> Markup {
    let of = |row: &crate::explain::Contribution| Bar {
        title: begin(&row.title),
        points: row.points,
        is_missing: false,
    };
    let mut all: Vec<Bar> = standing.lifts.iter().map(of).collect();
    all.extend(standing.lowers.iter().rev().map(of));
    all.extend(standing.missing.map(|points| Bar { title: "Missing".to_owned(), points, is_missing: true }));
    let said: Vec<String> =
        all.iter().map(|bar| format!("{} {}", bar.title, signed(bar.points, 1))).collect();
    let description = format!("Points above or below the mean profile: {}.", list(&said));
    let title = "What lifts and what lowers your index";
    both(&Caption { id: "why", title, description: &description }, |breadth| draw(&all, breadth))
}

fn draw(all: &[Bar], breadth: Breadth) -> (Markup, f64) {
    let narrow = breadth.is_narrow();
    let (left, right, step) = if narrow { (42.0, 286.0, 44.0) } else { (226.0, 616.0, 28.0) };
    let about = if narrow { 5.0 } else { 6.0 };
    let axis = Axis::new(range_with_0(all.iter().map(|bar| bar.points)), [left, right]);
    let bottom = 4.0 + step * all.len() as f64 + 4.0;
    let zero = axis.at(0.0);
    let id = format!("hatch-{}", breadth.class());
    let marks = html! {
        (hatch(&id))
        (bottom_axis(axis, about, [4.0, bottom]))
        @for (at, bar) in all.iter().enumerate() {
            @let y = 4.0 + step * at as f64 + if narrow { 31.0 } else { 14.0 };
            @let end = axis.at(bar.points);
            @if narrow {
                (text("label halo", Hold::Start, [0.0, y - 15.0], &fitted(&bar.title, breadth.width(), LETTER)))
            } @else {
                (text("label", Hold::Start, [0.0, y + 4.0], &fitted(&bar.title, left - 60.0, LETTER)))
            }
            (bar_of(bar, [zero, end], y, &id))
            @if bar.points < 0.0 {
                (text("label number halo", Hold::End, [end - 6.0, y + 4.0], &signed(bar.points, 1)))
            } @else {
                (text("label number halo", Hold::Start, [end + 6.0, y + 4.0], &signed(bar.points, 1)))
            }
        }
        (line("zero", [zero, 4.0], [zero, bottom]))
    };
    (marks, bottom + 24.0)
}

fn bar_of(bar: &Bar, [zero, end]: [f64; 2], y: f64, hatch: &str) -> Markup {
    let (at, size) = ([zero.min(end), y - 8.0], [(end - zero).abs(), 16.0]);
    if bar.is_missing {
        return rect("missing", at, size);
    }
    if bar.points >= 0.0 {
        return rect("lifts", at, size);
    }
    let [x, top] = at.map(super::px);
    let [width, height] = size.map(super::px);
    html! { rect class="lowers" x=(x) y=(top) width=(width) height=(height) fill={ "url(#" (hatch) ")" } {} }
}

/// Lines aslant, for bars that are not to be told from others by their colour alone.
pub(super) fn hatch(id: &str) -> Markup {
    html! {
        defs {
            pattern id=(id) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect class="hatched" width="6" height="6" {}
                line class="hatching" x1="0" y1="0" x2="0" y2="6" {}
            }
        }
    }
}
