//! What the naive solver remembers: every unit, every slot, every domain, every place in a queue. Nothing is merged.

use ninefold::topology::Model;
use ninefold::topology::component::{Component, Mode};
use ninefold::topology::group::Group;

/// The whole system at a moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct State {
    /// Whether each domain itself is down, whatever its outer ones.
    pub(crate) domain_down: Vec<bool>,
    pub(crate) groups: Vec<GroupState>,
    /// Per crew: (group, unit) in the order of coming to need it. The first `size` are being repaired.
    pub(crate) queues: Vec<Vec<(usize, usize)>>,
}

/// One group at a moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupState {
    pub(crate) units: Vec<Unit>,
    pub(crate) slots: Vec<Slot>,
}

/// What one unit is doing, whatever its domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Working,
    /// Failed, and nobody knows.
    Unnoticed {
        mode: usize,
        /// Found by the standby's `check` instead of `detect`.
        by_check: bool,
    },
    Restarting {
        mode: usize,
    },
    /// In repair, or waiting for the crew.
    NeedsRepair {
        mode: usize,
    },
    /// Of a component with only an `unavailability`: down for good in this branch of the enumeration.
    Absent,
}

/// One slot: the unit that it belongs to, and whether that serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    pub(crate) owner: usize,
    pub(crate) service: Service,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Served,
    LostUnnoticed,
    LostNoticed,
    /// Lost, noticed, and `to` has been claimed; `works` was drawn when it started.
    Failover {
        to: usize,
        works: bool,
    },
}

impl State {
    /// Everything up, units 0, 1, … in slots 0, 1, …; the units for which `absent` says so are down for good.
    pub(crate) fn start(model: &Model, absent: &[(usize, usize)]) -> Self {
        let group_state = |(index, group): (usize, &Group)| GroupState {
            units: (0..group.units())
                .map(|unit| if absent.contains(&(index, unit)) { Unit::Absent } else { Unit::Working })
                .collect(),
            slots: (0..group.active as usize)
                .map(|slot| Slot {
                    owner: slot,
                    service: if absent.contains(&(index, slot)) { Service::LostNoticed } else { Service::Served },
                })
                .collect(),
        };
        Self {
            domain_down: vec![false; model.domains.len()],
            groups: model.groups.iter().enumerate().map(group_state).collect(),
            queues: vec![Vec::new(); model.crews.len()],
        }
    }

    pub(crate) fn unit(&self, group: usize, unit: usize) -> Unit {
        self.groups[group].units[unit]
    }

    /// The slot that belongs to a unit.
    pub(crate) fn slot_of(&self, group: usize, unit: usize) -> Option<usize> {
        self.groups[group].slots.iter().position(|slot| slot.owner == unit)
    }

    pub(crate) fn served(&self, group: usize) -> usize {
        self.groups[group].slots.iter().filter(|slot| slot.service == Service::Served).count()
    }

    pub(crate) fn unnoticed(&self, group: usize) -> usize {
        self.groups[group].slots.iter().filter(|slot| slot.service == Service::LostUnnoticed).count()
    }

    /// A domain or one around it is down.
    pub(crate) fn is_down(&self, model: &Model, domain: usize) -> bool {
        self.domain_down[domain] || model.domains[domain].within.is_some_and(|outer| self.is_down(model, outer.0))
    }

    /// Every domain that the unit is placed in is up.
    pub(crate) fn placed_well(&self, model: &Model, group: usize, unit: usize) -> bool {
        let of = &model.groups[group];
        let spread_down = !of.spread.is_empty() && self.is_down(model, of.spread[unit % of.spread.len()].0);
        !spread_down && !of.depends.iter().any(|domain| self.is_down(model, domain.0))
    }

    /// The unit could serve or stand by.
    pub(crate) fn is_able(&self, model: &Model, group: usize, unit: usize) -> bool {
        self.unit(group, unit) == Unit::Working && self.placed_well(model, group, unit)
    }

    /// The unit is a standby to which a failover can start.
    pub(crate) fn is_ready(&self, model: &Model, group: usize, unit: usize) -> bool {
        let claimed = |slot: &Slot| matches!(slot.service, Service::Failover { to, .. } if to == unit);
        self.slot_of(group, unit).is_none()
            && self.is_able(model, group, unit)
            && !self.groups[group].slots.iter().any(claimed)
    }
}

pub(crate) fn component(model: &Model, group: usize) -> &Component {
    &model.components[model.groups[group].component.0]
}

pub(crate) fn mode(model: &Model, group: usize, mode: usize) -> &Mode {
    &component(model, group).modes()[mode]
}
