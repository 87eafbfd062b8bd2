//! The states of a module whose clocks go through phases, and the rates between them.
//!
//! A time that is not exponential is made of exponential phases ([`Phases`](crate::numeric::distribution::Phases)). A state is a
//! canonical state of the [dynamics](crate::dynamics), the *site*, with the phase of each clock of it that lasts: of each that is
//! not exponential. From a state a clock goes on to its next phase, or rings after its last one, at the rate of the phase times
//! the speed of the clock; one that does not age (a cold standby) stays in its phase.
//!
//! What rings leads to the same sites whatever the phases are, and the same clocks survive it: those that run before and after in
//! the same stage and neither rang nor were renewed, as in the simulator. They keep their phases. Every other clock starts
//! in one of the phases that it may start in; all combinations are followed, each with its probability (Neuts 1981, chapter 2).
//!
//! Units that trade places and are in one situation are sorted by their phases, and those in the same phases are counted together.
//!
//! Checked in `tests/agreement/phases.rs` against chains that another program has solved in 60 digits.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};

use crate::dynamics::{Alike, Arc, Clock, ClockKey, Course, Draw, Dynamics, Kind, Outcome, Potential, Rows, State};
use crate::exact::chain::explore::{Departure, Found};
use crate::numeric::distribution::{Distribution, Family, Phases};

/// The states found so far, and the arcs out of those that were expanded.
#[derive(Debug)]
pub(crate) struct Phased<'a> {
    dynamics: &'a Dynamics,
    /// Per distribution of the dynamics.
    phases: Vec<Phases>,
    sites: IndexSet<State>,
    details: Vec<Site>,
    /// The site of each state, and the phases of the clocks that last in it.
    states: IndexSet<(u32, Box<[u16]>)>,
    rows: Rows,
    /// Where the clocks of all-up may start, with the probability; the likeliest first.
    starts: Vec<(u32, f64)>,
    /// Nothing: the phases of alike groups are not put in order.
    alike: Alike,
}

/// Bytes of a state but for its phases: its place in memory, and the table that finds it.
const STATE_BYTES: usize = 64;
/// Ways in which the phases of the lives at all-up can be put together, at most, that are looked at.
const MOST_COMBINATIONS: usize = 100_000;
/// Outcomes of a clock, about.
const EXITS: usize = 2;

/// What is known of a canonical state.
#[derive(Debug)]
struct Site {
    running: Vec<Clock>,
    /// Clocks that last, by key.
    lasting: Vec<Lasting>,
    /// Per set of units in one situation, per unit the places of its clocks that last.
    sets: Vec<Vec<Vec<usize>>>,
    /// What the clocks do; nothing until it is worked out.
    clocks: Option<Vec<SiteClock>>,
}

#[derive(Clone, Copy, Debug)]
struct Lasting {
    key: ClockKey,
    stage: u32,
    distribution: usize,
}

/// A clock that uses up time.
#[derive(Debug)]
struct SiteClock {
    /// Its place among those that last; none if it is exponential.
    place: Option<usize>,
    /// The set and the number in it of the unit that it belongs to.
    unit: Option<(usize, usize)>,
    clock: Clock,
    exits: Vec<Exit>,
}

/// Where the ringing of a clock may lead.
#[derive(Debug)]
struct Exit {
    probability: f64,
    to: u32,
    /// Per clock that lasts there its place before, unless it starts.
    kept: Vec<Option<usize>>,
    /// The derivative of the probability by how likely each draw with two ends is to fail.
    slopes: Vec<(Draw, f64)>,
}

