//! Values made with other software, compared one by one.
//!
//! `tests/golden/nhanes/score.py` is a second scorer, written from the formulas in numpy and scipy; it scores the shipped
//! survey and the invented people of `tests/fixtures/second`. `tests/golden/explain/explain.py` shares scores out among
//! their indicators, order by order. `tests/golden/measures` comes from R.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use vointi::{
    Calibration, Cohort, Definition, Index, Person,
    definition::Audience,
    explain::{self, Baseline, Scenario, contributions},
    report::{self, ModelRecord},
    scale::Reliabilities,
    study::{Health, HealthSummary},
};

/// A definition and a file, and what another program made of them.
struct Set {
    name: &'static str,
    definition: &'static str,
    data: &'static str,
    expected: &'static str,
    calibration: &'static str,
}

const SETS: [Set; 4] = [
    Set {
        name: "nhanes",
        definition: "data/definitions/nhanes.toml",
        data: "data/nhanes/adults.csv",
        expected: "tests/golden/nhanes/expected.csv",
        calibration: "tests/golden/nhanes/calibration.json",
    },
    Set {
        name: "second",
        definition: "tests/fixtures/second/definition.toml",
        data: "tests/fixtures/second/people.csv",
        expected: "tests/golden/second/expected.csv",
        calibration: "tests/golden/second/calibration.json",
    },
    Set {
        name: "standard_z",
        definition: "tests/fixtures/second/standard_z.toml",
        data: "tests/fixtures/second/people.csv",
        expected: "tests/golden/second/z_expected.csv",
        calibration: "tests/golden/second/z_calibration.json",
    },
    Set {
        name: "standard_t",
        definition: "tests/fixtures/second/standard_t.toml",
        data: "tests/fixtures/second/people.csv",
        expected: "tests/golden/second/t_expected.csv",
        calibration: "tests/golden/second/t_calibration.json",
    },
];

/// A definition and a file, and the contributions that another program found for some of its people.
const EXPLAINED: [(&str, &str, &str); 2] = [
    (
        "tests/fixtures/explain/definition.toml",
        "tests/fixtures/explain/people.csv",
        "tests/golden/explain/nested_expected.csv",
    ),
    ("data/definitions/nhanes.toml", "data/nhanes/adults.csv", "tests/golden/explain/nhanes_expected.csv"),
];

/// Compared in the library itself, where the score of one reading is at hand.
const SCORES: &str = "tests/golden/measures/utility_vectors.csv";

const MOMENTS: &str = "tests/golden/measures/expected_utility_vectors.csv";

/// What is known to disagree, as set and quantity. One that agrees fails the test: take it off the list.
const KNOWN: [(&str, &str); 0] = [];

/// How far a quantity may be off, relative to its size or to 1, whichever is larger.
fn tolerance(quantity: &str) -> f64 {
    match quantity {
        // Φ is read from a table here and computed by scipy there; lines are integrated here in closed form and there
        // by quadrature. A standard error is the root of a sum of such variances.
        name if name == "index_se" || name.ends_with(".se") => 1e-11,
        // Means and variances of utilities as above, on top of a learned mean and spread.
        "low" | "high" => 1e-11,
        // The same few sums and quotients in another order.
        _ => 1e-12,
    }
}

/// What came of comparing one quantity of one set.
#[derive(Default)]
struct Compared {
    rows: usize,
    wrong: usize,
    first: String,
    largest: f64,
}

impl Compared {
    fn add(&mut self, found: Option<f64>, expected: Option<f64>, tolerance: f64, place: &str) {
        self.rows += 1;
        let off = match (found, expected) {
            (None, None) => 0.0,
            (Some(found), Some(expected)) => (found - expected).abs() / expected.abs().max(1.0),
            _ => f64::INFINITY,
        };
        self.largest = self.largest.max(off);
        self.settle(off <= tolerance, || format!("{place}: {found:?}, expected {expected:?}"));
    }

    fn settle(&mut self, is_right: bool, what: impl FnOnce() -> String) {
        if !is_right {
            self.wrong += 1;
            if self.first.is_empty() {
                self.first = what();
            }
        }
    }
}

