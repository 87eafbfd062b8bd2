//! Quantiles of the outage length, with intervals.
//!
//! The interval of the distribution function at the quantile is turned into one of the quantile: its ends are the quantiles at
//! the ends of that interval (Woodruff 1952). They are good to half a bin of [`Lengths`].

use crate::measure::{OutageLengths, OutageQuantile};
use crate::numeric::interval::clopper_pearson;
use crate::simulate::lengths::Lengths;
use crate::simulate::merged::Merged;
use crate::simulate::rare::estimates::Estimates;

/// Quantiles that are reported.
const QUANTILES: [f64; 5] = [0.05, 0.5, 0.9, 0.95, 0.99];
/// A quantile needs outages of so many equal weights beyond it.
const FEWEST_BEYOND: f64 = 20.0;

/// Of plain simulation, with intervals that miss with probability `alpha`, if any. Outages of one cycle, or of one burst, may be
/// as long as each other: only so many groups count, as independent trials.
pub(crate) fn of_plain(merged: &Merged, alpha: Option<f64>) -> Option<OutageLengths> {
    let lengths = &merged.lengths;
    let groups = merged.outages();
    let trials = libm::floor(lengths.count as f64 * groups.sum / groups.squares) as u64;
    quantiles(lengths, lengths.count as f64, |p, _| {
        let alpha = alpha.filter(|_| trials > 0)?;
        let shorter = libm::round(p * trials as f64) as u64;
        let interval = clopper_pearson(shorter, trials, alpha);
        Some([interval.low, interval.high])
    })
}

/// Of importance sampling: the weighted share of the outages that are at most so long, from batches.
pub(crate) fn of_batches(estimates: &Estimates) -> Option<OutageLengths> {
    let effective = estimates.total.contributions[1].effective();
    quantiles(&estimates.total.lengths, effective, |p, seconds| {
        // The jump of a length that many outages share may hide the spread on one side of it.
        let half_width = [0, 1].map(|with| half_width(estimates, seconds, with)).into_iter().fold(0.0, f64::max);
        half_width.is_finite().then_some([p - half_width, p + half_width])
    })
}

/// Half the width of the interval for the share of outages that are shorter than `seconds`, or, `with` 1, at most so long.
fn half_width(estimates: &Estimates, seconds: f64, with: usize) -> f64 {
    let share = estimates.ratio(|batch| batch.lengths.up_to(seconds)[with], |batch| batch.lengths.total);
    if share.value > 0.0 { share.value * share.half_width } else { 0.0 }
}

/// Those that `effective` outages support; `interval` is that of the distribution function at a quantile.
fn quantiles(
    lengths: &Lengths,
    effective: f64,
    interval: impl Fn(f64, f64) -> Option<[f64; 2]>,
) -> Option<OutageLengths> {
    let quantile = |probability: f64| {
        let seconds = lengths.quantile(probability)?;
        let ends = interval(probability, seconds);
        let end = |side: usize| {
            let share = ends.map(|ends| ends[side]).filter(|share| *share > 0.0 && *share < 1.0);
            share.and_then(|share| lengths.quantile(share))
        };
        Some(OutageQuantile { probability, seconds, low: end(0), high: end(1) })
    };
    let supported = |p: &f64| (1.0 - p).min(*p) * effective >= FEWEST_BEYOND;
    let quantiles: Vec<OutageQuantile> = QUANTILES.into_iter().filter(supported).filter_map(quantile).collect();
    (!quantiles.is_empty()).then_some(OutageLengths { quantiles, count: lengths.count, longest: lengths.longest })
}
