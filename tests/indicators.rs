//! Published rules as indicators of an index: the same numbers as the rule itself, in any unit of the measure, with the
//! error of the reading carried through.

use vointi::{
    Cohort, Definition, Index, Table,
    indicator::{Rule, RuleScores},
    table::Column,
};

/// An index of one rule, whose readings are in the units given, with an error of 5 % of 100 of the rule's unit.
fn definition(rule: &str, measures: &str, inputs: &str) -> Definition {
    let text = format!(
        "schema = 1\nid = \"one\"\n[person]\nid = \"person\"\n{measures}\n\
         [indicator.one]\nrule = \"{rule}\"\ninputs = {{ {inputs} }}\n[index]\nchildren = [\"one\"]\n"
    );
    Definition::from_toml(&text).unwrap()
}

fn table(columns: &[(&str, &[f64])]) -> Table {
    let rows = columns[0].1.len();
    columns
        .iter()
        .fold(
            Table::builder().number("person", (0..rows).map(|row| Some(row as f64))),
            |table, (name, values)| table.column(*name, Column::numbers_or_nan(values.to_vec()).unwrap()),
        )
        .build()
        .unwrap()
}

fn index_of(definition: &Definition, table: &Table) -> Vec<f64> {
    let cohort = Cohort::new(definition, table.clone()).unwrap();
    Index::new(definition).unwrap().score_cohort(&cohort).unwrap().index_or_nan().to_vec()
}

fn same_bits(found: &[f64], expected: &RuleScores, turned: bool) {
    for (row, found) in found.iter().enumerate() {
        let expected = expected.values_or_nan()[row];
        let expected = if turned { 100.0 - expected } else { expected };
        let is_same = found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-11;
        assert!(is_same, "row {row}: {found}, not {expected}");
    }
}

#[test]
fn bands_are_those_of_the_rule_in_any_unit() {
    let definition = definition(
        "le8.non_hdl",
        "[measure.lipids]\nuse = \"non_hdl_cholesterol\"\nunit = \"mmol/L\"\nlimits = [0.1, 20]\n",
        "non_hdl = \"lipids\"",
    );
    // Around every threshold, number by number.
    let mut readings = vec![f64::NAN, 2.0, 9.0];
    for threshold in [130.0, 160.0, 190.0, 220.0] {
        let mut x: f64 = threshold / 38.67;
        for _ in 0..4 {
            x = x.next_down();
        }
        for _ in 0..9 {
            readings.push(x);
            x = x.next_up();
        }
    }
    let rule = Rule::builtin("le8.non_hdl").unwrap();
    let expected =
        rule.score_with_units(&table(&[("non_hdl", &readings)]), &[("non_hdl", "mmol/L")]).unwrap();
    same_bits(&index_of(&definition, &table(&[("lipids", &readings)])), &expected, false);
}

#[test]
fn treatment_is_taken_off() {
    let definition = definition(
        "le8.blood_pressure",
        "[measure.upper]\nuse = \"systolic_bp\"\n[measure.lower]\nuse = \"diastolic_bp\"\n\
         [measure.medicine]\nuse = \"antihypertensive_treatment\"\n",
        "",
    );
    let (upper, lower) =
        ([118.0, 118.0, 134.0, 134.0, 165.0, f64::NAN], [70.0, 70.0, 85.0, 95.0, 85.0, 80.0]);
    let medicine = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
    let rule = Rule::builtin("le8.blood_pressure").unwrap();
    let people = table(&[("systolic", &upper), ("diastolic", &lower), ("bp_treatment", &medicine)]);
    let expected = rule.score(&people).unwrap();
    assert_eq!(expected.values_or_nan()[..5], [100.0, 80.0, 30.0, 25.0, 0.0]);
    let people = table(&[("upper", &upper), ("lower", &lower), ("medicine", &medicine)]);
    same_bits(&index_of(&definition, &people), &expected, false);
}