impl<'a> Phased<'a> {
    /// Knows all-up in the phases that its clocks may start in, the likeliest first, and nothing else. Times that are not made of phases are
    /// fitted with at most `most`.
    pub(crate) fn new(dynamics: &'a Dynamics, most: Option<u32>) -> Self {
        let of = |time: &Distribution| time.phases().unwrap_or_else(|| time.fitted(most.unwrap_or(1)).phases);
        let mut phased = Self {
            dynamics,
            phases: dynamics.distributions().iter().map(of).collect(),
            sites: IndexSet::new(),
            details: Vec::new(),
            states: IndexSet::new(),
            rows: Rows::default(),
            starts: Vec::new(),
            alike: Alike::default(),
        };
        let site = phased.site(dynamics.canonical(&dynamics.start()));
        phased.starts = phased.started(site);
        phased
    }

    /// All-up in each of the phases that its clocks may start in, and how likely.
    fn started(&mut self, site: u32) -> Vec<(u32, f64)> {
        let kept = vec![None; self.details[site as usize].lasting.len()];
        let exit = Exit { probability: 1.0, to: site, kept, slopes: Vec::new() };
        let mut entered = self.entered(&[], &exit);
        entered.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut starts: IndexMap<u32, f64> = IndexMap::new();
        for (probability, phases) in entered {
            *starts.entry(self.number(site, phases)).or_default() += probability;
        }
        starts.into_iter().collect()
    }

    /// The number of a canonical state.
    fn site(&mut self, state: State) -> u32 {
        let (number, is_new) = self.sites.insert_full(state);
        if is_new {
            self.details.push(self.details_of(&self.sites[number]));
        }
        number as u32
    }

    fn details_of(&self, state: &State) -> Site {
        let running = self.dynamics.clocks(state);
        let lasts = |clock: &&Clock| self.phases[clock.distribution].count() > 1;
        let lasting = running.iter().filter(lasts);
        let lasting = lasting.map(|&Clock { key, stage, distribution, .. }| Lasting { key, stage, distribution });
        let mut lasting: Vec<Lasting> = lasting.collect();
        lasting.sort_unstable_by_key(|clock| clock.key);
        let place = |key: &ClockKey| lasting.binary_search_by_key(key, |clock| clock.key).ok();
        let unit = |keys: &Vec<ClockKey>| keys.iter().filter_map(place).collect();
        let sets = self.dynamics.units_in_the_same_situation(state);
        let sets = sets.iter().map(|units| units.iter().map(unit).collect()).collect();
        Site { running, lasting, sets, clocks: None }
    }

    /// What the clocks of a site do.
    fn clocks_of(&mut self, number: u32) -> Vec<SiteClock> {
        let state = self.sites[number as usize].clone();
        let units = self.dynamics.units_in_the_same_situation(&state);
        let unit_of = |key: ClockKey| {
            let of_set = |units: &Vec<Vec<ClockKey>>| units.iter().position(|keys| keys.contains(&key));
            units.iter().enumerate().find_map(|(set, units)| Some((set, of_set(units)?)))
        };
        let running = self.details[number as usize].running.clone();
        let used_up = running.iter().filter(|clock| clock.speed > 0.0);
        let mut clocks = Vec::new();
        for clock in used_up {
            let outcomes = self.dynamics.ring(&state, std::slice::from_ref(clock));
            let exits = outcomes.into_iter().map(|outcome| self.exit(number, clock, &outcome)).collect();
            clocks.push(SiteClock {
                place: self.details[number as usize].lasting.iter().position(|lasting| lasting.key == clock.key),
                unit: unit_of(clock.key),
                clock: clock.clone(),
                exits,
            });
        }
        clocks
    }

    fn exit(&mut self, from: u32, rang: &Clock, outcome: &Outcome) -> Exit {
        let (state, origin) = self.dynamics.canonical_with_origin(&outcome.state);
        let to = self.site(state);
        let before = &self.details[from as usize].lasting;
        let place_before = |clock: &Lasting| {
            let (key, stage) = self.dynamics.original(&origin, clock.key, clock.stage);
            let is_new = outcome.renewed.contains(&key) || (key, stage) == (rang.key, rang.stage);
            let place = before.binary_search_by_key(&key, |clock| clock.key).ok();
            place.filter(|&place| !is_new && before[place].stage == stage)
        };
        let kept = self.details[to as usize].lasting.iter().map(place_before).collect();
        Exit { probability: outcome.probability, to, kept, slopes: outcome.slopes.clone() }
    }

