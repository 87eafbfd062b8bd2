//! How long it takes at most, on average, until everything works again: a bound by a potential, without looking at what lies ahead.
//!
//! An item is a failed unit or a domain that is down. `r(item)` is its mean time back if nothing stood in its way: what is left of
//! the present step on average, and all later steps, with the longest mean repair of its crew for its own repair where it may have
//! to wait and leave the crew to others. Every time is exponential, or made of [phases](crate::numeric::distribution::Phases): then
//! what is left of it is known by its phase, and the longest is that of the phase which leaves most.
//!
//! ```text
//! n    items                    h    smallest r(item) of those whose way back goes on (of a queue: those that are repaired)
//! L    most items that are lost per second, whatever the state       R    largest r of all items, in any phase
//! f    how far a life in a phase counts as worn, from 0 to 1         W    sum of f over the lives of all that works
//! e    largest mean f of the lives of a new unit or domain
//! K = R / (1 - e - L R)         potential = K (n - 1 + e + W) + (1 + L K) h, and K W where n = 0
//! ```
//!
//! If `e + L R < 1`, the potential falls by 1 per second on average in every state that is not all-up, and it is never negative, so it
//! bounds the mean time until n = 0 (Foster 1953; Dynkin's formula):
//! - losses raise n + W by `L` per second at most, and never raise h on average: what went on goes on, and if a failure is sent to a
//!   busy crew, then the crew's repairs take no longer than what it still had to do;
//! - the item of smallest r is in a phase of mean a: the phase ends at rate 1/a, and then the mean of what is left has fallen by a, which
//!   is worth `-(1 + L K)`: the smallest of several means is no less than the mean of the smallest. If the item is back, n has fallen,
//!   W has risen by e at most on average, and `(1 + L K) R = K (1 - e)` makes up for the next smallest r;
//! - when any other phase of a way back ends, h stays or falls, and n + W falls.
//!
//! With exponential lives f = e = W = 0. A life made of phases that has the mean `m(p)` left in its phase p has `f(p) = max(0, 1 - l m(p))`
//! for a rate l: then n + W grows by l per second at most, as `f` of the next phase, or 1 for the loss, is above f(p) by l times
//! the mean of the phase at most. So l takes the place of the rate of an exponential life in L. Any l holds; two are tried, and the smaller
//! bound is taken, state by state: the fastest rate of a loss in any phase, where all f are 0; and the one that makes `e + L R` small, which is
//! the rate of the mean for Erlang's lives, where e = 0.
//!
//! Some way back always goes on: a unit waits only for a crew that is at work. The bound needs no least rate of recovery in each
//! state, as that of Muntz, de Souza e Silva, Goyal (1989) does. Checked state by state on fully explored chains of `tests/models` and of
//! random topologies.

use std::collections::BTreeSet;

use crate::dynamics::alike::Alike;
use crate::dynamics::canonical::Sorting;
use crate::dynamics::clock::ClockKey;
use crate::dynamics::state::{FailedPhase, State, UnitStage};
use crate::dynamics::table::{Delay, Dynamics, GroupTable, ModeTable};
use crate::numeric::distribution::Phases;

/// Phases of a failure, by number.
const PHASES: [FailedPhase; 4] =
    [FailedPhase::Undetected, FailedPhase::Unchecked, FailedPhase::Restarting, FailedPhase::Repairing];

/// Bounds of the time until all-up. Times in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Potential {
    losses: f64,
    slowest: f64,
    /// Per distribution and phase what is left of it on average.
    left: Vec<Vec<f64>>,
    /// Per group, mode and phase, what stands still in a queue absent.
    groups: Vec<Vec<[Option<Way>; PHASE_COUNT]>>,
    wears: Vec<Wear>,
}

const PHASE_COUNT: usize = 6;

/// A step of a way back, and what comes after it on average.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    /// The distribution of the step; none of one that takes no time.
    step: Option<usize>,
    later: f64,
}

