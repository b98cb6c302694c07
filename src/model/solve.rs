//! From moments to estimates: rank, slopes, one refinement on the rows, covariance, and what describes the fit.

use std::{ops::RangeInclusive, sync::Arc};

use super::{
    Covariance, Model, collinear,
    design::{Coefficient, Data, Design},
    fitted::{Dropped, Fitted, Inner, Solution, Summary, TermOf},
    passes::{self, Frame, Rest},
};
use crate::{
    error::{Error, ErrorKind, Fault, Result},
    moments::{Moments, extended::Precise, kernel},
    num::{
        cholesky::{Cholesky, Square, dot},
        double::Double,
        singular,
    },
    table::Table,
};

/// The sum of squares about the first row may be this many times that about the mean; beyond, digits are lost.
const FAR: f64 = 1e3;

/// Slopes that a refinement moves less than this are settled: the next would move them by the square of it.
const SETTLED: f64 = 1e-9;

/// Sums of squares that keep their digits, and those of their products.
const SQUARES: RangeInclusive<f64> = 1e-280..=1e280;

/// A part of Σ e² this small may be taken off without another pass: what rounding leaves of it is smaller still.
const NEGLIGIBLE: f64 = 1e-6;

pub(super) fn fit(model: &Model, table: &Table) -> Result<Fitted> {
    let design = Design::new(model, table)?;
    let dropped = dropped(model, &design);
    let moments = moments(&design)?;
    let mut warnings = Vec::new();
    let kept = estimable(model, &design, &moments, &mut warnings)?;
    let (n, p) = (moments.n(), kept.len() + usize::from(design.intercept));
    if n <= p {
        let what = format!("{n} complete rows cannot settle {p} coefficients, let alone their errors");
        let mut help = "take fewer terms".to_owned();
        if let Some(most) = dropped.iter().max_by_key(|dropped| dropped.rows) {
            help = format!("{help}; most rows were left out for the reason `{}`", most.reason);
        }
        return Err(refuse(vec![Fault::new(what).help(help)]));
    }
    let frame = frame(&design, &moments, &kept);
    let correlations = correlations(&frame, &moments, &kept);
    let cholesky = Cholesky::pivoted(&correlations, collinear::LEAST);
    if cholesky.rank < kept.len() {
        return Err(collinear::error(&frame, &cholesky));
    }
    let Solved { slopes, offset, squares, inverse, coefficients } = solve(&frame, &moments, &kept, &cholesky);
    let rest = match squares {
        Some(squares) if model.covariance == Covariance::Classical => Rest::of_squares(squares),
        _ => passes::rest(&frame, &cholesky, &slopes, offset, model.covariance),
    };
    if rest.alone > 0 && matches!(model.covariance, Covariance::Hc2 | Covariance::Hc3) {
        let what = format!(
            "{} of the {n} rows are alone behind a coefficient, which {} cannot weigh",
            rest.alone,
            model.covariance.word()
        );
        let help = "join rare levels, leave the term out, or take covariance = \"hc1\"";
        return Err(refuse(vec![Fault::new(what).help(help)]));
    }
    let df = (n - p) as f64;
    let bread = bread(&frame, &inverse, n);
    let sigma_squared = rest.squares / df;
    let covariance = covariance(model.covariance, &bread, &rest, n, p, sigma_squared);
    let total = total_squares(&moments, design.intercept);
    let summary = Summary {
        n,
        p,
        squares: rest.squares,
        total,
        condition_number: condition_number(&frame, &cholesky, n),
    };
    if rest.squares <= 1e-24 * total {
        warnings.push("the fit is perfect to the digits there are; its errors mean nothing".to_owned());
    }
    if summary.condition_number > 30.0 && summary.condition_number.is_finite() {
        warnings.push(format!(
            "condition number {:.0}: above 30 some terms say nearly the same, and their intervals are wide",
            summary.condition_number
        ));
    }
    let solution = Solution {
        centre: frame.centre,
        length: frame.length,
        slopes,
        coefficients,
        level: frame.outcome_centre.rounded() + offset,
        factor: cholesky,
        bread,
        covariance,
        intercept: design.intercept,
    };
    let terms = design.read.iter().map(|read| TermOf {
        column: read.name.clone(),
        adjuster: read.adjuster,
        reference: read.reference().map(str::to_owned),
        shown: read.shown().to_vec(),
        levels: match &read.data {
            Data::Numbers(_) => None,
            Data::Levels { levels, .. } => Some(levels.clone()),
        },
    });
    let inner = Inner::new(
        model.clone(),
        table.clone(),
        terms.collect(),
        kept.iter().filter_map(|at| design.columns.get(*at)).copied().collect(),
        kept.iter().filter_map(|at| design.columns.get(*at)).map(|column| design.name(*column)).collect(),
        solution,
        summary,
        rest.largest_leverage,
        dropped,
        design.left_out,
        warnings,
    );
    Ok(Fitted::new(Arc::new(inner)))
}

