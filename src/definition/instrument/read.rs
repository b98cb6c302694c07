//! The key of an instrument: of a file, or declared in a definition.

use super::{
    figures,
    key::{Answer, InstrumentKey, Item, Licence, Loinc, Skip},
    positions, scale, unknown_item,
};
use crate::{
    definition::{
        parts::Formula,
        resolve::{check_twice, read_formula, text_of as text},
        source::{Faults, Node},
    },
    error::suggest,
};

/// The key of a file whose shape has been checked.
pub(crate) fn key_of_file(node: &Node, faults: &mut Faults<'_>) -> Option<InstrumentKey> {
    let response = node.get("response")?.numbers();
    let &[lowest, highest] = response.as_slice() else { return None };
    let id = node.get("id")?.text()?;
    let mut key = read_key(id, node, [lowest, highest], "", faults)?;
    key.verified = text(node, "status") == "verified";
    key.about = text(node, "about");
    for (scale, entry) in key.scales.iter().zip(node.get("scale").map(Node::entries).unwrap_or_default()) {
        for required in ["range", "ends", "direction"] {
            if entry.node.get(required).is_none() {
                let path = format!("scale.{}", scale.id);
                faults.add(entry.at.start, &path, format!("the key `{required}` is missing"), "");
            }
        }
    }
    if let Some(licence_of) = key.licence.as_ref().filter(|l| l.class == "C" && l.ask.is_empty()) {
        let what = format!("class {} does not say whom to ask", licence_of.class);
        let at = node.get("licence").map_or(0, |licence| licence.span.start);
        faults.add(at, "licence", what, "give `ask`");
    }
    key.loinc = node.get("loinc").map(|loinc| Loinc {
        panel: text(loinc, "panel"),
        items: loinc.get("items").map(Node::texts).unwrap_or_default(),
        verified: text(loinc, "status") == "verified",
    });
    if let Some(loinc) =
        key.loinc.as_ref().filter(|l| !l.items.is_empty() && l.items.len() != key.items.len())
    {
        let what = format!("{} codes for {} items", loinc.items.len(), key.items.len());
        let at = node.get("loinc").map_or(0, |node| node.span.start);
        faults.add(at, "loinc.items", what, "give one an item, or none");
    }
    Some(key)
}

