//! What goes with the choices, in steps that mean something.

use maud::{Markup, html};

use super::{
    Breadth, Caption, Hold, LETTER, STRONG_LETTER, both, bottom_axis, circle, diamond, fitted, line, text,
};
use crate::{
    explain::{ChoiceEffect, ChoiceEffects},
    report::{
        axis::{Axis, range_with_0},
        words::{self, begin, between, signed},
    },
};

/// Estimates with their intervals; beside each, as a hollow diamond, that of the fit without overlap.
pub(in crate::report) fn forest(fit: &ChoiceEffects, beside: Option<&ChoiceEffects>) -> Markup {
    let title = format!("What goes with {}, choice by choice", words::outcome(&fit.outcome));
    let all: Vec<String> = fit
        .rows
        .iter()
        .map(|row| {
            format!(
                "{}, {}: {} ({})",
                row.title,
                words::change(&row.change),
                signed(row.estimate, 2),
                between(row.low, row.high, 2)
            )
        })
        .collect();
    let description =
        format!("Differences with {} intervals. {}.", words::sureness(fit.level), all.join("; "));
    let caption = Caption { id: "choices", title: &title, description: &description };
    both(&caption, |breadth| draw(fit, beside, breadth))
}

/// A line of the picture.
enum Entry<'a> {
    Heading(String),
    Row(&'a ChoiceEffect, Option<&'a ChoiceEffect>),
}

fn entries<'a>(fit: &'a ChoiceEffects, beside: Option<&'a ChoiceEffects>) -> Vec<Entry<'a>> {
    let mut found = Vec::new();
    let mut last = "";
    for row in &fit.rows {
        if row.choice != last {
            let mark = if row.shares.is_empty() { "" } else { " †" };
            found.push(Entry::Heading(format!("{}{mark}", begin(&row.title))));
            last = &row.choice;
        }
        let same = |other: &&ChoiceEffect| other.choice == row.choice && other.change == row.change;
        found.push(Entry::Row(row, beside.and_then(|beside| beside.rows.iter().find(same))));
    }
    found
}

fn draw(fit: &ChoiceEffects, beside: Option<&ChoiceEffects>, breadth: Breadth) -> (Markup, f64) {
    let narrow = breadth.is_narrow();
    let ends = |effects: &ChoiceEffects| {
        effects
            .rows
            .iter()
            .flat_map(|row| [Some(row.estimate), row.low, row.high])
            .flatten()
            .collect::<Vec<_>>()
    };
    let all = ends(fit).into_iter().chain(beside.map(ends).unwrap_or_default());
    let (left, right) = if narrow { (10.0, 318.0) } else { (190.0, 512.0) };
    let about = if narrow { 4.0 } else { 5.0 };
    let axis = Axis::new(range_with_0(all), [left, right]);
    let (heading, row_height) = match (narrow, beside.is_some()) {
        (true, true) => (26.0, 46.0),
        (true, false) => (26.0, 38.0),
        (false, true) => (26.0, 26.0),
        (false, false) => (26.0, 22.0),
    };
    let entries = entries(fit, beside);
    let mut bottom = 4.0;
    let mut placed = Vec::new();
    for entry in &entries {
        placed.push((bottom, entry));
        bottom += if matches!(entry, Entry::Heading(_)) { heading } else { row_height };
    }
    bottom += 8.0;
    let marks = html! {
        (bottom_axis(axis, about, [4.0, bottom]))
        (line("zero", [axis.at(0.0), 4.0], [axis.at(0.0), bottom]))
        @for (top, entry) in placed {
            @match entry {
                Entry::Heading(words) => {
                    (text("label strong halo", Hold::Start, [0.0, top + 18.0], &fitted(words, breadth.width(), STRONG_LETTER)))
                }
                Entry::Row(row, other) => { (draw_row(row, *other, top, axis, breadth)) }
            }
        }
        (text("label soft", Hold::Start, [left, bottom + 36.0], "← lower"))
        (text("label soft", Hold::End, [right, bottom + 36.0], "higher →"))
    };
    (marks, bottom + 44.0)
}

fn draw_row(
    row: &ChoiceEffect,
    other: Option<&ChoiceEffect>,
    top: f64,
    axis: Axis,
    breadth: Breadth,
) -> Markup {
    let narrow = breadth.is_narrow();
    let base = if narrow { top + 14.0 } else { top + 15.0 };
    let first = match (narrow, other.is_some()) {
        (true, true) => top + 25.0,
        (true, false) => top + 26.0,
        (false, true) => top + 7.0,
        (false, false) => top + 11.0,
    };
    let numbers = format!("{} ({})", signed(row.estimate, 2), between(row.low, row.high, 2));
    let room = if narrow { 180.0 } else { 182.0 };
    html! {
        (text("label", Hold::Start, [if narrow { 0.0 } else { 12.0 }, base], &fitted(&words::change(&row.change), room, LETTER)))
        (text("label number halo", Hold::End, [breadth.width(), base], &numbers))
        @if let (Some(low), Some(high)) = (row.low, row.high) {
            (line("interval", [axis.at(low), first], [axis.at(high), first]))
        }
        (circle("dot", [axis.at(row.estimate), first], 4.2))
        @if let Some(other) = other {
            @let second = first + 10.0;
            @if let (Some(low), Some(high)) = (other.low, other.high) {
                (line("interval second", [axis.at(low), second], [axis.at(high), second]))
            }
            (diamond("dot second", [axis.at(other.estimate), second], 4.8))
        }
    }
}
