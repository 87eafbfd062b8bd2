//! `fit`: which distributions do observed times follow?

mod column;
mod convert;
pub(crate) mod log;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::engine_args::RandomArguments;
use crate::cli::exit::Exit;
use crate::cli::fit::column::ColumnArguments;
use crate::cli::fit::convert::{Titled, fitted};
use crate::cli::fit::log::{FitLogArguments, Kind};
use crate::cli::options::Format;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::count;
use crate::cli::watch::Watch;
use crate::fit::goodness::Settings;
use crate::fit::{Fitted, Law};
use crate::measure::Stop;
use crate::numeric::random::GENERATOR;
use crate::report::plot::{Plot, svg};
use crate::report::results::WarningInfo;
use crate::report::results::fit::{FitLog, FitResult, FitSettings, FittedSample};
use crate::study::emit::{self, Observed};

/// Which distributions do observed times follow? Exponential, Weibull, lognormal, gamma and hyperexponential by maximum
/// likelihood, with tests of each fit.
///
/// Of an incident log, the times to repair and the up times between failures; an incident without an end, and the up time
/// at the end, count as cut off. With `--column`, the times of one column of a CSV file: with their unit in each field
/// (`20m`), in the name of the column (`repair_minutes`), or by `--unit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold fit incidents.csv --during 2025\n  ninefold fit incidents.csv --by component --emit topology\n  ninefold fit repairs.csv --column minutes\n  ninefold fit lives.csv --column hours --censored still_running --svg lives.svg"
)]
pub(crate) struct Arguments {
    /// The file to read; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    column: ColumnArguments,
    #[command(flatten)]
    log: FitLogArguments,
    /// Print this instead of the report
    #[arg(long, value_enum, value_name = "WHAT")]
    emit: Option<Emit>,
    /// Samples drawn from each fit for its p-values; 0 leaves them out
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "999", value_parser = draws)]
    bootstrap: u32,
    #[command(flatten)]
    random: RandomArguments,
    /// Write a plot of the survival curves to FILE, as SVG
    #[arg(long, value_name = "FILE", conflicts_with = "emit")]
    svg: Option<PathBuf>,
    /// No plot below the tables
    #[arg(long)]
    no_plot: bool,
}

/// What can be printed instead of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// Components for a topology file, with the availability of the log
    Topology,
}

/// More samples tell no more than three digits of a p-value.
const MOST_DRAWS: u64 = 100_000;

fn draws(text: &str) -> Result<u32, String> {
    let count = count(text).ok().filter(|count| *count <= MOST_DRAWS);
    count.map(|count| count as u32).ok_or_else(|| format!("a whole number from 0 to {MOST_DRAWS} is expected"))
}

/// What there is to fit.
pub(crate) struct Input {
    name: String,
    samples: Vec<Titled>,
    log: Option<FitLog>,
    warnings: Vec<WarningInfo>,
    kinds: Vec<Kind>,
    /// Share of the time of the whole log that it was down, where its components stand one by one.
    whole_unavailability: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let input = arguments.input(session)?;
    if arguments.emit == Some(Emit::Topology) {
        if session.format != Format::Table {
            return Err(Problem::usage("`--emit topology` prints TOML, and no other format")
                .help("leave `--format` out, or `--emit` for the report"));
        }
        return emit(&input, session);
    }
    let watch = Watch::start_all_or_nothing(session, None)?;
    let settings =
        Settings { draws: arguments.bootstrap, seed: arguments.random.seed, threads: arguments.random.threads() };
    let mut warnings = input.warnings;
    let mut samples = Vec::new();
    for (part, titled) in input.samples.iter().enumerate() {
        samples.push(fitted(titled, part as u8, settings, &watch, &mut warnings).map_err(ended)?);
    }
    watch.finish();
    arguments.write_svg(&samples, session)?;
    session.print(Report {
        command: "fit",
        model: None,
        settings: arguments.settings(input.name),
        result: FitResult { log: input.log, samples, draws_plots: !arguments.no_plot },
        warnings,
    })?;
    Ok(Exit::Done)
}

/// Components with the availability of the log, and the families of the best fits.
fn emit(input: &Input, session: &Session) -> Result<Exit, Problem> {
    let best = |place: Option<usize>| -> Option<Fitted> {
        let sample = &input.samples[place?].sample;
        let fits = Law::ALL.into_iter().filter_map(|law| law.fit(sample).ok());
        fits.min_by(|a, b| a.aic.total_cmp(&b.aic))
    };
    let component = |(kind, key): (&Kind, &String)| {
        let (repair, life) = (best(kind.repairs), best(kind.lives));
        let counts = kind.history.counts();
        let beta = input.log.as_ref().and_then(|log| log.suggested_beta).filter(|_| counts.units > 1);
        let (name, source) = (kind.name.as_str(), input.name.as_str());
        let (repair, life) = (repair.as_ref(), life.as_ref());
        let text = emit::component(&Observed { name, key, source, counts, repair, life, beta })?;
        Some((key.clone(), text, counts.unavailability()))
    };
    let keys = emit::names(&input.kinds.iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>());
    let found: Vec<(String, String, f64)> = input.kinds.iter().zip(&keys).filter_map(component).collect();
    if found.is_empty() {
        return Err(Problem::usage("a component takes both up and down times")
            .help("name an incident log, without `--column`, in whose window there are outages"));
    }
    let keys: Vec<&str> = found.iter().map(|(key, ..)| key.as_str()).collect();
    let parts: Vec<f64> = found.iter().map(|(.., unavailability)| *unavailability).collect();
    let text: Vec<&str> = found.iter().map(|(_, text, _)| text.as_str()).collect();
    let whole = emit::whole(&keys);
    let beside = input.whole_unavailability.map(|log| emit::beside(log, &parts));
    if let Some((comment, true)) = &beside {
        let message = comment.trim_start_matches("# Down").trim_end_matches(['.', '\n']);
        session.warn(&[WarningInfo::new("series_differs", format!("the whole is down{message}"))]);
    }
    let beside = beside.map_or_else(String::new, |(comment, _)| comment);
    session.write(&format!("{}\n{beside}{whole}", text.join("\n")))?;
    Ok(Exit::Done)
}

fn ended(_: Stop) -> Problem {
    Problem::usage("interrupted before all samples were drawn").with_exit(Exit::Interrupted)
}

impl Arguments {
    fn input(&self, session: &Session) -> Result<Input, Problem> {
        if self.column.name().is_none() {
            return self.log.read(&self.file, session);
        }
        let (name, sample) = self.column.read(&self.file, session)?;
        Ok(Input {
            name,
            samples: vec![sample],
            log: None,
            warnings: Vec::new(),
            kinds: Vec::new(),
            whole_unavailability: None,
        })
    }

    fn settings(&self, file: String) -> FitSettings {
        FitSettings {
            file,
            column: self.column.name(),
            bootstrap: self.bootstrap,
            seed: self.random.seed,
            generator: GENERATOR.to_owned(),
        }
    }

    fn write_svg(&self, samples: &[FittedSample], session: &Session) -> Result<(), Problem> {
        let Some(path) = &self.svg else { return Ok(()) };
        let plots: Vec<Plot> = samples.iter().filter_map(|sample| sample.plot.clone()).collect();
        std::fs::write(path, svg::document(&plots, session.units))
            .map_err(|error| Problem::usage(format!("cannot write `{}`: {error}", path.display())))
    }
}
