//! What is proven of a system that is too large to be solved: bounds.

use crate::measure::contribution::Contributions;
use crate::measure::exact::PhasedTime;
use crate::measure::observer::Stop;
use crate::measure::warning::Warning;

/// A number that is known to lie between two others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// It is no less than this.
    pub lower: f64,
    /// Nor more than this.
    pub upper: f64,
}

impl Bounds {
    /// The distance of the ends relative to the number in the middle: from 0 to 2.
    pub fn relative_width(&self) -> f64 {
        let middle = 0.5 * (self.lower + self.upper);
        if middle > 0.0 { (self.upper - self.lower) / middle } else { 0.0 }
    }
}

/// Why bounds did not become narrower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundsEnd {
    /// They are as narrow as wanted.
    Precision,
    /// All states are explored: only rounding is left.
    Complete,
    /// As many states are explored as may be.
    States,
    /// A chain takes as much memory as it may.
    Memory,
    /// A decision diagram has as many nodes as it may have.
    Nodes,
    /// The observer ended it.
    Stopped(Stop),
}

/// Long-run measures between proven bounds. Times in seconds, frequencies per second.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundedMeasures {
    /// Long-run share of time down.
    pub unavailability: Bounds,
    /// Outages per second; absent where only probabilities are known.
    pub failure_frequency: Option<Bounds>,
    /// Mean time between outages, its upper bound infinite where there may be no outages; absent without a frequency, and where there
    /// are none.
    pub mean_time_between_outages: Option<Bounds>,
    /// Mean up time; absent as above.
    pub mean_up_time: Option<Bounds>,
    /// Mean outage; absent as above.
    pub mean_down_time: Option<Bounds>,
    /// The larger relative width of unavailability and frequency.
    pub relative_width: f64,
    /// Why it is not smaller.
    pub ended_by: BoundsEnd,
    /// Times of chains that were made of phases.
    pub phased_times: Vec<PhasedTime>,
    /// Failures that can come during the slowest way back, at most, in the part where they are most: bounds need fewer than 1.
    /// Absent where no part is a chain.
    pub losses_during_way_back: Option<f64>,
    /// One line: which engines were used.
    pub method: String,
    /// Explored states of all chains.
    pub states: u64,
    /// Nodes of the decision diagram.
    pub diagram_nodes: u64,
    /// Contributions, as the explored states have them: between no bounds of their own.
    pub contributions: Contributions<f64>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}

#[cfg(test)]
mod tests {
    use super::Bounds;

    #[test]
    fn widths_are_relative_to_the_middle() {
        let ends = [(1.0, 3.0, 1.0), (0.0, 3.0, 2.0), (2.0, 2.0, 0.0), (0.0, 0.0, 0.0)];
        for (lower, upper, expected) in ends {
            let width = Bounds { lower, upper }.relative_width();
            assert!((width - expected).abs() < 1e-15, "{lower} {upper}: {width}");
        }
    }
}
