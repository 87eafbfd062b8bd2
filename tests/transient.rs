//! Measures at a time, of the first outage and of outage lengths, against references that share nothing with the product:
//! closed forms, and `transient/reference.csv`: matrix exponentials of independently built chains in 60 digits (`transient/reference.py`).

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use std::path::{Path, PathBuf};

use ninefold::exact::transient::{Questions, solve};
use ninefold::exact::{self, Error, Settings};
use ninefold::measure::{NoObserver, TransientMeasures};
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::topology::Model;
use ninefold::topology::read::{Syntax, read};
use ninefold::topology::template::TEMPLATES;

/// What is promised.
const TOLERANCE: f64 = 1e-10;
const TIMES: [f64; 5] = [1.0, 60.0, 3_600.0, 86_400.0, 31_536_000.0];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transient")
}

fn parsed(text: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap()
}

fn asked(model: &Model, questions: &Questions) -> TransientMeasures {
    solve(model, questions, &Settings::default(), &NoObserver).unwrap()
}

fn at(times: &[f64]) -> Questions {
    Questions { times: times.to_vec(), first_outage: true, ..Questions::default() }
}

fn relative(actual: f64, expected: f64) -> f64 {
    ((actual - expected) / expected).abs()
}

#[track_caller]
fn assert_rel(actual: Option<f64>, expected: f64, tolerance: f64, what: &str) {
    let actual = actual.unwrap_or_else(|| panic!("{what} is not given"));
    let error = relative(actual, expected);
    assert!(error <= tolerance, "{what}: {actual:e} is {error:.1e} from {expected:e}, more than {tolerance:.0e}");
}

struct Reference {
    model: String,
    measure: String,
    time: f64,
    value: f64,
}

fn references() -> Vec<Reference> {
    let text = std::fs::read_to_string(folder().join("reference.csv")).unwrap();
    let reference = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Reference {
            model: cells[0].into(),
            measure: cells[1].into(),
            time: cells[2].parse().unwrap(),
            value: cells[3].parse().unwrap(),
        }
    };
    text.lines().map(reference).collect()
}

/// What the product says to a reference.
fn answer(measures: &TransientMeasures, reference: &Reference) -> Option<f64> {
    let is_asked = |time: f64| relative(time, reference.time) < 1e-15;
    let point = || measures.points.iter().find(|point| is_asked(point.time)).unwrap();
    let beyond = || measures.beyond.iter().find(|beyond| is_asked(beyond.objective)).unwrap();
    match reference.measure.as_str() {
        "unavailability" => point().unavailability,
        "downtime" => point().downtime,
        "outage_probability" => point().outage_probability,
        "first_outage" => measures.mean_time_to_first_outage,
        "beyond" => beyond().share_of_outages,
        "downtime_beyond" => beyond().share_of_downtime,
        other => panic!("no measure is called {other}"),
    }
}

/// Most outages last as long as it takes to notice a failure, five minutes; one in 30,000 begins when nothing is left to take over, and lasts
/// for hours. At 40 and 55 minutes the ones are as rare as the others. References: matrix exponentials in 40 digits of the chain of (owner, both
/// others), written by hand.
#[test]
fn long_outages_are_known_where_short_and_long_ones_are_alike_rare() {
    let text = "[component.db]\nmtbf = \"90d\"\nrepair = \"9h30m\"\ndetect = \"5m\"\n[group.db]\ncomponent = \"db\"\nactive = 1\n\
                standby = 2\n[system]\nup = \"db\"\n";
    let references = [
        (1_200.0, 0.0183675366540721706, 0.0935927160517334774),
        (2_400.0, 0.000383093954187664749, 0.00519956971754662332),
        (3_300.0, 0.0000607334174294305328, 0.0023528862479976675),
        (5_400.0, 0.0000366398253647667261, 0.00204681150858472977),
    ];
    let objectives = references.map(|(objective, _, _)| objective).to_vec();
    let measures = asked(&parsed(text), &Questions { objectives, ..Questions::default() });
    for (beyond, (objective, outages, downtime)) in measures.beyond.iter().zip(references) {
        assert_rel(beyond.share_of_outages, outages, TOLERANCE, &format!("outages beyond {objective} s"));
        assert_rel(beyond.share_of_downtime, downtime, TOLERANCE, &format!("downtime beyond {objective} s"));
    }
}

