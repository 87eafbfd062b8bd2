//! Numbers as people read them: so many significant digits, and times in the unit that fits.

/// What a year and a month are, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Units {
    /// Seconds of a year.
    pub year: f64,
    /// Seconds of a month.
    pub month: f64,
}

impl Default for Units {
    /// 365 and 30 days.
    fn default() -> Self {
        Self { year: 365.0 * 86_400.0, month: 30.0 * 86_400.0 }
    }
}

/// `value` with so many significant digits, without trailing zeros; with an exponent when very large or small.
///
/// # Examples
/// ```
/// use ninefold::report::number::significant;
/// assert_eq!(significant(1234.5678, 6), "1234.57");
/// assert_eq!(significant(7.7160e-9, 4), "7.716e-9");
/// assert_eq!(significant(2.0, 4), "2");
/// ```
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:.*e}", digits.saturating_sub(1), value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..9).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        return trimmed(&format!("{value:.decimals$}")).to_owned();
    }
    format!("{}e{exponent}", trimmed(mantissa))
}

fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// A time in the unit that fits: `31.536 ms`, `5.256 min`, `30.04 d`.
pub fn time(seconds: f64, digits: usize, units: Units) -> String {
    if seconds == 0.0 {
        return "0 s".to_owned();
    }
    let (length, unit) = time_unit(seconds, digits, units);
    format!("{} {unit}", significant(seconds / length, digits))
}

/// The unit that fits: its length in seconds, and its name.
fn time_unit(seconds: f64, digits: usize, units: Units) -> (f64, &'static str) {
    let rounded = format!("{:.*e}", digits.saturating_sub(1), seconds.abs());
    match rounded.parse().unwrap_or(seconds) {
        s if s < 1e-6 => (1e-9, "ns"),
        s if s < 1e-3 => (1e-6, "us"),
        s if s < 1.0 => (1e-3, "ms"),
        s if s < 60.0 => (1.0, "s"),
        s if s < 3_600.0 => (60.0, "min"),
        s if s < 86_400.0 => (3_600.0, "h"),
        s if s < units.year => (86_400.0, "d"),
        _ => (units.year, "y"),
    }
}

/// How the numbers of one row are shown: an estimate and the ends of its interval in one unit, with the same last digit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    length: f64,
    unit: &'static str,
    scientific: bool,
    places: usize,
}

impl Form {
    /// `digits` significant digits of `reference`, a number without unit.
    pub(crate) fn number(reference: f64, digits: usize) -> Self {
        Self::scaled(reference, digits, 1.0, "")
    }

    /// Of a time in seconds, in the unit that fits it.
    pub(crate) fn time(reference: f64, digits: usize, units: Units) -> Self {
        let (length, unit) = time_unit(reference, digits, units);
        Self::scaled(reference / length, digits, length, unit)
    }

    fn scaled(reference: f64, digits: usize, length: f64, unit: &'static str) -> Self {
        let text = format!("{:.*e}", digits.saturating_sub(1), reference);
        let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
        let scientific = reference != 0.0 && !(-4..9).contains(&exponent);
        let places = if scientific { digits as i32 - 1 } else { digits as i32 - 1 - exponent };
        Self { length, unit, scientific, places: places.clamp(0, 20) as usize }
    }

    /// One number of the row, with its unit.
    pub(crate) fn show(self, value: f64) -> String {
        let number = self.bare(value);
        if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
    }

    /// An interval, with its unit once.
    pub(crate) fn range(self, low: f64, high: f64) -> String {
        format!("{} to {}", self.bare(low), self.show(high))
    }

    fn bare(self, value: f64) -> String {
        let (value, places) = (value / self.length, self.places);
        if self.scientific { format!("{value:.places$e}") } else { format!("{value:.places$}") }
    }
}

/// A share as a percentage.
pub fn percent(share: f64, digits: usize) -> String {
    significant(100.0 * share, digits)
}

#[cfg(test)]
mod tests {
    use super::{Units, significant, time};

    #[test]
    fn digits_are_kept_and_zeros_dropped() {
        let cases = [(0.0, "0"), (-12.0, "-12"), (0.00012345, "0.0001234"), (123_456_789.0, "123456789"), (1e9, "1e9")];
        for (value, expected) in cases {
            assert_eq!(significant(value, 4), expected);
        }
        assert_eq!(significant(99_999.9, 4), "100000");
    }

    #[test]
    fn times_have_the_unit_that_fits() {
        let cases = [
            (0.031536, "31.536 ms"),
            (315.36, "5.256 min"),
            (59.999_999, "1 min"),
            (3_600.0, "1 h"),
            (86_400.0, "1 d"),
            (31.536e-9, "31.536 ns"),
            (31_536.0, "8.76 h"),
            (-204.0, "-3.4 min"),
            (2_595_600.0, "30.042 d"),
            (94_608_000.0, "3 y"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(time(seconds, 5, Units::default()), expected);
        }
    }
}
