//! Whether the exact engine applies to a model, and which fields stand in the way.

use std::collections::BTreeMap;

use crate::dynamics::Dynamics;
use crate::exact::chain;
use crate::exact::chain::growing::Growing;
use crate::exact::product::Product;
use crate::exact::{Error, Settings};
use crate::measure::{Observer, PhasedTime};
use crate::numeric::distribution::Distribution;
use crate::quantity::counted;
use crate::structure::partition::{Partition, Purpose};
use crate::structure::readings::Readings;
use crate::topology::component::{Component, Failure};
use crate::topology::group::Group;
use crate::topology::{DomainId, GroupId, Model};

/// One line for each independent piece that the exact engine sees; chains are explored to tell their size.
///
/// # Errors
/// As [`solve`](crate::exact::solve), but for what only solving can tell.
pub fn pieces(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<Vec<String>, Error> {
    let model = &*model.with_active_redundancy();
    let partition = Partition::of(model, Purpose::Availability);
    Dependent::of(model, &partition, ProductForms::Count).phased(settings)?;
    let name_of_group = |group: &GroupId| model.groups[group.0].name.as_str();
    let name_of_domain = |domain: &DomainId| model.domains[domain.0].name.as_str();
    let mut pieces = Vec::new();
    for module in &partition.modules {
        let names = module.groups.iter().map(name_of_group).chain(module.domains.iter().map(name_of_domain));
        let names = names.collect::<Vec<_>>().join(", ");
        if Product::of(model, module, &Readings::of_module(model, &partition, module)).is_some() {
            pieces.push(format!("{names}: a product form"));
            continue;
        }
        let dynamics = Dynamics::new(model, module);
        let (chain, _) = chain::explored(model, module, &dynamics, &Readings::default(), settings, observer)?;
        pieces.push(format!("{names}: a Markov chain of {}", counted(chain.exit.len() as u64, "state")));
    }
    let plain = partition.plain.iter().map(name_of_group).chain(partition.domains.iter().map(name_of_domain));
    let plain = plain.collect::<Vec<_>>().join(", ");
    if !plain.is_empty() {
        pieces.push(format!("{plain}: independent, in a decision diagram"));
    }
    Ok(pieces)
}

/// Whether [`bounds`](crate::exact::bounds) can be had of every module of `model`.
pub fn has_bounds(model: &Model) -> bool {
    let model = &*model.with_active_redundancy();
    let partition = Partition::of(model, Purpose::Availability);
    Dependent::of(model, &partition, ProductForms::Count).phased(&Settings::default()).is_ok()
        && partition.modules.iter().all(|module| {
            let readings = Readings::of_module(model, &partition, module);
            let dynamics = Dynamics::new(model, module);
            Product::of(model, module, &readings).is_some()
                || Growing::new(&dynamics, chain::unexpanded(model, module, &dynamics, None), &readings).is_ok()
        })
}

/// Whether a product form says all that is asked of a module: it knows the long run of what is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProductForms {
    Count,
    DoNotCount,
}

/// The fields that are not exponential in the modules. Of units with a product form only the repair must be, which is why they have one.
pub(crate) fn dependent_fields(model: &Model, partition: &Partition, forms: ProductForms) -> Vec<String> {
    Dependent::of(model, partition, forms).of_modules.into_keys().collect()
}

/// Fails unless every time that matters is exponential, as one chain over the `undivided` model needs it for `what`.
///
/// # Errors
/// With the fields that are not.
pub(crate) fn expect_exponential_anywhere(
    model: &Model,
    undivided: &Partition,
    what: &'static str,
) -> Result<(), Error> {
    let fields = dependent_fields(model, undivided, ProductForms::DoNotCount);
    if fields.is_empty() { Ok(()) } else { Err(Error::NotExponentialAnywhere { what, fields }) }
}

/// Times that are not exponential where parts depend on each other, by field.
pub(crate) struct Dependent {
    /// Those of modules without a product form.
    of_modules: BTreeMap<String, Distribution>,
}

impl Dependent {
    pub(crate) fn of(model: &Model, partition: &Partition, forms: ProductForms) -> Self {
        let mut modules = Fields::default();
        for module in &partition.modules {
            let has_product_form = forms == ProductForms::Count
                && Product::of(model, module, &Readings::of_module(model, partition, module)).is_some();
            for group in module.groups.iter().filter(|_| !has_product_form) {
                let group = &model.groups[group.0];
                modules.component(&model.components[group.component.0]);
                modules.group(group);
            }
            for domain in &module.domains {
                let domain = &model.domains[domain.0];
                modules.add(format!("domain.{}.mtbf", domain.name), &domain.life);
                modules.add(format!("domain.{}.mttr", domain.name), &domain.repair);
            }
        }
        Self { of_modules: modules.found }
    }

    /// The times of which chains are made by phases.
    ///
    /// # Errors
    /// When one is not made of phases, and is not to be fitted.
    pub(crate) fn phased(self, settings: &Settings) -> Result<Vec<PhasedTime>, Error> {
        self.phased_for(
            settings,
            "the exact engine needs times made of phases where parts depend on each other or failure modes compete",
        )
    }

    /// The same, with who needs them and where.
    pub(crate) fn phased_for(self, settings: &Settings, what: &'static str) -> Result<Vec<PhasedTime>, Error> {
        let (mut phased, mut refused) = (Vec::new(), Vec::new());
        for (field, time) in self.of_modules {
            if let Some(phases) = time.phases() {
                phased.push(PhasedTime { field, phases: phases.count(), fitted_moments: None });
            } else if let Some(most) = settings.phases {
                let fit = time.fitted(most);
                let (phases, fitted_moments) = (fit.phases.count(), Some(fit.moments));
                phased.push(PhasedTime { field, phases, fitted_moments });
            } else {
                refused.push(field);
            }
        }
        if refused.is_empty() { Ok(phased) } else { Err(Error::NotMadeOfPhases { what, fields: refused }) }
    }
}

#[derive(Default)]
struct Fields {
    found: BTreeMap<String, Distribution>,
}

impl Fields {
    fn add(&mut self, name: String, distribution: &Distribution) {
        if !distribution.is_exponential() && !distribution.is_zero() {
            self.found.insert(name, distribution.clone());
        }
    }

    fn component(&mut self, component: &Component) {
        for mode in component.modes() {
            self.add(format!("{}.mtbf", mode.path(&component.name)), &mode.life);
        }
        if !matches!(component.failure, Failure::Probability(_)) {
            self.add(format!("component.{}.detect", component.name), &component.detect);
        }
        for mode in component.modes() {
            let path = mode.path(&component.name);
            if mode.detect != component.detect {
                self.add(format!("{path}.detect"), &mode.detect);
            }
            if let Some(restart) = &mode.restart {
                self.add(format!("{path}.restart.takes"), &restart.takes);
            }
            if let Some(repair) = &mode.repair {
                self.add(format!("{path}.mttr"), repair);
            }
        }
    }

    fn group(&mut self, group: &Group) {
        if let Some(check) = group.standby.as_ref().and_then(|standby| standby.check.as_ref()) {
            self.add(format!("group.{}.standby.check", group.name), check);
        }
        if let Some(failover) = &group.failover {
            self.add(format!("group.{}.failover.takes", group.name), &failover.takes);
            if let Some(otherwise) = &failover.otherwise {
                self.add(format!("group.{}.failover.otherwise", group.name), otherwise);
            }
        }
    }
}
