//! What a definition can get wrong about published scores: every fault at once, each with its place, what is allowed and what
//! to do; and what can only be told of people is told without them.

use insta::assert_snapshot;
use vointi::{
    Calibration, Cohort, Definition, Error, ErrorKind, Index, Person, Table,
    definition::Audience,
    indicator::Rule,
    study::{Health, HealthSummary},
};

const BASE: &str = r#"
schema = 1
id = "faults"
audience = "research"
[person]
id = "person"
[measure.age]
use = "age"
[measure.sex]
use = "sex"
[measure.systolic]
use = "systolic_bp"
[measure.diastolic]
use = "diastolic_bp"
[measure.cholesterol]
use = "total_cholesterol"
[measure.hdl]
use = "hdl_cholesterol"
[measure.smokes]
use = "current_smoking"
[measure.diabetes]
use = "diagnosed_diabetes"
[measure.heart]
use = "prior_cardiovascular_disease"
[measure.sugar]
unit = "mmol/L"
[measure.girth]
unit = "cm"
[indicator.pressure]
rule = "le8.blood_pressure"
[index]
children = ["pressure"]
"#;

/// The base with more sections, which stand after it.
fn definition(more: &str) -> Result<Definition, Error> {
    Definition::from_toml(&format!("{BASE}{more}"))
}

/// The faults of one section, as a person sees them.
fn faults(more: &str) -> Vec<String> {
    let error = definition(more).expect_err("a fault");
    assert_eq!(error.kind(), ErrorKind::Definition);
    for fault in error.faults() {
        assert!(
            fault
                .place()
                .key()
                .is_some_and(|key| key.starts_with("health.") || key.starts_with("indicator.")),
            "{fault}"
        );
        assert!(fault.place().line().is_some(), "{fault}");
        assert!(!fault.remedy().is_empty(), "no remedy: {fault}");
    }
    error
        .faults()
        .iter()
        .map(|fault| format!("{}: {fault}; {}", fault.place().key().unwrap(), fault.remedy()))
        .collect()
}

#[track_caller]
fn fault(more: &str, parts: &[&str]) {
    let found = faults(more);
    assert_eq!(found.len(), 1, "{found:#?}");
    for part in parts {
        assert!(found[0].contains(part), "`{part}` is not in: {}", found[0]);
    }
}

const SCORE2: &str = "[health.risk]\nrule = \"score2.risk\"\narguments = { region = \"low\" }\n";

#[test]
fn the_base_is_sound() {
    definition("").unwrap();
    let definition = definition(SCORE2).unwrap();
    let table = people(1);
    let cohort = Cohort::new(&definition, table).unwrap();
    let health = Health::of(&Index::new(&definition).unwrap(), &cohort).unwrap();
    assert!(health.score("risk").unwrap().scores().value(0).is_some());
}

#[test]
fn a_rule_that_is_not_there() {
    fault(
        "[health.risk]\nrule = \"score2.rsk\"\n",
        &["health.risk.rule", "score2.rsk", "did you mean `score2.risk`?"],
    );
    fault("[health.risk]\nrule = \"qrisk\"\n", &["health.risk.rule", "qrisk", "vointi rules"]);
}

#[test]
fn an_input_the_rule_does_not_have() {
    fault(
        &format!("{SCORE2}inputs = {{ smokr = \"smokes\" }}\n"),
        &["health.risk.inputs", "no input `smokr`", "did you mean `smoker`?"],
    );
}

#[test]
fn an_input_bound_to_no_measure() {
    fault(
        &format!("{SCORE2}inputs = {{ smoker = \"smoks\" }}\n"),
        &["health.risk.inputs", "unknown measure `smoks`", "did you mean `smokes`?"],
    );
}

#[test]
fn a_unit_that_cannot_be() {
    fault(
        "[health.sugar]\nrule = \"glycaemia.ada_glucose\"\ninputs = { fasting_glucose = \"girth\" }\n",
        &["health.sugar.inputs", "`girth`", "mg/dL", "mmol/L"],
    );
    // A list of codes is equal only to itself.
    fault(
        &format!("{SCORE2}inputs = {{ smoker = \"sugar\" }}\n"),
        &["health.risk.inputs", "`sugar`", "mmol/L", "{no:0,yes:1}"],
    );
    // Nobody knows what is dissolved: DHEA-S is no entry of the registry.
    let ten = "[health.load]\nrule = \"allostatic_load.seeman_1997\"\nat_least = 1\ninputs = { dhea_s = \"sugar\" }\n";
    fault(ten, &["health.load.inputs", "`sugar`", "mmol/L", "ug/dL"]);
}

