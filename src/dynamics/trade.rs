//! Symmetry of domains: states that differ only by which of several alike domains is in which situation are one.
//!
//! Domains trade places together with the units that are placed in them: the k-th unit of each group with the k-th one of the
//! same group in the other domain, with its stage, its rank in the queue of the crew, and the slots that it owns or that have
//! claimed it. Domains that are within them trade places, too. A trade is allowed only where no rule can tell it:
//!
//! - the domains have equal lives and repairs, and lie within the same ones;
//! - each group of the scope has as many units in the one as in the other, with all their other domains the same;
//! - groups keep their places, and slots their numbers: so file order and "the lowest lost slot" say the same before and after;
//! - in a group of which units move, the number of a unit never decides: "the lowest ready standby" is the only one where a
//!   group has one more unit than slots, or no slots that change hands; units never come to need a binding crew at one instant
//!   (a common cause that nobody has to notice first, failures that wait for a `check`); and no unit is back from a restart that
//!   takes no time before the next one is noticed ([`canonical`](crate::dynamics::canonical)).
//!
//! A domain acts on all groups at one instant, but on each for itself: who enters a queue then is in file order of the groups, which
//! keep their places. A domain around others is down as a whole, in which the trade changes nothing.
//!
//! Trades are symmetries of the whole semantics, and so are their products: the representative of a state is the smallest of
//! all that it is traded for. Whether the rest of the system can tell domains apart is for the caller to say. Checked by
//! comparing lumped with unlumped solutions over random topologies.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::dynamics::alike::Alike;
use crate::dynamics::canonical::Sorting;
use crate::dynamics::table::{Dynamics, GroupTable};
use crate::topology::{DomainId, GroupId};

/// Orders of domains up to which all are tried for each state: as many as four domains have.
const MOST_ORDERS: usize = 24;

/// Which domains trade places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AlikeDomains {
    /// Domains that are traded for one another, by local index, ascending, at least two of each kind.
    pub(crate) kinds: Vec<Vec<usize>>,
    /// All of them but the one that changes nothing.
    trades: Vec<Trade>,
    /// The groups of which units move, those that trade places themselves together.
    blocks: Vec<Vec<usize>>,
}

/// Domains trade places, and units with them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trade {
    /// For each domain the one whose situation it takes over.
    domains: Vec<usize>,
    /// Per group, for each unit the one whose situation it takes over; empty where none moves.
    units: Vec<Vec<usize>>,
}

/// Where states are traded; kept from one to the next, it saves making room again.
#[derive(Debug, Default)]
pub(crate) struct TradingDesk {
    origin: Vec<u16>,
    image: Vec<u16>,
}

impl AlikeDomains {
    /// How many trades there are.
    pub(crate) fn trades(&self) -> usize {
        self.trades.len()
    }

    /// The domains that `domain` trades places with, and itself; nothing if it never does.
    pub(crate) fn peers_of(&self, domain: usize) -> Option<&[usize]> {
        self.kinds.iter().find(|kind| kind.contains(&domain)).map(Vec::as_slice)
    }
}

impl Dynamics {
    /// As [`Dynamics::alike`]; and of the pairs of `domains` that the caller cannot tell apart when those of one entry trade places
    /// at once, those that the rules cannot tell apart either, as far as they have few enough orders.
    ///
    /// # Panics
    /// When a group or a domain is outside the scope.
    pub fn alike_with_domains(&self, groups: &[Vec<GroupId>], domains: &[Vec<(DomainId, DomainId)>]) -> Alike {
        let mut alike = self.alike(groups);
        let unchanged: Vec<usize> = (0..self.domains.len()).collect();
        let (mut orders, mut generators) = (vec![unchanged.clone()], Vec::new());
        for pairs in domains {
            let mut order = unchanged.clone();
            for (one, other) in pairs {
                let local = |id: &DomainId| self.domain_index[id.0].expect("the domain is in the scope");
                order.swap(local(one), local(other));
            }
            if orders.contains(&order) || self.trade(&order).is_none() {
                continue;
            }
            generators.push(order);
            match closure(&unchanged, &generators) {
                Some(closed) => orders = closed,
                None => drop(generators.pop()),
            }
        }
        let trade = |order: &Vec<usize>| self.trade(order).expect("what follows from trades is one");
        let trades: Vec<Trade> = orders[1..].iter().map(trade).collect();
        let moves = |block: &Vec<usize>| trades.iter().any(|trade| !trade.units[block[0]].is_empty());
        let blocks = (0..self.groups.len()).filter_map(|group| alike.block_of(group)).filter(moves).collect();
        alike.domains = AlikeDomains { kinds: kinds(&orders), trades, blocks };
        alike
    }

