//! Weights that give each child the importance it is to have.

use super::{Complete, Found, OrRefusal, Refusal, normalised};
use crate::{
    definition::parts::{Aggregate, Node},
    index::{
        aggregate::{Distance, Join, Lesson},
        columns,
    },
    num::{
        cholesky::{Cholesky, Square, dot},
        correlation,
        importance::Bins,
    },
};

/// Weights w ≥ 0, Σ w = 1, whose realised importance is as near to the targets as it can be, and how near: the sum of squared
/// differences at these weights.
///
/// **Formula** of an arithmetic mean I = Σ w x, the covariance shares w cov(x, I)/var(I), which sum to 1. Of any other, the
/// correlation ratios Var(E[I | x])/Var(I), brought to a sum of 1.
///
/// **Reference** Paruolo, Saisana & Saltelli 2013, J R Stat Soc A 176: 609–634; Becker, Saisana, Paruolo & Vandecasteele 2017,
/// Ecological Indicators 80: 12–22; for the shares Spinu 2013, SSRN 2297383.
pub(super) fn optimised(node: &Node, complete: &Complete<'_>, targets: &[f64]) -> OrRefusal<Found> {
    if node.aggregate.is_arithmetic() {
        by_shares(complete, targets)
    } else {
        by_ratios(node, complete, targets)
    }
}

const MOST_STEPS: usize = 200;

/// An index whose variance is this share of what it could be is the same for everybody.
const CANCELLED: f64 = 1e-12;

/// The shares are the targets t where y′Cy/2 − Σ t ln y is least, with y = w s and C the correlations: a convex function, so
/// there is one optimum, and Newton's method finds it. A target of 0 is a weight of 0.
fn by_shares(complete: &Complete<'_>, targets: &[f64]) -> OrRefusal<Found> {
    let sds: Vec<f64> = complete.columns.iter().map(|column| correlation::sd(column)).collect();
    let correlations = correlation::matrix(&complete.columns);
    let active: Vec<usize> = (0..).zip(targets).filter(|(_, t)| **t > 0.0).map(|(at, _)| at).collect();
    let wanted: Vec<f64> = active.iter().filter_map(|at| targets.get(*at).copied()).collect();
    let mut inner = Square::zeros(active.len());
    for (row, i) in active.iter().enumerate() {
        for (column, j) in active.iter().enumerate() {
            inner.set(row, column, correlations.get(*i, *j));
        }
    }
    let found = balanced(&inner, &wanted);
    let mut y = vec![0.0; targets.len()];
    for (at, value) in active.iter().zip(found) {
        if let Some(cell) = y.get_mut(*at) {
            *cell = value;
        }
    }
    let moved = correlations.times(&y);
    let (variance, total) = (dot(&y, &moved), y.iter().sum::<f64>());
    if variance.is_nan() || variance <= CANCELLED * total * total {
        let what = "the children cancel each other: with the targets as weights nothing is left that varies";
        return Err(Refusal::new(what, "check their directions, or give other targets"));
    }
    let share = y.iter().zip(&moved).map(|(y, moved)| y * moved / variance);
    let objective = share.zip(targets).map(|(share, target)| (share - target) * (share - target)).sum();
    let weights = normalised(y.iter().zip(&sds).map(|(y, sd)| y / sd).collect());
    Ok(Found { weights, objective: Some(objective) })
}

