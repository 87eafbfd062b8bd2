//! `template`: ready topologies.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::Format;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::find_template;
use crate::report::results::template::{TemplateResult, TemplateSettings};

/// List ready topologies, or print one as a file to start from.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ninefold template\n  ninefold template active-standby > topology.toml")]
pub(crate) struct Arguments {
    /// Print this one
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let result = match &arguments.name {
        None => TemplateResult::all(),
        Some(name) if session.format == Format::Json => TemplateResult::one(find_template(name)?),
        Some(name) => {
            session.write(find_template(name)?.text)?;
            return Ok(Exit::Done);
        }
    };
    session.print(Report {
        command: "template",
        model: None,
        settings: TemplateSettings {},
        result,
        warnings: Vec::new(),
    })?;
    Ok(Exit::Done)
}
