//! Changes of keys, comparisons and derivatives.

use std::fs;

use serde_json::Value;

use crate::program::{line, run, run_in};

fn json(arguments: &str) -> Value {
    let outcome = line(&format!("{arguments} --format json"));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments}: {outcome:?}");
    serde_json::from_str(&outcome.stdout).expect("JSON")
}

#[test]
fn changes_reach_every_command_that_reads_a_topology() {
    let solved = json("solve --template single --set server.mtbf=60d --set server.mttr=2h");
    let expected = 2.0 / (60.0 * 24.0 + 2.0);
    let unavailability = solved["result"]["unavailability"].as_f64().expect("a number");
    assert!((unavailability / expected - 1.0).abs() < 1e-14);
    assert_eq!(solved["model"]["set"], serde_json::json!(["server.mtbf=60d", "server.mttr=2h"]));
    assert!(json("solve --template single")["model"].get("set").is_none());
    let checked = json("check --template single --set component.server.mttr=7h");
    assert!(checked["result"]["times"].to_string().contains("25200.0"), "{checked}");
    let simulated = json("simulate --template single --set target=90% --events 20000");
    assert_eq!(simulated["result"]["verdict"], "meets");
    assert_eq!(json("verify --template single --set server.mttr=2h --events 20000")["result"]["agree"], true);
}

#[test]
fn changes_work_in_json_and_from_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = r#"{"component": {"a": {"mtbf": "30d", "repair": "1h"}}, "system": {"up": "a"}}"#;
    fs::write(folder.path().join("a.json"), text).expect("written");
    for (file, change) in [("a.json", "a.mttr=2h"), ("-", r#"a.mttr="2h""#), ("-", "component.a.repair=120m")] {
        let outcome = run_in(folder.path(), &["solve", file, "--format", "json", "--set", change], text.as_bytes());
        let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(report["result"]["mdt_seconds"], 7_200.0, "{change}");
    }
    // Standard input is read once, for the file and its change.
    let outcome = run_in(folder.path(), &["compare", "-", "--format", "json", "--set", "a.mttr=2h"], text.as_bytes());
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(report["result"]["differences"][0]["key"], "component.a.mttr");
}

#[test]
fn wrong_changes_are_shown_in_the_change() {
    let outcome = run(&["solve", "--template", "active-standby", "--set", "db.mtbf=60d", "--set", "db.mtr=60"]);
    let expected = "\
error: unknown key `mtr` of component or group `db`
 --> --set:1:1
  |
1 | db.mtr=60
  | ^^^^^^ expected one of `mtbf`, `mttf`, `rate`, `mttr`, `repair`, `restart`, `detect`, `unavailability`, `modes`, `capacity`, `cost`, `component`, `active`, `need`, `standby`, `failover`, `spread`, `depends`, `crew`, `common_cause`, `load`
  |
  = help: did you mean `mttr`?

error: 1 mistake in `template active-standby` as changed by `--set`
";
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (2, "", expected));
    let cases = [
        ("db.mttr=60", "--set:1:9", "`60` has no unit"),
        ("db.failover.works=1.5", "--set:1:19", "is not a probability"),
        ("component.bd.mttr=1h", "--set:1:1", "there is no component named `bd`"),
        ("db.failover.work=1", "--set:1:1", "unknown key `work` in the failover"),
        ("db.mttr", "--set:1:1", "sets nothing"),
        ("", "--set:1:1", "sets nothing"),
        ("=", "--set:1:1", "is no key"),
        ("db.spread=[1", "--set:1:", "syntax error"),
        ("db.mttr={ weibull = { mean = \"1h\" } }", "--set:1:", "`shape`"),
        ("system.up=db and", "--set:1:", ""),
        ("db.mtbf=\u{fc}", "--set:1:9", ""),
        // What a change makes wrong in the file is shown in the file.
        ("db.need=2", "--set:1:9", "`need` is 2"),
        ("db.active=0", "--set:1:11", "out of range"),
        ("db.failover.otherwise={ fixed = \"-1s\" }", "--set:1:", ""),
    ];
    for (change, place, message) in cases {
        for command in ["check", "solve", "simulate", "verify", "compare"] {
            let outcome = run(&[command, "--template", "active-standby", "--set", change]);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{command} {change}: {outcome:?}");
            for part in [place, message, "as changed by `--set`"] {
                assert!(outcome.stderr.contains(part), "{command} {change}: no {part} in {}", outcome.stderr);
            }
        }
    }
    let text = "[component.a]\nmtbf = \"1d\"\nmttr = \"1h\"\n[group.g]\ncomponent = \"a\"\nactive = 2\nneed = 2\n[system]\nup = \"g\"\n";
    let outcome = run_in(std::path::Path::new("."), &["solve", "-", "--set", "g.active=1"], text.as_bytes());
    assert!(outcome.stderr.contains("standard input:7:8") && outcome.code == 2, "{outcome:?}");
}

