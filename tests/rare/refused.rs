//! Where importance sampling has no interval to give: it ends, says why, and what it gives instead holds.

use std::sync::atomic::{AtomicU64, Ordering};

use ninefold::exact;
use ninefold::measure::{NoObserver, Observer, Progress, Stop, StopReason};
use ninefold::simulate::{Method, Settings, simulate};
use ninefold::topology::template::TEMPLATES;

use crate::library::{Reference, parsed};
use crate::runs::{coverages, events, holds, over_seeds, sampled};

/// Units fail faster than the crew repairs them: everything is up at the start, and then never again.
fn never_all_up(repair: &str) -> String {
    format!(
        "[component.a]\nmtbf = \"1000h\"\nmttr = {repair}\n[crew.c]\nsize = 2\n[group.g]\ncomponent = \"a\"\nactive = 400\n\
         need = 330\ncrew = \"c\"\n[system]\nup = \"g\"\n"
    )
}

/// Ends when it was told of progress a few times.
struct After {
    told: AtomicU64,
    stop: Stop,
}

impl Observer for After {
    fn stop(&self) -> Option<Stop> {
        (self.told.load(Ordering::Relaxed) >= 3).then_some(self.stop)
    }

    fn progress(&self, _: &Progress) {
        self.told.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn cycles_that_never_end_do_not_hang() {
    let model = parsed(&never_all_up("\"100h\""), "never all up");
    let run = sampled(&model, &events(100_000));
    assert_eq!((run.stopped_by, run.cycles), (StopReason::Events, 0));
    assert_eq!(run.diagnostics.refused.as_deref(), Some("cycles_unfinished"));
    assert_eq!((run.unavailability.point, run.unavailability.low, run.unavailability.high), (None, None, None));
    assert!(run.warnings[0].message.contains("no bound can be given"), "{}", run.warnings[0].message);
    // The same for any number of threads.
    assert_eq!(sampled(&model, &Settings { threads: 2, ..events(100_000) }).events, run.events);
}

#[test]
fn a_stop_is_heeded_within_a_cycle() {
    for repair in ["\"100h\"", "{ lognormal = { mean = \"100h\", cv = 1 } }"] {
        let model = parsed(&never_all_up(repair), "never all up");
        for (stop, reason) in [(Stop::TimeLimit, StopReason::TimeLimit), (Stop::Interrupted, StopReason::Interrupted)] {
            let observer = After { told: AtomicU64::new(0), stop };
            let settings = Settings { method: Method::Importance, ..Settings::default() };
            let run = simulate(&model, &settings, &observer).expect("units fail");
            assert_eq!(run.stopped_by, reason, "{repair}");
            assert_eq!(run.diagnostics.refused.as_deref(), Some("cycles_unfinished"), "{repair}");
        }
    }
}

/// A pair that hardly ever fails, in a domain that is lost every 1000 years to the day.
const FIXED: &str = "[component.a]\nmtbf = \"10y\"\nmttr = \"1h\"\n[domain.zone]\nmtbf = { fixed = \"1000y\" }\nmttr = \"10h\"\n\
                     [crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\nactive = 2\nneed = 1\ncrew = \"c\"\n\
                     spread = [\"zone\"]\n[system]\nup = \"g\"\n";

/// Of 20 intervals at 99.99 % a miss is an error.
#[test]
fn a_rare_loss_at_a_fixed_time_gets_a_right_interval_or_none() {
    let model = parsed(FIXED, "fixed loss");
    let (hour, year) = (3_600.0, ninefold::quantity::DEFAULT_YEAR_SECONDS);
    // The pair is down for one in 4e9 of the time, which is one in 3,000 of what the domain is.
    let pair = 2.0 * (hour / (10.0 * year)) * (hour / (10.0 * year));
    let cycle = 1000.0 * year + 10.0 * hour;
    let reference = Reference {
        unavailability: 10.0 * hour / cycle + pair,
        frequency: 1.0 / cycle + 2.0 * hour / (10.0 * year * 10.0 * year),
    };
    let refused = |limit| {
        let runs = over_seeds(&model, &Settings { alpha: 1e-4, ..events(limit) }, 10);
        let both = coverages(&runs, reference);
        assert!(both.iter().all(|of| of.misses() == 0), "{limit} events: {both:?}");
        let without = runs.iter().filter(|run| run.unavailability.point.is_none());
        for run in without.clone() {
            assert!(holds(&run.unavailability, reference.unavailability), "{limit} events: {:?}", run.unavailability);
        }
        without.filter(|run| run.diagnostics.refused.as_deref() == Some("fixed_loss_unseen")).count()
    };
    // 30 losses take 30,000 years.
    assert_eq!(refused(5_000), 10);
    assert_eq!(refused(500_000), 0);
}

/// Ten groups, each with a crew of its own.
fn series() -> String {
    let group = |index: u32| {
        format!(
            "[component.c{index}]\nmtbf = \"{}h\"\nmttr = \"{}h\"\n[crew.w{index}]\nsize = 1\n[group.g{index}]\ncomponent = \
             \"c{index}\"\nactive = 5\nneed = 3\ncrew = \"w{index}\"\n",
            1000 + 100 * index,
            1 + index % 3
        )
    };
    let up: Vec<String> = (0..10).map(|index| format!("g{index}")).collect();
    (0..10).map(group).collect::<String>() + &format!("[system]\nup = \"{}\"\n", up.join(" and "))
}

/// Ten intervals of each measure at 99.99 %.
#[test]
fn a_series_of_independent_groups_matches_the_exact_solution() {
    let model = parsed(&series(), "series");
    let exact = exact::solve(&model, &exact::Settings::default(), &NoObserver).expect("an exponential model");
    for run in over_seeds(&model, &Settings { alpha: 1e-4, precision: Some(0.05), ..events(4_000_000) }, 10) {
        assert!(run.method.contains("10 independent pieces"), "{}", run.method);
        assert_eq!(run.stopped_by, StopReason::Precision);
        assert!(holds(&run.unavailability, exact.unavailability), "{:?} {}", run.unavailability, exact.unavailability);
        let (frequency, expected) = (run.failure_frequency.expect("times"), exact.failure_frequency.expect("times"));
        assert!(holds(&frequency, expected), "{frequency:?} {expected}");
        for (cause, expected) in run.contributions.begun_by.iter().zip(&exact.contributions.begun_by) {
            assert_eq!(cause.of, expected.of);
            assert!(holds(&cause.value, expected.value), "{cause:?} {expected:?}");
        }
        let piece = run.diagnostics.importance.and_then(|checks| checks.piece).expect("checks of a piece");
        assert!(piece.pieces == 10 && piece.name.starts_with('g') && (0.01..1.0).contains(&piece.share), "{piece:?}");
    }
}

#[test]
fn the_refusal_of_a_piece_names_it() {
    let run = sampled(&parsed(&series(), "series"), &events(3_000));
    let piece = run.diagnostics.importance.and_then(|checks| checks.piece).expect("checks of a piece");
    let message = &run.warnings[0].message;
    assert!(message.starts_with(&format!("no interval: of the piece `{}`, ", piece.name)), "{message}");
    assert_eq!(run.diagnostics.refused.as_deref(), Some(run.warnings[0].code));
}

#[test]
fn every_template_can_be_sampled() {
    for template in TEMPLATES {
        let model = parsed(template.text, template.name);
        let run = sampled(&model, &events(60_000));
        assert_eq!(run.diagnostics.refused, None, "{}: {:?}", template.name, run.warnings);
        if let Ok(exact) = exact::solve(&model, &exact::Settings::default(), &NoObserver) {
            // At 95 %, with one seed: twice the width is no chance.
            let (value, half) = (run.unavailability.point, run.unavailability.relative_half_width());
            let error = (value.expect("an interval") / exact.unavailability - 1.0).abs();
            assert!(error < 2.0 * half.expect("an interval"), "{}: {error} {half:?}", template.name);
        }
    }
}
