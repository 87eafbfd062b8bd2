//! Times made of exponential phases: exact where they are Erlang or hyperexponential, fitted elsewhere.
//!
//! References: `tests/rare/reference.csv`, in 20 digits by programs that share nothing with the product (`tests/rare/chain.py`,
//! full chains in 60 digits, and the renewal equations of `tests/rare/reference.py`); exponential topologies that mean the same
//! ([`crate::equivalent`]); and the simulator, which keeps residual times and knows no phases.

use std::fs;
use std::path::{Path, PathBuf};

use ninefold::exact::{self, Error, Settings};
use ninefold::measure::{ExactMeasures, NoObserver};
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::topology::Model;

use crate::compare::{Pair, joined_by_name};
use crate::equivalent::PAIRS;
use crate::generated::{Shape, Times, topology};
use crate::library::{parsed, solved};
use crate::relative::{assert_rel, relative};
use crate::simulated::{Misses, checks, simulated};

/// The proven accuracy of these chains is below 1e-11.
const REFERENCE_TOLERANCE: f64 = 1e-11;
/// Both are solved to a residual of rounding; the accuracy proven of either is 1e-11.
const TWIN_TOLERANCE: f64 = 1e-11;
/// The two means of a disguised exponential are 1e-9 minutes apart, and a time is a minute or more; derivatives by a mean are of
/// the order of one, each of some twenty.
const DISGUISED_TOLERANCE: f64 = 1e-7;
/// Events for each random topology: enough for intervals of a few percent.
const EVENTS: u64 = 100_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rare")
}

/// A model of the rare-event tests, its unavailability, and its outages per second.
fn referenced(name: &str) -> (Model, f64, f64) {
    let text = fs::read_to_string(folder().join(format!("models/{name}.toml"))).expect("the model is there");
    let table = fs::read_to_string(folder().join("reference.csv")).expect("the table is there");
    let row = table.lines().find(|line| line.starts_with(&format!("{name},"))).expect("there is a reference");
    let number = |column: usize| -> f64 {
        row.split(',').nth(column).and_then(|text| text.parse().ok()).expect("a number stands there")
    };
    (parsed(&text, name), number(1), number(2) / DEFAULT_YEAR_SECONDS)
}

