//! Which engines apply to a model, and if one does not, why.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::exact;
use crate::measure::{Observer, Progress, Stop};
use crate::simulate;
use crate::topology::Model;

/// States of a chain that is solved for no more than an advice, units of all of them together, and nodes of the diagram.
const EASY_STATES: usize = 5_000;
const EASY_NODES: usize = 100_000;
/// How often it may ask whether to end: once a sweep, mostly.
const MOST_QUESTIONS: u32 = 2_000;
const MOST_CELLS: u64 = 200_000;

/// Whether one engine can take a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicability {
    /// The command that runs it.
    pub engine: &'static str,
    /// Whether it applies.
    pub applies: bool,
    /// How, or why not.
    pub explanation: String,
}

/// All engines, or nothing when `observer` ended the work.
pub fn engines(model: &Model, observer: &dyn Observer) -> Option<Vec<Applicability>> {
    let settings = exact::Settings::default();
    let (applies, explanation) = match exact::applies::pieces(model, &settings, observer) {
        Ok(pieces) => (true, pieces.join("; ")),
        Err(exact::Error::Stopped(_)) => return None,
        Err(error @ (exact::Error::TooManyStates { .. } | exact::Error::TooMuchMemory { .. }))
            if exact::applies::has_bounds(model) =>
        {
            (true, format!("by bounds: {error}"))
        }
        Err(error) => (false, error.to_string()),
    };
    let solve = Applicability { engine: "solve", applies, explanation };
    let simulated = simulate::method(model, observer);
    observer.stop().is_none().then_some(())?;
    let simulate = Applicability {
        engine: "simulate",
        applies: simulated.is_ok(),
        explanation: simulated.unwrap_or_else(|error| error.to_string()),
    };
    Some(vec![solve, simulate])
}

/// Ends what takes long, told by how often it asks whether to end.
#[derive(Debug)]
struct Patience(AtomicU32);

impl Observer for Patience {
    fn stop(&self) -> Option<Stop> {
        (self.0.fetch_add(1, Ordering::Relaxed) >= MOST_QUESTIONS).then_some(Stop::TimeLimit)
    }

    fn progress(&self, _: &Progress) {}
}

/// Whether the exact engine solves a model in a fraction of a second.
pub fn is_easily_solved(model: &Model) -> bool {
    let units: u64 = model.groups.iter().map(|group| group.units() as u64).sum();
    let max_states = usize::try_from(MOST_CELLS / units.max(1)).unwrap_or(usize::MAX).min(EASY_STATES);
    let settings = exact::Settings { max_states, max_nodes: EASY_NODES, ..exact::Settings::default() };
    exact::solve(model, &settings, &Patience(AtomicU32::new(0))).is_ok()
}
