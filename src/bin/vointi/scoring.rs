//! `demo`, `calibrate` and `score`.

use std::{fs, path::Path};

use vointi::{
    Calibration, Cohort, Scores,
    definition::Audience,
    explain::{self, Baseline, Scenario, Standing},
    index::{ImputedCount, Reason},
    report::{self, CsvStyle, ModelRecord},
    study::Summary,
};

use crate::{
    args::{Calibrate, Demo, Format, Reading, Score},
    exit::{Failure, note},
    explaining::{self, csv_text},
    input,
    output::{self, Fill, Target, text_of},
    progress::Progress,
    study::{Planned, SHIPPED, Study},
};

/// The people of the demo, where the crate was built.
const ADULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/nhanes/adults.csv");

pub(crate) fn demo(asked: &Demo, format: Option<Format>) -> Result<(), Failure> {
    let path = Path::new(ADULTS);
    if !path.is_file() {
        return Err(Failure::data(
            "the people of the demo do not come with the program alone: fetch `data/nhanes/adults.csv` of the source, \
             and run `vointi score nhanes adults.csv --format text`",
        ));
    }
    let target = Target::File(asked.output.join("scores.csv"));
    output::check_places(&[path], &[&target])?;
    let study = Planned::new("nhanes", path, None, false)?.run(&Reading::default(), None)?;
    let files = demo_files(&study)?;
    fs::create_dir_all(&asked.output).map_err(|error| {
        Failure::data(format!("{}: could not make the folder: {error}", asked.output.display()))
    })?;
    let targets: Vec<(Target, String)> =
        files.into_iter().map(|(name, text)| (Target::File(asked.output.join(name)), text)).collect();
    let rows: Fill<'_> =
        Box::new(|out| report::scores_csv(&study.cohort, &study.scores, CsvStyle::default(), out));
    let mut outputs = vec![(&target, rows)];
    for (target, text) in &targets {
        outputs.push((target, Box::new(move |out| report::text_to(text, out))));
    }
    output::write(outputs)?;
    for (name, what) in DEMO {
        note(&format!("{}: {what}", asked.output.join(name).display()));
    }
    let summary = Summary::of(&study.cohort, &study.index, &study.scores)?.calibrated_from(SHIPPED);
    match format.unwrap_or(Format::Text) {
        Format::Text => output::print(&report::summary_text(&summary)),
        Format::Json => output::print(&output::json(&summary)?),
        Format::Csv => output::print_csv(|out| report::summary_csv(&summary, CsvStyle::default(), out)),
    }
}

/// Whose page the demo makes: someone who smokes, sleeps little, and has everything observed that a page can show.
const SOMEONE: &str = "3";

/// The files of the demo.
const DEMO: &[(&str, &str)] = &[
    ("scores.csv", "the scores of every person"),
    ("report.html", "what was found, as a page"),
    ("report.md", "the same as text"),
    ("report.json", "the same for programs"),
    ("report.csv", "the same as a table"),
    ("model.json", "the model of the choices"),
    ("estimates.csv", "its estimates as a table"),
    ("person.html", "where one person stands, as a page"),
    ("person.md", "the same as text"),
    ("contributions.csv", "what each indicator adds to that person's index"),
    ("what_if.json", "what goes with half an hour more sleep, among people"),
];

/// Their texts, but for the scores.
fn demo_files(study: &Study) -> Result<Vec<(&'static str, String)>, Failure> {
    let style = CsvStyle::default();
    let audience = Audience::Research;
    let findings = explaining::findings(study, audience)?;
    let fitted = explaining::fit(study)?;
    let record = ModelRecord::of(&fitted, explain::remarks(study.index.definition(), fitted.model()))?;
    let person = study.cohort.person(SOMEONE)?;
    let standing = Standing::gathered(&study.index, &person, &study.scores, Some(&fitted), audience)?;
    let why = explain::contributions(&study.index, &person, &Baseline::mean(&study.scores)?)?;
    let longer = Scenario::new().set("sleep_hours", 4.0);
    let gain = explain::what_if(&fitted, &person, &longer)?;
    Ok(vec![
        ("report.html", report::findings_html(&findings)),
        ("report.md", report::findings_markdown(&findings)),
        ("report.json", output::json(&findings)?),
        ("report.csv", csv_text(|out| report::findings_csv(&findings, style, out))?),
        ("model.json", output::json(&record)?),
        ("estimates.csv", csv_text(|out| report::model_csv(&record, style, out))?),
        ("person.html", report::standing_html(&standing)),
        ("person.md", report::standing_markdown(&standing)),
        ("contributions.csv", csv_text(|out| report::contributions_csv(&why, style, out))?),
        ("what_if.json", output::json(&gain)?),
    ])
}

