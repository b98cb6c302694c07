//! What goes with the choices: estimates of a model, in steps that mean something.

use serde::Serialize;

use super::sides::named;
use crate::definition::{
    Definition, Direction,
    parts::{Choice, ChoiceKind, Resolved},
    roles,
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
/// use vointi::{Definition, explain::{ChoiceEffects, TermEstimate}};
///
/// let definition = Definition::builtin("nhanes")?;
/// let a_minute = TermEstimate::new("sitting_minutes", -0.01).interval(-0.015, -0.005).std_error(0.0025);
/// let effects = ChoiceEffects::new(&definition, "index", 4000, 0.95, &[a_minute]);
/// let row = &effects.rows[0];
/// assert_eq!(row.estimate, 0.6, "an hour less: the step is 60 minutes, and less is favoured");
/// assert_eq!((row.low, row.high), (Some(0.3), Some(0.9)));
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
    pub dropped: Vec<DroppedRows>,
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

/// Rows that a model left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DroppedRows {
    /// The reason.
    pub reason: String,
    /// Rows.
    pub rows: usize,
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

/// An estimate as a model gives it: for one unit of a number, or for a level against the reference.
///
/// # Example
/// ```
/// use vointi::explain::TermEstimate;
/// let term = TermEstimate::new("smoking", -4.0).level("current", "never").std_error(0.6).p(0.001);
/// assert_eq!(term.level.as_deref(), Some("current"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TermEstimate {
    /// The column.
    pub column: String,
    /// The level, of a categorical term.
    pub level: Option<String>,
    /// The level it is held against.
    pub reference: Option<String>,
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
    /// Its p-value.
    pub p: Option<f64>,
}

impl TermEstimate {
    /// An estimate of a column, without its doubt yet.
    pub fn new(column: impl Into<String>, estimate: f64) -> Self {
        Self {
            column: column.into(),
            level: None,
            reference: None,
            estimate,
            std_error: None,
            low: None,
            high: None,
            p: None,
        }
    }

    /// Of a level against another.
    #[must_use]
    pub fn level(mut self, level: impl Into<String>, reference: impl Into<String>) -> Self {
        (self.level, self.reference) = (Some(level.into()), Some(reference.into()));
        self
    }

    /// With its interval.
    #[must_use]
    pub fn interval(mut self, low: f64, high: f64) -> Self {
        (self.low, self.high) = (Some(low), Some(high));
        self
    }

    /// With its standard error.
    #[must_use]
    pub fn std_error(mut self, std_error: f64) -> Self {
        self.std_error = Some(std_error);
        self
    }

    /// With its p-value.
    #[must_use]
    pub fn p(mut self, p: f64) -> Self {
        self.p = Some(p);
        self
    }
}

impl ChoiceEffects {
    /// Estimates of a model of `outcome` on `n` persons, in the steps the definition declares; terms that are no
    /// choice are left out, and the adjusters are those of the definition.
    ///
    /// **Formula** a number's estimate, standard error and interval are multiplied by the declared step, which is
    /// negative where less is favoured; the ends of the interval then change places.
    pub fn new(definition: &Definition, outcome: &str, n: usize, level: f64, terms: &[TermEstimate]) -> Self {
        let parts = definition.parts();
        let row = |term: &TermEstimate| {
            let choice = parts.choices.iter().find(|choice| choice.id == term.column)?;
            Some(in_steps(parts, choice, term))
        };
        Self {
            outcome: outcome.to_owned(),
            n,
            dropped: Vec::new(),
            adjusters: parts.adjusters.iter().map(|adjuster| adjuster.column.clone()).collect(),
            covariance: String::new(),
            level,
            r2: None,
            rows: terms.iter().filter_map(row).collect(),
            remarks: Vec::new(),
        }
    }

    /// Says how many rows were left out, and why.
    #[must_use]
    pub fn dropped(mut self, reason: impl Into<String>, rows: usize) -> Self {
        self.dropped.push(DroppedRows { reason: reason.into(), rows });
        self
    }

    /// Says what was held alike, where it is not what the definition declares.
    #[must_use]
    pub fn adjusted_for<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.adjusters = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Says how standard errors were made.
    #[must_use]
    pub fn covariance(mut self, word: impl Into<String>) -> Self {
        self.covariance = word.into();
        self
    }

    /// With the share of the outcome's variance that goes with the model.
    #[must_use]
    pub fn r2(mut self, r2: f64) -> Self {
        self.r2 = Some(r2);
        self
    }

    /// With something the fit says about itself.
    #[must_use]
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
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

fn in_steps(parts: &Resolved, choice: &Choice, term: &TermEstimate) -> ChoiceEffect {
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

#[cfg(test)]
mod tests {
    use super::{Change, ChoiceEffects, TermEstimate};
    use crate::definition::Definition;

    #[test]
    fn estimates_are_in_declared_steps() {
        let definition = Definition::builtin("nhanes").unwrap();
        let terms = [
            TermEstimate::new("(intercept)", 70.0),
            TermEstimate::new("sleep_hours", 1.0).interval(0.5, 1.5).std_error(0.25),
            TermEstimate::new("smoking", -4.0).level("current", "never").interval(-5.0, -3.0),
            TermEstimate::new("age", -0.1),
        ];
        let found = ChoiceEffects::new(&definition, "index", 10, 0.95, &terms);
        let [sleep, smoking] = found.rows.as_slice() else { panic!("two are choices") };
        assert_eq!(
            (sleep.estimate, sleep.std_error, sleep.low, sleep.high),
            (0.5, Some(0.125), Some(0.25), Some(0.75))
        );
        assert_eq!(sleep.change, Change::Step { by: 0.5, unit: "h".to_owned() });
        assert_eq!(
            (sleep.shares[0].content.as_str(), sleep.shares[0].indicators.as_slice()),
            ("sleep", &["mood".to_owned()][..])
        );
        assert_eq!((smoking.estimate, smoking.low, smoking.high), (-4.0, Some(-5.0), Some(-3.0)));
        assert!(smoking.shares.is_empty());
        assert_eq!(found.adjusters, ["age", "sex", "education", "income_ratio"]);
    }
}
