//! `predict`: what a topology says about the window of a log, next to what happened.

use std::path::PathBuf;

use clap::Args;

use crate::cli::engine_args::RandomArguments;
use crate::cli::exact_args::numbered;
use crate::cli::exit::Exit;
use crate::cli::fit::log::components;
use crate::cli::log_args::{LoadedLog, LogArguments};
use crate::cli::predict_log::of_system;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::Source;
use crate::cli::values::{level, positive_count, positive_number};
use crate::cli::watch::Watch;
use crate::exact;
use crate::measure::Stop;
use crate::numeric::random::GENERATOR;
use crate::quantity::{Probability, Target};
use crate::report::results::WarningInfo;
use crate::report::results::measures::Verdict;
use crate::report::results::predict::{
    Chance, Happened, Objective, PredictResult, PredictSettings, Predicted, Rate, SpreadInfo, Surprise, SurpriseVerdict,
};
use crate::simulate::windows::WindowError;
use crate::study::history::History;
use crate::study::predict::{self, Past, Prediction, Settings, Share, Spread, Tails, Updated, predict};

/// Compare a topology with a log: predicted outages and downtime of the log's window and their spread, whether what
/// happened is surprising, and rates updated by what was seen.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold predict topology.toml --against incidents.csv --slo 99.95%\n  ninefold predict topology.toml --against incidents.csv --during 2025 --prior-events 10\n  ninefold predict topology.toml --against incidents.csv --component shop --as-system"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The incident log to compare with
    #[arg(long, value_name = "LOG")]
    against: PathBuf,
    /// Take each incident of the log, or of its `--component`, as an outage of the whole system, in place of the
    /// topology's `up` over the components that the log names
    #[arg(long)]
    as_system: bool,
    /// Objective to judge by [default: the target of the topology]
    #[arg(long, value_name = "TARGET")]
    slo: Option<Target>,
    /// How many failures a rate of the topology is worth against those of the log: 1 says that nothing but its mean is
    /// known
    #[arg(long, value_name = "EVENTS", allow_hyphen_values = true, default_value = "1", value_parser = positive_number)]
    prior_events: f64,
    /// Windows to simulate
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "10000", value_parser = windows)]
    windows: u32,
    /// Confidence level of all intervals; what happens with less than the rest is surprising
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "95%", value_parser = level)]
    confidence: Probability,
    #[command(flatten)]
    random: RandomArguments,
    /// Stop after so much running time, without a result [default: none]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time_limit: Option<String>,
    /// States that the chain of one dependent part may have
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "200000", value_parser = positive_count)]
    max_states: u64,
    /// Exit with 1 when what happened misses the objective
    #[arg(long)]
    gate: bool,
    #[command(flatten)]
    log: LogArguments,
}

/// Each window is kept: sixteen bytes.
const WINDOWS: std::ops::RangeInclusive<u64> = 100..=10_000_000;

fn windows(text: &str) -> Result<u32, String> {
    match positive_count(text) {
        Ok(count) if WINDOWS.contains(&count) => Ok(count as u32),
        _ => Err(format!("a whole number from {} to {} is expected", WINDOWS.start(), WINDOWS.end())),
    }
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let loaded = arguments.source.load(session)?;
    let target = arguments.slo.or(loaded.target);
    if arguments.gate && target.is_none() {
        return Err(Problem::usage("`--gate` needs an objective, and there is none").help("give `--slo 99.95%`"));
    }
    let time_limit = session.time_limit(arguments.time_limit.as_deref())?;
    let log = arguments.log.load(std::slice::from_ref(&arguments.against))?;
    whole_weights(&log)?;
    let mut warnings = loaded.warnings;
    warnings.extend(log.warnings.iter().cloned());
    let unit = of_system(&loaded.model, &log, arguments.as_system, &mut warnings)?;
    let whole = History { window: log.window, units: vec![unit], idle: 0 };
    let past = past(&whole, &History { units: components(&log), ..whole.clone() });
    let watch = Watch::start_all_or_nothing(session, time_limit)?;
    let found = predict(&loaded.model, &past, &arguments.settings(target), &watch).map_err(|error| problem(&error))?;
    watch.finish();
    let mut result = result(&found, &past, target, arguments.confidence.complement());
    result.left_out_seconds = (log.window.seconds() - past.seconds).max(0.0);
    let misses = result.slo.is_some_and(|slo| slo.happened == Verdict::Misses);
    warnings.extend(found.warnings.iter().map(WarningInfo::from));
    if !found.is_exact {
        let message = "the exact engine refuses this topology, so predicted means are those of the simulated windows";
        warnings.push(WarningInfo::new("means_of_windows", message.to_owned()));
    }
    session.print(Report {
        command: "predict",
        model: Some(loaded.info),
        settings: PredictSettings {
            year_seconds: session.units.year,
            against: log.info.name.unwrap_or_default(),
            as_system: arguments.as_system,
            windows: found.windows,
            prior_events: arguments.prior_events,
            confidence: arguments.confidence.value(),
            seed: arguments.random.seed,
            generator: GENERATOR.to_owned(),
        },
        result,
        warnings,
    })?;
    Ok(if arguments.gate && misses { Exit::Gate } else { Exit::Done })
}

