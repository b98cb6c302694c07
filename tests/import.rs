//! Questionnaires in other formats: what becomes of them, what is left out, what is refused.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};
use toml::{Table, Value};
use vointi::{
    Error, ErrorKind,
    import::{self, Importer, Source},
};

use super::program::Desk;

const CALM: &str = include_str!("fixtures/import/calm.json");
const DICTIONARY: &str = include_str!("fixtures/import/dictionary.csv");
const SHEET: &str = include_str!("fixtures/import/sheet.csv");

/// The keys of an instrument file, of an item and of a scale, as far as an import writes them.
const KEYS: &[&str] = &[
    "schema", "id", "version", "title", "about", "citation", "status", "items", "response", "coding",
    "loinc", "licence", "item", "scale",
];
const ITEM_KEYS: &[&str] = &["ids", "codes", "response", "points", "kind"];
const SCALE_KEYS: &[&str] =
    &["title", "items", "reverse", "of", "from", "aggregate", "direction", "missing", "range", "ends"];

fn calm_form() -> Importer {
    Importer::new().form("calm")
}

/// The file as a table, with nothing in it that no instrument file has; and the reader of such files takes it.
fn read(imported: &import::Imported) -> Table {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("{}.toml", imported.id));
    std::fs::write(&path, &imported.toml).expect("a file");
    if let Err(error) = vointi::definition::instrument_file(&path) {
        panic!("{error}\n{}", imported.toml);
    }
    let table: Table = imported.toml.parse().expect("TOML");
    let known = |table: &Table, keys: &[&str]| {
        for key in table.keys() {
            assert!(keys.contains(&key.as_str()), "unknown key {key}");
        }
    };
    known(&table, KEYS);
    assert_eq!(table["id"].as_str(), Some(imported.id.as_str()));
    assert_eq!(table["status"].as_str(), Some("unverified"));
    let items = texts(&table["items"]);
    assert!(!items.is_empty() && items.len() <= 255);
    assert!(items.iter().enumerate().all(|(at, item)| !items[..at].contains(item)), "{items:?}");
    for item in table.get("item").map(|items| items.as_array().unwrap().as_slice()).unwrap_or_default() {
        let item = item.as_table().unwrap();
        known(item, ITEM_KEYS);
        assert!(!(item.contains_key("codes") && item.contains_key("response")));
        assert!(texts(&item["ids"]).iter().all(|id| items.contains(id)));
        assert!(item.get("codes").is_none_or(|codes| numbers(codes).is_sorted_by(|a, b| a < b)));
    }
    let mut before: Vec<&str> = Vec::new();
    for (id, scale) in table["scale"].as_table().unwrap() {
        let scale = scale.as_table().unwrap();
        known(scale, SCALE_KEYS);
        assert!(["items", "of", "from"].iter().filter(|key| scale.contains_key(**key)).count() == 1);
        assert!(scale.get("items").is_none_or(|of| texts(of).iter().all(|id| items.contains(id))));
        assert!(scale.get("of").is_none_or(|of| texts(of).iter().all(|id| before.contains(id))));
        let [low, high] = numbers(&scale["range"])[..] else { panic!("a range is of two") };
        assert!(low <= high);
        assert!(numbers(&scale["ends"]).iter().all(|end| (low - 1e-9..=high + 1e-9).contains(end)), "{id}");
        before.push(id);
    }
    table
}

