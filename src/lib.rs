//! One open 0–100 wellbeing index, with its uncertainty, from questionnaires and measurements.
//!
//! A definition, a text file, says what is asked and measured, how each answer and reading becomes a score from 0 to
//! 100, and how scores are joined. The crate reads it, holds a file of people against it, and scores them: one person or
//! millions, with the same bits for any number of threads. Every score comes with its standard error, an interval, and
//! what it rests on. From the scores it goes on to models of everyday choices, to why a person stands where they stand,
//! and to pages that people can read.
//!
//! It is a tool for describing populations and for self-knowledge, not a medical device; see
//! [intended use](guide::intended_use).
//!
//! # Example
//! The 5,265 adults that ship in `data/nhanes`, from the file to the scores:
//! ```
//! # #[cfg(feature = "csv")] {
//! use vointi::{Cohort, Definition, Flag, Index};
//!
//! let definition = Definition::builtin("nhanes")?;                       // what is declared
//! let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?; // what is observed
//! let index = Index::new(&definition)?;                                  // with the calibration that ships for it
//! let scores = index.score_cohort(&cohort)?;                             // what is derived
//!
//! assert_eq!((scores.rows(), scores.observed()), (5265, 4822));
//! assert_eq!(scores.count(Flag::FewReadings), 538); // fewer than three blood pressures
//!
//! let person = scores.row(0).unwrap();
//! assert_eq!(format!("{:.1}", person.value().unwrap()), "62.4");
//! assert_eq!(format!("{:.1}", person.std_error().unwrap()), "3.5");
//! assert!(person.low() < person.value() && person.value() < person.high());
//!
//! use vointi::model::{Model, Term};
//! let fitted = Model::ols("index", [Term::linear("sleep_hours"), Term::factor("smoking")])
//!     .adjust([Term::linear("age"), Term::factor("sex")])
//!     .fit(&cohort.with_scores(&scores)?)?; // which choices go with it: HC3 errors, rows left out counted
//! let former = fitted.estimate("smoking[former]").unwrap();
//! assert!(former.high.unwrap() < 0.0);
//! # }
//! # Ok::<(), vointi::Error>(())
//! ```
//! Someone who stands in no file is put together with [`Person::builder`].
//!
//! # What is in it
//! In the order in which a file becomes scores:
//!
//! - **Tables** ([`table`]): typed columns in which every cell may be missing.
//!   [`Table::builder`] column by column; [`Table::from_ndarray`] from a matrix and
//!   [`Table::matrix_or_nan`] back; `Table::read_csv` for `,` `;` or tab, decimal point or comma, UTF-8, UTF-16 or a named
//!   encoding, with [what was detected](table::Source); `Table::dataset` for linfa.
//! - **Definitions** ([`definition`]): [`Definition::read`], [`Definition::from_toml`] and [`Definition::builtin`] give
//!   a checked definition or every fault at once; [`Definition::tree`] shows effective weights,
//!   [`Definition::hash`] says which formula gave a score, [`Definition::json_schema`] serves editors.
//! - **Instruments**: 37 questionnaires with source, licence and worked cases, by [`definition::instruments`]; others are
//!   declared in place, or in a file of one's own ([`definition::instrument_file`]).
//! - **Questionnaires from elsewhere** (`import`, feature `csv`): a FHIR Questionnaire, a REDCap data dictionary or a
//!   scorify sheet becomes the draft of an instrument file, by `import::Importer`.
//! - **Measures**: unit, limits, direction and published errors of what is measured, by [`definition::measures`];
//!   [`definition::convert`] gives a number in another unit.
//! - **Cohorts** ([`cohort`]): [`Cohort::new`] and `Cohort::read_csv` bind a table to a definition: answers decoded,
//!   limits and ids checked, derived columns computed; [`cohort::Inspection`] says how full each column is and which
//!   answers nobody mapped; [`Cohort::person`] and [`Person::builder`] give one person.
//! - **Scales** ([`scale`]): [`scale::score`](fn@scale::score) gives every score exactly as published, with the answers behind
//!   it, standard error, band and norm, and [safety flags](scale::Safety) apart; [`scale::check`](fn@scale::check) scores the
//!   worked cases.
//! - **What a scale is worth** ([`scale`]): [`scale::reliability`] has alpha with its interval, omega, Guttman's lambdas, item
//!   statistics, and names items whose key is turned; [`scale::icc`] the six intraclass correlations of raters;
//!   [`scale::agreement`](fn@scale::agreement) whether a unit agrees; [`scale::careless`](fn@scale::careless) signs of answers
//!   given without care; [`scale::ChangeRule`] and [`scale::Changes`] who changed beyond error; [`scale::Norm`] where a score
//!   stands.
//! - **Gaps, tails and ranges**: a definition screens persons, divides by denominators, fills gaps, treats long tails and learns
//!   ranges and ranks from a reference; [`Scores::imputed`] counts what was filled, [`Calibration::treated`] what still fails.
//! - **Indicators** ([`indicator`]): goalposts (also on the logarithm), straight lines between points, steps, desirability,
//!   logistic, LMS percentiles, ranks in a reference, hazard ratios, published rules and norms, z and T; errors of
//!   measurement as standard deviation, coefficient of variation, reliability, intraclass correlation or learned from
//!   repeats, growing with age and falling with the readings or days behind a value, carried exactly through the utility;
//!   [what a mean of readings is worth](indicator::spearman_brown).
//! - **Published scores** ([`indicator::Rule`], [`definition::rules`]): Life's Essential 8, SCORE2, PREVENT, FINDRISC,
//!   metabolic syndrome, IPAQ, PhenoAge, percentiles by age and sex and others, as data with source and population; every
//!   person has a value or an [`Outcome`](indicator::Outcome) that says why not. [`study::Health`] computes those that a
//!   definition asks for, beside its index.
//! - **The index** ([`index`](mod@index)): weighted means, orders, penalties, Choquet, Copeland, TOPSIS, benefit of the doubt and
//!   counting at any depth, with a missing rule and coverage at each; [`index::Method`] says what each keeps and what not;
//!   weights declared or learned ([`Calibration::weights`]); [`Calibration`] learned once and frozen; [`Index`] compiled from both, scoring
//!   [one person](Index::score), [many without allocating](Index::scorer) or [a cohort](Index::score_cohort).
//! - **Scores** ([`Scores`]): by row, by column, as a matrix; [`Flag`] says what is remarkable about a score, and
//!   [`index::Reason`] why there is none; [`Cohort::with_scores`] joins them with the choices, to be modelled.
//! - **Studies** ([`study`]): [`study::Summary`] is a scored cohort in a few figures, and
//!   [what of them an employer may see](study::GroupFigures); [`study::Audit`] holds an index against its own data,
//!   [`study::Importance`] says what each part weighs, [`study::Comparison`] scores people by two definitions,
//!   [`study::Inequality`] and [`study::Deprivation`] say how an index is spread, and [`study::Sensitivity`] which choices move it.
//! - **Moments** ([`moments`]): [`moments::Moments`] are sums of rows and of products that merge; a linear model needs
//!   nothing else of the data but one last pass.
//! - **Models** ([`model`]): [`model::Model`] is least squares of any column of a [`Table`] on
//!   [terms](model::Term), with [classical and robust errors](model::Covariance); [`model::Fitted`] has estimates with
//!   intervals, who was left out, predictions and a second opinion from linfa. [`explain::model_of`] is the model a
//!   definition asks for.
//! - **Contributions** ([`explain`]): [`explain::contributions`] says how many points each indicator adds to a person's
//!   index or takes from it, against the mean of a cohort or of the calibration; the points sum to the difference.
//! - **What-if**: [`explain::what_if`] gives the difference that goes with a [`explain::Scenario`] among people, and people
//!   with the new values; [`explain::what_if_cohort`] the share at or above a score.
//! - **Findings and standings**: [`explain::Findings`] is what there is to say about a cohort, with
//!   [what goes with its choices](explain::ChoiceEffects) and [who was left out](study::LeftOut);
//!   [`explain::Standing`] is where a person stands, with [at most two choices worth a look](explain::worth_a_look).
//! - **Reports** ([`report`]): all of these as text, Markdown and CSV, and (feature `pages`) as self-contained HTML pages with
//!   pictures. Their JSON is what `serde` makes of them.
//! - **Errors** ([`Error`]): one type; every fault with its place and a remedy, and never a person's value or id.
//!
//! Decisions and formulas are in the [guide]: [design](guide::design), [methods](guide::methods),
//! [building an index](guide::building), [comparison](guide::compare), [limits](guide::limits), [intended use](guide::intended_use).
//!
//! # Crate features
//! None of them changes a number.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `parallel` | yes | cohorts are scored on all threads of the current rayon pool |
//! | `csv` | yes | tables are read from CSV files; questionnaires are imported |
//! | `linfa` | yes | a table becomes a `linfa::Dataset`, a model a linfa estimator with a second opinion; linfa is re-exported |
//! | `frontier` | yes | benefit of the doubt, with its solver of linear programs |
//! | `pages` | no | reports as self-contained HTML pages with pictures |
//! | `fhir` | no | questionnaires are imported from FHIR too; takes in `csv` |
//! | `cli` | no | the program `vointi`; takes in `csv`, `parallel`, `pages` and `fhir` |
//!
//! # What is not in it
//! Not yet: models other than linear ones (no splines, weights, clusters, mixed models, other families), importance of
//! terms, questionnaire and device joined within a domain, item-response models, import of
//! answers from FHIR, Parquet and Arrow, survey weights, multiple imputation, streaming. [Limits](guide::limits) has the list, and what the numbers assume.

