//! Rare events: importance sampling with intervals that can be trusted.
//!
//! U is a ratio: downtime of a cycle from all-up to all-up over its length. The length comes from a plain chain of cycles; the
//! downtime from branches, one from the start of each cycle, whose choices are made with their true probability times what
//! follows is worth ([`branch`]). Worth comes from an exponential twin of the model ([`twin`]). Exponential models are sampled by
//! jumps ([`chain`]), others event by event with scheduled recoveries and losses as hazards ([`general`]).
//!
//! A system of independent pieces is cut into them where that is better ([`pieces`]).
//!
//! What was sampled decides whether an interval is given ([`checks`]).

mod ageing;
mod backward;
mod branch;
mod chain;
mod checks;
mod class_meter;
mod combined;
mod conclude;
pub(crate) mod estimates;
mod frontier;
mod gate;
mod general;
mod graph;
mod joint;
mod meter;
mod part;
mod piece_course;
mod pieces;
mod rounds;
mod sampler;
mod sites;
mod starts;
mod statistics;
mod sweeps;
#[cfg(test)]
mod tests;
mod tilt;
mod twin;
mod unmet;
mod whole;

use crate::dynamics::{Clock, Dynamics, Kind};
use crate::measure::{Observer, SimulatedMeasures};
use crate::simulate::Settings;
use crate::simulate::conclude::has_times;
use crate::simulate::facts::FactsOf;
use crate::simulate::pilot::longest_unseen;
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::in_step;
use crate::topology::Model;

use ageing::{Ageing, STARTS, Tuning};
use chain::Chain;
use conclude::Conclusion;
use general::General;
use meter::Meter;
use pieces::Pieces;
use rounds::{Finished, Wish};
use sampler::{BATCHES, Sampler};
use sites::Setting;
use twin::LARGEST_FRONTIER;
use twin::{MOST_STATES, NoTwin, Twin};
use whole::Whole;

/// Cycles count on all-up to come back.
pub(crate) const LEAST_ALL_UP: f64 = 0.02;
/// Systems of pieces are explored so far to see whether they can be simulated as a whole.
const FEW_STATES: usize = 5_000;
/// With more explored states a system of pieces is simulated piece by piece.
const LARGE: usize = 500;
/// From so many losses to an outage on, units with general times that depend on nothing are better simulated one by one.
const MANY_LOSSES: u32 = 3;
/// Less unavailability than this plain simulation does not see in any time.
const HOPELESS: f64 = 1e-7;
/// Losses during one recovery from which on values must know how long it lasts.
const MANY_IN_ONE: f64 = 1.0;
/// The same where a recovery may last so many times longer than it mostly does.
const SOME_IN_ONE: f64 = 0.1;
const MUCH_LONGER: f64 = 10.0;
/// Cycles of the warm-up for each unit, where ages matter.
const WARM_UP: u64 = 4;
/// The same where lives have ages.
const WARM_UP_OF_AGES: u64 = 16;
/// Lives of a unit whose speed changes, before the cycles that count; and the most cycles for that.
const WARM_UP_LIVES: f64 = 5.0;
const MOST_WARM_UP: f64 = 20_000.0;

/// How rare events of a model are sampled.
pub(crate) struct Plan<'a> {
    model: &'a Model,
    facts: &'a FactsOf<'a>,
    way: Way<'a>,
    /// Why this way, a fragment.
    pub(crate) reason: String,
}

