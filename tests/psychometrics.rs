//! Reliability, raters, teams, careless answers, change and norms against other software; what made each value is said
//! in `golden/psychometrics/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::pedantic,
    missing_docs,
    reason = "a test stops at the first surprise; its style is for its reader"
)]

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;
use vointi::{
    definition::{Audience, Direction},
    scale::{self, Answers, ChangeRule, IccForm, Norm, Reliability},
};

const REVERSED: [&str; 3] = ["a3", "a5", "b4"];

/// What makes the values, and says how.
const MAKERS: [&str; 7] =
    ["README.md", "common.py", "exact.py", "make.R", "make.py", "persons.py", "versions.txt"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/psychometrics")
}

fn read(file: &str) -> String {
    fs::read_to_string(folder().join(file)).expect("a file")
}

fn json(file: &str) -> Value {
    serde_json::from_str(&read(file)).expect("JSON")
}

/// A file without quotes as columns of texts.
struct Sheet {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn read(text: &str) -> Self {
        assert!(!text.contains('"'));
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Self { names: lines.next().expect("a header"), rows: lines.collect() }
    }

    fn text(&self, row: usize, name: &str) -> &str {
        let at = self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"));
        &self.rows[row][at]
    }

    /// NaN where empty.
    fn number(&self, row: usize, name: &str) -> f64 {
        let cell = self.text(row, name);
        if cell.is_empty() { f64::NAN } else { cell.parse().expect("a number") }
    }

    fn column(&self, name: &str) -> Vec<f64> {
        (0..self.rows.len()).map(|row| self.number(row, name)).collect()
    }

    fn answers(&self, names: &[&str], ends: [f64; 2]) -> Answers {
        Answers::from_columns(
            names.iter().copied(),
            names.iter().map(|name| self.column(name)).collect(),
            ends,
        )
        .expect("answers")
    }
}

