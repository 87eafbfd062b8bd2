//! Rounds of batches on several threads, merged in order.
//!
//! Every round has 32 batches with streams of their own. From the second round on each doubles the number of cycles; only
//! then is looked whether to stop, so that stopping prefers no lucky run. What a batch gives depends on its number alone.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::measure::{ImportanceChecks, Observer, Progress, Stop, StopReason};
use crate::simulate::Settings;
use crate::simulate::rare::checks::{Doubt, checks, doubt};
use crate::simulate::rare::estimates::Estimates;
use crate::simulate::rare::sampler::{BATCHES, Sampler, Task};
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::twin::Twin;

/// Cycles of each batch in the first round: less hides what the checks look for.
const FIRST_CYCLES: u64 = 100;
/// Lower bounds cut contributions off at so many means of the first round.
const CAP: f64 = 30.0;
/// A warm-up is at least this share of the round.
const WARM_UP_SHARE: u64 = 20;

/// A simulation that has ended.
pub(crate) struct Finished {
    pub(crate) estimates: Estimates,
    pub(crate) checks: ImportanceChecks,
    pub(crate) doubt: Option<Doubt>,
    pub(crate) stopped_by: StopReason,
}

/// What decides when to stop.
pub(crate) struct Wish<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) has_times: bool,
    /// Cycles before those that count; 0 where every cycle starts alike.
    pub(crate) warm_up: u64,
}

/// Runs rounds until the precision is reached, a limit, or the observer ends it.
pub(crate) fn run<S: Sampler>(
    twin: &Twin,
    wish: &Wish<'_>,
    observer: &dyn Observer,
    sampler: impl Fn(usize) -> S,
) -> Finished {
    let settings = wish.settings;
    let threads = settings.threads.clamp(1, BATCHES as usize);
    let mut samplers: Vec<S> = (0..threads).map(|_| sampler(threads)).collect();
    let mut batches: Vec<Statistics> = Vec::new();
    let mut caps = [f64::INFINITY; 2];
    let mut outlook = Outlook::default();
    for round in 0.. {
        let cycles = next_cycles(round, &batches, settings);
        let warm_up = if wish.warm_up == 0 { 0 } else { wish.warm_up.max(cycles / WARM_UP_SHARE) };
        let task = |batch| Task { seed: settings.seed, round, batch, cycles, warm_up, caps };
        let watch = Watch::new(observer, outlook.clone());
        let latest = run_round(&mut samplers, task, &watch);
        if batches.is_empty() {
            batches.clone_from(&latest);
        } else {
            batches.iter_mut().zip(&latest).for_each(|(batch, more)| batch.merge(more));
        }
        let estimates = Estimates::new(batches.clone(), settings.alpha);
        if round == 0 {
            let mean = |index: usize| estimates.total.contributions[index].sum / estimates.total.cycles.max(1) as f64;
            caps = [CAP * mean(0), CAP * mean(1)];
        }
        let checks = checks(&estimates, &latest, twin);
        let doubt = doubt(&checks, wish.has_times);
        outlook = Outlook::of(&estimates, wish, doubt.as_ref());
        if let Some(stopped_by) = stopped_by(&watch, observer, &estimates, &outlook, settings) {
            return Finished { estimates, checks, doubt, stopped_by };
        }
    }
    unreachable!("rounds end by a limit or by the observer")
}

/// Cycles of each batch in a round: as many as there were, within the limit of events.
fn next_cycles(round: u64, batches: &[Statistics], settings: &Settings) -> u64 {
    let cycles = FIRST_CYCLES << round.saturating_sub(1).min(40);
    let Some(limit) = settings.events else { return cycles };
    let (events, done) = batches.iter().fold((0, 0), |(e, c), batch| (e + batch.events, c + batch.cycles));
    // A cycle and its branch take ten events or so.
    let per_cycle = if done > 0 { events as f64 / done as f64 } else { 10.0 };
    let left = limit.saturating_sub(events) as f64 / per_cycle / BATCHES as f64;
    cycles.min((left as u64).max(1))
}

