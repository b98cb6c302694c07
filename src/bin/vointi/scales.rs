//! `reliability`: what is found about scales.

use vointi::{
    Cohort,
    report::{self, CsvStyle},
    scale::Reliabilities,
};

use crate::{
    args::Format,
    exit::Failure,
    input,
    output::{self, Fill, Target, text_of},
    scale_args::{self, Answered},
    study::audience_of_people,
};

pub(crate) fn reliability(asked: &scale_args::Reliability, format: Option<Format>) -> Result<(), Failure> {
    let (cohort, target) = read(&asked.answered, "what is found of single items")?;
    let found = Reliabilities::of(&cohort, asked.scale.as_deref())?;
    let style = CsvStyle::from(asked.answered.shown.csv);
    let fill: Fill<'_> = match format.unwrap_or(Format::Text) {
        Format::Text => text_of(report::reliability_text(&found)),
        Format::Json => text_of(output::json(&found)?),
        Format::Csv => Box::new(|out| report::reliability_csv(&found, style, out)),
    };
    output::write(vec![(&target, fill)])
}

/// The people, and where what is found goes; `what` is not for an employer.
fn read(asked: &Answered, what: &str) -> Result<(Cohort, Target), Failure> {
    let (definition, file) = input::definition(&asked.definition)?;
    audience_of_people(asked.shown.audience, &definition, what)?;
    let target = Target::new(asked.shown.output.as_deref());
    let inputs: Vec<&std::path::Path> =
        file.iter().map(AsRef::as_ref).chain([asked.data.as_path()]).collect();
    output::check_places(&inputs, &[&target])?;
    let table = input::table(&definition, &asked.data, &asked.shown.reading)?;
    Ok((Cohort::new(&definition, table)?, target))
}
