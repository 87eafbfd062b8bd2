//! Objectives, budgets and burn rates as their users meet them.

use saphyr_parser::{Event, Parser};
use serde_json::Value;

use crate::program::{given, report, run_in};

const STATUS_PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/logs/status-page.csv");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/slo/shop.yaml");
const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/slo/good.json");
const VALID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/slo/valid.json");

/// The first account of the first budget.
fn account(arguments: &[&str], input: &str) -> Value {
    report(arguments, input)["result"]["budgets"][0]["accounts"][0].clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn near(actual: &Value, expected: f64) {
    let actual = number(actual);
    assert!((actual - expected).abs() <= 1e-12 * expected.abs(), "{actual} is not {expected}");
}

#[test]
fn nine_nines_survive_the_whole_way() {
    let events = account(&["budget", "--slo", "99.9999999%", "--total", "1e9", "--bad", "100"], "");
    assert_eq!(events["burn_rate"].to_string(), "100.0");
    assert_eq!(
        (events["allowed"].to_string(), events["remaining"].to_string()),
        ("1.0".to_owned(), "-99.0".to_owned())
    );
    // 1e9 good and 100 bad events are 1,000,000,100 in all: a burn rate of 100 to the digits of a table.
    let good = account(&["budget", "--slo", "9 nines", "--good", "1e9", "--bad", "100"], "");
    assert_eq!(good["burn_rate"].to_string(), "99.999990000001");
    let table = given(&["budget", "--slo", "9 nines", "--good", "1e9", "--bad", "100"], "").stdout;
    let burn = table.lines().find(|line| line.contains("burn rate")).expect("a row");
    assert_eq!(burn.split_whitespace().nth(2), Some("100"), "{burn}");
    let log = "start,end\n2024-01-01T00:00:00Z,2024-01-01T00:00:00.001Z\n";
    let time = account(&["budget", "-", "--slo", "9 nines", "--window", "30d", "--to", "2024-01-31"], log);
    assert_eq!((time["allowed"].to_string(), time["bad"].to_string()), ("0.002592".to_owned(), "0.001".to_owned()));
}

#[test]
fn methods_differ_as_a_published_example_says() {
    // See `slo::methods` for the source: 118.644, 800 and 168.571 % of the budget.
    let arguments = ["budget", "--slo", "95%", "--good", GOOD, "--total", VALID, "--window", "10m", "--method", "all"];
    let report = report(&arguments, "");
    let accounts = &report["result"]["budgets"][0]["accounts"];
    near(&accounts[0]["used_share"], 7.0 / 5.9);
    near(&accounts[1]["used_share"], 8.0);
    near(&accounts[2]["used_share"], 59.0 / 35.0);
}

#[test]
fn a_month_of_the_calendar_is_not_thirty_days() {
    let of = |window: &str, to: &str| {
        let arguments = ["budget", STATUS_PAGE, "--slo", "99%", "--weights", "major", "--window", window, "--to", to];
        account(&arguments, "")
    };
    // Major and worse without maintenance, by an independent count over the file: October 2025, 12.65 of 7.44 h;
    // February, whose 26.85 h of maintenance are of one component and leave out nothing, 1.6333 of 6.72 h.
    let october = of("1M", "2025-11-01");
    near(&october["bad"], 12.65 * 3_600.0);
    near(&october["allowed"], 7.44 * 3_600.0);
    let february = of("1M", "2025-03-01");
    near(&february["bad"], 98.0 * 60.0);
    near(&february["allowed"], 6.72 * 3_600.0);
    near(&of("30d", "2025-11-01")["total"], 30.0 * 86_400.0);
    let minutes = given(&["budget", STATUS_PAGE, "--slo", "99%", "--window", "1m", "--to", "2025-11-01"], "");
    assert!(minutes.stdout.contains("1 min"), "`m` is minutes: {}", minutes.stdout);
    for (window, expected) in [("2M", "one month"), ("1mo", "unknown unit"), ("0d", "above zero"), ("30", "no unit")] {
        let outcome = given(&["budget", STATUS_PAGE, "--slo", "99%", "--window", window], "");
        assert!(outcome.code == 2 && outcome.stderr.contains(expected), "{window}: {}", outcome.stderr);
    }
}

#[test]
fn a_month_begins_at_local_midnight() {
    let log = "start,end\n2024-03-31T21:00:00Z,2024-03-31T23:00:00Z\n";
    let window = |zone: &str| {
        let arguments = ["budget", "-", "--slo", "99%", "--window", "1M", "--tz", zone, "--to", "2024-03-31T23:00:00Z"];
        report(&arguments, log)["result"]["budgets"][0].clone()
    };
    let utc = window("UTC");
    assert_eq!(
        (utc["window"]["start"].as_str(), number(&utc["accounts"][0]["bad"])),
        (Some("2024-03-01 00:00:00 UTC"), 7_200.0)
    );
    // In Berlin, summer time since that day, April begins at 22:00 UTC, and March was an hour short.
    let berlin = window("Europe/Berlin");
    assert_eq!(berlin["window"]["start"].as_str(), Some("2024-04-01 00:00:00 Europe/Berlin"));
    assert_eq!(
        (number(&berlin["accounts"][0]["bad"]), number(&berlin["window"]["elapsed_seconds"])),
        (3_600.0, 3_600.0)
    );
    let march = &berlin["history"][0];
    assert_eq!((march["period"].as_str(), number(&march["bad"])), (Some("2024-03"), 3_600.0));
    near(&march["allowed"], (31.0 * 86_400.0 - 3_600.0) / 100.0);
}

/// An objective of a month of the calendar in a zone.
fn monthly(name: &str, zone: &str) -> String {
    format!(
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: {name}}}\nspec:\n  service: shop\n  indicator:\n    \
         metadata: {{name: i}}\n    spec:\n      ratioMetric:\n        counter: true\n        good: {{metricSource: \
         {{type: Prometheus, spec: {{query: a}}}}}}\n        total: {{metricSource: {{type: Prometheus, spec: {{query: \
         b}}}}}}\n  timeWindow:\n    - duration: 1M\n      isRolling: false\n      calendar: {{startTime: \"2024-01-01 \
         00:00:00\", timeZone: {zone}}}\n  budgetingMethod: Occurrences\n  objectives:\n    - target: 0.99\n"
    )
}

#[test]
fn the_window_is_read_in_the_zone_of_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    // Two hours down in March of Berlin, the first of them in February of UTC; nothing in April.
    let log = "start,end\n2024-02-29T23:00Z,2024-03-01T01:00Z\n2024-04-02T00:00Z,2024-04-02T00:01Z\n";
    let two = format!("{}---\n{}", monthly("a", "Europe/Berlin"), monthly("b", "America/New_York"));
    let files = [("log.csv", log), ("one.yaml", &monthly("a", "Europe/Berlin")), ("two.yaml", &two)];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let found = |arguments: &str| {
        let outcome = run_in(folder.path(), &arguments.split(' ').collect::<Vec<_>>(), b"");
        serde_json::from_str::<Value>(&outcome.stdout).unwrap_or_else(|_| panic!("{arguments}: {outcome:?}"))
    };
    for window in ["--during 2024-03", "--from 2024-03-01 --to 2024-04-01T00:00"] {
        let march = found(&format!("budget log.csv --slo one.yaml {window} --format json"));
        let budget = &march["result"]["budgets"][0];
        assert_eq!(budget["window"]["start"], "2024-03-01 00:00:00 Europe/Berlin", "{budget}");
        assert_eq!(budget["accounts"][0]["bad"].as_f64(), Some(7_200.0), "{budget}");
        let burn = found(&format!("burn log.csv --slo one.yaml {window} --format json"));
        assert_eq!(burn["result"]["targets"][0]["at"], "2024-04-01 00:00:00 Europe/Berlin", "{burn}");
    }
    // `--tz` is for all: both the window and the month.
    let utc = found("budget log.csv --slo one.yaml --tz UTC --during 2024-03 --format json");
    let budget = &utc["result"]["budgets"][0];
    assert_eq!(budget["window"]["start"], "2024-03-01 00:00:00 UTC", "{budget}");
    assert_eq!(budget["accounts"][0]["bad"].as_f64(), Some(3_600.0), "{budget}");
    for command in ["budget", "burn"] {
        let arguments = [command, "log.csv", "--slo", "two.yaml", "--during", "2024-03"];
        let outcome = run_in(folder.path(), &arguments, b"");
        assert!(outcome.code == 2 && outcome.stderr.contains("`--tz America/New_York`"), "{outcome:?}");
        assert_eq!(run_in(folder.path(), &arguments[..4], b"").code, 0, "{command}");
    }
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    let slo = format!("budget {STATUS_PAGE} --slo 99%");
    let cases = [
        (slo.clone(), "--slice 5m;--slice-target 99%", "`--method timeslices`"),
        (format!("{slo} --method time"), "--slice 5m", "`--method timeslices`"),
        (slo.clone(), "--confidence 90%;--probe 1s;--mean-outage 1h", "`ninefold budget 99.9%`"),
        (slo, "--per-step;--expected-total 1e12", "`--good`, `--bad`, `--total`"),
        (
            "budget --slo 99% --good 99 --bad 1".to_owned(),
            "--from 2024;--to 2024;--during 2024;--component a;--weights major;--maintenance count;--missing bad;--now \
             2024-01-01;--map start=x;--tz UTC;--per-step;--slice 5m;--slice-target 99%;--lenient;--as bool",
            "goes with a log",
        ),
        ("budget --slo 99% --good 99 --bad 1".to_owned(), "--method all;--method time", "only `--method occurrences`"),
        ("budget 99%".to_owned(), "--from 2024;--tz UTC;--weights major", "`--slo TARGET`"),
        (format!("budget --slo 99% --good {GOOD} --total {VALID}"), "--weights major;--as bool", "a log of outages"),
        (format!("burn --slo 99% --good {GOOD} --total {VALID}"), "--missing bad", "a log of outages"),
        (format!("burn {STATUS_PAGE} --slo 99%"), "--per-step", "`--good`, `--bad`, `--total`"),
        (
            "availability --mtbf 30d --mttr 1h".to_owned(),
            "--tz UTC;--from 2024;--weights major;--component a;--missing bad;--during 2024",
            "FILE, a log",
        ),
        (
            format!("fit {STATUS_PAGE} --column x"),
            "--by pooled;--units 3;--together 1m;--component a;--from 2024;--weights major;--tz UTC;--missing bad",
            "without `--column`",
        ),
        (format!("incidents {STATUS_PAGE} --convert csv"), "--by year;--top 3;--weights major", "without `--convert`"),
    ];
    for (line, options, says) in cases {
        for option in options.split(';') {
            let arguments: Vec<&str> = line.split(' ').chain(option.split_whitespace()).collect();
            let outcome = given(&arguments, "");
            assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{line} {option}: {outcome:?}");
            let name = option.split(' ').next().expect("a name");
            let stderr = &outcome.stderr;
            assert!(stderr.contains(says) && stderr.contains(name), "{line} {option}: {stderr}");
        }
    }
}

