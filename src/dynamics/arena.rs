//! States in one block of memory, each once, numbered in the order in which they came.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::dynamics::layout::NOBODY;
use crate::dynamics::table::Dynamics;

/// Stored states: one byte a cell, or two where numbers are large.
#[derive(Clone, Debug)]
pub(crate) struct Arena {
    /// Cells of a state.
    cells: usize,
    /// Bytes of a cell.
    width: usize,
    count: usize,
    bytes: Vec<u8>,
    numbers: HashTable<u32>,
    /// The state looked for, as it would be stored.
    wanted: Vec<u8>,
}

/// Bytes of the table for each state: a number and a tag, and as much room again.
const TABLE_BYTES: usize = 10;
/// What stands for [`NOBODY`] where a cell has one byte.
const NOBODY_BYTE: u8 = u8::MAX;

impl Arena {
    /// Room for states of `dynamics`.
    pub(crate) fn new(dynamics: &Dynamics) -> Self {
        let width = if dynamics.largest_cell() < u16::from(NOBODY_BYTE) { 1 } else { 2 };
        let cells = dynamics.cell_count();
        Self { cells, width, count: 0, bytes: Vec::new(), numbers: HashTable::new(), wanted: Vec::new() }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Bytes that the states take, with the table that finds them.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() + TABLE_BYTES * self.count
    }

    /// The number of the state, and whether it is new.
    pub(crate) fn number(&mut self, cells: &[u16]) -> (u32, bool) {
        self.wanted.clear();
        store(cells, self.width, &mut self.wanted);
        let (bytes, wanted, length) = (&self.bytes, &self.wanted, self.cells * self.width);
        let stored = |number: u32| &bytes[number as usize * length..][..length];
        let is_wanted = |number: &u32| stored(*number) == wanted.as_slice();
        let entry = self.numbers.entry(hash(wanted), is_wanted, |number| hash(stored(*number)));
        match entry {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(room) => {
                let number = self.count as u32;
                room.insert(number);
                self.bytes.extend_from_slice(&self.wanted);
                self.count += 1;
                (number, true)
            }
        }
    }

    /// The number of the state, if it is stored.
    pub(crate) fn find(&self, cells: &[u16]) -> Option<u32> {
        let mut wanted = Vec::with_capacity(self.cells * self.width);
        store(cells, self.width, &mut wanted);
        let is_wanted = |number: &u32| self.bytes[*number as usize * wanted.len()..][..wanted.len()] == *wanted;
        self.numbers.find(hash(&wanted), is_wanted).copied()
    }

    /// Copies the cells of a state to `cells`, which are as many.
    pub(crate) fn read(&self, number: usize, cells: &mut [u16]) {
        let length = self.cells * self.width;
        let stored = &self.bytes[number * length..][..length];
        if self.width == 1 {
            for (cell, &byte) in cells.iter_mut().zip(stored) {
                *cell = if byte == NOBODY_BYTE { NOBODY } else { u16::from(byte) };
            }
        } else {
            for (cell, pair) in cells.iter_mut().zip(stored.chunks_exact(2)) {
                *cell = u16::from_le_bytes([pair[0], pair[1]]);
            }
        }
    }
}

/// Adds the cells to `bytes` as they are stored.
fn store(cells: &[u16], width: usize, bytes: &mut Vec<u8>) {
    if width == 1 {
        bytes.extend(cells.iter().map(|&cell| cell as u8));
    } else {
        bytes.extend(cells.iter().flat_map(|cell| cell.to_le_bytes()));
    }
}

/// Folded multiplication, eight bytes at a time, as in wyhash (Wang Yi 2019). The same on every machine; no defence against
/// chosen keys.
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product as u64) ^ (product >> 64) as u64
    };
    let words = bytes.chunks_exact(8);
    let mut last = [0; 8];
    last[..words.remainder().len()].copy_from_slice(words.remainder());
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let mixed = words.fold(FACTOR, |hash, bytes| fold(hash ^ word(bytes), FACTOR));
    fold(mixed ^ u64::from_le_bytes(last), FACTOR)
}

#[cfg(test)]
mod tests {
    use super::Arena;
    use crate::dynamics::Dynamics;
    use crate::dynamics::layout::NOBODY;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::Scope;
    use crate::topology::read::{Syntax, read};

    fn arena(units: usize) -> (Arena, Vec<u16>) {
        let text = format!(
            "[component.a]\nmtbf = \"4h\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n[group.a]\ncomponent = \"a\"\nactive = {units}\n\
             standby = 1\ncrew = \"c\"\n[system]\nup = \"a\"\n"
        );
        let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
        (Arena::new(&dynamics), dynamics.start().cells().to_vec())
    }

    #[test]
    fn what_is_stored_is_read_back_and_stored_once() {
        for (units, bytes_of_a_cell) in [(3, 1), (252, 1), (254, 2), (300, 2)] {
            let (mut arena, start) = arena(units);
            assert_eq!(arena.width, bytes_of_a_cell, "{units}");
            assert!(start.contains(&NOBODY));
            let other: Vec<u16> = start.iter().map(|&cell| if cell == NOBODY { units as u16 } else { 1 }).collect();
            assert_eq!([&start, &other, &start].map(|cells| arena.number(cells)), [(0, true), (1, true), (0, false)]);
            let found = [&other, &start, &vec![2; start.len()]].map(|cells| arena.find(cells));
            assert_eq!(found, [Some(1), Some(0), None]);
            let mut cells = start.clone();
            arena.read(1, &mut cells);
            assert_eq!(cells, other);
            arena.read(0, &mut cells);
            assert_eq!((cells, arena.count()), (start, 2));
        }
    }
}
