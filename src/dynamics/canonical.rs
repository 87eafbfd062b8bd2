//! Symmetry: states that differ only by the names of interchangeable units have one representative.
//!
//! The rules go by number in places (the lowest ready standby, the lowest lost slot, file order at the crew), so a
//! permutation of units is allowed only if it commutes with these too:
//! - units placed in the same domains form a class; units of different classes never trade places;
//! - slots never trade places; in a group without standbys a slot is its unit's and moves with it;
//! - in a group with standbys, "the lowest ready standby" compares numbers across classes, so units trade places
//!   only when there is a single class; and where several may be ready at a time and lives have an age, which tells them
//!   apart, none do;
//! - where several units can come to need a binding crew at one instant, the queue is in order of their numbers:
//!   a common cause that nobody has to notice first, or failures that wait for a `check` and are all noticed at
//!   once. There units trade places only if nothing but the number tells them apart: one class, no standbys;
//! - where a common cause that nobody has to notice first is followed by restarts that take no time, a unit with a low
//!   number is back before the others are noticed; in a group with standbys no units trade places then.
//!
//! Whole groups and domains trade places only where it is asked for: see [`alike`](crate::dynamics::alike) and
//! [`trade`](crate::dynamics::trade).
//!
//! Checked by comparing lumped with unlumped solutions over random topologies.

use crate::dynamics::clock::ClockKey;
use crate::dynamics::enabled::{SLOT_PHASES, slot_stage};
use crate::dynamics::layout::Roles;
use crate::dynamics::state::State;
use crate::dynamics::table::{Delay, Dynamics, GroupTable, ModeTable};
use crate::dynamics::trade::TradingDesk;

impl Dynamics {
    /// The representative of `state` among the states that differ only by names of interchangeable units.
    pub fn canonical(&self, state: &State) -> State {
        if self.groups.iter().all(|group| group.is_canonical(state.cells())) {
            return state.clone();
        }
        let mut cells = state.cells().to_vec();
        self.sort_units(&mut cells, &[], &mut Sorting::default());
        State::from_cells(&cells)
    }

    /// Turns `cells` into those of the representative. Groups that are as in `known`, the cells of a representative (or none at
    /// all), are passed over.
    pub(crate) fn sort_units(&self, cells: &mut [u16], known: &[u16], sorting: &mut Sorting) {
        for group in &self.groups {
            let place = group.layout.range();
            if known.get(place.clone()) != Some(&cells[place]) && !group.is_canonical(cells) {
                group.sort_units(cells, sorting);
            }
        }
    }
}

/// Where units are sorted; kept from one state to the next, it saves making room again.
#[derive(Debug, Default)]
pub(crate) struct Sorting {
    old: Vec<u16>,
    order: Vec<usize>,
    /// For each unit of the group sorted last its number before.
    before: Vec<usize>,
    /// Where domains trade places.
    pub(crate) desk: TradingDesk,
}

/// Which clocks of a state became which clocks of its representative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(
    /// Per group: for each unit of the representative its number before; empty where none moved.
    Vec<Vec<usize>>,
);

impl Dynamics {
    /// As [`Dynamics::canonical`], with what [`Dynamics::original`] needs.
    pub fn canonical_with_origin(&self, state: &State) -> (State, Origin) {
        let mut cells = state.cells().to_vec();
        let mut sorting = Sorting::default();
        let origin = self.groups.iter().map(|group| {
            if group.is_canonical(state.cells()) {
                return Vec::new();
            }
            group.sort_units(&mut cells, &mut sorting);
            sorting.before.clone()
        });
        let origin = Origin(origin.collect());
        (State::from_cells(&cells), origin)
    }

    /// The identity (key, stage) that a clock of the representative had before units traded places.
    pub fn original(&self, origin: &Origin, key: ClockKey, stage: u32) -> (ClockKey, u32) {
        if (key.0 as usize) < self.domains.len() {
            return (key, stage);
        }
        let group = self.groups.partition_point(|group| group.key <= key.0) - 1;
        let before = &origin.0[group];
        if before.is_empty() { (key, stage) } else { self.groups[group].original(before, key, stage) }
    }
}

