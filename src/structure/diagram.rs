//! Reduced ordered decision diagrams over multi-valued variables (Srinivasan, Kam, Malik, Brayton 1990), in failure
//! space.
//!
//! Children stand before their parents. Variables are ordered by their numbers. All functions built here are
//! monotone in failures, but nothing below depends on that, except where stated.

use thiserror::Error;

use crate::measure::NoObserver;
use crate::quantity::counted;
use crate::structure::apply::{Operation, unwatched};
use crate::structure::done::Done;
use crate::structure::levels::Pairs;
use crate::structure::table::{Children, Table};

/// A function: a node of the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

impl Node {
    /// Always up.
    pub const UP: Self = Self(0);
    /// Always down.
    pub const DOWN: Self = Self(1);

    /// Place among the nodes: 0 and 1 are the terminals, children come before parents.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The node at a place.
    #[inline]
    pub(crate) fn at(number: u32) -> Self {
        Self(number)
    }

    /// Its place.
    #[inline]
    pub(crate) fn number(self) -> u32 {
        self.0
    }
}

/// The diagram has more nodes than allowed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the decision diagram of the system has more than {}", counted((limit / 2) as u64, "node"))]
pub struct TooLarge {
    /// The limit, in children of all nodes: two of most of them.
    pub limit: usize,
}

/// Nodes that a diagram may have unless told otherwise: with the tables for finding them below 0.5 GB. Of variables with more than two
/// values every two children count as a node.
pub(crate) const MOST_NODES: usize = 10_000_000;

/// Pairs of functions that may be looked at for each node that may be made: hardly more than one is where every pair is remembered.
const STEPS_PER_NODE: u64 = 4;

/// All nodes of one diagram.
#[derive(Debug)]
pub struct Diagram {
    pub(super) table: Table,
    pub(super) done: Done,
    /// Whether every variable has two values.
    pub(super) is_binary: bool,
    /// Children of all nodes, those of forgotten ones included.
    made: usize,
    most_made: usize,
    most_children: usize,
    /// Nodes that there may be at a time.
    pub(super) most_nodes: usize,
    /// Pairs of functions looked at, and how many may be.
    pub(super) steps: u64,
    pub(super) most_steps: u64,
    /// Memory for pairs of functions, from one operation to the next.
    pub(super) pairs: Pairs,
}

impl Diagram {
    /// A diagram over variables with so many values each.
    pub fn new(sizes: Vec<usize>) -> Self {
        Self {
            is_binary: sizes.iter().all(|size| *size == 2),
            table: Table::new(sizes.into_iter().map(|size| size as u32).collect()),
            done: Done::new(),
            made: 0,
            most_made: 2 * MOST_NODES,
            most_children: 2 * MOST_NODES,
            most_nodes: usize::MAX,
            steps: 0,
            most_steps: u64::MAX,
            pairs: Pairs::new(),
        }
    }

    /// A diagram over variables with so many values each, of at most so many nodes.
    pub(crate) fn of_most(sizes: Vec<usize>, most_nodes: usize) -> Self {
        let most_children = most_nodes.saturating_mul(2);
        Self { most_made: most_children, most_children, ..Self::new(sizes) }
    }

    /// A diagram over so many variables of two values that may make so many nodes, and have so many at a time.
    pub(crate) fn binary(variables: usize, most_made: usize, most_nodes: usize) -> Self {
        let most_children = most_made.saturating_mul(2);
        let most_steps = (most_made as u64).saturating_mul(STEPS_PER_NODE);
        Self { most_made: most_children, most_children, most_nodes, most_steps, ..Self::new(vec![2; variables]) }
    }

    /// The same in the memory of another one.
    pub(crate) fn reusing(self, mut done: Done) -> Self {
        done.clear();
        Self { done, ..self }
    }

    /// The memory for another one.
    pub(crate) fn into_done(self) -> Done {
        self.done
    }

    /// Only what is below `roots`, which get their new numbers, to be read and no more; the memory is for another diagram.
    pub(crate) fn finish(&mut self, roots: &mut [Node]) -> Done {
        self.table.finish(roots);
        self.pairs = Pairs::new();
        std::mem::replace(&mut self.done, Done::new())
    }

    /// Allows so many more children than there are now, or as many as any diagram may have.
    pub fn allow(&mut self, more: usize) {
        self.most_made = self.most_children.min(self.made + more);
    }

    /// Nodes, terminals included.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// The variable that `node` asks; the number of variables for a terminal.
    #[inline]
    pub fn variable(&self, node: Node) -> usize {
        self.table.variable(node) as usize
    }

