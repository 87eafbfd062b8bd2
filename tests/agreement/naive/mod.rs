//! An independent reading of the topology's rules, as plain as possible: the chain of the whole system, unit by unit.
//!
//! It shares the reader of topology files with the program and nothing else: no state is merged with another, no part is
//! split off, and the numbers come from elimination. Times that are not exponential are taken as exponentials of the same
//! mean, so it may be compared where only means matter.

mod capacity;
mod effect;
mod event;
mod state;
pub(crate) mod stationary;

use std::collections::BTreeMap;

use ninefold::measure::Cause;
use ninefold::topology::Model;
use ninefold::topology::component::Failure;
use ninefold::topology::system::Part;

use self::capacity::{capacity, carried, is_up};
use self::state::{State, Unit};

/// What the naive solver finds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Naive {
    pub(crate) unavailability: f64,
    pub(crate) availability: f64,
    /// Absent where only probabilities are known, and where there are no outages.
    pub(crate) failure_frequency: Option<f64>,
    pub(crate) begun_by: BTreeMap<Cause, f64>,
    pub(crate) ended_by: BTreeMap<String, f64>,
    /// (lost requests per second, share of time with too little capacity).
    pub(crate) capacity: Option<(f64, f64)>,
    pub(crate) states: usize,
}

/// Solves the model, unless it has more than `most_states` states.
pub(crate) fn solve(model: &Model, most_states: usize) -> Option<Naive> {
    let mut sum = Naive { capacity: model.system.demand.map(|_| (0.0, 0.0)), ..Naive::default() };
    let mut downtime_by_part = BTreeMap::new();
    let mut only_probability = false;
    for (probability, absent) in absences(model) {
        let chain = Chain::explore(model, State::start(model, &absent), most_states)?;
        sum.add(model, &chain, probability, &mut downtime_by_part);
        only_probability |= chain.states.iter().any(|state| absence_matters(model, state));
    }
    let unavailability = sum.unavailability;
    let share = |(name, downtime)| (name, if unavailability > 0.0 { downtime / unavailability } else { 0.0 });
    sum.ended_by = downtime_by_part.into_iter().map(share).collect();
    sum.failure_frequency = Some(sum.begun_by.values().sum()).filter(|frequency| *frequency > 0.0);
    sum.begun_by.retain(|_, rate| *rate > 0.0);
    if only_probability {
        sum.failure_frequency = None;
        sum.begun_by.clear();
    }
    Some(sum)
}

/// Every combination of absent units of components with only an `unavailability`, with its probability.
fn absences(model: &Model) -> Vec<(f64, Vec<(usize, usize)>)> {
    let mut combinations = vec![(1.0, Vec::new())];
    for (group, of) in model.groups.iter().enumerate() {
        let Failure::Probability(down) = state::component(model, group).failure else { continue };
        for unit in 0..of.units() {
            let with = combinations.iter().map(|(probability, absent)| {
                let more = absent.iter().copied().chain([(group, unit)]).collect();
                (probability * down.value(), more)
            });
            let with: Vec<_> = with.collect();
            for (probability, _) in &mut combinations {
                *probability *= down.complement();
            }
            combinations.extend(with);
        }
    }
    combinations.retain(|(probability, _)| *probability > 0.0);
    combinations
}

/// Whether the system changes between up and down when such a unit is present or not.
fn absence_matters(model: &Model, state: &State) -> bool {
    let probability = |group: usize| match state::component(model, group).failure {
        Failure::Probability(down) => down.value(),
        Failure::Modes(_) => 0.0,
    };
    let toggled = |group: usize, unit: usize| {
        let mut other = state.clone();
        let present = state.unit(group, unit) == Unit::Working;
        other.groups[group].units[unit] = if present { Unit::Absent } else { Unit::Working };
        let served = other.is_able(model, group, unit);
        other.groups[group].slots[unit].service =
            if served { state::Service::Served } else { state::Service::LostNoticed };
        other
    };
    let up = |state: &State| is_up(model, state, &model.system.up, None);
    (0..model.groups.len())
        .filter(|group| probability(*group) > 0.0)
        .any(|group| (0..state.groups[group].units.len()).any(|unit| up(state) != up(&toggled(group, unit))))
}

