//! Systems of independent pieces: each is simulated on its own, and all are joined through the decision diagram.
//!
//! A piece is a module of dependent groups, a domain outside of all modules, or one unit of a group whose units are
//! independent (its number of failed units is then binomial). The system's unavailability and frequency are polynomials of the
//! pieces' shares of time and flows, linear in those of one module. With g the derivatives and e_b the deviation of batch b of a
//! piece, its part of the variance is `n / (n - 1) sum (g e_b)^2`, and the parts add up. Rounds go where they take
//! most away from the sum for their work.
//!
//! Of a module a class is as bad as it makes the system likelier to be down. That is worked out beforehand, with the
//! exponential twins of the other modules.

use crate::dynamics::Dynamics;
use crate::measure::{
    Contribution, Contributions, Diagnostics, Estimate, ImportanceChecks, Observer, SimulatedMeasures, StopReason,
    Warning,
};
use crate::numeric::distribution::Distribution;
use crate::numeric::interval::student_factor;
use crate::numeric::random::GENERATOR;
use crate::simulate::conclude::no_frequency;
use crate::simulate::rare::checks::{self, Doubt, WIDEST};
use crate::simulate::rare::class_meter::{ClassMeter, classes};
use crate::simulate::rare::estimates::{Estimates, Ratio};
use crate::simulate::rare::rounds::{self, Course, Wish};
use crate::simulate::rare::sampler::{BATCHES, Sampler};
use crate::simulate::rare::sites::Setting;
use crate::simulate::rare::twin::{MOST_STATES, Twin};
use crate::simulate::rare::{sampler_of, warm_up};
use crate::simulate::{Settings, bounds};
use crate::structure::joined::{Joined, ModuleClasses, Piece};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::Unit;
use crate::structure::readings::Readings;
use crate::structure::variable::{Flow, Variable};
use crate::topology::{DomainId, GroupId, Model, Scope};

/// A piece whose share in the system's unavailability is less than this need not pass the checks.
const NEGLIGIBLE: f64 = 0.01;
/// Steps of differences: derivatives by central ones are good to the square of it.
const STEP: f64 = 1e-4;
/// Pieces whose rounds are worth at least this much of the best one's go along with it.
const ALONG: f64 = 0.5;

/// What is simulated on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Module(usize),
    Domain(DomainId),
    /// One unit of a plain group.
    Unit(GroupId),
}

/// The semantics of one piece.
struct Part {
    source: Source,
    dynamics: Dynamics,
    readings: Readings,
    classes: Vec<Box<[u16]>>,
}

/// A model cut into pieces.
pub(crate) struct Pieces<'a> {
    model: &'a Model,
    parts: Vec<Part>,
    /// The parts behind the variables of the diagram.
    part_of: Vec<usize>,
    joined: Joined,
    closed_forms: Vec<Option<Variable>>,
}

impl<'a> Pieces<'a> {
    /// Nothing where there is only one piece, or one that has too many classes, or the diagram is too large.
    pub(crate) fn of(model: &'a Model) -> Option<Self> {
        let partition = Partition::of(model, Purpose::Availability);
        let mut parts: Vec<Part> = Vec::new();
        for (index, module) in partition.modules.iter().enumerate() {
            let readings = Readings::of_module(model, &partition, module);
            parts.push(Part::of(Source::Module(index), Dynamics::new(model, module), readings)?);
        }
        let module_classes: Vec<ModuleClasses<'_>> = parts.iter().map(Part::module_classes).collect();
        let joined = Joined::new(model, &partition, &module_classes).ok()?;
        let mut part_of = Vec::new();
        for piece in joined.pieces() {
            let source = match piece {
                Piece::Module(index) => Source::Module(*index),
                Piece::Domain { domain, .. } => Source::Domain(*domain),
                Piece::Units { group, .. } => Source::Unit(*group),
            };
            let known = parts.iter().position(|part| part.source == source);
            part_of.push(known.unwrap_or(parts.len()));
            if known.is_none() {
                parts.push(Part::of_plain(model, source)?);
            }
        }
        let several = joined.pieces().len() > 1
            || joined.pieces().iter().any(|piece| matches!(piece, Piece::Units { count, .. } if *count > 1));
        let closed_forms = joined.closed_forms(model);
        several.then_some(Self { model, parts, part_of, joined, closed_forms })
    }