    /// The number of a state.
    fn number(&mut self, site: u32, phases: Box<[u16]>) -> u32 {
        let (number, is_new) = self.states.insert_full((site, self.in_order(site, phases)));
        if is_new {
            self.rows.add_state();
        }
        number as u32
    }

    /// The number of a state that was found before.
    fn known(&self, site: u32, phases: Box<[u16]>) -> Option<u32> {
        self.states.get_index_of(&(site, self.in_order(site, phases))).map(|number| number as u32)
    }

    fn in_order(&self, site: u32, mut phases: Box<[u16]>) -> Box<[u16]> {
        for units in &self.details[site as usize].sets {
            sort_units(units, &mut phases);
        }
        phases
    }

    /// How many clocks one clock stands for: none, where another one stands for it.
    fn alike_clocks(&self, site: u32, phases: &[u16], clock: &SiteClock) -> usize {
        let alike =
            |(set, number): (usize, usize)| in_the_same_phases(&self.details[site as usize].sets[set], number, phases);
        clock.unit.map_or(1, alike)
    }

    /// How often a clock does something per second.
    fn rate(&self, phases: &[u16], clock: &SiteClock) -> f64 {
        let phase = clock.place.map_or(0, |place| phases[place]);
        self.phases[clock.clock.distribution].rate(phase) * clock.clock.speed
    }

    /// The phases after that of a clock; nothing if it rings.
    fn next_phase(&self, phases: &[u16], clock: &SiteClock) -> Option<Box<[u16]>> {
        let made_of = &self.phases[clock.clock.distribution];
        let place = clock.place.filter(|&place| !made_of.is_last(phases[place]))?;
        let mut next: Box<[u16]> = phases.into();
        next[place] += 1;
        Some(next)
    }

    /// Where a clock may lead that does something; states that are not known are left out.
    fn courses(&self, site: u32, phases: &[u16], clock: &SiteClock) -> Vec<Course> {
        if let Some(next) = self.next_phase(phases, clock) {
            let course = |to| Course { probability: 1.0, to, slopes: Vec::new(), starts: Vec::new() };
            return self.known(site, next).map(course).into_iter().collect();
        }
        let of_exit = |exit: &Exit| -> Vec<Course> {
            let course = |(likely, next): (f64, Box<[u16]>)| {
                let share = likely / exit.probability;
                let slopes = exit.slopes.iter().map(|&(draw, slope)| (draw, slope * share)).collect();
                let starts = self.starts(exit, &next);
                Some(Course { probability: likely, to: self.known(exit.to, next)?, slopes, starts })
            };
            self.entered(phases, exit).into_iter().filter_map(course).collect()
        };
        clock.exits.iter().flat_map(of_exit).collect()
    }

    /// Whether a time is a mixture of exponentials, which has a phase for each of its branches.
    fn is_mixture(&self, distribution: usize) -> bool {
        matches!(self.dynamics.distributions()[distribution].family(), Family::HyperExponential { .. })
    }

    /// The clocks that an exit starts in one of several branches, which the `phases` there tell.
    fn starts(&self, exit: &Exit, phases: &[u16]) -> Vec<(Clock, u16)> {
        let site = &self.details[exit.to as usize];
        let started = site.lasting.iter().zip(&exit.kept).zip(phases).filter(|((_, kept), _)| kept.is_none());
        let mixed = started.filter(|((clock, _), _)| self.is_mixture(clock.distribution));
        let start = |((lasting, _), phase): ((&Lasting, _), &u16)| {
            Some((site.running.iter().find(|clock| clock.key == lasting.key)?.clone(), *phase))
        };
        mixed.filter_map(start).collect()
    }

