//! `fit` and `predict` on the command line.

use std::fs;

use serde_json::Value;

use crate::program::{Outcome, line, run_in};

const LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/data/status-2024.csv");

fn result(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("a JSON report");
    report["result"].clone()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn words(arguments: &str) -> Vec<&str> {
    arguments.split(' ').collect()
}

const MINUTES: &str = "repair_minutes,open\n3,0\n5,no\n8,\n13,0\n90,0\n240,yes\n";
const FIELDS: &str = "Repair;open\n3m;0\n300s;0\n8min;0\n13m;0\n1h30m;0\n4h;1\n";
const PLAIN: &str = "repair\tcut off\n3\t\n5\t\n8\t\n13\t\n90\t\n240\t+\n";

#[test]
fn a_column_says_its_unit_in_its_name_in_its_fields_or_by_an_option() {
    let folder = folder(&[("a.csv", MINUTES), ("b.csv", FIELDS), ("c.csv", PLAIN)]);
    let of = |arguments: &str| {
        let mut sample = result(&run_in(folder.path(), &words(arguments), b""))["samples"][0].clone();
        sample["name"] = "".into();
        sample
    };
    let first = of("fit a.csv --column repair_minutes --censored open --bootstrap 19 --format json");
    assert_eq!(first, of("fit b.csv --column repair --censored open --bootstrap 19 --format json"));
    assert_eq!(first, of("fit c.csv --column Repair --unit m --censored cut-off --bootstrap 19 --format json"));
    assert_eq!((&first["ended"], &first["censored"]), (&5.into(), &1.into()));
    // All time over what ended: (3 + 5 + 8 + 13 + 90 + 240) min / 5.
    assert_eq!(first["mean_seconds"].as_f64(), Some(359.0 * 60.0 / 5.0));
}

#[test]
fn what_cannot_be_fitted_is_refused_at_its_place() {
    let cases = [
        ("repair\n3\n", "--column repair", "f.csv:2:1"),
        ("minutes\n3\n-4\n", "--column minutes", "f.csv:3:1"),
        ("minutes\n3\nx\n", "--column minutes", "f.csv:3:1"),
        ("minutes,open\n3,2\n", "--column minutes --censored open", "f.csv:2:3"),
        ("minutes\n1e300\n", "--column minutes", "f.csv:2:1"),
        ("minutes\n0\n0\n", "--column minutes", "no time above zero has ended"),
        ("minutes,open\n5,1\n", "--column minutes --censored open", "no time above zero has ended"),
        ("minutes\n", "--column minutes", "has no times"),
        ("minutes\n3\n", "--column hours", "has no column `hours`; its columns are `minutes`"),
        ("minutes\n3\n", "--column minutes --unit parsec", "`parsec`"),
        ("minutes\n3\n", "--column minutes --bootstrap -1", "'-1'"),
        ("minutes\nNaN\n", "--column minutes", "`NaN`"),
        ("minutes\n3,4\n", "--column minutes", "cannot read"),
        ("minutes\n3\n", "--column minutes --emit topology", "takes both up and down times"),
    ];
    for (text, arguments, says) in cases {
        let folder = folder(&[("f.csv", text)]);
        let outcome = run_in(folder.path(), &words(&format!("fit f.csv {arguments}")), b"");
        assert_eq!(outcome.code, 2, "{text}: {outcome:?}");
        assert!(outcome.stdout.is_empty() && outcome.stderr.contains(says), "{text}: {outcome:?}");
    }
}

#[test]
fn extreme_times_give_no_numbers_that_are_none() {
    let columns =
        ["5", "5\n5\n5", "1e-9\n1e15", "1e15\n1\n2\n3", "0.001\n0.002\n0.004\n1e9\n1e12", "1\n1\n1\n1\n1\n1\n2"];
    for column in columns {
        let folder = folder(&[("x.csv", &format!("seconds\n{column}\n"))]);
        for format in ["table", "json", "csv"] {
            let arguments = format!("fit x.csv --column seconds --bootstrap 9 --format {format}");
            let outcome = run_in(folder.path(), &words(&arguments), b"");
            assert_eq!(outcome.code, 0, "{column}: {outcome:?}");
            assert!(!outcome.stdout.contains("NaN") && !outcome.stdout.contains("inf"), "{column}: {outcome:?}");
        }
    }
}

#[test]
fn the_result_does_not_depend_on_threads() {
    let with = |threads: u32| {
        line(&format!("fit {LOG} --during 2024 --bootstrap 29 --threads {threads} --format json")).stdout
    };
    assert_eq!(with(1), with(3));
}

/// The emitted component, as the only part of a system, has the unavailability of the log to the last digits.
#[test]
fn an_emitted_component_has_the_availability_of_the_log() {
    for by in ["system", "pooled"] {
        let log =
            result(&line(&format!("fit {LOG} --during 2024 --by {by} --bootstrap 0 --format json")))["log"].clone();
        let emitted = line(&format!("fit {LOG} --during 2024 --by {by} --emit topology"));
        assert!(emitted.code == 0 && emitted.stderr.is_empty(), "{emitted:?}");
        let name = if by == "system" { "service" } else { "unit" };
        let text = format!("{}\n[system]\nup = \"{name}\"\n", emitted.stdout);
        let solved = result(&run_in(std::path::Path::new("."), &["solve", "-", "--format", "json"], text.as_bytes()));
        let (found, expected) = (&solved["unavailability"], &log["unavailability"]);
        let ratio = found.as_f64().expect("a number") / expected.as_f64().expect("a number");
        assert!((ratio - 1.0).abs() < 1e-12, "{by}: {found} is not {expected}");
    }
    // 113 outages of 800,100 s in the 366 days of 2024, counted apart with Python.
    let log = result(&line(&format!("fit {LOG} --during 2024 --bootstrap 0 --format json")))["log"].clone();
    assert_eq!((log["outages"].as_u64(), log["downtime_seconds"].as_f64()), (Some(113), Some(799_980.0)));
    assert_eq!(log["window_seconds"].as_f64(), Some(366.0 * 86_400.0));
}

#[test]
fn every_component_is_emitted_under_a_name_that_topologies_take() {
    let emitted = line(&format!("fit {LOG} --during 2024 --by component --emit topology")).stdout;
    let names: Vec<&str> = emitted
        .lines()
        .filter_map(|line| line.strip_prefix("[component.").and_then(|rest| rest.strip_suffix(']')))
        .collect();
    assert!(names.len() > 5 && names.contains(&"pull-requests"), "{names:?}");
    let text = format!("{emitted}\n[system]\nup = \"{}\"\n", names.join(" and "));
    let checked = run_in(std::path::Path::new("."), &["check", "-"], text.as_bytes());
    assert_eq!(checked.code, 0, "{checked:?}");
}

#[test]
fn long_tails_and_trends_are_warned_of() {
    let tail: String = (1..60).map(|k| format!("{k}\n")).chain(["90000\n".to_owned()]).collect();
    let folder = folder(&[("tail.csv", &format!("minutes\n{tail}"))]);
    let arguments = words("fit tail.csv --column minutes --bootstrap 0 --format json");
    let report: Value = serde_json::from_str(&run_in(folder.path(), &arguments, b"").stdout).expect("JSON");
    let codes: Vec<&str> = report["warnings"]
        .as_array()
        .expect("warnings")
        .iter()
        .filter_map(|warning| warning["code"].as_str())
        .collect();
    assert!(codes.contains(&"fitted_mean_differs"), "{codes:?}");
}

/// A log of outages in hours from the start of 2024: up times and repairs in turn, the first up time unseen.
fn log_of_course(course: impl Iterator<Item = (u32, u32)>) -> String {
    let mut now = 0;
    let stay = |(up, repair): (u32, u32)| {
        let start = now + up;
        now = start + repair;
        format!("{},{}\n", 1_704_067_200 + 3_600 * start, 1_704_067_200 + 3_600 * now)
    };
    format!("start,end\n{}", course.map(stay).collect::<String>())
}

#[test]
fn repairs_are_no_part_of_the_times_that_a_trend_is_looked_for_in() {
    let fit = |log: &str, more: &str| {
        let folder = folder(&[("log.csv", log)]);
        let arguments = format!("fit log.csv --bootstrap 0 --format json{more}");
        result(&run_in(folder.path(), &words(&arguments), b""))["samples"][1]["trend"].clone()
    };
    // Up times of 60 hours on average without a drift, repairs from an hour to five days.
    let steady = |index: u32| [20, 100, 50, 70, 30, 90][index as usize % 6];
    let slower = fit(&log_of_course((0..120).map(|index| (steady(index), 1 + index))), "");
    assert!(slower["laplace"].as_f64().expect("a number").abs() < 0.2, "{slower}");
    // Up times fall as the repairs grow, so that failures come evenly by the calendar.
    let hidden = fit(&log_of_course((0..120).map(|index| (130 - index, 5 + index))), "");
    assert!(hidden["laplace"].as_f64().expect("a number") > 3.0, "{hidden}");
    // L of 1 … 10 hours and the cut off rest of 11 by hand: mean of 1, 3, 6 … 55 is 22, T = 66: -11 / (66 / sqrt(120)).
    let log = log_of_course([(9, 4)].into_iter().chain((1..11).map(|up| (up, 3 * up))));
    let end = 1_704_067_200 + 3_600 * (9 + 4 + 4 * 55 + 11);
    let rare = fit(&log, &format!(" --to {end}"));
    assert!((rare["laplace"].as_f64().expect("a number") + 120_f64.sqrt() / 6.0).abs() < 1e-12, "{rare}");
}

#[test]
fn a_plot_is_written_as_well_formed_svg() {
    let folder = folder(&[]);
    let outcome = run_in(folder.path(), &["fit", LOG, "--during", "2024", "--bootstrap", "0", "--svg", "fit.svg"], b"");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains('█') && outcome.stdout.contains("o lognormal"), "{}", outcome.stdout);
    let text = fs::read_to_string(folder.path().join("fit.svg")).expect("a file");
    let document = roxmltree::Document::parse(&text).expect("XML");
    let paths = document.descendants().filter(|node| node.has_tag_name("path")).count();
    assert!(paths > 20 && !text.contains("NaN") && !text.contains("inf"), "{paths}");
}

