//! The program's arguments: its subcommands.

use clap::{Parser, Subcommand};

use crate::cli::options::Common;
use crate::cli::{
    availability, budget, check, completions, man, scalability, simulate, solve, template, throughput, verify,
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
    /// What an availability target allows in downtime, what is left of it, and what demonstrating it takes
    Budget(budget::Arguments),
    /// Availability from uptime and downtime, from MTBF and MTTR, or of units in series, in parallel, k of n
    Availability(availability::Arguments),
    /// Throughput: requests processed / processing time, with its interval
    Throughput(throughput::Arguments),
    /// Scalability: maximum requests processed / maximum processing time
    Scalability(scalability::Arguments),
    /// List ready topologies, or print one
    Template(template::Arguments),
    /// Check a topology file, list all its mistakes, and show what it means
    Check(check::Arguments),
    /// Solve a topology exactly
    Solve(solve::Arguments),
    /// Simulate a topology; without a file the embedded `active-standby` template
    Simulate(simulate::Arguments),
    /// Solve and simulate a topology, and compare
    Verify(verify::Arguments),
    /// Print the JSON schema of all reports
    Schema,
    /// Print shell completions
    Completions(completions::Arguments),
    /// Print manual pages
    Man(man::Arguments),
}
