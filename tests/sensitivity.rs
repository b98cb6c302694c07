//! Which choices of a definition move the index: against values computed once more, from scratch, and through the program.

use std::{fs, path::PathBuf};

use insta::assert_snapshot;
use serde_json::Value;
use vointi::{
    Cohort, Definition, ErrorKind, Index,
    definition::Audience,
    report::{self, CsvStyle},
    study::{DesignCell, LearnsFrom, Sensitivity, SensitivitySpec, Share},
};

use crate::{
    modelling::assert_valid,
    program::{Desk, vointi},
};

const FOLDER: &str = "tests/golden/sensitivity";
const ADULTS: &str = "data/nhanes/adults.csv";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn golden(name: &str) -> String {
    fs::read_to_string(root().join(FOLDER).join(name)).expect("a golden file")
}

fn small() -> Cohort {
    let definition = Definition::read(format!("{FOLDER}/small.toml")).expect("a definition");
    Cohort::read_csv(&definition, format!("{FOLDER}/small.csv")).expect("people")
}

fn adults() -> Cohort {
    Cohort::read_csv(&Definition::builtin("nhanes").expect("a definition"), ADULTS).expect("people")
}

fn spec(name: &str) -> SensitivitySpec {
    SensitivitySpec::read(format!("{FOLDER}/{name}_spec.toml")).expect("a spec")
}

fn of(cohort: &Cohort, spec: &SensitivitySpec) -> Sensitivity {
    Sensitivity::of(cohort, spec, LearnsFrom::Persons, Audience::Research).unwrap_or_else(|e| panic!("{e}"))
}

/// A spec of these factors, few points and no bootstrap.
fn asked(factors: &str) -> SensitivitySpec {
    let text = format!(
        "schema = 1\npoints = 8\nbootstrap = 0\noutput = [\"mean_rank_shift\", \"mean_index\"]\n{factors}"
    );
    SensitivitySpec::from_toml(&text).unwrap_or_else(|e| panic!("{e}"))
}

fn json(found: &Sensitivity) -> Value {
    serde_json::to_value(found).expect("JSON")
}

#[track_caller]
fn assert_near(own: Option<f64>, expected: Option<f64>, off: f64, what: &str) {
    match (own, expected) {
        (None, None) => {}
        (Some(own), Some(expected)) => {
            let near = (own - expected).abs() <= off * expected.abs().max(1.0);
            assert!(near, "{what}: {own} and {expected}");
        }
        _ => panic!("{what}: {own:?} and {expected:?}"),
    }
}

fn assert_share(own: &Share, expected: &Value, what: &str) {
    for (at, own) in [own.value, own.low, own.high].into_iter().enumerate() {
        assert_near(own, expected[at].as_f64(), 1e-9, what);
    }
}

/// Holds a study against `replay.py`.
fn assert_golden(found: &Sensitivity, name: &str) {
    let expected: Value = serde_json::from_str(&golden(&format!("expected_{name}.json"))).expect("JSON");
    assert_eq!(found.runs as u64, expected["runs"].as_u64().unwrap());
    assert_eq!(found.distinct_runs as u64, expected["distinct_runs"].as_u64().unwrap());
    let outputs = expected["outputs"].as_array().expect("outputs");
    assert_eq!(found.outputs.len(), outputs.len());
    for (own, expected) in found.outputs.iter().zip(outputs) {
        let word = expected["output"].as_str().unwrap();
        assert_eq!(own.output.word(), word);
        for (what, own) in [
            ("nominal", own.nominal),
            ("mean", own.mean),
            ("sd", own.sd),
            ("low", own.low),
            ("median", own.median),
            ("high", own.high),
        ] {
            assert_near(own, expected[what].as_f64(), 1e-10, &format!("{name}: {word}: {what}"));
        }
        for row in &own.factors {
            let what = format!("{name}: {word}: {}", row.factor);
            assert_share(&row.first, &expected["factors"][&row.factor]["first"], &what);
            assert_share(&row.total, &expected["factors"][&row.factor]["total"], &what);
        }
    }
    let resolution = [found.spread.index_resolution, found.spread.rank_resolution];
    let [of_index, of_rank] = resolution.map(|width| width.unwrap_or(0.0) + 1e-9);
    let table = golden(&format!("expected_{name}.csv"));
    for line in table.lines().skip(1) {
        let cells: Vec<Option<f64>> = line.split(',').map(|cell| cell.parse().ok()).collect();
        let row = cells[0].unwrap() as usize;
        let own = found.persons()[row];
        let what = |column: &str| format!("{name}: row {row}: {column}");
        assert_near(own.index, cells[1], 1e-12, &what("index"));
        assert_near(own.rank, cells[2], 0.0, &what("rank"));
        assert_eq!(f64::from(own.runs), cells[3].unwrap(), "{}", what("runs"));
        assert_near(own.index_mean, cells[4], 1e-11, &what("index_mean"));
        let absolute = |own: Option<f64>, expected: Option<f64>, off: f64, column: &str| {
            assert_eq!(own.is_some(), expected.is_some(), "{}", what(column));
            if let Some((own, expected)) = own.zip(expected) {
                assert!((own - expected).abs() <= off, "{}: {own} and {expected}", what(column));
            }
        };
        absolute(own.index_low, cells[5], of_index, "index_low");
        absolute(own.index_median, cells[6], of_index, "index_median");
        absolute(own.index_high, cells[7], of_index, "index_high");
        absolute(own.rank_low, cells[8], of_rank, "rank_low");
        absolute(own.rank_median, cells[9], of_rank, "rank_median");
        absolute(own.rank_high, cells[10], of_rank, "rank_high");
        assert_near(own.other_band, cells[11], 1e-12, &what("other_band"));
    }
}

