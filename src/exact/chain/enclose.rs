//! Bounds of the mean visits of every state.
//!
//! Enclosure: with A = D - R^T over the states but a, an M-matrix, a positive vector with `w_a = 1` and
//! `q_j w_j >= sum_i w_i q_ij` for all j but a lies above the solution in every entry, because A^-1 is non-negative;
//! with `<=` it lies below (Berman, Plemmons 1994, chapter 6). Such vectors come from sweeps with exit rates changed
//! by a factor 1 -+ eta; the inequality is then checked in floating point with a margin for the rounding of the sums into a state and of
//! the sum that is its exit rate. How far the vectors lie apart is eta times the steps of a cycle that lead to a state, so eta is as small
//! as the rounding lets it be. Where they lie too far apart, or are not found, the solution gets more digits, and its bounds follow from what its
//! equations leave in twice the precision.
//!
//! Checked here by chains whose shares are known, and in `tests/agreement` by random topologies.

use crate::exact::chain::aggregate::{Eliminated, Equations, Groups};
use crate::exact::chain::explore::Chain;
use crate::exact::chain::solve::{
    Anchored, End, MOST_STEPS, MOST_SWEEPS_OF_A_CYCLE, NEARLY, ROUNDING, STEPS_OF_GROUPS, SWEEPS_ALONE, SWEEPS_BETWEEN,
    longest_sums, margin, scaled,
};
use crate::measure::{Observer, Stop};
use crate::numeric::sum::Sum;

/// The solution and its bounds.
#[derive(Debug)]
pub(crate) struct Visits {
    pub(crate) value: Vec<f64>,
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
}

impl Visits {
    /// The largest distance of the bounds of a state, relative.
    fn widest(&self) -> f64 {
        let widths = self.low.iter().zip(&self.high).filter(|(low, _)| **low > 0.0).map(|(low, high)| high / low - 1.0);
        widths.fold(0.0, f64::max)
    }
}

/// Arcs that are gone over for more digits, at most, about half a minute's; and the steps that there are at least.
const MOST_ARCS_FOR_DIGITS: usize = 10_000_000_000;
const FEWEST_STEPS: u32 = 5;
/// The relative change of the exit rates for the enclosure, in units of the rounding of the longest rows: above what is checked and what a
/// solution may be wrong by.
const ETA: f64 = 6.0;
/// Bounds wider than this are worth more digits, and how often digits are added at most.
const WIDE: f64 = 5e-12;
const MOST_REFINEMENTS: u32 = 30;
/// Bounds narrower than this are worth no more digits.
const NARROW: f64 = 1e-15;
/// How well what is left is solved for, in parts of it.
const NEAR: f64 = 0.02;

/// The visits of all states.
pub(crate) fn visits(chain: &Chain, observer: &dyn Observer) -> Result<Visits, End> {
    let margin = margin(chain);
    let mut anchored = Anchored { chain, states: chain.exit.len(), anchor: Some(0), observer };
    let value = anchored.solve(margin)?;
    anchored.enclosed(value, margin, 0.0)
}

/// The visits between two times in the state `anchor`, or until the first `inside` states are left, from a `guess` of any scale. Bounds
/// need be no narrower than `wanted`, relative.
pub(crate) fn cycle(
    chain: &Chain,
    inside: usize,
    anchor: usize,
    guess: Vec<f64>,
    wanted: f64,
    observer: &dyn Observer,
) -> Result<Visits, End> {
    let margin = margin(chain);
    let mut anchored = Anchored { chain, states: inside, anchor: Some(anchor), observer };
    let mut value = scaled(guess, anchor);
    let converged = |anchored: &Anchored<'_>, w: &[f64]| anchored.largest_residual(w) <= margin;
    match anchored.sweeps(&mut value, (1.0, MOST_SWEEPS_OF_A_CYCLE, NEARLY * margin), converged) {
        Err(End::NotConverged { .. }) => anchored.by_groups(&mut value, margin, false)?,
        other => other?,
    }
    anchored.enclosed(value, margin, wanted)
}

