//! `demo`, `calibrate` and `score`.

use std::{fs, path::Path};

use vointi::{
    Calibration, Cohort, Definition, Index, Scores,
    definition::Audience,
    report::{self, CsvStyle},
    study::Summary,
};

use crate::{
    args::{Calibrate, Demo, Format, Reading, Score},
    exit::{Failure, note},
    input,
    output::{self, Fill, Target},
    progress::Progress,
};

/// The people of the demo, where the crate was built.
const ADULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/nhanes/adults.csv");

const SHIPPED: &str = "shipped with the definition";

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
    let definition = Definition::builtin("nhanes")?;
    let cohort = Cohort::new(&definition, input::table(&definition, path, &Reading::default())?)?;
    let index = Index::new(&definition)?;
    let scores = score_all(&index, &cohort, None)?;
    let summary = Summary::of(&cohort, &index, &scores)?.calibrated_from(SHIPPED);
    fs::create_dir_all(&asked.output).map_err(|error| {
        Failure::data(format!("{}: could not make the folder: {error}", asked.output.display()))
    })?;
    let rows: Fill<'_> = Box::new(|out| report::scores_csv(&cohort, &scores, CsvStyle::default(), out));
    output::write(vec![(&target, rows)])?;
    note(&format!("{}: the scores of every person", asked.output.join("scores.csv").display()));
    match format.unwrap_or(Format::Text) {
        Format::Text => output::print(&report::summary_text(&summary)),
        Format::Json => output::print(&output::json(&summary)?),
        Format::Csv => output::print_csv(|out| report::summary_csv(&summary, CsvStyle::default(), out)),
    }
}

pub(crate) fn calibrate(asked: &Calibrate) -> Result<(), Failure> {
    let (definition, file) = input::definition(&asked.definition)?;
    let target = Target::new(Some(&asked.output));
    let inputs: Vec<&Path> = file.iter().map(AsRef::as_ref).chain([asked.reference.as_path()]).collect();
    output::check_places(&inputs, &[&target])?;
    let cohort = Cohort::new(&definition, input::table(&definition, &asked.reference, &asked.reading)?)?;
    let learned = Calibration::learn(&cohort)?;
    output::write(vec![(&target, Box::new(|out| report::text_to(&learned.to_toml(), out)))])?;
    note(&format!("learned from {} persons, for the definition `{}`", learned.rows(), definition.id()));
    Ok(())
}

pub(crate) fn score(asked: &Score, format: Option<Format>) -> Result<(), Failure> {
    let (definition, file) = input::definition(&asked.definition)?;
    let target = Target::new(asked.output.as_deref());
    let learned_to = asked.calibrate_here.as_deref().map(|path| Target::new(Some(path)));
    let inputs = [file.as_deref(), Some(asked.data.as_path()), asked.calibration.as_deref()];
    let inputs: Vec<&Path> = inputs.into_iter().flatten().collect();
    let targets: Vec<&Target> = [Some(&target), learned_to.as_ref()].into_iter().flatten().collect();
    output::check_places(&inputs, &targets)?;

    // What can be refused without the data is refused before they are read.
    let given = match (&asked.calibration, &learned_to) {
        (Some(path), _) => Some(Index::with(&definition, Calibration::load(path)?)?),
        (None, Some(_)) => None,
        (None, None) => Some(Index::new(&definition)?),
    };
    let cohort = Cohort::new(&definition, input::table(&definition, &asked.data, &asked.reading)?)?;
    let (index, from) = match (given, &asked.calibration) {
        (Some(index), Some(path)) => (index, path.display().to_string()),
        (Some(index), None) => (index, SHIPPED.to_owned()),
        (None, _) => {
            note(
                "the calibration is learned on these people themselves: their scores depend on who is in the file",
            );
            (Index::calibrate(&cohort)?, "learned on these people themselves".to_owned())
        }
    };
    let scores = score_all(&index, &cohort, asked.threads)?;
    let summary = || Summary::of(&cohort, &index, &scores).map(|summary| summary.calibrated_from(&from));

    let mut outputs: Vec<(&Target, Fill<'_>)> = Vec::new();
    if let (Some(target), Some(learned)) = (&learned_to, index.calibration()) {
        outputs.push((target, Box::new(|out| report::text_to(&learned.to_toml(), out))));
    }
    let style = CsvStyle::from(asked.csv);
    let employer = asked.audience.map_or(definition.audience(), Into::into) == Audience::Employer;
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
    let _writing = Progress::new("writing");
    output::write(outputs)
}

fn text_of<'a>(text: String) -> Fill<'a> {
    Box::new(move |out| report::text_to(&text, out))
}

fn score_all(index: &Index, cohort: &Cohort, threads: Option<u16>) -> Result<Scores, Failure> {
    let _scoring = Progress::new("scoring");
    let Some(threads) = threads else { return Ok(index.score_cohort(cohort)?) };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build()
        .map_err(|error| Failure::usage(format!("{threads} threads cannot be had: {error}")))?;
    Ok(pool.install(|| index.score_cohort(cohort))?)
}
