//! What a state is worth when one of its clocks is known to ring in r seconds.
//!
//! With all other clocks exponential, that worth V(x; r) satisfies
//!
//! `dV(x; r)/dr = cost(x) + sum over e of rate_e (worth_e + V(x after e; r) - V(x; r))`, `V(x; 0)` = worth after it has rung,
//!
//! over all other clocks e; where e ends the clock, V is the value of the state. Solved by implicit Euler steps on a grid that
//! doubles. It depends on the state and its clock alone, never on what was met before.

use indexmap::IndexMap;

use crate::measure::NoObserver;
use crate::simulate::rare::graph::{FRESH, Graph};
use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sweeps::sweep;

/// States in which the clock runs on; beyond them the value of the state stands for the rest.
const MOST_STATES: usize = 250;
/// The grid: from 2^-6 to 2^11 means, so many steps per doubling.
const OCTAVES: std::ops::RangeInclusive<i32> = -6..=11;
const STEPS: usize = 4;
/// Gauss-Seidel sweeps of an Euler step.
const SWEEPS: u32 = 60;
/// States that are visited less often in a cycle, under the best measure, are not worth the work.
const RARELY: f64 = 2e-3;

/// V(x; r) of one state, on the grid.
#[derive(Clone, Debug)]
pub(crate) struct Worths {
    durations: Vec<f64>,
    values: Vec<f64>,
}

/// What is known of a state and one of its lasting clocks.
#[derive(Clone, Debug)]
pub(crate) enum Residual {
    NotWorkedOut,
    /// The state is visited too rarely to be worth the work.
    Rare,
    Known(Worths),
}

impl Residual {
    /// Of lasting clock `place` of state `at`, whose mean is `mean` seconds.
    pub(crate) fn of<M: Meter>(graph: &mut Graph<'_, M>, at: u32, place: u32, mean: f64) -> Self {
        if graph.sites.site(at).visits < RARELY {
            return Self::Rare;
        }
        Self::Known(Backward::of(graph, at, place).solve(mean))
    }

    pub(crate) fn known(&self) -> Option<&Worths> {
        match self {
            Self::Known(worths) => Some(worths),
            Self::NotWorkedOut | Self::Rare => None,
        }
    }
}

impl Worths {
    /// What it takes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        (self.durations.len() + self.values.len()) * size_of::<f64>()
    }

    /// When the clock rings in `duration` seconds.
    pub(crate) fn at(&self, duration: f64) -> f64 {
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
        let update = |state: usize, values: &[f64]| {
            let steps = &self.steps[self.first[state]..self.first[state + 1]];
            let inflow: f64 = steps.iter().map(|&(to, rate)| rate * values[to as usize]).sum();
            (old[state] + seconds * (self.gains[state] + inflow)) / (1.0 + seconds * self.rates[state])
        };
        sweep(&(0..old.len()).rev(), values, (1e-4, SWEEPS), &NoObserver, update);
    }
}
