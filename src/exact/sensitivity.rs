//! What each number of the model does to unavailability and failure frequency: derivatives, all at once.
//!
//! The chain rule through the diagram ([`gradient`](crate::structure::gradient)) says what each class of a module's states and each
//! flow between classes is worth; the adjoint of the module's chain ([`adjoint`]) turns that into the worth of each state; and one pass
//! over all arcs, each with the numbers that it comes from ([`Levers`]), gives the derivatives by all of them. Plain units
//! have closed forms ([`plain_slopes`](crate::structure::plain_slopes)). Inside, a derivative is by the relative change of the number, for a probability that
//! something works by the relative change of its complement.
//!
//! Alike groups and domains are held for one another, as where the measures come from: what the numbers of all of them together do is shared
//! equally. A module with a product form is a chain of the same means here, whatever its distributions.
//!
//! Counts only take steps: the system is solved again with one more.

use crate::dynamics::{Dynamics, Exploration, Kind, Levers};
use crate::exact::applies::{Dependent, ProductForms};
use crate::exact::chain::explore::{Chain, Departure, Found, Limit, expand_all};
use crate::exact::chain::phased::Phased;
use crate::exact::chain::solve::{End, value};
use crate::exact::chain::{adjoint, alike, explore, names, unexplored, variable_of};
use crate::exact::product::Product;
use crate::exact::slopes::Slopes;
use crate::exact::{Error, Settings, approximate, system};
use crate::measure::{Lever, Observer, Sensitivity, Step, Stepped};
use crate::numeric::sum::Sum;
use crate::quantity::Unavailability;
use crate::structure::gradient::{Flows, Worth};
use crate::structure::joined::{Joined, ModuleClasses, Piece};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain_slopes::UnitSlopes;
use crate::structure::readings::Readings;
use crate::structure::variable::Variable;
use crate::topology::parameter::Parameter;
use crate::topology::{GroupId, Model, Scope, binding_crew};

/// Steps that are tried at most.
const MOST_STEPS: usize = 50;
/// States of chains and nodes of diagrams that all steps together may have for each one of the model.
const SHARE_OF_STEPS: usize = 1;
/// As many of them are done in a moment.
const FEW: usize = 10_000;

/// The derivatives of `model` by its numbers, and the steps of its counts.
///
/// # Errors
/// As [`solve`](crate::exact::solve).
pub fn sensitivity(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<Sensitivity, Error> {
    let twin = settings.approximate.then(|| approximate::exponential(model).0);
    let declared = twin.as_ref().unwrap_or(model);
    let model = &*declared.with_active_redundancy();
    let partition = Partition::of(model, Purpose::Availability);
    let needed = "derivatives need times made of phases where parts depend on each other or failure modes compete";
    Dependent::of(model, &partition, ProductForms::Count).phased_for(settings, needed)?;
    let compiled: Vec<Dynamics> = partition.modules.iter().map(|scope| Dynamics::new(model, scope)).collect();
    let mut modules = Vec::new();
    for (scope, dynamics) in partition.modules.iter().zip(&compiled) {
        modules.push(Module::new(model, &partition, scope, dynamics, settings, observer)?);
    }
    let system = System::new(model, &partition, modules, settings.max_nodes, observer)?;
    let levers = system.levers(observer)?;
    let (steps, steps_left_out) = steps(declared, &system, &levers, settings, observer)?;
    Ok(Sensitivity { levers, steps, steps_left_out })
}

/// A module, explored and solved.
struct Module<'a> {
    scope: &'a Scope,
    dynamics: &'a Dynamics,
    readings: Readings,
    found: Box<dyn Found + 'a>,
    chain: Chain,
    /// The state that is left and reached again for certain.
    anchor: usize,
    /// Long-run probability of each state.
    shares: Vec<f64>,
    variable: Variable,
}

