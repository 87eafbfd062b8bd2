//! Half-open intervals of time.

use crate::data::instant::{Instant, to_seconds};

/// The times t with `start <= t < end`; empty when both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first instant of it.
    pub start: Instant,
    /// The first instant after it; never before `start`.
    pub end: Instant,
}

impl Interval {
    /// From `start` to `end`; `None` when the end is before the start.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Its length, exactly.
    pub fn nanoseconds(&self) -> i128 {
        self.end.nanoseconds_since(self.start)
    }

    /// Its length.
    pub fn seconds(&self) -> f64 {
        to_seconds(self.nanoseconds())
    }

    /// Whether `instant` is in it.
    pub fn contains(&self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }

    /// What it has in common with `other`; `None` when that is nothing.
    pub fn clipped(&self, other: &Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }
}