impl Dynamics {
    /// The units that trade places and are in one situation in a canonical state: per set of several, the keys of all the clocks
    /// that each unit may have, in the same order.
    pub fn units_in_the_same_situation(&self, state: &State) -> Vec<Vec<Vec<ClockKey>>> {
        let mut sets = Vec::new();
        for group in &self.groups {
            let roles = Roles::new(&group.layout, state.cells());
            let alike = |a: &usize, b: &usize| roles.unit_key(*a) == roles.unit_key(*b);
            let runs = group.interchangeable.iter().flat_map(|class| class.chunk_by(alike));
            let several = runs.filter(|run| run.len() > 1);
            sets.extend(several.map(|run| run.iter().map(|&unit| group.clock_keys(unit)).collect::<Vec<_>>()));
        }
        sets
    }
}

/// The classes of units of a group, whose lives have an age or not, that may trade places; empty when none may.
pub(crate) fn classes(group: &GroupTable, has_ages: bool) -> Vec<Vec<usize>> {
    let layout = &group.layout;
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for unit in 0..layout.units {
        let peer = |class: &&mut Vec<usize>| layout.unit_domains[class[0]] == layout.unit_domains[unit];
        match classes.iter_mut().find(peer) {
            Some(class) => class.push(unit),
            None => classes.push(vec![unit]),
        }
    }
    let allowed = match (layout.has_owners(), group.enters_crew_together()) {
        (true, true) => false,
        (true, false) if has_ages && layout.units > layout.slots + 1 => false,
        (true, false) if group.restarts_before_the_next_notice() => false,
        (true, false) | (false, true) => classes.len() == 1,
        (false, false) => true,
    };
    if allowed { classes } else { Vec::new() }
}

impl ModeTable {
    /// Whether the common cause sends several units to the crew at one instant.
    fn enters_crew_together(&self) -> bool {
        let restart_is_instant = self.restart.as_ref().is_none_or(|restart| restart.takes == Delay::None);
        self.common_cause.is_some() && self.detect == Delay::None && restart_is_instant
    }

    /// Whether a unit that the common cause hit can be back before the next one is noticed.
    fn restarts_before_the_next_notice(&self) -> bool {
        let restart_is_instant = self.restart.as_ref().is_some_and(|restart| restart.takes == Delay::None);
        self.common_cause.is_some() && self.detect == Delay::None && restart_is_instant
    }
}

impl GroupTable {
    /// Whether several units can come to need a binding crew at one instant, in the order of their numbers.
    pub(crate) fn enters_crew_together(&self) -> bool {
        self.crew.is_some() && (self.check.is_some() || self.modes.iter().any(ModeTable::enters_crew_together))
    }

    /// Whether a unit that the common cause hit can be back before one with a higher number is noticed.
    pub(crate) fn restarts_before_the_next_notice(&self) -> bool {
        self.modes.iter().any(ModeTable::restarts_before_the_next_notice)
    }

    pub(crate) fn is_canonical(&self, cells: &[u16]) -> bool {
        let roles = Roles::new(&self.layout, cells);
        self.interchangeable.iter().all(|class| class.is_sorted_by_key(|unit| roles.unit_key(*unit)))
    }

    /// Sorts the units of each class.
    pub(crate) fn sort_units(&self, cells: &mut [u16], sorting: &mut Sorting) {
        let Sorting { old, order, before, .. } = sorting;
        old.clear();
        old.extend_from_slice(cells);
        before.clear();
        before.extend(0..self.layout.units);
        let roles = Roles::new(&self.layout, old);
        for class in &self.interchangeable {
            order.clear();
            order.extend_from_slice(class);
            order.sort_by_key(|&unit| roles.unit_key(unit));
            for (&place, &unit) in class.iter().zip(&*order) {
                if unit != place {
                    self.move_unit(old, cells, unit, place);
                    before[place] = unit;
                }
            }
        }
    }

