//! What an exact engine reports.

use crate::measure::contribution::Contributions;
use crate::measure::structure::StructureMeasures;
use crate::measure::warning::Warning;

/// Long-run measures with a proven relative accuracy. Times in seconds, frequencies per second.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactMeasures {
    /// Long-run share of time down.
    pub unavailability: f64,
    /// Long-run share of time up, a sum of its own: not one minus the unavailability.
    pub availability: f64,
    /// Outages per second; absent where only probabilities are known.
    pub failure_frequency: Option<f64>,
    /// Bound on the relative error of the unavailability and of the frequency.
    pub relative_accuracy: f64,
    /// One line: which engines were used.
    pub method: String,
    /// States of all chains solved, if any.
    pub states: Option<u64>,
    /// Nodes of the decision diagram, if any.
    pub diagram_nodes: Option<u64>,
    /// Times of chains that were made of exponential phases.
    pub phased_times: Vec<PhasedTime>,
    /// Contributions; empty lists where they do not exist.
    pub contributions: Contributions<f64>,
    /// Present when the system has a demand and they could be computed.
    pub capacity: Option<CapacityMeasures<f64>>,
    /// Present for fault trees, and for static topologies on request.
    pub structure: Option<StructureMeasures>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}

/// A time of a chain that was made of exponential phases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhasedTime {
    /// The field of the file, such as `component.web.mttr`.
    pub field: String,
    /// How many phases.
    pub phases: usize,
    /// How many moments of the time the phases have; absent where they are the time itself.
    pub fitted_moments: Option<u8>,
}

/// Measures of a system with a demand.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityMeasures<T> {
    /// Requested load, requests per second.
    pub demand: f64,
    /// Expected carried demand, requests per second.
    pub carried: T,
    /// Expected demand that is not carried, requests per second (kept apart: it is the small number).
    pub lost: T,
    /// Long-run share of time with less capacity than the demand (the small complement of P(capacity >= demand)).
    pub insufficient: T,
}
