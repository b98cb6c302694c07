//! A second opinion on the coefficients, by another method from another crate.

use std::fmt;

use serde::Serialize;

use super::fitted::Fitted;
use crate::error::Result;

/// How far another solver's coefficients are from ours; see `Fitted::second_opinion` of the feature `linfa`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SecondOpinion {
    /// Whose coefficients they are.
    pub solver: &'static str,
    /// The largest |a − b| / max(|a|, |b|) of a coefficient.
    pub max_relative_difference: f64,
}

/// In words: as good as the same, or how far apart. The last digits differ from processor to processor.
impl fmt::Display for SecondOpinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { solver, max_relative_difference: apart } = self;
        if *apart < 1e-10 {
            write!(f, "{solver} gives the same coefficients to more than ten digits")
        } else {
            write!(f, "{solver} differs by up to {apart:.0e} of a coefficient")
        }
    }
}

impl Fitted {
    /// The second opinion, where the feature `linfa` has it compiled in.
    ///
    /// # Errors
    /// If the other solver refuses.
    #[cfg(feature = "linfa")]
    pub(crate) fn opinion(&self) -> Result<Option<SecondOpinion>> {
        self.second_opinion().map(Some)
    }

    /// No second opinion: the feature `linfa` is off.
    #[cfg(not(feature = "linfa"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same signature as with linfa")]
    pub(crate) fn opinion(&self) -> Result<Option<SecondOpinion>> {
        Ok(None)
    }

    /// Fits the same columns and rows anew by the QR least squares of `linfa-linear`, and compares the coefficients.
    ///
    /// **Method** Householder QR of the columns as they are, against our Cholesky factor of centred and scaled moments
    /// with a refinement. Collinear and missing data never get this far.
    ///
    /// # Errors
    /// If the other solver refuses.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::Model, table::Table};
    /// let table = Table::builder()
    ///     .number("hours", [1.0, 2.0, 3.0, 4.5].map(Some))
    ///     .number("score", [2.0, 4.1, 5.9, 8.0].map(Some))
    ///     .build()?;
    /// let opinion = Model::ols("score", ["hours"]).fit(&table)?.second_opinion()?;
    /// assert!(opinion.max_relative_difference < 1e-12);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[cfg(feature = "linfa")]
    pub fn second_opinion(&self) -> Result<SecondOpinion> {
        use linfa::traits::Fit;
        use ndarray::{Array1, Array2};

        use crate::error::{Error, ErrorKind, Fault};

        let inner = &self.inner;
        let rows: Vec<usize> = self.used_rows().collect();
        let mut records = Array2::zeros((rows.len(), inner.columns.len()));
        for (mut record, row) in records.rows_mut().into_iter().zip(&rows) {
            let profile = self.profile(&inner.table, *row)?;
            for (cell, value) in record.iter_mut().zip(self.design_of(&profile)) {
                *cell = value;
            }
        }
        let outcome = inner.table.column(inner.model.outcome())?.as_numbers().unwrap_or_default();
        let targets: Array1<f64> = rows.iter().filter_map(|row| outcome.get(*row)).copied().collect();
        let other = linfa_linear::LinearRegression::default()
            .with_intercept(inner.solution.intercept)
            .fit(&linfa::Dataset::new(records, targets))
            .map_err(|error| {
                let what = format!("linfa-linear could not fit the model: {error}");
                Error::new(ErrorKind::Model, vec![Fault::new(what).help("take the estimates without it")])
            })?;
        let theirs = inner.solution.intercept.then(|| other.intercept()).into_iter();
        let theirs = theirs.chain(other.params().iter().copied());
        let ours = self.estimates().iter().map(|estimate| estimate.estimate);
        let distance = |(a, b): (f64, f64)| {
            let size = a.abs().max(b.abs());
            if size > 0.0 { (a - b).abs() / size } else { 0.0 }
        };
        Ok(SecondOpinion {
            solver: "linfa-linear 0.8 QR",
            max_relative_difference: ours.zip(theirs).map(distance).fold(0.0, f64::max),
        })
    }
}