    /// The trade in which each domain takes the place of the one that `order` names; nothing if a rule can tell.
    fn trade(&self, order: &[usize]) -> Option<Trade> {
        let renamed = |of: &[usize]| {
            let mut renamed: Vec<usize> = of.iter().map(|&domain| order[domain]).collect();
            renamed.sort_unstable();
            renamed
        };
        let is_like = |(domain, &other): (usize, &usize)| {
            let (one, other) = (&self.domains[domain], &self.domains[other]);
            let mut around = other.chain.clone();
            around.sort_unstable();
            (one.life, one.repair) == (other.life, other.repair) && renamed(&one.chain) == around
        };
        let domains_are_alike = order.iter().enumerate().all(is_like);
        let units = self.groups.iter().map(|group| group.traded_units(&renamed));
        let units = units.collect::<Option<Vec<Vec<usize>>>>().filter(|_| domains_are_alike)?;
        Some(Trade { domains: order.to_vec(), units })
    }

    /// Turns `cells`, in which units and groups are in order, into the smallest ones for which domains can be traded.
    pub(crate) fn trade_domains(&self, cells: &mut [u16], alike: &Alike, sorting: &mut Sorting) {
        if alike.domains.trades.is_empty() {
            return;
        }
        let mut desk = std::mem::take(&mut sorting.desk);
        desk.origin.clear();
        desk.origin.extend_from_slice(cells);
        for trade in &alike.domains.trades {
            if self.is_smaller(trade, cells, &alike.domains.blocks, &mut desk, sorting) {
                cells.copy_from_slice(&desk.image);
            }
        }
        sorting.desk = desk;
    }

    /// Whether the trade makes something smaller than `cells` of the origin: then it is the image. Domains count first, then the
    /// groups that move, block by block.
    fn is_smaller(
        &self,
        trade: &Trade,
        cells: &[u16],
        blocks: &[Vec<usize>],
        desk: &mut TradingDesk,
        sorting: &mut Sorting,
    ) -> bool {
        let TradingDesk { origin, image } = desk;
        image.clear();
        image.extend(trade.domains.iter().map(|&domain| origin[domain]));
        let mut ordering = image[..].cmp(&cells[..self.domains.len()]);
        if ordering == Ordering::Greater {
            return false;
        }
        image.extend_from_slice(&origin[self.domains.len()..]);
        for block in blocks {
            for &group in block {
                self.groups[group].trade_units(&trade.units[group], origin, image, sorting);
            }
            self.sort_class(image, block);
            if ordering == Ordering::Equal {
                let ranges = || block.iter().map(|&group| self.groups[group].layout.range());
                let differ = ranges().map(|range| image[range.clone()].cmp(&cells[range]));
                ordering = differ.fold(Ordering::Equal, Ordering::then);
                if ordering == Ordering::Greater {
                    return false;
                }
            }
        }
        ordering == Ordering::Less
    }
}

