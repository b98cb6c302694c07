//! What a published score gives for every person.

use std::{fmt, sync::Arc};

#[cfg(feature = "parallel")]
use rayon::prelude::*;

use super::engine::{BLOCK, Engine, Given, NO_CLASS, Out, Why};
use crate::expression::program::Columns;

/// What a rule says of one person.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// A value.
    Value(f64),
    /// A needed input is missing.
    Missing {
        /// The input.
        input: &'a str,
    },
    /// An input lies outside of what the rule was made for.
    Outside {
        /// The input.
        input: &'a str,
        /// What it was made for.
        because: &'a str,
    },
    /// The rule was not made for this person.
    Refused {
        /// A short name for the reason; `age` for an age outside.
        code: &'a str,
        /// The reason, in words.
        because: &'a str,
    },
    /// A case the source leaves open.
    Undefined {
        /// The case, as the rule names it.
        case: &'a str,
        /// What it is, in words.
        because: &'a str,
    },
    /// What is missing could decide.
    Undetermined {
        /// In words.
        because: &'a str,
    },
    /// Fewer parts are there than needed.
    TooFew {
        /// How many are there.
        observed: usize,
    },
}

/// A published score of every row of a table.
///
/// `Debug` shows a shape, never a value.
#[derive(Clone)]
pub struct RuleScores {
    engine: Arc<Engine>,
    value: Vec<f64>,
    note: Vec<u8>,
    class: Vec<u8>,
    flags: Vec<u16>,
    observed: Vec<u8>,
    parts: Vec<Vec<f64>>,
}

impl RuleScores {
    pub(crate) fn of(engine: Arc<Engine>, given: &[Option<Given<'_>>], rows: usize) -> Self {
        let parts = engine.parts.len();
        let mut scores = Self {
            value: vec![0.0; rows],
            note: vec![0; rows],
            class: vec![NO_CLASS; rows],
            flags: vec![0; rows],
            observed: vec![0; rows],
            parts: vec![vec![0.0; rows]; parts],
            engine,
        };
        let out = Out {
            value: &mut scores.value,
            note: &mut scores.note,
            class: &mut scores.class,
            flags: &mut scores.flags,
            observed: &mut scores.observed,
            parts: scores.parts.iter_mut().map(Vec::as_mut_slice).collect(),
        };
        run(&scores.engine, given, 0..rows, out);
        scores
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.value.len()
    }

    /// The value of a row.
    pub fn value(&self, row: usize) -> Option<f64> {
        self.value.get(row).copied().filter(|value| !value.is_nan())
    }

    /// The values, NaN where there is none.
    pub fn values_or_nan(&self) -> &[f64] {
        &self.value
    }

    /// What the rule says of a row.
    pub fn outcome(&self, row: usize) -> Outcome<'_> {
        let Some(note) = self.note_at(row) else {
            return Outcome::Value(self.value(row).unwrap_or(f64::NAN));
        };
        let (code, because) = (note.code.as_str(), note.because.as_str());
        match note.why {
            Why::Missing => Outcome::Missing { input: code },
            Why::Outside => Outcome::Outside { input: code, because },
            Why::Refused => Outcome::Refused { code, because },
            Why::Case => Outcome::Undefined { case: code, because },
            Why::Undetermined => Outcome::Undetermined { because },
            Why::TooFew => Outcome::TooFew { observed: self.parts_observed(row) },
        }
    }

    fn note_at(&self, row: usize) -> Option<&super::engine::Note> {
        let code = self.note.get(row).copied().map_or(0, usize::from);
        self.engine.notes.get(code.checked_sub(1)?)
    }

    /// Why a row has no value, as it is written to files: `missing:hdl`, `age`, `case:underweight`.
    pub fn note(&self, row: usize) -> Option<String> {
        self.note_at(row).map(super::engine::Note::text)
    }

    /// Every reason that can be, as it is written to files, and what it means; and how many rows have it.
    pub fn notes(&self) -> impl Iterator<Item = (String, &str, usize)> {
        self.engine.notes.iter().zip(1..).map(|(note, code): (_, usize)| {
            let count = self.note.iter().filter(|found| usize::from(**found) == code).count();
            (note.text(), note.because.as_str(), count)
        })
    }

