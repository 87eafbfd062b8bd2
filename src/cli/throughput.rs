//! `throughput`: the formula.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::{count, level, positive_number};
use crate::formulas::throughput::throughput;
use crate::quantity::Probability;
use crate::report::results::load::{ThroughputResult, ThroughputSettings};

/// Throughput = requests processed / processing time.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold throughput --requests 120000 --time 60s\n  ninefold throughput --requests 120000 --time 60s --concurrency 50"
)]
pub(crate) struct Arguments {
    /// Requests processed
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = count)]
    requests: u64,
    /// Processing time: `90s`, `1h30m`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time: String,
    /// Confidence level of the interval
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "95%", value_parser = level)]
    confidence: Probability,
    /// Requests in the system at a time: adds the mean response time by Little's law
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = positive_number)]
    concurrency: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let time = session.positive_duration("--time", &arguments.time)?;
    let measured = throughput(arguments.requests, time, arguments.confidence.complement())
        .ok_or_else(|| Problem::value("--time", &arguments.time, "a time above zero is expected"))?;
    let settings = ThroughputSettings {
        requests: arguments.requests,
        time_seconds: time.seconds(),
        confidence: arguments.confidence.value(),
        concurrency: arguments.concurrency,
    };
    let result = ThroughputResult::new(&measured, &settings);
    session.print(Report { command: "throughput", model: None, settings, result, warnings: Vec::new() })?;
    Ok(Exit::Done)
}
