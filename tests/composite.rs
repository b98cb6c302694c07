//! Composite indices beside an independent scorer: every normalisation, treatment, imputation, weighting and aggregation.
//!
//! `tests/golden/composite/make.py` scores invented people from the formulas in the publications. Its `manifest.json` lists
//! the cases: a definition, a reference to learn on, people to score, and what must come out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs,
    reason = "a test stops at the first surprise; its style is for its reader"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use vointi::{Calibration, Cohort, Definition, Flag, Index, Scores};

const FOLDER: &str = "tests/golden/composite";

/// The topics there are a test for; a case of another one fails.
const TOPICS: [&str; 8] =
    ["normalise", "treat", "impute", "screen", "weights", "aggregate", "chain", "presets"];

/// Not compared with anything by itself: what made the rest, and what it says of itself.
const BESIDE: [&str; 3] = ["README.md", "manifest.json", "versions.txt"];

struct Case {
    name: String,
    topic: String,
    fields: Value,
}

impl Case {
    fn text(&self, key: &str) -> &str {
        self.fields[key].as_str().unwrap_or_else(|| panic!("{}: no `{key}`", self.name))
    }

    fn number(&self, key: &str) -> f64 {
        self.fields[key].as_f64().unwrap_or_else(|| panic!("{}: no number `{key}`", self.name))
    }

    /// A file of the case; one that begins with `data/definitions/` is shipped.
    fn path(&self, key: &str) -> PathBuf {
        place(self.text(key))
    }

    fn definition(&self) -> vointi::Result<Definition> {
        Definition::from_toml(&read(&self.path("definition")))
    }
}

fn place(path: &str) -> PathBuf {
    if path.starts_with("data/definitions/") { PathBuf::from(path) } else { Path::new(FOLDER).join(path) }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn cases() -> Vec<Case> {
    let list: Vec<Value> = serde_json::from_str(&read(&Path::new(FOLDER).join("manifest.json"))).unwrap();
    let of = |fields: &Value, key: &str| fields[key].as_str().unwrap().to_owned();
    list.into_iter()
        .map(|fields| Case { name: of(&fields, "name"), topic: of(&fields, "topic"), fields })
        .collect()
}

/// What is wrong, by case; all of it is said at once.
#[derive(Default)]
struct Findings {
    lines: Vec<String>,
    compared: usize,
}

/// More of one column of one case are counted and not shown.
const SHOWN: usize = 3;

/// Off by so much, in the unit of the tolerance; infinite where one of the two is missing.
fn off(found: Option<f64>, expected: Option<f64>, range: f64) -> f64 {
    match (found, expected) {
        (None, None) => 0.0,
        (Some(found), Some(expected)) => (found - expected).abs() / expected.abs().max(range),
        _ => f64::INFINITY,
    }
}

impl Findings {
    fn fault(&mut self, case: &Case, what: impl std::fmt::Display) {
        self.lines.push(format!("{}: {what}", case.name));
    }

    /// Compares a column, row by row.
    fn column<T: std::fmt::Debug>(
        &mut self,
        case: &Case,
        name: &str,
        rows: impl Iterator<Item = (String, T, T)>,
        off: impl Fn(&T, &T) -> f64,
        tolerance: f64,
    ) {
        let (mut wrong, mut largest) = (Vec::new(), 0.0_f64);
        for (row, found, expected) in rows {
            self.compared += 1;
            let by = off(&found, &expected);
            if by.is_nan() || by > tolerance {
                largest = largest.max(if by.is_nan() { f64::INFINITY } else { by });
                wrong.push(format!("row {row}: {found:?}, expected {expected:?} (off by {by:.1e})"));
            }
        }
        if !wrong.is_empty() {
            let count = wrong.len();
            wrong.truncate(SHOWN);
            let shown = wrong.join("; ");
            self.fault(case, format!("{name}: {count} off, up to {largest:.1e}; {shown}"));
        }
    }

    fn settle(self, what: &str) {
        assert!(self.compared > 0, "nothing was compared: {what}");
        assert!(self.lines.is_empty(), "{} findings in {what}:\n{}", self.lines.len(), self.lines.join("\n"));
    }
}

fn number(cell: &str) -> Option<f64> {
    (!cell.is_empty()).then(|| cell.parse().unwrap_or_else(|_| panic!("`{cell}` is no number")))
}

/// A CSV file without quotes.
fn csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = read(path);
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<String>>());
    (lines.next().unwrap_or_default(), lines.collect())
}

