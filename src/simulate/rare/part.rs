//! A piece of a system by itself: a module, a domain, or one unit of a group whose units are independent.

use crate::dynamics::Dynamics;
use crate::measure::Observer;
use crate::simulate::rare::class_meter::{ClassMeter, classes};
use crate::simulate::rare::twin::{MOST_STATES, NoTwin, Twin};
use crate::structure::joined::ModuleClasses;
use crate::structure::readings::Readings;
use crate::structure::variable::{Flow, Variable};
use crate::topology::{DomainId, GroupId, Model, Scope};

/// Names in the name of a piece.
const MOST_NAMES: usize = 4;

/// What is simulated on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Module(usize),
    Domain(DomainId),
    /// One unit of a plain group.
    Unit(GroupId),
}

/// The semantics of one piece.
pub(crate) struct Part {
    pub(crate) source: Source,
    /// For people: its groups and domains.
    pub(crate) name: String,
    pub(crate) dynamics: Dynamics,
    pub(crate) readings: Readings,
    pub(crate) classes: Vec<Box<[u16]>>,
}

impl Part {
    /// The module of that number.
    pub(crate) fn of_module(model: &Model, index: usize, module: &Scope, readings: Readings) -> Option<Self> {
        Self::of(Source::Module(index), names(model, module), Dynamics::new(model, module), readings)
    }

    fn of(source: Source, name: String, dynamics: Dynamics, readings: Readings) -> Option<Self> {
        let classes = classes(&readings)?;
        Some(Self { source, name, dynamics, readings, classes })
    }

    /// A domain, or one unit of a group whose units are independent, apart from its domains.
    pub(crate) fn of_plain(model: &Model, source: Source) -> Option<Self> {
        let (mut scope, mut readings) = (Scope { groups: vec![], domains: vec![] }, Readings::default());
        let mut apart = model.clone();
        match source {
            Source::Domain(domain) => {
                scope.domains.push(domain);
                readings.domains.push(domain);
            }
            Source::Unit(group) => {
                scope.groups.push(group);
                readings.up.push(group);
                let unit = &mut apart.groups[group.0];
                (unit.active, unit.need, unit.crew) = (1, 1, None);
                unit.spread.clear();
                unit.depends.clear();
            }
            Source::Module(_) => return None,
        }
        Self::of(source, names(model, &scope), Dynamics::new(&apart, &scope), readings)
    }

    pub(crate) fn is_module(&self) -> bool {
        matches!(self.source, Source::Module(_))
    }

    pub(crate) fn module_classes(&self) -> ModuleClasses<'_> {
        ModuleClasses { readings: &self.readings, classes: &self.classes, causes: self.dynamics.causes() }
    }

    pub(crate) fn meter(&self, badness: Vec<f64>) -> ClassMeter<'_> {
        ClassMeter::new(&self.dynamics, &self.readings, &self.classes, badness)
    }

    /// Pairs of classes and causes between which flows are counted, in the order of the parameters.
    pub(crate) fn flows(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<'_> {
        let classes = self.classes.len();
        let causes = 0..self.dynamics.causes().len();
        causes.flat_map(move |cause| {
            (0..classes)
                .flat_map(move |from| (0..classes).filter(move |to| *to != from).map(move |to| (from, to, cause)))
        })
    }

    /// From parameters: the probability of each class but the first, then the flows.
    pub(crate) fn variable(&self, parameters: &[f64]) -> Variable {
        let others = self.classes.len() - 1;
        let mut probabilities = vec![1.0 - parameters[..others].iter().sum::<f64>()];
        probabilities.extend(&parameters[..others]);
        let flow = |((from, to, cause), &rate): ((usize, usize, usize), &f64)| Flow { from, to, rate, cause };
        let flows = self.flows().zip(&parameters[others..]).filter(|(_, rate)| **rate > 0.0).map(flow).collect();
        Variable { probabilities, flows, has_flows: true }
    }

    /// The quantities behind the parameters.
    pub(crate) fn quantities(&self, meter: &ClassMeter<'_>) -> Vec<usize> {
        let times = (1..self.classes.len()).map(ClassMeter::time_in);
        times.chain(self.flows().map(|(from, to, cause)| meter.flow(from, to, cause))).collect()
    }

    /// About how likely the classes of a module are: each thing that can be read off with a twin of its own, as if they were
    /// independent, but no less than a twin that has them all says.
    pub(crate) fn by_twin(&self, observer: &dyn Observer) -> Option<Variable> {
        let bits = self.readings.up.len() + self.readings.domains.len();
        let groups = self.readings.up.len();
        let is_bad = |class: &[u16], bit: usize| (class[bit] == 1) != (bit < groups);
        let share = |badness: Vec<f64>| match Twin::of(&self.dynamics, &self.meter(badness), MOST_STATES, observer) {
            Ok(twin) => Some(twin.unavailability),
            Err(NoTwin::NeverBad) => Some(0.0),
            Err(NoTwin::TooLarge | NoTwin::Stopped) => None,
        };
        let of_bit: Vec<f64> = (0..bits)
            .map(|bit| share(self.classes.iter().map(|class| f64::from(u8::from(is_bad(class, bit)))).collect()))
            .collect::<Option<_>>()?;
        if observer.stop().is_some() {
            return None;
        }
        let together = |class: &[u16]| {
            (0..bits).map(|bit| if is_bad(class, bit) { of_bit[bit] } else { 1.0 - of_bit[bit] }).product::<f64>()
        };
        let alone =
            |number: usize| share((0..self.classes.len()).map(|class| f64::from(u8::from(class == number))).collect());
        let likely = |number: usize| {
            let product = together(&self.classes[number]);
            if number == 0 { product } else { product.max(alone(number).unwrap_or(0.0)) }
        };
        let probabilities = (0..self.classes.len()).map(likely).collect();
        Some(Variable { probabilities, flows: Vec::new(), has_flows: true })
    }
}

/// The names of groups and domains, as far as a line has room for them.
fn names(model: &Model, scope: &Scope) -> String {
    let groups = scope.groups.iter().map(|group| model.groups[group.0].name.as_str());
    let all: Vec<&str> =
        groups.chain(scope.domains.iter().map(|domain| model.domains[domain.0].name.as_str())).collect();
    match all.split_at_checked(MOST_NAMES) {
        Some((first, rest)) if !rest.is_empty() => format!("{} and {} more", first.join(", "), rest.len()),
        _ => all.join(", "),
    }
}
