//! `compare`: topologies side by side.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::cli::engine_args::threads_or_all;
use crate::cli::exact_args::ExactArguments;
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::{Loaded, Source};
use crate::cli::values::{level, positive_count, precision, seed, threads};
use crate::cli::watch::Watch;
use crate::measure::{Stop, Warning};
use crate::quantity::{Duration, Probability, Target};
use crate::report::results::WarningInfo;
use crate::report::results::compare::{Column, CompareResult, CompareSettings, Difference};
use crate::report::results::measures::Verdict;
use crate::simulate;
use crate::study::compare::{Measured, Settings, measure};
use crate::topology::read::keys;

/// Compare topologies: their measures side by side, and the keys in which their files differ.
///
/// With `--set` each topology stands beside itself with all of these changes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold compare one.toml two.toml\n  ninefold compare topology.toml --set db.mtbf=60d\n  ninefold compare --template active-standby --template quorum"
)]
pub(crate) struct Arguments {
    /// Topology files, TOML or JSON; `-` reads standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A ready topology, after the files; may be repeated
    #[arg(long, value_name = "NAME")]
    template: Vec<String>,
    /// Judge by this target instead of those in the files
    #[arg(long, value_name = "TARGET")]
    target: Option<Target>,
    /// Compare each topology with itself after this change: `db.mtbf=60d`; several changes are made together
    #[arg(long = "set", value_name = "KEY=VALUE", allow_hyphen_values = true)]
    changes: Vec<String>,
    #[command(flatten)]
    exact: ExactArguments,
    /// Give up after so much running time [default: none]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    time_limit: Option<String>,
    /// Where a topology must be simulated: stop when the intervals are this narrow
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, default_value = "1%", value_parser = precision, help_heading = "Simulation")]
    precision: f64,
    /// Stop after so many events
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "1e7", value_parser = positive_count, help_heading = "Simulation")]
    events: u64,
    /// Seed of the random streams
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 1, value_parser = seed, help_heading = "Simulation")]
    seed: u64,
    /// Threads; they change the speed, not the result [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads, help_heading = "Simulation")]
    threads: Option<NonZeroUsize>,
    /// Confidence level of intervals
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "95%", value_parser = level, help_heading = "Simulation")]
    confidence: Probability,
    /// Exit with 1 unless every topology meets its target: one that is missed or not decided closes the gate
    #[arg(long)]
    gate: bool,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let topologies = arguments.load(session)?;
    let settings = arguments.settings();
    let labels = labels(&topologies);
    if arguments.gate {
        check_targets(&topologies, &labels)?;
    }
    let time_limit_seconds = session.time_limit(arguments.time_limit.as_deref())?;
    let watch = Watch::start_all_or_nothing(session, time_limit_seconds)?;
    let mut measured = Vec::new();
    for loaded in &topologies {
        let found = measure(&loaded.model, &settings, &watch);
        measured.push(found.map_err(|stop| match stop {
            Stop::Interrupted => Problem::silent(Exit::Interrupted),
            Stop::TimeLimit => Problem::silent(Exit::Limit),
        })?);
    }
    watch.finish();
    let mut columns = Vec::new();
    let mut warnings: Vec<WarningInfo> = Vec::new();
    for ((loaded, measured), label) in topologies.iter().zip(&measured).zip(&labels) {
        if let Measured::Unknown { exact, simulate } = measured {
            let problem = Problem::usage(format!("`{label}` can be neither solved nor simulated: {exact}"));
            return Err(problem.help(format!("the simulation says: {simulate}")));
        }
        let of_label =
            |warning: WarningInfo| WarningInfo { message: format!("`{label}`: {}", warning.message), ..warning };
        let of_engine = warnings_of(measured).iter().map(WarningInfo::from);
        warnings.extend(loaded.warnings.iter().cloned().chain(of_engine).map(of_label));
        columns.push(column(loaded, measured, label, session));
    }
    let all_meet = columns.iter().all(|column| column.verdict == Some(Verdict::Meets));
    session.print(Report {
        command: "compare",
        model: None,
        settings: CompareSettings {
            year_seconds: session.units.year,
            exact: arguments.exact.reported(),
            time_limit_seconds,
            precision: arguments.precision,
            events: arguments.events,
            seed: arguments.seed,
            confidence: arguments.confidence.value(),
        },
        result: CompareResult::new(columns, differences(&topologies, session)?, session.units),
        warnings,
    })?;
    Ok(if arguments.gate && !all_meet { Exit::Gate } else { Exit::Done })
}

/// `--gate` judges every topology, so each needs a target.
fn check_targets(topologies: &[Loaded], labels: &[String]) -> Result<(), Problem> {
    match topologies.iter().zip(labels).find(|(loaded, _)| loaded.target.is_none()) {
        Some((_, label)) => Err(Problem::usage(format!("`--gate` needs a target, and `{label}` has none"))
            .help("`--target 99.99%` gives one to all of them")),
        None => Ok(()),
    }
}

