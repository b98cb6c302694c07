//! Stored values whose files have a layout of their own: what is learned, what is counted, norms, units, the shipped people.

use std::{collections::BTreeSet, fs, path::Path};

use vointi::{
    Calibration, Cohort, Definition, Index, Table,
    definition::{Cut, Direction, convert, rules},
    indicator::{Rule, RuleScores},
    study::Health,
    table::Column,
};

use crate::{GOLDEN, Sheet, number, table_of};

/// The files read here; `lms.*` by the norms themselves, as no table of L, M and S is shipped.
pub(crate) const FILES: &[&str] = &[
    "allostatic_load.quartiles.markers",
    "allostatic_load.quartiles.people",
    "allostatic_load.quartiles.reference",
    "biological_age.klemera_doubal.learned",
    "biological_age.klemera_doubal.people",
    "biological_age.klemera_doubal.scale",
    "biological_age.klemera_doubal.training",
    "frailty.index",
    "high_risk.count",
    "high_risk.cuts",
    "lms.people",
    "lms.table",
    "nhanes_le8",
    "nhanes_le8.summary",
    "source.friend_vo2max",
    "source.lifelines_rmssd",
    "source.nhanes_percentiles",
    "units.hba1c",
];

pub(crate) fn stored(file: &str) -> Sheet {
    assert!(FILES.contains(&file), "{file} is in the list of files read here");
    Sheet::read(&Path::new(GOLDEN).join(format!("{file}.csv")))
}

#[track_caller]
pub(crate) fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let is_near = (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= tolerance * expected.abs().max(1e-300)
        || found == expected;
    assert!(is_near, "{what}: found {found}, expected {expected}");
}

/// Compares values and notes, row by row; `rows` are the rows of the sheet that were scored.
fn compare(sheet: &Sheet, rows: &[&Vec<String>], scores: &RuleScores, tolerance: f64) -> usize {
    assert_eq!(scores.rows(), rows.len());
    let mut values = 0;
    for (at, row) in rows.iter().enumerate() {
        let what = format!("row {}", row.join(","));
        let expected = number(sheet.cell(row, "value"));
        assert_near(scores.value(at).unwrap_or(f64::NAN), expected, tolerance, &what);
        assert_eq!(scores.note(at).unwrap_or_default(), sheet.cell(row, "note"), "{what}");
        values += usize::from(!expected.is_nan());
    }
    values
}

/// The rows of a sheet by what stands in `at_least`.
fn by_at_least(sheet: &Sheet) -> Vec<(Option<usize>, Vec<&Vec<String>>)> {
    let asked: BTreeSet<&str> = sheet.rows.iter().map(|row| sheet.cell(row, "at_least")).collect();
    let of = |asked: &str| sheet.rows.iter().filter(|row| sheet.cell(row, "at_least") == asked).collect();
    asked.into_iter().map(|asked| (asked.parse().ok(), of(asked))).collect()
}

/// Scores every row with the least number of parts that stands beside it.
fn counted(rule: &Rule, sheet: &Sheet) -> usize {
    let mut values = 0;
    for (at_least, rows) in by_at_least(sheet) {
        let asked = at_least.map_or(rule.clone(), |at_least| rule.clone().at_least(at_least));
        values += compare(sheet, &rows, &asked.score(&table_of(sheet, &rows)).unwrap(), 0.0);
    }
    values
}

/// A sheet as a table with an id a row, of the columns that are named.
fn with_ids(sheet: &Sheet, columns: &[&str]) -> Table {
    let ids = (0..sheet.rows.len()).map(|row| Some(format!("p{row}")));
    let mut table = Table::builder().text("person", ids);
    for name in columns {
        let values = sheet.rows.iter().map(|row| number(sheet.cell(row, name))).collect();
        table = table.column(*name, Column::numbers_or_nan(values).unwrap());
    }
    table.build().unwrap()
}

