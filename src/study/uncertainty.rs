//! What is not known exactly going in, and what that leaves open coming out: quantiles of the unavailability over what is believed
//! of the inputs.
//!
//! Each sample draws every input on its own, by inversion of one uniform number, and solves the system exactly for these values.
//! The samples are independent, so a quantile has an interval that holds whatever the distribution: two order statistics
//! ([`quantile_places`]). Which input carries the uncertainty is told by Spearman's rank correlation (1904) between the input and the
//! unavailability: it sees any monotone influence, and its sign. Checked in `tests/uncertainty` against distributions that are known.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::measure::{Estimate, Observer, Progress, Quantile, Stop, StopReason, Uncertainty};
use crate::numeric::interval::{clopper_pearson, student_factor};
use crate::numeric::order::{quantile_places, rank_correlation};
use crate::numeric::random::{Purpose, stream, uniform};
use crate::topology::uncertain::UncertainInput;

/// Samples that are drawn before any is put in order; all of them are lost when the work is ended among them.
const BATCH: usize = 512;

/// How to sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Samples.
    pub samples: usize,
    /// Seed of the random streams.
    pub seed: u64,
    /// Threads; they change the speed only.
    pub threads: usize,
    /// The chance that an interval misses.
    pub alpha: f64,
    /// Which quantiles, each in (0, 1).
    pub quantiles: Vec<f64>,
    /// The unavailability that the target allows.
    pub allowed: Option<f64>,
}

impl Default for Settings {
    /// As many samples as give the 95 % quantile between those of 94.6 % and 95.4 %; quantiles that leave one chance in twenty on
    /// either side.
    fn default() -> Self {
        Self { samples: 10_000, seed: 1, threads: 1, alpha: 0.05, quantiles: vec![0.05, 0.5, 0.95], allowed: None }
    }
}

/// Why a sample has no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure<E> {
    /// The observer ended it.
    Stopped(Stop),
    /// The system cannot be solved for these values of the inputs.
    At {
        /// The values.
        values: Vec<f64>,
        /// Why.
        error: E,
    },
}

/// Draws samples of `inputs` and solves for each; `solve` is `None` when the observer ended it. Where that happens, what was found so
/// far is given.
///
/// # Errors
/// When some sample cannot be solved, or not one was.
pub fn sample<E: Send>(
    inputs: &[UncertainInput],
    settings: &Settings,
    solve: impl Fn(&[f64]) -> Result<Option<f64>, E> + Sync,
    observer: &dyn Observer,
) -> Result<Uncertainty, Failure<E>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build();
    let pool = pool.expect("threads can be started");
    let done = AtomicUsize::new(0);
    let one = |index: usize| {
        if let Some(stop) = observer.stop() {
            return Err(Failure::Stopped(stop));
        }
        let values = drawn(inputs, settings.seed, index as u64);
        let solved = solve(&values).map_err(|error| Failure::At { values: values.clone(), error })?;
        let Some(unavailability) = solved else {
            return Err(Failure::Stopped(observer.stop().unwrap_or(Stop::Interrupted)));
        };
        let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
        observer.progress(&Progress {
            phase: "sampling",
            done: so_far as f64,
            total: Some(settings.samples as f64),
            events: so_far as u64,
            estimate: None,
        });
        Ok((values, unavailability))
    };
    let mut found: Vec<(Vec<f64>, f64)> = Vec::with_capacity(settings.samples);
    let mut stopped_by = None;
    while found.len() < settings.samples && stopped_by.is_none() {
        let end = settings.samples.min(found.len() + BATCH);
        let batch: Vec<_> = pool.install(|| (found.len()..end).into_par_iter().map(one).collect());
        for sample in batch {
            match sample {
                Ok(sample) => found.push(sample),
                Err(Failure::Stopped(stop)) => {
                    stopped_by = Some(stop);
                    break;
                }
                Err(failure) => return Err(failure),
            }
        }
    }
    match stopped_by {
        Some(stop) if found.len() < 2 => Err(Failure::Stopped(stop)),
        stop => Ok(concluded(&found, inputs.len(), settings, stop)),
    }
}

/// The values of one sample. Each input has its own place in the stream, so that one more changes no other.
fn drawn(inputs: &[UncertainInput], seed: u64, sample: u64) -> Vec<f64> {
    let mut stream = stream(seed, Purpose::Inputs, sample);
    inputs.iter().map(|input| input.belief.quantile(uniform(&mut stream))).collect()
}

fn concluded(found: &[(Vec<f64>, f64)], inputs: usize, settings: &Settings, stop: Option<Stop>) -> Uncertainty {
    let values: Vec<f64> = found.iter().map(|(_, unavailability)| *unavailability).collect();
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let of_input = |input: usize| found.iter().map(|(values, _)| values[input]).collect::<Vec<f64>>();
    Uncertainty {
        samples: found.len(),
        quantiles: settings.quantiles.iter().map(|p| quantile(&sorted, *p, settings.alpha)).collect(),
        mean: mean(&values, settings.alpha),
        target_met: settings.allowed.map(|allowed| met(&sorted, allowed, settings.alpha)),
        correlations: (0..inputs).map(|input| rank_correlation(&of_input(input), &values)).collect(),
        stopped_by: stop.map_or(StopReason::Events, StopReason::from),
    }
}

fn quantile(sorted: &[f64], probability: f64, alpha: f64) -> Quantile {
    let places = quantile_places(sorted.len(), probability, alpha);
    let at = |place: usize| sorted[place - 1];
    Quantile { probability, unavailability: at(places.point), low: places.low.map(at), high: places.high.map(at) }
}

fn mean(values: &[f64], alpha: f64) -> Estimate {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let error = libm::sqrt(squares / (count - 1.0) / count);
    let half_width = student_factor(count - 1.0, alpha) * error;
    Estimate {
        point: Some(mean),
        low: Some((mean - half_width).max(0.0)),
        high: Some(mean + half_width),
        confidence: 1.0 - alpha,
    }
}

fn met(sorted: &[f64], allowed: f64, alpha: f64) -> Estimate {
    let count = sorted.partition_point(|unavailability| *unavailability <= allowed);
    let interval = clopper_pearson(count as u64, sorted.len() as u64, alpha);
    Estimate {
        point: Some(count as f64 / sorted.len() as f64),
        low: Some(interval.low),
        high: Some(interval.high),
        confidence: 1.0 - alpha,
    }
}
