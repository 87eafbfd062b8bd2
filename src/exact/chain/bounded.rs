//! What a set of explored states says of the whole chain: proven bounds of every probability and flow.
//!
//! From an all-up state a, visits are counted until the chain is back at a or leaves the set E. What leaves E, at a state y, is
//! all-up again after `T(y)` seconds on average at most ([`potential`](crate::dynamics::Potential)), wherever it goes. So, for each second in a,
//!
//! ```text
//! t_c     seconds in E in states of the class c, between certified bounds ([`solve`](crate::exact::chain::solve))
//! X       seconds more until all-up, at most: sum over (x -> y) out of E of w_x q_xy (T(y) + G)
//! p_c     from t_c / (t_c + others + X) to t_c / (t_c + others), and X / (X + all) more in any one class
//! ```
//!
//! With one all-up state a cycle ends there, and G = 0. With several, one returns from outside E by any of them: the long run is a
//! mixture of lives, each from one of them until E is left and all-up is reached again. A life that begins in a repeats cycles of a, so
//! the bounds of all of them together hold, lowest and highest, with G = 0. An all-up state that is left for good, or hardly
//! ever reached again, makes no cycles: it is passed on the way to one that does, which takes G more seconds at most,
//! `G = max A / (1 - B)` over those states, with A the mean time until a cycle begins or E is left and all-up reached, and B the probability of the latter.
//!
//! With complete exploration X = 0 and only the rounding of the solution is left. Checked in `tests/agreement` against exact
//! values, for sets of many sizes.

use crate::dynamics::Alike;
use crate::exact::chain::enclose::{Visits, cycle};
use crate::exact::chain::explore::Chain;
use crate::exact::chain::growing::Growing;
use crate::exact::chain::solve::{End, crude_cycle};
use crate::exact::chain::{Beyond, Flows, Shares, Solved, alike_parts};
use crate::measure::{Cause, Observer};
use crate::numeric::sum::Sum;
use crate::structure::variable::Variable;
use crate::topology::Scope;

/// Room for the rounding of sums of positive numbers that were added pairwise or compensated.
const ROOM: f64 = 1e-13;
/// Bounds of visits are so narrow: this share of what is open, and at most so wide.
const UNSEEN_SHARE: f64 = 1e-3;
const WIDEST: f64 = 1e-9;
/// Sweeps for the time until a cycle begins, and the room that is left for what they have not reached.
const MOST_SWEEPS: usize = 2_000;
const CRUDELY: f64 = 0.01;

/// The set solved.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) solved: Solved,
    /// Seconds that states beyond may add, for each second of all-up, by the solution.
    pub(crate) beyond: f64,
}

/// How well a set is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// So well that the next states are chosen by it; its bounds are a guess.
    None,
    /// With bounds that hold.
    Full,
}

/// Solves the set `growing`, and tells it the visits to its states.
pub(crate) fn solve(
    growing: &mut Growing<'_>,
    proof: Proof,
    scope: &Scope,
    observer: &dyn Observer,
) -> Result<Outcome, End> {
    let (chain, inside) = Chain::of_growing(growing);
    let set = Set { growing, chain, inside };
    let (cycles, detour) = match proof {
        Proof::None => (vec![set.crude_cycle(observer)?], set.growing.detour),
        Proof::Full => {
            let (cycles, others) = set.cycles(observer)?;
            let detour = set.detour(&cycles, &others, observer)?;
            (cycles, detour)
        }
    };
    let first = &cycles[0].visits.value;
    let inside = set.chain.order[..set.inside].iter().zip(first).map(|(&id, &time)| (id as usize, time));
    let visits: Vec<(usize, f64)> = inside.chain(set.leaving(first).map(|(state, flow, _)| (state, flow))).collect();
    let beyond = set.beyond(first, detour);
    let anchor = set.chain.order[cycles[0].place] as usize;
    let alike = set.growing.found.alike().clone();
    let solved = set.solved(&cycles, detour, &alike, scope);
    growing.set_visits(visits.into_iter());
    growing.anchor = anchor;
    if detour.is_finite() {
        growing.detour = detour;
    }
    Ok(Outcome { solved, beyond })
}

