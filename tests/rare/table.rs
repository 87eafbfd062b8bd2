//! The table of interval coverage: 400 seeds of every model with a reference.
//!
//! With 400 seeds and a coverage of 95 % the share of covering intervals is outside 92 % to 98 % with a probability of 0.0044.
//! Of 100 such shares 0.44 are in the mean, and more than two in one table of 100. Models that refuse an interval in most runs
//! are judged by four standard deviations alone, as all others are as well.
//!
//! Models that fall apart into pieces are simulated as a whole as well, as they are where lengths of outages are asked for.

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
/// The same for models that fall apart into pieces, simulated as a whole.
const EVENTS_OF_WHOLE: [f64; 2] = [1e5, 4e5];
/// Outages longer than this are asked for, to have a model simulated as a whole; any length would do.
const LONG_OUTAGE: f64 = 7_200.0;

const HEADER: &str = "model,unavailability,engine,events,without_interval,unavailability_coverage,frequency_coverage,\
                      unavailability_half_width,frequency_half_width,unavailability_bias,frequency_bias,\
                      unavailability_bias_deviations,frequency_bias_deviations";

/// Writes the table; a model whose name `NINEFOLD_MODEL` is part of is all that is run where it is given, and nothing written.
#[test]
#[ignore = "takes a quarter of an hour"]
fn full_table() {
    let only = std::env::var("NINEFOLD_MODEL").ok();
    let mut table = format!("{HEADER}\n");
    let (mut wrong, mut wide, mut hopeless) = (Vec::new(), Vec::new(), Vec::new());
    println!("{HEADER}");
    for case in library() {
        let wanted = only.as_ref().is_none_or(|part| case.name.contains(part.as_str()));
        let Some(reference) = case.reference.filter(|_| wanted) else { continue };
        let chosen = row(&case, reference, None);
        let whole = chosen.is_of_pieces.then(|| row(&case, reference, Some(LONG_OUTAGE)));
        for row in std::iter::once(chosen).chain(whole) {
            println!("{}", row.text);
            let _ = writeln!(table, "{}", row.text);
            for (what, of) in [("U", row.both[0]), ("frequency", row.both[1])] {
                let name = &row.name;
                // Of fewer than half of the runs chance takes more.
                let are_many = 2 * of.intervals as u64 >= SEEDS;
                let outside = match of.percent() {
                    low if low < 92.0 && are_many => Some(&mut wrong),
                    high if high > 98.0 => Some(&mut wide),
                    _ => None,
                };
                if let Some(outside) = outside {
                    outside.push(format!("{name}: {:.1} % of the intervals of {what} cover", of.percent()));
                }
                // Four standard deviations of as many intervals as there are, which may be few: no chance, however many models.
                let (n, misses) = (of.intervals as f64, of.misses() as f64);
                if misses > 0.05 * n + 4.0 * (0.05 * 0.95 * n).sqrt() {
                    hopeless.push(format!("{name}: {misses} of {n} intervals of {what} miss"));
                }
            }
        }
    }
    if only.is_none() {
        fs::write(folder().join("coverage.csv"), table).expect("the table can be written");
    }
    println!("{}", [wrong.clone(), wide.clone()].concat().join("\n"));
    assert!(hopeless.is_empty(), "{}", hopeless.join("\n"));
    assert!(wrong.len() <= 2, "{}", wrong.join("\n"));
    // Cycles are taken to vary by a tenth at least, which widens what varies less.
    assert!(wide.len() <= 5, "{}", wide.join("\n"));
}

struct Row {
    name: String,
    is_of_pieces: bool,
    text: String,
    both: [Coverage; 2],
}

/// Of a model as it is, or with long outages asked for.
fn row(case: &Case, reference: Reference, long_outage: Option<f64>) -> Row {
    let with = |number: u64| Settings { long_outage, ..events(number) };
    let (events_of_run, engine) = pilot(case, long_outage);
    let runs = over_seeds(&case.model, &with(events_of_run), SEEDS);
    let without = runs.iter().filter(|run| run.unavailability.point.is_none()).count();
    let both = coverages(&runs, reference);
    let [u, frequency] = both;
    let name = if long_outage.is_some() { format!("{} as a whole", case.name) } else { case.name.clone() };
    let text = format!(
        "{name},{:.3e},{engine},{events_of_run},{without},{:.2},{:.2},{:.4},{:.4},{:.5},{:.5},{:.1},{:.1}",
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
    Row { name, is_of_pieces: engine == "pieces", text, both }
}

/// Events for a half width of 3 % of U and of the frequency, by a run of seed 0, which is none of the table's; and the engine.
fn pilot(case: &Case, long_outage: Option<f64>) -> (u64, &'static str) {
    let [least, most] = if long_outage.is_some() { EVENTS_OF_WHOLE } else { EVENTS };
    let run = sampled(&case.model, &Settings { seed: 0, long_outage, ..events(most as u64) });
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
