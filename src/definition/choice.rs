//! Reads what may move the index, what models adjust for, and the model itself.

use super::{
    parts::{Adjuster, Choice, ChoiceKind, Direction},
    resolve::{check_twice, read_cleaning, read_origin, text_of, texts_of},
    source::{Entry, Faults, Node},
};
use crate::error::suggest;

/// `[choice.ID]`
pub(super) fn read(entry: &Entry, faults: &mut Faults<'_>) -> Option<Choice> {
    let path = format!("choice.{}", entry.key);
    let node = &entry.node;
    let origin = read_origin(&entry.key, node, &path, faults)?;
    let has_levels = node.get("levels").is_some();
    if let Some(kind) = node.get("kind")
        && (kind.text() == Some("levels")) != has_levels
    {
        faults.add(
            kind.span.start,
            &format!("{path}.kind"),
            "the kind does not fit",
            "`levels` go with kind = \"levels\"",
        );
    }
    let kind = if has_levels { read_levels(node, &path, faults) } else { read_number(node, &path, faults) };
    Some(Choice {
        id: entry.key.clone(),
        title: text_of(node, "title"),
        origin,
        kind,
        source: text_of(node, "source"),
        content: texts_of(node, "content"),
        shares: texts_of(node, "shares"),
    })
}

fn read_number(node: &Node, path: &str, faults: &mut Faults<'_>) -> ChoiceKind {
    for key in ["reference", "reachable", "answers"] {
        if let Some(found) = node.get(key) {
            let what = format!("`{key}` belongs to a choice with levels");
            faults.add(found.span.start, &format!("{path}.{key}"), what, "declare `levels`, or leave it out");
        }
    }
    let step = node.get("step").and_then(Node::number).unwrap_or(1.0);
    if step <= 0.0 {
        let at = node.get("step").map_or(0, |step| step.span.start);
        faults.add(
            at,
            &format!("{path}.step"),
            format!("a step of {step} goes nowhere"),
            "give a step above 0",
        );
    }
    let favours = match node.get("favours") {
        Some(favours) => match favours.text() {
            Some("higher") => Some(Direction::HigherBetter),
            Some(_) => Some(Direction::LowerBetter),
            None => {
                faults.add(
                    favours.span.start,
                    &format!("{path}.favours"),
                    "a number has no levels",
                    "give `higher` or `lower`",
                );
                None
            }
        },
        None => None,
    };
    let target = match node.get("target").map(Node::numbers).as_deref() {
        Some(&[from, to]) => Some([from, to]),
        _ => None,
    };
    if (favours.is_some() || target.is_some()) && node.get("source").is_none() {
        faults.add(
            node.span.start,
            path,
            "the target or direction has no source",
            "say in `source` who recommends it",
        );
    }
    if let (Some([from, to]), Some(node)) = (target, node.get("target"))
        && from > to
    {
        faults.add(
            node.span.start,
            &format!("{path}.target"),
            "the target holds no value",
            "give [from, to]",
        );
    }
    ChoiceKind::Number {
        unit: text_of(node, "unit"),
        step,
        target,
        favours,
        cleaning: read_cleaning(node, path, faults),
    }
}

fn read_levels(node: &Node, path: &str, faults: &mut Faults<'_>) -> ChoiceKind {
    let levels = texts_of(node, "levels");
    for key in ["step", "target", "limits", "sentinels"] {
        if let Some(found) = node.get(key) {
            let what = format!("`{key}` belongs to a choice that is a number");
            faults.add(found.span.start, &format!("{path}.{key}"), what, "leave it out");
        }
    }
    if levels.len() < 2 {
        let at = node.get("levels").map_or(0, |levels| levels.span.start);
        faults.add(at, &format!("{path}.levels"), "a choice needs two levels", "");
    }
    check_twice(node.get("levels"), "level", &format!("{path}.levels"), faults);
    let mut position = |node: &Node, key: &str| -> Option<usize> {
        let name = node.text()?;
        let found = levels.iter().position(|level| level == name);
        if found.is_none() {
            let help = suggest(name, levels.iter().map(String::as_str));
            faults.add(
                node.span.start,
                &format!("{path}.{key}"),
                format!("there is no level `{name}`"),
                help,
            );
        }
        found
    };
    let reference = node.get("reference").and_then(|reference| position(reference, "reference")).unwrap_or(0);
    let favours = match node.get("favours") {
        Some(list) => list.list().iter().filter_map(|level| position(level, "favours")).collect(),
        None => Vec::new(),
    };
    let mut answers = Vec::new();
    for entry in node.get("answers").map(Node::entries).unwrap_or_default() {
        if let Some(level) = position(&entry.node, "answers") {
            answers.push((entry.key.clone(), level));
        }
    }
    // What nothing is said about can be reached from anywhere.
    let everywhere: Vec<usize> = (0..levels.len()).collect();
    let mut reachable = vec![everywhere; levels.len()];
    for entry in node.get("reachable").map(Node::entries).unwrap_or_default() {
        let key = Node { span: entry.at.clone(), value: super::source::Value::Text(entry.key.clone()) };
        let to: Vec<usize> =
            entry.node.list().iter().filter_map(|level| position(level, "reachable")).collect();
        if let Some(of) = position(&key, "reachable").and_then(|from| reachable.get_mut(from)) {
            *of = to;
        }
    }
    if let Some(favours) = node.get("favours").filter(|favours| favours.text().is_some()) {
        faults.add(
            favours.span.start,
            &format!("{path}.favours"),
            "levels have no higher or lower",
            "list the favourable levels",
        );
    }
    ChoiceKind::Levels { levels, reference, reachable, favours, answers }
}

/// `[adjust]`
pub(super) fn read_adjusters(root: &Node, faults: &mut Faults<'_>) -> Vec<Adjuster> {
    let Some(node) = root.get("adjust") else { return Vec::new() };
    let columns = texts_of(node, "columns");
    for entry in node.get("levels").map(Node::entries).unwrap_or_default() {
        if !columns.contains(&entry.key) {
            let help = suggest(&entry.key, columns.iter().map(String::as_str));
            faults.add(entry.at.start, "adjust.levels", format!("`{}` is no adjuster", entry.key), help);
        }
        check_twice(Some(&entry.node), "level", "adjust.levels", faults);
    }
    let levels =
        |column: &str| node.get("levels").and_then(|l| l.get(column)).map(Node::texts).unwrap_or_default();
    columns.iter().map(|column| Adjuster { column: column.clone(), levels: levels(column) }).collect()
}
