//! Questions that take more than one engine: which of them apply, do they agree, and how do topologies compare.

pub mod choose;
pub mod compare;
pub mod composed;
pub mod emit;
pub mod history;
pub mod predict;
pub mod uncertainty;
pub mod verify;