impl GroupTable {
    /// For each unit the one whose situation it takes over when domains are renamed; nothing if there is none, or if a rule can
    /// tell, and empty where none moves.
    fn traded_units(&self, renamed: &dyn Fn(&[usize]) -> Vec<usize>) -> Option<Vec<usize>> {
        let mut placed: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
        for (unit, domains) in self.layout.unit_domains.iter().enumerate() {
            placed.entry(domains).or_default().push(unit);
        }
        let mut from = vec![0; self.layout.units];
        for (domains, units) in &placed {
            let others = placed.get(renamed(domains).as_slice()).filter(|others| others.len() == units.len())?;
            for (&unit, &other) in units.iter().zip(others) {
                from[unit] = other;
            }
        }
        if from.iter().enumerate().all(|(unit, &other)| unit == other) {
            return Some(Vec::new());
        }
        self.numbers_never_decide().then_some(from)
    }

    /// Whether no rule looks at the number of a unit.
    fn numbers_never_decide(&self) -> bool {
        let has_choice = self.layout.has_owners()
            && (self.layout.units > self.layout.slots + 1 || self.restarts_before_the_next_notice());
        !has_choice && !self.enters_crew_together()
    }

    /// Puts the units of `origin` where `from` says into `image`, where they have not moved yet, and sorts them.
    fn trade_units(&self, from: &[usize], origin: &[u16], image: &mut [u16], sorting: &mut Sorting) {
        if from.is_empty() || origin[self.layout.range()].iter().all(|&cell| cell == 0) {
            return;
        }
        for (place, &unit) in from.iter().enumerate().filter(|(place, unit)| place != *unit) {
            self.move_unit(origin, image, unit, place);
        }
        if !self.is_canonical(image) {
            self.sort_units(image, sorting);
        }
    }
}

/// All orders that follow from `generators`, the unchanged one first; nothing if they are too many.
fn closure(unchanged: &[usize], generators: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
    let mut orders = vec![unchanged.to_vec()];
    let mut next = 0;
    while next < orders.len() {
        for generator in generators {
            let product: Vec<usize> = orders[next].iter().map(|&domain| generator[domain]).collect();
            if !orders.contains(&product) {
                orders.push(product);
            }
        }
        if orders.len() > MOST_ORDERS {
            return None;
        }
        next += 1;
    }
    Some(orders)
}

