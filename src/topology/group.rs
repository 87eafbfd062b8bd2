//! A group: units arranged for redundancy.

use crate::numeric::distribution::Distribution;
use crate::quantity::Probability;
use crate::topology::identity::{ComponentId, CrewId, DomainId};

/// Units of one component, active and standby.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name in the file; of the component for an implicit group.
    pub name: String,
    /// What its units are.
    pub component: ComponentId,
    /// Number of slots, at least 1.
    pub active: u32,
    /// Slots that must be served, 1..=active.
    pub need: u32,
    /// Waiting units.
    pub standby: Option<Standby>,
    /// How a standby takes over; `None` switches at once.
    pub failover: Option<Failover>,
    /// Unit i (0-based, active ones first) is placed in `spread[i % spread.len()]`.
    pub spread: Vec<DomainId>,
    /// Domains that all units share.
    pub depends: Vec<DomainId>,
    /// Who repairs; `None`: every repair starts at once.
    pub crew: Option<CrewId>,
    /// The share beta of failures that hit the whole group; strictly between 0 and 1 (`beta = 1` too) when present.
    pub common_cause: Option<Probability>,
    /// The exponent of `(active / served)^load`.
    pub load: Option<f64>,
    /// True for a component named directly in `up`.
    pub implicit: bool,
    /// Rank of the part in the file (position of its header).
    pub file_position: usize,
}

impl Group {
    /// Units in all: active and standby.
    pub fn units(&self) -> usize {
        self.active as usize + self.standby.as_ref().map_or(0, |standby| standby.count as usize)
    }
}

/// Units without a slot that wait to take one over.
#[derive(Clone, Debug, PartialEq)]
pub struct Standby {
    /// How many, at least 1.
    pub count: u32,
    /// Hot, warm or cold.
    pub mode: StandbyMode,
    /// Speed at which a standby's life is used up: hot 1, cold 0, warm as given.
    pub ageing: f64,
    /// How the failure of a unit without a slot is noticed, in place of `detect`.
    pub check: Option<Distribution>,
}

/// The kind of a standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandbyMode {
    /// Ages like an active unit.
    Hot,
    /// Ages at a given speed.
    Warm,
    /// Does not age.
    Cold,
}

/// How a standby takes a lost slot over.
#[derive(Clone, Debug, PartialEq)]
pub struct Failover {
    /// How long it takes when it works; may be zero.
    pub takes: Distribution,
    /// The probability that it works, drawn at the start.
    pub works: Probability,
    /// How long it takes when a person is needed.
    pub otherwise: Option<Distribution>,
}
