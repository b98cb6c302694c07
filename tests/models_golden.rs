//! Linear models against R, exact arithmetic and NIST.
//!
//! `tests/golden/models/fit.R` made the fits and `exact.py` beside it says how many of their digits are right;
//! `tests/golden/nist` holds NIST's eleven linear sets. The READMEs there give the reasons for every tolerance.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use ndarray::{Array1, Array2};
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, StudentsT};
use vointi::{
    Cohort, Definition, ErrorKind, Index, Result, Table, explain,
    model::{Covariance, Fitted, Model, Prediction, Profile, Term},
};

const MODELS: &str = "tests/golden/models";
const NIST: &str = "tests/golden/nist";

/// A data file, its specification, and the covariance that it asks for.
const SETS: [(&str, Covariance); 4] = [
    ("mtcars", Covariance::Hc3),
    ("longley", Covariance::Classical),
    ("swiss", Covariance::Hc0),
    ("second", Covariance::Hc1),
];

const COVARIANCES: [Covariance; 5] =
    [Covariance::Classical, Covariance::Hc0, Covariance::Hc1, Covariance::Hc2, Covariance::Hc3];

/// Digits of coefficients and of standard errors that a normal matrix of centred and scaled columns reaches; Filip's
/// columns are too close to one another for it.
const DIGITS: [(&str, Option<(f64, f64)>); 11] = [
    ("Norris", Some((13.3, 13.6))),
    ("Pontius", Some((12.0, 13.4))),
    ("NoInt1", Some((14.7, 14.8))),
    ("NoInt2", Some((15.0, 15.0))),
    ("Longley", Some((11.5, 12.7))),
    ("Filip", None),
    ("Wampler1", Some((7.3, 7.7))),
    ("Wampler2", Some((9.8, 12.0))),
    ("Wampler3", Some((6.8, 10.4))),
    ("Wampler4", Some((6.6, 10.4))),
    ("Wampler5", Some((6.8, 10.4))),
];

/// How far an estimate, a standard error or an end of an interval may be off.
fn tolerance(set: &str, covariance: Covariance) -> f64 {
    // sandwich itself is off by 8e-8 there.
    if set == "longley" && covariance != Covariance::Classical { 1e-7 } else { 1e-10 }
}

/// The same of a p-value: an error of t becomes up to t² as much.
fn p_tolerance(set: &str, covariance: Covariance) -> f64 {
    10.0 * tolerance(set, covariance)
}

/// Values found and expected, of which all that differ are told together.
#[derive(Default)]
struct Compared {
    values: usize,
    faults: Vec<String>,
}

impl Compared {
    /// Relative to the larger of the expected value and of `size`, such as the standard error of an interval's end.
    fn within(&mut self, place: &str, found: Option<f64>, expected: f64, size: f64, tolerance: f64) {
        self.values += 1;
        let off = found.map_or(f64::INFINITY, |found| {
            let off = (found - expected).abs();
            if off == 0.0 { 0.0 } else { off / expected.abs().max(size) }
        });
        if off.is_nan() || off > tolerance {
            self.faults.push(format!("{place}: {found:?}, expected {expected:?}, off by {off:.1e}"));
        }
    }

    fn close(&mut self, place: &str, found: Option<f64>, expected: f64) {
        self.within(place, found, expected, 0.0, 1e-10);
    }

