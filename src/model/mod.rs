//! Linear models of any column of a table: terms, estimates with standard errors and intervals, predictions.
//!
//! A [`Model`] says what is to be explained by what; [`Model::fit`] holds it against a [`Table`] and
//! gives a [`Fitted`], another type, so that "not fitted" cannot be written. The estimates come from
//! [`Moments`](crate::moments::Moments), which merge, and are refined once on the rows; the same bits come out for any
//! number of threads.
//!
//! # Example
//! ```
//! use vointi::{model::{Covariance, Model, Term}, table::Table};
//!
//! let table = Table::builder()
//!     .number("sleep", [Some(6.0), Some(7.0), Some(8.0), Some(7.5), None, Some(5.0)])
//!     .factor("smoking", ["never", "current"], ["never", "never", "never", "current", "never", "current"].map(Some))
//!     .number("mood", [Some(60.0), Some(70.0), Some(83.0), Some(66.0), Some(50.0), Some(41.0)])
//!     .build()?;
//! let fitted = Model::ols("mood", [Term::linear("sleep"), Term::factor("smoking")])
//!     .covariance(Covariance::Hc3)
//!     .fit(&table)?;
//! assert_eq!((fitted.n(), fitted.dropped()[0].rows), (5, 1));
//! let smoking = fitted.estimate("smoking[current]").unwrap();
//! assert_eq!(format!("{:.2}", smoking.estimate), "-9.56");
//! # Ok::<(), vointi::Error>(())
//! ```

mod collinear;
mod design;
#[cfg(feature = "linfa")]
mod door;
mod fitted;
mod opinion;
mod passes;
mod profile;
mod solve;
mod term;

use std::{fs, path::Path};

#[cfg(feature = "linfa")]
pub use door::{FittedLinfaModel, LinfaModel};
pub use fitted::{Dropped, Estimate, Fitted};
pub use opinion::SecondOpinion;
pub use profile::{Difference, Prediction, Profile, Value};
pub use term::Term;

use crate::{
    error::{Error, ErrorKind, Result},
    notation::model::{self as written, ModelSpec},
    table::Table,
};

/// What is explained by what, and how: inert, and never half valid once it is [fitted](Model::fit).
///
/// # Example
/// ```
/// use vointi::model::{Covariance, Model, Term};
/// let model = Model::ols("index", [Term::linear("sleep_hours"), Term::factor("smoking").reference("never")])
///     .adjust([Term::linear("age")])
///     .covariance(Covariance::Classical);
/// assert_eq!((model.outcome(), model.confidence()), ("index", 0.95));
/// assert_eq!(model.terms().len() + model.adjusters().len(), 3);
/// assert_eq!(model.covariance_kind(), Covariance::Classical);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    outcome: String,
    terms: Vec<Term>,
    adjust: Vec<Term>,
    covariance: Covariance,
    missing: Missing,
    level: f64,
    intercept: bool,
}

/// The covariance matrix of the estimates.
///
/// **Formula** with M = (X′X)⁻¹, residuals eᵢ and leverages hᵢ = xᵢ′M xᵢ: classical σ²M with σ² = Σe²/(n − p); the others
/// M (Σ ωᵢ eᵢ² xᵢxᵢ′) M with ω = 1, n/(n − p), 1/(1 − hᵢ), 1/(1 − hᵢ)². All are used with t of n − p degrees of freedom.
///
/// **Reference** White 1980, Econometrica 48; MacKinnon & White 1985, J. Econometrics 29; Long & Ervin 2000, The American
/// Statistician 54, who recommend HC3.
///
/// # Example
/// By hand, for a slope with x = 1, 2, 3, 4 and residuals −0.3, 0.9, −0.9, 0.3:
/// ```
/// use vointi::{model::{Covariance, Model}, table::Table};
/// let table = Table::builder()
///     .number("x", [1.0, 2.0, 3.0, 4.0].map(Some))
///     .number("y", [1.0, 3.0, 2.0, 4.0].map(Some))
///     .build()?;
/// let error = |covariance| Model::ols("y", ["x"]).covariance(covariance).fit(&table).map(|fitted| {
///     fitted.estimate("x").unwrap().std_error.unwrap()
/// });
/// assert!((error(Covariance::Classical)? - (0.9_f64 / 5.0).sqrt()).abs() < 1e-12);
/// assert!((error(Covariance::Hc0)? - 0.18).abs() < 1e-12);
/// assert!((error(Covariance::Hc1)? - 0.18 * 2.0_f64.sqrt()).abs() < 1e-12);
/// assert!(error(Covariance::Hc3)? > error(Covariance::Hc2)?);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Covariance {
    /// One variance for all rows.
    Classical,
    /// Heteroscedasticity-consistent, as White gave it.
    Hc0,
    /// HC0 times n/(n − p).
    Hc1,
    /// Residuals over √(1 − h).
    Hc2,
    /// Residuals over 1 − h: the one to use when in doubt.
    #[default]
    Hc3,
}

