//! Reduced ordered decision diagrams over multi-valued variables (Srinivasan, Kam, Malik, Brayton 1990), in failure
//! space.
//!
//! Children stand before their parents. Variables are ordered by their numbers. All functions built here are
//! monotone in failures, but nothing below depends on that, except where stated.

use thiserror::Error;

use crate::structure::done::Done;
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
#[error("the decision diagram has more than {limit} entries")]
pub struct TooLarge {
    /// The limit, in children of all nodes.
    pub limit: usize,
}

/// Children of all nodes together that a diagram may have unless told otherwise: with the tables for finding them below
/// 0.5 GB.
const MOST_CHILDREN: usize = 10_000_000;

/// What is made of two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    And,
    Or,
    Xor,
    /// The first and not the second.
    Without,
}

/// All nodes of one diagram.
#[derive(Debug)]
pub struct Diagram {
    table: Table,
    done: Done,
    /// Children of all nodes, those of forgotten ones included.
    made: usize,
    most_made: usize,
    most_children: usize,
    /// Nodes that there may be at a time.
    most_nodes: usize,
}

impl Diagram {
    /// A diagram over variables with so many values each.
    pub fn new(sizes: Vec<usize>) -> Self {
        Self {
            table: Table::new(sizes.into_iter().map(|size| size as u32).collect()),
            done: Done::new(),
            made: 0,
            most_made: MOST_CHILDREN,
            most_children: MOST_CHILDREN,
            most_nodes: usize::MAX,
        }
    }

    /// A diagram over so many variables of two values that may make so many nodes, and have so many at a time.
    pub(crate) fn binary(variables: usize, most_made: usize, most_nodes: usize) -> Self {
        let most_children = most_made.saturating_mul(2);
        Self { most_made: most_children, most_children, most_nodes, ..Self::new(vec![2; variables]) }
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
            self.made += children.len();
            if self.made > self.most_made || self.table.len() > self.most_nodes {
                return Err(TooLarge { limit: self.most_made });
            }
        }
        Ok(node)
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

    /// Without recursion: a diagram may have ten thousand levels. What is under way stands on one stack, the children
    /// that are known of it on another.
    pub(crate) fn apply(&mut self, operation: Operation, a: Node, b: Node) -> Result<Node, TooLarge> {
        let mut open: Vec<Step> = Vec::new();
        let mut ready: Vec<Node> = Vec::new();
        let mut asked = (a, b);
        loop {
            let mut known = self.known(operation, asked.0, asked.1);
            if known.is_none() {
                let (a, b) = asked;
                let ((of_a, pair_a), (of_b, pair_b)) = (self.table.binary(a), self.table.binary(b));
                let variable = of_a.min(of_b);
                let values = self.table.values(variable) as u32;
                if values == 2 {
                    let [a_0, a_1] = if of_a == variable { pair_a } else { [a, a] };
                    let [b_0, b_1] = if of_b == variable { pair_b } else { [b, b] };
                    open.push(Step { a, b, variable, values, next: 1, last: (a_1, b_1) });
                    asked = (a_0, b_0);
                } else {
                    open.push(Step { a, b, variable, values, next: 1, last: asked });
                    asked = (self.at_value(a, variable, 0), self.at_value(b, variable, 0));
                }
            }
            while let Some(node) = known.take() {
                let Some(step) = open.last_mut() else { return Ok(node) };
                ready.push(node);
                let values = step.values as usize;
                if (step.next as usize) < values {
                    let (a, b, variable, value) = (step.a, step.b, step.variable, step.next as usize);
                    step.next += 1;
                    asked = match values {
                        2 => step.last,
                        _ => (self.at_value(a, variable, value), self.at_value(b, variable, value)),
                    };
                } else {
                    let (a, b, first) = (step.a, step.b, ready.len() - values);
                    let variable = step.variable as usize;
                    open.pop();
                    let node = self.case(variable, &ready[first..])?;
                    ready.truncate(first);
                    self.done.insert(key(operation, a, b), node, self.table.len());
                    known = Some(node);
                }
            }
        }
    }

    /// What is plain to see, or was worked out before and not forgotten.
    #[inline]
    fn known(&self, operation: Operation, a: Node, b: Node) -> Option<Node> {
        if operation == Operation::Without {
            return match (a, b) {
                (Node::UP, _) | (_, Node::DOWN) => Some(Node::UP),
                (_, Node::UP) => Some(a),
                _ if a == b => Some(Node::UP),
                _ => self.done.get(key(operation, a, b)),
            };
        }
        let (absorbing, neutral, of_equals) = match operation {
            Operation::And => (Some(Node::UP), Node::DOWN, a),
            Operation::Or => (Some(Node::DOWN), Node::UP, a),
            Operation::Xor | Operation::Without => (None, Node::UP, Node::UP),
        };
        if a == b {
            return Some(of_equals);
        }
        if a == neutral {
            return Some(b);
        }
        if b == neutral {
            return Some(a);
        }
        match absorbing {
            Some(absorbing) if a == absorbing || b == absorbing => Some(absorbing),
            _ => self.done.get(key(operation, a, b)),
        }
    }

    #[inline]
    fn at_value(&self, node: Node, variable: u32, value: usize) -> Node {
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

    /// Down while all of them are.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn all(&mut self, of: &[Node]) -> Result<Node, TooLarge> {
        self.bottom_first(of).into_iter().try_fold(Node::DOWN, |all, node| self.and(node, all))
    }

    /// Down while at least one of them is.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn any(&mut self, of: &[Node]) -> Result<Node, TooLarge> {
        self.bottom_first(of).into_iter().try_fold(Node::UP, |any, node| self.or(node, any))
    }

    /// Down while at least `need` of them are: the table of (rest of the list, still needed), which is monotone in
    /// what is needed. Nothing is expanded: each entry is one node where the parts are single variables.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn at_least(&mut self, need: usize, of: &[Node]) -> Result<Node, TooLarge> {
        if need > of.len() {
            return Ok(Node::UP);
        }
        let mut row = vec![Node::UP; need + 1];
        row[0] = Node::DOWN;
        for (done, node) in self.bottom_first(of).into_iter().enumerate() {
            // What the parts before this one can no longer make up for is never asked.
            let least = (need + done + 1).saturating_sub(of.len()).max(1);
            for wanted in (least..=need.min(done + 1)).rev() {
                row[wanted] = self.chosen(node, row[wanted - 1], row[wanted])?;
            }
        }
        Ok(row[need])
    }

    /// `with` where `node` is down, `without`, which is down less often, where it is up.
    fn chosen(&mut self, node: Node, with: Node, without: Node) -> Result<Node, TooLarge> {
        let variable = self.variable(node);
        let is_above = variable < self.variable(with) && variable < self.variable(without);
        if is_above && *self.children(node) == [Node::UP, Node::DOWN] {
            return self.case(variable, &[without, with]);
        }
        let with = self.and(node, with)?;
        self.or(with, without)
    }
}

/// A pair in either order where the operation is symmetric.
#[inline]
fn key(operation: Operation, a: Node, b: Node) -> [u32; 3] {
    if operation == Operation::Without {
        return [a.number(), b.number(), operation as u32 + 1];
    }
    [a.min(b).number(), a.max(b).number(), operation as u32 + 1]
}

/// One pair of functions that is being worked out.
#[derive(Clone, Copy, Debug)]
struct Step {
    a: Node,
    b: Node,
    variable: u32,
    /// Values of the variable.
    values: u32,
    /// The next value to look at.
    next: u32,
    /// Of a variable with two values: the functions for the second one, so that nodes are looked up once.
    last: (Node, Node),
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
