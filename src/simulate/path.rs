//! One random stream: where it is, and what it has seen.

use crate::dynamics::State;
use crate::numeric::random::{Purpose, Stream, stream};
use crate::simulate::facts::{Facts, FactsOf};
use crate::simulate::lengths::Lengths;
use crate::simulate::tally::{Cycle, Shape, Tally};

/// Without regenerative cycles, events between two looks at the clock.
const BEAT: u64 = 16;

/// A cycle of so many times the events of one in the pilot is lost.
const LOST: f64 = 1_000.0;

/// How paths are cut into independent pieces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cut {
    /// At every entry of a state everything starts afresh.
    Regenerative {
        /// That state.
        at: State,
        /// Events of a cycle, about (from the pilot).
        events: f64,
        /// Seconds of a cycle, about (from the pilot).
        seconds: f64,
    },
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
    /// The longest mean (or mean residual) time of anything that ends, in seconds: outages may last about as long.
    pub(crate) longest_recovery: f64,
    /// The same with rare long times in full: an outage as none was seen may last about as long.
    pub(crate) longest_unseen: f64,
    /// Outages that a recovery may hold which lasts so long.
    pub(crate) most_outages: f64,
    /// Seconds beyond which outages count as long, if that matters.
    pub(crate) long_outage: Option<f64>,
}

impl Plan {
    pub(crate) fn is_regenerative(&self) -> bool {
        matches!(self.cut, Cut::Regenerative { .. })
    }

    /// Simulated seconds before which nothing counts.
    pub(crate) fn warm_up(&self) -> f64 {
        match self.cut {
            Cut::Regenerative { .. } => 0.0,
            Cut::Replications { warm_up } => warm_up,
        }
    }

    /// Events beyond which a cycle is lost: its path has come where the state that ends cycles does not come back, or only
    /// in ages, and what is known of it from the pilot does not hold.
    pub(crate) fn longest_cycle(&self) -> u64 {
        match self.cut {
            Cut::Regenerative { events, .. } => (LOST * events) as u64,
            Cut::Replications { .. } => u64::MAX,
        }
    }

    /// Whether a cycle ends at every entry of `state`.
    pub(crate) fn regenerates(&self, state: &State) -> bool {
        matches!(&self.cut, Cut::Regenerative { at, .. } if at == state)
    }
}

/// How far a path is to go: until it has had so many events or seconds, and its cycle is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    pub(crate) events: u64,
    pub(crate) seconds: f64,
}

/// A path of one stream. Aligned, so that paths of different threads share no cache line.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Path {
    pub(crate) random: Stream,
    pub(crate) state: State,
    /// Residual times of the clocks that are not memoryless, in the order of the state's clocks; empty at the start.
    pub(crate) residual: Vec<f64>,
    pub(crate) events: u64,
    /// Simulated seconds before the present cycle.
    earlier: f64,
    pub(crate) tally: Tally,
    pub(crate) cycle: Cycle,
    pub(crate) lengths: Lengths,
    /// Length so far of the outage that is going on.
    outage: Option<f64>,
    was_up: bool,
    /// Events before the present cycle, and how many it may have.
    began: u64,
    longest_cycle: u64,
    /// Whether a cycle had more.
    is_lost: bool,
    /// Simulated seconds before which nothing counts; 0 once they are over.
    warm_up: f64,
    /// Seconds beyond which outages are long, if that matters.
    long_outage: Option<f64>,
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
            earlier: 0.0,
            tally: Tally::new(shape),
            cycle: Cycle::new(shape),
            lengths: Lengths::new(),
            outage: None,
            began: 0,
            longest_cycle: plan.longest_cycle(),
            is_lost: false,
            warm_up: plan.warm_up(),
            long_outage: plan.long_outage,
            shape,
        }
    }

    /// Simulated seconds.
    pub(crate) fn time(&self) -> f64 {
        self.earlier + self.cycle.time
    }

    /// Whether the state it is in is up.
    pub(crate) fn is_up(&self) -> bool {
        self.was_up
    }

    /// Whether the warm-up is over.
    pub(crate) fn is_warm(&self) -> bool {
        self.warm_up <= 0.0
    }

    pub(crate) fn has_reached(&self, goal: Goal) -> bool {
        self.events >= goal.events || self.time() >= goal.seconds
    }

    /// Spends `seconds` in a quiet state.
    pub(crate) fn pass(&mut self, seconds: f64) {
        self.cycle.time += seconds;
    }

    /// What else counts in a state that is not quiet, for `seconds`, of which the outage lengths take `drawn`.
    pub(crate) fn note(&mut self, facts: &Facts, seconds: f64, drawn: f64) {
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
    pub(crate) fn enter(&mut self, up: bool, cause: Option<u32>) {
        self.events += 1;
        if up != self.was_up {
            self.turn(up, cause);
        }
    }

    fn turn(&mut self, up: bool, cause: Option<u32>) {
        self.was_up = up;
        if up {
            if let Some(length) = self.outage.take() {
                self.lengths.add(length, 1.0);
                if let Some(long) = self.long_outage {
                    self.cycle.end_outage(length, long);
                }
            }
        } else {
            self.outage = Some(0.0);
            self.cycle.outages += 1.0;
            if let Some(cause) = cause {
                self.cycle.add(cause as usize, 1.0);
            }
        }
    }

    /// Ends a regenerative cycle.
    pub(crate) fn regenerate(&mut self) {
        self.look_for_loss();
        self.began = self.events;
        self.earlier += self.cycle.time;
        self.tally.finish(&mut self.cycle);
    }

    /// Whether some cycle, the present one included, is longer than may be. Once it is, it stays so: when it is asked
    /// does not matter.
    pub(crate) fn look_for_loss(&mut self) -> bool {
        self.is_lost |= self.events - self.began > self.longest_cycle;
        self.is_lost
    }

    /// Whether it is time to look at the clock, for paths without cycles; ends the warm-up when it is over. Counted in
    /// events, so that it does not depend on who runs the path.
    pub(crate) fn beats(&mut self) -> bool {
        let beats = self.events.is_multiple_of(BEAT);
        if beats && !self.is_warm() && self.time() >= self.warm_up {
            self.warm_up = 0.0;
            self.earlier += self.cycle.time;
            self.cycle.clear();
            self.lengths = Lengths::new();
            self.outage = None;
        }
        beats
    }
}
