//! Whether simulated intervals cover the exact value as often as they say, and bounds at least as often.
//!
//! With 500 seeds and a coverage of 95 %, the number of covering intervals has a standard deviation of 0.97 %: 92 % to
//! 98 % are three of them. Seeds are fixed, so a test either always passes or always fails.

#[path = "coverage/models.rs"]
mod models;

use std::sync::atomic::{AtomicU64, Ordering};

use ninefold::exact;
use ninefold::measure::{Estimate, ExactMeasures, NoObserver, Observer, Progress, SimulatedMeasures, Stop, StopReason};
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::simulate::{self, Method, Settings};
use ninefold::topology::Model;
use ninefold::topology::read::{Syntax, read};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

const SEEDS: u64 = 500;

fn model(text: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn solved(model: &Model) -> ExactMeasures {
    exact::solve(model, &exact::Settings::default(), &NoObserver).expect("a model that the exact engine takes")
}

fn simulated(model: &Model, settings: &Settings) -> SimulatedMeasures {
    simulate::simulate(model, settings, &NoObserver).expect("something can fail")
}

/// No precision, so many events.
fn events(events: u64) -> Settings {
    Settings { method: Method::Plain, precision: None, events: Some(events), ..Settings::default() }
}

fn over_seeds(model: &Model, settings: &Settings) -> Vec<SimulatedMeasures> {
    let run = |seed| simulated(model, &Settings { seed, ..settings.clone() });
    (1..=SEEDS).into_par_iter().map(run).collect()
}

fn covers(estimate: &Estimate, exact: f64) -> bool {
    // Room for the last digits of what is known without an error.
    let (least, most) = (exact * (1.0 - 1e-12), exact * (1.0 + 1e-12));
    estimate.low.is_none_or(|low| low <= most) && estimate.high.is_none_or(|high| least <= high)
}

fn width(estimate: Option<Estimate>) -> f64 {
    estimate.and_then(|estimate| estimate.relative_half_width()).unwrap_or(f64::INFINITY)
}

/// The share of `runs` whose interval covers, in percent.
#[expect(clippy::print_stdout, reason = "the table of coverages is what one wants to see with --nocapture")]
fn coverage(
    what: &str,
    runs: &[SimulatedMeasures],
    exact: f64,
    measure: impl Fn(&SimulatedMeasures) -> Option<Estimate>,
) -> f64 {
    let estimates: Vec<Estimate> = runs.iter().filter_map(&measure).collect();
    assert_eq!(estimates.len(), runs.len(), "{what}: every run has the measure");
    let covering = estimates.iter().filter(|estimate| covers(estimate, exact)).count();
    let width: f64 = estimates.iter().filter_map(Estimate::relative_half_width).sum::<f64>() / estimates.len() as f64;
    let share = 100.0 * covering as f64 / runs.len() as f64;
    println!("{what}: {share:.1} % of {} cover, half width {:.1} %", runs.len(), 100.0 * width);
    share
}

fn assert_covers_as_claimed(what: &str, runs: &[SimulatedMeasures], exact: &ExactMeasures) {
    let refused = runs.iter().filter(|run| run.unavailability.point.is_none()).count();
    assert!(refused * 100 <= runs.len(), "{what}: {refused} runs without an interval");
    let frequency = exact.failure_frequency.expect("every part has times");
    let pairs = [
        ("U", coverage(&format!("{what}, U"), runs, exact.unavailability, |run| Some(run.unavailability))),
        ("frequency", coverage(&format!("{what}, frequency"), runs, frequency, |run| run.failure_frequency)),
        ("MDT", {
            let mean_outage = exact.unavailability / frequency;
            coverage(&format!("{what}, MDT"), runs, mean_outage, |run| run.mean_down_time)
        }),
        ("MUT", {
            let mean_up = exact.availability / frequency;
            coverage(&format!("{what}, MUT"), runs, mean_up, |run| run.mean_up_time)
        }),
    ];
    for (measure, share) in pairs {
        // The interval of the mean outage has room for an outage longer than all that were seen; every interval has room for one
        // cycle more, which decides alone where nearly all cycles bring the same.
        let decides = measure == "MUT" && runs.iter().all(|run| width(run.mean_up_time) < 1e-3);
        let most = if decides {
            100.0
        } else if measure == "MDT" {
            99.5
        } else {
            98.0
        };
        assert!((92.0..=most).contains(&share), "{what}: {share} % of the intervals of {measure} cover");
    }
}

fn assert_model_covers(what: &str, text: &str, settings: &Settings, method: &str) {
    let model = model(text);
    let exact = solved(&model);
    let runs = over_seeds(&model, settings);
    assert!(runs.iter().all(|run| run.method.contains(method)), "{what}: {}", runs[0].method);
    assert_covers_as_claimed(what, &runs, &exact);
}

#[test]
fn failover_is_covered() {
    assert_model_covers("failover", models::FAILOVER, &events(60_000), "jumps between states), intervals from regen");
}

#[test]
fn domains_are_covered() {
    assert_model_covers("domains", models::DOMAINS, &events(100_000), "regenerative");
}

#[test]
fn repairs_of_any_distribution_are_covered() {
    assert_model_covers(
        "lognormal repair",
        models::LOGNORMAL_REPAIR,
        &events(100_000),
        "events), intervals from regen",
    );
}

#[test]
fn a_crew_is_covered() {
    assert_model_covers("crew", models::CREW, &events(150_000), "regenerative");
}

#[test]
fn restarts_are_covered() {
    assert_model_covers("restart", models::RESTART, &events(60_000), "regenerative");
}

#[test]
fn replications_of_lives_that_wear_out_are_covered() {
    assert_model_covers(
        "Weibull lives",
        models::WEIBULL_LIVES,
        &events(200_000),
        "discrete events), intervals from ind",
    );
}

#[test]
fn replications_where_no_state_comes_back_are_covered() {
    let model = model(&models::no_return());
    let exact = solved(&model);
    // Working out 8192 states takes most of the time of each run, so there are fewer seeds.
    let runs: Vec<SimulatedMeasures> =
        (1..=60_u64).into_par_iter().map(|seed| simulated(&model, &Settings { seed, ..events(60_000) })).collect();
    assert!(runs.iter().all(|run| run.method.contains("jumps between states), intervals from ind")));
    let share = coverage("no return, U", &runs, exact.unavailability, |run| Some(run.unavailability));
    // Three standard deviations, 2.8 % each.
    assert!(share >= 86.5, "{share}");
}

#[test]
fn a_stop_by_precision_is_covered() {
    let settings = Settings { method: Method::Plain, precision: Some(0.1), ..Settings::default() };
    assert_model_covers("stop by precision", models::FAILOVER, &settings, "regenerative");
}

#[test]
fn a_stop_by_simulated_time_is_covered() {
    let seconds = 2_000.0 * DEFAULT_YEAR_SECONDS;
    let settings = Settings { method: Method::Plain, precision: None, seconds: Some(seconds), ..Settings::default() };
    assert_model_covers("stop by time", models::FAILOVER, &settings, "regenerative");
}

#[test]
fn capacity_and_contributions_are_covered() {
    let model = model(models::COMMON_CAUSE);
    let exact = solved(&model);
    let runs = over_seeds(&model, &events(100_000));
    assert_covers_as_claimed("common cause", &runs, &exact);
    let capacity = exact.capacity.unwrap();
    let of = |run: &SimulatedMeasures| run.capacity.clone().unwrap();
    let mut shares = vec![
        coverage("common cause, lost", &runs, capacity.lost, |run| Some(of(run).lost)),
        coverage("common cause, too little", &runs, capacity.insufficient, |run| Some(of(run).insufficient)),
    ];
    for contribution in &exact.contributions.begun_by {
        let what = format!("common cause, begun by {}", contribution.of);
        shares.push(coverage(&what, &runs, contribution.value, |run| {
            run.contributions.begun_by.iter().find(|other| other.of == contribution.of).map(|found| found.value)
        }));
    }
    assert!(shares.iter().all(|share| (92.0..=98.5).contains(share)), "{shares:?}");
}

/// `text` with times that are exponential but do not look so: every clock named by a key of `keys` keeps a residual. (Being
/// memoryless, they do not tell whether it is the right one; the lives that wear out do.)
fn disguised(text: &str, keys: &[&str]) -> String {
    let line = |line: &str| {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if !keys.contains(&key.trim()) {
            return line.to_owned();
        }
        let mean = value.trim().trim_matches('"');
        let digits: String = mean.chars().take_while(char::is_ascii_digit).collect();
        let unit = mean.trim_start_matches(char::is_numeric);
        format!(
            "{key} = {{ hyperexponential = {{ means = [\"{mean}\", \"{digits}.00001{unit}\"], weights = [0.5, 0.5] }} }}"
        )
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn clocks_with_residual_times_agree_with_the_exact_engine() {
    let cases: [(&str, &[&str]); 9] = [
        (models::FAILOVER, &["mttr"]),
        (models::FAILOVER, &["mtbf", "mttr", "detect"]),
        (models::DOMAINS, &["mttr"]),
        (models::CREW, &["mtbf"]),
        (models::CREW, &["mttr"]),
        (models::RESTART, &["repair"]),
        (models::COMMON_CAUSE, &["mtbf", "detect"]),
        (models::STANDBYS, &["mttr"]),
        (models::STANDBYS, &["mtbf", "detect"]),
    ];
    let wrong = cases.into_par_iter().filter_map(|(text, keys)| {
        let exact = solved(&model(text));
        // So seldom do intervals miss that a miss is an error; they are about 2 % wide.
        let settings = Settings { alpha: 1e-6, ..events(3_000_000) };
        let measures = simulated(&model(&disguised(text, keys)), &settings);
        assert!(measures.method.contains("discrete events"), "{text}");
        let holds = covers(&measures.unavailability, exact.unavailability)
            && covers(&measures.failure_frequency?, exact.failure_frequency?);
        (!holds).then(|| format!("{keys:?} of {text}: {:?} {:?}", measures.unavailability, exact.unavailability))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs with too few outages for an interval: the bounds must hold at least as often as they say.
#[expect(clippy::print_stdout, reason = "the table of coverages is what one wants to see with --nocapture")]
fn assert_bounds_hold(what: &str, text: &str, settings: &Settings) {
    let model = model(text);
    let exact = solved(&model);
    let runs: Vec<SimulatedMeasures> =
        over_seeds(&model, settings).into_iter().filter(|run| run.unavailability.point.is_none()).collect();
    assert!(runs.len() as u64 >= SEEDS * 9 / 10, "{what}: only {} runs without an interval", runs.len());
    let outages: u64 = runs.iter().map(|run| run.outages).sum();
    println!("{what}: {:.2} outages per run", outages as f64 / runs.len() as f64);
    assert!(runs.iter().all(|run| run.unavailability.low.is_none() && run.unavailability.high.is_some()), "{what}");
    let shares = [
        coverage(what, &runs, exact.unavailability, |run| Some(run.unavailability)),
        coverage(what, &runs, exact.failure_frequency.expect("every part has times"), |run| run.failure_frequency),
    ];
    // Two standard deviations below 95 %.
    assert!(shares.iter().all(|share| *share >= 93.0), "{what}: {shares:?}");
}

#[test]
fn bounds_hold_where_outages_are_few() {
    assert_bounds_hold("rare, 100k", models::RARE, &events(100_000));
    assert_bounds_hold("rare, 1M", models::RARE, &events(1_000_000));
    assert_bounds_hold("failover, 300", models::FAILOVER, &events(300));
    assert_bounds_hold("crew, 3k", models::CREW, &events(3_000));
    assert_bounds_hold("lognormal repair, 500", models::LOGNORMAL_REPAIR, &events(500));
}

#[test]
fn bounds_hold_where_outages_come_in_groups() {
    assert_bounds_hold("flapping, 3k", models::FLAPPING, &events(3_000));
    assert_bounds_hold("flapping, 300", models::FLAPPING, &events(300));
}

/// Everything but how it was run.
fn text(measures: &SimulatedMeasures) -> String {
    format!("{measures:?}")
}

#[test]
fn results_are_the_same_for_any_number_of_threads() {
    let by_precision = Settings { method: Method::Plain, precision: Some(0.05), ..Settings::default() };
    let by_years = Settings {
        method: Method::Plain,
        precision: None,
        seconds: Some(1e3 * DEFAULT_YEAR_SECONDS),
        ..Settings::default()
    };
    let no_return = models::no_return();
    let all = [by_precision, by_years, events(100_000)];
    for (toml, settings) in [
        (models::FAILOVER, &all[..]),
        (models::LOGNORMAL_REPAIR, &all),
        (models::WEIBULL_LIVES, &all),
        (models::COMMON_CAUSE, &all),
        (&no_return, &all[2..]),
    ] {
        let model = model(toml);
        for settings in settings {
            let with = |threads| text(&simulated(&model, &Settings { threads, ..settings.clone() }));
            let one = with(1);
            for threads in [2, 3, 8] {
                assert_eq!(with(threads), one, "{threads} threads");
            }
        }
    }
}

/// Counts what it is told, and asks for nothing.
#[derive(Default)]
struct Counting {
    told: AtomicU64,
}

impl Observer for Counting {
    fn stop(&self) -> Option<Stop> {
        None
    }

    fn progress(&self, progress: &Progress) {
        assert!(progress.total.is_none_or(|total| total >= progress.done), "{progress:?}");
        self.told.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn observers_change_nothing() {
    let settings = Settings { precision: Some(0.02), threads: 2, ..Settings::default() };
    for toml in [models::FAILOVER, models::LOGNORMAL_REPAIR] {
        let model = model(toml);
        let counting = Counting::default();
        let watched = simulate::simulate(&model, &settings, &counting).unwrap();
        assert!(counting.told.into_inner() > 0);
        assert_eq!(text(&watched), text(&simulated(&model, &settings)));
    }
}

/// Interrupts after being asked so often.
struct Impatient {
    left: AtomicU64,
}

impl Observer for Impatient {
    fn stop(&self) -> Option<Stop> {
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(1), Ordering::Relaxed);
        (left == 0).then_some(Stop::Interrupted)
    }

    fn progress(&self, _: &Progress) {}
}

#[test]
fn an_interrupted_simulation_says_what_it_has() {
    for toml in [models::FAILOVER, models::WEIBULL_LIVES] {
        let model = model(toml);
        for patience in [0, 1, 30, 300] {
            let observer = Impatient { left: AtomicU64::new(patience) };
            // So seldom do intervals miss that a miss is an error.
            let settings = Settings { precision: None, threads: 2, alpha: 1e-6, ..Settings::default() };
            let measures = simulate::simulate(&model, &settings, &observer).unwrap();
            assert_eq!(measures.stopped_by, StopReason::Interrupted);
            let exact = solved(&model);
            assert!(covers(&measures.unavailability, exact.unavailability), "{patience}: {measures:?}");
        }
    }
}

#[test]
fn a_huge_model_is_interrupted_after_little_work() {
    let groups = (0..400).map(|n| {
        format!(
            "[component.c{n}]\nmtbf = {{ weibull = {{ mean = \"{}d\", shape = 1.5 }} }}\nmttr = \"40m\"\n\
             [group.g{n}]\ncomponent = \"c{n}\"\nactive = 25\nneed = 20\n",
            20 + n
        )
    });
    let names: Vec<String> = (0..400).map(|n| format!("g{n}")).collect();
    let text = groups.collect::<String>() + &format!("[system]\nup = \"{}\"\n", names.join(" and "));
    let observer = Impatient { left: AtomicU64::new(2) };
    let settings = Settings { precision: None, threads: 1, ..Settings::default() };
    let measures = simulate::simulate(&model(&text), &settings, &observer).unwrap();
    // 10,000 clocks are work for one question each.
    assert!(measures.events <= 16, "{} events", measures.events);
    assert_eq!(measures.unavailability.high, None);
}

#[test]
fn limits_are_exceeded_by_the_end_of_a_cycle_only() {
    let model = model(models::FAILOVER);
    for limit in [1, 1_000, 100_000] {
        let measures = simulated(&model, &events(limit));
        assert_eq!(measures.stopped_by, StopReason::Events);
        // A cycle has 3.5 events on average; there are at most limit / 350 streams, and at least one.
        assert!((limit..=limit + limit / 50 + 50).contains(&measures.events), "{limit}: {}", measures.events);
    }
    let year = DEFAULT_YEAR_SECONDS;
    let settings =
        Settings { method: Method::Plain, precision: None, seconds: Some(100.0 * year), ..Settings::default() };
    let measures = simulated(&model, &settings);
    assert_eq!(measures.stopped_by, StopReason::Years);
    assert!((100.0..110.0).contains(&(measures.simulated_seconds / year)), "{}", measures.simulated_seconds / year);
}

#[test]
fn a_start_that_never_comes_back_ends_no_cycles() {
    // Once the unit in the region serves, it keeps the slot: no other unit could take it over when it loses it.
    let model = model(models::PASSED_FOR_GOOD);
    let exact = solved(&model).unavailability;
    let settings = Settings {
        method: Method::Plain,
        precision: None,
        seconds: Some(6_000.0 * DEFAULT_YEAR_SECONDS),
        ..Settings::default()
    };
    let measures = simulated(&model, &settings);
    let estimate = measures.unavailability;
    assert!(covers(&estimate, exact), "{estimate:?} does not hold {exact:e}");
    assert!(measures.simulated_seconds < 1.01 * 6_000.0 * DEFAULT_YEAR_SECONDS, "{}", measures.simulated_seconds);
}

#[test]
fn bounds_hold_where_an_unseen_outage_would_be_longer_than_many_cycles() {
    let model = model(models::LONG_AND_RARE);
    let exact = solved(&model).unavailability;
    let settings =
        Settings { method: Method::Plain, precision: None, seconds: Some(DEFAULT_YEAR_SECONDS), ..Settings::default() };
    let runs = over_seeds(&model, &settings);
    let broken = runs.iter().filter(|run| run.unavailability.high.is_some_and(|high| high < exact)).count();
    // At most 5 % may miss; a binomial number of 25 of 500 is below 40 in 99.8 % of the cases.
    assert!(broken < 40, "{broken} of {} bounds are below {exact:e}", runs.len());
}

#[test]
fn the_streams_are_pinned() {
    let pinned = |toml: &str| {
        let measures = simulated(&model(toml), &events(50_000));
        (measures.events, measures.cycles, measures.outages, measures.unavailability.point.unwrap())
    };
    // A change of these is a visible decision: every result of every seed changes with them.
    assert_eq!(pinned(models::FAILOVER), (50_116, 14_283, 7_226, 2.694_518_504_425_674e-5));
    assert_eq!(pinned(models::LOGNORMAL_REPAIR), (50_058, 23_476, 1_528, 0.002_913_823_844_540_678));
}
