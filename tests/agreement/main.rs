//! Every engine against every other, and against references that share nothing with them.
//!
//! - [`naive`] is an independent reading of the topology's rules; the exact engine must agree with it on every model of
//!   `tests/models` ([`library`]), one for each rule.

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod library;
mod naive;

use crate::compare::{disagreements, pairs};
use crate::library::{library, solved};

/// The naive solver's own error: elimination keeps a few ulp for each of up to 900 states, sweeps stop at 2e-15 per sweep.
const NAIVE_TOLERANCE: f64 = 1e-10;
/// States of the largest chain of the library that the naive solver takes.
const MOST_STATES: usize = 20_000;

#[test]
fn exact_engine_agrees_with_the_naive_solver_on_every_model() {
    let mut wrong = Vec::new();
    for case in library() {
        let (exact, _) = solved(&case.model, &case.name);
        let naive = naive::solve(&case.model, MOST_STATES).unwrap_or_else(|| panic!("{} is too large", case.name));
        println!("{} {} naive states, {:e}", case.name, naive.states, naive.unavailability);
        wrong.extend(disagreements(&case.name, &pairs(&exact, &naive), NAIVE_TOLERANCE));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
