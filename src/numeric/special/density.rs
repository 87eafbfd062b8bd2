//! Densities in saddle-point form (Loader 2000): no cancellation for large parameters.

use std::f64::consts::TAU;

/// The error of Stirling's formula: ln Gamma(n + 1) - [(n + 1/2) ln n - n + ln(2 pi) / 2], for n > 0.
///
/// Series of Loader (2000) with the Bernoulli coefficients from n = 15 on; below, by definition: all terms are at
/// most about 30, so the absolute error is a few 1e-15.
pub(crate) fn stirling_error(n: f64) -> f64 {
    const S: [f64; 8] = [
        1.0 / 12.0,
        1.0 / 360.0,
        1.0 / 1260.0,
        1.0 / 1680.0,
        1.0 / 1188.0,
        691.0 / 360_360.0,
        1.0 / 156.0,
        3617.0 / 122_400.0,
    ];
    if n < 15.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - 0.5 * libm::log(TAU);
    }
    let square = n * n;
    let series = S.iter().rev().fold(0.0, |inner, coefficient| coefficient - inner / square);
    series / n
}

/// The deviance x ln(x / m) + m - x >= 0, given `difference` = x - m from a better source than the rounded x and m.
pub(crate) fn deviance(x: f64, m: f64, difference: f64) -> f64 {
    if x == 0.0 {
        return m;
    }
    let v = difference / (x + m);
    if v.abs() >= 0.1 {
        return x * libm::log(x / m) - difference;
    }
    // With v as above, the deviance is (x - m) v + 2 x (v^3/3 + v^5/5 + ...).
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    for odd in (3_u32..2_000).step_by(2) {
        power *= v * v;
        let next = sum + power / f64::from(odd);
        if next.to_bits() == sum.to_bits() {
            break;
        }
        sum = next;
    }
    sum
}

/// x^a e^-x / Gamma(a + 1), for a > 0 and x > 0.
pub(crate) fn poisson_density(a: f64, x: f64) -> f64 {
    if a < 1e-3 {
        // lgamma keeps its digits near 1, where the terms of the Stirling form would cancel.
        return libm::exp(a * libm::log(x) - x - libm::lgamma(a + 1.0));
    }
    poisson_density_at(a, x, a - x)
}

/// The logarithm of [`poisson_density`], where that underflows.
pub(crate) fn log_poisson_density(a: f64, x: f64) -> f64 {
    -stirling_error(a) - deviance(a, x, a - x) - libm::log(TAU * a) / 2.0
}

/// As [`poisson_density`], with a - x = `difference`: near the mode of a large `a` it has more digits than x.
pub(crate) fn poisson_density_at(a: f64, x: f64, difference: f64) -> f64 {
    libm::exp(-stirling_error(a) - deviance(a, x, difference)) / libm::sqrt(TAU * a)
}

/// A point x in (0, 1) with y = 1 - x, and a - (a + b) x to all digits that the smaller of x and y gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) difference: f64,
}

impl Point {
    pub(crate) fn new(a: f64, b: f64, x: f64, y: f64) -> Self {
        let n = a + b;
        let difference = if x <= y { libm::fma(-n, x, a) } else { -libm::fma(-n, y, b) };
        Self { x, y, difference }
    }
}

/// x^a y^b Gamma(a + b) / (Gamma(a) Gamma(b)) for a, b > 0.
pub(crate) fn beta_density(a: f64, b: f64, at: Point) -> f64 {
    let n = a + b;
    let apart = deviance(a, n * at.x, at.difference) + deviance(b, n * at.y, -at.difference);
    let log = stirling_error(n) - stirling_error(a) - stirling_error(b) - apart;
    libm::exp(log) * libm::sqrt(a / TAU * (b / n))
}
