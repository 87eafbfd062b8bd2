//! How a long computation is watched and ended from outside.

/// Why a computation should end before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The time limit has passed.
    TimeLimit,
    /// The user interrupted.
    Interrupted,
}

/// Where a computation stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// What is being done, a few words.
    pub phase: &'static str,
    /// Work done so far, in the unit of `total`.
    pub done: f64,
    /// Work in all, as far as known.
    pub total: Option<f64>,
    /// Events (or states) so far.
    pub events: u64,
    /// Estimate so far, with its interval.
    pub estimate: Option<(f64, f64, f64)>,
}

/// Watches a computation: shows progress, and says when to stop. Engines read no clock; this does.
pub trait Observer: Sync {
    /// Asked often; `Some` ends the computation with what it has.
    fn stop(&self) -> Option<Stop>;
    /// Told from time to time.
    fn progress(&self, progress: &Progress);
}

/// Never stops, shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn stop(&self) -> Option<Stop> {
        None
    }

    fn progress(&self, _: &Progress) {}
}
