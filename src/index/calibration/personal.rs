//! Calibrations that hold values of single persons: marked, and saved only when asked.

use std::path::Path;

use super::{Calibration, File, nodes::LearnedNode};
use crate::{
    error::{Error, ErrorKind, Fault, Result},
    indicator::{LearnedFill, LearnedUtility},
};

/// The first line of such a file.
pub(super) const WARNING: &str =
    "# PERSONAL: this holds readings of single persons of the reference; keep it as you keep their data.\n";

impl File {
    /// Whether something in it shows single persons.
    pub(super) fn holds_persons(&self) -> bool {
        self.learned.values().any(LearnedUtility::is_personal)
            || self.imputed.values().any(LearnedFill::is_personal)
            || self.node.values().any(LearnedNode::keeps_persons)
    }
}

impl Calibration {
    /// Whether it holds readings of single persons of the reference.
    ///
    /// Ranks are taken in the reference itself, a distance may be one to a person: what such a utility needs are the
    /// readings. With `quantiles = 100` they are not kept, if at least ten persons stand behind each. The least and the
    /// largest reading, which many a utility needs, count as summaries, though each is of one person.
    ///
    /// # Example
    /// ```
    /// assert!(!vointi::Calibration::load("data/norms/nhanes.toml")?.is_personal());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn is_personal(&self) -> bool {
        self.file.personal
    }

    /// Writes the calibration to a file, even if it is [personal](Self::is_personal); the file then says so.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    ///
    /// # Example
    /// ```
    /// use vointi::{Calibration, Cohort, Definition, table::Table};
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "steps"
    /// [person]
    /// id = "person"
    /// [measure.steps]
    /// unit = "1"
    /// direction = "higher_better"
    /// [indicator.active]
    /// measure = "steps"
    /// utility = "rank"
    /// [index]
    /// children = ["active"]
    /// "#)?;
    /// let table = Table::builder()
    ///     .text("person", [Some("a"), Some("b")])
    ///     .number("steps", [Some(4000.0), Some(9000.0)])
    ///     .build()?;
    /// let learned = Calibration::learn(&Cohort::new(&definition, table)?)?;
    /// let path = std::env::temp_dir().join("vointi-doc-personal.toml");
    /// assert!(learned.is_personal() && learned.save(&path).is_err());
    /// learned.save_personal(&path)?;
    /// assert_eq!(Calibration::load(&path)?, learned);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn save_personal(&self, path: impl AsRef<Path>) -> Result<()> {
        self.write(path.as_ref())
    }

    /// An error if it is personal; `how` says how it can be kept all the same.
    ///
    /// # Errors
    /// A calibration that holds readings of single persons, with what makes it so.
    pub(super) fn refuse_personal(&self, how: &str) -> Result<()> {
        if !self.is_personal() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Calibration, self.personal_faults(how)))
    }

    /// The same for a program, whose way to keep it is an option.
    ///
    /// # Errors
    /// A calibration that holds readings of single persons, with what makes it so.
    ///
    /// # Example
    /// ```
    /// let norms = vointi::Calibration::load("data/norms/nhanes.toml")?;
    /// norms.check_kept(false)?; // nothing personal in it
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn check_kept(&self, is_asked: bool) -> Result<()> {
        if is_asked { Ok(()) } else { self.refuse_personal("ask for it with `--keep-personal`") }
    }

    /// One for every place that makes it personal.
    fn personal_faults(&self, how: &str) -> Vec<Fault> {
        let fault = |what: &str, key: String, instead: String| {
            let what = format!("the calibration would hold {what} of single persons of the reference");
            Fault::new(what).key(key).help(format!("{instead}, or {how}"))
        };
        let utilities = self.file.learned.iter().filter(|(_, learned)| learned.is_personal());
        let utilities = utilities.map(|(name, learned)| {
            let instead = match learned.most_quantiles() {
                Some(most) if most >= 2 => format!("give `quantiles = {}` or fewer beside it", most.min(100)),
                Some(_) => "take a larger reference".to_owned(),
                None => "give the number itself".to_owned(),
            };
            fault("readings", format!("indicator.{name}.utility"), instead)
        });
        let fills = self.file.imputed.iter().filter(|(_, fill)| fill.is_personal()).map(|(name, _)| {
            fault("readings", format!("indicator.{name}.impute"), "take larger groups".to_owned())
        });
        let nodes = self
            .file
            .node
            .iter()
            .filter(|(_, node)| node.keeps_persons())
            .map(|(id, _)| fault("scores", format!("node.{id}"), "take another `aggregate`".to_owned()));
        utilities.chain(fills).chain(nodes).collect()
    }
}
