//! Reduced ordered decision diagrams over multi-valued variables (Srinivasan, Kam, Malik, Brayton 1990), in failure
//! space.
//!
//! Children stand before their parents. Variables are ordered by their numbers. All functions built here are
//! monotone in failures, but nothing below depends on that, except where stated.

use indexmap::IndexMap;
use thiserror::Error;

/// A function: a node of the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

impl Node {
    /// Always up.
    pub const UP: Self = Self(0);
    /// Always down.
    pub const DOWN: Self = Self(1);

    /// Place among the nodes: 0 and 1 are the terminals, children come before parents.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The diagram has more nodes than allowed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the decision diagram has more than {limit} entries")]
pub struct TooLarge {
    /// The limit, in children of all nodes.
    pub limit: usize,
}

/// Children of all nodes together that a diagram may have: with the tables for finding them about 1 GB.
const MOST_CHILDREN: usize = 10_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    And,
    Or,
}

/// All nodes of one diagram.
#[derive(Debug)]
pub struct Diagram {
    /// Values of each variable.
    sizes: Vec<usize>,
    variables: Vec<u32>,
    first_child: Vec<u32>,
    children: Vec<Node>,
    unique: IndexMap<(u32, Vec<Node>), Node>,
    done: IndexMap<(Operation, Node, Node), Node>,
    most_children: usize,
}

impl Diagram {
    /// A diagram over variables with so many values each.
    pub fn new(sizes: Vec<usize>) -> Self {
        let terminal = sizes.len() as u32;
        Self {
            sizes,
            variables: vec![terminal, terminal],
            first_child: vec![0, 0],
            children: Vec::new(),
            unique: IndexMap::new(),
            done: IndexMap::new(),
            most_children: MOST_CHILDREN,
        }
    }

    /// Allows so many more children than there are now, or as many as any diagram may have.
    pub fn allow(&mut self, more: usize) {
        self.most_children = MOST_CHILDREN.min(self.children.len() + more);
    }

    /// The variable that `node` asks; the number of variables for a terminal.
    pub fn variable(&self, node: Node) -> usize {
        self.variables[node.index()] as usize
    }

    /// The function for each value of the node's variable; empty for a terminal.
    pub fn children(&self, node: Node) -> &[Node] {
        let first = self.first_child[node.index()] as usize;
        if node.index() < 2 { &[] } else { &self.children[first..first + self.sizes[self.variable(node)]] }
    }

    /// Nodes below `root`, itself and terminals included, children first.
    pub fn reachable(&self, root: Node) -> Vec<Node> {
        let mut seen = vec![false; root.index() + 1];
        seen[root.index()] = true;
        for index in (2..=root.index()).rev() {
            if seen[index] {
                for child in self.children(Node(index as u32)) {
                    seen[child.index()] = true;
                }
            }
        }
        (0..=root.index()).filter(|index| seen[*index]).map(|index| Node(index as u32)).collect()
    }

    /// The function that is `children[value]` where `variable` has that value. The children must ask later
    /// variables only.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn case(&mut self, variable: usize, children: Vec<Node>) -> Result<Node, TooLarge> {
        debug_assert_eq!(children.len(), self.sizes[variable]);
        debug_assert!(children.iter().all(|child| self.variable(*child) > variable));
        if children.iter().all(|child| *child == children[0]) {
            return Ok(children[0]);
        }
        let key = (variable as u32, children);
        if let Some(&node) = self.unique.get(&key) {
            return Ok(node);
        }
        if self.children.len() + key.1.len() > self.most_children {
            return Err(TooLarge { limit: self.most_children });
        }
        let node = Node(self.variables.len() as u32);
        self.variables.push(key.0);
        self.first_child.push(self.children.len() as u32);
        self.children.extend_from_slice(&key.1);
        self.unique.insert(key, node);
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

    /// Without recursion: a diagram may have ten thousand levels.
    fn apply(&mut self, operation: Operation, a: Node, b: Node) -> Result<Node, TooLarge> {
        let mut open = vec![(a, b)];
        while let Some(&(a, b)) = open.last() {
            if self.known(operation, a, b).is_some() {
                open.pop();
                continue;
            }
            let variable = self.variable(a).min(self.variable(b));
            let values = 0..self.sizes[variable];
            let pairs = values.map(|value| (self.cofactor(a, variable, value), self.cofactor(b, variable, value)));
            let pairs: Vec<(Node, Node)> = pairs.collect();
            let children: Option<Vec<Node>> = pairs.iter().map(|&(a, b)| self.known(operation, a, b)).collect();
            if let Some(children) = children {
                let node = self.case(variable, children)?;
                self.done.insert((operation, a.min(b), a.max(b)), node);
            } else {
                open.extend(pairs.into_iter().filter(|&(a, b)| self.known(operation, a, b).is_none()));
            }
        }
        Ok(self.known(operation, a, b).expect("worked out above"))
    }

    /// What is plain to see, or was worked out before.
    fn known(&self, operation: Operation, a: Node, b: Node) -> Option<Node> {
        let (absorbing, neutral) = match operation {
            Operation::And => (Node::UP, Node::DOWN),
            Operation::Or => (Node::DOWN, Node::UP),
        };
        if a == absorbing || b == absorbing {
            return Some(absorbing);
        }
        if a == neutral || a == b {
            return Some(b);
        }
        if b == neutral {
            return Some(a);
        }
        self.done.get(&(operation, a.min(b), a.max(b))).copied()
    }

    /// `node` where `variable`, not after its own, has that value.
    pub fn cofactor(&self, node: Node, variable: usize, value: usize) -> Node {
        if self.variable(node) == variable { self.children(node)[value] } else { node }
    }

    /// Those that ask the last variables first: what is built up so far then stays whole below the next one.
    fn bottom_first(&self, of: &[Node]) -> Vec<Node> {
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
    /// what is needed.
    ///
    /// # Errors
    /// When the diagram grows too large.
    pub fn at_least(&mut self, need: usize, of: &[Node]) -> Result<Node, TooLarge> {
        let mut row = vec![Node::UP; need + 1];
        row[0] = Node::DOWN;
        for node in self.bottom_first(of) {
            for wanted in (1..=need).rev() {
                let with = self.and(node, row[wanted - 1])?;
                row[wanted] = self.or(with, row[wanted])?;
            }
        }
        Ok(row[need])
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagram, Node};

    /// Binary variables; the function for each is "it is down".
    fn literals(diagram: &mut Diagram, count: usize) -> Vec<Node> {
        (0..count).map(|variable| diagram.case(variable, vec![Node::UP, Node::DOWN]).unwrap()).collect()
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
