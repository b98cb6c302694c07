//! Which choices a person's page may name.

use std::fmt;

use serde::Serialize;

use super::{
    effects::{Shared, favoured_step, shared},
    scenario::has_twin,
};
use crate::{
    cohort::Person,
    definition::{
        Direction,
        parts::{Choice, ChoiceKind, named},
    },
    error::Result,
    model::{Difference, Fitted, Value},
};

/// Where a choice is set.
///
/// `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// A number in its unit.
    Number {
        /// The number.
        value: f64,
        /// The unit.
        unit: String,
    },
    /// A level.
    Level {
        /// The level.
        level: String,
    },
}

/// Shows the kind, no value.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number { .. } => "Setting(number)",
            Self::Level { .. } => "Setting(level)",
        })
    }
}

/// A change of a choice that lies outside its range: one step towards it, or the nearest favoured level; made by
/// [`proposals`].
///
/// `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Proposal {
    /// The choice.
    pub choice: String,
    /// What it is, in words.
    pub title: String,
    /// Where the person is.
    pub from: Setting,
    /// Where the change leads.
    pub to: Setting,
    /// Whether the definition says that one can get there from here.
    pub is_reachable: bool,
    /// Whether it would be more alcohol, or cannot be told from it.
    pub is_more_alcohol: bool,
    /// What the choice has in common with indicators of the index.
    pub shares: Vec<Shared>,
}

/// Shows the choice, no value.
impl fmt::Debug for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proposal({:?})", self.choice)
    }
}

/// What the rule of [`worth_a_look`] asks about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// One can get there from here.
    pub is_reachable: bool,
    /// The choice lies outside its target range, or at a level that is not favoured.
    pub is_outside: bool,
    /// The change would be more alcohol, or cannot be told from it.
    pub is_more_alcohol: bool,
    /// The difference that goes with the change, which is one in the favoured direction.
    pub difference: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end of its interval.
    pub high: f64,
}

/// Whether a person's page may name a choice: it can be changed, lies outside its range, the interval of the
/// difference excludes 0, its sign agrees with the declared direction, and it is not more alcohol.
///
/// # Example
/// ```
/// use vointi::explain::{Look, worth_a_look};
/// let look = Look {
///     is_reachable: true,
///     is_outside: true,
///     is_more_alcohol: false,
///     difference: 1.2,
///     low: 0.3,
///     high: 2.1,
/// };
/// assert!(worth_a_look(&look));
/// assert!(!worth_a_look(&Look { low: -0.3, ..look }), "it may as well be nothing");
/// ```
pub fn worth_a_look(look: &Look) -> bool {
    let excludes_0 = look.low > 0.0 || look.high < 0.0;
    let agrees = look.difference > 0.0 && look.low <= look.difference && look.difference <= look.high;
    look.is_reachable && look.is_outside && !look.is_more_alcohol && excludes_0 && agrees
}

/// A choice that a person may look at, with the difference that goes with it between people; made by
/// [`Standing::with_choices`](super::Standing::with_choices).
///
/// `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Suggestion {
    /// The change.
    pub proposal: Proposal,
    /// What goes with it.
    pub difference: Difference,
    /// How many persons that rests on.
    pub n: usize,
    /// Whether the new value lies outside those of the persons behind the model.
    pub outside_data: bool,
}

/// Shows the choice, no value.
impl fmt::Debug for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Suggestion({:?})", self.proposal.choice)
    }
}

/// The most choices that a page names.
const MOST: usize = 2;

