//! What is looked at in one run: one number of all persons' scores and ranks.

use serde::Serialize;

use crate::{
    definition::parts::Band,
    num::spread::{mean_and_sd, quantile},
};

/// What a run is summed up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Output {
    /// How many ranks a person moves, up or down, in the mean.
    MeanRankShift,
    /// How many ranks the person moves who moves furthest.
    MaxRankShift,
    /// The standard deviation of the shifts of ranks.
    RankShiftSd,
    /// The mean index.
    MeanIndex,
    /// The median index.
    MedianIndex,
    /// The standard deviation of the index.
    IndexSd,
    /// The share of persons in another band.
    BandChanges,
    /// How many persons have an index.
    Scored,
}

impl Output {
    pub(super) const ALL: [Self; 8] = [
        Self::MeanRankShift,
        Self::MaxRankShift,
        Self::RankShiftSd,
        Self::MeanIndex,
        Self::MedianIndex,
        Self::IndexSd,
        Self::BandChanges,
        Self::Scored,
    ];

    /// Its name in files.
    ///
    /// # Example
    /// ```
    /// assert_eq!(vointi::study::Output::MeanRankShift.word(), "mean_rank_shift");
    /// ```
    pub fn word(self) -> &'static str {
        match self {
            Self::MeanRankShift => "mean_rank_shift",
            Self::MaxRankShift => "max_rank_shift",
            Self::RankShiftSd => "rank_shift_sd",
            Self::MeanIndex => "mean_index",
            Self::MedianIndex => "median_index",
            Self::IndexSd => "index_sd",
            Self::BandChanges => "band_changes",
            Self::Scored => "scored",
        }
    }
}

/// The scores and ranks of all persons in one run, NaN where there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Standings {
    pub(super) scores: Vec<f64>,
    pub(super) ranks: Vec<f64>,
}

impl Standings {
    /// Ranks scores.
    ///
    /// **Formula** 1 for the highest; persons whose scores are the same, to 2⁻³⁰, share the mean of their ranks.
    pub(super) fn rank(&mut self, order: &mut Vec<(u64, u32)>) {
        order.clear();
        let keyed = self.scores.iter().zip(0_u32..).filter(|(score, _)| !score.is_nan());
        order.extend(keyed.map(|(score, row)| (descending(*score), row)));
        order.sort_unstable();
        self.ranks.clear();
        self.ranks.resize(self.scores.len(), f64::NAN);
        let mut before = 0;
        for tied in order.chunk_by(|a, b| a.0 == b.0) {
            let mean = f64::midpoint((before + 1) as f64, (before + tied.len()) as f64);
            for (_, row) in tied {
                if let Some(rank) = self.ranks.get_mut(*row as usize) {
                    *rank = mean;
                }
            }
            before += tied.len();
        }
    }

    /// One number of the run, beside the run of the definition as it is; NaN where there is none.
    ///
    /// **Missing data** shifts and changes are of persons who have an index in both.
    pub(super) fn outcome(&self, output: Output, nominal: &Self, bands: &[Band]) -> f64 {
        let shifts =
            || self.ranks.iter().zip(&nominal.ranks).map(|(r, r0)| r - r0).filter(|shift| !shift.is_nan());
        let scored = || self.scores.iter().copied().filter(|score| !score.is_nan());
        let nan = f64::NAN;
        match output {
            Output::MeanRankShift => mean(shifts().map(f64::abs)),
            Output::MaxRankShift => shifts().map(f64::abs).fold(nan, f64::max),
            Output::RankShiftSd => mean_and_sd(shifts()).2.unwrap_or(nan),
            Output::MeanIndex => mean(scored()),
            Output::MedianIndex => {
                let mut sorted: Vec<f64> = scored().collect();
                sorted.sort_unstable_by(f64::total_cmp);
                quantile(&sorted, 0.5).unwrap_or(nan)
            }
            Output::IndexSd => mean_and_sd(scored()).2.unwrap_or(nan),
            Output::BandChanges => {
                let both =
                    self.scores.iter().zip(&nominal.scores).filter(|(a, b)| !a.is_nan() && !b.is_nan());
                mean(both.map(|(a, b)| f64::from(u8::from(band_of(bands, *a) != band_of(bands, *b)))))
            }
            Output::Scored => scored().count() as f64,
        }
    }
}

/// The band of a score.
pub(super) fn band_of(bands: &[Band], score: f64) -> Option<usize> {
    bands.iter().position(|band| score >= band.from && score < band.below)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    sum / n as f64
}

/// Scores this near are the same: what is left of them is how they were rounded.
const SAME: f64 = 1_073_741_824.0;

/// A whole number that is the smaller, the higher the score.
fn descending(score: f64) -> u64 {
    // Scores beyond 2³³ are all the same.
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
    let steps = (score * SAME).round() as i64;
    !(steps.cast_unsigned() ^ (1 << 63))
}

#[cfg(test)]
mod tests {
    use super::{Output, Standings};
    use crate::definition::parts::Band;

    fn standings(scores: &[f64]) -> Standings {
        let mut found = Standings { scores: scores.to_vec(), ranks: Vec::new() };
        found.rank(&mut Vec::new());
        found
    }

    #[test]
    fn the_highest_is_first_and_ties_share() {
        let found = standings(&[50.0, -3.0, f64::NAN, 70.0, 50.0, 50.0 + 1e-12]);
        assert_eq!(found.ranks[..2], [3.0, 5.0]);
        assert!(found.ranks[2].is_nan());
        assert_eq!(found.ranks[3..], [1.0, 3.0, 3.0]);
    }

    /// By hand: shifts −1, +1, 0.
    #[test]
    fn outcomes_are_of_persons_scored_in_both() {
        let nominal = standings(&[60.0, 70.0, 10.0, f64::NAN]);
        let run = standings(&[80.0, 70.0, 10.0, f64::NAN]);
        let band = |id: &str, from, below| Band { id: id.to_owned(), from, below };
        let bands = [band("low", 0.0, 75.0), band("high", 75.0, 101.0)];
        let of = |output| run.outcome(output, &nominal, &bands);
        assert_eq!(of(Output::MeanRankShift), 2.0 / 3.0);
        assert_eq!((of(Output::MaxRankShift), of(Output::RankShiftSd)), (1.0, 1.0));
        assert_eq!((of(Output::MeanIndex), of(Output::MedianIndex)), (160.0 / 3.0, 70.0));
        assert_eq!((of(Output::BandChanges), of(Output::Scored)), (1.0 / 3.0, 3.0));
    }
}
