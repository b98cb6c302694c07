//! Scoring a cohort allocates for its output and nothing else.

use vointi::{
    Cohort, Definition, Index, Table,
    index::{Keep, Run},
};

/// A definition of 24 goalposts under six pillars, as in the benches.
const DEFINITION: &str = include_str!("../benches/definitions/goalposts.toml");

fn cohort(definition: &Definition, rows: usize) -> vointi::Result<Cohort> {
    let mut table = Table::builder().number("person", (0..rows).map(|row| Some(row as f64)));
    for column in 0..24 {
        table = table
            .number(format!("x{column}"), (0..rows).map(|row| Some(((row * 7 + column * 13) % 101) as f64)));
    }
    Cohort::new(definition, table.build()?)
}

#[test]
fn the_number_of_allocations_does_not_grow_with_the_rows() -> vointi::Result<()> {
    let definition = Definition::from_toml(DEFINITION)?;
    let index = Index::new(&definition)?;
    let small = cohort(&definition, 3_000)?;
    let large = cohort(&definition, 60_000)?;
    for keep in [Keep::Index, Keep::All] {
        let run = Run::new().keep(keep);
        // Once before counting: the pool and the tables of the normal distribution are made at first use.
        index.score_cohort_with(&large, &run)?;
        let few = allocation_counter::measure(|| {
            let _ = index.score_cohort_with(&small, &run);
        });
        let many = allocation_counter::measure(|| {
            let _ = index.score_cohort_with(&large, &run);
        });
        assert_eq!(few.count_total, many.count_total, "{keep:?}");
    }
    Ok(())
}

#[test]
fn scoring_one_person_allocates_nothing() -> vointi::Result<()> {
    let definition = Definition::from_toml(DEFINITION)?;
    let cohort = cohort(&definition, 10)?;
    let index = Index::new(&definition)?;
    let mut scorer = index.scorer();
    let (first, second) = (cohort.person("1")?, cohort.person("2")?);
    scorer.score(&first)?;
    let counted = allocation_counter::measure(|| {
        let _ = scorer.score(&second);
    });
    assert_eq!(counted.count_total, 0);
    Ok(())
}
