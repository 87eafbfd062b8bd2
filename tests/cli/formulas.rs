//! The mission's formulas on the command line, to the last digit.

use serde_json::Value;

use crate::program::{Outcome, line, run, run_in};

fn result(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("a JSON report");
    report["result"].clone()
}

/// The allowance of a window, as it is printed: the digits are the test.
fn allowed(target: &str, window: &str) -> String {
    let budget = result(&run(&["budget", target, "--format", "json"]));
    let windows = budget["windows"].as_array().expect("windows");
    let found = windows.iter().find(|entry| entry["window"] == window).expect("the window");
    found["allowed_seconds"].to_string()
}

#[test]
fn nine_nines_are_31_milliseconds_a_year_however_they_are_written() {
    for target in ["99.9999999%", "9 nines", "u=1e-9", "0.999999999", "9nines", "U = 0.000000001"] {
        assert_eq!(allowed(target, "year"), "0.031536", "{target}");
        assert_eq!(allowed(target, "month"), "0.002592", "{target}");
        assert_eq!(allowed(target, "day"), "0.0000864", "{target}");
    }
    let table = line("budget 99.9999999%").stdout;
    let year = table.lines().find(|row| row.starts_with(" year")).expect("a row for the year");
    assert_eq!(year.split_whitespace().collect::<Vec<_>>(), ["year", "365", "d", "31.536", "ms", "0.031536"]);
}

#[test]
fn more_nines_keep_all_digits() {
    for (nines, percent, year) in [
        (3, "99.9%", "31536.0"),
        (5, "99.999%", "315.36"),
        (12, "99.9999999999%", "3.1536e-5"),
        (15, "99.9999999999999%", "3.1536e-8"),
        (20, "99.999999999999999999%", "3.1536e-13"),
    ] {
        let bits = |text: &str| text.parse::<f64>().expect("a number").to_bits();
        let texts =
            [percent.to_owned(), format!("{nines} nines"), format!("u=1e-{nines}"), format!("0.{}", "9".repeat(nines))];
        for text in texts {
            assert_eq!(bits(&allowed(&text, "year")), bits(year), "{text}");
        }
    }
}

#[test]
fn high_availability_is_five_minutes_a_year() {
    let table = line("budget 99.999%").stdout;
    assert!(table.contains("5.256 min"), "{table}");
    // Two words are one target.
    assert_eq!(line("budget 5 nines").stdout, table);
}

#[test]
fn a_longer_year_allows_more() {
    let outcome = run(&["budget", "99.9%", "--year", "365.25d", "--month", "730.5h", "--format", "json"]);
    let windows = result(&outcome)["windows"].clone();
    assert_eq!(windows[4]["allowed_seconds"].to_string(), "31557.6");
    assert_eq!(windows[2]["allowed_seconds"].to_string(), "2629.8");
}

#[test]
fn spending_is_told_with_its_sign() {
    // 28 days at 99.9 % allow 2419.2 s; 14 days have passed.
    let spent = |used: &str| {
        let line = format!("budget 99.9% --window 28d --elapsed 14d --used {used} --format json");
        result(&self::line(&line))["spending"].clone()
    };
    let even = spent("1209.6s");
    assert_eq!(even["remaining_seconds"].to_string(), "1209.6");
    assert_eq!(even["burn_rate"].to_string(), "1.0");
    assert_eq!(even["exhausted_in_seconds"].to_string(), "1209600.0");
    let over = spent("2h");
    assert_eq!(over["remaining_seconds"].to_string(), "-4780.8");
    assert_eq!(over["exhausted_in_seconds"].to_string(), "0.0");
    assert_eq!(spent("0s").get("exhausted_in_seconds"), Some(&Value::Null));
}

#[test]
fn demonstrating_a_target_takes_the_rule_of_three() {
    // The smallest n with (1 - 1e-3)^n <= 0.05 is 2995: ln 0.05 / ln 0.999 = 2994.23.
    let budget = result(&line("budget 99.9% --confidence 95% --mean-outage 8.76h --probe 10m --format json"));
    assert_eq!(budget["demonstration"]["requests_without_failure"].to_string(), "2995.0");
    // 31536 s may be lost in a year, so one outage of that mean a year is allowed: -ln 0.05 years without one.
    let years = budget["demonstration"]["years_without_outage"].as_f64().expect("a number");
    assert!((years / 2.995_732_273_553_991 - 1.0).abs() < 1e-12, "{years}");
    let share = budget["demonstration"]["share_of_year_per_missed_probe"].as_f64().expect("a number");
    assert!((share / (600.0 / 31_536.0) - 1.0).abs() < 1e-15, "{share}");
}

