//! What goes with other choices, among people: for one person, and for a cohort.
//!
//! Run with `cargo run --example what_if` from the root of the repository.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use vointi::{
    Cohort, Definition, Index,
    explain::{self, Scenario},
};

fn main() -> vointi::Result<()> {
    let definition = Definition::builtin("nhanes")?;
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    let scores = Index::new(&definition)?.score_cohort(&cohort)?;
    let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;

    // Somebody who smokes and sleeps three and a half hours.
    let person = cohort.person("3")?;
    let scenario = Scenario::new().set("smoking", "former").set("sleep_hours", 7.0);
    let found = explain::what_if(&fitted, &person, &scenario)?;
    let gain = &found.difference;
    println!("difference between people  {:+.2} [{:+.2}, {:+.2}]", gain.estimate, gain.low, gain.high);
    if let Some(then) = &found.then {
        println!("people with the new values {:.1} [{:.1}, {:.1}]", then.mean, then.low, then.high);
        println!("one of them                {:.1} to {:.1}", then.person_low, then.person_high);
    }
    println!("outside the data           {}", found.outside_data);
    for remark in &found.remarks {
        println!("note: {remark}");
    }

    // Who has smoked cannot become someone who never did.
    println!();
    match explain::what_if(&fitted, &person, &Scenario::new().set("smoking", "never")) {
        Ok(_) => println!("the definition lets everybody go anywhere"),
        Err(refusal) => println!("refused: {refusal}"),
    }

    // Everybody behind the model, sitting four hours a day: how many have 75 or more?
    let sitting = Scenario::new().set("sitting_minutes", 240.0);
    let found = explain::what_if_cohort(&fitted, &cohort, &sitting, 75.0)?;
    println!();
    println!("share of {} persons with {} or more", found.n, found.from);
    for (name, share) in [("now", found.now), ("then", found.then), ("difference", found.difference)] {
        let [estimate, low, high] = [share.estimate, share.low, share.high].map(|share| 100.0 * share);
        println!("{name:<10} {estimate:>4.1} % [{low:.1}, {high:.1}]");
    }
    Ok(())
}
