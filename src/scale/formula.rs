//! Scores a scale that an expression says, for a block of persons.

use std::ops::Range;

use super::kernel::{Kernel, ROWS, Scratch};
use crate::{
    cohort::Codes,
    definition::{
        instrument::key::{InstrumentKey, ItemMissing, Scale},
        parts,
    },
    expression::program::{Meaning, Program},
    num::vectors,
};

/// An expression over items and scales, compiled.
#[derive(Debug, Clone)]
pub(super) struct Formula {
    program: Program,
    /// Which item is which column.
    items: Vec<(usize, usize)>,
    /// Which scale is which column.
    scales: Vec<(Kernel, usize)>,
    score: Meaning,
    refuse: Vec<Meaning>,
    /// How many answers are needed: all, or none where the formula says what becomes of missing ones.
    needed: f64,
    /// Which columns of the scratch are its own.
    slot: usize,
}

impl Formula {
    /// None where an expression cannot be compiled, which is a fault when the key is read.
    pub(super) fn new(
        key: &InstrumentKey,
        scale: &Scale,
        from: &parts::Formula,
        refuse: &[parts::Formula],
        formulas: &mut usize,
    ) -> Option<Self> {
        let slot = *formulas;
        *formulas += 1;
        let mut program = Program::default();
        let mut items = Vec::new();
        for (at, item) in key.items.iter().enumerate().filter(|(at, _)| scale.items.contains(at)) {
            let column = program.column();
            program.name(&item.id, Meaning::Column(column));
            items.push((at, column));
        }
        let mut scales = Vec::new();
        for (at, other) in key.scales.iter().enumerate().take_while(|(_, other)| other.id != scale.id) {
            if reads(key, from, refuse, &other.id) {
                let column = program.column();
                program.name(&other.id, Meaning::Column(column));
                scales.push((Kernel::numbered(key, at, formulas)?, column));
            }
        }
        for (name, formula) in &key.lets {
            if reads(key, from, refuse, name) {
                let meaning = program.compile(&formula.expression).ok()?;
                program.name(name, meaning);
            }
        }
        let score = program.compile(&from.expression).ok()?;
        let refuse = refuse.iter().map(|one| program.compile(&one.expression).ok()).collect::<Option<_>>()?;
        let needed = if scale.missing == ItemMissing::Formula { 0.0 } else { scale.items.len() as f64 };
        Some(Self { program, items, scales, score, refuse, needed, slot })
    }

    pub(super) fn reads_proratable(&self) -> bool {
        self.scales.iter().any(|(kernel, _)| kernel.is_proratable())
    }

    /// At most [`ROWS`] rows; `count` is how many items are answered.
    pub(super) fn block(
        &self,
        columns: &[Codes],
        rows: &Range<usize>,
        out: &mut [f64],
        count: &[f64],
        scratch: &mut Scratch,
    ) {
        // Its own columns are taken out while the scales it reads use theirs.
        let mut own = scratch.take(self.slot);
        own.fit(&self.program, rows.len());
        for (item, column) in &self.items {
            own.fill(*column, |to, _| {
                if let Some(from) = columns.get(*item).and_then(|column| column.get(rows.clone())) {
                    to.copy_from_slice(from);
                }
            });
        }
        let mut unused = [0.0; ROWS];
        for (kernel, column) in &self.scales {
            own.fill(*column, |to, _| {
                if let Some(unused) = unused.get_mut(..to.len()) {
                    kernel.block(columns, rows, to, unused, scratch);
                }
            });
        }
        vectors::run(
            #[inline(always)]
            || self.program.run(0..self.program.len(), &mut own),
        );
        let number = |meaning: &Meaning, row: usize| match meaning {
            Meaning::Number(number) => *number,
            Meaning::Text(_) => f64::NAN,
            Meaning::Column(column) => own.get(*column).get(row).copied().unwrap_or(f64::NAN),
        };
        for (row, (score, count)) in out.iter_mut().zip(count).enumerate() {
            let is_refused = self.refuse.iter().any(|one| {
                let truth = number(one, row);
                !truth.is_nan() && truth != 0.0
            });
            let is_short = *count < self.needed;
            *score = if is_refused || is_short { f64::NAN } else { number(&self.score, row) };
        }
        scratch.put(self.slot, own);
    }
}

/// Whether a formula reads a name, itself or through the `let` expressions it reads.
fn reads(key: &InstrumentKey, from: &parts::Formula, refuse: &[parts::Formula], name: &str) -> bool {
    let mut open: Vec<&str> =
        [from].into_iter().chain(refuse).flat_map(|formula| formula.expression.names()).collect();
    let mut seen: Vec<&str> = Vec::new();
    while let Some(next) = open.pop() {
        if next == name {
            return true;
        }
        if seen.contains(&next) {
            continue;
        }
        seen.push(next);
        if let Some((_, formula)) = key.lets.iter().find(|(known, _)| known == next) {
            open.extend(formula.expression.names());
        }
    }
    false
}
