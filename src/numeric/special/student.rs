//! Student's t distribution: the upper tail and its quantile, for any degrees of freedom.

use crate::numeric::special::beta::{beta_lower, beta_upper};
use crate::numeric::special::density::stirling_error;
use crate::numeric::special::normal::{normal_upper, normal_upper_quantile};

/// Above this many degrees of freedom the expansion in 1/df has more digits than f64.
const NEARLY_NORMAL: f64 = 1e5;

/// P(T > t) for t >= 0 and `df` > 0 degrees of freedom: I_x(df/2, 1/2) / 2 with x = df / (df + t^2).
pub fn student_upper(df: f64, t: f64) -> f64 {
    if df > 1e15 {
        return normal_upper(t);
    }
    let square = t * t;
    let y = square / (df + square);
    if y < 0.5 { 0.5 * beta_upper(0.5, df / 2.0, y) } else { 0.5 * beta_lower(df / 2.0, 0.5, df / (df + square)) }
}

/// The t with P(T > t) = `q`, for `q` in (0, 1/2] and any `df` > 0.
pub fn student_upper_quantile(df: f64, q: f64) -> f64 {
    let start = expansion(df, normal_upper_quantile(q));
    if df > NEARLY_NORMAL || q >= 0.5 {
        return start;
    }
    let mut t = start_for_small(df, q, start);
    for _ in 0..100 {
        let tail = student_upper(df, t);
        let step = libm::log(tail / q) * tail / density(df, t);
        // The logarithm of the tail is nearly linear in ln t where the tail is a power: step there.
        let next = if t > 1.0 { t * libm::exp((step / t).clamp(-5.0, 5.0)) } else { (t + step).max(t / 10.0) };
        let done = (next - t).abs() <= 1e-15 * t;
        t = next;
        if done {
            break;
        }
    }
    t
}

/// Cornish-Fisher expansion in 1/df (Abramowitz, Stegun 1964, 26.7.5).
fn expansion(df: f64, z: f64) -> f64 {
    let s = z * z;
    let g1 = z * (s + 1.0) / 4.0;
    let g2 = z * (5.0 * s * s + 16.0 * s + 3.0) / 96.0;
    let g3 = z * (3.0 * s * s * s + 19.0 * s * s + 17.0 * s - 15.0) / 384.0;
    let g4 = z * (79.0 * s * s * s * s + 776.0 * s * s * s + 1482.0 * s * s - 1920.0 * s - 945.0) / 92_160.0;
    z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df
}

/// For few degrees of freedom and small tails the power law of the tail is the better start.
fn start_for_small(df: f64, q: f64, expansion: f64) -> f64 {
    if df >= 30.0 {
        return expansion;
    }
    // P(T > t) is about K t^-df with K = density constant * df^((df - 1)/2).
    let log_constant = log_density_constant(df) + 0.5 * (df + 1.0) * libm::log(df) - libm::log(df);
    let power = libm::exp(((log_constant - libm::log(q)) / df).min(690.0));
    if power > libm::sqrt(df) * 3.0 { power } else { expansion.clamp(1e-3, 50.0) }
}

/// ln of Gamma((df+1)/2) / (sqrt(df pi) Gamma(df/2)).
fn log_density_constant(df: f64) -> f64 {
    if df < 30.0 {
        return libm::lgamma(f64::midpoint(df, 1.0))
            - libm::lgamma(df / 2.0)
            - 0.5 * libm::log(df * std::f64::consts::PI);
    }
    // Gamma(n + 1/2) / Gamma(n) by Stirling with n = df/2; Gamma(x) = Gamma(x + 1) / x.
    let n = df / 2.0;
    let half = n + 0.5;
    let ratio = stirling_error(half) - stirling_error(n) + (half + 0.5) * libm::log(half)
        - half
        - ((n + 0.5) * libm::log(n) - n)
        - libm::log(half / n);
    ratio - 0.5 * libm::log(df * std::f64::consts::PI)
}

fn density(df: f64, t: f64) -> f64 {
    libm::exp(log_density_constant(df) - 0.5 * (df + 1.0) * libm::log1p(t * t / df))
}
