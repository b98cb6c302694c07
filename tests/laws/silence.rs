//! Laws 3 and 11: what holds people shows its shape, and no error repeats a cell or an id.

use std::fmt::Debug;

use vointi::{
    Cohort, Definition, Error, Index, Person, Table,
    definition::Audience,
    explain::{Baseline, contributions},
    report::{self, CsvStyle},
    scale,
    study::{Health, HealthSummary},
};

/// Numbers and a name that occur nowhere else.
const NUMBER: f64 = 83.717_171;
const NAME: &str = "Xerxes-83717171";

fn is_silent(text: &str) -> bool {
    !text.contains("71717") && !text.contains("Xerxes") && !text.contains("837171")
}

fn hold(shown: &[&dyn Debug]) {
    for thing in shown {
        for text in [format!("{thing:?}"), format!("{thing:#?}")] {
            assert!(is_silent(&text), "{text}");
        }
    }
}

fn hold_error(error: &Error) {
    hold(&[error]);
    let mut text = error.to_string();
    for fault in error.faults() {
        text += &format!("{fault} {} {}", fault.place(), fault.remedy());
    }
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text += &format!("{inner} {inner:?}");
        source = inner.source();
    }
    assert!(is_silent(&text), "{text}");
}

const DEFINITION: &str = r#"
schema = 1
id = "silent"
[person]
id = "person"
unit = "team"
wave = "wave"
[instrument.mood]
items = ["a", "b"]
response = [0, 100]
kind = "decimal"
[instrument.word]
items = ["c"]
answers = { yes = 1, no = 0 }
[measure.pulse]
unit = "1"
limits = [0, 200]
error = { sd = 2, target = "occasion", source = "assumed" }
[measure.ratio]
from = "pulse / 2"
unit = "1"
[indicator.mood]
scale = "mood.total"
utility = "linear"
error = { sd = 3, target = "occasion", source = "assumed" }
[indicator.pulse]
measure = "pulse"
utility = { goalposts = [0, 200] }
[index]
children = ["mood", "pulse"]
[choice.diet]
levels = ["good", "poor"]
[choice.sitting]
limits = [0, 900]
[adjust]
columns = ["sex"]
[adjust.levels]
sex = ["f", "m"]
"#;

/// The columns that fit, each with the cell of its first row.
const FITTING: &[(&str, &str)] = &[
    ("person", NAME),
    ("team", NAME),
    ("wave", "1"),
    ("a", "83.717171"),
    ("b", "83.717171"),
    ("c", "yes"),
    ("pulse", "83.717171"),
    ("diet", "good"),
    ("sitting", "837.17171"),
    ("sex", "f"),
];

/// A table of two persons with some cells replaced, and some columns left out.
fn table(changed: &[(&str, &str)], without: &[&str]) -> Table {
    let mut builder = Table::builder();
    for (name, cell) in FITTING.iter().filter(|(name, _)| !without.contains(name)) {
        let cell = changed.iter().find(|(of, _)| of == name).map_or(*cell, |(_, cell)| *cell);
        let second = if *name == "person" { "other" } else { cell };
        builder = match (cell.parse::<f64>(), *name) {
            (Ok(number), _) if *name != "person" => builder.number(*name, [Some(number), Some(number)]),
            _ => builder.text(*name, [Some(cell), Some(second)]),
        };
    }
    builder.build().unwrap()
}

#[test]
fn what_holds_people_shows_its_shape() {
    let definition = Definition::from_toml(DEFINITION).unwrap();
    let cohort = Cohort::new(&definition, table(&[], &[])).unwrap();
    let index = Index::calibrate(&cohort).unwrap();
    let scores = index.score_cohort(&cohort).unwrap();
    let person = cohort.person(NAME).unwrap();
    let builder =
        Person::builder(&definition, NAME).respond("mood", [NUMBER, NUMBER]).measure("pulse", NUMBER);
    let mut scorer = index.scorer();
    let score = scorer.score(&person).unwrap().clone();
    assert!(score.value().is_some());
    let scales = scale::score(&cohort);
    let column = cohort.table().column("pulse").unwrap();
    let names = cohort.table().column("team").unwrap();
    let joined = cohort.with_scores(&scores).unwrap();
    hold(&[&cohort, &person, &builder, &score, &scores, &scales, &scales.get("mood.total").unwrap()]);
    hold(&[
        cohort.table(),
        column,
        names,
        &joined,
        cohort.choices(),
        &index,
        &definition,
        &scores.column("index").unwrap(),
    ]);
    let baseline = Baseline::mean(&scores).unwrap();
    let why = contributions(&index, &person, &baseline).unwrap();
    hold(&[&scorer, &baseline, &why, &why.rows]);
    // The value itself is not in the list of what is looked for; hold the scorer against it, too.
    let value = score.value().unwrap().to_string();
    assert!(
        !format!("{scorer:?} {score:?} {scores:?} {why:?} {baseline:?}")
            .contains(&value[..6.min(value.len())])
    );
    #[cfg(feature = "linfa")]
    hold(&[&joined.dataset(&["sitting"], "index").unwrap()]);
}

