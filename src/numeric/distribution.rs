//! Distributions of durations, in seconds.

use thiserror::Error;

use crate::numeric::random::Stream;

/// The distribution of a non-negative time, in seconds. Built only by the checked constructors.
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
}

impl Distribution {
    /// Checks the parameters.
    ///
    /// # Errors
    /// When a parameter is out of range, or the mean is not finite.
    pub fn new(family: Family) -> Result<Self, DistributionError> {
        Ok(Self(family))
    }

    /// The family and its parameters.
    pub fn family(&self) -> &Family {
        &self.0
    }

    /// The mean, in seconds.
    pub fn mean(&self) -> f64 {
        unimplemented!()
    }

    /// True when the time is always zero ("at once").
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Family::Fixed { value } if value == 0.0)
    }

    /// True when exponential.
    pub fn is_exponential(&self) -> bool {
        matches!(self.0, Family::Exponential { .. })
    }

    /// True when some value has positive probability, so that two clocks can ring at one instant.
    pub fn has_atoms(&self) -> bool {
        matches!(self.0, Family::Fixed { .. } | Family::Empirical { .. })
    }

    /// Draws a time.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        let _ = stream;
        unimplemented!()
    }

    /// The time below which a share `p` of the draws lies.
    pub fn quantile(&self, p: f64) -> f64 {
        let _ = p;
        unimplemented!()
    }
}
