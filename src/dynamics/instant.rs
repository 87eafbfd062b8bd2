//! What happens at one instant: the effect of the clocks that ring, and everything immediate that follows.
//!
//! An instant is worked out action by action. The next action is always the first in the order: class (repairs and
//! restarts, notices, failovers, failures), place in the file, number. Clocks that ring together and decisions
//! that take no time compete in this one order. When nothing is left, the crews take on who came to need them.

use crate::dynamics::clock::{Clock, ClockKey, Kind, Outcome};
use crate::dynamics::layout::NOBODY;
use crate::dynamics::levers::Draw;
use crate::dynamics::state::{Cells, FailedPhase, SlotPhase, State, UnitStage};
use crate::dynamics::table::{CrewTable, Delay, Dynamics, GroupTable};

/// One thing that happens; groups, units, slots, modes and domains by local index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    DomainReturns {
        domain: usize,
    },
    RestartEnds {
        group: usize,
        unit: usize,
    },
    RepairEnds {
        group: usize,
        unit: usize,
    },
    FailureNoticed {
        group: usize,
        unit: usize,
    },
    LossNoticed {
        group: usize,
        slot: usize,
    },
    FailoverEnds {
        group: usize,
        slot: usize,
    },
    FailoverStarts {
        group: usize,
        slot: usize,
        standby: usize,
    },
    /// A noticed lost slot finds no ready standby: people look at what still waits for its `check`.
    EverybodyLooks {
        group: usize,
    },
    UnitFails {
        group: usize,
        unit: usize,
        mode: usize,
    },
    CommonCause {
        group: usize,
        mode: usize,
    },
    DomainFails {
        domain: usize,
    },
}

/// The order within an instant: class, place in the file, number.
type Rank = (u8, usize, usize);

/// One course that the instant may take.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) probability: f64,
    pub(crate) cells: Cells,
    /// Clocks that ring at this instant and have not been handled, in order.
    pending: Vec<(Rank, Action, Clock)>,
    renewed: Vec<ClockKey>,
    /// The draws that led here, each with the logarithmic derivative of its end by how likely it is to fail; once the course is
    /// complete, with the derivative of its probability.
    pub(crate) draws: Vec<(Draw, f64)>,
}

impl Branch {
    /// The draw has failed, which it does with the probability `fails`; a draw that never works is none.
    fn failed(&mut self, draw: Draw, (works, fails): (f64, f64)) {
        if works > 0.0 {
            self.draws.push((draw, 1.0 / fails));
        }
    }

    /// The draw has worked; one that never fails is none.
    fn worked(&mut self, draw: Draw, (works, fails): (f64, f64)) {
        if fails > 0.0 {
            self.draws.push((draw, -1.0 / works));
        }
    }
}

/// Where instants are worked out; kept from one to the next, it saves making room again.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// What the clocks found.
    before: Cells,
    /// The only group that anything can happen to: one clock has rung, and it belongs to that group.
    only: Option<usize>,
    open: Vec<Branch>,
    /// The courses that are complete, each with another end.
    pub(crate) settled: Vec<Branch>,
    spare: Vec<Cells>,
}

impl Room {
    /// Takes the cells of a course back that nobody needs any more.
    pub(crate) fn recycle(&mut self, branch: Branch) {
        self.spare.push(branch.cells);
    }

    fn cells(&mut self, from: &[u16]) -> Cells {
        let mut cells = self.spare.pop().unwrap_or_default();
        cells.clear();
        cells.extend_from_slice(from);
        cells
    }

    /// Another course from here.
    fn fork(&mut self, branch: &Branch) -> Branch {
        let cells = self.cells(&branch.cells);
        let (pending, renewed, draws) = (branch.pending.clone(), branch.renewed.clone(), branch.draws.clone());
        Branch { probability: branch.probability, cells, pending, renewed, draws }
    }
}

