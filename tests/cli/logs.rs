//! Logs as their users meet them: reports, messages with their place, exit codes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{given, report, run_in};

const STATUS_PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/logs/status-page.csv");

fn codes(report: &Value) -> Vec<&str> {
    let warnings = report["warnings"].as_array().expect("a list");
    warnings.iter().map(|warning| warning["code"].as_str().expect("a code")).collect()
}

#[test]
fn a_status_page_by_year_and_under_every_rule() {
    let arguments =
        ["incidents", STATUS_PAGE, "--from", "2022", "--to", "2027-01-01", "--by", "year", "--maintenance", "ignore"];
    let report = report(&arguments, "");
    let minutes = |period: &Value| period["downtime"]["downtime_seconds"].as_f64().expect("a number") / 60.0;
    let years: Vec<f64> = report["result"]["periods"].as_array().expect("a list").iter().map(minutes).collect();
    // See `tests/observed.rs` for where these come from.
    assert_eq!(years, [9_405.0, 15_463.0, 13_333.0, 32_535.0, 32_870.0]);
    let rules = report["result"]["rules"].as_array().expect("a list");
    let names: Vec<&str> = rules.iter().map(|rule| rule["rule"]["rule"].as_str().expect("a name")).collect();
    assert_eq!(names, ["default", "major", "critical", "half", "statuspage", "incident-io", "openstatus"]);
    assert_eq!(rules[5]["downtime"]["downtime_seconds"].as_f64(), Some(60.0 * years.iter().sum::<f64>()));
    assert_eq!(codes(&report), ["window_beyond_log"]);
}

#[test]
fn a_log_in_local_time_reports_the_odd_hours() {
    let log = "node,Prob Started,Prob Fixed,Down Time\n0,4/7/2002 2:30,4/7/2002 4:00,90\n1,10/27/2002 1:30,10/27/2002 3:00,90\n\
               1,10/27/2002 1:30,10/27/2002 3:00,90\n";
    let arguments = ["incidents", "-", "--time-format", "%m/%d/%Y %H:%M", "--tz", "America/Denver"];
    let report = report(&arguments, log);
    assert_eq!(codes(&report), ["time_shown_twice", "time_never_shown", "duration_differs", "window_from_log"]);
    // Half an hour by the clock of 7 April; an hour and a half on 27 October, as stated, whose entry stands twice.
    assert_eq!(report["result"]["downtime"]["downtime_seconds"], 2.0 * 3_600.0);
    assert_eq!(report["result"]["counts"]["overlap_seconds"], 1.5 * 3_600.0);
}

#[test]
fn logs_of_states_are_read_as_stays_and_as_changes() {
    let stays =
        "node_id,event_type,event_start_time,event_stop_time\na,1,1704067200,1704070800\na,0,1704070800,1704072600\n";
    let changes = "time,state,unit\n1704067200,up,a\n1704070800,down,a\n1704072600,up,a\n";
    for (log, up, kind) in [(stays, 1, "state log (stays)"), (changes, 0, "state log (changes)")] {
        let report = report(&["incidents", "-"], log);
        let dialect = report["result"]["log"]["dialect"].as_str().expect("a text");
        assert!(dialect.ends_with(kind), "{dialect}");
        assert_eq!(report["result"]["downtime"]["unavailability"], 1_800.0 / 5_400.0, "{log}");
        assert_eq!(report["result"]["log"]["up_entries"], up);
        assert_eq!(codes(&report), Vec::<&str>::new());
    }
}

#[test]
fn a_component_is_the_same_in_the_table_and_on_its_own() {
    let report = report(&["incidents", STATUS_PAGE, "--component", "actions", "--during", "2023"], "");
    assert_eq!(report["result"]["components"][0]["component"], "Actions");
    assert_eq!(report["result"]["components"][0]["downtime"], report["result"]["downtime"]);
}

