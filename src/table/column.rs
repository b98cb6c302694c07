//! One column: numbers, or texts coded by their levels.

use std::{collections::HashMap, fmt, sync::Arc};

use super::cell::{self, Cell, Decimal};
use super::places::Places;
use crate::error::{Error, ErrorKind, Fault, Result, suggest};

/// One column of a [`Table`](super::Table): numbers, or texts. Cloning copies no cell.
///
/// A text column whose levels were declared, by [`factor`](Self::factor) or [`with_levels`](Self::with_levels),
/// is a *factor*: its levels have an order, so it may enter a matrix as the numbers 0, 1, ….
///
/// **Missing data.** Every cell may be missing; number cells are never infinite.
///
/// `Debug` shows kind, length and the count of missing cells, never a cell.
///
/// # Example
/// ```
/// use vointi::table::Column;
/// let mood = Column::numbers([Some(7.0), None])?;
/// assert_eq!((mood.number(0), mood.number(1)), (Some(7.0), None));
/// assert_eq!(format!("{mood:?}"), "Column(numbers, 2 rows, 1 missing)");
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Column(Repr);

#[derive(Clone)]
enum Repr {
    /// NaN is a missing number.
    Number(Arc<[f64]>),
    Text(Arc<Coded>),
}

#[derive(Clone)]
struct Coded {
    codes: Vec<u32>,
    levels: Vec<String>,
    declared: bool,
    /// The level that the others are compared with.
    reference: Option<u32>,
}

impl Column {
    /// The code of a missing text. No level has it: a table holds fewer rows than this.
    pub(crate) const MISSING: u32 = u32::MAX;

