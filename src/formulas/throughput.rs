//! throughput = requests processed / processing time.

use crate::numeric::interval::poisson;
use crate::quantity::Duration;

/// Requests per second with their exact Poisson interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throughput {
    /// Requests processed / processing time, per second.
    pub per_second: f64,
    /// Lower end of the interval, per second.
    pub low: f64,
    /// Upper end of the interval, per second.
    pub high: f64,
}

/// Formula: `throughput = requests / time`. The interval is for the rate of a Poisson process of which so many events
/// were counted (Garwood 1936), and misses with probability `alpha` at most. Absent for a time of zero.
pub fn throughput(requests: u64, time: Duration, alpha: f64) -> Option<Throughput> {
    let seconds = time.seconds();
    if seconds == 0.0 {
        return None;
    }
    let interval = poisson(requests, alpha);
    Some(Throughput {
        per_second: requests as f64 / seconds,
        low: interval.low / seconds,
        high: interval.high / seconds,
    })
}

/// Little's law (1961): the mean time in the system, in seconds, is `concurrency / throughput`. Absent without
/// throughput.
pub fn mean_response_seconds(concurrency: f64, per_second: f64) -> Option<f64> {
    (per_second > 0.0).then(|| concurrency / per_second)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::{mean_response_seconds, throughput};
    use crate::quantity::Duration;

    #[test]
    fn the_formula_and_its_interval() {
        let rate = throughput(10, Duration::from_seconds(2.0).unwrap(), 0.05).unwrap();
        assert_eq!(rate.per_second, 5.0);
        // Garwood's interval for a count of 10: 4.795389 to 18.390356 (Johnson, Kotz, Kemp 1992, table 4.1).
        assert!((rate.low * 2.0 - 4.795389).abs() < 5e-7 && (rate.high * 2.0 - 18.390356).abs() < 5e-7);
        assert_eq!(throughput(10, Duration::from_seconds(0.0).unwrap(), 0.05), None);
        assert_eq!(throughput(0, Duration::from_seconds(1.0).unwrap(), 0.05).unwrap().low, 0.0);
    }

    #[test]
    fn littles_law() {
        assert_eq!(mean_response_seconds(40.0, 200.0), Some(0.2));
        assert_eq!(mean_response_seconds(40.0, 0.0), None);
    }
}
