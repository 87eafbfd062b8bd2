//! A log of a million incidents: read, merged, and budgeted.
//!
//! ```sh
//! cargo bench --bench incidents
//! ```

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ninefold::data::{Downtime, Instant, Period, ReadOptions, Rule, Zone, read};

const ROWS: u64 = 1_000_000;

/// Rows as a status page writes them, a minute and a half apart, in an order that is not that of time.
fn text() -> String {
    let mut text = "id,title,started_at,resolved_at,impact,components\n".to_owned();
    for row in 0..ROWS {
        let start = 1_600_000_000 + row.wrapping_mul(7_919) % ROWS * 90;
        let end = start + 30 + row * row % 120;
        let at = |seconds: u64| Instant::from_nanoseconds(i128::from(seconds) * 1_000_000_000).expect("a time");
        let impact = ["minor", "major", "critical", "none"][(row % 4) as usize];
        let _ = writeln!(text, "{row},Incident {row},{},{},{impact},API;Web {}", at(start), at(end), row % 50);
    }
    text
}

fn million(criterion: &mut Criterion) {
    let text = text();
    let mut group = criterion.benchmark_group("a million incidents");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    group.bench_function("read", |bencher| {
        bencher.iter(|| read(black_box(&text), &ReadOptions::default()).expect("a log"));
    });
    group.bench_function("read, merge, and budget each month", |bencher| {
        bencher.iter(|| {
            let log = read(black_box(&text), &ReadOptions::default()).expect("a log");
            let window = log.span(Instant::FIRST).expect("incidents");
            let downtime = Downtime::of(&log, &Rule::default(), window.end, |_| true);
            let months = Zone::utc().periods(&window, Period::Month);
            // What is left of a budget of 0.1 %.
            months.iter().map(|month| 1e-3 * month.seconds() - downtime.down_seconds(month)).sum::<f64>()
        });
    });
    group.finish();
}

criterion_group!(benches, million);
criterion_main!(benches);
