//! Proven bounds for a module whose diagram is too large.
//!
//! Two functions stand for each formula f: one that is nowhere above it and one that is nowhere below, `low <= f <= high` in every
//! state. They are built like f itself, `low` of a negation from `high` of what it negates. When one has more nodes than it may
//! have, the nodes that matter least give way: in `low` to "never", in `high` to "always". What that costs is known beforehand:
//!
//! ```text
//! P(low)  falls by R(node) down(node)
//! P(high) rises by R(node) up(node)
//!
//! R          probability that the evaluation passes through the node
//! down, up   probability that the function of the node is true, is false
//! ```
//!
//! Beside that, P(a or b) <= P(a) + P(b) and P(a and b) <= min(P(a), P(b)) bound every formula by its arguments (Boole). Where a top event is
//! the union of many rare ones, that is nearer than a diagram that has no room for all of them.
//!
//! A node below several failures has a small R, so it hardly matters what stands there. Both probabilities are those of whole diagrams,
//! evaluated exactly: nothing about the structure is assumed, it need not be coherent, and no cut set is cut off. Where an input is a
//! module that is only bounded itself, each node takes the worse end of it. Checked in `tests/structures` against all states.

use crate::measure::{Observer, Stop};
use crate::structure::apply::{Ended, Operation};
use crate::structure::diagram::{Diagram, Node};
use crate::structure::modules::Module;
use crate::structure::order::Order;
use crate::structure::values::EventValues;
use crate::structure::walked::Walked;
use crate::topology::fault_tree::{Formula, FormulaId};

/// A diagram is squeezed when it has so many nodes, or twice as many as after the last time.
const SMALLEST_SQUEEZED: usize = 1 << 18;

/// A probability between two ends, each with its complement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ends {
    pub(crate) low: EventValues,
    pub(crate) high: EventValues,
}

impl Ends {
    /// What is known exactly.
    pub(crate) fn exact(value: EventValues) -> Self {
        Self { low: value, high: value }
    }

    /// The width, relative to the lower end; infinite above a lower end of 0.
    pub(crate) fn width(&self) -> f64 {
        if self.high.down > self.low.down { (self.high.down - self.low.down) / self.low.down } else { 0.0 }
    }

    /// The larger lower and the smaller upper end.
    pub(crate) fn narrowed(self, other: Self) -> Self {
        Self {
            low: if other.low.down > self.low.down { other.low } else { self.low },
            high: if other.high.down < self.high.down { other.high } else { self.high },
        }
    }
}

/// Bounds for `module`, by functions of at most `kept` nodes each, in a diagram of at most `most_nodes`.
pub(crate) fn bounds(
    module: &Module,
    inputs: &[Ends],
    order: Order,
    (kept, most_nodes): (usize, usize),
    observer: &dyn Observer,
) -> Result<Ends, Stop> {
    let order = order.inputs(&module.function);
    let mut level = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, input)| level[*input] = place);
    let mut bounding = Bounding {
        observer,
        diagram: Diagram::binary(order.len(), usize::MAX / 4, most_nodes),
        ends: order.iter().map(|input| inputs[*input]).collect(),
        level,
        nodes: Vec::new(),
        uses: module.function.parents(),
        held: Vec::new(),
        walked: Walked::default(),
        kept,
        squeeze_at: SMALLEST_SQUEEZED.min(most_nodes),
    };
    // Of each formula a bound of its probability, by its diagram or by those of its children.
    let mut most: Vec<f64> = Vec::new();
    for formula in &module.function.formulas {
        if let Some(stop) = observer.stop() {
            return Err(stop);
        }
        let pair = bounding.built(formula)?;
        bounding.nodes.push(pair);
        let of_children = formula.children().iter().map(|child| most[child.0]);
        let by_children = match formula {
            Formula::Or(_) => of_children.sum(),
            Formula::And(_) => of_children.fold(1.0, f64::min),
            _ => 1.0,
        };
        most.push(bounding.value(pair[1], Side::High).down.min(by_children));
        for child in formula.children() {
            bounding.uses[child.0] -= 1;
        }
    }
    let [low, high] = bounding.nodes[module.function.root.0];
    let (low, mut high) = (bounding.value(low, Side::Low), bounding.value(high, Side::High));
    let most = most[module.function.root.0];
    if most < high.down {
        // The larger of the two numbers, so that its rounding does not matter.
        high = EventValues { up: high.up.max(1.0 - most), down: most, rates: None };
    }
    Ok(Ends { low, high })
}

/// Which of the two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Low,
    High,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Low, Self::High];

    fn index(self) -> usize {
        usize::from(self == Self::High)
    }

    fn other(self) -> Self {
        if self == Self::Low { Self::High } else { Self::Low }
    }

    /// What a node gives way to.
    fn terminal(self) -> Node {
        if self == Self::Low { Node::UP } else { Node::DOWN }
    }
}

