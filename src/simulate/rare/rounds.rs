//! Rounds of batches on several threads, merged in order.
//!
//! Every round has 32 batches with streams of their own. From the second round on each doubles the number of cycles; only
//! then is looked whether to stop, so that stopping prefers no lucky run. What a batch gives depends on its number alone.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::measure::{ImportanceChecks, Observer, StopReason};
use crate::simulate::Settings;
use crate::simulate::rare::checks::{Doubt, Past, checks, doubt};
use crate::simulate::rare::estimates::{Estimates, mix};
use crate::simulate::rare::gate::widest;
use crate::simulate::rare::sampler::{BATCHES, Sampler, Task};
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::twin::Twin;
use crate::simulate::watch::Watch;

/// Cycles of each batch in the first round: less hides what the checks look for.
const FIRST_CYCLES: u64 = 100;
/// The pilot has streams that no round has.
const PILOT: u64 = 1 << 40;
/// Lower bounds cut contributions off at so many means of the first round.
const CAP: f64 = 30.0;
/// A batch is cut off at so many times its part of the events that are left, and not before so many events: only where
/// cycles are so long that the limit says nothing about them.
const MOST_OVER_LIMIT: u64 = 10;
const LEAST_LIMIT: u64 = 100_000;
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
    /// The quantities that are measures of capacity, where they are asked for.
    pub(crate) capacity: Vec<usize>,
}

/// The rounds of one sampler, batch by batch.
pub(crate) struct Course<S> {
    samplers: Vec<S>,
    seed: u64,
    first_round: u64,
    round: u64,
    caps: [f64; 2],
    /// What earlier looks found.
    pub(crate) past: Past,
    /// All cycles so far, and those of the latest round.
    pub(crate) batches: Vec<Statistics>,
    pub(crate) latest: Vec<Statistics>,
}

impl<S: Sampler> Course<S> {
    /// One sampler for each thread; streams from round `first_round` on.
    pub(crate) fn new(samplers: Vec<S>, seed: u64, first_round: u64) -> Self {
        let caps = [f64::INFINITY; 2];
        Self {
            samplers,
            seed,
            first_round,
            round: 0,
            caps,
            past: Past::default(),
            batches: Vec::new(),
            latest: Vec::new(),
        }
    }

    pub(crate) fn is_begun(&self) -> bool {
        self.round > 0
    }

    /// One more round, of about as many events as are left at most; whether it came to its end. One that meets the limit
    /// within long cycles is worth nothing: cycles that are complete are the short ones.
    pub(crate) fn round(&mut self, warm_up: u64, events_left: Option<u64>, watch: &Watch<'_>) -> bool {
        let cycles = self.next_cycles(warm_up, events_left);
        let warm_up = if warm_up == 0 { 0 } else { warm_up.max(cycles / WARM_UP_SHARE) };
        let (seed, round, caps) = (self.seed, self.first_round + self.round, self.caps);
        let part = |left: u64| (left / BATCHES).saturating_mul(MOST_OVER_LIMIT).max(LEAST_LIMIT);
        let most_events = events_left.map_or(u64::MAX, part);
        let task = |batch| Task { seed, round, batch, cycles, warm_up, caps, most_events };
        let latest = run_round(&mut self.samplers, task, watch);
        let is_cut = !watch.is_stopped() && latest.iter().any(|batch| batch.cycles < cycles);
        if is_cut {
            self.waste(&latest);
            return false;
        }
        self.latest = latest;
        if self.round == 0 {
            self.batches.clone_from(&self.latest);
            let cycles: u64 = self.batches.iter().map(|batch| batch.cycles).sum();
            self.caps = [0, 1].map(|index: usize| {
                let sum: f64 = self.batches.iter().map(|batch| batch.contributions[index].sum).sum();
                CAP * sum / cycles.max(1) as f64
            });
        } else {
            self.batches.iter_mut().zip(&self.latest).for_each(|(batch, more)| batch.merge(more));
        }
        self.round += 1;
        true
    }

    /// Counts the events of a round, and nothing else.
    fn waste(&mut self, round: &[Statistics]) {
        if self.round == 0 {
            self.batches = round.iter().map(|batch| batch.less(batch)).collect();
            self.latest.clone_from(&self.batches);
            self.round = 1;
        }
        self.batches.iter_mut().zip(round).for_each(|(batch, more)| batch.events += more.events);
    }

    /// Rounds so far.
    pub(crate) fn rounds(&self) -> u64 {
        self.round
    }

