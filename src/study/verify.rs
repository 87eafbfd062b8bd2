//! Every engine that applies to a model, side by side: the exact value must lie inside the interval of each other one, which is its accuracy
//! where it is exact itself. Where a model is too large for an exact value, proven bounds take its place.

use crate::exact;
use crate::exact::fault_tree::{bound_tree, solve_tree};
use crate::measure::{
    BoundedMeasures, Bounds, CapacityMeasures, Contribution, Contributions, Estimate, ExactMeasures, Observer,
    SimulatedMeasures, StopReason, Warning,
};
use crate::simulate::{self, Method};
use crate::structure::solved::{SecondSolution, StructureSettings, solve_as_one};
use crate::structure::static_tree::fault_tree;
use crate::topology::Model;
use crate::topology::fault_tree::FaultTree;

/// What rounding may do to sums over ten thousand million cycles, relative: simulated values without any spread are judged
/// by it.
const ROUNDING: f64 = 1e-10;
/// Relative width of the bounds that are compared with the exact value: far from all states are explored for it.
const WIDTH_TO_COMPARE: f64 = 1e-3;
/// Relative width of bounds in place of the exact value: less than any simulation finds.
const WIDTH_IN_PLACE: f64 = 1e-6;
/// Bounds wider than this are no reference.
const WIDEST: f64 = 1e-3;
/// Nodes that the one diagram over a whole fault tree may have: a few seconds.
const NODES_AS_ONE: usize = 1_000_000;
/// Nodes that the diagrams may have between which the hard parts of a fault tree are bounded.
const NODES_TO_BOUND: usize = 1_000_000;

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
    /// The engine beside the exact one.
    pub engine: &'static str,
    /// The measure.
    pub measure: String,
    /// Its unit.
    pub unit: Unit,
    /// The exact value, or the middle of narrow bounds.
    pub exact: f64,
    /// That of the other engine: with its interval, or with its accuracy as one of confidence 1.
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
    /// Why the last simulation ended; absent when there was none.
    pub stopped_by: Option<StopReason>,
    /// Warnings of both engines.
    pub warnings: Vec<Warning>,
}

/// Runs every engine that applies to `model`, and compares each with the exact solution.
///
/// `first` watches everything up to the last simulation, `last` that one: with a time limit, both must have some of it.
pub fn verify(model: &Model, settings: &Settings, first: &dyn Observer, last: &dyn Observer) -> Verification {
    let mut found =
        Verification { compared: Vec::new(), not_compared: Vec::new(), stopped_by: None, warnings: Vec::new() };
    let reference = match exact::solve(model, &settings.exact, first) {
        Ok(exact) => {
            found.warnings.extend(exact.warnings.clone());
            let reference = Reference::from(exact);
            for (engine, other) in other_exact(model, &settings.exact, first) {
                found.compared.extend(Pairs::of_exact(engine, &reference, &other));
            }
            if let Some(bounds) = bounds_of_chains(model, &settings.exact, WIDTH_TO_COMPARE, first) {
                found.compared.extend(Pairs::of_bounds(&reference, &bounds));
            }
            Some(reference)
        }
        Err(error @ exact::Error::Stopped(_)) => {
            found.not_compared.push(format!("`solve` has no solution yet: {error}"));
            found.stopped_by = stopped_by(&error);
            return found;
        }
        Err(error) => {
            let bounds = bounds_of_chains(model, &settings.exact, WIDTH_IN_PLACE, first);
            let reference = bounds.filter(|bounds| bounds.relative_width <= WIDEST).map(Reference::from);
            let instead = if reference.is_some() { "; simulations are compared with its bounds" } else { "" };
            found.not_compared.push(format!("`solve` does not apply: {error}{instead}"));
            reference
        }
    };
    let methods = match settings.simulate.method {
        Method::Auto => vec![Method::Plain, Method::Importance],
        method => vec![method],
    };
    for (place, method) in methods.iter().enumerate() {
        let observer = if place + 1 == methods.len() { last } else { first };
        let engine = if *method == Method::Plain { "plain simulation" } else { "importance sampling" };
        match simulate::simulate(model, &simulate::Settings { method: *method, ..settings.simulate.clone() }, observer)
        {
            Ok(simulated) => {
                let is_interrupted = found.stopped_by == Some(StopReason::Interrupted);
                found.stopped_by = found.stopped_by.filter(|_| is_interrupted).or(Some(simulated.stopped_by));
                found.compared.extend(reference.iter().flat_map(|exact| Pairs::of(engine, exact, &simulated)));
                for warning in simulated.warnings {
                    let message = format!("{engine}: {}", warning.message);
                    found.warnings.push(Warning { message, ..warning });
                }
            }
            Err(error) => found.not_compared.push(format!("{engine} does not apply: {error}")),
        }
    }
    found
}

