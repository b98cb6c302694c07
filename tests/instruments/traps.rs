//! The traps of the field, each by name.

use vointi::{
    Cohort, Definition,
    scale::{self, Safety, Scales},
    table::{Column, Table},
};

use crate::golden::using;

/// Persons' answers by item, as texts, NaN where empty.
fn scored(id: &str, more: &str, columns: &[(&str, &[&str])]) -> Scales {
    let definition = Definition::from_toml(&using(id, more)).unwrap();
    let rows = columns[0].1.len();
    let persons: Vec<String> = (0..rows).map(|row| format!("p{row}")).collect();
    let mut table = Table::builder()
        .column("person", Column::text(persons.iter().map(Some)))
        .number("age_of_person", vec![Some(40.0); rows])
        .column(
            "sex_of_person",
            Column::text((0..rows).map(|row| Some(if row % 2 == 0 { "female" } else { "male" }))),
        );
    for (name, cells) in columns {
        let is_text = cells.iter().any(|cell| cell.contains(':'));
        let column = if is_text {
            Column::text(cells.iter().map(|cell| (!cell.is_empty()).then_some(*cell)))
        } else {
            let number = |cell: &&str| if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() };
            Column::numbers_or_nan(cells.iter().map(number).collect()).unwrap()
        };
        table = table.column(*name, column);
    }
    scale::score(&Cohort::new(&definition, table.build().unwrap()).unwrap())
}

fn values(scales: &Scales, scale: &str) -> Vec<Option<f64>> {
    let column = scales.get(&format!("it.{scale}")).unwrap();
    (0..column.values_or_nan().len()).map(|row| column.value(row)).collect()
}

fn bands(scales: &Scales, scale: &str, rows: usize) -> Vec<Option<String>> {
    let column = scales.get(&format!("it.{scale}")).unwrap();
    (0..rows).map(|row| column.band(row).map(str::to_owned)).collect()
}

/// The same answers for items of these names.
fn all<'a>(items: &'a [&'a str], cells: &'a [&'a str]) -> Vec<(&'a str, &'a [&'a str])> {
    items.iter().map(|item| (*item, cells)).collect()
}

const NIGHT: [&str; 14] = ["5a", "5b", "5c", "5d", "5e", "5f", "5g", "5h", "5i", "5j", "6", "7", "8", "9"];

/// Two packages differ at exactly six hours: one scores 1, one 2. Here the lower edge belongs to the better bin.
#[test]
fn psqi_at_six_hours_of_sleep() {
    let hours = ["7.000001", "7", "6", "5.999999", "5", "4.999999"];
    let same = ["23:00"; 6];
    let rise = ["07:00"; 6];
    let zero = ["0"; 6];
    let mut columns = all(&NIGHT, &zero);
    columns.extend([
        ("bed_time", &same[..]),
        ("rise_time", &rise[..]),
        ("latency_minutes", &zero[..]),
        ("hours_asleep", &hours[..]),
    ]);
    let scales = scored("psqi", "licence_ack = \"a test\"", &columns);
    assert_eq!(values(&scales, "duration"), [0.0, 1.0, 1.0, 2.0, 2.0, 3.0].map(Some));
}

#[test]
fn psqi_in_bed_across_midnight() {
    let (bed, rise) = (["23:30", "00:30", "12:00", "22:00"], ["07:30", "08:30", "20:00", "22:00"]);
    let hours = ["6.8"; 4];
    let zero = ["0"; 4];
    let mut columns = all(&NIGHT, &zero);
    columns.extend([
        ("bed_time", &bed[..]),
        ("rise_time", &rise[..]),
        ("latency_minutes", &zero[..]),
        ("hours_asleep", &hours[..]),
    ]);
    let scales = scored("psqi", "licence_ack = \"a test\"", &columns);
    // 6.8 of 8 hours is exactly 85 %; as long in bed as a clock goes round is no time at all.
    assert_eq!(values(&scales, "efficiency"), [Some(0.0), Some(0.0), Some(0.0), None]);
}

const OLBI: [&str; 16] =
    ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"];

/// A file that codes disagreement low says so; the score stays the same.
#[test]
fn olbi_coding() {
    let (one, four) = (["1"], ["4"]);
    let mut agrees_with_burdens: Vec<(&str, &[&str])> = Vec::new();
    let mut other_coding: Vec<(&str, &[&str])> = Vec::new();
    let reversed = ["2", "3", "4", "6", "8", "9", "11", "12"];
    for item in OLBI {
        let is_burden = reversed.contains(&item);
        agrees_with_burdens.push((item, if is_burden { &one } else { &four }));
        other_coding.push((item, if is_burden { &four } else { &one }));
    }
    let most = scored("olbi", "", &agrees_with_burdens);
    assert_eq!(values(&most, "total"), [Some(4.0)]);
    assert_eq!(values(&scored("olbi", "turned = true", &other_coding), "total"), [Some(4.0)]);
    assert_eq!(values(&scored("olbi", "", &other_coding), "total"), [Some(1.0)]);
}

