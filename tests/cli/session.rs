//! How the program behaves: gates, limits, interrupts, pipes and files.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::program::{line, program, run, run_in};

#[test]
fn without_a_file_the_embedded_topology_is_simulated() {
    let outcome = run(&["simulate"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    for word in ["availability", "nines", "downtime", "outages", "target", "met", "95 % interval"] {
        assert!(outcome.stdout.contains(word), "{word}: {}", outcome.stdout);
    }
}

#[test]
fn gates_are_exit_codes() {
    assert_eq!(line("solve --template single --gate").code, 1);
    assert_eq!(line("solve --template single --gate --target 99%").code, 0);
    assert_eq!(line("simulate --template single --gate --target 99%").code, 0);
    assert_eq!(line("simulate --template single --gate --target 4nines").code, 1);
    assert_eq!(line("solve --template single --gate --target 0.99861").code, 0);
    // A decided verdict is an answer, whatever the precision.
    assert_eq!(line("simulate --template two-zones --target 99% --precision 0.01% --events 300000 --gate").code, 0);
    let without_target = "[component.a]\nmtbf = \"1d\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n";
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = run_in(folder.path(), &["solve", "-", "--gate"], without_target.as_bytes());
    assert_eq!(outcome.code, 2, "{outcome:?}");
}

#[test]
fn a_precision_out_of_reach_is_an_exit_code_beside_the_result() {
    let outcome = line("simulate --template quorum --precision 0.1% --events 100000 --format json");
    assert_eq!(outcome.code, 3, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert!(report["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()));
}

#[test]
fn a_chain_that_is_too_large_and_fails_too_fast_for_bounds_is_refused_with_advice() {
    let outcome = line("solve --template oncall --max-states 10 --set queue.mtbf=1h");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""));
    assert!(outcome.stderr.contains("more than 10 states"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("bounds need fewer than 1"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("ninefold simulate"), "{}", outcome.stderr);
}

#[test]
fn a_model_with_other_times_is_refused_by_name_or_approximated_with_a_warning() {
    let refused = line("solve --template n-plus-1");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("`component.pump.mttr` is not exponential"), "{}", refused.stderr);
    let approximated = line("solve --template n-plus-1 --approximate");
    assert_eq!(approximated.code, 0);
    assert!(approximated.stdout.contains("warning: "), "{}", approximated.stdout);
    let fitted = line("solve --template n-plus-1 --phases 2");
    assert_eq!(fitted.code, 0);
    assert!(fitted.stdout.contains("fitted `component.pump.mttr` by two moments with 1"), "{}", fitted.stdout);
    assert_eq!(line("solve --template n-plus-1 --phases 2 --approximate").code, 2);
    let derivatives = line("solve --template n-plus-1 --phases 2 --sensitivity");
    assert_eq!(derivatives.code, 0);
    assert!(derivatives.stdout.contains("component.pump.mttr"), "{}", derivatives.stdout);
    let bounds = line("solve --template n-plus-1 --phases 2 --bounds");
    assert_eq!(bounds.code, 0);
    assert!(bounds.stdout.contains("fitted `component.pump.mttr` by two moments with 1"), "{}", bounds.stdout);
    let refused = line("solve --template n-plus-1 --bounds");
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("bounds need times made of phases where parts depend on each other"),
        "{}",
        refused.stderr
    );
}

#[test]
fn an_interrupt_prints_what_there_is() {
    let mut command =
        program(std::path::Path::new("."), &["simulate", "--template", "quorum", "--precision", "0.001%"]);
    let child = command.args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program starts");
    std::thread::sleep(Duration::from_millis(1_500));
    // Every shell has a `kill` of its own; not every machine has the program.
    let killed = std::process::Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(killed.expect("the shell runs").success());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(130));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a whole report");
    assert_eq!(report["result"]["stopped_by"], "interrupted");
    assert!(report["result"]["events"].as_u64().is_some_and(|events| events > 0));
}

#[test]
fn a_solution_that_takes_too_long_is_given_up() {
    let text = "[component.a]\nmtbf = \"30d\"\nmttr = \"1h\"\n[group.g]\ncomponent = \"a\"\nactive = 10000\nneed = 1\n\
                common_cause = { beta = 0.05 }\n[system]\nup = \"g\"\n";
    let outcome = run_in(std::path::Path::new("."), &["solve", "-", "--time-limit", "1s"], text.as_bytes());
    assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""), "{outcome:?}");
    assert_eq!(
        outcome.stderr,
        "error: the time limit of 1 s came before the solution was complete: a longer `--time-limit` leaves more\n"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = program(std::path::Path::new("."), &["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn reports_go_to_a_file_on_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = run_in(folder.path(), &["budget", "99.9%", "--format", "json", "-o", "out.json"], b"");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""));
    let text = std::fs::read_to_string(folder.path().join("out.json")).expect("the file");
    assert_eq!(text, line("budget 99.9% --format json").stdout);
    // The ending tells the form, and `-` is standard output.
    assert_eq!(run_in(folder.path(), &["budget", "99.9%", "-o", "plain.json"], b"").code, 0);
    assert_eq!(std::fs::read_to_string(folder.path().join("plain.json")).expect("the file"), text);
    assert_eq!(run_in(folder.path(), &["budget", "99.9%", "-o", "-"], b"").stdout, line("budget 99.9%").stdout);
    let outcome = run_in(folder.path(), &["budget", "99.9%", "-o", "none/out.json"], b"");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("cannot write `none/out.json`"), "{}", outcome.stderr);
}

#[test]
fn topologies_come_from_standard_input_in_both_syntaxes() {
    let folder = tempfile::tempdir().expect("a folder");
    let toml = b"\xef\xbb\xbf[component.a]\nmtbf = \"99h\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n";
    let json = br#"{"component": {"a": {"mtbf": "99h", "mttr": "1h"}}, "system": {"up": "a"}}"#;
    for text in [toml.as_slice(), json] {
        let outcome = run_in(folder.path(), &["solve", "-", "--format", "json"], text);
        let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(report["result"]["unavailability"].to_string(), "0.01");
    }
}

#[test]
fn templates_read_back_as_the_topologies_that_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = line("template two-zones").stdout;
    let of = |outcome: crate::program::Outcome| {
        let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        (report["result"]["unavailability"].to_string(), report["model"]["sha256"].clone())
    };
    let from_file = of(run_in(folder.path(), &["solve", "-", "--format", "json"], text.as_bytes()));
    assert_eq!(from_file, of(line("solve --template two-zones --format json")));
}

#[test]
fn ten_thousand_parts_are_no_trouble() {
    let names: Vec<String> = (0..10_000).map(|index| format!("c{index}")).collect();
    let components: Vec<String> =
        names.iter().map(|name| format!("[component.{name}]\nunavailability = 1e-9\n")).collect();
    let text = format!("{}[system]\nup = \"{}\"\n", components.concat(), names.join(" and "));
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = run_in(folder.path(), &["solve", "-", "--format", "json"], text.as_bytes());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    // 1 - (1 - 1e-9)^10000 = 9.999950001666...e-6.
    let unavailability = report["result"]["unavailability"].as_f64().expect("a number");
    let expected = -(10_000.0 * (-1e-9_f64).ln_1p()).exp_m1();
    assert!((unavailability / expected - 1.0).abs() < 1e-12, "{unavailability:e} {expected:e}");
}
