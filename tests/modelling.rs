//! `model`, `explain`, `what-if` and `report` as a process: on the shipped people and on a second, different file, against
//! what R and Python found.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Desk, Run, root, vointi};

const ADULTS: &str = "data/nhanes/adults.csv";
/// Invented people: text levels, numbers as levels, a third of the cells empty; their index is one of their columns.
const OTHERS: [&str; 2] = ["tests/fixtures/choices/definition.toml", "tests/golden/models/second.csv"];

fn run(arguments: &[&str]) -> Run {
    vointi(&root(), arguments)
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&run(&[arguments, &["--format", "json"]].concat()).ok().out).expect("JSON")
}

fn golden(file: &str) -> Value {
    let text = fs::read_to_string(root().join("tests/golden/models").join(file)).expect("a golden file");
    serde_json::from_str(&text).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

#[track_caller]
fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let apart = (found - expected).abs();
    assert!(
        apart <= tolerance * expected.abs().max(1e-300) || apart == 0.0,
        "{what}: {found} and not {expected}"
    );
}

/// The estimates of a program's model beside R's, term by term; `terms` are R's names for ours where they differ.
fn assert_estimates(model: &Value, expected: &Value, covariance: &str, rename: &dyn Fn(&str) -> String) {
    assert_valid(model, &schema(), "model");
    assert_eq!(model["n"], expected["n"]);
    assert_eq!(model["covariance"], covariance);
    let terms = expected["terms"].as_array().expect("terms");
    assert_eq!(model["estimates"].as_array().expect("estimates").len(), terms.len());
    let of = &expected["covariances"][covariance];
    for (at, term) in terms.iter().enumerate() {
        let name = rename(term.as_str().expect("a name"));
        let row =
            model["estimates"].as_array().into_iter().flatten().find(|row| row["term"] == name.as_str());
        let row = row.unwrap_or_else(|| panic!("no term {name}"));
        assert_close(number(&row["estimate"]), number(&expected["estimate"][at]), 1e-10, &name);
        for key in ["std_error", "statistic", "low", "high"] {
            // Longley's robust errors are wrong by 8e-8 in R itself.
            assert_close(number(&row[key]), number(&of[key][at]), 1e-9, &format!("{name} {key}"));
        }
        assert_close(number(&row["p"]), number(&of["p"][at]), 1e-8, &format!("{name} p"));
        assert_eq!(number(&row["df"]), number(&expected["residual_df"]));
    }
    for key in ["r2", "adj_r2", "sigma", "log_likelihood", "aic", "bic"] {
        assert_close(number(&model[key]), number(&expected[key]), 1e-10, key);
    }
    assert_close(
        number(&model["condition_number"]),
        number(&expected["condition_number"]),
        1e-9,
        "condition",
    );
    assert!(number(&model["second_opinion"]["max_relative_difference"]) < 1e-7);
    let dropped: usize = model["dropped"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|dropped| dropped["rows"].as_u64().expect("a count") as usize)
        .sum();
    let counts = expected["dropped"].as_object().expect("counts");
    assert_eq!(
        dropped,
        counts.values().map(|count| count.as_u64().expect("a count") as usize).sum::<usize>()
    );
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("data/schemas/model.json")).expect("a file"))
        .expect("JSON")
}

/// As much of JSON Schema as ours says: types, properties, items, words.
pub(crate) fn assert_valid(value: &Value, schema: &Value, place: &str) {
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{place}: {value} is none of {words:?}");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{place}: the schema says {other}"),
    };
    assert!(kinds.is_empty() || kinds.iter().any(|kind| is(kind)), "{place}: {value} is no {kinds:?}");
    if let Value::Object(members) = value {
        for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(members.contains_key(key), "{place}: no {key}");
        }
        for (key, member) in members {
            let known = &schema["properties"][key];
            assert!(known.is_object(), "{place}: {key} is not in the schema");
            assert_valid(member, known, &format!("{place}.{key}"));
        }
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        assert_valid(item, &schema["items"], &format!("{place}[{at}]"));
    }
}