/// A log in which incidents last an hour, at the hours given.
fn log_of(hours: &[u32]) -> String {
    let hour = |hour: u32| format!("2025-01-{:02}T{:02}:00:00Z", 1 + hour / 24, hour % 24);
    let rows: Vec<String> = hours.iter().map(|at| format!("{},{},db", hour(*at), hour(at + 1))).collect();
    format!("start,end,component\n{}\n", rows.join("\n"))
}

const MODEL: &str =
    "target = \"99.9%\"\n[component.db]\nmtbf = \"100h\"\nmttr = { fixed = \"1h\" }\n[system]\nup = \"db\"\n";

#[test]
fn a_past_that_fits_is_expected_and_one_that_does_not_is_worse_or_better() {
    let usual: Vec<u32> = (0..7).map(|k| 90 * k + 40).collect();
    let many: Vec<u32> = (0..30).map(|k| 20 * k + 10).collect();
    let cases = [(usual, "expected"), (many, "worse"), (vec![700], "better")];
    for (hours, expected) in cases {
        let folder = folder(&[("m.toml", MODEL), ("log.csv", &log_of(&hours))]);
        let arguments = words("predict m.toml --against log.csv --during 2025-01 --windows 4000 --format json");
        let found = result(&run_in(folder.path(), &arguments, b""));
        assert_eq!(found["surprise"]["verdict"], expected, "{found}");
        // 744 hours at one hour in 101: exact.
        let mean = found["predicted"]["downtime_seconds"].as_f64().expect("a number");
        assert!((mean / (744.0 / 101.0 * 3_600.0) - 1.0).abs() < 1e-12, "{mean}");
    }
}

