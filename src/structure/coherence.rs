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
use crate::structure::modules::Input;

/// Pairs of functions that may be looked at in one module: below a second.
const MOST_PAIRS: usize = 2_000_000;

/// How a function moves with an input; neither way where it does not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ways {
    pub(crate) rises: bool,
    pub(crate) falls: bool,
}

impl Ways {
    const RISES: Self = Self { rises: true, falls: false };
    const UNKNOWN: Self = Self { rises: true, falls: true };

    /// Whether the function depends on the input.
    pub(crate) fn matters(self) -> bool {
        self.rises || self.falls
    }

    /// Of an input of a function that is itself an input of a larger one, which moves so with it.
    fn within(self, outer: Self) -> Self {
        Self {
            rises: outer.rises && self.rises || outer.falls && self.falls,
            falls: outer.rises && self.falls || outer.falls && self.rises,
        }
    }

    /// With what another node of the input says.
    fn or(self, other: Self) -> Self {
        Self { rises: self.rises || other.rises, falls: self.falls || other.falls }
    }
}

/// For each variable of a diagram whose nodes are all below one root: how that moves with it, and whether all of this is known.
/// Where it is not, both ways are said.
pub(crate) fn ways(diagram: &Diagram, variables: usize, is_monotone: bool) -> (Vec<Ways>, bool) {
    let mut ways = vec![Ways::default(); variables];
    let mut implied = Implied { diagram, proven: IndexSet::new(), seen: IndexSet::new(), left: MOST_PAIRS };
    let mut is_known = true;
    for index in 2..diagram.len() {
        let node = Node::at(index as u32);
        let so_far = &mut ways[diagram.variable(node)];
        if is_monotone {
            *so_far = Ways::RISES;
            continue;
        }
        if *so_far == Ways::UNKNOWN {
            continue;
        }
        let [low, high] = diagram.pair(node);
        let implied = (implied.by(low, high), implied.by(high, low));
        let here = if let (Some(never_falls), Some(never_rises)) = implied {
            Ways { rises: !never_rises, falls: !never_falls }
        } else {
            is_known = false;
            Ways::UNKNOWN
        };
        *so_far = so_far.or(here);
    }
    (ways, is_known)
}

/// What implies what.
struct Implied<'a> {
    diagram: &'a Diagram,
    proven: IndexSet<(Node, Node)>,
    /// Pairs of this question.
    seen: IndexSet<(Node, Node)>,
    left: usize,
}

impl Implied<'_> {
    /// Whether `then` is true wherever `this` is; nothing where that takes too long to tell.
    fn by(&mut self, this: Node, then: Node) -> Option<bool> {
        self.seen.clear();
        let mut open = vec![(this, then)];
        while let Some((this, then)) = open.pop() {
            if this == then || this == Node::UP || then == Node::DOWN || self.proven.contains(&(this, then)) {
                continue;
            }
            // The one is true somewhere, the other false somewhere, and one of them everywhere.
            if this == Node::DOWN || then == Node::UP {
                return Some(false);
            }
            if self.seen.insert((this, then)) {
                self.left = self.left.checked_sub(1)?;
                let variable = self.diagram.variable(this).min(self.diagram.variable(then));
                let at = |node, value| self.diagram.cofactor(node, variable, value);
                open.extend([0, 1].map(|value| (at(this, value), at(then, value))));
            }
        }
        self.proven.extend(self.seen.drain(..));
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
        let mut outer = vec![Ways::default(); diagrams.modules.len()];
        outer.last_mut().into_iter().for_each(|whole| *whole = Ways::RISES);
        let (mut events, mut is_known) = (IndexMap::new(), true);
        for (module, of_module) in diagrams.modules.iter().enumerate().rev() {
            is_known &= of_module.are_ways_known || !outer[module].matters();
            for (input, ways) in of_module.inputs.iter().zip(&of_module.ways) {
                let whole = ways.within(outer[module]);
                match input {
                    Input::Module(inner) => outer[*inner] = whole,
                    Input::Event(event) if whole.matters() => {
                        events.insert(*event, whole);
                    }
                    Input::Event(_) => {}
                }
            }
        }
        let never_falls = events.values().all(|ways: &Ways| !ways.falls);
        Self { events, is_coherent: if never_falls || is_known { Some(never_falls) } else { None } }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ways, ways};
    use crate::structure::diagram::{Diagram, Node};

    #[test]
    fn ways_are_those_of_the_function() {
        let mut diagram = Diagram::new(vec![2; 4]);
        let x: Vec<Node> = (0..4).map(|variable| diagram.case(variable, &[Node::UP, Node::DOWN]).unwrap()).collect();
        let not = diagram.not(x[2]).unwrap();
        let xor = diagram.xor(x[0], x[1]).unwrap();
        // (x0 xor x1) and not x2: x3 does not matter.
        let mut root = [diagram.and(xor, not).unwrap()];
        diagram.finish(&mut root);
        let falls = Ways { rises: false, falls: true };
        let expected = vec![Ways::UNKNOWN, Ways::UNKNOWN, falls, Ways::default()];
        assert_eq!(ways(&diagram, 4, false), (expected, true));
    }
}