#[test]
fn everything_matches_matrix_exponentials_in_60_digits() {
    let references = references();
    let mut smallest = f64::INFINITY;
    let mut wrong = Vec::new();
    let mut models: Vec<&str> = references.iter().map(|reference| reference.model.as_str()).collect();
    models.dedup();
    assert!(models.len() >= 5);
    for name in models {
        let model = parsed(&std::fs::read_to_string(folder().join(format!("models/{name}.toml"))).unwrap());
        let objectives = vec![1.0, 60.0, 300.0, 3_600.0, 36_000.0, 86_400.0];
        let measures = asked(&model, &Questions { objectives, ..at(&TIMES) });
        let mut worst: (f64, String) = (0.0, String::new());
        for reference in references.iter().filter(|reference| reference.model == name) {
            let what = format!("{name}, {} at {} s", reference.measure, reference.time);
            let error = answer(&measures, reference).map_or(f64::INFINITY, |value| relative(value, reference.value));
            if error > TOLERANCE && !(error.is_infinite() && reference.value < LEAST_VALUE) {
                wrong.push(format!("{what}: {error:.1e} of {:e}", reference.value));
            }
            if error > worst.0 {
                worst = (error, what);
            }
            smallest = smallest.min(reference.value);
        }
        println!("{name}: largest error {:.1e} ({})", worst.0, worst.1);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(smallest < 1e-20);
}

/// Below this a number may be left out, but not be wrong.
const LEAST_VALUE: f64 = 1e-20;

#[test]
fn one_unit_matches_its_closed_form() {
    let model = parsed("[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n");
    let (lambda, mu) = (1.0 / 2_592_000.0, 1.0 / 3_600.0);
    let share = lambda / (lambda + mu);
    let measures = asked(&model, &at(&[1e-6, 1.0, 60.0, 3_600.0, 86_400.0, 31_536_000.0, 1e12]));
    for point in &measures.points {
        let rate = lambda + mu;
        let (t, x) = (point.time, rate * point.time);
        let what = format!("at {t} s");
        assert_rel(point.unavailability, -share * (-x).exp_m1(), TOLERANCE, &what);
        assert_rel(point.outage_probability, -(-lambda * t).exp_m1(), TOLERANCE, &what);
        // t - (1 - e^-x) / rate, by its series where that cancels.
        let series = 0.5 * x * (3..40).rev().fold(1.0, |rest, k| 1.0 - rest * x / f64::from(k));
        let expected = if x < 1.0 { share * series * t } else { share * (t + (-x).exp_m1() / rate) };
        assert_rel(point.downtime, expected, TOLERANCE, &what);
    }
    assert_rel(measures.mean_time_to_first_outage, 2_592_000.0, 1e-13, "the first outage");
}

/// A pair, up while one is: the first outage by the two eigenvalues (Barlow, Proschan 1975, section 7.3).
#[test]
fn the_first_outage_of_a_pair_matches_its_eigenvalues() {
    let text = "[component.a]\nmtbf = \"30h\"\nmttr = \"2h\"\n[group.a]\ncomponent = \"a\"\nactive = 2\nneed = 1\n\
                [system]\nup = \"a\"\n";
    let (lambda, mu) = (1.0 / 30.0 / 3_600.0, 1.0 / 2.0 / 3_600.0);
    let measures = asked(&parsed(text), &at(&[3_600.0, 86_400.0, 8_640_000.0]));
    assert_rel(
        measures.mean_time_to_first_outage,
        (3.0 * lambda + mu) / (2.0 * lambda * lambda),
        1e-13,
        "the first outage",
    );
    let (sum, product): (f64, f64) = (3.0 * lambda + mu, 2.0 * lambda * lambda);
    let fast = 0.5 * (sum + (sum * sum - 4.0 * product).sqrt());
    let slow = product / fast;
    for point in &measures.points {
        // 1 - R with R = (fast e^(-slow t) - slow e^(-fast t)) / (fast - slow); here 1e-3 and more, so few digits cancel.
        let expected = (slow * (-fast * point.time).exp_m1() - fast * (-slow * point.time).exp_m1()) / (fast - slow);
        assert_rel(point.outage_probability, expected, TOLERANCE, &format!("at {} s", point.time));
        let one = lambda / (lambda + mu) * -(-(lambda + mu) * point.time).exp_m1();
        assert_rel(point.unavailability, one * one, TOLERANCE, &format!("at {} s", point.time));
    }
}

/// Each measure that only the joint chain gives, for outages of a known law.
#[test]
fn outage_lengths_match_closed_forms() {
    let quantiles = vec![(0.05, 0.95), (0.5, 0.5), (0.99, 0.01), (1.0 - 1e-9, 1e-9), (1.0, 1e-18)];
    // Exponential with mean 1 h.
    let model = parsed("[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n");
    let objectives = vec![1e-3, 60.0, 3_600.0, 36_000.0, 165_600.0];
    let questions = Questions { objectives, quantiles: quantiles.clone(), ..Questions::default() };
    let measures = asked(&model, &questions);
    for beyond in &measures.beyond {
        let x = beyond.objective / 3_600.0;
        assert_rel(beyond.share_of_outages, (-x).exp(), TOLERANCE, "outages");
        assert_rel(beyond.share_of_downtime, (1.0 + x) * (-x).exp(), TOLERANCE, "downtime");
    }
    for (quantile, (_, beyond)) in measures.quantiles.iter().zip(&quantiles) {
        assert_rel(quantile.length, -3_600.0 * beyond.ln(), TOLERANCE, "a quantile");
    }
    // Detection, then repair: the sum of two exponentials of 10 min and 1 h.
    let model = parsed("[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\ndetect = \"10m\"\n[system]\nup = \"a\"\n");
    let measures = asked(&model, &questions);
    let survival = |r: f64| (3_600.0 * (-r / 3_600.0).exp() - 600.0 * (-r / 600.0).exp()) / 3_000.0;
    for beyond in &measures.beyond[1..] {
        assert_rel(beyond.share_of_outages, survival(beyond.objective), TOLERANCE, "outages");
    }
    for (quantile, (_, beyond)) in measures.quantiles.iter().zip(&quantiles) {
        assert_rel(Some(survival(quantile.length.unwrap())), *beyond, 1e-9, "a quantile");
    }
}

/// Long outages among very many short ones: 20 s, a thousandth of 1 h, a millionth of 1 d.
#[test]
fn rare_long_outages_keep_their_digits() {
    let text = "[component.a.modes.short]\nmtbf = \"1d\"\nmttr = \"20s\"\n[component.a.modes.long]\nmtbf = \"1000d\"\n\
                mttr = \"1h\"\n[component.a.modes.worst]\nmtbf = \"1000000d\"\nmttr = \"1d\"\n[system]\nup = \"a\"\n";
    let modes = [(1.0, 20.0), (1e-3, 3_600.0), (1e-6, 86_400.0)];
    let all: f64 = modes.iter().map(|(weight, _)| weight).sum();
    let survival = |r: f64| modes.iter().map(|(weight, mean)| weight / all * (-r / mean).exp()).sum::<f64>();
    let objectives = vec![1.0, 60.0, 600.0, 3_600.0, 36_000.0, 864_000.0];
    let quantiles = vec![(1e-6, 1.0 - 1e-6), (0.01, 0.99), (0.999, 1e-3), (1.0 - 1e-6, 1e-6), (1.0 - 1e-9, 1e-9)];
    let measures =
        asked(&parsed(text), &Questions { objectives, quantiles: quantiles.clone(), ..Questions::default() });
    for beyond in &measures.beyond {
        let what = format!("beyond {} s", beyond.objective);
        assert_rel(beyond.share_of_outages, survival(beyond.objective), TOLERANCE, &what);
    }
    for (quantile, (within, beyond)) in measures.quantiles.iter().zip(&quantiles) {
        let length = quantile.length.unwrap_or_else(|| panic!("no quantile {within}"));
        let below = modes.iter().map(|(weight, mean)| -weight / all * (-length / mean).exp_m1()).sum::<f64>();
        assert_rel(Some(below), *within, TOLERANCE, "P(L <= x)");
        // As far as the slope allows: a length that is good to 1e-10 is some 10 means of the probability.
        assert_rel(Some(survival(length)), *beyond, 1e-9, "P(L > x)");
    }
}

/// Far away, a time is the long run.
#[test]
fn templates_reach_their_long_run() {
    for template in TEMPLATES {
        let model = parsed(template.text);
        let Ok(long_run) = exact::solve(&model, &Settings::default(), &NoObserver) else { continue };
        let questions = Questions { times: vec![1e12], ..Questions::default() };
        let Ok(measures) = solve(&model, &questions, &Settings::default(), &NoObserver) else { continue };
        let point = measures.points[0];
        assert_rel(point.unavailability, long_run.unavailability, TOLERANCE, template.name);
    }
}

/// Which of two units over zones serves changes once in weeks: at times of months and years, nodes of the inversion lie beyond that
/// mode, and sweeps that are scaled come to rest on the mode itself.
#[test]
fn a_mode_of_weeks_is_no_solution() {
    let zone = |name: &str| format!("[domain.{name}]\nmtbf = \"90d\"\nmttr = \"2h\"\n");
    let component = |name: &str, days: usize| format!("[component.{name}]\nmtbf = \"{days}d\"\nmttr = \"1h\"\n");
    let text = [
        zone("za"),
        zone("zb"),
        component("db", 30),
        component("web", 20),
        component("x", 40),
        "[crew.k]\nsize = 1\n[group.db]\ncomponent = \"db\"\nactive = 1\nstandby = 1\nspread = [\"za\", \"zb\"]\n\
         failover = { takes = \"30s\", works = 0.98, otherwise = \"30m\" }\ncrew = \"k\"\n[group.web]\ncomponent = \"web\"\n\
         active = 2\nneed = 1\nspread = [\"za\", \"zb\"]\ncrew = \"k\"\n[group.x]\ncomponent = \"x\"\nactive = 2\nneed = 1\n\
         [system]\nup = \"db and web and x and (za or zb)\"\n"
            .into(),
    ]
    .concat();
    let model = parsed(&text);
    let long_run = exact::solve(&model, &Settings::default(), &NoObserver).expect("a small chain").unavailability;
    let (day, year) = (86_400.0, 31_557_600.0);
    for point in asked(&model, &at(&[100.0 * day, 300.0 * day, year, 500.0 * day, 2.0 * year, 10.0 * year])).points {
        // What is left of the start goes with e^(-t / 10 d).
        let tolerance = TOLERANCE + (-point.time / (10.0 * day)).exp();
        assert_rel(point.unavailability, long_run, tolerance, &format!("U after {} s", point.time));
    }
}

/// Which of the equal units serves changes far more slowly than any repair takes: sweeps grow at nodes that lie beyond that mode.
#[test]
fn slow_modes_are_left_where_sweeps_grow() {
    let text = "[domain.z]\nmtbf = \"976.625h\"\nmttr = \"4.06h\"\n[component.a]\nmtbf = \"76.974h\"\nmttr = \"1.46h\"\n\
                restart = { takes = \"0.14h\", works = 0.5 }\n[group.a]\ncomponent = \"a\"\nactive = 1\nneed = 1\n\
                standby = { count = 2, mode = \"hot\", check = \"31.123h\" }\nspread = [\"z\"]\n[system]\nup = \"a\"\n";
    let model = parsed(text);
    let long_run = exact::solve(&model, &Settings::default(), &NoObserver).expect("a small chain").unavailability;
    let day = 86_400.0;
    // What is left of the start goes with e^(-t / 19 h).
    let far = [30.0, 45.0, 60.0, 100.0, 180.0, 365.25, 1_000.0].map(|days| days * day);
    for point in asked(&model, &at(&far)).points {
        assert_rel(point.unavailability, long_run, TOLERANCE, &format!("U after {} s", point.time));
        assert!(point.downtime.is_some() && point.outage_probability.is_some(), "after {} s", point.time);
    }
    // Outages that end in different ways, one behind the other.
    let text = "[crew.c]\nsize = 1\n[component.a]\ndetect = \"0.012h\"\n[component.a.modes.a]\nmtbf = \"100.169h\"\nrepair = \"1.251h\"\n\
                [component.a.modes.b]\nmtbf = \"155.504h\"\nrestart = { takes = \"0.023h\", works = 1 }\nrepair = \"1.603h\"\n[group.a]\n\
                component = \"a\"\nactive = 2\nneed = 2\nstandby = { count = 1, mode = \"cold\" }\ncrew = \"c\"\nload = 1\n[system]\nup = \"a\"\n";
    let model = parsed(text);
    let quantiles = vec![(0.1, 0.9), (0.5, 0.5), (0.9, 0.1), (0.99, 0.01)];
    let found = asked(&model, &Questions { quantiles: quantiles.clone(), ..Questions::default() }).quantiles;
    let lengths: Vec<f64> = found.iter().map(|quantile| quantile.length.expect("a quantile")).collect();
    let measures = asked(&model, &Questions { objectives: lengths, ..Questions::default() });
    for (beyond, (_, expected)) in measures.beyond.iter().zip(quantiles) {
        assert_rel(beyond.share_of_outages, expected, 1e-9, "P(L > x)");
    }
}

/// The integral over pieces, and their probabilities, against the joint chain.
#[test]
fn pieces_and_the_joint_chain_agree() {
    let text = std::fs::read_to_string(folder().join("models/pieces.toml")).unwrap();
    let model = parsed(&text);
    let joint = asked(&model, &at(&TIMES));
    // The chain of the pair fits into this limit, the joint one does not.
    let settings = Settings { max_states: 20, ..Settings::default() };
    let pieces = solve(&model, &at(&TIMES), &settings, &NoObserver).unwrap();
    assert!(!pieces.is_complete && pieces.mean_time_to_first_outage.is_none());
    assert!(pieces.warnings.iter().any(|warning| warning.code == "joint_chain_too_large"));
    for (pieces, joint) in pieces.points.iter().zip(&joint.points) {
        assert_rel(pieces.unavailability, joint.unavailability.unwrap(), TOLERANCE, "U");
        assert_rel(pieces.downtime, joint.downtime.unwrap(), TOLERANCE, "downtime");
        assert_eq!(pieces.outage_probability, None);
    }
}

#[test]
fn times_without_phases_are_refused_by_name_fitted_or_replaced() {
    let model = parsed("[component.a]\nmtbf = \"30d\"\nmttr = { fixed = \"1h\" }\n[system]\nup = \"a\"\n");
    let questions = at(&[60.0]);
    let refused = solve(&model, &questions, &Settings::default(), &NoObserver);
    assert!(matches!(refused, Err(Error::NotMadeOfPhases { fields, .. }) if fields == ["component.a.mttr"]));
    // Three phases in a row, the most that were asked for, in place of a fixed time.
    let settings = Settings { phases: Some(3), ..Settings::default() };
    let fitted = solve(&model, &questions, &settings, &NoObserver).unwrap();
    assert!(fitted.warnings.iter().any(|warning| warning.code == "fitted_times"));
    let stages = parsed(
        "[component.a]\nmtbf = \"30d\"\nmttr = { erlang = { mean = \"1h\", stages = 3 } }\n[system]\nup = \"a\"\n",
    );
    assert_eq!(fitted.points, asked(&stages, &questions).points);
    let settings = Settings { approximate: true, ..Settings::default() };
    let measures = solve(&model, &questions, &settings, &NoObserver).unwrap();
    assert!(measures.warnings.iter().any(|warning| warning.code == "approximate_times"));
    let model = parsed("[component.a]\nunavailability = 1e-3\n[system]\nup = \"a\"\n");
    assert_eq!(solve(&model, &questions, &Settings::default(), &NoObserver), Err(Error::NoTimes));
}
