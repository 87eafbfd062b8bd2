//! Probabilities and frequencies of a function from those of its events, module by module.
//!
//! Each node carries the pair (up, down), the probabilities that its function is false and true, both as sums of
//! products of non-negative numbers, so that both keep their digits however small they are:
//!
//! ```text
//! down(node) = q down(high) + a down(low)
//! up(node)   = q up(high)   + a up(low)
//!
//! rise(x) = P(not f_0 and f_1) = sum over nodes of x of R * P(not low and high)
//! fall(x) = P(f_0 and not f_1)
//! begins(f) = sum over x of rise(x) begins(x) + fall(x) ends(x)
//!
//! q, a       probability that the input of the node has happened, has not happened
//! low, high  the node's children where it has not, where it has
//! f_0, f_1   the function where x has not happened, where it has; fall is 0 where f is monotone
//! R          probability that the evaluation passes through the node
//! begins(x)  how often x begins, per second: a lambda for an exponential life
//! ends(x)    how often it ends: q mu
//! ```
//!
//! The last line is that of Barlow and Proschan (1975) where f is monotone, and that of Schneeweiss (1981) elsewhere; the signed
//! difference `rise - fall` in place of both would be wrong there.

use indexmap::IndexMap;

use crate::measure::{Observer, Stop};
use crate::numeric::large::Large;
use crate::numeric::sum::Sum;
use crate::structure::build::{Diagrams, ModuleDiagram};
use crate::structure::diagram::{Diagram, Node};
use crate::structure::modules::Input;
use crate::structure::table::mix;
use crate::topology::fault_tree::BasicEvent;

/// A difference may be so many times smaller than what it is a difference of: three bits are lost then, and not more.
const MOST_CANCELLATION: f64 = 8.0;
/// Nodes between two looks at the observer.
const NODES_UNWATCHED: usize = 1 << 14;
/// Pairs of functions that may be looked at in one module: below a second, and 64 MB.
const MOST_PAIRS: usize = 2_000_000;

/// What is known of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EventValues {
    /// Probability that it has not happened.
    pub(crate) up: f64,
    /// That it has.
    pub(crate) down: f64,
    /// How often it begins and ends, per second.
    pub(crate) rates: Option<Rates>,
}

impl EventValues {
    pub(crate) fn of(event: &BasicEvent) -> Self {
        Self {
            up: event.probability.complement(),
            down: event.probability.value(),
            rates: event.rates.map(|rates| Rates { begins: rates.begins, ends: rates.ends }),
        }
    }
}

/// How often something begins and ends, per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rates {
    pub(crate) begins: f64,
    pub(crate) ends: f64,
}

/// How a function depends on one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dependence {
    /// Probability that it is false without the input and true with it.
    pub(crate) rise: f64,
    /// That it is true without and false with it.
    pub(crate) fall: f64,
}

impl Dependence {
    const WHOLE: Self = Self { rise: 1.0, fall: 0.0 };

    /// Of a function on this input, of which a larger function depends on by `outer`.
    fn within(self, outer: Self) -> Self {
        Self {
            rise: outer.rise * self.rise + outer.fall * self.fall,
            fall: outer.rise * self.fall + outer.fall * self.rise,
        }
    }

    /// The change of the probability: Birnbaum's measure.
    pub(crate) fn birnbaum(self) -> f64 {
        self.rise - self.fall
    }
}

/// All values of a function.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    diagrams: &'a Diagrams,
    /// Of each module as a whole.
    modules: Vec<EventValues>,
    /// Of each event that the function depends on: how it does.
    dependences: IndexMap<usize, Dependence>,
    /// Where each event and each module is an input: the module.
    homes: IndexMap<Input, usize>,
    /// Whether each rise and fall has its digits.
    is_sharp: bool,
}

