//! Mean visits of every state per return to one of them, the anchor, by Gauss-Seidel.
//!
//! `w_j` is the time spent in state j per unit of time spent in the anchor a: `w_a = 1` and
//! `q_j w_j = sum_i w_i q_ij` for all other j, with `q_ij` the rates and `q_j` the exit rates. All terms are positive, so
//! every entry converges with relative accuracy (Stewart 1994, 3.3; forward sweeps, because probability flows outward).
//!
//! The anchor is all-up (state 0). Where that is rare, because a crew is overloaded, or where the chain forgets slowly, sweeps gain little: what
//! is wrong goes away only as often as the chain comes back to the anchor. Then the most frequent state becomes the anchor, and
//! [groups of states](crate::exact::chain::aggregate) are set right between sweeps.
//!
//! [Bounds](crate::exact::chain::enclose) prove what is found.

use crate::exact::chain::aggregate::Equations;
use crate::exact::chain::explore::Chain;
use crate::measure::{Observer, Progress, Stop};

/// Why there is no solution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    NotConverged { residual: f64 },
    Stopped(Stop),
}

/// Sweeps after which groups are taken together: most chains need a tenth.
pub(super) const SWEEPS_ALONE: u32 = 500;
/// Sweeps between two steps of groups, and how many such steps there are before a chain counts as not converging.
pub(super) const SWEEPS_BETWEEN: u32 = 20;
pub(super) const MOST_STEPS: u32 = 500;
/// Steps after which groups are made anew.
pub(super) const STEPS_OF_GROUPS: u32 = 10;
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
pub(super) const MOST_SWEEPS_OF_A_CYCLE: u32 = 300;
/// Rounding of one product and one addition, with room: 1.1e-16 each.
pub(super) const ROUNDING: f64 = 1.2e-16;

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

/// With one second in the anchor.
pub(super) fn scaled(mut w: Vec<f64>, anchor: usize) -> Vec<f64> {
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
pub(super) fn longest_sums(chain: &Chain) -> usize {
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
pub(super) struct Anchored<'a> {
    pub(super) chain: &'a Chain,
    /// Those that are solved for, the first ones; the others have no arcs out.
    pub(super) states: usize,
    pub(super) anchor: Option<usize>,
    pub(super) observer: &'a dyn Observer,
}

impl Anchored<'_> {
    /// The solution to a residual of `margin`, or as near as rounding lets it come; the anchor is moved where that is better.
    pub(super) fn solve(&mut self, margin: f64) -> Result<Vec<f64>, End> {
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
    pub(super) fn by_groups(&mut self, value: &mut Vec<f64>, margin: f64, is_closed: bool) -> Result<(), End> {
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
    pub(super) fn smooth(&self, v: &mut [f64], step: u32, source: &dyn Fn(usize) -> f64) -> Result<(), End> {
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
    pub(super) fn sweeps(
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

    pub(super) fn others(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let anchor = self.anchor;
        (0..self.states).filter(move |j| Some(*j) != anchor)
    }

    pub(super) fn inflow(&self, w: &[f64], j: usize) -> f64 {
        let arcs = self.chain.arcs_into(j);
        arcs.iter().map(|&(from, rate)| w[from as usize] * rate).sum()
    }

    pub(super) fn largest_residual(&self, w: &[f64]) -> f64 {
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
}
