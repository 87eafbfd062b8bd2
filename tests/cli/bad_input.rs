//! Bad input of every kind: exit code 2, a message with its place, nothing on standard output.

use std::fs;

use crate::program::{Outcome, line, run, run_in};

/// Topologies that are wrong: `### what is wrong | line:column | message`, then the file.
const TOPOLOGIES: &str = include_str!("bad-topologies.txt");

fn assert_refused(outcome: &Outcome, what: &str, says: &str) {
    assert_eq!(outcome.code, 2, "{what}: {outcome:?}");
    assert_eq!(outcome.stdout, "", "{what}");
    assert!(outcome.stderr.starts_with("error: "), "{what}: {}", outcome.stderr);
    assert!(outcome.stderr.contains(says), "{what}: `{says}` is not in\n{}", outcome.stderr);
    assert!(!outcome.stderr.contains("panicked"), "{what}: {}", outcome.stderr);
}

#[test]
fn wrong_topologies_are_refused_at_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    for case in TOPOLOGIES.split("### ").skip(1) {
        let (head, text) = case.split_once('\n').expect("a head and a file");
        let [what, place, message] = head.split(" | ").collect::<Vec<_>>()[..] else { panic!("no head: {head}") };
        fs::write(folder.path().join("x.toml"), text).expect("written");
        for command in ["check", "solve", "simulate", "verify"] {
            let outcome = run_in(folder.path(), &[command, "x.toml"], b"");
            assert_refused(&outcome, what, &format!("error: {message}\n"));
            assert!(outcome.stderr.contains(&format!("x.toml:{place}\n")), "{what}: {place}\n{}", outcome.stderr);
        }
        count += 1;
    }
    assert!(count >= 90, "only {count} cases");
}

#[test]
fn every_mistake_of_a_file_is_shown_with_what_was_expected_and_the_nearest_name() {
    let text = "[component.db]\nmtbf = \"30\"\nmttr = \"1h\"\n[group.dbs]\ncomponent = \"bd\"\nactive = 1\nneed = 2\n\
                [system]\nup = \"dbs and dsb\"\n";
    let outcome = run_in(std::path::Path::new("."), &["check", "-"], text.as_bytes());
    let expected = "\
error: `30` has no unit; write `30s`, `30m`, `30h` or `30d`
 --> standard input:2:8
  |
2 | mtbf = \"30\"
  |        ^^^^ expected a duration such as `\"90s\"`, `\"1h30m\"`, `\"30d\"`

error: there is no component named `bd`
 --> standard input:5:13
  |
5 | component = \"bd\"
  |             ^^^^ expected one of `db`
  |
  = help: did you mean `db`?

error: group `dbs`: `need` is 2 but only 1 slot is active
 --> standard input:7:8
  |
7 | need = 2
  |        ^ expected at most 1

error: there is no group, component or domain named `dsb`
 --> standard input:9:15
  |
9 | up = \"dbs and dsb\"
  |               ^^^ expected one of `dbs`, `db`
  |
  = help: did you mean `dbs`?

error: 4 mistakes in `standard input`
";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, expected));
}

#[test]
fn files_that_are_no_topology_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep = |open: &str, close: &str| open.repeat(20_000) + "a" + &close.repeat(20_000);
    let expression = format!("[component.a]\nmtbf = \"1d\"\nmttr = \"1h\"\n[system]\nup = \"{}\"\n", deep("(", ")"));
    let files: [(&str, Vec<u8>, &str); 10] = [
        ("empty.toml", Vec::new(), "`empty.toml` is empty"),
        ("blank.toml", b" \n\n".to_vec(), "`blank.toml` is empty"),
        ("binary.toml", vec![0xff, 0xfe, 0, 1], "byte 1 in line 1 is not UTF-8"),
        ("zeros.toml", vec![0; 1_000], "syntax error"),
        ("large.toml", vec![b'#'; (16 << 20) + 1], "it is larger than 16 MiB"),
        ("parentheses.toml", expression.into_bytes(), "parentheses are nested deeper than 200"),
        ("lists.toml", format!("x = {}", deep("[", "]")).into_bytes(), "syntax error"),
        ("lists.json", deep("[", "]").into_bytes(), "syntax error: maximum nesting depth exceeded"),
        ("tables.json", deep("{\"a\":", "}").into_bytes(), "syntax error: maximum nesting depth exceeded"),
        ("half.json", b"{\"component\": {\"a\": {\"mtbf\": \"1d\"".to_vec(), "syntax error"),
    ];
    for (name, content, says) in files {
        fs::write(folder.path().join(name), content).expect("written");
        assert_refused(&run_in(folder.path(), &["check", name], b""), name, says);
    }
    assert_refused(&run_in(folder.path(), &["check", "none.toml"], b""), "none.toml", "cannot read `none.toml`");
    assert_refused(&run_in(folder.path(), &["check", "."], b""), ".", "it is a directory");
    assert_refused(&run_in(folder.path(), &["check", "single"], b""), "single", "`--template single`");
    assert_refused(&run(&["check", "-"]), "-", "`standard input` is empty");
}