    /// Whether there are units that depend on nothing.
    pub(crate) fn has_plain_units(&self) -> bool {
        self.joined.pieces().iter().any(|piece| matches!(piece, Piece::Units { .. }))
    }

    /// The variables of the diagram from the parameters of the parts.
    fn variables(&self, parameters: &[Vec<f64>]) -> Vec<Variable> {
        let of = |(piece, &part): (&Piece, &usize)| self.variable(piece, &self.parts[part], &parameters[part]);
        self.joined.pieces().iter().zip(&self.part_of).map(of).collect()
    }

    fn variable(&self, piece: &Piece, part: &Part, parameters: &[f64]) -> Variable {
        let own = part.variable(parameters);
        match piece {
            Piece::Module(index) => own.renumbered(self.joined.cause_offset(*index)),
            Piece::Domain { cause, .. } => own.renumbered(*cause),
            Piece::Units { count, first_cause, group, .. } => {
                let modes = part.dynamics.causes().len();
                let mut failures = vec![0.0; modes];
                for flow in &own.flows {
                    failures[flow.cause] += flow.rate;
                }
                let has_times = !self.model.component_of(*group).modes().is_empty();
                let down = own.probabilities[1];
                let unit = Unit {
                    up: own.probabilities[0],
                    down,
                    unnoticed: 0.0,
                    noticed: down,
                    failures: has_times.then_some(failures),
                };
                unit.failed_of(*count, &(*first_cause..first_cause + modes).collect::<Vec<_>>())
            }
        }
    }

    /// How bad each class of each part is: for modules how much likelier it makes the system to be down.
    fn badness(&self, observer: &dyn Observer) -> Option<Vec<Vec<f64>>> {
        let modules: Vec<Variable> = self
            .parts
            .iter()
            .filter(|part| part.is_module())
            .map(|part| part.by_twin(observer))
            .collect::<Option<_>>()?;
        let value = |index: usize| self.closed_forms[index].clone().unwrap_or_else(|| modules[index].clone());
        let variables: Vec<Variable> = (0..self.part_of.len()).map(value).collect();
        let of_part = |(index, part): (usize, &Part)| {
            if !part.is_module() {
                return vec![0.0, 1.0];
            }
            let mut variables = variables.clone();
            let mut down_in = |class: usize| {
                let mut probabilities = vec![0.0; part.classes.len()];
                probabilities[class] = 1.0;
                variables[index] = Variable { probabilities, flows: Vec::new(), has_flows: true };
                self.joined.probability_and_frequency(&variables).0
            };
            let good = down_in(0);
            (0..part.classes.len()).map(|class| (down_in(class) - good).max(0.0)).collect()
        };
        Some(self.parts.iter().enumerate().map(of_part).collect())
    }

    /// Simulates the pieces; nothing where one of them cannot be explored, or `observer` ends it before that.
    pub(crate) fn simulate(
        &self,
        settings: &Settings,
        has_times: bool,
        reason: &str,
        observer: &dyn Observer,
    ) -> Option<SimulatedMeasures> {
        let badness = self.badness(observer)?;
        let meters: Vec<ClassMeter<'_>> =
            self.parts.iter().zip(badness).map(|(part, badness)| part.meter(badness)).collect();
        let twins: Vec<Option<Twin>> = self
            .parts
            .iter()
            .zip(&meters)
            .map(|(part, meter)| Twin::of(&part.dynamics, meter, MOST_STATES, observer))
            .collect();
        if observer.stop().is_some() {
            return None;
        }
        let wish = Wish { settings, has_times, warm_up: 0 };
        let mut courses: Vec<Option<PieceCourse<'_>>> = Vec::new();
        for (index, (part, (meter, twin))) in self.parts.iter().zip(meters.iter().zip(&twins)).enumerate() {
            courses.push(twin.as_ref().map(|twin| PieceCourse::new(index, part, meter, twin, settings, observer)));
        }
        let run = Run { pieces: self, wish: &wish, reason, observer };
        Some(run.to_the_end(&mut courses))
    }
}

