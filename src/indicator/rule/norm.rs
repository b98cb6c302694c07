//! Percentiles of a reference population, by age and sex.

use super::ladder::Ladders;
use crate::{
    definition::{
        Direction,
        rule::{Norm, NormRow},
    },
    indicator::shape::Shape,
    num::{
        normal::{normal, quantile},
        stretch::{Start, Stretch, Sums},
    },
};

/// A table of percentiles, or of L, M and S, ready to be read.
///
/// **Formula** between tabulated percentiles straight lines between (value, or its logarithm, and z of the percentile),
/// result 100 Φ(z); beyond the outermost percentile that percentile, marked as censored. With L, M and S, which run
/// straight between ages, z = ((x/M)^L − 1)/(L S), or ln(x/M)/S where L is 0 (Cole 1990).
#[derive(Debug, Clone)]
pub(crate) struct NormTable {
    is_log: bool,
    kind: Kind,
}

/// L, M and S by age, of one sex or of both.
type LmsOfSex = (Option<f64>, Vec<(f64, [f64; 3])>);

#[derive(Debug, Clone)]
enum Kind {
    Percentiles(Ladders),
    /// By sex, the rows by age.
    Lms(Vec<LmsOfSex>),
}

/// The outermost values as they are tabulated: logarithms could not tell the next number from them.
#[derive(Debug, Clone, Copy)]
struct Ends {
    lowest: f64,
    highest: f64,
    below: f64,
    above: f64,
}

impl Ends {
    fn new(values: &[f64], percentiles: &[f64]) -> Self {
        let end = |end: Option<&f64>| end.copied().unwrap_or(f64::NAN);
        Self {
            lowest: end(values.first()),
            highest: end(values.last()),
            below: end(percentiles.first()),
            above: end(percentiles.last()),
        }
    }

    /// The outermost percentile, where a value lies beyond it.
    fn beyond(self, x: f64) -> Option<f64> {
        if x < self.lowest {
            Some(self.below)
        } else if x > self.highest {
            Some(self.above)
        } else {
            None
        }
    }
}

impl NormTable {
    pub(crate) fn new(norm: &Norm) -> Self {
        let kind = if norm.percentiles.is_empty() {
            Kind::Lms(by_sex(&norm.rows))
        } else {
            Kind::Percentiles(Ladders::new(norm))
        };
        Self { is_log: norm.is_log, kind }
    }

    /// The percentile of every value; NaN where a value, age or sex is missing or has no row. Marks what is censored.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn percentiles(
        &self,
        values: &[f64],
        ages: Option<&[f64]>,
        sexes: Option<&[f64]>,
        out: &mut [f64],
        marks: &mut [f64],
    ) {
        match &self.kind {
            Kind::Percentiles(ladders) => ladders.climb(self.is_log, values, [ages, sexes], out, marks),
            Kind::Lms(rows) => {
                marks.fill(0.0);
                let at = |column: Option<&[f64]>, row: usize| {
                    column.map_or(0.0, |column| column.get(row).copied().unwrap_or(f64::NAN))
                };
                for (row, (out, x)) in out.iter_mut().zip(values).enumerate() {
                    let lms = lms_at(rows, at(ages, row), at(sexes, row)).filter(|_| !x.is_nan());
                    *out = lms.map_or(f64::NAN, |lms| Shape::lms(lms, Direction::HigherBetter).value(*x));
                }
            }
        }
    }
}

/// The quantile of the standard normal.
pub(super) fn z_of(p: f64) -> f64 {
    if p < 0.5 { -quantile(1.0 - p) } else { quantile(p) }
}

/// The percentile of `x` between the first and the last of ascending `values`. Where several are the same, the middle of
/// their z.
pub(super) fn between(x: f64, values: &[f64], z: &[f64], percentiles: &[f64]) -> f64 {
    let below = values.partition_point(|value| *value < x);
    let upto = values.partition_point(|value| *value <= x);
    let phi = |z: f64| 100.0 * normal().both_tails(z).0;
    let pick = |list: &[f64], at: usize| list.get(at).copied().unwrap_or(f64::NAN);
    if below + 1 == upto {
        // Exactly a tabulated value.
        pick(percentiles, below)
    } else if below < upto {
        phi(f64::midpoint(pick(z, below), pick(z, upto - 1)))
    } else {
        let before = below.saturating_sub(1);
        let (a, b, za, zb) = (pick(values, before), pick(values, below), pick(z, before), pick(z, below));
        phi(za + (zb - za) * ((x - a) / (b - a)))
    }
}

