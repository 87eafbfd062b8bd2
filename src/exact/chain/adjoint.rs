//! What a state is worth: how much more of a reward comes from it than from the long run.
//!
//! With a reward that flows at the rate `r(x)` in state x, `V(x)` is what comes of it before the anchor is reached, `T(x)` the time until
//! then: `V(x) = (r(x) + sum_y q(x,y) V(y)) / q(x)`, both 0 at the anchor. The long run of the reward is `r* = sum pi r`, and
//! `g = V - r* T` solves Poisson's equation. When the rates change by q', the long run changes by
//!
//! ```text
//! dr* = sum_x pi(x) sum_y q'(x,y) (g(y) - g(x))
//! ```
//!
//! (Schweitzer 1968; Cao, Chen 1997: one solution serves all derivatives). Away from the anchor V is far above r* T where outages are
//! rare, so nothing cancels.

use crate::exact::chain::aggregate::Equations;
use crate::exact::chain::explore::Chain;
use crate::exact::chain::solve::{End, NEARLY, margin};
use crate::measure::Observer;

/// Sweeps after which a chain counts as not converging.
const MOST_SWEEPS: u32 = 100_000;
/// Sweeps after which a chain of few states is solved by elimination: sweeps gain too little.
const SWEEPS_ALONE: u32 = 1_000;

/// Rates out of each state: `arcs[first[i]..first[i + 1]]`, as (to, rate).
struct Rows {
    first: Vec<usize>,
    arcs: Vec<(u32, f64)>,
}

impl Rows {
    fn of(chain: &Chain) -> Self {
        let states = chain.exit.len();
        let mut first = vec![0; states + 1];
        for &(from, _) in &chain.arcs {
            first[from as usize + 1] += 1;
        }
        for i in 0..states {
            first[i + 1] += first[i];
        }
        let (mut next, mut arcs) = (first.clone(), vec![(0, 0.0); chain.arcs.len()]);
        for to in 0..states {
            for &(from, rate) in chain.arcs_into(to) {
                arcs[next[from as usize]] = (to as u32, rate);
                next[from as usize] += 1;
            }
        }
        Self { first, arcs }
    }

    fn of_state(&self, state: usize) -> &[(u32, f64)] {
        &self.arcs[self.first[state]..self.first[state + 1]]
    }
}

/// The worth of each state for two rewards, `g` above; `shares` are the long-run probabilities.
pub(crate) fn worth(
    chain: &Chain,
    anchor: usize,
    shares: &[f64],
    rewards: &[[f64; 2]],
    observer: &dyn Observer,
) -> Result<Vec<[f64; 2]>, End> {
    let rows = Rows::of(chain);
    let states = chain.exit.len();
    // Both rewards, and 1 for the time.
    let mut until = vec![[0.0_f64; 3]; states];
    let margin = margin(chain);
    let mut residual = f64::INFINITY;
    let mut is_eliminated = false;
    for sweep in 0..MOST_SWEEPS {
        if sweep == SWEEPS_ALONE {
            let rewards: Vec<Vec<f64>> = vec![
                rewards.iter().map(|reward| reward[0]).collect(),
                rewards.iter().map(|reward| reward[1]).collect(),
                vec![1.0; states],
            ];
            if let Some(turned) = (Equations { chain, states, anchor }).turned(&rewards) {
                until.iter_mut().enumerate().for_each(|(x, until)| *until = [turned[0][x], turned[1][x], turned[2][x]]);
                is_eliminated = true;
            }
        }
        let mut change = 0.0_f64;
        let mut visit = |x: usize| {
            if x == anchor {
                return;
            }
            let [first, second] = rewards[x];
            let (mut sum, mut size) = ([first, second, 1.0], [first.abs(), second.abs(), 1.0]);
            for &(to, rate) in rows.of_state(x) {
                for (k, value) in until[to as usize].iter().enumerate() {
                    sum[k] += rate * value;
                    size[k] += rate * value.abs();
                }
            }
            for k in 0..3 {
                let value = sum[k] / chain.exit[x];
                let scale = size[k] / chain.exit[x];
                if scale > 0.0 {
                    change = change.max((value - until[x][k]).abs() / scale);
                }
                until[x][k] = value;
            }
        };
        // Most states lead towards all-up; those of one order from the front to the back.
        if sweep % 2 == 0 {
            (0..states).for_each(&mut visit);
        } else {
            (0..states).rev().for_each(&mut visit);
        }
        if change <= if is_eliminated { NEARLY * margin } else { margin } {
            let long_run = |k: usize| shares.iter().zip(rewards).map(|(p, reward)| p * reward[k]).sum::<f64>();
            let long_run = [long_run(0), long_run(1)];
            return Ok(until.iter().map(|v| [v[0] - long_run[0] * v[2], v[1] - long_run[1] * v[2]]).collect());
        }
        if let Some(stop) = observer.stop() {
            return Err(End::Stopped(stop));
        }
        residual = change;
    }
    Err(End::NotConverged { residual })
}
