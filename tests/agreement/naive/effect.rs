//! What an event does, and everything that follows from it at the same instant.

use ninefold::numeric::distribution::Distribution;
use ninefold::topology::Model;

use super::event::Event;
use super::state::{Service, State, Unit, component, mode};

/// A state that is being settled: what has happened so far at one instant, with its probability.
#[derive(Clone, Debug)]
struct Moment {
    probability: f64,
    state: State,
    /// Per crew: how many were in its queue before this instant (and still are).
    queued_before: Vec<usize>,
}

/// The states in which the instant of `event` can end, with their probabilities.
pub(crate) fn outcomes(model: &Model, state: &State, event: Event) -> Vec<(f64, State)> {
    let queued_before = state.queues.iter().map(Vec::len).collect();
    let mut moment = Moment { probability: 1.0, state: state.clone(), queued_before };
    moment.apply(model, event);
    let mut open = vec![moment];
    let mut settled = Vec::new();
    while let Some(moment) = open.pop() {
        match moment.follow(model) {
            Followed::Settled(moment) => settled.push((moment.probability, moment.with_queues_in_order())),
            Followed::More(moments) => open.extend(moments.into_iter().filter(|moment| moment.probability > 0.0)),
        }
    }
    settled
}

enum Followed {
    Settled(Moment),
    More(Vec<Moment>),
}

impl Moment {
    fn apply(&mut self, model: &Model, event: Event) {
        match event {
            Event::Failed { group, unit, mode } => self.fail(model, group, unit, mode),
            Event::CommonCause { group, mode } => {
                for unit in 0..self.state.groups[group].units.len() {
                    if self.state.unit(group, unit) == Unit::Working {
                        self.fail(model, group, unit, mode);
                    }
                }
            }
            Event::DomainDown(domain) => self.state.domain_down[domain] = true,
            Event::DomainUp(domain) => self.state.domain_down[domain] = false,
            Event::FailureNoticed { group, unit } => self.notice_failure(model, group, unit),
            Event::LossNoticed { group, slot } => {
                self.state.groups[group].slots[slot].service = Service::LostNoticed;
            }
            Event::Restarted { group, unit, works } => self.end_restart(model, group, unit, works),
            Event::Repaired { group, unit } => {
                if let Some(crew) = model.groups[group].crew {
                    let queue = &mut self.state.queues[crew.0];
                    queue.retain(|waiting| *waiting != (group, unit));
                    self.queued_before[crew.0] = queue.len();
                }
                self.come_back(model, group, unit);
            }
            Event::FailoverEnds { group, slot } => self.end_failover(group, slot),
        }
    }

    fn fail(&mut self, model: &Model, group: usize, unit: usize, mode: usize) {
        let standby = model.groups[group].standby.as_ref();
        let has_check = standby.is_some_and(|standby| standby.check.is_some());
        let by_check = has_check && self.state.slot_of(group, unit).is_none();
        self.state.groups[group].units[unit] = Unit::Unnoticed { mode, by_check };
    }

    fn notice_failure(&mut self, model: &Model, group: usize, unit: usize) {
        let Unit::Unnoticed { mode: failed_in, .. } = self.state.unit(group, unit) else { return };
        if let Some(slot) = self.state.slot_of(group, unit) {
            let service = &mut self.state.groups[group].slots[slot].service;
            if *service == Service::LostUnnoticed {
                *service = Service::LostNoticed;
            }
        }
        if mode(model, group, failed_in).restart.is_some() {
            self.state.groups[group].units[unit] = Unit::Restarting { mode: failed_in };
        } else {
            self.need_repair(model, group, unit, failed_in);
        }
    }

    fn need_repair(&mut self, model: &Model, group: usize, unit: usize, mode: usize) {
        self.state.groups[group].units[unit] = Unit::NeedsRepair { mode };
        if let Some(crew) = model.groups[group].crew {
            self.state.queues[crew.0].push((group, unit));
        }
    }

    fn end_restart(&mut self, model: &Model, group: usize, unit: usize, works: bool) {
        let Unit::Restarting { mode } = self.state.unit(group, unit) else { return };
        if works {
            self.come_back(model, group, unit);
        } else {
            self.need_repair(model, group, unit, mode);
        }
    }

    /// As good as new. Without a slot of its own it serves the lowest noticed lost slot that no failover is under way for.
    fn come_back(&mut self, model: &Model, group: usize, unit: usize) {
        self.state.groups[group].units[unit] = Unit::Working;
        if self.state.slot_of(group, unit).is_some() || !self.state.placed_well(model, group, unit) {
            return;
        }
        let lost = self.state.groups[group].slots.iter_mut().find(|slot| slot.service == Service::LostNoticed);
        if let Some(slot) = lost {
            slot.owner = unit;
            slot.service = Service::Served;
        }
    }

    fn end_failover(&mut self, group: usize, slot: usize) {
        let slot = &mut self.state.groups[group].slots[slot];
        if let Service::Failover { to, .. } = slot.service {
            slot.owner = to;
            slot.service = Service::Served;
        }
    }

    /// One thing that follows at once, the first in the order repairs and restarts, notices, failovers.
    fn follow(mut self, model: &Model) -> Followed {
        self.losses_and_returns(model);
        if let Some((group, unit)) = self.restart_at_once(model) {
            return self.restarted(model, group, unit);
        }
        if self.notices_at_once(model) || self.looks_around(model) {
            return Followed::More(vec![self]);
        }
        match self.next_failover(model) {
            Some((group, slot, standby)) => self.start_failover(model, group, slot, standby),
            None => Followed::Settled(self),
        }
    }

