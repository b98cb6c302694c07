//! The reliability of a long scale of a million persons: everything that `vointi reliability` says of one scale, from columns in
//! memory. `reliability.R` times psych on a tenth of them.

#![allow(clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vointi::scale::{Answers, reliability};

const PERSONS: usize = 1_000_000;
const ITEMS: usize = 25;

/// Answers from 1 to 5 that share a part, by a linear congruence.
fn answers() -> Answers {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let common: Vec<f64> = (0..PERSONS).map(|_| uniform() + uniform()).collect();
    let columns: Vec<Vec<f64>> = (0..ITEMS)
        .map(|item| {
            let own = 1.0 + 0.1 * item as f64;
            let whole = 2.0 + 2.0 * own;
            common
                .iter()
                .map(|shared| {
                    (1.0 + (5.0 * (shared + own * (uniform() + uniform())) / whole).floor()).min(5.0)
                })
                .collect()
        })
        .collect();
    Answers::from_columns((0..ITEMS).map(|item| format!("i{item}")), columns, [1.0, 5.0]).expect("answers")
}

fn scales(c: &mut Criterion) {
    let answers = answers();
    let mut group = c.benchmark_group("reliability");
    group.throughput(Throughput::Elements(PERSONS as u64)).sample_size(10);
    group.measurement_time(Duration::from_secs(5));
    group.bench_function("25_items", |b| b.iter(|| reliability(black_box(&answers)).expect("a reliability")));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    group.bench_function("25_items_one_thread", |b| {
        b.iter(|| one.install(|| reliability(black_box(&answers)).expect("a reliability")));
    });
    group.finish();
}

criterion_group!(benches, scales);
criterion_main!(benches);