/// The visits from one all-up state, by its place in the chain.
struct Cycle {
    place: usize,
    visits: Visits,
}

struct Set<'a, 'b> {
    growing: &'a Growing<'b>,
    /// Known states; those from `inside` on are not expanded.
    chain: Chain,
    inside: usize,
}

impl Set<'_, '_> {
    /// Visits from one all-up state, without a proof.
    fn crude_cycle(&self, observer: &dyn Observer) -> Result<Cycle, End> {
        let is_anchor = |id: &u32| *id as usize == self.growing.anchor;
        let place = self.chain.order.iter().position(is_anchor).unwrap_or(0);
        let value = crude_cycle(&self.chain, self.inside, place, self.guess(), observer)?;
        Ok(Cycle { place, visits: Visits { low: value.clone(), high: value.clone(), value } })
    }

    /// The last solution.
    fn guess(&self) -> Vec<f64> {
        self.chain.order.iter().map(|&id| self.growing.time_in(id as usize)).collect()
    }

    /// Cycles from the all-up states, and the places of those that make none.
    fn cycles(&self, observer: &dyn Observer) -> Result<(Vec<Cycle>, Vec<usize>), End> {
        let places = self.places_of_all_up();
        let reached = self.reached(&places);
        let wanted = self.width_wanted();
        let comes_back = |a: usize| (0..places.len()).all(|b| !reached[a][b] || reached[b][a]);
        let (mut cycles, mut others): (Vec<Cycle>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut failed = None;
        let anchor = places.iter().position(|&place| self.chain.order[place] as usize == self.growing.anchor);
        for (a, &place) in places.iter().enumerate() {
            if !comes_back(a) {
                others.push(place);
                continue;
            }
            // Where nothing leaves the set, the long run is the same from wherever it is reached.
            let same =
                |known: &Cycle| places.iter().position(|other| *other == known.place).is_some_and(|b| reached[a][b]);
            if self.inside == self.chain.order.len() && cycles.iter().any(same) {
                continue;
            }
            // From an all-up state of the same class visits are nearly the same, but for their scale.
            let known = cycles.iter().find(|known: &&Cycle| known.visits.value[place] > 0.0);
            let guess = match known {
                Some(known) => known.visits.value.clone(),
                // What is not reached from here would take long to vanish.
                None if anchor.is_some_and(|b| reached[a][b] && reached[b][a]) => self.guess(),
                None => vec![0.0; self.chain.order.len()],
            };
            match cycle(&self.chain, self.inside, place, guess, wanted, observer) {
                Ok(visits) => cycles.push(Cycle { place, visits }),
                Err(End::NotConverged { residual }) => {
                    failed = Some(residual);
                    others.push(place);
                }
                Err(stop) => return Err(stop),
            }
        }
        match failed {
            Some(residual) if cycles.is_empty() => Err(End::NotConverged { residual }),
            _ => Ok((cycles, others)),
        }
    }

    /// The relative width at which the bounds of visits add nothing to what is open beyond the set.
    fn width_wanted(&self) -> f64 {
        let visits = self.guess();
        let known: f64 = visits.iter().sum();
        let open = self.beyond(&visits, self.growing.detour) / known;
        // Not a number before anything is known.
        if open.is_finite() { (UNSEEN_SHARE * open).min(WIDEST) } else { 0.0 }
    }

    fn places_of_all_up(&self) -> Vec<usize> {
        let is_all_up = |place: &usize| self.growing.all_up.contains(&(self.chain.order[*place] as usize));
        // All-up states have no losses: they come first.
        (0..self.inside).filter(is_all_up).take(self.growing.all_up.len()).collect()
    }

    /// Which all-up states are reached from which inside the set.
    fn reached(&self, places: &[usize]) -> Vec<Vec<bool>> {
        if places.len() == 1 {
            return vec![vec![true]];
        }
        let mut place = vec![u32::MAX; self.growing.found.count()];
        for (position, &id) in self.chain.order[..self.inside].iter().enumerate() {
            place[id as usize] = position as u32;
        }
        let from = |start: usize| {
            let mut seen = vec![false; self.inside];
            let mut open = vec![start];
            seen[start] = true;
            while let Some(state) = open.pop() {
                let arcs = self.growing.found.rows().arcs_of(self.chain.order[state] as usize).unwrap_or_default();
                for arc in arcs {
                    let to = place[arc.to as usize];
                    if to != u32::MAX && !std::mem::replace(&mut seen[to as usize], true) {
                        open.push(to as usize);
                    }
                }
            }
            places.iter().map(|&place| seen[place]).collect()
        };
        places.iter().map(|&place| from(place)).collect()
    }

    /// The states beyond the set, by number, with the flow into each and the bound of the time until all-up from there.
    fn leaving<'a>(&'a self, visits: &'a [f64]) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
        (self.inside..self.chain.order.len()).map(|place| {
            let arcs = self.chain.arcs_into(place);
            let flow: f64 = arcs.iter().map(|&(from, rate)| visits[from as usize] * rate).sum();
            let state = self.chain.order[place] as usize;
            (state, flow, self.growing.known[state].time)
        })
    }