#[test]
fn a_log_without_ends_is_refused_and_one_with_an_open_end_is_not() {
    let refused = [
        (
            "start,recovery,note\n2024-01-01,2024-01-02,x\n",
            "standard input:1:1",
            "`recovery`, `note`; `--map end=COLUMN`",
        ),
        ("# a\n\nstart\n2024-01-01\n", "standard input:3:1", "`--map duration=COLUMN`"),
        ("[{\"start\":\"2024-01-01\",\"over\":\"2024-01-02\"}]", "standard input:1:2", "not used: `over`"),
        ("{\"start\":\"2024-01-01\"}\n{\"start\":\"2024-01-03\"}\n", "standard input:1:1", "no column is an end"),
        ("{\"incidents\":[{\"start\":\"2024-01-01\"}]}", "standard input:1:15", "no column is an end"),
        ("start,resolution_time\n2024-01-01,35\n", "standard input:1:1", "not used: `resolution_time`"),
        ("start,end (CET)\n2024-01-01,2024-01-02\n", "standard input:1:1", "not used: `end (CET)`"),
    ];
    for (log, place, says) in refused {
        let outcome = given(&["incidents", "-"], log);
        assert_eq!(outcome.code, 2, "{log}: {outcome:?}");
        assert!(outcome.stderr.contains(place) && outcome.stderr.contains(says), "{log}: {outcome:?}");
    }
    let seconds = |log: &str, more: &[&str]| {
        let arguments = [&["incidents", "-", "--now", "2024-01-03T00:00Z", "--format", "json"], more].concat();
        let outcome = given(&arguments, log);
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{log}: {outcome:?}"));
        report["result"]["downtime"]["downtime_seconds"].as_f64().expect("a number")
    };
    let hours = [
        ("start,end\n2024-01-01T00:00Z,2024-01-01T01:00Z\n2024-01-02T23:00Z,\n", 2.0),
        ("[{\"start\":\"2024-01-02T23:00Z\",\"end\":null}]", 1.0),
        ("[{\"start\":\"2024-01-02T23:00Z\"},{\"start\":\"2024-01-01T23:00Z\",\"end\":\"2024-01-02T00:00Z\"}]", 2.0),
        ("start,Duration (min)\n2024-01-01T00:00Z,30\n", 0.5),
        ("start,duration [h]\n2024-01-01T00:00Z,30\n", 30.0),
        ("start,recovered_at\n2024-01-01T00:00Z,2024-01-01T03:00Z\n", 3.0),
        ("start,resolution_time\n2024-01-01T00:00Z,2024-01-01T03:00Z\n", 3.0),
    ];
    for (log, hours) in hours {
        assert!((seconds(log, &[]) - 3_600.0 * hours).abs() < 1e-9, "{log}: {}", seconds(log, &[]));
    }
    // The zone of the name holds for its column, that of `--tz` for the other: from 11:00 to 12:00 UTC.
    let mixed = "start,end (UTC)\n2024-01-01 12:00,2024-01-01 12:00\n";
    assert!((seconds(mixed, &["--tz", "Europe/Berlin"]) - 3_600.0).abs() < 1e-9);
}

#[test]
fn seconds_since_1970_are_no_milliseconds() {
    let samples = "[{\"metric\":{},\"values\":[[1704067200,\"1\"],[253402300799,\"0\"]]}]";
    let refused = [
        (samples, "standard input:1:43", "253402300799"),
        ("start_unix,end_unix\n1704067200,253402300799\n", "standard input:2:12", "after 2199 in seconds"),
        ("[{\"start_unix\":1704067200,\"end_unix\":253402300799}]", "standard input:1:38", "after 2199 in seconds"),
    ];
    for (log, place, says) in refused {
        let outcome = given(&["incidents", "-"], log);
        assert_eq!(outcome.code, 2, "{log}: {outcome:?}");
        assert!(outcome.stderr.contains(place) && outcome.stderr.contains(says), "{log}: {outcome:?}");
    }
}

#[test]
fn stays_that_contradict_each_other_are_told() {
    let log = |second: &str| {
        format!(
            "unit,start,end,state\na,2024-01-01,2024-01-02,up\na,{second},2024-01-02T06:00Z,down\nb,2024-01-01,2024-01-02T06:00Z,up\n"
        )
    };
    let found = |second: &str| report(&["incidents", "-", "--tz", "UTC"], &log(second));
    let contradicting = found("2024-01-01T12:00:00Z");
    assert_eq!(codes(&contradicting), ["contradicting_states"]);
    let message = contradicting["warnings"][0]["message"].as_str().expect("a text");
    assert_eq!(
        message,
        "1 unit is up and down at the same time, for 12h in all, first at 2024-01-01T12:00:00Z; down holds"
    );
    assert_eq!(contradicting["result"]["downtime"]["downtime_seconds"], 18.0 * 3_600.0);
    assert_eq!(codes(&found("2024-01-02T00:00Z")), Vec::<&str>::new());
}

