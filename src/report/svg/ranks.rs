//! Where persons could stand.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, both, bottom_axis, circle, line, text};
use crate::{
    report::{
        axis::Axis,
        words::{count, number, sureness},
    },
    study::Sensitivity,
};

const TOP: f64 = 10.0;
const LEFT: f64 = 58.0;

/// A line a person from the lower to the upper end of the interval of the rank, a dot the median; whoever keeps the rank lies
/// on the dashed line.
pub(in crate::report) fn ranks(found: &Sensitivity) -> Markup {
    let description = format!(
        "Ranks as the definition is across, from the highest index on the left, and the {} intervals of {} persons' ranks \
         upwards. The table behind the picture has some of them.",
        sureness(found.level),
        count(found.ranks.len()),
    );
    let caption = Caption { id: "ranks", title: "Where persons could stand", description: &description };
    both(&caption, |breadth| draw(found, breadth))
}

fn draw(found: &Sensitivity, breadth: Breadth) -> (Markup, f64) {
    let right = breadth.width() - 10.0;
    let bottom = TOP + if breadth.is_narrow() { right - LEFT } else { 380.0 };
    let ends = found.ranks.iter().flat_map(|rank| [rank.nominal, rank.high]);
    let range = [1.0, ends.fold(2.0, f64::max)];
    let x = Axis::new(range, [LEFT, right]);
    // The first stands at the top.
    let y = Axis::new(range, [TOP, bottom]);
    let ticks = y.ticks(5.0);
    let marks = html! {
        @for tick in &ticks.values {
            (line("grid", [LEFT, y.at(*tick)], [right, y.at(*tick)]))
            (text("tick", Hold::End, [LEFT - 8.0, y.at(*tick) + 4.0], &number(*tick, ticks.decimals)))
        }
        (bottom_axis(x, if breadth.is_narrow() { 4.0 } else { 6.0 }, [TOP, bottom]))
        (line("equal", [LEFT, TOP], [right, bottom]))
        @for rank in &found.ranks {
            (line("thin", [x.at(rank.nominal), y.at(rank.low)], [x.at(rank.nominal), y.at(rank.high)]))
        }
        @for rank in &found.ranks { (circle("dot", [x.at(rank.nominal), y.at(rank.median)], 2.6)) }
        (text("label", Hold::Middle, [LEFT.midpoint(right), bottom + 36.0], "rank as the definition is"))
        (text("label soft halo", Hold::End, [right - 4.0, TOP + 12.0], "1 is the highest index"))
    };
    (marks, bottom + 44.0)
}
