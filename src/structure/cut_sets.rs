//! Minimal cut sets, counted and listed without ever holding all of them.
//!
//! A minimal cut set is a set of events that makes the top event happen while no other event has happened, and of which no
//! part does so too. Where the function is monotone these are the usual minimal cut sets. Where it is not, they are the
//! minimal states in which the top event happens.
//!
//! The sets of a module are a zero-suppressed diagram (Minato 1993): a node of variable x holds the sets without x, and
//! those with x. With `f = x f_1 or not x f_0` (Rauzy 1993):
//!
//! ```text
//! sets(f) = sets(f_0) and x with each of (sets(f_1) without sets(f_0))
//! ```
//!
//! `a without b` are the sets of `a` that no set of `b` is a part of. A module that has happened before any event has is taken by its
//! opposite, so that "x" always means that something changed. The best sets come out one by one by a search that knows the
//! best way down from each node.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::measure::{Observer, Stop};
use crate::structure::build::{Diagrams, ModuleDiagram};
use crate::structure::diagram::Node;
use crate::structure::done::Done;
use crate::structure::modules::Input;
use crate::structure::ranked::{Cost, Partial};
use crate::structure::table::Table;

/// Steps between two looks at the observer: a few milliseconds.
const STEPS_UNWATCHED: u64 = 1 << 15;
/// Families that may be worked out for each node of the limit: most are forgotten again, or found a second time.
const STEPS_PER_NODE: u64 = 8;
/// No set at all.
const NOTHING: Node = Node::UP;
/// Only the empty set.
const EMPTY: Node = Node::DOWN;

/// Which cut sets come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rank {
    /// The likeliest.
    #[default]
    Probability,
    /// The smallest, and among these the likeliest.
    Order,
}

/// The sets of all modules.
#[derive(Debug)]
pub(crate) struct CutSets {
    families: Vec<Family>,
    /// Of a constant function: no set, or the empty one.
    constant: Option<bool>,
}

/// The minimal sets of one module.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) inputs: Vec<Input>,
    pub(crate) table: Table,
    pub(crate) root: Node,
}

/// Why there are no families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// They have more nodes than allowed.
    TooManyNodes,
    /// The observer ended it.
    Stopped(Stop),
}

impl CutSets {
    /// The sets of the last module, and of all others; in the memory of `done`.
    pub(crate) fn new(
        diagrams: &Diagrams,
        most_nodes: usize,
        mut done: Done,
        observer: &dyn Observer,
    ) -> Result<Self, End> {
        if diagrams.modules.last().is_some_and(|top| top.is_initially_true) {
            // Nothing has to happen: the empty set is a part of every other one.
            return Ok(Self { families: Vec::new(), constant: Some(true) });
        }
        let mut left = most_nodes;
        let mut families = Vec::new();
        for module in &diagrams.modules {
            let swapped = module.inputs.iter().map(|input| match input {
                Input::Event(_) => false,
                Input::Module(other) => diagrams.modules[*other].is_initially_true,
            });
            let making = Making::new(module, done, left, observer);
            let family = making.family(module, &swapped.collect::<Vec<_>>());
            let (family, used) = family?;
            done = used;
            left -= family.table.len().min(left);
            families.push(family);
        }
        Ok(Self { families, constant: diagrams.constant })
    }

    /// The families of the modules.
    pub(crate) fn families(&self) -> &[Family] {
        &self.families
    }

    /// How many there are: exactly, if that fits into 128 bits, and as a double.
    pub(crate) fn count(&self) -> (Option<u128>, f64) {
        if let Some(value) = self.constant {
            return (Some(u128::from(value)), f64::from(u8::from(value)));
        }
        let mut roots: Vec<(Option<u128>, f64)> = Vec::new();
        for family in &self.families {
            let mut counts = vec![(Some(0_u128), 0.0), (Some(1), 1.0)];
            for index in 2..family.table.len() {
                let node = Node::at(index as u32);
                let [without, with] = family.table.pair(node).map(|child| counts[child.index()]);
                let each = match family.inputs[family.table.variable(node) as usize] {
                    Input::Event(_) => (Some(1), 1.0),
                    Input::Module(module) => roots[module],
                };
                let times = |a: Option<u128>, b: Option<u128>| a?.checked_mul(b?);
                let exact = times(with.0, each.0).zip(without.0).and_then(|(a, b)| a.checked_add(b));
                counts.push((exact, (with.1 * each.1 + without.1).min(f64::MAX)));
            }
            roots.push(counts[family.root.index()]);
        }
        roots.pop().unwrap_or((Some(0), 0.0))
    }

