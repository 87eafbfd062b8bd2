//! The best and the worst that a chain can do whose rates are known to lie within ranges only.
//!
//! Let r(x) be a reward per second, q(x, y) any rates within their ranges, which may depend on all that happened before, and h any
//! function of the states. If for a number g
//!
//! ```text
//! r(x) + max over the rates of sum over y of q(x, y) (h(y) - h(x)) <= g       for all x of a set E
//! h(y) >= most of what is earned from y until all-up, less g times the time     for all y outside
//! ```
//!
//! then r is earned at g per second at most in the long run: over each cycle from all-up to all-up what is earned, less g for each second, is
//! at most 0 on average (Dynkin's formula; for Markov decision processes Puterman 1994, section 8.4). Outside E a bound of the time until all-up does
//! ([`potential`](crate::dynamics::Potential)): `T = K n`. The other end is the same with the signs turned round. Any h proves a g. A good one is found as policies
//! are improved (Howard 1960): solve with some rates, take the worst rates for that solution, and again.
//!
//! Each g is computed from its h in one pass, with room for the rounding of every term.

use crate::dynamics::{Dynamics, Exploration, Step};
use crate::exact::chain::bounded::{self, Proof};
use crate::exact::chain::explore::{Departure, Limit};
use crate::exact::chain::growing::{AIM, Goal, Growing, Grown};
use crate::exact::enclosure::Enclosure;
use crate::exact::subsets::ranges::Ranged;
use crate::measure::Observer;
use crate::structure::partition::{Partition, Purpose};
use crate::structure::readings::Readings;
use crate::topology::Scope;

/// Sweeps of one solution, and solutions.
const MOST_SWEEPS: usize = 100;
const MOST_POLICIES: usize = 20;
/// Relative changes at which sweeps end: while rates are chosen, and at last. What they leave open only widens the bounds.
const CHANGES: [f64; 2] = [1e-6, 1e-13];
const EPSILON: f64 = 2.3e-16;

/// What holds of the whole module, whatever its rates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Failures per second, at most.
    pub(crate) losses: f64,
    /// The longest mean way back, seconds.
    pub(crate) slowest: f64,
    /// Explored states.
    pub(crate) states: usize,
    /// The share of the unavailability that unexplored states may have.
    pub(crate) open: f64,
}

/// Bounds of unavailability and frequency, and the explored states. Nothing where there are none.
pub(crate) fn enclosed(ranged: &Ranged, limits: Limits, observer: &dyn Observer) -> Option<(Enclosure, u64)> {
    let partition = Partition::of(&ranged.model, Purpose::Availability);
    let [scope] = partition.modules.as_slice() else { return None };
    let dynamics = Dynamics::new(&ranged.model, scope);
    let readings = Readings::of_module(&ranged.model, &partition, scope);
    let growing = explored((&dynamics, scope, &readings), limits, observer)?;
    let room = 1.0 - limits.losses * limits.slowest;
    if growing.all_up.len() != 1 || room <= 0.0 {
        return None;
    }
    let chain = Chain::new(&growing, ranged, limits.slowest / room);
    let (down, outages) = (chain.rewards(|state| f64::from(u8::from(chain.is_down[state]))), chain.outages.as_slice());
    let unavailability = chain.between(&down, 1.0);
    let frequency = chain.between(outages, limits.losses);
    Some((Enclosure { unavailability, frequency: Some(frequency) }, growing.expanded() as u64))
}

/// Explores with the rates of the middle.
fn explored<'a>(
    (dynamics, scope, readings): (&'a Dynamics, &Scope, &'a Readings),
    limits: Limits,
    observer: &dyn Observer,
) -> Option<Growing<'a>> {
    let mut growing = Growing::new(dynamics, Box::new(Exploration::new(dynamics)), readings).ok()?;
    loop {
        let outcome = bounded::solve(&mut growing, Proof::None, scope, observer).ok()?;
        let (classes, probabilities) = (&outcome.solved.classes, &outcome.solved.value.probabilities);
        let is_down = |class: &[u16]| class.iter().all(|cell| *cell == 0);
        let down: f64 = classes.iter().zip(probabilities).filter(|(class, _)| is_down(class)).map(|(_, p)| p).sum();
        if outcome.beyond <= limits.open * down || growing.is_complete() || growing.expanded() >= limits.states {
            return Some(growing);
        }
        let goal = Goal::doubling(
            growing.expanded(),
            Limit { states: limits.states, bytes: u64::MAX },
            AIM * limits.open * down,
        );
        if let Grown::Stopped(_) = growing.grow(goal, observer) {
            return None;
        }
    }
}

