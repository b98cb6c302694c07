//! What a fit gives: estimates with their errors, how well they fit, and what was left out.

use std::{
    f64::consts::PI,
    fmt,
    sync::{Arc, OnceLock},
};

use ndarray::Array2;
use serde::Serialize;

use super::{Model, design::Coefficient, solve};
use crate::{
    num::{
        cholesky::{Cholesky, Square},
        double::Double,
        student,
    },
    table::Table,
};

/// One coefficient with its standard error, test and interval.
///
/// **Formula** t = b/se with n − p degrees of freedom, p = 2 P(T > |t|), b ± t* se, t* the quantile of t for the
/// confidence asked for.
///
/// What does not exist, such as the statistic of an estimate without error, is `None`.
///
/// # Example
/// ```
/// # use vointi::{model::{Covariance, Model}, table::Table};
/// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
/// let fitted = Model::ols("y", ["x"]).covariance(Covariance::Classical).fit(&table)?;
/// let x = fitted.estimate("x").unwrap();
/// assert_eq!(x.statistic, x.std_error.map(|error| x.estimate / error));
/// assert_eq!((x.df, format!("{:.2}", x.p.unwrap())), (2.0, "0.20".to_owned()));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// `(intercept)`, `sleep_hours` or `smoking[current]`.
    pub term: String,
    /// The column; `None` for the intercept.
    pub column: Option<String>,
    /// The level of a factor.
    pub level: Option<String>,
    /// The level it is compared with.
    pub reference: Option<String>,
    /// The coefficient, in units of the outcome per unit of the column, or as the difference to the reference.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: Option<f64>,
    /// The degrees of freedom of its t.
    pub df: f64,
    /// Estimate over standard error.
    pub statistic: Option<f64>,
    /// The two-sided p-value of the statistic.
    pub p: Option<f64>,
    /// The lower end of the interval.
    pub low: Option<f64>,
    /// The upper end of the interval.
    pub high: Option<f64>,
}

/// Rows that were left out, and why.
///
/// # Example
/// ```
/// use vointi::{model::Model, table::Table};
/// let table = Table::builder()
///     .number("x", [Some(1.0), Some(2.0), Some(3.0), None])
///     .number("y", [1.0, 3.0, 2.0, 4.0].map(Some))
///     .build()?;
/// let fitted = Model::ols("y", ["x"]).fit(&table)?;
/// assert_eq!((fitted.dropped()[0].reason.as_str(), fitted.dropped()[0].rows), ("missing x", 1));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Dropped {
    /// `missing ` and the column that is missing first, in the order outcome, terms, adjusters.
    pub reason: String,
    /// How many rows.
    pub rows: usize,
}

/// A model held against a table.
///
/// Cloning is cheap. `Debug` shows the shape, no number.
///
/// # Example
/// ```
/// use vointi::{model::Model, table::Table};
/// let table = Table::builder()
///     .number("hours", [1.0, 2.0, 3.0, 4.0].map(Some))
///     .number("score", [2.0, 4.1, 5.9, 8.0].map(Some))
///     .build()?;
/// let fitted = Model::ols("score", ["hours"]).fit(&table)?;
/// let hours = fitted.estimate("hours").unwrap();
/// assert!((hours.estimate - 1.98).abs() < 1e-12);
/// assert!(hours.low.unwrap() > 1.7 && hours.p.unwrap() < 0.01);
/// assert_eq!(format!("{fitted:?}"), "Fitted(4 rows, 2 coefficients)");
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Fitted {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) model: Model,
    pub(super) table: Table,
    pub(super) terms: Vec<TermOf>,
    /// The coefficients but the intercept.
    pub(super) columns: Vec<Coefficient>,
    pub(super) solution: Solution,
    pub(super) summary: Summary,
    pub(super) left_out: Vec<u16>,
    pub(super) supports: OnceLock<Vec<super::profile::Support>>,
    largest_leverage: OnceLock<f64>,
    estimates: Vec<Estimate>,
    dropped: Vec<Dropped>,
    warnings: Vec<String>,
}