#[test]
fn a_domain_with_a_rate_is_told_to_have_a_mean_up_time() {
    let domain = |life: &str| {
        format!(
            "[component.a]\nmtbf = \"1d\"\nmttr = \"1h\"\n[domain.z]\n{life}\nmttr = \"1h\"\n[system]\nup = \"a and z\"\n"
        )
    };
    let here = std::path::Path::new(".");
    let outcome = run_in(here, &["check", "-"], domain("rate = \"1/30d\"").as_bytes());
    assert_refused(&outcome, "a rate", "help: a rate is for components; write `mtbf = \"30d\"`");
    // What is missing without it is no second mistake.
    assert!(outcome.stderr.contains("error: 1 mistake in"), "{}", outcome.stderr);
    let changed = run_in(here, &["solve", "-", "--set", "z.rate=1/30d"], domain("mtbf = \"1d\"").as_bytes());
    assert_refused(&changed, "a change", "`z.mtbf` is the mean up time of the domain");
}

/// Arguments that are wrong, and what is said about them.
const ARGUMENTS: [(&str, &str); 83] = [
    ("frobnicate", "unrecognized subcommand 'frobnicate'"),
    ("simulat", "a similar subcommand exists: 'simulate'"),
    ("budget", "<TARGET|LOG|--downtime <TIME>|--slo <TARGET|FILE>>"),
    ("budget 100%", "strictly between 0 and 1"),
    ("budget 0", "strictly between 0 and 1"),
    ("budget 101%", "strictly between 0 and 1"),
    ("budget 99.9", "did you mean `99.9%`?"),
    ("budget -0.5", "unexpected argument"),
    ("budget u=0", "strictly between 0 and 1"),
    ("budget nan", "strictly between 0 and 1"),
    ("budget 99.9% --used 5", "`5` has no unit"),
    ("budget 99.9% --used -5m", "`-5m` is negative"),
    ("budget 99.9% --used 5m --window 0d", "a time above zero is expected"),
    ("budget 99.9% --used 5m --window fortnight", "`day`, `week`, `month`, `quarter`, `year` or a time"),
    ("budget 99.9% --used 5m --elapsed 60d", "more than the window has passed"),
    ("budget 99.9% --used 6m --elapsed 5m", "--used"),
    ("budget 99.9% --elapsed 6d", "--used <TIME>"),
    ("budget 99.9% --requests 1.5", "a whole number"),
    ("budget 99.9% --confidence 1", "strictly between 0 and 1"),
    ("budget 99.9% --mean-outage 0s", "a time above zero is expected"),
    ("budget 99.9% --probe 0s", "a time above zero is expected"),
    ("budget --downtime 5m", "--per <WINDOW>"),
    ("budget --downtime 2y --per year", "longer than the total time"),
    ("budget 99.9% --downtime 5m --per year", "cannot be used with"),
    ("budget 99.9% --year 0d", "a time above zero is expected"),
    ("budget 99.9% --month 30", "`30` has no unit"),
    ("availability", "nothing to compute an availability from"),
    ("availability --uptime 1d", "two of `--uptime`, `--downtime` and `--total`"),
    ("availability --uptime 1d --downtime 1h --total 3d", "two of `--uptime`, `--downtime` and `--total`"),
    ("availability --uptime 2d --total 1d", "the uptime is longer than the total time"),
    ("availability --downtime 2d --total 1d", "the downtime is longer than the total time"),
    ("availability --uptime 0s --downtime 0s", "zero"),
    ("availability --mtbf 1d", "--mttr <TIME>"),
    ("availability --mtbf 0s --mttr 0s", "zero"),
    ("availability --mtbf 1d --mttr 1h --uptime 1d", "belong to different formulas"),
    ("availability --parallel 99% 98% --k 3", "3 of 2 units cannot be needed"),
    ("availability --parallel 99% 98% --k 0", "0 of 2 units cannot be needed"),
    ("availability --k 2", "--parallel <A>"),
    ("availability --series 101%", "invalid value '101%'"),
    ("availability --series 99% --gate", "--target"),
    ("throughput --requests 10", "--time <TIME>"),
    ("throughput --requests -1 --time 5s", "a whole number"),
    ("throughput --requests 10 --time 0s", "a time above zero is expected"),
    ("throughput --requests 10 --time inf", "`inf` is not a duration"),
    ("throughput --requests 10 --time 5s --concurrency 0", "a number above 0"),
    ("scalability", "<--max-requests <N>|--run <N/TIME>|--csv <FILE>>"),
    ("scalability --max-requests 5", "--max-time <TIME>"),
    ("scalability --run 10", "requests/time such as `12000/60s`"),
    ("scalability --run 10/0s", "a time above zero is expected"),
    ("scalability --csv none.csv", "cannot read `none.csv`"),
    ("check", "no topology is given"),
    ("solve --template none", "there is no template named `none`"),
    ("solve --template single --max-states 0", "a whole number from 1"),
    ("solve --template single --max-memory 64MB", "a whole number of MiB such as `2048`, or `2048MiB` or `2GiB`"),
    ("solve --template single --bounds --sensitivity", "`--bounds` cannot be used with `--sensitivity`"),
    ("solve --template single --bounds --rto 5m", "leave out `--bounds`"),
    ("solve --template single --at 0s", "a time above zero is expected"),
    ("solve --template single --at -1h", "is negative"),
    ("solve --template single --at nan", "is not a duration"),
    ("solve --template single --at 5", "has no unit"),
    ("solve --template single --at 1h,", "is not a duration"),
    ("solve --template single --at 1e300y", "too long or too short"),
    ("solve --template single --at 1e15y", "from 1ns to 1e15s"),
    ("solve --template single --rto 0.1ns", "from 1ns to 1e15s"),
    ("solve --template single --quantile 100%", "strictly between 0 and 1"),
    ("solve --template n-plus-1 --at 1h", "not exponential"),
    ("simulate --precision 0", "a relative precision"),
    ("simulate --precision 90%", "a relative precision"),
    ("simulate --events 0", "a whole number from 1"),
    ("simulate --events 1e30", "a whole number"),
    ("simulate --years -1", "a number above 0"),
    ("simulate --years 1e308", "too long"),
    ("simulate --method importance --years 10", "importance sampling samples outages, not years"),
    ("simulate --method quick", "possible values: auto, plain, importance"),
    ("simulate --rto 5", "`5` has no unit"),
    ("simulate --rto 0s", "a time above zero is expected"),
    ("verify --template single --rto 5m", "unexpected argument"),
    ("simulate --time-limit 5", "`5` has no unit"),
    ("simulate --seed -1", "a whole number from 0"),
    ("simulate --threads 0", "a whole number from 1"),
    ("simulate --confidence 100%", "strictly between 0 and 1"),
    ("simulate --confidence 99", "did you mean `99%`?"),
    ("simulate --precision 1", "did you mean `1%`?"),
];

#[test]
fn wrong_arguments_are_refused() {
    for (arguments, says) in ARGUMENTS {
        assert_refused(&line(arguments), arguments, says);
    }
}

#[test]
fn wrong_runs_of_a_load_test_are_refused_with_their_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        ("", "`runs.csv` is empty"),
        ("requests\n5\n", "time"),
        ("requests,time\n5\n", "line: 2"),
        ("requests,time\nfive,1s\n", "runs.csv:2: field 1: `five`"),
        ("requests,time\n5,1\n", "runs.csv:2: field 2: `1`"),
        ("requests,seconds\n5,1\n6,0\n", "runs.csv:3: field 2: `0`"),
        ("requests,seconds\n", "no runs"),
    ];
    for (content, says) in cases {
        fs::write(folder.path().join("runs.csv"), content).expect("written");
        assert_refused(&run_in(folder.path(), &["scalability", "--csv", "runs.csv"], b""), content, says);
    }
}
