//! Modules with a product form: no chain is needed.
//!
//! Groups without standby, load and common cause, whose units have one way to fail, no restart, and exponential repairs of
//! one mean by one crew, are a closed queueing network: units work (a station where nobody waits), wait to be noticed (another
//! one), and are repaired in the order in which they come by c repairers. Its stationary distribution is a product (Baskett,
//! Chandy, Muntz, Palacios 1975). With f failed and noticed units and e failed ones that nobody has noticed in each group g:
//!
//! ```text
//! p ~ F! / prod_{j=1..F} min(j, c) * prod_g n! / ((n - f - e)! f! e!) * (r t)^f (r d)^e,    F = sum of all f
//!
//! r  failures per second of a unit     n  units of the group
//! t  mean repair                       d  mean time until a failure is noticed
//! ```
//!
//! Of lives and of noticing only the means matter, whatever the distributions. Domains go their own way, and so do units while
//! their domain is down; given the domains that are down, a group is up while enough of the other units work.
//!
//! Sums over all states are convolutions of polynomials in x, whose power is F: a failed unit is `r d + r t x`. Those of a group
//! are sorted by whether it is up, those of a set of groups that the system cannot tell apart by how many of them are up. An
//! outage begins when a unit fails in a group that has just enough, or when a domain does. All terms are positive.
//!
//! Checked in `tests/agreement` against exact fractions, the naive solver and the chain.

mod station;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use indexmap::IndexMap;

use crate::exact::chain::{Solved, StandIn};
use crate::measure::Cause;
use crate::structure::plain::{Unit, causes_of};
use crate::structure::readings::Readings;
use crate::structure::symmetry::interchangeable;
use crate::structure::variable::{Flow, Variable};
use crate::topology::component::Mode;
use crate::topology::{DomainId, GroupId, Model, Scope, binding_crew};

use station::{Polynomial, Situation, Station, only_mode, product};

/// Multiplications that a product form may cost: a second or two.
const MOST_WORK: f64 = 3e9;
/// Units up to which no weight that matters is too small for doubles.
const MOST_UNITS: usize = 1_000;
/// Rounding of one operation, with room.
const ROUNDING: f64 = 1.2e-16;

/// A module with a product form.
#[derive(Debug)]
pub(crate) struct Product<'a> {
    model: &'a Model,
    scope: &'a Scope,
    readings: &'a Readings,
    groups: Vec<Station>,
    /// Groups that are read, in sets that the system cannot tell apart; by their place among `groups`.
    sets: Vec<Vec<usize>>,
    /// For each number of noticed failures, the weight of its orders in the queue and at the repairers.
    weights: Vec<f64>,
}

/// For each number of groups that are up in each set (followed by those that are up afterwards, if something happens), the
/// states that have it.
type ByCounts = BTreeMap<Vec<u16>, Polynomial>;

impl<'a> Product<'a> {
    /// The product form of a module of which `readings` are asked; nothing if it has none, or one that costs too much.
    pub(crate) fn of(model: &'a Model, scope: &'a Scope, readings: &'a Readings) -> Option<Self> {
        let crew = binding_crew(model, *scope.groups.first()?)?;
        let first = only_mode(model, scope.groups[0])?;
        let repair = first.repair.as_ref().filter(|repair| repair.is_exponential())?;
        let fits = |group: &GroupId| {
            let of_group = &model.groups[group.0];
            let is_alone = of_group.standby.is_none() && of_group.load.is_none() && of_group.common_cause.is_none();
            let has_repair = |mode: &Mode| mode.restart.is_none() && mode.repair.as_ref() == Some(repair);
            is_alone && binding_crew(model, *group) == Some(crew) && only_mode(model, *group).is_some_and(has_repair)
        };
        let of_domain = |domain: &DomainId| model.domains[domain.0].repair.mean() > 0.0;
        let units: usize = scope.groups.iter().map(|group| model.groups[group.0].units()).sum();
        let fits = readings.slots.is_empty()
            && scope.groups.iter().all(fits)
            && scope.domains.iter().all(of_domain)
            && units <= MOST_UNITS
            && scope.domains.len() < 16;
        if !fits {
            return None;
        }
        let size = model.crews[crew.0].size as usize;
        // Weights stay near 1 at both ends.
        let scale = (units as f64 / (std::f64::consts::E * size as f64)).max(1.0);
        let sets = interchangeable(model, &readings.up, &|_, _| true);
        let place =
            |group: &GroupId| scope.groups.iter().position(|other| other == group).expect("it is of the module");
        let sets: Vec<Vec<usize>> = sets.iter().map(|set| set.iter().map(place).collect()).collect();
        let station = |(place, group): (usize, &GroupId)| {
            let set = sets.iter().position(|set| set.contains(&place));
            Station::new(model, scope, *group, set, repair.mean() * scale)
        };
        let groups = scope.groups.iter().enumerate().map(station).collect();
        let product = Self { model, scope, readings, groups, sets, weights: weights(units, size, scale) };
        (product.work() <= MOST_WORK).then_some(product)
    }

