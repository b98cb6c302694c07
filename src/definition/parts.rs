//! What a definition declares, resolved: every reference followed, every catalogue entry inlined.
//!
//! Plain values that nothing changes after [`super::resolve`]; the order is that of the file.

use serde::Serialize;

pub(crate) use super::{
    aggregate::{Aggregate, Owa, Penalty, PowerMean},
    instrument::key::{Instrument, InstrumentKey},
    normaliser::{By, Counts, Normaliser, Outside, Ranking, Straight, Ties},
    treatment::{MOST_POWER, Then, Treatment, Winsorise},
};
use super::{
    denominator::Denominator,
    impute::Impute,
    rule::{Chosen, Norm, RuleKey},
    screen::Screen,
    weights::Weighting,
};
use crate::{expression::Expression, notation::model::ModelSpec};

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    HigherBetter,
    /// Less is better.
    LowerBetter,
}

/// Who the results are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those who treat the person.
    Clinic,
    /// A research team.
    Research,
    /// An employer: never a person's row.
    Employer,
}

impl Audience {
    /// The word for it in definitions: `clinic`, `research` or `employer`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::Research => "research",
            Self::Employer => "employer",
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Resolved {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) population: String,
    pub(crate) audience: Audience,
    pub(crate) norms: Option<String>,
    pub(crate) person: PersonColumns,
    pub(crate) file: FileFormat,
    pub(crate) instruments: Vec<Instrument>,
    pub(crate) measures: Vec<Measure>,
    pub(crate) derived: Vec<Derived>,
    pub(crate) indicators: Vec<Indicator>,
    /// Domains and pillars, each after its children; the index is the last.
    pub(crate) nodes: Vec<Node>,
    /// The nodes but the index in the order of the file, for output.
    pub(crate) declared: Vec<usize>,
    pub(crate) bands: Vec<Band>,
    pub(crate) interval: f64,
    pub(crate) choices: Vec<Choice>,
    pub(crate) adjusters: Vec<Adjuster>,
    pub(crate) model: Option<ModelSpec>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) health: Vec<HealthAsked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) screen: Option<Screen>,
}

/// A published score that is asked for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HealthAsked {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) rule: RuleKey,
    /// Which measure is which input.
    pub(crate) inputs: Vec<(String, usize)>,
    pub(crate) cuts: Vec<(String, Cut)>,
    pub(crate) chosen: Chosen,
    pub(crate) accepts_unverified: bool,
}

/// Beyond what a value is at high risk; the value itself is not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cut {
    /// At high risk above it.
    Above(f64),
    /// At high risk below it.
    Below(f64),
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PersonColumns {
    pub(crate) id: String,
    pub(crate) unit: Option<String>,
    pub(crate) wave: Option<String>,
}

/// How the files of these data are written, as far as the definition says.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FileFormat {
    pub(crate) zero_below: Option<f64>,
    pub(crate) missing: Vec<String>,
    pub(crate) delimiter: Option<char>,
    pub(crate) decimal: Option<char>,
    pub(crate) encoding: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Band {
    pub(crate) id: String,
    pub(crate) from: f64,
    pub(crate) below: f64,
}

/// Where the numbers of a measure or choice come from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// Repeated readings are averaged over the observed ones.
    Columns(Vec<String>),
    From(Formula),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Formula {
    pub(crate) text: String,
    pub(crate) expression: Expression,
}

impl Serialize for Formula {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.expression.canonical())
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measure {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) origin: Origin,
    pub(crate) unit: String,
    pub(crate) cleaning: Cleaning,
    pub(crate) answers: Vec<(String, f64)>,
    pub(crate) direction: Option<Direction>,
    pub(crate) error: Option<ErrorOfMeasurement>,
    pub(crate) content: Vec<String>,
    /// The entry of the registry that it is; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) analyte: Option<String>,
    /// Readings outside are flagged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unusual: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Readings::is_default")]
    pub(crate) readings: Readings,
    /// Unit, limits and error are of the quotient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per: Option<Denominator>,
}