/// The largest leverage of a row behind the estimates, found anew from the table.
pub(super) fn largest_leverage(inner: &Inner) -> f64 {
    let Ok(design) = Design::new(&inner.model, &inner.table) else { return f64::NAN };
    let frame = Frame {
        design: &design,
        columns: inner.columns.clone(),
        centre: inner.solution.centre.clone(),
        length: inner.solution.length.clone(),
        outcome_centre: Double::ZERO,
    };
    passes::largest_leverage(&frame, &inner.solution.factor)
}

fn refuse(faults: Vec<Fault>) -> Error {
    Error::new(ErrorKind::Model, faults)
}

fn dropped(model: &Model, design: &Design<'_>) -> Vec<Dropped> {
    let names =
        std::iter::once(model.outcome.as_str()).chain(design.read.iter().map(|read| read.name.as_str()));
    names
        .zip(design.dropped())
        .filter(|(_, rows)| *rows > 0)
        .map(|(name, rows)| Dropped { reason: format!("missing {name}"), rows })
        .collect()
}

/// The moments about the first complete row, or about the means where that row lies far out.
fn moments(design: &Design<'_>) -> Result<Moments> {
    let Some(first) = design.first_complete() else {
        let what = format!("no complete row among {}", design.rows);
        let help = "every row misses the outcome or a term";
        return Err(refuse(vec![Fault::new(what).help(help)]));
    };
    let shift: Vec<f64> = design
        .columns
        .iter()
        .map(|column| match design.read.get(column.read).map(|read| &read.data) {
            Some(Data::Numbers(values)) if design.intercept => values.get(first).copied().unwrap_or(0.0),
            _ => 0.0,
        })
        .chain([if design.intercept { design.outcome.get(first).copied().unwrap_or(0.0) } else { 0.0 }])
        .collect();
    let moments = passes::moments(design, &shift);
    let is_far =
        |at: usize| moments.shifted(at, at) > FAR * moments.centred(at, at) && moments.centred(at, at) > 0.0;
    let numbers = |at: usize| design.columns.get(at).is_none_or(|column| column.level.is_none());
    if design.intercept && (0..moments.width()).any(|at| numbers(at) && is_far(at)) {
        let means = moments.means();
        let shift: Vec<f64> =
            (0..).zip(means).map(|(at, mean)| if numbers(at) { mean } else { 0.0 }).collect();
        return Ok(passes::moments(design, &shift));
    }
    Ok(moments)
}

/// The columns that can be estimated: levels without a row are left out with a warning, terms that do not vary are faults.
fn estimable(
    model: &Model,
    design: &Design<'_>,
    moments: &Moments,
    warnings: &mut Vec<String>,
) -> Result<Vec<usize>> {
    let spread = |at: usize| if design.intercept { moments.centred(at, at) } else { moments.shifted(at, at) };
    let mut kept = Vec::new();
    let mut faults = Vec::new();
    let total = spread(design.columns.len());
    if !(SQUARES.contains(&total) || total == 0.0 && !design.varies(design.outcome)) {
        faults.push(out_of_range(&model.outcome));
    }
    for (position, read) in design.read.iter().enumerate() {
        let own: Vec<(usize, &Coefficient)> =
            design.columns.iter().enumerate().filter(|(_, column)| column.read == position).collect();
        match &read.data {
            Data::Numbers(values) => {
                for (at, _) in own {
                    if SQUARES.contains(&spread(at)) {
                        kept.push(at);
                    } else if spread(at) != 0.0 || design.varies(values) {
                        faults.push(out_of_range(&read.name));
                    } else {
                        let fault =
                            Fault::new("the column does not vary in the complete rows").column(&read.name);
                        faults.push(fault.help("a term without differences explains none; leave it out"));
                    }
                }
            }
            Data::Levels { .. } => {
                // A level is 0 or 1 about 0: the sum of its squares is its number of rows.
                let rows = |at: usize| moments.shifted(at, at);
                let observed: f64 = own.iter().map(|(at, _)| rows(*at)).sum();
                let has_reference = observed < moments.n() as f64 - 0.5;
                let used = own.iter().filter(|(at, _)| rows(*at) > 0.0).count();
                if used + usize::from(has_reference) < 2 {
                    let fault =
                        Fault::new("the complete rows have one level of this factor").column(&read.name);
                    faults.push(fault.help("a term without differences explains none; leave it out"));
                    continue;
                }
                if !has_reference {
                    let fault = Fault::new("no complete row has the reference level").column(&read.name);
                    faults.push(fault.help("name another level as `reference`"));
                    continue;
                }
                if let (false, Some(reference)) = (design.intercept, read.reference()) {
                    let name =
                        if read.shown().iter().any(|shown| shown == reference) { reference } else { "…" };
                    warnings.push(format!(
                        "{}: without an intercept the reference level `{name}` is held at 0",
                        read.name
                    ));
                }
                for (at, column) in own {
                    if rows(at) > 0.0 {
                        kept.push(at);
                    } else {
                        let name = design.shown_name(*column);
                        warnings.push(format!("{name}: no complete row has this level"));
                    }
                }
            }
        }
    }
    if faults.is_empty() { Ok(kept) } else { Err(refuse(faults)) }
}

