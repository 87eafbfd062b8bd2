//! The transform of the probabilities of a Markov chain's states, by Gauss-Seidel sweeps in complex numbers.
//!
//! ```text
//! x_j(s) (s + q_j) = b_j + sum over i of x_i(s) q_ij
//!
//! x_j(s)  transform of the probability of state j
//! b_j     probability of state j at time 0
//! q_j     total rate out of state j, also to states that are left out
//! q_ij    rate from state i to state j
//! ```
//!
//! From one state, the anchor, the equations are solved for `w = x / x_0`, and the scale follows from the balance of all
//! probability, `s sum x + sum x a = 1` with `a_j` the rate out of the network. `s + q_0` less the inflow would cancel.
//! Where times of all-up may start in one of several phases, what happens before the anchor is reached is added.
//!
//! Where all-up is rare that converges slowly. Then all states are swept, and after every sweep scaled to that balance.
//!
//! For `Re s >= 0` the sweeps contract (|s + q_j| >= q_j). Elsewhere a mode may grow from sweep to sweep that decays more slowly than
//! e^(Re s t), such as which of two units serves: then, and where they contract slowly, sweeps are extrapolated
//! ([`extrapolate`](crate::exact::transient::extrapolate)). Whether they have converged is seen.

use crate::exact::chain::explore::Chain;
use crate::exact::transient::complex::Complex;
use crate::exact::transient::convergence::{Convergence, NEAR_ROUNDING, SMALL};
use crate::exact::transient::extrapolate::Iterates;
use crate::measure::{Observer, Stop};

/// States with the rates between them.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// Total rate out of each state.
    pub(crate) exit: Vec<f64>,
    /// Arcs into state j: `arcs[first[j]..first[j + 1]]`, as (from, rate).
    pub(crate) first: Vec<usize>,
    pub(crate) arcs: Vec<(u32, f64)>,
    /// Rate out of the network.
    pub(crate) leak: Vec<f64>,
    pub(crate) start: Start,
}

/// Where a network is at time 0.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    /// In its state 0.
    First,
    /// In each state with this probability, of which state 0 has the most; it is where the network comes back to.
    Near(Vec<f64>),
    /// In each state with this probability.
    Spread(Vec<f64>),
}

impl Start {
    /// In each of `starts` with its probability, of so many states.
    pub(crate) fn of(starts: &[(u32, f64)], states: usize) -> Self {
        if starts.len() == 1 {
            return Self::First;
        }
        let mut all = vec![0.0; states];
        for &(state, probability) in starts {
            all[state as usize] = probability;
        }
        Self::Near(all)
    }

    /// The same among the states that are `inside`, of which state 0 is one.
    pub(crate) fn inside(self, inside: &[bool]) -> Self {
        let kept = |all: Vec<f64>| all.into_iter().zip(inside).filter(|(_, inside)| **inside).map(|(p, _)| p).collect();
        if let Self::Near(all) = self { Self::Near(kept(all)) } else { self }
    }
}

/// A weighted sum over states.
#[derive(Clone, Debug, Default)]
pub(crate) struct Functional {
    /// State and weight.
    pub(crate) terms: Vec<(u32, f64)>,
}

impl Functional {
    pub(crate) fn of_all(weights: &[f64]) -> Self {
        let terms = weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0);
        Self { terms: terms.map(|(state, weight)| (state as u32, *weight)).collect() }
    }

    fn value(&self, x: &[Complex]) -> Complex {
        self.terms.iter().fold(Complex::default(), |sum, (state, weight)| sum + x[*state as usize].times(*weight))
    }
}

/// Why a system of equations was not solved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    NotConverged,
    Stopped(Stop),
}

/// Sweeps for one node; chains that mix slowly need hundreds.
const MOST_SWEEPS: usize = 20_000;
/// The largest error that may be left where changes no longer become smaller.
const MOST_LEFT: f64 = 3e-13;
/// The same where there is another way to sweep.
const LITTLE_LEFT: f64 = 3e-14;
/// A solution needs no more scaling than this.
const MOST_SCALED: f64 = 1e-10;
/// Sweeps that make fast modes small, and iterates that are extrapolated after them.
const SMOOTHING: usize = 3;
const EXTRAPOLATED: usize = 8;
/// Extrapolations for one node.
const MOST_CYCLES: usize = 60;
/// Extrapolations after which rounding seems to be in the way.
const MOST_LEFT_CYCLES: usize = 6;
/// Arcs between two questions whether to stop.
const ARCS_BETWEEN_STOPS: usize = 1_000_000;