/// HDL cholesterol: more is better; pulse: less is better.
#[test]
fn percentiles_by_age_and_sex_are_turned_so_that_more_is_better() {
    let persons = "[measure.years]\nuse = \"age\"\n[measure.gender]\nuse = \"sex\"\n";
    let mut ages = Vec::new();
    let (mut sexes, mut hdl, mut pulse) = (Vec::new(), Vec::new(), Vec::new());
    for age in [19.0, 20.0, 29.999, 30.0, 44.0, 69.0, 70.0, 85.0, f64::NAN] {
        for sex in [0.0, 1.0] {
            for step in 0..40 {
                ages.push(age);
                sexes.push(sex);
                hdl.push(0.4 + 0.07 * f64::from(step));
                pulse.push(38.0 + 2.0 * f64::from(step));
            }
        }
    }
    for (name, measure, values, unit, turned) in [
        ("hdl_c", "hdl_cholesterol", &hdl, "mmol/L", false),
        ("rhr", "resting_heart_rate", &pulse, "/min", true),
    ] {
        let rule_name = format!("nhanes_percentiles.{name}");
        let measures = format!("[measure.reading]\nuse = \"{measure}\"\nunit = \"{unit}\"\n{persons}");
        let definition = definition(&rule_name, &measures, "");
        let rule = Rule::builtin(&rule_name).unwrap();
        let people = table(&[("value", values), ("age", &ages), ("sex", &sexes)]);
        let expected = rule.score_with_units(&people, &[("value", unit)]).unwrap();
        assert!(expected.values_or_nan().iter().filter(|value| value.is_nan()).count() == 2 * 40 * 2);
        let people = table(&[("reading", values), ("years", &ages), ("gender", &sexes)]);
        same_bits(&index_of(&definition, &people), &expected, turned);
    }
}

/// The standard error is √Var u(X), X ~ N(x, s²): here by Simpson's rule over the rule itself.
#[test]
fn the_error_of_a_reading_is_carried_through_a_percentile() {
    let sd = 4.0;
    let measures = "[measure.reading]\nuse = \"resting_heart_rate\"\nlimits = [20, 200]\n\
         error = { sd = 4, target = \"occasion\", source = \"assumed\" }\n\
         [measure.years]\nuse = \"age\"\n[measure.gender]\nuse = \"sex\"\n";
    let definition = definition("nhanes_percentiles.rhr", measures, "");
    let readings = [48.0, 61.0, 70.0, 83.0, 110.0];
    let (ages, sexes) = ([25.0, 35.0, 47.0, 62.0, 77.0], [0.0, 1.0, 0.0, 1.0, 0.0]);
    let cohort =
        Cohort::new(&definition, table(&[("reading", &readings), ("years", &ages), ("gender", &sexes)]))
            .unwrap();
    let scores = Index::new(&definition).unwrap().score_cohort(&cohort).unwrap();
    let rule = Rule::builtin("nhanes_percentiles.rhr").unwrap();
    let pieces = 40_000;
    let step = 18.0 / f64::from(pieces);
    for row in 0..readings.len() {
        let z: Vec<f64> = (0..=pieces).map(|k| -9.0 + step * f64::from(k)).collect();
        let x: Vec<f64> = z.iter().map(|z| readings[row] + sd * z).collect();
        let (age, sex) = (vec![ages[row]; x.len()], vec![sexes[row]; x.len()]);
        let u = rule.values_or_nan(&table(&[("value", &x), ("age", &age), ("sex", &sex)])).unwrap();
        let (mut total, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (k, (z, u)) in z.iter().zip(&u).enumerate() {
            let ends = k == 0 || k == z_last(pieces);
            let weight = if ends {
                1.0
            } else if k % 2 == 1 {
                4.0
            } else {
                2.0
            } * (-0.5 * z * z).exp();
            total += weight;
            mean += weight * u;
            square += weight * u * u;
        }
        let variance = square / total - (mean / total) * (mean / total);
        let found = scores.row(row).unwrap().std_error().unwrap();
        // Simpson's rule loses its order at the kinks and at both ends of the table.
        assert!((found / variance.sqrt() - 1.0).abs() < 1e-4, "row {row}: {found}, not {}", variance.sqrt());
    }
}

fn z_last(pieces: i32) -> usize {
    usize::try_from(pieces).unwrap()
}

#[test]
fn a_line_is_that_of_the_rule() {
    let definition = definition("steps.paluch", "[measure.walked]\nuse = \"steps\"\n", "");
    let steps = [0.0, 3553.0, 5000.0, 5801.0, 7842.0, 9000.0, 10901.0, 20000.0, f64::NAN];
    let expected = Rule::builtin("steps.paluch").unwrap().score(&table(&[("steps", &steps)])).unwrap();
    same_bits(&index_of(&definition, &table(&[("walked", &steps)])), &expected, false);
}
