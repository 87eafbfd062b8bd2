//! Symmetry of whole groups: states that differ only by which of several alike groups is in which situation are one.
//!
//! Groups are alike when their tables are equal: lives, ways back, counts, failover, crew, load, common cause, and for each
//! unit the domains that it needs. A group that trades places with an alike one takes everything along: the stages of its
//! units with their ranks in the queue of the common crew, and its slots. Units keep their numbers, so all rules by number
//! within a group stay as they are.
//!
//! Between groups only the order of the file can tell: units of several groups that come to need one crew at one instant
//! join its queue in that order. A failure, a common cause, a notice, a restart, a repair and a failover are of one group, and
//! only a domain acts on several at one instant. A domain lets units come to need a crew only by an outage that makes people
//! look for failures that wait for their `check`. So groups with a `check` and a binding crew that a domain acts on never
//! trade places. (All other effects of one instant on several groups commute.)
//!
//! Whether the rest of the system can tell alike groups apart is for the caller to say. Checked by comparing lumped with
//! unlumped solutions over random topologies.

use crate::dynamics::canonical::Sorting;
use crate::dynamics::table::{Dynamics, GroupTable};
use crate::dynamics::trade::AlikeDomains;
use crate::topology::GroupId;

/// Which groups and which domains trade places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alike {
    /// Local indices, ascending, at least two of each kind.
    classes: Vec<Vec<usize>>,
    /// Per group the class that it is in; empty where there are none.
    class_of: Vec<Option<usize>>,
    pub(crate) domains: AlikeDomains,
}

impl Dynamics {
    /// Of each set of `groups` that the caller cannot tell apart, those that the rules cannot tell apart either.
    ///
    /// # Panics
    /// When a group is outside the scope.
    pub fn alike(&self, groups: &[Vec<GroupId>]) -> Alike {
        let mut classes: Vec<Vec<usize>> = Vec::new();
        for set in groups {
            let first = classes.len();
            for id in set {
                let local = self.group_index[id.0].expect("the group is in the scope");
                let peer = |class: &&mut Vec<usize>| self.groups[class[0]].is_like(&self.groups[local]);
                match classes[first..].iter_mut().find(peer) {
                    Some(class) => class.push(local),
                    None => classes.push(vec![local]),
                }
            }
        }
        classes.retain(|class| class.len() > 1);
        let mut class_of = if classes.is_empty() { Vec::new() } else { vec![None; self.groups.len()] };
        for (number, class) in classes.iter_mut().enumerate() {
            class.sort_unstable();
            for &group in &*class {
                class_of[group] = Some(number);
            }
        }
        Alike { classes, class_of, domains: AlikeDomains::default() }
    }

    /// Turns `cells` into those of the representative, where units, `alike` groups and `alike` domains trade places. Groups that are
    /// as in `known`, the cells of a representative (or none at all), are in order.
    pub(crate) fn put_in_order(&self, cells: &mut [u16], known: &[u16], alike: &Alike, sorting: &mut Sorting) {
        self.sort_units(cells, known, sorting);
        self.sort_groups(cells, alike);
        self.trade_domains(cells, alike, sorting);
    }

    /// Puts alike groups, whose units are in order, in the order of their situations.
    pub(crate) fn sort_groups(&self, cells: &mut [u16], alike: &Alike) {
        for class in &alike.classes {
            self.sort_class(cells, class);
        }
    }

    /// The same with the groups of one class.
    pub(crate) fn sort_class(&self, cells: &mut [u16], class: &[usize]) {
        let range = |group: usize| self.groups[group].layout.range();
        // By insertion: the groups are few, and nearly in order.
        for last in 1..class.len() {
            for place in (1..=last).rev() {
                let (before, after) = (range(class[place - 1]), range(class[place]));
                if cells[before.clone()] <= cells[after.clone()] {
                    break;
                }
                let (left, right) = cells.split_at_mut(after.start);
                left[before].swap_with_slice(&mut right[..after.len()]);
            }
        }
    }
}

impl Alike {
    /// The groups of `group`'s kind, in order, if it is the first of them; those of no kind are alone. Nothing for any other.
    pub(crate) fn block_of(&self, group: usize) -> Option<Vec<usize>> {
        match self.peers_of(group) {
            None => Some(vec![group]),
            Some(class) => (class[0] == group).then(|| class.to_vec()),
        }
    }

    /// For each kind of alike groups and each of their causes, and for each kind of alike domains, the same cause of all of
    /// them, by index into [`Dynamics::causes`].
    pub fn causes(&self, dynamics: &Dynamics) -> Vec<Vec<usize>> {
        let of_group = |group: &usize| -> Vec<usize> {
            let modes = dynamics.groups[*group].modes.iter();
            modes
                .flat_map(|mode| std::iter::once(mode.cause).chain(mode.common_cause.as_ref().map(|c| c.cause)))
                .collect()
        };
        let of_class = |class: &Vec<usize>| {
            let of_groups: Vec<Vec<usize>> = class.iter().map(of_group).collect();
            (0..of_groups[0].len()).map(move |place| of_groups.iter().map(|causes| causes[place]).collect())
        };
        let of_domains = |kind: &Vec<usize>| kind.iter().map(|&domain| dynamics.domains[domain].cause).collect();
        self.classes.iter().flat_map(of_class).chain(self.domains.kinds.iter().map(of_domains)).collect()
    }

