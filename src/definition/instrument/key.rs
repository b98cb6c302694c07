//! A scoring key: items and what their codes count, the scales made of them, and what is published about those.

use serde::Serialize;

use crate::definition::parts::{Band, Direction, Formula};

/// An instrument of a definition: its key, and where its answers are.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Instrument {
    pub(crate) id: String,
    pub(crate) key: InstrumentKey,
    /// One column an item.
    pub(crate) columns: Vec<String>,
    pub(crate) answers: Vec<(String, f64)>,
    pub(crate) sentinels: Vec<f64>,
    /// Whether the file codes every answer the other way round.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) turned: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct InstrumentKey {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    #[serde(skip)]
    pub(crate) about: String,
    pub(crate) citation: Vec<String>,
    pub(crate) verified: bool,
    pub(crate) licence: Option<Licence>,
    pub(crate) window_days: Option<f64>,
    /// What a low and a high code mean.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) coding: String,
    #[serde(skip)]
    pub(crate) loinc: Option<Loinc>,
    pub(crate) items: Vec<Item>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) skips: Vec<Skip>,
    /// Named intermediate expressions, each over items and those before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lets: Vec<(String, Formula)>,
    pub(crate) scales: Vec<Scale>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) flags: Vec<SafetyFlag>,
    #[serde(skip)]
    pub(crate) checks: Vec<Check>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Licence {
    pub(crate) class: String,
    pub(crate) holder: String,
    pub(crate) note: String,
    /// Whom to ask.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) ask: String,
}

/// Codes in LOINC: of the panel and of its items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Loinc {
    pub(crate) panel: String,
    pub(crate) items: Vec<String>,
    pub(crate) verified: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) answer: Answer,
    /// What each code counts, as `[code, points]`; empty where a code counts itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) points: Vec<[f64; 2]>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) unit: String,
    /// What the item touches.
    pub(crate) content: Vec<String>,
}

/// What an answer can be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// Whole numbers, or any.
    Range { lowest: f64, highest: f64, whole: bool },
    /// These codes alone, ascending.
    Codes(Vec<f64>),
    /// A time of the day: hours from 0 to below 24.
    Clock,
}

impl Item {
    pub(crate) fn plain(id: &str, [lowest, highest]: [f64; 2], whole: bool) -> Self {
        let answer = Answer::Range { lowest, highest, whole };
        Self { id: id.to_owned(), answer, points: Vec::new(), unit: String::new(), content: Vec::new() }
    }

    /// The lowest and the highest code.
    pub(crate) fn ends(&self) -> [f64; 2] {
        match &self.answer {
            Answer::Range { lowest, highest, .. } => [*lowest, *highest],
            Answer::Codes(codes) => {
                [codes.first().copied().unwrap_or(0.0), codes.last().copied().unwrap_or(0.0)]
            }
            Answer::Clock => [0.0, 24.0_f64.next_down()],
        }
    }

    /// The fewest and the most points an answer counts.
    pub(crate) fn reach(&self) -> [f64; 2] {
        if self.points.is_empty() {
            return self.ends();
        }
        let points = self.points.iter().map(|[_, points]| *points);
        [points.clone().fold(f64::INFINITY, f64::min), points.fold(f64::NEG_INFINITY, f64::max)]
    }

    /// Whether a code is a possible answer.
    pub(crate) fn admits(&self, code: f64) -> bool {
        match &self.answer {
            Answer::Range { lowest, highest, whole } => {
                (*lowest..=*highest).contains(&code) && (!whole || code == code.trunc())
            }
            Answer::Codes(codes) => codes.contains(&code),
            Answer::Clock => (0.0..24.0).contains(&code),
        }
    }

    /// A code of a file that codes answers the other way round.
    pub(crate) fn turned(&self, code: f64) -> f64 {
        let [lowest, highest] = self.ends();
        lowest + highest - code
    }

    /// The possible answers, for a message.
    pub(crate) fn allowed(&self) -> String {
        match &self.answer {
            Answer::Range { lowest, highest, whole: true } => {
                format!("a whole number from {lowest} to {highest}")
            }
            Answer::Range { lowest, highest, whole: false } => format!("a number from {lowest} to {highest}"),
            Answer::Codes(codes) => {
                let codes: Vec<String> = codes.iter().map(f64::to_string).collect();
                codes.join(", ")
            }
            Answer::Clock => "a time such as 23:30, or hours from 0 to below 24".to_owned(),
        }
    }

    /// Every possible code, if they can be counted.
    pub(crate) fn codes(&self) -> Option<Vec<f64>> {
        match &self.answer {
            Answer::Codes(codes) => Some(codes.clone()),
            Answer::Range { lowest, highest, whole: true } if highest - lowest < 1000.0 => {
                let codes = std::iter::successors(Some(*lowest), |code| Some(code + 1.0));
                Some(codes.take_while(|code| code <= highest).collect())
            }
            _ => None,
        }
    }
}