pub(crate) fn calibrate(asked: &Calibrate) -> Result<(), Failure> {
    let (definition, file) = input::definition(&asked.definition)?;
    let target = Target::new(Some(&asked.output));
    let inputs: Vec<&Path> = file.iter().map(AsRef::as_ref).chain([asked.reference.as_path()]).collect();
    output::check_places(&inputs, &[&target])?;
    let cohort = Cohort::new(&definition, input::table(&definition, &asked.reference, &asked.reading)?)?;
    let learned = Calibration::learn(&cohort)?;
    learned.check_kept(asked.keep_personal)?;
    output::write(vec![(&target, Box::new(|out| report::text_to(&learned.to_toml(), out)))])?;
    let persons = learned.rows().saturating_sub(learned.screened());
    note(&format!("learned from {persons} persons, for the definition `{}`", definition.id()));
    if learned.screened() > 0 {
        note(&format!("{} more were screened out, and are in nothing that was learned", learned.screened()));
    }
    note_weights(&learned);
    note_treatments(&learned);
    Ok(())
}

/// Says which indicators are as skewed as no column should be, whatever was done.
fn note_treatments(learned: &Calibration) {
    for column in learned.treated().iter().filter(|column| column.fails) {
        let number = |found: Option<f64>| found.map_or_else(|| "unknown".to_owned(), |x| format!("{x:.2}"));
        note(&format!(
            "note: indicator.{}: still skewed after its treatment ({}): skewness {}, excess kurtosis {}",
            column.indicator,
            column.step,
            number(column.skewness_after),
            number(column.kurtosis_after)
        ));
    }
}

/// How many rows learned weights do not rest on, and which targets of importance cannot be reached.
fn note_weights(learned: &Calibration) {
    for weights in learned.weights() {
        let node = &weights.node;
        if let (Some(rows), Some(dropped)) = (weights.rows, weights.dropped.filter(|dropped| *dropped > 0)) {
            note(&format!(
                "the weights of `{node}` rest on {rows} of them: {dropped} lack the score of a child"
            ));
        }
        if !weights.meets_targets() {
            let left = weights.objective.unwrap_or_default();
            note(&format!(
                "the targets of importance of `{node}` cannot be reached; the weights come as near as weights of 0 or \
                 more can (sum of squared differences {left:.2e})"
            ));
        }
    }
}

/// Who was screened out, and which gaps were filled.
fn note_filled(scores: &Scores) {
    let screened = scores.without_index(Reason::Screened);
    if screened > 0 {
        note(&format!("{screened} screened out by the definition: no index, reason `screened`"));
    }
    let filled = scores.imputed();
    if !filled.is_empty() {
        let of = |one: &ImputedCount| format!("{} of {}", one.persons, one.indicator);
        let listed: Vec<String> = filled.iter().map(of).collect();
        note(&format!("gaps filled as the definition says: {}", listed.join(", ")));
    }
}

pub(crate) fn score(asked: &Score, format: Option<Format>) -> Result<(), Failure> {
    // What can be refused without the data is refused before they are read.
    let planned = Planned::new(
        &asked.definition,
        &asked.data,
        asked.calibration.as_deref(),
        asked.calibrate_here.is_some(),
    )?;
    let audience = asked.audience.map_or(planned.definition.audience(), Into::into);
    let target = Target::new(asked.output.as_deref());
    let learned_to = asked.calibrate_here.as_deref().map(|path| Target::new(Some(path)));
    let targets: Vec<&Target> = [Some(&target), learned_to.as_ref()].into_iter().flatten().collect();
    output::check_places(&planned.inputs(), &targets)?;

    let Study { cohort, index, scores, calibrated_from } = planned.run(&asked.reading, asked.threads)?;
    let summary =
        || Summary::of(&cohort, &index, &scores).map(|summary| summary.calibrated_from(&calibrated_from));

    let mut outputs: Vec<(&Target, Fill<'_>)> = Vec::new();
    if let (Some(target), Some(learned)) = (&learned_to, index.calibration()) {
        learned.check_kept(asked.keep_personal)?;
        note_treatments(learned);
        note_weights(learned);
        outputs.push((target, Box::new(|out| report::text_to(&learned.to_toml(), out))));
    }
    let style = CsvStyle::from(asked.csv);
    let employer = audience == Audience::Employer;
    let fill: Fill<'_> = match format.unwrap_or(Format::Csv) {
        Format::Csv if employer => {
            let figures = summary()?.for_employer();
            Box::new(move |out| report::figures_csv(&figures, style, out))
        }
        Format::Json if employer => text_of(output::json(&summary()?.for_employer())?),
        Format::Text if employer => text_of(report::figures_text(&summary()?.for_employer())),
        Format::Csv => Box::new(|out| report::scores_csv(&cohort, &scores, style, out)),
        Format::Json => {
            let summary = summary()?;
            let (cohort, scores) = (&cohort, &scores);
            Box::new(move |out| report::scores_json(cohort, scores, &summary, out))
        }
        Format::Text => text_of(report::summary_text(&summary()?)),
    };
    outputs.push((&target, fill));
    note(&if employer {
        "for an employer: no rows of persons, and no figures of fewer than ten people".to_owned()
    } else {
        format!("{} of {} persons scored", scores.observed(), scores.rows())
    });
    if !employer {
        note_filled(&scores);
    }
    let _writing = Progress::new("writing");
    output::write(outputs)
}
