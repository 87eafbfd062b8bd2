//! Families, their parameters, and their moments.

use thiserror::Error;

/// The distribution of a non-negative time, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution(Family);

/// The family and its parameters (seconds where a time).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Family {
    /// Always `value`; zero means "at once".
    Fixed {
        /// The time.
        value: f64,
    },
    /// Memoryless.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// Uniform on an interval.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end, above the lower one.
        high: f64,
    },
    /// ln X is normal.
    LogNormal {
        /// Mean of ln X.
        mu: f64,
        /// Standard deviation of ln X.
        sigma: f64,
    },
    /// Survival exp(-(t/scale)^shape).
    Weibull {
        /// Scale.
        scale: f64,
        /// Shape.
        shape: f64,
    },
    /// Gamma with any shape.
    Gamma {
        /// Shape.
        shape: f64,
        /// Scale; mean = shape * scale.
        scale: f64,
    },
    /// Sum of equal exponential stages.
    Erlang {
        /// Number of stages, at least 1.
        stages: u32,
        /// Mean of the sum.
        mean: f64,
    },
    /// A mixture of exponentials.
    HyperExponential {
        /// Branch means.
        means: Vec<f64>,
        /// Branch weights, adding up to 1.
        weights: Vec<f64>,
    },
    /// Each value with equal probability.
    Empirical {
        /// The values, ascending.
        values: Vec<f64>,
    },
}

/// Why parameters do not make a distribution.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DistributionError {
    /// A parameter is out of its range.
    #[error("{parameter} is {value}, but must be {expected}")]
    Parameter {
        /// Which parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// What is accepted.
        expected: &'static str,
    },
    /// The lists of a mixture do not match.
    #[error("{means} means but {weights} weights")]
    Lengths {
        /// Number of means.
        means: usize,
        /// Number of weights.
        weights: usize,
    },
    /// A list without values.
    #[error("the list of values is empty")]
    Empty,
}

/// Shapes outside this range make moments that overflow or underflow, or describe no real part.
const SHAPES: std::ops::RangeInclusive<f64> = 0.05..=1e4;
/// The widest logarithmic spread: cv = exp(sigma^2) is about 1e10 there.
const LARGEST_SIGMA: f64 = 7.0;
/// How far the weights of a mixture may be from adding up to 1.
const WEIGHT_TOLERANCE: f64 = 1e-9;

impl Distribution {
    /// Checks the parameters.
    ///
    /// # Errors
    /// When a parameter is out of range, or the mean is not finite.
    pub fn new(family: Family) -> Result<Self, DistributionError> {
        let family = family.checked()?;
        let built = Self(family);
        let mean = built.mean();
        if !(built.is_zero() || mean.is_normal() && mean > 0.0) {
            return Err(parameter("mean", mean, "a positive finite time"));
        }
        Ok(built)
    }

    /// An exponential of mean `mean` seconds.
    ///
    /// # Errors
    /// When the mean is not positive and finite.
    pub fn exponential(mean: f64) -> Result<Self, DistributionError> {
        Self::new(Family::Exponential { mean })
    }

    /// Always `value` seconds; 0 is "at once".
    ///
    /// # Errors
    /// When the value is negative or not finite.
    pub fn fixed(value: f64) -> Result<Self, DistributionError> {
        Self::new(Family::Fixed { value })
    }

    /// A lognormal of that mean (seconds) and coefficient of variation: sigma^2 = ln(1 + cv^2), mu = ln mean - sigma^2 / 2.
    ///
    /// # Errors
    /// When a parameter is out of range.
    pub fn lognormal_from_mean(mean: f64, cv: f64) -> Result<Self, DistributionError> {
        positive("mean", mean)?;
        positive("cv", cv)?;
        let variance = libm::log1p(cv * cv);
        Self::new(Family::LogNormal { mu: libm::log(mean) - variance / 2.0, sigma: libm::sqrt(variance) })
    }

