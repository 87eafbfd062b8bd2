//! What has happened, and what was promised: files about services.

mod mistake;
pub mod open_slo;

pub use mistake::Mistake;
