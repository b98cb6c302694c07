//! Finding definitions and reading tables.

use std::path::{Path, PathBuf, is_separator};

use vointi::{Cohort, Definition, Table, table::CsvOptions};

use crate::{
    args::Reading,
    exit::{Failure, note},
    progress::Progress,
};

/// A definition, and the file it was read from if it is not of the catalogue; the conditions of its instruments are said.
pub(crate) fn definition(name: &str) -> Result<(Definition, Option<PathBuf>), Failure> {
    let found = find(name)?;
    for (instrument, holder, condition) in found.0.conditions() {
        note(&format!("{instrument}: rights with {holder}: {condition}"));
    }
    Ok(found)
}

fn find(name: &str) -> Result<(Definition, Option<PathBuf>), Failure> {
    let is_toml = Path::new(name).extension().is_some_and(|extension| extension == "toml");
    if is_toml || name.contains(is_separator) || Path::new(name).is_file() {
        return Ok((Definition::read(name)?, Some(PathBuf::from(name))));
    }
    match Definition::builtin(name) {
        Ok(definition) => Ok((definition, None)),
        Err(_) if Definition::builtin_ids().any(|id| id == name) => Ok((Definition::builtin(name)?, None)),
        Err(error) => Err(Failure::definition(format!("{error}\n  and there is no file `{name}` here"))),
    }
}

/// Reads a table for a definition, and says how it was read.
pub(crate) fn table(definition: &Definition, path: &Path, reading: &Reading) -> Result<Table, Failure> {
    read(Cohort::csv_options(definition), path, reading)
}

/// Reads a table, and says how it was read.
pub(crate) fn read(mut options: CsvOptions, path: &Path, reading: &Reading) -> Result<Table, Failure> {
    if let Some(encoding) = &reading.encoding {
        options = options.encoding(encoding);
    }
    if let Some(delimiter) = reading.delimiter {
        options = options.delimiter(delimiter.sign());
    }
    if let Some(decimal) = reading.decimal {
        options = options.decimal(decimal.sign());
    }
    let progress = Progress::new("reading");
    let table = options.read(path)?;
    drop(progress);
    if let Some(source) = table.source() {
        note(&format!("{}: {source}", source.file()));
    }
    Ok(table)
}
