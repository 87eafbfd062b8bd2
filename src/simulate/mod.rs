//! Monte Carlo simulation of any topology with any distributions.
//!
//! A fixed number of independent random streams ([`path::Path`]) is advanced in rounds of growing length ([`rounds`]), on
//! as many threads as there are; streams are merged in their order, so the result does not depend on the number of threads.
//! Where all clocks are exponential a path jumps over canonical states ([`jump`]); otherwise each clock that is not
//! memoryless keeps its residual time ([`calendar`]).
//!
//! Where there is a state at whose entry everything starts afresh, statistics are those of regenerative cycles (Crane,
//! Iglehart 1975); otherwise each stream, after a warm-up, is one replication. Both are ratio estimates
//! ([`merged`]). Where the data cannot support an interval ([`refusal`]), there is none, but a bound that holds ([`bounds`]).
//!
//! Checked against the exact engine (`tests/agreement`) and for interval coverage over hundreds of seeds
//! (`tests/coverage.rs`).

mod bounds;
mod calendar;
mod conclude;
mod facts;
mod jump;
mod lengths;
mod merged;
mod path;
mod pilot;
mod precision;
mod rare;
mod refusal;
mod rounds;
mod seen;
mod tally;
mod walk;

use thiserror::Error;

use crate::dynamics::Dynamics;
use crate::measure::{Observer, SimulatedMeasures};
use crate::topology::{Model, Scope};

/// How outages are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// As suits the model.
    #[default]
    Auto,
    /// As they come: every event with its own probability.
    Plain,
    /// By making them likelier and weighing them accordingly.
    Importance,
}

/// How to simulate. The limits that are given all apply; the first one that is reached ends the simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How outages are found.
    pub method: Method,
    /// Relative half width of the intervals of unavailability and frequency at which to stop; absent: only limits stop.
    pub precision: Option<f64>,
    /// Probability that an interval misses: 0.05 for 95 %.
    pub alpha: f64,
    /// Seed of all random streams.
    pub seed: u64,
    /// Threads; results do not depend on it, unless the observer ends the run.
    pub threads: usize,
    /// Events after which to stop.
    pub events: Option<u64>,
    /// Simulated seconds after which to stop; for plain simulation.
    pub seconds: Option<f64>,
    /// Seconds beyond which outages count as long, if their share is asked for.
    pub long_outage: Option<f64>,
}

impl Default for Settings {
    /// 1 % at 95 %, the usual choices; one thread, since the engine does not ask the machine how many there are.
    fn default() -> Self {
        Self {
            method: Method::Auto,
            precision: Some(0.01),
            alpha: 0.05,
            seed: 1,
            threads: 1,
            events: None,
            seconds: None,
            long_outage: None,
        }
    }
}

/// Why there is nothing to simulate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// Nothing in the model can ever change.
    #[error("nothing in the model can fail, so there is nothing to simulate")]
    NothingHappens,
}

/// How `model` would be simulated, in a few words.
///
/// # Errors
/// When nothing in the model can fail.
pub fn method(model: &Model) -> Result<&'static str, Error> {
    let dynamics = Dynamics::new(model, &Scope::relevant(model));
    if dynamics.clocks(&dynamics.start()).is_empty() {
        return Err(Error::NothingHappens);
    }
    let exponential = dynamics.distributions().iter().all(crate::numeric::distribution::Distribution::is_exponential);
    Ok(if exponential { "plain simulation by jumps between states" } else { "plain simulation of discrete events" })
}

/// Simulates `model` until the wanted precision, a limit, or `observer` ends it.
///
/// # Errors
/// When nothing in the model can fail.
pub fn simulate(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<SimulatedMeasures, Error> {
    let scope = Scope::relevant(model);
    let dynamics = Dynamics::new(model, &scope);
    if dynamics.clocks(&dynamics.start()).is_empty() {
        return Err(Error::NothingHappens);
    }
    let exponential = dynamics.distributions().iter().all(crate::numeric::distribution::Distribution::is_exponential);
    let facts = facts::FactsOf::new(model, &dynamics);
    if settings.method != Method::Plain {
        let plan = match (rare::Plan::of(model, &facts, settings, observer), settings.method) {
            (rare::Choice::Good(plan), _) | (rare::Choice::Poor(plan), Method::Importance) => Some(plan),
            (rare::Choice::Poor(_) | rare::Choice::Impossible, _) => None,
        };
        if let Some(measures) = plan.and_then(|plan| plan.simulate(settings, observer)) {
            return Ok(measures);
        }
    }
    let engines = settings.threads.max(1);
    let finished = if exponential {
        rounds::run(&facts, settings, observer, || jump::Jump::new(&facts, engines))
    } else {
        rounds::run(&facts, settings, observer, || calendar::Calendar::new(&facts, engines))
    };
    Ok(conclude::conclude(model, &facts, settings, exponential, finished))
}
