//! The model that a definition asks for, and what has to be said beside its estimates.

use std::collections::BTreeSet;

use crate::{
    definition::{
        Definition,
        parts::{Child, NodeKind, Resolved},
        roles,
    },
    model::{Model, Term},
};

/// The model a definition asks for in `[model]`, or where it names no terms the index on all choices.
///
/// Every choice is a term, as a number or by its levels, and what `[adjust]` names is adjusted for, unless it is a term
/// itself. Standard errors are HC3 where nothing else is said.
///
/// # Example
/// ```
/// use vointi::{Definition, explain};
/// let model = explain::model_of(&Definition::builtin("nhanes")?);
/// assert_eq!((model.outcome(), model.terms().len(), model.adjusters().len()), ("index", 8, 4));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn model_of(definition: &Definition) -> Model {
    let parts = definition.parts();
    let model = match &parts.model {
        Some(spec) => Model::of_spec(spec),
        None => Model::ols("index", [] as [Term; 0]),
    };
    let model = if model.terms().is_empty() {
        model.explained_by(parts.choices.iter().map(|choice| choice.id.as_str()))
    } else {
        model
    };
    if !model.adjusters().is_empty() {
        return model;
    }
    let named: BTreeSet<String> = model.terms().iter().map(|term| term.column().to_owned()).collect();
    let adjusters = parts.adjusters.iter().map(|adjuster| adjuster.column.as_str());
    model.adjust(adjusters.filter(|column| !named.contains(*column)))
}

/// What has to be said beside the estimates of a model: choices that share content with what the outcome is made of.
///
/// # Example
/// ```
/// use vointi::{Definition, explain};
/// let definition = Definition::builtin("nhanes")?;
/// let remarks = explain::remarks(&definition, &explain::model_of(&definition));
/// assert!(remarks[0].contains("sleep_hours") && remarks[0].contains("`mood`"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn remarks(definition: &Definition, model: &Model) -> Vec<String> {
    remarks_on(definition, model, |_| true)
}

/// The remarks on some of the terms.
pub(super) fn remarks_on(
    definition: &Definition,
    model: &Model,
    is_asked: impl Fn(&str) -> bool,
) -> Vec<String> {
    let parts = definition.parts();
    let below = indicators_below(parts, model.outcome());
    let mut remarks = Vec::new();
    for term in model.terms().iter().filter(|term| is_asked(term.column())) {
        for (tag, indicator) in roles::shared_content(parts, term.column()) {
            if below.contains(&indicator) {
                remarks.push(format!(
                    "{}: shares the content `{tag}` with the indicator `{indicator}` of {}, so part of its estimate is one \
                     thing asked twice",
                    term.column(),
                    model.outcome()
                ));
            }
        }
    }
    remarks
}

/// The ids of the indicators that a score rests on.
pub(super) fn indicators_below(parts: &Resolved, score: &str) -> BTreeSet<String> {
    let name = score.strip_suffix(".se").unwrap_or(score);
    if let Some(id) = name.strip_prefix("indicator.") {
        return BTreeSet::from([id.to_owned()]);
    }
    let id = name.strip_prefix("pillar.").or_else(|| name.strip_prefix("domain."));
    let top = parts.nodes.iter().position(|node| match id {
        Some(id) => node.id == id && node.kind != NodeKind::Index,
        None => name == "index" && node.kind == NodeKind::Index,
    });
    let below = top.map(|at| parts.indicators_below(Child::Node(at))).unwrap_or_default();
    below
        .into_iter()
        .filter_map(|at| parts.indicators.get(at))
        .map(|indicator| indicator.id.clone())
        .collect()
}
