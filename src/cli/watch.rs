//! Watches long work: a line of progress on a terminal, the time limit, and Ctrl-C.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::measure::{Observer, Progress, Stop};
use crate::report::number::significant;

/// Set by the first Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Whether a computation is going on that has no partial result.
static ALL_OR_NOTHING: AtomicBool = AtomicBool::new(false);
/// When that was, in milliseconds after the start.
static INTERRUPTED_AT: AtomicU64 = AtomicU64::new(0);
/// Milliseconds within which two signals are one.
const SAME_WISH: u64 = 200;
/// Steps of the bar.
const BAR: u64 = 1_000;
/// Milliseconds between two changes of the line.
const REFRESH: u64 = 200;

/// The observer of one computation.
#[derive(Debug)]
pub(crate) struct Watch {
    started: Instant,
    limit: Option<Duration>,
    line: Option<ProgressBar>,
    /// When the line was changed last, in milliseconds after the start.
    changed: AtomicU64,
}

impl Watch {
    /// As [`Self::start`], for a computation without a partial result: it need not notice that it is to end, the program ends
    /// at once.
    pub(crate) fn start_all_or_nothing(session: &Session, limit_seconds: Option<f64>) -> Result<Self, Problem> {
        ALL_OR_NOTHING.store(true, Ordering::Relaxed);
        if let Some(seconds) = limit_seconds {
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs_f64(seconds));
                let limit = format!("{} s", significant(seconds, 3));
                end_without_result(
                    3,
                    &format!(
                        "the time limit of {limit} came before the solution was complete: a longer `--time-limit` leaves more"
                    ),
                );
            });
        }
        Self::start(session, limit_seconds)
    }

    /// Starts the clock; Ctrl-C asks the computation to end, a second one ends the program.
    pub(crate) fn start(session: &Session, limit_seconds: Option<f64>) -> Result<Self, Problem> {
        let started = now();
        ctrlc::set_handler(move || interrupt(started))
            .map_err(|error| Problem::usage(format!("interrupts cannot be watched: {error}")))?;
        let line = session.shows_progress().then(|| {
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            line.set_style(style("{spinner} {wide_msg}"));
            line
        });
        Ok(Self { started, limit: limit_seconds.map(Duration::from_secs_f64), line, changed: AtomicU64::new(0) })
    }

    /// From now on there is a partial result: the computation is asked to end, and notices.
    pub(crate) fn expect_partial_result() {
        ALL_OR_NOTHING.store(false, Ordering::Relaxed);
    }

    /// The same watch with that share of the time limit.
    pub(crate) fn share(&self, share: f64) -> Share<'_> {
        Share { watch: self, limit: self.limit.map(|limit| limit.mul_f64(share)) }
    }

    /// Ends the line of progress; returns the seconds since the start.
    pub(crate) fn finish(&self) -> f64 {
        ALL_OR_NOTHING.store(false, Ordering::Relaxed);
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
        self.started.elapsed().as_secs_f64()
    }

    fn message(&self, progress: &Progress) -> String {
        let elapsed = self.started.elapsed().as_secs_f64();
        let mut parts = Vec::new();
        if progress.events > 0 {
            let events = progress.events as f64;
            let rate = with_prefix(events / elapsed.max(1e-3));
            parts.push(format!("{} {}, {rate}/s", progress.phase, with_prefix(events)));
        } else {
            parts.push(progress.phase.to_owned());
        }
        if let Some((estimate, low, high)) = progress.estimate {
            let show = |value| significant(value, 4);
            parts.push(format!("U {} ({} to {})", show(estimate), show(low), show(high)));
        }
        parts.extend(self.time_left(progress, elapsed));
        parts.join(", ")
    }

    /// From the share of the work that is done, but not beyond the time limit; as long as only that is known, at most so long.
    fn time_left(&self, progress: &Progress, elapsed: f64) -> Option<String> {
        let by_limit = self.limit.map(|limit| (limit.as_secs_f64() - elapsed).max(0.0));
        let by_work = progress.total.filter(|_| progress.done > 0.0).map(|total| {
            let share = (progress.done / total).min(1.0);
            elapsed * (1.0 / share - 1.0)
        });
        let show = |seconds: f64| format!("{} s left", significant(seconds.ceil(), 3));
        match (by_work, by_limit) {
            (Some(work), limit) => Some(show(limit.map_or(work, |limit| work.min(limit)))),
            (None, limit) => limit.map(|limit| format!("at most {}", show(limit))),
        }
    }
}

