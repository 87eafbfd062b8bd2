//! The nodes of a diagram, each stored once: children before parents, 12 bytes a node.
//!
//! A node of a variable with two values holds its children itself; one with more values points to a list of them.
//! Equal nodes are found by an open table, at most half full, of node numbers beside half of their hash, so that hardly
//! any other node is looked at. What is no longer needed is squeezed out on request, which keeps the order.

use crate::numeric::large::Large;
use crate::structure::diagram::Node;

/// No node: all others have numbers above those of the terminals.
const NONE: u64 = 0;
/// Places of the table at first.
const FIRST_PLACES: usize = 1 << 10;

#[derive(Clone, Copy, Debug)]
struct Entry {
    variable: u32,
    /// The children, or where their list starts.
    pair: [Node; 2],
}

/// Nodes by number; 0 and 1 are the terminals.
#[derive(Debug)]
pub(crate) struct Table {
    /// Values of each variable.
    sizes: Vec<u32>,
    entries: Vec<Entry>,
    lists: Vec<Node>,
    /// By the hash of their contents: node numbers below the upper half of the hash.
    places: Large<u64>,
}

/// Mixes one more word into a hash.
pub(crate) fn mix(hash: u64, word: u32) -> u64 {
    let mixed = (hash ^ u64::from(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}

/// The upper half is the tag of the node in the table, and begins with its place.
fn hash(variable: u32, children: &[Node]) -> u64 {
    let mixed = children.iter().fold(mix(0, variable), |hash, child| mix(hash, child.number()));
    mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What stands in the table for a node.
fn tagged(hash: u64, index: usize) -> u64 {
    hash >> 32 << 32 | index as u64
}

/// Where the search for a node begins.
fn first_place(hash: u64, places: usize) -> usize {
    (hash >> (u64::BITS - places.trailing_zeros())) as usize
}

/// Puts a node, which is not there, into a table of a power of two of places.
fn put(table: &mut [u64], tagged: u64) {
    let mask = table.len() - 1;
    let mut at = first_place(tagged, table.len());
    while table[at] != NONE {
        at = (at + 1) & mask;
    }
    table[at] = tagged;
}

impl Table {
    /// Only the terminals, below variables with so many values each.
    pub(crate) fn new(sizes: Vec<u32>) -> Self {
        let terminal = Entry { variable: sizes.len() as u32, pair: [Node::UP; 2] };
        Self { sizes, entries: vec![terminal; 2], lists: Vec::new(), places: Large::zeroed(FIRST_PLACES) }
    }

    /// Nodes, terminals included.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Values of a variable.
    pub(crate) fn values(&self, variable: u32) -> usize {
        self.sizes[variable as usize] as usize
    }

    /// The variable of a node; their number for a terminal.
    pub(crate) fn variable(&self, node: Node) -> u32 {
        self.entries[node.index()].variable
    }

    /// The children of a node whose variable has two values.
    pub(crate) fn pair(&self, node: Node) -> [Node; 2] {
        self.entries[node.index()].pair
    }

    /// The variable and the two children of a node; those of a terminal are no nodes below it.
    pub(crate) fn binary(&self, node: Node) -> (u32, [Node; 2]) {
        let Entry { variable, pair } = self.entries[node.index()];
        (variable, pair)
    }

    /// The children of an inner node.
    pub(crate) fn children(&self, node: Node) -> &[Node] {
        self.children_of(&self.entries[node.index()])
    }

    fn children_of<'a>(&'a self, entry: &'a Entry) -> &'a [Node] {
        let values = self.values(entry.variable);
        if values == 2 { &entry.pair } else { &self.lists[entry.pair[0].index()..][..values] }
    }

    /// The node of these children.
    pub(crate) fn node(&mut self, variable: u32, children: &[Node]) -> Node {
        if self.entries.len() * 2 > self.places.len() {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let hash = hash(variable, children);
        let mut at = first_place(hash, self.places.len());
        while self.places[at] != NONE {
            let index = self.places[at] as u32;
            if self.places[at] >> 32 == hash >> 32 {
                let known = &self.entries[index as usize];
                if known.variable == variable && self.children_of(known) == children {
                    return Node::at(index);
                }
            }
            at = (at + 1) & mask;
        }
        let node = Node::at(self.entries.len() as u32);
        self.places[at] = tagged(hash, node.index());
        let pair = if let [first, second] = *children {
            [first, second]
        } else {
            let start = Node::at(self.lists.len() as u32);
            self.lists.extend_from_slice(children);
            [start; 2]
        };
        self.entries.push(Entry { variable, pair });
        node
    }

    /// Places all nodes anew, which have other contents.
    fn place_all(&mut self, places: usize) {
        let mut table = std::mem::replace(&mut self.places, Large::zeroed(1));
        if table.len() == places {
            table.fill(NONE);
        } else {
            table = Large::zeroed(places);
        }
        for (index, entry) in self.entries.iter().enumerate().skip(2) {
            put(&mut table, tagged(hash(entry.variable, self.children_of(entry)), index));
        }
        self.places = table;
    }

    /// Twice the places. Their order is that of the tags, so that both tables are gone through from one end to the other.
    fn grow(&mut self) {
        let mut table = Large::zeroed(self.places.len() * 2);
        self.places.iter().filter(|place| **place != NONE).for_each(|place| put(&mut table, *place));
        self.places = table;
    }

    /// Which nodes are below `roots`, terminals included.
    pub(crate) fn below(&self, roots: &[Node]) -> Vec<bool> {
        let last = roots.iter().map(|root| root.index()).max().unwrap_or(0).max(1);
        let mut below = vec![false; last + 1];
        (below[0], below[1]) = (true, true);
        for root in roots {
            below[root.index()] = true;
        }
        for index in (2..=last).rev() {
            if below[index] {
                for child in self.children(Node::at(index as u32)) {
                    below[child.index()] = true;
                }
            }
        }
        below
    }

    /// Forgets all nodes that are not below `roots`, and gives these their new numbers.
    pub(crate) fn keep_only(&mut self, roots: &mut [Node]) {
        let below = self.below(roots);
        let mut moved = vec![Node::UP; below.len()];
        let lists = std::mem::take(&mut self.lists);
        let mut kept = 0;
        for index in (0..below.len()).filter(|index| below[*index]) {
            let mut entry = self.entries[index];
            let values = if index < 2 { 2 } else { self.values(entry.variable) };
            if values == 2 {
                entry.pair = entry.pair.map(|child| moved[child.index()]);
            } else {
                let start = Node::at(self.lists.len() as u32);
                self.lists.extend(lists[entry.pair[0].index()..][..values].iter().map(|child| moved[child.index()]));
                entry.pair = [start; 2];
            }
            moved[index] = Node::at(kept as u32);
            self.entries[kept] = entry;
            kept += 1;
        }
        self.entries.truncate(kept);
        let places = (kept * 4).next_power_of_two().max(FIRST_PLACES);
        self.place_all(places);
        for root in roots {
            *root = moved[root.index()];
        }
    }
}
