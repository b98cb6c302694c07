//! What is done to a block of persons, one column at a time.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
#![expect(clippy::needless_bitwise_bool, reason = "a branch for each half would not run in vectors")]

use std::ops::Range;

use super::{
    norm::NormTable,
    terms::{Term, add, pick, sum},
};
use crate::{
    definition::rule::Combine,
    expression::program::{Columns, Program},
};

/// Columns read in one pass where there are many.
pub(super) const TOGETHER: usize = 4;

/// A number, or the column it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Number(f64),
    Column(usize),
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
    /// Notes which of the columns is missing, each with its code.
    Missing {
        note: usize,
        of: Vec<(usize, f64)>,
    },
    Note {
        note: usize,
        why: Reason,
        code: f64,
    },
    /// Σ coefficient × of; each contribution is added to its part, if parts are kept.
    Terms {
        to: usize,
        terms: Vec<Term>,
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
            Self::Missing { note, of } => columns.fill(
                *note,
                #[inline(always)]
                |note, columns| missing(note, of, columns),
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
                    |out, columns| sum(out, terms, columns),
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
    for (at, when) in when.iter().enumerate() {
        let at = at as f64;
        let place = |x: f64| if is_true(x) { at } else { f64::NAN };
        match when {
            Side::Number(number) => out.iter_mut().for_each(|out| *out = out.min(place(*number))),
            Side::Column(column) => {
                for (out, x) in out.iter_mut().zip(columns.get(*column)) {
                    *out = out.min(place(*x));
                }
            }
        }
    }
}

#[inline(always)]
fn is_true(x: f64) -> bool {
    !x.is_nan() & (x != 0.0)
}

/// The code of the first that is missing, where nothing stands yet: as many columns in one pass as there are registers
/// for.
#[inline(always)]
fn missing(note: &mut [f64], of: &[(usize, f64)], columns: &Columns) {
    let (fours, rest) = of.as_chunks::<TOGETHER>();
    for &[(a, of_a), (b, of_b), (c, of_c), (d, of_d)] in fours {
        let first = columns.get(a).iter().zip(columns.get(b));
        let second = columns.get(c).iter().zip(columns.get(d));
        for (note, ((a, b), (c, d))) in note.iter_mut().zip(first.zip(second)) {
            let found = if d.is_nan() { of_d } else { 0.0 };
            let found = if c.is_nan() { of_c } else { found };
            let found = if b.is_nan() { of_b } else { found };
            let found = if a.is_nan() { of_a } else { found };
            *note += if *note == 0.0 { found } else { 0.0 };
        }
    }
    for (column, code) in rest {
        set(note, columns.get(*column), *code, f64::is_nan);
    }
}

impl Reason {
    #[inline(always)]
    fn run(&self, note: &mut [f64], code: f64, columns: &Columns) {
        match self {
            Self::Missing(x) => set(note, columns.get(*x), code, f64::is_nan),
            Self::True(Side::Number(number)) => {
                if is_true(*number) {
                    note.iter_mut().filter(|note| **note == 0.0).for_each(|note| *note = code);
                }
            }
            Self::True(Side::Column(x)) => set(note, columns.get(*x), code, is_true),
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

/// A sum, where a choice between the old and the new would be stored under a mask, from which it is slow to read.
#[inline(always)]
fn set(note: &mut [f64], x: &[f64], code: f64, is_so: impl Fn(f64) -> bool) {
    for (note, x) in note.iter_mut().zip(x) {
        *note += if is_so(*x) & (*note == 0.0) { code } else { 0.0 };
    }
}

fn side(side: Side, columns: &Columns, row: usize) -> f64 {
    match side {
        Side::Number(number) => number,
        Side::Column(column) => columns.get(column).get(row).copied().unwrap_or(f64::NAN),
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
