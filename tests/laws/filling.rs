//! Filling gaps changes nothing where there are none, makes nobody more certain, and looks at the person's own rows.

use proptest::prelude::*;
use vointi::{Calibration, Cohort, Definition, Flag, Index, Table, index::Score};

use super::config;

const METHODS: [&str; 8] = [
    "\"mean\"",
    "\"median\"",
    "{ method = \"mean\", by = \"region\" }",
    "\"siblings\"",
    "\"last\"",
    "{ method = \"last\", within = 2 }",
    "\"linear\"",
    "\"constant\"",
];

const MEANS: [&str; 5] = [
    "\"arithmetic\"",
    "{ mean = \"geometric\", floor = 1 }",
    "\"mpi\"",
    "\"median\"",
    "{ mean_min = { a = 0.5, b = 1 } }",
];

const MEASURES: usize = 4;

/// Four readings with errors in two pillars.
fn definition(impute: &str) -> Definition {
    joined(impute, "\"arithmetic\"")
}

/// The same with another mean below the index.
fn joined(impute: &str, aggregate: &str) -> Definition {
    let mut text = "schema = 1\nid = \"filled\"\n[person]\nid = \"id\"\nwave = \"wave\"\n".to_owned();
    for at in 0..MEASURES {
        text += &format!(
            "[measure.m{at}]\nunit = \"1\"\nerror = {{ sd = {}, target = \"occasion\", source = \"assumed\" }}\n\
             [indicator.i{at}]\nmeasure = \"m{at}\"\nutility = {{ {} }}\n",
            3 + at,
            [
                "goalposts = [10, 90]",
                "goalposts = [90, 10]",
                "points = [[0, 0], [50, 80], [100, 100]]",
                "goalposts = [0, 100]"
            ][at]
        );
    }
    if !impute.is_empty() {
        text += &format!("[impute]\n{}\n", keys(impute));
    }
    text += &format!(
        "[pillar.p]\nchildren = {{ i0 = 1, i1 = 2 }}\nmissing = {{ at_least = 0.3 }}\naggregate = {aggregate}\n\
         [pillar.q]\nchildren = [\"i2\", \"i3\"]\nmissing = {{ at_least = 0.3 }}\n\
         [index]\nchildren = {{ p = 2, q = 1 }}\nmissing = {{ at_least = 0.3 }}\n"
    );
    Definition::from_toml(&text).unwrap()
}

fn keys(impute: &str) -> String {
    match impute.strip_prefix('{') {
        Some(table) => table.trim_end_matches('}').replace(',', "\n"),
        None => format!("method = {impute}"),
    }
}

/// Person, wave, region, readings.
type Row = (u8, u8, u8, [Option<f64>; MEASURES]);

/// Each person once a wave.
fn rows(missing: u32) -> impl Strategy<Value = Vec<Row>> {
    let reading = prop_oneof![missing => Just(None), 3 => (1.0f64..99.0).prop_map(Some)];
    let row = (0u8..8, 0u8..5, 0u8..3, prop::array::uniform4(reading));
    prop::collection::vec(row, 6..30).prop_map(|rows| {
        let mut seen = std::collections::HashSet::new();
        rows.into_iter().filter(|row| seen.insert((row.0, row.1))).collect()
    })
}