/// Some files code K10 the other way round, as the Australian one of 1997.
#[test]
fn k10_direction() {
    let items = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
    let cells = ["5", "1", "2"];
    let scales = scored("k10", "", &all(&items, &cells));
    assert_eq!(values(&scales, "total"), [50.0, 10.0, 20.0].map(Some));
    let turned = scored("k10", "turned = true", &all(&items, &cells));
    assert_eq!(values(&turned, "total"), [10.0, 50.0, 40.0].map(Some));
}

/// A printed example has "19-14: moderate"; the bands begin at 5, 10, 15 and 20.
#[test]
fn phq9_bands_are_not_19_to_14() {
    let items = ["1", "2", "3", "4", "5", "6", "7", "8"];
    let eight = ["1", "1", "1", "2", "2"];
    let ninth = ["1", "2", "3", "3", "3"];
    let mut columns = all(&items, &eight);
    columns.push(("9", &ninth));
    let scales = scored("phq9", "", &columns);
    assert_eq!(values(&scales, "total"), [9.0, 10.0, 11.0, 19.0, 19.0].map(Some));
    let found = bands(&scales, "total", 4);
    assert_eq!(found[0].as_deref(), Some("mild"));
    assert_eq!(found[1].as_deref(), Some("moderate"));
    assert_eq!(found[3].as_deref(), Some("moderately_severe"));
}

#[test]
fn an_unanswered_safety_item_is_never_no() {
    let items = ["1", "2", "3", "4", "5", "6", "7", "8"];
    let zero = ["0", "0", "0", "0"];
    let ninth = ["0", "1", "3", ""];
    let mut columns = all(&items, &zero);
    columns.push(("9", &ninth));
    let scales = scored("phq9", "", &columns);
    let says: Vec<Safety> = (0..4).map(|row| scales.safety()[0].answer(row)).collect();
    assert_eq!(says, [Safety::No, Safety::Yes, Safety::Yes, Safety::Unanswered]);
}

/// A public calculator takes 5 off the sum first.
#[test]
fn who5_is_four_times_the_raw_sum() {
    let items = ["1", "2", "3", "4", "5"];
    let cells = ["0", "2", "3", "5"];
    let scales = scored("who5", "", &all(&items, &cells));
    assert_eq!(values(&scales, "total"), [0.0, 40.0, 60.0, 100.0].map(Some));
}

#[test]
fn audit_items_that_were_not_asked() {
    let empty = ["", "", "", "", ""];
    let mut columns: Vec<(&str, &[&str])> =
        ["4", "5", "6", "7", "8"].iter().map(|item| (*item, &empty[..])).collect();
    // Never drinks; drinks little; the same without 3; without 9; one that answered 4 all the same stays an answer.
    let first = ["0", "2", "2", "0", "2"];
    let second = ["", "0", "0", "", "1"];
    let third = ["", "0", "", "", "0"];
    let ninth = ["0", "2", "0", "", "0"];
    let tenth = ["4", "0", "0", "0", "0"];
    columns.extend([
        ("1", &first[..]),
        ("2", &second[..]),
        ("3", &third[..]),
        ("9", &ninth[..]),
        ("10", &tenth[..]),
    ]);
    let scales = scored("audit", "", &columns);
    assert_eq!(values(&scales, "total"), [Some(4.0), Some(4.0), None, None, None]);
    let column = scales.get("it.total").unwrap();
    assert_eq!(column.answered(0), Some(3));
    assert!(!column.is_prorated(0), "what was not asked is not missing");
}

/// Printed bands of 1–2.9, 3–5 and 5.1–7 leave means such as 2.95 and 5.05 without one.
#[test]
fn mspss_bands_have_no_gaps() {
    let items = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];
    let eleven = ["3", "5", "5", "3"];
    let twelfth = ["2", "5", "6", "3"];
    let mut columns = all(&items, &eleven);
    columns.push(("12", &twelfth));
    let scales = scored("mspss", "", &columns);
    let found = bands(&scales, "total", 4);
    let band = |at: usize| found[at].clone().unwrap();
    assert_ne!(band(0), band(3), "2.92 is below 3");
    assert_eq!(band(1), band(3), "5 is within the middle");
    assert_ne!(band(2), band(1), "5.08 is above 5");
}

