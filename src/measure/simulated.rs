//! What the simulator reports.

use crate::measure::contribution::Contributions;
use crate::measure::estimate::Estimate;
use crate::measure::exact::CapacityMeasures;
use crate::measure::warning::Warning;

/// Simulated measures, each with its interval. Times in seconds, frequencies per second.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedMeasures {
    /// Long-run share of time down.
    pub unavailability: Estimate,
    /// Outages per second; absent where only probabilities are known.
    pub failure_frequency: Option<Estimate>,
    /// Mean time between outages, 1/frequency.
    pub mean_cycle_time: Option<Estimate>,
    /// Mean up time.
    pub mean_up_time: Option<Estimate>,
    /// Mean outage.
    pub mean_down_time: Option<Estimate>,
    /// Quantiles of the outage length.
    pub outage_lengths: Option<OutageLengths>,
    /// Contributions; empty lists where they do not exist.
    pub contributions: Contributions<Estimate>,
    /// Present when the system has a demand.
    pub capacity: Option<CapacityMeasures<Estimate>>,
    /// One line: which method and how the interval was made.
    pub method: String,
    /// Name of the random generator.
    pub generator: &'static str,
    /// Seed.
    pub seed: u64,
    /// Events simulated.
    pub events: u64,
    /// Outages seen.
    pub outages: u64,
    /// Regenerative cycles, or batches, behind the interval.
    pub cycles: u64,
    /// Simulated time, seconds.
    pub simulated_seconds: f64,
    /// Why it ended.
    pub stopped_by: StopReason,
    /// What decided whether an interval is given.
    pub diagnostics: Diagnostics,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}

/// Quantiles of the outage length, seconds: (probability, length).
#[derive(Clone, Debug, PartialEq)]
pub struct OutageLengths {
    /// (probability, length in seconds), ascending.
    pub quantiles: Vec<(f64, f64)>,
    /// Outages behind them.
    pub count: u64,
    /// The longest one seen, seconds.
    pub longest: f64,
}

/// Why a simulation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The wanted precision was reached.
    Precision,
    /// The given number of events.
    Events,
    /// The given number of simulated years.
    Years,
    /// The time limit.
    TimeLimit,
    /// Ctrl-C.
    Interrupted,
}

/// What decided whether an interval is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics {
    /// Effective number of cycles behind the unavailability: (sum z)^2 / sum z^2 over downtime per cycle.
    pub effective_sample_size: f64,
    /// Share of the downtime that the worst cycle brought.
    pub largest_share: f64,
    /// Cycles (or batches) with an outage.
    pub cycles_with_outage: u64,
    /// Code of the rule that forbade an interval, if one did.
    pub refused: Option<String>,
}
