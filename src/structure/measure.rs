//! Probability and frequency of a function of independent variables.
//!
//! With `p` the probabilities and `f(c, c')` the flows of each variable X, and `u|c` the function where X = c:
//!
//! ```text
//! P(u) = sum_c p(c) P(u|c)
//! frequency(u) = sum over nodes of P(node is reached) * sum_(c,c') f(c, c') * P(not u|c and u|c')
//! ```
//!
//! All terms are non-negative, so a value has the relative accuracy of its factors times their number. The second line
//! generalises the frequency of coherent structures (Barlow, Proschan 1975; Schneeweiss 1981) to variables of many
//! values.

use indexmap::IndexMap;

use crate::numeric::sum::Sum;
use crate::structure::diagram::{Diagram, Node};
use crate::structure::variable::Variable;

/// Evaluates functions of one diagram over given variables.
#[derive(Debug)]
pub struct Evaluation<'a> {
    diagram: &'a Diagram,
    variables: &'a [Variable],
    joint: IndexMap<(Node, Node), f64>,
}

impl<'a> Evaluation<'a> {
    /// `variables` in the order of the diagram.
    pub fn new(diagram: &'a Diagram, variables: &'a [Variable]) -> Self {
        Self { diagram, variables, joint: IndexMap::new() }
    }

    /// The probability of being down.
    pub fn probability(&mut self, root: Node) -> f64 {
        self.joint(Node::UP, root)
    }

    /// The probability that `up` is up while `down` is down. Without recursion: a diagram may have ten thousand levels.
    pub fn joint(&mut self, up: Node, down: Node) -> f64 {
        let (diagram, variables) = (self.diagram, self.variables);
        let mut open = vec![(up, down)];
        while let Some(&(up, down)) = open.last() {
            if self.known(up, down).is_some() {
                open.pop();
                continue;
            }
            let variable = diagram.variable(up).min(diagram.variable(down));
            let probabilities = &variables[variable].probabilities;
            let pair = |value| (diagram.cofactor(up, variable, value), diagram.cofactor(down, variable, value));
            let before = open.len();
            open.extend((0..probabilities.len()).map(pair).filter(|(up, down)| self.known(*up, *down).is_none()));
            if open.len() == before {
                let terms = probabilities.iter().enumerate().map(|(value, p)| {
                    let (up, down) = pair(value);
                    p * self.known(up, down).expect("worked out before")
                });
                let sum = terms.collect::<Sum>().value();
                self.joint.insert((up, down), sum);
            }
        }
        self.known(up, down).expect("worked out above")
    }

    /// What is plain to see, or was worked out before.
    fn known(&self, up: Node, down: Node) -> Option<f64> {
        if up == Node::DOWN || down == Node::UP || up == down {
            return Some(0.0);
        }
        if up == Node::UP && down == Node::DOWN {
            return Some(1.0);
        }
        self.joint.get(&(up, down)).copied()
    }

    /// Whether `root` can be down at all, whatever the size of its probability. A variable with at least two values that
    /// have a probability can take the others, too: theirs are too small for doubles.
    pub fn is_possible(&self, root: Node) -> bool {
        let mut possible = vec![false; root.index().max(Node::DOWN.index()) + 1];
        possible[Node::DOWN.index()] = true;
        for node in self.diagram.reachable(root).into_iter().filter(|node| node.index() > 1) {
            let probabilities = &self.variables[self.diagram.variable(node)].probabilities;
            let varies = probabilities.iter().filter(|p| **p > 0.0).count() > 1;
            let children = self.diagram.children(node);
            let mut children = children.iter().zip(probabilities);
            possible[node.index()] = children.any(|(child, p)| possible[child.index()] && (varies || *p > 0.0));
        }
        possible[root.index()]
    }

    /// Outages per second by cause, as many as `causes`.
    pub fn frequency_by_cause(&mut self, root: Node, causes: usize) -> Vec<f64> {
        let mut by_cause = vec![Sum::default(); causes];
        for (node, reached) in self.reached(root) {
            let variable = &self.variables[self.diagram.variable(node)];
            let children = self.diagram.children(node);
            for flow in &variable.flows {
                let begins = self.joint(children[flow.from], children[flow.to]);
                by_cause[flow.cause].add(reached * flow.rate * begins);
            }
        }
        by_cause.into_iter().map(Sum::value).collect()
    }

    /// Whether every variable that `root` depends on has flows.
    pub fn has_frequency(&self, root: Node) -> bool {
        let inner = self.diagram.reachable(root).into_iter().filter(|node| node.index() > 1);
        inner.map(|node| self.diagram.variable(node)).all(|variable| self.variables[variable].has_flows)
    }

    /// Each inner node below `root` with the probability that evaluation passes through it.
    fn reached(&self, root: Node) -> Vec<(Node, f64)> {
        let nodes = self.diagram.reachable(root);
        let mut reached = vec![Sum::default(); root.index() + 1];
        reached[root.index()].add(1.0);
        for &node in nodes.iter().rev().filter(|node| node.index() > 1) {
            let here = reached[node.index()].value();
            let probabilities = &self.variables[self.diagram.variable(node)].probabilities;
            for (child, p) in self.diagram.children(node).iter().zip(probabilities) {
                reached[child.index()].add(here * p);
            }
        }
        let inner = nodes.into_iter().filter(|node| node.index() > 1);
        inner.map(|node| (node, reached[node.index()].value())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Evaluation;
    use crate::structure::diagram::{Diagram, Node};
    use crate::structure::variable::{Flow, Variable};

    fn unit(lambda: f64, mu: f64) -> Variable {
        let cycle = 1.0 / lambda + 1.0 / mu;
        Variable {
            probabilities: vec![1.0 / lambda / cycle, 1.0 / mu / cycle],
            flows: vec![Flow { from: 0, to: 1, rate: 1.0 / cycle, cause: 0 }],
            has_flows: true,
        }
    }

    #[test]
    fn two_of_three_matches_its_closed_form() {
        let (lambda, mu) = (1e-5, 1e-1);
        let variables = vec![unit(lambda, mu); 3];
        let mut diagram = Diagram::new(vec![2; 3]);
        let parts: Vec<Node> = (0..3).map(|v| diagram.case(v, &[Node::UP, Node::DOWN]).unwrap()).collect();
        let root = diagram.at_least(2, &parts).unwrap();
        let mut evaluation = Evaluation::new(&diagram, &variables);
        let (a, q) = (mu / (lambda + mu), lambda / (lambda + mu));
        let expected = 3.0 * q * q * a + q * q * q;
        // A few roundings of products of three.
        assert!((evaluation.probability(root) / expected - 1.0).abs() < 1e-15);
        // An outage begins when exactly one is down and one of the other two fails.
        let frequency = 3.0 * q * a * a * 2.0 * lambda;
        assert!((evaluation.frequency_by_cause(root, 1)[0] / frequency - 1.0).abs() < 2e-15);
        assert!(evaluation.has_frequency(root));
    }
}
