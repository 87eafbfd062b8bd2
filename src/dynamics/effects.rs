//! What happens to the units and the slots of one group: failures, notice, repair, and who serves which slot.
//!
//! The order in which such things happen within an instant is that of [`instant`](crate::dynamics::instant).

use crate::dynamics::instant::{Action, Branch, Room};
use crate::dynamics::layout::NOBODY;
use crate::dynamics::levers::Draw;
use crate::dynamics::state::{Cells, FailedPhase, SlotPhase, UnitStage};
use crate::dynamics::table::{Delay, GroupTable};

impl GroupTable {
    /// Whether a unit has come to need the crew or has left it, when nothing has happened to other groups.
    pub(crate) fn calls_the_crew(&self, before: &[u16], cells: &[u16]) -> bool {
        let layout = &self.layout;
        (0..layout.units).any(|unit| {
            layout.stage(before, unit) != layout.stage(cells, unit)
                && (self.is_in(cells, unit, FailedPhase::Entering) || self.is_in(before, unit, FailedPhase::Repairing))
        })
    }

    fn is_in(&self, cells: &[u16], unit: usize, wanted: FailedPhase) -> bool {
        matches!(self.layout.stage(cells, unit), UnitStage::Failed { phase, .. } if phase == wanted)
    }

    pub(crate) fn recovery_action(&self, cells: &[u16], group: usize, unit: usize) -> Action {
        if self.is_in(cells, unit, FailedPhase::Restarting) {
            Action::RestartEnds { group, unit }
        } else if self.is_in(cells, unit, FailedPhase::Repairing) {
            Action::RepairEnds { group, unit }
        } else {
            Action::FailureNoticed { group, unit }
        }
    }

    /// The first decision of this group that takes no time: restarts, then notices, then failovers.
    pub(crate) fn first_immediate(&self, cells: &[u16], group: usize) -> Option<Action> {
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

    pub(crate) fn fail_all(&self, mode: usize, cells: &mut Cells) {
        let working: Vec<usize> = (0..self.layout.units).filter(|&unit| self.layout.is_working(cells, unit)).collect();
        self.fail(&working, mode, cells);
    }

    pub(crate) fn fail(&self, units: &[usize], mode: usize, cells: &mut Cells) {
        for &unit in units {
            let latent = self.check.is_some() && self.layout.owned_slot(cells, unit).is_none();
            let phase = if latent { FailedPhase::Unchecked } else { FailedPhase::Undetected };
            self.layout.set_stage(cells, unit, UnitStage::Failed { mode, phase });
        }
        self.settle_slots(cells);
    }

    /// The failure of `unit` is noticed: it is restarted, or needs its repair.
    pub(crate) fn notice(&self, unit: usize, cells: &mut Cells) {
        let UnitStage::Failed { mode, .. } = self.layout.stage(cells, unit) else { return };
        if self.modes[mode].restart.is_some() {
            self.layout.set_stage(cells, unit, UnitStage::Failed { mode, phase: FailedPhase::Restarting });
        } else {
            self.need_repair(unit, mode, cells);
        }
        self.settle_slots(cells);
    }

    pub(crate) fn notice_unchecked(&self, cells: &mut Cells) {
        for unit in 0..self.layout.units {
            if self.layout.is_unchecked(cells, unit) {
                self.notice(unit, cells);
            }
        }
    }

    pub(crate) fn need_repair(&self, unit: usize, mode: usize, cells: &mut Cells) {
        let phase = if self.crew.is_some() { FailedPhase::Entering } else { FailedPhase::Repairing };
        self.layout.set_stage(cells, unit, UnitStage::Failed { mode, phase });
    }

    /// The unit works again, as good as new: it returns to its slot, or serves a noticed lost slot that no failover is under
    /// way for, or becomes a standby.
    pub(crate) fn restore(&self, unit: usize, branch: &mut Branch, before: &[u16]) {
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
    pub(crate) fn hand_over(&self, slot: usize, cells: &mut Cells) {
        let standby = self.layout.target(cells, slot);
        self.layout.set_owner(cells, slot, standby as usize);
        self.settle_slots(cells);
    }

    pub(crate) fn start_failover(
        &self,
        (group, slot): (usize, usize),
        standby: usize,
        branch: Branch,
        room: &mut Room,
    ) {
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
    pub(crate) fn settle_slots(&self, cells: &mut Cells) {
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
