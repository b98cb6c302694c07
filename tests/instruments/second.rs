//! A second, different file: a European spreadsheet, two rounds, words for answers, another coding, and a questionnaire of
//! its own, scored elsewhere.

use std::{collections::BTreeMap, fs};

use vointi::{
    Cohort, Definition,
    report::{self, CsvStyle},
    scale,
};

const FOLDER: &str = "tests/golden/instruments/second";

/// Cells by person and round.
type Rows = BTreeMap<(String, String), Vec<String>>;

/// The header, and the rows.
fn sheet(text: &str) -> (Vec<String>, Rows) {
    let mut lines =
        text.trim_start_matches('\u{feff}').lines().map(|line| line.split(',').map(str::to_owned));
    let header = lines.next().unwrap().collect();
    let rows = lines.map(|mut cells| ((cells.next().unwrap(), cells.next().unwrap()), cells.collect()));
    (header, rows.collect())
}

fn people() -> Cohort {
    let definition = Definition::read(format!("{FOLDER}/second.toml")).unwrap();
    Cohort::read_csv(&definition, format!("{FOLDER}/people.csv")).unwrap()
}

fn stored(name: &str) -> String {
    fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

/// Numbers to 1e-12 of their size, words to the letter.
fn hold(ours: &str, theirs: &str) {
    let ((header, ours), (expected, theirs)) = (sheet(ours), sheet(theirs));
    assert_eq!(header, expected);
    assert_eq!(ours.len(), theirs.len());
    for (who, cells) in &theirs {
        for ((name, ours), theirs) in header.iter().skip(2).zip(&ours[who]).zip(cells) {
            let is_same = match (ours.parse::<f64>(), theirs.parse::<f64>()) {
                (Ok(a), Ok(b)) => (a - b).abs() <= 1e-12 * b.abs().max(1.0),
                _ => ours == theirs,
            };
            assert!(is_same, "{name} of {who:?}: {ours}, {theirs} is stored");
        }
    }
}

#[test]
fn every_scale_of_the_second_file_is_as_scored_elsewhere() {
    let cohort = people();
    let mut ours = Vec::new();
    report::scales_csv(&cohort, &scale::score(&cohort), CsvStyle::default(), &mut ours).unwrap();
    hold(&String::from_utf8(ours).unwrap(), &stored("expected_scales.csv"));
}

#[test]
fn safety_flags_and_group_figures_of_the_second_file() {
    let cohort = people();
    let scales = scale::score(&cohort);
    let mut ours = Vec::new();
    report::safety_csv(&cohort, &scales, CsvStyle::default(), &mut ours).unwrap();
    hold(&String::from_utf8(ours).unwrap(), &stored("expected_safety.csv"));
    let text = stored("expected_groups.csv");
    let cells: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
    let figure = scales.get(cells[0]).unwrap().group().unwrap();
    assert_eq!(figure.n.to_string(), cells[1]);
    for (ours, theirs) in [(figure.value, cells[2]), (figure.std_error, cells[3])] {
        let theirs: f64 = theirs.parse().unwrap();
        assert!((ours - theirs).abs() <= 1e-12 * theirs.abs(), "{ours} {theirs}");
    }
}

/// Serial, parallel, whole or in memory that is used again: the same bits.
#[test]
fn the_bits_do_not_depend_on_threads() {
    let cohort = people();
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| scale::score(&cohort))
    };
    let (one, four) = (of(1), of(4));
    let mut again = of(2);
    scale::score_into(&cohort, &mut again);
    for ((a, b), c) in one.iter().zip(four.iter()).zip(again.iter()) {
        let bits = |column: &scale::ScaleColumn| {
            column.values_or_nan().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(bits(a), bits(b), "{}", a.name());
        assert_eq!(bits(a), bits(c), "{}", a.name());
    }
}

/// An indicator that asks for omega gets that of the reference, and its error from it.
#[test]
fn calibration_learns_omega_where_it_is_asked_for() {
    let text = fs::read_to_string("data/definitions/nhanes.toml").unwrap();
    let asked = text.replacen("reliability = \"calibrated\"", "reliability = \"omega\"", 1);
    assert_ne!(text, asked);
    let definition = Definition::from_toml(&asked).unwrap();
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv").unwrap();
    let learned = vointi::Calibration::learn(&cohort).unwrap().to_toml();
    let omega: f64 = learned
        .lines()
        .find_map(|line| line.strip_prefix("omega = "))
        .expect("a learned omega")
        .parse()
        .unwrap();
    let own = scale::reliability(&scale::answers(&cohort, "mood.total").unwrap()).unwrap();
    assert_eq!(Some(omega), own.omega);
    // One scale asks for it.
    assert_eq!(learned.matches("omega = ").count(), 1);
}
