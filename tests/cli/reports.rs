//! Reports for machines: JSON against the schema, numbers that read back, CSV, Markdown, pages and completions.

use serde_json::Value;

use crate::program::{Outcome, line, run, run_in};

/// One run of each command that makes a report; between them all parts of all results.
const RUNS: [&str; 60] = [
    "budget 99.9%",
    "budget 9nines --used 5ms --elapsed 10d --requests 1e9",
    "budget --downtime 5m --per year",
    "budget 15nines",
    "availability --uptime 364d --downtime 1d",
    "availability --mtbf 30d --mttr 20m --target 99.95%",
    "availability --parallel 100% 100%",
    "availability --series 0% 50%",
    concat!("incidents ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv"),
    concat!("incidents ", env!("CARGO_MANIFEST_DIR"), "/tests/cli/logs/status-page.csv --weights half --by quarter"),
    concat!("availability ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv --target 99% --by month"),
    concat!(
        "availability ",
        env!("CARGO_MANIFEST_DIR"),
        "/docs/data/status-2024.csv --from 2023-12-31 --to 2024-01-02 --units 30"
    ),
    "budget --slo 9nines --good 1e9 --bad 100",
    "budget --slo 99.9% --total 1e6 --bad 0 --window 1M --elapsed 10d --expected-total 5e6",
    concat!("budget --slo 99.5% --window 1Q --method all ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv"),
    concat!(
        "budget --slo ",
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli/slo/shop.yaml ",
        env!("CARGO_MANIFEST_DIR"),
        "/docs/data/status-2024.csv"
    ),
    concat!(
        "budget --slo 95% --method all --window 10m --good good --total valid ",
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli/slo/good.json ",
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli/slo/valid.json"
    ),
    concat!("burn --slo 99% ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv"),
    concat!("burn --slo 9nines --scheme pyrra ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv"),
    "burn plan --slo 9nines --scheme sloth --window 28d --traffic 1000",
    "burn plan --slo 50% --rule 1h=20 --rule ticket:2h/30s=0.5",
    concat!("slo ", env!("CARGO_MANIFEST_DIR"), "/tests/cli/slo/shop.yaml"),
    "throughput --requests 0 --time 1s",
    "throughput --requests 120000 --time 60s --concurrency 50",
    "scalability --run 12000/60s --run 20000/90s",
    "template",
    "template active-standby",
    "check --template three-tier",
    "check --template n-plus-1",
    "solve --template single",
    "solve --template three-tier",
    "solve --template two-zones --target 9nines",
    "solve --template n-plus-1 --approximate",
    "solve --template n-plus-1 --phases 2",
    "solve --template active-standby --at 1s --at 1h,1y --first-outage --rto 5m --quantile 50%,99%",
    "solve --template n-plus-1 --approximate --at 1d --rto 1h",
    "simulate --template active-standby --events 200000",
    "simulate --template three-tier --events 200000",
    "simulate --template quorum --events 1000",
    "simulate --template quorum --precision 5%",
    "simulate --template quorum --method importance --events 100",
    "simulate --template active-standby --method plain --rto 10m --events 200000",
    "simulate --template quorum --method importance --rto 1h --events 200000",
    "simulate --template two-zones --years 100 --rto 1s",
    "verify --template two-zones --events 200000",
    "verify --template n-plus-1 --events 20000",
    "solve --template oncall --bounds --precision 1%",
    "solve --template oncall --max-states 40 --target 99.97%",
    "solve --template active-standby --max-states 3",
    "solve --template three-tier --sensitivity",
    "solve --template oncall --sensitivity --set target=99.9%",
    "compare --template active-standby --set db.mtbf=60d",
    "compare --template quorum --template single --target 5nines",
    "compare --template n-plus-1 --template single --events 20000",
    "uncertainty --template active-standby --vary component.db.mtbf=30d..90d --samples 100",
    "uncertainty --template single --set target=99% --vary server.rate=1/90d..1/30d --samples 3 --quantile 99%",
    concat!("fit ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv --during 2024 --bootstrap 19"),
    concat!("fit ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv --by component --bootstrap 0"),
    concat!("fit ", env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv --by pooled --units 20 --bootstrap 0"),
    concat!(
        "predict --template three-tier --windows 100 --slo 99.9% --as-system --against ",
        env!("CARGO_MANIFEST_DIR"),
        "/docs/data/status-2024.csv"
    ),
];

fn json(outcome: &Outcome, what: &str) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{what}: {error}: {outcome:?}"))
}