/// A definition with these markers, of which one makes the index, and one health score of them all.
fn definition(rule: &str, markers: &[(&str, &str)], persons: &[&str], more: &str) -> Definition {
    let mut text =
        "schema = 1\nid = \"learned\"\naudience = \"research\"\n[person]\nid = \"person\"\n".to_owned();
    for name in persons {
        text += &format!("[measure.{name}]\nuse = \"{name}\"\n");
    }
    for (name, direction) in markers {
        text += &format!("[measure.{name}]\nunit = \"1\"\n");
        if !direction.is_empty() {
            text += &format!("direction = \"{direction}\"\n");
        }
    }
    let first = markers[0].0;
    let inputs: Vec<String> = markers.iter().map(|(name, _)| format!("{name} = \"{name}\"")).collect();
    text += &format!(
        "[indicator.one]\nmeasure = \"{first}\"\nutility = {{ goalposts = [0, 300] }}\n[index]\nchildren = [\"one\"]\n\
         [health.asked]\nrule = \"{rule}\"\ninputs = {{ {} }}\n{more}",
        inputs.join(", ")
    );
    Definition::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn learned_of(calibration: &Calibration) -> toml::Table {
    let all: toml::Table = calibration.to_toml().parse().unwrap();
    all["health"]["asked"].as_table().unwrap().clone()
}

fn float(value: &toml::Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64)).unwrap()
}

const SEXES: [&str; 2] = ["female", "male"];

// ---- what is learned -------------------------------------------------------------------------------------------------

#[test]
fn biological_age_is_learned_as_r_learns_it() {
    let training = stored("biological_age.klemera_doubal.training");
    let people = stored("biological_age.klemera_doubal.people");
    let markers: Vec<&str> = training.names.iter().skip(2).map(String::as_str).collect();
    assert_eq!(markers.len(), 6);
    let rows = |sheet: &Sheet| table_of(sheet, &sheet.rows.iter().collect::<Vec<_>>());
    let rule = Rule::klemera_doubal(markers.iter().copied(), &rows(&training)).unwrap();
    let everybody: Vec<_> = people.rows.iter().collect();
    // Sums over what was learned, itself within 1e-10.
    assert_eq!(compare(&people, &everybody, &rule.score(&rows(&people)).unwrap(), 1e-10), 77);

    // The same through a definition, and what it wrote down.
    let listed: Vec<(&str, &str)> = markers.iter().map(|name| (*name, "")).collect();
    let definition = definition("biological_age.klemera_doubal", &listed, &["age", "sex"], "");
    let columns: Vec<&str> = training.names.iter().map(String::as_str).collect();
    let cohort = Cohort::new(&definition, with_ids(&training, &columns)).unwrap();
    let calibration = Calibration::learn(&cohort).unwrap();
    let learned = learned_of(&calibration);
    let lines = stored("biological_age.klemera_doubal.learned");
    assert_eq!(lines.rows.len(), 12);
    for row in &lines.rows {
        let sex = SEXES[lines.cell(row, "sex").parse::<usize>().unwrap()];
        let marker = &learned[sex]["marker"][lines.cell(row, "biomarker")];
        assert_eq!(float(&marker["n"]), number(lines.cell(row, "n")));
        for (at, key) in ["q", "k", "s", "r"].iter().enumerate() {
            let what = format!("{key} of {} of {sex}", lines.cell(row, "biomarker"));
            assert_near(float(&marker["line"][at]), number(lines.cell(row, key)), 1e-10, &what);
        }
    }
    let scale = stored("biological_age.klemera_doubal.scale");
    assert_eq!(scale.rows.len(), 2);
    for row in &scale.rows {
        let sex = SEXES[scale.cell(row, "sex").parse::<usize>().unwrap()];
        assert_eq!(float(&learned[sex]["n"]), number(scale.cell(row, "n")));
        assert_near(float(&learned[sex]["s_ba2"]), number(scale.cell(row, "s_ba2")), 1e-10, sex);
    }
    // Frozen, read back and used on other people.
    let frozen = Calibration::from_toml(&calibration.to_toml()).unwrap();
    let index = Index::with(&definition, frozen).unwrap();
    let others = Cohort::new(&definition, with_ids(&people, &columns)).unwrap();
    let health = Health::of(&index, &others).unwrap();
    assert_eq!(compare(&people, &everybody, health.score("asked").unwrap().scores(), 1e-10), 77);
}

