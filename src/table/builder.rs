//! A table put together column by column.

use std::{collections::HashMap, fmt};

use super::column::Column;
use super::{Source, Table};
use crate::error::{Error, ErrorKind, Fault, Result};

/// Collects the columns of a [`Table`]; every fault comes back together from [`build`](Self::build).
///
/// `Debug` shows the number of columns and faults, never a cell.
///
/// # Example
/// ```
/// use vointi::table::Table;
/// let table = Table::builder()
///     .number("age", [Some(41.0), None])
///     .text("smoking", [Some("never"), Some("former")])
///     .build()?;
/// assert_eq!(table.rows(), 2);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct TableBuilder {
    /// A column that could not be made is `None`: its name counts, its length does not.
    columns: Vec<(String, Option<Column>)>,
    faults: Vec<Fault>,
}

impl TableBuilder {
    /// Adds a column of numbers.
    ///
    /// **Missing data.** `None` is a missing number.
    ///
    /// # Errors
    /// [`build`](Self::build) refuses infinite numbers and NaN.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder().number("age", [Some(41.0), None]).build()?;
    /// assert_eq!(table.column("age")?.number(0), Some(41.0));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn number(self, name: impl Into<String>, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        self.made(name.into(), Column::numbers(values))
    }

    /// Adds a column of texts.
    ///
    /// **Missing data.** `None` is a missing text.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder().text("smoking", [Some("never"), None]).build()?;
    /// assert_eq!(table.column("smoking")?.text_at(0), Some("never"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn text<S: AsRef<str>>(
        self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = Option<S>>,
    ) -> Self {
        self.made(name.into(), Ok(Column::text(values)))
    }

    /// Adds a factor: texts out of declared levels.
    ///
    /// **Missing data.** `None` is a missing text.
    ///
    /// # Errors
    /// [`build`](Self::build) refuses repeated levels and texts that are none of them.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder().factor("size", ["small", "large"], [Some("large"), None]).build()?;
    /// assert!(table.column("size")?.is_factor());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn factor<L: Into<String>, S: AsRef<str>>(
        self,
        name: impl Into<String>,
        levels: impl IntoIterator<Item = L>,
        values: impl IntoIterator<Item = Option<S>>,
    ) -> Self {
        self.made(name.into(), Column::factor(levels, values))
    }

    /// Adds a column made elsewhere.
    ///
    /// # Example
    /// ```
    /// use vointi::table::{Column, Table};
    /// let steps = Column::numbers_or_nan(vec![7200.0, f64::NAN])?;
    /// assert_eq!(Table::builder().column("steps", steps).build()?.rows(), 2);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn column(self, name: impl Into<String>, column: Column) -> Self {
        self.made(name.into(), Ok(column))
    }

    /// The table.
    ///
    /// # Errors
    /// All faults together: those of single columns, lengths that differ from the first column's, repeated and
    /// empty names, no column at all.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let error = Table::builder()
    ///     .number("age", [Some(41.0), Some(f64::INFINITY)])
    ///     .number("weight", [Some(70.0)])
    ///     .number("weight", [Some(70.0)])
    ///     .build()
    ///     .unwrap_err();
    /// assert_eq!(error.faults().len(), 2, "the infinity and the repeated name");
    /// ```
    pub fn build(self) -> Result<Table> {
        self.finish(None)
    }

    pub(super) fn finish(self, source: Option<Source>) -> Result<Table> {
        let mut faults = self.faults;
        check(&self.columns, &mut faults);
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Table, faults));
        }
        let columns = self.columns.into_iter().filter_map(|(name, column)| Some((name, column?))).collect();
        Ok(Table::assemble(columns, source))
    }

    /// Adds a column, or the faults that kept it from being made.
    pub(super) fn made(mut self, name: String, column: Result<Column>) -> Self {
        let column = column
            .map_err(|error| {
                self.faults.extend(error.into_faults().into_iter().map(|fault| fault.column(name.as_str())));
            })
            .ok();
        self.columns.push((name, column));
        self
    }
}

impl fmt::Debug for TableBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TableBuilder({} columns, {} faults)", self.columns.len(), self.faults.len())
    }
}

/// What is wrong with the columns together.
fn check(columns: &[(String, Option<Column>)], faults: &mut Vec<Fault>) {
    faults.extend(names(columns.iter().map(|(name, _)| name.as_str())));
    let made = || columns.iter().filter_map(|(name, column)| Some((name, column.as_ref()?.len())));
    let Some((first, rows)) = made().next() else {
        if columns.is_empty() {
            faults.push(Fault::new("a table needs a column"));
        }
        return;
    };
    for (name, len) in made().filter(|(_, len)| *len != rows) {
        let what = format!("{len} rows, where the first column, `{first}`, has {rows}");
        faults.push(Fault::new(what).column(name));
    }
    // Texts are coded in 32 bits.
    if !u32::try_from(rows).is_ok_and(|rows| rows < Column::MISSING) {
        faults.push(Fault::new(format!("{rows} rows; a table holds fewer than {}", Column::MISSING)));
    }
}

/// Repeated and empty names, with their positions counted from 1.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Fault> {
    let mut seen = HashMap::new();
    let mut faults = Vec::new();
    for (name, position) in names.zip(1_usize..) {
        if name.is_empty() {
            faults.push(Fault::new(format!("column {position} has no name")));
        } else if let Some(first) = seen.get(name) {
            let what = format!("columns {first} and {position} have the same name");
            // Not the name itself: in a file without a header it is somebody's value.
            faults.push(Fault::new(what).help("every column needs a name of its own"));
        } else {
            seen.insert(name, position);
        }
    }
    faults
}
