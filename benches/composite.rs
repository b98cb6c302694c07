//! A composite index of 24 indicators on four levels, from readings in memory to scores, beside numpy in the same run.
//!
//! 100,000 persons, one reading in twenty missing: worst and best of each column learned, min–max, weighted means over what is
//! there. `benches/composite.py` computes the same; it is run by the Python that `VOINTI_PYTHON` names, `python3` if it names
//! none. Both sides have to give the same scores, or the bench stops. Without numpy it says so and measures this side alone.
//!
//! What is timed here is everything from a table of columns on: binding it to the definition, calibrating on it, scoring. Of
//! numpy's two ways `plain` is what a user would write and `tuned` the fastest we could.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops at the first surprise, and says what it found"
)]

use std::{fmt::Write as _, fs, hint::black_box, path::Path, process::Command, time::Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vointi::{
    Cohort, Definition, Index, Scores,
    index::{Keep, Run},
    table::{Column, Table},
};

const ROWS: usize = 100_000;
const COLUMNS: usize = 24;
const REPEATS: usize = 21;
const PEER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/composite.py");

/// Readings around 50, by a linear congruence; one in twenty missing.
fn readings() -> Vec<Vec<f64>> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut cell =
        || if next() < 0.05 { f64::NAN } else { 30.0 + 10.0 * (next() + next() + next() + next()) };
    (0..COLUMNS).map(|_| (0..ROWS).map(|_| cell()).collect()).collect()
}

fn definition() -> Definition {
    let mut text = "schema = 1\nid = \"composite\"\n[person]\nid = \"person\"\n".to_owned();
    for at in 1..=COLUMNS {
        let direction = if at % 4 == 0 { "lower_better" } else { "higher_better" };
        let _ = write!(
            text,
            "[measure.q{at:02}]\nunit = \"1\"\ndirection = \"{direction}\"\n[indicator.i{at:02}]\nmeasure = \"q{at:02}\"\n\
             utility = \"min_max\"\n"
        );
    }
    let missing = "missing = { at_least = 0.001 }\n";
    for pillar in 0..6 {
        let children: Vec<String> =
            (1..=4).map(|weight| format!("i{:02} = {weight}", 4 * pillar + weight)).collect();
        let _ = write!(text, "[pillar.p{}]\nchildren = {{ {} }}\n{missing}", pillar + 1, children.join(", "));
    }
    let _ = write!(
        text,
        "[pillar.felt]\nchildren = [\"p1\", \"p2\", \"p3\"]\n{missing}[pillar.measured]\nchildren = [\"p4\", \"p5\", \"p6\"]\n\
         {missing}[index]\nchildren = [\"felt\", \"measured\"]\n{missing}"
    );
    Definition::from_toml(&text).expect("a definition")
}

fn table(columns: &[Vec<f64>]) -> Table {
    let persons: Vec<String> = (0..ROWS).map(|row| row.to_string()).collect();
    let mut table = Table::builder().column("person", Column::text(persons.iter().map(Some)));
    for (at, values) in columns.iter().enumerate() {
        let column = Column::numbers_or_nan(values.clone()).expect("finite");
        table = table.column(format!("q{:02}", at + 1), column);
    }
    table.build().expect("a table")
}

fn build_and_score(definition: &Definition, table: &Table, keep: Keep) -> Scores {
    let cohort = Cohort::new(definition, table.clone()).expect("a cohort");
    let index = Index::calibrate(&cohort).expect("an index");
    index.score_cohort_with(&cohort, &Run::new().keep(keep)).expect("scores")
}

fn hold_against(folder: &Path, scores: &Scores) {
    for (name, own) in
        [("index", "index"), ("felt", "pillar.felt"), ("measured", "pillar.measured"), ("p6", "pillar.p6")]
    {
        let bytes = fs::read(folder.join(format!("{name}.out"))).expect("the peer's values");
        let theirs = bytes.chunks_exact(8).map(|x| f64::from_le_bytes(x.try_into().expect("eight bytes")));
        let ours = scores.column(own).expect("a column");
        for (row, theirs) in theirs.enumerate() {
            let ours = ours.number(row).unwrap_or(f64::NAN);
            let is_same = (ours.is_nan() && theirs.is_nan()) || (ours - theirs).abs() <= 1e-10;
            assert!(is_same, "{name}, row {row}: {ours} beside {theirs}");
        }
    }
}

