//! Sets of times: sorted half-open intervals that neither overlap nor touch.
//!
//! Downtime is the length of a union, so overlapping incidents never count twice, and what is outside of a window is cut off
//! at its edges. Every operation is exact (whole nanoseconds) and takes linear time after sorting.

use crate::data::instant::{Instant, to_seconds};
use crate::data::interval::Interval;

/// A set of times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    intervals: Vec<Interval>,
}

impl Timeline {
    /// No time at all.
    pub const EMPTY: Self = Self { intervals: Vec::new() };

    /// The union of `intervals`, in any order; empty ones vanish, touching ones become one.
    pub fn from_intervals(intervals: impl IntoIterator<Item = Interval>) -> Self {
        let mut intervals: Vec<Interval> = intervals.into_iter().filter(|interval| !interval.is_empty()).collect();
        intervals.sort_unstable();
        let mut kept = 0;
        for index in 0..intervals.len() {
            let next = intervals[index];
            if kept > 0 && next.start <= intervals[kept - 1].end {
                intervals[kept - 1].end = intervals[kept - 1].end.max(next.end);
            } else {
                intervals[kept] = next;
                kept += 1;
            }
        }
        intervals.truncate(kept);
        Self { intervals }
    }

    /// The intervals, in order; between any two of them there is time.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Whether there is no time in it.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Its length, exactly.
    pub fn nanoseconds(&self) -> i128 {
        self.intervals.iter().map(Interval::nanoseconds).sum()
    }

    /// Its length.
    pub fn seconds(&self) -> f64 {
        to_seconds(self.nanoseconds())
    }

    /// The length of what is inside of `window`, without copying.
    pub fn nanoseconds_within(&self, window: &Interval) -> i128 {
        self.within(window).map(|interval| interval.nanoseconds()).sum()
    }

    /// The part inside of `window`.
    #[must_use]
    pub fn clipped(&self, window: &Interval) -> Self {
        Self { intervals: self.within(window).collect() }
    }

    fn within(&self, window: &Interval) -> impl Iterator<Item = Interval> {
        let window = *window;
        let first = self.intervals.partition_point(|interval| interval.end <= window.start);
        let rest = self.intervals[first..].iter().take_while(move |interval| interval.start < window.end);
        rest.filter_map(move |interval| interval.clipped(&window))
    }

    /// The times in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_intervals(self.intervals.iter().chain(&other.intervals).copied())
    }

    /// The times in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (0, 0);
        let mut intervals = Vec::new();
        while let (Some(left), Some(right)) = (self.intervals.get(a), other.intervals.get(b)) {
            intervals.extend(left.clipped(right));
            if left.end <= right.end {
                a += 1;
            } else {
                b += 1;
            }
        }
        Self { intervals }
    }

    /// The times of `window` that are not in it.
    #[must_use]
    pub fn complement(&self, window: &Interval) -> Self {
        let mut intervals = Vec::new();
        let mut from = window.start;
        for interval in self.within(window) {
            intervals.extend(Interval::new(from, interval.start).filter(|gap| !gap.is_empty()));
            from = interval.end;
        }
        intervals.extend(Interval::new(from, window.end).filter(|gap| !gap.is_empty()));
        Self { intervals }
    }

    /// The times that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        match self.span() {
            Some(span) => self.intersection(&other.complement(&span)),
            None => Self::EMPTY,
        }
    }

    /// Whether `instant` is in it.
    pub fn contains(&self, instant: Instant) -> bool {
        let after = self.intervals.partition_point(|interval| interval.end <= instant);
        self.intervals.get(after).is_some_and(|interval| interval.contains(instant))
    }

    /// From the first instant to the last.
    pub fn span(&self) -> Option<Interval> {
        Interval::new(self.intervals.first()?.start, self.intervals.last()?.end)
    }
}