    /// The function for each value of the node's variable; empty for a terminal.
    pub fn children(&self, node: Node) -> Children<'_> {
        if node.index() < 2 { Children::List(&[]) } else { self.table.children(node) }
    }

    /// Both children of an inner node whose variable has two values: if it is up, if it is down.
    #[inline]
    pub(crate) fn pair(&self, node: Node) -> [Node; 2] {
        self.table.pair(node)
    }

    /// Nodes below `root`, itself and terminals included, children first.
    pub fn reachable(&self, root: Node) -> Vec<Node> {
        if root.index() < 2 {
            return vec![root];
        }
        let below = self.table.below(&[root]);
        (0..below.len()).filter(|index| below[*index]).map(|index| Node(index as u32)).collect()
    }

    /// Forgets all nodes that are not below `roots`, which get their new numbers, if it can forget the `share` of all; for with
    /// them goes all that was worked out before.
    pub(crate) fn keep_only(&mut self, roots: &mut [Node], share: f64) {
        if self.table.keep_only(roots, share) {
            self.done.clear();
        }
    }

    /// The function that is `children[value]` where `variable` has that value. The children must ask later
    /// variables only.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn case(&mut self, variable: usize, children: &[Node]) -> Result<Node, TooLarge> {
        debug_assert_eq!(children.len(), self.table.values(variable as u32));
        debug_assert!(children.iter().all(|child| self.variable(*child) > variable));
        if children.iter().all(|child| *child == children[0]) {
            return Ok(children[0]);
        }
        let before = self.table.len();
        let node = self.table.node(variable as u32, children);
        if self.table.len() > before {
            self.count(children.len())?;
        }
        Ok(node)
    }

    /// The same for a variable with two values.
    #[inline]
    pub(crate) fn pair_case(&mut self, variable: u32, pair: [Node; 2]) -> Result<Node, TooLarge> {
        if pair[0] == pair[1] {
            return Ok(pair[0]);
        }
        let before = self.table.len();
        let node = self.table.pair_node(variable, pair);
        if self.table.len() > before {
            self.count(2)?;
        }
        Ok(node)
    }

    /// Counts the children of a new node.
    #[inline]
    fn count(&mut self, children: usize) -> Result<(), TooLarge> {
        self.made += children;
        let is_too_large = self.made > self.most_made || self.table.len() > self.most_nodes;
        if is_too_large { Err(self.too_large()) } else { Ok(()) }
    }

    pub(crate) fn too_large(&self) -> TooLarge {
        TooLarge { limit: self.most_made }
    }

    /// Down while both are.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn and(&mut self, a: Node, b: Node) -> Result<Node, TooLarge> {
        self.apply(Operation::And, a, b)
    }

    /// Down while at least one is.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn or(&mut self, a: Node, b: Node) -> Result<Node, TooLarge> {
        self.apply(Operation::Or, a, b)
    }

    /// Down while exactly one is.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn xor(&mut self, a: Node, b: Node) -> Result<Node, TooLarge> {
        self.apply(Operation::Xor, a, b)
    }

    /// Down while it is not.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn not(&mut self, a: Node) -> Result<Node, TooLarge> {
        self.apply(Operation::Without, Node::DOWN, a)
    }

    #[inline]
    pub(super) fn at_value(&self, node: Node, variable: u32, value: usize) -> Node {
        if self.table.variable(node) != variable {
            node
        } else if self.table.values(variable) == 2 {
            self.table.pair(node)[value]
        } else {
            self.table.children(node)[value]
        }
    }

    /// `node` where `variable`, not after its own, has that value.
    pub fn cofactor(&self, node: Node, variable: usize, value: usize) -> Node {
        self.at_value(node, variable as u32, value)
    }

    /// Those that ask the last variables first: what is built up so far then stays whole below the next one.
    pub(crate) fn bottom_first(&self, of: &[Node]) -> Vec<Node> {
        let mut ordered = of.to_vec();
        ordered.sort_by_key(|node| std::cmp::Reverse(self.variable(*node)));
        ordered
    }

    /// Down while at least `need` of them are: the table of (rest of the list, still needed), which is monotone in
    /// what is needed. Nothing is expanded: each entry is one node where the parts are single variables.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn at_least(&mut self, need: usize, of: &[Node]) -> Result<Node, TooLarge> {
        unwatched(self.at_least_watched(need, of, &NoObserver))
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagram, Node};

    /// Binary variables; the function for each is "it is down".
    fn literals(diagram: &mut Diagram, count: usize) -> Vec<Node> {
        (0..count).map(|variable| diagram.case(variable, &[Node::UP, Node::DOWN]).unwrap()).collect()
    }

    fn evaluate(diagram: &Diagram, root: Node, values: &[usize]) -> bool {
        let mut at = root;
        while at.index() > 1 {
            at = diagram.children(at)[values[diagram.variable(at)]];
        }
        at == Node::DOWN
    }

    #[test]
    fn at_least_counts() {
        let mut diagram = Diagram::new(vec![2; 5]);
        let parts = literals(&mut diagram, 5);
        for need in 0..=6 {
            let root = diagram.at_least(need, &parts).unwrap();
            for bits in 0..32_usize {
                let values: Vec<usize> = (0..5).map(|bit| bits >> bit & 1).collect();
                assert_eq!(evaluate(&diagram, root, &values), bits.count_ones() as usize >= need);
            }
        }
    }

    #[test]
    fn equal_functions_are_one_node() {
        let mut diagram = Diagram::new(vec![2; 4]);
        let p = literals(&mut diagram, 4);
        let left = diagram.or(p[0], p[1]).unwrap();
        let right = diagram.or(p[2], p[3]).unwrap();
        let product = diagram.and(left, right).unwrap();
        let mut sum = Node::UP;
        for (a, b) in [(0, 2), (0, 3), (1, 2), (1, 3)] {
            let both = diagram.and(p[a], p[b]).unwrap();
            sum = diagram.or(sum, both).unwrap();
        }
        assert_eq!(product, sum);
    }
}