/// Seconds of processor time of this process, all threads.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").ok();
    let threads = fs::read_dir("/proc/self/task").map(|tasks| {
        let of = |task: fs::DirEntry| fs::read_to_string(task.path().join("schedstat")).ok();
        tasks
            .flatten()
            .filter_map(of)
            .filter_map(|text| text.split(' ').next()?.parse::<f64>().ok())
            .sum::<f64>()
    });
    threads.ok().or_else(|| stat?.split(' ').next()?.parse().ok()).unwrap_or(f64::NAN) / 1e9
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The number behind `key` of one of numpy's two ways.
fn figure(said: &str, way: &str, key: &str) -> f64 {
    let found: serde_json::Value = serde_json::from_str(said).expect("one line of JSON");
    found[way][key].as_f64().expect("a number")
}

fn composite(c: &mut Criterion) {
    let python = std::env::var("VOINTI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let can = Command::new(&python).args(["-c", "import numpy"]).output();
    let has_peer = can.is_ok_and(|output| output.status.success());
    let definition = definition();
    let columns = readings();
    let table = table(&columns);
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = has_peer.then(|| {
        for (at, values) in columns.iter().enumerate() {
            let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            fs::write(folder.path().join(format!("q{:02}", at + 1)), bytes).expect("a file");
        }
        let output = Command::new(&python)
            .arg(PEER)
            .arg(folder.path())
            .arg(REPEATS.to_string())
            .output()
            .expect("the peer");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        hold_against(folder.path(), &build_and_score(&definition, &table, Keep::Pillars));
        println!("both sides give the same scores");
        String::from_utf8(output.stdout).expect("text")
    });
    if let Some(said) = &theirs {
        println!("{}", said.trim());
    } else {
        println!("no numpy for `{python}` (VOINTI_PYTHON names another): this side alone");
    }
    for (name, keep) in
        [("pillars kept, as numpy keeps them", Keep::Pillars), ("the index alone", Keep::Index)]
    {
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let once = || {
                let (start, busy) = (Instant::now(), processor());
                let scores = pool.install(|| build_and_score(&definition, &table, keep));
                black_box(scores.observed());
                (1e3 * start.elapsed().as_secs_f64(), 1e3 * (processor() - busy))
            };
            once();
            let (clock, busy): (Vec<f64>, Vec<f64>) = (0..REPEATS).map(|_| once()).unzip();
            let (clock, busy) = (middle(clock), middle(busy));
            print!("vointi, {name}, {threads} threads: {clock:.1} ms, of the processor {busy:.1} ms");
            for way in ["plain", "tuned"] {
                if let Some(said) = &theirs {
                    let (by_clock, of_processor) =
                        (1e-6 * figure(said, way, "median_ns"), 1e3 * figure(said, way, "median_cpu_s"));
                    print!(
                        "; numpy {way} takes {:.1} times as long, {:.1} times of the processor",
                        by_clock / clock,
                        of_processor / busy
                    );
                }
            }
            println!();
        }
    }
    let mut group = c.benchmark_group("composite");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(20);
    group.bench_function("bind_calibrate_score", |b| {
        b.iter(|| build_and_score(&definition, black_box(&table), Keep::Pillars).observed());
    });
    let cohort = Cohort::new(&definition, table.clone()).expect("a cohort");
    group.bench_function("bind", |b| {
        b.iter(|| Cohort::new(&definition, black_box(&table).clone()).expect("a cohort").rows());
    });
    group.bench_function("calibrate", |b| b.iter(|| Index::calibrate(black_box(&cohort)).expect("an index")));
    let index = Index::calibrate(&cohort).expect("an index");
    let run = Run::new().keep(Keep::Index);
    group.bench_function("score", |b| {
        b.iter(|| index.score_cohort_with(black_box(&cohort), &run).expect("scores").observed());
    });
    group.finish();
}

criterion_group!(benches, composite);
criterion_main!(benches);
