//! What was observed of a system, with what it says about the long run.

use crate::measure::Estimate;

/// Measures estimated from a window of history. Times are in seconds, rates in 1/second.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedMeasures {
    /// Share of the valid time that was down (weighted), with an interval for the long run.
    pub unavailability: Estimate,
    /// Failures per time up.
    pub failure_rate: Estimate,
    /// Mean time from failure to failure: `mean_up_time` and `mean_down_time` together.
    pub mean_cycle_time: Estimate,
    /// Mean time up.
    pub mean_up_time: Estimate,
    /// Mean time down.
    pub mean_down_time: Estimate,
    /// Mean time to detect; absent when the log does not say.
    pub mean_detection_time: Option<Estimate>,
    /// Failures inside of the window.
    pub failures: u64,
    /// Outages that have a part in the window.
    pub outages: u64,
    /// Outages that were over inside of the window.
    pub repairs: u64,
    /// Incidents that say when they were noticed.
    pub detections: u64,
    /// Time up.
    pub up_seconds: f64,
    /// Time down, every outage in full.
    pub down_seconds: f64,
    /// Squared coefficient of variation of the times up that are complete; absent below two of them.
    pub up_variation: Option<f64>,
    /// Squared coefficient of variation of the lengths of outages; absent below two of them.
    pub down_variation: Option<f64>,
    /// Whether the interval also holds what a lognormal law of the lengths of outages says.
    pub has_heavy_tail: bool,
    /// How many times larger the upper bound of the mean down time is for what a lognormal law says; 1 when it is not.
    pub tail_widening: f64,
    /// The mean length of an outage that was assumed because none was seen.
    pub assumed_outage_seconds: Option<f64>,
}