    /// The events that are a cut set on their own, ascending.
    pub(crate) fn singles(&self) -> Vec<usize> {
        let mut singles = Vec::new();
        let mut open: Vec<&Family> = self.families.last().into_iter().collect();
        while let Some(family) = open.pop() {
            let mut node = family.root;
            while node.index() > 1 {
                let [without, with] = family.table.pair(node);
                if with == EMPTY {
                    match family.inputs[family.table.variable(node) as usize] {
                        Input::Event(event) => singles.push(event),
                        Input::Module(module) => open.push(&self.families[module]),
                    }
                }
                node = without;
            }
        }
        singles.sort_unstable();
        singles
    }

    /// The first `limit` sets by rank, as ascending events; `probability` is that of an event.
    pub(crate) fn list(&self, rank: Rank, limit: usize, probability: impl Fn(usize) -> f64) -> Vec<Vec<usize>> {
        if let Some(value) = self.constant {
            return if value && limit > 0 { vec![Vec::new()] } else { Vec::new() };
        }
        let ways = self.ways(rank, &probability);
        let last = self.families.len() - 1;
        let mut open = BinaryHeap::new();
        let push = |taken: Cost, chosen: Vec<usize>, rest: Vec<(usize, Node)>, open: &mut BinaryHeap<Partial>| {
            if rest.iter().all(|(_, node)| *node != NOTHING) {
                let cost = rest.iter().fold(taken, |cost, (module, node)| cost.and(ways[*module][node.index()]));
                open.push(Partial { rank, cost, serial: open.len(), taken, chosen, rest });
            }
        };
        push(Cost::NONE, Vec::new(), vec![(last, self.families[last].root)], &mut open);
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(Partial { taken, mut chosen, mut rest, .. }) = open.pop() else { break };
            while rest.pop_if(|(_, node)| *node == EMPTY).is_some() {}
            let Some((module, node)) = rest.pop() else {
                chosen.sort_unstable();
                found.push(chosen);
                continue;
            };
            let family = &self.families[module];
            let [without, with] = family.table.pair(node);
            let mut rest_without = rest.clone();
            rest_without.push((module, without));
            push(taken, chosen.clone(), rest_without, &mut open);
            if with != EMPTY {
                rest.push((module, with));
            }
            match family.inputs[family.table.variable(node) as usize] {
                Input::Event(event) => {
                    chosen.push(event);
                    push(taken.and(Cost::of_event(probability(event))), chosen, rest, &mut open);
                }
                Input::Module(inner) => {
                    rest.push((inner, self.families[inner].root));
                    push(taken, chosen, rest, &mut open);
                }
            }
        }
        found
    }

    /// The best way down from each node of each family.
    fn ways(&self, rank: Rank, probability: &impl Fn(usize) -> f64) -> Vec<Vec<Cost>> {
        let mut all: Vec<Vec<Cost>> = Vec::new();
        for family in &self.families {
            let mut ways = vec![Cost::NEVER, Cost::NONE];
            for index in 2..family.table.len() {
                let node = Node::at(index as u32);
                let [without, with] = family.table.pair(node).map(|child| ways[child.index()]);
                let each = match family.inputs[family.table.variable(node) as usize] {
                    Input::Event(event) => Cost::of_event(probability(event)),
                    Input::Module(module) => all[module][self.families[module].root.index()],
                };
                let with = with.and(each);
                ways.push(if with.compare(without, rank) == Ordering::Less { with } else { without });
            }
            all.push(ways);
        }
        all
    }
}

/// A family that is being made.
struct Making<'a> {
    table: Table,
    done: Done,
    most_nodes: usize,
    observer: &'a dyn Observer,
    /// Families worked out, and how many may be.
    steps: u64,
    most_steps: u64,
}

/// What is left of `a without b` that is being worked out: for variables that both have, three smaller ones.
struct Step {
    a: Node,
    b: Node,
    variable: u32,
    /// The sets of `a` with the variable that are not above one of `b` without it, if that was known before: it is looked up together with the
    /// first question, so that the memory fetches the one beside the other.
    ahead: Option<Node>,
    stage: Stage,
}

enum Stage {
    /// The sets without the variable are asked for.
    Without,
    /// Those with it, and not above a set of `b` without it.
    With { without: Node },
    /// Nor above one with it.
    Both { without: Node },
}

