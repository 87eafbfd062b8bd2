//! The samplers against what must hold whatever the model: likelihood ratios have the mean 1, controls the mean 0, and a batch
//! can be sent elsewhere.

use crate::dynamics::Dynamics;
use crate::measure::NoObserver;
use crate::numeric::distribution::Distribution;
use crate::numeric::random::{Purpose, stream};
use crate::quantity::DEFAULT_YEAR_SECONDS;
use crate::simulate::facts::FactsOf;
use crate::simulate::rare::ageing::{Ageing, Tuning};
use crate::simulate::rare::backward::Residual;
use crate::simulate::rare::chain::Chain;
use crate::simulate::rare::general::General;
use crate::simulate::rare::graph::Graph;
use crate::simulate::rare::sampler::{Sampler, Task};
use crate::simulate::rare::sites::Setting;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::tilt::Table;
use crate::simulate::rare::twin::{MOST_STATES, Twin};
use crate::simulate::rare::whole::Whole;
use crate::topology::read::{Syntax, read};
use crate::topology::{Model, Scope};

/// Two of five, one crew.
const CREW: &str = "[component.c]\nmtbf = \"1000h\"\nmttr = \"1h\"\n[crew.one]\nsize = 1\n[group.g]\ncomponent = \"c\"\n\
                    active = 5\nneed = 2\ncrew = \"one\"\n[system]\nup = \"g\"\n";

/// Lives, noticing, failover and repairs of all kinds, a domain, a common cause, a crew; fixed times tie.
const MIXED: &str = "[component.a]\nmtbf = { weibull = { mean = \"40d\", shape = 0.7 } }\n\
                     mttr = { lognormal = { mean = \"5h\", cv = 2 } }\ndetect = { uniform = [\"10s\", \"2m\"] }\n\
                     [component.b]\nmtbf = { uniform = [\"10d\", \"90d\"] }\nmttr = { fixed = \"4h\" }\n\
                     [component.d]\nmtbf = \"50d\"\nmttr = { empirical = [\"1h\", \"2h\", \"30h\"] }\n\
                     [domain.z]\nmtbf = { gamma = { mean = \"100d\", shape = 3 } }\nmttr = { erlang = { mean = \"3h\", stages = 3 } }\n\
                     [crew.one]\nsize = 1\n\
                     [group.a]\ncomponent = \"a\"\nactive = 1\nstandby = { count = 1, mode = \"warm\", ageing = 0.5 }\n\
                     failover = { takes = \"20s\", works = 0.9, otherwise = { hyperexponential = { means = [\"10m\", \"5h\"], weights = [0.9, 0.1] } } }\n\
                     crew = \"one\"\n\
                     [group.b]\ncomponent = \"b\"\nactive = 3\nneed = 2\ncommon_cause = { beta = 0.1 }\n\
                     [group.d]\ncomponent = \"d\"\nactive = 2\nneed = 1\ndepends = [\"z\"]\ncrew = \"one\"\n\
                     [system]\nup = \"a and b and d\"\n";

fn model(text: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap()
}

/// What a batch of a model gives.
fn batch(text: &str, cycles: u64, tuning: impl Into<Option<Tuning>>) -> Statistics {
    let model = model(text);
    let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
    let facts = FactsOf::new(&model, &dynamics);
    let whole = Whole::new(&facts);
    let twin = Twin::of(&dynamics, &whole, MOST_STATES, &NoObserver).unwrap();
    let setting = Setting { dynamics: &dynamics, meter: &whole, twin: &twin, long_outage: None };
    let caps = [f64::INFINITY; 2];
    let task = Task { seed: 1, round: 0, batch: 0, cycles, warm_up: 100, caps, most_events: u64::MAX };
    match tuning.into() {
        None => Chain::new(setting, 1, 1).run(&task, &|_| false),
        Some(tuning) => General::new(setting, 1, tuning).run(&task, &|_| false),
    }
}

