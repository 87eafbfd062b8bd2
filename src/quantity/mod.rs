//! Quantities with their units: durations, rates, probabilities, unavailabilities and targets.
//!
//! Everything a user writes as a number is parsed here, as decimal text, so that no digit is lost on the way
//! (`1 - 0.999999999` in binary floating point has already lost eight of them).

mod count;
mod decimal;
mod duration;
mod probability;
mod rate;
mod target;
mod unavailability;

pub use count::counted;
pub use decimal::{Decimal, DecimalError};
pub use duration::{DEFAULT_YEAR_SECONDS, Duration, DurationError};
pub use probability::{Probability, ProbabilityError};
pub use rate::{Rate, RateError};
pub use target::{Target, TargetError};
pub use unavailability::Unavailability;
