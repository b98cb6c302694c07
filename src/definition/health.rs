//! `[health]`: published scores that are written beside the index, never into it.

use super::{
    Status,
    parts::{Cut, HealthAsked, Measure},
    resolve::{section, text_of},
    rule::{self, Body, Bound, Chosen, Form, Input, Part, RuleKey, bind_input, policy_of},
    source::{Entry, Faults, Node},
};
use crate::error::suggest;

/// Everything asked for in `[health]`.
pub(super) fn read(root: &Node, measures: &[Measure], faults: &mut Faults<'_>) -> Vec<HealthAsked> {
    section(root, "health").filter_map(|entry| read_one(entry, measures, faults)).collect()
}

fn read_one(entry: &Entry, measures: &[Measure], faults: &mut Faults<'_>) -> Option<HealthAsked> {
    let node = &entry.node;
    let path = format!("health.{}", entry.key);
    let named = node.get("rule")?;
    let key = match rule::rule(named.text()?) {
        Ok(key) => key,
        Err(error) => {
            for fault in error.faults() {
                faults.add(named.span.start, &format!("{path}.rule"), fault.what(), fault.remedy());
            }
            return None;
        }
    };
    let accepts_unverified = node.get("accept").is_some();
    if key.status == Status::Unverified && !accepts_unverified {
        let what = format!("the numbers of `{}` are not verified: {}", key.name, key.locator);
        faults.add(named.span.start, &path, what, "take them by name: accept = \"unverified\"");
    }
    let chosen = chosen(node);
    for (what, help) in key.misfits(&chosen) {
        faults.add(entry.at.start, &path, what, help);
    }
    let is_listed = matches!(key.body, Body::Algorithm(_));
    let inputs = if let Body::Algorithm(algorithm) = &key.body {
        let mut listed = listed_inputs(node, measures, &path, faults);
        for input in persons(algorithm) {
            if listed.iter().any(|(name, _)| *name == input.name) {
                continue;
            }
            if let Bound::To(measure) = bind_input(&input, None, measures, entry.at.start, &path, faults) {
                listed.push((input.name, measure));
            }
        }
        listed
    } else {
        bound_inputs(&key, entry, measures, &path, faults)
    };
    let cuts = cuts(node, &inputs, &path, faults);
    if !is_listed {
        check_parts(&key, &chosen, &inputs, entry, &path, faults);
    }
    Some(HealthAsked {
        id: entry.key.clone(),
        title: text_of(node, "title"),
        rule: key,
        inputs,
        cuts,
        chosen,
        accepts_unverified,
    })
}

/// What an algorithm asks of a person beside what is listed.
fn persons(algorithm: &str) -> Vec<Input> {
    match algorithm {
        "klemera_doubal" => vec![Input::sex(), Input::age()],
        "allostatic_quartiles" => vec![Input::sex()],
        _ => Vec::new(),
    }
}

fn chosen(node: &Node) -> Chosen {
    let entries = |key: &str| node.get(key).map(Node::entries).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of parts")]
    let at_least = node.get("at_least").and_then(Node::number).map(|number| number.max(0.0) as usize);
    Chosen {
        arguments: entries("arguments")
            .iter()
            .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned())))
            .collect(),
        cases: entries("cases")
            .iter()
            .filter_map(|entry| Some((entry.key.clone(), policy_of(node, &entry.key)?)))
            .collect(),
        at_least,
    }
}

/// The measures of the inputs of a rule, by name or by registry entry.
fn bound_inputs(
    key: &RuleKey,
    entry: &Entry,
    measures: &[Measure],
    path: &str,
    faults: &mut Faults<'_>,
) -> Vec<(String, usize)> {
    let given = entry.node.get("inputs");
    let path = format!("{path}.inputs");
    let mut bound = Vec::new();
    for input in &key.inputs {
        let named = given.and_then(|given| given.get(&input.name));
        if let Bound::To(measure) = bind_input(input, named, measures, entry.at.start, &path, faults) {
            bound.push((input.name.clone(), measure));
        }
    }
    for other in given.map(Node::entries).unwrap_or_default() {
        if !key.inputs.iter().any(|input| input.name == other.key) {
            let help = suggest(&other.key, key.inputs.iter().map(|input| input.name.as_str()));
            faults.add(other.at.start, &path, format!("the rule has no input `{}`", other.key), help);
        }
    }
    bound
}

