//! The system solved: its modules as chains, and the diagram that joins them with the rest evaluated.

use crate::exact::applies::{Dependent, ProductForms, expect_exponential_anywhere};
use crate::exact::chain::{Beyond, Solved, StandIn, solve as solve_chain};
use crate::exact::enclosure::{Enclosure, interval};
use crate::exact::product::Product;
use crate::exact::{Error, Settings, capacity};
use crate::measure::{
    BoundedMeasures, BoundsEnd, Contribution, Contributions, ExactMeasures, Observer, PhasedTime, Warning,
};
use crate::quantity::{Unavailability, counted};
use crate::structure::joined::{Joined, ModuleClasses, Piece, SystemValues};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::in_step;
use crate::structure::readings::Readings;
use crate::structure::times;
use crate::structure::variable::Variable;
use crate::topology::{GroupId, Model, Scope};

/// Rounding of one operation.
const ROUNDING: f64 = 1.2e-16;
/// Bounds of a relative width up to this are told beside what the explored states say of contributions.
const WIDEST_WITH_CONTRIBUTIONS: f64 = 1.0;

pub(crate) fn solve(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<ExactMeasures, Error> {
    let active = &*model.with_active_redundancy();
    let partition = Partition::of(active, Purpose::Availability);
    let phased = Dependent::of(active, &partition, ProductForms::Count).phased(settings)?;
    let mut measures = System::new(active, &partition, settings, observer)?.measures()?;
    measures.phased_times = phased;
    measures.warnings.extend(in_step(active, &partition));
    if model.system.demand.is_some() {
        match capacity::measures(model, settings, observer) {
            Ok((capacity, phased)) => {
                measures.capacity = Some(capacity);
                let known = measures.phased_times.len();
                let is_new = |time: &PhasedTime| !measures.phased_times[..known].contains(time);
                let new: Vec<PhasedTime> = phased.into_iter().filter(is_new).collect();
                measures.phased_times.extend(new);
            }
            Err(capacity::Error::Engine(Error::Stopped(stop))) => return Err(Error::Stopped(stop)),
            Err(error) => measures.warnings.push(Warning {
                code: "no_capacity_measures",
                message: format!("the capacity measures could not be computed: {error}"),
            }),
        }
    }
    Ok(measures)
}

/// Everything that matters as one module.
pub(crate) fn solve_as_one_chain(
    model: &Model,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<ExactMeasures, Error> {
    if !times::exist(model, settings.max_nodes, observer)? {
        return Err(Error::NoTimes);
    }
    let everything = Partition::undivided(model);
    expect_exponential_anywhere(model, &everything, "one chain over everything needs")?;
    let scope = &everything.modules[0];
    let readings = Readings::of_module(model, &everything, scope);
    let solved = solve_chain(model, scope, &readings, settings, observer)?;
    System::join(model, &everything, &[(&solved, &readings)], settings.max_nodes, observer)?.measures()
}

/// Values and bounds of the variables, in the order of the diagram.
#[derive(Default)]
struct Bounds {
    value: Vec<Variable>,
    low: Vec<Variable>,
    high: Vec<Variable>,
}

impl Bounds {
    /// The variables of `joined`: solved ones of its modules, and the closed forms of all others.
    fn new(model: &Model, joined: &Joined, modules: &[&Solved]) -> Self {
        let mut bounds = Self::default();
        for (piece, closed_form) in joined.pieces().iter().zip(joined.closed_forms(model)) {
            if let Piece::Module(index) = piece {
                bounds.push_solved(modules[*index], joined.cause_offset(*index));
            }
            if let Some(variable) = closed_form {
                bounds.push_exact(variable);
            }
        }
        bounds
    }

    fn push_solved(&mut self, solved: &Solved, cause_offset: usize) {
        self.value.push(solved.value.renumbered(cause_offset));
        self.low.push(solved.low.renumbered(cause_offset));
        self.high.push(solved.high.renumbered(cause_offset));
    }

    fn push_exact(&mut self, variable: Variable) {
        self.low.push(variable.clone());
        self.high.push(variable.clone());
        self.value.push(variable);
    }
}

/// A module by its closed form, or as a chain.
pub(crate) fn solve_module(
    model: &Model,
    module: &Scope,
    readings: &Readings,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<Solved, Error> {
    match Product::of(model, module, readings) {
        Some(product) => Ok(product.solve()),
        None => solve_chain(model, module, readings, settings, observer),
    }
}

/// The diagram of the system with its solved variables.
pub(crate) struct System {
    joined: Joined,
    variables: Bounds,
    /// States of all chains together.
    states: u64,
    /// Names that were held for one another.
    alike: Vec<Vec<String>>,
    stand_ins: Vec<NamedStandIn>,
    has_product_forms: bool,
    /// Per module what its bounds leave out.
    beyond: Vec<Option<Beyond>>,
}

/// How narrowing ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) ended_by: BoundsEnd,
    /// Of the part where they are most.
    pub(crate) losses_during_way_back: Option<f64>,
    /// Relative width of the bounds by the chains of whole modules alone, which tell what is between no bounds.
    pub(crate) own_width: f64,
    /// Chains of a few groups at a time that the bounds come from as well, and states of all of them.
    pub(crate) subsets: Option<(usize, u64)>,
}

impl Ending {
    fn of_subsets(self) -> String {
        self.subsets.map_or_else(String::new, |(chains, states)| {
            let chains = counted(chains as u64, "chain");
            format!(", and {chains} of {} of a few groups at a time", counted(states, "state"))
        })
    }
}

/// A name that another one stands in for.
struct NamedStandIn {
    module: usize,
    of: String,
    by: String,
    /// Of the module's variable, with the named part down.
    probabilities: Vec<f64>,
}

impl System {
    fn new(model: &Model, partition: &Partition, settings: &Settings, observer: &dyn Observer) -> Result<Self, Error> {
        let mut modules = Vec::new();
        for module in &partition.modules {
            let readings = Readings::of_module(model, partition, module);
            modules.push((solve_module(model, module, &readings, settings, observer)?, readings));
        }
        let modules: Vec<(&Solved, &Readings)> = modules.iter().map(|(solved, readings)| (solved, readings)).collect();
        Self::join(model, partition, &modules, settings.max_nodes, observer)
    }

    /// The modules of `partition`, each with what is read off in it, and all other pieces in one diagram of at most so many nodes.
    pub(crate) fn join(
        model: &Model,
        partition: &Partition,
        modules: &[(&Solved, &Readings)],
        most_nodes: usize,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        let classes: Vec<ModuleClasses<'_>> =
            modules.iter().map(|(solved, readings)| module_classes(solved, readings)).collect();
        let joined = Joined::new(model, partition, &classes, most_nodes, observer)?;
        let modules: Vec<&Solved> = modules.iter().map(|(solved, _)| *solved).collect();
        let variables = Bounds::new(model, &joined, &modules);
        let name = |group: &GroupId| model.groups[group.0].name.clone();
        let alike = modules.iter().flat_map(|solved| &solved.alike);
        let alike = alike.map(|parts| parts.iter().map(|part| model.part_name(*part).to_owned()).collect()).collect();
        let stand_ins = modules.iter().enumerate().flat_map(|(module, solved)| {
            let named = move |stand_in: &StandIn| {
                let (of, by) = (name(&stand_in.of), name(&stand_in.by));
                NamedStandIn { module, of, by, probabilities: stand_in.probabilities.clone() }
            };
            solved.stand_ins.iter().map(named)
        });
        Ok(Self {
            joined,
            variables,
            states: modules.iter().map(|solved| solved.states as u64).sum(),
            alike,
            stand_ins: stand_ins.collect(),
            has_product_forms: modules.iter().any(|solved| solved.states == 0),
            beyond: modules.iter().map(|solved| solved.beyond).collect(),
        })
    }

    fn measures(&self) -> Result<ExactMeasures, Error> {
        let values = self.joined.evaluate(&self.variables.value);
        if values.unavailability < Unavailability::SMALLEST && values.is_possible {
            return Err(Error::TooSmall);
        }
        let frequency = values.by_cause.as_ref().map(|rates| rates.iter().sum::<f64>());
        Ok(ExactMeasures {
            unavailability: values.unavailability,
            availability: values.availability,
            failure_frequency: frequency.filter(|frequency| *frequency > 0.0),
            relative_accuracy: self.accuracy(values.unavailability, frequency),
            method: self.method(),
            states: (self.states > 0).then_some(self.states),
            diagram_nodes: Some(self.joined.nodes() as u64),
            warnings: warnings(&values),
            contributions: self.contributions(values),
            phased_times: Vec::new(),
            capacity: None,
            structure: None,
        })
    }

    /// The unavailability of what was explored.
    pub(crate) fn unavailability(&self) -> f64 {
        self.joined.probability(&self.variables.value)
    }

    /// Bounds of unavailability and frequency that hold whatever the modules do beyond the states explored.
    pub(crate) fn enclosure(&self) -> Enclosure {
        let low = self.joined.probability_and_frequency(&self.variables.low);
        let high = self.joined.probability_and_frequency(&self.variables.high);
        let (down, up) = (1.0 - self.room(), 1.0 + self.room());
        let unavailability = [low.0 * down, (self.joined.probability(&self.at_worst()) * up).min(1.0)];
        let frequency = low.1.zip(high.1).map(|(low, high)| [low * down, (high + self.outages_beyond()) * up]);
        Enclosure { unavailability, frequency }
    }

    /// The variables where all that was not explored is as bad as can be.
    fn at_worst(&self) -> Vec<Variable> {
        let mut variables = self.variables.high.clone();
        for (module, beyond) in self.beyond.iter().enumerate() {
            add_beyond(&mut variables[module], *beyond);
        }
        variables
    }

    /// What the states of one module that were not explored may add to the unavailability.
    pub(crate) fn weight_beyond(&self, module: usize) -> f64 {
        let mut variables = self.variables.value.clone();
        add_beyond(&mut variables[module], self.beyond[module]);
        // The difference says which module weighs most, and its digits do not matter; but a small one must not vanish.
        (self.joined.probability(&variables) - self.unavailability()).max(f64::MIN_POSITIVE)
    }

    /// Outages per second that may begin while a module is beyond what was explored: its own losses, and all changes of the others.
    fn outages_beyond(&self) -> f64 {
        let flows = |variable: &Variable| variable.flows.iter().map(|flow| flow.rate).sum::<f64>();
        let losses = |place: usize, variable: &Variable| {
            let of_module = self.beyond.get(place).copied().flatten();
            of_module.map_or_else(|| flows(variable), |beyond| beyond.losses)
        };
        let all: f64 = self.variables.high.iter().enumerate().map(|(place, variable)| losses(place, variable)).sum();
        self.beyond.iter().flatten().map(|beyond| beyond.share * all).sum()
    }

    /// The measures between their bounds.
    pub(crate) fn bounded(&self, enclosure: Enclosure, ending: Ending) -> Result<BoundedMeasures, Error> {
        let mut values = self.joined.evaluate(&self.variables.value);
        let [lower, upper] = enclosure.unavailability;
        // Outages need not be among the states explored.
        values.is_possible = self.joined.is_possible(&self.at_worst());
        if upper < Unavailability::SMALLEST && values.is_possible {
            return Err(Error::TooSmall);
        }
        let mut warnings = warnings(&values);
        let width = enclosure.relative_width();
        let contributions = if ending.own_width <= WIDEST_WITH_CONTRIBUTIONS {
            self.contributions(values)
        } else {
            let why = if width <= WIDEST_WITH_CONTRIBUTIONS {
                "too few states are explored"
            } else {
                "the bounds are too wide"
            };
            warnings.push(Warning {
                code: "no_contributions",
                message: format!("{why} to tell what begins the outages and what would end the downtime"),
            });
            Contributions::default()
        };
        let (down, up) = (1.0 - self.room(), 1.0 + self.room());
        // Without a lower bound of the frequency there is no upper one of a mean time: 1 / 0 is infinite.
        let between = |[least, most]: [f64; 2]| interval(least * down, most * up);
        let outages = enclosure.frequency.filter(|[_, most]| *most > 0.0);
        Ok(BoundedMeasures {
            unavailability: interval(lower, upper),
            failure_frequency: outages.map(|[low, high]| interval(low, high)),
            mean_time_between_outages: outages.map(|[low, high]| between([1.0 / high, 1.0 / low])),
            mean_up_time: outages.map(|[low, high]| between([(1.0 - upper) / high, (1.0 - lower) / low])),
            mean_down_time: outages.map(|[low, high]| between([lower / high, upper / low])),
            relative_width: width,
            ended_by: ending.ended_by,
            phased_times: Vec::new(),
            losses_during_way_back: ending.losses_during_way_back,
            method: self.method() + &ending.of_subsets(),
            states: self.states,
            diagram_nodes: self.joined.nodes() as u64,
            warnings,
            contributions,
        })
    }

    fn contributions(&self, values: SystemValues) -> Contributions<f64> {
        let begun_by = values.by_cause.into_iter().flatten().zip(self.joined.causes());
        let begun_by = begun_by.filter(|(value, _)| *value > 0.0);
        let unavailability = values.unavailability;
        let share = |joint: f64| if unavailability > 0.0 { joint / unavailability } else { 0.0 };
        let mut ended_by: Vec<(String, f64)> = values.ended_by.into_iter().flatten().collect();
        for names in &self.alike {
            let is_one = |(name, _): &(String, f64)| names.contains(name);
            let sum: f64 = ended_by.iter().filter(|part| is_one(part)).map(|(_, joint)| joint).sum();
            ended_by.iter_mut().filter(|part| is_one(part)).for_each(|(_, joint)| *joint = sum / names.len() as f64);
        }
        for stand_in in &self.stand_ins {
            let mut variables = self.variables.value.clone();
            variables[stand_in.module].probabilities.clone_from(&stand_in.probabilities);
            let joint = self.joined.ended_by(&variables, &stand_in.by);
            let own = ended_by.iter_mut().filter(|(name, _)| *name == stand_in.of);
            own.for_each(|(_, own)| *own = joint);
        }
        Contributions {
            begun_by: begun_by.map(|(value, of)| Contribution { of: of.clone(), value }).collect(),
            ended_by: ended_by.into_iter().map(|(of, joint)| Contribution { of, value: share(joint) }).collect(),
        }
    }

    /// The diagram evaluated with all lower and with all upper bounds, and room for the rounding of the evaluation itself:
    /// each factor of a term and each level of sums adds a few ulp, and a binomial one per unit.
    fn accuracy(&self, unavailability: f64, frequency: Option<f64>) -> f64 {
        let low = self.joined.probability_and_frequency(&self.variables.low);
        let high = self.joined.probability_and_frequency(&self.variables.high);
        let width = |value: f64, low: f64, high: f64| {
            if value > 0.0 { ((value - low) / value).max((high - value) / value) } else { 0.0 }
        };
        let frequencies = frequency.zip(low.1.zip(high.1));
        let of_frequency = frequencies.map_or(0.0, |(frequency, (low, high))| width(frequency, low, high));
        width(unavailability, low.0, high.0).max(of_frequency) + self.room()
    }

    /// For the rounding of the evaluation.
    fn room(&self) -> f64 {
        let values: usize = self.variables.value.iter().map(|variable| variable.probabilities.len()).sum();
        8.0 * ROUNDING * (values + 4) as f64
    }

    fn method(&self) -> String {
        match (self.states, self.has_product_forms) {
            (0, false) => "decision diagram over independent parts".into(),
            (0, true) => "product form and decision diagram".into(),
            (states, false) => format!("Markov chain of {} and decision diagram", counted(states, "state")),
            (states, true) => {
                format!("product form, Markov chain of {} and decision diagram", counted(states, "state"))
            }
        }
    }
}

/// What is beyond the states of a module is as bad as can be.
fn add_beyond(variable: &mut Variable, beyond: Option<Beyond>) {
    if let Some(Beyond { worst, share, .. }) = beyond {
        variable.probabilities[worst] += share;
    }
}

fn module_classes<'a>(solved: &'a Solved, readings: &'a Readings) -> ModuleClasses<'a> {
    ModuleClasses { readings, classes: &solved.classes, causes: &solved.causes }
}

/// What cannot be said of the system, and why.
fn warnings(values: &SystemValues) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if values.by_cause.is_none() {
        warnings.push(Warning {
            code: "no_frequency",
            message: "a part has only an `unavailability`: frequency, MTBF, MUT and MDT do not exist".into(),
        });
    }
    if values.ended_by.is_none() {
        warnings.push(Warning {
            code: "no_ended_by",
            message: "the system has too many parts to tell which of them would end the downtime".into(),
        });
    }
    if values.unavailability == 0.0 && !values.is_possible {
        warnings
            .push(Warning { code: "never_down", message: "nothing that can fail can bring the system down".into() });
    }
    warnings
}
