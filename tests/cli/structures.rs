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

/// A static topology whose diagram is too large has the bounds of its fault tree.
#[test]
fn a_static_topology_that_is_too_large_is_bounded() {
    let folder = tempfile::tempdir().expect("a folder");
    let component = |index: usize| format!("[component.c{index}]\nmtbf = \"{}d\"\nmttr = \"1h\"\n", 10 + index);
    let components: String = (0..12).map(component).collect();
    let names: Vec<String> = (0..12).map(|index| format!("c{index}")).collect();
    let pairs: Vec<String> = (0..6).map(|index| format!("(c{index} or c{})", index + 6)).collect();
    let text = format!("{components}[system]\nup = \"9 of ({}) and {}\"\n", names.join(", "), pairs.join(" and "));
    fs::write(folder.path().join("large.toml"), text).expect("written");
    let solved =
        |more: &[&str]| run_in(folder.path(), &[&["solve", "large.toml"], more, &["--format", "json"]].concat(), b"");
    let exact = json(&solved(&[]))["result"]["unavailability"].as_f64().expect("a number");
    let outcome = solved(&["--max-nodes", "150"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let bounds = &report["result"]["bounds"]["unavailability"];
    let [lower, upper] = ["lower", "upper"].map(|end| bounds[end].as_f64().expect("a number"));
    assert!(lower <= exact && exact <= upper && upper - lower < 1e-11 * exact, "{lower} {exact} {upper}");
    assert_eq!(report["warnings"][0]["code"], "no_exact_solution", "{report}");
}

/// Members of a group that cannot be read are no mistakes of their own, and options for simulations do nothing for a tree.
#[test]
fn one_mistake_in_a_group_is_one_and_options_without_use_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"g\"><and><basic-event name=\"a\"/><basic-event name=\"b\"/>\
                </and></define-gate><define-CCF-group name=\"c\" model=\"beta-factor\"><members><basic-event name=\"a\"/>\
                <basic-event name=\"b\"/></members><factor level=\"2\"><float value=\"BETA\"/></factor><distribution>\
                <float value=\"0.1\"/></distribution></define-CCF-group></define-fault-tree></opsa-mef>";
    fs::write(folder.path().join("bad.xml"), tree.replace("BETA", "1.3")).expect("written");
    fs::write(folder.path().join("good.xml"), tree.replace("BETA", "0.3")).expect("written");
    let outcome = run_in(folder.path(), &["solve", "bad.xml"], b"");
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("1 mistake in") && !outcome.stderr.contains("no content"), "{}", outcome.stderr);
    assert_eq!(run_in(folder.path(), &["verify", "good.xml"], b"").code, 0);
    for options in [["--seed", "4"], ["--threads", "2"]] {
        let outcome = run_in(folder.path(), &[&["verify", "good.xml"], options.as_slice()].concat(), b"");
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.stderr.contains(options[0]) && outcome.stderr.contains("fault tree"), "{}", outcome.stderr);
    }
    let outcome = run_in(folder.path(), &["solve", "--template", "single", "--rank", "order"], b"");
    assert!(outcome.code == 2 && outcome.stderr.contains("`--cut-sets 10`"), "{outcome:?}");
}

#[test]
fn verify_solves_a_fault_tree_in_two_ways_and_bounds_it() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("t.xml"), TREE).expect("written");
    let report = json(&run_in(folder.path(), &["verify", "t.xml", "--format", "json"], b""));
    let exact = json(&run_in(folder.path(), &["solve", "t.xml", "--format", "json"], b""))["result"].clone();
    assert_eq!(report["result"]["agree"], true);
    let rows = report["result"]["comparisons"].as_array().expect("rows");
    let engines: Vec<&str> = rows.iter().filter_map(|row| row["engine"].as_str()).collect();
    assert!(engines.contains(&"one diagram") && engines.contains(&"bounds"), "{engines:?}");
    for row in rows.iter().filter(|row| row["measure"] == "unavailability") {
        assert_eq!(row["exact"], exact["unavailability"], "{row}");
    }
    for (option, value) in [("--events", "100"), ("--precision", "1%"), ("--method", "plain")] {
        let refused = run_in(folder.path(), &["verify", "t.xml", option, value], b"");
        assert_eq!(refused.code, 2, "{option}");
        assert!(refused.stderr.contains(&format!("`{option}` is for simulations")), "{}", refused.stderr);
    }
    let refused = run_in(folder.path(), &["verify", "--template", "single", "--top", "x"], b"");
    assert!(refused.code == 2 && refused.stderr.contains("`--top` is for fault trees"), "{}", refused.stderr);
}

