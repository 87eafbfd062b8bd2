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
    let size = seconds.abs();
    let (length, unit) = match size {
        0.0 => return "0 s".to_owned(),
        s if s < 1e-6 => (1e-9, "ns"),
        s if s < 1e-3 => (1e-6, "us"),
        s if s < 1.0 => (1e-3, "ms"),
        s if s < 120.0 => (1.0, "s"),
        s if s < 7_200.0 => (60.0, "min"),
        s if s < 2.0 * 86_400.0 => (3_600.0, "h"),
        s if s < 2.0 * units.year => (86_400.0, "d"),
        _ => (units.year, "y"),
    };
    format!("{} {unit}", significant(seconds / length, digits))
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
