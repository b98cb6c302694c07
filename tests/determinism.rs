//! Serial, parallel, by block and one by one: the same bits.

use vointi::{
    Cohort, Definition, Index, Scores, Table,
    index::{Keep, Run},
};

const GOALPOSTS: &str = include_str!("../benches/definitions/goalposts.toml");
const LINEAR: &str = include_str!("../benches/definitions/linear_errors.toml");
const STEPS: &str = include_str!("../benches/definitions/exact_steps.toml");

/// Flat, of goalposts alone: the whole index can be scored in one pass.
const FLAT: &str = r#"
schema = 1
id = "flat"
[person]
id = "person"
[measure.x0]
unit = "1"
[measure.x1]
unit = "1"
[measure.x2]
unit = "1"
[indicator.i0]
measure = "x0"
utility = { goalposts = [10, 90] }
[indicator.i1]
measure = "x1"
utility = { goalposts = [90, 10] }
[indicator.i2]
measure = "x2"
utility = { goalposts = [0, 50] }
[index]
children = { i0 = 1, i1 = 2, i2 = 3 }
missing = { at_least = 0.6 }
"#;

/// Rows of 24 readings from 0 to 100, one in twenty missing, in the order of `rows`.
fn synthetic(definition: &Definition, rows: impl Iterator<Item = u64> + Clone) -> Cohort {
    let mut table = Table::builder().number("person", rows.clone().map(|row| Some(row as f64)));
    for column in 0..24u64 {
        let cell = |row: u64| {
            // splitmix64 of the place
            let mut z = (row * 24 + column + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let z = z ^ (z >> 31);
            (!z.is_multiple_of(20)).then_some((z >> 11) as f64 / (1u64 << 53) as f64 * 100.0)
        };
        table = table.number(format!("x{column}"), rows.clone().map(cell));
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    values.into_iter().map(f64::to_bits).collect()
}

/// What every way of keeping has: index, error, interval, coverage, flags, reason.
fn of_persons(scores: &Scores) -> (Vec<u64>, Vec<String>) {
    let numbers = scores.matrix_or_nan(&["index", "index_se", "low", "high", "coverage"]).unwrap();
    let codes = scores.flags().iter().zip(scores.reasons());
    (bits(numbers), codes.map(|(flags, reason)| format!("{flags}|{}", reason.code())).collect())
}

fn of_tree(scores: &Scores) -> Vec<u64> {
    let names = scores.names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    bits(scores.matrix_or_nan(&names).unwrap())
}

/// Every way to score the cohort agrees with the default way.
fn hold(index: &Index, cohort: &Cohort) {
    let expected = index.score_cohort(cohort).unwrap();
    assert!(expected.observed() > 0);
    let (persons, tree) = (of_persons(&expected), of_tree(&expected));
    let same = |run: &Run, all: bool| {
        let scores = index.score_cohort_with(cohort, run).unwrap();
        assert!(of_persons(&scores) == persons, "{run:?}, {:?}", cohort);
        assert!(!all || of_tree(&scores) == tree, "{run:?}, {:?}", cohort);
        scores
    };
    for block in [1, 7, 1000, 1024, 4096] {
        for vectors in [true, false] {
            let run = Run::new().block_rows(block).vectors(vectors);
            same(&run, true);
            same(&run.clone().keep(Keep::Index), false);
            let scores = same(&run.keep(Keep::Pillars), false);
            assert!(bits(scores.nodes().iter().copied()) == bits(expected.nodes().iter().copied()));
        }
    }
    #[cfg(feature = "parallel")]
    for threads in [1, 2, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            for keep in [Keep::Index, Keep::All] {
                for block in [7, 1024] {
                    same(&Run::new().keep(keep).block_rows(block), keep == Keep::All);
                }
            }
        });
    }
    let mut scorer = index.scorer();
    let width = expected.names().len();
    for row in (0..cohort.rows()).step_by(1 + cohort.rows() / 50) {
        let person = cohort.person(cohort.id(row).unwrap()).unwrap();
        assert_eq!(person.row(), row);
        let score = scorer.score(&person).unwrap();
        let alone = [score.value(), score.std_error(), score.low(), score.high(), Some(score.coverage())];
        let alone = bits(alone.map(|value| value.unwrap_or(f64::NAN)));
        assert_eq!(alone, tree[row * width..][..5], "row {row}");
        assert_eq!((score.flags(), score.reason()), (expected.flags()[row], expected.reasons()[row]));
        for (name, expected) in expected.names().iter().zip(&tree[row * width..]).skip(5) {
            let found = match name.split('.').collect::<Vec<_>>()[..] {
                ["indicator", id] => score.indicator(id),
                [_, id, "se"] => score.pillar_se(id),
                [_, id] => score.pillar(id),
                _ => None,
            };
            assert_eq!(found.unwrap_or(f64::NAN).to_bits(), *expected, "row {row}, {name}");
        }
    }
}

#[cfg(feature = "csv")]
#[test]
fn real_people_score_the_same_every_way() {
    let definition = Definition::builtin("nhanes").unwrap();
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv").unwrap();
    hold(&Index::new(&definition).unwrap(), &cohort);
}

#[test]
fn synthetic_people_score_the_same_every_way() {
    for (text, rows) in [(GOALPOSTS, 50_000), (LINEAR, 10_000), (STEPS, 2_000), (FLAT, 5_000)] {
        let definition = Definition::from_toml(text).unwrap();
        hold(&Index::new(&definition).unwrap(), &synthetic(&definition, 0..rows));
    }
}

/// Law 1 at length: half of the people, backwards, score what they scored among the others.
#[test]
fn the_others_in_the_file_do_not_count() {
    for text in [GOALPOSTS, LINEAR] {
        let definition = Definition::from_toml(text).unwrap();
        let index = Index::new(&definition).unwrap();
        let all = index.score_cohort(&synthetic(&definition, 0..50_000)).unwrap();
        let some = index.score_cohort(&synthetic(&definition, (0..50_000).rev().step_by(2))).unwrap();
        let (all, some) = (of_tree(&all), of_tree(&some));
        let width = all.len() / 50_000;
        for (row, found) in (0..50_000).rev().step_by(2).zip(some.chunks_exact(width)) {
            assert!(found == &all[row * width..][..width], "row {row}");
        }
    }
}