impl Dynamics {
    /// What follows when the clocks `ringing`, all running in `state`, ring at one instant; usually one clock.
    pub fn ring(&self, state: &State, ringing: &[Clock]) -> Vec<Outcome> {
        let mut room = Room::default();
        self.ring_in(&mut room, state.cells(), ringing);
        let outcome = |branch: Branch| Outcome {
            probability: branch.probability,
            state: State::from_cells(&branch.cells),
            renewed: branch.renewed,
            slopes: branch.draws,
        };
        room.settled.into_iter().map(outcome).collect()
    }

    /// As [`Dynamics::ring`], with the outcomes left in `room`.
    pub(crate) fn ring_in(&self, room: &mut Room, cells: &[u16], ringing: &[Clock]) {
        room.before.clear();
        room.before.extend_from_slice(cells);
        let mut first = Branch {
            probability: 1.0,
            cells: room.cells(cells),
            pending: Vec::new(),
            renewed: Vec::new(),
            draws: Vec::new(),
        };
        if let [clock] = ringing {
            room.only = self.group_of(clock.key);
            self.act(self.action_of(cells, clock), first, room);
        } else {
            room.only = None;
            first.pending = self.in_reverse_order(cells, ringing);
            room.open.push(first);
        }
        while let Some(mut branch) = room.open.pop() {
            match self.next_action(&mut branch, room.only) {
                Some(action) => self.act(action, branch, room),
                None => self.close(branch, room),
            }
        }
    }

    /// The clocks with their actions, the first one last.
    fn in_reverse_order(&self, cells: &[u16], ringing: &[Clock]) -> Vec<(Rank, Action, Clock)> {
        let ranked = |clock: &Clock| {
            let action = self.action_of(cells, clock);
            (self.rank(action), action, clock.clone())
        };
        let mut pending: Vec<(Rank, Action, Clock)> = ringing.iter().map(ranked).collect();
        pending.sort_by_key(|(rank, _, _)| std::cmp::Reverse(*rank));
        pending
    }

    fn close(&self, mut branch: Branch, room: &mut Room) {
        match room.only {
            Some(group) => {
                let group = &self.groups[group];
                if let Some(crew) = group.crew.filter(|_| group.calls_the_crew(&room.before, &branch.cells)) {
                    self.fill(crew, &mut branch.cells);
                }
            }
            None => (0..self.crews.len()).for_each(|crew| self.fill(crew, &mut branch.cells)),
        }
        for (_, slope) in &mut branch.draws {
            *slope *= branch.probability;
        }
        let same = |known: &&mut Branch| known.cells == branch.cells && known.renewed == branch.renewed;
        match room.settled.iter_mut().find(same) {
            Some(known) => {
                known.probability += branch.probability;
                known.draws.append(&mut branch.draws);
                room.recycle(branch);
            }
            None => room.settled.push(branch),
        }
    }

    /// The group that a clock belongs to, unless it is a domain's.
    fn group_of(&self, key: ClockKey) -> Option<usize> {
        let is_domain = (key.0 as usize) < self.domains.len();
        (!is_domain).then(|| self.groups.partition_point(|group| group.key <= key.0) - 1)
    }

    fn action_of(&self, cells: &[u16], clock: &Clock) -> Action {
        let key = clock.key.0;
        let Some(group) = self.group_of(clock.key) else {
            let domain = key as usize;
            return match clock.kind {
                Kind::Loss => Action::DomainFails { domain },
                Kind::Recovery => Action::DomainReturns { domain },
            };
        };
        let table = &self.groups[group];
        let per_unit = table.modes.len() + 1;
        let offset = (key - table.key) as usize;
        let (unit, clock) = (offset / per_unit, offset % per_unit);
        if unit < table.layout.units {
            if clock < table.modes.len() {
                return Action::UnitFails { group, unit, mode: clock };
            }
            return table.recovery_action(cells, group, unit);
        }
        let offset = offset - table.layout.units * per_unit;
        if offset < table.modes.len() {
            return Action::CommonCause { group, mode: offset };
        }
        let slot = offset - table.modes.len();
        match table.layout.phase(cells, slot) {
            SlotPhase::LostByDomain => Action::LossNoticed { group, slot },
            _ => Action::FailoverEnds { group, slot },
        }
    }

