//! Downtime budgets: what an availability target allows, what is left of it, and what it takes to demonstrate it.

use crate::quantity::{Decimal, Duration, Unavailability};

/// Formula: `allowed = U * window`, in seconds. Exact to the last digit for windows of whole seconds up to 136 years: the
/// product is formed in decimal.
///
/// # Examples
/// ```
/// use ninefold::formulas::budget::allowed_seconds;
/// use ninefold::quantity::{Duration, Target, DEFAULT_YEAR_SECONDS};
/// let target: Target = "9 nines".parse()?;
/// let year = Duration::parse("365d", DEFAULT_YEAR_SECONDS).unwrap();
/// assert_eq!(allowed_seconds(target.unavailability(), year), 0.031536);
/// # Ok::<(), ninefold::quantity::TargetError>(())
/// ```
pub fn allowed_seconds(unavailability: Unavailability, window: Duration) -> f64 {
    let seconds = window.seconds();
    if seconds.fract() == 0.0 && seconds <= f64::from(u32::MAX) {
        return Decimal::from_f64(unavailability.value()).times(seconds as u32).to_f64();
    }
    unavailability.value() * seconds
}

/// Requests of `requests` that may fail: the largest whole number not above `U * requests`, exactly.
pub fn allowed_failures(unavailability: Unavailability, requests: u64) -> u64 {
    let exact = Decimal::from_f64(unavailability.value());
    let (high, low) = ((requests >> 32) as u32, requests as u32);
    // requests = high * 2^32 + low; the decimal product is exact, the sum of two doubles is not needed below 2^53.
    let high = exact.times(high).times(1 << 31).times(2);
    let product = high.plus(&exact.times(low));
    product.whole_part()
}

/// A budget that is being spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spending {
    /// Seconds that the target allows in the window.
    pub allowed: f64,
    /// Seconds of downtime so far.
    pub used: f64,
    /// Seconds of the window that have passed.
    pub elapsed: f64,
    /// Seconds of the window.
    pub window: f64,
}

impl Spending {
    /// What is left, in seconds; negative when overspent.
    pub fn remaining(&self) -> f64 {
        self.allowed - self.used
    }

    /// The used share of the budget; 1 is all of it.
    pub fn used_share(&self) -> f64 {
        self.used / self.allowed
    }

    /// How many times faster than evenly over the window the budget is used up:
    /// `(used / elapsed) / (allowed / window)`.
    pub fn burn_rate(&self) -> f64 {
        self.used / self.elapsed / (self.allowed / self.window)
    }

    /// Seconds until the budget is gone if downtime goes on as so far: 0 when it is gone already, absent when nothing was
    /// used.
    pub fn exhausted_in(&self) -> Option<f64> {
        let rate = self.used / self.elapsed;
        (rate > 0.0).then(|| (self.remaining() / rate).max(0.0))
    }
}

/// Requests in a row without a failure that demonstrate the target with confidence 1 - `alpha`: the smallest n with
/// `(1 - U)^n <= alpha`, so `n = ln alpha / ln(1 - U)`, rounded up. Above 1e14, where doubles cannot tell the smallest one, a few
/// more, so that n is enough.
pub fn requests_to_demonstrate(unavailability: Unavailability, alpha: f64) -> f64 {
    let requests = libm::log(alpha) / libm::log1p(-unavailability.value());
    let rounding = 4.0 * f64::EPSILON * requests;
    // A quotient that is whole but for rounding is that number.
    libm::ceil(if requests > 1e14 { requests + rounding } else { requests - rounding })
}

/// Seconds of operation without any outage that demonstrate the target with confidence 1 - `alpha`, when an outage lasts
/// `mean_outage` seconds on average: a Poisson rate of which none was seen is below `-ln alpha / time`, and the
/// unavailability is the frequency times the mean outage.
pub fn seconds_to_demonstrate(unavailability: Unavailability, alpha: f64, mean_outage: f64) -> f64 {
    -libm::log(alpha) * mean_outage / unavailability.value()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::{Spending, allowed_failures, allowed_seconds, requests_to_demonstrate, seconds_to_demonstrate};
    use crate::quantity::{Duration, Target};

    fn target(text: &str) -> crate::quantity::Unavailability {
        text.parse::<Target>().unwrap().unavailability()
    }

    fn seconds(seconds: f64) -> Duration {
        Duration::from_seconds(seconds).unwrap()
    }

    #[test]
    fn nine_twelve_and_fifteen_nines_of_a_year_are_exact() {
        let year = seconds(31_536_000.0);
        for (text, expected) in [("9 nines", 0.031536), ("12 nines", 31.536e-6), ("15 nines", 31.536e-9)] {
            assert_eq!(allowed_seconds(target(text), year), expected, "{text}");
        }
        assert_eq!(allowed_seconds(target("99.95%"), seconds(2_592_000.0)), 1296.0);
    }

    #[test]
    fn failures_are_whole_and_exact() {
        assert_eq!(allowed_failures(target("99.9%"), 1_000_000), 1_000);
        assert_eq!(allowed_failures(target("99.9%"), 999), 0);
        assert_eq!(allowed_failures(target("u=0.1"), u64::MAX), 1_844_674_407_370_955_161);
        assert_eq!(allowed_failures(target("9 nines"), 10_000_000_000), 10);
    }

    #[test]
    fn spending_is_measured_against_the_window() {
        let spending = Spending { allowed: 1296.0, used: 720.0, elapsed: 864_000.0, window: 2_592_000.0 };
        assert_eq!(spending.remaining(), 576.0);
        assert!((spending.burn_rate() - 5.0 / 3.0).abs() < 1e-15);
        assert!((spending.exhausted_in().unwrap() - 691_200.0).abs() < 1e-9);
        let overspent = Spending { used: 1500.0, ..spending };
        assert_eq!((overspent.remaining(), overspent.exhausted_in()), (-204.0, Some(0.0)));
        assert_eq!(Spending { used: 0.0, ..spending }.exhausted_in(), None);
    }

    #[test]
    fn demonstrating_follows_the_rule_of_three() {
        // -ln 0.05 = 2.9957: 2,994,231 failure-free requests for 99.9999 % (n = ln 0.05 / ln(1 - 1e-6) = 2,995,730.8).
        assert_eq!(requests_to_demonstrate(target("u=1e-6"), 0.05), 2_995_731.0);
        assert_eq!(requests_to_demonstrate(target("u=0.5"), 0.05), 5.0);
        let years = seconds_to_demonstrate(target("5 nines"), 0.05, 1800.0) / 31_536_000.0;
        assert!((years - 2.995732273553991 * 1800.0 / 1e-5 / 31_536_000.0).abs() < 1e-12);
    }
}
