//! Which clocks run in a state.

use crate::dynamics::alike::Alike;
use crate::dynamics::clock::{Clock, ClockKey, Kind};
use crate::dynamics::layout::Roles;
use crate::dynamics::state::{FailedPhase, SlotPhase, State, UnitStage};
use crate::dynamics::table::{Delay, Dynamics, GroupTable};

impl Dynamics {
    /// The clocks that run in `state`, in file and number order; each unit's apart. A clock of speed 0 is listed too:
    /// it keeps its age.
    pub fn clocks(&self, state: &State) -> Vec<Clock> {
        let mut clocks = self.domain_clocks(state.cells());
        for group in &self.groups {
            let ageing = Ageing::new(group, state.cells());
            for unit in 0..group.layout.units {
                group.unit_clocks(&ageing, unit, 1, &mut clocks);
            }
            group.shared_clocks(state.cells(), &mut clocks);
        }
        clocks
    }

    /// Whether two clocks are failure modes of one unit, which a repair of any of them makes new.
    pub fn are_renewed_together(&self, a: ClockKey, b: ClockKey) -> bool {
        let unit = |key: ClockKey| {
            let group = self.groups.partition_point(|group| group.key <= key.0).checked_sub(1)?;
            let table = &self.groups[group];
            let unit = (key.0 - table.key) as usize / (table.modes.len() + 1);
            (unit < table.layout.units).then_some((group, unit))
        };
        unit(a).is_some() && unit(a) == unit(b)
    }

    /// As [`Dynamics::clocks`], but the clocks of interchangeable units that are in the same situation are merged into one
    /// ([`Clock::multiplicity`]), and clocks of speed 0 are left out. For exponential models, on canonical states.
    pub fn lumped_clocks(&self, state: &State) -> Vec<Clock> {
        let mut clocks = self.clocks_of_alike(state, &|_| true);
        clocks.retain(|clock| clock.speed > 0.0);
        clocks
    }

    /// As [`Dynamics::lumped_clocks`], on states in which alike groups are in order, too: the clocks of groups in the same
    /// situation are merged.
    pub(crate) fn lumped_clocks_of_alike_groups(&self, cells: &[u16], alike: &Alike, clocks: &mut Vec<Clock>) {
        clocks.clear();
        self.domain_clocks_into(cells, clocks);
        for (number, group) in self.groups.iter().enumerate() {
            let groups = alike.in_the_same_situation(self, cells, number);
            if groups == 0 {
                continue;
            }
            let first = clocks.len();
            group.alike_unit_clocks(cells, &|_| true, clocks);
            group.shared_clocks(cells, clocks);
            for clock in &mut clocks[first..] {
                clock.multiplicity *= groups;
            }
        }
        clocks.retain(|clock| clock.speed > 0.0);
    }

    /// As [`Dynamics::clocks`], but the clocks of interchangeable units that are in the same situation and all of whose
    /// clocks are memoryless are merged into one; clocks that are not have an age, which tells units apart. For any
    /// model, on canonical states.
    pub fn partly_lumped_clocks(&self, state: &State) -> Vec<Clock> {
        self.clocks_of_alike(state, &|clocks| {
            clocks.iter().all(|clock| self.distributions[clock.distribution].is_exponential())
        })
    }

    /// As [`Dynamics::clocks`], but the losses of interchangeable working units that are all memoryless are merged into one
    /// clock each. For any model, on canonical states.
    pub fn clocks_of_alike_memoryless_losses(&self, state: &State) -> Vec<Clock> {
        self.clocks_of_alike(state, &|clocks| {
            clocks
                .iter()
                .all(|clock| clock.kind == Kind::Loss && self.distributions[clock.distribution].is_exponential())
        })
    }

    /// The clocks of alike units are merged where those of one unit `may_merge`.
    fn clocks_of_alike(&self, state: &State, may_merge: &dyn Fn(&[Clock]) -> bool) -> Vec<Clock> {
        let mut clocks = self.domain_clocks(state.cells());
        for group in &self.groups {
            group.alike_unit_clocks(state.cells(), may_merge, &mut clocks);
            group.shared_clocks(state.cells(), &mut clocks);
        }
        clocks
    }

