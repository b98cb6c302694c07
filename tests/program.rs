//! The program, run as a process on shipped people and on bad input.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use insta::assert_snapshot;

const SMALL: &str = include_str!("fixtures/program/small.toml");
/// An error of measurement that needs the spread of a reference.
const RELIABILITY: &str = "utility = \"linear\"\n\
    error = { reliability = 0.8, target = \"occasion\", source = \"assumed\", reference = \"for a test\", propagate = \"linear\" }";
const PEOPLE: &str = include_str!("fixtures/program/small.csv");

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn told(&self) -> String {
        format!("exit {}\n---- out\n{}---- err\n{}", self.code.unwrap_or(-1), self.out, self.err)
    }

    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.told());
        self
    }
}

pub(crate) fn vointi(folder: &Path, arguments: &[&str]) -> Run {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("vointi"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs");
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A folder of its own with the small definition and its people.
pub(crate) struct Desk(tempfile::TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        desk.put("small.toml", SMALL);
        desk.put("people.csv", PEOPLE);
        desk
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), content).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).expect("a file")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        vointi(self.0.path(), arguments)
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn adults() -> String {
    root().join("data/nhanes/adults.csv").to_string_lossy().into_owned()
}

/// The shipped people scored to standard output.
fn scored(more: &[&str]) -> String {
    let arguments = ["score", "nhanes", "data/nhanes/adults.csv"];
    vointi(&root(), &[&arguments, more].concat()).ok().out
}

// ---- every command on shipped people --------------------------------------------------------------------------------

#[test]
fn help_lists_the_commands_and_exit_codes() {
    let desk = Desk::new();
    assert_snapshot!("help", desk.run(&["--help"]).ok().out);
    let long = desk.run(&["score", "--help"]).ok().out;
    for flag in vointi::Flag::ALL {
        assert!(long.contains(flag.code()), "{} is documented", flag.code());
    }
    for reason in [vointi::index::Reason::NothingScored, vointi::index::Reason::TooFew] {
        assert!(long.contains(reason.code()), "{} is documented", reason.code());
    }
}

