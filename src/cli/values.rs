//! Values of options: counts, levels, precisions, windows.

use std::num::NonZeroUsize;

use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::quantity::{Decimal, Duration, Probability};

/// A whole number such as `1500`, `1_500`, `1e6`.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    let wrong = || "a whole number such as `1500` or `1e6` is expected".to_owned();
    let decimal = Decimal::parse(text).map_err(|_| wrong())?;
    let whole = decimal.whole_part();
    let is_whole = Decimal::parse(&whole.to_string()).is_ok_and(|number| number == decimal);
    if is_whole { Ok(whole) } else { Err(wrong()) }
}

/// A whole number above 0.
pub(crate) fn positive_count(text: &str) -> Result<u64, String> {
    match count(text)? {
        0 => Err("a whole number from 1 is expected".to_owned()),
        count => Ok(count),
    }
}

/// Memory in MiB: `2048`, or with a unit `2048MiB` or `2GiB`.
pub(crate) fn mebibytes(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let (number, mebibytes) = match (lower.strip_suffix("mib"), lower.strip_suffix("gib")) {
        (Some(number), _) => (number, 1),
        (_, Some(number)) => (number, 1_024),
        _ => (lower.as_str(), 1),
    };
    let count = positive_count(number.trim_end()).ok().and_then(|count| count.checked_mul(mebibytes));
    count.ok_or_else(|| "a whole number of MiB such as `2048`, or `2048MiB` or `2GiB`, is expected".to_owned())
}

/// A seed.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a whole number from 0 to {} is expected", u64::MAX))
}

/// A number of threads.
pub(crate) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "a whole number from 1 is expected".to_owned())
}

/// A positive finite number.
pub(crate) fn positive_number(text: &str) -> Result<f64, String> {
    let number = Decimal::parse(text).ok().map(|decimal| decimal.to_f64());
    let number = number.filter(|number| *number > 0.0 && number.is_finite());
    number.ok_or_else(|| "a number above 0 is expected".to_owned())
}

/// A probability strictly between 0 and 1, such as a confidence level.
pub(crate) fn level(text: &str) -> Result<Probability, String> {
    let level = Probability::parse(text).ok().filter(|level| level.value() > 0.0 && level.complement() > 0.0);
    level.ok_or_else(|| {
        format!("a level strictly between 0 and 1 such as `95%` or `0.95` is expected{}", perhaps_percent(text))
    })
}

/// A relative precision such as `1%`, from 1e-6 to 1/2.
pub(crate) fn precision(text: &str) -> Result<f64, String> {
    let precision = Probability::parse(text).ok().map(Probability::value);
    let precision = precision.filter(|precision| (1e-6..=0.5).contains(precision));
    precision.ok_or_else(|| {
        format!("a relative precision from 0.0001% to 50%, such as `1%`, is expected{}", perhaps_percent(text))
    })
}

/// A relative width of bounds such as `0.01%` or `1e-7`.
pub(crate) fn width(text: &str) -> Result<f64, String> {
    let width = Probability::parse(text).ok().map(Probability::value);
    let width = width.filter(|width| (1e-14..=1.0).contains(width));
    width.ok_or_else(|| {
        format!("a relative width from 1e-14 to 100%, such as `0.01%` or `1e-7`, is expected{}", perhaps_percent(text))
    })
}

/// A hint for a number from 1 to 100.
fn perhaps_percent(text: &str) -> String {
    let number = Decimal::parse(text).ok().map(|number| number.to_f64());
    let is_percent = number.is_some_and(|number| (1.0..100.0).contains(&number));
    if is_percent { format!("; did you mean `{text}%`?") } else { String::new() }
}

/// An availability such as `99.9%`, `3 nines`, `u=1e-3`; 0 and 1 are allowed.
pub(crate) fn availability(text: &str) -> Result<Probability, String> {
    Probability::parse_availability(text)
        .map_err(|_| "an availability such as `99.9%`, `3 nines`, `u=1e-3` or `0.999` is expected".to_owned())
}

impl Session {
    /// A time with its unit; may be zero.
    pub(crate) fn duration(&self, option: &str, text: &str) -> Result<Duration, Problem> {
        Duration::parse(text, self.units.year).map_err(|error| Problem::value(option, text, error))
    }

    /// The running time that `--time-limit` gives, in seconds: no more than any clock can count.
    pub(crate) fn time_limit(&self, text: Option<&str>) -> Result<Option<f64>, Problem> {
        let limit = text.map(|text| self.positive_duration("--time-limit", text)).transpose()?;
        Ok(limit.map(|limit| limit.seconds().min(1e9)))
    }

    /// A time above zero.
    pub(crate) fn positive_duration(&self, option: &str, text: &str) -> Result<Duration, Problem> {
        let duration = self.duration(option, text)?;
        if duration.seconds() > 0.0 {
            Ok(duration)
        } else {
            Err(Problem::value(option, text, "a time above zero is expected"))
        }
    }

    /// A window by name (`day`, `week`, `month`, `quarter`, `year`) or by length.
    pub(crate) fn window(&self, option: &str, text: &str) -> Result<Duration, Problem> {
        let day = 86_400.0;
        let seconds = match text.trim().to_ascii_lowercase().as_str() {
            "day" => day,
            "week" => 7.0 * day,
            "month" => self.units.month,
            "quarter" => self.units.year / 4.0,
            "year" => self.units.year,
            name if name.starts_with(|c: char| c.is_alphabetic()) => {
                let expected = "`day`, `week`, `month`, `quarter`, `year` or a time such as `28d` is expected";
                return Err(Problem::value(option, text, expected));
            }
            _ => return self.positive_duration(option, text),
        };
        Duration::from_seconds(seconds)
            .ok_or_else(|| Problem::value(option, text, "the window is too long to compute with"))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::{count, level, mebibytes, positive_number, precision};

    #[test]
    fn counts_are_whole() {
        for (text, expected) in [("0", 0), ("1500", 1_500), ("1_500", 1_500), ("1e6", 1_000_000), ("2.5e1", 25)] {
            assert_eq!(count(text), Ok(expected), "{text}");
        }
        for text in ["", "-1", "1.5", "1e-3", "x", "1e30", "99999999999999999999"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn memory_is_in_mebibytes() {
        for (text, expected) in [("2048", 2_048), ("64MiB", 64), ("64 mib", 64), ("2GiB", 2_048), ("1e3", 1_000)] {
            assert_eq!(mebibytes(text), Ok(expected), "{text}");
        }
        // A megabyte is no whole number of MiB.
        for text in ["", "0", "0GiB", "1MB", "1.5", "0.5GiB", "MiB", "99999999999999999GiB", "-1"] {
            assert!(mebibytes(text).is_err_and(|error| error.contains("`2GiB`")), "{text}");
        }
    }

    #[test]
    fn levels_and_precisions_have_their_ranges() {
        assert_eq!(level("95%").unwrap().complement(), 0.05);
        assert!(["0", "1", "100%", "x", "-5%"].iter().all(|text| level(text).is_err()));
        assert_eq!(precision("1%"), Ok(0.01));
        assert!(["0", "60%", "1e-7", "x"].iter().all(|text| precision(text).is_err()));
        assert_eq!(positive_number("2.5"), Ok(2.5));
        assert!(["0", "-1", "1e400", "inf", "nan"].iter().all(|text| positive_number(text).is_err()));
    }
}