/// The key that a definition declares in place.
pub(super) fn key_in_place(
    id: &str,
    at: usize,
    node: &Node,
    answers: &[(String, f64)],
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<InstrumentKey> {
    if node.get("items").is_none() {
        let help = "`use` an instrument of the catalogue, or list `items`";
        faults.add(at, path, "the instrument has no items", help);
        return None;
    }
    let codes = answers.iter().map(|(_, code)| *code);
    let response = match node.get("response").map(Node::numbers).as_deref() {
        Some(&[lowest, highest]) => Some([lowest, highest]),
        // Where every item has codes or a clock of its own, the range is of no use.
        _ if answers.is_empty() && node.get("item").is_some() => Some([0.0, 1.0]),
        _ if answers.is_empty() => None,
        _ => Some([codes.clone().fold(f64::INFINITY, f64::min), codes.fold(f64::NEG_INFINITY, f64::max)]),
    };
    let Some(response) = response.filter(|[lowest, highest]| lowest < highest) else {
        faults.add(at, path, "the range of the answers is not known", "give `response = [lowest, highest]`");
        return None;
    };
    read_key(id, node, response, path, faults)
}

/// What a file and a definition say in the same words.
fn read_key(
    id: &str,
    node: &Node,
    response: [f64; 2],
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<InstrumentKey> {
    let list = node.get("items")?;
    let under = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    if list.list().is_empty() {
        faults.add(list.span.start, &under("items"), "the list of items is empty", "name at least one");
        return None;
    }
    if list.list().len() > usize::from(u8::MAX) {
        let what = format!("{} items", list.list().len());
        faults.add(list.span.start, &under("items"), what, "an instrument has at most 255");
    }
    check_twice(Some(list), "item", &under("items"), faults);
    let kind = node.get("kind").and_then(Node::text);
    let mut items: Vec<Item> = list
        .texts()
        .iter()
        .map(|item| {
            let mut plain = Item::plain(item, response, kind != Some("decimal"));
            if kind == Some("clock") {
                plain.answer = Answer::Clock;
            }
            plain
        })
        .collect();
    for other in node.get("item").map(Node::list).unwrap_or_default() {
        read_item(other, &mut items, &under("item"), faults);
    }
    if let Some(content) = node.get("content") {
        let content = item_content(content, &items, &under("content"), faults);
        for (item, content) in items.iter_mut().zip(content) {
            item.content = content;
        }
    }
    let mut skips = Vec::new();
    for skip in node.get("skip").map(Node::list).unwrap_or_default() {
        let when_zero = positions(skip.get("when_zero"), &items, &under("skip.when_zero"), faults);
        let skipped = positions(skip.get("items"), &items, &under("skip.items"), faults);
        skips.push(Skip { when_zero, items: skipped });
    }
    let lets: Vec<(String, Formula)> = node
        .get("let")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| {
            let formula = read_formula(&entry.node, &format!("{}.{}", under("let"), entry.key), faults)?;
            Some((entry.key.clone(), formula))
        })
        .collect();
    check_lets(node, &lets, &items, &under("let"), faults);
    let flags = node
        .get("flag")
        .map(Node::list)
        .unwrap_or_default()
        .iter()
        .filter_map(|flag| figures::read_flag(flag, &items, &under("flag"), faults))
        .collect();
    let mut key = InstrumentKey {
        id: id.to_owned(),
        version: text(node, "version"),
        title: text(node, "title"),
        about: String::new(),
        citation: node.get("citation").map(Node::texts).unwrap_or_default(),
        verified: true,
        licence: node.get("licence").map(|licence| Licence {
            class: text(licence, "class"),
            holder: text(licence, "holder"),
            note: text(licence, "note"),
            ask: text(licence, "ask"),
        }),
        window_days: node.get("window_days").and_then(Node::number),
        coding: text(node, "coding"),
        loinc: None,
        items,
        skips,
        lets,
        scales: Vec::new(),
        flags,
        checks: Vec::new(),
    };
    match node.get("scale") {
        Some(scales) => {
            for entry in scales.entries() {
                let path = format!("{}.{}", under("scale"), entry.key);
                if let Some(scale) = scale::read(&entry.key, &entry.node, &key, &path, faults) {
                    key.scales.push(scale);
                }
            }
        }
        None => key.scales.push(scale::total(node, &key)),
    }
    let checks = node.get("check").map(Node::list).unwrap_or_default();
    let path = under("check");
    key.checks = checks.iter().filter_map(|check| figures::read_check(check, &key, &path, faults)).collect();
    Some(key)
}

/// `[[item]]`: items that are answered or counted otherwise.
fn read_item(node: &Node, items: &mut [Item], path: &str, faults: &mut Faults<'_>) {
    let named = positions(node.get("ids"), items, &format!("{path}.ids"), faults);
    let mut add = |what: String, help: &str| faults.add(node.span.start, path, what, help);
    let given: Vec<&str> = ["codes", "response"].into_iter().filter(|key| node.get(key).is_some()).collect();
    if given.len() > 1 {
        add("codes and response are given together".to_owned(), "say once what an answer can be");
    }
    let kind = node.get("kind").and_then(Node::text);
    let codes = node.get("codes").map(Node::numbers);
    if codes.as_ref().is_some_and(|codes| codes.len() < 2 || !codes.is_sorted_by(|a, b| a < b)) {
        add("the codes do not ascend".to_owned(), "give two or more, each above the one before");
    }
    let response = node.get("response").map(Node::numbers);
    if response.as_ref().is_some_and(|response| matches!(response.as_slice(), [a, b] if a >= b)) {
        add("the response holds no code".to_owned(), "give [lowest, highest]");
    }
    let points = node.get("points").map(Node::numbers);
    let mut wrong = None;
    for at in named {
        let Some(item) = items.get_mut(at) else { continue };
        match (kind, &codes, response.as_deref()) {
            (Some("clock"), ..) => item.answer = Answer::Clock,
            (_, Some(codes), _) => item.answer = Answer::Codes(codes.clone()),
            (_, _, Some(&[lowest, highest])) => {
                item.answer = Answer::Range { lowest, highest, whole: kind != Some("decimal") };
            }
            (Some(kind), ..) => {
                let [lowest, highest] = item.ends();
                item.answer = Answer::Range { lowest, highest, whole: kind != "decimal" };
            }
            _ => {}
        }
        item.unit = text(node, "unit");
        if let Some(points) = &points {
            let codes = item.codes().unwrap_or_default();
            if codes.len() == points.len() {
                // Where every code counts itself there is nothing to look up.
                let own = codes.iter().zip(points).filter(|_| codes != *points);
                item.points = own.map(|(code, points)| [*code, *points]).collect();
            } else {
                wrong = Some(format!("{} points for {} codes", points.len(), codes.len()));
            }
        }
    }
    if let Some(what) = wrong {
        add(what, "give one a code, from the lowest code up");
    }
}

/// A `let` reads items and those before it.
fn check_lets(node: &Node, lets: &[(String, Formula)], items: &[Item], path: &str, faults: &mut Faults<'_>) {
    for (position, (name, formula)) in lets.iter().enumerate() {
        let at = node.get("let").and_then(|lets| lets.get(name)).map_or(0, |node| node.span.start);
        let before = lets.iter().take(position).map(|(name, _)| name.as_str());
        let known: Vec<&str> = items.iter().map(|item| item.id.as_str()).chain(before).collect();
        if items.iter().any(|item| item.id == *name) {
            faults.add(at, &format!("{path}.{name}"), "an item has this name", "give it another");
        }
        scale::check_number(formula, at, &format!("{path}.{name}"), faults);
        for unknown in formula.expression.names().into_iter().filter(|name| !known.contains(name)) {
            let what = format!("there is no item `{unknown}`, and no `let` before this one");
            faults.add(at, &format!("{path}.{name}"), what, suggest(unknown, known.iter().copied()));
        }
    }
}

pub(super) fn item_content(
    node: &Node,
    items: &[Item],
    path: &str,
    faults: &mut Faults<'_>,
) -> Vec<Vec<String>> {
    let mut content = vec![node.texts(); items.len()];
    for entry in node.entries() {
        match items.iter().position(|item| item.id == entry.key).and_then(|at| content.get_mut(at)) {
            Some(tags) => *tags = entry.node.texts(),
            None => unknown_item(entry.at.start, &entry.key, items, path, faults),
        }
    }
    content
}
