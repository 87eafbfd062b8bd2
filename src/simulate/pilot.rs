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
use crate::topology::{Model, Scope};

/// Steps of the pilot, for models of ordinary size; of the second and the third one, when cycles got lost.
const STEPS: [usize; 3] = [20_000, 2_000_000, 40_000_000];
/// Cells that it may visit: fewer steps for huge models, which rarely have a state that comes back.
const CELLS_PER_STEP: usize = 250;
/// A state must come back at least so often to cut cycles.
const FEWEST_RETURNS: u64 = 20;
/// The warm-up of replications, in the longest mean time that matters for it.
const WARM_UP: f64 = 10.0;
/// The mean residual time counts up to so many means: beyond that it is a matter of rare long times, which no warm-up meets.
const LONGEST_RESIDUAL: f64 = 100.0;

/// Runs the pilot, unless `stop` ends it. With `lost` plans before this one under which cycles got lost it looks farther ahead;
/// in the end there are replications.
pub(crate) fn plan<E: Engine>(
    facts: &FactsOf<'_>,
    seed: u64,
    lost: usize,
    engine: &mut E,
    stop: &(dyn Fn(u64) -> bool + Sync),
) -> Plan {
    let dynamics = facts.dynamics;
    let replications = replications(facts);
    let Some(steps) = STEPS.get(lost) else { return replications };
    let steps = steps / (dynamics.cell_count() / CELLS_PER_STEP).max(1);
    let mut path = Path::new(facts, &replications, seed, Purpose::Pilot, lost as u64);
    // The first half leads away from the start: what is never entered again after it must not end cycles.
    walk(&mut path, &replications, steps / 2, engine, stop, |_| ());
    let (events, seconds) = (path.events, path.time());
    let mut entries: IndexMap<State, u64> = IndexMap::new();
    walk(&mut path, &replications, steps.div_ceil(2), engine, stop, |state| match entries.get_mut(state) {
        Some(count) => *count += 1,
        None => {
            entries.insert(state.clone(), 1);
        }
    });
    let (events, seconds) = (path.events - events, path.time() - seconds);
    let memoryless = |state: &State| {
        let clocks = dynamics.clocks(state);
        clocks.iter().all(|clock| dynamics.distributions()[clock.distribution].is_exponential())
    };
    let often = entries.into_iter().filter(|(state, count)| *count >= FEWEST_RETURNS && memoryless(state));
    // Ties go to the first state in order.
    let best = often.max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    let Some((state, returns)) = best else { return replications };
    Plan {
        start: state.clone(),
        cut: Cut::Regenerative { at: state, events: events as f64 / returns as f64, seconds: seconds / returns as f64 },
        ..replications
    }
}

/// From the start, with a warm-up and without cycles.
pub(crate) fn replications(facts: &FactsOf<'_>) -> Plan {
    let dynamics = facts.dynamics;
    Plan {
        start: dynamics.canonical(&dynamics.start()),
        cut: Cut::Replications {
            warm_up: WARM_UP * longest(recoveries(facts.model).into_iter().chain(lives(facts.model))),
        },
        longest_recovery: longest_recovery(facts.model),
        longest_unseen: longest_unseen(facts.model),
        most_outages: most_outages(facts),
        long_outage: None,
    }
}

/// The longest mean time, or mean residual time where that is longer.
fn longest<'a>(distributions: impl IntoIterator<Item = &'a Distribution>) -> f64 {
    let longest = |distribution: &Distribution| {
        let mean = distribution.mean();
        distribution.mean_residual().clamp(mean, LONGEST_RESIDUAL * mean)
    };
    distributions.into_iter().map(longest).fold(0.0, f64::max)
}

/// Lives that a start with all units new must outlast. A domain with an exponential life forgets as fast as it comes back.
fn lives(model: &Model) -> Vec<&Distribution> {
    let scope = Scope::relevant(model);
    let of_groups = scope.groups.iter().flat_map(|group| model.component_of(*group).modes()).map(|mode| &mode.life);
    let of_domains = scope.domains.iter().map(|domain| &model.domains[domain.0].life);
    of_groups.chain(of_domains.filter(|life| !life.is_exponential())).collect()
}

/// Times that lead back, of everything that can matter to the system: noticing, restarts, repairs, failovers.
fn recoveries(model: &Model) -> Vec<&Distribution> {
    let scope = Scope::relevant(model);
    let of_modes = scope.groups.iter().flat_map(|group| model.component_of(*group).modes()).flat_map(|mode| {
        let restart = mode.restart.as_ref().map(|restart| &restart.takes);
        [Some(&mode.detect), restart, mode.repair.as_ref()].into_iter().flatten()
    });
    let of_groups = scope.groups.iter().map(|group| &model.groups[group.0]).flat_map(|group| {
        let check = group.standby.as_ref().and_then(|standby| standby.check.as_ref());
        let takes = group.failover.as_ref().map(|failover| &failover.takes);
        let otherwise = group.failover.as_ref().and_then(|failover| failover.otherwise.as_ref());
        [check, takes, otherwise].into_iter().flatten()
    });
    of_modes.chain(of_groups).chain(scope.domains.iter().map(|domain| &model.domains[domain.0].repair)).collect()
}

/// The longest mean (or mean residual) time in which anything comes back that can matter to the system, seconds.
pub(crate) fn longest_recovery(model: &Model) -> f64 {
    longest(recoveries(model))
}

/// The same without a limit to what is rare: how long something may still take that none was seen of, on average, seconds.
pub(crate) fn longest_unseen(model: &Model) -> f64 {
    recoveries(model).into_iter().map(Distribution::mean_left).fold(0.0, f64::max)
}

/// Outages that one recovery may hold, however rare it is: each but the first begins with another loss.
pub(crate) fn most_outages(facts: &FactsOf<'_>) -> f64 {
    1.0 + facts.dynamics.losses_per_second() * longest_unseen(facts.model)
}

/// Takes so many steps, unless `stop` ends them, and shows each state that is entered.
fn walk<E: Engine>(
    path: &mut Path,
    plan: &Plan,
    steps: usize,
    engine: &mut E,
    stop: &(dyn Fn(u64) -> bool + Sync),
    mut visit: impl FnMut(&State),
) {
    let mut at = engine.place(path, plan);
    for _ in 0..steps {
        at = engine.step(at, path, plan);
        visit(engine.state(at));
        if *engine.credit() <= 0 {
            *engine.credit() = SLICE;
            if stop(0) {
                break;
            }
        }
    }
    path.state = engine.state(at).clone();
}
