//! What is learned once from a reference cohort, frozen, written down and read back.

pub(in crate::index) mod fills;
mod learn;
pub(crate) mod nodes;
mod personal;
mod pieces;
mod treated;
mod weights;

pub use treated::TreatedColumn;
pub use weights::LearnedWeights;

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use nodes::{LearnedNode, LearnedNodes};

use crate::{
    definition::{Definition, catalogue},
    error::{Error, ErrorKind, Fault, Result},
    indicator::{LearnedFills, LearnedOf, LearnedRule, LearnedUtilities, Lessons},
};

/// Means, spreads and reliabilities of a reference cohort, for one [`Definition`].
///
/// A calibration holds no person's value but for the least and the largest: n, means, standard deviations, alpha. One
/// that holds more, as the values of a reference that ranks are taken in, is [personal](Self::is_personal).
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Calibration, Cohort, Definition, Index};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let learned = Calibration::learn(&cohort)?;
/// assert_eq!(learned.to_toml(), std::fs::read_to_string("data/norms/nhanes.toml").unwrap());
///
/// let index = Index::with(&definition, learned)?;
/// assert!(index.calibration().is_some());
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    file: File,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    definition: String,
    version: String,
    /// SHA-256 of the resolved definition.
    definition_hash: String,
    /// Rows of the reference.
    rows: usize,
    /// How many of them were screened out, and are in nothing that was learned.
    #[serde(default, skip_serializing_if = "is_none")]
    screened: usize,
    /// Whether it holds values of single persons.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    personal: bool,
    #[serde(default)]
    scale: LearnedOf,
    #[serde(default)]
    measure: LearnedOf,
    #[serde(default)]
    indicator: LearnedOf,
    /// What fills the gaps of an indicator.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    imputed: LearnedFills,
    /// Of published scores that are learned from a reference.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    health: BTreeMap<String, LearnedRule>,
    /// Of nodes: weights that are learned.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    node: LearnedNodes,
    /// Treatments and utilities, by indicator.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    learned: LearnedUtilities,
}

