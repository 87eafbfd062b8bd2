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
//! [`windows`] tells how much windows of a given length differ.
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
mod quantiles;
mod rare;
mod refusal;
mod rounds;
mod seen;
mod shares;
mod tally;
mod walk;
mod watch;
pub mod windows;

use rare::Choice;
use thiserror::Error;

use crate::dynamics::Dynamics;
use crate::measure::{Observer, SimulatedMeasures};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::in_step;
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
    /// Importance sampling was asked for and has nothing to go for.
    #[error("importance sampling has nothing to steer for: {NO_OUTAGE}")]
    NoOutageFound,
}

const NO_OUTAGE: &str = "no outage was found among the states that can be explored";

const TOO_EARLY: &str = "it was stopped before the states that lead to outages were explored";

/// How `model` would be simulated, and why so, in a few words.
///
/// # Errors
/// When nothing in the model can fail.
pub fn method(model: &Model, observer: &dyn Observer) -> Result<String, Error> {
    let dynamics = Dynamics::new(model, &Scope::relevant(model));
    if dynamics.clocks(&dynamics.start()).is_empty() {
        return Err(Error::NothingHappens);
    }
    let facts = facts::FactsOf::new(model, &dynamics);
    let (plan, reason) = choose(model, &facts, &Settings::default(), observer)?;
    let method = if plan.is_some() { "importance sampling" } else { "plain simulation" };
    let engine = if dynamics.is_exponential() { "by jumps between states" } else { "of discrete events" };
    Ok(format!("{method} {engine}; {reason}"))
}

/// Simulates `model` until the wanted precision, a limit, or `observer` ends it.
///
/// # Errors
/// When nothing in the model can fail, or when importance sampling was asked for and no outage can be found by exploring.
pub fn simulate(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<SimulatedMeasures, Error> {
    let mut measures = simulated(model, settings, observer)?;
    measures.warnings.extend(in_step(model, &Partition::of(model, Purpose::Availability)));
    Ok(measures)
}

fn simulated(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<SimulatedMeasures, Error> {
    let dynamics = Dynamics::new(model, &Scope::relevant(model));
    if dynamics.clocks(&dynamics.start()).is_empty() {
        return Err(Error::NothingHappens);
    }
    let exponential = dynamics.is_exponential();
    let facts = facts::FactsOf::new(model, &dynamics);
    let (plan, mut reason) = choose(model, &facts, settings, observer)?;
    if let Some(plan) = plan {
        if let Some(measures) = plan.simulate(settings, &reason, observer) {
            return Ok(measures);
        }
        reason = no_plan(settings, observer)?;
    }
    let engines = settings.threads.max(1);
    let finished = if exponential {
        rounds::run(&facts, settings, observer, || jump::Jump::new(&facts, engines))
    } else {
        rounds::run(&facts, settings, observer, || calendar::Calendar::new(&facts, engines))
    };
    Ok(conclude::conclude(model, &facts, settings, exponential, reason, finished))
}

/// The plan of importance sampling, or none for plain simulation, and why. What `observer` ends is left to plain simulation,
/// which reports that it was ended.
fn choose<'a>(
    model: &'a Model,
    facts: &'a facts::FactsOf<'a>,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<(Option<rare::Plan<'a>>, String), Error> {
    let asked_for = || "asked for".to_owned();
    match settings.method {
        Method::Plain => return Ok((None, asked_for())),
        Method::Auto if settings.seconds.is_some() => return Ok((None, "the simulated time is limited".to_owned())),
        Method::Auto | Method::Importance => {}
    }
    match (rare::Plan::of(model, facts, settings, observer), settings.method) {
        (Choice::Good(plan) | Choice::Poor(plan), Method::Importance) => Ok((Some(plan), asked_for())),
        (Choice::Good(plan), _) => {
            let reason = plan.reason.clone();
            Ok((Some(plan), reason))
        }
        (Choice::Poor(plan), _) => Ok((None, plan.reason)),
        (Choice::Impossible, _) => Ok((None, no_plan(settings, observer)?)),
    }
}

/// Why rare events cannot be made likelier.
fn no_plan(settings: &Settings, observer: &dyn Observer) -> Result<String, Error> {
    match settings.method {
        _ if observer.stop().is_some() => Ok(TOO_EARLY.to_owned()),
        Method::Importance => Err(Error::NoOutageFound),
        Method::Auto | Method::Plain => Ok(NO_OUTAGE.to_owned()),
    }
}