#[test]
fn studies_are_those_computed_once_more() {
    let small = small();
    for name in ["small", "standard"] {
        let found = of(&small, &spec(name));
        assert!(found.spread.exact);
        assert_golden(&found, name);
    }
    let found = of(&adults(), &spec("nhanes"));
    assert!(!found.spread.exact && found.spread.index_resolution.unwrap() < 2.0);
    assert_golden(&found, "nhanes");
}

/// The factor `idle` puts other words in a title.
#[test]
fn what_changes_nothing_has_exactly_no_share() {
    let found = of(&small(), &spec("small"));
    for figures in found.outputs.iter().filter(|figures| figures.sd.unwrap() > 0.0) {
        let idle = figures.factors.iter().find(|row| row.factor == "idle").expect("a factor");
        for share in [idle.first, idle.total] {
            assert_eq!([share.value, share.low, share.high], [Some(0.0); 3], "{}", figures.output.word());
        }
    }
}

#[test]
fn the_definition_as_it_is_is_scored_as_ever() {
    let cohort = small();
    let scores = Index::new(cohort.definition()).unwrap().score_cohort(&cohort).unwrap();
    let found = of(&cohort, &spec("small"));
    let bits = |index: Option<f64>| index.map(f64::to_bits);
    for (row, person) in found.persons().iter().enumerate() {
        assert_eq!(bits(person.index), bits(scores.row(row).unwrap().value()));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (small, adults) = (small(), adults());
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            [(&small, "small"), (&adults, "nhanes")].map(|(cohort, name)| {
                let found = of(cohort, &spec(name));
                let mut persons = Vec::new();
                report::sensitivity_persons_csv(cohort, &found, CsvStyle::default(), &mut persons).unwrap();
                (json(&found).to_string(), persons)
            })
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(7));
}