impl Part {
    fn of(source: Source, dynamics: Dynamics, readings: Readings) -> Option<Self> {
        let classes = classes(&readings)?;
        Some(Self { source, dynamics, readings, classes })
    }

    /// A domain, or one unit of a group whose units are independent, apart from its domains.
    fn of_plain(model: &Model, source: Source) -> Option<Self> {
        let (mut scope, mut readings) = (Scope { groups: vec![], domains: vec![] }, Readings::default());
        let mut apart = model.clone();
        match source {
            Source::Domain(domain) => {
                scope.domains.push(domain);
                readings.domains.push(domain);
            }
            Source::Unit(group) => {
                scope.groups.push(group);
                readings.up.push(group);
                let unit = &mut apart.groups[group.0];
                (unit.active, unit.need, unit.crew) = (1, 1, None);
                unit.spread.clear();
                unit.depends.clear();
            }
            Source::Module(_) => return None,
        }
        Self::of(source, Dynamics::new(&apart, &scope), readings)
    }

    fn is_module(&self) -> bool {
        matches!(self.source, Source::Module(_))
    }

    fn module_classes(&self) -> ModuleClasses<'_> {
        ModuleClasses { readings: &self.readings, classes: &self.classes, causes: self.dynamics.causes() }
    }

    fn meter(&self, badness: Vec<f64>) -> ClassMeter<'_> {
        ClassMeter::new(&self.dynamics, &self.readings, &self.classes, badness)
    }

    fn is_exponential(&self) -> bool {
        self.dynamics.distributions().iter().all(Distribution::is_exponential)
    }

    /// Pairs of classes and causes between which flows are counted, in the order of the parameters.
    fn flows(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<'_> {
        let classes = self.classes.len();
        let causes = 0..self.dynamics.causes().len();
        causes.flat_map(move |cause| {
            (0..classes)
                .flat_map(move |from| (0..classes).filter(move |to| *to != from).map(move |to| (from, to, cause)))
        })
    }

    /// From parameters: the probability of each class but the first, then the flows.
    fn variable(&self, parameters: &[f64]) -> Variable {
        let others = self.classes.len() - 1;
        let mut probabilities = vec![1.0 - parameters[..others].iter().sum::<f64>()];
        probabilities.extend(&parameters[..others]);
        let flow = |((from, to, cause), &rate): ((usize, usize, usize), &f64)| Flow { from, to, rate, cause };
        let flows = self.flows().zip(&parameters[others..]).filter(|(_, rate)| **rate > 0.0).map(flow).collect();
        Variable { probabilities, flows, has_flows: true }
    }

    /// The quantities behind the parameters.
    fn quantities(&self, meter: &ClassMeter<'_>) -> Vec<usize> {
        let times = (1..self.classes.len()).map(ClassMeter::time_in);
        times.chain(self.flows().map(|(from, to, cause)| meter.flow(from, to, cause))).collect()
    }

    /// About how likely the classes of a module are: each thing that can be read off with a twin of its own, as if they were
    /// independent, but no less than a twin that has them all says.
    fn by_twin(&self, observer: &dyn Observer) -> Option<Variable> {
        let bits = self.readings.up.len() + self.readings.domains.len();
        let groups = self.readings.up.len();
        let is_bad = |class: &[u16], bit: usize| (class[bit] == 1) != (bit < groups);
        let share = |badness: Vec<f64>| {
            Twin::of(&self.dynamics, &self.meter(badness), MOST_STATES, observer)
                .map_or(0.0, |twin| twin.unavailability)
        };
        let of_bit: Vec<f64> = (0..bits)
            .map(|bit| share(self.classes.iter().map(|class| f64::from(u8::from(is_bad(class, bit)))).collect()))
            .collect();
        if observer.stop().is_some() {
            return None;
        }
        let together = |class: &[u16]| {
            (0..bits).map(|bit| if is_bad(class, bit) { of_bit[bit] } else { 1.0 - of_bit[bit] }).product::<f64>()
        };
        let alone =
            |number: usize| share((0..self.classes.len()).map(|class| f64::from(u8::from(class == number))).collect());
        let likely = |number: usize| {
            let product = together(&self.classes[number]);
            if number == 0 { product } else { product.max(alone(number)) }
        };
        let probabilities = (0..self.classes.len()).map(likely).collect();
        Some(Variable { probabilities, flows: Vec::new(), has_flows: true })
    }
}

