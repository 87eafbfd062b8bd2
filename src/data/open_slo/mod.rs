//! Service level objectives in files: OpenSLO v1, in YAML or JSON.
//!
//! What makes sense without a metrics system is read and checked: targets (as exact decimal text), windows, budgeting
//! methods, slices, and alerts on the burn rate. Sources of metrics and people to notify are named and left alone.
//! What the format has and this does not read is a mistake with its place, not a silent default.
//!
//! Source: the OpenSLO specification, version `openslo/v1`, github.com/OpenSLO/OpenSLO.

mod fields;
mod read;
mod slo;
mod tree;

pub use read::{Document, Unused, read};
pub use slo::{
    Alert, Budgeting, Comparison, Indicator, IndicatorKind, ObjectiveOfFile, Slices, Slo, Span, WindowOfFile,
};
