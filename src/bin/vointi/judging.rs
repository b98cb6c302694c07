//! `audit` and `compare`.

use std::path::Path;

use vointi::{
    Definition,
    definition::Audience,
    report::{self, CsvStyle},
    study::{self, AuditAsked, Comparison, Level},
};

use crate::{
    args::Format,
    exit::{Failure, note},
    judge_args::{Audit, Compare},
    output::{self, Fill, Target, text_of},
    study::{Planned, Study, audience_of_people},
};

pub(crate) fn audit(asked: &Audit, format: Option<Format>) -> Result<(), Failure> {
    let people = &asked.people;
    let shown = &people.scoring.shown;
    let layout = Layout::of(shown.output.as_deref(), format)?;
    let mut of = AuditAsked::default();
    of.between = levels(&asked.between)?;
    of.line = asked.poverty_line;
    of.aversions.extend(asked.aversion.iter().filter(|aversion| **aversion != 1.0));
    of.by.clone_from(&asked.by);
    let planned = Planned::of(people)?;
    let audience = shown.audience.map_or(planned.definition.audience(), Into::into);
    if asked.person.is_some() {
        audience_of_people(shown.audience, &planned.definition, "what a person is strong and weak in")?;
    }
    let target = Target::new(shown.output.as_deref());
    output::check_places(&planned.inputs(), &[&target])?;
    let study = planned.run(&shown.reading, None)?;
    if audience == Audience::Employer {
        note(
            "for an employer: weights and figures of the whole group only, and none of fewer than ten people",
        );
    }
    let Study { cohort, index, scores, calibrated_from } = &study;
    let mut found = study::Audit::of(cohort, index, scores, &of, audience)?.calibrated_from(calibrated_from);
    if let Some(id) = &asked.person {
        found = found.with_person(cohort, scores, &cohort.person(id)?)?;
    }
    let text = match layout {
        Layout::Text => report::audit_text(&found),
        Layout::Json => output::json(&found)?,
        Layout::Html => report::audit_html(&found),
        Layout::Markdown => report::audit_markdown(&found),
    };
    output::write(vec![(&target, text_of(text))])
}

fn levels(given: &[String]) -> Result<Vec<[Level; 2]>, Failure> {
    let known = |word: &String| {
        Level::of(word).ok_or_else(|| {
            Failure::usage(format!(
                "`{word}` is no level; allowed: reading, indicator, domain, pillar, index"
            ))
        })
    };
    let pairs = given.chunks_exact(2).map(|pair| match pair {
        [one, other] => Ok([known(one)?, known(other)?]),
        _ => Err(Failure::usage("name two levels")),
    });
    pairs.collect()
}

pub(crate) fn compare(asked: &Compare, format: Option<Format>) -> Result<(), Failure> {
    let layout = Layout::of(asked.output.as_deref(), format)?;
    let plan = |definition: &str, calibration: Option<&Path>| {
        Planned::new(definition, &asked.data, calibration, asked.calibrate_here)
    };
    let first = plan(&asked.first, asked.calibration_a.as_deref())?;
    let second = plan(&asked.second, asked.calibration_b.as_deref())?;
    let audience = stricter([&first.definition, &second.definition], asked.audience);
    let target = Target::new(asked.output.as_deref());
    let persons = asked.persons.as_deref().map(|path| Target::new(Some(path)));
    if persons.is_some() && audience == Audience::Employer {
        return Err(Failure::usage(
            "rows of persons are not for an employer, who gets group figures only: leave out --persons",
        ));
    }
    let mut inputs = first.inputs();
    inputs.extend(second.inputs());
    let targets: Vec<&Target> = std::iter::once(&target).chain(&persons).collect();
    output::check_places(&inputs, &targets)?;
    let first = first.run(&asked.reading, None)?;
    let second = second.run(&asked.reading, None)?;
    let scored = [(&first.cohort, &first.scores), (&second.cohort, &second.scores)];
    let found =
        Comparison::of(scored, audience)?.calibrated_from([&first.calibrated_from, &second.calibrated_from]);
    let text = match layout {
        Layout::Text => report::comparison_text(&found),
        Layout::Json => output::json(&found)?,
        Layout::Html => report::comparison_html(&found),
        Layout::Markdown => report::comparison_markdown(&found),
    };
    let style = CsvStyle::from(asked.csv);
    let rows: Fill<'_> = Box::new(|out| report::comparison_persons_csv(&found, style, out));
    let mut outputs = vec![(&target, text_of(text))];
    outputs.extend(persons.as_ref().map(|persons| (persons, rows)));
    output::write(outputs)
}

/// As asked, or an employer's where one of the definitions is for one.
fn stricter(definitions: [&Definition; 2], asked: Option<crate::args::For>) -> Audience {
    let [first, second] = definitions.map(Definition::audience);
    let declared = if second == Audience::Employer { second } else { first };
    asked.map_or(declared, Into::into)
}

/// How what is found is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Text,
    Json,
    Html,
    Markdown,
}

impl Layout {
    fn of(path: Option<&Path>, format: Option<Format>) -> Result<Self, Failure> {
        let ending =
            path.and_then(Path::extension).map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match (format, ending.as_deref()) {
            (Some(Format::Csv), _) => Err(Failure::usage(
                "this has no CSV; allowed: text, json, or a file that ends in .html, .md, .json or .txt",
            )),
            (Some(Format::Json), _) | (None, Some("json")) => Ok(Self::Json),
            (None, Some("html" | "htm")) => Ok(Self::Html),
            (None, Some("md" | "markdown")) => Ok(Self::Markdown),
            (Some(Format::Text), _) | (None, Some("txt")) => Ok(Self::Text),
            (None, None) if path.is_none_or(|path| path == "-") => Ok(Self::Text),
            (None, _) => Err(Failure::usage(
                "the ending of the file says how it is written: .html, .md, .json or .txt",
            )),
        }
    }
}
