//! `health` and `rules` as a process: on the shipped people and on a second, different file, whose scores come from Python.

use std::{collections::HashMap, fs};

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Desk, Run, root, vointi};

const ADULTS: &str = "data/nhanes/adults.csv";
const OTHERS: [&str; 2] = ["tests/fixtures/health/definition.toml", "tests/fixtures/health/people.csv"];

fn run(arguments: &[&str]) -> Run {
    vointi(&root(), arguments)
}

/// Rows by column name; the files here quote nothing.
fn table(text: &str) -> Vec<HashMap<String, String>> {
    assert!(!text.contains('"'));
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().expect("a header");
    lines.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

fn number(cell: &str) -> f64 {
    if cell.is_empty() { f64::NAN } else { cell.parse().expect("a number") }
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let is_near = (found.is_nan() && expected.is_nan())
        || found == expected
        || (found - expected).abs() <= tolerance * expected.abs();
    assert!(is_near, "{what}: {found} and not {expected}");
}

// ---- the shipped people -----------------------------------------------------------------------------------------------

#[test]
fn scores_of_the_survey_come_in_three_formats() {
    let csv = run(&["health", "nhanes", ADULTS]).ok();
    let lines: Vec<&str> = csv.out.lines().collect();
    assert_eq!(lines.len(), 1 + 5265);
    assert_snapshot!("health_csv", lines[..8].join("\n"));
    assert!(
        csv.err.contains("blood_pressure.esh_2023 is secondary"),
        "what was not read in its source is said: {}",
        csv.err
    );
    assert_snapshot!("health_text", run(&["health", "nhanes", ADULTS, "--format", "text"]).ok().out);
    let json: Value =
        serde_json::from_str(&run(&["health", "nhanes", ADULTS, "--format", "json"]).ok().out).expect("JSON");
    assert_eq!((&json["persons"], json["scores"].as_array().map(Vec::len)), (&Value::from(5265), Some(4)));
    let mut one = json["scores"][1].clone();
    let groups = one["groups"].as_array_mut().expect("groups");
    assert_eq!(groups.len(), 12);
    groups.truncate(1);
    assert_snapshot!("health_json", serde_json::to_string_pretty(&one).expect("JSON"));
    for score in json["scores"].as_array().into_iter().flatten() {
        let without: u64 = score["without"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|why| why["persons"].as_u64().unwrap())
            .sum();
        assert_eq!(score["n"].as_u64().unwrap() + without, 5265, "nobody is dropped without a reason");
    }
}

#[test]
fn five_components_of_the_survey_are_those_of_pandas() {
    let found = table(&run(&["health", "nhanes", ADULTS]).ok().out);
    let expected =
        table(&fs::read_to_string(root().join("tests/golden/rules/nhanes_le8.csv")).expect("a file"));
    assert_eq!((found.len(), expected.len()), (5265, 5265));
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found["person"], expected["person"]);
        let pairs = [
            ("le8_five", "mean_of_five"),
            ("le8_five.part.glycaemia", "hba1c"),
            ("le8_five.part.bmi", "bmi"),
        ];
        for (ours, theirs) in pairs {
            assert_near(
                number(&found[ours]),
                number(&expected[theirs]),
                0.0,
                &format!("{ours} of {}", found["person"]),
            );
        }
    }
}

#[test]
fn the_employer_sees_no_health_scores() {
    let clinic = run(&["health", "nhanes", ADULTS, "--format", "text", "--audience", "clinic"]).ok();
    assert!(clinic.out.contains("le8_five"));
    let employer = run(&["health", "nhanes", ADULTS, "--audience", "employer"]);
    assert_eq!((employer.code, employer.out.as_str()), (Some(2), ""));
    assert_snapshot!("health_employer", employer.told());
}

#[test]
fn a_definition_without_health_says_so() {
    let desk = Desk::new();
    assert_snapshot!("health_none", desk.run(&["health", "small.toml", "people.csv"]).told());
}

// ---- a second file ----------------------------------------------------------------------------------------------------

/// Relative: SCORE2 cancels for small risks, a biological age divides sums over what was learned.
const TOLERANCES: [(&str, f64); 9] = [
    ("sydanriski", 1e-12),
    ("diabetesriski", 0.0),
    ("oireyhtyma", 0.0),
    ("kahdeksan", 1e-14),
    ("amerikanriski", 1e-12),
    ("hdl_prosentti", 1e-11),
    ("biologinen", 1e-10),
    ("koholla", 0.0),
    ("fenoika", 1e-9),
];

