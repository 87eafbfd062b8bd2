//! A set of explored states that grows where what lies beyond weighs most.
//!
//! A state that is known but not expanded weighs what it may add to a cycle: the flow into it times a bound of the time until
//! all-up ([`potential`](crate::dynamics::Potential)). The heaviest ones are expanded first, one by one: from the last solution the
//! flow is known, and what leaves a state that was expanded since then is the flow into it, split by its rates. Every all-up state
//! is expanded before that, reached or not, so that what leaves the set comes back to it by an all-up state.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use indexmap::IndexSet;

use crate::dynamics::{Dynamics, Potential};
use crate::exact::chain::explore::{Found, Limit, bytes_needed};
use crate::measure::{Observer, Progress, Stop};
use crate::structure::readings::Readings;

/// All-up states up to which each is solved from.
pub(crate) const MOST_ALL_UP: usize = 64;
/// States between two questions whether to stop.
const BETWEEN_STOPS: usize = 1_024;

/// The explored set.
#[derive(Debug)]
pub(crate) struct Growing<'a> {
    dynamics: &'a Dynamics,
    pub(crate) potential: Potential,
    pub(crate) found: Box<dyn Found + 'a>,
    readings: &'a Readings,
    /// Numbers of the all-up states.
    pub(crate) all_up: Vec<usize>,
    pub(crate) known: Vec<Known>,
    /// What is read off in each class.
    pub(crate) classes: IndexSet<Box<[u16]>>,
    /// Flow into each known state that is not expanded, and time in each that is, per second of all-up.
    visits: Vec<f64>,
    /// The all-up state that the visits are from.
    pub(crate) anchor: usize,
    /// Time from all-up until a cycle begins, at most, as far as it is known.
    pub(crate) detour: f64,
    expanded: usize,
}

/// What is kept of a known state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Bound of the time until all-up.
    pub(crate) time: f64,
    /// Losses, and work left.
    pub(crate) order: (u32, u32),
    /// Number of the class.
    pub(crate) class: u32,
}

/// Why a set cannot be bounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// So many losses come during the slowest way back that the potential does not exist.
    TooFast {
        losses: f64,
        slowest: f64,
    },
    TooManyAllUp,
}

/// States that a set grows by at least.
const FEWEST: usize = 256;
/// The share of what may be left beyond a set that it aims at: the next solution knows the flows better.
pub(crate) const AIM: f64 = 0.8;

/// Where growth stops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// Expanded states, at least.
    pub(crate) least: usize,
    /// Expanded states, at most.
    pub(crate) most: usize,
    /// How large the set may ever be; of its states, those that are expanded.
    pub(crate) limit: Limit,
    /// Seconds that the states beyond may add to a cycle, per second of all-up.
    pub(crate) beyond: f64,
}

impl Goal {
    /// About twice the states that are expanded, or less where what is beyond adds no more than `beyond`.
    pub(crate) fn doubling(expanded: usize, limit: Limit, beyond: f64) -> Self {
        Self { least: expanded + FEWEST / 4, most: (2 * expanded).max(expanded + FEWEST), limit, beyond }
    }
}

/// Why growth stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grown {
    /// As far as wanted.
    Enough,
    /// Nothing is left to expand.
    Complete,
    /// As many states are expanded as may be.
    TooMany,
    /// They take as much memory as they may.
    TooLarge,
    Stopped(Stop),
}

/// A state by its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Weighed {
    weight: f64,
    state: u32,
}

impl Eq for Weighed {}

impl Ord for Weighed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.weight.total_cmp(&other.weight).then_with(|| other.state.cmp(&self.state))
    }
}

impl PartialOrd for Weighed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'a> Growing<'a> {
    /// The all-up states, expanded; nothing else was `found` yet than where `dynamics` start.
    pub(crate) fn new(
        dynamics: &'a Dynamics,
        mut found: Box<dyn Found + 'a>,
        readings: &'a Readings,
    ) -> Result<Self, Refusal> {
        let potential = found.potential();
        if potential.losses_during_way_back() >= 1.0 {
            let slowest = potential.slowest_way_back();
            return Err(Refusal::TooFast { losses: potential.losses_during_way_back() / slowest, slowest });
        }
        let all_up = found.all_up(MOST_ALL_UP).ok_or(Refusal::TooManyAllUp)?;
        let mut growing = Self {
            dynamics,
            potential,
            found,
            readings,
            all_up,
            known: Vec::new(),
            classes: IndexSet::new(),
            visits: Vec::new(),
            anchor: 0,
            detour: 0.0,
            expanded: 0,
        };
        growing.note_new_states();
        for state in growing.all_up.clone() {
            growing.expand(state);
            growing.visits[state] = 1.0;
            growing.spread(state, 1.0, &mut BinaryHeap::new());
        }
        Ok(growing)
    }