/// What is known about the readings of a measure, and how they become one value.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Readings {
    /// Columns of ages, in days before the day of scoring, one a reading; empty where ages are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ages: Vec<String>,
    #[serde(skip_serializing_if = "Combine::is_default")]
    pub(crate) combine: Combine,
    /// Days; older readings do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) within: Option<f64>,
    /// Days; an older value is flagged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stale: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) days: Option<Days>,
}

/// How several readings become one value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Combine {
    #[default]
    Mean,
    /// The youngest; of two of one age the one declared first.
    Last,
}

/// How many days are behind a value that a device averaged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Days {
    pub(crate) column: String,
    /// How many are asked for; fewer are flagged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) full: Option<u16>,
    /// With fewer the value is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) least: Option<u16>,
}

impl Days {
    /// More days than this add nothing.
    pub(crate) const MOST: u16 = 366;
}

impl Readings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The columns besides those of the readings themselves.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &String> {
        self.ages.iter().chain(self.days.as_ref().map(|days| &days.column))
    }
}

impl Combine {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a number must be to count.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cleaning {
    pub(crate) limits: Option<[f64; 2]>,
    /// What is outside the limits is missing, and flagged, rather than an error.
    pub(crate) drop_outside: bool,
    pub(crate) sentinels: Vec<f64>,
}

/// How far a second reading would differ from the first.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ErrorOfMeasurement {
    pub(crate) size: ErrorSize,
    pub(crate) target: Target,
    pub(crate) source: ErrorSource,
    pub(crate) reference: String,
    /// By the steepest slope of the utility instead of the closed form.
    pub(crate) linear: bool,
    /// How far the true value wanders in a year: the sd per √year of a random walk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drift: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorSize {
    Sd(f64),
    Cv(f64),
    Reliability(f64),
    /// The intraclass correlation of single readings, and the sd between persons.
    Icc {
        icc: f64,
        between_sd: f64,
    },
    /// Learned from repeated readings of one occasion.
    CalibratedSd,
    /// Cronbach's alpha of the reference.
    CalibratedReliability,
    /// The same by one factor: omega.
    CalibratedOmega,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    Occasion,
    Usual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorSource {
    Verified,
    Calibrated,
    Assumed,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Derived {
    pub(crate) id: String,
    pub(crate) formula: Formula,
    pub(crate) unit: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Indicator {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) reading: Reading,
    /// The error of a scale; that of a measure stands at the measure.
    pub(crate) error: Option<ErrorOfMeasurement>,
    pub(crate) content: Vec<String>,
    /// What happens to a skewed reading before its utility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) treat: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) impute: Option<Impute>,
}

/// What an indicator reads, and how that becomes its score.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reading {
    Scale { instrument: usize, scale: usize, utility: Utility },
    Measure { measure: usize, utility: Utility },
    Rule(RuleReading),
}

/// From a scale or measure to a score where more is better.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Utility {
    /// 100 (x − worst)/(best − worst), clamped to 0..100.
    Goalposts {
        worst: f64,
        best: f64,
    },
    /// Straight lines between `[x, score]` points, flat outside.
    Points(Vec<[f64; 2]>),
    Steps(Steps),
    /// z = ±(x − mean)/sd of the calibration.
    Z(Direction),
    /// T = 50 + 10 z.
    T(Direction),
    /// Up by a power, flat at 100, down by a power; at least one of the two.
    Desirability {
        rises: Option<Ramp>,
        falls: Option<Ramp>,
    },
    /// The readings whose score is 5 and 95.
    Logistic {
        low: f64,
        high: f64,
    },
    /// 100 Φ(±z) with Cole's L, M, S.
    Lms {
        lms: [f64; 3],
        direction: Direction,
    },
    /// The mid-rank in a reference.
    Ecdf(Reference),
    /// `[x, hazard ratio]`, straight lines in ln of the ratio, or in the ratio itself.
    HazardRatio {
        knots: Vec<[f64; 2]>,
        on_log: bool,
    },
    /// Goalposts on ln x.
    LogGoalposts {
        worst: f64,
        best: f64,
    },
    /// Goalposts with another range, or without ends.
    Straight(Straight),
    Learned(Normaliser),
}