    fn judge(self, values: usize) {
        assert!(self.faults.is_empty(), "{} values:\n{}", self.faults.len(), self.faults.join("\n"));
        assert!(self.values >= values, "only {} values were compared", self.values);
    }
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn words(value: &Value) -> Vec<&str> {
    list(value).iter().map(|word| word.as_str().unwrap()).collect()
}

fn fitted_set(set: &str, covariance: Covariance) -> Result<Fitted> {
    let table = Table::read_csv(format!("{MODELS}/{set}.csv"))?;
    Model::read(format!("{MODELS}/{set}.toml"))?.covariance(covariance).fit(&table)
}

/// Which rows are used and why others are not: the same whatever the covariance.
fn compare_rows(set: &str, fitted: &Fitted, expected: &Value) {
    assert_eq!(fitted.n(), count(&expected["n"]), "{set}");
    let used: Vec<usize> = fitted.used_rows().collect();
    let head: Vec<usize> = list(&expected["used_head"]).iter().map(count).collect();
    assert!(used.starts_with(&head), "{set}: other rows are used");
    assert_eq!(used.iter().sum::<usize>(), count(&expected["used_sum"]), "{set}");
    let dropped: BTreeMap<String, usize> =
        fitted.dropped().iter().map(|dropped| (dropped.reason.clone(), dropped.rows)).collect();
    let of_r: BTreeMap<String, usize> = expected["dropped"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(column, rows)| (format!("missing {column}"), count(rows)))
        .collect();
    assert_eq!(dropped, of_r, "{set}");
    assert_eq!(fitted.n() + dropped.values().sum::<usize>(), count(&expected["rows"]), "{set}");
}

fn compare_fit(set: &str, covariance: Covariance, fitted: &Fitted, expected: &Value, of: &mut Compared) {
    compare_rows(set, fitted, expected);
    let place = format!("{set} {}", covariance.word());
    let estimates = fitted.estimates();
    // Without declared levels, their order is each program's own.
    let of_r = words(&expected["terms"]);
    assert_eq!(estimates.len(), of_r.len(), "{set}");
    assert_eq!(fitted.residual_df(), number(&expected["residual_df"]), "{set}");
    let errors = &expected["covariances"][covariance.word()];
    let matrix = fitted.covariance_matrix();
    for (here, found) in estimates.iter().enumerate() {
        let at = of_r.iter().position(|term| *term == found.term);
        let at = at.unwrap_or_else(|| panic!("{set}: R has no term {}", found.term));
        let place = |quantity: &str| format!("{place} {} {quantity}", found.term);
        let reach = tolerance(set, covariance);
        let value = |quantity: &str| number(&errors[quantity][at]);
        let se = value("std_error");
        of.close(&place("estimate"), Some(found.estimate), number(&expected["estimate"][at]));
        of.within(&place("std_error"), found.std_error, se, 0.0, reach);
        of.within(&place("covariance"), Some(matrix[[here, here]].sqrt()), se, 0.0, reach);
        of.within(&place("statistic"), found.statistic, value("statistic"), 0.0, reach);
        of.within(&place("low"), found.low, value("low"), se, reach);
        of.within(&place("high"), found.high, value("high"), se, reach);
        let p = value("p");
        if p > 1e-290 {
            of.within(&place("p"), found.p, p, 0.0, p_tolerance(set, covariance));
        } else {
            of.within(&place("p"), found.p.map(|p| p.max(1e-290)), 1e-290, 0.0, 0.0);
        }
    }
    for (quantity, found) in [
        ("r2", fitted.r2()),
        ("adj_r2", fitted.adj_r2()),
        ("sigma", Some(fitted.sigma())),
        ("log_likelihood", fitted.log_likelihood()),
        ("aic", fitted.aic()),
        ("bic", fitted.bic()),
    ] {
        of.close(&format!("{place} {quantity}"), found, number(&expected[quantity]));
    }
    // A normal matrix keeps its square: 43,275² · 2e-16 = 4e-7.
    let reach = if set == "longley" { 1e-6 } else { 1e-10 };
    let condition = number(&expected["condition_number"]);
    of.within(&format!("{place} condition number"), Some(fitted.condition_number()), condition, 0.0, reach);
}

#[test]
fn every_fit_is_that_of_r() -> Result<()> {
    let expected = json(&format!("{MODELS}/expected.json"));
    let stored: BTreeSet<&str> = expected.as_object().unwrap().keys().map(String::as_str).collect();
    let sets: BTreeSet<&str> = SETS.iter().map(|(set, _)| *set).collect();
    assert_eq!(stored, sets);
    let mut compared = Compared::default();
    for (set, written) in SETS {
        assert_eq!(Model::read(format!("{MODELS}/{set}.toml"))?.covariance_kind(), written, "{set}");
        for covariance in COVARIANCES {
            let fitted = fitted_set(set, covariance)?;
            compare_fit(set, covariance, &fitted, &expected[set], &mut compared);
        }
    }
    compared.judge(900);
    Ok(())
}

/// Where sandwich is off, by arithmetic of 40 digits. The columns of longley take five digits of the sixteen, and the
/// leverages and residuals between two factors of a normal matrix some more: 1e-9.
#[test]
fn robust_errors_of_longley_are_right_beyond_the_digits_of_r() -> Result<()> {
    let exact = json(&format!("{MODELS}/longley_robust.json"));
    let mut compared = Compared::default();
    for covariance in COVARIANCES.into_iter().filter(|kind| *kind != Covariance::Classical) {
        let fitted = fitted_set("longley", covariance)?;
        for (term, se) in words(&exact["terms"]).iter().zip(words(&exact[covariance.word()])) {
            let found = fitted.estimate(term).and_then(|estimate| estimate.std_error);
            let place = format!("{} {term}", covariance.word());
            compared.within(&place, found, se.parse().unwrap(), 0.0, 1e-9);
        }
    }
    compared.judge(28);
    Ok(())
}

/// QR of the columns as they are keeps 11 digits of longley, and more elsewhere.
#[cfg(feature = "linfa")]
#[test]
fn the_second_opinion_agrees() -> Result<()> {
    for (set, covariance) in SETS {
        let difference = fitted_set(set, covariance)?.second_opinion()?.max_relative_difference;
        assert!(difference < 1e-9, "{set}: {difference:.1e}");
    }
    Ok(())
}

// ---- the shipped survey ---------------------------------------------------------------------------------------------

struct Survey {
    cohort: Cohort,
    table: Table,
    expected: Value,
}

impl Survey {
    fn new() -> Result<Self> {
        let definition = Definition::builtin("nhanes")?;
        let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
        let scores = Index::new(&definition)?.score_cohort(&cohort)?;
        let table = cohort.with_scores(&scores)?;
        Ok(Self { cohort, table, expected: json(&format!("{MODELS}/nhanes.json")) })
    }

