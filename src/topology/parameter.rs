//! The numbers of a topology, each with the key under which it stands in the file.

use crate::numeric::distribution::{Distribution, Family};
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

/// One number of a time that is a mixture of exponentials, by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// The mean of a branch.
    Mean(usize),
    /// How likely the branch is. Where it changes, all others keep their ratios.
    Weight(usize),
}

impl Item {
    /// What follows the key of the time; items of lists are numbered from 0.
    pub fn key(self) -> String {
        match self {
            Self::Mean(branch) => format!(".hyperexponential.means.{branch}"),
            Self::Weight(branch) => format!(".hyperexponential.weights.{branch}"),
        }
    }
}

/// The means of the branches of a hyperexponential time, in seconds, and how likely they are.
#[derive(Clone, Copy, Debug)]
pub struct Mixture<'a> {
    /// The means.
    pub means: &'a [f64],
    /// The weights, which add up to 1.
    pub weights: &'a [f64],
}

impl Mixture<'_> {
    /// The value of one of its numbers.
    pub fn value(&self, item: Item) -> f64 {
        match item {
            Item::Mean(branch) => self.means[branch],
            Item::Weight(branch) => self.weights[branch],
        }
    }

    /// Minus the relative change of all other weights as one changes by a small share of itself.
    pub fn pushed_aside(&self, branch: usize) -> f64 {
        let others = (0..self.weights.len()).filter(|&other| other != branch);
        self.weights[branch] / others.map(|other| self.weights[other]).sum::<f64>()
    }

    /// The branches that can be entered, of which there are several.
    pub fn branches(&self) -> Vec<usize> {
        let branches: Vec<usize> = (0..self.means.len()).filter(|&branch| self.weights[branch] > 0.0).collect();
        if branches.len() > 1 { branches } else { Vec::new() }
    }
}

impl Parameter {
    /// The branches of a time that is a mixture of exponentials.
    pub fn mixture(self, model: &Model) -> Option<Mixture<'_>> {
        match self.time(model)?.family() {
            Family::HyperExponential { means, weights } => Some(Mixture { means, weights }),
            _ => None,
        }
    }

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

    /// Its distribution, where it is a time that the file has.
    fn time(self, model: &Model) -> Option<&Distribution> {
        let mode = |id: ComponentId, index: usize| model.components[id.0].modes().get(index);
        let group = |id: GroupId| &model.groups[id.0];
        match self {
            Self::Life(id, index) => mode(id, index).map(|mode| &mode.life),
            Self::Detect(id, Some(index)) => mode(id, index).map(|mode| &mode.detect),
            Self::Detect(id, None) => Some(&model.components[id.0].detect),
            Self::RestartTakes(id, index) => mode(id, index)?.restart.as_ref().map(|restart| &restart.takes),
            Self::Repair(id, index) => mode(id, index)?.repair.as_ref(),
            Self::DomainLife(id) => Some(&model.domains[id.0].life),
            Self::DomainRepair(id) => Some(&model.domains[id.0].repair),
            Self::Check(id) => group(id).standby.as_ref()?.check.as_ref(),
            Self::FailoverTakes(id) => group(id).failover.as_ref().map(|failover| &failover.takes),
            Self::FailoverOtherwise(id) => group(id).failover.as_ref()?.otherwise.as_ref(),
            _ => None,
        }
    }

    /// Its value; times in seconds. Absent where the file does not have it.
    pub fn value(self, model: &Model) -> Option<f64> {
        let mode = |id: ComponentId, index: usize| model.components[id.0].modes().get(index);
        let group = |id: GroupId| &model.groups[id.0];
        match self {
            Self::Life(..)
            | Self::Detect(..)
            | Self::RestartTakes(..)
            | Self::Repair(..)
            | Self::DomainLife(_)
            | Self::DomainRepair(_)
            | Self::Check(_)
            | Self::FailoverTakes(_)
            | Self::FailoverOtherwise(_) => self.time(model).map(Distribution::mean),
            Self::RestartWorks(id, index) => Some(mode(id, index)?.restart.as_ref()?.works.value()),
            Self::Unavailability(id) => match &model.components[id.0].failure {
                Failure::Probability(down) => Some(down.value()),
                Failure::Modes(_) => None,
            },
            Self::Ageing(id) => {
                let standby = group(id).standby.as_ref()?;
                (standby.mode == StandbyMode::Warm).then_some(standby.ageing)
            }
            Self::FailoverWorks(id) => Some(group(id).failover.as_ref()?.works.value()),
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
        !matches!(
            self,
            Self::RestartWorks(..)
                | Self::Unavailability(_)
                | Self::Ageing(_)
                | Self::FailoverWorks(_)
                | Self::CommonCause(_)
                | Self::Load(_)
                | Self::CrewSize(_)
                | Self::Active(_)
                | Self::Standbys(_)
        )
    }
}