/// A term as it was fitted.
pub(super) struct TermOf {
    pub(super) column: String,
    pub(super) adjuster: bool,
    pub(super) levels: Option<Vec<String>>,
    /// The levels that a message may name.
    pub(super) shown: Vec<String>,
    pub(super) reference: Option<String>,
}

/// The solution in the columns (x − centre)/length, where little cancels.
pub(super) struct Solution {
    pub(super) centre: Vec<Double>,
    pub(super) length: Vec<f64>,
    pub(super) slopes: Vec<f64>,
    /// The same for the columns as they are, the intercept first.
    pub(super) coefficients: Vec<f64>,
    /// The value at the centre.
    pub(super) level: f64,
    /// Of the sums of products of the columns.
    pub(super) factor: Cholesky,
    pub(super) bread: Square,
    pub(super) covariance: Square,
    pub(super) intercept: bool,
}

pub(super) struct Summary {
    pub(super) n: usize,
    pub(super) p: usize,
    pub(super) squares: f64,
    pub(super) total: f64,
    pub(super) condition_number: f64,
}

impl Solution {
    /// From standardised columns back to those of the table: coefficients = transform × (level, slopes).
    fn transform(&self) -> Square {
        let first = usize::from(self.intercept);
        let mut transform = Square::zeros(self.slopes.len() + first);
        if self.intercept {
            transform.set(0, 0, 1.0);
        }
        for (at, (centre, length)) in self.centre.iter().zip(&self.length).enumerate() {
            if self.intercept {
                transform.set(0, at + 1, -centre.rounded() / length);
            }
            transform.set(at + first, at + first, 1.0 / length);
        }
        transform
    }
}

impl Inner {
    #[expect(clippy::too_many_arguments, reason = "the parts of a fit, each made by another step of it")]
    pub(super) fn new(
        model: Model,
        table: Table,
        terms: Vec<TermOf>,
        columns: Vec<Coefficient>,
        names: Vec<String>,
        solution: Solution,
        summary: Summary,
        largest_leverage: Option<f64>,
        dropped: Vec<Dropped>,
        left_out: Vec<u16>,
        warnings: Vec<String>,
    ) -> Self {
        let mut inner = Self {
            model,
            table,
            terms,
            columns,
            solution,
            summary,
            left_out,
            supports: OnceLock::new(),
            largest_leverage: largest_leverage.map_or_else(OnceLock::new, OnceLock::from),
            estimates: Vec::new(),
            dropped,
            warnings,
        };
        inner.estimates = inner.estimate_all(names);
        inner
    }

    fn df(&self) -> f64 {
        (self.summary.n - self.summary.p) as f64
    }

    /// The t of the interval.
    pub(super) fn t(&self) -> f64 {
        student::quantile_above(0.5 * (1.0 - self.model.confidence()), self.df())
    }

    /// The largest leverage of a row; a pass over the rows where the covariance had no need of it.
    pub(super) fn largest_leverage(&self) -> f64 {
        *self.largest_leverage.get_or_init(|| solve::largest_leverage(self))
    }

