//! `man`: manual pages, generated from the arguments.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;

/// Print the manual page of the program or of a command, or write all of them.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Page of this command; without it the page of the program
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write all pages as files into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    directory: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, mut program: Command, session: &Session) -> Result<Exit, Problem> {
    program.build();
    if let Some(directory) = &arguments.directory {
        write_all(&program, directory)?;
        return Ok(Exit::Done);
    }
    let text = match &arguments.command {
        None => page(program)?,
        Some(name) => {
            let known = || program.get_subcommands().map(Command::get_name).collect::<Vec<_>>().join(", ");
            let command = program.find_subcommand(name).ok_or_else(|| {
                Problem::usage(format!("there is no command named `{name}`")).help(format!("commands: {}", known()))
            })?;
            page(command.clone())?
        }
    };
    session.write(&text)?;
    Ok(Exit::Done)
}

fn page(command: Command) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    let rendered = Man::new(command).source(concat!("ninefold ", env!("CARGO_PKG_VERSION"))).render(&mut bytes);
    rendered.map_err(|error| Problem::usage(format!("the manual page cannot be made: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write_all(program: &Command, directory: &Path) -> Result<(), Problem> {
    let failed =
        |error: &dyn std::error::Error| Problem::usage(format!("cannot write into `{}`: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(|error| failed(&error))?;
    let pages = std::iter::once(("ninefold".to_owned(), program))
        .chain(program.get_subcommands().flat_map(|command| named_with_parts("ninefold", command)));
    for (name, command) in pages {
        std::fs::write(directory.join(format!("{name}.1")), page(command.clone())?).map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// A command and its own commands, but for the one that prints help.
fn named_with_parts<'a>(before: &str, command: &'a Command) -> Vec<(String, &'a Command)> {
    let name = format!("{before}-{}", command.get_name());
    let parts = command.get_subcommands().filter(|part| part.get_name() != "help" && command.get_name() != "help");
    let parts: Vec<_> = parts.flat_map(|part| named_with_parts(&name, part)).collect();
    std::iter::once((name, command)).chain(parts).collect()
}
