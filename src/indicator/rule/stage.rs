//! What is done to a block of persons, one column at a time.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use std::ops::Range;

use super::norm::NormTable;
use crate::{
    definition::rule::Combine,
    expression::program::{Columns, Program},
};

/// A number, or the column it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Number(f64),
    Column(usize),
}

/// A coefficient: the same for all strata, in the column of those picked by stratum, or to be picked by the column of
/// strata.
#[derive(Debug, Clone)]
pub(super) enum Picked {
    Same(f64),
    By(usize),
    /// Of two or four.
    OfStratum(usize, Vec<f64>),
}

/// Why there is no value; the first reason found stays.
#[derive(Debug, Clone)]
pub(super) enum Reason {
    Missing(usize),
    True(Side),
    Below(usize, f64),
    AtLeast(usize, f64),
    Outside(usize, [f64; 2]),
    NotAmong(usize, Vec<f64>),
    /// The reason of a part, if it is one of these.
    Of(usize, Vec<f64>),
}

/// One thing done to the columns of a block.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    Program(Range<usize>),
    /// What is not there counts as `value`, and is marked.
    Absent {
        from: usize,
        to: usize,
        value: f64,
        marked: usize,
    },
    Stratum {
        to: usize,
        when: Vec<Side>,
    },
    Pick {
        to: usize,
        stratum: usize,
        values: Vec<f64>,
    },
    Clear {
        note: usize,
    },
    Note {
        note: usize,
        why: Reason,
        code: f64,
    },
    /// Σ coefficient × of; each contribution is added to its part, if parts are kept.
    Terms {
        to: usize,
        terms: Vec<(Side, Picked, Option<usize>)>,
    },
    Bands {
        to: usize,
        x: Side,
        at: Vec<f64>,
        score: Vec<f64>,
    },
    /// Where `by` is `when`, the bands of `x` replace what is there.
    BandsWhere {
        to: usize,
        x: Side,
        by: usize,
        when: f64,
        at: Vec<f64>,
        score: Vec<f64>,
    },
    Blank {
        to: usize,
    },
    Line {
        to: usize,
        x: Side,
        points: Vec<[f64; 2]>,
    },
    Norm {
        to: usize,
        value: usize,
        age: Option<usize>,
        sex: Option<usize>,
        table: NormTable,
        censored: usize,
    },
    Deduct {
        to: usize,
        input: usize,
        points: f64,
    },
    /// What is written where a reason stands is taken away.
    Without {
        to: usize,
        note: usize,
    },
    Combine {
        to: usize,
        observed: usize,
        parts: Vec<usize>,
        how: Combine,
        at_least: f64,
    },
    Copy {
        to: usize,
        from: Side,
    },
    /// The place of the first that is true; NaN where there is no result or none is.
    Class {
        to: usize,
        result: usize,
        when: Vec<Side>,
    },
}

