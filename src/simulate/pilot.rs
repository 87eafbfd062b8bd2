//! A short run that decides how paths are cut into independent pieces.
//!
//! At the entry of a state whose running clocks are all memoryless, everything starts afresh. Of these states the one
//! entered most often gives the most cycles. Without such a state, or when none comes back often enough, paths are replications.

use std::collections::BTreeMap;

use crate::dynamics::State;
use crate::numeric::distribution::Distribution;
use crate::numeric::random::Purpose;
use crate::simulate::facts::FactsOf;
use crate::simulate::path::{Cut, Engine, Path, Plan};

/// Single steps of the pilot.
const STEPS: u64 = 20_000;
/// A state must come back at least so often among these to cut cycles.
const FEWEST_RETURNS: u64 = 20;
/// The warm-up of replications, in the longest of all mean times.
const WARM_UP: f64 = 10.0;

pub(crate) fn plan(facts: &FactsOf<'_>, seed: u64, engine: &mut impl Engine) -> Plan {
    let dynamics = facts.dynamics;
    let start = dynamics.canonical(&dynamics.start());
    let longest = dynamics.distributions().iter().map(Distribution::mean).fold(0.0, f64::max);
    let replications = Plan { start, cut: Cut::Replications { warm_up: WARM_UP * longest } };
    let mut path = Path::new(facts, &replications, seed, Purpose::Pilot, 0);
    let mut entries: BTreeMap<State, u64> = BTreeMap::new();
    for _ in 0..STEPS {
        engine.advance(&mut path, &replications, 1, f64::INFINITY, &|_| false);
        *entries.entry(path.state.clone()).or_default() += 1;
    }
    let memoryless = |state: &State| {
        let clocks = dynamics.clocks(state);
        clocks.iter().all(|clock| dynamics.distributions()[clock.distribution].is_exponential())
    };
    let often = entries.into_iter().filter(|(state, count)| *count >= FEWEST_RETURNS && memoryless(state));
    // Ties go to the first state in order.
    let best = often.max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    best.map_or(replications, |(state, _)| Plan { start: state.clone(), cut: Cut::Regenerative(state) })
}
