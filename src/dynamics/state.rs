//! States: a row of small integers, laid out by [`Layout`](crate::dynamics::layout::Layout).

/// A discrete state: small integers, comparable and hashable. Its layout belongs to the
/// [`Dynamics`](crate::dynamics::Dynamics) that made it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State(Box<[u16]>);

impl State {
    /// The cells, for storage in one arena.
    pub fn cells(&self) -> &[u16] {
        &self.0
    }

    pub(crate) fn cells_mut(&mut self) -> &mut [u16] {
        &mut self.0
    }

    /// A state from stored cells of the same dynamics.
    pub fn from_cells(cells: &[u16]) -> Self {
        Self(cells.into())
    }
}

/// What one unit is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnitStage {
    /// Working (serving, waiting as a standby, or blocked by a domain).
    Working,
    /// Failed in the mode, and noticed or not as the phase says.
    Failed { mode: usize, phase: FailedPhase },
}

/// How far the way back of a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FailedPhase {
    /// Nobody has noticed; the mode's `detect` runs.
    Undetected = 0,
    /// Nobody has noticed; the group's `check` runs (the unit had no slot when it failed).
    Unchecked = 1,
    /// The automatic restart runs.
    Restarting = 2,
    /// Came to need its crew at this very instant; never left standing in a settled state.
    Entering = 3,
    /// Waits for a place in the crew.
    Waiting = 4,
    /// In repair.
    Repairing = 5,
}

const PHASES: usize = 6;

impl UnitStage {
    /// The cell that stands for this stage.
    pub(crate) fn to_cell(self) -> u16 {
        match self {
            Self::Working => 0,
            Self::Failed { mode, phase } => (1 + mode * PHASES + phase as usize) as u16,
        }
    }

    /// The stage that a cell stands for.
    pub(crate) fn from_cell(cell: u16) -> Self {
        let Some(code) = (cell as usize).checked_sub(1) else { return Self::Working };
        let phase = match code % PHASES {
            0 => FailedPhase::Undetected,
            1 => FailedPhase::Unchecked,
            2 => FailedPhase::Restarting,
            3 => FailedPhase::Entering,
            4 => FailedPhase::Waiting,
            _ => FailedPhase::Repairing,
        };
        Self::Failed { mode: code / PHASES, phase }
    }

    /// Whether the unit has failed and nobody has noticed.
    pub(crate) fn is_unnoticed(self) -> bool {
        matches!(self, Self::Failed { phase: FailedPhase::Undetected | FailedPhase::Unchecked, .. })
    }
}

/// What a slot is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SlotPhase {
    /// Its owner serves it.
    Served = 0,
    /// Lost because its owner failed; noticed when that failure is.
    LostByUnit = 1,
    /// Lost because a domain went down; the component's own `detect` runs.
    LostByDomain = 2,
    /// Lost and noticed; no failover is under way.
    Noticed = 3,
    /// A failover that works is under way.
    FailingOver = 4,
    /// A failover that needs a person is under way.
    ByHand = 5,
}

impl SlotPhase {
    /// The phase that a cell stands for.
    pub(crate) fn from_cell(cell: u16) -> Self {
        match cell {
            0 => Self::Served,
            1 => Self::LostByUnit,
            2 => Self::LostByDomain,
            3 => Self::Noticed,
            4 => Self::FailingOver,
            _ => Self::ByHand,
        }
    }

    /// Whether the loss has not been noticed.
    pub(crate) fn is_unnoticed(self) -> bool {
        matches!(self, Self::LostByUnit | Self::LostByDomain)
    }

    /// Whether a failover is under way.
    pub(crate) fn is_failover(self) -> bool {
        matches!(self, Self::FailingOver | Self::ByHand)
    }
}

/// A mutable row of cells while one instant is worked out.
pub(crate) type Cells = Vec<u16>;
