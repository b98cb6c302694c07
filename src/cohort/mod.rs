//! What is observed: a table bound to a definition, decoded into the numbers and levels it means.
//!
//! A cohort holds no score. Missing is NaN inside and `Option` outside; `Debug` shows a shape, never a value.

mod beside;
mod bind;
mod codes;
mod decode;
mod draft;
mod flag;
mod inspect;
mod person;
mod readings;

use std::{fmt, sync::Arc};

use beside::Beside;
pub(crate) use beside::{Forced, OwnWaves};
pub(crate) use codes::Codes;
pub use flag::{Flag, Flags};
pub use inspect::{ColumnCoverage, Inspection, UnmappedAnswer};
pub use person::{Person, PersonBuilder};
pub(crate) use readings::Measured;

use crate::{
    definition::{Definition, parts::Resolved, roles},
    error::{Error, ErrorKind, Fault, Result},
    table::{Column, Table},
};

/// Persons, one a row, as a [`Definition`] understands them.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// assert_eq!(cohort.rows(), 5265);
/// assert_eq!(format!("{cohort:?}"), "Cohort(5265 persons, definition \"nhanes\")");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Cohort {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    definition: Definition,
    /// As text, as written in the file.
    ids: Column,
    units: Option<Column>,
    waves: Option<Column>,
    /// Instrument by instrument, item by item.
    items: Vec<Vec<Codes>>,
    measures: Vec<Measured>,
    /// The ids, then choices by id, then adjusters by column.
    choices: Table,
    flags: Vec<Flags>,
    table: Table,
    beside: Beside,
}

