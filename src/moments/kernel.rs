//! Sums of products of the columns of a block, a tile of columns at a time.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use pulp::Simd;

use crate::num::vectors::{OnLanes, on_lanes, total};

/// Rows of a block. Shorter ones are filled up with zeros, which add nothing.
pub(crate) const ROWS: usize = 512;

/// Columns of a tile: nine vectors of sums stay in registers.
const TILE: usize = 3;

/// Where the product of two columns stands in a packed lower triangle; `row` ≥ `column`.
pub(crate) fn at(row: usize, column: usize) -> usize {
    row * (row + 1) / 2 + column
}

/// Adds Σ xᵢ xⱼ of every pair of columns to the triangle; `block` holds [`ROWS`] cells a column, one after the other.
///
/// The order of the additions is fixed, four lanes of every fourth row, whatever the processor has.
pub(crate) fn add_products(block: &[f64], triangle: &mut [f64]) {
    on_lanes(Products { block, triangle });
}

/// Adds Σ x of every column.
pub(crate) fn add_sums(block: &[f64], sums: &mut [f64]) {
    on_lanes(Sums { block, sums });
}

/// Adds Σ x v of every column.
pub(crate) fn add_dots(block: &[f64], vector: &[f64], sums: &mut [f64]) {
    on_lanes(Dots { block, vector, sums });
}

/// Σ v v of a column.
pub(crate) fn square(vector: &[f64]) -> f64 {
    let mut sum = [0.0];
    add_dots(vector, vector, &mut sum);
    sum[0]
}

struct Products<'a> {
    block: &'a [f64],
    triangle: &'a mut [f64],
}

impl OnLanes for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let width = self.block.len() / ROWS;
        for left in (0..width).step_by(TILE) {
            for right in (0..=left).step_by(TILE) {
                let sums = tile(simd, columns(self.block, left), columns(self.block, right));
                for (row, sums) in (left..width).zip(sums) {
                    for (column, sum) in (right..=row).zip(sums) {
                        if let Some(cell) = self.triangle.get_mut(at(row, column)) {
                            *cell += sum;
                        }
                    }
                }
            }
        }
    }
}

struct Sums<'a> {
    block: &'a [f64],
    sums: &'a mut [f64],
}

impl OnLanes for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (sums, first) in self.sums.chunks_mut(TILE).zip((0..).step_by(TILE)) {
            let mut lanes = [simd.splat_f64s(0.0); TILE];
            let [a, b, c] = columns(self.block, first).map(|column| S::as_simd_f64s(column).0);
            for ((a, b), c) in a.iter().zip(b).zip(c) {
                for (lanes, x) in lanes.iter_mut().zip([a, b, c]) {
                    *lanes = simd.add_f64s(*lanes, *x);
                }
            }
            for (sum, lanes) in sums.iter_mut().zip(lanes) {
                *sum += total::<S>(lanes);
            }
        }
    }
}

struct Dots<'a> {
    block: &'a [f64],
    vector: &'a [f64],
    sums: &'a mut [f64],
}

impl OnLanes for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let vector = S::as_simd_f64s(self.vector).0;
        for (sums, first) in self.sums.chunks_mut(TILE).zip((0..).step_by(TILE)) {
            let mut lanes = [simd.splat_f64s(0.0); TILE];
            let [a, b, c] = columns(self.block, first).map(|column| S::as_simd_f64s(column).0);
            for (((a, b), c), v) in a.iter().zip(b).zip(c).zip(vector) {
                for (lanes, x) in lanes.iter_mut().zip([a, b, c]) {
                    *lanes = simd.add_f64s(*lanes, simd.mul_f64s(*x, *v));
                }
            }
            for (sum, lanes) in sums.iter_mut().zip(lanes) {
                *sum += total::<S>(lanes);
            }
        }
    }
}

/// The columns of a tile; beyond the last one, the last again, whose sums nobody takes.
#[inline(always)]
fn columns(block: &[f64], first: usize) -> [&[f64]; TILE] {
    let last = (block.len() / ROWS).saturating_sub(1);
    [0, 1, 2].map(|k| {
        let from = (first + k).min(last) * ROWS;
        block.get(from..from + ROWS).unwrap_or_default()
    })
}

#[inline(always)]
fn tile<S: Simd>(simd: S, left: [&[f64]; TILE], right: [&[f64]; TILE]) -> [[f64; TILE]; TILE] {
    let mut sums = [[simd.splat_f64s(0.0); TILE]; TILE];
    let [l0, l1, l2] = left.map(|column| S::as_simd_f64s(column).0);
    let [r0, r1, r2] = right.map(|column| S::as_simd_f64s(column).0);
    let pairs = l0.iter().zip(l1).zip(l2).zip(r0.iter().zip(r1).zip(r2));
    for (((a0, a1), a2), ((b0, b1), b2)) in pairs {
        for (row, a) in sums.iter_mut().zip([a0, a1, a2]) {
            for (sum, b) in row.iter_mut().zip([b0, b1, b2]) {
                *sum = simd.add_f64s(*sum, simd.mul_f64s(*a, *b));
            }
        }
    }
    sums.map(|row| row.map(total::<S>))
}
