//! `convert`: a topology for other tools.

use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::cli::source::Source;
use crate::structure::static_tree::fault_tree;
use crate::topology::write::open_psa;

/// Write a static topology in the format of other tools, so that they can check the result.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold convert topology.toml --to open-psa -o topology.xml\n  ninefold convert --template three-regions | ninefold solve -"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Target::OpenPsa)]
    to: Target,
}

/// Formats of other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Open-PSA model exchange format: a fault tree in XML, one basic event for each unit and each domain
    OpenPsa,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let loaded = arguments.source.load(session)?;
    let Target::OpenPsa = arguments.to;
    let tree = fault_tree(&loaded.model).map_err(|reason| {
        Problem::usage(format!("the topology is no fault tree: {reason}"))
            .help("a fault tree has independent events only; `ninefold solve` takes the topology as it is")
    })?;
    session.write(&open_psa(&tree))?;
    Ok(Exit::Done)
}
