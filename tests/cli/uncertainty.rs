//! Beliefs about inputs, and what the command makes of them.

use std::fs;

use serde_json::Value;

use crate::program::{line, run, run_in};

const VARY: &str = "--vary component.db.mtbf=lognormal(mean=60d,cv=0.5) --vary db.failover.works=90%..99%";

fn json(arguments: &str) -> Value {
    let outcome = line(&format!("{arguments} --format json"));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments}: {outcome:?}");
    serde_json::from_str(&outcome.stdout).expect("JSON")
}

#[test]
fn threads_change_nothing_and_the_seed_does() {
    let command = format!("uncertainty --template active-standby {VARY} --samples 700");
    let one = json(&format!("{command} --threads 1"));
    assert_eq!(one["result"], json(&format!("{command} --threads 3"))["result"]);
    assert_ne!(one["result"], json(&format!("{command} --seed 2"))["result"]);
    let quantiles = one["result"]["quantiles"].as_array().expect("quantiles");
    let values: Vec<f64> = quantiles.iter().filter_map(|quantile| quantile["unavailability"].as_f64()).collect();
    assert!(values.len() == 3 && values.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
    assert_eq!(one["result"]["inputs"][0]["unit"], "seconds");
    assert!(one["result"]["inputs"][0]["rank_correlation"].as_f64().is_some_and(|value| value < 0.0));
}

#[test]
fn fault_trees_vary_by_event() {
    let tree = r#"<opsa-mef><define-fault-tree name="t"><define-gate name="top"><or><basic-event name="pump"/>
        <basic-event name="valve"/></or></define-gate></define-fault-tree><model-data>
        <define-basic-event name="pump"><float value="1e-3"/></define-basic-event>
        <define-basic-event name="valve"><float value="1e-4"/></define-basic-event></model-data></opsa-mef>"#;
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("tree.xml"), tree).expect("written");
    let with = |belief: &str| {
        let arguments = ["uncertainty", "tree.xml", "--format", "json", "--samples", "100", "--vary", belief];
        run_in(folder.path(), &arguments, b"")
    };
    let report: Value = serde_json::from_str(&with("pump=1e-4..1e-2").stdout).expect("JSON");
    assert_eq!(report["result"]["inputs"][0]["rank_correlation"], 1.0);
    let as_written = report["result"]["unavailability_as_written"].as_f64().expect("a number");
    assert!((as_written / 1.0999e-3 - 1.0).abs() < 1e-12, "{as_written}");
    for (belief, message) in [
        ("motor=0.1..0.2", "there is no basic event `motor`"),
        ("pump=1h..2h", "a probability, not a time"),
        ("pump=0.5..1.5", "is no probability"),
        ("pump=50%..1e-3", "the upper end `1e-3` is not above the lower end `50%`"),
        ("pump", "varies nothing"),
    ] {
        let outcome = with(belief);
        assert_eq!(outcome.code, 2, "{belief}: {outcome:?}");
        assert!(outcome.stderr.contains(message), "{belief}: {}", outcome.stderr);
    }
}

#[test]
fn wrong_beliefs_are_shown_where_they_are() {
    let outcome = run(&["uncertainty", "--template", "active-standby", "--vary", "db.failover.works=0.9..1.5"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("--> --vary:1:19"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("as changed by `--vary`"), "{}", outcome.stderr);
    let outcome = line("uncertainty --template active-standby");
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("--vary"), "{}", outcome.stderr);
    // A name that is known only by its set value, and a change beside a belief.
    let outcome = line("uncertainty --template active-standby --set db.mttr=1h --vary db.mtr=1h..2h");
    assert!(outcome.stderr.contains("--> --vary:1:1") && outcome.stderr.contains("`mttr`"), "{}", outcome.stderr);
}

#[test]
fn what_was_sampled_before_the_limit_is_reported() {
    let outcome = line(
        "uncertainty --template oncall --vary service.mttr=1h..2h --samples 1000000 --time-limit 2s --format json",
    );
    assert_eq!(outcome.code, 3, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(report["result"]["is_complete"], false);
    assert_eq!(report["warnings"][0]["code"], "fewer_samples");
}

#[test]
fn a_quantile_that_is_asked_for_twice_is_one_row() {
    let command = "uncertainty --template active-standby --vary db.mtbf=60d..90d --samples 100 --quantile 5%,50%,0.05";
    let report = json(command);
    let quantiles = report["result"]["quantiles"].as_array().map(Vec::len);
    assert_eq!(quantiles, Some(2), "{report}");
}