    /// The class of a row.
    pub fn class(&self, row: usize) -> Option<&str> {
        let class = self.class.get(row).copied().filter(|class| *class != NO_CLASS)?;
        self.engine.classes.get(usize::from(class)).map(String::as_str)
    }

    /// The classes, in the order of the rule.
    pub fn classes(&self) -> &[String] {
        &self.engine.classes
    }

    /// What is said beside the value of a row: codes.
    pub fn flags(&self, row: usize) -> impl Iterator<Item = &str> {
        let bits = self.flags.get(row).copied().unwrap_or(0);
        let is_up = move |at: &usize| bits >> at & 1 == 1;
        self.engine
            .flags
            .iter()
            .enumerate()
            .filter(move |(at, _)| is_up(at))
            .map(|(_, flag)| flag.code.as_str())
    }

    /// Every flag that can be, what it means, and how many rows carry it.
    pub fn flag_counts(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.engine.flags.iter().enumerate().map(|(at, flag)| {
            let count = self.flags.iter().filter(|bits| **bits >> at & 1 == 1).count();
            (flag.code.as_str(), flag.because.as_str(), count)
        })
    }

    /// The names of the parts.
    pub fn part_names(&self) -> impl Iterator<Item = &str> {
        self.engine.parts.iter().map(|part| part.name.as_str())
    }

    /// A part of a row: points of a component, or what a term adds to a linear predictor.
    pub fn part(&self, name: &str, row: usize) -> Option<f64> {
        let at = self.engine.parts.iter().position(|part| part.name == name)?;
        self.parts.get(at)?.get(row).copied().filter(|value| !value.is_nan())
    }

    /// Whether the score joins parts, so that it is worth saying how many there are.
    pub fn joins_parts(&self) -> bool {
        self.engine.observed.is_some()
    }

    /// How many parts of a row are there; 0 where a rule has no parts that are joined.
    pub fn parts_observed(&self, row: usize) -> usize {
        self.observed.get(row).copied().map_or(0, usize::from)
    }
}

/// The values alone, in blocks that are put together without filling their room with zeros first.
pub(super) fn values(engine: &Engine, given: &[Option<Given<'_>>], rows: usize) -> Vec<f64> {
    let block = |columns: &mut Columns, at: usize| {
        let mut values = [f64::NAN; BLOCK];
        let from = at * BLOCK;
        let rows = from..rows.min(from + BLOCK);
        if let Some(values) = values.get_mut(..rows.len()) {
            engine.block(given, rows, columns, Out::of(values));
        }
        values
    };
    #[cfg(feature = "parallel")]
    let blocks: Vec<_> = (0..rows.div_ceil(BLOCK))
        .into_par_iter()
        .with_min_len(SHARE / BLOCK)
        .map_init(Columns::default, block)
        .collect();
    #[cfg(not(feature = "parallel"))]
    let blocks: Vec<_> = {
        let mut columns = Columns::default();
        (0..rows.div_ceil(BLOCK)).map(|at| block(&mut columns, at)).collect()
    };
    let mut values = blocks.into_flattened();
    values.truncate(rows);
    values
}

/// Shows the shape, no value.
impl fmt::Debug for RuleScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scored = self.value.iter().filter(|value| !value.is_nan()).count();
        write!(f, "RuleScores({scored} of {} rows)", self.rows())
    }
}

/// Rows that a thread takes at least.
#[cfg(feature = "parallel")]
const SHARE: usize = 64 * BLOCK;

#[cfg(feature = "parallel")]
fn run(engine: &Engine, given: &[Option<Given<'_>>], rows: std::ops::Range<usize>, out: Out<'_>) {
    if rows.len() <= SHARE {
        return engine.run(given, rows, out);
    }
    // Halves at block boundaries; every row is on its own, so that the bits are the same wherever it is cut.
    let left = (rows.len() / BLOCK).div_ceil(2) * BLOCK;
    let (first, second) = out.split_at(left);
    let middle = rows.start + left;
    rayon::join(
        || run(engine, given, rows.start..middle, first),
        || run(engine, given, middle..rows.end, second),
    );
}

#[cfg(not(feature = "parallel"))]
fn run(engine: &Engine, given: &[Option<Given<'_>>], rows: std::ops::Range<usize>, out: Out<'_>) {
    engine.run(given, rows, out);
}
