//! `solve`: exact.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::Source;
use crate::cli::time_args::TimeArguments;
use crate::cli::values::positive_count;
use crate::cli::watch::Watch;
use crate::exact::{self, Error, Settings, transient};
use crate::measure::Stop;
use crate::report::results::WarningInfo;
use crate::report::results::measures::Verdict;
use crate::report::results::over_time::OverTime;
use crate::report::results::solve::{SolveResult, SolveSettings};

/// Solve a topology exactly: independent parts by a decision diagram, dependent ones as Markov chains with proven bounds.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold solve topology.toml\n  ninefold solve topology.toml --target \"5 nines\" --gate\n  ninefold solve --template three-tier --format json\n  ninefold solve topology.toml --at 1h --at 1y --rto 5m"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    times: TimeArguments,
    /// Take exponentials of the same means where the exact engine needs exponential times
    #[arg(long)]
    approximate: bool,
    /// States that the chain of one dependent part may have
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "200000", value_parser = positive_count)]
    max_states: u64,
    /// Give up after so much running time [default: none]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time_limit: Option<String>,
    /// Exit with 1 when the target is missed
    #[arg(long)]
    gate: bool,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let loaded = arguments.source.load(session)?;
    if arguments.gate && loaded.target.is_none() {
        return Err(no_target());
    }
    let settings = arguments.settings();
    let questions = arguments.times.questions(session)?;
    let limit =
        arguments.time_limit.as_ref().map(|text| session.positive_duration("--time-limit", text)).transpose()?;
    let watch = Watch::start_all_or_nothing(session, limit.map(|limit| limit.seconds().min(1e9)))?;
    let solved = exact::solve(&loaded.model, &settings, &watch).and_then(|measures| {
        let asked = (!questions.is_empty()).then(|| transient::solve(&loaded.model, &questions, &settings, &watch));
        Ok((measures, asked.transpose()?))
    });
    watch.finish();
    let (measures, transient) = solved.map_err(|error| problem(&error))?;
    let mut result = SolveResult::new(&measures, loaded.target, session.units);
    result.over_time = transient.as_ref().map(|transient| OverTime::new(transient, &measures, session.units));
    let misses = result.verdict == Some(Verdict::Misses);
    let mut warnings = loaded.warnings;
    warnings.extend(measures.warnings.iter().map(WarningInfo::from));
    warnings.extend(transient.iter().flat_map(|transient| &transient.warnings).map(WarningInfo::from));
    session.print(Report {
        command: "solve",
        model: Some(loaded.info),
        settings: SolveSettings {
            year_seconds: session.units.year,
            month_seconds: session.units.month,
            max_states: settings.max_states as u64,
            approximate: settings.approximate,
            at_seconds: questions.times,
            rto_seconds: questions.objectives,
        },
        result,
        warnings,
    })?;
    let is_complete = transient.is_none_or(|transient| transient.is_complete);
    Ok(match (arguments.gate && misses, is_complete) {
        (true, _) => Exit::Gate,
        (false, true) => Exit::Done,
        (false, false) => Exit::Limit,
    })
}

impl Arguments {
    fn settings(&self) -> Settings {
        Settings {
            max_states: usize::try_from(self.max_states).unwrap_or(usize::MAX).min(MOST_STATES),
            approximate: self.approximate,
        }
    }
}

/// States are numbered with 32 bits.
const MOST_STATES: usize = u32::MAX as usize - 1;

/// `--gate` without anything to judge by.
pub(crate) fn no_target() -> Problem {
    Problem::usage("`--gate` needs a target, and the topology has none").help("`--target 99.99%` gives one")
}

/// An error of the exact engine, with what to do.
pub(crate) fn problem(error: &Error) -> Problem {
    let problem = Problem::usage(error.to_string());
    match error {
        Error::NotExponential { .. } | Error::NotExponentialAnywhere { .. } => problem.help(
            "`ninefold simulate` takes any distribution; `--approximate` solves with exponentials of the same means",
        ),
        Error::TooManyStates { limit, .. } => problem
            .help(format!(
                "`--max-states {}` allows more, if there is memory for them; `ninefold simulate` needs no states",
                limit.saturating_mul(10)
            ))
            .with_exit(Exit::Limit),
        Error::NoTimes => problem.help("give the part an `mtbf` and an `mttr` in place of it"),
        Error::Diagram(_) => problem.help("`ninefold simulate` needs no diagram").with_exit(Exit::Limit),
        Error::TooSmall => {
            problem.help("so many failures at once are beyond any model: fewer units say more").with_exit(Exit::Limit)
        }
        Error::NotConverged { .. } => problem.help("`ninefold simulate` gives an estimate").with_exit(Exit::Limit),
        Error::Stopped(Stop::Interrupted) => problem.with_exit(Exit::Interrupted),
        Error::Stopped(Stop::TimeLimit) => problem.with_exit(Exit::Limit),
    }
}
