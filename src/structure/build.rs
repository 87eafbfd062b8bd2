//! Decision diagrams of the modules of a function, each in the first order of variables that is good enough.
//!
//! Every order is tried with a small allowance of nodes, then with larger ones up to the limit: a structure that one order solves in ten thousand nodes and another in a hundred million costs little. Formulas
//! are built from the bottom up; what no formula needs any more is squeezed out when the diagram has doubled.

use thiserror::Error;

use crate::measure::{Observer, Stop};
use crate::quantity::counted;
use crate::structure::absorbed::absorbed;
use crate::structure::apply::{Ended, Operation};
use crate::structure::coherence::{Ways, ways, written};
use crate::structure::diagram::{Diagram, Node, TooLarge};
use crate::structure::done::Done;
use crate::structure::factors::factored;
use crate::structure::function::Function;
use crate::structure::modules::{Input, Module, modules, whole};
use crate::structure::order::Order;
use crate::topology::fault_tree::{Formula, FormulaId};

/// How many of the orders get which allowance, in nodes made; after these the orders share what is left. Of 42 published
/// trees most need less than the first one in some order, and the first order is the best for the largest.
const ALLOWANCES: [(usize, usize); 3] = [(5, 30_000), (5, 100_000), (1, 16_000_000)];
/// Nodes that all orders together may make for each node of the limit, as most of them are forgotten again. Half a minute at
/// most where the limit is 10 million.
const MADE_PER_KEPT: usize = 4;
/// What is left for an order is at least so much, unless the limit is smaller.
const LEAST_ALLOWANCE: usize = 200_000;
/// As many are made in a moment.
const QUICK_NODES: usize = 100_000;
/// Diagrams below this are never squeezed.
const SMALLEST_SQUEEZED: usize = 1 << 20;
/// The share that must be forgotten for a squeeze to be worth what was worked out before.
const WORTH_FORGETTING: f64 = 0.25;

/// Why there is no diagram.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BuildError {
    /// No order is good enough.
    #[error(
        "the decision diagram of a part with {inputs} inputs is too large for {} in {}",
        counted(*limit as u64, "node"),
        tried(*orders)
    )]
    TooLarge {
        /// Inputs of the module.
        inputs: usize,
        /// Nodes allowed.
        limit: usize,
        /// Orders tried.
        orders: usize,
    },
    /// The observer ended it.
    #[error("stopped before the decision diagram was complete")]
    Stopped(Stop),
}

/// How many orders were tried, in words.
pub(crate) fn tried(orders: usize) -> String {
    if orders == 1 { "the only order there is".to_owned() } else { format!("all {orders} orders tried") }
}

/// A module as a diagram. Its variables are binary, and are the inputs in the order of the diagram.
#[derive(Debug)]
pub(crate) struct ModuleDiagram {
    /// From the top of the diagram to its bottom.
    pub(crate) inputs: Vec<Input>,
    pub(crate) diagram: Diagram,
    pub(crate) root: Node,
    /// Whether it rises with each input.
    pub(crate) is_monotone: bool,
    /// How it moves with each input.
    pub(crate) ways: Vec<Ways>,
    /// Whether it has happened while no event has.
    pub(crate) is_initially_true: bool,
    /// The order that won; nothing where any would do.
    pub(crate) order: Option<Order>,
}

/// A function as diagrams of its modules, each after those that are inputs of it.
#[derive(Debug)]
pub(crate) struct Diagrams {
    pub(crate) modules: Vec<ModuleDiagram>,
    /// Of a function that does not depend on anything.
    pub(crate) constant: Option<bool>,
}

impl Diagrams {
    /// The diagrams of the function of `root`, of at most `most_nodes` nodes at a time, in the memory of `done`.
    pub(crate) fn new(
        formulas: &[Formula],
        root: FormulaId,
        most_nodes: usize,
        done: &mut Done,
        observer: &dyn Observer,
    ) -> Result<Self, BuildError> {
        let function = Function::simplified(formulas, root);
        if let Formula::Constant(value) = function.formulas[function.root.0] {
            return Ok(Self { modules: Vec::new(), constant: Some(value) });
        }
        let mut built: Vec<ModuleDiagram> = Vec::new();
        for mut module in modules(&function) {
            module.set_constants(|other| built[other].constant());
            let initially = |input: usize| match module.inputs[input] {
                Input::Event(_) => false,
                Input::Module(other) => built[other].is_initially_true,
            };
            let is_initially_true = module.function.value(initially);
            let mut diagram = best(&module, most_nodes, done, observer)?;
            diagram.is_initially_true = is_initially_true;
            built.push(diagram);
        }
        Ok(Self { modules: built, constant: None })
    }

