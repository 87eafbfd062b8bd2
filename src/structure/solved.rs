//! A fault tree solved: probability and frequency of the top event, minimal cut sets, and how much each event matters.
//!
//! This is where [`build`](crate::structure::build), [`values`](crate::structure::values),
//! [`cut_sets`](crate::structure::cut_sets) and [`importance`](crate::structure::importance) come together.

use crate::measure::{CutSet, CutSetMeasures, Importance, Observer, Stop, StructureMeasures};
use crate::quantity::Unavailability;
use crate::structure::accuracy;
use crate::structure::build::{BuildError, Diagrams};
use crate::structure::coherence::Coherence;
use crate::structure::cut_sets::{CutSets, End, Rank};
use crate::structure::done::Done;
use crate::structure::importance::{EventImportance, importances};
use crate::structure::order::Order;
use crate::structure::possible::is_possible;
use crate::structure::values::{EventValues, Values};
use crate::topology::fault_tree::FaultTree;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructureSettings {
    /// Nodes that a diagram may have at a time, about 50 bytes each.
    pub most_nodes: usize,
    /// Minimal cut sets that are listed.
    pub listed: usize,
    /// Which come first.
    pub rank: Rank,
    /// Nodes of the diagrams of minimal cut sets times inputs up to which Fussell-Vesely's measure is worked out, and not only bounded.
    pub most_unions: usize,
}

impl Default for StructureSettings {
    /// Half a gigabyte, and as many cut sets as fit on a screen.
    fn default() -> Self {
        Self { most_nodes: 10_000_000, listed: 10, rank: Rank::Probability, most_unions: 1_500_000 }
    }
}

/// A fault tree, solved.
#[derive(Clone, Debug, PartialEq)]
pub struct SolvedTree {
    /// Probability of the top event.
    pub unavailability: f64,
    /// Its complement, a sum of its own.
    pub availability: f64,
    /// Whether the top event can happen, however small its probability is.
    pub is_possible: bool,
    /// Outages per second in the long run; absent where times are not known of all events that matter.
    pub failure_frequency: Option<f64>,
    /// Bound on the relative error of the probability.
    pub relative_accuracy: f64,
    /// Nodes of all diagrams.
    pub nodes: u64,
    /// Whether the importance measures have all their digits.
    pub is_sharp: bool,
    /// Cut sets and importance.
    pub structure: StructureMeasures,
}

/// Solves `tree`.
///
/// # Errors
/// When its diagram grows too large, or `observer` ends it.
pub fn solve(
    tree: &FaultTree,
    settings: &StructureSettings,
    observer: &dyn Observer,
) -> Result<SolvedTree, BuildError> {
    let mut done = Done::new();
    let diagrams = Diagrams::new(&tree.formulas, tree.root, settings.most_nodes, &mut done, observer)?;
    let events: Vec<EventValues> = tree.events.iter().map(EventValues::of).collect();
    // Neither needs the other.
    let (values, sets) = std::thread::scope(|scope| {
        let sets = scope.spawn(|| CutSets::new(&diagrams, settings.most_nodes, done, observer));
        (Values::new(&diagrams, &events, observer), sets.join())
    });
    let values = values.map_err(BuildError::Stopped)?;
    let whole = values.whole();
    // The probability is known by now: what time is left for the rest decides only how much else there is.
    let sets = match sets.unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
        Ok(sets) => Some(sets),
        Err(End::TooManyNodes | End::Stopped(Stop::TimeLimit)) => None,
        Err(End::Stopped(stop)) => return Err(BuildError::Stopped(stop)),
    };
    let coherence = Coherence::of(&diagrams);
    let mut importance = importances(&diagrams, &values, &events, (sets.as_ref(), settings.most_unions), observer);
    importance.retain(|importance| coherence.events.contains_key(&importance.event));
    let matters: Vec<usize> = importance.iter().map(|importance| importance.event).collect();
    let is_stationary = |event: &usize| tree.events[*event].rates.is_some_and(|rates| rates.is_stationary);
    let has_times = !matters.is_empty() && matters.iter().all(is_stationary);
    let inputs: usize = diagrams.modules.iter().map(|module| module.inputs.len()).sum();
    let largest = diagrams.modules.iter().max_by_key(|module| module.diagram.len());
    Ok(SolvedTree {
        unavailability: whole.down,
        availability: whole.up,
        is_possible: whole.down >= Unavailability::SMALLEST || is_possible(&diagrams, &events),
        failure_frequency: whole.rates.map(|rates| rates.begins).filter(|begins| has_times && *begins > 0.0),
        relative_accuracy: accuracy(inputs),
        nodes: diagrams.nodes() as u64,
        is_sharp: values.is_sharp(),
        structure: StructureMeasures {
            top: tree.top.clone(),
            events: matters.len() as u64,
            modules: diagrams.modules.len() as u64,
            order: largest.and_then(|module| module.order).map(Order::name),
            is_coherent: coherence.is_coherent,
            cut_sets: sets.map(|sets| cut_sets(tree, &sets, settings)),
            importance: named(tree, importance, has_times),
        },
    })
}