fn cohort(definition: &Definition, rows: &[Row]) -> Cohort {
    let mut table = Table::builder()
        .text("id", rows.iter().map(|row| Some(format!("p{}", row.0))))
        .number("wave", rows.iter().map(|row| Some(f64::from(row.1))))
        .text("region", rows.iter().map(|row| Some(format!("r{}", row.2))));
    for at in 0..MEASURES {
        table = table.number(format!("m{at}"), rows.iter().map(|row| row.3[at]));
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

/// A reference with everything in it.
fn reference() -> Vec<Row> {
    let reading = |k: u8, at: u8| Some(f64::from((u32::from(k) * (7 + 4 * u32::from(at)) + 13) % 97 + 1));
    (0..40).map(|k| (k, 0, k % 2, [0, 1, 2, 3].map(|at| reading(k, at)))).collect()
}

fn index(impute: &str) -> Index {
    learned(&definition(impute))
}

fn learned(definition: &Definition) -> Index {
    let learned = Calibration::learn(&cohort(definition, &reference())).unwrap();
    Index::with(definition, learned).unwrap()
}

fn bits(score: &Score) -> Vec<u64> {
    let number = |value: Option<f64>| value.map_or(u64::MAX, f64::to_bits);
    let mut all =
        vec![number(score.value()), number(score.std_error()), number(score.low()), number(score.high())];
    all.extend((0..MEASURES).map(|at| number(score.indicator(&format!("i{at}")))));
    all.extend(["p", "q"].map(|id| number(score.pillar(id))));
    all.push(score.coverage().to_bits());
    all.extend(score.flags().iter().map(|flag| flag as u64));
    all
}

fn scored(index: &Index, rows: &[Row]) -> Vec<Score> {
    let scores = index.score_cohort(&cohort(index.definition(), rows)).unwrap();
    (0..rows.len()).map(|row| scores.row(row).unwrap()).collect()
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn who_has_no_gap_is_scored_as_without_filling(rows in rows(1), method in 0..METHODS.len()) {
        let (with, without) = (index(METHODS[method]), index(""));
        for (row, (filled, plain)) in rows.iter().zip(scored(&with, &rows).iter().zip(scored(&without, &rows))) {
            prop_assert_eq!(filled.coverage(), plain.coverage(), "what is filled is not observed");
            if row.3.iter().all(Option::is_some) {
                prop_assert_eq!(bits(filled), bits(&plain));
            }
            for at in 0..MEASURES {
                let id = format!("i{at}");
                let gap = row.3[at].is_none();
                prop_assert_eq!(filled.is_imputed(&id), gap && filled.indicator(&id).is_some());
            }
            let any = (0..MEASURES).any(|at| filled.is_imputed(&format!("i{at}")));
            prop_assert_eq!(filled.flags().contains(Flag::Imputed), any);
        }
    }

    #[test]
    fn a_filled_gap_makes_nobody_more_certain(rows in rows(1), others in rows(0), method in 0..METHODS.len(), mean in 0..MEANS.len()) {
        let index = learned(&joined(METHODS[method], MEANS[mean]));
        let readings = others.iter().map(|row| row.3).cycle();
        let complete: Vec<Row> = rows.iter().zip(readings).map(|(row, full)| {
            let mut whole = *row;
            for (own, full) in whole.3.iter_mut().zip(full) { *own = own.or(full); }
            whole
        }).collect();
        for (gaps, whole) in scored(&index, &rows).iter().zip(scored(&index, &complete)) {
            let (Some(se), Some(least)) = (gaps.std_error(), whole.std_error()) else { continue };
            prop_assert!(se >= least * (1.0 - 1e-12), "{} {}", se, least);
            let width = |score: &Score| Some(score.high()? - score.low()?);
            if let (Some(wide), Some(narrow)) = (width(gaps), width(&whole)) {
                prop_assert!(wide >= narrow * (1.0 - 1e-12));
            }
            prop_assert!(gaps.coverage() <= whole.coverage());
        }
    }

    #[test]
    fn the_order_of_rows_and_the_other_persons_do_not_count(rows in rows(1), method in 0..METHODS.len(), seed in any::<u64>()) {
        let index = index(METHODS[method]);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let shuffled: Vec<Row> = order.iter().map(|at| rows[*at]).collect();
        let (straight, turned) = (scored(&index, &rows), scored(&index, &shuffled));
        for (at, score) in order.iter().zip(&turned) {
            prop_assert_eq!(bits(&straight[*at]), bits(score));
        }
        // Everybody else gone, a person has the same scores.
        let own: Vec<Row> = rows.iter().copied().filter(|row| row.0 == rows[0].0).collect();
        let alone = scored(&index, &own);
        let before = rows.iter().zip(&straight).filter(|(row, _)| row.0 == rows[0].0);
        for ((_, before), alone) in before.zip(&alone) {
            prop_assert_eq!(bits(before), bits(alone));
        }
    }

    #[test]
    fn one_point_and_a_constant_fill_with_themselves(x in 1.0f64..99.0, at in 0u8..4, times in 1u8..4) {
        // A person with the same reading in one wave or more, and gaps in the rest.
        let waves = 0u8..5;
        let has = |wave: u8| wave >= at && wave < at + times;
        let rows: Vec<Row> = waves.map(|wave| (0, wave, 0, [has(wave).then_some(x), Some(5.0), Some(5.0), Some(5.0)])).collect();
        for method in ["\"last\"", "\"linear\"", "\"constant\""] {
            let scores = scored(&index(method), &rows);
            let known = scores[usize::from(at)].indicator("i0").unwrap();
            for (row, score) in rows.iter().zip(&scores) {
                let wanted = if method == "\"last\"" && row.1 < at { None } else { Some(known) };
                prop_assert_eq!(score.indicator("i0"), wanted);
            }
        }
    }

    #[test]
    fn a_line_stays_between_the_readings_it_joins(rows in rows(1)) {
        let index = index("\"linear\"");
        let scores = scored(&index, &rows);
        // i0 is a goalpost: between in readings is between in scores.
        for (row, score) in rows.iter().zip(&scores) {
            let own: Vec<f64> = rows.iter().zip(&scores).filter(|(other, _)| other.0 == row.0 && other.3[0].is_some())
                .map(|(_, score)| score.indicator("i0").unwrap()).collect();
            match score.indicator("i0") {
                None => prop_assert!(own.is_empty()),
                Some(found) => {
                    let (low, high) = own.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
                    prop_assert!(found >= low - 1e-9 && found <= high + 1e-9);
                }
            }
        }
    }
}
