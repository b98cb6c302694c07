//! What published scores are got wrong by, one test each.

use vointi::{
    Table,
    definition::{Status, convert, measure, rule},
    indicator::{Outcome, Rule, RuleScores},
    table::Column,
};

use crate::{
    own::{assert_near, stored},
    table_of,
};

const ONE_MORE: f64 = 1e-9;

/// People of a rule; every column has a value a person.
fn people(columns: &[(&str, &[f64])]) -> Table {
    let add = |table: vointi::table::TableBuilder, (name, values): &(&str, &[f64])| {
        table.column(*name, Column::numbers_or_nan(values.to_vec()).unwrap())
    };
    columns.iter().fold(Table::builder(), add).build().unwrap()
}

fn scored(name: &str, arguments: &[(&str, &str)], columns: &[(&str, &[f64])]) -> RuleScores {
    let rule = Rule::builtin(name).unwrap().accept_unverified();
    let rule = arguments.iter().fold(rule, |rule, (name, value)| rule.argument(name, value));
    rule.score(&people(columns)).unwrap()
}

fn values(name: &str, columns: &[(&str, &[f64])]) -> Vec<Option<f64>> {
    let scores = scored(name, &[], columns);
    (0..scores.rows()).map(|row| scores.value(row)).collect()
}

fn all<const N: usize>(values: [f64; N]) -> Vec<Option<f64>> {
    values.map(Some).to_vec()
}

// ---- Life's Essential 8 -----------------------------------------------------------------------------------------------

/// Long sleep is two bands: nine hours lose little, ten as much as five.
#[test]
fn sleep_of_nine_hours_is_90_and_of_ten_40() {
    let hours = [6.999, 7.0, 8.999, 9.0, 9.999, 10.0, 14.0, 5.0, 3.999];
    assert_eq!(
        values("le8.sleep", &[("sleep", &hours)]),
        all([70.0, 100.0, 100.0, 90.0, 90.0, 40.0, 40.0, 40.0, 0.0])
    );
}

/// A smoker at home takes 20 off, but nothing goes below 0; vaping is 25, former smoking is graded by years.
#[test]
fn nicotine_is_never_below_0() {
    let columns: [(&str, &[f64]); 3] = [
        ("smoking", &[2.0, 3.0, 1.0, 1.0, 1.0, 0.0, 2.0]),
        ("years_since_quitting", &[f64::NAN, f64::NAN, 0.5, 1.0, 5.0, f64::NAN, f64::NAN]),
        ("indoor_smoker", &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]),
    ];
    assert_eq!(values("le8.nicotine", &columns), all([0.0, 5.0, 5.0, 30.0, 55.0, 80.0, 0.0]));
}

/// Smoking and vaping together has no row: it is not the lower of the two.
#[test]
fn smoking_and_vaping_is_left_open() {
    let scores = scored("le8.nicotine", &[], &[("smoking", &[4.0])]);
    assert!(matches!(scores.outcome(0), Outcome::Undefined { case: "dual_use", .. }));
}

/// Treatment takes 20 off a component, and a component that has less is at 0, not below.
#[test]
fn treatment_takes_20_off_but_never_below_0() {
    let pressure: [(&str, &[f64]); 3] =
        [("systolic", &[118.0, 165.0, 145.0]), ("diastolic", &[75.0; 3]), ("bp_treatment", &[1.0; 3])];
    assert_eq!(values("le8.blood_pressure", &pressure), all([80.0, 0.0, 5.0]));
    let lipids: [(&str, &[f64]); 2] = [("non_hdl", &[129.0, 219.0, 220.0]), ("lipid_treatment", &[1.0; 3])];
    assert_eq!(values("le8.non_hdl", &lipids), all([80.0, 0.0, 0.0]));
}

/// The worse of the two pressures counts, whichever it is; 120 to 129 with a diastolic of 80 is not the 75 of "elevated".
#[test]
fn blood_pressure_is_the_worse_of_both() {
    let columns: [(&str, &[f64]); 2] =
        [("systolic", &[150.0, 115.0, 125.0, 125.0]), ("diastolic", &[70.0, 95.0, 79.0, 80.0])];
    assert_eq!(values("le8.blood_pressure", &columns), all([25.0, 25.0, 75.0, 50.0]));
    // The mean of two persons' better halves would be 62.5.
    let classes = scored("blood_pressure.esh_2023", &[], &columns);
    let found: Vec<_> = (0..4).map(|row| classes.class(row).unwrap()).collect();
    assert_eq!(found, ["isolated_systolic", "grade_1", "normal", "normal"]);
}