#[test]
fn a_topology_is_compared_with_itself_after_changes() {
    let report = json("compare --template active-standby --set db.mtbf=60d --set db.failover.takes=40s");
    let topologies = report["result"]["topologies"].as_array().expect("a list");
    let labels: Vec<_> = topologies.iter().map(|topology| topology["label"].as_str().expect("a text")).collect();
    assert_eq!(labels, ["active-standby", "active-standby, changed"]);
    let of = |index: usize, field: &str| topologies[index][field].as_f64().expect("a number");
    let alone = json("solve --template active-standby");
    assert_eq!(topologies[0]["unavailability"], alone["result"]["unavailability"]);
    let changed = json("solve --template active-standby --set db.mtbf=60d --set db.failover.takes=40s");
    assert_eq!(topologies[1]["unavailability"], changed["result"]["unavailability"]);
    assert!((of(1, "unavailability_ratio") - of(1, "unavailability") / of(0, "unavailability")).abs() < 1e-15);
    let difference = (of(1, "unavailability") - of(0, "unavailability")) * 365.0 * 86_400.0;
    assert!((of(1, "downtime_difference_seconds_per_year") / difference - 1.0).abs() < 1e-9);
    assert!((of(0, "unavailability_ratio") - 1.0).abs() < 1e-15);
    assert!(topologies.iter().all(|topology| topology["engine"] == "exact"));
    let keys: Vec<_> = report["result"]["differences"].as_array().expect("a list").iter().collect();
    assert!(keys.iter().any(|difference| difference["key"] == "group.db.failover.takes"), "{keys:?}");
    assert!(keys.len() <= 2, "{keys:?}");
}

#[test]
fn topologies_that_cannot_be_solved_are_simulated_and_the_report_says_so() {
    let arguments = "compare --template n-plus-1 --template single --events 50000 --target 99%";
    let first = line(arguments);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""), "{first:?}");
    assert!(first.stdout.contains("is simulated: the exact engine needs times made of phases"), "{}", first.stdout);
    assert_eq!(line(&format!("{arguments} --threads 1")).stdout, line(&format!("{arguments} --threads 2")).stdout);
    let report = json(arguments);
    let topologies = &report["result"]["topologies"];
    assert_eq!(
        (topologies[0]["engine"].as_str(), topologies[1]["engine"].as_str()),
        (Some("simulation"), Some("exact"))
    );
    assert!(topologies[0]["unavailability_low"].is_number() && topologies[1]["unavailability_low"].is_null());
    assert_eq!(topologies[1]["verdict"], "meets");
}

/// The options of the exact engine are those of every command that solves.
#[test]
fn every_command_that_solves_takes_the_options_of_the_exact_engine() {
    let report = json("compare --template n-plus-1 --set pump.mttr=8h --phases 4");
    let engines: Vec<&Value> = (0..2).map(|index| &report["result"]["topologies"][index]["engine"]).collect();
    assert_eq!(engines, ["exact", "exact"], "{report}");
    assert_eq!(
        (&report["settings"]["phases"], &report["warnings"][0]["code"]),
        (&serde_json::json!(4), &serde_json::json!("fitted_phases"))
    );
    let report = json("uncertainty --template n-plus-1 --vary pump.mtbf=2000h..9000h --samples 50 --phases 4");
    assert_eq!(
        (&report["settings"]["phases"], &report["warnings"][0]["code"]),
        (&serde_json::json!(4), &serde_json::json!("fitted_phases"))
    );
    let report = json("verify --template n-plus-1 --phases 8 --events 20000");
    assert_eq!(report["result"]["comparisons"][0]["engine"], "bounds", "{report}");
    assert_eq!(report["warnings"][0]["code"], "fitted_phases");
    for command in ["solve", "compare --set pump.mttr=8h", "verify", "uncertainty --vary pump.mtbf=1h..2h"] {
        let arguments = format!("{command} --template n-plus-1 --phases 2 --approximate");
        let outcome = run(&arguments.split(' ').collect::<Vec<_>>());
        assert_eq!(outcome.code, 2, "{command}");
        assert!(outcome.stderr.contains("--approximate"), "{}", outcome.stderr);
    }
}

