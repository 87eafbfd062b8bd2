//! The options of every command that solves exactly, and what to do when that cannot be done.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::values::{mebibytes, positive_count};
use crate::exact::{Error, Settings};
use crate::measure::Stop;
use crate::report::results::ExactSettings;
use crate::structure::diagram::TooLarge;

/// How far the exact engine goes.
#[derive(Debug, Args)]
pub(crate) struct ExactArguments {
    /// Take exponentials of the same means where the exact engine needs exponential times
    #[arg(long, help_heading = "Exact engine")]
    approximate: bool,
    /// Fit times that are neither exponential nor Erlang nor hyperexponential with at most so many phases, by their first two or
    /// three moments, where the exact engine needs phases
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Exact engine", value_parser = phases, conflicts_with = "approximate")]
    phases: Option<u32>,
    /// States that the chain of one dependent part may have
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Exact engine", default_value = "200000", value_parser = positive_count)]
    max_states: u64,
    /// Memory that the chain of one dependent part may take, about: a number of MiB, or with a unit, `64MiB` or `2GiB`
    #[arg(long, value_name = "MIB", allow_hyphen_values = true, help_heading = "Exact engine", default_value = "2048", value_parser = mebibytes)]
    max_memory: u64,
    /// Nodes that a decision diagram of a structure may have at a time, about 50 bytes each
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "10000000", value_parser = positive_count, help_heading = "Exact engine")]
    max_nodes: u64,
}

impl ExactArguments {
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            max_states: numbered(self.max_states),
            max_bytes: self.max_memory.saturating_mul(1 << 20),
            approximate: self.approximate,
            phases: self.phases,
            max_nodes: self.max_nodes(),
        }
    }

    pub(crate) fn max_nodes(&self) -> usize {
        numbered(self.max_nodes)
    }

    /// As they are reported.
    pub(crate) fn reported(&self) -> ExactSettings {
        ExactSettings {
            max_states: self.settings().max_states as u64,
            max_memory_mib: self.max_memory,
            max_nodes: self.max_nodes,
            approximate: self.approximate,
            phases: self.phases,
        }
    }
}

/// More phases make more states than any chain may have.
const MOST_PHASES: u32 = 1_000;

fn phases(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(count) if (1..=MOST_PHASES).contains(&count) => Ok(count),
        _ => Err(format!("a whole number from 1 to {MOST_PHASES} is expected")),
    }
}

/// A limit for what is numbered with 32 bits: states, and nodes.
pub(crate) fn numbered(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX).min(u32::MAX as usize - 1)
}

/// The memory that chains may take unless told otherwise.
const DEFAULT_MIB: u64 = 2_048;

/// Times more states than there may be from which on allowing more is no way.
const MOST_MORE: f64 = 10.0;

/// How more states are allowed, and what they take.
pub(crate) fn more_states(limit: usize, bytes_each: u64) -> String {
    let more = limit.saturating_mul(10);
    let mib = (bytes_each.saturating_mul(more as u64) >> 20).max(1);
    let memory = if mib > DEFAULT_MIB { format!(", `--max-memory {mib}` all of them") } else { String::new() };
    format!("`--max-states {more}` allows more, and so many would take about {mib} MiB{memory}")
}

/// An error of the exact engine, with what to do.
pub(crate) fn problem(error: &Error) -> Problem {
    let problem = Problem::usage(error.to_string()).with_exit(exit_of(error));
    match next_step(error) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// The same for fault trees, which are not simulated.
pub(crate) fn tree_problem(error: &Error) -> Problem {
    match error {
        Error::Stopped(Stop::TimeLimit) => {
            Problem::usage(error.to_string()).with_exit(exit_of(error)).help("a longer `--time-limit`")
        }
        _ => problem(error),
    }
}

fn exit_of(error: &Error) -> Exit {
    match error {
        Error::NotExponentialAnywhere { .. } | Error::NotMadeOfPhases { .. } | Error::NoTimes => Exit::Usage,
        Error::TooManyStates { .. }
        | Error::TooMuchMemory { .. }
        | Error::TooFastForBounds { .. }
        | Error::TooManyAllUp { .. }
        | Error::Diagram(_)
        | Error::Structure { .. }
        | Error::TooSmall
        | Error::NotConverged { .. }
        | Error::Stopped(Stop::TimeLimit) => Exit::Limit,
        Error::Stopped(Stop::Interrupted) => Exit::Interrupted,
    }
}

/// What to do about an error of the exact engine.
pub(crate) fn next_step(error: &Error) -> Option<String> {
    let step = match error {
        Error::NotExponentialAnywhere { .. } => {
            "`ninefold simulate` takes any distribution; `--approximate` solves with exponentials of the same means"
        }
        Error::NotMadeOfPhases { .. } => {
            "`--phases 8` fits them with at most 8 phases; `--approximate` takes exponentials of the same means; \
             `ninefold simulate` takes any distribution"
        }
        Error::TooManyStates { limit, least, .. } if *least > MOST_MORE * *limit as f64 => {
            "`ninefold simulate` needs no states"
        }
        Error::TooManyStates { limit, bytes_each, .. } => {
            return Some(format!("{}; `ninefold simulate` needs no states", more_states(*limit, *bytes_each)));
        }
        Error::TooMuchMemory { limit, .. } => {
            let more = (limit >> 20).saturating_mul(4);
            return Some(format!(
                "`--max-memory {more}` allows more, where there is so much; `ninefold simulate` needs no states"
            ));
        }
        Error::TooFastForBounds { .. } | Error::TooManyAllUp { .. } => {
            "without `--bounds` the whole chain is solved, where it has few enough states; `ninefold simulate` needs no states"
        }
        Error::NoTimes => "give the part an `mtbf` and an `mttr` in place of it",
        Error::Diagram(TooLarge { limit }) => {
            let more = (limit / 2).saturating_mul(4);
            return Some(format!(
                "`--max-nodes {more}` allows more, if there is memory for them: about 50 bytes each; \
                 `ninefold simulate` needs no diagram"
            ));
        }
        Error::Structure { limit, .. } => {
            let more = limit.saturating_mul(4);
            return Some(format!("`--max-nodes {more}` allows more, if there is memory for them: about 50 bytes each"));
        }
        Error::TooSmall => "so many failures at once are beyond any model: fewer units say more",
        Error::NotConverged { .. } => "`ninefold simulate` gives an estimate",
        Error::Stopped(Stop::TimeLimit) => "a longer `--time-limit`; `ninefold simulate` gives an estimate in any time",
        Error::Stopped(Stop::Interrupted) => return None,
    };
    Some(step.to_owned())
}
