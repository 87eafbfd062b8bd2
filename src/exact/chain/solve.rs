//! Mean visits of every state per return to one of them, the anchor, by Gauss-Seidel, with an enclosure.
//!
//! `w_j` is the time spent in state j per unit of time spent in the anchor a: `w_a = 1` and
//! `q_j w_j = sum_i w_i q_ij` for all other j, with `q_ij` the rates and `q_j` the exit rates. All terms are positive, so
//! every entry converges with relative accuracy (Stewart 1994, 3.3; forward sweeps, because probability flows outward).
//!
//! The anchor is all-up (state 0). Where that is rare, because a crew is overloaded, or where the chain forgets slowly, sweeps gain little: what
//! is wrong goes away only as often as the chain comes back to the anchor. Then the most frequent state becomes the anchor, and
//! [groups of states](crate::exact::chain::aggregate) are set right between sweeps.
//!
//! Enclosure: with A = D - R^T over the states but a, an M-matrix, a positive vector with `w_a = 1` and
//! `q_j w_j >= sum_i w_i q_ij` for all j but a lies above the solution in every entry, because A^-1 is non-negative;
//! with `<=` it lies below (Berman, Plemmons 1994, chapter 6). Such vectors come from sweeps with exit rates changed
//! by a factor 1 -+ eta; the inequality is then checked in floating point with a margin for the rounding of the sums into a state and of
//! the sum that is its exit rate. How far the vectors lie apart is eta times the steps of a cycle that lead to a state, so eta is as small
//! as the rounding lets it be. Where they lie too far apart, or are not found, the solution gets more digits, and its bounds follow from what its
//! equations leave in twice the precision.

use crate::exact::chain::aggregate::{Eliminated, Equations, Groups};
use crate::exact::chain::explore::Chain;
use crate::measure::{Observer, Progress, Stop};
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

/// Why there is no solution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    NotConverged { residual: f64 },
    Stopped(Stop),
}

/// Sweeps after which groups are taken together: most chains need a tenth.
const SWEEPS_ALONE: u32 = 500;
/// Sweeps between two steps of groups, and how many such steps there are before a chain counts as not converging.
const SWEEPS_BETWEEN: u32 = 20;
const MOST_STEPS: u32 = 500;
/// Arcs that are gone over for more digits, at most, about half a minute's; and the steps that there are at least.
const MOST_ARCS_FOR_DIGITS: usize = 10_000_000_000;
const FEWEST_STEPS: u32 = 5;
/// Steps after which groups are made anew.
const STEPS_OF_GROUPS: u32 = 10;
/// By how much another state must be more frequent to become the anchor.
const FAR_MORE: f64 = 10.0;
/// What a state has at least when groups are first taken together.
const UNSEEN: f64 = 1e-150;
/// Sweeps for the last digits.
const LAST_SWEEPS: u32 = 200;
/// Residuals near the level of rounding, in units of it.
pub(crate) const NEARLY: f64 = 100.0;
/// The change of entries with which a crude solution is content, and the sweeps that it takes at most.
const CRUDELY: f64 = 1e-4;
const MOST_SWEEPS_OF_A_CRUDE_CYCLE: u32 = 50;
/// Sweeps after which groups are taken together in a cycle.
const MOST_SWEEPS_OF_A_CYCLE: u32 = 2_000;
/// Rounding of one product and one addition, with room: 1.1e-16 each.
const ROUNDING: f64 = 1.2e-16;
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

/// The solution without its bounds, and the anchor.
pub(crate) fn value(chain: &Chain, observer: &dyn Observer) -> Result<(Vec<f64>, usize), End> {
    let mut anchored = Anchored { chain, states: chain.exit.len(), anchor: Some(0), observer };
    let value = anchored.solve(margin(chain))?;
    Ok((value, anchored.anchor.unwrap_or(0)))
}

/// Room for the rounding of the sums into a state and out of it.
pub(crate) fn margin(chain: &Chain) -> f64 {
    (longest_sums(chain) as f64 + 3.0) * ROUNDING
}

pub(crate) fn visits(chain: &Chain, observer: &dyn Observer) -> Result<Visits, End> {
    let margin = margin(chain);
    let mut anchored = Anchored { chain, states: chain.exit.len(), anchor: Some(0), observer };
    let value = anchored.solve(margin)?;
    anchored.enclosed(value, margin)
}

