//! A round that is watched: events are counted over all threads, and the observer is asked whether to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::measure::{Observer, Progress, StopReason};

/// Asks the observer, and counts events over all threads.
pub(crate) struct Watch<'a> {
    observer: &'a dyn Observer,
    /// Events in all, as far as can be told when the round begins, and the estimate then.
    total: Option<f64>,
    estimate: Option<(f64, f64, f64)>,
    events: AtomicU64,
    stopped: AtomicBool,
}

impl<'a> Watch<'a> {
    /// Of a round that begins after so many `events`.
    pub(crate) fn new(
        observer: &'a dyn Observer,
        events: u64,
        total: Option<f64>,
        estimate: Option<(f64, f64, f64)>,
    ) -> Self {
        Self { observer, total, estimate, events: AtomicU64::new(events), stopped: AtomicBool::new(false) }
    }

    /// Takes note of so many more events; whether to stop.
    pub(crate) fn after(&self, events: u64) -> bool {
        let events = events + self.events.fetch_add(events, Ordering::Relaxed);
        if self.observer.stop().is_some() {
            self.stopped.store(true, Ordering::Relaxed);
        }
        self.observer.progress(&Progress {
            phase: "simulating",
            done: events as f64,
            total: self.total.map(|total| total.max(events as f64)),
            events,
            estimate: self.estimate,
        });
        self.is_stopped()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Why the observer ends it.
    pub(crate) fn reason(&self) -> StopReason {
        self.observer.stop().map_or(StopReason::Interrupted, StopReason::from)
    }
}