fn by_phases(model: &Model, name: &str) -> ExactMeasures {
    exact::solve(model, &Settings::default(), &NoObserver).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn erlang_and_hyperexponential_times_match_references_of_twenty_digits() {
    for name in [
        "2of4-erlang-life-crew1",
        "2of4-hyper-life-crew1",
        "2of5-erlang-crew1",
        "2of5-hyper-crew1",
        "as-erlang-detect",
        "cold-exp-hyper",
        "hot2-hyper-erlang",
        "two-groups-crew-erlang",
        "warm-erlang-life-crew1",
        "hyper-extreme-crew1",
    ] {
        let (model, unavailability, frequency) = referenced(name);
        let found = by_phases(&model, name);
        assert_rel(found.unavailability, unavailability, REFERENCE_TOLERANCE, name);
        assert_rel(found.failure_frequency.unwrap_or(f64::NAN), frequency, REFERENCE_TOLERANCE, name);
        // What is proven holds, but for the digits of the reference.
        assert!(relative(found.unavailability, unavailability) <= found.relative_accuracy, "{name}: {found:?}");
        assert!(found.relative_accuracy < REFERENCE_TOLERANCE, "{name}: {}", found.relative_accuracy);
        assert!(!found.phased_times.is_empty(), "{name}");
        assert!(found.phased_times.iter().all(|time| time.fitted_moments.is_none()), "{name}: {found:?}");
    }
}

/// Models that need more than the chain of their means, with unavailability and outages a year of 31,536,000 s: of another program, which
/// writes every unit with its number and its phases, without any symmetry, and eliminates states one by one.
const UNLUMPED: [(&str, &str, f64, f64); 3] = [
    // Which of two ready standbys takes over matters, as one of them is more worn.
    (
        "two warm standbys",
        "[component.c]\nmtbf = { erlang = { mean = \"151546.87s\", stages = 2 } }\nrepair = \"31880.522s\"\n\
         detect = \"150.228s\"\n[group.g]\ncomponent = \"c\"\nactive = 1\n\
         standby = { count = 2, mode = \"warm\", ageing = 0.5, check = \"5271.113s\" }\n[system]\nup = \"g\"\n",
        0.004147976197359871,
        249.50081902622736,
    ),
    (
        "two cold standbys",
        "[component.s]\nmtbf = \"1990247.664s\"\nrestart = { takes = \"69.432s\" }\ndetect = \"2587.446s\"\n\
         [component.c]\nmtbf = { hyperexponential = { means = [\"6006574.946s\", \"42046024.622s\"], weights = [0.75, 0.25] } }\n\
         repair = { erlang = { mean = \"42600.369s\", stages = 2 } }\n[group.g]\ncomponent = \"c\"\nactive = 1\n\
         standby = { count = 2, mode = \"cold\", check = { erlang = { mean = \"20213.502s\", stages = 2 } } }\n\
         failover = { takes = \"2031.638s\", works = 0.0, otherwise = \"0s\" }\ncommon_cause = { beta = 0.9 }\n\
         [system]\nup = \"g and s\"\n",
        0.002558425019213241,
        17.690430465240766,
    ),
    // Two modes compete, one of which has a memory.
    (
        "competing modes",
        "[component.c]\nmtbf = { hyperexponential = { means = [\"189995.169s\", \"1329966.183s\"], weights = [0.75, 0.25] } }\n\
         repair = \"52268.321s\"\n\
         detect = { hyperexponential = { means = [\"2358.897s\", \"16512.279s\"], weights = [0.75, 0.25] } }\n\
         [component.c.modes.x]\nmtbf = \"2128602.544s\"\nrepair = \"36440.583s\"\n[group.g]\ncomponent = \"c\"\n\
         active = 1\nspread = [\"z0\", \"z1\"]\n[domain.z0]\nmtbf = \"730447.491s\"\n\
         mttr = { erlang = { mean = \"23374.054s\", stages = 2 } }\n[domain.z1]\nmtbf = \"1642653.696s\"\nmttr = \"30796.716s\"\n\
         within = \"z0\"\n[system]\nup = \"g\"\n",
        0.16892993619234983,
        114.0090262377708,
    ),
];

#[test]
fn units_with_an_age_keep_their_numbers() {
    for (name, text, unavailability, frequency) in UNLUMPED {
        let model = parsed(text, name);
        let found = by_phases(&model, name);
        // Of a few hundred states eliminated in doubles the reference has some 14 digits.
        assert_rel(found.unavailability, unavailability, 2e-13, name);
        assert_rel(found.failure_frequency.unwrap_or(f64::NAN) * 31_536_000.0, frequency, 2e-13, name);
        let (mut misses, simulated) = (Misses::default(), simulated(&model, name, 3, 4 * EVENTS));
        misses.add(name, &checks(&found, &simulated.expect("it is simulated")));
        misses.assert_few();
    }
}

#[test]
fn phases_agree_with_exponential_topologies_that_mean_the_same() {
    for pair in &PAIRS {
        let [model, twin] = pair.models();
        let (found, expected) = (by_phases(&model, pair.name), solved(&twin, pair.name).0);
        let pairs = joined_by_name(&found, &expected);
        // Modes have other names there.
        for Pair { measure, exact, reference } in pairs.iter().filter(|pair| !pair.measure.starts_with("begun by g.")) {
            assert_rel(*exact, *reference, TWIN_TOLERANCE, &format!("{}: {measure}", pair.name));
        }
    }
}

/// Every time is one of two exponentials of almost the same mean: all the chains are expanded, and nothing changes.
#[test]
fn disguised_exponentials_change_nothing() {
    let settings = Settings { max_states: 5_000, ..Settings::default() };
    let mut taken = 0;
    for seed in 0..60 {
        let name = format!("seed {seed}");
        let text = |times| topology(seed, Shape { times, time_scale: 1, demand_percent: 50 }).text();
        let disguised = exact::solve(&parsed(&text(Times::Disguised), &name), &settings, &NoObserver);
        let found = match disguised {
            Err(Error::TooManyStates { .. }) => continue,
            other => other.unwrap_or_else(|error| panic!("{name}: {error}")),
        };
        let expected = by_phases(&parsed(&text(Times::Exponential), &name), &name);
        for Pair { measure, exact, reference } in joined_by_name(&found, &expected) {
            assert_rel(exact, reference, DISGUISED_TOLERANCE, &format!("{name}: {measure}"));
        }
        taken += 1;
    }
    assert!(taken > 20, "only {taken} topologies were small enough");
}

#[test]
fn simulated_intervals_hold_the_values_of_random_topologies_with_phases() {
    let settings = Settings { max_states: 5_000, ..Settings::default() };
    let (mut misses, mut taken) = (Misses::default(), 0);
    for seed in 0..60 {
        let name = format!("seed {seed}");
        let model =
            parsed(&topology(seed, Shape { times: Times::Phases, time_scale: 1, demand_percent: 50 }).text(), &name);
        let exact = match exact::solve(&model, &settings, &NoObserver) {
            Err(Error::TooManyStates { .. }) => continue,
            other => other.unwrap_or_else(|error| panic!("{name}: {error}")),
        };
        if let Some(simulated) = simulated(&model, &name, seed, EVENTS).filter(|_| !exact.phased_times.is_empty()) {
            misses.add(&name, &checks(&exact, &simulated));
            taken += 1;
        }
    }
    misses.assert_few();
    assert!(taken > 20, "only {taken} topologies were taken");
}

/// A cold pair with one repairer: the formula of Gaver (1963) for a fixed repair, as in [`crate::equivalent`]. Few phases are an
/// approximation, many a good one: the error of Erlang's times falls as their variance does, as 1 / N.
#[test]
fn fits_come_closer_with_more_phases_and_say_what_they_are() {
    let text = "[component.c]\nmtbf = \"10h\"\nmttr = { fixed = \"4h\" }\n[crew.one]\nsize = 1\n[group.g]\ncomponent = \"c\"\n\
                active = 1\nstandby = { count = 1, mode = \"cold\" }\ncrew = \"one\"\n[system]\nup = \"g\"\n";
    let model = parsed(text, "cold pair");
    let (mean, repair) = (10.0_f64, 4.0_f64);
    let down = repair + mean * libm::expm1(-repair / mean);
    let expected = down / (repair + mean * libm::exp(-repair / mean));
    let error = |phases| {
        let settings = Settings { phases: Some(phases), ..Settings::default() };
        let found = exact::solve(&model, &settings, &NoObserver).expect("the fit is solved");
        assert_eq!(found.warnings.iter().filter(|warning| warning.code == "fitted_phases").count(), 1);
        let [time] = &found.phased_times[..] else { panic!("one time is fitted: {found:?}") };
        assert_eq!((time.field.as_str(), time.phases), ("component.c.mttr", phases as usize));
        assert_eq!(time.fitted_moments, Some(1));
        relative(found.unavailability, expected)
    };
    let (few, more) = (error(5), error(50));
    assert!(few > 0.01 && few < 0.2, "{few}");
    assert!((few / more - 10.0).abs() < 2.0, "{few} {more}");
    let refused = exact::solve(&model, &Settings::default(), &NoObserver);
    assert!(matches!(refused, Err(Error::NotMadeOfPhases { fields, .. }) if fields == ["component.c.mttr"]));
}
