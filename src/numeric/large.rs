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

    fn deref(&self) -> &[T] {
        match &self.place {
            Place::Heap(values) => values,
            Place::Pages(pages) => bytemuck::cast_slice(pages),
        }
    }
}

impl<T: Pod> DerefMut for Large<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.place {
            Place::Heap(values) => values,
            Place::Pages(pages) => bytemuck::cast_slice_mut(pages),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Large;

    #[test]
    fn small_and_large_tables_begin_with_zeros_and_keep_what_is_written() {
        for length in [8, 1 << 20] {
            let mut table = Large::<u64>::zeroed(length);
            assert!(table.len() == length && table.iter().all(|value| *value == 0));
            table[length - 1] = 7;
            assert_eq!(table.last(), Some(&7));
        }
    }
}