/// Where all of `when_zero` are answered with 0 points, `items` need no answer; without one they count 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Skip {
    pub(crate) when_zero: Vec<usize>,
    pub(crate) items: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) answers: Vec<Option<f64>>,
    pub(crate) expect: Vec<(String, Option<f64>)>,
    pub(crate) bands: Vec<(String, String)>,
    pub(crate) flags: Vec<(String, String)>,
    pub(crate) female: Option<bool>,
    pub(crate) age: Option<f64>,
    pub(crate) source: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Scale {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Every item behind the score, directly or through other scales.
    pub(crate) items: Vec<usize>,
    pub(crate) way: Way,
    pub(crate) line: Line,
    #[serde(skip_serializing_if = "Cutting::is_none")]
    pub(crate) cutting: Cutting,
    pub(crate) direction: Direction,
    pub(crate) missing: ItemMissing,
    pub(crate) range: [f64; 2],
    /// The score where every answer has its lowest code, and where every answer has its highest.
    #[serde(skip)]
    pub(crate) ends: Option<[Option<f64>; 2]>,
    /// Valid for groups alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_for_groups: bool,
    /// A profile or a code, no quantity.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_label: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<GroupShare>,
    #[serde(skip)]
    pub(crate) loinc: Option<(String, bool)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) bands: Vec<BandSet>,
    /// The set of bands in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) band_set: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reliability: Vec<Reliability>,
    /// The kind of reliability in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reliability_kind: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) norms: Vec<Norm>,
    /// The norm in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) norm: Option<String>,
    #[serde(skip)]
    pub(crate) changes: Vec<PublishedChange>,
}

/// From answers to one number.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// Of the scale's items, in their order.
    Items {
        reversed: Vec<bool>,
        weights: Vec<f64>,
        aggregate: ItemAggregate,
    },
    /// Of scales declared before.
    Scales {
        of: Vec<usize>,
        weights: Vec<f64>,
        aggregate: ItemAggregate,
    },
    Formula {
        from: Formula,
        refuse: Vec<Formula>,
    },
}

impl Scale {
    /// How many items or scales add up to it; none where it is cut, looked up or said by a formula.
    pub(crate) fn parts(&self) -> usize {
        match (&self.way, &self.cutting) {
            (Way::Items { weights, .. } | Way::Scales { weights, .. }, Cutting::None) => weights.len(),
            _ => 0,
        }
    }
}

/// (x − `from`) × `slope` + `plus`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Line {
    pub(crate) from: f64,
    pub(crate) slope: f64,
    pub(crate) plus: f64,
}

impl Line {
    pub(crate) const SAME: Self = Self { from: 0.0, slope: 1.0, plus: 0.0 };

    pub(crate) fn at(self, x: f64) -> f64 {
        (x - self.from) * self.slope + self.plus
    }
}

/// What the number becomes at last.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cutting {
    None,
    /// One more score than thresholds; each threshold belongs to the bin above it.
    Bins {
        at: Vec<f64>,
        points: Vec<f64>,
    },
    /// Scores of whole numbers from `first` on; anything else is missing.
    Table {
        first: f64,
        scores: Vec<f64>,
    },
}

impl Cutting {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// The scores it can give; empty for any.
    pub(crate) fn scores(&self) -> &[f64] {
        match self {
            Self::None => &[],
            Self::Bins { points, .. } => points,
            Self::Table { scores, .. } => scores,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemAggregate {
    Sum,
    Mean,
}

/// How many items must be answered, and what the score is then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemMissing {
    Complete,
    /// The mean of the answered items, if at least so many.
    AtLeast(usize),
    /// The mean of the answered items times the number of items, if at least so many.
    Prorate(usize),
    /// The formula says.
    Formula,
}

/// The share of a group within `plus` less that within `minus`, both with their ends, in %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct GroupShare {
    pub(crate) plus: [f64; 2],
    pub(crate) minus: Option<[f64; 2]>,
}

/// Bands of a score, of everybody or of a stratum; sets of one id belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct BandSet {
    pub(crate) id: String,
    pub(crate) stratum: Stratum,
    pub(crate) bands: Vec<Band>,
    pub(crate) verified: bool,
    pub(crate) source: String,
}

/// Whom a figure is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Stratum {
    /// `None` for anybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) female: Option<bool>,
    /// `[from, below)`, in years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ages: Option<[f64; 2]>,
}

impl Stratum {
    /// Whether a person of this sex and age is in it; what is not known is in no stratum that asks for it.
    pub(crate) fn holds(self, female: Option<bool>, age: Option<f64>) -> bool {
        self.female.is_none_or(|asked| female == Some(asked))
            && self.ages.is_none_or(|[from, below]| age.is_some_and(|age| from <= age && age < below))
    }

    pub(crate) fn words(self) -> String {
        let sex = match self.female {
            Some(true) => "women",
            Some(false) => "men",
            None => "",
        };
        let ages = self.ages.map(|[from, below]| format!("from {from} to below {below} years"));
        [sex, ages.as_deref().unwrap_or_default()]
            .into_iter()
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A published reliability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Reliability {
    pub(crate) kind: String,
    pub(crate) value: f64,
    pub(crate) n: Option<f64>,
    pub(crate) about: String,
    pub(crate) verified: bool,
    pub(crate) source: String,
}

/// The mean and standard deviation of a reference; norms of one id belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Norm {
    pub(crate) id: String,
    pub(crate) stratum: Stratum,
    pub(crate) n: usize,
    pub(crate) mean: f64,
    pub(crate) sd: f64,
    pub(crate) verified: bool,
    pub(crate) source: String,
}

/// A published figure of change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PublishedChange {
    pub(crate) kind: String,
    pub(crate) value: f64,
    pub(crate) about: String,
    pub(crate) verified: bool,
    pub(crate) source: String,
}

/// An answer that somebody has to look at, whatever the score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct SafetyFlag {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) item: usize,
    pub(crate) at_least: f64,
    pub(crate) source: String,
}
