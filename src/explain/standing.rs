//! Where a person stands, and why.

use std::fmt;

use serde::Serialize;

use super::{
    BaselineOf, Contribution, Contributions,
    effects::held_alike,
    findings::{range, refuse_employer, waves},
    suggestion::{Suggestion, suggestions},
};
use crate::{
    cohort::{Flag, Person},
    definition::{
        Audience,
        parts::{NodeKind, named},
    },
    error::Result,
    index::Index,
    model::Fitted,
    study::{INTENDED_USE, Summary},
};

/// Where one person stands, how sure that is, what lifts and what lowers it; `report` lays it out.
///
/// It is never made for an employer. `Debug` shows neither the person nor a value.
///
/// **Units** scores and contributions in points of the index.
///
/// **Missing data** a score that does not exist is `None`, and `reason` says why; what is missing below the index is
/// in `coverage` and in `missing`.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, explain::{self, Baseline, Standing}};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let person = cohort.person("17")?;
/// let why = explain::contributions(&index, &person, &Baseline::mean(&scores)?)?;
/// let standing = Standing::of(&index, &person, Audience::Clinic)?.explained(&why);
/// assert!(standing.lifts.iter().all(|row| row.points > 0.0));
/// assert!(standing.lifts.windows(2).all(|two| two[0].points >= two[1].points), "the most comes first");
/// assert!(!format!("{standing:?}").contains("17"));
/// assert!(Standing::of(&index, &person, Audience::Employer).is_err());
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Standing {
    /// What the numbers are for, and what not.
    pub intended_use: &'static str,
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// What the index is, in words; may be empty.
    pub title: String,
    /// Its hash.
    pub hash: String,
    /// Who the page is for.
    pub audience: Audience,
    /// How many waves the person's cohort has; none of a single cross-section.
    pub waves: Option<usize>,
    /// The person, as the file has it.
    pub person: String,
    /// The index; none if less is observed than the definition asks for.
    pub index: Option<f64>,
    /// How far it would move if everything were measured again.
    pub std_error: Option<f64>,
    /// The lower end of the interval for the true index.
    pub low: Option<f64>,
    /// The upper end of the interval for the true index.
    pub high: Option<f64>,
    /// How sure the interval is, such as 0.95.
    pub level: f64,
    /// From where to where the index runs.
    pub range: [f64; 2],
    /// The declared band the index lies in.
    pub band: Option<InBand>,
    /// The share of the weights that is observed.
    pub coverage: f64,
    /// Why there is no index; empty where there is one.
    pub reason: &'static str,
    /// What is remarkable about how the score came to be.
    pub flags: Vec<&'static str>,
    /// The pillars and domains, in declared order.
    pub pillars: Vec<Placed>,
    /// Where the cohort's index lies.
    pub among: Option<Among>,
    /// The score of the profile that contributions are held against.
    pub baseline: Option<f64>,
    /// Whose means that profile is made of.
    pub baseline_of: Option<BaselineOf>,
    /// How many persons are behind it.
    pub baseline_persons: usize,
    /// What lifts the index above it, the most first.
    pub lifts: Vec<Contribution>,
    /// What lowers the index below it, the most first.
    pub lowers: Vec<Contribution>,
    /// What the missing indicators come to; none if nothing is missing.
    pub missing: Option<f64>,
    /// What the differences that go with choices are adjusted for.
    pub adjusters: Vec<String>,
    /// Choices worth a look: at most two.
    pub suggestions: Vec<Suggestion>,
    /// Whether choices were looked at.
    pub looked_at_choices: bool,
}

/// Shows the definition, the coverage, and how many rows there are.
impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.lifts.len() + self.lowers.len();
        write!(f, "Standing(definition {:?}, {rows} contributions)", self.definition)
    }
}

/// A declared band of the index.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InBand {
    /// The band.
    pub band: String,
    /// Where it begins.
    pub from: f64,
    /// Where it ends; the end belongs to the next.
    pub below: f64,
}

/// A person's pillar or domain. `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Placed {
    /// The id.
    pub id: String,
    /// `pillar` or `domain`.
    pub kind: &'static str,
    /// What it is, in words.
    pub title: String,
    /// The score.
    pub score: Option<f64>,
    /// How far it would move if everything were measured again.
    pub std_error: Option<f64>,
    /// Where the cohort lies.
    pub among: Option<Among>,
}

/// Shows the id, no value.
impl fmt::Debug for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Placed({:?})", self.id)
    }
}

/// Where a score of a cohort lies.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Among {
    /// How many persons have it.
    pub n: usize,
    /// A quarter, half and three quarters of them are below.
    pub quartiles: [f64; 3],
}