    /// Seconds that what leaves the set may add to a cycle.
    fn beyond(&self, visits: &[f64], detour: f64) -> f64 {
        let flow = |(_, flow, _): (usize, f64, f64)| flow > 0.0;
        match (detour.is_finite(), self.leaving(visits).any(flow)) {
            (_, false) => 0.0,
            (true, true) => self.leaving(visits).map(|(_, flow, time)| flow * (time + detour)).collect::<Sum>().value(),
            (false, true) => f64::INFINITY,
        }
    }

    /// Mean time from any of the `others` until a cycle begins, at most; infinite where no bound is found.
    fn detour(&self, cycles: &[Cycle], others: &[usize], observer: &dyn Observer) -> Result<f64, End> {
        if others.is_empty() {
            return Ok(0.0);
        }
        let mut is_end = vec![false; self.inside];
        for cycle in cycles {
            is_end[cycle.place] = true;
        }
        // Time until a cycle begins or all-up is reached again from outside; the flow to the outside.
        let mut until = vec![[0.0_f64; 2]; self.inside];
        let mut then = vec![[0.0_f64; 2]; self.inside];
        for state in &mut then {
            state[0] = 1.0;
        }
        for (place, &id) in self.chain.order.iter().enumerate().skip(self.inside) {
            for &(from, rate) in self.chain.arcs_into(place) {
                let [time, flow] = &mut then[from as usize];
                *time += rate * self.growing.known[id as usize].time;
                *flow += rate;
            }
        }
        for _ in 0..MOST_SWEEPS {
            let sums = self.onward(&until, &then);
            // Enlarged by a hundredth, it is no less than what follows from it, and so no less than the solution.
            let is_enough = (0..self.inside).filter(|&place| !is_end[place]).all(|place| {
                (0..2).all(|k| {
                    let out = self.chain.exit[place] * until[place][k];
                    out * (1.0 + CRUDELY) >= (sums[place][k] - then[place][k]) * (1.0 + CRUDELY) + then[place][k]
                })
            });
            if is_enough {
                let of_place = |&place: &usize| {
                    let [time, outside] = until[place].map(|value| value * (1.0 + CRUDELY));
                    if outside < 1.0 { time / (1.0 - outside) } else { f64::INFINITY }
                };
                return Ok(others.iter().map(of_place).fold(0.0, f64::max));
            }
            for place in (0..self.inside).filter(|&place| !is_end[place]) {
                until[place] = sums[place].map(|sum| sum / self.chain.exit[place]);
            }
            if let Some(stop) = observer.stop() {
                return Err(End::Stopped(stop));
            }
        }
        Ok(f64::INFINITY)
    }

    /// `then` plus the rates out of each state times the values where they lead.
    fn onward(&self, values: &[[f64; 2]], then: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let mut sums = then.to_vec();
        for (to, value) in values.iter().enumerate() {
            for &(from, rate) in self.chain.arcs_into(to) {
                for k in 0..2 {
                    sums[from as usize][k] += rate * value[k];
                }
            }
        }
        sums
    }

