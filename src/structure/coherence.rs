//! On which of its inputs a function depends, and whether it rises or falls with them: decided on its diagram, however it was
//! written.
//!
//! A function falls with an input somewhere unless at each node that asks for it what is below `low` implies what is below
//! `high`, and rises unless `high` implies `low`. An implication is walked pair by pair (Bryant 1986), each pair once.
//!
//! Modules share no inputs, so a larger function falls with an input of a module when it rises with the module and that falls
//! with the input, or the other way round; nothing cancels.

use indexmap::{IndexMap, IndexSet};

use crate::structure::build::{Diagrams, ModuleDiagram};
use crate::structure::diagram::{Diagram, Node};
use crate::structure::function::Function;
use crate::structure::modules::Input;
use crate::topology::fault_tree::Formula;

/// Pairs of functions that may be looked at in one module: a fraction of a second.
const MOST_PAIRS: usize = 500_000;

/// How a function moves with an input; neither way where it does not depend on it, nothing where it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ways {
    pub(crate) rises: Option<bool>,
    pub(crate) falls: Option<bool>,
}

impl Ways {
    const NEITHER: Self = Self { rises: Some(false), falls: Some(false) };
    const RISES: Self = Self { rises: Some(true), falls: Some(false) };
    const FALLS: Self = Self { rises: Some(false), falls: Some(true) };
    const BOTH: Self = Self { rises: Some(true), falls: Some(true) };
    /// It depends on the input somehow.
    const UNKNOWN: Self = Self { rises: None, falls: None };

    /// Whether the function depends on the input.
    pub(crate) fn matters(self) -> bool {
        self != Self::NEITHER
    }

    /// Of an input of a function that is itself an input of a larger one, which moves so with it.
    fn within(self, outer: Self) -> Self {
        Self {
            rises: either(both(outer.rises, self.rises), both(outer.falls, self.falls)),
            falls: either(both(outer.rises, self.falls), both(outer.falls, self.rises)),
        }
    }

    /// With what another node of the input says.
    fn or(self, other: Self) -> Self {
        Self { rises: either(self.rises, other.rises), falls: either(self.falls, other.falls) }
    }
}

/// Whether both hold, as far as it is known.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    if one == Some(false) || other == Some(false) { Some(false) } else { Some(one? && other?) }
}

/// Whether one of the two holds, as far as it is known.
fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    if one == Some(true) || other == Some(true) { Some(true) } else { Some(one? || other?) }
}

/// How a function may move with each of so many inputs by the way it is written: under an even number of negations it can only
/// rise, under an odd number only fall.
pub(crate) fn written(function: &Function, inputs: usize) -> Vec<Ways> {
    let mut of_inputs = vec![Ways::NEITHER; inputs];
    let mut ways = vec![Ways::NEITHER; function.formulas.len()];
    ways[function.root.0] = Ways::RISES;
    for (index, formula) in function.formulas.iter().enumerate().rev() {
        let here = ways[index];
        let below = match formula {
            Formula::Event(input) => {
                of_inputs[*input] = of_inputs[*input].or(here);
                continue;
            }
            Formula::Not(_) => Ways::FALLS.within(here),
            Formula::Xor(_) => Ways::BOTH.within(here),
            _ => here,
        };
        formula.children().iter().for_each(|child| ways[child.0] = ways[child.0].or(below));
    }
    of_inputs
}

/// For each variable of a diagram whose nodes are all below one root: how that moves with it, where it is `written` so.
pub(crate) fn ways(diagram: &Diagram, written: &[Ways]) -> Vec<Ways> {
    let mut ways = vec![Ways::NEITHER; written.len()];
    let mut implied = Implied { diagram, proven: IndexSet::new(), left: MOST_PAIRS };
    for index in 2..diagram.len() {
        let node = Node::at(index as u32);
        let variable = diagram.variable(node);
        if written[variable] != Ways::BOTH {
            ways[variable] = written[variable];
        } else if ways[variable] != Ways::BOTH && ways[variable] != Ways::UNKNOWN {
            let [low, high] = diagram.pair(node);
            let not = |implied: Option<bool>| implied.map(|is_implied| !is_implied);
            let here = Ways { rises: not(implied.by(high, low)), falls: not(implied.by(low, high)) };
            ways[variable] = ways[variable].or(here);
        }
    }
    ways
}

