//! What was worked out before: a table in which a new entry takes the place of an old one.
//!
//! Up to four places for each node, 16 bytes a place, up to a limit. An entry that was pushed out is worked out again.

use crate::numeric::large::Large;
use crate::structure::diagram::Node;
use crate::structure::table::mix;

/// Places at first.
const FIRST_PLACES: usize = 1 << 12;
/// Places at most: 256 MB.
const MOST_PLACES: usize = 1 << 24;

/// Results by key: two nodes and a number that is not 0.
#[derive(Debug)]
pub(crate) struct Done {
    places: Large<[u32; 4]>,
}

impl Done {
    pub(crate) fn new() -> Self {
        Self { places: Large::zeroed(FIRST_PLACES) }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.places.fill([0; 4]);
    }

    /// The result, if it is still there.
    pub(crate) fn get(&self, key: [u32; 3]) -> Option<Node> {
        let [first, second, of, node] = self.places[self.place(key)];
        ([first, second, of] == key).then_some(Node::at(node))
    }

    /// Keeps a result of a diagram that has so many nodes now.
    pub(crate) fn insert(&mut self, key: [u32; 3], node: Node, nodes: usize) {
        if nodes > self.places.len() && self.places.len() < MOST_PLACES {
            self.grow();
        }
        let place = self.place(key);
        self.places[place] = [key[0], key[1], key[2], node.number()];
    }

    fn place(&self, key: [u32; 3]) -> usize {
        key.into_iter().fold(0, mix) as usize & (self.places.len() - 1)
    }

    fn grow(&mut self) {
        let places = self.places.len() * 4;
        let old = std::mem::replace(&mut self.places, Large::zeroed(places));
        for entry in old.iter().filter(|entry| entry[2] != 0) {
            let place = self.place([entry[0], entry[1], entry[2]]);
            self.places[place] = *entry;
        }
    }
}
