//! One column of times of a CSV file.

use std::ops::Range;
use std::path::Path;

use clap::Args;

use crate::cli::csv_table::{self, no_column, plain_name};
use crate::cli::data_file::{mistakes, read_data};
use crate::cli::fit::convert::Titled;
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::data::{Mistake, with_point};
use crate::fit::{Course, LONGEST, Observation, Sample};
use crate::quantity::{Decimal, Duration};

/// Which column, and what its numbers mean.
#[derive(Debug, Args)]
#[command(next_help_heading = "Column of times")]
pub(crate) struct ColumnArguments {
    /// Fit the times of this column of a CSV file
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Column that says which times had not ended: `1`, `true`, `yes`, or `0`, `false`, `no` or nothing
    #[arg(long, value_name = "NAME", requires = "column")]
    censored: Option<String>,
    /// Unit of plain numbers: `s`, `m`, `h`, `d` … [default: from the name of the column]
    #[arg(long, value_name = "UNIT", requires = "column")]
    unit: Option<String>,
}

/// Last words of column names, with the unit they stand for.
const UNIT_WORDS: [(&str, &[&str]); 7] = [
    ("ms", &["ms", "millis", "milliseconds", "millisecond"]),
    ("s", &["s", "sec", "secs", "second", "seconds"]),
    ("m", &["min", "mins", "minute", "minutes"]),
    ("h", &["h", "hr", "hrs", "hour", "hours"]),
    ("d", &["d", "day", "days"]),
    ("w", &["week", "weeks"]),
    ("y", &["year", "years"]),
];

impl ColumnArguments {
    /// The name that was asked for.
    pub(crate) fn name(&self) -> Option<String> {
        self.column.clone()
    }

    /// The name of the file, and the sample.
    pub(crate) fn read(&self, path: &Path, session: &Session) -> Result<(String, Titled), Problem> {
        let table = Table::read(path)?;
        let column = self.column.as_deref().unwrap_or_default();
        let at = table.column(column)?;
        let censored = self.censored.as_ref().map(|name| table.column(name)).transpose()?;
        let unit = Unit::of(self.unit.as_deref(), &table.headers[at], session)?;
        let mut observations = Vec::with_capacity(table.records.len());
        for record in &table.records {
            let seconds = unit.seconds(record.get(at).unwrap_or_default(), session).and_then(possible);
            let seconds = seconds.map_err(|reason| table.wrong(record, at, &reason))?;
            let censored = match censored {
                None => false,
                Some(at) => {
                    flag(record.get(at).unwrap_or_default()).map_err(|reason| table.wrong(record, at, &reason))?
                }
            };
            observations.push(Observation { seconds, censored });
        }
        let sample = Sample::new(&observations)
            .map_err(|error| Problem::usage(format!("`{}`: column `{column}`: {error}", table.name)))?;
        let title = Titled { name: column.to_owned(), component: None, sample, courses: in_order(&observations) };
        Ok((table.name, title))
    }
}

/// The times as those of one unit, one after the other; nothing where times in the middle are cut off.
fn in_order(observations: &[Observation]) -> Option<Vec<Course>> {
    let (last, before) = observations.split_last()?;
    if before.iter().any(|one| one.censored) {
        return None;
    }
    let ended = observations.iter().filter(|one| !one.censored).map(|one| one.seconds).collect();
    Some(vec![Course { ended, rest: last.censored.then_some(last.seconds) }])
}

/// What plain numbers mean.
enum Unit {
    /// So many seconds each.
    Seconds(f64),
    /// Nothing: each field has its own unit.
    InFields,
}

impl Unit {
    fn of(asked: Option<&str>, header: &str, session: &Session) -> Result<Self, Problem> {
        if let Some(unit) = asked {
            let one = Duration::parse(&format!("1{unit}"), session.units.year);
            let one = one.map_err(|_| Problem::value("--unit", unit, "ns, us, ms, s, m, h, d, w or y is expected"))?;
            return Ok(Self::Seconds(one.seconds()));
        }
        let lower = header.to_lowercase();
        let last = lower.split(|c: char| !c.is_alphanumeric()).rfind(|word| !word.is_empty()).unwrap_or_default();
        let unit = UNIT_WORDS.iter().find(|(_, words)| words.contains(&last)).map(|(unit, _)| unit);
        let seconds = unit.and_then(|unit| Duration::parse(&format!("1{unit}"), session.units.year).ok());
        Ok(seconds.map_or(Self::InFields, |one| Self::Seconds(one.seconds())))
    }