/// Every run from scratch: the text of the definition edited, read, calibrated on the persons, scored.
fn assert_from_scratch(text: &str, factors: &str, edit: impl Fn(&str, &[String]) -> String) {
    let people = format!("{FOLDER}/small.csv");
    let definition = Definition::from_toml(text).unwrap_or_else(|e| panic!("{e}"));
    let cohort = Cohort::read_csv(&definition, &people).unwrap();
    let spec = asked(factors).with_design();
    let found = of(&cohort, &spec);
    let design = found.design().expect("the runs");
    let places: Vec<usize> = spec
        .factors()
        .map(|factor| design.columns.iter().position(|name| name == factor).expect("a column"))
        .collect();
    let mean_index = design.columns.len() - 1;
    let mut done = std::collections::BTreeSet::new();
    for row in &design.rows {
        let word = |at: &usize| match &row[*at] {
            DesignCell::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        let states: Vec<String> = places.iter().map(word).collect();
        if !done.insert(states.clone()) {
            continue;
        }
        let edited = Definition::from_toml(&edit(text, &states)).unwrap_or_else(|e| panic!("{e}"));
        let cohort = Cohort::read_csv(&edited, &people).unwrap();
        let scores = Index::calibrate(&cohort).unwrap().score_cohort(&cohort).unwrap();
        let scored: Vec<f64> = scores.index_or_nan().iter().copied().filter(|x| !x.is_nan()).collect();
        let mean = scored.iter().sum::<f64>() / scored.len() as f64;
        let DesignCell::Number(own) = row[mean_index] else { panic!("a number") };
        assert_near(own, Some(mean), 1e-13, &states.join("; "));
    }
    assert!(done.len() > 3, "{done:?}");
}

/// Puts a value in the place of a line's value, unless it is that of the definition as it is.
fn with(text: &str, line: &str, state: &str) -> String {
    assert!(text.contains(line), "{line}");
    let key = line.split('=').next().unwrap();
    if state == "as it is" { text.to_owned() } else { text.replace(line, &format!("{key}= {state}")) }
}

#[test]
fn alternatives_of_every_step_are_those_from_scratch() {
    let text = golden("small.toml");
    // Normalisation of one indicator, the missing rule, the aggregate.
    assert_from_scratch(
        &text,
        r#"
        [[factor]]
        id = "steps"
        key = "indicator.steps.utility"
        values = [{ goalposts = [1000, 9000] }, { points = [[0, 10], [5000, 60], [10000, 90]] }]
        [[factor]]
        id = "missing"
        key = "index.missing.at_least"
        values = [0.2, 1]
        [[factor]]
        id = "aggregate"
        key = "pillar.mind.aggregate"
        values = ["geometric"]
        "#,
        |text, states| {
            let text = with(text, "utility = { goalposts = [2000, 12000] }", &states[0]);
            let text = with(&text, "at_least = 0.6", &states[1]);
            let lists = "children = [\"mood\", \"stress\"]";
            match states[2].as_str() {
                "as it is" => text,
                state => text.replace(lists, &format!("{lists}\naggregate = {state}")),
            }
        },
    );
    // Gaps that are filled, persons who are screened, and nodes that learn from those who are not.
    let text = text
        .replace("[person]", "[impute]\nmethod = \"mean\"\n\n[screen]\nat_least = 0.5\n\n[person]")
        .replace(
            "children = { steps = 2, sleep = 1, bmi = 1 }",
            "children = [\"steps\", \"sleep\", \"bmi\"]\nweights = \"equal\"",
        )
        .replace("children = { body = 1, mind = 2 }", "children = [\"body\", \"mind\"]\nweights = \"sd\"");
    assert_from_scratch(
        &text,
        r#"
        [[factor]]
        id = "filled"
        key = "impute.method"
        values = ["median", "siblings", "none"]
        [[factor]]
        id = "screen"
        key = "screen.at_least"
        values = [0.9]
        [[factor]]
        id = "weights"
        key = "pillar.body.weights"
        values = ["sd", "critic"]
        "#,
        |text, states| {
            let text = with(text, "method = \"mean\"", &states[0]);
            let text = with(&text, "at_least = 0.5\n\n[person]", &states[1]);
            let text = text.replace("at_least = 0.9", "at_least = 0.9\n\n[person]");
            with(&text, "weights = \"equal\"", &states[2])
        },
    );
}

#[test]
fn what_is_not_kept_whole_is_within_the_resolution_said() {
    let cohort = small();
    let whole = of(&cohort, &spec("small"));
    let text = golden("small_spec.toml").replace("points    = 32", "points    = 32\ncells     = 0");
    let grids = of(&cohort, &SensitivitySpec::from_toml(&text).unwrap());
    assert!(whole.spread.exact && !grids.spread.exact);
    assert_eq!(json(&whole)["outputs"], json(&grids)["outputs"]);
    let (index, rank) = (grids.spread.index_resolution.unwrap(), grids.spread.rank_resolution.unwrap());
    for (a, b) in whole.persons().iter().zip(grids.persons()) {
        assert_eq!((a.runs, a.index_mean, a.other_band), (b.runs, b.index_mean, b.other_band));
        for (a, b, off) in [
            (a.index_low, b.index_low, index),
            (a.index_median, b.index_median, index),
            (a.index_high, b.index_high, index),
            (a.rank_low, b.rank_low, rank),
            (a.rank_median, b.rank_median, rank),
            (a.rank_high, b.rank_high, rank),
        ] {
            assert_eq!(a.is_some(), b.is_some());
            assert!(a.zip(b).is_none_or(|(a, b)| (a - b).abs() <= off));
        }
    }
}

#[test]
fn runs_learn_from_whom_they_are_told() {
    let cohort = small();
    let factors = r#"
        [[factor]]
        id = "normalisation"
        key = "indicator.*.utility"
        values = ["z", "t"]
        nominal = false
        "#;
    let study = |spec: &SensitivitySpec, learns| Sensitivity::of(&cohort, spec, learns, Audience::Research);
    let here = study(&asked(factors), LearnsFrom::Persons).unwrap();
    let reference = study(&asked(factors), LearnsFrom::Reference(&cohort)).unwrap();
    assert_eq!((here.learned_from, reference.learned_from), ("persons", "reference"));
    assert_eq!(json(&here)["outputs"], json(&reference)["outputs"]);
    // What was learned once of the definition as it is has the means of every measure, too.
    let calibration = vointi::Calibration::learn(&cohort).unwrap();
    let fixed = study(&asked(factors), LearnsFrom::Calibration(&calibration)).unwrap();
    assert_eq!(json(&here)["outputs"], json(&fixed)["outputs"]);
    let once = asked(&format!("recalibrate = false\n{factors}"));
    assert_eq!(study(&once, LearnsFrom::Persons).unwrap().learned_from, "calibration");
    let again = asked(&format!("recalibrate = true\n{factors}"));
    let error = study(&again, LearnsFrom::Calibration(&calibration)).unwrap_err();
    assert_eq!(
        (error.kind(), error.faults()[0].place().key()),
        (ErrorKind::Calibration, Some("recalibrate"))
    );
    let other = adults();
    let error = study(&once, LearnsFrom::Reference(&other)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Definition);
}

#[test]
fn faults_of_all_alternatives_come_together() {
    let cohort = small();
    let faults = |text: &str| {
        let spec = SensitivitySpec::from_toml(&format!("schema = 1\npoints = 4\n{text}")).unwrap();
        let error = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research).unwrap_err();
        error.to_string()
    };
    // Of the spec against the definition.
    assert_snapshot!(
        "sensitivity_places",
        faults(
            r#"
        [[factor]]
        id = "a"
        key = "indicator.steps.utility.goalposts[2]"
        range = [0, 1]
        [[factor]]
        id = "b"
        weights = ["pillar.bodi"]
        share = 0.2
        [[factor]]
        id = "c"
        key = "index.aggregate"
        values = ["geometric"]
        [[factor]]
        id = "d"
        key = "*.aggregate"
        values = ["geometric"]
    "#
        )
    );
    // Of the definitions that the alternatives would be.
    assert_snapshot!(
        "sensitivity_alternatives",
        faults(
            r#"
        [[factor]]
        id = "aggregation"
        key = "index.aggregate"
        values = ["geometrical", "harmonic", { power = 1000 }]
        [[factor]]
        id = "cut"
        key = "index.missing.at_least"
        range = [0.4, 1.4]
        [[factor]]
        id = "normalisation"
        key = "indicator.*.utility"
        values = ["z"]
        except = ["indicator.mood.utility"]
    "#
        )
    );
    // Each by itself will do, both together will not.
    assert_snapshot!(
        "sensitivity_together",
        faults(
            r#"
        [[factor]]
        id = "aggregation"
        key = "index.aggregate"
        values = ["harmonic"]
        [[factor]]
        id = "normalisation"
        key = "indicator.*.utility"
        values = ["z"]
    "#
        )
    );
    let error = SensitivitySpec::from_toml(
        "schema = 2\npoints = 1\nlevel = 1\noutput = \"rank_shift\"\n[[factor]]\nid = \"a\"\nkey = \"index.\"\nvalues = [1]\n\
         [[factor]]\nid = \"a\"\nshare = 1\n[[factor]]\nid = \"b\"\nkeys = { a = [1], b = [1, 2] }\n",
    )
    .unwrap_err();
    assert_snapshot!("sensitivity_spec", error.to_string());
}

