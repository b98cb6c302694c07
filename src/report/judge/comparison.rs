//! What there is to say of a comparison.

use super::{Part, Table, heading, paragraph};
use crate::{
    report::words::{self, begin, count, maybe, p_value, percent, plain, signed},
    study::Comparison,
};

pub(in crate::report) const TITLE: &str = "Two definitions on the same people";

/// Everything, in the order of reading.
pub(in crate::report) fn parts(found: &Comparison) -> Vec<Part> {
    let mut parts = about(found);
    if found.both.is_some() {
        parts.extend(agreement(found));
        parts.extend(shifts(found));
        parts.extend(bands(found));
    }
    parts.extend(differences(found));
    parts.push(heading("what this is for"));
    parts.push(paragraph(found.intended_use));
    parts
}

fn about(found: &Comparison) -> Vec<Part> {
    let rows = found.indices.iter().zip(["first", "second"]).map(|(index, name)| {
        vec![
            name.to_owned(),
            index.scored.map_or_else(|| "–".to_owned(), count),
            maybe(index.mean, 2),
            maybe(index.sd, 2),
            words::definition(&index.definition, &index.version),
            if index.calibration.is_empty() { "–".to_owned() } else { index.calibration.clone() },
            index.hash.chars().take(12).collect(),
        ]
    });
    let heads = ["", "scored", "mean", "sd", "definition", "calibration", "SHA-256"];
    let mut lines = Vec::new();
    match (found.persons, found.both) {
        (Some(persons), Some(both)) => {
            lines.push(format!("{} persons, {} with both indices", count(persons), count(both)));
        }
        (None, Some(both)) => lines.push(format!("{} persons with both indices", count(both))),
        (_, None) => lines.push("fewer than 10 persons have both indices: no figure is shown".to_owned()),
    }
    for (only, name) in [(&found.only_first, "first"), (&found.only_second, "second")] {
        if let Some(only) = only {
            let share = only.share.map_or_else(|| "–".to_owned(), percent);
            lines.push(format!("{} scored by the {name} alone ({share})", count(only.persons)));
        }
    }
    lines.push(format!("for {}", words::audience(found.audience)));
    vec![
        Part::Bullets(lines),
        Part::Table(Table::new(
            "Means and standard deviations are of the persons with both.",
            &heads,
            3,
            rows.collect(),
        )),
    ]
}

fn agreement(found: &Comparison) -> Vec<Part> {
    let row =
        |name: &str, value: Option<f64>, p: Option<f64>| vec![name.to_owned(), maybe(value, 4), p_value(p)];
    let rows = vec![
        row("Pearson", found.pearson, found.pearson_p),
        row("Spearman", found.spearman, found.spearman_p),
        row("Kendall’s τ-b", found.kendall, found.kendall_p),
    ];
    let mut parts = vec![heading("how far they agree")];
    if let Some(difference) = found.mean_difference {
        parts.push(paragraph(format!(
            "The second is {} points from the first on average.",
            signed(difference, 2)
        )));
    }
    parts.push(Part::Table(Table::new("", &["", "r", "p"], 0, rows)));
    parts
}

fn shifts(found: &Comparison) -> Vec<Part> {
    let mut parts = vec![heading("who moves")];
    let largest =
        found.max_shift.map_or_else(String::new, |most| format!(", {} at most", count(most as usize)));
    let quantile =
        |share: f64| found.shift_quantiles.iter().find(|one| one.share == share).map(|one| one.places);
    let quantiles = match (quantile(0.5), quantile(0.95)) {
        (Some(half), Some(most)) => {
            format!("; half of them by {} or less, 95\u{a0}% by {} or less", plain(half), plain(most))
        }
        _ => String::new(),
    };
    parts.push(paragraph(format!(
        "A person moves by {} places on average{largest}{quantiles}.",
        maybe(found.mean_shift, 1)
    )));
    if !found.shift_sizes.is_empty() {
        let rows = found.shift_sizes.iter().map(|size| {
            let name = if size.up_to == 0.0 {
                "not at all".to_owned()
            } else {
                format!("above {} and up to {} of all places", percent(size.above), percent(size.up_to))
            };
            vec![name, count(size.persons), percent(size.share)]
        });
        parts.push(Part::Table(Table::new("", &["moves", "persons", "share"], 0, rows.collect())));
    }
    parts
}

fn bands(found: &Comparison) -> Vec<Part> {
    let Some(bands) = &found.bands else { return Vec::new() };
    let mut parts = vec![heading("who changes band")];
    parts.push(paragraph(match (bands.changed, bands.share) {
        (Some(changed), share) => format!(
            "{} persons are in a band of another name ({}).",
            count(changed),
            share.map_or_else(|| "–".to_owned(), percent)
        ),
        (None, _) => "Withheld: fewer than 10 persons change band, or keep theirs.".to_owned(),
    }));
    if !bands.moves.is_empty() {
        let rows =
            bands.moves.iter().map(|one| vec![one.first.clone(), one.second.clone(), count(one.persons)]);
        // The second column is a name, too.
        let rows = rows.map(|row| match row.as_slice() {
            [first, second, persons] => vec![format!("{first} → {second}"), persons.clone()],
            _ => row,
        });
        parts.push(Part::Table(Table::new("", &["from → to", "persons"], 0, rows.collect())));
    }
    parts
}

fn differences(found: &Comparison) -> Vec<Part> {
    let mut parts = vec![heading("in which keys they differ")];
    if found.differences.is_empty() {
        let note = if found.note.is_empty() { "no key differs" } else { found.note };
        parts.push(paragraph(begin(note) + "."));
        return parts;
    }
    let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let rows = found.differences.iter().map(|one| vec![one.key.clone(), dash(&one.first), dash(&one.second)]);
    parts.push(Part::Table(Table::new("", &["key", "first", "second"], 2, rows.collect())));
    parts
}
