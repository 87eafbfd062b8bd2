//! Random topologies: the exact engine against the naive solver, the simulator against the exact engine.
//!
//! `NINEFOLD_FIRST` and `NINEFOLD_CASES` choose other seeds, and more of them.

use std::fmt::Write as _;

use ninefold::exact;
use ninefold::simulate::Method;

use crate::answers::MOST_STATES;
use crate::compare::{disagreements, pairs};
use crate::generated::{Shape, Times, topology};
use crate::library::{parsed, solved, try_solved};
use crate::simulated::{Misses, checks, simulated, simulated_by};
use crate::{NAIVE_TOLERANCE, naive};

/// Random topologies that are solved twice.
const SOLVED: u64 = 300;
/// Random topologies that are simulated.
const SIMULATED: u64 = 60;
/// Events for each: enough for intervals of a few percent.
const EVENTS: u64 = 100_000;

/// The seeds to try: `usual` ones unless the environment names others.
fn seeds(usual: u64) -> std::ops::Range<u64> {
    let from_environment = |name, default| {
        std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
    };
    let first = from_environment("NINEFOLD_FIRST", 0);
    first..first + from_environment("NINEFOLD_CASES", usual)
}

const ANYTHING: Shape = Shape { times: Times::Any, time_scale: 1, demand_percent: 50 };

#[test]
fn exact_engine_agrees_with_the_naive_solver_on_random_topologies() {
    let (mut wrong, mut taken) = (Vec::new(), 0);
    for seed in seeds(SOLVED) {
        let text = topology(seed, ANYTHING).text();
        let name = format!("seed {seed}");
        let model = parsed(&text, &name);
        let Some(naive) = naive::solve(&model, MOST_STATES) else { continue };
        taken += 1;
        let found = match try_solved(&model) {
            Ok((exact, _)) => disagreements(&name, &pairs(&exact, &naive), NAIVE_TOLERANCE),
            Err(error) => vec![format!("{name}: {error}")],
        };
        if !found.is_empty() {
            wrong.push(format!("{}\n{text}", found.join("\n")));
        }
    }
    let few = wrong.len().min(5);
    assert!(wrong.is_empty(), "{} of {taken}:\n{}", wrong.len(), wrong[..few].join("\n"));
    assert!(taken * 2 > seeds(SOLVED).count(), "only {taken} topologies were small enough");
}

#[test]
fn simulated_intervals_hold_the_exact_values_of_random_topologies() {
    let mut misses = Misses::default();
    for seed in seeds(SIMULATED) {
        let name = format!("seed {seed}");
        let model = parsed(&topology(seed, ANYTHING).text(), &name);
        let (exact, approximate) = match try_solved(&model) {
            Err(exact::Error::TooManyStates { .. }) => continue,
            other => other.unwrap_or_else(|error| panic!("{name}: {error}")),
        };
        if let Some(simulated) = simulated(&model, &name, seed, EVENTS).filter(|_| !approximate) {
            misses.add(&name, &checks(&exact, &simulated));
        }
    }
    misses.assert_few();
}

/// The engine that keeps residual times, on topologies in which these are exponential.
#[test]
fn simulated_residual_times_agree_with_memoryless_ones() {
    let mut misses = Misses::default();
    for seed in seeds(SIMULATED) {
        let name = format!("seed {seed}");
        let text = |times| topology(seed, Shape { times, ..ANYTHING }).text();
        let exact = match try_solved(&parsed(&text(Times::Exponential), &name)) {
            Err(exact::Error::TooManyStates { .. }) => continue,
            other => other.unwrap_or_else(|error| panic!("{name}: {error}")).0,
        };
        if let Some(simulated) = simulated(&parsed(&text(Times::Disguised), &name), &name, seed, EVENTS) {
            misses.add(&name, &checks(&exact, &simulated));
        }
    }
    misses.assert_few();
}

/// With so many states none comes back often: the paths are replications, which count after a warm-up.
#[test]
fn simulated_intervals_hold_where_no_state_comes_back() {
    let mut text = "[component.c]\nmtbf = \"10h\"\nmttr = \"5h\"\n".to_owned();
    for group in ["a", "b", "c", "d", "e"] {
        let _ = write!(text, "[group.{group}]\ncomponent = \"c\"\nactive = 60\nneed = 40\n");
    }
    text.push_str("[system]\nup = \"3 of (a, b, c, d, e)\"\n");
    let model = parsed(&text, "many states");
    let (exact, _) = solved(&model, "many states");
    let simulated = simulated_by(Method::Plain, &model, "many states", 1, 5 * EVENTS).expect("units fail");
    assert!(simulated.method.contains("replications") && simulated.unavailability.point.is_some(), "{simulated:?}");
    let mut misses = Misses::default();
    misses.add("many states", &checks(&exact, &simulated));
    misses.assert_few();
}
