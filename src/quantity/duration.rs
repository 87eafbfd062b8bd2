//! Lengths of time: `"90s"`, `"1h30m"`, `"250ms"`, `"2y"`.

use std::fmt;

use thiserror::Error;

use crate::quantity::decimal::Decimal;

/// A finite, non-negative length of time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Duration(f64);

/// Why a text is not a duration.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DurationError {
    /// A number without a unit.
    #[error("`{0}` has no unit; write `{0}s`, `{0}m`, `{0}h` or `{0}d`")]
    NoUnit(String),
    /// A unit that does not exist.
    #[error("`{0}` has the unknown unit `{1}`; units are ns, us, ms, s, m (minutes), h, d, w, y")]
    UnknownUnit(String, String),
    /// Below zero.
    #[error("`{0}` is negative; a duration is not")]
    Negative(String),
    /// Beyond the range of the numbers.
    #[error("`{0}` is too long or too short to compute with")]
    OutOfRange(String),
    /// Anything else that cannot be read.
    #[error("`{0}` is not a duration such as `90s`, `1h30m` or `30d`")]
    Invalid(String),
}

/// How long a year is when the user writes `y`: 365 d unless told otherwise.
pub const DEFAULT_YEAR_SECONDS: f64 = 365.0 * 86_400.0;

/// Longer or shorter (but for zero) times are no times of systems; inside, no product of a few of them overflows.
const RANGE: std::ops::RangeInclusive<f64> = 1e-30..=1e30;

impl Duration {
    /// A duration of `seconds`, if finite and not negative.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        (seconds.is_finite() && seconds >= 0.0).then_some(Self(seconds))
    }

    /// Reads `"1h30m"`; `y` stands for `year_seconds`. Each number with its unit is rounded once, years twice.
    ///
    /// # Errors
    /// When the text is not a finite, non-negative duration with units.
    ///
    /// # Examples
    /// ```
    /// use ninefold::quantity::{Duration, DEFAULT_YEAR_SECONDS};
    /// let duration = Duration::parse("1h30m", DEFAULT_YEAR_SECONDS)?;
    /// assert_eq!(duration.seconds(), 5400.0);
    /// # Ok::<(), ninefold::quantity::DurationError>(())
    /// ```
    pub fn parse(text: &str, year_seconds: f64) -> Result<Self, DurationError> {
        let quoted = || text.trim().chars().take(80).collect::<String>();
        let mut rest = text.trim();
        if rest.starts_with('-') {
            return Err(DurationError::Negative(quoted()));
        }
        if rest.is_empty() {
            return Err(DurationError::Invalid(quoted()));
        }
        let mut seconds = 0.0;
        while !rest.is_empty() {
            let number_end = number_length(rest);
            let (number, after) = rest.split_at(number_end);
            let after = after.trim_start();
            let number = Decimal::parse(number).map_err(|_| DurationError::Invalid(quoted()))?;
            let unit_end = after.find(|c: char| !(c.is_alphabetic() || c == 'µ')).unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_end);
            if unit.is_empty() {
                return Err(DurationError::NoUnit(quoted()));
            }
            let part = in_seconds(&number, unit, year_seconds);
            seconds += part.ok_or_else(|| DurationError::UnknownUnit(quoted(), unit.to_owned()))?;
            rest = after.trim_start();
        }
        if seconds == 0.0 || RANGE.contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(DurationError::OutOfRange(quoted()))
        }
    }

    /// The length in seconds.
    pub fn seconds(self) -> f64 {
        self.0
    }
}

/// Bytes of the number at the start of `text`; an `e` belongs to it only when digits follow.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let exponent = matches!(bytes[at], b'e' | b'E');
        let sign = usize::from(exponent && matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        if exponent && bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at += 1 + sign;
        } else if !(bytes[at].is_ascii_digit() || matches!(bytes[at], b'.' | b'_' | b'+')) {
            break;
        }
        at += 1;
    }
    at
}

