//! `reliability`, `careless`, `agreement` and `change` as a process: on the shipped people and on a second, different file.

use insta::assert_snapshot;
use serde_json::Value;
use vointi::{
    Cohort, Definition,
    definition::Audience,
    scale::{self, Answers, Careless, ChangeAsked, Changes},
};

use crate::program::{Desk, Run, root, vointi};

const ADULTS: &str = "data/nhanes/adults.csv";
const SECOND: [&str; 2] = ["tests/fixtures/second/definition.toml", "tests/fixtures/second/people.csv"];

fn run(arguments: &[&str]) -> Run {
    vointi(&root(), arguments)
}

fn second(command: &str, more: &[&str]) -> Run {
    run(&[&[command], &SECOND[..], more].concat())
}

fn json(run: Run) -> Value {
    serde_json::from_str(&run.ok().out).expect("JSON")
}

/// The people of the second file who were asked in one wave, as a file of their own.
fn wave(name: &str) -> String {
    let people = std::fs::read_to_string(root().join(SECOND[1])).expect("a file");
    let mark = format!(";{name};");
    let lines = people.lines().enumerate().filter(|(at, line)| *at == 0 || line.contains(&mark));
    lines.map(|(_, line)| format!("{line}\r\n")).collect()
}

/// A desk with the definition, and the people of spring and of autumn.
fn two_waves() -> Desk {
    let desk = Desk::new();
    desk.put("definition.toml", std::fs::read(root().join(SECOND[0])).expect("a file"));
    desk.put("spring.csv", wave("kevät"));
    desk.put("autumn.csv", wave("syksy"));
    desk
}

const WAVES: [&str; 4] = ["change", "definition.toml", "spring.csv", "autumn.csv"];

// ---- reliability ------------------------------------------------------------------------------------------------------

#[test]
fn reliability_comes_in_three_formats() {
    assert_snapshot!("reliability_nhanes", run(&["reliability", "nhanes", ADULTS]).ok().out);
    assert_snapshot!("reliability_second", second("reliability", &[]).ok().out);
    let found = json(run(&["reliability", "nhanes", ADULTS, "--format", "json"]));
    let scale = &found["scales"][0];
    let keys: Vec<&str> = scale.as_object().expect("an object").keys().map(String::as_str).collect();
    let first = [
        "scale",
        "n",
        "items",
        "alpha",
        "alpha_low",
        "alpha_high",
        "alpha_std",
        "omega",
        "lambda2",
        "lambda4",
        "lambda6",
        "average_r",
        "sem",
        "mdc95",
        "floor",
        "ceiling",
        "item",
    ];
    assert_eq!(keys[..first.len()], first);
    let keys: Vec<&str> =
        scale["item"][0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys[..6], ["item", "n", "mean", "sd", "r_drop", "alpha_if_dropped"]);
    assert_eq!((&scale["scale"], &scale["n"]), (&Value::from("mood.total"), &Value::from(4827)));
    // What R says of these eight columns.
    assert!((scale["alpha"].as_f64().unwrap() - 0.832_388_718_078_125_9).abs() < 1e-14);
    let csv = run(&["reliability", "nhanes", ADULTS, "--format", "csv"]).ok().out;
    assert_snapshot!("reliability_csv", csv);
    let fields: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert!(fields.iter().all(|count| *count == fields[0]), "{fields:?}");
}

/// With a wrong key in the definition the item is named, and alpha given as it would be.
#[test]
fn a_wrong_key_is_found_in_a_definition() {
    let desk = two_waves();
    let wrong = desk.read("definition.toml").replacen("reverse   = [\"b\", \"e\"]", "reverse   = [\"b\"]", 1);
    desk.put("wrong.toml", wrong);
    let scale = ["--scale", "voima.total"];
    let found = desk.run(&[&["reliability", "wrong.toml", "spring.csv"], &scale[..]].concat()).ok();
    assert_snapshot!("reliability_wrong_key", found.out);
    let right = desk
        .run(&[&["reliability", "definition.toml", "spring.csv", "--format", "json"], &scale[..]].concat());
    let right = json(right);
    let alpha = right["scales"][0]["alpha"].as_f64().unwrap();
    assert!(found.out.contains(&format!("alpha is {alpha:.3}")), "{}", found.out);
}

