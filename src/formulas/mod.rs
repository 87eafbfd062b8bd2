//! The formulas of the mission, as pure functions: availability, downtime budget, throughput, scalability.
//!
//! ```text
//! availability = uptime / total time = 1 - downtime / total time
//! throughput   = requests processed / processing time
//! scalability  = maximum requests processed / maximum processing time
//! ```

pub mod availability;
pub mod budget;
pub mod scalability;
pub mod throughput;