/// How lives count as worn.
#[derive(Clone, Debug, PartialEq)]
struct Wear {
    /// Losses per second, at most, where those of worn lives count in part.
    losses: f64,
    /// Per distribution and phase, of lives.
    worn: Vec<Vec<f64>>,
    /// Of the lives of a new unit or domain, on average, at most.
    fresh: f64,
}

/// What the bounds are made of: the times by their phases.
struct Parts<'a> {
    dynamics: &'a Dynamics,
    phases: &'a [Phases],
    left: Vec<Vec<f64>>,
}

impl Dynamics {
    /// The bounds for the states of these dynamics, in which every time counts as exponential of its mean.
    pub fn potential(&self) -> Potential {
        let phases: Vec<Phases> = self.distributions.iter().map(|time| Phases::exponential(time.mean())).collect();
        self.potential_by_phases(&phases)
    }

    /// The bounds for states with phases, where each of the distributions is made of `phases`.
    pub fn potential_by_phases(&self, phases: &[Phases]) -> Potential {
        let parts = Parts { dynamics: self, phases, left: phases.iter().map(Phases::means_left).collect() };
        let groups: Vec<Vec<[Option<Way>; PHASE_COUNT]>> =
            self.groups.iter().map(|group| parts.ways_back(group)).collect();
        let of_groups = groups.iter().flatten().flatten().flatten().map(|way| parts.longest(way));
        let domains = self.domains.iter().map(|domain| parts.most_left(domain.repair));
        let slowest = domains.chain(of_groups).fold(0.0, f64::max);
        let fastest: Vec<f64> = phases.iter().map(Phases::fastest_ringing).collect();
        let losses = parts.most_losses(&fastest);
        let mut wears = vec![parts.wear(&fastest)];
        if phases.iter().any(|phases| phases.count() > 1) {
            wears.push(parts.wear(&parts.slow_losses(slowest)));
        }
        Potential { losses, slowest, left: parts.left, groups, wears }
    }
}

