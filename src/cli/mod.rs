//! The command line: arguments in, a report and an exit code out.
//!
//! Each subcommand is one file: its arguments, their conversion into settings, its output. Files, clock, terminal and
//! interrupts are touched here only. [`exit`] holds the exit codes, [`problem`] the messages, [`session`] what all
//! commands share, [`source`] reads topologies, [`watch`] shows progress and ends long work.

mod args;
mod availability;
mod availability_log;
mod budget;
mod burn;
mod check;
mod compare;
mod completions;
mod convert;
mod csv_table;
mod data_file;
mod engine_args;
mod event_counts;
mod events;
mod exact_args;
mod exit;
mod file;
mod fit;
mod in_place;
mod incidents;
mod log_args;
mod man;
mod measured;
mod objectives;
mod options;
mod period;
mod predict;
mod predict_log;
mod problem;
mod scalability;
mod schema;
mod session;
mod simulate;
mod slo;
mod solve;
mod source;
mod template;
mod throughput;
mod time_args;
mod tree_args;
mod uncertainty;
mod values;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches};

use crate::cli::args::{Cli, Command};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let program = Cli::command()
        .color(color_of_messages(std::env::args_os().map(|argument| argument.to_string_lossy().into_owned())));
    let read = program.try_get_matches().and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match read {
        Ok(read) => read,
        Err(error) => {
            // Help and version go to standard output and are no error; nothing is left to do when that is closed.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let color = cli.common.color;
    let outcome = in_place::check(&matches)
        .and_then(|()| Session::new(&cli.common))
        .and_then(|session| dispatch(&cli.command, &session));
    outcome.unwrap_or_else(|problem| problem.report(color)).into()
}

/// `--color` as it stands among the arguments, for messages about arguments that could not be read.
fn color_of_messages(arguments: impl Iterator<Item = String>) -> ColorChoice {
    let arguments: Vec<String> = arguments.collect();
    let after = arguments.windows(2).filter(|pair| pair[0] == "--color").map(|pair| pair[1].as_str());
    match after.chain(arguments.iter().filter_map(|argument| argument.strip_prefix("--color="))).last() {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

fn dispatch(command: &Command, session: &Session) -> Result<Exit, Problem> {
    match command {
        Command::Budget(arguments) => budget::run(arguments, session),
        Command::Availability(arguments) => availability::run(arguments, session),
        Command::Burn(arguments) => burn::run(arguments, session),
        Command::Slo(arguments) => slo::run(arguments, session),
        Command::Incidents(arguments) => incidents::run(arguments, session),
        Command::Throughput(arguments) => throughput::run(arguments, session),
        Command::Scalability(arguments) => scalability::run(arguments, session),
        Command::Template(arguments) => template::run(arguments, session),
        Command::Check(arguments) => check::run(arguments, session),
        Command::Solve(arguments) => solve::run(arguments, session),
        Command::Simulate(arguments) => simulate::run(arguments, session),
        Command::Verify(arguments) => verify::run(arguments, session),
        Command::Compare(arguments) => compare::run(arguments, session),
        Command::Uncertainty(arguments) => uncertainty::run(arguments, session),
        Command::Fit(arguments) => fit::run(arguments, session),
        Command::Predict(arguments) => predict::run(arguments, session),
        Command::Convert(arguments) => convert::run(arguments, session),
        Command::Schema => schema::run(session),
        Command::Completions(arguments) => completions::run(arguments, Cli::command(), session),
        Command::Man(arguments) => man::run(arguments, Cli::command(), session),
    }
}
