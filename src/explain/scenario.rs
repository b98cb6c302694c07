//! What is set otherwise: checked against what a definition says can be changed, and from where to where.

use std::fmt;

use crate::{
    cohort::Cohort,
    definition::{
        parts::{Choice, ChoiceKind, Resolved},
        roles,
    },
    error::{Error, ErrorKind, Fault, Result, suggest},
    model::{Fitted, Profile, Value},
};

/// Choices set otherwise than they are.
///
/// `Debug` shows which, no value.
///
/// # Example
/// ```
/// use vointi::explain::Scenario;
/// let scenario = Scenario::new().set("smoking", "former").set("sleep_hours", 7.5);
/// assert_eq!(format!("{scenario:?}"), r#"Scenario(["smoking", "sleep_hours"])"#);
/// assert!(Scenario::parse(["sleep_hours=7.5"])?.choices().eq(["sleep_hours"]));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Scenario {
    set: Vec<(String, Value)>,
}

/// Shows which choices, no value.
impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scenario({:?})", self.choices().collect::<Vec<_>>())
    }
}

impl Scenario {
    /// Nothing set yet.
    ///
    /// # Example
    /// ```
    /// use vointi::explain::Scenario;
    /// assert_eq!(Scenario::new().choices().count(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a choice; the last word on a choice counts.
    ///
    /// # Example
    /// ```
    /// use vointi::explain::Scenario;
    /// let scenario = Scenario::new().set("sleep_hours", 7.0).set("sleep_hours", 7.5);
    /// assert_eq!(scenario, Scenario::new().set("sleep_hours", 7.5));
    /// ```
    #[must_use]
    pub fn set(mut self, choice: impl Into<String>, value: impl Into<Value>) -> Self {
        let (choice, value) = (choice.into(), value.into());
        self.set.retain(|(known, _)| *known != choice);
        self.set.push((choice, value));
        self
    }

    /// Reads `choice=value` settings; what reads as a number is one.
    ///
    /// # Errors
    /// A setting without `=`, or of nothing; all of them together.
    ///
    /// # Example
    /// ```
    /// use vointi::explain::Scenario;
    /// let scenario = Scenario::parse(["smoking=former", "sleep_hours = 7.5"])?;
    /// assert_eq!(scenario, Scenario::new().set("smoking", "former").set("sleep_hours", 7.5));
    /// assert!(Scenario::parse(["smoking"]).unwrap_err().to_string().contains("choice=value"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn parse<S: AsRef<str>>(settings: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut scenario = Self::new();
        let mut faults = Vec::new();
        for setting in settings {
            match setting.as_ref().split_once('=') {
                Some((choice, value)) if !choice.trim().is_empty() && !value.trim().is_empty() => {
                    let value = value.trim();
                    let value = value.parse().map_or_else(|_| Value::from(value), Value::Number);
                    scenario = scenario.set(choice.trim(), value);
                }
                _ => faults.push(
                    Fault::new("a setting that sets nothing")
                        .help("write choice=value, as in smoking=former"),
                ),
            }
        }
        if faults.is_empty() { Ok(scenario) } else { Err(Error::new(ErrorKind::Model, faults)) }
    }

    /// The choices that are set, in the order they were.
    ///
    /// # Example
    /// ```
    /// use vointi::explain::Scenario;
    /// let scenario = Scenario::new().set("smoking", "former").set("sleep_hours", 7.5);
    /// assert!(scenario.choices().eq(["smoking", "sleep_hours"]));
    /// ```
    pub fn choices(&self) -> impl Iterator<Item = &str> {
        self.set.iter().map(|(choice, _)| choice.as_str())
    }

    /// Checks what can be checked without a person: that each is a choice and a term, within its limits, and that choices
    /// made of the same columns are set together.
    pub(super) fn check(&self, cohort: &Cohort, fitted: &Fitted) -> Result<()> {
        let parts = cohort.parts();
        let mut faults = Vec::new();
        if self.set.is_empty() {
            faults.push(Fault::new("nothing is set").help("set a choice, as in smoking=former"));
        }
        for (name, value) in &self.set {
            let Some(choice) = parts.choices.iter().find(|choice| choice.id == *name) else {
                let help = suggest(name, parts.choices.iter().map(|choice| choice.id.as_str()));
                faults.push(Fault::new(format!("there is no choice `{name}`")).help(help));
                continue;
            };
            if !is_term(fitted, name) {
                let fault = Fault::new("the model has no such term").key(format!("choice.{name}"));
                faults.push(fault.help("fit a model with this choice"));
            }
            faults.extend(misfit(choice, value));
            for twin in twins(parts, choice) {
                if is_term(fitted, twin) && !self.choices().any(|set| set == twin) {
                    let what = format!(
                        "`{name}` and `{twin}` come from the same columns, so one is not changed alone"
                    );
                    faults.push(Fault::new(what).help(format!("set `{twin}` as well")));
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::Model, faults)) }
    }

    /// The profile with the settings.
    ///
    /// # Errors
    /// A level that cannot be reached from the person's own; a value that the model does not know.
    pub(super) fn apply(&self, parts: &Resolved, profile: &Profile) -> Result<Profile> {
        let mut changed = profile.clone();
        let mut faults = Vec::new();
        for (name, value) in &self.set {
            let choice = parts.choices.iter().find(|choice| choice.id == *name);
            match (choice, profile.value(name)) {
                (Some(choice), Some(from)) => faults.extend(unreachable(choice, &from, value)),
                _ => {
                    let fault = Fault::new("the person's own value is missing").column(name);
                    faults.push(fault.help("what changes cannot be said without it"));
                }
            }
            match changed.clone().with(name, value.clone()) {
                Ok(next) => changed = next,
                Err(error) => faults.extend(error.into_faults()),
            }
        }
        if faults.is_empty() { Ok(changed) } else { Err(Error::new(ErrorKind::Model, faults)) }
    }

    /// Whether every level that is set can be reached from the person's own.
    pub(super) fn is_reachable(&self, parts: &Resolved, profile: &Profile) -> bool {
        self.set.iter().all(|(name, value)| {
            let choice = parts.choices.iter().find(|choice| choice.id == *name);
            let from = choice.zip(profile.value(name));
            from.is_none_or(|(choice, from)| unreachable(choice, &from, value).is_none())
        })
    }

    pub(super) fn settings(&self) -> &[(String, Value)] {
        &self.set
    }
}