/// The y > 0 at which y (C y) = t.
fn balanced(correlations: &Square, targets: &[f64]) -> Vec<f64> {
    let size = targets.len();
    let value = |y: &[f64]| {
        let logs: f64 = y.iter().zip(targets).map(|(y, t)| t * libm::log(*y)).sum();
        0.5 * dot(y, &correlations.times(y)) - logs
    };
    let mut y: Vec<f64> = targets.iter().map(|t| t.sqrt()).collect();
    let mut current = value(&y);
    for _ in 0..MOST_STEPS {
        let gradient: Vec<f64> =
            correlations.times(&y).iter().zip(y.iter().zip(targets)).map(|(c, (y, t))| c - t / y).collect();
        // To a unit diagonal, which the factor asks for.
        let scale: Vec<f64> = y.iter().zip(targets).map(|(y, t)| (1.0 + t / (y * y)).sqrt()).collect();
        let mut hessian = Square::zeros(size);
        for row in 0..size {
            for column in 0..size {
                let of = |at: usize| scale.get(at).copied().unwrap_or(f64::NAN);
                let cell =
                    if row == column { 1.0 } else { correlations.get(row, column) / (of(row) * of(column)) };
                hessian.set(row, column, cell);
            }
        }
        let factor = Cholesky::pivoted(&hessian, 0.0);
        if factor.rank < size {
            break;
        }
        let right: Vec<f64> = gradient.iter().zip(&scale).map(|(g, s)| -g / s).collect();
        let step: Vec<f64> = factor.solve(&right).iter().zip(&scale).map(|(d, s)| d / s).collect();
        let slope = dot(&gradient, &step);
        let room = y.iter().zip(&step).filter(|(_, d)| **d < 0.0).map(|(y, d)| -0.95 * y / d);
        let mut length = room.fold(1.0, f64::min);
        let at = |length: f64| -> Vec<f64> { y.iter().zip(&step).map(|(y, d)| y + length * d).collect() };
        let mut next = at(length);
        // Near the optimum the value has no digits left to compare, and Newton's own step is right.
        let is_near = slope.abs() <= 1e-8;
        while !is_near && value(&next) > current + 1e-4 * length * slope && length > 1e-12 {
            length *= 0.5;
            next = at(length);
        }
        let moved = y.iter().zip(&next).map(|(y, next)| ((y - next) / next).abs()).fold(0.0, f64::max);
        y = next;
        current = value(&y);
        if moved <= 1e-15 {
            break;
        }
    }
    y
}

/// Levenberg and Marquardt on the differences, with w = u²/Σ u², from the targets and from equal weights.
fn by_ratios(node: &Node, complete: &Complete<'_>, targets: &[f64]) -> OrRefusal<Found> {
    let size = targets.len();
    let bins: Vec<Bins> = complete.columns.iter().map(|column| Bins::of(column)).collect();
    let children: Vec<&[f64]> = complete.columns.iter().map(Vec::as_slice).collect();
    let lesson = match &node.aggregate {
        Aggregate::Topsis => Distance::learn(&complete.columns).map(Lesson::Topsis).ok(),
        _ => Some(Lesson::None),
    };
    let Some(join) = lesson.and_then(|lesson| Join::new(&node.aggregate, lesson)) else {
        let what =
            "the importance of children cannot be steered below an aggregate that compares with persons";
        return Err(Refusal::new(what, "take another aggregate, or declare the weights"));
    };
    let differences = |u: &[f64]| -> Option<Vec<f64>> {
        let weights = normalised(u.iter().map(|u| u * u).collect());
        let scores = columns::of_node(node, join.clone(), &weights, &children);
        let ratios: Vec<f64> = bins.iter().map(|bins| bins.ratio(&scores)).collect::<Option<_>>()?;
        let total: f64 = ratios.iter().sum();
        (total > 0.0).then(|| ratios.iter().zip(targets).map(|(ratio, t)| ratio / total - t).collect())
    };
    let even = 1.0 / size as f64;
    let starts = [
        vec![even.sqrt(); size],
        targets.iter().map(|t| (0.9 * t + 0.1 * even).sqrt()).collect::<Vec<f64>>(),
    ];
    let best = starts
        .into_iter()
        .filter_map(|start| descend(start, &differences).and_then(|found| to_the_edge(found, &differences)))
        .reduce(|a, b| if b.1 < a.1 { b } else { a });
    let Some((u, objective)) = best else {
        let what = "the node is the same in every complete row of the reference";
        return Err(Refusal::new(what, "take another reference, or declare the weights"));
    };
    Ok(Found { weights: normalised(u.iter().map(|u| u * u).collect()), objective: Some(objective) })
}

