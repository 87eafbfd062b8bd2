//! States per second of the exact engine, exploring and solving together; bounds; a product form; and the decision diagram of a large
//! model whose parts are independent.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ninefold::exact::{self, Settings};
use ninefold::measure::NoObserver;
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::topology::Model;
use ninefold::topology::read::{Syntax, read};

fn model(text: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).expect("a valid topology")
}

/// Groups of pairs of their own speed each, all waiting for one crew: a module whose states multiply with every group.
fn sharing_a_crew(groups: usize) -> Model {
    let group = |number: usize| {
        let hours = 20 + 3 * number;
        format!(
            "[component.c{number}]\nmtbf = \"{hours}d\"\nmttr = \"{hours}m\"\n\
             [group.g{number}]\ncomponent = \"c{number}\"\nactive = 2\nneed = 1\ncrew = \"oncall\"\n"
        )
    };
    let names: Vec<String> = (0..groups).map(|number| format!("g{number}")).collect();
    let groups: String = (0..groups).map(group).collect();
    model(&format!("[crew.oncall]\nsize = 1\n{groups}[system]\nup = \"{}\"\n", names.join(" and ")))
}

/// Pairs of a server and its standby that differ by name only, on a crew of two.
fn alike_pairs(pairs: usize) -> Model {
    let pair = |number: usize| {
        format!(
            "[group.g{number}]\ncomponent = \"server\"\nactive = 1\nstandby = 1\ncrew = \"oncall\"\n\
             failover = {{ takes = \"20s\", works = 0.98, otherwise = \"30m\" }}\n"
        )
    };
    let names: Vec<String> = (0..pairs).map(|number| format!("g{number}")).collect();
    let pairs: String = (0..pairs).map(pair).collect();
    let server = "[component.server]\nmtbf = \"1000h\"\nmttr = \"1h\"\ndetect = \"30s\"\n[crew.oncall]\nsize = 2\n";
    model(&format!("{server}{pairs}[system]\nup = \"{}\"\n", names.join(" and ")))
}

/// Two hundred units in twenty different groups on one crew, all with repairs of one mean.
fn product_form() -> Model {
    let group = |number: usize| {
        let days = 30 + number;
        format!(
            "[component.c{number}]\nmtbf = \"{days}d\"\nmttr = \"1h\"\ndetect = \"1m\"\n\
             [group.g{number}]\ncomponent = \"c{number}\"\nactive = 10\nneed = 8\ncrew = \"oncall\"\n"
        )
    };
    let names: Vec<String> = (0..20).map(|number| format!("g{number}")).collect();
    let groups: String = (0..20).map(group).collect();
    model(&format!("[crew.oncall]\nsize = 3\n{groups}[system]\nup = \"{}\"\n", names.join(" and ")))
}

/// Two tiers of which half must work and a database pair over two zones, all on one crew.
fn tiers() -> Model {
    let component =
        |name: &str, days: usize| format!("[component.{name}]\nmtbf = \"{days}d\"\nmttr = \"1h\"\ndetect = \"30s\"\n");
    let group = |name: &str, rest: &str| {
        format!("[group.{name}]\ncomponent = \"{name}\"\nspread = [\"za\", \"zb\"]\ncrew = \"oncall\"\n{rest}\n")
    };
    let zone = |name: &str| format!("[domain.{name}]\nmtbf = \"1y\"\nmttr = \"2h\"\n");
    let pair = "active = 1\nstandby = 1\nfailover = { takes = \"20s\", works = 0.98, otherwise = \"30m\" }";
    let parts = [
        component("web", 30),
        component("app", 45),
        component("db", 60),
        zone("za"),
        zone("zb"),
        group("web", "active = 6\nneed = 3"),
        group("app", "active = 6\nneed = 3"),
        group("db", pair),
    ];
    model(&format!("[crew.oncall]\nsize = 1\n{}[system]\nup = \"web and app and db\"\n", parts.concat()))
}

/// Many pairs in many zones: nothing but closed forms and the decision diagram.
fn independent(groups: usize) -> Model {
    let zone = |number: usize| format!("[domain.z{number}]\nmtbf = \"1y\"\nmttr = \"2h\"\n");
    let zones: String = (0..6).map(zone).collect();
    let group = |number: usize| {
        let (first, second) = (number % 6, (number + 1 + number / 6 % 5) % 6);
        format!(
            "[group.g{number}]\ncomponent = \"server\"\nactive = 4\nneed = 2\nspread = [\"z{first}\", \"z{second}\"]\n"
        )
    };
    let names: Vec<String> = (0..groups).map(|number| format!("g{number}")).collect();
    let groups: String = (0..groups).map(group).collect();
    let server = "[component.server]\nmtbf = \"90d\"\nmttr = \"3h\"\n";
    model(&format!("{server}{zones}{groups}[system]\nup = \"{}\"\n", names.join(" and ")))
}

/// The states of all modules.
fn states(model: &Model, settings: &Settings) -> u64 {
    exact::solve(model, settings, &NoObserver).expect("a solution").states.unwrap_or(0)
}

fn states_per_second(criterion: &mut Criterion) {
    let settings = Settings { max_states: 2_000_000, ..Settings::default() };
    let mut group = criterion.benchmark_group("states");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for groups in [4, 5] {
        let model = sharing_a_crew(groups);
        let states = states(&model, &settings);
        group.throughput(Throughput::Elements(states));
        group.bench_with_input(BenchmarkId::new("one crew", states), &model, |bencher, model| {
            bencher.iter(|| exact::solve(black_box(model), &settings, &NoObserver));
        });
    }
    let model = alike_pairs(5);
    let states = states(&model, &settings);
    group.throughput(Throughput::Elements(states));
    group.bench_with_input(BenchmarkId::new("alike pairs", states), &model, |bencher, model| {
        bencher.iter(|| exact::solve(black_box(model), &settings, &NoObserver));
    });
    group.finish();
}

/// Chains of which a few states in a thousand tell nearly all.
fn proven_bounds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bounds");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let cases =
        [("20 alike pairs to 1e-7", alike_pairs(20), 1e-7), ("three tiers over two zones to 1e-6", tiers(), 1e-6)];
    for (name, model, precision) in cases {
        group.bench_with_input(name, &model, |bencher, model| {
            bencher.iter(|| exact::bounds(black_box(model), &Settings::default(), precision, &NoObserver));
        });
    }
    group.finish();
}

fn closed_forms(criterion: &mut Criterion) {
    let model = product_form();
    criterion.bench_function("product form of 200 units in 20 groups", |bencher| {
        bencher.iter(|| exact::solve(black_box(&model), &Settings::default(), &NoObserver));
    });
}

fn decision_diagram(criterion: &mut Criterion) {
    let model = independent(200);
    criterion.bench_function("decision diagram of 200 groups in 6 zones", |bencher| {
        bencher.iter(|| exact::solve(black_box(&model), &Settings::default(), &NoObserver));
    });
}

criterion_group!(benches, states_per_second, proven_bounds, closed_forms, decision_diagram);
criterion_main!(benches);
