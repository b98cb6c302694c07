//! Where each person stands over all runs: whole up to a budget, beyond it in histograms of a fixed size.

use super::{
    outcome::{Standings, band_of},
    parallel::for_rows,
};
use crate::{definition::parts::Band, num::spread::quantile};

/// Scores and ranks of all persons over runs that come one after the other.
pub(super) struct Spreads {
    nominal_band: Vec<Option<usize>>,
    persons: Vec<Tally>,
    kept: Kept,
}

/// What is added up for a person.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    runs: u32,
    other_band: u32,
    scores: f64,
}

enum Kept {
    /// By run; the last is how often the run occurs.
    Whole(Vec<(Standings, u32)>),
    /// By person: scores and ranks.
    Grids(Vec<[Grid; 2]>),
}

/// Where a person stands over all runs; none where there is no run with a score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Stand {
    pub(super) runs: u32,
    pub(super) mean: Option<f64>,
    /// Low, median, high.
    pub(super) score: Option<[f64; 3]>,
    pub(super) rank: Option<[f64; 3]>,
    pub(super) other_band: Option<f64>,
}

/// More runs than a bin can count.
pub(super) const MOST_RUNS: usize = u16::MAX as usize;

impl Spreads {
    pub(super) fn new(nominal: &Standings, bands: &[Band], is_whole: bool) -> Self {
        let rows = nominal.scores.len();
        let kept = if is_whole {
            Kept::Whole(Vec::new())
        } else {
            Kept::Grids(vec![[Grid::new(SCORE_UNIT), Grid::new(RANK_UNIT)]; rows])
        };
        Self {
            nominal_band: nominal.scores.iter().map(|score| band_of(bands, *score)).collect(),
            persons: vec![Tally::default(); rows],
            kept,
        }
    }

    /// Adds runs, each as often as it occurs, in their order.
    pub(super) fn add(&mut self, runs: Vec<(Standings, u32)>, bands: &[Band]) {
        let has_bands = !bands.is_empty();
        let tally = |row: usize, tally: &mut Tally, nominal: Option<usize>| {
            for (run, times) in &runs {
                let Some(score) = run.scores.get(row).filter(|score| !score.is_nan()) else { continue };
                tally.runs += times;
                tally.scores += f64::from(*times) * score;
                if has_bands && band_of(bands, *score) != nominal {
                    tally.other_band += times;
                }
            }
        };
        let fill = |row: usize, [scores, ranks]: &mut [Grid; 2]| {
            for (run, times) in &runs {
                let (Some(score), Some(rank)) = (run.scores.get(row), run.ranks.get(row)) else { continue };
                if !score.is_nan() {
                    let times = u16::try_from(*times).unwrap_or(u16::MAX);
                    scores.add(*score, times);
                    ranks.add(*rank, times);
                }
            }
        };
        let Self { nominal_band, persons, kept } = self;
        for_rows(persons, |row, person| tally(row, person, nominal_band.get(row).copied().flatten()));
        match kept {
            Kept::Grids(grids) => for_rows(grids, fill),
            Kept::Whole(whole) => whole.extend(runs),
        }
    }

    /// Where a person stands, with the interval that leaves `tail` out at either side.
    pub(super) fn stand(&self, row: usize, tail: f64, has_bands: bool) -> Stand {
        let Some(tally) = self.persons.get(row).filter(|tally| tally.runs > 0) else {
            return Stand::default();
        };
        let shares = [tail, 0.5, 1.0 - tail];
        let (score, rank) = match &self.kept {
            Kept::Whole(runs) => {
                let of = |pick: fn(&Standings) -> &Vec<f64>| {
                    let mut values: Vec<f64> = runs
                        .iter()
                        .flat_map(|(run, times)| {
                            let value = pick(run).get(row).copied().unwrap_or(f64::NAN);
                            std::iter::repeat_n(value, *times as usize)
                        })
                        .filter(|value| !value.is_nan())
                        .collect();
                    values.sort_unstable_by(f64::total_cmp);
                    shares.map(|share| quantile(&values, share).unwrap_or(f64::NAN))
                };
                (of(|run| &run.scores), of(|run| &run.ranks))
            }
            Kept::Grids(grids) => {
                let of = |at: usize| {
                    let grid = grids.get(row).and_then(|pair| pair.get(at));
                    shares.map(|share| grid.map_or(f64::NAN, |grid| grid.quantile(share)))
                };
                (of(0), of(1))
            }
        };
        let runs = f64::from(tally.runs);
        Stand {
            runs: tally.runs,
            mean: Some(tally.scores / runs),
            score: Some(score),
            rank: Some(rank),
            other_band: has_bands.then(|| f64::from(tally.other_band) / runs),
        }
    }

    /// How wide the widest bin of any person is: of scores, of ranks. None where everything is kept whole.
    pub(super) fn resolution(&self) -> Option<[f64; 2]> {
        let Kept::Grids(grids) = &self.kept else { return None };
        let widest = |at: usize| {
            let widths = grids.iter().filter_map(|pair| pair.get(at)).map(Grid::width);
            widths.fold(0.0, f64::max)
        };
        Some([widest(0), widest(1)])
    }
}

const BINS: usize = 128;
const WIDEST: i64 = 128;
/// Nothing finer is told apart: 2⁻²⁰ of a point, half a rank.
const SCORE_UNIT: i32 = -20;
const RANK_UNIT: i32 = -1;

/// A histogram whose bins are as wide as the values found so far ask for: a power of two, the least with which all of
/// them lie within the bins. It depends on which values came, not on their order.
#[derive(Debug, Clone, Copy)]
struct Grid {
    /// Bin k, from k 2^exponent to (k + 1) 2^exponent, is counted at k modulo the number of bins.
    counts: [u16; BINS],
    exponent: i32,
    unit: i32,
    low: i64,
    high: i64,
}

