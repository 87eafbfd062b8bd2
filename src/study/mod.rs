//! Questions that take more than one engine: which of them apply, and do they agree.

pub mod choose;
pub mod verify;
