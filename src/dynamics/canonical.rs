//! Symmetry: states that differ only by the names of interchangeable units have one representative.
//!
//! The rules go by number in places (the lowest ready standby, the lowest lost slot, file order at the crew), so a
//! permutation of units is allowed only if it commutes with these too:
//! - units placed in the same domains form a class; units of different classes never trade places;
//! - slots never trade places; in a group without standbys a slot is its unit's and moves with it;
//! - in a group with standbys, "the lowest ready standby" compares numbers across classes, so units trade places
//!   only when there is a single class;
//! - where several units can come to need a binding crew at one instant, the queue is in order of their numbers:
//!   a common cause that nobody has to notice first, or failures that wait for a `check` and are all noticed at
//!   once. There units trade places only if nothing but the number tells them apart: one class, no standbys;
//! - where a common cause that nobody has to notice first is followed by restarts that take no time, a unit with a low
//!   number is back before the others are noticed; in a group with standbys no units trade places then.
//!
//! Checked by comparing lumped with unlumped solutions over random topologies.

use crate::dynamics::layout::Layout;
use crate::dynamics::state::State;
use crate::dynamics::table::{Delay, Dynamics, GroupTable, ModeTable};

impl Dynamics {
    /// The representative of `state` among the states that differ only by names of interchangeable units.
    pub fn canonical(&self, state: &State) -> State {
        if self.groups.iter().all(|group| group.is_canonical(state.cells())) {
            return state.clone();
        }
        let mut cells = state.cells().to_vec();
        for group in &self.groups {
            group.sort_units(&mut cells);
        }
        State::from_cells(&cells)
    }
}

/// What tells a unit apart from its peers: stage, rank in the queue, and its slot (its phase where a slot is the
/// unit's own; which slot it owns and which has claimed it where slots change hands).
pub(crate) fn unit_key(layout: &Layout, cells: &[u16], unit: usize) -> [u16; 4] {
    let stage = cells[layout.unit_base + unit * layout.unit_stride];
    let rank = layout.rank(cells, unit);
    if layout.has_owners() {
        let number = |slot: Option<usize>| slot.map_or(u16::MAX, |slot| slot as u16);
        [stage, rank, number(layout.owned_slot(cells, unit)), number(layout.claiming_slot(cells, unit))]
    } else if layout.tracks_slots() {
        [stage, rank, layout.phase(cells, unit) as u16, 0]
    } else {
        [stage, rank, 0, 0]
    }
}

/// The classes of units of a group that may trade places; empty when none may.
pub(crate) fn classes(group: &GroupTable) -> Vec<Vec<usize>> {
    let layout = &group.layout;
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for unit in 0..layout.units {
        let peer = |class: &&mut Vec<usize>| layout.unit_domains[class[0]] == layout.unit_domains[unit];
        match classes.iter_mut().find(peer) {
            Some(class) => class.push(unit),
            None => classes.push(vec![unit]),
        }
    }
    let simultaneous =
        group.crew.is_some() && (group.check.is_some() || group.modes.iter().any(ModeTable::enters_crew_together));
    let one_by_one = group.modes.iter().any(ModeTable::restarts_before_the_next_notice);
    let allowed = match (layout.has_owners(), simultaneous) {
        (true, true) => false,
        (true, false) if one_by_one => false,
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
    fn is_canonical(&self, cells: &[u16]) -> bool {
        let key = |unit: &usize| unit_key(&self.layout, cells, *unit);
        self.interchangeable.iter().all(|class| class.is_sorted_by_key(key))
    }

    fn sort_units(&self, cells: &mut [u16]) {
        let old = cells.to_vec();
        for class in &self.interchangeable {
            let mut order = class.clone();
            order.sort_by_key(|&unit| unit_key(&self.layout, &old, unit));
            for (&place, &unit) in class.iter().zip(&order) {
                self.move_unit(&old, cells, unit, place);
            }
        }
    }

    /// Writes unit `unit` of `old` as unit `place` of `cells`, together with what refers to it.
    fn move_unit(&self, old: &[u16], cells: &mut [u16], unit: usize, place: usize) {
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
