//! A point in time, in whole nanoseconds of UTC.

use std::fmt;

use jiff::Timestamp;

/// Nanoseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000_000;

/// A point in time from 1900 to the end of 2199, to the nanosecond.
///
/// No log has times outside of these years but by mistake (`0001-01-01` and `9999-12-31` stand for "none"), and inside of them
/// nanoseconds fit into 64 bits, so that sums and differences of times are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The start of 1900.
    pub const FIRST: Self = Self(-2_208_988_800 * SECOND);
    /// The start of 2200, which no time reaches.
    pub const END: Self = Self(7_258_118_400 * SECOND);

    /// From nanoseconds since 1970 in UTC; `None` outside of the years from 1900 to 2199.
    pub fn from_nanoseconds(nanoseconds: i128) -> Option<Self> {
        let instant = Self(i64::try_from(nanoseconds).ok()?);
        (Self::FIRST <= instant && instant < Self::END).then_some(instant)
    }

    /// Nanoseconds since 1970 in UTC.
    pub fn nanoseconds(self) -> i64 {
        self.0
    }

    /// Seconds since 1970 in UTC.
    pub fn seconds(self) -> f64 {
        to_seconds(i128::from(self.0))
    }

    /// Nanoseconds from `earlier` to here; negative when it is later. Exact.
    pub fn nanoseconds_since(self, earlier: Self) -> i128 {
        i128::from(self.0) - i128::from(earlier.0)
    }

    /// Seconds from `earlier` to here: the exact difference, rounded once.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        to_seconds(self.nanoseconds_since(earlier))
    }

    /// So many nanoseconds later (earlier when negative); `None` outside of the years from 1900 to 2199.
    pub fn plus_nanoseconds(self, nanoseconds: i128) -> Option<Self> {
        Self::from_nanoseconds(i128::from(self.0).checked_add(nanoseconds)?)
    }

    /// So many seconds later, rounded to the nanosecond; `None` outside of the years from 1900 to 2199.
    pub fn plus_seconds(self, seconds: f64) -> Option<Self> {
        let nanoseconds = (seconds * SECOND as f64).round();
        // Twenty thousand years, far beyond all times here and far below where the conversion saturates.
        (nanoseconds.abs() < 1e21).then(|| self.plus_nanoseconds(nanoseconds as i128)).flatten()
    }

    pub(crate) fn from_timestamp(timestamp: Timestamp) -> Option<Self> {
        Self::from_nanoseconds(timestamp.as_nanosecond())
    }

    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.0)).expect("years from 1900 to 2199 are timestamps")
    }
}

/// Nanoseconds as seconds, rounded once where they are whole seconds and twice elsewhere.
pub(crate) fn to_seconds(nanoseconds: i128) -> f64 {
    let second = i128::from(SECOND);
    (nanoseconds / second) as f64 + (nanoseconds % second) as f64 / SECOND as f64
}

/// RFC 3339 in UTC, with as many decimals of a second as there are.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}