/// Those worth a look by a model, at most two: first what is surest to go with something.
pub(super) fn suggestions(fitted: &Fitted, person: &Person) -> Result<Vec<Suggestion>> {
    let now = fitted.profile(&person.cohort().columns_to_model()?, person.row())?;
    let mut found = Vec::new();
    for proposal in proposals(person) {
        let value = match &proposal.to {
            Setting::Number { value, .. } => Value::from(*value),
            Setting::Level { level } => Value::from(level.as_str()),
        };
        if has_twin(person.cohort().parts(), fitted, &proposal.choice) {
            continue;
        }
        // What is no term of the model, or a level it never saw, says nothing.
        let Ok(then) = now.clone().with(&proposal.choice, value) else { continue };
        let difference = fitted.difference(&now, &then)?;
        let outside_data = match (&proposal.to, fitted.range(&proposal.choice)) {
            (Setting::Number { value, .. }, Some([low, high])) => !(low..=high).contains(value),
            _ => false,
        };
        found.push(Suggestion { proposal, difference, n: fitted.n(), outside_data });
    }
    Ok(surest(found))
}

fn surest(mut found: Vec<Suggestion>) -> Vec<Suggestion> {
    found.retain(|Suggestion { proposal, difference, .. }| {
        worth_a_look(&Look {
            is_reachable: proposal.is_reachable,
            is_outside: true,
            is_more_alcohol: proposal.is_more_alcohol,
            difference: difference.estimate,
            low: difference.low,
            high: difference.high,
        })
    });
    found.sort_by(|a, b| b.difference.low.total_cmp(&a.difference.low));
    found.truncate(MOST);
    found
}

/// A change of every choice of a person that lies outside its range, in declared order.
///
/// A number with a target range goes one declared step towards it, not beyond. A number with a favoured direction
/// alone has no range: it counts as outside where it is less favourable than the median of the person's cohort, and
/// goes a whole step if its limits allow one. Levels go to the nearest favoured level that can be reached.
///
/// **Missing data** a choice that is missing gives none.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, explain::{Setting, proposals}};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let found = proposals(&cohort.person("3")?); // sleeps 3.5 h, smokes every day
/// let smoking = found.iter().find(|proposal| proposal.choice == "smoking").unwrap();
/// assert_eq!(smoking.to, Setting::Level { level: "former".to_owned() });
/// let sleep = found.iter().find(|proposal| proposal.choice == "sleep_hours").unwrap();
/// assert_eq!(sleep.to, Setting::Number { value: 4.0, unit: "h".to_owned() });
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn proposals(person: &Person) -> Vec<Proposal> {
    let parts = person.cohort().parts();
    parts
        .choices
        .iter()
        .filter_map(|choice| {
            let column = person.cohort().choices().get(&choice.id)?;
            let (from, to, is_reachable) = match &choice.kind {
                ChoiceKind::Number { unit, .. } => {
                    let value = column.number(person.row())?;
                    let all = (0..column.len()).filter_map(|row| column.number(row));
                    let to = towards(&choice.kind, value, all)?;
                    let at = |value| Setting::Number { value, unit: unit.clone() };
                    (at(value), at(to), true)
                }
                ChoiceKind::Levels { levels, reachable, favours, .. } => {
                    let level = column.text_at(person.row())?;
                    let from = levels.iter().position(|known| known == level)?;
                    let (to, is_reachable) = nearest(from, favours, reachable.get(from)?)?;
                    let at = |level: usize| Some(Setting::Level { level: levels.get(level)?.clone() });
                    (at(from)?, at(to)?, is_reachable)
                }
            };
            let is_more_alcohol = may_be_more_alcohol(choice, &from, &to);
            Some(Proposal {
                choice: choice.id.clone(),
                title: named(&choice.title, &choice.id),
                from,
                to,
                is_reachable,
                is_more_alcohol,
                shares: shared(parts, choice, "index"),
            })
        })
        .collect()
}

