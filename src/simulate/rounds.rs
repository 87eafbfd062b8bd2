//! Rounds of growing length over all streams, on several threads, merged in order.
//!
//! What a round is and when it ends follows from the merged results of the rounds before, never from the clock or from
//! who ran which path: for any number of threads the same paths are as long.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::measure::{Observer, StopReason};
use crate::numeric::random::Purpose;
use crate::simulate::Settings;
use crate::simulate::facts::FactsOf;
use crate::simulate::merged::Merged;
use crate::simulate::path::{Cut, Goal, Path, Plan};
use crate::simulate::pilot;
use crate::simulate::precision::{is_precise, missing, point_and_interval};
use crate::simulate::walk::{Engine, advance};
use crate::simulate::watch::Watch;

/// Independent streams: enough for any number of cores, and for 63 degrees of freedom of replications.
const STREAMS: u64 = 64;
/// Each stream has about so many cycles before there are more streams, so that the one in which a limit is reached and
/// which is finished beyond it weighs little.
const CYCLES_PER_STREAM: f64 = 100.0;
/// Events of each stream in the first round.
const FIRST_ROUND: u64 = 8_192;
/// A round at most doubles what there is, and adds at least a quarter.
const GROWTH: (f64, f64) = (1.25, 2.0);
/// Rounds are longer by so much than the precision seems to need.
const MARGIN: f64 = 1.05;

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
    (0..)
        .find_map(|lost| run_with(facts, settings, observer, &engine, lost))
        .expect("replications have no cycles to lose")
}

/// Runs with the plan after `lost` plans under which cycles got lost; nothing when they do again.
fn run_with<E: Engine>(
    facts: &FactsOf<'_>,
    settings: &Settings,
    observer: &dyn Observer,
    engine: &impl Fn() -> E,
    lost: usize,
) -> Option<Finished> {
    let plan = pilot::plan(facts, settings.seed, lost, &mut engine(), &|_| observer.stop().is_some());
    let plan = Plan { long_outage: settings.long_outage, ..plan };
    let streams = streams(&plan, settings);
    let mut engines: Vec<E> = (0..settings.threads.clamp(1, streams as usize)).map(|_| engine()).collect();
    let path = |number| Mutex::new(Path::new(facts, &plan, settings.seed, Purpose::Plain, number));
    let paths: Vec<Mutex<Path>> = (0..streams).map(path).collect();
    let most = settings.events.map_or(u64::MAX, |events| events.div_ceil(streams));
    let seconds = settings.seconds.map_or(f64::INFINITY, |seconds| seconds / streams as f64);
    let mut merged = Merged::of(&paths, &plan);
    let mut goal = Goal { events: FIRST_ROUND.min(most), seconds };
    loop {
        let outlook = Outlook::of(&merged, settings);
        let watch = Watch::new(observer, merged.events, outlook.total, outlook.estimate);
        advance_all(&mut engines, &paths, &plan, goal, &watch);
        merged = Merged::of(&paths, &plan);
        let is_stopped = watch.is_stopped();
        let is_lost = |path: &Mutex<Path>| path.lock().is_ok_and(|mut path| path.look_for_loss());
        if !is_stopped && paths.iter().any(is_lost) {
            return None;
        }
        let out_of_time = || paths.iter().all(|path| path.lock().is_ok_and(|path| path.time() >= seconds));
        let stopped_by = if is_stopped {
            Some(watch.reason())
        } else if is_precise(&merged, settings) {
            Some(StopReason::Precision)
        } else if goal.events >= most {
            Some(StopReason::Events)
        } else if out_of_time() {
            Some(StopReason::Years)
        } else {
            None
        };
        if let Some(stopped_by) = stopped_by {
            return Some(Finished { merged, plan, stopped_by });
        }
        goal.events = next_goal(goal.events, &merged, settings).min(most);
    }
}

/// How many streams: all, unless a limit leaves room for a few cycles only.
fn streams(plan: &Plan, settings: &Settings) -> u64 {
    let Cut::Regenerative { events, seconds, .. } = plan.cut else { return STREAMS };
    let by_events = settings.events.map_or(f64::INFINITY, |limit| limit as f64 / events);
    let by_seconds = settings.seconds.map_or(f64::INFINITY, |limit| limit / seconds);
    ((by_events.min(by_seconds) / CYCLES_PER_STREAM) as u64).clamp(1, STREAMS)
}

/// Events of each stream at the end of the next round.
fn next_goal(done: u64, merged: &Merged, settings: &Settings) -> u64 {
    let (least, most) = GROWTH;
    let growth = missing(merged, settings).map_or(most, |times| (times * MARGIN).clamp(least, most));
    (done as f64 * growth).ceil() as u64
}

/// What is known about the end and the result when a round begins.
struct Outlook {
    /// Events in all, as far as can be told.
    total: Option<f64>,
    estimate: Option<(f64, f64, f64)>,
}

impl Outlook {
    fn of(merged: &Merged, settings: &Settings) -> Self {
        let done = merged.events as f64;
        let by_seconds = settings.seconds.filter(|_| merged.seconds > 0.0).map(|limit| done * limit / merged.seconds);
        let by_precision = missing(merged, settings).map(|times| done * times);
        let totals = [settings.events.map(|events| events as f64), by_seconds, by_precision];
        Self {
            total: totals.into_iter().flatten().min_by(f64::total_cmp),
            estimate: point_and_interval(merged, settings),
        }
    }
}

/// Each thread takes the next path that nobody has taken, until none is left. Paths are independent, so who runs which
/// does not matter.
fn advance_all<E: Engine>(engines: &mut [E], paths: &[Mutex<Path>], plan: &Plan, goal: Goal, watch: &Watch<'_>) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for engine in engines {
            let next = &next;
            scope.spawn(move || {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if watch.is_stopped() {
                        break;
                    }
                    let mut path = path.lock().expect("no thread panics while it holds a path");
                    advance(engine, &mut path, plan, goal, &|events| watch.after(events));
                }
            });
        }
    });
}