    fn index(&self, covariance: Covariance) -> Result<Fitted> {
        Model::ols(
            "index",
            [
                Term::linear("sleep_hours"),
                Term::factor("vigorous_recreation").reference("no"),
                Term::factor("moderate_recreation").reference("no"),
                Term::linear("sitting_minutes"),
                Term::factor("smoking").reference("never"),
                Term::factor("alcohol_none").reference("some"),
                Term::linear("alcohol_g"),
                Term::factor("diet").reference("good"),
            ],
        )
        .adjust([
            Term::linear("age"),
            Term::factor("sex").reference("Female"),
            Term::factor("education").reference("Less than 9th grade"),
            Term::linear("income_ratio"),
        ])
        .covariance(covariance)
        .fit(&self.table)
    }

    fn felt(&self, covariance: Covariance) -> Result<Fitted> {
        Model::ols("pillar.felt", [Term::factor("smoking").reference("never"), Term::linear("sleep_hours")])
            .covariance(covariance)
            .fit(&self.table)
    }
}

/// As many rows and the same columns, and yet other people.
#[test]
fn a_fit_of_other_people_has_no_shares_of_these() -> Result<()> {
    let survey = Survey::new()?;
    let definition = survey.cohort.definition();
    let text = fs::read_to_string("data/nhanes/adults.csv").expect("the survey");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let turned =
        Cohort::csv_options(definition).read_bytes((lines.join("\n") + "\n").as_bytes(), "turned.csv")?;
    let turned = Cohort::new(definition, turned)?;
    let fitted = survey.index(Covariance::Hc3)?;
    let scenario = explain::Scenario::new().set("sleep_hours", 7.5);
    assert!(explain::what_if_cohort(&fitted, &survey.cohort, &scenario, 75.0).is_ok());
    let again = Cohort::read_csv(definition, "data/nhanes/adults.csv")?;
    assert!(explain::what_if_cohort(&fitted, &again, &scenario, 75.0).is_ok(), "the same people read again");
    let refusal = explain::what_if_cohort(&fitted, &turned, &scenario, 75.0).unwrap_err();
    assert!(refusal.to_string().contains("another cohort"), "{refusal}");
    Ok(())
}

#[test]
fn the_choices_of_the_survey_have_the_estimates_of_r() -> Result<()> {
    let survey = Survey::new()?;
    let mut compared = Compared::default();
    for covariance in COVARIANCES {
        let fits = [("index", survey.index(covariance)?), ("felt", survey.felt(covariance)?)];
        for (set, fitted) in fits {
            compare_fit(set, covariance, &fitted, &survey.expected[set], &mut compared);
        }
    }
    compared.judge(900);
    Ok(())
}

/// The profile with the values of a scenario.
fn set(mut profile: Profile, scenario: &Value) -> Result<Profile> {
    for (column, value) in scenario.as_object().unwrap() {
        profile = match value.as_str() {
            Some(level) => profile.with(column, level)?,
            None => profile.with(column, number(value))?,
        };
    }
    Ok(profile)
}

fn compare_prediction(place: &str, found: &Prediction, expected: &Value, of: &mut Compared) {
    for (quantity, found) in [
        ("mean", found.mean),
        ("low", found.low),
        ("high", found.high),
        ("predict_low", found.person_low),
        ("predict_high", found.person_high),
    ] {
        of.close(&format!("{place} {quantity}"), Some(found), number(&expected[quantity]));
    }
}

fn quadratic(x: &Array1<f64>, matrix: &Array2<f64>) -> f64 {
    x.dot(&matrix.dot(x))
}

#[test]
fn differences_and_predictions_are_those_of_r() -> Result<()> {
    let survey = Survey::new()?;
    let expected = &survey.expected["what_if"];
    assert_eq!((&expected["covariance"], number(&expected["level"])), (&Value::from("hc3"), 0.95));
    let fitted = survey.index(Covariance::Hc3)?;
    let classical = survey.index(Covariance::Classical)?;
    let (matrix, bread) = (fitted.covariance_matrix(), classical.covariance_matrix());
    let terms: Vec<&str> = fitted.estimates().iter().map(|estimate| estimate.term.as_str()).collect();
    assert_eq!(terms, words(&survey.expected["index"]["terms"]), "declared levels keep their order");
    let mut compared = Compared::default();
    for person in list(&expected["persons"]) {
        let id = person["id"].as_str().unwrap();
        let row = survey.cohort.person(id)?.row();
        let now = fitted.profile(&survey.table, row)?;
        let prediction = fitted.prediction(&now)?;
        compare_prediction(&format!("{id} now"), &prediction, &person["now"], &mut compared);

        // The matrices, whose diagonals alone are held by the standard errors.
        let x: Array1<f64> = list(&person["row"]).iter().map(number).collect();
        let variance = prediction.std_error * prediction.std_error;
        compared.close(&format!("{id} x'Vx"), Some(quadratic(&x, &matrix)), variance);
        let leverage = quadratic(&x, &bread) / classical.sigma().powi(2);
        compared.close(&format!("{id} leverage"), Some(leverage), number(&person["now"]["leverage"]));

        for scenario in list(&person["scenarios"]) {
            let then = set(now.clone(), &scenario["set"])?;
            let place = format!("{id} with {}", scenario["set"]);
            let difference = fitted.difference(&now, &then)?;
            let expected = &scenario["difference"];
            let se = number(&expected["std_error"]);
            assert_eq!(difference.df, number(&expected["df"]));
            for (quantity, found) in [
                ("estimate", difference.estimate),
                ("std_error", difference.std_error),
                ("low", difference.low),
                ("high", difference.high),
            ] {
                let place = format!("{place} {quantity}");
                compared.within(&place, Some(found), number(&expected[quantity]), se, 1e-10);
            }
            compare_prediction(&place, &fitted.prediction(&then)?, &scenario["then"], &mut compared);
        }
    }
    compared.judge(80);
    Ok(())
}

/// The mean over people of 1 − T((75 − x′b)/σ): statrs has 1e-12 of T at some four thousand degrees of freedom.
#[test]
fn the_share_above_a_band_is_that_of_r() -> Result<()> {
    let survey = Survey::new()?;
    let expected = &survey.expected["what_if"]["cohort"];
    let fitted = survey.index(Covariance::Hc3)?;
    let law = StudentsT::new(0.0, 1.0, fitted.residual_df()).unwrap();
    let share = |scenario: &Value| -> Result<f64> {
        let mut sum = 0.0;
        for row in fitted.used_rows() {
            let profile = set(fitted.profile(&survey.table, row)?, scenario)?;
            let mean = fitted.prediction(&profile)?.mean;
            sum += law.sf((number(&expected["above"]) - mean) / fitted.sigma());
        }
        Ok(sum / fitted.n() as f64)
    };
    assert_eq!(fitted.n(), count(&expected["rows"]));
    let mut compared = Compared::default();
    compared.close("before", Some(share(&serde_json::json!({}))?), number(&expected["before"]));
    compared.close("after", Some(share(&expected["set"])?), number(&expected["after"]));
    compared.judge(2);
    Ok(())
}

// ---- NIST -----------------------------------------------------------------------------------------------------------

/// Digits in common: relative, or absolute to a certified 0.
fn digits(found: f64, certified: &str) -> f64 {
    let certified: f64 = certified.parse().unwrap();
    let off = (found - certified).abs() / if certified == 0.0 { 1.0 } else { certified.abs() };
    assert!(!off.is_nan(), "a NaN was answered");
    // Fifteen are certified.
    if off == 0.0 { 15.0 } else { (-off.log10()).min(15.0) }
}

fn nist_model(of: &Value) -> Model {
    let model =
        Model::ols("y", words(&of["terms"]).into_iter().map(Term::linear)).covariance(Covariance::Classical);
    if of["intercept"] == true { model } else { model.without_intercept() }
}

#[test]
fn nist_sets_have_the_digits_of_their_method_or_are_refused() -> Result<()> {
    let sets = json(&format!("{NIST}/certified.json"));
    let stored: BTreeSet<&str> = sets.as_object().unwrap().keys().map(String::as_str).collect();
    let listed: BTreeSet<&str> = DIGITS.iter().map(|(set, _)| *set).collect();
    assert_eq!(stored, listed);
    let mut faults = Vec::new();
    for (set, floors) in DIGITS {
        let of = &sets[set];
        let table = Table::read_csv(format!("{NIST}/{}", of["file"].as_str().unwrap()))?;
        assert_eq!(table.rows(), count(&of["n"]), "{set}");
        let fitted = match (nist_model(of).fit(&table), floors) {
            (Ok(fitted), _) => fitted,
            (Err(error), None) => {
                assert_eq!(error.kind(), ErrorKind::Model, "{set}: {error}");
                continue;
            }
            (Err(error), Some(_)) => panic!("{set}: {error}"),
        };
        // What is not refused is right: power columns as doubles leave seven digits of the certified Filip, and a
        // method that takes it has as many of the file's own answer.
        let (answer, floors) = match floors {
            Some(floors) => (&of["certified"], floors),
            None => (&of["of_the_file"], (7.0, 7.0)),
        };
        let certified = words(&answer["estimate"]).into_iter().zip(words(&answer["std_error"]));
        let estimates = fitted.estimates();
        assert_eq!(estimates.len(), words(&answer["estimate"]).len(), "{set}");
        let (mut least, mut least_of_errors) = (15.0_f64, 15.0_f64);
        for (found, (estimate, std_error)) in estimates.iter().zip(certified) {
            least = least.min(digits(found.estimate, estimate));
            // A perfect fit may have no standard error.
            let is_perfect = std_error.parse::<f64>().unwrap() == 0.0;
            let se = found.std_error.or(is_perfect.then_some(0.0));
            let se = se.unwrap_or_else(|| panic!("{set} {} has no standard error", found.term));
            least_of_errors = least_of_errors.min(digits(se, std_error));
        }
        if answer["sigma"].as_str().unwrap().parse::<f64>().unwrap() > 0.0 {
            least_of_errors = least_of_errors.min(digits(fitted.sigma(), answer["sigma"].as_str().unwrap()));
        }
        // Above thirteen the order of the sums decides the rest.
        let lowered = |floor: f64| if floor > 13.0 { floor - 0.5 } else { floor };
        if least < lowered(floors.0) || least_of_errors < lowered(floors.1) {
            faults.push(format!(
                "{set}: {least:.1} digits of coefficients and {least_of_errors:.1} of errors, expected {} and {}",
                floors.0, floors.1
            ));
        }
        let r2 = answer["r2"].as_str().unwrap().parse().unwrap();
        let mut compared = Compared::default();
        compared.within(&format!("{set} r2"), fitted.r2(), r2, 1.0, 1e-12);
        faults.extend(compared.faults);
    }
    assert!(faults.is_empty(), "{} sets:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

#[test]
fn every_golden_file_of_the_models_is_used() {
    let mut found: BTreeSet<String> = [MODELS, NIST]
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path().to_string_lossy().replace('\\', "/"))
        .collect();
    let sources = [".R", ".py", "/README.md", "/versions.txt"];
    found.retain(|path| !sources.iter().any(|end| path.ends_with(end)));
    let named =
        ["expected.json", "nhanes.json", "longley_robust.json"].map(|file| format!("{MODELS}/{file}"));
    let of_sets = SETS.iter().flat_map(|(set, _)| ["csv", "toml"].map(|end| format!("{MODELS}/{set}.{end}")));
    let of_nist = DIGITS.iter().map(|(set, _)| format!("{NIST}/{}.csv", set.to_lowercase()));
    let used: BTreeSet<String> =
        named.into_iter().chain(of_sets).chain(of_nist).chain([format!("{NIST}/certified.json")]).collect();
    assert_eq!(found, used);
    for path in used {
        assert!(text(&path).lines().count() > 1, "{path} holds nothing");
    }
}
