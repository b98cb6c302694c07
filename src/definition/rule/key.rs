//! A rule as its file has it: inputs, refusals, parts or terms, result and classes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    definition::{
        Status,
        parts::{Direction, Formula, Steps},
    },
    error::suggest,
    expression::FUNCTIONS,
    notation::format::is_id,
};

/// What the number of a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// 0 to 100, more is better.
    Score,
    /// Points, as published.
    Points,
    /// How many of a list.
    Count,
    /// From 0 to 1.
    Share,
    /// A probability, in per cent.
    Risk,
    /// The percentile in a reference population.
    Percentile,
    /// Years.
    Years,
    /// The position of a class, from 0.
    Level,
    /// A quantity with a unit of its own.
    Quantity,
}

impl Gives {
    /// The word for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Points => "points",
            Self::Count => "count",
            Self::Share => "share",
            Self::Risk => "risk",
            Self::Percentile => "percentile",
            Self::Years => "years",
            Self::Level => "level",
            Self::Quantity => "quantity",
        }
    }

    pub(crate) const WORDS: &'static [&'static str] =
        &["score", "points", "count", "share", "risk", "percentile", "years", "level", "quantity"];

    pub(crate) fn of(word: &str) -> Self {
        match word {
            "score" => Self::Score,
            "points" => Self::Points,
            "count" => Self::Count,
            "share" => Self::Share,
            "risk" => Self::Risk,
            "percentile" => Self::Percentile,
            "years" => Self::Years,
            "level" => Self::Level,
            _ => Self::Quantity,
        }
    }
}

/// A published rule.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RuleKey {
    /// `file.rule`.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) gives: Gives,
    pub(crate) unit: String,
    pub(crate) range: Option<[f64; 2]>,
    /// For the clinic or research only: never in an index, nor on a person's page.
    pub(crate) is_clinical: bool,
    pub(crate) status: Status,
    pub(crate) source: String,
    pub(crate) locator: String,
    pub(crate) population: String,
    /// From and below, in years.
    pub(crate) ages: Option<[f64; 2]>,
    pub(crate) direction: Option<Direction>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) refuse: Vec<Remark>,
    pub(crate) flags: Vec<Remark>,
    /// Intermediate values, in order.
    pub(crate) lets: Vec<(String, Formula)>,
    pub(crate) strata: Vec<(String, Formula)>,
    pub(crate) constants: Vec<(String, Constant)>,
    pub(crate) body: Body,
    pub(crate) combine: Option<Combine>,
    /// How many parts have to be there; none: all.
    pub(crate) at_least: Option<usize>,
    pub(crate) deduct: Option<Deduction>,
    pub(crate) result: Option<Formula>,
    /// Where it is true, the result cannot be decided.
    pub(crate) undefined: Option<Formula>,
    pub(crate) classes: Vec<Class>,
    /// The open cases of the source: name and meaning.
    pub(crate) cases: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) unit: String,
    /// The entry of the measure registry that it is; may be empty.
    pub(crate) measure: String,
    pub(crate) limits: Option<[f64; 2]>,
    /// What it counts as where it is not there.
    pub(crate) absent: Option<f64>,
    /// Whether nothing can be said without it.
    pub(crate) is_needed: bool,
}

impl Input {
    pub(crate) fn needed(name: &str, unit: &str, measure: &str) -> Self {
        let (name, unit, measure) = (name.to_owned(), unit.to_owned(), measure.to_owned());
        Self { name, unit, measure, limits: None, absent: None, is_needed: true }
    }

    pub(crate) fn age() -> Self {
        Self::needed("age", "a", "age")
    }

    pub(crate) fn sex() -> Self {
        Self::needed("sex", "{female:0,male:1}", "sex")
    }

    /// The values of a coded input, as in `{no:0,yes:1}`: names and numbers.
    pub(crate) fn codes(&self) -> Option<Vec<(&str, f64)>> {
        let list = self.unit.strip_prefix('{')?.strip_suffix('}')?;
        let pairs: Option<Vec<_>> = list
            .split(',')
            .map(|pair| pair.split_once(':').and_then(|(k, v)| Some((k, v.parse().ok()?))))
            .collect();
        pairs
    }
}

/// Something that is chosen once for everybody.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) one_of: Vec<String>,
    pub(crate) default: Option<String>,
}

