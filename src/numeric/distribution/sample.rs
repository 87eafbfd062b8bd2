//! Drawing times: with portable arithmetic, but for one exception.
//!
//! Exponentials come from the ziggurat of `rand_distr` (Marsaglia, Tsang 2000), whose wedges and tail call the standard
//! library's `exp` and `ln` in about one draw of a hundred; there the last bit may depend on the C library of the
//! platform. Normals likewise. Everything else is `libm`.

use rand::distr::Distribution as _;
use rand_distr::{Exp1, StandardNormal};

use crate::numeric::distribution::family::{Distribution, Family};
use crate::numeric::random::{Stream, uniform};

impl Distribution {
    /// Draws a time, in seconds.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self.family() {
            Family::Fixed { value } => *value,
            Family::Exponential { mean } => mean * unit_exponential(stream),
            Family::Uniform { low, high } => low + (high - low) * uniform(stream),
            Family::LogNormal { mu, sigma } => libm::exp(mu + sigma * unit_normal(stream)),
            Family::Weibull { scale, shape } => scale * libm::pow(unit_exponential(stream), 1.0 / shape),
            Family::Gamma { shape, scale } => scale * unit_gamma(*shape, stream),
            Family::Erlang { stages, mean } => {
                let shape = f64::from(*stages);
                let sum = if *stages <= 4 {
                    (0..*stages).map(|_| unit_exponential(stream)).sum()
                } else {
                    unit_gamma(shape, stream)
                };
                mean / shape * sum
            }
            Family::HyperExponential { means, weights } => means[branch(weights, stream)] * unit_exponential(stream),
            Family::Empirical { values } => {
                let index = (uniform(stream) * values.len() as f64) as usize;
                values[index.min(values.len() - 1)]
            }
        }
    }
}

/// An exponential draw of mean 1.
pub fn unit_exponential(stream: &mut Stream) -> f64 {
    Exp1.sample(stream)
}

/// A standard normal draw.
pub(crate) fn unit_normal(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

fn branch(weights: &[f64], stream: &mut Stream) -> usize {
    let mut left = uniform(stream);
    for (index, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return index;
        }
    }
    weights.len() - 1
}

/// A gamma draw of scale 1 (Marsaglia, Tsang 2000, "A simple method for generating gamma variables"); below shape 1
/// by the power of a uniform.
pub(crate) fn unit_gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        let power = libm::pow(uniform(stream), 1.0 / shape);
        return power * unit_gamma(shape + 1.0, stream);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = unit_normal(stream);
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let cube = v * v * v;
        let u = uniform(stream);
        if libm::log(u) < 0.5 * x * x + d * (1.0 - cube + libm::log(cube)) {
            return d * cube;
        }
    }
}
