//! `check`: what a topology file means, or what is wrong with it.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::Source;
use crate::cli::watch::Watch;
use crate::report::results::check::{CheckResult, CheckSettings, EngineInfo};
use crate::study::choose::{Applicability, engines};

/// Check a topology file: list all its mistakes, or show what it means and which engines apply.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ninefold check topology.toml\n  ninefold check --template two-zones")]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let mut loaded = arguments.source.load(session)?;
    loaded.model.target = loaded.target;
    let watch = Watch::start_all_or_nothing(session, None)?;
    let engines = engines(&loaded.model, &watch);
    watch.finish();
    let Some(engines) = engines else { return Err(Problem::silent(Exit::Interrupted)) };
    let result = CheckResult::new(&loaded.model, engines.into_iter().map(engine_info).collect());
    session.print(Report {
        command: "check",
        model: Some(loaded.info),
        settings: CheckSettings { year_seconds: session.units.year },
        result,
        warnings: loaded.warnings,
    })?;
    Ok(Exit::Done)
}

fn engine_info(applicability: Applicability) -> EngineInfo {
    EngineInfo {
        engine: applicability.engine.to_owned(),
        applies: applicability.applies,
        explanation: applicability.explanation,
    }
}