impl Stage {
    /// Closures are inlined by name: left alone, they would be compiled for the least processor.
    #[inline(always)]
    #[expect(clippy::too_many_lines, reason = "one arm a stage")]
    pub(super) fn run(&self, program: &Program, columns: &mut Columns) {
        match self {
            Self::Program(range) => program.run(range.clone(), columns),
            Self::Absent { from, to, value, marked } => {
                columns.fill(
                    *marked,
                    #[inline(always)]
                    |out, columns| {
                        for (out, x) in out.iter_mut().zip(columns.get(*from)) {
                            *out = if x.is_nan() { 1.0 } else { 0.0 };
                        }
                    },
                );
                columns.fill(
                    *to,
                    #[inline(always)]
                    |out, columns| {
                        for (out, x) in out.iter_mut().zip(columns.get(*from)) {
                            *out = if x.is_nan() { *value } else { *x };
                        }
                    },
                );
            }
            Self::Stratum { to, when } => columns.fill(
                *to,
                #[inline(always)]
                |out, columns| first_true(out, when, columns),
            ),
            Self::Pick { to, stratum, values } => {
                columns.fill(
                    *to,
                    #[inline(always)]
                    |out, columns| pick(out, columns.get(*stratum), values),
                );
            }
            Self::Clear { note } => columns.fill(
                *note,
                #[inline(always)]
                |note, _| note.fill(0.0),
            ),
            Self::Note { note, why, code } => {
                columns.fill(
                    *note,
                    #[inline(always)]
                    |note, columns| why.run(note, *code, columns),
                );
            }
            Self::Terms { to, terms } => {
                let parts: Vec<usize> = terms.iter().filter_map(|(.., part)| *part).collect();
                for part in parts {
                    columns.fill(
                        part,
                        #[inline(always)]
                        |out, _| out.fill(0.0),
                    );
                }
                columns.fill(
                    *to,
                    #[inline(always)]
                    |out, columns| {
                        out.fill(0.0);
                        for (of, coefficient, _) in terms {
                            add(out, *of, coefficient, columns);
                        }
                    },
                );
                for (of, coefficient, part) in terms {
                    if let Some(part) = part {
                        columns.fill(
                            *part,
                            #[inline(always)]
                            |out, columns| add(out, *of, coefficient, columns),
                        );
                    }
                }
            }
            Self::Bands { to, x, at, score } => {
                columns.fill(
                    *to,
                    #[inline(always)]
                    |out, columns| bands(out, *x, at, score, columns),
                );
            }
            Self::BandsWhere { to, x, by, when, at, score } => columns.fill(
                *to,
                #[inline(always)]
                |out, columns| {
                    for (row, (out, by)) in out.iter_mut().zip(columns.get(*by)).enumerate() {
                        if by == when {
                            *out = crate::num::utility::step_value(at, score, side(*x, columns, row));
                        }
                    }
                },
            ),
            Self::Blank { to } => columns.fill(
                *to,
                #[inline(always)]
                |out, _| out.fill(f64::NAN),
            ),
            Self::Line { to, x, points } => columns.fill(
                *to,
                #[inline(always)]
                |out, columns| {
                    for (row, out) in out.iter_mut().enumerate() {
                        *out = crate::num::utility::line_value(points, side(*x, columns, row));
                    }
                },
            ),
            Self::Norm { to, value, age, sex, table, censored } => {
                columns.fill_both(
                    *to,
                    *censored,
                    #[inline(always)]
                    |out, marks, columns| {
                        let of = |column: &Option<usize>| column.map(|column| columns.get(column));
                        table.percentiles(columns.get(*value), of(age), of(sex), out, marks);
                    },
                );
            }
            Self::Deduct { to, input, points } => columns.fill(
                *to,
                #[inline(always)]
                |out, columns| {
                    for (out, input) in out.iter_mut().zip(columns.get(*input)) {
                        let less = if *out < *points { 0.0 } else { *out - points };
                        let less = if out.is_nan() { f64::NAN } else { less };
                        *out = if *input == 1.0 { less } else { *out };
                    }
                },
            ),
            Self::Without { to, note } => columns.fill(
                *to,
                #[inline(always)]
                |out, columns| {
                    for (out, note) in out.iter_mut().zip(columns.get(*note)) {
                        *out = if *note == 0.0 { *out } else { f64::NAN };
                    }
                },
            ),
            Self::Combine { to, observed, parts, how, at_least } => {
                columns.fill(
                    *observed,
                    #[inline(always)]
                    |out, columns| {
                        out.fill(0.0);
                        for part in parts {
                            for (out, x) in out.iter_mut().zip(columns.get(*part)) {
                                *out += if x.is_nan() { 0.0 } else { 1.0 };
                            }
                        }
                    },
                );
                columns.fill(
                    *to,
                    #[inline(always)]
                    |out, columns| combine(out, *observed, parts, *how, *at_least, columns),
                );
            }
            Self::Copy { to, from } => columns.fill(
                *to,
                #[inline(always)]
                |out, columns| match from {
                    Side::Number(number) => out.fill(*number),
                    Side::Column(column) => out.copy_from_slice(columns.get(*column)),
                },
            ),
            Self::Class { to, result, when } => columns.fill(
                *to,
                #[inline(always)]
                |out, columns| {
                    first_true(out, when, columns);
                    for (out, result) in out.iter_mut().zip(columns.get(*result)) {
                        *out = if result.is_nan() { f64::NAN } else { *out };
                    }
                },
            ),
        }
    }
}

/// The place of the first condition that is true; NaN where none is.
#[inline(always)]
fn first_true(out: &mut [f64], when: &[Side], columns: &Columns) {
    out.fill(f64::NAN);
    for (at, when) in when.iter().enumerate().rev() {
        put_where(*when, at as f64, out, columns);
    }
}

