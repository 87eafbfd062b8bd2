//! From sums over cycles to estimates with intervals, or to the bound that holds.
//!
//! Every measure is a ratio of means over independent cycles: U = E D / E T, frequency = E N / E T, mean outage = E D / E N.
//! With X and Y summed over n cycles and r = sum X / sum Y, the variance of r is about
//! `sum (X - r Y)^2 / (sum Y)^2 * n / (n - 1)` (Crane, Iglehart 1975). The interval is symmetric for ln r, which
//! covers better than one for r when outages are few and their lengths are skewed.
//!
//! An interval is refused when it cannot be trusted: fewer than 100 effective cycles with downtime, one cycle that brought
//! more than 5 % of it, or an interval wider than half the estimate.

use std::sync::Mutex;

use crate::measure::{
    CapacityMeasures, Contribution, Contributions, Diagnostics, Estimate, OutageLengths, SimulatedMeasures, StopReason,
    Warning,
};
use crate::numeric::interval::{binomial_upper, poisson_upper, student_factor};
use crate::numeric::random::GENERATOR;
use crate::simulate::Settings;
use crate::simulate::facts::FactsOf;
use crate::simulate::lengths::Lengths;
use crate::simulate::path::{Cut, Path, Plan};
use crate::simulate::rounds::Finished;
use crate::simulate::tally::{Cycle, Shape, Tally};
use crate::structure::times;
use crate::topology::Model;
use crate::topology::system::Part;

/// Fewer effective cycles than this do not support an interval.
const FEWEST_EFFECTIVE: f64 = 100.0;
/// Nor does a downtime of which one cycle brought more than this share.
const LARGEST_SHARE: f64 = 0.05;
/// Nor is an interval given that is wider than this, relative to the estimate.
const WIDEST: f64 = 0.5;
/// Two instants so many mean cycles (or longest mean times) apart are taken as independent.
const APART: f64 = 10.0;
/// Quantiles of the outage length that are reported.
const QUANTILES: [f64; 5] = [0.05, 0.5, 0.9, 0.95, 0.99];
/// A quantile needs so many outages beyond it.
const FEWEST_BEYOND: f64 = 20.0;

/// All paths together.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) tally: Tally,
    pub(crate) lengths: Lengths,
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    regenerative: bool,
    /// Time between instants that count as independent, in seconds.
    apart: f64,
}

impl Merged {
    /// In the order of the streams.
    pub(crate) fn of(paths: &[Mutex<Path>], plan: &Plan) -> Self {
        let lock =
            |path: &'_ Mutex<Path>| path.lock().expect("no thread panics while it holds a path").tally.extras.len();
        debug_assert!(paths.iter().all(|path| lock(path) == lock(&paths[0])));
        let mut merged: Option<Self> = None;
        for path in paths {
            let path = path.lock().expect("no thread panics while it holds a path");
            let mut own = Self {
                tally: path.tally.clone(),
                lengths: path.lengths.clone(),
                events: path.events,
                seconds: path.time,
                regenerative: matches!(plan.cut, Cut::Regenerative(_)),
                apart: 0.0,
            };
            if !own.regenerative {
                let mut whole: Cycle = path.cycle.clone();
                own.tally.finish(&mut whole);
            }
            match &mut merged {
                None => merged = Some(own),
                Some(merged) => {
                    merged.tally.merge(&own.tally);
                    merged.lengths.merge(&own.lengths);
                    merged.events += own.events;
                    merged.seconds += own.seconds;
                }
            }
        }
        let mut merged = merged.expect("there are streams");
        merged.apart = match plan.cut {
            Cut::Regenerative(_) => APART * merged.tally.t / merged.tally.cycles.max(1) as f64,
            Cut::Replications { warm_up } => warm_up,
        };
        merged
    }

    /// Effective number of cycles behind the downtime.
    fn effective(&self) -> f64 {
        let tally = &self.tally;
        match (tally.dd > 0.0, self.regenerative) {
            (false, _) => 0.0,
            (true, true) => tally.d * tally.d / tally.dd,
            // Replications hold many outages each.
            (true, false) => tally.n,
        }
    }

    fn largest_share(&self) -> f64 {
        if self.tally.d > 0.0 { self.tally.largest / self.tally.d } else { 0.0 }
    }

    /// Quantile factor: Student's with the effective number of cycles, or of replications.
    fn factor(&self, alpha: f64) -> f64 {
        let degrees = if self.regenerative { self.effective() } else { self.tally.cycles as f64 };
        student_factor((degrees - 1.0).max(1.0), alpha)
    }