fn by_sex(rows: &[NormRow]) -> Vec<LmsOfSex> {
    let mut all: Vec<LmsOfSex> = Vec::new();
    for row in rows {
        let (Some([age, _]), Ok(lms)) = (row.ages, <[f64; 3]>::try_from(row.values.clone())) else {
            continue;
        };
        match all.iter_mut().find(|(sex, _)| *sex == row.sex) {
            Some((_, of_sex)) => of_sex.push((age, lms)),
            None => all.push((row.sex, vec![(age, lms)])),
        }
    }
    for (_, of_sex) in &mut all {
        of_sex.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    all
}

/// L, M and S at an age, straight between the tabulated ages; none outside of them.
fn lms_at(rows: &[LmsOfSex], age: f64, sex: f64) -> Option<[f64; 3]> {
    let (_, of_sex) = rows.iter().find(|(own, _)| own.is_none_or(|own| own == sex))?;
    let after = of_sex.partition_point(|(at, _)| *at < age);
    let (to, upper) = of_sex.get(after)?;
    if *to == age {
        return Some(*upper);
    }
    let (from, lower) = of_sex.get(after.checked_sub(1)?)?;
    let share = (age - from) / (to - from);
    let mut lms = *lower;
    for (own, upper) in lms.iter_mut().zip(upper) {
        *own += share * (upper - *own);
    }
    Some(lms)
}

/// The percentiles of one row of a norm as a utility: more is better.
#[derive(Debug, Clone)]
pub(crate) struct NormCurve {
    is_log: bool,
    is_higher_better: bool,
    ends: Ends,
    /// On the scale of interpolation.
    values: Vec<f64>,
    z: Vec<f64>,
    percentiles: Vec<f64>,
}

/// Sixteen nodes follow Φ over so many standard deviations.
const Z_REACH: f64 = 1.5;
/// And a logarithm over such a factor.
const FACTOR: f64 = 4.0;

impl NormCurve {
    pub(crate) fn new(norm: &Norm, row: &NormRow, is_higher_better: bool) -> Self {
        let scale = |x: &f64| if norm.is_log { libm::log(*x) } else { *x };
        Self {
            is_log: norm.is_log,
            is_higher_better,
            ends: Ends::new(&row.values, &norm.percentiles),
            values: row.values.iter().map(scale).collect(),
            z: norm.percentiles.iter().map(|p| z_of(p / 100.0)).collect(),
            percentiles: norm.percentiles.clone(),
        }
    }

    pub(crate) fn score(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let inside = || {
            let x = if self.is_log { libm::log(x) } else { x };
            between(x, &self.values, &self.z, &self.percentiles)
        };
        self.turned(self.ends.beyond(x).unwrap_or_else(inside))
    }

    fn turned(&self, percentile: f64) -> f64 {
        if self.is_higher_better { percentile } else { 100.0 - percentile }
    }

    /// In the unit of the reading.
    pub(crate) fn knots(&self) -> Vec<f64> {
        self.values.iter().map(|x| if self.is_log { libm::exp(*x) } else { *x }).collect()
    }

    /// Adds the parts of the utility: flat, a line in z from each tabulated value to the next, flat.
    pub(crate) fn add(&self, sums: &mut Sums<'_>) {
        let knots = self.knots();
        if let (Some(first), Some(last)) = (knots.first(), knots.last()) {
            sums.flat_below(*first, self.score(*first));
            sums.flat_above(*last, self.score(*last));
        }
        let pairs = knots.windows(2).zip(self.values.windows(2)).zip(self.z.windows(2));
        for ((knots, values), z) in pairs {
            let (&[from, to], &[a, b], &[za, zb]) = (knots, values, z) else { continue };
            if a == b {
                continue;
            }
            let slope = (zb - za) / (b - a);
            let z_at = |d: f64| {
                let x = if self.is_log { libm::log(from + d) } else { from + d };
                za + slope * (x - a)
            };
            sums.curve(&Stretch {
                anchor: from,
                sign: 1.0,
                length: to - from,
                start: Start::Plain,
                score: |d: f64| self.turned(100.0 * normal().both_tails(z_at(d)).0),
                reach: |d: f64| {
                    if self.is_log {
                        (from + d) * libm::exp(Z_REACH / slope).min(FACTOR) - from
                    } else {
                        d + Z_REACH / slope
                    }
                },
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<&str>> {
        text.lines().skip(1).map(|line| line.split(',').collect()).collect()
    }

    /// Against R, whose Φ and its inverse are good to 1e-15: L runs through 0, where the printed formula cancels.
    #[test]
    fn lms_by_age_and_sex_is_that_of_r() {
        let number = |cell: &str| if cell.is_empty() { f64::NAN } else { cell.parse().expect("a number") };
        let table = rows(include_str!("../../../tests/golden/rules/lms.table.csv"));
        let row = |cells: &Vec<&str>| NormRow {
            sex: Some(number(cells[0])),
            ages: Some([number(cells[1]); 2]),
            values: cells[2..].iter().map(|cell| number(cell)).collect(),
        };
        let norm = Norm { is_log: false, percentiles: Vec::new(), rows: table.iter().map(row).collect() };
        let norm = NormTable::new(&norm);
        let mut values = 0;
        for person in rows(include_str!("../../../tests/golden/rules/lms.people.csv")) {
            let [measured, age, sex] = [0, 1, 2].map(|at| number(person[at]));
            let expected = number(person[4]);
            let (mut found, mut mark) = ([f64::NAN], [1.0]);
            norm.percentiles(&[measured], Some(&[age]), Some(&[sex]), &mut found, &mut mark);
            let ([found], [mark]) = (found, mark);
            assert_eq!(mark, 0.0);
            assert_eq!(found.is_nan(), expected.is_nan(), "{person:?}");
            if !expected.is_nan() {
                assert!((found - expected).abs() <= 1e-11 * expected.max(1.0), "{person:?}: {found}");
                values += 1;
            }
        }
        assert!(values > 130, "{values}");
    }
}
