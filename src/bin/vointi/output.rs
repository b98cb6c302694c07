//! Where results go: standard output, or files that appear whole or not at all, and never in the place of an input.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::exit::Failure;

/// What fills an output.
pub(crate) type Fill<'a> = Box<dyn FnOnce(&mut dyn Write) -> vointi::Result<()> + 'a>;

/// Where a result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

impl Target {
    /// The file of this name; `-` and none are standard output.
    pub(crate) fn new(path: Option<&Path>) -> Self {
        match path {
            Some(path) if path != "-" => Self::File(path.to_owned()),
            _ => Self::Stdout,
        }
    }
}

/// Refuses outputs that are an input, or each other.
pub(crate) fn check_places(inputs: &[&Path], outputs: &[&Target]) -> Result<(), Failure> {
    let mut taken: Vec<(PathBuf, &str)> = inputs.iter().map(|path| (place(path), "an input")).collect();
    for output in outputs {
        let path = match output {
            Target::File(path) => path,
            Target::Stdout if outputs.iter().filter(|other| **other == *output).count() > 1 => {
                return Err(Failure::usage(
                    "two outputs cannot both go to standard output; name a file for one",
                ));
            }
            Target::Stdout => continue,
        };
        let here = place(path);
        if let Some((_, what)) = taken.iter().find(|(known, _)| *known == here) {
            let message =
                format!("{}: this is {what}, and would be overwritten; name another file", path.display());
            return Err(Failure::usage(message));
        }
        taken.push((here, "another output"));
    }
    Ok(())
}

/// The real place of a file that may not be there yet.
fn place(path: &Path) -> PathBuf {
    let folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(folder).unwrap_or_else(|| path.to_owned())
}

/// Writes results: first every file under a temporary name, then all of them under their own, then standard output.
pub(crate) fn write(outputs: Vec<(&Target, Fill<'_>)>) -> Result<(), Failure> {
    let mut staged = Vec::new();
    let mut last = Vec::new();
    for (target, fill) in outputs {
        match target {
            Target::Stdout => last.push(fill),
            Target::File(path) => staged.extend(stage(path, fill)?),
        }
    }
    for (file, path, name) in staged {
        file.persist(&path).map_err(|error| cannot_write(name, &error.error))?;
    }
    for fill in last {
        fill(&mut io::stdout().lock())?;
    }
    Ok(())
}

/// Fills a temporary file beside `path`. What is no file, as a pipe, is written to as it is.
fn stage<'a>(path: &'a Path, fill: Fill<'_>) -> Result<Option<(NamedTempFile, PathBuf, &'a Path)>, Failure> {
    let real = place(path);
    if fs::metadata(&real).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let mut file = File::options().write(true).open(&real).map_err(|error| cannot_write(path, &error))?;
        fill(&mut file)?;
        return Ok(None);
    }
    let folder = real.parent().unwrap_or(Path::new("."));
    let mut file = whole_file(folder).map_err(|error| cannot_write(path, &error))?;
    fill(&mut BufWriter::new(file.as_file_mut()))?;
    Ok(Some((file, real, path)))
}

/// A temporary file that others may read as they may read any new file.
fn whole_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".vointi-").tempfile_in(folder)
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::data(format!("{}: could not write the file: {error}", path.display()))
}

/// A text as what fills an output.
pub(crate) fn text_of<'a>(text: String) -> Fill<'a> {
    Box::new(move |out| vointi::report::text_to(&text, out))
}

/// A text to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| Failure::bug(format!("no JSON: {error}")))?;
    Ok(text + "\n")
}

/// What a function that writes CSV writes, to standard output.
pub(crate) fn print_csv(fill: impl FnOnce(&mut dyn Write) -> vointi::Result<()>) -> Result<(), Failure> {
    Ok(fill(&mut io::stdout().lock())?)
}
