//! scalability = maximum requests processed / maximum processing time.

use thiserror::Error;

use crate::quantity::Duration;

/// One run of a load test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Requests processed.
    pub requests: f64,
    /// Processing time.
    pub time: Duration,
}

/// The formula over runs, and the best run beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalability {
    /// The largest number of requests of any run.
    pub max_requests: f64,
    /// The largest processing time of any run, which may be another one.
    pub max_time: Duration,
    /// Their ratio, per second: the formula as written.
    pub per_second: f64,
    /// Index of the run with the highest requests per second.
    pub best_run: usize,
    /// Its requests per second.
    pub best_per_second: f64,
}

/// Why runs have no scalability.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ScalabilityError {
    /// No run at all.
    #[error("there is no run")]
    NoRuns,
    /// A run that took no time.
    #[error("run {} took no time", .run + 1)]
    NoTime {
        /// Its index.
        run: usize,
    },
}

/// Formula: `scalability = max(requests) / max(time)`; the two maxima may come from different runs.
///
/// # Errors
/// Without runs, or when one took no time.
pub fn scalability(runs: &[Run]) -> Result<Scalability, ScalabilityError> {
    if let Some(run) = runs.iter().position(|run| run.time.seconds() == 0.0) {
        return Err(ScalabilityError::NoTime { run });
    }
    let rate = |run: &Run| run.requests / run.time.seconds();
    let best = (0..runs.len()).max_by(|a, b| rate(&runs[*a]).total_cmp(&rate(&runs[*b])).then(b.cmp(a)));
    let best_run = best.ok_or(ScalabilityError::NoRuns)?;
    let max_requests = runs.iter().map(|run| run.requests).fold(0.0, f64::max);
    let longest = runs.iter().map(|run| run.time).max_by(|a, b| a.seconds().total_cmp(&b.seconds()));
    let max_time = longest.ok_or(ScalabilityError::NoRuns)?;
    Ok(Scalability {
        max_requests,
        max_time,
        per_second: max_requests / max_time.seconds(),
        best_run,
        best_per_second: rate(&runs[best_run]),
    })
}

#[cfg(test)]
mod tests {
    use super::{Run, ScalabilityError, scalability};
    use crate::quantity::Duration;

    fn run(requests: f64, seconds: f64) -> Run {
        Run { requests, time: Duration::from_seconds(seconds).unwrap() }
    }

    #[test]
    fn the_maxima_may_come_from_different_runs() {
        let result = scalability(&[run(1_000.0, 10.0), run(1_500.0, 12.0), run(900.0, 20.0)]).unwrap();
        assert_eq!((result.max_requests, result.max_time.seconds(), result.per_second), (1_500.0, 20.0, 75.0));
        assert_eq!((result.best_run, result.best_per_second), (1, 125.0));
    }

    #[test]
    fn runs_without_time_and_no_runs_are_refused() {
        assert_eq!(scalability(&[]), Err(ScalabilityError::NoRuns));
        assert_eq!(scalability(&[run(1.0, 1.0), run(1.0, 0.0)]), Err(ScalabilityError::NoTime { run: 1 }));
    }
}