/// Between 0 and 100 by a power of the distance from where the score is 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Ramp {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) exponent: f64,
    /// From 100 at `from` to 0 at `to`.
    pub(crate) falls: bool,
}

/// A reference distribution, by name and version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) values: Vec<f64>,
    /// Parallel to the values; empty where all count the same.
    pub(crate) weights: Vec<f64>,
    pub(crate) direction: Direction,
}

impl Reference {
    pub(crate) fn weights(&self) -> impl Iterator<Item = f64> {
        let same = if self.weights.is_empty() { self.values.len() } else { 0 };
        self.weights.iter().copied().chain(std::iter::repeat_n(1.0, same))
    }
}

/// Bands: `score[k]` from `at[k − 1]` up to below `at[k]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Steps {
    pub(crate) at: Vec<f64>,
    /// NaN where a case leaves the score missing.
    pub(crate) score: Vec<f64>,
    /// The name of the open case a band belongs to; empty for none.
    pub(crate) case: Vec<String>,
}

/// A published rule bound to measures.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RuleReading {
    pub(crate) rule: String,
    pub(crate) source: String,
    pub(crate) locator: String,
    pub(crate) population: String,
    pub(crate) bands: RuleBands,
}

/// How a bound rule goes from measures to a score.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RuleBands {
    /// The lowest score of all inputs; all must be observed.
    Worst(Vec<(usize, Steps)>),
    /// The same, by the value of the measure `by`.
    WorstBy {
        by: usize,
        strata: Vec<(f64, Vec<(usize, Steps)>)>,
    },
    /// The rows of the stratum that the measure `by` falls in.
    By {
        measure: usize,
        by: usize,
        strata: Vec<(f64, Steps)>,
    },
    /// Straight lines between `[x, score]` points, flat outside.
    Line {
        measure: usize,
        points: Vec<[f64; 2]>,
    },
    Norm(NormReading),
}

/// The percentile in a reference population, turned so that more is better.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NormReading {
    pub(crate) measure: usize,
    pub(crate) age: Option<usize>,
    pub(crate) sex: Option<usize>,
    pub(crate) is_higher_better: bool,
    pub(crate) norm: Norm,
}

impl RuleBands {
    /// The measures whose values are scored.
    pub(crate) fn scored(&self) -> Vec<usize> {
        let of = |rows: &[(usize, Steps)]| rows.iter().map(|(measure, _)| *measure).collect();
        match self {
            Self::Worst(rows) => of(rows),
            Self::WorstBy { strata, .. } => strata.first().map(|(_, rows)| of(rows)).unwrap_or_default(),
            Self::By { measure, .. } | Self::Line { measure, .. } => vec![*measure],
            Self::Norm(norm) => vec![norm.measure],
        }
    }

