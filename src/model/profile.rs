//! One person's values of the terms: predictions for people with them, and differences between two.

use std::fmt;

use serde::Serialize;

use super::fitted::{Fitted, Inner};
use crate::{
    error::{Error, ErrorKind, Fault, Result, suggest},
    num::student,
    table::Table,
};

/// A value of a term: a number, or a level of a factor.
///
/// # Example
/// ```
/// use vointi::model::Value;
/// assert_eq!(Value::from(7.5), Value::Number(7.5));
/// assert_eq!(format!("{:?}", Value::from("former")), "Level(…)");
/// ```
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A number, in the unit of the column.
    Number(f64),
    /// A level.
    Level(String),
}

/// Shows the kind, no value: it may be a person's.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Number(_)) { "Number(…)" } else { "Level(…)" })
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(level: &str) -> Self {
        Self::Level(level.to_owned())
    }
}

/// Values of all terms of a [`Fitted`] model, each of which may be missing.
///
/// # Example
/// ```
/// use vointi::{model::Model, table::Table};
/// let table = Table::builder()
///     .number("sleep", [6.0, 7.0, 8.0, 9.0, 5.0].map(Some))
///     .number("mood", [55.0, 60.0, 71.0, 74.0, 52.0].map(Some))
///     .build()?;
/// let fitted = Model::ols("mood", ["sleep"]).fit(&table)?;
/// let now = fitted.profile(&table, 0)?;
/// let then = now.clone().with("sleep", 7.5)?;
/// let difference = fitted.difference(&now, &then)?;
/// assert!((difference.estimate - 1.5 * fitted.estimate("sleep").unwrap().estimate).abs() < 1e-12);
/// assert!(fitted.prediction(&then)?.outside.is_empty());
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Profile {
    fitted: Fitted,
    /// By term: the number, or the code of the level; NaN if it is missing.
    values: Vec<f64>,
}

/// How two profiles differ in the outcome: d′β.
///
/// **Formula** d′β ± t √(d′V d) with d the difference of their columns and V the covariance matrix of the model.
///
/// **Units** those of the outcome.
///
/// # Example
/// ```
/// # use vointi::{model::Model, table::Table};
/// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
/// let fitted = Model::ols("y", ["x"]).fit(&table)?;
/// let one = fitted.profile(&table, 0)?;
/// let found = fitted.difference(&one, &one.clone().with("x", 3.0)?)?;
/// assert!((found.estimate - 1.6).abs() < 1e-12);
/// assert!((found.std_error - 2.0 * fitted.estimate("x").unwrap().std_error.unwrap()).abs() < 1e-12);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// d′β, in units of the outcome.
    pub estimate: f64,
    /// √(d′V d).
    pub std_error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// The two-sided p-value; `None` without an error.
    pub p: Option<f64>,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// What the model says of people with a profile.
///
/// **Formula** mean x′β ± t √(x′V x); a single person among them ± t √(x′V x + σ²).
///
/// **Units** those of the outcome.
///
/// # Example
/// ```
/// # use vointi::{model::Model, table::Table};
/// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
/// let fitted = Model::ols("y", ["x"]).fit(&table)?;
/// let far = fitted.prediction(&fitted.profile(&table, 0)?.with("x", 9.0)?)?;
/// assert!((far.mean - 7.7).abs() < 1e-12);
/// assert!(far.person_low < far.low && far.high < far.person_high);
/// assert!(far.outside == ["x"] && far.is_far);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Prediction {
    /// The mean of the outcome among people with these values.
    pub mean: f64,
    /// Its standard error.
    pub std_error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// The lower end of the interval of the mean.
    pub low: f64,
    /// The upper end of the interval of the mean.
    pub high: f64,
    /// Where the outcome of one such person lies, lower end.
    pub person_low: f64,
    /// Where the outcome of one such person lies, upper end.
    pub person_high: f64,
    /// Columns whose value lies outside those of the rows behind the estimates.
    pub outside: Vec<String>,
    /// Whether no row behind the estimates lies as far out as this combination of values.
    pub is_far: bool,
}

/// What the rows behind the estimates hold of a term.
pub(super) enum Support {
    Range(f64, f64),
    /// Rows by level.
    Rows(Vec<usize>),
}

