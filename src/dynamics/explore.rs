//! The graph of canonical states, explored one state at a time.
//!
//! Every time counts by its mean: an arc has the rate that its clock would have if it were exponential. Where all times are,
//! the graph is the Markov chain of the model; elsewhere it says which states can follow which, and about how soon.
//!
//! The caller chooses which states are expanded, and in which order.

use std::ops::Range;

use indexmap::IndexSet;

use crate::dynamics::clock::Kind;
use crate::dynamics::state::State;
use crate::dynamics::table::Dynamics;

/// A way from one state to another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Arc {
    /// Number of the state before.
    pub from: u32,
    /// Number of the state after.
    pub to: u32,
    /// Per second: the multiplicity and speed of the clock, over its mean, times the probability of the outcome.
    pub rate: f64,
    /// Index into [`Dynamics::causes`], for losses.
    pub cause: Option<u32>,
    /// Whether the clock takes something away.
    pub is_loss: bool,
}

/// The states found so far, numbered in the order in which they were found, and the arcs out of those that were expanded.
#[derive(Clone, Debug)]
pub struct Exploration<'a> {
    dynamics: &'a Dynamics,
    states: IndexSet<State>,
    arcs: Vec<Arc>,
    exit: Vec<f64>,
    /// Where the arcs of each state are, once it is expanded.
    places: Vec<Option<Range<usize>>>,
}

impl<'a> Exploration<'a> {
    /// Knows all-up, as state 0, and nothing else.
    pub fn new(dynamics: &'a Dynamics) -> Self {
        let states = IndexSet::new();
        let mut exploration = Self { dynamics, states, arcs: Vec::new(), exit: Vec::new(), places: Vec::new() };
        exploration.id(dynamics.canonical(&dynamics.start()));
        exploration
    }

    /// The canonical states found so far; the number of each is its index.
    pub fn states(&self) -> &IndexSet<State> {
        &self.states
    }

    /// All arcs found so far, those of one state together, in the order of expansion.
    pub fn arcs(&self) -> &[Arc] {
        &self.arcs
    }

    /// The total rate out of each state, per second; 0 until it is expanded.
    pub fn exit(&self) -> &[f64] {
        &self.exit
    }

    /// The arcs out of a state; nothing until it is expanded. Several may lead to the same state.
    pub fn arcs_of(&self, index: usize) -> Option<&[Arc]> {
        self.places[index].clone().map(|place| &self.arcs[place])
    }

    /// Finds the arcs out of a state, and the states that they lead to. Does nothing if they are known.
    pub fn expand(&mut self, index: usize) {
        if self.places[index].is_some() {
            return;
        }
        let state = self.states[index].clone();
        let (from, first) = (index as u32, self.arcs.len());
        for clock in self.dynamics.lumped_clocks(&state) {
            let rate = self.dynamics.rate(&clock);
            let is_loss = clock.kind == Kind::Loss;
            let cause = clock.cause.filter(|_| is_loss).map(|cause| cause as u32);
            for outcome in self.dynamics.ring(&state, &[clock]) {
                let to = self.id(self.dynamics.canonical(&outcome.state));
                if to != from && outcome.probability > 0.0 {
                    let rate = rate * outcome.probability;
                    self.exit[index] += rate;
                    self.arcs.push(Arc { from, to, rate, cause, is_loss });
                }
            }
        }
        self.places[index] = Some(first..self.arcs.len());
    }

    fn id(&mut self, state: State) -> u32 {
        let (id, is_new) = self.states.insert_full(state);
        if is_new {
            self.exit.push(0.0);
            self.places.push(None);
        }
        id as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Exploration;
    use crate::dynamics::Dynamics;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::Scope;
    use crate::topology::read::{Syntax, read};

    #[test]
    fn states_are_expanded_in_any_order_and_once() {
        let text = "[component.a]\nmtbf = \"4h\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n\
                    [group.a]\ncomponent = \"a\"\nactive = 2\ncrew = \"c\"\n[system]\nup = \"a\"\n";
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
        let mut exploration = Exploration::new(&dynamics);
        exploration.expand(0);
        assert_eq!((exploration.states().len(), exploration.arcs_of(1)), (2, None));
        exploration.expand(1);
        assert_eq!(exploration.states().len(), 3);
        exploration.expand(2);
        exploration.expand(0);
        let arcs =
            |index| exploration.arcs_of(index).unwrap().iter().map(|arc| (arc.to, arc.is_loss)).collect::<Vec<_>>();
        assert_eq!(arcs(0), [(1, true)]);
        let mut of_one = arcs(1);
        of_one.sort_unstable();
        assert_eq!(of_one, [(0, false), (2, true)]);
        assert_eq!(arcs(2), [(1, false)]);
        assert_eq!(exploration.arcs().len(), 4);
        // Two units, each of one failure in four hours.
        assert!((exploration.exit()[0] * 2.0 * 3_600.0 - 1.0).abs() < 1e-15);
    }
}
