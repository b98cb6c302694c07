//! Utilities that are learned from a reference, and lines with other ends: what they are, and how a definition says them.

use serde::Serialize;

use super::{
    parts::{Direction, Utility},
    source::{Entry, Node},
    utility::Reader,
};

/// A straight line between two declared values, with a range of its own or without ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Straight {
    pub(crate) worst: f64,
    pub(crate) best: f64,
    /// The scores of both.
    pub(crate) to: [f64; 2],
    pub(crate) outside: Outside,
}

/// From a reading to a score by what a reference taught.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Normaliser {
    pub(crate) direction: Direction,
    /// The lowest and the highest score, where the method leaves them open.
    pub(crate) to: [f64; 2],
    pub(crate) outside: Outside,
    pub(crate) by: By,
}

/// What happens to a reading outside the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outside {
    /// It counts as the nearest one inside.
    Clamp,
    Extrapolate,
}

/// The method.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// (x − worst)/(best − worst).
    MinMax,
    /// 1 − |best − x|/|best − worst|.
    DistanceToBest,
    /// x/max, or 1 − x/max where less is better.
    ShareOfMaximum,
    /// Mean and standard deviation that the reference gets.
    Standard([f64; 2]),
    /// 1 − (r − x)/(r − worst).
    Reference(f64),
    /// The same with r the reading of the person of this id.
    Person(String),
    /// (x − worst)/(target − worst).
    Target(f64),
    Ranking(Ranking),
    /// Mazziotta and Pareto's; none for the mean of the reference.
    Ampi(Option<f64>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Ranking {
    pub(crate) counts: Counts,
    pub(crate) ties: Ties,
    /// Into so many parts the reference is divided; none for its own values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quantiles: Option<usize>,
}

/// From what a rank counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Counts {
    /// From 1.
    Rank,
    /// From 0.
    Borda,
    /// From 0 to 1, onto the range.
    Percentile,
}

/// Which rank equal values have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ties {
    Min,
    Average,
    Max,
}

/// Keys that stand beside the one that names a utility.
pub(super) const BESIDE: [&str; 3] = ["to", "outside", "quantiles"];

/// More parts would be the persons again.
const MOST_QUANTILES: f64 = 10_000.0;

/// What stands beside the method.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside {
    to: Option<[f64; 2]>,
    outside: Option<Outside>,
    quantiles: Option<usize>,
}

impl Utility {
    /// Whether a reference must teach it its range, its spread or its ranks.
    pub(crate) fn is_learned(&self) -> bool {
        matches!(self, Self::Learned(_))
    }

    /// Whether scores have no ends, so that one is as far from another as the readings are.
    pub(crate) fn is_endless(&self) -> bool {
        match self {
            Self::Z(_) | Self::T(_) => true,
            Self::Straight(line) => line.outside == Outside::Extrapolate,
            Self::Learned(Normaliser { by: By::Standard(_), .. }) => true,
            Self::Learned(Normaliser { by: By::Ranking(_), .. }) => false,
            Self::Learned(learned) => learned.outside == Outside::Extrapolate,
            _ => false,
        }
    }

    /// Whether a treatment may come before it: everything else is declared point by point on natural readings.
    pub(crate) fn takes_treatment(&self) -> bool {
        match self {
            Self::Goalposts { .. } | Self::Straight(_) | Self::Z(_) | Self::T(_) | Self::Learned(_) => true,
            Self::Points(_)
            | Self::Steps(_)
            | Self::Desirability { .. }
            | Self::Logistic { .. }
            | Self::Lms { .. }
            | Self::Ecdf(_)
            | Self::HazardRatio { .. }
            | Self::LogGoalposts { .. } => false,
        }
    }
}

impl By {
    /// Whether all it learns is where readings end.
    pub(crate) fn takes_ends(&self) -> bool {
        !matches!(self, Self::Standard(_) | Self::Ranking(_) | Self::Ampi(None))
    }
}