/// The measures an algorithm is asked to count, in their order.
fn listed_inputs(
    node: &Node,
    measures: &[Measure],
    path: &str,
    faults: &mut Faults<'_>,
) -> Vec<(String, usize)> {
    let mut listed = Vec::new();
    let Some(inputs) = node.get("inputs") else {
        faults.add(
            node.span.start,
            path,
            "nothing is listed",
            "list what counts: inputs = { name = \"measure\" }",
        );
        return listed;
    };
    for entry in inputs.entries() {
        let name = entry.node.text().unwrap_or_default();
        match measures.iter().position(|known| known.id == name) {
            Some(measure) => listed.push((entry.key.clone(), measure)),
            None => {
                let help = suggest(name, measures.iter().map(|known| known.id.as_str()));
                let what = format!("unknown measure `{name}`");
                faults.add(entry.node.span.start, &format!("{path}.inputs"), what, help);
            }
        }
    }
    listed
}

fn cuts(node: &Node, inputs: &[(String, usize)], path: &str, faults: &mut Faults<'_>) -> Vec<(String, Cut)> {
    let path = format!("{path}.cuts");
    let mut cuts = Vec::new();
    for entry in node.get("cuts").map(Node::entries).unwrap_or_default() {
        if !inputs.iter().any(|(name, _)| *name == entry.key) {
            let help = suggest(&entry.key, inputs.iter().map(|(name, _)| name.as_str()));
            faults.add(entry.at.start, &path, format!("`{}` is not listed", entry.key), help);
        }
        let number = |key: &str| entry.node.get(key).and_then(Node::number);
        match (number("above"), number("below")) {
            (Some(cut), None) => cuts.push((entry.key.clone(), Cut::Above(cut))),
            (None, Some(cut)) => cuts.push((entry.key.clone(), Cut::Below(cut))),
            _ => {
                faults.add(entry.at.start, &path, "a cut has one side", "give { above = … } or { below = … }");
            }
        }
    }
    cuts
}

/// With fewer parts than asked for, nobody would have a score.
fn check_parts(
    key: &RuleKey,
    chosen: &Chosen,
    inputs: &[(String, usize)],
    entry: &Entry,
    path: &str,
    faults: &mut Faults<'_>,
) {
    let Body::Parts(parts) = &key.body else { return };
    let lacking: Vec<&str> = parts
        .iter()
        .filter(|part| !can_be_made(part, chosen, inputs))
        .map(|part| part.name.as_str())
        .collect();
    let there = parts.len() - lacking.len();
    let needed = chosen.at_least.or(key.at_least).unwrap_or(parts.len());
    if there < needed && key.combine.is_some() {
        let what = format!(
            "{there} of {} parts can be made, {needed} are needed: {} lack inputs",
            parts.len(),
            lacking.join(", ")
        );
        let help = format!("bind what they read, or say at_least = {}", there.max(1));
        faults.add(entry.at.start, path, what, help);
    }
}

/// Whether what a part needs is bound; only parts that are rules of their own can lack something.
pub(crate) fn can_be_made(part: &Part, chosen: &Chosen, inputs: &[(String, usize)]) -> bool {
    let Form::Rule { argument, rules } = &part.form else { return true };
    let value = argument.as_ref().and_then(|argument| chosen.arguments.get(argument));
    let rule = match value {
        Some(value) => rules.iter().find(|(name, _)| name == value),
        None => rules.first(),
    };
    let is_bound = |name: &str| inputs.iter().any(|(bound, _)| bound == name);
    rule.is_none_or(|(_, rule)| rule.inputs.iter().all(|input| !input.is_needed || is_bound(&input.name)))
}
