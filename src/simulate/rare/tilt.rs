//! How long a recovery that begins should be drawn.
//!
//! A long repair leaves room for more losses: its duration is drawn from the mixture `sum p_k f(r) r^k / E[R^k]`, and the
//! likelihood ratio divided by `sum p_k r^k / E[R^k]`. The weights follow from the model: with V(x; r) the worth of state x when
//! the clock rings in r (`backward`), the mixture nearest to f(r) V(x; r) in Kullback-Leibler divergence comes from the
//! EM algorithm.
//!
//! A table depends on the state and its clock alone, never on what was met before.

use crate::numeric::distribution::Distribution;
use crate::numeric::random::{Purpose, Stream, stream, uniform};
use crate::simulate::rare::backward::Worths;
use crate::simulate::rare::graph::Graph;
use crate::simulate::rare::meter::Meter;

/// Powers that are mixed: 0 to 6.
pub(crate) const POWERS: usize = 7;
/// Draws per power at which the mixture is fitted, and rounds of EM.
const POINTS: usize = 40;
const ROUNDS: usize = 60;
/// The share of the mixture that is spread over all powers, where the duration is all that counts.
const SPREAD: f64 = 0.1;
/// What is worth the same within this, however long it takes, does not depend on the duration.
const FLAT: f64 = 0.05;

/// How the durations of one clock are drawn.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Largest power.
    largest: usize,
    /// Weights of the powers.
    weights: [f64; POWERS],
    /// The mean of V(x; R) over durations.
    value: f64,
    /// 1 / E[(R / mean)^k].
    inverse_moments: [f64; POWERS],
    mean: f64,
}

impl Table {
    /// Of a clock that has just begun to run in state `at`; `worths` are those of the state, where it is visited often
    /// enough. Otherwise all powers alike will do.
    pub(crate) fn of<M: Meter>(
        graph: &Graph<'_, M>,
        at: u32,
        distribution: &Distribution,
        worths: Option<&Worths>,
    ) -> Self {
        let losses = graph.sites.site(at).losses as usize;
        let largest = (losses + 1).max(2).min(distribution.largest_tilt() as usize).min(POWERS - 1);
        let mut table = Self {
            largest,
            weights: [0.0; POWERS],
            value: 0.0,
            inverse_moments: [0.0; POWERS],
            mean: distribution.mean(),
        };
        for k in 0..=largest {
            table.inverse_moments[k] = 1.0 / distribution.scaled_moment(k as u32);
        }
        if let Some(worths) = worths {
            table.fit(distribution, worths);
        } else {
            table.value = graph.sites.site(at).value;
            table.weights[..=largest].fill(1.0 / (largest + 1) as f64);
        }
        table
    }

    /// Density of every power, relative to the true one.
    fn ratios(&self, duration: f64) -> [f64; POWERS] {
        let x = duration / self.mean;
        let mut power = 1.0;
        let mut ratios = [0.0; POWERS];
        for (k, ratio) in ratios.iter_mut().enumerate().take(self.largest + 1) {
            *ratio = power * self.inverse_moments[k];
            power *= x;
        }
        ratios
    }

    fn fit(&mut self, distribution: &Distribution, worth: &Worths) {
        let powers = self.largest + 1;
        let mut random = stream(0, Purpose::Table, 0);
        let mut points = Vec::with_capacity(powers * POINTS);
        for k in 0..powers {
            for _ in 0..POINTS {
                let duration = distribution.sample_tilted(k as u32, &mut random);
                let ratios = self.ratios(duration);
                let density = ratios.iter().sum::<f64>() / powers as f64;
                points.push((ratios, worth.at(duration) / density));
            }
        }
        let worths = points.iter().map(|(ratios, weight)| weight * ratios.iter().sum::<f64>() / powers as f64);
        let (least, most) = worths.fold((f64::INFINITY, 0.0_f64), |(least, most), v| (least.min(v), most.max(v)));
        let total: f64 = points.iter().map(|(_, weight)| weight).sum();
        self.value = total / points.len() as f64;
        let mut weights = [0.0; POWERS];
        weights[..powers].fill(1.0 / powers as f64);
        if most <= (1.0 + FLAT) * least {
            // Every draw of a long cycle adds to what its weight varies.
            self.largest = 0;
            weights = [0.0; POWERS];
            weights[0] = 1.0;
        } else if total > 0.0 && total.is_finite() {
            for _ in 0..ROUNDS {
                let mut next = [0.0; POWERS];
                for (ratios, weight) in &points {
                    let density: f64 = ratios.iter().zip(&weights).map(|(r, w)| r * w).sum();
                    for k in 0..powers {
                        next[k] += weight * weights[k] * ratios[k] / density;
                    }
                }
                weights = next.map(|sum| sum / total);
            }
        } else {
            self.value = 0.0;
        }
        self.weights = weights;
    }

    /// Draws a duration for a branch whose base is `base`; with it, the density used over the true one.
    pub(crate) fn draw(&self, distribution: &Distribution, base: f64, random: &mut Stream) -> (f64, f64) {
        let share = self.value / (base + self.value);
        let mut weights = [0.0; POWERS];
        for (k, weight) in weights.iter_mut().enumerate().take(self.largest + 1) {
            *weight = share * ((1.0 - SPREAD) * self.weights[k] + SPREAD / (self.largest + 1) as f64);
        }
        weights[0] += 1.0 - share;
        let mut left = uniform(random);
        let mut power = 0;
        while power < self.largest && left >= weights[power] {
            left -= weights[power];
            power += 1;
        }
        let duration = distribution.sample_tilted(power as u32, random);
        let ratio = self.ratios(duration).iter().zip(&weights).map(|(r, w)| r * w).sum();
        (duration, ratio)
    }
}
