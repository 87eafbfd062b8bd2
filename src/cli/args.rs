//! The program's arguments: its subcommands.

use clap::{Parser, Subcommand};

use crate::cli::options::Common;
use crate::cli::{
    availability, budget, burn, check, compare, completions, convert, fit, incidents, man, predict, scalability,
    simulate, slo, solve, template, throughput, uncertainty, verify,
};

/// How available is this system, what does that allow in downtime, and what should change?
///
/// Computes availability, downtime budgets, throughput and scalability from their formulas, solves redundancy topologies
/// exactly, and simulates them where no exact solution exists. `ninefold simulate` without a file runs an example.
#[derive(Debug, Parser)]
#[command(name = "ninefold", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What all commands share.
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Budget(Box<budget::Arguments>),
    Availability(Box<availability::Arguments>),
    Burn(Box<burn::Arguments>),
    Slo(slo::Arguments),
    Incidents(incidents::Arguments),
    Throughput(throughput::Arguments),
    Scalability(scalability::Arguments),
    Template(template::Arguments),
    Check(check::Arguments),
    Solve(solve::Arguments),
    Simulate(simulate::Arguments),
    Verify(verify::Arguments),
    Compare(compare::Arguments),
    Uncertainty(uncertainty::Arguments),
    Fit(fit::Arguments),
    Predict(predict::Arguments),
    Convert(convert::Arguments),
    /// Print the JSON schema of all reports
    Schema,
    Completions(completions::Arguments),
    Man(man::Arguments),
}
