//! What is read off in each state of a module for use outside of it.
//!
//! A state is told apart from others only by its cells: first one for each group whose being up is read, then two for each
//! group whose slots are read, then one for each domain. [`Dynamics::read`](crate::dynamics::Dynamics::read) fills them.

use crate::structure::partition::Partition;
use crate::topology::system::Part;
use crate::topology::{DomainId, GroupId, Model, Scope};

/// The groups and domains of a module that are read, and where among the cells each stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Readings {
    /// Groups whose being up is read, one cell each.
    pub(crate) up: Vec<GroupId>,
    /// Groups whose served and unnoticed slots are read, two cells each.
    pub(crate) slots: Vec<GroupId>,
    /// Domains that are read (up with all outer ones: 0; else 1).
    pub(crate) domains: Vec<DomainId>,
}

impl Readings {
    /// What availability needs of a module: which named groups are up, and which domains that the rest of the system feels.
    pub(crate) fn of_module(model: &Model, partition: &Partition, module: &Scope) -> Self {
        let named = model.system.up.parts();
        let used = |domain: &DomainId| {
            let by_group = |group: &GroupId| {
                (0..model.groups[group.0].units()).any(|unit| model.unit_domains(*group, unit).contains(domain))
            };
            named.contains(&Part::Domain(*domain))
                || partition.plain.iter().any(by_group)
                || partition.domains.iter().any(|inner| model.domain_chain(*inner).contains(domain))
        };
        let domains = module.domains.iter().copied().filter(used).collect();
        Self { up: named_groups(module, &named), slots: Vec::new(), domains }
    }

    /// What capacity needs of a module: the slots of the named groups, too, and all its domains.
    pub(crate) fn of_module_with_slots(model: &Model, module: &Scope) -> Self {
        let groups = named_groups(module, &model.system.up.parts());
        Self { up: groups.clone(), slots: groups, domains: module.domains.clone() }
    }

    /// Whether the group at this place of `up` is up.
    pub(crate) fn is_up(&self, cells: &[u16], place: usize) -> bool {
        cells[..self.up.len()][place] == 1
    }

    /// The cells while no group is up and all domains are down.
    pub(crate) fn everything_down(&self) -> Box<[u16]> {
        let groups = self.up.len() + 2 * self.slots.len();
        std::iter::repeat_n(0, groups).chain(std::iter::repeat_n(1, self.domains.len())).collect()
    }

    /// Served and unnoticed slots of the group at this place of `slots`.
    pub(crate) fn slots(&self, cells: &[u16], place: usize) -> (u16, u16) {
        let first = self.up.len() + 2 * place;
        (cells[first], cells[first + 1])
    }

    /// Whether the domain at this place of `domains`, or one around it, is down.
    pub(crate) fn is_domain_down(&self, cells: &[u16], place: usize) -> bool {
        cells[self.up.len() + 2 * self.slots.len() + place] == 1
    }
}

fn named_groups(module: &Scope, named: &[Part]) -> Vec<GroupId> {
    module.groups.iter().copied().filter(|group| named.contains(&Part::Group(*group))).collect()
}

#[cfg(test)]
mod tests {
    use super::Readings;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::structure::partition::{Partition, Purpose};
    use crate::topology::read::{Syntax, read};
    use crate::topology::{DomainId, GroupId};

    #[test]
    fn a_module_tells_only_what_others_need() {
        let text = "[component.c]\nmtbf = \"9h\"\nmttr = \"1h\"\n[domain.inner]\nmtbf = \"4h\"\nmttr = \"1h\"\n[domain.zone]\n\
                    mtbf = \"4h\"\nmttr = \"1h\"\n[crew.few]\nsize = 1\n[group.db]\ncomponent = \"c\"\nactive = 2\nneed = 1\n\
                    depends = [\"inner\", \"zone\"]\ncrew = \"few\"\n[group.mate]\ncomponent = \"c\"\nactive = 1\ncrew = \"few\"\n\
                    [group.web]\ncomponent = \"c\"\nactive = 1\ndepends = [\"zone\"]\n[system]\nup = \"db and web\"\n";
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let partition = Partition::of(&model, Purpose::Availability);
        let module = &partition.modules[0];
        let (db, zone) = (GroupId(0), DomainId(1));
        let readings = Readings::of_module(&model, &partition, module);
        assert_eq!(readings, Readings { up: vec![db], slots: vec![], domains: vec![zone] });
        assert!(readings.is_up(&[1, 0], 0) && !readings.is_domain_down(&[1, 0], 0));
        let readings = Readings::of_module_with_slots(&model, module);
        assert_eq!(readings, Readings { up: vec![db], slots: vec![db], domains: vec![DomainId(0), zone] });
        assert_eq!(readings.slots(&[1, 3, 2, 0, 1], 0), (3, 2));
        assert!(!readings.is_domain_down(&[1, 3, 2, 0, 1], 0) && readings.is_domain_down(&[1, 3, 2, 0, 1], 1));
    }
}