impl Covariance {
    /// The word for it in files: `classical`, `hc0`, `hc1`, `hc2` or `hc3`.
    ///
    /// # Example
    /// ```
    /// use vointi::model::Covariance;
    /// assert_eq!(Covariance::default().word(), "hc3");
    /// ```
    pub fn word(self) -> &'static str {
        match self {
            Self::Classical => "classical",
            Self::Hc0 => "hc0",
            Self::Hc1 => "hc1",
            Self::Hc2 => "hc2",
            Self::Hc3 => "hc3",
        }
    }

    fn of_word(word: &str) -> Self {
        match word {
            "classical" => Self::Classical,
            "hc0" => Self::Hc0,
            "hc1" => Self::Hc1,
            "hc2" => Self::Hc2,
            _ => Self::Hc3,
        }
    }
}

/// What happens to rows in which the outcome or a term is missing.
///
/// # Example
/// ```
/// use vointi::{model::{Missing, Model}, table::Table};
/// let table = Table::builder()
///     .number("x", [Some(1.0), Some(2.0), Some(3.0), None])
///     .number("y", [1.0, 3.0, 2.0, 4.0].map(Some))
///     .build()?;
/// assert_eq!(Model::ols("y", ["x"]).fit(&table)?.n(), 3);
/// assert!(Model::ols("y", ["x"]).missing(Missing::Error).fit(&table).is_err());
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Missing {
    /// They are left out, and counted by reason.
    #[default]
    Drop,
    /// They are an error.
    Error,
}

impl Model {
    /// Ordinary least squares with an intercept, HC3 standard errors and 95 % intervals.
    ///
    /// **Formula** β = argmin Σ(yᵢ − xᵢ′β)².
    ///
    /// **Reference** Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes; Gauss 1823, Theoria
    /// combinationis.
    ///
    /// # Example
    /// ```
    /// use vointi::model::{Model, Term};
    /// let as_they_are = Model::ols("index", ["sleep_hours", "smoking"]);
    /// let with_kinds = Model::ols("index", [Term::linear("sleep_hours"), Term::factor("smoking")]);
    /// assert_eq!(as_they_are.terms().len(), with_kinds.terms().len());
    /// ```
    pub fn ols<T: Into<Term>>(outcome: impl Into<String>, terms: impl IntoIterator<Item = T>) -> Self {
        Self {
            outcome: outcome.into(),
            terms: terms.into_iter().map(Into::into).collect(),
            adjust: Vec::new(),
            covariance: Covariance::default(),
            missing: Missing::default(),
            level: 0.95,
            intercept: true,
        }
    }

    /// Terms that the others are adjusted for: estimated alike, and not offered as something to change.
    ///
    /// # Example
    /// ```
    /// use vointi::model::Model;
    /// let model = Model::ols("index", ["sleep_hours"]).adjust(["age", "sex"]);
    /// assert_eq!((model.terms().len(), model.adjusters().len()), (1, 2));
    /// ```
    #[must_use]
    pub fn adjust<T: Into<Term>>(mut self, terms: impl IntoIterator<Item = T>) -> Self {
        self.adjust.extend(terms.into_iter().map(Into::into));
        self
    }

    /// More terms.
    ///
    /// # Example
    /// ```
    /// use vointi::model::Model;
    /// let model = Model::ols("index", ["sleep_hours"]).explained_by(["smoking"]);
    /// assert_eq!(model.terms()[1].column(), "smoking");
    /// ```
    #[must_use]
    pub fn explained_by<T: Into<Term>>(mut self, terms: impl IntoIterator<Item = T>) -> Self {
        self.terms.extend(terms.into_iter().map(Into::into));
        self
    }

    /// How standard errors are found.
    ///
    /// # Example
    /// ```
    /// use vointi::model::{Covariance, Model};
    /// let model = Model::ols("index", ["sleep_hours"]).covariance(Covariance::Hc1);
    /// assert_eq!(model.covariance_kind(), Covariance::Hc1);
    /// ```
    #[must_use]
    pub fn covariance(mut self, covariance: Covariance) -> Self {
        self.covariance = covariance;
        self
    }

