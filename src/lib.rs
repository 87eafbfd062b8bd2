//! Availability of redundant systems: budgets, exact solution and simulation, up to nine nines and beyond.
//!
//! The library is a house of five floors. A module imports only from lower floors, and modules of one
//! floor do not know each other (`cli` alone also uses `study` and `report`). The table is checked by
//! `tests/architecture.rs`.
//!
//! | floor | modules |
//! |---|---|
//! | 0 kernel | [`quantity`], [`numeric`], `json` |
//! | 1 model | [`topology`], [`data`], [`measure`], [`formulas`] |
//! | 2 semantics | [`structure`], [`dynamics`] |
//! | 3 engines | [`exact`], [`simulate`], [`observed`], [`fit`], [`slo`] |
//! | 4 surface | [`study`], [`report`], [`cli`] |

mod json;
pub mod numeric;
pub mod quantity;

pub mod data;
pub mod formulas;
pub mod measure;
pub mod topology;

pub mod dynamics;
pub mod structure;

pub mod exact;
pub mod fit;
pub mod observed;
pub mod simulate;
pub mod slo;

pub mod cli;
pub mod report;
pub mod study;
