//! Bounds of unavailability and frequency together.

use crate::measure::Bounds;

/// Bounds of the system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Enclosure {
    /// At least and at most.
    pub(crate) unavailability: [f64; 2],
    /// Per second.
    pub(crate) frequency: Option<[f64; 2]>,
}

impl Enclosure {
    /// The better ends of two enclosures that both hold.
    pub(crate) fn narrowed(&self, other: &Self) -> Self {
        let better = |[low, high]: [f64; 2], [lower, upper]: [f64; 2]| [low.max(lower), high.min(upper)];
        let frequency = self.frequency.zip(other.frequency).map(|(one, other)| better(one, other));
        Self { unavailability: better(self.unavailability, other.unavailability), frequency }
    }

    /// The larger one.
    pub(crate) fn relative_width(&self) -> f64 {
        let width = |[lower, upper]: [f64; 2]| interval(lower, upper).relative_width();
        width(self.unavailability).max(self.frequency.map_or(0.0, width))
    }
}

pub(crate) fn interval(lower: f64, upper: f64) -> Bounds {
    Bounds { lower, upper }
}