impl Observer for Watch {
    fn stop(&self) -> Option<Stop> {
        if INTERRUPTED.load(Ordering::Relaxed) {
            return Some(Stop::Interrupted);
        }
        self.limit.is_some_and(|limit| self.started.elapsed() >= limit).then_some(Stop::TimeLimit)
    }

    fn progress(&self, progress: &Progress) {
        let Some(line) = &self.line else { return };
        let at = self.started.elapsed().as_millis() as u64;
        let changed = self.changed.load(Ordering::Relaxed);
        let is_due = at >= changed + REFRESH;
        if is_due && self.changed.compare_exchange(changed, at, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            if let Some(total) = progress.total.filter(|total| *total > 0.0) {
                if line.length().is_none() {
                    line.set_style(style("[{bar:10}] {wide_msg}"));
                    line.set_length(BAR);
                }
                line.set_position((progress.done / total * BAR as f64) as u64);
            }
            line.set_message(self.message(progress));
            line.tick();
        }
    }
}

/// A part of the time.
#[derive(Debug)]
pub(crate) struct Share<'a> {
    watch: &'a Watch,
    limit: Option<Duration>,
}

impl Observer for Share<'_> {
    fn stop(&self) -> Option<Stop> {
        let is_over = self.limit.is_some_and(|limit| self.watch.started.elapsed() >= limit);
        self.watch.stop().or_else(|| is_over.then_some(Stop::TimeLimit))
    }

    fn progress(&self, progress: &Progress) {
        self.watch.progress(progress);
    }
}

/// Ends a computation that has nothing to show before it is complete.
#[expect(clippy::exit, reason = "the computation may be far from where it would ask whether to end")]
fn end_without_result(code: i32, why: &str) {
    if ALL_OR_NOTHING.swap(false, Ordering::Relaxed) {
        // When standard error is closed there is nobody left to tell.
        let after_the_line = if std::io::stderr().is_terminal() { "\n" } else { "" };
        let _ = writeln!(std::io::stderr(), "{after_the_line}error: {why}");
        std::process::exit(code);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a valid template").progress_chars("=> ")
}

/// Asks the computation to end; when it was asked before, ends the program at once. Some senders (`timeout`) signal both
/// the process and its group: a second signal right after the first is the same wish.
#[expect(clippy::exit, reason = "a second Ctrl-C must end the program whatever it is doing")]
fn interrupt(started: Instant) {
    end_without_result(130, "stopped before the solution was complete");
    let at = started.elapsed().as_millis() as u64;
    if !INTERRUPTED.swap(true, Ordering::Relaxed) {
        INTERRUPTED_AT.store(at, Ordering::Relaxed);
    } else if at > INTERRUPTED_AT.load(Ordering::Relaxed) + SAME_WISH {
        std::process::exit(130);
    }
}

#[expect(clippy::disallowed_methods, reason = "the surface is where the clock is read")]
fn now() -> Instant {
    Instant::now()
}

/// `12.3 M` for 12,300,000.
fn with_prefix(value: f64) -> String {
    let (scale, prefix) = match value {
        v if v >= 1e9 => (1e9, " G"),
        v if v >= 1e6 => (1e6, " M"),
        v if v >= 1e3 => (1e3, " k"),
        _ => (1.0, ""),
    };
    format!("{}{prefix}", significant(value / scale, 3))
}
