//! Reads instruments: items, their codes, and the scales made of them.

mod describe;
mod figures;
pub(crate) mod key;
pub(crate) mod keys;
mod read;
mod scale;

use std::path::Path;

pub use describe::{
    BandSummary, ChangeSummary, InstrumentSummary, ItemSummary, NormSummary, ReliabilitySummary,
    SafetySummary, ScaleSummary, Terms, file as instrument_file, summaries as instruments,
    summary as instrument, text as instrument_toml,
};
pub(crate) use figures::read_bands;
use key::{Answer, Instrument, InstrumentKey};
pub(crate) use read::key_of_file;

use super::{
    catalogue,
    parts::Direction,
    source::{Faults, Node},
};
use crate::error::suggest;

/// What the catalogue gives, where an instrument comes from there.
const IN_PLACE: [&str; 16] = [
    "flag",
    "check",
    "licence",
    "items",
    "response",
    "kind",
    "scale",
    "direction",
    "title",
    "version",
    "citation",
    "window_days",
    "coding",
    "item",
    "skip",
    "let",
];

/// `[instrument.ID]` of a definition: from the catalogue or a file by `use`, or declared in place.
pub(super) fn read(
    id: &str,
    at: usize,
    node: &Node,
    folder: Option<&Path>,
    faults: &mut Faults<'_>,
) -> Option<Instrument> {
    let path = &format!("instrument.{id}");
    let answers: Vec<(String, f64)> = node.get("answers").map(answer_codes).unwrap_or_default();
    let mut key = match node.get("use") {
        Some(used) => {
            for entry in node.entries().iter().filter(|entry| IN_PLACE.contains(&entry.key.as_str())) {
                let what = format!("`{}` is given by the catalogue", entry.key);
                faults.add(entry.at.start, path, what, "leave it out, or leave out `use`");
            }
            let key = used_key(used, folder, &format!("{path}.use"), faults)?;
            check_licence(&key, used, node, path, faults);
            // They are about the key as published: a definition may choose another missing rule.
            InstrumentKey { checks: Vec::new(), ..key }
        }
        None => read::key_in_place(id, at, node, &answers, path, faults)?,
    };
    let columns = match node.get("columns") {
        Some(list) => list.texts(),
        None => key.items.iter().map(|item| item.id.clone()).collect(),
    };
    if columns.len() != key.items.len() {
        let at = node.get("columns").map_or(at, |list| list.span.start);
        let what = format!("{} columns for the {} items of `{}`", columns.len(), key.items.len(), key.id);
        faults.add(at, &format!("{path}.columns"), what, "give one column an item, in their order");
    }
    if let Some(node) = node.get("answers") {
        for entry in node.entries() {
            let code = entry.node.number().unwrap_or(f64::NAN);
            if !key.items.iter().any(|item| item.admits(code)) {
                let what = format!("the code {code} is outside {}", codes_in_words(&key));
                faults.add(entry.node.span.start, &format!("{path}.answers"), what, "");
            }
        }
    }
    let turned = node.get("turned").and_then(Node::flag).unwrap_or(false);
    if let Some(node) = node.get("turned").filter(|_| turned)
        && key.items.iter().any(|item| item.answer == Answer::Clock)
    {
        faults.add(
            node.span.start,
            &format!("{path}.turned"),
            "a time has no other way round",
            "leave it out",
        );
    }
    if let (Some(content), Some(_)) = (node.get("content"), node.get("use")) {
        let extra = read::item_content(content, &key.items, path, faults);
        for (item, more) in key.items.iter_mut().zip(extra) {
            item.content.extend(more);
        }
    }
    scale::choose(&mut key, node, path, faults);
    let sentinels = node.get("sentinels").map(Node::numbers).unwrap_or_default();
    Some(Instrument { id: id.to_owned(), key, columns, answers, sentinels, turned })
}

/// The key that `use` names: of the catalogue, or of a file beside the definition.
fn used_key(
    used: &Node,
    folder: Option<&Path>,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<InstrumentKey> {
    let name = used.text()?;
    if !Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return match catalogue::INSTRUMENT_SHELF.find(name) {
            Ok(_) => catalogue::instrument_key(name).ok(),
            Err((what, help)) => {
                faults.add(used.span.start, path, what, help);
                None
            }
        };
    }
    let Some(folder) = folder else {
        let help = "read the definition from a file, or declare the instrument in place";
        faults.add(used.span.start, path, "a definition that is no file has no files beside it", help);
        return None;
    };
    match catalogue::read_instrument_file(&folder.join(name)) {
        Ok((key, _)) => Some(key),
        Err(error) => {
            for fault in error.faults() {
                let place = fault.place();
                let line = place.line().map(|line| format!(" line {line}")).unwrap_or_default();
                let key = place.key().map(|key| format!(" {key}")).unwrap_or_default();
                faults.add(
                    used.span.start,
                    path,
                    format!("{name}{line}{key}: {}", fault.what()),
                    fault.remedy(),
                );
            }
            None
        }
    }
}

/// An instrument by permission has to be acknowledged, an unverified key asked for.
fn check_licence(key: &InstrumentKey, used: &Node, node: &Node, path: &str, faults: &mut Faults<'_>) {
    let acknowledged = node.get("licence_ack").and_then(Node::text).map(str::trim);
    if let Some(licence) = key.licence.as_ref().filter(|licence| licence.class == "C")
        && acknowledged.is_none_or(str::is_empty)
    {
        let what = format!("`{}` is used by permission of {}: {}", key.id, licence.holder, licence.note);
        let help =
            format!("ask {}; then say licence_ack = \"…\", with how you hold the permission", licence.ask);
        faults.add(used.span.start, path, what, help);
    }
    if !key.verified && node.get("accept").is_none() {
        let what = format!("the key of `{}` was not held against its source", key.id);
        faults.add(used.span.start, path, what, "say accept = \"unverified\" to use it all the same");
    }
}

fn codes_in_words(key: &InstrumentKey) -> String {
    let ends = key.items.iter().map(key::Item::ends);
    let [lowest, highest] =
        ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], [low, high]| [a.min(low), b.max(high)]);
    format!("{lowest} to {highest}")
}

fn answer_codes(node: &Node) -> Vec<(String, f64)> {
    node.entries().iter().filter_map(|entry| Some((entry.key.clone(), entry.node.number()?))).collect()
}

fn unknown_item(at: usize, found: &str, items: &[key::Item], path: &str, faults: &mut Faults<'_>) {
    let help = suggest(found, items.iter().map(|item| item.id.as_str()));
    faults.add(at, path, format!("unknown item `{found}`"), help);
}

/// The positions of the items that a list names.
fn positions(node: Option<&Node>, items: &[key::Item], path: &str, faults: &mut Faults<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    for name in node.map(Node::list).unwrap_or_default() {
        let text = name.text().unwrap_or_default();
        match items.iter().position(|item| item.id == text) {
            Some(position) => found.push(position),
            None => unknown_item(name.span.start, text, items, path, faults),
        }
    }
    found
}

pub(super) fn direction_of(node: &Node) -> Option<Direction> {
    match node.get("direction")?.text()? {
        "lower_better" => Some(Direction::LowerBetter),
        "higher_better" => Some(Direction::HigherBetter),
        _ => None,
    }
}
