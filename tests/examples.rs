//! The examples, run as a reader runs them: what they print is part of the documents.

use std::{path::PathBuf, process::Command};

/// Beside the folder of this test binary, where `cargo test` builds the examples.
fn path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile =
        test.parent().and_then(|deps| deps.parent()).expect("tests are built in target/<profile>/deps");
    profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// What the example prints, from the root of the repository.
fn printed(name: &str) -> String {
    let path = path(name);
    assert!(
        path.exists(),
        "the example `{name}` is not built: run `cargo test` without `--test`, or `cargo build --examples`"
    );
    let output =
        Command::new(path).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the example runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn score_one() {
    insta::assert_snapshot!(printed("score_one"));
}

#[test]
fn score_cohort() {
    insta::assert_snapshot!(printed("score_cohort"));
}

#[test]
fn lifestyle_model() {
    insta::assert_snapshot!(printed("lifestyle_model"));
}

#[test]
fn what_if() {
    insta::assert_snapshot!(printed("what_if"));
}

#[test]
fn published_scores() {
    insta::assert_snapshot!(printed("published_scores"));
}

#[test]
fn person_report() {
    insta::assert_snapshot!(printed("person_report"));
    #[cfg(feature = "pages")]
    {
        let page =
            std::fs::read_to_string(std::env::temp_dir().join("vointi-person.html")).expect("the page");
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains(vointi::study::INTENDED_USE));
    }
}
