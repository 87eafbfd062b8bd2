//! Reads a log of incidents or of states, or lists every mistake in it.
//!
//! CSV and JSON are turned into entries with the role of each value; everything after that is the same for both.

mod build;
mod columns;
mod from_csv;
mod from_json;
mod options;
mod role;
mod row;
mod states;
mod time_text;

use crate::data::incident::IncidentLog;
use crate::data::instant::Instant;
use crate::data::mistake::Mistake;
use crate::data::read::build::Builder;
use crate::data::zone::Zone;

pub use build::with_point;
pub use options::ReadOptions;
pub(crate) use role::plain;
pub use role::{Role, unit_nanoseconds};

/// Reads a log: CSV with a header, a JSON array, an object with a list `incidents`, or one JSON object a line; of incidents
/// with start and end, or of states.
///
/// # Errors
/// The first mistakes of the file, in the order of their places, unless skipping is allowed and there are few enough.
///
/// # Examples
/// ```
/// use ninefold::data::{ReadOptions, read};
/// let log = read("start,end\n2024-02-28T23:00Z,2024-03-01T00:00Z\n", &ReadOptions::default()).unwrap();
/// let incident = &log.incidents[0];
/// assert_eq!(incident.interval(incident.start).seconds(), 25.0 * 3600.0);
/// ```
pub fn read(text: &str, options: &ReadOptions) -> Result<IncidentLog, Vec<Mistake>> {
    let mut builder = Builder::new(options);
    let outcome = if text.trim_start().starts_with(['{', '[']) {
        from_json::read(text, &mut builder)
    } else {
        from_csv::read(text, &mut builder)
    };
    if let Err(mistake) = outcome {
        let mut mistakes = builder.mistakes;
        mistakes.push(mistake);
        return Err(mistakes);
    }
    let mut log = builder.finish()?;
    log.reading.dropped_lines = lines(text, &log.reading.mistakes);
    Ok(log)
}

/// The lines in which mistakes are, in order.
fn lines(text: &str, mistakes: &[Mistake]) -> Vec<u32> {
    let mut places: Vec<usize> = mistakes.iter().map(|mistake| mistake.span.start.min(text.len())).collect();
    places.sort_unstable();
    let (mut at, mut line) = (0, 1);
    let line_of = |place: usize| {
        line += text.get(at..place).unwrap_or_default().matches('\n').count() as u32;
        at = place;
        line
    };
    places.into_iter().map(line_of).collect()
}

/// Reads one time, as in a log: for options that name times.
///
/// # Errors
/// What is wrong with it.
pub fn read_instant(text: &str, zone: &Zone) -> Result<Instant, String> {
    time_text::instant(text, zone)
}

/// Whether a text is a plain number of seconds.
pub(crate) fn is_epoch(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !text.is_empty()
}

/// Seconds since 1970, as samples of Prometheus have them.
pub(crate) fn epoch_instant(text: &str) -> Result<Instant, String> {
    time_text::epoch_seconds(text)
        .map_err(|no_time| format!("{}; times of samples are seconds since 1970", no_time.message))
}
