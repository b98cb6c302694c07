//! `scales`, `reliability`, `careless`, `agreement` and `change`: what is found about scales.

use std::path::Path;

use vointi::{
    Cohort, Definition,
    definition::Audience,
    report::{self, CsvStyle},
    scale::{self, Agreements, Answers, Careless, CarelessSummary, ChangeAsked, Changes, Reliabilities},
};

use crate::{
    args::Format,
    exit::{Failure, note},
    input,
    output::{self, Fill, Target, text_of},
    scale_args::{self, Answered, Shown},
    study::audience_of_people,
};

pub(crate) fn scales(asked: &scale_args::Scales, format: Option<Format>) -> Result<(), Failure> {
    let shown = &asked.answered.shown;
    let planned = Planned::of(&asked.answered)?;
    let audience = audience_of(shown, &planned.definition);
    if asked.safety {
        audience_of_people(shown.audience, &planned.definition, "a safety flag")?;
        if format.is_some_and(|format| format != Format::Csv) {
            return Err(Failure::usage("safety flags are written as CSV, in a file of their own"));
        }
    }
    let by_default = if audience == Audience::Employer { Format::Text } else { Format::Csv };
    let format = format.unwrap_or(by_default);
    if format == Format::Csv {
        audience_of_people(shown.audience, &planned.definition, "a person's scale score")?;
    }
    let cohort = planned.read(&asked.answered.data, shown)?;
    let scales = scale::score(&cohort);
    if asked.safety && scales.safety().is_empty() {
        return Err(Failure::usage(
            "no instrument of this definition has an answer that raises a safety flag",
        ));
    }
    let style = CsvStyle::from(shown.csv);
    let fill: Fill<'_> = match format {
        Format::Csv if asked.safety => Box::new(|out| report::safety_csv(&cohort, &scales, style, out)),
        Format::Csv => {
            for column in scales.iter().filter(|column| column.is_for_groups()) {
                note(&format!(
                    "note: {} is valid for groups alone: it has no rows of persons",
                    column.name()
                ));
            }
            Box::new(|out| report::scales_csv(&cohort, &scales, style, out))
        }
        Format::Text => text_of(report::scales_text(&scales.summary(audience))),
        Format::Json => text_of(output::json(&scales.summary(audience))?),
    };
    output::write(vec![(&planned.target, fill)])
}

pub(crate) fn reliability(asked: &scale_args::Reliability, format: Option<Format>) -> Result<(), Failure> {
    let shown = &asked.answered.shown;
    let planned = Planned::of(&asked.answered)?;
    audience_of_people(shown.audience, &planned.definition, "what is found of single items")?;
    let cohort = planned.read(&asked.answered.data, shown)?;
    let found = Reliabilities::of(&cohort, asked.scale.as_deref())?;
    let style = CsvStyle::from(shown.csv);
    let fill: Fill<'_> = match format.unwrap_or(Format::Text) {
        Format::Text => text_of(report::reliability_text(&found)),
        Format::Json => text_of(output::json(&found)?),
        Format::Csv => Box::new(|out| report::reliability_csv(&found, style, out)),
    };
    output::write(vec![(&planned.target, fill)])
}

pub(crate) fn careless(asked: &scale_args::Careless, format: Option<Format>) -> Result<(), Failure> {
    let shown = &asked.answered.shown;
    let planned = Planned::of(&asked.answered)?;
    let audience = audience_of_people(shown.audience, &planned.definition, "how a person answers")?;
    let cohort = planned.read(&asked.answered.data, shown)?;
    let found = Careless::of(&cohort, audience)?;
    let summary = || found.iter().map(Careless::summary).collect::<Vec<CarelessSummary>>();
    let style = CsvStyle::from(shown.csv);
    let fill: Fill<'_> = match format.unwrap_or(Format::Csv) {
        Format::Text => text_of(report::careless_text(&summary())),
        Format::Json => text_of(output::json(&summary())?),
        Format::Csv => Box::new(|out| report::careless_csv(&cohort, &found, style, out)),
    };
    output::write(vec![(&planned.target, fill)])
}

pub(crate) fn agreement(asked: &scale_args::Agreement, format: Option<Format>) -> Result<(), Failure> {
    let shown = &asked.answered.shown;
    let planned = Planned::of(&asked.answered)?;
    let audience = audience_of(shown, &planned.definition);
    let cohort = planned.read(&asked.answered.data, shown)?;
    let found = Agreements::of(&cohort, &asked.unit, asked.scale.as_deref(), audience)?;
    let style = CsvStyle::from(shown.csv);
    let fill: Fill<'_> = match format.unwrap_or(Format::Text) {
        Format::Text => text_of(report::agreement_text(&found)),
        Format::Json => text_of(output::json(&found)?),
        Format::Csv => Box::new(|out| report::agreement_csv(&found, style, out)),
    };
    output::write(vec![(&planned.target, fill)])
}

pub(crate) fn change(asked: &scale_args::Change, format: Option<Format>) -> Result<(), Failure> {
    let shown = &asked.shown;
    let planned = Planned::new(&asked.definition, &[&asked.before, &asked.after], shown)?;
    let audience = audience_of(shown, &planned.definition);
    let before = planned.read(&asked.before, shown)?;
    let after = planned.read(&asked.after, shown)?;
    let scale = match &asked.scale {
        Some(scale) => scale.clone(),
        None => only_scale(&before)?,
    };
    let mut of = ChangeAsked::default();
    of.reliability = asked.reliability.zip(asked.source.clone());
    of.functional = asked.functional.as_deref().and_then(|given| given.try_into().ok());
    of.practice = asked.practice;
    of.important = asked.important;
    let found = Changes::of(&before, &after, &scale, &of, audience)?;
    if audience == Audience::Employer {
        note("for an employer: no rows of persons, and no figures of fewer than ten people");
    }
    let style = CsvStyle::from(shown.csv);
    let fill: Fill<'_> = match format.unwrap_or(Format::Text) {
        Format::Text => text_of(report::change_text(&found)),
        Format::Json => text_of(output::json(&found)?),
        Format::Csv => Box::new(|out| report::change_csv(&found, style, out)),
    };
    output::write(vec![(&planned.target, fill)])
}

/// The scale of a definition that has one.
fn only_scale(cohort: &Cohort) -> Result<String, Failure> {
    let scales: Vec<String> = Answers::of(cohort).iter().map(|answers| answers.scale().to_owned()).collect();
    match scales.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::definition("the definition has no scale")),
        many => Err(Failure::usage(format!("name a scale with --scale: {}", many.join(", ")))),
    }
}

fn audience_of(shown: &Shown, definition: &Definition) -> Audience {
    shown.audience.map_or(definition.audience(), Into::into)
}

/// What can be refused before the people are read.
struct Planned {
    definition: Definition,
    target: Target,
}

impl Planned {
    fn of(asked: &Answered) -> Result<Self, Failure> {
        Self::new(&asked.definition, &[&asked.data], &asked.shown)
    }

    fn new(definition: &str, data: &[&Path], shown: &Shown) -> Result<Self, Failure> {
        let (definition, file) = input::definition(definition)?;
        let target = Target::new(shown.output.as_deref());
        let inputs: Vec<&Path> = file.iter().map(AsRef::as_ref).chain(data.iter().copied()).collect();
        output::check_places(&inputs, &[&target])?;
        Ok(Self { definition, target })
    }

    fn read(&self, data: &Path, shown: &Shown) -> Result<Cohort, Failure> {
        Ok(Cohort::new(&self.definition, input::table(&self.definition, data, &shown.reading)?)?)
    }
}
