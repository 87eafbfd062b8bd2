//! `solve` where bounds are asked for, or are all that can be had.

use serde_json::Value;

use crate::program::{line, run_in};

fn report(arguments: &str, code: i32) -> Value {
    let outcome = line(&format!("{arguments} --format json"));
    assert_eq!(outcome.code, code, "{arguments}: {outcome:?}");
    serde_json::from_str(&outcome.stdout).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn bounds_hold_the_exact_value_and_stand_in_its_place() {
    let exact = report("solve --template oncall", 0);
    let bounded = report("solve --template oncall --bounds --precision 1%", 0);
    let (result, bounds) = (&bounded["result"], &bounded["result"]["bounds"]);
    for measure in
        ["unavailability", "downtime_seconds_per_year", "failure_frequency_per_year", "mtbf_seconds", "mut_seconds"]
    {
        assert!(result[measure].is_null(), "{measure}");
        let value = number(&exact["result"][measure]);
        let (lower, upper) = (number(&bounds[measure]["lower"]), number(&bounds[measure]["upper"]));
        assert!(lower <= value * (1.0 + 1e-12) && value * (1.0 - 1e-12) <= upper, "{measure}: {lower} {value} {upper}");
    }
    assert!(number(&bounds["relative_width"]) <= 0.01);
    assert!((0.0..1.0).contains(&number(&bounds["lambda_r"])));
    assert_eq!(bounds["ended_by"], "precision");
    assert!(number(&result["states"]) < number(&exact["result"]["states"]));
    assert!(result["relative_accuracy"].is_null());
    assert_eq!(number(&bounded["settings"]["precision"]).to_bits(), 0.01_f64.to_bits());
    assert!(exact["result"]["bounds"].is_null());
}

#[test]
fn a_chain_that_is_too_large_is_bounded() {
    let bounded = report("solve --template oncall --max-states 40", 3);
    assert_eq!(bounded["result"]["bounds"]["ended_by"], "max_states");
    assert_eq!(number(&bounded["result"]["states"]).to_bits(), 40.0_f64.to_bits());
    let bounded = report("solve --template oncall --max-states 40 --precision 20%", 0);
    assert_eq!(bounded["result"]["bounds"]["ended_by"], "precision");
    let complete = report("solve --template oncall --bounds --precision 1e-14", 0);
    assert_eq!(complete["result"]["bounds"]["ended_by"], "complete");
    // Two servers, each on its own, are no chain.
    let without_chains = report("solve --template three-regions --bounds", 0);
    assert!(without_chains["result"]["states"].is_null(), "{}", without_chains["result"]["states"]);
}

#[test]
fn the_gate_opens_where_both_bounds_are_on_the_right_side() {
    let of_target =
        |target: &str| report(&format!("solve --template oncall --max-states 10 --target {target} --gate"), 0);
    assert_eq!(of_target("99.9%")["result"]["verdict"], "meets");
    let closed = |target: &str| report(&format!("solve --template oncall --max-states 10 --target {target} --gate"), 1);
    assert_eq!(closed("99.99%")["result"]["verdict"], "misses");
    assert_eq!(closed("99.97%")["result"]["verdict"], "undecided");
}

#[test]
fn what_needs_a_solution_is_left_out_with_a_warning() {
    let bounded = report("solve --template oncall --max-states 40 --precision 50% --at 1h --sensitivity", 3);
    let warnings = bounded["warnings"].as_array().expect("a list");
    let message =
        warnings.iter().find(|warning| warning["code"] == "bounds_only").expect("a warning")["message"].to_string();
    assert!(message.contains("the measures over time, the sensitivity"), "{message}");
    assert!(bounded["result"]["over_time"].is_null() && bounded["result"]["sensitivity"].is_null());
}

#[test]
fn bounds_that_nobody_asked_for_say_why_there_is_no_number() {
    let message = |arguments: &str| {
        let bounded = report(arguments, 0);
        let warnings = bounded["warnings"].as_array().cloned().unwrap_or_default();
        let reason = warnings.into_iter().find(|warning| warning["code"] == "no_exact_solution");
        reason.map(|warning| warning["message"].to_string())
    };
    let too_large = message("solve --template oncall --max-states 40 --precision 20%").expect("a reason");
    for part in
        ["the Markov chain of `api`, `billing`, `queue` has more than 40 states", "`--max-states 400` allows more"]
    {
        assert!(too_large.contains(part), "{part}: {too_large}");
    }
    assert_eq!(message("solve --template oncall --bounds --precision 20%"), None);
    let shown = line("solve --template oncall --max-states 40 --precision 20%").stdout;
    assert!(shown.contains("warning: the Markov chain of"), "{shown}");
}

/// Parts that fail only when both units of a pair are down, of which the first states hold nothing.
fn pairs(count: usize) -> String {
    let group = |index: usize| {
        format!("[group.g{index}]\ncomponent = \"c\"\nactive = 1\nstandby = {{ count = 1, mode = \"cold\" }}\n")
    };
    let groups: Vec<String> = (0..count).map(group).collect();
    let names: Vec<String> = (0..count).map(|index| format!("g{index}")).collect();
    let up = names.join(" or ");
    format!("[component.c]\nmtbf = \"300d\"\nmttr = \"1h\"\n{}[system]\nup = \"{up}\"\n", groups.concat())
}

#[test]
fn one_end_that_is_known_is_told_without_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("pair.toml"), pairs(1)).expect("written");
    let solved = |more: &[&str]| {
        let arguments = [&["solve", "pair.toml", "--bounds", "--max-states", "1"], more].concat();
        run_in(folder.path(), &arguments, b"")
    };
    let outcome = solved(&["--format", "json"]);
    assert_eq!(outcome.code, 3, "{outcome:?}");
    let bounded: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let (result, bounds) = (&bounded["result"], &bounded["result"]["bounds"]);
    let (u, frequency) = (&bounds["unavailability"], &bounds["failure_frequency_per_year"]);
    assert!(number(&u["lower"]).abs() < 1e-300 && number(&frequency["lower"]).abs() < 1e-300);
    let nines = number(&bounds["nines"]["lower"]);
    assert!((nines + number(&u["upper"]).log10()).abs() < 1e-12, "{nines}");
    let year = number(&bounded["settings"]["year_seconds"]);
    let mtbf = number(&bounds["mtbf_seconds"]["lower"]);
    assert!((mtbf * number(&frequency["upper"]) / year - 1.0).abs() < 1e-9, "{mtbf}");
    for measure in ["nines", "mtbf_seconds", "mut_seconds", "mdt_seconds"] {
        assert!(bounds[measure]["lower"].is_f64() && bounds[measure]["upper"].is_null(), "{measure}: {bounds}");
    }
    assert_eq!(bounded["settings"]["bounds"], true);
    // Nothing is told of shares that the states explored know nothing of.
    assert_eq!(result["contributions"].as_array().map(Vec::len), Some(0));
    let codes: Vec<&str> =
        bounded["warnings"].as_array().into_iter().flatten().filter_map(|warning| warning["code"].as_str()).collect();
    assert_eq!(codes, ["no_contributions"], "{outcome:?}");
    let table = solved(&[]).stdout;
    assert!(table.contains("chain of 1 state and"), "{table}");
    assert!(table.contains("failures come during the slowest way back (ΛR)"), "{table}");
}

