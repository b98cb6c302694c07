//! What goes with the choices: estimates of a model, in steps that mean something.

use serde::Serialize;

use super::asked::indicators_below;
use crate::{
    definition::{
        Definition, Direction,
        parts::{Choice, ChoiceKind, Resolved, named},
        roles,
    },
    model::{Dropped, Estimate, Fitted, Model, Term},
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
/// assert_eq!(sitting.estimate, -60.0 * fitted.estimate("sitting_minutes").unwrap().estimate);
/// assert!(sitting.low.unwrap() > 0.0, "an hour less goes with a higher index");
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
    /// How standard errors were made, such as `hc3`.
    pub covariance: &'static str,
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
    /// What a fitted model says of the choices of a definition, in the steps it declares. Other terms count as what is
    /// adjusted for.
    ///
    /// **Formula** a number's estimate, standard error and interval are multiplied by the declared step, which is
    /// negative where less is favoured; the ends of the interval then change places.
    ///
    /// **Units** those of the outcome, by step.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, explain::{self, Change, ChoiceEffects}};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let scores = Index::new(&definition)?.score_cohort(&cohort)?;
    /// # let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
    /// let effects = ChoiceEffects::of(&definition, &fitted);
    /// assert_eq!(effects.rows[0].change, Change::Step { by: 0.5, unit: "h".to_owned() });
    /// assert_eq!(format!("{:+.2}", effects.rows[0].estimate), "+0.14");
    /// assert_eq!(effects.rows[0].shares[0].content, "sleep");
    /// assert_eq!(effects.adjusters, ["age", "sex", "education", "income_ratio"]);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(definition: &Definition, fitted: &Fitted) -> Self {
        let parts = definition.parts();
        let model = fitted.model();
        let row = |estimate: &Estimate| {
            let column = estimate.column.as_ref()?;
            let choice = parts.choices.iter().find(|choice| choice.id == *column)?;
            Some(in_steps(parts, model.outcome(), choice, estimate))
        };
        Self {
            outcome: model.outcome().to_owned(),
            n: fitted.n(),
            dropped: fitted.dropped().to_vec(),
            adjusters: held_alike(model, parts),
            covariance: model.covariance_kind().word(),
            level: model.confidence(),
            r2: fitted.r2(),
            rows: fitted.estimates().iter().filter_map(row).collect(),
            remarks: fitted.warnings().to_vec(),
        }
    }
}

/// The columns of a model that are no choices.
pub(super) fn held_alike(model: &Model, parts: &Resolved) -> Vec<String> {
    let is_choice = |column: &str| parts.choices.iter().any(|choice| choice.id == column);
    let columns = model.terms().iter().chain(model.adjusters()).map(Term::column);
    columns.filter(|column| !is_choice(column)).map(str::to_owned).collect()
}

/// The step of a choice that is a number, in the direction the definition favours; 1 of what has levels.
pub(super) fn favoured_step(kind: &ChoiceKind) -> f64 {
    match kind {
        ChoiceKind::Number { step, favours: Some(Direction::LowerBetter), .. } => -step,
        ChoiceKind::Number { step, .. } => *step,
        ChoiceKind::Levels { .. } => 1.0,
    }
}

fn in_steps(parts: &Resolved, outcome: &str, choice: &Choice, of: &Estimate) -> ChoiceEffect {
    let by = favoured_step(&choice.kind);
    let change = match &choice.kind {
        ChoiceKind::Number { unit, .. } => Change::Step { by, unit: unit.clone() },
        ChoiceKind::Levels { .. } => Change::Level {
            to: of.level.clone().unwrap_or_default(),
            from: of.reference.clone().unwrap_or_default(),
        },
    };
    let [low, high] = if by < 0.0 { [of.high, of.low] } else { [of.low, of.high] };
    ChoiceEffect {
        choice: choice.id.clone(),
        title: named(&choice.title, &choice.id),
        change,
        estimate: by * of.estimate,
        std_error: of.std_error.map(|error| by.abs() * error),
        low: low.map(|low| by * low),
        high: high.map(|high| by * high),
        p: of.p,
        shares: shared(parts, choice, outcome),
    }
}

