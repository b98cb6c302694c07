//! A linear model of a million rows and twenty columns, beside `linfa-linear` on the same numbers in the same run.
//!
//! `classical` and `hc3` fit a table: coefficients with their standard errors, tests and intervals. `linfa` gives
//! coefficients alone, by the QR of a matrix whose rows (C) or columns (F) lie together; it knows one thread.

#![allow(clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use linfa_linear::LinearRegression;
use vointi::{
    linfa::{Dataset, traits::Fit},
    model::{Covariance, Model},
    ndarray::{Array1, Array2, ShapeBuilder},
    table::{Column, Table},
};

const ROWS: usize = 1_000_000;
const COLUMNS: usize = 20;

/// Columns of different means and spreads, correlated with the one before, by a linear congruence.
fn columns() -> Vec<Vec<f64>> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(COLUMNS);
    for at in 0..COLUMNS {
        let (mean, spread) = (10.0 * at as f64, 1.0 + at as f64);
        let mut column: Vec<f64> = (0..ROWS).map(|_| mean + spread * uniform()).collect();
        if let Some(before) = columns.last() {
            column.iter_mut().zip(before).for_each(|(cell, other)| *cell += 0.3 * other);
        }
        columns.push(column);
    }
    let outcome = |row: usize| {
        let parts =
            columns.iter().zip(1_u32..).map(|(column, k)| column.get(row).map_or(0.0, |x| x / f64::from(k)));
        parts.sum::<f64>() + 20.0 * uniform()
    };
    let outcome: Vec<f64> = (0..ROWS).map(outcome).collect();
    columns.push(outcome);
    columns
}

fn models(c: &mut Criterion) {
    let mut columns = columns();
    let outcome = columns.pop().expect("an outcome");
    let names: Vec<String> = (0..COLUMNS).map(|at| format!("x{at}")).collect();
    let flat: Vec<f64> = columns.concat();
    let by_columns = Array2::from_shape_vec((ROWS, COLUMNS).f(), flat).expect("a matrix");
    let by_rows = by_columns.as_standard_layout().to_owned();
    let targets = Array1::from(outcome.clone());
    let mut table = Table::builder().column("y", Column::numbers_or_nan(outcome).expect("finite"));
    for (name, values) in names.iter().zip(columns) {
        table = table.column(name, Column::numbers_or_nan(values).expect("finite"));
    }
    let table = table.build().expect("a table");
    let model = Model::ols("y", names.iter().map(String::as_str));
    let datasets = [
        ("linfa_c_order", Dataset::new(by_rows, targets.clone())),
        ("linfa_f_order", Dataset::new(by_columns, targets)),
    ];

    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let mut group = c.benchmark_group(format!("models/{threads}_threads"));
        group.throughput(Throughput::Elements(ROWS as u64));
        group.sample_size(15).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(6));
        for covariance in [Covariance::Classical, Covariance::Hc3] {
            let model = model.clone().covariance(covariance);
            group.bench_function(covariance.word(), |b| {
                b.iter(|| pool.install(|| model.fit(black_box(&table)).expect("a fit")));
            });
        }
        for (name, dataset) in &datasets {
            group.bench_function(*name, |b| {
                b.iter(|| {
                    pool.install(|| LinearRegression::default().fit(black_box(dataset)).expect("a fit"))
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, models);
criterion_main!(benches);