#[test]
fn the_schemas_are_those_of_the_program() {
    let spec = fs::read_to_string(root().join("data/schemas/model-spec.json")).expect("a file");
    assert_eq!(run(&["schema", "model"]).ok().out, spec);
    assert_eq!(
        run(&["schema", "fitted"]).ok().out,
        fs::read_to_string(root().join("data/schemas/model.json")).unwrap()
    );
}

#[test]
fn the_survey_has_the_model_of_r() {
    let expected = golden("nhanes.json");
    let own = json(&["model", "nhanes", ADULTS]);
    assert_estimates(&own, &expected["index"], "hc3", &str::to_owned);
    assert!(own["remarks"][0].as_str().unwrap().contains("`sleep`"), "shared content is said");
    // The definition may be named apart from the people, and a file may say otherwise than it.
    assert_eq!(json(&["model", "--definition", "nhanes", ADULTS]), own);
    let desk = Desk::new();
    desk.put(
        "felt.toml",
        "outcome = 'pillar.felt'\ncovariance = 'hc1'\n[[term]]\ncolumn = 'smoking'\nkind = 'factor'\n\
         reference = 'never'\n[[term]]\ncolumn = 'sleep_hours'\n",
    );
    let adults = root().join(ADULTS);
    let felt = desk.run(&[
        "model",
        "felt.toml",
        adults.to_str().unwrap(),
        "--definition",
        "nhanes",
        "--format",
        "json",
    ]);
    let felt = serde_json::from_str(&felt.ok().out).expect("JSON");
    assert_estimates(&felt, &expected["felt"], "hc1", &str::to_owned);
}

#[test]
fn any_table_has_the_model_of_r() {
    let expected = golden("expected.json");
    for (set, covariance) in
        [("mtcars", "hc3"), ("longley", "classical"), ("swiss", "hc0"), ("second", "hc1")]
    {
        let of = |ending: &str| format!("tests/golden/models/{set}.{ending}");
        let model = json(&["model", &of("toml"), &of("csv")]);
        assert_estimates(&model, &expected[set], covariance, &str::to_owned);
    }
}

/// R's names of the second file's terms, as its definition names them.
fn as_choices(name: &str) -> String {
    [("yöuni", "sleep"), ("askeleet", "steps"), ("työ", "work"), ("luokka", "grade")]
        .iter()
        .fold(name.to_owned(), |name, (column, choice)| name.replace(column, choice))
}

#[test]
fn other_people_have_the_model_of_r_by_their_definition() {
    let model = json(&["model", OTHERS[0], OTHERS[1]]);
    assert_estimates(&model, &golden("expected.json")["second"], "hc1", &as_choices);
}

#[test]
fn models_come_in_three_formats() {
    assert_snapshot!("model_nhanes", run(&["model", "nhanes", ADULTS]).ok().out);
    assert_snapshot!(
        "model_mtcars",
        run(&["model", "tests/golden/models/mtcars.toml", "tests/golden/models/mtcars.csv"]).ok().out
    );
    assert_snapshot!("model_others", run(&["model", OTHERS[0], OTHERS[1]]).ok().out);
    let csv = run(&["model", OTHERS[0], OTHERS[1], "--format", "csv", "--csv", "excel-eu"]).ok().out;
    assert!(csv.starts_with(
        "\u{feff}term;column;level;reference;estimate;std_error;df;statistic;p;low;high\n(intercept);;;;23,0"
    ));
    assert_eq!(csv.lines().count(), 1 + 8);
}