impl Anchored<'_> {
    /// The solution with its bounds.
    pub(super) fn enclosed(&self, value: Vec<f64>, margin: f64, wanted: f64) -> Result<Visits, End> {
        if !value.iter().all(|w| w.is_finite()) {
            return Err(End::NotConverged { residual: f64::INFINITY });
        }
        let residual = self.largest_residual(&value);
        let eta = ETA * margin.max(residual);
        let swept = |factor: f64, holds: &dyn Fn(f64, f64) -> bool| {
            let mut w = value.clone();
            let done = |anchored: &Self, w: &[f64]| anchored.holds(w, holds);
            self.sweeps(&mut w, (factor, SWEEPS_ALONE, eta), done).map(|()| w)
        };
        let high = swept(1.0 - eta, &|out, into| out * (1.0 - margin) >= into);
        let low = swept(1.0 + eta, &|out, into| out * (1.0 + margin) <= into);
        let swept = match (high, low) {
            (Ok(high), Ok(low)) if high.iter().all(|w| w.is_finite()) => {
                Some(Visits { value: value.clone(), low, high })
            }
            (Err(End::Stopped(stop)), _) | (_, Err(End::Stopped(stop))) => return Err(End::Stopped(stop)),
            _ => None,
        };
        match swept {
            Some(swept) if swept.widest() <= WIDE.max(wanted) => Ok(swept),
            swept => match (self.refined(value, margin, wanted), swept) {
                (Err(End::NotConverged { .. } | End::Stopped(Stop::TimeLimit)), Some(swept)) => Ok(swept),
                (Err(End::NotConverged { .. }), None) => Err(End::NotConverged { residual }),
                (refined, _) => refined,
            },
        }
    }

    /// The solution in more digits, and bounds that follow from what its equations leave in these: where a cycle has many steps.
    fn refined(&self, mut value: Vec<f64>, margin: f64, wanted: f64) -> Result<Visits, End> {
        let Some(anchor) = self.anchor else { return Err(End::NotConverged { residual: 1.0 }) };
        let mut responses = Responses::new(self, anchor, &value);
        let flows: Vec<f64> = (0..self.states).map(|state| self.chain.exit[state] * value[state]).collect();
        // With `(A u)_j >= q_j w_j / 2` what is wrong with w is at most twice what its equations leave, relative, times u.
        let steps = responses.to(&|state| flows[state], &|u| {
            let left = |j: usize| self.chain.exit[j] * u[j] * (1.0 - margin) - self.inflow(u, j);
            self.others().all(|j| left(j) >= 0.5 * flows[j])
        })?;
        let terms = longest_sums(self.chain) as f64 * 4.0;
        let unseen = 3.0 * (terms * ROUNDING).powi(2);
        // The largest part of its flow that the equation of a state leaves.
        let largest = |residuals: &[f64]| {
            let of_flow = |state: usize| (residuals[state].abs() + terms * f64::MIN_POSITIVE) / flows[state];
            let reached = self.others().filter(|state| flows[*state] > 0.0);
            reached.map(of_flow).fold(0.0, f64::max) * (1.0 + margin) + unseen
        };
        let mut rest = vec![0.0; value.len()];
        let mut residuals = self.residuals(&value, &rest);
        let mut left = largest(&residuals);
        let most_steps = steps.iter().zip(&value).map(|(u, w)| if *w > 0.0 { u / w } else { 0.0 }).fold(0.0, f64::max);
        for _ in 0..MOST_REFINEMENTS {
            if left * most_steps < NARROW.max(wanted / 4.0) {
                break;
            }
            let up = |state: usize| residuals[state].max(0.0);
            let down = |state: usize| (-residuals[state]).max(0.0);
            let more = responses.to(&up, &|v| self.is_near(v, &up, left, &flows))?;
            let less = responses.to(&down, &|v| self.is_near(v, &down, left, &flows))?;
            let next: Vec<f64> =
                rest.iter().zip(more.iter().zip(&less)).map(|(rest, (more, less))| rest + (more - less)).collect();
            let after = self.residuals(&value, &next);
            let now = largest(&after);
            if now > 0.5 * left {
                break;
            }
            (rest, residuals, left) = (next, after, now);
        }
        for (value, rest) in value.iter_mut().zip(&rest) {
            *value += rest;
        }
        // Twice for the bound, and room for its own rounding and that of the sum above.
        let beside = |sign: f64| -> Vec<f64> {
            let off = |(w, steps): (&f64, &f64)| w + sign * (2.0 * left * steps * (1.0 + margin) + 3.0 * ROUNDING * w);
            value.iter().zip(&steps).map(off).collect()
        };
        let (low, high) = (beside(-1.0), beside(1.0));
        let is_positive = low.iter().zip(&value).all(|(low, value)| *low > 0.0 || *value == 0.0);
        if is_positive { Ok(Visits { value, low, high }) } else { Err(End::NotConverged { residual: left }) }
    }

    /// Whether `v` solves the equations with this `source` to a small part of what is `left`, relative to the flows.
    fn is_near(&self, v: &[f64], source: &dyn Fn(usize) -> f64, left: f64, flows: &[f64]) -> bool {
        let wrong = |j: usize| (self.chain.exit[j] * v[j] - self.inflow(v, j) - source(j)).abs();
        self.others().all(|j| wrong(j) <= NEAR * left * flows[j])
    }

    /// What the equations leave of the solution `value + rest`, in twice the precision.
    fn residuals(&self, value: &[f64], rest: &[f64]) -> Vec<f64> {
        let mut sums = vec![Sum::default(); self.chain.exit.len()];
        for to in 0..sums.len() {
            for &(from, rate) in self.chain.arcs_into(to) {
                let from = from as usize;
                for part in [value[from], rest[from]] {
                    sums[to].add_product(part, rate);
                    sums[from].add_product(part, -rate);
                }
            }
        }
        sums.into_iter().map(Sum::value).collect()
    }

    fn holds(&self, w: &[f64], inequality: impl Fn(f64, f64) -> bool) -> bool {
        self.others().all(|j| inequality(self.chain.exit[j] * w[j], self.inflow(w, j)))
    }
}

