//! Published scores of people who stand in no file: SCORE2 with its reasons, and Life's Essential 8 point by point.
//!
//! Run with `cargo run --example published_scores`.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use vointi::{
    Table,
    indicator::{Outcome, Rule},
};

fn main() -> vointi::Result<()> {
    // Columns are named as the inputs of the rule (`vointi rules score2.risk`); cholesterol comes in mg/dL here.
    let people = Table::builder()
        .number("age", [Some(50.0), Some(69.5), Some(39.0), Some(61.0)])
        .number("sex", [Some(0.0), Some(1.0), Some(1.0), Some(0.0)])
        .number("smoker", [Some(1.0), Some(0.0), Some(0.0), Some(0.0)])
        .number("sbp", [Some(140.0), Some(150.0), Some(120.0), None])
        .number("total_cholesterol", [Some(212.7), Some(230.0), Some(190.0), Some(200.0)])
        .number("hdl", [Some(50.3), Some(45.0), Some(50.0), Some(60.0)])
        .number("diabetes", [Some(0.0); 4])
        .number("prior_cvd", [Some(0.0); 4])
        .build()?;
    let rule = Rule::builtin("score2.risk")?.argument("region", "moderate");
    let risk = rule.score_with_units(&people, &[("total_cholesterol", "mg/dL"), ("hdl", "mg/dL")])?;
    println!("{}", rule.title());
    for row in 0..risk.rows() {
        let flags: Vec<&str> = risk.flags(row).collect();
        match risk.outcome(row) {
            Outcome::Value(value) => {
                println!("  {value:.1} %, {} {}", risk.class(row).unwrap_or_default(), flags.join(";"));
            }
            Outcome::Refused { code, because } => println!("  none, {code}: {because}"),
            Outcome::Missing { input } => println!("  none, {input} is missing"),
            _ => println!("  none, {}", risk.note(row).unwrap_or_default()),
        }
    }

    // Sixteen answers about food are not there: seven of eight components.
    let someone = Table::builder()
        .number("moderate", [Some(90.0)])
        .number("vigorous", [Some(20.0)])
        .number("smoking", [Some(1.0)])
        .number("years_since_quitting", [Some(3.0)])
        .number("sleep", [Some(6.5)])
        .number("bmi", [Some(26.1)])
        .number("non_hdl", [Some(141.0)])
        .number("lipid_treatment", [Some(1.0)])
        .number("hba1c", [Some(5.5)])
        .number("diabetes", [Some(0.0)])
        .number("systolic", [Some(128.0)])
        .number("diastolic", [Some(76.0)])
        .build()?;
    let rule =
        Rule::builtin("le8.score")?.argument("diet", "mepa").argument("glycaemia", "hba1c").at_least(7);
    let score = rule.score(&someone)?;
    let flags: Vec<&str> = score.flags(0).collect();
    println!("{}", rule.title());
    println!(
        "  {:.1}, {}, of {} components {}",
        score.value(0).unwrap_or(f64::NAN),
        score.class(0).unwrap_or_default(),
        score.parts_observed(0),
        flags.join(";")
    );
    for part in score.part_names() {
        match score.part(part, 0) {
            Some(points) => println!("  {part:<15} {points}"),
            None => println!("  {part:<15} –"),
        }
    }
    Ok(())
}
