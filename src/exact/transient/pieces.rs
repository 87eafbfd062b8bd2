//! The probability of being down at a time, from independent pieces.
//!
//! From all-up the pieces start independently and stay so. Each is a chain of its own: a module, a domain, one unit of a plain
//! group (how many of its equals have failed is binomial). The diagram joins their probabilities at a time as it joins those
//! of the long run. Checked against the joint chain in `tests/transient.rs`.

use crate::exact::chain::from_start;
use crate::exact::transient::agree::Rules;
use crate::exact::transient::complex::Complex;
use crate::exact::transient::inversion::Rule;
use crate::exact::transient::quadrature::Quadrature;
use crate::exact::transient::resolvent::{End, Functional, Network, Start};
use crate::exact::{Error, Settings};
use crate::measure::{Cause, Observer, Stop};
use crate::structure::joined::{Joined, ModuleClasses, Piece};
use crate::structure::partition::Partition;
use crate::structure::plain::binomial;
use crate::structure::readings::Readings;
use crate::structure::variable::Variable;
use crate::topology::{ComponentId, DomainId, GroupId, Model, Scope};

/// What rounding takes from a probability at most.
const MOST_ROUNDED: f64 = 1e-9;

/// All pieces, and the diagram over them.
#[derive(Debug)]
pub(crate) struct Pieces {
    joined: Joined,
    chains: Vec<PieceChain>,
    /// The chain of each variable of the diagram.
    chain_of: Vec<usize>,
}

/// The chain of a piece, from all-up.
#[derive(Debug)]
struct PieceChain {
    network: Network,
    /// The states of each class.
    classes: Vec<Functional>,
    readings: Vec<Box<[u16]>>,
    /// What a variable of the chain is in the diagram.
    kind: Kind,
}

/// What the values of a variable are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Classes of a module.
    Module,
    /// A domain that is up or down.
    Domain(DomainId),
    /// Failed ones among units of this component.
    Units(ComponentId),
}

impl Pieces {
    pub(crate) fn new(
        model: &Model,
        partition: &Partition,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let mut chains = Vec::new();
        let mut readings = Vec::new();
        for module in &partition.modules {
            let of_module = Readings::of_module(model, partition, module);
            chains.push(PieceChain::new(model, module, &of_module, Kind::Module, settings, observer)?);
            readings.push(of_module);
        }
        let causes: &[Cause] = &[];
        let classes = |(chain, readings): (&'_ PieceChain, &'_ Readings)| (chain.readings.clone(), readings.clone());
        let classes: Vec<(Vec<Box<[u16]>>, Readings)> = chains.iter().zip(&readings).map(classes).collect();
        let modules: Vec<ModuleClasses<'_>> =
            classes.iter().map(|(classes, readings)| ModuleClasses { readings, classes, causes }).collect();
        let joined = Joined::new(model, partition, &modules, settings.max_nodes, observer)?;
        let mut chain_of = Vec::new();
        for piece in joined.pieces() {
            let kind = match piece {
                Piece::Module(index) => {
                    chain_of.push(*index);
                    continue;
                }
                Piece::Domain { domain, .. } => Kind::Domain(*domain),
                Piece::Units { group, .. } => Kind::Units(model.groups[group.0].component),
            };
            let known = chains.iter().position(|chain| chain.kind == kind);
            chain_of.push(known.unwrap_or(chains.len()));
            if known.is_none() {
                chains.push(PieceChain::alone(model, piece, kind, settings, observer)?);
            }
        }
        Ok(Self { joined, chains, chain_of })
    }

    /// States that a chain over all pieces has at least.
    pub(crate) fn least_joint_states(&self) -> f64 {
        let states = |(piece, &chain): (&Piece, &usize)| {
            let states = self.chains[chain].network.states();
            match piece {
                // Multisets of `count` units, each in one of its states.
                Piece::Units { count, .. } => {
                    (1..=*count).map(|unit| (states - 1 + unit) as f64 / unit as f64).product::<f64>()
                }
                Piece::Module(_) | Piece::Domain { .. } => states as f64,
            }
        };
        self.joined.pieces().iter().zip(&self.chain_of).map(states).product()
    }

