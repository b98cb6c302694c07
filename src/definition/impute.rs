//! What fills the gaps of an indicator: `[impute]` for all that read a scale or measure, `impute` at one of them.

use serde::Serialize;

use super::{
    parts::{Child, Indicator, PersonColumns, Reading},
    source::{Faults, Node},
};

/// What stands in for a missing reading, or for the missing score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Impute {
    /// The mean of the observed readings of the reference; by the groups of a column.
    Mean { by: Option<String> },
    /// Their median, R's type 7.
    Median { by: Option<String> },
    /// The mean of the person's other observed indicators below the same parent, in place of the score.
    Siblings,
    /// The person's latest earlier reading, no more than so many waves old.
    Last { within: Option<f64> },
    /// A straight line between the person's own waves, flat outside them.
    Linear,
    /// The person's latest earlier reading; before the first, the first.
    Constant,
}

impl Impute {
    /// Whether it is learned from a reference.
    pub(crate) fn is_learned(&self) -> bool {
        matches!(self, Self::Mean { .. } | Self::Median { .. })
    }

    /// Whether it reads the person's other waves.
    pub(crate) fn reads_waves(&self) -> bool {
        matches!(self, Self::Last { .. } | Self::Linear | Self::Constant)
    }

    /// Whether a wave must be a number: how far apart two are counts.
    pub(crate) fn needs_numbers(&self) -> bool {
        matches!(self, Self::Last { within: Some(_) } | Self::Linear)
    }

    /// The column whose groups have fills of their own.
    pub(crate) fn by(&self) -> Option<&str> {
        match self {
            Self::Mean { by } | Self::Median { by } => by.as_deref(),
            _ => None,
        }
    }

    /// What fills a gap, in words.
    pub(crate) fn in_words(&self) -> String {
        let of_groups = |by: &Option<String>| by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        match self {
            Self::Mean { by } => format!("gaps filled by the mean of the reference{}", of_groups(by)),
            Self::Median { by } => format!("gaps filled by the median of the reference{}", of_groups(by)),
            Self::Siblings => "gaps filled by the mean of its siblings".to_owned(),
            Self::Last { within: Some(waves) } => {
                format!("gaps filled by the last earlier wave, at most {waves} back")
            }
            Self::Last { within: None } => "gaps filled by the last earlier wave".to_owned(),
            Self::Linear => "gaps filled on a line between waves".to_owned(),
            Self::Constant => "gaps filled by the nearest earlier wave, or the first".to_owned(),
        }
    }
}

/// What fills the gaps of an indicator: its own key, or that of all; none for `none`.
pub(super) fn read(
    node: &Node,
    root: &Node,
    reading: &Reading,
    person: &PersonColumns,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Impute> {
    let is_rule = matches!(reading, Reading::Rule(_));
    let Some(own) = node.get("impute") else {
        // What all have was read once, with its faults; a rule has its own policy for what is missing.
        return if is_rule { None } else { of_all(root, person, &mut Faults::new("", "")) };
    };
    let path = format!("{path}.impute");
    let read = of(own, person, &path, faults)?;
    if is_rule && read != Impute::Siblings {
        let help = "a rule scores what is observed; take `siblings`, or impute no score of a rule";
        faults.add(own.span.start, &path, "the readings of a rule cannot be imputed", help);
        return None;
    }
    Some(read)
}

/// `[impute]`.
pub(super) fn of_all(root: &Node, person: &PersonColumns, faults: &mut Faults<'_>) -> Option<Impute> {
    of(root.get("impute")?, person, "impute", faults)
}

/// A word, or a table with `method`.
fn of(node: &Node, person: &PersonColumns, path: &str, faults: &mut Faults<'_>) -> Option<Impute> {
    let method = node.text().or_else(|| node.get("method")?.text())?;
    let by = node.get("by").and_then(Node::text).map(str::to_owned);
    let within = node.get("within").and_then(Node::number);
    let read = match method {
        "mean" => Some(Impute::Mean { by }),
        "median" => Some(Impute::Median { by }),
        "siblings" => Some(Impute::Siblings),
        "last" => Some(Impute::Last { within }),
        "linear" => Some(Impute::Linear),
        "constant" => Some(Impute::Constant),
        // `none`, or no such word, which is a fault already.
        _ => None,
    };
    if let Some(found) = node.get("by").filter(|_| !read.as_ref().is_some_and(Impute::is_learned)) {
        let help = "groups have a mean or a median of the reference; leave `by` out, or take one of those";
        let what = format!("`by` with `{method}`");
        faults.add(found.span.start, &format!("{path}.by"), what, help);
    }
    if let Some(found) = node.get("within") {
        let path = format!("{path}.within");
        if method != "last" {
            let what = format!("`within` with `{method}`");
            faults.add(found.span.start, &path, what, "`within` says how old the last reading may be");
        } else if within.is_some_and(|waves| waves <= 0.0) {
            let what = format!("{} is no number of waves", within.unwrap_or_default());
            faults.add(found.span.start, &path, what, "give a number above 0");
        }
    }
    if read.as_ref().is_some_and(Impute::reads_waves) && person.wave.is_none() {
        let what = format!("`{method}` fills a gap from the person's other waves, and there are none");
        faults.add(node.span.start, path, what, "name the column that tells waves apart: [person] wave");
    }
    read
}

/// An indicator that takes the mean of its siblings has some.
pub(super) fn check_siblings(
    root: &Node,
    indicators: &[Indicator],
    nodes: &[super::parts::Node],
    faults: &mut Faults<'_>,
) {
    for (at, indicator) in indicators.iter().enumerate() {
        // Said of all, it says nothing of those that are alone.
        let own = root.get("indicator").and_then(|all| all.get(&indicator.id)?.get("impute"));
        let (Some(own), Some(Impute::Siblings)) = (own, &indicator.impute) else { continue };
        let is_own = |(child, _): &(Child, f64)| *child == Child::Indicator(at);
        let is_indicator = |(child, _): &&(Child, f64)| matches!(child, Child::Indicator(_));
        let Some(parent) = nodes.iter().find(|node| node.children.iter().any(is_own)) else { continue };
        if parent.children.iter().filter(is_indicator).count() < 2 {
            let what = format!("`{}` has no other indicator as a child", parent.id);
            let path = format!("indicator.{}.impute", indicator.id);
            faults.add(own.span.start, &path, what, "siblings are the other indicators of one parent");
        }
    }
}
