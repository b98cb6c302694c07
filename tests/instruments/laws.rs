//! Laws that hold for every instrument of the catalogue, and for every missing rule.

use proptest::prelude::*;
use vointi::{
    Cohort, Definition,
    definition::{InstrumentSummary, ItemSummary, instruments},
    scale::{self, Scales},
    table::{Column, Table},
};

use crate::golden::using;

/// Answers of many persons, row by row, scored by an instrument of the catalogue.
fn scored(one: &InstrumentSummary, rows: &[Vec<f64>]) -> Scales {
    let more = "licence_ack = \"a test\"\naccept = \"unverified\"";
    let definition = Definition::from_toml(&using(&one.id, more)).unwrap();
    let names: Vec<&str> = one.items.iter().map(|item| item.id.as_str()).collect();
    scale::score(&cohort(&definition, &names, rows))
}

fn cohort(definition: &Definition, names: &[&str], rows: &[Vec<f64>]) -> Cohort {
    let persons: Vec<String> = (0..rows.len()).map(|row| format!("p{row}")).collect();
    let mut table = Table::builder()
        .column("person", Column::text(persons.iter().map(Some)))
        .number("age_of_person", vec![Some(40.0); rows.len()])
        .column("sex_of_person", Column::text(vec![Some("female"); rows.len()]));
    for (at, name) in names.iter().enumerate() {
        let answers = rows.iter().map(|row| row[at]).collect();
        table = table.column(*name, Column::numbers_or_nan(answers).unwrap());
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

/// Every code of an item if they are few, else some of them: ends, middle, quarters, and what scoring rules cut at.
fn candidates(item: &ItemSummary) -> Vec<f64> {
    let [low, high] = item.response;
    match &item.codes {
        Some(codes) if codes.len() <= 12 => codes.clone(),
        codes => {
            let mut some: Vec<f64> = (0..=4).map(|step| low + f64::from(step) / 4.0 * (high - low)).collect();
            some.extend([10.0, 20.0, 30.0, 180.0, 7.0, 8.0].into_iter().filter(|x| (low..=high).contains(x)));
            if codes.is_some() {
                some.iter_mut().for_each(|x| *x = x.round());
            }
            some
        }
    }
}

/// Numbers from a linear congruence, from 0 to below 1.
fn numbers(mut state: u64) -> impl FnMut() -> f64 {
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    }
}

#[test]
fn all_lowest_and_all_highest_answers_give_what_the_file_states() {
    for one in instruments().unwrap() {
        let ends = |end: usize| one.items.iter().map(|item| item.response[end]).collect::<Vec<f64>>();
        let scales = scored(&one, &[ends(0), ends(1)]);
        for key in &one.scales {
            let column = scales.get(&format!("it.{}", key.id)).unwrap();
            let stated = key.ends.unwrap_or_else(|| panic!("{}.{} states no ends", one.id, key.id));
            for (row, stated) in stated.into_iter().enumerate() {
                match (column.value(row), stated) {
                    (Some(a), Some(b)) => {
                        assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{}.{}: {a} {b}", one.id, key.id)
                    }
                    (a, b) => assert_eq!(a, b, "{}.{}", one.id, key.id),
                }
            }
        }
    }
}

/// Every row with one answer changed.
fn neighbours(row: &[f64], codes: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut found = Vec::new();
    for (item, codes) in codes.iter().enumerate() {
        for code in codes {
            let mut near = row.to_vec();
            near[item] = *code;
            found.push(near);
        }
    }
    found
}

/// Twenty thousand drawn persons, and those far out in the scales declared before; and from the lowest and the highest score of each scale one answer after another is moved
/// until none leads further.
#[test]
fn the_smallest_and_the_largest_score_are_the_documented_range() {
    for one in instruments().unwrap() {
        let codes: Vec<Vec<f64>> = one.items.iter().map(candidates).collect();
        let mut next = numbers(7);
        let ends = |end: usize| one.items.iter().map(|item| item.response[end]).collect::<Vec<f64>>();
        let mut rows: Vec<Vec<f64>> = (0..20_000)
            .map(|_| codes.iter().map(|codes| codes[(next() * codes.len() as f64) as usize]).collect())
            .collect();
        rows.extend([ends(0), ends(1)]);
        let mut farthest_rows: Vec<[Vec<f64>; 2]> = Vec::new();
        for key in &one.scales {
            // A scale of scales is far out where its parts are.
            for end in 0..2 {
                let mut row = rows[end].clone();
                for (part, of_part) in one.scales.iter().zip(&farthest_rows) {
                    for item in part.items.iter().filter(|item| key.items.contains(item)) {
                        let at = one.items.iter().position(|known| known.id == *item).unwrap();
                        row[at] = of_part[end][at];
                    }
                }
                rows.push(row);
            }
            let drawn = scored(&one, &rows);
            let name = format!("it.{}", key.id);
            let mut reached = Vec::new();
            let mut reached_at = Vec::new();
            for sign in [-1.0, 1.0] {
                // Of what has a score, the farthest in this direction.
                let farthest = |scales: &Scales| -> Option<(usize, f64)> {
                    let values = scales.get(&name).unwrap().values_or_nan().iter().copied().enumerate();
                    values.filter(|(_, x)| !x.is_nan()).max_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))
                };
                let (at, mut best) = farthest(&drawn).unwrap();
                let mut row = rows[at].clone();
                loop {
                    let near = neighbours(&row, &codes);
                    let Some((at, score)) =
                        farthest(&scored(&one, &near)).filter(|(_, x)| sign * x > sign * best)
                    else {
                        break;
                    };
                    (row, best) = (near[at].clone(), score);
                }
                reached.push(best);
                reached_at.push(row);
            }
            farthest_rows.push(reached_at.try_into().unwrap());
            for (found, documented) in reached.iter().zip(key.range) {
                assert!(
                    (found - documented).abs() <= 1e-9 * documented.abs().max(1.0),
                    "{}.{}: {reached:?} was found, {:?} is documented",
                    one.id,
                    key.id,
                    key.range
                );
            }
        }
    }
}

