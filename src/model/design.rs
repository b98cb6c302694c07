//! The terms of a model held against a table: which columns enter how, and which rows are complete.

use std::{borrow::Cow, ops::Range};

use super::{
    Missing, Model,
    term::{Kind, Term},
};
use crate::{
    error::{Error, ErrorKind, Fault, Result, suggest},
    moments::{kernel::ROWS, leaves},
    num::{double::Double, vectors},
    table::{Column, Table},
};

/// More coefficients than this are a mistake, such as ids taken for levels.
const MOST_COLUMNS: usize = 1000;

const NO_TERM: &str = "a column of ids or free text is no term";

/// A level that fewer rows share could be somebody's answer, and is not shown in a message.
const FEWEST_SHOWN: usize = 10;

pub(super) struct Design<'a> {
    pub(super) rows: usize,
    pub(super) intercept: bool,
    pub(super) outcome: &'a [f64],
    /// The columns of the table, a term each.
    pub(super) read: Vec<Read<'a>>,
    /// The columns of the design matrix but the intercept.
    pub(super) columns: Vec<Coefficient>,
    /// By row: 0 if it is complete, 1 if the outcome is missing, 2 + k if the k-th term is the first that is.
    pub(super) left_out: Vec<u16>,
}

pub(super) struct Read<'a> {
    pub(super) name: String,
    pub(super) adjuster: bool,
    pub(super) data: Data<'a>,
}

pub(super) enum Data<'a> {
    Numbers(&'a [f64]),
    Levels {
        codes: Cow<'a, [u32]>,
        levels: Vec<String>,
        reference: u32,
        /// The levels that a message may name.
        shown: Vec<String>,
    },
}

/// A column of the design matrix: a number, or whether a level is the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coefficient {
    pub(super) read: usize,
    pub(super) level: Option<u32>,
}

impl<'a> Design<'a> {
    pub(super) fn new(model: &Model, table: &'a Table) -> Result<Self> {
        let mut faults = Vec::new();
        if !(model.level > 0.0 && model.level < 1.0) {
            let what = format!("{} is no confidence", model.level);
            faults.push(Fault::new(what).key("level").help("give a number between 0 and 1, as in 0.95"));
        }
        let outcome = outcome(model, table, &mut faults);
        if model.terms.is_empty() && model.adjust.is_empty() {
            faults.push(Fault::new("the model has no term").key("term").help("add a column or more"));
        }
        let mut read: Vec<Read<'a>> = Vec::new();
        let terms =
            model.terms.iter().map(|term| (term, false)).chain(model.adjust.iter().map(|term| (term, true)));
        let made_of = table.origins(&model.outcome);
        for (term, adjuster) in terms {
            if read.iter().any(|other| other.name == term.column) {
                let fault = Fault::new("the column is a term twice").column(&term.column);
                faults.push(fault.help("name it once, as a term or as an adjuster"));
                continue;
            }
            if let Some(shared) = table.origins(&term.column).intersection(&made_of).next() {
                let what = if *shared == term.column {
                    format!("the outcome `{}` contains this column", model.outcome)
                } else {
                    format!("the outcome `{}` and this column both contain `{shared}`", model.outcome)
                };
                let help = "a regression would give back our own weights; take it off the terms";
                faults.push(Fault::new(what).column(&term.column).help(help));
            }
            match resolve(term, table) {
                Ok(data) => read.push(Read { name: term.column.clone(), adjuster, data }),
                Err(error) => faults.extend(error.into_faults()),
            }
        }
        let columns: Vec<Coefficient> =
            read.iter().enumerate().flat_map(|(at, read)| read.columns(at)).collect();
        if columns.len() > MOST_COLUMNS {
            let what = format!("{} coefficients, where at most {MOST_COLUMNS} are estimated", columns.len());
            faults.push(Fault::new(what).help(NO_TERM));
        }
        if !faults.is_empty() {
            return Err(refuse(faults));
        }
        let rows = table.rows();
        let mut design =
            Self { rows, intercept: model.intercept, outcome, read, columns, left_out: Vec::new() };
        design.left_out = design.complete();
        if model.missing == Missing::Error {
            design.refuse_missing(model)?;
        }
        Ok(design)
    }