fn out_of_range(column: &str) -> Fault {
    let fault = Fault::new("the squares of the column's numbers are too large or too small to be added up");
    fault.column(column).help("take another unit, so that they come closer to 1")
}

fn frame<'d>(design: &'d Design<'d>, moments: &Moments, kept: &[usize]) -> Frame<'d> {
    let mean = |at: usize| if design.intercept { moments.mean(at) } else { Double::ZERO };
    Frame {
        design,
        columns: kept.iter().filter_map(|at| design.columns.get(*at)).copied().collect(),
        centre: kept.iter().map(|at| mean(*at)).collect(),
        length: kept.iter().map(|at| products(design, moments, *at, *at).sqrt()).collect(),
        outcome_centre: mean(design.columns.len()),
    }
}

/// Sums of products about the means, or about 0 without an intercept.
fn products(design: &Design<'_>, moments: &Moments, i: usize, j: usize) -> f64 {
    if design.intercept { moments.centred(i, j) } else { moments.shifted(i, j) }
}

fn correlations(frame: &Frame<'_>, moments: &Moments, kept: &[usize]) -> Square {
    let mut matrix = Square::zeros(kept.len());
    for (row, (i, own)) in kept.iter().zip(&frame.length).enumerate() {
        for (column, (j, other)) in kept.iter().zip(&frame.length).enumerate().take(row) {
            let value = products(frame.design, moments, *i, *j) / (own * other);
            matrix.set(row, column, value);
            matrix.set(column, row, value);
        }
        matrix.set(row, row, 1.0);
    }
    matrix
}

struct Solved {
    /// Of the standardised columns.
    slopes: Vec<f64>,
    /// What the mean of the outcome was off.
    offset: f64,
    /// Σ e², where the passes that found the slopes tell it.
    squares: Option<f64>,
    /// (Z′Z)⁻¹ of the standardised columns.
    inverse: Square,
    /// Of the columns as they are, the intercept first.
    coefficients: Vec<f64>,
}

/// Products of cells up to which the sums are taken to 32 digits: some tenths of a second at most.
const CHEAP: usize = 5_000_000;

fn solve(frame: &Frame<'_>, moments: &Moments, kept: &[usize], cholesky: &Cholesky) -> Solved {
    let design = frame.design;
    if moments.n().saturating_mul(kernel::at(moments.width(), 0)) <= CHEAP {
        let precise = passes::extended(design, moments.shift()).solve(
            moments.shift(),
            kept,
            &frame.length,
            cholesky,
            design.intercept,
        );
        let offset = offset(frame, &precise.slopes, moments.n());
        let Precise { coefficients, slopes, inverse } = precise;
        return Solved { slopes, offset, squares: None, inverse, coefficients };
    }
    let (slopes, offset, squares) = refined(frame, moments, kept, cholesky);
    let raw: Vec<f64> = slopes.iter().zip(&frame.length).map(|(slope, length)| slope / length).collect();
    let away: f64 = raw.iter().zip(&frame.centre).map(|(slope, centre)| slope * centre.rounded()).sum();
    let level = frame.outcome_centre.rounded() + offset;
    let coefficients = design.intercept.then_some(level - away).into_iter().chain(raw).collect();
    Solved { slopes, offset, squares, inverse: cholesky.inverse(), coefficients }
}

/// The mean of the residuals, which rounded means leave.
fn offset(frame: &Frame<'_>, slopes: &[f64], n: usize) -> f64 {
    if frame.design.intercept { passes::gradient(frame, slopes).sum / n as f64 } else { 0.0 }
}

