//! Paths with any distributions: clocks that are not memoryless keep their residual work.
//!
//! In a state the memoryless clocks are one clock of their total rate, drawn afresh at every event; every other clock has a
//! residual, used up at the clock's speed. States are canonical: interchangeable units trade places together with their
//! residuals. Which clocks survive a transition is worked out once per state, clock and outcome, so that a step touches no
//! hash map.

use std::collections::BTreeMap;

use rand::Rng;

use crate::dynamics::{Clock, Outcome, State};
use crate::numeric::distribution::unit_exponential;
use crate::simulate::facts::{Facts, FactsOf};
use crate::simulate::jump::{parts, thresholds};
use crate::simulate::path::{Path, Plan};
use crate::simulate::seen::{Seen, cost};
use crate::simulate::walk::Engine;

/// Residuals of clocks with atoms that differ by less than this share of the larger one's longest time are one instant: the
/// rounding of a few thousand subtractions.
const SAME_INSTANT: f64 = 1e-12;
/// Stands for a course that has not been worked out.
const UNKNOWN: u32 = u32::MAX;
/// Stands for a clock that starts afresh.
const FRESH: u32 = u32::MAX;

/// The engine, with the states it has seen. Aligned, so that engines of different threads share no cache line.
#[repr(align(128))]
pub(crate) struct Calendar<'a> {
    facts: &'a FactsOf<'a>,
    seen: Seen,
    rows: Vec<Row>,
    /// What states mean, by row.
    meanings: Vec<Facts>,
    /// The clocks that are not memoryless of all rows, one row after the other.
    lasting: Vec<Lasting>,
    /// The outcomes of memoryless clocks, row by row, and those of lasting clocks, clock by clock.
    exits: Vec<Exit>,
    courses: Vec<Course>,
    /// For each lasting clock of a course's row its place among the old ones, or `FRESH`.
    kept: Vec<u32>,
    /// Outcomes of several clocks at one instant, by row and their places among the lasting ones.
    together: BTreeMap<(u32, Vec<usize>), Vec<Exit>>,
    /// The clocks of the row that was worked out last.
    latest: (u32, Clocks),
    /// The longest time of each distribution with atoms; 0 for those without.
    grains: Vec<f64>,
    spare: Vec<f64>,
    credit: i64,
}

/// What a step needs to know of a state.
#[derive(Clone, Copy)]
struct Row {
    /// Mean time to the first memoryless clock; infinite without any.
    hold: f64,
    first_exit: u32,
    exits: u32,
    first_lasting: u32,
    lasting: u32,
    is_up: bool,
    is_quiet: bool,
    regenerates: bool,
}

/// A clock that is not memoryless.
#[derive(Clone, Copy)]
struct Lasting {
    speed: f64,
    /// 1 / speed; infinite for a clock that stands still.
    slowness: f64,
    distribution: u32,
    first_exit: u32,
    /// 0 until worked out.
    exits: u32,
}

/// One way out: chosen when the draw is at most `until`.
#[derive(Clone, Copy)]
struct Exit {
    until: u64,
    /// Place among the courses, or `UNKNOWN`.
    course: u32,
    /// While the course is unknown: the place of the clock among the memoryless ones.
    clock: u32,
}

/// What a transition does.
#[derive(Clone, Copy)]
struct Course {
    row: u32,
    first_kept: u32,
    cause: Option<u32>,
}

/// The clocks of a state.
#[derive(Default)]
struct Clocks {
    lasting: Vec<Clock>,
    /// Those that do not stand still.
    memoryless: Vec<Clock>,
}

impl<'a> Calendar<'a> {
    /// One of so many `engines`.
    pub(crate) fn new(facts: &'a FactsOf<'a>, engines: usize) -> Self {
        Self {
            facts,
            seen: Seen::new(engines),
            rows: Vec::new(),
            meanings: Vec::new(),
            lasting: Vec::new(),
            exits: Vec::new(),
            courses: Vec::new(),
            kept: Vec::new(),
            together: BTreeMap::new(),
            latest: (UNKNOWN, Clocks::default()),
            grains: facts.dynamics.distributions().iter().map(|d| d.longest_atom().unwrap_or(0.0)).collect(),
            spare: Vec::new(),
            credit: 0,
        }
    }

    fn row(&mut self, state: &State, plan: &Plan) -> u32 {
        let (number, is_new) = self.seen.number(state);
        if is_new {
            self.work_out(number, state, plan);
        }
        number
    }