/// The diet percentile is one in a reference population: a person's points do not move with who else is in the file.
#[test]
fn the_diet_percentile_is_of_a_reference_and_not_of_the_cohort() {
    let alone = values("le8.diet_percentile", &[("diet_percentile", &[80.0])]);
    let among = values("le8.diet_percentile", &[("diet_percentile", &[80.0, 99.0, 98.0, 97.0, 96.0])]);
    assert_eq!((alone[0], among[0]), (Some(80.0), Some(80.0)));
    assert!(rule("le8.diet_percentile").unwrap().title.contains("in a reference population"));
}

/// Body mass of Asian and Pacific people has a table of its own, which somebody has to choose.
#[test]
fn the_asian_pacific_table_is_a_choice() {
    let bmi: [(&str, &[f64]); 1] = [("bmi", &[24.0])];
    assert_eq!(values("le8.bmi", &bmi), all([100.0]));
    assert_eq!(values("le8.bmi_asian_pacific", &bmi), all([75.0]));
    let mut columns: Vec<(&str, &[f64])> = vec![("bmi", &[24.0]), ("non_hdl", &[100.0]), ("hba1c", &[5.0])];
    columns.extend([("diabetes", &[0.0][..]), ("systolic", &[110.0][..]), ("diastolic", &[70.0][..])]);
    let by_default = scored("le8.factors", &[("glycaemia", "hba1c")], &columns);
    assert_eq!(by_default.part("bmi", 0), Some(100.0), "nobody's origin is guessed");
    let chosen = scored("le8.factors", &[("glycaemia", "hba1c"), ("bmi_table", "asian_pacific")], &columns);
    assert_eq!(chosen.part("bmi", 0), Some(75.0));
    // The classes of the WHO: action points of 23 and 27.5 by choice alone.
    let who = |arguments: &[(&str, &str)]| scored("bmi.who", arguments, &bmi).class(0).unwrap().to_owned();
    assert_eq!(who(&[]), "normal");
    assert_eq!(who(&[("table", "asian")]), "increased");
}

/// Diagnostic glucose without a diagnosis is in no row: it is neither 60 nor the row of diabetes.
#[test]
fn undiagnosed_diabetes_is_left_open() {
    let columns: [(&str, &[f64]); 2] = [("hba1c", &[6.4999, 6.5, 6.5]), ("diabetes", &[0.0, 0.0, 1.0])];
    let scores = scored("le8.hba1c", &[], &columns);
    assert_eq!(scores.value(0), Some(60.0));
    assert_eq!(scores.note(1).as_deref(), Some("case:undiagnosed"));
    assert_eq!(scores.value(2), Some(40.0));
}

// ---- FINDRISC ---------------------------------------------------------------------------------------------------------

/// The waist's middle band is 3 points, not the 2 of a public transcription; the edges belong to it; age counts from 65 on.
#[test]
fn findrisc_middle_waist_is_3_and_age_above_64() {
    let columns: [(&str, &[f64]); 9] = [
        ("age", &[64.99, 65.0, 64.0, 30.0]),
        ("sex", &[1.0, 1.0, 0.0, 0.0]),
        ("bmi", &[30.0, 30.0 + ONE_MORE, 25.0, 24.999]),
        ("waist", &[102.0, 102.0 + ONE_MORE, 80.0, 79.9]),
        ("active", &[1.0; 4]),
        ("vegetables_daily", &[1.0; 4]),
        ("bp_medication", &[0.0; 4]),
        ("high_glucose_ever", &[0.0; 4]),
        ("family", &[0.0; 4]),
    ];
    let scores = scored("findrisc.score", &[], &columns);
    let parts = |part: &str| (0..4).map(|row| scores.part(part, row).unwrap()).collect::<Vec<_>>();
    assert_eq!(parts("waist"), [3.0, 4.0, 3.0, 0.0]);
    assert_eq!(parts("age"), [3.0, 4.0, 3.0, 0.0]);
    assert_eq!(parts("bmi"), [1.0, 3.0, 1.0, 0.0]);
}

