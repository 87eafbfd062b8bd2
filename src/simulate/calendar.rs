//! Paths with any distributions: clocks that are not memoryless keep their residual work.
//!
//! In a state the exponential clocks are one clock of their total rate, drawn afresh at every event; every other clock has a
//! residual, used up at the clock's speed. Which clocks survive a transition is worked out once per state, clock and
//! outcome, so that a step touches no hash map.

use std::collections::{BTreeMap, HashMap};

use rand::Rng;

use crate::dynamics::{Clock, ClockKey, Outcome, State};
use crate::numeric::distribution::unit_exponential;
use crate::simulate::facts::{Facts, FactsOf};
use crate::simulate::jump::thresholds;
use crate::simulate::path::{Cut, Engine, Path, Plan};

/// States remembered at a time; then everything is forgotten and worked out anew.
const MOST_ROWS: usize = 50_000;
/// Steps between two questions whether to stop.
const STEPS: u64 = 4_096;
/// Residuals of clocks with atoms that differ by less than this share of the larger one's original time are one instant: the
/// rounding of a few hundred subtractions.
const SAME_INSTANT: f64 = 1e-12;

/// The engine, with the states it has seen.
#[expect(clippy::disallowed_types, reason = "a pure lookup table: its order is never used")]
pub(crate) struct Calendar<'a> {
    facts: &'a FactsOf<'a>,
    rows: Vec<Row>,
    ids: HashMap<State, u32>,
    spare: Vec<f64>,
}

struct Row {
    state: State,
    known: Option<Known>,
}

struct Known {
    facts: Facts,
    regenerates: bool,
    /// Clocks that are not memoryless; residuals are in this order.
    lasting: Box<[Clock]>,
    /// Whether a lasting clock's distribution has atoms, so that it can ring together with another.
    atoms: Box<[bool]>,
    /// Memoryless clocks with their thresholds.
    memoryless: Box<[(u64, Clock)]>,
    /// Mean time to the first of these; infinite without any.
    hold: f64,
    /// Transitions by the clock that rings (lasting ones first), filled in when first used.
    exits: Vec<Option<Box<[Target]>>>,
    /// Transitions of several clocks at one instant, by their places among the lasting ones.
    together: BTreeMap<Vec<usize>, Box<[Target]>>,
}

/// One outcome.
struct Target {
    until: u64,
    row: u32,
    /// For each lasting clock of the new state its place among the old ones; none: it starts afresh.
    kept: Box<[Option<u32>]>,
}

impl<'a> Calendar<'a> {
    pub(crate) fn new(facts: &'a FactsOf<'a>) -> Self {
        Self { facts, rows: Vec::new(), ids: HashMap::default(), spare: Vec::new() }
    }

    fn id(&mut self, state: State) -> u32 {
        if let Some(&id) = self.ids.get(&state) {
            return id;
        }
        let id = self.rows.len() as u32;
        self.ids.insert(state.clone(), id);
        self.rows.push(Row { state, known: None });
        id
    }

    fn lasting(&self, state: &State) -> (Vec<Clock>, Vec<Clock>) {
        let distributions = self.facts.dynamics.distributions();
        let clocks = self.facts.dynamics.clocks(state);
        clocks.into_iter().partition(|clock| !distributions[clock.distribution].is_exponential())
    }

    fn work_out(&self, state: &State, plan: &Plan) -> Known {
        let distributions = self.facts.dynamics.distributions();
        let (lasting, mut memoryless) = self.lasting(state);
        memoryless.retain(|clock| clock.speed > 0.0);
        let rates: Vec<f64> =
            memoryless.iter().map(|clock| clock.speed / distributions[clock.distribution].mean()).collect();
        let exits = (0..lasting.len() + memoryless.len()).map(|_| None).collect();
        Known {
            facts: self.facts.read(state),
            regenerates: matches!(&plan.cut, Cut::Regenerative(at) if at == state),
            atoms: lasting.iter().map(|clock| distributions[clock.distribution].has_atoms()).collect(),
            lasting: lasting.into(),
            hold: 1.0 / rates.iter().sum::<f64>(),
            memoryless: thresholds(&rates).into_iter().zip(memoryless).collect(),
            exits,
            together: BTreeMap::new(),
        }
    }

    fn prepare(&mut self, at: u32, plan: &Plan) -> u32 {
        if self.rows[at as usize].known.is_some() {
            return at;
        }
        let state = self.rows[at as usize].state.clone();
        let at = if self.rows.len() > MOST_ROWS {
            self.rows.clear();
            self.ids.clear();
            self.id(state.clone())
        } else {
            at
        };
        let known = self.work_out(&state, plan);
        self.rows[at as usize].known = Some(known);
        at
    }

    fn known(&self, at: u32) -> &Known {
        self.rows[at as usize].known.as_ref().expect("the row was prepared")
    }

    /// Where the ringing of `clocks` in row `at` leads.
    fn targets(&mut self, at: u32, clocks: &[Clock]) -> Box<[Target]> {
        let state = self.rows[at as usize].state.clone();
        let outcomes = self.facts.dynamics.ring(&state, clocks);
        let untils = thresholds(&outcomes.iter().map(|outcome| outcome.probability).collect::<Vec<_>>());
        let rang: Vec<(ClockKey, u32)> = clocks.iter().map(|clock| (clock.key, clock.stage)).collect();
        let target = |(outcome, until): (Outcome, u64)| {
            let (lasting, _) = self.lasting(&outcome.state);
            let old = &self.known(at).lasting;
            let kept = |clock: &Clock| {
                let identity = (clock.key, clock.stage);
                if rang.contains(&identity) || outcome.renewed.contains(&clock.key) {
                    return None;
                }
                old.iter().position(|other| (other.key, other.stage) == identity).map(|place| place as u32)
            };
            let kept = lasting.iter().map(kept).collect();
            Target { until, row: self.id(outcome.state), kept }
        };
        outcomes.into_iter().zip(untils).map(target).collect()
    }

