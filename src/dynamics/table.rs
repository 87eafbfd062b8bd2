//! The compiled semantics: tables of rates, delays and places made once from the model.

use crate::dynamics::clock::Clock;
use crate::dynamics::compile::Compiler;
use crate::dynamics::layout::{Layout, NOBODY};
use crate::dynamics::state::{FailedPhase, SlotPhase, State, UnitStage};
use crate::measure::Cause;
use crate::numeric::distribution::Distribution;
use crate::topology::{DomainId, GroupId, Model, Scope};

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

    /// For each kind of recovery (noticing, restarts, repairs, failovers): how many begin in a second at most, by the mean lives of
    /// all units and domains, and of which distribution they are.
    pub fn recoveries(&self) -> Vec<(f64, &Distribution)> {
        let mean = |index: usize| self.distributions[index].mean();
        let drawn = |rate: f64, delay: Delay| match delay {
            Delay::None => None,
            Delay::Drawn(index) => Some((rate, index)),
        };
        let of_domains = self.domains.iter().map(|domain| (1.0 / mean(domain.life), domain.repair));
        let of_groups = self.groups.iter().flat_map(|group| {
            group.modes.iter().flat_map(move |mode| {
                let rate = group.layout.units as f64 / mean(mode.life);
                let repaired = mode.restart.as_ref().map_or(1.0, |restart| restart.fails) * rate;
                let restart = mode.restart.as_ref().and_then(|restart| drawn(rate, restart.takes));
                [
                    drawn(rate, mode.detect),
                    drawn(rate, group.check.unwrap_or(Delay::None)),
                    restart,
                    mode.repair.map(|repair| (repaired, repair)),
                    drawn(rate, group.failover.takes),
                    drawn(rate * group.failover.fails, group.failover.otherwise),
                ]
            })
        });
        let all = of_domains.chain(of_groups.flatten()).filter(|(rate, _)| *rate > 0.0);
        all.map(|(rate, index)| (rate, &self.distributions[index])).collect()
    }

    /// Losses in a second at most, by the mean lives of all units and domains.
    pub fn losses_per_second(&self) -> f64 {
        let rate = |life: usize| 1.0 / self.distributions[life].mean();
        let of_group = |group: &GroupTable| {
            let common = |mode: &ModeTable| mode.common_cause.as_ref().map_or(0.0, |common| rate(common.arrival));
            let of_mode = |mode: &ModeTable| group.layout.units as f64 * rate(mode.life) + common(mode);
            group.modes.iter().map(of_mode).sum::<f64>()
        };
        let of_domains: f64 = self.domains.iter().map(|domain| rate(domain.life)).sum();
        self.groups.iter().map(of_group).sum::<f64>() + of_domains
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
