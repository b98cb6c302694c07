//! Scoring a cohort of 24 readings a person, beside the least any program must do: read them once.
//!
//! `limit` sums the same 24 columns; a ratio of any other row to the `limit` of the same size and threads is the
//! figure to quote. (a) goalposts, clamp, missing, two levels; (b) the same with a linear standard error;
//! (c) step rules with their variance in closed form; then one person, and CSV to CSV.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench stops at the first surprise"
)]

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rayon::prelude::*;
use vointi::{
    Cohort, Definition, Index, Table,
    index::{Keep, Run},
    table::Column,
};

const COLUMNS: usize = 24;
/// The limit reads in blocks as the scorer does, so that both meet the same caches.
const BLOCK: usize = 8192;

/// Readings from 0 to 100 by a linear congruence, one in twenty missing.
fn columns(rows: usize) -> Vec<Vec<f64>> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut cell = || if next() < 0.05 { f64::NAN } else { 100.0 * next() };
    (0..COLUMNS).map(|_| (0..rows).map(|_| cell()).collect()).collect()
}

fn cohort(definition: &Definition, columns: &[Vec<f64>]) -> Cohort {
    let rows = columns.first().map_or(0, Vec::len);
    let mut table = Table::builder().number("person", (0..rows).map(|row| Some(row as f64)));
    for (at, values) in columns.iter().enumerate() {
        table = table.column(format!("x{at}"), Column::numbers_or_nan(values.clone()).expect("finite"));
    }
    Cohort::new(definition, table.build().expect("a table")).expect("a cohort")
}

fn sum(columns: &[Vec<f64>]) -> f64 {
    let rows = columns.first().map_or(0, Vec::len);
    let blocks = rows.div_ceil(BLOCK);
    let block = |block: usize| -> f64 {
        let rows = block * BLOCK..rows.min((block + 1) * BLOCK);
        columns.iter().map(|column| sum_of(&column[rows.clone()])).sum()
    };
    (0..blocks).into_par_iter().map(block).sum()
}

/// Eight sums at a time: as fast as memory can be read.
fn sum_of(values: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for chunk in values.chunks_exact(8) {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    sums.iter().sum::<f64>() + values.chunks_exact(8).remainder().iter().sum::<f64>()
}

fn definition(text: &str) -> (Definition, Index) {
    let definition = Definition::from_toml(text).expect("a definition");
    let index = Index::new(&definition).expect("an index");
    (definition, index)
}

fn cohorts(c: &mut Criterion) {
    let kinds = [
        ("a_goalposts", include_str!("definitions/goalposts.toml")),
        ("b_linear_errors", include_str!("definitions/linear_errors.toml")),
        ("c_exact_steps", include_str!("definitions/exact_steps.toml")),
    ];
    let run = Run::new().keep(Keep::Index);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        for rows in [1_000, 10_000, 100_000, 1_000_000] {
            let columns = columns(rows);
            let mut group = c.benchmark_group(format!("cohort/{threads}_threads/{rows}"));
            group.throughput(Throughput::Elements(rows as u64));
            group
                .sample_size(15)
                .warm_up_time(Duration::from_millis(500))
                .measurement_time(Duration::from_secs(2));
            group.bench_function(BenchmarkId::from_parameter("limit"), |b| {
                b.iter(|| pool.install(|| sum(black_box(&columns))));
            });
            for (name, text) in kinds {
                let (definition, index) = definition(text);
                let cohort = cohort(&definition, &columns);
                group.bench_function(BenchmarkId::from_parameter(name), |b| {
                    b.iter(|| {
                        pool.install(|| index.score_cohort_with(black_box(&cohort), &run).expect("scores"))
                    });
                });
            }
            group.finish();
        }
    }
}

fn one_person(c: &mut Criterion) {
    let definition = Definition::builtin("nhanes").expect("the definition");
    let index = Index::new(&definition).expect("an index");
    let adults = concat!(env!("CARGO_MANIFEST_DIR"), "/data/nhanes/adults.csv");
    let cohort = Cohort::read_csv(&definition, adults).expect("the adults");
    let person = cohort.person("17").expect("a person");
    let mut scorer = index.scorer();
    c.bench_function("one_person/nhanes", |b| {
        b.iter(|| scorer.score(black_box(&person)).expect("a score").value());
    });
    c.bench_function("nhanes/score_cohort", |b| {
        b.iter(|| index.score_cohort(black_box(&cohort)).expect("scores").observed());
    });
    c.bench_function("nhanes/read_csv", |b| {
        b.iter(|| Cohort::read_csv(black_box(&definition), adults).expect("the adults").rows());
    });
}

/// From a file to a file, in memory: read, bind, score, write.
fn csv_to_csv(c: &mut Criterion) {
    const ROWS: usize = 100_000;
    let (definition, index) = definition(include_str!("definitions/goalposts.toml"));
    let columns = columns(ROWS);
    let names: Vec<String> = (0..COLUMNS).map(|at| format!("x{at}")).collect();
    let mut file = format!("person,{}\n", names.join(","));
    for row in 0..ROWS {
        file.push_str(&row.to_string());
        for column in &columns {
            file.push(',');
            if !column[row].is_nan() {
                file.push_str(&column[row].to_string());
            }
        }
        file.push('\n');
    }
    let mut group = c.benchmark_group("csv_to_csv");
    group.throughput(Throughput::Bytes(file.len() as u64)).sample_size(10);
    group.bench_function(BenchmarkId::from_parameter(ROWS), |b| {
        b.iter(|| {
            let table =
                Cohort::csv_options(&definition).read_bytes(file.as_bytes(), "bench").expect("a table");
            let cohort = Cohort::new(&definition, table).expect("a cohort");
            let scores = index.score_cohort(&cohort).expect("scores");
            let mut out = Vec::new();
            vointi::report::scores_csv(&cohort, &scores, vointi::report::CsvStyle::default(), &mut out)
                .expect("a file");
            out.len()
        });
    });
    group.finish();
}

criterion_group!(benches, cohorts, one_person, csv_to_csv);
criterion_main!(benches);