    /// A slot is lost when its unit cannot serve, and served again when it can; a failover ends with its standby.
    fn losses_and_returns(&mut self, model: &Model) {
        for group in 0..model.groups.len() {
            for index in 0..self.state.groups[group].slots.len() {
                let slot = self.state.groups[group].slots[index];
                let able = self.state.is_able(model, group, slot.owner);
                let service = match slot.service {
                    _ if able => Service::Served,
                    Service::Served => Service::LostUnnoticed,
                    Service::Failover { to, .. } if !self.state.is_able(model, group, to) => Service::LostNoticed,
                    other => other,
                };
                self.state.groups[group].slots[index].service = service;
            }
        }
    }

    fn restart_at_once(&self, model: &Model) -> Option<(usize, usize)> {
        self.all_units().find(|&(group, unit)| match self.state.unit(group, unit) {
            Unit::Restarting { mode: failed_in } => {
                mode(model, group, failed_in).restart.as_ref().is_some_and(|restart| restart.takes.is_zero())
            }
            _ => false,
        })
    }

    fn restarted(self, model: &Model, group: usize, unit: usize) -> Followed {
        let Unit::Restarting { mode: failed_in } = self.state.unit(group, unit) else { return Followed::Settled(self) };
        let works = mode(model, group, failed_in).restart.as_ref().expect("it is restarting").works;
        let branch = |probability: f64, works: bool| {
            let mut moment = self.clone();
            moment.probability *= probability;
            moment.end_restart(model, group, unit, works);
            moment
        };
        Followed::More(vec![branch(works.value(), true), branch(works.complement(), false)])
    }

    /// Notices the first of what takes no time to notice. True if there was something.
    fn notices_at_once(&mut self, model: &Model) -> bool {
        let at_once = |group: usize, unit: usize| {
            delay_of_failure(model, &self.state, group, unit).is_some_and(Distribution::is_zero)
        };
        if let Some((group, unit)) = self.all_units().find(|&(group, unit)| at_once(group, unit)) {
            self.notice_failure(model, group, unit);
            return true;
        }
        for group in 0..model.groups.len() {
            for slot in 0..self.state.groups[group].slots.len() {
                if delay_of_loss(model, &self.state, group, slot).is_some_and(Distribution::is_zero) {
                    self.state.groups[group].slots[slot].service = Service::LostNoticed;
                    return true;
                }
            }
        }
        false
    }

    /// A noticed lost slot that finds no ready standby: what waits for a `check` is noticed at once.
    fn looks_around(&mut self, model: &Model) -> bool {
        let mut any = false;
        for (group, unit) in self.all_units().collect::<Vec<_>>() {
            let units = self.state.groups[group].units.len();
            let lost = self.state.groups[group].slots.iter().any(|slot| slot.service == Service::LostNoticed);
            let ready = (0..units).any(|unit| self.state.is_ready(model, group, unit));
            let waits = matches!(self.state.unit(group, unit), Unit::Unnoticed { by_check: true, .. });
            if lost && !ready && waits {
                self.notice_failure(model, group, unit);
                any = true;
            }
        }
        any
    }

    /// (group, slot, standby) of the failover that starts next.
    fn next_failover(&self, model: &Model) -> Option<(usize, usize, usize)> {
        (0..model.groups.len()).find_map(|group| {
            let of = &self.state.groups[group];
            let slot = of.slots.iter().position(|slot| slot.service == Service::LostNoticed)?;
            let standby = (0..of.units.len()).find(|unit| self.state.is_ready(model, group, *unit))?;
            Some((group, slot, standby))
        })
    }

    fn start_failover(self, model: &Model, group: usize, slot: usize, standby: usize) -> Followed {
        let begin = |probability: f64, works: bool, at_once: bool| {
            let mut moment = self.clone();
            moment.probability *= probability;
            moment.state.groups[group].slots[slot].service = Service::Failover { to: standby, works };
            if at_once {
                moment.end_failover(group, slot);
            }
            moment
        };
        let Some(failover) = &model.groups[group].failover else {
            return Followed::More(vec![begin(1.0, true, true)]);
        };
        let by_hand_at_once = failover.otherwise.as_ref().is_some_and(Distribution::is_zero);
        Followed::More(vec![
            begin(failover.works.value(), true, failover.takes.is_zero()),
            begin(failover.works.complement(), false, by_hand_at_once),
        ])
    }

    fn all_units(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let sizes: Vec<usize> = self.state.groups.iter().map(|group| group.units.len()).collect();
        sizes.into_iter().enumerate().flat_map(|(group, units)| (0..units).map(move |unit| (group, unit)))
    }

    /// Who came to need a crew at this instant stands in file order and unit number.
    fn with_queues_in_order(mut self) -> State {
        for (queue, before) in self.state.queues.iter_mut().zip(&self.queued_before) {
            queue[*before..].sort_unstable();
        }
        self.state
    }
}

/// How long it takes until the failure of a unit is noticed, if it has failed unnoticed.
pub(crate) fn delay_of_failure<'a>(
    model: &'a Model,
    state: &State,
    group: usize,
    unit: usize,
) -> Option<&'a Distribution> {
    match state.unit(group, unit) {
        Unit::Unnoticed { by_check: true, .. } => model.groups[group].standby.as_ref()?.check.as_ref(),
        Unit::Unnoticed { mode: failed_in, .. } => Some(&mode(model, group, failed_in).detect),
        _ => None,
    }
}

/// How long it takes until a loss that only a domain has brought is noticed, if the slot is lost so.
pub(crate) fn delay_of_loss<'a>(
    model: &'a Model,
    state: &State,
    group: usize,
    slot: usize,
) -> Option<&'a Distribution> {
    let slot = state.groups[group].slots[slot];
    let by_domain = slot.service == Service::LostUnnoticed && state.unit(group, slot.owner) == Unit::Working;
    by_domain.then(|| &component(model, group).detect)
}
