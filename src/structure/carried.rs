//! What a system with a demand loses of it in the long run, and which share of the time it cannot carry all.
//!
//! The states of modules and domains are enumerated together; given them the plain groups are independent, and each name of
//! `up` occurs once. So below an `and` the distributions of (capacity, lost) of the parts fold pairwise; an `or` or
//! `K of` shares the demand by capacity and enumerates the parts below it. The lost demand is summed as such, never
//! as a difference of sums. Checked in `tests/agreement`.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::numeric::sum::Sum;
use crate::structure::capacity::{PartState, load};
use crate::structure::plain::{Unit, binomial};
use crate::structure::readings::Readings;
use crate::topology::system::{Expression, Part};
use crate::topology::{DomainId, GroupId, Model};

/// Combinations that may be enumerated: seconds of work.
const MOST_COMBINATIONS: usize = 4_000_000;

/// There is too much to enumerate.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("there are more than {MOST_COMBINATIONS} combinations of served slots")]
pub(crate) struct TooManyCombinations;

/// What a module does in the long run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModuleStates<'a> {
    /// What is read off in each class of its states: being up and the slots of the same groups, and all its domains.
    pub(crate) readings: &'a Readings,
    /// The cells of each class.
    pub(crate) classes: &'a [Box<[u16]>],
    /// Long-run probability of each class.
    pub(crate) probabilities: &'a [f64],
}

/// What becomes of the demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Carried {
    /// What is lost of it in the mean, requests per second.
    pub(crate) lost: f64,
    /// Share of the time in which the system could not carry all of it.
    pub(crate) insufficient: f64,
}

impl Carried {
    /// The long run of `model`, whose modules are `modules` and whose domains outside of them are `domains`, when `demand`
    /// requests per second are offered.
    pub(crate) fn of(
        model: &Model,
        modules: &[ModuleStates<'_>],
        domains: &[DomainId],
        demand: f64,
    ) -> Result<Self, TooManyCombinations> {
        let domains = domains.iter().map(|id| (*id, Unit::of_domain(&model.domains[id.0]))).collect();
        let shared = Shared { model, modules, domains };
        if shared.combinations() > MOST_COMBINATIONS {
            return Err(TooManyCombinations);
        }
        let (mut lost, mut insufficient) = (Sum::default(), Sum::default());
        shared.for_each(&mut |probability, moment| {
            let conditional = Conditional { model, moment, demand };
            for (load, p) in conditional.distribution(&model.system.up)? {
                lost.add(probability * p * f64::from_bits(load.1));
                if f64::from_bits(load.0) < demand {
                    insufficient.add(probability * p);
                }
            }
            Ok(())
        })?;
        Ok(Self { lost: lost.value(), insufficient: insufficient.value() })
    }
}

/// What modules and domains are doing.
struct Moment {
    /// Up, served and unnoticed slots of the groups of modules that are named.
    groups: BTreeMap<GroupId, (bool, u16, u16)>,
    domain_down: Vec<bool>,
}

/// Modules and free domains, whose states are enumerated together.
struct Shared<'a> {
    model: &'a Model,
    modules: &'a [ModuleStates<'a>],
    domains: Vec<(DomainId, Unit)>,
}

impl Shared<'_> {
    fn combinations(&self) -> usize {
        let sizes = self.modules.iter().map(|module| module.classes.len()).chain(self.domains.iter().map(|_| 2));
        sizes.fold(1_usize, usize::saturating_mul)
    }

    fn for_each(
        &self,
        visit: &mut impl FnMut(f64, &Moment) -> Result<(), TooManyCombinations>,
    ) -> Result<(), TooManyCombinations> {
        let mut moment = Moment { groups: BTreeMap::new(), domain_down: vec![false; self.model.domains.len()] };
        self.modules_from(0, 1.0, &mut moment, visit)
    }

    fn modules_from(
        &self,
        index: usize,
        probability: f64,
        moment: &mut Moment,
        visit: &mut impl FnMut(f64, &Moment) -> Result<(), TooManyCombinations>,
    ) -> Result<(), TooManyCombinations> {
        let Some(ModuleStates { readings, classes, probabilities }) = self.modules.get(index) else {
            return self.domains_from(0, probability, moment, visit);
        };
        for (class, p) in classes.iter().zip(*probabilities) {
            for (place, group) in readings.slots.iter().enumerate() {
                let (served, unnoticed) = readings.slots(class, place);
                moment.groups.insert(*group, (readings.is_up(class, place), served, unnoticed));
            }
            for (place, domain) in readings.domains.iter().enumerate() {
                moment.domain_down[domain.0] = readings.is_domain_down(class, place);
            }
            self.modules_from(index + 1, probability * p, moment, visit)?;
        }
        Ok(())
    }

    fn domains_from(
        &self,
        index: usize,
        probability: f64,
        moment: &mut Moment,
        visit: &mut impl FnMut(f64, &Moment) -> Result<(), TooManyCombinations>,
    ) -> Result<(), TooManyCombinations> {
        let Some((domain, unit)) = self.domains.get(index) else { return visit(probability, moment) };
        for (down, p) in [(false, unit.up), (true, unit.down)] {
            moment.domain_down[domain.0] = down;
            self.domains_from(index + 1, probability * p, moment, visit)?;
        }
        moment.domain_down[domain.0] = false;
        Ok(())
    }
}