    fn solved(self, cycles: &[Cycle], detour: f64, alike: &Alike, scope: &Scope) -> Solved {
        let dynamics = self.growing.dynamics();
        let flows = Flows::new(&self.chain, &alike.causes(dynamics));
        let mut bounds: Option<[Variable; 2]> = None;
        let mut share = 0.0_f64;
        for cycle in cycles {
            let sums = Sums { chain: &self.chain, flows: &flows, visits: &cycle.visits };
            let beyond = self.beyond(&cycle.visits.high, detour) * (1.0 + ROOM);
            share = share.max(sums.share_of(beyond));
            let (low, high) = (sums.low(beyond), sums.high());
            bounds = Some(match bounds {
                None => [low, high],
                Some([lowest, highest]) => [by_entries(lowest, &low, f64::min), by_entries(highest, &high, f64::max)],
            });
        }
        let [mut low, mut high] = bounds.unwrap_or_default();
        let mut value = Sums { chain: &self.chain, flows: &flows, visits: &cycles[0].visits }.value();
        let mut classes = self.chain.classes;
        let everything_down = self.growing.readings().everything_down();
        let worst = classes.iter().position(|class| *class == everything_down).unwrap_or_else(|| {
            classes.push(everything_down);
            for variable in [&mut low, &mut high, &mut value] {
                variable.probabilities.push(0.0);
            }
            classes.len() - 1
        });
        let causes: Vec<Cause> = dynamics.causes().to_vec();
        let losses = self.growing.potential.losses_per_second();
        Solved {
            classes,
            causes,
            states: self.inside,
            alike: alike_parts(scope, alike),
            stand_ins: Vec::new(),
            value,
            low,
            high,
            beyond: Some(Beyond { worst, share, losses }),
        }
    }
}

/// Sums of the visits of one cycle.
struct Sums<'a> {
    chain: &'a Chain,
    flows: &'a Flows,
    visits: &'a Visits,
}

impl Sums<'_> {
    fn per_class(&self, visits: &[f64]) -> Vec<f64> {
        let mut sums = vec![Sum::default(); self.chain.classes.len()];
        for (class, visits) in self.chain.class.iter().zip(visits) {
            sums[*class as usize].add(*visits);
        }
        sums.into_iter().map(Sum::value).collect()
    }

    /// At least, with so much time beyond.
    fn low(&self, beyond: f64) -> Variable {
        self.variable(&self.visits.low, &self.visits.high, beyond, 1.0 - ROOM)
    }

    /// At most, where the time beyond is left out.
    fn high(&self) -> Variable {
        self.variable(&self.visits.high, &self.visits.low, 0.0, 1.0 + ROOM)
    }

    fn value(&self) -> Variable {
        self.variable(&self.visits.value, &self.visits.value, 0.0, 1.0)
    }

    fn variable(&self, own: &[f64], other: &[f64], beyond: f64, factor: f64) -> Variable {
        let (of_own, of_other) = (self.per_class(own), self.per_class(other));
        let all = total(&of_other) + beyond;
        // Without a difference of two sums: what is left out of one are a class's own visits.
        let others = |class: usize| -> f64 {
            let rest = of_other.iter().enumerate().filter(|(index, _)| *index != class).map(|(_, visits)| *visits);
            rest.collect::<Sum>().value() + beyond
        };
        let is_few = of_own.len() <= 1_000;
        let share = |(class, own): (usize, &f64)| {
            let share = if is_few { own / (own + others(class)) } else { own / all };
            if share.is_nan() { 0.0 } else { share * factor }
        };
        let probabilities = of_own.iter().enumerate().map(share).collect();
        self.flows.variable(self.chain, own, Shares { probabilities, scale: factor / all })
    }

    /// The share of the time beyond, at most.
    fn share_of(&self, beyond: f64) -> f64 {
        let inside = total(&self.per_class(&self.visits.low));
        if beyond.is_finite() { beyond / (beyond + inside) * (1.0 + ROOM) } else { 1.0 }
    }
}

fn total(of: &[f64]) -> f64 {
    of.iter().copied().collect::<Sum>().value()
}

/// Entry by entry the one that `choose` takes.
fn by_entries(mut one: Variable, other: &Variable, choose: fn(f64, f64) -> f64) -> Variable {
    one.probabilities.iter_mut().zip(&other.probabilities).for_each(|(a, b)| *a = choose(*a, *b));
    one.flows.iter_mut().zip(&other.flows).for_each(|(a, b)| a.rate = choose(a.rate, b.rate));
    one
}
