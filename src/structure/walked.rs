//! The nodes below a function as a list, and where each of them stands in it: so numbers of nodes are a list beside that one.

use crate::structure::diagram::{Diagram, Node};

/// Not in the list.
const NOWHERE: u32 = u32::MAX;

/// The nodes below one function at a time.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// The inner nodes, parents first.
    nodes: Vec<Node>,
    /// By the number of the node.
    places: Vec<u32>,
}

impl Walked {
    /// Walks through all nodes below `root`, itself included.
    pub(crate) fn walk(&mut self, diagram: &Diagram, root: Node) {
        for node in self.nodes.drain(..) {
            self.places[node.index()] = NOWHERE;
        }
        if self.places.len() < diagram.len() {
            self.places.resize(diagram.len().next_power_of_two(), NOWHERE);
        }
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if node.index() > 1 && self.places[node.index()] == NOWHERE {
                self.places[node.index()] = 0;
                self.nodes.push(node);
                open.extend(diagram.pair(node));
            }
        }
        self.nodes.sort_unstable_by(|a, b| b.cmp(a));
        for (place, node) in self.nodes.iter().enumerate() {
            self.places[node.index()] = place as u32;
        }
    }

    /// The inner nodes, parents first.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where an inner node stands among them; nothing for a terminal.
    pub(crate) fn place(&self, node: Node) -> Option<usize> {
        (node.index() > 1).then(|| self.places[node.index()] as usize)
    }
}
