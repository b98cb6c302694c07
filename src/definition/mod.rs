//! What is declared: instruments, measures, rules, utilities, pillars and choices; read, checked and resolved.
//!
//! A [`Definition`] is inert. It holds no data, it is never half valid, and everything it uses of the
//! catalogue is inlined, so that its [hash](Definition::hash) says which formula gave a score.

use std::{
    fmt,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    notation::{format, path::KeyPath, source},
};

mod aggregate;
pub(crate) mod catalogue;
mod choice;
mod denominator;
mod describe;
mod differences;
pub(crate) mod health;
pub(crate) mod impute;
pub(crate) mod instrument;
mod keys;
pub(crate) mod measure;
mod normaliser;
mod overlap;
pub(crate) mod parts;
pub(crate) mod range;
mod readings;
mod registry;
mod resolve;
pub(crate) mod roles;
pub(crate) mod rule;
pub(crate) mod screen;
mod treatment;
mod tree;
pub(crate) mod units;
mod utility;
mod weights;

pub use describe::NodeSummary;
pub use differences::KeyDifference;
pub use instrument::{
    BandSummary, ChangeSummary, InstrumentSummary, ItemSummary, NormSummary, ReliabilitySummary,
    SafetySummary, ScaleSummary, Terms, instrument, instrument_file, instrument_toml, instruments,
};
pub use parts::{Audience, Cut, Direction};
pub use registry::{MeasureDays, MeasureError, MeasureSummary, Status, measure, measures};
pub use rule::{CasePolicy, Gives, RuleSummary, summaries as rules, summary as rule};
pub use units::convert;
pub(crate) use weights::Weighting;

/// A declared index: what is asked and measured, how it becomes 0 to 100, and what may move it.
///
/// Cloning is cheap. Every fault of a file comes back in one [`Error`], each with its line, the key
/// path, what was found and what is allowed.
///
/// # Example
/// ```
/// use vointi::Definition;
///
/// let definition = Definition::builtin("nhanes")?;
/// assert_eq!(definition.id(), "nhanes");
/// assert_eq!(definition.hash().len(), 64);
///
/// let error = Definition::from_toml("schema = 1\nid = \"Mine\"").unwrap_err();
/// assert_eq!(error.faults()[0].place().line(), Some(1)); // [person] and [index] are missing
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Definition {
    inner: Arc<Inner>,
}

struct Inner {
    resolved: parts::Resolved,
    /// Empty for a variant, which nobody asks.
    hash: String,
    /// None for what was made from another definition.
    text: Option<Text>,
}

/// What a definition was read from, to be read again with something else in its place.
struct Text {
    name: String,
    folder: Option<PathBuf>,
    root: source::Node,
}

impl Definition {
    /// A definition of the catalogue.
    ///
    /// # Errors
    /// An unknown id, with the nearest known one.
    ///
    /// # Example
    /// ```
    /// let error = vointi::Definition::builtin("nhane").unwrap_err();
    /// assert!(error.to_string().contains("did you mean `nhanes`?"));
    /// ```
    pub fn builtin(id: &str) -> Result<Self> {
        let text = catalogue::DEFINITION_SHELF.get(id, ErrorKind::Definition)?;
        Self::read_text(text, &format!("data/definitions/{id}.toml"), None)
    }

