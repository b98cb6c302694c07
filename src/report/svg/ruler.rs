//! Where a person stands.

use maud::{Markup, html};

use super::{Breadth, Caption, Hold, LETTER, both, bottom_axis, circle, fitted, line, rect, text};
use crate::{
    explain::{Among, Standing},
    report::{
        axis::Axis,
        words::{self, begin, maybe},
    },
};

/// A row of the picture.
struct Row<'a> {
    title: String,
    score: Option<f64>,
    std_error: Option<f64>,
    interval: Option<[f64; 2]>,
    among: Option<&'a Among>,
}

/// The index and its parts on a ruler, with what is known of their doubt, over the middle half of the cohort.
pub(in crate::report) fn ruler(standing: &Standing) -> Markup {
    let description = words::stands(standing).join(" ");
    let mut rows = vec![Row {
        title: "Index".to_owned(),
        score: standing.index,
        std_error: standing.std_error,
        interval: standing.low.zip(standing.high).map(|(low, high)| [low, high]),
        among: standing.among.as_ref(),
    }];
    rows.extend(standing.pillars.iter().map(|pillar| Row {
        title: begin(&pillar.title),
        score: pillar.score,
        std_error: pillar.std_error,
        interval: None,
        among: pillar.among.as_ref(),
    }));
    let caption = Caption { id: "ruler", title: "Where you stand", description: &description };
    both(&caption, |breadth| draw(&rows, standing.range, breadth))
}

fn draw(rows: &[Row<'_>], range: [f64; 2], breadth: Breadth) -> (Markup, f64) {
    let narrow = breadth.is_narrow();
    let (left, right, step) = if narrow { (10.0, 318.0, 60.0) } else { (150.0, 600.0, 46.0) };
    let axis = Axis::new(range, [left, right]);
    let top = 4.0;
    let bottom = top + step * rows.len() as f64 + 2.0;
    let marks = html! {
        (bottom_axis(axis, if narrow { 5.0 } else { 10.0 }, [top, bottom]))
        @for (at, row) in rows.iter().enumerate() {
            @let y = top + step * at as f64 + if narrow { 40.0 } else { 24.0 };
            @let class = if at == 0 { "label strong" } else { "label" };
            @if narrow {
                (text(class, Hold::Start, [0.0, y - 19.0], &fitted(&row.title, 240.0, LETTER)))
                (text("label number strong", Hold::End, [breadth.width(), y - 19.0], &maybe(row.score, 1)))
            } @else {
                (text(class, Hold::Start, [0.0, y + 4.0], &fitted(&row.title, left - 12.0, LETTER)))
                (text("label number strong", Hold::End, [breadth.width(), y + 4.0], &maybe(row.score, 1)))
            }
            @if let Some(Among { quartiles: [low, median, high], .. }) = row.among {
                (rect("half", [axis.at(*low), y - 10.0], [axis.at(*high) - axis.at(*low), 20.0]))
                (line("median", [axis.at(*median), y - 10.0], [axis.at(*median), y + 10.0]))
            }
            @if let Some([low, high]) = row.interval {
                (line("thin", [axis.at(low), y], [axis.at(high), y]))
                (line("thin", [axis.at(low), y - 6.0], [axis.at(low), y + 6.0]))
                (line("thin", [axis.at(high), y - 6.0], [axis.at(high), y + 6.0]))
            }
            @if let (Some(score), Some(error)) = (row.score, row.std_error) {
                (line("interval", [axis.at(score - error), y], [axis.at(score + error), y]))
            }
            @if let Some(score) = row.score {
                (circle("dot", [axis.at(score), y], if at == 0 { 6.0 } else { 4.8 }))
            }
        }
    };
    (marks, bottom + 24.0)
}
