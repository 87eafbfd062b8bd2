//! Fits against independent maximisations, and p-values under the null.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use ninefold::data::{Downtime, Instant, ReadOptions, Rule, Zone, read};
use ninefold::fit::goodness::Settings;
use ninefold::fit::{FitError, Fitted, Goodness, Law, Observation, Sample, goodness};
use ninefold::measure::NoObserver;
use ninefold::numeric::distribution::{Distribution, Family};
use ninefold::numeric::random::{Purpose, stream};
use ninefold::study::history::{History, Unit};

const BEARINGS: [f64; 23] = [
    17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.40, 51.84, 51.96, 54.12, 55.56, 67.80, 68.64, 68.64, 68.88, 84.12,
    93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40,
];
const REMISSION: [f64; 9] = [6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0];
const REMISSION_CENSORED: [f64; 12] = [6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0];
const REPAIRS: [f64; 28] = [
    1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0, 5.0, 6.0, 7.0, 8.0, 8.0, 10.0, 11.0, 12.0, 15.0, 15.0, 19.0, 22.0, 30.0,
    41.0, 60.0, 95.0, 180.0, 240.0, 480.0, 1440.0,
];
const REPAIRS_CENSORED: [f64; 2] = [30.0, 600.0];

fn observations(ended: &[f64], censored: &[f64], scale: f64) -> Vec<Observation> {
    let of = |times: &[f64], censored: bool| -> Vec<Observation> {
        times.iter().map(|time| Observation { seconds: scale * time, censored }).collect()
    };
    [of(ended, false), of(censored, true)].concat()
}

fn sample(ended: &[f64], censored: &[f64]) -> Sample {
    Sample::new(&observations(ended, censored, 1.0)).unwrap()
}

