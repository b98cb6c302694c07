//! How the children of a node are joined: every method and its parameters.

mod read;

use std::fmt;

use serde::Serialize;

use super::range::Range;

pub(super) use read::{AGGREGATE, check_parent, read};

/// Sums of declared weights may miss 1 by this much.
const HAIR: f64 = 1e-9;

/// How the children of a node are joined.
///
/// A power mean, which the default is one of, is written as it was when there was nothing else, so that the hash of a
/// definition stays.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aggregate {
    Median,
    Minimum,
    Maximum,
    Owa(Owa),
    Mpi(Penalty),
    Ampi(Penalty),
    /// M − a(√((M − min)² + b²) − b).
    MeanMin {
        a: f64,
        b: f64,
    },
    /// The Möbius masses of children alone, in the order of the children, and of pairs of them; their sum is 1.
    Choquet {
        alone: Vec<f64>,
        pairs: Vec<(usize, usize, f64)>,
    },
    Copeland,
    Topsis,
    /// By child the lowest and highest share of the score; empty where none is asked for.
    BenefitOfTheDoubt {
        shares: Vec<[f64; 2]>,
    },
    /// By child the score below which a person is deprived.
    AlkireFoster {
        cutoffs: Vec<f64>,
        poor_at: f64,
    },
    #[serde(untagged)]
    Power(PowerMean),
}

/// A power mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct PowerMean {
    /// The exponent: 1 arithmetic, 0 geometric, −1 harmonic.
    pub(crate) power: f64,
    /// Children below this count as this.
    pub(crate) floor: f64,
}

/// Which way unevenness counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Penalty {
    /// Taken off: for what is better when high.
    Minus,
    /// Added: for what is worse when high.
    Plus,
}

/// Weights of places, the best child first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Owa {
    /// One a place; they sum to 1.
    Places(Vec<f64>),
    /// Q(t) = t^a.
    Quantifier(f64),
    /// The mean of so many best.
    Best(usize),
    /// The mean of so many worst.
    Worst(usize),
}

impl Owa {
    /// **Formula** the weight of place k (0 is the best) among m: vₖ, Q((k + 1)/m) − Q(k/m), or 1/j for j of the ends.
    pub(crate) fn place(&self, k: usize, m: usize) -> f64 {
        let share = |j: usize, is_in: bool| if is_in { 1.0 / j as f64 } else { 0.0 };
        match self {
            Self::Places(weights) => weights.get(k).copied().unwrap_or(0.0),
            Self::Quantifier(a) => {
                let q = |k: usize| libm::pow(k as f64 / m as f64, *a);
                q(k + 1) - q(k)
            }
            Self::Best(j) => share(*j.min(&m), k < *j),
            Self::Worst(j) => share(*j.min(&m), k + j >= m),
        }
    }

    /// **Formula** Σ vₖ (m − k)/(m − 1), k from 1: 1 is the maximum, 0 the minimum, ½ the mean. None of one child.
    pub(crate) fn orness(&self, m: usize) -> Option<f64> {
        let sum = |k: usize| self.place(k, m) * (m - 1 - k) as f64 / (m - 1) as f64;
        (m > 1).then(|| (0..m).map(sum).sum())
    }
}

impl Aggregate {
    pub(crate) const ARITHMETIC: Self = Self::Power(PowerMean { power: 1.0, floor: 0.0 });

    /// Linear in the children.
    pub(crate) fn is_arithmetic(&self) -> bool {
        *self == Self::ARITHMETIC
    }

    /// Whether its slopes change with the scores of the children.
    pub(crate) fn is_curved(&self) -> bool {
        !matches!(self, Self::Power(PowerMean { power: 1.0, .. }))
    }

    /// Whether something of a reference must be learned first.
    pub(crate) fn needs_reference(&self) -> bool {
        matches!(self, Self::Copeland | Self::Topsis | Self::BenefitOfTheDoubt { .. })
    }

