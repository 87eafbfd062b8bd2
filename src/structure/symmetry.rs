//! Groups that the system cannot tell apart: it is up when it was before any two of them trade places.

use crate::topology::system::{Expression, Part};
use crate::topology::{GroupId, Model};

/// `groups` in sets that may trade places in `up` and of which `same` holds, which must be an equivalence; a group that stands
/// alone is a set of its own. Decided by how `up` is written, but for the order of what stands beside each other: what it would
/// take more to see is missed.
pub(crate) fn interchangeable(
    model: &Model,
    groups: &[GroupId],
    same: &dyn Fn(GroupId, GroupId) -> bool,
) -> Vec<Vec<GroupId>> {
    let up = in_order(&model.system.up, &|group| group);
    let mut sets: Vec<Vec<GroupId>> = Vec::new();
    for &group in groups {
        let is_peer = |set: &&mut Vec<GroupId>| {
            let other = set[0];
            let swap = |found: GroupId| match found {
                found if found == group => other,
                found if found == other => group,
                found => found,
            };
            same(group, other) && in_order(&model.system.up, &swap) == up
        };
        match sets.iter_mut().find(is_peer) {
            Some(set) => set.push(group),
            None => sets.push(vec![group]),
        }
    }
    sets
}

/// The expression with its groups renamed, in the one order that all have that differ by order only.
fn in_order(expression: &Expression, rename: &dyn Fn(GroupId) -> GroupId) -> Ordered {
    let (kind, of) = match expression {
        Expression::Part(Part::Group(group)) => return Ordered::Group(rename(*group)),
        Expression::Part(Part::Domain(domain)) => return Ordered::Domain(domain.0),
        Expression::And(of) => (u32::MAX, of),
        Expression::Or(of) => (0, of),
        Expression::AtLeast(need, of) => (*need, of),
    };
    let mut of: Vec<Ordered> = of.iter().map(|part| in_order(part, rename)).collect();
    of.sort_unstable();
    Ordered::Of(kind, of)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ordered {
    Group(GroupId),
    Domain(usize),
    /// At least so many: all for `and`, 0 for `or`, which an `AtLeast` never says.
    Of(u32, Vec<Ordered>),
}

#[cfg(test)]
mod tests {
    use super::interchangeable;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::GroupId;
    use crate::topology::read::{Syntax, read};

    fn sets(up: &str) -> Vec<Vec<usize>> {
        let group = |name: &str| format!("[group.{name}]\ncomponent = \"x\"\nactive = 1\n");
        let groups: String = ["a", "b", "c", "d"].map(group).concat();
        let text = format!("[component.x]\nmtbf = \"9h\"\nmttr = \"1h\"\n{groups}[system]\nup = \"{up}\"\n");
        let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let groups: Vec<GroupId> = (0..4).map(GroupId).collect();
        interchangeable(&model, &groups, &|_, _| true)
            .into_iter()
            .map(|set| set.into_iter().map(|group| group.0).collect())
            .collect()
    }

    #[test]
    fn groups_trade_places_where_the_expression_stays_the_same() {
        assert_eq!(sets("a and b and c and d"), [vec![0, 1, 2, 3]]);
        assert_eq!(sets("2 of (d, c, a) or b"), [vec![0, 2, 3], vec![1]]);
        assert_eq!(sets("(a or b) and (d or c)"), [vec![0, 1], vec![2, 3]]);
        assert_eq!(sets("(a and b) or (a and c) or d"), [vec![0], vec![1, 2], vec![3]]);
        // Neither `c` nor `d` is named.
        assert_eq!(sets("a and b"), [vec![0, 1], vec![2, 3]]);
        assert_eq!(sets("a or (b and c and d)"), [vec![0], vec![1, 2, 3]]);
    }
}
