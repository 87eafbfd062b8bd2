//! The families that are fitted, and what a fit says.

use thiserror::Error;

use crate::fit::location_scale::Kernel;
use crate::fit::mixture::Phases;
use crate::fit::sample::Sample;
use crate::fit::{gamma, mixture};
use crate::numeric::distribution::{Distribution, DistributionError, Family};

/// A family of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Memoryless: one parameter.
    Exponential,
    /// Survival exp(-(t/scale)^shape).
    Weibull,
    /// ln T is normal.
    LogNormal,
    /// Gamma of any shape.
    Gamma,
    /// A mixture of two exponentials.
    HyperExponential,
}

/// What a parameter is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterUnit {
    /// Seconds.
    Seconds,
    /// A number.
    None,
    /// Of ln seconds.
    LogSeconds,
}

/// One fitted parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name in topology files.
    pub name: &'static str,
    /// Its unit.
    pub unit: ParameterUnit,
    /// The maximum-likelihood estimate.
    pub value: f64,
    /// From the observed information.
    pub standard_error: f64,
}

/// A family with the parameters that make the sample likeliest.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The family.
    pub law: Law,
    /// With the fitted parameters.
    pub distribution: Distribution,
    /// The parameters with their standard errors.
    pub parameters: Vec<Parameter>,
    /// Sum of ln density (per second) over times that ended and of ln survival over censored ones.
    pub log_likelihood: f64,
    /// Akaike's criterion: 2 parameters - 2 log-likelihood.
    pub aic: f64,
    /// Schwarz's criterion, with the number of times that ended (Volinsky, Raftery 2000): parameters ln ended - 2
    /// log-likelihood.
    pub bic: f64,
}

/// Why a family does not fit.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum FitError {
    /// Too few times for so many parameters.
    #[error("{parameters} parameters need {needed} different times that ended, and the sample has {distinct}")]
    TooFew {
        /// Parameters of the family.
        parameters: usize,
        /// Different times it takes.
        needed: usize,
        /// Different times there are.
        distinct: usize,
    },
    /// The two phases of the hyperexponential are one.
    #[error("the times vary no more than exponential ones, so the two phases would be one")]
    OnePhase,
    /// The likelihood rises without end.
    #[error("the likelihood has no maximum at finite parameters")]
    NoMaximum,
    /// Parameters that no topology takes.
    #[error("the likeliest parameters are out of range: {0}")]
    OutOfRange(#[from] DistributionError),
}

impl Law {
    /// All, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Exponential, Self::Weibull, Self::LogNormal, Self::Gamma, Self::HyperExponential];

    /// As in topology files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::Weibull => "weibull",
            Self::LogNormal => "lognormal",
            Self::Gamma => "gamma",
            Self::HyperExponential => "hyperexponential",
        }
    }

    /// How many numbers it has to fit.
    pub fn parameters(self) -> usize {
        match self {
            Self::Exponential => 1,
            Self::Weibull | Self::LogNormal | Self::Gamma => 2,
            Self::HyperExponential => 3,
        }
    }

    /// Fits it to `sample` by maximum likelihood.
    ///
    /// # Errors
    /// When there are too few different times, or the likelihood has no maximum inside the range of the parameters.
    pub fn fit(self, sample: &Sample) -> Result<Fitted, FitError> {
        self.fit_from(sample, None)
    }

    /// As [`Self::fit`], searched from parameters that are near.
    pub(crate) fn fit_from(self, sample: &Sample, near: Option<&Distribution>) -> Result<Fitted, FitError> {
        let (needed, distinct) = (self.parameters(), sample.distinct());
        if distinct < needed {
            return Err(FitError::TooFew { parameters: self.parameters(), needed, distinct });
        }
        match self {
            Self::Exponential => exponential(sample),
            Self::Weibull => weibull(sample),
            Self::LogNormal => lognormal(sample),
            Self::Gamma => gamma_law(sample, near),
            Self::HyperExponential => hyperexponential(sample, near),
        }
    }

    fn fitted(
        self,
        sample: &Sample,
        family: Family,
        parameters: Vec<Parameter>,
        log_likelihood: f64,
    ) -> Result<Fitted, FitError> {
        let known =
            parameters.iter().all(|parameter| parameter.value.is_finite() && parameter.standard_error.is_finite());
        if !(known && log_likelihood.is_finite()) {
            return Err(FitError::NoMaximum);
        }
        let count = self.parameters() as f64;
        Ok(Fitted {
            law: self,
            distribution: Distribution::new(family)?,
            parameters,
            log_likelihood,
            aic: 2.0 * (count - log_likelihood),
            bic: count * libm::log(sample.ended() as f64) - 2.0 * log_likelihood,
        })
    }
}

