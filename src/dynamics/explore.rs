//! The graph of canonical states, explored one state at a time.
//!
//! Every time counts by its mean: an arc has the rate that its clock would have if it were exponential. Where all times are,
//! the graph is the Markov chain of the model; elsewhere it says which states can follow which, and about how soon.
//!
//! The caller chooses which states are expanded, and in which order.

use crate::dynamics::alike::Alike;
use crate::dynamics::arena::Arena;
use crate::dynamics::canonical::Sorting;
use crate::dynamics::clock::{Clock, Kind};
use crate::dynamics::instant::{Branch, Room};
use crate::dynamics::levers::Draw;
use crate::dynamics::state::{Cells, State};
use crate::dynamics::table::Dynamics;

/// A way from one state to another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arc {
    /// Per second: the multiplicity and speed of the clock, over its mean, times the probability of the outcome.
    pub rate: f64,
    /// Number of the state after.
    pub to: u32,
    cause: u32,
}

/// In place of a cause: a recovery.
const NO_CAUSE: u32 = u32::MAX;

impl Arc {
    /// A way to the state `to`, taken so often per second; a `cause` makes it a loss.
    pub(crate) fn new(rate: f64, to: u32, cause: Option<u32>) -> Self {
        Self { rate, to, cause: cause.unwrap_or(NO_CAUSE) }
    }

    /// Index into [`Dynamics::causes`], for losses.
    pub fn cause(&self) -> Option<u32> {
        self.is_loss().then_some(self.cause)
    }

    /// Whether the clock takes something away.
    pub fn is_loss(&self) -> bool {
        self.cause != NO_CAUSE
    }
}

/// What may follow when a clock rings.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// How likely it is.
    pub probability: f64,
    /// Number of the state after, which may be the one before.
    pub to: u32,
    /// The derivative of the probability by how likely each draw with two ends is to fail.
    pub slopes: Vec<(Draw, f64)>,
    /// The clocks that start with it and choose between branches, each with the number of the one that it takes.
    pub starts: Vec<(Clock, u16)>,
}

/// The states found so far, numbered in the order in which they were found, and the arcs out of those that were expanded.
#[derive(Debug)]
pub struct Exploration<'a> {
    dynamics: &'a Dynamics,
    alike: Alike,
    arena: Arena,
    rows: Rows,
    desk: Desk,
}

/// The arcs of an exploration by the state that they leave.
#[derive(Debug, Default)]
pub struct Rows {
    arcs: Vec<Arc>,
    exit: Vec<f64>,
    /// Where the arcs of each state begin, and how many they are.
    places: Vec<(u32, u32)>,
}

/// The beginning of the arcs of a state that is not expanded.
const NOWHERE: u32 = u32::MAX;

impl Rows {
    /// How many arcs there are.
    pub(crate) fn arc_count(&self) -> usize {
        self.arcs.len()
    }

    /// Another state, without arcs.
    pub(crate) fn add_state(&mut self) {
        self.exit.push(0.0);
        self.places.push((NOWHERE, 0));
    }

    /// The arcs out of a state, which has none yet, to others.
    pub(crate) fn set_arcs(&mut self, index: usize, arcs: &[Arc]) {
        self.places[index] = (self.arcs.len() as u32, arcs.len() as u32);
        self.exit[index] = arcs.iter().map(|arc| arc.rate).sum();
        self.arcs.extend_from_slice(arcs);
    }

    /// The arcs out of a state; nothing until it is expanded. Several may lead to the same state.
    pub fn arcs_of(&self, index: usize) -> Option<&[Arc]> {
        let (first, count) = self.places[index];
        (first != NOWHERE).then(|| &self.arcs[first as usize..][..count as usize])
    }

    /// The total rate out of each state, per second; 0 until it is expanded.
    pub fn exit(&self) -> &[f64] {
        &self.exit
    }
}

/// What is at work while a state is expanded.
#[derive(Debug, Default)]
struct Desk {
    cells: Cells,
    clocks: Vec<Clock>,
    room: Room,
    sorting: Sorting,
}

impl<'a> Exploration<'a> {
    /// Knows all-up, as state 0, and nothing else.
    pub fn new(dynamics: &'a Dynamics) -> Self {
        Self::with_alike_groups(dynamics, Alike::default())
    }

    /// As [`Exploration::new`]; states that differ only by which of some `alike` groups or domains is in which situation are one.
    pub fn with_alike_groups(dynamics: &'a Dynamics, alike: Alike) -> Self {
        let (arena, rows, desk) = (Arena::new(dynamics), Rows::default(), Desk::default());
        let mut exploration = Self { dynamics, alike, arena, rows, desk };
        exploration.number(&mut dynamics.start().cells().to_vec(), &[], &mut Sorting::default());
        exploration
    }

    /// The number of a state, which is found with this at the latest.
    pub fn add(&mut self, state: &State) -> usize {
        let mut cells = state.cells().to_vec();
        self.number(&mut cells, &[], &mut Sorting::default()) as usize
    }