/// Solves a fault tree by each way that there is, and compares each with `solve`, whose diagrams may have so many nodes.
pub fn verify_tree(tree: &FaultTree, most_nodes: usize, observer: &dyn Observer) -> Verification {
    let mut found =
        Verification { compared: Vec::new(), not_compared: Vec::new(), stopped_by: None, warnings: Vec::new() };
    let settings = StructureSettings { listed: 0, most_nodes, ..StructureSettings::default() };
    let reference = match solve_tree(tree, &settings, observer) {
        Ok(exact) => {
            found.warnings.extend(exact.warnings.clone());
            Reference::from(exact)
        }
        Err(error) => {
            found.stopped_by = stopped_by(&error);
            found.not_compared.push(format!("`solve` does not apply: {error}"));
            return found;
        }
    };
    match solve_as_one(tree, NODES_AS_ONE, observer).map_err(exact::Error::from) {
        Ok(other) => found.compared.extend(Pairs::of_second(&reference, other)),
        Err(error) => {
            found.stopped_by = stopped_by(&error);
            found.not_compared.push(format!("one diagram over everything does not apply: {error}"));
        }
    }
    let narrow = StructureSettings { most_nodes: NODES_TO_BOUND, ..settings };
    match bound_tree(tree, &narrow, WIDTH_TO_COMPARE, observer) {
        Ok(bounds) => found.compared.extend(Pairs::of_bounds(&reference, &bounds)),
        Err(error) => {
            found.stopped_by = found.stopped_by.or(stopped_by(&error));
            found.not_compared.push(format!("there are no bounds: {error}"));
        }
    }
    found
}

/// Why it ended, if somebody ended it.
fn stopped_by(error: &exact::Error) -> Option<StopReason> {
    if let exact::Error::Stopped(stop) = error { Some((*stop).into()) } else { None }
}

/// Other exact ways, where they apply: one chain over everything where `solve` takes the system apart, and a fault tree of binary
/// events where it has one variable for all units of a kind.
fn other_exact(
    model: &Model,
    settings: &exact::Settings,
    observer: &dyn Observer,
) -> Vec<(&'static str, ExactMeasures)> {
    let one_chain = exact::solve_as_one_chain(model, settings, observer).ok();
    let tree = fault_tree(model).ok();
    let structure = StructureSettings { listed: 0, ..StructureSettings::default() };
    let tree = tree.and_then(|tree| solve_tree(&tree, &structure, observer).ok());
    let found = [one_chain.map(|found| ("one chain", found)), tree.map(|found| ("fault tree", found))];
    found.into_iter().flatten().collect()
}

/// Bounds from explored parts of chains, where there are chains.
fn bounds_of_chains(
    model: &Model,
    settings: &exact::Settings,
    width: f64,
    observer: &dyn Observer,
) -> Option<BoundedMeasures> {
    let bounds = exact::bounds(model, settings, width, observer).ok()?;
    bounds.losses_during_way_back.is_some().then_some(bounds)
}

/// What others are compared with.
struct Reference {
    unavailability: f64,
    availability: f64,
    frequency: Option<f64>,
    accuracy: f64,
    contributions: Contributions<f64>,
    capacity: Option<CapacityMeasures<f64>>,
}

impl From<ExactMeasures> for Reference {
    fn from(exact: ExactMeasures) -> Self {
        Self {
            unavailability: exact.unavailability,
            availability: exact.availability,
            frequency: exact.failure_frequency,
            accuracy: exact.relative_accuracy,
            contributions: exact.contributions,
            capacity: exact.capacity,
        }
    }
}

