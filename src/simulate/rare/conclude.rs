//! What importance sampling reports: estimates with intervals, or the bounds that hold without them.

use crate::measure::{
    CapacityMeasures, Contribution, Contributions, Diagnostics, Estimate, OutageLengths, SimulatedMeasures, StopReason,
    Warning,
};
use crate::numeric::interval::{binomial_upper, poisson_upper};
use crate::numeric::random::GENERATOR;
use crate::numeric::special::normal_upper_quantile;
use crate::simulate::Settings;
use crate::simulate::bounds;
use crate::simulate::conclude::{QUANTILES, no_frequency};
use crate::simulate::facts::FactsOf;
use crate::simulate::rare::checks::{Doubt, WIDEST};
use crate::simulate::rare::estimates::Ratio;
use crate::simulate::rare::rounds::Finished;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::twin::Twin;
use crate::simulate::rare::whole::Whole;
use crate::simulate::tally::Shape;
use crate::topology::Model;

/// A quantile needs outages of so many equal weights beyond it.
const FEWEST_BEYOND: f64 = 20.0;
/// Instants so many mean cycles apart are taken as independent.
const APART: f64 = 10.0;

/// What the simulation of a whole system found.
pub(crate) struct Conclusion<'a> {
    pub(crate) model: &'a Model,
    pub(crate) facts: &'a FactsOf<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) twin: &'a Twin,
    pub(crate) has_times: bool,
    pub(crate) method: String,
    pub(crate) finished: Finished,
}

