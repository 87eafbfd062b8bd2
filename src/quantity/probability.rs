//! A probability and its complement, both from the same decimal text.

use thiserror::Error;

/// A probability `p` in [0, 1] that carries `1 - p` from the source, never computed from the rounded `p`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probability {
    value: f64,
    complement: f64,
}

/// Why a text is not a probability.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a probability between 0 and 1")]
pub struct ProbabilityError(pub String);

impl Probability {
    /// Certain.
    pub const ONE: Self = Self {
        value: 1.0,
        complement: 0.0,
    };
    /// Impossible.
    pub const ZERO: Self = Self {
        value: 0.0,
        complement: 1.0,
    };

    /// Reads `"0.98"`, `"98%"`, `"1e-4"` as an exact decimal.
    ///
    /// # Errors
    /// When the text is not a number in [0, 1].
    pub fn parse(text: &str) -> Result<Self, ProbabilityError> {
        let _ = text;
        unimplemented!()
    }

    /// The probability.
    pub fn value(self) -> f64 {
        self.value
    }

    /// One minus the probability, to full relative precision.
    pub fn complement(self) -> f64 {
        self.complement
    }
}
