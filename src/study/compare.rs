//! One topology among others: measured exactly where that is possible, else by simulation.

use crate::exact;
use crate::measure::{ExactMeasures, Observer, SimulatedMeasures, Stop, StopReason};
use crate::simulate;
use crate::topology::Model;

/// How to run the engines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The exact engine's.
    pub exact: exact::Settings,
    /// The simulator's.
    pub simulate: simulate::Settings,
}

/// What is known of a topology.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// By the exact engine.
    Exact(Box<ExactMeasures>),
    /// By simulation, because the exact engine refused.
    Simulated {
        /// What was found.
        measures: Box<SimulatedMeasures>,
        /// Why the exact engine refused.
        refusal: String,
    },
    /// Nothing: why either engine refused.
    Unknown {
        /// The exact engine.
        exact: String,
        /// The simulation.
        simulate: String,
    },
}

/// Measures `model`.
///
/// # Errors
/// When `observer` stopped it.
pub fn measure(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<Measured, Stop> {
    let refusal = match exact::solve(model, &settings.exact, observer) {
        Ok(measures) => return Ok(Measured::Exact(Box::new(measures))),
        Err(exact::Error::Stopped(stop)) => return Err(stop),
        Err(error) => error.to_string(),
    };
    match simulate::simulate(model, &settings.simulate, observer) {
        Ok(measures) if measures.stopped_by == StopReason::Interrupted => Err(Stop::Interrupted),
        Ok(measures) => Ok(Measured::Simulated { measures: Box::new(measures), refusal }),
        Err(error) => Ok(Measured::Unknown { exact: refusal, simulate: error.to_string() }),
    }
}
