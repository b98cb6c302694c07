//! Answers that count on a straight line, as numbers.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use std::ops::Range;

use crate::{cohort::Codes, definition::instrument::key::Item};

/// `plus + times × answer` of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Straight {
    pub(super) item: usize,
    pub(super) times: f64,
    pub(super) plus: f64,
    pub(super) weight: f64,
}

impl Straight {
    /// The points of an item, on a straight line of its code; none where they are not on one.
    pub(super) fn of(item: &Item, at: usize, weight: f64, reversed: bool) -> Option<Self> {
        let [low, high] = item.reach();
        let (times, plus) = match item.points.as_slice() {
            [] => (1.0, 0.0),
            [first, .., last] => {
                let times = (last[1] - first[1]) / (last[0] - first[0]);
                let plus = first[1] - times * first[0];
                if item.points.iter().any(|[code, points]| plus + times * code != *points) {
                    return None;
                }
                (times, plus)
            }
            [_] => return None,
        };
        let (times, plus) = if reversed { (-times, low + high - plus) } else { (times, plus) };
        Some(Self { item: at, times: weight * times, plus: weight * plus, weight })
    }
}

/// Counts of at most 255 as bytes: beside 2⁵² they stand in the lowest bits.
#[inline(always)]
pub(super) fn to_bytes(counts: &[f64], bytes: &mut [u8]) {
    for (byte, count) in bytes.iter_mut().zip(counts) {
        *byte = ((count + 4_503_599_627_370_496.0).to_bits() & 0xff) as u8;
    }
}

/// Adds up points and counts answers, four items a pass.
#[inline(always)]
pub(super) fn add_straight(
    terms: &[Straight],
    columns: &[Codes],
    rows: &Range<usize>,
    out: &mut [f64],
    count: &mut [f64],
) {
    out.fill(0.0);
    count.fill(0.0);
    let column = |term: &Straight| columns.get(term.item).and_then(|column| column.get(rows.clone()));
    let mut fours = terms.chunks_exact(4);
    for four in &mut fours {
        let &[a, b, c, d] = four else { continue };
        let (Some(x), Some(y), Some(z), Some(w)) = (column(&a), column(&b), column(&c), column(&d)) else {
            continue;
        };
        let answers = x.iter().zip(y).zip(z.iter().zip(w));
        for ((sum, count), ((x, y), (z, w))) in out.iter_mut().zip(count.iter_mut()).zip(answers) {
            let ((px, nx), (py, ny)) = (a.counts(*x), b.counts(*y));
            let ((pz, nz), (pw, nw)) = (c.counts(*z), d.counts(*w));
            *sum = *sum + px + py + pz + pw;
            *count += (nx + ny) + (nz + nw);
        }
    }
    for term in fours.remainder() {
        let Some(answers) = column(term) else { continue };
        // By value: through a reference it would be read again for every person.
        let term = *term;
        for ((sum, count), x) in out.iter_mut().zip(count.iter_mut()).zip(answers) {
            let (points, known) = term.counts(*x);
            *sum += points;
            *count += known;
        }
    }
}

impl Straight {
    /// The points of an answer, and 1 for it; 0 and 0 without one.
    #[inline(always)]
    fn counts(self, answer: f64) -> (f64, f64) {
        let points = self.plus + self.times * answer;
        if answer.is_nan() { (0.0, 0.0) } else { (points, 1.0) }
    }
}

#[inline(always)]
pub(super) fn add_weights(terms: &[Straight], columns: &[Codes], rows: &Range<usize>, weight: &mut [f64]) {
    for term in terms {
        let Some(column) = columns.get(term.item).and_then(|column| column.get(rows.clone())) else {
            continue;
        };
        for (weight, value) in weight.iter_mut().zip(column) {
            *weight += if value.is_nan() { 0.0 } else { term.weight };
        }
    }
}