/// Every number of a value with its path.
fn numbers(value: &Value, path: &str, found: &mut Vec<(String, serde_json::Number)>) {
    match value {
        Value::Number(number) => found.push((path.to_owned(), number.clone())),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| numbers(item, &format!("{path}[{index}]"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| numbers(field, &format!("{path}.{name}"), found));
        }
        _ => {}
    }
}

#[test]
fn every_report_matches_the_schema() {
    let schema = json(&line("schema"), "schema");
    jsonschema::meta::validate(&schema).expect("a valid schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema that compiles");
    for arguments in RUNS {
        let outcome = line(&format!("{arguments} --format json"));
        assert!([0, 1, 3].contains(&outcome.code), "{arguments}: {outcome:?}");
        let report = json(&outcome, arguments);
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{arguments}: {errors:?}\n{}", outcome.stdout);
        assert_eq!(report["schema"], "ninefold.report/1");
        let command = report["command"].as_str().expect("a command");
        assert!(format!("{arguments} ").starts_with(&format!("{command} ")), "{arguments}: {command}");
        assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    }
    let mut other = json(&line("budget 99% --format json"), "budget");
    other["command"] = "solve".into();
    assert!(!validator.is_valid(&other), "a report of another command must not pass");
    other["command"] = "budget".into();
    other["result"].as_object_mut().expect("a result").remove("unavailability");
    assert!(!validator.is_valid(&other), "a report without its main number must not pass");
}

#[test]
fn numbers_read_back_bit_for_bit_and_are_finite() {
    for arguments in RUNS {
        let text = line(&format!("{arguments} --format json")).stdout;
        let mut found = Vec::new();
        numbers(&serde_json::from_str(&text).expect("JSON"), "", &mut found);
        for (path, number) in found {
            let value = number.as_f64().expect("a number");
            assert!(value.is_finite(), "{arguments}: {path} is {value}");
            // The shortest text that reads back: printing the double again gives the same text.
            let again = if number.is_f64() { format!("{value:?}") } else { number.to_string() };
            assert_eq!(again.parse::<f64>().expect("a number").to_bits(), value.to_bits(), "{arguments}: {path}");
        }
        let shown = line(arguments).stdout;
        for word in ["NaN", "inf ", "null"] {
            assert!(!shown.contains(word), "{arguments}: `{word}` in\n{shown}");
        }
    }
}

#[test]
fn an_unavailability_is_never_a_silent_zero() {
    // 1 of 6 with six nines each: 1e-36, far below what 1 - A can hold.
    let report = json(&line("availability --parallel 6nines,6nines,6nines,6nines,6nines,6nines --format json"), "");
    assert_eq!(report["result"]["unavailability"].to_string(), "1e-36");
    assert_eq!(report["result"]["nines"].to_string(), "36.0");
    // A simulation without any outage gives a bound, not a zero.
    let report = json(&line("simulate --template quorum --events 1000 --format json"), "");
    let unavailability = &report["result"]["unavailability"];
    assert_eq!(unavailability["estimate"], Value::Null);
    assert!(unavailability["high"].as_f64().is_some_and(|high| high > 1e-7), "{unavailability}");
}