impl<'a> Module<'a> {
    fn new(
        model: &Model,
        partition: &Partition,
        scope: &'a Scope,
        dynamics: &'a Dynamics,
        settings: &Settings,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let readings = Readings::of_module(model, partition, scope);
        // In a product form only means count, whatever the times are.
        let has_means = dynamics.is_exponential() || Product::of(model, scope, &readings).is_some();
        let (found, chain) = if has_means {
            let alike = alike(model, scope, dynamics);
            complete(Exploration::with_alike_groups(dynamics, alike), dynamics, &readings, settings, observer)
        } else {
            complete(Phased::new(dynamics, settings.phases), dynamics, &readings, settings, observer)
        }
        .map_err(|end| unexplored(end, model, scope, settings))?;
        let (visits, anchor) = value(&chain, observer).map_err(|end| not_solved(end, model, scope))?;
        let total = visits.iter().copied().collect::<Sum>().value();
        Ok(Self {
            variable: variable_of(&chain, dynamics, found.alike(), &visits),
            shares: visits.iter().map(|visit| visit / total).collect(),
            scope,
            dynamics,
            readings,
            found,
            chain,
            anchor,
        })
    }

    /// Adds the derivatives by the numbers of the module, whose classes and flows are worth so much.
    fn add_slopes(
        &self,
        model: &Model,
        worth: &Worth,
        slopes: &mut Slopes<'_>,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let worths = adjoint::worth(&self.chain, self.anchor, &self.shares, &self.rewards(worth), observer)
            .map_err(|end| not_solved(end, model, self.scope))?;
        let levers = Levers::new(model, self.scope, self.dynamics, self.found.alike());
        let mut place = vec![0_u32; self.found.count()];
        let (mut state, mut after) = (self.dynamics.start(), self.dynamics.start());
        for (position, id) in self.chain.order.iter().enumerate() {
            place[*id as usize] = position as u32;
        }
        for (x, id) in self.chain.order.iter().enumerate() {
            if x % 1_024 == 0
                && let Some(stop) = observer.stop()
            {
                return Err(Error::Stopped(stop));
            }
            self.found.load(*id as usize, &mut state);
            for Departure { clock, rate, branch, courses } in self.found.departures(*id as usize) {
                // One that only goes on to its next phase leads to no other class.
                let counted = (clock.kind == Kind::Loss && clock.cause.is_some()).then_some(&worth.flows);
                let flow = self.shares[x] * rate;
                let (mut down, mut frequency) = (0.0, 0.0);
                for course in courses {
                    let gain = self.gain(&worths, (x, place[course.to as usize] as usize), counted);
                    down += course.probability * gain[0];
                    frequency += course.probability * gain[1];
                    for (draw, slope) in course.slopes {
                        for (parameter, share) in levers.of_draw(draw) {
                            // By the relative change of how likely it is to fail.
                            let factor = flow * slope * share * parameter.complement(model).unwrap_or(0.0);
                            slopes.add(parameter, [factor * gain[0], factor * gain[1]]);
                        }
                    }
                    if !course.starts.is_empty() {
                        self.found.load(course.to as usize, &mut after);
                    }
                    for (started, taken) in course.starts {
                        let factor = flow * course.probability;
                        for (parameter, power) in levers.of_clock(&after, &started) {
                            slopes.add_start(parameter, taken, [-power * factor * gain[0], -power * factor * gain[1]]);
                        }
                    }
                }
                for (parameter, power) in levers.of_clock(&state, &clock) {
                    let slope = [flow * power * down, flow * power * frequency];
                    match branch.filter(|_| parameter.is_time()) {
                        Some(branch) => slopes.add_in_branch(parameter, branch, slope),
                        None => slopes.add(parameter, slope),
                    }
                }
            }
        }
        Ok(())
    }

