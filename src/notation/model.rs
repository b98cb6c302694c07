//! How a model is written down, in a definition's `[model]` or in a file of its own.

use serde::Serialize;

use super::{
    format::{self, Key, Shape, key, required},
    source::{self, Faults, Node},
};
use crate::error::{ErrorKind, Result};

const TERM: &[Key] = &[
    required("column", Shape::Text, "a choice, adjuster or other column"),
    key("kind", Shape::Word(&["linear", "factor"]), "how it enters; by default as its column is"),
    key(
        "reference",
        Shape::Either(&[Shape::Text, Shape::Number]),
        "the level that the others are compared with",
    ),
];

/// The keys of a model.
pub(crate) const KEYS: &[Key] = &[
    key("outcome", Shape::Text, "a column of numbers; in a definition, a score"),
    key("method", Shape::Word(&["ols"]), "the estimator"),
    key(
        "covariance",
        Shape::Word(&["classical", "hc0", "hc1", "hc2", "hc3"]),
        "the covariance of the estimates",
    ),
    key("missing", Shape::Word(&["drop", "error"]), "what happens to incomplete rows"),
    key("level", Shape::Number, "the confidence of the intervals; by default 0.95"),
    key("intercept", Shape::Flag, "whether there is an intercept; by default yes"),
    key("term", Shape::List(&Shape::Table(TERM)), "what the outcome is explained by"),
    key("adjust", Shape::List(&Shape::Table(TERM)), "terms that the others are adjusted for"),
];

/// The format of a file of its own.
pub(crate) const FILE: Shape = Shape::Table(KEYS);

/// A model as it is written; what it names is looked up when it is fitted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ModelSpec {
    pub(crate) outcome: String,
    pub(crate) method: String,
    pub(crate) covariance: String,
    pub(crate) missing: String,
    // What stands at its default is left out, so that it changes no hash.
    #[serde(skip_serializing_if = "is_usual")]
    pub(crate) level: f64,
    #[serde(skip_serializing_if = "Clone::clone")]
    pub(crate) intercept: bool,
    pub(crate) terms: Vec<TermSpec>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) adjust: Vec<TermSpec>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct TermSpec {
    pub(crate) column: String,
    /// `linear`, `factor`, or nothing: as the column is.
    pub(crate) kind: Option<String>,
    pub(crate) reference: Option<String>,
}

const USUAL_LEVEL: f64 = 0.95;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_usual(level: &f64) -> bool {
    *level == USUAL_LEVEL
}

/// Reads a file of its own.
pub(crate) fn read_file(name: &str, text: &str) -> Result<ModelSpec> {
    let mut faults = Faults::new(name, text);
    let root = source::parse(text, &mut faults);
    format::check(&root, &FILE, "", &mut faults);
    for key in ["outcome", "term"] {
        if root.get(key).is_none() {
            let help = if key == "outcome" { "name the column to explain" } else { "add a [[term]] or more" };
            faults.add(0, key, format!("the key `{key}` is missing"), help);
        }
    }
    let spec = read(&root, "", &mut faults);
    if faults.is_empty() { Ok(spec) } else { Err(faults.into_error(ErrorKind::Model)) }
}

/// Reads the table of a model that fits [`KEYS`].
pub(crate) fn read(node: &Node, path: &str, faults: &mut Faults<'_>) -> ModelSpec {
    let word = |key: &str, default: &str| node.get(key).and_then(Node::text).unwrap_or(default).to_owned();
    let term = |term: &Node| TermSpec {
        column: term.get("column").and_then(Node::text).unwrap_or_default().to_owned(),
        kind: term.get("kind").and_then(Node::text).map(str::to_owned),
        // A level may be written as the number it is.
        reference: term.get("reference").and_then(|found| {
            found.text().map(str::to_owned).or_else(|| found.number().map(|number| number.to_string()))
        }),
    };
    let terms = |key: &str| node.get(key).map(Node::list).unwrap_or_default().iter().map(term).collect();
    let level = node.get("level").and_then(Node::number).unwrap_or(USUAL_LEVEL);
    if !(level > 0.0 && level < 1.0) {
        let at = node.get("level").map_or(0, |level| level.span.start);
        let path = if path.is_empty() { "level".to_owned() } else { format!("{path}.level") };
        faults.add(
            at,
            &path,
            format!("{level} is no confidence"),
            "give a number between 0 and 1, as in 0.95",
        );
    }
    ModelSpec {
        outcome: word("outcome", "index"),
        method: word("method", "ols"),
        covariance: word("covariance", "hc3"),
        missing: word("missing", "drop"),
        level,
        intercept: node.get("intercept").and_then(Node::flag).unwrap_or(true),
        terms: terms("term"),
        adjust: terms("adjust"),
    }
}
