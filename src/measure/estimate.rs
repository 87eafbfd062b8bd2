//! A simulated number with its interval.

/// A point estimate with a two-sided confidence interval, or only the bound that holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate; absent when the data cannot support an interval.
    pub point: Option<f64>,
    /// Lower end of the interval, or a one-sided lower bound; absent where nothing is known (0 is never printed as knowledge).
    pub low: Option<f64>,
    /// Upper end of the interval, or a one-sided upper bound.
    pub high: Option<f64>,
    /// Confidence level of the interval (or of the one-sided bound), in (0, 1).
    pub confidence: f64,
}

impl Estimate {
    /// Half the width of the interval relative to the estimate, if both exist and the estimate is not zero.
    pub fn relative_half_width(&self) -> Option<f64> {
        let (point, low, high) = (self.point?, self.low?, self.high?);
        (point != 0.0).then(|| (high - low) / 2.0 / point)
    }
}
