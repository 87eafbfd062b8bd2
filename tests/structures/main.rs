//! Decision diagrams of structures against exact fractions that are worked out here, state by state or from closed forms.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

mod bounds;
mod enumerated;
mod generated;
mod known;
mod open_psa;

use ninefold::measure::NoObserver;
use ninefold::quantity::Probability;
use ninefold::structure::solved::{SolvedTree, StructureSettings, solve};
use ninefold::topology::fault_tree::{BasicEvent, EventRates, FaultTree, Formula, FormulaId};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// The fraction that a double is.
fn exact(value: f64) -> BigRational {
    BigRational::from_float(value).expect("a finite double is a fraction")
}

fn one() -> BigRational {
    BigRational::from_integer(BigInt::from(1))
}

/// Purely relative.
fn assert_rel(actual: f64, expected: &BigRational, tolerance: f64, what: &str) {
    let difference = (exact(actual) - expected).to_f64().unwrap().abs();
    let size = expected.to_f64().unwrap().abs();
    assert!(difference <= tolerance * size, "{what}: {actual:e} is not {size:e}");
}

/// An event of which the double and its complement are exact.
fn event(name: usize, down: f64, up: f64, rates: Option<EventRates>) -> BasicEvent {
    let probability = Probability::from_pair(down, up).unwrap();
    BasicEvent { name: format!("e{name}"), label: None, attributes: Vec::new(), probability, rates }
}

/// An event from the text of its probability.
fn written(name: usize, text: &str) -> BasicEvent {
    let probability = Probability::parse(text).unwrap();
    event(name, probability.value(), probability.complement(), None)
}

fn tree(formulas: Vec<Formula>, events: Vec<BasicEvent>) -> FaultTree {
    let root = FormulaId(formulas.len() - 1);
    FaultTree { name: None, top: "top".into(), formulas, root, events, warnings: Vec::new() }
}

fn solved(tree: &FaultTree, listed: usize) -> SolvedTree {
    solve(tree, &StructureSettings { listed, ..StructureSettings::default() }, &NoObserver).unwrap()
}

/// With bounds in place of every measure of Fussell and Vesely.
fn solved_with_bounds(tree: &FaultTree) -> SolvedTree {
    solve(tree, &StructureSettings { most_unions: 0, ..StructureSettings::default() }, &NoObserver).unwrap()
}