impl Reason {
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch for each half would not run in vectors")]
    fn run(&self, note: &mut [f64], code: f64, columns: &Columns) {
        match self {
            Self::Missing(x) => set(note, columns.get(*x), code, f64::is_nan),
            Self::True(Side::Number(number)) => {
                if !number.is_nan() && *number != 0.0 {
                    note.iter_mut().filter(|note| **note == 0.0).for_each(|note| *note = code);
                }
            }
            Self::True(Side::Column(x)) => set(
                note,
                columns.get(*x),
                code,
                #[inline(always)]
                |x| !x.is_nan() & (x != 0.0),
            ),
            Self::Below(x, from) => set(
                note,
                columns.get(*x),
                code,
                #[inline(always)]
                |x| x < *from,
            ),
            Self::AtLeast(x, below) => set(
                note,
                columns.get(*x),
                code,
                #[inline(always)]
                |x| x >= *below,
            ),
            Self::Outside(x, [lowest, highest]) => {
                set(
                    note,
                    columns.get(*x),
                    code,
                    #[inline(always)]
                    |x| (x < *lowest) | (x > *highest),
                );
            }
            Self::NotAmong(x, codes) => match codes.as_slice() {
                [a, b] => set(
                    note,
                    columns.get(*x),
                    code,
                    #[inline(always)]
                    |x| !x.is_nan() & (x != *a) & (x != *b),
                ),
                codes => set(
                    note,
                    columns.get(*x),
                    code,
                    #[inline(always)]
                    |x| !x.is_nan() && !codes.contains(&x),
                ),
            },
            Self::Of(x, codes) => {
                for (note, x) in note.iter_mut().zip(columns.get(*x)) {
                    if *note == 0.0 && codes.contains(x) {
                        *note = *x;
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn set(note: &mut [f64], x: &[f64], code: f64, is_so: impl Fn(f64) -> bool) {
    for (note, x) in note.iter_mut().zip(x) {
        let here = if is_so(*x) { code } else { 0.0 };
        *note = if *note == 0.0 { here } else { *note };
    }
}

#[inline(always)]
fn put_where(when: Side, value: f64, out: &mut [f64], columns: &Columns) {
    let is_true = |x: f64| !x.is_nan() && x != 0.0;
    match when {
        Side::Number(number) if is_true(number) => out.fill(value),
        Side::Number(_) => {}
        Side::Column(column) => {
            for (out, x) in out.iter_mut().zip(columns.get(column)) {
                *out = if is_true(*x) { value } else { *out };
            }
        }
    }
}

fn side(side: Side, columns: &Columns, row: usize) -> f64 {
    match side {
        Side::Number(number) => number,
        Side::Column(column) => columns.get(column).get(row).copied().unwrap_or(f64::NAN),
    }
}

/// The value of each row's stratum; NaN where it has none.
#[inline(always)]
fn pick(out: &mut [f64], stratum: &[f64], values: &[f64]) {
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
fn add(out: &mut [f64], of: Side, coefficient: &Picked, columns: &Columns) {
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

/// Bands by passes over the block, one a threshold, which vectors can do.
#[inline(always)]
fn bands(out: &mut [f64], x: Side, at: &[f64], score: &[f64], columns: &Columns) {
    let Side::Column(x) = x else {
        let Side::Number(number) = x else { return };
        out.fill(crate::num::utility::step_value(at, score, number));
        return;
    };
    let x = columns.get(x);
    let first = score.first().copied().unwrap_or(f64::NAN);
    for (out, x) in out.iter_mut().zip(x) {
        *out = if x.is_nan() { f64::NAN } else { first };
    }
    for (at, score) in at.iter().zip(score.iter().skip(1)) {
        for (out, x) in out.iter_mut().zip(x) {
            *out = if x >= at { *score } else { *out };
        }
    }
}

#[inline(always)]
fn combine(
    out: &mut [f64],
    observed: usize,
    parts: &[usize],
    how: Combine,
    at_least: f64,
    columns: &Columns,
) {
    out.fill(if how == Combine::Worst { f64::INFINITY } else { 0.0 });
    for part in parts {
        for (out, x) in out.iter_mut().zip(columns.get(*part)) {
            match how {
                Combine::Worst => *out = if x.is_nan() || *x >= *out { *out } else { *x },
                Combine::Sum | Combine::Mean => *out += if x.is_nan() { 0.0 } else { *x },
            }
        }
    }
    for (out, observed) in out.iter_mut().zip(columns.get(observed)) {
        let joined = if how == Combine::Mean { *out / observed } else { *out };
        *out = if *observed >= at_least && *observed > 0.0 { joined } else { f64::NAN };
    }
}