    /// All measures: those that are scored, and those that only choose the table.
    pub(crate) fn measures(&self) -> Vec<usize> {
        let mut measures = self.scored();
        match self {
            Self::Worst(_) | Self::Line { .. } => {}
            Self::WorstBy { by, .. } | Self::By { by, .. } => measures.push(*by),
            Self::Norm(norm) => measures.extend(norm.age.into_iter().chain(norm.sex)),
        }
        measures
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) kind: NodeKind,
    pub(crate) title: String,
    /// With weights that sum to 1; all the same where they are learned.
    pub(crate) children: Vec<(Child, f64)>,
    pub(crate) aggregate: Aggregate,
    /// The share of the weights that must be observed.
    pub(crate) at_least: f64,
    #[serde(skip_serializing_if = "Weighting::is_declared")]
    pub(crate) weighting: Weighting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NodeKind {
    Domain,
    Pillar,
    Index,
}

impl NodeKind {
    /// Where a node stands in a definition, such as `pillar.felt`.
    pub(crate) fn path(self, id: &str) -> String {
        match self {
            Self::Index => "index".to_owned(),
            Self::Domain => format!("domain.{id}"),
            Self::Pillar => format!("pillar.{id}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Child {
    Indicator(usize),
    Node(usize),
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) origin: Origin,
    pub(crate) kind: ChoiceKind,
    pub(crate) source: String,
    pub(crate) content: Vec<String>,
    pub(crate) shares: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChoiceKind {
    Number {
        unit: String,
        step: f64,
        target: Option<[f64; 2]>,
        favours: Option<Direction>,
        cleaning: Cleaning,
    },
    Levels {
        levels: Vec<String>,
        reference: usize,
        reachable: Vec<Vec<usize>>,
        favours: Vec<usize>,
        answers: Vec<(String, usize)>,
    },
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Adjuster {
    pub(crate) column: String,
    /// Empty for a number.
    pub(crate) levels: Vec<String>,
}

impl Resolved {
    /// What one indicator is read and scored with, and nothing above it.
    pub(crate) fn of_indicator(&self, at: usize) -> Self {
        let mut alone = Self {
            indicators: self.indicators.get(at).cloned().into_iter().collect(),
            instruments: self.instruments.clone(),
            measures: self.measures.clone(),
            ..self.upstream()
        };
        alone.screen = None;
        alone
    }

    /// What all indicators are read and scored with, but instruments and measures: the rest but the tree and what stands
    /// beside the index.
    pub(crate) fn upstream(&self) -> Self {
        Self {
            id: String::new(),
            version: String::new(),
            title: String::new(),
            population: String::new(),
            norms: None,
            instruments: Vec::new(),
            measures: Vec::new(),
            indicators: Vec::new(),
            nodes: Vec::new(),
            declared: Vec::new(),
            bands: Vec::new(),
            choices: Vec::new(),
            adjusters: Vec::new(),
            model: None,
            health: Vec::new(),
            audience: self.audience,
            person: self.person.clone(),
            file: self.file.clone(),
            derived: self.derived.clone(),
            interval: self.interval,
            screen: self.screen.clone(),
        }
    }

    /// Takes out what no score depends on, but only its error: errors of measurement, published scores, the model.
    pub(crate) fn forget_errors(&mut self) {
        self.measures.iter_mut().for_each(|measure| measure.error = None);
        self.indicators.iter_mut().for_each(|indicator| indicator.error = None);
        self.health.clear();
        self.model = None;
    }

    /// Whether an indicator reads the measure, for its value or to choose a table.
    pub(crate) fn is_scored(&self, measure: usize) -> bool {
        self.indicators.iter().any(|indicator| match &indicator.reading {
            Reading::Scale { .. } => false,
            Reading::Measure { measure: read, .. } => *read == measure,
            Reading::Rule(rule) => rule.bands.measures().contains(&measure),
        })
    }

    /// The id of a child.
    pub(crate) fn child_id(&self, child: Child) -> &str {
        match child {
            Child::Indicator(at) => self.indicators.get(at).map(|indicator| indicator.id.as_str()),
            Child::Node(at) => self.nodes.get(at).map(|node| node.id.as_str()),
        }
        .unwrap_or_default()
    }

    /// The indicators below a child, as positions, in the order of the tree.
    pub(crate) fn indicators_below(&self, child: Child) -> Vec<usize> {
        match child {
            Child::Indicator(at) => vec![at],
            Child::Node(at) => {
                let children = self.nodes.get(at).map(|node| node.children.as_slice()).unwrap_or_default();
                children.iter().flat_map(|(child, _)| self.indicators_below(*child)).collect()
            }
        }
    }
}

/// The title, or the id where there is none.
pub(crate) fn named(title: &str, id: &str) -> String {
    if title.is_empty() { id.to_owned() } else { title.to_owned() }
}
