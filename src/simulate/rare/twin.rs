//! The importance function: what is still to be expected from a state, on an exponential twin of the model.
//!
//! The twin is the graph of canonical states with the mean of each time in place of its distribution. It is explored from
//! all-up, likeliest states first: a state comes when its likeliest path from all-up is the likeliest of those that are left, so
//! that recoveries are followed at once and layers of losses come one after the other. Backward value iteration then gives, for every
//! target, the expected cost until all-up is reached again: `V(x) = (cost(x) + sum rate (jump + V(y))) / q`, with V = 0 on
//! entering all-up. All terms are non-negative.
//!
//! What lies beyond the explored states counts as certain to fail and to stay down for long: too high a value there costs
//! time, one that is too low would hide outages. The estimate does not depend on any of this, only its variance does.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use crate::dynamics::{Clock, Dynamics, Kind, State};
use crate::measure::Observer;
use crate::numeric::random::{Stream, uniform};
use crate::simulate::rare::ageing::{FEWEST_YOUNG, fails_early};
use crate::simulate::rare::frontier::Frontier;
use crate::simulate::rare::meter::{Meter, Target, Worth};
use crate::simulate::rare::starts::starts;
use crate::simulate::rare::sweeps::sweep;
use crate::simulate::rare::unmet::LongRecoveries;

/// States that may be explored: a few seconds of work.
pub(crate) const MOST_STATES: usize = 100_000;
/// States that are expanded before the first look; twice as many each time.
const FIRST_STATES: usize = 32;
/// Up to so many states are explored in any case; more only until the rest matters little: its pessimistic value over that of
/// what was explored, less 1.
const FEW_STATES: usize = 500;
const LITTLE: f64 = 0.5;
/// An outage beyond the explored states is taken to last so many of the longest mean recoveries.
const PESSIMISM: f64 = 3.0;
/// Value iteration ends when the values change by less than this share.
const TOLERANCE: f64 = 1e-4;
const MOST_SWEEPS: u32 = 100;
/// Updates that small systems may take in any case, a few milliseconds.
const FEW_UPDATES: usize = 500_000;
/// Classes of outage (losses at a time) that must be seen carry at least this share of the downtime.
const LEAST_SHARE: f64 = 0.01;
/// Moments of recoveries that are asked for at most.
const LARGEST_MOMENT: u32 = 6;
/// Orders that are told apart.
const ORDERS: usize = 64;

/// What the twin tells.
#[derive(Debug)]
pub(crate) struct Twin {
    states: IndexSet<State>,
    /// Per state its worth, and the fewest losses that lead from it to something bad; of known states.
    known: Vec<Option<Known>>,
    beyond: f64,
    pub(crate) worth: Worth,
    /// All states known, pessimistic over optimistic value of the downtime: 1 when everything was explored.
    pub(crate) frontier_ratio: f64,
    /// Mean length of a cycle from all-up to all-up, seconds.
    pub(crate) cycle_seconds: f64,
    /// Share of the time with everything up.
    pub(crate) all_up: f64,
    /// Expected outages in a cycle (increases of badness).
    pub(crate) outages_per_cycle: f64,
    /// Variance of what a plain cycle contributes, relative to the square of its mean: the larger one of downtime and outages.
    pub(crate) plain_variance: f64,
    /// All-up states in which cycles start, and how often.
    pub(crate) starts: Vec<(State, f64)>,
    /// Fewest losses that lead from all-up to something bad.
    pub(crate) fewest_losses: u32,
    /// All recoveries, for those that the plain chain may not meet.
    pub(crate) recoveries: LongRecoveries,
    /// Causes of losses whose times have atoms.
    pub(crate) fixed_causes: Vec<(usize, String)>,
    /// Whether cycles can start with several units that fail much more often when new, of which an outage takes several.
    pub(crate) has_early_failures: bool,
    /// Share of time down.
    pub(crate) unavailability: f64,
    /// Orders (losses at a time) of bad states that carry at least a hundredth of the downtime, with their share.
    pub(crate) classes: Vec<(u32, f64)>,
    /// Whether one of them carries so much only because repairs have longer tails than the twin's: then it is a poor guide.
    pub(crate) is_misled: bool,
}

