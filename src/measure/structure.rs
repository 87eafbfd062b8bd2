//! What is said of a structure: its minimal cut sets, and how much each event matters.

use crate::measure::Bounds;

/// Measures of a structure of independent events.
#[derive(Clone, Debug, PartialEq)]
pub struct StructureMeasures {
    /// Name of the top event.
    pub top: String,
    /// Events that the top event depends on.
    pub events: u64,
    /// Independent modules.
    pub modules: u64,
    /// The order of variables that won for the largest module; absent where any would do.
    pub order: Option<&'static str>,
    /// Whether a failure can never help.
    pub is_coherent: Option<bool>,
    /// Minimal cut sets; absent where their diagram is too large.
    pub cut_sets: Option<CutSetMeasures>,
    /// The events that matter, by the gain, largest first.
    pub importance: Vec<Importance>,
}

/// Minimal cut sets.
#[derive(Clone, Debug, PartialEq)]
pub struct CutSetMeasures {
    /// How many there are; absent from 2^128 on.
    pub count: Option<u128>,
    /// The same as a double.
    pub approximate_count: f64,
    /// Events that are a cut set on their own.
    pub single_points: Vec<String>,
    /// The first ones.
    pub listed: Vec<CutSet>,
}

/// One minimal cut set.
#[derive(Clone, Debug, PartialEq)]
pub struct CutSet {
    /// Its events.
    pub events: Vec<String>,
    /// The product of their probabilities.
    pub probability: f64,
}

/// How much an event matters to the top event; U is the probability of the top event, q that of the event, U1 and U0 are
/// those of the top event given that the event has happened and has not.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// Name of the event.
    pub of: String,
    /// Its label, if it has one.
    pub label: Option<String>,
    /// Its attributes: name and value.
    pub attributes: Vec<(String, String)>,
    /// q.
    pub probability: f64,
    /// U1 - U0.
    pub birnbaum: f64,
    /// (U1 - U0) q / U.
    pub criticality: Option<f64>,
    /// P(a minimal cut set with the event has happened) / U; absent where that is too large to tell.
    pub fussell_vesely: Option<f64>,
    /// What it lies between, where it takes too long to work out.
    pub fussell_vesely_bounds: Option<Bounds>,
    /// q U1 / U.
    pub diagnostic: Option<f64>,
    /// U1 / U.
    pub risk_achievement: Option<f64>,
    /// U / U0, which may be infinite.
    pub risk_reduction: Option<f64>,
    /// The share of the outages that begin with the event; absent where times are unknown.
    pub barlow_proschan: Option<f64>,
    /// U - U0.
    pub gain: f64,
}