fn number(value: &Value) -> f64 {
    value.as_float().or(value.as_integer().map(|whole| whole as f64)).expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// Code and points of every answer of an item.
fn answers(table: &Table, id: &str) -> Vec<[f64; 2]> {
    let own = table
        .get("item")
        .and_then(|items| items.as_array().unwrap().iter().find(|item| texts(&item["ids"]).contains(&id)));
    let codes = match own.and_then(|own| own.get("codes")) {
        Some(codes) => numbers(codes),
        None => {
            let response = numbers(own.and_then(|own| own.get("response")).unwrap_or(&table["response"]));
            std::iter::successors(Some(response[0]), |code| Some(code + 1.0))
                .take_while(|c| *c <= response[1])
                .collect()
        }
    };
    let points = own.and_then(|own| own.get("points")).map_or(codes.clone(), numbers);
    assert_eq!(points.len(), codes.len());
    codes.into_iter().zip(points).map(|(code, points)| [code, points]).collect()
}

/// The items behind a scale, through other scales too.
fn behind<'a>(table: &'a Table, scale: &str) -> Vec<&'a str> {
    let scale = table["scale"][scale].as_table().unwrap();
    let mut found = match (scale.get("items"), scale.get("of")) {
        (Some(items), _) => texts(items),
        (_, Some(of)) => texts(of).iter().flat_map(|scale| behind(table, scale)).collect(),
        _ => Vec::new(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// The score of a scale without a formula, as the format says it.
fn score(table: &Table, scale: &str, points: &BTreeMap<&str, f64>) -> f64 {
    let scale = table["scale"][scale].as_table().unwrap();
    let reverse = scale.get("reverse").map(texts).unwrap_or_default();
    let parts: Vec<f64> = match scale.get("items") {
        Some(items) => texts(items)
            .iter()
            .map(|item| {
                let all: Vec<f64> = answers(table, item).iter().map(|[_, points]| *points).collect();
                let (least, most) = (
                    all.iter().copied().fold(f64::MAX, f64::min),
                    all.iter().copied().fold(f64::MIN, f64::max),
                );
                if reverse.contains(item) { least + most - points[item] } else { points[item] }
            })
            .collect(),
        None => texts(&scale["of"]).iter().map(|scale| score(table, scale, points)).collect(),
    };
    let sum: f64 = parts.iter().sum();
    if scale["aggregate"].as_str() == Some("mean") { sum / parts.len() as f64 } else { sum }
}

/// `range` and `ends` of every scale without a formula, by trying every answer.
fn check_reach(table: &Table) {
    for (id, scale) in table["scale"].as_table().unwrap() {
        let items = behind(table, id);
        if items.is_empty() {
            continue;
        }
        let mut people: Vec<BTreeMap<&str, f64>> = vec![BTreeMap::new()];
        for item in &items {
            let answers = answers(table, item);
            people = people
                .iter()
                .flat_map(|person| {
                    answers.iter().map(|[_, points]| {
                        let mut person = person.clone();
                        person.insert(item, *points);
                        person
                    })
                })
                .collect();
        }
        let scores: Vec<f64> = people.iter().map(|person| score(table, id, person)).collect();
        let least = scores.iter().copied().fold(f64::MAX, f64::min);
        let most = scores.iter().copied().fold(f64::MIN, f64::max);
        // The first and the last person have the lowest and the highest codes.
        let ends = [scores[0], scores[scores.len() - 1]];
        let range = numbers(&scale["range"]);
        if scale.as_table().unwrap().contains_key("of") {
            // Scales that share an item may not be at their ends together.
            assert!(range[0] <= least && most <= range[1], "{id}: {range:?}, tried {least} to {most}");
        } else {
            near(id, &range, &[least, most]);
        }
        near(id, &numbers(&scale["ends"]), &ends);
    }
}

fn near(id: &str, found: &[f64], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{id}: {found}, tried {expected}");
    }
}

/// Texts of items, answers and persons of the fixtures all have this word in them.
fn is_silent(text: &str) {
    assert!(!text.contains("SECRET"), "{text}");
}

#[test]
fn a_fhir_questionnaire() {
    let imported = import::fhir(CALM).unwrap();
    check_reach(&read(&imported));
    is_silent(&imported.toml);
    assert_snapshot!("import_fhir", imported.toml);
    assert_eq!(Importer::new().read(CALM).unwrap(), imported);
}

#[test]
fn a_redcap_dictionary() {
    let imported = calm_form().read(DICTIONARY).unwrap();
    check_reach(&read(&imported));
    is_silent(&imported.toml);
    assert_snapshot!("import_redcap", imported.toml);
    let other = Importer::new().form("evening").id("evenings").read(DICTIONARY).unwrap();
    assert_eq!(texts(&read(&other)["items"]), ["tired"]);
    assert_eq!(other.id, "evenings");
    let error = import::redcap(DICTIONARY).unwrap_err();
    assert!(error.to_string().contains("2 forms: calm, evening"), "{error}");
    let error = Importer::new().form("evning").read(DICTIONARY).unwrap_err();
    assert!(error.to_string().contains("did you mean `evening`?"), "{error}");
}

#[test]
fn a_scorify_sheet() {
    let imported = import::scorify(SHEET).unwrap();
    let table = read(&imported);
    check_reach(&table);
    is_silent(&imported.toml);
    assert_snapshot!("import_scorify", imported.toml);
    // By hand: walks counts 0 to 5, the mean of calm is 1 to 5.
    assert_eq!(numbers(&table["scale"]["share"]["range"]), [0.0, 5.0]);
}

#[test]
fn separators_marks_and_line_ends_do_not_matter() {
    let plain = import::scorify(SHEET).unwrap();
    let tabs = SHEET.lines().map(|line| line.replacen(',', "\t", 1)).collect::<Vec<_>>().join("\r\n");
    assert!(import::scorify(&tabs).is_err(), "only the first comma is a tab");
    let marked = format!("\u{feff}{}", SHEET.replace('\n', "\r\n"));
    assert_eq!(import::scorify(&marked).unwrap(), plain);
    let semicolons = "score;q;m;t\ntransform;t;map(0:1,1:0)\nmeasure;m;sum(m)\n";
    assert_eq!(
        import::scorify(semicolons).unwrap(),
        import::scorify(&semicolons.replace(';', "\t")).unwrap(),
    );
    let marked = format!("\u{feff}{DICTIONARY}");
    assert_eq!(calm_form().read(&marked).unwrap(), calm_form().read(DICTIONARY).unwrap());
}

#[test]
fn columns_without_a_map_have_the_codes_of_the_maps() {
    let sheet = "transform,down,\"map(0:3,3:0)\"\nscore,a,m,down\nscore,b,m\nmeasure,m,mean_imputed(m)\n";
    let imported = import::scorify(sheet).unwrap();
    let table = read(&imported);
    assert_eq!(answers(&table, "b"), [[0.0; 2], [1.0; 2], [2.0; 2], [3.0; 2]]);
    assert_eq!(texts(&table["scale"]["m"]["reverse"]), ["a"]);
    assert_eq!(imported.notes, ["column `b` has no map; its codes are taken to be those of the maps"]);
}

#[test]
fn one_column_in_two_measures_may_be_reversed_in_one() {
    let sheet = "transform,up,\"map(1:5,0:4)\"\ntransform,down,\"map(1:5,4:0)\"\n\
        score,a,m,up\nscore,a,n,down\nmeasure,m,sum(m)\nmeasure,n,sum(n)\n";
    let table = read(&import::scorify(sheet).unwrap());
    check_reach(&table);
    assert_eq!(numbers(&table["item"][0]["points"]), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert!(table["scale"]["m"].get("reverse").is_none());
    assert_eq!(texts(&table["scale"]["n"]["reverse"]), ["a"]);
}

#[test]
fn weights_may_stand_on_the_coding_and_in_its_code_system() {
    let weighted = r#"{"resourceType": "Questionnaire", "item": [{"linkId": "a", "type": "choice", "answerOption": [
        {"valueCoding": {"system": "urn:s", "code": "x"}}, {"valueCoding": {"system": "urn:s", "code": "y"}}]}],
        "contained": [{"resourceType": "CodeSystem", "url": "urn:s", "concept": [
            {"code": "x", "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 3}]},
            {"code": "y", "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueInteger": 4}]}]}]}"#;
    let imported = Importer::new().name("Two Codes.v1").read(weighted).unwrap();
    assert_eq!(imported.id, "two_codes_v1");
    assert_eq!(answers(&read(&imported), "a"), [[3.0; 2], [4.0; 2]]);
}