#[test]
fn no_error_repeats_a_cell_or_an_id() {
    let definition = Definition::from_toml(DEFINITION).unwrap();
    let refused = |changed: &[(&str, &str)], without: &[&str]| {
        let error = Cohort::new(&definition, table(changed, without)).unwrap_err();
        hold_error(&error);
        error.faults().len()
    };
    let bad = [
        ("a", "837.17171"),
        ("b", NAME),
        ("c", NAME),
        ("pulse", "8371.7171"),
        ("diet", NAME),
        ("sitting", "8371.7171"),
        ("sex", NAME),
    ];
    for one in bad {
        assert!(refused(&[one], &[]) > 0, "{}", one.0);
    }
    assert!(refused(&bad, &[]) >= bad.len());
    for (column, _) in FITTING {
        assert!(refused(&[], &[column]) > 0, "{column}");
    }
    assert!(refused(&[("pulse", NAME)], &[]) > 0);
    // The same id twice in one wave.
    let twice = Table::builder().text("person", [Some(NAME), Some(NAME)]);
    let rest = FITTING.iter().skip(1).fold(twice, |builder, (name, cell)| match cell.parse::<f64>() {
        Ok(number) => builder.number(*name, [Some(number), Some(number)]),
        Err(_) => builder.text(*name, [Some(*cell), Some(*cell)]),
    });
    hold_error(&Cohort::new(&definition, rest.build().unwrap()).unwrap_err());

    let cohort = Cohort::new(&definition, table(&[], &[])).unwrap();
    hold_error(&cohort.person("Xerxes-837171710").unwrap_err());
    let builder = Person::builder(&definition, NAME);
    let person = builder
        .respond("mood", [NUMBER * 10.0, NUMBER])
        .respond("word", [NUMBER])
        .measure("pulse", NUMBER * 100.0);
    hold_error(&person.build().unwrap_err());
    hold_error(&Person::builder(&definition, NAME).readings("pulse", [NUMBER, NUMBER]).build().unwrap_err());

    // Tables put together wrongly.
    hold_error(
        &Table::builder().number("x", [Some(NUMBER)]).number("y", [Some(NUMBER), None]).build().unwrap_err(),
    );
    hold_error(&Table::builder().number("x", [Some(f64::INFINITY), Some(NUMBER)]).build().unwrap_err());
    hold_error(&Table::builder().factor("x", ["a", "b"], [Some(NAME)]).build().unwrap_err());
    hold_error(&cohort.table().column("pulsee").unwrap_err());

    // Another definition than the data are bound to.
    let other = Definition::from_toml(&DEFINITION.replace("\"silent\"", "\"other\"")).unwrap();
    let index = Index::new(&other).unwrap();
    hold_error(&index.score_cohort(&cohort).unwrap_err());
    hold_error(&index.score(&cohort.person(NAME).unwrap()).unwrap_err());

    // What cannot be explained.
    let index = Index::new(&definition).unwrap();
    let baseline = Baseline::mean(&index.score_cohort(&cohort).unwrap()).unwrap();
    let partial = Person::builder(&definition, NAME).measure("pulse", NUMBER).build().unwrap();
    hold_error(&contributions(&index, &partial, &baseline).unwrap_err());
    let elsewhere = Index::new(&other).unwrap();
    hold_error(&contributions(&elsewhere, &partial, &baseline).unwrap_err());
}

/// What an index is made of, and published scores beside it.
const HEALTHY: &str = r#"
[measure.beat]
use = "resting_heart_rate"
column = "pulse"
[measure.years]
use = "age"
column = "sitting"
limits = [0, 900]
[health.beats]
rule = "high_risk.count"
inputs = { beat = "beat" }
cuts = { beat = { above = 83 } }
"#;

