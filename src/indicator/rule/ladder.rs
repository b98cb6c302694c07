//! Percentiles of many persons at a time: every person's row of the table and place in it, without a search that
//! guesses.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use super::norm::{between, z_of};
use crate::{
    definition::rule::{Norm, NormRow},
    num::normal::normal,
};

/// Persons taken through the steps together; what is known of them stays in registers and next to them.
const TOGETHER: usize = 64;
/// Values asked together; rows of a table are filled up to a multiple.
const TOGETHER_ASKED: usize = 4;

/// Tabulated values by age band and sex, laid out to be climbed.
#[derive(Debug, Clone)]
pub(super) struct Ladders {
    /// Where an age band begins or ends, ascending.
    edges: Vec<f64>,
    /// The sexes that have rows of their own.
    sexes: Vec<f64>,
    /// The ladder of an age band and sex: bands lie together, any other sex comes last.
    places: Vec<u32>,
    all: Vec<Ladder>,
    /// z of the percentiles, and one more that is none.
    z: Vec<f64>,
    /// The outermost percentiles.
    ends: [f64; 2],
}

/// One row of the table.
#[derive(Debug, Clone)]
struct Ladder {
    /// The outermost values as they are tabulated: logarithms could not tell the next number from them.
    ends: [f64; 2],
    /// On the scale of interpolation, filled up with infinity.
    values: Vec<f64>,
    /// The percentile of exactly such a value.
    percentiles: Vec<f64>,
}

impl Ladder {
    fn new(row: &NormRow, norm: &Norm, z: &[f64]) -> Self {
        let scale = |x: &f64| if norm.is_log { libm::log(*x) } else { *x };
        let end = |end: Option<&f64>| end.copied().unwrap_or(f64::NAN);
        let mut values: Vec<f64> = row.values.iter().map(scale).collect();
        let percentiles = values.iter().map(|x| between(*x, &values, z, &norm.percentiles)).collect();
        values.resize((values.len() + 1).next_multiple_of(TOGETHER_ASKED), f64::INFINITY);
        Self { ends: [end(row.values.first()), end(row.values.last())], values, percentiles }
    }

    /// For those who have no row: whatever is looked up there is missing.
    fn none() -> Self {
        Self { ends: [f64::NAN; 2], values: vec![f64::NAN; TOGETHER_ASKED], percentiles: Vec::new() }
    }

    /// How many values lie below `x`: all are asked, four at a time, which is sooner done than to halve and guess.
    #[inline(always)]
    fn below(&self, x: f64) -> usize {
        let mut counts = [0_u64; TOGETHER_ASKED];
        for values in self.values.chunks_exact(TOGETHER_ASKED) {
            for (count, value) in counts.iter_mut().zip(values) {
                *count += u64::from(*value < x);
            }
        }
        usize::try_from(counts.iter().sum::<u64>()).unwrap_or(0)
    }
}

impl Ladders {
    pub(super) fn new(norm: &Norm) -> Self {
        let mut z: Vec<f64> = norm.percentiles.iter().map(|p| z_of(p / 100.0)).collect();
        let mut edges: Vec<f64> = norm.rows.iter().filter_map(|row| row.ages).flatten().collect();
        let mut sexes: Vec<f64> = norm.rows.iter().filter_map(|row| row.sex).collect();
        for list in [&mut edges, &mut sexes] {
            list.sort_by(f64::total_cmp);
            list.dedup();
        }
        let mut all: Vec<Ladder> = norm.rows.iter().map(|row| Ladder::new(row, norm, &z)).collect();
        all.push(Ladder::none());
        z.push(f64::NAN);
        // A band is told by its lower edge; below the first edge only rows for all ages count.
        let bands = || std::iter::once(f64::NEG_INFINITY).chain(edges.iter().copied());
        let places =
            sexes.iter().copied().chain([f64::NAN]).flat_map(|sex| bands().map(move |age| (age, sex)));
        let place = |(age, sex)| {
            let at = norm.rows.iter().position(|row| is_for(row, age, sex)).unwrap_or(norm.rows.len());
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        let places = places.map(place).collect();
        let end = |end: Option<&f64>| end.copied().unwrap_or(f64::NAN);
        let ends = [end(norm.percentiles.first()), end(norm.percentiles.last())];
        Self { edges, sexes, places, all, z, ends }
    }

    /// The percentile of every value, and whether it lies beyond the table.
    #[inline(always)]
    pub(super) fn climb<'v>(
        &self,
        is_log: bool,
        values: &[f64],
        [ages, sexes]: [Option<&'v [f64]>; 2],
        out: &mut [f64],
        marks: &mut [f64],
    ) {
        let mut places = [0_u64; TOGETHER];
        let chunks = out.chunks_mut(TOGETHER).zip(marks.chunks_mut(TOGETHER)).zip(values.chunks(TOGETHER));
        for (at, ((out, marks), values)) in chunks.enumerate() {
            let from = at * TOGETHER;
            let of = |column: Option<&'v [f64]>| {
                column.map(|column| column.get(from..from + values.len()).unwrap_or_default())
            };
            self.find(&mut places, of(ages), of(sexes));
            self.read(is_log, &places, values, out, marks);
        }
    }