    /// The kinds of alike groups, as local indices into the groups of the scope.
    pub fn classes(&self) -> &[Vec<usize>] {
        &self.classes
    }

    /// The kinds of alike domains, as local indices into the domains of the scope.
    pub fn kinds_of_domains(&self) -> &[Vec<usize>] {
        &self.domains.kinds
    }

    /// The groups that `group` trades places with, and itself; nothing if it never does.
    pub(crate) fn peers_of(&self, group: usize) -> Option<&[usize]> {
        let class = self.class_of.get(group).copied().flatten()?;
        Some(&self.classes[class])
    }

    /// How many groups the clocks of `group` stand for in a state in which alike groups are in order: those of a row in
    /// one situation are told by the first.
    pub(crate) fn in_the_same_situation(&self, dynamics: &Dynamics, cells: &[u16], group: usize) -> u32 {
        let Some(class) = self.class_of.get(group).copied().flatten() else { return 1 };
        let class = &self.classes[class];
        let place = class.partition_point(|&member| member < group);
        let situation = |group: usize| &cells[dynamics.groups[group].layout.range()];
        let own = situation(group);
        if place > 0 && situation(class[place - 1]) == own {
            return 0;
        }
        class[place..].iter().take_while(|&&other| situation(other) == own).count() as u32
    }
}

impl GroupTable {
    fn is_like(&self, other: &Self) -> bool {
        let (a, b) = (&self.layout, &other.layout);
        let same_layout = a.unit_stride == b.unit_stride
            && a.units == b.units
            && a.slots == b.slots
            && a.slot_stride == b.slot_stride
            && a.unit_domains == b.unit_domains;
        let modes = self.modes.iter().zip(&other.modes);
        same_layout
            && !self.enters_the_queue_with_others()
            && self.need == other.need
            && self.crew == other.crew
            && self.domain_notice == other.domain_notice
            && self.check == other.check
            && self.failover == other.failover
            && (self.ageing, self.own_share, self.load) == (other.ageing, other.own_share, other.load)
            && self.modes.len() == other.modes.len()
            && modes.into_iter().all(|(mode, other)| mode.is_like(other))
    }

    /// Whether a domain can send units of this group to its crew at the instant at which it sends those of another one.
    fn enters_the_queue_with_others(&self) -> bool {
        let feels_a_domain = self.layout.unit_domains.iter().any(|domains| !domains.is_empty());
        self.crew.is_some() && self.check.is_some() && feels_a_domain
    }
}

#[cfg(test)]
mod tests {
    use super::Alike;
    use crate::dynamics::{Dynamics, Exploration};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};
    use crate::topology::{GroupId, Scope};

    /// Pairs of a server and its standby on a crew of one, each of a component of its own with the same numbers.
    fn pairs(pairs: usize, group: &str) -> Dynamics {
        let pair = |number: usize| {
            format!(
                "[component.c{number}]\nmtbf = \"90h\"\nmttr = \"1h\"\ndetect = \"1m\"\n[group.g{number}]\n\
                 component = \"c{number}\"\nactive = 1\ncrew = \"k\"\n{group}\n\
                 failover = {{ takes = \"20s\", works = 0.9, otherwise = \"30m\" }}\n"
            )
        };
        let names: Vec<String> = (0..pairs).map(|number| format!("g{number}")).collect();
        let pairs: String = (0..pairs).map(pair).collect();
        let text = format!(
            "[crew.k]\nsize = 1\n[domain.z]\nmtbf = \"90h\"\nmttr = \"1h\"\n{pairs}[system]\nup = \"{}\"\n",
            names.join(" and ")
        );
        let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        Dynamics::new(&model, &Scope::relevant(&model))
    }

    fn alike(dynamics: &Dynamics) -> Alike {
        dynamics.alike(&[(0..dynamics.groups.len()).map(GroupId).collect()])
    }

    fn states(dynamics: &Dynamics, alike: Alike) -> usize {
        let mut exploration = Exploration::with_alike_groups(dynamics, alike);
        let mut next = 0;
        while next < exploration.count() {
            exploration.expand(next);
            next += 1;
        }
        exploration.count()
    }

    #[test]
    fn states_are_as_few_as_another_program_counts() {
        for (groups, expected) in [(2, 105), (3, 1_203)] {
            let dynamics = pairs(groups, "standby = 1");
            assert_eq!(states(&dynamics, alike(&dynamics)), expected);
        }
    }

    #[test]
    fn rates_out_of_a_state_are_those_of_all_its_groups() {
        let dynamics = pairs(3, "standby = 1");
        let exits = [alike(&dynamics), Alike::default()].map(|alike| {
            let mut exploration = Exploration::with_alike_groups(&dynamics, alike);
            exploration.expand(0);
            exploration.exit()[0] * 3_600.0
        });
        for exit in exits {
            assert!((exit / (6.0 / 90.0) - 1.0).abs() < 1e-14, "{exit}");
        }
    }

    #[test]
    fn groups_that_can_enter_the_queue_together_are_not_alike() {
        let found = |group: &str| alike(&pairs(2, group)).classes().len();
        assert_eq!(found("standby = 1\ndepends = [\"z\"]"), 1);
        assert_eq!(found("standby = { count = 1, check = \"9h\" }"), 1);
        assert_eq!(found("standby = { count = 1, check = \"9h\" }\ndepends = [\"z\"]"), 0);
    }
}