impl Inner {
    fn supports(&self) -> &[Support] {
        self.supports.get_or_init(|| {
            let used = |row: &usize| self.left_out.get(*row) == Some(&0);
            let of = |term: &super::fitted::TermOf| {
                let cells =
                    (0..self.left_out.len()).filter(used).filter_map(|row| term.read(&self.table, row).ok());
                match &term.levels {
                    None => {
                        let (low, high) = cells.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
                            (low.min(x), high.max(x))
                        });
                        Support::Range(low, high)
                    }
                    Some(levels) => {
                        let mut rows = vec![0; levels.len()];
                        for code in cells {
                            if let Some(count) = rows.get_mut(code_of(code)) {
                                *count += 1;
                            }
                        }
                        Support::Rows(rows)
                    }
                }
            };
            self.terms.iter().map(of).collect()
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "codes are whole and not negative"
)]
fn code_of(value: f64) -> usize {
    value as usize
}

impl Support {
    /// Whether the value is a level without a row.
    fn is_empty_at(&self, value: f64) -> bool {
        matches!(self, Self::Rows(rows) if !value.is_nan() && rows.get(code_of(value)) == Some(&0))
    }
}

impl super::fitted::TermOf {
    fn without_rows(&self) -> Fault {
        let fault = Fault::new("no row behind the estimates has this level").column(&self.column);
        fault.help("nothing can be said of it; choose another level")
    }

    /// The number or the code of the level in a row of a table; NaN where it is missing.
    fn read(&self, table: &Table, row: usize) -> Result<f64> {
        let column = table.column(&self.column)?;
        let value = match (column.number(row), column.text_at(row)) {
            (Some(number), _) => Value::Number(number),
            (None, Some(level)) => Value::Level(level.to_owned()),
            (None, None) => return Ok(f64::NAN),
        };
        // The cell is somebody's: the fault does not repeat it.
        self.code(&value).map_err(|_| {
            let fault = Fault::new("a level that the model does not know").column(&self.column);
            refuse(fault.help("predict for levels that were in the data of the fit"))
        })
    }

    fn code(&self, value: &Value) -> Result<f64> {
        let fault =
            |what: String, help: String| Err(refuse(Fault::new(what).column(&self.column).help(help)));
        match (&self.levels, value) {
            (None, Value::Number(number)) if number.is_finite() => Ok(*number),
            (None, Value::Number(_)) => {
                fault("the value is not finite".to_owned(), "give a number".to_owned())
            }
            (None, Value::Level(_)) => {
                fault("the column holds numbers".to_owned(), "give a number".to_owned())
            }
            (Some(levels), value) => {
                let name = match value {
                    Value::Number(number) => (number + 0.0).to_string(),
                    Value::Level(level) => level.clone(),
                };
                match levels.iter().position(|level| *level == name) {
                    Some(code) => Ok(code as f64),
                    None => fault(
                        format!("there is no level `{name}`"),
                        suggest(&name, self.shown.iter().map(String::as_str)),
                    ),
                }
            }
        }
    }
}

