//! One semantics for every engine: what a failure, a detection, a failover and a repair do.
//!
//! [`Dynamics`] is compiled from a model (or from a part of it, a [`Scope`]). It offers compact states, the clocks that run in
//! a state, and the effect of each clock with all immediate decisions already taken.

use crate::measure::Cause;
use crate::numeric::distribution::Distribution;
use crate::topology::{DomainId, GroupId, Model};

/// Which groups and domains of a model take part. Crews follow from the groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Groups, ascending.
    pub groups: Vec<GroupId>,
    /// Domains, ascending; closed under `within`.
    pub domains: Vec<DomainId>,
}

/// A discrete state: small integers, comparable and hashable. Its layout belongs to the [`Dynamics`] that made it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State(Box<[u16]>);

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
    /// What it is doing there. A clock survives a transition when its (key, stage) runs before and after, it is not the
    /// one that rang, and the outcome does not list its key as renewed.
    pub stage: u32,
    /// Loss or recovery.
    pub kind: Kind,
    /// Index into [`Dynamics::distributions`].
    pub distribution: usize,
    /// How fast its time is used up; may be 0 (a cold standby keeps its age).
    pub speed: f64,
    /// How many identical clocks this one stands for (1 unless asked for lumped clocks).
    pub multiplicity: u32,
    /// Index into [`Dynamics::causes`], for losses.
    pub cause: Option<usize>,
}

/// One possible result of a clock's ringing.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its probability; those of one ringing add up to 1.
    pub probability: f64,
    /// The state after everything immediate has happened.
    pub state: State,
    /// Keys whose clocks start afresh although their stage did not change (almost always empty).
    pub renewed: Vec<ClockKey>,
}

/// The compiled semantics of a scope.
#[derive(Debug)]
pub struct Dynamics {
    distributions: Vec<Distribution>,
    causes: Vec<Cause>,
}

impl Dynamics {
    /// Compiles the part `scope` of `model`.
    pub fn new(model: &Model, scope: &Scope) -> Self {
        let _ = (model, scope);
        unimplemented!()
    }

    /// Everything that can matter to `up` (parts named there, their domains, and groups that share a binding crew with them).
    pub fn relevant_scope(model: &Model) -> Scope {
        let _ = model;
        unimplemented!()
    }

    /// The distributions that clocks refer to.
    pub fn distributions(&self) -> &[Distribution] {
        &self.distributions
    }

    /// The events that can begin an outage.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// All-up: every unit works, every slot is served by its first owner, every domain is up.
    pub fn start(&self) -> State {
        unimplemented!()
    }

    /// The clocks that run in `state`, in file and number order; each unit's apart.
    pub fn clocks(&self, state: &State) -> Vec<Clock> {
        let _ = state;
        unimplemented!()
    }

    /// As [`Dynamics::clocks`], but identical clocks of interchangeable units merged ([`Clock::multiplicity`]); for
    /// exponential models, on canonical states.
    pub fn lumped_clocks(&self, state: &State) -> Vec<Clock> {
        let _ = state;
        unimplemented!()
    }

    /// What follows when the clocks `ringing` (all enabled in `state`) ring at one instant; usually one clock. Handles them and
    /// everything immediate in the order: repairs and restarts, notices, failovers, failures, each in file and number order.
    pub fn ring(&self, state: &State, ringing: &[Clock]) -> Vec<Outcome> {
        let _ = (state, ringing);
        unimplemented!()
    }

    /// The representative of `state` among the states that differ only by names of interchangeable units.
    pub fn canonical(&self, state: &State) -> State {
        let _ = state;
        unimplemented!()
    }

    /// Whether `group` has enough served slots.
    pub fn group_up(&self, state: &State, group: GroupId) -> bool {
        let _ = (state, group);
        unimplemented!()
    }

    /// Whether `domain` and all domains around it are up.
    pub fn domain_up(&self, state: &State, domain: DomainId) -> bool {
        let _ = (state, domain);
        unimplemented!()
    }

    /// Slots of `group` that are served.
    pub fn served(&self, state: &State, group: GroupId) -> u32 {
        let _ = (state, group);
        unimplemented!()
    }

    /// Slots of `group` that are lost without anybody having noticed.
    pub fn unnoticed(&self, state: &State, group: GroupId) -> u32 {
        let _ = (state, group);
        unimplemented!()
    }

    /// Failed units plus domains down.
    pub fn order(&self, state: &State) -> u32 {
        let _ = state;
        unimplemented!()
    }
}
