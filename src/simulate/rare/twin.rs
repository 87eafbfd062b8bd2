//! The importance function: what is still to be expected from a state, on an exponential twin of the model.
//!
//! The twin is the graph of canonical states with the mean of each time in place of its distribution. It is explored from
//! all-up in layers by number of losses, each layer closed under recoveries. Backward value iteration then gives, for every
//! target, the expected cost until all-up is reached again: `V(x) = (cost(x) + sum rate (jump + V(y))) / q`, with V = 0 on
//! entering all-up. All terms are non-negative.
//!
//! What lies beyond the explored layers counts as certain to fail and to stay down for long: too high a value there costs
//! time, one that is too low would hide outages. The estimate does not depend on any of this, only its variance does.

use indexmap::IndexSet;

use crate::dynamics::{Dynamics, Exploration, State};
use crate::measure::Observer;
use crate::simulate::rare::meter::{Meter, Reading, Target, Worth};

/// States that may be explored: a second of work.
const MOST_STATES: usize = 50_000;
/// Cells that may be copied while exploring: a second of work for models with very many units.
const MOST_CELLS: usize = 400_000_000;
/// Up to so many states are explored until next to nothing is left; more only until the rest matters little.
const FEW_STATES: usize = 500;
/// What may be left: the pessimistic value of what is beyond, over the value of what was explored, less 1.
const NEXT_TO_NOTHING: f64 = 0.02;
const LITTLE: f64 = 0.5;
/// An outage beyond the explored states is taken to last so many of the longest mean recoveries.
const PESSIMISM: f64 = 3.0;
/// Value iteration ends when the values change by less than this share.
const TOLERANCE: f64 = 1e-5;
const MOST_SWEEPS: usize = 2_000;
/// Classes of outage (losses at a time) that must be seen carry at least this share of the downtime.
const LEAST_SHARE: f64 = 0.01;
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
    /// Share of time down.
    pub(crate) unavailability: f64,
    /// Orders (losses at a time) of bad states that carry at least a hundredth of the downtime, with their share.
    pub(crate) classes: Vec<(u32, f64)>,
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
    /// Explores and solves the twin; nothing when no bad state was found within the limits, or `observer` ends it.
    pub(crate) fn of(dynamics: &Dynamics, meter: &impl Meter, observer: &dyn Observer) -> Option<Self> {
        let mut layers = Layers::new(dynamics, meter);
        loop {
            let goes_on = layers.next_layer(observer)?;
            if !layers.has_bad() {
                if goes_on {
                    continue;
                }
                return None;
            }
            let solver = Solver::new(&layers);
            let frontier = solver.frontier_ratio();
            let enough = if layers.exploration.states().len() <= FEW_STATES { NEXT_TO_NOTHING } else { LITTLE };
            if !goes_on || frontier - 1.0 <= enough {
                let solved = solver.solve(frontier)?;
                return Some(solved.into_twin(layers));
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

/// The exploration so far.
struct Layers<'a, M: Meter> {
    dynamics: &'a Dynamics,
    meter: &'a M,
    exploration: Exploration<'a>,
    readings: Vec<Reading>,
    all_up: Vec<bool>,
    losses: Vec<usize>,
    /// States to expand, by number of losses.
    buckets: Vec<Vec<u32>>,
    layer: usize,
    cells: usize,
}

impl<'a, M: Meter> Layers<'a, M> {
    fn new(dynamics: &'a Dynamics, meter: &'a M) -> Self {
        let exploration = Exploration::new(dynamics);
        let mut layers = Self {
            dynamics,
            meter,
            exploration,
            readings: Vec::new(),
            all_up: Vec::new(),
            losses: Vec::new(),
            buckets: vec![vec![0]],
            layer: 0,
            cells: 0,
        };
        layers.note_new(0);
        layers
    }

    fn has_bad(&self) -> bool {
        let expanded = |&index: &usize| self.exploration.arcs_of(index).is_some();
        (0..self.readings.len()).filter(expanded).any(|index| self.readings[index].badness > 0.0)
    }

    /// Reads the states found since the last call.
    fn note_new(&mut self, losses: usize) {
        for index in self.readings.len()..self.exploration.states().len() {
            let state = &self.exploration.states()[index];
            self.readings.push(self.meter.read(state));
            self.all_up.push(self.dynamics.order(state) == 0);
            self.losses.push(losses);
        }
    }

    /// Expands everything with one more loss; whether there is more to come. Nothing when the observer ends it.
    fn next_layer(&mut self, observer: &dyn Observer) -> Option<bool> {
        let mut asked = 0_usize;
        while let Some((losses, index)) = self.pop() {
            if self.exploration.states().len() > MOST_STATES || self.cells > MOST_CELLS {
                return Some(false);
            }
            asked += 1;
            if asked.is_multiple_of(256) && observer.stop().is_some() {
                return None;
            }
            self.expand(losses, index as usize);
        }
        self.layer += 1;
        Some(self.buckets.len() > self.layer)
    }

    fn pop(&mut self) -> Option<(usize, u32)> {
        let last = self.layer.min(self.buckets.len() - 1);
        (0..=last).find_map(|losses| self.buckets[losses].pop().map(|index| (losses, index)))
    }

    fn expand(&mut self, losses: usize, index: usize) {
        if self.exploration.arcs_of(index).is_some() {
            return;
        }
        let before = self.exploration.states().len();
        self.exploration.expand(index);
        let arcs = self.exploration.arcs_of(index).unwrap_or_default();
        self.cells += (arcs.len() + 1) * self.dynamics.cell_count();
        let found: Vec<(u32, usize)> =
            arcs.iter().map(|arc| (arc.to, if arc.is_loss { losses + 1 } else { losses })).collect();
        self.note_new(losses + 1);
        for (to, losses) in found {
            let losses = if self.all_up[to as usize] { 0 } else { losses };
            let is_new = to as usize >= before;
            if is_new || losses < self.losses[to as usize] {
                self.losses[to as usize] = losses;
                if self.buckets.len() <= losses {
                    self.buckets.resize(losses + 1, Vec::new());
                }
                self.buckets[losses].push(to);
            }
        }
    }
}

/// Value iteration on what was explored.
struct Solver<'a, 'b, M: Meter> {
    layers: &'a Layers<'b, M>,
    /// Expanded states that are not all-up, deep ones first.
    order: Vec<usize>,
    longest_recovery: f64,
}

/// Values of all targets.
struct Solved {
    known: Vec<Option<Known>>,
    beyond: f64,
    worth: Worth,
    frontier_ratio: f64,
    cycle_seconds: f64,
    all_up: f64,
    outages_per_cycle: f64,
    unavailability: f64,
    classes: Vec<(u32, f64)>,
}

impl<'a, 'b, M: Meter> Solver<'a, 'b, M> {
    fn new(layers: &'a Layers<'b, M>) -> Self {
        let exploration = &layers.exploration;
        let states = exploration.states();
        let mut order: Vec<usize> =
            (0..states.len()).filter(|&index| exploration.arcs_of(index).is_some() && !layers.all_up[index]).collect();
        order.sort_by_key(|&index| {
            (std::cmp::Reverse(layers.losses[index]), layers.dynamics.work_left(&states[index]), index)
        });
        let arcs = order.iter().flat_map(|&index| exploration.arcs_of(index).unwrap_or_default());
        let slowest = arcs.filter(|arc| !arc.is_loss).map(|arc| arc.rate).fold(f64::INFINITY, f64::min);
        Self { layers, order, longest_recovery: if slowest.is_finite() { 1.0 / slowest } else { 0.0 } }
    }

    /// What follows from `index` at the values `v`: cost until all-up.
    fn backup(&self, index: usize, cost: f64, jump: impl Fn(f64, f64) -> f64, beyond: f64, v: &[f64]) -> f64 {
        let layers = self.layers;
        let from = layers.readings[index].badness;
        let mut sum = cost;
        for arc in layers.exploration.arcs_of(index).unwrap_or_default() {
            let to = arc.to as usize;
            let then = if layers.all_up[to] {
                0.0
            } else if layers.exploration.arcs_of(to).is_some() {
                v[to]
            } else {
                beyond
            };
            sum += arc.rate * (jump(from, layers.readings[to].badness) + then);
        }
        sum / layers.exploration.exit()[index]
    }

    /// Values of a cost; the first entry is that on leaving all-up.
    fn values(&self, cost: impl Fn(usize) -> f64, jump: impl Fn(f64, f64) -> f64, beyond: f64) -> Vec<f64> {
        let mut v = vec![0.0; self.layers.readings.len()];
        for _ in 0..MOST_SWEEPS {
            let mut change = 0.0_f64;
            for &index in &self.order {
                let new = self.backup(index, cost(index), &jump, beyond, &v);
                if new > 0.0 {
                    change = change.max((new - v[index]).abs() / new);
                }
                v[index] = new;
            }
            if change <= TOLERANCE {
                break;
            }
        }
        v[0] = self.backup(0, cost(0), &jump, beyond, &v);
        v
    }

    /// An outage beyond what was explored, in the unit of the target.
    fn beyond(&self, target: Target) -> f64 {
        let long = PESSIMISM * self.longest_recovery;
        match target {
            Target::Outages => 1.0,
            Target::Downtime | Target::Insufficient => long,
            Target::Lost => long * self.layers.readings.iter().map(|reading| reading.lost).fold(0.0, f64::max),
        }
    }

    fn target(&self, target: Target, beyond: f64) -> Vec<f64> {
        let readings = &self.layers.readings;
        self.values(|index| target.rate(&readings[index]), |from, to| target.jump(from, to), beyond)
    }

    fn is_complete(&self) -> bool {
        let exploration = &self.layers.exploration;
        (0..exploration.states().len()).all(|index| exploration.arcs_of(index).is_some())
    }

    /// The downtime of a cycle with what is beyond at its worst, over that with nothing bad beyond.
    fn frontier_ratio(&self) -> f64 {
        if self.is_complete() {
            return 1.0;
        }
        let of = |beyond| self.target(Target::Downtime, beyond)[0];
        of(self.beyond(Target::Downtime)) / of(0.0)
    }

    fn solve(&self, frontier_ratio: f64) -> Option<Solved> {
        let readings = &self.layers.readings;
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
            self.layers.exploration.arcs_of(index).map(|_| known)
        });
        let cycle = self.values(|_| 1.0, |_, _| 0.0, 0.0);
        let hold = 1.0 / self.layers.exploration.exit()[0];
        Some(Solved {
            known: known.collect(),
            beyond: Target::ALL.iter().map(|&target| worth.per_unit(target) * self.beyond(target)).sum(),
            worth,
            frontier_ratio,
            cycle_seconds: cycle[0],
            all_up: hold / cycle[0],
            outages_per_cycle: per_cycle[1],
            unavailability: per_cycle[0] / cycle[0],
            classes: self.classes(),
        })
    }

    /// Expected visits to each state in a cycle.
    fn visits(&self) -> Vec<f64> {
        let (layers, mut arcs_into) = (self.layers, Vec::new());
        for &index in self.order.iter().chain([&0]) {
            let exit = layers.exploration.exit()[index];
            for arc in layers.exploration.arcs_of(index).unwrap_or_default() {
                if !layers.all_up[arc.to as usize] {
                    arcs_into.push((arc.to, arc.from, arc.rate / exit));
                }
            }
        }
        arcs_into.sort_unstable_by_key(|&(to, from, _)| (to, from));
        let mut first = vec![0; layers.readings.len() + 1];
        for &(to, _, _) in &arcs_into {
            first[to as usize + 1] += 1;
        }
        for index in 1..first.len() {
            first[index] += first[index - 1];
        }
        let mut visits = vec![0.0; layers.readings.len()];
        visits[0] = 1.0;
        for _ in 0..MOST_SWEEPS {
            let mut change = 0.0_f64;
            for &index in self.order.iter().rev() {
                let into = &arcs_into[first[index]..first[index + 1]];
                let new: f64 = into.iter().map(|&(_, from, p)| visits[from as usize] * p).sum();
                if new > 0.0 {
                    change = change.max((new - visits[index]).abs() / new);
                }
                visits[index] = new;
            }
            // A hint is enough.
            if change <= 1e-2 {
                break;
            }
        }
        visits
    }

    /// For each state the fewest losses that lead from it to something bad.
    fn losses_to_bad(&self) -> Vec<u32> {
        let layers = self.layers;
        let far = ORDERS as u32;
        let mut losses: Vec<u32> =
            layers.readings.iter().map(|reading| if reading.badness > 0.0 { 0 } else { far }).collect();
        for _ in 0..ORDERS {
            let mut changed = false;
            for &index in &self.order {
                let arcs = layers.exploration.arcs_of(index).unwrap_or_default();
                let through = arcs
                    .iter()
                    .filter(|arc| !layers.all_up[arc.to as usize])
                    .map(|arc| losses[arc.to as usize] + u32::from(arc.is_loss));
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

    /// The orders of bad states, and what share of the downtime each carries.
    fn classes(&self) -> Vec<(u32, f64)> {
        let layers = self.layers;
        let order: Vec<u32> = layers.exploration.states().iter().map(|state| layers.dynamics.order(state)).collect();
        let mut orders: Vec<u32> = self
            .order
            .iter()
            .filter(|&&index| layers.readings[index].badness > 0.0)
            .map(|&index| order[index])
            .collect();
        orders.sort_unstable();
        orders.dedup();
        orders.truncate(ORDERS);
        let of = |wanted: u32| {
            let cost = |index: usize| if order[index] == wanted { layers.readings[index].badness } else { 0.0 };
            self.values(cost, |_, _| 0.0, 0.0)[0]
        };
        let parts: Vec<(u32, f64)> = orders.into_iter().map(|order| (order, of(order))).collect();
        let total: f64 = parts.iter().map(|(_, part)| part).sum();
        parts
            .into_iter()
            .map(|(order, part)| (order, part / total))
            .filter(|(_, share)| *share >= LEAST_SHARE)
            .collect()
    }
}

impl Solved {
    fn into_twin<M: Meter>(self, layers: Layers<'_, M>) -> Twin {
        Twin {
            states: layers.exploration.states().clone(),
            known: self.known,
            beyond: self.beyond,
            worth: self.worth,
            frontier_ratio: self.frontier_ratio,
            cycle_seconds: self.cycle_seconds,
            all_up: self.all_up,
            outages_per_cycle: self.outages_per_cycle,
            unavailability: self.unavailability,
            classes: self.classes,
        }
    }
}
