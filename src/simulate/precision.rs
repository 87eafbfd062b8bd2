//! How far a simulation is from the precision that is wanted.

use crate::simulate::Settings;
use crate::simulate::merged::{Merged, Sums};
use crate::simulate::refusal::Refusal;

/// How many times the data that there are the wanted precision takes; none without a wish, or as long as there are no
/// intervals.
pub(crate) fn missing(merged: &Merged, settings: &Settings) -> Option<f64> {
    let precision = settings.precision?;
    if Refusal::of(merged, settings.alpha).is_some() {
        return None;
    }
    let widest = merged
        .half_width(Sums::of_downtime(&merged.tally), settings.alpha)
        .max(merged.half_width(Sums::of_outages(&merged.tally), settings.alpha))
        .max(of_long_outages(merged, settings));
    Some((widest / precision) * (widest / precision))
}

/// Half the relative width for the share of the downtime in long outages; 0 where nobody asks for it, or all outages that
/// were seen are on one side.
fn of_long_outages(merged: &Merged, settings: &Settings) -> f64 {
    let [_, seconds] = merged.tally.long;
    let is_split = seconds.x > 0.0 && seconds.x < seconds.y;
    if is_split { merged.half_width(Sums::of_part(seconds), settings.alpha) } else { 0.0 }
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
    let estimate = merged.estimate(Sums::of_downtime(&merged.tally), settings.alpha);
    Some((estimate.point?, estimate.low?, estimate.high?))
}