#[test]
fn nfr_six_of_eleven() {
    let five = ["1"; 1];
    let zero = ["0"; 1];
    // Item 4 is keyed the other way round: answered no it counts 1.
    let columns: Vec<(&str, &[&str])> = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]
        .iter()
        .map(|item| (*item, if ["1", "2", "3", "5", "6"].contains(item) { &five[..] } else { &zero[..] }))
        .collect();
    let scales = scored("nfr", "licence_ack = \"a test\"", &columns);
    let score = values(&scales, "total")[0].unwrap();
    assert!((score - 600.0 / 11.0).abs() < 1e-12, "{score}");
    assert!(bands(&scales, "total", 1)[0].is_some());
}

#[test]
fn cbi_minimum_counts_and_its_reversed_item() {
    let full = ["100", "100", "100"];
    let some = ["100", "", ""];
    let mut columns: Vec<(&str, &[&str])> = Vec::new();
    for item in ["p1", "p2"] {
        columns.push((item, &full));
    }
    let third = ["100", "100", ""];
    columns.push(("p3", &third));
    for item in ["p4", "p5", "p6", "w5", "w6"] {
        columns.push((item, &some));
    }
    for item in ["w1", "w2", "w3"] {
        columns.push((item, &full));
    }
    let fourth = ["100", "100", ""];
    columns.push(("w4", &fourth));
    let seventh = ["0", "", ""];
    columns.push(("w7", &seventh));
    let scales = scored("cbi", "", &columns);
    assert_eq!(values(&scales, "personal"), [Some(100.0), Some(100.0), None], "three of six");
    assert_eq!(values(&scales, "work"), [Some(100.0), Some(100.0), None], "four of seven");
    assert!(scales.get("it.work").unwrap().is_prorated(1));
}

/// The published limit of AUDIT-C is another for women and for men, and needs a sex.
#[test]
fn auditc_by_sex() {
    let (one, two, zero) = (["1", "1"], ["2", "2"], ["0", "0"]);
    let scales = scored("auditc", "", &[("1", &two), ("2", &one), ("3", &zero)]);
    let found = bands(&scales, "total", 2);
    assert_ne!(found[0], found[1], "3 points: {found:?}");
    let unknown =
        Definition::from_toml(&using("auditc", "").replace("use = \"sex\"", "unit = \"1\"")).unwrap();
    let table = Table::builder()
        .text("person", [Some("a")])
        .number("age_of_person", [Some(40.0)])
        .text("sex_of_person", [Some("female")])
        .number("1", [Some(2.0)])
        .number("2", [Some(1.0)])
        .number("3", [Some(0.0)]);
    let scales = scale::score(&Cohort::new(&unknown, table.build().unwrap()).unwrap());
    assert_eq!(scales.get("it.total").unwrap().band(0), None);
}

/// A file that writes 999 for a missing thermometer is told so.
#[test]
fn eq5d_sentinel_never_gets_through() {
    let definition = Definition::from_toml(&using("eq5d5l", "licence_ack = \"a test\"")).unwrap();
    let mut table = Table::builder()
        .text("person", [Some("a")])
        .number("age_of_person", [Some(40.0)])
        .text("sex_of_person", [Some("female")])
        .number("vas", [Some(999.0)]);
    for item in ["mobility", "self_care", "usual_activities", "pain", "anxiety"] {
        table = table.number(item, [Some(1.0)]);
    }
    let error = Cohort::new(&definition, table.build().unwrap()).unwrap_err().to_string();
    assert!(error.contains("no possible answer") && error.contains("sentinels"), "{error}");
    assert!(!error.contains("999"), "{error}");
}

/// psych prints λ2 of the correlations, where alpha is of the covariances; both are here, by name.
#[test]
fn lambda2_of_psych_is_that_of_correlations() {
    let stored = std::fs::read_to_string("tests/golden/psychometrics/reliability.json").unwrap();
    let stored: serde_json::Value = serde_json::from_str(&stored).unwrap();
    let cohort = Cohort::read_csv(&Definition::builtin("nhanes").unwrap(), "data/nhanes/adults.csv").unwrap();
    let mood = scale::reliability(&scale::answers(&cohort, "mood.total").unwrap()).unwrap();
    let near = |ours: f64, name: &str| {
        let theirs = stored["phq8"][name].as_f64().unwrap();
        assert!((ours - theirs).abs() <= 1e-9 * theirs, "{name}: {ours} {theirs}");
    };
    near(mood.lambda2_r, "lambda2_r");
    near(mood.lambda2, "lambda2_s");
    assert!((mood.lambda2 - mood.lambda2_r).abs() > 1e-4, "they are not the same");
    assert!(mood.lambda2 >= mood.alpha, "of one matrix, λ2 is never below alpha");
}