impl<'a> Values<'a> {
    /// `events` are those of all inputs.
    pub(crate) fn new(diagrams: &'a Diagrams, events: &[EventValues], observer: &dyn Observer) -> Result<Self, Stop> {
        let mut values = Self {
            diagrams,
            modules: Vec::new(),
            dependences: IndexMap::new(),
            homes: IndexMap::new(),
            is_sharp: true,
        };
        let mut of_inputs: Vec<Vec<Dependence>> = Vec::new();
        for (index, module) in diagrams.modules.iter().enumerate() {
            values.homes.extend(module.inputs.iter().map(|input| (*input, index)));
            let inputs = values.inputs(module, events, None);
            let needs_digits =
                inputs.iter().zip(&module.ways).all(|(input, ways)| input.rates.is_some() || !ways.matters());
            let pairs = pairs(&module.diagram, &inputs);
            let dependences =
                Dependences::new(module, &inputs, &pairs).all(needs_digits, &mut values.is_sharp, observer)?;
            let [up, down] = pairs[module.root.index()];
            let matters = |index: &usize| module.ways[*index].matters();
            let rates = rates((0..inputs.len()).filter(matters).map(|index| (inputs[index], dependences[index])));
            values.modules.push(EventValues { up, down, rates });
            of_inputs.push(dependences);
        }
        values.chain(&of_inputs);
        Ok(values)
    }

    /// From the whole function down to the events.
    fn chain(&mut self, of_inputs: &[Vec<Dependence>]) {
        let mut outer = vec![Dependence::WHOLE; of_inputs.len()];
        for (module, dependences) in of_inputs.iter().enumerate().rev() {
            for (input, dependence) in self.diagrams.modules[module].inputs.iter().zip(dependences) {
                let whole = dependence.within(outer[module]);
                match input {
                    Input::Event(event) => {
                        self.dependences.insert(*event, whole);
                    }
                    Input::Module(inner) => outer[*inner] = whole,
                }
            }
        }
    }

    /// The whole function.
    pub(crate) fn whole(&self) -> EventValues {
        self.modules.last().copied().unwrap_or_else(|| {
            let down = f64::from(u8::from(self.diagrams.constant == Some(true)));
            EventValues { up: 1.0 - down, down, rates: Some(Rates { begins: 0.0, ends: 0.0 }) }
        })
    }

    /// How the whole function depends on each event that matters to it.
    pub(crate) fn dependences(&self) -> &IndexMap<usize, Dependence> {
        &self.dependences
    }

    /// Whether no rise or fall had to be given with fewer digits.
    pub(crate) fn is_sharp(&self) -> bool {
        self.is_sharp
    }

    /// A module as a whole.
    pub(crate) fn module(&self, index: usize) -> EventValues {
        self.modules[index]
    }

    /// Probability of the whole function where `event` has happened, or has not.
    pub(crate) fn given(&self, events: &[EventValues], event: usize, has_happened: bool) -> f64 {
        let down = f64::from(u8::from(has_happened));
        let mut changed = (Input::Event(event), EventValues { up: 1.0 - down, down, rates: None });
        while let Some(&home) = self.homes.get(&changed.0) {
            let module = &self.diagrams.modules[home];
            let inputs = self.inputs(module, events, Some(changed));
            let [up, down] = pairs(&module.diagram, &inputs)[module.root.index()];
            changed = (Input::Module(home), EventValues { up, down, rates: None });
        }
        changed.1.down
    }

    /// Nodes that [`Self::given`] looks at for the inputs of each module.
    pub(crate) fn nodes_given(&self) -> Vec<usize> {
        let mut nodes: Vec<usize> = self.diagrams.modules.iter().map(|module| module.diagram.len()).collect();
        for module in (0..nodes.len()).rev() {
            let outer = self.homes.get(&Input::Module(module)).map_or(0, |home| nodes[*home]);
            nodes[module] = nodes[module].saturating_add(outer);
        }
        nodes
    }

    /// The module that `event` is an input of.
    pub(crate) fn home(&self, event: usize) -> usize {
        self.homes[&Input::Event(event)]
    }

