//! The regularised incomplete beta function, both tails, and its quantile.

use crate::numeric::special::density::{Point, beta_density};
use crate::numeric::special::gamma::{gamma_lower_quantile, gamma_upper_quantile};
use crate::numeric::special::quadrature::tail;
use crate::numeric::special::search::{Tail, quantile};

/// Where both parameters are at least this, quadrature replaces the continued fraction.
const LARGE: f64 = 3e3;

/// I_x(a, b): the probability that a beta variable with parameters `a`, `b` > 0 is below `x` in [0, 1]. Relative
/// accuracy about 1e-13 for tiny x and any parameters up to 1e15.
pub fn beta_lower(a: f64, b: f64, x: f64) -> f64 {
    tails(a, b, x, 1.0 - x).0
}

/// 1 - I_x(a, b), with its own relative accuracy.
pub fn beta_upper(a: f64, b: f64, x: f64) -> f64 {
    tails(a, b, x, 1.0 - x).1
}

/// Both tails at x, with y = 1 - x given.
fn tails(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        (0.0, 1.0)
    } else if y <= 0.0 {
        (1.0, 0.0)
    } else if x * (a + b + 2.0) < a + 1.0 {
        let lower = lower_part(a, b, x, y);
        (lower, 1.0 - lower)
    } else {
        let upper = lower_part(b, a, y, x);
        (1.0 - upper, upper)
    }
}

/// I_x(a, b) for x below the mean.
fn lower_part(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let at = Point::new(a, b, x, y);
    if a.min(b) > LARGE {
        let n = a + b;
        let deviation = libm::sqrt(a / n * (b / n) / n);
        let density = |moved: f64| {
            let moved = Point { x: x + moved, y: y - moved, difference: at.difference - n * moved };
            if moved.x > 0.0 && moved.y > 0.0 { beta_density(a, b, moved) / (moved.x * moved.y) } else { 0.0 }
        };
        return tail(density, -deviation / 2.0, 400);
    }
    beta_density(a, b, at) * continued_fraction(a, b, at)
}

/// The even part of the continued fraction of Abramowitz, Stegun (1964), 26.5.8, in the form of DiDonato, Morris (1992,
/// "Significant digit computation of the incomplete beta function ratios", BFRAC): it uses a - (a + b) x and y, where 1 - x
/// and 1 - (a + b) x / (a + 1) would cancel.
fn continued_fraction(a: f64, b: f64, at: Point) -> f64 {
    let Point { x, y, difference } = at;
    let c = 1.0 + difference;
    let (c0, c1) = (b / a, 1.0 + 1.0 / a);
    let (mut p, mut s) = (1.0, a + 1.0);
    let (mut an, mut bn, mut next_a, mut next_b) = (0.0, 1.0, 1.0, c / c1);
    let mut ratio = c1 / c;
    for n in 1_u32..100_000 {
        let n = f64::from(n);
        let t = n / a;
        let w = n * (b - n) * x;
        let e = a / s;
        let alpha = p * (p + c0) * e * e * (w * x);
        let e = (1.0 + t) / (c1 + t + t);
        let beta = n + w / s + e * (c + n * (1.0 + y));
        p = 1.0 + t;
        s += 2.0;
        (an, next_a) = (next_a, alpha * an + beta * next_a);
        (bn, next_b) = (next_b, alpha * bn + beta * next_b);
        let previous: f64 = ratio;
        ratio = next_a / next_b;
        if (ratio - previous).abs() <= 1e-16 * ratio {
            break;
        }
        an /= next_b;
        bn /= next_b;
        next_a = ratio;
        next_b = 1.0;
    }
    ratio
}

/// The x with I_x(a, b) = `p` for `p` in (0, 1), accurate for small x.
pub fn beta_lower_quantile(a: f64, b: f64, p: f64) -> f64 {
    let density = |x: f64| beta_density(a, b, Point::new(a, b, x, 1.0 - x)) / (x * (1.0 - x));
    let capped = |x: f64| if x < 1.0 { beta_lower(a, b, x) } else { 1.0 };
    quantile(Tail::Lower, capped, density, p, guess(b, gamma_lower_quantile(a, p))).min(1.0)
}

/// The x with 1 - I_x(a, b) = `q` for `q` in (0, 1), accurate for small x and small `q`.
pub fn beta_upper_quantile(a: f64, b: f64, q: f64) -> f64 {
    let density = |x: f64| beta_density(a, b, Point::new(a, b, x, 1.0 - x)) / (x * (1.0 - x));
    let capped = |x: f64| if x < 1.0 { beta_upper(a, b, x) } else { 0.0 };
    quantile(Tail::Upper, capped, density, q, guess(b, gamma_upper_quantile(a, q))).min(1.0)
}

/// A beta variable is about G / (G + b) with G gamma of shape a.
fn guess(b: f64, gamma: f64) -> f64 {
    gamma / (gamma + b)
}
