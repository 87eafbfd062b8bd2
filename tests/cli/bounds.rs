//! `solve` where bounds are asked for, or are all that can be had.

use serde_json::Value;

use crate::program::line;

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
    let complete = report("solve --template oncall --bounds --precision 1e-12", 0);
    assert_eq!(complete["result"]["bounds"]["ended_by"], "complete");
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
fn bounds_are_refused_where_there_are_none() {
    let outcome = line("solve --template oncall --bounds --set queue.mtbf=1h");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""));
    assert!(outcome.stderr.contains("bounds need fewer than 1"), "{}", outcome.stderr);
    let outcome = line("solve --template oncall --bounds --precision 200%");
    assert_eq!(outcome.code, 2, "{outcome:?}");
}