#[test]
fn quartiles_are_those_of_r() {
    let reference = stored("allostatic_load.quartiles.reference");
    let people = stored("allostatic_load.quartiles.people");
    let markers = stored("allostatic_load.quartiles.markers");
    let listed: Vec<(&str, &str)> = markers
        .rows
        .iter()
        .map(|row| (markers.cell(row, "marker"), markers.cell(row, "direction")))
        .collect();
    let direction = |word: &str| match word {
        "lower_better" => Direction::LowerBetter,
        "higher_better" => Direction::HigherBetter,
        other => panic!("{other}"),
    };
    let table = table_of(&reference, &reference.rows.iter().collect::<Vec<_>>());
    let asked = listed.iter().map(|(name, word)| (*name, direction(word)));
    let rule = Rule::allostatic_quartiles(asked, &table).unwrap();
    assert!(counted(&rule, &people) >= 60);

    let definition = definition("allostatic_load.quartiles", &listed, &["sex"], "");
    let columns: Vec<&str> = reference.names.iter().map(String::as_str).collect();
    let cohort = Cohort::new(&definition, with_ids(&reference, &columns)).unwrap();
    let calibration = Calibration::learn(&cohort).unwrap();
    let learned = learned_of(&calibration);
    for row in &markers.rows {
        for sex in SEXES {
            let cut = float(&learned[sex]["marker"][markers.cell(row, "marker")]["cut"]);
            // One interpolation.
            assert_near(cut, number(markers.cell(row, sex)), 1e-14, markers.cell(row, "marker"));
        }
    }
    let index = Index::with(&definition, calibration).unwrap();
    let of_all: Vec<_> = people.rows.iter().collect();
    let others = Cohort::new(&definition, with_ids(&people, &columns)).unwrap();
    let health = Health::of(&index, &others).unwrap();
    let found = health.score("asked").unwrap().scores();
    let mut values = 0;
    for (at, row) in of_all.iter().enumerate().filter(|(_, row)| people.cell(row, "at_least").is_empty()) {
        assert_eq!(found.value(at), people.cell(row, "value").parse().ok(), "row {at}");
        values += usize::from(found.value(at).is_some());
    }
    assert!(values > 15, "{values}");
}

// ---- what is counted -------------------------------------------------------------------------------------------------

#[test]
fn measures_beyond_declared_cuts_are_counted() {
    let cuts = stored("high_risk.cuts");
    let cut = |row: &Vec<String>| {
        let at = number(cuts.cell(row, "cut"));
        if cuts.cell(row, "side") == "above" { Cut::Above(at) } else { Cut::Below(at) }
    };
    let rule = Rule::high_risk(cuts.rows.iter().map(|row| (cuts.cell(row, "marker"), cut(row)))).unwrap();
    assert!(counted(&rule, &stored("high_risk.count")) > 60);
}

#[test]
fn a_frailty_index_is_the_mean_of_enough_deficits() {
    let people = stored("frailty.index");
    let names: Vec<&str> =
        people.names.iter().map(String::as_str).filter(|name| name.starts_with('d')).collect();
    assert_eq!(names.len(), 35);
    let rows: Vec<_> = people.rows.iter().collect();
    let rule = Rule::frailty(names).unwrap();
    // One sum, one division.
    let values = compare(&people, &rows, &rule.score(&table_of(&people, &rows)).unwrap(), 1e-14);
    assert!(values > 50 && values < rows.len());
}

// ---- units -----------------------------------------------------------------------------------------------------------

#[test]
fn glycated_haemoglobin_in_both_units() {
    let stored = stored("units.hba1c");
    assert!(stored.rows.len() > 40);
    for row in &stored.rows {
        let (ngsp, ifcc) = (number(stored.cell(row, "ngsp")), number(stored.cell(row, "ifcc")));
        // A difference and a product, of 1.
        assert!(
            (convert(ngsp, "%", "mmol/mol", Some("hba1c")).unwrap() - ifcc).abs()
                < 1e-13 * ifcc.abs().max(1.0)
        );
        assert!(
            (convert(ifcc, "mmol/mol", "%", Some("hba1c")).unwrap() - ngsp).abs()
                < 1e-13 * ngsp.abs().max(1.0)
        );
    }
    assert!(convert(6.5, "%", "mmol/mol", None).is_err(), "a share of what?");
}

