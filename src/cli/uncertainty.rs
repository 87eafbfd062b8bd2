//! `uncertainty`: quantiles over inputs that are not known exactly.

use clap::Args;

use crate::cli::engine_args::RandomArguments;
use crate::cli::exact_args::{ExactArguments, problem as of_engine, tree_problem};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::{Any, FILE_OR_TREE, Loaded, LoadedTree, Source};
use crate::cli::tree_args::TreeArguments;
use crate::cli::values::{level, positive_count};
use crate::cli::watch::Watch;
use crate::exact::Error;
use crate::exact::kept::Kept;
use crate::measure::{Stop, StopReason, Uncertainty};
use crate::numeric::random::GENERATOR;
use crate::quantity::{Probability, Target};
use crate::report::results::uncertainty::{UncertaintyResult, UncertaintySettings};
use crate::report::results::{ModelInfo, WarningInfo};
use crate::structure::kept::KeptTree;
use crate::study::uncertainty::{Failure, Settings, sample};
use crate::topology::fault_tree::FaultTree;
use crate::topology::read::{Mistake, Varied, read_belief};
use crate::topology::uncertain::UncertainInput;

/// Say what is believed of some numbers, and see what that leaves open: quantiles of unavailability and downtime, the chance that
/// the target is met, and which input carries the uncertainty.
#[derive(Debug, Args)]
#[command(
    mut_arg("file", |file| file.help(FILE_OR_TREE)),
    after_help = "Examples:\n  ninefold uncertainty topology.toml --vary db.mtbf=30d..90d\n  ninefold uncertainty --template active-standby --vary \"db.mtbf=lognormal(mean=60d, cv=0.5)\" --vary db.failover.works=90%..99%\n  ninefold uncertainty tree.xml --vary \"pump=lognormal(median=1e-3, p95=1e-2)\""
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// What is believed of a key: a range `db.mtbf=30d..90d`, or a distribution `db.mtbf=lognormal(mean=60d, cv=0.5)`; of a
    /// basic event: `pump=1e-4..1e-3`; may be repeated
    #[arg(long, value_name = "KEY=BELIEF", allow_hyphen_values = true, required = true)]
    vary: Vec<String>,
    /// Samples of the inputs
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "10000", value_parser = samples)]
    samples: usize,
    /// Which quantiles (may be repeated)
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, value_delimiter = ',', default_value = "5%,50%,95%", value_parser = level)]
    quantile: Vec<Probability>,
    /// Confidence level of all intervals
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "95%", value_parser = level)]
    confidence: Probability,
    #[command(flatten)]
    random: RandomArguments,
    /// Stop after so much running time, and report on the samples until then [default: none]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time_limit: Option<String>,
    #[command(flatten)]
    exact: ExactArguments,
    #[command(flatten)]
    tree: TreeArguments,
}

/// Samples that are kept: a hundred bytes each and more.
const SAMPLES: std::ops::RangeInclusive<u64> = 2..=1_000_000;

fn samples(text: &str) -> Result<usize, String> {
    match positive_count(text) {
        Ok(count) if SAMPLES.contains(&count) => Ok(count as usize),
        _ => Err(format!("a whole number from {} to {} is expected", SAMPLES.start(), SAMPLES.end())),
    }
}

/// What was found, and all that a report says of where it came from.
struct Found {
    uncertainty: Uncertainty,
    as_written: f64,
    inputs: Vec<UncertainInput>,
    target: Option<Target>,
    info: ModelInfo,
    warnings: Vec<WarningInfo>,
    time_limit_seconds: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let found = match arguments.tree.load(&arguments.source, session)? {
        Any::Topology(loaded) => arguments.topology(loaded, session),
        Any::Tree(loaded) => arguments.tree(loaded, session),
    }?;
    let exit = match found.uncertainty.stopped_by {
        StopReason::Interrupted => Exit::Interrupted,
        StopReason::TimeLimit => Exit::Limit,
        _ => Exit::Done,
    };
    arguments.print(found, session)?;
    Ok(exit)
}

impl Arguments {
    fn topology(&self, loaded: Loaded, session: &Session) -> Result<Found, Problem> {
        let in_file = |mistakes: Vec<Mistake>| {
            let given = loaded.info.set.iter().chain(&self.vary).cloned().collect();
            Problem::mistakes(loaded.place.clone(), loaded.text.clone(), given, mistakes).varied(self.vary.len())
        };
        let varied = Varied::new(&loaded.text, loaded.syntax, session.units.year, &loaded.info.set, &self.vary);
        let varied = varied.map_err(in_file)?;
        let (watch, time_limit_seconds) = self.watch(session)?;
        let kept = Kept::new(&loaded.model, &self.exact.settings(), &watch).map_err(|error| of_engine(&error))?;
        let solve = |values: &[f64]| {
            let model = varied.model(values).map_err(Unsolved::Model)?;
            match kept.unavailability_of(&model, &watch) {
                Ok(unavailability) => Ok(Some(unavailability)),
                Err(Error::Stopped(_)) => Ok(None),
                Err(error) => Err(Unsolved::Engine(error)),
            }
        };
        let found = sample(varied.inputs(), &self.settings(loaded.target), solve, &watch);
        watch.finish();
        let uncertainty = found.map_err(|failure| match failure {
            Failure::Stopped(stop) => stopped(stop),
            Failure::At { error: Unsolved::Model(mistakes), .. } => in_file(mistakes),
            Failure::At { error: Unsolved::Engine(error), .. } => of_engine(&error),
        })?;
        let mut warnings = loaded.warnings;
        warnings.extend(kept.warnings().iter().map(WarningInfo::from));
        Ok(Found {
            uncertainty,
            as_written: kept.unavailability().map_err(|error| of_engine(&error))?,
            inputs: varied.inputs().to_vec(),
            target: loaded.target,
            info: loaded.info,
            warnings,
            time_limit_seconds,
        })
    }