#[test]
fn demo_scores_the_adults() {
    let desk = Desk::new();
    let run = desk.run(&["demo"]).ok();
    assert_snapshot!("demo", run.out);
    assert_eq!(desk.read("vointi-demo/scores.csv"), scored(&[]));
    let readme = include_str!("../README.md");
    for entry in fs::read_dir(desk.0.path().join("vointi-demo")).expect("a folder") {
        let name = entry.expect("a file").file_name().to_string_lossy().into_owned();
        assert!(readme.contains(&format!("`{name}`")), "README.md does not say what {name} is");
    }
    let json = desk.run(&["demo", "-o", "other", "--format", "json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["persons"], 5265);
    assert!(
        desk.run(&["demo", "--format", "csv"]).ok().out.starts_with("score,n,mean,sd,q25,q50,q75\nindex,")
    );
}

#[test]
fn init_drafts_a_definition_that_fits() {
    let desk = Desk::new();
    for (data, id) in [(adults().as_str(), "adults"), ("people.csv", "people")] {
        let run = desk.run(&["init", data, "-o", "draft.toml"]).ok();
        assert!(run.err.contains("a draft"), "{}", run.err);
        assert!(desk.read("draft.toml").contains(&format!("\"{id}\"")));
        desk.run(&["check", "draft.toml", data]).ok();
    }
    assert_eq!(desk.run(&["init", "people.csv", "-o", "people.csv"]).code, Some(2));
    assert_eq!(desk.read("people.csv"), PEOPLE);
}

#[test]
fn check_shows_the_tree_and_the_coverage() {
    let run = vointi(&root(), &["check", "nhanes", "data/nhanes/adults.csv"]).ok();
    assert_snapshot!("check_nhanes", run.told());
    let run = vointi(&root(), &["check", "nhanes", "data/nhanes/adults.csv", "--format", "json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((&json["data"]["rows"], &json["tree"][0]["id"]), (&5265.into(), &"index".into()));
    let csv = vointi(&root(), &["check", "nhanes", "--format", "csv"]).ok().out;
    assert!(csv.starts_with("depth,kind,id,"));
    let csv = vointi(&root(), &["check", "nhanes", "data/nhanes/adults.csv", "--format", "csv"]).ok().out;
    assert!(csv.contains("\npulse,measure.resting_pulse,5017,5265\n"));
}

#[test]
fn calibrate_reproduces_the_shipped_norms() {
    let desk = Desk::new();
    desk.run(&["calibrate", "nhanes", &adults(), "-o", "norms.toml"]).ok();
    let shipped = fs::read_to_string(root().join("data/norms/nhanes.toml")).expect("a file");
    assert_eq!(desk.read("norms.toml"), shipped);
    let out = desk.run(&["calibrate", "nhanes", &adults(), "-o", "-"]).ok().out;
    assert_eq!(out, shipped);
    let given = desk.run(&["score", "nhanes", &adults(), "--calibration", "norms.toml"]).ok();
    assert_eq!(given.out, scored(&[]), "given or shipped, the same calibration");
    let here =
        desk.run(&["score", "nhanes", &adults(), "--calibrate-here", "here.toml", "-o", "scores.csv"]).ok();
    assert!(here.err.contains("learned on these people themselves"), "{}", here.err);
    assert_eq!((desk.read("here.toml"), desk.read("scores.csv")), (shipped, given.out));
    let text =
        desk.run(&["score", "nhanes", &adults(), "--calibrate-here", "here.toml", "--format", "text"]).ok();
    assert!(text.out.contains("calibration: learned on these people themselves"), "{}", text.out);
}

#[test]
fn scores_are_the_same_for_any_number_of_threads() {
    let first = scored(&[]);
    assert_eq!(first.lines().count(), 5266);
    for threads in ["1", "2", "7"] {
        assert!(first == scored(&["--threads", threads]), "{threads} threads");
    }
    assert!(first == scored(&[]), "twice");
}

#[test]
fn scores_come_in_three_formats() {
    let desk = Desk::new();
    let run = desk.run(&["score", "small.toml", "people.csv"]).ok();
    assert_snapshot!("score_csv", run.told());
    assert_snapshot!(
        "score_excel_eu",
        desk.run(&["score", "small.toml", "people.csv", "--csv", "excel-eu"]).ok().out
    );
    let json = desk.run(&["score", "small.toml", "people.csv", "--format", "json"]).ok().out;
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["rows"][2]["index"], serde_json::Value::Null);
    assert_snapshot!("score_json", json);
    assert_snapshot!(
        "score_text",
        desk.run(&["score", "small.toml", "people.csv", "--format", "text"]).ok().out
    );
    desk.run(&["score", "small.toml", "people.csv", "-o", "scores.csv"]).ok();
    assert_eq!(desk.read("scores.csv"), run.out);
    assert_eq!(desk.run(&["score", "small.toml", "people.csv", "-o", "-"]).ok().out, run.out);
}

#[test]
fn every_number_reads_back_to_the_same_bits() {
    let definition = vointi::Definition::builtin("nhanes").expect("a definition");
    let cohort = vointi::Cohort::read_csv(&definition, adults()).expect("a cohort");
    let scores =
        vointi::Index::new(&definition).and_then(|index| index.score_cohort(&cohort)).expect("scores");
    let text = scored(&[]);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let names = scores.names();
    assert_eq!(header[1..header.len() - 2], names);
    let columns: Vec<_> = names.iter().map(|name| scores.column(name).expect("a column")).collect();
    for (row, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(Some(cells[0]), cohort.id(row));
        for (cell, column) in cells[1..].iter().zip(&columns) {
            let read = (!cell.is_empty()).then(|| cell.parse::<f64>().expect("a number").to_bits());
            // −0 is written as 0.
            assert_eq!(read, column.number(row).map(|value| (value + 0.0).to_bits()));
        }
        assert_eq!(cells[header.len() - 2], scores.flags()[row].to_string());
        assert_eq!(cells[header.len() - 1], scores.reasons()[row].code());
    }
}

#[test]
fn instruments_are_listed_explained_and_checked() {
    let desk = Desk::new();
    assert_snapshot!("instruments", desk.run(&["instruments"]).ok().out);
    assert_snapshot!("instrument_phq8", desk.run(&["instruments", "phq8"]).ok().out);
    assert_snapshot!("instruments_check", desk.run(&["instruments", "--check"]).ok().out);
    let json = desk.run(&["instruments", "who5", "--check", "--format", "json"]).ok().out;
    let cases: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(cases.as_array().expect("cases").iter().all(|case| case["passes"] == true));
    assert!(
        desk.run(&["instruments", "--format", "csv"]).ok().out.starts_with("id,title,version,items,scale,")
    );
    let unknown = desk.run(&["instruments", "who6"]);
    assert_snapshot!("instrument_unknown", unknown.told());
}

#[test]
fn measures_are_listed_and_explained() {
    let desk = Desk::new();
    assert_snapshot!("measures", desk.run(&["measures"]).ok().out);
    for id in ["systolic_bp", "rmssd", "hba1c"] {
        assert_snapshot!(format!("measure_{id}"), desk.run(&["measures", id]).ok().out);
    }
    assert_snapshot!("measure_json", desk.run(&["measures", "diastolic_bp", "--format", "json"]).ok().out);
    assert_snapshot!("measure_unknown", desk.run(&["measures", "systolic"]).told());
    let all: serde_json::Value =
        serde_json::from_str(&desk.run(&["measures", "--format", "json"]).ok().out).expect("JSON");
    let csv = desk.run(&["measures", "--format", "csv"]).ok().out;
    assert_eq!(csv.lines().count(), all.as_array().expect("measures").len() + 1);
    assert!(csv.contains(
        "\nhba1c,long-term blood glucose (HbA1c),%,mmol/mol,hba1c,,3,20,,,lower,,,6,18,unverified\n"
    ));
}

#[test]
fn definitions_are_listed_and_printed() {
    let desk = Desk::new();
    assert!(desk.run(&["definitions"]).ok().out.contains("nhanes 1.0.0: "));
    let text = desk.run(&["definitions", "nhanes"]).ok().out;
    assert_eq!(text, fs::read_to_string(root().join("data/definitions/nhanes.toml")).expect("a file"));
    desk.put("copy.toml", text);
    let copy = desk.run(&["score", "copy.toml", &adults()]).ok();
    assert!(copy.out == scored(&[]), "a copied definition is the same definition");
    assert!(desk.run(&["definitions", "--format", "csv"]).ok().out.contains("\nnhanes,1.0.0,"));
    let schema = desk.run(&["schema"]).ok().out;
    assert!(serde_json::from_str::<serde_json::Value>(&schema).is_ok());
}

#[test]
fn shells_and_man_are_served() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(desk.run(&["completions", shell]).ok().out.contains("vointi"), "{shell}");
    }
    let page = desk.run(&["man"]).ok().out;
    assert!(page.contains(".TH vointi 1") && page.contains("Exit codes"), "{page}");
    assert!(desk.run(&["man", "score"]).ok().out.contains("calibrate\\-here"));
    assert_eq!(desk.run(&["man", "nothing"]).code, Some(2));
}

// ---- a file of Finnish Excel ----------------------------------------------------------------------------------------

#[test]
fn finnish_excel_scores_as_its_utf8_twin() {
    let folder = root().join("tests/fixtures/program");
    let twin = vointi(&folder, &["score", "finnish.toml", "finnish-utf8.csv"]).ok();
    let excel =
        vointi(&folder, &["score", "finnish.toml", "finnish-excel.csv", "--encoding", "windows-1252"]).ok();
    assert_eq!(excel.out, twin.out);
    assert_snapshot!("finnish_excel", excel.told());
    let refused = vointi(&folder, &["score", "finnish.toml", "finnish-excel.csv"]);
    assert!(refused.err.contains("--encoding windows-1252"), "{}", refused.err);
    assert_snapshot!("finnish_without_encoding", refused.told());
}

// ---- audiences ------------------------------------------------------------------------------------------------------

fn people(rows: usize) -> String {
    let mut text = "person,w1,w2,w3,w4,w5,pulse,age\n".to_owned();
    for row in 0..rows {
        text += &if row % 2 == 0 {
            format!("id-{row},5,4,5,4,5,60,40\n")
        } else {
            format!("id-{row},1,1,0,1,0,90,50\n")
        };
    }
    text
}

#[test]
fn an_employer_gets_no_rows() {
    let desk = Desk::new();
    desk.put("many.csv", people(40));
    let run = desk.run(&["score", "small.toml", "many.csv", "--audience", "employer"]).ok();
    assert_snapshot!("employer_csv", run.told());
    for format in ["text", "json", "csv"] {
        let run =
            desk.run(&["score", "small.toml", "many.csv", "--audience", "employer", "--format", format]).ok();
        for word in ["id-", "pillar", "indicator", "flag", "mood"] {
            assert!(!run.out.contains(word) && !run.err.contains(word), "{word} in {format}: {}", run.told());
        }
    }
    desk.put("declared.toml", SMALL.replace("id = \"small\"", "id = \"small\"\naudience = \"employer\""));
    assert_eq!(desk.run(&["score", "declared.toml", "many.csv"]).ok().out, run.out);
    let check = desk.run(&["check", "declared.toml", "many.csv"]).ok();
    assert!(!check.out.contains("observed"), "{}", check.out);
    desk.put("few.csv", people(9));
    for format in ["text", "json", "csv"] {
        let few = desk.run(&["score", "declared.toml", "few.csv", "--format", format]).ok();
        assert_snapshot!(format!("employer_few_{format}"), few.out);
    }
    // Nine in one band: neither share is shown.
    desk.put(
        "uneven.csv",
        people(18)
            + people(40)
                .replace("id-", "other-")
                .replace(",1,1,0,1,0,90", ",5,4,5,4,5,60")
                .split_once('\n')
                .expect("a header")
                .1,
    );
    assert_snapshot!(
        "employer_uneven",
        desk.run(&["score", "declared.toml", "uneven.csv", "--format", "text"]).ok().out
    );
}

// ---- files ----------------------------------------------------------------------------------------------------------

#[test]
fn an_input_is_never_overwritten() {
    let desk = Desk::new();
    fs::create_dir(desk.0.path().join("folder")).expect("a folder");
    for arguments in [
        &["score", "small.toml", "people.csv", "-o", "people.csv"][..],
        &["score", "small.toml", "people.csv", "-o", "folder/../people.csv"],
        &["score", "small.toml", "people.csv", "-o", "./small.toml"],
        &["score", "small.toml", "people.csv", "--calibrate-here", "people.csv"],
        &["score", "small.toml", "people.csv", "--calibrate-here", "new.toml", "-o", "./new.toml"],
        &["calibrate", "small.toml", "people.csv", "-o", "people.csv"],
        &["calibrate", "small.toml", "people.csv", "-o", "small.toml"],
    ] {
        let run = desk.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.told());
    }
    assert_eq!((desk.read("people.csv").as_str(), desk.read("small.toml").as_str()), (PEOPLE, SMALL));
    assert_eq!(desk.files(), ["folder", "people.csv", "small.toml"]);
    assert_snapshot!(
        "overwrite",
        desk.run(&["score", "small.toml", "people.csv", "-o", "people.csv"]).told()
    );
    let both = desk.run(&["score", "small.toml", "people.csv", "--calibrate-here", "-"]);
    assert_eq!(both.code, Some(2), "{}", both.told());
}

