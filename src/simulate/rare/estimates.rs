//! Ratios of sums over batches, with their intervals.
//!
//! U = E[downtime of a cycle] / E[length of a cycle], and likewise for everything else: numerators come from branches under
//! the changed measure, lengths from the plain chain beside them. Cycles need not be independent (ages carry over); the
//! 32 batches are. With X_b and Y_b the sums of batch b and r = sum X / sum Y the variance of r is estimated by
//! `n / (n - 1) sum (X_b - r Y_b)^2 / (sum Y)^2` (Nicola, Shahabuddin, Heidelberger, Glynn 1993).
//!
//! The length of cycles is controlled by their losses less the cumulative hazards of these, whose mean is 0: with b the
//! regression coefficient, `time - b control` has the same mean and less variance.

use crate::measure::Estimate;
use crate::numeric::interval::{degrees_of_deviations, student_factor};
use crate::numeric::special::normal_upper_quantile;
use crate::simulate::rare::statistics::Statistics;

/// What branches bring is taken to vary at least by so much of its mean. Where those that were seen brought much the same, others
/// that bring several times as much may be rarer than they are many.
const LEAST_VARIATION: f64 = 0.1;

/// Merged batches.
#[derive(Clone, Debug)]
pub(crate) struct Estimates {
    pub(crate) batches: Vec<Statistics>,
    pub(crate) total: Statistics,
    /// Regression coefficient of length on control.
    slope: f64,
    pub(crate) alpha: f64,
}

/// A ratio, its standard error by the spread of batches, and half the width of its interval, both relative to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) value: f64,
    pub(crate) error: f64,
    pub(crate) half_width: f64,
}

/// What a part adds to the variance of a measure, and the degrees of freedom of that: infinite where it is not estimated.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Variance {
    pub(crate) value: f64,
    pub(crate) degrees: f64,
}

impl Estimates {
    pub(crate) fn new(batches: Vec<Statistics>, alpha: f64) -> Self {
        let mut total = batches[0].clone();
        for batch in &batches[1..] {
            total.merge(batch);
        }
        let cycles = (total.cycles.max(1)) as f64;
        let [_, time_control, control_control] = total.products;
        let covariance = time_control - total.time * total.control / cycles;
        let variance = control_control - total.control * total.control / cycles;
        let slope = if variance > 0.0 { covariance / variance } else { 0.0 };
        Self { batches, total, slope, alpha }
    }

    /// The share of the plain chain's own sums with which the rates of the first two quantities vary least: by the sums of
    /// squares and products of the deviations of both from them, over batches, each relative to its rate.
    pub(crate) fn share_of_plain(&self) -> f64 {
        let (mut branches, mut plain, mut both) = (0.0, 0.0, 0.0);
        for quantity in [0, 1] {
            let value = self.rate(quantity).value;
            for batch in self.used().filter(|_| value > 0.0) {
                let expected = value * self.time(batch);
                let (b, p) = (batch.sums[quantity] / expected - 1.0, batch.plain_sums[quantity] / expected - 1.0);
                branches += b * b;
                plain += p * p;
                both += b * p;
            }
        }
        let spread = branches + plain - 2.0 * both;
        if spread > 0.0 { ((branches - both) / spread).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The controlled length of the cycles of some statistics, in seconds.
    pub(crate) fn time(&self, of: &Statistics) -> f64 {
        of.time - self.slope * of.control
    }

    /// The least standard error of anything, relative to it: that of branches which vary by [`LEAST_VARIATION`].
    pub(crate) fn least_error(&self) -> f64 {
        LEAST_VARIATION / libm::sqrt(self.total.branches.max(1) as f64)
    }

    /// Batches that have any cycles.
    fn used(&self) -> impl Iterator<Item = &Statistics> {
        self.batches.iter().filter(|batch| batch.cycles > 0)
    }

    pub(crate) fn ratio(&self, x: impl Fn(&Statistics) -> f64, y: impl Fn(&Statistics) -> f64) -> Ratio {
        let (sum_x, sum_y): (f64, f64) = self.used().fold((0.0, 0.0), |(a, b), s| (a + x(s), b + y(s)));
        let n = self.used().count() as f64;
        let value = sum_x / sum_y;
        if !(n >= 2.0 && value > 0.0 && value.is_finite()) {
            return Ratio { value, error: f64::INFINITY, half_width: f64::INFINITY };
        }
        let deviations: Vec<f64> = self.used().map(|batch| x(batch) - value * y(batch)).collect();
        let squares: f64 = deviations.iter().map(|e| e * e).sum();
        let sampled = Variance {
            value: squares * n / (n - 1.0) / (sum_x * sum_x),
            degrees: degrees_of_deviations(&deviations, n - 1.0),
        };
        let half_width = half_width(&[sampled, Variance::least(self.least_error())], self.alpha);
        Ratio { value, error: libm::sqrt(sampled.value), half_width }
    }

    /// A quantity per second.
    pub(crate) fn rate(&self, quantity: usize) -> Ratio {
        self.ratio(|s| s.sums[quantity], |s| self.time(s))
    }

    /// A quantity over another one.
    pub(crate) fn share(&self, quantity: usize, of: usize) -> Ratio {
        self.ratio(|s| s.sums[quantity], |s| s.sums[of])
    }

    /// The share of the downtime in long outages.
    pub(crate) fn share_of_long(&self) -> Ratio {
        self.ratio(|s| s.long[1], |s| s.lengths.sum)
    }

    /// How far the batch that is farthest from the mean is away from it, in standard deviations of a batch.
    pub(crate) fn largest_deviation(&self, quantity: usize) -> f64 {
        let value = self.rate(quantity).value;
        let errors: Vec<f64> = self.used().map(|batch| batch.sums[quantity] - value * self.time(batch)).collect();
        let squares: f64 = errors.iter().map(|e| e * e).sum();
        let deviation = libm::sqrt(squares / (errors.len() as f64 - 1.0).max(1.0));
        let largest = errors.iter().fold(0.0_f64, |a, e| a.max(e.abs()));
        if deviation > 0.0 { largest / deviation } else { 0.0 }
    }
}

impl Ratio {
    pub(crate) fn estimate(self, alpha: f64) -> Estimate {
        Estimate {
            point: Some(self.value),
            low: Some(self.value * (1.0 - self.half_width)),
            high: Some(self.value * (1.0 + self.half_width)),
            confidence: 1.0 - alpha,
        }
    }
}

impl Variance {
    /// That of a standard error which is taken for granted.
    pub(crate) fn least(error: f64) -> Self {
        Self { value: error * error, degrees: f64::INFINITY }
    }
}

/// Half the width of an interval from independent parts of a variance: degrees of freedom by Satterthwaite (1946).
pub(crate) fn half_width(parts: &[Variance], alpha: f64) -> f64 {
    let sum: f64 = parts.iter().map(|part| part.value).sum();
    let squares: f64 = parts.iter().map(|part| part.value * part.value / part.degrees).sum();
    let degrees = (sum * sum / squares).max(1.0);
    let factor =
        if degrees < f64::INFINITY { student_factor(degrees, alpha) } else { normal_upper_quantile(alpha / 2.0) };
    factor * libm::sqrt(sum)
}

/// Takes `share` of all sums from the plain chain instead of from branches.
pub(crate) fn mix(batches: &mut [Statistics], share: f64) {
    for batch in batches {
        for (sum, plain) in batch.sums.iter_mut().zip(&batch.plain_sums) {
            *sum = (1.0 - share) * *sum + share * plain;
        }
    }
}

#[cfg(test)]
mod tests;
