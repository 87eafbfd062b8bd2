//! A piece of a system: what is counted is how long it is in each class of its states, and how often losses change the class.

use std::collections::BTreeMap;

use crate::dynamics::{Dynamics, State};
use crate::simulate::rare::meter::{Meter, Reading};
use crate::structure::readings::Readings;

/// Classes that are told apart at most: pieces with more are not simulated on their own.
const MOST_BITS: usize = 8;
/// Badness and its increases come first.
const FIRST_CLASS: usize = 2;

/// Every combination of what can be read off a piece: which groups are up, which domains are down. The first one is good.
pub(crate) fn classes(readings: &Readings) -> Option<Vec<Box<[u16]>>> {
    let (groups, bits) = (readings.up.len(), readings.up.len() + readings.domains.len());
    let class = |code: usize| (0..bits).map(|bit| u16::from((code >> bit & 1 == 1) != (bit < groups))).collect();
    (readings.slots.is_empty() && bits <= MOST_BITS).then(|| (0..1 << bits).map(class).collect())
}

/// Counts the classes of a piece.
pub(crate) struct ClassMeter<'a> {
    dynamics: &'a Dynamics,
    readings: &'a Readings,
    numbers: BTreeMap<Box<[u16]>, u32>,
    /// How bad each class is.
    badness: Vec<f64>,
}

impl<'a> ClassMeter<'a> {
    pub(crate) fn new(
        dynamics: &'a Dynamics,
        readings: &'a Readings,
        classes: &[Box<[u16]>],
        badness: Vec<f64>,
    ) -> Self {
        let numbers = classes.iter().enumerate().map(|(number, class)| (class.clone(), number as u32)).collect();
        Self { dynamics, readings, numbers, badness }
    }

    fn classes(&self) -> usize {
        self.badness.len()
    }

    /// The quantity that is the time in a class.
    pub(crate) fn time_in(class: usize) -> usize {
        FIRST_CLASS + class
    }

    /// The quantity that counts how often a cause leads from one class to another.
    pub(crate) fn flow(&self, from: usize, to: usize, cause: usize) -> usize {
        let classes = self.classes();
        FIRST_CLASS + classes + (cause * classes + from) * classes + to
    }
}

impl Meter for ClassMeter<'_> {
    fn quantities(&self) -> usize {
        self.flow(0, 0, self.dynamics.causes().len())
    }

    fn read(&self, state: &State) -> Reading {
        let Readings { up, slots, domains } = self.readings;
        let class = self.numbers[&self.dynamics.read(state, up, slots, domains)];
        let badness = self.badness[class as usize];
        let mut rates = Vec::new();
        if class > 0 {
            rates.push((Self::time_in(class as usize) as u32, 1.0));
        }
        if badness > 0.0 {
            rates.push((0, badness));
        }
        Reading { badness, lost: 0.0, insufficient: false, class, rates }
    }

    fn step(&self, from: &Reading, to: &Reading, cause: Option<u32>) -> Vec<(u32, f64)> {
        let mut counts = Vec::new();
        if to.badness > from.badness {
            counts.push((1, to.badness - from.badness));
        }
        if let Some(cause) = cause.filter(|_| from.class != to.class) {
            counts.push((self.flow(from.class as usize, to.class as usize, cause as usize) as u32, 1.0));
        }
        counts
    }

    fn has_outages(&self) -> bool {
        false
    }
}