impl Straight {
    pub(super) fn in_words(&self) -> String {
        let Self { worst, best, to: [low, high], outside } = self;
        format!("{worst} is {low} and {best} is {high}{}", beyond(*outside))
    }
}

impl Normaliser {
    fn new(by: By, direction: Direction, beside: Beside) -> Self {
        Self {
            direction,
            to: beside.to.unwrap_or([0.0, 100.0]),
            outside: beside.outside.unwrap_or(Outside::Clamp),
            by,
        }
    }

    /// What it does, as in "the reference's worst is 0 and its best is 100". No id of a person.
    pub(super) fn in_words(&self) -> String {
        let [low, high] = self.to;
        let less = if self.direction == Direction::LowerBetter { ", less is better" } else { "" };
        let beyond = beyond(self.outside);
        match &self.by {
            By::MinMax => format!("the reference's worst is {low} and its best is {high}{beyond}{less}"),
            By::DistanceToBest => {
                format!(
                    "the nearer the reference's best, the nearer {high}; its worst is {low}{beyond}{less}"
                )
            }
            By::ShareOfMaximum => {
                let [zero, most] = if less.is_empty() { [low, high] } else { [high, low] };
                format!("0 is {zero} and the reference's maximum is {most}{beyond}{less}")
            }
            By::Standard([mean, sd]) => {
                format!("mean {mean} and standard deviation {sd} in the reference{less}")
            }
            By::Reference(r) => format!("the reference's worst is {low} and {r} is {high}{beyond}{less}"),
            By::Person(_) => {
                format!("the reference's worst is {low} and one person of it is {high}{beyond}{less}")
            }
            By::Target(t) => {
                format!("the reference's worst is {low} and the target {t} is {high}{beyond}{less}")
            }
            By::Ranking(Ranking { counts, ties, quantiles }) => {
                let what = match counts {
                    Counts::Rank => "rank in the reference, its best is the highest".to_owned(),
                    Counts::Borda => "how many of the reference it is better than".to_owned(),
                    Counts::Percentile => format!("percentile rank in the reference, {low} to {high}"),
                };
                let ties = match ties {
                    Ties::Min => "",
                    Ties::Average => ", ties at their mean rank",
                    Ties::Max => ", ties at their highest rank",
                };
                let kept = quantiles.map(|parts| format!(", kept as {parts} quantiles")).unwrap_or_default();
                format!("{what}{ties}{kept}{less}")
            }
            By::Ampi(Some(r)) => format!("{r} is 100, the width of the reference is 60{beyond}{less}"),
            By::Ampi(None) => format!("the reference's mean is 100, its width is 60{beyond}{less}"),
        }
    }
}

fn beyond(outside: Outside) -> &'static str {
    if outside == Outside::Extrapolate { ", and so on beyond" } else { "" }
}