fn samples() -> [(&'static str, Sample); 3] {
    [
        ("bearings", sample(&BEARINGS, &[])),
        ("remission", sample(&REMISSION, &REMISSION_CENSORED)),
        ("repairs", sample(&REPAIRS, &REPAIRS_CENSORED)),
    ]
}

fn law(name: &str) -> Law {
    Law::ALL.into_iter().find(|law| law.name() == name).unwrap()
}

fn close(actual: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((actual - expected).abs() <= tolerance * expected.abs(), "{what}: {actual:?} is not {expected:?}");
}

/// `tests/fit/reference.csv` is by mpmath in 30 digits (`tests/fit/reference.py`); scipy 1.17's `CensoredData` fits
/// agree with it to the 1e-6 of its own search. Parameters to 1e-9 and errors to 1e-7 (second differences of the
/// gamma's tail).
#[test]
fn fits_are_those_of_an_independent_maximisation() {
    let samples = samples();
    let mut lines = 0;
    for line in include_str!("fit/reference.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let sample = &samples.iter().find(|(name, _)| *name == cells[0]).unwrap().1;
        let fit = law(cells[1]).fit(sample).unwrap();
        let what = format!("{} {}", cells[0], cells[1]);
        close(fit.log_likelihood, cells[2].parse().unwrap(), 1e-12, &what);
        for (parameter, cells) in fit.parameters.iter().zip(cells[3..].chunks(2)) {
            let what = format!("{what} {}", parameter.name);
            close(parameter.value, cells[0].parse().unwrap(), 1e-9, &what);
            close(parameter.standard_error, cells[1].parse().unwrap(), 1e-7, &what);
        }
        lines += 1;
    }
    assert_eq!(lines, 13);
}

/// Lawless (2003), "Statistical Models and Methods for Lifetime Data", p. 99 and 240: shape 2.102 and scale 81.88.
#[test]
fn the_bearings_have_the_published_weibull() {
    let fit = Law::Weibull.fit(&sample(&BEARINGS, &[])).unwrap();
    assert!((fit.parameters[0].value - 81.88).abs() < 0.01 && (fit.parameters[1].value - 2.102).abs() < 5e-4);
}

#[test]
fn times_that_vary_less_than_exponential_ones_have_no_two_phases() {
    assert_eq!(Law::HyperExponential.fit(&sample(&BEARINGS, &[])), Err(FitError::OnePhase));
}

#[test]
fn equal_times_fit_only_an_exponential() {
    let equal = sample(&[60.0; 7], &[]);
    assert!(Law::Exponential.fit(&equal).is_ok());
    for law in &Law::ALL[1..] {
        assert!(matches!(law.fit(&equal), Err(FitError::TooFew { .. })), "{law:?}");
    }
    // Two different times that ended are enough for two parameters, also with most of the others cut off.
    let two = sample(&[60.0, 61.0], &[100.0; 50]);
    assert!(Law::Weibull.fit(&two).is_ok() && Law::LogNormal.fit(&two).is_ok() && Law::Gamma.fit(&two).is_ok());
}

/// Times in other units: times, scales and means grow, shapes stay, and the log-likelihood falls by ln(unit) for each
/// time that ended.
#[test]
fn nothing_depends_on_the_unit_of_time() {
    for unit in [1e-6, 60.0, 3.15e7] {
        let scaled = Sample::new(&observations(&REPAIRS, &REPAIRS_CENSORED, unit)).unwrap();
        for law in Law::ALL {
            let plain = law.fit(&sample(&REPAIRS, &REPAIRS_CENSORED)).unwrap();
            let other = law.fit(&scaled).unwrap();
            let what = format!("{law:?} in {unit}");
            close(other.distribution.mean(), unit * plain.distribution.mean(), 1e-9, &what);
            close(other.log_likelihood, plain.log_likelihood - 28.0 * unit.ln(), 1e-11, &what);
        }
    }
}

/// The order of observations changes nothing.
#[test]
fn order_does_not_matter() {
    let mut shuffled = observations(&REPAIRS, &REPAIRS_CENSORED, 1.0);
    shuffled.rotate_left(11);
    shuffled.reverse();
    assert_eq!(Sample::new(&shuffled).unwrap(), sample(&REPAIRS, &REPAIRS_CENSORED));
}

fn drawn(from: &Distribution, count: usize, seed: u64) -> Vec<Observation> {
    let mut random = stream(seed, Purpose::Plain, 0);
    (0..count).map(|_| Observation { seconds: from.sample(&mut random), censored: false }).collect()
}

/// Fits of samples that were drawn from each family contain its parameters within four standard errors, at sizes where
/// those are about normal: the chance of a miss is 6e-5 for each of 30 numbers. The log-likelihood of the fit is at
/// least that of the truth.
#[test]
fn fits_find_what_samples_were_drawn_from() {
    let truths = [
        (Law::Weibull, Family::Weibull { scale: 5e4, shape: 0.6 }, vec![5e4, 0.6]),
        (Law::LogNormal, Family::LogNormal { mu: 7.0, sigma: 1.4 }, vec![7.0, 1.4]),
        (Law::Gamma, Family::Gamma { shape: 0.4, scale: 1e5 }, vec![0.4, 1e5]),
        (
            Law::HyperExponential,
            Family::HyperExponential { means: vec![60.0, 9e3], weights: vec![0.7, 0.3] },
            vec![0.7, 60.0, 9e3],
        ),
    ];
    for (law, family, parameters) in truths {
        let truth = Distribution::new(family).unwrap();
        for seed in 1..4 {
            let sample = Sample::new(&drawn(&truth, 3_000, seed)).unwrap();
            let fit = law.fit(&sample).unwrap();
            for (found, expected) in fit.parameters.iter().zip(&parameters) {
                let apart = (found.value - expected) / found.standard_error;
                assert!(apart.abs() < 4.0, "{law:?} {}: {found:?} is not {expected}", found.name);
            }
        }
    }
}

/// The sum of ln density and ln survival, by the distributions' own functions.
fn log_likelihood(distribution: &Distribution, observations: &[Observation]) -> f64 {
    let of = |one: &Observation| {
        let survival = distribution.survival(one.seconds).ln();
        if one.censored { survival } else { distribution.density(one.seconds).unwrap().ln() }
    };
    observations.iter().map(of).sum()
}

/// The family with one of its parameters a little larger or smaller.
fn moved(distribution: &Distribution, parameter: usize, factor: f64) -> Distribution {
    let by = |place: usize| if place == parameter { factor } else { 1.0 };
    let family = match distribution.family() {
        Family::Exponential { mean } => Family::Exponential { mean: mean * by(0) },
        Family::Weibull { scale, shape } => Family::Weibull { scale: scale * by(0), shape: shape * by(1) },
        Family::LogNormal { mu, sigma } => Family::LogNormal { mu: mu * by(0), sigma: sigma * by(1) },
        Family::Gamma { shape, scale } => Family::Gamma { shape: shape * by(0), scale: scale * by(1) },
        Family::HyperExponential { means, weights } => {
            let weight = (weights[0] * by(0)).min(0.999);
            let means = vec![means[0] * by(1), means[1] * by(2)];
            Family::HyperExponential { means, weights: vec![weight, 1.0 - weight] }
        }
        _ => unreachable!("no other family is fitted"),
    };
    Distribution::new(family).unwrap()
}

/// On random samples, small and large, cut off or not: the log-likelihood is that of the fitted distribution, and no
/// parameter moved by half a percent to either side makes the sample likelier.
#[test]
fn no_parameters_nearby_are_likelier() {
    let truth = Distribution::new(Family::LogNormal { mu: 6.0, sigma: 1.2 }).unwrap();
    let mut fits = 0;
    for seed in 0..30 {
        let mut times = drawn(&truth, 6 + 12 * seed as usize, 77 + seed);
        for one in times.iter_mut().filter(|one| seed % 2 == 0 && one.seconds > 1_200.0) {
            *one = Observation { seconds: 1_200.0, censored: true };
        }
        for law in Law::ALL {
            let Ok(fit) = law.fit(&Sample::new(&times).unwrap()) else { continue };
            close(log_likelihood(&fit.distribution, &times), fit.log_likelihood, 1e-10, law.name());
            for (parameter, factor) in
                (0..law.parameters()).flat_map(|parameter| [(parameter, 0.995), (parameter, 1.005)])
            {
                let there = log_likelihood(&moved(&fit.distribution, parameter, factor), &times);
                assert!(there < fit.log_likelihood, "{law:?} {seed}: {parameter} times {factor}");
            }
            fits += 1;
        }
    }
    // Some small samples have no hyperexponential.
    assert!(fits >= 125, "{fits}");
}

fn tested(observations: &[Observation], law: Law, settings: Settings) -> (Fitted, Goodness) {
    let sample = Sample::new(observations).unwrap();
    let fit = law.fit(&sample).unwrap();
    let found = goodness(&sample, std::slice::from_ref(&fit), 0, settings, &NoObserver).unwrap();
    (fit, found[0])
}

#[test]
fn p_values_do_not_depend_on_threads() {
    let times = observations(&REPAIRS, &REPAIRS_CENSORED, 60.0);
    for law in Law::ALL {
        let with = |threads| tested(&times, law, Settings { draws: 60, threads, ..Settings::default() });
        assert_eq!(with(1), with(3), "{law:?}");
    }
}

/// How many of so many samples, drawn from `truth` and cut off by an exponential of mean `cut`, have p-values above 5
/// %.
fn accepted(law: Law, truth: &Distribution, cut: Option<f64>, size: usize, repeats: u64, draws: u32) -> [u64; 2] {
    let mut accepted = [0, 0];
    for seed in 0..repeats {
        let mut times = drawn(truth, size, 1_000 + seed);
        if let Some(mean) = cut {
            let ends = drawn(&Distribution::exponential(mean).unwrap(), size, 9_000_000 + seed);
            for (time, end) in times.iter_mut().zip(ends).filter(|(time, end)| end.seconds < time.seconds) {
                *time = Observation { censored: true, ..end };
            }
        }
        let (_, found) = tested(&times, law, Settings { draws, seed, threads: 2 });
        accepted[0] += u64::from(found.kolmogorov_smirnov_p.unwrap() > 0.05);
        accepted[1] += u64::from(found.anderson_darling_p.unwrap() > 0.05);
    }
    accepted
}

/// Under the null p is uniform on the multiples of 1/(draws + 1), so with 99 draws it is above 5 % with probability
/// exactly 95 % but for the error of the fitted parameters. 400 samples: 380 +- 4.4; 366 to 393 is 3.2 and 3 standard
/// deviations, and inside the 92 to 98 % that are asked for (368 to 392). Run with `--ignored` for all families and
/// censored times.
#[test]
fn p_values_of_true_models_are_above_five_percent_as_often_as_they_should() {
    let truth = Distribution::new(Family::LogNormal { mu: 7.0, sigma: 1.3 }).unwrap();
    for accepted in accepted(Law::LogNormal, &truth, None, 40, 400, 99) {
        assert!((366..=393).contains(&accepted), "{accepted} of 400");
    }
}

#[test]
#[ignore = "minutes: every family, complete and censored"]
fn p_values_of_true_models_for_every_family() {
    let truths = [
        (Law::Exponential, Family::Exponential { mean: 1e4 }),
        (Law::Weibull, Family::Weibull { scale: 1e4, shape: 0.7 }),
        (Law::LogNormal, Family::LogNormal { mu: 9.0, sigma: 1.3 }),
        (Law::Gamma, Family::Gamma { shape: 0.6, scale: 2e4 }),
        (Law::HyperExponential, Family::HyperExponential { means: vec![600.0, 3e4], weights: vec![0.6, 0.4] }),
    ];
    for (law, family) in truths {
        let truth = Distribution::new(family).unwrap();
        for cut in [None, Some(3e4)] {
            let found = accepted(law, &truth, cut, 80, 500, 99);
            println!("{law:?}, cut off by a mean of {cut:?}: {found:?} of 500");
            for accepted in found {
                // With censored times p is a little too large, most so for the hyperexponential: 97 to 98 % are accepted.
                let most = if cut.is_some() { 495 } else { 490 };
                assert!((460..=most).contains(&accepted), "{law:?} {cut:?}: {accepted} of 500");
            }
        }
    }
}

/// A lognormal sample is no exponential: the test says so.
#[test]
fn a_wrong_family_is_found_out() {
    let truth = Distribution::new(Family::LogNormal { mu: 7.0, sigma: 1.5 }).unwrap();
    let (_, found) = tested(&drawn(&truth, 300, 5), Law::Exponential, Settings { draws: 199, ..Settings::default() });
    assert!(found.anderson_darling_p.unwrap() <= 0.01 && found.kolmogorov_smirnov_p.unwrap() <= 0.01);
}

/// The whole of `docs/data/status-2024.csv` in 2024, as one unit.
fn year_of_a_status_page() -> History {
    let log = read(include_str!("../docs/data/status-2024.csv"), &ReadOptions::default()).unwrap();
    let downtime = Downtime::of(&log, &Rule::default(), Instant::FIRST, |_| true);
    let unit = Unit {
        name: String::new(),
        outages: downtime.outages().clone(),
        whole: downtime.uncut().clone(),
        left_out: downtime.left_out().clone(),
        open_until: None,
    };
    History { window: Zone::utc().named("2024").unwrap(), units: vec![unit], idle: 0 }
}

/// Fits of a real log by scipy 1.17: the union was formed and the gaps were taken by a program of its own, and the
/// likelihood maximised by `scipy.optimize.minimize` (Nelder-Mead to 1e-12) over `scipy.stats` densities and survival
/// functions. 113 repairs; 112 up times between them, and one that was cut off by the end of the year.
#[test]
fn fits_of_a_real_log_are_those_of_scipy() {
    let history = year_of_a_status_page();
    let (repairs, lives) = (Sample::new(&history.repairs()).unwrap(), Sample::new(&history.lives()).unwrap());
    assert_eq!((repairs.ended(), repairs.censored(), lives.ended(), lives.censored()), (113, 0, 112, 1));
    let expected = [
        (Law::Exponential, &repairs, -1114.7398232016499, vec![7079.469026548672]),
        (Law::Weibull, &repairs, -1114.191614475287, vec![6817.16599427305, 0.9332255159079149]),
        (Law::LogNormal, &repairs, -1106.711731708718, vec![8.28500493943076, 1.0941367098356034]),
        (Law::Gamma, &repairs, -1114.7391705677944, vec![0.9957808935856374, 7109.46460477236]),
        (Law::Exponential, &lives, -1514.0315835105125, vec![273249.10714285716]),
        (Law::Weibull, &lives, -1508.68352501498, vec![241382.52893008763, 0.7934120645118514]),
        (Law::LogNormal, &lives, -1514.9887212977023, vec![11.668524538070137, 1.5745285741933501]),
        (Law::Gamma, &lives, -1508.831687197943, vec![0.7049712088930227, 388722.98210851074]),
    ];
    for (law, sample, log_likelihood, parameters) in expected {
        let fit = law.fit(sample).unwrap();
        close(fit.log_likelihood, log_likelihood, 1e-11, law.name());
        for (found, expected) in fit.parameters.iter().zip(parameters) {
            // A search by values finds the place of a maximum to the root of their digits.
            close(found.value, expected, 1e-6, &format!("{} {}", law.name(), found.name));
        }
    }
}