#[test]
fn no_health_score_shows_a_person() {
    let text = format!("{DEFINITION}{HEALTHY}");
    let definition = Definition::from_toml(&text).unwrap();
    let cohort = Cohort::new(&definition, table(&[], &[])).unwrap();
    let index = Index::new(&definition).unwrap();
    let scores = index.score_cohort(&cohort).unwrap();
    let health = Health::of(&index, &cohort).unwrap();
    let summary = HealthSummary::of(&health, &cohort, &scores, Audience::Research).unwrap();
    assert_eq!(summary.scores[0].n, 2);
    hold(&[
        &health,
        &health.scores(),
        &health.score("beats").unwrap().scores(),
        &health.score("beats").unwrap().rule(),
    ]);
    assert!(health.score("beats").unwrap().scores().value(0) == Some(1.0));

    hold_error(&HealthSummary::of(&health, &cohort, &scores, Audience::Employer).unwrap_err());
    // Of another definition, of other rows.
    let other = Definition::from_toml(DEFINITION).unwrap();
    let others = Cohort::new(&other, table(&[], &[])).unwrap();
    let their_index = Index::new(&other).unwrap();
    let theirs = their_index.score_cohort(&others).unwrap();
    hold_error(&Health::of(&index, &others).unwrap_err());
    hold_error(&HealthSummary::of(&health, &cohort, &theirs, Audience::Research).unwrap_err());
    hold_error(&report::health_csv(&others, &health, CsvStyle::default(), Vec::new()).unwrap_err());
    let one = Table::builder().text("person", [Some(NAME)]).number("x", [Some(NUMBER)]).build().unwrap();
    hold_error(&health.join(&one).unwrap_err());
    hold_error(&health.join(&health.join(cohort.choices()).unwrap()).unwrap_err());
    // What two persons cannot teach.
    let learned = "[health.old]\nrule = \"biological_age.klemera_doubal\"\ninputs = { beat = \"beat\", sex = \"female\" }\n\
                   [measure.female]\nuse = \"sex\"\ncolumn = \"sex\"\nanswers = { f = 0, m = 1 }\n";
    let learned = Definition::from_toml(&text.replace(HEALTHY, &format!("{HEALTHY}{learned}"))).unwrap();
    let people = Cohort::new(&learned, table(&[], &[])).unwrap();
    hold_error(&vointi::Calibration::learn(&people).unwrap_err());
    hold_error(&Health::of(&Index::new(&learned).unwrap(), &people).unwrap_err());
}

#[cfg(feature = "csv")]
#[test]
fn no_error_of_a_file_repeats_a_cell() {
    let definition = Definition::from_toml(DEFINITION).unwrap();
    let options = || Cohort::csv_options(&definition);
    let header: Vec<&str> = FITTING.iter().map(|(name, _)| *name).collect();
    let cells: Vec<&str> = FITTING.iter().map(|(_, cell)| *cell).collect();
    let (header, row) = (header.join(","), cells.join(","));
    let file = |body: &str| options().read_bytes(format!("{header}\n{body}").as_bytes(), "people.csv");
    let bound = |body: &str| file(body).and_then(|table| Cohort::new(&definition, table));
    bound(&format!("{row}\n")).unwrap();
    let bodies = [
        format!("{row}\n{row}\n"),
        format!("{row},{NAME}\n"),
        format!("{NAME},83.717171\n"),
        format!("\"{row}\n"),
        row.replace("yes", NAME),
        row.replace("83.717171", NAME),
        row.replace("83.717171", "8371717.1"),
        row.replace("83.717171", "83,717171"),
        row.replace("83.717171", "inf"),
        row.replace("837.17171", "1e999"),
        row.replace("good", NAME),
        row.replacen(NAME, "", 1),
        format!("{row}\n\n\u{0}{NAME}"),
        String::new(),
    ];
    for body in bodies {
        if let Err(error) = bound(&body) {
            hold_error(&error);
        }
    }
    let mut latin = format!("{header}\n{row}\n{NAME}").into_bytes();
    latin.extend([0xe4, b',', 0xff]);
    hold_error(&options().read_bytes(&latin, "people.csv").unwrap_err());
    for wrong in [options().encoding("Xerxes"), options().delimiter(';'), options().decimal(',')] {
        if let Err(error) = wrong.read_bytes(format!("{header}\n{row}\n").as_bytes(), "people.csv") {
            // What the caller asked for may be repeated, what people answered may not.
            assert!(
                !error.to_string().contains("837171") && !error.to_string().contains("717171"),
                "{error}"
            );
        }
    }
}
