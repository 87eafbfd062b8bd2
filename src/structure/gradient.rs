//! Derivatives of a system's probability and frequency by the long runs of its variables, all at once.
//!
//! With P(down) linear in the probabilities `p(c)` of each variable, `P(X=c) - P(X=0)` of the function is the worth of moving
//! probability from the value 0 to c (for two values: Birnbaum's importance, 1969). It is computed as
//!
//! ```text
//! sum over nodes n of X: P(n is reached) * (P(not n|0 and n|c) - P(n|0 and not n|c))
//! ```
//!
//! where the second term is 0 for values that are worse than 0: no difference of close numbers. The frequency is linear in the
//! flows; its derivative by probabilities goes backwards through its formula (reverse accumulation, Linnainmaa 1970), node by node
//! as a difference to the value 0. Where two of these differences nearly cancel, the error is of the order of the rounding of the
//! whole frequency.
//!
//! Checked in `tests/agreement/sensitivity.rs`.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::numeric::sum::Sum;
use crate::structure::diagram::{Diagram, Node};
use crate::structure::variable::Variable;

/// What the values of one variable are worth, per unit of probability or flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Worth {
    /// Of probability moved from the value 0 to each value, to the probability of being down.
    pub(crate) down: Vec<f64>,
    /// Likewise to the frequency.
    pub(crate) frequency: Vec<f64>,
    /// Of a flow between two values to the frequency.
    pub(crate) flows: Flows,
}

/// A number for each pair of values.
pub(crate) type Flows = BTreeMap<(usize, usize), f64>;

/// The worth of every variable of the function `root`; frequencies are left at 0 unless `has_frequency`.
pub(crate) fn worths(diagram: &Diagram, root: Node, variables: &[Variable], has_frequency: bool) -> Vec<Worth> {
    let mut gradient = Gradient::new(diagram, root, variables);
    gradient.of_probability();
    if has_frequency {
        gradient.of_frequency();
    }
    gradient.worths
}

type Pair = (Node, Node);

struct Gradient<'a> {
    diagram: &'a Diagram,
    variables: &'a [Variable],
    /// Inner nodes, children first.
    inner: Vec<Node>,
    reached: Vec<f64>,
    /// P(first is up and second is down); sub-pairs come before the pairs made of them.
    joint: IndexMap<Pair, f64>,
    worths: Vec<Worth>,
}

impl<'a> Gradient<'a> {
    fn new(diagram: &'a Diagram, root: Node, variables: &'a [Variable]) -> Self {
        let inner: Vec<Node> = diagram.reachable(root).into_iter().filter(|node| node.index() > 1).collect();
        let mut reached = vec![0.0; root.index().max(1) + 1];
        reached[root.index()] = 1.0;
        for &node in inner.iter().rev() {
            let here = reached[node.index()];
            let probabilities = &variables[diagram.variable(node)].probabilities;
            for (child, p) in diagram.children(node).iter().zip(probabilities) {
                reached[child.index()] += here * p;
            }
        }
        let worth = |variable: &Variable| Worth {
            down: vec![0.0; variable.probabilities.len()],
            frequency: vec![0.0; variable.probabilities.len()],
            flows: BTreeMap::new(),
        };
        let worths = variables.iter().map(worth).collect();
        Self { diagram, variables, inner, reached, joint: IndexMap::new(), worths }
    }

    fn of_probability(&mut self) {
        for node in self.inner.clone() {
            let (variable, here) = (self.diagram.variable(node), self.reached[node.index()]);
            for (value, worse) in self.worse(node).into_iter().enumerate() {
                self.worths[variable].down[value] += here * worse;
            }
        }
    }

    /// How much likelier the node is down with each value than with the value 0. Where the values get worse one by one it is a sum
    /// of steps, elsewhere each is compared with 0.
    fn worse(&mut self, node: Node) -> Vec<f64> {
        let children = self.diagram.children(node).to_vec();
        let mut steps = vec![0.0];
        for ends in children.windows(2) {
            if self.joint(ends[1], ends[0]) > 0.0 {
                let compared = |child: &Node| self.joint(children[0], *child) - self.joint(*child, children[0]);
                return children.iter().map(compared).collect();
            }
            let before = steps[steps.len() - 1];
            steps.push(before + self.joint(ends[0], ends[1]));
        }
        steps
    }