    /// The same function by another way: as one diagram without modules and common factors, in another order if there is one.
    pub(crate) fn as_one(
        formulas: &[Formula],
        root: FormulaId,
        most_nodes: usize,
        observer: &dyn Observer,
    ) -> Result<Self, BuildError> {
        let function = Function::simplified(formulas, root);
        if let Formula::Constant(value) = function.formulas[function.root.0] {
            return Ok(Self { modules: Vec::new(), constant: Some(value) });
        }
        let module = whole(&function);
        let mut orders = Order::ALL;
        orders.reverse();
        let functions = (&module.function, &module.function);
        let mut built = by_orders(&module, functions, &orders, most_nodes, &mut Done::new(), observer)?;
        built.is_initially_true = module.function.value(|_| false);
        Ok(Self { modules: vec![built], constant: None })
    }

    /// Nodes of all diagrams, without their terminals.
    pub(crate) fn nodes(&self) -> usize {
        self.modules.iter().map(|module| module.diagram.len() - 2).sum()
    }
}

/// The diagram of a module, if some order needs few nodes.
pub(crate) fn quickly(
    module: &Module,
    most_nodes: usize,
    observer: &dyn Observer,
) -> Result<ModuleDiagram, BuildError> {
    best(module, most_nodes.min(QUICK_NODES), &mut Done::new(), observer)
}

/// The diagram of a module by the first order that keeps within the smallest allowance.
fn best(
    module: &Module,
    most_nodes: usize,
    done: &mut Done,
    observer: &dyn Observer,
) -> Result<ModuleDiagram, BuildError> {
    let factored = absorbed(factored(&module.function));
    let is_read_once = factored.is_read_once();
    let orders = if is_read_once { &Order::ALL[..1] } else { &Order::ALL[..] };
    // A function that is read once is best taken in its own order, any other one as it was written.
    let ordered = if is_read_once { &factored } else { &module.function };
    let mut built = by_orders(module, (&factored, ordered), orders, most_nodes, done, observer)?;
    built.order = built.order.filter(|_| !is_read_once);
    Ok(built)
}

/// The diagram of a module, by the first order that is good enough; the first of its functions is built, the second one ordered.
fn by_orders(
    module: &Module,
    (function, ordered): (&Function, &Function),
    orders: &[Order],
    most_nodes: usize,
    done: &mut Done,
    observer: &dyn Observer,
) -> Result<ModuleDiagram, BuildError> {
    for (order, allowance) in attempts(orders, most_nodes) {
        let inputs = with_all(order.inputs(ordered), module.inputs.len());
        let mut building = Building::new((module, function), inputs, (allowance, most_nodes), observer);
        building.diagram = building.diagram.reusing(std::mem::replace(done, Done::new()));
        let (built, used) = building.finish();
        *done = used;
        match built {
            Ok(mut built) => {
                built.order = Some(order);
                return Ok(built);
            }
            Err(End::Stopped(stop)) => return Err(BuildError::Stopped(stop)),
            Err(End::TooLarge) => {}
        }
    }
    Err(BuildError::TooLarge { inputs: module.inputs.len(), limit: most_nodes, orders: orders.len() })
}

/// Which orders are tried with which allowance: each with more than the last time.
fn attempts(orders: &[Order], most_nodes: usize) -> Vec<(Order, usize)> {
    let most_made = most_nodes.saturating_mul(MADE_PER_KEPT);
    let mut attempts: Vec<(Order, usize)> = Vec::new();
    let small = ALLOWANCES.into_iter().filter(|(_, allowance)| *allowance < most_made);
    for (tried, allowance) in small {
        attempts.extend(orders.iter().take(tried).map(|order| (*order, allowance)));
    }
    let spent: usize = attempts.iter().map(|(_, allowance)| *allowance).sum();
    let largest = |order: &Order| attempts.iter().filter(|(tried, _)| tried == order).map(|(_, made)| *made).max();
    let had: Vec<usize> = orders.iter().map(|order| largest(order).unwrap_or(0)).collect();
    // An order that had more than its share before is not tried again.
    let share = |sharing: usize| {
        let share = most_made.saturating_sub(spent) / sharing.max(1);
        share.max(LEAST_ALLOWANCE.min(most_made))
    };
    let all = share(orders.len());
    let sharing = had.iter().filter(|had| **had < all).count();
    let allowance = share(sharing);
    let again = orders.iter().zip(had).filter(|(_, had)| *had < all).map(|(order, _)| (*order, allowance));
    attempts.extend(again.collect::<Vec<_>>());
    attempts
}