#[test]
fn a_slice_that_is_longer_than_the_window_is_refused() {
    let line = ["budget", STATUS_PAGE, "--slo", "99%", "--window", "1d", "--slice", "2d", "--method"];
    for method in ["timeslices", "all"] {
        let outcome = given(&[line.as_slice(), &[method]].concat(), "");
        let says = "a slice of 172800 s is longer than the window, 86400 s";
        assert!(outcome.code == 2 && outcome.stderr.contains(says), "{outcome:?}");
    }
}

#[test]
fn a_ratio_that_is_not_balanced_is_refused() {
    let run = |ratio: &str| given(&["burn", "rules", "--slo", "99%", "--name", "a", "--error-ratio", ratio], "");
    let refused = [
        ("vector(1) and WINDOW)", "the `)` closes nothing"),
        ("rate(a[WINDOW]", "a `)` is missing"),
        ("rate(a{b=\"c\"[WINDOW])", "the `)` closes nothing"),
        ("rate(a{b=\"c}[WINDOW])", "the quote `\"` is never closed"),
        ("rate(a{b='\\'}[WINDOW])", "the quote `'` is never closed"),
    ];
    for (ratio, says) in refused {
        let outcome = run(ratio);
        assert!(outcome.code == 2 && outcome.stderr.contains(says), "{ratio}: {outcome:?}");
    }
    for ratio in ["1 - avg_over_time(up{a=\"}\\\"(\", b=~`\\`}[WINDOW])", "rate(a[WINDOW]) # (\n / rate(b[WINDOW])"] {
        assert_eq!(run(ratio).code, 0, "{ratio}");
    }
}

