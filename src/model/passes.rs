//! The passes over the rows: moments, the gradient of a refinement, and what needs residuals.

use std::ops::Range;

use super::{
    Covariance,
    design::{Coefficient, Design},
    leaves::{blocks, reduce},
};
use crate::{
    moments::{
        Moments,
        extended::Extended,
        kernel::{self, ROWS},
    },
    num::{cholesky::Cholesky, double::Double},
};

/// The moments of the columns of the design and, last, of the outcome.
pub(super) fn moments(design: &Design<'_>, shift: &[f64]) -> Moments {
    let width = design.columns.len() + 1;
    let leaf = |rows: Range<usize>| {
        let mut own = Moments::about(shift.to_vec());
        let mut block = vec![0.0; width * ROWS];
        for rows in blocks(rows) {
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    for ((cells, column), shift) in
                        block.chunks_exact_mut(ROWS).zip(&design.columns).zip(shift)
                    {
                        design.write(*column, rows.clone(), *shift, 1.0, cells);
                    }
                    if let (Some(cells), Some(shift)) = (block.chunks_exact_mut(ROWS).last(), shift.last()) {
                        design.write_outcome(rows.clone(), *shift, cells);
                    }
                },
            );
            own.add_block(&block, design.count(rows));
        }
        own
    };
    let merge = |mut first: Moments, second: Moments| {
        // Both are about `shift`.
        let _ = first.merge(&second);
        first
    };
    reduce(design.rows, &leaf, &merge)
}

/// The same to some 32 digits, row by row.
pub(super) fn extended(design: &Design<'_>, shift: &[f64]) -> Extended {
    let width = design.columns.len() + 1;
    let leaf = |rows: Range<usize>| {
        let mut own = Extended::new(width);
        let mut z = vec![Double::ZERO; width];
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                for row in rows {
                    if design.left_out.get(row) != Some(&0) {
                        continue;
                    }
                    let columns = design.columns.iter().map(|column| design.value(*column, row));
                    let outcome = design.outcome.get(row).copied();
                    for ((cell, x), shift) in z.iter_mut().zip(columns.chain(outcome)).zip(shift) {
                        *cell = Double::difference(x, *shift);
                    }
                    own.add(&z);
                }
            },
        );
        own
    };
    reduce(design.rows, &leaf, &Extended::merge)
}

/// The columns that are estimated, centred and brought to unit length.
pub(super) struct Frame<'d> {
    pub(super) design: &'d Design<'d>,
    pub(super) columns: Vec<Coefficient>,
    /// The mean of each column; 0 without an intercept.
    pub(super) centre: Vec<f64>,
    /// The length of each centred column.
    pub(super) length: Vec<f64>,
    pub(super) outcome_centre: f64,
}

impl Frame<'_> {
    /// Writes the columns, and as the last one the residuals y − ȳ − Σ b z.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn write(&self, rows: &Range<usize>, slopes: &[f64], block: &mut [f64]) {
        let (columns, residuals) = block.split_at_mut(self.columns.len() * ROWS);
        self.design.write_outcome(rows.clone(), self.outcome_centre, residuals);
        let parts = columns.chunks_exact_mut(ROWS).zip(&self.columns);
        for (((cells, column), slope), (centre, length)) in
            parts.zip(slopes).zip(self.centre.iter().zip(&self.length))
        {
            self.design.write(*column, rows.clone(), *centre, 1.0 / length, cells);
            for (residual, cell) in residuals.iter_mut().zip(cells) {
                *residual -= slope * *cell;
            }
        }
    }
}

/// Σ z e for every column, and Σ e.
pub(super) fn gradient(frame: &Frame<'_>, slopes: &[f64]) -> Vec<f64> {
    let width = frame.columns.len() + 1;
    let leaf = |rows: Range<usize>| {
        let mut sums = vec![0.0; width];
        let mut block = vec![0.0; width * ROWS];
        for rows in blocks(rows) {
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    frame.write(&rows, slopes, &mut block);
                    let (columns, residuals) = block.split_at(frame.columns.len() * ROWS);
                    for (sum, column) in sums.iter_mut().zip(columns.chunks_exact(ROWS)) {
                        *sum += product(column, residuals);
                    }
                    if let Some(sum) = sums.last_mut() {
                        *sum += total(residuals);
                    }
                },
            );
        }
        sums
    };
    reduce(frame.design.rows, &leaf, &added)
}

/// What needs the residuals of every row.
pub(super) struct Rest {
    pub(super) squares: f64,
    /// Σ ω e² x x′ of the intercept, if there is one, and the framed columns: a packed lower triangle.
    pub(super) meat: Vec<f64>,
    /// Rows whose leverage is 1.
    pub(super) alone: usize,
    pub(super) largest_leverage: f64,
}

/// A row is the only one behind a coefficient if its leverage comes this close to 1.
const ALONE: f64 = 1e-9;