    /// How many canonical states were found so far; the numbers of states are below.
    pub fn count(&self) -> usize {
        self.arena.count()
    }

    /// Bytes that the states take, without their arcs.
    pub fn state_bytes(&self) -> usize {
        self.arena.size()
    }

    /// A state by its number.
    pub fn state(&self, index: usize) -> State {
        let mut state = self.dynamics.start();
        self.load(index, &mut state);
        state
    }

    /// Makes `state`, any state of the same dynamics, the one of that number.
    pub fn load(&self, index: usize, state: &mut State) {
        self.arena.read(index, state.cells_mut());
    }

    /// The total rate out of each state, per second; 0 until it is expanded.
    pub fn exit(&self) -> &[f64] {
        self.rows.exit()
    }

    /// The arcs out of a state; nothing until it is expanded. Several may lead to the same state.
    pub fn arcs_of(&self, index: usize) -> Option<&[Arc]> {
        self.rows.arcs_of(index)
    }

    /// The arcs.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// What is explored.
    pub fn dynamics(&self) -> &'a Dynamics {
        self.dynamics
    }

    /// The groups and domains that are held for one another.
    pub fn alike(&self) -> &Alike {
        &self.alike
    }

    /// The arcs alone.
    pub fn into_rows(self) -> Rows {
        self.rows
    }

    /// The clocks that run in a state, with what follows when they ring; states that were not found yet are left out.
    pub fn courses(&self, state: &State) -> Vec<(Clock, Vec<Course>)> {
        let (mut clocks, mut room, mut sorting) = (Vec::new(), Room::default(), Sorting::default());
        self.dynamics.lumped_clocks_of_alike_groups(state.cells(), &self.alike, &mut clocks);
        let mut of_clock = |clock: Clock| {
            self.dynamics.ring_in(&mut room, state.cells(), std::slice::from_ref(&clock));
            let course = |mut branch: Branch| {
                self.dynamics.put_in_order(&mut branch.cells, state.cells(), &self.alike, &mut sorting);
                let to = self.arena.find(&branch.cells)?;
                Some(Course { probability: branch.probability, to, slopes: branch.draws, starts: Vec::new() })
            };
            let courses = room.settled.drain(..).filter_map(course).collect();
            (clock, courses)
        };
        clocks.into_iter().map(&mut of_clock).collect()
    }

    /// Finds the arcs out of a state, and the states that they lead to. Does nothing if they are known.
    pub fn expand(&mut self, index: usize) {
        if self.rows.places[index].0 != NOWHERE {
            return;
        }
        let first = self.rows.arcs.len();
        let mut desk = std::mem::take(&mut self.desk);
        desk.cells.resize(self.dynamics.cell_count(), 0);
        self.arena.read(index, &mut desk.cells);
        self.dynamics.lumped_clocks_of_alike_groups(&desk.cells, &self.alike, &mut desk.clocks);
        for clock in &desk.clocks {
            self.dynamics.ring_in(&mut desk.room, &desk.cells, std::slice::from_ref(clock));
            let mut settled = std::mem::take(&mut desk.room.settled);
            for mut branch in settled.drain(..) {
                let to = self.number(&mut branch.cells, &desk.cells, &mut desk.sorting);
                self.add_arc(index, clock, branch.probability, to);
                desk.room.recycle(branch);
            }
            desk.room.settled = settled;
        }
        self.desk = desk;
        self.rows.places[index] = (first as u32, (self.rows.arcs.len() - first) as u32);
    }

    fn add_arc(&mut self, from: usize, clock: &Clock, probability: f64, to: u32) {
        if to as usize != from && probability > 0.0 {
            let rate = self.dynamics.rate(clock) * probability;
            let cause = clock.cause.filter(|_| clock.kind == Kind::Loss).map_or(NO_CAUSE, |cause| cause as u32);
            self.rows.exit[from] += rate;
            self.rows.arcs.push(Arc { rate, to, cause });
        }
    }

    /// The number of the representative of a state, which `cells` become. Groups as in `known` are in order.
    fn number(&mut self, cells: &mut [u16], known: &[u16], sorting: &mut Sorting) -> u32 {
        self.dynamics.put_in_order(cells, known, &self.alike, sorting);
        let (number, is_new) = self.arena.number(cells);
        if is_new {
            self.rows.add_state();
        }
        number
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
        assert_eq!((exploration.count(), exploration.arcs_of(1)), (2, None));
        exploration.expand(1);
        assert_eq!(exploration.count(), 3);
        exploration.expand(2);
        exploration.expand(0);
        let arcs =
            |index| exploration.arcs_of(index).unwrap().iter().map(|arc| (arc.to, arc.is_loss())).collect::<Vec<_>>();
        assert_eq!(arcs(0), [(1, true)]);
        let mut of_one = arcs(1);
        of_one.sort_unstable();
        assert_eq!(of_one, [(0, false), (2, true)]);
        assert_eq!(arcs(2), [(1, false)]);
        // Two units, each of one failure in four hours.
        assert!((exploration.exit()[0] * 2.0 * 3_600.0 - 1.0).abs() < 1e-15);
    }
}