    /// For each row why it is left out; see [`Design::left_out`].
    fn complete(&self) -> Vec<u16> {
        let leaf = |rows: Range<usize>| {
            let mut reasons = vec![0; rows.len()];
            vectors::run(
                #[inline(always)]
                || {
                    mark(&mut reasons, self.outcome.get(rows.clone()).unwrap_or_default(), 1, |y| y.is_nan());
                    for (read, reason) in self.read.iter().zip(2_u16..) {
                        match &read.data {
                            Data::Numbers(values) => {
                                let values = values.get(rows.clone()).unwrap_or_default();
                                mark(&mut reasons, values, reason, |x| x.is_nan());
                            }
                            Data::Levels { codes, .. } => {
                                let codes = codes.get(rows.clone()).unwrap_or_default();
                                mark(&mut reasons, codes, reason, |code| *code == Column::MISSING);
                            }
                        }
                    }
                },
            );
            vec![reasons]
        };
        let merge = |mut first: Vec<Vec<u16>>, second: Vec<Vec<u16>>| {
            first.extend(second);
            first
        };
        leaves::reduce(self.rows, &leaf, &merge).concat()
    }

    /// How many rows each reason leaves out: the outcome's, then each term's.
    pub(super) fn dropped(&self) -> Vec<usize> {
        let mut counts = vec![0; self.read.len() + 1];
        for reason in &self.left_out {
            if let Some(count) = usize::from(*reason).checked_sub(1).and_then(|at| counts.get_mut(at)) {
                *count += 1;
            }
        }
        counts
    }

    fn refuse_missing(&self, model: &Model) -> Result<()> {
        let names =
            std::iter::once(model.outcome.as_str()).chain(self.read.iter().map(|read| read.name.as_str()));
        let faults: Vec<Fault> = names
            .zip(self.dropped())
            .filter(|(_, rows)| *rows > 0)
            .map(|(name, rows)| {
                Fault::new(format!("missing in {rows} of {} rows", self.rows))
                    .column(name)
                    .help("fill them in beforehand, or say missing = \"drop\"")
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(refuse(faults)) }
    }

    /// The name of a coefficient: `sleep_hours`, or `smoking[current]`.
    pub(super) fn name(&self, of: Coefficient) -> String {
        let Some(read) = self.read.get(of.read) else { return String::new() };
        match read.level(of) {
            Some(level) => format!("{}[{level}]", read.name),
            None => read.name.clone(),
        }
    }

    /// The same for a message: `note[…]` if the level could be somebody's answer.
    pub(super) fn shown_name(&self, of: Coefficient) -> String {
        match self.read.get(of.read) {
            Some(read) if read.level(of).is_some_and(|level| !read.shows(level)) => {
                format!("{}[…]", read.name)
            }
            _ => self.name(of),
        }
    }

    /// Whether a column of numbers has different ones in the complete rows.
    pub(super) fn varies(&self, values: &[f64]) -> bool {
        let mut used = values.iter().zip(&self.left_out).filter(|(_, reason)| **reason == 0);
        let first = used.next();
        used.any(|(value, _)| first.is_some_and(|(first, _)| first != value))
    }

    /// Writes a block of the column, (x − shift) × scale where the row is complete and 0 elsewhere.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn write(
        &self,
        of: Coefficient,
        rows: Range<usize>,
        shift: Double,
        scale: f64,
        cells: &mut [f64],
    ) {
        let left_out = self.left_out.get(rows.clone()).unwrap_or_default();
        match self.read.get(of.read).map(|read| &read.data) {
            Some(Data::Numbers(values)) => {
                write_numbers(values.get(rows).unwrap_or_default(), left_out, shift, scale, cells);
            }
            Some(Data::Levels { codes, .. }) => {
                let level = of.level.unwrap_or(Column::MISSING);
                let codes = codes.get(rows).unwrap_or_default();
                let (is, is_not) = (shift.off(1.0) * scale, shift.off(0.0) * scale);
                cells.fill(0.0);
                for ((cell, code), reason) in cells.iter_mut().zip(codes).zip(left_out) {
                    let value = if *code == level { is } else { is_not };
                    *cell = if *reason == 0 { value } else { 0.0 };
                }
            }
            None => cells.fill(0.0),
        }
    }

