//! Studies of sensitivity, from the texts of definition and spec and a table in memory to shares, intervals and persons' ranks.
//!
//! `countries`: 51 rows by 49 indicators in seven pillars, four factors (points of winsorising, normalisation, weights,
//! aggregation), 300 runs: the job that takes COINr 1.1.14 some 57 s of CPU. `persons`: 100,000 persons by 24 indicators, the
//! same factors, 1,002 runs.

#![allow(clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use std::{fmt::Write as _, hint::black_box, time::Duration};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vointi::{
    Cohort, Definition, Table,
    definition::Audience,
    study::{LearnsFrom, Sensitivity, SensitivitySpec},
    table::Column,
};

/// Skewed readings by a linear congruence, one in twenty missing.
fn table(rows: usize, columns: usize) -> Table {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut table = Table::builder().number("person", (0..rows).map(|row| Some(row as f64)));
    for at in 0..columns {
        // Every third column has the tail that treatment is for.
        let power = if at % 3 == 0 { 9.0 } else { 1.5 };
        let mut cell = || if next() < 0.05 { f64::NAN } else { 1.0 + 100.0 * next().powf(power) };
        let values: Vec<f64> = (0..rows).map(|_| cell()).collect();
        table = table.column(format!("x{at}"), Column::numbers_or_nan(values).expect("finite"));
    }
    table.build().expect("a table")
}

fn definition(indicators: usize, pillars: usize) -> String {
    let mut text =
        "schema = 1\nid = \"bench\"\n[person]\nid = \"person\"\n[treat]\nwinsorise = 5\nthen = \"log\"\n"
            .to_owned();
    for k in 0..indicators {
        let direction = if k % 4 == 3 { "lower_better" } else { "higher_better" };
        let _ = writeln!(
            text,
            "[measure.x{k}]\nunit = \"1\"\ndirection = \"{direction}\"\n[indicator.i{k}]\nmeasure = \"x{k}\"\nutility = \"min_max\""
        );
    }
    let each = indicators / pillars;
    for pillar in 0..pillars {
        let children: Vec<String> =
            (pillar * each..(pillar + 1) * each).map(|k| format!("\"i{k}\"")).collect();
        let _ = writeln!(
            text,
            "[pillar.p{pillar}]\nchildren = [{}]\nmissing = {{ at_least = 0.5 }}",
            children.join(", ")
        );
    }
    let children: Vec<String> = (0..pillars).map(|pillar| format!("\"p{pillar}\"")).collect();
    let _ = writeln!(text, "[index]\nchildren = [{}]\nmissing = {{ at_least = 0.5 }}", children.join(", "));
    text
}

fn spec(points: usize) -> String {
    format!(
        r#"
schema = 1
points = {points}
bootstrap = 1000
[[factor]]
id = "winsorise"
key = "treat.winsorise"
values = [1, 3]
[[factor]]
id = "normalisation"
key = "indicator.*.utility"
values = ["percentile_rank", "distance_to_best"]
[[factor]]
id = "weights"
weights = "all"
share = 0.25
[[factor]]
id = "aggregation"
key = "pillar.*.aggregate"
values = [{{ mean = "geometric", floor = 1 }}]
"#
    )
}

fn study(definition: &str, spec: &str, table: &Table) -> Sensitivity {
    let definition = Definition::from_toml(definition).expect("a definition");
    let cohort = Cohort::new(&definition, table.clone()).expect("a cohort");
    let spec = SensitivitySpec::from_toml(spec).expect("a spec");
    Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research).expect("a study")
}

fn sensitivity(c: &mut Criterion) {
    let mut group = c.benchmark_group("sensitivity");
    for (name, rows, indicators, pillars, points, samples) in
        [("countries_51x49_300", 51, 49, 7, 50, 20), ("persons_100000x24_1002", 100_000, 24, 6, 167, 10)]
    {
        let (table, definition, spec) =
            (table(rows, indicators), definition(indicators, pillars), spec(points));
        let found = study(&definition, &spec, &table);
        assert_eq!(found.runs, points * 6);
        group.throughput(Throughput::Elements((rows * found.runs) as u64)).sample_size(samples);
        group.measurement_time(Duration::from_secs(5));
        group.bench_function(name, |b| b.iter(|| study(black_box(&definition), &spec, &table)));
    }
    group.finish();
}

criterion_group!(benches, sensitivity);
criterion_main!(benches);
