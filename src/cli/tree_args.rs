//! Options of fault trees, for commands that take these beside topologies.

use clap::Args;

use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::cli::source::{Any, Source};
use crate::topology::read::OpenPsaOptions;

/// What a fault tree is asked for.
#[derive(Debug, Args)]
pub(crate) struct TreeArguments {
    /// Top event of a fault tree [default: the only gate that no other gate names]
    #[arg(long, value_name = "GATE", help_heading = "Fault trees")]
    top: Option<String>,
    /// What `system-mission-time` of a fault tree stands for
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Fault trees")]
    mission_time: Option<String>,
}

impl TreeArguments {
    /// Reads what `source` names. Where that is a topology, none of these options may be given.
    pub(crate) fn load(&self, source: &Source, session: &Session) -> Result<Any, Problem> {
        let mission_time = self.mission_time.as_ref();
        let mission_time = mission_time.map(|text| session.positive_duration("--mission-time", text)).transpose()?;
        let mission_hours = mission_time.map(|time| time.seconds() / 3_600.0);
        match source.load_any(OpenPsaOptions { top: self.top.as_deref(), mission_hours }, session)? {
            Any::Topology(_) if self.top.is_some() => Err(for_trees_only("--top")),
            Any::Topology(_) if self.mission_time.is_some() => Err(for_trees_only("--mission-time")),
            loaded => Ok(loaded),
        }
    }
}

fn for_trees_only(option: &str) -> Problem {
    Problem::usage(format!("`{option}` is for fault trees, and this is a topology"))
}
