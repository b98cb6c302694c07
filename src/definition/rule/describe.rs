//! Rules as plain values to be shown: what they read, whom they refuse, how they compute.

use serde::Serialize;

use super::{
    key::{Argument, Bands, Body, Combine, Constant, Form, Gives, Input, Norm, Part, RuleKey, Term},
    read,
};
use crate::{
    definition::{Status, parts::Steps},
    error::Result,
    notation::format::is_id,
};

/// A published rule, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RuleSummary {
    /// `file.rule`.
    pub name: String,
    /// What it scores.
    pub title: String,
    /// What its number is.
    pub gives: Gives,
    /// The unit of the number; may be empty.
    pub unit: String,
    /// What the number can be.
    pub range: Option<[f64; 2]>,
    /// Whether it is for the clinic and research only.
    pub is_clinical: bool,
    /// How far its numbers were checked.
    pub status: Status,
    /// The version of what was published; may be empty.
    pub version: String,
    /// Author, year, where.
    pub source: String,
    /// Where in the source, and how it was checked.
    pub locator: String,
    /// Whom it was made for.
    pub population: String,
    /// The ages it was made for, from and below.
    pub ages: Option<[f64; 2]>,
    /// What it reads, in words.
    pub inputs: Vec<String>,
    /// What is chosen once for everybody, in words.
    pub arguments: Vec<String>,
    /// Whom it refuses, in words.
    pub refusals: Vec<String>,
    /// How it computes, step by step.
    pub steps: Vec<String>,
    /// Its classes, in words.
    pub classes: Vec<String>,
    /// What it says beside a result.
    pub flags: Vec<String>,
    /// What its source leaves open.
    pub cases: Vec<String>,
}

/// Every rule of the catalogue.
///
/// # Errors
/// None in a released crate: the catalogue is read by the tests.
///
/// # Example
/// ```
/// let rules = vointi::definition::rules()?;
/// assert!(rules.iter().any(|rule| rule.name == "prevent.total_cvd" && rule.is_clinical));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn rules() -> Result<Vec<RuleSummary>> {
    read::names()?.iter().map(|name| rule(name)).collect()
}

/// One rule of the catalogue.
///
/// # Errors
/// An unknown name, with the nearest known one.
///
/// # Example
/// ```
/// let rule = vointi::definition::rule("findrisc.score")?;
/// assert_eq!(rule.range, Some([0.0, 26.0]));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn rule(name: &str) -> Result<RuleSummary> {
    let key = read::rule(name)?;
    let remark =
        |remark: &super::key::Remark| format!("{}: {} ({})", remark.code, remark.because, remark.when.text);
    Ok(RuleSummary {
        inputs: key.inputs.iter().map(input).collect(),
        arguments: key.arguments.iter().map(argument).collect(),
        refusals: key.refuse.iter().map(remark).collect(),
        steps: steps(&key),
        classes: key
            .classes
            .iter()
            .map(|class| match &class.when {
                Some(when) => format!("{}: {}", class.name, when.text),
                None => format!("{}: all others", class.name),
            })
            .collect(),
        flags: key.flags.iter().map(remark).collect(),
        cases: key.cases.iter().map(|(case, meaning)| format!("{case}: {meaning}")).collect(),
        name: key.name,
        title: key.title,
        gives: key.gives,
        unit: key.unit,
        range: key.range,
        is_clinical: key.is_clinical,
        status: key.status,
        version: key.version,
        source: key.source,
        locator: key.locator,
        population: key.population,
        ages: key.ages,
    })
}

fn input(input: &Input) -> String {
    let registry =
        if input.measure.is_empty() { String::new() } else { format!(", the measure {}", input.measure) };
    let limits = input.limits.map_or(String::new(), |[low, high]| format!(", from {low} to {high}"));
    let absent = match (input.absent, input.is_needed) {
        (Some(value), _) => format!("; counts as {value} where nothing is known"),
        (None, false) => "; not always needed".to_owned(),
        (None, true) => String::new(),
    };
    let unit = match input.unit.as_str() {
        "a" => "years (a)",
        "d" => "days (d)",
        unit => unit,
    };
    format!("{} in {unit}{registry}{limits}{absent}", input.name)
}

fn argument(argument: &Argument) -> String {
    let default =
        argument.default.as_ref().map_or(String::new(), |value| format!("; {value} if nothing is said"));
    format!("{}: {}, one of {}{default}", argument.name, argument.title, argument.one_of.join(", "))
}

fn steps(key: &RuleKey) -> Vec<String> {
    let mut steps: Vec<String> =
        key.strata.iter().map(|(name, when)| format!("{name} where {}", when.text)).collect();
    steps.extend(
        key.constants.iter().map(|(name, constant)| format!("{name} = {}", constant_in_words(constant))),
    );
    steps.extend(key.lets.iter().map(|(name, formula)| format!("{name} = {}", formula.text)));
    match &key.body {
        Body::Result => {}
        Body::Terms(terms) => {
            steps.extend(terms.iter().map(term));
            steps.push("lp = the sum of these terms".to_owned());
        }
        Body::Parts(parts) => steps.extend(parts.iter().flat_map(part)),
        Body::Norm(norm) => steps.push(norm_in_words(norm)),
        Body::Algorithm(name) => {
            steps.push(format!("the algorithm {name}, of whatever measures a definition lists"));
        }
    }
    steps.extend(key.combine.map(|combine| match combine {
        Combine::Worst => "the lowest of these".to_owned(),
        Combine::Sum => "the sum of these".to_owned(),
        Combine::Mean => "the mean of these".to_owned(),
    }));
    steps.extend(key.deduct.iter().map(deduction));
    steps.extend(key.undefined.iter().map(|when| format!("nothing is said where {}", when.text)));
    steps.extend(key.result.iter().map(|result| format!("result = {}", result.text)));
    steps
}