fn stopped_by(
    watch: &Watch<'_>,
    observer: &dyn Observer,
    estimates: &Estimates,
    outlook: &Outlook,
    settings: &Settings,
) -> Option<StopReason> {
    if watch.stopped.load(Ordering::Relaxed) {
        return Some(match observer.stop() {
            Some(Stop::TimeLimit) => StopReason::TimeLimit,
            _ => StopReason::Interrupted,
        });
    }
    if outlook.missing.is_some_and(|times| times <= 1.0) {
        return Some(StopReason::Precision);
    }
    settings.events.filter(|limit| estimates.total.events >= limit / 20 * 19).map(|_| StopReason::Events)
}

fn run_round<S: Sampler>(samplers: &mut [S], task: impl Fn(u64) -> Task + Sync, watch: &Watch<'_>) -> Vec<Statistics> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<Statistics>>> = (0..BATCHES).map(|_| Mutex::new(None)).collect();
    let work = |sampler: &mut S| {
        loop {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let Some(result) = results.get(batch) else { break };
            let statistics = sampler.run(&task(batch as u64), &|events| watch.after(events));
            *result.lock().expect("no thread panics while it holds a result") = Some(statistics);
        }
    };
    match samplers {
        [only] => work(only),
        several => std::thread::scope(|scope| {
            for sampler in several {
                scope.spawn(|| work(sampler));
            }
        }),
    }
    let taken = |result: Mutex<Option<Statistics>>| {
        result.into_inner().expect("no thread panics while it holds a result").expect("every batch was run")
    };
    results.into_iter().map(taken).collect()
}

/// What is known about the end and the result when a round begins.
#[derive(Clone, Debug, Default)]
struct Outlook {
    events: u64,
    /// Events in all, as far as can be told.
    total: Option<f64>,
    /// How many times the cycles so far the wanted precision takes.
    missing: Option<f64>,
    estimate: Option<(f64, f64, f64)>,
}

impl Outlook {
    fn of(estimates: &Estimates, wish: &Wish<'_>, doubt: Option<&Doubt>) -> Self {
        let settings = wish.settings;
        let events = estimates.total.events;
        let (downtime, outages) = (estimates.rate(0), estimates.rate(1));
        let widest = if wish.has_times { downtime.half_width.max(outages.half_width) } else { downtime.half_width };
        let missing = settings.precision.filter(|_| doubt.is_none()).map(|p| (widest / p) * (widest / p));
        // Rounds double: the end is at one of them.
        let rounds = missing.map(|times| events as f64 * libm::exp2(libm::ceil(libm::log2(times.max(1.0)))));
        let totals = [rounds, settings.events.map(|events| events as f64)];
        let estimate = downtime.estimate(settings.alpha);
        Self {
            events,
            total: totals.into_iter().flatten().min_by(f64::total_cmp),
            missing,
            estimate: (doubt.is_none()).then(|| Some((estimate.point?, estimate.low?, estimate.high?))).flatten(),
        }
    }
}

/// Asks the observer, and counts events over all threads.
struct Watch<'a> {
    observer: &'a dyn Observer,
    outlook: Outlook,
    events: AtomicU64,
    stopped: AtomicBool,
}

impl<'a> Watch<'a> {
    fn new(observer: &'a dyn Observer, outlook: Outlook) -> Self {
        Self { observer, events: AtomicU64::new(outlook.events), outlook, stopped: AtomicBool::new(false) }
    }

    fn after(&self, events: u64) -> bool {
        let events = events + self.events.fetch_add(events, Ordering::Relaxed);
        if self.observer.stop().is_some() {
            self.stopped.store(true, Ordering::Relaxed);
        }
        self.observer.progress(&Progress {
            phase: "simulating",
            done: events as f64,
            total: self.outlook.total.map(|total| total.max(events as f64)),
            events,
            estimate: self.outlook.estimate,
        });
        self.stopped.load(Ordering::Relaxed)
    }
}
