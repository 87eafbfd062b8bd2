//! The compiled semantics: tables of rates, delays and places made once from the model.

use crate::dynamics::clock::Clock;
use crate::dynamics::layout::{Layout, NOBODY};
use crate::dynamics::state::{FailedPhase, SlotPhase, State, UnitStage};
use crate::measure::Cause;
use crate::numeric::distribution::{Distribution, Family};
use crate::quantity::Probability;
use crate::topology::component::{Component, Failure, Mode};
use crate::topology::group::{Failover, Group};
use crate::topology::{CrewId, DomainId, GroupId, Model, Scope, binding_crew};

/// The mean down time given to a unit that only has a probability of being down, seconds. Any value gives the same
/// long-run share of time down, which is all that such a unit may be asked for.
const PROBABILITY_ONLY_MEAN_DOWN_TIME: f64 = 3_600.0;

/// The compiled semantics of a scope.
#[derive(Debug)]
pub struct Dynamics {
    pub(crate) distributions: Vec<Distribution>,
    pub(crate) causes: Vec<Cause>,
    pub(crate) domains: Vec<DomainTable>,
    pub(crate) groups: Vec<GroupTable>,
    pub(crate) crews: Vec<CrewTable>,
    /// Local index of each group of the model.
    pub(crate) group_index: Vec<Option<usize>>,
    /// Local index of each domain of the model.
    pub(crate) domain_index: Vec<Option<usize>>,
    pub(crate) cell_count: usize,
}

/// A domain of the scope; its cell is its local index (0 up, 1 down).
#[derive(Debug)]
pub(crate) struct DomainTable {
    pub(crate) life: usize,
    pub(crate) repair: usize,
    pub(crate) cause: usize,
    /// Itself and all outer ones, local indices.
    pub(crate) chain: Vec<usize>,
    pub(crate) key: u32,
    pub(crate) file_position: usize,
}

/// A group of the scope.
#[derive(Debug)]
pub(crate) struct GroupTable {
    pub(crate) layout: Layout,
    pub(crate) need: usize,
    pub(crate) crew: Option<usize>,
    pub(crate) modes: Vec<ModeTable>,
    /// The component's own `detect`, by which a loss by a domain is noticed; `None`: at once.
    pub(crate) domain_notice: Option<usize>,
    /// Delay of noticing for a unit without a slot; `None`: like any other.
    pub(crate) check: Option<Delay>,
    pub(crate) failover: FailoverTable,
    /// Speed of a unit without a slot, before common cause.
    pub(crate) ageing: f64,
    /// 1 - beta.
    pub(crate) own_share: f64,
    pub(crate) load: Option<f64>,
    /// First clock key of the group: per unit its modes' lives and its way back, then common causes, then slots.
    pub(crate) key: u32,
    pub(crate) file_position: usize,
    /// Units in classes that may trade places (see `canonical`); empty when none may.
    pub(crate) interchangeable: Vec<Vec<usize>>,
}

/// A delay that may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delay {
    /// At once.
    None,
    /// Drawn from the distribution of that index.
    Drawn(usize),
}

/// A failure mode of a group's units.
#[derive(Debug)]
pub(crate) struct ModeTable {
    pub(crate) life: usize,
    pub(crate) detect: Delay,
    pub(crate) restart: Option<RestartTable>,
    pub(crate) repair: Option<usize>,
    pub(crate) cause: usize,
    pub(crate) common_cause: Option<CommonCauseTable>,
}

impl ModeTable {
    /// Whether the modes differ by their names only.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let arrival = |mode: &Self| mode.common_cause.as_ref().map(|cause| cause.arrival);
        self.life == other.life
            && self.detect == other.detect
            && self.restart == other.restart
            && self.repair == other.repair
            && arrival(self) == arrival(other)
    }
}

/// The automatic restart of a mode.
#[derive(Debug, PartialEq)]
pub(crate) struct RestartTable {
    pub(crate) takes: Delay,
    pub(crate) works: f64,
    pub(crate) fails: f64,
}

/// The common cause of a mode.
#[derive(Debug)]
pub(crate) struct CommonCauseTable {
    pub(crate) arrival: usize,
    pub(crate) cause: usize,
}

/// How a standby takes over.
#[derive(Debug, PartialEq)]
pub(crate) struct FailoverTable {
    pub(crate) takes: Delay,
    pub(crate) otherwise: Delay,
    pub(crate) works: f64,
    pub(crate) fails: f64,
}

/// A binding crew: its places and the groups it serves, in file order.
#[derive(Debug)]
pub(crate) struct CrewTable {
    pub(crate) size: usize,
    pub(crate) groups: Vec<usize>,
}

impl Dynamics {
    /// Compiles the part `scope` of `model`. Domains outside the scope are taken to be up.
    pub fn new(model: &Model, scope: &Scope) -> Self {
        Compiler::new(model, scope).compile()
    }

