//! A rate that was believed, after events were counted: the conjugate gamma prior.
//!
//! A rate with a gamma prior of shape a and rate b, of which n events were seen in the time T, has the gamma posterior
//! of shape a + n and rate b + T (Gelman et al. 2013, section 2.6). The prior is worth a events in b seconds: its mean
//! a / b is the rate that the topology states, and a, the weight, says how many events it is worth. The number of
//! events in a new time T under the prior is negative binomial: `P(N >= n) = I_p(n, a)` with p = T / (b + T) and I the
//! regularised incomplete beta function.

use crate::numeric::special::{beta_lower, beta_upper, gamma_lower_quantile, gamma_upper_quantile};

/// A rate that is not known exactly: a gamma distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    /// Shape: how many events the belief is worth.
    pub events: f64,
    /// Rate: in how many seconds.
    pub seconds: f64,
}

impl Belief {
    /// The mean rate `per_second`, worth `events` events; both positive.
    pub fn new(per_second: f64, events: f64) -> Self {
        Self { events, seconds: events / per_second }
    }

    /// The mean rate, per second.
    pub fn mean(self) -> f64 {
        self.events / self.seconds
    }

    /// After so many events in so many seconds.
    #[must_use]
    pub fn after(self, events: u64, seconds: f64) -> Self {
        Self { events: self.events + events as f64, seconds: self.seconds + seconds }
    }

    /// The rates between which the truth lies but for the probability `alpha`, half of it on either side, per second.
    pub fn interval(self, alpha: f64) -> (f64, f64) {
        let low = gamma_lower_quantile(self.events, alpha / 2.0) / self.seconds;
        (low, gamma_upper_quantile(self.events, alpha / 2.0) / self.seconds)
    }

    /// The probability of at least `events` events in so many seconds.
    pub fn at_least(self, events: u64, seconds: f64) -> f64 {
        if events == 0 {
            return 1.0;
        }
        let (seen, before) = self.shares(seconds);
        let n = events as f64;
        // From the smaller of the two shares, which keeps its digits.
        if seen < before { beta_lower(n, self.events, seen) } else { beta_upper(self.events, n, before) }
    }

    /// The probability of at most `events` events in so many seconds.
    pub fn at_most(self, events: u64, seconds: f64) -> f64 {
        let (seen, before) = self.shares(seconds);
        let n = events as f64 + 1.0;
        if seen < before { beta_upper(n, self.events, seen) } else { beta_lower(self.events, n, before) }
    }

    fn shares(self, seconds: f64) -> (f64, f64) {
        let whole = self.seconds + seconds;
        (seconds / whole, self.seconds / whole)
    }
}

#[cfg(test)]
mod tests {
    use super::Belief;

    /// Sums of the negative binomial probabilities of shape 5/2 and success 3/5, by mpmath 1.3 in 30 digits.
    #[test]
    fn counts_under_a_belief_are_negative_binomial() {
        let belief = Belief { events: 2.5, seconds: 3.0 };
        assert!((belief.at_least(5, 2.0) / 0.0655575620938441133 - 1.0).abs() < 1e-12, "{:?}", belief.at_least(5, 2.0));
        assert!((belief.at_most(4, 2.0) / 0.934442437906155887 - 1.0).abs() < 1e-12);
        assert!((belief.at_least(5, 2.0) + belief.at_most(4, 2.0) - 1.0).abs() < 1e-14);
        assert!((belief.at_least(0, 2.0) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_belief_learns_by_adding() {
        let after = Belief::new(1e-6, 2.0).after(3, 1e6);
        assert!((after.mean() - 5.0 / 3e6).abs() < 1e-21);
        let (low, high) = after.interval(0.05);
        assert!(low < after.mean() && after.mean() < high);
    }
}
