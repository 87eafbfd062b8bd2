//! Do the failures come at a steady rate?
//!
//! Fitting a distribution to the times between failures means nothing while the rate drifts. For failures at t_1 … t_n
//! in (0, T] that come as a Poisson process of constant rate, given n they are uniform:
//! - Laplace: `L = (mean of t - T/2) / (T / sqrt(12 n))` is about standard normal; positive when failures become more
//!   frequent.
//! - MIL-HDBK-189: `2 sum ln(T / t)` is chi-square of 2 n degrees of freedom; small when they become more frequent.
//! - Lewis and Robinson (1974): L over the coefficient of variation of the times between failures, about standard
//!   normal also for other renewal processes: bunched failures alone are no trend.
//!
//! Where watching ended with the last failure, that failure is T and not counted. Sources: Cox, Lewis (1966), section
//! 3.3; MIL-HDBK-189C (2011); Lewis, Robinson (1974). P-values are two-sided.

use crate::numeric::special::{chi_square_lower, chi_square_upper, normal_upper};
use crate::numeric::sum::Sum;

/// What tests of a trend say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Failures that count.
    pub failures: u64,
    /// Laplace's statistic.
    pub laplace: f64,
    /// Its p-value.
    pub laplace_p: f64,
    /// The statistic of MIL-HDBK-189.
    pub mil_hdbk_189: f64,
    /// Its p-value.
    pub mil_hdbk_189_p: f64,
    /// Lewis and Robinson's statistic; absent when the times between failures do not vary.
    pub lewis_robinson: Option<f64>,
    /// Its p-value.
    pub lewis_robinson_p: Option<f64>,
}

/// The p-value below which a trend is warned of, by the test that bunched failures do not deceive.
pub const TREND_LEVEL: f64 = 0.05;
/// Fewer failures show no trend.
const FEWEST: usize = 4;

/// Tests the failures at `times`, ascending, in seconds from the start of watching, which ended at `end` or, where
/// `end` is absent, with the last failure. Absent for fewer than four failures.
pub fn trend(times: &[f64], end: Option<f64>) -> Option<Trend> {
    let (counted, end) = match end {
        Some(end) => (times, end),
        None => (times.split_last()?.1, *times.last()?),
    };
    // A failure at the very start says nothing about a trend and would make a logarithm infinite.
    let counted: Vec<f64> = counted.iter().copied().filter(|time| *time > 0.0 && *time <= end).collect();
    if counted.len() < FEWEST {
        return None;
    }
    let n = counted.len() as f64;
    let mean = counted.iter().map(|time| time / end).collect::<Sum>().value() / n;
    let laplace = (mean - 0.5) * libm::sqrt(12.0 * n);
    let chi = 2.0 * counted.iter().map(|time| -libm::log(time / end)).collect::<Sum>().value();
    let lower = chi_square_lower(2.0 * n, chi);
    let tail = lower.min(chi_square_upper(2.0 * n, chi));
    let lewis_robinson = variation(times).map(|cv| laplace / cv);
    Some(Trend {
        failures: counted.len() as u64,
        laplace,
        laplace_p: two_sided(laplace),
        mil_hdbk_189: chi,
        mil_hdbk_189_p: (2.0 * tail).min(1.0),
        lewis_robinson,
        lewis_robinson_p: lewis_robinson.map(two_sided),
    })
}

fn two_sided(z: f64) -> f64 {
    2.0 * normal_upper(z.abs())
}

/// The coefficient of variation of the times between, from the first failure on.
fn variation(times: &[f64]) -> Option<f64> {
    let between: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let n = between.len() as f64;
    let mean = between.iter().copied().collect::<Sum>().value() / n;
    let square = |time: &f64| (time - mean) * (time - mean);
    let variance = between.iter().map(square).collect::<Sum>().value() / (n - 1.0);
    let cv = libm::sqrt(variance) / mean;
    (cv.is_finite() && cv > 0.0).then_some(cv)
}

#[cfg(test)]
mod tests {
    use super::trend;

    /// L = (mean/T - 1/2) sqrt(12 n) by hand: mean of 1, 2, 3, 4 is 2.5 of 5; and 2 ln(5^4 / 4!) is 6.519 395 638 776
    /// 91 by bc.
    #[test]
    fn evenly_spread_failures_have_no_trend() {
        let found = trend(&[1.0, 2.0, 3.0, 4.0], Some(5.0)).unwrap();
        assert!(found.laplace.abs() < 1e-15 && (found.laplace_p - 1.0).abs() < 1e-15);
        // 2 ln(5^4 / 24)
        assert!((found.mil_hdbk_189 - 6.519_395_638_776_912).abs() < 1e-12, "{found:?}");
        assert_eq!(found.lewis_robinson, None);
    }

    #[test]
    fn failures_that_bunch_at_the_end_have_one() {
        let found = trend(&[5.0, 8.0, 9.0, 9.5, 9.8], Some(10.0)).unwrap();
        assert!(found.laplace > 2.0 && found.mil_hdbk_189_p < 0.1);
        let mirrored = trend(&[0.2, 0.5, 1.0, 2.0, 5.0], Some(10.0)).unwrap();
        assert!((mirrored.laplace + found.laplace).abs() < 1e-14);
    }

    #[test]
    fn when_watching_ends_with_a_failure_it_is_not_counted() {
        let found = trend(&[1.0, 2.0, 3.0, 4.0, 5.0], None).unwrap();
        assert_eq!(found, trend(&[1.0, 2.0, 3.0, 4.0, 5.0], None).unwrap());
        assert!(found.failures == 4 && found.laplace.abs() < 1e-15);
        assert!(trend(&[1.0, 2.0, 3.0, 4.0], None).is_none());
    }
}