    /// A column of numbers.
    ///
    /// **Missing data.** `None` is a missing number.
    ///
    /// # Errors
    /// If a number is infinite, or NaN: what is missing is written `None`.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// assert_eq!(Column::numbers([Some(1.5), None])?.number(0), Some(1.5));
    /// let error = Column::numbers([Some(1.5), Some(f64::NAN)]).unwrap_err();
    /// assert!(error.to_string().contains("row 1"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn numbers(values: impl IntoIterator<Item = Option<f64>>) -> Result<Self> {
        let mut nan = Places::default();
        let values: Vec<f64> = values
            .into_iter()
            .enumerate()
            .map(|(row, value)| {
                if value.is_some_and(f64::is_nan) {
                    nan.add(row);
                }
                value.unwrap_or(f64::NAN)
            })
            .collect();
        let mut faults = Vec::new();
        if !nan.is_empty() {
            faults
                .push(Fault::new(format!("NaN in {}", nan.rows())).help("write `None` for a missing number"));
        }
        match Self::numbers_or_nan(values) {
            Ok(column) if faults.is_empty() => return Ok(column),
            Ok(_) => {}
            Err(error) => faults.extend(error.into_faults()),
        }
        Err(Error::new(ErrorKind::Table, faults))
    }

    /// A column of numbers in which NaN stands for a missing one, as ndarray has it.
    ///
    /// **Missing data.** NaN is a missing number.
    ///
    /// # Errors
    /// If a number is infinite.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// let column = Column::numbers_or_nan(vec![1.5, f64::NAN])?;
    /// assert_eq!(column.observed(), 1);
    /// assert!(Column::numbers_or_nan(vec![f64::INFINITY]).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn numbers_or_nan(values: Vec<f64>) -> Result<Self> {
        let mut infinite = Places::default();
        for (row, value) in values.iter().enumerate() {
            if value.is_infinite() {
                infinite.add(row);
            }
        }
        if !infinite.is_empty() {
            let fault = Fault::new(format!("infinite number in {}", infinite.rows()));
            return Err(Error::new(ErrorKind::Table, vec![fault.help("a number is finite or missing")]));
        }
        Ok(Self(Repr::Number(values.into())))
    }

    /// A column of texts. Its levels are the distinct texts, in order of first appearance.
    ///
    /// **Missing data.** `None` is a missing text; an empty text is a text.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// let smoking = Column::text([Some("never"), None, Some("former"), Some("never")]);
    /// assert_eq!(smoking.text_at(3), Some("never"));
    /// assert_eq!(smoking.levels(), Some(["never".to_owned(), "former".to_owned()].as_slice()));
    /// ```
    pub fn text<S: AsRef<str>>(values: impl IntoIterator<Item = Option<S>>) -> Self {
        let mut interner = Interner::default();
        for value in values {
            interner.push(value.as_ref().map(AsRef::as_ref));
        }
        interner.finish()
    }

    /// A factor: texts out of declared levels, in the order of the declaration.
    ///
    /// **Missing data.** `None` is a missing text.
    ///
    /// # Errors
    /// If a level is declared twice, or a text is none of the levels. The fault names the rows, not the text.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// let size = Column::factor(["small", "large"], [Some("large"), None])?;
    /// assert_eq!(size.text_at(0), Some("large"));
    /// let error = Column::factor(["small", "large"], [Some("huge")]).unwrap_err();
    /// assert!(error.to_string().contains("row 0") && !error.to_string().contains("huge"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn factor<L: Into<String>, S: AsRef<str>>(
        levels: impl IntoIterator<Item = L>,
        values: impl IntoIterator<Item = Option<S>>,
    ) -> Result<Self> {
        Self::text(values).with_levels(levels)
    }

    /// This text column as a factor of the given levels, in their order. A level may be without a row.
    ///
    /// **Missing data.** What is missing stays missing.
    ///
    /// # Errors
    /// As [`factor`](Self::factor); and if this is a column of numbers with an observed cell.
    ///
    /// # Example
    /// ```
    /// use vointi::table::{Column, Table};
    /// let table = Table::builder().text("size", [Some("large"), Some("small")]).build()?;
    /// let size = table.column("size")?.with_levels(["small", "large"])?;
    /// let table = table.with_column("ordered", size)?;
    /// assert_eq!(table.matrix_or_nan(&["ordered"])?.column(0).to_vec(), [1.0, 0.0]);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with_levels<L: Into<String>>(&self, levels: impl IntoIterator<Item = L>) -> Result<Self> {
        let levels: Vec<String> = levels.into_iter().map(Into::into).collect();
        let mut faults = Vec::new();
        let mut known = HashMap::new();
        for (position, level) in levels.iter().enumerate() {
            let code = u32::try_from(position).unwrap_or(Column::MISSING);
            if let Some(first) = known.insert(level.as_str(), code) {
                faults.push(Fault::new(format!("declared levels {first} and {position} are the same")));
            }
        }
        let codes = match &self.0 {
            Repr::Text(coded) => {
                let map: Vec<Option<u32>> =
                    coded.levels.iter().map(|level| known.get(level.as_str()).copied()).collect();
                let mut unknown = Places::default();
                let mut codes = Vec::with_capacity(coded.codes.len());
                for (row, &code) in coded.codes.iter().enumerate() {
                    let new = if code == Column::MISSING {
                        Some(Column::MISSING)
                    } else {
                        nth(&map, code).flatten()
                    };
                    if new.is_none() {
                        unknown.add(row);
                    }
                    codes.push(new.unwrap_or(Column::MISSING));
                }
                if !unknown.is_empty() {
                    let fault = Fault::new(format!("none of the declared levels in {}", unknown.rows()));
                    faults.push(fault.help(format!("declared are {} levels", levels.len())));
                }
                codes
            }
            // A column without an observed cell has no kind of its own: CSV reads it as numbers.
            Repr::Number(values) => {
                if self.observed() > 0 {
                    faults.push(Fault::new("a column of numbers has no levels").help("give texts"));
                }
                vec![Column::MISSING; values.len()]
            }
        };
        if faults.is_empty() {
            Ok(Self(Repr::Text(Arc::new(Coded { codes, levels, declared: true, reference: None }))))
        } else {
            Err(Error::new(ErrorKind::Table, faults))
        }
    }

    /// This factor with the level that models compare the others with; without one it is the first.
    ///
    /// # Errors
    /// If the level is none of the declared ones, or the column is no factor.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// let diet = Column::factor(["poor", "good"], [Some("poor")])?;
    /// assert_eq!(diet.reference(), Some("poor"));
    /// assert_eq!(diet.with_reference("good")?.reference(), Some("good"));
    /// assert!(diet.with_reference("great").is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with_reference(&self, level: &str) -> Result<Self> {
        let refuse = |fault: Fault| Err(Error::new(ErrorKind::Table, vec![fault]));
        let Repr::Text(coded) = &self.0 else {
            return refuse(Fault::new("a column of numbers has no levels").help("give a factor"));
        };
        let position = coded.levels.iter().position(|known| known == level).filter(|_| coded.declared);
        let Some(reference) = position.and_then(|position| u32::try_from(position).ok()) else {
            let help = if coded.declared {
                suggest(level, coded.levels.iter().map(String::as_str))
            } else {
                "declare levels first".to_owned()
            };
            return refuse(Fault::new(format!("there is no declared level `{level}`")).help(help));
        };
        Ok(Self(Repr::Text(Arc::new(Coded { reference: Some(reference), ..Coded::clone(coded) }))))
    }

    /// The level of a factor that models compare the others with: the declared one, or the first.
    pub fn reference(&self) -> Option<&str> {
        match &self.0 {
            Repr::Text(coded) if coded.declared => nth_ref(&coded.levels, coded.reference.unwrap_or(0)),
            _ => None,
        }
    }

    /// The number of rows.
    ///
    /// **Missing data.** Missing cells count.
    ///
    /// # Example
    /// ```
    /// assert_eq!(vointi::table::Column::numbers([Some(1.0), None])?.len(), 2);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Number(values) => values.len(),
            Repr::Text(coded) => coded.codes.len(),
        }
    }

    /// Whether there are no rows.
    ///
    /// # Example
    /// ```
    /// assert!(vointi::table::Column::numbers([])?.is_empty());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the column holds numbers.
    ///
    /// **Missing data.** A CSV column without an observed cell counts as numbers, unless it was asked for as text.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// assert!(Column::numbers([Some(1.0)])?.is_number());
    /// assert!(!Column::text([Some("1")]).is_number());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn is_number(&self) -> bool {
        matches!(self.0, Repr::Number(_))
    }

    /// Whether the column holds texts out of declared levels.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// assert!(Column::factor(["no", "yes"], [Some("yes")])?.is_factor());
    /// assert!(!Column::text([Some("yes")]).is_factor());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn is_factor(&self) -> bool {
        matches!(&self.0, Repr::Text(coded) if coded.declared)
    }

    /// The number of cells that are not missing.
    ///
    /// # Example
    /// ```
    /// assert_eq!(vointi::table::Column::text([Some("a"), None]).observed(), 1);
    /// ```
    pub fn observed(&self) -> usize {
        match &self.0 {
            Repr::Number(values) => values.iter().filter(|value| !value.is_nan()).count(),
            Repr::Text(coded) => coded.codes.iter().filter(|&&code| code != Column::MISSING).count(),
        }
    }

    /// The number of a row, counted from 0.
    ///
    /// **Missing data.** `None` if missing, beyond the last row, or in a column of texts.
    ///
    /// # Example
    /// ```
    /// assert_eq!(vointi::table::Column::numbers([Some(2.5)])?.number(0), Some(2.5));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn number(&self, row: usize) -> Option<f64> {
        self.as_numbers()?.get(row).copied().filter(|value| !value.is_nan())
    }

    /// The text of a row, counted from 0.
    ///
    /// **Missing data.** `None` if missing, beyond the last row, or in a column of numbers.
    ///
    /// # Example
    /// ```
    /// assert_eq!(vointi::table::Column::text([Some("never")]).text_at(0), Some("never"));
    /// ```
    pub fn text_at(&self, row: usize) -> Option<&str> {
        let (codes, levels) = self.as_codes()?;
        levels.get(usize::try_from(*codes.get(row)?).ok()?).map(String::as_str)
    }

    /// The levels of a column of texts: as declared, or in order of first appearance.
    ///
    /// **Missing data.** A missing cell has no level. `None` for a column of numbers.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Column;
    /// let size = Column::factor(["small", "large"], [Some("large")])?;
    /// assert_eq!(size.levels().map(<[String]>::len), Some(2));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn levels(&self) -> Option<&[String]> {
        self.as_codes().map(|(_, levels)| levels)
    }

    /// Numbers known to be finite or NaN.
    #[cfg(feature = "csv")]
    pub(super) fn checked_numbers(values: Vec<f64>) -> Self {
        Self(Repr::Number(values.into()))
    }

    /// Whether the other column holds the same cells in the same rows.
    pub(crate) fn has_cells_of(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Number(own), Repr::Number(cells)) => {
                let is_same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
                Arc::ptr_eq(own, cells)
                    || own.len() == cells.len() && own.iter().zip(cells.iter()).all(is_same)
            }
            (Repr::Text(own), Repr::Text(cells)) => {
                let is_same = |row| self.text_at(row) == other.text_at(row);
                Arc::ptr_eq(own, cells) || self.len() == other.len() && (0..self.len()).all(is_same)
            }
            _ => false,
        }
    }

    /// The cells of these rows; one that there is not is missing.
    pub(crate) fn of_rows(&self, rows: &[usize]) -> Self {
        Self(match &self.0 {
            Repr::Number(values) => {
                Repr::Number(rows.iter().map(|row| values.get(*row).copied().unwrap_or(f64::NAN)).collect())
            }
            Repr::Text(coded) => {
                let codes = rows.iter().map(|row| coded.codes.get(*row).copied().unwrap_or(Self::MISSING));
                Repr::Text(Arc::new(Coded { codes: codes.collect(), ..Coded::clone(coded) }))
            }
        })
    }

    /// Every number, NaN where missing.
    pub(crate) fn as_numbers(&self) -> Option<&[f64]> {
        match &self.0 {
            Repr::Number(values) => Some(values),
            Repr::Text(_) => None,
        }
    }

    /// Every number, NaN where missing, shared and not copied.
    pub(crate) fn shared_numbers(&self) -> Option<Arc<[f64]>> {
        match &self.0 {
            Repr::Number(values) => Some(Arc::clone(values)),
            Repr::Text(_) => None,
        }
    }

    /// Every code, [`Column::MISSING`] where missing, and the levels they count from 0.
    pub(crate) fn as_codes(&self) -> Option<(&[u32], &[String])> {
        match &self.0 {
            Repr::Number(_) => None,
            Repr::Text(coded) => Some((&coded.codes, &coded.levels)),
        }
    }

    /// The texts read as numbers, NaN where missing or unreadable, and the rows that are unreadable or infinite.
    /// A column of numbers comes back as it is.
    pub(crate) fn parse_numbers(&self, decimal: char) -> (Vec<f64>, Vec<usize>) {
        let coded = match &self.0 {
            Repr::Number(values) => return (values.to_vec(), Vec::new()),
            Repr::Text(coded) => coded,
        };
        let decimal = Decimal::from_char(decimal);
        let read: Vec<Option<f64>> = coded
            .levels
            .iter()
            .map(|level| match cell::parse(level.trim().as_bytes(), decimal) {
                Cell::Number(value, _) => Some(value),
                Cell::Infinite | Cell::Text => None,
            })
            .collect();
        let mut bad = Vec::new();
        let mut values = Vec::with_capacity(coded.codes.len());
        for (row, &code) in coded.codes.iter().enumerate() {
            let value = nth(&read, code).flatten();
            if value.is_none() && code != Column::MISSING {
                bad.push(row);
            }
            values.push(value.unwrap_or(f64::NAN));
        }
        (values, bad)
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, missing) = (self.len(), self.len() - self.observed());
        match &self.0 {
            Repr::Number(_) => write!(f, "Column(numbers, {rows} rows, {missing} missing)"),
            Repr::Text(coded) => {
                let kind = if coded.declared { "factor" } else { "texts" };
                write!(f, "Column({kind}, {rows} rows, {missing} missing, {} levels)", coded.levels.len())
            }
        }
    }
}