#[test]
fn a_conversion_says_which_time_it_loses() {
    let log = "unit,start,end,state\na,1704067200,1704070800,up\na,1704074400,1704078000,down\n";
    let lossy = given(&["incidents", "-", "--convert", "csv"], log);
    assert!(lossy.code == 0 && lossy.stderr.contains("warning: 1h of the time of the units"), "{lossy:?}");
    let whole = given(&["incidents", "-", "--convert", "csv", "--missing", "bad"], log);
    assert!(whole.code == 0 && whole.stderr.is_empty() && whole.stdout.lines().count() == 3, "{whole:?}");
}

#[test]
fn a_window_without_any_time_up_says_nothing_about_times_up() {
    let log = "start,end\n2024-01-01T00:00Z,2024-02-01T00:00Z\n";
    let report = report(&["availability", "-", "--during", "2024-01", "--tz", "UTC"], log);
    assert_eq!(codes(&report), ["no_up_time"]);
    let whole = &report["result"]["whole"];
    for measure in ["mut_seconds", "mtbf_seconds", "failures_per_year_up"] {
        for end in ["estimate", "low", "high"] {
            assert!(whole[measure][end].is_null(), "{measure}: {}", whole[measure]);
        }
    }
    assert_eq!(whole["unavailability"]["estimate"], 1.0);
    assert!(whole["unavailability"]["high"].is_null() && whole["unavailability"]["low"].is_null(), "{whole}");
    let table = given(&["availability", "-", "--during", "2024-01", "--tz", "UTC"], log);
    assert!(table.code == 0 && !table.stdout.contains("at most"), "{table:?}");
}

#[test]
fn a_decimal_comma_and_a_single_instant_are_explained() {
    let vector = "[{\"metric\":{},\n\"value\":[1704067200,\"1\"]}]";
    let cases = [
        (
            vec!["incidents", "-"],
            "start;duration_minutes\n2024-01-01;1,5\n",
            "2:12",
            "the decimal sign is a point: `1.5`",
        ),
        (vec!["fit", "-", "--column", "minutes"], "n;minutes\n1;1,5\n", "2:3", "the decimal sign is a point: `1.5`"),
        (vec!["incidents", "-"], vector, "2:21", "`query_range`"),
    ];
    for (arguments, log, place, says) in cases {
        let outcome = given(&arguments, log);
        let stderr = &outcome.stderr;
        assert!(outcome.code == 2 && stderr.contains(place) && stderr.contains(says), "{log}: {stderr}");
    }
}

#[test]
fn open_incidents_last_until_now() {
    let log = "start,end\n2024-01-01T00:00:00Z,\n";
    let arguments = ["incidents", "-", "--now", "2024-01-01T01:30:00Z", "--from", "2024", "--to", "now"];
    let report = report(&arguments, log);
    assert_eq!(report["result"]["downtime"]["downtime_seconds"], 5_400.0);
    assert_eq!(report["result"]["counts"]["open"], 1);
    assert_eq!(report["settings"]["now"], "2024-01-01T01:30:00Z");
}

#[test]
fn samples_of_several_files_are_joined_and_missing_ones_give_a_band() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"instance":"a"},
        "values":[[1704067200,"1"],[1704067260,"0"],[1704067320,"1"]]}]}}"#;
    let second = r#"[{"metric":{"instance":"a"},"values":[[1704067320,"1"],[1704067440,"1"],[1704067500,"1"]]}]"#;
    fs::write(folder.path().join("a.json"), first).expect("written");
    fs::write(folder.path().join("b.json"), second).expect("written");
    let of = |missing: &str| {
        let arguments = ["incidents", "a.json", "b.json", "--missing", missing, "--format", "json"];
        let outcome = run_in(folder.path(), &arguments, b"");
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let number = |path: &str| report.pointer(path).and_then(Value::as_f64);
        (
            number("/result/downtime/unavailability"),
            number("/result/missing/unavailability_if_good"),
            number("/result/missing/unavailability_if_bad"),
        )
    };
    // Six minutes, of which one is bad and one is missing.
    assert_eq!(of("ignore"), (Some(60.0 / 300.0), Some(60.0 / 360.0), Some(120.0 / 360.0)));
    let band = (Some(60.0 / 360.0), Some(120.0 / 360.0));
    assert_eq!(of("good"), (band.0, band.0, band.1));
    assert_eq!(of("bad"), (band.1, band.0, band.1));
    let mixed = run_in(folder.path(), &["incidents", "a.json", STATUS_PAGE], b"");
    assert!(mixed.code == 2 && mixed.stderr.contains("only those can be joined"), "{mixed:?}");
}

