//! What is refused, and what is said then.

use insta::assert_snapshot;
use vointi::Definition;

use crate::golden::using;

fn refused(id: &str, more: &str) -> String {
    Definition::from_toml(&using(id, more)).unwrap_err().to_string()
}

#[test]
fn an_instrument_by_permission_needs_a_word() {
    let error = refused("isi", "");
    assert!(error.contains("licence_ack") && error.contains("ask "), "{error}");
    assert!(Definition::from_toml(&using("isi", "licence_ack = \"  \"")).is_err(), "blanks are no word");
    let held = Definition::from_toml(&using("isi", "licence_ack = \"written permission, 2026\"")).unwrap();
    assert_eq!(held.conditions().count(), 1);
}

#[test]
fn what_is_not_there_is_named_with_the_nearest() {
    assert_snapshot!("refused_use", refused("pss1", ""));
    assert_snapshot!(
        "refused_names",
        refused("pss10", "bands = { total = \"publishd\", totl = \"published\" }\nnorm = { total = \"x\" }")
    );
    assert_snapshot!("refused_missing", refused("who5", "missing = { total = { at_least = 3 } }"));
    assert_snapshot!("refused_in_place", refused("who5", "items = [\"1\"]\nscale = {}"));
}

const OWN: &str = r#"
schema = 1
id = "own"
[person]
id = "person"
[instrument.it]
items    = ["a", "b", "c", "clock"]
response = [0, 3]
[[instrument.it.item]]
ids   = ["c", "d"]
codes = [2, 1]
points = [1, 2, 3]
[[instrument.it.item]]
ids  = ["clock"]
kind = "clock"
[[instrument.it.skip]]
when_zero = ["a"]
items     = ["b", "z"]
[instrument.it.let]
sum = "a + q"
a   = "b"
[instrument.it.scale.one]
items     = ["a", "b", "e"]
reverse   = ["c"]
weights   = [1, 2]
missing   = { prorate = 2 }
[instrument.it.scale.two]
of        = ["one", "six"]
from      = "a"
[instrument.it.scale.three]
from      = "a + nothing"
missing   = "half"
[instrument.it.scale.four]
items     = ["a", "b"]
multiply  = 2
onto      = [0, 100]
bins      = { at = [2, 1], points = [0, 1] }
range     = [0, 99]
[instrument.it.scale.five]
from      = "'text'"
range     = [0, 1]
[[instrument.it.flag]]
id = "f"
title = "t"
item = "y"
at_least = 1
[indicator.it]
scale = "it.one"
utility = "linear"
[index]
children = ["it"]
"#;

#[test]
fn every_fault_of_a_key_comes_back_at_once() {
    assert_snapshot!("refused_key", Definition::from_toml(OWN).unwrap_err().to_string());
}

/// What is valid for groups alone, or is no quantity, is no indicator.
#[test]
fn groups_and_labels_are_no_indicators() {
    for (id, scale) in [("elo1", "total"), ("eq5d5l", "profile")] {
        let text = using(id, "licence_ack = \"a test\"")
            + &format!("[indicator.own]\nscale = \"it.{scale}\"\nutility = \"linear\"\n");
        let error = Definition::from_toml(&text).unwrap_err().to_string();
        assert!(error.contains("is valid for groups alone") || error.contains("is a label"), "{error}");
    }
}

/// A file of one's own beside a definition; a definition that is no file has none beside it.
#[test]
fn an_instrument_of_ones_own_is_a_file_beside_the_definition() {
    let folder = tempfile::tempdir().unwrap();
    let own = std::fs::read_to_string("data/instruments/who5.toml")
        .unwrap()
        .replace("id          = \"who5\"", "id = \"mine\"");
    std::fs::write(folder.path().join("mine.toml"), own).unwrap();
    let text = using("mine.toml", "");
    let path = folder.path().join("definition.toml");
    std::fs::write(&path, &text).unwrap();
    assert!(Definition::read(&path).is_ok());
    let error = Definition::from_toml(&text).unwrap_err().to_string();
    assert!(error.contains("has no files beside it"), "{error}");
    std::fs::write(folder.path().join("mine.toml"), "schema = 1\nid = \"mine\"\nitem = 3\n").unwrap();
    let error = Definition::read(&path).unwrap_err().to_string();
    assert!(error.contains("mine.toml") && error.contains("line"), "{error}");
}