    fn tree(&self, loaded: LoadedTree, session: &Session) -> Result<Found, Problem> {
        let inputs = self.events(&loaded.tree, session)?;
        let (watch, time_limit_seconds) = self.watch(session)?;
        let kept = KeptTree::new(&loaded.tree, self.exact.max_nodes(), &watch)
            .map_err(|error| tree_problem(&Error::from(error)))?;
        let as_written: Vec<Probability> = loaded.tree.events.iter().map(|event| event.probability).collect();
        let solve = |values: &[f64]| -> Result<Option<f64>, String> {
            let mut events = as_written.clone();
            for ((event, input), value) in inputs.iter().zip(values) {
                // By its text, so that the complement has its digits.
                let text = format!("{value}");
                let read = Probability::parse(&text);
                events[*event] = read.map_err(|_| format!("`{}` of event `{}` is no probability", text, input.key))?;
            }
            Ok(Some(kept.probability(&events)))
        };
        let beliefs: Vec<UncertainInput> = inputs.iter().map(|(_, input)| input.clone()).collect();
        let found = sample(&beliefs, &self.settings(loaded.target), solve, &watch);
        watch.finish();
        let uncertainty = found.map_err(|failure| match failure {
            Failure::Stopped(stop) => stopped(stop),
            Failure::At { error, .. } => {
                Problem::usage(error).help("a belief about a probability must not go beyond 1")
            }
        })?;
        Ok(Found {
            uncertainty,
            as_written: kept.probability(&as_written),
            inputs: beliefs,
            target: loaded.target,
            info: loaded.info,
            warnings: Vec::new(),
            time_limit_seconds,
        })
    }

    /// The events that are varied, by index.
    fn events(&self, tree: &FaultTree, session: &Session) -> Result<Vec<(usize, UncertainInput)>, Problem> {
        let mut found: Vec<(usize, UncertainInput)> = Vec::new();
        for text in &self.vary {
            let read = read_belief(text, session.units.year);
            let input = read.map_err(|mistakes| match mistakes.into_iter().next() {
                Some(Mistake { message, expected, .. }) => {
                    let problem = Problem::value("--vary", text, message);
                    expected.into_iter().fold(problem, |problem, expected| problem.help(format!("expected {expected}")))
                }
                None => Problem::value("--vary", text, "it cannot be read"),
            })?;
            let Some(event) = tree.events.iter().position(|event| event.name == input.key) else {
                return Err(Problem::value("--vary", text, format!("there is no basic event `{}`", input.key))
                    .help("members of a common-cause group are the events that the group makes of them"));
            };
            if found.iter().any(|(known, _)| *known == event) {
                return Err(Problem::value("--vary", text, format!("`{}` is varied twice", input.key)));
            }
            found.push((event, input));
        }
        Ok(found)
    }

    fn settings(&self, target: Option<Target>) -> Settings {
        Settings {
            samples: self.samples,
            seed: self.random.seed,
            threads: self.random.threads(),
            alpha: self.confidence.complement(),
            quantiles: self.quantiles(),
            allowed: target.map(|target| target.unavailability().value()),
        }
    }

    /// In the order in which they were given, each once.
    fn quantiles(&self) -> Vec<f64> {
        let mut shares: Vec<f64> = Vec::new();
        for share in &self.quantile {
            if !shares.contains(&share.value()) {
                shares.push(share.value());
            }
        }
        shares
    }

    fn watch(&self, session: &Session) -> Result<(Watch, Option<f64>), Problem> {
        let seconds = session.time_limit(self.time_limit.as_deref())?;
        Ok((Watch::start(session, seconds)?, seconds))
    }

    fn print(&self, found: Found, session: &Session) -> Result<(), Problem> {
        let target = found.target.map(|target| target.unavailability().value());
        let result = UncertaintyResult::new(
            &found.uncertainty,
            &found.inputs,
            found.as_written,
            (self.samples, target),
            session.units,
        );
        let mut warnings = found.warnings;
        if !result.is_complete {
            let message = format!("stopped after {} of {} samples", result.samples, self.samples);
            warnings.push(WarningInfo::new("fewer_samples", message));
        }
        session.print(Report {
            command: "uncertainty",
            model: Some(found.info),
            settings: UncertaintySettings {
                year_seconds: session.units.year,
                samples: self.samples as u64,
                seed: self.random.seed,
                generator: GENERATOR.to_owned(),
                confidence: self.confidence.value(),
                exact: self.exact.reported(),
                time_limit_seconds: found.time_limit_seconds,
            },
            result,
            warnings,
        })
    }
}

/// Why a sample of a topology has no value.
enum Unsolved {
    Model(Vec<Mistake>),
    Engine(Error),
}

fn stopped(stop: Stop) -> Problem {
    of_engine(&Error::Stopped(stop))
}