/// Why there is no twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTwin {
    /// Nothing bad can happen.
    NeverBad,
    /// Nothing bad was found among the states that can be explored.
    TooLarge,
    /// The observer ended it.
    Stopped,
}

/// What is beyond the explored states may add so much at most, by the twin.
pub(crate) const LARGEST_FRONTIER: f64 = 1.5;
/// Below this variance of what a plain cycle contributes, relative to the square of its mean, plain simulation is as good.
const COMMON: f64 = 5.0;
/// A recovery that may last longer than the mean downtime of so many plain cycles must be seen often by chance before plain simulation
/// has an interval: that takes 100 times as many cycles for 1 %, where a variance of 5 takes 200,000.
const LONGEST_UNSEEN: f64 = 2_000.0;

impl Twin {
    /// Whether plain cycles tell of outages about as much as branches do.
    pub(crate) fn has_common_outages(&self) -> bool {
        self.plain_variance < COMMON && self.frontier_ratio <= LARGEST_FRONTIER
    }

    /// Whether a recovery that may last `seconds` is long beside what plain cycles bring.
    pub(crate) fn hides(&self, seconds: f64) -> bool {
        seconds > LONGEST_UNSEEN * self.unavailability * self.cycle_seconds
    }

    /// The explored states, in the order in which they were found.
    pub(crate) fn states(&self) -> impl Iterator<Item = &State> {
        self.states.iter()
    }

    /// An all-up state, by the law of those in which cycles start.
    pub(crate) fn start(&self, random: &mut Stream) -> &State {
        if let [(only, _)] = self.starts.as_slice() {
            return only;
        }
        let mut left = uniform(random);
        let found = self.starts.iter().find(|(_, share)| {
            left -= share;
            left < 0.0
        });
        &found.or(self.starts.last()).expect("there is a start").0
    }
}

/// What is known of one state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Known {
    /// Expected worth until all-up.
    pub(crate) value: f64,
    /// Fewest losses that lead to something bad; 0 in a bad state.
    pub(crate) losses: u32,
    /// Expected visits in a cycle under the measure that is best for the targets.
    pub(crate) visits: f64,
}

impl Twin {
    /// Explores and solves the twin.
    pub(crate) fn of(
        dynamics: &Dynamics,
        meter: &impl Meter,
        most_states: usize,
        observer: &dyn Observer,
    ) -> Result<Self, NoTwin> {
        let mut frontier = Frontier::new(dynamics, meter, most_states);
        let mut wanted = FIRST_STATES;
        loop {
            let goes_on = frontier.expand_to(wanted, observer).ok_or(NoTwin::Stopped)?;
            wanted *= 2;
            if !frontier.has_bad {
                if goes_on {
                    continue;
                }
                return Err(if frontier.is_complete() { NoTwin::NeverBad } else { NoTwin::TooLarge });
            }
            let solver = Solver::new(&frontier, observer);
            let ratio = solver.frontier_ratio();
            if observer.stop().is_some() {
                return Err(NoTwin::Stopped);
            }
            let is_enough = frontier.expanded.len() > FEW_STATES && ratio - 1.0 <= LITTLE;
            if !goes_on || is_enough {
                return solver.solve(ratio).ok_or(NoTwin::TooLarge);
            }
        }
    }

    /// What is known of a canonical state; nothing beyond the explored ones.
    pub(crate) fn known(&self, state: &State) -> Option<Known> {
        self.states.get_index_of(state).and_then(|index| self.known[index])
    }

    /// The worth of what is beyond.
    pub(crate) fn beyond(&self) -> f64 {
        self.beyond
    }

    pub(crate) fn explored(&self) -> usize {
        self.known.iter().flatten().count()
    }
}

/// Value iteration on what was explored.
struct Solver<'a, 'b, M: Meter> {
    frontier: &'a Frontier<'b, M>,
    observer: &'a dyn Observer,
    /// Expanded states that are not all-up, deep ones first.
    order: Vec<usize>,
    longest_recovery: f64,
}

/// Sweeps over so many states at most.
fn most_sweeps(states: usize) -> u32 {
    MOST_SWEEPS.max((FEW_UPDATES / states.max(1)) as u32)
}