impl Calibration {
    /// The calibration that a definition names, if it names one.
    ///
    /// # Errors
    /// A name that the catalogue does not know.
    ///
    /// # Example
    /// ```
    /// use vointi::{Calibration, Definition};
    /// assert_eq!(Calibration::of_definition(&Definition::builtin("nhanes")?)?.unwrap().rows(), 5265);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of_definition(definition: &Definition) -> Result<Option<Self>> {
        of_definition(definition)
    }

    /// A calibration of the catalogue.
    pub(super) fn builtin(id: &str) -> Result<Self> {
        let text = catalogue::NORM_SHELF.get(id, ErrorKind::Calibration)?;
        Self::from_toml(text).map_err(|error| error.in_file(&format!("data/norms/{id}.toml")))
    }

    /// Reads a calibration from its TOML text.
    ///
    /// # Errors
    /// A text that is no calibration, with the line.
    ///
    /// # Example
    /// ```
    /// let error = vointi::Calibration::from_toml("schema = 1").unwrap_err();
    /// assert_eq!(error.kind(), vointi::ErrorKind::Calibration);
    /// ```
    pub fn from_toml(text: &str) -> Result<Self> {
        let refuse = |fault: Fault| Error::new(ErrorKind::Calibration, vec![fault]);
        let mut file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            refuse(
                Fault::new(format!("no calibration: {}", error.message()))
                    .line(line)
                    .help("learn it again with `vointi calibrate`"),
            )
        })?;
        if file.schema != 1 {
            return Err(refuse(
                Fault::new("unknown version of the format")
                    .key("schema")
                    .help("this version reads schema = 1"),
            ));
        }
        let all = file.scale.iter().chain(&file.measure).chain(&file.indicator);
        for (name, learned) in all {
            let optional = [learned.alpha, learned.omega, learned.within_sd, learned.error_sd];
            let numbers = [learned.mean, learned.sd].into_iter().chain(optional.into_iter().flatten());
            if numbers.into_iter().any(|number| !number.is_finite()) || learned.sd < 0.0 {
                return Err(refuse(
                    Fault::new(format!("`{name}` has a number that is none"))
                        .help("learn it again with `vointi calibrate`"),
                ));
            }
        }
        for (name, learned) in &file.imputed {
            if !learned.is_sound() {
                return Err(refuse(
                    Fault::new("a fill that none is learned from")
                        .key(format!("imputed.{name}"))
                        .help("learn it again with `vointi calibrate`"),
                ));
            }
        }
        for (name, learned) in &file.health {
            if !learned.is_sound() {
                return Err(refuse(
                    Fault::new("a number that none is learned from")
                        .key(format!("health.{name}"))
                        .help("learn it again with `vointi calibrate`"),
                ));
            }
        }
        for (name, learned) in &file.learned {
            if !learned.is_sound() {
                return Err(refuse(
                    Fault::new("numbers that no reference teaches")
                        .key(format!("learned.{name}"))
                        .help("learn it again with `vointi calibrate`"),
                ));
            }
        }
        if let Some((id, _)) = file.node.iter().find(|(_, learned)| !learned.is_sound()) {
            return Err(refuse(
                Fault::new("what no node can have learned: weights are 0 or more and sum to 1")
                    .key(format!("node.{id}"))
                    .help("learn it again with `vointi calibrate`"),
            ));
        }
        file.personal |= file.holds_persons();
        Ok(Self { file })
    }

    /// Reads a calibration file.
    ///
    /// # Errors
    /// A file that cannot be read or is no calibration.
    ///
    /// # Example
    /// ```
    /// let norms = vointi::Calibration::load("data/norms/nhanes.toml")?;
    /// assert_eq!((norms.definition_id(), norms.rows()), ("nhanes", 5265));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text =
            fs::read_to_string(path).map_err(|e| Error::io(ErrorKind::Calibration, "read", path, e))?;
        Self::from_toml(&text).map_err(|error| error.in_file(&path.display().to_string()))
    }

    /// Writes the calibration to a file beside its place first, and then renames it: never half of it.
    ///
    /// # Errors
    /// A folder that cannot be written to; a calibration that is [personal](Self::is_personal): see
    /// [`save_personal`](Self::save_personal).
    ///
    /// # Example
    /// ```
    /// let norms = vointi::Calibration::load("data/norms/nhanes.toml")?;
    /// let path = std::env::temp_dir().join("vointi-doc-norms.toml");
    /// norms.save(&path)?;
    /// assert_eq!(vointi::Calibration::load(&path)?, norms);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.refuse_personal("save it with `save_personal`")?;
        self.write(path.as_ref())
    }

    fn write(&self, path: &Path) -> Result<()> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        fs::write(&beside, self.to_toml())
            .and_then(|()| fs::rename(&beside, path))
            .map_err(|e| Error::io(ErrorKind::Io, "write", path, e))
    }

    /// The calibration as a TOML text; the same text for the same calibration. That of a [personal](Self::is_personal) one
    /// says so in its first line.
    pub fn to_toml(&self) -> String {
        let body = toml::to_string(&self.file).unwrap_or_default();
        let warning = if self.is_personal() { personal::WARNING } else { "" };
        format!(
            "{warning}# What `vointi calibrate` learned from a reference; scores are made with it, so do not edit it.\n\n{body}"
        )
    }

    /// The id of the definition it belongs to.
    pub fn definition_id(&self) -> &str {
        &self.file.definition
    }

    /// The hash of the definition it belongs to.
    pub fn definition_hash(&self) -> &str {
        &self.file.definition_hash
    }

    /// How many rows the reference had.
    pub fn rows(&self) -> usize {
        self.file.rows
    }

    /// What it teaches of scales, measures and indicators.
    pub(super) fn lessons(&self) -> Lessons<'_> {
        let File { scale, measure, indicator, imputed, learned, .. } = &self.file;
        Lessons {
            scales: scale,
            measures: measure,
            indicators: indicator,
            fills: imputed,
            utilities: learned,
        }
    }

    /// What a node learned; the index is `index`.
    pub(crate) fn node(&self, id: &str) -> Option<&LearnedNode> {
        self.file.node.get(id)
    }

    /// What was learned of a published score.
    pub(crate) fn health(&self, id: &str) -> Option<&LearnedRule> {
        self.file.health.get(id)
    }

    /// How many rows of the reference were screened out, and are in nothing that was learned.
    pub fn screened(&self) -> usize {
        self.file.screened
    }

    pub(super) fn indicators(&self) -> &LearnedOf {
        &self.file.indicator
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The calibration a definition names, if it names one.
pub(super) fn of_definition(definition: &Definition) -> Result<Option<Calibration>> {
    definition.parts().norms.as_deref().map(Calibration::builtin).transpose()
}