    fn of_frequency(&mut self) {
        let (diagram, variables) = (self.diagram, self.variables);
        let mut begins: Vec<f64> = vec![0.0; self.reached.len()];
        let mut weights: IndexMap<Pair, f64> = IndexMap::new();
        for node in self.inner.clone() {
            let (variable, here) = (diagram.variable(node), self.reached[node.index()]);
            let children = diagram.children(node);
            let mut own = Sum::default();
            for flow in &variables[variable].flows {
                let pair = (children[flow.from], children[flow.to]);
                let joint = self.joint(pair.0, pair.1);
                own.add(flow.rate * joint);
                *weights.entry(pair).or_default() += here * flow.rate;
            }
            // Several causes may lead from one value to another: what that is worth counts once.
            let ways: BTreeSet<(usize, usize)> =
                variables[variable].flows.iter().map(|flow| (flow.from, flow.to)).collect();
            for (from, to) in ways {
                let joint = self.joint(children[from], children[to]);
                *self.worths[variable].flows.entry((from, to)).or_default() += here * joint;
            }
            for (child, p) in children.iter().zip(&variables[variable].probabilities) {
                own.add(p * begins[child.index()]);
            }
            begins[node.index()] = own.value();
            for (value, child) in children.iter().enumerate() {
                let difference = begins[child.index()] - begins[children[0].index()];
                self.worths[variable].frequency[value] += here * difference;
            }
        }
        self.back_through_joints(&weights);
    }

    /// The frequency's weight of each pair handed down to the pairs it is made of.
    fn back_through_joints(&mut self, weights: &IndexMap<Pair, f64>) {
        let (diagram, variables) = (self.diagram, self.variables);
        let mut weight = vec![0.0; self.joint.len()];
        for (pair, more) in weights {
            if let Some(index) = self.joint.get_index_of(pair) {
                weight[index] += more;
            }
        }
        for index in (0..weight.len()).rev() {
            let here = weight[index];
            if here == 0.0 {
                continue;
            }
            let (&(up, down), _) = self.joint.get_index(index).expect("an index of the table");
            let variable = diagram.variable(up).min(diagram.variable(down));
            let part = |value| (diagram.cofactor(up, variable, value), diagram.cofactor(down, variable, value));
            let first = self.known(part(0)).expect("worked out before");
            for (value, p) in variables[variable].probabilities.iter().enumerate() {
                let pair = part(value);
                let joint = self.known(pair).expect("worked out before");
                self.worths[variable].frequency[value] += here * (joint - first);
                if let Some(index) = self.joint.get_index_of(&pair) {
                    weight[index] += here * p;
                }
            }
        }
    }

    fn joint(&mut self, up: Node, down: Node) -> f64 {
        let (diagram, variables) = (self.diagram, self.variables);
        let mut open = vec![(up, down)];
        while let Some(&(up, down)) = open.last() {
            if self.known((up, down)).is_some() {
                open.pop();
                continue;
            }
            let variable = diagram.variable(up).min(diagram.variable(down));
            let probabilities = &variables[variable].probabilities;
            let part = |value| (diagram.cofactor(up, variable, value), diagram.cofactor(down, variable, value));
            let before = open.len();
            open.extend((0..probabilities.len()).map(part).filter(|pair| self.known(*pair).is_none()));
            if open.len() == before {
                let terms = probabilities.iter().enumerate();
                let terms = terms.map(|(value, p)| p * self.known(part(value)).expect("worked out before"));
                let sum = terms.collect::<Sum>().value();
                self.joint.insert((up, down), sum);
            }
        }
        self.known((up, down)).expect("worked out above")
    }

    fn known(&self, (up, down): Pair) -> Option<f64> {
        if up == Node::DOWN || down == Node::UP || up == down {
            return Some(0.0);
        }
        if up == Node::UP && down == Node::DOWN {
            return Some(1.0);
        }
        self.joint.get(&(up, down)).copied()
    }
}
