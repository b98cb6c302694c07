//! Scores a file of people and sums up what came out.
//!
//! Run with `cargo run --example score_cohort` from the root of the repository.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use vointi::{Cohort, Definition, Flag, Index, index::Reason};

fn main() -> vointi::Result<()> {
    let definition = Definition::builtin("nhanes")?;
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    let scores = Index::new(&definition)?.score_cohort(&cohort)?;

    println!("persons           {}", scores.rows());
    println!("with an index     {}", scores.observed());
    for reason in [Reason::NothingScored, Reason::TooFew] {
        println!("  {:<16}{}", reason.code(), scores.without_index(reason));
    }

    println!();
    println!("{:<26}{:>6}{:>8}{:>8}", "score", "n", "mean", "sd");
    let columns = ["index", "pillar.felt", "pillar.measured", "indicator.mood", "indicator.blood_pressure"];
    for name in columns {
        let values = scores.matrix_or_nan(&[name])?;
        let (n, mean, sd) = summary(values.iter().copied());
        println!("{name:<26}{n:>6}{mean:>8.1}{sd:>8.1}");
    }

    println!();
    println!("{:<26}{:>6}", "flag", "n");
    for flag in Flag::ALL {
        println!("{:<26}{:>6}", flag.code(), scores.count(flag));
    }
    Ok(())
}

/// How many values there are, their mean, and their standard deviation over n − 1.
fn summary(values: impl Iterator<Item = f64> + Clone) -> (usize, f64, f64) {
    let known = values.filter(|value| !value.is_nan());
    let n = known.clone().count();
    let mean = known.clone().sum::<f64>() / n as f64;
    let squares: f64 = known.map(|value| (value - mean) * (value - mean)).sum();
    (n, mean, (squares / (n as f64 - 1.0)).sqrt())
}
