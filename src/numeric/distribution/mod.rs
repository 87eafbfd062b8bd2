//! Distributions of durations, in seconds.
//!
//! Built only by the checked constructors: a [`Distribution`] has a finite mean, and a positive one unless it is the fixed
//! time zero ("at once"). Gamma, Erlang, Weibull of shape or stages 1 and hyperexponentials of a single mean are kept as
//! the exponentials that they are.

mod family;
mod hazard;
mod life;
mod phases;
mod sample;
mod stages;
mod tilt;

#[cfg(test)]
mod tests;

pub use family::{Distribution, DistributionError, Family};
pub use phases::{Fit, Phases};
pub use sample::unit_exponential;