impl Fitted {
    /// The values of a row of a table that has the columns of the terms.
    ///
    /// **Missing data.** What is missing stays missing in the profile.
    ///
    /// # Errors
    /// A column that is not there; a level that the model does not know; a row beyond the table.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert!(fitted.profile(&table, 1)?.value("x").is_some());
    /// assert!(fitted.profile(&table, 4).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn profile(&self, table: &Table, row: usize) -> Result<Profile> {
        if row >= table.rows() {
            let fault = Fault::new(format!("no such row: the table has {}", table.rows()));
            return Err(refuse(fault.help("rows are counted from 0")));
        }
        let read = |term: &super::fitted::TermOf| term.read(table, row);
        let values = self.inner.terms.iter().map(read).collect::<Result<Vec<f64>>>()?;
        Ok(Profile { fitted: self.clone(), values })
    }

    /// The difference in the outcome between people with one profile and people with another, `to` − `from`.
    ///
    /// **Formula** see [`Difference`]. Only terms in which they differ count.
    ///
    /// **Missing data.** What is missing in both alike does not count.
    ///
    /// # Errors
    /// A term that is missing in one of them only; a level that no row behind the estimates had; profiles of another fit.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// let (one, two) = (fitted.profile(&table, 0)?, fitted.profile(&table, 1)?);
    /// assert!((fitted.difference(&one, &two)?.estimate - 0.8).abs() < 1e-12);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn difference(&self, from: &Profile, to: &Profile) -> Result<Difference> {
        self.check(from)?;
        self.check(to)?;
        let Inner { terms, solution, .. } = &*self.inner;
        let mut faults = Vec::new();
        let supports = self.inner.supports().iter();
        for ((term, support), (a, b)) in terms.iter().zip(supports).zip(from.values.iter().zip(&to.values)) {
            if a.is_nan() != b.is_nan() {
                let fault = Fault::new("the value to compare with is missing").column(&term.column);
                faults.push(fault.help("a difference needs both values"));
            } else if a != b && (support.is_empty_at(*a) || support.is_empty_at(*b)) {
                faults.push(term.without_rows());
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Model, faults));
        }
        let first = usize::from(solution.intercept);
        let d: Vec<f64> = std::iter::repeat_n(0.0, first)
            .chain(self.columns(from, to).map(|((a, b), length)| if a == b { 0.0 } else { (b - a) / length }))
            .map(|d: f64| if d.is_nan() { 0.0 } else { d })
            .collect();
        let slopes = solution.slopes.iter();
        let estimate: f64 = slopes.zip(d.iter().skip(first)).map(|(slope, d)| slope * d).sum();
        let variance: f64 = d.iter().zip(solution.covariance.times(&d)).map(|(d, v)| d * v).sum();
        let (df, std_error) = (self.residual_df(), variance.max(0.0).sqrt());
        let half = self.inner.t() * std_error;
        Ok(Difference {
            estimate,
            std_error,
            df,
            p: (std_error > 0.0).then(|| student::p_two_sided(estimate / std_error, df)).flatten(),
            low: estimate - half,
            high: estimate + half,
        })
    }

    /// The two values of every coefficient's column, and its length.
    fn columns<'a>(
        &'a self,
        from: &'a Profile,
        to: &'a Profile,
    ) -> impl Iterator<Item = ((f64, f64), &'a f64)> {
        let at = |profile: &Profile, column: &super::design::Coefficient| {
            let value = profile.values.get(column.read).copied().unwrap_or(f64::NAN);
            match column.level {
                Some(level) if !value.is_nan() => f64::from(u8::from(value == f64::from(level))),
                _ => value,
            }
        };
        let pair = move |column: &super::design::Coefficient| (at(from, column), at(to, column));
        self.inner.columns.iter().map(pair).zip(&self.inner.solution.length)
    }

    /// The columns of the design for a profile, but the intercept's.
    #[cfg(feature = "linfa")]
    pub(super) fn design_of<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = f64> + 'a {
        self.columns(profile, profile).map(|((x, _), _)| x)
    }

    /// The mean of the outcome among people with a profile, and where one of them lies.
    ///
    /// **Formula** see [`Prediction`].
    ///
    /// # Errors
    /// A term that is missing; a level that no row behind the estimates had; a profile of another fit.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// let people = fitted.prediction(&fitted.profile(&table, 2)?)?;
    /// assert!((people.mean - 2.9).abs() < 1e-12 && !people.is_far);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn prediction(&self, profile: &Profile) -> Result<Prediction> {
        self.check(profile)?;
        let x = self.standardised(profile)?;
        let solution = &self.inner.solution;
        let quadratic = |matrix: &crate::num::cholesky::Square| -> f64 {
            x.iter().zip(matrix.times(&x)).map(|(x, v)| x * v).sum::<f64>().max(0.0)
        };
        let mean = self.mean_of(&x);
        let variance = quadratic(&solution.covariance);
        let sigma = self.sigma();
        let t = self.inner.t();
        let (half, wide) = (t * variance.sqrt(), t * (variance + sigma * sigma).sqrt());
        Ok(Prediction {
            mean,
            std_error: variance.sqrt(),
            df: self.residual_df(),
            low: mean - half,
            high: mean + half,
            person_low: mean - wide,
            person_high: mean + wide,
            outside: self.outside(profile),
            is_far: quadratic(&solution.bread) > self.inner.largest_leverage() * (1.0 + 1e-9),
        })
    }

    /// x′β of a standardised profile.
    pub(crate) fn mean_of(&self, x: &[f64]) -> f64 {
        let solution = &self.inner.solution;
        let first = usize::from(solution.intercept);
        let slopes: f64 = solution.slopes.iter().zip(x.iter().skip(first)).map(|(slope, x)| slope * x).sum();
        slopes + if solution.intercept { solution.level } else { 0.0 }
    }

    /// Whether a table holds the terms of the rows that were fitted, cell by cell.
    pub(crate) fn rests_on(&self, table: &Table) -> bool {
        let own = &self.inner.table;
        self.inner.terms.iter().all(|term| {
            let columns = own.get(&term.column).zip(table.get(&term.column));
            columns.is_some_and(|(own, other)| own.has_cells_of(other))
        })
    }

    /// The t of the intervals.
    pub(crate) fn t_of_interval(&self) -> f64 {
        self.inner.t()
    }

    /// A combination of coefficients of the standardised columns: g′V g.
    pub(crate) fn variance_of(&self, g: &[f64]) -> f64 {
        g.iter().zip(self.inner.solution.covariance.times(g)).map(|(g, v)| g * v).sum::<f64>().max(0.0)
    }

    /// The columns of the design for a profile, standardised as the solution has them, the intercept's 1 first.
    pub(crate) fn standardised(&self, profile: &Profile) -> Result<Vec<f64>> {
        let Inner { terms, solution, .. } = &*self.inner;
        let mut faults = Vec::new();
        for ((term, value), support) in terms.iter().zip(&profile.values).zip(self.inner.supports()) {
            if value.is_nan() {
                let fault = Fault::new("the value is missing").column(&term.column);
                faults.push(fault.help("a prediction needs every term"));
            } else if support.is_empty_at(*value) {
                faults.push(term.without_rows());
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Model, faults));
        }
        let columns = self.columns(profile, profile).zip(&solution.centre);
        let own = columns.map(|(((x, _), length), centre)| centre.off(x) / length);
        Ok(std::iter::repeat_n(1.0, usize::from(solution.intercept)).chain(own).collect())
    }

    /// The columns of numbers whose value lies outside that of the rows behind the estimates.
    pub(crate) fn outside(&self, profile: &Profile) -> Vec<String> {
        let terms = self.inner.terms.iter().zip(&profile.values).zip(self.inner.supports());
        terms
            .filter(|((_, value), support)| match support {
                Support::Range(low, high) => *value < low || *value > high,
                Support::Rows(_) => false,
            })
            .map(|((term, _), _)| term.column.clone())
            .collect()
    }

    /// The smallest and largest value of a column of numbers among the rows behind the estimates; `None` of a factor, or
    /// of what is no term.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert_eq!((fitted.range("x"), fitted.range("y")), (Some([1.0, 4.0]), None));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn range(&self, column: &str) -> Option<[f64; 2]> {
        let at = self.inner.terms.iter().position(|term| term.column == column)?;
        match self.inner.supports().get(at)? {
            Support::Range(low, high) => Some([*low, *high]),
            Support::Rows(_) => None,
        }
    }

    fn check(&self, profile: &Profile) -> Result<()> {
        if std::sync::Arc::ptr_eq(&self.inner, &profile.fitted.inner) {
            return Ok(());
        }
        let fault = Fault::new("the profile belongs to another fit");
        Err(refuse(fault.help("make it with this one's `profile`")))
    }
}

