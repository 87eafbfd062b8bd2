//! Decimal text, kept exactly: digits and exponent.
//!
//! A target of `0.999999999` is a decimal. Its complement is exactly `1e-9`; the complement of the nearest double is
//! 2.8e-8 off. So complements, percentages and unit prefixes are worked out on the digits, and the result is rounded
//! once.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

/// An exact non-negative decimal number as the user wrote it: 0.DIGITS times ten to the `point`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Digits 0..=9 without leading or trailing zeros; empty for zero.
    digits: Vec<u8>,
    /// The power of ten of the decimal point before the first digit.
    point: i32,
}

/// Why a text is not a decimal number.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a non-negative decimal number")]
pub struct DecimalError(pub String);

/// More digits than this are refused: no quantity has them.
const MOST_DIGITS: usize = 1_000;
/// Powers of ten beyond this are outside of the doubles anyway.
const LARGEST_POINT: i32 = 400;

impl Decimal {
    /// A share: as [`Self::parse`], divided by 100 when a percent sign follows.
    pub(crate) fn parse_share(text: &str) -> Option<Self> {
        match text.trim().strip_suffix('%') {
            Some(percent) => Self::parse(percent).ok().map(|decimal| decimal.shifted(-2)),
            None => Self::parse(text).ok(),
        }
    }

    /// Reads `12`, `0.98`, `.5`, `1e-9`, `1_000`; no sign but `+`.
    ///
    /// # Errors
    /// When the text is not a non-negative decimal number, or has more than 1000 digits or an exponent beyond 400.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        Self::parse_trimmed(text.trim()).ok_or_else(|| DecimalError(text.trim().chars().take(80).collect()))
    }

    fn parse_trimmed(text: &str) -> Option<Self> {
        let text = text.strip_prefix('+').unwrap_or(text);
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok().filter(|e| e.abs() <= LARGEST_POINT)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.starts_with('_') || whole.ends_with('_') || fraction.starts_with('_') || fraction.ends_with('_') {
            return None;
        }
        let digits_of = |part: &str| -> Option<Vec<u8>> {
            let kept = part.bytes().filter(|byte| *byte != b'_');
            kept.map(|byte| byte.is_ascii_digit().then_some(byte.wrapping_sub(b'0'))).collect()
        };
        let (whole, fraction) = (digits_of(whole)?, digits_of(fraction)?);
        if whole.is_empty() && fraction.is_empty() || whole.len() + fraction.len() > MOST_DIGITS {
            return None;
        }
        let point = i32::try_from(whole.len()).ok()? + exponent;
        Some(Self { digits: [whole, fraction].concat(), point }.normalised())
    }

    /// The shortest decimal that reads back as `value`, which must be finite and not negative.
    ///
    /// # Panics
    /// When it is not.
    pub fn from_f64(value: f64) -> Self {
        Self::parse(&format!("{:e}", value + 0.0)).expect("a finite non-negative double prints as a decimal")
    }

    fn normalised(mut self) -> Self {
        let leading = self.digits.iter().take_while(|digit| **digit == 0).count();
        self.digits.drain(..leading);
        self.point -= leading as i32;
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
        self
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Times ten to the `power`, exactly.
    #[must_use]
    pub fn shifted(mut self, power: i32) -> Self {
        if !self.is_zero() {
            self.point += power;
        }
        self
    }

    /// Times a whole number, exactly.
    #[must_use]
    pub fn times(&self, factor: u32) -> Self {
        let mut digits = vec![0; self.digits.len() + 10];
        let mut carry = 0_u64;
        for (place, digit) in digits.iter_mut().enumerate().rev() {
            let own = place.checked_sub(10).map_or(0, |index| u64::from(self.digits[index]));
            let sum = own * u64::from(factor) + carry;
            *digit = (sum % 10) as u8;
            carry = sum / 10;
        }
        Self { digits, point: self.point + 10 }.normalised()
    }

    /// How many times this number the share `part / whole` is, rounded once; `None` where this number is 0 or has more than
    /// 18 digits, or `whole` is 0 or above 2^53.
    ///
    /// Formula: with the number `d 10^-k`, `part 10^k / (whole d)` by long division to 40 digits; a remainder is told by a last
    /// digit 1, so that the nearest double is that of the quotient.
    pub fn times_in_share(&self, part: u64, whole: u64) -> Option<f64> {
        let whole = Some(whole).filter(|whole| (1..=1 << 53).contains(whole))?;
        if self.is_zero() || self.digits.len() > 18 {
            return None;
        }
        let digits = self.digits.iter().fold(0_u128, |number, digit| number * 10 + u128::from(*digit));
        // Below 2^53 times 10^18, so that ten times a remainder is below 2^117.
        let divisor = u128::from(whole) * digits;
        let before = (u128::from(part) / divisor).to_string();
        let mut remainder = u128::from(part) % divisor;
        let mut after = String::with_capacity(64);
        while remainder > 0 && after.trim_start_matches('0').len() < 40 {
            let digit = remainder * 10 / divisor;
            remainder = remainder * 10 % divisor;
            after.push(char::from(b'0' + digit as u8));
        }
        let sticky = if remainder > 0 { "1" } else { "" };
        let power = self.digits.len() as i32 - self.point;
        format!("{before}.{after}{sticky}e{power}").parse().ok()
    }

    /// The sum, exactly.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let point = self.point.max(other.point) + 1;
        let end = |number: &Self| number.digits.len() as i32 - number.point;
        let length = (point + end(self).max(end(other))).max(0) as usize;
        let digit = |number: &Self, place: usize| {
            let index = place as i32 - (point - number.point);
            usize::try_from(index).ok().and_then(|index| number.digits.get(index)).copied().unwrap_or(0)
        };
        let mut digits = vec![0; length];
        let mut carry = 0;
        for place in (0..length).rev() {
            let sum = digit(self, place) + digit(other, place) + carry;
            digits[place] = sum % 10;
            carry = sum / 10;
        }
        Self { digits, point }.normalised()
    }

    /// The whole part; the largest number of 64 bits when it is larger.
    pub fn whole_part(&self) -> u64 {
        let whole = |sum: u64, place: i32| {
            let digit = self.digits.get(place as usize).copied().unwrap_or(0);
            sum.checked_mul(10)?.checked_add(u64::from(digit))
        };
        (0..self.point.max(0)).try_fold(0, whole).unwrap_or(u64::MAX)
    }

    /// One minus the number, exactly; `None` above 1.
    pub fn complement(&self) -> Option<Self> {
        match self.compare_to_one() {
            Ordering::Greater => None,
            Ordering::Equal => Some(Self { digits: Vec::new(), point: 0 }),
            Ordering::Less if self.is_zero() => Self::parse_trimmed("1"),
            Ordering::Less => {
                let zeros = usize::try_from(-self.point).ok()?;
                let mut digits: Vec<u8> = std::iter::repeat_n(0, zeros).chain(self.digits.iter().copied()).collect();
                let last = digits.len() - 1;
                for digit in &mut digits {
                    *digit = 9 - *digit;
                }
                digits[last] += 1;
                Some(Self { digits, point: 0 }.normalised())
            }
        }
    }

    fn compare_to_one(&self) -> Ordering {
        match (self.point, self.digits.as_slice()) {
            (_, []) => Ordering::Less,
            (1, [1]) => Ordering::Equal,
            (point, _) if point >= 1 => Ordering::Greater,
            _ => Ordering::Less,
        }
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        format!("0.{digits}0e{}", self.point).parse().expect("digits and an exponent are a number")
    }
}