/// A way to another state, per second.
#[derive(Clone, Copy, Debug)]
struct Arc {
    to: u32,
    low: f64,
    middle: f64,
    high: f64,
}

/// States are numbered as they were found; all-up is 0.
struct Chain {
    /// Those of the set, fewest failures first.
    inside: Vec<u32>,
    /// By state.
    is_inside: Vec<bool>,
    /// Where the arcs of each state of the set begin.
    first: Vec<(usize, usize)>,
    arcs: Vec<Arc>,
    is_down: Vec<bool>,
    /// Outages that begin per second in each state.
    outages: Vec<f64>,
    /// Seconds until all-up, at most.
    time: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Least,
    Most,
}

/// Earned, and seconds, until all-up.
type Cycle = [f64; 2];

impl Chain {
    fn new(growing: &Growing<'_>, ranged: &Ranged, time_per_item: f64) -> Self {
        let states = growing.known.len();
        let mut inside: Vec<u32> = (0..states as u32).filter(|&state| growing.is_expanded(state as usize)).collect();
        inside.sort_by_key(|&state| growing.known[state as usize].order);
        let is_down = |state: usize| growing.classes[growing.known[state].class as usize].iter().all(|cell| *cell == 0);
        let mut chain = Self {
            is_inside: (0..states).map(|state| growing.is_expanded(state)).collect(),
            first: vec![(0, 0); states],
            arcs: Vec::new(),
            is_down: (0..states).map(is_down).collect(),
            outages: vec![0.0; states],
            time: growing.known.iter().map(|known| f64::from(known.order.0) * time_per_item).collect(),
            inside,
        };
        for state in std::mem::take(&mut chain.inside) {
            if chain.add_arcs(state as usize, growing, ranged) {
                chain.inside.push(state);
            } else {
                chain.is_inside[state as usize] = false;
            }
        }
        chain
    }

    /// Whether all ways out of a state are known.
    fn add_arcs(&mut self, state: usize, growing: &Growing<'_>, ranged: &Ranged) -> bool {
        let (dynamics, first) = (growing.dynamics(), self.arcs.len());
        let mut can_fail: Vec<bool> = ranged.pools.iter().map(|pool| pool.left_out == 0).collect();
        for Departure { clock, rate, courses, .. } in growing.found.departures(state) {
            let (group, step) = dynamics.step(&clock);
            let units = clock.multiplicity as usize;
            let pool = group.checked_sub(ranged.kept);
            if let (Some(pool), Step::Life) = (pool, step) {
                can_fail[pool] = true;
            }
            let [low, high] = match (pool.map(|pool| &ranged.pools[pool]), step) {
                (Some(pool), Step::Life) => pool.lives.of_units(pool.left_out + units),
                (Some(pool), Step::Noticing) => pool.noticing.of_units(units),
                (Some(pool), Step::Repair) => pool.repairs.of_units(units),
                (None, _) | (_, Step::Other) => [rate, rate],
            };
            for course in courses.iter().filter(|course| course.to as usize != state && course.probability > 0.0) {
                let p = course.probability;
                self.arcs.push(Arc { to: course.to, low: low * p, middle: rate * p, high: high * p });
                if step == Step::Life && !self.is_down[state] && self.is_down[course.to as usize] {
                    self.outages[state] += rate * p;
                }
            }
        }
        self.first[state] = (first, self.arcs.len());
        can_fail.into_iter().all(|can| can)
    }

