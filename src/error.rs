//! One error type for the whole crate: what is wrong, where, what is allowed, and what to do.

use std::{error, fmt, path::PathBuf};

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong: a [kind](ErrorKind) with every independent fault of the input, each with its place.
///
/// An error never shows a person's value or id: data faults name the line and the column, never the cell.
///
/// # Example
/// ```
/// let error = vointi::Definition::from_toml("schema = 2").unwrap_err();
/// assert!(error.faults().len() > 1, "all faults come back together");
/// assert_eq!(error.faults()[0].place().line(), Some(1));
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    faults: Vec<Fault>,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

/// The stage that refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A definition, or something it uses, is faulty.
    Definition,
    /// A calibration is missing, faulty, or belongs to another definition.
    Calibration,
    /// A file could not be read as a table, or a table was put together wrongly.
    Table,
    /// Values of a table do not fit the definition.
    Data,
    /// A model is faulty, or cannot be fitted to the data, or is asked what it cannot answer.
    Model,
    /// A file could not be opened, read or written.
    Io,
    /// What is asked for may not be shown to the audience.
    Audience,
}

/// One fault: what is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    what: String,
    place: Place,
    help: String,
}

/// Where a fault lies: file, line and column of a file, or key path of a definition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    file: Option<String>,
    line: Option<usize>,
    column: Option<String>,
    key: Option<String>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, faults: Vec<Fault>) -> Self {
        Self(Box::new(Inner { kind, faults, source: None }))
    }

    /// `path` could not be used; `action` completes "could not …", as in "open".
    pub(crate) fn io(
        kind: ErrorKind,
        action: &str,
        path: impl Into<PathBuf>,
        source: std::io::Error,
    ) -> Self {
        let path = path.into();
        let help = match source.kind() {
            std::io::ErrorKind::NotFound => "check the name and the folder",
            std::io::ErrorKind::PermissionDenied => "check the permissions",
            _ => "",
        };
        let fault = Fault::new(format!("could not {action} the file: {source}"))
            .in_file(path.display().to_string())
            .help(help);
        Self(Box::new(Inner { kind, faults: vec![fault], source: Some(Box::new(source)) }))
    }

    /// The stage that refused.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Every independent fault, in the order of the input; never empty.
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// The same error, its faults placed in `file` unless they already name one.
    #[must_use]
    pub(crate) fn in_file(mut self, file: &str) -> Self {
        for fault in &mut self.0.faults {
            fault.place.file.get_or_insert_with(|| file.to_owned());
        }
        self
    }

    /// The same error, its faults placed at `key` unless they already name one.
    #[must_use]
    pub(crate) fn at_key(mut self, key: &str) -> Self {
        for fault in &mut self.0.faults {
            fault.place.key.get_or_insert_with(|| key.to_owned());
        }
        self
    }

    pub(crate) fn into_faults(self) -> Vec<Fault> {
        self.0.faults
    }
}

impl Fault {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), place: Place::default(), help: String::new() }
    }

    #[must_use]
    pub(crate) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.place.file = Some(file.into());
        self
    }

    #[must_use]
    pub(crate) fn line(mut self, line: usize) -> Self {
        self.place.line = Some(line);
        self
    }

    #[must_use]
    pub(crate) fn column(mut self, column: impl Into<String>) -> Self {
        self.place.column = Some(column.into());
        self
    }

    #[must_use]
    pub(crate) fn key(mut self, key: impl Into<String>) -> Self {
        self.place.key = Some(key.into());
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// What is wrong, as a lowercase fragment.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Where it is wrong.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What is allowed or what to do; empty if the fault says it all.
    pub fn remedy(&self) -> &str {
        &self.help
    }
}

impl Place {
    /// The file, as it was named by the caller.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line of the file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The column of a table, by name.
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// The key path of a definition, such as `indicator.mood.utility`.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if let Some(file) = &self.file {
            write!(f, "{file}")?;
            separator = ":";
        }
        if let Some(line) = self.line {
            if self.file.is_some() {
                write!(f, ":{line}")?;
            } else {
                write!(f, "line {line}")?;
            }
            separator = ":";
        }
        if let Some(column) = &self.column {
            write!(f, "{}column `{column}`", if separator.is_empty() { "" } else { ": " })?;
            separator = ":";
        }
        if let Some(key) = &self.key {
            write!(f, "{}{key}", if separator.is_empty() { "" } else { ": " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}", self.what)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = &self.0.faults;
        if faults.len() > 1 {
            write!(f, "{} faults", faults.len())?;
            for fault in faults {
                write!(f, "\n  {fault}")?;
            }
            Ok(())
        } else {
            faults.iter().try_for_each(|fault| write!(f, "{fault}"))
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The nearest known name, if one is near.
pub(crate) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(found, name), name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.8)
        .map(|(_, name)| name)
}

/// "did you mean `x`?" for the nearest known name, or the list of what is allowed.
pub(crate) fn suggest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(found, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => String::new(),
        None if known.len() > 24 => format!("there are {} to choose from", known.len()),
        None => format!("allowed: {}", known.join(", ")),
    }
}