    /// Lasting clocks in the order of their keys, memoryless ones the most likely first.
    fn clocks(&self, state: &State) -> Clocks {
        let distributions = self.facts.dynamics.distributions();
        let clocks = self.facts.dynamics.partly_lumped_clocks(state);
        let (mut lasting, mut memoryless): (Vec<Clock>, Vec<Clock>) =
            clocks.into_iter().partition(|clock| !distributions[clock.distribution].is_exponential());
        lasting.sort_by_key(|clock| clock.key);
        memoryless.retain(|clock| clock.speed > 0.0);
        memoryless.sort_by(|a, b| self.facts.dynamics.rate(b).total_cmp(&self.facts.dynamics.rate(a)));
        Clocks { lasting, memoryless }
    }

    fn work_out(&mut self, number: u32, state: &State, plan: &Plan) {
        let clocks = self.clocks(state);
        let rates: Vec<f64> = clocks.memoryless.iter().map(|clock| self.facts.dynamics.rate(clock)).collect();
        let facts = self.facts.read(state);
        self.rows.push(Row {
            hold: 1.0 / rates.iter().sum::<f64>(),
            first_exit: self.exits.len() as u32,
            exits: clocks.memoryless.len() as u32,
            first_lasting: self.lasting.len() as u32,
            lasting: clocks.lasting.len() as u32,
            is_up: facts.up,
            is_quiet: facts.is_quiet(),
            regenerates: plan.regenerates(state),
        });
        self.meanings.push(facts);
        let exit = |(clock, until): (usize, u64)| Exit { until, course: UNKNOWN, clock: clock as u32 };
        self.exits.extend(thresholds(&rates).into_iter().enumerate().map(exit));
        self.lasting.extend(clocks.lasting.iter().map(|clock| Lasting {
            speed: clock.speed,
            slowness: 1.0 / clock.speed,
            distribution: clock.distribution as u32,
            first_exit: 0,
            exits: 0,
        }));
        let lists = rates.len() * size_of::<Exit>() + clocks.lasting.len() * size_of::<Lasting>();
        self.seen.use_bytes(size_of::<Row>() + size_of::<Facts>() + lists);
        self.credit -= cost(state.cells().len(), rates.len() + clocks.lasting.len());
        self.latest = (number, clocks);
    }

    /// Makes sure that the clocks of row `at` are at hand.
    fn recall(&mut self, at: u32) {
        if self.latest.0 != at {
            self.latest = (at, self.clocks(self.seen.state(at)));
        }
    }

    /// Where the ringing of `clocks` in row `at` leads, in the range of draws from `from` to `to`.
    fn outcomes(&mut self, at: u32, clocks: &[Clock], (from, to): (u64, u64), plan: &Plan) -> Vec<Exit> {
        self.recall(at);
        let (_, old) = std::mem::replace(&mut self.latest, (UNKNOWN, Clocks::default()));
        let state = self.seen.state(at).clone();
        let outcomes = self.facts.dynamics.ring(&state, clocks);
        let untils = parts(from, to, &outcomes.iter().map(|outcome| outcome.probability).collect::<Vec<_>>());
        let mut exits = Vec::with_capacity(outcomes.len());
        for (outcome, until) in outcomes.iter().zip(untils) {
            let course = self.course(outcome, clocks, &old.lasting, plan);
            exits.push(Exit { until, course, clock: 0 });
        }
        self.latest = (at, old);
        self.credit -= cost(state.cells().len(), 0);
        self.seen.use_bytes(exits.len() * size_of::<Exit>());
        exits
    }

    fn course(&mut self, outcome: &Outcome, rang: &[Clock], old: &[Clock], plan: &Plan) -> u32 {
        let dynamics = self.facts.dynamics;
        let (state, origin) = dynamics.canonical_with_origin(&outcome.state);
        let row = self.row(&state, plan);
        self.recall(row);
        let kept = |clock: &Clock| {
            let (key, stage) = dynamics.original(&origin, clock.key, clock.stage);
            let is_new =
                outcome.renewed.contains(&key) || rang.iter().any(|rang| (rang.key, rang.stage) == (key, stage));
            let place = old.binary_search_by_key(&key, |clock| clock.key).ok();
            place.filter(|&place| !is_new && old[place].stage == stage).map_or(FRESH, |place| place as u32)
        };
        let first_kept = self.kept.len() as u32;
        self.kept.extend(self.latest.1.lasting.iter().map(kept));
        let cause = rang.iter().find_map(|clock| clock.cause).map(|cause| cause as u32);
        self.courses.push(Course { row, first_kept, cause });
        let kept = self.latest.1.lasting.len();
        self.credit -= cost(state.cells().len(), kept);
        self.seen.use_bytes(size_of::<Course>() + kept * size_of::<u32>());
        self.courses.len() as u32 - 1
    }

