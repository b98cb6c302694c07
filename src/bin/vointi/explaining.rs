//! `explain`, `what-if` and `report`.

use std::path::Path;

use vointi::{
    definition::Audience,
    explain::{self, Baseline, Findings, Scenario, Standing},
    model::Fitted,
    report::{self, CsvStyle},
    study::Summary,
};

use crate::{
    args::{self, Against, Format},
    exit::{Failure, note},
    output::{self, Fill, Target, text_of},
    study::{Planned, Study, audience_of_people},
};

pub(crate) fn explain(asked: &args::Explain, format: Option<Format>) -> Result<(), Failure> {
    let people = &asked.people;
    let planned = Planned::of(people)?;
    audience_of_people(
        people.scoring.shown.audience,
        &planned.definition,
        "the explanation of a person's score",
    )?;
    let target = Target::new(people.scoring.shown.output.as_deref());
    output::check_places(&planned.inputs(), &[&target])?;
    let study = planned.run(&people.scoring.shown.reading, None)?;
    let person = study.cohort.person(&asked.person)?;
    let baseline = match asked.against {
        Against::Cohort => Baseline::mean(&study.scores)?,
        Against::Calibration => Baseline::calibration(&study.index)?,
    };
    let why = explain::contributions(&study.index, &person, &baseline)?;
    let style = CsvStyle::from(people.scoring.shown.csv);
    let fill: Fill<'_> = match format.unwrap_or(Format::Text) {
        Format::Text => text_of(report::contributions_text(&why)),
        Format::Json => text_of(output::json(&why)?),
        Format::Csv => Box::new(|out| report::contributions_csv(&why, style, out)),
    };
    output::write(vec![(&target, fill)])
}

pub(crate) fn what_if(asked: &args::WhatIf, format: Option<Format>) -> Result<(), Failure> {
    let people = &asked.people;
    let scenario = Scenario::parse(&asked.set)?;
    let planned = Planned::of(people)?;
    audience_of_people(people.scoring.shown.audience, &planned.definition, "a what-if")?;
    let target = Target::new(people.scoring.shown.output.as_deref());
    output::check_places(&planned.inputs(), &[&target])?;
    let study = planned.run(&people.scoring.shown.reading, None)?;
    let fitted = fit(&study)?;
    let style = CsvStyle::from(people.scoring.shown.csv);
    let format = format.unwrap_or(Format::Text);
    if let Some(id) = &asked.person {
        let found = explain::what_if(&fitted, &study.cohort.person(id)?, &scenario)?;
        let fill: Fill<'_> = match format {
            Format::Text => text_of(report::what_if_text(&found)),
            Format::Json => text_of(output::json(&found)?),
            Format::Csv => Box::new(|out| report::what_if_csv(&found, style, out)),
        };
        return output::write(vec![(&target, fill)]);
    }
    let highest = study.index.definition().bands().map(|(_, from, _)| from).reduce(f64::max);
    let Some(above) = asked.above.or(highest) else {
        return Err(Failure::usage(
            "the definition declares no bands: say from which score on people count, with --above",
        ));
    };
    let found = explain::what_if_cohort(&fitted, &study.cohort, &scenario, above)?;
    let fill: Fill<'_> = match format {
        Format::Text => text_of(report::what_if_cohort_text(&found)),
        Format::Json => text_of(output::json(&found)?),
        Format::Csv => Box::new(|out| report::what_if_cohort_csv(&found, style, out)),
    };
    output::write(vec![(&target, fill)])
}

pub(crate) fn fit(study: &Study) -> Result<Fitted, Failure> {
    let table = study.cohort.with_scores(&study.scores)?;
    Ok(explain::model_of(study.index.definition()).fit(&table)?)
}

