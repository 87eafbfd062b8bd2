//! `completions`: scripts for shells.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;

/// Print the script that completes commands and options in a shell.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Which shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut program: Command, session: &Session) -> Result<Exit, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, "ninefold", &mut script);
    session.write(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
