//! Every engine that applies to a model, side by side: an exact value must lie inside the simulated interval.

use crate::exact;
use crate::measure::{
    CapacityMeasures, Contribution, Contributions, Estimate, ExactMeasures, Observer, SimulatedMeasures, Stop,
    StopReason, Warning,
};
use crate::simulate;
use crate::topology::Model;

/// What rounding may do to sums over ten thousand million cycles, relative: simulated values without any spread are judged
/// by it.
const ROUNDING: f64 = 1e-10;

/// How to run the engines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The exact engine's.
    pub exact: exact::Settings,
    /// The simulator's; its confidence is that of each comparison.
    pub simulate: simulate::Settings,
}

/// The unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share of time or of downtime.
    Share,
    /// Events per second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// Requests per second.
    RequestsPerSecond,
}

/// One measure by two engines.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The measure.
    pub measure: String,
    /// Its unit.
    pub unit: Unit,
    /// The exact value.
    pub exact: f64,
    /// The simulated one.
    pub simulated: Estimate,
    /// Whether the interval holds the exact value; absent when there is only a bound, and it holds.
    pub agree: Option<bool>,
}

/// What the engines say.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// Measures that both engines gave.
    pub compared: Vec<Compared>,
    /// What could not be compared, and why, one sentence each.
    pub not_compared: Vec<String>,
    /// Why the simulation ended; absent when there was none.
    pub stopped_by: Option<StopReason>,
    /// Warnings of both engines.
    pub warnings: Vec<Warning>,
}

/// Solves and simulates `model`.
pub fn verify(model: &Model, settings: &Settings, observer: &dyn Observer) -> Verification {
    let exact = exact::solve(model, &settings.exact, observer);
    let mut not_compared = Vec::new();
    match &exact {
        Err(exact::Error::Stopped(_)) => {
            not_compared.push("`solve` was stopped before its solution was complete".into());
        }
        Err(error) => not_compared.push(format!("`solve` does not apply: {error}")),
        Ok(_) => {}
    }
    if let Err(exact::Error::Stopped(stop)) = exact {
        let stopped_by = Some(match stop {
            Stop::TimeLimit => StopReason::TimeLimit,
            Stop::Interrupted => StopReason::Interrupted,
        });
        return Verification { compared: Vec::new(), not_compared, stopped_by, warnings: Vec::new() };
    }
    let simulated = simulate::simulate(model, &settings.simulate, observer);
    if let Err(error) = &simulated {
        not_compared.push(format!("`simulate` does not apply: {error}"));
    }
    let (exact, simulated) = (exact.ok(), simulated.ok());
    let stopped_by = simulated.as_ref().map(|simulated| simulated.stopped_by);
    let of_exact = exact.iter().flat_map(|exact| exact.warnings.clone());
    let warnings = of_exact.chain(simulated.iter().flat_map(|simulated| simulated.warnings.clone())).collect();
    let pairs = exact.zip(simulated).map(|(exact, simulated)| Pairs::of(&exact, &simulated));
    Verification { compared: pairs.unwrap_or_default().compared, not_compared, stopped_by, warnings }
}

/// The measures that both engines give.
#[derive(Default)]
struct Pairs {
    accuracy: f64,
    compared: Vec<Compared>,
}

impl Pairs {
    fn of(exact: &ExactMeasures, simulated: &SimulatedMeasures) -> Self {
        let mut pairs = Self { accuracy: exact.relative_accuracy, compared: Vec::new() };
        pairs.add("unavailability", Unit::Share, Some(exact.unavailability), Some(&simulated.unavailability));
        let frequency = exact.failure_frequency;
        pairs.add("outages", Unit::PerSecond, frequency, simulated.failure_frequency.as_ref());
        let mean_up = frequency.map(|frequency| exact.availability / frequency);
        pairs.add("MUT", Unit::Seconds, mean_up, simulated.mean_up_time.as_ref());
        let mean_down = frequency.map(|frequency| exact.unavailability / frequency);
        pairs.add("MDT", Unit::Seconds, mean_down, simulated.mean_down_time.as_ref());
        pairs.contributions(&exact.contributions, &simulated.contributions);
        if let (Some(exact), Some(simulated)) = (&exact.capacity, &simulated.capacity) {
            pairs.capacity(exact, simulated);
        }
        pairs
    }

    fn contributions(&mut self, exact: &Contributions<f64>, simulated: &Contributions<Estimate>) {
        fn find<'a, K: PartialEq>(of: &K, list: &'a [Contribution<K, Estimate>]) -> Option<&'a Estimate> {
            list.iter().find(|contribution| contribution.of == *of).map(|contribution| &contribution.value)
        }
        for Contribution { of, value } in &exact.begun_by {
            let name = format!("begun by {of}");
            self.add(&name, Unit::PerSecond, Some(*value), find(of, &simulated.begun_by));
        }
        for Contribution { of, value } in &exact.ended_by {
            let name = format!("ended by {of}");
            self.add(&name, Unit::Share, Some(*value), find(of, &simulated.ended_by));
        }
    }

    fn capacity(&mut self, exact: &CapacityMeasures<f64>, simulated: &CapacityMeasures<Estimate>) {
        self.add("lost demand", Unit::RequestsPerSecond, Some(exact.lost), Some(&simulated.lost));
        self.add("capacity below demand", Unit::Share, Some(exact.insufficient), Some(&simulated.insufficient));
    }

    /// Where the simulation has neither an interval nor a bound there is nothing to compare.
    fn add(&mut self, measure: &str, unit: Unit, exact: Option<f64>, simulated: Option<&Estimate>) {
        let (Some(exact), Some(simulated)) = (exact, simulated) else { return };
        let room = exact * (self.accuracy + ROUNDING);
        let agree = match (simulated.low, simulated.high) {
            (Some(low), Some(high)) => Some((low - room..=high + room).contains(&exact)),
            (None, Some(high)) => (exact > high + room).then_some(false),
            (Some(low), None) => (exact < low - room).then_some(false),
            (None, None) => return,
        };
        self.compared.push(Compared { measure: measure.to_owned(), unit, exact, simulated: *simulated, agree });
    }
}