/// Seven people on whom three public codes agree.
#[test]
fn findrisc_of_seven_public_rows() {
    let columns: [(&str, &[f64]); 9] = [
        ("age", &[44.0, 45.0, 54.0, 55.0, 64.0, 65.0, 30.0]),
        ("sex", &[1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]),
        ("bmi", &[24.9, 25.0, 30.0, 30.1, 30.0, 31.0, 22.0]),
        ("waist", &[93.9, 94.0, 88.0, 88.1, 102.0, 103.0, 79.9]),
        ("active", &[1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]),
        ("vegetables_daily", &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        ("bp_medication", &[0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0]),
        ("high_glucose_ever", &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]),
        ("family", &[0.0, 0.0, 1.0, 2.0, 1.0, 2.0, 2.0]),
    ];
    assert_eq!(values("findrisc.score", &columns), all([0.0, 6.0, 14.0, 25.0, 16.0, 26.0, 5.0]));
}

// ---- risks ------------------------------------------------------------------------------------------------------------

const SMOKER_OF_50: [(&str, &[f64]); 7] = [
    ("age", &[50.0, 50.0]),
    ("smoker", &[1.0, 1.0]),
    ("sbp", &[140.0, 140.0]),
    ("total_cholesterol", &[5.5, 5.5]),
    ("hdl", &[1.3, 1.3]),
    ("diabetes", &[0.0, 0.0]),
    ("prior_cvd", &[0.0, 0.0]),
];

/// The example of the abstract, to three digits more than it prints: the scales of the regions and the sexes are right.
#[test]
fn score2_of_the_published_example() {
    let columns = [&SMOKER_OF_50[..], &[("sex", &[1.0, 0.0][..])]].concat();
    for (region, expected) in [("low", [5.913, 4.215]), ("very_high", [14.049, 13.700])] {
        let scores = scored("score2.risk", &[("region", region)], &columns);
        for (row, expected) in expected.iter().enumerate() {
            assert!(
                (scores.value(row).unwrap() - expected).abs() < 5e-4,
                "{region}: {:?}",
                scores.value(row)
            );
        }
    }
}

/// Two equations meet at 70 and do not agree: a jump that is no change of a person is flagged from 69 to below 71.
#[test]
fn score2_jumps_at_70_and_says_so() {
    let ages = [68.99, 69.0, 69.999, 70.0, 70.999, 71.0];
    let columns: [(&str, &[f64]); 8] = [
        ("age", &ages),
        ("sex", &[1.0; 6]),
        ("smoker", &[1.0; 6]),
        ("sbp", &[180.0; 6]),
        ("total_cholesterol", &[6.0; 6]),
        ("hdl", &[1.2; 6]),
        ("diabetes", &[0.0; 6]),
        ("prior_cvd", &[0.0; 6]),
    ];
    let scores = scored("score2.risk", &[("region", "moderate")], &columns);
    let flagged: Vec<bool> = (0..6).map(|row| scores.flags(row).any(|flag| flag == "age_jump")).collect();
    assert_eq!(flagged, [false, true, true, true, true, false]);
    let risk = |row| scores.value(row).unwrap();
    assert!((risk(3) - risk(2)).abs() > 5.0, "{} {}", risk(2), risk(3));
    assert!((risk(2) - risk(1)).abs() < 1.0);
}

/// People with the disease, or with diabetes, are refused: their risk is not a low one.
#[test]
fn score2_refuses_whom_it_was_not_made_for() {
    let mut columns = [&SMOKER_OF_50[..], &[("sex", &[1.0, 0.0][..])]].concat();
    columns[5] = ("diabetes", &[1.0, 1.0]);
    columns[6] = ("prior_cvd", &[0.0, 1.0]);
    let scores = scored("score2.risk", &[("region", "low")], &columns);
    assert_eq!(
        (scores.note(0).as_deref(), scores.note(1).as_deref()),
        (Some("diabetes"), Some("prior_disease"))
    );
    assert_eq!((scores.value(0), scores.value(1)), (None, None));
}

/// The published woman of 50 has 14.7 %; a statin is its own term, and not a lower cholesterol.
#[test]
fn prevent_of_the_published_example() {
    let columns: [(&str, &[f64]); 12] = [
        ("age", &[50.0]),
        ("sex", &[0.0]),
        ("total_cholesterol", &[200.0]),
        ("hdl", &[45.0]),
        ("sbp", &[160.0]),
        ("diabetes", &[1.0]),
        ("smoker", &[0.0]),
        ("egfr", &[90.0]),
        ("bmi", &[35.0]),
        ("bp_treatment", &[1.0]),
        ("statin", &[0.0]),
        ("prior_cvd", &[0.0]),
    ];
    let scores = scored("prevent.total_cvd", &[], &columns);
    assert_eq!(format!("{:.3}", scores.value(0).unwrap() / 100.0), "0.147");
    assert!(scores.part("statin", 0) == Some(0.0));
}