    /// What one change of state is worth, to the unavailability and to the frequency, in which it may be counted.
    fn gain(&self, worths: &[[f64; 2]], (x, y): (usize, usize), counted: Option<&Flows>) -> [f64; 2] {
        let classes = (self.chain.class[x] as usize, self.chain.class[y] as usize);
        let jump = counted.and_then(|flows| flows.get(&classes)).copied().unwrap_or(0.0);
        [worths[y][0] - worths[x][0], worths[y][1] - worths[x][1] + jump]
    }

    /// The rates at which the states bring what they are worth; those of the frequency with the flows out of them.
    fn rewards(&self, worth: &Worth) -> Vec<[f64; 2]> {
        let of_class = |class: &u32| [worth.down[*class as usize], worth.frequency[*class as usize]];
        let mut rewards: Vec<[f64; 2]> = self.chain.class.iter().map(of_class).collect();
        for arc in &self.chain.class_arcs {
            let classes = (self.chain.class[arc.from as usize] as usize, arc.to_class as usize);
            rewards[arc.from as usize][1] += arc.rate * worth.flows.get(&classes).copied().unwrap_or(0.0);
        }
        rewards
    }
}

/// All that is to be `found`, and its chain.
fn complete<'a>(
    mut found: impl Found + 'a,
    dynamics: &Dynamics,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<(Box<dyn Found + 'a>, Chain), explore::End> {
    expand_all(&mut found, Limit::of(settings), observer)?;
    let chain = Chain::of(dynamics, &found, readings);
    Ok((Box::new(found), chain))
}

fn not_solved(end: End, model: &Model, scope: &Scope) -> Error {
    match end {
        End::NotConverged { residual } => Error::NotConverged { groups: names(model, scope), residual },
        End::Stopped(stop) => Error::Stopped(stop),
    }
}

/// The diagram of all pieces, evaluated.
struct System<'a> {
    model: &'a Model,
    modules: Vec<Module<'a>>,
    joined: Joined,
    variables: Vec<Variable>,
    unavailability: f64,
    frequency: Option<f64>,
}

impl<'a> System<'a> {
    fn new(
        model: &'a Model,
        partition: &Partition,
        modules: Vec<Module<'a>>,
        most_nodes: usize,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let joined = {
            let classes: Vec<ModuleClasses<'_>> = modules
                .iter()
                .map(|module| ModuleClasses {
                    readings: &module.readings,
                    classes: &module.chain.classes,
                    causes: module.dynamics.causes(),
                })
                .collect();
            Joined::new(model, partition, &classes, most_nodes, observer)?
        };
        let variable = |(piece, closed_form): (&Piece, Option<Variable>)| match piece {
            Piece::Module(index) => modules[*index].variable.renumbered(joined.cause_offset(*index)),
            _ => closed_form.expect("all other pieces have closed forms"),
        };
        let variables: Vec<Variable> = joined.pieces().iter().zip(joined.closed_forms(model)).map(variable).collect();
        let (unavailability, frequency) = joined.probability_and_frequency(&variables);
        if unavailability < Unavailability::SMALLEST && unavailability > 0.0 {
            return Err(Error::TooSmall);
        }
        Ok(Self { model, modules, joined, variables, unavailability, frequency })
    }

    fn levers(&self, observer: &dyn Observer) -> Result<Vec<Lever>, Error> {
        let worths = self.joined.worths(&self.variables, self.frequency.is_some());
        let mut slopes = Slopes::new(self.model);
        for (piece, worth) in self.joined.pieces().iter().zip(&worths) {
            let closed_form = match piece {
                Piece::Module(index) => {
                    self.modules[*index].add_slopes(self.model, worth, &mut slopes, observer)?;
                    continue;
                }
                Piece::Domain { domain, .. } => {
                    UnitSlopes::of_domain(*domain, &self.model.domains[domain.0]).of_system(1, worth)
                }
                Piece::Units { group, count, .. } => {
                    let component = self.model.groups[group.0].component;
                    UnitSlopes::of_component(component, self.model.component_of(*group)).of_system(*count, worth)
                }
            };
            for (parameter, down, frequency) in closed_form {
                slopes.add(parameter, [down, frequency]);
            }
        }
        Ok(slopes.levers(self.frequency.is_some()))
    }

