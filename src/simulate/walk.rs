//! Advancing a path, whatever the engine: until its goal is reached and its cycle over, or until it is to stop.
//!
//! A path ends where a cycle ends. The number of its cycles is then a stopping time, and by Wald's identity the expected
//! sums are those of that many independent cycles; cutting the last one off would prefer short ones (Meketon,
//! Heidelberger 1982).

use crate::dynamics::State;
use crate::simulate::path::{Goal, Path, Plan};

/// Work between two questions whether to stop, in plain steps: about a millisecond.
pub(crate) const SLICE: i64 = 16_384;

/// Knows the states it has seen by number, and moves paths between them.
pub(crate) trait Engine: Send {
    /// The number of the path's state; on the first visit residual times are drawn.
    fn place(&mut self, path: &mut Path, plan: &Plan) -> u32;
    /// One event; the number of the new state.
    fn step(&mut self, at: u32, path: &mut Path, plan: &Plan) -> u32;
    /// The state of that number.
    fn state(&self, at: u32) -> &State;
    /// Whether a cycle ends at the entry of that state.
    fn regenerates(&self, at: u32) -> bool;
    /// Work that may still be done before asking whether to stop. A step takes one unit, working a state out many.
    fn credit(&mut self) -> &mut i64;
}

/// Runs `path` to its goal. `stop` is told events and says whether to end early; then the cycle may still come to its end
/// within one more slice.
pub(crate) fn advance<E: Engine>(
    engine: &mut E,
    path: &mut Path,
    plan: &Plan,
    goal: Goal,
    stop: &(dyn Fn(u64) -> bool + Sync),
) {
    if path.has_reached(goal) {
        return;
    }
    let mut at = engine.place(path, plan);
    let mut stopping = false;
    loop {
        let before = path.events;
        *engine.credit() = SLICE;
        let reached = if plan.is_regenerative() {
            slice::<E, true>(engine, &mut at, path, plan, goal, stopping)
        } else {
            slice::<E, false>(engine, &mut at, path, plan, goal, stopping)
        };
        let stops = stop(path.events - before);
        if reached || stopping || path.look_for_loss() {
            break;
        }
        stopping = stops;
        if stopping && !plan.is_regenerative() {
            break;
        }
    }
    path.state = engine.state(at).clone();
}

/// Steps until the credit is used up; true when the path is where it was to go.
fn slice<E: Engine, const REGENERATIVE: bool>(
    engine: &mut E,
    at: &mut u32,
    path: &mut Path,
    plan: &Plan,
    goal: Goal,
    stopping: bool,
) -> bool {
    while *engine.credit() > 0 {
        *at = engine.step(*at, path, plan);
        let is_cut = if REGENERATIVE { engine.regenerates(*at) } else { path.beats() };
        if is_cut {
            if REGENERATIVE {
                path.regenerate();
            }
            if stopping || path.has_reached(goal) {
                return true;
            }
        }
    }
    false
}
