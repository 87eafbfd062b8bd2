//! The rounds of all pieces of a system, and what follows from them together.
//!
//! Rounds go where they take most away from the sum of the variances for their work.

use crate::measure::{
    CheckedPiece, Contribution, Contributions, Diagnostics, Estimate, ImportanceChecks, Observer, SimulatedMeasures,
    StopReason, Warning,
};
use crate::numeric::random::GENERATOR;
use crate::simulate::bounds;
use crate::simulate::conclude::no_frequency;
use crate::simulate::rare::checks::{self, Doubt, WIDEST};
use crate::simulate::rare::combined::{Combined, combined};
use crate::simulate::rare::estimates::Estimates;
use crate::simulate::rare::piece_course::PieceCourse;
use crate::simulate::rare::pieces::Pieces;
use crate::simulate::rare::rounds::{self, Wish};
use crate::simulate::shares::at_most_one;

/// A piece whose share in the system's unavailability is less than this need not pass the checks.
const NEGLIGIBLE: f64 = 0.01;
/// Pieces whose rounds are worth at least this much of the best one's go along with it.
const ALONG: f64 = 0.5;
/// Unavailability, frequency and mean times come first.
const FIRST_CONTRIBUTION: usize = 5;

/// One simulation.
pub(crate) struct Run<'a> {
    pub(crate) pieces: &'a Pieces<'a>,
    pub(crate) wish: &'a Wish<'a>,
    /// Why in pieces.
    pub(crate) reason: &'a str,
    pub(crate) observer: &'a dyn Observer,
}

/// Where a simulation stands.
struct Standing {
    estimates: Vec<Option<Estimates>>,
    parameters: Vec<Vec<f64>>,
    unavailability: Combined,
    frequency: Combined,
    looks: Vec<Look>,
    events: u64,
}

/// What the checks say of one part.
struct Look {
    part: usize,
    checks: ImportanceChecks,
    doubt: Option<Doubt>,
    rounds: u64,
    /// The share of the unavailability that would be gone if it were always good.
    share: f64,
}

impl Look {
    /// Whether its doubt leaves the system without an interval.
    fn forbids(&self) -> bool {
        self.doubt.is_some() && self.share >= NEGLIGIBLE
    }

    fn is_final(&self) -> bool {
        self.doubt.as_ref().is_some_and(|doubt| doubt.is_final(self.rounds))
    }
}

impl Standing {
    /// The part whose doubt forbids an interval; rather one that no work would lift.
    fn doubtful(&self) -> Option<&Look> {
        let doubtful = || self.looks.iter().filter(|look| look.forbids());
        doubtful().find(|look| look.is_final()).or_else(|| doubtful().next())
    }

    /// The part to report on: the doubtful one, else the weakest of those that matter.
    fn reported(&self) -> Option<&Look> {
        let effective = |look: &Look| look.checks.downtime.effective_sample_size;
        let matter = self.looks.iter().filter(|look| look.share >= NEGLIGIBLE);
        self.doubtful().or_else(|| matter.min_by(|a, b| effective(a).total_cmp(&effective(b))))
    }
}