impl Parts<'_> {
    /// Failed units plus domains down per second, at most, if the life of each distribution ends so often.
    fn most_losses(&self, ends: &[f64]) -> f64 {
        let domains: f64 = self.dynamics.domains.iter().map(|domain| ends[domain.life]).sum();
        let of_group = |group: &GroupTable| -> f64 {
            let own: f64 = group.modes.iter().map(|mode| ends[mode.life]).sum();
            // A common cause takes every unit that works.
            let shared = group.modes.iter().filter_map(|mode| mode.common_cause.as_ref());
            let shared: f64 = shared.map(|shared| self.phases[shared.arrival].fastest_ringing()).sum();
            own * group.own_share * group.most_speed() + shared * group.layout.units as f64
        };
        domains + self.dynamics.groups.iter().map(of_group).sum::<f64>()
    }

    /// Per distribution the rate of losses, up to the fastest one, at which lives that are worn in part do least harm.
    fn slow_losses(&self, slowest: f64) -> Vec<f64> {
        let mut speeds = vec![0.0; self.phases.len()];
        self.dynamics.domains.iter().for_each(|domain| speeds[domain.life] += 1.0);
        for group in &self.dynamics.groups {
            group.modes.iter().for_each(|mode| speeds[mode.life] += group.own_share * group.most_speed());
        }
        let best = |(distribution, speed): (usize, f64)| {
            let harm = |rate: f64| self.fresh(distribution, rate) + speed * rate * slowest;
            let rates = self.left[distribution].iter().map(|left| 1.0 / left);
            rates.min_by(|a, b| harm(*a).total_cmp(&harm(*b))).unwrap_or(f64::INFINITY)
        };
        speeds.into_iter().enumerate().map(best).collect()
    }

    fn wear(&self, ends: &[f64]) -> Wear {
        let is_fastest = |distribution: usize| ends[distribution] >= self.phases[distribution].fastest_ringing();
        let worn = |(distribution, &rate): (usize, &f64)| -> Vec<f64> {
            let of_phase = |left: &f64| if is_fastest(distribution) { 0.0 } else { worn(rate, *left) };
            self.left[distribution].iter().map(of_phase).collect()
        };
        let fresh = |life: usize| if is_fastest(life) { 0.0 } else { self.fresh(life, ends[life]) };
        let domains = self.dynamics.domains.iter().map(|domain| fresh(domain.life));
        let units = self.dynamics.groups.iter().map(|group| group.modes.iter().map(|mode| fresh(mode.life)).sum());
        Wear {
            losses: self.most_losses(ends),
            worn: ends.iter().enumerate().map(worn).collect(),
            fresh: domains.chain(units).fold(0.0, f64::max),
        }
    }

    /// How far a life counts as worn from the beginning, on average.
    fn fresh(&self, distribution: usize, rate: f64) -> f64 {
        let left = &self.left[distribution];
        let entry = self.phases[distribution].entry().iter();
        entry.map(|&(phase, likely)| likely * worn(rate, left[usize::from(phase)])).sum()
    }

    /// Per mode and phase the mean time back, if nothing stands in the way.
    fn ways_back(&self, group: &GroupTable) -> Vec<[Option<Way>; PHASE_COUNT]> {
        let of_mode = |mode: usize| {
            let mut ways = [None; PHASE_COUNT];
            for phase in PHASES {
                ways[phase as usize] = self.way_back(group, mode, phase);
            }
            ways
        };
        (0..group.modes.len()).map(of_mode).collect()
    }

    fn way_back(&self, group: &GroupTable, mode: usize, phase: FailedPhase) -> Option<Way> {
        let table = &group.modes[mode];
        let restarted = |fails: f64| fails * self.repair_in_turn(group, mode);
        let noticed = match &table.restart {
            Some(restart) => self.mean_of(restart.takes) + restarted(restart.fails),
            None => self.repair_in_turn(group, mode),
        };
        match phase {
            FailedPhase::Undetected => Some(Way { step: drawn(table.detect), later: noticed }),
            FailedPhase::Unchecked => group.check.map(|check| Way { step: drawn(check), later: noticed }),
            FailedPhase::Restarting => {
                let of_restart = |restart: &crate::dynamics::table::RestartTable| Way {
                    step: drawn(restart.takes),
                    later: restarted(restart.fails),
                };
                table.restart.as_ref().map(of_restart)
            }
            FailedPhase::Repairing => table.needed_repair().map(|repair| Way { step: Some(repair), later: 0.0 }),
            FailedPhase::Entering | FailedPhase::Waiting => None,
        }
    }

    /// The mean repair of a unit, or, where it may find its crew at work, what can be left of the longest one of the crew; 0 without a
    /// repair.
    fn repair_in_turn(&self, group: &GroupTable, mode: usize) -> f64 {
        let Some(crew) = group.crew else {
            return group.modes[mode].needed_repair().map_or(0.0, |repair| self.mean(repair));
        };
        let groups = self.dynamics.crews[crew].groups.iter().map(|&other| &self.dynamics.groups[other]);
        let repairs = groups.flat_map(|other| other.modes.iter().filter_map(ModeTable::needed_repair));
        repairs.map(|repair| self.most_left(repair)).fold(0.0, f64::max)
    }

    fn mean(&self, distribution: usize) -> f64 {
        let left = &self.left[distribution];
        let entry = self.phases[distribution].entry().iter();
        entry.map(|&(phase, likely)| likely * left[usize::from(phase)]).sum()
    }

    fn mean_of(&self, delay: Delay) -> f64 {
        drawn(delay).map_or(0.0, |distribution| self.mean(distribution))
    }

    /// The most that can be left, on average, in any phase.
    fn most_left(&self, distribution: usize) -> f64 {
        self.left[distribution].iter().copied().fold(0.0, f64::max)
    }

    fn longest(&self, way: &Way) -> f64 {
        way.step.map_or(0.0, |step| self.most_left(step)) + way.later
    }
}

fn drawn(delay: Delay) -> Option<usize> {
    match delay {
        Delay::None => None,
        Delay::Drawn(distribution) => Some(distribution),
    }
}

