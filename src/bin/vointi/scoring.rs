//! `demo`, `calibrate` and `score`.

use std::{fs, io::Write, path::Path};

use vointi::{
    Calibration, Cohort, Definition, Index, Scores,
    definition::Audience,
    index::Summary,
    report::{self, CsvStyle},
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

pub(crate) fn demo(asked: &Demo, format: Option<Format>) -> Result<(), Failure> {
    let path = Path::new(ADULTS);
    if !path.is_file() {
        return Err(Failure::data(
            "the people of the demo do not come with the program alone: fetch `data/nhanes/adults.csv` of the source, \
             and run `vointi score nhanes adults.csv --format text`",
        ));
    }
    let definition = Definition::builtin("nhanes")?;
    let reading = Reading { encoding: None, delimiter: None, decimal: None };
    let cohort = Cohort::new(&definition, input::table(&definition, path, &reading)?)?;
    let index = Index::new(&definition)?;
    let scored = Scored::new(cohort, &index, None, "shipped with the definition")?;
    let target = Target::File(asked.output.join("scores.csv"));
    output::check_places(&[path], &[&target])?;
    fs::create_dir_all(&asked.output)
        .map_err(|error| Failure::data(format!("{}: could not make the folder: {error}", asked.output.display())))?;
    let rows = |out: &mut dyn Write| scored.rows_csv(CsvStyle::default(), out);
    output::write(vec![(&target, Box::new(rows))])?;
    match format.unwrap_or(Format::Text) {
        Format::Text => output::print(&report::summary_text(&scored.summary))?,
        Format::Json => output::print(&output::json(&scored.summary)?)?,
        Format::Csv => output::print_csv(|out| report::summary_csv(&scored.summary, CsvStyle::default(), out))?,
    }
    note(&format!("{}: the scores of every person", asked.output.join("scores.csv").display()));
    Ok(())
}

pub(crate) fn calibrate(asked: &Calibrate) -> Result<(), Failure> {
    let (definition, file) = input::definition(&asked.definition)?;
    let target = Target::new(Some(&asked.output));
    let inputs: Vec<&Path> = file.iter().map(AsRef::as_ref).chain([asked.reference.as_path()]).collect();
    output::check_places(&inputs, &[&target])?;
    let cohort = Cohort::new(&definition, input::table(&definition, &asked.reference, &asked.reading)?)?;
    let learned = Calibration::learn(&cohort)?;
    output::write(vec![(&target, Box::new(|out| write_calibration(&learned, out)))])?;
    note(&format!("learned from {} persons, for the definition `{}`", learned.rows(), definition.id()));
    Ok(())
}

pub(crate) fn score(asked: &Score, format: Option<Format>) -> Result<(), Failure> {
    let (definition, file) = input::definition(&asked.definition)?;
    let target = Target::new(asked.output.as_deref());
    let learned_to = asked.calibrate_here.as_deref().map(|path| Target::new(Some(path)));
    let inputs = [file.as_deref(), Some(asked.data.as_path()), asked.calibration.as_deref()];
    let inputs: Vec<&Path> = inputs.into_iter().flatten().collect();
    let outputs: Vec<&Target> = [Some(&target), learned_to.as_ref()].into_iter().flatten().collect();
    output::check_places(&inputs, &outputs)?;
    if outputs.iter().all(|output| **output == Target::Stdout) && outputs.len() > 1 {
        return Err(Failure::usage("scores and calibration cannot both go to standard output; name a file for one"));
    }

    // What needs no data is refused before they are read.
    let (mut index, mut from) = match &asked.calibration {
        Some(path) => (Some(Index::with(&definition, Calibration::load(path)?)?), format!("file {}", path.display())),
        None if learned_to.is_some() => (None, "learned on these people themselves".to_owned()),
        None => (Some(Index::new(&definition)?), "shipped with the definition".to_owned()),
    };
    let cohort = Cohort::new(&definition, input::table(&definition, &asked.data, &asked.reading)?)?;
    if index.is_none() {
        index = Some(Index::calibrate(&cohort)?);
        note("the calibration is learned on these people themselves: their scores depend on who is in the file");
    }
    let Some(index) = index else { return Err(Failure::bug("no index was made")) };
    if index.calibration().is_none() {
        from.clear();
    }
    let scored = Scored::new(cohort, &index, asked.threads, &from)?;

    let audience = asked.audience.map_or(definition.audience(), Into::into);
    let (format, style) = (format.unwrap_or(Format::Csv), CsvStyle::from(asked.csv));
    let mut outputs: Vec<(&Target, Fill<'_>)> = Vec::new();
    if let (Some(target), Some(learned)) = (&learned_to, index.calibration()) {
        outputs.push((target, Box::new(|out| write_calibration(learned, out))));
    }
    if audience == Audience::Employer {
        let figures = scored.summary.for_employer();
        note("for an employer: no rows of persons, and no figures of fewer than ten people");
        let json = output::json(&figures)?;
        outputs.push((
            &target,
            Box::new(move |out| match format {
                Format::Text => write_text(&report::figures_text(&figures), out),
                Format::Json => write_text(&json, out),
                Format::Csv => report::figures_csv(&figures, style, out),
            }),
        ));
    } else {
        outputs.push((
            &target,
            Box::new(|out| match format {
                Format::Text => write_text(&report::summary_text(&scored.summary), out),
                Format::Json => report::scores_json(&scored.cohort, &scored.scores, &scored.summary, out),
                Format::Csv => scored.rows_csv(style, out),
            }),
        ));
        note(&format!("{} of {} persons scored", scored.summary.scored, scored.summary.persons));
    }
    let writing = Progress::new("writing");
    let result = output::write(outputs);
    drop(writing);
    result
}

/// A cohort with its scores.
struct Scored {
    cohort: Cohort,
    scores: Scores,
    summary: Summary,
}

impl Scored {
    fn new(cohort: Cohort, index: &Index, threads: Option<u16>, from: &str) -> Result<Self, Failure> {
        let progress = Progress::new("scoring");
        let scores = match threads {
            None => index.score_cohort(&cohort)?,
            Some(threads) => rayon::ThreadPoolBuilder::new()
                .num_threads(usize::from(threads))
                .build()
                .map_err(|error| Failure::usage(format!("{threads} threads cannot be had: {error}")))?
                .install(|| index.score_cohort(&cohort))?,
        };
        let summary = Summary::of(&cohort, index, &scores)?.calibrated_from(from);
        drop(progress);
        Ok(Self { cohort, scores, summary })
    }

    fn rows_csv(&self, style: CsvStyle, out: &mut dyn Write) -> vointi::Result<()> {
        report::scores_csv(&self.cohort, &self.scores, style, out)
    }
}

fn write_calibration(calibration: &Calibration, out: &mut dyn Write) -> vointi::Result<()> {
    write_text(&calibration.to_toml(), out)
}

fn write_text(text: &str, out: &mut dyn Write) -> vointi::Result<()> {
    report::text_to(text, out)
}
