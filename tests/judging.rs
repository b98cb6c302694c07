//! `audit` and `compare` as a process on stored files, against numpy, scipy and psych; who may see what; ties, holes and constants.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;
use vointi::{
    Cohort, Definition, ErrorKind, Index,
    definition::Audience,
    index::{Keep, Run as HowToRun},
    report,
    study::{Audit, AuditAsked, Comparison, Level, Strengths},
    table::Table,
};

use crate::{
    modelling::assert_valid,
    program::{Desk, Run, root, vointi},
};

const ADULTS: &str = "data/nhanes/adults.csv";
const SECOND: [&str; 2] = ["tests/fixtures/second/definition.toml", "tests/fixtures/second/people.csv"];
const ARITHMETIC: &str = "tests/golden/judge/second_arithmetic.toml";
const GEOMETRIC: &str = "tests/golden/judge/nhanes_geometric.toml";

fn run(arguments: &[&str]) -> Run {
    vointi(&root(), arguments)
}

fn golden(name: &str) -> Value {
    let text = fs::read_to_string(root().join("tests/golden/judge").join(name)).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

/// What a command writes as JSON, held against its schema.
fn json(arguments: &[&str]) -> Value {
    let out = run(&[arguments, &["--format", "json"]].concat()).ok().out;
    let found = serde_json::from_str(&out).expect("JSON");
    let name = if arguments[0] == "audit" { "audit" } else { "compare" };
    let schema = fs::read_to_string(root().join(format!("data/schemas/{name}.json"))).expect("a file");
    assert_valid(&found, &serde_json::from_str(&schema).expect("JSON"), name);
    found
}

#[track_caller]
fn close(found: &Value, expected: &Value, place: &str) {
    match (found.as_f64(), expected.as_f64()) {
        (Some(a), Some(b)) => {
            assert!((a - b).abs() <= 1e-10 * b.abs().max(1e-2), "{place}: {a} where {b} is expected");
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut found = list.as_array().expect("a list").iter().filter(|one| one["name"] == name);
    found.next().unwrap_or_else(|| panic!("no {name}"))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().expect("an object").iter()
}

/// Every number of the golden file, once.
fn assert_audit(found: &Value, expected: &Value) {
    for (name, figures) in members(&expected["columns"]) {
        let own = named(&found["columns"], name);
        members(figures).for_each(|(key, value)| close(&own[key], value, &format!("{name} {key}")));
    }
    let pairs = found["correlations"].as_array().expect("a list");
    assert_eq!(pairs.len(), expected["correlations"].as_object().expect("an object").len());
    for pair in pairs {
        let name = format!("{} {}", pair["first"].as_str().unwrap(), pair["second"].as_str().unwrap());
        for (key, value) in members(&expected["correlations"][&name]) {
            close(&pair[key], value, &format!("{name} {key}"));
        }
    }
    for (name, parent) in members(&expected["parents"]) {
        let own = named(&found["parents"], name);
        for key in ["complete", "kmo", "alpha"] {
            close(&own[key], &parent[key], &format!("{name} {key}"));
        }
        for key in ["chi2", "df", "p"] {
            close(&own["bartlett"][key], &parent[key], &format!("{name} {key}"));
        }
        for (at, kmo) in parent["kmo_of"].as_array().unwrap().iter().enumerate() {
            close(&own["kmo_of"][at], kmo, &format!("{name} KMO {at}"));
        }
        for (at, component) in parent["components"].as_array().unwrap().iter().enumerate() {
            let own = &own["components"][at];
            close(&own["eigenvalue"], &component["eigenvalue"], name);
            close(&own["share"], &component["share"], name);
            for (child, loading) in component["loadings"].as_array().unwrap().iter().enumerate() {
                close(&own["loadings"][child], loading, &format!("{name} loading {at} {child}"));
            }
        }
    }
    for (name, without) in members(&expected["removals"]) {
        let own = named(&found["removals"], name);
        assert_eq!(own["note"] != "", without.is_null(), "{name}");
        if !without.is_null() {
            members(without)
                .for_each(|(key, value)| close(&own[key], value, &format!("without {name} {key}")));
        }
    }
    let (own, spread) = (&found["inequality"], &expected["inequality"]);
    ["n", "mean", "gini"].iter().for_each(|key| close(&own[key], &spread[key], key));
    members(&spread["below"]).for_each(|(key, value)| close(&own["below"][key], value, key));
    for (aversion, value) in members(&spread["atkinson"]) {
        let aversion: f64 = aversion.parse().unwrap();
        let all = own["atkinson"].as_array().unwrap();
        let own = all.iter().find(|one| one["aversion"] == aversion).expect("this aversion");
        close(&own["value"], value, "Atkinson");
    }
}

fn assert_change(found: &Value, expected: &Value) {
    let own = &found["changes"][0];
    assert_eq!((&own["from"], &own["to"]), (&Value::from("kevät"), &Value::from("syksy")));
    close(&own["persons"], &expected["persons"], "persons");
    for (name, change) in members(&expected["changes"]) {
        let own = named(&own["changes"], name);
        members(change).for_each(|(key, value)| close(&own[key], value, &format!("{name} {key}")));
    }
    let Some(parts) = expected.get("contributions") else {
        assert_eq!(own["rest"], Value::Null, "a tree that is not arithmetic");
        return;
    };
    close(&own["rest"], &expected["rest"], "rest");
    let mut sum = own["rest"].as_f64().unwrap();
    for (name, part) in members(parts) {
        let own = &named(&own["changes"], name)["contribution"];
        close(own, part, name);
        sum += own.as_f64().unwrap();
    }
    let index = named(&own["changes"], "index")["change"].as_f64().unwrap();
    assert!((sum - index).abs() < 1e-12, "contributions and rest add up: {sum} {index}");
}

const AVERSIONS: [&str; 4] = ["--aversion", "0.5", "--aversion", "2"];

#[test]
fn an_audit_is_that_of_numpy_scipy_and_psych() {
    let found = json(&[&["audit", "nhanes", ADULTS][..], &AVERSIONS].concat());
    assert_audit(&found, &golden("nhanes.json"));
    let line = ["--calibrate-here", "--poverty-line", "40"];
    for (definition, name) in [(SECOND[0], "second.json"), (ARITHMETIC, "second_arithmetic.json")] {
        let found = json(&[&["audit", definition, SECOND[1]][..], &line, &AVERSIONS].concat());
        let expected = golden(name);
        assert_audit(&found, &expected);
        assert_change(&found, &expected["change"]);
    }
}

#[test]
fn a_comparison_is_that_of_numpy_and_scipy() {
    for (files, name) in [
        (["nhanes", GEOMETRIC, ADULTS], "compare_nhanes.json"),
        ([SECOND[0], ARITHMETIC, SECOND[1]], "compare_second.json"),
    ] {
        let found = json(&[&["compare"][..], &files, &["--calibrate-here"]].concat());
        let expected = golden(name);
        for key in ["both", "pearson", "pearson_p", "spearman", "spearman_p", "kendall", "kendall_p"] {
            close(&found[key], &expected[key], key);
        }
        for key in ["mean_difference", "mean_shift", "max_shift"] {
            close(&found[key], &expected[key], key);
        }
        for (at, only) in ["only_first", "only_second"].into_iter().enumerate() {
            close(&found[only]["persons"], &expected[only], only);
            close(&found["indices"][at]["mean"], &expected["means"][at], "mean");
            close(&found["indices"][at]["sd"], &expected["sds"][at], "sd");
        }
        for (at, quantile) in expected["quantiles"].as_array().unwrap().iter().enumerate() {
            close(&found["shift_quantiles"][at]["places"], quantile, "quantile");
        }
        for (at, persons) in expected["sizes"].as_array().unwrap().iter().enumerate() {
            close(&found["shift_sizes"][at]["persons"], persons, "size");
        }
        let moves: Vec<u64> = expected["moves"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|row| row.as_array().unwrap())
            .map(|persons| persons.as_u64().unwrap())
            .collect();
        let own: Vec<u64> = found["bands"]["moves"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one["persons"].as_u64().unwrap())
            .collect();
        // Geometric means of just 50 or 75, of which there are a few, may lie on either side by rounding.
        assert_eq!((own.len(), own.iter().sum::<u64>()), (moves.len(), moves.iter().sum::<u64>()));
        assert!(own.iter().zip(&moves).all(|(own, expected)| own.abs_diff(*expected) <= 5), "{own:?}");
    }
}

/// The example of Alkire and Foster 2011: four persons, k = 2 of four; and its parts by subgroup.
#[test]
fn deprivation_is_taken_apart() {
    let file = "tests/golden/composite/presets/alkire_foster.csv";
    let found = &json(&["audit", "alkire_foster", file])["deprivation"][0];
    for (key, value) in [("headcount", 0.5), ("intensity", 0.75), ("adjusted", 0.375)] {
        close(&found[key], &Value::from(value), key);
    }
    assert_eq!((&found["name"], &found["n"], &found["incomplete"]), (&"index".into(), &4.into(), &0.into()));
    // Censored headcounts by hand: the second person lacks schooling and insurance, the third everything.
    let dimensions = found["dimensions"].as_array().unwrap();
    for (one, [raw, censored]) in dimensions.iter().zip([[0.25, 0.25], [0.75, 0.5], [0.25, 0.25], [0.5, 0.5]])
    {
        close(&one["deprived"], &raw.into(), "deprived");
        close(&one["censored"], &censored.into(), "censored");
        close(&one["contribution"], &(0.25 * censored / 0.375).into(), "contribution");
    }
    let desk = Desk::new();
    let people = fs::read_to_string(root().join(file)).expect("a file");
    let lines = people.lines().zip(["group", "east", "west", "east", "west"]);
    desk.put("people.csv", lines.map(|(line, group)| format!("{line},{group}\n")).collect::<String>());
    let run = desk.run(&["audit", "alkire_foster", "people.csv", "--by", "group", "--format", "json"]).ok();
    let found: Value = serde_json::from_str(&run.out).expect("JSON");
    let groups = &found["deprivation"][0]["groups"];
    for (at, (name, adjusted, contribution)) in
        [("east", 0.5, 2.0 / 3.0), ("west", 0.25, 1.0 / 3.0)].into_iter().enumerate()
    {
        assert_eq!(groups[at]["group"], name);
        close(&groups[at]["adjusted"], &adjusted.into(), "adjusted");
        close(&groups[at]["contribution"], &contribution.into(), "contribution");
    }
    let text = desk.run(&["audit", "alkire_foster", "people.csv", "--by", "group"]).ok().out;
    assert_snapshot!("audit_deprivation", text.split("deprivation in").nth(1).unwrap_or_default());
}

#[test]
fn stored_values_are_all_compared() {
    let folder = root().join("tests/golden/judge");
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".json") || name.ends_with(".toml"))
        .collect();
    names.sort();
    let known = [
        "compare_nhanes.json",
        "compare_second.json",
        "nhanes.json",
        "nhanes_geometric.toml",
        "second.json",
        "second_arithmetic.json",
        "second_arithmetic.toml",
    ];
    assert_eq!(names, known);
}

#[test]
fn what_the_commands_print() {
    assert_snapshot!("audit_nhanes", run(&["audit", "nhanes", ADULTS]).ok().out);
    let second = ["audit", ARITHMETIC, SECOND[1], "--calibrate-here", "--poverty-line", "40"];
    assert_snapshot!("audit_second", run(&second).ok().out);
    assert_snapshot!("audit_person", {
        let out = run(&["audit", "nhanes", ADULTS, "--person", "3"]).ok().out;
        out.split("\nthe tree").next().unwrap_or_default().to_owned()
    });
    let between = ["audit", "nhanes", ADULTS, "--between", "reading", "index"];
    assert_snapshot!("audit_between", {
        let out = run(&between).ok().out;
        let start = out.find("what goes with what").expect("a section");
        let end = out.find("whether the children").expect("a section");
        out[start..end].to_owned()
    });
    let compare = ["compare", "nhanes", GEOMETRIC, ADULTS, "--calibrate-here"];
    assert_snapshot!("compare_nhanes", run(&compare).ok().out);
    assert_snapshot!(
        "compare_second",
        run(&["compare", SECOND[0], ARITHMETIC, SECOND[1], "--calibrate-here"]).ok().out
    );
}

#[test]
fn the_ending_says_how_it_is_written() {
    let desk = Desk::new();
    let (adults, other) = (root().join(ADULTS), root().join(GEOMETRIC));
    let (adults, other) = (adults.to_str().unwrap(), other.to_str().unwrap());
    for (name, begins) in
        [("a.html", "<!DOCTYPE"), ("a.md", "# nhanes"), ("a.json", "{\n"), ("a.txt", "nhanes 1.0.0")]
    {
        desk.run(&["audit", "nhanes", adults, "-o", name]).ok();
        assert!(desk.read(name).starts_with(begins), "{name}");
    }
    let compare = ["compare", "nhanes", other, adults, "--calibrate-here"];
    for (name, begins) in [("c.html", "<!DOCTYPE"), ("c.md", "# Two"), ("c.json", "{\n"), ("c.txt", "Two")] {
        desk.run(&[&compare[..], &["-o", name, "--persons", "rows.csv"]].concat()).ok();
        assert!(desk.read(name).starts_with(begins), "{name}");
    }
    let rows = desk.read("rows.csv");
    assert_eq!(rows.lines().count(), 1 + 4822);
    assert!(rows.starts_with("person,index_first,"), "{}", &rows[..80]);
    assert!(!desk.read("c.json").contains("\"person\""), "rows are in a file of their own");
    for arguments in [
        &["audit", "nhanes", adults, "-o", "a.pdf"][..],
        &["audit", "nhanes", adults, "--format", "csv"],
        &["audit", "nhanes", adults, "--between", "row", "index"],
        &["audit", "nhanes", adults, "--aversion", "-1"],
        &["audit", "nhanes", adults, "--by", "smokin"],
        &["audit", "nhanes", adults, "-o", adults],
        &["compare", "nhanes", "nhanes", adults, "--persons", "-"],
    ] {
        let told = desk.run(arguments);
        assert_ne!(told.code, Some(0), "{}", told.told());
        assert!(told.err.contains("error: "), "{}", told.told());
    }
    for (of, name) in [("audit", "audit"), ("compare", "compare")] {
        let stored = fs::read_to_string(root().join(format!("data/schemas/{name}.json"))).expect("a file");
        assert_eq!(run(&["schema", of]).ok().out, stored);
    }
}

#[test]
fn an_employer_sees_figures_of_the_group() {
    let employer = ["--audience", "employer"];
    let found = json(&[&["audit", "nhanes", ADULTS][..], &employer].concat());
    for key in ["columns", "correlations", "parents", "removals", "deprivation"] {
        assert_eq!(found[key].as_array().map(Vec::len), Some(0), "{key}");
    }
    for key in ["persons", "map", "calibration"] {
        assert!(found[key].is_null(), "{key}");
    }
    assert_eq!(found["inequality"]["below"]["persons"], 429);
    assert_snapshot!("audit_employer", run(&[&["audit", "nhanes", ADULTS][..], &employer].concat()).ok().out);
    let told = run(&[&["audit", "nhanes", ADULTS, "--person", "17"][..], &employer].concat());
    assert!(told.code == Some(2) && !told.err.contains("17"), "{}", told.told());

    let second = ["audit", ARITHMETIC, SECOND[1], "--calibrate-here"];
    let changes = json(&[&second[..], &employer].concat())["changes"].clone();
    assert_eq!(changes[0]["changes"].as_array().map(Vec::len), Some(1), "the index alone");
    assert!(changes[0]["persons"].is_null() && changes[0]["rest"].is_null());

    let compare = ["compare", "nhanes", GEOMETRIC, ADULTS, "--calibrate-here"];
    let found = json(&[&compare[..], &employer].concat());
    assert_eq!(found["both"], 4822);
    for key in ["persons", "only_first", "only_second", "max_shift"] {
        assert!(found[key].is_null(), "{key}");
    }
    for key in ["shift_quantiles", "shift_sizes"] {
        assert_eq!(found[key].as_array().map(Vec::len), Some(0), "{key}");
    }
    assert_eq!(found["bands"]["moves"].as_array().map(Vec::len), Some(0));
    let desk = Desk::new();
    let told = vointi(
        &root(),
        &[&compare[..], &employer, &["--persons", desk.path("rows.csv").to_str().unwrap()]].concat(),
    );
    assert_eq!(told.code, Some(2), "{}", told.told());

    // Nine people: nothing at all.
    let people = fs::read_to_string(root().join(ADULTS)).expect("a file");
    desk.put("nine.csv", people.lines().take(10).map(|line| format!("{line}\n")).collect::<String>());
    assert_snapshot!(
        "audit_employer_few",
        desk.run(&["audit", "nhanes", "nine.csv", "--audience", "employer"]).ok().out
    );
    let few = desk.run(&["compare", "nhanes", "nhanes", "nine.csv", "--audience", "employer"]).ok().out;
    assert!(few.contains("fewer than 10") && !few.contains("How"), "{few}");
}

// ---- by hand ----------------------------------------------------------------------------------------------------------

const SMALL: &str = r#"
schema = 1
id = "small"
[person]
id = "person"
[measure.a]
unit = "1"
[measure.b]
unit = "1"
[measure.c]
unit = "1"
[indicator.a]
measure = "a"
utility = { goalposts = [0, 10] }
[indicator.b]
measure = "b"
utility = { goalposts = [10, 0] }
[indicator.c]
measure = "c"
utility = { goalposts = [0, 10] }
[pillar.one]
children = ["a", "b"]
missing = { at_least = 0.5 }
[pillar.two]
children = ["c"]
[index]
children = ["one", "two"]
missing = { at_least = 0.5 }
"#;

fn cohort(columns: [&[Option<f64>]; 3]) -> Cohort {
    let people = columns[0].len();
    let mut table = Table::builder().text("person", (0..people).map(|k| Some(format!("p{k}"))));
    for (name, values) in ["a", "b", "c"].into_iter().zip(columns) {
        table = table.number(name, values.to_vec());
    }
    let definition = Definition::from_toml(SMALL).expect("a definition");
    Cohort::new(&definition, table.build().expect("a table")).expect("a cohort")
}

fn audited(cohort: &Cohort) -> Audit {
    let index = Index::new(cohort.definition()).expect("an index");
    let scores = index.score_cohort(cohort).expect("scores");
    Audit::of(cohort, &index, &scores, &AuditAsked::default(), Audience::Research).expect("an audit")
}

#[test]
fn ties_holes_constants_and_two_persons() {
    let some = |values: [f64; 5]| values.map(Some);
    let c = [Some(5.0), None, Some(5.0), Some(5.0), None];
    let audit = audited(&cohort([&some([1.0, 2.0, 2.0, 4.0, 9.0]), &some([9.0, 8.0, 8.0, 6.0, 1.0]), &c]));
    let column = |name: &str| audit.columns.iter().find(|one| one.name == name).unwrap();
    assert_eq!(
        (column("reading.a").n, column("reading.a").distinct, column("reading.a").modal_share),
        (5, 4, Some(0.4))
    );
    let constant = column("indicator.c");
    assert_eq!(constant.flags, ["low_availability", "modal", "constant"]);
    assert_eq!((constant.n, constant.missing, constant.sd, constant.skewness), (3, 2, Some(0.0), None));
    // b is 10 less its reading, so that both scores are the same: r is 1, and one follows from the other.
    let pair = &audit.correlations[0];
    assert_eq!(
        (pair.first.as_str(), pair.second.as_str(), pair.pearson),
        ("indicator.a", "indicator.b", Some(1.0))
    );
    assert_eq!((pair.kendall, pair.spearman, pair.pearson_p), (Some(1.0), Some(1.0), Some(0.0)));
    assert_eq!(pair.flags, ["redundant"]);
    let one = audit.parents.iter().find(|parent| parent.name == "pillar.one").unwrap();
    assert_eq!((one.complete, one.alpha, one.kmo), (5, Some(1.0), None));
    assert!(
        one.note.contains("follows from the others") && (one.components[0].eigenvalue - 2.0).abs() < 1e-12
    );
    let two = audit.parents.iter().find(|parent| parent.name == "pillar.two").unwrap();
    assert!(two.note.contains("one child") && two.alpha.is_none());
    // Its only child gone, the pillar is gone, too: both leave the same index.
    let without = |name: &str| audit.removals.iter().find(|one| one.name == name).unwrap();
    assert_eq!(without("indicator.c").mean_shift, without("pillar.two").mean_shift);
    assert_eq!(without("indicator.c").mean_change, without("pillar.two").mean_change);
    // Of a and b alike the index keeps its value without one of them.
    assert_eq!((without("indicator.a").mean_shift, without("indicator.a").pearson), (Some(0.0), Some(1.0)));
    assert!(audit.changes.is_empty() && audit.inequality.as_ref().unwrap().below.is_none());

    let two = audited(&cohort([&[Some(1.0), Some(2.0)], &[Some(3.0), None], &[None, None]]));
    assert!(two.correlations.iter().all(|pair| pair.pearson.is_none() && pair.kendall.is_none()));
    let none = audited(&cohort([&[None, None], &[None, None], &[None, None]]));
    let text = report::audit_text(&none);
    assert!(!text.contains("NaN") && text.contains("2 persons, 0 scored"), "{text}");
    assert!(!report::audit_text(&two).contains("NaN"));
    #[cfg(feature = "pages")]
    assert!(!report::audit_html(&none).contains("NaN"));
    audited(&cohort([&[], &[], &[]]));
}

/// Weights of places are of as many children as were declared: without one of them there is no such mean.
#[test]
fn what_needs_all_its_children_loses_none() {
    let text = SMALL.replacen(
        "children = [\"a\", \"b\"]\nmissing = { at_least = 0.5 }",
        "children = [\"a\", \"b\"]\nmissing = \"complete\"\naggregate = { owa = [0.7, 0.3] }",
        1,
    );
    let definition = Definition::from_toml(&text).expect("a definition");
    let values = [1.0, 5.0, 2.0, 9.0].map(Some);
    let mut table = Table::builder().text("person", ["p", "q", "r", "s"].map(Some));
    for name in ["a", "b", "c"] {
        table = table.number(name, values);
    }
    let audit = audited(&Cohort::new(&definition, table.build().expect("a table")).expect("a cohort"));
    let without = |name: &str| audit.removals.iter().find(|one| one.name == name).unwrap();
    assert_eq!(
        (without("indicator.a").note, without("indicator.a").n),
        ("its parent needs all its children", 0)
    );
    assert_eq!((without("pillar.one").note, without("pillar.one").n), ("", 4));
    assert_eq!(without("indicator.c").mean_shift, without("pillar.two").mean_shift);
}

/// Waves that are numbers come in their order; from each to the next, and from the first to the last.
#[test]
fn waves_are_put_in_order() {
    let text = SMALL.replacen("id = \"person\"", "id = \"person\"\nwave = \"year\"", 1);
    let definition = Definition::from_toml(&text).expect("a definition");
    let rows = [
        ("x", "10", 9.0),
        ("x", "2", 4.0),
        ("y", "2", 2.0),
        ("x", "1", 1.0),
        ("y", "10", 6.0),
        ("z", "1", 7.0),
    ];
    let mut table = Table::builder()
        .text("person", rows.map(|(person, ..)| Some(person)))
        .text("year", rows.map(|(_, year, _)| Some(year)));
    for name in ["a", "c"] {
        table = table.number(name, rows.map(|(.., value)| Some(value)));
    }
    let table = table.number("b", [None; 6]).build().expect("a table");
    let audit = audited(&Cohort::new(&definition, table).expect("a cohort"));
    let steps: Vec<(&str, &str, Option<usize>)> = audit
        .changes
        .iter()
        .map(|change| (change.from.as_str(), change.to.as_str(), change.persons))
        .collect();
    assert_eq!(steps, [("1", "2", Some(1)), ("2", "10", Some(2)), ("1", "10", Some(1))]);
    let index = &audit.changes[1].changes[0];
    // x from 40 to 90, y from 20 to 60.
    assert_eq!((index.name.as_str(), index.n, index.change), ("index", 2, Some(45.0)));
    let adds: Vec<f64> = audit.changes[1]
        .changes
        .iter()
        .filter(|change| change.level == Level::Indicator)
        .filter_map(|change| change.contribution)
        .collect();
    assert_eq!((adds, audit.changes[1].rest), (vec![22.5, 0.0, 22.5], Some(0.0)));
}

/// The same bits for any number of threads.
#[test]
fn threads_do_not_change_a_bit() {
    let definition = Definition::builtin("nhanes").expect("a definition");
    let cohort = Cohort::read_csv(&definition, root().join(ADULTS)).expect("a cohort");
    let index = Index::new(&definition).expect("an index");
    let scores = index.score_cohort(&cohort).expect("scores");
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let asked = AuditAsked::default();
        let audit = pool.install(|| Audit::of(&cohort, &index, &scores, &asked, Audience::Research));
        serde_json::to_string(&audit.expect("an audit")).expect("JSON")
    };
    let one = on(1);
    assert!(one == on(2) && one == on(7));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let (here, there) = (cohort([&[Some(1.0)], &[Some(1.0)], &[Some(1.0)]]), cohort([&[], &[], &[]]));
    let index = Index::new(here.definition()).expect("an index");
    let scores = index.score_cohort(&here).expect("scores");
    let none = index.score_cohort(&there).expect("scores");
    let lean = index.score_cohort_with(&here, &HowToRun::new().keep(Keep::Index)).expect("scores");
    let asked = AuditAsked::default();
    let kind = |error: vointi::Error| error.kind();
    for wrong in [&none, &lean] {
        let error = Audit::of(&here, &index, wrong, &asked, Audience::Research).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
    }
    let refused = Comparison::of([(&here, &scores), (&there, &none)], Audience::Research).unwrap_err();
    assert_eq!(kind(refused), ErrorKind::Data);
    let person = here.person("p0").expect("a person");
    let refused = Strengths::of(&here, &scores, &person, Audience::Employer).unwrap_err();
    assert_eq!(kind(refused), ErrorKind::Audience);
}

