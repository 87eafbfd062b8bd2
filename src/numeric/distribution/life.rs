//! Survival, density and quantiles.

use crate::numeric::distribution::family::{Distribution, Family};
use crate::numeric::special::{
    gamma_lower, gamma_lower_quantile, gamma_upper, gamma_upper_quantile, normal_upper, normal_upper_quantile,
};

impl Distribution {
    /// P(X > t), with its own relative accuracy in the upper tail.
    pub fn survival(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        match self.family() {
            Family::Fixed { value } => f64::from(u8::from(t < *value)),
            Family::Exponential { mean } => libm::exp(-t / mean),
            Family::Uniform { low, high } => ((high - t) / (high - low)).clamp(0.0, 1.0),
            Family::LogNormal { mu, sigma } => normal_upper((libm::log(t) - mu) / sigma),
            Family::Weibull { scale, shape } => libm::exp(-libm::pow(t / scale, *shape)),
            Family::Gamma { shape, scale } => gamma_upper(*shape, t / scale),
            Family::Erlang { stages, mean } => gamma_upper(f64::from(*stages), t * f64::from(*stages) / mean),
            Family::HyperExponential { means, weights } => {
                means.iter().zip(weights).map(|(m, w)| w * libm::exp(-t / m)).sum()
            }
            Family::Empirical { values } => {
                let above = values.len() - values.partition_point(|value| *value <= t);
                above as f64 / values.len() as f64
            }
        }
    }

    /// P(X <= t), with its own relative accuracy in the lower tail.
    pub fn cumulative(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 0.0;
        }
        match self.family() {
            Family::Fixed { value } => f64::from(u8::from(t >= *value)),
            Family::Exponential { mean } => -libm::expm1(-t / mean),
            Family::Uniform { low, high } => ((t - low) / (high - low)).clamp(0.0, 1.0),
            Family::LogNormal { mu, sigma } => normal_upper(-(libm::log(t) - mu) / sigma),
            Family::Weibull { scale, shape } => -libm::expm1(-libm::pow(t / scale, *shape)),
            Family::Gamma { shape, scale } => gamma_lower(*shape, t / scale),
            Family::Erlang { stages, mean } => gamma_lower(f64::from(*stages), t * f64::from(*stages) / mean),
            Family::HyperExponential { means, weights } => {
                means.iter().zip(weights).map(|(m, w)| -w * libm::expm1(-t / m)).sum()
            }
            Family::Empirical { values } => values.partition_point(|value| *value <= t) as f64 / values.len() as f64,
        }
    }

    /// The density at t, per second; absent for distributions with atoms.
    pub fn density(&self, t: f64) -> Option<f64> {
        if t < 0.0 {
            return Some(0.0);
        }
        Some(match self.family() {
            Family::Fixed { .. } | Family::Empirical { .. } => return None,
            Family::Exponential { mean } => libm::exp(-t / mean) / mean,
            Family::Uniform { low, high } => {
                if (*low..*high).contains(&t) {
                    1.0 / (high - low)
                } else {
                    0.0
                }
            }
            Family::LogNormal { mu, sigma } => {
                let z = (libm::log(t) - mu) / sigma;
                libm::exp(-z * z / 2.0) / (t * sigma * libm::sqrt(std::f64::consts::TAU))
            }
            Family::Weibull { scale, shape } => {
                let x = t / scale;
                shape / scale * libm::pow(x, shape - 1.0) * libm::exp(-libm::pow(x, *shape))
            }
            Family::Gamma { shape, scale } => gamma_density(*shape, t / scale) / scale,
            Family::Erlang { stages, mean } => {
                let shape = f64::from(*stages);
                gamma_density(shape, t * shape / mean) * shape / mean
            }
            Family::HyperExponential { means, weights } => {
                means.iter().zip(weights).map(|(m, w)| w / m * libm::exp(-t / m)).sum()
            }
        })
    }

    /// The time below which a share `p` of the draws lies, for `p` in (0, 1).
    pub fn quantile(&self, p: f64) -> f64 {
        match self.family() {
            Family::Fixed { value } => *value,
            Family::Exponential { mean } => -mean * libm::log1p(-p),
            Family::Uniform { low, high } => low + p * (high - low),
            Family::LogNormal { mu, sigma } => libm::exp(mu - sigma * normal_upper_quantile(p)),
            Family::Weibull { scale, shape } => scale * libm::pow(-libm::log1p(-p), 1.0 / shape),
            Family::Gamma { shape, scale } => scale * gamma_quantile(*shape, p),
            Family::Erlang { stages, mean } => mean / f64::from(*stages) * gamma_quantile(f64::from(*stages), p),
            Family::HyperExponential { .. } => self.quantile_by_bisection(p),
            Family::Empirical { values } => {
                let rank = libm::ceil(p * values.len() as f64) as usize;
                values[rank.clamp(1, values.len()) - 1]
            }
        }
    }

    fn quantile_by_bisection(&self, p: f64) -> f64 {
        let mean = self.mean();
        let (mut low, mut high) = (0.0, mean);
        while self.cumulative(high) < p {
            high *= 2.0;
        }
        while high - low > 1e-15 * high {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.cumulative(middle) < p { low = middle } else { high = middle }
        }
        high
    }
}

/// From the tail in which `p` is: above one half, 1 - p is exact (Sterbenz).
fn gamma_quantile(shape: f64, p: f64) -> f64 {
    if p > 0.5 { gamma_upper_quantile(shape, 1.0 - p) } else { gamma_lower_quantile(shape, p) }
}

fn gamma_density(shape: f64, x: f64) -> f64 {
    if x == 0.0 {
        return if shape > 1.0 { 0.0 } else { f64::INFINITY };
    }
    libm::exp((shape - 1.0) * libm::log(x) - x - libm::lgamma(shape))
}
