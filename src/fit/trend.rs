//! Do the failures come at a steady rate?
//!
//! Fitting a distribution to the times between failures means nothing while the rate drifts. Time here is operating time:
//! the times of a unit one after the other, without the repairs between them. For failures at t_1 … t_n in (0, T] that
//! come as a Poisson process of constant rate, given n they are uniform. Over units i with T_i and n_i each:
//! - Laplace: `L = (sum of all t - sum of n_i T_i / 2) / sqrt(sum of n_i T_i^2 / 12)` is about standard normal; positive
//!   when failures become more frequent.
//! - MIL-HDBK-189: `2 sum ln(T_i / t)` is chi-square of `2 sum n_i` degrees of freedom; small when they become more
//!   frequent.
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

/// The times of one unit between failures, in their order, in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// Those that ended with a failure.
    pub ended: Vec<f64>,
    /// The one after the last failure, which had not ended; absent where watching ended with that failure.
    pub rest: Option<f64>,
}

/// The failures of one unit that count, in operating time, and how long that was.
struct Counted {
    times: Vec<f64>,
    end: f64,
}

impl Course {
    fn counted(&self) -> Counted {
        let mut end = 0.0;
        let ends = self.ended.iter().map(|seconds| {
            end += seconds;
            end
        });
        let mut times: Vec<f64> = ends.collect();
        let end = match self.rest {
            Some(rest) => end + rest,
            None => times.pop().unwrap_or(0.0),
        };
        // A failure at the very start says nothing about a trend and would make a logarithm infinite.
        times.retain(|time| *time > 0.0);
        Counted { times, end }
    }
}

/// Tests whether the times between failures of all units drift. Absent for fewer than four failures that count.
pub fn trend(courses: &[Course]) -> Option<Trend> {
    let units: Vec<Counted> = courses.iter().map(Course::counted).filter(|unit| !unit.times.is_empty()).collect();
    let failures: usize = units.iter().map(|unit| unit.times.len()).sum();
    if failures < FEWEST {
        return None;
    }
    let (laplace, chi) = (laplace(&units), chi(&units));
    let freedom = 2.0 * failures as f64;
    let lower = chi_square_lower(freedom, chi);
    let tail = lower.min(chi_square_upper(freedom, chi));
    let lewis_robinson = variation(courses).map(|cv| laplace / cv);
    Some(Trend {
        failures: failures as u64,
        laplace,
        laplace_p: two_sided(laplace),
        mil_hdbk_189: chi,
        mil_hdbk_189_p: (2.0 * tail).min(1.0),
        lewis_robinson,
        lewis_robinson_p: lewis_robinson.map(two_sided),
    })
}

/// In parts of the longest operating time, so that squares stay in range.
fn laplace(units: &[Counted]) -> f64 {
    let longest = units.iter().map(|unit| unit.end).fold(0.0, f64::max);
    let beyond_middle =
        |unit: &Counted| unit.times.iter().map(|time| (time - unit.end / 2.0) / longest).collect::<Sum>().value();
    let variance = |unit: &Counted| unit.times.len() as f64 * (unit.end / longest) * (unit.end / longest) / 12.0;
    let sum = units.iter().map(beyond_middle).collect::<Sum>().value();
    sum / libm::sqrt(units.iter().map(variance).collect::<Sum>().value())
}

fn chi(units: &[Counted]) -> f64 {
    let logarithms =
        |unit: &Counted| unit.times.iter().map(|time| -libm::log(time / unit.end)).collect::<Sum>().value();
    2.0 * units.iter().map(logarithms).collect::<Sum>().value()
}

fn two_sided(z: f64) -> f64 {
    2.0 * normal_upper(z.abs())
}

/// The coefficient of variation of the times that ended.
fn variation(courses: &[Course]) -> Option<f64> {
    let between: Vec<f64> = courses.iter().flat_map(|course| course.ended.iter().copied()).collect();
    let n = between.len() as f64;
    let mean = between.iter().copied().collect::<Sum>().value() / n;
    let square = |time: &f64| (time - mean) * (time - mean);
    let variance = between.iter().map(square).collect::<Sum>().value() / (n - 1.0);
    let cv = libm::sqrt(variance) / mean;
    (cv.is_finite() && cv > 0.0).then_some(cv)
}

#[cfg(test)]
mod tests {
    use super::{Course, trend};

    /// A course with failures at these times, watched until `end`.
    fn course(times: &[f64], end: Option<f64>) -> Course {
        let mut before = 0.0;
        let between = |time: &f64| {
            let length = time - before;
            before = *time;
            length
        };
        let ended = times.iter().map(between).collect();
        Course { ended, rest: end.map(|end| end - before) }
    }

    /// L = (mean/T - 1/2) sqrt(12 n) by hand: mean of 1, 2, 3, 4 is 2.5 of 5; and 2 ln(5^4 / 4!) is 6.519 395 638 776
    /// 91 by bc.
    #[test]
    fn evenly_spread_failures_have_no_trend() {
        let found = trend(&[course(&[1.0, 2.0, 3.0, 4.0], Some(5.0))]).unwrap();
        assert!(found.laplace.abs() < 1e-15 && (found.laplace_p - 1.0).abs() < 1e-15);
        // 2 ln(5^4 / 24)
        assert!((found.mil_hdbk_189 - 6.519_395_638_776_912).abs() < 1e-12, "{found:?}");
        assert_eq!(found.lewis_robinson, None);
    }

    #[test]
    fn failures_that_bunch_at_the_end_have_one() {
        let found = trend(&[course(&[5.0, 8.0, 9.0, 9.5, 9.8], Some(10.0))]).unwrap();
        assert!(found.laplace > 2.0 && found.mil_hdbk_189_p < 0.1);
        let mirrored = trend(&[course(&[0.2, 0.5, 1.0, 2.0, 5.0], Some(10.0))]).unwrap();
        assert!((mirrored.laplace + found.laplace).abs() < 1e-14);
    }

    #[test]
    fn when_watching_ends_with_a_failure_it_is_not_counted() {
        let found = trend(&[course(&[1.0, 2.0, 3.0, 4.0, 5.0], None)]).unwrap();
        assert!(found.failures == 4 && found.laplace.abs() < 1e-15);
        assert!(trend(&[course(&[1.0, 2.0, 3.0, 4.0], None)]).is_none());
    }

    /// By hand: sum of t = 10 + 5 = 15, sum of n T / 2 = 4 * 2.5 + 2 * 5 = 20, sum of n T^2 / 12 = (4 * 25 + 2 * 100) / 12 = 25,
    /// so L = -5 / 5; chi = 2 (ln(5^4 / 24) + ln(10^2 / 6)), which is 12.146 217 072 297 by bc.
    #[test]
    fn units_of_different_length_are_pooled() {
        let units = [course(&[1.0, 2.0, 3.0, 4.0], Some(5.0)), course(&[2.0, 3.0], Some(10.0))];
        let found = trend(&units).unwrap();
        assert!((found.laplace + 1.0).abs() < 1e-14 && found.failures == 6, "{found:?}");
        assert!((found.mil_hdbk_189 - 12.146_217_072_296_98).abs() < 1e-12, "{found:?}");
    }
}