/// The rounds of one piece.
struct PieceCourse<'a> {
    part: usize,
    quantities: Vec<usize>,
    course: Course<Box<dyn Sampler + 'a>>,
    twin: &'a Twin,
    warm_up: u64,
}

impl<'a> PieceCourse<'a> {
    fn new(
        index: usize,
        part: &'a Part,
        meter: &'a ClassMeter<'a>,
        twin: &'a Twin,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Self {
        let setting = Setting { dynamics: &part.dynamics, meter, twin, long_outage: None };
        let warm_up = warm_up(&part.dynamics);
        let threads = settings.threads.clamp(1, BATCHES as usize);
        let wish = Wish { settings, has_times: true, warm_up };
        let samplers = sampler_of(setting, part.is_exponential(), threads, &wish, observer);
        // Pieces have streams of their own.
        let course = Course::new(samplers, settings.seed, (index as u64 + 1) << 42);
        Self { part: index, quantities: part.quantities(meter), course, twin, warm_up }
    }

    fn parameters(&self, estimates: &Estimates) -> Vec<f64> {
        self.quantities.iter().map(|&quantity| estimates.rate(quantity).value).collect()
    }

    /// Variance of a measure that has these derivatives by the parameters.
    fn variance(&self, estimates: &Estimates, parameters: &[f64], derivatives: &[f64]) -> f64 {
        let total = estimates.time(&estimates.total);
        let n = estimates.batches.len() as f64;
        let deviation = |batch: &crate::simulate::rare::statistics::Statistics| {
            let time = estimates.time(batch);
            let of = |((quantity, parameter), derivative): ((&usize, &f64), &f64)| {
                derivative * (batch.sums[*quantity] - parameter * time)
            };
            self.quantities.iter().zip(parameters).zip(derivatives).map(of).sum::<f64>() / total
        };
        estimates.batches.iter().map(deviation).map(|e| e * e).sum::<f64>() * n / (n - 1.0)
    }
}

/// One simulation.
struct Run<'a> {
    pieces: &'a Pieces<'a>,
    wish: &'a Wish<'a>,
    /// Why in pieces.
    reason: &'a str,
    observer: &'a dyn Observer,
}

/// Where a simulation stands.
struct Standing {
    estimates: Vec<Option<Estimates>>,
    parameters: Vec<Vec<f64>>,
    unavailability: Combined,
    frequency: Combined,
    /// Doubts of the parts that matter, and the checks of the one that matters most.
    doubt: Option<(usize, Doubt)>,
    checks: ImportanceChecks,
    events: u64,
}

