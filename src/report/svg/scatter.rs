//! What people say against what is measured.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, both, bottom_axis, circle, line, px, text};
use crate::{
    report::{
        axis::Axis,
        words::{self, begin, count, number},
    },
    study::TwoSides,
};

const TOP: f64 = 10.0;
const LEFT: f64 = 48.0;

/// Persons as dots, or where there are many as hexagons whose area says how many.
pub(in crate::report) fn scatter(sides: &TwoSides) -> Markup {
    let title = words::sides_heading(sides);
    let description = format!(
        "Each person’s “{}” across and “{}” upwards: {}. The table behind the picture has the counts.",
        sides.said.title,
        sides.measured.title,
        words::correlation(&sides.between)
    );
    both(&Caption { id: "sides", title: &title, description: &description }, |breadth| draw(sides, breadth))
}

fn draw(sides: &TwoSides, breadth: Breadth) -> (Markup, f64) {
    let cloud = &sides.cloud;
    let plot = if breadth.is_narrow() { breadth.width() - LEFT - 10.0 } else { 490.0 };
    let bottom = TOP + plot;
    let x = Axis::new(cloud.range, [LEFT, LEFT + plot]);
    let y = Axis::new(cloud.range, [bottom, TOP]);
    let ticks = y.ticks(5.0);
    let most = cloud.cells.iter().map(|cell| cell.persons).max().unwrap_or(1).max(1);
    // The corner of a full cell touches that of its neighbour.
    let radius = cloud.width * plot / (cloud.range[1] - cloud.range[0]) / 3.0_f64.sqrt();
    let size = |persons: usize| radius * (persons as f64 / most as f64).sqrt().max(0.14);
    let hexagons = cloud.points.is_empty();
    let (key_x, key_y) =
        if breadth.is_narrow() { (LEFT, bottom + 62.0) } else { (LEFT + plot + 32.0, TOP + 46.0) };
    let marks = html! {
        @for tick in &ticks.values {
            (line("grid", [LEFT, y.at(*tick)], [LEFT + plot, y.at(*tick)]))
            (text("tick", Hold::End, [LEFT - 8.0, y.at(*tick) + 4.0], &number(*tick, ticks.decimals)))
        }
        (bottom_axis(x, 5.0, [TOP, bottom]))
        (line("equal", [LEFT, bottom], [LEFT + plot, TOP]))
        @if hexagons {
            @for cell in &cloud.cells { (shape([x.at(cell.said), y.at(cell.measured)], size(cell.persons))) }
        } @else {
            @for [said, measured] in &cloud.points { (circle("person", [x.at(*said), y.at(*measured)], 2.6)) }
        }
        (text("label", Hold::Middle, [LEFT + plot / 2.0, bottom + 36.0], &format!("{} →", begin(&sides.said.title))))
        (upright([14.0, TOP + plot / 2.0], &format!("{} →", begin(&sides.measured.title))))
        (key([key_x, key_y], breadth, hexagons.then_some(most), &size))
    };
    (marks, if breadth.is_narrow() { bottom + 96.0 } else { bottom + 46.0 })
}

/// What size means, and the dashed line.
fn key([x, y]: [f64; 2], breadth: Breadth, most: Option<usize>, size: &impl Fn(usize) -> f64) -> Markup {
    let samples = match most {
        Some(most) => vec![most, (most / 4).max(1), 1],
        None => Vec::new(),
    };
    let step =
        |at: usize| if breadth.is_narrow() { [x + 72.0 * at as f64, y] } else { [x, y + 24.0 * at as f64] };
    let says = |persons: usize| if persons == 1 { "1 person".to_owned() } else { count(persons) };
    let equal = if samples.is_empty() { [x, y] } else { step(samples.len()) };
    html! {
        @for (at, persons) in samples.iter().enumerate() {
            (shape(step(at), size(*persons)))
            (text("label soft", Hold::Start, [step(at)[0] + 20.0, step(at)[1] + 4.0], &says(*persons)))
        }
        @if most.is_none() {
            (circle("person", [equal[0], equal[1] - 24.0], 2.6))
            (text("label soft", Hold::Start, [equal[0] + 20.0, equal[1] - 20.0], "1 person"))
        }
        @if breadth.is_narrow() {
            (line("equal", [x - 8.0, y + 22.0], [x + 14.0, y + 22.0]))
            (text("label soft", Hold::Start, [x + 20.0, y + 26.0], "both alike"))
        } @else {
            (line("equal", [x - 8.0, equal[1] + 8.0], [x + 8.0, equal[1] - 4.0]))
            (text("label soft", Hold::Start, [x + 20.0, equal[1] + 6.0], "both alike"))
        }
    }
}

/// A hexagon on a corner.
fn shape([x, y]: [f64; 2], radius: f64) -> Markup {
    let half = radius * 0.866;
    let path = format!(
        "M{} {}l{h} {q}v{r}l-{h} {q}l-{h} -{q}v-{r}z",
        px(x),
        px(y - radius),
        h = px(half),
        q = px(radius / 2.0),
        r = px(radius),
    );
    html! { path class="cell" d=(path) {} }
}

fn upright([x, y]: [f64; 2], words: &str) -> Markup {
    let turn = format!("rotate(-90 {} {})", px(x), px(y));
    html! { text class="label" x=(px(x)) y=(px(y)) text-anchor="middle" transform=(turn) { (words) } }
}
