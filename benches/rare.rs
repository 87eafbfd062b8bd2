//! CPU time of importance sampling to a half width of 1 % at 95 %, and its gain over plain simulation, for every model of
//! `tests/rare/models`. One thread; without the start of the process.
//!
//! - `prepare`: a run of one event, which has everything worked out and samples 32 cycles; the mean of a tenth of a second.
//! - `U`, `frequency`: a run with a precision of 1 % for both, at most 50 million events, of time t and half width w: the
//!   preparation, and what is left of t times (w / 1 %)^2.
//! - `ESS`: effective sample size of the downtime per cycle.
//! - `plain`: by plain simulation, for U. Where a run of two million events gives an interval, its time is scaled in the same
//!   way. Where outages are too few for that (marked `~`, an order of magnitude), they are taken to come as a Poisson process:
//!   with l = E[L^2] / E[L] for outages of length L, T simulated seconds give U a relative variance of `l / (U T)`, so that 1 %
//!   takes `T = (1.96 / 0.01)^2 l / U`, each second of which costs what it cost in the plain run. The long outages that carry
//!   the downtime are what importance sampling looks for; were their lengths exponential, l would be twice their mean, and
//!   the longest of n would be `ln n` of their means: l = 2 longest / ln n. Lognormal tails make this too long.
//!
//! Names may be chosen: `cargo bench --bench rare -- lognormal`.

#[path = "../tests/rare/library.rs"]
mod library;

use std::time::Instant;

use ninefold::measure::{Estimate, NoObserver, SimulatedMeasures};
use ninefold::simulate::{Method, Settings, simulate};
use ninefold::topology::Model;

use crate::library::{Case, library};

/// The half width that costs are given for.
const PRECISION: f64 = 0.01;
/// Enough for the slowest model that is not lost anyway.
const MOST_EVENTS: u64 = 50_000_000;
/// Events of plain simulation: about half a second.
const PLAIN_EVENTS: u64 = 2_000_000;
/// Normal quantile of intervals at 95 %.
const NORMAL: f64 = 1.96;

fn main() {
    // Cargo adds `--bench`.
    let parts: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    print(
        &["model", "engine", "U", "prepare", "U 1 %", "freq. 1 %", "cycles", "ESS", "plain", "gain"].map(str::to_owned),
    );
    for case in library() {
        if parts.is_empty() || parts.iter().any(|part| case.name.contains(part.as_str())) {
            print(&row(&case));
        }
    }
}

#[expect(clippy::print_stdout, reason = "the table is what the benchmark is for")]
fn print(columns: &[String; 10]) {
    let [name, rest @ ..] = columns;
    println!("{name:<24}{}", rest.each_ref().map(|column| format!("{column:>11}")).concat());
}

fn row(case: &Case) -> [String; 10] {
    let importance = Settings { method: Method::Importance, events: Some(1), precision: None, ..Settings::default() };
    let prepare = timed(&case.model, &importance).1;
    let settings = Settings { events: Some(MOST_EVENTS), precision: Some(PRECISION), ..importance };
    let (run, seconds) = timed(&case.model, &settings);
    let sampling = (seconds - prepare).max(0.0);
    let to_precision = |estimate: Option<Estimate>| Some(prepare + sampling * times_more(estimate)?);
    let (unavailability, frequency) = (to_precision(Some(run.unavailability)), to_precision(run.failure_frequency));
    let plain = plain(case, &run);
    let gain = plain.seconds.zip(unavailability).map(|(plain, importance)| plain / importance);
    let mark = if plain.is_estimated { "~" } else { "" };
    [
        case.name.clone(),
        if run.method.contains("jumps between states") { "chain" } else { "general" }.to_owned(),
        run.unavailability.point.map_or("none".to_owned(), |point| format!("{point:.2e}")),
        time(Some(prepare)),
        time(unavailability),
        time(frequency),
        run.cycles.to_string(),
        format!("{:.3}", run.diagnostics.effective_sample_size / run.cycles as f64),
        format!("{mark}{}", time(plain.seconds)),
        gain.map_or("-".to_owned(), |gain| format!("{mark}{gain:.1e}")),
    ]
}

/// Cost of plain simulation to the precision.
struct Plain {
    seconds: Option<f64>,
    is_estimated: bool,
}

fn plain(case: &Case, importance: &SimulatedMeasures) -> Plain {
    let settings =
        Settings { method: Method::Plain, events: Some(PLAIN_EVENTS), precision: None, ..Settings::default() };
    let (run, seconds) = timed(&case.model, &settings);
    if let Some(times) = times_more(Some(run.unavailability)) {
        return Plain { seconds: Some(seconds * times), is_estimated: false };
    }
    let length = importance.outage_lengths.as_ref().map(|seen| 2.0 * seen.longest / (seen.count as f64).ln());
    let known = case.reference.map(|reference| reference.unavailability).or(importance.unavailability.point);
    let simulated = length.zip(known).map(|(length, known)| NORMAL / PRECISION * NORMAL / PRECISION * length / known);
    let seconds = simulated.map(|simulated| simulated * seconds / run.simulated_seconds);
    Plain { seconds, is_estimated: true }
}

/// How many times the work so far the precision takes.
fn times_more(estimate: Option<Estimate>) -> Option<f64> {
    let ratio = estimate?.relative_half_width()? / PRECISION;
    Some(ratio * ratio)
}

/// Seconds of runs that are timed together: the system's clock of a thread may tick every 4 ms only.
const TIMED_TOGETHER: f64 = 0.1;

/// A run and its seconds of CPU, the mean of several where they are short.
fn timed(model: &Model, settings: &Settings) -> (SimulatedMeasures, f64) {
    let clock = Clock::start();
    let mut runs = 0;
    loop {
        let measures = simulate(model, settings, &NoObserver).expect("something can fail");
        runs += 1;
        let seconds = clock.seconds();
        if seconds >= TIMED_TOGETHER {
            return (measures, seconds / f64::from(runs));
        }
    }
}

/// Counts seconds of this thread on a processor where the system tells them (Linux), which other programs do not disturb; else
/// seconds of the wall.
struct Clock {
    processor: Option<f64>,
    wall: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn start() -> Self {
        Self { processor: processor_seconds(), wall: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        let processor = self.processor.zip(processor_seconds()).map(|(start, end)| end - start);
        processor.unwrap_or_else(|| self.wall.elapsed().as_secs_f64())
    }
}

fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

fn time(seconds: Option<f64>) -> String {
    match seconds {
        None => "-".to_owned(),
        Some(seconds) if seconds < 1.0 => format!("{:.2} ms", 1e3 * seconds),
        Some(seconds) if seconds < 1e4 => format!("{seconds:.2} s"),
        Some(seconds) => format!("{seconds:.1e} s"),
    }
}