impl<'a, 'b, M: Meter> Solver<'a, 'b, M> {
    fn new(frontier: &'a Frontier<'b, M>, observer: &'a dyn Observer) -> Self {
        let exploration = &frontier.exploration;
        let mut order: Vec<usize> = (0..exploration.count())
            .filter(|&index| exploration.arcs_of(index).is_some() && !frontier.all_up[index])
            .collect();
        order.sort_by_cached_key(|&index| {
            let state = exploration.state(index);
            (std::cmp::Reverse(frontier.dynamics.order(&state)), frontier.dynamics.work_left(&state), index)
        });
        let arcs = order.iter().flat_map(|&index| exploration.arcs_of(index).unwrap_or_default());
        let slowest = arcs.filter(|arc| !arc.is_loss()).map(|arc| arc.rate).fold(f64::INFINITY, f64::min);
        Self { frontier, observer, order, longest_recovery: if slowest.is_finite() { 1.0 / slowest } else { 0.0 } }
    }

    /// What follows from `index` at the values `v`: cost until all-up.
    fn backup(&self, index: usize, cost: f64, jump: impl Fn(f64, f64) -> f64, beyond: f64, v: &[f64]) -> f64 {
        let frontier = self.frontier;
        let from = frontier.readings[index].badness;
        let mut sum = cost;
        for arc in frontier.exploration.arcs_of(index).unwrap_or_default() {
            let to = arc.to as usize;
            let then = if frontier.all_up[to] {
                0.0
            } else if frontier.exploration.arcs_of(to).is_some() {
                v[to]
            } else {
                beyond
            };
            sum += arc.rate * (jump(from, frontier.readings[to].badness) + then);
        }
        sum / frontier.exploration.exit()[index]
    }

    /// Values of a cost; the first entry is that on leaving all-up.
    fn values(&self, cost: impl Fn(usize) -> f64, jump: impl Fn(f64, f64) -> f64, beyond: f64) -> Vec<f64> {
        let mut v = vec![0.0; self.frontier.readings.len()];
        let most = (TOLERANCE, most_sweeps(v.len()));
        sweep(&self.order.iter().copied(), &mut v, most, self.observer, |index, v| {
            self.backup(index, cost(index), &jump, beyond, v)
        });
        v[0] = self.backup(0, cost(0), &jump, beyond, &v);
        v
    }

    /// An outage beyond what was explored, in the unit of the target.
    fn beyond(&self, target: Target) -> f64 {
        let long = PESSIMISM * self.longest_recovery;
        match target {
            Target::Outages => 1.0,
            Target::Downtime | Target::Insufficient => long,
            Target::Lost => long * self.frontier.readings.iter().map(|reading| reading.lost).fold(0.0, f64::max),
        }
    }

    fn target(&self, target: Target, beyond: f64) -> Vec<f64> {
        let readings = &self.frontier.readings;
        self.values(|index| target.rate(&readings[index]), |from, to| target.jump(from, to), beyond)
    }

    /// The downtime of a cycle with what is beyond at its worst, over that with nothing bad beyond.
    fn frontier_ratio(&self) -> f64 {
        if self.frontier.is_complete() {
            return 1.0;
        }
        let of = |beyond| self.target(Target::Downtime, beyond)[0];
        of(self.beyond(Target::Downtime)) / of(0.0)
    }

    /// The twin, if outages are possible by it.
    fn solve(&self, frontier_ratio: f64) -> Option<Twin> {
        let readings = &self.frontier.readings;
        let values = Target::ALL.map(|target| self.target(target, self.beyond(target)));
        let per_cycle = [0, 1, 2, 3].map(|target: usize| values[target][0]);
        if !(per_cycle[0] > 0.0 && per_cycle[0].is_finite()) {
            return None;
        }
        let worth = Worth::of(per_cycle);
        let losses = self.losses_to_bad();
        let visits = self.visits();
        let known = (0..readings.len()).map(|index| {
            let value = Target::ALL.iter().map(|&t| worth.per_unit(t) * values[t as usize][index]).sum();
            let known = Known { value, losses: losses[index], visits: visits[index] * value };
            self.frontier.exploration.arcs_of(index).map(|_| known)
        });
        let known: Vec<Option<Known>> = known.collect();
        let cycle = self.values(|_| 1.0, |_, _| 0.0, 0.0);
        let (classes, is_misled) = self.classes(&visits);
        let fewest_losses = self.losses_from_all_up(&losses);
        let hold = 1.0 / self.frontier.exploration.exit()[0];
        Some(Twin {
            states: (0..known.len()).map(|index| self.frontier.exploration.state(index)).collect(),
            known,
            beyond: Target::ALL.iter().map(|&target| worth.per_unit(target) * self.beyond(target)).sum(),
            worth,
            frontier_ratio,
            cycle_seconds: cycle[0],
            all_up: hold / cycle[0],
            outages_per_cycle: per_cycle[1],
            plain_variance: [Target::Downtime, Target::Outages]
                .map(|target| self.plain_variance(target, &values[target as usize]))
                .into_iter()
                .fold(0.0, f64::max),
            fewest_losses,
            starts: starts(self.frontier, &self.order, self.observer),
            recoveries: LongRecoveries::of(self.frontier.dynamics),
            fixed_causes: fixed_causes(self.frontier.dynamics),
            has_early_failures: fewest_losses >= FEWEST_YOUNG as u32
                && early_lives(self.frontier.dynamics) >= FEWEST_YOUNG,
            unavailability: per_cycle[0] / cycle[0],
            classes,
            is_misled,
        })
    }