/// How far a life counts as worn that has so much left on average, if it ends at most so often; within rounding never too little.
fn worn(rate: f64, left: f64) -> f64 {
    (1.0 - rate * left).max(0.0)
}

impl Dynamics {
    /// Every state in which all units work and all domains are up, apart from the names of interchangeable units and of `alike`
    /// groups and domains; all-up at the start comes first. They differ by who owns which slot, and some may never be reached. Nothing if
    /// there are more than `most`.
    pub fn all_up_states(&self, alike: &Alike, most: usize) -> Option<Vec<State>> {
        let mut states = vec![self.start()];
        let most_apart = most.saturating_mul(1 + alike.domains.trades());
        // Where units trade places, owners do, too. All-up at the start is the first one in order: so, with the last group first,
        // alike groups that were not looked at yet stay before the others.
        let groups = self.groups.iter().filter(|group| group.layout.has_owners() && group.interchangeable.is_empty());
        for group in groups.rev() {
            for slot in 0..group.layout.slots {
                // Nothing is made that would be too much: the states of a large group are large.
                let free = group.layout.units - slot;
                if states.len().saturating_mul(free) > most_apart.saturating_mul(group.layout.units) {
                    return None;
                }
                states = states.iter().flat_map(|state| group.with_owners(slot, state)).collect();
            }
            states = distinct(&states, &|cells| self.sort_groups(cells, alike));
            if states.len() > most_apart {
                return None;
            }
        }
        // Domains trade places with what is in them in all groups at once: not before owners are known everywhere.
        let states = distinct(&states, &|cells| self.put_in_order(cells, &[], alike, &mut Sorting::default()));
        (states.len() <= most).then_some(states)
    }
}

/// The states after `order`, each once.
fn distinct(states: &[State], order: &dyn Fn(&mut [u16])) -> Vec<State> {
    let in_order = |state: &State| {
        let mut cells = state.cells().to_vec();
        order(&mut cells);
        State::from_cells(&cells)
    };
    states.iter().map(in_order).collect::<BTreeSet<State>>().into_iter().collect()
}

impl ModeTable {
    /// The repair, unless the restart always works.
    pub(crate) fn needed_repair(&self) -> Option<usize> {
        let is_needed = self.restart.as_ref().is_none_or(|restart| restart.fails > 0.0);
        self.repair.filter(|_| is_needed)
    }
}

impl GroupTable {
    /// `state` with each unit that owns no slot before `slot` as the owner of that one.
    fn with_owners<'a>(&'a self, slot: usize, state: &'a State) -> impl Iterator<Item = State> + 'a {
        let layout = &self.layout;
        let is_free = move |unit: &usize| (0..slot).all(|other| layout.owner(state.cells(), other) != *unit);
        (0..layout.units).filter(is_free).map(move |unit| {
            let mut cells = state.cells().to_vec();
            layout.set_owner(&mut cells, slot, unit);
            State::from_cells(&cells)
        })
    }

    /// How fast the lives of all units together are used up at most, before common cause.
    fn most_speed(&self) -> f64 {
        let slots = self.layout.slots;
        let of_served = |served: usize| {
            // A unit that a domain keeps from serving its slot ages at 1.
            let others = (slots - served) as f64;
            let load = self.load.unwrap_or(0.0);
            served as f64 * libm::pow(slots as f64 / served.max(1) as f64, load) + others
        };
        let with_slots = (0..=slots).map(of_served).fold(0.0, f64::max);
        with_slots + (self.layout.units - slots) as f64 * self.ageing
    }
}

impl Potential {
    /// Most failures of units and domains per second, in any state.
    pub fn losses_per_second(&self) -> f64 {
        self.losses
    }

    /// The longest mean way back of a failure that has its turn, seconds.
    pub fn slowest_way_back(&self) -> f64 {
        self.slowest
    }