/// The slopes of the standardised columns, refined on the residuals of the rows; what the mean of the outcome was off;
/// and Σ e² where no further pass is needed for it.
///
/// Normal equations lose twice the digits that the columns' closeness costs; a refinement with residuals taken from the
/// rows gives them back (Björck 1987, Linear Algebra Appl. 88/89).
fn refined(
    frame: &Frame<'_>,
    moments: &Moments,
    kept: &[usize],
    cholesky: &Cholesky,
) -> (Vec<f64>, f64, Option<f64>) {
    let outcome = frame.design.columns.len();
    let n = moments.n() as f64;
    let right: Vec<f64> = kept
        .iter()
        .zip(&frame.length)
        .map(|(at, length)| products(frame.design, moments, *at, outcome) / length)
        .collect();
    let mut slopes = cholesky.solve(&right);
    let (mut offset, mut squares) = (0.0, None);
    for _ in 0..4 {
        let found = passes::gradient(frame, &slopes);
        offset = if frame.design.intercept { found.sum / n } else { 0.0 };
        let step = cholesky.solve(&found.products);
        // The step d takes d′Z′e off Σ e², the mean takes n times its square.
        let less = dot(&step, &found.products) + n * offset * offset;
        squares = (less <= NEGLIGIBLE * found.squares).then_some(found.squares - less);
        let size = slopes.iter().fold(0.0_f64, |size, slope| size.max(slope.abs()));
        let moved = step.iter().fold(0.0_f64, |size, step| size.max(step.abs()));
        for (slope, step) in slopes.iter_mut().zip(step) {
            *slope += step;
        }
        if moved.is_nan() || moved <= SETTLED * size {
            break;
        }
    }
    (slopes, offset, squares)
}

/// (X′X)⁻¹ of the intercept, if there is one, and the standardised columns.
fn bread(frame: &Frame<'_>, inverse: &Square, n: usize) -> Square {
    let first = usize::from(frame.design.intercept);
    let mut bread = Square::zeros(inverse.size() + first);
    if first == 1 {
        bread.set(0, 0, 1.0 / n as f64);
    }
    for row in 0..inverse.size() {
        for (column, value) in inverse.row(row).iter().enumerate() {
            bread.set(row + first, column + first, *value);
        }
    }
    bread
}

fn covariance(
    kind: Covariance,
    bread: &Square,
    rest: &Rest,
    n: usize,
    p: usize,
    sigma_squared: f64,
) -> Square {
    let mut result = match kind {
        Covariance::Classical => bread.clone(),
        _ => {
            let mut meat = Square::zeros(bread.size());
            for row in 0..bread.size() {
                for column in 0..=row {
                    let value = rest.meat.get(kernel::at(row, column)).copied().unwrap_or(0.0);
                    meat.set(row, column, value);
                    meat.set(column, row, value);
                }
            }
            bread.sandwich(&meat)
        }
    };
    let scale = match kind {
        Covariance::Classical => sigma_squared,
        Covariance::Hc1 => n as f64 / (n - p) as f64,
        _ => 1.0,
    };
    for row in 0..result.size() {
        result.row_mut(row).iter_mut().for_each(|cell| *cell *= scale);
    }
    result
}

fn total_squares(moments: &Moments, intercept: bool) -> f64 {
    let outcome = moments.width().saturating_sub(1);
    if intercept { moments.centred(outcome, outcome) } else { moments.shifted(outcome, outcome) }
}

/// The ratio of the largest to the smallest singular value of the design matrix with columns of unit length.
fn condition_number(frame: &Frame<'_>, cholesky: &Cholesky, n: usize) -> f64 {
    let first = usize::from(frame.design.intercept);
    let width = frame.columns.len();
    // A triangular factor of X, a row of this matrix for each column of X: the intercept, then what is left of it.
    let mut factor = Square::zeros(width + first);
    let root = (n as f64).sqrt();
    if first == 1 {
        factor.set(0, 0, 1.0);
    }
    for (k, at) in cholesky.order.iter().enumerate() {
        let length = frame.length.get(*at).copied().unwrap_or(1.0);
        let mean = frame.centre.get(*at).map_or(0.0, |centre| centre.rounded()) * root;
        let whole = (length * length + mean * mean).sqrt();
        if first == 1 {
            factor.set(k + 1, 0, mean / whole);
        }
        for column in 0..=k {
            factor.set(k + first, column + first, cholesky.factor.get(k, column) * length / whole);
        }
    }
    let values = singular::values(&factor);
    match (values.first(), values.last()) {
        (Some(largest), Some(smallest)) => largest / smallest,
        _ => f64::NAN,
    }
}