    /// What happens to incomplete rows.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::{Missing, Model}, table::Table};
    /// let table = Table::builder()
    ///     .number("x", [Some(1.0), Some(2.0), Some(3.0), None])
    ///     .number("y", [1.0, 3.0, 2.0, 4.0].map(Some))
    ///     .build()?;
    /// let error = Model::ols("y", ["x"]).missing(Missing::Error).fit(&table).unwrap_err();
    /// assert!(error.to_string().contains("missing in 1 of 4 rows"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// The confidence of the intervals, between 0 and 1; anything else is refused by [`fit`](Self::fit).
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let narrow = Model::ols("y", ["x"]).level(0.9).fit(&table)?;
    /// assert!(narrow.estimate("x").unwrap().low > Model::ols("y", ["x"]).fit(&table)?.estimate("x").unwrap().low);
    /// assert!(Model::ols("y", ["x"]).level(95.0).fit(&table).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Leaves the intercept out.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).without_intercept().fit(&table)?;
    /// assert_eq!(fitted.estimates().len(), 1);
    /// assert!((fitted.estimates()[0].estimate - 29.0 / 30.0).abs() < 1e-12); // Σxy/Σx²
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn without_intercept(mut self) -> Self {
        self.intercept = false;
        self
    }

    /// Reads a model from its TOML text.
    ///
    /// # Errors
    /// All faults together, each with its line: unknown keys and words, a missing outcome, no terms.
    ///
    /// # Example
    /// ```
    /// use vointi::model::{Covariance, Model};
    /// let model = Model::from_toml(r#"
    /// outcome    = "mpg"
    /// covariance = "hc1"
    /// [[term]]
    /// column = "wt"
    /// [[term]]
    /// column    = "cyl"
    /// kind      = "factor"
    /// reference = "4"
    /// "#)?;
    /// assert_eq!((model.terms().len(), model.covariance_kind()), (2, Covariance::Hc1));
    /// assert!(Model::from_toml("outcom = 'mpg'").unwrap_err().to_string().contains("did you mean `outcome`?"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self> {
        written::read_file("model", text).map(|spec| Self::of_spec(&spec))
    }

    /// Reads a model from a TOML file.
    ///
    /// # Errors
    /// A file that cannot be read; those of [`from_toml`](Self::from_toml).
    ///
    /// # Example
    /// ```
    /// use vointi::model::Model;
    /// let model = Model::read("tests/golden/models/mtcars.toml")?;
    /// assert_eq!(model.outcome(), "mpg");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|e| Error::io(ErrorKind::Model, "read", path, e))?;
        written::read_file(&path.display().to_string(), &text).map(|spec| Self::of_spec(&spec))
    }

    /// A model as it was written, in a file or a definition.
    pub(crate) fn of_spec(spec: &ModelSpec) -> Self {
        Self {
            outcome: spec.outcome.clone(),
            terms: spec.terms.iter().map(Term::of_spec).collect(),
            adjust: spec.adjust.iter().map(Term::of_spec).collect(),
            covariance: Covariance::of_word(&spec.covariance),
            missing: if spec.missing == "error" { Missing::Error } else { Missing::Drop },
            level: spec.level,
            intercept: spec.intercept,
        }
    }

    /// The JSON Schema of a model's file, for editors.
    ///
    /// # Example
    /// ```
    /// assert!(vointi::model::Model::json_schema().contains("\"outcome\""));
    /// ```
    pub fn json_schema() -> String {
        crate::notation::format::json_schema("a model of vointi", &written::FILE)
    }

    /// The column that is explained.
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// What it is explained by.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// What the terms are adjusted for.
    pub fn adjusters(&self) -> &[Term] {
        &self.adjust
    }

    /// How standard errors are found.
    pub fn covariance_kind(&self) -> Covariance {
        self.covariance
    }

    /// The confidence of the intervals.
    pub fn confidence(&self) -> f64 {
        self.level
    }

    /// Fits the model to the complete rows of a table.
    ///
    /// **Formula** β = (X′X)⁻¹X′y, from [`Moments`](crate::moments::Moments) of the centred and scaled columns; see
    /// [methods](crate::guide::methods) for how, and for what keeps the digits.
    ///
    /// **Units** those of the outcome, by units of the column.
    ///
    /// **Missing data.** Rows in which the outcome or a term is missing are left out and counted by reason, or are an
    /// error, as [`missing`](Self::missing) says.
    ///
    /// # Errors
    /// All faults together: unknown columns and levels, texts where numbers belong, a factor without a reference, a term
    /// that does not vary, an outcome that contains a term (law 4 of the design); then collinear terms, with the
    /// dependency found; no more rows than coefficients; rows that fix a coefficient alone where HC2 or HC3 is asked for.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::{Model, Term}, table::Table};
    /// let table = Table::builder()
    ///     .number("sleep_h", [Some(6.0), Some(7.0), Some(8.0), Some(9.0)])
    ///     .number("awake_h", [Some(18.0), Some(17.0), Some(16.0), Some(15.0)])
    ///     .number("mood", [Some(5.0), Some(7.0), Some(6.0), Some(8.0)])
    ///     .build()?;
    /// let error = Model::ols("mood", ["sleep_h", "awake_h"]).fit(&table).unwrap_err();
    /// assert!(error.to_string().contains("sleep_h = 24 − awake_h"), "{error}");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn fit(&self, table: &Table) -> Result<Fitted> {
        solve::fit(self, table)
    }
}
