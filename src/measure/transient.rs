//! What happens in the time after everything was up, and how long outages last.

use crate::measure::warning::Warning;

/// Measures that depend on a time. Times in seconds. A number that is absent could not be computed as well as all are: to
/// 1e-10 of itself; a warning says why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransientMeasures {
    /// One for each time that was asked for.
    pub points: Vec<PointMeasures>,
    /// Mean time from all-up to the first outage.
    pub mean_time_to_first_outage: Option<f64>,
    /// One for each recovery-time objective.
    pub beyond: Vec<BeyondObjective>,
    /// One for each probability.
    pub quantiles: Vec<LengthQuantile>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
    /// Whether every number that was asked for is there, as far as it exists.
    pub is_complete: bool,
}

/// What is known of a time after everything was up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PointMeasures {
    /// The time t.
    pub time: f64,
    /// Probability of being down at t.
    pub unavailability: Option<f64>,
    /// Expected time down in [0, t].
    pub downtime: Option<f64>,
    /// Probability that an outage begins before t.
    pub outage_probability: Option<f64>,
}

/// Outages of the long run that are longer than an objective.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BeyondObjective {
    /// The objective.
    pub objective: f64,
    /// Share of the outages that last longer: the probability that one does.
    pub share_of_outages: Option<f64>,
    /// Share of all downtime that is in these.
    pub share_of_downtime: Option<f64>,
}

/// A quantile of the outage length in the long run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LengthQuantile {
    /// The share of outages that are at most so long.
    pub probability: f64,
    /// So long.
    pub length: Option<f64>,
}