impl Naive {
    fn add(&mut self, model: &Model, chain: &Chain, weight: f64, downtime_by_part: &mut BTreeMap<String, f64>) {
        let up: Vec<bool> = chain.states.iter().map(|state| is_up(model, state, &model.system.up, None)).collect();
        let shares = chain.shares();
        for (index, state) in chain.states.iter().enumerate() {
            let share = weight * shares[index];
            *(if up[index] { &mut self.availability } else { &mut self.unavailability }) += share;
            for arc in chain.arcs[index].iter().filter(|arc| up[index] && !up[arc.to]) {
                let cause = arc.cause.clone().expect("only failures begin outages");
                *self.begun_by.entry(cause).or_default() += share * arc.rate;
            }
            for part in model.system.up.parts() {
                let ends = !up[index] && is_up(model, state, &model.system.up, Some(part));
                *downtime_by_part.entry(name(model, part)).or_default() += if ends { share } else { 0.0 };
            }
            if let (Some(demand), Some((lost, insufficient))) = (model.system.demand, &mut self.capacity) {
                // All that is less than the smallest capacity or share of the models is rounding.
                let missing = demand - carried(model, state, &model.system.up, demand);
                *lost += if missing > 1e-9 * demand { share * missing } else { 0.0 };
                if capacity(model, state, &model.system.up) < demand {
                    *insufficient += share;
                }
            }
        }
        self.states += chain.states.len();
    }
}

fn name(model: &Model, part: Part) -> String {
    match part {
        Part::Group(group) => model.groups[group.0].name.clone(),
        Part::Domain(domain) => model.domains[domain.0].name.clone(),
    }
}

struct Arc {
    to: usize,
    rate: f64,
    cause: Option<Cause>,
}

struct Chain {
    states: Vec<State>,
    arcs: Vec<Vec<Arc>>,
}

impl Chain {
    /// All states that can be reached, and how.
    fn explore(model: &Model, start: State, most_states: usize) -> Option<Self> {
        let mut known = BTreeMap::from([(start.clone(), 0)]);
        let mut chain = Self { states: vec![start], arcs: Vec::new() };
        while chain.arcs.len() < chain.states.len() {
            let state = chain.states[chain.arcs.len()].clone();
            let mut arcs = Vec::new();
            for (rate, event) in event::events(model, &state) {
                for (probability, next) in effect::outcomes(model, &state, event) {
                    let to = *known.entry(next.clone()).or_insert_with(|| {
                        chain.states.push(next);
                        chain.states.len() - 1
                    });
                    arcs.push(Arc { to, rate: rate * probability, cause: event.cause(model) });
                }
            }
            chain.arcs.push(arcs);
            if chain.states.len() > most_states {
                return None;
            }
        }
        Some(chain)
    }

    /// The share of time in each state: 0 in those that are left for good.
    fn shares(&self) -> Vec<f64> {
        let recurrent = self.recurrent();
        let mut place = vec![usize::MAX; self.states.len()];
        recurrent.iter().enumerate().for_each(|(index, state)| place[*state] = index);
        let mut rates = vec![vec![0.0; recurrent.len()]; recurrent.len()];
        for (from, state) in recurrent.iter().enumerate() {
            self.arcs[*state].iter().for_each(|arc| rates[from][place[arc.to]] += arc.rate);
        }
        let found = stationary::eliminate(rates);
        let mut shares = vec![0.0; self.states.len()];
        recurrent.iter().zip(found).for_each(|(state, share)| shares[*state] = share);
        shares
    }

    /// The states between which the chain moves in the long run.
    fn recurrent(&self) -> Vec<usize> {
        let mut from = 0;
        loop {
            let reached = self.reached_from(from);
            let returns = self.returning_to(from);
            match reached.iter().find(|state| !returns[**state]) {
                Some(gone) => from = *gone,
                None => return reached,
            }
        }
    }

    fn reached_from(&self, start: usize) -> Vec<usize> {
        let mut seen = vec![false; self.states.len()];
        let mut reached = vec![start];
        seen[start] = true;
        let mut next = 0;
        while next < reached.len() {
            for arc in &self.arcs[reached[next]] {
                if !std::mem::replace(&mut seen[arc.to], true) {
                    reached.push(arc.to);
                }
            }
            next += 1;
        }
        reached
    }

    fn returning_to(&self, goal: usize) -> Vec<bool> {
        let mut into = vec![Vec::new(); self.states.len()];
        for (from, arcs) in self.arcs.iter().enumerate() {
            for arc in arcs {
                into[arc.to].push(from);
            }
        }
        let mut returns = vec![false; self.states.len()];
        returns[goal] = true;
        let mut open = vec![goal];
        while let Some(state) = open.pop() {
            for &from in &into[state] {
                if !std::mem::replace(&mut returns[from], true) {
                    open.push(from);
                }
            }
        }
        returns
    }
}