    /// The probability of being down at `t`, if it is known well enough.
    pub(crate) fn unavailability(&self, t: f64, rules: &Rules, observer: &dyn Observer) -> Result<Option<f64>, Stop> {
        let found = rules.agreed(|rule| Ok(vec![self.by_rule(t, rule, observer)?]))?;
        Ok(found.first().copied().flatten())
    }

    /// The expected time down in [0, t], if it is known well enough.
    pub(crate) fn downtime(&self, t: f64, rules: &Rules, observer: &dyn Observer) -> Result<Option<f64>, Stop> {
        Quadrature::default().integral(t, |time| self.unavailability(time, rules, observer))
    }

    fn by_rule(&self, t: f64, rule: &Rule, observer: &dyn Observer) -> Result<f64, End> {
        let mut of_chains = Vec::new();
        for chain in &self.chains {
            of_chains.push(chain.probabilities(t, rule, observer)?);
        }
        let variable = |(piece, &chain): (&Piece, &usize)| {
            let of_chain = &of_chains[chain];
            let probabilities = match piece {
                Piece::Module(_) => of_chain.clone(),
                Piece::Domain { .. } => vec![of_chain[0], of_chain.get(1).copied().unwrap_or(0.0)],
                Piece::Units { count, .. } => binomial(*count, of_chain[0], of_chain.get(1).copied().unwrap_or(0.0)),
            };
            Variable { probabilities, ..Variable::default() }
        };
        let variables: Vec<Variable> = self.joined.pieces().iter().zip(&self.chain_of).map(variable).collect();
        Ok(self.joined.probability_and_frequency(&variables).0)
    }
}

impl PieceChain {
    fn new(
        model: &Model,
        scope: &Scope,
        readings: &Readings,
        kind: Kind,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let found = from_start(model, scope, readings, settings, observer)?;
        let chain = found.chain;
        let mut classes = vec![Functional::default(); chain.classes.len()];
        for (state, class) in chain.class.iter().enumerate() {
            classes[*class as usize].terms.push((state as u32, 1.0));
        }
        let network = Network::whole(&chain, Start::of(&found.starts, chain.exit.len()));
        Ok(Self { network, classes, readings: chain.classes, kind })
    }

    /// The chain of a domain, or of one unit; its first class is up, the second, if any, down.
    fn alone(
        model: &Model,
        piece: &Piece,
        kind: Kind,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        if let Piece::Units { group, .. } = piece {
            let scope = Scope { groups: vec![*group], domains: Vec::new() };
            let readings = Readings { up: vec![*group], ..Readings::default() };
            return Self::new(&with_one_unit(model, *group), &scope, &readings, kind, settings, observer);
        }
        let domains = if let Piece::Domain { domain, .. } = piece { vec![*domain] } else { Vec::new() };
        let scope = Scope { groups: Vec::new(), domains: domains.clone() };
        Self::new(model, &scope, &Readings { domains, ..Readings::default() }, kind, settings, observer)
    }

    /// The probability of each class at `t`; what rounding made negative is 0, and what is more negative than that no probability.
    fn probabilities(&self, t: f64, rule: &Rule, observer: &dyn Observer) -> Result<Vec<f64>, End> {
        let mut w: Vec<Complex> = Vec::new();
        let values = rule.invert(t, |s| self.network.transforms(s, &self.classes, &mut w, observer))?;
        let probability = |value: f64| if value >= -MOST_ROUNDED { Ok(value.max(0.0)) } else { Err(End::NotConverged) };
        values.into_iter().map(probability).collect()
    }
}

/// The model where the plain group has one unit, outside of all domains.
fn with_one_unit(model: &Model, group: GroupId) -> Model {
    let mut twin = model.clone();
    let group = &mut twin.groups[group.0];
    (group.active, group.need) = (1, 1);
    group.spread.clear();
    group.depends.clear();
    group.crew = None;
    twin
}
