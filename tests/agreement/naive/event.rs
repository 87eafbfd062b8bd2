//! What can happen in a state, and at which rate.

use ninefold::measure::Cause;
use ninefold::numeric::distribution::Distribution;
use ninefold::quantity::Probability;
use ninefold::topology::Model;

use super::effect::{delay_of_failure, delay_of_loss};
use super::state::{Service, State, Unit, component, mode};

/// Something that happens after an exponential time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Failed {
        group: usize,
        unit: usize,
        mode: usize,
    },
    CommonCause {
        group: usize,
        mode: usize,
    },
    DomainDown(usize),
    DomainUp(usize),
    FailureNoticed {
        group: usize,
        unit: usize,
    },
    /// Of a slot that only a domain has taken.
    LossNoticed {
        group: usize,
        slot: usize,
    },
    Restarted {
        group: usize,
        unit: usize,
        works: bool,
    },
    Repaired {
        group: usize,
        unit: usize,
    },
    FailoverEnds {
        group: usize,
        slot: usize,
    },
}

impl Event {
    /// Who is to blame when this begins an outage.
    pub(crate) fn cause(self, model: &Model) -> Option<Cause> {
        let names =
            |group: usize, index: usize| (model.groups[group].name.clone(), mode(model, group, index).name.clone());
        match self {
            Self::Failed { group, mode, .. } => {
                let (group, mode) = names(group, mode);
                Some(Cause::Mode { group, mode })
            }
            Self::CommonCause { group, mode } => {
                let (group, mode) = names(group, mode);
                Some(Cause::CommonCause { group, mode })
            }
            Self::DomainDown(domain) => Some(Cause::Domain(model.domains[domain].name.clone())),
            _ => None,
        }
    }
}

/// All events of a state with their rates, per second.
pub(crate) fn events(model: &Model, state: &State) -> Vec<(f64, Event)> {
    let mut events = Vec::new();
    for (index, domain) in model.domains.iter().enumerate() {
        events.push(if state.domain_down[index] {
            (rate(&domain.repair), Event::DomainUp(index))
        } else {
            (rate(&domain.life), Event::DomainDown(index))
        });
    }
    for group in 0..model.groups.len() {
        for unit in 0..state.groups[group].units.len() {
            unit_events(model, state, group, unit, &mut events);
        }
        slot_events(model, state, group, &mut events);
        common_causes(model, state, group, &mut events);
    }
    events.retain(|(rate, _)| *rate > 0.0);
    events
}

fn rate(distribution: &Distribution) -> f64 {
    1.0 / distribution.mean()
}

fn unit_events(model: &Model, state: &State, group: usize, unit: usize, events: &mut Vec<(f64, Event)>) {
    match state.unit(group, unit) {
        Unit::Working => {
            let speed = speed(model, state, group, unit);
            for (index, mode) in component(model, group).modes().iter().enumerate() {
                events.push((speed * rate(&mode.life), Event::Failed { group, unit, mode: index }));
            }
        }
        Unit::Unnoticed { .. } => {
            let delay = delay_of_failure(model, state, group, unit).expect("it is unnoticed");
            events.push((rate(delay), Event::FailureNoticed { group, unit }));
        }
        Unit::Restarting { mode: failed_in } => {
            let restart = mode(model, group, failed_in).restart.as_ref().expect("it is restarting");
            let (works, fails) = (restart.works.value(), restart.works.complement());
            events.push((rate(&restart.takes) * works, Event::Restarted { group, unit, works: true }));
            events.push((rate(&restart.takes) * fails, Event::Restarted { group, unit, works: false }));
        }
        Unit::NeedsRepair { mode: failed_in } => {
            let repair = mode(model, group, failed_in).repair.as_ref().expect("it is repaired");
            let under_way = model.groups[group].crew.is_none_or(|crew| {
                let mut first = state.queues[crew.0].iter().take(model.crews[crew.0].size as usize);
                first.any(|served| *served == (group, unit))
            });
            if under_way {
                events.push((rate(repair), Event::Repaired { group, unit }));
            }
        }
        Unit::Absent => {}
    }
}

/// How fast the unit's own life is used up.
fn speed(model: &Model, state: &State, group: usize, unit: usize) -> f64 {
    let of = &model.groups[group];
    let own_share = of.common_cause.map_or(1.0, Probability::complement);
    let by_place = match state.slot_of(group, unit) {
        None => of.standby.as_ref().map_or(1.0, |standby| standby.ageing),
        Some(slot) if state.groups[group].slots[slot].service == Service::Served => {
            let share = f64::from(of.active) / state.served(group) as f64;
            of.load.map_or(1.0, |load| share.powf(load))
        }
        Some(_) => 1.0,
    };
    own_share * by_place
}

fn slot_events(model: &Model, state: &State, group: usize, events: &mut Vec<(f64, Event)>) {
    for (index, slot) in state.groups[group].slots.iter().enumerate() {
        if let Some(delay) = delay_of_loss(model, state, group, index) {
            events.push((rate(delay), Event::LossNoticed { group, slot: index }));
        }
        if let Service::Failover { works, .. } = slot.service {
            let failover = model.groups[group].failover.as_ref().expect("it is under way");
            let takes = if works { &failover.takes } else { failover.otherwise.as_ref().expect("it did not work") };
            events.push((rate(takes), Event::FailoverEnds { group, slot: index }));
        }
    }
}

fn common_causes(model: &Model, state: &State, group: usize, events: &mut Vec<(f64, Event)>) {
    let Some(beta) = model.groups[group].common_cause else { return };
    if !state.groups[group].units.contains(&Unit::Working) {
        return;
    }
    for (index, mode) in component(model, group).modes().iter().enumerate() {
        events.push((beta.value() * rate(&mode.life), Event::CommonCause { group, mode: index }));
    }
}
