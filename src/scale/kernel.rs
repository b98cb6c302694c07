//! Scores one scale for a block of persons.

use std::{ops::Range, sync::Arc};

use crate::definition::parts::{ItemAggregate, ItemMissing, Scale};

/// A scale ready to score: for each item, its column and whether it is reversed.
#[derive(Debug, Clone)]
pub(crate) struct Kernel {
    items: Vec<(usize, bool)>,
    /// Lowest plus highest code: a reversed answer is this minus the answer.
    ends: f64,
    aggregate: ItemAggregate,
    multiply: f64,
    needed: u8,
}

impl Kernel {
    pub(crate) fn new(scale: &Scale, lowest: f64, highest: f64) -> Self {
        let count = scale.items.len();
        let needed = match scale.missing {
            ItemMissing::Complete => count,
            ItemMissing::AtLeast(n) | ItemMissing::Prorate(n) => n,
        };
        Self {
            items: scale.items.iter().copied().zip(scale.reversed.iter().copied()).collect(),
            ends: lowest + highest,
            aggregate: scale.aggregate,
            multiply: scale.multiply,
            needed: u8::try_from(needed).unwrap_or(u8::MAX),
        }
    }

    /// How many items the scale has.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// **Formula** the mean of the answered items, for a sum times the number of items, times the published
    /// factor; a complete sum is not taken through the mean, so that it is the published one to the last digit.
    ///
    /// **Missing data.** NaN where fewer than the needed items are answered; `answered` counts them all the same.
    pub(crate) fn score(
        &self,
        columns: &[Arc<[f64]>],
        rows: &Range<usize>,
        out: &mut [f64],
        answered: &mut [u8],
    ) {
        out.fill(0.0);
        answered.fill(0);
        for (item, reversed) in &self.items {
            let Some(column) = columns.get(*item).and_then(|column| column.get(rows.clone())) else {
                continue;
            };
            let (times, plus) = if *reversed { (-1.0, self.ends) } else { (1.0, 0.0) };
            for ((sum, count), value) in out.iter_mut().zip(answered.iter_mut()).zip(column) {
                let known = !value.is_nan();
                *sum += if known { plus + times * value } else { 0.0 };
                *count += u8::from(known);
            }
        }
        let all = self.items.len() as f64;
        for (score, count) in out.iter_mut().zip(answered.iter()) {
            let n = f64::from(*count);
            *score = match self.aggregate {
                _ if *count < self.needed => f64::NAN,
                ItemAggregate::Mean => *score * self.multiply / n,
                ItemAggregate::Sum if n == all => *score * self.multiply,
                ItemAggregate::Sum => *score * all * self.multiply / n,
            };
        }
    }
}