    /// Whether there is no score without every child.
    pub(crate) fn needs_all(&self) -> bool {
        match self {
            Self::Owa(owa) => matches!(owa, Owa::Places(_)),
            Self::Choquet { .. }
            | Self::Topsis
            | Self::BenefitOfTheDoubt { .. }
            | Self::AlkireFoster { .. } => true,
            _ => false,
        }
    }

    /// Whether weights of the children have no place in the formula, so that they must be equal.
    pub(crate) fn takes_no_weights(&self) -> bool {
        matches!(self, Self::Owa(_) | Self::Choquet { .. } | Self::BenefitOfTheDoubt { .. })
    }

    /// The same for the children that are kept. Weights of places become those of the straight lines through their
    /// sums; masses of a Choquet integral sum to 1 again; shares that could not sum to 1 any more lose their upper limit.
    pub(super) fn of_kept(self, kept: &[bool]) -> Self {
        let places: Vec<usize> =
            kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(at, _)| at).collect();
        let count = places.len();
        let only = |of: &[f64]| -> Vec<f64> { places.iter().filter_map(|at| of.get(*at)).copied().collect() };
        match self {
            Self::Owa(Owa::Places(weights)) => Self::Owa(Owa::Places(resampled(&weights, count))),
            Self::Owa(Owa::Best(j)) => Self::Owa(Owa::Best(j.min(count))),
            Self::Owa(Owa::Worst(j)) => Self::Owa(Owa::Worst(j.min(count))),
            Self::Choquet { alone, pairs } => {
                let now = |at: usize| places.iter().position(|place| *place == at);
                let mut alone = only(&alone);
                let mut pairs: Vec<(usize, usize, f64)> =
                    pairs.into_iter().filter_map(|(i, j, mass)| Some((now(i)?, now(j)?, mass))).collect();
                let sum: f64 = alone.iter().chain(pairs.iter().map(|(_, _, mass)| mass)).sum();
                if sum > HAIR {
                    for mass in &mut alone {
                        *mass /= sum;
                    }
                    for (_, _, mass) in &mut pairs {
                        *mass /= sum;
                    }
                } else {
                    alone.fill(1.0 / count as f64);
                    pairs.clear();
                }
                Self::Choquet { alone, pairs }
            }
            Self::BenefitOfTheDoubt { shares } => {
                let mut shares: Vec<[f64; 2]> =
                    places.iter().filter_map(|at| shares.get(*at)).copied().collect();
                if shares.iter().map(|[_, high]| high).sum::<f64>() < 1.0 {
                    for [_, high] in &mut shares {
                        *high = 1.0;
                    }
                }
                Self::BenefitOfTheDoubt { shares }
            }
            Self::AlkireFoster { cutoffs, poor_at } => {
                Self::AlkireFoster { cutoffs: only(&cutoffs), poor_at }
            }
            other => other,
        }
    }

    /// How near the maximum it is, 1, rather than the minimum, 0; of those that weigh places.
    pub(super) fn orness(&self, children: usize) -> Option<f64> {
        match self {
            Self::Owa(owa) => owa.orness(children),
            Self::Minimum => Some(0.0),
            Self::Median => Some(0.5),
            Self::Maximum => Some(1.0),
            _ => None,
        }
    }

    /// The range of the result, and whether no score lies outside it; or what the children would have to be.
    pub(super) fn range(
        &self,
        children: Range,
        is_bounded: bool,
    ) -> Result<(Range, bool), (&'static str, String)> {
        let is_never_negative = is_bounded && children.is_never_negative();
        // Five standard deviations above 0: what is above 0 for all but single persons in millions.
        let is_positive = is_never_negative
            || match children {
                Range::Standard { mean, sd } => mean >= 5.0 * sd,
                Range::Ampi => true,
                _ => false,
            };
        let refused =
            |what, why: &str| Err((what, format!("a score on {children} can be negative here; {why}")));
        match self {
            Self::Power(mean) if mean.power != 1.0 && !is_never_negative => refused(
                "this mean needs children that are never negative",
                "only the arithmetic mean takes it",
            ),
            Self::Mpi(_) if !is_positive => refused(
                "this aggregate needs children above 0",
                "it divides by their mean: give them a range from 0 up, or `z = [100, 10]`",
            ),
            Self::Topsis | Self::BenefitOfTheDoubt { .. } if !is_positive => refused(
                "this aggregate needs children above 0",
                "it compares ratios: give them a range from 0 up, or `z = [100, 10]`",
            ),
            Self::Ampi(_) if children != Range::Ampi => Err((
                "ampi needs children on the scale of the reference",
                "give them `utility = { ampi = \"mean\" }`; the same formula on another range is `mpi`"
                    .to_owned(),
            )),
            Self::Mpi(Penalty::Minus) | Self::Ampi(_) => Ok((children, false)),
            // Who is beyond everybody in the reference has more than 100.
            Self::BenefitOfTheDoubt { .. } => Ok((Range::HUNDRED, false)),
            Self::Copeland | Self::Topsis | Self::AlkireFoster { .. } => Ok((Range::HUNDRED, true)),
            _ => Ok((children, is_bounded)),
        }
    }
}

