//! Numbers that are not known exactly: what is believed of each, as a distribution.

use crate::numeric::distribution::Distribution;

/// What is believed of a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Belief {
    /// One of the distributions of topology files.
    Distributed(Distribution),
    /// Its logarithm is uniform: every factor is as likely as any other.
    LogUniform {
        /// Lower end, above 0.
        low: f64,
        /// Upper end.
        high: f64,
    },
}

impl Belief {
    /// The number that is not exceeded with probability `p`, for `p` in (0, 1).
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Distributed(distribution) => distribution.quantile(p),
            Self::LogUniform { low, high } => low * libm::exp(p * libm::log(high / low)),
        }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Seconds.
    Time,
    /// Events per second.
    Rate,
    /// A share, a count, anything without a unit.
    Number,
}

/// A key of a file and what is believed of its value.
#[derive(Clone, Debug, PartialEq)]
pub struct UncertainInput {
    /// The full key, or the name of a basic event.
    pub key: String,
    /// The belief as it was given.
    pub given: String,
    /// What it means.
    pub belief: Belief,
    /// The unit of its numbers.
    pub quantity: Quantity,
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the ends are exact")]
mod tests {
    use super::Belief;

    #[test]
    fn a_log_uniform_number_has_its_geometric_mean_in_the_middle() {
        let belief = Belief::LogUniform { low: 1.0, high: 100.0 };
        // Two roundings of exp and log.
        assert!((belief.quantile(0.5) / 10.0 - 1.0).abs() < 4e-16);
        assert_eq!(belief.quantile(0.0), 1.0);
    }
}
