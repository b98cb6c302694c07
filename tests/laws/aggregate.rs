//! Law 8: means are monotone, bounded by their children, idempotent and free of the scale of the weights.

use proptest::prelude::*;
use vointi::{Definition, Flag, Index, Person};

use super::{
    config,
    generate::{Spec, complete, positions, readings, spec},
};

fn score(spec: &Spec, readings: &[Vec<f64>]) -> Option<f64> {
    let definition = spec.definition().unwrap();
    Index::new(&definition).unwrap().score(&spec.person(&definition, readings).unwrap()).unwrap().value()
}

/// An index of plain numbers from 0 to 100 with weights, joined like this.
fn flat(aggregate: &str, weights: &[f64]) -> Definition {
    let mut text = "schema = 1\nid = \"flat\"\n[person]\nid = \"person\"\n".to_owned();
    for at in 0..weights.len() {
        let error = "error = { sd = 1, target = \"occasion\", source = \"assumed\" }";
        text += &format!("[measure.m{at}]\nunit = \"1\"\n{error}\n");
        text += &format!("[indicator.i{at}]\nmeasure = \"m{at}\"\nutility = {{ goalposts = [0, 100] }}\n");
    }
    let children: Vec<String> =
        weights.iter().enumerate().map(|(at, weight)| format!("i{at} = {weight:?}")).collect();
    text += &format!("[index]\nchildren = {{ {} }}\naggregate = {aggregate}\n", children.join(", "));
    Definition::from_toml(&text).unwrap()
}

fn person(definition: &Definition, values: &[f64]) -> Person {
    let builder = Person::builder(definition, "somebody");
    let with = |builder: vointi::cohort::PersonBuilder, (at, value): (usize, &f64)| {
        builder.measure(&format!("m{at}"), *value)
    };
    values.iter().enumerate().fold(builder, with).build().unwrap()
}

fn flat_score(aggregate: &str, weights: &[f64], values: &[f64]) -> vointi::index::Score {
    let definition = flat(aggregate, weights);
    Index::new(&definition).unwrap().score(&person(&definition, values)).unwrap()
}

fn flat_value(aggregate: &str, weights: &[f64], values: &[f64]) -> f64 {
    flat_score(aggregate, weights, values).value().unwrap()
}

fn weighted() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.1f64..9.0, 0.01f64..100.0), 2..6)
}