// ---- ages -------------------------------------------------------------------------------------------------------------

const BLOOD: [(&str, &[f64]); 9] = [
    ("age", &[50.0]),
    ("albumin", &[43.0]),
    ("creatinine", &[75.0]),
    ("glucose", &[5.3]),
    ("lymphocytes", &[30.0]),
    ("mcv", &[90.0]),
    ("rdw", &[13.0]),
    ("alkaline_phosphatase", &[65.0]),
    ("white_cells", &[6.5]),
];

fn phenoage(transform: &str, crp: f64, unit: &str) -> f64 {
    let crp = [crp];
    let table = people(&[&BLOOD[..], &[("crp", &crp[..])]].concat());
    let rule = Rule::builtin("phenoage.levine").unwrap().argument("crp_transform", transform);
    rule.score_with_units(&table, &[("crp", unit)]).unwrap().value(0).unwrap()
}

/// The equation takes mg/dL, laboratories print mg/L: forgetting it adds ten times the protein, which is years.
#[test]
fn phenoage_takes_crp_in_milligrams_per_decilitre() {
    assert_near(phenoage("ln", 0.5, "mg/L"), phenoage("ln", 0.05, "mg/dL"), 1e-14, "one blood in two units");
    let confused = phenoage("ln", 0.5, "mg/dL") - phenoage("ln", 0.5, "mg/L");
    assert_near(confused, 0.095_367_62 * 10.0_f64.ln() / 0.090_165, 1e-12, "ten times the protein");
}

/// The paper's text has ln(CRP), a widely used code ln(1 + CRP): 3.2 years apart at 0.05 mg/dL, so nobody chooses silently.
#[test]
fn phenoage_transform_is_worth_three_years() {
    let apart = phenoage("ln1p", 0.05, "mg/dL") - phenoage("ln", 0.05, "mg/dL");
    assert_eq!(format!("{apart:.1}"), "3.2");
    let unsaid = Rule::builtin("phenoage.levine").unwrap();
    let told = unsaid.score(&people(&BLOOD)).unwrap_err().to_string();
    assert!(told.contains("crp_transform") && told.contains("ln, ln1p"), "{told}");
}

/// A marker that is missing leaves the sum below the line, too; a widely used package leaves it in.
#[test]
fn biological_age_divides_by_the_observed_markers() {
    let training = stored("biological_age.klemera_doubal.training");
    let sheet = stored("biological_age.klemera_doubal.people");
    let lines = stored("biological_age.klemera_doubal.learned");
    let scale = stored("biological_age.klemera_doubal.scale");
    let markers: Vec<&str> = training.names.iter().skip(2).map(String::as_str).collect();
    let reference = table_of(&training, &training.rows.iter().collect::<Vec<_>>());
    let rule = Rule::klemera_doubal(markers.iter().copied(), &reference).unwrap();
    let gone =
        |row: &&Vec<String>| markers.iter().filter(|marker| sheet.cell(row, marker).is_empty()).count();
    let rows: Vec<_> = sheet
        .rows
        .iter()
        .filter(|row| {
            gone(row) == 2 && !sheet.cell(row, "sex").is_empty() && !sheet.cell(row, "age").is_empty()
        })
        .collect();
    assert!(rows.len() > 10);
    let scores = rule.score(&table_of(&sheet, &rows)).unwrap();
    for (at, row) in rows.iter().enumerate() {
        let of_sex = |cells: &Vec<String>| cells[0] == sheet.cell(row, "sex");
        let learned: Vec<[f64; 4]> = lines
            .rows
            .iter()
            .filter(|cells| of_sex(cells))
            .map(|cells| ["q", "k", "s", "r"].map(|key| crate::number(lines.cell(cells, key))))
            .collect();
        let s2 = scale
            .rows
            .iter()
            .find(|cells| of_sex(cells))
            .map(|cells| crate::number(scale.cell(cells, "s_ba2")));
        let (s2, age) = (s2.unwrap(), crate::number(sheet.cell(row, "age")));
        let (mut above, mut observed, mut every) = (age / s2, 1.0 / s2, 1.0 / s2);
        for ([q, k, s, _], marker) in learned.iter().zip(&markers) {
            every += (k / s) * (k / s);
            let x = crate::number(sheet.cell(row, marker));
            if !x.is_nan() {
                above += (x - q) * k / (s * s);
                observed += (k / s) * (k / s);
            }
        }
        let found = scores.value(at).unwrap();
        assert_near(found, above / observed, 1e-10, "the observed markers");
        assert!((found - above / every).abs() > 1e-3, "all markers would be another age");
    }
}

