//! Reads a scale: which items, and how they become one number.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    direction_of, figures,
    key::{Cutting, GroupShare, InstrumentKey, Item, ItemAggregate, ItemMissing, Line, Scale, Way},
    positions,
};
use crate::{
    definition::{
        parts::{Direction, Formula},
        resolve::{check_twice, read_formula, text_of as text},
        source::{Faults, Node},
    },
    error::suggest,
    expression::Kind,
};

/// The one scale of an instrument that declares none: the sum of its items.
pub(super) fn total(node: &Node, key: &InstrumentKey) -> Scale {
    let items: Vec<usize> = (0..key.items.len()).collect();
    let way = Way::Items {
        reversed: vec![false; items.len()],
        weights: vec![1.0; items.len()],
        aggregate: ItemAggregate::Sum,
    };
    let range = natural_range(&way, &items, key).unwrap_or([0.0, 0.0]);
    let direction = direction_of(node).unwrap_or(Direction::HigherBetter);
    bare("total", items, way, direction, ItemMissing::Complete, range)
}

fn bare(
    id: &str,
    items: Vec<usize>,
    way: Way,
    direction: Direction,
    missing: ItemMissing,
    range: [f64; 2],
) -> Scale {
    Scale {
        id: id.to_owned(),
        title: String::new(),
        items,
        way,
        line: Line::SAME,
        cutting: Cutting::None,
        direction,
        missing,
        range,
        ends: None,
        is_for_groups: false,
        is_label: false,
        group: None,
        loinc: None,
        bands: Vec::new(),
        band_set: None,
        reliability: Vec::new(),
        reliability_kind: None,
        norms: Vec::new(),
        norm: None,
        changes: Vec::new(),
    }
}

