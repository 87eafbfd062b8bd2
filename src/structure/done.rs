//! What was worked out before: a table in which a new entry takes the place of an old one.
//!
//! Up to four places for each node, 16 bytes a place, up to a limit. An entry that was pushed out is worked out again. To forget
//! everything is to begin a new generation: entries of older ones are found no more. So one table serves one diagram after the other, in
//! memory that was paid for once.

use crate::numeric::large::Large;
use crate::structure::diagram::Node;

/// Places at first.
const FIRST_PLACES: usize = 1 << 12;
/// Places at most: 16 MB. More find more, but each one later; what asks for many is worked out one variable after the other, without a
/// table.
const MOST_PLACES: usize = 1 << 20;

/// Numbers of keys are below this.
const NUMBERS: u32 = 1 << 3;

/// Results by key: two nodes and a number from 1 to 7.
#[derive(Debug)]
pub(crate) struct Done {
    places: Large<[u32; 4]>,
    /// Added to the numbers of keys.
    generation: u32,
}

impl Done {
    pub(crate) fn new() -> Self {
        Self { places: Large::zeroed(FIRST_PLACES), generation: 0 }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        match self.generation.checked_add(NUMBERS) {
            Some(next) => self.generation = next,
            None => *self = Self::new(),
        }
    }

    #[inline]
    fn of_generation(&self, key: [u32; 3]) -> [u32; 3] {
        [key[0], key[1], key[2] + self.generation]
    }

    /// The result, if it is still there.
    #[inline]
    pub(crate) fn get(&self, key: [u32; 3]) -> Option<Node> {
        let key = self.of_generation(key);
        let [first, second, of, node] = self.places[self.place(key)];
        ([first, second, of] == key).then_some(Node::at(node))
    }

    /// Keeps a result of a diagram that has so many nodes now.
    #[inline]
    pub(crate) fn insert(&mut self, key: [u32; 3], node: Node, nodes: usize) {
        if nodes > self.places.len() && self.places.len() < MOST_PLACES {
            self.grow();
        }
        let key = self.of_generation(key);
        let place = self.place(key);
        self.places[place] = [key[0], key[1], key[2], node.number()];
    }

    /// Neighbours of the second node stand side by side: they are often asked for one after the other, and come from memory together.
    #[inline]
    fn place(&self, key: [u32; 3]) -> usize {
        let [a, b, of] = key;
        let spread = a.wrapping_mul(0x9E37_79B9).rotate_left(13).wrapping_add(of.wrapping_mul(0x85EB_CA6B));
        b.wrapping_add(spread) as usize & (self.places.len() - 1)
    }

    fn grow(&mut self) {
        let places = self.places.len() * 4;
        let old = std::mem::replace(&mut self.places, Large::zeroed(places));
        for entry in old.iter().filter(|entry| entry[2] > self.generation) {
            let place = self.place([entry[0], entry[1], entry[2]]);
            self.places[place] = *entry;
        }
    }
}
