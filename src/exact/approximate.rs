//! Exponentials of the same means in place of other times.

use crate::exact::applies::dependent_fields;
use crate::exact::partition::{Partition, Purpose};
use crate::numeric::distribution::Distribution;
use crate::topology::Model;
use crate::topology::component::Failure;

/// The model with all dependent times exponential, and the fields that were replaced.
pub(crate) fn exponential(model: &Model) -> (Model, Vec<String>) {
    let purpose = if model.system.demand.is_some() { Purpose::Capacity } else { Purpose::Availability };
    let fields = dependent_fields(model, &Partition::of(model, purpose));
    let mut twin = model.clone();
    if !fields.is_empty() {
        distributions(&mut twin).into_iter().for_each(replace);
    }
    (twin, fields)
}

fn replace(distribution: &mut Distribution) {
    if !distribution.is_zero() && !distribution.is_exponential() {
        *distribution = Distribution::exponential(distribution.mean()).expect("the mean is positive and finite");
    }
}

/// Every time of the model. Replacing those that do not matter changes nothing: there only means do.
fn distributions(model: &mut Model) -> Vec<&mut Distribution> {
    let mut all = Vec::new();
    for component in &mut model.components {
        all.push(&mut component.detect);
        if let Failure::Modes(modes) = &mut component.failure {
            for mode in modes {
                all.push(&mut mode.life);
                all.push(&mut mode.detect);
                all.extend(mode.restart.as_mut().map(|restart| &mut restart.takes));
                all.extend(mode.repair.as_mut());
            }
        }
    }
    for domain in &mut model.domains {
        all.push(&mut domain.life);
        all.push(&mut domain.repair);
    }
    for group in &mut model.groups {
        all.extend(group.standby.as_mut().and_then(|standby| standby.check.as_mut()));
        if let Some(failover) = &mut group.failover {
            all.push(&mut failover.takes);
            all.extend(failover.otherwise.as_mut());
        }
    }
    all
}
