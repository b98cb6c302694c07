//! Cells of a table as the numbers and levels a definition means by them, and the faults on the way.
//!
//! Faults name column and lines, never a cell; many cells with one fault are one fault.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::flag::{Flag, Flags};
use crate::{
    definition::{
        instrument::key::Item,
        parts::{Cleaning, Derived, Measure, Origin},
    },
    error::{Error, ErrorKind, Fault},
    expression::{Kind, MISSING_TEXT, Operand, Values},
    notation::clock,
    table::{Column, Table},
};

/// The rows of the faulty cells of one column, for one reason.
pub(super) struct Faulty {
    what: &'static str,
    column: String,
    key: String,
    help: String,
    rows: Vec<usize>,
}

impl Faulty {
    fn singular(&self) -> String {
        self.what.replacen("hold ", "holds ", 1).replacen("are ", "is ", 1)
    }
}

/// Reads columns of a table in the words of a definition and collects what does not fit.
pub(super) struct Decoder<'a> {
    table: &'a Table,
    zero_below: f64,
    derived: &'a [Derived],
    /// Derived columns already evaluated; `None` while one is being evaluated.
    known: HashMap<String, Option<Column>>,
    pub(super) flags: Vec<Flags>,
    faults: Vec<Fault>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(table: &'a Table, derived: &'a [Derived], zero_below: Option<f64>) -> Self {
        Self {
            table,
            zero_below: zero_below.unwrap_or(0.0),
            derived,
            known: HashMap::new(),
            flags: vec![Flags::default(); table.rows()],
            faults: Vec::new(),
        }
    }

    pub(super) fn into_faults(self) -> (Vec<Flags>, Vec<Fault>) {
        (self.flags, self.faults)
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn cells(&mut self, faulty: Faulty) {
        let Some(first) = faulty.rows.first() else { return };
        let lines: Vec<String> = faulty
            .rows
            .iter()
            .take(5)
            .map(|row| self.table.line(*row).unwrap_or(row + 1).to_string())
            .collect();
        let more = if faulty.rows.len() > 5 { ", …" } else { "" };
        let unit = if self.table.source().is_some() { "line" } else { "row" };
        let what = match faulty.rows.len() {
            1 => format!("1 cell {} ({unit} {})", faulty.singular(), lines.join(", ")),
            n => format!("{n} cells {} ({unit}s {}{more})", faulty.what, lines.join(", ")),
        };
        let mut fault = Fault::new(what).column(faulty.column).help(faulty.help);
        if let Some(line) = self.table.line(*first) {
            fault = fault.line(line);
        }
        if !faulty.key.is_empty() {
            fault = fault.key(faulty.key);
        }
        self.fault(fault);
    }

    /// A column of the file or a derived one.
    pub(super) fn column(&mut self, name: &str, key: &str) -> Option<Column> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        if let Some(derived) = self.derived.iter().find(|derived| derived.id == name) {
            self.known.insert(name.to_owned(), None);
            let column = self.evaluate(&derived.formula.expression, &format!("derived.{name}"));
            self.known.insert(name.to_owned(), column.clone());
            return column;
        }
        match self.table.get(name) {
            Some(column) => {
                let column = self.without_dust(column);
                self.known.insert(name.to_owned(), Some(column.clone()));
                Some(column)
            }
            None => {
                let fault = self.table.unknown(name).key(key);
                self.fault(fault);
                self.known.insert(name.to_owned(), None);
                None
            }
        }
    }

    /// Numbers closer to zero than declared are zero.
    fn without_dust(&self, column: &Column) -> Column {
        let below = self.zero_below;
        match column.as_numbers() {
            Some(values) if below > 0.0 && values.iter().any(|v| *v != 0.0 && v.abs() < below) => {
                let clean = values.iter().map(|v| if v.abs() < below { 0.0 } else { *v }).collect();
                Column::numbers_or_nan(clean).unwrap_or_else(|_| column.clone())
            }
            _ => column.clone(),
        }
    }

    pub(super) fn evaluate(
        &mut self,
        expression: &crate::expression::Expression,
        key: &str,
    ) -> Option<Column> {
        let mut columns: Vec<(String, Column)> = Vec::new();
        let mut complete = true;
        for name in expression.names() {
            match self.column(name, key) {
                Some(column) => columns.push((name.to_owned(), column)),
                None => complete = false,
            }
        }
        if !complete {
            return None;
        }
        let find = |name: &str| columns.iter().find(|(known, _)| known == name).map(|(_, column)| column);
        // A column without any value can be either.
        let kind_of = |name: &str| find(name).map(|c| if c.is_number() { Kind::Number } else { Kind::Text });
        let checked = expression.check(kind_of).and_then(|_| {
            expression.evaluate(self.table.rows(), |name| {
                let column = find(name)?;
                column
                    .as_numbers()
                    .map(Operand::Number)
                    .or_else(|| column.as_codes().map(|(codes, levels)| Operand::Text { codes, levels }))
            })
        });
        match checked {
            Ok(Values::Number(values)) => Column::numbers_or_nan(values).ok(),
            Ok(Values::Text { codes, levels }) => {
                let texts =
                    codes.iter().map(|code| usize::try_from(*code).ok().and_then(|code| levels.get(code)));
                Some(Column::text(texts))
            }
            Err(error) => {
                self.fault(Fault::new(error.what).key(key).help(error.help));
                None
            }
        }
    }

    /// A column as numbers, answer texts mapped to codes.
    pub(super) fn numbers(&mut self, name: &str, answers: &[(String, f64)], key: &str) -> Option<Arc<[f64]>> {
        let column = self.column(name, key)?;
        if answers.is_empty() {
            return Some(match column.shared_numbers() {
                Some(shared) => shared,
                None => {
                    let decimal = self.table.source().map_or('.', crate::table::Source::decimal);
                    let (values, bad) = column.parse_numbers(decimal);
                    self.cells(Faulty {
                        what: "hold text where a number is expected",
                        column: name.to_owned(),
                        key: key.to_owned(),
                        help: "correct the file, list the text under `missing` in [data], or map it with `answers`".to_owned(),
                        rows: bad,
                    });
                    values.into()
                }
            });
        }
        let (codes, bad) = Self::coded(&column, answers.iter().map(|(text, code)| (text.as_str(), *code)));
        let values = codes.into_iter().map(|code| code.unwrap_or(f64::NAN)).collect();
        self.cells(Faulty {
            what: "hold an answer that `answers` does not map",
            column: name.to_owned(),
            key: key.to_owned(),
            help: "`vointi check` lists the common ones; map them, or list them under `missing` in [data]"
                .to_owned(),
            rows: bad,
        });
        Some(values)
    }

    /// A column as positions of `levels`, after mapping cell texts by `answers`.
    pub(super) fn levels(
        &mut self,
        column: &Column,
        name: &str,
        levels: &[String],
        answers: &[(String, usize)],
        key: &str,
    ) -> Column {
        let own = levels.iter().enumerate().map(|(at, level)| (level.as_str(), at));
        let map = answers.iter().map(|(text, at)| (text.as_str(), *at)).chain(own);
        let (positions, bad) = Self::coded(column, map);
        self.cells(Faulty {
            what: "hold none of the declared levels",
            column: name.to_owned(),
            key: key.to_owned(),
            help: format!(
                "allowed: {}; map others with `answers`, or list them under `missing` in [data]",
                levels.join(", ")
            ),
            rows: bad,
        });
        let texts = positions.into_iter().map(|at| at.and_then(|at| levels.get(at)));
        Column::factor(levels.iter().map(String::as_str), texts).unwrap_or_else(|_| column.clone())
    }

    /// What each cell maps to, and the rows whose cell maps to nothing. A number matches a key that reads as it.
    fn coded<'k, T: Copy>(
        column: &Column,
        map: impl Iterator<Item = (&'k str, T)>,
    ) -> (Vec<Option<T>>, Vec<usize>) {
        let map: Vec<(&str, T)> = map.collect();
        let mut bad = Vec::new();
        let mut all = Vec::with_capacity(column.len());
        if let Some((codes, levels)) = column.as_codes() {
            let found: Vec<Option<T>> = levels.iter().map(|level| find_text(&map, level)).collect();
            for (row, code) in codes.iter().enumerate() {
                let value = usize::try_from(*code).ok().and_then(|code| found.get(code)).copied().flatten();
                if value.is_none() && *code != MISSING_TEXT {
                    bad.push(row);
                }
                all.push(value);
            }
        } else if let Some(values) = column.as_numbers() {
            let numbers: Vec<(f64, T)> =
                map.iter().filter_map(|(text, value)| Some((text.parse::<f64>().ok()?, *value))).collect();
            for (row, number) in values.iter().enumerate() {
                let value = numbers.iter().find(|(key, _)| key == number).map(|(_, value)| *value);
                if value.is_none() && !number.is_nan() {
                    bad.push(row);
                }
                all.push(value);
            }
        }
        (all, bad)
    }

    /// Numbers without sentinels and, if so declared, without what lies outside the limits.
    pub(super) fn clean(
        &mut self,
        values: Arc<[f64]>,
        cleaning: &Cleaning,
        name: &str,
        key: &str,
        flag: bool,
    ) -> Arc<[f64]> {
        let is_sentinel = |v: &f64| cleaning.sentinels.contains(v);
        let is_outside =
            |v: &f64| cleaning.limits.is_some_and(|[lowest, highest]| *v < lowest || *v > highest);
        let is_free = cleaning.limits.is_none() && cleaning.sentinels.is_empty();
        if is_free || !values.iter().any(|v| is_sentinel(v) || is_outside(v)) {
            return values;
        }
        let mut clean = values.to_vec();
        let mut bad = Vec::new();
        for (row, value) in clean.iter_mut().enumerate() {
            let reason = if is_sentinel(value) {
                Flag::Sentinel
            } else if is_outside(value) {
                Flag::OutOfLimits
            } else {
                continue;
            };
            if reason == Flag::OutOfLimits && !cleaning.drop_outside {
                bad.push(row);
            }
            if let Some(flags) = self.flags.get_mut(row).filter(|_| flag) {
                flags.insert(reason);
            }
            *value = f64::NAN;
        }
        let [lowest, highest] = cleaning.limits.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
        self.cells(Faulty {
            what: "are outside the limits",
            column: name.to_owned(),
            key: key.to_owned(),
            help: format!("allowed: {lowest} to {highest}; correct the file, or say outside = \"missing\""),
            rows: bad,
        });
        clean.into()
    }

    /// The readings of a column of a measure, per what it is counted by. Codes for missing are those of the column,
    /// limits those of the quotient.
    pub(super) fn reading(
        &mut self,
        values: Arc<[f64]>,
        measure: &Measure,
        name: &str,
        key: &str,
        flag: bool,
    ) -> Arc<[f64]> {
        let Some(per) = &measure.per else { return self.clean(values, &measure.cleaning, name, key, flag) };
        let codes = Cleaning { limits: None, ..measure.cleaning.clone() };
        let values = self.clean(values, &codes, name, key, flag);
        // A denominator that is not there, or no number, is a fault already.
        let Some(below) = self.numbers(&per.column, &[], &format!("{key}.per")) else { return values };
        let mut quotients = Vec::with_capacity(values.len());
        for (row, (x, below)) in values.iter().zip(below.iter()).enumerate() {
            let quotient = per.apply(*x, *below);
            if !x.is_nan()
                && !below.is_nan()
                && quotient.is_none()
                && let Some(flags) = self.flags.get_mut(row).filter(|_| flag)
            {
                flags.insert(Flag::OutOfLimits);
            }
            quotients.push(quotient.unwrap_or(f64::NAN));
        }
        let limits = Cleaning { sentinels: Vec::new(), ..measure.cleaning.clone() };
        self.clean(quotients.into(), &limits, name, key, flag)
    }

    /// Flags the rows whose reading is possible but unusual.
    pub(super) fn flag_unusual(&mut self, values: &[f64], unusual: Option<[f64; 2]>) {
        let Some(usual) = unusual else { return };
        for (flags, value) in self.flags.iter_mut().zip(values) {
            flags.insert_if(Flag::Unusual, is_unusual(*value, usual));
        }
    }

    /// Ages of readings, in days before the day of scoring.
    pub(super) fn ages(&mut self, name: &str, key: &str) -> Option<Arc<[f64]>> {
        let help = "an age is counted in days before the day of scoring; a reading of that day is 0 days old";
        self.beside(name, key, "are below 0", help, |age| age < 0.0)
    }

    /// Numbers of days.
    pub(super) fn days(&mut self, name: &str, key: &str) -> Option<Arc<[f64]>> {
        let help = "allowed: whole numbers from 0";
        self.beside(name, key, "are no number of days", help, |days| days < 0.0 || days != days.trunc())
    }

    /// Numbers that say something about readings; NaN is missing and fits.
    fn beside(
        &mut self,
        name: &str,
        key: &str,
        what: &'static str,
        help: &str,
        is_bad: impl Fn(f64) -> bool,
    ) -> Option<Arc<[f64]>> {
        let values = self.numbers(name, &[], key)?;
        let bad = |(row, v): (usize, &f64)| (!v.is_nan() && is_bad(*v)).then_some(row);
        let rows = values.iter().enumerate().filter_map(bad).collect();
        let (column, key, help) = (name.to_owned(), key.to_owned(), help.to_owned());
        self.cells(Faulty { what, column, key, help, rows });
        Some(values)
    }

    /// A column of times such as 23:30, or of hours, as hours.
    pub(super) fn hours(&mut self, name: &str, answers: &[(String, f64)], key: &str) -> Option<Arc<[f64]>> {
        let column = self.column(name, key)?;
        let Some((codes, levels)) = column.as_codes().filter(|_| answers.is_empty()) else {
            return self.numbers(name, answers, key);
        };
        let decimal = self.table.source().map_or('.', crate::table::Source::decimal);
        let read = |text: &String| clock::hours(text).or_else(|| crate::table::number(text, decimal));
        let hours: Vec<Option<f64>> = levels.iter().map(read).collect();
        let mut rows = Vec::new();
        let mut values = Vec::with_capacity(codes.len());
        for (row, code) in codes.iter().enumerate() {
            let value = usize::try_from(*code).ok().and_then(|code| hours.get(code)).copied().flatten();
            if value.is_none() && *code != MISSING_TEXT {
                rows.push(row);
            }
            values.push(value.unwrap_or(f64::NAN));
        }
        let help = "write times as 23:30, or hours as 23.5".to_owned();
        let (column, key) = (name.to_owned(), key.to_owned());
        self.cells(Faulty { what: "hold no time of the day", column, key, help, rows });
        Some(values.into())
    }

    /// Item codes must be possible answers.
    pub(super) fn codes(
        &mut self,
        values: Arc<[f64]>,
        item: &Item,
        sentinels: &[f64],
        name: &str,
        key: &str,
    ) -> Arc<[f64]> {
        let cleaning = Cleaning { limits: None, drop_outside: false, sentinels: sentinels.to_vec() };
        let values = self.clean(values, &cleaning, name, key, true);
        let fits = |v: f64| v.is_nan() || item.admits(v);
        let bad: Vec<usize> =
            values.iter().enumerate().filter(|(_, v)| !fits(**v)).map(|(row, _)| row).collect();
        self.cells(Faulty {
            what: "are no possible answer",
            column: name.to_owned(),
            key: key.to_owned(),
            help: format!("allowed: {}; codes for missing are listed under `sentinels`", item.allowed()),
            rows: bad,
        });
        values
    }

    /// The columns of an origin, each as numbers.
    pub(super) fn origin(
        &mut self,
        origin: &Origin,
        answers: &[(String, f64)],
        key: &str,
    ) -> Option<Vec<(String, Arc<[f64]>)>> {
        match origin {
            Origin::Columns(columns) => {
                let read: Vec<_> = columns
                    .iter()
                    .map(|name| Some((name.clone(), self.numbers(name, answers, key)?)))
                    .collect();
                read.into_iter().collect()
            }
            Origin::From(formula) => {
                let column = self.evaluate(&formula.expression, &format!("{key}.from"))?;
                let values = match column.shared_numbers() {
                    Some(values) => values,
                    None if answers.is_empty() => {
                        let help = "map the texts with `answers`";
                        self.fault(Fault::new("the expression gives text, not numbers").key(key).help(help));
                        return None;
                    }
                    None => {
                        let map = answers.iter().map(|(text, code)| (text.as_str(), *code));
                        Self::coded(&column, map).0.into_iter().map(|code| code.unwrap_or(f64::NAN)).collect()
                    }
                };
                Some(vec![(formula.text.clone(), values)])
            }
        }
    }
}

