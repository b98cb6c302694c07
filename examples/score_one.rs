//! Scores one person who stands in no file.
//!
//! Run with `cargo run --example score_one`.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use vointi::{Definition, Index, Person, index::Score};

fn main() -> vointi::Result<()> {
    let definition = Definition::builtin("nhanes")?;
    let index = Index::new(&definition)?;

    // Answers in item order, readings in the units of the definition. HbA1c is missing.
    let person = Person::builder(&definition, "p-001")
        .respond("mood", [0, 1, 1, 1, 0, 0, 0, 0])
        .respond("worry", [1])
        .respond("health", [4])
        .readings("systolic", [118.0, 121.0, 116.0])
        .readings("diastolic", [74.0, 76.0, 75.0])
        .measure("body_mass_index", 24.2)
        .measure("non_hdl_cholesterol", 128.0)
        .measure("resting_pulse", 66.0)
        .build()?;
    print(&index.score(&person)?);
    Ok(())
}

fn print(score: &Score) {
    println!("index           {}", shown(score.value()));
    println!("standard error  {}", shown(score.std_error()));
    println!("interval        {} to {}", shown(score.low()), shown(score.high()));
    for pillar in ["felt", "measured"] {
        println!(
            "{pillar:<15} {} (standard error {})",
            shown(score.pillar(pillar)),
            shown(score.pillar_se(pillar))
        );
    }
    println!("coverage        {:.0} %", 100.0 * score.coverage());
    println!("flags           {}", score.flags());
}

/// One decimal, or a dash where there is nothing.
fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
}