// ---- activity ---------------------------------------------------------------------------------------------------------

/// More than sixteen hours a day is not believed, and refused before anything is cut; three hours of a kind is the most.
#[test]
fn ipaq_refuses_sixteen_hours_and_cuts_at_three() {
    let columns: [(&str, &[f64]); 6] = [
        ("vigorous_days", &[1.0, 1.0, 1.0]),
        ("vigorous_minutes", &[320.0, 320.0, 180.0]),
        ("moderate_days", &[1.0, 1.0, 0.0]),
        ("moderate_minutes", &[320.0, 320.0, f64::NAN]),
        ("walking_days", &[1.0, 1.0, 0.0]),
        ("walking_minutes", &[320.0, 321.0, f64::NAN]),
    ];
    let scores = scored("ipaq.categories", &[], &columns);
    assert_near(scores.value(0).unwrap(), 180.0 * (8.0 + 4.0 + 3.3), 1e-14, "cut");
    assert!(matches!(scores.outcome(1), Outcome::Refused { code: "implausible", .. }));
    assert_eq!(scores.value(2), Some(1440.0), "minutes of a day without activity are not asked for");
}

// ---- units ------------------------------------------------------------------------------------------------------------

/// A waist in inches is 2.54 times a waist in centimetres, and the American table is in inches.
#[test]
fn a_waist_in_inches_is_not_one_in_centimetres() {
    let table = people(&[("value", &[40.0]), ("age", &[45.0]), ("sex", &[1.0])]);
    let rule = Rule::builtin("nhanes_percentiles.waist").unwrap();
    let inches = rule.score(&table).unwrap().value(0).unwrap();
    assert_near(
        inches,
        rule.score_with_units(&table, &[("value", "[in_i]")]).unwrap().value(0).unwrap(),
        0.0,
        "its own",
    );
    let as_cm = people(&[("value", &[101.6]), ("age", &[45.0]), ("sex", &[1.0])]);
    let cm = rule.score_with_units(&as_cm, &[("value", "cm")]).unwrap();
    assert_near(cm.value(0).unwrap(), inches, 1e-12, "one waist");
    let confused = rule.score_with_units(&table, &[("value", "cm")]).unwrap();
    assert_eq!(confused.flags(0).collect::<Vec<_>>(), ["censored"], "40 cm is beyond the table");
}

/// HbA1c in mmol/mol has an offset: 48 is 6.5 %, and no factor alone does it.
#[test]
fn ifcc_units_have_an_offset() {
    assert_eq!(format!("{:.1}", convert(48.0, "mmol/mol", "%", Some("hba1c")).unwrap()), "6.5");
    let table = people(&[("hba1c", &[47.6, 47.5, 38.0])]);
    let classes = Rule::builtin("glycaemia.ada_hba1c")
        .unwrap()
        .score_with_units(&table, &[("hba1c", "mmol/mol")])
        .unwrap();
    let found: Vec<_> = (0..3).map(|row| classes.class(row).unwrap()).collect();
    assert_eq!(found, ["diabetes_range", "prediabetes_range", "normal"]);
}

/// One number of mmol/L is two numbers of mg/dL: it depends on what is dissolved.
#[test]
fn millimoles_are_of_something() {
    let glucose = people(&[("fasting_glucose", &[7.0, 5.6, 5.5])]);
    let rule = Rule::builtin("glycaemia.ada_glucose").unwrap();
    let scores = rule.score_with_units(&glucose, &[("fasting_glucose", "mmol/L")]).unwrap();
    let found: Vec<_> = (0..3).map(|row| scores.class(row).unwrap()).collect();
    assert_eq!(found, ["diabetes_range", "prediabetes_range", "normal"]);
    let lipids = people(&[("non_hdl", &[3.3, 3.4])]);
    // An input without an analyte cannot be converted; one that knows its analyte is.
    let said =
        Rule::builtin("le8.non_hdl").unwrap().score_with_units(&lipids, &[("non_hdl", "mmol/L")]).unwrap();
    assert_eq!((said.value(0), said.value(1)), (Some(100.0), Some(60.0)));
    let told = convert(7.0, "mmol/L", "mg/dL", None).unwrap_err().to_string();
    assert!(told.contains("mmol/L") && told.contains("mg/dL"), "{told}");
    let unknown = Rule::builtin("phenoage.levine").unwrap().argument("crp_transform", "ln");
    let told =
        unknown.score_with_units(&people(&[("crp", &[1.0])]), &[("crp", "mmol/L")]).unwrap_err().to_string();
    assert!(told.contains("mmol/L"), "{told}");
}