impl Arguments {
    /// All topologies, each followed by itself with the changes.
    fn load(&self, session: &Session) -> Result<Vec<Loaded>, Problem> {
        let files = self.files.iter().map(|file| Source::of_file(file.clone(), self.target));
        let templates = self.template.iter().map(|name| Source::of_template(name.clone(), self.target));
        let mut topologies = Vec::new();
        for source in files.chain(templates) {
            let loaded = source.load(session)?;
            let changed = (!self.changes.is_empty()).then(|| loaded.changed(&self.changes, self.target, session));
            topologies.push(loaded);
            topologies.extend(changed.transpose()?);
        }
        match topologies.len() {
            0 => Err(Problem::usage("no topology is given").help("name topology files, or `--template NAME`")),
            1 => Err(Problem::usage("there is nothing to compare the topology with")
                .help("name another one, or a change of it: `--set db.mtbf=60d`")),
            _ => Ok(topologies),
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            exact: self.exact.settings(),
            simulate: simulate::Settings {
                precision: Some(self.precision),
                events: Some(self.events),
                seed: self.seed,
                threads: threads_or_all(self.threads),
                alpha: self.confidence.complement(),
                ..simulate::Settings::default()
            },
        }
    }
}

/// The name of the file without folder and ending, where that is clear; `changed` after the name for what `--set` made of it.
fn labels(topologies: &[Loaded]) -> Vec<String> {
    let short = |loaded: &Loaded| {
        let path = std::path::Path::new(&loaded.place);
        let stem = path.file_stem().map_or_else(|| loaded.place.clone(), |stem| stem.to_string_lossy().into_owned());
        stem.strip_prefix("template ").map_or(stem.clone(), str::to_owned)
    };
    let is_clear =
        |loaded: &Loaded| topologies.iter().all(|other| other.place == loaded.place || short(other) != short(loaded));
    let label = |loaded: &Loaded| {
        let name = if is_clear(loaded) { short(loaded) } else { loaded.place.clone() };
        if loaded.info.set.is_empty() { name } else { format!("{name}, changed") }
    };
    topologies.iter().map(label).collect()
}

fn warnings_of(measured: &Measured) -> &[Warning] {
    match measured {
        Measured::Exact(measures) => &measures.warnings,
        Measured::Bounded { measures, .. } => &measures.warnings,
        Measured::Simulated { measures, .. } => &measures.warnings,
        Measured::Unknown { .. } => &[],
    }
}

fn column(loaded: &Loaded, measured: &Measured, label: &str, session: &Session) -> Column {
    let identity = (label.to_owned(), loaded.info.clone());
    match measured {
        Measured::Exact(measures) => Column::exact(identity, measures, loaded.target, session.units),
        Measured::Bounded { measures, refusal } => {
            Column::bounded(identity, measures, refusal, loaded.target, session.units)
        }
        Measured::Simulated { measures, refusal } => {
            Column::simulated(identity, measures, refusal, loaded.target, session.units)
        }
        Measured::Unknown { .. } => unreachable!("an error above"),
    }
}

/// The keys in which not all topologies are the same, in the order in which they appear.
fn differences(topologies: &[Loaded], session: &Session) -> Result<Vec<Difference>, Problem> {
    let mut all = Vec::new();
    for loaded in topologies {
        let found = keys(&loaded.text, loaded.syntax, &loaded.info.set);
        all.push(found.map_err(|mistakes| {
            Problem::mistakes(loaded.place.clone(), loaded.text.clone(), loaded.info.set.clone(), mistakes)
        })?);
    }
    let maps: Vec<std::collections::BTreeMap<&str, &str>> =
        all.iter().map(|keys| keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()).collect();
    let mut seen = std::collections::BTreeSet::new();
    let mut differences = Vec::new();
    for (key, _) in all.iter().flatten() {
        if !seen.insert(key.as_str()) {
            continue;
        }
        let values: Vec<Option<&str>> = maps.iter().map(|map| map.get(key.as_str()).copied()).collect();
        let is_same = |value: Option<&str>| match (value, values[0]) {
            (Some(a), Some(b)) => is_same_value(a, b, session.units.year),
            (a, b) => a.is_none() && b.is_none(),
        };
        if !values.iter().all(|value| is_same(*value)) {
            let values = values.into_iter().map(|value| value.map(str::to_owned)).collect();
            differences.push(Difference { key: key.clone(), values });
        }
    }
    Ok(differences)
}

/// Whether two values say the same: `60m` and `1h` do.
#[expect(clippy::float_cmp, reason = "the same text of the same unit gives the same bits; near is not the same")]
fn is_same_value(a: &str, b: &str, year: f64) -> bool {
    let seconds = |text: &str| Duration::parse(text, year).ok().map(Duration::seconds);
    a == b || seconds(a).zip(seconds(b)).is_some_and(|(a, b)| a == b)
}
