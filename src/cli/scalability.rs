//! `scalability`: the formula, over one run or many.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use crate::cli::csv_table::{self, no_column, plain_name};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::count;
use crate::formulas::scalability::{Run, scalability};
use crate::quantity::{Decimal, Duration};
use crate::report::results::load::{ScalabilityResult, ScalabilitySettings};

/// Scalability = maximum requests processed / maximum processing time.
///
/// Over several runs (`--csv`, or `--run` repeated) the largest count and the largest time may come from different runs; the
/// best single run is shown beside the formula.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold scalability --max-requests 50000 --max-time 60s\n  ninefold scalability --run 12000/60s --run 20000/90s\n  ninefold scalability --csv runs.csv"
)]
#[command(group = ArgGroup::new("what").required(true).args(["max_requests", "run", "csv"]))]
pub(crate) struct Arguments {
    /// Maximum requests processed
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = count, requires = "max_time")]
    max_requests: Option<u64>,
    /// Maximum processing time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, requires = "max_requests")]
    max_time: Option<String>,
    /// One run, repeatable: `12000/60s`
    #[arg(long, value_name = "N/TIME", allow_hyphen_values = true)]
    run: Vec<String>,
    /// Runs from a CSV file with the columns `requests` and `time` (with a unit, or `seconds` as plain numbers); `-` reads
    /// standard input
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let runs = arguments.runs(session)?;
    let result = scalability(&runs).map_err(|error| Problem::usage(error.to_string()))?;
    let settings = ScalabilitySettings { runs: runs.len() as u64 };
    let result = ScalabilityResult::from(&result);
    session.print(Report { command: "scalability", model: None, settings, result, warnings: Vec::new() })?;
    Ok(Exit::Done)
}

impl Arguments {
    fn runs(&self, session: &Session) -> Result<Vec<Run>, Problem> {
        if let Some(path) = &self.csv {
            return Table::read(path)?.runs(session);
        }
        if let (Some(requests), Some(time)) = (self.max_requests, &self.max_time) {
            let time = session.positive_duration("--max-time", time)?;
            return Ok(vec![Run { requests: requests as f64, time }]);
        }
        self.run.iter().map(|text| one_run(text, session)).collect()
    }
}

fn one_run(text: &str, session: &Session) -> Result<Run, Problem> {
    let wrong = |reason: &str| Problem::value("--run", text, reason);
    let (requests, time) =
        text.split_once('/').ok_or_else(|| wrong("requests/time such as `12000/60s` is expected"))?;
    let requests = count(requests).map_err(|reason| wrong(&reason))?;
    Ok(Run { requests: requests as f64, time: session.positive_duration("--run", time)? })
}

/// Names of the column of requests, in small letters without spaces, `_` and `-`.
const REQUESTS: [&str; 6] = ["requests", "maxrequests", "requestsprocessed", "count", "n", "total"];
/// Names of columns of times with their unit written in each field.
const TIMES: [&str; 6] = ["time", "processingtime", "duration", "elapsed", "maxtime", "maxprocessingtime"];
/// Names of columns of times in seconds.
const SECONDS: [&str; 6] = ["seconds", "timeseconds", "times", "timesec", "durationseconds", "processingtimeseconds"];

/// A CSV file of runs.
struct Table {
    name: String,
    requests: usize,
    time: usize,
    in_seconds: bool,
    records: Vec<csv::StringRecord>,
}

impl Table {
    fn read(path: &Path) -> Result<Self, Problem> {
        let is_standard_input = path == Path::new("-");
        let name = if is_standard_input { "standard input".to_owned() } else { path.display().to_string() };
        let unreadable = |error: &dyn std::fmt::Display| Problem::usage(format!("cannot read `{name}`: {error}"));
        let text =
            if is_standard_input { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
        let text = text.map_err(|error| unreadable(&error))?;
        let (mut reader, _) = csv_table::reader(&text);
        let headers: Vec<String> =
            reader.headers().map_err(|error| unreadable(&error))?.iter().map(plain_name).collect();
        if headers.is_empty() {
            return Err(Problem::usage(format!("`{name}` is empty")).help("its first line names the columns"));
        }
        let column = |names: &[&str]| headers.iter().position(|header| names.contains(&header.as_str()));
        let missing = |what: &str| {
            no_column(&name, what, &headers).help("the columns are `requests` and `time` (with a unit) or `seconds`")
        };
        let requests = column(&REQUESTS).ok_or_else(|| missing("requests"))?;
        let seconds = column(&SECONDS);
        let time = seconds.or_else(|| column(&TIMES)).ok_or_else(|| missing("time"))?;
        let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(&error))?;
        if records.is_empty() {
            return Err(Problem::usage(format!("`{name}` has no runs")).help("one line for each run after the header"));
        }
        Ok(Self { in_seconds: seconds.is_some(), name, requests, time, records })
    }

    fn runs(&self, session: &Session) -> Result<Vec<Run>, Problem> {
        self.records.iter().map(|record| self.run(record, session)).collect()
    }

    fn run(&self, record: &csv::StringRecord, session: &Session) -> Result<Run, Problem> {
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |column: usize, reason: &dyn std::fmt::Display| {
            let text: String = record.get(column).unwrap_or_default().chars().take(80).collect();
            Problem::usage(format!("{}:{line}: field {}: `{text}`: {reason}", self.name, column + 1))
        };
        let field = |column: usize| record.get(column).unwrap_or_default();
        let requests = count(field(self.requests)).map_err(|reason| wrong(self.requests, &reason))?;
        let time = if self.in_seconds {
            let seconds = Decimal::parse(field(self.time)).map_err(|error| wrong(self.time, &error))?;
            Duration::from_seconds(seconds.to_f64()).ok_or_else(|| wrong(self.time, &"not a time"))?
        } else {
            Duration::parse(field(self.time), session.units.year).map_err(|error| wrong(self.time, &error))?
        };
        if time.seconds() > 0.0 {
            Ok(Run { requests: requests as f64, time })
        } else {
            Err(wrong(self.time, &"a time above zero is expected"))
        }
    }
}
