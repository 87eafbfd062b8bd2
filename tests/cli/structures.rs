//! Fault trees and structures on the command line.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Outcome, line, run_in};

const TREE: &str = "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\"><or><and><basic-event name=\"a\"/>\
                    <basic-event name=\"b\"/></and><basic-event name=\"c\"/></or></define-gate></define-fault-tree><model-data>\
                    <define-basic-event name=\"a\"><float value=\"0.5\"/></define-basic-event>\
                    <define-basic-event name=\"b\"><float value=\"0.25\"/></define-basic-event>\
                    <define-basic-event name=\"c\"><float value=\"0.125\"/></define-basic-event></model-data></opsa-mef>";

fn json(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("a JSON report");
    let schema: Value = serde_json::from_str(&line("schema").stdout).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    report
}

#[test]
fn a_fault_tree_gives_probability_cut_sets_and_importance() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("t.xml"), TREE).expect("written");
    let report = json(&run_in(folder.path(), &["solve", "t.xml", "--format", "json", "--rank", "order"], b""));
    let result = &report["result"];
    // 1/8 + 7/8 * 1/8, exact in binary.
    assert_eq!(result["unavailability"], 15.0 / 64.0);
    let structure = &result["structure"];
    assert_eq!(structure["minimal_cut_sets"]["count"], "2");
    assert_eq!(structure["minimal_cut_sets"]["single_points_of_failure"], serde_json::json!(["c"]));
    assert_eq!(structure["minimal_cut_sets"]["listed"][1]["events"], serde_json::json!(["a", "b"]));
    // All gains are 7/64, so that the order is that of the file.
    assert_eq!(structure["importance"][2]["of"], "c");
    assert_eq!(structure["importance"][2]["birnbaum"], 7.0 / 8.0);
    let from_input = run_in(folder.path(), &["solve", "-", "--format", "json"], TREE.as_bytes());
    assert_eq!(json(&from_input)["result"]["unavailability"], 15.0 / 64.0);
}

#[test]
fn a_converted_topology_has_the_same_unavailability() {
    let folder = tempfile::tempdir().expect("a folder");
    let topologies = ["three-regions", "single"].map(|name| vec!["--template", name]);
    for topology in topologies {
        let arguments = |command: &'static str| [vec![command], topology.clone()].concat();
        let written = run_in(folder.path(), &[arguments("convert"), vec!["-o", "t.xml"]].concat(), b"");
        assert_eq!((written.code, written.stdout.as_str()), (0, ""), "{}", written.stderr);
        let value = |outcome: &Outcome| json(outcome)["result"]["unavailability"].as_f64().expect("a number");
        let of_tree = value(&run_in(folder.path(), &["solve", "t.xml", "--format", "json"], b""));
        let of_topology = value(&run_in(folder.path(), &[arguments("solve"), vec!["--format", "json"]].concat(), b""));
        // Both engines promise 1e-13, and the complements of the events are rounded once more.
        assert!((of_tree / of_topology - 1.0).abs() < 1e-13, "{of_tree:e} {of_topology:e}");
    }
}

#[test]
fn a_static_topology_has_structures_on_request() {
    let wanted = ["solve", "--template", "three-regions", "--importance", "--cut-sets", "3", "--format", "json"];
    let report = json(&run_in(Path::new("."), &wanted, b""));
    let structure = &report["result"]["structure"];
    assert_eq!(structure["minimal_cut_sets"]["listed"].as_array().map(Vec::len), Some(3));
    let shares = structure["importance"].as_array().expect("a list").iter();
    let total: f64 = shares.filter_map(|of| of["barlow_proschan"].as_f64()).sum();
    assert!((total - 1.0).abs() < 1e-12, "the shares of the outages add up to {total}");
    let dependent = ["solve", "--template", "active-standby", "--importance", "--format", "json"];
    let report = json(&run_in(Path::new("."), &dependent, b""));
    assert_eq!(report["warnings"][0]["code"], "no_structure");
    assert_eq!(report["result"].get("structure"), None);
}

#[test]
fn what_is_no_fault_tree_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = TREE.replace("<and>", "<and>\n<gate name=\"x\"/>");
    fs::write(folder.path().join("t.xml"), wrong).expect("written");
    fs::write(folder.path().join("empty.xml"), "a = 1").expect("written");
    let cases: [(&[&str], &str); 7] = [
        (&["solve", "t.xml"], "there is no gate named `x`\n --> t.xml:2:1"),
        (&["solve", "empty.xml"], "XML syntax error"),
        (&["check", "t.xml"], "`t.xml` is XML and no topology"),
        (&["simulate", "t.xml"], "`ninefold solve FILE.xml` solves a fault tree"),
        (&["solve", "--template", "single", "--top", "x"], "`--top` is for fault trees"),
        (&["solve", "--template", "single", "--cut-sets", "-1"], "a whole number from 0 to 100000 is expected"),
        (&["convert", "--template", "active-standby"], "the units of `db` depend on each other"),
    ];
    for (arguments, says) in cases {
        let outcome = run_in(folder.path(), arguments, b"");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.contains(says), "{arguments:?}: {}", outcome.stderr);
    }
    let arguments = ["solve", "-", "--max-nodes", "1", "--format", "json"];
    let too_large = run_in(folder.path(), &arguments, TREE.as_bytes());
    assert_eq!(too_large.code, 3, "{}", too_large.stderr);
    assert!(too_large.stdout.contains("more than 1 nodes"), "{}", too_large.stdout);
    assert!(too_large.stdout.contains("\"ended_by\": \"max_nodes\""), "{}", too_large.stdout);
}