/// The mean of `sum` values with that sum of squares, in standard errors from `expected`.
fn deviation([sum, squares]: [f64; 2], count: u64, expected: f64) -> f64 {
    let n = count as f64;
    let mean = sum / n;
    (mean - expected) / libm::sqrt((squares / n - mean * mean) / n)
}

#[test]
fn likelihood_ratios_have_the_mean_one() {
    // Five standard errors: a false alarm once in a million.
    let known = Tuning { ageing: Ageing::All, ..Tuning::NONE };
    for (text, tuning) in [
        (CREW, None),
        (CREW, Some(Tuning::NONE)),
        (MIXED, Some(Tuning::NONE)),
        (MIXED, Some(known)),
        (MIXED, Some(Tuning { ageing: Ageing::Next, ..known })),
        (MIXED, Some(Tuning { scale: 20.0, ..known })),
        (MIXED, Some(Tuning { starts: 4, ..known })),
    ] {
        let batch = batch(text, 20_000, tuning);
        let deviation = deviation(batch.likelihood_ratios, batch.cycles, 1.0);
        assert!(deviation.abs() < 5.0, "{tuning:?}: {deviation} {:?}", batch.likelihood_ratios);
    }
}

#[test]
fn controls_have_the_mean_zero() {
    for text in [CREW, MIXED] {
        let batch = batch(text, 20_000, Tuning::NONE);
        let deviation = deviation([batch.control, batch.products[2]], batch.cycles, 0.0);
        assert!(deviation.abs() < 5.0, "{deviation}");
        assert!(batch.products[2] > 0.0);
    }
}

#[test]
fn jumps_and_events_give_the_same_measures() {
    let (jumps, events) = (batch(CREW, 40_000, None), batch(CREW, 40_000, Tuning::NONE));
    for quantity in [0, 1] {
        let of = |batch: &Statistics| batch.sums[quantity] / batch.time;
        let relative = |batch: &Statistics| 1.0 / batch.contributions[quantity].effective();
        // Contributions of an effective number n have a relative standard error of about 1 / sqrt(n); lengths of cycles
        // drawn with their exponential holding times, one of 1 / sqrt(40,000).
        let error = libm::sqrt(relative(&jumps) + relative(&events) + 1.0 / 40_000.0);
        assert!((of(&jumps) / of(&events) - 1.0).abs() < 5.0 * error, "{} {}", of(&jumps), of(&events));
    }
}

#[test]
fn starts_drawn_by_worth_give_the_same_measures() {
    // Of lives that fail early the starts differ most: with one crew two of three new units are often at risk at a time.
    const EARLY: &str = "[component.a]\nmtbf = { weibull = { mean = \"1000h\", shape = 0.5 } }\nmttr = \"2h\"\n\
                         [crew.one]\nsize = 1\n[group.a]\ncomponent = \"a\"\nactive = 3\nneed = 2\ncrew = \"one\"\n\
                         [system]\nup = \"a\"\n";
    let known = Tuning { ageing: Ageing::All, ..Tuning::NONE };
    let (each, drawn) = (batch(EARLY, 100_000, known), batch(EARLY, 100_000, Tuning { starts: 4, ..known }));
    for quantity in [0, 1] {
        let of = |batch: &Statistics| batch.sums[quantity] / batch.time;
        let relative = |batch: &Statistics| 1.0 / batch.contributions[quantity].effective();
        // Cycles depend on each other here: four times the variance of independent ones is ample.
        let error = libm::sqrt(4.0 * (relative(&each) + relative(&drawn)) + 8.0 / 100_000.0);
        assert!((of(&each) / of(&drawn) - 1.0).abs() < 5.0 * error, "{} {} {error}", of(&each), of(&drawn));
    }
}

#[test]
fn a_batch_can_be_sent_elsewhere() {
    let batch = batch(MIXED, 200, Tuning::NONE);
    let sent = serde_json::to_string(&batch).unwrap();
    assert_eq!(serde_json::from_str::<Statistics>(&sent).unwrap(), batch);
    let mut twice = batch.clone();
    twice.merge(&batch);
    assert_eq!(twice.less(&batch).sums, batch.sums);
    assert_eq!(twice.cycles, 400);
}