    /// Finds which of `places` is each person's. Who has no such column is 0 years old and of sex 0.
    #[inline(always)]
    fn find(&self, places: &mut [u64; TOGETHER], ages: Option<&[f64]>, sexes: Option<&[f64]>) {
        let bands = self.edges.len() as u64 + 1;
        places.fill(self.sexes.iter().position(|sex| *sex == 0.0).unwrap_or(self.sexes.len()) as u64 * bands);
        for (place, sex) in places.iter_mut().zip(sexes.unwrap_or_default()) {
            *place = self.sexes.len() as u64 * bands;
            for (at, own) in self.sexes.iter().enumerate() {
                *place = if sex == own { at as u64 * bands } else { *place };
            }
        }
        match ages {
            Some(ages) => {
                for edge in &self.edges {
                    places.iter_mut().zip(ages).for_each(|(place, age)| *place += u64::from(age >= edge));
                }
            }
            None => {
                let band = self.edges.iter().filter(|edge| 0.0 >= **edge).count() as u64;
                for place in places.iter_mut() {
                    *place += band;
                }
            }
        }
    }

    #[inline(always)]
    fn read(
        &self,
        is_log: bool,
        places: &[u64; TOGETHER],
        values: &[f64],
        out: &mut [f64],
        marks: &mut [f64],
    ) {
        let normal = normal();
        let or_none = |cell: Option<&f64>| cell.copied().unwrap_or(f64::NAN);
        for (((out, mark), x), place) in out.iter_mut().zip(marks).zip(values).zip(places) {
            let Some(ladder) = self.ladder(*place) else { continue };
            let [lowest, highest] = ladder.ends;
            let [lowest_percentile, highest_percentile] = self.ends;
            let (is_below, is_above) = (*x < lowest, *x > highest);
            let x = if is_log { libm::log(*x) } else { *x };
            let to = ladder.below(x);
            let from = to.saturating_sub(1);
            let (a, b) = (or_none(ladder.values.get(from)), or_none(ladder.values.get(to)));
            let (za, zb) = (or_none(self.z.get(from)), or_none(self.z.get(to)));
            let between = 100.0 * normal.both_tails(za + (zb - za) * ((x - a) / (b - a))).0;
            let inside = if x == b { or_none(ladder.percentiles.get(to)) } else { between };
            let percentile = if is_above { highest_percentile } else { inside };
            let percentile = if is_below { lowest_percentile } else { percentile };
            *out = if percentile.is_nan() { f64::NAN } else { percentile };
            *mark = if is_below || is_above { 1.0 } else { 0.0 };
        }
    }

    #[inline(always)]
    fn ladder(&self, place: u64) -> Option<&Ladder> {
        let at = usize::try_from(place).ok().and_then(|place| self.places.get(place));
        at.and_then(|at| self.all.get(usize::try_from(*at).ok()?))
    }
}

fn is_for(row: &NormRow, age: f64, sex: f64) -> bool {
    row.sex.is_none_or(|own| own == sex) && row.ages.is_none_or(|[from, below]| age >= from && age < below)
}
