//! `availability`: the formula.

use std::path::PathBuf;

use clap::Args;

use crate::cli::availability_log::{self, Judge, ObservedArguments};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::availability;
use crate::formulas::availability::{
    at_least, from_downtime, from_mean_times, from_up_and_down, from_uptime, parallel, series,
};
use crate::quantity::{Probability, Target, Unavailability};
use crate::report::results::WarningInfo;
use crate::report::results::availability::{AvailabilityResult, AvailabilitySettings};
use crate::report::results::measures::Verdict;

/// Availability = uptime / total time = 1 - downtime / total time.
///
/// Give two of `--uptime`, `--downtime`, `--total`; or `--mtbf` and `--mttr`; or the availabilities of several units that are
/// all needed (`--series`), of which one is enough (`--parallel`), or of which K are (`--k K --parallel`).
///
/// Or give a FILE: a log of incidents, of states, or of samples. Then the report says what was observed, and what that says
/// about the long run, with intervals.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold availability --uptime 364d --downtime 1d\n  ninefold availability --mtbf 30d --mttr 20m --target 99.95%\n  ninefold availability --parallel 99.9% 99.9% 99.9% --k 2\n  ninefold availability incidents.csv --during 2024 --target 99.9%"
)]
pub(crate) struct Arguments {
    /// A log in place of numbers; `-` reads standard input. Several files only where they are samples of one query
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Time up
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    uptime: Option<String>,
    /// Time down
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    downtime: Option<String>,
    /// Time in all
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    total: Option<String>,
    /// Mean operating (up) time between failures of one unit
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, requires = "mttr", alias = "mttf")]
    mtbf: Option<String>,
    /// Mean time to repair of one unit
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, requires = "mtbf")]
    mttr: Option<String>,
    /// Availabilities of units that are all needed: `99.9%`, `3 nines`, `u=1e-3`
    #[arg(long, value_name = "A", num_args = 1.., value_delimiter = ',', value_parser = availability)]
    series: Vec<Probability>,
    /// Availabilities of units of which one is enough (or K, with `--k`)
    #[arg(long, value_name = "A", num_args = 1.., value_delimiter = ',', value_parser = availability)]
    parallel: Vec<Probability>,
    /// How many of the units of `--parallel` are needed
    #[arg(long, value_name = "K", allow_hyphen_values = true, requires = "parallel")]
    k: Option<usize>,
    /// Judge by this target: `99.99%`, `4 nines`, `u=1e-4`
    #[arg(long, value_name = "TARGET")]
    target: Option<Target>,
    /// Exit with 1 when the target is missed, with a log in its window
    #[arg(long, requires = "target")]
    gate: bool,
    #[command(flatten)]
    observed: ObservedArguments,
}

/// An unavailability, failures per second where known, and the formula that gave it.
type Computed = (Unavailability, Option<f64>, &'static str);

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    if !arguments.files.is_empty() {
        if arguments.forms() > 0 {
            return Err(Problem::usage("a log and numbers cannot be combined").help("give one or the other"));
        }
        let judge = Judge { target: arguments.target, gate: arguments.gate };
        return availability_log::run(&arguments.observed, &arguments.files, judge, session);
    }
    let (unavailability, frequency, formula) = arguments.compute(session)?;
    let result = AvailabilityResult::new(unavailability, frequency, arguments.target, session.units);
    let misses = result.verdict == Some(Verdict::Misses);
    let settings = AvailabilitySettings {
        year_seconds: session.units.year,
        month_seconds: session.units.month,
        formula: formula.to_owned(),
    };
    let was_observed = arguments.total.is_some() || arguments.uptime.is_some();
    let warnings = if unavailability.value() == 0.0 && was_observed { vec![no_downtime()] } else { Vec::new() };
    session.print(Report { command: "availability", model: None, settings, result, warnings })?;
    Ok(if arguments.gate && misses { Exit::Gate } else { Exit::Done })
}