#[cfg(unix)]
#[test]
fn a_link_to_an_input_is_the_input() {
    let desk = Desk::new();
    std::os::unix::fs::symlink(desk.0.path().join("people.csv"), desk.0.path().join("link.csv"))
        .expect("a link");
    assert_eq!(desk.run(&["score", "small.toml", "people.csv", "-o", "link.csv"]).code, Some(2));
    assert_eq!(desk.run(&["score", "small.toml", "link.csv", "-o", "people.csv"]).code, Some(2));
    assert_eq!(desk.read("people.csv"), PEOPLE);
    let to_device = desk.run(&["score", "small.toml", "people.csv", "-o", "/dev/stdout"]).ok();
    assert!(to_device.out.starts_with("person,index,"), "{}", to_device.told());
}

#[test]
fn an_old_output_is_replaced_and_a_failing_run_leaves_it() {
    let desk = Desk::new();
    desk.put("scores.csv", "old");
    desk.put("bad.csv", PEOPLE.replace("81.5", "fast"));
    assert_eq!(desk.run(&["score", "small.toml", "bad.csv", "-o", "scores.csv"]).code, Some(4));
    assert_eq!(desk.read("scores.csv"), "old");
    desk.run(&["score", "small.toml", "people.csv", "-o", "scores.csv"]).ok();
    assert!(desk.read("scores.csv").starts_with("person,index,"));
    let missing = desk.run(&["score", "small.toml", "people.csv", "-o", "no/folder/scores.csv"]);
    assert_eq!(missing.code, Some(4), "{}", missing.told());
    // The calibration is not kept when the scores cannot be.
    let half =
        ["score", "small.toml", "people.csv", "--calibrate-here", "c.toml", "-o", "no/folder/scores.csv"];
    assert_eq!(desk.run(&half).code, Some(4));
    assert_eq!(desk.files(), ["bad.csv", "people.csv", "scores.csv", "small.toml"]);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("vointi"))
        .args(["score", "nhanes", "data/nhanes/adults.csv"])
        .current_dir(root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut line = String::new();
    let mut out = BufReader::with_capacity(64, child.stdout.take().expect("a pipe"));
    out.read_line(&mut line).expect("a line");
    drop(out);
    assert!(line.starts_with("person,index"));
    let rest = child.wait_with_output().expect("it ends");
    let err = String::from_utf8(rest.stderr).expect("UTF-8");
    assert_eq!(rest.status.code(), Some(0), "{err}");
    assert!(!err.contains("error") && !err.contains("panic"), "{err}");
}