#[test]
fn what_cannot_be_judged_is_said() {
    let desk = Desk::new();
    for (name, arguments) in [
        ("reliability_unknown", ["reliability", "nhanes", ADULTS, "--scale", "mood.totl"].as_slice()),
        ("reliability_one_item", &["reliability", "nhanes", ADULTS, "--scale", "worry.total"]),
        ("reliability_employer", &["reliability", "nhanes", ADULTS, "--audience", "employer"]),
    ] {
        let told = run(arguments);
        assert_ne!(told.code, Some(0));
        assert_snapshot!(name, told.told());
    }
    // Three people, of whom too few answered everything.
    assert_snapshot!("reliability_few", desk.run(&["reliability", "small.toml", "people.csv"]).told());
}

// ---- careless answers -------------------------------------------------------------------------------------------------

#[test]
fn careless_answers_are_looked_for() {
    let csv = run(&["careless", "nhanes", ADULTS]).ok().out;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 1 + 5265);
    assert_snapshot!("careless_csv", lines[..8].join("\n"));
    assert_snapshot!("careless_text", run(&["careless", "nhanes", ADULTS, "--format", "text"]).ok().out);
    assert_snapshot!("careless_second", second("careless", &["--format", "text"]).ok().out);
    let found = json(second("careless", &["--format", "json"]));
    assert_eq!(found.as_array().map(Vec::len), Some(4));
    assert!(second("careless", &[]).ok().out.starts_with("tunnus,aalto,vointi.answered,"));
    assert_snapshot!("careless_employer", second("careless", &["--audience", "employer"]).told());
}

// ---- agreement --------------------------------------------------------------------------------------------------------

#[test]
fn units_agree_or_not() {
    assert_snapshot!("agreement_second", second("agreement", &["--unit", "osasto"]).ok().out);
    let nhanes = ["agreement", "nhanes", ADULTS, "--unit", "smoking", "--scale", "mood.total"];
    assert_snapshot!("agreement_nhanes", run(&nhanes).ok().out);
    let csv =
        second("agreement", &["--unit", "osasto", "--scale", "vointi.total", "--format", "csv"]).ok().out;
    assert_snapshot!("agreement_csv", csv);
    let found = json(second("agreement", &["--unit", "osasto", "--format", "json"]));
    assert_eq!(found["scales"].as_array().map(Vec::len), Some(6));
    assert_snapshot!("agreement_unknown", second("agreement", &["--unit", "osato"]).told());
}

#[test]
fn an_employer_sees_no_small_unit() {
    let desk = two_waves();
    // Fifty people in four units of a dozen, of whom about half answered everything.
    let asked = ["agreement", "definition.toml", "autumn.csv", "--unit", "osasto", "--scale", "vointi.total"];
    let research = json(desk.run(&[&asked[..], &["--format", "json"]].concat()));
    let of = |found: &Value| found["scales"][0]["by_unit"].as_array().expect("units").len();
    assert_eq!(of(&research), 4);
    let employer = [&asked[..], &["--audience", "employer"]].concat();
    assert_snapshot!("agreement_employer", desk.run(&employer).ok().out);
    let found = json(desk.run(&[&employer[..], &["--format", "json"]].concat()));
    assert_eq!(of(&found), 0);
    assert!(found["scales"][0]["incomplete"].is_null() && found["scales"][0]["without_unit"].is_null());
}

// ---- change -----------------------------------------------------------------------------------------------------------

#[test]
fn change_is_judged_person_by_person() {
    let desk = two_waves();
    let scale = ["--scale", "vointi.total"];
    let asked = [&WAVES[..], &scale, &["--functional", "70", "15", "--important", "10"]].concat();
    assert_snapshot!("change_second", desk.run(&asked).ok().out);
    let given = ["--reliability", "0.9", "--source", "a manual"];
    let csv = desk.run(&[&WAVES[..], &scale, &given, &["--format", "csv"]].concat()).ok().out;
    assert_snapshot!("change_csv", csv.lines().take(8).collect::<Vec<_>>().join("\n"));
    assert_eq!(csv.lines().count(), 1 + 50);
    let found = json(desk.run(&[&asked[..], &["--format", "json"]].concat()));
    let matching = &found["matching"];
    let number = |key: &str| matching[key].as_u64().unwrap();
    assert_eq!((number("matched"), number("only_before"), number("only_after")), (50, 350, 0));
    let pairs = found["group"]["n"].as_u64().unwrap();
    assert_eq!(pairs + number("without_score"), 50, "nobody is dropped without being counted");
    let classes: u64 =
        found["classes"].as_array().unwrap().iter().map(|class| class["persons"].as_u64().unwrap()).sum();
    assert_eq!(classes, pairs);
    assert_eq!(found["persons"].as_array().map(Vec::len), Some(50));
    let alone = desk.run(&[&WAVES[..], &scale, &["--reliability", "0.9"]].concat());
    assert_eq!(alone.code, Some(2), "a reliability has a source");
    assert_snapshot!("change_which", desk.run(&WAVES).told());
}

