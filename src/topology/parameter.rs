//! The numbers of a topology, each with the key under which it stands in the file.

use crate::numeric::distribution::Distribution;
use crate::topology::component::{Failure, Mode};
use crate::topology::group::StandbyMode;
use crate::topology::{ComponentId, CrewId, DomainId, GroupId, Model};

/// One number of a model. A time that has a distribution counts by its mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// Mean operating time of a mode.
    Life(ComponentId, usize),
    /// Mean delay until a failure is noticed: of one mode, or the component's own, which holds for all modes without one.
    Detect(ComponentId, Option<usize>),
    /// Mean duration of a restart.
    RestartTakes(ComponentId, usize),
    /// Probability that a restart works.
    RestartWorks(ComponentId, usize),
    /// Mean repair time of a mode.
    Repair(ComponentId, usize),
    /// Probability of being down of a component without times.
    Unavailability(ComponentId),
    /// Mean up time of a domain.
    DomainLife(DomainId),
    /// Mean down time of a domain.
    DomainRepair(DomainId),
    /// Speed at which a warm standby ages.
    Ageing(GroupId),
    /// Mean delay until the failure of a standby is noticed.
    Check(GroupId),
    /// Mean duration of a failover that works.
    FailoverTakes(GroupId),
    /// Probability that a failover works.
    FailoverWorks(GroupId),
    /// Mean duration of a failover by hand.
    FailoverOtherwise(GroupId),
    /// Share of failures that hit the whole group.
    CommonCause(GroupId),
    /// Exponent of the load.
    Load(GroupId),
    /// Places of a crew.
    CrewSize(CrewId),
    /// Slots of a group.
    Active(GroupId),
    /// Standbys of a group.
    Standbys(GroupId),
}

impl Parameter {
    /// The mode's delay of noticing.
    pub fn detect(component: ComponentId, index: usize, mode: &Mode) -> Self {
        Self::Detect(component, mode.detect_is_own.then_some(index))
    }

    /// The key in the file, in the spelling of the reference.
    pub fn key(self, model: &Model) -> String {
        let mode = |component: ComponentId, mode: usize| {
            let component = &model.components[component.0];
            component.modes()[mode].path(&component.name)
        };
        let component = |id: ComponentId| format!("component.{}", model.components[id.0].name);
        let domain = |id: DomainId| format!("domain.{}", model.domains[id.0].name);
        let group = |id: GroupId| format!("group.{}", model.groups[id.0].name);
        match self {
            Self::Life(id, index) => mode(id, index) + ".mtbf",
            Self::Detect(id, Some(index)) => mode(id, index) + ".detect",
            Self::Detect(id, None) => component(id) + ".detect",
            Self::RestartTakes(id, index) => mode(id, index) + ".restart.takes",
            Self::RestartWorks(id, index) => mode(id, index) + ".restart.works",
            Self::Repair(id, index) => mode(id, index) + ".mttr",
            Self::Unavailability(id) => component(id) + ".unavailability",
            Self::DomainLife(id) => domain(id) + ".mtbf",
            Self::DomainRepair(id) => domain(id) + ".mttr",
            Self::Ageing(id) => group(id) + ".standby.ageing",
            Self::Check(id) => group(id) + ".standby.check",
            Self::FailoverTakes(id) => group(id) + ".failover.takes",
            Self::FailoverWorks(id) => group(id) + ".failover.works",
            Self::FailoverOtherwise(id) => group(id) + ".failover.otherwise",
            Self::CommonCause(id) => group(id) + ".common_cause.beta",
            Self::Load(id) => group(id) + ".load",
            Self::CrewSize(id) => format!("crew.{}.size", model.crews[id.0].name),
            Self::Active(id) => group(id) + ".active",
            Self::Standbys(id) => group(id) + ".standby.count",
        }
    }

    /// Its value; times in seconds. Absent where the file does not have it.
    pub fn value(self, model: &Model) -> Option<f64> {
        let mode = |id: ComponentId, index: usize| model.components[id.0].modes().get(index);
        let group = |id: GroupId| &model.groups[id.0];
        match self {
            Self::Life(id, index) => mode(id, index).map(|mode| mode.life.mean()),
            Self::Detect(id, Some(index)) => mode(id, index).map(|mode| mode.detect.mean()),
            Self::Detect(id, None) => Some(model.components[id.0].detect.mean()),
            Self::RestartTakes(id, index) => Some(mode(id, index)?.restart.as_ref()?.takes.mean()),
            Self::RestartWorks(id, index) => Some(mode(id, index)?.restart.as_ref()?.works.value()),
            Self::Repair(id, index) => mode(id, index)?.repair.as_ref().map(Distribution::mean),
            Self::Unavailability(id) => match &model.components[id.0].failure {
                Failure::Probability(down) => Some(down.value()),
                Failure::Modes(_) => None,
            },
            Self::DomainLife(id) => Some(model.domains[id.0].life.mean()),
            Self::DomainRepair(id) => Some(model.domains[id.0].repair.mean()),
            Self::Ageing(id) => {
                let standby = group(id).standby.as_ref()?;
                (standby.mode == StandbyMode::Warm).then_some(standby.ageing)
            }
            Self::Check(id) => group(id).standby.as_ref()?.check.as_ref().map(Distribution::mean),
            Self::FailoverTakes(id) => Some(group(id).failover.as_ref()?.takes.mean()),
            Self::FailoverWorks(id) => Some(group(id).failover.as_ref()?.works.value()),
            Self::FailoverOtherwise(id) => group(id).failover.as_ref()?.otherwise.as_ref().map(Distribution::mean),
            Self::CommonCause(id) => group(id).common_cause.map(crate::quantity::Probability::value),
            Self::Load(id) => group(id).load,
            Self::CrewSize(id) => Some(f64::from(model.crews[id.0].size)),
            Self::Active(id) => Some(f64::from(group(id).active)),
            Self::Standbys(id) => group(id).standby.as_ref().map(|standby| f64::from(standby.count)),
        }
    }

    /// What can go wrong where this is the probability that it does not: exactly as the file says.
    pub fn complement(self, model: &Model) -> Option<f64> {
        match self {
            Self::RestartWorks(id, index) => {
                Some(model.components[id.0].modes().get(index)?.restart.as_ref()?.works.complement())
            }
            Self::FailoverWorks(id) => Some(model.groups[id.0].failover.as_ref()?.works.complement()),
            _ => None,
        }
    }

    /// Whether it is a time.
    pub fn is_time(self) -> bool {
        match self {
            Self::Life(..)
            | Self::Detect(..)
            | Self::RestartTakes(..)
            | Self::Repair(..)
            | Self::DomainLife(_)
            | Self::DomainRepair(_)
            | Self::Check(_)
            | Self::FailoverTakes(_)
            | Self::FailoverOtherwise(_) => true,
            Self::RestartWorks(..)
            | Self::Unavailability(_)
            | Self::Ageing(_)
            | Self::FailoverWorks(_)
            | Self::CommonCause(_)
            | Self::Load(_)
            | Self::CrewSize(_)
            | Self::Active(_)
            | Self::Standbys(_) => false,
        }
    }
}
