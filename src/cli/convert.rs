//! `convert`: a topology for other tools.

use clap::{Args, ValueEnum};

use crate::cli::exact_args::{numbered, problem};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::cli::source::{Loaded, Source};
use crate::cli::values::positive_count;
use crate::cli::watch::Watch;
use crate::exact::transient::drn::drn;
use crate::exact::{Error, Settings};
use crate::structure::static_tree::fault_tree;
use crate::topology::write::open_psa;

/// Write a topology in the format of other tools, so that they can check the result: a static one as a fault tree, one with
/// exponential times as a Markov chain.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold convert topology.toml --to open-psa -o topology.xml\n  ninefold convert --template three-regions | ninefold solve -\n  ninefold convert --template oncall --to drn -o oncall.drn"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Target::OpenPsa)]
    to: Target,
    /// States that the chain may have
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "200000", value_parser = positive_count)]
    max_states: u64,
}

/// Formats of other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Open-PSA model exchange format: a fault tree in XML, one basic event for each unit and each domain
    OpenPsa,
    /// Direct encoding of Storm: the Markov chain of the whole topology, state by state
    Drn,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let loaded = arguments.source.load(session)?;
    if arguments.to == Target::Drn {
        return chain(arguments, &loaded, session);
    }
    let tree = fault_tree(&loaded.model).map_err(|reason| {
        Problem::usage(format!("the topology is no fault tree: {reason}"))
            .help("a fault tree has independent events only; `ninefold solve` takes the topology as it is")
    })?;
    session.write(&open_psa(&tree))?;
    Ok(Exit::Done)
}

fn chain(arguments: &Arguments, loaded: &Loaded, session: &Session) -> Result<Exit, Problem> {
    let watch = Watch::start_all_or_nothing(session, None)?;
    let settings = Settings { max_states: numbered(arguments.max_states), ..Settings::default() };
    let text = drn(&loaded.model, &settings, &watch);
    watch.finish();
    session.write(&text.map_err(|error| refused(&error))?)?;
    Ok(Exit::Done)
}

/// An error of the exact engine, with what to do here.
fn refused(error: &Error) -> Problem {
    match error {
        Error::NotExponentialAnywhere { fields, .. } => {
            let key = fields.first().map_or("component.db.mttr", String::as_str);
            Problem::usage(error.to_string())
                .help(format!("`--set {key}=1h` makes one exponential, with the mean that is written"))
        }
        Error::TooManyStates { limit, .. } => {
            let more = limit.saturating_mul(10);
            Problem::usage(error.to_string())
                .help(format!("`--max-states {more}` allows more, if there is memory for them"))
                .with_exit(Exit::Limit)
        }
        Error::TooMuchMemory { .. } => Problem::usage(error.to_string())
            .help("such a file is larger than other tools read; fewer units give a smaller one")
            .with_exit(Exit::Limit),
        _ => problem(error),
    }
}