enum Way<'a> {
    Whole(Whole<'a>, Box<Twin>),
    Pieces(Box<Pieces<'a>>),
}

/// What importance sampling has to offer for a model.
pub(crate) enum Choice<'a> {
    /// It is the right method.
    Good(Plan<'a>),
    /// It works, but plain simulation is as good.
    Poor(Plan<'a>),
    /// No outage can be found by exploring.
    Impossible,
}

impl<'a> Plan<'a> {
    /// The best way, or what speaks against all of them.
    pub(crate) fn of(
        model: &'a Model,
        facts: &'a FactsOf<'a>,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Choice<'a> {
        let pieces = if settings.long_outage.is_none() { Pieces::of(model, observer) } else { None };
        let is_in_step = in_step(model, &Partition::of(model, Purpose::Availability)).is_some();
        let whole = Whole::new(facts);
        // Capacity is a matter of all pieces at once.
        let wants_whole = model.system.demand.is_some();
        let most_states = if pieces.is_some() && !wants_whole { FEW_STATES } else { MOST_STATES };
        let twin = Twin::of(facts.dynamics, &whole, most_states, observer);
        let plan = |way, reason| Self { model, facts, way, reason };
        match (twin, pieces) {
            (Err(NoTwin::NeverBad | NoTwin::Stopped), _) | (Err(NoTwin::TooLarge), None) => Choice::Impossible,
            (Err(NoTwin::TooLarge), Some(pieces)) => {
                let reason =
                    "the system as a whole has too many states, and falls apart into independent pieces".into();
                Choice::Good(plan(Way::Pieces(Box::new(pieces)), reason))
            }
            (Ok(twin), _) if is_in_step => {
                let reason = "units with fixed times are never out of step, as only plain simulation has them".into();
                Choice::Poor(plan(Way::Whole(whole, Box::new(twin)), reason))
            }
            (Ok(twin), _) if twin.has_common_outages() && !twin.hides(longest_unseen(model)) => {
                let reason = format!(
                    "outages are common, about {} between two moments with everything up",
                    significant(twin.outages_per_cycle)
                );
                Choice::Poor(plan(Way::Whole(whole, Box::new(twin)), reason))
            }
            (Ok(twin), pieces) => {
                let is_whole = twin.all_up >= LEAST_ALL_UP && twin.frontier_ratio <= LARGEST_FRONTIER;
                let is_hard = !facts.dynamics.is_exponential() && twin.fewest_losses >= MANY_LOSSES;
                let is_large = twin.explored() > LARGE;
                match pieces {
                    Some(pieces)
                        if !is_whole
                            || !wants_whole && (is_large || twin.is_misled || is_hard && pieces.has_plain_units()) =>
                    {
                        let reason = if is_large {
                            "the system has many states, and falls apart into independent pieces"
                        } else if twin.is_misled {
                            "recoveries have long tails, and the system falls apart into independent pieces"
                        } else if is_whole {
                            "independent units with times that are not exponential are simulated one by one"
                        } else {
                            "the system falls apart into independent pieces, and everything is rarely up"
                        };
                        Choice::Good(plan(Way::Pieces(Box::new(pieces)), reason.into()))
                    }
                    _ if !is_whole && (twin.unavailability > HOPELESS || twin.all_up < LEAST_ALL_UP) => {
                        let reason = "the system has too many states, or everything is rarely up".into();
                        Choice::Poor(plan(Way::Whole(whole, Box::new(twin)), reason))
                    }
                    _ => {
                        let reason = format!(
                            "plain simulation would need about {} times as many cycles",
                            significant(twin.plain_variance)
                        );
                        Choice::Good(plan(Way::Whole(whole, Box::new(twin)), reason))
                    }
                }
            }
        }
    }

    /// Samples the model; nothing where a piece cannot be explored, or `observer` ends it before there is anything.
    pub(crate) fn simulate(
        self,
        settings: &Settings,
        reason: &str,
        observer: &dyn Observer,
    ) -> Option<SimulatedMeasures> {
        let has_times = has_times(self.model, observer);
        match self.way {
            Way::Pieces(pieces) => pieces.simulate(settings, has_times, reason, observer),
            Way::Whole(whole, twin) => {
                let asked = Asked { has_times, capacity: self.model.system.demand.is_some() };
                let finished = sampled(self.facts, &whole, &twin, settings, asked, observer);
                let engine =
                    if self.facts.dynamics.is_exponential() { "jumps between states" } else { "discrete events" };
                let conclusion = Conclusion {
                    model: self.model,
                    facts: self.facts,
                    settings,
                    twin: &twin,
                    has_times,
                    method: format!("importance sampling ({engine}), intervals from batches"),
                    reason: reason.to_owned(),
                    finished,
                };
                Some(conclusion.measures())
            }
        }
    }
}

/// What a model has measures of, beside its unavailability.
#[derive(Clone, Copy)]
struct Asked {
    has_times: bool,
    capacity: bool,
}

/// A system sampled as a whole.
fn sampled(
    facts: &FactsOf<'_>,
    whole: &Whole<'_>,
    twin: &Twin,
    settings: &Settings,
    asked: Asked,
    observer: &dyn Observer,
) -> Finished {
    let dynamics = facts.dynamics;
    let setting = Setting { dynamics, meter: whole, twin, long_outage: settings.long_outage };
    let capacity = if asked.capacity { whole.capacity().to_vec() } else { Vec::new() };
    let wish = Wish { settings, has_times: asked.has_times, warm_up: warm_up(dynamics, twin), capacity };
    let threads = settings.threads.clamp(1, BATCHES as usize);
    let samplers = sampler_of(setting, threads, &wish, observer);
    rounds::run(twin, &wish, observer, samplers)
}

/// One sampler for each thread.
fn sampler_of<'a, M: Meter>(
    setting: Setting<'a, M>,
    threads: usize,
    wish: &Wish<'_>,
    observer: &dyn Observer,
) -> Vec<Box<dyn Sampler + 'a>> {
    let dynamics = setting.dynamics;
    if dynamics.is_exponential() {
        // Where contributions vary little, lengths of cycles vary more.
        let starts = if setting.twin.has_common_outages() { STARTS } else { 1 };
        return (0..threads).map(|_| Box::new(Chain::new(setting, threads, starts)) as Box<dyn Sampler>).collect();
    }
    let is_aged = |clock: &Clock| {
        let distribution = &dynamics.distributions()[clock.distribution];
        clock.kind == Kind::Loss && distribution.has_hazard() && !distribution.is_exponential()
    };
    let lives = dynamics.clocks(&dynamics.start()).iter().filter(|clock| is_aged(clock)).count();
    let least = if needs_residuals(setting) { Ageing::Next } else { Ageing::Ignored };
    let pilot = |tuning, cycles| rounds::pilot(wish, observer, cycles, General::new(setting, 1, tuning));
    let tuning = if lives > 0 { Tuning::best(lives, least, pilot) } else { Tuning { ageing: least, ..Tuning::NONE } };
    (0..threads).map(|_| Box::new(General::new(setting, threads, tuning)) as Box<dyn Sampler>).collect()
}

