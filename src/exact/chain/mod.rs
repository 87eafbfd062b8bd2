//! One module as a Markov chain: explored, solved, and its solution enclosed.

pub(crate) mod adjoint;
mod aggregate;
pub(crate) mod bounded;
mod closed;
pub(crate) mod enclose;
pub(crate) mod explore;
pub(crate) mod growing;
pub(crate) mod phased;
pub(crate) mod solve;

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::dynamics::{Alike, Dynamics, Exploration};
use crate::exact::{Error, Settings};
use crate::measure::{Cause, Observer};
use crate::numeric::sum::Sum;
use crate::structure::readings::Readings;
use crate::structure::symmetry::{interchangeable, trading_domains};
use crate::structure::variable::{Flow, Variable};
use crate::topology::system::Part;
use crate::topology::{GroupId, Model, Scope};

use explore::{ClassArc, Found, FromStart, Limit};
use phased::Phased;

pub(crate) use explore::Chain;

/// A module solved: the classes of its states that can be told apart from outside, and how likely they are.
#[derive(Debug)]
pub(crate) struct Solved {
    /// What is read off in each class.
    pub(crate) classes: Vec<Box<[u16]>>,
    /// Events that can begin outages; the flows of the variables name them by index.
    pub(crate) causes: Vec<Cause>,
    pub(crate) states: usize,
    /// Groups and domains that were held for one another: what is said of one of them is said of any.
    pub(crate) alike: Vec<Vec<Part>>,
    /// Groups that the classes tell by number only.
    pub(crate) stand_ins: Vec<StandIn>,
    /// The best value, and certified lower and upper bounds of every probability and flow.
    pub(crate) value: Variable,
    pub(crate) low: Variable,
    pub(crate) high: Variable,
    /// What the bounds leave out, where not all states were explored.
    pub(crate) beyond: Option<Beyond>,
}

/// The time in states that were not explored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Beyond {
    /// The class in which nothing is up, which is as bad as any.
    pub(crate) worst: usize,
    /// Its probability, at most.
    pub(crate) share: f64,
    /// Losses per second in any state, at most.
    pub(crate) losses: f64,
}

/// What is said of a group by another one, which is down in a class if any of its kind is.
#[derive(Clone, Debug)]
pub(crate) struct StandIn {
    pub(crate) of: GroupId,
    pub(crate) by: GroupId,
    /// Per class the probability that the module is in it and the group is down.
    pub(crate) probabilities: Vec<f64>,
}

