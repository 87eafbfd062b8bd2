//! Whether intervals from a log cover the long run as often as they say, and whether the arithmetic of logs is that of sets.
//!
//! A thousand logs of each kind are simulated with fixed seeds. The number of covering intervals of 95 % has a standard
//! deviation of 0.7 %: 92 % to 98 % are four of them.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]
#![expect(clippy::float_cmp, reason = "whole seconds and minutes are exact")]

use ninefold::data::{
    Downtime, Incident, IncidentLog, Instant, Interval, Maintenance, Period, ReadOptions, Rule, Summary, Timeline,
    Zone, read, to_csv, to_json,
};
use ninefold::measure::{Estimate, ObservedMeasures};
use ninefold::numeric::random::{Purpose, Stream, stream, uniform};
use ninefold::numeric::special::normal_upper_quantile;
use ninefold::observed::{Settings, history, measure};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

const LOGS: u64 = 1_000;
const FEW: &str = "few, three expected";

fn instant(seconds: f64) -> Instant {
    Instant::from_nanoseconds((seconds * 1e9).round() as i128).unwrap()
}

/// A law of lengths of outages, of mean 1 hour.
#[derive(Clone, Copy)]
enum Repair {
    Exponential,
    /// Lognormal, with this standard deviation of the logarithm.
    Lognormal(f64),
}

impl Repair {
    fn draw(self, random: &mut Stream) -> f64 {
        let u = uniform(random);
        3_600.0
            * match self {
                Self::Exponential => -u.ln(),
                Self::Lognormal(sigma) => (sigma * normal_upper_quantile(u) - sigma * sigma / 2.0).exp(),
            }
    }
}

/// Logs of a kind.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    mean_up_hours: f64,
    window_hours: f64,
    repair: Repair,
    /// Whether only logs are taken that end in an incident.
    open: bool,
}

/// A log, until the window ends; an incident that lasts then is open.
fn simulated(kind: Kind, random: &mut Stream) -> (IncidentLog, Interval) {
    let start = 1_700_000_000.0;
    let end = start + 3_600.0 * kind.window_hours;
    let mut at = start;
    let mut incidents = Vec::new();
    loop {
        at += -3_600.0 * kind.mean_up_hours * uniform(random).ln();
        if at >= end {
            break;
        }
        let over = at + kind.repair.draw(random);
        incidents.push(Incident {
            id: None,
            start: instant(at),
            end: (over < end).then(|| instant(over)),
            detected: None,
            components: 0,
            severity: None,
            planned: false,
            line: 0,
        });
        if over >= end {
            break;
        }
        at = over;
    }
    let log = IncidentLog { incidents, component_sets: vec![Vec::new()], ..IncidentLog::default() };
    (log, Interval::new(instant(start), instant(end)).unwrap())
}

fn measured(kind: Kind, random: &mut Stream) -> ObservedMeasures {
    loop {
        let (log, window) = simulated(kind, random);
        let lasts = log.incidents.last().is_some_and(Incident::is_open);
        // Without an outage there is a bound that assumes a mean outage, not an interval.
        if log.incidents.is_empty() || kind.open && !lasts {
            continue;
        }
        let downtime = Downtime::of(&log, &Rule::default(), window.end, |_| true);
        return measure(&history(&downtime, &window, lasts), &[], &Settings::default());
    }
}

fn covers(estimate: &Estimate, truth: f64) -> bool {
    estimate.low.is_none_or(|low| low <= truth) && estimate.high.is_none_or(|high| truth <= high)
}

