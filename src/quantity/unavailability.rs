//! Unavailability, the primary number of every engine and report.

use crate::quantity::decimal::Decimal;

/// A long-run share of time down, in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Unavailability(f64);

impl Unavailability {
    /// What is not 0 but below this is too small to compute with: 1e-308 has all its digits, products on the way to it
    /// have not.
    pub const SMALLEST: f64 = 1e-290;

    /// From a share of time down, if it is in [0, 1].
    pub fn new(share: f64) -> Option<Self> {
        // A sum of nothing is -0, which is no share that can be printed.
        (0.0..=1.0).contains(&share).then_some(Self(share + 0.0))
    }

    /// The share of time down.
    pub fn value(self) -> f64 {
        self.0
    }

    /// `-log10 U`; infinite for `U = 0`.
    pub fn nines(self) -> f64 {
        -libm::log10(self.0)
    }

    /// The share of time up, for arithmetic that needs it as a factor near one.
    pub fn complement(self) -> f64 {
        1.0 - self.0
    }

    /// Availability as decimal text with all the nines it has (the exact decimal complement of the shortest text of U).
    pub fn availability_text(self) -> String {
        let complement = Decimal::from_f64(self.0).complement();
        complement.expect("an unavailability is at most 1").to_string()
    }

    /// Availability with as many digits of U as `significant` says (at least 1): `0.99999957` for U = 4.321e-7 and 2. Where the
    /// availability is the smaller one, with so many digits of its own.
    pub fn availability_rounded(self, significant: usize) -> String {
        let rounded = |value: f64| {
            let text = format!("{:.*e}", significant.saturating_sub(1), value);
            Decimal::parse(&text).expect("a double prints as a decimal")
        };
        let complement = |decimal: Decimal| decimal.complement().expect("an unavailability is at most 1");
        if self.0 > 0.5 {
            return rounded(complement(Decimal::from_f64(self.0)).to_f64()).to_string();
        }
        complement(rounded(self.0)).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Unavailability;

    #[test]
    fn availability_has_all_its_nines() {
        let text = |u| Unavailability::new(u).unwrap().availability_text();
        assert_eq!(text(1e-9), "0.999999999");
        assert_eq!(text(1.25e-15), "0.99999999999999875");
        assert_eq!(text(0.0), "1");
        assert_eq!(text(1.0), "0");
        assert_eq!(text(-0.0), "1");
        assert_eq!(Unavailability::new(4.321e-7).unwrap().availability_rounded(2), "0.99999957");
        assert_eq!(Unavailability::new(1.0 - 3.17e-8).unwrap().availability_rounded(3), "0.0000000317");
    }

    #[test]
    fn shares_outside_of_the_unit_interval_do_not_exist() {
        assert!([-1e-300, 1.0 + 1e-15, f64::NAN].iter().all(|share| Unavailability::new(*share).is_none()));
    }
}
