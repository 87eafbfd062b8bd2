//! The chi-square distribution of any degrees of freedom: twice a gamma variable of half as many.

use crate::numeric::special::gamma::{gamma_lower, gamma_lower_quantile, gamma_upper, gamma_upper_quantile};

/// P(X <= x), for `df` > 0.
pub fn chi_square_lower(df: f64, x: f64) -> f64 {
    gamma_lower(df / 2.0, x / 2.0)
}

/// P(X > x), for `df` > 0.
pub fn chi_square_upper(df: f64, x: f64) -> f64 {
    gamma_upper(df / 2.0, x / 2.0)
}

/// The x with P(X <= x) = `p`.
pub fn chi_square_lower_quantile(df: f64, p: f64) -> f64 {
    2.0 * gamma_lower_quantile(df / 2.0, p)
}

/// The x with P(X > x) = `q`.
pub fn chi_square_upper_quantile(df: f64, q: f64) -> f64 {
    2.0 * gamma_upper_quantile(df / 2.0, q)
}
