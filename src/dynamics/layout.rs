//! Where in a state's cells each domain, unit and slot is, and the readings that need nothing else.

use crate::dynamics::state::{FailedPhase, SlotPhase, UnitStage};

/// No unit.
pub(crate) const NOBODY: u16 = u16::MAX;

/// The cells of one group: per unit its stage, with a binding crew its rank in the queue (0 = not waiting);
/// per tracked slot its phase, in a standby group also its owner and the claimed standby.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// First cell of the units.
    pub(crate) unit_base: usize,
    /// Cells per unit: 1, or 2 with a rank.
    pub(crate) unit_stride: usize,
    /// Units.
    pub(crate) units: usize,
    /// Slots; the first `slots` units own one each at the start.
    pub(crate) slots: usize,
    /// First cell of the slots.
    pub(crate) slot_base: usize,
    /// Cells per slot: 0 (not tracked: served when its unit can), 1 (phase), 3 (phase, owner, target).
    pub(crate) slot_stride: usize,
    /// Per unit, the local domains that must be up for it to serve.
    pub(crate) unit_domains: Vec<Vec<usize>>,
}

impl Layout {
    /// One past the last cell.
    pub(crate) fn end(&self) -> usize {
        self.slot_base + self.slots * self.slot_stride
    }

    /// All cells of the group.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        self.unit_base..self.end()
    }

    /// Whether slots have cells.
    pub(crate) fn tracks_slots(&self) -> bool {
        self.slot_stride > 0
    }

    /// Whether slots can change hands.
    pub(crate) fn has_owners(&self) -> bool {
        self.slot_stride == 3
    }

    /// Whether units have a rank in a queue.
    pub(crate) fn has_ranks(&self) -> bool {
        self.unit_stride == 2
    }

    pub(crate) fn stage(&self, cells: &[u16], unit: usize) -> UnitStage {
        UnitStage::from_cell(cells[self.unit_base + unit * self.unit_stride])
    }

    pub(crate) fn set_stage(&self, cells: &mut [u16], unit: usize, stage: UnitStage) {
        cells[self.unit_base + unit * self.unit_stride] = stage.to_cell();
    }

    /// The place in the crew's queue, counted from 1; 0 when not waiting.
    pub(crate) fn rank(&self, cells: &[u16], unit: usize) -> u16 {
        if self.has_ranks() { cells[self.unit_base + unit * self.unit_stride + 1] } else { 0 }
    }

    pub(crate) fn set_rank(&self, cells: &mut [u16], unit: usize, rank: u16) {
        cells[self.unit_base + unit * self.unit_stride + 1] = rank;
    }

    /// Whether the unit works and no domain blocks it.
    pub(crate) fn is_able(&self, cells: &[u16], unit: usize) -> bool {
        self.is_working(cells, unit) && self.is_unblocked(cells, unit)
    }

    pub(crate) fn is_working(&self, cells: &[u16], unit: usize) -> bool {
        cells[self.unit_base + unit * self.unit_stride] == 0
    }

    pub(crate) fn is_unblocked(&self, cells: &[u16], unit: usize) -> bool {
        self.unit_domains[unit].iter().all(|&domain| cells[domain] == 0)
    }

    /// The phase of a tracked slot.
    pub(crate) fn phase(&self, cells: &[u16], slot: usize) -> SlotPhase {
        SlotPhase::from_cell(cells[self.slot_base + slot * self.slot_stride])
    }

    pub(crate) fn set_phase(&self, cells: &mut [u16], slot: usize, phase: SlotPhase) {
        cells[self.slot_base + slot * self.slot_stride] = phase as u16;
    }

    /// The unit that owns the slot.
    pub(crate) fn owner(&self, cells: &[u16], slot: usize) -> usize {
        if self.has_owners() { cells[self.slot_base + slot * 3 + 1] as usize } else { slot }
    }

    pub(crate) fn set_owner(&self, cells: &mut [u16], slot: usize, unit: usize) {
        cells[self.slot_base + slot * 3 + 1] = unit as u16;
    }

    /// The standby that a failover of the slot has claimed.
    pub(crate) fn target(&self, cells: &[u16], slot: usize) -> u16 {
        if self.has_owners() { cells[self.slot_base + slot * 3 + 2] } else { NOBODY }
    }

    pub(crate) fn set_target(&self, cells: &mut [u16], slot: usize, unit: u16) {
        if self.has_owners() {
            cells[self.slot_base + slot * 3 + 2] = unit;
        }
    }

    /// The slot that the unit owns.
    pub(crate) fn owned_slot(&self, cells: &[u16], unit: usize) -> Option<usize> {
        if self.has_owners() { (0..self.slots).find(|&slot| self.owner(cells, slot) == unit) } else { Some(unit) }
    }

    /// The slot whose failover has claimed the unit.
    pub(crate) fn claiming_slot(&self, cells: &[u16], unit: usize) -> Option<usize> {
        (0..self.slots).find(|&slot| self.target(cells, slot) as usize == unit)
    }

    /// The lowest unit without a slot that can serve and is not claimed.
    pub(crate) fn ready_standby(&self, cells: &[u16]) -> Option<usize> {
        (0..self.units).find(|&unit| {
            self.is_able(cells, unit)
                && self.owned_slot(cells, unit).is_none()
                && self.claiming_slot(cells, unit).is_none()
        })
    }

    /// Slots that are served.
    pub(crate) fn served(&self, cells: &[u16]) -> usize {
        if self.tracks_slots() {
            (0..self.slots).filter(|&slot| self.phase(cells, slot) == SlotPhase::Served).count()
        } else {
            (0..self.units).filter(|&unit| self.is_able(cells, unit)).count()
        }
    }

    /// Slots lost without anybody having noticed. Without slot cells this is exact only where no domain acts on
    /// the group or no detection takes time; the compiler tracks slots wherever else it matters.
    pub(crate) fn unnoticed(&self, cells: &[u16]) -> usize {
        if self.tracks_slots() {
            (0..self.slots).filter(|&slot| self.phase(cells, slot).is_unnoticed()).count()
        } else {
            (0..self.units).filter(|&unit| self.stage(cells, unit).is_unnoticed()).count()
        }
    }

    /// Weights: unnoticed 5, waiting 4, restart or repair 3; slots lost 3, noticed 2, failing over 1.
    pub(crate) fn work_left(&self, cells: &[u16]) -> u32 {
        let unit = |unit| match self.stage(cells, unit) {
            UnitStage::Working => 0,
            UnitStage::Failed { phase, .. } => match phase {
                FailedPhase::Undetected | FailedPhase::Unchecked => 5,
                FailedPhase::Entering | FailedPhase::Waiting => 4,
                FailedPhase::Restarting | FailedPhase::Repairing => 3,
            },
        };
        let slot = |slot| match self.phase(cells, slot) {
            SlotPhase::Served => 0,
            SlotPhase::LostByUnit | SlotPhase::LostByDomain => 3,
            SlotPhase::Noticed => 2,
            SlotPhase::FailingOver | SlotPhase::ByHand => 1,
        };
        let slots: u32 = if self.tracks_slots() { (0..self.slots).map(slot).sum() } else { 0 };
        slots + (0..self.units).map(unit).sum::<u32>()
    }

    /// Units that have failed.
    pub(crate) fn failed(&self, cells: &[u16]) -> usize {
        (0..self.units).filter(|&unit| !self.is_working(cells, unit)).count()
    }

    /// Whether a unit still waits for its `check`.
    pub(crate) fn is_unchecked(&self, cells: &[u16], unit: usize) -> bool {
        matches!(self.stage(cells, unit), UnitStage::Failed { phase: FailedPhase::Unchecked, .. })
    }
}

