//! A static topology as a fault tree: one basic event for each unit and each domain.
//!
//! A topology is static when its units fail and come back on their own: no standby, binding crew, common cause or load.
//! Then its long run is that of independent events, and only their means matter ([`plain`](crate::structure::plain)).

use std::collections::BTreeSet;

use thiserror::Error;

use crate::quantity::Probability;
use crate::structure::function::Function;
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::Unit;
use crate::topology::fault_tree::{BasicEvent, EventRates, FaultTree, Formula, FormulaId};
use crate::topology::system::{Expression, Part};
use crate::topology::{DomainId, GroupId, Model};

/// Units that a tree may have.
const MOST_EVENTS: usize = 100_000;

/// Why a topology is no fault tree.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotStatic {
    /// Groups depend on what happened before.
    #[error("the units of {} depend on each other, by a standby, a crew, a common cause or load", .groups.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))]
    Dependent {
        /// Their names.
        groups: Vec<String>,
    },
    /// There are too many units.
    #[error("it has more than {MOST_EVENTS} units")]
    TooManyUnits,
}

/// The fault tree of `model`.
///
/// # Errors
/// When it is not static.
pub fn fault_tree(model: &Model) -> Result<FaultTree, NotStatic> {
    let model = &*model.with_active_redundancy();
    let partition = Partition::of(model, Purpose::Availability);
    if !partition.modules.is_empty() {
        let groups = partition.modules.iter().flat_map(|module| &module.groups);
        return Err(NotStatic::Dependent { groups: groups.map(|group| model.groups[group.0].name.clone()).collect() });
    }
    if partition.plain.iter().map(|group| model.groups[group.0].units()).sum::<usize>() > MOST_EVENTS {
        return Err(NotStatic::TooManyUnits);
    }
    let mut making = Making {
        model,
        events: Vec::new(),
        formulas: Vec::new(),
        names: BTreeSet::new(),
        domains: vec![None; model.domains.len()],
    };
    for &domain in &partition.domains {
        let definition = &model.domains[domain.0];
        let event = making.event(definition.name.clone(), &Unit::of_domain(definition));
        making.domains[domain.0] = Some(event);
    }
    let mut groups = vec![None; model.groups.len()];
    for &group in &partition.plain {
        groups[group.0] = Some(making.group(group));
    }
    let root = making.down(&model.system.up, &groups);
    let Function { formulas, root } = Function::simplified(&making.formulas, root);
    let mut top = "system-down".to_owned();
    while making.names.contains(&top) {
        top.push('_');
    }
    Ok(FaultTree { name: model.name.clone(), top, formulas, root, events: making.events, warnings: Vec::new() })
}

struct Making<'a> {
    model: &'a Model,
    events: Vec<BasicEvent>,
    formulas: Vec<Formula>,
    names: BTreeSet<String>,
    /// The event of each domain of its own.
    domains: Vec<Option<FormulaId>>,
}

impl Making<'_> {
    fn push(&mut self, formula: Formula) -> FormulaId {
        self.formulas.push(formula);
        FormulaId(self.formulas.len() - 1)
    }

    fn event(&mut self, mut name: String, unit: &Unit) -> FormulaId {
        while !self.names.insert(name.clone()) {
            name.push('_');
        }
        let rates = unit.failures.as_ref().map(|failures| {
            let often = failures.iter().sum();
            EventRates { begins: often, ends: often, is_stationary: true }
        });
        let never = (unit.down == 0.0).then_some(EventRates { begins: 0.0, ends: 0.0, is_stationary: true });
        let probability = Probability::from_pair(unit.down, unit.up).expect("shares of time add up to 1");
        let rates = rates.or(never);
        self.events.push(BasicEvent { name, label: None, attributes: Vec::new(), probability, rates });
        self.push(Formula::Event(self.events.len() - 1))
    }

    /// The domain, or one around it, is down.
    fn domain(&mut self, domain: DomainId) -> FormulaId {
        let chain = self.model.domain_chain(domain);
        let of = chain.iter().filter_map(|outer| self.domains[outer.0]).collect();
        self.push(Formula::Or(of))
    }

    /// Too few units can serve.
    fn group(&mut self, id: GroupId) -> FormulaId {
        let group = &self.model.groups[id.0];
        let unit = Unit::of_component(self.model.component_of(id));
        let count = group.units();
        let mut out = Vec::new();
        for index in 0..count {
            let name = if count == 1 { group.name.clone() } else { format!("{}-{}", group.name, index + 1) };
            let mut of = vec![self.event(name, &unit)];
            let domains = self.model.unit_domains(id, index);
            of.extend(domains.iter().filter_map(|domain| self.domains[domain.0]));
            out.push(self.push(Formula::Or(of)));
        }
        self.push(Formula::AtLeast(count - group.need as usize + 1, out))
    }

    fn down(&mut self, expression: &Expression, groups: &[Option<FormulaId>]) -> FormulaId {
        let of = match expression {
            Expression::Part(Part::Group(group)) => return groups[group.0].expect("a named group is in a piece"),
            Expression::Part(Part::Domain(domain)) => return self.domain(*domain),
            Expression::And(of) | Expression::Or(of) | Expression::AtLeast(_, of) => of,
        };
        let parts: Vec<FormulaId> = of.iter().map(|part| self.down(part, groups)).collect();
        match expression {
            Expression::And(_) => self.push(Formula::Or(parts)),
            Expression::AtLeast(need, _) => self.push(Formula::AtLeast(parts.len() + 1 - *need as usize, parts)),
            _ => self.push(Formula::And(parts)),
        }
    }
}
