//! Tables: typed columns with missing values, and their doors to CSV, ndarray and linfa.
//!
//! A [`Table`] is any rectangular data. It knows nothing of definitions or persons, and never shows a cell.
//!
//! # Example
//! ```
//! use vointi::table::Table;
//! let table = Table::builder()
//!     .number("sleep_hours", [Some(7.5), None])
//!     .text("smoking", [Some("never"), Some("former")])
//!     .build()?;
//! assert_eq!(table.names().collect::<Vec<_>>(), ["sleep_hours", "smoking"]);
//! assert_eq!(table.column("sleep_hours")?.number(1), None);
//! # Ok::<(), vointi::Error>(())
//! ```

mod builder;
mod cell;
mod column;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "linfa")]
mod dataset;
#[cfg(feature = "csv")]
mod detect;
mod matrix;
mod places;
#[cfg(feature = "csv")]
mod read;
#[cfg(feature = "csv")]
pub(crate) mod records;
mod source;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

#[cfg(feature = "csv")]
pub use self::csv::CsvOptions;
pub use builder::TableBuilder;
pub(crate) use cell::number;
pub use column::Column;
#[cfg(feature = "linfa")]
pub use dataset::Complete;
pub use source::{LineEnding, Source};

use crate::error::{Error, ErrorKind, Fault, Result, nearest};

/// Rectangular data: named columns of one length. Cloning copies no cell.
///
/// **Missing data.** Every cell may be missing.
///
/// `Debug` shows the rows and the names of the columns, never a cell.
///
/// # Example
/// ```
/// use vointi::table::Table;
/// let table = Table::builder().number("age", [Some(41.0), None]).build()?;
/// assert_eq!(format!("{table:?}"), r#"Table(2 rows, columns ["age"])"#);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Table(Arc<Inner>);

struct Inner {
    rows: usize,
    columns: Vec<(Arc<str>, Column)>,
    positions: HashMap<Arc<str>, usize>,
    /// What columns made of others are made of.
    origins: HashMap<Arc<str>, Arc<BTreeSet<String>>>,
    source: Option<Arc<Source>>,
}

impl Table {
    /// A table put together column by column.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// assert_eq!(Table::builder().number("age", [Some(41.0)]).build()?.rows(), 1);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn builder() -> TableBuilder {
        TableBuilder::default()
    }

    /// The number of rows.
    ///
    /// **Missing data.** Rows count whether or not a cell is observed.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// assert_eq!(Table::builder().number("age", [None]).build()?.rows(), 1);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn rows(&self) -> usize {
        self.0.rows
    }

    /// The names of the columns, in their order.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder().number("b", []).number("a", []).build()?;
    /// assert!(table.names().eq(["b", "a"]));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.columns.iter().map(|(name, _)| &**name)
    }

    /// The column with this name.
    ///
    /// # Errors
    /// If there is none; the fault suggests the nearest name.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder().number("smoking", [Some(1.0)]).build()?;
    /// let error = table.column("smokin").unwrap_err();
    /// assert_eq!(error.to_string(), "column `smokin`: no such column; did you mean `smoking`?");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.get(name).ok_or_else(|| self.error(vec![self.unknown(name)]))
    }

    /// The column with this name, if there is one.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder().number("age", [Some(41.0)]).build()?;
    /// assert!(table.get("age").is_some() && table.get("Age").is_none());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.0.columns.get(*self.0.positions.get(name)?).map(|(_, column)| column)
    }

    /// A table with one column more, at the end; this one stays as it is. No cell is copied.
    ///
    /// # Errors
    /// If the column has another number of rows, or its name is empty or taken.
    ///
    /// # Example
    /// ```
    /// use vointi::table::{Column, Table};
    /// let table = Table::builder().number("age", [Some(41.0), None]).build()?;
    /// let wider = table.with_column("smoking", Column::text([Some("never"), None]))?;
    /// assert!(wider.names().eq(["age", "smoking"]));
    /// assert!(wider.with_column("age", Column::text([None::<&str>, None])).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with_column(&self, name: impl Into<String>, column: Column) -> Result<Self> {
        let name = name.into();
        let mut faults = Vec::new();
        if name.is_empty() {
            faults.push(Fault::new("a column needs a name"));
        }
        if self.get(&name).is_some() {
            faults.push(Fault::new("the table has a column of this name").column(name.as_str()));
        }
        if column.len() != self.rows() {
            let what = format!("{} rows, where the table has {}", column.len(), self.rows());
            faults.push(Fault::new(what).column(name.as_str()));
        }
        if !faults.is_empty() {
            return Err(self.error(faults));
        }
        let name: Arc<str> = name.into();
        let mut columns = self.0.columns.clone();
        let mut positions = self.0.positions.clone();
        positions.insert(Arc::clone(&name), columns.len());
        columns.push((name, column));
        let inner = Inner {
            rows: self.rows(),
            columns,
            positions,
            origins: self.0.origins.clone(),
            source: self.0.source.clone(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The same table, knowing what some of its columns are made of.
    #[must_use]
    pub(crate) fn with_origins(&self, made: impl IntoIterator<Item = (String, BTreeSet<String>)>) -> Self {
        let mut origins = self.0.origins.clone();
        origins.extend(made.into_iter().map(|(name, of)| (name.into(), Arc::new(of))));
        let Inner { rows, columns, positions, source, .. } = &*self.0;
        let (columns, positions) = (columns.clone(), positions.clone());
        Self(Arc::new(Inner { rows: *rows, columns, positions, origins, source: source.clone() }))
    }

    /// What a column is made of: columns of a file, or itself.
    pub(crate) fn origins(&self, name: &str) -> BTreeSet<String> {
        match self.0.origins.get(name) {
            Some(made) => BTreeSet::clone(made),
            None => BTreeSet::from([name.to_owned()]),
        }
    }

    /// How the file was read; `None` for a table put together in a program.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// assert!(Table::builder().number("age", [Some(41.0)]).build()?.source().is_none());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn source(&self) -> Option<&Source> {
        self.0.source.as_deref()
    }

    /// The line of the file a row came from, counted from 1; the first line of the row if a cell has a line break.
    pub(crate) fn line(&self, row: usize) -> Option<usize> {
        self.source().filter(|_| row < self.rows()).map(|source| source.line(row))
    }

    /// The fault of asking for a column that is not there. The other names are not listed: in a file without a
    /// header they are the first person's values.
    pub(crate) fn unknown(&self, name: &str) -> Fault {
        let help = match nearest(name, self.names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {} columns; is the first line their header?", self.names().count()),
        };
        Fault::new("no such column").column(name).help(help)
    }

    /// Faults of this table, placed in its file if it came from one.
    fn error(&self, faults: Vec<Fault>) -> Error {
        let error = Error::new(ErrorKind::Table, faults);
        match self.source() {
            Some(source) => error.in_file(source.file()),
            None => error,
        }
    }

    /// Checked columns, see [`TableBuilder::finish`].
    fn assemble(columns: Vec<(String, Column)>, source: Option<Source>) -> Self {
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        let columns: Vec<(Arc<str>, Column)> =
            columns.into_iter().map(|(name, column)| (name.into(), column)).collect();
        let positions = columns.iter().zip(0..).map(|((name, _), at)| (Arc::clone(name), at)).collect();
        let origins = HashMap::new();
        Self(Arc::new(Inner { rows, columns, positions, origins, source: source.map(Arc::new) }))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} rows, columns {:?})", self.rows(), self.names().collect::<Vec<_>>())
    }
}