    /// Failures during the slowest way back: the potential exists below 1. Where lives are made of phases, those of worn lives count in part,
    /// and so does how far new lives are worn.
    pub fn losses_during_way_back(&self) -> f64 {
        self.wears.iter().map(|wear| wear.fresh + wear.losses * self.slowest).fold(f64::INFINITY, f64::min)
    }

    /// A bound of the mean time until all-up, seconds; infinite where there is none. All times are exponential.
    pub fn time_until_all_up(&self, dynamics: &Dynamics, state: &State) -> f64 {
        self.time_by_phases(dynamics, state, &|_| 0)
    }

    /// The same in the state in which the clocks are in the phases that `phase` says.
    pub fn time_by_phases(&self, dynamics: &Dynamics, state: &State, phase: &dyn Fn(ClockKey) -> u16) -> f64 {
        let cells = state.cells();
        let mut items = 0_u32;
        let mut next = f64::INFINITY;
        let mut lives = Vec::new();
        let left = |distribution: usize, key| self.left[distribution][usize::from(phase(key))];
        for (domain, cell) in dynamics.domains.iter().zip(cells) {
            let key = ClockKey(domain.key);
            if *cell == 0 {
                lives.push((domain.life, phase(key)));
            } else {
                items += 1;
                next = next.min(left(domain.repair, key));
            }
        }
        for (group, ways) in dynamics.groups.iter().zip(&self.groups) {
            for unit in 0..group.layout.units {
                let key = |clock| group.unit_clock_key(unit, clock);
                if let UnitStage::Failed { mode, phase } = group.layout.stage(cells, unit) {
                    items += 1;
                    if let Some(Way { step, later }) = ways[mode][phase as usize] {
                        let own = step.map_or(0.0, |step| left(step, key(group.modes.len())));
                        next = next.min(own + later);
                    }
                } else {
                    lives.extend(group.modes.iter().enumerate().map(|(mode, table)| (table.life, phase(key(mode)))));
                }
            }
        }
        if items == 0 {
            return 0.0;
        }
        let of_wear = |wear: &Wear| {
            let room = 1.0 - wear.fresh - wear.losses * self.slowest;
            let worn: f64 = lives.iter().map(|&(life, phase)| wear.worn[life][usize::from(phase)]).sum();
            // `1 + L K` is `(1 - e) / (1 - e - L R)`.
            let way =
                (f64::from(items - 1) + wear.fresh + worn) * self.slowest / room + next * (1.0 - wear.fresh) / room;
            if room > 0.0 { way } else { f64::INFINITY }
        };
        self.wears.iter().map(of_wear).fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::Potential;
    use crate::dynamics::{Alike, Dynamics};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};
    use crate::topology::{GroupId, Scope};

    fn dynamics(text: &str) -> Dynamics {
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        Dynamics::new(&model, &Scope::relevant(&model))
    }

    fn assert_numbers(potential: &Potential, losses_per_hour: f64, slowest_hours: f64) {
        let actual = [potential.losses_per_second() * 3_600.0, potential.slowest_way_back() / 3_600.0];
        for (actual, expected) in actual.into_iter().zip([losses_per_hour, slowest_hours]) {
            assert!((actual / expected - 1.0).abs() < 1e-14, "{actual} is not {expected}");
        }
    }

