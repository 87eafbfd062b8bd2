//! The page `docs/validation.md`: every model with its rule, its numbers and its references.
//!
//! With `NINEFOLD_BLESS=1` it is written anew; else it must be up to date. Differences are printed as the bound that a test
//! asserts, so that the last bits of another machine change nothing.

use std::fmt::Write as _;
use std::path::Path;

use ninefold::measure::{Estimate, SimulatedMeasures};
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

The differences given are the bounds that the test asserts, relative to the value. The last columns are the intervals of the
simulator (`ninefold simulate`) at 99.99 %, from 200,000 events, by plain simulation and by importance sampling; a number
without an interval was not seen often enough.
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
        page.push_str("| measure | exact | plain | importance |\n|---|---|---|---|\n");
        for Row { measure, exact, simulated } in rows(answers) {
            let [plain, importance] = simulated.map(interval);
            let _ = writeln!(page, "| {measure} | {exact:.9e} | {plain} | {importance} |");
        }
        let _ = writeln!(page, "\nCompared with {}.", references(answers).join("; "));
        if answers.approximate {
            page.push_str("Times that are not exponential are replaced by exponentials of the same mean in both.\n");
        }
    }
    page + &coverage()
}

const COVERAGE: &str = "
# Interval coverage of importance sampling

Rare outages need another check: whether an interval holds the value as often as it says. Each model below (`tests/rare/models`)
has a reference from an independent program (`tests/rare/reference.py`: full Markov chains in 60 digits, and formulas of the
literature), and was simulated with 400 seeds, each with as many events as would give a half width of about 3 % (at least 30,000 and at
most 100,000). The coverage is the share of the 95 % intervals that hold the reference; with 400 seeds it is within 92 % to 98 %
in all but 0.44 % of such counts when it is truly 95 %. Branches are taken to vary by a tenth of their mean at least: where they vary
by less, as the frequency of `cold-failover-uni` and `n-plus-1` does, intervals are wider and hold more often. The bias is the mean of the estimates over the reference, less 1. Both are
of the runs that gave an interval; the rest is counted. The chain engine samples jumps between states, the general one discrete
events. Models that fall apart into independent pieces are simulated as a whole as well, which they are where lengths of outages
are asked for, with 100,000 to 400,000 events.

The table is written by `cargo test --release --test rare -- --ignored --nocapture full_table`, which takes too long to run with
every change; a part of it runs with the other tests.

| model | U | engine | events | without interval | coverage of U | of frequency | half width of U | of frequency | bias of U | of frequency |
|---|---|---|---|---|---|---|---|---|---|---|
";

/// The table that `tests/rare.rs` wrote.
fn coverage() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rare/coverage.csv");
    let table = std::fs::read_to_string(path).expect("the table of coverages is there");
    let mut section = COVERAGE.to_owned();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let percent = |index: usize| 100.0 * fields[index].parse::<f64>().expect("a number");
        let _ = writeln!(
            section,
            "| {} | {} % | {} % | {:.1} % | {:.1} % | {:+.2} % | {:+.2} % |",
            fields[..5].join(" | "),
            fields[5],
            fields[6],
            percent(7),
            percent(8),
            percent(9),
            percent(10)
        );
    }
    section
}

struct Row {
    measure: &'static str,
    exact: f64,
    /// By plain simulation and by importance sampling.
    simulated: [Option<Estimate>; 2],
}

fn rows(answers: &Answers) -> Vec<Row> {
    let exact = &answers.exact;
    let simulated = [answers.plain.as_ref(), answers.importance.as_ref()];
    let row = |measure, exact, of: &dyn Fn(&SimulatedMeasures) -> Option<Estimate>| {
        let simulated = simulated.map(|measures| measures.and_then(of));
        Row { measure, exact, simulated }
    };
    let mut rows = vec![row("unavailability", exact.unavailability, &|measures| Some(measures.unavailability))];
    if let Some(frequency) = exact.failure_frequency {
        rows.push(row("outages per year", frequency * DEFAULT_YEAR_SECONDS, &|measures| {
            measures.failure_frequency.map(|estimate| Estimate {
                low: estimate.low.map(|low| low * DEFAULT_YEAR_SECONDS),
                high: estimate.high.map(|high| high * DEFAULT_YEAR_SECONDS),
                ..estimate
            })
        }));
        rows.push(row("mean up time, seconds", exact.availability / frequency, &|measures| measures.mean_up_time));
        rows.push(row("mean outage, seconds", exact.unavailability / frequency, &|measures| measures.mean_down_time));
    }
    if let Some(capacity) = &exact.capacity {
        let of = |measures: &SimulatedMeasures| measures.capacity.clone();
        rows.push(row("lost requests per second", capacity.lost, &|measures| Some(of(measures)?.lost)));
        let below = "share of time below the demand";
        rows.push(row(below, capacity.insufficient, &|measures| Some(of(measures)?.insufficient)));
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