impl Network {
    /// All states of a chain.
    pub(crate) fn whole(chain: &Chain, start: Start) -> Self {
        Self {
            exit: chain.exit.clone(),
            first: chain.first.clone(),
            arcs: chain.arcs.clone(),
            leak: vec![0.0; chain.exit.len()],
            start,
        }
    }

    /// The states that are `inside`; what leaves them is lost.
    pub(crate) fn part(chain: &Chain, inside: &[bool], start: Start) -> Self {
        let mut place = vec![u32::MAX; inside.len()];
        let kept: Vec<usize> = (0..inside.len()).filter(|state| inside[*state]).collect();
        for (new, &old) in kept.iter().enumerate() {
            place[old] = new as u32;
        }
        let mut network = Self {
            exit: kept.iter().map(|&state| chain.exit[state]).collect(),
            first: vec![0],
            arcs: Vec::new(),
            leak: vec![0.0; kept.len()],
            start,
        };
        for (to, is_inside) in inside.iter().enumerate() {
            for &(from, rate) in &chain.arcs[chain.first[to]..chain.first[to + 1]] {
                let from = place[from as usize];
                if from != u32::MAX && *is_inside {
                    network.arcs.push((from, rate));
                } else if from != u32::MAX {
                    network.leak[from as usize] += rate;
                }
            }
            if *is_inside {
                network.first.push(network.arcs.len());
            }
        }
        network
    }

    /// The same states with all arcs turned around.
    pub(crate) fn turned(&self, start: Start) -> Self {
        let states = self.exit.len();
        let mut first = vec![0; states + 1];
        for (from, _) in &self.arcs {
            first[*from as usize + 1] += 1;
        }
        for state in 0..states {
            first[state + 1] += first[state];
        }
        let (mut next, mut arcs) = (first.clone(), vec![(0, 0.0); self.arcs.len()]);
        for to in 0..states {
            for &(from, rate) in &self.arcs[self.first[to]..self.first[to + 1]] {
                arcs[next[from as usize]] = (to as u32, rate);
                next[from as usize] += 1;
            }
        }
        Self { exit: self.exit.clone(), first, arcs, leak: self.leak.clone(), start }
    }

    pub(crate) fn states(&self) -> usize {
        self.exit.len()
    }

    /// The transforms of `of` at `s`. `w` is where the sweeps begin and end: at the next node they begin with what they
    /// ended with at this one.
    pub(crate) fn transforms(
        &self,
        s: Complex,
        of: &[Functional],
        w: &mut Vec<Complex>,
        observer: &dyn Observer,
    ) -> Result<Vec<Complex>, End> {
        self.solve(s, w, observer)?;
        Ok(of.iter().map(|functional| functional.value(w)).collect())
    }

    /// The transforms of all states at `s`.
    pub(crate) fn solve(&self, s: Complex, w: &mut Vec<Complex>, observer: &dyn Observer) -> Result<(), End> {
        let inverse: Vec<Complex> = self.exit.iter().map(|exit| (s + Complex::real(*exit)).inverse()).collect();
        if w.len() != self.exit.len() {
            *w = vec![Complex::default(); self.exit.len()];
        }
        if matches!(self.start, Start::Spread(_)) {
            return self.settled(&inverse, w, &Held::Nothing, MOST_LEFT, observer);
        }
        // At the last node they were scaled, and at this one the first state is 1 again.
        let scale = if w[0] == Complex::default() { Complex::ONE } else { w[0].inverse() };
        scale_all(w, scale);
        w[0] = Complex::ONE;
        match self.settled(&inverse, w, &Held::First, LITTLE_LEFT, observer) {
            Err(End::NotConverged) => {
                w.resize(self.exit.len(), Complex::default());
                w[0] = inverse[0];
                self.sweeps(&inverse, w, &Held::Balance(s), MOST_LEFT, Patience::Endless, observer)
            }
            Err(stopped) => Err(stopped),
            Ok(()) => {
                let scale = self.balance(s, w).inverse();
                if let Start::Near(start) = &self.start {
                    return self.come_near(start, (&inverse, scale), w, observer);
                }
                scale_all(w, scale);
                Ok(())
            }
        }
    }

