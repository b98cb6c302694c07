//! Who a model left out, beside who stayed.

use serde::Serialize;

use crate::{
    cohort::Cohort,
    definition::parts::{ChoiceKind, named},
    error::{Error, ErrorKind, Fault, Result},
    index::Scores,
    num::spread::mean_and_sd,
    table::Column,
};

/// A group with fewer observed persons is not described.
const FEWEST: usize = 10;

/// The persons a model left out beside those it used: the index, the choices and the adjusters of both.
///
/// **Missing data** each row rests on the persons who have the value; a group with fewer than ten of them is not
/// described.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::LeftOut};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// let found = LeftOut::of(&cohort, &scores, 0..4000)?;
/// assert_eq!((found.stayed, found.left), (4000, 1265));
/// assert!(found.rows[0].difference.unwrap().abs() < 0.1, "these two groups are alike in their index");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// How many persons the model used.
    pub stayed: usize,
    /// How many it did not.
    pub left: usize,
    /// A group with fewer observed persons is not described.
    pub fewest: usize,
    /// The index, then choices, then adjusters; a categorical one has a row a level.
    pub rows: Vec<Compared>,
}

/// One column, or a level of it, in both groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Compared {
    /// The column.
    pub column: String,
    /// What it is, in words.
    pub title: String,
    /// The level whose share is given; none of a number.
    pub level: Option<String>,
    /// The unit of a number; may be empty.
    pub unit: String,
    /// Those who stayed.
    pub stayed: Group,
    /// Those who were left out.
    pub left: Group,
    /// The standardised difference, left out − stayed; none if a group is not described or nothing varies.
    ///
    /// **Formula** (m₁ − m₀)/√((s₁² + s₀²)/2); of shares with s² = p (1 − p).
    ///
    /// **Reference** Austin 2009.
    pub difference: Option<f64>,
}

/// A group in one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// How many have the value.
    pub n: usize,
    /// The mean, or the share of a level; none of fewer than ten persons.
    pub mean: Option<f64>,
    /// The standard deviation of a number; none of fewer than ten persons.
    pub sd: Option<f64>,
}

impl LeftOut {
    /// Compares the rows a model used with those it did not.
    ///
    /// # Errors
    /// Scores of another cohort, or a row that the cohort does not have.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, study::LeftOut};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let scores = Index::new(&definition)?.score_cohort(&cohort)?;
    /// let index_of = |found: &LeftOut| found.rows[0].stayed.n;
    /// assert_eq!(index_of(&LeftOut::of(&cohort, &scores, [0, 1, 2])?), 3);
    /// assert!(LeftOut::of(&cohort, &scores, [5265]).is_err(), "rows count from 0");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort, scores: &Scores, used_rows: impl IntoIterator<Item = usize>) -> Result<Self> {
        let table = cohort.with_scores(scores)?;
        let mut used = vec![false; cohort.rows()];
        for row in used_rows {
            let Some(used) = used.get_mut(row) else {
                let what = format!("row {row} of {}", cohort.rows());
                return Err(Error::new(ErrorKind::Data, vec![Fault::new(what).help("rows count from 0")]));
            };
            *used = true;
        }
        let parts = cohort.parts();
        let of_choice = |choice: &crate::definition::parts::Choice| {
            let unit = match &choice.kind {
                ChoiceKind::Number { unit, .. } => unit.clone(),
                ChoiceKind::Levels { .. } => String::new(),
            };
            (choice.id.clone(), named(&choice.title, &choice.id), unit)
        };
        let mut columns = vec![("index".to_owned(), "index".to_owned(), String::new())];
        columns.extend(parts.choices.iter().map(of_choice));
        columns.extend(
            parts.adjusters.iter().map(|one| (one.column.clone(), one.column.clone(), String::new())),
        );
        let mut rows = Vec::new();
        for (name, title, unit) in columns {
            let Some(column) = table.get(&name) else { continue };
            let compared = |level: Option<&String>| {
                let [stayed, left] = [true, false].map(|stays| group(column, &used, stays, level));
                let difference = standardised(&stayed, &left, level.is_some());
                let level = level.cloned();
                let (column, title, unit) = (name.clone(), title.clone(), unit.clone());
                Compared { column, title, level, unit, stayed, left, difference }
            };
            match column.levels() {
                Some(levels) => rows.extend(levels.iter().map(|level| compared(Some(level)))),
                None => rows.push(compared(None)),
            }
        }
        let stayed = used.iter().filter(|used| **used).count();
        Ok(Self { stayed, left: used.len() - stayed, fewest: FEWEST, rows })
    }
}

fn group(column: &Column, used: &[bool], stays: bool, level: Option<&String>) -> Group {
    let rows = used.iter().enumerate().filter(|(_, used)| **used == stays).map(|(row, _)| row);
    let value = |row: usize| match level {
        Some(level) => column.text_at(row).map(|text| f64::from(u8::from(text == level))),
        None => column.number(row),
    };
    let (n, mean, sd) = mean_and_sd(rows.filter_map(value));
    let is_described = n >= FEWEST;
    Group { n, mean: mean.filter(|_| is_described), sd: sd.filter(|_| is_described && level.is_none()) }
}

fn standardised(stayed: &Group, left: &Group, is_share: bool) -> Option<f64> {
    let variance = |group: &Group| {
        if is_share { group.mean.map(|share| share * (1.0 - share)) } else { group.sd.map(|sd| sd * sd) }
    };
    let spread = f64::midpoint(variance(stayed)?, variance(left)?).sqrt();
    (spread > 0.0).then_some((left.mean? - stayed.mean?) / spread)
}

#[cfg(test)]
mod tests {
    use super::{Group, standardised};

    /// By hand: (12 − 10)/√((4 + 16)/2), and (0.6 − 0.5)/√((0.25 + 0.24)/2).
    #[test]
    fn differences_are_in_standard_deviations() {
        let group = |mean, sd| Group { n: 20, mean: Some(mean), sd };
        let numbers = standardised(&group(10.0, Some(2.0)), &group(12.0, Some(4.0)), false).unwrap();
        assert!((numbers - 2.0 / 10.0_f64.sqrt()).abs() < 1e-15);
        let shares = standardised(&group(0.5, None), &group(0.6, None), true).unwrap();
        assert!((shares - 0.1 / 0.245_f64.sqrt()).abs() < 1e-15);
        assert_eq!(standardised(&group(1.0, None), &group(1.0, None), true), None, "all the same");
    }
}
