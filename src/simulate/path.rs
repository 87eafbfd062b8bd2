//! One random stream: where it is, and what it has seen.

use crate::dynamics::State;
use crate::numeric::random::{Purpose, Stream, stream};
use crate::simulate::facts::{Facts, FactsOf};
use crate::simulate::lengths::Lengths;
use crate::simulate::tally::{Cycle, Shape, Tally};

/// How paths are cut into independent pieces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cut {
    /// At every entry of this state everything starts afresh.
    Regenerative(State),
    /// Each path is one replication, counted after a warm-up of so many seconds.
    Replications {
        /// Length of the warm-up.
        warm_up: f64,
    },
}

/// Where to start, and where a cycle ends.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) start: State,
    pub(crate) cut: Cut,
}

/// Advances paths; remembers the states that it has seen.
pub(crate) trait Engine: Send {
    /// Runs `path` until it has `quota` more events, has simulated `seconds` in all, or `stop` says so (asked now and
    /// then).
    fn advance(&mut self, path: &mut Path, plan: &Plan, quota: u64, seconds: f64, stop: &(dyn Fn(u64) -> bool + Sync));
}

/// A path of one stream.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) random: Stream,
    pub(crate) state: State,
    /// Residual times of the clocks that are not memoryless, in the order of the state's clocks; empty at the start.
    pub(crate) residual: Vec<f64>,
    pub(crate) events: u64,
    /// Simulated seconds.
    pub(crate) time: f64,
    pub(crate) tally: Tally,
    pub(crate) cycle: Cycle,
    pub(crate) lengths: Lengths,
    /// Cause and length so far of the outage that is going on.
    outage: Option<f64>,
    was_up: bool,
    /// Simulated seconds from which on everything counts.
    counts_from: f64,
    shape: Shape,
}

impl Path {
    pub(crate) fn new(facts: &FactsOf<'_>, plan: &Plan, seed: u64, purpose: Purpose, number: u64) -> Self {
        let shape = Shape { causes: facts.dynamics.causes().len(), parts: facts.parts.len() };
        Self {
            random: stream(seed, purpose, number),
            was_up: facts.read(&plan.start).up,
            state: plan.start.clone(),
            residual: Vec::new(),
            events: 0,
            time: 0.0,
            tally: Tally::new(shape),
            cycle: Cycle::new(shape),
            lengths: Lengths::new(),
            outage: None,
            counts_from: match plan.cut {
                Cut::Regenerative(_) => 0.0,
                Cut::Replications { warm_up } => warm_up,
            },
            shape,
        }
    }

    /// Stays in a state for `seconds`, of which the outage lengths take `drawn`.
    pub(crate) fn stay(&mut self, facts: &Facts, seconds: f64, drawn: f64) {
        let counts = self.counts();
        self.time += seconds;
        if !counts {
            return;
        }
        self.cycle.time += seconds;
        if !facts.up {
            self.cycle.down += seconds;
            for &part in &facts.would_end {
                self.cycle.add(self.shape.part(part.into()), seconds);
            }
            if let Some(length) = &mut self.outage {
                *length += drawn;
            }
        }
        if facts.lost > 0.0 {
            self.cycle.add(self.shape.lost(), facts.lost * seconds);
        }
        if facts.insufficient {
            self.cycle.add(self.shape.insufficient(), seconds);
        }
    }

    /// Enters a state because of `cause` (absent for recoveries).
    pub(crate) fn enter(&mut self, facts: &Facts, cause: Option<usize>) {
        self.events += 1;
        if facts.up == self.was_up {
            return;
        }
        self.was_up = facts.up;
        if !self.counts() {
            return;
        }
        if facts.up {
            if let Some(length) = self.outage.take() {
                self.lengths.add(length);
            }
        } else {
            self.outage = Some(0.0);
            self.cycle.outages += 1.0;
            if let Some(cause) = cause {
                self.cycle.add(self.shape.cause(cause), 1.0);
            }
        }
    }

    /// Ends a regenerative cycle.
    pub(crate) fn regenerate(&mut self) {
        self.tally.finish(&mut self.cycle);
    }

    /// Whether the warm-up is over.
    fn counts(&self) -> bool {
        self.time >= self.counts_from
    }
}
