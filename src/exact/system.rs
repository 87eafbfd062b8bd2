//! The pieces joined: one decision diagram over all of them.

use std::collections::BTreeMap;

use crate::exact::applies::dependent_fields;
use crate::exact::chain::{Readings, Solved, solve as solve_chain};
use crate::exact::{Error, Settings, capacity};
use crate::measure::{Cause, Contribution, Contributions, ExactMeasures, Observer, Warning};
use crate::quantity::Unavailability;
use crate::structure::diagram::{Diagram, Node, TooLarge};
use crate::structure::measure::Evaluation;
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::{Unit, causes_of, in_step};
use crate::structure::variable::{Flow, Variable};
use crate::topology::system::{Expression, Part};
use crate::topology::{DomainId, GroupId, Model};

/// Rounding of one operation.
const ROUNDING: f64 = 1.2e-16;
/// Children of all nodes that the diagrams "if this part were up" may have together: a few seconds.
const MOST_CHILDREN_OF_FORCED: usize = 4_000_000;

pub(crate) fn solve(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<ExactMeasures, Error> {
    let partition = Partition::of(model, Purpose::Availability);
    let fields = dependent_fields(model, &partition);
    if !fields.is_empty() {
        return Err(Error::NotExponential { fields });
    }
    let pieces = Pieces::new(model, partition, settings, observer)?;
    let mut joined = Joined::new(model, &pieces)?;
    let mut measures = joined.measures(model)?;
    measures.warnings.extend(in_step(model, &pieces.partition));
    if model.system.demand.is_some() {
        match capacity::measures(model, settings, observer) {
            Ok(capacity) => measures.capacity = Some(capacity),
            Err(capacity::Error::Engine(Error::Stopped(stop))) => return Err(Error::Stopped(stop)),
            Err(error) => measures.warnings.push(Warning {
                code: "no_capacity_measures",
                message: format!("the capacity measures could not be computed: {error}"),
            }),
        }
    }
    Ok(measures)
}

/// The independent variables of a model, with their values and proven bounds.
struct Pieces {
    partition: Partition,
    modules: Vec<Solved>,
    module_readings: Vec<Readings>,
}

impl Pieces {
    fn new(model: &Model, partition: Partition, settings: &Settings, observer: &dyn Observer) -> Result<Self, Error> {
        let named = model.system.up.parts();
        let (mut modules, mut module_readings) = (Vec::new(), Vec::new());
        for module in &partition.modules {
            let up = module.groups.iter().copied().filter(|group| named.contains(&Part::Group(*group))).collect();
            let used = |domain: &DomainId| {
                let by_group = |group: &GroupId| {
                    (0..model.groups[group.0].units()).any(|unit| model.unit_domains(*group, unit).contains(domain))
                };
                named.contains(&Part::Domain(*domain))
                    || partition.plain.iter().any(by_group)
                    || partition.domains.iter().any(|inner| model.domain_chain(*inner).contains(domain))
            };
            let domains = module.domains.iter().copied().filter(used).collect();
            let readings = Readings { up, slots: Vec::new(), domains };
            modules.push(solve_chain(model, module, &readings, settings, observer)?);
            module_readings.push(readings);
        }
        Ok(Self { partition, modules, module_readings })
    }
}

/// Values and bounds of the variables, in the order of the diagram.
#[derive(Default)]
struct Bounds {
    value: Vec<Variable>,
    low: Vec<Variable>,
    high: Vec<Variable>,
}

impl Bounds {
    fn push_exact(&mut self, variable: Variable) {
        self.low.push(variable.clone());
        self.high.push(variable.clone());
        self.value.push(variable);
    }
}

/// The diagram of the system over the pieces.
struct Joined {
    variables: Bounds,
    diagram: Diagram,
    causes: Vec<Cause>,
    states: u64,
    /// Down-function of each group and domain that is used.
    group_down: Vec<Option<Node>>,
    domain_down: Vec<Option<Node>>,
    plain_variables: Vec<(GroupId, Vec<PlainClass>)>,
}

/// Units of a plain group with the same domains.
struct PlainClass {
    variable: usize,
    count: usize,
    domains: Vec<DomainId>,
}

impl Joined {
    fn new(model: &Model, pieces: &Pieces) -> Result<Self, Error> {
        let mut causes = Vec::new();
        let mut variables = Bounds::default();
        // Modules first, then domains, then the units below them: what is shared most stands at the top.
        for solved in &pieces.modules {
            let offset = causes.len();
            causes.extend(solved.causes.iter().cloned());
            variables.value.push(renumbered(&solved.value, offset));
            variables.low.push(renumbered(&solved.low, offset));
            variables.high.push(renumbered(&solved.high, offset));
        }
        let domain_first = variables.value.len();
        for domain in &pieces.partition.domains {
            let domain = &model.domains[domain.0];
            causes.push(Cause::Domain(domain.name.clone()));
            variables.push_exact(Unit::of_domain(domain).failed_of(1, &[causes.len() - 1]));
        }
        let mut plain_variables = Vec::new();
        for &group in &pieces.partition.plain {
            let component = model.component_of(group);
            let unit = Unit::of_component(component);
            let first_cause = causes.len();
            causes.extend(causes_of(&model.groups[group.0].name, component));
            let numbers: Vec<usize> = (first_cause..causes.len()).collect();
            let mut classes = Vec::new();
            for (domains, count) in model.placement_classes(group) {
                variables.push_exact(unit.failed_of(count, &numbers));
                classes.push(PlainClass { variable: variables.value.len() - 1, count, domains });
            }
            plain_variables.push((group, classes));
        }
        let sizes = variables.value.iter().map(|variable| variable.probabilities.len()).collect();
        let mut joined = Self {
            diagram: Diagram::new(sizes),
            states: pieces.modules.iter().map(|solved| solved.states as u64).sum(),
            group_down: vec![None; model.groups.len()],
            domain_down: vec![None; model.domains.len()],
            variables,
            causes,
            plain_variables,
        };
        joined.module_functions(pieces)?;
        joined.domain_functions(model, pieces, domain_first)?;
        joined.plain_functions(model)?;
        Ok(joined)
    }

    fn module_functions(&mut self, pieces: &Pieces) -> Result<(), TooLarge> {
        for (index, (solved, readings)) in pieces.modules.iter().zip(&pieces.module_readings).enumerate() {
            let variable = index;
            let read = |diagram: &mut Diagram, cell: usize, down: u16| {
                let node = |class: &[u16]| if class[cell] == down { Node::DOWN } else { Node::UP };
                diagram.case(variable, solved.classes.iter().map(|class| node(class)).collect())
            };
            for (cell, group) in readings.up.iter().enumerate() {
                self.group_down[group.0] = Some(read(&mut self.diagram, cell, 0)?);
            }
            for (cell, domain) in readings.domains.iter().enumerate() {
                let cell = readings.up.len() + 2 * readings.slots.len() + cell;
                self.domain_down[domain.0] = Some(read(&mut self.diagram, cell, 1)?);
            }
        }
        Ok(())
    }

    /// A domain is down while itself or an outer one is. Inner domains may lie in ones that a module has.
    fn domain_functions(&mut self, model: &Model, pieces: &Pieces, first: usize) -> Result<(), TooLarge> {
        let mut own = vec![Node::UP; model.domains.len()];
        for (index, domain) in pieces.partition.domains.iter().enumerate() {
            own[domain.0] = self.diagram.case(first + index, vec![Node::UP, Node::DOWN])?;
        }
        for domain in &pieces.partition.domains {
            let chain = model.domain_chain(*domain);
            let parts: Vec<Node> =
                chain.iter().map(|outer| self.domain_down[outer.0].unwrap_or(own[outer.0])).collect();
            self.domain_down[domain.0] = Some(self.diagram.any(&parts)?);
        }
        Ok(())
    }

    fn plain_functions(&mut self, model: &Model) -> Result<(), TooLarge> {
        let groups = std::mem::take(&mut self.plain_variables);
        for (group, classes) in &groups {
            let need = model.groups[group.0].need as usize;
            let down = self.fewer_than(need, classes, &mut BTreeMap::new())?;
            self.group_down[group.0] = Some(down);
        }
        self.plain_variables = groups;
        Ok(())
    }

    /// Down while fewer than `need` units of the classes can serve; `known` holds what was built, by (need, classes left).
    fn fewer_than(
        &mut self,
        need: usize,
        classes: &[PlainClass],
        known: &mut BTreeMap<(usize, usize), Node>,
    ) -> Result<Node, TooLarge> {
        if need == 0 {
            return Ok(Node::UP);
        }
        if classes.iter().map(|class| class.count).sum::<usize>() < need {
            return Ok(Node::DOWN);
        }
        if let Some(&node) = known.get(&(need, classes.len())) {
            return Ok(node);
        }
        let (class, rest) = classes.split_first().expect("no units cannot be enough");
        let domains: Vec<Node> = class.domains.iter().filter_map(|domain| self.domain_down[domain.0]).collect();
        let blocked = self.diagram.any(&domains)?;
        let without = self.fewer_than(need, rest, known)?;
        // With more failures the rest must do more, so the functions ascend, and "exactly k failed and then" is the same as
        // "at least k failed and then". Below a domain that is down the class serves nothing, which is worse still.
        let mut down = self.diagram.and(blocked, without)?;
        let mut previous = None;
        for failed in 0..=class.count {
            let then = self.fewer_than(need.saturating_sub(class.count - failed), rest, known)?;
            if previous == Some(then) {
                continue;
            }
            previous = Some(then);
            let at_least = (0..=class.count).map(|k| if k >= failed { Node::DOWN } else { Node::UP }).collect();
            let literal = if failed == 0 { Node::DOWN } else { self.diagram.case(class.variable, at_least)? };
            let term = self.diagram.and(literal, then)?;
            down = self.diagram.or(down, term)?;
        }
        known.insert((need, classes.len()), down);
        Ok(down)
    }

    /// The down-function of an expression, with `forced` taken to be up.
    fn down(&mut self, expression: &Expression, forced: Option<Part>) -> Result<Node, TooLarge> {
        let all = |joined: &mut Self, of: &[Expression]| {
            of.iter().map(|part| joined.down(part, forced)).collect::<Result<Vec<_>, _>>()
        };
        match expression {
            Expression::Part(part) if Some(*part) == forced => Ok(Node::UP),
            Expression::Part(Part::Group(group)) => Ok(self.group_down[group.0].expect("a named group is in a piece")),
            Expression::Part(Part::Domain(domain)) => {
                Ok(self.domain_down[domain.0].expect("a named domain is in a piece"))
            }
            Expression::And(of) => {
                let parts = all(self, of)?;
                self.diagram.any(&parts)
            }
            Expression::Or(of) => {
                let parts = all(self, of)?;
                self.diagram.all(&parts)
            }
            Expression::AtLeast(need, of) => {
                let parts = all(self, of)?;
                self.diagram.at_least(of.len() - *need as usize + 1, &parts)
            }
        }
    }

    /// For each part of `up`, the down-function of the system if it were up; nothing when that would be too large, as it
    /// grows with the square of the number of parts.
    fn forced(&mut self, model: &Model) -> Option<Vec<(String, Node)>> {
        self.diagram.allow(MOST_CHILDREN_OF_FORCED);
        let up = &model.system.up;
        up.parts()
            .into_iter()
            .map(|part| Some((model.part_name(part).to_owned(), self.down(up, Some(part)).ok()?)))
            .collect()
    }

    fn measures(&mut self, model: &Model) -> Result<ExactMeasures, Error> {
        let root = self.down(&model.system.up, None)?;
        let forced = self.forced(model);
        let mut evaluation = Evaluation::new(&self.diagram, &self.variables.value);
        let unavailability = evaluation.probability(root);
        if unavailability < Unavailability::SMALLEST && evaluation.is_possible(root) {
            return Err(Error::TooSmall);
        }
        let availability = evaluation.joint(root, Node::DOWN);
        let by_cause = evaluation.has_frequency(root).then(|| evaluation.frequency_by_cause(root, self.causes.len()));
        let ended_by = forced.iter().flatten().cloned().map(|(of, up)| Contribution {
            of,
            value: if unavailability > 0.0 { evaluation.joint(up, root) / unavailability } else { 0.0 },
        });
        let ended_by: Vec<_> = ended_by.collect();
        let frequency = by_cause.as_ref().map(|rates| rates.iter().sum::<f64>());
        let begun_by = by_cause.into_iter().flatten().zip(&self.causes).filter(|(value, _)| *value > 0.0);
        let begun_by = begun_by.map(|(value, of)| Contribution { of: of.clone(), value }).collect();
        let relative_accuracy = self.accuracy(root, unavailability, frequency);
        let mut warnings = Vec::new();
        if frequency.is_none() {
            warnings.push(Warning {
                code: "no_frequency",
                message: "a part has only an `unavailability`: frequency, MTBF, MUT and MDT do not exist".into(),
            });
        }
        if forced.is_none() {
            warnings.push(Warning {
                code: "no_ended_by",
                message: "the system has too many parts to tell which of them would end the downtime".into(),
            });
        }
        if unavailability == 0.0 {
            warnings.push(Warning {
                code: "never_down",
                message: "nothing that can fail can bring the system down".into(),
            });
        }
        Ok(ExactMeasures {
            unavailability,
            availability,
            failure_frequency: frequency.filter(|frequency| *frequency > 0.0),
            relative_accuracy,
            method: self.method(),
            states: (self.states > 0).then_some(self.states),
            diagram_nodes: Some(self.diagram.reachable(root).len() as u64),
            contributions: Contributions { begun_by, ended_by },
            capacity: None,
            warnings,
        })
    }

    /// The diagram evaluated with all lower and with all upper bounds, and room for the rounding of the evaluation itself:
    /// each factor of a term and each level of sums adds a few ulp, and a binomial one per unit.
    fn accuracy(&self, root: Node, unavailability: f64, frequency: Option<f64>) -> f64 {
        let evaluate = |variables: &[Variable]| {
            let mut evaluation = Evaluation::new(&self.diagram, variables);
            let by_cause = evaluation.frequency_by_cause(root, self.causes.len());
            (evaluation.probability(root), by_cause.iter().sum::<f64>())
        };
        let (low, high) = (evaluate(&self.variables.low), evaluate(&self.variables.high));
        let width = |value: f64, low: f64, high: f64| {
            if value > 0.0 { ((value - low) / value).max((high - value) / value) } else { 0.0 }
        };
        let of_frequency = frequency.map_or(0.0, |frequency| width(frequency, low.1, high.1));
        let values: usize = self.variables.value.iter().map(|variable| variable.probabilities.len()).sum();
        width(unavailability, low.0, high.0).max(of_frequency) + 8.0 * ROUNDING * (values + 4) as f64
    }

    fn method(&self) -> String {
        match self.states {
            0 => "decision diagram over independent parts".into(),
            states => format!("Markov chain of {states} states and decision diagram"),
        }
    }
}

fn renumbered(variable: &Variable, offset: usize) -> Variable {
    let flow = |flow: &Flow| Flow { cause: flow.cause + offset, ..flow.clone() };
    Variable { flows: variable.flows.iter().map(flow).collect(), ..variable.clone() }
}
