//! The independent pieces of a model.

use crate::topology::system::Part;
use crate::topology::{DomainId, GroupId, Model, Scope, binding_crew};

/// Which measures the pieces must support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Up or down.
    Availability,
    /// What is carried: there it also matters who has noticed that a slot was lost with its domain.
    Capacity,
}

/// Pieces that are independent of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Dependent groups with the domains they feel; each a chain.
    pub modules: Vec<Scope>,
    /// Groups whose units are independent, given the domains.
    pub plain: Vec<GroupId>,
    /// Domains outside of all modules.
    pub domains: Vec<DomainId>,
}

impl Partition {
    /// The finest partition whose pieces can be solved one by one.
    pub fn of(model: &Model, purpose: Purpose) -> Self {
        let scope = Scope::relevant(model);
        let (dependent, plain): (Vec<GroupId>, Vec<GroupId>) =
            scope.groups.iter().partition(|group| is_dependent(model, **group, purpose));
        let felt = dependent.iter().map(|&group| felt_domains(model, group)).collect::<Vec<_>>();
        let mut modules: Vec<Scope> = Vec::new();
        for (&group, domains) in dependent.iter().zip(&felt) {
            let mut merged = Scope { groups: vec![group], domains: domains.clone() };
            let crew = binding_crew(model, group);
            let touches = |module: &Scope| {
                let same_crew = crew.is_some() && module.groups.iter().any(|other| binding_crew(model, *other) == crew);
                same_crew || module.domains.iter().any(|domain| domains.contains(domain))
            };
            let (joined, apart): (Vec<Scope>, Vec<Scope>) = modules.into_iter().partition(touches);
            for module in joined {
                merged.groups.extend(module.groups);
                merged.domains.extend(module.domains);
            }
            merged.groups.sort_unstable();
            merged.domains.sort_unstable();
            merged.domains.dedup();
            modules = apart;
            modules.push(merged);
        }
        modules.sort_by_key(|module| module.groups[0]);
        let inside = |domain: &DomainId| modules.iter().any(|module| module.domains.contains(domain));
        let domains = scope.domains.iter().copied().filter(|domain| !inside(domain)).collect();
        Self { modules, plain, domains }
    }

    /// Everything that matters as one module.
    pub fn undivided(model: &Model) -> Self {
        Self { modules: vec![Scope::relevant(model)], plain: Vec::new(), domains: Vec::new() }
    }
}

/// Whether the units of a group depend on each other, their slots on what happened before, or their failures on more than means.
fn is_dependent(model: &Model, id: GroupId, purpose: Purpose) -> bool {
    let group = &model.groups[id.0];
    let dependent = group.standby.is_some()
        || binding_crew(model, id).is_some()
        || group.common_cause.is_some()
        || group.load.is_some()
        || lives_compete(model, id);
    dependent || purpose == Purpose::Capacity && notices_domains_late(model, id)
}

/// Whether several modes wear a unit out at the same time, and not all of them without memory: then more than means matters.
fn lives_compete(model: &Model, id: GroupId) -> bool {
    let component = model.component_of(id);
    component.modes().len() > 1 && component.has_ages()
}

/// Whether a loss by a domain stays unnoticed for a while.
fn notices_domains_late(model: &Model, id: GroupId) -> bool {
    let group = &model.groups[id.0];
    let placed = !(group.spread.is_empty() && group.depends.is_empty());
    let component = model.component_of(id);
    let takes_time = !component.detect.is_zero() || component.modes().iter().any(|mode| !mode.detect.is_zero());
    placed && takes_time
}

/// The domains that act on a dependent group, if that can matter.
fn felt_domains(model: &Model, id: GroupId) -> Vec<DomainId> {
    let group = &model.groups[id.0];
    let named = model.system.up.parts().contains(&Part::Group(id));
    if !(named || group.standby.is_some() || group.load.is_some() || lives_compete(model, id)) {
        return Vec::new();
    }
    let mut domains: Vec<DomainId> = (0..group.units()).flat_map(|unit| model.unit_domains(id, unit)).collect();
    domains.sort_unstable();
    domains.dedup();
    domains
}
