//! Groups and domains that the system cannot tell apart: it is up when it was before any two of them trade places.

use std::collections::BTreeMap;

use crate::topology::system::{Expression, Part};
use crate::topology::{DomainId, GroupId, Model, Scope};

/// Pairs of domains that are looked at, at most.
const MOST_PAIRS: usize = 1_000;

/// `groups` in sets that may trade places in `up` and of which `same` holds, which must be an equivalence; a group that stands
/// alone is a set of its own. Decided by how `up` is written, but for the order of what stands beside each other: what it would
/// take more to see is missed.
pub(crate) fn interchangeable(
    model: &Model,
    groups: &[GroupId],
    same: &dyn Fn(GroupId, GroupId) -> bool,
) -> Vec<Vec<GroupId>> {
    let up = in_order(&model.system.up, &|part| part);
    let mut sets: Vec<Vec<GroupId>> = Vec::new();
    for &group in groups {
        let is_peer = |set: &&mut Vec<GroupId>| {
            let other = set[0];
            let swap = |found: Part| match found {
                Part::Group(found) if found == group => Part::Group(other),
                Part::Group(found) if found == other => Part::Group(group),
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

/// Domains of `scope` that may trade places as far as everything outside of it can tell: `up`, and the groups beside it that are
/// placed in them. Each entry says which pairs trade places at once: two domains within the same one, and those within them in
/// order. What is outside feels at most the two: where domains within them move, too, the classes of the scope before and
/// after a failure might be told by different names.
pub(crate) fn trading_domains(model: &Model, scope: &Scope) -> Vec<Vec<(DomainId, DomainId)>> {
    let relevant = Scope::relevant(model);
    let beside: Vec<GroupId> = relevant.groups.iter().copied().filter(|group| !scope.groups.contains(group)).collect();
    let up = in_order(&model.system.up, &|part| part);
    let after = |place: usize| scope.domains[place + 1..].iter();
    let pairs = scope.domains.iter().enumerate().flat_map(|(place, one)| after(place).map(move |other| (*one, *other)));
    let is_like = |(one, other): &(DomainId, DomainId)| {
        let (one, other) = (&model.domains[one.0], &model.domains[other.0]);
        one.within == other.within && one.life == other.life && one.repair == other.repair
    };
    let whole = |(one, other): (DomainId, DomainId)| {
        let mut pairs = Vec::new();
        matched(model, &relevant.domains, (one, other), &mut pairs).then_some(pairs)
    };
    let is_hidden = |pairs: &Vec<(DomainId, DomainId)>| {
        let renamed = |domain: DomainId| {
            let place = |(one, other): &(DomainId, DomainId)| match domain {
                _ if domain == *one => Some(*other),
                _ if domain == *other => Some(*one),
                _ => None,
            };
            pairs.iter().find_map(place).unwrap_or(domain)
        };
        let rename = |part: Part| match part {
            Part::Domain(domain) => Part::Domain(renamed(domain)),
            group @ Part::Group(_) => group,
        };
        let hides = |group: &GroupId| {
            let placed = model.placement_classes(*group);
            let moves = placed.iter().flat_map(|(domains, _)| domains).any(|domain| renamed(*domain) != *domain);
            !moves || pairs.len() == 1 && is_spread_evenly(&placed, &renamed)
        };
        let is_inside = |(one, other): &(DomainId, DomainId)| [one, other].iter().all(|id| scope.domains.contains(id));
        pairs.iter().all(is_inside) && beside.iter().all(hides) && in_order(&model.system.up, &rename) == up
    };
    pairs.filter(is_like).take(MOST_PAIRS).filter_map(whole).filter(is_hidden).collect()
}

/// Pairs two domains, and those within them in order; whether each has as many.
fn matched(
    model: &Model,
    domains: &[DomainId],
    (one, other): (DomainId, DomainId),
    pairs: &mut Vec<(DomainId, DomainId)>,
) -> bool {
    let within = |outer: DomainId| domains.iter().copied().filter(move |id| model.domains[id.0].within == Some(outer));
    pairs.push((one, other));
    within(one).count() == within(other).count()
        && within(one).zip(within(other)).all(|pair| matched(model, domains, pair, pairs))
}

/// Whether as many units are placed in the same domains after they are renamed.
fn is_spread_evenly(placed: &[(Vec<DomainId>, usize)], renamed: &dyn Fn(DomainId) -> DomainId) -> bool {
    let before: BTreeMap<&[DomainId], usize> = placed.iter().map(|(at, units)| (at.as_slice(), *units)).collect();
    placed.iter().all(|(at, units)| {
        let mut after: Vec<DomainId> = at.iter().map(|domain| renamed(*domain)).collect();
        after.sort_unstable();
        before.get(after.as_slice()) == Some(units)
    })
}

/// The expression with its parts renamed, in the one order that all have that differ by order only.
fn in_order(expression: &Expression, rename: &dyn Fn(Part) -> Part) -> Ordered {
    let (kind, of) = match expression {
        Expression::Part(part) => return Ordered::Part(rename(*part)),
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
    Part(Part),
    /// At least so many: all for `and`, 0 for `or`, which an `AtLeast` never says.
    Of(u32, Vec<Ordered>),
}

#[cfg(test)]
mod tests {
    use super::{interchangeable, trading_domains};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};
    use crate::topology::{DomainId, GroupId, Scope};

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

    /// The trades of the domains of the group `db`, `domains` being declarations of them.
    fn trades(domains: &str, groups: &str, up: &str) -> Vec<Vec<(usize, usize)>> {
        let text = format!(
            "[component.x]\nmtbf = \"9h\"\nmttr = \"1h\"\n{domains}[group.db]\ncomponent = \"x\"\nactive = 1\nstandby = 1\n\
             depends = [\"d0\", \"d1\"]\n{groups}[system]\nup = \"{up}\"\n"
        );
        let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let scope = Scope { groups: vec![GroupId(0)], domains: Scope::relevant(&model).domains };
        let ids = |(one, other): (DomainId, DomainId)| (one.0, other.0);
        trading_domains(&model, &scope).into_iter().map(|pairs| pairs.into_iter().map(ids).collect()).collect()
    }

    fn domain(number: usize, rest: &str) -> String {
        format!("[domain.d{number}]\nmtbf = \"9d\"\nmttr = \"1h\"\n{rest}")
    }

    #[test]
    fn domains_trade_places_where_nothing_outside_can_tell() {
        let web = |spread: &str, active: usize| {
            format!("[group.web]\ncomponent = \"x\"\nactive = {active}\nspread = [{spread}]\n")
        };
        let two = domain(0, "") + &domain(1, "");
        let pair = vec![vec![(0, 1)]];
        assert_eq!(trades(&two, "", "db"), pair);
        assert_eq!(trades(&two, "", "db and (d0 or d1)"), pair);
        assert_eq!(trades(&two, "", "db and d0"), [] as [Vec<(usize, usize)>; 0]);
        let even = web("\"d0\", \"d1\"", 4);
        assert_eq!(trades(&two, &even, "db and web"), pair);
        assert_eq!(trades(&two, &web("\"d0\", \"d1\"", 3), "db and web").len(), 0);
        assert_eq!(trades(&two, &web("\"d0\"", 2), "db and web").len(), 0);
        // A longer repair.
        let other = two.replacen("1h", "2h", 1);
        assert_eq!(trades(&other, "", "db").len(), 0);
    }

    #[test]
    fn domains_trade_places_with_those_within_them() {
        let racks = |first: &str| {
            let zones = domain(0, "") + &domain(1, "");
            let inner = |number: usize, zone: &str| domain(number, &format!("within = \"{zone}\"\n"));
            zones + &inner(2, first) + &inner(3, "d1")
        };
        let spread = |domains: &str| {
            format!(
                "[group.web]\ncomponent = \"x\"\nactive = 2\nspread = [{domains}]\n[group.api]\ncomponent = \"x\"\nactive = 1\n"
            )
        };
        let named = "db and (d2 or d3)";
        assert_eq!(trades(&racks("d0"), "", named), [[(0, 1), (2, 3)]]);
        // Two racks in one zone, none in the other: the racks alone.
        assert_eq!(trades(&racks("d1"), "", named), [[(2, 3)]]);
        // A group beside the module feels them.
        assert_eq!(trades(&racks("d0"), &spread("\"d2\", \"d3\""), "db and web and api").len(), 0);
        assert_eq!(trades(&racks("d1"), &spread("\"d2\", \"d3\""), "db and web and api"), [[(2, 3)]]);
    }
}
