//! Binds a published rule of the catalogue to the measures of a definition.

use super::{
    catalogue, format, keys,
    parts::{Measure, Reading, RuleBands, RuleReading, Steps},
    source::{self, Faults, Node},
};
use crate::error::suggest;

/// `rule = "file.rule"` of an indicator, with its `inputs` and `cases`.
pub(super) fn read(
    rule: &Node,
    indicator: &Node,
    measures: &[Measure],
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Reading> {
    let name = rule.text()?;
    let at = rule.span.start;
    let (file, part) = name.split_once('.').unwrap_or((name, ""));
    let text = match catalogue::RULE_SHELF.find(file) {
        Ok(text) => text,
        Err((what, help)) => {
            faults.add(at, &format!("{path}.rule"), what, help);
            return None;
        }
    };
    let mut own = Faults::new(file, text);
    let document = source::parse(text, &mut own);
    format::check(&document, &keys::CATALOGUE_RULE, "", &mut own);
    let rules = document.get("rule").filter(|_| own.is_empty())?;
    let Some(found) = rules.get(part) else {
        let names: Vec<String> =
            rules.entries().iter().map(|entry| format!("{file}.{}", entry.key)).collect();
        let help = suggest(name, names.iter().map(String::as_str));
        faults.add(at, &format!("{path}.rule"), format!("there is no rule `{name}`"), help);
        return None;
    };
    let of_file = |key: &str| document.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let inputs = bind_inputs(found, indicator, measures, at, path, faults)?;
    let bands = read_bands(found, indicator, &inputs, at, path, faults)?;
    Some(Reading::Rule(RuleReading {
        rule: name.to_owned(),
        source: of_file("source"),
        locator: of_file("locator"),
        population: of_file("population"),
        bands,
    }))
}

/// Which measure is which input: (input, measure).
fn bind_inputs(
    rule: &Node,
    indicator: &Node,
    measures: &[Measure],
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, usize)>> {
    let declared = rule.get("inputs")?;
    let given = indicator.get("inputs");
    let path = format!("{path}.inputs");
    let mut bound = Vec::new();
    for input in declared.entries() {
        let (name, unit) = (&input.key, input.node.text().unwrap_or_default());
        let Some(node) = given.and_then(|given| given.get(name)) else {
            faults.add(
                at,
                &path,
                format!("the input `{name}` of the rule is not bound"),
                format!("name a measure in {unit}"),
            );
            continue;
        };
        let measure = node.text().unwrap_or_default();
        match measures.iter().position(|known| known.id == measure) {
            Some(position) => {
                let of_measure = measures.get(position).map_or("", |known| known.unit.as_str());
                if of_measure != unit {
                    let what = format!(
                        "the rule takes `{name}` in `{unit}`, the measure `{measure}` is in `{of_measure}`"
                    );
                    faults.add(node.span.start, &path, what, "convert it with `from`");
                }
                bound.push((name.clone(), position));
            }
            None => {
                let help = suggest(measure, measures.iter().map(|known| known.id.as_str()));
                faults.add(node.span.start, &path, format!("unknown measure `{measure}`"), help);
            }
        }
    }
    for entry in given.map(Node::entries).unwrap_or_default() {
        if declared.get(&entry.key).is_none() {
            let help = suggest(&entry.key, declared.entries().iter().map(|input| input.key.as_str()));
            faults.add(entry.at.start, &path, format!("the rule has no input `{}`", entry.key), help);
        }
    }
    (bound.len() == declared.entries().len()).then_some(bound)
}

fn read_bands(
    rule: &Node,
    indicator: &Node,
    inputs: &[(String, usize)],
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<RuleBands> {
    let measure_of = |input: &str| inputs.iter().find(|(name, _)| name == input).map(|(_, measure)| *measure);
    let by = rule.get("by").and_then(Node::text).and_then(measure_of);
    let mut rows: Vec<(usize, Option<f64>, Steps)> = Vec::new();
    for node in rule.get("steps")?.list() {
        let measure = measure_of(node.get("input")?.text()?)?;
        let when = node.get("when").and_then(Node::number);
        rows.push((measure, when, raw_steps(node)?));
    }
    for entry in indicator.get("cases").map(Node::entries).unwrap_or_default() {
        let known = rule.get("case").map(Node::entries).unwrap_or_default();
        if !known.iter().any(|case| case.key == entry.key) {
            let help = suggest(&entry.key, known.iter().map(|case| case.key.as_str()));
            faults.add(
                entry.at.start,
                &format!("{path}.cases"),
                format!("the rule has no open case `{}`", entry.key),
                help,
            );
        }
    }
    let mut settled = Vec::new();
    for (measure, when, steps) in &rows {
        settled.push((*measure, *when, settle(steps, &rows, rule, indicator, at, path, faults)));
    }
    match by {
        Some(by) => {
            let measure = settled.first()?.0;
            let strata = settled.into_iter().filter_map(|(_, when, steps)| Some((when?, steps))).collect();
            Some(RuleBands::By { measure, by, strata })
        }
        None => {
            Some(RuleBands::Worst(settled.into_iter().map(|(measure, _, steps)| (measure, steps)).collect()))
        }
    }
}

/// The rows as the file has them: a text where the source leaves a case open.
fn raw_steps(node: &Node) -> Option<Steps> {
    let scores = node.get("score")?.list();
    Some(Steps {
        at: node.get("at")?.numbers(),
        score: scores.iter().map(|score| score.number().unwrap_or(f64::NAN)).collect(),
        case: scores.iter().map(|score| score.text().unwrap_or_default().to_owned()).collect(),
    })
}

/// Replaces every open case by what the definition says of it.
fn settle(
    steps: &Steps,
    rows: &[(usize, Option<f64>, Steps)],
    rule: &Node,
    indicator: &Node,
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Steps {
    let mut settled = Steps { at: Vec::new(), score: Vec::new(), case: Vec::new() };
    let edges = |steps: &Steps, band: usize| {
        let below = band.checked_sub(1).and_then(|k| steps.at.get(k)).copied().unwrap_or(f64::NEG_INFINITY);
        (below, steps.at.get(band).copied().unwrap_or(f64::INFINITY))
    };
    let mut push = |from: f64, score: f64, case: &str| {
        if from > f64::NEG_INFINITY {
            settled.at.push(from);
        }
        settled.score.push(score);
        settled.case.push(case.to_owned());
    };
    for (band, (score, case)) in steps.score.iter().zip(&steps.case).enumerate() {
        let (from, below) = edges(steps, band);
        if case.is_empty() {
            push(from, *score, "");
            continue;
        }
        let policy = indicator.get("cases").and_then(|cases| cases.get(case));
        let stratum = policy.and_then(|policy| policy.get("stratum")).and_then(Node::number);
        match (policy, stratum) {
            (Some(policy), Some(stratum)) => {
                let Some((_, _, other)) = rows.iter().find(|(_, when, _)| *when == Some(stratum)) else {
                    let what = format!("the rule has no stratum {stratum}");
                    faults.add(policy.span.start, &format!("{path}.cases.{case}"), what, "");
                    continue;
                };
                for (k, score) in other.score.iter().enumerate() {
                    let (start, end) = edges(other, k);
                    if start < below && from < end {
                        push(start.max(from), *score, case);
                    }
                }
            }
            (Some(_), None) => push(from, f64::NAN, case),
            (None, _) => {
                let meaning =
                    rule.get("case").and_then(|cases| cases.get(case)).and_then(Node::text).unwrap_or("");
                let what = format!("the rule leaves the case `{case}` open: {meaning}");
                let help = format!("say what happens: cases = {{ {case} = \"missing\" }}");
                faults.add(at, &format!("{path}.cases"), what, help);
                push(from, f64::NAN, case);
            }
        }
    }
    settled
}