#[track_caller]
fn near(found: f64, expected: f64, relative: f64, what: &str) {
    let is_near = (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= relative * expected.abs().max(1e-300);
    assert!(is_near, "{what}: {found:e} and not {expected:e}, {:e} apart", (found / expected - 1.0).abs());
}

#[track_caller]
fn same(found: Option<f64>, expected: f64, relative: f64, what: &str) {
    near(found.unwrap_or(f64::NAN), expected, relative, what);
}

fn items(prefixes: &[&str]) -> Vec<String> {
    prefixes.iter().flat_map(|prefix| (1..=6).map(move |item| format!("{prefix}{item}"))).collect()
}

/// `phq8`, or items of the invented persons, keyed as told.
fn set(prefixes: &[&str], reversed: &[&str]) -> Answers {
    let second = Sheet::read(&read("second.csv"));
    let names = items(prefixes);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let reversed = reversed.iter().filter(|name| names.contains(name));
    second.answers(&names, [1.0, 5.0]).reversed(reversed).expect("items")
}

fn phq8() -> Answers {
    let sheet = Sheet::read(&read("phq8.csv"));
    let names: Vec<&str> = sheet.names.iter().skip(1).map(String::as_str).collect();
    sheet.answers(&names, [0.0, 3.0])
}

#[test]
fn every_stored_file_is_compared() {
    let here = include_str!("psychometrics.rs");
    let stored: BTreeSet<String> = fs::read_dir(folder())
        .expect("a folder")
        .map(|entry| entry.expect("a file"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    for file in stored.iter().filter(|file| !MAKERS.contains(&file.as_str())) {
        let is_read = [format!("read(\"{file}\")"), format!("json(\"{file}\")")];
        assert!(is_read.iter().any(|call| here.contains(call)), "{file} is compared with nothing");
    }
}

// ---- reliability ------------------------------------------------------------------------------------------------------

#[test]
fn reliability_is_that_of_psych_and_lavaan() {
    let (expected, omega) = (json("reliability.json"), json("omega.json"));
    for (name, answers) in [
        ("phq8", phq8()),
        ("second", set(&["a", "b"], &REVERSED)),
        ("second_a", set(&["a"], &REVERSED)),
        ("second_b", set(&["b"], &REVERSED)),
    ] {
        let found = scale::reliability(&answers).expect("a reliability");
        let wanted = &expected[name];
        assert_eq!(
            (found.n as u64, found.items as u64),
            (wanted["n"].as_u64().unwrap(), wanted["k"].as_u64().unwrap())
        );
        closed_forms(&found, wanted, name);
        let wanted = &omega[name];
        let number = |metric: &str| wanted[metric]["omega"].as_f64().unwrap();
        same(found.omega, number("covariance"), 1e-12, name);
        same(found.omega_std, number("correlation"), 1e-12, name);
        for (item, loading) in
            found.item.iter().zip(wanted["correlation"]["loadings"].as_array().expect("loadings"))
        {
            same(item.loading, loading.as_f64().unwrap(), 1e-10, &format!("{name} {}", item.item));
        }
        // Theirs stop at their own tolerance.
        for (key, metric) in [("lavaan_covariance", "covariance"), ("factanal", "correlation")] {
            near(number(metric), expected[name]["omega"][key].as_f64().unwrap(), 2e-6, key);
        }
    }
}

fn closed_forms(found: &Reliability, wanted: &Value, name: &str) {
    let number = |key: &str| wanted[key].as_f64().unwrap_or_else(|| panic!("{name} has no {key}"));
    for (key, value, relative) in [
        ("alpha", Some(found.alpha), 1e-13),
        ("alpha_std", Some(found.alpha_std), 1e-13),
        ("feldt_low", Some(found.alpha_low), 1e-12),
        ("feldt_high", Some(found.alpha_high), 1e-12),
        ("ase", Some(found.alpha_se), 1e-12),
        ("normal_low", Some(found.alpha_normal_low), 1e-12),
        ("normal_high", Some(found.alpha_normal_high), 1e-12),
        ("lambda2_s", Some(found.lambda2), 1e-13),
        ("lambda2_r", Some(found.lambda2_r), 1e-13),
        ("lambda4_any_s", Some(found.lambda4), 1e-13),
        ("lambda4_r", Some(found.lambda4_r), 1e-13),
        ("lambda6_r", found.lambda6, 1e-12),
        ("average_r", Some(found.average_r), 1e-13),
        ("odd_even_r", found.split_half_r, 1e-13),
        ("odd_even_spearman_brown", found.split_half, 1e-13),
        ("score_mean", Some(found.mean), 1e-13),
        ("score_sd", Some(found.sd), 1e-13),
        ("sem", found.sem, 1e-12),
        ("mdc95", found.mdc95, 1e-12),
        ("floor", Some(found.floor), 1e-15),
        ("ceiling", Some(found.ceiling), 1e-15),
    ] {
        same(value, number(key), relative, &format!("{name} {key}"));
    }
    assert!(found.lambda4_exact);
    for item in &found.item {
        let wanted = &wanted["items"][&item.item];
        for (key, value) in [
            ("mean", Some(item.mean)),
            ("sd", Some(item.sd)),
            ("r_drop", item.r_drop),
            ("alpha_if_dropped", item.alpha_if_dropped),
        ] {
            same(value, wanted[key].as_f64().unwrap(), 1e-12, &format!("{name} {} {key}", item.item));
        }
    }
}

#[test]
fn wrong_keys_are_those_that_psych_would_turn() {
    let expected = json("reliability.json");
    let turned = |more: &'static str| [REVERSED.as_slice(), &[more]].concat();
    for (name, answers) in [
        ("second_unreversed", set(&["a", "b"], &[])),
        ("second_a_unreversed", set(&["a"], &[])),
        ("second_b_unreversed", set(&["b"], &[])),
        ("second_a_with_a2_turned", set(&["a"], &turned("a2"))),
        ("second_with_b1_turned", set(&["a", "b"], &turned("b1"))),
        ("phq8_with_tired_turned", phq8().reversed(["tired"]).expect("an item")),
    ] {
        let wanted = &expected["wrong_keys"][name];
        let found = scale::reliability(&answers).expect("a reliability");
        let flagged: Vec<&str> =
            wanted["flagged"].as_array().expect("a list").iter().map(|item| item.as_str().unwrap()).collect();
        assert_eq!(found.wrong_keys, flagged, "{name}");
        near(found.alpha, wanted["alpha"].as_f64().unwrap(), 1e-12, name);
        near(found.alpha_std, wanted["alpha_std"].as_f64().unwrap(), 1e-12, name);
        for item in &found.item {
            same(item.r_drop, wanted["r_drop"][&item.item].as_f64().unwrap(), 1e-11, &item.item);
        }
        let right = scale::reliability(&answers.reversed(&found.wrong_keys).expect("items")).unwrap();
        same(found.alpha_turned, right.alpha, 1e-13, name);
    }
}

// ---- raters and teams -------------------------------------------------------------------------------------------------

#[test]
fn raters_agree_as_in_psych() {
    let expected = json("icc.json");
    for (name, text) in [("shrout_fleiss", read("shrout_fleiss.csv")), ("icc", read("icc.csv"))] {
        let sheet = Sheet::read(&text);
        let columns: Vec<Vec<f64>> = sheet.names.iter().map(|rater| sheet.column(rater)).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let found = scale::icc(&columns).expect("six of them");
        let wanted = &expected[name];
        assert_eq!(
            (found.n as u64, found.raters as u64),
            (wanted["n"].as_u64().unwrap(), wanted["k"].as_u64().unwrap())
        );
        for (key, value) in [
            ("ms_between", found.ms_between),
            ("ms_within", found.ms_within),
            ("ms_raters", found.ms_raters),
            ("ms_error", found.ms_error),
        ] {
            near(value, wanted[key].as_f64().unwrap(), 1e-12, key);
        }
        for (key, form) in [
            ("1,1", found.one_way),
            ("2,1", found.random_raters),
            ("3,1", found.fixed_raters),
            ("1,k", found.one_way_mean),
            ("2,k", found.random_raters_mean),
            ("3,k", found.fixed_raters_mean),
        ] {
            one_form(form, &wanted[key], &format!("{name} {key}"));
        }
    }
}

fn one_form(found: IccForm, wanted: &Value, what: &str) {
    assert_eq!(
        (found.df1 as f64, found.df2 as f64),
        (wanted["df1"].as_f64().unwrap(), wanted["df2"].as_f64().unwrap())
    );
    for (key, value, relative) in [
        ("icc", found.icc, 1e-12),
        ("f", found.f, 1e-12),
        // Small tails are differences from 1 in R.
        ("p", found.p, 1e-9),
        ("low", found.low, 1e-9),
        ("high", found.high, 1e-9),
    ] {
        near(value, wanted[key].as_f64().unwrap(), relative, &format!("{what} {key}"));
    }
}

#[test]
fn teams_agree_as_in_multilevel() {
    let sheet = Sheet::read(&read("second.csv"));
    let units: Vec<Option<&str>> = (0..sheet.rows.len())
        .map(|row| Some(sheet.text(row, "unit")).filter(|unit| !unit.is_empty()))
        .collect();
    let found = scale::agreement(&set(&["a"], &REVERSED), &units, Audience::Research).expect("an agreement");
    let wanted = json("teams.json");
    assert_eq!(
        (found.n as u64, found.units as u64),
        (wanted["n"].as_u64().unwrap(), wanted["units"].as_u64().unwrap())
    );
    for (key, value, relative) in [
        ("mean_size", found.mean_size, 1e-15),
        ("ms_between", found.ms_between, 1e-12),
        ("ms_within", found.ms_within, 1e-12),
        ("f", found.f, 1e-12),
        ("p", found.p, 1e-9),
        ("icc1", found.icc1, 1e-12),
        ("icc2", found.icc2, 1e-12),
    ] {
        near(value, wanted[key].as_f64().unwrap(), relative, key);
    }
    let wanted = Sheet::read(&read("teams.csv"));
    assert_eq!(found.by_unit.len(), wanted.rows.len());
    let mut below = 0;
    for (row, unit) in found.by_unit.iter().enumerate() {
        assert_eq!((unit.unit.as_str(), unit.n as f64), (wanted.text(row, "unit"), wanted.number(row, "n")));
        for (key, value) in [
            ("rwg", unit.rwg),
            ("rwg_j", unit.rwg_j),
            ("rwg_lindell", unit.r_star),
            ("ad_mean", unit.ad_mean),
            ("ad_median", unit.ad_median),
            ("ad_mean_items", unit.ad_mean_items),
            ("ad_median_items", unit.ad_median_items),
        ] {
            let (found, expected) = (value.unwrap_or(f64::NAN), wanted.number(row, key));
            let is_near = (found.is_nan() && expected.is_nan()) || (found - expected).abs() < 1e-13;
            assert!(is_near, "{} {key}: {found} and not {expected}", unit.unit);
        }
        let is_below = wanted.number(row, "rwg_untruncated") < 0.0 || wanted.number(row, "rwg_lindell") < 0.0;
        assert_eq!(unit.is_below_chance, is_below, "{}", unit.unit);
        below += usize::from(is_below);
    }
    assert_eq!(found.below_chance, below);
    assert!(below > 0);
    let employer = scale::agreement(&set(&["a"], &REVERSED), &units, Audience::Employer).unwrap();
    assert!(employer.by_unit.iter().all(|unit| unit.n >= 10));
    let hidden: usize = found.n - employer.by_unit.iter().map(|unit| unit.n).sum::<usize>();
    assert!(employer.withheld >= 2 && hidden >= 10);
}

// ---- careless answers -------------------------------------------------------------------------------------------------

#[test]
fn careless_answers_are_those_of_the_formulas() {
    let about = json("careless.json");
    let list = |value: &Value| -> Vec<String> {
        value.as_array().expect("a list").iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list(&about["items"]), items(&["a", "b"]));
    assert_eq!(list(&about["reversed"]), REVERSED);
    let scales: Vec<Vec<String>> = about["scales"].as_object().expect("scales").values().map(list).collect();
    let scales: Vec<Vec<&str>> =
        scales.iter().map(|scale| scale.iter().map(String::as_str).collect()).collect();
    let scales: Vec<&[&str]> = scales.iter().map(Vec::as_slice).collect();
    let found = scale::careless(&set(&["a", "b"], &REVERSED), &scales).expect("signs");
    let pairs: Vec<(String, String)> = about["synonym_pairs"]
        .as_array()
        .expect("pairs")
        .iter()
        .map(|pair| {
            let pair = list(pair);
            (pair[0].clone(), pair[1].clone())
        })
        .collect();
    assert_eq!(found.pairs(), pairs);
    let wanted = Sheet::read(&read("careless.csv"));
    assert_eq!(found.rows(), wanted.rows.len());
    for row in 0..found.rows() {
        let signs = found.person(row).unwrap();
        let what = format!("row {row}");
        near(signs.answered as f64, wanted.number(row, "answered"), 0.0, &what);
        near(signs.longstring as f64, wanted.number(row, "longstring").max(0.0), 0.0, &what);
        for (key, value) in [
            ("irv", signs.irv),
            ("mahalanobis", signs.mahalanobis),
            ("even_odd", signs.even_odd),
            ("synonyms", signs.synonyms),
        ] {
            let (found, expected) = (value.unwrap_or(f64::NAN), wanted.number(row, key));
            let is_near = (found.is_nan() && expected.is_nan())
                || (found - expected).abs() <= 1e-12 * expected.abs().max(1.0);
            assert!(is_near, "{what} {key}: {found} and not {expected}");
        }
        let flag = match signs.flagged {
            None => "",
            Some(true) => "yes",
            Some(false) => "no",
        };
        assert_eq!(flag, wanted.text(row, "mahalanobis_flag"), "{what}");
    }
    assert_eq!(found.summary().flagged as u64, about["mahalanobis_flagged"].as_u64().unwrap());
    assert_eq!(found.summary().complete as u64, about["complete"].as_u64().unwrap());
}

// ---- change and norms -------------------------------------------------------------------------------------------------

/// The sum of the eight answers, NaN if one is missing.
fn sums(text: &str) -> Vec<f64> {
    let sheet = Sheet::read(text);
    let sum = |row: usize| sheet.names.iter().skip(1).map(|name| sheet.number(row, name)).sum();
    (0..sheet.rows.len()).map(sum).collect()
}

#[test]
fn change_is_that_of_the_formulas() {
    let about = json("change.json");
    let given = |key: &str| about["parameters"][key].as_f64().unwrap();
    assert_eq!(about["direction"], "lower_better");
    let rule = ChangeRule::new(given("reliability"), given("mean"), given("sd"), Direction::LowerBetter)
        .and_then(|rule| rule.functional(given("functional_mean"), given("functional_sd")))
        .expect("a rule")
        .practice(given("practice"));
    let [of_90, of_95] = rule.least_detectable();
    let [a, b, c] = rule.cut_offs();
    for (key, value) in [
        ("sem", rule.sem()),
        ("sem_difference", rule.sem_of_difference()),
        ("se_true_score", rule.se_of_true_score()),
        ("se_prediction", rule.se_of_prediction()),
        ("mdc95", of_95),
        ("mdc90", of_90),
        ("cutoff_a", a.unwrap()),
        ("cutoff_b", b.unwrap()),
        ("cutoff_c", c.unwrap()),
    ] {
        near(value, about["single"][key].as_f64().unwrap(), 1e-13, key);
    }
    let (before, after) = (sums(&read("change_pre.csv")), sums(&read("change_post.csv")));
    let wanted = Sheet::read(&read("change.csv"));
    assert_eq!(before.len(), wanted.rows.len());
    let yes = |is: Option<bool>| if is == Some(true) { "yes" } else { "no" };
    for (row, (x, y)) in before.iter().zip(&after).enumerate() {
        near(*x, wanted.number(row, "pre"), 0.0, "pre");
        near(*y, wanted.number(row, "post"), 0.0, "post");
        if x.is_nan() || y.is_nan() {
            assert_eq!(wanted.text(row, "class"), "");
            continue;
        }
        let found = rule.judge(*x, *y);
        for (key, value) in [
            ("change", found.difference),
            ("rci", found.rci),
            ("gulliksen_lord_novick", found.gulliksen_lord_novick),
            ("edwards_nunnally_low", found.edwards_nunnally[0]),
            ("edwards_nunnally_high", found.edwards_nunnally[1]),
            ("practice_adjusted", found.practice_adjusted),
        ] {
            let expected = wanted.number(row, key);
            assert!(
                (value - expected).abs() < 1e-13 * expected.abs().max(1.0),
                "{row} {key}: {value} {expected}"
            );
        }
        for (key, word) in [
            ("reliable", found.reliable.word()),
            ("reliable_gulliksen_lord_novick", found.reliable_gulliksen_lord_novick.word()),
            ("reliable_edwards_nunnally", found.reliable_edwards_nunnally.word()),
            ("reliable_practice_adjusted", found.reliable_practice_adjusted.word()),
            ("crossed_a", yes(found.crossed[0])),
            ("crossed_b", yes(found.crossed[1])),
            ("crossed_c", yes(found.crossed[2])),
            ("class", found.class.word()),
        ] {
            assert_eq!(word, wanted.text(row, key), "{row} {key}");
        }
    }
    let group = scale::group_change(before.iter().copied().zip(after.iter().copied())).expect("a group");
    let of = |key: &str| about["group"][key].as_f64().unwrap();
    for (key, value) in [
        ("n", Some(group.n as f64)),
        ("mean_change", Some(group.mean_change)),
        ("sd_change", Some(group.sd_change)),
        ("sd_pre", Some(group.sd_before)),
        ("standardised_response_mean", group.srm),
        ("d_pre", group.d_pre),
        ("hedges_factor", Some(group.hedges_factor)),
        ("d_pre_hedges", group.d_pre_hedges),
        ("standardised_response_mean_hedges", group.srm_hedges),
    ] {
        same(value, of(key), 1e-13, key);
    }
}

#[test]
fn norms_are_those_of_the_formulas() {
    let about = json("change.json");
    let given = |key: &str| about["parameters"][key].as_f64().unwrap();
    let small = Norm::normal(given("norm_n") as usize, given("norm_mean"), given("norm_sd")).expect("a norm");
    let reference = Norm::from_scores(sums(&read("phq8.csv"))).expect("a norm");
    assert_eq!(reference.n() as u64, about["percentiles_from"]["n"].as_u64().unwrap());
    let wanted = Sheet::read(&read("change.csv"));
    for row in 0..wanted.rows.len() {
        let score = wanted.number(row, "pre");
        if score.is_nan() {
            continue;
        }
        let (found, among) = (small.score(score), reference.score(score));
        assert_eq!(
            (f64::from(found.stanine), f64::from(found.sten)),
            (wanted.number(row, "stanine"), wanted.number(row, "sten"))
        );
        for (key, value) in [
            ("z", Some(found.z)),
            ("t_score", Some(found.t_score)),
            ("mid_percentile", Some(100.0 * among.mid_percentile)),
            ("normalised_t", among.normalised_t),
            ("crawford_howell_t", Some(found.crawford_howell_t)),
            ("crawford_howell_p", found.crawford_howell_p),
            ("crawford_howell_p_one_sided", found.crawford_howell_p.map(|p| 0.5 * p)),
            ("crawford_howell_percent_below", Some(100.0 * found.crawford_howell_below)),
        ] {
            let (found, expected) = (value.unwrap_or(f64::NAN), wanted.number(row, key));
            let is_near =
                (found.is_nan() && expected.is_nan()) || (found - expected).abs() < 1e-12 * expected.abs();
            assert!(is_near, "{row} {key}: {found} and not {expected}");
        }
    }
}
