//! `model`.

use std::{fs, path::Path};

use vointi::{
    Definition, Table, explain,
    model::Model,
    report::{self, CsvStyle, ModelRecord},
    study::Health,
    table::CsvOptions,
};

use crate::{
    args::{self, Format},
    exit::{Failure, note},
    input,
    output::{self, Fill, Target},
    study::{self, Planned},
};

pub(crate) fn model(asked: &args::Model, format: Option<Format>) -> Result<(), Failure> {
    let target = Target::new(asked.scoring.shown.output.as_deref());
    let (table, model, remarks) = match asked.files.as_slice() {
        [data] => match &asked.definition {
            Some(definition) => of_definition(asked, definition, None, data, &target)?,
            None => {
                return Err(Failure::usage(
                    "name the model's file before the data, or a definition with --definition",
                ));
            }
        },
        [spec, data] => match &asked.definition {
            Some(definition) => of_definition(asked, definition, Some(spec), data, &target)?,
            None if is_definition(spec) => {
                of_definition(asked, &spec.to_string_lossy(), None, data, &target)?
            }
            None => of_table(asked, spec, data, &target)?,
        },
        _ => return Err(Failure::usage("name the model's file and the data")),
    };
    let fitted = model.fit(&table)?;
    let format = format.unwrap_or(Format::Text);
    // A text says them itself.
    for warning in fitted.warnings().iter().filter(|_| format != Format::Text) {
        note(&format!("note: {warning}"));
    }
    let record = ModelRecord::of(&fitted, remarks)?;
    let style = CsvStyle::from(asked.scoring.shown.csv);
    let fill: Fill<'_> = match format {
        Format::Text => output::text_of(report::model_text(&record)),
        Format::Json => output::text_of(output::json(&record)?),
        Format::Csv => Box::new(|out| report::model_csv(&record, style, out)),
    };
    output::write(vec![(&target, fill)])
}

type Found = (Table, Model, Vec<String>);

/// The people of a definition with their scores, and the model of a file or of the definition itself.
fn of_definition(
    asked: &args::Model,
    definition: &str,
    spec: Option<&Path>,
    data: &Path,
    target: &Target,
) -> Result<Found, Failure> {
    let planned =
        Planned::new(definition, data, asked.scoring.calibration.as_deref(), asked.scoring.calibrate_here)?;
    study::audience_of_people(
        asked.scoring.shown.audience,
        &planned.definition,
        "a model of people's choices",
    )?;
    let mut inputs = planned.inputs();
    inputs.extend(spec);
    output::check_places(&inputs, &[target])?;
    let model = match spec {
        Some(spec) => Model::read(spec)?,
        None => explain::model_of(&planned.definition),
    };
    let study = planned.run(&asked.scoring.shown.reading, None)?;
    let remarks = explain::remarks(study.index.definition(), &model);
    let table = study.cohort.with_scores(&study.scores)?;
    // Published scores are outcomes, too: `health.<id>`.
    Ok((Health::of(&study.index, &study.cohort)?.join(&table)?, model, remarks))
}

/// Any table, and the model of a file.
fn of_table(asked: &args::Model, spec: &Path, data: &Path, target: &Target) -> Result<Found, Failure> {
    output::check_places(&[spec, data], &[target])?;
    if asked.scoring.calibration.is_some() || asked.scoring.calibrate_here {
        return Err(Failure::usage("a calibration belongs to a definition: name it with --definition"));
    }
    let model = Model::read(spec)?;
    let options = CsvOptions::default().missing(&asked.missing);
    Ok((input::read(options, data, &asked.scoring.shown.reading)?, model, Vec::new()))
}

/// Whether a name is a definition's, by the catalogue or by what its file declares.
fn is_definition(name: &Path) -> bool {
    if !name.is_file() {
        return Definition::builtin_ids().any(|id| Path::new(id) == name);
    }
    let text = fs::read_to_string(name).unwrap_or_default();
    let declares = |table: toml::Table| table.contains_key("index") || table.contains_key("indicator");
    text.parse().is_ok_and(declares)
}
