//! Who gets an index at all: `[screen]`.

use serde::Serialize;

use super::{
    parts::Formula,
    resolve::read_formula,
    source::{Faults, Node},
};

/// Every condition that is given must hold.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Screen {
    /// The share of the indicators whose reading is observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at_least: Option<f64>,
    /// The share of the observed readings of scales and measures that are not 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) non_zero: Option<f64>,
    /// Kept, whatever the shares are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep_if: Option<Formula>,
    /// Dropped, whatever else holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drop_if: Option<Formula>,
}

impl Screen {
    /// Who is scored, in words.
    pub(crate) fn in_words(&self) -> String {
        let mut words = Vec::new();
        if let Some(share) = self.at_least {
            words.push(format!("at least {} % of the indicators observed", 100.0 * share));
        }
        if let Some(share) = self.non_zero {
            words.push(format!("at least {} % of the readings not 0", 100.0 * share));
        }
        if let Some(formula) = &self.keep_if {
            words.push(format!("kept in any case if {}", formula.text));
        }
        if let Some(formula) = &self.drop_if {
            words.push(format!("dropped in any case if {}", formula.text));
        }
        words.join(", ")
    }
}

pub(super) fn read(root: &Node, faults: &mut Faults<'_>) -> Option<Screen> {
    let node = root.get("screen")?;
    if node.entries().is_empty() {
        let help = "give one or more of at_least, non_zero, keep_if, drop_if";
        faults.add(node.span.start, "screen", "nobody is screened by nothing", help);
    }
    if let (Some(found), None, None) = (node.get("keep_if"), node.get("at_least"), node.get("non_zero")) {
        let help = "keep_if saves from at_least and non_zero; to drop all others, say so with drop_if";
        faults.add(found.span.start, "screen.keep_if", "there is nothing to be kept from", help);
    }
    let mut share = |key: &str| {
        let found = node.get(key)?;
        let share = found.number()?;
        if !(share > 0.0 && share <= 1.0) {
            let help = "give a share above 0 and up to 1";
            faults.add(found.span.start, &format!("screen.{key}"), format!("{share} is no share"), help);
        }
        Some(share)
    };
    let (at_least, non_zero) = (share("at_least"), share("non_zero"));
    let mut formula = |key: &str| read_formula(node.get(key)?, &format!("screen.{key}"), faults);
    let (keep_if, drop_if) = (formula("keep_if"), formula("drop_if"));
    Some(Screen { at_least, non_zero, keep_if, drop_if })
}