    /// The variance of what a plain cycle contributes to a target whose values are `v`, over the square of its mean. With C
    /// the cost from x on, `E C^2 = (cost h)^2 + 2 cost h E V(y) + E[(jump)^2 + 2 jump V(y) + C(y)^2]`, h the holding time.
    fn plain_variance(&self, target: Target, v: &[f64]) -> f64 {
        let frontier = self.frontier;
        let mut squares = vec![0.0; frontier.readings.len()];
        let backup = |index: usize, squares: &[f64]| {
            let reading = &frontier.readings[index];
            let exit = frontier.exploration.exit()[index];
            let cost = target.rate(reading) / exit;
            let mut sum = cost * cost;
            for arc in frontier.exploration.arcs_of(index).unwrap_or_default() {
                let to = arc.to as usize;
                let (then, more) = if frontier.all_up[to] { (0.0, 0.0) } else { (v[to], squares[to]) };
                let jump = target.jump(reading.badness, frontier.readings[to].badness);
                sum += arc.rate / exit * (2.0 * cost * (jump + then) + jump * jump + 2.0 * jump * then + more);
            }
            sum
        };
        sweep(
            &self.order.iter().copied(),
            &mut squares,
            (1e-3, most_sweeps(frontier.readings.len())),
            self.observer,
            backup,
        );
        if v[0] > 0.0 { backup(0, &squares) / (v[0] * v[0]) - 1.0 } else { 0.0 }
    }

    fn losses_from_all_up(&self, losses: &[u32]) -> u32 {
        let arcs = self.frontier.exploration.arcs_of(0).unwrap_or_default();
        let through = arcs.iter().filter(|arc| !self.frontier.all_up[arc.to as usize]);
        through.map(|arc| losses[arc.to as usize] + u32::from(arc.is_loss())).min().unwrap_or(0)
    }

    /// Expected visits to each state in a cycle.
    fn visits(&self) -> Vec<f64> {
        let (frontier, mut arcs_into) = (self.frontier, Vec::new());
        for &index in self.order.iter().chain([&0]) {
            let exit = frontier.exploration.exit()[index];
            for arc in frontier.exploration.arcs_of(index).unwrap_or_default() {
                if !frontier.all_up[arc.to as usize] {
                    arcs_into.push((arc.to, index as u32, arc.rate / exit));
                }
            }
        }
        arcs_into.sort_unstable_by_key(|&(to, from, _)| (to, from));
        let mut first = vec![0; frontier.readings.len() + 1];
        for &(to, _, _) in &arcs_into {
            first[to as usize + 1] += 1;
        }
        for index in 1..first.len() {
            first[index] += first[index - 1];
        }
        let mut visits = vec![0.0; frontier.readings.len()];
        visits[0] = 1.0;
        // A hint is enough.
        sweep(&self.order.iter().rev().copied(), &mut visits, (1e-2, MOST_SWEEPS), self.observer, |index, visits| {
            let into = &arcs_into[first[index]..first[index + 1]];
            into.iter().map(|&(_, from, p)| visits[from as usize] * p).sum()
        });
        visits
    }

