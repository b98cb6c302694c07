//! The same as bytes: small whole codes and points, added up in 16 bits.
//!
//! Sums of whole numbers are exact either way, so the scores are those of [`super::straight`], to the last bit.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use std::ops::Range;

use super::{Join, straight::Straight};
use crate::{
    cohort::Codes,
    definition::instrument::key::{ItemAggregate, Line},
};

/// The same for codes in bytes, where no sum can leave 16 bits: whole numbers add up to the same score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Small {
    pub(super) item: usize,
    pub(super) times: i16,
    pub(super) plus: i16,
}

impl Small {
    /// None where a number is not whole, or could grow too large.
    pub(super) fn of(terms: &[Straight]) -> Option<Vec<Self>> {
        let whole = |x: f64| (-1e4..=1e4).contains(&x).then_some(x).filter(|x| *x == x.trunc());
        let mut reach = 0.0;
        let mut found = Vec::new();
        for term in terms {
            let (times, plus) = (whole(term.times)?, whole(term.plus)?);
            reach += plus.abs() + times.abs() * f64::from(Codes::MISSING);
            #[expect(clippy::cast_possible_truncation, reason = "whole numbers within ±10⁴")]
            found.push(Self { item: term.item, times: times as i16, plus: plus as i16 });
        }
        (reach <= f64::from(i16::MAX)).then_some(found)
    }

    /// The points of an answer, and 1 for it; 0 and 0 without one.
    #[inline(always)]
    fn counts(self, code: u8) -> (i16, u8) {
        let points = self.plus.wrapping_add(self.times.wrapping_mul(i16::from(code)));
        if code == Codes::MISSING { (0, 0) } else { (points, 1) }
    }
}

impl Join {
    /// From whole sums to scores on the line, by the same formulas.
    #[inline(always)]
    pub(super) fn finish_small(self, out: &mut [f64], sums: &[i16], answered: &[u8], line: Line) {
        let is_mean = self.aggregate == ItemAggregate::Mean;
        if self.needed >= self.all {
            // Complete or nothing: the division is by the same number for everybody.
            let over = if is_mean { self.all } else { 1.0 };
            for ((score, sum), n) in out.iter_mut().zip(sums).zip(answered) {
                let joined = line.at(f64::from(*sum) / over);
                *score = if f64::from(*n) < self.all { f64::NAN } else { joined };
            }
            return;
        }
        for ((score, sum), n) in out.iter_mut().zip(sums).zip(answered) {
            let (sum, n) = (f64::from(*sum), f64::from(*n));
            let joined = match self.aggregate {
                ItemAggregate::Mean => sum / n,
                ItemAggregate::Sum if n == self.all => sum,
                ItemAggregate::Sum => sum * self.weight / n,
            };
            *score = if n < self.needed { f64::NAN } else { line.at(joined) };
        }
    }
}

/// Adds up points and counts answers, four items a pass.
#[inline(always)]
pub(super) fn add_small(
    terms: &[Small],
    columns: &[Codes],
    rows: &Range<usize>,
    sums: &mut [i16],
    answered: &mut [u8],
) {
    let column = |term: &Small| columns.get(term.item)?.bytes()?.get(rows.clone());
    let mut fours = terms.chunks_exact(4);
    for four in &mut fours {
        let &[a, b, c, d] = four else { continue };
        let (Some(x), Some(y), Some(z), Some(w)) = (column(&a), column(&b), column(&c), column(&d)) else {
            continue;
        };
        let answers = x.iter().zip(y).zip(z.iter().zip(w));
        for ((sum, count), ((x, y), (z, w))) in sums.iter_mut().zip(answered.iter_mut()).zip(answers) {
            let ((px, nx), (py, ny)) = (a.counts(*x), b.counts(*y));
            let ((pz, nz), (pw, nw)) = (c.counts(*z), d.counts(*w));
            *sum = sum.wrapping_add(px.wrapping_add(py).wrapping_add(pz.wrapping_add(pw)));
            *count = count.wrapping_add(nx.wrapping_add(ny).wrapping_add(nz.wrapping_add(nw)));
        }
    }
    for term in fours.remainder() {
        let Some(answers) = column(term) else { continue };
        // By value: through a reference it would be read again for every person.
        let term = *term;
        for ((sum, count), code) in sums.iter_mut().zip(answered.iter_mut()).zip(answers) {
            let (points, known) = term.counts(*code);
            *sum = sum.wrapping_add(points);
            *count = count.wrapping_add(known);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{
        cohort::Codes,
        definition::catalogue,
        error::Result,
        scale::kernel::{Kernel, Scratch},
    };

    /// Every scale of the catalogue, over 1,000 persons of whom some answered little: the same bits as numbers and as bytes.
    #[test]
    fn bytes_and_numbers_give_the_same_bits() -> Result<()> {
        let mut state: u64 = 3;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31)
        };
        let mut small = 0;
        for id in catalogue::INSTRUMENT_SHELF.ids() {
            let key = catalogue::instrument_key(id)?;
            let columns: Vec<Arc<[f64]>> = key
                .items
                .iter()
                .map(|item| {
                    let [low, high] = item.ends();
                    let codes = item.codes().unwrap_or_else(|| vec![low, high]);
                    // One in as many codes is each, and the rest of the draws are missing.
                    let mut answer = || {
                        let drawn = 1.2 * next() * codes.len() as f64;
                        let found = (0..).zip(&codes).find(|(at, _)| drawn < f64::from(*at) + 1.0);
                        found.map_or(f64::NAN, |(_, code)| *code)
                    };
                    (0..1000).map(|_| answer()).collect()
                })
                .collect();
            let bytes: Vec<Codes> = columns.iter().map(|column| Codes::new(column.clone())).collect();
            let numbers: Vec<Codes> = columns.into_iter().map(Codes::numbers_alone).collect();
            small += bytes.iter().filter(|codes| codes.bytes().is_some()).count();
            for at in 0..key.scales.len() {
                let Some(kernel) = Kernel::new(&key, at) else { continue };
                let score = |columns: &[Codes]| {
                    let (mut values, mut answered) = (vec![0.0; 1000], vec![0; 1000]);
                    kernel.score(columns, &(0..1000), &mut values, &mut answered, &mut Scratch::default());
                    (values.iter().map(|x| x.to_bits()).collect::<Vec<u64>>(), answered)
                };
                assert_eq!(score(&bytes), score(&numbers), "{id}, scale {at}");
            }
        }
        assert!(small > 200, "{small} items in bytes");
        Ok(())
    }
}