impl Profile {
    /// The same profile with another value of a term.
    ///
    /// # Errors
    /// A column that is no term; a number that is not finite; a level that the model does not know.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// let profile = fitted.profile(&table, 0)?;
    /// assert_eq!(profile.clone().with("x", 2.5)?.value("x"), Some(2.5.into()));
    /// assert!(profile.with("z", 2.5).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with(mut self, column: &str, value: impl Into<Value>) -> Result<Self> {
        let terms = &self.fitted.inner.terms;
        let Some(at) = terms.iter().position(|term| term.column == column) else {
            let help = suggest(column, terms.iter().map(|term| term.column.as_str()));
            return Err(refuse(Fault::new("no term of the model").column(column).help(help)));
        };
        let code = terms.get(at).map(|term| term.code(&value.into())).transpose()?;
        if let (Some(cell), Some(code)) = (self.values.get_mut(at), code) {
            *cell = code;
        }
        Ok(self)
    }

    /// The value of a term; `None` if it is missing, or no term.
    ///
    /// # Example
    /// ```
    /// # use vointi::{model::Model, table::Table};
    /// # let table = Table::builder().number("x", [1.0, 2.0, 3.0, 4.0].map(Some)).number("y", [1.0, 3.0, 2.0, 4.0].map(Some)).build()?;
    /// let fitted = Model::ols("y", ["x"]).fit(&table)?;
    /// assert_eq!(fitted.profile(&table, 3)?.value("x"), Some(4.0.into()));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn value(&self, column: &str) -> Option<Value> {
        let terms = &self.fitted.inner.terms;
        let at = terms.iter().position(|term| term.column == column)?;
        let value = self.values.get(at).copied().filter(|value| !value.is_nan())?;
        match &terms.get(at)?.levels {
            None => Some(Value::Number(value)),
            Some(levels) => levels.get(code_of(value)).cloned().map(Value::Level),
        }
    }
}

/// Shows the shape, no value.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Profile({} terms)", self.values.len())
    }
}

fn refuse(fault: Fault) -> Error {
    Error::new(ErrorKind::Model, vec![fault])
}
