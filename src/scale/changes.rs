//! The change of the persons of two cohorts, matched by their ids.

use std::{collections::HashMap, fmt};

use serde::Serialize;

use super::{
    ChangeClass, ChangeRule, GroupChange, PersonChange, answers, audience::FEWEST_FOR_EMPLOYER, group_change,
    reliability, score,
};
use crate::{
    cohort::Cohort,
    definition::{
        Audience, Direction,
        instrument::key::Scale,
        parts::{ErrorSize, Reading},
    },
    error::{Error, ErrorKind, Fault, Result},
    num::spread::mean_and_sd,
};

/// What is asked of a change.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ChangeAsked {
    /// The reliability of the score, and where it is from.
    pub reliability: Option<(f64, String)>,
    /// Mean and standard deviation of the population to be reached.
    pub functional: Option<[f64; 2]>,
    /// The mean change of persons who were only asked twice.
    pub practice: Option<f64>,
    /// The published least important change.
    pub important: Option<f64>,
}

/// The change in one scale of persons who were asked twice.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Changes {
    /// The scale.
    pub scale: String,
    /// Which way is better.
    pub direction: Direction,
    /// The reliability of the score.
    pub reliability: f64,
    /// Where it is from.
    pub reliability_source: String,
    /// The standard error of measurement.
    pub sem: f64,
    /// The least difference of one person that is beyond error in 95 of 100.
    pub mdc95: f64,
    /// The cut-offs a, b and c.
    pub cut_offs: [Option<f64>; 3],
    /// How many persons could be matched; not for an employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matching: Option<Matching>,
    /// The group.
    pub group: GroupChange,
    /// How many persons there are of each class; not for an employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<ClassOfChange>>,
    /// How many persons changed by the least important change or more: for the better, and for the worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub important: Option<[usize; 2]>,
    /// The least important change, in points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub important_change: Option<f64>,
    /// Where it is from; empty without one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub important_source: String,
    /// Who may see it.
    pub audience: Audience,
    /// The definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// Person by person, in the order of the file before; not for an employer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<ChangeOfPerson>,
}

/// How many persons are in both files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Matching {
    /// Persons in both files.
    pub matched: usize,
    /// Persons before who are not there after.
    pub only_before: usize,
    /// Persons after who were not there before.
    pub only_after: usize,
    /// Persons in both files without a score in one of them.
    pub without_score: usize,
}

/// How many persons changed in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClassOfChange {
    /// The class.
    pub class: ChangeClass,
    /// Persons.
    pub persons: usize,
}

/// A person who was asked twice.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChangeOfPerson {
    /// The id, as in the files.
    pub person: String,
    /// The score before.
    pub before: Option<f64>,
    /// The score after.
    pub after: Option<f64>,
    /// The change, of persons with both.
    pub change: Option<PersonChange>,
}

impl Changes {
    /// The change of persons from one cohort of a definition to another, matched by id.
    ///
    /// **Formula** those of [`ChangeRule`] and [`group_change`]; mean and deviation are those of everybody before. The
    /// reliability is the one asked for, else the one an indicator of the definition declares for the scale, else alpha of the
    /// persons before.
    ///
    /// **Missing data** Scores by the missing rule of the scale; persons without one, and those in one file only, are counted.
    ///
    /// # Errors
    /// Cohorts of different definitions, an id that comes twice in a file, no such scale, fewer than two persons with both
    /// scores, those of [`ChangeRule::new`]; for an employer, fewer than ten.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, definition::Audience, scale::{ChangeAsked, Changes}};
    /// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
    /// let still = Changes::of(&cohort, &cohort, "mood.total", &ChangeAsked::default(), Audience::Research)?;
    /// assert_eq!((still.group.mean_change, still.matching.unwrap().matched), (0.0, 5265));
    /// assert!(still.reliability_source.starts_with("alpha of the persons before"));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(
        before: &Cohort,
        after: &Cohort,
        scale: &str,
        asked: &ChangeAsked,
        audience: Audience,
    ) -> Result<Self> {
        let definition = before.definition();
        if definition.hash() != after.definition().hash() {
            let fault = Fault::new("the persons before and after belong to different definitions");
            return Err(Error::new(ErrorKind::Definition, vec![fault.help("read both by one definition")]));
        }
        let key = key_of(before, scale);
        let (reliability, reliability_source) = match &asked.reliability {
            Some((given, source)) => (*given, source.clone()),
            None => match declared(before, scale).or_else(|| published_reliability(key?)) {
                Some(found) => found,
                None => {
                    let found = reliability(&answers(before, scale)?)?;
                    (found.alpha, format!("alpha of the persons before, {} complete", found.n))
                }
            },
        };
        let (first, second) = (score(before), score(after));
        let (first, second) = (first.get(scale)?, second.get(scale)?);
        let (n, mean, sd) = mean_and_sd(first.values_or_nan().iter().copied());
        let (Some(mean), Some(sd)) = (mean, sd) else {
            let fault = Fault::new(format!("{n} persons have a score before")).key(scale);
            return Err(Error::new(ErrorKind::Data, vec![fault.help("two are the least")]));
        };
        let direction = direction(before, scale);
        let mut rule = ChangeRule::new(reliability, mean, sd, direction)?;
        if let Some([mean, sd]) = asked.functional {
            rule = rule.functional(mean, sd)?;
        }
        rule = rule.practice(asked.practice.unwrap_or(0.0));
        let given = asked.important.map(|least| (least, "as given".to_owned()));
        let (important_change, important_source) = given.or_else(|| published_change(key?)).unzip();
        if let Some(least) = important_change {
            rule = rule.important(least);
        }
        let pairs = Matched::of(before, after)?;
        let persons: Vec<ChangeOfPerson> = pairs
            .rows
            .iter()
            .map(|(row, other)| {
                let (before_score, after_score) = (first.value(*row), second.value(*other));
                ChangeOfPerson {
                    person: before.id(*row).unwrap_or_default().to_owned(),
                    before: before_score,
                    after: after_score,
                    change: before_score.zip(after_score).map(|(before, after)| rule.judge(before, after)),
                }
            })
            .collect();
        let judged = || persons.iter().filter_map(|person| person.change);
        let is_employer = audience == Audience::Employer;
        if is_employer && judged().count() < FEWEST_FOR_EMPLOYER {
            let what = format!("fewer than {FEWEST_FOR_EMPLOYER} persons have a score before and after");
            let fault = Fault::new(what).key(scale).help("an employer sees nothing of fewer");
            return Err(Error::new(ErrorKind::Audience, vec![fault]));
        }
        let group = group_change(judged().map(|change| (change.before, change.after)))?;
        let matching = Matching {
            matched: persons.len(),
            only_before: pairs.only_before,
            only_after: pairs.only_after,
            without_score: persons.len() - group.n,
        };
        let classes = ChangeClass::ALL.map(|class| ClassOfChange {
            class,
            persons: judged().filter(|change| change.class == class).count(),
        });
        let important = important_change.map(|_| {
            [super::Verdict::Improved, super::Verdict::Deteriorated]
                .map(|way| judged().filter(|change| change.important == Some(way)).count())
        });
        Ok(Self {
            scale: scale.to_owned(),
            direction,
            reliability,
            reliability_source,
            sem: rule.sem(),
            mdc95: rule.least_detectable()[1],
            cut_offs: rule.cut_offs(),
            matching: (!is_employer).then_some(matching),
            group,
            classes: (!is_employer).then(|| classes.to_vec()),
            important: important.filter(|_| !is_employer),
            important_change,
            important_source: important_source.unwrap_or_default(),
            audience,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            hash: definition.hash().to_owned(),
            persons: if is_employer { Vec::new() } else { persons },
        })
    }
}