#[test]
fn an_argument_that_is_not_said_or_not_one_of_them() {
    fault(
        "[health.risk]\nrule = \"score2.risk\"\n",
        &["health.risk", "needs the argument `region`", "one of low, moderate, high, very_high"],
    );
    fault(
        "[health.risk]\nrule = \"score2.risk\"\narguments = { region = \"hihg\" }\n",
        &["health.risk", "`hihg`", "did you mean `high`?"],
    );
    fault(
        "[health.risk]\nrule = \"score2.risk\"\narguments = { region = \"low\", country = \"FI\" }\n",
        &["health.risk", "no argument `country`"],
    );
}

#[test]
fn numbers_nobody_checked_are_taken_by_name_alone() {
    let lpa = "[measure.particles]\nuse = \"lpa\"\n[health.lpa]\nrule = \"nhanes_percentiles.lpa\"\n";
    fault(lpa, &["health.lpa", "not verified", "accept = \"unverified\""]);
    definition(&format!("{lpa}accept = \"unverified\"\n")).unwrap();
}

const FACTORS: &str = "[measure.mass]\nuse = \"bmi\"\n[health.four]\nrule = \"le8.factors\"\narguments = { glycaemia = \"hba1c\" }\n";

#[test]
fn parts_that_nobody_could_have() {
    fault(&format!("{FACTORS}at_least = 5\n"), &["health.four", "5", "4 parts of `le8.factors`", "1 to 4"]);
    // Body mass and pressure are there, lipids and HbA1c are not.
    fault(FACTORS, &["health.four", "2 of 4 parts", "non_hdl, glycaemia", "at_least = 2"]);
    fault(&format!("{FACTORS}at_least = 3\n"), &["health.four", "3 are needed"]);
    definition(&format!("{FACTORS}at_least = 2\n")).unwrap();
    fault(&format!("{FACTORS}at_least = 1.5\n"), &["health.four.at_least", "whole"]);
    // What joins no parts has none to be there.
    fault(&format!("{SCORE2}at_least = 3\n"), &["health.risk", "`score2.risk`", "at_least"]);
}

#[test]
fn two_measures_of_one_entry() {
    fault(
        &format!("[measure.second]\nuse = \"hdl_cholesterol\"\n{SCORE2}"),
        &["health.risk.inputs", "several measures are `hdl_cholesterol`", "inputs = { hdl = "],
    );
}

#[test]
fn a_case_the_source_does_not_leave_open() {
    fault(
        &format!("{FACTORS}at_least = 2\ncases = {{ underwieght = \"missing\" }}\n"),
        &["health.four", "no open case `underwieght`", "did you mean `underweight`?"],
    );
}

#[test]
fn a_cut_has_one_side_and_a_measure() {
    let count = |cuts: &str| {
        format!(
            "[health.counted]\nrule = \"high_risk.count\"\ninputs = {{ systolic = \"systolic\", hdl = \"hdl\" }}\ncuts = {{ {cuts} }}\n"
        )
    };
    definition(&count("systolic = { above = 140 }, hdl = { below = 1.0 }")).unwrap();
    fault(
        &count("systolic = { above = 140, below = 90 }, hdl = { below = 1.0 }"),
        &["health.counted.cuts", "one side", "above", "below"],
    );
    fault(&count("systolic = {}, hdl = { below = 1.0 }"), &["health.counted.cuts", "one side"]);
    fault(&count("systolic = { above = 140 }"), &["health.counted.cuts", "`hdl`", "above = "]);
    fault(
        &count("systolic = { above = 140 }, hdl = { below = 1.0 }, hdll = { below = 1.0 }"),
        &["health.counted.cuts", "`hdll` is not listed", "did you mean `hdl`?"],
    );
    fault(
        "[health.counted]\nrule = \"high_risk.count\"\n",
        &["health.counted", "nothing is listed", "inputs = "],
    );
    fault(&format!("{SCORE2}cuts = {{ sbp = {{ above = 140 }} }}\n"), &["health.risk.cuts", "`score2.risk`"]);
    let too_many = format!("{}at_least = 3\n", count("systolic = { above = 140 }, hdl = { below = 1.0 }"));
    fault(&too_many, &["health.counted", "3", "1 to 2"]);
}