fn nth_ref(items: &[String], code: u32) -> Option<&str> {
    items.get(usize::try_from(code).ok()?).map(String::as_str)
}

fn nth<T: Copy>(items: &[T], code: u32) -> Option<T> {
    items.get(usize::try_from(code).ok()?).copied()
}

/// Texts on their way to a column: each distinct text is kept once.
#[derive(Default)]
pub(super) struct Interner {
    codes: Vec<u32>,
    known: HashMap<String, u32>,
}

impl Interner {
    /// Starts with `rows` missing texts.
    #[cfg(feature = "csv")]
    pub(super) fn after(rows: usize) -> Self {
        Self { codes: vec![Column::MISSING; rows], known: HashMap::new() }
    }

    pub(super) fn push(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.codes.push(Column::MISSING);
            return;
        };
        let code = self.known.get(text).copied().unwrap_or_else(|| {
            // A table refuses so many rows that a code could reach `Column::MISSING`.
            let code = u32::try_from(self.known.len()).unwrap_or(Column::MISSING);
            self.known.insert(text.to_owned(), code);
            code
        });
        self.codes.push(code);
    }

    pub(super) fn finish(self) -> Column {
        let mut levels: Vec<(u32, String)> =
            self.known.into_iter().map(|(level, code)| (code, level)).collect();
        levels.sort_unstable_by_key(|(code, _)| *code);
        let levels = levels.into_iter().map(|(_, level)| level).collect();
        Column(Repr::Text(Arc::new(Coded { codes: self.codes, levels, declared: false, reference: None })))
    }
}
