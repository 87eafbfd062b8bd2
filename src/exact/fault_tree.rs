//! Fault trees as the exact engine reports them.

use crate::exact::Error;
use crate::measure::{BoundedMeasures, Contributions, ExactMeasures, Observer, StructureMeasures, Warning};
use crate::quantity::{Unavailability, counted};
use crate::structure::bounded::bound;
use crate::structure::solved::{SolvedTree, StructureSettings, solve};
use crate::structure::static_tree::fault_tree;
use crate::topology::Model;
use crate::topology::fault_tree::FaultTree;

/// What is said of a top event that is impossible.
const NEVER: &str = "the top event cannot happen";

/// Solves a fault tree.
///
/// # Errors
/// When its diagram grows too large, the probability is too small for doubles, or `observer` ends it.
pub fn solve_tree(
    tree: &FaultTree,
    settings: &StructureSettings,
    observer: &dyn Observer,
) -> Result<ExactMeasures, Error> {
    let solved = solve(tree, settings, observer)?;
    if solved.unavailability < Unavailability::SMALLEST && solved.is_possible {
        return Err(Error::TooSmall);
    }
    Ok(ExactMeasures {
        unavailability: solved.unavailability,
        availability: solved.availability,
        failure_frequency: solved.failure_frequency,
        relative_accuracy: solved.relative_accuracy,
        method: method(&solved),
        states: None,
        diagram_nodes: Some(solved.nodes),
        contributions: Contributions::default(),
        phased_times: Vec::new(),
        capacity: None,
        warnings: warnings(&solved),
        structure: Some(solved.structure),
    })
}

/// Bounds for a fault tree whose diagram is too large; without frequency, cut sets and importance.
///
/// # Errors
/// When the probability is too small for doubles, or `observer` ends it before there are any.
pub fn bound_tree(
    tree: &FaultTree,
    settings: &StructureSettings,
    precision: f64,
    observer: &dyn Observer,
) -> Result<BoundedMeasures, Error> {
    let found = bound(tree, settings.most_nodes, precision, observer).map_err(Error::Stopped)?;
    if found.unavailability.upper < Unavailability::SMALLEST && found.is_possible {
        return Err(Error::TooSmall);
    }
    let modules = counted(found.modules as u64, "module");
    let method = if found.bounded_modules == 0 {
        format!("decision diagram of {modules}")
    } else {
        let exact = found.modules - found.bounded_modules;
        let nodes = counted(found.kept as u64, "node");
        format!("decision diagram, {exact} of {modules} exactly and the others between functions of at most {nodes}")
    };
    let never = || Warning { code: "never_down", message: NEVER.to_owned() };
    Ok(BoundedMeasures {
        phased_times: Vec::new(),
        unavailability: found.unavailability,
        failure_frequency: None,
        mean_time_between_outages: None,
        mean_up_time: None,
        mean_down_time: None,
        relative_width: found.unavailability.relative_width(),
        ended_by: found.ended_by,
        losses_during_way_back: None,
        method,
        states: 0,
        diagram_nodes: found.kept as u64,
        contributions: Contributions::default(),
        warnings: (!found.is_possible).then(never).into_iter().collect(),
    })
}

/// Cut sets and importance of a static topology, and what cannot be said of them.
///
/// # Errors
/// When `observer` ends it.
pub fn structure(
    model: &Model,
    settings: &StructureSettings,
    observer: &dyn Observer,
) -> Result<(Option<StructureMeasures>, Vec<Warning>), Error> {
    let warning = |message: String| {
        let message = format!("cut sets and importance of parts are left out: {message}");
        Ok((None, vec![Warning { code: "no_structure", message }]))
    };
    let tree = match fault_tree(model) {
        Ok(tree) => tree,
        Err(reason) => return warning(reason.to_string()),
    };
    match solve(&tree, settings, observer).map_err(Error::from) {
        Ok(solved) => {
            let mut warnings = warnings(&solved);
            warnings.retain(|warning| !["no_frequency", "never_down"].contains(&warning.code));
            Ok((Some(solved.structure), warnings))
        }
        Err(Error::Stopped(stop)) => Err(Error::Stopped(stop)),
        Err(error) => warning(error.to_string()),
    }
}

fn method(solved: &SolvedTree) -> String {
    let structure = &solved.structure;
    let order = structure.order.map(|order| format!(", order {order}")).unwrap_or_default();
    let (nodes, modules) = (counted(solved.nodes, "node"), counted(structure.modules, "module"));
    format!("decision diagram of {nodes} in {modules}{order}")
}

fn warnings(solved: &SolvedTree) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code: &'static str, message: &str| warnings.push(Warning { code, message: message.to_owned() });
    let structure = &solved.structure;
    if solved.failure_frequency.is_none() && !structure.importance.is_empty() {
        warn(
            "no_frequency",
            "not every event comes and goes at known rates that have reached their long run: frequency, MTBF, MUT and MDT do not exist",
        );
    }
    if structure.cut_sets.is_none() {
        warn(
            "no_cut_sets",
            "the diagram of the minimal cut sets is too large, or took too long, to count and list them",
        );
    }
    if structure.importance.iter().any(|importance| importance.fussell_vesely.is_none()) && solved.unavailability > 0.0
    {
        warn(
            "no_fussell_vesely",
            "Fussell-Vesely's measure by cut sets takes too long to work out for all events: for the others two proven bounds stand in place of it, as far as there was time",
        );
    }
    if !solved.is_sharp {
        warn(
            "importance_rounded",
            "some measures of importance are differences of close numbers and have fewer digits",
        );
    }
    if structure.is_coherent.is_none() {
        warn(
            "coherence_unknown",
            "whether an event can make the top event less likely takes too long to tell: minimal cut sets are minimal failed states",
        );
    }
    if structure.is_coherent == Some(false) {
        warn(
            "not_coherent",
            "the structure is not coherent: minimal cut sets are its minimal failed states, and an event can make the top event less likely",
        );
    }
    if solved.unavailability == 0.0 {
        warn("never_down", NEVER);
    }
    warnings
}
