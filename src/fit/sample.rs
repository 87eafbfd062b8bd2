//! A sample of times, some of them censored, in the form that likelihoods sum over.

use thiserror::Error;

/// One time: how long something took, or how long it had lasted when nobody looked any further.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// The time, in seconds; finite and not negative.
    pub seconds: f64,
    /// Whether it had not ended by then (right censoring).
    pub censored: bool,
}

/// Observations of one length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) seconds: f64,
    /// That ended then.
    pub(crate) ended: f64,
    /// That were cut off then.
    pub(crate) censored: f64,
}

/// Why times are no sample.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SampleError {
    /// A time that is none.
    #[error("observation {number} is {seconds} s, but a time from 0 to 1e15 s is expected")]
    Time {
        /// Which one, from 1.
        number: usize,
        /// Its value.
        seconds: f64,
    },
    /// Nothing that ended.
    #[error("no time above zero has ended, so there is nothing to fit")]
    NothingEnded,
}

/// Longer times are no times of systems, in seconds.
pub const LONGEST: f64 = 1e15;
/// Grids that times may lie on because they were written down so, in seconds.
const GRIDS: [f64; 4] = [86_400.0, 3_600.0, 60.0, 1.0];

/// Times above zero, ascending, equal ones together. Times of zero that ended are counted apart: continuous
/// distributions give them no probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub(crate) points: Vec<Point>,
    ended: u64,
    censored: u64,
    zeros: u64,
    total: f64,
}

impl Sample {
    /// Sorts and counts.
    ///
    /// # Errors
    /// When a time is negative, not finite or above 1e15 s, or when none above zero has ended.
    pub fn new(observations: &[Observation]) -> Result<Self, SampleError> {
        let wrong = |(_, observation): &(usize, &Observation)| !(0.0..=LONGEST).contains(&observation.seconds);
        if let Some((at, observation)) = observations.iter().enumerate().find(wrong) {
            return Err(SampleError::Time { number: at + 1, seconds: observation.seconds });
        }
        let zeros =
            observations.iter().filter(|observation| observation.seconds <= 0.0 && !observation.censored).count();
        let mut sorted: Vec<Observation> = observations.iter().copied().filter(|one| one.seconds > 0.0).collect();
        sorted.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let sample = Self::of_sorted(&sorted, zeros as u64);
        if sample.ended == 0 { Err(SampleError::NothingEnded) } else { Ok(sample) }
    }

    /// Of positive times in ascending order.
    pub(crate) fn of_sorted(sorted: &[Observation], zeros: u64) -> Self {
        let mut points: Vec<Point> = Vec::new();
        for one in sorted {
            let (ended, censored) = if one.censored { (0.0, 1.0) } else { (1.0, 0.0) };
            match points.last_mut() {
                Some(last) if last.seconds.to_bits() == one.seconds.to_bits() => {
                    last.ended += ended;
                    last.censored += censored;
                }
                _ => points.push(Point { seconds: one.seconds, ended, censored }),
            }
        }
        let censored = sorted.iter().filter(|one| one.censored).count() as u64;
        let total = sorted.iter().map(|one| one.seconds).collect::<crate::numeric::sum::Sum>().value();
        Self { points, ended: sorted.len() as u64 - censored, censored, zeros, total }
    }

    /// Times above zero that ended.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    /// Times above zero that were cut off.
    pub fn censored(&self) -> u64 {
        self.censored
    }

    /// Times of zero that ended; they are in no fit.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// All time that was seen, in seconds.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// All time that was seen over the number of times above zero that ended, in seconds: the mean where nothing is
    /// censored, and the estimate that keeps the share of time otherwise.
    pub fn mean(&self) -> f64 {
        self.total / self.ended as f64
    }

    /// As [`Self::mean`], with the times of zero among those that ended.
    pub fn mean_with_zeros(&self) -> f64 {
        self.total / (self.ended + self.zeros) as f64
    }

    /// Different times that ended.
    pub fn distinct(&self) -> usize {
        self.points.iter().filter(|point| point.ended > 0.0).count()
    }

    /// Times that ended and are as long as another that ended.
    pub fn tied(&self) -> u64 {
        self.points.iter().filter(|point| point.ended > 1.0).map(|point| point.ended as u64).sum()
    }

    /// The shortest and the longest time that ended, in seconds.
    pub fn range(&self) -> (f64, f64) {
        let mut ended = self.points.iter().filter(|point| point.ended > 0.0).map(|point| point.seconds);
        let first = ended.next().unwrap_or_default();
        (first, ended.next_back().unwrap_or(first))
    }

    /// The coarsest of day, hour, minute and second of which all times that ended are multiples, in seconds.
    pub fn grid(&self) -> Option<f64> {
        let on =
            |grid: f64| self.points.iter().filter(|point| point.ended > 0.0).all(|point| point.seconds % grid == 0.0);
        GRIDS.into_iter().find(|grid| on(*grid))
    }

    pub(crate) fn points_ended(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(|point| point.ended > 0.0)
    }
}