// ---- the shipped people ------------------------------------------------------------------------------------------------

#[cfg(feature = "csv")]
#[test]
fn five_components_of_the_shipped_people_are_those_of_pandas() {
    use vointi::{definition::Audience, study::HealthSummary};
    let definition = Definition::builtin("nhanes").unwrap();
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv").unwrap();
    let index = Index::new(&definition).unwrap();
    let health = Health::of(&index, &cohort).unwrap();
    let five = health.score("le8_five").unwrap();
    let expected = stored("nhanes_le8");
    assert_eq!((five.scores().rows(), expected.rows.len()), (5265, 5265));
    const PARTS: [(&str, &str); 5] = [
        ("sleep", "sleep"),
        ("bmi", "bmi"),
        ("non_hdl", "non_hdl"),
        ("glycaemia", "hba1c"),
        ("blood_pressure", "blood_pressure"),
    ];
    // Whoever has an open case has a value of nothing; all others have the mean of five, or too few.
    for (at, row) in expected.rows.iter().enumerate() {
        let person = expected.cell(row, "person");
        assert_eq!(cohort.id(at), Some(person));
        let value = five.scores().value(at);
        assert_eq!(value, expected.cell(row, "mean_of_five").parse().ok(), "person {person}");
        assert_eq!(
            value.is_none(),
            five.scores().note(at).is_some(),
            "person {person} has a value or a reason"
        );
        for (part, column) in PARTS {
            let points: Option<f64> = expected.cell(row, column).parse().ok();
            let found = five.scores().part(part, at);
            assert!(found == points, "person {person}: {part} is {found:?}, not {points:?}");
        }
    }
    // Groups by sex and age.
    let scores = index.score_cohort(&cohort).unwrap();
    let summary = HealthSummary::of(&health, &cohort, &scores, Audience::Research).unwrap();
    let figures = &summary.scores[0];
    let sums = stored("nhanes_le8.summary");
    let of = |score: &str, sex: &str, age: &str| {
        let is = |row: &&Vec<String>| {
            sums.cell(row, "score") == score && sums.cell(row, "sex") == sex && sums.cell(row, "age") == age
        };
        let row = sums.rows.iter().find(is).unwrap();
        ["n", "mean", "sd"].map(|key| number(sums.cell(row, key)))
    };
    let close = |found: Option<f64>, expected: f64, what: &str| {
        // Sums of thousands of numbers.
        assert_near(found.unwrap(), expected, 1e-12, what);
    };
    let [n, mean, sd] = of("mean_of_five", "all", "all");
    assert_eq!(figures.n as f64, n);
    close(figures.mean, mean, "mean of all");
    close(figures.sd, sd, "sd of all");
    assert_eq!(figures.groups.len(), 12);
    for group in &figures.groups {
        let sex = if group.sex == Some("women") { "Female" } else { "Male" };
        let ages = match group.ages.unwrap() {
            [70.0, _] => "70+".to_owned(),
            [from, below] => format!("{from}-{}", below - 1.0),
        };
        let [n, mean, sd] = of("mean_of_five", sex, &ages);
        assert_eq!(group.n as f64, n, "{sex} {ages}");
        close(group.mean, mean, &ages);
        close(group.sd, sd, &ages);
        assert!(group.index_n > 0 && group.index_mean.is_some());
    }
    for (part, column) in PARTS {
        let found = figures.parts.iter().find(|found| found.part == part).unwrap();
        let [n, mean, _] = of(column, "all", "all");
        assert_eq!(found.n as f64, n, "{part}");
        close(found.mean, mean, part);
    }
    // With four or five of five: another definition of the same people.
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/definitions/nhanes.toml"))
        .unwrap();
    let four = Definition::from_toml(&text.replace("at_least  = 5", "at_least  = 4")).unwrap();
    assert_ne!(four.hash(), definition.hash());
    let again = Cohort::read_csv(&four, "data/nhanes/adults.csv").unwrap();
    let norms =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/norms/nhanes.toml")).unwrap();
    let norms = Calibration::from_toml(&norms.replace(definition.hash(), four.hash())).unwrap();
    let health = Health::of(&Index::with(&four, norms).unwrap(), &again).unwrap();
    let found = health.score("le8_five").unwrap().scores();
    let mut differ = 0;
    for (at, row) in expected.rows.iter().enumerate() {
        let expected: Option<f64> = expected.cell(row, "mean_of_four_or_five").parse().ok();
        assert_eq!(found.value(at), expected, "row {at}: {:?}", found.note(at));
        differ += usize::from(found.value(at).is_some() != five.scores().value(at).is_some());
    }
    assert!(differ > 100, "{differ}");
}

