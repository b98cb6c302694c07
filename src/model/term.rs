//! What a model explains its outcome by.

use crate::notation::model::TermSpec;

/// A column of a table as it enters a [`Model`](super::Model).
///
/// # Example
/// ```
/// use vointi::model::Term;
/// let smoking = Term::factor("smoking").reference("never");
/// assert_eq!(smoking.column(), "smoking");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub(super) column: String,
    pub(super) kind: Kind,
    pub(super) reference: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Linear,
    Factor,
    /// Numbers enter linearly, factors and texts by their levels.
    AsColumn,
}

impl Term {
    /// A column of numbers, one coefficient: the difference in the outcome per unit.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::{Model, Term}, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", [Term::linear("x")]).fit(&table)?;
    /// assert!((fitted.estimate("x").unwrap().estimate - 0.8).abs() < 1e-12);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn linear(column: impl Into<String>) -> Self {
        Self { column: column.into(), kind: Kind::Linear, reference: None }
    }

    /// A column of levels, a coefficient for each level but the reference: the difference to it. Numbers may be
    /// levels, too.
    ///
    /// The reference is the one given by [`reference`](Self::reference), else the one the column declares. A column
    /// that declares no levels has none, and one must be given.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::{Model, Term}, table::Table};
    /// let table = Table::builder()
    ///     .number("cylinders", [4.0, 4.0, 6.0, 6.0, 8.0, 8.0].map(Some))
    ///     .number("mpg", [30.0, 28.0, 21.0, 19.0, 14.0, 16.0].map(Some))
    ///     .build()?;
    /// let fitted = Model::ols("mpg", [Term::factor("cylinders").reference("4")]).fit(&table)?;
    /// assert!((fitted.estimate("cylinders[8]").unwrap().estimate + 14.0).abs() < 1e-12);
    /// let error = Model::ols("mpg", [Term::factor("cylinders")]).fit(&table).unwrap_err();
    /// assert!(error.to_string().contains("declares no level"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn factor(column: impl Into<String>) -> Self {
        Self { column: column.into(), kind: Kind::Factor, reference: None }
    }

    /// A column as it is: numbers enter linearly, factors and texts by their levels.
    ///
    /// # Example
    /// ```
    /// use vointi::model::Term;
    /// assert_eq!(Term::column_as_it_is("smoking"), Term::from("smoking"));
    /// ```
    pub fn column_as_it_is(column: impl Into<String>) -> Self {
        Self { column: column.into(), kind: Kind::AsColumn, reference: None }
    }

    /// The level of a factor that the others are compared with.
    ///
    /// # Example
    /// ```
    /// use vointi::model::Term;
    /// assert_ne!(Term::factor("smoking").reference("never"), Term::factor("smoking").reference("former"));
    /// ```
    #[must_use]
    pub fn reference(mut self, level: impl Into<String>) -> Self {
        self.reference = Some(level.into());
        self
    }

    /// The column.
    pub fn column(&self) -> &str {
        &self.column
    }

    pub(super) fn of_spec(spec: &TermSpec) -> Self {
        let kind = match spec.kind.as_deref() {
            Some("linear") => Kind::Linear,
            Some(_) => Kind::Factor,
            None if spec.reference.is_some() => Kind::Factor,
            None => Kind::AsColumn,
        };
        Self { column: spec.column.clone(), kind, reference: spec.reference.clone() }
    }
}

/// A column by its name, as it is.
impl From<&str> for Term {
    fn from(column: &str) -> Self {
        Self::column_as_it_is(column)
    }
}
