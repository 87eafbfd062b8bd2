//! Paths of exponential models: jumps between canonical states.
//!
//! Only the embedded chain is drawn; a state counts with its mean holding time (discrete-time conversion, Hordijk,
//! Iglehart, Schassberger 1976: the same means, less variance). Holding times are drawn only while the system is down, for
//! the lengths of outages. A state is worked out once and remembered: one draw of 64 bits then chooses clock and outcome
//! together from one list.

use rand::Rng;

use crate::dynamics::{Clock, State};
use crate::numeric::distribution::unit_exponential;
use crate::simulate::facts::{Facts, FactsOf};
use crate::simulate::path::{Path, Plan};
use crate::simulate::seen::{Seen, cost};
use crate::simulate::walk::Engine;

/// Stands for a target that has not been worked out.
const UNKNOWN: u32 = u32::MAX;
/// Stands for no cause.
const NO_CAUSE: u32 = u32::MAX;
/// Lists up to this length are searched from the front, where the likely ones are.
const SHORT: usize = 16;

const UP: u8 = 1;
const QUIET: u8 = 2;
const REGENERATES: u8 = 4;

/// The engine, with the states it has seen. Aligned, so that engines of different threads share no cache line.
#[repr(align(128))]
pub(crate) struct Jump<'a> {
    facts: &'a FactsOf<'a>,
    seen: Seen,
    rows: Vec<Row>,
    /// What states mean, by row.
    meanings: Vec<Facts>,
    /// The exits of all rows, one after the other.
    exits: Vec<Exit>,
    /// The clocks of the row that was worked out last.
    latest: (u32, Vec<Clock>),
    credit: i64,
}

/// What a step needs to know of a state.
#[derive(Clone, Copy)]
struct Row {
    /// Mean holding time, seconds.
    hold: f64,
    first: u32,
    count: u32,
    flags: u8,
}

/// One way out: chosen when the draw is at most `until`.
#[derive(Clone, Copy)]
struct Exit {
    until: u64,
    /// The row it leads to, or `UNKNOWN`.
    target: u32,
    /// The cause; while the target is unknown, the place of the clock among those of the state.
    cause: u32,
}

impl<'a> Jump<'a> {
    /// One of so many `engines`.
    pub(crate) fn new(facts: &'a FactsOf<'a>, engines: usize) -> Self {
        Self {
            facts,
            seen: Seen::new(engines),
            rows: Vec::new(),
            meanings: Vec::new(),
            exits: Vec::new(),
            latest: (UNKNOWN, Vec::new()),
            credit: 0,
        }
    }

    /// The row of `state`, worked out if it is new.
    fn row(&mut self, state: &State, plan: &Plan) -> u32 {
        let (number, is_new) = self.seen.number(state);
        if is_new {
            self.work_out(number, state, plan);
        }
        number
    }

    fn work_out(&mut self, number: u32, state: &State, plan: &Plan) {
        let clocks = self.clocks(state);
        let rates: Vec<f64> = clocks.iter().map(|clock| self.facts.dynamics.rate(clock)).collect();
        let facts = self.facts.read(state);
        let regenerates = plan.regenerates(state);
        self.rows.push(Row {
            hold: 1.0 / rates.iter().sum::<f64>(),
            first: self.exits.len() as u32,
            count: clocks.len() as u32,
            flags: flags(&facts, regenerates),
        });
        self.meanings.push(facts);
        let exit = |(place, until): (usize, u64)| Exit { until, target: UNKNOWN, cause: place as u32 };
        self.exits.extend(thresholds(&rates).into_iter().enumerate().map(exit));
        self.seen.use_bytes(size_of::<Row>() + size_of::<Facts>() + clocks.len() * size_of::<Exit>());
        self.credit -= cost(state.cells().len(), clocks.len());
        self.latest = (number, clocks);
    }

    /// The clocks of `state`, the most likely first: most searches end there.
    fn clocks(&self, state: &State) -> Vec<Clock> {
        let mut clocks = self.facts.dynamics.lumped_clocks(state);
        clocks.sort_by(|a, b| self.facts.dynamics.rate(b).total_cmp(&self.facts.dynamics.rate(a)));
        clocks
    }

    /// Works out where exit `place` of row `at` leads: the exit is replaced by its outcomes, in its part of the range of the
    /// draw. Which draw leads where does not depend on when this happens.
    #[cold]
    fn open(&mut self, at: u32, place: usize, plan: &Plan) {
        let dynamics = self.facts.dynamics;
        let state = self.seen.state(at).clone();
        let row = self.rows[at as usize];
        let exits = row.first as usize..(row.first + row.count) as usize;
        let exit = self.exits[exits.start + place];
        let clock = self.clock(at, exit.cause as usize);
        let outcomes = dynamics.ring(&state, std::slice::from_ref(&clock));
        let from = if place == 0 { 0 } else { self.exits[exits.start + place - 1].until };
        let probabilities: Vec<f64> = outcomes.iter().map(|outcome| outcome.probability).collect();
        let cause = clock.cause.map_or(NO_CAUSE, |cause| cause as u32);
        self.credit -= cost(state.cells().len(), row.count as usize);
        let opened: Vec<Exit> = outcomes
            .iter()
            .zip(parts(from, exit.until, &probabilities))
            .map(|(outcome, until)| Exit { until, target: self.row(&dynamics.canonical(&outcome.state), plan), cause })
            .collect();
        if let [only] = opened[..] {
            self.exits[exits.start + place] = only;
            return;
        }
        let first = self.exits.len();
        let more = opened.len() - 1;
        self.exits.extend_from_within(exits.start..exits.start + place);
        self.exits.extend(opened);
        self.exits.extend_from_within(exits.start + place + 1..exits.end);
        self.rows[at as usize] = Row { first: first as u32, count: row.count + more as u32, ..row };
        self.seen.use_bytes((row.count as usize + more) * size_of::<Exit>());
    }