    fn rank(&self, action: Action) -> Rank {
        let group_at = |group: usize| self.groups[group].file_position;
        let domain_at = |domain: usize| self.domains[domain].file_position;
        match action {
            Action::DomainReturns { domain } => (0, domain_at(domain), 0),
            Action::RestartEnds { group, unit } | Action::RepairEnds { group, unit } => (0, group_at(group), unit),
            Action::FailureNoticed { group, unit } => (1, group_at(group), unit),
            Action::LossNoticed { group, slot } => (1, group_at(group), slot),
            Action::FailoverEnds { group, slot } | Action::FailoverStarts { group, slot, .. } => {
                (2, group_at(group), slot)
            }
            Action::EverybodyLooks { group } => (2, group_at(group), usize::MAX),
            Action::UnitFails { group, unit, .. } => (3, group_at(group), unit),
            Action::CommonCause { group, .. } => (3, group_at(group), usize::MAX),
            Action::DomainFails { domain } => (3, domain_at(domain), 0),
        }
    }

    /// The first thing left to happen at this instant.
    fn next_action(&self, branch: &mut Branch, only: Option<usize>) -> Option<Action> {
        loop {
            let scheduled = branch.pending.last().map(|(rank, action, _)| (*rank, *action));
            let immediate = self.first_immediate(&branch.cells, only);
            match (scheduled, immediate) {
                (None, found) => return found.map(|(_, action)| action),
                (Some((due, _)), Some((rank, action))) if rank < due => return Some(action),
                (Some((_, action)), _) => {
                    let (_, _, clock) = branch.pending.pop().expect("just seen");
                    if self.still_runs(branch, &clock) {
                        return Some(action);
                    }
                }
            }
        }
    }

    /// Whether a clock that rings at this instant has not been overtaken by something handled before it.
    fn still_runs(&self, branch: &Branch, clock: &Clock) -> bool {
        let state = State::from_cells(&branch.cells);
        !branch.renewed.contains(&clock.key)
            && self.clocks(&state).iter().any(|now| now.key == clock.key && now.stage == clock.stage)
    }

    /// The first decision that takes no time; of one group, where the others are known to have none.
    fn first_immediate(&self, cells: &[u16], only: Option<usize>) -> Option<(Rank, Action)> {
        if let Some(group) = only {
            return self.groups[group].first_immediate(cells, group).map(|action| (self.rank(action), action));
        }
        let of_group = |(index, group): (usize, &GroupTable)| group.first_immediate(cells, index);
        let found = self.groups.iter().enumerate().filter_map(of_group);
        found.map(|action| (self.rank(action), action)).min_by_key(|(rank, _)| *rank)
    }

    fn act(&self, action: Action, mut branch: Branch, room: &mut Room) {
        match action {
            Action::DomainReturns { domain } => self.set_domain(&mut branch.cells, domain, 0),
            Action::DomainFails { domain } => self.set_domain(&mut branch.cells, domain, 1),
            Action::RestartEnds { group, unit } => {
                return self.end_restart((group, unit), branch, room);
            }
            Action::RepairEnds { group, unit } => self.groups[group].restore(unit, &mut branch, &room.before),
            Action::FailureNoticed { group, unit } => self.groups[group].notice(unit, &mut branch.cells),
            Action::LossNoticed { group, slot } => {
                self.groups[group].layout.set_phase(&mut branch.cells, slot, SlotPhase::Noticed);
            }
            Action::FailoverEnds { group, slot } => self.groups[group].hand_over(slot, &mut branch.cells),
            Action::FailoverStarts { group, slot, standby } => {
                return self.groups[group].start_failover((group, slot), standby, branch, room);
            }
            Action::EverybodyLooks { group } => self.groups[group].notice_unchecked(&mut branch.cells),
            Action::UnitFails { group, unit, mode } => self.groups[group].fail(&[unit], mode, &mut branch.cells),
            Action::CommonCause { group, mode } => self.groups[group].fail_all(mode, &mut branch.cells),
        }
        room.open.push(branch);
    }