    /// From `w`, which is 1 in state 0 and `scale` times too large from there, the transforms with another start. What happens
    /// before state 0 is reached is `v`; what is left of all probability, `b_0 + sum over i of v_i q_i0`, is there.
    fn come_near(
        &self,
        start: &[f64],
        (inverse, scale): (&[Complex], Complex),
        w: &mut [Complex],
        observer: &dyn Observer,
    ) -> Result<(), End> {
        let mut before = vec![Complex::default(); w.len()];
        self.settled(inverse, &mut before, &Held::Away, MOST_LEFT, observer)?;
        let into = self.arcs[self.first[0]..self.first[1]].iter();
        let reached = into.fold(Complex::real(start[0]), |sum, &(from, rate)| sum + before[from as usize].times(rate));
        let scale = scale * reached;
        for (w, before) in w.iter_mut().zip(before) {
            *w = *w * scale + before;
        }
        Ok(())
    }

    /// `s sum x + sum x a`.
    fn balance(&self, s: Complex, x: &[Complex]) -> Complex {
        x.iter().zip(&self.leak).fold(Complex::default(), |sum, (x, leak)| sum + *x * (s + Complex::real(*leak)))
    }

    /// The point of rest of the sweeps: by sweeps alone, where those stall by extrapolation, and in the end by sweeps, however many.
    fn settled(
        &self,
        inverse: &[Complex],
        w: &mut Vec<Complex>,
        held: &Held,
        most_left: f64,
        observer: &dyn Observer,
    ) -> Result<(), End> {
        let begin = |w: &mut Vec<Complex>| {
            w.clear();
            w.resize(self.exit.len(), Complex::default());
            if matches!(held, Held::First) {
                w[0] = Complex::ONE;
            }
        };
        match self.sweeps(inverse, w, held, most_left, Patience::UntilStalled, observer) {
            Err(End::NotConverged) => begin(w),
            done => return done,
        }
        match self.extrapolated(inverse, w, held, most_left, observer) {
            Err(End::NotConverged) => begin(w),
            done => return done,
        }
        self.sweeps(inverse, w, held, most_left, Patience::Endless, observer)
    }

    /// Sweeps a few times and extrapolates, again and again.
    fn extrapolated(
        &self,
        inverse: &[Complex],
        w: &mut Vec<Complex>,
        held: &Held,
        most_left: f64,
        observer: &dyn Observer,
    ) -> Result<(), End> {
        // How many times further away the point of rest is than the step of a sweep is long.
        let mut gain: f64 = 1.0;
        for cycle in 0..MOST_CYCLES {
            if let Some(stop) = observer.stop() {
                return Err(End::Stopped(stop));
            }
            // The longer it takes, the more is left to rounding.
            let enough = (SMALL * cycle.saturating_sub(MOST_LEFT_CYCLES).max(1) as f64).min(most_left);
            let mut iterates = Iterates::default();
            let mut change = 0.0;
            for sweep in 0..SMOOTHING + EXTRAPOLATED {
                change = self.sweep(inverse, w, held);
                if change * gain <= enough {
                    return Ok(());
                }
                if sweep >= SMOOTHING {
                    iterates.all.push(w.clone());
                }
            }
            let Some((rest, further)) = iterates.rest().filter(|_| change.is_finite()) else { break };
            if change > NEAR_ROUNDING {
                gain = further.max(1.0);
            }
            *w = rest;
        }
        w.clear();
        Err(End::NotConverged)
    }

