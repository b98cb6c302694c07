//! Published rules of a million persons, beside numpy and scipy on the same numbers in the same run.
//!
//! `score2`: the ten-year risk of SCORE2 and SCORE2-OP, with its refusals; `percentiles`: nineteen measurements as
//! percentiles by age and sex. One in fifty readings is missing. `benches/rules.py` computes both as a user of numpy
//! would; it is run by the Python that `VOINTI_PYTHON` names, `python3` if it names none. Both sides have to give the
//! same numbers, or the bench stops. Without numpy and scipy it says so and measures this side alone.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops at the first surprise, and says what it found"
)]

use std::{
    fmt::Write as _,
    fs,
    hint::black_box,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vointi::{
    indicator::Rule,
    table::{Column, Table},
};

const ROWS: usize = 1_000_000;
const REPEATS: &str = "11";
const PEER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/rules.py");
const PEOPLE: [(&str, Kind); 8] = [
    ("age", Kind::Between(38.0, 92.0)),
    ("sex", Kind::YesNo(0.5)),
    ("smoker", Kind::YesNo(0.2)),
    ("sbp", Kind::Between(95.0, 190.0)),
    ("total_cholesterol", Kind::Between(3.0, 9.0)),
    ("hdl", Kind::Between(0.7, 2.5)),
    ("diabetes", Kind::YesNo(0.08)),
    ("prior_cvd", Kind::YesNo(0.08)),
];
/// Every metric of the table, from about its lowest to about its highest value, in the table's units.
const METRICS: [(&str, f64, f64); 19] = [
    ("bp_systolic", 90.0, 185.0),
    ("bp_diastolic", 46.0, 108.0),
    ("rhr", 46.0, 105.0),
    ("ldl_c", 40.0, 220.0),
    ("hdl_c", 28.0, 100.0),
    ("triglycerides", 25.0, 400.0),
    ("fasting_glucose", 78.0, 220.0),
    ("hba1c", 4.4, 9.5),
    ("fasting_insulin", 2.0, 60.0),
    ("waist", 26.0, 58.0),
    ("hscrp", 0.1, 25.0),
    ("alt", 6.0, 90.0),
    ("ggt", 6.0, 150.0),
    ("ferritin", 5.0, 500.0),
    ("hemoglobin", 9.5, 17.5),
    ("vitamin_d", 8.0, 70.0),
    ("apob", 42.0, 170.0),
    ("tsh", 0.3, 8.0),
    ("lpa", 0.5, 480.0),
];

#[derive(Clone, Copy)]
enum Kind {
    Between(f64, f64),
    /// With this share of ones.
    YesNo(f64),
}

/// Numbers from a linear congruence.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 31)
    }

    /// One in fifty is missing.
    fn column(&mut self, kind: Kind) -> Vec<f64> {
        let mut cell = || match (self.next() < 0.02, kind) {
            (true, _) => f64::NAN,
            (false, Kind::Between(from, to)) => from + (to - from) * self.next(),
            (false, Kind::YesNo(share)) => f64::from(self.next() < share),
        };
        (0..ROWS).map(|_| cell()).collect()
    }
}

fn write(folder: &Path, name: &str, column: &[f64]) {
    let bytes: Vec<u8> = column.iter().flat_map(|x| x.to_le_bytes()).collect();
    fs::write(folder.join(name), bytes).expect("a file");
}

/// Fails unless the peer found the same values to a part in 10⁹, and as many missing.
fn hold_against(folder: &Path, name: &str, own: &[f64]) -> f64 {
    let bytes = fs::read(folder.join(format!("{name}.out"))).expect("the peer's values");
    let theirs: Vec<f64> =
        bytes.chunks_exact(8).map(|x| f64::from_le_bytes(x.try_into().expect("eight bytes"))).collect();
    assert_eq!(own.len(), theirs.len(), "{name}");
    assert!(own.iter().filter(|x| !x.is_nan()).count() > ROWS / 2, "{name}: hardly any values");
    let mut farthest = 0.0_f64;
    for (own, theirs) in own.iter().zip(&theirs) {
        assert_eq!(own.is_nan(), theirs.is_nan(), "{name}: {own} beside {theirs}");
        farthest = farthest.max((own / theirs - 1.0).abs());
    }
    assert!(farthest < 1e-9, "{name}: a relative difference of {farthest:e}");
    farthest
}

/// The least and the middle, in milliseconds.
#[derive(Clone, Copy)]
struct Times {
    least: f64,
    middle: f64,
}

impl Times {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |place: usize| times.get(place).copied().unwrap_or(f64::NAN);
        Self { least: at(0), middle: at(times.len() / 2) }
    }
}

/// What this thread has had of a processor, in milliseconds, where the system says so: on a busy machine the fairer time.
fn processor_time() -> Option<f64> {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    spent.split_whitespace().next()?.parse::<f64>().ok().map(|nanoseconds| 1e-6 * nanoseconds)
}

/// The peer's times of a row, by the clock and of the processor.
type PeerTimes = [Times; 2];