/// What a choice has in common with the indicators below an outcome, tag by tag.
pub(super) fn shared(parts: &Resolved, choice: &Choice, outcome: &str) -> Vec<Shared> {
    let below = indicators_below(parts, outcome);
    let mut found: Vec<Shared> = Vec::new();
    for (content, id) in roles::shared_content(parts, &choice.id) {
        if !below.contains(&id) {
            continue;
        }
        let indicator = parts.indicators.iter().find(|indicator| indicator.id == id);
        let title = indicator.map_or_else(String::new, |indicator| named(&indicator.title, &id));
        match found.iter_mut().find(|shared| shared.content == content) {
            Some(shared) => shared.indicators.push(title),
            None => found.push(Shared { content, indicators: vec![title] }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Change, ChoiceEffects};
    use crate::{definition::Definition, model::Model, table::Table};

    #[test]
    fn estimates_are_in_declared_steps() {
        let definition = Definition::builtin("nhanes").unwrap();
        let wave = |k: i32, by: i32| f64::from(k * by % 7);
        let noise = |k: i32| f64::from(k * 11 % 13) / 10.0;
        let of = |value: &dyn Fn(i32) -> f64| (0..50).map(|k| Some(value(k))).collect::<Vec<_>>();
        let table = Table::builder()
            .number("sleep_hours", of(&|k| wave(k, 3)))
            .number("sitting_minutes", of(&|k| 60.0 * wave(k, 5)))
            .text("smoking", (0..50).map(|k| Some(if k % 3 == 0 { "current" } else { "never" })))
            .number("age", of(&|k| f64::from(20 + k)))
            .number("index", of(&|k| 2.0 * wave(k, 3) - 0.05 * wave(k, 5) + noise(k)))
            .build()
            .unwrap();
        let smoking = table.column("smoking").unwrap().with_levels(["never", "former", "current"]).unwrap();
        let table = Table::builder()
            .number("sleep_hours", of(&|k| wave(k, 3)))
            .column("sitting_minutes", table.column("sitting_minutes").unwrap().clone())
            .column("smoking", smoking)
            .column("age", table.column("age").unwrap().clone())
            .column("index", table.column("index").unwrap().clone())
            .build()
            .unwrap();
        let fitted = Model::ols("index", ["sleep_hours", "sitting_minutes", "smoking"])
            .adjust(["age"])
            .fit(&table)
            .unwrap();
        let found = ChoiceEffects::of(&definition, &fitted);
        let [sleep, sitting, smoking] = found.rows.as_slice() else { panic!("three are choices") };
        let hour = fitted.estimate("sleep_hours").unwrap();
        assert_eq!(sleep.change, Change::Step { by: 0.5, unit: "h".to_owned() });
        assert_eq!((sleep.estimate, sleep.high), (0.5 * hour.estimate, hour.high.map(|high| 0.5 * high)));
        assert_eq!(sleep.shares[0].indicators, ["mood"]);
        let minute = fitted.estimate("sitting_minutes").unwrap();
        assert_eq!(sitting.change, Change::Step { by: -60.0, unit: "min/d".to_owned() });
        assert_eq!(sitting.estimate, -60.0 * minute.estimate);
        assert_eq!(sitting.std_error, minute.std_error.map(|error| 60.0 * error));
        assert_eq!(sitting.low, minute.high.map(|high| -60.0 * high), "the ends change places");
        assert!(sitting.low < Some(sitting.estimate) && Some(sitting.estimate) < sitting.high);
        let level = Change::Level { to: "current".to_owned(), from: "never".to_owned() };
        assert_eq!((&smoking.change, smoking.shares.len()), (&level, 0));
        assert_eq!((found.adjusters.as_slice(), found.n), (&["age".to_owned()][..], 50));
    }
}