    fn set_domain(&self, cells: &mut Cells, domain: usize, value: u16) {
        cells[domain] = value;
        for group in self.groups.iter().filter(|group| group.layout.tracks_slots()) {
            group.settle_slots(cells);
        }
    }

    /// The restart works, or a repair is needed.
    fn end_restart(&self, (group, unit): (usize, usize), branch: Branch, room: &mut Room) {
        let table = &self.groups[group];
        let UnitStage::Failed { mode, .. } = table.layout.stage(&branch.cells, unit) else { return };
        let Some(restart) = &table.modes[mode].restart else { return };
        let draw = Draw { group, mode: Some(mode) };
        if restart.fails > 0.0 {
            let mut failed = room.fork(&branch);
            failed.probability *= restart.fails;
            failed.failed(draw, (restart.works, restart.fails));
            table.need_repair(unit, mode, &mut failed.cells);
            room.open.push(failed);
        }
        if restart.works > 0.0 {
            let mut worked = branch;
            worked.probability *= restart.works;
            worked.worked(draw, (restart.works, restart.fails));
            table.restore(unit, &mut worked, &room.before);
            room.open.push(worked);
        }
    }

    /// Units that came to need the crew join its queue in file order, then unit number; free places are filled from its head.
    fn fill(&self, crew: usize, cells: &mut Cells) {
        let CrewTable { size, groups } = &self.crews[crew];
        let (mut busy, mut waiting) = (0, 0);
        for &group in groups {
            let layout = &self.groups[group].layout;
            for unit in 0..layout.units {
                match layout.stage(cells, unit) {
                    UnitStage::Failed { phase: FailedPhase::Repairing, .. } => busy += 1,
                    UnitStage::Failed { phase: FailedPhase::Waiting, .. } => waiting += 1,
                    _ => (),
                }
            }
        }
        let free = size - busy;
        // The ranks of those that wait are 1, 2 and so on.
        let mut next = waiting;
        for &group in groups {
            let layout = &self.groups[group].layout;
            for unit in 0..layout.units {
                let UnitStage::Failed { mode, phase } = layout.stage(cells, unit) else { continue };
                let place = match phase {
                    FailedPhase::Waiting => layout.rank(cells, unit) as usize - 1,
                    FailedPhase::Entering => {
                        next += 1;
                        next - 1
                    }
                    _ => continue,
                };
                let starts = place < free;
                let phase = if starts { FailedPhase::Repairing } else { FailedPhase::Waiting };
                layout.set_stage(cells, unit, UnitStage::Failed { mode, phase });
                layout.set_rank(cells, unit, if starts { 0 } else { (place + 1 - free) as u16 });
            }
        }
    }
}

impl GroupTable {
    /// Whether a unit has come to need the crew or has left it, when nothing has happened to other groups.
    fn calls_the_crew(&self, before: &[u16], cells: &[u16]) -> bool {
        let layout = &self.layout;
        (0..layout.units).any(|unit| {
            layout.stage(before, unit) != layout.stage(cells, unit)
                && (self.is_in(cells, unit, FailedPhase::Entering) || self.is_in(before, unit, FailedPhase::Repairing))
        })
    }

    fn is_in(&self, cells: &[u16], unit: usize, wanted: FailedPhase) -> bool {
        matches!(self.layout.stage(cells, unit), UnitStage::Failed { phase, .. } if phase == wanted)
    }

