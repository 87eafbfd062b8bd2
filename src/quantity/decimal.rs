//! Decimal text, kept exactly: sign, digits and exponent.

/// An exact non-negative decimal number as the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: String,
    exponent: i32,
}