    /// The same of the outcome.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
    pub(super) fn write_outcome(&self, rows: Range<usize>, shift: Double, cells: &mut [f64]) {
        let left_out = self.left_out.get(rows.clone()).unwrap_or_default();
        write_numbers(self.outcome.get(rows).unwrap_or_default(), left_out, shift, 1.0, cells);
    }

    /// The value of a column in a complete row; 0 or 1 for a level.
    pub(super) fn value(&self, of: Coefficient, row: usize) -> f64 {
        match self.read.get(of.read).map(|read| &read.data) {
            Some(Data::Numbers(values)) => values.get(row).copied().unwrap_or(0.0),
            Some(Data::Levels { codes, .. }) => f64::from(u8::from(codes.get(row) == of.level.as_ref())),
            None => 0.0,
        }
    }

    /// How many rows of a block are complete.
    pub(super) fn count(&self, rows: Range<usize>) -> usize {
        self.left_out.get(rows).unwrap_or_default().iter().filter(|reason| **reason == 0).count()
    }

    pub(super) fn first_complete(&self) -> Option<usize> {
        self.left_out.iter().position(|reason| *reason == 0)
    }
}

/// Marks the rows that miss a cell, unless they are marked already.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn mark<T>(reasons: &mut [u16], cells: &[T], reason: u16, is_missing: impl Fn(&T) -> bool) {
    // Most columns miss nothing: to ask is cheaper than to mark.
    if cells.iter().fold(false, |any, cell| any | is_missing(cell)) {
        for (found, cell) in reasons.iter_mut().zip(cells) {
            if *found == 0 && is_missing(cell) {
                *found = reason;
            }
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn write_numbers(values: &[f64], left_out: &[u16], shift: Double, scale: f64, cells: &mut [f64]) {
    for ((cell, x), reason) in cells.iter_mut().zip(values).zip(left_out) {
        let value = shift.off(*x) * scale;
        *cell = if *reason == 0 { value } else { 0.0 };
    }
    if values.len() < ROWS {
        cells.iter_mut().skip(values.len()).for_each(|cell| *cell = 0.0);
    }
}

impl Read<'_> {
    fn columns(&self, read: usize) -> Vec<Coefficient> {
        match &self.data {
            Data::Numbers(_) => vec![Coefficient { read, level: None }],
            Data::Levels { levels, reference, .. } => (0_u32..)
                .zip(levels)
                .filter(|(code, _)| code != reference)
                .map(|(code, _)| Coefficient { read, level: Some(code) })
                .collect(),
        }
    }

    pub(super) fn level(&self, of: Coefficient) -> Option<&str> {
        match &self.data {
            Data::Numbers(_) => None,
            Data::Levels { levels, .. } => nth(levels, of.level?),
        }
    }

    /// Whether a message may name the level.
    fn shows(&self, level: &str) -> bool {
        self.shown().iter().any(|shown| shown == level)
    }

    pub(super) fn shown(&self) -> &[String] {
        match &self.data {
            Data::Numbers(_) => &[],
            Data::Levels { shown, .. } => shown,
        }
    }

    pub(super) fn reference(&self) -> Option<&str> {
        match &self.data {
            Data::Numbers(_) => None,
            Data::Levels { levels, reference, .. } => nth(levels, *reference),
        }
    }
}

fn nth(levels: &[String], code: u32) -> Option<&str> {
    levels.get(usize::try_from(code).ok()?).map(String::as_str)
}

fn refuse(faults: Vec<Fault>) -> Error {
    Error::new(ErrorKind::Model, faults)
}

fn outcome<'a>(model: &Model, table: &'a Table, faults: &mut Vec<Fault>) -> &'a [f64] {
    let Some(column) = table.get(&model.outcome) else {
        faults.push(table.unknown(&model.outcome));
        return &[];
    };
    column.as_numbers().unwrap_or_else(|| {
        let fault = Fault::new("the outcome holds texts").column(&model.outcome);
        faults.push(fault.help("explain a column of numbers"));
        &[]
    })
}

