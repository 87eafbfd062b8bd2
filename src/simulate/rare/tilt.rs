//! How long a recovery that begins should be drawn.
//!
//! A long repair leaves room for more losses: its duration is drawn from the mixture `sum p_k f(r) r^k / E[R^k]`, and the
//! likelihood ratio divided by `sum p_k r^k / E[R^k]`. The weights follow from the model. With all other clocks exponential, the
//! worth V(x; r) of state x when the clock rings in r satisfies
//!
//! `dV(x; r)/dr = cost(x) + sum over e of rate_e (worth_e + V(x after e; r) - V(x; r))`, `V(x; 0)` = worth after it has rung,
//!
//! over all other clocks e; where e ends the clock, V is the value of the state. Solved by implicit Euler steps on a grid that
//! doubles. The mixture nearest to f(r) V(x; r) in Kullback-Leibler divergence comes from the EM algorithm.
//!
//! A table depends on the state and its clock alone, never on what was met before.

use indexmap::IndexMap;

use crate::numeric::distribution::Distribution;
use crate::numeric::random::{Purpose, Stream, stream, uniform};
use crate::simulate::rare::graph::{FRESH, Graph};
use crate::simulate::rare::meter::Meter;

/// Powers that are mixed: 0 to 6.
pub(crate) const POWERS: usize = 7;
/// States in which the clock runs on; beyond them the value of the state stands for the rest.
const MOST_STATES: usize = 250;
/// The grid: from 2^-6 to 2^11 means, so many steps per doubling.
const OCTAVES: std::ops::RangeInclusive<i32> = -6..=11;
const STEPS: usize = 4;
/// Draws per power at which the mixture is fitted, and rounds of EM.
const POINTS: usize = 40;
const ROUNDS: usize = 60;
/// Gauss-Seidel sweeps of an Euler step.
const SWEEPS: usize = 60;
/// States that are visited less often in a cycle, under the best measure, have no table worked out: all powers alike will do.
const RARELY: f64 = 2e-3;
/// The share of the mixture that is spread over all powers.
const SPREAD: f64 = 0.1;

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
    /// Of lasting clock `place`, which has just begun to run in state `at`.
    pub(crate) fn of<M: Meter>(graph: &mut Graph<'_, M>, at: u32, place: u32, distribution: &Distribution) -> Self {
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
        let site = graph.sites.site(at);
        if site.visits < RARELY {
            table.value = site.value;
            table.weights[..=largest].fill(1.0 / (largest + 1) as f64);
        } else {
            let worth = Backward::of(graph, at, place).solve(distribution.mean());
            table.fit(distribution, &worth);
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
        let total: f64 = points.iter().map(|(_, weight)| weight).sum();
        self.value = total / points.len() as f64;
        let mut weights = [0.0; POWERS];
        weights[..powers].fill(1.0 / powers as f64);
        if total > 0.0 && total.is_finite() {
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
        let scale = (1.0 - SPREAD) / (base + self.value);
        let mut weights = [0.0; POWERS];
        for (k, weight) in weights.iter_mut().enumerate().take(self.largest + 1) {
            *weight = scale * self.value * self.weights[k] + SPREAD / (self.largest + 1) as f64;
        }
        weights[0] += scale * base;
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

/// V(x; r) of the state where the clock began, on the grid.
struct Worths {
    durations: Vec<f64>,
    values: Vec<f64>,
}

impl Worths {
    fn at(&self, duration: f64) -> f64 {
        let above = self.durations.partition_point(|known| *known < duration);
        if above == 0 {
            return self.values[0];
        }
        let Some(&right) = self.durations.get(above) else { return self.values[above - 1] };
        let left = self.durations[above - 1];
        let share = (duration - left) / (right - left);
        self.values[above - 1] + share * (self.values[above] - self.values[above - 1])
    }
}

/// The equations of the states in which a clock runs on.
struct Backward {
    /// Per state: worth once the clock has rung, cost and the worth of steps that end the clock (per second), total rate.
    rung: Vec<f64>,
    gains: Vec<f64>,
    rates: Vec<f64>,
    /// Steps after which the clock runs on: from, to, rate.
    first: Vec<usize>,
    steps: Vec<(u32, f64)>,
}

impl Backward {
    fn of<M: Meter>(graph: &mut Graph<'_, M>, at: u32, place: u32) -> Self {
        let mut found: IndexMap<(u32, u32), ()> = IndexMap::from([((at, place), ())]);
        let mut equations = Self { rung: vec![], gains: vec![], rates: vec![], first: vec![0], steps: vec![] };
        let mut next = 0;
        while let Some((&(state, place), ())) = found.get_index(next) {
            next += 1;
            let node = graph.node(state);
            let clocks = [graph.losses(node), graph.scheduled(node)].concat();
            let (mut gain, mut total, mut rung) = (graph.sites.site(state).cost, 0.0, 0.0);
            for clock in clocks {
                if clock.place == place {
                    rung = clock.value;
                    continue;
                }
                total += clock.rate;
                for index in 0..graph.exits(&clock).len() {
                    let exit = graph.exits(&clock)[index];
                    let rate = clock.rate * exit.probability;
                    let kept = graph.kept(&clock, index);
                    let runs_on =
                        graph.kept_places(kept).iter().position(|before| *before == place && *before != FRESH);
                    let Some(now) = runs_on else {
                        gain += rate * exit.value;
                        continue;
                    };
                    let key = (exit.target, now as u32);
                    if let Some(known) = found.get_index_of(&key) {
                        gain += rate * exit.worth;
                        equations.steps.push((known as u32, rate));
                    } else if found.len() < MOST_STATES {
                        gain += rate * exit.worth;
                        equations.steps.push((found.insert_full(key, ()).0 as u32, rate));
                    } else {
                        gain += rate * exit.value;
                    }
                }
            }
            equations.rung.push(rung);
            equations.gains.push(gain);
            equations.rates.push(total);
            equations.first.push(equations.steps.len());
        }
        equations
    }

    fn solve(&self, mean: f64) -> Worths {
        let mut values = self.rung.clone();
        let mut worths = Worths { durations: vec![0.0], values: vec![values[0]] };
        let mut from = 0.0;
        for octave in OCTAVES {
            let to = mean * libm::ldexp(1.0, octave);
            for step in 1..=STEPS {
                let duration = from + (to - from) * step as f64 / STEPS as f64;
                let before = worths.durations[worths.durations.len() - 1];
                self.step(&mut values, duration - before);
                worths.durations.push(duration);
                worths.values.push(values[0]);
            }
            from = to;
        }
        worths
    }

    /// One implicit Euler step of `seconds`.
    fn step(&self, values: &mut [f64], seconds: f64) {
        let old = values.to_vec();
        for _ in 0..SWEEPS {
            let mut change = 0.0_f64;
            for state in (0..values.len()).rev() {
                let steps = &self.steps[self.first[state]..self.first[state + 1]];
                let inflow: f64 = steps.iter().map(|&(to, rate)| rate * values[to as usize]).sum();
                let new = (old[state] + seconds * (self.gains[state] + inflow)) / (1.0 + seconds * self.rates[state]);
                change = change.max((new - values[state]).abs() / new.max(f64::MIN_POSITIVE));
                values[state] = new;
            }
            if change < 1e-4 {
                break;
            }
        }
    }
}