/// Events of all batches so far.
fn events_of(courses: &[Option<PieceCourse<'_>>]) -> u64 {
    let batches = courses.iter().flatten().flat_map(|course| &course.course.batches);
    batches.map(|batch| batch.events).sum()
}

/// Whether every part has been looked at.
fn has_all(courses: &[Option<PieceCourse<'_>>]) -> bool {
    courses.iter().flatten().all(|course| course.course.is_begun())
}

impl Run<'_> {
    /// Nothing where the pieces show no way to be down.
    pub(crate) fn to_the_end(&self, courses: &mut [Option<PieceCourse<'_>>]) -> Option<SimulatedMeasures> {
        let settings = self.wish.settings;
        let mut outlook = rounds::Outlook::default();
        let mut due: Vec<usize> = (0..courses.len()).filter(|&part| courses[part].is_some()).collect();
        loop {
            let (mut stopped, mut is_complete) = (false, true);
            for &part in &due {
                let course = courses[part].as_mut().expect("only parts with a twin are due");
                let left = settings.events.map(|limit| limit.saturating_sub(outlook.events) / due.len() as u64);
                let watch = outlook.watch(self.observer);
                is_complete &= course.course.round(course.warm_up, left, &watch);
                stopped = watch.is_stopped();
                // Counted from the batches: what was told includes work that depends on who did it.
                outlook.events = events_of(courses);
                if stopped {
                    break;
                }
            }
            let standing = self.standing(courses);
            for look in &standing.looks {
                if let Some(course) = &mut courses[look.part] {
                    course.course.past.note(&look.checks);
                }
            }
            if !stopped && standing.unavailability.value <= 0.0 {
                return None;
            }
            let widest = self.widest(&standing);
            let doubtful = standing.doubtful();
            let in_vain = doubtful.is_some_and(Look::is_final);
            let missing = settings.precision.filter(|_| doubtful.is_none()).map(|p| (widest / p) * (widest / p));
            outlook = rounds::Outlook::new(standing.events, missing, settings.events, self.estimate(&standing));
            let stopped_by = if stopped || !has_all(courses) {
                Some(outlook.watch(self.observer).reason())
            } else if missing.is_some_and(|times| times <= 1.0) {
                Some(StopReason::Precision)
            } else if in_vain {
                Some(StopReason::NoInterval)
            } else if !is_complete {
                Some(StopReason::Events)
            } else {
                settings.events.filter(|limit| standing.events >= limit / 20 * 19).map(|_| StopReason::Events)
            };
            if let Some(stopped_by) = stopped_by {
                return Some(self.conclude(courses, &standing, stopped_by));
            }
            due = self.due(courses, &standing);
        }
    }

    fn widest(&self, standing: &Standing) -> f64 {
        let alpha = self.wish.settings.alpha;
        let downtime = standing.unavailability.ratio(alpha).half_width;
        if self.wish.has_times { downtime.max(standing.frequency.ratio(alpha).half_width) } else { downtime }
    }

    fn estimate(&self, standing: &Standing) -> Option<(f64, f64, f64)> {
        let estimate = standing.unavailability.ratio(self.wish.settings.alpha).estimate(self.wish.settings.alpha);
        standing.doubtful().is_none().then_some((estimate.point?, estimate.low?, estimate.high?))
    }

    fn standing(&self, courses: &[Option<PieceCourse<'_>>]) -> Standing {
        let alpha = self.wish.settings.alpha;
        let begun = |course: &&PieceCourse<'_>| course.course.is_begun();
        let estimates: Vec<Option<Estimates>> = courses
            .iter()
            .map(|course| course.as_ref().filter(begun).map(|c| Estimates::new(c.course.batches.clone(), alpha)))
            .collect();
        let parameters: Vec<Vec<f64>> = courses
            .iter()
            .zip(&estimates)
            .zip(&self.pieces.parts)
            .map(|((course, estimates), part)| match (course, estimates) {
                (Some(course), Some(estimates)) => course.parameters(estimates),
                // Never bad: the first class for good.
                _ => vec![0.0; part.classes.len() - 1 + part.flows().count()],
            })
            .collect();
        let values = |parameters: &[Vec<f64>]| {
            let (u, frequency) = self.pieces.joined.probability_and_frequency(&self.pieces.variables(parameters));
            vec![u, frequency.unwrap_or(0.0)]
        };
        let mut both = combined(courses, &estimates, &parameters, &values);
        let frequency = both.pop().expect("there are two values");
        let unavailability = both.pop().expect("there are two values");
        let looks = self.looks(courses, &estimates, &parameters, &unavailability);
        let events = estimates.iter().flatten().map(|estimates| estimates.total.events).sum();
        Standing { estimates, parameters, unavailability, frequency, looks, events }
    }

    /// What the checks say of each part.
    fn looks(
        &self,
        courses: &[Option<PieceCourse<'_>>],
        estimates: &[Option<Estimates>],
        parameters: &[Vec<f64>],
        unavailability: &Combined,
    ) -> Vec<Look> {
        let look = |course: &PieceCourse<'_>| {
            let part = course.part;
            let mut without = parameters.to_vec();
            without[part].fill(0.0);
            let rest = self.pieces.joined.probability_and_frequency(&self.pieces.variables(&without)).0;
            let share = 1.0 - rest / unavailability.value;
            let (mut checks, doubt) = match &estimates[part] {
                Some(own) => {
                    let checks = checks::checks(own, &course.course.latest, course.twin);
                    let doubt =
                        checks::doubt(&checks, &own.total, course.twin, self.wish.has_times, course.course.past);
                    (checks, doubt)
                }
                None => (checks::before_any_cycle(course.twin), Some(Doubt::NotBegun)),
            };
            let is_known = share.is_finite() && estimates[part].is_some();
            let (name, pieces) = (self.pieces.parts[part].name.clone(), self.pieces.part_of.len() as u64);
            checks.piece = Some(CheckedPiece { name, pieces, share: if is_known { share } else { f64::NAN } });
            // Of what nothing was seen the share is not known: it may be all.
            Look { part, checks, doubt, rounds: course.course.rounds(), share: if is_known { share } else { 1.0 } }
        };
        courses.iter().flatten().map(look).collect()
    }

    /// The parts whose next round takes most away from the variance for its work.
    fn due(&self, courses: &[Option<PieceCourse<'_>>], standing: &Standing) -> Vec<usize> {
        if let Some(look) = standing.doubtful() {
            return vec![look.part];
        }
        let relative =
            |combined: &Combined, part: usize| combined.variance_of(part) / (combined.value * combined.value);
        let worth = |part: usize| {
            let variance = relative(&standing.unavailability, part)
                + if self.wish.has_times { relative(&standing.frequency, part) } else { 0.0 };
            let work = standing.estimates[part].as_ref().map_or(1, |estimates| estimates.total.events.max(1));
            variance / work as f64
        };
        let parts: Vec<usize> = courses.iter().flatten().map(|course| course.part).collect();
        let best = parts.iter().map(|&part| worth(part)).fold(0.0, f64::max);
        parts.into_iter().filter(|&part| worth(part) >= ALONG * best).collect()
    }

    fn conclude(
        &self,
        courses: &[Option<PieceCourse<'_>>],
        standing: &Standing,
        stopped_by: StopReason,
    ) -> SimulatedMeasures {
        let (settings, has_times) = (self.wish.settings, self.wish.has_times);
        let alpha = settings.alpha;
        let trusted = standing.doubtful().is_none();
        let joined = &self.pieces.joined;
        let values = |parameters: &[Vec<f64>]| {
            let system = joined.evaluate(&self.pieces.variables(parameters));
            let by_cause = system.by_cause.unwrap_or_default();
            let frequency: f64 = by_cause.iter().sum();
            let (u, a) = (system.unavailability, system.availability);
            let ended = system.ended_by.unwrap_or_default().into_iter().map(move |(_, joint)| joint / u);
            [u, frequency, 1.0 / frequency, a / frequency, u / frequency]
                .into_iter()
                .chain(by_cause)
                .chain(ended)
                .collect()
        };
        let all =
            if trusted { combined(courses, &standing.estimates, &standing.parameters, &values) } else { Vec::new() };
        // A contribution may rest on parts that hardly matter to the unavailability, and fail their checks.
        let doubted = |combined: &Combined| {
            standing.looks.iter().any(|look| look.doubt.is_some() && combined.influences[look.part] >= NEGLIGIBLE)
        };
        let estimate = |index: usize| {
            let combined = all.get(index).filter(|combined| index < FIRST_CONTRIBUTION || !doubted(combined));
            let ratio = combined.map(|combined| combined.ratio(alpha)).filter(|ratio| ratio.half_width <= WIDEST);
            ratio.map_or_else(|| bounds::nothing(alpha), |ratio| ratio.estimate(alpha))
        };
        let timed = |index: usize| (has_times && trusted).then(|| estimate(index));
        let causes = joined.causes();
        let seen = |index: &usize| all.get(FIRST_CONTRIBUTION + index).is_some_and(|combined| combined.value > 0.0);
        let begun_by = (0..causes.len())
            .filter(|index| has_times && seen(index))
            .map(|index| Contribution { of: causes[index].clone(), value: estimate(FIRST_CONTRIBUTION + index) });
        let first_ended = all.len().saturating_sub(self.pieces.model.system.up.parts().len());
        let names = self.pieces.model.system.up.parts().into_iter().enumerate().filter(|_| trusted);
        let ended_by = names.map(|(index, part)| Contribution {
            of: self.pieces.model.part_name(part).to_owned(),
            value: at_most_one(estimate(first_ended + index)),
        });
        let checks = standing.reported().map(|look| look.checks.clone()).unwrap_or_default();
        let unavailability = if trusted { at_most_one(estimate(0)) } else { self.without_doubtful(courses, standing) };
        let refusal = self.refusal(standing, &unavailability);
        let totals = || standing.estimates.iter().flatten().map(|estimates| &estimates.total);
        SimulatedMeasures {
            unavailability,
            failure_frequency: has_times.then(|| estimate(1)),
            mean_cycle_time: timed(2),
            mean_up_time: timed(3),
            mean_down_time: timed(4),
            outage_lengths: None,
            outages_beyond: None,
            contributions: Contributions { begun_by: begun_by.collect(), ended_by: ended_by.collect() },
            capacity: None,
            method: format!(
                "importance sampling of {} independent pieces, joined by a decision diagram; intervals from batches",
                self.pieces.part_of.len()
            ),
            method_reason: self.reason.to_owned(),
            generator: GENERATOR,
            seed: settings.seed,
            events: standing.events,
            outages: totals().map(|total| total.outages).sum(),
            cycles: totals().map(|total| total.cycles).sum(),
            simulated_seconds: totals().map(|total| total.time).sum(),
            stopped_by,
            diagnostics: Diagnostics {
                effective_sample_size: checks.downtime.effective_sample_size,
                largest_share: checks.downtime.largest_share,
                cycles_with_outage: totals().map(|total| total.outages).sum(),
                refused: refusal.as_ref().map(|warning| warning.code.to_owned()),
                importance: Some(checks),
            },
            warnings: self.warnings(refusal, stopped_by),
        }
    }

    /// The one-sided lower limit of the unavailability that the system would have if the pieces with a doubt were always good: it
    /// has no less, because a piece that is good never does harm.
    fn without_doubtful(&self, courses: &[Option<PieceCourse<'_>>], standing: &Standing) -> Estimate {
        let mut parameters = standing.parameters.clone();
        for look in standing.looks.iter().filter(|look| look.doubt.is_some()) {
            parameters[look.part].fill(0.0);
        }
        let value = |parameters: &[Vec<f64>]| {
            vec![self.pieces.joined.probability_and_frequency(&self.pieces.variables(parameters)).0]
        };
        let alpha = self.wish.settings.alpha;
        let all = combined(courses, &standing.estimates, &parameters, &value);
        // Twice the level: only one end is wanted.
        let low = all.first().map(|combined| combined.value * (1.0 - combined.ratio(2.0 * alpha).half_width));
        Estimate { low: low.filter(|low| *low > 0.0 && low.is_finite()), ..bounds::nothing(alpha) }
    }

    /// Why there is no interval, when these are the bounds.
    fn refusal(&self, standing: &Standing, unavailability: &Estimate) -> Option<Warning> {
        let look = standing.doubtful()?;
        let doubt = look.doubt.as_ref()?;
        let plain_outages = standing.estimates[look.part].as_ref().map_or(0, |own| own.total.plain_outages);
        let bound = if unavailability.low.is_some() { "the lower bound holds" } else { "no bound can be given" };
        let message = format!(
            "no interval: of the piece `{}`, {}; {bound}; {}",
            self.pieces.parts[look.part].name,
            doubt.reason(&look.checks),
            doubt.advice(&look.checks, standing.events, plain_outages)
        );
        Some(Warning { code: doubt.code(), message })
    }

    fn warnings(&self, refusal: Option<Warning>, stopped_by: StopReason) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some(refusal) = refusal {
            warnings.push(refusal);
        } else if let Some(precision) = self.wish.settings.precision
            && stopped_by != StopReason::Precision
        {
            let message = format!("stopped before the wanted precision of {} % was reached", 100.0 * precision);
            warnings.push(Warning { code: "precision_not_reached", message });
        }
        if !self.wish.has_times {
            warnings.push(no_frequency());
        }
        if self.pieces.model.system.demand.is_some() {
            warnings.push(Warning {
                code: "no_capacity_measures",
                message: "the capacity measures need the system as a whole, and it was simulated in pieces; `--method plain` \
                          simulates it as a whole"
                    .into(),
            });
        }
        warnings
    }
}
