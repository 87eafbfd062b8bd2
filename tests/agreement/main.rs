//! Every engine against every other, and against references that share nothing with them.
//!
//! - [`library`]: the models of `tests/models`, one for each rule of the topology; [`generated`]: random ones with every field.
//! - [`naive`]: an independent reading of the rules, unit by unit; [`closed`]: formulas of the literature; [`rational`]: chains
//!   built by hand, in exact fractions. The exact engine must give their numbers ([`compare`]).
//! - [`simulated`]: intervals of the simulator must hold the numbers of the exact engine.
//! - [`properties`]: what must hold between the answers for a topology and for a changed one.

mod closed;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod generated;
mod library;
mod naive;
mod properties;
mod random;
mod rational;
mod simulated;

use crate::closed::closed_forms;
use crate::common::assert_rel;
use crate::compare::{disagreements, pairs};
use crate::library::{library, named, solved};
use crate::rational::chains;
use crate::simulated::{Misses, checks, simulated};

/// Elimination keeps a few ulp for each of its states, of which there are up to 3,000; the exact engine promises 1e-11.
const NAIVE_TOLERANCE: f64 = 1e-11;
/// States of the largest chain that the naive solver takes: seconds of work, and 70 MB.
const MOST_STATES: usize = 3_000;

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

/// The closed forms are short sums of positive terms (the few differences are between numbers of other sizes): a few ulp.
/// Fractions are rounded once. The exact engine stops at a residual of 1e-14, which a chain of a few steps multiplies.
const FORMULA_TOLERANCE: f64 = 1e-12;

#[test]
fn exact_engine_matches_closed_forms() {
    for form in closed_forms() {
        let (exact, _) = solved(&named(form.model), form.model);
        assert_rel(exact.unavailability, form.unavailability, FORMULA_TOLERANCE, form.model);
        assert_eq!(exact.failure_frequency.is_some(), form.frequency.is_some(), "{}", form.model);
        if let (Some(frequency), Some(expected)) = (exact.failure_frequency, form.frequency) {
            assert_rel(frequency, expected, FORMULA_TOLERANCE, &format!("frequency of {}", form.model));
        }
    }
}

#[test]
fn exact_engine_matches_chains_in_exact_fractions() {
    for chain in chains() {
        let (exact, _) = solved(&named(chain.model), chain.model);
        let (unavailability, frequency) = chain.solve();
        assert_rel(exact.unavailability, unavailability, FORMULA_TOLERANCE, chain.model);
        let found = exact.failure_frequency.expect("the chain has times");
        assert_rel(found, frequency, FORMULA_TOLERANCE, &format!("frequency of {}", chain.model));
    }
}

/// Events for each model of the library: a quarter of a second.
const LIBRARY_EVENTS: u64 = 200_000;

#[test]
fn simulated_intervals_hold_the_exact_values_of_the_library() {
    let mut misses = Misses::default();
    for (seed, case) in (1..).zip(library()) {
        let (exact, approximate) = solved(&case.model, &case.name);
        if let Some(simulated) = simulated(&case.model, &case.name, seed, LIBRARY_EVENTS).filter(|_| !approximate) {
            misses.add(&case.name, &checks(&exact, &simulated));
        }
    }
    misses.assert_few();
}