    fn inputs(
        &self,
        module: &ModuleDiagram,
        events: &[EventValues],
        changed: Option<(Input, EventValues)>,
    ) -> Vec<EventValues> {
        let value = |input: &Input| match (changed, input) {
            (Some((which, value)), _) if which == *input => value,
            (_, Input::Event(event)) => events[*event],
            (_, Input::Module(inner)) => self.modules[*inner],
        };
        module.inputs.iter().map(value).collect()
    }
}

/// How often a function begins and ends, from what it depends on.
fn rates(inputs: impl Iterator<Item = (EventValues, Dependence)>) -> Option<Rates> {
    let (mut begins, mut ends) = (Sum::default(), Sum::default());
    for (input, dependence) in inputs {
        let rates = input.rates?;
        begins.add(dependence.rise * rates.begins);
        begins.add(dependence.fall * rates.ends);
        ends.add(dependence.rise * rates.ends);
        ends.add(dependence.fall * rates.begins);
    }
    Some(Rates { begins: begins.value(), ends: ends.value() })
}

/// The pair (up, down) of every node.
pub(crate) fn pairs(diagram: &Diagram, inputs: &[EventValues]) -> Large<[f64; 2]> {
    let mut pairs = Large::zeroed(diagram.len());
    (pairs[0], pairs[1]) = ([1.0, 0.0], [0.0, 1.0]);
    for index in 2..diagram.len() {
        let node = Node::at(index as u32);
        let EventValues { up, down, .. } = inputs[diagram.variable(node)];
        let [low, high] = diagram.pair(node).map(|child| pairs[child.index()]);
        pairs[index] = [down * high[0] + up * low[0], down * high[1] + up * low[1]];
    }
    pairs
}

/// Works out how a module depends on its inputs.
struct Dependences<'a> {
    module: &'a ModuleDiagram,
    inputs: &'a [EventValues],
    pairs: &'a [[f64; 2]],
    /// P(not first and second), by the two functions.
    joint: PairTable,
}

impl<'a> Dependences<'a> {
    fn new(module: &'a ModuleDiagram, inputs: &'a [EventValues], pairs: &'a [[f64; 2]]) -> Self {
        Self { module, inputs, pairs, joint: PairTable::new() }
    }

    /// Of each input. Where the function is not monotone, rise and fall are told apart if `needs_both`, or where that is
    /// cheap; else the one stands for the difference and the other is 0.
    fn all(mut self, needs_both: bool, is_sharp: &mut bool, observer: &dyn Observer) -> Result<Vec<Dependence>, Stop> {
        let diagram = &self.module.diagram;
        let mut reached = vec![Sum::default(); diagram.len()];
        reached[self.module.root.index()].add(1.0);
        let mut sums = vec![(Sum::default(), Sum::default()); self.inputs.len()];
        for index in (2..diagram.len()).rev() {
            if index % NODES_UNWATCHED == 0 {
                observer.stop().map_or(Ok(()), Err)?;
            }
            let (node, here) = (Node::at(index as u32), reached[index].value());
            let variable = diagram.variable(node);
            let [low, high] = diagram.pair(node);
            reached[low.index()].add(here * self.inputs[variable].up);
            reached[high.index()].add(here * self.inputs[variable].down);
            let Dependence { rise, fall } = self.of_node(low, high, needs_both, is_sharp);
            sums[variable].0.add(here * rise);
            sums[variable].1.add(here * fall);
        }
        let dependence = |(rise, fall): (Sum, Sum)| Dependence { rise: rise.value(), fall: fall.value() };
        Ok(sums.into_iter().map(dependence).collect())
    }