// ---- bad input ------------------------------------------------------------------------------------------------------

/// Runs `score` to a file, expects the exit code, and that there is no file.
fn refused(desk: &Desk, arguments: &[&str], code: i32) -> String {
    let before = desk.files();
    let run = desk.run(arguments);
    assert_eq!(run.code, Some(code), "{arguments:?}: {}", run.told());
    assert_eq!(desk.files(), before, "{arguments:?}");
    assert!(run.out.is_empty() && run.err.contains("error: "), "{arguments:?}: {}", run.told());
    run.told()
}

#[test]
fn usage_is_told() {
    let desk = Desk::new();
    for (arguments, word) in [
        (&["scroe"][..], "score"),
        (&["score", "small.toml"], "<DATA>"),
        (&["score", "small.toml", "people.csv", "--threads", "0"], "--threads"),
        (&["score", "small.toml", "people.csv", "--audience", "boss"], "employer"),
        (
            &["score", "small.toml", "people.csv", "--calibration", "a", "--calibrate-here", "b"],
            "--calibrate-here",
        ),
        (&["score", "small.toml", "people.csv", "--delimiter", "x"], "tab"),
    ] {
        let run = desk.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.told());
        assert!(run.err.contains(word), "{arguments:?}: {}", run.told());
    }
    assert_eq!(desk.run(&[]).code, Some(2));
    assert_eq!(desk.run(&["--version"]).code, Some(0));
}