/// Weights of so many places, of which the sums lie on straight lines through the sums of these.
fn resampled(weights: &[f64], count: usize) -> Vec<f64> {
    let sum_to = |share: f64| {
        let at = share * weights.len() as f64;
        let below = weights.iter().enumerate().map(|(k, weight)| weight * (at - k as f64).clamp(0.0, 1.0));
        below.sum::<f64>()
    };
    let place = |k: usize| sum_to((k + 1) as f64 / count as f64) - sum_to(k as f64 / count as f64);
    (0..count).map(place).collect()
}

/// In words.
impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Power(PowerMean { power, floor }) => {
                match *power {
                    1.0 => f.write_str("arithmetic mean")?,
                    0.0 => f.write_str("geometric mean")?,
                    -1.0 => f.write_str("harmonic mean")?,
                    power => write!(f, "power mean of exponent {power}")?,
                }
                if *floor > 0.0 { write!(f, ", floor {floor}") } else { Ok(()) }
            }
            Self::Median => f.write_str("weighted median"),
            Self::Minimum => f.write_str("minimum, the worst child"),
            Self::Maximum => f.write_str("maximum, the best child"),
            Self::Owa(Owa::Places(weights)) => {
                let places: Vec<String> = weights.iter().map(f64::to_string).collect();
                write!(f, "ordered weighted average, {} from the best to the worst", places.join(", "))
            }
            Self::Owa(Owa::Quantifier(a)) => {
                write!(f, "ordered weighted average by the quantifier of exponent {a}")
            }
            Self::Owa(Owa::Best(j)) => write!(f, "mean of the {j} best"),
            Self::Owa(Owa::Worst(j)) => write!(f, "mean of the {j} worst"),
            Self::Mpi(Penalty::Minus) => f.write_str("mean less a penalty for unevenness (MPI)"),
            Self::Mpi(Penalty::Plus) => f.write_str("mean and a penalty for unevenness (MPI)"),
            Self::Ampi(Penalty::Minus) => f.write_str("mean less a penalty for unevenness (AMPI)"),
            Self::Ampi(Penalty::Plus) => f.write_str("mean and a penalty for unevenness (AMPI)"),
            Self::MeanMin { a, b } => write!(f, "mean drawn to the minimum, a {a}, b {b}"),
            Self::Choquet { pairs, .. } => write!(f, "Choquet integral, {} pairs interact", pairs.len()),
            Self::Copeland => f.write_str("Copeland score against the reference"),
            Self::Topsis => f.write_str("TOPSIS, between the worst and the best of the reference"),
            Self::BenefitOfTheDoubt { shares } if shares.is_empty() => {
                f.write_str("benefit of the doubt against the reference")
            }
            Self::BenefitOfTheDoubt { .. } => {
                f.write_str("benefit of the doubt against the reference, within limits of the shares")
            }
            Self::AlkireFoster { poor_at, .. } => {
                write!(f, "Alkire–Foster score, poor at {poor_at} of the weights")
            }
        }
    }
}