/// All digits, without an exponent.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = self.point;
        let digit = |place: i32| {
            let known = usize::try_from(place).ok().and_then(|place| self.digits.get(place));
            char::from(b'0' + known.copied().unwrap_or(0))
        };
        let whole: String = (0..point.max(0)).map(digit).collect();
        f.write_str(if whole.is_empty() { "0" } else { &whole })?;
        let fraction: String =
            (point..self.digits.len() as i32).skip_while(|place| *place < point).map(digit).collect();
        if point < self.digits.len() as i32 && !self.is_zero() { write!(f, ".{fraction}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn complement(text: &str) -> String {
        Decimal::parse(text).unwrap().complement().unwrap().to_string()
    }

    #[test]
    fn complements_are_exact() {
        assert_eq!(complement("0.999999999"), "0.000000001");
        assert_eq!(complement("1e-15"), "0.999999999999999");
        assert_eq!(complement("0.050"), "0.95");
        assert_eq!(complement("0"), "1");
        assert_eq!(complement("1.000"), "0");
        assert_eq!(Decimal::parse("1.0000000000000000000000001").unwrap().complement(), None);
    }

    #[test]
    fn quotients_are_rounded_once() {
        // Python 3.11: float(Fraction(part, whole) / Fraction(budget)); two roundings give 99.99999000000099 and 8100.0000729.
        let cases = [
            ("1e-9", 100, 1_000_000_100, 99.999990000001),
            ("1e-9", 100, 1_000_000_000, 100.0),
            ("0.0005", 7, 3_000_000_011, 4.6666666495555555e-6),
            ("0.1", 1, 3, 3.3333333333333335),
            ("0.1", 0, 5, 0.0),
            ("0.05", 5, 5, 20.0),
            ("1.23456789012345678e-4", (1 << 53) - 1, 1 << 53, 8100.000072899999),
        ];
        for (budget, part, whole, expected) in cases {
            assert_eq!(Decimal::parse(budget).unwrap().times_in_share(part, whole), Some(expected), "{budget}");
        }
        let refused = |budget: &str, whole| Decimal::parse(budget).unwrap().times_in_share(1, whole);
        let all = [refused("0", 1), refused("0.1", 0), refused("0.1", u64::MAX), refused("1.234567890123456789", 1)];
        assert_eq!(all, [None; 4]);
    }

    #[test]
    fn prints_all_digits_without_exponent() {
        for (text, printed) in
            [("1e3", "1000"), ("12.50", "12.5"), ("00.001", "0.001"), ("0", "0"), ("1_000.5", "1000.5")]
        {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn multiplies_exactly() {
        assert_eq!(Decimal::parse("0.1").unwrap().times(3600).to_string(), "360");
        assert_eq!(
            Decimal::parse("123456789.987654321").unwrap().times(4_000_000_000).to_string(),
            "493827159950617284"
        );
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", ".", "-1", "1e", "1e999", "abc", "1..2", "0x1", "_1", "1_", "nan", "inf", "1e5.5", "½"] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn doubles_survive(value in 0.0_f64..1e300) {
            proptest::prop_assert_eq!(Decimal::from_f64(value).to_f64().to_bits(), value.to_bits());
            let printed = Decimal::from_f64(value).to_string();
            proptest::prop_assert_eq!(printed.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }

        #[test]
        fn the_complement_of_the_complement_is_the_number(digits in 1_u64..999_999_999_999) {
            let text = format!("0.{digits:012}");
            let number = Decimal::parse(&text).unwrap();
            proptest::prop_assert_eq!(number.complement().unwrap().complement().unwrap(), number);
        }
    }
}