    /// Works out memoryless exit `place` of row `at`: it is replaced by its outcomes, in its part of the range of the draw.
    #[cold]
    fn open_memoryless(&mut self, at: u32, place: usize, plan: &Plan) {
        let row = self.rows[at as usize];
        let exits = row.first_exit as usize..(row.first_exit + row.exits) as usize;
        let exit = self.exits[exits.start + place];
        let from = if place == 0 { 0 } else { self.exits[exits.start + place - 1].until };
        self.recall(at);
        let clock = self.latest.1.memoryless[exit.clock as usize].clone();
        let opened = self.outcomes(at, &[clock], (from, exit.until), plan);
        if let [only] = opened[..] {
            self.exits[exits.start + place] = only;
            return;
        }
        let first_exit = self.exits.len() as u32;
        let more = opened.len() - 1;
        self.exits.extend_from_within(exits.start..exits.start + place);
        self.exits.extend(opened);
        self.exits.extend_from_within(exits.start + place + 1..exits.end);
        self.rows[at as usize] = Row { first_exit, exits: row.exits + more as u32, ..row };
        self.seen.use_bytes((row.exits as usize + more) * size_of::<Exit>());
    }

    /// Works out where lasting clock `place` of row `at` leads.
    #[cold]
    fn open_lasting(&mut self, at: u32, place: usize, plan: &Plan) {
        self.recall(at);
        let clock = self.latest.1.lasting[place].clone();
        let opened = self.outcomes(at, &[clock], (0, u64::MAX), plan);
        let lasting = self.rows[at as usize].first_lasting as usize + place;
        self.lasting[lasting].first_exit = self.exits.len() as u32;
        self.lasting[lasting].exits = opened.len() as u32;
        self.exits.extend(opened);
    }

    /// The course when lasting clocks `places` of row `at` ring at one instant.
    #[cold]
    fn several(&mut self, at: u32, places: Vec<usize>, path: &mut Path, plan: &Plan) -> Course {
        if !self.together.contains_key(&(at, places.clone())) {
            self.recall(at);
            let clocks: Vec<Clock> = places.iter().map(|&place| self.latest.1.lasting[place].clone()).collect();
            let exits = self.outcomes(at, &clocks, (0, u64::MAX), plan);
            self.seen.use_bytes(64 + places.len() * size_of::<usize>());
            self.together.insert((at, places.clone()), exits);
        }
        self.courses[choose(&self.together[&(at, places)], path) as usize]
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
        self.lasting.clear();
        self.exits.clear();
        self.courses.clear();
        self.kept.clear();
        self.together.clear();
        self.latest = (UNKNOWN, Clocks::default());
        self.row(&state, plan)
    }

    fn exits_of(&self, row: Row) -> &[Exit] {
        &self.exits[row.first_exit as usize..(row.first_exit + row.exits) as usize]
    }

    fn lasting_of(&self, row: Row) -> &[Lasting] {
        &self.lasting[row.first_lasting as usize..(row.first_lasting + row.lasting) as usize]
    }

    /// The course of the first memoryless clock.
    fn memoryless(&mut self, at: &mut u32, path: &mut Path, plan: &Plan) -> Course {
        let draw = path.random.next_u64();
        let exits = self.exits_of(self.rows[*at as usize]);
        let exit = exits[find(exits, draw)];
        if exit.course != UNKNOWN {
            return self.courses[exit.course as usize];
        }
        *at = self.make_room(*at, plan);
        let place = find(self.exits_of(self.rows[*at as usize]), draw);
        self.open_memoryless(*at, place, plan);
        let exits = self.exits_of(self.rows[*at as usize]);
        self.courses[exits[find(exits, draw)].course as usize]
    }

    /// The course of lasting clock `place`, which rings after `wait` seconds.
    fn lasting(&mut self, at: &mut u32, place: usize, wait: f64, path: &mut Path, plan: &Plan) -> Course {
        let row = self.rows[*at as usize];
        let clock = self.lasting_of(row)[place];
        if row.lasting > 1 && self.grains[clock.distribution as usize] > 0.0 {
            let places = self.ringing(row, &path.residual, place, wait);
            if places.len() > 1 {
                *at = self.make_room(*at, plan);
                return self.several(*at, places, path, plan);
            }
        }
        if clock.exits == 0 {
            *at = self.make_room(*at, plan);
            self.open_lasting(*at, place, plan);
        }
        let clock = self.lasting_of(self.rows[*at as usize])[place];
        let exits = &self.exits[clock.first_exit as usize..(clock.first_exit + clock.exits) as usize];
        self.courses[choose(exits, path) as usize]
    }