fn run(topic: &str) {
    let mut findings = Findings::default();
    let mut any = false;
    for case in cases().iter().filter(|case| case.topic == topic) {
        any = true;
        if case.fields.get("error").is_some() {
            refused(case, &mut findings);
        } else if let Err(error) = compare(case, &mut findings) {
            findings.fault(case, format!("it failed: {error}"));
        }
    }
    assert!(any, "there is no case of {topic}");
    findings.settle(topic);
}

/// What cannot be learned, or read, is a typed error that says each of these.
fn refused(case: &Case, findings: &mut Findings) {
    findings.compared += 1;
    let learned = case
        .definition()
        .and_then(|definition| Calibration::learn(&Cohort::read_csv(&definition, case.path("reference"))?));
    match learned {
        Ok(_) => findings.fault(case, "it was learned, and should have been refused"),
        Err(error) => {
            let text = error.to_string();
            for part in case.fields["error"].as_array().unwrap() {
                let part = part.as_str().unwrap();
                if !text.contains(part) {
                    findings.fault(case, format!("`{part}` is not in: {text}"));
                }
            }
        }
    }
}

fn compare(case: &Case, findings: &mut Findings) -> vointi::Result<()> {
    let definition = case.definition()?;
    let reference = Cohort::read_csv(&definition, case.path("reference"))?;
    let calibration = Calibration::learn(&reference)?;
    // What is written down and read back scores the same.
    let text = calibration.to_toml();
    if let Some(expected) = case.fields.get("personal").and_then(Value::as_bool) {
        let found = [text.starts_with("# PERSONAL"), text.contains("\npersonal = true\n")];
        if found != [expected; 2] {
            findings.fault(case, format!("said to keep persons' values: {found:?}, expected {expected}"));
        }
    }
    let calibration = Calibration::from_toml(&text)?;
    let cohort = Cohort::read_csv(&definition, case.path("data"))?;
    let index = Index::with(&definition, calibration)?;
    let scores = index.score_cohort(&cohort)?;
    scores_are(case, &cohort, &scores, findings)?;
    if let Some(mean) = case.fields.get("mean").and_then(Value::as_f64) {
        let within = case.fields.get("mean_within").and_then(Value::as_f64).unwrap_or(1e-9);
        let known: Vec<f64> = scores.index_or_nan().iter().copied().filter(|x| !x.is_nan()).collect();
        let found = known.iter().sum::<f64>() / known.len() as f64;
        if (found - mean).abs() > within {
            findings.fault(case, format!("the mean index is {found}, expected {mean}"));
        }
    }
    if let Some(learned) = case.fields.get("learned") {
        let found: toml::Table = text.parse().unwrap();
        lessons_are(case, &found.into(), learned, findings);
    }
    Ok(())
}

fn scores_are(case: &Case, cohort: &Cohort, scores: &Scores, findings: &mut Findings) -> vointi::Result<()> {
    let (header, rows) = csv(&case.path("expected"));
    let ids = 1 + usize::from(header.get(1).is_some_and(|name| name == "wave"));
    if rows.len() != cohort.rows() {
        findings.fault(case, format!("{} rows, expected {}", cohort.rows(), rows.len()));
        return Ok(());
    }
    for (row, cells) in rows.iter().enumerate() {
        let found = [cohort.id(row), cohort.wave(row)];
        for (found, expected) in found.into_iter().zip(&cells[..ids]) {
            assert_eq!(found.unwrap_or_default(), expected, "{}: row {row}", case.name);
        }
    }
    let (tolerance, range) = (case.number("tolerance"), case.number("range"));
    for (at, name) in header.iter().enumerate().skip(ids) {
        let place = |row: usize| rows[row][..ids].join("/");
        if let Some(is_so) = sign_of(name, scores) {
            let pairs = (0..rows.len()).map(|row| (place(row), is_so(row), rows[row][at] == "1"));
            findings.column(case, name, pairs, |a, b| if a == b { 0.0 } else { f64::INFINITY }, 0.0);
            continue;
        }
        match scores.column(name) {
            Ok(column) => {
                let pairs =
                    (0..rows.len()).map(|row| (place(row), column.number(row), number(&rows[row][at])));
                findings.column(case, name, pairs, |a, b| off(*a, *b, range), tolerance);
            }
            Err(error) => findings.fault(case, error),
        }
    }
    Ok(())
}