/// Fails unless something was compared and exactly the known quantities disagree.
fn judge(found: &BTreeMap<(&'static str, String), Compared>) {
    assert!(!found.is_empty() && found.values().all(|of| of.rows > 0), "nothing was compared");
    let mut faults = Vec::new();
    for ((set, quantity), of) in found {
        let known = KNOWN.contains(&(*set, quantity.as_str()));
        if of.wrong > 0 && !known {
            faults.push(format!(
                "{set} {quantity}: {} of {} off, up to {:.1e}; {}",
                of.wrong, of.rows, of.largest, of.first
            ));
        }
        if of.wrong == 0 && known {
            faults.push(format!(
                "{set} {quantity}: agrees now; take it off the list of what is known to disagree"
            ));
        }
    }
    assert!(faults.is_empty(), "{} quantities:\n{}", faults.len(), faults.join("\n"));
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A CSV file without quotes: its header and its rows.
fn csv(path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let text = text(path);
    let mut lines = text.lines().map(split);
    (lines.next().unwrap_or_default(), lines.collect())
}

fn number(cell: &str) -> Option<f64> {
    (!cell.is_empty()).then(|| cell.parse().unwrap_or_else(|_| panic!("`{cell}` is no number")))
}

fn cohort(set: &Set) -> vointi::Result<Cohort> {
    Cohort::read_csv(&Definition::from_toml(&text(set.definition))?, set.data)
}

#[test]
fn every_score_is_that_of_another_program() -> vointi::Result<()> {
    let mut compared = BTreeMap::new();
    for set in &SETS {
        let cohort = cohort(set)?;
        let scores = Index::calibrate(&cohort)?.score_cohort(&cohort)?;
        let (header, rows) = csv(set.expected);
        assert_eq!(rows.len(), cohort.rows(), "{}", set.name);
        let numbers = header.get(2..header.len() - 2).unwrap_or_default();
        let (ours, theirs): (BTreeSet<String>, BTreeSet<String>) =
            (scores.names().into_iter().collect(), numbers.iter().cloned().collect());
        assert_eq!(ours, theirs, "{}", set.name);
        for (at, name) in numbers.iter().enumerate() {
            let column = scores.column(name)?;
            let of: &mut Compared = compared.entry((set.name, name.clone())).or_default();
            for (row, cells) in rows.iter().enumerate() {
                let id = cohort.id(row).unwrap_or_default();
                assert_eq!(
                    (id, cohort.wave(row).unwrap_or_default()),
                    (cells[0].as_str(), cells[1].as_str())
                );
                of.add(column.number(row), number(&cells[at + 2]), tolerance(name), &format!("row {row}"));
            }
        }
        for (row, cells) in rows.iter().enumerate() {
            let words = [
                ("flags", scores.flags()[row].to_string()),
                ("reason", scores.reasons()[row].code().to_owned()),
            ];
            for ((name, found), expected) in words.into_iter().zip(&cells[header.len() - 2..]) {
                let of = compared.entry((set.name, name.to_owned())).or_default();
                of.rows += 1;
                of.settle(found == *expected, || format!("row {row}: `{found}`, expected `{expected}`"));
            }
        }
    }
    judge(&compared);
    Ok(())
}

/// Every number of a calibration by its place, such as `scale.mood.total.alpha`.
fn learned(value: &toml::Value, place: &str, numbers: &mut BTreeMap<String, f64>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                learned(
                    value,
                    &if place.is_empty() { key.clone() } else { format!("{place}.{key}") },
                    numbers,
                );
            }
        }
        toml::Value::Integer(count) => drop(numbers.insert(place.to_owned(), *count as f64)),
        toml::Value::Float(number) => drop(numbers.insert(place.to_owned(), *number)),
        _ => {}
    }
}

/// Sums of five thousand terms in another order: 1e-12.
#[test]
fn every_calibration_is_that_of_another_program() -> vointi::Result<()> {
    let mut compared = BTreeMap::new();
    for set in &SETS {
        let toml = Calibration::learn(&cohort(set)?)?.to_toml();
        let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        learned(&toml.parse::<toml::Table>().unwrap().into(), "", &mut ours);
        ours.remove("schema");
        learned(&serde_json::from_str(&text(set.calibration)).unwrap(), "", &mut theirs);
        let places: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for place in places {
            let of: &mut Compared = compared.entry((set.name, format!("calibration {place}"))).or_default();
            of.add(ours.get(place).copied(), theirs.get(place).copied(), 1e-12, "learned");
        }
    }
    judge(&compared);
    Ok(())
}