    /// Adds the arcs that a clock makes, which stands for `multiplicity` alike ones.
    fn follow(&mut self, site: u32, phases: &[u16], clock: &SiteClock, multiplicity: f64, arcs: &mut Vec<Arc>) {
        let rate = self.rate(phases, clock) * multiplicity;
        if let Some(next) = self.next_phase(phases, clock) {
            arcs.push(Arc::new(rate, self.number(site, next), None));
            return;
        }
        let cause = clock.clock.cause.filter(|_| clock.clock.kind == Kind::Loss).map(|cause| cause as u32);
        for exit in &clock.exits {
            for (probability, next) in self.entered(phases, exit) {
                arcs.push(Arc::new(rate * probability, self.number(exit.to, next), cause));
            }
        }
    }

    /// The phases that an exit may lead to, with their probabilities.
    fn entered(&self, phases: &[u16], exit: &Exit) -> Vec<(f64, Box<[u16]>)> {
        let mut all = vec![(exit.probability, Vec::with_capacity(exit.kept.len()))];
        let lasting = &self.details[exit.to as usize].lasting;
        for (clock, kept) in lasting.iter().zip(&exit.kept) {
            let entry = self.phases[clock.distribution].entry();
            match (kept, entry) {
                (Some(place), _) => all.iter_mut().for_each(|(_, next)| next.push(phases[*place])),
                (None, [(first, _)]) => all.iter_mut().for_each(|(_, next)| next.push(*first)),
                (None, entry) => {
                    let followed = |(probability, next): &(f64, Vec<u16>)| {
                        let (probability, next) = (*probability, next.clone());
                        let entered = move |&(first, likely): &(u16, f64)| {
                            let mut next = next.clone();
                            next.push(first);
                            (probability * likely, next)
                        };
                        entry.iter().map(entered).collect::<Vec<_>>()
                    };
                    all = all.iter().flat_map(followed).collect();
                }
            }
        }
        all.into_iter().filter(|(likely, _)| *likely > 0.0).map(|(likely, next)| (likely, next.into())).collect()
    }
}

impl Found for Phased<'_> {
    fn expand(&mut self, index: usize) {
        let (site, phases) = self.states[index].clone();
        let clocks = self.details[site as usize].clocks.take();
        let clocks = clocks.unwrap_or_else(|| self.clocks_of(site));
        let mut arcs = Vec::new();
        for clock in &clocks {
            let alike = self.alike_clocks(site, &phases, clock);
            if alike > 0 {
                self.follow(site, &phases, clock, alike as f64, &mut arcs);
            }
        }
        arcs.retain(|arc| arc.to as usize != index);
        self.rows.set_arcs(index, &arcs);
        self.details[site as usize].clocks = Some(clocks);
    }

    fn rows(&self) -> &Rows {
        &self.rows
    }

    fn count(&self) -> usize {
        self.states.len()
    }

    fn starts(&self) -> Vec<(u32, f64)> {
        self.starts.clone()
    }

    fn into_rows(self) -> Rows {
        self.rows
    }

    fn state_bytes(&self) -> usize {
        let of_state = self.states.first().map_or(0, |(_, phases)| 2 * phases.len()) + STATE_BYTES;
        let of_site = self.sites.first().zip(self.details.first()).map_or(0, |(site, detail)| {
            let clock = size_of::<Clock>() + size_of::<SiteClock>() + EXITS * size_of::<Exit>();
            2 * site.cells().len() + size_of::<Site>() + detail.running.len() * clock
        });
        self.states.len() * of_state + self.sites.len() * of_site
    }

    fn load(&self, index: usize, state: &mut State) {
        let site = &self.sites[self.states[index].0 as usize];
        state.cells_mut().copy_from_slice(site.cells());
    }

    fn alike(&self) -> &Alike {
        &self.alike
    }

    fn departures(&self, index: usize) -> Vec<Departure> {
        let (site, phases) = &self.states[index];
        let clocks = self.details[*site as usize].clocks.iter().flatten();
        let departure = |clock: &SiteClock| {
            let alike = self.alike_clocks(*site, phases, clock);
            (alike > 0).then(|| Departure {
                clock: clock.clock.clone(),
                rate: self.rate(phases, clock) * alike as f64,
                branch: clock.place.filter(|_| self.is_mixture(clock.clock.distribution)).map(|place| phases[place]),
                courses: self.courses(*site, phases, clock),
            })
        };
        clocks.filter_map(departure).collect()
    }

    fn potential(&self) -> Potential {
        self.dynamics.potential_by_phases(&self.phases)
    }

    fn time_until_all_up(&self, potential: &Potential, index: usize) -> f64 {
        let (site, phases) = &self.states[index];
        let lasting = &self.details[*site as usize].lasting;
        // A clock that does not last has one phase.
        let phase =
            |key: ClockKey| lasting.binary_search_by_key(&key, |clock| clock.key).map_or(0, |place| phases[place]);
        potential.time_by_phases(self.dynamics, &self.sites[*site as usize], &phase)
    }

    fn all_up(&mut self, most: usize) -> Option<Vec<usize>> {
        let mut numbers = BTreeSet::new();
        for state in self.dynamics.all_up_states(&self.alike, most)? {
            let site = self.site(self.dynamics.canonical(&state));
            let counts =
                self.details[site as usize].lasting.iter().map(|clock| self.phases[clock.distribution].count());
            let counts: Vec<usize> = counts.collect();
            // Not all combinations are different states: units in one situation are put in order.
            let all = counts.iter().try_fold(1_usize, |all, count| all.checked_mul(*count));
            for mut number in 0..all.filter(|all| *all <= MOST_COMBINATIONS)? {
                let phase = |count: &usize| {
                    let phase = number % count;
                    number /= count;
                    phase as u16
                };
                let phases: Box<[u16]> = counts.iter().map(phase).collect();
                numbers.insert(self.number(site, phases) as usize);
                if numbers.len() > most {
                    return None;
                }
            }
        }
        Some(numbers.into_iter().collect())
    }
}

