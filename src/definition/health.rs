//! `[health]`: published scores that are written beside the index, never into it.

use super::{
    Status,
    parts::{Cut, HealthAsked, Measure},
    resolve::{section, text_of},
    rule::{
        self, Body, Bound, CasePolicy, Chosen, FEWEST_DEFICITS, Form, Input, Part, RuleKey, bind_input,
        misnamed,
    },
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
    let inputs = if let Body::Algorithm(algorithm) = &key.body {
        let mut listed = listed_inputs(node, algorithm, measures, &path, faults);
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
    let cuts = cuts(node, &key, &inputs, &path, faults);
    check_whole(node, &path, faults);
    match &key.body {
        Body::Algorithm(algorithm) => check_listed(algorithm, &key, &inputs, &chosen, node, &path, faults),
        _ => check_parts(&key, &chosen, &inputs, entry, &path, faults),
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

/// How many parts, in whole parts.
fn check_whole(node: &Node, path: &str, faults: &mut Faults<'_>) {
    if let Some(at_least) = node.get("at_least")
        && at_least.number().is_some_and(|number| number.fract() != 0.0)
    {
        faults.add(
            at_least.span.start,
            &format!("{path}.at_least"),
            "parts are counted in whole numbers",
            "round it",
        );
    }
}

/// Whether enough is listed, and every measure of a count has its cut.
fn check_listed(
    algorithm: &str,
    key: &RuleKey,
    inputs: &[(String, usize)],
    chosen: &Chosen,
    node: &Node,
    path: &str,
    faults: &mut Faults<'_>,
) {
    let persons = persons(algorithm);
    let listed = inputs.iter().filter(|(name, _)| !persons.iter().any(|input| input.name == *name)).count();
    let given = node.get("inputs");
    let at = given.map_or(node.span.start, |given| given.span.start);
    let of_inputs = format!("{path}.inputs");
    if algorithm == "frailty_index" && given.is_some() && listed < FEWEST_DEFICITS {
        let are = if listed == 1 { "is" } else { "are" };
        let what =
            format!("a frailty index has at least {FEWEST_DEFICITS} deficits, and {listed} {are} listed");
        faults.add(at, &of_inputs, what, "list more deficits, each a measure from 0 to 1");
    }
    if algorithm == "high_risk_count" {
        let cuts = node.get("cuts");
        for (name, _) in inputs {
            if cuts.and_then(|cuts| cuts.get(name)).is_none() {
                let what = format!("`{name}` has no cut");
                let help = format!(
                    "say from where on it is at high risk: cuts = {{ {name} = {{ above = … }} }} or {{ below = … }}"
                );
                faults.add(cuts.map_or(at, |cuts| cuts.span.start), &format!("{path}.cuts"), what, help);
            }
        }
    }
    let Some(at_least) = chosen.at_least else { return };
    if algorithm == "klemera_doubal" {
        let what = format!("`{}` is no sum or mean of parts, so at_least says nothing of it", key.name);
        faults.add(node.span.start, path, what, "leave it out: at most two markers may be missing");
    } else if listed > 0 && !(1..=listed).contains(&at_least) {
        let what = format!("at least {at_least} of the {listed} measures that are listed");
        faults.add(node.span.start, path, what, format!("allowed: 1 to {listed}"));
    }
}

fn chosen(node: &Node) -> Chosen {
    let entries = |key: &str| node.get(key).map(Node::entries).unwrap_or_default();
    let policy = |node: &Node| {
        let number = |key: &str| node.get(key).and_then(Node::number);
        match (number("score"), number("stratum")) {
            (Some(score), _) => CasePolicy::Score(score),
            (_, Some(stratum)) => CasePolicy::Stratum(stratum),
            _ => CasePolicy::Missing,
        }
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of parts")]
    let at_least = node.get("at_least").and_then(Node::number).map(|number| number.max(0.0) as usize);
    Chosen {
        arguments: entries("arguments")
            .iter()
            .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned())))
            .collect(),
        cases: entries("cases").iter().map(|entry| (entry.key.clone(), policy(&entry.node))).collect(),
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
    algorithm: &str,
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
    let persons = persons(algorithm);
    for entry in inputs.entries() {
        let name = entry.node.text().unwrap_or_default();
        let is_of_person = persons.iter().any(|input| input.name == entry.key);
        if let Some((what, help)) = misnamed(&entry.key).filter(|_| !is_of_person) {
            faults.add(entry.at.start, &format!("{path}.inputs"), what, help);
            continue;
        }
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

fn cuts(
    node: &Node,
    key: &RuleKey,
    inputs: &[(String, usize)],
    path: &str,
    faults: &mut Faults<'_>,
) -> Vec<(String, Cut)> {
    let path = format!("{path}.cuts");
    let mut cuts = Vec::new();
    if let (Some(given), false) =
        (node.get("cuts"), matches!(&key.body, Body::Algorithm(name) if name == "high_risk_count"))
    {
        faults.add(
            given.span.start,
            &path,
            format!("`{}` has no cuts of one's own", key.name),
            "leave them out",
        );
        return cuts;
    }
    for entry in node.get("cuts").map(Node::entries).unwrap_or_default() {
        if !inputs.iter().any(|(name, _)| *name == entry.key) {
            let help = match inputs {
                [] => "list it in inputs".to_owned(),
                _ => suggest(&entry.key, inputs.iter().map(|(name, _)| name.as_str())),
            };
            faults.add(entry.at.start, &path, format!("`{}` is not listed", entry.key), help);
        }
        let number = |key: &str| entry.node.get(key).and_then(Node::number);
        match (number("above"), number("below")) {
            (Some(cut), None) => cuts.push((entry.key.clone(), Cut::Above(cut))),
            (None, Some(cut)) => cuts.push((entry.key.clone(), Cut::Below(cut))),
            _ => {
                faults.add(entry.at.start, &path, "a cut has one side", "give { above = … } or { below = … }")
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
    if there < needed && needed <= parts.len() && key.combine.is_some() {
        let what = format!(
            "{there} of {} parts can be made, {needed} are needed: what {} read{} is not bound",
            parts.len(),
            lacking.join(", "),
            if lacking.len() == 1 { "s" } else { "" }
        );
        let help = match there {
            0 => "bind it".to_owned(),
            _ => format!("bind it, or say at_least = {there}"),
        };
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
