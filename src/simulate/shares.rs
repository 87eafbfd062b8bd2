//! Shares of a whole, from plain simulation. Where next to nothing of a side was seen, only a bound holds: the next cycle with
//! an outage might tell otherwise.

use crate::measure::{Estimate, OutagesBeyond};
use crate::numeric::interval::Grouped;
use crate::simulate::bounds;
use crate::simulate::facts::FactsOf;
use crate::simulate::merged::{Measure, Merged};
use crate::simulate::path::{Cut, Plan};

/// A share that rests on fewer effective cycles has an upper bound only.
const FEWEST: f64 = 20.0;

/// The share of the downtime that a part would end.
pub(crate) fn of_downtime(merged: &Merged, index: usize, alpha: f64) -> Estimate {
    let tally = &merged.tally;
    let extra = tally.extras[index];
    let (largest, size) = if merged.regenerative {
        (tally.largest, None)
    } else {
        (merged.lengths.longest, Some(merged.lengths.squares / merged.lengths.sum))
    };
    // Of replications the sizes of single outages are known for all of the downtime only.
    let grouped = |sum: f64, squares: f64| Grouped { sum, squares: size.map_or(squares, |size| size * sum), largest };
    let part = grouped(extra.x, extra.xx);
    let others = grouped(rest(extra.x, tally.d), (tally.dd - 2.0 * extra.xd + extra.xx).max(0.0));
    share(merged, Measure::ShareOfDowntime(index), [part, others], alpha)
}

/// The shares of the outages, and of the downtime in them, that are longer than the plan's objective. Where cycles end
/// within outages there is nothing: lengths of consecutive cycles are then not independent.
pub(crate) fn beyond(
    facts: &FactsOf<'_>,
    plan: &Plan,
    merged: &Merged,
    trusted: bool,
    alpha: f64,
) -> Option<OutagesBeyond> {
    let objective = plan.long_outage?;
    let is_cut = matches!(&plan.cut, Cut::Regenerative { at, .. } if !facts.read(at).up);
    let tally = &merged.tally;
    let of = |long: usize, single: f64, least: f64| {
        if trusted && !is_cut { part_of(merged, long, single, least, alpha) } else { bounds::nothing(alpha) }
    };
    Some(OutagesBeyond {
        objective,
        share_of_outages: of(0, merged.dispersion(), tally.most.max(1.0)),
        share_of_downtime: of(1, merged.lengths.longest, merged.lengths.longest.max(tally.largest).max(objective)),
    })
}

/// A part that was counted cycle by cycle. Of replications one outage counts `single`; the next long one may count
/// `largest`, although none was seen.
fn part_of(merged: &Merged, long: usize, single: f64, largest: f64, alpha: f64) -> Estimate {
    let sums = merged.tally.long[long];
    let grouped = |sum: f64, squares: f64| {
        if merged.regenerative {
            Grouped { sum, squares, largest }
        } else {
            Grouped { sum, squares: single * sum, largest: single.max(largest) }
        }
    };
    let part = grouped(sums.x, sums.xx);
    let others = grouped(rest(sums.x, sums.y), (sums.yy - 2.0 * sums.xy + sums.xx).max(0.0));
    share(merged, Measure::Long(long), [part, others], alpha)
}

/// What is left of the whole. Rounding may leave a little where there is nothing.
fn rest(part: f64, whole: f64) -> f64 {
    let rest = (whole - part).max(0.0);
    if rest < 1e-9 * whole { 0.0 } else { rest }
}

fn share(merged: &Merged, of: Measure, [part, others]: [Grouped; 2], alpha: f64) -> Estimate {
    let whole = of.sums(&merged.tally).y;
    if effective(part) < FEWEST {
        return Estimate { high: Some((part.upper(alpha) / whole).min(1.0)), ..bounds::nothing(alpha) };
    }
    let estimate = at_most_one(merged.estimate(of, alpha));
    if effective(others) >= FEWEST {
        return estimate;
    }
    let low = 1.0 - (others.upper(alpha / 2.0) / whole).min(1.0);
    Estimate { low: estimate.low.map(|known| known.min(low)), high: Some(1.0), ..estimate }
}

/// How many equal groups would vary as much.
pub(crate) fn effective(grouped: Grouped) -> f64 {
    if grouped.squares > 0.0 { grouped.sum * grouped.sum / grouped.squares } else { 0.0 }
}

/// The interval of a share does not reach beyond 1.
pub(crate) fn at_most_one(share: Estimate) -> Estimate {
    Estimate { high: share.high.map(|high| high.min(1.0)), ..share }
}
