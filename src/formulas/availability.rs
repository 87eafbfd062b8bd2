//! availability = uptime / total time = 1 - downtime / total time, for one unit and for simple arrangements of several.

use thiserror::Error;

use crate::quantity::{Duration, Probability, Unavailability};

/// Why times are no availability.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AvailabilityError {
    /// Nothing was observed.
    #[error("the total time is zero")]
    NoTime,
    /// A part is longer than the whole.
    #[error("the {part} is longer than the total time")]
    LongerThanTotal {
        /// Which part.
        part: &'static str,
    },
    /// More units needed than there are.
    #[error("{need} of {units} units cannot be needed")]
    Need {
        /// Units needed.
        need: usize,
        /// Units there are.
        units: usize,
    },
}

/// Formula: `U = downtime / (uptime + downtime)`.
///
/// # Errors
/// When both are zero.
pub fn from_up_and_down(uptime: Duration, downtime: Duration) -> Result<Unavailability, AvailabilityError> {
    share(downtime.seconds(), uptime.seconds() + downtime.seconds(), "downtime")
}

/// Formula: `U = downtime / total`.
///
/// # Errors
/// When the total is zero or shorter than the downtime.
pub fn from_downtime(downtime: Duration, total: Duration) -> Result<Unavailability, AvailabilityError> {
    share(downtime.seconds(), total.seconds(), "downtime")
}

/// Formula: `U = (total - uptime) / total`. The difference has the absolute accuracy of the two times.
///
/// # Errors
/// When the total is zero or shorter than the uptime.
pub fn from_uptime(uptime: Duration, total: Duration) -> Result<Unavailability, AvailabilityError> {
    if uptime > total {
        return Err(AvailabilityError::LongerThanTotal { part: "uptime" });
    }
    share(total.seconds() - uptime.seconds(), total.seconds(), "downtime")
}

fn share(down: f64, total: f64, part: &'static str) -> Result<Unavailability, AvailabilityError> {
    if total == 0.0 {
        return Err(AvailabilityError::NoTime);
    }
    Unavailability::new(down / total).ok_or(AvailabilityError::LongerThanTotal { part })
}

/// A unit by its mean times: unavailability and failures per second.
///
/// Formula: `U = MTTR / (MTBF + MTTR)`, `frequency = 1 / (MTBF + MTTR)`, with MTBF the mean operating (up) time between
/// failures.
///
/// # Errors
/// When both are zero.
pub fn from_mean_times(mean_up: Duration, mean_down: Duration) -> Result<(Unavailability, f64), AvailabilityError> {
    let unavailability = from_up_and_down(mean_up, mean_down)?;
    Ok((unavailability, 1.0 / (mean_up.seconds() + mean_down.seconds())))
}

/// All units are needed. `up` are their availabilities. Formula: `A = product A_i`, computed as
/// `U = U_1 + A_1 (U_2 + A_2 (...))`.
pub fn series(up: &[Probability]) -> f64 {
    up.iter().rev().fold(0.0, |rest, unit| unit.complement() + unit.value() * rest)
}

/// One unit is enough. Formula: `U = product U_i`.
pub fn parallel(up: &[Probability]) -> f64 {
    up.iter().map(|unit| unit.complement()).product()
}

/// `need` units are enough: the sum over all ways to have more than n - need of them down, built unit by unit; only
/// non-negative products are added.
///
/// # Errors
/// When `need` is 0 or more than there are units.
pub fn at_least(need: usize, up: &[Probability]) -> Result<f64, AvailabilityError> {
    let units = up.len();
    if need == 0 || need > units {
        return Err(AvailabilityError::Need { need, units });
    }
    let fatal = units - need + 1;
    // down[k]: the probability that k of the units so far are down; the last entry collects fatal and more.
    let mut down = vec![0.0; fatal + 1];
    down[0] = 1.0;
    for unit in up {
        down[fatal] += down[fatal - 1] * unit.complement();
        for k in (0..fatal).rev() {
            let one_more = if k > 0 { down[k - 1] * unit.complement() } else { 0.0 };
            down[k] = down[k] * unit.value() + one_more;
        }
    }
    Ok(down[fatal])
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use num_traits::{One, ToPrimitive, Zero};

    use super::{at_least, from_downtime, from_mean_times, from_up_and_down, from_uptime, parallel, series};
    use crate::quantity::{Duration, Probability};

    fn duration(text: &str) -> Duration {
        Duration::parse(text, 31_536_000.0).unwrap()
    }

    #[test]
    fn the_three_forms_agree() {
        let (up, down, total) = (duration("8759h"), duration("1h"), duration("8760h"));
        let expected = 1.0 / 8760.0;
        assert_eq!(from_up_and_down(up, down).unwrap().value(), expected);
        assert_eq!(from_downtime(down, total).unwrap().value(), expected);
        assert_eq!(from_uptime(up, total).unwrap().value(), expected);
        assert_eq!(from_mean_times(up, down).unwrap(), (from_downtime(down, total).unwrap(), 1.0 / (8760.0 * 3600.0)));
        assert!(from_downtime(total, down).is_err() && from_uptime(total, up).is_err());
        assert!(from_downtime(duration("0s"), duration("0s")).is_err());
    }

    /// Enumerates all states in exact rational arithmetic.
    fn exact(need: usize, down: &[&str]) -> f64 {
        let down: Vec<BigRational> = down
            .iter()
            .map(|text| {
                let (mantissa, exponent) = text.split_once("e-").unwrap();
                let power = BigInt::from(10).pow(exponent.parse().unwrap());
                BigRational::new(mantissa.parse::<BigInt>().unwrap(), power)
            })
            .collect();
        let mut total = BigRational::zero();
        for state in 0..1_u32 << down.len() {
            let is_up = |unit: usize| state >> unit & 1 == 1;
            if (0..down.len()).filter(|unit| is_up(*unit)).count() < need {
                let factor = |unit: usize| {
                    if is_up(unit) { BigRational::one() - &down[unit] } else { down[unit].clone() }
                };
                total += (0..down.len()).map(factor).fold(BigRational::one(), |product, p| product * p);
            }
        }
        total.to_f64().unwrap()
    }

    #[test]
    fn arrangements_match_exact_rationals() {
        let down = ["3e-2", "1e-9", "25e-6", "7e-4", "2e-12"];
        let up: Vec<Probability> = ["97%", "0.999999999", "0.999975", "0.9993", "0.999999999998"]
            .iter()
            .map(|text| Probability::parse(text).unwrap())
            .collect();
        for need in 1..=5 {
            let relative = at_least(need, &up).unwrap() / exact(need, &down) - 1.0;
            // Five units: at most ten roundings on each path of the table.
            assert!(relative.abs() < 2e-15, "{need}: {relative:e}");
        }
        assert!((series(&up) / exact(5, &down) - 1.0).abs() < 1e-15);
        assert!((parallel(&up) / exact(1, &down) - 1.0).abs() < 1e-15);
        assert!(at_least(0, &up).is_err() && at_least(6, &up).is_err());
    }
}