/// Solutions of the equations of a chain with other sources.
struct Responses<'a> {
    anchored: &'a Anchored<'a>,
    equations: Equations<'a>,
    groups: Groups,
    eliminated: Eliminated,
    /// What solutions are taken to be like at first.
    first: Vec<f64>,
}

impl<'a> Responses<'a> {
    fn new(anchored: &'a Anchored<'a>, anchor: usize, value: &[f64]) -> Self {
        let equations = Equations { chain: anchored.chain, states: anchored.states, anchor };
        let groups = equations.groups(value);
        let eliminated = equations.eliminated(value, &groups);
        let mut first = value.to_vec();
        first[anchor] = 0.0;
        Self { anchored, equations, groups, eliminated, first }
    }

    /// The non-negative solution with this source, nearly: until it `is_enough`.
    fn to(&mut self, source: &dyn Fn(usize) -> f64, is_enough: &dyn Fn(&[f64]) -> bool) -> Result<Vec<f64>, End> {
        let Self { anchored, equations, .. } = *self;
        let mut found = self.first.clone();
        let of_step = SWEEPS_BETWEEN as usize * anchored.chain.arcs.len().max(1);
        let most = (MOST_ARCS_FOR_DIGITS / of_step) as u32;
        for step in 0..most.clamp(FEWEST_STEPS, MOST_STEPS) {
            if step > 0 && !equations.is_alone(&self.groups) {
                if step % STEPS_OF_GROUPS == 0 {
                    self.groups = equations.groups(&found);
                }
                self.eliminated = equations.eliminated(&found, &self.groups);
            }
            equations.correct(&mut found, &self.groups, &self.eliminated, source);
            if is_enough(&found) {
                return Ok(found);
            }
            anchored.smooth(&mut found, step, source)?;
        }
        Err(End::NotConverged { residual: 1.0 })
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::visits;
    use crate::exact::chain::explore::Chain;
    use crate::measure::NoObserver;

    /// Blocks of states in rows, each next to the other in its block, with `link` in place of 1 between one block and the next. A chain that
    /// may be run backwards as well has the shares that it is made of: the flow from i to j is that from j to i.
    fn blocks(count: usize, size: usize, link: f64) -> (Chain, Vec<f64>) {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let states = count * size;
        let share: Vec<f64> = (0..states).map(|_| libm::exp(random.random_range(-12.0..0.0))).collect();
        let mut into: Vec<Vec<(u32, f64)>> = vec![Vec::new(); states];
        let mut join = |a: usize, b: usize, flow: f64| {
            into[b].push((a as u32, flow / share[a]));
            into[a].push((b as u32, flow / share[b]));
        };
        for state in 1..states {
            if state % size > 0 {
                join(state - 1, state, share[state - 1].min(share[state]));
                join(state - state % size, state, 0.1 * share[state - state % size].min(share[state]));
            } else {
                join(state - size, state, link * share[state - size].min(share[state]));
            }
        }
        let mut exit = vec![0.0; states];
        into.iter().flatten().for_each(|&(from, rate)| exit[from as usize] += rate);
        let mut first = vec![0];
        let mut arcs = Vec::new();
        for mut row in into {
            row.sort_by_key(|(from, _)| *from);
            arcs.extend(row);
            first.push(arcs.len());
        }
        let chain = Chain {
            exit,
            first,
            arcs,
            class: vec![0; states],
            classes: Vec::new(),
            class_arcs: Vec::new(),
            order: (0..states as u32).collect(),
        };
        (chain, share)
    }

    /// The rates are rounded shares over shares: a hundred of them along a row may be wrong by 1e-14 together.
    fn assert_solved(count: usize, size: usize, link: f64) {
        let (chain, share) = blocks(count, size, link);
        let found = visits(&chain, &NoObserver).unwrap_or_else(|end| panic!("{count} blocks: {end:?}"));
        let scale = found.value[0] / share[0];
        for (state, share) in share.iter().enumerate() {
            let (low, high) = (found.low[state] / scale, found.high[state] / scale);
            assert!((found.value[state] / scale / share - 1.0).abs() < 1e-11, "{count} blocks, {state}");
            assert!(low <= share * (1.0 + 1e-11) && high >= share * (1.0 - 1e-11), "{count} blocks, {state}");
            assert!(high / low - 1.0 < 1e-11, "{count} blocks, {state}: {:e}", high / low - 1.0);
        }
    }

    #[test]
    fn few_states_are_solved_at_once_however_seldom_blocks_are_left() {
        for link in [1e-3, 1e-6, 1e-9] {
            assert_solved(5, 40, link);
        }
    }

    #[test]
    fn many_states_are_solved_by_groups() {
        for link in [1e-2, 1e-4] {
            assert_solved(8, 300, link);
        }
    }
}