    /// For each state the fewest losses that lead from it to something bad.
    fn losses_to_bad(&self) -> Vec<u32> {
        let frontier = self.frontier;
        let far = ORDERS as u32;
        let mut losses: Vec<u32> =
            frontier.readings.iter().map(|reading| if reading.badness > 0.0 { 0 } else { far }).collect();
        for _ in 0..ORDERS {
            let mut changed = false;
            for &index in &self.order {
                let arcs = frontier.exploration.arcs_of(index).unwrap_or_default();
                let through = arcs
                    .iter()
                    .filter(|arc| !frontier.all_up[arc.to as usize])
                    .map(|arc| losses[arc.to as usize] + u32::from(arc.is_loss()));
                let best = through.min().unwrap_or(far).min(losses[index]);
                changed |= best < losses[index];
                losses[index] = best;
            }
            if !changed {
                break;
            }
        }
        losses
    }

    /// The orders of bad states that carry a part of the downtime that counts, each with its share, from the visits; and whether one of
    /// them would not be there if all recoveries had exponential tails.
    fn classes(&self, visits: &[f64]) -> (Vec<(u32, f64)>, bool) {
        let frontier = self.frontier;
        let mut parts: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
        for &index in self.order.iter().filter(|&&index| frontier.readings[index].badness > 0.0) {
            let state = frontier.exploration.state(index);
            let order = frontier.dynamics.order(&state);
            let time = visits[index] / frontier.exploration.exit()[index] * frontier.readings[index].badness;
            let [exponential, long] = parts.entry(order).or_default();
            *exponential += time;
            *long += time * self.tail_factor(&state, order);
        }
        let [total, total_long] =
            parts.values().fold([0.0; 2], |[a, b], [exponential, long]| [a + exponential, b + long]);
        let shares =
            parts.into_iter().map(|(order, [exponential, long])| (order, exponential / total, long / total_long));
        let counting: Vec<(u32, f64, f64)> =
            shares.filter(|(_, exponential, long)| exponential.max(*long) >= LEAST_SHARE).take(ORDERS).collect();
        let is_misled = counting.iter().any(|(_, exponential, _)| *exponential < LEAST_SHARE);
        (counting.into_iter().map(|(order, exponential, long)| (order, exponential.max(long))).collect(), is_misled)
    }

    /// How many times as long a state with so many losses lasts as the twin says, because of the tails of the recoveries that run in
    /// it. While one runs and j - 1 others wait for it to end, that is `E[R^j] / (j! m^j)`; recoveries that all run side by side take a
    /// share of time that depends on their means alone.
    fn tail_factor(&self, state: &State, order: u32) -> f64 {
        let dynamics = self.frontier.dynamics;
        let running: Vec<_> = dynamics.clocks(state).into_iter().filter(|clock| clock.kind == Kind::Recovery).collect();
        let wait = (order + 1).saturating_sub(running.len() as u32).clamp(1, LARGEST_MOMENT);
        let factorial: f64 = (1..=wait).map(f64::from).product();
        let of = |clock: &Clock| {
            let moment = dynamics.distributions()[clock.distribution].scaled_moment(wait) / factorial;
            if moment.is_finite() { moment } else { f64::MAX.sqrt() }
        };
        running.iter().map(of).fold(1.0, f64::max)
    }
}

/// Lives that run at all-up and fail much more often when new.
fn early_lives(dynamics: &Dynamics) -> usize {
    let clocks = dynamics.clocks(&dynamics.start());
    let is_early = |clock: &&Clock| {
        clock.kind == Kind::Loss && clock.speed > 0.0 && fails_early(&dynamics.distributions()[clock.distribution])
    };
    clocks.iter().filter(is_early).count()
}

/// Causes of losses that run at all-up and whose times have atoms: they cannot be made likelier.
fn fixed_causes(dynamics: &Dynamics) -> Vec<(usize, String)> {
    let clocks = dynamics.clocks(&dynamics.start());
    let is_fixed = |clock: &&Clock| {
        clock.kind == Kind::Loss && clock.speed > 0.0 && !dynamics.distributions()[clock.distribution].has_hazard()
    };
    let mut causes: Vec<usize> = clocks.iter().filter(is_fixed).filter_map(|clock| clock.cause).collect();
    causes.sort_unstable();
    causes.dedup();
    causes.into_iter().map(|cause| (cause, dynamics.causes()[cause].to_string())).collect()
}
