//! Percentiles of many persons at a time: every person's row of the table and place in it, without a search that
//! guesses.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use std::iter::once;

use super::norm::{between, z_of};
use crate::{
    definition::rule::{Norm, NormRow},
    num::normal::probabilities,
};

/// Persons taken through the steps together; what is known of them stays next to them.
const TOGETHER: usize = 64;
/// Rungs searched together; the last has no top, and ladders are filled up to a multiple.
const FLIGHT: usize = 32;

/// Tabulated values by age band and sex, laid out to be climbed.
#[derive(Debug, Clone)]
pub(super) struct Ladders {
    /// Where an age band begins or ends, ascending.
    edges: Vec<f64>,
    /// The sexes that have rows of their own.
    sexes: Vec<f64>,
    /// Flights of a ladder. Every sex and age band has one: bands lie together, any other sex comes last.
    flights: usize,
    /// The least value above each rung, ascending, in the unit of the value: logarithms could not tell the next number.
    tops: Vec<[f64; FLIGHT]>,
    rungs: Vec<Rung>,
}

/// What holds from one tabulated value up to the next.
#[derive(Debug, Clone, Copy)]
struct Rung {
    /// The tabulated value, on the scale of interpolation.
    foot: f64,
    /// The percentile of exactly that value; of every value where there is no slope.
    percentile: f64,
    /// z at the foot, and how fast it grows from there.
    z: f64,
    slope: f64,
}

impl Rung {
    /// For those who have no row: whatever is looked up there is missing.
    const NONE: Self = Self { foot: f64::NAN, percentile: f64::NAN, z: f64::NAN, slope: f64::NAN };

    /// Beyond the table.
    fn beyond(percentile: Option<&f64>) -> Self {
        Self { percentile: percentile.copied().unwrap_or(f64::NAN), slope: 0.0, ..Self::NONE }
    }
}

/// One row of the table as tops and rungs: what is below it, every tabulated value, and what is above.
fn ladder(row: &NormRow, norm: &Norm, z: &[f64]) -> (Vec<f64>, Vec<Rung>) {
    let scale = |x: &f64| if norm.is_log { libm::log(*x) } else { *x };
    let values: Vec<f64> = row.values.iter().map(scale).collect();
    let slopes = values.windows(2).zip(z.windows(2)).map(|pair| match pair {
        (&[a, b], &[za, zb]) => (zb - za) / (b - a),
        _ => f64::NAN,
    });
    let inside = values.iter().zip(z).zip(slopes.chain(once(0.0))).map(|((foot, z_foot), slope)| Rung {
        foot: *foot,
        percentile: between(*foot, &values, z, &norm.percentiles),
        z: *z_foot,
        slope,
    });
    let (below, above) = (Rung::beyond(norm.percentiles.first()), Rung::beyond(norm.percentiles.last()));
    let beyond = row.values.last().map(|highest| highest.next_up());
    (
        row.values.iter().copied().chain(beyond).collect(),
        once(below).chain(inside).chain(once(above)).collect(),
    )
}

