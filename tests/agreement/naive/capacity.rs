//! What the system could carry and what it carries in one state.

use ninefold::topology::Model;
use ninefold::topology::system::{Expression, Part};

use super::state::{State, component};

/// Whether the system (or a part of its expression) is up; `granted` is taken to be up.
pub(crate) fn is_up(model: &Model, state: &State, expression: &Expression, granted: Option<Part>) -> bool {
    let up = |inner: &&Expression| is_up(model, state, inner, granted);
    match expression {
        Expression::Part(part) if Some(*part) == granted => true,
        Expression::Part(Part::Group(group)) => state.served(group.0) >= model.groups[group.0].need as usize,
        Expression::Part(Part::Domain(domain)) => !state.is_down(model, domain.0),
        Expression::And(of) => of.iter().filter(up).count() == of.len(),
        Expression::Or(of) => of.iter().filter(up).count() >= 1,
        Expression::AtLeast(need, of) => of.iter().filter(up).count() >= *need as usize,
    }
}

/// What the expression could carry if nothing were lost unnoticed.
pub(crate) fn capacity(model: &Model, state: &State, expression: &Expression) -> f64 {
    if !is_up(model, state, expression, None) {
        return 0.0;
    }
    match expression {
        Expression::Part(Part::Group(group)) => {
            component(model, group.0).capacity.map_or(f64::INFINITY, |of_unit| of_unit * state.served(group.0) as f64)
        }
        Expression::Part(Part::Domain(_)) => f64::INFINITY,
        Expression::And(of) => of.iter().map(|part| capacity(model, state, part)).fold(f64::INFINITY, f64::min),
        Expression::Or(of) | Expression::AtLeast(_, of) => of.iter().map(|part| capacity(model, state, part)).sum(),
    }
}

/// What the expression carries when it is offered `offered`.
pub(crate) fn carried(model: &Model, state: &State, expression: &Expression, offered: f64) -> f64 {
    if !is_up(model, state, expression, None) {
        return 0.0;
    }
    match expression {
        Expression::Part(Part::Group(group)) => {
            let (served, unnoticed) = (state.served(group.0) as f64, state.unnoticed(group.0) as f64);
            let limit = capacity(model, state, expression);
            limit.min(offered * served / (served + unnoticed))
        }
        Expression::Part(Part::Domain(_)) => offered,
        Expression::And(of) => of.iter().map(|part| carried(model, state, part, offered)).fold(offered, f64::min),
        Expression::Or(of) | Expression::AtLeast(_, of) => {
            let capacities: Vec<f64> = of.iter().map(|part| capacity(model, state, part)).collect();
            let unlimited = capacities.iter().filter(|capacity| capacity.is_infinite()).count() as f64;
            let total: f64 = capacities.iter().sum();
            let share = |capacity: f64| match () {
                () if unlimited > 0.0 => f64::from(u8::from(capacity.is_infinite())) / unlimited,
                () => capacity / total,
            };
            let parts = of.iter().zip(capacities);
            parts.map(|(part, capacity)| carried(model, state, part, offered * share(capacity))).sum()
        }
    }
}
