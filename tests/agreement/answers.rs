//! What every engine and reference says about every model of the library, worked out once for all tests.

use std::sync::OnceLock;

use ninefold::measure::{ExactMeasures, SimulatedMeasures};
use ninefold::simulate::Method;

use crate::library::{Case, library, solved};
use crate::naive::{self, Naive};
use crate::simulated::simulated_by;

/// States of the largest chain that the naive solver takes: seconds of work, and 70 MB.
pub(crate) const MOST_STATES: usize = 3_000;
/// Events for each model: a quarter of a second.
const EVENTS: u64 = 200_000;

/// All about one model.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) case: Case,
    pub(crate) exact: ExactMeasures,
    /// Whether the exact engine took exponentials for other times; then the simulator is asked nothing.
    pub(crate) approximate: bool,
    pub(crate) naive: Naive,
    /// By plain simulation.
    pub(crate) plain: Option<SimulatedMeasures>,
    /// By importance sampling; absent where it does not apply.
    pub(crate) importance: Option<SimulatedMeasures>,
}

/// The answers for the library, by name; each model is simulated with a seed of its own.
pub(crate) fn answers() -> &'static [Answers] {
    static ANSWERS: OnceLock<Vec<Answers>> = OnceLock::new();
    ANSWERS.get_or_init(|| library().into_iter().map(answer).collect())
}

/// The answers for one model.
pub(crate) fn about(name: &str) -> &'static Answers {
    let found = answers().iter().find(|answers| answers.case.name == name);
    found.unwrap_or_else(|| panic!("there is no model named {name}"))
}

fn answer(case: Case) -> Answers {
    // From the name, so that a new model changes no other: FNV-1a.
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let seed = case.name.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    let (exact, approximate) = solved(&case.model, &case.name);
    let naive = naive::solve(&case.model, MOST_STATES).unwrap_or_else(|| panic!("{} is too large", case.name));
    let by = |method| {
        if approximate { None } else { simulated_by(method, &case.model, &case.name, seed, EVENTS) }
    };
    let plain = by(Method::Plain);
    let importance = by(Method::Importance).filter(|measures| measures.method.starts_with("importance sampling"));
    Answers { case, exact, approximate, naive, plain, importance }
}