impl Fitted {
    /// The mean of the fitted distribution over that of the sample.
    pub fn mean_ratio(&self, sample: &Sample) -> f64 {
        self.distribution.mean() / sample.mean()
    }
}

fn parameter(name: &'static str, unit: ParameterUnit, value: f64, standard_error: f64) -> Parameter {
    Parameter { name, unit, value, standard_error }
}

/// The mean is all time over the number that ended, its error that over the root of the number.
fn exponential(sample: &Sample) -> Result<Fitted, FitError> {
    let (mean, ended) = (sample.mean(), sample.ended() as f64);
    let parameters = vec![parameter("mean", ParameterUnit::Seconds, mean, mean / libm::sqrt(ended))];
    Law::Exponential.fitted(sample, Family::Exponential { mean }, parameters, -ended * (libm::log(mean) + 1.0))
}

fn weibull(sample: &Sample) -> Result<Fitted, FitError> {
    let place = Kernel::Extreme.fit(sample).ok_or(FitError::NoMaximum)?;
    let (scale, shape) = (libm::exp(place.location), 1.0 / place.scale);
    let parameters = vec![
        parameter("scale", ParameterUnit::Seconds, scale, scale * place.location_error),
        parameter("shape", ParameterUnit::None, shape, shape * shape * place.scale_error),
    ];
    Law::Weibull.fitted(sample, Family::Weibull { scale, shape }, parameters, place.log_likelihood)
}

fn lognormal(sample: &Sample) -> Result<Fitted, FitError> {
    let place = Kernel::Normal.fit(sample).ok_or(FitError::NoMaximum)?;
    let parameters = vec![
        parameter("mu", ParameterUnit::LogSeconds, place.location, place.location_error),
        parameter("sigma", ParameterUnit::LogSeconds, place.scale, place.scale_error),
    ];
    let family = Family::LogNormal { mu: place.location, sigma: place.scale };
    Law::LogNormal.fitted(sample, family, parameters, place.log_likelihood)
}

fn gamma_law(sample: &Sample, near: Option<&Distribution>) -> Result<Fitted, FitError> {
    let start = near.and_then(|near| match near.family() {
        Family::Gamma { shape, scale } => Some((*shape, *scale)),
        _ => None,
    });
    let place = gamma::fit(sample, start).ok_or(FitError::NoMaximum)?;
    let (shape, scale) = (place.shape, place.scale);
    let parameters = vec![
        parameter("shape", ParameterUnit::None, shape, place.shape_error),
        parameter("scale", ParameterUnit::Seconds, scale, place.scale_error),
    ];
    Law::Gamma.fitted(sample, Family::Gamma { shape, scale }, parameters, place.log_likelihood)
}

fn hyperexponential(sample: &Sample, near: Option<&Distribution>) -> Result<Fitted, FitError> {
    let start = near.and_then(|near| match near.family() {
        Family::HyperExponential { means, weights } => {
            Some(Phases { weight: weights[0], other_weight: weights[1], short: means[0], long: means[1] })
        }
        _ => None,
    });
    let place = start.map_or_else(|| mixture::fit(sample), |start| mixture::fit_near(sample, start))?;
    let phases = place.phases;
    let parameters = vec![
        parameter("weight", ParameterUnit::None, phases.weight, place.weight_error),
        parameter("short mean", ParameterUnit::Seconds, phases.short, place.short_error),
        parameter("long mean", ParameterUnit::Seconds, phases.long, place.long_error),
    ];
    let family = Family::HyperExponential {
        means: vec![phases.short, phases.long],
        weights: vec![phases.weight, phases.other_weight],
    };
    Law::HyperExponential.fitted(sample, family, parameters, place.log_likelihood)
}