fn is_term(fitted: &Fitted, column: &str) -> bool {
    fitted.model().terms().iter().any(|term| term.column() == column)
}

/// What is wrong with a value of a choice, whoever's it is.
fn misfit(choice: &Choice, value: &Value) -> Option<Fault> {
    let key = format!("choice.{}", choice.id);
    match (&choice.kind, value) {
        (ChoiceKind::Number { cleaning, unit, .. }, Value::Number(number)) => {
            let [low, high] = cleaning.limits.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
            let is_inside = number.is_finite() && (low..=high).contains(number);
            let fault = || Fault::new("the value is outside the limits of the choice").key(key);
            (!is_inside).then(|| fault().help(format!("allowed: {low} to {high} {unit}")))
        }
        (ChoiceKind::Number { unit, .. }, Value::Level(_)) => {
            Some(Fault::new("the choice is a number").key(key).help(format!("give a number in {unit}")))
        }
        (ChoiceKind::Levels { levels, .. }, value) => {
            let name = level_of(value);
            (!levels.contains(&name)).then(|| {
                let help = suggest(&name, levels.iter().map(String::as_str));
                Fault::new(format!("there is no level `{name}`")).key(key).help(help)
            })
        }
    }
}

fn level_of(value: &Value) -> String {
    match value {
        Value::Level(level) => level.clone(),
        Value::Number(number) => number.to_string(),
    }
}

/// Levels that cannot be reached from the person's own. The fault says what the definition allows from everywhere, so that
/// it does not say where the person is.
fn unreachable(choice: &Choice, from: &Value, to: &Value) -> Option<Fault> {
    let ChoiceKind::Levels { levels, reachable, .. } = &choice.kind else { return None };
    let at = |value: &Value| levels.iter().position(|level| *level == level_of(value));
    let (from, to) = (at(from)?, at(to)?);
    if from == to || reachable.get(from)?.contains(&to) {
        return None;
    }
    let names = |open: &Vec<usize>| -> Vec<&str> {
        open.iter().filter_map(|at| levels.get(*at)).map(String::as_str).collect()
    };
    let ways: Vec<String> = levels
        .iter()
        .zip(reachable)
        .map(|(level, open)| format!("{level} → {}", names(open).join(", ")))
        .collect();
    let help = format!("allowed: {}", ways.join("; "));
    let what = "the level cannot be reached from the person's own";
    Some(Fault::new(what).key(format!("choice.{}", choice.id)).help(help))
}

/// Whether a choice cannot be changed alone, as another term is made of the same columns.
pub(super) fn has_twin(parts: &Resolved, fitted: &Fitted, choice: &str) -> bool {
    let choice = parts.choices.iter().find(|known| known.id == choice);
    choice.is_some_and(|choice| twins(parts, choice).into_iter().any(|twin| is_term(fitted, twin)))
}

/// Other choices made of a column that this one is made of, too.
fn twins<'a>(parts: &'a Resolved, choice: &Choice) -> Vec<&'a str> {
    let own = roles::sources(&choice.origin, &parts.derived);
    let shares = |other: &&Choice| {
        other.id != choice.id && !roles::sources(&other.origin, &parts.derived).is_disjoint(&own)
    };
    parts.choices.iter().filter(shares).map(|other| other.id.as_str()).collect()
}
