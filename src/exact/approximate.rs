//! Exponentials of the same means in place of other times.

use crate::exact::applies::{ProductForms, dependent_fields};
use crate::numeric::distribution::Distribution;
use crate::structure::partition::{Partition, Purpose};
use crate::topology::Model;
use crate::topology::component::Failure;

/// The model with all dependent times exponential, and the fields that were replaced.
pub(crate) fn exponential(model: &Model) -> (Model, Vec<String>) {
    if model.system.demand.is_some() {
        let partition = Partition::of(model, Purpose::Capacity);
        return exponential_where_needed(model, &partition, ProductForms::DoNotCount);
    }
    let active = &*model.with_active_redundancy();
    let partition = Partition::of(active, Purpose::Availability);
    let fields = dependent_fields(active, &partition, ProductForms::Count);
    (replaced(model, &fields), fields)
}

/// The same for other pieces: the times of the modules of `partition`.
pub(crate) fn exponential_where_needed(
    model: &Model,
    partition: &Partition,
    forms: ProductForms,
) -> (Model, Vec<String>) {
    let fields = dependent_fields(model, partition, forms);
    (replaced(model, &fields), fields)
}

/// The model with these times exponential.
fn replaced(model: &Model, fields: &[String]) -> Model {
    let mut twin = model.clone();
    for (field, time) in times(&mut twin) {
        if fields.contains(&field) {
            replace(time);
        }
    }
    twin
}

fn replace(time: &mut Distribution) {
    if !time.is_zero() && !time.is_exponential() {
        *time = Distribution::exponential(time.mean()).expect("the mean is positive and finite");
    }
}

/// Every time of the model under the name of its field. Only those that stand in the way are replaced: elsewhere more than
/// the mean may count, as the chance that a repair takes no time does.
fn times(model: &mut Model) -> Vec<(String, &mut Distribution)> {
    let mut all: Vec<(String, &mut Distribution)> = Vec::new();
    for component in &mut model.components {
        let (name, default) = (&component.name, format!("component.{}.detect", component.name));
        if let Failure::Modes(modes) = &mut component.failure {
            for mode in modes {
                let path = mode.path(name);
                let detect = if mode.detect == component.detect { default.clone() } else { format!("{path}.detect") };
                all.push((format!("{path}.mtbf"), &mut mode.life));
                all.push((detect, &mut mode.detect));
                let takes = mode.restart.as_mut().map(|restart| &mut restart.takes);
                all.extend(takes.map(|takes| (format!("{path}.restart.takes"), takes)));
                all.extend(mode.repair.as_mut().map(|repair| (format!("{path}.mttr"), repair)));
            }
        }
        all.push((default, &mut component.detect));
    }
    for domain in &mut model.domains {
        all.push((format!("domain.{}.mtbf", domain.name), &mut domain.life));
        all.push((format!("domain.{}.mttr", domain.name), &mut domain.repair));
    }
    for group in &mut model.groups {
        let path = format!("group.{}", group.name);
        let check = group.standby.as_mut().and_then(|standby| standby.check.as_mut());
        all.extend(check.map(|check| (format!("{path}.standby.check"), check)));
        if let Some(failover) = &mut group.failover {
            all.push((format!("{path}.failover.takes"), &mut failover.takes));
            let otherwise = failover.otherwise.as_mut();
            all.extend(otherwise.map(|otherwise| (format!("{path}.failover.otherwise"), otherwise)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::exponential;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};

    #[test]
    fn only_times_that_stand_in_the_way_are_replaced() {
        let text = "[component.a]\nmtbf = \"1d\"\nmttr = { empirical = [\"0s\", \"2h\"] }\n\
                    [component.b]\nmtbf = \"1d\"\nmttr = { fixed = \"1h\" }\n[crew.c]\nsize = 1\n\
                    [group.b]\ncomponent = \"b\"\nactive = 2\ncrew = \"c\"\n[system]\nup = \"a and b\"\n";
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let (twin, fields) = exponential(&model);
        assert_eq!(fields, ["component.b.mttr"]);
        assert_eq!(twin.components[0].modes()[0].repair, model.components[0].modes()[0].repair);
        assert!(twin.components[1].modes()[0].repair.as_ref().unwrap().is_exponential());
    }
}
