//! Laws 1 and 2: a score depends on nobody else, and the one-person way gives the bits of the cohort.

use proptest::prelude::*;
use vointi::{Cohort, Definition, Index, Scores, Table, index::Score};

use super::{
    config,
    generate::{Spec, positions, readings, spec},
};

/// Everything of a score, as bits.
fn bits(score: &Score, spec: &Spec) -> Vec<u64> {
    let number = |value: Option<f64>| value.map_or(u64::MAX, f64::to_bits);
    let mut all = vec![
        number(score.value()),
        number(score.std_error()),
        number(score.low()),
        number(score.high()),
        score.coverage().to_bits(),
    ];
    all.extend(score.flags().iter().map(|flag| flag as u64));
    all.extend(score.reason().code().bytes().map(u64::from));
    all.extend((0..spec.leaves.len()).map(|at| number(score.indicator(&format!("i{at}")))));
    for node in 0..12 {
        all.extend([number(score.pillar(&format!("n{node}"))), number(score.pillar_se(&format!("n{node}")))]);
    }
    all
}

/// Persons as the rows of a table; every person by indicator, then by reading.
fn cohort(definition: &Definition, persons: &[Vec<Vec<f64>>]) -> Cohort {
    let mut table = Table::builder().number("person", (0..persons.len()).map(|row| Some(row as f64)));
    for (at, columns) in persons[0].iter().enumerate() {
        for k in 0..columns.len() {
            let column = persons.iter().map(|person| Some(person[at][k]).filter(|x| !x.is_nan()));
            table = table.number(format!("x{at}_{k}"), column);
        }
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

fn rows(scores: &Scores, spec: &Spec) -> Vec<Vec<u64>> {
    (0..scores.rows()).map(|row| bits(&scores.row(row).unwrap(), spec)).collect()
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn nobody_else_counts(spec in spec(), crowd in prop::collection::vec(positions(), 2..9), turn in 0usize..8) {
        let definition = spec.definition().unwrap();
        let mut persons: Vec<_> = crowd.iter().map(|one| readings(&spec, one)).collect();
        // One index without and one with a calibration: what is learned is frozen.
        let reference = cohort(&definition, &persons);
        for index in [Index::new(&definition).unwrap(), Index::calibrate(&reference).unwrap()] {
            let together = rows(&index.score_cohort(&reference).unwrap(), &spec);
            for (person, expected) in persons.iter().zip(&together) {
                let alone = index.score(&spec.person(&definition, person).unwrap()).unwrap();
                prop_assert_eq!(&bits(&alone, &spec), expected);
                let only = index.score_cohort(&cohort(&definition, std::slice::from_ref(person))).unwrap();
                prop_assert_eq!(&rows(&only, &spec)[0], expected);
            }
            let turn = turn % persons.len();
            persons.rotate_left(turn);
            let mut turned = together.clone();
            turned.rotate_left(turn);
            prop_assert_eq!(rows(&index.score_cohort(&cohort(&definition, &persons)).unwrap(), &spec), turned);
            persons.rotate_right(turn);
        }
    }
}
