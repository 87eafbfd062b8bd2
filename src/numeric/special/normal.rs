//! The normal distribution's upper tail and its quantile.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2, TAU};

use statrs::function::erf::erfc_inv;

/// From here on the continued fraction of the hazard converges in 30 terms.
const FRACTION_FROM: f64 = 4.0;

/// P(Z > z) for a standard normal Z.
pub fn normal_upper(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// The density at z over P(Z > z), from far below to far above the mean.
pub(crate) fn normal_hazard(z: f64) -> f64 {
    if z < FRACTION_FROM {
        return libm::exp(-z * z / 2.0) / libm::sqrt(TAU) / normal_upper(z);
    }
    // Laplace's continued fraction z + 1/(z + 2/(z + 3/(z + ...))); after n terms the error is about exp(-2 z sqrt(2 n)).
    (1..=30_u32).rev().fold(z, |fraction, n| z + f64::from(n) / fraction)
}

/// -ln P(Z > z), with its own relative accuracy in both tails.
pub(crate) fn normal_cumulative_hazard(z: f64) -> f64 {
    if z < 0.0 {
        -libm::log1p(-normal_upper(-z))
    } else if z < FRACTION_FROM {
        -libm::log(normal_upper(z))
    } else {
        z * z / 2.0 + libm::log(TAU) / 2.0 + libm::log(normal_hazard(z))
    }
}

/// The z with P(Z > z) = `q`, for `q` in (0, 1): a guess, then Newton steps on the logarithm of the tail.
pub fn normal_upper_quantile(q: f64) -> f64 {
    if q > 0.5 {
        // 1 - q is exact for q in [1/2, 1] (Sterbenz).
        return -upper_half(1.0 - q);
    }
    upper_half(q)
}

fn upper_half(q: f64) -> f64 {
    let mut z = guess(q);
    for _ in 0..4 {
        let tail = normal_upper(z);
        let density = libm::exp(-z * z / 2.0) / libm::sqrt(TAU);
        z += libm::log(tail / q) * tail / density;
    }
    z
}

/// From the inverse of erfc, good to nine digits or more in the body; in the far tail rational (Abramowitz, Stegun 1964, 26.2.23).
fn guess(q: f64) -> f64 {
    if q > 1e-10 {
        return SQRT_2 * erfc_inv(2.0 * q);
    }
    let t = libm::sqrt(-2.0 * libm::log(q));
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
}
