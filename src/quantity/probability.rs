//! A probability and its complement, both from the same decimal text.

use thiserror::Error;

use crate::quantity::decimal::Decimal;

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
    pub const ONE: Self = Self { value: 1.0, complement: 0.0 };
    /// Impossible.
    pub const ZERO: Self = Self { value: 0.0, complement: 1.0 };

    /// Reads `"0.98"`, `"98%"`, `"1e-4"` as an exact decimal.
    ///
    /// # Errors
    /// When the text is not a number in [0, 1].
    pub fn parse(text: &str) -> Result<Self, ProbabilityError> {
        let error = || ProbabilityError(text.trim().chars().take(80).collect());
        let decimal = Decimal::parse_share(text).ok_or_else(error)?;
        let complement = decimal.complement().ok_or_else(error)?;
        Ok(Self { value: decimal.to_f64(), complement: complement.to_f64() })
    }

    /// Reads an availability in any of the forms of a [`Target`](crate::quantity::Target); 0 and 1 are allowed.
    ///
    /// # Errors
    /// When the text is no availability.
    pub fn parse_availability(text: &str) -> Result<Self, ProbabilityError> {
        let down = crate::quantity::target::unavailability(text);
        let pair = down.and_then(|down| Some(Self { value: down.complement()?.to_f64(), complement: down.to_f64() }));
        pair.ok_or_else(|| ProbabilityError(text.trim().chars().take(80).collect()))
    }

    /// A probability and its complement that were computed apart, if both are in [0, 1] and add up to 1 but for rounding.
    pub fn from_pair(value: f64, complement: f64) -> Option<Self> {
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        let adds_up = (value + complement - 1.0).abs() < 1e-12;
        (is_share(value) && is_share(complement) && adds_up).then_some(Self { value, complement })
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

#[cfg(test)]
mod tests {
    use super::Probability;

    #[test]
    fn both_sides_are_exact() {
        let nine_nines = Probability::parse("0.999999999").unwrap();
        assert_eq!((nine_nines.value(), nine_nines.complement()), (0.999999999, 1e-9));
        let percent = Probability::parse("98%").unwrap();
        assert_eq!((percent.value(), percent.complement()), (0.98, 0.02));
        assert_eq!(Probability::parse("1").unwrap(), Probability::ONE);
        assert_eq!(Probability::parse("0").unwrap(), Probability::ZERO);
    }

    #[test]
    fn outside_of_the_unit_interval_is_refused() {
        for text in ["1.0000000000000000001", "-0.1", "101%", "x", "", "nan"] {
            assert!(Probability::parse(text).is_err(), "{text}");
        }
    }
}