fn resolve<'a>(term: &Term, table: &'a Table) -> Result<Data<'a>> {
    let Some(column) = table.get(&term.column) else {
        return Err(refuse(vec![table.unknown(&term.column)]));
    };
    let fault = |what: &str, help: &str| Err(refuse(vec![Fault::new(what).column(&term.column).help(help)]));
    match (term.kind, column.as_numbers(), column.as_codes()) {
        (Kind::Linear | Kind::AsColumn, Some(values), _) => {
            if term.reference.is_some() {
                return fault("a linear term has no reference", "say kind = \"factor\", or leave it out");
            }
            Ok(Data::Numbers(values))
        }
        (Kind::Linear, None, _) => {
            fault("the column holds texts", "enter it by its levels: kind = \"factor\"")
        }
        (Kind::Factor, Some(values), _) => {
            let Some((codes, levels)) = levels_of_numbers(values) else { return Err(too_many(term)) };
            let shown = common(&levels, &codes);
            let reference = reference_of_numbers(term, &levels, &shown)?;
            Ok(Data::Levels { codes: Cow::Owned(codes), levels, reference, shown })
        }
        (Kind::Factor | Kind::AsColumn, None, Some((codes, levels))) => {
            if levels.len() > MOST_COLUMNS {
                return Err(too_many(term));
            }
            let declared = column.reference().filter(|_| column.is_factor());
            let shown = if column.is_factor() { levels.to_vec() } else { common(levels, codes) };
            let reference = reference(term, levels, &shown, term.reference.as_deref().or(declared))?;
            Ok(Data::Levels { codes: Cow::Borrowed(codes), levels: levels.to_vec(), reference, shown })
        }
        (Kind::Factor | Kind::AsColumn, None, None) => fault("the column holds nothing", "name another"),
    }
}

fn too_many(term: &Term) -> Error {
    let fault = Fault::new(format!("more than {MOST_COLUMNS} levels"));
    refuse(vec![fault.column(&term.column).help(NO_TERM)])
}

/// The distinct numbers, rising, as levels; `None` if there are too many.
fn levels_of_numbers(values: &[f64]) -> Option<(Vec<u32>, Vec<String>)> {
    let mut distinct: Vec<f64> = Vec::new();
    for value in values.iter().filter(|value| !value.is_nan()) {
        if let Err(at) = distinct.binary_search_by(|known| known.total_cmp(&(value + 0.0))) {
            distinct.insert(at, value + 0.0);
        }
        if distinct.len() > MOST_COLUMNS {
            return None;
        }
    }
    let code = |value: &f64| {
        let found = distinct.binary_search_by(|known| known.total_cmp(&(value + 0.0))).ok();
        found.and_then(|at| u32::try_from(at).ok()).unwrap_or(Column::MISSING)
    };
    Some((values.iter().map(code).collect(), distinct.iter().map(f64::to_string).collect()))
}

/// The levels that enough rows share.
fn common(levels: &[String], codes: &[u32]) -> Vec<String> {
    let mut counts = vec![0_usize; levels.len()];
    for code in codes {
        if let Some(count) = usize::try_from(*code).ok().and_then(|code| counts.get_mut(code)) {
            *count += 1;
        }
    }
    let common = levels.iter().zip(counts).filter(|(_, count)| *count >= FEWEST_SHOWN);
    common.map(|(level, _)| level.clone()).collect()
}

/// `4`, `4.0` and `4e0` are the same level of numbers.
fn reference_of_numbers(term: &Term, levels: &[String], shown: &[String]) -> Result<u32> {
    let wanted = term.reference.as_deref().map(|written| {
        written.trim().parse::<f64>().map_or_else(|_| written.to_owned(), |number| (number + 0.0).to_string())
    });
    reference(term, levels, shown, wanted.as_deref())
}

fn reference(term: &Term, levels: &[String], shown: &[String], wanted: Option<&str>) -> Result<u32> {
    let Some(wanted) = wanted else {
        let help = match shown {
            [] => "name a level as `reference`".to_owned(),
            known => format!("name one as `reference`: {}", known.join(", ")),
        };
        let fault = Fault::new("the factor declares no level that the others are compared with");
        return Err(refuse(vec![fault.column(&term.column).help(help)]));
    };
    match levels.iter().position(|level| level == wanted).and_then(|at| u32::try_from(at).ok()) {
        Some(code) => Ok(code),
        None => {
            let help = suggest(wanted, shown.iter().map(String::as_str));
            let fault = Fault::new(format!("no row has the level `{wanted}`"));
            Err(refuse(vec![fault.column(&term.column).help(help)]))
        }
    }
}