#[test]
fn the_shipped_norms_are_those_of_the_shipped_survey_byte_for_byte() -> vointi::Result<()> {
    assert_eq!(Calibration::learn(&cohort(&SETS[0])?)?.to_toml(), text("data/norms/nhanes.toml"));
    Ok(())
}

/// The utilities are private: an index of one indicator has their standard deviation as its standard error. The
/// reference has some 16 digits, and Φ differs in the last of them: 1e-11 of a variance.
#[test]
fn the_variance_of_a_noisy_reading_is_that_of_another_program() -> vointi::Result<()> {
    let (header, rows) = csv(MOMENTS);
    assert_eq!(header, ["fn", "x", "s", "E_u", "Var_u"]);
    assert!(!rows.is_empty(), "nothing was compared");
    for row in &rows {
        let [function, x, s, _, variance] = row.as_slice() else { panic!("a row of {} cells", row.len()) };
        let utility = match function.as_str() {
            "le8_sleep" => "{ steps = { at = [4, 5, 6, 7, 9, 10], score = [0, 20, 40, 70, 100, 90, 40] } }",
            // 100 (1 - hazard ratio) / (1 - 0.47) at the published ratios 1, 0.60, 0.55 and 0.47.
            "paluch_steps" => {
                "{ points = [[3553, 0], [5801, 75.47169811320755], [7842, 84.90566037735849], [10901, 100]] }"
            }
            other => panic!("no utility `{other}`"),
        };
        let definition = Definition::from_toml(&format!(
            "schema = 1\nid = \"one\"\n[person]\nid = \"person\"\n[measure.x]\nunit = \"1\"\n\
             error = {{ sd = {s}, target = \"occasion\", source = \"assumed\" }}\n\
             [indicator.u]\nmeasure = \"x\"\nutility = {utility}\n[index]\nchildren = [\"u\"]\n"
        ))?;
        let person = Person::builder(&definition, "a").measure("x", x.parse().unwrap()).build()?;
        let se = Index::new(&definition)?.score(&person)?.std_error().unwrap();
        let expected: f64 = variance.parse().unwrap();
        assert!(
            (se * se / expected - 1.0).abs() < 1e-11,
            "{function} at {x}, {s}: {}, expected {expected}",
            se * se
        );
    }
    Ok(())
}

/// Sums of up to five thousand scores, then means of means: 1e-11 of a point.
#[test]
fn every_contribution_is_that_of_another_program() -> vointi::Result<()> {
    for (definition, data, expected) in EXPLAINED {
        let cohort = Cohort::read_csv(&Definition::from_toml(&text(definition))?, data)?;
        let index = Index::calibrate(&cohort)?;
        let baseline = Baseline::mean(&index.score_cohort(&cohort)?)?;
        let (header, rows) = csv(expected);
        assert!(rows.len() > 10, "{expected}");
        for row in rows {
            let [id, start, score, points @ ..] = row.as_slice() else {
                panic!("a row of {} cells", row.len())
            };
            let found = contributions(&index, &cohort.person(id)?, &baseline);
            let Some(score) = number(score) else {
                assert!(found.unwrap_err().to_string().contains("too_few"), "{expected} {id}");
                continue;
            };
            let found = found?;
            let missing = found.missing().map(|row| row.points);
            assert_eq!(found.rows.len(), points.len() - usize::from(missing.is_none()));
            let hold = |what: &str, found: f64, expected: f64| {
                assert!((found - expected).abs() < 1e-11, "{id} {what}: {found}, expected {expected}");
            };
            hold("baseline", found.baseline, number(start).unwrap());
            hold("score", found.score, score);
            for ((name, cell), row) in header[3..].iter().zip(points).zip(&found.rows) {
                assert_eq!(*name, row.id);
                hold(name, row.points, number(cell).unwrap());
            }
            assert_eq!(missing.is_some(), !points[points.len() - 1].is_empty());
        }
    }
    Ok(())
}