#[test]
fn a_frailty_index_of_a_few_deficits() {
    fault(
        "[health.frail]\nrule = \"frailty.index\"\ninputs = { a = \"sugar\", b = \"girth\" }\n",
        &["health.frail.inputs", "2 are listed", "at least 30"],
    );
    assert_eq!(Rule::frailty(["a", "b"]).unwrap_err().kind(), ErrorKind::Definition);
}

#[test]
fn what_is_learned_needs_a_calibration() {
    let more = "[health.age]\nrule = \"biological_age.klemera_doubal\"\ninputs = { systolic = \"systolic\", hdl = \"hdl\" }\n";
    let definition = definition(more).unwrap();
    let cohort = Cohort::new(&definition, people(1)).unwrap();
    let error = Health::of(&Index::new(&definition).unwrap(), &cohort).unwrap_err();
    assert_eq!((error.kind(), error.faults().len()), (ErrorKind::Calibration, 1));
    let fault = &error.faults()[0];
    assert_eq!(fault.place().key(), Some("health.age"));
    assert!(
        fault.what().contains("biological_age.klemera_doubal") && fault.remedy().contains("vointi calibrate"),
        "{fault}"
    );
    // One person teaches nothing.
    let error = Calibration::learn(&cohort).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Calibration);
}

#[test]
fn names_that_are_no_names_are_not_computed_with() {
    for name in ["waist-hip", "a b", "1st", "if", "age", "sum", "a__b", "BMI"] {
        let error = Rule::frailty((0..30).map(|at| if at == 7 { name } else { NAMES[at] })).unwrap_err();
        assert!(error.to_string().contains(name) && !error.faults()[0].remedy().is_empty(), "{error}");
    }
    let more = "[health.counted]\nrule = \"high_risk.count\"\ninputs = { \"a b\" = \"systolic\" }\ncuts = { \"a b\" = { above = 140 } }\n";
    assert!(
        faults(more).iter().any(|fault| fault.contains("health.counted.inputs") && fault.contains("letters"))
    );
}

const NAMES: [&str; 30] = [
    "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10", "d11", "d12", "d13", "d14", "d15",
    "d16", "d17", "d18", "d19", "d20", "d21", "d22", "d23", "d24", "d25", "d26", "d27", "d28", "d29",
];

// ---- what may not enter an index ----------------------------------------------------------------------------------------

fn indicator(rule: &str, more: &str) -> String {
    format!("[indicator.other]\nrule = \"{rule}\"\n{more}")
}

#[test]
fn risk_scores_never_enter_an_index() {
    for rule in
        ["score2.risk", "findrisc.score", "prevent.total_cvd", "blood_pressure.esh_2023", "phenoage.levine"]
    {
        fault(
            &indicator(rule, ""),
            &["indicator.other.rule", rule, "the clinic and research only", "[health]"],
        );
    }
}

#[test]
fn nothing_unchecked_enters_an_index() {
    let lpa = "[measure.particles]\nuse = \"lpa\"\n";
    fault(
        &format!("{lpa}{}", indicator("nhanes_percentiles.lpa", "")),
        &["indicator.other.rule", "not verified"],
    );
}

#[test]
fn what_is_no_0_to_100_enters_no_index() {
    for rule in ["le8.mepa", "ipaq.categories"] {
        fault(&indicator(rule, ""), &["indicator.other.rule", rule, "0 to 100"]);
    }
    fault(&indicator("le8.score", ""), &["indicator.other.rule", "`le8.score`", "components"]);
}

// ---- all at once ---------------------------------------------------------------------------------------------------------

#[test]
fn twelve_faults_of_health_are_twelve_faults() {
    let more = r#"
[health.unknown]
rule = "score2.rsk"
[health.unsaid]
rule = "score2.risk"
[health.wrong]
rule = "score2.risk"
arguments = { region = "hihg" }
inputs = { smoker = "nobody", smokr = "smokes", diabetes = "sugar" }
[health.lpa]
rule = "nhanes_percentiles.lpa"
[health.four]
rule = "le8.factors"
arguments = { glycaemia = "hba1c" }
at_least = 9
cases = { overweight = "missing" }
[health.counted]
rule = "high_risk.count"
inputs = { systolic = "systolic", girth = "girth" }
cuts = { systolic = { above = 140, below = 90 } }
[health.frail]
rule = "frailty.index"
inputs = { girth = "girth" }
[indicator.risk]
rule = "findrisc.score"
"#;
    let error = definition(more).unwrap_err();
    assert_snapshot!("faults_of_health", error.to_string());
    assert!(error.faults().len() >= 12, "{}", error.faults().len());
    for fault in error.faults() {
        assert!(!fault.remedy().is_empty(), "no remedy: {fault}");
    }
}

