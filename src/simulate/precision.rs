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
    let times = |of: Measure| merged.times_for(of, settings.alpha, precision);
    let all = [Measure::Downtime, Measure::Outages].into_iter().map(times);
    let long = long_outages(merged).map(times);
    let capacity = capacity(merged).map(|index| {
        if is_supported(merged, index, settings.alpha) { times(Measure::Extra(index)) } else { f64::INFINITY }
    });
    Some(all.chain(long).chain(capacity).fold(0.0, f64::max))
}

/// The shares of the outages, and of the downtime, that are long; none where nobody asks for them, or all outages that were
/// seen are on one side.
fn long_outages(merged: &Merged) -> impl Iterator<Item = Measure> {
    let is_split = |of: &usize| {
        let part = merged.tally.long[*of];
        part.x > 0.0 && part.x < part.y
    };
    [0, 1].into_iter().filter(is_split).map(Measure::Long)
}

/// Lost requests and too little capacity among the extra quantities; none where there is no demand, or it was always met.
fn capacity(merged: &Merged) -> impl Iterator<Item = usize> {
    let extras = merged.tally.extras.len();
    (extras.saturating_sub(2)..extras).filter(|&index| merged.tally.extras[index].x > 0.0)
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
