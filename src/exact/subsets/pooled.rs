//! Smaller models in which a few groups of a module behave as in the whole one.
//!
//! Where standbys are hot and without a `check`, and there is no load, no common cause and no domain, the life of a unit does not depend
//! on who owns a slot, and nor does its way back: units only meet in the queue of their crew, one at a time. So whether some groups are up does not
//! depend on which groups the other units belong to. Units of one component, or of components that fail and come back in the same
//! way, make one pool: a group of active units that nobody asks for.

use crate::topology::component::Failure;
use crate::topology::group::{Group, Standby, StandbyMode};
use crate::topology::system::{Expression, Part};
use crate::topology::{CrewId, GroupId, Model, Scope, binding_crew};

/// A module whose units do not feel which groups they belong to.
#[derive(Debug)]
pub(crate) struct Pooled<'a> {
    model: &'a Model,
    scope: &'a Scope,
    crew: CrewId,
}

impl<'a> Pooled<'a> {
    /// Nothing where units feel it.
    pub(crate) fn of(model: &'a Model, scope: &'a Scope) -> Option<Self> {
        let crew = binding_crew(model, *scope.groups.first()?)?;
        let fits = |group: &GroupId| binding_crew(model, *group) == Some(crew) && keeps_to_itself(model, *group);
        (scope.domains.is_empty() && scope.groups.iter().all(fits)).then_some(Self { model, scope, crew })
    }

    /// The model in which the system is up while any of `kept` is, and all units of other groups are in pools.
    pub(crate) fn model_with(&self, kept: &[GroupId]) -> Model {
        let mut groups: Vec<Group> = kept.iter().map(|group| self.model.groups[group.0].clone()).collect();
        for (first, units) in self.pools(kept) {
            groups.push(Group {
                name: format!("units like those of {}", self.model.groups[first.0].name),
                active: units,
                need: 1,
                standby: None,
                failover: None,
                spread: Vec::new(),
                depends: Vec::new(),
                crew: Some(self.crew),
                implicit: false,
                ..self.model.groups[first.0].clone()
            });
        }
        let parts = (0..kept.len()).map(|place| Expression::Part(Part::Group(GroupId(place))));
        let mut model = Model { groups, ..self.model.clone() };
        model.system.up = Expression::Or(parts.collect());
        model.system.demand = None;
        model
    }

    pub(crate) fn model(&self) -> &Model {
        self.model
    }

    /// The first group of each pool, and how many units are in it.
    pub(crate) fn pools(&self, kept: &[GroupId]) -> Vec<(GroupId, u32)> {
        let mut pools: Vec<(GroupId, u32)> = Vec::new();
        for &group in self.scope.groups.iter().filter(|group| !kept.contains(group)) {
            let units = self.model.groups[group.0].units() as u32;
            match pools.iter_mut().find(|(first, _)| self.has_units_alike(*first, group)) {
                Some((_, count)) => *count += units,
                None => pools.push((group, units)),
            }
        }
        pools
    }

    /// Whether a model with a few groups kept is smaller: slots are left out, or units of several groups are in one pool.
    pub(crate) fn is_smaller(&self, kept: &[GroupId]) -> bool {
        let others = self.scope.groups.iter().filter(|group| !kept.contains(group));
        let has_slots = others.clone().any(|group| self.model.groups[group.0].standby.is_some());
        has_slots || self.pools(kept).len() < others.count()
    }

    fn has_units_alike(&self, one: GroupId, other: GroupId) -> bool {
        self.model.component_of(one).failure == self.model.component_of(other).failure
    }

    /// Whether the two groups may stand for one another.
    pub(crate) fn are_alike(&self, one: GroupId, other: GroupId) -> bool {
        let (a, b) = (&self.model.groups[one.0], &self.model.groups[other.0]);
        let same_counts = (a.active, a.need) == (b.active, b.need);
        same_counts && a.standby == b.standby && a.failover == b.failover && self.has_units_alike(one, other)
    }
}

/// Whether the lives of the units, and what comes to the crew at an instant, are those of units on their own.
fn keeps_to_itself(model: &Model, id: GroupId) -> bool {
    let group = &model.groups[id.0];
    let is_hot = |standby: &Standby| standby.mode == StandbyMode::Hot && standby.check.is_none();
    let has_times = matches!(model.component_of(id).failure, Failure::Modes(_));
    has_times && group.load.is_none() && group.common_cause.is_none() && group.standby.as_ref().is_none_or(is_hot)
}

/// The events whose union is what a module has to do with the system being down: each one is that all of some groups are
/// down. Nothing where its groups are not in one conjunction, or one of them is named twice.
pub(crate) fn events(up: &Expression, scope: &Scope) -> Option<Vec<Vec<GroupId>>> {
    let events = conjunction(up, scope)?;
    let mut groups: Vec<GroupId> = events.iter().flatten().copied().collect();
    groups.sort_unstable();
    let is_distinct = groups.windows(2).all(|pair| pair[0] != pair[1]);
    (is_distinct && !events.is_empty()).then_some(events)
}

fn conjunction(up: &Expression, scope: &Scope) -> Option<Vec<Vec<GroupId>>> {
    if let Some(events) = only_of(up, scope) {
        return Some(events);
    }
    let of = match up {
        Expression::Part(_) => return None,
        Expression::And(of) | Expression::Or(of) | Expression::AtLeast(_, of) => of,
    };
    let inside: Vec<&Expression> = of.iter().filter(|part| touches(part, scope)).collect();
    match (inside.as_slice(), up) {
        ([part], _) => conjunction(part, scope),
        (parts, Expression::And(_)) => {
            let events: Option<Vec<_>> = parts.iter().map(|part| only_of(part, scope)).collect();
            events.map(|events| events.concat())
        }
        _ => None,
    }
}

/// The events of a part of `up` that is a conjunction of groups of the scope, or of disjunctions of such groups.
fn only_of(up: &Expression, scope: &Scope) -> Option<Vec<Vec<GroupId>>> {
    let group = |part: &Expression| match part {
        Expression::Part(Part::Group(group)) if scope.groups.contains(group) => Some(*group),
        _ => None,
    };
    match up {
        Expression::Part(_) => Some(vec![vec![group(up)?]]),
        Expression::And(of) => {
            let events: Option<Vec<_>> = of.iter().map(|part| only_of(part, scope)).collect();
            events.map(|events| events.concat())
        }
        Expression::Or(of) => Some(vec![of.iter().map(group).collect::<Option<Vec<_>>>()?]),
        Expression::AtLeast(..) => None,
    }
}

fn touches(part: &Expression, scope: &Scope) -> bool {
    let is_inside = |part: &Part| matches!(part, Part::Group(group) if scope.groups.contains(group));
    part.parts().iter().any(is_inside)
}