/// Puts units in one situation in the order of their phases.
fn sort_units(units: &[Vec<usize>], phases: &mut [u16]) {
    let of = |unit: &[usize], phases: &[u16]| -> Vec<u16> { unit.iter().map(|&place| phases[place]).collect() };
    if units.is_sorted_by(|a, b| of(a, phases) <= of(b, phases)) {
        return;
    }
    let mut all: Vec<Vec<u16>> = units.iter().map(|unit| of(unit, phases)).collect();
    all.sort_unstable();
    for (unit, sorted) in units.iter().zip(all) {
        unit.iter().zip(sorted).for_each(|(&place, phase)| phases[place] = phase);
    }
}

/// How many units, which are in order, the clocks of one stand for: the first of those in the same phases tells them.
fn in_the_same_phases(units: &[Vec<usize>], number: usize, phases: &[u16]) -> usize {
    let same = |other: &Vec<usize>| other.iter().zip(&units[number]).all(|(&a, &b)| phases[a] == phases[b]);
    if number > 0 && same(&units[number - 1]) {
        return 0;
    }
    units[number..].iter().take_while(|unit| same(unit)).count()
}

#[cfg(test)]
mod tests {
    use super::Phased;
    use crate::dynamics::Dynamics;
    use crate::exact::chain::explore::Found;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::Scope;
    use crate::topology::read::{Syntax, read};

