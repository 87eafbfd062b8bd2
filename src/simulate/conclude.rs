//! What is reported: estimates with intervals where the data support them, bounds where they do not.

use crate::measure::{
    CapacityMeasures, Contribution, Contributions, Diagnostics, Estimate, NoObserver, Observer, SimulatedMeasures,
    StopReason, Warning,
};
use crate::numeric::random::GENERATOR;
use crate::simulate::Settings;
use crate::simulate::bounds;
use crate::simulate::facts::FactsOf;
use crate::simulate::merged::{Measure, Merged};
use crate::simulate::path::{Cut, Plan};
use crate::simulate::precision::{is_precise, is_supported};
use crate::simulate::quantiles;
use crate::simulate::refusal::{FEWEST_EFFECTIVE, Refusal};
use crate::simulate::rounds::Finished;
use crate::simulate::shares::{at_most_one, beyond, effective, of_downtime};
use crate::simulate::tally::Shape;
use crate::structure::times;
use crate::topology::Model;

/// Nodes of a diagram that tells whether there are times: half a second at most.
const MOST_NODES: usize = 1_000_000;

/// Whether there are times. A diagram that grows too large leaves it open; then none are claimed.
pub(crate) fn has_times(model: &Model, observer: &dyn Observer) -> bool {
    times::exist(model, MOST_NODES, observer).unwrap_or(false)
}

pub(crate) fn conclude(
    model: &Model,
    facts: &FactsOf<'_>,
    settings: &Settings,
    exponential: bool,
    reason: String,
    finished: Finished,
) -> SimulatedMeasures {
    let Finished { merged, plan, stopped_by } = finished;
    let tally = &merged.tally;
    let alpha = settings.alpha;
    let refused = Refusal::of(&merged, alpha);
    let has_times = has_times(model, &NoObserver);
    let timed = |of: Measure| (has_times && refused.is_none()).then(|| merged.estimate(of, alpha));
    let (unavailability, failure_frequency) = match refused {
        None => (at_most_one(merged.estimate(Measure::Downtime, alpha)), timed(Measure::Outages)),
        Some(Refusal::WarmUp | Refusal::Unfinished) => {
            (bounds::nothing(alpha), has_times.then(|| bounds::nothing(alpha)))
        }
        Some(_) => (bounds::unavailability(&merged, alpha), has_times.then(|| bounds::frequency(&merged, alpha))),
    };
    let has_bounds =
        [Some(&unavailability), failure_frequency.as_ref()].into_iter().flatten().any(|of| of.high.is_some());
    let refusal = refused.map(|refusal| refusal.warning(&merged, has_bounds));
    let mut warnings = warnings(model, refusal, &merged, settings, stopped_by);
    if !has_times {
        warnings.push(no_frequency());
    }
    SimulatedMeasures {
        unavailability,
        failure_frequency,
        mean_cycle_time: timed(Measure::CycleTime),
        mean_up_time: timed(Measure::MeanUpTime),
        mean_down_time: timed(Measure::MeanOutage),
        outage_lengths: has_times.then(|| quantiles::of_plain(&merged, refused.is_none().then_some(alpha))).flatten(),
        outages_beyond: has_times.then(|| beyond(facts, &plan, &merged, refused.is_none(), alpha)).flatten(),
        contributions: contributions(model, facts, &merged, alpha, refused.is_none(), has_times),
        capacity: model.system.demand.map(|demand| capacity(facts, &merged, alpha, demand)),
        method: method(exponential, &plan),
        method_reason: reason,
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
        value: of_downtime(merged, shape.part(index), alpha),
    });
    Contributions { begun_by: begun.collect(), ended_by: ended.collect() }
}

/// Outages per second that a cause began: where they are few, by the interval for counts; where none was seen, a bound.
fn begun_by(merged: &Merged, cause: usize, alpha: f64) -> Estimate {
    let counted = merged.outages_by(cause);
    if effective(counted) >= FEWEST_EFFECTIVE {
        return merged.estimate(Measure::Extra(cause), alpha);
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
    if is_supported(merged, index, alpha) {
        return merged.estimate(Measure::Extra(index), alpha);
    }
    if !merged.regenerative {
        return bounds::nothing(alpha);
    }
    let share = bounds::share(merged, extra.cycles as f64, extra.x / most, alpha);
    Estimate { high: share.high.map(|share| most * share), ..share }
}

fn warnings(
    model: &Model,
    refusal: Option<Warning>,
    merged: &Merged,
    settings: &Settings,
    stopped_by: StopReason,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let is_refused = refusal.is_some();
    if let Some(refusal) = refusal {
        warnings.push(refusal);
    } else if let Some(precision) = settings.precision
        && !is_precise(merged, settings)
    {
        let why = if stopped_by == StopReason::Interrupted { "interrupted" } else { "stopped by a limit" };
        let message = format!("{why} before the wanted precision of {} % was reached", 100.0 * precision);
        warnings.push(Warning { code: "precision_not_reached", message });
    }
    if !is_refused
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