    /// The distributions that clocks refer to.
    pub fn distributions(&self) -> &[Distribution] {
        &self.distributions
    }

    /// Whether all times are exponential: then canonical states are a Markov chain.
    pub fn is_exponential(&self) -> bool {
        self.distributions.iter().all(Distribution::is_exponential)
    }

    /// The rate of a clock that its mean says, per second: that of an exponential one, of all that it stands for.
    pub fn rate(&self, clock: &Clock) -> f64 {
        f64::from(clock.multiplicity) * clock.speed / self.distributions[clock.distribution].mean()
    }

    /// The events that can begin an outage.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// All-up: every unit works, every slot is served by its first owner, every domain is up.
    pub fn start(&self) -> State {
        let mut cells = vec![0; self.cell_count];
        for group in self.groups.iter().filter(|group| group.layout.has_owners()) {
            for slot in 0..group.layout.slots {
                group.layout.set_owner(&mut cells, slot, slot);
                group.layout.set_target(&mut cells, slot, NOBODY);
            }
        }
        State::from_cells(&cells)
    }

    /// Whether `group` has enough served slots.
    ///
    /// # Panics
    /// When `group` is outside the scope, as all readings by identity do.
    pub fn group_up(&self, state: &State, group: GroupId) -> bool {
        let table = self.group(group);
        table.layout.served(state.cells()) >= table.need
    }

    /// Whether `domain` and all domains around it are up.
    ///
    /// # Panics
    /// When `domain` is outside the scope.
    pub fn domain_up(&self, state: &State, domain: DomainId) -> bool {
        let local = self.domain_index[domain.0].expect("the domain is in the scope");
        self.domains[local].chain.iter().all(|&outer| state.cells()[outer] == 0)
    }

    /// Slots of `group` that are served.
    pub fn served(&self, state: &State, group: GroupId) -> u32 {
        self.group(group).layout.served(state.cells()) as u32
    }

    /// Slots of `group` that are lost without anybody having noticed. Meaningful for models with a demand.
    pub fn unnoticed(&self, state: &State, group: GroupId) -> u32 {
        self.group(group).layout.unnoticed(state.cells()) as u32
    }

    /// What can be told of `state` from outside: for each group of `up` whether it is up (1; else 0), for each group of
    /// `slots` its served and its unnoticed slots, for each domain whether it or one around it is down (1; else 0).
    pub fn read(&self, state: &State, up: &[GroupId], slots: &[GroupId], domains: &[DomainId]) -> Box<[u16]> {
        let up = up.iter().map(|group| u16::from(self.group_up(state, *group)));
        let slots =
            slots.iter().flat_map(|group| [self.served(state, *group) as u16, self.unnoticed(state, *group) as u16]);
        let domains = domains.iter().map(|domain| u16::from(!self.domain_up(state, *domain)));
        up.chain(slots).chain(domains).collect()
    }

    /// Failed units plus domains down.
    pub fn order(&self, state: &State) -> u32 {
        let cells = state.cells();
        let domains = (0..self.domains.len()).filter(|&domain| cells[domain] != 0).count();
        let units: usize = self.groups.iter().map(|group| group.layout.failed(cells)).sum();
        (domains + units) as u32
    }

    /// How far the ways back in `state` still are, a number without unit: within one order, states with more work
    /// left come before those that follow from them by a recovery.
    pub fn work_left(&self, state: &State) -> u32 {
        self.groups.iter().map(|group| group.layout.work_left(state.cells())).sum()
    }

    /// The longest of the numbers that a state is made of, for storage in one arena.
    pub fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// No cell of any state holds a larger number, but for [`NOBODY`].
    pub(crate) fn largest_cell(&self) -> u16 {
        let of_group = |group: &GroupTable| {
            let last_mode = group.modes.len().saturating_sub(1);
            let stage = UnitStage::Failed { mode: last_mode, phase: FailedPhase::Repairing }.to_cell();
            stage.max(group.layout.units as u16)
        };
        let of_crew = |crew: &CrewTable| crew.groups.iter().map(|&group| self.groups[group].layout.units as u16).sum();
        let groups = self.groups.iter().map(of_group);
        groups.chain(self.crews.iter().map(of_crew)).max().unwrap_or(0).max(SlotPhase::ByHand as u16)
    }

    fn group(&self, group: GroupId) -> &GroupTable {
        &self.groups[self.group_index[group.0].expect("the group is in the scope")]
    }
}

struct Compiler<'a> {
    model: &'a Model,
    scope: &'a Scope,
    crews: Vec<CrewId>,
    next_cell: usize,
    next_key: u32,
    out: Dynamics,
}

impl<'a> Compiler<'a> {
    fn new(model: &'a Model, scope: &'a Scope) -> Self {
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

    fn compile(mut self) -> Dynamics {
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
        table.interchangeable = crate::dynamics::canonical::classes(&table);
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
