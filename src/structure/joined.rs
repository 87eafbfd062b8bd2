//! The pieces joined: the system as one decision diagram over all of them.
//!
//! The diagram depends on the pieces' values only, not on how likely they are. So it is built once, and evaluated with
//! whatever is known of the variables: solved, bounded or estimated. Checked in `tests/agreement`.

use crate::measure::{Cause, Observer};
use crate::structure::apply::Ended;
use crate::structure::diagram::{Diagram, Node};
use crate::structure::functions::Functions;
use crate::structure::gradient::{Worth, worths};
use crate::structure::measure::Evaluation;
use crate::structure::partition::Partition;
use crate::structure::plain::{Unit, causes_of};
use crate::structure::readings::Readings;
use crate::structure::variable::Variable;
use crate::topology::{DomainId, GroupId, Model};

/// What the diagram must know of a module: the values that its variable can take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModuleClasses<'a> {
    /// What is read off in each class of its states.
    pub(crate) readings: &'a Readings,
    /// The cells of each class, which is a value of the variable.
    pub(crate) classes: &'a [Box<[u16]>],
    /// Events that can begin outages; the flows of the module's own variable name them by index.
    pub(crate) causes: &'a [Cause],
}

/// A piece of the system, and so a variable of the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A module by its index; a value is a class of its states.
    Module(usize),
    /// A domain on its own: 0 is up, 1 is down.
    Domain {
        /// Which domain.
        domain: DomainId,
        /// The number of its failures among the causes.
        cause: usize,
    },
    /// Units of a plain group with the same domains; a value is the number of failed ones.
    Units {
        /// Their group.
        group: GroupId,
        /// How many they are.
        count: usize,
        /// The domains that each of them needs.
        domains: Vec<DomainId>,
        /// The number of their first mode among the causes; the other modes follow.
        first_cause: usize,
    },
}

impl Piece {
    /// The exact variable of a piece that has a closed form.
    fn closed_form(&self, model: &Model) -> Option<Variable> {
        match self {
            Self::Module(_) => None,
            Self::Domain { domain, cause } => Some(Unit::of_domain(&model.domains[domain.0]).failed_of(1, &[*cause])),
            Self::Units { group, count, first_cause, .. } => {
                let component = model.component_of(*group);
                let causes: Vec<usize> = (*first_cause..).take(component.modes().len()).collect();
                Some(Unit::of_component(component).failed_of(*count, &causes))
            }
        }
    }
}

/// What the diagram says of the system when it is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SystemValues {
    /// Probability of being down.
    pub(crate) unavailability: f64,
    /// Probability of being up, summed on its own.
    pub(crate) availability: f64,
    /// Outages per second by cause; nothing where a variable that matters has no flows.
    pub(crate) by_cause: Option<Vec<f64>>,
    /// For each part of `up` its name and the probability that the system is down, but would be up if the part were;
    /// nothing when that is too large to tell.
    pub(crate) ended_by: Option<Vec<(String, f64)>>,
    /// Whether the system can be down at all, whatever the size of the probability.
    pub(crate) is_possible: bool,
}

/// The diagram of the system over the pieces.
#[derive(Debug)]
pub(crate) struct Joined {
    pieces: Vec<Piece>,
    causes: Vec<Cause>,
    cause_offsets: Vec<usize>,
    diagram: Diagram,
    root: Node,
    forced: Option<Vec<(String, Node)>>,
}

