//! The diagrams of a fault tree, built once and evaluated for other probabilities of its events.

use crate::measure::Observer;
use crate::quantity::Probability;
use crate::structure::build::{BuildError, Diagrams};
use crate::structure::done::Done;
use crate::structure::modules::Input;
use crate::structure::values::{EventValues, pairs};
use crate::topology::fault_tree::FaultTree;

/// The diagrams of a fault tree.
#[derive(Debug)]
pub struct KeptTree {
    diagrams: Diagrams,
}

impl KeptTree {
    /// The diagrams of `tree`, of at most `most_nodes` nodes at a time.
    ///
    /// # Errors
    /// When they grow too large, or `observer` ends it.
    pub fn new(tree: &FaultTree, most_nodes: usize, observer: &dyn Observer) -> Result<Self, BuildError> {
        Ok(Self { diagrams: Diagrams::new(&tree.formulas, tree.root, most_nodes, &mut Done::new(), observer)? })
    }

    /// The probability of the top event where the events have these, in the order of the tree.
    pub fn probability(&self, events: &[Probability]) -> f64 {
        let mut modules: Vec<EventValues> = Vec::new();
        for module in &self.diagrams.modules {
            let value = |input: &Input| match input {
                Input::Event(event) => {
                    EventValues { up: events[*event].complement(), down: events[*event].value(), rates: None }
                }
                Input::Module(inner) => modules[*inner],
            };
            let inputs: Vec<EventValues> = module.inputs.iter().map(value).collect();
            let [up, down] = pairs(&module.diagram, &inputs)[module.root.index()];
            modules.push(EventValues { up, down, rates: None });
        }
        let constant = f64::from(u8::from(self.diagrams.constant == Some(true)));
        modules.last().map_or(constant, |whole| whole.down)
    }
}