/// Weights this small may well be 0, where slopes on u no longer lead: w = u².
const SMALL: f64 = 0.01;

/// Sets small weights to 0 where that is better, and goes on from there with the others.
fn to_the_edge(
    (mut u, mut least): (Vec<f64>, f64),
    differences: &(impl Fn(&[f64]) -> Option<Vec<f64>> + Sync),
) -> Option<(Vec<f64>, f64)> {
    for at in 0..u.len() {
        let mut without = u.clone();
        let Some(own) = without.get_mut(at).filter(|own| **own != 0.0 && **own * **own < SMALL) else {
            continue;
        };
        *own = 0.0;
        let Some(there) = differences(&without) else { continue };
        if dot(&there, &there) < least {
            (u, least) = descend(without, differences)?;
        }
    }
    Some((u, least))
}

/// The smallest sum of squares from `start` on, and where it is.
fn descend(
    start: Vec<f64>,
    differences: &(impl Fn(&[f64]) -> Option<Vec<f64>> + Sync),
) -> Option<(Vec<f64>, f64)> {
    let size = start.len();
    let mut u = start;
    let mut here = differences(&u)?;
    let mut least = dot(&here, &here);
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        if least <= 1e-26 {
            break;
        }
        let slopes = slopes(&u, differences)?;
        let gradient: Vec<f64> = slopes.iter().map(|slope| dot(slope, &here)).collect();
        let mut accepted = false;
        while !accepted && damping < 1e12 {
            let squares: Vec<f64> =
                slopes.iter().map(|slope| dot(slope, slope) * (1.0 + damping) + 1e-12 * damping).collect();
            let of = |at: usize| squares.get(at).copied().unwrap_or(f64::NAN).sqrt();
            let mut matrix = Square::zeros(size);
            for (row, a) in slopes.iter().enumerate() {
                for (column, b) in slopes.iter().enumerate() {
                    let cell = if row == column { 1.0 } else { dot(a, b) / (of(row) * of(column)) };
                    matrix.set(row, column, cell);
                }
            }
            let factor = Cholesky::pivoted(&matrix, 0.0);
            let right: Vec<f64> = gradient.iter().enumerate().map(|(at, g)| -g / of(at)).collect();
            let next: Vec<f64> = if factor.rank == size && right.iter().all(|x| x.is_finite()) {
                let step = factor.solve(&right);
                u.iter().enumerate().zip(step).map(|((at, u), d)| u + d / of(at)).collect()
            } else {
                u.clone()
            };
            let length = dot(&next, &next).sqrt();
            // Its length does not count; at 1 its steps mean the same everywhere.
            let next: Vec<f64> = next.iter().map(|u| u / length).collect();
            let there = differences(&next).filter(|there| dot(there, there) < least);
            match there {
                Some(there) => {
                    let moved = u.iter().zip(&next).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                    accepted = true;
                    least = dot(&there, &there);
                    (u, here) = (next, there);
                    damping = (damping / 10.0).max(1e-12);
                    if moved <= 1e-13 {
                        return Some((u, least));
                    }
                }
                None => damping *= 10.0,
            }
        }
        if !accepted {
            break;
        }
    }
    Some((u, least))
}

/// ∂ differences/∂u, by central differences, one a weight.
fn slopes(u: &[f64], differences: &(impl Fn(&[f64]) -> Option<Vec<f64>> + Sync)) -> Option<Vec<Vec<f64>>> {
    let of = |at: usize| -> Option<Vec<f64>> {
        let own = u.get(at).copied().unwrap_or(0.0);
        let step = 1e-5 * own.abs().max(1e-2);
        let with = |value: f64| {
            let mut moved = u.to_vec();
            if let Some(cell) = moved.get_mut(at) {
                *cell = value;
            }
            differences(&moved)
        };
        let (above, below) = (with(own + step)?, with(own - step)?);
        Some(above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * step)).collect())
    };
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..u.len()).into_par_iter().map(of).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..u.len()).map(of).collect()
}