    /// Sweeps until the error that is left is small; where rounding is in the way, up to `most_left`. Clears `w` otherwise:
    /// what did not converge is no place to begin from.
    fn sweeps(
        &self,
        inverse: &[Complex],
        w: &mut Vec<Complex>,
        held: &Held,
        most_left: f64,
        patience: Patience,
        observer: &dyn Observer,
    ) -> Result<(), End> {
        let between_stops = (ARCS_BETWEEN_STOPS / (self.arcs.len() + 1)).max(1);
        let mut convergence = Convergence::default();
        let mut scaled_by = Complex::ONE;
        for sweep in 0..MOST_SWEEPS {
            if sweep % between_stops == 0
                && let Some(stop) = observer.stop()
            {
                return Err(End::Stopped(stop));
            }
            let change = self.sweep(inverse, w, held);
            if let Held::Balance(s) = held {
                scaled_by = self.balance(*s, w).inverse();
                scale_all(w, scaled_by);
            }
            convergence.push(change);
            match convergence.verdict(most_left) {
                // What is at rest only because it is scaled is a mode of the sweeps, and no solution.
                Some(true) if (scaled_by - Complex::ONE).size() <= MOST_SCALED => return Ok(()),
                Some(_) => break,
                None if patience == Patience::UntilStalled && convergence.is_stalled() => break,
                None => {}
            }
        }
        w.clear();
        Err(End::NotConverged)
    }

    /// One sweep; returns the largest change of an entry, relative to the terms that it is the sum of.
    fn sweep(&self, inverse: &[Complex], w: &mut [Complex], held: &Held) -> f64 {
        let (mut largest, mut is_finite) = (0.0_f64, true);
        let from = usize::from(matches!(held, Held::First | Held::Away));
        for j in from..w.len() {
            let mut sum = match (&self.start, held) {
                (_, Held::First) => Complex::default(),
                (Start::First, _) if j == 0 => Complex::ONE,
                (Start::First, _) => Complex::default(),
                (Start::Spread(start) | Start::Near(start), _) => Complex::real(start[j]),
            };
            let mut terms = sum.size();
            for &(from, rate) in &self.arcs[self.first[j]..self.first[j + 1]] {
                let term = w[from as usize].times(rate);
                sum = sum + term;
                terms += term.size();
            }
            let new = sum * inverse[j];
            let change = (new - w[j]).size();
            // Relative to the terms: where they cancel, an entry is as good as they are.
            let size = terms * inverse[j].size();
            if change > largest * size {
                largest = change / size;
            }
            w[j] = new;
            is_finite &= change.is_finite();
        }
        if is_finite { largest } else { f64::INFINITY }
    }
}

/// When sweeps that do not converge are given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    /// When they hardly come closer any more.
    UntilStalled,
    /// After as many as there may be.
    Endless,
}

/// What keeps the scale of the sweeps.
#[derive(Debug)]
enum Held {
    /// The start alone.
    Nothing,
    /// State 0 is 1, and nothing starts elsewhere.
    First,
    /// State 0 is 0.
    Away,
    /// The balance at this s.
    Balance(Complex),
}

fn scale_all(w: &mut [Complex], factor: Complex) {
    for w in w {
        *w = *w * factor;
    }
}

#[cfg(test)]
mod tests {
    use super::{Network, Start};
    use crate::exact::transient::complex::Complex;
    use crate::measure::NoObserver;

    #[test]
    fn a_unit_has_the_transform_that_it_should() {
        let (lambda, mu) = (1e-6, 1e-2);
        let network = Network {
            exit: vec![lambda, mu],
            first: vec![0, 1, 2],
            arcs: vec![(1, mu), (0, lambda)],
            leak: vec![0.0, 0.0],
            start: Start::First,
        };
        let down = [super::Functional::of_all(&[0.0, 1.0])];
        for s in [Complex::new(1e-8, 3e-7), Complex::new(-2e-3, 4e-3), Complex::new(5.0, -8.0)] {
            let value = network.transforms(s, &down, &mut Vec::new(), &NoObserver).unwrap()[0];
            let expected = (s * (s + Complex::real(lambda + mu))).inverse().times(lambda);
            assert!((value - expected).size() < 4e-15 * expected.size());
        }
    }
}
