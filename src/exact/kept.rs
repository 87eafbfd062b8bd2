//! A structure that is built once, and solved for other numbers.
//!
//! The decision diagram of a model depends on what its parts can be, not on how likely that is. So it is kept while the numbers
//! change: a sample costs the closed forms of the plain parts, the chains of those dependent parts in which something changed, and one
//! pass over the diagram. Where a change reaches the structure (another number of units), it is built again. Checked in
//! `tests/uncertainty` against solving every model from the start.

use crate::exact::applies::{Dependent, ProductForms};
use crate::exact::chain::Solved;
use crate::exact::system::solve_module;
use crate::exact::{Error, Settings, approximate, approximation, fits};
use crate::measure::{Observer, Warning};
use crate::quantity::Unavailability;
use crate::structure::joined::{Joined, ModuleClasses, Piece};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::readings::Readings;
use crate::structure::variable::Variable;
use crate::topology::{CrewId, Model, Scope};

/// A model with its structure.
#[derive(Debug)]
pub struct Kept {
    model: Model,
    settings: Settings,
    partition: Partition,
    readings: Vec<Readings>,
    modules: Vec<Solved>,
    joined: Joined,
    warnings: Vec<Warning>,
}

impl Kept {
    /// Solves `model`, and keeps what does not depend on its numbers.
    ///
    /// # Errors
    /// As [`solve`](crate::exact::solve).
    pub fn new(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<Self, Error> {
        let twin = settings.approximate.then(|| approximate::exponential(model));
        let mut warnings: Vec<Warning> =
            twin.as_ref().and_then(|(_, fields)| approximation(fields)).into_iter().collect();
        let model = twin.as_ref().map_or(model, |(twin, _)| twin).with_active_redundancy().into_owned();
        let partition = Partition::of(&model, Purpose::Availability);
        warnings.extend(fits(&Dependent::of(&model, &partition, ProductForms::Count).phased(settings)?));
        let (mut modules, mut readings) = (Vec::new(), Vec::new());
        for scope in &partition.modules {
            let of_module = Readings::of_module(&model, &partition, scope);
            modules.push(solve_module(&model, scope, &of_module, settings, observer)?);
            readings.push(of_module);
        }
        let joined =
            joined(&model, &partition, &readings, &modules.iter().collect::<Vec<_>>(), settings.max_nodes, observer)?;
        Ok(Self { model, settings: settings.clone(), partition, readings, modules, joined, warnings })
    }

    /// What to know of the solution of the model itself.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The unavailability of the model itself.
    ///
    /// # Errors
    /// When it is too small for doubles.
    pub fn unavailability(&self) -> Result<f64, Error> {
        evaluated(&self.joined, &self.model, &self.modules.iter().collect::<Vec<_>>())
    }

    /// The unavailability of a model that differs from the kept one in its numbers.
    ///
    /// # Errors
    /// As [`solve`](crate::exact::solve).
    pub fn unavailability_of(&self, model: &Model, observer: &dyn Observer) -> Result<f64, Error> {
        let twin = self.settings.approximate.then(|| approximate::exponential(model).0);
        let model = &*twin.as_ref().unwrap_or(model).with_active_redundancy();
        if !self.has_structure_of(model) {
            let settings = Settings { approximate: false, ..self.settings.clone() };
            return Self::new(model, &settings, observer)?.unavailability();
        }
        let mut solved: Vec<Option<Solved>> = Vec::new();
        for (scope, readings) in self.partition.modules.iter().zip(&self.readings) {
            let again = !is_same(&self.model, model, scope);
            let solve = || solve_module(model, scope, readings, &self.settings, observer);
            solved.push(again.then(solve).transpose()?);
        }
        let modules: Vec<&Solved> =
            solved.iter().zip(&self.modules).map(|(new, old)| new.as_ref().unwrap_or(old)).collect();
        // A probability of 0 or 1 takes states away, and with them perhaps a class.
        if modules.iter().zip(&self.modules).all(|(new, old)| has_classes_of(new, old)) {
            return evaluated(&self.joined, model, &modules);
        }
        let own = joined(model, &self.partition, &self.readings, &modules, self.settings.max_nodes, observer)?;
        evaluated(&own, model, &modules)
    }

    /// Whether the diagram is that of `model`, too.
    fn has_structure_of(&self, model: &Model) -> bool {
        let groups = self.model.groups.iter().zip(&model.groups);
        model.groups.len() == self.model.groups.len()
            && groups.clone().all(|(old, new)| (old.units(), old.need) == (new.units(), new.need))
            && groups.clone().all(|(old, new)| (&old.spread, &old.depends) == (&new.spread, &new.depends))
            && model.system.up == self.model.system.up
            && Partition::of(model, Purpose::Availability) == self.partition
            && Dependent::of(model, &self.partition, ProductForms::Count).phased(&self.settings).is_ok()
            && self
                .partition
                .plain
                .iter()
                .all(|group| self.model.component_of(*group).modes().len() == model.component_of(*group).modes().len())
    }
}

/// Whether the values of the two variables mean the same.
fn has_classes_of(new: &Solved, old: &Solved) -> bool {
    let stand_ins = |solved: &Solved| solved.stand_ins.iter().map(|one| (one.of, one.by)).collect::<Vec<_>>();
    new.classes == old.classes && new.alike == old.alike && stand_ins(new) == stand_ins(old)
}

/// Whether everything that a dependent part is made of is the same in both models.
fn is_same(old: &Model, new: &Model, scope: &Scope) -> bool {
    let crew = |crew: Option<CrewId>| crew.map(|crew| (&old.crews[crew.0], &new.crews[crew.0]));
    scope.groups.iter().all(|group| {
        let (before, after) = (&old.groups[group.0], &new.groups[group.0]);
        before == after
            && old.component_of(*group) == new.component_of(*group)
            && crew(before.crew).is_none_or(|(before, after)| before == after)
    }) && scope.domains.iter().all(|domain| old.domains[domain.0] == new.domains[domain.0])
}

fn joined(
    model: &Model,
    partition: &Partition,
    readings: &[Readings],
    modules: &[&Solved],
    most_nodes: usize,
    observer: &dyn Observer,
) -> Result<Joined, Error> {
    let classes = |(solved, readings)| {
        let (solved, readings): (&Solved, &Readings) = (solved, readings);
        ModuleClasses { readings, classes: &solved.classes, causes: &solved.causes }
    };
    let classes: Vec<ModuleClasses<'_>> = modules.iter().copied().zip(readings).map(classes).collect();
    Ok(Joined::new(model, partition, &classes, most_nodes, observer)?)
}

fn evaluated(joined: &Joined, model: &Model, modules: &[&Solved]) -> Result<f64, Error> {
    let pieces = joined.pieces().iter().zip(joined.closed_forms(model));
    let variables: Vec<Variable> = pieces
        .map(|(piece, closed_form)| match (piece, closed_form) {
            (Piece::Module(index), _) => modules[*index].value.clone(),
            (_, closed_form) => closed_form.expect("what is no module has a closed form"),
        })
        .collect();
    let (unavailability, is_possible) = joined.unavailability(&variables);
    if unavailability < Unavailability::SMALLEST && is_possible { Err(Error::TooSmall) } else { Ok(unavailability) }
}