    /// About how many multiplications it takes.
    fn work(&self) -> f64 {
        let units = self.weights.len() as f64;
        let counts: f64 = self.sets.iter().map(|set| set.len() as f64 + 1.0).product();
        let pairs: f64 =
            self.sets.iter().map(|set| (set.len() as f64 + 1.0) * (set.len() as f64 + 2.0) / 2.0).product();
        let states = libm::pow(2.0, self.scope.domains.len() as f64);
        // Groups have so many units, and each step of a convolution is one of units times theirs.
        let convolution = units * units;
        let by_units = counts * self.groups.len() as f64;
        let by_domains = if self.scope.domains.is_empty() { 0.0 } else { pairs * self.scope.domains.len() as f64 };
        states * convolution * (by_units + by_domains)
    }

    /// All that is asked of the module.
    pub(crate) fn solve(&self) -> Solved {
        let mut found = Found::default();
        let (causes, first_mode) = self.causes();
        for down in 0..1_u64 << self.scope.domains.len() {
            self.given(down, first_mode, &mut found);
        }
        let total: f64 = found.classes.values().sum();
        // Each factor and each level of sums of a polynomial adds a rounding, for units, groups, weights and domains.
        let operations = 8 * self.weights.len() + 8 * self.groups.len() + 4 * self.scope.domains.len() + 20;
        let error = ROUNDING * operations as f64;
        let variable = |factor: f64| Variable {
            probabilities: found.classes.values().map(|weight| weight / total * factor).collect(),
            flows: found.flows.iter().map(|(key, rate)| key.flow(rate / total * factor)).collect(),
            has_flows: true,
        };
        Solved {
            causes,
            states: 0,
            alike: Vec::new(),
            stand_ins: self.stand_ins(&found, total),
            value: variable(1.0),
            low: variable(1.0 - error),
            high: variable(1.0 + error),
            beyond: None,
            classes: found.classes.into_keys().collect(),
        }
    }

    /// Domains, then the modes of the groups; and the number of the first mode.
    fn causes(&self) -> (Vec<Cause>, usize) {
        let domains = self.scope.domains.iter().map(|domain| Cause::Domain(self.model.domains[domain.0].name.clone()));
        let mode = |group: &GroupId| causes_of(&self.model.groups[group.0].name, self.model.component_of(*group));
        (domains.chain(self.scope.groups.iter().flat_map(mode)).collect(), self.scope.domains.len())
    }

    /// Adds what is so while the domains `down`, and no other ones, are down themselves.
    fn given(&self, down: u64, first_mode: usize, found: &mut Found) {
        let (probability, blocking) = (self.probability(down), self.blocking(down));
        let situations: Vec<Situation> = self.groups.iter().map(|group| group.situation(blocking, blocking)).collect();
        for (counts, polynomial) in self.by_counts(&situations, None) {
            let class = found.number(self.class(&counts, blocking));
            found.classes[class] += probability * self.sum(&polynomial);
        }
        for (place, group) in self.groups.iter().enumerate() {
            let Some(set) = group.set else { continue };
            let boundary = group.polynomial(&situations[place].boundary);
            let is_down = group.polynomial(&situations[place].down);
            for (counts, others) in self.by_counts(&situations, Some(place)) {
                let after = found.number(self.class(&counts, blocking));
                let weight = probability * self.sum(&product(&others, &is_down));
                *found.down.entry((place, after)).or_default() += weight;
                let mut counts = counts;
                counts[set] += 1;
                let before = found.number(self.class(&counts, blocking));
                let rate = probability * group.rate * self.sum(&product(&others, &boundary));
                found.add_flow(Change { before, after, cause: first_mode + place }, rate);
            }
        }
        for (place, domain) in self.scope.domains.iter().enumerate().filter(|(place, _)| down & (1 << place) == 0) {
            let then_blocking = self.blocking(down | 1 << place);
            let rate = probability / self.model.domains[domain.0].life.mean();
            let both: Vec<Situation> =
                self.groups.iter().map(|group| group.situation(blocking, then_blocking)).collect();
            for (counts, polynomial) in self.by_counts_before_and_after(&both) {
                let (first, then) = counts.split_at(self.sets.len());
                let before = found.number(self.class(first, blocking));
                let after = found.number(self.class(then, then_blocking));
                found.add_flow(Change { before, after, cause: place }, rate * self.sum(&polynomial));
            }
        }
    }

    fn probability(&self, down: u64) -> f64 {
        let share = |(place, domain): (usize, &DomainId)| {
            let domain = Unit::of_domain(&self.model.domains[domain.0]);
            if down & (1 << place) == 0 { domain.up } else { domain.down }
        };
        self.scope.domains.iter().enumerate().map(share).product()
    }

    /// The domains that are down themselves or lie in one that is.
    fn blocking(&self, down: u64) -> u64 {
        let domains = self.scope.domains.iter().enumerate();
        let is_down =
            |outer: &DomainId| self.scope.domains.iter().position(|d| d == outer).is_some_and(|p| down & (1 << p) != 0);
        domains
            .filter(|(_, domain)| self.model.domain_chain(**domain).iter().any(is_down))
            .fold(0, |bits, (p, _)| bits | 1 << p)
    }

