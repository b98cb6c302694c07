//! Twenty questionnaires of a million persons, beside polars in the same run.
//!
//! 167 items, 34 scales: every score, and how many items are behind it. One answer in fifty is missing. `benches/instruments.py`
//! computes the same as a user of polars would; it is run by the Python that `VOINTI_PYTHON` names, `python3` if it names
//! none. Both sides have to give the same numbers on the first twenty thousand, or the bench stops. Without polars it says so
//! and measures this side alone.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops at the first surprise, and says what it found"
)]

use std::{fmt::Write as _, fs, hint::black_box, path::Path, process::Command, time::Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vointi::{
    Cohort, Definition,
    definition::instrument,
    scale::{self, Scales},
    table::{Column, Table},
};

const ROWS: usize = 1_000_000;
const COMPARED: usize = 20_000;
const REPEATS: usize = 11;
const PEER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instruments.py");
const INSTRUMENTS: [&str; 20] = [
    "who5", "phq8", "gad7", "pss10", "swls", "k6", "k10", "mspss", "jss4", "auditc", "cbi", "olbi", "req",
    "wemwbs", "isi", "ess", "nfr", "phq4", "osss3", "mhi5",
];

/// Numbers from a linear congruence.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 31)
    }

    /// One in fifty is missing.
    fn answers(&mut self, lowest: f64, highest: f64, step: f64) -> Vec<f64> {
        let codes = (highest - lowest) / step + 1.0;
        let mut answer = || {
            let is_missing = self.next() < 0.02;
            let code = lowest + step * (codes * self.next()).floor();
            if is_missing { f64::NAN } else { code }
        };
        (0..ROWS).map(|_| answer()).collect()
    }
}

/// The answers, by `instrument.item`.
fn answers() -> Vec<(String, Vec<f64>)> {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut columns = Vec::new();
    for id in INSTRUMENTS {
        for item in instrument(id).expect("an instrument").items {
            let (lowest, highest, step) = match (id, item.id.as_str()) {
                ("cbi", _) => (0.0, 100.0, 25.0),
                ("osss3", "1") => (1.0, 4.0, 1.0),
                _ => {
                    let [lowest, highest] = instrument(id).expect("an instrument").response;
                    (lowest, highest, 1.0)
                }
            };
            columns.push((format!("{id}.{}", item.id), numbers.answers(lowest, highest, step)));
        }
    }
    columns
}

fn definition() -> Definition {
    let mut text = "schema = 1\nid = \"twenty\"\n[person]\nid = \"person\"\n".to_owned();
    for id in INSTRUMENTS {
        let items = instrument(id).expect("an instrument").items;
        let columns: Vec<String> = items.iter().map(|item| format!("\"{id}.{}\"", item.id)).collect();
        let _ = write!(
            text,
            "[instrument.{id}]\nuse = \"{id}\"\naccept = \"unverified\"\nlicence_ack = \"a bench\"\ncolumns = [{}]\n",
            columns.join(", ")
        );
    }
    text +=
        "[indicator.mood]\nscale = \"phq8.total\"\nutility = \"linear\"\n[index]\nchildren = [\"mood\"]\n";
    Definition::from_toml(&text).expect("a definition")
}

fn cohort(definition: &Definition, columns: &[(String, Vec<f64>)], rows: usize) -> Cohort {
    let persons: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
    let mut table = Table::builder().column("person", Column::text(persons.iter().map(Some)));
    for (name, values) in columns {
        let values = values.iter().take(rows).copied().collect();
        table = table.column(name.clone(), Column::numbers_or_nan(values).expect("finite"));
    }
    Cohort::new(definition, table.build().expect("a table")).expect("a cohort")
}

fn read(path: &Path) -> Vec<f64> {
    let bytes = fs::read(path).expect("the peer's values");
    bytes.chunks_exact(8).map(|x| f64::from_le_bytes(x.try_into().expect("eight bytes"))).collect()
}