#[test]
fn intervals_cover_as_often_as_they_say() {
    let kinds = [
        Kind {
            name: "many incidents",
            mean_up_hours: 100.0,
            window_hours: 20_000.0,
            repair: Repair::Exponential,
            open: false,
        },
        Kind { name: FEW, mean_up_hours: 1_000.0, window_hours: 3_000.0, repair: Repair::Exponential, open: false },
        Kind {
            name: "heavy tail",
            mean_up_hours: 1_000.0,
            window_hours: 40_000.0,
            repair: Repair::Lognormal(1.5),
            open: false,
        },
        Kind {
            name: "one open incident",
            mean_up_hours: 10.0,
            window_hours: 110.0,
            repair: Repair::Exponential,
            open: true,
        },
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let mut random = stream(6, Purpose::Plain, number as u64);
        let runs: Vec<ObservedMeasures> = (0..LOGS).map(|_| measured(kind, &mut random)).collect();
        let share = |estimate: fn(&ObservedMeasures) -> &Estimate, truth: f64| {
            runs.iter().filter(|run| covers(estimate(run), truth)).count() as f64 / LOGS as f64
        };
        let up = 3_600.0 * kind.mean_up_hours;
        let unavailability = share(|run| &run.unavailability, 3_600.0 / (3_600.0 + up));
        let rate = share(|run| &run.failure_rate, 1.0 / up);
        let down = share(|run| &run.mean_down_time, 3_600.0);
        println!("{:20} unavailability {unavailability:.3}, rate {rate:.3}, mean down time {down:.3}", kind.name);
        assert!((0.92..=0.98).contains(&unavailability), "{}: {unavailability}", kind.name);
        assert!((0.92..=0.98).contains(&down), "{}: mean down time {down}", kind.name);
        assert!((0.92..=0.98).contains(&rate), "{}: rate {rate}", kind.name);
        if kind.name == FEW {
            // What the Poisson law of the mean 3 gives for counts from 1 on (see `numeric::interval`), but for the hour or two
            // of the 3000 that are not time up; the share has a standard deviation of 0.0058.
            assert!((rate - 0.964_7).abs() < 0.02, "{rate}");
        }
    }
}

#[test]
fn without_an_outage_there_is_a_bound() {
    let log = IncidentLog { component_sets: vec![Vec::new()], ..IncidentLog::default() };
    let window = Interval::new(instant(1.7e9), instant(1.7e9 + 3.6e6)).unwrap();
    let downtime = Downtime::of(&log, &Rule::default(), window.end, |_| true);
    let found = measure(&history(&downtime, &window, false), &[], &Settings::default());
    let Estimate { point, low, high, .. } = found.unavailability;
    assert_eq!((point, low, found.failure_rate.point, found.mean_up_time.point), (None, None, None, None));
    // -ln 0.05 = 2.995732273553991 failures in 1000 hours, of an hour each.
    let odds = 2.995_732_273_553_991e-3;
    assert!((high.unwrap() / (odds / (1.0 + odds)) - 1.0).abs() < 1e-12, "{high:?}");
    assert!((found.mean_up_time.low.unwrap() * 2.995_732_273_553_991 / 3.6e6 - 1.0).abs() < 1e-12);
}

#[test]
fn intervals_match_quantiles_of_another_program() {
    // Three failures in 1000 hours up, outages of 1 h each. Mid-P: scipy 1.17 brentq of stats.poisson.sf(3, m) +
    // stats.poisson.pmf(3, m) / 2 = 0.025 and of stats.poisson.cdf(2, m) + stats.poisson.pmf(3, m) / 2 = 0.025.
    let outage =
        |hours: f64| Interval::new(instant(1.7e9 + 3_600.0 * hours), instant(1.7e9 + 3_600.0 * (hours + 1.0))).unwrap();
    let intervals = [100.0, 300.0, 700.0].map(outage);
    let rows: Vec<String> = intervals.iter().map(|outage| format!("{},{}", outage.start, outage.end)).collect();
    let log = read(&format!("start,end\n{}\n", rows.join("\n")), &ReadOptions::default()).unwrap();
    let window = Interval::new(instant(1.7e9), instant(1.7e9 + 3_600.0 * 1_003.0)).unwrap();
    let downtime = Downtime::of(&log, &Rule::default(), window.end, |_| true);
    let found = measure(&history(&downtime, &window, false), &[], &Settings::default());
    let close = |actual: Option<f64>, expected: f64| {
        // Times are whole nanoseconds and quantiles good to 1e-12.
        assert!((actual.unwrap() / expected - 1.0).abs() < 1e-11, "{actual:?} {expected}");
    };
    close(found.failure_rate.low, 0.763_096_297_797_779_5 / 3.6e6);
    close(found.failure_rate.high, 8.164_469_208_368_367 / 3.6e6);
    // Mean down time: 2 * 3 h over the quantiles 14.449375335447922 and 1.2373442457912025 of 6 degrees of freedom.
    close(found.mean_down_time.low, 6.0 * 3_600.0 / 14.449_375_335_447_922);
    close(found.mean_down_time.high, 6.0 * 3_600.0 / 1.237_344_245_791_202_5);
    // Odds 3/1000 over and times the quantile 5.819756578960781 of F with 6 and 6 degrees of freedom.
    let odds = [3e-3 / 5.819_756_578_960_781, 3e-3 * 5.819_756_578_960_781];
    close(found.unavailability.low, odds[0] / (1.0 + odds[0]));
    close(found.unavailability.high, odds[1] / (1.0 + odds[1]));
}