pub(crate) fn report(asked: &args::Report, format: Option<Format>) -> Result<(), Failure> {
    let people = &asked.people;
    let Some(path) = people.scoring.shown.output.as_deref() else {
        return Err(Failure::usage("name the file of the report with -o; its ending says how it is written"));
    };
    let layout = Layout::of(path, format)?;
    let planned = Planned::of(people)?;
    let audience = people.scoring.shown.audience.map_or(planned.definition.audience(), Into::into);
    if asked.person.is_some() {
        audience_of_people(people.scoring.shown.audience, &planned.definition, "the page of a person")?;
    }
    let target = Target::new(Some(path));
    output::check_places(&planned.inputs(), &[&target])?;
    let study = planned.run(&people.scoring.shown.reading, None)?;
    let style = CsvStyle::from(people.scoring.shown.csv);
    let laid_out = match &asked.person {
        Some(id) => person_page(&study, id, audience, layout, style)?,
        None => cohort_page(&study, audience, layout, style)?,
    };
    output::write(vec![(&target, text_of(laid_out))])
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Html,
    Markdown,
    Json,
    Csv,
}

impl Layout {
    fn of(path: &Path, format: Option<Format>) -> Result<Self, Failure> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match (format, ending.as_deref()) {
            (Some(Format::Json), _) | (None, Some("json")) => Ok(Self::Json),
            (Some(Format::Csv), _) | (None, Some("csv")) => Ok(Self::Csv),
            (Some(Format::Text), _) | (None, Some("md" | "markdown")) => Ok(Self::Markdown),
            (None, Some("html" | "htm")) => Ok(Self::Html),
            (None, None) if path == "-" => Ok(Self::Markdown),
            (None, _) => Err(Failure::usage(
                "the ending of the report's file says how it is written: .html, .md, .json or .csv",
            )),
        }
    }
}

/// The report of a cohort; for an employer nothing but the figures of the group.
pub(crate) fn cohort_page(
    study: &Study,
    audience: Audience,
    layout: Layout,
    style: CsvStyle,
) -> Result<String, Failure> {
    if audience == Audience::Employer {
        note("for an employer: group figures only, and none of fewer than ten people");
        let summary = Summary::of(&study.cohort, &study.index, &study.scores)?;
        let figures = summary.calibrated_from(&study.calibrated_from).for_employer();
        return Ok(match layout {
            Layout::Html => report::figures_html(&figures),
            Layout::Markdown => report::figures_markdown(&figures),
            Layout::Json => output::json(&figures)?,
            Layout::Csv => csv_text(|out| report::figures_tidy_csv(&figures, style, out))?,
        });
    }
    let findings = findings(study, audience)?;
    Ok(match layout {
        Layout::Html => report::findings_html(&findings),
        Layout::Markdown => report::findings_markdown(&findings),
        Layout::Json => output::json(&findings)?,
        Layout::Csv => csv_text(|out| report::findings_csv(&findings, style, out))?,
    })
}

pub(crate) fn findings(study: &Study, audience: Audience) -> Result<Findings, Failure> {
    let findings = Findings::gathered(&study.cohort, &study.index, &study.scores, audience)?;
    Ok(findings.calibrated_from(&study.calibrated_from))
}

/// The page of a person.
pub(crate) fn person_page(
    study: &Study,
    id: &str,
    audience: Audience,
    layout: Layout,
    style: CsvStyle,
) -> Result<String, Failure> {
    let person = study.cohort.person(id)?;
    // Without a model the page says where the person stands and why, and looks at no choice.
    let fitted = fit(study).ok();
    let standing = Standing::gathered(&study.index, &person, &study.scores, fitted.as_ref(), audience)?;
    Ok(match layout {
        Layout::Html => report::standing_html(&standing),
        Layout::Markdown => report::standing_markdown(&standing),
        Layout::Json => output::json(&standing)?,
        Layout::Csv => csv_text(|out| report::standing_csv(&standing, style, out))?,
    })
}

/// What a function that writes CSV writes.
pub(crate) fn csv_text(fill: impl FnOnce(&mut Vec<u8>) -> vointi::Result<()>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    fill(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| Failure::bug("a table that is not UTF-8"))
}