fn deduction(deduct: &super::key::Deduction) -> String {
    format!("less {} points where {} is 1, not below 0", deduct.points, deduct.input)
}

fn constant_in_words(constant: &Constant) -> String {
    match constant {
        Constant::Number(number) => number.to_string(),
        Constant::From(formula) => formula.text.clone(),
        Constant::By(entries) => {
            let one = |(name, constant): &(String, Constant)| match constant {
                Constant::By(_) => format!("{name} ({})", constant_in_words(constant)),
                _ => format!("{name} {}", constant_in_words(constant)),
            };
            entries.iter().map(one).collect::<Vec<_>>().join(", ")
        }
    }
}

fn term(term: &Term) -> String {
    let coefficient = match &term.coefficient {
        Constant::By(_) => format!("[{}]", constant_in_words(&term.coefficient)),
        plain => constant_in_words(plain),
    };
    match term.of.text.as_str() {
        "1" => format!("{}: {coefficient}", term.part),
        name if is_id(name) => format!("{}: {coefficient} × {name}", term.part),
        of => format!("{}: {coefficient} × ({of})", term.part),
    }
}

fn part(part: &Part) -> Vec<String> {
    let title = if part.title.is_empty() { String::new() } else { format!(" ({})", part.title) };
    let name = format!("{}{title}", part.name);
    let mut lines = match &part.form {
        Form::From(formula) => vec![format!("{name}: {}", formula.text)],
        Form::Line { input, points } => {
            let points: Vec<String> = points.iter().map(|[x, score]| format!("{x}: {score:.4}")).collect();
            vec![format!("{name}: by {input}, straight lines through {}", points.join(", "))]
        }
        Form::Bands { input, bands: Bands::All(steps) } => {
            vec![format!("{name}: by {input}, {}", bands(steps))]
        }
        Form::Bands { input, bands: Bands::By { input: by, rows } } => rows
            .iter()
            .map(|(when, steps)| format!("{name}: by {input} where {by} is {when}, {}", bands(steps)))
            .collect(),
        Form::Rule { argument: None, rules } => {
            vec![format!("{name}: {}", rules.first().map_or("", |(_, rule)| rule.name.as_str()))]
        }
        Form::Rule { argument: Some(argument), rules } => {
            let rules: Vec<String> =
                rules.iter().map(|(value, rule)| format!("{value}: {}", rule.name)).collect();
            vec![format!("{name}: by {argument}, {}", rules.join(", "))]
        }
    };
    lines.extend(part.deduct.iter().map(|deduct| format!("{}: {}", part.name, deduction(deduct))));
    lines
}

/// Bands in words; a threshold just above a round number is that number, which belongs below.
fn bands(steps: &Steps) -> String {
    let plain = |at: f64| {
        let before = at.next_down();
        if before.to_string().len() < at.to_string().len() { (before, true) } else { (at, false) }
    };
    let from = |at: f64| match plain(at) {
        (at, true) => format!("above {at}"),
        (at, false) => format!("{at}"),
    };
    let to = |at: f64| match plain(at) {
        (at, true) => format!("to {at}"),
        (at, false) => format!("to below {at}"),
    };
    let band = |(k, score): (usize, &f64)| {
        let lower = k.checked_sub(1).and_then(|k| steps.at.get(k)).copied();
        let range = match (lower, steps.at.get(k).copied()) {
            (None, None) => "all".to_owned(),
            (None, Some(upper)) => match plain(upper) {
                (at, true) => format!("up to {at}"),
                (at, false) => format!("below {at}"),
            },
            (Some(lower), None) => match plain(lower) {
                (at, true) => format!("above {at}"),
                (at, false) => format!("{at} and more"),
            },
            (Some(lower), Some(upper)) => format!("{} {}", from(lower), to(upper)),
        };
        match steps.case.get(k) {
            Some(case) if !case.is_empty() => format!("{range}: left open ({case})"),
            _ => format!("{range}: {score}"),
        }
    };
    steps.score.iter().enumerate().map(band).collect::<Vec<_>>().join("; ")
}

fn norm_in_words(norm: &Norm) -> String {
    let by =
        match (norm.rows.iter().any(|row| row.sex.is_some()), norm.rows.iter().any(|row| row.ages.is_some()))
        {
            (true, true) => ", by sex and age",
            (true, false) => ", by sex",
            (false, true) => ", by age",
            (false, false) => "",
        };
    let log = if norm.is_log { " on the scale of the logarithm" } else { "" };
    let what = if norm.percentiles.is_empty() {
        "L, M and S, straight between ages".to_owned()
    } else {
        format!("{} tabulated percentiles, straight lines in z between them{log}", norm.percentiles.len())
    };
    format!("the percentile by {} rows of {what}{by}", norm.rows.len())
}