/// The visits between two times in the state `anchor`, or until the first `inside` states are left: crudely, from a `guess` of any
/// scale.
pub(crate) fn crude_cycle(
    chain: &Chain,
    inside: usize,
    anchor: usize,
    guess: Vec<f64>,
    observer: &dyn Observer,
) -> Result<Vec<f64>, End> {
    let anchored = Anchored { chain, states: inside, anchor: Some(anchor), observer };
    let mut value = scaled(guess, anchor);
    match anchored.sweeps(&mut value, (1.0, MOST_SWEEPS_OF_A_CRUDE_CYCLE, CRUDELY), |_, _| true) {
        Err(End::Stopped(stop)) => Err(End::Stopped(stop)),
        _ => Ok(value),
    }
}

/// The same with its proof.
pub(crate) fn cycle(
    chain: &Chain,
    inside: usize,
    anchor: usize,
    guess: Vec<f64>,
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
    anchored.enclosed(value, margin)
}

/// With one second in the anchor.
fn scaled(mut w: Vec<f64>, anchor: usize) -> Vec<f64> {
    let unit = w[anchor];
    if unit > 0.0 {
        for w in &mut w {
            *w /= unit;
        }
    }
    w[anchor] = 1.0;
    w
}

/// The longest sum of rates into a state and the longest one out of a state, together.
fn longest_sums(chain: &Chain) -> usize {
    let mut out = vec![0_usize; chain.exit.len()];
    for &(from, _) in &chain.arcs {
        out[from as usize] += 1;
    }
    let into = chain.first.windows(2).map(|ends| ends[1] - ends[0]);
    into.max().unwrap_or(0) + out.into_iter().max().unwrap_or(0)
}

/// The state with the largest share; the first one where several have it.
fn most_frequent(w: &[f64]) -> usize {
    (0..w.len()).rev().max_by(|a, b| w[*a].total_cmp(&w[*b])).unwrap_or(0)
}

/// The equations of all states but the anchor, if there is one.
struct Anchored<'a> {
    chain: &'a Chain,
    /// Those that are solved for, the first ones; the others have no arcs out.
    states: usize,
    anchor: Option<usize>,
    observer: &'a dyn Observer,
}

