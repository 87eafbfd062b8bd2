//! Many runs of one model, one for each seed, and how often their intervals cover.

use ninefold::measure::{Estimate, NoObserver, SimulatedMeasures};
use ninefold::simulate::{Method, Settings, simulate};
use ninefold::topology::Model;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::library::Reference;

/// Importance sampling of so many events.
pub(crate) fn events(events: u64) -> Settings {
    Settings { method: Method::Importance, precision: None, events: Some(events), ..Settings::default() }
}

/// One run; importance sampling must not have given way to plain simulation.
pub(crate) fn sampled(model: &Model, settings: &Settings) -> SimulatedMeasures {
    let measures = simulate(model, settings, &NoObserver).expect("something can fail");
    assert!(measures.method.starts_with("importance sampling"), "{}", measures.method);
    measures
}

/// A run for each of the first seeds, on all cores.
pub(crate) fn over_seeds(model: &Model, settings: &Settings, seeds: u64) -> Vec<SimulatedMeasures> {
    let run = |seed| sampled(model, &Settings { seed, ..settings.clone() });
    (1..=seeds).into_par_iter().map(run).collect()
}

/// Whether an interval, or the bound in its place, holds the value.
pub(crate) fn holds(estimate: &Estimate, value: f64) -> bool {
    // The length of a cycle may be known without an error; then only the last digits are left.
    let (least, most) = (value * (1.0 - 1e-12), value * (1.0 + 1e-12));
    estimate.low.is_none_or(|low| low <= most) && estimate.high.is_none_or(|high| least <= high)
}

/// How the intervals of one measure did over many runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Coverage {
    pub(crate) intervals: usize,
    pub(crate) covering: usize,
    /// Mean half width relative to the estimate.
    pub(crate) half_width: f64,
    /// Mean estimate over the reference, less 1.
    pub(crate) bias: f64,
    /// The bias in standard errors of the mean.
    pub(crate) deviations: f64,
}

impl Coverage {
    fn of(estimates: &[Estimate], value: f64) -> Self {
        let given: Vec<&Estimate> = estimates.iter().filter(|estimate| estimate.point.is_some()).collect();
        let n = given.len() as f64;
        let errors: Vec<f64> = given.iter().filter_map(|estimate| estimate.point).map(|p| p / value - 1.0).collect();
        let bias = errors.iter().sum::<f64>() / n;
        let variance = errors.iter().map(|error| (error - bias) * (error - bias)).sum::<f64>() / (n - 1.0);
        Self {
            intervals: given.len(),
            covering: given.iter().filter(|estimate| holds(estimate, value)).count(),
            half_width: given.iter().filter_map(|estimate| estimate.relative_half_width()).sum::<f64>() / n,
            bias,
            deviations: bias / (variance / n).sqrt(),
        }
    }

    /// Share of the intervals that cover, in percent.
    pub(crate) fn percent(&self) -> f64 {
        100.0 * self.covering as f64 / self.intervals as f64
    }

    /// Intervals that do not cover.
    pub(crate) fn misses(&self) -> usize {
        self.intervals - self.covering
    }
}

/// Coverage of the unavailability and of the frequency.
pub(crate) fn coverages(runs: &[SimulatedMeasures], reference: Reference) -> [Coverage; 2] {
    let unavailability: Vec<Estimate> = runs.iter().map(|run| run.unavailability).collect();
    let frequency: Vec<Estimate> = runs.iter().filter_map(|run| run.failure_frequency).collect();
    assert_eq!(frequency.len(), runs.len(), "every model has times");
    [Coverage::of(&unavailability, reference.unavailability), Coverage::of(&frequency, reference.frequency)]
}