/// What the peer says, run in `folder`.
fn peer(python: &str, folder: &Path, arguments: &[String]) -> String {
    let output = Command::new(python).arg(PEER).arg(folder).args(arguments).output().expect("the peer");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Fails unless the peer scores the same, and from as many answers.
fn hold_against(folder: &Path, scales: &Scales) {
    for column in scales.iter() {
        let theirs = read(&folder.join(format!("{}.out", column.name())));
        let answered = read(&folder.join(format!("{}.answered.out", column.name())));
        for (row, theirs) in theirs.iter().enumerate() {
            let ours = column.values_or_nan().get(row).copied().unwrap_or(f64::NAN);
            let is_same = (ours.is_nan() && theirs.is_nan()) || (ours - theirs).abs() <= 1e-12 * theirs.abs();
            assert!(is_same, "{}: {ours} beside {theirs}", column.name());
            assert_eq!(
                column.answered(row).map(|n| n as f64),
                answered.get(row).copied(),
                "{}",
                column.name()
            );
        }
    }
}

/// The least and the middle of a line of milliseconds.
fn times(said: &str, name: &str) -> [f64; 2] {
    let line = said.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).expect("a line of times");
    middle(line.split_whitespace().map(|time| time.parse().expect("milliseconds")).collect())
}

fn middle(mut times: Vec<f64>) -> [f64; 2] {
    times.sort_by(f64::total_cmp);
    [0, times.len() / 2].map(|place| times.get(place).copied().unwrap_or(f64::NAN))
}

fn instruments(c: &mut Criterion) {
    let python = std::env::var("VOINTI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let can = Command::new(&python).args(["-c", "import numpy, polars"]).output();
    let has_peer = can.is_ok_and(|output| output.status.success());
    if !has_peer {
        println!("no numpy and polars for `{python}` (VOINTI_PYTHON names another): this side alone");
    }
    let definition = definition();
    let columns = answers();
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = has_peer.then(|| {
        for (name, values) in &columns {
            let bytes: Vec<u8> = values.iter().take(COMPARED).flat_map(|x| x.to_le_bytes()).collect();
            fs::write(folder.path().join(name), bytes).expect("a file");
        }
        let few = ["1".to_owned()];
        peer(&python, folder.path(), &few);
        hold_against(folder.path(), &scale::score(&cohort(&definition, &columns, COMPARED)));
        println!("both sides give the same scores, from the same numbers of answers");
        peer(&python, folder.path(), &[REPEATS.to_string(), ROWS.to_string()])
    });
    drop(folder);

    let people = cohort(&definition, &columns, ROWS);
    let cells: f64 = columns.len() as f64 * ROWS as f64;
    let mut lines = Vec::new();
    for threads in [1, rayon::current_num_threads()] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let mut scales = Scales::default();
        let mut once = || {
            let start = Instant::now();
            pool.install(|| scale::score_into(black_box(&people), &mut scales));
            1e3 * start.elapsed().as_secs_f64()
        };
        let first = once();
        let [least, median] = middle((0..REPEATS).map(|_| once()).collect());
        lines.push((threads, least, median, first));
    }
    if let Some(said) = &theirs {
        println!("{}", said.lines().take(2).collect::<Vec<_>>().join("; "));
        for engine in ["scores", "scores_streaming"] {
            let [least, median] = times(said, engine);
            println!("polars, {engine}: median {median:.0} ms, least {least:.0}");
        }
    }
    for (threads, least, median, first) in lines {
        let ratio = theirs.as_ref().map(|said| {
            let best = ["scores", "scores_streaming"].map(|engine| times(said, engine));
            let (peer_least, peer_median) = (best[0][0].min(best[1][0]), best[0][1].min(best[1][1]));
            format!(
                "; polars takes {:.1} times as long (least {:.1})",
                peer_median / median,
                peer_least / least
            )
        });
        println!(
            "vointi, {threads} threads: median {median:.0} ms, least {least:.0}, into fresh memory {first:.0}, {:.2} ns an \
             answer{}",
            1e6 * median / cells,
            ratio.unwrap_or_default()
        );
    }

    let mut group = c.benchmark_group("instruments");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    let mut scales = Scales::default();
    group.bench_function("twenty", |b| b.iter(|| scale::score_into(black_box(&people), &mut scales)));
    group.finish();
}

criterion_group!(benches, instruments);
criterion_main!(benches);
