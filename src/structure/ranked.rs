//! Which cut set comes before which, and sets that are not complete yet by the best that can become of them.

use std::cmp::Ordering;

use crate::structure::cut_sets::Rank;
use crate::structure::diagram::Node;

/// How far down the list a set stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) events: u32,
    pub(crate) probability: f64,
}

impl Cost {
    pub(crate) const NONE: Self = Self { events: 0, probability: 1.0 };
    pub(crate) const NEVER: Self = Self { events: u32::MAX, probability: -1.0 };

    pub(crate) fn of_event(probability: f64) -> Self {
        Self { events: 1, probability }
    }

    /// Of two sets together.
    pub(crate) fn and(self, other: Self) -> Self {
        if self.probability < 0.0 || other.probability < 0.0 {
            return Self::NEVER;
        }
        Self { events: self.events.saturating_add(other.events), probability: self.probability * other.probability }
    }

    /// Less is better.
    pub(crate) fn compare(self, other: Self, rank: Rank) -> Ordering {
        let likelier = other.comparable().cmp(&self.comparable());
        let smaller = self.events.cmp(&other.events);
        match rank {
            Rank::Probability => likelier.then(smaller),
            Rank::Order => smaller.then(likelier),
        }
    }

    /// The probability without its last bits, which depend on the order of multiplication: equals stay equal on the way.
    fn comparable(self) -> i64 {
        if self.probability < 0.0 { -1 } else { (self.probability.to_bits() >> 12) as i64 }
    }
}

/// A set that is not complete: what was chosen, and what there still is to choose from.
#[derive(Debug)]
pub(crate) struct Partial {
    pub(crate) rank: Rank,
    /// Of the best set that can become of it.
    pub(crate) cost: Cost,
    /// Later ones first among equals, so that one set is completed after the other.
    pub(crate) serial: usize,
    pub(crate) taken: Cost,
    pub(crate) chosen: Vec<usize>,
    pub(crate) rest: Vec<(usize, Node)>,
}

impl Ord for Partial {
    fn cmp(&self, other: &Self) -> Ordering {
        other.cost.compare(self.cost, self.rank).then(self.serial.cmp(&other.serial))
    }
}

impl PartialOrd for Partial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Partial {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Partial {}
