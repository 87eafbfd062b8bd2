//! Clocks: what runs in a state, and what follows when it rings.

use crate::dynamics::levers::Draw;
use crate::dynamics::state::State;

/// Whether a clock takes something away or gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A failure of a unit, of a domain, or a common cause.
    Loss,
    /// Detection, restart, repair, failover, return of a domain.
    Recovery,
}

/// What a clock belongs to; with [`Clock::stage`] its identity from one state to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockKey(pub u32);

/// A running clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// What it belongs to.
    pub key: ClockKey,
    /// What it is doing there. A clock survives a transition when its (key, stage) runs before and after, it is
    /// not the one that rang, and the outcome does not list its key as renewed.
    pub stage: u32,
    /// Loss or recovery.
    pub kind: Kind,
    /// Index into [`Dynamics::distributions`](crate::dynamics::Dynamics::distributions).
    pub distribution: usize,
    /// How fast its time is used up; may be 0 (a cold standby keeps its age).
    pub speed: f64,
    /// How many identical clocks this one stands for (1 unless asked for lumped clocks).
    pub multiplicity: u32,
    /// Index into [`Dynamics::causes`](crate::dynamics::Dynamics::causes), for losses.
    pub cause: Option<usize>,
}

/// One possible result of a clock's ringing.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its probability; those of one ringing add up to 1.
    pub probability: f64,
    /// The state after everything immediate has happened.
    pub state: State,
    /// Keys whose clocks start afresh although their stage did not change (almost always empty: only a unit
    /// that came back at the very instant at which it failed).
    pub renewed: Vec<ClockKey>,
    /// The derivative of the probability by how likely each draw with two ends is to fail; draws that it does not go
    /// through are left out.
    pub slopes: Vec<(Draw, f64)>,
}
