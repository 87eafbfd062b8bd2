//! What the simulator reports.

use crate::measure::contribution::Contributions;
use crate::measure::estimate::Estimate;
use crate::measure::exact::CapacityMeasures;
use crate::measure::observer::Stop;
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
    /// Outages longer than a recovery-time objective, if there is one and outages have lengths.
    pub outages_beyond: Option<OutagesBeyond>,
    /// Contributions; empty lists where they do not exist.
    pub contributions: Contributions<Estimate>,
    /// Present when the system has a demand.
    pub capacity: Option<CapacityMeasures<Estimate>>,
    /// One line: which method and how the interval was made.
    pub method: String,
    /// Why that method, a fragment.
    pub method_reason: String,
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

/// Outages longer than a recovery-time objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutagesBeyond {
    /// The objective, seconds.
    pub objective: f64,
    /// The share of the outages that are longer.
    pub share_of_outages: Estimate,
    /// The share of the downtime in them.
    pub share_of_downtime: Estimate,
}

/// A quantile of the outage length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutageQuantile {
    /// Share of the outages that are at most so long.
    pub probability: f64,
    /// The length, seconds.
    pub seconds: f64,
    /// Lower end of its interval, seconds; absent where the data do not hold one.
    pub low: Option<f64>,
    /// Upper end likewise.
    pub high: Option<f64>,
}

/// Quantiles of the outage length.
#[derive(Clone, Debug, PartialEq)]
pub struct OutageLengths {
    /// Ascending.
    pub quantiles: Vec<OutageQuantile>,
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
    /// There is no interval, and no amount of work would lead to one.
    NoInterval,
}

impl From<Stop> for StopReason {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::TimeLimit => Self::TimeLimit,
            Stop::Interrupted => Self::Interrupted,
        }
    }
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
    /// Of importance sampling.
    pub importance: Option<ImportanceChecks>,
}

/// What decided whether an interval of importance sampling is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportanceChecks {
    /// Of which piece all of this is; absent where the system was sampled as a whole.
    pub piece: Option<CheckedPiece>,
    /// Of the contributions of single cycles to the downtime.
    pub downtime: ContributionChecks,
    /// Of those to the outages.
    pub outages: ContributionChecks,
    /// Classes of outage that carry at least a hundredth of the downtime, by the exponential twin.
    pub classes: Vec<ClassSeen>,
    /// The downtime of a cycle by the twin, with everything beyond the explored states at its worst, over that with nothing
    /// bad beyond: 1 when everything was explored.
    pub frontier_ratio: f64,
    /// States of the twin.
    pub twin_states: u64,
    /// Cycles that started with several units which fail much more often when new; absent where that cannot be.
    pub young_starts: Option<u64>,
    /// The batch farthest from the mean, in standard deviations of a batch.
    pub largest_batch_deviation: f64,
    /// The share of the result that vanished with the weights of cycles in which a recovery outlasts many failures.
    pub vanished_share: f64,
    /// What rare long recoveries may be missing from the time that cycles take, relative to it.
    pub unmet_share: f64,
    /// How many times as long the run must be until those that count most were met often enough.
    pub unmet_times: f64,
    /// The later half of the cycles against the earlier one, in standard errors.
    pub halves_difference: f64,
    /// The wider of the intervals of unavailability and frequency: half its width relative to the estimate.
    pub widest: f64,
}

/// The piece of a system that checks are about: the one that fails them, else the one with the smallest effective sample.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedPiece {
    /// The groups and domains of the piece, or of what it is a unit.
    pub name: String,
    /// How many pieces there are.
    pub pieces: u64,
    /// The share of the unavailability that would be gone with a piece that is always good.
    pub share: f64,
}

/// How evenly the contributions of single cycles are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ContributionChecks {
    /// (sum)^2 / sum of squares.
    pub effective_sample_size: f64,
    /// The same for what branches contribute whose starts share the life of a unit that ages. Nothing where nothing ages.
    pub effective_lives: Option<f64>,
    /// Whether more than half of these hardly count.
    pub lives_are_uneven: bool,
    /// Share of the largest one.
    pub largest_share: f64,
    /// Hill's estimate of the tail index from the 50 largest ones.
    pub tail_index: f64,
    /// Share that came from states without a value.
    pub unknown_share: f64,
}

/// A class of outage: so many losses at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassSeen {
    /// Failed units and domains down at a time.
    pub losses: u32,
    /// The share of the downtime that the twin expects of it.
    pub expected_share: f64,
    /// Cycles that contributed to it.
    pub cycles: u64,
}
