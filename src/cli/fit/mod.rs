//! `fit`: which distributions do observed times follow?

mod column;
mod convert;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::cli::engine_args::threads_or_all;
use crate::cli::exit::Exit;
use crate::cli::fit::column::ColumnArguments;
use crate::cli::fit::convert::{Titled, fitted};
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::{count, seed, threads};
use crate::cli::watch::Watch;
use crate::fit::goodness::Settings;
use crate::measure::Stop;
use crate::numeric::random::GENERATOR;
use crate::report::plot::{Plot, svg};
use crate::report::results::WarningInfo;
use crate::report::results::fit::{FitLog, FitResult, FitSettings, FittedSample};

/// Which distributions do observed times follow? Exponential, Weibull, lognormal, gamma and hyperexponential by maximum
/// likelihood, with tests of each fit.
///
/// With `--column`, the times of one column of a CSV file: with their unit in each field (`20m`), in the name of the column
/// (`repair_minutes`), or by `--unit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold fit repairs.csv --column minutes\n  ninefold fit lives.csv --column hours --censored still_running --svg lives.svg"
)]
pub(crate) struct Arguments {
    /// The file to read; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    column: ColumnArguments,
    /// Samples drawn from each fit for its p-values; 0 leaves them out
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "999", value_parser = draws)]
    bootstrap: u32,
    /// Seed of the random streams: the same seed gives the same result
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 1, value_parser = seed)]
    seed: u64,
    /// Threads; they change the speed, not the result [default: one for each core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = threads)]
    threads: Option<NonZeroUsize>,
    /// Write a plot of the survival curves to FILE, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// No plot below the tables
    #[arg(long)]
    no_plot: bool,
}

/// More samples tell no more than three digits of a p-value.
const MOST_DRAWS: u64 = 100_000;

fn draws(text: &str) -> Result<u32, String> {
    let count = count(text).ok().filter(|count| *count <= MOST_DRAWS);
    count.map(|count| count as u32).ok_or_else(|| format!("a whole number from 0 to {MOST_DRAWS} is expected"))
}

/// What there is to fit.
struct Input {
    name: String,
    samples: Vec<Titled>,
    log: Option<FitLog>,
    warnings: Vec<WarningInfo>,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let input = arguments.input(session)?;
    let watch = Watch::start_all_or_nothing(session, None)?;
    let settings =
        Settings { draws: arguments.bootstrap, seed: arguments.seed, threads: threads_or_all(arguments.threads) };
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

fn ended(_: Stop) -> Problem {
    Problem::usage("interrupted before all samples were drawn").with_exit(Exit::Interrupted)
}

impl Arguments {
    fn input(&self, session: &Session) -> Result<Input, Problem> {
        let (name, sample) = self.column.read(&self.file, session)?;
        Ok(Input { name, samples: vec![sample], log: None, warnings: Vec::new() })
    }

    fn settings(&self, file: String) -> FitSettings {
        FitSettings {
            file,
            column: self.column.name(),
            bootstrap: self.bootstrap,
            seed: self.seed,
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
