//! Rounds of doubling length over all streams, on several threads, merged in order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::measure::{Observer, Progress, Stop, StopReason};
use crate::numeric::random::Purpose;
use crate::simulate::Settings;
use crate::simulate::conclude::{Merged, is_precise, point_and_interval};
use crate::simulate::facts::FactsOf;
use crate::simulate::path::{Engine, Path, Plan};
use crate::simulate::pilot;

/// Independent streams: enough for any number of cores, and for 63 degrees of freedom of replications.
pub(crate) const STREAMS: u64 = 64;
/// Events of each stream in the first round.
const FIRST_ROUND: u64 = 8_192;

/// A simulation that has ended.
pub(crate) struct Finished {
    pub(crate) merged: Merged,
    pub(crate) plan: Plan,
    pub(crate) stopped_by: StopReason,
}

/// Runs until the precision is reached, a limit, or the observer ends it.
pub(crate) fn run<E: Engine>(
    facts: &FactsOf<'_>,
    settings: &Settings,
    observer: &dyn Observer,
    engine: impl Fn() -> E,
) -> Finished {
    let plan = pilot::plan(facts, settings.seed, &mut engine());
    let mut engines: Vec<E> = (0..settings.threads.max(1)).map(|_| engine()).collect();
    let path = |number| Mutex::new(Path::new(facts, &plan, settings.seed, Purpose::Plain, number));
    let paths: Vec<Mutex<Path>> = (0..STREAMS).map(path).collect();
    let most = settings.events.map_or(u64::MAX, |events| events.div_ceil(STREAMS));
    let seconds = settings.seconds.map_or(f64::INFINITY, |seconds| seconds / STREAMS as f64);
    let (mut done, mut round) = (0_u64, FIRST_ROUND);
    loop {
        let quota = round.min(most - done);
        let watch = Watch { observer, events: AtomicU64::new(done * STREAMS), stopped: AtomicBool::new(false) };
        let merged_before = (done > 0).then(|| Merged::of(&paths, &plan));
        advance_all(&mut engines, &paths, &plan, Task { quota, seconds }, &watch, |events| {
            let estimate = merged_before.as_ref().and_then(|merged| point_and_interval(merged, settings));
            observer.progress(&Progress {
                phase: "simulating",
                done: events as f64,
                total: settings.events.map(|events| events as f64),
                events,
                estimate,
            });
        });
        done += quota;
        let merged = Merged::of(&paths, &plan);
        let out_of_time = paths.iter().all(|path| path.lock().is_ok_and(|path| path.time >= seconds));
        let stopped_by = if watch.stopped.into_inner() {
            Some(match observer.stop() {
                Some(Stop::TimeLimit) => StopReason::TimeLimit,
                _ => StopReason::Interrupted,
            })
        } else if is_precise(&merged, settings) {
            Some(StopReason::Precision)
        } else if done >= most {
            Some(StopReason::Events)
        } else if out_of_time {
            Some(StopReason::Years)
        } else {
            None
        };
        if let Some(stopped_by) = stopped_by {
            return Finished { merged, plan, stopped_by };
        }
        round = done;
    }
}

/// What every path is to do in a round.
#[derive(Clone, Copy)]
struct Task {
    quota: u64,
    seconds: f64,
}

/// Asks the observer, and counts events over all threads.
struct Watch<'a> {
    observer: &'a dyn Observer,
    events: AtomicU64,
    stopped: AtomicBool,
}

impl Watch<'_> {
    fn after(&self, steps: u64) -> bool {
        self.events.fetch_add(steps, Ordering::Relaxed);
        if self.observer.stop().is_some() {
            self.stopped.store(true, Ordering::Relaxed);
        }
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Each thread takes the next path that nobody has taken, until none is left. Paths are independent, so who runs which
/// does not matter.
fn advance_all<E: Engine>(
    engines: &mut [E],
    paths: &[Mutex<Path>],
    plan: &Plan,
    task: Task,
    watch: &Watch<'_>,
    report: impl Fn(u64) + Sync,
) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for engine in engines {
            let (next, report) = (&next, &report);
            scope.spawn(move || {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut path = path.lock().expect("no thread panics while it holds a path");
                    let stop = |steps| {
                        let stopped = watch.after(steps);
                        report(watch.events.load(Ordering::Relaxed));
                        stopped
                    };
                    engine.advance(&mut path, plan, task.quota, task.seconds, &stop);
                }
            });
        }
    });
}