/// Incidents as seconds after 2024-02-20, with a component and a severity.
fn entries() -> impl Strategy<Value = Vec<(u32, u32, u8, u8)>> {
    proptest::collection::vec((0_u32..2_000_000, 0_u32..200_000, 0_u8..4, 0_u8..4), 1..40)
}

const START: i64 = 1_708_387_200;
const SEVERITIES: [&str; 4] = ["critical", "major", "minor", "none"];

fn text(entries: &[(u32, u32, u8, u8)]) -> String {
    let row = |(start, length, component, severity): &(u32, u32, u8, u8)| {
        let start = START + i64::from(*start);
        format!("{start},{},c{component},{}\n", start + i64::from(*length), SEVERITIES[usize::from(*severity)])
    };
    "start,end,component,severity\n".to_owned() + &entries.iter().map(row).collect::<String>()
}

fn downtime(text: &str, window: &Interval) -> (f64, f64, u64) {
    let log = read(text, &ReadOptions::default()).unwrap();
    let counted = Downtime::of(&log, &Rule::named("half").unwrap(), window.end, |_| true).within(window);
    (counted.down_seconds, counted.strict_seconds, counted.outages)
}

fn whole() -> Interval {
    let at = |seconds: i64| Instant::from_nanoseconds(i128::from(seconds) * 1_000_000_000).unwrap();
    Interval::new(at(START), at(START + 1_500_000)).unwrap()
}

