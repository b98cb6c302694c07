//! Where one person stands and why: contributions, and a page to be read.
//!
//! Run with `cargo run --example person_report` from the root of the repository; with `--features pages` it also writes
//! the page as HTML, to the folder for temporary files.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use vointi::{
    Cohort, Definition, Index,
    definition::Audience,
    explain::{self, Baseline, Standing},
    report,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let definition = Definition::builtin("nhanes")?;
    let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    let index = Index::new(&definition)?;
    let scores = index.score_cohort(&cohort)?;
    let person = cohort.person("3")?;

    // Against the mean of the cohort, indicator by indicator.
    let why = explain::contributions(&index, &person, &Baseline::mean(&scores)?)?;
    println!("{:<20} {:>6.1}", "the mean profile", why.baseline);
    for row in &why.rows {
        println!("{:<20} {:>+6.1}", row.title, row.points);
    }
    println!("{:<20} {:>6.1}", "this person", why.score);
    println!();

    // The page: the same, among whom, and at most two choices worth a look by the model of the definition.
    let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
    let standing = Standing::gathered(&index, &person, &scores, Some(&fitted), Audience::Research)?;
    print!("{}", report::standing_markdown(&standing));

    #[cfg(feature = "pages")]
    std::fs::write(std::env::temp_dir().join("vointi-person.html"), report::standing_html(&standing))?;
    Ok(())
}
