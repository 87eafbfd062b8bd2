//! The table of interval coverage: 400 seeds of every model with a reference.
//!
//! With 400 seeds and a coverage of 95 % the share of covering intervals is outside 92 % to 98 % with a probability of 0.0044.
//! Of 90 such shares 0.4 are in the mean, and more than two in one table of 130.

use std::fmt::Write as _;
use std::fs;

use ninefold::simulate::Settings;

use crate::library::{Case, Reference, folder, library};
use crate::runs::{Coverage, coverages, events, over_seeds, sampled};

/// Seeds for each model.
const SEEDS: u64 = 400;
/// The half width that events are chosen for.
const HALF_WIDTH: f64 = 0.03;
/// No fewer events: with less, intervals are refused more often. And no more: the table would take too long.
const EVENTS: [f64; 2] = [3e4, 1e5];

const HEADER: &str = "model,unavailability,engine,events,without_interval,unavailability_coverage,frequency_coverage,\
                      unavailability_half_width,frequency_half_width,unavailability_bias,frequency_bias,\
                      unavailability_bias_deviations,frequency_bias_deviations";

/// Writes the table; a model whose name `NINEFOLD_MODEL` is part of is all that is run where it is given, and nothing written.
#[test]
#[ignore = "takes a quarter of an hour"]
fn full_table() {
    let only = std::env::var("NINEFOLD_MODEL").ok();
    let mut table = format!("{HEADER}\n");
    let (mut wrong, mut hopeless) = (Vec::new(), Vec::new());
    println!("{HEADER}");
    for case in library() {
        let wanted = only.as_ref().is_none_or(|part| case.name.contains(part.as_str()));
        let Some(reference) = case.reference.filter(|_| wanted) else { continue };
        let row = row(&case, reference);
        println!("{}", row.text);
        let _ = writeln!(table, "{}", row.text);
        for (what, of) in [("U", row.both[0]), ("frequency", row.both[1])] {
            if !(92.0..=98.0).contains(&of.percent()) {
                wrong.push(format!("{}: {:.1} % of the intervals of {what} cover", case.name, of.percent()));
            }
            // Four standard deviations of as many intervals as there are, which may be few: no chance, however many models.
            let (n, misses) = (of.intervals as f64, of.misses() as f64);
            if misses > 0.05 * n + 4.0 * (0.05 * 0.95 * n).sqrt() {
                hopeless.push(format!("{}: {misses} of {n} intervals of {what} miss", case.name));
            }
        }
    }
    if only.is_none() {
        fs::write(folder().join("coverage.csv"), table).expect("the table can be written");
    }
    println!("{}", wrong.join("\n"));
    assert!(hopeless.is_empty(), "{}", hopeless.join("\n"));
    assert!(wrong.len() <= 2, "{}", wrong.join("\n"));
}

struct Row {
    text: String,
    both: [Coverage; 2],
}

fn row(case: &Case, reference: Reference) -> Row {
    let (events_of_run, engine) = pilot(case);
    let runs = over_seeds(&case.model, &events(events_of_run), SEEDS);
    let without = runs.iter().filter(|run| run.unavailability.point.is_none()).count();
    let both = coverages(&runs, reference);
    let [u, frequency] = both;
    let text = format!(
        "{},{:.3e},{engine},{events_of_run},{without},{:.2},{:.2},{:.4},{:.4},{:.5},{:.5},{:.1},{:.1}",
        case.name,
        reference.unavailability,
        u.percent(),
        frequency.percent(),
        u.half_width,
        frequency.half_width,
        u.bias,
        frequency.bias,
        u.deviations,
        frequency.deviations
    );
    Row { text, both }
}

/// Events for a half width of 3 % of U and of the frequency, by a run of seed 0, which is none of the table's; and the engine.
fn pilot(case: &Case) -> (u64, &'static str) {
    let [least, most] = EVENTS;
    let run = sampled(&case.model, &Settings { seed: 0, ..events(most as u64) });
    let engine = match &run.method {
        method if method.contains("pieces") => "pieces",
        method if method.contains("jumps between states") => "chain",
        _ => "general",
    };
    let widths = [Some(run.unavailability), run.failure_frequency].into_iter().flatten();
    let widest = widths.map(|e| e.relative_half_width().unwrap_or(f64::INFINITY)).fold(0.0, f64::max);
    let needed = run.events as f64 * (widest / HALF_WIDTH) * (widest / HALF_WIDTH);
    // Rounded, so that the number is one that a reader can type.
    ((needed.clamp(least, most) / 1e4).round() as u64 * 10_000, engine)
}
