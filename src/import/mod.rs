//! Questionnaires as others write them down, turned into instrument files: FHIR Questionnaires, REDCap data
//! dictionaries, scorify score sheets.
//!
//! [`scorify()`] and [`redcap()`] come with feature `csv`, `fhir` with feature `fhir`. [`Importer`] finds out which of them a
//! text is, and takes an id and the form wanted.
//!
//! What comes out is the text of an instrument file to be read and corrected, not a key that anybody vouches for: its
//! `status` is `unverified`, and what no such file says is marked `fill in`: the direction of a scale, what a low code means,
//! who holds the rights. Only keys are taken over: no text of an item or of an answer stands in the result or in a message.
//! What cannot be said as an instrument is left out by name, in [`Imported::notes`] and as a comment.
//!
//! # Example
//! ```
//! use vointi::import;
//! let sheet = "layout,header\nlayout,data\n\
//!     transform,normal,\"map(1:5,1:5)\"\ntransform,reverse,\"map(1:5,5:1)\"\n\
//!     score,calm_1,calm,normal\nscore,calm_2,calm,reverse\nmeasure,calm,mean(calm)\n";
//! let imported = import::scorify(sheet)?;
//! assert!(imported.toml.contains("[scale.calm]\n"));
//! assert!(imported.toml.contains("reverse   = [\"calm_2\"]\n"));
//! assert!(imported.toml.contains("status   = \"unverified\"\n"));
//! # Ok::<(), vointi::Error>(())
//! ```

mod draft;
#[cfg(feature = "fhir")]
mod fhir;
mod redcap;
mod scorify;
mod sheet;

use serde::Serialize;

#[cfg(feature = "fhir")]
pub use fhir::fhir;
pub use redcap::redcap;
pub use scorify::scorify;

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    notation::format::{RESERVED, is_id},
};

/// An instrument file made from another format.
///
/// # Example
/// ```
/// use vointi::import;
/// let dictionary = "field_name,form_name,field_type,select_choices_or_calculations\n\
///     rest_1,rest,radio,\"0, … | 1, … | 2, …\"\nrest_2,rest,checkbox,\"1, … | 2, …\"\n";
/// let imported = import::redcap(dictionary)?;
/// assert_eq!(imported.id, "rest");
/// assert_eq!(imported.notes.len(), 1, "rest_2 is left out, and it is said why");
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Imported {
    /// The id of the instrument: its file is to be named `ID.toml`.
    pub id: String,
    /// The text of the file.
    pub toml: String,
    /// What was left out or assumed, and why, one sentence each. They are comments of the file too.
    pub notes: Vec<String>,
}

/// A format that questionnaires are imported from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// A FHIR R4 or R5 `Questionnaire` as JSON; read with feature `fhir`.
    Fhir,
    /// A REDCap data dictionary as CSV.
    Redcap,
    /// A scorify score sheet, separated by commas, semicolons or tabs.
    Scorify,
}

impl Source {
    /// Which format a text is in, by its first words; `None` if it is none of them.
    ///
    /// # Example
    /// ```
    /// use vointi::import::Source;
    /// assert_eq!(Source::of("{\"resourceType\": \"Questionnaire\"}"), Some(Source::Fhir));
    /// assert_eq!(Source::of("field_name,form_name\n"), Some(Source::Redcap));
    /// assert_eq!(Source::of("layout\theader\n"), Some(Source::Scorify));
    /// assert_eq!(Source::of("age,sleep\n40,7\n"), None);
    /// ```
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with(['{', '[']) {
            return Some(Self::Fhir);
        }
        let rows = sheet::rows(text).ok()?;
        if rows.first().is_some_and(redcap::is_header) {
            return Some(Self::Redcap);
        }
        rows.iter()
            .find(|row| !row.is_remark())
            .filter(|row| scorify::is_verb(row.cell(0)))
            .map(|_| Self::Scorify)
    }
}

/// Imports a questionnaire with an id and a form of one's own choice.
///
/// # Example
/// ```
/// use vointi::import::Importer;
/// let dictionary = "field_name,form_name,field_type\nrested,morning,yesno\nwalked,evening,yesno\n";
/// let imported = Importer::new().form("evening").id("walks").read(dictionary)?;
/// assert!(imported.toml.contains("id       = \"walks\"\n"));
/// assert!(imported.toml.contains("items    = [\"walked\"]\n"));
///
/// let error = Importer::new().read(dictionary).unwrap_err();
/// assert!(error.to_string().contains("morning, evening"), "which of them is not for us to choose");
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Importer {
    source: Option<Source>,
    id: Option<String>,
    name: Option<String>,
    form: Option<String>,
}