#[test]
fn an_employer_sees_the_group_alone() {
    let cohort = adults();
    let study = |cohort: &Cohort, text: &str| {
        let text = text.replace("output = [\"mean_rank_shift\", \"mean_index\"]", "");
        let spec = SensitivitySpec::from_toml(&format!("schema = 1\npoints = 4\n{text}")).unwrap();
        Sensitivity::of(cohort, &spec, LearnsFrom::Persons, Audience::Employer)
    };
    let factor = "[[factor]]\nid = \"w\"\nweights = \"all\"\nshare = 0.1\n";
    let found = study(&cohort, factor).unwrap();
    assert!(found.persons().is_empty() && found.ranks.is_empty() && json(&found)["ranks"].is_null());
    assert!(!report::sensitivity_html(&found).contains("id=\"ranks"));
    let error = study(&cohort, &format!("output = \"max_rank_shift\"\n{factor}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Audience);
    let few = "person,steps,sleep,bmi,mood,stress\n1,5000,7,22,5,10\n2,4000,7,22,5,10\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("few.csv"), few).unwrap();
    let few = Cohort::read_csv(small().definition(), folder.path().join("few.csv")).unwrap();
    assert_eq!(study(&few, factor).unwrap_err().kind(), ErrorKind::Audience);
    assert_eq!(format!("{:?}", found.persons().first()), "None");
    assert!(!format!("{:?}", of(&small(), &asked(factor)).persons()).contains(|c: char| c.is_ascii_digit()));
}

#[test]
fn the_program_studies_stored_files() {
    let desk = Desk::new();
    for name in ["small.toml", "small.csv", "small_spec.toml"] {
        desk.put(name, golden(name));
    }
    let arguments = ["sensitivity", "small.toml", "small.csv", "--spec", "small_spec.toml"];
    let with = |more: &[&str]| desk.run(&[arguments.as_slice(), more].concat()).ok();
    assert_snapshot!("sensitivity_small", with(&[]).out);
    with(&["-o", "out.json", "--persons", "persons.csv", "--design", "design.csv", "--threads", "2"]);
    with(&["-o", "out.html"]);
    with(&["-o", "out.md"]);
    with(&["-o", "out.csv"]);
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(root().join("data/schemas/sensitivity.json")).unwrap())
            .unwrap();
    let own: Value = serde_json::from_str(&desk.read("out.json")).expect("JSON");
    assert_valid(&own, &schema, "sensitivity");
    // Both as read from a text, whose digits are those of the numbers.
    let text = serde_json::to_string(&json(&of(&small(), &spec("small")))).expect("JSON");
    assert_eq!(own, serde_json::from_str::<Value>(&text).expect("JSON"));
    assert!(desk.read("persons.csv").starts_with("person,index,rank,runs,index_mean,index_low,"));
    assert_eq!(desk.read("persons.csv").lines().count(), 91);
    assert_eq!(desk.read("design.csv").lines().count(), 257);
    let page = desk.read("out.html");
    assert!(page.contains("<svg") && !page.contains("<script") && page.contains("rank as the definition is"));
    assert!(desk.read("out.md").contains("\n## Where persons could stand\n"));
    assert_eq!(desk.read("out.csv").lines().count(), 1 + 8 * 6);

    let folder = root();
    let study = vointi(
        &folder,
        &[
            "sensitivity",
            "nhanes",
            ADULTS,
            "--spec",
            &format!("{FOLDER}/nhanes_spec.toml"),
            "--format",
            "json",
        ],
    );
    let own: Value = serde_json::from_str(&study.ok().out).expect("JSON");
    assert_valid(&own, &schema, "sensitivity");
    assert_eq!(own["learned_from"], "calibration", "the definition names one");
    let refused = vointi(
        &folder,
        &[
            "sensitivity",
            "nhanes",
            ADULTS,
            "--spec",
            &format!("{FOLDER}/nhanes_spec.toml"),
            "--audience",
            "employer",
            "--persons",
            "persons.csv",
        ],
    );
    assert_eq!(refused.code, Some(2), "{}", refused.told());
}

#[test]
fn the_schemas_are_those_of_the_program() {
    for (of, name) in [("sensitivity", "sensitivity.json"), ("sensitivity-spec", "sensitivity-spec.json")] {
        let stored = fs::read_to_string(root().join("data/schemas").join(name)).expect("a file");
        assert_eq!(vointi(&root(), &["schema", of]).ok().out, stored, "{name}");
    }
    let printed: Value = serde_json::from_str(&SensitivitySpec::json_schema()).expect("JSON");
    assert!(printed["properties"]["factor"].is_object());
}
