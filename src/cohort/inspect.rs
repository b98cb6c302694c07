//! What a definition finds in a table, before any score: how full each column is, which answers it cannot map.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Cohort;
use crate::{
    definition::{
        Definition,
        parts::{ChoiceKind, Origin},
    },
    error::Error,
    table::Table,
};

/// A text that fewer people share than this could point at one of them, and is not shown.
const FEWEST_TO_SHOW: usize = 10;

/// What [`Inspection::of`] found.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// How many rows the table has.
    pub rows: usize,
    /// Every column the definition reads, in its order.
    pub columns: Vec<ColumnCoverage>,
    /// Texts that no answer map knows, shared by ten rows or more.
    pub unmapped: Vec<UnmappedAnswer>,
    /// Why the table cannot be scored, if it cannot.
    #[serde(skip)]
    pub error: Option<Error>,
}

/// How full a column is.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ColumnCoverage {
    /// The column.
    pub column: String,
    /// Where the definition reads it.
    pub used_by: String,
    /// How many cells are not empty; none if there is no such column.
    pub observed: Option<usize>,
}

/// An answer text that no map knows.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct UnmappedAnswer {
    /// The column.
    pub column: String,
    /// The text; shared by at least ten rows.
    pub text: String,
    /// How many rows share it.
    pub rows: usize,
}

impl Inspection {
    /// Holds a table against a definition.
    ///
    /// **Missing data.** An empty cell is not observed; a sentinel is.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, cohort::Inspection};
    /// let definition = Definition::builtin("nhanes")?;
    /// let table = Cohort::csv_options(&definition).read("data/nhanes/adults.csv")?;
    /// let found = Inspection::of(&definition, table);
    /// let pulse = found.columns.iter().find(|row| row.column == "pulse").unwrap();
    /// assert_eq!((found.rows, pulse.observed), (5265, Some(5017)));
    /// assert!(found.error.is_none());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(definition: &Definition, table: Table) -> Self {
        let parts = definition.parts();
        let mut columns: Vec<ColumnCoverage> = Vec::new();
        let mut unmapped = Vec::new();
        let mut add = |name: &str, used_by: String, known: Option<Vec<&str>>| {
            let is_known = |known: &ColumnCoverage| known.column == name;
            if parts.derived.iter().any(|derived| derived.id == name) {
                return;
            }
            if let Some(known) = columns.iter_mut().find(|known| is_known(known)) {
                known.used_by.push_str(", ");
                known.used_by.push_str(&used_by);
                return;
            }
            let column = table.get(name);
            let observed = column.map(crate::table::Column::observed);
            columns.push(ColumnCoverage { column: name.to_owned(), used_by, observed });
            if let (Some((codes, levels)), Some(known)) = (column.and_then(|column| column.as_codes()), known)
            {
                let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
                for code in codes {
                    *counts.entry(*code).or_default() += 1;
                }
                for (level, code) in levels.iter().zip(0..) {
                    let rows = counts.get(&code).copied().unwrap_or(0);
                    if rows >= FEWEST_TO_SHOW && !known.contains(&level.as_str()) {
                        unmapped.push(UnmappedAnswer { column: name.to_owned(), text: level.clone(), rows });
                    }
                }
            }
        };
        add(&parts.person.id, "person.id".to_owned(), None);
        for instrument in &parts.instruments {
            let known: Vec<&str> = instrument.answers.iter().map(|(text, _)| text.as_str()).collect();
            for name in &instrument.columns {
                add(name, format!("instrument.{}", instrument.id), Some(known.clone()));
            }
        }
        for measure in &parts.measures {
            let known: Vec<&str> = measure.answers.iter().map(|(text, _)| text.as_str()).collect();
            for name in names(&measure.origin) {
                let plain = matches!(measure.origin, Origin::Columns(_));
                add(name, format!("measure.{}", measure.id), plain.then(|| known.clone()));
            }
            let per = measure.per.as_ref().map(|per| &per.column);
            for name in measure.readings.columns().chain(per) {
                add(name, format!("measure.{}", measure.id), None);
            }
        }
        for choice in &parts.choices {
            let known = match &choice.kind {
                ChoiceKind::Levels { levels, answers, .. } => {
                    levels.iter().chain(answers.iter().map(|(text, _)| text)).map(String::as_str).collect()
                }
                ChoiceKind::Number { .. } => Vec::new(),
            };
            for name in names(&choice.origin) {
                let plain = matches!(choice.origin, Origin::Columns(_));
                add(name, format!("choice.{}", choice.id), plain.then(|| known.clone()));
            }
        }
        for adjuster in &parts.adjusters {
            let known = adjuster.levels.iter().map(String::as_str).collect();
            add(&adjuster.column, "adjust".to_owned(), (!adjuster.levels.is_empty()).then_some(known));
        }
        for indicator in &parts.indicators {
            if let Some(by) = indicator.impute.as_ref().and_then(|impute| impute.by()) {
                add(by, format!("indicator.{}", indicator.id), None);
            }
        }
        let screen = parts.screen.iter().flat_map(|screen| [&screen.keep_if, &screen.drop_if]);
        for name in screen.flatten().flat_map(|formula| formula.expression.names()) {
            add(name, "screen".to_owned(), None);
        }
        let rows = table.rows();
        let error = Cohort::new(definition, table).err();
        Self { rows, columns, unmapped, error }
    }
}

fn names(origin: &Origin) -> Vec<&str> {
    match origin {
        Origin::Columns(columns) => columns.iter().map(String::as_str).collect(),
        Origin::From(formula) => formula.expression.names(),
    }
}
