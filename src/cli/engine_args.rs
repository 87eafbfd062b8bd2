//! Options of commands that simulate.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::cli::values::{positive_count, positive_number, precision, seed, threads};
use crate::quantity::Probability;
use crate::report::results::measures::MethodInfo;
use crate::simulate;

/// Relative precision that is wanted unless something else is asked for.
const DEFAULT_PRECISION: f64 = 0.01;
/// Seconds after which a simulation ends unless told otherwise: long enough for 1 % at five nines, short enough to wait.
const DEFAULT_TIME_LIMIT: f64 = 30.0;

/// When a simulation ends, and where its randomness comes from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Simulation")]
pub(crate) struct EngineArguments {
    /// Stop when the intervals of unavailability and outage frequency are this narrow: half their width relative to the
    /// estimate [default: 1%, unless `--events` or `--years` is given]
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, value_parser = precision)]
    pub(crate) precision: Option<f64>,
    /// How outages are found
    #[arg(long, value_enum, default_value_t = MethodArgument::Auto)]
    method: MethodArgument,
    /// Stop after so many events
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = positive_count)]
    events: Option<u64>,
    /// Stop after so many simulated years, which only plain simulation has
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = positive_number)]
    years: Option<f64>,
    /// Stop after so much running time [default: 30s, unless `--events` or `--years` is given]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time_limit: Option<String>,
    #[command(flatten)]
    random: RandomArguments,
}

/// The seed of all who do not care.
const DEFAULT_SEED: u64 = 1;

/// Where randomness comes from, and how much is done at a time.
#[derive(Debug, Args)]
pub(crate) struct RandomArguments {
    /// Seed of the random streams: the same seed gives the same result
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = DEFAULT_SEED, value_parser = seed)]
    pub(crate) seed: u64,
    /// Threads; they change the speed, not the result of a run that is not cut short [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads)]
    threads: Option<NonZeroUsize>,
}

impl RandomArguments {
    /// So many threads as are asked for, or one for each core.
    pub(crate) fn threads(&self) -> usize {
        threads_or_all(self.threads)
    }
}

/// The choice of method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum MethodArgument {
    /// Importance sampling where outages are rare, plain simulation elsewhere
    #[default]
    Auto,
    /// Every event with its own probability
    Plain,
    /// Rare events made likelier, and weighed accordingly
    Importance,
}

impl From<MethodArgument> for simulate::Method {
    fn from(method: MethodArgument) -> Self {
        match method {
            MethodArgument::Auto => Self::Auto,
            MethodArgument::Plain => Self::Plain,
            MethodArgument::Importance => Self::Importance,
        }
    }
}

impl From<MethodArgument> for MethodInfo {
    fn from(method: MethodArgument) -> Self {
        match method {
            MethodArgument::Auto => Self::Auto,
            MethodArgument::Plain => Self::Plain,
            MethodArgument::Importance => Self::Importance,
        }
    }
}

/// The options, checked.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) settings: simulate::Settings,
    pub(crate) method: MethodInfo,
    pub(crate) years: Option<f64>,
    pub(crate) time_limit_seconds: Option<f64>,
}

impl EngineArguments {
    /// An option that is given and says something to simulations only.
    pub(crate) fn simulation_option(&self) -> Option<&'static str> {
        let given = [
            ("--precision", self.precision.is_some()),
            ("--method", self.method != MethodArgument::Auto),
            ("--events", self.events.is_some()),
            ("--years", self.years.is_some()),
            ("--seed", self.random.seed != DEFAULT_SEED),
            ("--threads", self.random.threads.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option)
    }

    /// `confidence` is that of all intervals.
    pub(crate) fn run(&self, confidence: Probability, session: &Session) -> Result<Run, Problem> {
        if let (MethodArgument::Importance, Some(years)) = (self.method, self.years) {
            let reason = "importance sampling samples outages, not years";
            return Err(
                Problem::value("--years", &years.to_string(), reason).help("use `--events` or `--method plain`")
            );
        }
        let has_length = self.events.is_some() || self.years.is_some();
        let given = session.time_limit(self.time_limit.as_deref())?;
        let time_limit_seconds = given.or((!has_length).then_some(DEFAULT_TIME_LIMIT));
        let seconds = self.years.map(|years| years * session.units.year);
        if let (Some(years), Some(seconds)) = (self.years, seconds)
            && !seconds.is_finite()
        {
            return Err(Problem::value("--years", &years.to_string(), "that is too long to compute with"));
        }
        let settings = simulate::Settings {
            method: self.method.into(),
            precision: self.precision.or_else(|| (!has_length).then_some(DEFAULT_PRECISION)),
            alpha: confidence.complement(),
            seed: self.random.seed,
            threads: self.random.threads(),
            events: self.events,
            seconds,
            long_outage: None,
        };
        Ok(Run { settings, method: self.method.into(), years: self.years, time_limit_seconds })
    }
}

/// So many threads, or one for each core.
pub(crate) fn threads_or_all(threads: Option<NonZeroUsize>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    threads.map_or_else(cores, NonZeroUsize::get).min(MOST_THREADS)
}

/// More threads than streams have nothing to do.
const MOST_THREADS: usize = 64;