/// Whether every part has been looked at.
fn has_all(courses: &[Option<PieceCourse<'_>>]) -> bool {
    courses.iter().flatten().all(|course| course.course.is_begun())
}

/// A measure and its variance, part by part.
#[derive(Clone, Debug, Default)]
struct Combined {
    value: f64,
    variances: Vec<f64>,
}

impl Combined {
    /// Half the width of the interval, relative to the value; degrees of freedom by Satterthwaite (1946).
    fn ratio(&self, alpha: f64) -> Ratio {
        let sum: f64 = self.variances.iter().sum();
        let squares: f64 = self.variances.iter().map(|v| v * v).sum::<f64>() / (BATCHES as f64 - 1.0);
        let degrees = if squares > 0.0 { sum * sum / squares } else { BATCHES as f64 - 1.0 };
        Ratio { value: self.value, half_width: student_factor(degrees, alpha) * libm::sqrt(sum) / self.value }
    }
}

impl Run<'_> {
    fn to_the_end(&self, courses: &mut [Option<PieceCourse<'_>>]) -> SimulatedMeasures {
        let settings = self.wish.settings;
        let mut outlook = rounds::Outlook::default();
        let mut due: Vec<usize> = (0..courses.len()).filter(|&part| courses[part].is_some()).collect();
        loop {
            let mut stopped = false;
            for &part in &due {
                let course = courses[part].as_mut().expect("only parts with a twin are due");
                let left = settings.events.map(|limit| limit.saturating_sub(outlook.events) / due.len() as u64);
                let watch = rounds::Watch::new(self.observer, outlook.clone());
                course.course.round(course.warm_up, left, &watch);
                outlook.events = watch.events();
                stopped = watch.is_stopped();
                if stopped {
                    break;
                }
            }
            let standing = self.standing(courses);
            let widest = self.widest(&standing);
            let missing = settings.precision.filter(|_| standing.doubt.is_none()).map(|p| (widest / p) * (widest / p));
            outlook = rounds::Outlook::new(standing.events, missing, settings.events, self.estimate(&standing));
            let stopped_by = if stopped || !has_all(courses) {
                Some(rounds::reason_of_stop(self.observer))
            } else if missing.is_some_and(|times| times <= 1.0) {
                Some(StopReason::Precision)
            } else {
                settings.events.filter(|limit| standing.events >= limit / 20 * 19).map(|_| StopReason::Events)
            };
            if let Some(stopped_by) = stopped_by {
                return self.conclude(courses, &standing, stopped_by);
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
        standing.doubt.is_none().then_some((estimate.point?, estimate.low?, estimate.high?))
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
        let (doubt, checks) = self.doubt(courses, &estimates, &parameters, &unavailability);
        let events = estimates.iter().flatten().map(|estimates| estimates.total.events).sum();
        Standing { estimates, parameters, unavailability, frequency, doubt, checks, events }
    }

    /// The first doubt of a part that matters, and the checks of the part that matters most.
    fn doubt(
        &self,
        courses: &[Option<PieceCourse<'_>>],
        estimates: &[Option<Estimates>],
        parameters: &[Vec<f64>],
        unavailability: &Combined,
    ) -> (Option<(usize, Doubt)>, ImportanceChecks) {
        let mut first = None;
        let mut main = (ImportanceChecks::default(), -1.0);
        for course in courses.iter().flatten() {
            let Some(own) = &estimates[course.part] else { continue };
            let mut without = parameters.to_vec();
            without[course.part].fill(0.0);
            let rest = self.pieces.joined.probability_and_frequency(&self.pieces.variables(&without)).0;
            let weight = 1.0 - rest / unavailability.value;
            let checks = checks::checks(own, &course.course.latest, course.twin);
            if weight >= NEGLIGIBLE && first.is_none() {
                first = checks::doubt(&checks, self.wish.has_times).map(|doubt| (course.part, doubt));
            }
            if weight > main.1 {
                main = (checks, weight);
            }
        }
        (first, main.0)
    }

    /// The parts whose next round takes most away from the variance for its work.
    fn due(&self, courses: &[Option<PieceCourse<'_>>], standing: &Standing) -> Vec<usize> {
        if let Some((part, _)) = &standing.doubt {
            return vec![*part];
        }
        let relative = |combined: &Combined, part: usize| combined.variances[part] / (combined.value * combined.value);
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
        let trusted = standing.doubt.is_none() && has_all(courses);
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
        let estimate = |index: usize| {
            all.get(index).map_or_else(
                || bounds::nothing(alpha),
                |combined| {
                    let ratio = combined.ratio(alpha);
                    if ratio.half_width <= WIDEST { ratio.estimate(alpha) } else { bounds::nothing(alpha) }
                },
            )
        };
        let timed = |index: usize| (has_times && trusted).then(|| estimate(index));
        let causes = joined.causes();
        let seen = |index: &usize| all.get(5 + index).is_some_and(|combined| combined.value > 0.0);
        let begun_by = (0..causes.len())
            .filter(|index| has_times && seen(index))
            .map(|index| Contribution { of: causes[index].clone(), value: estimate(5 + index) });
        let first_ended = all.len().saturating_sub(self.pieces.model.system.up.parts().len());
        let names = self.pieces.model.system.up.parts().into_iter().enumerate().filter(|_| trusted);
        let ended_by = names.map(|(index, part)| Contribution {
            of: self.pieces.model.part_name(part).to_owned(),
            value: at_most_one(estimate(first_ended + index)),
        });
        let totals = || standing.estimates.iter().flatten().map(|estimates| &estimates.total);
        SimulatedMeasures {
            unavailability: at_most_one(estimate(0)),
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
                effective_sample_size: standing.checks.downtime.effective_sample_size,
                largest_share: standing.checks.downtime.largest_share,
                cycles_with_outage: totals().map(|total| total.outages).sum(),
                refused: standing.doubt.as_ref().map(|(_, doubt)| doubt.code().to_owned()),
                importance: Some(standing.checks.clone()),
            },
            warnings: self.warnings(standing, stopped_by),
        }
    }

    fn warnings(&self, standing: &Standing, stopped_by: StopReason) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some((_, doubt)) = &standing.doubt {
            let message = format!("no interval: {}; more events may help", doubt.reason(&standing.checks));
            warnings.push(Warning { code: doubt.code(), message });
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
                message:
                    "the capacity measures need the system as a whole, which is too large to simulate rare events of"
                        .into(),
            });
        }
        warnings
    }
}

/// Values that follow from the parameters, with their variances.
fn combined(
    courses: &[Option<PieceCourse<'_>>],
    estimates: &[Option<Estimates>],
    parameters: &[Vec<f64>],
    values: &dyn Fn(&[Vec<f64>]) -> Vec<f64>,
) -> Vec<Combined> {
    let points = values(parameters);
    let mut combined: Vec<Combined> =
        points.iter().map(|&value| Combined { value, variances: vec![0.0; courses.len()] }).collect();
    let mut moved = parameters.to_vec();
    for course in courses.iter().flatten() {
        let Some(estimates) = &estimates[course.part] else { continue };
        let own = &parameters[course.part];
        let mut derivatives = vec![vec![0.0; own.len()]; points.len()];
        for (index, &parameter) in own.iter().enumerate().filter(|(_, parameter)| **parameter > 0.0) {
            let mut at = |factor: f64| {
                moved[course.part][index] = parameter * factor;
                values(&moved)
            };
            let (high, low) = (at(1.0 + STEP), at(1.0 - STEP));
            moved[course.part][index] = parameter;
            for (derivatives, (high, low)) in derivatives.iter_mut().zip(high.iter().zip(&low)) {
                derivatives[index] = (high - low) / (2.0 * STEP * parameter);
            }
        }
        for (combined, derivatives) in combined.iter_mut().zip(&derivatives) {
            combined.variances[course.part] = course.variance(estimates, own, derivatives);
        }
    }
    combined
}

fn at_most_one(share: Estimate) -> Estimate {
    Estimate { high: share.high.map(|high| high.min(1.0)), ..share }
}
