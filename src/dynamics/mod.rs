//! One semantics for every engine: what a failure, a detection, a failover and a repair do.
//!
//! [`Dynamics`] is compiled from a model, or from the part of it that a [`Scope`](crate::topology::Scope) names. It offers compact
//! states, the clocks that run in a state, and the effect of a clock with every immediate decision already
//! taken. The exact engine explores these states, the simulator samples them. Only for units that depend on
//! nothing the exact engine has closed forms of its own.
//!
//! The rules are those of the topology reference page. What happens at one instant is handled in four classes,
//! each in file and number order: repairs and restarts, notices, failovers, failures; last of all, the units
//! that came to need a crew join its queue (in file order, then unit number) and free places are filled.
//!
//! States that differ only by the names of interchangeable units are one (`canonical`), and to those who ask for it also states
//! that differ only by the names of alike groups (`alike`) or of domains that may trade places (`trade`).
//!
//! Checked against an independent second reading of the rules in `tests/agreement`.

mod alike;
mod arena;
mod canonical;
mod clock;
mod compile;
mod count;
mod effects;
mod enabled;
mod explore;
mod instant;
mod layout;
mod levers;
mod potential;
mod state;
mod table;
mod trade;

pub use alike::Alike;
pub use canonical::Origin;
pub use clock::{Clock, ClockKey, Kind, Outcome};
pub(crate) use enabled::Step;
pub use explore::{Arc, Course, Exploration, Rows};
pub use levers::{Draw, Levers};
pub use potential::Potential;
pub use state::State;
pub use table::Dynamics;