fn told(result: vointi::Result<import::Imported>) -> String {
    let error: Error = result.expect_err("the file has faults");
    assert_eq!(error.kind(), ErrorKind::Definition);
    is_silent(&error.to_string());
    is_silent(&format!("{error:?}"));
    error.to_string()
}

#[test]
fn faults_come_together_with_their_places() {
    let fhir = r#"{"resourceType": "Questionnaire", "contained": {}, "item": [
        {"type": "group", "item": [{"linkId": "a", "type": "chioce", "text": "SECRET"}, "SECRET"]},
        {"linkId": "a", "type": "integer", "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": "SECRET"},
            {"url": "http://hl7.org/fhir/StructureDefinition/maxValue"}]},
        {"linkId": 7, "type": "display"},
        {"linkId": "b", "type": "choice", "answerOption": [{"valueInteger": true}]}]}"#;
    let redcap = "field_name,form_name,field_type,select_choices_or_calculations,\
        text_validation_type_or_show_slider_number,text_validation_min,text_validation_max\n\
        a,f,radio,\"0, SECRET | , SECRET | 0, SECRET\"\nb,f,slider,,,high,\nc,f,slider,,,9,3\n";
    let rows = "field_name,form_name,field_type\na,f,radoi\na,,yesno\n,f,yesno\nb,f,yesno,SECRET\n";
    let sheet = "layout,headr\nscroe,a,m\nscore,a,m,up\nscore,a,m\ntransform,u,map(1:5,5:1)\ntransform,w,twist(1)\n\
        measure,m,average(m)\nmeasure,n,sum(k)\nmeasure,o,\"ratio(m,m,m)\"\nA heading\nrename,a,b\nmeasure,p\n";
    let faults = [
        ("fhir", told(import::fhir(fhir))),
        ("fhir", told(import::fhir("{\"resourceType\": \"Bundle\"}"))),
        ("fhir", told(import::fhir("<Questionnaire/>"))),
        ("fhir", told(import::fhir("{\"resourceType\": \"Questionnaire\"}"))),
        ("redcap", told(import::redcap(redcap))),
        ("redcap", told(import::redcap(rows))),
        ("redcap", told(import::redcap("field_name,SECRET\na,\"b\n"))),
        ("redcap", told(import::redcap("field_name,SECRET\na,b\n"))),
        ("redcap", told(import::redcap("field_name,form_name,field_type\na,f,file\n"))),
        ("scorify", told(import::scorify(sheet))),
        ("scorify", told(import::scorify("score,a\n"))),
        ("any", told(Importer::new().id("Index").form("f").read("age\n40\n"))),
        ("any", told(Importer::new().form("f").read(SHEET))),
    ];
    let faults: Vec<String> = faults.iter().map(|(of, told)| format!("{of}: {told}\n")).collect();
    assert_snapshot!("import_faults", faults.concat());
}

