//! Systems of independent pieces: each is simulated on its own, and all are joined through the decision diagram.
//!
//! A piece is a module of dependent groups, a domain outside of all modules, or one unit of a group whose units are
//! independent (its number of failed units is then binomial). The system's unavailability and frequency are polynomials of the
//! pieces' shares of time and flows, linear in those of one module.
//!
//! Of a module a class is as bad as it makes the system likelier to be down. That is worked out beforehand, with the
//! exponential twins of the other modules.

use crate::measure::{Observer, SimulatedMeasures};
use crate::simulate::Settings;
use crate::simulate::rare::LEAST_ALL_UP;
use crate::simulate::rare::class_meter::ClassMeter;
use crate::simulate::rare::joint::Run;
use crate::simulate::rare::part::{Part, Source};
use crate::simulate::rare::piece_course::PieceCourse;
use crate::simulate::rare::rounds::Wish;
use crate::simulate::rare::twin::{MOST_STATES, NoTwin, Twin};
use crate::structure::joined::{Joined, ModuleClasses, Piece};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::Unit;
use crate::structure::readings::Readings;
use crate::structure::variable::Variable;
use crate::topology::Model;

/// The derivatives by all parameters take the square of the number of pieces.
const MOST_PIECES: usize = 400;

/// Nodes of the diagram which joins them, times pieces, at most: it is evaluated for each parameter of each piece at every look, and
/// nobody is asked meanwhile whether to end: half a minute in all.
const MOST_NODES_TIMES_PIECES: usize = 500_000;

/// A model cut into pieces.
pub(crate) struct Pieces<'a> {
    pub(crate) model: &'a Model,
    pub(crate) parts: Vec<Part>,
    /// The parts behind the variables of the diagram.
    pub(crate) part_of: Vec<usize>,
    pub(crate) joined: Joined,
    closed_forms: Vec<Option<Variable>>,
}

impl<'a> Pieces<'a> {
    /// Nothing where there is only one piece, or one that has too many classes, or the diagram is too large.
    pub(crate) fn of(model: &'a Model, observer: &dyn Observer) -> Option<Self> {
        let partition = Partition::of(model, Purpose::Availability);
        let pieces = partition.modules.len() + partition.domains.len() + partition.plain.len();
        if pieces > MOST_PIECES {
            return None;
        }
        let mut parts: Vec<Part> = Vec::new();
        for (index, module) in partition.modules.iter().enumerate() {
            let readings = Readings::of_module(model, &partition, module);
            parts.push(Part::of_module(model, index, module, readings)?);
        }
        let module_classes: Vec<ModuleClasses<'_>> = parts.iter().map(Part::module_classes).collect();
        let most_nodes = MOST_NODES_TIMES_PIECES / pieces.max(1);
        let joined = Joined::new(model, &partition, &module_classes, most_nodes, observer).ok()?;
        let mut part_of = Vec::new();
        for piece in joined.pieces() {
            let source = match piece {
                Piece::Module(index) => Source::Module(*index),
                Piece::Domain { domain, .. } => Source::Domain(*domain),
                Piece::Units { group, .. } => Source::Unit(*group),
            };
            let known = parts.iter().position(|part| part.source == source);
            part_of.push(known.unwrap_or(parts.len()));
            if known.is_none() {
                parts.push(Part::of_plain(model, source)?);
            }
        }
        let several = joined.pieces().len() > 1
            || joined.pieces().iter().any(|piece| matches!(piece, Piece::Units { count, .. } if *count > 1));
        let closed_forms = joined.closed_forms(model);
        several.then_some(Self { model, parts, part_of, joined, closed_forms })
    }

    /// Whether there are units that depend on nothing.
    pub(crate) fn has_plain_units(&self) -> bool {
        self.joined.pieces().iter().any(|piece| matches!(piece, Piece::Units { .. }))
    }