#[test]
fn a_definition_is_found_or_told() {
    let desk = Desk::new();
    assert_snapshot!("definition_neither", refused(&desk, &["check", "nhane"], 3));
    assert_snapshot!("definition_no_file", refused(&desk, &["check", "nhane.toml"], 3));
    fs::create_dir(desk.0.path().join("nhanes")).expect("a folder");
    desk.run(&["check", "nhanes"]).ok();
}

/// The small definition with a part replaced.
fn changed(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1)
}

#[test]
fn bad_definitions_are_refused() {
    let choice = "\n[choice.walking]\ncolumn = \"steps\"\nunit = \"1/d\"\nstep = 1000\n";
    let cases = [
        ("unknown_key", changed("utility = \"linear\"", "utilty = \"linear\"")),
        ("unknown_instrument", changed("use = \"who5\"", "use = \"who6\"")),
        ("negative_weight", changed("{ felt = 1, measured = 1 }", "{ felt = 1, measured = -1 }")),
        ("zero_weights", changed("{ felt = 1, measured = 1 }", "{ felt = 0, measured = 0 }")),
        ("cyclic_pillar", changed("children = [\"mood\"]", "children = [\"mood\", \"felt\"]")),
        (
            "cyclic_pillars",
            changed("children = [\"mood\"]", "children = [\"measured\"]").replacen(
                "children = [\"pulse\"]",
                "children = [\"felt\"]",
                1,
            ),
        ),
        ("empty_pillar", changed("children = [\"mood\"]", "children = []")),
        ("choice_directly", changed("[measure.pulse]", "[measure.pulse]\ncolumn = \"steps\"") + choice),
        (
            "choice_derived",
            changed("[measure.pulse]", "[measure.pulse]\nfrom = \"moved / 2\"")
                + choice
                + "\n[derived.moved]\nfrom = \"steps * 2\"\n",
        ),
        (
            "choice_by_content",
            changed("[measure.pulse]", "[measure.pulse]\ncontent = [\"activity\"]")
                + choice
                + "content = [\"activity\"]\n",
        ),
        ("several_faults", "schema = 1\nid = \"Small\"\n[person]\n[indicator.x]\nscale = 1\n".to_owned()),
        ("no_toml", "person,w1\na,5\n".to_owned()),
    ];
    for (name, text) in cases {
        let desk = Desk::new();
        desk.put("bad.toml", text);
        let told = refused(&desk, &["score", "bad.toml", "people.csv", "-o", "scores.csv"], 3);
        assert_snapshot!(format!("bad_{name}"), told);
        refused(&desk, &["check", "bad.toml"], 3);
    }
}