    fn of_node(&mut self, low: Node, high: Node, needs_both: bool, is_sharp: &mut bool) -> Dependence {
        let [low_up, low_down] = self.pairs[low.index()];
        let [high_up, high_down] = self.pairs[high.index()];
        // Either difference is the change of the probability; the one of smaller numbers has more digits.
        let (difference, larger) = if low_down + high_down <= low_up + high_up {
            (high_down - low_down, high_down.max(low_down))
        } else {
            (low_up - high_up, high_up.max(low_up))
        };
        let is_precise = larger <= MOST_CANCELLATION * difference.abs();
        if self.module.is_monotone && is_precise {
            return Dependence { rise: difference.max(0.0), fall: 0.0 };
        }
        let is_wanted = self.module.is_monotone || needs_both || !is_precise;
        let rise = if is_wanted { self.joint(low, high) } else { None };
        let fall = if self.module.is_monotone { Some(0.0) } else { rise.and_then(|_| self.joint(high, low)) };
        if let (Some(rise), Some(fall)) = (rise, fall) {
            return Dependence { rise, fall };
        }
        *is_sharp &= is_precise && !needs_both;
        Dependence { rise: difference.max(0.0), fall: (-difference).max(0.0) }
    }

    /// The probability that `up` is false while `down` is true, unless there are too many pairs to look at.
    fn joint(&mut self, up: Node, down: Node) -> Option<f64> {
        let diagram = &self.module.diagram;
        let mut open = vec![(up, down)];
        while let Some(&(up, down)) = open.last() {
            if self.known(up, down).is_some() {
                open.pop();
                continue;
            }
            if self.joint.known >= MOST_PAIRS {
                return None;
            }
            let variable = diagram.variable(up).min(diagram.variable(down));
            let asked =
                [0, 1].map(|value| (diagram.cofactor(up, variable, value), diagram.cofactor(down, variable, value)));
            let known = asked.map(|(up, down)| self.known(up, down));
            if let [Some(low), Some(high)] = known {
                let value = self.inputs[variable].down * high + self.inputs[variable].up * low;
                self.joint.insert(up, down, value);
                open.pop();
            } else {
                open.extend(asked.into_iter().zip(known).filter(|(_, known)| known.is_none()).map(|(asked, _)| asked));
            }
        }
        self.known(up, down)
    }

    fn known(&self, up: Node, down: Node) -> Option<f64> {
        if up == Node::DOWN || down == Node::UP || up == down {
            return Some(0.0);
        }
        if up == Node::UP {
            return Some(self.pairs[down.index()][1]);
        }
        if down == Node::DOWN {
            return Some(self.pairs[up.index()][0]);
        }
        self.joint.get(up, down)
    }
}

/// Numbers by pair of nodes, none of which is a terminal; at most half full. A place holds the pair in one word and the bits of the number.
struct PairTable {
    places: Large<[u64; 2]>,
    known: usize,
}

/// No pair of inner nodes.
const NO_PAIR: u64 = 0;

fn pair_of(first: Node, second: Node) -> u64 {
    u64::from(first.number()) << u32::BITS | u64::from(second.number())
}

impl PairTable {
    fn new() -> Self {
        Self { places: Large::zeroed(1 << 8), known: 0 }
    }

    /// Where the pair is, or may be put.
    fn place(&self, pair: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut at = mix(mix(0, (pair >> u32::BITS) as u32), pair as u32) as usize & mask;
        while self.places[at][0] != NO_PAIR && self.places[at][0] != pair {
            at = (at + 1) & mask;
        }
        at
    }

    fn get(&self, first: Node, second: Node) -> Option<f64> {
        let [known, value] = self.places[self.place(pair_of(first, second))];
        (known != NO_PAIR).then_some(f64::from_bits(value))
    }

    fn insert(&mut self, first: Node, second: Node, value: f64) {
        if self.known * 2 >= self.places.len() {
            let larger = Large::zeroed(self.places.len() * 2);
            let smaller = std::mem::replace(&mut self.places, larger);
            for entry in smaller.iter().filter(|entry| entry[0] != NO_PAIR) {
                let at = self.place(entry[0]);
                self.places[at] = *entry;
            }
        }
        let pair = pair_of(first, second);
        let at = self.place(pair);
        self.known += usize::from(self.places[at][0] == NO_PAIR);
        self.places[at] = [pair, value.to_bits()];
    }
}
