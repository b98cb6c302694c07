//! The registry of measures as a definition uses it: what is inherited, what is flagged, what is refused.

use vointi::{
    Cohort, Definition, ErrorKind, Flag, Index, Person, Table,
    definition::{Status, convert, measure, measures},
};

const FORBIDDEN: &str = include_str!("fixtures/pages/forbidden.txt");

/// One measure that makes the index, with goalposts in its own unit.
fn text(measure: &str, goalposts: [f64; 2]) -> String {
    format!(
        "schema = 1\nid = \"one\"\n[person]\nid = \"person\"\n[measure.reading]\n{measure}\n\
         [indicator.reading]\nmeasure = \"reading\"\nutility = {{ goalposts = {goalposts:?} }}\n\
         [index]\nchildren = [\"reading\"]\n"
    )
}

fn one(measure: &str, goalposts: [f64; 2]) -> Definition {
    Definition::from_toml(&text(measure, goalposts)).expect("a definition")
}

/// The only fault of it, as a person sees it.
fn fault(measure: &str) -> String {
    let error = Definition::from_toml(&text(measure, [0.0, 1.0])).expect_err("a fault");
    assert_eq!((error.kind(), error.faults().len()), (ErrorKind::Definition, 1), "{error}");
    assert!(error.faults()[0].place().line().is_some());
    error.to_string()
}

fn people(values: &[f64]) -> Table {
    let ids = (0..values.len()).map(|row| Some(format!("p{row}")));
    let values = values.iter().map(|value| (!value.is_nan()).then_some(*value));
    Table::builder().text("person", ids).number("reading", values).build().expect("a table")
}

#[test]
fn limits_come_in_the_unit_of_the_column() {
    let definition = one("use = \"systolic_bp\"\nunit = \"kPa\"", [24.0, 14.0]);
    let [low, high] = [60.0, 270.0].map(|limit| convert(limit, "mm[Hg]", "kPa", None).unwrap());
    assert!(Cohort::new(&definition, people(&[low, high, 16.0])).is_ok(), "limits are possible");
    let error = Cohort::new(&definition, people(&[16.0, 7.9, 36.0, 120.0])).unwrap_err();
    assert_eq!(error.faults().len(), 1);
    let told = error.to_string();
    assert!(told.contains("3 cells are outside the limits (rows 2, 3, 4)"), "{told}");
    assert!(told.contains(&format!("allowed: {low} to {high}")), "{told}");
    // What the definition says counts.
    let own = one("use = \"systolic_bp\"\nlimits = [60, 300]\noutside = \"missing\"", [180.0, 120.0]);
    let cohort = Cohort::new(&own, people(&[290.0, 301.0])).unwrap();
    let scores = Index::new(&own).unwrap().score_cohort(&cohort).unwrap();
    assert!(scores.flags()[0].contains(Flag::Unusual) && !scores.flags()[0].contains(Flag::OutOfLimits));
    assert!(scores.flags()[1].contains(Flag::OutOfLimits) && !scores.flags()[1].contains(Flag::Unusual));
}

#[test]
fn values_stay_as_they_were_given() {
    let plain = one("unit = \"mg/dL\"", [200.0, 100.0]);
    let used = one("use = \"fasting_glucose\"\nunit = \"mg/dL\"", [200.0, 100.0]);
    let values = [126.0, 99.5, 155.3, f64::NAN];
    let score = |definition: &Definition| {
        let cohort = Cohort::new(definition, people(&values)).unwrap();
        Index::new(definition).unwrap().score_cohort(&cohort).unwrap().index_or_nan().to_vec()
    };
    let bits = |scores: Vec<f64>| scores.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(score(&plain)), bits(score(&used)));
    assert_ne!(plain.hash(), used.hash(), "what is inherited is part of what gave the score");
    let told = one("use = \"fasting_glucose\"", [11.1, 5.6]).hash() == used.hash();
    assert!(!told, "the unit is part of it too");
}