#[test]
fn the_twin_of_an_exponential_model_is_the_model() {
    let model = model(CREW);
    let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
    let facts = FactsOf::new(&model, &dynamics);
    let twin = Twin::of(&dynamics, &Whole::new(&facts), MOST_STATES, &NoObserver).unwrap();
    // N units, one crew: w_j = w_(j-1) (N - j + 1) / 1000 for j failed ones.
    let weights: Vec<f64> = (0..=5)
        .scan(1.0, |weight, failed| {
            let now = *weight;
            *weight *= f64::from(5 - failed) / 1_000.0;
            Some(now)
        })
        .collect();
    let expected = weights[4..].iter().sum::<f64>() / weights.iter().sum::<f64>();
    // Value iteration ends at a change of 1e-5.
    assert!((twin.unavailability / expected - 1.0).abs() < 1e-4, "{} {expected}", twin.unavailability);
    assert_eq!(twin.explored(), 6);
    assert_eq!(twin.fewest_losses, 4);
    assert_eq!(twin.classes.iter().map(|(losses, _)| *losses).collect::<Vec<_>>(), [4]);
    assert!((twin.frontier_ratio - 1.0).abs() < 0.05);
}

#[test]
fn durations_of_a_table_have_the_density_that_is_claimed() {
    let model = model(MIXED);
    let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
    let facts = FactsOf::new(&model, &dynamics);
    let whole = Whole::new(&facts);
    let twin = Twin::of(&dynamics, &whole, MOST_STATES, &NoObserver).unwrap();
    let setting = Setting { dynamics: &dynamics, meter: &whole, twin: &twin, long_outage: None };
    let mut graph = Graph::new(setting, 1);
    let start = graph.start(&mut stream(1, Purpose::Chain, 0));
    let node = graph.node(start);
    let lossy: Vec<u32> =
        graph.losses(node).iter().flat_map(|clock| graph.exits(clock)).map(|exit| exit.target).collect();
    let mut random = stream(1, Purpose::Branch, 0);
    let (mut tables, mut known) = (0, 0);
    for at in lossy {
        let node = graph.node(at);
        let running: Vec<(u32, u32)> = graph
            .lasting(node)
            .iter()
            .enumerate()
            .filter(|(_, clock)| !clock.is_loss)
            .map(|(place, clock)| (place as u32, clock.distribution))
            .collect();
        for (place, distribution) in running {
            let distribution: &Distribution = &dynamics.distributions()[distribution as usize];
            let residual = Residual::of(&mut graph, at, place, distribution.mean());
            let table = Table::of(&graph, at, distribution, residual.known());
            if let Some(worths) = residual.known() {
                // Over exponential residuals of the same mean it is the value of the state, which counts on just that; both are
                // solved with steps of some percent, and the grid ends at 2,048 means.
                let count = 2_000;
                let residuals =
                    (0..count).map(|k| -distribution.mean() * libm::log((f64::from(k) + 0.5) / f64::from(count)));
                let mean = residuals.map(|r| worths.at(r)).sum::<f64>() / f64::from(count);
                let value = graph.sites.site(at).value;
                assert!((0.9..1.1).contains(&(mean / value)), "{mean} {value}");
                known += 1;
            }
            // The mean of (true density) / (used density) over durations drawn is 1.
            let count = 20_000;
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..count {
                let ratio = 1.0 / table.draw(distribution, 0.1, &mut random).1;
                sum += ratio;
                squares += ratio * ratio;
            }
            tables += 1;
            if squares - sum * sum / f64::from(count) > 1e-9 {
                let deviation = deviation([sum, squares], u64::from(count as u32), 1.0);
                assert!(deviation.abs() < 5.0, "{deviation}");
            }
        }
    }
    assert!(tables >= 5 && known >= 2, "{tables} {known}");
}
