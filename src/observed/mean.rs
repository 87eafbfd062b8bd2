//! Intervals for the mean length of outages.

use crate::measure::Estimate;
use crate::numeric::special::{chi_square_lower_quantile, chi_square_upper_quantile, normal_upper_quantile};
use crate::observed::lengths::Lengths;

/// Fewer lengths do not tell a heavy tail from another.
const LEAST_FOR_TAILS: f64 = 5.0;
/// Logarithms of exponential and of Weibull lengths have the skewness -1.14, those of lognormal ones 0: the middle.
const LOG_SKEWNESS: f64 = -0.57;

/// What a lognormal law of the lengths says about the logarithm of their mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LogMean {
    pub(crate) point: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The factor by which lengths that vary more than exponential ones count for less.
pub(crate) fn variation_factor(lengths: &Lengths) -> f64 {
    lengths.variation().unwrap_or(1.0).max(1.0)
}

/// The mean of a lognormal law, where the lengths look like one.
///
/// Formula: with m and s^2 mean and variance of the n logarithms, the mean of the law is `exp(m + s^2 / 2)`; its two parts have
/// the intervals `m ± z s / sqrt(n)` and `(n - 1) s^2 / (2 chi^2)`, and the interval of the sum has the distances
/// `sqrt(d_1^2 + d_2^2)` (Zou, Taleban, Huo 2009, equation 6).
pub(crate) fn lognormal(lengths: &Lengths, alpha: f64) -> Option<LogMean> {
    let (count, variance) = (lengths.positive, lengths.log_variance);
    if count < LEAST_FOR_TAILS || lengths.log_skewness < LOG_SKEWNESS || variance <= 0.0 {
        return None;
    }
    let freedom = count - 1.0;
    let z = normal_upper_quantile(alpha / 2.0);
    let of_mean = z * (variance / count).sqrt();
    let half = variance / 2.0;
    let above = half * (freedom / chi_square_lower_quantile(freedom, alpha / 2.0) - 1.0);
    let below = half * (1.0 - freedom / chi_square_upper_quantile(freedom, alpha / 2.0));
    // Lengths of 0 have a part of the mean, not of its law.
    let point = lengths.log_mean + half + libm::log(count / lengths.count);
    Some(LogMean { point, low: point - libm::hypot(of_mean, below), high: point + libm::hypot(of_mean, above) })
}

/// The mean length of `repairs` outages of `sum` seconds in all.
pub(crate) fn interval(lengths: &Lengths, sum: f64, repairs: u64, alpha: f64) -> Estimate {
    let confidence = 1.0 - alpha;
    let nothing = Estimate { point: None, low: None, high: None, confidence };
    if lengths.count < 0.5 || sum <= 0.0 {
        return nothing;
    }
    if repairs == 0 {
        // One outage that lasts: it is at least as long as an exponential time is with probability alpha.
        let low = sum / -libm::log(alpha);
        return Estimate { low: Some(low), ..nothing };
    }
    let (point, mut low, mut high) = varied(lengths, sum, repairs, alpha);
    if let Some(law) = lognormal(lengths, alpha) {
        low = low.min(libm::exp(law.low));
        high = high.max(libm::exp(law.high));
    }
    Estimate { point: Some(point), low: Some(low), high: Some(high), confidence }
}

/// The mean, and its bounds by the variation of the lengths alone.
fn varied(lengths: &Lengths, sum: f64, repairs: u64, alpha: f64) -> (f64, f64, f64) {
    let count = repairs as f64;
    let shape = 2.0 * count / variation_factor(lengths);
    let point = sum / count;
    let low = point * shape / chi_square_upper_quantile(shape, alpha / 2.0);
    (point, low, point * shape / chi_square_lower_quantile(shape, alpha / 2.0))
}

/// How many times larger the upper bound is for what a lognormal law says; 1 where it says nothing or less.
pub(crate) fn widening(lengths: &Lengths, sum: f64, repairs: u64, alpha: f64) -> f64 {
    let Some(law) = lognormal(lengths, alpha).filter(|_| sum > 0.0 && repairs > 0) else { return 1.0 };
    (libm::exp(law.high) / varied(lengths, sum, repairs, alpha).2).max(1.0)
}