/// Contributions have no bounds of their own, and are left out.
impl From<BoundedMeasures> for Reference {
    fn from(bounds: BoundedMeasures) -> Self {
        let middle = |bounds: Bounds| 0.5 * (bounds.lower + bounds.upper);
        let unavailability = middle(bounds.unavailability);
        Self {
            unavailability,
            availability: 1.0 - unavailability,
            frequency: bounds.failure_frequency.map(middle),
            // Half of it to either side; mean times have that of both.
            accuracy: bounds.relative_width,
            contributions: Contributions { begun_by: Vec::new(), ended_by: Vec::new() },
            capacity: None,
        }
    }
}

/// The measures that both engines give.
struct Pairs {
    engine: &'static str,
    accuracy: f64,
    compared: Vec<Compared>,
}

impl Pairs {
    fn of_exact(engine: &'static str, exact: &Reference, other: &ExactMeasures) -> Vec<Compared> {
        let values = (other.unavailability, other.failure_frequency);
        Self::of_values(engine, exact, values, other.relative_accuracy)
    }

    fn of_second(exact: &Reference, other: SecondSolution) -> Vec<Compared> {
        let values = (other.unavailability, other.failure_frequency);
        Self::of_values("one diagram", exact, values, other.relative_accuracy)
    }

    /// Unavailability and frequency of another exact way, of such an accuracy.
    fn of_values(
        engine: &'static str,
        exact: &Reference,
        (unavailability, frequency): (f64, Option<f64>),
        accuracy: f64,
    ) -> Vec<Compared> {
        let mut pairs = Self { engine, accuracy: exact.accuracy, compared: Vec::new() };
        let known = |value: f64| Estimate {
            point: Some(value),
            low: Some(value * (1.0 - accuracy)),
            high: Some(value * (1.0 + accuracy)),
            confidence: 1.0,
        };
        let unavailability = known(unavailability);
        pairs.add("unavailability", Unit::Share, Some(exact.unavailability), Some(&unavailability));
        let frequency = frequency.map(known);
        pairs.add("outages", Unit::PerSecond, exact.frequency, frequency.as_ref());
        pairs.compared
    }

    fn of_bounds(exact: &Reference, bounds: &BoundedMeasures) -> Vec<Compared> {
        let mut pairs = Self { engine: "bounds", accuracy: exact.accuracy, compared: Vec::new() };
        let between = |Bounds { lower, upper }| Estimate {
            point: Some(0.5 * (lower + upper)),
            low: Some(lower),
            high: Some(upper),
            confidence: 1.0,
        };
        let unavailability = between(bounds.unavailability);
        pairs.add("unavailability", Unit::Share, Some(exact.unavailability), Some(&unavailability));
        let frequency = bounds.failure_frequency.map(between);
        pairs.add("outages", Unit::PerSecond, exact.frequency, frequency.as_ref());
        pairs.compared
    }

    fn of(engine: &'static str, exact: &Reference, simulated: &SimulatedMeasures) -> Vec<Compared> {
        let mut pairs = Self { engine, accuracy: exact.accuracy, compared: Vec::new() };
        pairs.add("unavailability", Unit::Share, Some(exact.unavailability), Some(&simulated.unavailability));
        let frequency = exact.frequency;
        pairs.add("outages", Unit::PerSecond, frequency, simulated.failure_frequency.as_ref());
        let mean_up = frequency.map(|frequency| exact.availability / frequency);
        pairs.add("MUT", Unit::Seconds, mean_up, simulated.mean_up_time.as_ref());
        let mean_down = frequency.map(|frequency| exact.unavailability / frequency);
        pairs.add("MDT", Unit::Seconds, mean_down, simulated.mean_down_time.as_ref());
        pairs.contributions(&exact.contributions, &simulated.contributions);
        if let (Some(exact), Some(simulated)) = (&exact.capacity, &simulated.capacity) {
            pairs.capacity(exact, simulated);
        }
        pairs.compared
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
        // What is proven needs no room for the sums of a simulation.
        let rounding = if simulated.confidence < 1.0 { ROUNDING } else { 0.0 };
        let room = exact * (self.accuracy + rounding);
        let agree = match (simulated.low, simulated.high) {
            (Some(low), Some(high)) => Some((low - room..=high + room).contains(&exact)),
            (None, Some(high)) => (exact > high + room).then_some(false),
            (Some(low), None) => (exact < low - room).then_some(false),
            (None, None) => return,
        };
        self.compared.push(Compared {
            engine: self.engine,
            measure: measure.to_owned(),
            unit,
            exact,
            simulated: *simulated,
            agree,
        });
    }
}
