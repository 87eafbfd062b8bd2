//! The regularised incomplete gamma function, both tails, and its quantiles.

use crate::numeric::special::density::{log_poisson_density, poisson_density, poisson_density_at};
use crate::numeric::special::normal::normal_upper_quantile;
use crate::numeric::special::quadrature::tail;
use crate::numeric::special::search::{Tail, quantile};

/// Shapes from here on are integrated by quadrature: a series would need sqrt(a) terms.
const LARGE_SHAPE: f64 = 1e4;

/// P(a, x) = (1/Gamma(a)) integral of t^(a-1) e^-t from 0 to x, for a > 0: the probability that a gamma variable of shape
/// `a` and scale 1 is below `x`. Relative accuracy about 1e-13, also where it is tiny.
pub fn gamma_lower(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x > a + 1.0 {
        // Above the mean the lower tail is at least about one half: the complement loses nothing.
        1.0 - upper_part(a, x)
    } else {
        lower_part(a, x)
    }
}

/// Q(a, x) = 1 - P(a, x), with its own relative accuracy.
pub fn gamma_upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x > a + 1.0 {
        upper_part(a, x)
    } else {
        // Below the mean the upper tail is at least about one third, or (small shapes) the lower tail is near 1.
        complement_of_lower(a, x)
    }
}

/// For a < 1 and small x, P is near 1 and Q must not be formed as 1 - P: Q = 1 - x^a / Gamma(a + 1) (1 + ...) is taken
/// apart with expm1 and log1p.
fn complement_of_lower(a: f64, x: f64) -> f64 {
    if a >= 1.0 {
        return 1.0 - lower_part(a, x);
    }
    // x^a / Gamma(a+1) = exp(s); P = exp(s) (1 + r) with r = a * sum_k (-x)^k / (k! (a + k)), k >= 1.
    let s = a * libm::log(x) - libm::lgamma(a + 1.0);
    let (mut term, mut r) = (1.0, 0.0);
    for k in 1_u32..200 {
        term *= -x / f64::from(k);
        let next: f64 = r + a * term / (a + f64::from(k));
        if next.to_bits() == r.to_bits() {
            break;
        }
        r = next;
    }
    -libm::expm1(s) - libm::exp(s) * r
}

/// P by its series: x^a e^-x / Gamma(a + 1) * (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...), all terms positive.
fn lower_part(a: f64, x: f64) -> f64 {
    if a > LARGE_SHAPE {
        return tail(|moved| density_from(a, x, moved), -libm::sqrt(a) / 2.0, 400);
    }
    let (mut term, mut sum) = (1.0, 1.0);
    let mut k = a;
    while term > sum * 1e-17 {
        k += 1.0;
        term *= x / k;
        sum += term;
    }
    poisson_density(a, x) * sum
}

/// The density of a gamma variable of shape `a` at x + `moved`; 0 below 0.
fn density_from(a: f64, x: f64, moved: f64) -> f64 {
    if x + moved <= 0.0 { 0.0 } else { poisson_density_at(a - 1.0, x + moved, a - 1.0 - x - moved) }
}

/// Q by Legendre's continued fraction (Lentz's method as modified by Thompson and Barnett 1986).
fn upper_part(a: f64, x: f64) -> f64 {
    if a > LARGE_SHAPE {
        return tail(|moved| density_from(a, x, moved), libm::sqrt(a) / 2.0, 400);
    }
    // x^a e^-x / Gamma(a) = a * x^a e^-x / Gamma(a + 1).
    poisson_density(a, x) * a * fraction(a, x)
}

/// Q(a, x) Gamma(a) / (x^a e^-x), for x above a + 1.
fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for i in 1_u32..100_000 {
        let an = -f64::from(i) * (f64::from(i) - a);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// The density over Q, for `a` up to 1e4: the hazard rate of a gamma variable of shape `a` and scale 1, also where both
/// underflow.
pub(crate) fn gamma_hazard(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return if a > 1.0 { 0.0 } else { f64::INFINITY };
    }
    if x > a + 1.0 { 1.0 / (x * fraction(a, x)) } else { poisson_density(a, x) * a / x / gamma_upper(a, x) }
}

/// -ln Q(a, x), for `a` up to 1e4, with its own relative accuracy in both tails.
pub(crate) fn gamma_cumulative_hazard(a: f64, x: f64) -> f64 {
    if x > a + 1.0 {
        return -log_poisson_density(a, x) - libm::log(a * fraction(a, x));
    }
    let lower = gamma_lower(a, x);
    if lower < 0.5 { -libm::log1p(-lower) } else { -libm::log(gamma_upper(a, x)) }
}

/// The x with P(a, x) = `p`, for `p` in (0, 1), accurate in the lower tail. Relative accuracy about 1e-13.
pub fn gamma_lower_quantile(a: f64, p: f64) -> f64 {
    let density = |x: f64| poisson_density(a, x) * a / x;
    quantile(Tail::Lower, |x| gamma_lower(a, x), density, p, guess(a, -normal_upper_quantile(p), p))
}

/// The x with Q(a, x) = `q`, for `q` in (0, 1), accurate in the upper tail.
pub fn gamma_upper_quantile(a: f64, q: f64) -> f64 {
    let density = |x: f64| poisson_density(a, x) * a / x;
    let lower = libm::log1p(-q);
    quantile(Tail::Upper, |x| gamma_upper(a, x), density, q, guess(a, normal_upper_quantile(q), libm::exp(lower)))
}

/// Wilson and Hilferty (1931) where it makes sense, else the first term of the series of P.
fn guess(a: f64, z: f64, p: f64) -> f64 {
    let cube = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * libm::sqrt(a));
    if a > 0.5 && cube > 0.1 {
        return a * cube * cube * cube;
    }
    let log = (libm::log(p) + libm::lgamma(a + 1.0)) / a;
    libm::exp(log.clamp(-690.0, 690.0))
}
