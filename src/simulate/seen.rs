//! The states that an engine remembers, by number, and how much room they take.

use indexmap::IndexSet;

use crate::dynamics::State;

/// Bytes that the engines of all threads may use together.
const ROOM: usize = 256 << 20;
/// What each engine may use at least.
const LEAST_ROOM: usize = 16 << 20;
/// Bytes of one state beside its cells: the entry of the set, the allocation, the row.
const PER_STATE: usize = 160;

/// Remembered states. When they take too much room, everything is to be forgotten and worked out anew: memory stays
/// flat, and since what is worked out depends on nothing else, so do the results.
#[derive(Debug)]
pub(crate) struct Seen {
    states: IndexSet<State>,
    used: usize,
    room: usize,
}

impl Seen {
    /// The share of one of `engines`.
    pub(crate) fn new(engines: usize) -> Self {
        Self { states: IndexSet::new(), used: 0, room: (ROOM / engines.max(1)).max(LEAST_ROOM) }
    }

    /// The number of `state`, and whether it is new.
    pub(crate) fn number(&mut self, state: &State) -> (u32, bool) {
        if let Some(known) = self.states.get_index_of(state) {
            return (known as u32, false);
        }
        self.use_bytes(PER_STATE + 2 * state.cells().len());
        (self.states.insert_full(state.clone()).0 as u32, true)
    }

    pub(crate) fn state(&self, number: u32) -> &State {
        &self.states[number as usize]
    }

    /// Notes that something that belongs to the states takes `bytes`.
    pub(crate) fn use_bytes(&mut self, bytes: usize) {
        self.used += bytes;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.used > self.room
    }

    pub(crate) fn forget(&mut self) {
        self.states.clear();
        self.used = 0;
    }
}

/// The part of [`SLICE`](crate::simulate::walk::SLICE) that working out a state with `cells` cells and `clocks` clocks takes.
pub(crate) fn cost(cells: usize, clocks: usize) -> i64 {
    (cells + 4 * clocks) as i64
}