/// The prior is worth `a` failures at 1/(100 h), and 30 were seen in 714 hours of work: (a 100 + 714) / (a + 30) hours.
/// The system's own rate is one outage in 101 hours, seen in 744.
#[test]
fn rates_are_updated_as_gamma_distributions_are() {
    let many: Vec<u32> = (0..30).map(|k| 20 * k + 10).collect();
    let folder = folder(&[("m.toml", MODEL), ("log.csv", &log_of(&many))]);
    for weight in [1.0, 10.0] {
        let arguments = format!(
            "predict m.toml --against log.csv --during 2025-01 --windows 100 --prior-events {weight} --format json"
        );
        let found = result(&run_in(folder.path(), &words(&arguments), b""));
        for (place, key, mean, seen) in [(0, Value::Null, 101.0, 744.0), (1, "component.db.mtbf".into(), 100.0, 714.0)]
        {
            let rate = &found["rates"][place];
            let expected = (weight * mean + seen) / (weight + 30.0) * 3_600.0;
            let after = rate["after_mtbf_seconds"].as_f64().expect("a number");
            assert!((after / expected - 1.0).abs() < 1e-12, "{after} is not {expected}");
            assert_eq!((&rate["key"], rate["events"].as_u64()), (&key, Some(30)));
        }
    }
}

