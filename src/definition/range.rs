//! What the scores of an indicator or a node range over; the children of a parent share one range.

use std::fmt;

use super::parts::{By, Counts, Normaliser, Outside, Ranking, Reading, Utility};

/// A range of scores, more is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Range {
    /// From worst to best. Scores that are extrapolated may lie outside: see [`Utility::is_bounded`].
    Between(f64, f64),
    /// Of this mean and standard deviation in the reference; without ends.
    Standard { mean: f64, sd: f64 },
    /// From 1, or 0, to how many there are in the reference.
    Ranks,
    /// Mazziotta and Pareto's: 100 is the reference, and a width of 60.
    Ampi,
}

impl Range {
    /// 0 to 100, which most utilities have.
    pub(crate) const HUNDRED: Self = Self::Between(0.0, 100.0);

    /// Whether a mean that has no answer for a negative number can take it.
    pub(crate) fn is_never_negative(self) -> bool {
        matches!(self, Self::Between(low, _) if low >= 0.0)
    }
}

/// In words, as in "0 to 100".
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between(low, high) => write!(f, "{low} to {high}"),
            Self::Standard { mean: 0.0, sd: 1.0 } => f.write_str("z"),
            Self::Standard { mean: 50.0, sd: 10.0 } => f.write_str("T"),
            Self::Standard { mean, sd } => write!(f, "mean {mean} and sd {sd}"),
            Self::Ranks => f.write_str("ranks"),
            Self::Ampi => f.write_str("70 to 130 about the reference"),
        }
    }
}

impl Utility {
    /// What its scores range over.
    pub(crate) fn range(&self) -> Range {
        match self {
            Self::Z(_) => Range::Standard { mean: 0.0, sd: 1.0 },
            Self::T(_) => Range::Standard { mean: 50.0, sd: 10.0 },
            Self::Straight(line) => Range::Between(line.to[0], line.to[1]),
            Self::Learned(Normaliser { by, to, .. }) => match by {
                By::Standard([mean, sd]) => Range::Standard { mean: *mean, sd: *sd },
                By::Ampi(_) => Range::Ampi,
                By::Ranking(Ranking { counts: Counts::Rank | Counts::Borda, .. }) => Range::Ranks,
                _ => Range::Between(to[0], to[1]),
            },
            _ => Range::HUNDRED,
        }
    }

    /// Whether no score lies outside the range.
    pub(crate) fn is_bounded(&self) -> bool {
        let is_clamped = match self {
            Self::Straight(line) => line.outside == Outside::Clamp,
            Self::Learned(learned) => learned.outside == Outside::Clamp,
            _ => true,
        };
        is_clamped && matches!(self.range(), Range::Between(..))
    }
}

impl Reading {
    /// What the scores range over.
    pub(crate) fn range(&self) -> Range {
        match self {
            Self::Scale { utility, .. } | Self::Measure { utility, .. } => utility.range(),
            Self::Rule(_) => Range::HUNDRED,
        }
    }

    /// Whether no score lies outside the range.
    pub(crate) fn is_bounded(&self) -> bool {
        match self {
            Self::Scale { utility, .. } | Self::Measure { utility, .. } => utility.is_bounded(),
            Self::Rule(_) => true,
        }
    }
}