    /// The code of the rule that forbids intervals of the unavailability, if one does.
    fn refused(&self, alpha: f64) -> Option<&'static str> {
        let tally = &self.tally;
        let share = if self.regenerative { LARGEST_SHARE } else { 3.0 * LARGEST_SHARE };
        if self.effective() < FEWEST_EFFECTIVE {
            Some("too_few_outages")
        } else if self.largest_share() > share {
            Some("one_cycle_dominates")
        } else if self.relative_error(Sums::of_downtime(tally)) * self.factor(alpha) > WIDEST {
            Some("interval_too_wide")
        } else {
            None
        }
    }

    /// Relative standard error of a ratio.
    fn relative_error(&self, sums: Sums) -> f64 {
        let n = self.tally.cycles as f64;
        if sums.x <= 0.0 || n < 2.0 {
            return f64::INFINITY;
        }
        let ratio = sums.x / sums.y;
        // Sums of squares of X - r Y, expanded; each of the three parts is non-negative and of similar size only when X
        // and Y are nearly proportional, where the difference is small and so is its effect.
        let squares = (sums.xx - 2.0 * ratio * sums.xy + ratio * ratio * sums.yy).max(0.0);
        libm::sqrt(squares * n / (n - 1.0)) / sums.x
    }

    fn estimate(&self, sums: Sums, alpha: f64) -> Estimate {
        let confidence = 1.0 - alpha;
        if sums.x <= 0.0 {
            return Estimate { point: None, low: None, high: None, confidence };
        }
        let point = sums.x / sums.y;
        let spread = libm::exp(self.factor(alpha) * self.relative_error(sums));
        Estimate { point: Some(point), low: Some(point / spread), high: Some(point * spread), confidence }
    }
}

/// Sums for the ratio of X to Y.
#[derive(Clone, Copy, Debug)]
struct Sums {
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Sums {
    fn of_downtime(tally: &Tally) -> Self {
        Self { x: tally.d, y: tally.t, xx: tally.dd, xy: tally.td, yy: tally.tt }
    }

    fn of_outages(tally: &Tally) -> Self {
        Self { x: tally.n, y: tally.t, xx: tally.nn, xy: tally.tn, yy: tally.tt }
    }

    fn of_cycle_time(tally: &Tally) -> Self {
        Self { x: tally.t, y: tally.n, xx: tally.tt, xy: tally.tn, yy: tally.nn }
    }

    fn of_mean_outage(tally: &Tally) -> Self {
        Self { x: tally.d, y: tally.n, xx: tally.dd, xy: tally.dn, yy: tally.nn }
    }

    /// Uptime T - D per outage.
    fn of_mean_up_time(tally: &Tally) -> Self {
        Self {
            x: tally.t - tally.d,
            y: tally.n,
            xx: tally.tt - 2.0 * tally.td + tally.dd,
            xy: tally.tn - tally.dn,
            yy: tally.nn,
        }
    }

    /// An extra quantity per second.
    fn of_extra(tally: &Tally, index: usize) -> Self {
        let extra = tally.extras[index];
        Self { x: extra.x, y: tally.t, xx: extra.xx, xy: extra.xt, yy: tally.tt }
    }

    /// An extra quantity as a share of the downtime.
    fn of_share(tally: &Tally, index: usize) -> Self {
        let extra = tally.extras[index];
        Self { x: extra.x, y: tally.d, xx: extra.xx, xy: extra.xd, yy: tally.dd }
    }
}

/// Whether the intervals of unavailability and frequency exist and are narrow enough.
pub(crate) fn is_precise(merged: &Merged, settings: &Settings) -> bool {
    let Some(precision) = settings.precision else { return false };
    let narrow = |sums| merged.factor(settings.alpha) * merged.relative_error(sums) <= precision;
    merged.refused(settings.alpha).is_none()
        && narrow(Sums::of_downtime(&merged.tally))
        && narrow(Sums::of_outages(&merged.tally))
}

/// Unavailability with its interval, for progress.
pub(crate) fn point_and_interval(merged: &Merged, settings: &Settings) -> Option<(f64, f64, f64)> {
    if merged.refused(settings.alpha).is_some() {
        return None;
    }
    let estimate = merged.estimate(Sums::of_downtime(&merged.tally), settings.alpha);
    Some((estimate.point?, estimate.low?, estimate.high?))
}

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
    let refused = merged.refused(alpha);
    // A diagram that grows too large leaves it open; then no times are claimed.
    let has_times = times::exist(model).unwrap_or(false);
    let timed = |sums: Sums| (has_times && refused.is_none()).then(|| merged.estimate(sums, alpha));
    let (unavailability, failure_frequency) = match refused {
        None => (merged.estimate(Sums::of_downtime(tally), alpha), timed(Sums::of_outages(tally))),
        Some(_) => (unavailability_bound(&merged, alpha), has_times.then(|| frequency_bound(&merged, alpha))),
    };
    let mut warnings = warnings(model, refused, &merged, settings, stopped_by);
    if !has_times {
        warnings.push(Warning {
            code: "no_frequency",
            message: "a part has only an `unavailability`: frequency, MTBF, MUT and MDT do not exist".into(),
        });
    }
    SimulatedMeasures {
        unavailability,
        failure_frequency,
        mean_cycle_time: timed(Sums::of_cycle_time(tally)),
        mean_up_time: timed(Sums::of_mean_up_time(tally)),
        mean_down_time: timed(Sums::of_mean_outage(tally)),
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
            refused: refused.map(str::to_owned),
        },
        warnings,
    }
}

