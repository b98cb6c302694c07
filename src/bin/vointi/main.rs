//! The program: arguments in, files out. Everything it computes is the library's.

mod args;
mod definitions;
mod exit;
mod explaining;
mod health;
mod importing;
mod input;
mod instruments;
mod judge_args;
mod judging;
mod measures;
mod modelling;
mod output;
mod progress;
mod scale_args;
mod scales;
mod scoring;
mod sensitivity;
mod shell;
mod study;

use std::process::ExitCode;

use args::{AnyFormat, Args, Command, Instruments, OfInstruments};
use clap::Parser;
use exit::Failure;

fn main() -> ExitCode {
    exit::guard(|| match Args::try_parse() {
        Ok(args) => exit::code(run(args)),
        Err(usage) => exit::usage(&usage),
    })
}

fn run(args: Args) -> Result<(), Failure> {
    let format = args.format.and_then(AnyFormat::of_results);
    if let (Some(AnyFormat::Toml), command) = (args.format, &args.command)
        && !matches!(command, Command::Instruments(_))
    {
        return Err(Failure::usage("only `instruments` are written as TOML; allowed here: text, json, csv"));
    }
    match args.command {
        Command::Demo(demo) => scoring::demo(&demo, format),
        Command::Init(init) => definitions::init(&init),
        Command::Check(check) => definitions::check(&check, format),
        Command::Calibrate(calibrate) => scoring::calibrate(&calibrate),
        Command::Score(score) => scoring::score(&score, format),
        Command::Model(asked) => modelling::model(&asked, format),
        Command::Explain(asked) => explaining::explain(&asked, format),
        Command::WhatIf(asked) => explaining::what_if(&asked, format),
        Command::Report(asked) => explaining::report(&asked, format),
        Command::Scales(asked) => scales::scales(&asked, format),
        Command::Health(asked) => health::health(&asked, format),
        Command::Reliability(asked) => scales::reliability(&asked, format),
        Command::Careless(asked) => scales::careless(&asked, format),
        Command::Agreement(asked) => scales::agreement(&asked, format),
        Command::Change(asked) => scales::change(&asked, format),
        Command::Audit(asked) => judging::audit(&asked, format),
        Command::Compare(asked) => judging::compare(&asked, format),
        Command::Sensitivity(asked) => sensitivity::sensitivity(&asked, format),
        Command::Rules { name } => health::list(name.as_deref(), format),
        Command::Instruments(Instruments { import: Some(OfInstruments::Import(asked)), .. }) => {
            importing::import(&asked, format)
        }
        Command::Instruments(asked) => instruments::run(&asked, args.format),
        Command::Measures { id } => measures::run(id.as_deref(), format),
        Command::Definitions { id } => definitions::list(id.as_deref(), format),
        Command::Schema { of } => definitions::schema(of),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man { command } => shell::man(command.as_deref()),
    }
}