#[test]
fn the_long_run_has_an_interval_and_a_verdict() {
    let arguments = ["availability", STATUS_PAGE, "--during", "2024", "--target", "97%", "--gate", "--format", "json"];
    let outcome = given(&arguments, "");
    // 13,333 minutes of 527,040 are 2.53 %: met in the window, not decided in the long run. The window counts.
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let missed = ["availability", STATUS_PAGE, "--during", "2024", "--target", "98%", "--gate"];
    assert_eq!(given(&missed, "").code, 1);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(
        (&report["result"]["window_verdict"], &report["result"]["verdict"]),
        (&"meets".into(), &"undecided".into())
    );
    assert_eq!(report["result"]["whole"]["unavailability"]["estimate"], 13_333.0 / 527_040.0);
    assert_eq!(report["result"]["whole"]["failures"], 113);
    let nothing = given(&["availability", "-", "--from", "2024", "--to", "2025", "--format", "json"], "start,end\n");
    let report: Value = serde_json::from_str(&nothing.stdout).expect("JSON");
    let unavailability = &report["result"]["whole"]["unavailability"];
    assert_eq!((&unavailability["estimate"], &unavailability["low"]), (&Value::Null, &Value::Null));
    // -ln 0.05 failures in 8,784 h, of an hour each.
    assert!((unavailability["high"].as_f64().expect("a bound") - 3.4093e-4).abs() < 1e-8, "{unavailability}");
    assert!(codes(&report).contains(&"no_outage_seen"));
}

#[test]
fn a_fleet_has_a_unit_on_average() {
    let log = "node,start,end\na,2024-01-01T00:00Z,2024-01-01T01:00Z\nb,2024-01-01T00:30Z,2024-01-01T02:30Z\n";
    let arguments = ["availability", "-", "--from", "2024-01-01", "--to", "2024-01-02", "--units", "4"];
    let report = report(&arguments, log);
    let average = &report["result"]["average_unit"];
    assert_eq!(average["units"], 4);
    // Three hours of four days; two failures.
    assert_eq!(average["measures"]["unavailability"]["estimate"], 3.0 / 96.0);
    assert_eq!(average["measures"]["failures"], 2);
    // All up: down for two hours and a half of 24.
    assert_eq!(report["result"]["whole"]["unavailability"]["estimate"], 2.5 / 24.0);
    let few = given(&["availability", "-", "--units", "1"], log);
    assert!(few.code == 2 && few.stderr.contains("names 2 components"), "{few:?}");
}

#[test]
fn what_is_converted_reads_back() {
    let csv = given(&["incidents", STATUS_PAGE, "--convert", "csv"], "");
    let json = given(&["incidents", "-", "--convert", "json"], &csv.stdout);
    let again = given(&["incidents", "-", "--convert", "csv"], &json.stdout);
    assert_eq!((csv.code, json.code), (0, 0));
    assert!(csv.stdout.starts_with("id,start,end,severity,component,planned,detected\n9632825,2022-03-26T01:43:00Z,"));
    assert_eq!(again.stdout, csv.stdout);
    let of = |input: &str| report(&["incidents", "-", "--during", "2025"], input)["result"]["downtime"].clone();
    assert_eq!(of(&csv.stdout), of(&fs::read_to_string(STATUS_PAGE).expect("a log")));
}

/// Input, and what the message says.
const HOSTILE: [(&str, &str); 18] = [
    ("start,end\n2024-01-02T00:00Z,2024-01-01T00:00Z\n", "standard input:2:19"),
    ("start,end\n\n2024-01-02T00:00Z,9999-12-31T23:59:59Z\n", "standard input:3:19"),
    ("start,end\n2024-01-02T00:00Z,\"a\nb\"\n", "standard input:2:19"),
    ("start,end\nNaN,inf\n", "standard input:2:1"),
    ("start,end\n2024-01-02T00:00Z\n", "has 1 field, and the header has 2"),
    ("start,end\n\"2024-01-02T00:00Z,\n", "standard input:2:1"),
    ("start,end\n2024-01-01,2024-01-02\n2024-02-01,\"2024-02-02\n2024-03-01,2024-03-02\n", "standard input:3:12"),
    ("start,end\n2024-01-01,2024-01-02\n#x\n", "comments may stand before the header only"),
    ("start,detected_at,end\n2024-01-02,2024-01-01,2024-01-03\n", "standard input:2:12"),
    ("start,Start,end\n2024-01-01,2024-01-02,2024-01-03\n", "columns 1 and 2 are the same: `start` and `Start`"),
    ("[{\"metric\":{},\"values\":[[60,\"1\"],\n[120,\"+Inf\"]]}]", "standard input:2:6"),
    ("start,end\n2150-01-01,\n", "standard input:2:1"),
    ("a,b\n1,2\n", "no column is the start of an incident"),
    ("[{\"start\": \"2024-01-01T00:00Z\", \"end\": \"2023-01-01T00:00Z\"}]", "standard input:1:40"),
    ("[{\"start\": 1e999}]", "is not a time"),
    ("{\"incidents\": [{\"start\": NaN}]}", "syntax error"),
    ("{\"status\": \"error\", \"errorType\": \"bad_data\"}", "the query failed"),
    ("   \n", "is empty"),
];

