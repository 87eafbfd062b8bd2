//! Mean visits of every state per return to one of them, the anchor, by Gauss-Seidel, with an enclosure.
//!
//! `w_j` is the time spent in state j per unit of time spent in the anchor a: `w_a = 1` and
//! `q_j w_j = sum_i w_i q_ij` for all other j, with `q_ij` the rates and `q_j` the exit rates. All terms are positive, so
//! every entry converges with relative accuracy (Stewart 1994, 3.3; forward sweeps, because probability flows outward).
//!
//! The anchor is all-up (state 0). Where that is rare, because a crew is overloaded, sweeps gain little: what is wrong goes away
//! only as often as the chain comes back to the anchor. Then all states are swept, none held, which converges as fast as the
//! chain forgets; and the most frequent state becomes the anchor of the enclosure.
//!
//! Enclosure: with A = D - R^T over the states but a, an M-matrix, a positive vector with `w_a = 1` and
//! `q_j w_j >= sum_i w_i q_ij` for all j but a lies above the solution in every entry, because A^-1 is non-negative;
//! with `<=` it lies below (Berman, Plemmons 1994, chapter 6). Such vectors come from sweeps with exit rates changed
//! by a factor 1 -+ ETA; the inequality is then checked in floating point with a margin
//! for the rounding of the sums into a state and of the sum that is its exit rate.

use crate::exact::chain::explore::Chain;
use crate::measure::{Observer, Progress, Stop};

/// The solution and its bounds.
#[derive(Debug)]
pub(crate) struct Visits {
    pub(crate) value: Vec<f64>,
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
}

/// Why there is no solution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    NotConverged { residual: f64 },
    Stopped(Stop),
}

/// Sweeps after which a chain counts as not converging.
const MOST_SWEEPS: u32 = 100_000;
/// Sweeps after which the anchor is given up: most chains need a tenth.
const SWEEPS_FROM_ALL_UP: u32 = 500;
/// Sweeps without an anchor after which the new anchor is tried with what there is.
const MOST_FREE_SWEEPS: u32 = 20_000;
/// Residuals near the level of rounding, in units of it.
const NEARLY: f64 = 100.0;
/// The change of entries with which a crude solution is content, and the sweeps that it takes at most.
const CRUDELY: f64 = 1e-4;
const MOST_SWEEPS_OF_A_CRUDE_CYCLE: u32 = 50;
/// Sweeps after which an all-up state counts as one that makes no cycles of its own.
const MOST_SWEEPS_OF_A_CYCLE: u32 = 2_000;
/// Rounding of one product and one addition, with room: 1.1e-16 each.
const ROUNDING: f64 = 1.2e-16;
/// The relative change of the exit rates for the enclosure; well above the rounding of the longest rows.
const ETA: f64 = 4e-13;

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
    let anchored = Anchored { chain, states: inside, anchor: Some(anchor), observer };
    let mut value = scaled(guess, anchor);
    let converged = |anchored: &Anchored<'_>, w: &[f64]| anchored.largest_residual(w) <= margin;
    anchored.sweeps(&mut value, (1.0, MOST_SWEEPS_OF_A_CYCLE, NEARLY * margin), converged)?;
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
        let eta = ETA.max(20.0 * margin);
        let mut high = value.clone();
        self.sweeps(&mut high, (1.0 - eta, MOST_SWEEPS, eta), |anchored, w| {
            anchored.holds(w, |out, into| out * (1.0 - margin) >= into)
        })?;
        let mut low = value.clone();
        self.sweeps(&mut low, (1.0 + eta, MOST_SWEEPS, eta), |anchored, w| {
            anchored.holds(w, |out, into| out * (1.0 + margin) <= into)
        })?;
        Ok(Visits { value, low, high })
    }

    /// The solution to a residual of `margin`; the anchor is moved where that is better.
    fn solve(&mut self, margin: f64) -> Result<Vec<f64>, End> {
        let mut value = vec![0.0; self.chain.exit.len()];
        value[0] = 1.0;
        let converged = |anchored: &Anchored<'_>, w: &[f64]| anchored.largest_residual(w) <= margin;
        match self.sweeps(&mut value, (1.0, SWEEPS_FROM_ALL_UP, NEARLY * margin), converged) {
            Err(End::NotConverged { .. }) => {
                self.anchor = None;
                // With no state held, rounding changes the scale a little at every sweep: the last digits come with an anchor.
                let nearly = |anchored: &Anchored<'_>, w: &[f64]| anchored.largest_residual(w) <= NEARLY * margin;
                if let Err(End::Stopped(stop)) =
                    self.sweeps(&mut value, (1.0, MOST_FREE_SWEEPS, NEARLY * NEARLY * margin), nearly)
                {
                    return Err(End::Stopped(stop));
                }
                let anchor = most_frequent(&value);
                let unit = value[anchor];
                for w in &mut value {
                    *w /= unit;
                }
                self.anchor = Some(anchor);
                self.sweeps(&mut value, (1.0, MOST_SWEEPS, NEARLY * margin), converged)?;
            }
            other => other?,
        }
        Ok(value)
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

    fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let anchor = self.anchor;
        (0..self.states).filter(move |j| Some(*j) != anchor)
    }

    fn inflow(&self, w: &[f64], j: usize) -> f64 {
        let arcs = &self.chain.arcs[self.chain.first[j]..self.chain.first[j + 1]];
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