    /// What is read off when so many groups of each set are up: the first ones stand for any.
    fn class(&self, counts: &[u16], blocking: u64) -> Box<[u16]> {
        let is_up = |group: &GroupId| {
            let (set, place) = self.sets.iter().enumerate().find_map(|(number, set)| {
                let place = set.iter().position(|&member| self.scope.groups[member] == *group)?;
                Some((number, place))
            })?;
            Some(u16::from(place < counts[set] as usize))
        };
        let is_down = |domain: &DomainId| {
            let place = self.scope.domains.iter().position(|other| other == domain).expect("it is of the module");
            u16::from(blocking & (1 << place) != 0)
        };
        self.readings.up.iter().filter_map(is_up).chain(self.readings.domains.iter().map(is_down)).collect()
    }

    /// All groups together, or all but one.
    fn by_counts(&self, situations: &[Situation], but: Option<usize>) -> ByCounts {
        let mut sums = ByCounts::from([(vec![0; self.sets.len()], vec![1.0])]);
        for (place, (group, situation)) in self.groups.iter().zip(situations).enumerate() {
            if Some(place) != but {
                let up = (group.set.into_iter().collect(), group.polynomial(&situation.up));
                sums = joined(&sums, &[up, (Vec::new(), group.polynomial(&situation.down))]);
            }
        }
        sums
    }

    fn by_counts_before_and_after(&self, both: &[Situation]) -> ByCounts {
        let sets = self.sets.len();
        let mut sums = ByCounts::from([(vec![0; 2 * sets], vec![1.0])]);
        for (group, situation) in self.groups.iter().zip(both) {
            let ups = |afterwards: bool| -> Vec<usize> {
                let places = group.set.map(|set| [set].into_iter().chain(afterwards.then_some(set + sets)));
                places.into_iter().flatten().collect()
            };
            sums = joined(
                &sums,
                &[
                    (ups(true), group.polynomial(&situation.up)),
                    (ups(false), group.polynomial(&situation.lost)),
                    (Vec::new(), group.polynomial(&situation.down)),
                ],
            );
        }
        sums
    }

    fn sum(&self, polynomial: &[f64]) -> f64 {
        polynomial.iter().zip(&self.weights).map(|(factor, weight)| factor * weight).sum()
    }

    /// How likely each class is while a group of a larger set is down.
    fn stand_ins(&self, found: &Found, total: f64) -> Vec<StandIn> {
        let stand_in = |place: usize, last: usize| {
            let share = |class: usize| found.down.get(&(place, class)).map_or(0.0, |weight| weight / total);
            let probabilities = (0..found.classes.len()).map(share).collect();
            StandIn { of: self.scope.groups[place], by: self.scope.groups[last], probabilities }
        };
        let sets = self.sets.iter().filter(|set| set.len() > 1);
        sets.flat_map(|set| set.iter().map(move |&place| stand_in(place, set[set.len() - 1]))).collect()
    }
}

/// Sums so far.
#[derive(Debug, Default)]
struct Found {
    /// The weight of each class.
    classes: IndexMap<Box<[u16]>, f64>,
    flows: BTreeMap<Change, f64>,
    /// The weight of each class with a group down, by the place of the group.
    down: BTreeMap<(usize, usize), f64>,
}

/// From class to class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    before: usize,
    after: usize,
    cause: usize,
}

impl Change {
    fn flow(self, rate: f64) -> Flow {
        Flow { from: self.before, to: self.after, rate, cause: self.cause }
    }
}

impl Found {
    fn number(&mut self, class: Box<[u16]>) -> usize {
        let entry = self.classes.entry(class);
        let number = entry.index();
        entry.or_default();
        number
    }

    fn add_flow(&mut self, change: Change, rate: f64) {
        if change.before != change.after && rate > 0.0 {
            *self.flows.entry(change).or_default() += rate;
        }
    }
}

/// `F! / prod_{j=1..F} min(j, c) / scale^F` for each F up to `units`.
fn weights(units: usize, size: usize, scale: f64) -> Vec<f64> {
    let ratio = |number: usize| number as f64 / number.min(size) as f64 / scale;
    let next = |weight: &mut f64, number: usize| {
        if number > 0 {
            *weight *= ratio(number);
        }
        Some(*weight)
    };
    (0..=units).scan(1.0, next).collect()
}

/// One group more: it is in one of `ways`, each with the counts to which it adds one.
fn joined(sums: &ByCounts, ways: &[(Vec<usize>, Polynomial)]) -> ByCounts {
    let mut joined = ByCounts::new();
    for (counts, sum) in sums {
        for (places, polynomial) in ways.iter().filter(|(_, polynomial)| polynomial.iter().any(|factor| *factor > 0.0))
        {
            let mut counts = counts.clone();
            for &place in places {
                counts[place] += 1;
            }
            let more = product(sum, polynomial);
            match joined.entry(counts) {
                Entry::Vacant(room) => {
                    room.insert(more);
                }
                Entry::Occupied(mut known) => known.get_mut().iter_mut().zip(more).for_each(|(sum, more)| *sum += more),
            }
        }
    }
    joined
}
