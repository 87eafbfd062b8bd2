//! Events per second of plain simulation: one thread, then all cores.
//!
//! Targets on one core of 2020s hardware: 25 million events a second for the exponential pair, 5 million in general; a
//! second core 1.9 times as fast.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ninefold::measure::NoObserver;
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::simulate::{self, Method, Settings};
use ninefold::topology::read::{Syntax, read};

/// Long enough for the pilot and the working out of states to weigh little.
const EVENTS: u64 = 10_000_000;

const MODELS: [(&str, &str); 4] = [
    ("pair", include_str!("models/pair.toml")),
    ("pair, lognormal repair", include_str!("models/pair-lognormal.toml")),
    ("twenty units", include_str!("models/twenty.toml")),
    ("twenty units, exponential", include_str!("models/twenty-exponential.toml")),
];

fn events_per_second(criterion: &mut Criterion) {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut group = criterion.benchmark_group("events");
    group.throughput(Throughput::Elements(EVENTS)).sample_size(10).measurement_time(Duration::from_secs(5));
    for (name, text) in MODELS {
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).expect("a valid topology");
        for threads in if cores == 1 { vec![1] } else { vec![1, cores] } {
            let settings = Settings {
                method: Method::Plain,
                precision: None,
                events: Some(EVENTS),
                threads,
                ..Settings::default()
            };
            group.bench_with_input(BenchmarkId::new(name, threads), &settings, |bencher, settings| {
                bencher.iter(|| simulate::simulate(black_box(&model), settings, &NoObserver));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, events_per_second);
criterion_main!(benches);
