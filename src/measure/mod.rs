//! What engines report: measures, estimates with intervals, contributions, warnings, and how a long computation is watched.
//!
//! Engines return these types and reports print them; neither knows the other.

mod bounded;
mod contribution;
mod estimate;
mod exact;
mod observed;
mod observer;
mod sensitivity;
mod simulated;
mod structure;
mod transient;
mod uncertainty;
mod warning;

pub use bounded::{BoundedMeasures, Bounds, BoundsEnd};
pub use contribution::{Cause, Contribution, Contributions};
pub use estimate::Estimate;
pub use exact::{CapacityMeasures, ExactMeasures, PhasedTime};
pub use observed::ObservedMeasures;
pub use observer::{NoObserver, Observer, Progress, Stop};
pub use sensitivity::{IMPROVEMENT, Lever, Sensitivity, Step, Stepped};
pub use simulated::{
    CheckedPiece, ClassSeen, ContributionChecks, Diagnostics, ImportanceChecks, OutageLengths, OutageQuantile,
    OutagesBeyond, SimulatedMeasures, StopReason,
};
pub use structure::{CutSet, CutSetMeasures, Importance, StructureMeasures};
pub use transient::{BeyondObjective, LengthQuantile, PointMeasures, TransientMeasures};
pub use uncertainty::{Quantile, Uncertainty};
pub use warning::Warning;