/// Bits of (capacity, lost), ordered for merging.
type Key = (u64, u64);

/// The plain groups at one moment of modules and domains.
struct Conditional<'a> {
    model: &'a Model,
    moment: &'a Moment,
    demand: f64,
}

impl Conditional<'_> {
    /// The distribution of what `expression`, offered the whole demand, can carry and loses.
    fn distribution(&self, expression: &Expression) -> Result<BTreeMap<Key, f64>, TooManyCombinations> {
        if let Expression::And(of) = expression {
            let whole = BTreeMap::from([((f64::INFINITY.to_bits(), 0.0_f64.to_bits()), 1.0)]);
            return of.iter().try_fold(whole, |joint, part| fold(&joint, &self.distribution(part)?));
        }
        let parts = expression.parts();
        let mut result = BTreeMap::new();
        let distributions: Vec<_> = parts.iter().map(|part| self.part_states(*part)).collect();
        let combinations = distributions.iter().map(Vec::len).fold(1_usize, usize::saturating_mul);
        if combinations > MOST_COMBINATIONS {
            return Err(TooManyCombinations);
        }
        let mut chosen = Vec::new();
        self.enumerate(expression, &parts, &distributions, 1.0, &mut chosen, &mut result);
        Ok(result)
    }

    fn enumerate(
        &self,
        expression: &Expression,
        parts: &[Part],
        distributions: &[Vec<(PartState, f64)>],
        probability: f64,
        chosen: &mut Vec<PartState>,
        result: &mut BTreeMap<Key, f64>,
    ) {
        let Some(states) = distributions.get(chosen.len()) else {
            let load = load(expression, self.demand, &mut |part| {
                chosen[parts.iter().position(|known| *known == part).expect("every part was collected")]
            });
            *result.entry((load.capacity.to_bits(), load.lost.to_bits())).or_default() += probability;
            return;
        };
        for (state, p) in states {
            chosen.push(*state);
            self.enumerate(expression, parts, distributions, probability * p, chosen, result);
            chosen.pop();
        }
    }

    fn part_states(&self, part: Part) -> Vec<(PartState, f64)> {
        let certain = |up| vec![(PartState { up, capacity: f64::INFINITY, missing: 0.0 }, 1.0)];
        match part {
            Part::Domain(domain) => certain(!self.is_down(domain)),
            Part::Group(group) => match self.moment.groups.get(&group) {
                Some((up, served, unnoticed)) => vec![(self.group_state(group, *up, *served, *unnoticed), 1.0)],
                None => self.plain_states(group),
            },
        }
    }

    fn is_down(&self, domain: DomainId) -> bool {
        self.model.domain_chain(domain).iter().any(|outer| self.moment.domain_down[outer.0])
    }

    fn group_state(&self, group: GroupId, up: bool, served: u16, unnoticed: u16) -> PartState {
        let served = f64::from(served);
        let capacity = self.model.component_of(group).capacity.map_or(f64::INFINITY, |capacity| capacity * served);
        let unnoticed = f64::from(unnoticed);
        let missing = if unnoticed > 0.0 { unnoticed / (served + unnoticed) } else { 0.0 };
        PartState { up, capacity, missing }
    }

    /// Served and unnoticed slots of a plain group: units of a class whose domains are up serve, are unnoticed, or
    /// neither, independently of each other. Noticing takes no time where there are domains (else it is no plain group).
    fn plain_states(&self, id: GroupId) -> Vec<(PartState, f64)> {
        let group = &self.model.groups[id.0];
        let unit = Unit::of_component(self.model.component_of(id));
        let (seen, hidden) = (unit.noticed / unit.down, unit.unnoticed / unit.down);
        let mut counts = BTreeMap::from([((0_u16, 0_u16), 1.0)]);
        for (domains, count) in self.model.placement_classes(id) {
            if domains.iter().any(|domain| self.is_down(*domain)) {
                continue;
            }
            let failures = binomial(count, unit.up, unit.down);
            let mut next = BTreeMap::new();
            for ((served, unnoticed), p) in &counts {
                for (failed, of_failed) in failures.iter().enumerate() {
                    let of_failed_hidden = if hidden > 0.0 { binomial(failed, seen, hidden) } else { vec![1.0] };
                    for (more, of_hidden) in of_failed_hidden.into_iter().enumerate().filter(|(_, p)| *p > 0.0) {
                        let key = (served + (count - failed) as u16, unnoticed + more as u16);
                        *next.entry(key).or_default() += p * of_failed * of_hidden;
                    }
                }
            }
            counts = next;
        }
        let state = |((served, unnoticed), p): ((u16, u16), f64)| {
            (self.group_state(id, u32::from(served) >= group.need, served, unnoticed), p)
        };
        counts.into_iter().map(state).collect()
    }
}

