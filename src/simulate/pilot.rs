//! A short run that decides how paths are cut into independent pieces.
//!
//! At the entry of a state whose running clocks are all memoryless, everything starts afresh. Of these states the one
//! entered most often gives the most cycles. Without such a state, or when none comes back often enough, paths are
//! replications. The pilot has a stream of its own, so its choice depends on nothing that is counted.

use indexmap::IndexMap;

use crate::dynamics::State;
use crate::numeric::distribution::Distribution;
use crate::numeric::random::Purpose;
use crate::simulate::facts::FactsOf;
use crate::simulate::path::{Cut, Path, Plan};
use crate::simulate::walk::{Engine, SLICE};

/// Steps of the pilot, for models of ordinary size.
const STEPS: usize = 20_000;
/// Cells that it may visit: fewer steps for huge models, which rarely have a state that comes back.
const CELLS: usize = 5_000_000;
/// A state must come back at least so often to cut cycles.
const FEWEST_RETURNS: u64 = 20;
/// The warm-up of replications, in the longest of all mean times.
const WARM_UP: f64 = 10.0;
/// The mean residual time counts up to so many means: beyond that it is a matter of rare long times, which no warm-up meets.
const LONGEST_RESIDUAL: f64 = 100.0;

/// Runs the pilot, unless `stop` ends it.
pub(crate) fn plan<E: Engine>(
    facts: &FactsOf<'_>,
    seed: u64,
    engine: &mut E,
    stop: &(dyn Fn(u64) -> bool + Sync),
) -> Plan {
    let dynamics = facts.dynamics;
    let start = dynamics.canonical(&dynamics.start());
    let replications = Plan { start, cut: Cut::Replications { warm_up: warm_up(dynamics.distributions()) } };
    let mut path = Path::new(facts, &replications, seed, Purpose::Pilot, 0);
    let entries = entries(&mut path, &replications, dynamics.cell_count(), engine, stop);
    let memoryless = |state: &State| {
        let clocks = dynamics.clocks(state);
        clocks.iter().all(|clock| dynamics.distributions()[clock.distribution].is_exponential())
    };
    let often = entries.into_iter().filter(|(state, count)| *count >= FEWEST_RETURNS && memoryless(state));
    // Ties go to the first state in order.
    let best = often.max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    best.map_or(replications, |(state, returns)| Plan {
        start: state.clone(),
        cut: Cut::Regenerative {
            at: state,
            events: path.events as f64 / returns as f64,
            seconds: path.time() / returns as f64,
        },
    })
}

fn warm_up(distributions: &[Distribution]) -> f64 {
    let longest = |distribution: &Distribution| {
        let mean = distribution.mean();
        distribution.mean_residual().clamp(mean, LONGEST_RESIDUAL * mean)
    };
    WARM_UP * distributions.iter().map(longest).fold(0.0, f64::max)
}

/// How often each state is entered.
fn entries<E: Engine>(
    path: &mut Path,
    plan: &Plan,
    cells: usize,
    engine: &mut E,
    stop: &(dyn Fn(u64) -> bool + Sync),
) -> IndexMap<State, u64> {
    let mut entries: IndexMap<State, u64> = IndexMap::new();
    let mut at = engine.place(path, plan);
    for _ in 0..STEPS.min(CELLS / cells.max(1)) {
        at = engine.step(at, path, plan);
        match entries.get_mut(engine.state(at)) {
            Some(count) => *count += 1,
            None => {
                entries.insert(engine.state(at).clone(), 1);
            }
        }
        if *engine.credit() <= 0 {
            *engine.credit() = SLICE;
            if stop(0) {
                break;
            }
        }
    }
    entries
}
