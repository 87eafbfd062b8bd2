//! Which measures beside unavailability and frequency get an interval, and how wide those are that were asked for.
//!
//! A cause of outages, a part of the diagram, a shortfall of capacity or a long outage may rest on a few of the branches, although
//! the checks pass for all of them together. How many is told by the spread of the batches: with X_b the sums of batch b
//! and c_b its share of the cycles, `1 / N = n / (n - 1) sum (X_b - c_b X)^2 / X^2` makes X as uncertain as N equal branches
//! would. Where one batch stands out from all others, one branch may have brought it.

use crate::measure::Estimate;
use crate::simulate::bounds;
use crate::simulate::rare::checks::{LARGEST_DEVIATION, WIDEST};
use crate::simulate::rare::estimates::{Estimates, Ratio};
use crate::simulate::rare::rounds::Wish;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::shares::at_most_one;

/// As for a class of outage: with less the spread itself is not known.
const FEWEST_EFFECTIVE: f64 = 30.0;
/// A spread below this is rounding.
const ROUNDING: f64 = 1e-20;

/// Whether enough branches contribute to a sum, and none stands out.
fn supports(estimates: &Estimates, sum: &dyn Fn(&Statistics) -> f64) -> bool {
    let used = || estimates.batches.iter().filter(|batch| batch.cycles > 0);
    let (n, total) = (used().count() as f64, used().map(sum).sum::<f64>());
    if n < 2.0 || total <= 0.0 {
        return false;
    }
    let per_cycle = total / estimates.total.cycles as f64;
    let errors: Vec<f64> = used().map(|batch| (sum(batch) - per_cycle * batch.cycles as f64) / total).collect();
    let variance = errors.iter().map(|e| e * e).sum::<f64>() / (n - 1.0);
    let largest = errors.iter().fold(0.0_f64, |a, e| a.max(e.abs()));
    variance < ROUNDING || n * variance * FEWEST_EFFECTIVE <= 1.0 && largest <= LARGEST_DEVIATION * libm::sqrt(variance)
}

/// A measure whose numerator is `sum`; nothing where too little stands behind it.
pub(crate) fn estimate(estimates: &Estimates, ratio: Ratio, sum: &dyn Fn(&Statistics) -> f64) -> Estimate {
    if ratio.half_width <= WIDEST && supports(estimates, sum) {
        ratio.estimate(estimates.alpha)
    } else {
        bounds::nothing(estimates.alpha)
    }
}

/// The bound on what too little was sampled of: room for its own spread, and for one branch more than there were.
pub(crate) fn at_most(ratio: Ratio, unseen: f64, alpha: f64) -> Estimate {
    let spread = Some(ratio.value * ratio.half_width).filter(|spread| spread.is_finite()).unwrap_or(0.0);
    let high = Some(ratio.value + unseen.max(spread)).filter(|high| high.is_finite());
    Estimate { high, ..bounds::nothing(alpha) }
}

/// A part of a whole.
pub(crate) struct Share<'a> {
    pub(crate) part: &'a dyn Fn(&Statistics) -> f64,
    pub(crate) whole: &'a dyn Fn(&Statistics) -> f64,
    /// The most that a side may be of which too little was sampled.
    pub(crate) unseen: f64,
}

impl Share<'_> {
    fn ratio(&self, estimates: &Estimates) -> Ratio {
        estimates.ratio(self.part, self.whole)
    }

    /// Its value with an interval, or a bound where next to nothing of one side was sampled.
    pub(crate) fn estimate(&self, estimates: &Estimates) -> Estimate {
        let ratio = self.ratio(estimates);
        let estimate = at_most_one(estimate(estimates, ratio, self.part));
        // A part as small as what may be unseen rests on what was easy to sample.
        if estimate.point.is_none() || ratio.value < self.unseen {
            return at_most_one(at_most(ratio, self.unseen, estimates.alpha));
        }
        let rest = (1.0 - ratio.value).max(0.0);
        let others = |batch: &Statistics| (self.whole)(batch) - (self.part)(batch);
        if ratio.half_width * ratio.value <= WIDEST * rest && supports(estimates, &others) {
            return estimate;
        }
        let low = estimate.low.map(|low| low.min(ratio.value - self.unseen).max(0.0));
        Estimate { low, high: Some(1.0), ..estimate }
    }
}

/// The widest of the intervals that were asked for: half its width relative to the value. Infinite as long as one of them
/// cannot be given.
pub(crate) fn widest(estimates: &Estimates, wish: &Wish<'_>) -> f64 {
    let width = |ratio: Ratio, sum: &dyn Fn(&Statistics) -> f64| {
        if supports(estimates, sum) { ratio.half_width } else { f64::INFINITY }
    };
    let mut widest = estimates.rate(0).half_width;
    if wish.has_times {
        widest = widest.max(estimates.rate(1).half_width);
    }
    // Where the capacity was always enough there is nothing to wait for.
    for &quantity in wish.capacity.iter().filter(|&&quantity| estimates.total.sums[quantity] > 0.0) {
        widest = widest.max(width(estimates.rate(quantity), &|batch| batch.sums[quantity]));
    }
    if wish.has_times && wish.settings.long_outage.is_some() {
        let outages = estimates.ratio(|batch| batch.long[0], |batch| whole_of_long(batch)[0]);
        for (index, ratio) in [outages, estimates.share_of_long()].into_iter().enumerate() {
            // Nor is there where all or none of the sampled outages are long.
            if ratio.value > 0.0 && ratio.value < 1.0 {
                widest = widest.max(width(ratio, &|batch| batch.long[index]));
            }
        }
    }
    widest
}

/// What the sums of long outages are parts of.
pub(crate) fn whole_of_long(batch: &Statistics) -> [f64; 2] {
    [batch.lengths.total, batch.lengths.sum]
}

#[cfg(test)]
mod tests;