/// Solves the chain of `scope`, whose times must be exponential, or made of phases.
pub(crate) fn solve(
    model: &Model,
    scope: &Scope,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<Solved, Error> {
    let dynamics = Dynamics::new(model, scope);
    let (chain, alike) = explored(model, scope, &dynamics, readings, settings, observer)?;
    let visits = enclose::visits(&chain, observer).map_err(|end| match end {
        solve::End::NotConverged { residual } => Error::NotConverged { groups: names(model, scope), residual },
        solve::End::Stopped(stop) => Error::Stopped(stop),
    })?;
    let flows = Flows::new(&chain, &alike.causes(&dynamics));
    let variable = |own: &[f64], other: &[f64]| flows.variable(&chain, own, Shares::of(&chain, own, other));
    Ok(Solved {
        states: chain.exit.len(),
        causes: dynamics.causes().to_vec(),
        alike: alike_parts(scope, &alike),
        stand_ins: Vec::new(),
        value: variable(&visits.value, &visits.value),
        low: variable(&visits.low, &visits.high),
        high: variable(&visits.high, &visits.low),
        beyond: None,
        classes: chain.classes,
    })
}

/// The chain of `scope`, whose semantics are `dynamics`, and the parts held for one another in it. Times that are not exponential
/// are made of phases, exactly or fitted with as many as the settings say.
pub(crate) fn explored(
    model: &Model,
    scope: &Scope,
    dynamics: &Dynamics,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<(Chain, Alike), Error> {
    let alike = held_alike(model, scope, dynamics, settings)?;
    let chain = if dynamics.is_exponential() {
        Chain::explore(dynamics, alike.clone(), readings, Limit::of(settings), observer)
    } else {
        let phased = Phased::new(dynamics, settings.phases);
        Chain::explore_phases(dynamics, phased, readings, Limit::of(settings), observer)
    };
    let chain = chain.map_err(|end| unexplored(end, model, scope, settings))?;
    Ok((chain, alike))
}

/// What is held alike in the chain of `scope`. Refuses what cannot be done before it is begun.
///
/// # Errors
/// When there are certainly more states than there may be.
fn held_alike(model: &Model, scope: &Scope, dynamics: &Dynamics, settings: &Settings) -> Result<Alike, Error> {
    // The phases of alike groups are not put in order.
    let alike = if dynamics.is_exponential() { alike(model, scope, dynamics) } else { Alike::default() };
    let least = dynamics.least_states(&alike);
    // Room for the rounding of the count.
    if least <= settings.max_states as f64 * (1.0 + 1e-9) {
        return Ok(alike);
    }
    let (groups, limit) = (names(model, scope), settings.max_states);
    Err(Error::TooManyStates { groups, limit, least, bytes_each: explore::least_bytes(dynamics) })
}

/// The states of `scope` with nothing found yet but where they start: with at most so many `phases` for a time that is not made of them.
pub(crate) fn unexpanded<'a>(
    model: &Model,
    scope: &Scope,
    dynamics: &'a Dynamics,
    phases: Option<u32>,
) -> Box<dyn Found + 'a> {
    if dynamics.is_exponential() {
        Box::new(Exploration::with_alike_groups(dynamics, alike(model, scope, dynamics)))
    } else {
        Box::new(Phased::new(dynamics, phases))
    }
}

/// The groups and domains of `scope` that neither the rules nor what is asked of the system can tell apart.
pub(crate) fn alike(model: &Model, scope: &Scope, dynamics: &Dynamics) -> Alike {
    let capacity = |group: GroupId| model.component_of(group).capacity;
    let groups = interchangeable(model, &scope.groups, &|one, other| capacity(one) == capacity(other));
    dynamics.alike_with_domains(&groups, &trading_domains(model, scope))
}

/// The parts of `scope` that are held for one another.
pub(crate) fn alike_parts(scope: &Scope, alike: &Alike) -> Vec<Vec<Part>> {
    let groups = |class: &Vec<usize>| class.iter().map(|&local| Part::Group(scope.groups[local])).collect();
    let domains = |kind: &Vec<usize>| kind.iter().map(|&local| Part::Domain(scope.domains[local])).collect();
    alike.classes().iter().map(groups).chain(alike.kinds_of_domains().iter().map(domains)).collect()
}

