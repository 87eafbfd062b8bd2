//! One module as a Markov chain: explored, solved, and its solution enclosed.

pub(crate) mod adjoint;
mod closed;
pub(crate) mod explore;
pub(crate) mod solve;

use crate::dynamics::Dynamics;
use crate::exact::{Error, Settings};
use crate::measure::{Cause, Observer};
use crate::numeric::sum::Sum;
use crate::structure::readings::Readings;
use crate::structure::variable::{Flow, Variable};
use crate::topology::{Model, Scope};

pub(crate) use explore::Chain;

/// A module solved: the classes of its states that can be told apart from outside, and how likely they are.
#[derive(Debug)]
pub(crate) struct Solved {
    /// What is read off in each class.
    pub(crate) classes: Vec<Box<[u16]>>,
    /// Events that can begin outages; the flows of the variables name them by index.
    pub(crate) causes: Vec<Cause>,
    pub(crate) states: usize,
    /// The best value, and certified lower and upper bounds of every probability and flow.
    pub(crate) value: Variable,
    pub(crate) low: Variable,
    pub(crate) high: Variable,
}

/// Solves the chain of `scope`, whose times must be exponential.
pub(crate) fn solve(
    model: &Model,
    scope: &Scope,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<Solved, Error> {
    let dynamics = Dynamics::new(model, scope);
    let chain = explored(model, scope, &dynamics, readings, settings, observer)?;
    let visits = solve::visits(&chain, observer).map_err(|end| match end {
        solve::End::NotConverged { residual } => Error::NotConverged { groups: names(model, scope), residual },
        solve::End::Stopped(stop) => Error::Stopped(stop),
    })?;
    Ok(Solved {
        states: chain.exit.len(),
        causes: dynamics.causes().to_vec(),
        value: variable(&chain, &visits.value, Shares::of(&chain, &visits.value, &visits.value)),
        low: variable(&chain, &visits.low, Shares::of(&chain, &visits.low, &visits.high)),
        high: variable(&chain, &visits.high, Shares::of(&chain, &visits.high, &visits.low)),
        classes: chain.classes,
    })
}

/// The chain of `scope`, whose semantics are `dynamics`.
pub(crate) fn explored(
    model: &Model,
    scope: &Scope,
    dynamics: &Dynamics,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<Chain, Error> {
    Chain::explore(dynamics, readings, settings.max_states, observer)
        .map_err(|end| unexplored(end, model, scope, settings))
}

/// The chain of `scope` with the states that never come back; and the chain without them, where there are any.
pub(crate) fn explored_all(
    model: &Model,
    scope: &Scope,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<(Chain, Option<Chain>), Error> {
    let dynamics = Dynamics::new(model, scope);
    Chain::explore_all(&dynamics, readings, settings.max_states, observer)
        .map_err(|end| unexplored(end, model, scope, settings))
}

fn unexplored(end: explore::End, model: &Model, scope: &Scope, settings: &Settings) -> Error {
    match end {
        explore::End::TooMany => Error::TooManyStates { groups: names(model, scope), limit: settings.max_states },
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

/// The variable of a chain with the solution `visits`.
pub(crate) fn variable_of(chain: &Chain, visits: &[f64]) -> Variable {
    variable(chain, visits, Shares::of(chain, visits, visits))
}

fn variable(chain: &Chain, visits: &[f64], shares: Shares) -> Variable {
    let mut flows: std::collections::BTreeMap<(u32, u32, u32), Sum> = std::collections::BTreeMap::new();
    for arc in &chain.class_arcs {
        let from = chain.class[arc.from as usize];
        flows.entry((from, arc.to_class, arc.cause)).or_default().add(visits[arc.from as usize] * arc.rate);
    }
    let flow = |((from, to, cause), sum): ((u32, u32, u32), Sum)| Flow {
        from: from as usize,
        to: to as usize,
        rate: sum.value() * shares.scale,
        cause: cause as usize,
    };
    Variable { flows: flows.into_iter().map(flow).collect(), probabilities: shares.probabilities, has_flows: true }
}
