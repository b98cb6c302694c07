//! Constants by stratum, and sums of what they are multiplied with.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use super::{
    engine::BLOCK,
    stage::{Side, TOGETHER},
};
use crate::expression::program::Columns;

/// What is multiplied, by what, and the part that the product is added to as well.
pub(super) type Term = (Side, Picked, Option<usize>);

/// A coefficient: the same for all strata, in the column of those picked by stratum, or to be picked by the column of
/// strata.
#[derive(Debug, Clone)]
pub(super) enum Picked {
    Same(f64),
    By(usize),
    /// Of two or four.
    OfStratum(usize, Vec<f64>),
}

/// The value of each row's stratum; NaN where it has none.
#[inline(always)]
pub(super) fn pick(out: &mut [f64], stratum: &[f64], values: &[f64]) {
    match *values {
        [a, b] => pick_one(out, stratum, [a, b]),
        [a, b, c, d] => pick_one(out, stratum, [a, b, c, d]),
        _ => {
            out.fill(f64::NAN);
            for (at, value) in values.iter().enumerate() {
                let at = at as f64;
                for (out, stratum) in out.iter_mut().zip(stratum) {
                    *out = if *stratum == at { *value } else { *out };
                }
            }
        }
    }
}

/// One pass over the block: of a number of strata that is known when it is compiled.
#[inline(always)]
fn pick_one<const STRATA: usize>(out: &mut [f64], stratum: &[f64], values: [f64; STRATA]) {
    for (out, stratum) in out.iter_mut().zip(stratum) {
        *out = value_of(*stratum, values);
    }
}

#[inline(always)]
fn value_of<const STRATA: usize>(stratum: f64, values: [f64; STRATA]) -> f64 {
    let mut picked = f64::NAN;
    let mut at = 0.0;
    for value in values {
        picked = if stratum == at { value } else { picked };
        at += 1.0;
    }
    picked
}

/// The value of a stratum; the first for those who have none.
#[inline(always)]
fn known_value_of<const STRATA: usize>(stratum: f64, values: [f64; STRATA]) -> f64 {
    let mut picked = f64::NAN;
    let mut at = 0.0;
    for value in values {
        picked = if at == 0.0 || stratum == at { value } else { picked };
        at += 1.0;
    }
    picked
}

#[inline(always)]
fn add_of<const STRATA: usize>(
    out: &mut [f64],
    of: Side,
    stratum: &[f64],
    values: [f64; STRATA],
    columns: &Columns,
) {
    match of {
        Side::Number(x) => {
            out.iter_mut().zip(stratum).for_each(|(out, stratum)| *out += value_of(*stratum, values) * x);
        }
        Side::Column(x) => {
            for ((out, x), stratum) in out.iter_mut().zip(columns.get(x)).zip(stratum) {
                *out += value_of(*stratum, values) * x;
            }
        }
    }
}

#[inline(always)]
pub(super) fn add(out: &mut [f64], of: Side, coefficient: &Picked, columns: &Columns) {
    match (of, coefficient) {
        (Side::Number(x), Picked::Same(c)) => out.iter_mut().for_each(|out| *out += c * x),
        (of, Picked::OfStratum(stratum, values)) => match *values.as_slice() {
            [a, b] => add_of(out, of, columns.get(*stratum), [a, b], columns),
            [a, b, c, d] => add_of(out, of, columns.get(*stratum), [a, b, c, d], columns),
            _ => out.fill(f64::NAN),
        },
        (Side::Column(x), Picked::Same(c)) => {
            out.iter_mut().zip(columns.get(x)).for_each(|(out, x)| *out += c * x);
        }
        (Side::Number(x), Picked::By(c)) => {
            out.iter_mut().zip(columns.get(*c)).for_each(|(out, c)| *out += c * x);
        }
        (Side::Column(x), Picked::By(c)) => {
            for ((out, x), c) in out.iter_mut().zip(columns.get(x)).zip(columns.get(*c)) {
                *out += c * x;
            }
        }
    }
}

/// The sum of all terms, added in their order. It is put together apart from the columns: what cannot overlap them runs in
/// vectors without asking.
#[inline(always)]
pub(super) fn sum(out: &mut [f64], terms: &[Term], columns: &Columns) {
    let mut sums = [0.0; BLOCK];
    // Who has no stratum has no sum, so that the strata need not be asked for it again.
    if let Some((_, Picked::OfStratum(stratum, _), _)) = terms.first() {
        for (sum, stratum) in sums.iter_mut().zip(columns.get(*stratum)) {
            *sum = if stratum.is_nan() { f64::NAN } else { 0.0 };
        }
    }
    let (fours, rest) = terms.as_chunks();
    for terms in fours {
        add_four(&mut sums, terms, columns);
    }
    for (of, coefficient, _) in rest {
        add(&mut sums, *of, coefficient, columns);
    }
    out.iter_mut().zip(&sums).for_each(|(out, sum)| *out = *sum);
}

/// Four terms in one pass, added one after the other; strata are told apart once for all.
#[inline(always)]
fn add_four(out: &mut [f64], terms: &[Term; TOGETHER], columns: &Columns) {
    let one_by_one = |out: &mut [f64]| {
        for (of, coefficient, _) in terms {
            add(out, *of, coefficient, columns);
        }
    };
    let [
        (Side::Column(a), Picked::OfStratum(stratum, of_a), _),
        (Side::Column(b), Picked::OfStratum(_, of_b), _),
        (Side::Column(c), Picked::OfStratum(_, of_c), _),
        (Side::Column(d), Picked::OfStratum(_, of_d), _),
    ] = terms
    else {
        return one_by_one(out);
    };
    let of = [a, b, c, d].map(|of| columns.get(*of));
    let stratum = columns.get(*stratum);
    match (of_a.as_slice(), of_b.as_slice(), of_c.as_slice(), of_d.as_slice()) {
        (&[a, a2], &[b, b2], &[c, c2], &[d, d2]) => {
            add_four_of(out, of, stratum, [[a, a2], [b, b2], [c, c2], [d, d2]]);
        }
        (&[a, a2, a3, a4], &[b, b2, b3, b4], &[c, c2, c3, c4], &[d, d2, d3, d4]) => {
            let values = [[a, a2, a3, a4], [b, b2, b3, b4], [c, c2, c3, c4], [d, d2, d3, d4]];
            add_four_of(out, of, stratum, values);
        }
        _ => one_by_one(out),
    }
}

#[inline(always)]
fn add_four_of<const STRATA: usize>(
    out: &mut [f64],
    [a, b, c, d]: [&[f64]; TOGETHER],
    stratum: &[f64],
    [of_a, of_b, of_c, of_d]: [[f64; STRATA]; TOGETHER],
) {
    let of = a.iter().zip(b).zip(c.iter().zip(d));
    for ((out, stratum), ((a, b), (c, d))) in out.iter_mut().zip(stratum).zip(of) {
        let sum = *out + known_value_of(*stratum, of_a) * a;
        let sum = sum + known_value_of(*stratum, of_b) * b;
        let sum = sum + known_value_of(*stratum, of_c) * c;
        *out = sum + known_value_of(*stratum, of_d) * d;
    }
}
