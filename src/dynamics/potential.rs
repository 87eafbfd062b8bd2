//! How long it takes at most, on average, until everything works again: a bound by a potential, without looking at what lies ahead.
//!
//! An item is a failed unit or a domain that is down. `r(item)` is its mean time back if nothing stood in its way: what is left of
//! the present phase and all later ones, with the longest mean repair of its crew for its own repair where it may have to wait
//! and leave the crew to others. Every time counts by its mean; all must be exponential.
//!
//! ```text
//! n    items                    h    smallest r(item) of those whose way back goes on (of a queue: those that are repaired)
//! L    most items that are lost per second, whatever the state       R    largest r of all items
//! K = R / (1 - L R)             potential = K (n - 1) + (1 + L K) h, and 0 where n = 0
//! ```
//!
//! If `L R < 1`, the potential falls by 1 per second on average in every state that is not all-up, so it bounds the mean time until
//! n = 0 (Foster 1953; Dynkin's formula):
//! - losses raise it by `K L` at most, and never raise h: what went on goes on, and if a failure is sent to a busy crew, then
//!   the crew's repairs take no longer than what it still had to do;
//! - the item of smallest r is in a phase of mean a: the phase ends at rate 1/a, and then h has fallen by a on average, which is
//!   worth `-(1 + L K)`. If the item is back, n has fallen, too, and `(1 + L K) R = K` makes up for the next smallest r;
//! - when any other phase ends, n and h stay or fall.
//!
//! Some way back always goes on: a unit waits only for a crew that is at work. The bound needs no least rate of recovery in each
//! state, as that of Muntz, de Souza e Silva, Goyal (1989) does. Checked state by state on fully explored chains of `tests/models` and of
//! random topologies.

use std::collections::BTreeSet;

use crate::dynamics::alike::Alike;
use crate::dynamics::canonical::Sorting;
use crate::dynamics::state::{FailedPhase, State, UnitStage};
use crate::dynamics::table::{Delay, Dynamics, GroupTable, ModeTable};

/// Phases of a failure, by number.
const PHASES: [FailedPhase; 4] =
    [FailedPhase::Undetected, FailedPhase::Unchecked, FailedPhase::Restarting, FailedPhase::Repairing];

/// Bounds of the time until all-up. Times in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Potential {
    losses: f64,
    slowest: f64,
    /// Per domain.
    domains: Vec<f64>,
    /// Per group, mode and phase, those of a failure that stands in a queue infinite.
    groups: Vec<Vec<[f64; PHASE_COUNT]>>,
}

const PHASE_COUNT: usize = 6;

impl Dynamics {
    /// The bounds for the states of these dynamics.
    pub fn potential(&self) -> Potential {
        let domains: Vec<f64> = self.domains.iter().map(|domain| self.mean(domain.repair)).collect();
        let groups: Vec<Vec<[f64; PHASE_COUNT]>> = self.groups.iter().map(|group| self.ways_back(group)).collect();
        let of_groups = groups.iter().flatten().flatten().copied().filter(|time| time.is_finite());
        Potential {
            losses: self.most_losses(),
            slowest: domains.iter().copied().chain(of_groups).fold(0.0, f64::max),
            domains,
            groups,
        }
    }

    /// Failed units plus domains down per second, at most.
    fn most_losses(&self) -> f64 {
        let domains: f64 = self.domains.iter().map(|domain| 1.0 / self.mean(domain.life)).sum();
        let of_group = |group: &GroupTable| -> f64 {
            let own: f64 = group.modes.iter().map(|mode| 1.0 / self.mean(mode.life)).sum();
            // A common cause takes every unit that works.
            let shared = group.modes.iter().filter_map(|mode| mode.common_cause.as_ref());
            let shared: f64 = shared.map(|shared| 1.0 / self.mean(shared.arrival)).sum();
            own * group.own_share * group.most_speed() + shared * group.layout.units as f64
        };
        domains + self.groups.iter().map(of_group).sum::<f64>()
    }