/// Every exponent a definition may give.
fn mean() -> impl Strategy<Value = String> {
    let power = prop_oneof![
        -4.0f64..4.0,
        -100.0f64..100.0,
        prop::sample::select(vec![-100.0, -1.0, 0.0, 1.0, 100.0])
    ];
    power.prop_map(|power| format!("{{ power = {power:?} }}"))
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn better_readings_never_lower_the_index(spec in spec(), positions in positions(), at in 0usize..6, k in 0usize..4, step in 0.0f64..1.0) {
        let mut readings = readings(&spec, &positions);
        let at = at % readings.len();
        let k = k % readings[at].len();
        let before = score(&spec, &readings);
        let position = positions[at][k].unwrap_or(f64::NAN);
        let better = if spec.leaves[at].rising { position + (1.0 - position) * step } else { position * (1.0 - step) };
        readings[at][k] = spec.reading(at, better);
        if let (Some(before), Some(after)) = (before, score(&spec, &readings)) {
            prop_assert!(after >= before - 1e-9, "{before} {after}\n{}", spec.toml());
        }
    }

    #[test]
    fn a_mean_lies_between_its_children(children in weighted(), mean in mean()) {
        let (weights, values): (Vec<f64>, Vec<f64>) = children.into_iter().unzip();
        let found = flat_value(&mean, &weights, &values);
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(0.0, f64::max);
        prop_assert!(found >= lowest - 1e-9 && found <= highest + 1e-9, "{found} of {lowest} to {highest}");
    }

    #[test]
    fn a_mean_of_equals_is_that(weights in prop::collection::vec(0.1f64..9.0, 2..6), log in -6.0f64..2.0, mean in mean()) {
        let value = 10f64.powf(log);
        let found = flat_value(&mean, &weights, &vec![value; weights.len()]);
        prop_assert!((found - value).abs() < 1e-9, "{found} of {value}");
    }

    #[test]
    fn the_index_is_monotone_in_every_child_of_every_mean(children in weighted(), mean in mean(), at in 0usize..6, step in 0.0f64..1.0) {
        let (weights, mut values): (Vec<f64>, Vec<f64>) = children.into_iter().unzip();
        let before = flat_value(&mean, &weights, &values);
        let at = at % values.len();
        values[at] += (100.0 - values[at]) * step;
        prop_assert!(flat_value(&mean, &weights, &values) >= before - 1e-9);
    }

    #[test]
    fn only_the_ratio_of_the_weights_counts(children in weighted(), mean in mean()) {
        let (weights, values): (Vec<f64>, Vec<f64>) = children.into_iter().unzip();
        let thousandfold: Vec<f64> = weights.iter().map(|weight| weight * 1000.0).collect();
        let (one, other) = (flat_value(&mean, &weights, &values), flat_value(&mean, &thousandfold, &values));
        prop_assert!((one - other).abs() <= 1e-12 * one.max(1.0), "{one} {other}");
    }

    #[test]
    fn the_named_means_are_powers(children in weighted()) {
        let (weights, values): (Vec<f64>, Vec<f64>) = children.into_iter().unzip();
        let total: f64 = weights.iter().sum();
        let sum = |f: fn(f64) -> f64| weights.iter().zip(&values).map(|(w, x)| w * f(*x)).sum::<f64>() / total;
        let by_hand = [sum(|x| x), sum(f64::ln).exp(), 1.0 / sum(f64::recip)];
        for ((name, power), by_hand) in [("arithmetic", 1), ("geometric", 0), ("harmonic", -1)].into_iter().zip(by_hand) {
            let named = flat_value(&format!("\"{name}\""), &weights, &values);
            prop_assert_eq!(named.to_bits(), flat_value(&format!("{{ power = {power} }}"), &weights, &values).to_bits());
            prop_assert!((named - by_hand).abs() < 1e-9, "{name}: {named} {by_hand}");
        }
    }

    #[test]
    fn a_whole_index_lies_between_its_indicators(spec in spec(), positions in positions()) {
        // A floor lifts what is below it.
        let spec = spec.with_aggregate("\"arithmetic\"");
        let definition = spec.definition().unwrap();
        let person = spec.person(&definition, &complete(&spec, &positions)).unwrap();
        let score = Index::new(&definition).unwrap().score(&person).unwrap();
        let indicators: Vec<f64> = (0..spec.leaves.len()).map(|at| score.indicator(&format!("i{at}")).unwrap()).collect();
        let lowest = indicators.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = indicators.iter().copied().fold(0.0, f64::max);
        let value = score.value().unwrap();
        prop_assert!(value >= lowest - 1e-9 && value <= highest + 1e-9);
    }
}

#[test]
fn an_observed_zero_without_a_floor_is_zero_and_said() {
    for mean in ["\"geometric\"", "\"harmonic\"", "{ power = -2 }"] {
        let score = flat_score(mean, &[1.0, 2.0, 1.0], &[80.0, 0.0, 60.0]);
        assert_eq!(score.value(), Some(0.0), "{mean}");
        assert_eq!(score.std_error(), None, "{mean}");
        assert!(score.flags().contains(Flag::Zero), "{mean}");
    }
    let floored = flat_score("{ mean = \"geometric\", floor = 1 }", &[1.0, 1.0], &[64.0, 0.0]);
    assert!((floored.value().unwrap() - 8.0).abs() < 1e-12 && floored.std_error().is_some());
    assert!(floored.flags().contains(Flag::Floored) && !floored.flags().contains(Flag::Zero));
}

/// A weight of 0 is none: an observed 0 there neither breaks a mean nor takes its error.
#[test]
fn a_child_without_weight_does_not_count() {
    for mean in ["\"arithmetic\"", "\"geometric\"", "\"harmonic\"", "{ power = 2 }"] {
        for idle in [0.0, f64::NAN] {
            let score = flat_score(mean, &[1.0, 0.0, 1.0], &[50.0, idle, 50.0]);
            assert!((score.value().unwrap() - 50.0).abs() < 1e-9, "{mean}");
            assert!((score.std_error().unwrap() - 0.5f64.sqrt()).abs() < 1e-9, "{mean} {idle}");
            assert!(score.flags().is_empty(), "{mean}: {}", score.flags());
        }
    }
}

/// Above the arithmetic mean an observed 0 has a slope of 0, not one without bound.
#[test]
fn a_zero_takes_no_error_from_a_mean_above_the_arithmetic() {
    let score = flat_score("{ power = 2 }", &[1.0, 1.0], &[0.0, 50.0]);
    // √(50²/2), and by the slope ½ · 50/35.36 of the other child.
    assert!((score.value().unwrap() - 1250f64.sqrt()).abs() < 1e-9);
    assert!((score.std_error().unwrap() - 0.5f64.sqrt()).abs() < 1e-9);
}
