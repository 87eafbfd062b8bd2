//! What importance sampling reports: estimates with intervals, or the bounds that hold without them.

use crate::measure::{
    CapacityMeasures, Contribution, Contributions, Diagnostics, Estimate, OutagesBeyond, SimulatedMeasures, StopReason,
    Warning,
};
use crate::numeric::interval::{binomial_upper, poisson_upper};
use crate::numeric::random::GENERATOR;
use crate::numeric::special::student_upper_quantile;
use crate::simulate::Settings;
use crate::simulate::bounds;
use crate::simulate::conclude::no_frequency;
use crate::simulate::facts::FactsOf;
use crate::simulate::pilot::{longest_recovery, longest_unseen, most_outages};
use crate::simulate::quantiles;
use crate::simulate::rare::checks::{Doubt, WIDEST};
use crate::simulate::rare::estimates::Ratio;
use crate::simulate::rare::gate::{self, Share, whole_of_long};
use crate::simulate::rare::rounds::Finished;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::twin::Twin;
use crate::simulate::rare::whole::Whole;
use crate::simulate::shares::at_most_one;
use crate::simulate::tally::Shape;
use crate::topology::Model;

/// Instants so many mean cycles apart are taken as independent.
const APART: f64 = 10.0;

/// Lower bounds leave room for so many times what cycles may be missing, which is one standard deviation where it was met a few times.
const ROOM_FOR_UNMET: f64 = 2.0;

/// What the simulation of a whole system found.
pub(crate) struct Conclusion<'a> {
    pub(crate) model: &'a Model,
    pub(crate) facts: &'a FactsOf<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) twin: &'a Twin,
    pub(crate) has_times: bool,
    pub(crate) method: String,
    pub(crate) reason: String,
    pub(crate) finished: Finished,
}

