//! `burn`: how fast a budget is used, which alerts see it, and rules to see it with.

mod findings;
mod log;
mod plan;
mod rules;
mod scheme_args;

use clap::{Args, Subcommand};

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;

/// How fast the error budget burns in a log, which alerts fire now, and when they would have fired.
///
/// `burn plan` tells what alerts mean for a target before anything happens, `burn rules` writes them for Prometheus.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  ninefold burn incidents.csv --slo 99.95%\n  ninefold burn --slo 99.9% --bad errors.json --total requests.json --scheme sloth\n  ninefold burn plan --slo 99.95%\n  ninefold burn rules --slo 9nines --name api --bad 'errors_total' --total 'requests_total'"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<What>,
    #[command(flatten)]
    log: log::LogArgs,
}

#[derive(Debug, Subcommand)]
enum What {
    Plan(plan::Arguments),
    Rules(rules::Arguments),
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    match &arguments.command {
        None => log::run(&arguments.log, session),
        Some(What::Plan(arguments)) => plan::run(arguments, session),
        Some(What::Rules(arguments)) => rules::run(arguments, session),
    }
}