    fn rewards(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..self.time.len()).map(of).collect()
    }

    fn arcs_of(&self, state: usize) -> std::ops::Range<usize> {
        self.first[state].0..self.first[state].1
    }

    /// What is earned per second in the long run, at least and at most; outside of the set `beyond` per second at most.
    fn between(&self, rewards: &[f64], beyond: f64) -> [f64; 2] {
        let most = self.end(rewards, beyond, 0.0, Side::Most);
        [self.end(rewards, 0.0, most, Side::Least).max(0.0), most]
    }

    /// One end. What is beyond the set is worth so much per second, less the time at the `most` that is earned at all.
    fn end(&self, rewards: &[f64], beyond: f64, most: f64, side: Side) -> f64 {
        let mut rates: Vec<f64> = self.arcs.iter().map(|arc| arc.middle).collect();
        let outside = |state: usize| if self.is_inside[state] { 0.0 } else { self.time[state] * (beyond - most) };
        let mut cycles: Vec<Cycle> = (0..self.time.len()).map(|state| [outside(state), 0.0]).collect();
        let mut best = if side == Side::Most { f64::INFINITY } else { f64::NEG_INFINITY };
        let mut changes = CHANGES.into_iter();
        let mut change = changes.next();
        for policy in 0..MOST_POLICIES {
            let Some(least) = change else { break };
            self.sweep(&mut cycles, rewards, &rates, least);
            let [earned, seconds] = self.onward(0, rewards, &rates, &cycles);
            let gain = earned / seconds;
            let value = |state: usize| match cycles[state] {
                _ if state == 0 => 0.0,
                [earned, seconds] => earned - gain * seconds,
            };
            let values: Vec<f64> = (0..self.time.len()).map(value).collect();
            let before = rates.clone();
            let proven = self.proven(rewards, &values, &mut rates, side);
            best = if side == Side::Most { best.min(proven) } else { best.max(proven) };
            // The rates are all taken from the ranges, so they are the same to the bit. They may never be where several are as bad.
            let is_same = rates.iter().zip(&before).all(|(rate, before)| rate.to_bits() == before.to_bits());
            if is_same || policy == MOST_POLICIES / 2 {
                change = changes.next();
            }
        }
        best
    }

    /// Solves for what is earned and how long it takes until all-up.
    fn sweep(&self, cycles: &mut [Cycle], rewards: &[f64], rates: &[f64], least: f64) {
        for sweep in 0..MOST_SWEEPS {
            let mut change = 0.0_f64;
            let mut update = |&state: &u32| {
                let state = state as usize;
                if state == 0 {
                    return;
                }
                let sums = self.onward(state, rewards, rates, cycles);
                let exit: f64 = rates[self.arcs_of(state)].iter().sum();
                for (value, sum) in cycles[state].iter_mut().zip(sums) {
                    let new = sum / exit;
                    change = change.max((new - *value).abs() / new.abs().max(f64::MIN_POSITIVE));
                    *value = new;
                }
            };
            if sweep % 2 == 0 {
                self.inside.iter().for_each(&mut update);
            } else {
                self.inside.iter().rev().for_each(&mut update);
            }
            if change < least {
                break;
            }
        }
    }

    /// Earned and seconds here, plus what follows by rate.
    fn onward(&self, state: usize, rewards: &[f64], rates: &[f64], cycles: &[Cycle]) -> Cycle {
        let mut sums = [rewards[state], 1.0];
        for arc in self.arcs_of(state) {
            // A cycle ends at all-up.
            let to = self.arcs[arc].to as usize;
            for (sum, value) in sums.iter_mut().zip(cycles[to]) {
                *sum += if to == 0 { 0.0 } else { rates[arc] * value };
            }
        }
        sums
    }

    /// The number that `values` prove, whose worst rates become the `rates`.
    fn proven(&self, rewards: &[f64], values: &[f64], rates: &mut [f64], side: Side) -> f64 {
        let of_state = |&state: &u32| {
            let (state, mut gain, mut size) = (state as usize, 0.0, 0.0);
            for place in self.arcs_of(state) {
                let arc = self.arcs[place];
                let difference = values[arc.to as usize] - values[state];
                let is_high = (difference > 0.0) == (side == Side::Most);
                rates[place] = if is_high { arc.high } else { arc.low };
                gain += rates[place] * difference;
                size += rates[place] * (values[arc.to as usize].abs() + values[state].abs());
            }
            let room = EPSILON * (self.arcs_of(state).len() + 8) as f64 * (size + rewards[state]);
            match side {
                Side::Most => rewards[state] + gain + room,
                Side::Least => rewards[state] + gain - room,
            }
        };
        let gains = self.inside.iter().map(of_state);
        match side {
            Side::Most => gains.fold(f64::NEG_INFINITY, f64::max),
            Side::Least => gains.fold(f64::INFINITY, f64::min),
        }
    }
}
