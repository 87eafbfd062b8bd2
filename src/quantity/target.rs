//! Availability targets: `"99.999%"`, `"5 nines"`, `"u=1e-5"`, `0.99999`.

use std::str::FromStr;

use thiserror::Error;

use crate::quantity::decimal::Decimal;
use crate::quantity::unavailability::Unavailability;

/// A wanted availability strictly between 0 and 1, held as an unavailability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target(Unavailability);

/// Why a text is not a target.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TargetError {
    /// A number between 1 and 100.
    #[error("`{0}` is not an availability target between 0 and 1; did you mean `{0}%`?")]
    Percent(String),
    /// Anything else.
    #[error(
        "`{0}` is not an availability target strictly between 0 and 1, such as `99.999%`, `5 nines`, `u=1e-5` or `0.99999`"
    )]
    Other(String),
}

impl Target {
    /// The unavailability that the target allows.
    pub fn unavailability(self) -> Unavailability {
        self.0
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let unavailability = unavailability(text).map(|u| u.to_f64()).filter(|u| *u > 0.0 && *u < 1.0);
        let target = unavailability.and_then(Unavailability::new).map(Self);
        target.ok_or_else(|| {
            let shown = text.trim().chars().take(80).collect();
            let number = Decimal::parse(text.trim()).ok().map(|number| number.to_f64());
            match number.filter(|number| *number > 1.0 && *number < 100.0) {
                Some(_) => TargetError::Percent(shown),
                None => TargetError::Other(shown),
            }
        })
    }
}

const NUMBER_WORDS: [&str; 16] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen",
];

/// The unavailability that a text names as an availability, exactly where it is a decimal.
pub(crate) fn unavailability(text: &str) -> Option<Decimal> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(unavailability) = text.strip_prefix('u').and_then(|rest| rest.trim_start().strip_prefix('=')) {
        return Decimal::parse_share(unavailability);
    }
    let nines = ["nines", "nine", "9s", "n"].iter().find_map(|suffix| text.strip_suffix(suffix)).map(str::trim);
    if let Some(nines) = nines.filter(|nines| !nines.is_empty()) {
        return read_nines(nines.trim_end_matches('-'));
    }
    Decimal::parse_share(&text)?.complement()
}

/// Ten to the minus `nines`, exactly for a whole number.
fn read_nines(nines: &str) -> Option<Decimal> {
    let words = NUMBER_WORDS.iter().position(|word| *word == nines).map(|number| number.to_string());
    let nines = Decimal::parse(&words.unwrap_or_else(|| nines.to_owned())).ok()?.to_f64();
    if nines > 300.0 {
        return None;
    }
    if nines.fract() == 0.0 {
        return Decimal::parse("1").ok().map(|one| one.shifted(-(nines as i32)));
    }
    Some(Decimal::from_f64(libm::pow(10.0, -nines)))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::Target;

    #[test]
    fn all_forms_of_nine_nines_are_one_number() {
        let forms = [
            "99.9999999%",
            "9 nines",
            "9nines",
            "nine nines",
            "9n",
            "u=1e-9",
            "U = 1e-9",
            "u=0.0000001%",
            "0.999999999",
        ];
        for form in forms {
            assert_eq!(
                form.parse::<Target>().unwrap().unavailability().value().to_bits(),
                1e-9_f64.to_bits(),
                "{form}"
            );
        }
    }

    #[test]
    fn twelve_and_fifteen_nines_keep_their_digits() {
        for nines in [12, 15] {
            let text = format!("0.{}", "9".repeat(nines));
            let expected: f64 = format!("1e-{nines}").parse().unwrap();
            assert_eq!(text.parse::<Target>().unwrap().unavailability().value().to_bits(), expected.to_bits());
        }
        assert_eq!("3.5 nines".parse::<Target>().unwrap().unavailability().value(), libm::pow(10.0, -3.5));
    }

    #[test]
    fn certain_and_impossible_targets_are_refused() {
        for text in
            ["1", "0", "100%", "0%", "u=0", "u=1", "0 nines", "", "nines", "-5 nines", "99.999 %%", "1.5", "400 nines"]
        {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
