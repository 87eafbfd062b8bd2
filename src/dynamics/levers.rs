//! Which numbers of the model the rate of a clock comes from, and how the chances of its outcomes hang on them.
//!
//! For derivatives of what is computed from the states. A clock's rate is a product of powers of the model's numbers, so the
//! logarithmic derivative `d ln rate / d ln number` is -1 for a mean time, 1 for a share that multiplies it, `load * ln(active /
//! served)` for the exponent of the load, `-beta / (1 - beta)` for the units' own lives beside a common cause.
//! An outcome that goes through a draw with two ends has a probability linear in how likely the draw is to fail.
//!
//! Checked in `tests/agreement/sensitivity.rs` against differences of solutions.

use crate::dynamics::alike::Alike;
use crate::dynamics::clock::{Clock, Kind};
use crate::dynamics::layout::Roles;
use crate::dynamics::state::{FailedPhase, SlotPhase, State, UnitStage};
use crate::dynamics::table::Dynamics;
use crate::topology::group::StandbyMode;
use crate::topology::parameter::Parameter;
use crate::topology::{GroupId, Model, Scope};

/// A decision by chance with two ends, by the local index of its group: of a mode's restart, or of a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Draw {
    pub(crate) group: usize,
    /// The mode of a restart; absent for a failover.
    pub(crate) mode: Option<usize>,
}

/// The numbers behind the clocks of a scope.
#[derive(Debug)]
pub struct Levers<'a> {
    model: &'a Model,
    scope: &'a Scope,
    dynamics: &'a Dynamics,
    alike: &'a Alike,
}

impl<'a> Levers<'a> {
    /// `dynamics` is compiled from `scope` of `model`; `alike` groups and domains are held for one another in the states.
    pub fn new(model: &'a Model, scope: &'a Scope, dynamics: &'a Dynamics, alike: &'a Alike) -> Self {
        Self { model, scope, dynamics, alike }
    }

    /// The number that says how often a draw works; of alike groups each one's, with its share.
    pub fn of_draw(&self, draw: Draw) -> Vec<(Parameter, f64)> {
        let of_group = |local: usize| {
            let group = self.scope.groups[local];
            match draw.mode {
                Some(mode) => Parameter::RestartWorks(self.model.groups[group.0].component, mode),
                None => Parameter::FailoverWorks(group),
            }
        };
        let own = [draw.group];
        let groups = self.alike.peers_of(draw.group).unwrap_or(&own);
        groups.iter().map(|&group| (of_group(group), 1.0 / groups.len() as f64)).collect()
    }

    /// `d ln rate / d ln number` of a clock that runs in `state`, for each number that it hangs on. In a state that stands for
    /// all in which alike groups or domains have traded places, the numbers of each of them have an equal share.
    pub fn of_clock(&self, state: &State, clock: &Clock) -> Vec<(Parameter, f64)> {
        let key = clock.key.0;
        if (key as usize) < self.scope.domains.len() {
            return self.of_domain(key as usize, clock.kind);
        }
        let group = self.dynamics.groups.partition_point(|group| group.key <= key) - 1;
        let Some(peers) = self.alike.peers_of(group) else { return self.of_group(group, group, key, state) };
        let share = |(parameter, power): (Parameter, f64)| (parameter, power / peers.len() as f64);
        peers.iter().flat_map(|&named| self.of_group(group, named, key, state)).map(share).collect()
    }

    fn of_domain(&self, local: usize, kind: Kind) -> Vec<(Parameter, f64)> {
        let own = [local];
        let peers = self.alike.domains.peers_of(local).unwrap_or(&own);
        let power = |&peer: &usize| {
            let domain = self.scope.domains[peer];
            let parameter = match kind {
                Kind::Loss => Parameter::DomainLife(domain),
                Kind::Recovery => Parameter::DomainRepair(domain),
            };
            (parameter, -1.0 / peers.len() as f64)
        };
        peers.iter().map(power).collect()
    }

    /// The numbers of the group `named` behind a clock of `group`, which is itself or alike.
    fn of_group(&self, group: usize, named: usize, key: u32, state: &State) -> Vec<(Parameter, f64)> {
        let table = &self.dynamics.groups[group];
        let id = self.scope.groups[named];
        let per_unit = table.modes.len() + 1;
        let offset = (key - table.key) as usize;
        let (unit, mode) = (offset / per_unit, offset % per_unit);
        if unit >= table.layout.units {
            return self.of_shared(group, id, offset - table.layout.units * per_unit, state);
        }
        if mode < table.modes.len() {
            self.of_life(group, id, (unit, mode), state)
        } else {
            self.of_way_back(group, id, unit, state)
        }
    }

    fn of_life(&self, group: usize, id: GroupId, (unit, mode): (usize, usize), state: &State) -> Vec<(Parameter, f64)> {
        let table = &self.dynamics.groups[group];
        let declared = &self.model.groups[id.0];
        if declared.common_cause.is_none() && self.model.component_of(id).modes().is_empty() {
            // A component without times has made-up ones.
            return Vec::new();
        }
        let mut powers = vec![(Parameter::Life(declared.component, mode), -1.0)];
        if let Some(beta) = declared.common_cause {
            powers.push((Parameter::CommonCause(id), -beta.value() / beta.complement()));
        }
        let (layout, cells) = (&table.layout, state.cells());
        if Roles::new(layout, cells).owned_slot(unit).is_none() {
            let is_warm = declared.standby.as_ref().is_some_and(|standby| standby.mode == StandbyMode::Warm);
            powers.extend(is_warm.then_some((Parameter::Ageing(id), 1.0)));
        } else if let (Some(load), true) = (declared.load, layout.is_able(cells, unit)) {
            let served = layout.served(cells).max(1);
            let power = load * libm::log(layout.slots as f64 / served as f64);
            powers.extend((power > 0.0).then_some((Parameter::Load(id), power)));
        }
        powers
    }

    fn of_way_back(&self, group: usize, id: GroupId, unit: usize, state: &State) -> Vec<(Parameter, f64)> {
        let component = self.model.groups[id.0].component;
        let UnitStage::Failed { mode, phase } = self.dynamics.groups[group].layout.stage(state.cells(), unit) else {
            return Vec::new();
        };
        let Some(declared) = self.model.component_of(id).modes().get(mode) else { return Vec::new() };
        let parameter = match phase {
            FailedPhase::Undetected => Parameter::detect(component, mode, declared),
            FailedPhase::Unchecked => Parameter::Check(id),
            FailedPhase::Restarting => Parameter::RestartTakes(component, mode),
            FailedPhase::Repairing => Parameter::Repair(component, mode),
            FailedPhase::Entering | FailedPhase::Waiting => return Vec::new(),
        };
        vec![(parameter, -1.0)]
    }

    /// Common causes, then slots.
    fn of_shared(&self, group: usize, id: GroupId, index: usize, state: &State) -> Vec<(Parameter, f64)> {
        let table = &self.dynamics.groups[group];
        let component = self.model.groups[id.0].component;
        if index < table.modes.len() {
            return vec![(Parameter::Life(component, index), -1.0), (Parameter::CommonCause(id), 1.0)];
        }
        let parameter = match table.layout.phase(state.cells(), index - table.modes.len()) {
            SlotPhase::LostByDomain => Parameter::Detect(component, None),
            SlotPhase::ByHand => Parameter::FailoverOtherwise(id),
            _ => Parameter::FailoverTakes(id),
        };
        vec![(parameter, -1.0)]
    }
}
