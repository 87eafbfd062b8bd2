//! `burn`: how fast a budget is used, which alerts see it, and rules to see it with.

mod findings;
mod plan;
mod rules;
mod scheme_args;

use clap::{Args, Subcommand};

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;

/// How fast the error budget burns: plan alerts for a target, or write them as Prometheus rules.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold burn plan --slo 99.95%\n  ninefold burn plan --slo 90% --scheme sloth --window 28d\n  ninefold burn rules --slo 9nines --name api --bad 'errors_total' --total 'requests_total'"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Plan(plan::Arguments),
    Rules(rules::Arguments),
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    match &arguments.command {
        What::Plan(arguments) => plan::run(arguments, session),
        What::Rules(arguments) => rules::run(arguments, session),
    }
}