#[test]
fn differences_are_those_of_r() {
    for person in golden("nhanes.json")["what_if"]["persons"].as_array().expect("persons") {
        for scenario in person["scenarios"].as_array().expect("scenarios") {
            let id = person["id"].as_str().expect("an id");
            let set: Vec<String> = scenario["set"]
                .as_object()
                .expect("settings")
                .iter()
                .map(|(choice, value)| {
                    format!(
                        "--set={choice}={}",
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                    )
                })
                .collect();
            let mut arguments = vec!["what-if", "nhanes", ADULTS, "--person", id];
            arguments.extend(set.iter().map(String::as_str));
            let found = json(&arguments);
            let expected = &scenario["difference"];
            for key in ["estimate", "std_error", "low", "high", "df"] {
                assert_close(number(&found["difference"][key]), number(&expected[key]), 1e-9, key);
            }
            for (ours, theirs) in [
                ("mean", "mean"),
                ("low", "low"),
                ("high", "high"),
                ("person_low", "predict_low"),
                ("person_high", "predict_high"),
            ] {
                assert_close(number(&found["then"][ours]), number(&scenario["then"][theirs]), 1e-9, ours);
                assert_close(number(&found["now"][ours]), number(&person["now"][theirs]), 1e-9, ours);
            }
            assert_eq!((&found["outside_data"], found["n"].as_u64()), (&Value::Bool(false), Some(3974)));
        }
    }
    let share = json(&["what-if", "nhanes", ADULTS, "--set", "sleep_hours=7.5", "--above", "75"]);
    let expected = &golden("nhanes.json")["what_if"]["cohort"];
    assert_close(number(&share["now"]["estimate"]), number(&expected["before"]), 1e-9, "before");
    assert_close(number(&share["then"]["estimate"]), number(&expected["after"]), 1e-9, "after");
    assert_eq!(
        json(&["what-if", "nhanes", ADULTS, "--set", "sleep_hours=7.5"]),
        share,
        "the highest band begins at 75"
    );
}

/// A difference in one term is the estimate times the change, with its error.
#[test]
fn differences_among_other_people_are_those_of_r() {
    let expected = &golden("expected.json")["second"];
    let at = |term: &str| {
        expected["terms"].as_array().unwrap().iter().position(|name| name == term).expect("a term of R's")
    };
    let of = |term: &str| {
        let at = at(term);
        [number(&expected["estimate"][at]), number(&expected["covariances"]["hc1"]["std_error"][at])]
    };
    let [hour, error] = of("yöuni");
    let longer = json(&["what-if", OTHERS[0], OTHERS[1], "--person", "h002", "--set", "sleep=8.89"]);
    assert_close(number(&longer["difference"]["estimate"]), hour, 1e-9, "an hour more");
    assert_close(number(&longer["difference"]["std_error"]), error, 1e-9, "its error");
    let [office, error] = of("työ[toimisto]");
    let home = json(&["what-if", OTHERS[0], OTHERS[1], "--person", "h002", "--set", "work=etä"]);
    assert_close(number(&home["difference"]["estimate"]), -office, 1e-9, "home instead of office");
    assert_close(number(&home["difference"]["std_error"]), error, 1e-9, "its error");
}

#[test]
fn what_if_is_told_in_words() {
    let person =
        ["what-if", "nhanes", ADULTS, "--person", "3", "--set", "smoking=former", "--set", "sleep_hours=7.5"];
    assert_snapshot!("what_if_person", run(&person).ok().out);
    assert_snapshot!("what_if_csv", run(&[&person[..], &["--format", "csv"]].concat()).ok().out);
    assert_snapshot!("what_if_cohort", run(&["what-if", OTHERS[0], OTHERS[1], "--set", "work=etä"]).ok().out);
}

#[test]
fn contributions_are_those_of_an_independent_program() {
    let sets = [
        ("data/definitions/nhanes.toml", ADULTS, "nhanes_expected.csv"),
        (
            "tests/fixtures/explain/definition.toml",
            "tests/fixtures/explain/people.csv",
            "nested_expected.csv",
        ),
    ];
    for (definition, data, file) in sets {
        let text = fs::read_to_string(root().join("tests/golden/explain").join(file)).expect("a golden file");
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
        for line in lines.take(6) {
            let cells: Vec<&str> = line.split(',').collect();
            let found = json(&["explain", definition, data, "--person", cells[0]]);
            let score: f64 = cells[2].parse().expect("a score");
            assert_close(number(&found["score"]), score, 1e-11, "score");
            assert_close(number(&found["baseline"]), cells[1].parse().expect("a score"), 1e-11, "baseline");
            let mut sum = 0.0;
            for row in found["rows"].as_array().expect("rows") {
                let at = header.iter().position(|name| row["id"] == *name).expect("a column");
                let expected: f64 = cells[at].parse().unwrap_or(0.0);
                let points = number(&row["points"]);
                assert!((points - expected).abs() < 1e-9, "{}: {points} and not {expected}", header[at]);
                sum += points;
            }
            assert!((sum - (number(&found["score"]) - number(&found["baseline"]))).abs() < 1e-9);
        }
    }
}

