//! Reads instruments: items, their codes, and the scales made of them.

use super::{
    catalogue,
    parts::{Band, Check, Direction, Instrument, InstrumentKey, ItemAggregate, ItemMissing, Licence, Scale},
    resolve::check_twice,
    source::{Faults, Node},
};
use crate::error::suggest;

/// `[instrument.ID]` of a definition: from the catalogue by `use`, or declared in place.
pub(super) fn read(
    id: &str,
    at: usize,
    node: &Node,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Instrument> {
    let answers: Vec<(String, f64)> = node.get("answers").map(answer_codes).unwrap_or_default();
    let key = match node.get("use") {
        Some(used) => {
            let in_place = ["items", "response", "kind", "scale", "direction"];
            for entry in node.entries().iter().filter(|entry| in_place.contains(&entry.key.as_str())) {
                let what = format!("`{}` is given by the catalogue", entry.key);
                faults.add(entry.at.start, path, what, "leave it out, or leave out `use`");
            }
            let name = used.text()?;
            match catalogue::INSTRUMENT_SHELF.find(name) {
                Ok(_) => catalogue::instrument_key(name).ok()?,
                Err((what, help)) => {
                    faults.add(used.span.start, &format!("{path}.use"), what, help);
                    return None;
                }
            }
        }
        None => key_in_place(id, at, node, &answers, path, faults)?,
    };
    let columns = match node.get("columns") {
        Some(list) => list.texts(),
        None => key.items.clone(),
    };
    if columns.len() != key.items.len() {
        let at = node.get("columns").map_or(at, |list| list.span.start);
        let what = format!("{} columns for the {} items of `{}`", columns.len(), key.items.len(), key.id);
        faults.add(at, &format!("{path}.columns"), what, "give one column an item, in their order");
    }
    if let Some(node) = node.get("answers") {
        for entry in node.entries() {
            let code = entry.node.number().unwrap_or(f64::NAN);
            if !(key.lowest..=key.highest).contains(&code) {
                let what = format!("the code {code} is outside {} to {}", key.lowest, key.highest);
                faults.add(entry.node.span.start, &format!("{path}.answers"), what, "");
            }
        }
    }
    let mut key = key;
    if let (Some(content), Some(_)) = (node.get("content"), node.get("use")) {
        let extra = item_content(content, &key.items, path, faults);
        for (tags, more) in key.content.iter_mut().zip(extra) {
            tags.extend(more);
        }
    }
    let sentinels = node.get("sentinels").map(Node::numbers).unwrap_or_default();
    Some(Instrument { id: id.to_owned(), key, columns, answers, sentinels })
}

fn answer_codes(node: &Node) -> Vec<(String, f64)> {
    node.entries().iter().filter_map(|entry| Some((entry.key.clone(), entry.node.number()?))).collect()
}

fn key_in_place(
    id: &str,
    at: usize,
    node: &Node,
    answers: &[(String, f64)],
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<InstrumentKey> {
    let Some(items) = node.get("items").map(Node::texts) else {
        let help = "`use` an instrument of the catalogue, or list `items`";
        faults.add(at, path, "the instrument has no items", help);
        return None;
    };
    if items.is_empty() {
        let at = node.get("items").map_or(at, |list| list.span.start);
        faults.add(at, &format!("{path}.items"), "the list of items is empty", "name at least one");
        return None;
    }
    check_twice(node.get("items"), "item", &format!("{path}.items"), faults);
    let codes = answers.iter().map(|(_, code)| *code);
    let response = match node.get("response").map(Node::numbers).as_deref() {
        Some(&[lowest, highest]) => Some([lowest, highest]),
        _ if answers.is_empty() => None,
        _ => Some([codes.clone().fold(f64::INFINITY, f64::min), codes.fold(f64::NEG_INFINITY, f64::max)]),
    };
    let Some([lowest, highest]) = response.filter(|[lowest, highest]| lowest < highest) else {
        faults.add(at, path, "the range of the answers is not known", "give `response = [lowest, highest]`");
        return None;
    };
    let whole = node.get("kind").and_then(Node::text) != Some("decimal");
    let content = node
        .get("content")
        .map_or_else(|| vec![Vec::new(); items.len()], |content| item_content(content, &items, path, faults));
    let scales = match node.get("scale") {
        Some(scales) => read_scales(scales, &items, [lowest, highest], path, faults),
        None => {
            let direction = direction_of(node).unwrap_or(Direction::HigherBetter);
            vec![Scale {
                id: "total".to_owned(),
                title: String::new(),
                reversed: vec![false; items.len()],
                items: (0..items.len()).collect(),
                aggregate: ItemAggregate::Sum,
                multiply: 1.0,
                direction,
                missing: ItemMissing::Complete,
                range: [lowest * items.len() as f64, highest * items.len() as f64],
                bands: Vec::new(),
                bands_verified: true,
                bands_source: String::new(),
            }]
        }
    };
    Some(InstrumentKey {
        id: id.to_owned(),
        version: String::new(),
        title: node.get("title").and_then(Node::text).unwrap_or_default().to_owned(),
        citation: Vec::new(),
        verified: true,
        licence: None,
        window_days: None,
        items,
        content,
        lowest,
        highest,
        whole,
        scales,
        checks: Vec::new(),
    })
}

/// The key of a catalogue file whose shape has been checked.
pub(super) fn key_of_file(node: &Node, faults: &mut Faults<'_>) -> Option<InstrumentKey> {
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let items = node.get("items")?.texts();
    let response = node.get("response")?.numbers();
    let &[lowest, highest] = response.as_slice() else { return None };
    let licence = node.get("licence")?;
    let of_licence = |key: &str| licence.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let content = node.get("content").map_or_else(
        || vec![Vec::new(); items.len()],
        |content| item_content(content, &items, "content", faults),
    );
    let scales = read_scales(node.get("scale")?, &items, [lowest, highest], "scale", faults);
    let checks =
        node.get("check").map(Node::list).unwrap_or_default().iter().filter_map(read_check).collect();
    Some(InstrumentKey {
        id: text("id"),
        version: text("version"),
        title: text("title"),
        citation: node.get("citation")?.texts(),
        verified: text("status") == "verified",
        licence: Some(Licence {
            class: of_licence("class"),
            holder: of_licence("holder"),
            note: of_licence("note"),
        }),
        window_days: node.get("window_days").and_then(Node::number),
        whole: text("kind") != "decimal",
        items,
        content,
        lowest,
        highest,
        scales,
        checks,
    })
}

fn read_check(node: &Node) -> Option<Check> {
    Some(Check {
        answers: node.get("answers")?.list().iter().map(Node::number).collect(),
        expect: node.get("expect")?.entries().iter().map(|e| (e.key.clone(), e.node.number())).collect(),
        source: node.get("source")?.text()?.to_owned(),
    })
}

fn item_content(node: &Node, items: &[String], path: &str, faults: &mut Faults<'_>) -> Vec<Vec<String>> {
    let for_all = node.texts();
    let mut content = vec![for_all; items.len()];
    for entry in node.entries() {
        match items.iter().position(|item| *item == entry.key).and_then(|at| content.get_mut(at)) {
            Some(tags) => *tags = entry.node.texts(),
            None => unknown_item(entry.at.start, &entry.key, items, path, faults),
        }
    }
    content
}

fn unknown_item(at: usize, found: &str, items: &[String], path: &str, faults: &mut Faults<'_>) {
    let help = suggest(found, items.iter().map(String::as_str));
    faults.add(at, path, format!("unknown item `{found}`"), help);
}

pub(super) fn direction_of(node: &Node) -> Option<Direction> {
    match node.get("direction")?.text()? {
        "lower_better" => Some(Direction::LowerBetter),
        "higher_better" => Some(Direction::HigherBetter),
        _ => None,
    }
}

fn read_scales(
    node: &Node,
    items: &[String],
    response: [f64; 2],
    path: &str,
    faults: &mut Faults<'_>,
) -> Vec<Scale> {
    let mut scales = Vec::new();
    for entry in node.entries() {
        let path = format!("{path}.{}", entry.key);
        scales.push(read_scale(&entry.key, &entry.node, items, response, &path, faults));
    }
    scales
}

fn read_scale(
    id: &str,
    node: &Node,
    all: &[String],
    [lowest, highest]: [f64; 2],
    path: &str,
    faults: &mut Faults<'_>,
) -> Scale {
    let mut positions = |key: &str| -> Vec<usize> {
        let mut found = Vec::new();
        for item in node.get(key).map(Node::list).unwrap_or_default() {
            let name = item.text().unwrap_or_default();
            match all.iter().position(|known| known == name) {
                Some(position) => found.push(position),
                None => unknown_item(item.span.start, name, all, path, faults),
            }
        }
        found
    };
    let reverse = positions("reverse");
    let items = if node.get("items").is_some() { positions("items") } else { (0..all.len()).collect() };
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
    let aggregate = if text("aggregate") == "mean" { ItemAggregate::Mean } else { ItemAggregate::Sum };
    let multiply = node.get("multiply").and_then(Node::number).unwrap_or(1.0);
    for key in ["items", "reverse"] {
        check_twice(node.get(key), "item", &format!("{path}.{key}"), faults);
    }
    if let Some(list) = node.get("items").filter(|list| list.list().is_empty()) {
        faults.add(
            list.span.start,
            &format!("{path}.items"),
            "the list of items is empty",
            "name at least one",
        );
    }
    if let Some(times) = node.get("multiply").filter(|_| multiply <= 0.0) {
        let help = "give a factor above 0; turn a scale round with `direction`";
        faults.add(times.span.start, &format!("{path}.multiply"), format!("a score times {multiply}"), help);
    }
    let count = match aggregate {
        ItemAggregate::Sum => items.len() as f64,
        ItemAggregate::Mean => 1.0,
    };
    let missing = read_missing(node, items.len(), aggregate, path, faults);
    Scale {
        id: id.to_owned(),
        title: text("title").to_owned(),
        reversed: items.iter().map(|item| reverse.contains(item)).collect(),
        items,
        aggregate,
        multiply,
        direction: direction_of(node).unwrap_or(Direction::HigherBetter),
        missing,
        range: [multiply * count * lowest, multiply * count * highest],
        bands: node.get("bands").map(|bands| read_bands(bands, path, faults)).unwrap_or_default(),
        bands_verified: text("bands_status") != "unverified",
        bands_source: text("bands_source").to_owned(),
    }
}

fn read_missing(
    node: &Node,
    items: usize,
    aggregate: ItemAggregate,
    path: &str,
    faults: &mut Faults<'_>,
) -> ItemMissing {
    let Some(rule) = node.get("missing") else { return ItemMissing::Complete };
    let mut count = |key: &str, of: ItemAggregate, other: &str| -> Option<usize> {
        let node = rule.get(key)?;
        let number = node.number()?;
        if of != aggregate {
            let what = format!("`{key}` does not suit this aggregate");
            faults.add(node.span.start, &format!("{path}.missing"), what, format!("use `{other}`"));
        }
        match (1..=items).find(|n| *n as f64 == number) {
            Some(n) => Some(n),
            None => {
                let help = format!("give a whole number from 1 to {items}");
                faults.add(node.span.start, &format!("{path}.missing"), "no such number of items", help);
                None
            }
        }
    };
    if let Some(n) = count("at_least", ItemAggregate::Mean, "prorate") {
        return ItemMissing::AtLeast(n);
    }
    match count("prorate", ItemAggregate::Sum, "at_least") {
        Some(n) => ItemMissing::Prorate(n),
        None => ItemMissing::Complete,
    }
}

/// Named ranges, each `[from, below)`; they may not overlap.
pub(super) fn read_bands(node: &Node, path: &str, faults: &mut Faults<'_>) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for entry in node.entries() {
        let &[from, below] = entry.node.numbers().as_slice() else { continue };
        let path = format!("{path}.bands.{}", entry.key);
        if from >= below {
            faults.add(
                entry.node.span.start,
                &path,
                "the band is empty",
                "give [from, below) with from < below",
            );
        }
        if let Some(other) = bands.iter().find(|band| from < band.below && band.from < below) {
            let what = format!("the band overlaps `{}`", other.id);
            faults.add(entry.node.span.start, &path, what, "bands are half-open: [from, below)");
        }
        bands.push(Band { id: entry.key.clone(), from, below });
    }
    bands
}