impl Importer {
    /// An importer that finds the format, the id and the form by itself.
    ///
    /// # Example
    /// ```
    /// use vointi::import::Importer;
    /// let dictionary = "field_name,form_name,field_type\nwalked,evening,yesno\n";
    /// let imported = Importer::new().read(dictionary)?;
    /// assert_eq!(imported.id, "evening");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The format, where it is known.
    ///
    /// # Example
    /// ```
    /// use vointi::import::{Importer, Source};
    /// let dictionary = "field_name,form_name,field_type\nwalked,evening,yesno\n";
    /// let imported = Importer::new().source(Source::Redcap).read(dictionary)?;
    /// assert_eq!(imported.id, "evening");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn source(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// The id of the instrument: lower-case letters, digits and `_`.
    ///
    /// # Example
    /// ```
    /// use vointi::import::Importer;
    /// let dictionary = "field_name,form_name,field_type\nwalked,evening,yesno\n";
    /// let imported = Importer::new().id("walks").read(dictionary)?;
    /// assert_eq!(imported.id, "walks");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// A name to make an id from where neither an id is asked for nor the text has one, such as that of the file.
    ///
    /// # Example
    /// ```
    /// use vointi::import::Importer;
    /// let dictionary = "field_name,form_name,field_type\nwalked,evening,yesno\n";
    /// let imported = Importer::new().name("A File.csv").read(dictionary)?;
    /// assert_eq!(imported.id, "evening", "the form has a name");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The form of a REDCap data dictionary that has several.
    ///
    /// # Example
    /// ```
    /// use vointi::import::Importer;
    /// let dictionary = "field_name,form_name,field_type\nwalked,evening,yesno\n";
    /// let imported = Importer::new().form("evening").read(dictionary)?;
    /// assert!(imported.toml.contains("[scale.total]\n"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn form(mut self, form: impl Into<String>) -> Self {
        self.form = Some(form.into());
        self
    }

    /// Imports the questionnaire of a text.
    ///
    /// **Missing data.** Where the text has no rule for missing answers, all items are needed.
    ///
    /// # Errors
    /// Every fault of the text comes back together, each with its line or its path in the JSON. Refused besides: a text in
    /// none of the formats, an id that cannot be one, a form asked of a format without forms, a text of which nothing is
    /// left to score.
    ///
    /// # Example
    /// ```
    /// use vointi::import::Importer;
    /// let error = Importer::new().id("Not an id").read("age\n40\n").unwrap_err();
    /// assert_eq!(error.faults().len(), 2);
    /// ```
    pub fn read(&self, text: &str) -> Result<Imported> {
        let mut faults = Vec::new();
        if let Some(id) = self.id.as_deref().filter(|id| !is_id(id) || RESERVED.contains(id)) {
            let what = format!("`{}` cannot be the id of an instrument", id.escape_debug());
            faults.push(
                Fault::new(what).help("ids are lower-case letters, digits and `_`, and no reserved name"),
            );
        }
        let source = self.source.or_else(|| Source::of(text));
        if source.is_none() {
            let fault =
                Fault::new("the file is no FHIR Questionnaire, REDCap data dictionary or scorify sheet");
            faults.push(fault.help("if it is one, say which"));
        }
        if self.form.is_some() && source.is_some_and(|source| source != Source::Redcap) {
            faults.push(Fault::new("a form is asked for, and only REDCap data dictionaries have forms"));
        }
        let Some(source) = source.filter(|_| faults.is_empty()) else { return Err(refuse(faults)) };
        let mut draft = match source {
            #[cfg(feature = "fhir")]
            Source::Fhir => fhir::draft(text),
            #[cfg(not(feature = "fhir"))]
            Source::Fhir => {
                let fault =
                    Fault::new("FHIR is read with feature `fhir` only, which this program is without");
                Err(vec![fault.help("build it with `--features fhir`")])
            }
            Source::Redcap => redcap::draft(text, self.form.as_deref()),
            Source::Scorify => scorify::draft(text),
        }
        .map_err(refuse)?;
        if let Some(id) = self.id.as_ref().or(self.name.as_ref().filter(|_| draft.id.is_empty())) {
            draft.id.clone_from(id);
        }
        draft.finish().map_err(refuse)
    }
}

fn refuse(faults: Vec<Fault>) -> Error {
    Error::new(ErrorKind::Definition, faults)
}