impl Joined {
    /// The system over the pieces of `partition`, whose modules are `modules`, in order, in a diagram of at most so many nodes.
    ///
    /// # Errors
    /// When that is too small, or `observer` ends it.
    pub(crate) fn new(
        model: &Model,
        partition: &Partition,
        modules: &[ModuleClasses<'_>],
        most_nodes: usize,
        observer: &dyn Observer,
    ) -> Result<Self, Ended> {
        let mut causes = Vec::new();
        let mut cause_offsets = Vec::new();
        for module in modules {
            cause_offsets.push(causes.len());
            causes.extend_from_slice(module.causes);
        }
        let pieces = pieces(model, partition, &mut causes);
        let mut functions = Functions::new(model, sizes(&pieces, modules), most_nodes, observer);
        functions.of_modules(modules)?;
        functions.of_domains(&pieces)?;
        functions.of_plain_groups(&pieces)?;
        let root = functions.down(&model.system.up, None)?;
        let forced = functions.forced()?;
        Ok(Self { pieces, causes, cause_offsets, diagram: functions.diagram, root, forced })
    }

    /// The pieces in the order of the diagram's variables; modules come first.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// All events that can begin outages; flows name them by index.
    pub(crate) fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The number of the first cause of a module.
    pub(crate) fn cause_offset(&self, module: usize) -> usize {
        self.cause_offsets[module]
    }

    /// The exact variables of the pieces that have closed forms; nothing for modules.
    pub(crate) fn closed_forms(&self, model: &Model) -> Vec<Option<Variable>> {
        self.pieces.iter().map(|piece| piece.closed_form(model)).collect()
    }

    /// Nodes that the system's function has, terminals included.
    pub(crate) fn nodes(&self) -> usize {
        self.diagram.reachable(self.root).len()
    }

    /// Everything that can be said of the system; `variables` in the order of the pieces.
    pub(crate) fn evaluate(&self, variables: &[Variable]) -> SystemValues {
        let root = self.root;
        let mut evaluation = Evaluation::new(&self.diagram, variables);
        let unavailability = evaluation.probability(root);
        let availability = evaluation.joint(root, Node::DOWN);
        let by_cause = evaluation.has_frequency(root).then(|| evaluation.frequency_by_cause(root, self.causes.len()));
        let ended_by = self.forced.as_ref().map(|forced| {
            let ended = |(name, up): &(String, Node)| (name.clone(), evaluation.joint(*up, root));
            forced.iter().map(ended).collect()
        });
        SystemValues { unavailability, availability, by_cause, ended_by, is_possible: evaluation.is_possible(root) }
    }

    /// What the values of each variable are worth to unavailability and frequency, if there is one.
    pub(crate) fn worths(&self, variables: &[Variable], has_frequency: bool) -> Vec<Worth> {
        worths(&self.diagram, self.root, variables, has_frequency)
    }

    /// Unavailability alone, and whether the system can be down at all, whatever the size of it.
    pub(crate) fn unavailability(&self, variables: &[Variable]) -> (f64, bool) {
        let mut evaluation = Evaluation::new(&self.diagram, variables);
        let unavailability = evaluation.probability(self.root);
        (unavailability, unavailability > 0.0 || evaluation.is_possible(self.root))
    }

    /// The probability that the system is down, but would be up if the part of that name were; 0 where that is too large to
    /// tell.
    pub(crate) fn ended_by(&self, variables: &[Variable], name: &str) -> f64 {
        let forced = self.forced.iter().flatten().find(|(part, _)| part == name);
        forced.map_or(0.0, |(_, up)| Evaluation::new(&self.diagram, variables).joint(*up, self.root))
    }

    /// Whether the system can be down at all, whatever the size of the probability.
    pub(crate) fn is_possible(&self, variables: &[Variable]) -> bool {
        Evaluation::new(&self.diagram, variables).is_possible(self.root)
    }

    /// Unavailability alone.
    pub(crate) fn probability(&self, variables: &[Variable]) -> f64 {
        Evaluation::new(&self.diagram, variables).probability(self.root)
    }

    /// Unavailability and outages per second alone, as often as bounds and derivatives need them.
    pub(crate) fn probability_and_frequency(&self, variables: &[Variable]) -> (f64, Option<f64>) {
        let mut evaluation = Evaluation::new(&self.diagram, variables);
        let unavailability = evaluation.probability(self.root);
        let has_frequency = evaluation.has_frequency(self.root);
        let by_cause = has_frequency.then(|| evaluation.frequency_by_cause(self.root, self.causes.len()));
        (unavailability, by_cause.map(|rates| rates.iter().sum()))
    }
}

/// Modules first, then domains, then the units below them: what is shared most stands at the top. The causes of domains and
/// units are added to `causes`.
fn pieces(model: &Model, partition: &Partition, causes: &mut Vec<Cause>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = (0..partition.modules.len()).map(Piece::Module).collect();
    for &domain in &partition.domains {
        pieces.push(Piece::Domain { domain, cause: causes.len() });
        causes.push(Cause::Domain(model.domains[domain.0].name.clone()));
    }
    for &group in &partition.plain {
        let first_cause = causes.len();
        causes.extend(causes_of(&model.groups[group.0].name, model.component_of(group)));
        let classes = model.placement_classes(group).into_iter();
        pieces.extend(classes.map(|(domains, count)| Piece::Units { group, count, domains, first_cause }));
    }
    pieces
}

/// The number of values of each variable.
fn sizes(pieces: &[Piece], modules: &[ModuleClasses<'_>]) -> Vec<usize> {
    let size = |piece: &Piece| match piece {
        Piece::Module(index) => modules[*index].classes.len(),
        Piece::Domain { .. } => 2,
        Piece::Units { count, .. } => count + 1,
    };
    pieces.iter().map(size).collect()
}

#[cfg(test)]
mod tests {
    use super::{Joined, ModuleClasses, Piece};
    use crate::measure::{Cause, NoObserver};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::structure::diagram::MOST_NODES;
    use crate::structure::partition::{Partition, Purpose};
    use crate::structure::readings::Readings;
    use crate::structure::variable::{Flow, Variable};
    use crate::topology::read::{Syntax, read};
    use crate::topology::{DomainId, GroupId};

    /// A module of a standby group and its zone, in which a plain group lies, too; a room on its own.
    const TEXT: &str = "[component.c]\nmtbf = \"9h\"\nmttr = \"1h\"\n[domain.zone]\nmtbf = \"4h\"\nmttr = \"1h\"\n[domain.room]\n\
                        mtbf = \"4h\"\nmttr = \"1h\"\n[group.db]\ncomponent = \"c\"\nactive = 1\nstandby = 1\ndepends = [\"zone\"]\n\
                        failover = { takes = \"1m\" }\n[group.web]\ncomponent = \"c\"\nactive = 1\ndepends = [\"zone\"]\n[system]\n\
                        up = \"db and (web or room)\"\n";

    fn close(actual: f64, expected: f64) {
        // A few roundings of products and sums of three.
        assert!((actual / expected - 1.0).abs() < 2e-15, "{actual} is not {expected}");
    }

    #[test]
    fn a_module_and_closed_forms_make_one_system() {
        let model = read(TEXT, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let partition = Partition::of(&model, Purpose::Availability);
        let readings = Readings::of_module(&model, &partition, &partition.modules[0]);
        // Group up and zone up, group down alone, both down.
        let classes = [Box::from([1, 0]), Box::from([0, 0]), Box::from([0, 1])];
        let causes = [Cause::Mode { group: "db".into(), mode: "failure".into() }, Cause::Domain("zone".into())];
        let module = ModuleClasses { readings: &readings, classes: &classes, causes: &causes };
        let joined = Joined::new(&model, &partition, &[module], MOST_NODES, &NoObserver).unwrap();
        let web = Piece::Units { group: GroupId(1), count: 1, domains: vec![DomainId(0)], first_cause: 3 };
        assert_eq!(joined.pieces(), [Piece::Module(0), Piece::Domain { domain: DomainId(1), cause: 2 }, web]);
        assert_eq!((joined.cause_offset(0), joined.causes().len()), (0, 4));

        let flow = |to, rate, cause| Flow { from: 0, to, rate, cause };
        let flows = vec![flow(1, 1e-2, 0), flow(2, 2e-3, 1)];
        let of_module = Variable { probabilities: vec![0.9, 0.06, 0.04], flows, has_flows: true };
        let closed_forms = joined.closed_forms(&model).into_iter();
        let variables: Vec<Variable> = closed_forms.map(|known| known.unwrap_or(of_module.clone())).collect();
        let values = joined.evaluate(&variables);
        // Down with the database, or while the room (1/5) and the web server (1/10) are down together.
        close(values.unavailability, 0.1 + 0.9 * 0.02);
        close(values.availability, 0.9 * 0.98);
        assert!(values.is_possible);
        let by_cause = values.by_cause.unwrap();
        let expected = [1e-2 * 0.98, 2e-3 * 0.98, 0.9 * 0.1 / 18_000.0, 0.9 * 0.2 / 36_000.0];
        assert_eq!(by_cause.len(), expected.len());
        by_cause.iter().zip(expected).for_each(|(actual, expected)| close(*actual, expected));
        // The database would end the downtime, unless the web server is down, by its zone perhaps, and the room as well.
        let expected = [("db", 0.06 * 0.98 + 0.04 * 0.8), ("web", 0.9 * 0.02), ("room", 0.9 * 0.02)];
        let ended_by = values.ended_by.unwrap();
        assert_eq!(ended_by.len(), expected.len());
        for ((name, actual), (part, expected)) in ended_by.into_iter().zip(expected) {
            assert_eq!(name, part);
            close(actual, expected);
        }
        let again = joined.probability_and_frequency(&variables);
        assert_eq!(again, (values.unavailability, Some(by_cause.iter().sum())));
    }
}