    /// A lognormal of that median and 95 % quantile (seconds): sigma = ln(p95 / median) / 1.6448….
    ///
    /// # Errors
    /// When a parameter is out of range.
    pub fn lognormal_from_median(median: f64, p95: f64) -> Result<Self, DistributionError> {
        positive("median", median)?;
        if !(p95 > median && p95.is_finite()) {
            return Err(parameter("p95", p95, "above the median"));
        }
        let z = crate::numeric::special::normal_upper_quantile(0.05);
        Self::new(Family::LogNormal { mu: libm::log(median), sigma: libm::log(p95 / median) / z })
    }

    /// A Weibull of that mean (seconds) and shape: scale = mean / Gamma(1 + 1/shape).
    ///
    /// # Errors
    /// When a parameter is out of range.
    pub fn weibull_from_mean(mean: f64, shape: f64) -> Result<Self, DistributionError> {
        positive("mean", mean)?;
        in_shapes("shape", shape)?;
        if makes_exponential(shape) {
            return Self::exponential(mean);
        }
        Self::new(Family::Weibull { scale: mean / libm::tgamma(1.0 + 1.0 / shape), shape })
    }

    /// The family and its parameters.
    pub fn family(&self) -> &Family {
        &self.0
    }

    /// The mean, in seconds.
    pub fn mean(&self) -> f64 {
        match &self.0 {
            Family::Fixed { value } => *value,
            Family::Exponential { mean } | Family::Erlang { mean, .. } => *mean,
            Family::Uniform { low, high } => f64::midpoint(*low, *high),
            Family::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Family::Weibull { scale, shape } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Family::Gamma { shape, scale } => shape * scale,
            Family::HyperExponential { means, weights } => means.iter().zip(weights).map(|(m, w)| m * w).sum(),
            Family::Empirical { values } => values.iter().sum::<f64>() / values.len() as f64,
        }
    }

    /// The variance, in seconds squared.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        match &self.0 {
            Family::Fixed { .. } => 0.0,
            Family::Exponential { .. } => mean * mean,
            Family::Erlang { stages, .. } => mean * mean / f64::from(*stages),
            Family::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Family::LogNormal { sigma, .. } => mean * mean * libm::expm1(sigma * sigma),
            Family::Weibull { scale, shape } => {
                // At large shapes the two terms agree in their leading digits; the loss is below 1e-16 shape^2.
                scale * scale * libm::tgamma(1.0 + 2.0 / shape) - mean * mean
            }
            Family::Gamma { shape, scale } => shape * scale * scale,
            Family::HyperExponential { means, weights } => {
                let around: f64 = means.iter().zip(weights).map(|(m, w)| w * (m - mean) * (m - mean)).sum();
                let within: f64 = means.iter().zip(weights).map(|(m, w)| w * m * m).sum();
                around + within
            }
            Family::Empirical { values } => {
                values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64
            }
        }
    }

    /// True when the time is always zero ("at once").
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Family::Fixed { value } if value == 0.0)
    }

    /// True when exponential.
    pub fn is_exponential(&self) -> bool {
        matches!(self.0, Family::Exponential { .. })
    }

    /// The longest of the times that have positive probability, so that two clocks can ring at one instant, in seconds;
    /// absent where no time has.
    pub fn longest_atom(&self) -> Option<f64> {
        match &self.0 {
            Family::Fixed { value } => Some(*value),
            Family::Empirical { values } => values.last().copied(),
            _ => None,
        }
    }

    /// The mean time that is left when looked at in the middle of it, in seconds: E X^2 / (2 E X).
    pub fn mean_residual(&self) -> f64 {
        let mean = self.mean();
        if mean > 0.0 { f64::midpoint(mean, self.variance() / mean) } else { 0.0 }
    }

    /// The mean, or the mean residual time where that is longer: how long it may still take at some instant.
    pub fn mean_left(&self) -> f64 {
        self.mean().max(self.mean_residual())
    }
}

