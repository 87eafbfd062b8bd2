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
    /// Between bounds, because the exact engine refused, and a simulation was to find no more, or found nothing.
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
    let bounds = bounds(model, settings, &error, observer)?;
    // A simulation finds half of the width of its interval.
    let enough = 2.0 * settings.simulate.precision.unwrap_or(WIDTH);
    let bounded =
        |measures: BoundedMeasures| Measured::Bounded { measures: Box::new(measures), refusal: refusal.clone() };
    let bounds = match bounds {
        Some(measures) if measures.relative_width <= enough => return Ok(bounded(measures)),
        wide => wide,
    };
    match simulate::simulate(model, &settings.simulate, observer) {
        Ok(measures) if measures.stopped_by == StopReason::Interrupted => Err(Stop::Interrupted),
        Ok(measures) => Ok(match bounds {
            Some(wide) if measures.unavailability.point.is_none() => bounded(wide),
            _ => Measured::Simulated { measures: Box::new(measures), refusal },
        }),
        Err(error) => Ok(Measured::Unknown { exact: refusal, simulate: error.to_string() }),
    }
}

/// Bounds of what is too large for more.
fn bounds(
    model: &Model,
    settings: &Settings,
    error: &exact::Error,
    observer: &dyn Observer,
) -> Result<Option<BoundedMeasures>, Stop> {
    if !error.is_too_large() {
        return Ok(None);
    }
    let exact = exact::Settings { max_states: settings.exact.max_states.min(MOST_STATES), ..settings.exact.clone() };
    match exact::bounds(model, &exact, WIDTH, observer) {
        Ok(measures) => Ok(Some(measures)),
        Err(exact::Error::Stopped(stop)) => Err(stop),
        Err(_) => Ok(None),
    }
}
