//! Law 4: a choice may not be an indicator, directly, through a derived column, a rule or an item, nor by content.

use std::collections::BTreeSet;

use super::{
    parts::{Child, Derived, NodeKind, Origin, Reading, Resolved},
    resolve::section,
    source::{Faults, Node},
};

/// Derived columns may use each other, but not in a circle; each circle is one fault.
pub(super) fn check_cycles(derived: &[Derived], root: &Node, faults: &mut Faults<'_>) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for column in derived {
        if known.contains(column.id.as_str()) {
            continue;
        }
        let mut open = vec![column.id.as_str()];
        let mut seen = BTreeSet::new();
        let mut closes = false;
        while let Some(name) = open.pop() {
            let Some(found) = derived.iter().find(|other| other.id == name) else { continue };
            for used in found.formula.expression.names() {
                if used == column.id && !closes {
                    closes = true;
                    let at =
                        root.get("derived").and_then(|d| d.get(&column.id)).map_or(0, |node| node.span.start);
                    let what = format!("the derived column `{used}` is made of itself");
                    faults.add(
                        at,
                        &format!("derived.{used}"),
                        what,
                        "derived columns may not run in a circle",
                    );
                }
                if seen.insert(used) {
                    open.push(used);
                }
            }
        }
        if closes {
            known.extend(seen);
        }
    }
}

/// The columns of the file that `origin` comes down to.
pub(crate) fn sources(origin: &Origin, derived: &[Derived]) -> BTreeSet<String> {
    let mut open: Vec<String> = match origin {
        Origin::Columns(columns) => columns.clone(),
        Origin::From(formula) => formula.expression.names().into_iter().map(str::to_owned).collect(),
    };
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        match derived.iter().find(|column| column.id == name) {
            Some(column) => open.extend(column.formula.expression.names().into_iter().map(str::to_owned)),
            None => {
                found.insert(name);
            }
        }
    }
    found
}

/// What an indicator rests on: its columns, and what they touch.
struct Basis {
    id: String,
    columns: BTreeSet<String>,
    content: BTreeSet<String>,
}

fn bases(resolved: &Resolved) -> Vec<Basis> {
    let mut all = Vec::new();
    for indicator in &resolved.indicators {
        let mut columns = BTreeSet::new();
        let mut content: BTreeSet<String> = indicator.content.iter().cloned().collect();
        let mut measures: Vec<usize> = Vec::new();
        // A fill that differs by group tells the groups apart.
        let by = indicator.impute.as_ref().and_then(|impute| impute.by());
        let by = Origin::Columns(by.into_iter().map(str::to_owned).collect());
        columns.extend(sources(&by, &resolved.derived));
        match &indicator.reading {
            Reading::Scale { instrument, scale, .. } => {
                let Some(instrument) = resolved.instruments.get(*instrument) else { continue };
                let Some(scale) = instrument.key.scales.get(*scale) else { continue };
                for item in &scale.items {
                    let column = instrument.columns.get(*item).cloned().into_iter().collect();
                    columns.extend(sources(&Origin::Columns(column), &resolved.derived));
                    content.extend(
                        instrument.key.items.get(*item).into_iter().flat_map(|item| item.content.clone()),
                    );
                }
            }
            Reading::Measure { measure, .. } => measures.push(*measure),
            Reading::Rule(rule) => measures.extend(rule.bands.measures()),
        }
        for measure in measures.into_iter().filter_map(|measure| resolved.measures.get(measure)) {
            columns.extend(sources(&measure.origin, &resolved.derived));
            let beside = Origin::Columns(measure.readings.columns().cloned().collect());
            columns.extend(sources(&beside, &resolved.derived));
            let per = Origin::Columns(measure.per.iter().map(|per| per.column.clone()).collect());
            columns.extend(sources(&per, &resolved.derived));
            content.extend(measure.content.iter().cloned());
            columns.insert(measure.id.clone());
        }
        all.push(Basis { id: indicator.id.clone(), columns, content });
    }
    all
}

pub(super) fn check(resolved: &Resolved, root: &Node, faults: &mut Faults<'_>) {
    let bases = bases(resolved);
    for choice in &resolved.choices {
        let Some(entry) = section(root, "choice").find(|entry| entry.key == choice.id) else { continue };
        let path = format!("choice.{}", choice.id);
        let columns = sources(&choice.origin, &resolved.derived);
        for basis in &bases {
            if let Some(column) = columns.intersection(&basis.columns).next() {
                let what =
                    format!("the choice and the indicator `{}` both rest on the column `{column}`", basis.id);
                let help = "a regression would give back our own weights; a column is one or the other";
                faults.add(entry.at.start, &path, what, help);
            }
            if let Some(tag) =
                choice.content.iter().find(|tag| basis.content.contains(*tag) && !choice.shares.contains(tag))
            {
                let what = format!("the choice shares the content `{tag}` with the indicator `{}`", basis.id);
                let help = format!(
                    "leave one out, or accept it with shares = [\"{tag}\"]; it is then said beside every estimate"
                );
                faults.add(entry.at.start, &path, what, help);
            }
        }
    }
}

/// What the scores are made of: for each indicator and node its name among the scores and the columns of the file.
pub(crate) fn made_of(resolved: &Resolved) -> Vec<(String, BTreeSet<String>)> {
    let bases = bases(resolved);
    let mut nodes: Vec<BTreeSet<String>> = Vec::new();
    let mut named: Vec<(String, BTreeSet<String>)> =
        bases.iter().map(|basis| (format!("indicator.{}", basis.id), basis.columns.clone())).collect();
    // Parents come after their children.
    for node in &resolved.nodes {
        let mut columns = BTreeSet::new();
        for (child, _) in &node.children {
            let of = match child {
                Child::Indicator(at) => bases.get(*at).map(|basis| &basis.columns),
                Child::Node(at) => nodes.get(*at),
            };
            columns.extend(of.into_iter().flatten().cloned());
        }
        let names = match node.kind {
            NodeKind::Index => ["index", "index_se", "low", "high", "coverage"].map(str::to_owned).to_vec(),
            NodeKind::Domain => vec![format!("domain.{}", node.id), format!("domain.{}.se", node.id)],
            NodeKind::Pillar => vec![format!("pillar.{}", node.id), format!("pillar.{}.se", node.id)],
        };
        named.extend(names.into_iter().map(|name| (name, columns.clone())));
        nodes.push(columns);
    }
    named.extend(
        resolved.choices.iter().map(|choice| (choice.id.clone(), sources(&choice.origin, &resolved.derived))),
    );
    named
}

/// What an indicator touches: its own content tags, and those of the items or measures it rests on.
pub(crate) fn content(resolved: &Resolved, indicator: &str) -> BTreeSet<String> {
    let found = bases(resolved).into_iter().find(|basis| basis.id == indicator);
    found.map(|basis| basis.content).unwrap_or_default()
}

/// For a choice that shares content with indicators, by opt-in: the tags, and the indicators below a node.
pub(crate) fn shared_content(resolved: &Resolved, choice: &str) -> Vec<(String, String)> {
    let Some(choice) = resolved.choices.iter().find(|known| known.id == choice) else { return Vec::new() };
    let mut shared = Vec::new();
    for basis in bases(resolved) {
        for tag in choice.content.iter().filter(|tag| basis.content.contains(*tag)) {
            shared.push((tag.clone(), basis.id.clone()));
        }
    }
    shared
}