struct Bounding<'a> {
    observer: &'a dyn Observer,
    diagram: Diagram,
    /// Of the inputs, in the order of the diagram.
    ends: Vec<Ends>,
    level: Vec<usize>,
    /// Both functions of each formula so far.
    nodes: Vec<[Node; 2]>,
    /// How many formulas still need it.
    uses: Vec<u32>,
    /// Functions that are being worked with.
    held: Vec<Node>,
    walked: Walked,
    kept: usize,
    squeeze_at: usize,
}

impl Bounding<'_> {
    fn built(&mut self, formula: &Formula) -> Result<[Node; 2], Stop> {
        match formula {
            Formula::Event(input) => {
                let literal = self.diagram.case(self.level[*input], &[Node::UP, Node::DOWN]);
                Ok([literal.unwrap_or(Node::UP), literal.unwrap_or(Node::DOWN)])
            }
            Formula::Constant(value) => Ok([if *value { Node::DOWN } else { Node::UP }; 2]),
            Formula::And(of) => self.each(|bounding, side| bounding.folded(Operation::And, of, side)),
            Formula::Or(of) => self.each(|bounding, side| bounding.folded(Operation::Or, of, side)),
            Formula::Not(of) => self.each(|bounding, side| {
                bounding.held.push(Node::DOWN);
                bounding.held.push(bounding.nodes[of.0][side.other().index()]);
                bounding.combine(Operation::Without, side)
            }),
            Formula::Xor([a, b]) => self.each(|bounding, side| {
                for (with, without) in [(a, b), (b, a)] {
                    bounding.held.push(bounding.nodes[with.0][side.index()]);
                    bounding.held.push(bounding.nodes[without.0][side.other().index()]);
                    bounding.combine(Operation::Without, side)?;
                }
                bounding.combine(Operation::Or, side)
            }),
            Formula::AtLeast(need, of) => self.each(|bounding, side| bounding.at_least(*need, of, side)),
        }
    }

    /// Works out both sides, each of which leaves its function as the last one held. Where they are the same node they stay so.
    fn each(&mut self, mut side: impl FnMut(&mut Self, Side) -> Result<(), Stop>) -> Result<[Node; 2], Stop> {
        for one in Side::BOTH {
            side(self, one)?;
        }
        let high = self.held.pop().expect("the upper function");
        let low = self.held.pop().expect("the lower function");
        Ok([low, high])
    }

    fn folded(&mut self, operation: Operation, of: &[FormulaId], side: Side) -> Result<(), Stop> {
        let mut order = of.to_vec();
        order.sort_by_key(|child| std::cmp::Reverse(self.diagram.variable(self.nodes[child.0][side.index()])));
        self.held.push(if operation == Operation::And { Node::DOWN } else { Node::UP });
        for child in order {
            self.held.push(self.nodes[child.0][side.index()]);
            self.combine(operation, side)?;
        }
        Ok(())
    }

    /// The table of what is still needed, as that of [`Diagram::at_least`], with what is held.
    fn at_least(&mut self, need: usize, of: &[FormulaId], side: Side) -> Result<(), Stop> {
        let start = self.held.len();
        self.held.push(Node::DOWN);
        self.held.resize(start + need + 1, Node::UP);
        for (done, child) in of.iter().enumerate() {
            for wanted in (1..=need.min(done + 1)).rev() {
                // With the child one less is needed; both sides are monotone in the child.
                self.held.push(self.nodes[child.0][side.index()]);
                self.held.push(self.held[start + wanted - 1]);
                self.combine(Operation::And, side)?;
                self.held.push(self.held[start + wanted]);
                self.combine(Operation::Or, side)?;
                self.held[start + wanted] = self.held.pop().expect("it was combined");
            }
        }
        let result = self.held[start + need];
        self.held.truncate(start);
        self.held.push(result);
        Ok(())
    }

    /// The last two functions held become one, of a size that may be kept. The second one of `Without` is of the other side.
    fn combine(&mut self, operation: Operation, side: Side) -> Result<(), Stop> {
        let mut kept = self.kept;
        let last = self.held.len() - 1;
        let second_side = if operation == Operation::Without { side.other() } else { side };
        loop {
            match self.diagram.apply_watched(operation, self.held[last - 1], self.held[last], self.observer) {
                Ok(node) => {
                    self.held.truncate(last - 1);
                    self.held.push(node);
                    break;
                }
                Err(Ended::Stopped(stop)) => return Err(stop),
                Err(Ended::TooLarge(_)) => {}
            }
            kept /= 2;
            self.squeeze()?;
            if kept == 0 {
                self.held.truncate(last - 1);
                self.held.push(side.terminal());
                break;
            }
            self.prune(last - 1, kept, side);
            self.prune(last, kept, second_side);
        }
        self.prune(last - 1, self.kept, side);
        if self.diagram.len() >= self.squeeze_at { self.squeeze() } else { Ok(()) }
    }

    /// Forgets what nobody needs any more.
    fn squeeze(&mut self) -> Result<(), Stop> {
        if let Some(stop) = self.observer.stop() {
            return Err(stop);
        }
        let needed: Vec<usize> = (0..self.nodes.len()).filter(|index| self.uses[*index] > 0).collect();
        let of_nodes = needed.iter().flat_map(|index| self.nodes[*index]);
        let mut roots: Vec<Node> = of_nodes.chain(self.held.iter().copied()).collect();
        self.diagram.keep_only(&mut roots, 0.0);
        for (place, index) in needed.iter().enumerate() {
            self.nodes[*index] = [roots[2 * place], roots[2 * place + 1]];
        }
        self.held.copy_from_slice(&roots[2 * needed.len()..]);
        self.squeeze_at = (self.diagram.len() * 2).max(self.squeeze_at);
        Ok(())
    }

    /// A held function with at most `kept` nodes: those that matter least give way.
    fn prune(&mut self, place: usize, kept: usize, side: Side) {
        let root = self.held[place];
        self.walked.walk(&self.diagram, root);
        let nodes = self.walked.nodes();
        if nodes.len() <= kept {
            return;
        }
        let costs = costs(&self.diagram, &self.walked, &self.ends, side);
        let mut cheapest: Vec<u32> = (0..nodes.len() as u32).collect();
        let too_many = nodes.len() - kept;
        // Of equal ones the first that was made.
        let compare = |a: &u32, b: &u32| costs[*a as usize].total_cmp(&costs[*b as usize]).then(b.cmp(a));
        cheapest.select_nth_unstable_by(too_many, compare);
        let mut gives_way = vec![false; nodes.len()];
        cheapest[..too_many].iter().for_each(|place| gives_way[*place as usize] = true);
        gives_way[0] = false;
        let mut moved: Vec<Node> = vec![side.terminal(); nodes.len()];
        for (place, node) in nodes.iter().enumerate().rev().filter(|(place, _)| !gives_way[*place]) {
            let children = self.diagram.pair(*node).map(|child| self.walked.place(child).map_or(child, |at| moved[at]));
            // Where there is no room for a node, its worse end has room.
            moved[place] = self.diagram.case(self.diagram.variable(*node), &children).unwrap_or(side.terminal());
        }
        self.held[place] = moved[0];
    }

    /// The probability of a function.
    fn value(&mut self, root: Node, side: Side) -> EventValues {
        self.walked.walk(&self.diagram, root);
        value(&self.diagram, root, &self.walked, &self.ends, side)
    }
}