    fn estimate_all(&self, names: Vec<String>) -> Vec<Estimate> {
        let covariance = self.solution.transform().sandwich(&self.solution.covariance);
        let (df, t) = (self.df(), self.t());
        let labels = self.columns.iter().map(|column| {
            let term = self.terms.get(column.read);
            let level = column
                .level
                .and_then(|code| term?.levels.as_ref()?.get(usize::try_from(code).ok()?).cloned());
            let reference = term.filter(|_| level.is_some()).and_then(|term| term.reference.clone());
            (term.map(|term| term.column.clone()), level, reference)
        });
        let intercept = self.solution.intercept.then(|| ("(intercept)".to_owned(), (None, None, None)));
        intercept
            .into_iter()
            .chain(names.into_iter().zip(labels))
            .zip(self.solution.coefficients.iter().copied())
            .enumerate()
            .map(|(at, ((term, (column, level, reference)), estimate))| {
                let std_error = Some(covariance.get(at, at).sqrt()).filter(|se| se.is_finite());
                let statistic = std_error.map(|se| estimate / se).filter(|statistic| statistic.is_finite());
                Estimate {
                    term,
                    column,
                    level,
                    reference,
                    estimate,
                    std_error,
                    df,
                    statistic,
                    p: statistic.and_then(|statistic| student::p_two_sided(statistic, df)),
                    low: std_error.map(|se| estimate - t * se),
                    high: std_error.map(|se| estimate + t * se),
                }
            })
            .collect()
    }
}

impl Fitted {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// The model that was fitted.
    pub fn model(&self) -> &Model {
        &self.inner.model
    }

    /// The estimates: the intercept, the terms and the adjusters in their order, a factor's levels in theirs.
    pub fn estimates(&self) -> &[Estimate] {
        &self.inner.estimates
    }

    /// The estimate of this name: `(intercept)`, `sleep_hours`, `smoking[current]`.
    pub fn estimate(&self, term: &str) -> Option<&Estimate> {
        self.inner.estimates.iter().find(|estimate| estimate.term == term)
    }