#[test]
fn the_availability_formula_takes_any_two_of_three_times() {
    for arguments in [
        "--uptime 999999999s --downtime 1s",
        "--uptime 999999999s --total 1000000000s",
        "--downtime 1s --total 1000000000s",
    ] {
        let found = result(&line(&format!("availability {arguments} --format json")));
        assert_eq!(found["unavailability"].to_string(), "1e-9", "{arguments}");
        assert_eq!(found["availability"], "0.999999999", "{arguments}");
        assert_eq!(found["downtime_seconds_per_year"].to_string(), "0.031536", "{arguments}");
    }
    let units = result(&line("availability --mtbf 999h --mttr 1h --format json"));
    assert_eq!(units["unavailability"].to_string(), "0.001");
    assert_eq!(units["failure_frequency_per_year"].to_string(), "8.76");
}

#[test]
fn units_combine_without_losing_digits() {
    let of =
        |arguments: &str| result(&line(&format!("availability {arguments} --format json")))["unavailability"].clone();
    // 1e-5 ^ 3; 3 p^2 - 2 p^3 with p = 1e-6; 1 - (1 - 1e-12)(1 - 1e-13).
    let parallel = of("--parallel 5nines,5nines,5nines").as_f64().expect("a number");
    assert!((parallel / 1e-15 - 1.0).abs() < 4.0 * f64::EPSILON, "{parallel}");
    let quorum = of("--parallel 6nines,6nines,6nines --k 2").as_f64().expect("a number");
    assert!((quorum / (3e-12 - 2e-18) - 1.0).abs() < 4.0 * f64::EPSILON, "{quorum}");
    let series = of("--series u=1e-12 u=1e-13").as_f64().expect("a number");
    assert!((series / (1.1e-12 - 1e-25) - 1.0).abs() < 4.0 * f64::EPSILON, "{series}");
}

#[test]
fn what_doubles_cannot_hold_is_refused_not_zero() {
    let many = ["6nines"; 60].join(",");
    let outcome = line(&format!("availability --parallel {many}"));
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("below 1e-290"), "{}", outcome.stderr);
    let text = "[component.a]\nmtbf = \"30d\"\nmttr = \"4h\"\n[group.g]\ncomponent = \"a\"\nactive = 150\nneed = 1\n\
                [system]\nup = \"g\"\n";
    let outcome = run_in(std::path::Path::new("."), &["solve", "-"], text.as_bytes());
    assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""), "{outcome:?}");
    assert!(outcome.stderr.contains("below 1e-290"), "{}", outcome.stderr);
    // What cannot fail is 0, and says so.
    let text = "[component.a]\nunavailability = 0\n[system]\nup = \"a\"\n";
    let outcome = run_in(std::path::Path::new("."), &["solve", "-"], text.as_bytes());
    assert!(outcome.stdout.contains("nothing that can fail can bring the system down"), "{outcome:?}");
}

#[test]
fn a_gate_closes_when_the_target_is_missed() {
    assert_eq!(line("availability --mtbf 999h --mttr 1h --target 99.9% --gate").code, 0);
    assert_eq!(line("availability --mtbf 998h --mttr 1h --target 99.9% --gate").code, 1);
}

#[test]
fn throughput_is_requests_over_time_with_its_exact_interval() {
    let found = result(&line("throughput --requests 12000 --time 60s --concurrency 50 --format json"));
    assert_eq!(found["requests_per_second"].to_string(), "200.0");
    // Little's law: 50 in the system at 200 per second stay a quarter of a second.
    assert_eq!(found["mean_response_seconds"].to_string(), "0.25");
    // No request at all: 0 up to chi2(0.975; 2) / 2 = -ln 0.025 (Garwood 1936).
    let none = result(&line("throughput --requests 0 --time 1s --format json"));
    assert_eq!(none["low_requests_per_second"].to_string(), "0.0");
    let high = none["high_requests_per_second"].as_f64().expect("a number");
    assert!((high / 3.688_879_454_113_936 - 1.0).abs() < 1e-12, "{high}");
}

#[test]
fn scalability_takes_the_largest_of_each() {
    let expected = |found: &Value| {
        assert_eq!(found["requests_per_second"].to_string(), "200.0");
        assert_eq!(found["best_run_requests_per_second"].to_string(), "300.0");
    };
    expected(&result(&line("scalability --run 18000/90s --run 9000/30s --run 1000/10s --format json")));
    let csv = b"requests,time\n18000,90s\n9000,0.5m\n1000,10s\n";
    let folder = tempfile::tempdir().expect("a folder");
    expected(&result(&run_in(folder.path(), &["scalability", "--csv", "-", "--format", "json"], csv)));
    let literal = result(&line("scalability --max-requests 18000 --max-time 90s --format json"));
    assert_eq!(literal["requests_per_second"].to_string(), "200.0");
}