    /// The ids of the catalogue's definitions.
    ///
    /// # Example
    /// ```
    /// assert!(vointi::Definition::builtin_ids().any(|id| id == "nhanes"));
    /// ```
    pub fn builtin_ids() -> impl Iterator<Item = &'static str> {
        catalogue::DEFINITION_SHELF.ids()
    }

    /// The text of a definition of the catalogue, to be copied and changed.
    ///
    /// # Errors
    /// An unknown id, with the nearest known one.
    ///
    /// # Example
    /// ```
    /// assert!(vointi::Definition::builtin_text("nhanes")?.contains("[index]"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn builtin_text(id: &str) -> Result<&'static str> {
        catalogue::DEFINITION_SHELF.get(id, ErrorKind::Definition)
    }

    /// Reads a definition from a TOML text.
    ///
    /// # Errors
    /// All faults of the text together.
    ///
    /// # Example
    /// ```
    /// let definition = vointi::Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// [person]
    /// id = "person"
    /// [instrument.mood]
    /// use = "who5"
    /// columns = ["w1", "w2", "w3", "w4", "w5"]
    /// [indicator.mood]
    /// scale = "mood.total"
    /// utility = "linear"
    /// [index]
    /// children = ["mood"]
    /// "#)?;
    /// assert_eq!(definition.id(), "small");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self> {
        Self::read_text(text, "definition", None)
    }

    /// Reads a definition from a TOML file.
    ///
    /// # Errors
    /// A file that cannot be read, or all its faults together.
    ///
    /// # Example
    /// ```
    /// let definition = vointi::Definition::read("data/definitions/nhanes.toml")?;
    /// assert_eq!(definition.hash(), vointi::Definition::builtin("nhanes")?.hash());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|e| Error::io(ErrorKind::Definition, "read", path, e))?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|e| {
            let valid = e.utf8_error().valid_up_to();
            let line = e.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
            let fault = Fault::new("not UTF-8").in_file(&name).line(line).help("TOML is always UTF-8");
            Error::new(ErrorKind::Definition, vec![fault])
        })?;
        Self::read_text(text.strip_prefix('\u{feff}').unwrap_or(&text), &name, path.parent())
    }

    fn read_text(text: &str, name: &str, folder: Option<&Path>) -> Result<Self> {
        let mut faults = source::Faults::new(name, text);
        let root = source::parse(text, &mut faults);
        format::check(&root, &keys::DEFINITION, "", &mut faults);
        let resolved = resolve::resolve(&root, folder, &mut faults);
        if !faults.is_empty() {
            return Err(faults.into_error(ErrorKind::Definition));
        }
        let hash = hash_of(&resolved)?;
        let text = Some(Text { name: name.to_owned(), folder: folder.map(Path::to_owned), root });
        Ok(Self { inner: Arc::new(Inner { resolved, hash, text }) })
    }

    /// The file as it was read; none where the definition was made from another.
    pub(crate) fn source(&self) -> Option<&source::Node> {
        self.inner.text.as_ref().map(|text| &text.root)
    }

    /// The definition that the file would be with other values at some places, resolved again as a whole, without
    /// what only the errors of scores need, and without a hash.
    ///
    /// # Errors
    /// All faults of what it would be; a definition that was made from another.
    pub(crate) fn varied(&self, places: &[(KeyPath, source::Node)]) -> Result<Self> {
        let Some(Text { name, folder, root }) = &self.inner.text else {
            let what = "the definition was not read from a file, but made from another";
            let fault = Fault::new(what).help("vary the one it was made from");
            return Err(Error::new(ErrorKind::Definition, vec![fault]));
        };
        let mut root = root.clone();
        for (place, value) in places {
            place.put(&mut root, value);
        }
        let mut faults = source::Faults::new(name, "");
        format::check(&root, &keys::DEFINITION, "", &mut faults);
        let mut resolved = resolve::resolve(&root, folder.as_deref(), &mut faults);
        if !faults.is_empty() {
            return Err(faults.into_error(ErrorKind::Definition));
        }
        resolved.forget_errors();
        let text = Some(Text { name: name.clone(), folder: folder.clone(), root });
        Ok(Self { inner: Arc::new(Inner { resolved, hash: String::new(), text }) })
    }

    /// A variant with one indicator alone and nothing above it, to learn what that indicator needs.
    pub(crate) fn of_indicator(&self, at: usize) -> Self {
        let resolved = self.inner.resolved.of_indicator(at);
        Self { inner: Arc::new(Inner { resolved, hash: String::new(), text: None }) }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.inner.resolved.id
    }

    /// The version, as the file gives it; may be empty.
    pub fn version(&self) -> &str {
        &self.inner.resolved.version
    }

    /// What the index is, in words; may be empty.
    pub fn title(&self) -> &str {
        &self.inner.resolved.title
    }

    /// Whom it describes, in words; may be empty.
    pub fn population(&self) -> &str {
        &self.inner.resolved.population
    }

    /// The bands of the index: the name of each, where it begins, and where the next does.
    pub fn bands(&self) -> impl Iterator<Item = (&str, f64, f64)> {
        self.inner.resolved.bands.iter().map(|band| (band.id.as_str(), band.from, band.below))
    }

    /// The published scores it asks for beside the index: the id of each, and its rule.
    ///
    /// # Example
    /// ```
    /// let definition = vointi::Definition::builtin("nhanes")?;
    /// assert!(definition.health().any(|(id, rule)| (id, rule) == ("le8_five", "le8.score")));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn health(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner.resolved.health.iter().map(|asked| (asked.id.as_str(), asked.rule.name.as_str()))
    }

    /// The conditions under which its instruments may be used, where there are any (classes B and C): instrument,
    /// holder of the rights, condition.
    ///
    /// # Example
    /// ```
    /// let nhanes = vointi::Definition::builtin("nhanes")?;
    /// assert_eq!(nhanes.conditions().count(), 0); // the PHQ-8 is free
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn conditions(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let mut seen: Vec<&str> = Vec::new();
        self.inner.resolved.instruments.iter().filter_map(move |instrument| {
            let key = &instrument.key;
            let licence = key.licence.as_ref().filter(|licence| licence.class != "A")?;
            let is_new = !seen.contains(&key.id.as_str());
            seen.push(&key.id);
            is_new.then_some((key.id.as_str(), licence.holder.as_str(), licence.note.as_str()))
        })
    }

    /// Who its results are for.
    pub fn audience(&self) -> Audience {
        self.inner.resolved.audience
    }

    /// SHA-256, in hexadecimal, of the resolved definition: everything it declares and everything it
    /// uses of the catalogue, in canonical form. Comments and layout do not count.
    pub fn hash(&self) -> &str {
        &self.inner.hash
    }

    /// The JSON Schema (draft 2020-12) of definition files, for editors.
    ///
    /// # Example
    /// ```
    /// assert!(vointi::Definition::json_schema().contains("\"indicator\""));
    /// ```
    pub fn json_schema() -> String {
        format::json_schema("a vointi definition", &keys::DEFINITION)
    }

    pub(crate) fn parts(&self) -> &parts::Resolved {
        &self.inner.resolved
    }
}

/// Shows id, version and hash; the rest is in the file.
impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition")
            .field("id", &self.id())
            .field("version", &self.version())
            .field("hash", &self.hash())
            .finish_non_exhaustive()
    }
}

fn hash_of(resolved: &parts::Resolved) -> Result<String> {
    let canonical = toml::to_string(resolved).map_err(|error| {
        Error::new(ErrorKind::Definition, vec![Fault::new(format!("no canonical form: {error}"))])
    })?;
    let digest = Sha256::digest(canonical.as_bytes());
    let mut hash = String::with_capacity(64);
    for byte in digest {
        // Writing to a text cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    Ok(hash)
}