    /// Whether a column is a term that the others are adjusted for.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::Model, table::Table};
    /// let table = Table::builder()
    ///     .number("x", [1.0, 2.0, 3.0, 4.0, 5.0].map(Some))
    ///     .number("age", [30.0, 20.0, 50.0, 40.0, 25.0].map(Some))
    ///     .number("y", [1.0, 3.0, 2.0, 4.0, 5.0].map(Some))
    ///     .build()?;
    /// let fitted = Model::ols("y", ["x"]).adjust(["age"]).fit(&table)?;
    /// assert!(fitted.is_adjuster("age") && !fitted.is_adjuster("x"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn is_adjuster(&self, column: &str) -> bool {
        self.inner.terms.iter().any(|term| term.column == column && term.adjuster)
    }

    /// The covariance matrix of the estimates, in their order.
    ///
    /// **Formula** that of [`Covariance`](super::Covariance).
    ///
    /// **Units** products of those of two estimates.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// let (x, variance) = (fitted.estimate("x").unwrap().std_error.unwrap(), fitted.covariance_matrix()[[1, 1]]);
    /// assert!((x * x - variance).abs() < 1e-12);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn covariance_matrix(&self) -> Array2<f64> {
        let solution = &self.inner.solution;
        let matrix = solution.transform().sandwich(&solution.covariance);
        Array2::from_shape_fn((matrix.size(), matrix.size()), |(row, column)| matrix.get(row, column))
    }

    /// The number of rows the estimates rest on.
    pub fn n(&self) -> usize {
        self.inner.summary.n
    }

    /// The rows left out, by reason; no reason without a row.
    pub fn dropped(&self) -> &[Dropped] {
        &self.inner.dropped
    }

    /// The rows of the table the estimates rest on, counted from 0, rising.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::Model, table::Table};
    /// let table = Table::builder()
    ///     .number("x", [Some(1.0), None, Some(2.0), Some(3.0)])
    ///     .number("y", [1.0, 3.0, 2.0, 4.0].map(Some))
    ///     .build()?;
    /// assert!(Model::ols("y", ["x"]).fit(&table)?.used_rows().eq([0, 2, 3]));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn used_rows(&self) -> impl Iterator<Item = usize> {
        (0..).zip(&self.inner.left_out).filter(|(_, reason)| **reason == 0).map(|(row, _)| row)
    }

    /// n − p, of every t.
    pub fn residual_df(&self) -> f64 {
        self.inner.df()
    }

    /// The share of the outcome's variance that is explained; of its squares without an intercept.
    ///
    /// **Formula** 1 − Σe²/Σ(y − ȳ)². `None` for an outcome that does not vary.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert!((fitted.r2().unwrap() - 0.64).abs() < 1e-12);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn r2(&self) -> Option<f64> {
        let Summary { squares, total, .. } = &self.inner.summary;
        (*total > 0.0).then(|| 1.0 - squares / total)
    }

    /// R² adjusted for the number of terms: 1 − (1 − R²)(n − 1)/(n − p), with n for n − 1 without an intercept.
    ///
    /// **Reference** Ezekiel 1930, Methods of Correlation Analysis.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert!((fitted.adj_r2().unwrap() - 0.46).abs() < 1e-12);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn adj_r2(&self) -> Option<f64> {
        let base = (self.n() - usize::from(self.inner.solution.intercept)) as f64;
        self.r2().map(|r2| 1.0 - (1.0 - r2) * base / self.residual_df())
    }

    /// The residual standard deviation √(Σe²/(n − p)), in units of the outcome.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert!((fitted.sigma() - 0.9_f64.sqrt()).abs() < 1e-9);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn sigma(&self) -> f64 {
        (self.inner.summary.squares / self.residual_df()).sqrt()
    }

    /// The log-likelihood at the estimates: −n/2 (ln 2π + ln(Σe²/n) + 1). `None` for a perfect fit.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert!((fitted.log_likelihood().unwrap() + 4.078_738_740).abs() < 1e-8);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn log_likelihood(&self) -> Option<f64> {
        let n = self.n() as f64;
        let variance = self.inner.summary.squares / n;
        (variance > 0.0).then(|| -0.5 * n * ((2.0 * PI).ln() + variance.ln() + 1.0))
    }

    /// Akaike's criterion 2(p + 1) − 2ℓ: σ is counted, as in R.
    ///
    /// **Reference** Akaike 1974, IEEE Transactions on Automatic Control 19:716.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert!((fitted.aic().unwrap() - 14.157_477_481).abs() < 1e-8);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn aic(&self) -> Option<f64> {
        self.log_likelihood().map(|l| 2.0 * (self.inner.summary.p + 1) as f64 - 2.0 * l)
    }

    /// The Bayesian criterion (p + 1) ln n − 2ℓ: σ is counted, as in R.
    ///
    /// **Reference** Schwarz 1978, The Annals of Statistics 6:461.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert!((fitted.bic().unwrap() - 12.316_360_564).abs() < 1e-8);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn bic(&self) -> Option<f64> {
        self.log_likelihood().map(|l| (self.inner.summary.p + 1) as f64 * (self.n() as f64).ln() - 2.0 * l)
    }

    /// The condition number of the design matrix, intercept included, its columns brought to unit length: above 30
    /// terms begin to say the same.
    ///
    /// **Formula** the largest singular value over the smallest.
    ///
    /// **Reference** Belsley, Kuh & Welsch 1980, Regression Diagnostics.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// let cosine = 10.0 / (4.0_f64 * 30.0).sqrt(); // of the angle between (1, 1, 1, 1) and x
    /// let by_hand = ((1.0 + cosine) / (1.0 - cosine)).sqrt();
    /// assert!((fitted.condition_number() - by_hand).abs() < 1e-9);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn condition_number(&self) -> f64 {
        self.inner.summary.condition_number
    }

    /// What is remarkable about the fit, in words.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// let table = Table::builder()
    ///     .number("x", [1.0, 2.0, 3.0, 4.0].map(Some))
    ///     .number("y", [2.0, 4.0, 6.0, 8.0].map(Some))
    ///     .build()?;
    /// assert!(Model::ols("y", ["x"]).fit(&table)?.warnings()[0].contains("the fit is perfect"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn warnings(&self) -> &[String] {
        &self.inner.warnings
    }
}

/// Shows the shape, no number.
impl fmt::Debug for Fitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fitted({} rows, {} coefficients)", self.n(), self.inner.estimates.len())
    }
}