/// The key of a scale.
fn key_of<'a>(cohort: &'a Cohort, scale: &str) -> Option<&'a Scale> {
    let (instrument, id) = scale.split_once('.')?;
    let of = cohort.parts().instruments.iter().find(|of| of.id == instrument)?;
    of.key.scales.iter().find(|scale| scale.id == id)
}

/// The published reliability in use.
fn published_reliability(key: &Scale) -> Option<(f64, String)> {
    let kind = key.reliability_kind.as_ref()?;
    let found = key.reliability.iter().find(|one| one.kind == *kind)?;
    Some((found.value, format!("{kind}, {}", found.source)))
}

/// The published least important change, if it was read in its source.
fn published_change(key: &Scale) -> Option<(f64, String)> {
    let found = key.changes.iter().find(|change| change.kind == "minimal_important" && change.verified)?;
    Some((found.value, found.source.clone()))
}

/// Which rows are of the same person.
struct Matched {
    rows: Vec<(usize, usize)>,
    only_before: usize,
    only_after: usize,
}

impl Matched {
    fn of(before: &Cohort, after: &Cohort) -> Result<Self> {
        let mut faults = Vec::new();
        let mut index = |cohort: &Cohort, which: &str| {
            let mut found: HashMap<String, usize> = HashMap::with_capacity(cohort.rows());
            for row in 0..cohort.rows() {
                if found.insert(cohort.id(row).unwrap_or_default().to_owned(), row).is_some() {
                    let what = format!("an id comes twice among the persons {which}");
                    let fault = Fault::new(what).column(&cohort.parts().person.id);
                    let fault = match cohort.table().line(row) {
                        Some(line) => fault.line(line),
                        None => fault,
                    };
                    faults.push(fault.help("give one row a person; with several waves, one file a wave"));
                    break;
                }
            }
            found
        };
        let (_, later) = (index(before, "before"), index(after, "after"));
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Data, faults));
        }
        let same = |row: usize| Some((row, *later.get(before.id(row).unwrap_or_default())?));
        let rows: Vec<(usize, usize)> = (0..before.rows()).filter_map(same).collect();
        let [only_before, only_after] = [before.rows() - rows.len(), after.rows() - rows.len()];
        Ok(Self { rows, only_before, only_after })
    }
}

/// The reliability that an indicator declares for a scale.
fn declared(cohort: &Cohort, scale: &str) -> Option<(f64, String)> {
    let parts = cohort.parts();
    parts.indicators.iter().find_map(|indicator| {
        let Reading::Scale { instrument, scale: at, .. } = &indicator.reading else { return None };
        let instrument = parts.instruments.get(*instrument)?;
        let name = format!("{}.{}", instrument.id, instrument.key.scales.get(*at)?.id);
        let error = indicator.error.as_ref().filter(|_| name == scale)?;
        match error.size {
            ErrorSize::Reliability(value) => Some((value, format!("the definition: {}", error.reference))),
            _ => None,
        }
    })
}

fn direction(cohort: &Cohort, name: &str) -> Direction {
    let scales = cohort
        .parts()
        .instruments
        .iter()
        .flat_map(|instrument| instrument.key.scales.iter().map(move |scale| (instrument, scale)));
    let mut fitting = scales.filter(|(instrument, scale)| format!("{}.{}", instrument.id, scale.id) == name);
    fitting.next().map_or(Direction::HigherBetter, |(_, scale)| scale.direction)
}

/// Shows the shape, nothing of a person.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({}, {} pairs)", self.scale, self.group.n)
    }
}

/// Shows nothing of the person.
impl fmt::Debug for ChangeOfPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChangeOfPerson")
    }
}
