//! Readings with ages and days: against values made with other software, and against themselves.

use std::collections::BTreeMap;

use vointi::{Calibration, Cohort, Definition, ErrorKind, Index, Person, Scores, Table, index::Run};

const DEFINITION: &str = "tests/fixtures/readings/definition.toml";
const PEOPLE: &str = "tests/fixtures/readings/people.csv";
const VALUES: &str = "tests/golden/readings/expected.csv";
const LEARNED: &str = "tests/golden/readings/calibration.csv";
/// What `tests/golden.rs` finds here is compared in this file.
pub(super) const EXPECTED: [&str; 2] = [VALUES, LEARNED];

/// The same few sums and quotients in another order.
const TOLERANCE: f64 = 1e-12;
/// A parent's largest error of what is missing is that at a share of the weights that falls short by a hair, 1e-9.
const TOLERANCE_OF_MISSING: f64 = 1e-8;

type Row = BTreeMap<String, String>;

/// A CSV file without quotes, row by row.
fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), header.len(), "{line}");
        header.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), cell.to_owned())).collect()
    };
    lines.map(row).collect()
}

fn file(path: &str) -> Vec<Row> {
    rows(&std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

fn number(row: &Row, name: &str) -> Option<f64> {
    let cell = row.get(name).unwrap_or_else(|| panic!("there is no column {name}"));
    (!cell.is_empty()).then(|| cell.parse().unwrap())
}

fn hold(found: Option<f64>, expected: Option<f64>, tolerance: f64, place: &str) {
    let is_near = match (found, expected) {
        (None, None) => true,
        (Some(a), Some(b)) => (a - b).abs() <= tolerance * b.abs().max(1e-300),
        _ => false,
    };
    assert!(is_near, "{place}: {found:?}, expected {expected:?}");
}

fn measures() -> Vec<String> {
    file(LEARNED).iter().map(|row| row["measure"].clone()).collect()
}

fn cohort() -> Cohort {
    Cohort::read_csv(&Definition::read(DEFINITION).unwrap(), PEOPLE).unwrap()
}

#[test]
fn every_value_and_error_is_that_of_another_program() -> vointi::Result<()> {
    let cohort = cohort();
    let scores = Index::calibrate(&cohort)?.score_cohort(&cohort)?;
    let expected = file(VALUES);
    assert_eq!(expected.len(), cohort.rows());
    for measure in measures() {
        let values = cohort.measured(&measure)?;
        for (row, expected) in expected.iter().enumerate() {
            for what in ["value", "count", "age"] {
                let name = format!("{measure}.{what}");
                hold(
                    values.column(what)?.number(row),
                    number(expected, &name),
                    TOLERANCE,
                    &format!("{name} {row}"),
                );
            }
        }
    }
    for (row, expected) in expected.iter().enumerate() {
        let cell = |name: &str| scores.column(name).unwrap().number(row);
        hold_scores(row, expected, cell, &scores.flags()[row].to_string());
    }
    Ok(())
}

fn hold_scores(row: usize, expected: &Row, cell: impl Fn(&str) -> Option<f64>, flags: &str) {
    for measure in measures() {
        for (ours, theirs) in [("indicator.NAME", "score"), ("pillar.p_NAME.se", "se")] {
            let place = format!("{measure} {theirs} {row}");
            let found = cell(&ours.replace("NAME", &measure));
            hold(found, number(expected, &format!("{measure}.{theirs}")), TOLERANCE, &place);
        }
    }
    hold(cell("index"), number(expected, "index"), TOLERANCE, &format!("index {row}"));
    hold(cell("index_se"), number(expected, "index_se"), TOLERANCE_OF_MISSING, &format!("index_se {row}"));
    assert_eq!(flags, expected["flags"], "{row}");
}

#[test]
fn the_errors_of_a_calibration_are_those_of_another_program() -> vointi::Result<()> {
    let learned: toml::Value = toml::from_str(&Calibration::learn(&cohort())?.to_toml()).unwrap();
    for expected in file(LEARNED) {
        let of = &learned["measure"][expected["measure"].as_str()];
        for what in ["n", "mean", "sd", "error_sd"] {
            let found = of[what].as_float().or(of[what].as_integer().map(|n| n as f64));
            hold(found, number(&expected, what), TOLERANCE, &format!("{} {what}", expected["measure"]));
        }
    }
    Ok(())
}

#[cfg(feature = "cli")]
#[test]
fn the_program_gives_the_same() {
    let arguments = ["score", DEFINITION, PEOPLE, "--calibrate-here", "norms.toml"];
    let desk = tempfile::tempdir().unwrap();
    let here = std::env::current_dir().unwrap();
    let path = |name: &str| here.join(name).to_string_lossy().into_owned();
    let [score, definition, people, learn, norms] = arguments;
    let run =
        super::program::vointi(desk.path(), &[score, &path(definition), &path(people), learn, norms]).ok();
    let found = rows(&run.out);
    let expected = file(VALUES);
    assert_eq!(found.len(), expected.len());
    for (row, (found, expected)) in found.iter().zip(&expected).enumerate() {
        hold_scores(row, expected, |name| number(found, name), &found["flags"]);
    }
}

/// Someone of the file, put together by hand.
fn alone(definition: &Definition, row: &Row) -> Person {
    let mut person = Person::builder(definition, &row["person"]);
    let of = |name: &str| number(row, name).unwrap_or(f64::NAN);
    for visit in ["a", "b", "c"] {
        for measure in ["mean_systolic", "last_systolic", "any_systolic"] {
            let (x, age) = (of(&format!("sbp_{visit}")), of(&format!("days_{visit}")));
            person = person.reading_aged(measure, x, age);
        }
    }
    for (measure, column) in [("steps", "steps_mean"), ("active", "active_mean"), ("sleep", "sleep_mean")] {
        person = person.measure(measure, of(column));
        if let Some(days) = number(row, "valid_days") {
            person = person.days(measure, days as u16);
        }
    }
    for measure in ["rmssd", "weight"] {
        person = person.reading_aged(measure, of(measure), of(&format!("{measure}_age")));
    }
    person = person.readings("pulse", ["pulse_a", "pulse_b", "pulse_c"].map(of));
    person.build().unwrap()
}

fn bits(scores: &Scores) -> Vec<u64> {
    let columns = scores.names().into_iter().map(|name| scores.column(&name).unwrap());
    let cells = columns.flat_map(|column| {
        (0..column.len()).map(move |row| column.number(row).unwrap_or(f64::NAN)).collect::<Vec<_>>()
    });
    cells.map(f64::to_bits).collect()
}

#[test]
fn blocks_threads_and_persons_alone_have_the_same_bits() -> vointi::Result<()> {
    // Curves that are not straight take the long way.
    let text = std::fs::read_to_string(DEFINITION).unwrap().replace(", propagate = \"linear\"", "");
    let curved = text
        .replace(
            "goalposts = [240, 60]",
            "steps = { at = [110, 120, 130, 140], score = [60, 100, 80, 40, 0] }",
        )
        .replace("goalposts = [0, 16]", "points = [[5, 0], [7, 100], [8, 100], [10, 0]]");
    assert_ne!(text, curved);
    let definition = Definition::from_toml(&curved)?;
    let cohort = Cohort::read_csv(&definition, PEOPLE)?;
    let index = Index::calibrate(&cohort)?;
    let scores = index.score_cohort(&cohort)?;
    for run in [Run::new().block_rows(1), Run::new().block_rows(7).vectors(false), Run::new().vectors(false)]
    {
        assert_eq!(bits(&scores), bits(&index.score_cohort_with(&cohort, &run)?), "{run:?}");
    }
    let mut scorer = index.scorer();
    for (row, said) in file(PEOPLE).iter().enumerate() {
        let alone = scorer.score(&alone(&definition, said))?;
        let cells = [
            (alone.value(), scores.index_or_nan()[row]),
            (alone.std_error(), scores.column("index_se")?.number(row).unwrap_or(f64::NAN)),
            (alone.low(), scores.column("low")?.number(row).unwrap_or(f64::NAN)),
            (alone.high(), scores.column("high")?.number(row).unwrap_or(f64::NAN)),
        ];
        for (alone, among) in cells {
            assert_eq!(alone.unwrap_or(f64::NAN).to_bits(), among.to_bits(), "row {row}");
        }
        assert_eq!(alone.flags(), scores.flags()[row], "row {row}");
    }
    Ok(())
}

/// A column of the file with one cell replaced.
fn changed(column: &str, cell: &str) -> vointi::Error {
    let text = std::fs::read_to_string(PEOPLE).unwrap();
    let at = text.lines().next().unwrap().split(',').position(|name| name == column).unwrap();
    let line = |(row, line): (usize, &str)| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if row == 5 {
            cells[at] = cell;
        }
        cells.join(",")
    };
    let text: Vec<String> = text.lines().enumerate().map(line).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    std::fs::write(&path, text.join("\n")).unwrap();
    Cohort::read_csv(&Definition::read(DEFINITION).unwrap(), &path).unwrap_err()
}

#[test]
fn impossible_ages_and_days_are_faults_that_name_the_row() {
    let cases = [
        ("days_b", "-87654", "1 cell is below 0 (line 6)", 3),
        ("valid_days", "4.56789", "1 cell is no number of days (line 6)", 3),
        ("valid_days", "-98765", "1 cell is no number of days (line 6)", 3),
        ("weight_age", "-12345", "1 cell is below 0 (line 6)", 1),
        ("rmssd_age", "lately", "1 cell holds text where a number is expected (line 6)", 1),
    ];
    for (column, cell, what, places) in cases {
        let error = changed(column, cell);
        assert_eq!(error.kind(), ErrorKind::Data);
        assert_eq!(error.faults().len(), places, "{error}");
        for fault in error.faults() {
            assert_eq!(fault.what(), what);
            assert_eq!((fault.place().line(), fault.place().column()), (Some(6), Some(column)));
        }
        assert!(!error.to_string().contains(cell), "{error}");
    }
}

#[test]
fn impossible_persons_are_faults() -> vointi::Result<()> {
    let definition = Definition::read(DEFINITION)?;
    let error = Person::builder(&definition, "x")
        .reading_aged("mean_systolic", 120.0, -3.0)
        .reading_aged("pulse", 60.0, 3.0)
        .reading_aged("puls", 60.0, 3.0)
        .days("rmssd", 3)
        .readings("weight", [70.0, 71.0])
        .build()
        .unwrap_err();
    let said: Vec<&str> = error.faults().iter().map(|fault| fault.what()).collect();
    assert_eq!(
        said,
        [
            "the age of the reading is not possible",
            "the measure has readings without ages",
            "there is no measure `puls`",
            "the measure has a value without days",
            "2 readings where at most 1 are declared",
        ]
    );
    Ok(())
}

fn of_systolic(error: &str, ages: &str, utility: &str) -> Index {
    let text = format!(
        "schema = 1\nid = \"one\"\n[person]\nid = \"person\"\n[measure.systolic]\n{ages}unit = \"mm[Hg]\"\n\
         error = {{ {error}, target = \"usual\", source = \"assumed\" }}\n\
         [indicator.systolic]\nmeasure = \"systolic\"\nutility = {{ {utility} }}\n[index]\nchildren = [\"systolic\"]\n"
    );
    Index::new(&Definition::from_toml(&text).unwrap()).unwrap()
}

/// An old reading is one with a larger sd, s(t) = √(8² + 6² t); where the variance has been larger on the way from 8 to
/// s(t), as around a narrow best range, it is that.
#[test]
fn an_old_reading_is_a_noisier_one() -> vointi::Result<()> {
    let utilities = [
        "goalposts = [180, 100]",
        "steps = { at = [120, 130, 140, 160], score = [100, 75, 50, 25, 0] }",
        "points = [[100, 0], [118, 100], [122, 100], [140, 0]]",
    ];
    let mut falls = 0;
    for utility in utilities {
        let aged = of_systolic("sd = 8, drift = 6", "ages = \"age\"\n", utility);
        for years in [0.0, 0.5, 3.0, 12.0, 60.0] {
            let at = |share: f64| (64.0 + 36.0 * years * share).sqrt();
            let steps = if years > 0.0 { 60 } else { 0 };
            for x in [104.0, 120.0, 131.0, 139.5] {
                let person =
                    Person::builder(aged.definition(), "p").reading_aged("systolic", x, years * 365.25);
                let found = aged.score(&person.build()?)?.std_error().unwrap();
                let mut largest: f64 = 0.0;
                let mut own = 0.0;
                for step in 0..=steps {
                    let plain = of_systolic(&format!("sd = {:?}", at(f64::from(step) / 60.0)), "", utility);
                    let person = Person::builder(plain.definition(), "p").measure("systolic", x).build()?;
                    own = plain.score(&person)?.std_error().unwrap();
                    largest = largest.max(own);
                }
                // A grid of sixty misses the top of a peak by about a thousandth of it.
                assert!(
                    found >= largest * (1.0 - 1e-12) && found <= largest * 1.002,
                    "{utility} {x} {years}: {found}, {largest}"
                );
                if own < largest {
                    falls += 1;
                } else {
                    assert!((found - own).abs() <= 1e-12 * own, "{utility} {x} {years}: {found}, {own}");
                }
            }
        }
    }
    assert!(falls > 0, "the narrow range shows nothing");
    Ok(())
}

/// The table in words: what is behind a value, without a file.
#[test]
fn what_is_behind_a_value_can_be_read_back() -> vointi::Result<()> {
    let cohort = cohort();
    let error = cohort.measured("mean_systolik").unwrap_err();
    assert!(error.to_string().contains("did you mean `mean_systolic`?"));
    let pulse: Table = cohort.measured("pulse")?;
    assert_eq!(pulse.names().collect::<Vec<_>>(), ["value", "count", "age"]);
    assert_eq!(pulse.column("age")?.observed(), 0);
    Ok(())
}