    /// States of all chains and nodes of the diagram.
    fn size(&self) -> usize {
        let states: usize = self.modules.iter().map(|module| module.chain.exit.len()).sum();
        states + self.joined.nodes()
    }
}

/// One more of each count that can matter, crews first, then the groups of the components whose failures matter most; and how many
/// were left out, because all of them would take much longer than the solution.
fn steps(
    model: &Model,
    system: &System<'_>,
    levers: &[Lever],
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<(Vec<Step>, usize), Error> {
    let size = system.size();
    let mut room = SHARE_OF_STEPS * size + 2 * FEW;
    let mut steps = Vec::new();
    let mut counts = counts(model);
    counts.sort_by_key(|count| rank(model, *count, levers));
    for &parameter in counts.iter().take(MOST_STEPS) {
        // A step that is larger than the model itself is not worth waiting for.
        let most = size.max(FEW).min(room).min(settings.max_states);
        if most < system.joined.nodes() {
            break;
        }
        let mut changed = model.clone();
        changed.system.demand = None;
        let Some((from, to)) = one_more(parameter, &mut changed) else { continue };
        let settings = Settings { max_states: most, ..settings.clone() };
        let found = match system::solve(&changed, &settings, observer) {
            Ok(measures) => {
                let sizes = [measures.states, measures.diagram_nodes].into_iter().flatten();
                room = room.saturating_sub(sizes.map(|size| size as usize).sum());
                Some(Stepped {
                    unavailability: measures.unavailability,
                    failure_frequency: measures.failure_frequency,
                    saved: system.unavailability - measures.unavailability,
                })
            }
            Err(Error::Stopped(stop)) => return Err(Error::Stopped(stop)),
            Err(_) => {
                room = room.saturating_sub(most);
                None
            }
        };
        steps.push(Step { key: parameter.key(model), from, to, found });
    }
    let left_out = counts.len() - steps.len();
    let saved = |step: &Step| step.found.map_or(f64::NEG_INFINITY, |found| found.saved);
    steps.sort_by(|a, b| saved(b).total_cmp(&saved(a)).then_with(|| a.key.cmp(&b.key)));
    Ok((steps, left_out))
}

/// The place in the order in which counts are tried.
fn rank(model: &Model, count: Parameter, levers: &[Lever]) -> usize {
    let (Parameter::Active(group) | Parameter::Standbys(group)) = count else { return 0 };
    let component = format!("component.{}.", model.component_of(group).name);
    1 + levers.iter().position(|lever| lever.key.starts_with(&component)).unwrap_or(levers.len())
}

/// The crews that are too small for all, and the units of the groups that are in the file.
fn counts(model: &Model) -> Vec<Parameter> {
    let relevant = Scope::relevant(model);
    let mut counts = Vec::new();
    for &id in relevant.groups.iter().filter(|id| !model.groups[id.0].implicit) {
        let is_standby = model.groups[id.0].standby.is_some();
        counts.push(if is_standby { Parameter::Standbys(id) } else { Parameter::Active(id) });
    }
    let crews = relevant.groups.iter().filter_map(|id: &GroupId| binding_crew(model, *id));
    counts.extend(crews.map(Parameter::CrewSize));
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// Changes the count by one; what it was, and what it is.
fn one_more(parameter: Parameter, model: &mut Model) -> Option<(u32, u32)> {
    let count = match parameter {
        Parameter::CrewSize(id) => &mut model.crews[id.0].size,
        Parameter::Active(id) => &mut model.groups[id.0].active,
        Parameter::Standbys(id) => &mut model.groups[id.0].standby.as_mut()?.count,
        _ => return None,
    };
    *count += 1;
    Some((*count - 1, *count))
}
