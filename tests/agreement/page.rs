//! The page `docs/validation.md`: every model with its rule, its numbers and its references.
//!
//! With `NINEFOLD_BLESS=1` it is written anew; else it must be up to date. Differences are printed as the bound that a test
//! asserts, so that the last bits of another machine change nothing.

use std::fmt::Write as _;
use std::path::Path;

use ninefold::measure::Estimate;
use ninefold::quantity::DEFAULT_YEAR_SECONDS;

use crate::answers::{Answers, answers};
use crate::closed::closed_forms;
use crate::rational::chains;
use crate::{FORMULA_TOLERANCE, NAIVE_TOLERANCE};

const INTRODUCTION: &str = "\
# Validation

This page is written by `NINEFOLD_BLESS=1 cargo test --test agreement`; the test fails when it is out of date.

Each model below (`tests/models`) stands for one rule of the [topology](reference/topology.md). Its numbers come from the exact
engine (`ninefold solve`), and are compared with

- a **naive chain**: a second solver that shares only the file reader with the program. It follows every unit, merges no
  states, splits no parts off, and eliminates states without subtractions (Grassmann, Taksar, Heyman 1985). All measures are
  compared: unavailability, frequency, the outages by cause, the downtime by part, and the capacity measures;
- where there is one, a **closed form** of the literature;
- for some, **exact fractions**: a chain built by hand and solved in rational arithmetic.

The differences given are the bounds that the test asserts, relative to the value. The last column is the interval of the
simulator (`ninefold simulate`) at 99.9 %, from 200,000 events; a number without an interval was not seen often enough.
Random topologies that use every field of the language are compared in the same way, but not listed.
";

#[test]
fn validation_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let page = page();
    if std::env::var_os("NINEFOLD_BLESS").is_some() {
        std::fs::write(&path, page).expect("the page can be written");
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let different = known.lines().zip(page.lines()).find(|(known, new)| known != new);
    assert!(
        known == page,
        "docs/validation.md is out of date ({different:?}): NINEFOLD_BLESS=1 cargo test --test agreement"
    );
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for answers in answers() {
        let _ = write!(page, "\n## {}\n\n{}\n\n", answers.case.name, answers.case.rule);
        page.push_str("| measure | exact | simulated |\n|---|---|---|\n");
        for (measure, exact, simulated) in rows(answers) {
            let _ = writeln!(page, "| {measure} | {exact:.9e} | {} |", interval(simulated));
        }
        let _ = writeln!(page, "\nCompared with {}.", references(answers).join("; "));
        if answers.approximate {
            page.push_str("Times that are not exponential are replaced by exponentials of the same mean in both.\n");
        }
    }
    page
}

fn rows(answers: &Answers) -> Vec<(&'static str, f64, Option<Estimate>)> {
    let (exact, simulated) = (&answers.exact, answers.simulated.as_ref());
    let mut rows = vec![("unavailability", exact.unavailability, simulated.map(|simulated| simulated.unavailability))];
    if let Some(frequency) = exact.failure_frequency {
        let per_year = simulated.and_then(|simulated| simulated.failure_frequency).map(|estimate| Estimate {
            low: estimate.low.map(|low| low * DEFAULT_YEAR_SECONDS),
            high: estimate.high.map(|high| high * DEFAULT_YEAR_SECONDS),
            ..estimate
        });
        rows.push(("outages per year", frequency * DEFAULT_YEAR_SECONDS, per_year));
        let mean_up_time = simulated.and_then(|simulated| simulated.mean_up_time);
        rows.push(("mean up time, seconds", exact.availability / frequency, mean_up_time));
        let mean_down_time = simulated.and_then(|simulated| simulated.mean_down_time);
        rows.push(("mean outage, seconds", exact.unavailability / frequency, mean_down_time));
    }
    if let Some(capacity) = &exact.capacity {
        let simulated = simulated.and_then(|simulated| simulated.capacity.as_ref());
        rows.push(("lost requests per second", capacity.lost, simulated.map(|capacity| capacity.lost)));
        let insufficient = simulated.map(|capacity| capacity.insufficient);
        rows.push(("share of time below the demand", capacity.insufficient, insufficient));
    }
    rows
}

fn interval(estimate: Option<Estimate>) -> String {
    match estimate.map(|estimate| (estimate.low, estimate.high)) {
        Some((Some(low), Some(high))) => format!("{low:.3e} to {high:.3e}"),
        Some((None, Some(high))) => format!("at most {high:.3e}"),
        Some((Some(low), None)) => format!("at least {low:.3e}"),
        _ => "no interval".into(),
    }
}

fn references(answers: &Answers) -> Vec<String> {
    let name = &answers.case.name;
    let chain = format!("a naive chain of {} states (< {NAIVE_TOLERANCE:e})", answers.naive.states);
    let form = closed_forms().into_iter().find(|form| form.model == name);
    let form = form.map(|form| format!("the closed form {} (< {FORMULA_TOLERANCE:e})", form.formula));
    let fractions = chains().iter().any(|chain| chain.model == name);
    let fractions = fractions.then(|| format!("exact fractions (< {FORMULA_TOLERANCE:e})"));
    [Some(chain), form, fractions].into_iter().flatten().collect()
}