/// The same by going through every second: which weight holds in it.
fn by_seconds(entries: &[(u32, u32, u8, u8)], length: usize) -> (f64, f64) {
    let mut weights = vec![0.0_f64; length];
    for (start, lasts, _, severity) in entries {
        let weight = [1.0, 1.0, 0.5, 0.0][usize::from(*severity)];
        let end = ((start + lasts) as usize).min(length);
        for second in weights.iter_mut().take(end).skip(*start as usize) {
            *second = second.max(weight);
        }
    }
    (weights.iter().sum(), weights.iter().filter(|weight| **weight > 0.0).count() as f64)
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_union_never_exceeds_the_sum_and_is_what_seconds_say(entries in entries()) {
        let window = whole();
        let log = read(&text(&entries), &ReadOptions::default()).unwrap();
        let intervals: Vec<Interval> = log.incidents.iter().map(|incident| incident.interval(window.end)).collect();
        let sum: i128 = intervals.iter().map(Interval::nanoseconds).sum();
        let union = Timeline::from_intervals(intervals);
        prop_assert!(union.nanoseconds() <= sum);
        prop_assert_eq!(union.clipped(&window).nanoseconds() + union.complement(&window).nanoseconds(), window.nanoseconds());
        let (weighted, strict, _) = downtime(&text(&entries), &window);
        let expected = by_seconds(&entries, 1_500_000);
        prop_assert!((weighted - expected.0).abs() < 1e-6 && strict == expected.1, "{weighted} {strict} {expected:?}");
    }

    #[test]
    fn order_and_touching_parts_change_nothing(entries in entries(), cut in 0.0_f64..1.0) {
        let window = whole();
        let expected = downtime(&text(&entries), &window);
        let mut other: Vec<(u32, u32, u8, u8)> = Vec::new();
        for (start, length, component, severity) in entries.iter().rev() {
            let first = (f64::from(*length) * cut) as u32;
            other.push((start + first, length - first, *component, *severity));
            other.push((*start, first, *component, *severity));
        }
        prop_assert_eq!(downtime(&text(&other), &window), expected);
    }

    #[test]
    fn a_shifted_zone_shifts_labels_only(entries in entries(), hours in -12_i32..=12) {
        let shift = |text: &str| {
            let log = read(text, &ReadOptions::default()).unwrap();
            let zone = Zone::parse(&format!("{}{:02}:00", if hours < 0 { '-' } else { '+' }, hours.abs())).unwrap();
            let rows = log.incidents.iter().map(|incident| {
                let end = incident.end.unwrap();
                format!("{},{},{}\n", zone.shown(incident.start), zone.shown(end), log.severity_of(incident).unwrap())
            });
            let local = "start,end,severity\n".to_owned() + &rows.collect::<String>();
            read(&local, &ReadOptions { zone: Some(zone), ..ReadOptions::default() }).unwrap()
        };
        let text = text(&entries);
        let (shifted, log) = (shift(&text), read(&text, &ReadOptions::default()).unwrap());
        let times = |log: &IncidentLog| log.incidents.iter().map(|one| (one.start, one.end)).collect::<Vec<_>>();
        prop_assert_eq!(times(&shifted), times(&log));
    }

    #[test]
    fn what_is_written_reads_back(entries in entries()) {
        let log = read(&text(&entries), &ReadOptions::default()).unwrap();
        let shown = |log: &IncidentLog| {
            let one = |incident: &Incident| (incident.start, incident.end, incident.planned,
                log.severity_of(incident).map(str::to_owned), log.components_of(incident).map(str::to_owned).collect::<Vec<_>>());
            log.incidents.iter().map(one).collect::<Vec<_>>()
        };
        for text in [to_csv(&log, |_| true).unwrap(), to_json(&log, |_| true)] {
            prop_assert_eq!(shown(&read(&text, &ReadOptions::default()).unwrap()), shown(&log));
        }
    }

    #[test]
    fn hostile_text_is_read_or_refused(text in "[\\[\\]{}\",:;\n0-9a-zT-]{0,200}", header in 0_usize..3) {
        let header = ["", "start,end\n", "[{\"start\": "][header];
        // Whatever comes out, nothing panics, and mistakes lie inside of the text.
        let text = format!("{header}{text}");
        if let Err(mistakes) = read(&text, &ReadOptions::default()) {
            prop_assert!(mistakes.iter().all(|mistake| mistake.span.start <= mistake.span.end && mistake.span.end <= text.len()));
        }
    }
}

#[test]
fn periods_add_up_over_leap_days_and_changes_of_the_clock() {
    let at = |text: &str| ninefold::data::read_instant(text, &Zone::utc()).unwrap();
    for zone in ["UTC", "Europe/Berlin", "America/Denver", "Australia/Lord_Howe", "+05:45"] {
        let zone = Zone::parse(zone).unwrap();
        // From inside of an incident to inside of another, over 29 February and both changes of the clock.
        let window = Interval::new(at("2024-02-28T12:00:00Z"), at("2024-11-05T00:00:00Z")).unwrap();
        let log = "start,end\n2024-02-27T00:00:00Z,2024-03-01T06:00:00Z\n2024-03-31T00:30:00Z,2024-03-31T02:30:00Z\n\
                   2024-10-26T22:00:00Z,2024-11-20T00:00:00Z\n";
        let log = read(log, &ReadOptions::default()).unwrap();
        let downtime = Downtime::of(&log, &Rule::default(), window.end, |_| true);
        // 42 h, 2 h, and from 26 October 22:00 to 5 November: 9 days and 2 hours.
        assert_eq!(downtime.within(&window).strict_seconds, 3_600.0 * (42.0 + 2.0 + 9.0 * 24.0 + 2.0));
        for period in [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year] {
            let periods = zone.periods(&window, period);
            assert!(periods.windows(2).all(|pair| pair[0].end == pair[1].start));
            let inside = |whole: &Interval| whole.clipped(&window).map(|part| downtime.within(&part).strict_seconds);
            let sum: f64 = periods.iter().filter_map(inside).sum();
            assert_eq!(sum, downtime.within(&window).strict_seconds);
            let length: f64 =
                periods.iter().filter_map(|whole| whole.clipped(&window)).map(|part| part.seconds()).sum();
            assert_eq!(length, window.seconds());
        }
    }
}

