//! A log of a million incidents: read, merged, and budgeted; what alerts on it would have done.
//!
//! ```sh
//! cargo bench --bench incidents
//! ```

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ninefold::data::{Downtime, Instant, Interval, Period, ReadOptions, Rule, Zone, read};
use ninefold::quantity::Objective;
use ninefold::slo::account::{self, account};
use ninefold::slo::firings::firings;
use ninefold::slo::methods::{Method, Slicing, tally};
use ninefold::slo::{Curve, Stretch, scheme};

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

/// Outages of the log as a curve, in seconds before its end.
fn curve(downtime: &Downtime, window: &Interval) -> Curve {
    let stretch = |outage: &Interval| {
        let (start, end) = (outage.start.seconds_since(window.end), outage.end.seconds_since(window.end));
        Stretch { start, end, bad: end - start, total: end - start }
    };
    Curve::of_time(&downtime.outages().intervals().iter().map(stretch).collect::<Vec<_>>())
}

/// What `budget` and `burn` do with a log that has been read.
fn burning(criterion: &mut Criterion) {
    let log = read(&text(), &ReadOptions::default()).expect("a log");
    let window = log.span(Instant::FIRST).expect("incidents");
    let objective: Objective = "99%".parse().expect("a target");
    let from = window.start.seconds_since(window.end);
    let mut group = criterion.benchmark_group("a million incidents, read");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    group.bench_function("budget of 30 days by time and by minutes", |bencher| {
        bencher.iter(|| {
            let curve = curve(&Downtime::of(black_box(&log), &Rule::default(), window.end, |_| true), &window);
            let period = account::Period { seconds: 2_592_000.0, elapsed_seconds: 2_592_000.0, is_rolling: true };
            let slicing = Slicing { seconds: 60.0, budget: 0.01 };
            [Method::Time, Method::Timeslices].map(|method| {
                account(tally(&curve, method, &slicing, -2_592_000.0, 0.0), &objective, &period, None, 0.1)
            })
        });
    });
    group.bench_function("when the workbook's alerts would have fired", |bencher| {
        let rules = scheme::find("workbook").and_then(|scheme| scheme.rules(2_592_000)).expect("a scheme");
        bencher.iter(|| {
            let curve = curve(&Downtime::of(black_box(&log), &Rule::default(), window.end, |_| true), &window);
            let fired = |rule| firings(&curve, rule, rule.factor.threshold(&objective), from, 0.0).len();
            rules.iter().map(fired).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, million, burning);
criterion_main!(benches);