    fn recovery_action(&self, cells: &[u16], group: usize, unit: usize) -> Action {
        if self.is_in(cells, unit, FailedPhase::Restarting) {
            Action::RestartEnds { group, unit }
        } else if self.is_in(cells, unit, FailedPhase::Repairing) {
            Action::RepairEnds { group, unit }
        } else {
            Action::FailureNoticed { group, unit }
        }
    }

    /// The first decision of this group that takes no time: restarts, then notices, then failovers.
    fn first_immediate(&self, cells: &[u16], group: usize) -> Option<Action> {
        let units = 0..self.layout.units;
        let at_once = |unit: usize, notice: bool| match self.layout.stage(cells, unit) {
            UnitStage::Failed { mode, phase: FailedPhase::Restarting } => {
                !notice && self.modes[mode].restart.as_ref().is_some_and(|restart| restart.takes == Delay::None)
            }
            UnitStage::Failed { mode, phase: FailedPhase::Undetected } => {
                notice && self.modes[mode].detect == Delay::None
            }
            UnitStage::Failed { phase: FailedPhase::Unchecked, .. } => notice && self.check == Some(Delay::None),
            _ => false,
        };
        let restart = units.clone().find(|&unit| at_once(unit, false));
        let notice = || units.clone().find(|&unit| at_once(unit, true));
        restart
            .map(|unit| Action::RestartEnds { group, unit })
            .or_else(|| notice().map(|unit| Action::FailureNoticed { group, unit }))
            .or_else(|| self.first_immediate_of_slots(cells, group))
    }

    fn first_immediate_of_slots(&self, cells: &[u16], group: usize) -> Option<Action> {
        if !self.layout.tracks_slots() {
            return None;
        }
        let in_phase =
            |wanted: SlotPhase| (0..self.layout.slots).find(|&slot| self.layout.phase(cells, slot) == wanted);
        if self.domain_notice.is_none()
            && let Some(slot) = in_phase(SlotPhase::LostByDomain)
        {
            return Some(Action::LossNoticed { group, slot });
        }
        if !self.layout.has_owners() {
            return None;
        }
        let slot = in_phase(SlotPhase::Noticed)?;
        match self.layout.ready_standby(cells) {
            Some(standby) => Some(Action::FailoverStarts { group, slot, standby }),
            None => (0..self.layout.units)
                .any(|unit| self.layout.is_unchecked(cells, unit))
                .then_some(Action::EverybodyLooks { group }),
        }
    }

    fn fail_all(&self, mode: usize, cells: &mut Cells) {
        let working: Vec<usize> = (0..self.layout.units).filter(|&unit| self.layout.is_working(cells, unit)).collect();
        self.fail(&working, mode, cells);
    }

    fn fail(&self, units: &[usize], mode: usize, cells: &mut Cells) {
        for &unit in units {
            let latent = self.check.is_some() && self.layout.owned_slot(cells, unit).is_none();
            let phase = if latent { FailedPhase::Unchecked } else { FailedPhase::Undetected };
            self.layout.set_stage(cells, unit, UnitStage::Failed { mode, phase });
        }
        self.settle_slots(cells);
    }

    /// The failure of `unit` is noticed: it is restarted, or needs its repair.
    fn notice(&self, unit: usize, cells: &mut Cells) {
        let UnitStage::Failed { mode, .. } = self.layout.stage(cells, unit) else { return };
        if self.modes[mode].restart.is_some() {
            self.layout.set_stage(cells, unit, UnitStage::Failed { mode, phase: FailedPhase::Restarting });
        } else {
            self.need_repair(unit, mode, cells);
        }
        self.settle_slots(cells);
    }

    fn notice_unchecked(&self, cells: &mut Cells) {
        for unit in 0..self.layout.units {
            if self.layout.is_unchecked(cells, unit) {
                self.notice(unit, cells);
            }
        }
    }

    fn need_repair(&self, unit: usize, mode: usize, cells: &mut Cells) {
        let phase = if self.crew.is_some() { FailedPhase::Entering } else { FailedPhase::Repairing };
        self.layout.set_stage(cells, unit, UnitStage::Failed { mode, phase });
    }

