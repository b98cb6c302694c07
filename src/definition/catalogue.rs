//! What ships inside the crate: instruments, measures, rules, definitions and norms, embedded by the build script.

use std::{fs, path::Path};

use super::{
    format, instrument, keys,
    measure::{self, MeasureKey},
    parts::InstrumentKey,
    source,
};
use crate::error::{Error, ErrorKind, Fault, Result, suggest};

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// What a folder of the catalogue is called in messages.
pub(crate) struct Shelf {
    pub(crate) name: &'static str,
    pub(crate) files: &'static [(&'static str, &'static str)],
}

pub(crate) const INSTRUMENT_SHELF: Shelf = Shelf { name: "instrument", files: INSTRUMENTS };
pub(crate) const MEASURE_SHELF: Shelf = Shelf { name: "measure", files: MEASURES };
pub(crate) const RULE_SHELF: Shelf = Shelf { name: "rule", files: RULES };
pub(crate) const DEFINITION_SHELF: Shelf = Shelf { name: "definition", files: DEFINITIONS };
pub(crate) const NORM_SHELF: Shelf = Shelf { name: "calibration", files: NORMS };

impl Shelf {
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.files.iter().map(|(id, _)| *id)
    }

    /// The text of an entry, or what to say about its absence.
    pub(crate) fn find(&self, id: &str) -> std::result::Result<&'static str, (String, String)> {
        self.files.iter().find(|(name, _)| *name == id).map(|(_, text)| *text).ok_or_else(|| {
            (format!("there is no {} `{id}` in the catalogue", self.name), suggest(id, self.ids()))
        })
    }

    pub(crate) fn get(&self, id: &str, kind: ErrorKind) -> Result<&'static str> {
        self.find(id).map_err(|(what, help)| Error::new(kind, vec![Fault::new(what).help(help)]))
    }
}

/// Reads an instrument of the catalogue.
pub(crate) fn instrument_key(id: &str) -> Result<InstrumentKey> {
    let text = INSTRUMENT_SHELF.get(id, ErrorKind::Definition)?;
    read_instrument(&format!("data/instruments/{id}.toml"), text)
}

/// Reads the text of an instrument file.
pub(crate) fn read_instrument(file: &str, text: &str) -> Result<InstrumentKey> {
    let mut faults = source::Faults::new(file, text);
    let node = source::parse(text, &mut faults);
    format::check(&node, &instrument::keys::FILE, "", &mut faults);
    let key = faults.is_empty().then(|| instrument::key_of_file(&node, &mut faults)).flatten();
    match key {
        Some(key) if faults.is_empty() => Ok(key),
        _ => Err(faults.into_error(ErrorKind::Definition)),
    }
}

/// Reads an instrument file of a user, and its text.
pub(crate) fn read_instrument_file(path: &Path) -> Result<(InstrumentKey, String)> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|e| Error::io(ErrorKind::Definition, "read", path, e))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok((read_instrument(&name, text)?, text.to_owned()))
}

/// Reads an entry of the registry of measures.
pub(crate) fn measure_key(id: &str) -> Result<MeasureKey> {
    let text = MEASURE_SHELF.get(id, ErrorKind::Definition)?;
    read_measure(&format!("data/measures/{id}.toml"), text)
}

/// Reads the text of a file of the registry.
pub(crate) fn read_measure(file: &str, text: &str) -> Result<MeasureKey> {
    let mut faults = source::Faults::new(file, text);
    let node = source::parse(text, &mut faults);
    format::check(&node, &keys::CATALOGUE_MEASURE, "", &mut faults);
    let key = faults.is_empty().then(|| measure::key_of_file(&node, &mut faults));
    match key {
        Some(key) if faults.is_empty() => Ok(key),
        _ => Err(faults.into_error(ErrorKind::Definition)),
    }
}
