//! Things the reader of a result must know.

/// A warning with a stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable, snake_case.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}