    /// Cycles of each batch in the next round: as many as there were, within the limit of events, of which the warm-up takes
    /// its part.
    fn next_cycles(&self, warm_up: u64, events_left: Option<u64>) -> u64 {
        let cycles = FIRST_CYCLES << self.round.saturating_sub(1).min(40);
        let Some(left) = events_left else { return cycles };
        let (events, done) = self.batches.iter().fold((0, 0), |(e, c), batch| (e + batch.events, c + batch.cycles));
        // A cycle and its branch take ten events or so.
        let with_warm_ups = done + self.round * warm_up * BATCHES;
        let per_cycle = if done > 0 { events as f64 / with_warm_ups as f64 } else { 10.0 };
        let affordable = (left as f64 / per_cycle / BATCHES as f64) as u64;
        cycles.min(affordable.saturating_sub(warm_up).max(1))
    }
}

/// Runs rounds until the precision is reached, a limit, or the observer ends it.
pub(crate) fn run<S: Sampler>(twin: &Twin, wish: &Wish<'_>, observer: &dyn Observer, samplers: Vec<S>) -> Finished {
    let settings = wish.settings;
    let mut course = Course::new(samplers, settings.seed, 0);
    let mut outlook = Outlook::default();
    loop {
        let watch = outlook.watch(observer);
        let left = settings.events.map(|limit| limit.saturating_sub(outlook.events));
        let is_complete = course.round(wish.warm_up, left, &watch);
        let mut estimates = Estimates::new(course.batches.clone(), settings.alpha);
        if twin.has_common_outages() {
            let share = estimates.share_of_plain();
            mix(&mut estimates.batches, share);
            mix(&mut course.latest, share);
            estimates = Estimates::new(estimates.batches, settings.alpha);
        }
        let checks = checks(&estimates, &course.latest, twin);
        let doubt = doubt(&checks, &estimates.total, twin, wish.has_times, course.past);
        course.past.note(&checks);
        outlook = Outlook::of(&estimates, wish, doubt.as_ref());
        let in_vain = doubt.as_ref().is_some_and(|doubt| doubt.is_final(course.rounds()));
        let stopped_by = stopped_by(&watch, &outlook, settings)
            .or_else(|| in_vain.then_some(StopReason::NoInterval))
            .or_else(|| (!is_complete).then_some(StopReason::Events));
        if let Some(stopped_by) = stopped_by {
            return Finished { estimates, checks, doubt, stopped_by };
        }
    }
}

/// A batch of so many cycles that is not counted.
pub(crate) fn pilot(wish: &Wish<'_>, observer: &dyn Observer, cycles: u64, mut sampler: impl Sampler) -> Statistics {
    let task = Task {
        seed: wish.settings.seed,
        round: PILOT,
        batch: 0,
        cycles,
        warm_up: wish.warm_up,
        caps: [f64::INFINITY; 2],
        most_events: u64::MAX,
    };
    sampler.run(&task, &|_| observer.stop().is_some())
}

fn stopped_by(watch: &Watch<'_>, outlook: &Outlook, settings: &Settings) -> Option<StopReason> {
    if watch.is_stopped() {
        return Some(watch.reason());
    }
    if outlook.missing.is_some_and(|times| times <= 1.0) {
        return Some(StopReason::Precision);
    }
    settings.events.filter(|limit| outlook.events >= limit / 20 * 19).map(|_| StopReason::Events)
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
pub(crate) struct Outlook {
    pub(crate) events: u64,
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
        let widest = widest(estimates, wish);
        let missing = settings.precision.filter(|_| doubt.is_none()).map(|p| (widest / p) * (widest / p));
        let estimate = estimates.rate(0).estimate(settings.alpha);
        let shown = doubt.is_none().then(|| Some((estimate.point?, estimate.low?, estimate.high?))).flatten();
        Self::new(events, missing, settings.events, shown)
    }

    /// Watches the round that begins.
    pub(crate) fn watch<'a>(&self, observer: &'a dyn Observer) -> Watch<'a> {
        Watch::new(observer, self.events, self.total, self.estimate)
    }

    /// After `events`, when the wanted precision takes `missing` times as many.
    pub(crate) fn new(
        events: u64,
        missing: Option<f64>,
        limit: Option<u64>,
        estimate: Option<(f64, f64, f64)>,
    ) -> Self {
        // Rounds double: the end is at one of them.
        let rounds = missing.map(|times| events as f64 * libm::exp2(libm::ceil(libm::log2(times.max(1.0)))));
        let totals = [rounds.filter(|events| events.is_finite()), limit.map(|events| events as f64)];
        Self { events, total: totals.into_iter().flatten().min_by(f64::total_cmp), missing, estimate }
    }
}
