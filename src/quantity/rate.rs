//! Rates: `"1/30d"`, `"2/y"`, `"1e-6/h"`.

use thiserror::Error;

/// A finite, positive number of events per second.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// Why a text is not a rate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a rate such as `1/30d`")]
pub struct RateError(pub String);

impl Rate {
    /// Reads `"1/30d"`; `y` stands for `year_seconds`.
    ///
    /// # Errors
    /// When the text is not a positive rate.
    pub fn parse(text: &str, year_seconds: f64) -> Result<Self, RateError> {
        let _ = (text, year_seconds);
        unimplemented!()
    }

    /// Events per second.
    pub fn per_second(self) -> f64 {
        self.0
    }
}
