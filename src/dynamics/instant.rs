//! What happens at one instant: the effect of the clocks that ring, and everything immediate that follows.
//!
//! An instant is worked out action by action. The next action is always the first in the order: class (repairs and
//! restarts, notices, failovers, failures), place in the file, number. Clocks that ring together and decisions
//! that take no time compete in this one order. When nothing is left, the crews take on who came to need them.

use crate::dynamics::clock::{Clock, ClockKey, Kind, Outcome};
use crate::dynamics::levers::Draw;
use crate::dynamics::state::{Cells, FailedPhase, SlotPhase, State, UnitStage};
use crate::dynamics::table::{CrewTable, Dynamics, GroupTable};

/// One thing that happens; groups, units, slots, modes and domains by local index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
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
pub(crate) type Rank = (u8, usize, usize);

/// One course that the instant may take.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) probability: f64,
    pub(crate) cells: Cells,
    /// Clocks that ring at this instant and have not been handled, in order.
    pending: Vec<(Rank, Action, Clock)>,
    pub(crate) renewed: Vec<ClockKey>,
    /// The draws that led here, each with the logarithmic derivative of its end by how likely it is to fail; once the course is
    /// complete, with the derivative of its probability.
    pub(crate) draws: Vec<(Draw, f64)>,
}

impl Branch {
    /// The draw has failed, which it does with the probability `fails`; a draw that never works is none.
    pub(crate) fn failed(&mut self, draw: Draw, (works, fails): (f64, f64)) {
        if works > 0.0 {
            self.draws.push((draw, 1.0 / fails));
        }
    }

    /// The draw has worked; one that never fails is none.
    pub(crate) fn worked(&mut self, draw: Draw, (works, fails): (f64, f64)) {
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
    pub(crate) open: Vec<Branch>,
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
    pub(crate) fn fork(&mut self, branch: &Branch) -> Branch {
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