    /// Per mode and phase the mean time back, if nothing stands in the way.
    fn ways_back(&self, group: &GroupTable) -> Vec<[f64; PHASE_COUNT]> {
        let of_mode = |mode: usize| {
            let mut times = [f64::INFINITY; PHASE_COUNT];
            for phase in PHASES {
                times[phase as usize] = self.way_back(group, mode, phase);
            }
            times
        };
        (0..group.modes.len()).map(of_mode).collect()
    }

    fn way_back(&self, group: &GroupTable, mode: usize, phase: FailedPhase) -> f64 {
        let table = &group.modes[mode];
        let noticed = || match table.restart {
            Some(_) => self.way_back(group, mode, FailedPhase::Restarting),
            None => self.repair_in_turn(group, mode),
        };
        match phase {
            FailedPhase::Undetected => self.mean_of(table.detect) + noticed(),
            FailedPhase::Unchecked => group.check.map_or(f64::INFINITY, |check| self.mean_of(check) + noticed()),
            FailedPhase::Restarting => table.restart.as_ref().map_or(f64::INFINITY, |restart| {
                self.mean_of(restart.takes) + restart.fails * self.repair_in_turn(group, mode)
            }),
            FailedPhase::Repairing => table.needed_repair().map_or(f64::INFINITY, |repair| self.mean(repair)),
            FailedPhase::Entering | FailedPhase::Waiting => f64::INFINITY,
        }
    }

    /// The mean repair of a unit, or, where it may find its crew at work, the longest one of the crew; 0 without a repair.
    fn repair_in_turn(&self, group: &GroupTable, mode: usize) -> f64 {
        let repair = |group: &GroupTable, mode: usize| {
            let needed = group.modes[mode].needed_repair();
            needed.map_or(0.0, |repair| self.mean(repair))
        };
        let Some(crew) = group.crew else { return repair(group, mode) };
        let groups = self.crews[crew].groups.iter().map(|&other| &self.groups[other]);
        groups.flat_map(|other| (0..other.modes.len()).map(move |mode| repair(other, mode))).fold(0.0, f64::max)
    }

    fn mean(&self, distribution: usize) -> f64 {
        self.distributions[distribution].mean()
    }

    fn mean_of(&self, delay: Delay) -> f64 {
        match delay {
            Delay::None => 0.0,
            Delay::Drawn(distribution) => self.mean(distribution),
        }
    }
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
                states = states.iter().flat_map(|state| group.with_owners(slot, state)).collect();
                if states.len() > most_apart.saturating_mul(group.layout.units) {
                    return None;
                }
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
    fn needed_repair(&self) -> Option<usize> {
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

    /// Failures during the slowest way back: the potential exists below 1.
    pub fn losses_during_way_back(&self) -> f64 {
        self.losses * self.slowest
    }

    /// A bound of the mean time until all-up, seconds; infinite where there is none.
    pub fn time_until_all_up(&self, dynamics: &Dynamics, state: &State) -> f64 {
        let cells = state.cells();
        let mut items = 0_u32;
        let mut next = f64::INFINITY;
        let mut count = |way_back: f64| {
            items += 1;
            next = next.min(way_back);
        };
        self.domains.iter().zip(cells).filter(|(_, cell)| **cell != 0).for_each(|(way_back, _)| count(*way_back));
        for (group, ways_back) in dynamics.groups.iter().zip(&self.groups) {
            for unit in 0..group.layout.units {
                if let UnitStage::Failed { mode, phase } = group.layout.stage(cells, unit) {
                    count(ways_back[mode][phase as usize]);
                }
            }
        }
        let room = 1.0 - self.losses_during_way_back();
        match (items, room > 0.0) {
            (0, _) => 0.0,
            (_, false) => f64::INFINITY,
            (items, true) => f64::from(items - 1) * self.slowest / room + next / room,
        }
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
