//! Scores one scale for a block of persons.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use std::ops::Range;

mod small;
mod straight;

use small::{Small, add_small};
use straight::{Straight, add_straight, add_weights, to_bytes};

use super::formula::Formula;
use crate::{
    cohort::Codes,
    definition::instrument::key::{Cutting, InstrumentKey, ItemAggregate, ItemMissing, Line, Scale, Way},
    expression::program::Columns,
    num::vectors,
};

/// Persons scored together: a column of them, and what is summed up of them, stay in the nearest cache.
pub(super) const ROWS: usize = 256;

/// A scale ready to score.
#[derive(Debug, Clone)]
pub(crate) struct Kernel {
    /// Every item behind the score.
    read: Vec<usize>,
    is_proratable: bool,
    way: Run,
    line: Line,
    cutting: Cutting,
}

#[derive(Debug, Clone)]
enum Run {
    /// Answers that count on a straight line, as nearly all do.
    Straight {
        terms: Vec<Straight>,
        small: Option<Vec<Small>>,
        join: Join,
    },
    /// Answers counted by a table, or excused by other answers.
    Counted {
        terms: Vec<Counted>,
        skips: Vec<Vec<Straight>>,
        join: Join,
    },
    Scales {
        parts: Vec<(Kernel, f64)>,
        join: Join,
    },
    Formula(Box<Formula>),
}

#[derive(Debug, Clone)]
struct Counted {
    straight: Straight,
    /// What each code counts; empty where that is a straight line.
    points: Vec<[f64; 2]>,
    /// The skips that excuse it.
    excuses: Vec<usize>,
}

/// How terms become one number.
#[derive(Debug, Clone, Copy)]
struct Join {
    aggregate: ItemAggregate,
    /// How many have to be there.
    needed: f64,
    all: f64,
    /// The sum of the weights.
    weight: f64,
    /// Whether all weights are 1.
    is_even: bool,
}

/// What formulas need to run; allocated when first used.
#[derive(Debug, Default)]
pub(crate) struct Scratch(Vec<Columns>);

impl Scratch {
    /// Takes out the columns of the formula with this number, to be put back.
    pub(super) fn take(&mut self, slot: usize) -> Columns {
        self.0.get_mut(slot).map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn put(&mut self, slot: usize, columns: Columns) {
        if self.0.len() <= slot {
            self.0.resize_with(slot + 1, Columns::default);
        }
        if let Some(place) = self.0.get_mut(slot) {
            *place = columns;
        }
    }
}

impl Kernel {
    /// The scale at position `at` of a key.
    pub(crate) fn new(key: &InstrumentKey, at: usize) -> Option<Self> {
        Self::numbered(key, at, &mut 0)
    }

    /// `formulas` counts the formulas so far: each has columns of its own.
    pub(super) fn numbered(key: &InstrumentKey, at: usize, formulas: &mut usize) -> Option<Self> {
        Self::of(key, key.scales.get(at)?, formulas)
    }

    /// The points of one item, reversed and weighted as a scale has it.
    pub(super) fn of_item(key: &InstrumentKey, item: usize, reversed: bool, weight: f64) -> Self {
        let join = Join::new(ItemMissing::Complete, ItemAggregate::Sum, &[weight]);
        let way = items_of(key, &[item], &[reversed], &[weight], join);
        Self { read: vec![item], is_proratable: false, way, line: Line::SAME, cutting: Cutting::None }
    }

