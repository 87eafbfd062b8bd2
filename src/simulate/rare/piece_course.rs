//! The rounds of one piece of a system.

use crate::measure::Observer;
use crate::numeric::interval::degrees_of_deviations;
use crate::simulate::Settings;
use crate::simulate::rare::class_meter::ClassMeter;
use crate::simulate::rare::estimates::{Estimates, Variance};
use crate::simulate::rare::part::Part;
use crate::simulate::rare::rounds::{Course, Wish};
use crate::simulate::rare::sampler::{BATCHES, Sampler};
use crate::simulate::rare::sites::Setting;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::twin::Twin;
use crate::simulate::rare::{sampler_of, warm_up};

/// The rounds of one piece.
pub(crate) struct PieceCourse<'a> {
    pub(crate) part: usize,
    quantities: Vec<usize>,
    pub(crate) course: Course<Box<dyn Sampler + 'a>>,
    pub(crate) twin: &'a Twin,
    pub(crate) warm_up: u64,
}

impl<'a> PieceCourse<'a> {
    pub(crate) fn new(
        index: usize,
        part: &'a Part,
        meter: &'a ClassMeter<'a>,
        twin: &'a Twin,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Self {
        let setting = Setting { dynamics: &part.dynamics, meter, twin, long_outage: None };
        let warm_up = warm_up(&part.dynamics, twin);
        let threads = settings.threads.clamp(1, BATCHES as usize);
        let wish = Wish { settings, has_times: true, warm_up, capacity: Vec::new() };
        let samplers = sampler_of(setting, threads, &wish, observer);
        // Pieces have streams of their own.
        let course = Course::new(samplers, settings.seed, (index as u64 + 1) << 42);
        Self { part: index, quantities: part.quantities(meter), course, twin, warm_up }
    }

    pub(crate) fn parameters(&self, estimates: &Estimates) -> Vec<f64> {
        self.quantities.iter().map(|&quantity| estimates.rate(quantity).value).collect()
    }

    /// Variance of a measure that has these derivatives by the parameters.
    pub(crate) fn variance(&self, estimates: &Estimates, parameters: &[f64], derivatives: &[f64]) -> Variance {
        let total = estimates.time(&estimates.total);
        let n = estimates.batches.len() as f64;
        let deviation = |batch: &Statistics| {
            let time = estimates.time(batch);
            let of = |((quantity, parameter), derivative): ((&usize, &f64), &f64)| {
                derivative * (batch.sums[*quantity] - parameter * time)
            };
            self.quantities.iter().zip(parameters).zip(derivatives).map(of).sum::<f64>() / total
        };
        let deviations: Vec<f64> = estimates.batches.iter().map(deviation).collect();
        let squares: f64 = deviations.iter().map(|e| e * e).sum();
        Variance { value: squares * n / (n - 1.0), degrees: degrees_of_deviations(&deviations, n - 1.0) }
    }
}
