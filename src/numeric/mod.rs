//! Numerical ground: sums, special functions, distributions, intervals, random streams. Plain seconds, no units.

pub mod distribution;
pub mod interval;
pub(crate) mod large;
pub mod order;
pub mod random;
pub mod special;
pub mod sum;