impl Anchored<'_> {
    /// The solution with its bounds.
    fn enclosed(&self, value: Vec<f64>, margin: f64) -> Result<Visits, End> {
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
            Some(swept) if swept.widest() <= WIDE => Ok(swept),
            swept => match (self.refined(value, margin), swept) {
                (Err(End::NotConverged { .. } | End::Stopped(Stop::TimeLimit)), Some(swept)) => Ok(swept),
                (Err(End::NotConverged { .. }), None) => Err(End::NotConverged { residual }),
                (refined, _) => refined,
            },
        }
    }

    /// The solution in more digits, and bounds that follow from what its equations leave in these: where a cycle has many steps.
    fn refined(&self, mut value: Vec<f64>, margin: f64) -> Result<Visits, End> {
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
            if left * most_steps < NARROW {
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

    /// The solution to a residual of `margin`, or as near as rounding lets it come; the anchor is moved where that is better.
    fn solve(&mut self, margin: f64) -> Result<Vec<f64>, End> {
        let mut value = vec![0.0; self.chain.exit.len()];
        value[0] = 1.0;
        let converged = |anchored: &Self, w: &[f64]| anchored.largest_residual(w) <= margin;
        match self.sweeps(&mut value, (1.0, SWEEPS_ALONE, NEARLY * margin), converged) {
            Err(End::NotConverged { .. }) => {
                // Each state is visited; what is still below all doubles must be there to be multiplied.
                value.iter_mut().filter(|w| **w < UNSEEN).for_each(|w| *w = UNSEEN);
                self.move_anchor(&mut value);
                self.by_groups(&mut value, margin, true)?;
            }
            other => other?,
        }
        Ok(value)
    }

    /// Makes the most frequent state the anchor.
    fn move_anchor(&mut self, value: &mut Vec<f64>) {
        let anchor = most_frequent(value);
        *value = scaled(std::mem::take(value), anchor);
        self.anchor = Some(anchor);
    }

    /// Steps of groups and sweeps in turn; with no state held in sweeps, and the anchor moved, where nothing leaves the states.
    fn by_groups(&mut self, value: &mut Vec<f64>, margin: f64, is_closed: bool) -> Result<(), End> {
        let mut groups = None;
        let mut from_anchor = Vec::new();
        for step in 0..MOST_STEPS {
            let Some(anchor) = self.anchor else { break };
            let equations = Equations { chain: self.chain, states: self.states, anchor };
            if step % STEPS_OF_GROUPS == 0 || groups.is_none() {
                groups = Some(equations.groups(value));
                from_anchor = self.rates_from(anchor);
            }
            if let Some(groups) = &groups {
                let eliminated = equations.eliminated(value, groups);
                equations.correct(value, groups, &eliminated, &|state| from_anchor[state]);
            }
            if is_closed {
                self.anchor = None;
            }
            self.smooth(value, step, &|_| 0.0)?;
            let is_near = self.largest_residual(value) <= NEARLY * margin;
            *value = scaled(std::mem::take(value), anchor);
            self.anchor = Some(anchor);
            // Elimination of single states says all that it can at once.
            if is_near || step > 1 && groups.as_ref().is_some_and(|groups| equations.is_alone(groups)) {
                break;
            }
            if is_closed && value[most_frequent(value)] > FAR_MORE {
                self.move_anchor(value);
                groups = None;
            }
        }
        let converged = |anchored: &Self, w: &[f64]| anchored.largest_residual(w) <= margin;
        match self.sweeps(value, (1.0, LAST_SWEEPS, NEARLY * margin), converged) {
            // Rounding may go round in circles above the margin: what is proven reckons with it.
            Err(End::NotConverged { residual }) if residual <= NEARLY * margin => Ok(()),
            other => other,
        }
    }

    /// Sweeps in both directions, with what is given to each state: what groups have left wrong is everywhere, not only behind all-up.
    fn smooth(&self, v: &mut [f64], step: u32, source: &dyn Fn(usize) -> f64) -> Result<(), End> {
        for sweep in 0..SWEEPS_BETWEEN {
            let mut visit = |j: usize| {
                let into = self.inflow(v, j) + source(j);
                v[j] = if into > 0.0 { into / self.chain.exit[j] } else { 0.0 };
            };
            if sweep % 2 == 0 {
                self.others().for_each(&mut visit);
            } else {
                self.others().rev().for_each(&mut visit);
            }
            if let Some(stop) = self.observer.stop() {
                return Err(End::Stopped(stop));
            }
            let done = f64::from(SWEEPS_ALONE + step * SWEEPS_BETWEEN + sweep);
            self.observer.progress(&Progress { phase: "solving", done, ..Progress::default() });
        }
        Ok(())
    }

    /// The rate from a state into each.
    fn rates_from(&self, state: usize) -> Vec<f64> {
        let into = |to: usize| {
            let arcs = self.chain.arcs_into(to);
            arcs.iter().filter(|(from, _)| *from as usize == state).map(|(_, rate)| rate).sum()
        };
        (0..self.states).map(into).collect()
    }

    /// Forward sweeps with exit rates times `factor`, until `done`, at most `most` of them. Whether it is done is asked only when no
    /// entry has changed by more than `little`, relative: asking costs as much as a sweep.
    fn sweeps(
        &self,
        w: &mut [f64],
        (factor, most, little): (f64, u32, f64),
        done: impl Fn(&Self, &[f64]) -> bool,
    ) -> Result<(), End> {
        for sweep in 0..most {
            let mut change = 0.0_f64;
            for j in self.others() {
                let into = self.inflow(w, j);
                // A state that is neither reached nor left has no visits.
                let next = if into > 0.0 { into / (self.chain.exit[j] * factor) } else { 0.0 };
                change = change.max((next - w[j]).abs() / next.max(f64::MIN_POSITIVE));
                w[j] = next;
            }
            if change <= little && done(self, w) {
                return Ok(());
            }
            if let Some(stop) = self.observer.stop() {
                return Err(End::Stopped(stop));
            }
            self.observer.progress(&Progress { phase: "solving", done: f64::from(sweep), ..Progress::default() });
        }
        Err(End::NotConverged { residual: self.largest_residual(w) })
    }

    fn others(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let anchor = self.anchor;
        (0..self.states).filter(move |j| Some(*j) != anchor)
    }

    fn inflow(&self, w: &[f64], j: usize) -> f64 {
        let arcs = self.chain.arcs_into(j);
        arcs.iter().map(|&(from, rate)| w[from as usize] * rate).sum()
    }

    fn largest_residual(&self, w: &[f64]) -> f64 {
        let residual = |j: usize| {
            let (out, into) = (self.chain.exit[j] * w[j], self.inflow(w, j));
            match (out > 0.0, into > 0.0) {
                (true, _) => (into / out - 1.0).abs(),
                // What is not reached has no visits.
                (false, is_reached) => f64::from(u8::from(is_reached)),
            }
        };
        self.others().map(residual).fold(0.0, f64::max)
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
