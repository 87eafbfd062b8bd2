//! Options that would do nothing beside the others are refused, and the message says with what they go.
//!
//! Options with a default value are seen here by whether the user wrote them; what hangs on the content of a file is
//! checked where the file is read.

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::cli::problem::Problem;
use crate::cli::values::count;

/// Options of a command that say nothing in a situation.
struct Idle {
    command: &'static str,
    /// Whether the situation is there.
    when: fn(&ArgMatches) -> bool,
    /// What they would have to say something about, in the situation.
    what: &'static str,
    options: &'static [&'static [&'static str]],
    /// With what they go.
    goes_with: &'static str,
}

/// Counts of events.
const EVENTS: [&str; 3] = ["good", "bad", "total"];
/// Which part of a log counts.
const PART: &[&str] = &["from", "to", "during", "now", "tz"];
/// How a log is read and counted.
const READING: &[&str] = &[
    "map",
    "time_format",
    "duration_unit",
    "lenient",
    "component",
    "weights",
    "maintenance",
    "kind",
    "good_from",
    "missing",
];
const SLICES: &[&str] = &["slice", "slice_target"];
/// Forms of `availability` without a log.
const FORMS: [&str; 7] = ["uptime", "downtime", "total", "mtbf", "mttr", "series", "parallel"];

const IDLE: [Idle; 11] = [
    Idle {
        command: "budget",
        when: |given| !has(given, "slo"),
        what: "a target alone",
        options: &[PART, READING],
        goes_with: "a log and `--slo TARGET`",
    },
    Idle {
        command: "budget",
        when: |given| has(given, "slo"),
        what: "what was used of a budget",
        options: &[&["confidence", "mean_outage", "probe"]],
        goes_with: "a target, as in `ninefold budget 99.9%`, for its demonstration",
    },
    Idle {
        command: "budget",
        when: are_numbers,
        what: "two numbers",
        options: &[PART, READING, SLICES, &["per_step"]],
        goes_with: "a log, or with files of samples of events",
    },
    Idle {
        command: "budget",
        when: |given| has(given, "slo") && !counts_events(given),
        what: "a log of outages",
        options: &[&["expected_total", "per_step"]],
        goes_with: "counts of events: `--good`, `--bad`, `--total`",
    },
    Idle {
        command: "budget",
        when: counts_events,
        what: "counts of events",
        options: &[READING],
        goes_with: "a log of outages",
    },
    Idle {
        command: "burn",
        when: |given| !counts_events(given),
        what: "a log of outages",
        options: &[&["per_step"]],
        goes_with: "counts of events: `--good`, `--bad`, `--total`",
    },
    Idle {
        command: "burn",
        when: counts_events,
        what: "counts of events",
        options: &[READING],
        goes_with: "a log of outages",
    },
    Idle {
        command: "fit",
        when: |given| has(given, "column"),
        what: "a column of times",
        options: &[&["by", "units", "together"], PART, READING],
        goes_with: "an incident log, without `--column`",
    },
    Idle {
        command: "availability",
        when: |given| FORMS.iter().any(|form| has(given, form)),
        what: "numbers",
        options: &[PART, READING],
        goes_with: "FILE, a log",
    },
    Idle {
        command: "availability",
        when: |given| !has(given, "files"),
        what: "nothing",
        options: &[PART, READING],
        goes_with: "FILE, a log",
    },
    Idle {
        command: "incidents",
        when: |given| has(given, "convert"),
        what: "a conversion",
        options: &[&["by", "top", "weights", "maintenance"]],
        goes_with: "the report, without `--convert`",
    },
];

/// Refuses options that would do nothing.
pub(crate) fn check(arguments: &ArgMatches) -> Result<(), Problem> {
    let Some((command, given)) = arguments.subcommand() else { return Ok(()) };
    for idle in IDLE.iter().filter(|idle| idle.command == command && (idle.when)(given)) {
        if let Some(option) = idle.options.iter().copied().flatten().find(|option| has(given, option)) {
            let message = format!("`{}` says nothing about {}", long(option), idle.what);
            return Err(Problem::usage(message).help(format!("it goes with {}", idle.goes_with)));
        }
    }
    Ok(())
}

/// Whether the user wrote an option.
fn has(given: &ArgMatches, option: &str) -> bool {
    let is_known = given.try_contains_id(option).is_ok_and(|is_there| is_there);
    is_known && given.value_source(option) == Some(ValueSource::CommandLine)
}

fn counts_events(given: &ArgMatches) -> bool {
    EVENTS.iter().any(|option| has(given, option))
}

/// Whether events are counted by two numbers, and not by files.
fn are_numbers(given: &ArgMatches) -> bool {
    let mut texts = EVENTS.iter().filter_map(|option| given.try_get_one::<String>(option).ok().flatten());
    !has(given, "target") && counts_events(given) && texts.all(|text| count(text).is_ok())
}

fn long(option: &str) -> String {
    match option {
        "kind" => "--as".to_owned(),
        other => format!("--{}", other.replace('_', "-")),
    }
}
