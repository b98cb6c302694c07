//! Differences that go with a change: for one person, and for a cohort.

use std::fmt;

use serde::Serialize;

use super::{Scenario, effects::held_alike};
use crate::{
    cohort::{Cohort, Person},
    definition::parts::{ChoiceKind, Resolved, named},
    error::{Error, ErrorKind, Fault, Result},
    model::{Difference, Fitted, Prediction, Profile, Value},
    num::student,
};

/// What goes with a change of one person's choices, among people: a difference, and people who have the new values.
///
/// The difference is between people who differ by the change and are alike in every other term. It is an association in
/// the data behind the fit, and says nothing of what would become of this person.
///
/// **Units** those of the outcome. Formula and example are at [`what_if`].
///
/// `Debug` shows the shape, no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WhatIf {
    /// The column that is explained.
    pub outcome: String,
    /// What is changed.
    pub changes: Vec<SetTo>,
    /// d′β with its interval.
    pub difference: Difference,
    /// People with the person's own values; `None` if a term is missing.
    pub now: Option<Prediction>,
    /// People with the new values; `None` if a term is missing.
    pub then: Option<Prediction>,
    /// Terms that are missing, so that nothing is predicted.
    pub missing: Vec<String>,
    /// Whether the new values lie outside the data behind the fit.
    pub outside_data: bool,
    /// How many persons the estimates rest on.
    pub n: usize,
    /// What the difference is adjusted for.
    pub adjusters: Vec<String>,
    /// The confidence of the intervals.
    pub level: f64,
    /// What has to be said beside it, in words.
    pub remarks: Vec<String>,
}

/// A choice, from where to where. `Debug` shows no value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SetTo {
    /// The choice.
    pub choice: String,
    /// What it is, in words.
    pub title: String,
    /// The unit of a number; empty for levels.
    pub unit: String,
    /// The person's own value.
    pub from: Value,
    /// The new one.
    pub to: Value,
}

/// A choice and its new value, the same for everybody.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewValue {
    /// The choice.
    pub choice: String,
    /// What it is, in words.
    pub title: String,
    /// The unit of a number; empty for levels.
    pub unit: String,
    /// The new value.
    pub to: Value,
}

/// Shows the shape, no value.
impl fmt::Debug for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WhatIf({:?}, {} changes)", self.outcome, self.changes.len())
    }
}

/// The difference that goes with a scenario, and what the model says of people with the new values.
///
/// **Formula** difference d′β ± t √(d′V d) over the changed terms; people with the values x: mean x′β ± t √(x′V x), one of
/// them ± t √(x′V x + σ²).
///
/// **Missing data** terms that are missing and not changed leave the difference as it is, and predict nothing.
///
/// # Errors
/// All faults together: an unknown choice, one that is no term of the model, a value outside its limits, a level that
/// cannot be reached from the person's own, choices made of the same columns that are not set together, a choice whose
/// own value is missing. No message shows the person's value.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Scenario}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
///
/// let person = cohort.person("3")?; // smokes, sleeps 3.5 h
/// let gain = explain::what_if(&fitted, &person, &Scenario::new().set("smoking", "former"))?;
/// assert!(gain.difference.low < gain.difference.estimate && gain.difference.estimate < gain.difference.high);
///
/// let never = explain::what_if(&fitted, &person, &Scenario::new().set("smoking", "never")).unwrap_err();
/// assert!(never.to_string().contains("cannot be reached"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn what_if(fitted: &Fitted, person: &Person, scenario: &Scenario) -> Result<WhatIf> {
    let cohort = person.cohort();
    let parts = cohort.parts();
    scenario.check(cohort, fitted)?;
    let own = fitted.profile(&cohort.columns_to_model()?, person.row())?;
    let changed = scenario.apply(parts, &own)?;
    let difference = fitted.difference(&own, &changed)?;
    let missing: Vec<String> = terms_of(fitted).filter(|column| own.value(column).is_none()).collect();
    let predict = |profile: &Profile| {
        if missing.is_empty() { fitted.prediction(profile).map(Some) } else { Ok(None) }
    };
    let (now, then) = (predict(&own)?, predict(&changed)?);
    let outside = fitted.outside(&changed);
    let is_far = then.as_ref().is_some_and(|then| then.is_far);
    let mut remarks = super::remarks_on(cohort.definition(), fitted.model(), |column| {
        scenario.choices().any(|choice| choice == column)
    });
    for column in &outside {
        remarks.push(format!("{column}: the new value lies outside the data behind the estimates"));
    }
    if is_far {
        remarks.push("nobody behind the estimates lies as far out as this combination of values".to_owned());
    }
    let changes = scenario.settings().iter().filter_map(|(choice, to)| {
        let title = title_of(parts, choice);
        let unit = unit_of(parts, choice);
        Some(SetTo { choice: choice.clone(), title, unit, from: own.value(choice)?, to: to.clone() })
    });
    Ok(WhatIf {
        outcome: fitted.model().outcome().to_owned(),
        changes: changes.collect(),
        difference,
        now,
        then,
        missing,
        outside_data: is_far || !outside.is_empty(),
        n: fitted.n(),
        adjusters: held_alike(fitted.model(), cohort.parts()),
        level: fitted.model().confidence(),
        remarks,
    })
}