#[test]
fn scores_of_the_second_file_are_those_of_python() {
    let desk = Desk::new();
    let [definition, people] = OTHERS.map(|file| root().join(file).to_string_lossy().into_owned());
    let unlearned = desk.run(&["health", &definition, &people]);
    assert!(unlearned.code != Some(0) && unlearned.err.contains("vointi calibrate"), "{}", unlearned.told());
    desk.run(&["calibrate", &definition, &people, "-o", "norms.toml"]).ok();
    let found = desk.run(&["health", &definition, &people, "--calibration", "norms.toml"]).ok();
    // The same as learned on the spot.
    let here = desk.run(&["health", &definition, &people, "--calibrate-here"]).ok();
    assert_eq!(here.out, found.out);
    let expected =
        table(&fs::read_to_string(root().join("tests/fixtures/health/expected.csv")).expect("a file"));
    let found = table(&found.out);
    assert_eq!((found.len(), expected.len()), (100, 100));
    let mut compared = 0;
    for (found, expected) in found.iter().zip(&expected) {
        let who = format!("{} {}", expected["koodi"], expected["kierros"]);
        for (column, cell) in expected {
            let score = column.split('.').next().unwrap();
            let tolerance = TOLERANCES.iter().find(|(id, _)| *id == score).map(|(_, tolerance)| *tolerance);
            match tolerance {
                Some(tolerance) if column == score => {
                    assert_near(
                        number(&found[column]),
                        number(cell),
                        tolerance,
                        &format!("{column} of {who}"),
                    );
                }
                Some(_) if column.contains(".part.") => {
                    if !expected[score].is_empty() {
                        assert_near(number(&found[column]), number(cell), 0.0, &format!("{column} of {who}"));
                    }
                }
                _ => assert_eq!(&found[column], cell, "{column} of {who}"),
            }
            compared += 1;
        }
    }
    assert!(compared > 5000, "{compared}");
    let text =
        desk.run(&["health", &definition, &people, "--calibration", "norms.toml", "--format", "text"]).ok();
    assert_snapshot!("health_second", text.out);
}

// ---- models -----------------------------------------------------------------------------------------------------------

#[test]
fn health_is_explained_by_what_it_is_not_made_of() {
    let desk = Desk::new();
    let adults = root().join(ADULTS).to_string_lossy().into_owned();
    let spec = |outcome: &str| {
        format!("outcome = '{outcome}'\ncovariance = 'hc3'\n[[term]]\ncolumn = 'sleep_hours'\n")
    };
    desk.put("factors.toml", spec("health.le8_factors"));
    desk.put("five.toml", spec("health.le8_five"));
    desk.put("unknown.toml", spec("health.le8_six"));
    let fitted =
        desk.run(&["model", "factors.toml", &adults, "--definition", "nhanes", "--format", "json"]).ok();
    let fitted: Value = serde_json::from_str(&fitted.out).expect("JSON");
    // A line through the scores that the program itself writes.
    let scores = table(&run(&["health", "nhanes", ADULTS]).ok().out);
    let data = fs::read_to_string(root().join(ADULTS)).expect("a file");
    let header: Vec<&str> = data.lines().next().unwrap().split(',').collect();
    let at = header.iter().position(|name| *name == "sleep_hours").unwrap();
    assert!(!data.lines().next().unwrap().contains('"'));
    let sleep = |line: &str| {
        let cell = line.split(',').nth(at).unwrap_or_default();
        let hours = number(cell);
        if hours.abs() < 1e-70 { 0.0 } else { hours }
    };
    let pairs: Vec<(f64, f64)> = data
        .lines()
        .skip(1)
        .zip(&scores)
        .map(|(line, score)| (sleep(line), number(&score["le8_factors"])))
        .filter(|(x, y)| !x.is_nan() && !y.is_nan())
        .collect();
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (mx, my) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sxy: f64 = pairs.iter().map(|(x, y)| (x - mx) * (y - my)).sum();
    let sxx: f64 = pairs.iter().map(|(x, _)| (x - mx) * (x - mx)).sum();
    assert_eq!(fitted["n"].as_u64(), Some(pairs.len() as u64));
    let estimate = &fitted["estimates"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["term"] == "sleep_hours")
        .unwrap()["estimate"];
    // Sums of thousands of products.
    assert_near(estimate.as_f64().unwrap(), sxy / sxx, 1e-9, "the slope of sleep");

    let made_of_it = desk.run(&["model", "five.toml", &adults, "--definition", "nhanes"]);
    assert_ne!(made_of_it.code, Some(0));
    assert_snapshot!("model_of_its_own_part", made_of_it.told().replace(&adults, ADULTS));
    let unknown = desk.run(&["model", "unknown.toml", &adults, "--definition", "nhanes"]);
    assert!(unknown.code != Some(0) && unknown.err.contains("health.le8_five"), "{}", unknown.told());
}

