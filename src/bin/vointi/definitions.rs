//! `init`, `check`, `definitions` and `schema`.

use std::{fmt::Write, path::Path};

use serde::Serialize;
use vointi::{
    Definition,
    cohort::Inspection,
    definition::{Audience, NodeSummary},
    model::Model,
    report::{self, CsvStyle},
    scale,
    study::SensitivitySpec,
    table::CsvOptions,
};

use crate::{
    args::{Check, Format, Init, SchemaOf},
    exit::{Failure, note},
    input,
    output::{self, Target},
};

/// What `check` says to programs.
#[derive(Serialize)]
struct Checked<'a> {
    id: &'a str,
    version: &'a str,
    title: &'a str,
    population: &'a str,
    audience: Audience,
    hash: &'a str,
    tree: Vec<NodeSummary>,
    data: Option<&'a Inspection>,
}

impl<'a> Checked<'a> {
    fn new(definition: &'a Definition, data: Option<&'a Inspection>) -> Self {
        Self {
            id: definition.id(),
            version: definition.version(),
            title: definition.title(),
            population: definition.population(),
            audience: definition.audience(),
            hash: definition.hash(),
            tree: definition.tree(),
            data,
        }
    }
}

pub(crate) fn init(asked: &Init) -> Result<(), Failure> {
    let target = Target::new(Some(&asked.output));
    output::check_places(&[&asked.data], &[&target])?;
    let table = input::read(CsvOptions::default(), &asked.data, &asked.reading)?;
    let id = asked.id.clone().unwrap_or_else(|| id_of(&asked.data));
    let draft = Definition::draft(&table, &id)?;
    output::write(vec![(&target, Box::new(|out| report::text_to(&draft, out)))])?;
    note("a draft: read it, correct it, and hold it against the file with `vointi check`");
    Ok(())
}

/// An id made from the name of a file.
fn id_of(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let id: String = stem.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
    if id.starts_with(|sign: char| sign.is_ascii_lowercase()) { id } else { format!("d_{id}") }
}

pub(crate) fn check(asked: &Check, format: Option<Format>) -> Result<(), Failure> {
    let (definition, _) = input::definition(&asked.definition)?;
    let mut found = None;
    let mut read = String::new();
    if let Some(path) = &asked.data {
        let table = input::table(&definition, path, &asked.reading)?;
        if let Some(source) = table.source() {
            read = format!("{}: {source}", source.file());
        }
        found = Some(Inspection::of(&definition, table));
    }
    if let (Audience::Employer, Some(found)) = (definition.audience(), &mut found) {
        note("for an employer: no counts of answers, and no answers");
        found.unmapped.clear();
        found.columns.clear();
    }
    match (format.unwrap_or(Format::Text), &found) {
        (Format::Text, None) => output::print(&report::tree_text(&definition))?,
        (Format::Text, Some(found)) => {
            let (tree, coverage) = (report::tree_text(&definition), report::coverage_text(found));
            output::print(&format!("{tree}\n{read}; {coverage}"))?;
        }
        (Format::Json, found) => output::print(&output::json(&Checked::new(&definition, found.as_ref()))?)?,
        (Format::Csv, None) => {
            output::print_csv(|out| report::tree_csv(&definition, CsvStyle::default(), out))?;
        }
        (Format::Csv, Some(found)) => {
            output::print_csv(|out| report::coverage_csv(found, CsvStyle::default(), out))?;
        }
    }
    if let Some(error) = found.and_then(|found| found.error) {
        return Err(error.into());
    }
    let cases = scale::check_definition(&definition);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| !case.passes())
        .map(|case| {
            format!(
                "\n  {}, {}: expected {}, scored {}",
                case.instrument, case.scale, case.expected, case.scored
            )
        })
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::bug(format!(
        "{} of {} worked cases of the definition are not scored as they say{}",
        wrong.len(),
        cases.len(),
        wrong.concat()
    )))
}

pub(crate) fn list(id: Option<&str>, format: Option<Format>) -> Result<(), Failure> {
    let format = format.unwrap_or(Format::Text);
    if let Some(id) = id {
        return match format {
            Format::Json => output::print(&output::json(&Checked::new(&Definition::builtin(id)?, None))?),
            Format::Csv => {
                let definition = Definition::builtin(id)?;
                output::print_csv(|out| report::tree_csv(&definition, CsvStyle::default(), out))
            }
            Format::Text => output::print(Definition::builtin_text(id)?),
        };
    }
    let all = Definition::builtin_ids().map(Definition::builtin).collect::<vointi::Result<Vec<_>>>()?;
    match format {
        Format::Json => {
            let rows: Vec<Checked<'_>> =
                all.iter().map(|definition| Checked::new(definition, None)).collect();
            output::print(&output::json(&rows)?)
        }
        Format::Csv => output::print_csv(|out| report::definitions_csv(&all, CsvStyle::default(), out)),
        Format::Text => {
            let mut text = String::new();
            for definition in &all {
                let _ =
                    writeln!(text, "{} {}: {}", definition.id(), definition.version(), definition.title());
            }
            output::print(&text)
        }
    }
}

pub(crate) fn schema(of: SchemaOf) -> Result<(), Failure> {
    let schema = match of {
        SchemaOf::Definition => Definition::json_schema(),
        SchemaOf::Model => Model::json_schema(),
        SchemaOf::Fitted => report::model_schema().to_owned(),
        SchemaOf::Audit => report::audit_schema().to_owned(),
        SchemaOf::Compare => report::comparison_schema().to_owned(),
        SchemaOf::SensitivitySpec => SensitivitySpec::json_schema(),
        SchemaOf::Sensitivity => report::sensitivity_schema().to_owned(),
    };
    output::print(&(schema.trim_end().to_owned() + "\n"))
}
