//! What goes with the choices: estimates of a model, in steps that mean something.

use serde::Serialize;

use super::sides::named;
use crate::{
    definition::{
        Definition, Direction,
        parts::{Choice, ChoiceKind, Resolved},
        roles,
    },
    model::{Dropped, Estimate, Fitted},
};

/// What a fitted model says of the choices of a definition, one row a choice, or a level of it.
///
/// An estimate is the difference in the outcome between people who differ by the change and are alike in everything
/// else in the model. It is an association, not an effect of the change.
///
/// **Units** those of the outcome.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, ChoiceEffects}};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
/// let effects = ChoiceEffects::of(&definition, &fitted);
/// let sitting = effects.rows.iter().find(|row| row.choice == "sitting_minutes").unwrap();
/// let a_minute = fitted.estimate("sitting_minutes").unwrap().estimate;
/// assert!((sitting.estimate + 60.0 * a_minute).abs() < 1e-12, "an hour less: less is favoured");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChoiceEffects {
    /// The outcome, as a column.
    pub outcome: String,
    /// How many persons the estimates rest on.
    pub n: usize,
    /// Who was left out, by reason.
    pub dropped: Vec<Dropped>,
    /// What is held alike beside the choices.
    pub adjusters: Vec<String>,
    /// How standard errors were made, such as `hc3`; empty if that is not known.
    pub covariance: String,
    /// How sure the intervals are, such as 0.95.
    pub level: f64,
    /// The share of the outcome's variance that goes with the model.
    pub r2: Option<f64>,
    /// The choices, in the order of the model.
    pub rows: Vec<ChoiceEffect>,
    /// What the fit says about itself.
    pub remarks: Vec<String>,
}

/// What goes with one change of a choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChoiceEffect {
    /// The choice.
    pub choice: String,
    /// What it is, in words.
    pub title: String,
    /// Between whom the difference is.
    pub change: Change,
    /// The difference in the outcome.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
    /// Its p-value.
    pub p: Option<f64>,
    /// What the choice has in common with indicators of the index: a part of the estimate is this overlap.
    pub shares: Vec<Shared>,
}

/// Between whom a difference is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// So much more, or less where it is negative: the declared step, in the favoured direction.
    Step {
        /// How much.
        by: f64,
        /// In what.
        unit: String,
    },
    /// One level instead of another.
    Level {
        /// The level.
        to: String,
        /// The level it is held against.
        from: String,
    },
}

/// A content tag that a choice and indicators have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Shared {
    /// The tag.
    pub content: String,
    /// The titles of the indicators.
    pub indicators: Vec<String>,
}

impl ChoiceEffects {
    /// The estimates of a fitted model, in the steps the definition declares; terms that are no choice are left out.
    ///
    /// **Formula** a number's estimate, standard error and interval are multiplied by the declared step, which is
    /// negative where less is favoured; the ends of the interval then change places.
    pub fn of(definition: &Definition, fitted: &Fitted) -> Self {
        let parts = definition.parts();
        let row = |term: &Estimate| {
            let choice = parts.choices.iter().find(|choice| Some(&choice.id) == term.column.as_ref())?;
            Some(in_steps(parts, choice, term))
        };
        let remarks = fitted.warnings().iter().cloned().chain(super::remarks(definition, fitted.model()));
        Self {
            outcome: fitted.model().outcome().to_owned(),
            n: fitted.n(),
            dropped: fitted.dropped().to_vec(),
            adjusters: super::what_if::adjusters_of(fitted),
            covariance: fitted.model().covariance_kind().word().to_owned(),
            level: fitted.model().confidence(),
            r2: fitted.r2(),
            rows: fitted.estimates().iter().filter_map(row).collect(),
            remarks: remarks.collect(),
        }
    }
}

/// The step of a choice that is a number, in the direction the definition favours; 1 of what has levels.
pub(super) fn favoured_step(kind: &ChoiceKind) -> f64 {
    match kind {
        ChoiceKind::Number { step, favours: Some(Direction::LowerBetter), .. } => -step,
        ChoiceKind::Number { step, .. } => *step,
        ChoiceKind::Levels { .. } => 1.0,
    }
}

fn in_steps(parts: &Resolved, choice: &Choice, term: &Estimate) -> ChoiceEffect {
    let by = favoured_step(&choice.kind);
    let change = match &choice.kind {
        ChoiceKind::Number { unit, .. } => Change::Step { by, unit: unit.clone() },
        ChoiceKind::Levels { .. } => Change::Level {
            to: term.level.clone().unwrap_or_default(),
            from: term.reference.clone().unwrap_or_default(),
        },
    };
    let [low, high] = if by < 0.0 { [term.high, term.low] } else { [term.low, term.high] };
    ChoiceEffect {
        choice: choice.id.clone(),
        title: named(&choice.title, &choice.id),
        change,
        estimate: by * term.estimate,
        std_error: term.std_error.map(|error| by.abs() * error),
        low: low.map(|low| by * low),
        high: high.map(|high| by * high),
        p: term.p,
        shares: shared(parts, choice),
    }
}

/// What a choice has in common with indicators, tag by tag.
pub(super) fn shared(parts: &Resolved, choice: &Choice) -> Vec<Shared> {
    let with = |tag: &String| {
        let has =
            |indicator: &&crate::definition::parts::Indicator| roles::content(parts, indicator).contains(tag);
        let indicators: Vec<String> = parts
            .indicators
            .iter()
            .filter(has)
            .map(|indicator| named(&indicator.title, &indicator.id))
            .collect();
        (!indicators.is_empty()).then(|| Shared { content: tag.clone(), indicators })
    };
    choice.content.iter().filter_map(with).collect()
}