impl Conclusion<'_> {
    pub(crate) fn measures(self) -> SimulatedMeasures {
        let Finished { estimates, doubt, .. } = &self.finished;
        let alpha = self.settings.alpha;
        let trusted = doubt.is_none();
        let timed = |ratio: Ratio| {
            let given = || if ratio.half_width <= WIDEST { ratio.estimate(alpha) } else { bounds::nothing(alpha) };
            (self.has_times && trusted).then(given)
        };
        let unavailability =
            if trusted { at_most_one(estimates.rate(0).estimate(alpha)) } else { self.bounds_of_downtime() };
        let frequency = if trusted { estimates.rate(1).estimate(alpha) } else { self.bounds_of_frequency() };
        let up = |s: &_| estimates.time(s) - downtime(s);
        let total = &estimates.total;
        let none = Contributions { begun_by: Vec::new(), ended_by: Vec::new() };
        let warnings = self.warnings(&unavailability, &frequency);
        SimulatedMeasures {
            unavailability,
            failure_frequency: self.has_times.then_some(frequency),
            mean_cycle_time: timed(estimates.ratio(|s| estimates.time(s), outages)),
            mean_up_time: timed(estimates.ratio(up, outages)),
            mean_down_time: timed(estimates.ratio(downtime, outages)),
            outage_lengths: (self.has_times && trusted).then(|| quantiles::of_batches(estimates)).flatten(),
            outages_beyond: if self.has_times { self.outages_beyond() } else { None },
            contributions: if trusted { self.contributions() } else { none },
            capacity: self.model.system.demand.map(|demand| self.capacity(demand)),
            method: self.method.clone(),
            method_reason: self.reason.clone(),
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
            warnings,
        }
    }

    fn shape(&self) -> Shape {
        Shape { causes: self.facts.dynamics.causes().len(), parts: self.facts.parts.len() }
    }

    fn contributions(&self) -> Contributions<Estimate> {
        let (shape, estimates) = (self.shape(), &self.finished.estimates);
        let causes = self.facts.dynamics.causes().iter().enumerate().filter(|_| self.has_times);
        let begun = causes.map(|(cause, of)| Contribution { of: of.clone(), value: self.begun_by(cause) });
        let is_only = self.facts.parts.len() == 1;
        let ended = self.facts.parts.iter().enumerate().map(|(index, part)| {
            let quantity = Whole::quantity(shape.part(index));
            let share = Share { part: &|batch| batch.sums[quantity], whole: &downtime, unseen: self.unseen_share(0) };
            // The only part ends all downtime, whatever is sampled.
            let value = if is_only {
                at_most_one(estimates.share(quantity, 0).estimate(estimates.alpha))
            } else {
                share.estimate(estimates)
            };
            Contribution { of: self.model.part_name(*part).to_owned(), value }
        });
        Contributions { begun_by: begun.collect(), ended_by: ended.collect() }
    }

    /// Outages per second that a cause began; a bound where they are as few as what may be unseen, or rest on few branches.
    fn begun_by(&self, cause: usize) -> Estimate {
        let estimates = &self.finished.estimates;
        let unseen = self.unseen_share(1) * estimates.rate(1).value;
        let begun = estimates.rate(Whole::quantity(cause));
        let estimate = self.rate(cause);
        if estimate.point.is_some() && begun.value >= unseen {
            return estimate;
        }
        gate::at_most(begun, unseen, estimates.alpha)
    }

    /// What is counted at a place of the shape, per second.
    fn rate(&self, place: usize) -> Estimate {
        let (estimates, quantity) = (&self.finished.estimates, Whole::quantity(place));
        gate::estimate(estimates, estimates.rate(quantity), &|batch| batch.sums[quantity])
    }

    fn capacity(&self, demand: f64) -> CapacityMeasures<Estimate> {
        let (shape, alpha) = (self.shape(), self.settings.alpha);
        let of = |place: usize| if self.finished.doubt.is_some() { bounds::nothing(alpha) } else { self.rate(place) };
        let lost = of(shape.lost());
        let carried = Estimate {
            point: lost.point.map(|lost| demand - lost),
            low: lost.high.map(|lost| (demand - lost).max(0.0)),
            high: lost.low.map(|lost| demand - lost),
            confidence: lost.confidence,
        };
        CapacityMeasures { demand, carried, lost, insufficient: at_most_one(of(shape.insufficient())) }
    }

    /// Outages longer than the objective. Where all or none of the sampled outages are, a bound holds if the next ones do
    /// not count for more than the largest so far, and those that are long not last longer than the longest recovery beyond the objective.
    fn outages_beyond(&self) -> Option<OutagesBeyond> {
        let (objective, alpha) = (self.settings.long_outage?, self.settings.alpha);
        let Finished { estimates, doubt, .. } = &self.finished;
        let share = |index: usize, of: usize| {
            if doubt.is_some() {
                return bounds::nothing(alpha);
            }
            let (part, whole) = (|batch: &Statistics| batch.long[of], |batch: &Statistics| whole_of_long(batch)[of]);
            let outages = self.unseen_share(1);
            let mean = estimates.total.lengths.sum / estimates.total.lengths.total;
            let unseen = if index == 1 { outages } else { outages * (objective + longest_unseen(self.model)) / mean };
            Share { part: &part, whole: &whole, unseen: unseen.min(1.0) }.estimate(estimates)
        };
        Some(OutagesBeyond { objective, share_of_outages: share(1, 0), share_of_downtime: share(0, 1) })
    }

    /// The most that a share of the downtime (0) or of the outages (1) may be of which nothing was sampled.
    fn unseen_share(&self, index: usize) -> f64 {
        let contributions = &self.finished.estimates.total.contributions[index];
        let largest = contributions.largest_share().max(1.0 / contributions.effective());
        (-libm::log(self.settings.alpha) * largest).min(1.0)
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
        longest_recovery(self.model)
    }

    fn bounds_of_frequency(&self) -> Estimate {
        let (total, alpha) = (&self.finished.estimates.total, self.settings.alpha);
        let unseen = total.plain_outages == 0 && total.time > 0.0;
        Estimate {
            low: self.capped_low(1),
            high: unseen.then(|| poisson_upper(0, alpha) * most_outages(self.facts) / total.time),
            ..bounds::nothing(alpha)
        }
    }

    /// The one-sided lower limit of the capped mean per cycle, by the spread of single contributions or by that of batches, whichever
    /// is larger, over the length of a cycle with its own spread and with what the plain chain may not have met.
    fn capped_low(&self, index: usize) -> Option<f64> {
        let estimates = &self.finished.estimates;
        let total = &estimates.total;
        let cycles = total.capped_cycles as f64;
        let [sum, squares] = total.contributions[index].capped;
        let mean = sum / cycles;
        let batches = || estimates.batches.iter().filter(|batch| batch.capped_cycles > 0);
        let of_batch = |batch: &Statistics| {
            let difference = batch.contributions[index].capped[0] - mean * batch.capped_cycles as f64;
            difference * difference
        };
        let n = batches().count() as f64;
        let by_batches = batches().map(of_batch).sum::<f64>() * n / (n - 1.0).max(1.0);
        let by_branches = (squares - mean * sum).max(0.0);
        let deviation = libm::sqrt(by_branches.max(by_batches)) / cycles / mean;
        let of_length = estimates.ratio(|s| estimates.time(s), |s| s.cycles as f64).error;
        let away = student_upper_quantile((n - 1.0).max(1.0), self.settings.alpha) * libm::hypot(deviation, of_length);
        let length =
            estimates.time(total) / total.cycles as f64 * (1.0 + ROOM_FOR_UNMET * self.finished.checks.unmet_share);
        let low = mean * (1.0 - away) / length;
        (low > 0.0 && low.is_finite()).then_some(low)
    }

    fn warnings(&self, unavailability: &Estimate, frequency: &Estimate) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some(doubt) = &self.finished.doubt {
            warnings.push(self.refusal(doubt, unavailability, frequency));
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

    fn refusal(&self, doubt: &Doubt, unavailability: &Estimate, frequency: &Estimate) -> Warning {
        let (checks, total) = (&self.finished.checks, &self.finished.estimates.total);
        let given = |end: fn(&Estimate) -> Option<f64>| {
            end(unavailability).is_some() || self.has_times && end(frequency).is_some()
        };
        let bounds = match (given(|estimate| estimate.low), given(|estimate| estimate.high)) {
            (true, true) => "the bounds hold, each by itself",
            (true, false) => "the lower bounds hold",
            (false, true) => "the upper bounds hold",
            (false, false) => "no bound can be given",
        };
        let advice = doubt.advice(checks, total.events, total.plain_outages);
        let message = format!("no interval: {}; {bounds}; {advice}", doubt.reason(checks));
        Warning { code: doubt.code(), message }
    }
}

fn downtime(statistics: &Statistics) -> f64 {
    statistics.sums[0]
}

fn outages(statistics: &Statistics) -> f64 {
    statistics.sums[1]
}
