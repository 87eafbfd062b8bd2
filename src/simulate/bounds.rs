//! Upper bounds that hold when outages are too few for an interval.

use crate::measure::Estimate;
use crate::numeric::interval::binomial_upper;
use crate::numeric::special::normal_upper_quantile;
use crate::simulate::merged::Merged;

/// Fewer cycles than this do not tell how long one is.
const FEWEST_CYCLES: u64 = 20;
/// The share of the error probability that is spent on the length of cycles.
const FOR_LENGTHS: f64 = 0.1;

pub(crate) fn nothing(alpha: f64) -> Estimate {
    Estimate { point: None, low: None, high: None, confidence: 1.0 - alpha }
}

fn at_most(high: Option<f64>, alpha: f64) -> Estimate {
    Estimate { high, ..nothing(alpha) }
}

/// With `m` instants far enough apart to be independent, at most `k` of which fell into an outage, the share of time
/// down has the exact binomial upper bound (Clopper, Pearson 1934). However the instants are chosen, each
/// outage takes at most one of them, and one more for each time between two of them that it lasts.
///
/// Assumes that states ten mean cycles apart are independent: no outage lasts for many of them.
///
/// Where all outages that were seen are shorter than the time between two instants, a grid with a random offset hits
/// downtime / time apart of them on average. That average, a sum of parts below 1, varies less than the number of hits
/// does, so it may stand for it, rounded up.
pub(crate) fn unavailability(merged: &Merged, alpha: f64) -> Estimate {
    let spells = if merged.lengths.longest < merged.apart { 0.0 } else { merged.tally.n };
    share(merged, spells, merged.tally.d.max(merged.lengths.sum), alpha)
}

/// The same for any share of time that was seen in so many `spells` of `seconds` in all.
pub(crate) fn share(merged: &Merged, spells: f64, seconds: f64, alpha: f64) -> Estimate {
    let instants = (merged.tally.t / merged.apart).floor();
    let high = (instants >= 1.0).then(|| {
        let hit = spells + libm::ceil(seconds / merged.apart);
        binomial_upper(hit.min(instants) as u64, instants as u64, alpha)
    });
    at_most(high, alpha)
}

/// Cycles with an outage arrive independently of each other; the next one might have held as many outages as the worst
/// that was seen, or as one recovery may hold that may last as long as the longest of the model.
pub(crate) fn frequency(merged: &Merged, alpha: f64) -> Estimate {
    at_most(shortest_time(merged, alpha).map(|time| merged.outages().upper((1.0 - FOR_LENGTHS) * alpha) / time), alpha)
}

/// The simulated time as it would be with the shortest mean cycle that the data allow.
fn shortest_time(merged: &Merged, alpha: f64) -> Option<f64> {
    let tally = &merged.tally;
    if !merged.regenerative {
        return (tally.t > 0.0).then_some(tally.t);
    }
    if tally.cycles < FEWEST_CYCLES {
        return None;
    }
    let cycles = tally.cycles as f64;
    let mean = tally.t / cycles;
    let variance = (tally.tt / cycles - mean * mean).max(0.0);
    let error = libm::sqrt(variance / cycles) / mean;
    Some(tally.t * libm::exp(-normal_upper_quantile(FOR_LENGTHS * alpha) * error))
}
