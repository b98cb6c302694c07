//! Which choices go with the index: from a definition to a fitted model.
//!
//! Run with `cargo run --example lifestyle_model` from the root of the repository.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use vointi::{
    Cohort, Definition, Index,
    explain::{Change, ChoiceEffects},
    model::{Covariance, Model, Term},
};

fn main() -> vointi::Result<()> {
    let definition = Definition::builtin("nhanes")?;
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    let scores = Index::new(&definition)?.score_cohort(&cohort)?;

    // The definition declares a model, too: `explain::model_of(&definition)`.
    let terms = [Term::linear("sleep_hours"), Term::linear("sitting_minutes"), Term::factor("smoking")];
    let fitted = Model::ols("index", terms)
        .adjust([Term::linear("age"), Term::factor("sex")])
        .covariance(Covariance::Hc3)
        .fit(&cohort.with_scores(&scores)?)?;

    println!("{} of {} persons", fitted.n(), cohort.rows());
    for dropped in fitted.dropped() {
        println!("  {:>4} left out: {}", dropped.rows, dropped.reason);
    }
    println!();
    for row in fitted.estimates() {
        let (low, high) = (row.low.unwrap_or(f64::NAN), row.high.unwrap_or(f64::NAN));
        println!("{:<18} {:+.2} [{low:+.2}, {high:+.2}]", row.term, row.estimate);
    }
    println!();
    println!("R² {:.3}, condition number {:.1}", fitted.r2().unwrap_or(0.0), fitted.condition_number());

    // A minute of sitting is too small a step to be read. The definition says what a step is, and which way.
    println!();
    for row in ChoiceEffects::of(&definition, &fitted).rows {
        let change = match &row.change {
            Change::Step { by, unit } => format!("{by:+} {unit}"),
            Change::Level { to, from } => format!("{to} instead of {from}"),
        };
        let (low, high) = (row.low.unwrap_or(f64::NAN), row.high.unwrap_or(f64::NAN));
        println!("{:<18} {change:<26} {:+.2} [{low:+.2}, {high:+.2}]", row.title, row.estimate);
    }
    Ok(())
}
