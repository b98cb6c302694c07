//! `instruments` and `scales` as a process: on the shipped people and on a second, different file.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Desk, Run, root, vointi};

const ADULTS: &str = "data/nhanes/adults.csv";
const SECOND: &str = "tests/golden/instruments/second";

fn run(arguments: &[&str]) -> Run {
    vointi(&root(), arguments)
}

fn second(more: &[&str]) -> Run {
    let [definition, people] = ["second.toml", "people.csv"].map(|name| format!("{SECOND}/{name}"));
    run(&[&["scales", &definition, &people], more].concat())
}

#[test]
fn an_instrument_comes_in_words_for_programs_and_to_be_copied() {
    assert_snapshot!("instruments_osss3", run(&["instruments", "osss3"]).ok().out);
    let json: Value =
        serde_json::from_str(&run(&["instruments", "osss3", "--format", "json"]).ok().out).expect("JSON");
    assert_eq!(json["scales"][0]["range"], serde_json::json!([3.0, 14.0]));
    let toml = run(&["instruments", "osss3", "--format", "toml"]).ok().out;
    assert_eq!(toml, std::fs::read_to_string(root().join("data/instruments/osss3.toml")).expect("a file"));
    let all: Value = serde_json::from_str(&run(&["instruments", "--format", "json"]).ok().out).expect("JSON");
    assert_eq!(all.as_array().expect("a list").len(), 37);
}

#[test]
fn worked_cases_pass_and_a_wrong_one_is_told() {
    let told = run(&["instruments", "--check"]).ok().out;
    assert_eq!(told.lines().count(), 37, "{told}");
    let desk = Desk::new();
    let own = std::fs::read_to_string(root().join("data/instruments/who5.toml")).expect("a file");
    desk.put("mine.toml", own.replace("expect  = { total = 72 }", "expect  = { total = 71 }"));
    assert_snapshot!("instruments_check_own", desk.run(&["instruments", "mine.toml", "--check"]).told());
    assert!(desk.run(&["instruments", "mine.toml"]).ok().out.starts_with("who5: "));
}

#[test]
fn other_results_are_no_toml() {
    assert_snapshot!("no_toml", run(&["score", "nhanes", ADULTS, "--format", "toml"]).told());
    assert_snapshot!("one_toml", run(&["instruments", "--format", "toml"]).told());
}

#[test]
fn scales_of_the_shipped_people() {
    let csv = run(&["scales", "nhanes", ADULTS]).ok().out;
    assert_eq!(csv.lines().count(), 5266);
    assert_snapshot!("scales_nhanes_head", csv.lines().take(6).collect::<Vec<_>>().join("\n"));
    assert_snapshot!("scales_nhanes", run(&["scales", "nhanes", ADULTS, "--format", "text"]).ok().out);
    assert_snapshot!(
        "scales_nhanes_employer",
        run(&["scales", "nhanes", ADULTS, "--audience", "employer"]).ok().out
    );
    assert_snapshot!(
        "scales_nhanes_no_rows",
        run(&["scales", "nhanes", ADULTS, "--audience", "employer", "--format", "csv"]).told()
    );
    assert_snapshot!("scales_nhanes_no_flags", run(&["scales", "nhanes", ADULTS, "--safety"]).told());
}

#[test]
fn scales_of_the_second_file() {
    assert_snapshot!("scales_second", second(&["--format", "text"]).told());
    let json: Value = serde_json::from_str(&second(&["--format", "json"]).ok().out).expect("JSON");
    let labels =
        json["scales"].as_array().expect("a list").iter().find(|scale| scale["scale"] == "health.profile");
    assert_eq!(labels.expect("a profile")["mean"], Value::Null, "a label has no mean");
    let flags = second(&["--safety"]).ok().out;
    assert!(flags.starts_with("henkilo,kierros,mood.item_9,own.a3_much\n"), "{flags:.80}");
    assert_snapshot!("scales_second_safety_employer", second(&["--safety", "--audience", "employer"]).told());
}

/// The condition of an instrument is said once a run, and only where there is one.
#[test]
fn conditions_are_said_once() {
    let told = second(&["--format", "text"]).ok().err;
    assert_eq!(told.matches("pss10: rights with").count(), 1, "{told}");
    assert_eq!(told.matches("phq9: rights with").count(), 0, "{told}");
}

/// Worked cases of an instrument of one's own are scored whenever its definition is checked.
#[test]
fn worked_cases_in_place_are_scored_by_check() {
    let desk = Desk::new();
    let of = |total: u8| {
        format!(
            "schema = 1\nid = \"own\"\n[person]\nid = \"person\"\n[instrument.strain]\nitems = [\"a\", \"b\"]\nresponse = [0, 4]\n\
             [[instrument.strain.check]]\nanswers = [1, 3]\nexpect = {{ total = {total} }}\nsource = \"by hand\"\n\
             [indicator.strain]\nscale = \"strain.total\"\nutility = \"linear\"\n[index]\nchildren = [\"strain\"]\n"
        )
    };
    desk.put("right.toml", of(4));
    desk.put("wrong.toml", of(5));
    desk.run(&["check", "right.toml"]).ok();
    assert_snapshot!("check_wrong_case", desk.run(&["check", "wrong.toml"]).told());
}

/// A draft takes no instrument by permission for granted, and makes no indicator of what is valid for groups alone.
#[test]
fn a_draft_asks_for_permission() {
    let desk = Desk::new();
    let mut people =
        "person,who5_1,who5_2,who5_3,who5_4,who5_5,isi1,isi2,isi3,isi4,isi5,isi6,isi7,elo1_1\n".to_owned();
    for person in 1..=12 {
        people += &format!("{person},{},2,3,4,5,0,1,2,3,4,{},1,{}\n", person % 6, person % 5, 1 + person % 5);
    }
    desk.put("answers.csv", people);
    desk.run(&["init", "answers.csv", "-o", "draft.toml"]).ok();
    desk.run(&["check", "draft.toml", "answers.csv"]).ok();
    let draft = std::fs::read_to_string(desk.path("draft.toml")).expect("a draft");
    assert_snapshot!("draft_asks_for_permission", draft);
}