impl Grid {
    fn new(unit: i32) -> Self {
        Self { counts: [0; BINS], exponent: unit, unit, low: i64::MAX, high: i64::MIN }
    }

    fn place(bin: i64) -> usize {
        usize::try_from(bin.rem_euclid(WIDEST)).unwrap_or(0)
    }

    fn power(exponent: i32) -> f64 {
        libm::ldexp(1.0, exponent)
    }

    fn add(&mut self, value: f64, times: u16) {
        // Beyond 2⁴² points all values are the same.
        #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
        let mut bin = ((value / Self::power(self.unit)).floor() as i64) >> (self.exponent - self.unit);
        while self.high.max(bin).saturating_sub(self.low.min(bin)) >= WIDEST {
            self.widen();
            bin >>= 1;
        }
        self.low = self.low.min(bin);
        self.high = self.high.max(bin);
        if let Some(count) = self.counts.get_mut(Self::place(bin)) {
            *count = count.saturating_add(times);
        }
    }

    /// Two bins become one.
    fn widen(&mut self) {
        let mut counts = [0_u16; BINS];
        if self.low <= self.high {
            for bin in self.low..=self.high {
                let from = self.counts.get(Self::place(bin)).copied().unwrap_or(0);
                if let Some(count) = counts.get_mut(Self::place(bin >> 1)) {
                    *count = count.saturating_add(from);
                }
            }
            self.low >>= 1;
            self.high >>= 1;
        }
        self.counts = counts;
        self.exponent += 1;
    }

    fn width(&self) -> f64 {
        if self.low > self.high { 0.0 } else { Self::power(self.exponent) }
    }

    /// Within the width of a bin of the quantile of the values.
    fn quantile(&self, share: f64) -> f64 {
        if self.low > self.high {
            return f64::NAN;
        }
        let bins = || {
            (self.low..=self.high).map(|bin| (bin, self.counts.get(Self::place(bin)).copied().unwrap_or(0)))
        };
        let total: u64 = bins().map(|(_, count)| u64::from(count)).sum();
        let place = (total.saturating_sub(1)) as f64 * share;
        // The values of a bin are taken as evenly spread over it.
        let at = |place: f64| {
            let mut before = 0.0;
            for (bin, count) in bins() {
                let count = f64::from(count);
                if place < before + count {
                    let spread = Self::power(self.exponent) - Self::power(self.unit);
                    return bin as f64 * Self::power(self.exponent) + spread * (place - before + 0.5) / count;
                }
                before += count;
            }
            f64::NAN
        };
        let (low, high) = (at(place.floor()), at(place.ceil()));
        low + (place - place.floor()) * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::{Grid, RANK_UNIT, SCORE_UNIT, Spreads, Standings};
    use crate::num::{draw::Draws, spread::quantile};

    #[test]
    fn a_grid_is_within_a_bin_of_the_quantiles_whatever_the_order() {
        let mut draws = Draws::of(&[5]);
        for (unit, scale, shift) in
            [(SCORE_UNIT, 13.0, 40.0), (RANK_UNIT, 9000.0, 1.0), (SCORE_UNIT, 3.0, -2.0)]
        {
            let mut values: Vec<f64> = (0..1000).map(|_| shift + scale * draws.unit().powi(2)).collect();
            let fill = |values: &[f64]| {
                let mut grid = Grid::new(unit);
                for value in values {
                    grid.add(*value, 1);
                }
                grid
            };
            let first = fill(&values);
            values.sort_unstable_by(f64::total_cmp);
            let grid = fill(&values);
            assert_eq!((first.counts, first.exponent), (grid.counts, grid.exponent));
            assert!(grid.width() <= scale / 32.0);
            for share in [0.0, 0.05, 0.5, 0.95, 1.0] {
                let off = grid.quantile(share) - quantile(&values, share).unwrap();
                assert!(off.abs() <= grid.width(), "{off} at {share}");
            }
        }
        let mut few = Grid::new(RANK_UNIT);
        for rank in [3.0, 3.5, 4.0, 60.0] {
            few.add(rank, 1);
        }
        assert_eq!(
            [few.quantile(0.0), few.quantile(0.5), few.quantile(1.0)],
            [3.0, 3.75, 60.0],
            "ranks are exact"
        );
    }

    #[test]
    fn both_ways_of_keeping_agree() {
        let nominal = Standings { scores: vec![50.0, f64::NAN], ranks: vec![1.0, f64::NAN] };
        let runs = |k: u32| {
            let scores = vec![f64::from(k % 17) + 40.0, f64::NAN];
            (Standings { ranks: vec![f64::from(k % 5) + 1.0, f64::NAN], scores }, 1 + k % 2)
        };
        let fill = |is_whole| {
            let mut spreads = Spreads::new(&nominal, &[], is_whole);
            spreads.add((0..60).map(runs).collect(), &[]);
            spreads.add((60..100).map(runs).collect(), &[]);
            spreads
        };
        let (whole, grids) = (fill(true), fill(false));
        let [width, _] = grids.resolution().unwrap();
        let (a, b) = (whole.stand(0, 0.05, false), grids.stand(0, 0.05, false));
        assert_eq!((a.runs, a.mean, a.rank), (b.runs, b.mean, b.rank));
        for (a, b) in a.score.unwrap().into_iter().zip(b.score.unwrap()) {
            assert!((a - b).abs() <= width);
        }
        assert_eq!((whole.stand(1, 0.05, false).score, whole.resolution()), (None, None));
    }
}
