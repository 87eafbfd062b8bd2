//! Which parts of a model take part in a computation.

use crate::topology::group::Group;
use crate::topology::system::Part;
use crate::topology::{CrewId, DomainId, GroupId, Model};

/// Which groups and domains of a model take part. Crews follow from the groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Groups, ascending; closed under sharing a binding crew.
    pub groups: Vec<GroupId>,
    /// Domains, ascending; closed under `within`.
    pub domains: Vec<DomainId>,
}

impl Scope {
    /// Everything that can matter to the system's `up`: the parts named there, the groups that share a binding
    /// crew with them, and the domains that act on any of these.
    pub fn relevant(model: &Model) -> Self {
        let mut groups = vec![false; model.groups.len()];
        let mut domains = vec![false; model.domains.len()];
        for part in model.system.up.parts() {
            match part {
                Part::Group(group) => groups[group.0] = true,
                Part::Domain(domain) => mark_chain(model, domain, &mut domains),
            }
        }
        let named = groups.clone();
        add_crew_mates(model, &mut groups);
        for (index, group) in model.groups.iter().enumerate() {
            let feels_domains = named[index] || group.standby.is_some() || group.load.is_some();
            if groups[index] && feels_domains {
                for unit in 0..group.units() {
                    for domain in model.unit_domains(GroupId(index), unit) {
                        domains[domain.0] = true;
                    }
                }
            }
        }
        Self { groups: chosen(&groups).map(GroupId).collect(), domains: chosen(&domains).map(DomainId).collect() }
    }
}

/// The binding crew of `group`: one with fewer places than the units it serves. A larger one is no crew.
pub fn binding_crew(model: &Model, group: GroupId) -> Option<CrewId> {
    let crew = model.groups[group.0].crew?;
    let units: usize = model.groups.iter().filter(|other| other.crew == Some(crew)).map(Group::units).sum();
    ((model.crews[crew.0].size as usize) < units).then_some(crew)
}

fn mark_chain(model: &Model, domain: DomainId, domains: &mut [bool]) {
    for outer in model.domain_chain(domain) {
        domains[outer.0] = true;
    }
}

fn add_crew_mates(model: &Model, groups: &mut [bool]) {
    let crews: Vec<CrewId> = chosen(groups).filter_map(|index| binding_crew(model, GroupId(index))).collect();
    for (index, group) in model.groups.iter().enumerate() {
        if group.crew.is_some_and(|crew| crews.contains(&crew)) {
            groups[index] = true;
        }
    }
}

fn chosen(flags: &[bool]) -> impl Iterator<Item = usize> + '_ {
    flags.iter().enumerate().filter(|(_, flag)| **flag).map(|(index, _)| index)
}