impl Family {
    /// The family with its parameters checked and in their simplest form.
    fn checked(self) -> Result<Self, DistributionError> {
        match self {
            Self::Fixed { value } => {
                if value >= 0.0 && value.is_finite() {
                    Ok(Self::Fixed { value })
                } else {
                    Err(parameter("fixed", value, "finite and not negative"))
                }
            }
            Self::Exponential { mean } => positive("mean", mean).map(|()| Self::Exponential { mean }),
            Self::Uniform { low, high } => Self::uniform(low, high),
            Self::LogNormal { mu, sigma } => Self::lognormal(mu, sigma),
            Self::Weibull { scale, shape } => {
                positive("scale", scale)?;
                in_shapes("shape", shape)?;
                Ok(if makes_exponential(shape) {
                    Self::Exponential { mean: scale }
                } else {
                    Self::Weibull { scale, shape }
                })
            }
            Self::Gamma { shape, scale } => {
                positive("scale", scale)?;
                in_shapes("shape", shape)?;
                Ok(if makes_exponential(shape) {
                    Self::Exponential { mean: scale }
                } else {
                    Self::Gamma { shape, scale }
                })
            }
            Self::Erlang { stages, mean } => {
                positive("mean", mean)?;
                in_shapes("stages", f64::from(stages))?;
                Ok(if stages == 1 { Self::Exponential { mean } } else { Self::Erlang { stages, mean } })
            }
            Self::HyperExponential { means, weights } => Self::mixture(means, &weights),
            Self::Empirical { values } => Self::empirical(values),
        }
    }

    fn uniform(low: f64, high: f64) -> Result<Self, DistributionError> {
        if !(low >= 0.0 && low.is_finite()) {
            return Err(parameter("lower end", low, "finite and not negative"));
        }
        if !(high > low && high.is_finite()) {
            return Err(parameter("upper end", high, "finite and above the lower end"));
        }
        Ok(Self::Uniform { low, high })
    }

    fn lognormal(mu: f64, sigma: f64) -> Result<Self, DistributionError> {
        if !mu.is_finite() {
            return Err(parameter("mu", mu, "finite"));
        }
        if !(sigma > 0.0 && sigma <= LARGEST_SIGMA) {
            return Err(parameter("sigma", sigma, "above 0 and at most 7"));
        }
        Ok(Self::LogNormal { mu, sigma })
    }

    fn mixture(means: Vec<f64>, weights: &[f64]) -> Result<Self, DistributionError> {
        if means.len() != weights.len() {
            return Err(DistributionError::Lengths { means: means.len(), weights: weights.len() });
        }
        let first = *means.first().ok_or(DistributionError::Empty)?;
        means.iter().try_for_each(|&mean| positive("mean", mean))?;
        weights.iter().try_for_each(|&weight| positive("weight", weight))?;
        let sum: f64 = weights.iter().sum();
        if (sum - 1.0).abs() > WEIGHT_TOLERANCE {
            return Err(parameter("sum of the weights", sum, "1"));
        }
        if means.iter().all(|mean| mean.to_bits() == first.to_bits()) {
            return Ok(Self::Exponential { mean: first });
        }
        let weights = weights.iter().map(|weight| weight / sum).collect();
        Ok(Self::HyperExponential { means, weights })
    }

    fn empirical(mut values: Vec<f64>) -> Result<Self, DistributionError> {
        if values.is_empty() {
            return Err(DistributionError::Empty);
        }
        if let Some(&value) = values.iter().find(|value| !(**value >= 0.0 && value.is_finite())) {
            return Err(parameter("value", value, "finite and not negative"));
        }
        values.sort_by(f64::total_cmp);
        Ok(Self::Empirical { values })
    }
}

fn parameter(parameter: &'static str, value: f64, expected: &'static str) -> DistributionError {
    DistributionError::Parameter { parameter, value, expected }
}

fn positive(name: &'static str, value: f64) -> Result<(), DistributionError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { Err(parameter(name, value, "positive and finite")) }
}

/// Whether a Weibull or gamma distribution of this shape is an exponential.
#[expect(clippy::float_cmp, reason = "1 is written in the file, not computed")]
fn makes_exponential(shape: f64) -> bool {
    shape == 1.0
}

fn in_shapes(name: &'static str, value: f64) -> Result<(), DistributionError> {
    if SHAPES.contains(&value) { Ok(()) } else { Err(parameter(name, value, "between 0.05 and 10000")) }
}
