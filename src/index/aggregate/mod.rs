//! The scores of a person's children joined into one, by every method there is.
//!
//! A child that is missing is NaN, and one without weight is taken for missing, too: neither counts.

mod choquet;
mod counting;
mod distance;
mod frontier;
mod order;
mod outranking;
mod penalty;
mod power;
mod properties;

pub use properties::{Method, Properties};

use crate::definition::parts::{Aggregate, Owa, Penalty, PowerMean};

pub(crate) use distance::Distance;
pub(crate) use frontier::Frontier;
pub(crate) use outranking::Outranking;

/// A method with what it was declared with and what was learned for it.
#[derive(Debug, Clone)]
pub(crate) enum Join {
    Power(PowerMean),
    Median,
    Minimum,
    Maximum,
    Owa(Owa),
    Penalty(Penalty),
    MeanMin { a: f64, b: f64 },
    Choquet { alone: Vec<f64>, pairs: Vec<(usize, usize, f64)> },
    Copeland(Outranking),
    Topsis(Distance),
    Frontier(Frontier),
    Counting { cutoffs: Vec<f64>, poor_at: f64 },
}

/// What a method learns from the scores of its children in a reference.
#[derive(Debug, Clone, Default)]
pub(crate) enum Lesson {
    #[default]
    None,
    Copeland(Outranking),
    Topsis(Distance),
    Frontier(Frontier),
}

/// Room to work in, used for one person after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work {
    /// Values and weights of the observed, sorted.
    sorted: Vec<(f64, f64)>,
    sums: Vec<f64>,
}

impl Join {
    /// None where what the method needs was not learned.
    pub(crate) fn new(aggregate: &Aggregate, lesson: Lesson) -> Option<Self> {
        Some(match (aggregate, lesson) {
            (Aggregate::Power(mean), _) => Self::Power(*mean),
            (Aggregate::Median, _) => Self::Median,
            (Aggregate::Minimum, _) => Self::Minimum,
            (Aggregate::Maximum, _) => Self::Maximum,
            (Aggregate::Owa(owa), _) => Self::Owa(owa.clone()),
            (Aggregate::Mpi(penalty) | Aggregate::Ampi(penalty), _) => Self::Penalty(*penalty),
            (Aggregate::MeanMin { a, b }, _) => Self::MeanMin { a: *a, b: *b },
            (Aggregate::Choquet { alone, pairs }, _) => {
                Self::Choquet { alone: alone.clone(), pairs: pairs.clone() }
            }
            (Aggregate::AlkireFoster { cutoffs, poor_at }, _) => {
                Self::Counting { cutoffs: cutoffs.clone(), poor_at: *poor_at }
            }
            (Aggregate::Copeland, Lesson::Copeland(learned)) => Self::Copeland(learned),
            (Aggregate::Topsis, Lesson::Topsis(learned)) => Self::Topsis(learned),
            (Aggregate::BenefitOfTheDoubt { .. }, Lesson::Frontier(learned)) => Self::Frontier(learned),
            (Aggregate::Copeland | Aggregate::Topsis | Aggregate::BenefitOfTheDoubt { .. }, _) => {
                return None;
            }
        })
    }

    pub(crate) fn is_arithmetic(&self) -> bool {
        matches!(self, Self::Power(PowerMean { power: 1.0, floor: 0.0 }))
    }

    /// Whether the score has a slope in every child almost everywhere that says how an error there comes through.
    pub(crate) fn has_slopes(&self) -> bool {
        match self {
            Self::Power(_) | Self::Penalty(_) | Self::Topsis(_) => true,
            Self::MeanMin { b, .. } => *b > 0.0,
            _ => false,
        }
    }

    /// Whether the result is on 0 to 100 whatever the children are on.
    pub(crate) fn has_own_range(&self) -> bool {
        matches!(self, Self::Copeland(_) | Self::Topsis(_) | Self::Frontier(_) | Self::Counting { .. })
    }

    /// The score of a person's children; `row` has their values and weights. NaN if none is observed.
    pub(crate) fn value(&self, row: &[(f64, f64)], work: &mut Work) -> f64 {
        match self {
            Self::Power(PowerMean { power, floor }) => power::mean(*power, row.iter().copied(), *floor),
            Self::Median => order::median(row, work),
            Self::Minimum => order::minimum(row),
            Self::Maximum => order::maximum(row),
            Self::Owa(owa) => order::owa(owa, row, work),
            Self::Penalty(way) => penalty::penalised(*way, row),
            Self::MeanMin { a, b } => penalty::mean_min(*a, *b, row),
            Self::Choquet { alone, pairs } => choquet::integral(alone, pairs, row),
            Self::Copeland(reference) => reference.score(row, &mut work.sums),
            Self::Topsis(distance) => distance.score(row),
            Self::Frontier(frontier) => frontier.score(row),
            Self::Counting { cutoffs, poor_at } => counting::score(cutoffs, *poor_at, row),
        }
    }

    /// ∂score/∂child at this row of which the score is `value`, for every child into `slopes`; false where there is
    /// no such slope.
    pub(crate) fn slopes(&self, row: &[(f64, f64)], value: f64, slopes: &mut Vec<f64>) -> bool {
        slopes.clear();
        match self {
            Self::Power(mean) => slopes.extend(row.iter().map(|(x, w)| mean.slope(*w, *x, value))),
            Self::Penalty(way) => penalty::penalised_slopes(*way, row, slopes),
            Self::MeanMin { a, b } if *b > 0.0 => return penalty::mean_min_slopes(*a, *b, row, slopes),
            Self::Topsis(distance) => return distance.slopes(row, slopes),
            _ => return false,
        }
        true
    }

    /// The slope in one child; by a small step where no formula is at hand.
    pub(crate) fn slope_of(&self, row: &mut [(f64, f64)], at: usize, work: &mut Work) -> f64 {
        let value = self.value(row, work);
        // Steps: flat everywhere but where they jump.
        if matches!(self, Self::Copeland(_) | Self::Counting { .. }) {
            return 0.0;
        }
        if let Self::Power(mean) = self {
            return row.get(at).map_or(f64::NAN, |(x, w)| mean.slope(*w, *x, value));
        }
        let mut slopes = std::mem::take(&mut work.sums);
        let found = self.slopes(row, value, &mut slopes);
        let slope = slopes.get(at).copied().unwrap_or(f64::NAN);
        work.sums = slopes;
        if found {
            return slope;
        }
        let Some(x) = row.get(at).map(|(x, _)| *x) else { return f64::NAN };
        let step = STEP * x.abs().max(1.0);
        let mut with = |x: f64| {
            if let Some(cell) = row.get_mut(at) {
                cell.0 = x;
            }
            self.value(row, work)
        };
        let (above, below) = (with(x + step), with(x - step));
        with(x);
        (above - below) / (2.0 * step)
    }
}

/// Of a child's own size, either way.
const STEP: f64 = 1e-6;

/// Σ w x / Σ w and Σ w of what is observed.
fn weighted_mean(row: &[(f64, f64)]) -> (f64, f64) {
    let (sum, weights) = observed(row).fold((0.0, 0.0), |(sum, weights), (x, w)| (sum + w * x, weights + w));
    (sum / weights, weights)
}

fn observed(row: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
    row.iter().copied().filter(|(x, w)| !x.is_nan() && *w > 0.0)
}
