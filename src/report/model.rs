//! A fitted model as text, as CSV and as a record for programs.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use serde::Serialize;

use super::{CsvStyle, csv::Sheet, text::Grid, written};
use crate::{
    error::Result,
    model::{Dropped, Estimate, Fitted, SecondOpinion},
};

/// What a program gets to know of a fitted model; its JSON is held by a schema, `data/schemas/model.json`.
///
/// What does not exist is null. Formulas and units are those of [`Fitted`]; the example is at [`ModelRecord::of`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelRecord {
    /// The column that is explained.
    pub outcome: String,
    /// Rows behind the estimates.
    pub n: usize,
    /// Rows left out.
    pub dropped: Vec<Dropped>,
    /// The estimator.
    pub method: &'static str,
    /// The covariance of the estimates.
    pub covariance: &'static str,
    /// Which degrees of freedom every t has.
    pub df_rule: &'static str,
    /// The confidence of the intervals.
    pub level: f64,
    /// The estimates, in the order of the model.
    pub estimates: Vec<Estimate>,
    /// The share of variance explained.
    pub r2: Option<f64>,
    /// The same adjusted for the number of terms.
    pub adj_r2: Option<f64>,
    /// The residual standard deviation.
    pub sigma: Option<f64>,
    /// The log-likelihood.
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion, σ counted.
    pub aic: Option<f64>,
    /// The Bayesian criterion, σ counted.
    pub bic: Option<f64>,
    /// The condition number of the design matrix.
    pub condition_number: Option<f64>,
    /// Another solver's view; null where it is not compiled in.
    pub second_opinion: Option<SecondOpinion>,
    /// What is remarkable about the fit, in words.
    pub warnings: Vec<String>,
    /// What has to be said beside the estimates, in words.
    pub remarks: Vec<String>,
}

/// The JSON Schema (draft 2020-12) of a [`ModelRecord`].
///
/// # Example
/// ```
/// assert!(vointi::report::model_schema().contains("condition_number"));
/// ```
pub fn model_schema() -> &'static str {
    include_str!("../../data/schemas/model.json")
}

impl ModelRecord {
    /// The record of a fitted model, with remarks of the caller's.
    ///
    /// # Errors
    /// If the second opinion is compiled in and fails.
    ///
    /// # Example
    /// ```
    /// use vointi::{model::Model, report::ModelRecord, table::Table};
    /// let table = Table::builder()
    ///     .number("hours", [1.0, 2.0, 3.0, 4.5].map(Some))
    ///     .number("score", [2.0, 4.1, 5.9, 8.0].map(Some))
    ///     .build()?;
    /// let record = ModelRecord::of(&Model::ols("score", ["hours"]).fit(&table)?, Vec::new())?;
    /// assert_eq!((record.n, record.covariance, record.df_rule), (4, "hc3", "n - p"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(fitted: &Fitted, remarks: Vec<String>) -> Result<Self> {
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        Ok(Self {
            outcome: fitted.model().outcome().to_owned(),
            n: fitted.n(),
            dropped: fitted.dropped().to_vec(),
            method: "ols",
            covariance: fitted.model().covariance_kind().word(),
            df_rule: "n - p",
            level: fitted.model().confidence(),
            estimates: fitted.estimates().to_vec(),
            r2: fitted.r2(),
            adj_r2: fitted.adj_r2(),
            sigma: finite(fitted.sigma()),
            log_likelihood: fitted.log_likelihood(),
            aic: fitted.aic(),
            bic: fitted.bic(),
            condition_number: finite(fitted.condition_number()),
            second_opinion: fitted.opinion()?,
            warnings: fitted.warnings().to_vec(),
            remarks,
        })
    }
}