/// The inputs, and below them those that turned out not to matter: what is said of a module is said of all its inputs.
fn with_all(mut inputs: Vec<usize>, count: usize) -> Vec<usize> {
    let mut is_there = vec![false; count];
    for &input in &inputs {
        is_there[input] = true;
    }
    inputs.extend((0..count).filter(|input| !is_there[*input]));
    inputs
}

/// Why a diagram is given up.
enum End {
    TooLarge,
    Stopped(Stop),
}

impl From<Ended> for End {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::TooLarge(_) => Self::TooLarge,
            Ended::Stopped(stop) => Self::Stopped(stop),
        }
    }
}

impl From<TooLarge> for End {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

struct Building<'a> {
    module: &'a Module,
    /// That of the module, its common parts stated once.
    function: &'a Function,
    observer: &'a dyn Observer,
    diagram: Diagram,
    inputs: Vec<usize>,
    level: Vec<usize>,
    /// The node of each formula built so far; of a negation, that of what it negates.
    nodes: Vec<Node>,
    /// How many formulas still need it.
    uses: Vec<u32>,
    most_nodes: usize,
    squeeze_at: usize,
}

impl<'a> Building<'a> {
    /// The module with its function as it is to be built, over its inputs from the top of the diagram to its bottom; with so many nodes
    /// that may be made, and be there at a time.
    fn new(
        (module, function): (&'a Module, &'a Function),
        inputs: Vec<usize>,
        (allowance, most_nodes): (usize, usize),
        observer: &'a dyn Observer,
    ) -> Self {
        let mut level = vec![0; module.inputs.len()];
        inputs.iter().enumerate().for_each(|(place, input)| level[*input] = place);
        Self {
            module,
            function,
            observer,
            diagram: Diagram::binary(inputs.len(), allowance, most_nodes),
            inputs,
            level,
            nodes: Vec::new(),
            uses: function.parents(),
            most_nodes,
            squeeze_at: SMALLEST_SQUEEZED.min(most_nodes),
        }
    }

    /// The diagram, and the memory for another one.
    fn finish(mut self) -> (Result<ModuleDiagram, End>, Done) {
        let mut root = match self.root() {
            Ok(root) => [root],
            Err(end) => return (Err(end), self.diagram.into_done()),
        };
        let done = self.diagram.finish(&mut root);
        let written = written(&self.module.function, self.inputs.len());
        let written: Vec<Ways> = self.inputs.iter().map(|input| written[*input]).collect();
        let ways = ways(&self.diagram, &written);
        let built = ModuleDiagram {
            inputs: self.inputs.iter().map(|input| self.module.inputs[*input]).collect(),
            diagram: self.diagram,
            root: root[0],
            is_monotone: ways.iter().all(|ways| ways.falls == Some(false)),
            ways,
            is_initially_true: false,
            order: None,
        };
        (Ok(built), done)
    }

    /// The node of the whole function.
    fn root(&mut self) -> Result<Node, End> {
        let function = self.function;
        for (index, formula) in function.formulas.iter().enumerate() {
            let node = self.built(formula)?;
            self.nodes.push(node);
            for child in formula.children() {
                self.uses[child.0] -= 1;
            }
            debug_assert_eq!(self.nodes.len(), index + 1);
        }
        self.node(function.root)
    }

    fn built(&mut self, formula: &Formula) -> Result<Node, End> {
        Ok(match formula {
            Formula::Event(input) => self.diagram.case(self.level[*input], &[Node::UP, Node::DOWN])?,
            Formula::Constant(value) => {
                if *value {
                    Node::DOWN
                } else {
                    Node::UP
                }
            }
            Formula::Not(of) => self.nodes[of.0],
            Formula::Xor([a, b]) => {
                let (a, b) = (self.node(*a)?, self.node(*b)?);
                self.diagram.apply_watched(Operation::Xor, a, b, self.observer)?
            }
            Formula::And(of) => self.all(of)?,
            Formula::Or(of) => {
                let of = of.iter().map(|child| self.node(*child)).collect::<Result<Vec<_>, _>>()?;
                self.folded(Operation::Or, Node::UP, &of)?
            }
            Formula::AtLeast(need, of) => {
                let of = of.iter().map(|child| self.node(*child)).collect::<Result<Vec<_>, _>>()?;
                self.diagram.at_least_watched(*need, &of, self.observer)?
            }
        })
    }

    fn is_negation(&self, formula: FormulaId) -> bool {
        matches!(self.function.formulas[formula.0], Formula::Not(_))
    }

    /// The node of a formula; that of a negation is made here.
    fn node(&mut self, formula: FormulaId) -> Result<Node, End> {
        let node = self.nodes[formula.0];
        if self.is_negation(formula) {
            Ok(self.diagram.apply_watched(Operation::Without, Node::DOWN, node, self.observer)?)
        } else {
            Ok(node)
        }
    }