const STATUS_PAGE: &str = include_str!("cli/logs/status-page.csv");

/// Year, incidents that count (those that maintenance hides left out), sum; minutes of union with maintenance ignored,
/// excluded, counted; for minor and worse, major and
/// worse, and for minor at one half.
///
/// Worked out by an independent program that marks every minute of each year with the largest weight that holds in it (all times of
/// the log are whole minutes), with maintenance that hides its own components; the sums by adding the clipped lengths.
type Year = (&'static str, [(u64, f64); 2], [[f64; 3]; 3]);
const YEARS: [Year; 5] = [
    (
        "2022",
        [(91, 9_183.0), (17, 1_921.0)],
        [[9_405.0, 9_183.0, 52_069.0], [1_921.0, 1_921.0, 45_385.0], [5_663.0, 5_552.0, 48_727.0]],
    ),
    (
        "2023",
        [(159, 15_493.0), (23, 2_806.0)],
        [[15_463.0, 15_463.0, 17_020.0], [2_806.0, 2_806.0, 5_627.0], [9_134.5, 9_134.5, 11_323.5]],
    ),
    (
        "2024",
        [(120, 13_783.0), (26, 3_784.0)],
        [[13_333.0, 13_333.0, 13_333.0], [3_764.0, 3_764.0, 3_764.0], [8_548.5, 8_548.5, 8_548.5]],
    ),
    (
        "2025",
        [(187, 34_293.0), (35, 3_896.0)],
        [[32_535.0, 32_535.0, 58_335.0], [3_818.0, 3_818.0, 31_600.0], [18_176.5, 18_176.5, 44_967.5]],
    ),
    (
        "2026",
        [(201, 35_470.0), (63, 10_964.0)],
        [[32_870.0, 32_870.0, 32_870.0], [10_439.0, 10_439.0, 10_439.0], [21_654.5, 21_654.5, 21_654.5]],
    ),
];

#[test]
fn the_history_of_a_status_page_is_what_its_minutes_say() {
    let log = read(STATUS_PAGE, &ReadOptions::default()).unwrap();
    assert_eq!(log.reading.dialect, "CSV (Statuspage)");
    for (year, sums, unions) in YEARS {
        let window = Zone::utc().named(year).unwrap();
        for (name, (incidents, sum)) in ["default", "major"].into_iter().zip(sums) {
            let rule = Rule::named(name).unwrap();
            let summary = {
                let downtime = Downtime::of(&log, &rule, window.end, |_| true);
                Summary::of(&log, (&rule, &downtime), (window.end, window), |_| true)
            };
            assert_eq!((summary.counted, summary.sum_seconds / 60.0), (incidents, sum), "{year} {name}");
        }
        for (name, minutes) in ["default", "major", "half"].into_iter().zip(unions) {
            for (maintenance, minutes) in
                [Maintenance::Ignore, Maintenance::Exclude, Maintenance::Count].into_iter().zip(minutes)
            {
                let rule = Rule { maintenance, ..Rule::named(name).unwrap() };
                let down = Downtime::of(&log, &rule, window.end, |_| true).down_seconds(&window);
                assert_eq!(down / 60.0, minutes, "{year} {name} {maintenance:?}");
            }
        }
    }
    let window = log.span(Instant::FIRST).unwrap();
    let (rule, downtime) = (Rule::default(), Downtime::of(&log, &Rule::default(), window.end, |_| true));
    let all = Summary::of(&log, (&rule, &downtime), (window.end, window), |_| true);
    assert_eq!((all.incidents, all.empty, all.planned, all.open, all.weightless), (819, 22, 18, 0, 18));
    let parts = all.outside + all.empty + all.planned + all.weightless + all.in_maintenance + all.counted;
    assert_eq!((parts, all.outside, all.in_maintenance), (819, 0, 3));
}