pub mod cohort;
pub mod definition;
mod error;
pub mod explain;
mod expression;
#[cfg(feature = "csv")]
pub mod import;
pub mod index;
pub mod indicator;
pub mod model;
pub mod moments;
mod notation;
mod num;
pub mod report;
pub mod scale;
pub mod study;
pub mod table;

pub use cohort::{Cohort, Flag, Flags, Person};
pub use definition::Definition;
pub use error::{Error, ErrorKind, Fault, Place, Result};
pub use index::{Calibration, Index, Scores};
#[cfg(feature = "linfa")]
pub use linfa;
pub use ndarray;
pub use table::Table;

/// The guide: why it is as it is, every formula, and what it does not do. The same texts as in `src/guide`.
pub mod guide {
    pub mod design {
        #![doc = include_str!("guide/design.md")]
    }
    pub mod methods {
        #![doc = include_str!("guide/methods.md")]
    }
    pub mod building {
        #![allow(clippy::doc_markdown, clippy::doc_lazy_continuation, reason = "formulas keep their letters")]
        #![doc = include_str!("guide/building.md")]
    }
    pub mod compare {
        #![doc = include_str!("guide/compare.md")]
    }
    pub mod limits {
        #![doc = include_str!("guide/limits.md")]
    }
    pub mod intended_use {
        #![doc = include_str!("guide/intended_use.md")]
    }
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
