//! What is reported: estimates with intervals where the data support them, bounds where they do not.

use crate::measure::{
    CapacityMeasures, Contribution, Contributions, Diagnostics, Estimate, OutageLengths, SimulatedMeasures, StopReason,
    Warning,
};
use crate::numeric::interval::Grouped;
use crate::numeric::random::GENERATOR;
use crate::simulate::Settings;
use crate::simulate::bounds;
use crate::simulate::facts::FactsOf;
use crate::simulate::lengths::Lengths;
use crate::simulate::merged::{Merged, Sums};
use crate::simulate::path::{Cut, Plan};
use crate::simulate::precision::is_precise;
use crate::simulate::refusal::{FEWEST_EFFECTIVE, LARGEST_SHARE, Refusal, WIDEST};
use crate::simulate::rounds::Finished;
use crate::simulate::tally::Shape;
use crate::structure::times;
use crate::topology::Model;

/// Quantiles of the outage length that are reported.
pub(crate) const QUANTILES: [f64; 5] = [0.05, 0.5, 0.9, 0.95, 0.99];
/// A quantile needs so many outages beyond it.
const FEWEST_BEYOND: f64 = 20.0;
/// A share of the downtime that rests on fewer effective cycles has an upper bound only.
const FEWEST_FOR_SHARE: f64 = 20.0;

pub(crate) fn conclude(
    model: &Model,
    facts: &FactsOf<'_>,
    settings: &Settings,
    exponential: bool,
    finished: Finished,
) -> SimulatedMeasures {
    let Finished { merged, plan, stopped_by } = finished;
    let tally = &merged.tally;
    let alpha = settings.alpha;
    let refused = Refusal::of(&merged, alpha);
    // A diagram that grows too large leaves it open; then no times are claimed.
    let has_times = times::exist(model).unwrap_or(false);
    let timed = |sums: Sums| (has_times && refused.is_none()).then(|| merged.estimate(sums, alpha));
    let (unavailability, failure_frequency) = match refused {
        None => (at_most_one(merged.estimate(Sums::of_downtime(tally), alpha)), timed(Sums::of_outages(tally))),
        Some(Refusal::WarmUp | Refusal::Unfinished) => {
            (bounds::nothing(alpha), has_times.then(|| bounds::nothing(alpha)))
        }
        Some(_) => (bounds::unavailability(&merged, alpha), has_times.then(|| bounds::frequency(&merged, alpha))),
    };
    let mut warnings = warnings(model, refused, &merged, settings, stopped_by);
    if !has_times {
        warnings.push(no_frequency());
    }
    SimulatedMeasures {
        unavailability,
        failure_frequency,
        mean_cycle_time: timed(Sums::of_cycle_time(tally)),
        mean_up_time: timed(Sums::of_mean_up_time(tally)),
        mean_down_time: (has_times && refused.is_none()).then(|| merged.mean_outage(alpha)),
        outage_lengths: has_times.then(|| outage_lengths(&merged.lengths)).flatten(),
        contributions: contributions(model, facts, &merged, alpha, refused.is_none(), has_times),
        capacity: model.system.demand.map(|demand| capacity(facts, &merged, alpha, demand)),
        method: method(exponential, &plan),
        generator: GENERATOR,
        seed: settings.seed,
        events: merged.events,
        outages: tally.n as u64,
        cycles: tally.cycles,
        simulated_seconds: merged.seconds,
        stopped_by,
        diagnostics: Diagnostics {
            effective_sample_size: merged.effective(),
            largest_share: merged.largest_share(),
            cycles_with_outage: tally.with_outage,
            refused: refused.map(|refusal| refusal.code().to_owned()),
            importance: None,
        },
        warnings,
    }
}

pub(crate) fn no_frequency() -> Warning {
    Warning {
        code: "no_frequency",
        message: "a part has only an `unavailability`: frequency, MTBF, MUT and MDT do not exist".into(),
    }
}

fn method(exponential: bool, plan: &Plan) -> String {
    let engine = if exponential { "jumps between states" } else { "discrete events" };
    let intervals = match plan.cut {
        Cut::Regenerative { .. } => "regenerative cycles",
        Cut::Replications { .. } => "independent replications after a warm-up",
    };
    format!("plain simulation ({engine}), intervals from {intervals}")
}

/// The interval of a share does not reach beyond 1.
fn at_most_one(share: Estimate) -> Estimate {
    Estimate { high: share.high.map(|high| high.min(1.0)), ..share }
}

fn outage_lengths(lengths: &Lengths) -> Option<OutageLengths> {
    let supported = |p: &&f64| (1.0 - **p).min(**p) * lengths.count as f64 >= FEWEST_BEYOND;
    let quantiles: Vec<(f64, f64)> =
        QUANTILES.iter().filter(supported).filter_map(|&p| Some((p, lengths.quantile(p)?))).collect();
    (!quantiles.is_empty()).then_some(OutageLengths { quantiles, count: lengths.count, longest: lengths.longest })
}

fn contributions(
    model: &Model,
    facts: &FactsOf<'_>,
    merged: &Merged,
    alpha: f64,
    trusted: bool,
    has_times: bool,
) -> Contributions<Estimate> {
    let causes = facts.dynamics.causes();
    let shape = Shape { causes: causes.len(), parts: facts.parts.len() };
    if !trusted {
        return Contributions { begun_by: Vec::new(), ended_by: Vec::new() };
    }
    let begun = (0..causes.len())
        .filter(|_| has_times)
        .map(|cause| Contribution { of: causes[cause].clone(), value: begun_by(merged, cause, alpha) });
    let ended = facts.parts.iter().enumerate().map(|(index, part)| Contribution {
        of: model.part_name(*part).to_owned(),
        value: share_of_downtime(merged, shape.part(index), alpha),
    });
    Contributions { begun_by: begun.collect(), ended_by: ended.collect() }
}