#[test]
fn a_system_that_is_hardly_ever_up_has_no_numbers_that_are_wrong() {
    // Six units, five needed, one person who repairs: up for 3e-14 of the time.
    let crew = "[component.a]\nmtbf = \"1h\"\nmttr = \"200h\"\n[crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\nactive = 6\n\
                need = 5\ncrew = \"c\"\n[system]\nup = \"g\"\n";
    let unit = "[component.a]\nmtbf = \"1ns\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n";
    for text in [crew, unit] {
        for events in ["1000", "20000", "1000000"] {
            for format in ["table", "csv", "json"] {
                let arguments = ["simulate", "-", "--events", events, "--format", format];
                let outcome = run_in(std::path::Path::new("."), &arguments, text.as_bytes());
                assert!([0, 3].contains(&outcome.code), "{outcome:?}");
                assert!(!outcome.stdout.contains("inf") && !outcome.stdout.contains("NaN"), "{}", outcome.stdout);
            }
            let arguments = ["simulate", "-", "--events", events, "--format", "json"];
            let report = json(&run_in(std::path::Path::new("."), &arguments, text.as_bytes()), "simulate");
            let high = report["result"]["unavailability"]["high"].as_f64();
            assert!(high.is_none_or(|high| high >= 1.0 - 3e-12), "{report}");
        }
    }
}

#[test]
fn csv_has_one_record_for_each_cell_with_all_digits() {
    let text = line("solve --template three-tier --format csv").stdout;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().expect("headers"), vec!["table", "row", "column", "value"]);
    let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("a record")).collect();
    let value = records.iter().find(|record| &record[1] == "unavailability" && &record[2] == "value");
    let value: f64 = value.expect("the unavailability")[3].parse().expect("a number");
    let report = json(&line("solve --template three-tier --format json"), "solve");
    assert_eq!(Some(value), report["result"]["unavailability"].as_f64());
}

#[test]
fn markdown_tables_are_rectangular() {
    for arguments in RUNS {
        let text = line(&format!("{arguments} --format markdown")).stdout;
        let mut columns = None;
        for row in text.lines() {
            let cells = row.starts_with('|').then(|| row.replace("\\|", "").matches('|').count());
            assert!(columns.is_none() || cells.is_none() || cells == columns, "{arguments}: {row}");
            columns = cells;
        }
    }
}

#[test]
fn tables_fit_into_eighty_columns() {
    for arguments in RUNS.iter().filter(|arguments| !arguments.starts_with("template ")) {
        for row in line(arguments).stdout.lines() {
            assert!(row.chars().count() <= 80, "{arguments}: {row}");
        }
    }
}

#[test]
fn there_are_completions_and_manual_pages() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let outcome = run(&["completions", shell]);
        assert!(outcome.code == 0 && outcome.stdout.contains("precision"), "{shell}");
    }
    let page = line("man simulate");
    assert!(page.code == 0 && page.stdout.contains(".TH ninefold"), "{page:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let directory = folder.path().join("man1");
    assert_eq!(run(&["man", "--directory", &directory.display().to_string()]).code, 0);
    for page in ["ninefold.1", "ninefold-budget.1", "ninefold-solve.1", "ninefold-simulate.1", "ninefold-burn-plan.1"] {
        assert!(directory.join(page).is_file(), "{page}");
    }
}

#[test]
fn every_command_has_help() {
    for command in ["budget", "availability", "throughput", "scalability", "template", "check", "solve", "simulate"] {
        let help = run(&[command, "--help"]);
        assert!(help.code == 0 && help.stdout.contains("Usage: ninefold"), "{help:?}");
    }
    assert_eq!(run(&[]).code, 2);
    assert_eq!(run(&["--version"]).stdout, format!("ninefold {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn tables_of_verify_keep_words_whole() {
    let outcome = line("verify --template three-tier --events 20000");
    let rows = outcome.stdout.lines().filter(|line| line.trim_start().starts_with("unavailab"));
    let rows: Vec<&str> = rows.collect();
    assert!(rows.len() > 1 && rows.iter().all(|row| row.contains("unavailability ")), "{}", outcome.stdout);
}