/// A missing reading is not unusual.
pub(super) fn is_unusual(value: f64, [low, high]: [f64; 2]) -> bool {
    value < low || value > high
}

fn find_text<T: Copy>(map: &[(&str, T)], text: &str) -> Option<T> {
    map.iter().find(|(key, _)| *key == text).map(|(_, value)| *value)
}

/// The error of all `faults` of a table.
pub(super) fn error_of(table: &Table, faults: Vec<Fault>) -> Error {
    let error = Error::new(ErrorKind::Data, faults);
    match table.source() {
        Some(source) => error.in_file(source.file()),
        None => error,
    }
}

/// The mean of the observed readings, and how many there are. One reading is passed on as it is.
pub(super) fn mean_observed(readings: &[Arc<[f64]>]) -> (Arc<[f64]>, Option<Arc<[u8]>>) {
    if let [one] = readings {
        return (Arc::clone(one), None);
    }
    let rows = readings.first().map_or(0, |reading| reading.len());
    let mut counts = Vec::with_capacity(rows);
    let mut means = Vec::with_capacity(rows);
    for row in 0..rows {
        let observed = readings.iter().filter_map(|reading| reading.get(row)).filter(|value| !value.is_nan());
        let (count, sum) = observed.fold((0u8, 0.0), |(n, sum), value| (n.saturating_add(1), sum + value));
        means.push(if count == 0 { f64::NAN } else { sum / f64::from(count) });
        counts.push(count);
    }
    (means.into(), Some(counts.into()))
}

/// An id as text, whatever the column holds.
pub(super) fn ids(column: &Column) -> Column {
    match column.as_numbers() {
        None => column.clone(),
        Some(values) => Column::text(values.iter().map(|v| (!v.is_nan()).then(|| id_text(*v)))),
    }
}

fn id_text(value: f64) -> Cow<'static, str> {
    Cow::Owned(value.to_string())
}