fn in_seconds(number: &Decimal, unit: &str, year_seconds: f64) -> Option<f64> {
    let exact = |decimal: Decimal| Some(decimal.to_f64());
    match unit {
        "ns" => exact(number.clone().shifted(-9)),
        "us" | "µs" | "μs" => exact(number.clone().shifted(-6)),
        "ms" => exact(number.clone().shifted(-3)),
        "s" | "sec" | "secs" | "second" | "seconds" => exact(number.clone()),
        "m" | "min" | "mins" | "minute" | "minutes" => exact(number.times(60)),
        "h" | "hour" | "hours" => exact(number.times(3_600)),
        "d" | "day" | "days" => exact(number.times(86_400)),
        "w" | "week" | "weeks" => exact(number.times(604_800)),
        "y" | "year" | "years" => Some(number.to_f64() * year_seconds),
        _ => None,
    }
}

/// A text that reads back as the same duration: whole seconds as `1d2h3m4s`, else one number with its unit.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0;
        if seconds == 0.0 {
            return f.write_str("0s");
        }
        if seconds.fract() == 0.0 && seconds < 9e15 {
            let mut left = seconds as u64;
            for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
                if left >= length {
                    write!(f, "{}{unit}", left / length)?;
                    left %= length;
                }
            }
            return Ok(());
        }
        let shortest = Decimal::from_f64(seconds);
        let (power, unit) = match seconds {
            s if s >= 1.0 => (0, "s"),
            s if s >= 1e-3 => (3, "ms"),
            s if s >= 1e-6 => (6, "us"),
            _ => (9, "ns"),
        };
        write!(f, "{}{unit}", shortest.shifted(power))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::{DEFAULT_YEAR_SECONDS, Duration, DurationError};

    fn seconds(text: &str) -> f64 {
        Duration::parse(text, DEFAULT_YEAR_SECONDS).unwrap().seconds()
    }

    #[test]
    fn units_and_sums_are_read() {
        let cases = [
            ("90s", 90.0),
            ("1h30m", 5_400.0),
            ("1.5h", 5_400.0),
            ("0.1h", 360.0),
            ("250ms", 0.25),
            ("20us", 20e-6),
            ("5ns", 5e-9),
            ("2w", 1_209_600.0),
            ("30d", 2_592_000.0),
            ("2y", 63_072_000.0),
            ("1e3s", 1_000.0),
            ("1 h 30 m", 5_400.0),
            ("0s", 0.0),
        ];
        for (text, expected) in cases {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn every_mistake_has_its_name() {
        let read = |text| Duration::parse(text, DEFAULT_YEAR_SECONDS).unwrap_err();
        assert_eq!(read("90"), DurationError::NoUnit("90".into()));
        assert_eq!(read("90x"), DurationError::UnknownUnit("90x".into(), "x".into()));
        assert_eq!(read("-1h"), DurationError::Negative("-1h".into()));
        assert_eq!(read("1e200y"), DurationError::OutOfRange("1e200y".into()));
        assert_eq!(read("h"), DurationError::Invalid("h".into()));
        assert_eq!(read(""), DurationError::Invalid(String::new()));
        assert_eq!(read("infs"), DurationError::Invalid("infs".into()));
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(mantissa in 1.0_f64..10.0, exponent in -12_i32..14) {
            let duration = Duration::from_seconds(mantissa * 10_f64.powi(exponent)).unwrap();
            let again = Duration::parse(&duration.to_string(), DEFAULT_YEAR_SECONDS).unwrap();
            proptest::prop_assert_eq!(again.seconds().to_bits(), duration.seconds().to_bits());
        }

        #[test]
        fn whole_seconds_read_back(whole in 0_u64..1_000_000_000_000) {
            let duration = Duration::from_seconds(whole as f64).unwrap();
            proptest::prop_assert_eq!(Duration::parse(&duration.to_string(), DEFAULT_YEAR_SECONDS).unwrap(), duration);
        }
    }
}