fn method(exponential: bool, plan: &Plan) -> String {
    let engine = if exponential { "jumps between states" } else { "discrete events" };
    let intervals = match plan.cut {
        Cut::Regenerative(_) => "regenerative cycles",
        Cut::Replications { .. } => "independent replications after a warm-up",
    };
    format!("plain simulation ({engine}), intervals from {intervals}")
}

/// With `m` instants far enough apart to be independent, at most `k` of which fell into an outage, the share of time
/// down has the exact binomial upper bound (Clopper, Pearson 1934). However the instants are chosen, each
/// outage takes at most one of them, and one more for each time between two of them that it lasts.
fn unavailability_bound(merged: &Merged, alpha: f64) -> Estimate {
    let tally = &merged.tally;
    let instants = (tally.t / merged.apart).floor();
    let high = (instants >= 1.0).then(|| {
        let hit = tally.n + libm::ceil(tally.d / merged.apart);
        binomial_upper(hit.min(instants) as u64, instants as u64, alpha)
    });
    Estimate { point: None, low: None, high, confidence: 1.0 - alpha }
}

/// Cycles with an outage are independent of each other: their number has the exact Poisson bound, and each holds as many
/// outages as those that were seen did on average (at least one).
fn frequency_bound(merged: &Merged, alpha: f64) -> Estimate {
    let tally = &merged.tally;
    let per_cycle = if tally.with_outage > 0 { tally.n / tally.with_outage as f64 } else { 1.0 };
    let high = (tally.t > 0.0).then(|| poisson_upper(tally.with_outage, alpha) * per_cycle / tally.t);
    Estimate { point: None, low: None, high, confidence: 1.0 - alpha }
}

fn outage_lengths(lengths: &Lengths) -> Option<OutageLengths> {
    let supported = |p: &&f64| (1.0 - **p).min(**p) * lengths.total as f64 >= FEWEST_BEYOND;
    let quantiles: Vec<(f64, f64)> =
        QUANTILES.iter().filter(supported).filter_map(|&p| Some((p, lengths.quantile(p)?))).collect();
    (!quantiles.is_empty()).then_some(OutageLengths { quantiles, count: lengths.total, longest: lengths.longest })
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
    let seen = |index: &usize| merged.tally.extras[*index].x > 0.0;
    let begun = (0..causes.len()).filter(seen).filter(|_| has_times).map(|cause| Contribution {
        of: causes[cause].clone(),
        value: merged.estimate(Sums::of_extra(&merged.tally, cause), alpha),
    });
    let ended = facts.parts.iter().enumerate().map(|(index, part)| Contribution {
        of: match part {
            Part::Group(group) => model.groups[group.0].name.clone(),
            Part::Domain(domain) => model.domains[domain.0].name.clone(),
        },
        value: merged.estimate(Sums::of_share(&merged.tally, shape.part(index)), alpha),
    });
    Contributions { begun_by: begun.collect(), ended_by: ended.collect() }
}

fn capacity(facts: &FactsOf<'_>, merged: &Merged, alpha: f64, demand: f64) -> CapacityMeasures<Estimate> {
    let shape = Shape { causes: facts.dynamics.causes().len(), parts: facts.parts.len() };
    let lost = merged.estimate(Sums::of_extra(&merged.tally, shape.lost()), alpha);
    let insufficient = merged.estimate(Sums::of_extra(&merged.tally, shape.insufficient()), alpha);
    let carried = Estimate {
        point: lost.point.map(|lost| demand - lost),
        low: lost.high.map(|lost| (demand - lost).max(0.0)),
        high: lost.low.map(|lost| demand - lost),
        confidence: lost.confidence,
    };
    CapacityMeasures { demand, carried, lost, insufficient }
}

fn warnings(
    model: &Model,
    refused: Option<&'static str>,
    merged: &Merged,
    settings: &Settings,
    stopped_by: StopReason,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(code) = refused {
        let outages = merged.tally.n as u64;
        let reason = match code {
            "too_few_outages" => format!("plain simulation saw only {outages} outages, too few for an interval"),
            "one_cycle_dominates" => {
                format!(
                    "one cycle brought {:.0} % of the downtime, so no interval can be trusted",
                    100.0 * merged.largest_share()
                )
            }
            _ => "the interval would be wider than half of the estimate".to_owned(),
        };
        let message = format!(
            "{reason}; the upper bounds hold. `ninefold solve` is exact where it applies, or allow more events"
        );
        warnings.push(Warning { code, message });
    } else if let Some(precision) = settings.precision
        && !is_precise(merged, settings)
    {
        let why = if stopped_by == StopReason::Interrupted { "interrupted" } else { "stopped by a limit" };
        let message = format!("{why} before the wanted precision of {} % was reached", 100.0 * precision);
        warnings.push(Warning { code: "precision_not_reached", message });
    }
    if model.system.demand.is_some() && merged.tally.extras.iter().rev().take(2).all(|extra| extra.x == 0.0) {
        warnings.push(Warning {
            code: "no_loss_seen",
            message: "the demand was carried in full in every state that was seen".into(),
        });
    }
    warnings
}
