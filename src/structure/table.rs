//! The nodes of a diagram, each stored once: children before parents, 16 bytes a node.
//!
//! A node of a variable with two values holds its children itself; one with more values points to a list of them.
//! Equal nodes are found by an open table, at most three quarters full, of node numbers beside half of their hash, so that hardly
//! any other node is looked at. What is no longer needed is squeezed out on request, which keeps the order.

use std::ops::Deref;

use crate::numeric::large::{Large, LargeList};
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

impl Entry {
    /// As it lies in memory: 16 bytes, so that none lies across two lines of the cache.
    fn words(self) -> [u32; 4] {
        [self.variable, self.pair[0].number(), self.pair[1].number(), 0]
    }

    #[inline]
    fn of_words([variable, first, second, _]: [u32; 4]) -> Self {
        Self { variable, pair: [Node::at(first), Node::at(second)] }
    }
}

/// Nodes by number; 0 and 1 are the terminals.
#[derive(Debug)]
pub(crate) struct Table {
    /// Values of each variable.
    sizes: Vec<u32>,
    entries: LargeList<[u32; 4]>,
    lists: Vec<Node>,
    /// By the hash of their contents: node numbers below the upper half of the hash.
    places: Large<u64>,
}

/// Mixes one more word into a hash.
#[inline]
pub(crate) fn mix(hash: u64, word: u32) -> u64 {
    let mixed = (hash ^ u64::from(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}

/// The upper half is the tag of the node in the table, and begins with its place.
#[inline]
fn hash(variable: u32, children: &[Node]) -> u64 {
    let mixed = children.iter().fold(mix(0, variable), |hash, child| mix(hash, child.number()));
    mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What stands in the table for a node.
fn tagged(hash: u64, index: usize) -> u64 {
    hash >> 32 << 32 | index as u64
}

/// Where the search for a node begins.
#[inline]
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

/// The children of a node.
#[derive(Clone, Copy, Debug)]
pub enum Children<'a> {
    /// Of a variable with two values.
    Pair([Node; 2]),
    /// Of one with more.
    List(&'a [Node]),
}

impl Deref for Children<'_> {
    type Target = [Node];

    #[inline]
    fn deref(&self) -> &[Node] {
        match self {
            Self::Pair(pair) => pair,
            Self::List(list) => list,
        }
    }
}

impl Table {
    /// Only the terminals, below variables with so many values each.
    pub(crate) fn new(sizes: Vec<u32>) -> Self {
        let terminal = Entry { variable: sizes.len() as u32, pair: [Node::UP; 2] };
        let mut entries = LargeList::new();
        (0..2).for_each(|_| entries.push(terminal.words()));
        Self { sizes, entries, lists: Vec::new(), places: Large::zeroed(FIRST_PLACES) }
    }

    /// Nodes, terminals included.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Values of a variable.
    #[inline]
    pub(crate) fn values(&self, variable: u32) -> usize {
        self.sizes[variable as usize] as usize
    }

    /// How many variables there are.
    pub(crate) fn variables(&self) -> usize {
        self.sizes.len()
    }

    /// Has the memory bring the place where the node of a variable with two values is looked for, so that it is there when it is looked for.
    #[inline]
    pub(crate) fn fetch(&self, variable: u32, pair: [Node; 2]) {
        std::hint::black_box(self.places[first_place(hash(variable, &pair), self.places.len())]);
    }

    /// The variable of a node; their number for a terminal.
    #[inline]
    pub(crate) fn variable(&self, node: Node) -> u32 {
        self.entries[node.index()][0]
    }

    #[inline]
    fn entry(&self, node: Node) -> Entry {
        Entry::of_words(self.entries[node.index()])
    }

    /// The children of a node whose variable has two values.
    #[inline]
    pub(crate) fn pair(&self, node: Node) -> [Node; 2] {
        self.entry(node).pair
    }

    /// The variable and the two children of a node; those of a terminal are no nodes below it.
    #[inline]
    pub(crate) fn binary(&self, node: Node) -> (u32, [Node; 2]) {
        let Entry { variable, pair } = self.entry(node);
        (variable, pair)
    }

    /// The children of an inner node.
    pub(crate) fn children(&self, node: Node) -> Children<'_> {
        self.children_of(self.entry(node))
    }

    #[inline]
    fn children_of(&self, entry: Entry) -> Children<'_> {
        let values = self.values(entry.variable);
        if values == 2 {
            Children::Pair(entry.pair)
        } else {
            Children::List(&self.lists[entry.pair[0].index()..][..values])
        }
    }

    /// The node of these children.
    pub(crate) fn node(&mut self, variable: u32, children: &[Node]) -> Node {
        if self.entries.len() * 4 > self.places.len() * 3 {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let hash = hash(variable, children);
        let mut at = first_place(hash, self.places.len());
        while self.places[at] != NONE {
            let index = self.places[at] as u32;
            if self.places[at] >> 32 == hash >> 32 {
                let known = Entry::of_words(self.entries[index as usize]);
                if known.variable == variable && *self.children_of(known) == *children {
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
        self.entries.push(Entry { variable, pair }.words());
        node
    }

    /// The node of a variable with two values.
    #[inline]
    pub(crate) fn pair_node(&mut self, variable: u32, pair: [Node; 2]) -> Node {
        if self.entries.len() * 4 > self.places.len() * 3 {
            self.grow();
        }
        let hash = hash(variable, &pair);
        let words = Entry { variable, pair }.words();
        let places = &mut *self.places;
        let mask = places.len() - 1;
        let mut at = first_place(hash, places.len()) & mask;
        while places[at] != NONE {
            let index = places[at] as u32;
            if places[at] >> 32 == hash >> 32 && self.entries[index as usize] == words {
                return Node::at(index);
            }
            at = (at + 1) & mask;
        }
        let node = Node::at(self.entries.len() as u32);
        places[at] = tagged(hash, node.index());
        self.entries.push(words);
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
        for (index, words) in self.entries.iter().enumerate().skip(2) {
            let entry = Entry::of_words(*words);
            put(&mut table, tagged(hash(entry.variable, &self.children_of(entry)), index));
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
                for child in self.children(Node::at(index as u32)).iter() {
                    below[child.index()] = true;
                }
            }
        }
        below
    }

    /// Forgets all nodes that are not below `roots`, if these are at least the `share` of all, and gives the roots their new numbers.
    /// Returns whether it did, and otherwise leaves everything as it is.
    pub(crate) fn keep_only(&mut self, roots: &mut [Node], share: f64) -> bool {
        let below = self.below(roots);
        let kept = below.iter().filter(|is_below| **is_below).count();
        if ((self.len() - kept) as f64) < share * self.len() as f64 {
            return false;
        }
        let kept = self.squeeze(&below, roots);
        self.place_all((kept * 4).next_power_of_two().max(FIRST_PLACES));
        true
    }

    /// Forgets all nodes that are not below `roots`, and gives these their new numbers; no node can be added any more.
    pub(crate) fn finish(&mut self, roots: &mut [Node]) {
        let below = self.below(roots);
        self.places = Large::zeroed(1);
        self.squeeze(&below, roots);
    }

    /// Moves the nodes together that are `below` the roots; returns how many they are.
    fn squeeze(&mut self, below: &[bool], roots: &mut [Node]) -> usize {
        let mut moved = Large::<u32>::zeroed(below.len());
        let moved_to = |moved: &Large<u32>, node: Node| Node::at(moved[node.index()]);
        let lists = std::mem::take(&mut self.lists);
        let mut kept = 0;
        for index in (0..below.len()).filter(|index| below[*index]) {
            let mut entry = Entry::of_words(self.entries[index]);
            let values = if index < 2 { 2 } else { self.values(entry.variable) };
            if values == 2 {
                entry.pair = entry.pair.map(|child| moved_to(&moved, child));
            } else {
                let start = Node::at(self.lists.len() as u32);
                let list = lists[entry.pair[0].index()..][..values].iter();
                self.lists.extend(list.map(|child| moved_to(&moved, *child)));
                entry.pair = [start; 2];
            }
            moved[index] = kept as u32;
            self.entries[kept] = entry.words();
            kept += 1;
        }
        self.entries.truncate(kept);
        for root in roots {
            *root = moved_to(&moved, *root);
        }
        kept
    }
}