#[test]
fn what_is_possible_but_unusual_is_flagged() {
    let definition = one("use = \"resting_heart_rate\"", [100.0, 50.0]);
    let values = [34.0, 35.0, 110.0, 111.0, f64::NAN];
    let cohort = Cohort::new(&definition, people(&values)).unwrap();
    let scores = Index::new(&definition).unwrap().score_cohort(&cohort).unwrap();
    let flagged: Vec<bool> = scores.flags().iter().map(|flags| flags.contains(Flag::Unusual)).collect();
    assert_eq!(flagged, [true, false, false, true, false]);
    assert_eq!(scores.flags()[0].to_string(), "unusual");
    // One person alone is flagged alike.
    for (value, unusual) in values.into_iter().zip(flagged) {
        let person = Person::builder(&definition, "p").measure("reading", value).build().unwrap();
        let score = Index::new(&definition).unwrap().score(&person).unwrap();
        assert_eq!(score.flags().contains(Flag::Unusual), unusual);
    }
    // Without the registry a definition may say it itself, and any of several readings counts.
    let own = "columns = [\"reading\", \"again\"]\nunit = \"/min\"\nlimits = [25, 150]\nunusual = [35, 110]";
    let own = one(own, [100.0, 50.0]);
    let table = Table::builder()
        .text("person", ["a", "b"].map(Some))
        .number("reading", [60.0, 61.0].map(Some))
        .number("again", [120.0, 61.0].map(Some))
        .build()
        .unwrap();
    let cohort = Cohort::new(&own, table).unwrap();
    let scores = Index::new(&own).unwrap().score_cohort(&cohort).unwrap();
    assert_eq!(scores.count(Flag::Unusual), 1);
}

#[test]
fn direction_and_content_are_inherited() {
    let base = text("use = \"rmssd\"", [0.0, 1.0]);
    let standard = base.replace("{ goalposts = [0.0, 1.0] }", "\"t\"");
    assert!(Definition::from_toml(&standard).is_ok(), "z and t need a direction");
    let target = standard.replace("rmssd", "bmi");
    let error = Definition::from_toml(&target).unwrap_err().to_string();
    assert!(error.contains("the measure has no direction"), "{error}");
    assert!(Definition::from_toml(&target.replace("use =", "direction = \"lower_better\"\nuse =")).is_ok());
    let choice = base.replace("rmssd", "steps") + "[choice.walking]\ncontent = [\"activity\"]\n";
    let error = Definition::from_toml(&choice).unwrap_err().to_string();
    assert!(
        error.contains("the choice shares the content `activity` with the indicator `reading`"),
        "{error}"
    );
}

#[test]
fn the_registry_gives_a_verified_error_only() {
    let written = "error = { cv = 0.061, target = \"usual\", source = \"verified\" }";
    let errors = |measure: &str, values: &[f64], goalposts: [f64; 2]| {
        let definition = one(measure, goalposts);
        let cohort = Cohort::new(&definition, people(values)).unwrap();
        let scores = Index::new(&definition).unwrap().score_cohort(&cohort).unwrap();
        scores.matrix_or_nan(&["index_se"]).unwrap().iter().map(|se| se.to_bits()).collect::<Vec<_>>()
    };
    let values = [4.2, 5.0, 7.9];
    let given = errors(&format!("use = \"total_cholesterol\"\n{written}"), &values, [8.0, 3.0]);
    assert_eq!(given, errors("use = \"total_cholesterol\"\nerror = \"registry\"", &values, [8.0, 3.0]));
    // A share of the value is the same share in mg/dL.
    let values = [200.0];
    let given =
        errors(&format!("use = \"total_cholesterol\"\nunit = \"mg/dL\"\n{written}"), &values, [300.0, 100.0]);
    let used = "use = \"total_cholesterol\"\nunit = \"mg/dL\"\nerror = \"registry\"";
    assert_eq!(given, errors(used, &values, [300.0, 100.0]));
}

