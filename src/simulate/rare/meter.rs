//! What is counted in a state and at a step, and how much of it is still to come.

use crate::dynamics::State;

/// What a state means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    /// How bad the state is: 1 while the system is down, 0 while it is up. Of a piece of a system, how much likelier its
    /// class of state makes the system to be down.
    pub(crate) badness: f64,
    /// Requests per second that are not carried, with a demand.
    pub(crate) lost: f64,
    /// Whether the capacity is below the demand.
    pub(crate) insufficient: bool,
    /// Class of the state, of a piece.
    pub(crate) class: u32,
    /// Quantities that grow with time, and how fast.
    pub(crate) rates: Vec<(u32, f64)>,
}

/// Says what is counted. Quantity 0 is badness times time, quantity 1 the increases of badness: downtime and outages.
pub(crate) trait Meter: Sync {
    /// Number of quantities.
    fn quantities(&self) -> usize;
    /// What `state` means.
    fn read(&self, state: &State) -> Reading;
    /// What counts once when `cause` (absent for recoveries) leads from one state to another.
    fn step(&self, from: &Reading, to: &Reading, cause: Option<u32>) -> Vec<(u32, f64)>;
    /// Whether lengths of outages are asked for.
    fn has_outages(&self) -> bool;
}

/// The measures that the simulation is steered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Badness times time.
    Downtime,
    /// Increases of badness.
    Outages,
    /// Requests not carried.
    Lost,
    /// Time with too little capacity.
    Insufficient,
}

impl Target {
    pub(crate) const ALL: [Self; 4] = [Self::Downtime, Self::Outages, Self::Lost, Self::Insufficient];

    /// What a second in a state costs.
    pub(crate) fn rate(self, reading: &Reading) -> f64 {
        match self {
            Self::Downtime => reading.badness,
            Self::Outages => 0.0,
            Self::Lost => reading.lost,
            Self::Insufficient => f64::from(u8::from(reading.insufficient)),
        }
    }

    /// What a step costs that changes the badness.
    pub(crate) fn jump(self, from: f64, to: f64) -> f64 {
        if self == Self::Outages { (to - from).max(0.0) } else { 0.0 }
    }
}

/// The share of plain simulation in the mixture: what the twin knows nothing of is still sampled, at most ten times worse
/// than plainly.
pub(crate) const PLAIN_SHARE: f64 = 0.1;

/// Costs of all targets in one unit: each target's weight in the mixture over its value per cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Worth {
    per_unit: [f64; Target::ALL.len()],
}

impl Worth {
    /// Equal weights for all targets with a positive value per cycle.
    pub(crate) fn of(per_cycle: [f64; Target::ALL.len()]) -> Self {
        let targets = per_cycle.iter().filter(|value| **value > 0.0).count();
        let weight = (1.0 - PLAIN_SHARE) / targets.max(1) as f64;
        Self { per_unit: per_cycle.map(|value| if value > 0.0 { weight / value } else { 0.0 }) }
    }

    pub(crate) fn per_unit(&self, target: Target) -> f64 {
        self.per_unit[target as usize]
    }

    /// Of a second in a state.
    pub(crate) fn rate(&self, reading: &Reading) -> f64 {
        Target::ALL.iter().map(|&target| self.per_unit(target) * target.rate(reading)).sum()
    }

    /// Of a step.
    pub(crate) fn jump(&self, from: f64, to: f64) -> f64 {
        Target::ALL.iter().map(|&target| self.per_unit(target) * target.jump(from, to)).sum()
    }
}