#[test]
fn a_system_of_which_no_outage_is_explored_can_still_be_down() {
    let folder = tempfile::tempdir().expect("a folder");
    // The upper bound of all pairs down is too small for doubles.
    std::fs::write(folder.path().join("pairs.toml"), pairs(95)).expect("written");
    let outcome = run_in(folder.path(), &["solve", "pairs.toml", "--bounds", "--max-states", "1"], b"");
    assert!(!outcome.stdout.contains("nothing that can fail"), "{outcome:?}");
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(outcome.stderr.contains("not 0, but below 1e-290"), "{outcome:?}");
}

#[test]
fn contributions_beside_bounds_say_what_they_are_of() {
    let outcome = line("solve --template oncall --bounds --precision 50%");
    assert!(outcome.stdout.contains("what begins the outages"), "{outcome:?}");
    let text = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("The shares of events and parts are those of the states explored"), "{text}");
}

#[test]
fn more_states_make_no_wider_bounds() {
    let mut known: Option<(f64, f64)> = None;
    for states in [2, 6, 8, 12, 16, 20, 30] {
        let bounded =
            report(&format!("solve --template two-zones --bounds --precision 1e-12 --max-states {states}"), 3);
        let bounds = &bounded["result"]["bounds"]["unavailability"];
        let (lower, upper) = (number(&bounds["lower"]), number(&bounds["upper"]));
        let (least, most) = known.unwrap_or((0.0, 1.0));
        assert!(least <= lower && upper <= most, "{states}: {lower:e} {upper:e} after {least:e} {most:e}");
        known = Some((lower, upper));
    }
}