#[test]
fn hostile_logs_are_refused_with_their_place() {
    for (input, says) in HOSTILE {
        for command in ["incidents", "availability"] {
            let outcome = given(&[command, "-"], input);
            assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{input}: {outcome:?}");
            assert!(
                outcome.stderr.starts_with("error: ") && outcome.stderr.contains(says),
                "{input}: {}",
                outcome.stderr
            );
        }
    }
    let deep = format!("[{{\"start\": {}1{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    let huge = format!("start,end\n{},\n", "9".repeat(3_000_000));
    let wide = format!("{}\n1\n", "x,".repeat(200_000));
    for (input, says) in [(deep, "depth"), (huge, "is not a time"), (wide, "no column is the start")] {
        let outcome = given(&["incidents", "-"], &input);
        assert!(
            outcome.code == 2 && outcome.stderr.contains(says),
            "{}",
            &outcome.stderr[..200.min(outcome.stderr.len())]
        );
        assert!(outcome.stderr.len() < 4_000, "{}", outcome.stderr.len());
    }
    let wrong = run_in(Path::new("."), &["incidents", "-"], b"start,end\n2024-01-01,\xff\xfe\n");
    assert!(
        wrong.code == 2 && wrong.stderr.contains("standard input:2:12") && wrong.stderr.contains("0xff is not UTF-8"),
        "{wrong:?}"
    );
    let wide_characters = run_in(Path::new("."), &["incidents", "-"], b"\xff\xfes\0t\0");
    assert!(
        wide_characters.code == 2 && wide_characters.stderr.contains("standard input:1:1: the file is UTF-16"),
        "{wide_characters:?}"
    );
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let log = "start,end,component\n2024-01-01T00:00Z,2024-01-01T01:00Z,db\n";
    let cases: [(&[&str], &str); 9] = [
        (&["--tz", "Mars/Phobos"], "a zone such as"),
        (&["--weights", "kind"], "rules are"),
        (&["--weights", "half,minor=2"], "is not from 0 to 1"),
        (&["--component", "web"], "no incident names it"),
        (&["--from", "2025"], "is empty"),
        (&["--during", "2024-13"], "a period such as"),
        (&["--map", "start=x"], "there is no column `x`"),
        (&["--map", "begin=x"], "MEANING=COLUMN is expected"),
        (&["--by", "day", "--from", "1950"], "more than 4000"),
    ];
    for (options, says) in cases {
        let outcome = given(&[&["incidents", "-"], options].concat(), log);
        assert!(outcome.code == 2 && outcome.stderr.contains(says), "{options:?}: {outcome:?}");
    }
    let both = given(&["availability", "-", "--mtbf", "1h", "--mttr", "1h"], log);
    assert!(both.code == 2 && both.stderr.contains("cannot be combined"), "{both:?}");
}

#[test]
fn a_window_chooses_what_is_converted() {
    let log = "id,start,end\na,2023-12-31T23:00Z,2024-01-01T01:00Z\nb,2024-05-01T00:00Z,2024-05-01T00:00Z\n\
               c,2023-12-31T22:00Z,2024-01-01T00:00Z\nd,2025-01-01T00:00Z,2025-01-02T00:00Z\n";
    let ids = |more: &[&str]| {
        let text = given(&[&["incidents", "-", "--convert", "csv"], more].concat(), log).stdout;
        text.lines().skip(1).filter_map(|line| line.chars().next()).collect::<String>()
    };
    assert_eq!(
        (ids(&[]), ids(&["--during", "2024"]), ids(&["--from", "2025"])),
        ("abcd".into(), "ab".into(), "d".into())
    );
    let early = given(&["incidents", "-", "--from", "1800"], log);
    assert!(early.code == 2 && early.stderr.contains("a year from 1900 to 2199 is expected"), "{early:?}");
}

#[test]
fn lenient_reading_skips_and_says_so() {
    let log = "start,end\n2024-01-01T00:00Z,2024-01-01T01:00Z\nx,y\n";
    assert_eq!(given(&["incidents", "-"], log).code, 2);
    let report = report(&["incidents", "-", "--lenient"], log);
    assert_eq!(report["result"]["log"]["dropped"], 1);
    let warnings = report["warnings"].as_array().expect("a list");
    let dropped = warnings.iter().find(|warning| warning["code"] == "dropped_entries").expect("a warning");
    assert_eq!(dropped["message"], "skipped 1 entry that cannot be read (line 3)");
    assert_eq!(given(&["incidents", "-", "--lenient=1", "--top", "0"], log).code, 0);
}

#[test]
fn an_open_incident_cannot_begin_after_now() {
    let log = "id,start,end\na,2024-01-01,2024-01-02\nb,2024-03-01,\n";
    let outcome = given(&["incidents", "-", "--now", "2024-02-01"], log);
    assert!(outcome.code == 2 && outcome.stderr.contains("standard input:3:3"), "{outcome:?}");
    let states = "time,state\n2024-01-01,up\n2024-03-01,down\n";
    let outcome = given(&["incidents", "-", "--now", "2024-02-01"], states);
    assert!(outcome.code == 2 && outcome.stderr.contains("standard input:3:1"), "{outcome:?}");
}

#[test]
fn windows_end_now_and_say_where_they_leave_the_log() {
    let log = "start,end\n2024-11-03T00:00Z,2024-11-03T10:00Z\n";
    let of = |options: &[&str]| report(&[&["incidents", "-"], options].concat(), log);
    let cut = of(&["--during", "2024-11", "--now", "2024-11-11"]);
    assert_eq!(cut["result"]["window"]["to"], "2024-11-11T00:00:00Z");
    assert_eq!(cut["result"]["downtime"]["unavailability"], 1.0 / 24.0);
    assert_eq!(codes(&cut), ["window_ends_now", "window_beyond_log"]);
    assert_eq!(codes(&of(&["--during", "2024-11"])), ["window_beyond_log"]);
    assert_eq!(codes(&of(&["--during", "2024-12"])), ["window_outside_log"]);
    assert_eq!(codes(&of(&["--during", "2024-10"])), ["window_outside_log"]);
    let future = given(&["incidents", "-", "--during", "2024-12", "--now", "2024-11-11"], log);
    assert!(future.code == 2 && future.stderr.contains("is in the future"), "{future:?}");
}

#[test]
fn maintenance_hides_its_own_components_only() {
    let log = "start,end,component,severity\n2024-01-01T00:00Z,2024-01-01T06:00Z,db,major\n\
               2024-01-01T02:00Z,2024-01-01T03:00Z,db,Under Maintenance\n\
               2024-01-01T10:00Z,2024-01-01T11:00Z,web,major\n2024-01-01T08:00Z,2024-01-01T12:00Z,db,maintenance\n\
               2024-01-01T09:00Z,2024-01-01T10:00Z,db,major\n2023-01-01T09:00Z,2023-01-01T10:00Z,db,major\n\
               2024-01-01T13:00Z,2024-01-01T13:00Z,db,major\n2024-01-01T13:00Z,2024-01-01T14:00Z,db,none\n";
    let window = ["incidents", "-", "--during", "2024-01-01"];
    let whole = report(&window, log);
    // The outage of the database less an hour of its maintenance is one; that of the web is not hidden.
    let downtime = &whole["result"]["downtime"];
    assert_eq!((&downtime["downtime_seconds"], &downtime["outages"]), (&21_600.0.into(), &2.into()));
    assert_eq!(downtime["valid_seconds"], 86_400.0);
    let counts = &whole["result"]["counts"];
    let parts = ["outside", "planned", "empty", "weightless", "in_maintenance", "counted"].map(|part| &counts[part]);
    assert_eq!(parts, [1, 2, 1, 1, 1, 2]);
    assert_eq!(counts["incidents"], 8);
    let db = report(&[&window[..], &["--component", "db"]].concat(), log);
    assert_eq!(db["result"]["downtime"]["downtime_seconds"], 5.0 * 3_600.0);
    assert_eq!(db["result"]["downtime"]["valid_seconds"], 19.0 * 3_600.0);
    assert_eq!(db["result"]["downtime"]["outages"], 1);
}

#[test]
fn severities_that_are_not_known_are_listed() {
    let log = "start,end,severity\n2024-01-01T00:00Z,2024-01-01T06:00Z,Sev-One\n\
               2024-01-02T00:00Z,2024-01-02T06:00Z,Degraded Performance\n";
    let told = report(&["incidents", "-", "--from", "2024-01-01", "--to", "2024-01-02T06:00Z"], log);
    assert_eq!(codes(&told), ["unknown_severity"]);
    assert!(told["warnings"][0]["message"].as_str().expect("a message").contains("`Sev-One` (1)"), "{told}");
    let weights = ["incidents", "-", "--from", "2024-01-01", "--to", "2024-01-02T06:00Z", "--weights", "sevone=0.5"];
    let told = report(&weights, log);
    assert_eq!((codes(&told), &told["result"]["downtime"]["downtime_seconds"]), (vec![], &10_800.0.into()));
}

#[test]
fn gaps_between_stays_count_as_missing_says() {
    let log =
        "node,state,start,end\na,1,2024-01-01T00:00Z,2024-01-01T01:00Z\na,0,2024-01-01T03:00Z,2024-01-01T04:00Z\n";
    let without_names =
        "state,start,end\n1,2024-01-01T00:00Z,2024-01-01T01:00Z\n0,2024-01-01T03:00Z,2024-01-01T04:00Z\n";
    // An hour up, two unknown, one down.
    for (missing, unavailability) in [("ignore", 0.5), ("good", 0.25), ("bad", 0.75)] {
        for log in [log, without_names] {
            for command in ["incidents", "availability"] {
                let told = report(&[command, "-", "--missing", missing], log);
                assert_eq!(codes(&told), ["unobserved_gaps"], "{command} {missing}");
                assert!(told["warnings"][0]["message"].as_str().expect("a message").starts_with("50.00 %"), "{told}");
                assert_eq!(told["result"]["downtime"]["unavailability"], unavailability, "{command} {missing}");
                let band = &told["result"]["missing"];
                assert_eq!((&band["missing_share"], &band["unavailability_if_good"]), (&0.5.into(), &0.25.into()));
                assert_eq!(band["unavailability_if_bad"], 0.75, "{command} {missing}");
            }
        }
    }
    let budget = report(&["budget", "-", "--slo", "50%", "--window", "4h"], log);
    assert_eq!(budget["result"]["budgets"][0]["unobserved"]["unobserved_seconds"], 7_200.0, "{budget}");
    // Without any stay up, the log is one of outages.
    let outages =
        "node,state,start,end\na,0,2024-01-01T00:00Z,2024-01-01T01:00Z\na,0,2024-01-01T03:00Z,2024-01-01T04:00Z\n";
    let told = report(&["incidents", "-", "--missing", "bad"], outages);
    assert_eq!((codes(&told), &told["result"]["downtime"]["unavailability"]), (vec![], &0.5.into()));
}

#[test]
fn a_unit_is_missing_where_it_has_no_stay_and_another_does() {
    let log = "node,state,start,end\na,1,2024-01-01T00:00Z,2024-01-01T04:00Z\nb,1,2024-01-01T03:00Z,2024-01-01T04:00Z\n\
               a,0,2024-01-01T04:00Z,2024-01-01T05:00Z\nb,1,2024-01-01T04:00Z,2024-01-01T05:00Z\n";
    let of = |component: &str| report(&["incidents", "-", "--component", component], log);
    let (a, b, whole) = (of("a"), of("b"), report(&["incidents", "-"], log));
    assert_eq!(a["result"]["downtime"]["valid_seconds"], 5.0 * 3_600.0);
    assert_eq!(b["result"]["downtime"]["valid_seconds"], 2.0 * 3_600.0);
    assert_eq!(whole["result"]["downtime"]["valid_seconds"], 2.0 * 3_600.0);
    assert_eq!((codes(&a), codes(&whole)), (vec!["unobserved_gaps"], vec!["unobserved_gaps"]));
}

#[test]
fn several_columns_of_one_meaning_are_told() {
    let log = "created_at,started_at,resolved_at,closed_at,severity,impact\n\
               2024-01-01T00:00Z,2024-01-01T01:00Z,2024-01-01T02:00Z,2024-01-01T03:00Z,major,minor\n";
    let window = ["incidents", "-", "--during", "2024-01-01"];
    let told = report(&window, log);
    assert!(codes(&told).contains(&"several_columns"), "{told}");
    let message = told["warnings"][0]["message"].as_str().expect("a message");
    assert_eq!(
        message,
        "several columns have one meaning: `start` is `started_at`, not `created_at`; `end` is `resolved_at`, not \
         `closed_at`; `severity` is `severity`, not `impact`; `--map start=COLUMN` takes another"
    );
    let maps = ["--map", "start=created_at", "--map", "end=closed_at", "--map", "severity=impact"];
    let mapped = report(&[&window[..], &maps].concat(), log);
    assert!(!codes(&mapped).contains(&"several_columns"), "{mapped}");
    assert_eq!(mapped["result"]["downtime"]["downtime_seconds"], 3.0 * 3_600.0);
}

#[test]
fn more_mistakes_than_are_listed_are_the_first_and_help_stands_once() {
    let log = format!("start,end\n{}", "1/2/2024 09:00,\n".repeat(30));
    let outcome = given(&["incidents", "-"], &log);
    assert!(outcome.stderr.contains("the first 20 mistakes in"), "{outcome:?}");
    assert_eq!(outcome.stderr.matches("help:").count(), 1, "{}", outcome.stderr);
    let twenty = given(&["incidents", "-"], &log[..log.len() - 10 * 16]);
    assert!(twenty.stderr.contains("error: 20 mistakes in"), "{}", twenty.stderr);
    let during = given(&["incidents", "-", "--during", "9999"], "start,end\n2024-01-01,2024-01-02\n");
    assert!(during.stderr.contains("1900 to 2199"), "{during:?}");
}

#[test]
fn a_zone_of_more_than_a_day_is_no_zone() {
    let of = |zone: &str| {
        let log = format!("start,end\n2024-01-01T00:00{zone},2024-01-02T00:00Z\n");
        given(&["incidents", "-"], &log).code
    };
    assert_eq!((of("+23:00"), of("+25:00"), of("-24:00"), of("-1100")), (0, 2, 2, 0));
}

#[test]
fn names_that_differ_in_case_are_components_of_their_own() {
    let log = "component,start,end\nWeb,2024-01-01T00:00Z,2024-01-01T01:00Z\nweb,2024-01-02T00:00Z,2024-01-02T03:00Z\n";
    let hours = |name: &str| {
        let report = report(&["incidents", "-", "--component", name], log);
        assert!(codes(&report).contains(&"names_differ_in_case"));
        report["result"]["downtime"]["downtime_seconds"].as_f64().expect("a number") / 3_600.0
    };
    assert_eq!((hours("Web"), hours("web")), (1.0, 3.0));
    assert_eq!(given(&["incidents", "-", "--component", "WEB"], log).code, 2);
}

/// Two jobs on one host, sampled each minute for ten minutes; one of them is down for three.
const ONE_HOST: &str = r#"[{"metric":{"__name__":"up","instance":"a:1","job":"x"},"values":[[0,"1"],[60,"0"],[120,"0"],[180,"0"],[240,"1"],
    [300,"1"],[360,"1"],[420,"1"],[480,"1"],[540,"1"]]},{"metric":{"__name__":"up","instance":"a:1","job":"y"},
    "values":[[0,"1"],[60,"1"],[120,"1"],[180,"1"],[240,"1"],[300,"1"],[360,"1"],[420,"1"],[480,"1"],[540,"1"]]}]"#;

