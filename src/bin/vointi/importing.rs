//! `instruments import`.

use std::fs;

use vointi::import::Importer;

use crate::{
    args::{Format, Import},
    exit::{Failure, note},
    output::{self, Target},
};

pub(crate) fn import(asked: &Import, format: Option<Format>) -> Result<(), Failure> {
    let target = Target::new(asked.output.as_deref());
    output::check_places(&[&asked.file], &[&target])?;
    let shown = asked.file.display();
    let bytes = fs::read(&asked.file)
        .map_err(|error| Failure::data(format!("{shown}: could not read the file: {error}")))?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(Failure::data(format!("{shown}: not UTF-8; save the file as UTF-8")));
    };
    let mut importer = Importer::new();
    if let Some(from) = asked.from {
        importer = importer.source(from.into());
    }
    if let Some(id) = &asked.id {
        importer = importer.id(id);
    }
    if let Some(form) = &asked.form {
        importer = importer.form(form);
    }
    if let Some(stem) = asked.file.file_stem() {
        importer = importer.name(stem.to_string_lossy());
    }
    let imported = importer.read(&text).map_err(|error| Failure::definition(format!("{shown}: {error}")))?;
    for line in &imported.notes {
        note(line);
    }
    let text = match format {
        Some(Format::Json) => output::json(&imported)?,
        _ => imported.toml,
    };
    output::write(vec![(&target, output::text_of(text))])?;
    note("unverified: hold it against the publication, and fill in what is marked");
    if let Target::File(path) = &target
        && path.file_stem().is_some_and(|stem| stem.to_string_lossy() != imported.id)
    {
        note(&format!("the file is to be named after its id: {}.toml", imported.id));
    }
    Ok(())
}
