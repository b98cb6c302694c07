//! Percentiles of many persons at a time: every person's row of the table and place in it, without a search that
//! guesses.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
#![expect(clippy::needless_bitwise_bool, reason = "a branch for each half would not run in vectors")]

use std::iter::once;

use super::norm::{between, z_of};
use crate::{
    definition::rule::{Norm, NormRow},
    num::normal::probabilities,
};

/// Persons taken through the steps together; what is known of them stays next to them.
const TOGETHER: usize = 64;

/// Tabulated values by age band and sex, laid out to be climbed.
#[derive(Debug, Clone)]
pub(super) struct Ladders {
    /// Where an age band begins or ends, ascending.
    edges: Vec<f64>,
    /// The sexes that have rows of their own.
    sexes: Vec<f64>,
    /// A ladder is found by halving so many times; filled up, it has two to that power rungs.
    halvings: u32,
    /// By ladder, the least value above each rung, ascending, in the unit of the value: logarithms could not tell the next
    /// number. Every sex and age band has a ladder: bands lie together, any other sex comes last.
    tops: Vec<f64>,
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
        let halvings = (norm.percentiles.len() + 2).next_power_of_two().ilog2();
        let (mut tops, mut rungs) = (Vec::new(), Vec::new());
        for sex in sexes.iter().copied().chain(once(f64::NAN)) {
            // A band is told by its lower edge; below the first edge only rows for all ages count.
            for age in once(f64::NEG_INFINITY).chain(edges.iter().copied()) {
                let row = norm.rows.iter().find(|row| is_for(row, age, sex));
                let (own_tops, own_rungs) = row.map(|row| ladder(row, norm, &z)).unwrap_or_default();
                let end = tops.len() + (1 << halvings);
                tops.extend(own_tops);
                tops.resize(end, f64::INFINITY);
                rungs.extend(own_rungs);
                rungs.resize(end, Rung::NONE);
            }
        }
        Self { edges, sexes, halvings, tops, rungs }
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
            // A number known when this is compiled spares a loop for each person.
            match self.halvings {
                3 => self.stand(3, &places, values, &mut rungs),
                4 => self.stand(4, &places, values, &mut rungs),
                5 => self.stand(5, &places, values, &mut rungs),
                halvings => self.stand(halvings, &places, values, &mut rungs),
            }
            if is_log {
                scaled.iter_mut().zip(values).for_each(|(scaled, x)| *scaled = libm::log(*x));
            } else {
                scaled.iter_mut().zip(values).for_each(|(scaled, x)| *scaled = *x);
            }
            read(&rungs, &scaled, values, out, marks);
        }
    }

    /// Finds where each person's ladder begins. Who has no such column is 0 years old and of sex 0.
    #[inline(always)]
    fn find(&self, places: &mut [usize; TOGETHER], ages: Option<&[f64]>, sexes: Option<&[f64]>) {
        let ladder = 1 << self.halvings;
        let of_sex = (self.edges.len() + 1) * ladder;
        places.fill(self.sexes.len() * of_sex);
        for (&own, after) in self.sexes.iter().rev().zip(1..) {
            // A difference rather than a choice, which would be stored under a mask.
            let back = after * of_sex;
            match sexes {
                Some(sexes) => {
                    for (place, sex) in places.iter_mut().zip(sexes) {
                        *place -= if *sex == own { back } else { 0 };
                    }
                }
                None => places.iter_mut().for_each(|place| *place -= if own == 0.0 { back } else { 0 }),
            }
        }
        for &edge in &self.edges {
            match ages {
                Some(ages) => {
                    for (place, age) in places.iter_mut().zip(ages) {
                        *place += if *age >= edge { ladder } else { 0 };
                    }
                }
                None => places.iter_mut().for_each(|place| *place += if 0.0 >= edge { ladder } else { 0 }),
            }
        }
    }

    /// Finds the rung on which each value stands: halved without a branch, so that nothing is guessed.
    #[inline(always)]
    fn stand(&self, halvings: u32, places: &[usize; TOGETHER], values: &[f64], rungs: &mut [Rung; TOGETHER]) {
        let (all_tops, all_rungs) = (self.tops.as_slice(), self.rungs.as_slice());
        for ((rung, place), x) in rungs.iter_mut().zip(places).zip(values) {
            let Some((tops, _)) =
                all_tops.get(*place..).and_then(|tops| tops.split_at_checked(1 << halvings))
            else {
                continue;
            };
            let mut below = 0;
            for half in (0..halvings).rev().map(|power| 1 << power) {
                below += half * usize::from(tops.get(below + half - 1).is_some_and(|top| *top <= *x));
            }
            *rung = all_rungs.get(*place + below).copied().unwrap_or(Rung::NONE);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const PERCENTILES: [f64; 7] = [0.1, 5.0, 25.0, 50.0, 75.0, 95.0, 99.9];

    fn norm(is_log: bool) -> Norm {
        let row = |sex, ages, values: [f64; 7]| NormRow { sex, ages: Some(ages), values: values.to_vec() };
        Norm {
            is_log,
            percentiles: PERCENTILES.to_vec(),
            rows: vec![
                row(Some(1.0), [20.0, 40.0], [1.0, 2.0, 4.0, 4.5, 7.0, 11.0, 30.0]),
                // Two are the same in the middle, three at an end.
                row(Some(0.0), [20.0, 40.0], [2.0, 2.0, 2.0, 5.0, 5.0, 8.0, 9.0]),
                row(None, [40.0, 60.0], [3.0, 3.5, 4.25, 5.0, 6.0, 7.0, 7.0]),
            ],
        }
    }

    /// One by one, with a search that may guess and Φ from its table: the same percentile, the same mark.
    #[test]
    fn many_together_are_where_each_alone_is() {
        for is_log in [false, true] {
            let norm = norm(is_log);
            let ladders = Ladders::new(&norm);
            let scale = |x: f64| if is_log { libm::log(x) } else { x };
            let z: Vec<f64> = PERCENTILES.iter().map(|p| z_of(p / 100.0)).collect();
            let (mut people, mut expected) = (Vec::new(), Vec::new());
            for sex in [0.0, 1.0, 2.0, f64::NAN] {
                for age in [19.0, 20.0, 39.9, 40.0, 59.9, 60.0, f64::NAN] {
                    let row = norm.rows.iter().find(|row| is_for(row, age, sex));
                    let tabulated = norm.rows.iter().flat_map(|row| &row.values);
                    // Logarithms alone cannot tell neighbours, so these are farther apart.
                    let step = if is_log { 1e-9 } else { f64::EPSILON };
                    let near = tabulated.flat_map(|x| [x * (1.0 - step), *x, x * (1.0 + step), x + 0.3]);
                    for x in near.chain([0.0, -3.0, 1e300, f64::NAN]) {
                        people.push([x, age, sex]);
                        expected.push(row.filter(|_| !x.is_nan()).map_or((f64::NAN, 0.0), |row| {
                            let values: Vec<f64> = row.values.iter().map(|x| scale(*x)).collect();
                            if x < row.values[0] {
                                (PERCENTILES[0], 1.0)
                            } else if x > row.values[6] {
                                (PERCENTILES[6], 1.0)
                            } else {
                                (between(scale(x), &values, &z, &PERCENTILES), 0.0)
                            }
                        }));
                    }
                }
            }
            let [x, ages, sexes] = [0, 1, 2].map(|at| people.iter().map(|p| p[at]).collect::<Vec<f64>>());
            let (mut out, mut marks) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            ladders.climb(is_log, &x, [Some(&ages), Some(&sexes)], &mut out, &mut marks);
            for ((person, (percentile, mark)), found) in
                people.iter().zip(&expected).zip(out.iter().zip(&marks))
            {
                let (found, found_mark) = found;
                assert_eq!(found.is_nan(), percentile.is_nan(), "{person:?}");
                assert!(found.is_nan() || (found - percentile).abs() <= 1e-13, "{person:?}: {found}");
                assert_eq!(found_mark, mark, "{person:?}");
            }
        }
    }
}
