//! From a topology to the tables of its semantics ([`table`](crate::dynamics::table)).

use crate::dynamics::layout::Layout;
use crate::dynamics::table::{
    CommonCauseTable, CrewTable, Delay, DomainTable, Dynamics, FailoverTable, GroupTable, ModeTable, RestartTable,
};
use crate::measure::Cause;
use crate::numeric::distribution::{Distribution, Family};
use crate::quantity::Probability;
use crate::topology::component::{Component, Failure, Mode};
use crate::topology::group::{Failover, Group};
use crate::topology::{CrewId, DomainId, GroupId, Model, Scope, binding_crew};

/// The mean down time given to a unit that only has a probability of being down, seconds. Any value gives the same
/// long-run share of time down, which is all that such a unit may be asked for.
const PROBABILITY_ONLY_MEAN_DOWN_TIME: f64 = 3_600.0;

pub(crate) struct Compiler<'a> {
    model: &'a Model,
    scope: &'a Scope,
    crews: Vec<CrewId>,
    next_cell: usize,
    next_key: u32,
    out: Dynamics,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(model: &'a Model, scope: &'a Scope) -> Self {
        let mut out = Dynamics {
            distributions: Vec::new(),
            causes: Vec::new(),
            domains: Vec::new(),
            groups: Vec::new(),
            crews: Vec::new(),
            group_index: vec![None; model.groups.len()],
            domain_index: vec![None; model.domains.len()],
            cell_count: 0,
        };
        for (local, domain) in scope.domains.iter().enumerate() {
            out.domain_index[domain.0] = Some(local);
        }
        for (local, group) in scope.groups.iter().enumerate() {
            out.group_index[group.0] = Some(local);
        }
        Self { model, scope, crews: Vec::new(), next_cell: scope.domains.len(), next_key: 0, out }
    }

    pub(crate) fn compile(mut self) -> Dynamics {
        for &domain in &self.scope.domains {
            let table = self.domain(domain);
            self.out.domains.push(table);
        }
        for &group in &self.scope.groups {
            let table = self.group(group);
            self.out.groups.push(table);
        }
        self.out.cell_count = self.next_cell;
        self.out
    }

    fn domain(&mut self, id: DomainId) -> DomainTable {
        let domain = &self.model.domains[id.0];
        DomainTable {
            life: self.distribution(&domain.life),
            repair: self.distribution(&domain.repair),
            cause: self.cause(Cause::Domain(domain.name.clone())),
            chain: self.model.domain_chain(id).iter().filter_map(|outer| self.out.domain_index[outer.0]).collect(),
            key: self.keys(1),
            file_position: domain.file_position,
        }
    }

    fn group(&mut self, id: GroupId) -> GroupTable {
        let group = &self.model.groups[id.0];
        let component = self.model.component_of(id);
        let crew = binding_crew(self.model, id).map(|crew| self.crew(crew));
        if let Some(crew) = crew {
            let local = self.out.group_index[id.0].expect("the group is in the scope");
            self.out.crews[crew].groups.push(local);
        }
        let layout = self.layout(id, crew.is_some());
        let modes = self.modes(group, component);
        let clocks_per_unit = modes.len() + 1;
        let keys = layout.units * clocks_per_unit + modes.len() + layout.slots;
        let standby = group.standby.as_ref();
        let has_ages = component.has_ages();
        let mut table = GroupTable {
            need: group.need as usize,
            crew,
            domain_notice: (!component.detect.is_zero()).then(|| self.distribution(&component.detect)),
            check: standby.and_then(|s| s.check.as_ref()).map(|check| self.delay(check)),
            failover: self.failover(group.failover.as_ref()),
            ageing: standby.map_or(1.0, |standby| standby.ageing),
            own_share: group.common_cause.map_or(1.0, Probability::complement),
            load: group.load,
            key: self.keys(keys as u32),
            file_position: group.file_position,
            interchangeable: Vec::new(),
            layout,
            modes,
        };
        table.interchangeable = crate::dynamics::canonical::classes(&table, has_ages);
        table
    }

    fn layout(&mut self, id: GroupId, has_ranks: bool) -> Layout {
        let group = &self.model.groups[id.0];
        let units = group.units();
        let unit_domains: Vec<Vec<usize>> = (0..units)
            .map(|unit| {
                let domains = self.model.unit_domains(id, unit);
                domains.iter().filter_map(|domain| self.out.domain_index[domain.0]).collect()
            })
            .collect();
        let unit_stride = if has_ranks { 2 } else { 1 };
        let slot_stride = if group.standby.is_some() {
            3
        } else {
            usize::from(self.notice_matters(id) && unit_domains.iter().any(|domains| !domains.is_empty()))
        };
        let unit_base = self.next_cell;
        let slot_base = unit_base + units * unit_stride;
        let layout = Layout {
            unit_base,
            unit_stride,
            units,
            slots: group.active as usize,
            slot_base,
            slot_stride,
            unit_domains,
        };
        self.next_cell = layout.end();
        layout
    }

    /// Whether it matters to the measures who has noticed what in a group without standbys: only with a demand,
    /// and only where noticing takes time.
    fn notice_matters(&self, id: GroupId) -> bool {
        let component = self.model.component_of(id);
        let takes_time = !component.detect.is_zero() || component.modes().iter().any(|mode| !mode.detect.is_zero());
        self.model.system.demand.is_some() && takes_time
    }

    fn modes(&mut self, group: &Group, component: &Component) -> Vec<ModeTable> {
        match &component.failure {
            Failure::Modes(modes) => modes.iter().map(|mode| self.mode(group, mode)).collect(),
            Failure::Probability(down) if down.value() == 0.0 => Vec::new(),
            Failure::Probability(down) => {
                let mean_up = PROBABILITY_ONLY_MEAN_DOWN_TIME * down.complement() / down.value();
                let life = exponential(mean_up);
                let repair = exponential(PROBABILITY_ONLY_MEAN_DOWN_TIME);
                vec![ModeTable {
                    life: self.distribution(&life),
                    detect: Delay::None,
                    restart: None,
                    repair: Some(self.distribution(&repair)),
                    cause: self.cause(Cause::Mode { group: group.name.clone(), mode: "unavailability".into() }),
                    common_cause: None,
                }]
            }
        }
    }

    fn mode(&mut self, group: &Group, mode: &Mode) -> ModeTable {
        let restart = mode.restart.as_ref().map(|restart| RestartTable {
            takes: self.delay(&restart.takes),
            works: restart.works.value(),
            fails: restart.works.complement(),
        });
        let names = (group.name.clone(), mode.name.clone());
        ModeTable {
            life: self.distribution(&mode.life),
            detect: self.delay(&mode.detect),
            restart,
            repair: mode.repair.as_ref().map(|repair| self.distribution(repair)),
            cause: self.cause(Cause::Mode { group: names.0.clone(), mode: names.1.clone() }),
            common_cause: group.common_cause.map(|beta| CommonCauseTable {
                arrival: self.distribution(&exponential(mode.life.mean() / beta.value())),
                cause: self.cause(Cause::CommonCause { group: names.0, mode: names.1 }),
            }),
        }
    }

    fn failover(&mut self, failover: Option<&Failover>) -> FailoverTable {
        let at_once = FailoverTable { takes: Delay::None, otherwise: Delay::None, works: 1.0, fails: 0.0 };
        failover.map_or(at_once, |failover| FailoverTable {
            takes: self.delay(&failover.takes),
            otherwise: failover.otherwise.as_ref().map_or(Delay::None, |otherwise| self.delay(otherwise)),
            works: failover.works.value(),
            fails: failover.works.complement(),
        })
    }

    fn crew(&mut self, id: CrewId) -> usize {
        self.crews.iter().position(|&known| known == id).unwrap_or_else(|| {
            self.crews.push(id);
            let size = self.model.crews[id.0].size as usize;
            self.out.crews.push(CrewTable { size, groups: Vec::new() });
            self.crews.len() - 1
        })
    }

    fn delay(&mut self, distribution: &Distribution) -> Delay {
        if distribution.is_zero() { Delay::None } else { Delay::Drawn(self.distribution(distribution)) }
    }

    fn distribution(&mut self, distribution: &Distribution) -> usize {
        let known = self.out.distributions.iter().position(|known| known == distribution);
        known.unwrap_or_else(|| {
            self.out.distributions.push(distribution.clone());
            self.out.distributions.len() - 1
        })
    }

    fn cause(&mut self, cause: Cause) -> usize {
        self.out.causes.push(cause);
        self.out.causes.len() - 1
    }

    fn keys(&mut self, count: u32) -> u32 {
        let first = self.next_key;
        self.next_key += count;
        first
    }
}

fn exponential(mean: f64) -> Distribution {
    Distribution::new(Family::Exponential { mean }).expect("a positive finite mean")
}