    pub(crate) fn dynamics(&self) -> &'a Dynamics {
        self.dynamics
    }

    /// Expanded states.
    pub(crate) fn expanded(&self) -> usize {
        self.expanded
    }

    /// Bytes that the set and its chain take, about: both are there at a time.
    fn bytes(&self) -> u64 {
        let (states, arcs) = (self.known.len(), self.found.rows().arc_count());
        let of_set = states * (size_of::<Known>() + size_of::<f64>()) + self.found.state_bytes();
        bytes_needed(states, arcs, 0) + of_set as u64
    }

    /// Whether nothing is left to expand.
    pub(crate) fn is_complete(&self) -> bool {
        self.expanded == self.found.count()
    }

    pub(crate) fn readings(&self) -> &'a Readings {
        self.readings
    }

    /// Time in each state, by its number; nothing of those that are not expanded.
    pub(crate) fn time_in(&self, state: usize) -> f64 {
        if self.is_expanded(state) { self.visits[state] } else { 0.0 }
    }

    /// Takes over a solution: the time in each expanded state, and the flow into each other one, by number.
    pub(crate) fn set_visits(&mut self, visits: impl Iterator<Item = (usize, f64)>) {
        for (state, visits) in visits {
            self.visits[state] = visits;
        }
    }

    pub(crate) fn is_expanded(&self, state: usize) -> bool {
        self.found.rows().arcs_of(state).is_some()
    }

    /// Expands the heaviest states until the goal is reached.
    pub(crate) fn grow(&mut self, goal: Goal, observer: &dyn Observer) -> Grown {
        let mut heap: BinaryHeap<Weighed> = (0..self.found.count())
            .filter(|&state| !self.is_expanded(state))
            .map(|state| self.weighed(state))
            .collect();
        let mut beyond: f64 = heap.iter().map(|weighed| weighed.weight).sum();
        while let Some(Weighed { weight, state }) = heap.pop() {
            let state = state as usize;
            // A state that has gained weight is in the heap again.
            if self.is_expanded(state) || weight < self.weighed(state).weight {
                continue;
            }
            if self.expanded >= goal.limit.states {
                return Grown::TooMany;
            }
            if self.bytes() > goal.limit.bytes {
                return Grown::TooLarge;
            }
            if self.expanded >= goal.most || self.expanded >= goal.least && beyond <= goal.beyond {
                return Grown::Enough;
            }
            if self.expanded.is_multiple_of(BETWEEN_STOPS) {
                if let Some(stop) = observer.stop() {
                    return Grown::Stopped(stop);
                }
                observer.progress(&Progress {
                    phase: "exploring states",
                    done: self.expanded as f64,
                    events: self.found.count() as u64,
                    ..Progress::default()
                });
            }
            self.expand(state);
            let time = self.visits[state] / self.found.rows().exit()[state];
            self.visits[state] = time;
            beyond += self.spread(state, time, &mut heap) - weight;
        }
        Grown::Complete
    }

    fn expand(&mut self, state: usize) {
        if !self.is_expanded(state) {
            self.found.expand(state);
            self.expanded += 1;
            self.note_new_states();
        }
    }

    fn note_new_states(&mut self) {
        let mut state = self.dynamics.start();
        for number in self.known.len()..self.found.count() {
            self.found.load(number, &mut state);
            let Readings { up, slots, domains } = self.readings;
            let (class, _) = self.classes.insert_full(self.dynamics.read(&state, up, slots, domains));
            self.known.push(Known {
                time: self.found.time_until_all_up(&self.potential, number),
                order: (self.dynamics.order(&state), self.dynamics.work_left(&state)),
                class: class as u32,
            });
            self.visits.push(0.0);
        }
    }

    /// What one visit to a state beyond the set adds to a cycle, at most.
    fn time_beyond(&self, state: usize) -> f64 {
        self.known[state].time + self.detour
    }

    fn weighed(&self, state: usize) -> Weighed {
        Weighed { weight: self.visits[state] * self.time_beyond(state), state: state as u32 }
    }

    /// Adds what leaves a state, in which `time` is spent, to the flows into states that are not expanded; returns the weight
    /// gained.
    fn spread(&mut self, state: usize, time: f64, heap: &mut BinaryHeap<Weighed>) -> f64 {
        let mut gained = 0.0;
        for arc in self.found.rows().arcs_of(state).unwrap_or_default() {
            let to = arc.to as usize;
            if !self.is_expanded(to) {
                self.visits[to] += time * arc.rate;
                gained += time * arc.rate * self.time_beyond(to);
                heap.push(self.weighed(to));
            }
        }
        gained
    }
}