#[test]
fn what_the_registry_cannot_give_is_a_fault_with_its_remedy() {
    for (measure, what) in [
        (
            "use = \"systolic\"",
            "there is no measure `systolic` in the catalogue; did you mean `systolic_bp`?",
        ),
        ("limits = [0, 1]", "the key `unit` is missing"),
        (
            "use = \"systolic_bp\"\nunit = \"mmHg\"",
            "unknown unit `mmHg`; did you mean `mm[Hg]`? accepted: `mm[Hg]`, `kPa`",
        ),
        (
            "use = \"systolic_bp\"\nunit = \"cm\"",
            "`cm` cannot be said in `mm[Hg]`: they measure different things; accepted: `mm[Hg]`, `kPa`",
        ),
        ("use = \"lpa\"\nunit = \"mg/dL\"", "without its analyte"),
        (
            "use = \"fasting_glucose\"\nanalyte = \"lactate\"\nunit = \"mg/dL\"",
            "`mg/dL` cannot be said in `mmol/L` of `lactate`: no factor is known",
        ),
        (
            "use = \"sex\"\nunit = \"{male:0,female:1}\"",
            "a list of codes is equal only to itself; give the unit `{female:0,male:1}`",
        ),
        ("unit = \"1\"\nerror = \"registry\"", "the measure uses no entry of the registry; name an entry"),
        (
            "use = \"hba1c\"\nerror = \"registry\"",
            "no error of `hba1c` is verified; in the registry: cv = 0.02 of one blood sample (usual, unverified); \
             write it out, with source = \"assumed\" and a `reference`",
        ),
        ("use = \"systolic_bp\"\nerror = \"registry\"", "sd = 13.5 of one visit (usual, secondary)"),
        ("use = \"height\"\nerror = \"registry\"", "the registry knows no error of `height`; write it out"),
        (
            "use = \"diastolic_bp\"\ncolumns = [\"a\", \"b\"]\nerror = \"registry\"",
            "the error of the registry is that of one reading, and these are repeated on one occasion",
        ),
        (
            "use = \"mvpa\"\ndays = \"worn\"\nerror = \"registry\"",
            "the error of the registry is that of 7 days, and with `days` it is that of one; write it out",
        ),
        ("unit = \"1\"\nlimits = [0, 10]\nunusual = [5, 11]", "give [low, high] within the limits"),
        ("unit = \"1\"\nunusual = [5, 5]", "these hold no usual value"),
    ] {
        let told = fault(measure);
        assert!(told.contains(what), "{measure}: {told}");
    }
    // The target is that of the errors the definition writes out.
    let two = text("use = \"total_cholesterol\"\nerror = \"registry\"", [8.0, 3.0])
        + "[measure.other]\nunit = \"1\"\nerror = { sd = 1, target = \"occasion\", source = \"assumed\" }\n";
    let error = Definition::from_toml(&two).unwrap_err().to_string();
    assert!(
        error.contains("the registry knows no error of `total_cholesterol` of the target `occasion`"),
        "{error}"
    );
}

/// A definition without `use` is what it was: nothing new stands in its canonical form.
#[test]
fn an_old_definition_keeps_its_hash() {
    let hash = Definition::builtin("nhanes").unwrap().hash().to_owned();
    assert!(include_str!("../data/norms/nhanes.toml").contains(&hash));
}

#[test]
fn no_entry_uses_a_word_that_no_report_may() {
    let words: Vec<&str> =
        FORBIDDEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(words.len() > 20);
    for one in measures().unwrap() {
        let notes = one.errors.iter().map(|error| error.per.as_str());
        let notes = notes.chain(one.days.iter().map(|days| days.note.as_str()));
        for text in [one.title.as_str(), &one.about, &one.context].into_iter().chain(notes) {
            let text = text.to_lowercase();
            for word in &words {
                let begins = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
                assert!(
                    !text.match_indices(word).any(|(at, _)| begins(at)),
                    "{}: “{word}” in “{text}”",
                    one.id
                );
            }
        }
    }
}

/// What is quoted elsewhere as verified is, and nothing marked otherwise is shown as a LOINC code.
#[test]
fn figures_keep_the_status_of_their_reading() {
    let status = |id: &str, kind: &str| {
        let found = measure(id).unwrap();
        found.errors.iter().find(|error| error.kind == kind).map(|error| error.status)
    };
    assert_eq!(status("total_cholesterol", "cv"), Some(Status::Verified));
    assert_eq!(status("systolic_bp", "sd"), Some(Status::Secondary));
    assert_eq!(status("fasting_glucose", "cv"), Some(Status::Unverified));
    for (id, code) in [("systolic_bp", Some("8480-6")), ("hba1c", None), ("waist", None), ("rmssd", None)] {
        assert_eq!(measure(id).unwrap().loinc.as_deref(), code, "{id}");
    }
}
