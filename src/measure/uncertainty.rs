//! What inputs that are not known exactly leave open.

use crate::measure::estimate::Estimate;
use crate::measure::simulated::StopReason;

/// A quantile of the unavailability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// Which one.
    pub probability: f64,
    /// The unavailability that is not exceeded with this probability.
    pub unavailability: f64,
    /// Lower end of its interval; absent where there are too few samples.
    pub low: Option<f64>,
    /// Upper end likewise.
    pub high: Option<f64>,
}

/// What the samples say.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertainty {
    /// Samples behind it.
    pub samples: usize,
    /// Ascending by probability.
    pub quantiles: Vec<Quantile>,
    /// The mean, with Student's interval.
    pub mean: Estimate,
    /// The probability that the target is met, with the interval of Clopper and Pearson.
    pub target_met: Option<Estimate>,
    /// Spearman's rank correlation of each input with the unavailability; absent for one that does not vary.
    pub correlations: Vec<Option<f64>>,
    /// Why it ended: [`StopReason::Events`] when all samples were drawn.
    pub stopped_by: StopReason,
}
