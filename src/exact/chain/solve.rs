//! Mean visits of every state per return to all-up, by Gauss-Seidel, with an enclosure.
//!
//! `w_j` is the time spent in state j per unit of time spent in all-up (state 0): `w_0 = 1` and
//! `q_j w_j = sum_i w_i q_ij` for j > 0, with `q_ij` the rates and `q_j` the exit rates. All terms are positive, so
//! every entry converges with relative accuracy (Stewart 1994, 3.3; forward sweeps, because probability flows outward).
//!
//! Enclosure: with A = D - R^T over the states but 0, an M-matrix, a positive vector with `w_0 = 1` and
//! `q_j w_j >= sum_i w_i q_ij` for all j > 0 lies above the solution in every entry, because A^-1 is non-negative;
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
/// Rounding of one product and one addition, with room: 1.1e-16 each.
const ROUNDING: f64 = 1.2e-16;
/// The relative change of the exit rates for the enclosure; well above the rounding of the longest rows.
const ETA: f64 = 4e-13;

pub(crate) fn visits(chain: &Chain, observer: &dyn Observer) -> Result<Visits, End> {
    let mut value = vec![0.0; chain.exit.len()];
    value[0] = 1.0;
    let margin = (longest_sums(chain) as f64 + 3.0) * ROUNDING;
    sweeps(chain, &mut value, 1.0, observer, |chain, w| largest_residual(chain, w) <= margin)?;
    let eta = ETA.max(20.0 * margin);
    let mut high = value.clone();
    sweeps(chain, &mut high, 1.0 - eta, observer, |chain, w| {
        holds(chain, w, |out, into| out * (1.0 - margin) >= into)
    })?;
    let mut low = value.clone();
    sweeps(chain, &mut low, 1.0 + eta, observer, |chain, w| holds(chain, w, |out, into| out * (1.0 + margin) <= into))?;
    Ok(Visits { value, low, high })
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

/// Forward sweeps with exit rates times `factor`, until `done`.
fn sweeps(
    chain: &Chain,
    w: &mut [f64],
    factor: f64,
    observer: &dyn Observer,
    done: impl Fn(&Chain, &[f64]) -> bool,
) -> Result<(), End> {
    for sweep in 0..MOST_SWEEPS {
        for j in 1..w.len() {
            w[j] = inflow(chain, w, j) / (chain.exit[j] * factor);
        }
        if done(chain, w) {
            return Ok(());
        }
        if let Some(stop) = observer.stop() {
            return Err(End::Stopped(stop));
        }
        observer.progress(&Progress { phase: "solving", done: f64::from(sweep), ..Progress::default() });
    }
    Err(End::NotConverged { residual: largest_residual(chain, w) })
}

fn inflow(chain: &Chain, w: &[f64], j: usize) -> f64 {
    chain.arcs[chain.first[j]..chain.first[j + 1]].iter().map(|&(from, rate)| w[from as usize] * rate).sum()
}

fn largest_residual(chain: &Chain, w: &[f64]) -> f64 {
    let residual = |j: usize| {
        let out = chain.exit[j] * w[j];
        if out > 0.0 { (inflow(chain, w, j) / out - 1.0).abs() } else { 1.0 }
    };
    (1..w.len()).map(residual).fold(0.0, f64::max)
}

fn holds(chain: &Chain, w: &[f64], inequality: impl Fn(f64, f64) -> bool) -> bool {
    (1..w.len()).all(|j| inequality(chain.exit[j] * w[j], inflow(chain, w, j)))
}