/// The domains that take each other's places in some order.
fn kinds(orders: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let kind = |domain: usize| {
        let mut kind: Vec<usize> = orders.iter().map(|order| order[domain]).collect();
        kind.sort_unstable();
        kind.dedup();
        kind
    };
    let mut kinds: Vec<Vec<usize>> = (0..orders[0].len()).map(kind).filter(|kind| kind.len() > 1).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::dynamics::canonical::Sorting;
    use crate::dynamics::{Alike, Dynamics, Exploration, State};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};
    use crate::topology::{DomainId, Scope};

    /// A component, a crew, and domains with equal numbers, each within the one that is named.
    fn dynamics(domains: &[&str], groups: &str) -> Dynamics {
        let domain = |(number, within): (usize, &&str)| {
            let within = if within.is_empty() { String::new() } else { format!("within = \"{within}\"\n") };
            format!("[domain.d{number}]\nmtbf = \"90h\"\nmttr = \"2h\"\n{within}")
        };
        let domains: String = domains.iter().enumerate().map(domain).collect();
        let names: Vec<String> = groups.split("[group.").skip(1).map(|group| group[..1].to_owned()).collect();
        let text = format!(
            "[component.c]\nmtbf = \"50h\"\nmttr = \"1h\"\ndetect = \"5m\"\n[component.z]\nmtbf = \"70h\"\nmttr = \"1h\"\n\
             restart = {{ takes = \"0s\", works = 0.5 }}\n[crew.k]\nsize = 1\n{domains}{groups}[system]\nup = \"{}\"\n",
            names.join(" and ")
        );
        let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        Dynamics::new(&model, &Scope::relevant(&model))
    }

    fn group(name: &str, rest: &str) -> String {
        format!("[group.{name}]\ncomponent = \"c\"\n{rest}\n")
    }

    const ZONES: &str = "spread = [\"d0\", \"d1\"]\n";
    const PAIR: &str = "active = 1\nstandby = 1\nfailover = { takes = \"1m\", works = 0.9, otherwise = \"1h\" }\n";

    /// Each pair of the first domains alone may trade places as far as the caller knows.
    fn alike(dynamics: &Dynamics, domains: usize) -> Alike {
        let pairs = (0..domains).flat_map(|one| (one + 1..domains).map(move |other| vec![(one, other)]));
        trading(dynamics, &pairs.collect::<Vec<_>>())
    }

    fn trading(dynamics: &Dynamics, pairs: &[Vec<(usize, usize)>]) -> Alike {
        let ids = |&(one, other): &(usize, usize)| (DomainId(one), DomainId(other));
        let pairs: Vec<Vec<_>> = pairs.iter().map(|pairs| pairs.iter().map(ids).collect()).collect();
        dynamics.alike_with_domains(&[], &pairs)
    }

    fn explored<'a>(dynamics: &'a Dynamics, alike: &Alike) -> Exploration<'a> {
        let mut exploration = Exploration::with_alike_groups(dynamics, alike.clone());
        let mut next = 0;
        while next < exploration.count() {
            exploration.expand(next);
            next += 1;
        }
        exploration
    }

    /// Whether each state has, to all states that are one after the trades, the rates that their representative has: then
    /// the representatives are a Markov chain. The states without and with trades are returned.
    fn assert_lumpable(dynamics: &Dynamics, alike: &Alike) -> (usize, usize) {
        let (apart, lumped) = (explored(dynamics, &Alike::default()), explored(dynamics, alike));
        let mut sorting = Sorting::default();
        let known: BTreeMap<State, u32> =
            (0..lumped.count()).map(|state| (lumped.state(state), state as u32)).collect();
        let representative = |state: usize| {
            let mut cells = apart.state(state).cells().to_vec();
            dynamics.put_in_order(&mut cells, &[], alike, &mut sorting);
            known[&State::from_cells(&cells)]
        };
        let number: Vec<u32> = (0..apart.count()).map(representative).collect();
        let rates = |exploration: &Exploration<'_>, state: usize, own: u32, number: &dyn Fn(u32) -> u32| {
            let mut rates: BTreeMap<(u32, bool), f64> = BTreeMap::new();
            for arc in exploration.arcs_of(state).expect("it was expanded") {
                if number(arc.to) != own {
                    *rates.entry((number(arc.to), arc.is_loss())).or_default() += arc.rate;
                }
            }
            rates
        };
        for state in 0..apart.count() {
            let own = number[state];
            let found = rates(&apart, state, own, &|to| number[to as usize]);
            let expected = rates(&lumped, own as usize, own, &|to| to);
            assert!(found.keys().eq(expected.keys()), "{:?}", apart.state(state));
            for (found, expected) in found.values().zip(expected.values()) {
                assert!((found / expected - 1.0).abs() < 1e-14, "{found} {expected} {:?}", apart.state(state));
            }
        }
        (apart.count(), lumped.count())
    }

    #[test]
    fn states_that_trade_places_have_the_same_rates() {
        let web = group("w", &format!("active = 4\nneed = 2\ncrew = \"k\"\n{ZONES}"));
        let pair = group("p", &format!("{PAIR}crew = \"k\"\n{ZONES}"));
        let zones = dynamics(&["", ""], &format!("{web}{pair}"));
        let (apart, lumped) = assert_lumpable(&zones, &alike(&zones, 2));
        // The slot of the pair is owned in one of the zones: no state is its own image.
        assert_eq!(lumped * 2, apart);
        // Three zones have six orders: a unit in each, two slots and a standby.
        let pool =
            "active = 2\nstandby = { count = 1, mode = \"cold\" }\nspread = [\"d1\", \"d2\", \"d0\"]\nload = 1.5\n";
        let three = dynamics(&["", "", ""], &group("p", pool));
        let (apart, lumped) = assert_lumpable(&three, &alike(&three, 3));
        assert!(lumped * 6 >= apart && lumped * 4 < apart, "{apart} {lumped}");
        // Racks follow their zones, which lie within a region.
        let within =
            dynamics(&["", "d0", "d0", "d1", "d2"], &group("p", &format!("{PAIR}spread = [\"d3\", \"d4\"]\n")));
        let (apart, lumped) = assert_lumpable(&within, &trading(&within, &[vec![(1, 2), (3, 4)]]));
        assert_eq!(lumped * 2, apart);
    }

    #[test]
    fn domains_trade_places_only_where_no_rule_can_tell() {
        let kinds = |rest: &str| {
            let dynamics = dynamics(&["", ""], &group("g", rest));
            alike(&dynamics, 2).kinds_of_domains().len()
        };
        let uneven = "active = 3\nneed = 1\n";
        let check = "active = 1\nstandby = { count = 1, check = \"9h\" }\n";
        let shared = "active = 2\nneed = 1\ncommon_cause = { beta = 0.1 }\n";
        let cases = [
            (format!("{PAIR}{ZONES}"), 1),
            (format!("{PAIR}crew = \"k\"\n{ZONES}"), 1),
            (format!("active = 3\nstandby = 1\ncrew = \"k\"\n{ZONES}"), 1),
            (format!("{uneven}{ZONES}"), 0),
            // Each zone has a group of its own.
            (format!("{PAIR}spread = [\"d0\"]\n{}", group("h", &format!("{PAIR}spread = [\"d1\"]\n"))), 0),
            (format!("{uneven}depends = [\"d0\", \"d1\"]\n"), 1),
            // Which standby comes first is a matter of numbers.
            (format!("active = 2\nstandby = 1\n{ZONES}"), 0),
            (format!("active = 2\nstandby = 2\n{ZONES}"), 0),
            // Who comes first to the crew is one, too, but only where the units are not all in the same domains.
            (format!("{check}{ZONES}"), 1),
            (format!("{check}crew = \"k\"\n{ZONES}"), 0),
            (format!("{check}crew = \"k\"\ndepends = [\"d0\", \"d1\"]\n"), 1),
            (format!("{shared}crew = \"k\"\n{ZONES}"), 1),
            (format!("{shared}{ZONES}"), 1),
        ];
        for (rest, expected) in cases {
            assert_eq!(kinds(&rest), expected, "{rest}");
        }
        let at_once = |rest: &str| {
            let text = group("g", &format!("{rest}{ZONES}")).replace("\"c\"", "\"z\"");
            alike(&dynamics(&["", ""], &text), 2).kinds_of_domains().len()
        };
        // Without delay both come to the crew at one instant, and one may be back before the other is noticed.
        assert_eq!([at_once(shared), at_once(&format!("{shared}crew = \"k\"\n"))], [1, 0]);
        assert_eq!([at_once(PAIR), at_once(&format!("{PAIR}common_cause = {{ beta = 0.1 }}\n"))], [1, 0]);
    }

    #[test]
    fn orders_are_closed_and_few() {
        let spread = |domains: usize| {
            let names: Vec<String> = (0..domains).map(|domain| format!("\"d{domain}\"")).collect();
            group("g", &format!("active = {domains}\nspread = [{}]\n", names.join(", ")))
        };
        for (domains, trades, kind) in [(2, 1, 2), (3, 5, 3), (4, 23, 4), (6, 23, 4)] {
            let dynamics = dynamics(&vec![""; domains], &spread(domains));
            let alike = alike(&dynamics, domains);
            assert_eq!((alike.domains.trades(), alike.kinds_of_domains()[0].len()), (trades, kind), "{domains}");
        }
    }
}
