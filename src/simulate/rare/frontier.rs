//! Which states of the twin are explored: always the one that is likeliest to be reached.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::dynamics::{Dynamics, Exploration};
use crate::measure::Observer;
use crate::simulate::rare::meter::{Meter, Reading};

/// Cells that may be copied while exploring: a second of work for models with very many units.
const MOST_CELLS: usize = 50_000_000;

/// The exploration so far: always on from the state that is reached with the largest probability, along its likeliest path from
/// all-up in a cycle.
pub(crate) struct Frontier<'a, M: Meter> {
    pub(crate) dynamics: &'a Dynamics,
    meter: &'a M,
    pub(crate) exploration: Exploration<'a>,
    pub(crate) readings: Vec<Reading>,
    pub(crate) all_up: Vec<bool>,
    /// Logarithm of the probability of the likeliest path.
    likelihood: Vec<f64>,
    waiting: BinaryHeap<Waiting>,
    /// States in the order in which they were expanded.
    pub(crate) expanded: Vec<u32>,
    pub(crate) has_bad: bool,
    cells: usize,
    /// About as many clocks as any state has.
    clocks_at_start: usize,
    most_states: usize,
}

/// A state to expand: the likeliest first, then the one found first.
#[derive(PartialEq)]
struct Waiting {
    likelihood: f64,
    index: u32,
}

impl Eq for Waiting {}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.likelihood.total_cmp(&other.likelihood).then_with(|| other.index.cmp(&self.index))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'a, M: Meter> Frontier<'a, M> {
    pub(crate) fn new(dynamics: &'a Dynamics, meter: &'a M, most_states: usize) -> Self {
        let mut frontier = Self {
            dynamics,
            meter,
            exploration: Exploration::new(dynamics),
            readings: Vec::new(),
            all_up: Vec::new(),
            likelihood: Vec::new(),
            waiting: BinaryHeap::from([Waiting { likelihood: 0.0, index: 0 }]),
            expanded: Vec::new(),
            has_bad: false,
            cells: 0,
            clocks_at_start: dynamics.clocks(&dynamics.start()).len(),
            most_states,
        };
        frontier.note_new();
        frontier.likelihood[0] = 0.0;
        frontier
    }

    /// Reads the states found since the last call.
    fn note_new(&mut self) {
        for index in self.readings.len()..self.exploration.count() {
            let state = self.exploration.state(index);
            self.readings.push(self.meter.read(&state));
            self.all_up.push(self.dynamics.order(&state) == 0);
            self.likelihood.push(f64::NEG_INFINITY);
        }
    }

    /// Expands until `states` are expanded; whether there is more to come. Nothing when the observer ends it.
    pub(crate) fn expand_to(&mut self, states: usize, observer: &dyn Observer) -> Option<bool> {
        while self.expanded.len() < states {
            let Some(Waiting { likelihood, index }) = self.waiting.pop() else { return Some(false) };
            let next = self.clocks_at_start * self.dynamics.cell_count();
            if self.exploration.count() > self.most_states || self.cells + next > MOST_CELLS {
                return Some(false);
            }
            if self.expanded.len().is_multiple_of(256) && observer.stop().is_some() {
                return None;
            }
            if self.exploration.arcs_of(index as usize).is_none() {
                self.expand(likelihood, index);
            }
        }
        Some(!self.waiting.is_empty())
    }

    /// Whether all states that can be reached are expanded.
    pub(crate) fn is_complete(&self) -> bool {
        self.expanded.len() == self.exploration.count()
    }

    fn expand(&mut self, likelihood: f64, index: u32) {
        self.exploration.expand(index as usize);
        self.expanded.push(index);
        self.has_bad |= self.readings[index as usize].badness > 0.0;
        let exit = self.exploration.exit()[index as usize];
        let arcs = self.exploration.arcs_of(index as usize).unwrap_or_default();
        self.cells += (arcs.len() + 1) * self.dynamics.cell_count();
        let found: Vec<(u32, f64)> = arcs.iter().map(|arc| (arc.to, libm::log(arc.rate / exit))).collect();
        self.note_new();
        for (to, step) in found {
            let through = if self.all_up[to as usize] { 0.0 } else { likelihood + step };
            if through > self.likelihood[to as usize] {
                self.likelihood[to as usize] = through;
                self.waiting.push(Waiting { likelihood: through, index: to });
            }
        }
    }
}