impl Standing {
    /// The person's scores; why and among whom is added by the methods below.
    ///
    /// # Errors
    /// For an employer; a person of another definition.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Standing};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// let standing = Standing::of(&index, &cohort.person("3")?, Audience::Research)?;
    /// assert_eq!(format!("{:.1}", standing.index.unwrap()), "65.1");
    /// assert_eq!((standing.band.unwrap().band.as_str(), standing.coverage), ("middle", 0.875));
    /// assert_eq!(standing.flags, ["partial"]);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(index: &Index, person: &Person, audience: Audience) -> Result<Self> {
        refuse_employer(audience, "the page of a person")?;
        let definition = index.definition();
        let parts = definition.parts();
        let score = index.score(person)?;
        let in_band = |value: f64| {
            let band = parts.bands.iter().find(|band| value >= band.from && value < band.below)?;
            Some(InBand { band: band.id.clone(), from: band.from, below: band.below })
        };
        let declared = parts.declared.iter().filter_map(|at| parts.nodes.get(*at));
        let pillars = declared.map(|node| Placed {
            id: node.id.clone(),
            kind: if node.kind == NodeKind::Domain { "domain" } else { "pillar" },
            title: named(&node.title, &node.id),
            score: score.pillar(&node.id),
            std_error: score.pillar_se(&node.id),
            among: None,
        });
        Ok(Self {
            intended_use: INTENDED_USE,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            title: definition.title().to_owned(),
            hash: definition.hash().to_owned(),
            audience,
            waves: waves(person.cohort()),
            person: person.id().unwrap_or_default().to_owned(),
            index: score.value(),
            std_error: score.std_error(),
            low: score.low(),
            high: score.high(),
            level: parts.interval,
            range: range(parts),
            band: score.value().and_then(in_band),
            coverage: score.coverage(),
            reason: score.reason().code(),
            flags: score.flags().iter().map(Flag::code).collect(),
            pillars: pillars.collect(),
            among: None,
            baseline: None,
            baseline_of: None,
            baseline_persons: 0,
            lifts: Vec::new(),
            lowers: Vec::new(),
            missing: None,
            adjusters: Vec::new(),
            suggestions: Vec::new(),
            looked_at_choices: false,
        })
    }

    /// With what lifts and lowers the index. What adds nothing is left out.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience};
    /// use vointi::explain::{Baseline, Standing, contributions};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let person = cohort.person("3")?;
    /// let why = contributions(&index, &person, &Baseline::mean(&scores)?)?;
    /// let standing = Standing::of(&index, &person, Audience::Research)?.explained(&why);
    /// assert_eq!((standing.lifts[0].id.as_str(), standing.lowers[0].id.as_str()), ("blood_pressure", "non_hdl"));
    /// assert_eq!(standing.missing, why.missing().map(|row| row.points));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn explained(mut self, why: &Contributions) -> Self {
        let is_missing = |row: &&Contribution| row.id == "missing" && row.value.is_none();
        self.baseline = Some(why.baseline);
        self.baseline_of = Some(why.baseline_of);
        self.baseline_persons = why.baseline_persons;
        self.missing = why.rows.iter().find(is_missing).map(|row| row.points);
        let rows = || why.rows.iter().filter(|row| !is_missing(row)).cloned();
        self.lifts = rows().filter(|row| row.points > 0.0).collect();
        self.lowers = rows().filter(|row| row.points < 0.0).collect();
        self.lifts.sort_by(|a, b| b.points.total_cmp(&a.points));
        self.lowers.sort_by(|a, b| a.points.total_cmp(&b.points));
        self
    }

    /// With where a cohort lies: the person's own, or another one of the same definition.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Standing, study::Summary};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let summary = Summary::of(&cohort, &index, &scores)?;
    /// let standing = Standing::of(&index, &cohort.person("3")?, Audience::Research)?.among(&summary);
    /// assert_eq!(standing.among.unwrap().n, scores.observed());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn among(mut self, cohort: &Summary) -> Self {
        let of = |name: &str| {
            let score = cohort.scores.iter().find(|score| score.name == name)?;
            Some(Among { n: score.n, quartiles: score.quartiles? })
        };
        self.among = of("index");
        for pillar in &mut self.pillars {
            pillar.among = of(&format!("{}.{}", pillar.kind, pillar.id));
        }
        self
    }

    /// With at most two choices worth a look, by a model of the index; see [`proposals`](super::proposals) for what is
    /// looked at and [`worth_a_look`](super::worth_a_look) for the rule.
    ///
    /// # Errors
    /// A model whose terms the person's cohort does not have, or a level of it.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::{self, Standing}};
    ///
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let scores = index.score_cohort(&cohort)?;
    /// let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
    /// let person = cohort.person("3")?;
    /// let standing = Standing::of(&index, &person, Audience::Clinic)?.with_choices(&fitted, &person)?;
    /// assert!(standing.suggestions.len() <= 2);
    /// assert!(standing.suggestions.iter().all(|one| one.difference.low > 0.0));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with_choices(mut self, fitted: &Fitted, person: &Person) -> Result<Self> {
        self.suggestions = suggestions(fitted, person)?;
        self.adjusters = held_alike(fitted.model(), person.cohort().parts());
        self.looked_at_choices = true;
        Ok(self)
    }
}
