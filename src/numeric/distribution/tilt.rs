//! Which times does one meet in proportion to a power of their length?
//!
//! A distribution of density f, tilted by k, has the density `r^k f(r) / E[R^k]`. An instant falls into a period with
//! probability proportional to its length (k = 1); a number of events inside one period weighs it by higher powers. All
//! families but the uniform and the lists stay in their own family or in the gamma family (Patil, Rao 1978, "Weighted
//! distributions and size-biased sampling", table 1).
//!
//! Times are in seconds. Moments are those of R over its mean, so that they do not overflow; where they still do, at wide
//! lognormals, [`Distribution::largest_tilt`] says so. Checked in `tests.rs` beside: moments, and the distribution of the
//! draws against the integrated density.

use crate::numeric::distribution::family::{Distribution, Family};
use crate::numeric::distribution::sample::{unit_exponential, unit_gamma, unit_normal};
use crate::numeric::random::{Stream, uniform};

/// The largest power that is offered.
const LARGEST_TILT: u32 = 6;
/// Moments from here on leave no room for products of several of them.
const LARGEST_MOMENT: f64 = 1e100;
/// Up to this shape a sum of exponentials is cheaper than a gamma draw.
const FEW_STAGES: u32 = 4;

impl Distribution {
    /// E[(R / mean)^k], a number without unit: 1 for k of 0 and 1, rising in k from there. Infinite where it exceeds the
    /// largest f64 (lognormals of large sigma); 0 at k > 0 for the fixed time zero.
    ///
    /// Formula: `k!` (exponential), `(1 + q + ... + q^k) / (k + 1) / ((1 + q) / 2)^k` with q = low / high (uniform),
    /// `exp(sigma^2 k (k - 1) / 2)` (lognormal), `Gamma(1 + k/shape) / Gamma(1 + 1/shape)^k` (Weibull),
    /// product of `1 + j/shape` over j < k (gamma). Relative accuracy about 1e-14.
    pub fn scaled_moment(&self, k: u32) -> f64 {
        match self.family() {
            _ if k == 0 => 1.0,
            Family::Fixed { value } => f64::from(u8::from(*value > 0.0)),
            Family::Exponential { .. } => factorial(k),
            Family::Uniform { low, high } => {
                let q = low / high;
                let sum: f64 = (0..=k).map(|j| power(q, j)).sum();
                sum / (f64::from(k) + 1.0) / power(f64::midpoint(1.0, q), k)
            }
            Family::LogNormal { sigma, .. } => libm::exp(sigma * sigma * f64::from(k * (k - 1)) / 2.0),
            Family::Weibull { shape, .. } => {
                libm::tgamma(1.0 + f64::from(k) / shape) / power(libm::tgamma(1.0 + 1.0 / shape), k)
            }
            Family::Gamma { shape, .. } => gamma_moment(*shape, k),
            Family::Erlang { stages, .. } => gamma_moment(f64::from(*stages), k),
            Family::HyperExponential { means, weights } => {
                let mean = self.mean();
                factorial(k) * means.iter().zip(weights).map(|(m, w)| w * power(m / mean, k)).sum::<f64>()
            }
            Family::Empirical { values } => {
                let mean = self.mean();
                values.iter().map(|value| power(value / mean, k)).sum::<f64>() / values.len() as f64
            }
        }
    }

    /// The largest k up to 6 for which [`Self::scaled_moment`] stays below 1e100: 6 but for lognormals of sigma above
    /// 3.9, and for the fixed time zero, which has no tilted form and gives 0.
    pub fn largest_tilt(&self) -> u32 {
        if self.is_zero() {
            return 0;
        }
        (0..=LARGEST_TILT).rev().find(|&k| self.scaled_moment(k) < LARGEST_MOMENT).unwrap_or(0)
    }

    /// Draws a time, in seconds, from the density `r^k f(r) / E[R^k]`, for `k` up to [`Self::largest_tilt`]; for k = 0
    /// this is [`Self::sample`]. Time zero is never drawn for k > 0, except from the fixed time zero.
    pub fn sample_tilted(&self, k: u32, stream: &mut Stream) -> f64 {
        match self.family() {
            _ if k == 0 => self.sample(stream),
            Family::Fixed { value } => *value,
            Family::Exponential { mean } => mean * unit_stages(k + 1, stream),
            Family::Uniform { low, high } => {
                // In units of the upper end: the (k+1)-th power is uniform.
                let least = power(low / high, k + 1);
                let raised = least + uniform(stream) * (1.0 - least);
                (high * libm::pow(raised, 1.0 / f64::from(k + 1))).clamp(*low, *high)
            }
            Family::LogNormal { mu, sigma } => libm::exp(mu + sigma * (f64::from(k) * sigma + unit_normal(stream))),
            Family::Weibull { scale, shape } => {
                scale * libm::pow(unit_gamma(1.0 + f64::from(k) / shape, stream), 1.0 / shape)
            }
            Family::Gamma { shape, scale } => scale * unit_gamma(shape + f64::from(k), stream),
            Family::Erlang { stages, mean } => mean / f64::from(*stages) * unit_stages(stages + k, stream),
            Family::HyperExponential { means, weights } => {
                let longest = means.iter().copied().fold(0.0, f64::max);
                let weight = |index: usize| weights[index] * power(means[index] / longest, k);
                means[weighted(means.len(), weight, stream)] * unit_stages(k + 1, stream)
            }
            Family::Empirical { values } => {
                let longest = values[values.len() - 1];
                values[weighted(values.len(), |index| power(values[index] / longest, k), stream)]
            }
        }
    }

    /// Draws the age of a renewal process long after its start and the time that is left until its next event, both in
    /// seconds: the period X that covers an instant has the density `r f(r) / E[R]`, and the instant is uniform in it
    /// (Cox 1962, "Renewal theory", section 5.4). Returned as (age, residual) = (u X, (1 - u) X).
    pub fn sample_age_in_equilibrium(&self, stream: &mut Stream) -> (f64, f64) {
        let period = self.sample_tilted(1, stream);
        let share = uniform(stream);
        (share * period, (1.0 - share) * period)
    }
}

/// A gamma draw of whole shape and scale 1.
fn unit_stages(stages: u32, stream: &mut Stream) -> f64 {
    if stages <= FEW_STAGES {
        (0..stages).map(|_| unit_exponential(stream)).sum()
    } else {
        unit_gamma(f64::from(stages), stream)
    }
}

/// An index below `count` with probability proportional to its weight, never one of weight 0; the last weight, or another
/// one, must be positive. Two passes instead of a table: it allocates nothing.
fn weighted(count: usize, weight: impl Fn(usize) -> f64, stream: &mut Stream) -> usize {
    let mut left = uniform(stream) * (0..count).map(&weight).sum::<f64>();
    let mut drawn = 0;
    for index in 0..count {
        let share = weight(index);
        if share > 0.0 {
            drawn = index;
            left -= share;
            if left < 0.0 {
                break;
            }
        }
    }
    drawn
}

fn gamma_moment(shape: f64, k: u32) -> f64 {
    (0..k).map(|j| 1.0 + f64::from(j) / shape).product()
}

fn factorial(k: u32) -> f64 {
    (1..=k).map(f64::from).product()
}

/// x^k by multiplication.
fn power(x: f64, k: u32) -> f64 {
    (0..k).fold(1.0, |product, _| product * x)
}