/// Bad data, by name: what the file is called, and its bytes.
fn bad_data() -> Vec<(&'static str, Vec<u8>)> {
    let with = |from: &str, to: &str| {
        assert!(PEOPLE.contains(from), "{from}");
        PEOPLE.replacen(from, to, 1).into_bytes()
    };
    vec![
        ("unknown_column", with("w5,pulse", "w5,puls")),
        ("answer_out_of_range", with("a,5,4", "a,7,4")),
        ("answer_not_whole", with("a,5,4", "a,4.5,4")),
        ("reading_out_of_limits", with("81.5", "300")),
        ("text_for_a_number", with("81.5", "fast")),
        ("duplicate_id", with("\nb,", "\na,")),
        ("missing_id", with("\nb,", "\n,")),
        ("empty_file", Vec::new()),
        ("header_only", b"person,w1,w2,w3,w4,w5,pulse,age\n".to_vec()),
        ("too_few_fields", with("b,2,,2,1,2,81.5", "b,2,,2")),
        ("too_many_fields", with("81.5", "81,5")),
        ("infinite_number", with("81.5", "inf")),
        ("duplicate_column", with("w5,pulse", "w4,pulse")),
        ("nul", with("81.5", "8\0")),
        ("open_quote", with("\nb,", "\n\"b,")),
        ("undecodable", b"person,w1,w2,w3,w4,w5,pulse,age\n\xe4,1,1,1,1,1,60,40\n".to_vec()),
        ("ambiguous_delimiter", b"person,w;1\na;b,c\n".to_vec()),
        ("ambiguous_decimal", PEOPLE.replace(',', ";").replace("81.5", "1.234").into_bytes()),
    ]
}

#[test]
fn bad_data_are_refused() {
    for (name, bytes) in bad_data() {
        let desk = Desk::new();
        desk.put("bad.csv", bytes);
        let told = refused(&desk, &["score", "small.toml", "bad.csv", "-o", "scores.csv"], 4);
        assert_snapshot!(format!("bad_{name}"), told);
        refused(&desk, &["calibrate", "small.toml", "bad.csv", "-o", "norms.toml"], 4);
        let check = desk.run(&["check", "small.toml", "bad.csv"]);
        assert_eq!(check.code, Some(4), "{name}: {}", check.told());
    }
    let desk = Desk::new();
    assert_snapshot!(
        "bad_missing_file",
        refused(&desk, &["score", "small.toml", "nobody.csv", "-o", "s.csv"], 4)
    );
    assert_snapshot!("bad_folder", refused(&desk, &["score", "small.toml", ".", "-o", "s.csv"], 4));
    let told = refused(
        &desk,
        &["score", "small.toml", "people.csv", "--encoding", "windows-1253x", "-o", "s.csv"],
        4,
    );
    assert_snapshot!("bad_encoding", told);
}