/// Where one step leads; none if the value lies within its range, or no whole step can be taken.
fn towards(kind: &ChoiceKind, value: f64, all: impl Iterator<Item = f64>) -> Option<f64> {
    let ChoiceKind::Number { step, target, favours, cleaning, .. } = kind else { return None };
    if let Some([from, to]) = target {
        return if value < *from {
            Some((value + step).min(*from))
        } else if value > *to {
            Some((value - step).max(*to))
        } else {
            None
        };
    }
    let better = favours.as_ref()?;
    let mut all: Vec<f64> = all.collect();
    all.sort_unstable_by(f64::total_cmp);
    let middle = *all.get(all.len() / 2)?;
    let is_outside = match better {
        Direction::LowerBetter => value > middle,
        Direction::HigherBetter => value < middle,
    };
    let next = value + favoured_step(kind);
    let is_possible = cleaning.limits.is_none_or(|[lowest, highest]| (lowest..=highest).contains(&next));
    (is_outside && is_possible).then_some(next)
}

/// The nearest favoured level, one that can be reached if there is one; none at a favoured level.
fn nearest(from: usize, favours: &[usize], reachable: &[usize]) -> Option<(usize, bool)> {
    if favours.contains(&from) {
        return None;
    }
    let by_distance = |level: &&usize| level.abs_diff(from);
    let within = favours.iter().filter(|level| reachable.contains(level)).min_by_key(by_distance);
    match within {
        Some(level) => Some((*level, true)),
        None => favours.iter().min_by_key(by_distance).map(|level| (*level, false)),
    }
}

