//! `simulate`: Monte Carlo.

use clap::Args;

use crate::cli::engine_args::{EngineArguments, Run};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::solve::no_target;
use crate::cli::source::Source;
use crate::cli::values::level;
use crate::cli::watch::Watch;
use crate::measure::{SimulatedMeasures, StopReason};
use crate::quantity::{Duration, Probability};
use crate::report::results::WarningInfo;
use crate::report::results::measures::Verdict;
use crate::report::results::simulate::{SimulateResult, SimulateSettings};
use crate::simulate;
use crate::study::choose::is_easily_solved;
use crate::topology::Model;

/// Simulate a topology with any distributions: estimates with confidence intervals.
///
/// Without a file the embedded `active-standby` template is simulated.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold simulate\n  ninefold simulate topology.toml --precision 0.5%\n  ninefold simulate topology.toml --years 1e6 --seed 7 --format json\n  ninefold simulate topology.toml --rto 15m"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    engine: EngineArguments,
    /// Confidence level of all intervals
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "95%", value_parser = level, help_heading = "Simulation")]
    confidence: Probability,
    /// Recovery-time objective: report the outages that are longer, and their share of the downtime
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Simulation")]
    rto: Option<String>,
    /// Exit with 1 when the target is missed or not decided
    #[arg(long)]
    gate: bool,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let loaded = arguments.source.load_or_default(session)?;
    if arguments.gate && loaded.target.is_none() {
        return Err(no_target());
    }
    let mut run = arguments.engine.run(arguments.confidence, session)?;
    let objective = arguments.rto.as_ref().map(|text| session.positive_duration("--rto", text)).transpose()?;
    run.settings.long_outage = objective.map(Duration::seconds);
    let watch = Watch::start(session, run.time_limit_seconds)?;
    let simulated = simulate::simulate(&loaded.model, &run.settings, &watch);
    let wall_seconds = watch.finish();
    let measures = simulated.map_err(|error| Problem::usage(error.to_string()))?;
    let result = SimulateResult::new(&measures, loaded.target, session.units, wall_seconds);
    let exit = exit(&measures, arguments.gate.then_some(result.verdict == Some(Verdict::Meets)), &run);
    let mut warnings = loaded.warnings;
    warnings.extend(measures.warnings.iter().map(WarningInfo::from));
    propose_solve(&loaded.model, &measures, &mut warnings);
    session.print(Report {
        command: "simulate",
        model: Some(loaded.info),
        settings: settings(&run, arguments.confidence, session),
        result,
        warnings,
    })?;
    Ok(exit)
}

/// Adds to the refusal that another command has the answer, if it has.
fn propose_solve(model: &Model, measures: &SimulatedMeasures, warnings: &mut [WarningInfo]) {
    let refused = measures.diagnostics.refused.as_ref().filter(|_| measures.stopped_by != StopReason::Interrupted);
    let refusal = refused.and_then(|code| warnings.iter_mut().find(|warning| warning.code == *code));
    // What is always in step has no long run that is the same for all starts.
    let is_in_step = measures.warnings.iter().any(|warning| warning.code == "in_step");
    if let Some(warning) = refusal
        && !is_in_step
        && is_easily_solved(model)
    {
        warning.message.push_str("; `ninefold solve` gives exact values of this model");
    }
}

fn settings(run: &Run, confidence: Probability, session: &Session) -> SimulateSettings {
    SimulateSettings {
        year_seconds: session.units.year,
        month_seconds: session.units.month,
        method: run.method,
        precision: run.settings.precision,
        confidence: confidence.value(),
        seed: run.settings.seed,
        threads: run.settings.threads as u64,
        events: run.settings.events,
        years: run.years,
        time_limit_seconds: run.time_limit_seconds,
        rto_seconds: run.settings.long_outage,
    }
}

/// Interrupted first; then the gate, whose question is decided or not; without one a precision that was not reached.
fn exit(measures: &SimulatedMeasures, gate_is_open: Option<bool>, run: &Run) -> Exit {
    let wanted_more = run.settings.precision.is_some() && measures.stopped_by != StopReason::Precision;
    match (measures.stopped_by, gate_is_open) {
        (StopReason::Interrupted, _) => Exit::Interrupted,
        (_, Some(false)) => Exit::Gate,
        (_, None) if wanted_more => Exit::Limit,
        _ => Exit::Done,
    }
}