/// The residuals at the final slopes; `offset` is what the mean of the outcome was off.
pub(super) fn rest(
    frame: &Frame<'_>,
    factor: &Cholesky,
    slopes: &[f64],
    offset: f64,
    kind: Covariance,
) -> Rest {
    let design = frame.design;
    let width = frame.columns.len();
    let first = usize::from(design.intercept);
    let wanted = kind != Covariance::Classical;
    let own_share = if design.intercept { 1.0 / design.count(0..design.rows) as f64 } else { 0.0 };
    let leaf = |rows: Range<usize>| {
        let mut own = Rest {
            squares: 0.0,
            meat: vec![0.0; if wanted { kernel::at(width + first, 0) } else { 0 }],
            alone: 0,
            largest_leverage: 0.0,
        };
        let mut block = vec![0.0; (width + 1) * ROWS];
        let mut solved = vec![0.0; width * ROWS];
        let mut weighted = vec![0.0; (width + first) * ROWS];
        let mut leverage = [0.0; ROWS];
        for rows in blocks(rows) {
            let left_out = design.left_out.get(rows.clone()).unwrap_or_default();
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    frame.write(&rows, slopes, &mut block);
                    let (columns, residuals) = block.split_at_mut(width * ROWS);
                    for (residual, reason) in residuals.iter_mut().zip(left_out) {
                        *residual = if *reason == 0 { *residual - offset } else { 0.0 };
                    }
                    own.squares += product(residuals, residuals);
                    leverages(factor, columns, &mut solved, own_share, &mut leverage);
                    for (leverage, reason) in leverage.iter_mut().zip(left_out) {
                        *leverage = if *reason == 0 { *leverage } else { 0.0 };
                        own.largest_leverage = own.largest_leverage.max(*leverage);
                        own.alone += usize::from(*leverage > 1.0 - ALONE);
                    }
                    if wanted {
                        weigh(residuals, &leverage, kind);
                        let (intercept, rest) = weighted.split_at_mut(first * ROWS);
                        intercept.copy_from_slice(residuals.get(..first * ROWS).unwrap_or_default());
                        for (weighted, column) in rest.chunks_exact_mut(ROWS).zip(columns.chunks_exact(ROWS))
                        {
                            for ((weighted, cell), weight) in weighted.iter_mut().zip(column).zip(&*residuals)
                            {
                                *weighted = cell * weight;
                            }
                        }
                        kernel::add_products(&weighted, &mut own.meat);
                    }
                },
            );
        }
        own
    };
    let merge = |first: Rest, second: Rest| Rest {
        squares: first.squares + second.squares,
        meat: added(first.meat, second.meat),
        alone: first.alone + second.alone,
        largest_leverage: first.largest_leverage.max(second.largest_leverage),
    };
    reduce(design.rows, &leaf, &merge)
}

/// Residuals to the roots of what weighs x x′: e, e/√(1 − h) or e/(1 − h). HC1 is scaled as a whole.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn weigh(residuals: &mut [f64], leverage: &[f64], kind: Covariance) {
    let pairs = residuals.iter_mut().zip(leverage);
    match kind {
        Covariance::Hc2 => pairs.for_each(|(e, h)| *e /= (1.0 - h).max(ALONE).sqrt()),
        Covariance::Hc3 => pairs.for_each(|(e, h)| *e /= (1.0 - h).max(ALONE)),
        Covariance::Classical | Covariance::Hc0 | Covariance::Hc1 => {}
    }
}

/// hᵢ = 1/n + ‖L⁻¹ zᵢ‖², by forward substitution on whole columns.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn leverages(factor: &Cholesky, columns: &[f64], solved: &mut [f64], own_share: f64, leverage: &mut [f64]) {
    leverage.fill(own_share);
    for (k, from) in factor.order.iter().enumerate() {
        let (known, rest) = solved.split_at_mut(k * ROWS);
        let Some(own) = rest.get_mut(..ROWS) else { continue };
        own.copy_from_slice(columns.get(from * ROWS..(from + 1) * ROWS).unwrap_or_default());
        let row = factor.factor.row(k);
        for (known, factor) in known.chunks_exact(ROWS).zip(row) {
            for (own, known) in own.iter_mut().zip(known) {
                *own -= factor * known;
            }
        }
        let scale = 1.0 / factor.factor.get(k, k);
        for (own, leverage) in own.iter_mut().zip(leverage.iter_mut()) {
            *own *= scale;
            *leverage += *own * *own;
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn product(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    for (a, b) in left.as_chunks::<4>().0.iter().zip(right.as_chunks::<4>().0) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn total(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    for chunk in values.as_chunks::<4>().0 {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

fn added(mut first: Vec<f64>, second: Vec<f64>) -> Vec<f64> {
    for (own, more) in first.iter_mut().zip(second) {
        *own += more;
    }
    first
}