fn title_of(parts: &Resolved, choice: &str) -> String {
    let known = parts.choices.iter().find(|known| known.id == choice);
    named(known.map(|known| known.title.as_str()).unwrap_or_default(), choice)
}

/// The unit of a choice that is a number; empty for levels.
fn unit_of(parts: &Resolved, choice: &str) -> String {
    match parts.choices.iter().find(|known| known.id == choice).map(|known| &known.kind) {
        Some(ChoiceKind::Number { unit, .. }) => unit.clone(),
        _ => String::new(),
    }
}

fn terms_of(fitted: &Fitted) -> impl Iterator<Item = String> {
    let model = fitted.model();
    model.terms().iter().chain(model.adjusters()).map(|term| term.column().to_owned())
}

/// What share of a cohort lies at or above a score, as the model sees it: now, and among people with the new values.
///
/// **Units** shares from 0 to 1. Formula and example are at [`what_if_cohort`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CohortWhatIf {
    /// The column that is explained.
    pub outcome: String,
    /// What is set, for everyone who can get there.
    pub set: Vec<NewValue>,
    /// The score from which on people count.
    pub from: f64,
    /// Persons behind the estimates, whose shares these are.
    pub n: usize,
    /// Of them, who has other values in the scenario.
    pub changed: usize,
    /// Of them, who cannot get there and keeps the own values.
    pub unreachable: usize,
    /// Of them, who has a number in the scenario outside those of the data behind the estimates.
    pub outside_data: usize,
    /// The share the model sees now.
    pub now: Share,
    /// The share among people with the new values.
    pub then: Share,
    /// The difference of the two.
    pub difference: Share,
    /// What is adjusted for.
    pub adjusters: Vec<String>,
    /// The confidence of the intervals.
    pub level: f64,
    /// What has to be said beside it, in words.
    pub remarks: Vec<String>,
}

/// A share or a difference of shares, with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Share {
    /// From 0 to 1, a difference from −1 to 1.
    pub estimate: f64,
    /// Its standard error, by the delta method.
    pub std_error: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end of its interval.
    pub high: f64,
}

