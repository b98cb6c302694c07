//! `health` and `rules`.

use vointi::{
    definition::{rule, rules},
    report::{self, CsvStyle},
    study::{Health, HealthSummary},
};

use crate::{
    args::{self, Format},
    exit::{Failure, note},
    output::{self, Fill, Target, text_of},
    study::{Planned, audience_of_people},
};

pub(crate) fn health(asked: &args::Health, format: Option<Format>) -> Result<(), Failure> {
    let people = &asked.people;
    let planned = Planned::of(people)?;
    let audience = audience_of_people(people.scoring.shown.audience, &planned.definition, "a health score")?;
    let target = Target::new(people.scoring.shown.output.as_deref());
    output::check_places(&planned.inputs(), &[&target])?;
    let study = planned.run(&people.scoring.shown.reading, None)?;
    let health = Health::of(&study.index, &study.cohort)?;
    if health.scores().is_empty() {
        return Err(Failure::usage(
            "the definition asks for no published scores: add [health.…] sections; `vointi rules` lists the rules",
        ));
    }
    for score in health.scores().iter().filter(|score| score.status() != vointi::definition::Status::Verified)
    {
        note(&format!("note: {}: the rule {} is {}", score.id(), score.rule().name(), score.status().word()));
    }
    if let Some(id) = &asked.person {
        if format.is_some_and(|format| format != Format::Text) {
            return Err(Failure::usage(
                "one person's scores are written as text; leave out --person for a table",
            ));
        }
        let text = report::health_person_text(&study.cohort.person(id)?, &health)?;
        return output::write(vec![(&target, text_of(text))]);
    }
    let style = CsvStyle::from(people.scoring.shown.csv);
    let fill: Fill<'_> = match format.unwrap_or(Format::Csv) {
        Format::Csv => Box::new(|out| report::health_csv(&study.cohort, &health, style, out)),
        Format::Text => text_of(report::health_text(&summary(&health, &study, audience)?)),
        Format::Json => text_of(output::json(&summary(&health, &study, audience)?)?),
    };
    output::write(vec![(&target, fill)])
}

fn summary(
    health: &Health,
    study: &crate::study::Study,
    audience: vointi::definition::Audience,
) -> Result<HealthSummary, Failure> {
    Ok(HealthSummary::of(health, &study.cohort, &study.scores, audience)?)
}

pub(crate) fn list(name: Option<&str>, format: Option<Format>) -> Result<(), Failure> {
    let found = match name {
        Some(name) => vec![rule(name)?],
        None => rules()?,
    };
    match (format.unwrap_or(Format::Text), name, found.as_slice()) {
        (Format::Text, Some(_), [one]) => output::print(&report::rule_text(one)),
        (Format::Text, ..) => output::print(&report::rules_text(&found)),
        (Format::Json, Some(_), [one]) => output::print(&output::json(one)?),
        (Format::Json, ..) => output::print(&output::json(&found)?),
        (Format::Csv, ..) => output::print_csv(|out| report::rules_csv(&found, CsvStyle::default(), out)),
    }
}
