//! Large tables that are looked up at random: zeroed memory in large pages where the system has them.
//!
//! A table of 256 MB in pages of 4 kB misses the processor's list of pages at almost every look-up, which costs more than the
//! look-up itself; with pages of 2 MB it does not. The kernel is only asked: where it says no, the table works all the same.

use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::MmapMut;

/// Bytes from which on pages matter.
const SMALLEST_MAPPED: usize = 1 << 22;

/// A table of a fixed length.
#[derive(Debug)]
pub(crate) struct Large<T> {
    place: Place<T>,
}

#[derive(Debug)]
enum Place<T> {
    Heap(Vec<T>),
    Pages(MmapMut),
}

impl<T: Pod> Large<T> {
    /// A table of so many zeros.
    pub(crate) fn zeroed(length: usize) -> Self {
        let bytes = length.saturating_mul(size_of::<T>());
        let pages = (bytes >= SMALLEST_MAPPED).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        let Some(pages) = pages else { return Self { place: Place::Heap(vec![T::zeroed(); length]) } };
        #[cfg(target_os = "linux")]
        {
            // Small pages do as well, only slower.
            let _ = pages.advise(memmap2::Advice::HugePage);
        }
        Self { place: Place::Pages(pages) }
    }
}

impl<T: Pod> Deref for Large<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.place {
            Place::Heap(values) => values,
            Place::Pages(pages) => bytemuck::cast_slice(pages),
        }
    }
}

impl<T: Pod> DerefMut for Large<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.place {
            Place::Heap(values) => values,
            Place::Pages(pages) => bytemuck::cast_slice_mut(pages),
        }
    }
}

/// A list that grows in such memory.
#[derive(Debug)]
pub(crate) struct LargeList<T> {
    /// At least as many as there are.
    places: Large<T>,
    length: usize,
    /// Places that were written to since the list was moved the last time.
    written: usize,
}

impl<T: Pod> LargeList<T> {
    /// An empty list.
    pub(crate) fn new() -> Self {
        Self { places: Large::zeroed(1 << 6), length: 0, written: 0 }
    }

    /// One more at the end.
    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        if self.length == self.places.len() {
            // Pages that nobody has written to are not there, so that room costs nothing.
            let is_mapped = self.length * size_of::<T>() >= SMALLEST_MAPPED;
            self.move_to(self.length * if is_mapped { 8 } else { 2 });
        }
        self.places[self.length] = value;
        self.length += 1;
    }

    /// Forgets all, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.written = self.written.max(self.length);
        self.length = 0;
    }

    /// Forgets all from the place `length` on, and gives memory back that is no longer needed.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.written = self.written.max(self.length);
        self.length = self.length.min(length);
        if self.length < self.written / 4 {
            self.move_to((self.length * 2).max(1));
        }
    }

    fn move_to(&mut self, capacity: usize) {
        let mut places = Large::zeroed(capacity);
        places[..self.length].copy_from_slice(&self.places[..self.length]);
        self.places = places;
        self.written = self.length;
    }
}

impl<T: Pod> Deref for LargeList<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.places[..self.length]
    }
}

impl<T: Pod> DerefMut for LargeList<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.places[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::{Large, LargeList};

    #[test]
    fn small_and_large_tables_begin_with_zeros_and_keep_what_is_written() {
        for length in [8, 1 << 20] {
            let mut table = Large::<u64>::zeroed(length);
            assert!(table.len() == length && table.iter().all(|value| *value == 0));
            table[length - 1] = 7;
            assert_eq!(table.last(), Some(&7));
        }
    }

    #[test]
    fn a_list_keeps_what_is_pushed_and_forgets_what_is_cut_off() {
        let mut list = LargeList::<u32>::new();
        (0..3_000_000).for_each(|value| list.push(value));
        assert!(list.len() == 3_000_000 && list.iter().enumerate().all(|(place, value)| place == *value as usize));
        list.truncate(5);
        list.push(9);
        assert_eq!(list[..], [0, 1, 2, 3, 4, 9]);
    }
}
