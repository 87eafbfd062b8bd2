//! Whether a top event can happen at all, however small its probability is.
//!
//! A probability below what doubles can hold is rounded to 0, which is also that of a function that is never true: one of events
//! that never or always happen, or one that contradicts itself. On a path down a diagram each input occurs once, and
//! inputs are independent: so a function can be true just when a path of possible branches leads to the terminal.

use crate::structure::build::{Diagrams, ModuleDiagram};
use crate::structure::diagram::Node;
use crate::structure::modules::Input;
use crate::structure::values::EventValues;

/// What something can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Possible {
    pub(crate) up: bool,
    pub(crate) down: bool,
}

impl Possible {
    /// What nothing is known of can be either.
    pub(crate) const UNKNOWN: Self = Self { up: true, down: true };

    /// What a module can be, from its events and from the modules before it.
    pub(crate) fn of_module(module: &ModuleDiagram, events: &[EventValues], modules: &[Self]) -> Self {
        let of_input = |input: &Input| match input {
            Input::Event(event) => Self { up: events[*event].up > 0.0, down: events[*event].down > 0.0 },
            Input::Module(inner) => modules[*inner],
        };
        let inputs: Vec<Self> = module.inputs.iter().map(of_input).collect();
        let mut nodes = vec![Self { up: true, down: false }, Self { up: false, down: true }];
        for index in 2..module.diagram.len() {
            let node = Node::at(index as u32);
            let input = inputs[module.diagram.variable(node)];
            let [low, high] = module.diagram.pair(node).map(|child| nodes[child.index()]);
            let low = if input.up { low } else { Self::default() };
            let high = if input.down { high } else { Self::default() };
            nodes.push(low.or(high));
        }
        nodes[module.root.index()]
    }

    fn or(self, other: Self) -> Self {
        Self { up: self.up || other.up, down: self.down || other.down }
    }
}

/// Whether the function can be true.
pub(crate) fn is_possible(diagrams: &Diagrams, events: &[EventValues]) -> bool {
    let mut modules: Vec<Possible> = Vec::new();
    for module in &diagrams.modules {
        modules.push(Possible::of_module(module, events, &modules));
    }
    modules.last().map_or(diagrams.constant == Some(true), |whole| whole.down)
}