// ---- norms ------------------------------------------------------------------------------------------------------------

/// One of the nineteen tables is not of the survey: its numbers were not checked, and it has to be asked for by name.
#[test]
fn the_lpa_table_is_not_of_the_survey() {
    let lpa = rule("nhanes_percentiles.lpa").unwrap();
    assert_eq!((lpa.status, lpa.population.as_str()), (Status::Unverified, "not said"));
    let table = people(&[("value", &[30.0])]);
    let refused = Rule::builtin("nhanes_percentiles.lpa").unwrap().score(&table).unwrap_err().to_string();
    assert!(refused.contains("not verified") && refused.contains("accept"), "{refused}");
    assert!(Rule::builtin("nhanes_percentiles.lpa").unwrap().accept_unverified().score(&table).is_ok());
    assert_eq!(rule("nhanes_percentiles.hdl_c").unwrap().status, Status::Verified);
}

/// Ten seconds, five minutes, a night and a day are four measures: the norm says which it is of.
#[test]
fn rmssd_norms_are_of_ten_seconds() {
    let norm = rule("rmssd.lifelines").unwrap();
    assert!(norm.title.contains("ten seconds") && norm.population.contains("ten seconds"), "{}", norm.title);
    let context = measure("rmssd").unwrap().context;
    assert!(context.contains("10 s") && context.contains("cannot be compared"), "{context}");
}

/// Every tabulated value of the treadmill norm is its own percentile.
#[test]
fn friend_cells_give_themselves() {
    let sheet = stored("source.friend_vo2max");
    let percentiles = [5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0];
    assert_eq!(sheet.rows.len(), 12);
    for row in &sheet.rows {
        let cells: Vec<f64> = row[3..].iter().map(|cell| crate::number(cell)).collect();
        let age = [crate::number(sheet.cell(row, "age_lo")); 7];
        let sex = [if sheet.cell(row, "sex") == "M" { 1.0 } else { 0.0 }; 7];
        let found = scored("vo2max.friend", &[], &[("vo2max", &cells), ("age", &age), ("sex", &sex)]);
        for (at, percentile) in percentiles.iter().enumerate() {
            assert_eq!(found.value(at), Some(*percentile), "{row:?}");
            assert_eq!(found.flags(at).count(), 0);
        }
    }
}

/// Every tabulated value of the RMSSD norm is its own percentile, and the age bands begin where they say.
#[test]
fn lifelines_cells_give_themselves() {
    let sheet = stored("source.lifelines_rmssd");
    assert_eq!(sheet.rows.len(), 14);
    for row in &sheet.rows {
        for (sex, letter) in ["w", "m"].iter().enumerate() {
            let cells =
                ["p2", "p50", "p98"].map(|key| crate::number(sheet.cell(row, &format!("{letter}_{key}"))));
            let age = [crate::number(sheet.cell(row, "age_lo_incl")); 3];
            let found = scored(
                "rmssd.lifelines",
                &[],
                &[("rmssd", &cells), ("age", &age), ("sex", &[sex as f64; 3])],
            );
            for (at, percentile) in [2.0, 50.0, 98.0].iter().enumerate() {
                assert_eq!(found.value(at), Some(*percentile), "{row:?}");
            }
        }
    }
}

/// A step is worth most to who takes few: between the quartiles the published hazard, above the last nothing more.
#[test]
fn steps_follow_the_published_hazards() {
    let steps = [0.0, 3553.0, 5801.0, 7842.0, 10_901.0, 30_000.0];
    let found = values("steps.paluch", &[("steps", &steps)]);
    for (found, hazard) in found.iter().zip([1.0, 1.0, 0.60, 0.55, 0.47, 0.47]) {
        // Knots are stored to a tenth of a point.
        assert!((found.unwrap() - 100.0 * (1.0 - hazard) / (1.0 - 0.47)).abs() < 0.05, "{found:?} {hazard}");
    }
}