    /// All that moves with a unit.
    fn clock_keys(&self, unit: usize) -> Vec<ClockKey> {
        let own = (0..=self.modes.len()).map(|clock| self.unit_clock_key(unit, clock));
        let moves = self.layout.tracks_slots() && !self.layout.has_owners();
        own.chain(moves.then(|| self.slot_key(unit))).collect()
    }

    fn original(&self, before: &[usize], key: ClockKey, stage: u32) -> (ClockKey, u32) {
        let layout = &self.layout;
        let per_unit = self.modes.len() + 1;
        let offset = (key.0 - self.key) as usize;
        if offset < layout.units * per_unit {
            return (self.unit_clock_key(before[offset / per_unit], offset % per_unit), stage);
        }
        let Some(slot) = offset.checked_sub(layout.units * per_unit + self.modes.len()) else { return (key, stage) };
        if !layout.has_owners() {
            return (self.slot_key(before[slot]), stage);
        }
        // Slots stay where they are; the claimed standby is named in the stage.
        let original = |target: u32| before.get(target as usize).map_or(target, |&unit| unit as u32);
        (key, slot_stage(stage % SLOT_PHASES, original(stage / SLOT_PHASES)))
    }

    /// Writes unit `unit` of `old` as unit `place` of `cells`, together with what refers to it.
    pub(crate) fn move_unit(&self, old: &[u16], cells: &mut [u16], unit: usize, place: usize) {
        let layout = &self.layout;
        layout.set_stage(cells, place, layout.stage(old, unit));
        if layout.has_ranks() {
            layout.set_rank(cells, place, layout.rank(old, unit));
        }
        if layout.has_owners() {
            if let Some(slot) = layout.owned_slot(old, unit) {
                layout.set_owner(cells, slot, place);
            }
            if let Some(slot) = layout.claiming_slot(old, unit) {
                layout.set_target(cells, slot, place as u16);
            }
        } else if layout.tracks_slots() {
            layout.set_phase(cells, place, layout.phase(old, unit));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dynamics::{Clock, Dynamics};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::Scope;
    use crate::topology::read::{Syntax, read};

    /// Standbys, a queue, domains, and slots of their own units.
    const MODEL: &str = r#"
[component.web]
mtbf = "20d"
mttr = "9h"
detect = "30m"
capacity = 10
[domain.rack]
mtbf = "40d"
mttr = "3h"
[crew.oncall]
size = 1
[group.web]
component = "web"
active = 2
standby = 2
failover = { takes = "20m", works = 0.9, otherwise = "5h" }
crew = "oncall"
[group.other]
component = "web"
active = 4
need = 1
depends = ["rack"]
[system]
up = "web and other"
demand = 5
"#;

    fn identity(clock: &Clock) -> (u32, u32, usize, Option<usize>) {
        (clock.key.0, clock.stage, clock.distribution, clock.cause)
    }

    #[test]
    fn clocks_of_the_representative_are_those_of_the_state_under_other_names() {
        let model = read(MODEL, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
        let mut state = dynamics.start();
        let (mut moved, mut claimed) = (0, 0);
        for step in 0..5_000_usize {
            let clocks = dynamics.clocks(&state);
            let (representative, origin) = dynamics.canonical_with_origin(&state);
            assert_eq!(representative, dynamics.canonical(&state));
            let mut expected: Vec<_> = clocks.iter().map(identity).collect();
            let original = |mut clock: Clock| {
                (clock.key, clock.stage) = dynamics.original(&origin, clock.key, clock.stage);
                identity(&clock)
            };
            let mut actual: Vec<_> = dynamics.clocks(&representative).into_iter().map(original).collect();
            expected.sort_unstable();
            actual.sort_unstable();
            assert_eq!(actual, expected, "after {step} steps");
            moved += usize::from(representative != state);
            claimed += usize::from(clocks.iter().any(|clock| (8..8 * 4).contains(&clock.stage) && clock.stage % 8 > 3));
            // Any clock and any outcome will do.
            let outcomes = dynamics.ring(&state, &[clocks[step * 7_919 % clocks.len()].clone()]);
            state = outcomes[step * 104_729 % outcomes.len()].state.clone();
        }
        assert!(moved > 1_000 && claimed > 100, "{moved} {claimed}");
    }
}
