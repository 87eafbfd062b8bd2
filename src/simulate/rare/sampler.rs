//! What a batch is, whatever samples it.

use serde::{Deserialize, Serialize};

use crate::simulate::rare::statistics::Statistics;

/// Batches that are independent of each other: enough for any number of cores, and for 31 degrees of freedom.
pub(crate) const BATCHES: u64 = 32;
/// Work between two questions whether to stop, in steps.
pub(crate) const SLICE: u64 = 16_384;

/// A batch of cycles: with model and settings all that a sampler needs, on whatever machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) seed: u64,
    /// Round and place in it: the number of the random streams.
    pub(crate) round: u64,
    pub(crate) batch: u64,
    /// Cycles to count, and cycles before them that are not counted.
    pub(crate) cycles: u64,
    pub(crate) warm_up: u64,
    /// Contributions of a branch are cut off here for lower bounds.
    pub(crate) caps: [f64; 2],
    /// Events at which to give up.
    pub(crate) most_events: u64,
}

impl Task {
    /// The number of the batch's random streams.
    pub(crate) fn stream(&self) -> u64 {
        self.round * BATCHES + self.batch
    }
}

/// Samples batches of one model. Samplers of one model give the same statistics for the same task.
pub(crate) trait Sampler: Send {
    /// Runs a batch. `stop` is told events now and then, and says whether to end with the cycles that are complete.
    fn run(&mut self, task: &Task, stop: &dyn Fn(u64) -> bool) -> Statistics;
}

impl<S: Sampler + ?Sized> Sampler for Box<S> {
    fn run(&mut self, task: &Task, stop: &dyn Fn(u64) -> bool) -> Statistics {
        (**self).run(task, stop)
    }
}

/// Asks now and then whether to stop, also within long cycles.
pub(crate) struct Pulse<'a> {
    stop: &'a dyn Fn(u64) -> bool,
    told: u64,
    /// Events and other work at which to ask next, and events at which to stop in any case.
    next: u64,
    most: u64,
    is_stopped: bool,
}

impl<'a> Pulse<'a> {
    /// One that stops at `most` events in any case.
    pub(crate) fn new(stop: &'a dyn Fn(u64) -> bool, most: u64) -> Self {
        Self { stop, told: 0, next: SLICE, most, is_stopped: false }
    }

    /// Whether to stop, after so many events and as much other work in their unit.
    #[inline]
    pub(crate) fn stops(&mut self, events: u64, work: u64) -> bool {
        if events + work >= self.next || events >= self.most {
            self.tell(events, work);
        }
        self.is_stopped
    }

    /// Tells the rest. Other work is not counted against the limit: it depends on what the sampler did before.
    pub(crate) fn tell(&mut self, events: u64, work: u64) {
        let done = events + work;
        self.is_stopped |= (self.stop)(done.saturating_sub(self.told)) || events >= self.most;
        self.told = done;
        self.next = done.saturating_add(SLICE);
    }
}