/// `[scale.ID]`; `key` holds the items and the scales declared before.
pub(super) fn read(
    id: &str,
    node: &Node,
    key: &InstrumentKey,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Scale> {
    let (way, items) = read_way(node, key, path, faults)?;
    let missing = match node.get("missing") {
        Some(rule) => read_missing(rule, &way, items.len(), path, faults)?,
        None => ItemMissing::Complete,
    };
    check_missing(node, missing, &way, &items, key, path, faults);
    let natural = natural_range(&way, &items, key);
    let line = read_line(node, natural, path, faults);
    let cutting = read_cutting(node, path, faults);
    let direction = direction_of(node).unwrap_or(Direction::HigherBetter);
    let range = read_range(node, natural, line, &cutting, path, faults);
    let mut scale = bare(id, items, way, direction, missing, range);
    scale.title = text(node, "title");
    scale.line = line;
    scale.cutting = cutting;
    let ends = node.get("ends");
    scale.ends = match ends.map(Node::list) {
        Some([low, high]) => Some([low.number(), high.number()]),
        Some(_) => {
            let at = ends.map_or(0, |node| node.span.start);
            faults.add(at, &format!("{path}.ends"), "not two scores", "give [all lowest, all highest]");
            None
        }
        None => None,
    };
    scale.is_for_groups = text(node, "level") == "group";
    scale.is_label = node.get("label").and_then(Node::flag).unwrap_or(false);
    scale.group = node.get("group").and_then(|group| {
        let pair = |key: &str| match group.get(key).map(Node::numbers).as_deref() {
            Some(&[from, to]) => Some([from, to]),
            _ => None,
        };
        Some(GroupShare { plus: pair("plus")?, minus: pair("minus") })
    });
    scale.loinc = node.get("loinc").map(|loinc| (text(loinc, "code"), text(loinc, "status") == "verified"));
    figures::read_published(&mut scale, node, path, faults);
    Some(scale)
}

/// Exactly one of items, of and from.
fn read_way(
    node: &Node,
    key: &InstrumentKey,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<(Way, Vec<usize>)> {
    let given: Vec<&str> =
        ["items", "of", "from"].into_iter().filter(|name| node.get(name).is_some()).collect();
    if given.len() > 1 {
        let what = format!("{} are given together", given.join(" and "));
        faults.add(node.span.start, path, what, "say once what the score is made of");
        return None;
    }
    let kind = given.first().copied().unwrap_or("items");
    for (name, of) in [
        ("reverse", &["items"][..]),
        ("weights", &["items", "of"]),
        ("aggregate", &["items", "of"]),
        ("refuse", &["from"]),
    ] {
        if let Some(found) = node.get(name).filter(|_| !of.contains(&kind)) {
            let what = format!("`{name}` does not go with `{kind}`");
            faults.add(
                found.span.start,
                &format!("{path}.{name}"),
                what,
                format!("it goes with {}", of.join(", ")),
            );
        }
    }
    for name in ["items", "reverse", "of"] {
        check_twice(node.get(name), "item", &format!("{path}.{name}"), faults);
    }
    if let Some(list) = node.get(kind).filter(|list| kind != "from" && list.list().is_empty()) {
        faults.add(
            list.span.start,
            &format!("{path}.{kind}"),
            "the list of items is empty",
            "name at least one",
        );
        return None;
    }
    let aggregate = if text(node, "aggregate") == "mean" { ItemAggregate::Mean } else { ItemAggregate::Sum };
    match kind {
        "of" => {
            let of = scales_named(node.get("of"), key, path, faults)?;
            let weights = read_weights(node, of.len(), path, faults);
            let items: BTreeSet<usize> = of
                .iter()
                .filter_map(|at| key.scales.get(*at))
                .flat_map(|scale| scale.items.clone())
                .collect();
            Some((Way::Scales { of, weights, aggregate }, items.into_iter().collect()))
        }
        "from" => {
            let from = read_formula(node.get("from")?, &format!("{path}.from"), faults)?;
            let refuse: Vec<Formula> = node
                .get("refuse")
                .map(Node::list)
                .unwrap_or_default()
                .iter()
                .filter_map(|one| read_formula(one, &format!("{path}.refuse"), faults))
                .collect();
            let items = formula_items(node, &from, &refuse, key, path, faults)?;
            Some((Way::Formula { from, refuse }, items))
        }
        _ => {
            let items = match node.get("items") {
                Some(list) => positions(Some(list), &key.items, &format!("{path}.items"), faults),
                None => (0..key.items.len()).collect(),
            };
            let turned = positions(node.get("reverse"), &key.items, &format!("{path}.reverse"), faults);
            for at in turned.iter().filter(|at| !items.contains(at)) {
                let name = key.items.get(*at).map_or("", |item| item.id.as_str());
                let at = node.get("reverse").map_or(0, |node| node.span.start);
                let what = format!("the item `{name}` is not in this scale");
                faults.add(at, &format!("{path}.reverse"), what, "leave it out, or add it to `items`");
            }
            let reversed = items.iter().map(|item| turned.contains(item)).collect();
            let weights = read_weights(node, items.len(), path, faults);
            Some((Way::Items { reversed, weights, aggregate }, items))
        }
    }
}

fn scales_named(
    list: Option<&Node>,
    key: &InstrumentKey,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let names = list.map(Node::list).unwrap_or_default();
    for name in names {
        let text = name.text().unwrap_or_default();
        match key.scales.iter().position(|scale| scale.id == text) {
            Some(at) => found.push(at),
            None => {
                let help = suggest(text, key.scales.iter().map(|scale| scale.id.as_str()));
                let what = format!("there is no scale `{text}` before this one");
                faults.add(name.span.start, &format!("{path}.of"), what, help);
            }
        }
    }
    (found.len() == names.len()).then_some(found)
}

fn read_weights(node: &Node, count: usize, path: &str, faults: &mut Faults<'_>) -> Vec<f64> {
    let Some(list) = node.get("weights") else { return vec![1.0; count] };
    let weights = list.numbers();
    if weights.len() != count || !weights.iter().all(|weight| *weight > 0.0) {
        let what = format!("{} weights for {count} items", weights.len());
        faults.add(list.span.start, &format!("{path}.weights"), what, "give one above 0 for each");
        return vec![1.0; count];
    }
    weights
}

/// The items an expression reads, through `let` names and scales; unknown names are faults.
fn formula_items(
    node: &Node,
    from: &Formula,
    refuse: &[Formula],
    key: &InstrumentKey,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Vec<usize>> {
    let mut found: BTreeSet<usize> = BTreeSet::new();
    let mut unknown: BTreeMap<String, ()> = BTreeMap::new();
    let mut open: Vec<String> = [from].into_iter().chain(refuse).flat_map(|f| names_of(f)).collect();
    while let Some(name) = open.pop() {
        if let Some(at) = key.items.iter().position(|item| item.id == name) {
            found.insert(at);
        } else if let Some((_, formula)) = key.lets.iter().find(|(known, _)| *known == name) {
            open.extend(names_of(formula));
        } else if let Some(scale) = key.scales.iter().find(|scale| scale.id == name) {
            found.extend(scale.items.iter().copied());
        } else {
            unknown.insert(name, ());
        }
    }
    let known = || {
        let items = key.items.iter().map(|item| item.id.as_str());
        items
            .chain(key.lets.iter().map(|(name, _)| name.as_str()))
            .chain(key.scales.iter().map(|s| s.id.as_str()))
    };
    let at = node.get("from").map_or(0, |node| node.span.start);
    for name in unknown.keys() {
        let what = format!("there is no item, `let` or earlier scale `{name}`");
        faults.add(at, &format!("{path}.from"), what, suggest(name, known()));
    }
    for formula in [from].into_iter().chain(refuse) {
        check_number(formula, at, &format!("{path}.from"), faults);
    }
    if found.is_empty() && unknown.is_empty() {
        faults.add(at, &format!("{path}.from"), "the formula reads no item", "name items in it");
    }
    (unknown.is_empty() && !found.is_empty()).then(|| found.into_iter().collect())
}

/// Every name is a number here, and so has the result to be.
pub(super) fn check_number(formula: &Formula, at: usize, path: &str, faults: &mut Faults<'_>) {
    match formula.expression.check(|_| Some(Kind::Number)) {
        Ok(Kind::Number) => {}
        Ok(Kind::Text) => faults.add(at, path, "the formula gives a text", "let it give a number"),
        Err(error) => faults.add(at, path, error.what, error.help),
    }
}

fn names_of(formula: &Formula) -> Vec<String> {
    formula.expression.names().into_iter().map(str::to_owned).collect()
}

/// The smallest and the largest sum or mean of complete answers.
pub(super) fn natural_range(way: &Way, items: &[usize], key: &InstrumentKey) -> Option<[f64; 2]> {
    let (reach, weights, aggregate): (Vec<[f64; 2]>, &[f64], _) = match way {
        Way::Items { weights, aggregate, .. } => {
            let reach = items.iter().filter_map(|at| key.items.get(*at)).map(Item::reach);
            (reach.collect(), weights, aggregate)
        }
        Way::Scales { of, weights, aggregate } => {
            let reach = of.iter().filter_map(|at| key.scales.get(*at)).map(|scale| scale.range);
            (reach.collect(), weights, aggregate)
        }
        Way::Formula { .. } => return None,
    };
    let sum = |end: fn(&[f64; 2]) -> f64| reach.iter().zip(weights).map(|(r, w)| w * end(r)).sum::<f64>();
    let over = match aggregate {
        ItemAggregate::Sum => 1.0,
        ItemAggregate::Mean => weights.iter().sum::<f64>(),
    };
    Some([sum(|reach| reach[0]) / over, sum(|reach| reach[1]) / over])
}

/// `multiply` or `onto`.
fn read_line(node: &Node, natural: Option<[f64; 2]>, path: &str, faults: &mut Faults<'_>) -> Line {
    let multiply = node.get("multiply").and_then(Node::number);
    if let Some(times) = node.get("multiply").filter(|_| multiply.is_some_and(|times| times <= 0.0)) {
        let what = format!("a score times {}", multiply.unwrap_or(f64::NAN));
        let help = "give a factor above 0; turn a scale round with `direction`";
        faults.add(times.span.start, &format!("{path}.multiply"), what, help);
    }
    let Some(onto) = node.get("onto") else { return Line { slope: multiply.unwrap_or(1.0), ..Line::SAME } };
    let here = &format!("{path}.onto");
    if multiply.is_some() {
        faults.add(onto.span.start, here, "multiply and onto are given together", "leave one out");
    }
    let (Some([low, high]), &[from, to]) = (natural, onto.numbers().as_slice()) else {
        faults.add(
            onto.span.start,
            here,
            "the range of a formula is not known",
            "write the line into `from`",
        );
        return Line::SAME;
    };
    if from >= to {
        faults.add(onto.span.start, here, "the line does not rise", "turn a scale round with `direction`");
        return Line::SAME;
    }
    Line { from: low, slope: (to - from) / (high - low), plus: from }
}

/// `bins` or `table`.
fn read_cutting(node: &Node, path: &str, faults: &mut Faults<'_>) -> Cutting {
    if let (Some(bins), Some(_)) = (node.get("bins"), node.get("table")) {
        faults.add(bins.span.start, path, "bins and table are given together", "leave one out");
    }
    if let Some(table) = node.get("table") {
        let scores = table.get("scores").map(Node::numbers).unwrap_or_default();
        let first = table.get("first").and_then(Node::number).unwrap_or(0.0);
        if scores.is_empty() || first != first.trunc() {
            faults.add(
                table.span.start,
                &format!("{path}.table"),
                "the table is empty",
                "give a whole `first` and its `scores`",
            );
        }
        return Cutting::Table { first, scores };
    }
    let Some(bins) = node.get("bins") else { return Cutting::None };
    let mut at = bins.get("at").map(Node::numbers).unwrap_or_default();
    let points = bins.get("points").map(Node::numbers).unwrap_or_default();
    let here = &format!("{path}.bins");
    if at.is_empty() || !at.is_sorted_by(|a, b| a < b) || points.len() != at.len() + 1 {
        let help = "give thresholds, each above the one before, and one score more than thresholds";
        faults.add(bins.span.start, here, "the bins do not fit their thresholds", help);
    }
    let edges: Vec<String> = match bins.get("edge") {
        Some(edge) => edge.text().map_or_else(|| edge.texts(), |word| vec![word.to_owned(); at.len()]),
        None => vec!["above".to_owned(); at.len()],
    };
    if edges.len() != at.len() {
        let what = format!("{} edges for {} thresholds", edges.len(), at.len());
        faults.add(bins.span.start, here, what, "give one for all, or one each");
    }
    // A threshold that belongs to the bin below it begins the bin above at the next number.
    for (threshold, edge) in at.iter_mut().zip(&edges) {
        if edge == "below" {
            *threshold = threshold.next_up();
        }
    }
    Cutting::Bins { at, points }
}

/// What is declared has to be what the key gives, where that is known.
fn read_range(
    node: &Node,
    natural: Option<[f64; 2]>,
    line: Line,
    cutting: &Cutting,
    path: &str,
    faults: &mut Faults<'_>,
) -> [f64; 2] {
    let of_cutting = |scores: &[f64]| {
        let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
        [low, scores.iter().copied().fold(f64::NEG_INFINITY, f64::max)]
    };
    let computed = match cutting.scores() {
        [] => natural.map(|ends| ends.map(|end| line.at(end))),
        scores => Some(of_cutting(scores)),
    };
    let declared = match node.get("range").map(Node::numbers).as_deref() {
        Some(&[low, high]) => Some([low, high]),
        _ => None,
    };
    let at = node.get("range").map_or(node.span.start, |range| range.span.start);
    let here = &format!("{path}.range");
    match (declared, computed) {
        (Some([low, high]), _) if low >= high => {
            faults.add(at, here, "the range holds no score", "give [lowest, highest]");
            [low, high]
        }
        (Some(declared), Some(computed)) => {
            let differs = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-9 * b.abs().max(1.0);
            if declared.iter().zip(&computed).any(differs) {
                let [low, high] = computed;
                faults.add(at, here, "the key gives another range", format!("it goes from {low} to {high}"));
            }
            declared
        }
        (Some(declared), None) => declared,
        (None, Some(computed)) => computed,
        (None, None) => {
            faults.add(at, path, "the range of a formula is not known", "give `range = [lowest, highest]`");
            [0.0, 1.0]
        }
    }
}

fn read_missing(
    rule: &Node,
    way: &Way,
    items: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<ItemMissing> {
    let here = &format!("{path}.missing");
    let (count, aggregate) = match way {
        Way::Items { aggregate, .. } => (items, Some(*aggregate)),
        Way::Scales { of, aggregate, .. } => (of.len(), Some(*aggregate)),
        Way::Formula { .. } => (items, None),
    };
    let mut add = |what: String, help: String| faults.add(rule.span.start, here, what, help);
    match (rule.text(), aggregate) {
        (Some("complete"), _) => return Some(ItemMissing::Complete),
        (Some("formula"), None) => return Some(ItemMissing::Formula),
        (Some("formula"), Some(_)) => {
            add("there is no formula".to_owned(), "use `complete`, or a number of answers".to_owned());
            return None;
        }
        (_, None) => {
            let help = "use `complete`, or `formula`, which then says what becomes of missing answers";
            add("a formula counts no answers".to_owned(), help.to_owned());
            return None;
        }
        (Some("half"), Some(ItemAggregate::Mean)) => return Some(ItemMissing::AtLeast(count.div_ceil(2))),
        (Some("half"), Some(ItemAggregate::Sum)) => return Some(ItemMissing::Prorate(count.div_ceil(2))),
        _ => {}
    }
    for (key, of, other) in
        [("at_least", ItemAggregate::Mean, "prorate"), ("prorate", ItemAggregate::Sum, "at_least")]
    {
        let Some(number) = rule.get(key).and_then(Node::number) else { continue };
        if Some(of) != aggregate {
            add(format!("`{key}` does not suit this aggregate"), format!("use `{other}`"));
            return None;
        }
        let Some(n) = (1..=count).find(|n| *n as f64 == number) else {
            add("no such number of items".to_owned(), format!("give a whole number from 1 to {count}"));
            return None;
        };
        return Some(if key == "at_least" { ItemMissing::AtLeast(n) } else { ItemMissing::Prorate(n) });
    }
    Some(ItemMissing::Complete)
}

/// Items that are not asked are not missing: only a complete rule can tell the two apart. And the mean of some stands in
/// for all only where all go from the same lowest to the same highest.
fn check_missing(
    node: &Node,
    missing: ItemMissing,
    way: &Way,
    items: &[usize],
    key: &InstrumentKey,
    path: &str,
    faults: &mut Faults<'_>,
) {
    if !matches!(missing, ItemMissing::AtLeast(_) | ItemMissing::Prorate(_)) {
        return;
    }
    let at = node.get("missing").map_or(node.span.start, |rule| rule.span.start);
    let here = &format!("{path}.missing");
    if key.skips.iter().flat_map(|skip| &skip.items).any(|item| items.contains(item)) {
        let what = "some of the items are not asked after certain answers";
        faults.add(at, here, what, "use `complete`: what was not asked is not missing");
    }
    let reach: Vec<[f64; 2]> = match way {
        Way::Scales { of, .. } => {
            of.iter().filter_map(|at| key.scales.get(*at)).map(|scale| scale.range).collect()
        }
        _ => items.iter().filter_map(|at| key.items.get(*at)).map(Item::reach).collect(),
    };
    if reach.windows(2).any(|pair| pair.first() != pair.last()) {
        let what = "the items do not all go from the same lowest to the same highest";
        faults.add(at, here, what, "use `complete`: the mean of some cannot stand in for the others");
    }
}

/// What a definition chooses for the scales of an instrument: bands, norms, reliabilities, missing rules.
pub(super) fn choose(key: &mut InstrumentKey, node: &Node, path: &str, faults: &mut Faults<'_>) {
    for section in ["bands", "norm", "reliability", "missing"] {
        for entry in node.get(section).map(Node::entries).unwrap_or_default() {
            let here = format!("{path}.{section}.{}", entry.key);
            let Some(position) = key.scales.iter().position(|scale| scale.id == entry.key) else {
                let help = suggest(&entry.key, key.scales.iter().map(|scale| scale.id.as_str()));
                faults.add(entry.at.start, &here, format!("there is no scale `{}`", entry.key), help);
                continue;
            };
            if section == "missing" {
                let Some(scale) = key.scales.get(position).cloned() else { continue };
                if let Some(rule) = read_missing(
                    &entry.node,
                    &scale.way,
                    scale.items.len(),
                    &format!("{path}.missing.{}", entry.key),
                    faults,
                ) {
                    check_missing(
                        &entry.node,
                        rule,
                        &scale.way,
                        &scale.items,
                        key,
                        &format!("{path}.missing.{}", entry.key),
                        faults,
                    );
                    if let Some(scale) = key.scales.get_mut(position) {
                        scale.missing = rule;
                    }
                }
                continue;
            }
            let Some(scale) = key.scales.get_mut(position) else { continue };
            let name = entry.node.text().unwrap_or_default();
            let (known, chosen): (Vec<&str>, &mut Option<String>) = match section {
                "bands" => (scale.bands.iter().map(|set| set.id.as_str()).collect(), &mut scale.band_set),
                "norm" => (scale.norms.iter().map(|norm| norm.id.as_str()).collect(), &mut scale.norm),
                _ => (
                    scale.reliability.iter().map(|one| one.kind.as_str()).collect(),
                    &mut scale.reliability_kind,
                ),
            };
            if known.contains(&name) {
                *chosen = Some(name.to_owned());
            } else {
                let help = if known.is_empty() {
                    "the instrument has none".to_owned()
                } else {
                    suggest(name, known.iter().copied())
                };
                faults.add(entry.node.span.start, &here, format!("there is no `{name}`"), help);
            }
        }
    }
}