// ---- the rules --------------------------------------------------------------------------------------------------------

#[test]
fn rules_are_listed_and_explained() {
    assert_snapshot!("rules", run(&["rules"]).ok().out);
    for name in [
        "le8.sleep",
        "score2.risk",
        "findrisc.score",
        "phenoage.levine",
        "nhanes_percentiles.hdl_c",
        "high_risk.count",
    ] {
        assert_snapshot!(format!("rule_{}", name.replace('.', "_")), run(&["rules", name]).ok().out);
    }
    let all: Value = serde_json::from_str(&run(&["rules", "--format", "json"]).ok().out).expect("JSON");
    assert!(all.as_array().expect("a list").len() >= 54);
    let csv = run(&["rules", "--format", "csv"]).ok().out;
    assert_eq!(csv.lines().count(), 1 + all.as_array().map_or(0, Vec::len));
    for (asked, hint) in [
        ("score2.rsk", "did you mean `score2.risk`?"),
        ("qrisk.three", "`vointi rules` lists them"),
        ("score2", "score2.risk"),
    ] {
        let unknown = run(&["rules", asked]);
        assert_ne!(unknown.code, Some(0));
        assert!(unknown.out.is_empty() && unknown.err.contains(hint), "{}", unknown.told());
    }
    assert_snapshot!("rule_unknown", run(&["rules", "score2.rsk"]).told());
}

// ---- a person's page --------------------------------------------------------------------------------------------------

/// What names the health scores of these people, as `health` says it.
fn names_of_scores(arguments: &[&str]) -> Vec<String> {
    let text = run(&[arguments, &["--format", "text"]].concat()).ok().out;
    let json: Value =
        serde_json::from_str(&run(&[arguments, &["--format", "json"]].concat()).ok().out).expect("JSON");
    let scores = json["scores"].as_array().expect("scores");
    let of =
        |score: &Value| ["id", "title", "rule"].map(|key| score[key].as_str().expect("a text").to_owned());
    let names: Vec<String> = scores.iter().flat_map(of).collect();
    for name in &names {
        assert!(text.contains(name), "{name} would be found if it were there");
    }
    assert!(names.len() >= 12);
    names
}

#[cfg(feature = "pages")]
#[test]
fn no_page_of_a_person_shows_a_health_score() {
    let desk = Desk::new();
    let [definition, people] = OTHERS.map(|file| root().join(file).to_string_lossy().into_owned());
    let adults = root().join(ADULTS).to_string_lossy().into_owned();
    let cohorts = [
        (vec!["nhanes", adults.as_str()], "1"),
        (vec![definition.as_str(), people.as_str(), "--calibrate-here"], "h-001"),
    ];
    for (cohort, person) in cohorts {
        let names = names_of_scores(&[&["health"], &cohort[..]].concat());
        for (format, file) in [("", "page.html"), ("json", "page.json")] {
            let mut arguments =
                [&["report"], &cohort[..], &["--person", person, "--audience", "clinic", "-o", file]]
                    .concat();
            if !format.is_empty() {
                arguments.extend(["--format", format]);
            }
            desk.run(&arguments).ok();
            let page = desk.read(file).replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&");
            assert!(page.len() > 500, "{file} of {person} is a page");
            for name in &names {
                // Where an index is made of a published table, its own indicator says so.
                let is_of_the_index = name == "le8.blood_pressure";
                assert!(is_of_the_index || !page.contains(name.as_str()), "{file} of {person} shows {name}");
            }
        }
    }
}