/// A fitted model for reading: estimates with intervals, how it fits, what was left out, what has to be said.
///
/// # Example
/// ```
/// use vointi::{model::Model, report::{self, ModelRecord}, table::Table};
/// let table = Table::builder()
///     .number("hours", [1.0, 2.0, 3.0, 4.5].map(Some))
///     .number("score", [2.0, 4.1, 5.9, 8.0].map(Some))
///     .build()?;
/// let record = ModelRecord::of(&Model::ols("score", ["hours"]).fit(&table)?, Vec::new())?;
/// assert!(report::model_text(&record).contains("hours"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn model_text(record: &ModelRecord) -> String {
    let mut text = format!(
        "{}, ordinary least squares, {} standard errors, {} rows\n",
        record.outcome, record.covariance, record.n
    );
    let left_out: usize = record.dropped.iter().map(|dropped| dropped.rows).sum();
    if left_out > 0 {
        let reasons: Vec<String> =
            record.dropped.iter().map(|dropped| format!("{} {}", dropped.rows, dropped.reason)).collect();
        let _ = writeln!(text, "{left_out} rows left out: {}", reasons.join(", "));
    }
    let mut grid = Grid::new(&[false, true, true, true, true, true, true]);
    let percent = format!("{} %", record.level * 100.0);
    grid.row(["term", "estimate", "std error", &format!("{percent} from"), "to", "t", "p"]);
    for row in &record.estimates {
        let p = match row.p {
            Some(p) if p < 0.001 => "<0.001".to_owned(),
            Some(p) => format!("{p:.3}"),
            None => "–".to_owned(),
        };
        grid.row([
            row.term.clone(),
            digits(Some(row.estimate)),
            digits(row.std_error),
            digits(row.low),
            digits(row.high),
            row.statistic.map_or_else(|| "–".to_owned(), |t| format!("{t:.2}")),
            p,
        ]);
    }
    let _ = write!(text, "\n{}", grid.lines());
    let references: Vec<String> = references(record);
    if !references.is_empty() {
        let _ = writeln!(text, "\ncompared with: {}", references.join(", "));
    }
    let mut grid = Grid::new(&[false, true]);
    let df = record.estimates.first().map_or(f64::NAN, |row| row.df);
    grid.row(["degrees of freedom".to_owned(), format!("{df}")]);
    for (name, value) in [
        ("R²", record.r2),
        ("adjusted R²", record.adj_r2),
        ("residual standard deviation", record.sigma),
        ("log-likelihood", record.log_likelihood),
        ("AIC", record.aic),
        ("BIC", record.bic),
        ("condition number", record.condition_number),
    ] {
        grid.row([name.to_owned(), digits(value)]);
    }
    let _ = write!(text, "\n{}", grid.lines());
    if let Some(opinion) = &record.second_opinion {
        let _ = writeln!(text, "second opinion: {opinion}");
    }
    for line in record.warnings.iter().chain(&record.remarks) {
        let _ = writeln!(text, "note: {line}");
    }
    text
}

fn references(record: &ModelRecord) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for row in &record.estimates {
        if let (Some(column), Some(reference)) = (&row.column, &row.reference) {
            let text = format!("{column} {reference}");
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// Four significant digits, and no exponent where it can be avoided.
fn digits(value: Option<f64>) -> String {
    let Some(value) = value else { return "–".to_owned() };
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-4..1e6).contains(&size) {
        #[expect(clippy::cast_possible_truncation, reason = "between -4 and 5")]
        let order = size.log10().floor() as i32;
        let places = usize::try_from(3 - order).unwrap_or(0);
        format!("{value:.places$}")
    } else {
        format!("{value:.3e}")
    }
}

/// Writes the estimates as a table, one row each: `term`, `column`, `level`, `reference`, `estimate`, `std_error`, `df`,
/// `statistic`, `p`, `low`, `high`.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// use vointi::{model::Model, report::{self, CsvStyle, ModelRecord}, table::Table};
/// let table = Table::builder()
///     .number("hours", [1.0, 2.0, 3.0, 4.5].map(Some))
///     .number("score", [2.0, 4.1, 5.9, 8.0].map(Some))
///     .build()?;
/// let record = ModelRecord::of(&Model::ols("score", ["hours"]).fit(&table)?, Vec::new())?;
/// let mut file = Vec::new();
/// report::model_csv(&record, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"term,column,level,reference,estimate,"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn model_csv(record: &ModelRecord, style: CsvStyle, out: impl Write) -> Result<()> {
    written(write_estimates(record, style, out))
}

fn write_estimates(record: &ModelRecord, style: CsvStyle, out: impl Write) -> io::Result<()> {
    let texts = ["term", "column", "level", "reference"];
    let numbers = ["estimate", "std_error", "df", "statistic", "p", "low", "high"];
    let mut sheet = Sheet::header(out, style, texts.into_iter().chain(numbers))?;
    for row in &record.estimates {
        sheet.text(&row.term);
        for text in [&row.column, &row.level, &row.reference] {
            sheet.text(text.as_deref().unwrap_or_default());
        }
        let known =
            [Some(row.estimate), row.std_error, Some(row.df), row.statistic, row.p, row.low, row.high];
        for number in known {
            sheet.optional(number)?;
        }
        sheet.end()?;
    }
    sheet.finish()
}