/// Which slot each unit owns, and which has claimed it: searched for in small groups, tabulated in large ones, where
/// searching for every unit takes too long.
#[derive(Debug)]
pub(crate) struct Roles<'a> {
    layout: &'a Layout,
    cells: &'a [u16],
    /// Per unit the slot it owns and the slot that has claimed it, or `NOBODY`; empty where they are searched for.
    table: Vec<[u16; 2]>,
}

/// Units times slots up to which searching is faster.
const FEW: usize = 256;

impl<'a> Roles<'a> {
    pub(crate) fn new(layout: &'a Layout, cells: &'a [u16]) -> Self {
        let mut table = Vec::new();
        if layout.has_owners() && layout.units * layout.slots > FEW {
            table = vec![[NOBODY; 2]; layout.units];
            // The lowest slot is the one that is found by searching.
            for slot in (0..layout.slots).rev() {
                table[layout.owner(cells, slot)][0] = slot as u16;
                if let Some(claimed) = table.get_mut(layout.target(cells, slot) as usize) {
                    claimed[1] = slot as u16;
                }
            }
        }
        Self { layout, cells, table }
    }

    pub(crate) fn owned_slot(&self, unit: usize) -> Option<usize> {
        match self.table.get(unit) {
            Some([slot, _]) => (*slot != NOBODY).then_some(*slot as usize),
            None => self.layout.owned_slot(self.cells, unit),
        }
    }

    /// What tells a unit apart from its peers: stage, rank in the queue, and its slot (its phase where a slot is the
    /// unit's own; which slot it owns and which has claimed it where slots change hands).
    pub(crate) fn unit_key(&self, unit: usize) -> [u16; 4] {
        let (layout, cells) = (self.layout, self.cells);
        let stage = cells[layout.unit_base + unit * layout.unit_stride];
        let rank = layout.rank(cells, unit);
        if let Some([owned, claiming]) = self.table.get(unit) {
            [stage, rank, *owned, *claiming]
        } else if layout.has_owners() {
            let number = |slot: Option<usize>| slot.map_or(NOBODY, |slot| slot as u16);
            let (owned, claiming) = (layout.owned_slot(cells, unit), layout.claiming_slot(cells, unit));
            [stage, rank, number(owned), number(claiming)]
        } else if layout.tracks_slots() {
            [stage, rank, layout.phase(cells, unit) as u16, 0]
        } else {
            [stage, rank, 0, 0]
        }
    }
}
