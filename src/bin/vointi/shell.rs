//! `completions` and `man`.

use clap::CommandFactory;

use crate::{args::Args, exit::Failure, output};

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "vointi", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

pub(crate) fn man(command: Option<&str>) -> Result<(), Failure> {
    let mut program = Args::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                return Err(Failure::usage(format!(
                    "there is no command `{name}`; `vointi --help` lists them"
                )));
            }
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    output::print(&String::from_utf8_lossy(&text))
}