#[test]
fn what_is_no_fault_tree_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = TREE.replace("<and>", "<and>\n<gate name=\"x\"/>");
    fs::write(folder.path().join("t.xml"), wrong).expect("written");
    fs::write(folder.path().join("empty.xml"), "a = 1").expect("written");
    let cases: [(&[&str], &str); 10] = [
        (&["solve", "-", "--top", "tpo"], "expected one of `top`; did you mean `top`?"),
        (&["solve", "-", "--set", "a=0.5"], "= help: change the value in a copy of the file"),
        (&["solve", "t.xml"], "there is no gate named `x`\n --> t.xml:2:1"),
        (&["solve", "empty.xml"], "XML syntax error"),
        (&["check", "t.xml"], "`t.xml` is XML and no topology"),
        (&["simulate", "t.xml"], "`ninefold solve FILE.xml` solves a fault tree"),
        (&["solve", "--template", "single", "--top", "x"], "`--top` is for fault trees"),
        (&["solve", "--template", "single", "--cut-sets", "-1"], "a whole number from 0 to 100000 is expected"),
        (&["convert", "--template", "active-standby"], "the units of `db` depend on each other"),
        (
            &["convert", "--template", "single", "--set", "component.server.mttr={ fixed = \"1h\" }", "--to", "drn"],
            "the chain of the whole topology needs exponential times everywhere, but `component.server.mttr` is not",
        ),
    ];
    for (arguments, says) in cases {
        let outcome = run_in(folder.path(), arguments, TREE.as_bytes());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.contains(says), "{arguments:?}: {}", outcome.stderr);
    }
    let arguments = ["solve", "-", "--max-nodes", "1", "--format", "json"];
    let too_large = run_in(folder.path(), &arguments, TREE.as_bytes());
    assert_eq!(too_large.code, 3, "{}", too_large.stderr);
    assert!(too_large.stdout.contains("too large for 1 node in"), "{}", too_large.stdout);
    let bounded: Value = serde_json::from_str(&too_large.stdout).expect("JSON");
    let codes: Vec<&str> =
        bounded["warnings"].as_array().into_iter().flatten().filter_map(|warning| warning["code"].as_str()).collect();
    assert_eq!(codes, ["no_exact_solution", "bounds_only"]);
    assert!(bounded["result"]["states"].is_null() && too_large.stdout.contains("`--max-nodes 4` allows more"));
    assert!(too_large.stdout.contains("\"ended_by\": \"max_nodes\""), "{}", too_large.stdout);
}

#[test]
fn a_file_that_cannot_be_a_fault_tree_is_refused_as_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let utf16 = [0xff, 0xfe].into_iter().chain(TREE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let latin1 = TREE.bytes().map(|byte| if byte == b'b' { 0xe9 } else { byte }).collect();
    let form = "help: a fault tree is an Open-PSA file, which is XML, in UTF-8";
    let files: [(&str, Vec<u8>, &str); 5] = [
        ("utf16.xml", utf16, form),
        ("latin1.opsa", latin1, form),
        ("binary.xml", vec![1, 2, 0xff], form),
        ("blank.xml", b"\n".to_vec(), form),
        ("large.xml", vec![b' '; (16 << 20) + 1], "too large for a fault tree"),
    ];
    for (name, content, says) in files {
        fs::write(folder.path().join(name), content).expect("written");
        let outcome = run_in(folder.path(), &["solve", name], b"");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{name}");
        assert!(outcome.stderr.contains(says), "{name}: {}", outcome.stderr);
    }
}

/// A fault tree with one formula, and events that happen with the probability that their names say: `p1e-3`.
fn tree_of(formula: &str, events: &[&str]) -> String {
    let define = |name: &&str| {
        let value = name.trim_start_matches(|letter: char| letter.is_alphabetic());
        format!("<define-basic-event name=\"{name}\"><float value=\"{value}\"/></define-basic-event>")
    };
    let definitions: String = events.iter().map(define).collect();
    format!(
        "<opsa-mef><define-fault-tree name=\"t\"><define-gate name=\"top\">{formula}</define-gate></define-fault-tree>\
         <model-data>{definitions}<define-house-event name=\"off\"><constant value=\"false\"/></define-house-event></model-data></opsa-mef>"
    )
}

#[test]
fn a_top_event_that_cannot_happen_is_told_from_one_that_is_too_unlikely() {
    let (a, b, not_a) =
        ("<basic-event name=\"p1e-3\"/>", "<basic-event name=\"q0.5\"/>", "<not><basic-event name=\"p1e-3\"/></not>");
    let (none, tiny, small) =
        ("<basic-event name=\"n0\"/>", "<basic-event name=\"t1e-200\"/>", "<basic-event name=\"u1e-200\"/>");
    let exclusive = format!("<and><xor>{a}{b}</xor><not><or>{a}{b}</or></not></and>");
    let impossible = [
        format!("<and>{a}{not_a}</and>"),
        // No simplification sees it; the diagram does.
        exclusive.clone(),
        format!("<or>{exclusive}<and>{none}{b}</and></or>"),
        format!("<and>{b}<house-event name=\"off\"/></and>"),
        // An event that never happens makes a function of others 0 that is no constant.
        format!("<and>{none}<or>{a}{b}</or></and>"),
    ];
    let possible =
        [format!("<and>{tiny}{small}</and>"), format!("<or><and>{tiny}{small}</and><and>{none}{b}</and></or>")];
    let events = ["p1e-3", "q0.5", "n0", "t1e-200", "u1e-200"];
    let solved = |formula: &str, more: &[&str]| {
        run_in(Path::new("."), &[&["solve", "-"], more].concat(), tree_of(formula, &events).as_bytes())
    };
    for more in [&[][..], &["--bounds"]] {
        for formula in &impossible {
            let outcome = solved(formula, more);
            assert_eq!(outcome.code, 0, "{formula} {more:?}: {outcome:?}");
            assert!(outcome.stdout.contains("the top event cannot happen"), "{formula} {more:?}: {outcome:?}");
        }
        for formula in &possible {
            let outcome = solved(formula, more);
            assert_eq!(outcome.code, 3, "{formula} {more:?}: {outcome:?}");
            assert!(outcome.stderr.contains("not 0, but below 1e-290"), "{formula} {more:?}: {outcome:?}");
        }
    }
}