/// Every pattern of missing answers, for every shipped scale of at most twelve items.
#[test]
fn every_shipped_missing_rule_holds_for_every_pattern() {
    for one in instruments().unwrap() {
        // What is not asked, and what a formula says, have tests of their own.
        if !one.skips.is_empty() {
            continue;
        }
        let of = |item: &str| one.items.iter().position(|known| known.id == item).unwrap();
        for key in &one.scales {
            let count = key.items.len();
            if count > 12 || !key.formula.contains("item") || key.formula.contains("scales") {
                continue;
            }
            let items: Vec<usize> = key.items.iter().map(|item| of(item)).collect();
            let mut next = numbers(11);
            let rows: Vec<Vec<f64>> = (0..1usize << count)
                .map(|pattern| {
                    let mut row: Vec<f64> = one
                        .items
                        .iter()
                        .map(|item| {
                            let codes = item.codes.clone().unwrap_or_else(|| item.response.to_vec());
                            codes[(next() * codes.len() as f64) as usize]
                        })
                        .collect();
                    for (bit, item) in items.iter().enumerate() {
                        if pattern >> bit & 1 == 1 {
                            row[*item] = f64::NAN;
                        }
                    }
                    row
                })
                .collect();
            let scales = scored(&one, &rows);
            let column = scales.get(&format!("it.{}", key.id)).unwrap();
            let needed = match column.rule() {
                "complete" => count,
                rule => rule.rsplit(' ').next().unwrap().parse().unwrap(),
            };
            for pattern in 0..rows.len() {
                let answered = count - pattern.count_ones() as usize;
                let name = format!("{}.{} pattern {pattern:b}", one.id, key.id);
                assert_eq!(column.answered(pattern), Some(answered), "{name}");
                // A look-up table may have no score for a sum: none of ours has gaps.
                assert_eq!(column.value(pattern).is_some(), answered >= needed, "{name}");
                assert_eq!(column.is_prorated(pattern), answered >= needed && answered < count, "{name}");
                let [low, high] = column.range();
                assert!(
                    column.value(pattern).is_none_or(|score| (low - 1e-9..=high + 1e-9).contains(&score)),
                    "{name}"
                );
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Rule {
    Complete,
    Half,
    AtLeast(usize),
    Prorate(usize),
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        rng_seed: proptest::test_runner::RngSeed::Fixed(5),
        ..ProptestConfig::default()
    })]

    /// Scales of one to twelve items, with reversed items and any rule, over every pattern of missing answers: the score is
    /// the sum or mean of what is there by the textbook, and missing where too little is.
    #[test]
    fn a_missing_rule_is_its_formula_over_every_pattern(
        count in 1usize..=12,
        is_mean in any::<bool>(),
        reversed in prop::collection::vec(any::<bool>(), 12),
        answers in prop::collection::vec(0u8..=4, 12),
        kind in 0usize..4,
        wanted in 1usize..=12,
    ) {
        let wanted = wanted.min(count);
        let rule = match kind {
            0 => Rule::Complete,
            1 => Rule::Half,
            _ if is_mean => Rule::AtLeast(wanted),
            _ => Rule::Prorate(wanted),
        };
        let (text, needed) = match rule {
            Rule::Complete => ("\"complete\"".to_owned(), count),
            Rule::Half => ("\"half\"".to_owned(), count.div_ceil(2)),
            Rule::AtLeast(n) => (format!("{{ at_least = {n} }}"), n),
            Rule::Prorate(n) => (format!("{{ prorate = {n} }}"), n),
        };
        let names: Vec<String> = (0..count).map(|item| format!("q{item}")).collect();
        let list = |keep: &dyn Fn(usize) -> bool| {
            let kept: Vec<String> = (0..count).filter(|item| keep(*item)).map(|item| format!("\"q{item}\"")).collect();
            kept.join(", ")
        };
        let definition = Definition::from_toml(&format!(
            "schema = 1\nid = \"own\"\n[person]\nid = \"person\"\n[instrument.it]\nitems = [{}]\nresponse = [0, 4]\n\
             [instrument.it.scale.total]\nreverse = [{}]\naggregate = \"{}\"\nmissing = {text}\n\
             [indicator.it]\nscale = \"it.total\"\nutility = \"linear\"\n[index]\nchildren = [\"it\"]\n",
            list(&|_| true),
            list(&|item| reversed[item]),
            if is_mean { "mean" } else { "sum" },
        )).unwrap();
        let rows: Vec<Vec<f64>> = (0..1usize << count)
            .map(|pattern| {
                let answer = |item: usize| if pattern >> item & 1 == 1 { f64::NAN } else { f64::from(answers[item]) };
                (0..count).map(answer).collect()
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let scales = scale::score(&cohort(&definition, &names, &rows));
        let column = scales.get("it.total").unwrap();
        for (pattern, row) in rows.iter().enumerate() {
            let points = row.iter().enumerate().filter(|(_, x)| !x.is_nan());
            let points: Vec<f64> = points.map(|(item, x)| if reversed[item] { 4.0 - x } else { *x }).collect();
            let sum: f64 = points.iter().sum();
            let n = points.len();
            let expected = (n >= needed).then(|| match (is_mean, n == count) {
                (true, _) => sum / n as f64,
                (false, true) => sum,
                (false, false) => sum * count as f64 / n as f64,
            });
            prop_assert_eq!(column.answered(pattern), Some(n));
            prop_assert_eq!(column.is_prorated(pattern), n >= needed && n < count);
            match (column.value(pattern), expected) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() <= 1e-13 * b.abs(), "{} {}", a, b),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
