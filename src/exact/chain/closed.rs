//! Which states matter in the long run.
//!
//! Without failback a slot may pass for good to a unit that loses it only when no standby can take it over: then all-up with
//! the units in their first places is left and never comes back. What is left for good has no share of the time. The
//! depth-first search of Tarjan (1972) completes first a class of states that is never left.
//!
//! There may be several such classes. Units of a group differ by their domains and numbers only, and a unit keeps a slot for good
//! only if all its domains are those of every standby, too; so the classes differ by the numbers of units and slots, which no
//! measure sees, and one stands for all. Checked with `tests/models/first-places-never-come-back.toml`.

use crate::dynamics::Arc;

/// Marks those of `states` states that are of the class.
pub(crate) fn closed_class<'a>(states: usize, arcs_of: impl Fn(usize) -> &'a [Arc]) -> Vec<bool> {
    closed(states, |state, number| arcs_of(state).get(number).map(|arc| arc.to as usize))
}

/// The same, with the target of a state's arc of some number, if it has so many.
fn closed(states: usize, target: impl Fn(usize, usize) -> Option<usize>) -> Vec<bool> {
    let mut search = Search { index: vec![UNSEEN; states], low: vec![0; states], stack: Vec::new(), path: Vec::new() };
    search.enter(0);
    while let Some(&(state, arc)) = search.path.last() {
        let state = state as usize;
        if let Some(target) = target(state, arc as usize) {
            search.path.last_mut().expect("it was just read").1 += 1;
            search.follow(state, target);
        } else if search.low[state] == search.index[state] {
            break;
        } else {
            search.leave(state);
        }
    }
    let root = search.path.last().map_or(0, |&(state, _)| state as usize);
    let mut closed = vec![false; states];
    for &state in &search.stack {
        closed[state as usize] = search.index[state as usize] >= search.index[root];
    }
    closed
}

const UNSEEN: u32 = u32::MAX;

struct Search {
    /// Number of each state in the order in which the search came to it.
    index: Vec<u32>,
    /// Smallest number that is reached from below the state.
    low: Vec<u32>,
    /// All states seen, in that order.
    stack: Vec<u32>,
    /// States whose arcs are being followed, with the number of arcs that have been.
    path: Vec<(u32, u32)>,
}

impl Search {
    fn enter(&mut self, state: usize) {
        self.index[state] = self.stack.len() as u32;
        self.low[state] = self.index[state];
        self.stack.push(state as u32);
        self.path.push((state as u32, 0));
    }

    fn follow(&mut self, state: usize, target: usize) {
        if self.index[target] == UNSEEN {
            self.enter(target);
        } else {
            self.low[state] = self.low[state].min(self.index[target]);
        }
    }

    fn leave(&mut self, state: usize) {
        self.path.pop();
        if let Some(&(before, _)) = self.path.last() {
            let before = before as usize;
            self.low[before] = self.low[before].min(self.low[state]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::closed;

    #[test]
    fn states_left_for_good_are_not_marked() {
        let of = |arcs: &[&[usize]]| closed(arcs.len(), |state, number| arcs[state].get(number).copied());
        assert_eq!(of(&[&[1], &[0, 2], &[3, 4], &[2], &[3]]), [false, false, true, true, true]);
        assert_eq!(of(&[&[1], &[0]]), [true, true]);
        assert_eq!(of(&[&[]]), [true]);
    }
}
