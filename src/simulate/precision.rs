//! How far a simulation is from the precision that is wanted.

use crate::simulate::Settings;
use crate::simulate::merged::{Measure, Merged};
use crate::simulate::refusal::{FEWEST_EFFECTIVE, LARGEST_SHARE, Refusal, WIDEST};

/// How many times the data that there are the wanted precision takes; none without a wish, or as long as there are no
/// intervals.
pub(crate) fn missing(merged: &Merged, settings: &Settings) -> Option<f64> {
    let precision = settings.precision?;
    if Refusal::of(merged, settings.alpha).is_some() {
        return None;
    }
    let widest = merged
        .half_width(Measure::Downtime, settings.alpha)
        .max(merged.half_width(Measure::Outages, settings.alpha))
        .max(of_long_outages(merged, settings))
        .max(of_capacity(merged, settings));
    Some((widest / precision) * (widest / precision))
}

/// Half the relative width for the shares of the outages, and of the downtime, that are long; 0 where nobody asks for them, or
/// all outages that were seen are on one side.
fn of_long_outages(merged: &Merged, settings: &Settings) -> f64 {
    let split = [0, 1].into_iter().filter(|&of| {
        let part = merged.tally.long[of];
        part.x > 0.0 && part.x < part.y
    });
    split.map(|of| merged.half_width(Measure::Long(of), settings.alpha)).fold(0.0, f64::max)
}

/// The same for lost requests and too little capacity; 0 where there is no demand, or it was always met. Infinite as long as
/// one of them has no interval.
fn of_capacity(merged: &Merged, settings: &Settings) -> f64 {
    let extras = merged.tally.extras.len();
    let seen = (extras.saturating_sub(2)..extras).filter(|&index| merged.tally.extras[index].x > 0.0);
    let width = |index| {
        if is_supported(merged, index, settings.alpha) {
            merged.half_width(Measure::Extra(index), settings.alpha)
        } else {
            f64::INFINITY
        }
    };
    seen.map(width).fold(0.0, f64::max)
}

/// Whether an extra quantity has an interval: it rests on enough cycles of which none dominates.
pub(crate) fn is_supported(merged: &Merged, index: usize, alpha: f64) -> bool {
    let extra = merged.tally.extras[index];
    let effective = if extra.xx > 0.0 { extra.x * extra.x / extra.xx } else { 0.0 };
    // Replications hold many spells each: their spread alone tells.
    let fewest = if merged.regenerative { FEWEST_EFFECTIVE } else { 0.5 * merged.replications() };
    let dominated = merged.regenerative && extra.largest > LARGEST_SHARE * extra.x;
    effective >= fewest && !dominated && merged.half_width(Measure::Extra(index), alpha) <= WIDEST
}

/// Whether the intervals of all measures that are asked for exist and are narrow enough.
pub(crate) fn is_precise(merged: &Merged, settings: &Settings) -> bool {
    missing(merged, settings).is_some_and(|times| times <= 1.0)
}

/// Unavailability with its interval, for progress.
pub(crate) fn point_and_interval(merged: &Merged, settings: &Settings) -> Option<(f64, f64, f64)> {
    if Refusal::of(merged, settings.alpha).is_some() {
        return None;
    }
    let estimate = merged.estimate(Measure::Downtime, settings.alpha);
    Some((estimate.point?, estimate.low?, estimate.high?))
}
