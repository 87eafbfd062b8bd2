//! Rare outages: which method is chosen and why, what it says about itself, and outages beyond an objective.

use std::path::Path;

use serde_json::Value;

use crate::program::{Outcome, line, run_in};

/// Two of five units with one crew: an outage in thousands of millions of hours.
const RARE: &str = "[component.a]\nmtbf = \"1000h\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\n\
                    active = 5\nneed = 2\ncrew = \"c\"\n[system]\nup = \"g\"\n";

fn of(text: &str, options: &str) -> Outcome {
    let options: Vec<&str> = options.split_whitespace().collect();
    run_in(Path::new("."), &[&["simulate", "-"], &options[..]].concat(), text.as_bytes())
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

fn result(text: &str, options: &str) -> Value {
    report(&of(text, &format!("{options} --format json")))["result"].clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[test]
fn the_method_is_chosen_and_explained() {
    let cases = [
        (RARE, "--precision 10%", "importance sampling", "plain simulation would need about"),
        (RARE, "--events 2000", "importance sampling", "plain simulation would need about"),
        (RARE, "--method plain --events 2000", "plain simulation", "asked for"),
        (RARE, "--years 1", "plain simulation", "the simulated time is limited"),
        (RARE, "--method importance --events 2000", "importance sampling", "asked for"),
    ];
    for (model, options, method, reason) in cases {
        let result = result(model, options);
        assert!(text(&result["method"]).starts_with(method), "{options}: {}", result["method"]);
        assert!(text(&result["method_reason"]).starts_with(reason), "{options}: {}", result["method_reason"]);
    }
    let frequent = "[component.a]\nmtbf = \"2h\"\nmttr = \"1h\"\n[system]\nup = \"a\"\n";
    let result = result(frequent, "--events 2000");
    assert!(text(&result["method"]).starts_with("plain simulation"), "{result}");
    assert!(text(&result["method_reason"]).starts_with("outages are common"), "{result}");
    let shown = of(RARE, "--precision 10%").stdout;
    assert!(shown.contains("importance sampling") && shown.contains("checks passed"), "{shown}");
}

#[test]
fn the_checks_are_all_in_the_report() {
    let result = result(RARE, "--precision 5%");
    let checks = &result["diagnostics"]["importance"];
    assert_eq!(result["diagnostics"]["refused"], Value::Null);
    for of in ["downtime", "outages"] {
        assert!(number(&checks[of]["effective_sample_size"]) >= 100.0, "{checks}");
        assert!(number(&checks[of]["largest_share"]) <= 0.03, "{checks}");
        assert!(number(&checks[of]["tail_index"]) <= 0.6, "{checks}");
        assert!(number(&checks[of]["unknown_share"]) < 0.05, "{checks}");
    }
    // With four of five failed it is down; the fifth loss need not be explored.
    assert!(checks["twin_states"].as_u64().is_some_and(|states| (5..=6).contains(&states)), "{checks}");
    assert!((1.0..1.01).contains(&number(&checks["frontier_ratio"])), "{checks}");
    assert!(number(&checks["widest_relative_half_width"]) <= 0.05, "{checks}");
    assert!(checks["classes"].as_array().is_some_and(|classes| classes[0]["losses"] == 4), "{checks}");
    assert_eq!(self::result(RARE, "--method plain --events 2000")["diagnostics"]["importance"], Value::Null);
}

#[test]
fn what_cannot_be_trusted_is_refused_with_bounds_and_what_it_takes() {
    let outcome = of(RARE, "--events 100 --method importance --format json");
    let report = report(&outcome);
    let (result, warning) = (&report["result"], &report["warnings"][0]);
    assert_eq!(result["unavailability"]["estimate"], Value::Null, "{result}");
    assert_eq!(result["diagnostics"]["refused"], warning["code"], "{report}");
    let message = text(&warning["message"]);
    for part in [
        "no interval: ",
        "4 losses at a time in",
        "; the upper bounds hold; ",
        "events may be enough",
        "`ninefold solve`",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(result["unavailability"]["high"].is_number(), "{result}");
    let shown = of(RARE, "--events 100 --method importance").stdout;
    assert!(shown.contains("check failed, "), "{shown}");
}

#[test]
fn importance_sampling_without_an_outage_to_go_for_is_an_error() {
    // One of the two parts of which one is enough cannot fail.
    let never = "[component.a]\nmtbf = \"1000h\"\nmttr = \"1h\"\n[component.b]\nunavailability = 0\n[system]\n\
                 up = \"a or b\"\n";
    let outcome = of(never, "--method importance");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome:?}");
    assert!(outcome.stderr.contains("no outage was found"), "{}", outcome.stderr);
}

#[test]
fn outages_beyond_an_objective_agree_with_the_closed_form_whatever_the_method() {
    // An outage is over when the one crew ends a repair: exponential with a mean of 1 h. Of it exp(-2) are longer than 2 h,
    // and they carry 3 exp(-2) of the downtime.
    let pair = "[component.a]\nmtbf = \"50h\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n[group.g]\ncomponent = \"a\"\n\
                active = 2\nneed = 1\ncrew = \"c\"\n[system]\nup = \"g\"\n";
    for options in ["--method plain", "--method importance"] {
        let result = result(pair, &format!("{options} --confidence 99.9% --precision 5% --rto 2h --time-limit 10m"));
        let beyond = &result["outages_beyond_rto"];
        assert_eq!(beyond["rto_seconds"], 7_200.0);
        let tail = (-2.0_f64).exp();
        for (share, expected) in [("share_of_outages", tail), ("share_of_downtime", 3.0 * tail)] {
            let share = &beyond[share];
            assert!(
                (number(&share["low"])..=number(&share["high"])).contains(&expected),
                "{options}: {share} {expected}"
            );
        }
        assert!(number(&beyond["share_of_downtime"]["relative_half_width"]) <= 0.05, "{options}: {beyond}");
        for quantile in result["outage_length"]["quantiles"].as_array().expect("a list") {
            let expected = -3_600.0 * (1.0 - number(&quantile["probability"])).ln();
            // Bins are 0.4 % wide.
            let (low, high) = (0.996 * number(&quantile["low_seconds"]), 1.004 * number(&quantile["high_seconds"]));
            assert!((low..=high).contains(&expected), "{options}: {quantile} {expected}");
        }
    }
}

#[test]
fn an_objective_that_nothing_or_everything_exceeds_has_a_bound() {
    let fixed = "[component.a]\nmtbf = \"50h\"\nmttr = { fixed = \"1h\" }\n[system]\nup = \"a\"\n";
    for method in ["plain", "importance"] {
        let of = |rto: &str| result(fixed, &format!("--method {method} --events 200000 --rto {rto}"));
        let above = &of("2h")["outages_beyond_rto"]["share_of_downtime"];
        assert_eq!(above["estimate"], Value::Null, "{method}");
        assert!(number(&above["high"]) < 0.01, "{method}: {above}");
        let below = &of("30m")["outages_beyond_rto"]["share_of_downtime"];
        assert!(number(&below["low"]) > 0.99 && below["high"] == 1.0, "{method}: {below}");
    }
    assert!(!line("simulate --template single --events 1000 --format json").stdout.contains("outages_beyond_rto"));
}

#[test]
fn a_refusal_proposes_solve_only_where_it_solves() {
    let general = RARE.replace("mttr = \"1h\"", "mttr = { lognormal = { mean = \"1h\", cv = 1 } }");
    for method in ["plain", "importance"] {
        for (model, is_solved) in [(RARE, true), (&general, false)] {
            let report = report(&of(model, &format!("--events 100 --method {method} --format json")));
            let warning = &report["warnings"][0];
            assert_eq!(report["result"]["diagnostics"]["refused"], warning["code"], "{report}");
            assert_eq!(text(&warning["message"]).contains("ninefold solve"), is_solved, "{method}: {warning}");
        }
    }
}

#[test]
fn method_and_figures_are_two_sentences() {
    let shown = of(RARE, "--precision 10%").stdout.replace("\n  ", " ");
    assert!(shown.contains(" times as many cycles. Simulated: "), "{shown}");
}

#[test]
fn a_wanted_precision_counts_all_measures_that_were_asked_for() {
    // Each server carries 10 requests per second, and 25 come: one failure loses some of them and is no outage.
    let model = "[component.a]\nmtbf = \"200h\"\nmttr = { uniform = [\"1h\", \"5h\"] }\ncapacity = 10\n[crew.c]\nsize = 1\n\
                 [group.g]\ncomponent = \"a\"\nactive = 3\nneed = 1\ncrew = \"c\"\n[system]\nup = \"g\"\ndemand = 25\n";
    for method in ["plain", "importance"] {
        let result = result(model, &format!("--method {method} --precision 10% --rto 2h --time-limit 10m"));
        assert_eq!(result["stopped_by"], "precision", "{result}");
        let (capacity, beyond) = (&result["capacity"], &result["outages_beyond_rto"]);
        for measure in [
            &result["unavailability"],
            &result["failure_frequency_per_year"],
            &capacity["lost_requests_per_year"],
            &capacity["probability_capacity_below_demand"],
            &beyond["share_of_outages"],
            &beyond["share_of_downtime"],
        ] {
            assert!(number(&measure["relative_half_width"]) <= 0.1, "{method}: {measure}");
        }
    }
}

#[test]
fn pieces_say_which_of_them_the_checks_are_about() {
    let group = |name: &str| {
        format!("[crew.{name}]\nsize = 1\n[group.{name}]\ncomponent = \"a\"\nactive = 5\nneed = 3\ncrew = \"{name}\"\n")
    };
    let names: Vec<String> = (0..8).map(|index| format!("group-{index}")).collect();
    let model = "[component.a]\nmtbf = \"1000h\"\nmttr = \"1h\"\n".to_owned()
        + &names.iter().map(|name| group(name)).collect::<String>()
        + &format!("[system]\nup = \"{}\"\n", names.join(" and "));
    let of_checks = |options: &str| report(&of(&model, &format!("--method importance {options} --format json")));
    let passed = of_checks("--precision 10%");
    let piece = &passed["result"]["diagnostics"]["importance"]["piece"];
    assert!(piece["pieces"] == 8 && text(&piece["name"]).starts_with("group-"), "{passed}");
    assert!((0.05..0.3).contains(&number(&piece["share_of_unavailability"])), "{piece}");
    let shown = of(&model, "--method importance --precision 10%").stdout.replace("\n  ", " ");
    assert!(
        shown.contains(&format!("checks passed by 8 pieces, of which `{}` is the weakest: ", text(&piece["name"]))),
        "{shown}"
    );
    let failed = of_checks("--events 100");
    let name = text(&failed["result"]["diagnostics"]["importance"]["piece"]["name"]);
    let message = text(&failed["warnings"][0]["message"]);
    assert!(message.starts_with(&format!("no interval: of the piece `{name}`, ")), "{message}");
    assert!(message.contains("no bound can be given"), "{message}");
    assert_eq!(result(RARE, "--precision 10%")["diagnostics"]["importance"]["piece"], Value::Null);
}
