//! The simulator beside the exact engine: every interval must hold the exact value, but for as many misses as chance allows.
//!
//! At 99.99 % one interval of 10,000 misses. The library has some 500 comparisons by either method, so that in the mean 0.05
//! of them miss.

use std::collections::BTreeMap;

use ninefold::measure::{Estimate, ExactMeasures, NoObserver, SimulatedMeasures, Warning};
use ninefold::simulate::{self, Method, Settings, simulate};
use ninefold::topology::Model;

/// Probability that one interval misses.
pub(crate) const ALPHA: f64 = 1e-4;
/// So improbable a number of misses is none of chance.
const IMPROBABLE: f64 = 1e-4;

/// One simulated measure and the exact value.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) measure: String,
    exact: f64,
    estimate: Estimate,
}

impl Check {
    pub(crate) fn new(measure: &str, exact: f64, estimate: Estimate) -> Self {
        Self { measure: measure.to_owned(), exact, estimate }
    }

    fn misses(&self) -> bool {
        // A measure that is the same at all times has an interval without width; it may differ in the last digits.
        let slack = 1e-9 * self.exact.abs();
        self.estimate.low.is_some_and(|low| low > self.exact + slack)
            || self.estimate.high.is_some_and(|high| high < self.exact - slack)
    }
}

/// Simulates a number of events, by the method that suits the model; nothing when nothing can happen.
pub(crate) fn simulated(model: &Model, name: &str, seed: u64, events: u64) -> Option<SimulatedMeasures> {
    simulated_by(Method::Auto, model, name, seed, events)
}

/// The same by a given method; plain simulation where that does not apply.
pub(crate) fn simulated_by(
    method: Method,
    model: &Model,
    name: &str,
    seed: u64,
    events: u64,
) -> Option<SimulatedMeasures> {
    let settings = Settings {
        method,
        precision: None,
        alpha: ALPHA,
        seed,
        threads: 2,
        events: Some(events),
        ..Settings::default()
    };
    match simulate(model, &settings, &NoObserver) {
        Err(simulate::Error::NothingHappens) => None,
        other => Some(other.unwrap_or_else(|error| panic!("{name}: {error}"))),
    }
}

/// Every measure that both have. Whether there are frequencies at all they must say alike.
pub(crate) fn checks(exact: &ExactMeasures, simulated: &SimulatedMeasures) -> Vec<Check> {
    let timeless = |warnings: &[Warning]| warnings.iter().any(|warning| warning.code == "no_frequency");
    assert_eq!(timeless(&exact.warnings), timeless(&simulated.warnings), "{exact:?} {simulated:?}");
    let mut checks = Vec::new();
    let mut push = |measure: String, exact: Option<f64>, estimate: Option<Estimate>| {
        if let (Some(exact), Some(estimate)) = (exact, estimate) {
            checks.push(Check { measure, exact, estimate });
        }
    };
    let (u, a, frequency) = (exact.unavailability, exact.availability, exact.failure_frequency);
    push("U".into(), Some(u), Some(simulated.unavailability));
    push("frequency".into(), frequency, simulated.failure_frequency);
    push("MTBF".into(), frequency.map(|frequency| 1.0 / frequency), simulated.mean_cycle_time);
    push("MUT".into(), frequency.map(|frequency| a / frequency), simulated.mean_up_time);
    push("MDT".into(), frequency.map(|frequency| u / frequency), simulated.mean_down_time);
    let begun_by: BTreeMap<_, _> =
        exact.contributions.begun_by.iter().map(|line| (line.of.to_string(), line.value)).collect();
    for line in &simulated.contributions.begun_by {
        let of = line.of.to_string();
        push(format!("begun by {of}"), Some(begun_by.get(&of).copied().unwrap_or(0.0)), Some(line.value));
    }
    let ended_by: BTreeMap<_, _> =
        exact.contributions.ended_by.iter().map(|line| (line.of.clone(), line.value)).collect();
    for line in &simulated.contributions.ended_by {
        push(format!("ended by {}", line.of), ended_by.get(&line.of).copied(), Some(line.value));
    }
    let (of_exact, of_simulated) = (exact.capacity.as_ref(), simulated.capacity.as_ref());
    push("lost".into(), of_exact.map(|c| c.lost), of_simulated.map(|c| c.lost));
    push("insufficient".into(), of_exact.map(|c| c.insufficient), of_simulated.map(|c| c.insufficient));
    push("carried".into(), of_exact.map(|c| c.carried), of_simulated.map(|c| c.carried));
    checks
}

/// Counts comparisons and misses over many models.
#[derive(Clone, Debug, Default)]
pub(crate) struct Misses {
    comparisons: usize,
    missed: Vec<String>,
}

impl Misses {
    pub(crate) fn add(&mut self, name: &str, checks: &[Check]) {
        self.comparisons += checks.len();
        let missed = checks.iter().filter(|check| check.misses());
        self.missed.extend(missed.map(|check| {
            let Estimate { low, high, .. } = check.estimate;
            format!("{name}: {}: exact {:e}, simulated {low:?} to {high:?}", check.measure, check.exact)
        }));
    }

    /// The largest number of misses whose probability under the binomial distribution is above 1e-4. Measures of one
    /// model hang together, so that misses come in company more often than the binomial distribution says; the seeds are
    /// fixed, so the test always gives the same answer.
    fn allowed(&self) -> usize {
        let n = self.comparisons as f64;
        let mut of_exactly = f64::powf(1.0 - ALPHA, n);
        let mut at_least = 1.0;
        let mut misses = 0;
        while at_least > IMPROBABLE {
            at_least -= of_exactly;
            of_exactly *= (n - f64::from(misses)) / f64::from(misses + 1) * ALPHA / (1.0 - ALPHA);
            misses += 1;
        }
        misses as usize - 1
    }

    #[expect(clippy::print_stdout, reason = "the number of misses is what one wants to see with --nocapture")]
    #[track_caller]
    pub(crate) fn assert_few(&self) {
        let (missed, allowed) = (self.missed.len(), self.allowed());
        let list = self.missed.join("\n");
        let expected = ALPHA * self.comparisons as f64;
        println!("{missed} of {} intervals miss, {expected:.2} in the mean, {allowed} may", self.comparisons);
        assert!(missed <= allowed, "{missed} of {} intervals miss, {allowed} may:\n{list}", self.comparisons);
    }
}