/// The share of a cohort at or above a score among people with new values.
///
/// **Formula** the mean over the persons behind the estimates of P(T > (from − xᵢ′β)/σ), T with n − p degrees of freedom;
/// its error √(g′V g) with g the mean of f(·) xᵢ/σ, f the density of T. σ is taken as known, and the people as they are.
/// Who cannot get to the new values keeps the own ones, and is counted.
///
/// **Missing data** the persons are those behind the estimates, who have every term.
///
/// # Errors
/// Those of [`what_if`] that concern the scenario; a fit of another cohort.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{self, Scenario}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
/// let sleep = Scenario::new().set("sleep_hours", 7.5);
/// let share = explain::what_if_cohort(&fitted, &cohort, &sleep, 75.0)?;
/// assert_eq!(format!("{:.5} {:.5}", share.now.estimate, share.then.estimate), "0.30136 0.30079");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn what_if_cohort(
    fitted: &Fitted,
    cohort: &Cohort,
    scenario: &Scenario,
    from: f64,
) -> Result<CohortWhatIf> {
    scenario.check(cohort, fitted)?;
    let table = cohort.columns_to_model()?;
    let rows: Vec<usize> = fitted.used_rows().collect();
    if !fitted.rests_on(&table) {
        let fault = Fault::new("the model was fitted to another cohort");
        return Err(Error::new(ErrorKind::Model, vec![fault.help("fit it to this one")]));
    }
    let (mut now, mut then) = (Tally::new(fitted, from), Tally::new(fitted, from));
    let (mut changed, mut unreachable, mut outside_data) = (0, 0, 0);
    for row in &rows {
        let own = fitted.profile(&table, *row)?;
        let x = fitted.standardised(&own)?;
        now.add(&x);
        if !scenario.is_reachable(cohort.parts(), &own) {
            unreachable += 1;
            then.add(&x);
            continue;
        }
        let next = scenario.apply(cohort.parts(), &own)?;
        let x_next = fitted.standardised(&next)?;
        changed += usize::from(x_next != x);
        outside_data += usize::from(!fitted.outside(&next).is_empty());
        then.add(&x_next);
    }
    let remarks = super::remarks_on(cohort.definition(), fitted.model(), |column| {
        scenario.choices().any(|choice| choice == column)
    });
    let set = scenario.settings().iter().map(|(choice, to)| NewValue {
        choice: choice.clone(),
        title: title_of(cohort.parts(), choice),
        unit: unit_of(cohort.parts(), choice),
        to: to.clone(),
    });
    Ok(CohortWhatIf {
        outcome: fitted.model().outcome().to_owned(),
        set: set.collect(),
        from,
        n: rows.len(),
        changed,
        unreachable,
        outside_data,
        now: now.share(fitted),
        then: then.share(fitted),
        difference: then.less(&now).share(fitted),
        adjusters: held_alike(fitted.model(), cohort.parts()),
        level: fitted.model().confidence(),
        remarks,
    })
}

/// Sums of probabilities and of their gradients.
struct Tally<'f> {
    fitted: &'f Fitted,
    from: f64,
    count: f64,
    probability: f64,
    gradient: Vec<f64>,
}

impl<'f> Tally<'f> {
    fn new(fitted: &'f Fitted, from: f64) -> Self {
        Self { fitted, from, count: 0.0, probability: 0.0, gradient: Vec::new() }
    }

    fn add(&mut self, x: &[f64]) {
        let (sigma, df) = (self.fitted.sigma(), self.fitted.residual_df());
        let z = (self.from - self.fitted.mean_of(x)) / sigma;
        self.count += 1.0;
        self.probability += student::upper_tail(z, df);
        let weight = student::density(z, df) / sigma;
        self.gradient.resize(x.len(), 0.0);
        for (sum, x) in self.gradient.iter_mut().zip(x) {
            *sum += weight * x;
        }
    }

    fn less(mut self, other: &Self) -> Self {
        self.probability -= other.probability;
        for (own, other) in self.gradient.iter_mut().zip(&other.gradient) {
            *own -= other;
        }
        self
    }

    fn share(&self, fitted: &Fitted) -> Share {
        let count = self.count.max(1.0);
        let gradient: Vec<f64> = self.gradient.iter().map(|sum| sum / count).collect();
        let (estimate, std_error) = (self.probability / count, fitted.variance_of(&gradient).sqrt());
        let half = fitted.t_of_interval() * std_error;
        Share { estimate, std_error, low: estimate - half, high: estimate + half }
    }
}