/// Whether values that know means only would be wrong again and again in one cycle, so that its weight comes to nothing: where many
/// losses come during a recovery, by the time that may be left of it, or some during one that may last much longer than it mostly does.
fn needs_residuals<M: Meter>(setting: Setting<'_, M>) -> bool {
    let (dynamics, twin) = (setting.dynamics, setting.twin);
    let between_losses = twin.all_up * twin.cycle_seconds;
    twin.states().take(FEW_STATES).flat_map(|state| dynamics.clocks(state)).any(|clock| {
        let distribution = &dynamics.distributions()[clock.distribution];
        let left = distribution.mean_left();
        let losses = left / between_losses;
        clock.kind == Kind::Recovery
            && (losses > MANY_IN_ONE || losses > SOME_IN_ONE && left > MUCH_LONGER * distribution.mean())
    })
}

/// Cycles before those that count. Ages at the start are those of lives on their own at any instant: at the starts of cycles, and
/// where units share a crew, they are a little different. Units whose speed changes with what they do take some of their lives.
fn warm_up(dynamics: &Dynamics, twin: &Twin) -> u64 {
    let cells = dynamics.cell_count() as u64;
    let distributions = dynamics.distributions();
    let clocks = dynamics.clocks(&dynamics.start());
    let has_age = |clock: &&Clock| clock.kind == Kind::Loss && !distributions[clock.distribution].is_exponential();
    if !clocks.iter().any(|clock| has_age(&clock)) {
        return WARM_UP * cells;
    }
    let changes = clocks.iter().filter(has_age).filter(|clock| clock.speed > 0.0 && clock.speed < 1.0);
    let slowest = changes.map(|clock| distributions[clock.distribution].mean() / clock.speed).fold(0.0, f64::max);
    let settled = (WARM_UP_LIVES * slowest / twin.cycle_seconds).min(MOST_WARM_UP) as u64;
    settled.max(WARM_UP_OF_AGES * cells)
}

/// Two digits.
fn significant(value: f64) -> String {
    match value {
        v if (10.0..1e4).contains(&v) => format!("{v:.0}"),
        v if (0.01..10.0).contains(&v) => format!("{v:.2}"),
        v => format!("{v:.1e}"),
    }
}
