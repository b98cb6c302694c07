//! A rule ready to run over blocks of persons.

use std::ops::Range;

use super::stage::Stage;
use crate::{
    definition::units::Conversion,
    expression::program::{Columns, Program},
    num::vectors,
};

/// How many persons are computed at a time: what a rule needs of them stays in the nearest cache.
pub(super) const BLOCK: usize = 256;

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Missing,
    Outside,
    Refused,
    Case,
    Undetermined,
    TooFew,
}

/// A reason, its code or input or case, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) why: Why,
    pub(super) code: String,
    pub(super) because: String,
}

impl Note {
    pub(super) fn new(why: Why, code: &str, because: &str) -> Self {
        Self { why, code: code.to_owned(), because: because.to_owned() }
    }

    /// As it is written to files.
    pub(super) fn text(&self) -> String {
        match self.why {
            Why::Missing => format!("missing:{}", self.code),
            Why::Outside => format!("outside:{}", self.code),
            Why::Case => format!("case:{}", self.code),
            Why::Refused | Why::Undetermined | Why::TooFew => self.code.clone(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct EngineInput {
    pub(super) name: String,
    /// As it was given.
    pub(super) raw: usize,
    /// As it counts.
    pub(super) column: usize,
    /// Where something was assumed.
    pub(super) assumed: Option<usize>,
    /// Whether what is chosen reads it.
    pub(super) is_used: bool,
}

#[derive(Debug, Clone)]
pub(super) struct EnginePart {
    pub(super) name: String,
    pub(super) column: usize,
}

#[derive(Debug, Clone)]
pub(super) struct EngineFlag {
    pub(super) code: String,
    pub(super) because: String,
    /// The flag is up where any of them is true.
    pub(super) columns: Vec<usize>,
}

/// What is wanted of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Values, reasons, classes, flags and parts.
    All,
    /// Values alone; what only the rest needs is not computed.
    Value,
}

/// Stages over numbered columns, and where the results stand.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    pub(super) program: Program,
    pub(super) stages: Vec<Stage>,
    pub(super) inputs: Vec<EngineInput>,
    pub(super) notes: Vec<Note>,
    pub(super) value: usize,
    pub(super) note: usize,
    pub(super) keeps_reasons: bool,
    pub(super) observed: Option<usize>,
    pub(super) class: Option<usize>,
    pub(super) parts: Vec<EnginePart>,
    pub(super) flags: Vec<EngineFlag>,
    pub(super) classes: Vec<String>,
}

/// An input's numbers, and how they become those of the rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) conversion: Conversion,
}

/// Where the results of a block go.
pub(super) struct Out<'a> {
    pub(super) value: &'a mut [f64],
    /// This and what follows is empty where it is not kept.
    pub(super) note: &'a mut [u8],
    pub(super) class: &'a mut [u8],
    pub(super) flags: &'a mut [u16],
    pub(super) observed: &'a mut [u8],
    /// Column by column.
    pub(super) parts: Vec<&'a mut [f64]>,
}

impl<'a> Out<'a> {
    /// For the values alone.
    pub(super) fn of(value: &'a mut [f64]) -> Self {
        Self { value, note: &mut [], class: &mut [], flags: &mut [], observed: &mut [], parts: Vec::new() }
    }

    /// The first `rows` rows, and the rest.
    pub(super) fn split_at(self, rows: usize) -> (Self, Self) {
        fn cut<T>(slice: &mut [T], rows: usize) -> (&mut [T], &mut [T]) {
            slice.split_at_mut(rows.min(slice.len()))
        }
        let (value, more_value) = cut(self.value, rows);
        let (note, more_note) = cut(self.note, rows);
        let (class, more_class) = cut(self.class, rows);
        let (flags, more_flags) = cut(self.flags, rows);
        let (observed, more_observed) = cut(self.observed, rows);
        let (mut parts, mut more_parts): (Vec<&'a mut [f64]>, Vec<&'a mut [f64]>) = (Vec::new(), Vec::new());
        for part in self.parts {
            let (first, second) = cut(part, rows);
            parts.push(first);
            more_parts.push(second);
        }
        (
            Self { value, note, class, flags, observed, parts },
            Self {
                value: more_value,
                note: more_note,
                class: more_class,
                flags: more_flags,
                observed: more_observed,
                parts: more_parts,
            },
        )
    }
}

impl Engine {
    /// Computes the persons of `rows`, in blocks.
    pub(super) fn run(&self, given: &[Option<Given<'_>>], rows: Range<usize>, out: Out<'_>) {
        let mut columns = Columns::default();
        let (mut from, mut rest) = (rows.start, out);
        while from < rows.end {
            let to = rows.end.min(from + BLOCK);
            let (block, more) = rest.split_at(to - from);
            self.block(given, from..to, &mut columns, block);
            (from, rest) = (to, more);
        }
    }

    /// Computes one block, of at most [`BLOCK`] persons; `columns` is room to work in, of any engine.
    pub(super) fn block(
        &self,
        given: &[Option<Given<'_>>],
        rows: Range<usize>,
        columns: &mut Columns,
        out: Out<'_>,
    ) {
        columns.fit(&self.program, rows.len());
        vectors::run(
            #[inline(always)]
            || self.compute(given, rows.clone(), columns),
        );
        self.write(columns, out);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn compute(&self, given: &[Option<Given<'_>>], rows: Range<usize>, columns: &mut Columns) {
        for (input, given) in self.inputs.iter().zip(given) {
            columns.fill(
                input.raw,
                #[inline(always)]
                |out, _| match given {
                    Some(Given { values, conversion }) => {
                        let values = values.get(rows.clone()).unwrap_or_default();
                        if conversion.is_same() {
                            out.copy_from_slice(values);
                        } else {
                            out.iter_mut().zip(values).for_each(|(out, x)| *out = conversion.apply(*x));
                        }
                    }
                    None => out.fill(f64::NAN),
                },
            );
        }
        for stage in &self.stages {
            stage.run(&self.program, columns);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small codes, kept as numbers"
    )]
    fn write(&self, columns: &Columns, out: Out<'_>) {
        out.value.copy_from_slice(columns.get(self.value));
        for (out, note) in out.note.iter_mut().zip(columns.get(self.note)) {
            *out = *note as u8;
        }
        if let Some(class) = self.class {
            for (out, class) in out.class.iter_mut().zip(columns.get(class)) {
                *out = if class.is_nan() { NO_CLASS } else { *class as u8 };
            }
        }
        out.flags.fill(0);
        for (at, flag) in self.flags.iter().enumerate() {
            for column in &flag.columns {
                for ((out, is_up), value) in
                    out.flags.iter_mut().zip(columns.get(*column)).zip(columns.get(self.value))
                {
                    let is_up = !is_up.is_nan() && *is_up != 0.0 && !value.is_nan();
                    *out |= u16::from(is_up) << at;
                }
            }
        }
        if let Some(observed) = self.observed {
            for (out, observed) in out.observed.iter_mut().zip(columns.get(observed)) {
                *out = *observed as u8;
            }
        }
        for (out, part) in out.parts.into_iter().zip(&self.parts) {
            out.copy_from_slice(columns.get(part.column));
        }
    }
}

pub(super) const NO_CLASS: u8 = u8::MAX;
