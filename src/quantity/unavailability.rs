//! Unavailability, the primary number of every engine and report.

/// A long-run share of time down, in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Unavailability(f64);

impl Unavailability {
    /// From a share of time down, if it is in [0, 1].
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
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
        unimplemented!()
    }
}
