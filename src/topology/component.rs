//! A component: one unit that can fail, and its ways back.

use crate::numeric::distribution::Distribution;
use crate::quantity::Probability;

/// One kind of unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Name in the file.
    pub name: String,
    /// How it fails.
    pub failure: Failure,
    /// The component's own `detect`: default of its modes, and the delay with which a loss by a domain is noticed
    /// (zero: at once).
    pub detect: Distribution,
    /// Requests per second of one unit.
    pub capacity: Option<f64>,
    /// Cost per unit and month.
    pub cost: Option<f64>,
    /// Rank of the part in the file (position of its header), for rules that go by file order.
    pub file_position: usize,
}

/// How a component fails.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// Competing modes with times; at least one.
    Modes(Vec<Mode>),
    /// Only a probability of being down; frequencies do not exist.
    Probability(Probability),
}

impl Component {
    /// The failure modes; empty for a component that only has a probability.
    pub fn modes(&self) -> &[Mode] {
        match &self.failure {
            Failure::Modes(modes) => modes,
            Failure::Probability(_) => &[],
        }
    }

    /// Whether some life is not exponential: then units differ by their age.
    pub(crate) fn has_ages(&self) -> bool {
        self.modes().iter().any(|mode| !mode.life.is_exponential())
    }
}

/// One way to fail, with its own way back.
#[derive(Clone, Debug, PartialEq)]
pub struct Mode {
    /// Name; `failure` for the mode written on the component itself.
    pub name: String,
    /// Whether it has a table of its own in `modes`; else it is written on the component itself.
    pub has_table: bool,
    /// Operating time to failure (`mtbf`).
    pub life: Distribution,
    /// Delay until the failure is noticed; zero: at once.
    pub detect: Distribution,
    /// Whether the mode has a `detect` of its own; else it is the component's.
    pub detect_is_own: bool,
    /// Automatic recovery, tried first.
    pub restart: Option<Restart>,
    /// Manual repair, from its start to service.
    pub repair: Option<Distribution>,
}

impl Mode {
    /// The path of the table that its keys stand in.
    pub fn path(&self, component: &str) -> String {
        if self.has_table {
            format!("component.{component}.modes.{}", self.name)
        } else {
            format!("component.{component}")
        }
    }
}

/// Automatic recovery of a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Restart {
    /// How long it takes; may be zero.
    pub takes: Distribution,
    /// The probability that it works (below 1 the mode has a `repair`).
    pub works: Probability,
}