/// What is too large to be solved is compared by its bounds, where these are narrow, with the ends of all that is compared.
#[test]
fn what_is_too_large_is_compared_by_its_bounds() {
    let exact = json("compare --template active-standby --set db.mtbf=120d");
    let report = json("compare --template active-standby --set db.mtbf=120d --max-states 8");
    for place in [0, 1] {
        let (exact, column) = (&exact["result"]["topologies"][place], &report["result"]["topologies"][place]);
        assert_eq!(column["engine"], "bounds", "{column}");
        assert!(column["refusal"].as_str().is_some_and(|why| why.contains("more than 8 states")));
        let number = |column: &Value, key: &str| column[key].as_f64().unwrap_or_else(|| panic!("{key}: {column}"));
        for (value, ends) in [
            ("unavailability", ["unavailability_low", "unavailability_high"]),
            ("unavailability_ratio", ["unavailability_ratio_low", "unavailability_ratio_high"]),
            (
                "downtime_difference_seconds_per_year",
                ["downtime_difference_low_seconds_per_year", "downtime_difference_high_seconds_per_year"],
            ),
        ] {
            if place == 0 && value != "unavailability" {
                assert!(ends.iter().all(|end| column[end].is_null()), "{column}");
                continue;
            }
            let (truth, [low, high]) = (number(exact, value), ends.map(|end| number(column, end)));
            assert!(low <= truth && truth <= high && high - low < 0.1 * truth.abs(), "{value}: {low} {truth} {high}");
        }
    }
}

#[test]
fn equal_values_are_no_difference_and_one_topology_is_no_comparison() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |mttr: &str| format!("[component.a]\nmtbf = \"30d\"\n{mttr}\n[system]\nup = \"a\"\n");
    fs::create_dir(folder.path().join("other")).expect("made");
    fs::write(folder.path().join("a.toml"), text("mttr = \"60m\"")).expect("written");
    fs::write(folder.path().join("other/a.toml"), text("repair = \"1h\"")).expect("written");
    let outcome = run_in(folder.path(), &["compare", "a.toml", "other/a.toml"], b"");
    assert!(outcome.stdout.contains("do not differ in any key"), "{outcome:?}");
    assert!(outcome.stdout.contains("other/a.toml"), "{outcome:?}");
    for (arguments, message) in [
        (vec!["compare"], "no topology is given"),
        (vec!["compare", "a.toml"], "nothing to compare"),
        (vec!["compare", "a.toml", "b.toml"], "cannot read `b.toml`"),
        (vec!["compare", "a.toml", "--template", "nothing"], "no template named"),
    ] {
        let outcome = run_in(folder.path(), &arguments, b"");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains(message), "{arguments:?}: {outcome:?}");
    }
}

#[test]
fn levers_are_ranked_by_what_they_save_and_keep_their_promise() {
    let report = json("solve --template active-standby --sensitivity");
    let sensitivity = &report["result"]["sensitivity"];
    let levers = sensitivity["levers"].as_array().expect("a list");
    let saved = |lever: &Value| lever["saved_seconds_per_year"].as_f64().expect("a number");
    assert!(levers.len() > 3 && levers.windows(2).all(|pair| saved(&pair[0]) >= saved(&pair[1])), "{levers:?}");
    // One thousandth off a time saves a hundredth of the promise.
    let lever = levers.iter().find(|lever| lever["key"] == "component.db.mttr").expect("a repair time");
    let seconds = lever["value"].as_f64().expect("a number") * 0.999;
    let after = json(&format!("solve --template active-standby --set component.db.mttr={seconds}s"));
    let downtime = |report: &Value| report["result"]["downtime_seconds_per_year"].as_f64().expect("a number");
    let actual = 100.0 * (downtime(&report) - downtime(&after));
    assert!((actual / saved(lever) - 1.0).abs() < 5e-3, "{actual} {lever}");
    for step in sensitivity["steps"].as_array().expect("a list") {
        let change = format!("{}={}", step["key"].as_str().expect("a key"), step["to"]);
        let again = json(&format!("solve --template active-standby --set {change}"));
        assert_eq!(again["result"]["unavailability"], step["unavailability"], "{change}");
    }
    assert!(json("solve --template active-standby")["result"].get("sensitivity").is_none());
    let refused = line("solve --template n-plus-1 --sensitivity");
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(
        json("solve --template n-plus-1 --sensitivity --approximate")["result"]["sensitivity"]["levers"].is_array()
    );
}

