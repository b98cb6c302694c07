//! What is done to the rows of whole columns; NaN is a missing number.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use super::{MISSING_TEXT, Values, tree::Key};
use std::collections::HashMap;

/// The choice of a row that takes no branch.
pub(super) const NO_BRANCH: u32 = u32::MAX;

/// What has no finite value is missing, as one and the same NaN; zero loses its sign.
#[inline(always)]
pub(super) fn settle(x: f64) -> f64 {
    if x.is_finite() { x + 0.0 } else { f64::NAN }
}

pub(super) fn each(mut column: Vec<f64>, f: impl Fn(f64) -> f64) -> Vec<f64> {
    for x in &mut column {
        *x = settle(f(*x));
    }
    column
}

pub(super) fn pairs(mut left: Vec<f64>, right: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    for (a, b) in left.iter_mut().zip(right) {
        *a = settle(f(*a, *b));
    }
    left
}

/// 1 for 0, 0 for any other number.
#[inline(always)]
pub(super) fn not(x: f64) -> f64 {
    if x.is_nan() { f64::NAN } else { f64::from(x == 0.0) }
}

/// Kleene's or: what is true decides, whatever is missing.
#[inline(always)]
pub(super) fn or(a: f64, b: f64) -> f64 {
    let is_true = |x: f64| !x.is_nan() && x != 0.0;
    if is_true(a) || is_true(b) {
        1.0
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        0.0
    }
}

/// Kleene's and: what is false decides, whatever is missing.
#[inline(always)]
pub(super) fn and(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 {
        0.0
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        1.0
    }
}

#[inline(always)]
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

#[inline(always)]
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// `f` of two numbers, missing if one of them is.
pub(super) fn missing_or(f: impl Fn(f64, f64) -> f64) -> impl Fn(f64, f64) -> f64 {
    move |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { f(a, b) }
}

/// The first branch of `if` where the condition is true, the second where it is 0.
pub(super) fn branch_of(condition: f64) -> u32 {
    if condition.is_nan() { NO_BRANCH } else { u32::from(condition == 0.0) }
}

/// The place of each row's key among `keys`, their count if it is none of them, no branch if it is missing.
pub(super) fn find(x: &Values, keys: &[Key<'_>]) -> Vec<u32> {
    let position = |wanted: &Key<'_>| {
        let place = keys.iter().position(|key| key == wanted).unwrap_or(keys.len());
        u32::try_from(place).unwrap_or(NO_BRANCH)
    };
    match x {
        Values::Number(numbers) => numbers
            .iter()
            .map(|number| if number.is_nan() { NO_BRANCH } else { position(&Key::Number(*number)) })
            .collect(),
        Values::Text { codes, levels } => {
            let places: Vec<u32> = levels.iter().map(|level| position(&Key::Text(level))).collect();
            translate(codes, &places)
        }
    }
}

/// Fills the rows that chose `place`.
pub(super) fn put<T: Copy>(out: &mut [T], new: &[T], choice: &[u32], place: u32) {
    for ((out, new), chosen) in out.iter_mut().zip(new).zip(choice) {
        if *chosen == place {
            *out = *new;
        }
    }
}

/// As many rows, all missing.
pub(super) fn blank(like: &Values) -> Values {
    match like {
        Values::Number(numbers) => Values::Number(vec![f64::NAN; numbers.len()]),
        Values::Text { codes, .. } => {
            Values::Text { codes: vec![MISSING_TEXT; codes.len()], levels: Vec::new() }
        }
    }
}

/// The new code of each code; what has none is missing.
pub(super) fn translate(codes: &[u32], new: &[u32]) -> Vec<u32> {
    codes.iter().map(|code| new.get(*code as usize).copied().unwrap_or(MISSING_TEXT)).collect()
}

/// Levels of several columns as one list without repeats.
#[derive(Default)]
pub(super) struct Levels {
    all: Vec<String>,
    codes: HashMap<String, u32>,
}

impl Levels {
    /// The code here of each of `levels`.
    pub(super) fn add(&mut self, levels: Vec<String>) -> Vec<u32> {
        let Self { all, codes } = self;
        levels
            .into_iter()
            .map(|level| {
                *codes.entry(level).or_insert_with_key(|level| {
                    all.push(level.clone());
                    u32::try_from(all.len() - 1).unwrap_or(MISSING_TEXT)
                })
            })
            .collect()
    }

    pub(super) fn into_list(self) -> Vec<String> {
        self.all
    }
}