#[test]
fn explanations_are_told_in_words() {
    assert_snapshot!("explain_person", run(&["explain", "nhanes", ADULTS, "--person", "17"]).ok().out);
    let csv = ["explain", "nhanes", ADULTS, "--person", "17", "--against", "calibration", "--format", "csv"];
    assert_snapshot!("explain_csv", run(&csv).ok().out);
}

#[test]
fn reports_come_in_four_layouts() {
    for (name, definition, data, person) in
        [("nhanes", "nhanes", ADULTS, "3"), ("others", OTHERS[0], OTHERS[1], "h002")]
    {
        let desk = Desk::new();
        let place = |file: &str| desk.path(file).to_string_lossy().into_owned();
        for ending in ["html", "md", "json", "csv"] {
            let file = format!("report.{ending}");
            run(&["report", definition, data, "-o", &place(&file)]).ok();
            let page = format!("person.{ending}");
            run(&["report", definition, data, "--person", person, "-o", &place(&page)]).ok();
            for text in [desk.read(&file), desk.read(&page)] {
                assert!(!text.is_empty());
                let alone =
                    !text.contains("<script") && !text.contains("<link") && !text.contains("src=\"http");
                assert!(alone, "{ending}: nothing from outside");
            }
        }
        let findings: Value = serde_json::from_str(&desk.read("report.json")).expect("JSON");
        assert!(findings["choices"]["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
        assert_snapshot!(format!("report_{name}"), desk.read("report.md"));
        assert_snapshot!(format!("report_person_{name}"), desk.read("person.md"));
    }
}

#[test]
fn the_demo_writes_the_whole_folder() {
    let desk = Desk::new();
    desk.run(&["demo"]).ok();
    let in_demo = |file: &str| desk.read(&format!("vointi-demo/{file}"));
    let place = desk.path("report.html").to_string_lossy().into_owned();
    run(&["report", "nhanes", ADULTS, "-o", &place]).ok();
    assert_eq!(in_demo("report.html"), desk.read("report.html"));
    assert_eq!(in_demo("estimates.csv"), run(&["model", "nhanes", ADULTS, "--format", "csv"]).ok().out);
    let model: Value = serde_json::from_str(&in_demo("model.json")).expect("JSON");
    assert_valid(&model, &schema(), "model");
    assert_eq!(model, json(&["model", "nhanes", ADULTS]));
    let person = run(&["explain", "nhanes", ADULTS, "--person", "3", "--format", "csv"]).ok().out;
    assert_eq!(in_demo("contributions.csv"), person);
    for file in ["report.md", "report.json", "report.csv", "person.html", "person.md", "what_if.json"] {
        assert!(!in_demo(file).is_empty(), "{file}");
    }
}

// ---- what is refused ------------------------------------------------------------------------------------------------

fn refused(arguments: &[&str], code: i32) -> String {
    let run = run(arguments);
    assert_eq!(run.code, Some(code), "{}", run.told());
    assert!(run.out.is_empty());
    // How the file was read is no part of the refusal.
    run.err.lines().filter(|line| !line.contains("UTF-8, `,`")).collect::<Vec<_>>().join("\n")
}

fn refused_model(spec: &str, code: i32) -> String {
    let desk = Desk::new();
    desk.put("spec.toml", spec);
    let spec = desk.path("spec.toml").to_string_lossy().into_owned();
    let told = refused(&["model", &spec, ADULTS, "--definition", "nhanes"], code);
    told.replace(&spec, "spec.toml")
}

#[test]
fn models_that_cannot_be_are_refused() {
    let term = |column: &str| format!("[[term]]\ncolumn = '{column}'\n");
    let spec = |outcome: &str, columns: &[&str]| {
        format!("outcome = '{outcome}'\n{}", columns.iter().map(|column| term(column)).collect::<String>())
    };
    // Law 4: the outcome contains the term, as it stands, as a score, or by a column it is made of.
    let told = refused_model(&spec("index", &["bmi", "indicator.mood", "pillar.felt", "sleep_hours"]), 5);
    assert_snapshot!("model_outcome_contains", told);
    assert_snapshot!("model_unknown", refused_model(&spec("indx", &["sleep_hour", "smoking", "smoking"]), 5));
    assert_snapshot!("model_text", refused_model(&spec("education", &["sleep_hours"]), 5));
    assert_snapshot!(
        "model_level",
        refused_model(&(spec("index", &["smoking"]) + "reference = 'rarely'\n"), 5)
    );
    assert_snapshot!("model_spec", refused_model("outcom = 'index'\ncovariance = 'hc9'\nlevel = 95\n", 5));
}

/// The felt side holds nothing of the measured one, so one may explain the other.
#[test]
fn a_side_may_explain_the_other() {
    let desk = Desk::new();
    desk.put("spec.toml", "outcome = 'pillar.felt'\n[[term]]\ncolumn = 'indicator.bmi'\n");
    let spec = desk.path("spec.toml").to_string_lossy().into_owned();
    let model = json(&["model", &spec, ADULTS, "--definition", "nhanes"]);
    assert_eq!(model["estimates"][1]["term"], "indicator.bmi");
}

#[test]
fn scenarios_that_cannot_be_are_refused() {
    let of = |person: &str, set: &[&str]| {
        let set: Vec<String> = set.iter().map(|set| format!("--set={set}")).collect();
        let mut arguments = vec!["what-if", "nhanes", ADULTS, "--person", person];
        arguments.extend(set.iter().map(String::as_str));
        refused(&arguments, 5)
    };
    assert_snapshot!("scenario_unreachable", of("3", &["smoking=never"]));
    assert_snapshot!(
        "scenario_faults",
        of("3", &["smokin=former", "sleep_hours=25", "diet=superb", "alcohol_g=0", "sitting_minutes=little"])
    );
    assert_snapshot!(
        "scenario_of_nothing",
        refused(&["what-if", "nhanes", ADULTS, "--person", "3", "--set", "smoking"], 5)
    );
}

#[test]
fn nothing_of_a_person_is_for_an_employer() {
    let employer = ["--audience", "employer"];
    for arguments in [
        &["explain", "nhanes", ADULTS, "--person", "3"][..],
        &["what-if", "nhanes", ADULTS, "--person", "3", "--set", "sleep_hours=7"],
        &["model", "nhanes", ADULTS],
        &["report", "nhanes", ADULTS, "--person", "3", "-o", "-", "--format", "text"],
    ] {
        let told = refused(&[arguments, &employer].concat(), 2);
        assert!(told.contains("not for an employer"), "{told}");
    }
    let figures =
        run(&["report", "nhanes", ADULTS, "-o", "-", "--format", "json", "--audience", "employer"]).ok();
    let figures: Value = serde_json::from_str(&figures.out).expect("JSON");
    let score = run(&["score", "nhanes", ADULTS, "--format", "json", "--audience", "employer"]).ok();
    assert_eq!(
        figures,
        serde_json::from_str::<Value>(&score.out).expect("JSON"),
        "the figures of the group, nothing more"
    );
}

#[test]
fn misuse_is_told() {
    assert!(refused(&["model", ADULTS], 2).contains("--definition"));
    assert!(refused(&["report", "nhanes", ADULTS], 2).contains("-o"));
    assert!(refused(&["report", "nhanes", ADULTS, "-o", "report.pdf"], 2).contains(".html"));
    assert!(
        refused(&["explain", "nhanes", ADULTS, "--person", "nobody"], 4).contains("no person has this id")
    );
    let unscored = refused(&["explain", "nhanes", ADULTS, "--person", "9"], 4);
    assert!(unscored.contains("too_few") || unscored.contains("nothing_scored"), "{unscored}");
    let over = refused(&["model", "nhanes", ADULTS, "-o", ADULTS], 2);
    assert!(over.contains("would be overwritten"));
}

#[test]
fn every_report_says_what_it_is_for() {
    for audience in ["research", "employer"] {
        for ending in ["html", "md", "json", "csv"] {
            let desk = Desk::new();
            let place = desk.path(&format!("report.{ending}")).to_string_lossy().into_owned();
            run(&["report", "nhanes", ADULTS, "-o", &place, "--audience", audience]).ok();
            assert!(
                desk.read(&format!("report.{ending}")).contains("not a medical device"),
                "{audience} {ending}"
            );
        }
    }
}

/// R's fit of the index without the item on sleep, beside the report's, in the steps of the choices.
#[test]
fn the_fit_without_overlap_is_that_of_r() {
    let report = json(&["report", "nhanes", ADULTS, "-o", "-"]);
    let (found, expected) = (&report["choices_without_overlap"], &golden("nhanes.json")["apart"]);
    assert_eq!(found["n"], expected["n"]);
    let terms = expected["terms"].as_array().expect("terms");
    let rows = found["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 12);
    for row in rows {
        let (level, step) = (row["change"]["level"]["to"].as_str(), row["change"]["step"]["by"].as_f64());
        let choice = row["choice"].as_str().expect("an id");
        let term = level.map_or_else(|| choice.to_owned(), |level| format!("{choice}[{level}]"));
        let at = terms.iter().position(|name| *name == term.as_str()).unwrap_or_else(|| panic!("no {term}"));
        let step = step.unwrap_or(1.0);
        assert_close(number(&row["estimate"]), step * number(&expected["estimate"][at]), 1e-9, &term);
        let error = number(&expected["covariances"]["hc3"]["std_error"][at]);
        assert_close(number(&row["std_error"]), step.abs() * error, 1e-9, &term);
    }
}

/// The second file of the scores, through the program.
#[test]
fn other_people_score_as_an_independent_program_scores_them() {
    for (definition, file) in [
        ("definition.toml", "expected.csv"),
        ("standard_z.toml", "z_expected.csv"),
        ("standard_t.toml", "t_expected.csv"),
    ] {
        let desk = Desk::new();
        let norms = desk.path("norms.toml").to_string_lossy().into_owned();
        let definition = format!("tests/fixtures/second/{definition}");
        let scores =
            run(&["score", &definition, "tests/fixtures/second/people.csv", "--calibrate-here", &norms]).ok();
        let again =
            run(&["score", &definition, "tests/fixtures/second/people.csv", "--calibration", &norms]).ok();
        assert_eq!(scores.out, again.out, "a calibration is the same read back");
        let expected =
            fs::read_to_string(root().join("tests/golden/second").join(file)).expect("a golden file");
        let mut rows = 0;
        let mut lines = scores.out.lines().zip(expected.lines());
        let (ours, theirs) = lines.next().expect("a header");
        assert_eq!(
            ours.split(',').skip(2).collect::<Vec<_>>(),
            theirs.split(',').skip(2).collect::<Vec<_>>()
        );
        for (found, expected) in lines {
            rows += 1;
            for (column, (a, b)) in ours.split(',').zip(found.split(',').zip(expected.split(','))) {
                match (a.parse::<f64>(), b.parse::<f64>()) {
                    (Ok(a), Ok(b)) => {
                        assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "row {rows}, {column}")
                    }
                    _ => assert_eq!(a, b, "row {rows}, {column}"),
                }
            }
        }
        assert_eq!(rows, expected.lines().count() - 1);
    }
}