    fn seconds(&self, text: &str, session: &Session) -> Result<f64, String> {
        let text = text.trim();
        let is_plain = Decimal::parse(text).is_ok();
        match self {
            Self::Seconds(unit) if is_plain => {
                // A unit below a second is a power of ten: dividing by its whole inverse rounds once.
                let number = Decimal::parse(text).map_err(|error| error.to_string())?.to_f64();
                Ok(if *unit < 1.0 { number / libm::rint(1.0 / unit) } else { number * unit })
            }
            Self::InFields if is_plain => Err("a number without a unit; say which with `--unit`".to_owned()),
            _ => Duration::parse(text, session.units.year).map(Duration::seconds).map_err(|error| {
                match with_point(text) {
                    Some(point) => format!("the decimal sign is a point: `{point}`"),
                    None => error.to_string(),
                }
            }),
        }
    }
}

/// A time that a sample can hold.
fn possible(seconds: f64) -> Result<f64, String> {
    let is_time = (0.0..=LONGEST).contains(&seconds);
    if is_time { Ok(seconds) } else { Err(format!("a time from 0 to {LONGEST:e} s is expected")) }
}

fn flag(text: &str) -> Result<bool, String> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "t" | "+" | "censored" => Ok(true),
        "" | "0" | "false" | "no" | "n" | "f" | "-" => Ok(false),
        _ => Err("`1`, `true`, `yes`, or `0`, `false`, `no` or nothing is expected".to_owned()),
    }
}

/// A CSV file.
struct Table {
    name: String,
    text: String,
    delimiter: u8,
    headers: Vec<String>,
    records: Vec<csv::StringRecord>,
}

/// Larger files are no columns of times.
const MOST_COLUMNS: usize = 10_000;

impl Table {
    fn read(path: &Path) -> Result<Self, Problem> {
        let (name, text) = read_data(path)?;
        let unreadable = |error: &dyn std::fmt::Display| Problem::usage(format!("cannot read `{name}`: {error}"));
        let (mut reader, delimiter) = csv_table::reader(&text);
        let headers: Vec<String> =
            reader.headers().map_err(|error| unreadable(&error))?.iter().map(str::to_owned).collect();
        if headers.is_empty() || headers.len() > MOST_COLUMNS {
            return Err(Problem::usage(format!("`{name}` has no first line that names its columns")));
        }
        let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(&error))?;
        if records.is_empty() {
            return Err(
                Problem::usage(format!("`{name}` has no times")).help("one line for each time after the header")
            );
        }
        Ok(Self { name, text, delimiter, headers, records })
    }

    /// The column of that name: to the letter, or but for case, spaces, `_` and `-`.
    fn column(&self, name: &str) -> Result<usize, Problem> {
        let places = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            (0..self.headers.len()).filter(|at| same(&self.headers[*at])).collect()
        };
        let exact = places(&|header| header == name);
        let found = if exact.is_empty() { places(&|header| plain_name(header) == plain_name(name)) } else { exact };
        match found.as_slice() {
            [] => Err(no_column(&self.name, name, &self.headers)),
            [only] => Ok(*only),
            several => Err(Problem::usage(format!("`{}` has {} columns `{name}`", self.name, several.len()))
                .help("columns need names of their own")),
        }
    }

    fn wrong(&self, record: &csv::StringRecord, at: usize, reason: &str) -> Problem {
        let text: String = record.get(at).unwrap_or_default().chars().take(80).collect();
        let message = format!("column `{}`: `{text}`: {reason}", self.headers[at]);
        let mistake = Mistake { span: self.span(record, at), message, help: None };
        mistakes(self.name.clone(), self.text.clone(), vec![mistake])
    }

    /// Where a field stands. The reader's place of a record is before the empty lines and comments above it.
    fn span(&self, record: &csv::StringRecord, at: usize) -> Range<usize> {
        let bytes = self.text.as_bytes();
        let mut start = record.position().map_or(0, |position| position.byte() as usize).min(bytes.len());
        while let Some(byte @ (b'\n' | b'\r' | b'#')) = bytes.get(start) {
            let line = bytes[start..].iter().position(|byte| *byte == b'\n').unwrap_or(0);
            start += if *byte == b'#' { line + 1 } else { 1 };
        }
        let (mut field, mut is_quoted) = (0, false);
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\n' | b'\r' if !is_quoted => break,
                byte if *byte == self.delimiter && !is_quoted => {
                    if field == at {
                        break;
                    }
                    (field, start) = (field + 1, end + 1);
                }
                _ => {}
            }
            end += 1;
        }
        let found = self.text.get(start..end).unwrap_or_default();
        let blank = found.len() - found.trim_start().len();
        start + blank..(start + found.trim_end().len()).max(start + blank)
    }
}
