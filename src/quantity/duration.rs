//! Lengths of time: `"90s"`, `"1h30m"`, `"250ms"`, `"2y"`.

use std::fmt;

use thiserror::Error;

/// A finite, non-negative length of time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Duration(f64);

/// Why a text is not a duration.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DurationError {
    /// A number without a unit.
    #[error("`{0}` has no unit")]
    NoUnit(String),
    /// Anything else that cannot be read.
    #[error("`{0}` is not a duration")]
    Invalid(String),
}

/// How long a year is when the user writes `y`: 365 d unless told otherwise.
pub const DEFAULT_YEAR_SECONDS: f64 = 365.0 * 86_400.0;

impl Duration {
    /// A duration of `seconds`, if finite and not negative.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        (seconds.is_finite() && seconds >= 0.0).then_some(Self(seconds))
    }

    /// Reads `"1h30m"`; `y` stands for `year_seconds`.
    ///
    /// # Errors
    /// When the text is not a finite, non-negative duration with units.
    pub fn parse(text: &str, year_seconds: f64) -> Result<Self, DurationError> {
        let _ = (text, year_seconds);
        unimplemented!()
    }

    /// The length in seconds.
    pub fn seconds(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        unimplemented!()
    }
}