#[test]
fn the_gate_closes_when_too_little_is_left() {
    let code = |least: &[&str]| {
        let arguments = ["budget", "--slo", "99.9%", "--total", "1e6", "--bad", "950", "--gate"];
        given(&[&arguments[..], least].concat(), "").code
    };
    assert_eq!([code(&[]), code(&["--min-remaining", "5%"]), code(&["--min-remaining", "6%"])], [0, 0, 1]);
    assert_eq!(code(&["--min-remaining", "-10%"]), 0);
    assert_eq!(code(&["--min-remaining", "five"]), 2);
    let open = |arguments: &[&str]| {
        given(&[&["burn", "-", "--gate", "--to", "2024-01-02"][..], arguments].concat(), BROKEN).code
    };
    assert_eq!([open(&["--slo", "99.9%"]), open(&["--slo", "50%"])], [1, 0]);
}

const BROKEN: &str = "start,end\n2024-01-01T12:00:00Z,2024-01-02T00:00:00Z\n";

#[test]
fn alerts_fire_when_they_would_have() {
    // Critical incidents of 2026 at 99 %: an evaluation of the ratios every 4 s over the file finds 25, 25 and 23
    // firings of
    // 3.3074, 3.5236 and 8.8418 days.
    let arguments = ["burn", STATUS_PAGE, "--slo", "99%", "--weights", "critical", "--during", "2026"];
    let report = report(&arguments, "");
    let rules = report["result"]["targets"][0]["rules"].as_array().expect("rules").clone();
    let firings: Vec<u64> = rules.iter().filter_map(|rule| rule["firings"].as_u64()).collect();
    assert_eq!(firings, [25, 25, 23]);
    for (rule, days) in rules.iter().zip([3.307_407_407, 3.523_564_815, 8.841_018_519]) {
        let seconds = number(&rule["firing_seconds"]);
        assert!((seconds / 86_400.0 - days).abs() < 100.0 / 86_400.0, "{seconds}");
    }
    let now = given(&["burn", "-", "--slo", "99.9%", "--to", "2024-01-02"], BROKEN).stdout;
    assert!(now.contains("YES") && now.contains("still firing") && now.contains("2024-01-01 12:00:51"), "{now}");
}

