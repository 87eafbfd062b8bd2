//! Capacity measures of a system with a demand: its modules solved as chains, then enumerated with the rest.

use thiserror::Error;

use crate::exact::applies::{Dependent, ProductForms};
use crate::exact::chain::{Solved, solve as solve_chain};
use crate::exact::{Error as EngineError, Settings};
use crate::measure::{CapacityMeasures, Observer, PhasedTime};
use crate::structure::carried::{Carried, ModuleStates, TooManyCombinations};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::readings::Readings;
use crate::topology::Model;

/// Why the capacity measures could not be computed.
#[derive(Clone, Debug, Error, PartialEq)]
pub(crate) enum Error {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    TooManyCombinations(#[from] TooManyCombinations),
}

/// The measures, and the times of which chains were made by phases.
pub(crate) fn measures(
    model: &Model,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<(CapacityMeasures<f64>, Vec<PhasedTime>), Error> {
    let demand = model.system.demand.unwrap_or(0.0);
    let partition = Partition::of(model, Purpose::Capacity);
    let phased = Dependent::of(model, &partition, ProductForms::DoNotCount).phased(settings)?;
    let mut modules: Vec<(Readings, Solved)> = Vec::new();
    for module in &partition.modules {
        let readings = Readings::of_module_with_slots(model, module);
        let solved = solve_chain(model, module, &readings, settings, observer)?;
        modules.push((readings, solved));
    }
    let states: Vec<ModuleStates<'_>> =
        modules.iter().map(|(readings, solved)| module_states(readings, solved)).collect();
    let Carried { lost, insufficient } = Carried::of(model, &states, &partition.domains, demand)?;
    Ok((CapacityMeasures { demand, carried: demand - lost, lost, insufficient }, phased))
}

fn module_states<'a>(readings: &'a Readings, solved: &'a Solved) -> ModuleStates<'a> {
    ModuleStates { readings, classes: &solved.classes, probabilities: &solved.value.probabilities }
}
