//! What may happen in a window of a given length: outages and downtime, window by window.
//!
//! Long-run measures say what a window brings on average; here is how much windows differ. A fixed number of streams is
//! simulated with every holding time drawn (also memoryless ones); after a warm-up each stream is cut into windows with
//! a gap of ten of the longest recovery between two of them, so that an outage at the end of one does not reach into
//! the next. An outage counts in a window when a part of it lies inside, and the downtime is cut off at the edges, as
//! logs are counted. In the long run a window of T seconds has nu T + U outages and U T downtime on average, which
//! tests compare with the exact engine. Results do not depend on the number of threads.

use rayon::prelude::*;

use crate::dynamics::Dynamics;
use crate::measure::{Observer, Progress, Stop};
use crate::numeric::random::Purpose;
use crate::simulate::Error;
use crate::simulate::calendar::Calendar;
use crate::simulate::facts::FactsOf;
use crate::simulate::path::{Path, Plan};
use crate::simulate::pilot;
use crate::simulate::walk::{Engine, SLICE};
use crate::topology::{Model, Scope};

/// Which windows, and how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowSettings {
    /// Length of each, in seconds; positive.
    pub seconds: f64,
    /// How many.
    pub windows: u32,
    /// Seed of the random streams.
    pub seed: u64,
    /// Threads; they do not change results.
    pub threads: usize,
}

/// One window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    /// Outages with a part in it.
    pub outages: u32,
    /// Seconds down in it.
    pub downtime: f64,
}

/// Independent streams.
const STREAMS: u32 = 64;
/// Seconds between two windows, in the longest mean recovery.
const GAP: f64 = 10.0;

/// Why there are no windows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// There is nothing to simulate.
    #[error(transparent)]
    Nothing(#[from] Error),
    /// The observer ended it.
    #[error("stopped before all windows were simulated")]
    Stopped(Stop),
}

/// Simulates windows of `model`, in the order of the streams.
///
/// # Errors
/// When nothing in the model can fail, or `observer` ended it.
pub fn windows(model: &Model, settings: WindowSettings, observer: &dyn Observer) -> Result<Vec<Window>, WindowError> {
    let dynamics = Dynamics::new(model, &Scope::relevant(model));
    if dynamics.clocks(&dynamics.start()).is_empty() {
        return Err(Error::NothingHappens.into());
    }
    let facts = FactsOf::new(model, &dynamics);
    let plan = pilot::replications(&facts);
    let gap = GAP * plan.longest_recovery;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads.max(1)).build();
    let pool = pool.expect("threads can be started");
    let each = settings.windows.div_ceil(STREAMS);
    let streams = settings.windows.div_ceil(each.max(1));
    let engine = || Calendar::new(&facts, settings.threads.max(1));
    let stream = |engine: &mut Calendar<'_>, number: u32| {
        let count = each.min(settings.windows - number * each);
        let path = Path::new(&facts, &plan, settings.seed, Purpose::Window, u64::from(number));
        let mut walk = Walk { engine, plan: &plan, path, observer, begun: f64::INFINITY, found: Vec::new() };
        walk.windows(Cuts { first: plan.warm_up(), each: settings.seconds, gap, count })
    };
    let found: Result<Vec<Vec<Window>>, Stop> = pool
        .install(|| (0..streams).into_par_iter().map_init(engine, |engine, number| stream(engine, number)).collect());
    found.map(|found| found.concat()).map_err(WindowError::Stopped)
}

/// Where windows lie in the time of a stream.
#[derive(Clone, Copy)]
struct Cuts {
    first: f64,
    each: f64,
    gap: f64,
    count: u32,
}

impl Cuts {
    fn of(self, window: u32) -> (f64, f64) {
        let start = self.first + f64::from(window) * (self.each + self.gap);
        (start, start + self.each)
    }
}

struct Walk<'a, 'e, 'm> {
    engine: &'e mut Calendar<'m>,
    plan: &'a Plan,
    path: Path,
    observer: &'a dyn Observer,
    /// When the outage that is going on began.
    begun: f64,
    found: Vec<Window>,
}

impl Walk<'_, '_, '_> {
    fn windows(&mut self, cuts: Cuts) -> Result<Vec<Window>, Stop> {
        let mut at = self.engine.place(&mut self.path, self.plan);
        self.found = vec![Window::default(); cuts.count as usize];
        let end = if cuts.count > 0 { cuts.of(cuts.count - 1).1 } else { 0.0 };
        let mut first = 0;
        while self.path.time() < end {
            *self.engine.credit() = SLICE;
            while *self.engine.credit() > 0 && self.path.time() < end {
                let (before, down) = (self.path.time(), self.path.cycle.down);
                at = self.engine.step(at, &mut self.path, self.plan);
                if self.path.cycle.down > down {
                    self.begun = self.begun.min(before);
                }
                if self.path.is_up() && self.begun.is_finite() {
                    let outage = (std::mem::replace(&mut self.begun, f64::INFINITY), self.path.time());
                    first = self.count(outage, cuts, first);
                }
            }
            self.ask()?;
        }
        if self.begun.is_finite() {
            self.count((self.begun, self.path.time()), cuts, first);
        }
        Ok(std::mem::take(&mut self.found))
    }

    fn ask(&self) -> Result<(), Stop> {
        let progress = Progress { phase: "simulating windows", events: self.path.events, ..Progress::default() };
        self.observer.progress(&progress);
        self.observer.stop().map_or(Ok(()), Err)
    }

    /// Adds an outage to the windows it has a part in; those before `first` are over. The first that is not over after
    /// it.
    fn count(&mut self, (begun, ended): (f64, f64), cuts: Cuts, first: u32) -> u32 {
        let mut first = first;
        while first < cuts.count && cuts.of(first).1 <= begun {
            first += 1;
        }
        for window in first..cuts.count {
            let (start, end) = cuts.of(window);
            if start >= ended {
                break;
            }
            let inside = ended.min(end) - begun.max(start);
            if inside > 0.0 {
                let found = &mut self.found[window as usize];
                found.outages += 1;
                found.downtime += inside;
            }
        }
        first
    }
}
