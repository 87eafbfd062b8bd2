//! Long recoveries that the plain chain may not have met.
//!
//! Branches go where outages are, whatever is rare; the length of cycles comes from the plain chain alone. Where recoveries that begin
//! once in decades last for years, they are a part of all time that a chain of a few decades has met once or not at all. The spread of
//! batches does not tell of what none of them met, so the model has to: with recoveries of a kind that begin lambda times a second and
//! last R, a chain of T seconds has met about `n = lambda T` of them, and the share of its time that they take,
//!
//! ```text
//! s = lambda E R,   with a standard error of   sqrt(lambda E R^2 / T)
//! ```
//!
//! (Campbell 1909). Each branch of a hyperexponential time is a kind of its own. Kinds that were met like so many equal ones,
//! `n (E R)^2 / E R^2`, show in the spread of batches; of each other one the smaller of both numbers is what the length of cycles
//! may be off by: before the first is met, that is what is missing.

use crate::dynamics::Dynamics;
use crate::numeric::distribution::Family;

/// Kinds that were met like so many equal ones show in the spread.
const FEWEST_MET: f64 = 20.0;

/// A kind of recovery.
#[derive(Clone, Copy, Debug, PartialEq)]
struct RecoveryKind {
    /// How many begin in a second, at most.
    rate: f64,
    mean: f64,
    /// Mean of the square.
    second: f64,
}

/// All kinds of recoveries of a model.
#[derive(Clone, Debug)]
pub(crate) struct LongRecoveries {
    kinds: Vec<RecoveryKind>,
}

/// What may be missing from the length of cycles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Unmet {
    /// Relative to that length.
    pub(crate) share: f64,
    /// How many times the time so far it takes until the kind that counts most is met often enough.
    pub(crate) times: f64,
}

impl LongRecoveries {
    pub(crate) fn of(dynamics: &Dynamics) -> Self {
        let mut kinds = Vec::new();
        let mut add = |rate: f64, mean: f64, second: f64| {
            if rate > 0.0 && mean > 0.0 {
                kinds.push(RecoveryKind { rate, mean, second });
            }
        };
        for (rate, distribution) in dynamics.recoveries() {
            if let Family::HyperExponential { means, weights } = distribution.family() {
                means.iter().zip(weights).for_each(|(mean, weight)| add(rate * weight, *mean, 2.0 * mean * mean));
            } else {
                let mean = distribution.mean();
                add(rate, mean, mean * mean + distribution.variance());
            }
        }
        Self { kinds }
    }

    /// What a plain chain of so many seconds may not have met.
    pub(crate) fn unmet(&self, seconds: f64) -> Unmet {
        let (mut unmet, mut largest) = (Unmet { share: 0.0, times: 1.0 }, 0.0);
        for kind in &self.kinds {
            let met = kind.rate * seconds * kind.mean * kind.mean / kind.second;
            if met < FEWEST_MET {
                let share = (kind.rate * kind.mean).min(libm::sqrt(kind.rate * kind.second / seconds));
                unmet.share += share;
                if share > largest {
                    (largest, unmet.times) = (share, FEWEST_MET / met);
                }
            }
        }
        unmet
    }
}

#[cfg(test)]
mod tests {
    use super::{LongRecoveries, RecoveryKind};

    #[test]
    fn what_was_met_often_is_not_missing() {
        // A repair of a day once a month, and one of 30 days once in a century.
        let (day, year) = (86_400.0, 31_557_600.0);
        let kind = |rate: f64, mean: f64| RecoveryKind { rate, mean, second: 2.0 * mean * mean };
        let long = LongRecoveries { kinds: vec![kind(12.0 / year, day), kind(0.01 / year, 30.0 * day)] };
        let share = 0.01 / year * 30.0 * day;
        let after_ten = long.unmet(10.0 * year);
        assert!((after_ten.share / share - 1.0).abs() < 1e-12);
        // A tenth of one is expected, each of which counts half.
        assert!((after_ten.times / 400.0 - 1.0).abs() < 1e-12, "{after_ten:?}");
        // Ten are expected: the share is uncertain by sqrt(2 / 10).
        let after_thousand = long.unmet(1_000.0 * year);
        assert!((after_thousand.share / (share * 0.2_f64.sqrt()) - 1.0).abs() < 1e-12);
        assert!(long.unmet(4_001.0 * year).share <= 0.0);
    }
}