/// What it costs if a node gives way, by place in the walk.
fn costs(diagram: &Diagram, walked: &Walked, ends: &[Ends], side: Side) -> Vec<f64> {
    let values = values(diagram, walked, ends, side);
    let mut reached = vec![0.0; values.len()];
    reached[0] = 1.0;
    for (place, node) in walked.nodes().iter().enumerate() {
        let here: f64 = reached[place];
        let input = ends[diagram.variable(*node)];
        let input = if side == Side::Low { input.low } else { input.high };
        for (child, share) in diagram.pair(*node).into_iter().zip([input.up, input.down]) {
            if let Some(child) = walked.place(child) {
                reached[child] += here * share;
            }
        }
    }
    let cost = |(reached, [up, down]): (f64, [f64; 2])| reached * if side == Side::Low { down } else { up };
    reached.into_iter().zip(values).map(cost).collect()
}

/// The probability of a function whose nodes are walked through.
pub(crate) fn value(diagram: &Diagram, root: Node, walked: &Walked, ends: &[Ends], side: Side) -> EventValues {
    let [up, down] = match root {
        Node::UP => [1.0, 0.0],
        Node::DOWN => [0.0, 1.0],
        _ => values(diagram, walked, ends, side)[0],
    };
    EventValues { up, down, rates: None }
}

/// The pair (up, down) of each node by its place, with the end of its input that is worse for this side.
fn values(diagram: &Diagram, walked: &Walked, ends: &[Ends], side: Side) -> Vec<[f64; 2]> {
    let mut values = vec![[0.0; 2]; walked.nodes().len()];
    for (place, node) in walked.nodes().iter().enumerate().rev() {
        let [low, high] = diagram.pair(*node).map(|child| match walked.place(child) {
            Some(child) => values[child],
            None if child == Node::UP => [1.0, 0.0],
            None => [0.0, 1.0],
        });
        let Ends { low: least, high: most } = ends[diagram.variable(*node)];
        let is_least = (high[1] >= low[1]) == (side == Side::Low);
        let EventValues { up, down, .. } = if is_least { least } else { most };
        values[place] = [down * high[0] + up * low[0], down * high[1] + up * low[1]];
    }
    values
}

#[cfg(test)]
mod tests;
