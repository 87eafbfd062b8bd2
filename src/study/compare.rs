//! One topology among others: measured exactly where that is possible, else between narrow bounds, else by simulation.

use crate::exact;
use crate::measure::{BoundedMeasures, ExactMeasures, Observer, SimulatedMeasures, Stop, StopReason};
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

/// Relative width that bounds are to have, and states that are explored for it: less than a simulation would cost.
const WIDTH: f64 = 1e-6;
const MOST_STATES: usize = 50_000;

/// What is known of a topology.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// By the exact engine.
    Exact(Box<ExactMeasures>),
    /// Between bounds that are narrower than a simulation was to find, because the exact engine refused.
    Bounded {
        /// What was found.
        measures: Box<BoundedMeasures>,
        /// Why the exact engine refused.
        refusal: String,
    },
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
    let error = match exact::solve(model, &settings.exact, observer) {
        Ok(measures) => return Ok(Measured::Exact(Box::new(measures))),
        Err(exact::Error::Stopped(stop)) => return Err(stop),
        Err(error) => error,
    };
    let refusal = error.to_string();
    if let Some(measures) = narrow_bounds(model, settings, &error, observer)? {
        return Ok(Measured::Bounded { measures: Box::new(measures), refusal });
    }
    match simulate::simulate(model, &settings.simulate, observer) {
        Ok(measures) if measures.stopped_by == StopReason::Interrupted => Err(Stop::Interrupted),
        Ok(measures) => Ok(Measured::Simulated { measures: Box::new(measures), refusal }),
        Err(error) => Ok(Measured::Unknown { exact: refusal, simulate: error.to_string() }),
    }
}

/// Bounds that are narrower than a simulation was to find, of what is too large for more.
fn narrow_bounds(
    model: &Model,
    settings: &Settings,
    error: &exact::Error,
    observer: &dyn Observer,
) -> Result<Option<BoundedMeasures>, Stop> {
    use exact::Error;
    let is_large = matches!(error, Error::TooManyStates { .. } | Error::TooMuchMemory { .. } | Error::Diagram(_));
    if !is_large {
        return Ok(None);
    }
    let exact = exact::Settings { max_states: settings.exact.max_states.min(MOST_STATES), ..settings.exact.clone() };
    let enough = settings.simulate.precision.unwrap_or(WIDTH);
    match exact::bounds(model, &exact, WIDTH, observer) {
        Ok(measures) => Ok((measures.relative_width <= enough).then_some(measures)),
        Err(Error::Stopped(stop)) => Err(stop),
        Err(_) => Ok(None),
    }
}