    fn domain_clocks(&self, cells: &[u16]) -> Vec<Clock> {
        let mut clocks = Vec::new();
        self.domain_clocks_into(cells, &mut clocks);
        clocks
    }

    fn domain_clocks_into(&self, cells: &[u16], clocks: &mut Vec<Clock>) {
        let clock = |(local, domain): (usize, &crate::dynamics::table::DomainTable)| {
            let up = cells[local] == 0;
            Clock {
                key: ClockKey(domain.key),
                stage: u32::from(cells[local]),
                kind: if up { Kind::Loss } else { Kind::Recovery },
                distribution: if up { domain.life } else { domain.repair },
                speed: 1.0,
                multiplicity: 1,
                cause: up.then_some(domain.cause),
            }
        };
        clocks.extend(self.domains.iter().enumerate().map(clock));
    }
}

/// What a group is doing while one of its clocks runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A unit works.
    Life,
    /// Nobody has noticed a failure.
    Noticing,
    /// A unit is repaired.
    Repair,
    /// Anything else.
    Other,
}

impl Dynamics {
    /// The local index of the group that a clock belongs to, and what it is doing; for dynamics without domains.
    pub(crate) fn step(&self, clock: &Clock) -> (usize, Step) {
        let group = self.groups.partition_point(|group| group.key <= clock.key.0) - 1;
        let is_of_unit = clock.key < self.groups[group].common_cause_key(0);
        let step = match (is_of_unit, clock.kind) {
            (true, Kind::Loss) => Step::Life,
            (true, Kind::Recovery) => match UnitStage::from_cell(clock.stage as u16) {
                UnitStage::Failed { phase: FailedPhase::Undetected, .. } => Step::Noticing,
                UnitStage::Failed { phase: FailedPhase::Repairing, .. } => Step::Repair,
                _ => Step::Other,
            },
            (false, _) => Step::Other,
        };
        (group, step)
    }
}

/// More than there are phases of a slot.
pub(crate) const SLOT_PHASES: u32 = 8;

/// The stage of a slot's clock: its phase and the claimed standby.
pub(crate) fn slot_stage(phase: u32, target: u32) -> u32 {
    phase + SLOT_PHASES * target
}

impl GroupTable {
    /// The key of a unit's clock: its modes' lives first, then its way back.
    pub(crate) fn unit_clock_key(&self, unit: usize, clock: usize) -> ClockKey {
        ClockKey(self.key + (unit * (self.modes.len() + 1) + clock) as u32)
    }

    pub(crate) fn common_cause_key(&self, mode: usize) -> ClockKey {
        ClockKey(self.key + (self.layout.units * (self.modes.len() + 1) + mode) as u32)
    }

    pub(crate) fn slot_key(&self, slot: usize) -> ClockKey {
        ClockKey(self.common_cause_key(self.modes.len()).0 + slot as u32)
    }

    fn alike_unit_clocks(&self, cells: &[u16], may_merge: &dyn Fn(&[Clock]) -> bool, clocks: &mut Vec<Clock>) {
        let ageing = Ageing::new(self, cells);
        if self.interchangeable.is_empty() {
            for unit in 0..self.layout.units {
                self.unit_clocks(&ageing, unit, 1, clocks);
            }
        }
        for class in &self.interchangeable {
            let alike = |a: &usize, b: &usize| ageing.roles.unit_key(*a) == ageing.roles.unit_key(*b);
            for run in class.chunk_by(alike) {
                let first = clocks.len();
                self.unit_clocks(&ageing, run[0], run.len() as u32, clocks);
                if run.len() > 1 && !may_merge(&clocks[first..]) {
                    clocks.truncate(first);
                    for &unit in run {
                        self.unit_clocks(&ageing, unit, 1, clocks);
                    }
                }
            }
        }
    }

