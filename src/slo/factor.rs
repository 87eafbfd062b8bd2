//! Burn rates of rules, as exact fractions.

use std::fmt;

use crate::quantity::{Decimal, Objective};

/// A burn rate above 0, as a reduced fraction: 14.4 is 72 / 5, and 10 % of 28 days in 3 days is 14 / 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    numerator: u32,
    denominator: u32,
}

impl Factor {
    /// A fraction, if it is above 0 and small enough once reduced.
    pub fn new(numerator: u128, denominator: u128) -> Option<Self> {
        let common = divisor(numerator, denominator);
        if numerator == 0 || denominator == 0 {
            return None;
        }
        let (numerator, denominator) = (numerator / common, denominator / common);
        Some(Self { numerator: numerator.try_into().ok()?, denominator: denominator.try_into().ok()? })
    }

    /// The burn rate that uses `percent` of the budget of a period within a window.
    ///
    /// Formula: `b = percent / 100 * period / window`.
    pub fn of_share(percent: u32, period_seconds: u64, window_seconds: u64) -> Option<Self> {
        Self::new(u128::from(percent) * u128::from(period_seconds), 100 * u128::from(window_seconds))
    }

    /// Reads a decimal number such as `14.4`, of at most nine decimals.
    pub fn parse(text: &str) -> Option<Self> {
        const DECIMALS: i32 = 9;
        let scaled = Decimal::parse(text).ok()?.shifted(DECIMALS);
        let whole = scaled.whole_part();
        let is_whole = Decimal::parse(&whole.to_string()).is_ok_and(|number| number == scaled);
        if is_whole { Self::new(whole.into(), 10_u128.pow(DECIMALS as u32)) } else { None }
    }

    /// The nearest double.
    pub fn value(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// The share of bad events at which a burn rate is this factor: the factor times the budget, rounded twice.
    pub fn threshold(self, objective: &Objective) -> f64 {
        objective.budget().times(self.numerator).to_f64() / f64::from(self.denominator)
    }
}

/// The greatest common divisor; 1 for two zeros.
fn divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// A decimal number where it is one, else a fraction: both are exact, and both are expressions of Prometheus.
impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.denominator;
        let mut divide = |by: u32| {
            let mut times = 0;
            while rest.is_multiple_of(by) {
                rest /= by;
                times += 1;
            }
            times
        };
        let places: u32 = divide(2).max(divide(5));
        if rest != 1 {
            return write!(f, "{} / {}", self.numerator, self.denominator);
        }
        let digits = u128::from(self.numerator) * 10_u128.pow(places) / u128::from(self.denominator);
        let digits = Decimal::parse(&digits.to_string()).expect("digits are a number");
        digits.shifted(-(places as i32)).fmt(f)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::Factor;
    use crate::quantity::Objective;

    const DAY: u64 = 86_400;

    fn shown(percent: u32, days: u64, window: u64) -> String {
        Factor::of_share(percent, days * DAY, window).unwrap().to_string()
    }

    #[test]
    fn published_factors_are_exact() {
        // The Site Reliability Workbook, table 5-8 (30 days), and Sloth's windows for 28 days.
        assert_eq!([shown(2, 30, 3_600), shown(5, 30, 21_600), shown(10, 30, 3 * DAY)], ["14.4", "6", "1"]);
        assert_eq!([shown(2, 28, 3_600), shown(5, 28, 21_600), shown(10, 28, DAY)], ["13.44", "5.6", "2.8"]);
        assert_eq!(shown(10, 28, 3 * DAY), "14 / 15");
        assert_eq!(Factor::parse("14.4").unwrap().to_string(), "14.4");
        assert_eq!(Factor::parse("1.000000001").unwrap().to_string(), "1.000000001");
        assert!(["0", "-1", "x", "1e30", "1e-10"].iter().all(|text| Factor::parse(text).is_none()));
    }

    #[test]
    fn thresholds_have_no_binary_noise() {
        let nine: Objective = "9 nines".parse().unwrap();
        assert_eq!(Factor::parse("14.4").unwrap().threshold(&nine), 1.44e-8);
        assert_eq!(Factor::parse("1").unwrap().threshold(&nine), 1e-9);
        let three: Objective = "99.9%".parse().unwrap();
        assert_eq!(Factor::parse("14.4").unwrap().threshold(&three), 0.0144);
    }
}