    /// A scale over the items of a key.
    pub(super) fn of(key: &InstrumentKey, scale: &Scale, formulas: &mut usize) -> Option<Self> {
        let way = match &scale.way {
            Way::Items { reversed, weights, aggregate } => {
                items_of(key, &scale.items, reversed, weights, Join::new(scale.missing, *aggregate, weights))
            }
            Way::Scales { of, weights, aggregate } => {
                let parts = of.iter().zip(weights);
                let parts: Vec<(Self, f64)> = parts
                    .map(|(at, weight)| Some((Self::numbered(key, *at, formulas)?, *weight)))
                    .collect::<Option<_>>()?;
                Run::Scales { parts, join: Join::new(scale.missing, *aggregate, weights) }
            }
            Way::Formula { from, refuse } => {
                Run::Formula(Box::new(Formula::new(key, scale, from, refuse, formulas)?))
            }
        };
        let is_short = matches!(scale.missing, ItemMissing::AtLeast(_) | ItemMissing::Prorate(_));
        let is_proratable = is_short
            || match &way {
                Run::Scales { parts, .. } => parts.iter().any(|(part, _)| part.is_proratable),
                Run::Formula(formula) => formula.reads_proratable(),
                Run::Straight { .. } | Run::Counted { .. } => false,
            };
        let (read, line, cutting) = (scale.items.clone(), scale.line, scale.cutting.clone());
        Some(Self { read, is_proratable, way, line, cutting })
    }

    /// **Formula** the sum or mean of the answered items' points, on the published line, cut or looked up as published;
    /// a sum that is not complete is the mean of what is there times the number of items. A complete sum is not taken
    /// through the mean, so that it is the published one to the last digit.
    ///
    /// **Missing data.** NaN where too little is answered; `answered` counts the answers all the same.
    pub(crate) fn score(
        &self,
        columns: &[Codes],
        rows: &Range<usize>,
        out: &mut [f64],
        answered: &mut [u8],
        scratch: &mut Scratch,
    ) {
        let mut from = rows.start;
        for (out, answered) in out.chunks_mut(ROWS).zip(answered.chunks_mut(ROWS)) {
            let block = from..from + out.len();
            let mut count = [0.0; ROWS];
            if !self.block_of_bytes(columns, &block, out, answered)
                && let Some(count) = count.get_mut(..out.len())
            {
                self.block(columns, &block, out, count, scratch);
                vectors::run(
                    #[inline(always)]
                    || to_bytes(count, answered),
                );
            }
            from = block.end;
        }
    }

    /// Whether a score may stand for items that were not answered, of its own or of a scale it is made of.
    pub(crate) fn is_proratable(&self) -> bool {
        self.is_proratable
    }

    /// From answers to what stands behind a score: all items, where one that was not asked is not missing.
    pub(crate) fn settle_answered(&self, answered: &mut [u8]) {
        if !self.is_proratable {
            answered.fill(u8::try_from(self.read.len()).unwrap_or(u8::MAX));
        }
    }

    /// At most [`ROWS`] rows; `count` becomes how many items are answered.
    pub(super) fn block(
        &self,
        columns: &[Codes],
        rows: &Range<usize>,
        out: &mut [f64],
        count: &mut [f64],
        scratch: &mut Scratch,
    ) {
        let line = self.line;
        match &self.way {
            Run::Straight { terms, join, .. } => vectors::run(
                #[inline(always)]
                || {
                    add_straight(terms, columns, rows, out, count);
                    let mut weight = [0.0; ROWS];
                    if !join.is_even {
                        add_weights(terms, columns, rows, &mut weight);
                    }
                    join.finish(out, count, &weight, line);
                },
            ),
            Run::Counted { terms, skips, join } => {
                self.counted(terms, skips, *join, columns, rows, out, count);
            }
            Run::Scales { parts, join } => {
                self.scales(parts, *join, columns, rows, out, count, scratch);
            }
            Run::Formula(formula) => {
                self.count_answers(columns, rows, count);
                formula.block(columns, rows, out, count, scratch);
                for score in out.iter_mut() {
                    *score = line.at(*score);
                }
            }
        }
        self.cut(out);
    }