#[test]
fn a_person_stands_once_in_a_wave() {
    let desk = Desk::new();
    desk.put("waves.toml", SMALL.replace("id = \"person\"", "id = \"person\"\nwave = \"wave\""));
    let two = "person,wave,w1,w2,w3,w4,w5,pulse,age\na,1,5,4,5,3,4,62,41\na,2,5,4,5,3,4,62,42\n";
    desk.put("good.csv", two);
    let good = desk.run(&["score", "waves.toml", "good.csv"]).ok();
    assert!(good.out.starts_with("person,wave,index,"), "{}", good.out);
    assert!(good.out.lines().nth(2).is_some_and(|line| line.starts_with("a,2,")), "{}", good.out);
    desk.put("bad.csv", two.replace("a,2,", "a,1,"));
    assert_snapshot!(
        "bad_duplicate_wave",
        refused(&desk, &["score", "waves.toml", "bad.csv", "-o", "s.csv"], 4)
    );
}

#[test]
fn a_calibration_belongs_to_its_definition() {
    let desk = Desk::new();
    let norms = root().join("data/norms/nhanes.toml").to_string_lossy().into_owned();
    desk.put("norms.toml", fs::read(&norms).expect("a file"));
    let score = ["score", "small.toml", "people.csv", "-o", "scores.csv", "--calibration"];
    let with = |file: &'static str| [&score[..], &[file]].concat();
    assert_snapshot!("calibration_of_another", refused(&desk, &with("norms.toml"), 3));
    assert_snapshot!("calibration_missing_file", refused(&desk, &with("nothing.toml"), 3));
    desk.put("broken.toml", "schema = 1\nrows = \n");
    assert_snapshot!("calibration_broken", refused(&desk, &with("broken.toml"), 3));
    desk.put("needs.toml", changed("utility = \"linear\"", RELIABILITY));
    let told = refused(&desk, &["score", "needs.toml", "people.csv", "-o", "scores.csv"], 3);
    assert_snapshot!("calibration_needed", told);
    desk.run(&["score", "needs.toml", "people.csv", "-o", "scores.csv", "--calibrate-here", "c.toml"]).ok();
    desk.run(&["score", "needs.toml", "people.csv", "-o", "scores.csv", "--calibration", "c.toml"]).ok();
}

// ---- nobody's value or id in a message ------------------------------------------------------------------------------

const NUMBER: &str = "987654.321";