    #[test]
    fn units_in_the_same_phases_are_counted_together() {
        let text = "[component.a]\nmtbf = { erlang = { mean = \"6h\", stages = 3 } }\nmttr = \"1h\"\n[crew.c]\nsize = 1\n\
                    [group.a]\ncomponent = \"a\"\nactive = 5\ncrew = \"c\"\n[system]\nup = \"a\"\n";
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).expect("the model is right");
        let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
        let mut phased = Phased::new(&dynamics, None);
        let mut next = 0;
        while next < phased.count() {
            phased.expand(next);
            next += 1;
        }
        // With j units up there are (j + 2 choose 2) ways to be in three phases.
        assert_eq!(phased.count(), 21 + 15 + 10 + 6 + 3 + 1);
        // Five units leave their first phase, each of two hours, for one and the same state.
        let [arc] = phased.rows().arcs_of(0).expect("it is expanded") else { panic!("one way leads on") };
        assert!((arc.rate * 2.0 * 3_600.0 - 5.0).abs() < 1e-14 && !arc.is_loss(), "{arc:?}");
    }

    /// The drift of the potential is at most -1 in every state that is not all-up, whatever has phases.
    #[test]
    fn the_potential_falls_in_every_phase() {
        let erlang = |mean: &str, stages: u32| format!("{{ erlang = {{ mean = \"{mean}\", stages = {stages} }} }}");
        let hyper = |one: &str, other: &str, weights: &str| {
            format!("{{ hyperexponential = {{ means = [\"{one}\", \"{other}\"], weights = [{weights}] }} }}")
        };
        let lives =
            ["\"90h\"".to_owned(), erlang("90h", 3), hyper("5h", "100h", "0.1, 0.9"), hyper("70h", "90h", "0.5, 0.5")];
        let repairs = [erlang("1h", 3), hyper("5m", "3h", "0.8, 0.2"), "{ fixed = \"1h\" }".to_owned()];
        let groups = [
            "active = 2\nneed = 1\nload = 0.5\ncommon_cause = { beta = 0.1 }",
            "active = 1\nstandby = { count = 1, mode = \"warm\", ageing = 0.4, check = { erlang = { mean = \"1h\", stages = 2 } } }\n\
             failover = { takes = { erlang = { mean = \"5m\", stages = 2 } }, works = 0.9, otherwise = \"30m\" }",
        ];
        let mut states = 0;
        for (number, (life, repair)) in
            lives.iter().flat_map(|life| repairs.iter().map(move |repair| (life, repair))).enumerate()
        {
            let text = format!(
                "[component.a.modes.x]\nmtbf = {life}\nmttr = {repair}\ndetect = {}\n[component.a.modes.y]\nmtbf = \"200h\"\n\
                 mttr = \"30m\"\nrestart = {{ takes = {}, works = 0.7 }}\n[component.b]\nmtbf = \"300h\"\nmttr = {}\n\
                 [crew.c]\nsize = 1\n[domain.z]\nmtbf = {}\nmttr = {repair}\n[group.a]\ncomponent = \"a\"\n{}\ncrew = \"c\"\n\
                 [group.b]\ncomponent = \"b\"\nactive = 1\ndepends = [\"z\"]\ncrew = \"c\"\n[system]\nup = \"a and b\"\n",
                erlang("10m", 2),
                erlang("6m", 2),
                hyper("5m", "2h", "0.6, 0.4"),
                erlang("500h", 2),
                groups[number % 2]
            );
            let model =
                read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_or_else(|mistakes| panic!("{text}{mistakes:?}"));
            let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
            let mut phased = Phased::new(&dynamics, Some(3));
            let potential = phased.potential();
            assert!(potential.losses_during_way_back() < 1.0, "{text}");
            let mut next = 0;
            while next < phased.count() && next < 2_000 {
                phased.expand(next);
                next += 1;
            }
            let mut state = dynamics.start();
            for index in 0..next {
                phased.load(index, &mut state);
                let here = phased.time_until_all_up(&potential, index);
                if dynamics.order(&state) == 0 {
                    continue;
                }
                let arcs = phased.rows().arcs_of(index).expect("it is expanded");
                let there = |to: u32| phased.time_until_all_up(&potential, to as usize);
                let drift: f64 = arcs.iter().map(|arc| arc.rate * (there(arc.to) - here)).sum();
                let size: f64 = arcs.iter().map(|arc| arc.rate * (there(arc.to) + here)).sum();
                assert!(drift <= -1.0 + 1e-12 * size, "{text}{drift} in state {index} {state:?}");
                states += 1;
            }
        }
        assert!(states > 5_000, "{states}");
    }
}
