//! The interval of the unavailability, from the odds of being down.

use crate::measure::Estimate;
use crate::numeric::interval::poisson_mid_p;
use crate::numeric::special::{beta_lower_quantile, beta_upper_quantile};
use crate::observed::lengths::{History, Lengths};
use crate::observed::mean::{lognormal, variation_factor};

/// The unavailability, and whether a heavy tail was reckoned with.
///
/// Formula: with D the weighted downtime of `n` outages and T the time up, `(D / mean D) / (T / mean T)` is a ratio of gamma
/// variables of shapes `k = n / max(1, cv^2)` and `f` (failures), so that `X / (1 - X)` with X of the distribution Beta(k, f) times
/// `f / k` bounds `(D / T) / odds`.
pub(crate) fn interval(weighted: &Lengths, history: &History, alpha: f64) -> (Estimate, bool) {
    let confidence = 1.0 - alpha;
    let down = history.weighted_seconds;
    if down <= 0.0 {
        return (Estimate { point: None, low: None, high: Some(1.0), confidence }, false);
    }
    // The time that is not weighted downtime: a part of an outage that counts half is half up.
    let valid = history.up_seconds + history.down_seconds;
    let up = valid - down;
    let point = Some(down / valid);
    if up <= 0.0 {
        return (Estimate { point, low: None, high: None, confidence }, false);
    }
    let odds = down / up;
    let (count, failures) = (weighted.count, (history.failures as f64).max(1.0));
    let shape = count / variation_factor(weighted);
    let ratio = |tail: f64| {
        // X and 1 - X by the tail in which each is small, so that both keep their digits.
        let (x, rest) = (beta_upper_quantile(shape, failures, tail), beta_lower_quantile(failures, shape, tail));
        x / rest * failures / shape
    };
    let inverse = |tail: f64| {
        let (x, rest) = (beta_lower_quantile(shape, failures, tail), beta_upper_quantile(failures, shape, tail));
        rest / x * shape / failures
    };
    let mut low = odds / ratio(alpha / 2.0);
    let mut high = odds * inverse(alpha / 2.0);
    let tail = lognormal(weighted, alpha);
    if let Some(law) = tail {
        let rate = poisson_mid_p(history.failures.max(1), alpha);
        let log_rate = libm::log(failures / up);
        let (below, above) = (libm::log(failures / rate.low), libm::log(rate.high / failures));
        let middle = law.point + log_rate;
        low = low.min(libm::exp(middle - libm::hypot(law.point - law.low, below)));
        high = high.max(libm::exp(middle + libm::hypot(law.high - law.point, above)));
    }
    let share = |odds: f64| if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
    (Estimate { point, low: Some(share(low)), high: Some(share(high)), confidence }, tail.is_some())
}