/// Runs the peer in `folder`: what it says of itself, and its times of both rows. None without numpy and scipy.
fn peer(folder: &Path) -> Option<(String, [PeerTimes; 2])> {
    let python = std::env::var("VOINTI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let can = Command::new(&python).args(["-c", "import numpy, scipy.special"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        println!("no numpy and scipy for `{python}` (VOINTI_PYTHON names another): this side alone");
        return None;
    }
    let output = Command::new(&python).arg(PEER).arg(folder).arg(REPEATS).output().expect("the peer");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("text");
    let (versions, times) = said.split_once('\n').expect("lines");
    let times = ["score2", "percentiles"].map(|name| {
        [name.to_owned(), format!("processor_{name}")].map(|name| {
            let line = times.lines().find_map(|line| line.strip_prefix(&name)).expect("a line of times");
            Times::of(line.split_whitespace().map(|time| time.parse().expect("milliseconds")).collect())
        })
    });
    Some((versions.to_owned(), times))
}

fn table<'a>(columns: impl IntoIterator<Item = (&'a str, &'a [f64])>) -> Table {
    let table = columns.into_iter().fold(Table::builder(), |table, (name, values)| {
        table.column(name, Column::numbers_or_nan(values.to_vec()).expect("finite"))
    });
    table.build().expect("a table")
}

fn rules(c: &mut Criterion) {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let people = PEOPLE.map(|(name, kind)| (name, numbers.column(kind)));
    let ages = numbers.column(Kind::Between(20.0, 85.0));
    let values = METRICS.map(|(name, from, to)| (name, numbers.column(Kind::Between(from, to))));
    let folder = tempfile::tempdir().expect("a folder");
    for (name, column) in people.iter().chain(&values) {
        write(folder.path(), name, column);
    }
    write(folder.path(), "adult_age", &ages);
    let peer = peer(folder.path());

    let risk = Rule::builtin("score2.risk").expect("a rule").argument("region", "moderate");
    let persons = table(people.iter().map(|(name, column)| (*name, column.as_slice())));
    let sexes = people.iter().find(|(name, _)| *name == "sex").map_or(&[][..], |(_, sexes)| sexes);
    let norms = values.each_ref().map(|(name, values)| {
        let rule = Rule::builtin(&format!("nhanes_percentiles.{name}")).expect("a rule").accept_unverified();
        (rule, table([("value", values.as_slice()), ("age", &ages), ("sex", sexes)]))
    });
    if peer.is_some() {
        let own = risk.values_or_nan(&persons).expect("values");
        let mut farthest = hold_against(folder.path(), "score2", &own);
        for ((name, ..), (rule, table)) in METRICS.iter().zip(&norms) {
            let own = rule.values_or_nan(table).expect("values");
            farthest = farthest.max(hold_against(folder.path(), name, &own));
        }
        println!("both sides give the same values, the farthest {farthest:.0e} apart");
    }
    drop((people, values, ages));

    let mut lines = Vec::new();
    for threads in [1, rayon::current_num_threads()] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let mut group = c.benchmark_group(format!("rules/{threads}_threads"));
        group.throughput(Throughput::Elements(ROWS as u64));
        group.sample_size(15).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
        let score2 = || drop(black_box(risk.values_or_nan(black_box(&persons)).expect("values")));
        // As numpy does, all nineteen are there together at the end.
        let percentiles = || {
            let columns: Vec<Vec<f64>> =
                norms.iter().map(|(rule, table)| rule.values_or_nan(table).expect("values")).collect();
            drop(black_box(columns));
        };
        let rows: [(&str, &(dyn Fn() + Sync)); 2] = [("score2", &score2), ("percentiles", &percentiles)];
        for (at, (name, work)) in rows.into_iter().enumerate() {
            let (mut times, mut processor) = (Vec::new(), Vec::new());
            group.bench_function(name, |b| {
                b.iter_custom(|repeats| {
                    let mut total = Duration::ZERO;
                    for _ in 0..repeats {
                        let (time, of_processor) = pool.install(|| {
                            let (start, start_processor) = (Instant::now(), processor_time());
                            work();
                            (start.elapsed(), processor_time().zip(start_processor))
                        });
                        processor.extend(of_processor.map(|(end, start)| end - start));
                        times.push(1e3 * time.as_secs_f64());
                        total += time;
                    }
                    total
                });
            });
            let own = Times::of(times);
            let mut line =
                format!("{name}, {threads} threads: median {:.1} ms, least {:.1} ms", own.middle, own.least);
            if let Some(theirs) = peer.as_ref().and_then(|(_, times)| times.get(at)) {
                let [theirs, theirs_of_processor] = theirs;
                let _ = write!(
                    line,
                    "; numpy {:.1} ms, {:.1} ms; {:.1} and {:.1} times as long",
                    theirs.middle,
                    theirs.least,
                    theirs.middle / own.middle,
                    theirs.least / own.least
                );
                if threads == 1 && !processor.is_empty() {
                    let own = Times::of(processor).middle;
                    let theirs = theirs_of_processor.middle;
                    let ratio = theirs / own;
                    let _ = write!(line, "; of the processor {own:.1} ms, numpy {theirs:.1} ms, {ratio:.1}");
                }
            }
            lines.push(line);
        }
        group.finish();
    }
    println!("\n{ROWS} persons beside {}", peer.map_or("nothing".to_owned(), |(versions, _)| versions));
    for line in &lines {
        println!("{line}");
    }
}

criterion_group!(benches, rules);
criterion_main!(benches);