    /// `and`, from which negated arguments are taken away without making their negations.
    fn all(&mut self, of: &[FormulaId]) -> Result<Node, End> {
        let (negations, others): (Vec<FormulaId>, Vec<FormulaId>) =
            of.iter().partition(|child| self.is_negation(**child));
        let nodes = |of: &[FormulaId]| of.iter().map(|child| self.nodes[child.0]).collect::<Vec<Node>>();
        let (mut negations, others) = (nodes(&negations), nodes(&others));
        let mut so_far = self.folded_beside(Operation::And, Node::DOWN, &others, &mut negations)?;
        let mut rest = self.diagram.bottom_first(&negations);
        rest.reverse();
        while let Some(node) = rest.pop() {
            so_far = self.diagram.apply_watched(Operation::Without, so_far, node, self.observer)?;
            rest.push(so_far);
            self.squeeze(&mut rest)?;
            so_far = rest.pop().expect("it was pushed above");
        }
        Ok(so_far)
    }

    fn folded(&mut self, operation: Operation, neutral: Node, of: &[Node]) -> Result<Node, End> {
        self.folded_beside(operation, neutral, of, &mut [])
    }

    /// Folds `of` from the bottom up; `beside` is needed later.
    fn folded_beside(
        &mut self,
        operation: Operation,
        neutral: Node,
        of: &[Node],
        beside: &mut [Node],
    ) -> Result<Node, End> {
        let mut needed = beside.to_vec();
        needed.extend(self.diagram.bottom_first(of).into_iter().rev());
        let mut so_far = neutral;
        while needed.len() > beside.len() {
            let node = needed.pop().expect("there is more than what stands beside");
            so_far = self.diagram.apply_watched(operation, node, so_far, self.observer)?;
            needed.push(so_far);
            self.squeeze(&mut needed)?;
            so_far = needed.pop().expect("it was pushed above");
        }
        beside.copy_from_slice(&needed);
        Ok(so_far)
    }

    /// Forgets what is no longer needed when there is much of it; `more` is needed as well.
    fn squeeze(&mut self, more: &mut [Node]) -> Result<(), End> {
        if self.diagram.len() < self.squeeze_at {
            return Ok(());
        }
        if let Some(stop) = self.observer.stop() {
            return Err(End::Stopped(stop));
        }
        let places: Vec<usize> = (0..self.nodes.len()).filter(|index| self.uses[*index] > 0).collect();
        let mut roots: Vec<Node> = places.iter().map(|index| self.nodes[*index]).chain(more.iter().copied()).collect();
        let is_near_the_limit = self.diagram.len() * 4 > self.most_nodes * 3;
        self.diagram.keep_only(&mut roots, if is_near_the_limit { 0.0 } else { WORTH_FORGETTING });
        places.iter().zip(&roots).for_each(|(place, node)| self.nodes[*place] = *node);
        more.copy_from_slice(&roots[places.len()..]);
        if self.diagram.len() * 4 > self.most_nodes * 3 {
            return Err(End::TooLarge);
        }
        self.squeeze_at = (self.diagram.len() * 2).clamp(SMALLEST_SQUEEZED.min(self.most_nodes), self.most_nodes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{MADE_PER_KEPT, attempts};
    use crate::structure::order::Order;

    #[test]
    fn every_order_has_its_share_of_what_may_be_made() {
        for most_nodes in [1, 20_000, 1_000_000, 10_000_000, 100_000_000] {
            let attempts = attempts(&Order::ALL, most_nodes);
            let made: usize = attempts.iter().map(|(_, allowance)| allowance).sum();
            // Each of the five has the small allowances that are below the limit, and one of 200,000 or the limit.
            let most = most_nodes * MADE_PER_KEPT;
            let small: usize = [30_000, 100_000].into_iter().filter(|allowance| *allowance < most).sum();
            assert!(made <= most.max(5 * (small + most.min(200_000))), "{most_nodes}: {attempts:?}");
            for order in Order::ALL {
                let of_order = attempts.iter().filter(|(tried, _)| *tried == order).map(|(_, allowance)| *allowance);
                let allowances: Vec<usize> = of_order.collect();
                assert!(!allowances.is_empty() && allowances.is_sorted_by(|a, b| a < b), "{order:?}: {allowances:?}");
            }
        }
        let largest = attempts(&Order::ALL, 10_000_000).into_iter().map(|(_, allowance)| allowance).max();
        assert_eq!(largest, Some(16_000_000));
    }
}