/// Either of two is enough, and both are down from 20 to 21 h only; a third one of the log is no part of the system.
#[test]
fn a_log_is_compared_by_the_expression_of_the_topology() {
    let two = "[component.a]\nmtbf = \"100h\"\nmttr = \"1h\"\n[component.b]\nmtbf = \"100h\"\nmttr = \"1h\"\n\
        [system]\nup = \"a or b\"\n";
    let log = "start,end,component\n2025-01-01T19:00:00Z,2025-01-01T21:00:00Z,A\n\
        2025-01-01T20:00:00Z,2025-01-01T22:00:00Z,b\n2025-01-05T00:00:00Z,2025-01-05T09:00:00Z,c\n";
    let folder = folder(&[("m.toml", two), ("log.csv", log), ("part.toml", MODEL)]);
    let with = |model: &str, more: &str| {
        let arguments =
            format!("predict {model} --against log.csv --during 2025-01 --windows 100 --format json {more}");
        run_in(folder.path(), &words(arguments.trim_end()), b"")
    };
    let outcome = with("m.toml", "");
    let found = result(&outcome);
    assert_eq!(found["happened"]["downtime_seconds"].as_f64(), Some(3_600.0), "{found}");
    assert_eq!(found["happened"]["outages"].as_u64(), Some(1));
    assert!(outcome.stdout.contains("1 component and 1 incident of the log concern no part"), "{outcome:?}");
    let whole = result(&with("m.toml", "--as-system"));
    assert_eq!(whole["happened"]["downtime_seconds"].as_f64(), Some(12.0 * 3_600.0));
    // The log does not name `db`.
    let refused = with("part.toml", "");
    assert!(
        refused.code == 2 && refused.stderr.contains("`db`") && refused.stderr.contains("--as-system"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("it names `A`, `b`, `c`"), "{}", refused.stderr);
    let pair = "[component.a]\nmtbf = \"100h\"\nmttr = \"1h\"\n[group.b]\ncomponent = \"a\"\nactive = 2\nneed = 1\n\
        [system]\nup = \"b\"\n";
    let folder = self::folder(&[("m.toml", pair), ("log.csv", log)]);
    let refused = run_in(folder.path(), &words("predict m.toml --against log.csv --during 2025-01"), b"");
    let why = "`b` (its name is there, but not whether fewer than 1 of its 2 units are up)";
    assert!(refused.code == 2 && refused.stderr.contains(why), "{}", refused.stderr);
}

#[test]
fn a_gate_closes_when_the_past_misses_the_objective() {
    let folder = folder(&[("m.toml", MODEL), ("log.csv", &log_of(&[40, 140]))]);
    let with = |more: &str| {
        let arguments = format!("predict m.toml --against log.csv --during 2025-01 --windows 100 {more}");
        run_in(folder.path(), &words(&arguments), b"")
    };
    // Two hours of 744 are 0.27 %.
    assert_eq!(with("--gate").code, 1);
    assert_eq!(with("--gate --slo 99%").code, 0);
    assert_eq!(with("--windows 5").code, 2);
    assert_eq!(with("--prior-events 0").code, 2);
    let nothing = run_in(folder.path(), &words("predict m.toml --against none.csv"), b"");
    assert!(nothing.code == 2 && nothing.stderr.contains("none.csv"), "{nothing:?}");
}

#[test]
fn wrong_fields_of_a_column_have_their_place() {
    let text = "name,minutes\n# a comment\nx,3\n\ny, oops\n";
    let folder = folder(&[("a.csv", text), ("b.csv", "minutes\n3\n1e308\n")]);
    let wrong = run_in(folder.path(), &words("fit a.csv --column minutes"), b"");
    assert!(wrong.code == 2 && wrong.stderr.contains("a.csv:5:4"), "{}", wrong.stderr);
    let infinite = run_in(folder.path(), &words("fit b.csv --column minutes"), b"");
    assert!(infinite.code == 2 && infinite.stderr.contains("b.csv:3:1"), "{}", infinite.stderr);
}

const CUT: &str = "component,start,end,planned\nApi Gateway,2024-01-10T00:00Z,2024-01-10T02:00Z,no\n\
                   Api Gateway,2024-01-10T00:30Z,2024-01-10T01:00Z,yes\n\
                   api-gateway,2024-01-10T01:00Z,2024-01-10T03:00Z,no\n";

#[test]
fn an_outage_that_maintenance_cuts_is_fitted_as_one() {
    let folder = folder(&[("log.csv", CUT)]);
    let of = |more: &[&str]| {
        let arguments = words("fit log.csv --during 2024-01 --bootstrap 0 --format json");
        let log = result(&run_in(folder.path(), &[&arguments, more].concat(), b""))["log"].clone();
        (log["outages"].as_u64(), log["downtime_seconds"].as_f64())
    };
    assert_eq!(of(&["--component", "api-gateway"]), (Some(1), Some(7_200.0)));
    // Two hours less the half hour of maintenance.
    assert_eq!(of(&["--by", "component", "--component", "api gateway"]), (Some(1), Some(5_400.0)));
}

#[test]
fn names_that_become_alike_are_told_apart_and_overlaps_are_told() {
    let folder = folder(&[("log.csv", CUT)]);
    let emitted = run_in(folder.path(), &words("fit log.csv --during 2024-01 --by component --emit topology"), b"");
    assert!(emitted.stdout.contains("[component.api-gateway]\n"), "{emitted:?}");
    assert!(emitted.stdout.contains("# In the log: \"Api Gateway\".\n[component.api-gateway-2]\n"), "{emitted:?}");
    assert!(emitted.stdout.contains("overlap in the log") && emitted.stderr.contains("overlap"), "{emitted:?}");
    let text = format!("{}\n[system]\nup = \"api-gateway and api-gateway-2\"\n", emitted.stdout);
    assert_eq!(run_in(folder.path(), &["check", "-"], text.as_bytes()).code, 0);
    for more in ["--units 3", "--emit topology --format json", "--emit topology --svg x.svg"] {
        assert_eq!(run_in(folder.path(), &words(&format!("fit log.csv {more}")), b"").code, 2, "{more}");
    }
}

const SHOP: &str = "[component.api-requests]\nmtbf = \"30d\"\nmttr = \"1h\"\n[system]\nup = \"api-requests\"\n";

#[test]
fn a_prediction_finds_names_and_refuses_weights_between_down_and_up() {
    let log = "component,start,end,severity\nAPI Requests,2024-01-10T00:00Z,2024-01-10T02:00Z,minor\n";
    let folder = folder(&[("log.csv", log), ("m.toml", SHOP)]);
    let of = |weights: &str| {
        let arguments = "predict m.toml --against log.csv --during 2024-01 --windows 100 --format json --weights";
        run_in(folder.path(), &words(&format!("{arguments} {weights}")), b"")
    };
    assert_eq!(result(&of("default"))["happened"]["downtime_seconds"].as_f64(), Some(7_200.0));
    assert_eq!(result(&of("major"))["happened"]["downtime_seconds"].as_f64(), Some(0.0));
    let part = of("half");
    assert!(part.code == 2 && part.stderr.contains("`minor` weigh 0.5"), "{part:?}");
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let folder = folder(&[("f.csv", "minutes,minutes\n1,2\n3,4\n")]);
    let outcome = run_in(folder.path(), &words("fit f.csv --column minutes"), b"");
    assert!(outcome.code == 2 && outcome.stderr.contains("has 2 columns `minutes`"), "{outcome:?}");
}