/// Files in which every cell, and every id, is recognisable, and something is wrong; a few rows of each.
fn sentinels() -> Vec<(String, Vec<u8>)> {
    let header = "person,wave,w1,w2,w3,w4,w5,pulse,age\n";
    let numbers = |id: &str| format!("{id},SENTINEL-wave{}\n", format!(",{NUMBER}").repeat(7));
    let texts = |id: &str| format!("{id},SENTINEL-wave{}\n", ",SENTINEL-text".repeat(7));
    let (one, two) = ("SENTINEL-1", "SENTINEL-2");
    let mut files: Vec<(String, Vec<u8>)> = [
        ("numbers", format!("{header}{}{}", numbers(one), numbers(two))),
        ("texts", format!("{header}{}{}", texts(one), texts(two))),
        ("mixed", format!("{header}{}{}", numbers(one), texts(two))),
        ("duplicate", format!("{header}{}{}", numbers(one), numbers(one))),
        ("no id", format!("{header}{}{}", numbers(""), numbers(one))),
        (
            "infinite",
            format!(
                "{header}{}SENTINEL-2,SENTINEL-w,{NUMBER},inf,-inf,1e999,{NUMBER},1,{NUMBER}\n",
                numbers(one)
            ),
        ),
        ("few", format!("{header}{}SENTINEL-2,{NUMBER}\n", numbers(one))),
        ("many", format!("{header}{}{},{NUMBER}\n", numbers(one), numbers(two).trim_end())),
        ("quote", format!("{header}{}\"{}", numbers(one), texts(two))),
        ("nul", format!("{header}{}SENTINEL-\0,{}", numbers(one), texts(two))),
        ("columns", format!("person,wave,w1,w2,w3\nSENTINEL-1,SENTINEL-w,{NUMBER},{NUMBER},SENTINEL-3\n")),
        (
            "decimal",
            format!("{}{}", header.replace(',', ";"), numbers(one).replace(',', ";").replace('.', ",")),
        ),
        ("both decimals", {
            let comma = NUMBER.replace('.', ",");
            format!(
                "{}SENTINEL-1;SENTINEL-w;{NUMBER};{comma};{NUMBER};{comma};{NUMBER}\n",
                header.replace(',', ";")
            )
        }),
        ("signs", format!("person,w;1\nSENTINEL-1;{NUMBER},SENTINEL-2\n")),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .into();
    let mut undecodable = format!("{header}{}", texts(one)).into_bytes();
    undecodable.extend(b"SENTINEL-\xe4,SENTINEL-\xf6,1,1,1,1,1,1\n");
    files.push(("undecodable".to_owned(), undecodable));
    files
}

fn assert_silent(name: &str, arguments: &[&str], run: &Run) {
    assert!(matches!(run.code, Some(2..=4)), "{name} {arguments:?}: {}", run.told());
    for told in [&run.out, &run.err] {
        assert!(!told.contains("SENTINEL"), "{name} {arguments:?}: {}", run.told());
        assert!(!told.contains("987654"), "{name} {arguments:?}: {}", run.told());
    }
}

#[test]
fn no_message_shows_a_value_or_an_id() {
    let waves = SMALL.replace("id = \"person\"", "id = \"person\"\nwave = \"wave\"");
    let derived =
        waves.replace("[measure.pulse]", "[measure.pulse]\nfrom = \"if(pulse > 0, w1 / w2, missing)\"");
    let mapped = waves.replace("use = \"who5\"", "use = \"who5\"\nanswers = { never = 0, always = 5 }");
    let levels = waves
        .replace("columns = [\"age\"]", "columns = [\"age\"]\n[adjust.levels]\nage = [\"young\", \"old\"]")
        + "\n[choice.walking]\ncolumn = \"age\"\nlevels = [\"no\", \"yes\"]\nreference = \"no\"\n";
    for (name, bytes) in sentinels() {
        let desk = Desk::new();
        desk.put("bad.csv", bytes);
        for (definition, text) in
            [("waves", &waves), ("derived", &derived), ("mapped", &mapped), ("levels", &levels)]
        {
            desk.put("d.toml", text);
            let name = format!("{name} with {definition}");
            for arguments in [
                &["score", "d.toml", "bad.csv"][..],
                &["score", "d.toml", "bad.csv", "-o", "scores.csv"],
                &["score", "d.toml", "bad.csv", "--format", "json"],
                &["score", "d.toml", "bad.csv", "--calibrate-here", "norms.toml"],
                &["calibrate", "d.toml", "bad.csv", "-o", "norms.toml"],
                &["check", "d.toml", "bad.csv"],
                &["check", "d.toml", "bad.csv", "--format", "json"],
            ] {
                assert_silent(&name, arguments, &desk.run(arguments));
            }
        }
        assert_eq!(desk.files(), ["bad.csv", "d.toml", "people.csv", "small.toml"], "{name}");
    }
}

/// A text that ten rows share is the file's, not a person's.
#[test]
fn unmapped_answers_are_shown_from_ten_rows_on() {
    let desk = Desk::new();
    for (rows, shown) in [(9, false), (10, true)] {
        let mut text = "person,w1,w2,w3,w4,w5,pulse,age\n".to_owned();
        for row in 0..rows {
            text += &format!("{row},seldom,1,1,1,1,60,40\n");
        }
        desk.put("people.csv", text);
        desk.put(
            "mapped.toml",
            SMALL.replace("use = \"who5\"", "use = \"who5\"\nanswers = { never = 0, always = 5 }"),
        );
        let run = desk.run(&["check", "mapped.toml", "people.csv"]);
        assert_eq!((run.code, run.out.contains("seldom")), (Some(4), shown), "{}", run.told());
        assert!(!run.err.contains("seldom"), "{}", run.err);
    }
}

/// People given where a definition or a calibration belongs.
#[test]
fn no_message_shows_a_value_of_a_file_in_the_wrong_place() {
    for (name, bytes) in sentinels() {
        let desk = Desk::new();
        desk.put("bad.csv", bytes);
        for arguments in [
            &["check", "bad.csv"][..],
            &["score", "bad.csv", "people.csv"],
            &["score", "small.toml", "people.csv", "--calibration", "bad.csv"],
        ] {
            assert_silent(&name, arguments, &desk.run(arguments));
        }
    }
}