/// Whether the change is more alcohol. Of levels nobody can tell, unless the new one is none at all.
fn may_be_more_alcohol(choice: &Choice, from: &Setting, to: &Setting) -> bool {
    let texts = choice.content.iter().chain([&choice.id, &choice.title]);
    let is_about = |text: &String| {
        let text = text.to_lowercase();
        ["alcohol", "alkohol", "drink", "beer", "wine", "spirits"].iter().any(|word| text.contains(word))
    };
    if !texts.into_iter().any(is_about) {
        return false;
    }
    match (from, to) {
        (Setting::Number { value: from, .. }, Setting::Number { value: to, .. }) => to > from,
        (_, Setting::Level { level }) => {
            !["none", "never", "no", "0"].contains(&level.to_lowercase().as_str())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Proposal, Setting, Suggestion, nearest, proposals, surest, towards, worth_a_look};
    use crate::{
        cohort::Cohort,
        definition::{
            Definition, Direction,
            parts::{ChoiceKind, Cleaning},
        },
        model::Difference,
        table::Table,
    };

    #[test]
    fn every_condition_of_the_rule_counts() {
        let look = Look {
            is_reachable: true,
            is_outside: true,
            is_more_alcohol: false,
            difference: 1.0,
            low: 0.1,
            high: 1.9,
        };
        assert!(worth_a_look(&look));
        for (why, other) in [
            ("cannot be changed", Look { is_reachable: false, ..look }),
            ("within its range", Look { is_outside: false, ..look }),
            ("more alcohol", Look { is_more_alcohol: true, ..look }),
            ("the interval holds 0", Look { low: -0.1, ..look }),
            ("the interval touches 0", Look { low: 0.0, ..look }),
            ("the sign is against it", Look { difference: -1.0, low: -1.9, high: -0.1, ..look }),
            ("no number", Look { difference: f64::NAN, low: f64::NAN, high: f64::NAN, ..look }),
            ("not its own interval", Look { difference: 5.0, ..look }),
        ] {
            assert!(!worth_a_look(&other), "{why}");
        }
    }

    fn number(target: Option<[f64; 2]>, favours: Option<Direction>) -> ChoiceKind {
        let cleaning = Cleaning { limits: Some([0.0, 24.0]), drop_outside: false, sentinels: Vec::new() };
        ChoiceKind::Number { unit: "h".to_owned(), step: 0.5, target, favours, cleaning }
    }

    #[test]
    fn a_step_leads_towards_the_range_and_not_beyond() {
        let sleep = number(Some([7.0, 9.0]), None);
        let none = || std::iter::empty();
        assert_eq!(towards(&sleep, 5.0, none()), Some(5.5));
        assert_eq!(towards(&sleep, 6.75, none()), Some(7.0));
        assert_eq!(towards(&sleep, 10.0, none()), Some(9.5));
        assert_eq!(towards(&sleep, 8.0, none()), None);
        let less = number(None, Some(Direction::LowerBetter));
        let all = || [2.0, 4.0, 6.0].into_iter();
        assert_eq!(towards(&less, 6.0, all()), Some(5.5));
        assert_eq!(towards(&less, 4.0, all()), None, "as the middle");
        assert_eq!(towards(&less, 0.2, [0.0, 0.1, 0.2].into_iter()), None, "no whole step is left");
        assert_eq!(towards(&number(None, None), 6.0, all()), None, "nothing is favoured");
    }

    #[test]
    fn levels_go_to_the_nearest_that_can_be_reached() {
        assert_eq!(nearest(2, &[0, 1], &[1, 2]), Some((1, true)));
        assert_eq!(nearest(2, &[0], &[1, 2]), Some((0, false)), "named, but out of reach");
        assert_eq!(nearest(1, &[0, 1], &[1, 2]), None);
        assert_eq!(nearest(0, &[], &[0]), None);
    }

    #[test]
    fn alcohol_only_ever_goes_down() {
        let text = r#"
schema = 1
id = "small"
[person]
id = "person"
[instrument.mood]
use = "who5"
columns = ["w1", "w2", "w3", "w4", "w5"]
[indicator.mood]
scale = "mood.total"
utility = "linear"
[index]
children = ["mood"]
[choice.alcohol]
unit = "g/d"
step = 12
favours = "higher"
source = "nobody"
[choice.drinks]
levels = ["none", "some", "many"]
reference = "none"
favours = ["some"]
source = "nobody"
[choice.wine]
levels = ["some", "none"]
reference = "some"
favours = ["none"]
source = "anybody"
"#;
        let definition = Definition::from_toml(text).unwrap();
        let mut table = Table::builder().text("person", [Some("a"), Some("b"), Some("c")]);
        for item in 1..=5 {
            table = table.number(format!("w{item}"), [Some(1.0); 3]);
        }
        let table = table
            .number("alcohol", [Some(0.0), Some(10.0), Some(20.0)])
            .text("drinks", [Some("none"), Some("some"), Some("many")])
            .text("wine", [Some("some"), Some("none"), None])
            .build()
            .unwrap();
        let cohort = Cohort::new(&definition, table).unwrap();
        let of = |id: &str| {
            let all = proposals(&cohort.person(id).unwrap());
            all.into_iter().map(|one| (one.choice, one.is_more_alcohol)).collect::<Vec<_>>()
        };
        let named = |name: &str, more| (name.to_owned(), more);
        assert_eq!(of("a"), [named("alcohol", true), named("drinks", true), named("wine", false)]);
        assert_eq!(of("b"), []);
        assert_eq!(of("c"), [named("drinks", true)], "of levels nobody can tell");
    }

    #[test]
    fn at_most_two_the_surest_first() {
        let with = |choice: &str, low: f64| Suggestion {
            proposal: Proposal {
                choice: choice.to_owned(),
                title: choice.to_owned(),
                from: Setting::Level { level: "no".to_owned() },
                to: Setting::Level { level: "yes".to_owned() },
                is_reachable: true,
                is_more_alcohol: false,
                shares: Vec::new(),
            },
            difference: Difference {
                estimate: low + 1.0,
                std_error: 0.5,
                df: 7.0,
                p: None,
                low,
                high: low + 2.0,
            },
            n: 9,
            outside_data: false,
        };
        let found = surest(vec![with("a", 0.1), with("b", 0.3), with("c", -0.3), with("d", 0.2)]);
        assert_eq!(format!("{found:?}"), "[Suggestion(\"b\"), Suggestion(\"d\")]");
    }
}