/// The chain of `scope` with the states that never come back, and where it starts.
pub(crate) fn from_start(
    model: &Model,
    scope: &Scope,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<FromStart, Error> {
    let dynamics = Dynamics::new(model, scope);
    let limit = Limit::of(settings);
    let alike = held_alike(model, scope, &dynamics, settings)?;
    let found = if dynamics.is_exponential() {
        FromStart::explore(&dynamics, Exploration::with_alike_groups(&dynamics, alike), readings, limit, observer)
    } else {
        FromStart::explore(&dynamics, Phased::new(&dynamics, settings.phases), readings, limit, observer)
    };
    found.map_err(|end| unexplored(end, model, scope, settings))
}

pub(crate) fn unexplored(end: explore::End, model: &Model, scope: &Scope, settings: &Settings) -> Error {
    match end {
        explore::End::TooMany { bytes_each } => {
            Error::TooManyStates { groups: names(model, scope), limit: settings.max_states, least: 0.0, bytes_each }
        }
        explore::End::TooLarge { states } => {
            Error::TooMuchMemory { groups: names(model, scope), states, limit: settings.max_bytes }
        }
        explore::End::Stopped(stop) => Error::Stopped(stop),
    }
}

pub(crate) fn names(model: &Model, scope: &Scope) -> Vec<String> {
    scope.groups.iter().map(|group| model.groups[group.0].name.clone()).collect()
}

/// Normalised probabilities of the classes, and the factor that normalises flows.
struct Shares {
    probabilities: Vec<f64>,
    scale: f64,
}

impl Shares {
    /// Class c has the share own_c / (own_c + sum of the others'): with lower bounds for itself and upper bounds for the others
    /// it is a lower bound of the probability, and the other way round.
    fn of(chain: &Chain, own: &[f64], other: &[f64]) -> Self {
        let per_class = |visits: &[f64]| -> Vec<f64> {
            let mut sums = vec![Sum::default(); chain.classes.len()];
            for (class, visits) in chain.class.iter().zip(visits) {
                sums[*class as usize].add(*visits);
            }
            sums.into_iter().map(Sum::value).collect()
        };
        let (own, other) = (per_class(own), per_class(other));
        let others = |class: usize| -> f64 {
            let rest = other.iter().enumerate().filter(|(index, _)| *index != class).map(|(_, p)| *p);
            rest.collect::<Sum>().value()
        };
        let probabilities = if own.len() <= 1_000 {
            (0..own.len()).map(|class| own[class] / (own[class] + others(class))).collect()
        } else {
            // The tighter form costs the square of the number of classes.
            let total: f64 = other.iter().copied().collect::<Sum>().value();
            own.iter().map(|p| p / total).collect()
        };
        Self { probabilities, scale: 1.0 / other.iter().copied().collect::<Sum>().value() }
    }
}

/// The variable of a chain with the solution `visits`, in which `alike` parts of `dynamics` are held for one another.
pub(crate) fn variable_of(chain: &Chain, dynamics: &Dynamics, alike: &Alike, visits: &[f64]) -> Variable {
    Flows::new(chain, &alike.causes(dynamics)).variable(chain, visits, Shares::of(chain, visits, visits))
}

/// The flows of the chain's variable, and which of them each loss is part of.
struct Flows {
    /// (class before, class after, cause), ascending.
    keys: Vec<(u32, u32, u32)>,
    /// Per loss that leads to another class its place among the keys.
    numbers: Vec<u32>,
    /// Per cause all those that it stands for.
    same: BTreeMap<u32, Vec<usize>>,
}

impl Flows {
    fn new(chain: &Chain, same: &[Vec<usize>]) -> Self {
        let mut places: IndexMap<(u32, u32, u32), u32> = IndexMap::new();
        let key = |arc: &ClassArc| (chain.class[arc.from as usize], arc.to_class, arc.cause);
        for arc in &chain.class_arcs {
            places.insert(key(arc), 0);
        }
        places.sort_unstable_keys();
        for (place, number) in places.values_mut().enumerate() {
            *number = place as u32;
        }
        let numbers = chain.class_arcs.iter().map(|arc| places[&key(arc)]).collect();
        let same = same.iter().map(|causes| (causes[0] as u32, causes.clone())).collect();
        Self { keys: places.into_keys().collect(), numbers, same }
    }

    /// The variable with `visits` to each state.
    fn variable(&self, chain: &Chain, visits: &[f64], shares: Shares) -> Variable {
        let mut sums = vec![Sum::default(); self.keys.len()];
        for (arc, &number) in chain.class_arcs.iter().zip(&self.numbers) {
            sums[number as usize].add(visits[arc.from as usize] * arc.rate);
        }
        let mut flows = Vec::with_capacity(sums.len());
        for (&(from, to, cause), sum) in self.keys.iter().zip(sums) {
            let rate = sum.value() * shares.scale;
            let alone = [cause as usize];
            let causes = self.same.get(&cause).map_or(&alone[..], Vec::as_slice);
            let share = rate / causes.len() as f64;
            let flow = |&cause: &usize| Flow { from: from as usize, to: to as usize, rate: share, cause };
            flows.extend(causes.iter().map(flow));
        }
        Variable { flows, probabilities: shares.probabilities, has_flows: true }
    }
}