    /// The unit works again, as good as new: it returns to its slot, or serves a noticed lost slot that no failover is under
    /// way for, or becomes a standby.
    fn restore(&self, unit: usize, branch: &mut Branch, before: &[u16]) {
        let cells = &mut branch.cells;
        self.layout.set_stage(cells, unit, UnitStage::Working);
        if self.layout.is_working(before, unit) {
            branch.renewed.extend((0..self.modes.len()).map(|mode| self.unit_clock_key(unit, mode)));
        }
        let has_slot = self.layout.owned_slot(cells, unit).is_some();
        if !has_slot && self.layout.is_able(cells, unit) {
            let free = |&slot: &usize| self.layout.phase(cells, slot) == SlotPhase::Noticed;
            if let Some(slot) = (0..self.layout.slots).find(free) {
                self.layout.set_owner(cells, slot, unit);
            }
        }
        self.settle_slots(cells);
    }

    /// The failover to the claimed standby has ended: the slot is its.
    fn hand_over(&self, slot: usize, cells: &mut Cells) {
        let standby = self.layout.target(cells, slot);
        self.layout.set_owner(cells, slot, standby as usize);
        self.settle_slots(cells);
    }

    fn start_failover(&self, (group, slot): (usize, usize), standby: usize, branch: Branch, room: &mut Room) {
        let failover = &self.failover;
        let draw = Draw { group, mode: None };
        let courses = [
            (failover.fails, failover.otherwise, SlotPhase::ByHand),
            (failover.works, failover.takes, SlotPhase::FailingOver),
        ];
        for (probability, delay, phase) in courses {
            if probability > 0.0 {
                let mut course = room.fork(&branch);
                course.probability *= probability;
                match phase {
                    SlotPhase::ByHand => course.failed(draw, (failover.works, failover.fails)),
                    _ => course.worked(draw, (failover.works, failover.fails)),
                }
                self.layout.set_phase(&mut course.cells, slot, phase);
                self.layout.set_target(&mut course.cells, slot, standby as u16);
                if delay == Delay::None {
                    self.hand_over(slot, &mut course.cells);
                }
                room.open.push(course);
            }
        }
        room.recycle(branch);
    }

    /// Brings the slots in line with what their units can do: an owner that can serve serves (and ends a failover), a served
    /// slot whose owner cannot is lost, a failover whose standby cannot serve ends.
    fn settle_slots(&self, cells: &mut Cells) {
        if !self.layout.tracks_slots() {
            return;
        }
        for slot in 0..self.layout.slots {
            let phase = self.slot_phase_now(cells, slot);
            self.layout.set_phase(cells, slot, phase);
            if !phase.is_failover() {
                self.layout.set_target(cells, slot, NOBODY);
            }
        }
    }

    fn slot_phase_now(&self, cells: &[u16], slot: usize) -> SlotPhase {
        let layout = &self.layout;
        let owner = layout.owner(cells, slot);
        if layout.is_able(cells, owner) {
            return SlotPhase::Served;
        }
        let phase = layout.phase(cells, slot);
        let lost_by_unit = || {
            if layout.stage(cells, owner).is_unnoticed() { SlotPhase::LostByUnit } else { SlotPhase::Noticed }
        };
        match phase {
            SlotPhase::Served | SlotPhase::LostByDomain if layout.is_working(cells, owner) => SlotPhase::LostByDomain,
            SlotPhase::Served | SlotPhase::LostByDomain | SlotPhase::LostByUnit => lost_by_unit(),
            SlotPhase::FailingOver | SlotPhase::ByHand => {
                let target = layout.target(cells, slot) as usize;
                if layout.is_able(cells, target) { phase } else { SlotPhase::Noticed }
            }
            SlotPhase::Noticed => SlotPhase::Noticed,
        }
    }
}
