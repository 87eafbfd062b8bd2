//! `verify`: every engine that applies, side by side.

use clap::Args;

use crate::cli::engine_args::EngineArguments;
use crate::cli::exact_args::ExactArguments;
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::{Any, FILE_OR_TREE, Source};
use crate::cli::tree_args::TreeArguments;
use crate::cli::values::level;
use crate::cli::watch::Watch;
use crate::measure::StopReason;
use crate::quantity::Probability;
use crate::report::results::WarningInfo;
use crate::report::results::measures::Simulated;
use crate::report::results::verify::{Comparison, VerifyResult, VerifySettings};
use crate::study::verify::{Compared, Settings, Unit, verify, verify_tree};

/// Run every engine that applies to a topology or a fault tree, and compare: exits with 1 when they disagree.
#[derive(Debug, Args)]
#[command(
    mut_arg("file", |file| file.help(FILE_OR_TREE)),
    after_help = "Examples:\n  ninefold verify topology.toml\n  ninefold verify --template two-zones --events 1e6\n  ninefold verify tree.xml"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    engine: EngineArguments,
    #[command(flatten)]
    exact: ExactArguments,
    /// Confidence level of each comparison: at 99.9% one in a thousand disagrees by chance
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "99.9%", value_parser = level, help_heading = "Simulation")]
    confidence: Probability,
    #[command(flatten)]
    tree: TreeArguments,
}

/// The share of the time limit that there is for everything but the last simulation.
const SHARE_BEFORE_LAST: f64 = 0.5;

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let loaded = arguments.tree.load(&arguments.source, session)?;
    let run = arguments.engine.run(arguments.confidence, session)?;
    let watch = Watch::start(session, run.time_limit_seconds)?;
    let mut settings = Settings { exact: arguments.exact.settings(), simulate: run.settings };
    let (verification, info, mut warnings) = match loaded {
        Any::Topology(loaded) => {
            let verification = verify(&loaded.model, &settings, &watch.share(SHARE_BEFORE_LAST), &watch);
            (verification, loaded.info, loaded.warnings)
        }
        Any::Tree(loaded) => {
            if let Some(option) = arguments.engine.simulation_option() {
                return Err(Problem::usage(format!("`{option}` is for simulations, and this is a fault tree"))
                    .help("a fault tree is solved in two ways and bounded; `--time-limit` ends that"));
            }
            settings.simulate.precision = None;
            (verify_tree(&loaded.tree, arguments.exact.max_nodes(), &watch), loaded.info, Vec::new())
        }
    };
    watch.finish();
    let comparisons = verification.compared.iter().map(|compared| comparison(compared, session)).collect();
    let result = VerifyResult::new(comparisons, arguments.confidence.value(), verification.not_compared);
    let exit = match (verification.stopped_by, result.agree) {
        (Some(StopReason::Interrupted), _) => Exit::Interrupted,
        (_, Some(true)) => Exit::Done,
        (_, Some(false)) => Exit::Gate,
        (_, None) => Exit::Limit,
    };
    warnings.extend(verification.warnings.iter().map(WarningInfo::from));
    session.print(Report {
        command: "verify",
        model: Some(info),
        settings: VerifySettings {
            year_seconds: session.units.year,
            confidence: arguments.confidence.value(),
            exact: arguments.exact.reported(),
            seed: settings.simulate.seed,
            method: run.method,
            precision: settings.simulate.precision,
            events: settings.simulate.events,
            years: run.years,
            time_limit_seconds: run.time_limit_seconds,
        },
        result,
        warnings,
    })?;
    Ok(exit)
}

/// In the units of reports.
fn comparison(compared: &Compared, session: &Session) -> Comparison {
    let (factor, unit) = match compared.unit {
        Unit::Share => (1.0, ""),
        Unit::PerSecond => (session.units.year, " [1/y]"),
        Unit::Seconds => (1.0, " [s]"),
        Unit::RequestsPerSecond => (1.0, " [per s]"),
    };
    let measure = format!("{}{unit}", compared.measure);
    let simulated = Simulated::scaled(&compared.simulated, factor);
    Comparison::new((compared.engine, measure), compared.exact * factor, simulated, compared.agree)
}
