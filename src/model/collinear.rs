//! Collinear terms, said as the dependency that was found: `sleep_h = 24 − awake_h`.

use super::passes::Frame;
use crate::{
    error::{Error, ErrorKind, Fault},
    num::cholesky::Cholesky,
};

/// The least share of a column that the columns before must leave unexplained. What double precision leaves of an exact
/// dependency is some 1e-15; a column this close to the others could be told from them in four digits at best.
pub(super) const LEAST: f64 = 1e-12;

/// A coefficient of standardised columns below this is rounding.
const NOTHING: f64 = 1e-5;

/// More terms than this are named, not written as an equation.
const MOST_SHOWN: usize = 6;

/// 0 = Σ weight × column + constant.
struct Equation {
    constant: f64,
    /// Weights by position of the column, in the order of the model.
    weights: Vec<(usize, f64)>,
}

/// The error that names every dependency.
pub(super) fn error(frame: &Frame<'_>, cholesky: &Cholesky) -> Error {
    let name =
        |at: usize| frame.columns.get(at).map_or_else(String::new, |column| frame.design.shown_name(*column));
    let faults = cholesky
        .dependencies()
        .into_iter()
        .map(|(dependent, coefficients)| {
            let equation = Equation::new(frame, cholesky, dependent, &coefficients);
            let names: Vec<String> = equation.weights.iter().map(|(at, _)| name(*at)).collect();
            let what = if names.len() <= MOST_SHOWN {
                format!("collinear terms: {}", equation.solved().text(&names))
            } else {
                format!(
                    "collinear terms: {} follow from each other to the digits there are",
                    names.join(", ")
                )
            };
            Fault::new(what).help(format!("leave out one of {}", names.join(", ")))
        })
        .collect();
    Error::new(ErrorKind::Model, faults)
}

impl Equation {
    fn new(frame: &Frame<'_>, cholesky: &Cholesky, dependent: usize, coefficients: &[f64]) -> Self {
        let length = |at: usize| frame.length.get(at).copied().unwrap_or(1.0);
        let centre = |at: usize| frame.centre.get(at).map_or(0.0, |centre| centre.rounded());
        let mut weights: Vec<(usize, f64)> = cholesky
            .order
            .iter()
            .zip(coefficients)
            .filter(|(_, coefficient)| coefficient.abs() > NOTHING)
            .map(|(at, coefficient)| (*at, tidy(coefficient * length(dependent) / length(*at))))
            .collect();
        weights.push((dependent, -1.0));
        weights.sort_by_key(|(at, _)| *at);
        let level: f64 = weights.iter().map(|(at, weight)| weight * centre(*at)).sum();
        let size: f64 = weights.iter().map(|(at, weight)| (weight * centre(*at)).abs()).fold(0.0, f64::max);
        let constant = if level.abs() <= NOTHING * size { 0.0 } else { tidy(-level) };
        Self { constant, weights }
    }

    /// The equation solved for the column that leaves whole numbers and few minus signs, the first where that is a draw.
    fn solved(&self) -> Solved {
        let candidate = |position: usize| {
            let (_, own) = self.weights.get(position).copied().unwrap_or((0, -1.0));
            let others = self.weights.iter().enumerate().filter(|(other, _)| *other != position);
            let weights: Vec<(usize, f64)> =
                others.map(|(other, (_, weight))| (other, tidy(-weight / own))).collect();
            Solved { left: position, constant: tidy(-self.constant / own), weights }
        };
        (0..self.weights.len()).map(candidate).min_by_key(Solved::awkwardness).unwrap_or(Solved {
            left: 0,
            constant: 0.0,
            weights: Vec::new(),
        })
    }
}

/// left = constant + Σ weight × column; columns by position in the equation.
struct Solved {
    left: usize,
    constant: f64,
    weights: Vec<(usize, f64)>,
}

impl Solved {
    fn awkwardness(&self) -> (usize, usize) {
        let numbers = self.weights.iter().map(|(_, weight)| *weight);
        let broken = numbers.clone().chain([self.constant]).filter(|number| number.fract() != 0.0).count();
        (broken, numbers.filter(|number| *number < 0.0).count())
    }

    fn text(&self, names: &[String]) -> String {
        let name = |at: usize| names.get(at).map_or("", String::as_str);
        let mut text = format!("{} = ", name(self.left));
        let mut is_first = true;
        if self.constant != 0.0 || self.weights.is_empty() {
            text += &signed(self.constant);
            is_first = false;
        }
        for (at, weight) in &self.weights {
            text += match (is_first, *weight < 0.0) {
                (true, true) => "−",
                (true, false) => "",
                (false, true) => " − ",
                (false, false) => " + ",
            };
            is_first = false;
            if weight.abs() != 1.0 {
                text += &weight.abs().to_string();
                text.push(' ');
            }
            text += name(*at);
        }
        text
    }
}

fn signed(number: f64) -> String {
    if number < 0.0 { format!("−{}", number.abs()) } else { number.to_string() }
}

/// The whole number or the six digits that are meant.
fn tidy(number: f64) -> f64 {
    let whole = number.round();
    if whole != 0.0 && ((number - whole) / whole).abs() < NOTHING {
        return whole;
    }
    format!("{number:.5e}").parse().unwrap_or(number)
}