impl Cohort {
    /// Binds a table to a definition: finds its columns, decodes answers, checks ranges, limits and ids.
    ///
    /// **Missing data.** Empty cells, declared sentinels and declared missing texts are missing.
    ///
    /// # Errors
    /// All faults together: unknown columns with the nearest known name, text where numbers belong, answers
    /// that no code fits, readings outside their limits, missing or repeated ids.
    ///
    /// # Example
    /// ```
    /// use vointi::{Cohort, Definition, table::Table};
    ///
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// [person]
    /// id = "person"
    /// [instrument.mood]
    /// use = "phq8"
    /// columns = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"]
    /// [indicator.mood]
    /// scale = "mood.total"
    /// utility = "linear"
    /// [index]
    /// children = ["mood"]
    /// "#)?;
    /// let mut table = Table::builder().text("person", [Some("a"), Some("b")]);
    /// for item in 1..=8 {
    ///     table = table.number(format!("p{item}"), [Some(1.0), Some(7.0)]);
    /// }
    /// let error = Cohort::new(&definition, table.build()?).unwrap_err();
    /// assert_eq!(error.faults().len(), 8, "7 is no answer to any of the eight");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn new(definition: &Definition, table: Table) -> Result<Self> {
        bind::bind(definition, table)
    }

    /// Reads and binds a CSV file, written as the definition's `[data]` says and as the file itself shows.
    ///
    /// # Errors
    /// Those of [`CsvOptions::read`](crate::table::CsvOptions::read) and of [`Cohort::new`].
    ///
    /// # Example
    /// ```
    /// let definition = vointi::Definition::builtin("nhanes")?;
    /// let error = vointi::Cohort::read_csv(&definition, "no such file.csv").unwrap_err();
    /// assert_eq!(error.kind(), vointi::ErrorKind::Io);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[cfg(feature = "csv")]
    pub fn read_csv(definition: &Definition, path: impl AsRef<std::path::Path>) -> Result<Self> {
        Self::new(definition, Self::csv_options(definition).read(path)?)
    }

    /// How files for this definition are read: ids as text, its missing cells, its signs.
    ///
    /// # Example
    /// ```
    /// let definition = vointi::Definition::builtin("nhanes")?;
    /// let options = vointi::Cohort::csv_options(&definition).encoding("windows-1252");
    /// assert_eq!(options.read("data/nhanes/adults.csv")?.rows(), 5265);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[cfg(feature = "csv")]
    pub fn csv_options(definition: &Definition) -> crate::table::CsvOptions {
        let parts = definition.parts();
        let person = &parts.person;
        let texts = [Some(&person.id), person.unit.as_ref(), person.wave.as_ref()];
        let mut options = crate::table::CsvOptions::default()
            .text_columns(texts.into_iter().flatten())
            .missing(&parts.file.missing);
        if let Some(delimiter) = parts.file.delimiter {
            options = options.delimiter(delimiter);
        }
        if let Some(decimal) = parts.file.decimal {
            options = options.decimal(decimal);
        }
        match &parts.file.encoding {
            Some(encoding) => options.encoding(encoding),
            None => options,
        }
    }

    /// The same persons under a definition that reads the same table the same way.
    pub(crate) fn under(&self, definition: &Definition) -> Self {
        let mut inner = Inner::clone(&self.inner);
        inner.definition = definition.clone();
        Self { inner: Arc::new(inner) }
    }

    /// The definition it is bound to.
    pub fn definition(&self) -> &Definition {
        &self.inner.definition
    }

    /// How many rows: persons, or persons × waves.
    pub fn rows(&self) -> usize {
        self.inner.ids.len()
    }

    /// The table as it was read.
    pub fn table(&self) -> &Table {
        &self.inner.table
    }

    /// The ids, the choices by id and the adjusters by column, decoded: numbers, and factors of the declared levels.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let smoking = cohort.choices().column("smoking")?;
    /// assert_eq!(smoking.levels().unwrap(), ["never", "former", "current"]);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn choices(&self) -> &Table {
        &self.inner.choices
    }

    /// The choices, the adjusters and the columns of the file that have another name, each knowing what it is made of.
    pub(crate) fn columns_to_model(&self) -> Result<Table> {
        let table = self.with_columns_of_the_file(self.choices().clone())?;
        Ok(table.with_origins(roles::made_of(self.parts())))
    }

    /// A table with the columns of the file that have another name than its own.
    pub(crate) fn with_columns_of_the_file(&self, mut table: Table) -> Result<Table> {
        for name in self.table().names() {
            if let (None, Some(column)) = (table.get(name), self.table().get(name)) {
                table = table.with_column(name, column.clone())?;
            }
        }
        Ok(table)
    }

    /// The id of a row, as written in the file.
    pub fn id(&self, row: usize) -> Option<&str> {
        self.inner.ids.text_at(row)
    }

    /// The unit of a row, if the definition names a unit column.
    pub fn unit(&self, row: usize) -> Option<&str> {
        self.inner.units.as_ref()?.text_at(row)
    }

    /// The wave of a row, if the definition names a wave column.
    pub fn wave(&self, row: usize) -> Option<&str> {
        self.inner.waves.as_ref()?.text_at(row)
    }

    /// The person with this id; with several waves, the row that comes first.
    ///
    /// # Errors
    /// No such person. The message does not repeat the id.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition};
    /// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
    /// assert_eq!(cohort.person("17")?.row(), 16);
    /// assert!(!cohort.person("secret").unwrap_err().to_string().contains("secret"));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn person(&self, id: &str) -> Result<Person> {
        match (0..self.rows()).find(|row| self.id(*row) == Some(id)) {
            Some(row) => Ok(Person::new(self.clone(), row)),
            None => {
                let fault = Fault::new("no person has this id").column(&self.parts().person.id);
                let help = "ids are compared as they are written in the file";
                Err(Error::new(ErrorKind::Data, vec![fault.help(help)]))
            }
        }
    }

    pub(crate) fn parts(&self) -> &Resolved {
        self.inner.definition.parts()
    }

    pub(crate) fn items(&self, instrument: usize) -> &[Codes] {
        self.inner.items.get(instrument).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn measures(&self) -> &[Measured] {
        &self.inner.measures
    }

    pub(crate) fn flags(&self) -> &[Flags] {
        &self.inner.flags
    }

    pub(crate) fn has_waves(&self) -> bool {
        self.inner.waves.is_some()
    }
}

impl fmt::Debug for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cohort({} persons, definition {:?})", self.rows(), self.definition().id())
    }
}