    /// The same where all answers are in bytes, and their points whole and small; whether that is so.
    fn block_of_bytes(
        &self,
        columns: &[Codes],
        rows: &Range<usize>,
        out: &mut [f64],
        answered: &mut [u8],
    ) -> bool {
        let Run::Straight { small: Some(terms), join, .. } = &self.way else { return false };
        if terms.iter().any(|term| columns.get(term.item).and_then(Codes::bytes).is_none()) {
            return false;
        }
        vectors::run(
            #[inline(always)]
            || {
                let mut sums = [0; ROWS];
                let Some(sums) = sums.get_mut(..out.len()) else { return };
                answered.fill(0);
                add_small(terms, columns, rows, sums, answered);
                join.finish_small(out, sums, answered, self.line);
            },
        );
        self.cut(out);
        true
    }

    fn count_answers(&self, columns: &[Codes], rows: &Range<usize>, count: &mut [f64]) {
        count.fill(0.0);
        for item in &self.read {
            let Some(column) = columns.get(*item).and_then(|column| column.get(rows.clone())) else {
                continue;
            };
            for (count, value) in count.iter_mut().zip(column) {
                *count += if value.is_nan() { 0.0 } else { 1.0 };
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a part of `block`")]
    fn counted(
        &self,
        terms: &[Counted],
        skips: &[Vec<Straight>],
        join: Join,
        columns: &[Codes],
        rows: &Range<usize>,
        out: &mut [f64],
        count: &mut [f64],
    ) {
        // Where a skip holds, all that it asks about are answered and count 0.
        let excused: Vec<[bool; ROWS]> = skips
            .iter()
            .map(|when| {
                let mut holds = [true; ROWS];
                for term in when {
                    let column = columns.get(term.item).and_then(|column| column.get(rows.clone()));
                    for (holds, value) in holds.iter_mut().zip(column.unwrap_or_default()) {
                        *holds &= term.plus + term.times * value == 0.0;
                    }
                }
                holds
            })
            .collect();
        out.fill(0.0);
        count.fill(0.0);
        let (mut there, mut weight) = ([0.0; ROWS], [0.0; ROWS]);
        for term in terms {
            let Some(column) = columns.get(term.straight.item).and_then(|column| column.get(rows.clone()))
            else {
                continue;
            };
            let Straight { times, plus, weight: own, .. } = term.straight;
            let people =
                out.iter_mut().zip(count.iter_mut()).zip(there.iter_mut().zip(&mut weight)).zip(column);
            for (row, (((sum, count), (there, weight)), code)) in people.enumerate() {
                let known = !code.is_nan();
                let is_excused =
                    term.excuses.iter().any(|at| excused.get(*at).is_some_and(|e| e.get(row) == Some(&true)));
                let points = if term.points.is_empty() {
                    plus + times * code
                } else {
                    let found = term.points.iter().find(|[known, _]| known == code);
                    found.map_or(0.0, |[_, points]| *points)
                };
                *sum += if known { points } else { 0.0 };
                *count += f64::from(u8::from(known));
                *there += f64::from(u8::from(known || is_excused));
                *weight += if known || is_excused { own } else { 0.0 };
            }
        }
        let len = out.len();
        join.finish(out, there.get(..len).unwrap_or_default(), &weight, self.line);
    }

    #[expect(clippy::too_many_arguments, reason = "a part of `block`")]
    fn scales(
        &self,
        parts: &[(Self, f64)],
        join: Join,
        columns: &[Codes],
        rows: &Range<usize>,
        out: &mut [f64],
        count: &mut [f64],
        scratch: &mut Scratch,
    ) {
        out.fill(0.0);
        let (mut there, mut weight) = ([0.0; ROWS], [0.0; ROWS]);
        let mut part = [0.0; ROWS];
        for (kernel, own) in parts {
            let Some(part) = part.get_mut(..out.len()) else { return };
            kernel.block(columns, rows, part, count, scratch);
            for (((sum, score), there), weight) in
                out.iter_mut().zip(part.iter()).zip(&mut there).zip(&mut weight)
            {
                let known = !score.is_nan();
                *sum += if known { own * score } else { 0.0 };
                *there += if known { 1.0 } else { 0.0 };
                *weight += if known { *own } else { 0.0 };
            }
        }
        self.count_answers(columns, rows, count);
        let len = out.len();
        join.finish(out, there.get(..len).unwrap_or_default(), &weight, self.line);
    }

    fn cut(&self, out: &mut [f64]) {
        match &self.cutting {
            Cutting::None => {}
            Cutting::Bins { at, points } => {
                let (first, rest) = points.split_first().map_or((f64::NAN, &[][..]), |(f, rest)| (*f, rest));
                for score in out {
                    let x = *score;
                    let mut binned = if x.is_nan() { x } else { first };
                    for (at, points) in at.iter().zip(rest) {
                        binned = if x >= *at { *points } else { binned };
                    }
                    *score = binned;
                }
            }
            Cutting::Table { first, scores } => {
                for score in out {
                    let place = *score - first;
                    let found = if place >= 0.0 && place == place.trunc() {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "a whole number from 0; one beyond the table is not found"
                        )]
                        scores.get(place as usize)
                    } else {
                        None
                    };
                    *score = found.copied().unwrap_or(f64::NAN);
                }
            }
        }
    }
}

fn items_of(key: &InstrumentKey, items: &[usize], reversed: &[bool], weights: &[f64], join: Join) -> Run {
    let mut straight = Vec::new();
    let mut counted = Vec::new();
    let mut is_plain = true;
    for ((at, reversed), weight) in items.iter().zip(reversed).zip(weights) {
        let Some(item) = key.items.get(*at) else { continue };
        let excuses: Vec<usize> =
            (0..).zip(&key.skips).filter(|(_, skip)| skip.items.contains(at)).map(|(skip, _)| skip).collect();
        let line = Straight::of(item, *at, *weight, *reversed);
        is_plain &= line.is_some() && excuses.is_empty();
        let [low, high] = item.reach();
        let points = match line {
            Some(_) => Vec::new(),
            None => {
                let of = |points: f64| if *reversed { low + high - points } else { points };
                item.points.iter().map(|[code, points]| [*code, weight * of(*points)]).collect()
            }
        };
        let own = line.unwrap_or(Straight { item: *at, times: 0.0, plus: 0.0, weight: *weight });
        straight.push(own);
        counted.push(Counted { straight: own, points, excuses });
    }
    if is_plain {
        let small = join.is_even.then(|| Small::of(&straight)).flatten();
        return Run::Straight { terms: straight, small, join };
    }
    let skips = key
        .skips
        .iter()
        .map(|skip| {
            let zero = |at: &usize| {
                let item = key.items.get(*at)?;
                Straight::of(item, *at, 1.0, false)
            };
            skip.when_zero.iter().filter_map(zero).collect()
        })
        .collect();
    Run::Counted { terms: counted, skips, join }
}

impl Join {
    fn new(missing: ItemMissing, aggregate: ItemAggregate, weights: &[f64]) -> Self {
        let all = weights.len() as f64;
        let needed = match missing {
            ItemMissing::Complete | ItemMissing::Formula => all,
            ItemMissing::AtLeast(n) | ItemMissing::Prorate(n) => n as f64,
        };
        let is_even = weights.iter().all(|weight| *weight == 1.0);
        Self { aggregate, needed, all, weight: weights.iter().sum(), is_even }
    }

    /// From the sums to scores on the line; `there` is how many terms are there, `weight` the sum of their weights.
    #[inline(always)]
    fn finish(self, out: &mut [f64], there: &[f64], weight: &[f64], line: Line) {
        let weight = if self.is_even { there } else { weight };
        for ((score, there), weight) in out.iter_mut().zip(there).zip(weight) {
            let sum = *score;
            let joined = match self.aggregate {
                ItemAggregate::Mean => sum / weight,
                ItemAggregate::Sum if *there == self.all => sum,
                ItemAggregate::Sum => sum * self.weight / weight,
            };
            *score = if *there < self.needed { f64::NAN } else { line.at(joined) };
        }
    }
}