impl<'a> Making<'a> {
    fn new(module: &ModuleDiagram, mut done: Done, most_nodes: usize, observer: &'a dyn Observer) -> Self {
        done.clear();
        let most_nodes = most_nodes.min(u32::MAX as usize - 1);
        let most_steps = (most_nodes as u64).saturating_mul(STEPS_PER_NODE).max(STEPS_UNWATCHED);
        Self { table: Table::new(vec![2; module.inputs.len()]), done, most_nodes, observer, steps: 0, most_steps }
    }

    /// The sets of `module`, or of its opposite if it has happened before any event, and the memory for others; `swapped` says for each
    /// variable whether its module has.
    fn family(mut self, module: &ModuleDiagram, swapped: &[bool]) -> Result<(Family, Done), End> {
        let terminals = if module.is_initially_true { [EMPTY, NOTHING] } else { [NOTHING, EMPTY] };
        let mut sets = terminals.to_vec();
        for index in 2..module.diagram.len() {
            let node = Node::at(index as u32);
            let variable = module.diagram.variable(node);
            let [mut still, mut changed] = module.diagram.pair(node).map(|child| sets[child.index()]);
            if swapped[variable] {
                (still, changed) = (changed, still);
            }
            let more = self.without(changed, still)?;
            sets.push(self.node(variable as u32, still, more)?);
        }
        let mut root = [sets[module.root.index()]];
        self.table.finish(&mut root);
        Ok((Family { inputs: module.inputs.clone(), table: self.table, root: root[0] }, self.done))
    }

    fn node(&mut self, variable: u32, without: Node, with: Node) -> Result<Node, End> {
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_UNWATCHED) {
            self.observer.stop().map_or(Ok(()), |stop| Err(End::Stopped(stop)))?;
            if self.steps > self.most_steps {
                return Err(End::TooManyNodes);
            }
        }
        if with == NOTHING {
            return Ok(without);
        }
        let node = self.table.pair_node(variable, [without, with]);
        if self.table.len() > self.most_nodes { Err(End::TooManyNodes) } else { Ok(node) }
    }

    /// The sets of `a` that no set of `b` is a part of. Both hold no set that is part of another one.
    fn without(&mut self, a: Node, b: Node) -> Result<Node, End> {
        let mut open: Vec<Step> = Vec::new();
        let mut asked = (a, b);
        loop {
            let mut known = self.known(asked.0, asked.1);
            if known.is_none() {
                let (a, b) = asked;
                let variable = self.table.variable(a);
                // A set of `b` with a variable that no set of `a` has is part of none.
                if self.table.variable(b) < variable {
                    asked = (a, self.table.pair(b)[0]);
                    continue;
                }
                let b_without = if self.table.variable(b) == variable { self.table.pair(b)[0] } else { b };
                let [a_without, a_with] = self.table.pair(a);
                let ahead = self.known(a_with, b_without);
                open.push(Step { a, b, variable, ahead, stage: Stage::Without });
                asked = (a_without, b_without);
            }
            while let Some(node) = known.take() {
                let Some(step) = open.last_mut() else { return Ok(node) };
                let is_shared = self.table.variable(step.b) == step.variable;
                let [b_without, b_with] = if is_shared { self.table.pair(step.b) } else { [step.b, NOTHING] };
                match step.stage {
                    Stage::Without => {
                        step.stage = Stage::With { without: node };
                        known = step.ahead;
                        asked = (self.table.pair(step.a)[1], b_without);
                    }
                    Stage::With { without } if is_shared => {
                        step.stage = Stage::Both { without };
                        asked = (node, b_with);
                    }
                    Stage::With { without } | Stage::Both { without } => {
                        let (a, b, variable) = (step.a, step.b, step.variable);
                        open.pop();
                        let result = self.node(variable, without, node)?;
                        self.done.insert([a.number(), b.number(), 1], result, self.table.len());
                        known = Some(result);
                    }
                }
            }
        }
    }

    fn known(&self, a: Node, b: Node) -> Option<Node> {
        if b == NOTHING || a == NOTHING {
            return Some(a);
        }
        if b == EMPTY || a == b {
            return Some(NOTHING);
        }
        // No set but the empty one is part of the empty one, and `b` has others only.
        if a == EMPTY { Some(EMPTY) } else { self.done.get([a.number(), b.number(), 1]) }
    }
}