fn no_downtime() -> WarningInfo {
    WarningInfo::new("no_downtime", "no downtime was seen; that does not show an availability of 1".to_owned())
}

impl Arguments {
    /// How many of `--uptime`, `--downtime` and `--total` are given.
    fn times_given(&self) -> usize {
        [&self.uptime, &self.downtime, &self.total].into_iter().flatten().count()
    }

    /// How many formulas the options are for.
    fn forms(&self) -> usize {
        usize::from(self.times_given() > 0)
            + usize::from(self.mtbf.is_some())
            + usize::from(!self.series.is_empty())
            + usize::from(!self.parallel.is_empty())
    }

    fn compute(&self, session: &Session) -> Result<Computed, Problem> {
        let times = self.times_given();
        let help = "give two of `--uptime`, `--downtime`, `--total`; or `--mtbf` and `--mttr`; or `--series`; or \
                    `--parallel`; or a log";
        match self.forms() {
            0 => return Err(Problem::usage("nothing to compute an availability from").help(help)),
            1 => {}
            _ => return Err(Problem::usage("these options belong to different formulas").help(help)),
        }
        if times > 0 && times != 2 {
            let message = "two of `--uptime`, `--downtime` and `--total` are needed, no more and no less";
            return Err(Problem::usage(message).help("the third follows from the other two"));
        }
        if times > 0 { self.times(session) } else { self.units(session) }
    }

    fn times(&self, session: &Session) -> Result<Computed, Problem> {
        let read = |option: &'static str, text: &Option<String>| {
            text.as_ref().map(|text| session.duration(option, text)).transpose()
        };
        let uptime = read("--uptime", &self.uptime)?;
        let downtime = read("--downtime", &self.downtime)?;
        let total = read("--total", &self.total)?;
        let (unavailability, formula) = match (uptime, downtime, total) {
            (Some(up), Some(down), _) => (from_up_and_down(up, down), "uptime / (uptime + downtime)"),
            (Some(up), None, Some(total)) => (from_uptime(up, total), "uptime / total time"),
            (_, down, total) => {
                let (Some(down), Some(total)) = (down, total) else {
                    return Err(Problem::usage("two of `--uptime`, `--downtime` and `--total` are needed"));
                };
                (from_downtime(down, total), "1 - downtime / total time")
            }
        };
        let unavailability = unavailability.map_err(|error| Problem::usage(error.to_string()))?;
        Ok((unavailability, None, formula))
    }

    fn units(&self, session: &Session) -> Result<Computed, Problem> {
        if let (Some(mtbf), Some(mttr)) = (&self.mtbf, &self.mttr) {
            let (up, down) = (session.duration("--mtbf", mtbf)?, session.duration("--mttr", mttr)?);
            let computed = from_mean_times(up, down).map_err(|error| Problem::usage(error.to_string()))?;
            return Ok((computed.0, Some(computed.1), "MTBF / (MTBF + MTTR)"));
        }
        let (value, formula) = match self.k {
            Some(need) => {
                let value = at_least(need, &self.parallel);
                (value.map_err(|error| Problem::value("--k", &need.to_string(), error))?, "k of n")
            }
            None if self.series.is_empty() => (parallel(&self.parallel), "parallel: 1 - product of unavailabilities"),
            None => (series(&self.series), "series: product of availabilities"),
        };
        let can_fail = |unit: &Probability| unit.complement() > 0.0;
        let may_be_down =
            self.series.iter().any(can_fail) || !self.parallel.is_empty() && self.parallel.iter().all(can_fail);
        if value < Unavailability::SMALLEST && may_be_down {
            return Err(Problem::usage("the unavailability is not 0, but below 1e-290: too small to compute with"));
        }
        let unavailability = Unavailability::new(value.min(1.0));
        let unavailability = unavailability.ok_or_else(|| Problem::usage("the availabilities cannot be combined"))?;
        Ok((unavailability, None, formula))
    }
}