    /// The clock at `place` among those of row `at`.
    fn clock(&mut self, at: u32, place: usize) -> Clock {
        if self.latest.0 != at {
            self.latest = (at, self.clocks(self.seen.state(at)));
        }
        self.latest.1[place].clone()
    }

    /// Forgets everything but `at` when there is no more room; its new number.
    fn make_room(&mut self, at: u32, plan: &Plan) -> u32 {
        if !self.seen.is_full() {
            return at;
        }
        let state = self.seen.state(at).clone();
        self.seen.forget();
        self.rows.clear();
        self.meanings.clear();
        self.exits.clear();
        self.latest = (UNKNOWN, Vec::new());
        self.row(&state, plan)
    }

    fn find(&self, row: Row, draw: u64) -> usize {
        let exits = &self.exits[row.first as usize..(row.first + row.count) as usize];
        if exits.len() <= SHORT {
            exits.iter().position(|exit| draw <= exit.until).unwrap_or(exits.len() - 1)
        } else {
            exits.partition_point(|exit| exit.until < draw).min(exits.len() - 1)
        }
    }
}

impl Engine for Jump<'_> {
    fn place(&mut self, path: &mut Path, plan: &Plan) -> u32 {
        self.row(&path.state, plan)
    }

    #[inline]
    fn step(&mut self, at: u32, path: &mut Path, plan: &Plan) -> u32 {
        self.credit -= 1;
        let row = self.rows[at as usize];
        path.pass(row.hold);
        if row.flags & QUIET == 0 {
            let drawn = if row.flags & UP == 0 { row.hold * unit_exponential(&mut path.random) } else { 0.0 };
            path.note(&self.meanings[at as usize], row.hold, drawn);
        }
        let draw = path.random.next_u64();
        let mut exit = self.exits[row.first as usize + self.find(row, draw)];
        if exit.target == UNKNOWN {
            let at = self.make_room(at, plan);
            self.open(at, self.find(self.rows[at as usize], draw), plan);
            let row = self.rows[at as usize];
            exit = self.exits[row.first as usize + self.find(row, draw)];
        }
        let cause = (exit.cause != NO_CAUSE).then_some(exit.cause);
        path.enter(self.rows[exit.target as usize].flags & UP != 0, cause);
        exit.target
    }

    fn state(&self, at: u32) -> &State {
        self.seen.state(at)
    }

    fn regenerates(&self, at: u32) -> bool {
        self.rows[at as usize].flags & REGENERATES != 0
    }

    fn credit(&mut self) -> &mut i64 {
        &mut self.credit
    }
}

fn flags(facts: &Facts, regenerates: bool) -> u8 {
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    flag(facts.up, UP) | flag(facts.is_quiet(), QUIET) | flag(regenerates, REGENERATES)
}

/// Upper ends of the ranges of a 64-bit draw that belong to each weight; the last is the largest draw.
pub(crate) fn thresholds(weights: &[f64]) -> Vec<u64> {
    parts(0, u64::MAX, weights)
}

/// Upper ends of the parts of the range from `from` (exclusive) to `to` that belong to each weight; the last is `to`.
pub(crate) fn parts(from: u64, to: u64, weights: &[f64]) -> Vec<u64> {
    let total: f64 = weights.iter().sum();
    let width = (to - from) as f64;
    let mut sum = 0.0;
    let mut untils: Vec<u64> = weights
        .iter()
        .map(|weight| {
            sum += weight;
            // The conversion saturates, and rounding may not lead beyond the end.
            from.saturating_add((sum / total * width) as u64).min(to)
        })
        .collect();
    if let Some(last) = untils.last_mut() {
        *last = to;
    }
    untils
}

#[cfg(test)]
mod tests {
    use super::{parts, thresholds};

    #[test]
    fn ranges_are_as_wide_as_their_weights_and_cover_every_draw() {
        let untils = thresholds(&[3.0, 1.0]);
        assert_eq!(untils, [3 << 62, u64::MAX]);
        assert_eq!(parts(100, 200, &[0.5, 0.25, 0.25]), [150, 175, 200]);
    }

    #[test]
    fn a_narrow_range_is_divided_inside_its_ends() {
        assert_eq!(parts(u64::MAX - 4, u64::MAX, &[0.5, 0.5]), [u64::MAX - 2, u64::MAX]);
        assert_eq!(parts(7, 7, &[0.5, 0.5]), [7, 7]);
    }
}
