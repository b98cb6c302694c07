//! How the program ends: exit codes, and one place that prints errors.

use std::{
    error::Error as _,
    io::{self, Write},
    panic,
    process::ExitCode,
};

use vointi::{Error, ErrorKind};

const BUG: u8 = 1;
const USAGE: u8 = 2;
const DEFINITION: u8 = 3;
const DATA: u8 = 4;
const MODEL: u8 = 5;

/// Why the program ends early.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    /// Empty where there is nobody left to read it.
    message: String,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into() }
    }

    pub(crate) fn definition(message: impl Into<String>) -> Self {
        Self { code: DEFINITION, message: message.into() }
    }

    pub(crate) fn data(message: impl Into<String>) -> Self {
        Self { code: DATA, message: message.into() }
    }

    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self { code: BUG, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let below = error.source().and_then(|source| source.downcast_ref::<io::Error>());
        if below.is_some_and(|below| below.kind() == io::ErrorKind::BrokenPipe) {
            return Self { code: 0, message: String::new() };
        }
        let code = match error.kind() {
            ErrorKind::Definition | ErrorKind::Calibration => DEFINITION,
            ErrorKind::Table | ErrorKind::Data | ErrorKind::Io => DATA,
            ErrorKind::Model => MODEL,
            ErrorKind::Audience => USAGE,
            _ => BUG,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { code: 0, message: String::new() };
        }
        Self::data(format!("could not write the output: {error}"))
    }
}

/// Prints what went wrong, if something did, and gives the exit code.
pub(crate) fn code(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                note(&format!("error: {}", failure.message));
            }
            ExitCode::from(failure.code)
        }
    }
}

/// Help and version go to standard output, misuse to standard error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nobody may be listening.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// A line on standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Runs the program; a panic becomes a message that shows where it was, and nothing of the data.
pub(crate) fn guard(program: impl FnOnce() -> ExitCode + panic::UnwindSafe) -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        let place =
            panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        note(&format!("error: this is a bug in vointi{place}; please report it"));
    }));
    panic::catch_unwind(program).unwrap_or(ExitCode::from(BUG))
}
