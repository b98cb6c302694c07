//! The passes over the rows: moments, the gradient of a refinement, and what needs residuals.

use std::ops::Range;

use super::{
    Covariance,
    design::{Coefficient, Design},
};
use crate::{
    moments::{
        Moments,
        extended::Extended,
        kernel::{self, ROWS},
        leaves::{blocks, reduce},
    },
    num::{cholesky::Cholesky, double::Double, vectors},
};

/// The moments of the columns of the design and, last, of the outcome.
pub(super) fn moments(design: &Design<'_>, shift: &[f64]) -> Moments {
    let width = design.columns.len() + 1;
    let leaf = |rows: Range<usize>| {
        let mut own = Moments::about(shift.to_vec());
        let mut block = vec![0.0; width * ROWS];
        for rows in blocks(rows) {
            vectors::run(
                #[inline(always)]
                || {
                    for ((cells, column), shift) in
                        block.chunks_exact_mut(ROWS).zip(&design.columns).zip(shift)
                    {
                        design.write(*column, rows.clone(), Double::from(*shift), 1.0, cells);
                    }
                    if let (Some(cells), Some(shift)) = (block.chunks_exact_mut(ROWS).last(), shift.last()) {
                        design.write_outcome(rows.clone(), Double::from(*shift), cells);
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
        vectors::run(
            #[inline(always)]
            || {
                for row in rows.clone() {
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
    /// The mean of each column; 0 without an intercept. To more than the digits of an `f64`: far from 0 the last of
    /// them is a part of the spread.
    pub(super) centre: Vec<Double>,
    /// The length of each centred column.
    pub(super) length: Vec<f64>,
    pub(super) outcome_centre: Double,
}

impl Frame<'_> {
    fn width(&self) -> usize {
        self.columns.len()
    }

    /// Writes the columns.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn write(&self, rows: &Range<usize>, columns: &mut [f64]) {
        let parts = columns.chunks_exact_mut(ROWS).zip(&self.columns);
        for ((cells, column), (centre, length)) in parts.zip(self.centre.iter().zip(&self.length)) {
            self.design.write(*column, rows.clone(), *centre, 1.0 / length, cells);
        }
    }

    /// Writes y − ȳ − Σ b z of columns that are written.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    fn residuals(&self, rows: &Range<usize>, slopes: &[f64], columns: &[f64], residuals: &mut [f64]) {
        self.design.write_outcome(rows.clone(), self.outcome_centre, residuals);
        for (cells, slope) in columns.chunks_exact(ROWS).zip(slopes) {
            for (residual, cell) in residuals.iter_mut().zip(cells) {
                *residual -= slope * cell;
            }
        }
    }
}

/// Sums over the residuals e = y − ȳ − Σ b z.
pub(super) struct Gradient {
    /// Σ z e for every column.
    pub(super) products: Vec<f64>,
    /// Σ e.
    pub(super) sum: f64,
    /// Σ e².
    pub(super) squares: f64,
}

pub(super) fn gradient(frame: &Frame<'_>, slopes: &[f64]) -> Gradient {
    let width = frame.width();
    let leaf = |rows: Range<usize>| {
        let mut own = Gradient { products: vec![0.0; width], sum: 0.0, squares: 0.0 };
        let mut block = vec![0.0; width * ROWS];
        let mut residuals = [0.0; ROWS];
        for rows in blocks(rows) {
            vectors::run(
                #[inline(always)]
                || {
                    frame.write(&rows, &mut block);
                    frame.residuals(&rows, slopes, &block, &mut residuals);
                },
            );
            kernel::add_dots(&block, &residuals, &mut own.products);
            kernel::add_sums(&residuals, std::slice::from_mut(&mut own.sum));
            own.squares += kernel::square(&residuals);
        }
        own
    };
    let merge = |first: Gradient, second: Gradient| Gradient {
        products: added(first.products, second.products),
        sum: first.sum + second.sum,
        squares: first.squares + second.squares,
    };
    reduce(frame.design.rows, &leaf, &merge)
}

/// What needs the residuals of every row.
pub(super) struct Rest {
    /// Σ e².
    pub(super) squares: f64,
    /// Σ ω e² x x′ of the intercept, if there is one, and the framed columns: a packed lower triangle.
    pub(super) meat: Vec<f64>,
    /// Rows whose leverage is 1, among those weighed by it.
    pub(super) alone: usize,
    /// The largest leverage, where rows are weighed by it.
    pub(super) largest_leverage: Option<f64>,
}

impl Rest {
    /// Where nothing else is needed.
    pub(super) fn of_squares(squares: f64) -> Self {
        Self { squares, meat: Vec::new(), alone: 0, largest_leverage: None }
    }
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
    let width = frame.width();
    let first = usize::from(design.intercept);
    let has_meat = kind != Covariance::Classical;
    let has_leverage = matches!(kind, Covariance::Hc2 | Covariance::Hc3);
    let own_share = own_share(design);
    let leaf = |rows: Range<usize>| {
        let mut own = Rest {
            squares: 0.0,
            meat: vec![0.0; if has_meat { kernel::at(width + first, 0) } else { 0 }],
            alone: 0,
            largest_leverage: has_leverage.then_some(0.0),
        };
        let mut block = vec![0.0; width * ROWS];
        let mut weighted = vec![0.0; if has_meat { (width + first) * ROWS } else { 0 }];
        let mut residuals = [0.0; ROWS];
        let mut leverage = [0.0; ROWS];
        for rows in blocks(rows) {
            let left_out = design.left_out.get(rows.clone()).unwrap_or_default();
            vectors::run(
                #[inline(always)]
                || {
                    frame.write(&rows, &mut block);
                    frame.residuals(&rows, slopes, &block, &mut residuals);
                    for (residual, reason) in residuals.iter_mut().zip(left_out) {
                        *residual = if *reason == 0 { *residual - offset } else { 0.0 };
                    }
                },
            );
            own.squares += kernel::square(&residuals);
            if let Some(largest) = &mut own.largest_leverage {
                leverages(factor, &block, own_share, &mut leverage);
                for (leverage, reason) in leverage.iter_mut().zip(left_out) {
                    *leverage = if *reason == 0 { *leverage } else { 0.0 };
                    *largest = largest.max(*leverage);
                    own.alone += usize::from(*leverage > 1.0 - ALONE);
                }
            }
            if has_meat {
                vectors::run(
                    #[inline(always)]
                    || {
                        weigh(&mut residuals, &leverage, kind);
                        let (intercept, rest) = weighted.split_at_mut(first * ROWS);
                        intercept.copy_from_slice(residuals.get(..first * ROWS).unwrap_or_default());
                        for (weighted, column) in rest.chunks_exact_mut(ROWS).zip(block.chunks_exact(ROWS)) {
                            for ((weighted, cell), weight) in weighted.iter_mut().zip(column).zip(&residuals)
                            {
                                *weighted = cell * weight;
                            }
                        }
                    },
                );
                kernel::add_products(&weighted, &mut own.meat);
            }
        }
        own
    };
    let merge = |first: Rest, second: Rest| Rest {
        squares: first.squares + second.squares,
        meat: added(first.meat, second.meat),
        alone: first.alone + second.alone,
        largest_leverage: first.largest_leverage.zip(second.largest_leverage).map(|(a, b)| a.max(b)),
    };
    reduce(design.rows, &leaf, &merge)
}

/// The largest leverage of a row.
pub(super) fn largest_leverage(frame: &Frame<'_>, factor: &Cholesky) -> f64 {
    let design = frame.design;
    let own_share = own_share(design);
    let leaf = |rows: Range<usize>| {
        let mut block = vec![0.0; frame.width() * ROWS];
        let mut leverage = [0.0; ROWS];
        let mut largest = 0.0_f64;
        for rows in blocks(rows) {
            vectors::run(
                #[inline(always)]
                || frame.write(&rows, &mut block),
            );
            leverages(factor, &block, own_share, &mut leverage);
            let left_out = design.left_out.get(rows).unwrap_or_default();
            let used = leverage.iter().zip(left_out).filter(|(_, reason)| **reason == 0);
            largest = used.fold(largest, |largest, (leverage, _)| largest.max(*leverage));
        }
        largest
    };
    reduce(design.rows, &leaf, &f64::max)
}

/// What the intercept adds to every leverage.
fn own_share(design: &Design<'_>) -> f64 {
    if design.intercept { 1.0 / design.count(0..design.rows) as f64 } else { 0.0 }
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

/// Rows whose leverages are found together: the sums of each column stay in registers.
const TOGETHER: usize = 16;

/// hᵢ = 1/n + ‖L⁻¹ zᵢ‖², by forward substitution on some rows of all columns.
fn leverages(factor: &Cholesky, columns: &[f64], own_share: f64, leverage: &mut [f64; ROWS]) {
    let mut solved = vec![[0.0; TOGETHER]; factor.order.len()];
    vectors::run(
        #[inline(always)]
        || {
            for (part, leverage) in leverage.as_chunks_mut::<TOGETHER>().0.iter_mut().enumerate() {
                *leverage = [own_share; TOGETHER];
                for (k, from) in factor.order.iter().enumerate() {
                    let start = from * ROWS + part * TOGETHER;
                    let mut own = [0.0; TOGETHER];
                    own.copy_from_slice(columns.get(start..start + TOGETHER).unwrap_or(&[0.0; TOGETHER]));
                    let (known, rest) = solved.split_at_mut(k);
                    for (known, factor) in known.iter().zip(factor.factor.row(k)) {
                        for (own, known) in own.iter_mut().zip(known) {
                            *own -= factor * known;
                        }
                    }
                    let scale = 1.0 / factor.factor.get(k, k);
                    for (own, leverage) in own.iter_mut().zip(leverage.iter_mut()) {
                        *own *= scale;
                        *leverage += *own * *own;
                    }
                    if let Some(cell) = rest.first_mut() {
                        *cell = own;
                    }
                }
            }
        },
    );
}

fn added(mut first: Vec<f64>, second: Vec<f64>) -> Vec<f64> {
    for (own, more) in first.iter_mut().zip(second) {
        *own += more;
    }
    first
}