    /// All lasting clocks that ring at the instant of `first`: only clocks with atoms can do so together.
    fn ringing(&self, row: Row, residual: &[f64], first: usize, wait: f64) -> Vec<usize> {
        let clocks = self.lasting_of(row);
        let grain = |place: usize| self.grains[clocks[place].distribution as usize];
        let together = |place: &usize| {
            let apart = residual[*place] * clocks[*place].slowness - wait;
            *place == first || grain(*place) > 0.0 && apart <= SAME_INSTANT * grain(*place).max(grain(first))
        };
        (0..clocks.len()).filter(together).collect()
    }

    /// Moves `path` along `course`, after `elapsed` seconds in row `at`.
    fn follow(&mut self, at: u32, course: Course, elapsed: f64, path: &mut Path) {
        let mut spare = std::mem::take(&mut self.spare);
        let old = self.lasting_of(self.rows[at as usize]);
        let new = self.lasting_of(self.rows[course.row as usize]);
        let kept = &self.kept[course.first_kept as usize..][..new.len()];
        let distributions = self.facts.dynamics.distributions();
        spare.clear();
        for (clock, &place) in new.iter().zip(kept) {
            spare.push(if place == FRESH {
                distributions[clock.distribution as usize].sample(&mut path.random)
            } else {
                let place = place as usize;
                (path.residual[place] - elapsed * old[place].speed).max(0.0)
            });
        }
        self.spare = std::mem::replace(&mut path.residual, spare);
        path.enter(self.rows[course.row as usize].is_up, course.cause);
    }
}

impl Engine for Calendar<'_> {
    fn place(&mut self, path: &mut Path, plan: &Plan) -> u32 {
        let at = self.row(&path.state, plan);
        if path.events == 0 {
            let distributions = self.facts.dynamics.distributions();
            let clocks = self.lasting_of(self.rows[at as usize]);
            path.residual =
                clocks.iter().map(|c| distributions[c.distribution as usize].sample(&mut path.random)).collect();
        }
        at
    }

    #[inline]
    fn step(&mut self, mut at: u32, path: &mut Path, plan: &Plan) -> u32 {
        self.credit -= 1;
        let row = self.rows[at as usize];
        let (first, wait) = first(self.lasting_of(row), &path.residual);
        let memoryless = if row.exits > 0 { row.hold * unit_exponential(&mut path.random) } else { f64::INFINITY };
        let elapsed = wait.min(memoryless);
        path.pass(elapsed);
        if !row.is_quiet {
            path.note(&self.meanings[at as usize], elapsed, elapsed);
        }
        let course = if memoryless < wait {
            self.memoryless(&mut at, path, plan)
        } else {
            self.lasting(&mut at, first, wait, path, plan)
        };
        self.follow(at, course, elapsed, path);
        course.row
    }

    fn state(&self, at: u32) -> &State {
        self.seen.state(at)
    }

    fn regenerates(&self, at: u32) -> bool {
        self.rows[at as usize].regenerates
    }

    fn credit(&mut self) -> &mut i64 {
        &mut self.credit
    }
}

/// The lasting clock that rings first, and when.
fn first(lasting: &[Lasting], residual: &[f64]) -> (usize, f64) {
    let mut best = (usize::MAX, f64::INFINITY);
    for (place, (clock, residual)) in lasting.iter().zip(residual).enumerate() {
        // Infinite, or not a number, for a clock that stands still: never less.
        let wait = residual * clock.slowness;
        if wait < best.1 {
            best = (place, wait);
        }
    }
    best
}

fn find(exits: &[Exit], draw: u64) -> usize {
    const SHORT: usize = 16;
    if exits.len() <= SHORT {
        exits.iter().position(|exit| draw <= exit.until).unwrap_or(exits.len() - 1)
    } else {
        exits.partition_point(|exit| exit.until < draw).min(exits.len() - 1)
    }
}

/// The course of one of `exits`; a single one takes no draw.
fn choose(exits: &[Exit], path: &mut Path) -> u32 {
    match exits {
        [only] => only.course,
        _ => exits[find(exits, path.random.next_u64())].course,
    }
}
