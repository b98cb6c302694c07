//! How much of what varies goes with which factor.

use maud::{Markup, html};

use super::{
    Breadth, Caption, Hold, LETTER, STRONG_LETTER, bars::hatch, both, bottom_axis, fitted, line, px, rect,
    text,
};
use crate::{
    report::{
        axis::{Axis, range_with_0},
        words::{between, list, maybe},
    },
    study::{FactorShares, OutputFigures, Share},
};

/// Two bars a factor: filled its share alone, hatched its share with others; over each its interval.
pub(in crate::report) fn shares(figures: &OutputFigures, title: &str) -> Markup {
    let said: Vec<String> = figures
        .factors
        .iter()
        .map(|row| {
            format!("{}: S {}, ST {}", row.factor, maybe(row.first.value, 2), maybe(row.total.value, 2))
        })
        .collect();
    let description = format!("Shares of the variance by factor: {}.", list(&said));
    let id = format!("shares-{}", figures.output.word().replace('_', "-"));
    let caption = Caption { id: &id, title, description: &description };
    both(&caption, |breadth| draw(&figures.factors, &id, breadth))
}

fn draw(factors: &[FactorShares], id: &str, breadth: Breadth) -> (Markup, f64) {
    let narrow = breadth.is_narrow();
    let (left, right) = if narrow { (28.0, 318.0) } else { (170.0, 492.0) };
    let (step, first) = if narrow { (74.0, 24.0) } else { (48.0, 6.0) };
    let ends = factors
        .iter()
        .flat_map(|row| [row.first, row.total])
        .flat_map(|share| [share.value, share.low, share.high].into_iter().flatten());
    let axis = Axis::new(range_with_0(ends), [left, right]);
    let bottom = 4.0 + step * factors.len() as f64 + 4.0;
    let hatched = format!("{id}-hatch-{}", breadth.class());
    let marks = html! {
        (hatch(&hatched))
        (bottom_axis(axis, if narrow { 4.0 } else { 5.0 }, [4.0, bottom]))
        @for (at, row) in factors.iter().enumerate() {
            @let top = 4.0 + step * at as f64;
            @if narrow {
                (text("label strong halo", Hold::Start, [0.0, top + 15.0], &fitted(&row.factor, breadth.width(), STRONG_LETTER)))
            } @else {
                (text("label strong", Hold::Start, [0.0, top + 27.0], &fitted(&row.factor, left - 28.0, STRONG_LETTER)))
            }
            (bar(&row.first, "S", None, top + first, axis, breadth))
            (bar(&row.total, "ST", Some(&hatched), top + first + if narrow { 24.0 } else { 19.0 }, axis, breadth))
        }
        (line("zero", [axis.at(0.0), 4.0], [axis.at(0.0), bottom]))
    };
    (marks, bottom + 24.0)
}

fn bar(share: &Share, name: &str, hatched: Option<&str>, top: f64, axis: Axis, breadth: Breadth) -> Markup {
    let Some(value) = share.value else { return html! {} };
    let (zero, end, height) = (axis.at(0.0), axis.at(value), 14.0);
    let (at, size) = ([zero.min(end), top], [(end - zero).abs(), height]);
    let middle = top + height / 2.0;
    let numbers = format!("{} ({})", maybe(share.value, 2), between(share.low, share.high, 2));
    let name_at = if breadth.is_narrow() { 22.0 } else { 162.0 };
    html! {
        (text("label soft", Hold::End, [name_at, top + 11.5], name))
        @match hatched {
            None => { (rect("lifts", at, size)) }
            Some(hatched) => {
                rect class="lowers" x=(px(at[0])) y=(px(at[1])) width=(px(size[0])) height=(px(size[1])) fill={ "url(#" (hatched) ")" } {}
            }
        }
        @if let (Some(low), Some(high)) = (share.low, share.high) {
            (line("mark", [axis.at(low), middle], [axis.at(high), middle]))
            @for end in [low, high] { (line("mark", [axis.at(end), middle - 4.0], [axis.at(end), middle + 4.0])) }
        }
        @if !breadth.is_narrow() {
            (text("label number halo", Hold::End, [breadth.width(), top + 11.5], &fitted(&numbers, 180.0, LETTER)))
        }
    }
}