/// Probability and frequency of a top event by another way, to compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SecondSolution {
    /// Probability of the top event.
    pub(crate) unavailability: f64,
    /// Outages per second, where each event that matters has times; not all of them need to have reached their long run.
    pub(crate) failure_frequency: Option<f64>,
    /// Bound on the relative error of the probability.
    pub(crate) relative_accuracy: f64,
}

/// Solves `tree` by one diagram, without modules and common factors, in another order.
pub(crate) fn solve_as_one(
    tree: &FaultTree,
    most_nodes: usize,
    observer: &dyn Observer,
) -> Result<SecondSolution, BuildError> {
    let diagrams = Diagrams::as_one(&tree.formulas, tree.root, most_nodes, observer)?;
    let events: Vec<EventValues> = tree.events.iter().map(EventValues::of).collect();
    let whole = Values::new(&diagrams, &events, observer).map_err(BuildError::Stopped)?.whole();
    let inputs = diagrams.modules.first().map_or(0, |module| module.inputs.len());
    Ok(SecondSolution {
        unavailability: whole.down,
        failure_frequency: whole.rates.map(|rates| rates.begins),
        relative_accuracy: accuracy(inputs),
    })
}

fn cut_sets(tree: &FaultTree, sets: &CutSets, settings: &StructureSettings) -> CutSetMeasures {
    let (count, approximate_count) = sets.count();
    let name = |event: &usize| tree.events[*event].name.clone();
    let probability = |event: usize| tree.events[event].probability.value();
    let listed = sets.list(settings.rank, settings.listed, probability).into_iter().map(|set| CutSet {
        events: set.iter().map(name).collect(),
        probability: set.iter().map(|event| probability(*event)).product(),
    });
    CutSetMeasures {
        count,
        approximate_count,
        single_points: sets.singles().iter().map(name).collect(),
        listed: listed.collect(),
    }
}

/// With the names of the events, largest gain first.
fn named(tree: &FaultTree, mut importance: Vec<EventImportance>, has_times: bool) -> Vec<Importance> {
    importance.sort_by(|a, b| b.gain.total_cmp(&a.gain).then(a.event.cmp(&b.event)));
    let named = |of: EventImportance| Importance {
        of: tree.events[of.event].name.clone(),
        label: tree.events[of.event].label.clone(),
        attributes: tree.events[of.event].attributes.clone(),
        probability: tree.events[of.event].probability.value(),
        birnbaum: of.birnbaum,
        criticality: of.criticality,
        fussell_vesely: of.fussell_vesely,
        fussell_vesely_bounds: of.fussell_vesely_bounds,
        diagnostic: of.diagnostic,
        risk_achievement: of.risk_achievement,
        risk_reduction: of.risk_reduction,
        barlow_proschan: of.barlow_proschan.filter(|_| has_times),
        gain: of.gain,
    };
    importance.into_iter().map(named).collect()
}
