//! Rates: `"1/30d"`, `"2/y"`, `"1e-6/h"`.

use thiserror::Error;

use crate::quantity::decimal::Decimal;
use crate::quantity::duration::Duration;

/// A finite, positive number of events per second.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// Why a text is not a rate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a rate such as `1/30d` or `1e-6/h`")]
pub struct RateError(pub String);

impl Rate {
    /// Reads `"1/30d"`; `y` stands for `year_seconds`. The time may go without a number: `2/y`.
    ///
    /// # Errors
    /// When the text is not a positive rate.
    pub fn parse(text: &str, year_seconds: f64) -> Result<Self, RateError> {
        Self::read(text, year_seconds).ok_or_else(|| RateError(text.trim().chars().take(80).collect()))
    }

    fn read(text: &str, year_seconds: f64) -> Option<Self> {
        let (count, time) = text.split_once('/')?;
        let count = Decimal::parse(count).ok()?.to_f64();
        let time = time.trim();
        let time = if time.starts_with(|c: char| c.is_alphabetic()) { format!("1{time}") } else { time.to_owned() };
        let rate = count / Duration::parse(&time, year_seconds).ok()?.seconds();
        (rate.is_normal() && rate > 0.0).then_some(Self(rate))
    }

    /// Events per second.
    pub fn per_second(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::Rate;
    use crate::quantity::DEFAULT_YEAR_SECONDS;

    #[test]
    fn rates_are_read() {
        for (text, expected) in [("1/30d", 1.0 / 2_592_000.0), ("2/y", 2.0 / 31_536_000.0), ("1e-6/h", 1e-6 / 3_600.0)]
        {
            assert_eq!(Rate::parse(text, DEFAULT_YEAR_SECONDS).unwrap().per_second(), expected);
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "1", "1/", "0/d", "1/0s", "-1/d", "1/5", "x/d"] {
            assert!(Rate::parse(text, DEFAULT_YEAR_SECONDS).is_err(), "{text}");
        }
    }
}