/// A condition with a code: a refusal or a flag.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Remark {
    pub(crate) when: Formula,
    pub(crate) code: String,
    pub(crate) because: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Constant {
    Number(f64),
    /// By stratum, or by the value of an argument; may go on by the other.
    By(Vec<(String, Constant)>),
    /// Of earlier constants.
    From(Formula),
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Body {
    /// Only a result.
    Result,
    Terms(Vec<Term>),
    Parts(Vec<Part>),
    Norm(Norm),
    /// An algorithm of this name, of whatever inputs a definition lists.
    Algorithm(String),
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Term {
    pub(crate) of: Formula,
    pub(crate) part: String,
    pub(crate) coefficient: Constant,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) form: Form,
    pub(crate) deduct: Option<Deduction>,
}

/// How a part is computed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    From(Formula),
    Bands {
        input: String,
        bands: Bands,
    },
    Line {
        input: String,
        points: Vec<[f64; 2]>,
    },
    /// Other rules of the file, with inputs of the same names: one, or one by an argument.
    Rule {
        argument: Option<String>,
        rules: Vec<(String, RuleKey)>,
    },
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bands {
    All(Steps),
    /// By the value of a coded input.
    By {
        input: String,
        rows: Vec<(f64, Steps)>,
    },
}

/// Points taken off where an input is 1, not below 0.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Deduction {
    pub(crate) input: String,
    pub(crate) points: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Combine {
    Worst,
    Sum,
    Mean,
}

/// Percentiles of a reference population.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Norm {
    /// Values are interpolated on the scale of their logarithms.
    pub(crate) is_log: bool,
    /// Empty for norms of L, M and S.
    pub(crate) percentiles: Vec<f64>,
    pub(crate) rows: Vec<NormRow>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct NormRow {
    pub(crate) sex: Option<f64>,
    /// From and below; one age for a row of L, M and S.
    pub(crate) ages: Option<[f64; 2]>,
    /// One a percentile, or L, M and S.
    pub(crate) values: Vec<f64>,
}

/// A named range of the result.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) when: Option<Formula>,
}

/// What is chosen for everybody.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Chosen {
    pub(crate) arguments: BTreeMap<String, String>,
    /// What happens in the cases a source leaves open; by default there is no value.
    pub(crate) cases: BTreeMap<String, CasePolicy>,
    /// How many parts must be there.
    pub(crate) at_least: Option<usize>,
}

/// What is done where a published rule has no row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CasePolicy {
    /// There is no value, and the outcome says why.
    Missing,
    /// This score counts.
    Score(f64),
    /// The bands of this stratum are used.
    Stratum(f64),
}

impl RuleKey {
    /// What is chosen and does not fit the rule: what, and what to do.
    pub(crate) fn misfits(&self, chosen: &Chosen) -> Vec<(String, String)> {
        let mut misfits = Vec::new();
        for (name, value) in &chosen.arguments {
            match self.arguments.iter().find(|argument| argument.name == *name) {
                None => {
                    let help = suggest(name, self.arguments.iter().map(|argument| argument.name.as_str()));
                    misfits.push((format!("`{}` has no argument `{name}`", self.name), help));
                }
                Some(argument) if !argument.one_of.contains(value) => {
                    let help = suggest(value, argument.one_of.iter().map(String::as_str));
                    misfits.push((format!("`{value}` is no `{name}` of `{}`", self.name), help));
                }
                Some(_) => {}
            }
        }
        for argument in &self.arguments {
            if argument.default.is_none() && !chosen.arguments.contains_key(&argument.name) {
                let what =
                    format!("`{}` needs the argument `{}`: {}", self.name, argument.name, argument.title);
                misfits.push((what, format!("one of {}", argument.one_of.join(", "))));
            }
        }
        for case in chosen.cases.keys() {
            if !self.cases.iter().any(|(known, _)| known == case) {
                let help = suggest(case, self.cases.iter().map(|(known, _)| known.as_str()));
                misfits.push((format!("`{}` has no open case `{case}`", self.name), help));
            }
        }
        match (chosen.at_least, &self.body) {
            (Some(at_least), Body::Parts(parts))
                if matches!(self.combine, Some(Combine::Sum | Combine::Mean)) =>
            {
                if !(1..=parts.len()).contains(&at_least) {
                    let what = format!("at least {at_least} of the {} parts of `{}`", parts.len(), self.name);
                    misfits.push((what, format!("allowed: 1 to {}", parts.len())));
                }
            }
            // What is listed is not known yet.
            (None, _) | (_, Body::Algorithm(_)) => {}
            (Some(_), _) => {
                let what =
                    format!("`{}` is no sum or mean of parts, so at_least says nothing of it", self.name);
                misfits.push((what, "leave it out".to_owned()));
            }
        }
        misfits
    }
}

/// Fewest deficits of a frailty index (Searle 2008).
pub(crate) const FEWEST_DEFICITS: usize = 30;

/// What and help, where a measure cannot be listed under a name, because expressions read it.
pub(crate) fn misnamed(name: &str) -> Option<(String, String)> {
    // Two underscores stand in the names that a rule makes of them.
    if !is_id(name) || name.contains("__") {
        let help = "take small letters, digits and single underscores, a letter first".to_owned();
        return Some((format!("`{name}` cannot be the name of what is listed"), help));
    }
    let is_taken = matches!(name, "age" | "sex") || FUNCTIONS.contains(&name);
    is_taken.then(|| {
        (format!("`{name}` means something else in a rule"), "list it under another name".to_owned())
    })
}
