//! Availability targets: `"99.999%"`, `"5 nines"`, `"u=1e-5"`, `0.99999`.

use std::str::FromStr;

use thiserror::Error;

use crate::quantity::unavailability::Unavailability;

/// A wanted availability strictly between 0 and 1, held as an unavailability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target(Unavailability);

/// Why a text is not a target.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not an availability target")]
pub struct TargetError(pub String);

impl Target {
    /// The unavailability that the target allows.
    pub fn unavailability(self) -> Unavailability {
        self.0
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let _ = text;
        unimplemented!()
    }
}