    /// The variables of the diagram from the parameters of the parts.
    pub(crate) fn variables(&self, parameters: &[Vec<f64>]) -> Vec<Variable> {
        let of = |(piece, &part): (&Piece, &usize)| self.variable(piece, &self.parts[part], &parameters[part]);
        self.joined.pieces().iter().zip(&self.part_of).map(of).collect()
    }

    fn variable(&self, piece: &Piece, part: &Part, parameters: &[f64]) -> Variable {
        let own = part.variable(parameters);
        match piece {
            Piece::Module(index) => own.renumbered(self.joined.cause_offset(*index)),
            Piece::Domain { cause, .. } => own.renumbered(*cause),
            Piece::Units { count, first_cause, group, .. } => {
                let modes = part.dynamics.causes().len();
                let mut failures = vec![0.0; modes];
                for flow in &own.flows {
                    failures[flow.cause] += flow.rate;
                }
                let has_times = !self.model.component_of(*group).modes().is_empty();
                let down = own.probabilities[1];
                let unit = Unit {
                    up: own.probabilities[0],
                    down,
                    unnoticed: 0.0,
                    noticed: down,
                    failures: has_times.then_some(failures),
                };
                unit.failed_of(*count, &(*first_cause..first_cause + modes).collect::<Vec<_>>())
            }
        }
    }

    /// How bad each class of each part is: for modules how much likelier it makes the system to be down.
    fn badness(&self, observer: &dyn Observer) -> Option<Vec<Vec<f64>>> {
        let modules: Vec<Variable> = self
            .parts
            .iter()
            .filter(|part| part.is_module())
            .map(|part| part.by_twin(observer))
            .collect::<Option<_>>()?;
        let value = |index: usize| self.closed_forms[index].clone().unwrap_or_else(|| modules[index].clone());
        let variables: Vec<Variable> = (0..self.part_of.len()).map(value).collect();
        let of_part = |(index, part): (usize, &Part)| {
            if !part.is_module() {
                return vec![0.0, 1.0];
            }
            let mut variables = variables.clone();
            let mut down_in = |class: usize| {
                let mut probabilities = vec![0.0; part.classes.len()];
                probabilities[class] = 1.0;
                variables[index] = Variable { probabilities, flows: Vec::new(), has_flows: true };
                self.joined.probability_and_frequency(&variables).0
            };
            let good = down_in(0);
            (0..part.classes.len()).map(|class| (down_in(class) - good).max(0.0)).collect()
        };
        Some(self.parts.iter().enumerate().map(of_part).collect())
    }

    /// Simulates the pieces; nothing where one of them cannot be explored, or `observer` ends it before that.
    pub(crate) fn simulate(
        &self,
        settings: &Settings,
        has_times: bool,
        reason: &str,
        observer: &dyn Observer,
    ) -> Option<SimulatedMeasures> {
        let badness = self.badness(observer)?;
        let meters: Vec<ClassMeter<'_>> =
            self.parts.iter().zip(badness).map(|(part, badness)| part.meter(badness)).collect();
        let twin =
            |(part, meter): (&Part, &ClassMeter<'_>)| match Twin::of(&part.dynamics, meter, MOST_STATES, observer) {
                Ok(twin) if twin.all_up >= LEAST_ALL_UP => Some(Some(twin)),
                Err(NoTwin::NeverBad) => Some(None),
                _ => None,
            };
        let twins: Vec<Option<Twin>> = self.parts.iter().zip(&meters).map(twin).collect::<Option<_>>()?;
        if observer.stop().is_some() {
            return None;
        }
        let wish = Wish { settings, has_times, warm_up: 0, capacity: Vec::new() };
        let mut courses: Vec<Option<PieceCourse<'_>>> = Vec::new();
        for (index, (part, (meter, twin))) in self.parts.iter().zip(meters.iter().zip(&twins)).enumerate() {
            courses.push(twin.as_ref().map(|twin| PieceCourse::new(index, part, meter, twin, settings, observer)));
        }
        let run = Run { pieces: self, wish: &wish, reason, observer };
        run.to_the_end(&mut courses)
    }
}