#[test]
fn a_comparison_is_gated_by_all_of_its_topologies() {
    let gate =
        |arguments: &str| line(&format!("compare --template single --set server.mtbf=2y --gate {arguments}")).code;
    assert_eq!(gate("--target 99%"), 0);
    // 1 h in 30 d misses it, 1 h in 2 y does not.
    assert_eq!(gate("--target 99.99%"), 1);
    assert_eq!(gate("--target 6nines"), 1);
    // Simulated with an interval that holds the target: undecided.
    let undecided = "compare --template n-plus-1 --template single --target 99.98% --events 2000 --gate";
    assert_eq!(line(undecided).code, 1);
    let folder = tempfile::tempdir().expect("a folder");
    let text = "[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n";
    fs::write(folder.path().join("a.toml"), text).expect("written");
    let outcome = run_in(folder.path(), &["compare", "a.toml", "--set", "a.mttr=2h", "--gate"], b"");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("`a` has none"), "{}", outcome.stderr);
}

/// Two modes, one of which has the name that a mode on the component itself would have.
const MODES: &str = "[component.db]\n[component.db.modes.failure]\nmtbf = { weibull = { mean = \"30d\", shape = 2 } }\nmttr = \"1h\"\n\
                     [component.db.modes.disk]\nmtbf = \"1y\"\nmttr = \"9h\"\n[crew.one]\nsize = 1\n[group.pair]\ncomponent = \"db\"\n\
                     active = 2\nneed = 1\ncrew = \"one\"\n[system]\nup = \"pair\"\n";

#[test]
fn a_key_that_a_mode_has_points_to_the_modes() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("db.toml"), MODES).expect("written");
    let outcome = run_in(folder.path(), &["check", "db.toml", "--set", "component.db.mtbf=60d"], b"");
    let expected = "\
error: component `db` has no way back
 --> --set:1:19
  |
1 | component.db.mtbf=60d
  |                   ^^^ expected `mttr` (or `repair`), or `restart`
  |
  = help: `component.db.mtbf` is one more mode beside those in `modes`; that of a mode is `component.db.modes.failure.mtbf`
";
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.starts_with(expected), "{}", outcome.stderr);
    let outcome = run_in(folder.path(), &["check", "db.toml", "--set", "db.mttr=2h"], b"");
    assert!(outcome.stderr.contains("component.db.modes.failure.mttr"), "{}", outcome.stderr);
    let outcome = run_in(folder.path(), &["check", "db.toml", "--set", "db.modes.disk.mtbf=60d"], b"");
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

#[test]
fn a_mode_named_failure_is_found_where_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("db.toml"), MODES).expect("written");
    let outcome = run_in(folder.path(), &["solve", "db.toml"], b"");
    assert!(outcome.stderr.contains("`component.db.modes.failure.mtbf` is not exponential"), "{}", outcome.stderr);
    let change = "db.modes.failure.mtbf=30d";
    let arguments = ["solve", "db.toml", "--sensitivity", "--format", "json", "--set", change];
    let report: Value = serde_json::from_str(&run_in(folder.path(), &arguments, b"").stdout).expect("JSON");
    let levers = report["result"]["sensitivity"]["levers"].as_array().expect("levers");
    let keys: Vec<&str> = levers.iter().filter_map(|lever| lever["key"].as_str()).collect();
    assert!(keys.contains(&"component.db.modes.failure.mtbf"), "{keys:?}");
}