#[test]
fn plans_name_rules_that_can_never_fire() {
    let codes = |arguments: &[&str]| -> Vec<String> {
        let report = report(&[&["burn", "plan", "--slo"], arguments].concat(), "");
        let warnings = report["warnings"].as_array().expect("warnings").clone();
        warnings.iter().filter_map(|warning| warning["code"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(codes(&["99.95%"]), Vec::<String>::new());
    assert_eq!(codes(&["90%"]), ["never_fires"]);
    assert_eq!(codes(&["9nines"]), ["probe_beyond_budget"]);
    assert_eq!(codes(&["99.9%", "--window", "1Y", "--month", "30d"]), ["slow_burn_unseen"]);
    assert_eq!(codes(&["99.9%", "--rule", "20s=1"]), ["window_too_short"]);
    assert_eq!(codes(&["99.9%", "--traffic", "0.001"]), ["single_failure_fires"; 3]);
    for (rule, expected) in [("1h", "a factor"), ("5m/1h=3", "shorter"), ("1h=0", "above 0"), ("mail:1h=3", "`page:`")]
    {
        let outcome = given(&["burn", "plan", "--slo", "99%", "--rule", rule], "");
        assert!(outcome.code == 2 && outcome.stderr.contains(expected), "{rule}: {}", outcome.stderr);
    }
}

/// Scalars of a rule file by key, in order.
fn entries(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut key: Option<String> = None;
    for event in Parser::new_from_str(text) {
        match event.unwrap_or_else(|error| panic!("{error}: {text}")).0 {
            Event::Scalar(text, ..) => match key.take() {
                Some(name) => found.push((name, text.into_owned())),
                None => key = Some(text.into_owned()),
            },
            _ => key = None,
        }
    }
    found
}

#[test]
fn rules_for_prometheus_are_yaml_with_constants_of_the_text() {
    let arguments =
        ["burn", "rules", "--slo", "99.9999999%", "--name", "it's \"fast\"", "--scheme", "sloth", "--window", "28d"];
    let counters = ["--bad", "errors_total{code=~\"5..\"}", "--total", "requests_total"];
    let outcome = given(&[&arguments[..], &counters].concat(), "");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let entries = entries(&outcome.stdout);
    let of =
        |key: &str| entries.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
    let alerts: Vec<&str> = of("expr").into_iter().filter(|expression| expression.contains(" > ")).collect();
    let factors = ["13.44", "5.6", "2.8", "14 / 15"];
    assert_eq!(alerts.len(), factors.len());
    for (alert, factor) in alerts.iter().zip(factors) {
        assert_eq!(alert.matches(&format!("> ({factor} * 1e-09)")).count(), 2, "{alert}");
        assert!(alert.contains(r#"{slo="it's \"fast\""}"#), "{alert}");
    }
    assert!(of("expr").contains(&"vector(1e-09)\n"), "{:?}", of("expr"));
    assert_eq!(of("record").iter().filter(|name| name.starts_with("slo:error_ratio:rate")).count(), 7);
    assert!(of("slo").iter().all(|name| *name == "it's \"fast\""));
    assert_eq!(of("severity"), ["page", "page", "ticket", "ticket"]);
}

#[test]
fn rules_are_made_of_what_can_be_asked_for() {
    let rules =
        |indicator: &[&str]| given(&[&["burn", "rules", "--slo", "99%", "--name", "a"][..], indicator].concat(), "");
    assert_eq!(rules(&[]).code, 2);
    assert_eq!(rules(&["--bad", "x"]).code, 2);
    let ratio = rules(&["--error-ratio", "1 - avg_over_time(up[WINDOW])"]);
    assert!(ratio.code == 0 && ratio.stdout.contains("1 - avg_over_time(up[5m])"), "{ratio:?}");
    for (indicator, expected) in [
        (["--error-ratio", "up", "--quiet"].as_slice(), "`WINDOW`"),
        (&["--bad", "sum(x)", "--total", "y"], "metric"),
        (&["--bad", "x{a=\"b\"", "--total", "y"], "metric"),
        (&["--good", "x", "--total", "1y"], "metric"),
    ] {
        let outcome = rules(indicator);
        assert!(outcome.code == 2 && outcome.stderr.contains(expected), "{indicator:?}: {}", outcome.stderr);
    }
    let named = given(&["burn", "rules", "--slo", "99%", "--name", "a{{b}}", "--bad", "x", "--total", "y"], "");
    assert!(named.code == 2 && named.stderr.contains("without `{{`"), "{named:?}");
    let never = given(&["burn", "rules", "--slo", "90%", "--name", "a", "--bad", "x", "--total", "y"], "");
    assert!(never.stderr.contains("can never fire") && never.stdout.contains("# Left out"), "{never:?}");
}

#[test]
fn objectives_are_read_with_every_digit() {
    let slo = report(&["slo", SHOP], "")["result"]["slos"][0].clone();
    assert_eq!(slo["objectives"][0]["availability"], "0.999999999");
    assert_eq!(slo["objectives"][0]["unavailability"].to_string(), "1e-9");
    assert_eq!(slo["objectives"][0]["allowed_seconds"].to_string(), "0.002592");
    assert_eq!(slo["alerts"][0]["can_fire"], false);
    let budgets = report(&["budget", STATUS_PAGE, "--slo", SHOP], "")["result"]["budgets"].clone();
    let names: Vec<&str> =
        budgets.as_array().expect("a list").iter().filter_map(|budget| budget["name"].as_str()).collect();
    assert_eq!(names, ["shop: nine nines", "shop: 2"]);
    assert_eq!(budgets[0]["accounts"][0]["method"], "time");
}

#[test]
fn alerts_of_a_file_are_rules() {
    let text =
        std::fs::read_to_string(SHOP).expect("the file").replace("99.9999999", "99").replace("    - target: 0.9\n", "");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("one.yaml"), text.trim_end()).expect("written");
    let run = |arguments: &[&str]| {
        let outcome = run_in(folder.path(), &[arguments, &["--format", "json"]].concat(), BROKEN.as_bytes());
        assert_eq!(outcome.code, 0, "{outcome:?}");
        serde_json::from_str::<Value>(&outcome.stdout).expect("JSON")
    };
    let burn = run(&["burn", "-", "--slo", "one.yaml", "--to", "2024-01-02"]);
    assert_eq!(
        (burn["settings"]["scheme"].as_str(), burn["settings"]["period_seconds"].as_f64()),
        (Some("file"), Some(2_592_000.0))
    );
    // 14.4 times 1 % of an hour, and five minutes more.
    let firing = &burn["result"]["targets"][0]["firings"][0];
    assert_eq!(firing["start"], "2024-01-01 12:13:38 UTC");
    let plan = run(&["burn", "plan", "--slo", "one.yaml"]);
    near(&plan["result"]["rules"][0]["answers"][0]["detect_seconds"], 518.4 + 300.0);
    assert_eq!(run(&["burn", "plan", "--slo", "one.yaml", "--scheme", "sloth"])["settings"]["scheme"], "sloth");
    let two = given(&["burn", "plan", "--slo", SHOP], "");
    assert!(two.code == 2 && two.stderr.contains("has 2 targets"), "{two:?}");
}

#[test]
fn mistakes_in_objectives_have_their_place() {
    let text = std::fs::read_to_string(SHOP).expect("the file");
    let outcome = given(&["slo", "-"], &text.replace("target: 0.9", "targt: 0.9").replace("30d", "1M"));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    for expected in ["standard input:19:", "no fixed length", "did you mean `target`?", "3 mistakes"] {
        assert!(outcome.stderr.contains(expected), "{expected}: {}", outcome.stderr);
    }
    let deep = format!("a: {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    for hostile in ["", "\u{0}", "a: &b [*b]", "%YAML 9.9\n---\n", "? a\n", &deep, "- - - -", "!!binary x", "a: .nan"] {
        let outcome = given(&["slo", "-"], hostile);
        assert!(outcome.code == 2 && outcome.stderr.starts_with("error: "), "{hostile:?}: {outcome:?}");
    }
}

#[test]
fn what_cannot_be_counted_is_refused() {
    for (arguments, expected) in [
        (["--good", "10", "--total", "9"].as_slice(), "less than the 10"),
        (&["--good", "0", "--bad", "0"], "no events"),
        (&["--good", "1"], "two of"),
        (&["--good", "1", "--bad", "2", "--total", "3"], "two of"),
        (&["--good", "1", "--total", "missing.json"], "neither is"),
        (&["--good", "a.json", "--total", "missing.json"], "cannot read"),
        (&["--good", "1", "--total", "2", "--method", "timeslices"], "no slices"),
        (&["--good", "1", "--total", "2", "--window", "1d", "--elapsed", "2d"], "more than the window"),
        (&["--good", "1", "--total", "20", "--expected-total", "19"], "there are 20 already"),
        (&["--good", VALID, "--total", GOOD, "--window", "10m"], "more good"),
        (&[STATUS_PAGE, "--method", "occurrences"], "no events"),
        (&[STATUS_PAGE, "--method", "timeslices", "--slice", "1us"], "slices"),
        (&[STATUS_PAGE, "--elapsed", "3d"], "no meaning"),
        (&[GOOD, "--good", "good", "--total", "valid"], "no series"),
        (&[], "nothing to count"),
        (&["--downtime", "5m", "--per", "day"], "cannot be used with"),
    ] {
        let outcome = given(&[&["budget", "--slo", "99%"][..], arguments].concat(), "");
        assert!(outcome.code == 2 && outcome.stderr.contains(expected), "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn missing_samples_leave_a_band() {
    // One sample a minute; of ten minutes two are missing and one is bad.
    let values: Vec<String> = [0, 1, 2, 3, 6, 7, 8, 9]
        .iter()
        .map(|minute| format!("[{}, \"{}\"]", 1_700_000_000 + 60 * minute, u8::from(*minute != 2)))
        .collect();
    let text = format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{{\"metric\":{{\"instance\":\"a\"}},\"values\":[{}]}}]}}}}",
        values.join(",")
    );
    let budget = report(&["budget", "-", "--slo", "80%", "--window", "10m"], &text)["result"]["budgets"][0].clone();
    let account = &budget["accounts"][0];
    assert_eq!((number(&account["bad"]), number(&account["total"])), (60.0, 480.0));
    // 20 % of ten minutes are 120 s: one bad minute leaves half, three bad ones overspend by half.
    near(&budget["unobserved"]["remaining_share_high"], 0.5);
    near(&budget["unobserved"]["remaining_share_low"], -0.5);
}

#[test]
fn a_negative_count_has_its_place() {
    let series = |name: &str, second: &str| {
        format!(
            "{{\"metric\":{{\"__name__\":\"{name}\"}},\"values\":[[1704067200,\"5\"],\n[1704067260,\"{second}\"]]}}"
        )
    };
    let of = |second: &str, more: &str| {
        let text = format!("{{\"resultType\":\"matrix\",\"result\":[{},{}]}}", series("g", second), series("t", "9"));
        let arguments = ["budget", "-", "--slo", "99%", "--good", "g", "--total", "t", "--window", "1m"];
        given(&[&arguments[..], if more.is_empty() { &[] } else { &["--per-step"] }].concat(), &text)
    };
    for more in ["", "--per-step"] {
        let outcome = of("-3", more);
        assert!(outcome.code == 2 && outcome.stderr.contains("the count -3 is negative"), "{more}: {outcome:?}");
        assert!(outcome.stderr.contains("standard input:2:13"), "{outcome:?}");
    }
    assert_eq!(of("6", "").code, 0);
}

#[test]
fn the_first_month_of_a_log_is_told_to_be_a_part() {
    let log = "start,end\n2025-01-20T00:00:00Z,2025-01-20T01:00:00Z\n2025-02-05T00:00:00Z,2025-02-05T01:00:00Z\n";
    let codes = |from: &str| {
        let told =
            report(&["budget", "-", "--slo", "99%", "--window", "1M", "--from", from, "--to", "2025-02-11"], log);
        told["warnings"].as_array().expect("a list").iter().filter(|one| one["code"] == "window_before_log").count()
    };
    assert_eq!((codes("2025-01-15"), codes("2025-01-01")), (1, 0));
}

/// Ten days into February: an hour in January and one in February. The month's budget at 99.9 % is 28 * 86.4 s, and the
/// burn rate 3600 / (10 * 86.4); `budget` and `burn` read the same log.
#[test]
fn a_calendar_month_burns_as_its_budget_does() {
    let log = "start,end\n2025-01-30T00:00:00Z,2025-01-30T01:00:00Z\n2025-02-05T00:00:00Z,2025-02-05T01:00:00Z\n";
    let rest = ["--slo", "99.9%", "--window", "1M", "--from", "2025-01-01", "--to", "2025-02-11", "--tz", "UTC"];
    let found = report(&[&["burn", "-", "--rule", "1h=14.4"][..], &rest[..]].concat(), log);
    let burn = &found["result"]["targets"][0];
    let budget = account(&[&["budget", "-"][..], &rest[..]].concat(), log);
    near(&burn["burn_rate"], 3_600.0 / (10.0 * 86.4));
    near(&burn["burn_rate"], number(&budget["burn_rate"]));
    assert_eq!(burn["window_from"], "2025-02-01 00:00:00 UTC");
    assert_eq!(found["settings"]["window_kind"], "calendar month");
    // The second firing begins when 14.4 * 3.6 s of its outage are over: they are what February has used.
    near(&burn["firings"][1]["used_share"], 14.4 * 3.6 / (28.0 * 86.4));
    let plan = given(&["burn", "plan", "--slo", "99.9%", "--window", "1M"], "");
    assert!(plan.stdout.contains("a calendar month of usual length"), "{}", plan.stdout);
}

#[test]
fn a_plan_says_never_where_a_budget_lasts() {
    let found = report(&["burn", "plan", "--slo", "90%"], "");
    let lasts = found["result"]["exhaustion"].as_array().unwrap();
    assert!(lasts[1]["seconds"].is_number() && lasts[2]["seconds"].is_null() && lasts[3]["seconds"].is_null());
    let text = given(&["burn", "plan", "--slo", "99.9%", "--scheme", "pyrra"], "");
    assert!(text.stdout.contains("budget gone when it fires at errors of"), "{}", text.stdout);
    let huge = given(&["burn", "plan", "--slo", "99.9%", "--rule", "1h/5m=1e6"], "");
    assert!(!huge.stderr.contains("fires too late") && !huge.stdout.contains("fires too late"), "{huge:?}");
}

/// An hour of outage and two of maintenance: three count in the other reading.
#[test]
fn maintenance_is_told_both_ways() {
    let log = "start,end,planned\n2025-01-05T00:00:00Z,2025-01-05T01:00:00Z,false\n\
        2025-01-06T00:00:00Z,2025-01-06T02:00:00Z,true\n";
    let rest = ["--slo", "99%", "--from", "2025-01-01", "--to", "2025-01-31", "--tz", "UTC"];
    let found = report(&[&["budget", "-"][..], &rest[..]].concat(), log);
    let other = &found["result"]["budgets"][0]["other_reading"];
    assert_eq!(other["maintenance"], "count");
    near(&other["account"]["bad"], 3.0 * 3_600.0);
    near(&other["maintenance_seconds"], 2.0 * 3_600.0);
    let found = report(&[&["burn", "-"][..], &rest[..]].concat(), log);
    near(&found["result"]["targets"][0]["other_reading"]["burn_rate"], 3.0 / 720.0 / 0.01);
    let all = ["budget", "-", "--slo", "99%", "--window", "1h", "--to", "2025-01-06T02:00:00Z"];
    let nothing = given(&all, log);
    assert!(nothing.code == 2 && nothing.stderr.contains("is planned maintenance"), "{nothing:?}");
}

#[test]
fn numbers_that_count_nothing_are_no_files() {
    for text in ["1e30", "NaN", "-1", "0.5", "inf"] {
        let found = given(&["budget", "--slo", "99.9%", "--good", text, "--total", "1"], "");
        assert!(found.code == 2 && found.stderr.contains("a whole number"), "{found:?}");
        assert!(found.stderr.contains("--good") && !found.stderr.contains("cannot read"), "{found:?}");
    }
    let arguments = ["budget", "--slo", "99%", "--good", "9", "--total", "9", "--gate", "--min-remaining", "110%"];
    assert!(given(&arguments, "").stderr.contains("it is not a share"));
}

#[test]
fn a_wrong_version_is_pointed_at() {
    let wrong = given(&["slo", "-"], "kind: SLO\napiVersion: openslo/v2\n");
    assert!(wrong.code == 2 && wrong.stderr.contains(":2:13"), "{}", wrong.stderr);
    let missing = given(&["slo", "-"], "kind: SLO\n");
    assert!(missing.stderr.contains("the document needs `apiVersion`"), "{}", missing.stderr);
}

/// A counter of 100 requests a minute for an hour, from 2024.
fn counter(from: i64, values: impl Iterator<Item = u32>) -> String {
    let samples: Vec<String> =
        values.enumerate().map(|(at, value)| format!("[{}, \"{value}\"]", from + 60 * at as i64)).collect();
    format!("{{\"metric\": {{\"pod\": \"a\"}}, \"values\": [{}]}}", samples.join(", "))
}

const YEAR_2024: i64 = 1_704_067_200;

#[test]
fn a_counter_of_errors_that_is_not_there_yet_counts_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("written");
    write("total.json", format!("[{}]", counter(YEAR_2024, (0..=60).map(|minute| 100 * minute))));
    write("none.json", r#"{"status": "success", "data": {"resultType": "matrix", "result": []}}"#.to_owned());
    write("late.json", format!("[{}]", counter(YEAR_2024 + 41 * 60, (1..=20).map(|minute| 5 * minute))));
    write("other.json", format!("[{}]", counter(YEAR_2024 - 86_400, 0..=9)));
    let of = |bad: &str| {
        let arguments = ["budget", "--slo", "99%", "--bad", bad, "--total", "total.json", "--gate", "--format", "json"];
        run_in(folder.path(), &arguments, b"")
    };
    let counts = |bad: &str| {
        let outcome = of(bad);
        let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert!(report["warnings"].to_string().contains("no_bad_samples"), "{report}");
        let account = &report["result"]["budgets"][0]["accounts"][0];
        (number(&account["bad"]), number(&account["total"]), outcome.code)
    };
    assert_eq!(counts("none.json"), (0.0, 6_000.0, 0));
    // 5 before the first sample and 95 after it.
    assert_eq!(counts("late.json"), (100.0, 6_000.0, 1));
    let other = of("other.json");
    assert!(other.code == 2 && other.stderr.contains("have no two samples at the same times"), "{other:?}");
}

#[test]
fn a_sample_that_one_pod_misses_keeps_its_events() {
    let with_gap = |missing: usize| {
        let minutes = (0..=60).filter(|minute| *minute != missing);
        let samples: Vec<String> =
            minutes.map(|at| format!("[{}, \"{}\"]", YEAR_2024 + 60 * at as i64, 10 * at)).collect();
        format!("{{\"metric\": {{\"pod\": \"b\"}}, \"values\": [{}]}}", samples.join(", "))
    };
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("written");
    write("total.json", format!("[{},{}]", counter(YEAR_2024, (0..=60).map(|minute| 100 * minute)), with_gap(7)));
    write("bad.json", format!("[{}]", counter(YEAR_2024, 0..=60)));
    let arguments = ["budget", "--slo", "99%", "--bad", "bad.json", "--total", "total.json", "--format", "json"];
    let outcome = run_in(folder.path(), &arguments, b"");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let account = &report["result"]["budgets"][0]["accounts"][0];
    assert_eq!((number(&account["bad"]), number(&account["total"])), (60.0, 6_600.0));
    assert!(report["warnings"].to_string().contains("spread_steps"), "{report}");
}

#[test]
fn alerts_of_a_file_that_are_no_rules_are_named() {
    let file = std::fs::read_to_string(SHOP).expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("log.csv"), "start,end\n2024-01-01T00:00Z,2024-01-01T01:00Z\n").expect("written");
    for (from, to) in [("notificationTargets: []", "alertWhenBreaching: false"), ("op: gt", "op: lt")] {
        assert!(file.contains(from));
        std::fs::write(folder.path().join("slo.yaml"), file.replace(from, to)).expect("written");
        let outcome = run_in(folder.path(), &["burn", "log.csv", "--slo", "slo.yaml", "--format", "json"], b"");
        assert!(outcome.code == 0 && outcome.stdout.contains("alert_left_out"), "{to}: {outcome:?}");
        let listed = run_in(folder.path(), &["slo", "slo.yaml"], b"");
        assert!(listed.stdout.contains("no rule here"), "{to}: {listed:?}");
    }
}

#[test]
fn rules_that_fire_while_the_budget_lasts_or_stand_twice_are_told() {
    let plan = report(&["burn", "plan", "--slo", "99.9%", "--rule", "ticket:3d=0.5"], "");
    assert!(plan["warnings"].to_string().contains("fires_in_budget"), "{plan}");
    let twice = given(&["burn", "plan", "--slo", "99.9%", "--rule", "1h=14.4", "--rule", "1h=14.4"], "");
    assert!(twice.code == 2 && twice.stderr.contains("this rule is there twice"), "{twice:?}");
}

#[test]
fn what_is_taken_as_now_is_told_where_a_month_is_not_over() {
    let log = "start,end\n2024-03-02T00:00Z,2024-03-02T01:00Z\n";
    let codes = |more: &[&str]| {
        let arguments = [&["budget", "-", "--slo", "99%", "--window", "1M"], more].concat();
        report(&arguments, log)["warnings"].to_string()
    };
    assert!(codes(&[]).contains("present_from_log"));
    assert!(!codes(&["--to", "now", "--now", "2024-03-20T00:00Z"]).contains("present_from_log"));
    assert!(codes(&["--during", "2024-03"]).contains("`--now` says what now is"));
}

/// Structure only: Prometheus itself is not at hand.
#[test]
fn expressions_of_rules_are_balanced() {
    for more in [&["--bad", "errors{job=\"a(b\"}", "--total", "requests"], &["--good", "good", "--total", "requests"]] {
        for scheme in ["workbook", "sloth", "pyrra"] {
            let arguments =
                [&["burn", "rules", "--slo", "99.9%", "--name", "web", "--scheme", scheme], &more[..]].concat();
            let rules = given(&arguments, "");
            assert_eq!(rules.code, 0, "{rules:?}");
            let expressions = rules.stdout.lines().filter(|line| !line.trim_start().starts_with('#'));
            for line in expressions {
                let mut open = Vec::new();
                let mut is_quoted = false;
                for c in line.chars() {
                    is_quoted ^= c == '"';
                    match c {
                        _ if is_quoted => {}
                        '(' | '[' | '{' => open.push(c),
                        ')' => assert_eq!(open.pop(), Some('('), "{line}"),
                        ']' => assert_eq!(open.pop(), Some('['), "{line}"),
                        '}' => assert_eq!(open.pop(), Some('{'), "{line}"),
                        _ => {}
                    }
                }
                assert!(open.is_empty() && !is_quoted, "{line}");
                for range in line.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(range, _)| range) {
                    let (digits, unit) = range.split_at(range.len() - 1);
                    assert!(digits.parse::<u32>().is_ok() && "smhdw".contains(unit), "{line}");
                }
            }
        }
    }
}