    /// Draws the residuals of a state whose clocks all start afresh.
    fn draw_all(&self, at: u32, path: &mut Path) {
        let distributions = self.facts.dynamics.distributions();
        let lasting = &self.known(at).lasting;
        path.residual =
            lasting.iter().map(|clock| distributions[clock.distribution].sample(&mut path.random)).collect();
    }
}

impl Engine for Calendar<'_> {
    fn advance(&mut self, path: &mut Path, plan: &Plan, quota: u64, seconds: f64, stop: &(dyn Fn(u64) -> bool + Sync)) {
        let at = self.id(path.state.clone());
        let mut at = self.prepare(at, plan);
        if path.events == 0 {
            self.draw_all(at, path);
        }
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
        path.state = self.rows[at as usize].state.clone();
    }
}

impl Calendar<'_> {
    fn step(&mut self, at: u32, path: &mut Path, plan: &Plan) -> u32 {
        let known = self.known(at);
        let (first, wait) = first(&known.lasting, &path.residual);
        let memoryless =
            if known.memoryless.is_empty() { f64::INFINITY } else { known.hold * unit_exponential(&mut path.random) };
        let elapsed = wait.min(memoryless);
        path.stay(&known.facts, elapsed, elapsed);
        let exit = if memoryless < wait {
            let draw = path.random.next_u64();
            let chosen = known.memoryless.iter().position(|(until, _)| draw <= *until);
            known.lasting.len() + chosen.unwrap_or(known.memoryless.len() - 1)
        } else {
            first
        };
        let several = if exit < known.lasting.len() { ringing(known, &path.residual, exit, wait) } else { Vec::new() };
        self.follow(at, exit, &several, elapsed, path, plan)
    }

    /// Takes the transition of clock `exit` (or of `several` at once) after `elapsed` seconds.
    fn follow(&mut self, at: u32, exit: usize, several: &[usize], elapsed: f64, path: &mut Path, plan: &Plan) -> u32 {
        if several.len() > 1 {
            if !self.known(at).together.contains_key(several) {
                let clocks: Vec<Clock> = several.iter().map(|place| self.known(at).lasting[*place].clone()).collect();
                let targets = self.targets(at, &clocks);
                let known = self.rows[at as usize].known.as_mut().expect("the row was prepared");
                known.together.insert(several.to_vec(), targets);
            }
        } else if self.known(at).exits[exit].is_none() {
            let clock = self.known(at).clock(exit).clone();
            let targets = self.targets(at, &[clock]);
            self.rows[at as usize].known.as_mut().expect("the row was prepared").exits[exit] = Some(targets);
        }
        let known = self.rows[at as usize].known.as_ref().expect("the row was prepared");
        let targets = if several.len() > 1 {
            &known.together[several]
        } else {
            known.exits[exit].as_ref().expect("just filled in")
        };
        let target = match &**targets {
            [only] => only,
            all => {
                let draw = path.random.next_u64();
                all.iter().find(|target| draw <= target.until).unwrap_or(&all[all.len() - 1])
            }
        };
        let places = if several.len() > 1 { several } else { std::slice::from_ref(&exit) };
        let cause = places.iter().find_map(|place| known.clock(*place).cause);
        self.spare.clear();
        for kept in &target.kept {
            self.spare.push(kept.map_or(f64::NAN, |old| {
                let old = old as usize;
                (path.residual[old] - elapsed * known.lasting[old].speed).max(0.0)
            }));
        }
        let row = target.row;
        let row = self.prepare(row, plan);
        let known = self.rows[row as usize].known.as_ref().expect("the row was prepared");
        let distributions = self.facts.dynamics.distributions();
        for (residual, clock) in self.spare.iter_mut().zip(&known.lasting) {
            if residual.is_nan() {
                *residual = distributions[clock.distribution].sample(&mut path.random);
            }
        }
        std::mem::swap(&mut path.residual, &mut self.spare);
        path.enter(&known.facts, cause);
        if known.regenerates {
            path.regenerate();
        }
        row
    }
}

impl Known {
    fn clock(&self, place: usize) -> &Clock {
        self.lasting.get(place).unwrap_or_else(|| &self.memoryless[place - self.lasting.len()].1)
    }
}

/// The lasting clock that rings first, and when.
fn first(lasting: &[Clock], residual: &[f64]) -> (usize, f64) {
    let mut best = (usize::MAX, f64::INFINITY);
    for (place, (clock, residual)) in lasting.iter().zip(residual).enumerate() {
        if clock.speed > 0.0 {
            let wait = residual / clock.speed;
            if wait < best.1 {
                best = (place, wait);
            }
        }
    }
    best
}

/// All lasting clocks that ring at the instant of `first`: only clocks with atoms can do so together.
fn ringing(known: &Known, residual: &[f64], first: usize, wait: f64) -> Vec<usize> {
    if !known.atoms[first] || known.lasting.len() == 1 {
        return Vec::new();
    }
    let mean = |place: usize| wait.max(1e-300) + residual[place];
    let together = |place: &usize| {
        let clock = &known.lasting[*place];
        let apart = residual[*place] / clock.speed - wait;
        *place == first || known.atoms[*place] && clock.speed > 0.0 && apart <= SAME_INSTANT * mean(*place).max(1.0)
    };
    (0..known.lasting.len()).filter(together).collect()
}