/// What implies what.
struct Implied<'a> {
    diagram: &'a Diagram,
    /// Pairs, the first of which implies the second; while a question is open, also those that it has met.
    proven: IndexSet<(Node, Node)>,
    left: usize,
}

impl Implied<'_> {
    /// Whether `then` is true wherever `this` is; nothing where that takes too long to tell.
    fn by(&mut self, this: Node, then: Node) -> Option<bool> {
        let proven = self.proven.len();
        let implied = self.implied(this, then);
        if implied != Some(true) {
            self.proven.truncate(proven);
        }
        implied
    }

    fn implied(&mut self, this: Node, then: Node) -> Option<bool> {
        let mut open = vec![(this, then)];
        while let Some((this, then)) = open.pop() {
            if this == then || this == Node::UP || then == Node::DOWN {
                continue;
            }
            // The one is true somewhere, the other false somewhere, and one of them everywhere.
            if this == Node::DOWN || then == Node::UP {
                return Some(false);
            }
            if self.proven.insert((this, then)) {
                self.left = self.left.checked_sub(1)?;
                let variable = self.diagram.variable(this).min(self.diagram.variable(then));
                let at = |node, value| self.diagram.cofactor(node, variable, value);
                open.extend([0, 1].map(|value| (at(this, value), at(then, value))));
            }
        }
        Some(true)
    }
}

impl ModuleDiagram {
    /// The value of a function that depends on nothing.
    pub(crate) fn constant(&self) -> Option<bool> {
        match self.root {
            Node::UP => Some(false),
            Node::DOWN => Some(true),
            _ => None,
        }
    }
}

/// How a whole function moves with its events.
#[derive(Debug)]
pub(crate) struct Coherence {
    /// Of each event that it depends on.
    pub(crate) events: IndexMap<usize, Ways>,
    /// Whether an event can never make it false by happening; nothing where that is not known.
    pub(crate) is_coherent: Option<bool>,
}

impl Coherence {
    pub(crate) fn of(diagrams: &Diagrams) -> Self {
        let mut outer = vec![Ways::NEITHER; diagrams.modules.len()];
        outer.last_mut().into_iter().for_each(|whole| *whole = Ways::RISES);
        let mut events = IndexMap::new();
        let mut falls = Some(false);
        for (module, of_module) in diagrams.modules.iter().enumerate().rev() {
            for (input, ways) in of_module.inputs.iter().zip(&of_module.ways) {
                let whole = ways.within(outer[module]);
                match input {
                    Input::Module(inner) => outer[*inner] = whole,
                    Input::Event(event) if whole.matters() => {
                        falls = either(falls, whole.falls);
                        events.insert(*event, whole);
                    }
                    Input::Event(_) => {}
                }
            }
        }
        Self { events, is_coherent: falls.map(|falls| !falls) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ways, ways, written};
    use crate::structure::diagram::{Diagram, Node};
    use crate::structure::function::Function;
    use crate::topology::fault_tree::{Formula, FormulaId};

    #[test]
    fn ways_are_those_of_the_function() {
        let mut diagram = Diagram::new(vec![2; 4]);
        let x: Vec<Node> = (0..4).map(|variable| diagram.case(variable, &[Node::UP, Node::DOWN]).unwrap()).collect();
        let not = diagram.not(x[2]).unwrap();
        let xor = diagram.xor(x[0], x[1]).unwrap();
        // (x0 xor x1) and not x2: x3 does not matter.
        let mut root = [diagram.and(xor, not).unwrap()];
        diagram.finish(&mut root);
        let expected = vec![Ways::BOTH, Ways::BOTH, Ways::FALLS, Ways::NEITHER];
        assert_eq!(ways(&diagram, &[Ways::BOTH; 4]), expected);
    }

    #[test]
    fn ways_are_read_off_where_they_are_written() {
        // x0 and not (x1 or (x2 xor x3)) and not not x4: what is written is what holds.
        let id = FormulaId;
        let mut formulas: Vec<Formula> = (0..5).map(Formula::Event).collect();
        formulas.extend([
            Formula::Xor([id(2), id(3)]),
            Formula::Or(vec![id(1), id(5)]),
            Formula::Not(id(6)),
            Formula::Not(id(4)),
            Formula::Not(id(8)),
            Formula::And(vec![id(0), id(7), id(9)]),
        ]);
        let function = Function { formulas, root: id(10) };
        assert_eq!(written(&function, 5), [Ways::RISES, Ways::FALLS, Ways::BOTH, Ways::BOTH, Ways::RISES]);
    }
}