#[test]
fn bounds_are_refused_where_there_are_none() {
    let outcome = line("solve --template oncall --bounds --set queue.mtbf=1h");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""));
    assert!(outcome.stderr.contains("bounds need fewer than 1"), "{}", outcome.stderr);
    let outcome = line("solve --template oncall --bounds --precision 200%");
    assert_eq!(outcome.code, 2, "{outcome:?}");
}

/// Units that fail so often, on one crew with 60 hot standbys.
fn many_standbys(mtbf: &str) -> String {
    format!(
        "[component.db]\nmtbf = \"{mtbf}\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n[group.db]\ncomponent = \"db\"\nactive = 1\n\
         standby = {{ count = 60, mode = \"hot\" }}\nfailover = {{ takes = \"20s\", works = 0.98, otherwise = \"30m\" }}\n\
         crew = \"c\"\n[system]\nup = \"db\"\n"
    )
}

#[test]
fn a_chain_that_takes_too_much_memory_is_bounded_or_refused() {
    let solved = |mtbf: &str, more: &[&str]| {
        let arguments = [&["solve", "-", "--format", "json"], more].concat();
        run_in(std::path::Path::new("."), &arguments, many_standbys(mtbf).as_bytes())
    };
    let bounded = solved("30d", &["--max-memory", "1"]);
    let bounded: Value = serde_json::from_str(&bounded.stdout).unwrap_or_else(|_| panic!("{bounded:?}"));
    assert!(bounded["result"]["unavailability"].is_null());
    assert!(number(&bounded["result"]["bounds"]["relative_width"]) < 1e-6);
    assert_eq!(bounded["settings"]["max_memory_mib"], 1);
    // Where no bounds hold, it says how much it took, and what allows more.
    let refused = solved("2d", &["--max-memory", "1"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{refused:?}");
    for part in ["takes more than 1 MiB of memory", "`--max-memory 4` allows more", "bounds need fewer than 1"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    let refused = solved("2d", &["--max-states", "500"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    for part in ["has more than 500 states", "`--max-states 5000` allows more, and so many would take about"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    assert_eq!(solved("2d", &[]).code, 0);
}

#[test]
fn verify_shows_bounds_beside_the_exact_value_and_in_its_place() {
    let rows = |report: &Value, engine: &str| {
        let rows = report["result"]["comparisons"].as_array().expect("rows").iter();
        rows.filter(|row| row["engine"] == engine).cloned().collect::<Vec<_>>()
    };
    let exact = report("verify --template oncall --method importance --events 20000", 0);
    let bounds = rows(&exact, "bounds");
    assert_eq!(bounds.len(), 2);
    for row in bounds {
        let (low, high) = (number(&row["simulated"]["low"]), number(&row["simulated"]["high"]));
        assert!(row["agree"] == true && high > low && high / low < 1.002, "{row}");
    }
    // Six different pairs on one crew have more states than a chain may have.
    let pair = |number: usize| {
        format!(
            "[component.c{number}]\nmtbf = \"{}d\"\nmttr = \"{}m\"\n[group.g{number}]\ncomponent = \"c{number}\"\n\
             active = 2\nneed = 1\ncrew = \"k\"\n",
            90 + number,
            20 + number
        )
    };
    let pairs = (0..6).map(pair).collect::<Vec<_>>().concat();
    let text = format!("[crew.k]\nsize = 1\n{pairs}[system]\nup = \"g0 and g1 and g2 and g3 and g4 and g5\"\n");
    let arguments = ["verify", "-", "--method", "importance", "--events", "100000", "--format", "json"];
    let outcome = run_in(std::path::Path::new("."), &arguments, text.as_bytes());
    let large: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let why = large["result"]["not_compared"][0].as_str().expect("a reason");
    assert!(why.ends_with("simulations are compared with its bounds"), "{why}");
    let sampled = rows(&large, "importance sampling");
    let unavailability = sampled.iter().find(|row| row["measure"] == "unavailability").expect("a row");
    assert!(unavailability["agree"] == true, "{unavailability}");
    assert_eq!(outcome.code, 0, "{large}");
}
