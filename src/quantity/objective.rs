//! Service level objectives: targets that keep every digit of their text.

use std::fmt;
use std::str::FromStr;

use crate::quantity::decimal::Decimal;
use crate::quantity::target::{self, Target, TargetError};
use crate::quantity::unavailability::Unavailability;

/// A wanted share of good events strictly between 0 and 1, held as the exact decimal share that may be bad.
///
/// A [`Target`] is rounded to a double once; an objective is not, so that constants written into rules are those of the
/// text: `99.9999999%` leaves `0.000000001`.
///
/// # Examples
/// ```
/// use ninefold::quantity::Objective;
/// let objective: Objective = "99.9999999%".parse()?;
/// assert_eq!(objective.budget().to_string(), "0.000000001");
/// assert_eq!(objective.to_string(), "0.999999999");
/// # Ok::<(), ninefold::quantity::TargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    budget: Decimal,
}

impl Objective {
    /// The share that may be bad, exactly.
    pub fn budget(&self) -> &Decimal {
        &self.budget
    }

    /// The share that may be bad, as the nearest double.
    pub fn unavailability(&self) -> Unavailability {
        Unavailability::new(self.budget.to_f64()).expect("an objective is between 0 and 1")
    }

    /// Reads a share such as `0.999`, without a percent sign or other forms.
    ///
    /// # Errors
    /// When the text is no decimal number strictly between 0 and 1.
    pub fn from_share(text: &str) -> Result<Self, TargetError> {
        Self::checked(text, Decimal::parse(text).ok().and_then(|share| share.complement()))
    }

    /// Reads a percentage such as `99.9`, without a percent sign.
    ///
    /// # Errors
    /// When the text is no decimal number strictly between 0 and 100.
    pub fn from_percent(text: &str) -> Result<Self, TargetError> {
        Self::checked(text, Decimal::parse(text).ok().and_then(|percent| percent.shifted(-2).complement()))
    }

    fn checked(text: &str, budget: Option<Decimal>) -> Result<Self, TargetError> {
        let inside = |budget: &Decimal| {
            let share = budget.to_f64();
            share > 0.0 && share < 1.0
        };
        let other = || TargetError::Other(text.trim().chars().take(80).collect());
        budget.filter(inside).map(|budget| Self { budget }).ok_or_else(other)
    }
}

impl FromStr for Objective {
    type Err = TargetError;

    /// Reads all forms of a [`Target`].
    fn from_str(text: &str) -> Result<Self, TargetError> {
        text.parse::<Target>()?;
        Self::checked(text, target::unavailability(text))
    }
}

/// The share that must be good, all digits.
impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.budget.complement().expect("an objective is between 0 and 1").fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Objective;

    #[test]
    fn every_digit_of_the_text_survives() {
        let budget = |text: &str| text.parse::<Objective>().unwrap().budget().to_string();
        assert_eq!(budget("99.95%"), "0.0005");
        assert_eq!(budget("9 nines"), "0.000000001");
        assert_eq!(budget("0.99999999999999999999"), "0.00000000000000000001");
        assert_eq!(budget("99.12345678901234567890123%"), "0.0087654321098765432109877");
        assert_eq!(Objective::from_share("0.999999999").unwrap().budget().to_string(), "0.000000001");
        assert_eq!(Objective::from_percent("99.9999999").unwrap().budget().to_string(), "0.000000001");
    }

    #[test]
    fn what_leaves_nothing_or_everything_is_refused() {
        for text in ["0", "1", "1.0", "100", "-0.5", "x", ""] {
            assert!(Objective::from_share(text).is_err(), "{text}");
        }
        assert!(Objective::from_percent("100").is_err() && Objective::from_percent("0").is_err());
        assert!("99.9".parse::<Objective>().is_err(), "a percentage without its sign");
    }
}
