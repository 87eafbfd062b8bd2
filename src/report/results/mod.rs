//! The result of each command: what its JSON holds, and how it is laid out.

pub mod availability;
pub mod bounds;
pub mod budget;
pub mod budget_log;
pub mod burn;
pub mod burn_plan;
pub mod check;
pub mod compare;
pub mod diagnostics;
pub mod fit;
pub mod incidents;
pub mod load;
pub mod log;
pub mod measures;
pub mod observed;
pub mod over_time;
pub mod predict;
pub mod sensitivity;
pub mod simulate;
pub mod slo;
pub mod solve;
pub mod structure;
pub mod template;
pub mod uncertainty;
pub mod verify;

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::Warning;
use crate::report::number::Units;
use crate::report::sheet::Sheet;

/// A result that can be laid out as tables.
pub trait Layout {
    /// Tables and notes.
    fn sheet(&self, units: Units) -> Sheet;

    /// A drawing of text that follows the tables, for a terminal of so many columns.
    fn drawing(&self, _columns: usize, _units: Units) -> Option<String> {
        None
    }
}

/// What surrounds every JSON report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Envelope<S, R> {
    /// The version of this layout: `ninefold.report/1`.
    pub schema: String,
    /// The command that made the report.
    pub command: String,
    /// The version of ninefold.
    pub version: String,
    /// The topology, for commands that read one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelInfo>,
    /// The settings in force.
    pub settings: S,
    /// What was found.
    pub result: R,
    /// What the reader must know.
    pub warnings: Vec<WarningInfo>,
}

/// How far the exact engine was to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExactSettings {
    /// Canonical states that a chain may have.
    pub max_states: u64,
    /// Memory that a chain may take, about, in MiB.
    pub max_memory_mib: u64,
    /// Nodes that a decision diagram of a structure may have.
    pub max_nodes: u64,
    /// Whether times that are not exponential were replaced.
    pub approximate: bool,
    /// Phases, at most, that other times were fitted with, when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phases: Option<u32>,
}

/// Which topology was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModelInfo {
    /// Its `name`.
    pub name: Option<String>,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Changes that were made to the file before it was read, as they were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WarningInfo {
    /// Stable code.
    pub code: String,
    /// One sentence.
    pub message: String,
}

impl WarningInfo {
    /// A warning with its code.
    pub fn new(code: &str, message: String) -> Self {
        Self { code: code.to_owned(), message }
    }
}

impl From<&Warning> for WarningInfo {
    fn from(warning: &Warning) -> Self {
        Self::new(warning.code, warning.message.clone())
    }
}

/// The layout version of all reports.
pub const SCHEMA: &str = "ninefold.report/1";
