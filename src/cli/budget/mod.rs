//! `budget`: what a target allows, and what has been used of it.

mod counter;
mod log;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use crate::cli::budget::log::{Given, SloArguments};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::{count, level};
use crate::formulas::availability::from_downtime;
use crate::formulas::budget::{Spending, allowed_seconds};
use crate::quantity::{Duration, Probability, Target, Unavailability};
use crate::report::results::budget::{BudgetResult, BudgetSettings};

/// What an availability target allows in downtime, what is left of it, and what demonstrating it takes; with `--slo`,
/// what a log or counted events have left of it.
///
/// The target is an availability (`99.99%`, `0.9999`), a number of nines (`4 nines`), or an unavailability (`u=1e-4`).
/// With `--downtime` and `--per` in its place, the budget is that of the availability they stand for.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold budget 99.99%\n  ninefold budget \"9 nines\"\n  ninefold budget 99.9% --used 12m --window 30d --elapsed 10d\n  ninefold budget --downtime 5m --per year\n  ninefold budget incidents.csv --slo 99.95% --window 1M\n  ninefold budget --slo 99.9999999% --good 1e9 --bad 100\n  ninefold budget incidents.csv --slo slo.yaml --gate --min-remaining 10%"
)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(["target", "downtime", "slo"]))]
pub(crate) struct Arguments {
    /// The target: `99.99%`, `4 nines`, `u=1e-4`, `0.9999`; with `--slo`, the log
    #[arg(value_name = "TARGET|LOG", num_args = 1..)]
    target: Vec<String>,
    /// The other way: the availability that so much downtime stands for
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, requires = "per",
        conflicts_with_all = ["target", "slo"])]
    downtime: Option<String>,
    /// With `--downtime`: in `day`, `week`, `month`, `quarter`, `year`, or a time such as `7d`
    #[arg(long, value_name = "WINDOW", allow_hyphen_values = true, requires = "downtime", conflicts_with = "target")]
    per: Option<String>,
    /// Downtime so far: shows what is left, the burn rate, and when the budget is exhausted
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with = "slo")]
    used: Option<String>,
    /// The window of the budget: `day`, `week`, `month`, `quarter`, `year`, or a time such as `28d` [default: month];
    /// with `--slo`, rolling such as `30d` or of the calendar (`1M`, `1Q`, `1Y`) [default: 30d, or as the file says]
    #[arg(long, value_name = "WINDOW", allow_hyphen_values = true)]
    window: Option<String>,
    /// How much of the window has passed [default: all of it]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    elapsed: Option<String>,
    /// How many of so many requests may fail
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = count, conflicts_with = "slo")]
    requests: Option<u64>,
    /// Confidence with which a demonstration must show the target
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "95%", value_parser = level)]
    confidence: Probability,
    /// How long an outage lasts on average, for the demonstration by outages
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, default_value = "30m")]
    mean_outage: String,
    /// Interval of the probes that watch the service
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, default_value = "15s")]
    probe: String,
    #[command(flatten)]
    left: SloArguments,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    if let Some(slo) = &arguments.left.slo {
        let files: Vec<PathBuf> = arguments.target.iter().map(PathBuf::from).collect();
        let (window, elapsed) = (arguments.window.as_deref(), arguments.elapsed.as_deref());
        return log::run(slo, Given { files: &files, window, elapsed }, &arguments.left, session);
    }
    if arguments.elapsed.is_some() && arguments.used.is_none() {
        return Err(Problem::usage("`--elapsed` needs `--used <TIME>`"));
    }
    let unavailability = arguments.unavailability(session)?;
    let settings = BudgetSettings {
        year_seconds: session.units.year,
        month_seconds: session.units.month,
        confidence: arguments.confidence.value(),
        mean_outage_seconds: session.positive_duration("--mean-outage", &arguments.mean_outage)?.seconds(),
        probe_seconds: session.positive_duration("--probe", &arguments.probe)?.seconds(),
    };
    let window_name = arguments.window.as_deref().unwrap_or("month");
    let window = session.window("--window", window_name)?;
    let more = arguments.window.as_ref().filter(|name| name.starts_with(|c: char| c.is_ascii_digit()));
    let more: Vec<(String, Duration)> = more.map(|name| (name.clone(), window)).into_iter().collect();
    let mut result = BudgetResult::new(unavailability, &settings, arguments.confidence.complement(), &more);
    if let Some(requests) = arguments.requests {
        result = result.with_requests(unavailability, requests);
    }
    if let Some(used) = &arguments.used {
        result = result.with_spending(&arguments.spending(used, window, unavailability, session)?);
    }
    session.print(Report { command: "budget", model: None, settings, result, warnings: Vec::new() })?;
    Ok(Exit::Done)
}

impl Arguments {
    fn unavailability(&self, session: &Session) -> Result<Unavailability, Problem> {
        let (Some(downtime), Some(per)) = (&self.downtime, &self.per) else {
            let text = self.target.join(" ");
            let target: Result<Target, _> = text.parse();
            return target.map(Target::unavailability).map_err(|error| {
                let problem = Problem::usage(error.to_string());
                let is_file = self.target.iter().all(|name| Path::new(name).is_file());
                if is_file { problem.help("for a file, `--slo 99.95%` says what its target is") } else { problem }
            });
        };
        let down = session.positive_duration("--downtime", downtime)?;
        let unavailability = from_downtime(down, session.window("--per", per)?);
        let unavailability = unavailability.map_err(|error| Problem::value("--downtime", downtime, error))?;
        if unavailability.value() < 1.0 && unavailability.value() > 0.0 {
            Ok(unavailability)
        } else {
            Err(Problem::value("--downtime", downtime, "the downtime must be a part of the window"))
        }
    }

    fn spending(
        &self,
        used: &str,
        window: Duration,
        unavailability: Unavailability,
        session: &Session,
    ) -> Result<Spending, Problem> {
        let elapsed = match &self.elapsed {
            Some(text) => {
                let elapsed = session.positive_duration("--elapsed", text)?;
                if elapsed > window {
                    return Err(Problem::value("--elapsed", text, "more than the window has passed"));
                }
                elapsed
            }
            None => window,
        };
        let spent = session.duration("--used", used)?;
        if spent > elapsed {
            return Err(Problem::value("--used", used, "more downtime than time has passed"));
        }
        Ok(Spending {
            allowed: allowed_seconds(unavailability, window),
            used: spent.seconds(),
            elapsed: elapsed.seconds(),
            window: window.seconds(),
        })
    }
}
