//! Rare events: importance sampling with intervals that can be trusted.
//!
//! U is a ratio: downtime of a cycle from all-up to all-up over its length. The length comes from a plain chain of cycles; the
//! downtime from branches, one from the start of each cycle, whose choices are made with their true probability times what
//! follows is worth ([`branch`]). Worth comes from an exponential twin of the model ([`twin`]). Exponential models are sampled by
//! jumps ([`chain`]), others event by event with scheduled recoveries and losses as hazards ([`general`]).
//!
//! What was sampled decides whether an interval is given ([`checks`]).

mod branch;
mod chain;
mod checks;
mod conclude;
mod estimates;
mod general;
mod graph;
mod meter;
mod rounds;
mod sampler;
mod sites;
mod statistics;
mod tilt;
mod twin;
mod whole;

use crate::dynamics::Dynamics;
use crate::measure::{Observer, SimulatedMeasures};
use crate::numeric::distribution::Distribution;
use crate::simulate::Settings;
use crate::simulate::facts::FactsOf;
use crate::structure::times;
use crate::topology::Model;

use chain::Chain;
use conclude::Conclusion;
use general::General;
use rounds::Wish;
use sites::Setting;
use twin::Twin;
use whole::Whole;

/// With more outages in a cycle than this plain simulation is as good.
const RARE: f64 = 0.1;
/// Cycles count on all-up to come back.
const LEAST_ALL_UP: f64 = 0.02;
/// Cycles of the warm-up for each unit, where ages matter.
const WARM_UP: u64 = 4;

/// How rare events of a model are sampled.
pub(crate) struct Plan<'a> {
    facts: &'a FactsOf<'a>,
    whole: Whole<'a>,
    twin: Twin,
}

impl<'a> Plan<'a> {
    /// Nothing where no outage can be found by exploring, or where `observer` ends it.
    pub(crate) fn of(facts: &'a FactsOf<'a>, observer: &dyn Observer) -> Option<Self> {
        let whole = Whole::new(facts);
        let twin = Twin::of(facts.dynamics, &whole, observer)?;
        Some(Self { facts, whole, twin })
    }

    /// Why importance sampling is not worth it; nothing where it is.
    pub(crate) fn objection(&self) -> Option<String> {
        let twin = &self.twin;
        if twin.outages_per_cycle > RARE {
            Some(format!(
                "outages are frequent: about {:.2} between two moments with everything up",
                twin.outages_per_cycle
            ))
        } else if twin.all_up < LEAST_ALL_UP {
            Some(format!("everything is up for only about {:.1e} of the time", twin.all_up))
        } else {
            None
        }
    }

    /// How rare outages are.
    pub(crate) fn reason(&self) -> String {
        format!("an outage is expected once in {:.1e} cycles", 1.0 / self.twin.outages_per_cycle)
    }

    /// Samples the model.
    pub(crate) fn simulate(self, model: &Model, settings: &Settings, observer: &dyn Observer) -> SimulatedMeasures {
        let dynamics = self.facts.dynamics;
        let setting = Setting { dynamics, meter: &self.whole, twin: &self.twin, long_outage: settings.long_outage };
        let has_times = times::exist(model).unwrap_or(false);
        let wish = Wish { settings, has_times, warm_up: warm_up(dynamics) };
        let exponential = dynamics.distributions().iter().all(Distribution::is_exponential);
        let finished = if exponential {
            rounds::run(&self.twin, &wish, observer, |samplers| Chain::new(setting, samplers))
        } else {
            rounds::run(&self.twin, &wish, observer, |samplers| General::new(setting, samplers))
        };
        let engine = if exponential { "jumps between states" } else { "discrete events" };
        let method = format!("importance sampling ({engine}), intervals from batches");
        let conclusion =
            Conclusion { model, facts: self.facts, settings, twin: &self.twin, has_times, method, finished };
        conclusion.measures()
    }
}

/// Cycles before those that count: where losses have ages, or all-up is more than one state.
fn warm_up(dynamics: &Dynamics) -> u64 {
    WARM_UP * dynamics.cell_count() as u64
}