impl Reader<'_, '_, '_> {
    /// A utility that has a name alone, or under `key` what belongs to it; none where the name is of another kind.
    pub(super) fn learned(&mut self, key: &str, mut beside: Beside) -> Option<Utility> {
        if matches!(key, "goalposts" | "fixed_range") {
            return self.straight(key == "fixed_range", beside);
        }
        let pair = |node: &Node| <[f64; 2]>::try_from(node.numbers()).ok();
        let by = match key {
            "min_max" | "distance_to_best" | "share_of_maximum" => {
                if let Some(to) = pair(self.value) {
                    if beside.to.is_some() {
                        self.fault(
                            "the range is given twice",
                            format!("give {{ {key} = [low, high] }} alone"),
                        );
                    }
                    beside.to = self.range_of(to);
                }
                match key {
                    "min_max" => By::MinMax,
                    "distance_to_best" => By::DistanceToBest,
                    _ => By::ShareOfMaximum,
                }
            }
            "z" => {
                let [mean, sd] = pair(self.value)?;
                if sd <= 0.0 {
                    self.fault(format!("the standard deviation {sd} is not above 0"), "give [mean, sd]");
                }
                By::Standard([mean, sd])
            }
            "reference" => match self.value.number() {
                Some(number) => By::Reference(number),
                None => By::Person(self.value.get("person")?.text()?.to_owned()),
            },
            "target" => By::Target(self.value.number()?),
            "rank" | "borda" | "percentile_rank" => {
                let ties = match self.value.text() {
                    Some("average") => Ties::Average,
                    Some("max") => Ties::Max,
                    _ => Ties::Min,
                };
                let counts = match key {
                    "rank" => Counts::Rank,
                    "borda" => Counts::Borda,
                    _ => Counts::Percentile,
                };
                By::Ranking(Ranking { counts, ties, quantiles: beside.quantiles })
            }
            "ampi" => By::Ampi(self.value.number()),
            _ => return None,
        };
        let direction = self.direction()?;
        Some(Utility::Learned(Normaliser::new(by, direction, beside)))
    }

    fn straight(&mut self, is_fixed: bool, beside: Beside) -> Option<Utility> {
        let [worst, best] = self.goalposts()?;
        let default = if is_fixed { Outside::Extrapolate } else { Outside::Clamp };
        let outside = beside.outside.unwrap_or(default);
        let to = beside.to.unwrap_or([0.0, 100.0]);
        if to == [0.0, 100.0] && outside == Outside::Clamp {
            return Some(Utility::Goalposts { worst, best });
        }
        Some(Utility::Straight(Straight { worst, best, to, outside }))
    }

    /// What stands beside the method, as far as it goes with it.
    pub(super) fn beside(&mut self, key: &str, utility: &Node) -> Beside {
        let accepts: &[&str] = match key {
            "goalposts" | "fixed_range" | "min_max" | "distance_to_best" | "share_of_maximum"
            | "reference" | "target" => &["to", "outside"],
            "rank" | "borda" => &["outside", "quantiles"],
            "percentile_rank" => &["to", "outside", "quantiles"],
            "ampi" => &["outside"],
            _ => &[],
        };
        let mut found = Beside::default();
        let (start, of) = (self.start, self.path.clone());
        for Entry { key: name, at, node } in
            utility.entries().iter().filter(|entry| BESIDE.contains(&entry.key.as_str()))
        {
            (self.start, self.path) = (at.start, format!("{of}.{name}"));
            if !accepts.contains(&name.as_str()) {
                let help = if accepts.is_empty() {
                    format!("`{key}` stands alone")
                } else {
                    format!("beside `{key}` there may be {}", accepts.join(", "))
                };
                self.fault(format!("`{name}` does not go with `{key}`"), help);
                continue;
            }
            match name.as_str() {
                "to" => {
                    let pair = <[f64; 2]>::try_from(node.numbers()).ok();
                    found.to = pair.and_then(|pair| self.range_of(pair));
                }
                "outside" => {
                    found.outside = match node.text() {
                        Some("extrapolate") => Some(Outside::Extrapolate),
                        _ => Some(Outside::Clamp),
                    };
                }
                _ => found.quantiles = node.number().and_then(|parts| self.quantiles(parts)),
            }
        }
        (self.start, self.path) = (start, of);
        found
    }

    /// A range of scores.
    fn range_of(&mut self, [low, high]: [f64; 2]) -> Option<[f64; 2]> {
        if low >= high {
            let help =
                "give [low, high]: the worst score is the lower one, the direction is that of the measure";
            self.fault(format!("the range {low} to {high} does not rise"), help);
            return None;
        }
        Some([low, high])
    }

    fn quantiles(&mut self, parts: f64) -> Option<usize> {
        if !(2.0..=MOST_QUANTILES).contains(&parts) || parts.fract() != 0.0 {
            let help = format!("give a whole number from 2 to {MOST_QUANTILES}");
            self.fault(format!("{parts} is no number of parts"), help);
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and in range")]
        let parts = parts as usize;
        Some(parts)
    }
}