/// Two parts of an `and`: the smaller capacity, and the larger part of the demand is lost.
fn fold(a: &BTreeMap<Key, f64>, b: &BTreeMap<Key, f64>) -> Result<BTreeMap<Key, f64>, TooManyCombinations> {
    if a.len().saturating_mul(b.len()) > MOST_COMBINATIONS {
        return Err(TooManyCombinations);
    }
    let mut joint = BTreeMap::new();
    for ((capacity_a, lost_a), p) in a {
        for ((capacity_b, lost_b), q) in b {
            // Non-negative doubles order as their bits.
            *joint.entry((*capacity_a.min(capacity_b), *lost_a.max(lost_b))).or_default() += p * q;
        }
    }
    Ok(joint)
}

#[cfg(test)]
mod tests {
    use super::{Carried, ModuleStates, TooManyCombinations};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::structure::partition::{Partition, Purpose};
    use crate::structure::readings::Readings;
    use crate::topology::Model;
    use crate::topology::read::{Syntax, read};

    /// A standby group of two slots, and a domain on its own.
    fn model() -> Model {
        let text = "[component.c]\nmtbf = \"9h\"\nmttr = \"1h\"\ncapacity = 10\n[domain.room]\nmtbf = \"4h\"\nmttr = \"1h\"\n\
                    [group.db]\ncomponent = \"c\"\nactive = 2\nneed = 1\nstandby = 1\nfailover = { takes = \"1m\" }\n[system]\n\
                    up = \"db and room\"\ndemand = 16\n";
        read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap()
    }

    /// The whole model, with classes of its module that are equally likely.
    fn carried(classes: &[Box<[u16]>]) -> Result<Carried, TooManyCombinations> {
        let model = model();
        let partition = Partition::of(&model, Purpose::Capacity);
        let readings = Readings::of_module_with_slots(&model, &partition.modules[0]);
        let probabilities = vec![1.0 / classes.len() as f64; classes.len()];
        let module = ModuleStates { readings: &readings, classes, probabilities: &probabilities };
        Carried::of(&model, &[module], &partition.domains, 16.0)
    }

    #[test]
    fn each_class_loses_what_it_cannot_carry() {
        // Both slots; one and a lost one that nobody has noticed; one alone; none.
        let classes = [[1, 2, 0], [1, 1, 1], [1, 1, 0], [0, 0, 0]].map(Box::from);
        let carried = carried(&classes).unwrap();
        // The room is up for 4/5 of the time; the unnoticed slot takes half of the demand with it.
        let lost = 0.2 * 16.0 + 0.8 * (0.0 + 8.0 + 6.0 + 16.0) / 4.0;
        assert!((carried.lost / lost - 1.0).abs() < 1e-15, "{} is not {lost}", carried.lost);
        let insufficient: f64 = 0.2 + 0.8 * 3.0 / 4.0;
        assert!((carried.insufficient / insufficient - 1.0).abs() < 1e-15);
    }

    #[test]
    fn too_much_to_enumerate_is_refused() {
        let classes = vec![Box::from([1, 2, 0]); 2_000_001];
        assert_eq!(carried(&classes), Err(TooManyCombinations));
    }
}