#[test]
fn the_program_imports() {
    let desk = Desk::new();
    desk.put("calm.json", CALM);
    desk.put("dictionary.csv", DICTIONARY);
    let run = desk.run(&["instruments", "import", "calm.json", "-o", "calm_demo.toml"]).ok();
    assert!(run.out.is_empty());
    assert!(run.err.contains("item `many` is left out"), "{}", run.err);
    assert_eq!(desk.read("calm_demo.toml"), import::fhir(CALM).unwrap().toml);
    let run = desk
        .run(&[
            "instruments",
            "import",
            "dictionary.csv",
            "--form",
            "calm",
            "--id",
            "mine",
            "--from",
            "redcap",
        ])
        .ok();
    assert!(run.out.contains("id       = \"mine\""));
    let json = desk.run(&["instruments", "import", "calm.json", "--format", "json"]).ok().out;
    assert!(json.contains("\"notes\": ["));
    let refused = desk.run(&["instruments", "import", "dictionary.csv", "-o", "none.toml"]);
    assert_eq!(refused.code, Some(3), "{}", refused.err);
    assert!(!desk.path("none.toml").exists(), "nothing is half written");
    assert_eq!(desk.run(&["instruments", "import", "nothing.csv"]).code, Some(4));
    assert_eq!(desk.run(&["instruments", "import", "calm.json", "-o", "calm.json"]).code, Some(2));
    assert_eq!(desk.run(&["instruments", "phq9"]).code, Some(0), "an id is still an id");
}

fn config() -> Config {
    let file = FileFailurePersistence::Direct("tests/proptest-regressions/import.txt");
    Config {
        cases: 512,
        rng_seed: RngSeed::Fixed(11),
        failure_persistence: Some(Box::new(file)),
        ..Config::default()
    }
}

/// A change of a text: what is cut out at a place, and what is put there.
fn change() -> impl Strategy<Value = (prop::sample::Index, usize, String)> {
    let words = prop::sample::select(vec![
        "",
        "\"",
        ",",
        "|",
        ":",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "\\",
        "0",
        "-1",
        "1e999",
        "1e308",
        "map(1:5,5:1)",
        "null",
        "score",
        "\u{feff}",
        "\0",
        "ä",
        "`",
        "'",
        "#",
        "index",
        "sum",
        "_",
        "99999999999999999999",
    ]);
    (any::<prop::sample::Index>(), 0_usize..12, words.prop_map(str::to_owned))
}

fn changed(text: &str, changes: &[(prop::sample::Index, usize, String)]) -> String {
    let mut signs: Vec<char> = text.chars().collect();
    for (at, cut, put) in changes {
        let from = at.index(signs.len() + 1);
        let to = (from + cut).min(signs.len());
        signs.splice(from..to, put.chars());
    }
    signs.into_iter().collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn changed_files_are_read_or_refused(
        which in 0_usize..3,
        changes in prop::collection::vec(change(), 1..8),
        end in any::<prop::sample::Index>(),
        is_cut in prop::bool::weighted(0.2),
    ) {
        let source = [Source::Fhir, Source::Redcap, Source::Scorify][which];
        let mut text = changed([CALM, DICTIONARY, SHEET][which], &changes);
        if is_cut {
            text = text.chars().take(end.index(text.chars().count() + 1)).collect();
        }
        let importer = Importer::new().source(source);
        let importer = if source == Source::Redcap { importer.form("calm") } else { importer };
        match importer.read(&text) {
            Ok(imported) => { read(&imported); }
            Err(error) => {
                prop_assert!(!error.faults().is_empty());
                prop_assert!(error.faults().iter().all(|fault| !fault.what().is_empty()));
            }
        }
        // Detection never fails either.
        let _ = Importer::new().read(&text);
    }
}
