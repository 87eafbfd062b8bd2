//! Where something else brings most of the cycles, what a batch starts with lasts for all of it: it must be the long run.

use ninefold::exact;
use ninefold::measure::NoObserver;
use ninefold::simulate::{Method, Settings};

use crate::library::parsed;
use crate::runs::{events, sampled};

/// Servers that fail often and never bring the system down.
const WEB: &str = "[component.web]\nmtbf = \"50d\"\nmttr = \"1h\"\n[group.web]\ncomponent = \"web\"\nactive = 5\nneed = 1\n\
                   [system]\nup = \"db and web\"\n";

/// U of a model against what is known, over some seeds: the mean of the ratios, and the intervals that miss.
fn ratios(text: &str, known: f64, settings: &Settings) -> (f64, usize, usize) {
    let model = parsed(text, "long run");
    let runs = (1..=8).map(|seed| sampled(&model, &Settings { seed, ..settings.clone() }).unavailability);
    let given: Vec<(f64, f64, f64)> = runs.filter_map(|run| Some((run.low?, run.point?, run.high?))).collect();
    let misses = given.iter().filter(|(low, _, high)| !(*low..=*high).contains(&known)).count();
    let mean = given.iter().map(|(_, point, _)| point / known).sum::<f64>() / given.len() as f64;
    (mean, misses, given.len())
}

#[test]
fn owners_that_change_once_in_many_cycles() {
    // In one zone the slot is ten times as likely to be lost as in the other, and it changes hands once in years.
    let text = format!(
        "[component.db]\nmtbf = \"500y\"\nmttr = \"1h\"\n[domain.za]\nmtbf = \"50y\"\nmttr = \"1h\"\n[domain.zb]\nmtbf = \"5y\"\n\
         mttr = \"1h\"\n[group.db]\ncomponent = \"db\"\nactive = 1\nstandby = 1\nfailover = {{ takes = \"10m\" }}\n\
         spread = [\"za\", \"zb\"]\n{WEB}"
    );
    let model = parsed(&text, "owners");
    let known = exact::solve(&model, &exact::Settings::default(), &NoObserver).expect("a small chain").unavailability;
    let (mean, misses, given) = ratios(&text, known, &Settings { method: Method::Importance, ..events(400_000) });
    // Batches with one owner and with the other differ by a factor of ten: 32 of them give U to about 15 %.
    assert!(given == 8 && misses <= 2 && (0.8..1.2).contains(&mean), "{mean} {misses} {given}");
}

#[test]
fn modes_of_one_unit_are_as_old_as_each_other() {
    // What wears out in 6,000 days is renewed at every crash, which comes every 300: it hardly ever wears out.
    let text = format!(
        "[component.db.modes.crash]\nmtbf = \"300d\"\nmttr = \"1h\"\n[component.db.modes.wear]\n\
         mtbf = {{ weibull = {{ mean = \"6000d\", shape = 3 }} }}\nmttr = {{ fixed = \"20d\" }}\n[group.db]\ncomponent = \"db\"\n\
         active = 2\nneed = 1\n{WEB}"
    );
    // The renewal of one unit: life is the shorter of the two, and the probability that wear ends it is an integral over
    // the density of wear. By quadrature in days.
    let scale = 6_000.0 / libm::tgamma(4.0 / 3.0);
    let survival = |t: f64| libm::exp(-t / 300.0 - libm::pow(t / scale, 3.0));
    let steps = 400_000;
    let width = 12_000.0 / f64::from(steps);
    let middle = |k: i32| (f64::from(k) + 0.5) * width;
    let life: f64 = (0..steps).map(|k| survival(middle(k)) * width).sum();
    let wears: f64 = (0..steps).map(|k| 3.0 * middle(k).powi(2) / scale.powi(3) * survival(middle(k)) * width).sum();
    let down = wears * 20.0 + (1.0 - wears) / 24.0;
    let known = (down / (life + down)).powi(2);
    // What wears out is old, and few units of a run get that old: some runs have no interval.
    let (mean, misses, given) = ratios(&text, known, &Settings { method: Method::Importance, ..events(800_000) });
    assert!(given >= 3 && misses <= 1 && (0.95..1.05).contains(&mean), "{mean} {misses} {given}");
    // With a quarter of that there are too few lives for most.
    let (_, _, given) = ratios(&text, known, &Settings { method: Method::Importance, ..events(200_000) });
    assert!(given <= 2, "{given}");
}

#[test]
fn a_cold_standby_is_new() {
    // Unit B takes over when A fails, new; the system is down while B has failed and A is not back. With Y a new life and
    // a repair of one day, `U = E[max(1 - Y, 0)] / (mean of Y + E[max(1 - Y, 0)])`: lives follow each other.
    let text = format!(
        "[component.db]\nmtbf = {{ weibull = {{ mean = \"3000d\", shape = 0.5 }} }}\nmttr = {{ fixed = \"1d\" }}\n[group.db]\n\
         component = \"db\"\nactive = 1\nstandby = {{ count = 1, mode = \"cold\" }}\n{WEB}"
    );
    let cumulative = |t: f64| -libm::expm1(-libm::sqrt(t / 1_500.0));
    let steps = 1_000_000;
    let lost: f64 = (0..steps).map(|k| cumulative((f64::from(k) + 0.5) / f64::from(steps)) / f64::from(steps)).sum();
    let known = lost / (3_000.0 + lost);
    let (mean, misses, given) = ratios(&text, known, &events(2_000_000));
    // New lives differ so much that most runs are refused.
    assert!(given >= 2 && misses <= 1 && (0.85..1.15).contains(&mean), "{mean} {misses} {given}");
}

#[test]
fn a_life_that_outlasts_the_run() {
    // A site that wears out once in a thousand years: no batch sees it renewed, and each begins with another age of it. That there
    // are hardly any lives to count is no reason against an interval.
    let text = format!(
        "[domain.site]\nmtbf = {{ weibull = {{ mean = \"1000y\", shape = 3 }} }}\nmttr = \"30d\"\n[component.db]\nmtbf = \"900y\"\n\
         mttr = \"1h\"\n[group.db]\ncomponent = \"db\"\nactive = 2\nneed = 1\ndepends = [\"site\"]\n{WEB}"
    );
    let model = parsed(&text, "long life");
    for seed in 1..=4 {
        let run = sampled(&model, &Settings { seed, method: Method::Importance, ..events(200_000) });
        assert_ne!(run.diagnostics.refused.as_deref(), Some("too_few_lives"), "seed {seed}");
    }
}
