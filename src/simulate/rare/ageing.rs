//! Values that know how old things are.
//!
//! The value of a state counts on mean failure rates. Where lives are not exponential, a loss i of age a has the cumulative hazard
//! `H_i(w; a)` over the time w that the longest recovery takes, instead of `w rate_i`. With x_i = rate_i times the worth after
//! loss i, a state whose next loss is loss i with weight x_i is worth `sum x_i H_i(w; a_i) / (w rate_i) / sum x_i` times as much.
//! Whether that helps depends on the model: a pilot tells. Nothing of this touches the estimate, only its variance.

use crate::numeric::distribution::Distribution;

/// The factor stays within these limits.
const LIMITS: (f64, f64) = (0.02, 200.0);

/// How ages enter the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ageing {
    /// Not at all.
    Ignored,
    /// For the next loss.
    Next,
}

impl Ageing {
    pub(crate) const ALL: [Self; 2] = [Self::Ignored, Self::Next];
}

/// The cumulative hazard from `age` over `work` seconds of life, over what the mean says.
pub(crate) fn hazard_ratio(distribution: &Distribution, age: f64, work: f64) -> f64 {
    if work <= 0.0 {
        return 1.0;
    }
    (distribution.hazard_over(age, work) * distribution.mean() / work).clamp(LIMITS.0, LIMITS.1)
}
