//! The whole model.

use crate::quantity::Target;
use crate::topology::component::Component;
use crate::topology::crew::Crew;
use crate::topology::domain::Domain;
use crate::topology::group::Group;
use crate::topology::identity::{DomainId, GroupId};
use crate::topology::system::{Part, System};

/// A checked topology. Vectors are in file order; a component named directly in `up` appears as a group of one
/// ([`Group::implicit`]) after the named groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// `name` of the file, or of the template.
    pub name: Option<String>,
    /// `target` of the file.
    pub target: Option<Target>,
    /// What can fail.
    pub components: Vec<Component>,
    /// Shared fates.
    pub domains: Vec<Domain>,
    /// Who repairs.
    pub crews: Vec<Crew>,
    /// Units arranged for redundancy.
    pub groups: Vec<Group>,
    /// When the system is up.
    pub system: System,
    /// What the file says that is legal but probably not meant (an unused component, say), one sentence each.
    pub warnings: Vec<String>,
}

impl Model {
    /// The component of group `id`.
    pub fn component_of(&self, id: GroupId) -> &Component {
        &self.components[self.groups[id.0].component.0]
    }

    /// `domain` and every domain around it, innermost first.
    pub fn domain_chain(&self, domain: DomainId) -> Vec<DomainId> {
        let mut chain = vec![domain];
        while let Some(outer) = self.domains[chain[chain.len() - 1].0].within {
            chain.push(outer);
        }
        chain
    }

    /// Every domain (outer ones included, ascending, no repeats) that must be up for unit `unit` (0-based) of `group` to serve.
    pub fn unit_domains(&self, group: GroupId, unit: usize) -> Vec<DomainId> {
        let group = &self.groups[group.0];
        let spread = (!group.spread.is_empty()).then(|| group.spread[unit % group.spread.len()]);
        let mut all: Vec<DomainId> = spread
            .into_iter()
            .chain(group.depends.iter().copied())
            .flat_map(|domain| self.domain_chain(domain))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The name of a part of `up`.
    pub fn part_name(&self, part: Part) -> &str {
        match part {
            Part::Group(group) => &self.groups[group.0].name,
            Part::Domain(domain) => &self.domains[domain.0].name,
        }
    }

    /// Units of a group by the domains they are in, with their number.
    pub fn placement_classes(&self, group: GroupId) -> Vec<(Vec<DomainId>, usize)> {
        let mut classes: Vec<(Vec<DomainId>, usize)> = Vec::new();
        for unit in 0..self.groups[group.0].units() {
            let domains = self.unit_domains(group, unit);
            match classes.iter_mut().find(|(known, _)| *known == domains) {
                Some((_, count)) => *count += 1,
                None => classes.push((domains, 1)),
            }
        }
        classes
    }
}
