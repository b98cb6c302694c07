//! The treatment of skewed indicators before they are normalised: `[treat]`, and `treat` at one indicator.

use serde::Serialize;

use super::{
    parts::Reading,
    source::{Faults, Node},
};

/// Winsorising, a transformation, or the one where the other does not help.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Treatment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) winsorise: Option<Winsorise>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) then: Option<Then>,
    /// Whether the transformation is of the winsorised readings, and not of the readings themselves.
    pub(crate) combine: bool,
    /// A column passes below this skewness, either way, …
    pub(crate) skewness: f64,
    /// … or below this excess kurtosis.
    pub(crate) kurtosis: f64,
}

/// How many readings may be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Winsorise {
    Points(usize),
    Unlimited,
}

/// A transformation; formulas are at `Transform` of the indicators.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Then {
    Log,
    LogPlus,
    LogOrig,
    LogGii,
    /// The power; none for the likeliest.
    BoxCox(Option<f64>),
}

/// COINr's defaults.
const POINTS: usize = 5;
const SKEWNESS: f64 = 2.0;
const KURTOSIS: f64 = 3.5;

impl Then {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::LogPlus => "log_plus",
            Self::LogOrig => "log_orig",
            Self::LogGii => "log_gii",
            Self::BoxCox(_) => "box_cox",
        }
    }
}

impl Treatment {
    /// What it does, as in "winsorised up to 5 points, then log where still skewed".
    pub(super) fn in_words(&self) -> String {
        let first = self.winsorise.map(|most| match most {
            Winsorise::Points(points) => format!("winsorised up to {points} points"),
            Winsorise::Unlimited => "winsorised".to_owned(),
        });
        let then = self.then.map(|then| match then {
            Then::BoxCox(Some(power)) => format!("box_cox of {power}"),
            Then::BoxCox(None) => "box_cox of the likeliest power".to_owned(),
            other => other.word().to_owned(),
        });
        let of = if self.combine { " of that" } else { "" };
        match (first, then) {
            (Some(first), Some(then)) => format!("{first} if skewed, {then}{of} if still skewed"),
            (Some(only), None) | (None, Some(only)) => format!("{only} if skewed"),
            (None, None) => "untreated".to_owned(),
        }
    }
}

/// The treatment that the file asks for everywhere.
pub(super) fn read_standing(root: &Node, faults: &mut Faults<'_>) -> Option<Treatment> {
    read(root.get("treat")?, "treat", faults)
}

/// The treatment of one indicator: its own, or the one for all.
pub(super) fn of_indicator(
    node: &Node,
    standing: Option<Treatment>,
    reading: &Reading,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Treatment> {
    let path = format!("{path}.treat");
    let takes = match reading {
        Reading::Scale { utility, .. } | Reading::Measure { utility, .. } => Some(utility.takes_treatment()),
        Reading::Rule(_) => None,
    };
    let Some(own) = node.get("treat") else { return standing.filter(|_| takes == Some(true)) };
    let treatment = read(own, &path, faults);
    let why = match takes {
        Some(true) => return treatment,
        None => "a rule has its own scores",
        Some(false) => "its utility is declared point by point on untreated readings",
    };
    if treatment.is_some() {
        let help = "leave out `treat`, or give a utility that a reference teaches, as `min_max`";
        faults.add(own.span.start, &path, format!("the indicator cannot be treated: {why}"), help);
    }
    None
}

fn read(node: &Node, path: &str, faults: &mut Faults<'_>) -> Option<Treatment> {
    match node.text() {
        Some("winsorise_then_log") => {
            return Some(Treatment {
                winsorise: Some(Winsorise::Points(POINTS)),
                then: Some(Then::Log),
                combine: false,
                skewness: SKEWNESS,
                kurtosis: KURTOSIS,
            });
        }
        // No treatment, or another word, which is a fault already.
        Some(_) => return None,
        None => {}
    }
    let winsorise = node.get("winsorise").map(|value| read_winsorise(value, path, faults));
    let then = read_then(node, path, faults);
    if node.get("winsorise").is_none() && node.get("then").is_none() {
        let help = "give `winsorise`, `then` or both, or `treat = \"none\"`";
        faults.add(node.span.start, path, "the treatment does nothing", help);
        return None;
    }
    let combine = node.get("combine").and_then(Node::flag).unwrap_or(false);
    if let Some(found) = node.get("combine").filter(|_| combine && (winsorise.is_none() || then.is_none())) {
        let help = "it takes both `winsorise` and `then`";
        faults.add(found.span.start, &format!("{path}.combine"), "there is nothing to combine", help);
    }
    let mut limit = |key: &str, default: f64| {
        let Some(value) = node.get(key).and_then(Node::number) else { return default };
        if value <= 0.0 {
            let at = node.get(key).map_or(0, |node| node.span.start);
            let help = format!("give a number above 0; by default {default}");
            faults.add(at, &format!("{path}.{key}"), format!("no column is below {value}"), help);
        }
        value
    };
    let (skewness, kurtosis) = (limit("skewness", SKEWNESS), limit("kurtosis", KURTOSIS));
    // Neither could be read, which is a fault already.
    if winsorise.is_none() && then.is_none() {
        return None;
    }
    Some(Treatment { winsorise: winsorise.flatten(), then, combine, skewness, kurtosis })
}

fn read_winsorise(value: &Node, path: &str, faults: &mut Faults<'_>) -> Option<Winsorise> {
    // Neither a number nor `unlimited`: a fault already.
    let Some(points) = value.number() else { return value.text().map(|_| Winsorise::Unlimited) };
    if !(1.0..=1e9).contains(&points) || points.fract() != 0.0 {
        let help = "give a whole number of 1 or more, or \"unlimited\"";
        let what = format!("{points} is no number of points");
        faults.add(value.span.start, &format!("{path}.winsorise"), what, help);
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and in range")]
    let points = points as usize;
    Some(Winsorise::Points(points))
}

fn read_then(node: &Node, path: &str, faults: &mut Faults<'_>) -> Option<Then> {
    let word = node.get("then").and_then(Node::text);
    let lambda = node.get("lambda");
    if let Some(found) = lambda.filter(|_| word != Some("box_cox")) {
        let help = "it is the power of `then = \"box_cox\"`";
        faults.add(found.span.start, &format!("{path}.lambda"), "there is no power to give", help);
    }
    match word? {
        "log" => Some(Then::Log),
        "log_plus" => Some(Then::LogPlus),
        "log_orig" => Some(Then::LogOrig),
        "log_gii" => Some(Then::LogGii),
        "box_cox" => {
            let power = lambda.and_then(Node::number);
            if let (Some(power), Some(found)) = (power.filter(|power| power.abs() > MOST_POWER), lambda) {
                let what = format!("the power {power} is too large");
                let help =
                    format!("give −{MOST_POWER} to {MOST_POWER}, 0 is the logarithm, 1 changes nothing");
                faults.add(found.span.start, &format!("{path}.lambda"), what, help);
            }
            Some(Then::BoxCox(power))
        }
        // A fault already.
        _ => None,
    }
}

/// Powers beyond it are no transformation that anybody uses.
pub(crate) const MOST_POWER: f64 = 5.0;