/// Refuses incidents that count in part: a system of a topology is up or down, and so is its past.
fn whole_weights(log: &LoadedLog) -> Result<(), Problem> {
    let Some((severity, weight)) = log.part_weight() else { return Ok(()) };
    let message = format!("incidents of severity {severity} weigh {weight}, and a topology knows only up and down");
    Err(Problem::usage(message).help(
        "give them weight 0 or 1, as `--weights major` and `--weights default` do; `budget` and `availability` count parts",
    ))
}

impl Arguments {
    fn settings(&self, target: Option<Target>) -> Settings {
        Settings {
            exact: exact::Settings { max_states: numbered(self.max_states), ..exact::Settings::default() },
            windows: self.windows,
            seed: self.random.seed,
            threads: self.random.threads(),
            alpha: self.confidence.complement(),
            prior_events: self.prior_events,
            allowed: target.map(|target| target.unavailability().value()),
        }
    }
}

fn problem(error: &predict::Error) -> Problem {
    let stop = match error {
        predict::Error::Stopped(stop) | predict::Error::Windows(WindowError::Stopped(stop)) => Some(*stop),
        _ => None,
    };
    let problem = Problem::usage(error.to_string());
    match stop {
        Some(Stop::Interrupted) => problem.with_exit(Exit::Interrupted),
        Some(Stop::TimeLimit) => problem.with_exit(Exit::Limit),
        None => problem,
    }
}

/// What the log says, of the whole and of each component.
fn past(whole: &History, components: &History) -> Past {
    let counts = whole.counts();
    let of = |unit: &crate::study::history::Unit| {
        let counts = History { window: whole.window, units: vec![unit.clone()], idle: 0 }.counts();
        (unit.name.clone(), counts.begun, counts.down)
    };
    Past {
        seconds: counts.up + counts.down,
        outages: counts.outages,
        begun: counts.begun,
        down: counts.down,
        components: components.units.iter().map(of).collect(),
    }
}

fn result(found: &Prediction, past: &Past, target: Option<Target>, alpha: f64) -> PredictResult {
    let unavailability = past.down / past.seconds;
    let rates = std::iter::once(&found.system).chain(&found.components);
    PredictResult {
        window_seconds: past.seconds,
        left_out_seconds: 0.0,
        happened: Happened {
            outages: past.outages,
            outages_begun: past.begun,
            downtime_seconds: past.down,
            unavailability,
        },
        predicted: Predicted {
            unavailability: found.unavailability,
            outages: found.frequency * past.seconds + found.unavailability,
            downtime_seconds: found.unavailability * past.seconds,
            is_exact: found.is_exact,
            outages_spread: spread(found.outages),
            downtime_spread_seconds: spread(found.downtime),
        },
        surprise: surprise(found, alpha),
        slo: target.zip(found.meets).map(|(target, meets)| Objective {
            target_unavailability: target.unavailability().value(),
            allowed_seconds: target.unavailability().value() * past.seconds,
            happened: Verdict::exact(unavailability, target),
            predicted: Verdict::exact(found.unavailability, target),
            window_meets: chance(meets),
        }),
        rates: rates.map(|updated| rate(updated, alpha)).collect(),
        unknown_components: found.unknown.clone(),
    }
}

fn spread(spread: Spread) -> SpreadInfo {
    SpreadInfo { low: spread.low, median: spread.median, high: spread.high }
}

fn chance(share: Share) -> Chance {
    Chance { share: share.share, p: share.p, low: share.interval.low, high: share.interval.high }
}

fn surprise(found: &Prediction, alpha: f64) -> Surprise {
    let both = [found.outage_tails, found.downtime_tails];
    // Two quantities are looked at, each on two sides: each of the four tails has a quarter of the chance to mislead.
    let is_rare = |of: fn(&Tails) -> f64| both.iter().any(|tails| of(tails) < alpha / 4.0);
    let verdict = match (is_rare(|tails| tails.at_least.p), is_rare(|tails| tails.at_most.p)) {
        (true, _) => SurpriseVerdict::Worse,
        (false, true) => SurpriseVerdict::Better,
        (false, false) => SurpriseVerdict::Expected,
    };
    Surprise {
        as_many_outages: chance(found.outage_tails.at_least),
        as_few_outages: chance(found.outage_tails.at_most),
        as_much_downtime: chance(found.downtime_tails.at_least),
        as_little_downtime: chance(found.downtime_tails.at_most),
        poisson_as_many_outages: found.poisson.0,
        poisson_as_few_outages: found.poisson.1,
        prior_as_many_outages: found.predictive.0,
        prior_as_few_outages: found.predictive.1,
        verdict,
    }
}

/// Rates as times: the interval's ends change places.
fn rate(updated: &Updated, alpha: f64) -> Rate {
    let (low, high) = updated.after.interval(alpha);
    Rate {
        name: updated.name.clone(),
        key: updated.key.clone(),
        units: updated.units,
        events: updated.events,
        exposure_seconds: updated.seconds,
        before_mtbf_seconds: 1.0 / updated.before.mean(),
        after_mtbf_seconds: 1.0 / updated.after.mean(),
        low_mtbf_seconds: 1.0 / high,
        high_mtbf_seconds: 1.0 / low,
    }
}