#[test]
fn nothing_of_a_person_is_in_debug() {
    let here = cohort([&[Some(1.0), Some(8.25)], &[Some(1.0), Some(2.0)], &[Some(1.0), Some(7.0)]]);
    let index = Index::new(here.definition()).expect("an index");
    let scores = index.score_cohort(&here).expect("scores");
    let person = here.person("p1").expect("a person");
    let found = Strengths::of(&here, &scores, &person, Audience::Clinic).expect("strengths");
    assert_eq!((found.strengths[0].percentile, found.index_percentile), (75.0, Some(75.0)));
    assert_eq!(
        format!("{found:?} {:?}", found.strengths[0]),
        "Strengths(2 strengths, 1 weaknesses) StandingOf(indicator.a)"
    );
    let compared =
        Comparison::of([(&here, &scores), (&here, &scores)], Audience::Clinic).expect("a comparison");
    assert_eq!(format!("{:?}", compared.rows[0]), "ComparedPerson { .. }");
    assert_eq!((compared.rows.len(), compared.kendall), (2, None), "two persons have no correlation");
}

#[test]
fn levels_can_be_chosen() {
    let here = cohort([&[Some(1.0), Some(8.0), Some(4.0)], &[Some(1.0); 3], &[Some(1.0); 3]]);
    let index = Index::new(here.definition()).expect("an index");
    let scores = index.score_cohort(&here).expect("scores");
    let mut asked = AuditAsked::default();
    asked.between = vec![[Level::Reading, Level::Indicator], [Level::Pillar, Level::Pillar]];
    let audit = Audit::of(&here, &index, &scores, &asked, Audience::Research).expect("an audit");
    assert_eq!(audit.correlations.len(), 9 + 1);
    let first = &audit.correlations[0];
    assert_eq!(
        (first.first.as_str(), first.second.as_str(), first.kendall),
        ("reading.a", "indicator.a", Some(1.0))
    );
}
