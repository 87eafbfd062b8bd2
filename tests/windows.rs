//! Windows of a given length against the exact engine: in the long run a window of T seconds has nu T + U outages with
//! a part in it, and U T seconds of downtime.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use ninefold::exact;
use ninefold::measure::NoObserver;
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::simulate::windows::{Window, WindowSettings, windows};
use ninefold::topology::Model;
use ninefold::topology::read::{Syntax, read};

const DAY: f64 = 86_400.0;

fn model(text: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap()
}

const UNIT: &str = "[component.a]\nmtbf = \"20d\"\nmttr = \"2d\"\n[system]\nup = \"a\"\n";
const HEAVY: &str = "[component.a]\nmtbf = { weibull = { mean = \"20d\", shape = 0.7 } }\n\
    mttr = { lognormal = { mean = \"12h\", cv = 2 } }\n[system]\nup = \"a\"\n";
const PAIR: &str = "[component.a]\nmtbf = \"10d\"\nmttr = \"1d\"\n[crew.one]\nsize = 1\n\
    [group.pair]\ncomponent = \"a\"\nactive = 2\nneed = 1\ncrew = \"one\"\n[system]\nup = \"pair\"\n";

fn simulated(model: &Model, days: f64, count: u32, threads: usize) -> Vec<Window> {
    let settings = WindowSettings { seconds: days * DAY, windows: count, seed: 1, threads };
    windows(model, settings, &NoObserver).unwrap()
}

/// Mean and its standard error.
fn mean(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (n * (n - 1.0))).sqrt())
}

/// Within four standard errors: a chance of 6e-5 for each of twelve numbers. The windows of a stream are next to
/// independent, so the errors are those of independent ones.
#[test]
fn on_average_windows_hold_what_the_long_run_says() {
    for (text, name) in [(UNIT, "unit"), (HEAVY, "heavy"), (PAIR, "pair")] {
        let model = model(text);
        let exact = exact::solve(&model, &exact::Settings::default(), &NoObserver).unwrap();
        let (u, frequency) = (exact.unavailability, exact.failure_frequency.unwrap());
        for days in [3.0, 90.0] {
            let found = simulated(&model, days, 6_000, 2);
            let (outages, error) = mean(found.iter().map(|window| f64::from(window.outages)));
            let expected = frequency * days * DAY + u;
            assert!((outages - expected).abs() < 4.0 * error, "{name} {days}: {outages} +- {error}, not {expected}");
            let (down, error) = mean(found.iter().map(|window| window.downtime));
            let expected = u * days * DAY;
            assert!((down - expected).abs() < 4.0 * error, "{name} {days}: {down} +- {error}, not {expected}");
        }
    }
}

#[test]
fn windows_do_not_depend_on_threads() {
    for text in [HEAVY, PAIR] {
        let model = model(text);
        assert_eq!(simulated(&model, 30.0, 500, 1), simulated(&model, 30.0, 500, 3));
    }
}

/// A unit that is down for a fixed hour now and then: no window has more downtime than hours and outages, and the share
/// of windows without an outage is that of a Poisson process: exp(-T/m) but for the hour, with m = 100 d and T = 10 d.
#[test]
fn rare_outages_come_as_a_poisson_process() {
    let model = model("[component.a]\nmtbf = \"100d\"\nmttr = { fixed = \"1h\" }\n[system]\nup = \"a\"\n");
    let found = simulated(&model, 10.0, 20_000, 2);
    assert!(found.iter().all(|window| window.downtime <= 3_600.000_1 * f64::from(window.outages)));
    let none = found.iter().filter(|window| window.outages == 0).count() as f64 / 20_000.0;
    // P(no part of an outage) = (up at the start) (none within T): 2400/2401 exp(-0.1) = 0.904461; standard error
    // 0.0021.
    assert!((none - 0.904_461).abs() < 4.0 * 0.002_1, "{none}");
}
