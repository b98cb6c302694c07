//! Where each person could stand, and how far persons move in a few figures.

use serde::Serialize;

use super::engine::Done;
use crate::{
    definition::{Audience, parts::Band},
    num::spread::{mean_and_sd, quantile},
};

/// Where a person stands under the definition as it is, and where under its alternatives.
///
/// **Missing data** what cannot be said is none: nothing for who has no index in any run.
///
/// `Debug` shows no value.
#[derive(Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct PersonStand {
    /// The index under the definition as it is.
    pub index: Option<f64>,
    /// The rank under the definition as it is; 1 is the highest.
    pub rank: Option<f64>,
    /// In how many runs there is an index.
    pub runs: u32,
    /// The mean index over the runs.
    pub index_mean: Option<f64>,
    /// The lower end of the interval of the index.
    pub index_low: Option<f64>,
    /// The median index.
    pub index_median: Option<f64>,
    /// The upper end of the interval of the index.
    pub index_high: Option<f64>,
    /// The lower end of the interval of the rank.
    pub rank_low: Option<f64>,
    /// The median rank.
    pub rank_median: Option<f64>,
    /// The upper end of the interval of the rank.
    pub rank_high: Option<f64>,
    /// The share of the runs in which the index is in another band; none without bands, or without an index as it is.
    pub other_band: Option<f64>,
}

impl std::fmt::Debug for PersonStand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonStand").finish_non_exhaustive()
    }
}

/// How far persons move, of those who have an index under the definition as it is and in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SpreadFigures {
    /// How many they are.
    pub persons: usize,
    /// How wide the interval of the index is, in the mean.
    pub index_width_mean: Option<f64>,
    /// In the median.
    pub index_width_median: Option<f64>,
    /// How wide the interval of the rank is, in the mean.
    pub rank_width_mean: Option<f64>,
    /// In the median.
    pub rank_width_median: Option<f64>,
    /// Who could be in another band; none without bands.
    pub other_band: Option<OtherBand>,
    /// Whether intervals and medians of persons are exact, and not of histograms.
    pub exact: bool,
    /// Within how many points an end of an interval of the index is right; none where it is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_resolution: Option<f64>,
    /// Within how many ranks an end of an interval of the rank is right; none where it is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_resolution: Option<f64>,
}

/// The shares of persons who could be in another band than under the definition as it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OtherBand {
    /// In any run.
    pub ever: f64,
    /// In more than a tenth of the runs.
    pub over_a_tenth: f64,
    /// In more than half of the runs.
    pub over_half: f64,
    /// The mean probability.
    pub mean: f64,
}

/// The rank of somebody, who is not named.
///
/// `Debug` shows no value.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankInterval {
    /// Under the definition as it is.
    pub nominal: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The upper end.
    pub high: f64,
}

impl std::fmt::Debug for RankInterval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RankInterval").finish_non_exhaustive()
    }
}

/// At how many places of the ranking somebody is shown.
const PLACES: usize = 100;

/// Persons, figures of them, and some of their ranks; for an employer the figures alone.
pub(super) fn of(
    done: &Done,
    level: f64,
    bands: &[Band],
    audience: Audience,
) -> (Vec<PersonStand>, SpreadFigures, Vec<RankInterval>) {
    let tail = (1.0 - level) / 2.0;
    let has_bands = !bands.is_empty();
    let stands: Vec<PersonStand> = super::parallel::each(done.nominal.scores.len(), |row| {
        let known = |column: &[f64]| column.get(row).copied().filter(|value| !value.is_nan());
        let stand = done.spreads.stand(row, tail, has_bands);
        let (index, rank) = (known(&done.nominal.scores), known(&done.nominal.ranks));
        let [index_low, index_median, index_high] = ends(stand.score);
        let [rank_low, rank_median, rank_high] = ends(stand.rank);
        PersonStand {
            index,
            rank,
            runs: stand.runs,
            index_mean: stand.mean,
            index_low,
            index_median,
            index_high,
            rank_low,
            rank_median,
            rank_high,
            other_band: stand.other_band.filter(|_| index.is_some()),
        }
    });
    let spread = figures(&stands, done, has_bands);
    if audience == Audience::Employer {
        return (Vec::new(), spread, Vec::new());
    }
    let ranks = some_ranks(&stands);
    (stands, spread, ranks)
}

fn ends(three: Option<[f64; 3]>) -> [Option<f64>; 3] {
    three.map_or([None; 3], |three| three.map(Some))
}

fn figures(stands: &[PersonStand], done: &Done, has_bands: bool) -> SpreadFigures {
    let moved = || stands.iter().filter(|stand| stand.index.is_some() && stand.runs > 0);
    let widths = |ends: fn(&PersonStand) -> Option<(f64, f64)>| {
        let mut widths: Vec<f64> = moved().filter_map(ends).map(|(low, high)| high - low).collect();
        let (_, mean, _) = mean_and_sd(widths.iter().copied());
        widths.sort_unstable_by(f64::total_cmp);
        (mean, quantile(&widths, 0.5))
    };
    let (index_width_mean, index_width_median) = widths(|stand| stand.index_low.zip(stand.index_high));
    let (rank_width_mean, rank_width_median) = widths(|stand| stand.rank_low.zip(stand.rank_high));
    let persons = moved().count();
    let resolution = done.spreads.resolution();
    let other_band = (has_bands && persons > 0).then(|| {
        let share = |over: f64| {
            let found = moved().filter_map(|stand| stand.other_band).filter(|share| *share > over).count();
            found as f64 / persons as f64
        };
        let sum: f64 = moved().filter_map(|stand| stand.other_band).sum();
        OtherBand {
            ever: share(0.0),
            over_a_tenth: share(0.1),
            over_half: share(0.5),
            mean: sum / persons as f64,
        }
    });
    SpreadFigures {
        persons,
        index_width_mean,
        index_width_median,
        rank_width_mean,
        rank_width_median,
        other_band,
        exact: done.is_whole,
        index_resolution: resolution.map(|[index, _]| index),
        rank_resolution: resolution.map(|[_, rank]| rank),
    }
}

/// The ranks of everybody, or of persons at even places of the ranking.
fn some_ranks(stands: &[PersonStand]) -> Vec<RankInterval> {
    let mut all: Vec<RankInterval> = stands
        .iter()
        .filter_map(|stand| {
            Some(RankInterval {
                nominal: stand.rank?,
                low: stand.rank_low?,
                median: stand.rank_median?,
                high: stand.rank_high?,
            })
        })
        .collect();
    let key = |of: &RankInterval| [of.nominal, of.median, of.low, of.high];
    all.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
    if all.len() <= PLACES {
        return all;
    }
    let last = all.len() - 1;
    (0..PLACES).filter_map(|at| all.get((at * last + (PLACES - 1) / 2) / (PLACES - 1)).copied()).collect()
}
