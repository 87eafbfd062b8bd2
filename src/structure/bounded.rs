//! A fault tree whose diagram is too large, between proven bounds.
//!
//! Modules that some order makes small are exact. Each of the others is bounded ([`bounding`](crate::structure::bounding)), first by small
//! functions in every order, then by larger and larger ones in the order that did best. All results are bounds, so the best ends
//! of all of them hold.

use crate::measure::{Bounds, BoundsEnd, Observer, Stop};
use crate::structure::accuracy;
use crate::structure::bounding::{Ends, Side, bounds, value};
use crate::structure::build::{BuildError, ModuleDiagram, quickly};
use crate::structure::function::Function;
use crate::structure::modules::{Input, Module, modules};
use crate::structure::order::Order;
use crate::structure::possible::Possible;
use crate::structure::values::EventValues;
use crate::structure::walked::Walked;
use crate::topology::fault_tree::{FaultTree, Formula};

/// Nodes of each function at first, and how many times as many the next time.
const FIRST_KEPT: usize = 500;
const GROWTH: usize = 4;
/// Nodes that a diagram may have for each one of the functions of its formulas, of which there may be a thousand at a time.
const NODES_PER_KEPT: usize = 1_000;

/// A fault tree between bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundedTree {
    /// Probability of the top event.
    pub unavailability: Bounds,
    /// Whether the top event can happen, as far as that is known: only an impossible one is known to have a probability of 0.
    pub is_possible: bool,
    /// Why the bounds are not narrower.
    pub ended_by: BoundsEnd,
    /// Independent modules.
    pub modules: usize,
    /// Modules that are only bounded.
    pub bounded_modules: usize,
    /// Nodes that each function of such a module could have at last.
    pub kept: usize,
}

/// Bounds for `tree` whose distance is at most `precision` of the lower one, or as near as `most_nodes` at a time allow.
///
/// # Errors
/// When `observer` ends it before there are any.
pub fn bound(
    tree: &FaultTree,
    most_nodes: usize,
    precision: f64,
    observer: &dyn Observer,
) -> Result<BoundedTree, Stop> {
    let function = Function::simplified(&tree.formulas, tree.root);
    let events: Vec<EventValues> = tree.events.iter().map(EventValues::of).collect();
    if let Formula::Constant(value) = function.formulas[function.root.0] {
        let down = f64::from(u8::from(value));
        let unavailability = Bounds { lower: down, upper: down };
        return Ok(BoundedTree {
            unavailability,
            is_possible: value,
            ended_by: BoundsEnd::Complete,
            modules: 0,
            bounded_modules: 0,
            kept: 0,
        });
    }
    let modules = modules(&function);
    let mut found: Vec<Ends> = Vec::new();
    let (mut inputs, mut kept, mut bounded_modules) = (0, 0, 0);
    let mut possible: Vec<Possible> = Vec::new();
    let mut stopped = None;
    for module in &modules {
        inputs += module.inputs.len();
        let of_inputs = module.inputs.iter().map(|input| match input {
            Input::Event(event) => Ends::exact(events[*event]),
            Input::Module(inner) => found[*inner],
        });
        let of_inputs: Vec<Ends> = of_inputs.collect();
        match quickly(module, most_nodes, observer) {
            Ok(diagram) => {
                found.push(enclosed(module, &diagram, &of_inputs));
                possible.push(Possible::of_module(&diagram, &events, &possible));
            }
            Err(BuildError::Stopped(stop)) => return Err(stop),
            Err(BuildError::TooLarge { .. }) => {
                let refined = refined(module, &of_inputs, (most_nodes, precision), observer)?;
                bounded_modules += 1;
                kept = kept.max(refined.kept);
                stopped = stopped.or(refined.stopped);
                found.push(refined.ends);
                possible.push(Possible::UNKNOWN);
            }
        }
    }
    let ends = found.pop().expect("a function that is no constant has a module");
    let room = accuracy(inputs);
    let unavailability =
        Bounds { lower: ends.low.down * (1.0 - room), upper: (ends.high.down * (1.0 + room)).min(1.0) };
    let ended_by = match stopped {
        _ if ends.width() <= precision => BoundsEnd::Precision,
        Some(stop) => BoundsEnd::Stopped(stop),
        None => BoundsEnd::Nodes,
    };
    let is_possible = possible.last().is_none_or(|whole| whole.down);
    Ok(BoundedTree { unavailability, is_possible, ended_by, modules: modules.len(), bounded_modules, kept })
}

/// A whole diagram of inputs between two ends each.
fn enclosed(module: &Module, diagram: &ModuleDiagram, inputs: &[Ends]) -> Ends {
    let place = |input: &Input| module.inputs.iter().position(|known| known == input);
    let ends: Vec<Ends> = diagram.inputs.iter().filter_map(place).map(|place| inputs[place]).collect();
    let mut walked = Walked::default();
    walked.walk(&diagram.diagram, diagram.root);
    let [low, high] = Side::BOTH.map(|side| value(&diagram.diagram, diagram.root, &walked, &ends, side));
    Ends { low, high }
}

/// The best ends, and what they took.
struct Refined {
    ends: Ends,
    kept: usize,
    stopped: Option<Stop>,
}

fn refined(
    module: &Module,
    inputs: &[Ends],
    (most_nodes, precision): (usize, f64),
    observer: &dyn Observer,
) -> Result<Refined, Stop> {
    let mut kept = FIRST_KEPT.min(most_nodes / NODES_PER_KEPT).max(1);
    let mut found: Option<(Ends, f64, Order)> = None;
    let mut stopped = None;
    for order in Order::ALL {
        match (bounds(module, inputs, order, (kept, most_nodes), observer), found) {
            (Ok(ends), None) => found = Some((ends, ends.width(), order)),
            (Ok(ends), Some((known, width, best))) => {
                let is_better = ends.width() < width;
                let best = if is_better { order } else { best };
                found = Some((known.narrowed(ends), width.min(ends.width()), best));
            }
            (Err(stop), None) => return Err(stop),
            (Err(stop), Some(_)) => {
                stopped = Some(stop);
                break;
            }
        }
    }
    let (mut ends, _, order) = found.expect("there is an order");
    while stopped.is_none() && ends.width() > precision && kept * GROWTH * NODES_PER_KEPT <= most_nodes {
        match bounds(module, inputs, order, (kept * GROWTH, most_nodes), observer) {
            Ok(more) => (ends, kept) = (ends.narrowed(more), kept * GROWTH),
            Err(stop) => stopped = Some(stop),
        }
    }
    Ok(Refined { ends, kept, stopped })
}
