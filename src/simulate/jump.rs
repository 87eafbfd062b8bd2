//! Paths of exponential models: jumps between canonical states.
//!
//! Only the embedded chain is drawn; a state counts with its mean holding time (discrete-time conversion, Hordijk,
//! Iglehart, Schassberger 1976: the same means, less variance). Holding times are drawn only while the system is down, for
//! the lengths of outages. A state is worked out once and remembered, so that a step touches no hash map.

use indexmap::IndexSet;
use rand::Rng;

use crate::dynamics::{Clock, State};
use crate::numeric::distribution::unit_exponential;
use crate::simulate::facts::{Facts, FactsOf};
use crate::simulate::path::{Cut, Engine, Path, Plan};

/// States remembered at a time; then everything is forgotten and worked out anew. About 100 MB.
const MOST_ROWS: usize = 100_000;
/// Steps between two questions whether to stop.
const STEPS: u64 = 16_384;

/// The engine, with the states it has seen.
pub(crate) struct Jump<'a> {
    facts: &'a FactsOf<'a>,
    states: IndexSet<State>,
    /// What was worked out, by the state's place among `states`.
    rows: Vec<Option<Known>>,
}

struct Known {
    facts: Facts,
    /// Mean holding time, seconds.
    hold: f64,
    regenerates: bool,
    exits: Box<[Exit]>,
    clocks: Box<[Clock]>,
}

/// A clock of the state: chosen when the draw is at most `until`.
struct Exit {
    until: u64,
    cause: Option<u32>,
    /// Where it leads: (chosen when the draw is at most this, row). Empty until first used.
    targets: Box<[(u64, u32)]>,
}

impl<'a> Jump<'a> {
    pub(crate) fn new(facts: &'a FactsOf<'a>) -> Self {
        Self { facts, states: IndexSet::new(), rows: Vec::new() }
    }

    fn id(&mut self, state: State) -> u32 {
        let (id, new) = self.states.insert_full(state);
        if new {
            self.rows.push(None);
        }
        id as u32
    }

    fn work_out(&self, state: &State, plan: &Plan) -> Known {
        let dynamics = self.facts.dynamics;
        let rate = |clock: &Clock| {
            f64::from(clock.multiplicity) * clock.speed / dynamics.distributions()[clock.distribution].mean()
        };
        let mut clocks = dynamics.lumped_clocks(state);
        // The most likely first: most searches end there.
        clocks.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
        let rates: Vec<f64> = clocks.iter().map(rate).collect();
        let untils = thresholds(&rates);
        let exit = |(clock, until): (&Clock, u64)| Exit {
            until,
            cause: clock.cause.map(|cause| cause as u32),
            targets: Box::default(),
        };
        Known {
            facts: self.facts.read(state),
            hold: 1.0 / rates.iter().sum::<f64>(),
            regenerates: matches!(&plan.cut, Cut::Regenerative(at) if at == state),
            exits: clocks.iter().zip(untils).map(exit).collect(),
            clocks: clocks.into(),
        }
    }

    fn targets(&mut self, state: &State, clock: Clock) -> Box<[(u64, u32)]> {
        let dynamics = self.facts.dynamics;
        let outcomes = dynamics.ring(state, &[clock]);
        let untils = thresholds(&outcomes.iter().map(|outcome| outcome.probability).collect::<Vec<_>>());
        outcomes
            .iter()
            .zip(untils)
            .map(|(outcome, until)| (until, self.id(dynamics.canonical(&outcome.state))))
            .collect()
    }

    /// Makes sure that row `at` is worked out, forgetting everything before when there are too many.
    fn prepare(&mut self, at: u32, plan: &Plan) -> u32 {
        if self.rows[at as usize].is_some() {
            return at;
        }
        let state = self.states[at as usize].clone();
        let at = if self.rows.len() > MOST_ROWS {
            self.rows.clear();
            self.states.clear();
            self.id(state.clone())
        } else {
            at
        };
        let known = self.work_out(&state, plan);
        self.rows[at as usize] = Some(known);
        at
    }

    /// Fills in where exit `exit` of row `at` leads.
    fn open(&mut self, at: u32, exit: usize) {
        let clock = self.rows[at as usize].as_ref().expect("the row was prepared").clocks[exit].clone();
        let state = self.states[at as usize].clone();
        let targets = self.targets(&state, clock);
        self.rows[at as usize].as_mut().expect("the row was prepared").exits[exit].targets = targets;
    }
}

impl Engine for Jump<'_> {
    fn advance(&mut self, path: &mut Path, plan: &Plan, quota: u64, seconds: f64, stop: &(dyn Fn(u64) -> bool + Sync)) {
        let mut at = self.id(path.state.clone());
        let mut left = quota;
        while left > 0 && path.time < seconds {
            let steps = left.min(STEPS);
            for _ in 0..steps {
                at = self.step(at, path, plan);
            }
            left -= steps;
            if stop(steps) {
                break;
            }
        }
        path.state = self.states[at as usize].clone();
    }
}

impl Jump<'_> {
    fn step(&mut self, at: u32, path: &mut Path, plan: &Plan) -> u32 {
        let at = self.prepare(at, plan);
        let known = self.rows[at as usize].as_ref().expect("the row was prepared");
        let drawn = if known.facts.up { 0.0 } else { known.hold * unit_exponential(&mut path.random) };
        path.stay(&known.facts, known.hold, drawn);
        let draw = path.random.next_u64();
        let exit = known.exits.iter().position(|exit| draw <= exit.until).unwrap_or(known.exits.len() - 1);
        if known.exits[exit].targets.is_empty() {
            self.open(at, exit);
        }
        let known = self.rows[at as usize].as_ref().expect("the row was prepared");
        let Exit { cause, targets, .. } = &known.exits[exit];
        let cause = cause.map(|cause| cause as usize);
        let target = match &**targets {
            [(_, only)] => *only,
            several => {
                let draw = path.random.next_u64();
                several.iter().find(|(until, _)| draw <= *until).unwrap_or(&several[several.len() - 1]).1
            }
        };
        let target = self.prepare(target, plan);
        let known = self.rows[target as usize].as_ref().expect("the row was prepared");
        path.enter(&known.facts, cause);
        if known.regenerates {
            path.regenerate();
        }
        target
    }
}

/// Upper ends of the ranges of a 64-bit draw that belong to each weight; the last is the largest draw.
pub(crate) fn thresholds(weights: &[f64]) -> Vec<u64> {
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    let mut untils: Vec<u64> = weights
        .iter()
        .map(|weight| {
            sum += weight;
            // The conversion saturates.
            (sum / total * 2.0_f64.powi(64)) as u64
        })
        .collect();
    if let Some(last) = untils.last_mut() {
        *last = u64::MAX;
    }
    untils
}