/// Nothing changed between a file and itself; of everybody the survey asked once.
#[test]
fn nothing_changes_between_a_file_and_itself() {
    let asked = ["change", "nhanes", ADULTS, ADULTS, "--scale", "mood.total"];
    assert_snapshot!("change_nhanes", run(&asked).ok().out);
    let twice = run(&["change", SECOND[0], SECOND[1], SECOND[1], "--scale", "vointi.total"]);
    assert_snapshot!("change_twice", twice.told());
}

#[test]
fn an_employer_sees_the_change_of_a_group_alone() {
    let desk = two_waves();
    let asked = [&WAVES[..], &["--scale", "vointi.total", "--audience", "employer"]].concat();
    let text = desk.run(&asked).ok();
    assert_snapshot!("change_employer", text.told());
    let csv = desk.run(&[&asked[..], &["--format", "csv"]].concat()).ok().out;
    assert_eq!(csv.lines().count(), 2);
    let found = json(desk.run(&[&asked[..], &["--format", "json"]].concat()));
    for key in ["persons", "classes", "matching"] {
        assert!(found[key].is_null(), "{key} is not for an employer");
    }
    let few = wave("syksy").lines().take(8).map(|line| format!("{line}\r\n")).collect::<String>();
    desk.put("autumn.csv", few);
    assert_snapshot!("change_employer_few", desk.run(&asked).told());
}

// ---- what is not said -------------------------------------------------------------------------------------------------

#[test]
fn nothing_of_a_person_is_in_a_debug_line() {
    let definition = Definition::read(root().join(SECOND[0])).unwrap();
    let spring = Cohort::new(
        &definition,
        Cohort::csv_options(&definition).read_bytes(wave("kevät").as_bytes(), "spring.csv").unwrap(),
    )
    .unwrap();
    let careless = Careless::of(&spring, Audience::Research).unwrap();
    let changes =
        Changes::of(&spring, &spring, "vointi.total", &ChangeAsked::default(), Audience::Research).unwrap();
    let answers: Vec<Answers> = Answers::of(&spring);
    let told = format!("{answers:?} {careless:?} {changes:?} {:?}", changes.persons);
    for row in 0..spring.rows() {
        assert!(!told.contains(spring.id(row).unwrap()), "{told}");
    }
    let faulty = Answers::from_columns(["a"], vec![vec![1.0, 777.0]], [1.0, 5.0]).unwrap_err();
    assert!(!faulty.to_string().contains("777") && !format!("{faulty:?}").contains("777"));
    assert!(scale::answers(&spring, "vointi.totl").is_err());
}

/// The same bits on one thread, two and three.
#[test]
fn reliability_does_not_depend_on_the_threads() {
    let columns: Vec<Vec<f64>> = (0..7_u32)
        .map(|item| {
            let drawn = |row: u32| {
                (row.wrapping_mul(2_654_435_761) >> 28) + ((row * 7 + item).wrapping_mul(40_503) >> 5) % 9
            };
            (0..40_000_u32)
                .map(|row| if (row + item) % 97 == 0 { f64::NAN } else { f64::from(drawn(row)) * 0.3 })
                .collect()
        })
        .collect();
    let names = (0..7).map(|item| format!("i{item}"));
    let answers = Answers::from_columns(names, columns, [0.0, 10.0]).unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| scale::reliability(&answers)).unwrap();
        format!("{found:?}")
    };
    assert_eq!(on(1), on(2));
    assert_eq!(on(1), on(3));
}