/// The columns that hold 1 or nothing: a flag, or whether the person was screened out.
fn sign_of<'a>(name: &str, scores: &'a Scores) -> Option<Box<dyn Fn(usize) -> bool + 'a>> {
    if name == "screened" {
        return Some(Box::new(|row| scores.reasons()[row].code() == "screened"));
    }
    let code = name.strip_prefix("flag.")?;
    let flag = Flag::ALL.into_iter().find(|flag| flag.code() == code);
    let flag = flag.unwrap_or_else(|| panic!("there is no flag `{code}`"));
    Some(Box::new(move |row| scores.flags()[row].contains(flag)))
}

/// Everything that is expected of the calibration is there; more may be.
fn lessons_are(case: &Case, found: &toml::Value, expected: &Value, findings: &mut Findings) {
    for (place, keys) in expected.as_object().unwrap() {
        match lesson_at(found, place) {
            None => findings.fault(case, format!("the calibration has no `{place}`")),
            Some(at) => {
                for (key, value) in keys.as_object().unwrap() {
                    lesson_is(case, &format!("{place}.{key}"), at.get(key), value, findings);
                }
            }
        }
    }
}

/// `treatment.ID` stands with what else was learned of the indicator; any other place is a path.
fn lesson_at<'a>(found: &'a toml::Value, place: &str) -> Option<&'a toml::Value> {
    match place.strip_prefix("treatment.") {
        Some(id) => found.as_table()?.values().find_map(|of| of.get(id)?.get("treatment")),
        None => place.split('.').try_fold(found, |at, step| at.get(step)),
    }
}

fn lesson_is(
    case: &Case,
    place: &str,
    found: Option<&toml::Value>,
    expected: &Value,
    findings: &mut Findings,
) {
    findings.compared += 1;
    let number = |value: Option<&toml::Value>| {
        value.and_then(|value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64)))
    };
    let agrees = match expected {
        Value::Object(keys) => {
            for (key, value) in keys {
                let inner = found.and_then(|found| found.get(key));
                lesson_is(case, &format!("{place}.{key}"), inner, value, findings);
            }
            true
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                let inner = found.and_then(|found| found.get(at));
                lesson_is(case, &format!("{place}[{at}]"), inner, value, findings);
            }
            true
        }
        // What is not so need not be said.
        Value::Bool(flag) => found.map_or(!flag, |found| found.as_bool() == Some(*flag)),
        Value::String(text) => found.and_then(toml::Value::as_str) == Some(text.as_str()),
        Value::Number(_) => off(number(found), expected.as_f64(), 1.0) <= case.number("tolerance").max(1e-12),
        other => panic!("{place}: {other} in the manifest"),
    };
    if !agrees {
        findings.fault(case, format!("calibration {place}: {found:?}, expected {expected}"));
    }
}

#[test]
fn normalise() {
    run("normalise");
}

#[test]
fn treat() {
    run("treat");
}

#[test]
fn impute() {
    run("impute");
}

#[test]
fn screen() {
    run("screen");
}

#[test]
fn weights() {
    run("weights");
}

#[test]
fn aggregate() {
    run("aggregate");
}

#[test]
fn chain() {
    run("chain");
}

#[test]
fn presets() {
    run("presets");
}

#[test]
fn every_stored_file_is_used() {
    let mut used: BTreeSet<PathBuf> = BTreeSet::new();
    for case in cases() {
        assert!(TOPICS.contains(&case.topic.as_str()), "{}: there is no test of {}", case.name, case.topic);
        for key in ["definition", "reference", "data", "expected"] {
            if case.fields.get(key).is_some() {
                used.insert(case.path(key));
            }
        }
        for beside in case.fields.get("checked").and_then(Value::as_array).into_iter().flatten() {
            used.insert(place(beside.as_str().unwrap()));
        }
    }
    let mut found = BTreeSet::new();
    files(Path::new(FOLDER), &mut found);
    found.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        path.extension().is_none_or(|extension| extension != "py") && !BESIDE.contains(&name.as_ref())
    });
    let idle: Vec<&PathBuf> = found.difference(&used).collect();
    assert!(idle.is_empty(), "nothing uses {idle:?}");
    let missing: Vec<&PathBuf> = used.iter().filter(|path| !path.is_file()).collect();
    assert!(missing.is_empty(), "there is no {missing:?}");
}

fn files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            if !entry.ends_with("__pycache__") {
                files(&entry, found);
            }
        } else {
            found.insert(entry);
        }
    }
}