impl Ladders {
    pub(super) fn new(norm: &Norm) -> Self {
        let z: Vec<f64> = norm.percentiles.iter().map(|p| z_of(p / 100.0)).collect();
        let mut edges: Vec<f64> = norm.rows.iter().filter_map(|row| row.ages).flatten().collect();
        let mut sexes: Vec<f64> = norm.rows.iter().filter_map(|row| row.sex).collect();
        for list in [&mut edges, &mut sexes] {
            list.sort_by(f64::total_cmp);
            list.dedup();
        }
        let flights = (norm.percentiles.len() + 1).div_ceil(FLIGHT - 1);
        let (mut tops, mut rungs) = (Vec::new(), Vec::new());
        for sex in sexes.iter().copied().chain(once(f64::NAN)) {
            // A band is told by its lower edge; below the first edge only rows for all ages count.
            for age in once(f64::NEG_INFINITY).chain(edges.iter().copied()) {
                let row = norm.rows.iter().find(|row| is_for(row, age, sex));
                let (own_tops, own_rungs) = row.map(|row| ladder(row, norm, &z)).unwrap_or_default();
                let end = tops.len() + flights;
                tops.extend(own_tops.chunks(FLIGHT - 1).map(|own| {
                    let mut flight = [f64::INFINITY; FLIGHT];
                    flight.iter_mut().zip(own).for_each(|(top, own)| *top = *own);
                    flight
                }));
                tops.resize(end, [f64::INFINITY; FLIGHT]);
                rungs.extend(own_rungs);
                rungs.resize(end * FLIGHT, Rung::NONE);
            }
        }
        Self { edges, sexes, flights, tops, rungs }
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
        let (mut places, mut rungs) = ([0; TOGETHER], [Rung::NONE; TOGETHER]);
        let mut scaled = [f64::NAN; TOGETHER];
        let chunks = out.chunks_mut(TOGETHER).zip(marks.chunks_mut(TOGETHER)).zip(values.chunks(TOGETHER));
        for (at, ((out, marks), values)) in chunks.enumerate() {
            let from = at * TOGETHER;
            let of = |column: Option<&'v [f64]>| {
                column.map(|column| column.get(from..from + values.len()).unwrap_or_default())
            };
            self.find(&mut places, of(ages), of(sexes));
            for ((rung, place), x) in rungs.iter_mut().zip(&places).zip(values) {
                *rung = self.rung(*place, *x);
            }
            for (scaled, x) in scaled.iter_mut().zip(values) {
                *scaled = if is_log { libm::log(*x) } else { *x };
            }
            read(&rungs, &scaled, values, out, marks);
        }
    }

    /// Finds the first flight of each person's ladder. Who has no such column is 0 years old and of sex 0.
    #[inline(always)]
    fn find(&self, places: &mut [usize; TOGETHER], ages: Option<&[f64]>, sexes: Option<&[f64]>) {
        let flights = self.flights;
        let of_sex = |at: usize| at * (self.edges.len() + 1) * flights;
        match sexes {
            Some(sexes) => {
                places.fill(of_sex(self.sexes.len()));
                for (at, own) in self.sexes.iter().enumerate() {
                    let own_place = of_sex(at);
                    for (place, sex) in places.iter_mut().zip(sexes) {
                        *place = if sex == own { own_place } else { *place };
                    }
                }
            }
            None => {
                let own = self.sexes.iter().position(|sex| *sex == 0.0);
                places.fill(of_sex(own.unwrap_or(self.sexes.len())));
            }
        }
        for edge in &self.edges {
            match ages {
                Some(ages) => {
                    for (place, age) in places.iter_mut().zip(ages) {
                        *place += if age >= edge { flights } else { 0 };
                    }
                }
                None => places.iter_mut().for_each(|place| *place += if 0.0 >= *edge { flights } else { 0 }),
            }
        }
    }

    /// The rung on which `x` stands.
    #[inline(always)]
    fn rung(&self, place: usize, x: f64) -> Rung {
        let tops = self.tops.iter().skip(place).take(self.flights);
        let above: usize = tops.map(|tops| reached(tops, x)).sum();
        self.rungs.get(place * FLIGHT + above).copied().unwrap_or(Rung::NONE)
    }
}

/// How many of the ascending `tops` lie at or below `x`: halved without a branch, so nothing is guessed.
#[inline(always)]
fn reached(tops: &[f64; FLIGHT], x: f64) -> usize {
    let mut reached = 0;
    for half in [16, 8, 4, 2, 1] {
        reached += half * usize::from(tops.get(reached + half - 1).is_some_and(|top| *top <= x));
    }
    reached
}

/// The percentile of every value from where it stands, and whether that is beyond the table; `scaled` is the value on
/// the scale of interpolation.
#[inline(always)]
fn read(
    rungs: &[Rung; TOGETHER],
    scaled: &[f64; TOGETHER],
    values: &[f64],
    out: &mut [f64],
    marks: &mut [f64],
) {
    let (mut z, mut below) = ([f64::NAN; TOGETHER], [f64::NAN; TOGETHER]);
    for ((z, rung), x) in z.iter_mut().zip(rungs).zip(scaled) {
        *z = rung.z + rung.slope * (x - rung.foot);
    }
    probabilities(&mut below, &z);
    let known = rungs.iter().zip(scaled).zip(&below).zip(values);
    for ((out, mark), (((rung, scaled), below), x)) in out.iter_mut().zip(marks).zip(known) {
        let (is_flat, is_at_foot) = (rung.slope == 0.0, *scaled == rung.foot);
        let percentile = if is_flat | is_at_foot { rung.percentile } else { 100.0 * below };
        *out = if x.is_nan() { f64::NAN } else { percentile };
        *mark = if is_flat & !is_at_foot & !x.is_nan() { 1.0 } else { 0.0 };
    }
}

fn is_for(row: &NormRow, age: f64, sex: f64) -> bool {
    row.sex.is_none_or(|own| own == sex) && row.ages.is_none_or(|[from, below]| age >= from && age < below)
}
