//! How available was it, and what does that say about the long run?
//!
//! A window of history gives times up and outages. Their ratio estimates the long-run odds of being down,
//! `U / (1 - U) = E[D] / E[T]` with D the length of an outage and T a time up, by the renewal-reward theorem. The intervals:
//!
//! - **Failure rate**: the mid-P interval of a Poisson process (Lancaster 1961; Cohen, Yang 1994) over the time up. The interval of
//!   Garwood (1936) never covers less than it says, and for a few failures much more: 98.7 % in place of 95 % for 3 expected.
//! - **Mean down time**: `2 S / mean` of n exponential outages of sum S is chi-square of `2 n` degrees of freedom. Where their
//!   lengths vary more, n is divided by their squared coefficient of variation.
//! - **Availability**: the ratio of the two, an F distribution; on the scale of the log odds the interval is what is
//!   certain of the mean outage and of the mean time up together. It is exact for exponential times, however few.
//! - **Heavy tails**: a sample of a heavy-tailed law mostly misses its longest outages, and its variance with them. Where at least
//!   five lengths are as skewed as those of a lognormal law, the interval also takes in what a lognormal
//!   law says about its mean (Zou, Taleban, Huo 2009, "Confidence intervals for lognormal means"), joined with the
//!   rate by the same recovery of variances.
//! - **Nothing seen**: without an outage there is a one-sided bound for the rate, `-ln(alpha) / time`, and with a stated
//!   mean outage one for the unavailability.
//!
//! `tests/observed.rs` checks how often they cover over a thousand simulated logs of each kind.

mod lengths;
mod mean;
mod odds;

use crate::data::Downtime;
use crate::data::Interval;
use crate::measure::{Estimate, ObservedMeasures};
use crate::numeric::interval::{poisson_mid_p, poisson_upper};
use crate::observed::lengths::Lengths;

pub use lengths::History;

/// Choices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// One minus the confidence level of all intervals.
    pub alpha: f64,
    /// Mean length of an outage, assumed where none was seen.
    pub mean_outage_seconds: f64,
}

impl Default for Settings {
    /// 95 %, and outages of an hour: what a person needs who is called.
    fn default() -> Self {
        Self { alpha: 0.05, mean_outage_seconds: 3_600.0 }
    }
}

/// The history of a window: its times up, its outages, their weights.
pub fn history(downtime: &Downtime, window: &Interval, lasts: bool) -> History {
    History::of(downtime, window, lasts)
}

/// What a history says. `detections` are the seconds from the start of incidents to their notice.
pub fn measure(history: &History, detections: &[f64], settings: &Settings) -> ObservedMeasures {
    let Settings { alpha, mean_outage_seconds } = *settings;
    let (outages, ups) = (Lengths::of(&history.outages), Lengths::of(&history.ups));
    let failures = history.failures;
    let up = history.up_seconds;
    let rate = poisson_mid_p(failures, alpha);
    let per = |count: f64| if up > 0.0 { Some(count / up) } else { None };
    // Without any time up, nothing is known of how long times up last.
    let times = |total: f64| Estimate {
        point: (up > 0.0 && failures > 0).then(|| total / failures as f64),
        low: (up > 0.0).then(|| total / if failures > 0 { rate.high } else { poisson_upper(0, alpha) }),
        high: (up > 0.0 && failures > 0).then(|| total / rate.low),
        confidence: 1.0 - alpha,
    };
    let up_mean = times(up);
    let down_mean = mean::interval(&outages, history.down_seconds, history.repairs, alpha);
    let valid = history.up_seconds + history.down_seconds;
    let cycle = times(valid);
    let failure_rate = Estimate {
        point: (failures > 0).then(|| per(failures as f64)).flatten(),
        low: (failures > 0).then(|| per(rate.low)).flatten(),
        high: per(if failures > 0 { rate.high } else { poisson_upper(0, alpha) }),
        confidence: 1.0 - alpha,
    };
    let weighted = Lengths::of(&history.weighted);
    let (unavailability, has_heavy_tail) = if history.weighted.is_empty() {
        (nothing_seen(up, mean_outage_seconds, alpha), false)
    } else {
        odds::interval(&weighted, history, alpha)
    };
    let detection = Lengths::of(detections);
    let sum: f64 = detections.iter().sum();
    ObservedMeasures {
        unavailability,
        failure_rate,
        mean_cycle_time: cycle,
        mean_up_time: up_mean,
        mean_down_time: down_mean,
        mean_detection_time: (!detections.is_empty())
            .then(|| mean::interval(&detection, sum, detections.len() as u64, alpha)),
        failures,
        outages: history.outages.len() as u64,
        repairs: history.repairs,
        detections: detections.len() as u64,
        up_seconds: up,
        down_seconds: history.down_seconds,
        up_variation: ups.variation(),
        down_variation: outages.variation(),
        has_heavy_tail,
        tail_widening: mean::widening(&outages, history.down_seconds, history.repairs, alpha),
        assumed_outage_seconds: history.weighted.is_empty().then_some(mean_outage_seconds),
    }
}

/// The bound that holds without an outage: the largest rate that shows none with probability `alpha`, with outages of the
/// mean length that is assumed.
fn nothing_seen(up: f64, mean_outage: f64, alpha: f64) -> Estimate {
    let odds = poisson_upper(0, alpha) / up * mean_outage;
    Estimate { point: None, low: None, high: (up > 0.0).then(|| odds / (1.0 + odds)), confidence: 1.0 - alpha }
}