// ---- people ---------------------------------------------------------------------------------------------------------------

/// A number and a name that occur nowhere else.
const NUMBER: f64 = 83.717_171;
const NAME: &str = "Xerxes-83717171";

fn people(rows: usize) -> Table {
    let ids = (0..rows).map(|row| Some(format!("{NAME}{row}")));
    let column = |value: f64| (0..rows).map(move |_| Some(value));
    Table::builder()
        .text("person", ids)
        .number("age", column(52.717_171))
        .number("sex", column(0.0))
        .number("systolic", column(NUMBER + 50.0))
        .number("diastolic", column(NUMBER))
        .number("cholesterol", column(5.717_171))
        .number("hdl", column(1.717_171))
        .number("smokes", column(0.0))
        .number("diabetes", column(0.0))
        .number("heart", column(0.0))
        .number("sugar", column(7.171_717))
        .number("girth", column(NUMBER))
        .build()
        .unwrap()
}

fn assert_silent(error: &Error) {
    let mut text = format!("{error} {error:?} {error:#?}");
    for fault in error.faults() {
        text += &format!("{fault} {} {}", fault.place(), fault.remedy());
    }
    assert!(!["71717", "717171", "Xerxes"].iter().any(|sign| text.contains(sign)), "{text}");
}

#[test]
fn no_error_of_health_repeats_a_person() {
    let learned = "[health.age]\nrule = \"biological_age.klemera_doubal\"\ninputs = { systolic = \"systolic\", hdl = \"hdl\" }\n\
                   [health.load]\nrule = \"allostatic_load.quartiles\"\ninputs = { girth = \"girth\" }\n";
    let definition = definition(&format!("{SCORE2}{learned}")).unwrap();
    let cohort = Cohort::new(&definition, people(3)).unwrap();
    let index = Index::new(&definition).unwrap();
    assert_silent(&Health::of(&index, &cohort).unwrap_err());
    assert_silent(&Calibration::learn(&cohort).unwrap_err());

    let other = self::definition(SCORE2).unwrap();
    let others = Cohort::new(&other, people(3)).unwrap();
    let of_other = Index::new(&other).unwrap();
    // Of another definition, for another audience, of other rows.
    assert_silent(&Health::of(&of_other, &cohort).unwrap_err());
    let health = Health::of(&of_other, &others).unwrap();
    let scores = of_other.score_cohort(&others).unwrap();
    let refused = HealthSummary::of(&health, &others, &scores, Audience::Employer).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Audience);
    assert_silent(&refused);
    let few = Cohort::new(&other, people(2)).unwrap();
    let of_few = of_other.score_cohort(&few).unwrap();
    assert_silent(&HealthSummary::of(&health, &others, &of_few, Audience::Research).unwrap_err());
    assert_silent(
        &vointi::report::health_csv(&few, &health, vointi::report::CsvStyle::default(), Vec::new())
            .unwrap_err(),
    );
    assert_silent(&health.join(few.choices()).unwrap_err());
    let shown = format!("{health:?} {health:#?} {:?}", health.scores());
    assert!(!shown.contains("71717") && !shown.contains("Xerxes"), "{shown}");
    let value = health.score("risk").unwrap().scores().value(0).unwrap().to_string();
    assert!(!shown.contains(&value[..6]), "{shown}");

    // Rules beside a definition.
    let rule = Rule::builtin("score2.risk").unwrap();
    assert_silent(&rule.score(&people(2)).unwrap_err());
    let low = rule.argument("region", "low");
    assert_silent(&low.score_with_units(&people(2), &[("hdl", "kg"), ("age", "m")]).unwrap_err());
    let text = Table::builder().text("age", [Some(NAME)]).build().unwrap();
    assert_silent(&low.score(&text).unwrap_err());
    assert_silent(&Rule::klemera_doubal(["systolic", "hdl"], &people(4)).unwrap_err());
    assert_silent(&Person::builder(&other, NAME).measure("age", NUMBER * 10.0).build().unwrap_err());
}