    fn unit_clocks(&self, ageing: &Ageing<'_>, unit: usize, multiplicity: u32, clocks: &mut Vec<Clock>) {
        let cells = ageing.cells;
        match self.layout.stage(cells, unit) {
            UnitStage::Working => {
                let speed = self.own_share * ageing.speed(self, unit);
                clocks.extend(self.modes.iter().enumerate().map(|(index, mode)| Clock {
                    key: self.unit_clock_key(unit, index),
                    stage: 0,
                    kind: Kind::Loss,
                    distribution: mode.life,
                    speed,
                    multiplicity,
                    cause: Some(mode.cause),
                }));
            }
            UnitStage::Failed { mode, phase } => {
                clocks.extend(self.recovery_distribution(mode, phase).map(|distribution| Clock {
                    key: self.unit_clock_key(unit, self.modes.len()),
                    stage: u32::from(self.layout.stage(cells, unit).to_cell()),
                    kind: Kind::Recovery,
                    distribution,
                    speed: 1.0,
                    multiplicity,
                    cause: None,
                }));
            }
        }
    }

    /// The distribution of the present step of a failed unit's way back; none while it waits for the crew.
    fn recovery_distribution(&self, mode: usize, phase: FailedPhase) -> Option<usize> {
        let table = &self.modes[mode];
        let delay = match phase {
            FailedPhase::Undetected => table.detect,
            FailedPhase::Unchecked => self.check.unwrap_or(table.detect),
            FailedPhase::Restarting => table.restart.as_ref()?.takes,
            FailedPhase::Repairing => Delay::Drawn(table.repair?),
            FailedPhase::Entering | FailedPhase::Waiting => Delay::None,
        };
        match delay {
            Delay::Drawn(distribution) => Some(distribution),
            Delay::None => None,
        }
    }

    /// Common causes and slots.
    fn shared_clocks(&self, cells: &[u16], clocks: &mut Vec<Clock>) {
        if (0..self.layout.units).any(|unit| self.layout.is_working(cells, unit)) {
            clocks.extend(self.modes.iter().enumerate().filter_map(|(index, mode)| {
                let common_cause = mode.common_cause.as_ref()?;
                Some(Clock {
                    key: self.common_cause_key(index),
                    stage: 0,
                    kind: Kind::Loss,
                    distribution: common_cause.arrival,
                    speed: 1.0,
                    multiplicity: 1,
                    cause: Some(common_cause.cause),
                })
            }));
        }
        if self.layout.tracks_slots() {
            clocks.extend((0..self.layout.slots).filter_map(|slot| self.slot_clock(cells, slot)));
        }
    }

    fn slot_clock(&self, cells: &[u16], slot: usize) -> Option<Clock> {
        let phase = self.layout.phase(cells, slot);
        let delay = match phase {
            SlotPhase::LostByDomain => Delay::Drawn(self.domain_notice?),
            SlotPhase::FailingOver => self.failover.takes,
            SlotPhase::ByHand => self.failover.otherwise,
            SlotPhase::Served | SlotPhase::LostByUnit | SlotPhase::Noticed => Delay::None,
        };
        let Delay::Drawn(distribution) = delay else { return None };
        Some(Clock {
            key: self.slot_key(slot),
            stage: slot_stage(phase as u32, u32::from(self.layout.target(cells, slot))),
            kind: Kind::Recovery,
            distribution,
            speed: 1.0,
            multiplicity: 1,
            cause: None,
        })
    }
}

/// How fast the units of a group age in one state.
struct Ageing<'a> {
    cells: &'a [u16],
    roles: Roles<'a>,
    /// Speed of a unit that serves: set by the load.
    serving: f64,
}

impl<'a> Ageing<'a> {
    fn new(group: &'a GroupTable, cells: &'a [u16]) -> Self {
        let serving = group.load.map_or(1.0, |load| {
            // Without a served slot nobody asks.
            let served = group.layout.served(cells).max(1);
            libm::pow(group.layout.slots as f64 / served as f64, load)
        });
        Self { cells, roles: Roles::new(&group.layout, cells), serving }
    }

    /// How fast a working unit's life is used up, before common cause: by the load when it serves, 1 when a domain keeps
    /// it from serving its slot, by `ageing` when it has no slot.
    fn speed(&self, group: &GroupTable, unit: usize) -> f64 {
        if self.roles.owned_slot(unit).is_none() {
            group.ageing
        } else if group.layout.is_able(self.cells, unit) {
            self.serving
        } else {
            1.0
        }
    }
}
