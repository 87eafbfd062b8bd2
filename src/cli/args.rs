//! The program's arguments: the subcommands, and the options that all of them share.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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

/// Options of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// How to print the report
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Format,
    /// Write the report to FILE instead of standard output
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// No progress, and no warnings on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to colour messages
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// How long a year is, in reports and in the unit `y`
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true, default_value = "365d")]
    pub(crate) year: String,
    /// How long a month is, in reports
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true, default_value = "30d")]
    pub(crate) month: String,
}

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned tables for people
    Table,
    /// Everything, with all digits; its schema is printed by `ninefold schema`
    Json,
    /// One record for each cell of the tables, with all digits
    Csv,
    /// Tables for documents
    Markdown,
}

/// When to colour messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