/// Judging and sensitivity name their files themselves.
#[test]
fn files_of_other_modules_are_named_there() {
    let varied = concat!(include_str!("sensitivity.rs"), include_str!("../src/study/sensitivity/indices.rs"));
    let of = [("judge", include_str!("judging.rs")), ("sensitivity", varied)];
    for (folder, source) in of {
        for entry in fs::read_dir(format!("tests/golden/{folder}")).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if [".py", ".R", ".md", "versions.txt"].iter().any(|made_by| name.ends_with(made_by)) {
                continue;
            }
            let stem = name.split('.').next().unwrap();
            let stem = stem.trim_start_matches("expected_").trim_end_matches("_spec");
            assert!(source.contains(&name) || source.contains(&format!("\"{stem}\"")), "{folder}/{name}");
        }
    }
}

#[test]
fn every_golden_file_is_used() {
    fn files(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                files(&entry, found);
            } else {
                found.insert(entry.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    let mut found = BTreeSet::new();
    files(Path::new("tests/golden"), &mut found);
    // These have tests of their own.
    let others =
        ["composite", "instruments", "judge", "models", "nist", "psychometrics", "rules", "sensitivity"]
            .map(|of| format!("tests/golden/{of}/"));
    found.retain(|path| !others.iter().any(|other| path.starts_with(other.as_str())));
    found.retain(|path| {
        !(path.ends_with(".py") || path.ends_with("/README.md") || path.ends_with("/versions.txt"))
    });
    let used: BTreeSet<String> = SETS
        .iter()
        .flat_map(|set| [set.expected, set.calibration])
        .chain(EXPLAINED.map(|(_, _, expected)| expected))
        .chain([MOMENTS, crate::utilities::SHAPES, crate::utilities::CURVED, SCORES])
        .chain(super::readings::EXPECTED)
        .map(str::to_owned)
        .collect();
    assert_eq!(found, used);
    for path in used {
        assert!(text(&path).lines().count() > 1, "{path} holds nothing");
    }
    let sets: BTreeSet<&str> = SETS.iter().map(|set| set.name).collect();
    assert!(KNOWN.iter().all(|(set, _)| sets.contains(set)), "an unknown set is known to disagree");
}

/// The rows that the README shows are those that a reader gets.
#[test]
fn the_rows_of_the_readme_are_the_first_of_the_demo() -> vointi::Result<()> {
    let definition = Definition::builtin("nhanes")?;
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    let scores = Index::new(&definition)?.score_cohort(&cohort)?;
    let names = [
        "index",
        "index_se",
        "low",
        "high",
        "coverage",
        "pillar.felt",
        "pillar.felt.se",
        "pillar.measured",
        "pillar.measured.se",
    ];
    let readme = std::fs::read_to_string("README.md").expect("the README");
    for row in 0..3 {
        let mut line = format!("| {} |", row + 1);
        for name in names {
            let value = scores.column(name)?.number(row).expect("a score");
            let cell = if name == "coverage" { value.to_string() } else { format!("{value:.2}") };
            line += &format!(" {cell} |");
        }
        assert!(readme.contains(&line), "README.md lacks {line}");
    }
    Ok(())
}

/// What the README shows of the commands is what they print, but for the width of columns.
#[test]
fn the_lines_of_the_readme_are_what_the_commands_print() -> vointi::Result<()> {
    let definition = Definition::builtin("nhanes")?;
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    let index = Index::new(&definition)?;
    let scores = index.score_cohort(&cohort)?;
    let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
    let person = cohort.person("3")?;
    let longer = Scenario::new().set("sleep_hours", 7.0);
    let printed = [
        report::model_text(&ModelRecord::of(&fitted, Vec::new())?),
        report::contributions_text(&contributions(&index, &person, &Baseline::mean(&scores)?)?),
        report::what_if_text(&explain::what_if(&fitted, &person, &longer)?),
        report::instrument_text(&vointi::definition::instrument("audit")?),
        report::reliability_text(&Reliabilities::of(&cohort, None)?),
        report::health_text(&HealthSummary::of(
            &Health::of(&index, &cohort)?,
            &cohort,
            &scores,
            Audience::Research,
        )?),
    ];
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let readme = text("README.md");
    let blocks: Vec<&str> =
        readme.split("```text\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert_eq!(blocks.len(), printed.len(), "a block of the README a command");
    for (block, printed) in blocks.into_iter().zip(&printed) {
        let known: BTreeSet<String> = printed.lines().map(words).collect();
        for line in block.lines() {
            assert!(known.contains(&words(line)), "README.md has `{line}`, which is not printed:\n{printed}");
        }
    }
    Ok(())
}