/// Outages per second that a cause began: where they are few, by the interval for counts; where none was seen, a bound.
fn begun_by(merged: &Merged, cause: usize, alpha: f64) -> Estimate {
    let counted = merged.outages_by(cause);
    if effective(counted) >= FEWEST_EFFECTIVE {
        return merged.estimate(Sums::of_extra(&merged.tally, cause), alpha);
    }
    let time = merged.tally.t;
    if counted.sum == 0.0 {
        return Estimate { high: Some(counted.upper(alpha) / time), ..bounds::nothing(alpha) };
    }
    Estimate {
        point: Some(counted.sum / time),
        low: Some(counted.lower(alpha / 2.0) / time),
        high: Some(counted.upper(alpha / 2.0) / time),
        confidence: 1.0 - alpha,
    }
}

fn effective(grouped: Grouped) -> f64 {
    if grouped.squares > 0.0 { grouped.sum * grouped.sum / grouped.squares } else { 0.0 }
}

/// The share of the downtime that a part would end. Where next to nothing of it was seen, or next to nothing else, only a
/// bound holds: the next cycle with an outage might tell otherwise.
fn share_of_downtime(merged: &Merged, index: usize, alpha: f64) -> Estimate {
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
    // Rounding may leave a little where there is nothing.
    let rest = (tally.d - extra.x).max(0.0);
    let rest = if rest < 1e-9 * tally.d { 0.0 } else { rest };
    let others = grouped(rest, (tally.dd - 2.0 * extra.xd + extra.xx).max(0.0));
    if effective(part) < FEWEST_FOR_SHARE {
        return Estimate { high: Some((part.upper(alpha) / tally.d).min(1.0)), ..bounds::nothing(alpha) };
    }
    let estimate = at_most_one(merged.estimate(Sums::of_share(tally, index), alpha));
    if effective(others) >= FEWEST_FOR_SHARE {
        return estimate;
    }
    let low = 1.0 - (others.upper(alpha / 2.0) / tally.d).min(1.0);
    Estimate { low: estimate.low.map(|known| known.min(low)), high: Some(1.0), ..estimate }
}

fn capacity(facts: &FactsOf<'_>, merged: &Merged, alpha: f64, demand: f64) -> CapacityMeasures<Estimate> {
    let shape = Shape { causes: facts.dynamics.causes().len(), parts: facts.parts.len() };
    let lost = lost(merged, shape.lost(), alpha, demand);
    let insufficient = at_most_one(rate_or_bound(merged, shape.insufficient(), alpha, 1.0));
    let carried = Estimate {
        point: lost.point.map(|lost| demand - lost),
        low: lost.high.map(|lost| (demand - lost).max(0.0)),
        high: lost.low.map(|lost| demand - lost),
        confidence: lost.confidence,
    };
    CapacityMeasures { demand, carried, lost, insufficient }
}

fn lost(merged: &Merged, index: usize, alpha: f64, demand: f64) -> Estimate {
    let lost = rate_or_bound(merged, index, alpha, demand);
    Estimate { high: lost.high.map(|high| high.min(demand)), ..lost }
}

/// An extra quantity per second, at most `most`; the bound alone where it rests on too few effective cycles.
fn rate_or_bound(merged: &Merged, index: usize, alpha: f64, most: f64) -> Estimate {
    if Refusal::of(merged, alpha).is_some_and(Refusal::forbids_bounds) {
        return bounds::nothing(alpha);
    }
    let extra = merged.tally.extras[index];
    let effective = if extra.xx > 0.0 { extra.x * extra.x / extra.xx } else { 0.0 };
    let sums = Sums::of_extra(&merged.tally, index);
    // Replications hold many spells each: their spread alone tells.
    let fewest = if merged.regenerative { FEWEST_EFFECTIVE } else { 0.5 * merged.replications() };
    let dominated = merged.regenerative && extra.largest > LARGEST_SHARE * extra.x;
    if effective >= fewest && !dominated && merged.half_width(sums, alpha) <= WIDEST {
        return merged.estimate(sums, alpha);
    }
    if !merged.regenerative {
        return bounds::nothing(alpha);
    }
    let share = bounds::share(merged, extra.cycles as f64, extra.x / most, alpha);
    Estimate { high: share.high.map(|share| most * share), ..share }
}

fn warnings(
    model: &Model,
    refused: Option<Refusal>,
    merged: &Merged,
    settings: &Settings,
    stopped_by: StopReason,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(refusal) = refused {
        warnings.push(refusal.warning(merged));
    } else if let Some(precision) = settings.precision
        && !is_precise(merged, settings)
    {
        let why = if stopped_by == StopReason::Interrupted { "interrupted" } else { "stopped by a limit" };
        let message = format!("{why} before the wanted precision of {} % was reached", 100.0 * precision);
        warnings.push(Warning { code: "precision_not_reached", message });
    }
    if refused.is_none()
        && model.system.demand.is_some()
        && merged.tally.extras.iter().rev().take(2).all(|extra| extra.x == 0.0)
    {
        warnings.push(Warning {
            code: "no_loss_seen",
            message: "the demand was carried in full in every state that was seen".into(),
        });
    }
    warnings
}