    #[test]
    fn losses_and_the_slowest_way_back_count_everything() {
        let one = "[component.a]\nmtbf = \"50h\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n[group.a]\ncomponent = \"a\"\nactive = 2\n\
                   need = 1\ncrew = \"c\"\n[system]\nup = \"a\"\n";
        assert_numbers(&dynamics(one).potential(), 2.0 / 50.0, 1.0);
        // Of two units that serve with load 2 one alone fails four times as fast, and twice in 50 hours are fewer.
        let load = one.replace("need = 1", "need = 1\nload = 2");
        assert_numbers(&dynamics(&load).potential(), (4.0 + 1.0) / 50.0, 1.0);
        // A common cause takes both.
        let shared = one.replace("need = 1", "need = 1\ncommon_cause = { beta = 0.1 }");
        assert_numbers(&dynamics(&shared).potential(), 2.0 * 0.9 / 50.0 + 2.0 * 0.1 / 50.0, 1.0);
        // A failure is noticed, restarted, and perhaps waits for a repair that takes longer than its own.
        let restart = one
            .replace("mttr = \"1h\"", "mttr = \"1h\"\ndetect = \"30m\"\nrestart = { takes = \"15m\", works = 0.75 }");
        let slow = "[component.b]\nmtbf = \"100h\"\nmttr = \"4h\"\n[group.b]\ncomponent = \"b\"\nactive = 1\ncrew = \"c\"\n[system]";
        let both = restart.replace("[system]", slow).replace("up = \"a\"", "up = \"a and b\"");
        assert_numbers(&dynamics(&both).potential(), 2.0 / 50.0 + 1.0 / 100.0, 4.0);
        let checked = one
            .replace("need = 1", "need = 1\nstandby = { count = 1, mode = \"warm\", ageing = 0.5, check = \"24h\" }");
        assert_numbers(&dynamics(&checked).potential(), 2.5 / 50.0, 25.0);
    }

    #[test]
    fn times_until_all_up_are_those_of_one_unit_and_grow_with_failures() {
        // One unit with L R of 1/50 is back after an hour; the bound is R / (1 - L R).
        let text = "[component.a]\nmtbf = \"50h\"\nmttr = \"1h\"\n[domain.z]\nmtbf = \"500h\"\nmttr = \"2h\"\n[group.a]\ncomponent = \"a\"\n\
                    active = 1\ndepends = [\"z\"]\nload = 1\n[system]\nup = \"a\"\n";
        let dynamics = dynamics(text);
        let potential = dynamics.potential();
        let room = 1.0 - 2.0 * (1.0 / 50.0 + 1.0 / 500.0);
        let mut state = dynamics.start();
        let mut time = |clock: usize| {
            let clocks = dynamics.clocks(&state);
            state = dynamics.ring(&state, &[clocks[clock].clone()])[0].state.clone();
            potential.time_until_all_up(&dynamics, &state) / 3_600.0
        };
        // The unit, then the domain, then the unit is back.
        let times = [time(1), time(0), time(1)];
        for (actual, expected) in times.into_iter().zip([1.0 / room, 3.0 / room, 2.0 / room]) {
            assert!((actual / expected - 1.0).abs() < 1e-14, "{actual} is not {expected}");
        }
        assert!(potential.time_until_all_up(&dynamics, &dynamics.start()).abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn all_up_has_as_many_forms_as_owners_can_be_told_apart() {
        let pair = |name: &str, hours: usize, spread: &str| {
            format!(
                "[component.{name}]\nmtbf = \"{hours}h\"\nmttr = \"1h\"\n[group.{name}]\ncomponent = \"{name}\"\nactive = 1\n\
                 standby = 1\nspread = [{spread}]\n"
            )
        };
        let forms = |second: usize, spread: &str, most: usize| {
            let zones = "[domain.x]\nmtbf = \"9d\"\nmttr = \"1h\"\n[domain.y]\nmtbf = \"9d\"\nmttr = \"1h\"\n";
            let pairs = pair("a", 50, spread) + &pair("b", second, spread);
            let dynamics = dynamics(&format!("{zones}{pairs}[system]\nup = \"a and b\"\n"));
            let alike: Alike = dynamics.alike(&[vec![GroupId(0), GroupId(1)]]);
            dynamics.all_up_states(&alike, most).map(|states| {
                assert_eq!(states[0], dynamics.start());
                states.len()
            })
        };
        // In one zone owners trade places; over two either may own the slot, and alike pairs are told apart by that alone.
        assert_eq!(
            [forms(60, "\"x\"", 9), forms(60, "\"x\", \"y\"", 9), forms(50, "\"x\", \"y\"", 9)],
            [Some(1), Some(4), Some(3)]
        );
        assert_eq!([forms(60, "\"x\", \"y\"", 3), forms(50, "\"x\", \"y\"", 3)], [None, Some(3)]);
    }
}