// ---- every file -------------------------------------------------------------------------------------------------------

#[test]
fn every_stored_file_is_read() {
    let known: BTreeSet<String> = rules().unwrap().into_iter().map(|rule| rule.name).collect();
    let readme = fs::read_to_string(Path::new(GOLDEN).join("README.md")).unwrap();
    let (here, norms) = (
        concat!(include_str!("own.rs"), include_str!("traps.rs")),
        include_str!("../../src/indicator/rule/norm.rs"),
    );
    let mut seen = BTreeSet::new();
    for path in fs::read_dir(GOLDEN).unwrap().map(|entry| entry.unwrap().path()) {
        let (name, stem) =
            (path.file_name().unwrap().to_str().unwrap(), path.file_stem().unwrap().to_str().unwrap());
        match path.extension().and_then(|end| end.to_str()) {
            Some("csv") => {
                seen.insert(stem.to_owned());
                let rows = Sheet::read(&path).rows.len();
                assert!(
                    readme.contains(&format!("| `{name}` | {rows} |")),
                    "the README counts the {rows} rows of {name}"
                );
                // A name in the list alone is no reading: it is opened below a name or included.
                let is_opened = here.contains(&format!("stored(\"{stem}\")"))
                    || norms.contains(&format!("tests/golden/rules/{name}\""));
                assert!(
                    known.contains(stem) && !FILES.contains(&stem) || FILES.contains(&stem) && is_opened,
                    "{name} is not read by any test"
                );
            }
            Some("py" | "R") => assert!(readme.contains(name), "the README names {name}"),
            Some("md") => {}
            _ if path.is_dir() => assert_eq!(name, "__pycache__"),
            other => panic!("{name}: {other:?}"),
        }
    }
    for file in FILES {
        assert!(seen.contains(*file), "{file}.csv is there");
    }
}

/// What the percentiles were taken from is the shipped table, digit for digit.
#[test]
fn tabulated_percentiles_give_themselves() {
    let source = stored("source.nhanes_percentiles");
    let percentiles: Vec<(usize, f64)> = source
        .names
        .iter()
        .enumerate()
        .filter_map(|(at, name)| Some((at, name.strip_prefix('p')?.parse().ok()?)))
        .collect();
    assert_eq!(percentiles.len(), 17);
    let mut compared = 0;
    for row in &source.rows {
        let metric = source.cell(row, "metric");
        let (age, sex) = match source.cell(row, "age_sex") {
            "universal" => (50.0, 0.0),
            group => {
                let (ages, sex) = group.split_once('|').unwrap();
                (ages[..2].parse().unwrap(), if sex == "F" { 0.0 } else { 1.0 })
            }
        };
        let values: Vec<f64> = percentiles.iter().map(|(at, _)| number(&row[*at])).collect();
        let rows = values.len();
        let column = |values: Vec<f64>| Column::numbers_or_nan(values).unwrap();
        let table = Table::builder()
            .column("value", column(values.clone()))
            .column("age", column(vec![age; rows]))
            .column("sex", column(vec![sex; rows]))
            .build()
            .unwrap();
        let rule = Rule::builtin(&format!("nhanes_percentiles.{metric}")).unwrap().accept_unverified();
        let scores = rule.score(&table).unwrap();
        for (at, (_, percentile)) in percentiles.iter().enumerate() {
            if values.iter().filter(|value| **value == values[at]).count() == 1 {
                assert_eq!(scores.value(at), Some(*percentile), "{metric} {age} {sex}");
                assert_eq!(
                    scores.flags(at).count(),
                    0,
                    "{metric}: what is tabulated is not beyond the table"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 3_000, "{compared}");
}