#[test]
fn series_of_one_instance_have_names_of_their_own() {
    let all = report(&["availability", "-"], ONE_HOST);
    assert!(codes(&all).contains(&"shared_instance"));
    assert_eq!(all["result"]["components"][0]["name"], "a:1{job=\"x\"}");
    let other = report(&["incidents", "-", "--component", "a:1{job=\"y\"}"], ONE_HOST);
    assert_eq!(other["result"]["downtime"]["downtime_seconds"], 0.0);
}

#[test]
fn time_of_the_window_outside_of_all_samples_is_missing() {
    let of = |missing: &str| {
        let arguments =
            ["incidents", "-", "--from", "1970-01-01T00:00Z", "--to", "1970-01-01T00:20Z", "--missing", missing];
        let report = report(&arguments, ONE_HOST);
        assert!(codes(&report).contains(&"window_beyond_samples") && !codes(&report).contains(&"window_beyond_log"));
        let downtime = &report["result"]["downtime"];
        (downtime["downtime_seconds"].as_f64(), downtime["valid_seconds"].as_f64())
    };
    assert_eq!(of("ignore"), (Some(180.0), Some(600.0)));
    assert_eq!(of("good"), (Some(180.0), Some(1_200.0)));
    assert_eq!(of("bad"), (Some(780.0), Some(1_200.0)));
}

#[test]
fn weights_of_severities_that_no_entry_has_are_told() {
    let log = "start,end,severity\n2024-01-01T00:00Z,2024-01-01T01:00Z,major\n";
    let report = report(&["incidents", "-", "--weights", "majour=0.5,Major=1"], log);
    assert!(codes(&report).contains(&"unused_weight"));
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("`majour`") && !warnings.contains("`Major`"), "{warnings}");
}