impl Conclusion<'_> {
    pub(crate) fn measures(self) -> SimulatedMeasures {
        let Finished { estimates, doubt, .. } = &self.finished;
        let alpha = self.settings.alpha;
        let trusted = doubt.is_none();
        let timed = |ratio: Ratio| (self.has_times && trusted).then(|| ratio.estimate(alpha));
        let unavailability =
            if trusted { at_most_one(estimates.rate(0).estimate(alpha)) } else { self.bounds_of_downtime() };
        let frequency = if trusted { estimates.rate(1).estimate(alpha) } else { self.bounds_of_frequency() };
        let up = |s: &_| estimates.time(s) - downtime(s);
        let total = &estimates.total;
        let none = Contributions { begun_by: Vec::new(), ended_by: Vec::new() };
        SimulatedMeasures {
            unavailability,
            failure_frequency: self.has_times.then_some(frequency),
            mean_cycle_time: timed(estimates.ratio(|s| estimates.time(s), outages)),
            mean_up_time: timed(estimates.ratio(up, outages)),
            mean_down_time: timed(estimates.ratio(downtime, outages)),
            outage_lengths: (self.has_times && trusted).then(|| self.outage_lengths()).flatten(),
            contributions: if trusted { self.contributions() } else { none },
            capacity: self.model.system.demand.map(|demand| self.capacity(demand)),
            method: self.method.clone(),
            generator: GENERATOR,
            seed: self.settings.seed,
            events: total.events,
            outages: total.outages,
            cycles: total.cycles,
            simulated_seconds: total.time,
            stopped_by: self.finished.stopped_by,
            diagnostics: Diagnostics {
                effective_sample_size: total.contributions[0].effective(),
                largest_share: total.contributions[0].largest_share(),
                cycles_with_outage: total.outages,
                refused: doubt.as_ref().map(|doubt| doubt.code().to_owned()),
                importance: Some(self.finished.checks.clone()),
            },
            warnings: self.warnings(),
        }
    }

    fn shape(&self) -> Shape {
        Shape { causes: self.facts.dynamics.causes().len(), parts: self.facts.parts.len() }
    }

    fn contributions(&self) -> Contributions<Estimate> {
        let (shape, alpha, estimates) = (self.shape(), self.settings.alpha, &self.finished.estimates);
        let causes = self.facts.dynamics.causes().iter().enumerate().filter(|_| self.has_times);
        let begun = causes.map(|(cause, of)| Contribution {
            of: of.clone(),
            value: trusted_only(estimates.rate(Whole::quantity(cause)), alpha),
        });
        let ended = self.facts.parts.iter().enumerate().map(|(index, part)| Contribution {
            of: self.model.part_name(*part).to_owned(),
            value: at_most_one(trusted_only(estimates.share(Whole::quantity(shape.part(index)), 0), alpha)),
        });
        Contributions { begun_by: begun.collect(), ended_by: ended.collect() }
    }

    fn capacity(&self, demand: f64) -> CapacityMeasures<Estimate> {
        let (shape, alpha, estimates) = (self.shape(), self.settings.alpha, &self.finished.estimates);
        let of = |place: usize| {
            if self.finished.doubt.is_some() {
                return bounds::nothing(alpha);
            }
            trusted_only(estimates.rate(Whole::quantity(place)), alpha)
        };
        let lost = of(shape.lost());
        let carried = Estimate {
            point: lost.point.map(|lost| demand - lost),
            low: lost.high.map(|lost| (demand - lost).max(0.0)),
            high: lost.low.map(|lost| demand - lost),
            confidence: lost.confidence,
        };
        CapacityMeasures { demand, carried, lost, insufficient: at_most_one(of(shape.insufficient())) }
    }

    fn outage_lengths(&self) -> Option<OutageLengths> {
        let estimates = &self.finished.estimates;
        let lengths = &estimates.total.lengths;
        let effective = estimates.total.contributions[1].effective();
        let supported = |p: &&f64| (1.0 - **p).min(**p) * effective >= FEWEST_BEYOND;
        let quantiles: Vec<(f64, f64)> =
            QUANTILES.iter().filter(supported).filter_map(|&p| Some((p, lengths.quantile(p)?))).collect();
        (!quantiles.is_empty()).then_some(OutageLengths { quantiles, count: lengths.count, longest: lengths.longest })
    }

    /// Capping contributions only takes away: the lower limit of the capped mean bounds the mean from below. From above
    /// only what the plain chain did not see.
    fn bounds_of_downtime(&self) -> Estimate {
        let estimates = &self.finished.estimates;
        let (total, alpha) = (&estimates.total, self.settings.alpha);
        let instants = libm::floor(total.time / (APART * self.twin.cycle_seconds.max(self.longest_recovery())));
        let unseen = total.plain_outages == 0 && instants >= 1.0;
        let high = unseen.then(|| binomial_upper(0, instants as u64, alpha));
        Estimate { low: self.capped_low(0), high, ..bounds::nothing(alpha) }
    }

    fn longest_recovery(&self) -> f64 {
        crate::simulate::pilot::longest_recovery(self.model)
    }

    fn bounds_of_frequency(&self) -> Estimate {
        let (total, alpha) = (&self.finished.estimates.total, self.settings.alpha);
        let unseen = total.plain_outages == 0 && total.time > 0.0;
        Estimate {
            low: self.capped_low(1),
            high: unseen.then(|| poisson_upper(0, alpha) / total.time),
            ..bounds::nothing(alpha)
        }
    }

    /// The one-sided lower limit of the capped mean per cycle, over the length of a cycle.
    fn capped_low(&self, index: usize) -> Option<f64> {
        let estimates = &self.finished.estimates;
        let total = &estimates.total;
        let cycles = total.cycles as f64;
        let [sum, squares] = total.contributions[index].capped;
        let mean = sum / cycles;
        let deviation = libm::sqrt((squares / cycles - mean * mean).max(0.0) / cycles);
        let low = (mean - normal_upper_quantile(self.settings.alpha) * deviation) / (estimates.time(total) / cycles);
        (low > 0.0 && low.is_finite()).then_some(low)
    }

    fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some(doubt) = &self.finished.doubt {
            warnings.push(self.refusal(doubt));
        } else if let Some(precision) = self.settings.precision
            && self.finished.stopped_by != StopReason::Precision
        {
            let why =
                if self.finished.stopped_by == StopReason::Interrupted { "interrupted" } else { "stopped by a limit" };
            let message = format!("{why} before the wanted precision of {} % was reached", 100.0 * precision);
            warnings.push(Warning { code: "precision_not_reached", message });
        }
        if !self.has_times {
            warnings.push(no_frequency());
        }
        warnings
    }

    fn refusal(&self, doubt: &Doubt) -> Warning {
        let checks = &self.finished.checks;
        let more = doubt.more_work(checks).map_or_else(
            || "more events may not help; `ninefold solve` is exact where it applies".to_owned(),
            |times| {
                let events = times.max(1.5) * self.finished.estimates.total.events as f64;
                format!("about {events:.1e} events might do, or `ninefold solve` where it applies")
            },
        );
        let message = format!("no interval: {}; the bounds hold; {more}", doubt.reason(checks));
        Warning { code: doubt.code(), message }
    }
}

fn downtime(statistics: &Statistics) -> f64 {
    statistics.sums[0]
}

fn outages(statistics: &Statistics) -> f64 {
    statistics.sums[1]
}

/// The interval of a share does not reach beyond 1.
fn at_most_one(share: Estimate) -> Estimate {
    Estimate { high: share.high.map(|high| high.min(1.0)), ..share }
}

/// Nothing where the interval would be too wide to be trusted.
fn trusted_only(ratio: Ratio, alpha: f64) -> Estimate {
    if ratio.half_width <= WIDEST { ratio.estimate(alpha) } else { bounds::nothing(alpha) }
}
